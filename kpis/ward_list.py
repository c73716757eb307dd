"""The first page: the wards of the city, the policies this person may open, and how far each is."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from wards.models import Ward
from wards.permissions import access_of

from . import beside, charts
from .achievement import roll_up
from .board import judged
from .charts import Markup
from .models import Policy
from .my_work import my_work, to_decide, works_on
from .owing import periods_at_work, sheets_in
from .permissions import enters_anything
from .phrases import Phrases
from .reading import PolicyReading, policies_targets

#: Where the wards of Yokohama lie, roughly: column and row of the map, by code.
PLACES = {
    "14101": (5, 1),  # 鶴見区
    "14102": (4, 2),  # 神奈川区
    "14103": (4, 3),  # 西区
    "14104": (5, 4),  # 中区
    "14105": (4, 4),  # 南区
    "14106": (3, 3),  # 保土ケ谷区
    "14107": (4, 5),  # 磯子区
    "14108": (4, 6),  # 金沢区
    "14109": (4, 1),  # 港北区
    "14110": (2, 3),  # 戸塚区
    "14111": (3, 4),  # 港南区
    "14112": (3, 2),  # 旭区
    "14113": (2, 2),  # 緑区
    "14114": (1, 2),  # 瀬谷区
    "14115": (3, 5),  # 栄区
    "14116": (1, 3),  # 泉区
    "14117": (2, 1),  # 青葉区
    "14118": (3, 1),  # 都筑区
}


@dataclass(slots=True)
class PolicyLine:
    """The latest policy of a ward, and how much of it has been entered."""

    policy: Policy
    url: str
    year: str
    short_year: str
    period: str
    due: str
    is_open: bool
    total: int
    milestones: int
    entered: int
    of_due: int
    share: str
    bar: Markup
    statuses: Markup
    strip: Markup
    others: list[tuple[str, str]]
    entry_url: str  # where this person enters figures; empty for those who do not


@dataclass(slots=True)
class Tile:
    """A ward on the map; without a line where this person has nothing to open."""

    name: str
    column: int
    row: int
    line: PolicyLine | None


def ward_list(user) -> dict[str, Any]:
    """Wards in the order of their codes, each with its latest policy, and what is to do now.

    Eight queries in all, and four more for those who have a part in the figures; one or two for
    what the committee's work has to say (`beside.tasks`).
    """
    access = access_of(user)
    wards = list(Ward.objects.order_by("code"))
    policies = list(
        Policy.objects.visible_to(user)
        .select_related("ward")
        .order_by("ward__code", "-fiscal_year")
    )
    by_ward: dict[str, list[Policy]] = {}
    for policy in policies:
        by_ward.setdefault(policy.ward.code, []).append(policy)
    latest = [of_ward[0] for of_ward in by_ward.values()]
    # Work goes on with last year's policy while this year's stands first.
    mine = works_on(user, policies)
    at_work = periods_at_work(mine.values()) if mine else []
    wanted = {policy.pk: policy for policy in latest}
    wanted |= {period.policy_id: mine[period.policy_id] for period in at_work}
    readings = policies_targets(list(wanted.values()), seen_by=user, brief=True) if wanted else {}
    lines = {
        code: _line(of_ward, readings[of_ward[0].pk], user) for code, of_ward in by_ward.items()
    }
    today = timezone.localdate()
    tasks = [
        *my_work(user, sheets_in(at_work, mine, readings), today),
        *to_decide(user, mine.values()),
        *beside.tasks(user, policies, today),
    ]
    return {
        "lines": list(lines.values()),
        "tiles": [
            Tile(ward.label.removesuffix(" Ward"), *PLACES[ward.code], lines.get(ward.code))
            for ward in wards
            if ward.code in PLACES
        ],
        "wards": len(wards),
        "confirmed_only": any(not access.reads_drafts(each.ward_id) for each in latest),
        "is_demo": any(policy.is_demo for policy in policies),
        "works": bool(mine or tasks),
        "tasks": tasks,
    }


def _line(of_ward: list[Policy], reading: PolicyReading, user) -> PolicyLine:
    policy, phrases = of_ward[0], Phrases(of_ward[0])
    period = reading.latest_period
    results = judged(policy.pk, reading, period.key) if period else {}
    total = roll_up((target, results[target.key]) for target in reading.targets if results)
    due = reading.due.get(period.key) if period else None
    entered = Fraction(total.entered, total.due) if total.due else Fraction(0)
    return PolicyLine(
        policy=policy,
        url=policy.get_absolute_url(),
        year=phrases.era_year(policy.fiscal_year),
        short_year=phrases.era_year(policy.fiscal_year).removesuffix("年度").partition(" (")[0],
        period=phrases.period_parts(period.starts, period.ends)[0] if period else "",
        due=gettext("期限 %(day)s") % {"day": phrases.short_day(due)} if due else "",
        is_open=bool(period and period.key in reading.open_periods),
        total=total.total,
        milestones=sum(target.is_milestone for target in reading.targets),
        entered=total.entered,
        of_due=total.due,
        # Rounded down: 100 % stands only where nothing is missing.
        share=f"{int(entered * 100)}%" if total.due else "—",
        bar=charts.thin(entered),
        statuses=charts.stacked(
            total.counts,
            phrases.tally(
                policy.ward.label, ((phrases.statuses[s], n) for s, n in total.counts.items())
            ),
            small=True,
        ),
        strip=charts.strip(total.counts),
        others=[
            (phrases.era_year(other.fiscal_year), other.get_absolute_url()) for other in of_ward[1:]
        ],
        entry_url=reverse("kpis:entry_list", args=[policy.ward.code, policy.fiscal_year])
        if reading.open_periods and enters_anything(user, policy)
        else "",
    )
