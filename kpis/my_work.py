"""いますること: what the person in front of the first page has to do now, and where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from wards.permissions import Role, access_of

from .entry_views import entry_list_url
from .models import Period, Policy, Proposal
from .owing import Returned, SectionSheet, in_words, most_urgent_first
from .permissions import can_decide, can_remind
from .phrases import Phrases

#: So many reasons of returns stand on the first page; the sheet has them all.
MOST_REASONS = 3


@dataclass(frozen=True, slots=True)
class SentBack:
    """Why entries were sent back: 「水防訓練」、「啓発チラシ」, and their one reason."""

    names: str
    reason: str


@dataclass(slots=True)
class Task:
    """One sheet, or one policy of the secretariat's, and what is to do about it."""

    name: str
    about: str  # ward, year and period
    url: str
    todo: list[str]  # あと3件入力する, 差戻し1件を直す
    is_late: bool = False
    due: str = ""
    left: str = ""
    returned: list[SentBack] = field(default_factory=list)
    returned_more: int = 0


def by_reason(returned: Iterable[Returned]) -> list[tuple[str, list[str]]]:
    """The labels of what was sent back, by reason: that of a whole sheet is read once."""
    found: dict[str, list[str]] = {}
    for each in returned:
        found.setdefault(each.reason, []).append(each.label)
    return list(found.items())


def named(labels: list[str]) -> str:
    """「水防訓練」、「啓発チラシ」, the first few."""
    shown = [gettext("「%(label)s」") % {"label": label} for label in labels[:MOST_REASONS]]
    names = gettext("、").join(shown)
    if left := len(labels) - len(shown):
        more = ngettext("%(names)sほか%(n)d件", "%(names)sほか%(n)d件", left)
        return more % {"names": names, "n": left}
    return names


def my_work(user, sheets: Iterable[SectionSheet], today: date) -> list[Task]:
    """What is this person's to do, late things first; nothing for those who enter nothing."""
    access = access_of(user)
    sheets = list(sheets)
    tasks = []
    for sheet in most_urgent_first(sheets, today):
        if sheet.section_id is None or not access.works_for(sheet.section_id):
            continue
        confirms = access.works_for(sheet.section_id, Role.HEAD)
        if todo := of_sheet(sheet, confirms=confirms):
            reasons = by_reason(sheet.returned if sheet.outstanding else [])
            shown, more = reasons[:MOST_REASONS], reasons[MOST_REASONS:]
            tasks.append(
                Task(
                    name=sheet.section,
                    url=sheet.url,
                    todo=todo,
                    returned=[SentBack(named(labels), reason) for reason, labels in shown],
                    returned_more=sum(len(labels) for _reason, labels in more),
                    **_when(sheet.policy, sheet.period, sheet, today),
                )
            )
    by_period: dict[int, list[SectionSheet]] = {}
    for sheet in sheets:
        if can_remind(user, sheet.policy):
            by_period.setdefault(sheet.period.pk, []).append(sheet)
    for of_period in by_period.values():
        first = of_period[0]
        if todo := of_secretariat(of_period, today):
            when = _when(first.policy, first.period, None, today)
            when["is_late"] = any(sheet.is_late(today) for sheet in of_period)
            tasks.append(
                Task(
                    name=gettext("とりまとめ"),
                    url=entry_list_url(
                        first.policy.ward.code,
                        first.policy.fiscal_year,
                        period=first.period.key,
                    ),
                    todo=todo,
                    **when,
                )
            )
    return sorted(tasks, key=lambda task: not task.is_late)


def to_decide(user, policies: Iterable[Policy]) -> list[Task]:
    """Changes of targets that were asked for and that this person decides about; one query."""
    deciding = {policy.pk: policy for policy in policies if can_decide(user, policy)}
    if not deciding:
        return []
    waiting = Proposal.objects.filter(policy__in=deciding, state=Proposal.State.OPEN)
    rows = waiting.order_by("policy").values_list("policy").annotate(n=Count("pk"))
    return [
        Task(
            name=gettext("目標の変更"),
            about=_about(deciding[policy]),
            url=reverse(
                "kpis:changes", args=[deciding[policy].ward.code, deciding[policy].fiscal_year]
            ),
            todo=[
                ngettext("申請%(n)d件の決定を記録する", "申請%(n)d件の決定を記録する", n) % {"n": n}
            ],
        )
        for policy, n in rows
    ]


def _about(policy: Policy) -> str:
    return f"{policy.ward.label} {Phrases(policy).era_year(policy.fiscal_year)}"


def of_sheet(sheet: SectionSheet, *, confirms: bool) -> list[str]:
    """What is to do about a sheet, for those who enter it, and for who confirms it."""
    told = []
    if confirms and (n := sheet.submitted):
        told.append(ngettext("%(n)d件を確認する", "%(n)d件を確認する", n) % {"n": n})
    if not sheet.period.is_open:
        return told
    if n := sheet.sent_back:
        told.append(
            ngettext("差し戻された%(n)d件を直す", "差し戻された%(n)d件を直す", n) % {"n": n}
        )
    if n := sheet.missing:
        told.append(ngettext("あと%(n)d件を入力する", "あと%(n)d件を入力する", n) % {"n": n})
    if n := sheet.to_write:
        told.append(
            ngettext("%(n)d件に、提出の前の説明を書く", "%(n)d件に、提出の前の説明を書く", n)
            % {"n": n}
        )
    if n := sheet.drafts:
        told.append(ngettext("下書き%(n)d件を提出する", "下書き%(n)d件を提出する", n) % {"n": n})
    return told


def of_secretariat(sheets: list[SectionSheet], today: date) -> list[str]:
    """What the secretariat has to see to in a period."""
    late = sum(sheet.is_late(today) for sheet in sheets)
    owing = sum(1 for sheet in sheets if sheet.outstanding) - late
    waiting = sum(1 for sheet in sheets if sheet.submitted)
    told = []
    if late:
        told.append(
            ngettext("%(n)d課が期限に遅れています", "%(n)d課が期限に遅れています", late)
            % {"n": late}
        )
    if owing:
        told.append(
            ngettext("%(n)d課がまだ提出していません", "%(n)d課がまだ提出していません", owing)
            % {"n": owing}
        )
    if waiting:
        told.append(
            ngettext(
                "%(n)d課の実績が確認を待っています", "%(n)d課の実績が確認を待っています", waiting
            )
            % {"n": waiting}
        )
    return told


def _when(
    policy: Policy, period: Period, sheet: SectionSheet | None, today: date
) -> dict[str, Any]:
    phrases = Phrases(policy)
    about = f"{_about(policy)} {phrases.period_parts(period.starts, period.ends)[0]}"
    is_due = period.is_open and period.due and (sheet is None or sheet.outstanding)
    return {
        "about": about,
        "is_late": bool(sheet and sheet.is_late(today)),
        "due": phrases.short_day(period.due) if is_due and period.due else "",
        "left": in_words((period.due - today).days) if is_due and period.due else "",
    }


def works_on(user, policies: Iterable[Policy]) -> Mapping[int, Policy]:
    """The policies in whose figures this person has a part, by id."""
    access = access_of(user)
    wards = access.wards_with(Role.STAFF, Role.HEAD, Role.SECRETARIAT)
    return {policy.pk: policy for policy in policies if policy.ward_id in wards}
