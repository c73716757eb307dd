"""A policy of any size, the same every time: the bench measures it, query counts compare two.

By default it is what the largest of the real policies comes to: 35 projects with 85 targets
in five pillars, both halves filled, with everything that costs a page something (linked
pairs, baselines, revisions, notes, reasons, milestones, two sections on a project).
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import cycle

from django.db import transaction
from django.test import Client

from kpis.models import (
    Actual,
    Initiative,
    Period,
    Pillar,
    Policy,
    Project,
    ProjectSection,
    Revision,
    Target,
)
from wards.models import Post, Section, User, Ward

SECTIONS = ("総務課", "区政推進課", "地域振興課", "福祉保健課", "こども家庭支援課", "土木事務所")
PILLARS = ("安全・安心", "子育て・教育", "健康・福祉", "にぎわい・魅力", "信頼される区役所")
WORK = (
    ("道路・公園などのパトロール", "回"),
    ("防災訓練への参加", "人"),
    ("子ども向け交通安全教室の開催", "園"),
    ("認知症サポーターの養成", "人"),
    ("区民まつりの来場者の満足度", "%"),
    ("ごみと資源の分別の推進", "t"),
    ("計画の策定と公表", ""),
)
#: How far the targets have come at the end of each half, in percent of what is promised.
PROGRESS = ((55, 104), (48, 91), (30, 66), (50, 100), (42, 83), (61, 128), (0, 12))
NOTE = "雨天により2回中止しましたが、代替日を設けて実施しました。"


@dataclass
class Bench:
    policy: Policy
    manager: User
    secretariat: User
    staff: User


@transaction.atomic
def make(
    ward: Ward,
    fiscal_year: int = 2020,
    *,
    projects: int = 35,
    targets: int = 85,
    password: str = "",
) -> Bench:
    """Make the policy with both halves filled, and a manager, a secretariat and a staff member.

    The staff member works in the section that enters every target. The second half is open.
    """
    policy = Policy.objects.create(
        ward=ward,
        fiscal_year=fiscal_year,
        title=f"{fiscal_year}年度 {ward.name} 運営方針",
        basic_goal="誰もが安心して暮らし続けられるまちへ",
    )
    halves = Period.objects.bulk_create(
        [
            Period(
                policy=policy,
                key="H1",
                starts=date(fiscal_year, 4, 1),
                ends=date(fiscal_year, 9, 30),
                due=date(fiscal_year, 10, 16),
                state=Period.State.CLOSED,
            ),
            Period(
                policy=policy,
                key="H2",
                starts=date(fiscal_year, 10, 1),
                ends=date(fiscal_year + 1, 3, 31),
                due=date(fiscal_year + 1, 4, 16),
            ),
        ]
    )
    sections = [
        Section.objects.get_or_create(ward=ward, name=name, defaults={"order": order})[0]
        for order, name in enumerate(SECTIONS)
    ]
    made = _projects(policy, sections, projects)
    _targets(policy, made, targets, halves)
    desk = f"{ward.romaji}-{fiscal_year}".lower()
    return Bench(
        policy,
        _person(f"{desk}-manager", password, Post.Role.MANAGER, ward),
        _person(f"{desk}-secretariat", password, Post.Role.SECRETARIAT, ward),
        _person(f"{desk}-staff", password, Post.Role.STAFF, ward, sections[0]),
    )


def make_crowd(colleague: User, people: int) -> list[str]:
    """People with the colleague's post, at work already: the keys of their sessions."""
    post = Post.objects.get(user=colleague)
    sessions = []
    for number in range(people):
        client = Client()
        client.force_login(_person(f"crowd-{number}", "", post.role, post.ward, post.section))
        sessions.append(client.session.session_key)
    return sessions


def _projects(policy: Policy, sections: list[Section], count: int) -> list[Project]:
    pillars = Pillar.objects.bulk_create(
        [
            Pillar(policy=policy, key=f"pillar-{n}", name=name, order=n)
            for n, name in enumerate(PILLARS[: max(1, count)])
        ]
    )
    projects = Project.objects.bulk_create(
        [
            Project(
                policy=policy,
                pillar=pillars[n * len(pillars) // count],
                key=f"p{n + 1:02}",
                number=chr(0x2460 + n) if n < 20 else f"({n + 1})",
                name=f"{WORK[n % len(WORK)][0]}など、地域とともに進める取組",
                tags=["重点"] if n % 5 == 0 else [],
                order=n,
            )
            for n in range(count)
        ]
    )
    ProjectSection.objects.bulk_create(
        [
            ProjectSection(project=project, section=section, order=order)
            for n, project in enumerate(projects)
            for order, section in enumerate([sections[0], sections[1 + n % 5]][: 1 + n % 2])
        ]
    )
    return projects


def _targets(policy: Policy, projects: list[Project], count: int, halves: list[Period]) -> None:
    initiatives = Initiative.objects.bulk_create(
        [
            Initiative(
                policy=policy,
                project=project,
                key=f"{project.key}-i{n}",
                text=f"{WORK[n % len(WORK)][0]}を地域の団体とともに進めます",
                order=n,
            )
            for project in projects
            for n in range(2)
        ]
    )
    kinds = cycle(("number", "ratio", "number", "pair", "percentage", "at_most", "milestone"))
    targets: list[Target] = []
    linked: list[Target] = []
    while len(targets) + len(linked) < count:
        n = len(targets) + len(linked)
        initiative = initiatives[n * len(initiatives) // count]
        kind = next(kinds)
        label, unit = WORK[len(targets) % len(WORK)]
        target = Target(
            policy=policy,
            project=initiative.project,
            initiative=initiative,
            key=f"{initiative.project.key}-t{n + 1:03}",
            label=f"{label}（{n + 1}）",
            printed=f"「{label}」を進めます",
            measure="number" if kind in {"pair", "at_most"} else kind,
            accumulation="sum",
            value=Decimal(100 + 10 * (n % 40)),
            unit=unit or "回",
            nature=("activity", "outcome", "")[n % 3],
            order=n,
        )
        if kind == "ratio":
            target.denominator = target.value
            target.value = Decimal(90)
        elif kind == "percentage":
            target.accumulation, target.value, target.unit = "latest", Decimal(90), "%"
            target.nature = "outcome"
        elif kind == "at_most":
            target.direction = "at_most"
        elif kind == "milestone":
            target.accumulation, target.unit, target.value = "", "", None
            target.ongoing = n % 2 == 0
        elif kind == "pair" and n + 1 < count:
            linked.append(
                Target(
                    policy=policy,
                    project=initiative.project,
                    initiative=initiative,
                    key=f"{initiative.project.key}-t{n + 1:03}c",
                    label=f"{label}（{n + 1}、累計）",
                    measure="number",
                    accumulation="latest",
                    cumulative=True,
                    baseline=Decimal(17700),
                    value=Decimal(17700) + (target.value or 0),
                    unit=target.unit,
                    linked_to=target,
                    order=n + 1,
                )
            )
        targets.append(target)
    Target.objects.bulk_create(targets)
    Target.objects.bulk_create(linked)
    Actual.objects.bulk_create(
        [actual for n, target in enumerate(targets) for actual in _actuals(n, target, halves)]
    )
    Revision.objects.bulk_create(
        [
            Revision(
                target=target,
                on=date(policy.fiscal_year, 9, 1),
                old=(target.value or 0) + 20,
                new=target.value or 0,
                reason="感染症の拡大により、屋内での開催を見送ったため",
            )
            for target in targets[:36:12]
            if target.measure == "number"
        ]
    )


def _actuals(n: int, target: Target, halves: list[Period]) -> list[Actual]:
    first, second = PROGRESS[n % len(PROGRESS)]
    if target.measure in {"ratio", "percentage"}:
        second = min(second, 100)
    given: list[dict] = []
    if target.measure == "milestone":
        given = [{"stage": "preparing"}, {"stage": "done" if n % 3 else "under_way"}]
    else:
        amounts = [first, second - first if target.accumulation == "sum" else second]
        for amount in amounts:
            given.append({"value": (target.value or 0) * max(amount, 0) / 100})
        if n % 17 == 5:
            given[1] = {"missing": "pending"}
    return [
        Actual(
            target=target,
            period=half,
            note=NOTE if n % 2 else "",
            certainty="provisional" if n % 4 == 0 and half is halves[1] else "final",
            state="confirmed" if half is halves[0] else "draft",
            **entry,
        )
        for half, entry in zip(halves, given, strict=True)
    ]


def _person(username: str, password: str, role: str, ward: Ward, section=None) -> User:
    user = User(username=username, display_name=username, must_change_password=False)
    user.set_password(password) if password else user.set_unusable_password()
    user.save()
    Post.objects.create(user=user, role=role, ward=ward, section=section)
    return user
