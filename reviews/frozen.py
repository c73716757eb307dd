"""The frozen copy: what a round was opened on, so that what members read does not move under them.

`freeze` keeps, project by project, what the maths was given and what it made of it, with the words
and the accounts beside it: confirmed entries only, the targets as they stand, and the version of
the maths. Nothing is judged again later. `Copy` reads it back as a `Board`, so that a member's
page, the booklet and the sheets are drawn by the code that draws everything else. What was
corrected since is told beside it (`corrections_since`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from kpis import achievement
from kpis.achievement import Entry, Period, Result, Target
from kpis.board import Board, PillarOnBoard, ProjectOnBoard
from kpis.management.commands.export_results import remarks
from kpis.models import Actual, Change, Initiative, Narrative, Pillar, Policy
from kpis.reading import Decision, PolicyReading, Said, Words, grades_of
from kpis.results import Scope, results_document
from wards.prepared import Prepared, PreparedObjects

from .models import Frozen, FrozenProject, Round
from .packing import pack, unpack

FORMAT = "ayumi-frozen/1"

#: What a copy keeps of a project besides its targets.
_PROJECT = tuple(
    each.name for each in fields(ProjectOnBoard) if each.name not in ("pillar", "targets")
)


@dataclass(frozen=True, slots=True)
class Account:
    """A project's confirmed account for a period, as it stood."""

    period: str
    done: str = ""
    obstacles: str = ""
    next: str = ""
    corrected_because: str = ""


@dataclass(frozen=True, slots=True)
class Corrected:
    """A confirmed figure or account that was corrected after the copy was made."""

    project: str
    target: str  # "" for the project's account
    period: str
    at: datetime
    reason: str
    changed: Mapping[str, list[Any]]  # as the history keeps it: field → [from, to]


# Freezing -----------------------------------------------------------------------------------------


def freeze(round: Round, *, by_name: str) -> Frozen:
    """Keep a copy of the results for a round, as of now. Call it in a transaction."""
    policy = round.policy
    # As somebody reads it who sees confirmed entries only, and of every project.
    board = Board(policy, AnonymousUser())
    period = round.period.key
    upto = [each for each in board.periods if each.ends <= round.period.ends]
    initiatives: dict[int, list[dict[str, Any]]] = {}
    rows = Initiative.objects.filter(policy=policy).order_by("order", "id")
    for id_, project, text in rows.values_list("id", "project_id", "text"):
        initiatives.setdefault(project, []).append({"id": id_, "text": text})
    accounts = _accounts(policy, [each.key for each in upto])
    contents = [
        (
            project,
            {
                "project": {name: pack(getattr(project, name)) for name in _PROJECT},
                "initiatives": initiatives.get(project.id, []),
                "targets": [_target(board, target, upto) for target in project.targets],
                "status": {each.key: str(board.project_status(project, each.key)) for each in upto},
                "accounts": pack(accounts.get(project.id, [])),
            },
        )
        for project in board.projects
    ]
    summary = _summary(board, round)
    results = _results(board, period)
    whole = json.dumps(
        [summary, results, [content for _project, content in contents]],
        ensure_ascii=False,
        sort_keys=True,
    )
    number = Frozen.objects.filter(round=round).count() + 1
    frozen = Frozen.objects.create(
        round=round,
        number=number,
        at=timezone.now(),
        by_name=by_name,
        maths=achievement.VERSION,
        summary=summary,
        results=results,
        sha256=hashlib.sha256(whole.encode()).hexdigest(),
    )
    FrozenProject.objects.bulk_create(
        FrozenProject(
            frozen=frozen,
            key=project.key,
            pillar=project.pillar.key,
            order=order,
            content=content,
        )
        for order, (project, content) in enumerate(contents)
    )
    return frozen


def _results(board: Board, period: str) -> dict[str, Any]:
    """The results document of the copy, as export_results --confirmed would print it now."""
    policy, results = board.policy, board.results(period)
    scope = Scope(
        ward_code=policy.ward.code,
        ward_name=policy.ward.name,
        fiscal_year=policy.fiscal_year,
        period=period,
        pillars=[each.key for each in board.pillars],
        projects=[each.key for each in board.projects],
    )
    judged = [(target, results[target.key]) for target in board.reading.targets]
    said = remarks(policy, board.reading, period, results)
    return results_document(scope, judged, said)


def _target(board: Board, target: Target, upto: Sequence[Period]) -> dict[str, Any]:
    reading, keys = board.reading, [each.key for each in upto]
    return {
        "target": pack(target),
        "words": pack(reading.words[target.key]),
        "entries": _of_periods(reading.entries.get(target.key, {}), keys),
        "said": _of_periods(reading.said.get(target.key, {}), keys),
        "decisions": pack(reading.decisions.get(target.key, [])),
        "results": {key: pack(board.results(key)[target.key]) for key in keys},
    }


def _of_periods(held: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    return {key: pack(held[key]) for key in keys if key in held}


def _accounts(policy: Policy, periods: Collection[str]) -> dict[int, list[Account]]:
    rows = Narrative.objects.filter(
        project__policy=policy, period__key__in=periods, state=Actual.State.CONFIRMED
    ).order_by("project_id", "period__starts")
    found: dict[int, list[Account]] = {}
    for project, *said in rows.values_list(
        "project_id", "period__key", "done", "obstacles", "next", "corrected_because"
    ):
        found.setdefault(project, []).append(Account(*said))
    return found


def _summary(board: Board, round: Round) -> dict[str, Any]:
    policy = board.policy
    statements = dict(Pillar.objects.filter(policy=policy).values_list("key", "statement"))
    return {
        "format": FORMAT,
        "ward": {"code": policy.ward.code, "name": policy.ward.name},
        "fiscal_year": policy.fiscal_year,
        "period": round.period.key,
        "periods": [pack(each) for each in board.periods if each.ends <= round.period.ends],
        "year_ends": board.periods[-1].ends.isoformat(),
        "title": policy.title,
        "basic_goal": policy.basic_goal,
        "grades": policy.grades,
        "is_demo": policy.is_demo,
        "pillars": [
            {
                "key": pillar.key,
                "name": pillar.name,
                "group": pillar.group,
                "statement": statements.get(pillar.key, ""),
            }
            for pillar in board.pillars
        ],
        "projects": [
            {
                "key": project.key,
                "pillar": project.pillar.key,
                "number": project.number,
                "name": project.name,
                "sections": project.sections,
                "status": str(board.project_status(project, round.period.key)),
            }
            for project in board.projects
        ],
    }


# Reading it back ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Title:
    """A project as a list of the copy names it."""

    key: str
    pillar: str
    number: str
    name: str
    sections: Sequence[str]
    status: str  # at the end of the round's period

    @property
    def title(self) -> str:
        return f"{self.number} {self.name}".strip()


@dataclass(frozen=True, slots=True)
class PillarTitle:
    key: str
    name: str
    group: str
    statement: str
    projects: Sequence[Title]


class Copy:
    """The newest copy of a round, read lazily: its titles from one row, its projects from theirs.

    `seen` are the keys of the projects this person reads, None for all of them
    (`permissions.frozen_projects_seen_by`).
    """

    def __init__(self, round: Round, *, seen: Collection[str] | None = None) -> None:
        self.round = round
        self.seen = seen

    @cached_property
    def frozen(self) -> Frozen:
        """Raises Frozen.DoesNotExist where the round was never opened."""
        for found in _newest()(self.round.pk):
            return found
        raise Frozen.DoesNotExist

    @property
    def summary(self) -> Mapping[str, Any]:
        return self.frozen.summary

    @cached_property
    def policy(self) -> Policy:
        """The policy with the grades of then."""
        policy = self.round.policy
        policy.grades = self.summary["grades"]
        return policy

    @cached_property
    def periods(self) -> tuple[Period, ...]:
        return tuple(unpack(Period, each) for each in self.summary["periods"])

    @property
    def period(self) -> Period:
        """The period that the round is about: the last one in the copy."""
        return self.periods[-1]

    @property
    def is_year_end(self) -> bool:
        return self.summary["year_ends"] == self.period.ends.isoformat()

    @cached_property
    def titles(self) -> list[Title]:
        """The projects this person reads, in the order of the policy."""
        return [
            Title(**each)
            for each in self.summary["projects"]
            if self.seen is None or each["key"] in self.seen
        ]

    @cached_property
    def pillars(self) -> list[PillarTitle]:
        """The pillars with the projects this person reads; those without any are left out."""
        found = []
        for pillar in self.summary["pillars"]:
            within = [each for each in self.titles if each.pillar == pillar["key"]]
            if within:
                found.append(PillarTitle(**pillar, projects=within))
        return found

    def title(self, key: str) -> Title | None:
        return next((each for each in self.titles if each.key == key), None)

    def pillar(self, key: str) -> PillarTitle | None:
        return next((each for each in self.pillars if each.key == key), None)

    def project(self, key: str) -> FrozenBoard | None:
        """The board of one project; None where the copy has none, or not for this person."""
        if self.title(key) is None:
            return None
        return FrozenBoard(self, [content for (content,) in _content()(self.frozen.pk, key)])

    def board(self) -> FrozenBoard:
        """The board of every project this person reads."""
        rows = FrozenProject.objects.filter(frozen=self.frozen).order_by("order")
        if self.seen is not None:
            rows = rows.filter(key__in=self.seen)
        return FrozenBoard(self, list(rows.values_list("content", flat=True)))

    def corrections_of(self, key: str) -> list[Corrected]:
        """The same as `corrections_since`, of one project; a page asks it each time."""
        periods = {each.key for each in self.periods}
        rows = _corrections()(self.round.policy_id, key)
        return [
            Corrected(project, target or "", period, at, reason, changed)
            for project, target, period, at, reason, changed in rows
            if at > self.frozen.at and period in periods
        ]

    def corrections_since(self, keys: Collection[str] | None = None) -> list[Corrected]:
        """What was corrected after the copy was made, in the periods of the copy, oldest first."""
        wanted = {each.key for each in self.titles} if keys is None else set(keys)
        rows = Change.objects.filter(
            policy=self.round.policy,
            act=Change.Act.CORRECTED,
            at__gt=self.frozen.at,
            period__key__in=[each.key for each in self.periods],
            project__key__in=wanted,
        ).order_by("number")
        return [
            Corrected(project, target or "", period, at, reason, changed)
            for project, target, period, at, reason, changed in rows.values_list(*_CORRECTED)
        ]


_CORRECTED = ("project__key", "target__key", "period__key", "at", "reason", "changed")


@lru_cache(maxsize=1)
def _newest() -> PreparedObjects:
    columns = [each.name for each in Frozen._meta.concrete_fields if each.name != "results"]
    return PreparedObjects(
        Frozen.objects,
        lambda rows, round: rows.filter(round=round).order_by("-number")[:1],
        only=columns,
    )


@lru_cache(maxsize=1)
def _content() -> Prepared:
    return Prepared(
        lambda frozen, key: FrozenProject.objects.filter(frozen=frozen, key=key).values_list(
            "content"
        )
    )


@lru_cache(maxsize=1)
def _corrections() -> Prepared:
    made = Change.objects.filter(act=Change.Act.CORRECTED).order_by("number")
    return Prepared(
        lambda policy, key: made.filter(policy=policy, project__key=key).values_list(*_CORRECTED)
    )


class FrozenBoard(Board):
    """A copy as a board: what was read and judged then, and nothing that happened since.

    `accounts` and `initiatives` are by project key; `project_statuses` too, of each period.
    """

    def __init__(self, copy: Copy, contents: Sequence[Mapping[str, Any]]) -> None:
        self.policy = copy.policy
        self.confirmed_only = True
        self.pillars = []
        self.accounts: dict[str, list[Account]] = {}
        self.initiatives: dict[str, list[Mapping[str, Any]]] = {}
        self.project_statuses: dict[str, Mapping[str, str]] = {}
        self._results = {each.key: {} for each in copy.periods}
        self._shares = {}
        targets: list[Target] = []
        entries: dict[str, Mapping[str, Entry]] = {}
        words: dict[str, Words] = {}
        said: dict[str, Mapping[str, Said]] = {}
        decisions: dict[str, list[Decision]] = {}
        pillars = {
            each["key"]: PillarOnBoard(each["key"], each["name"], each["group"])
            for each in copy.summary["pillars"]
        }
        of_project = {each["key"]: each["pillar"] for each in copy.summary["projects"]}
        for content in contents:
            held = dict(content["project"])
            if held["status_on"]:
                held["status_on"] = date.fromisoformat(held["status_on"])
            pillar = pillars[of_project[held["key"]]]
            project = ProjectOnBoard(pillar=pillar, **held)
            pillar.projects.append(project)
            self.accounts[project.key] = [unpack(Account, each) for each in content["accounts"]]
            self.initiatives[project.key] = content["initiatives"]
            self.project_statuses[project.key] = content["status"]
            for each in content["targets"]:
                target = unpack(Target, each["target"])
                project.targets.append(target)
                targets.append(target)
                words[target.key] = unpack(Words, each["words"])
                entries[target.key] = unpack(Mapping[str, Entry], each["entries"])
                said[target.key] = unpack(Mapping[str, Said], each["said"])
                if each["decisions"]:
                    decisions[target.key] = unpack(list[Decision], each["decisions"])
                for period, result in unpack(Mapping[str, Result], each["results"]).items():
                    self._results[period][target.key] = result  # type: ignore[index]
        self.pillars = [each for each in pillars.values() if each.projects]
        self.reading = PolicyReading(
            fiscal_year=copy.summary["fiscal_year"],
            periods=copy.periods,
            targets=tuple(targets),
            entries=entries,
            grades=grades_of(copy.policy),
            words=words,
            said=said,
            decisions=decisions,
        )
