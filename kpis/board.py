"""One policy as pages show it: pillars, projects and targets with their results, period by period.

Four queries whatever the size of the policy: the three of kpis/reading.py and one for the
projects. What is shown follows from the person's posts: a 部長 sees the projects of the
department, and unconfirmed entries stay inside the ward office.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

from wards.permissions import Access, access_of
from wards.prepared import Prepared

from . import models
from .achievement import (
    Period,
    Result,
    RollUp,
    Status,
    Target,
    judge_all,
    project_status,
    roll_up,
)
from .reading import PolicyReading, policy_targets
from .standing import moments_of


@dataclass(slots=True)
class ProjectOnBoard:
    """A project with its targets, in the policy's order."""

    pillar: PillarOnBoard
    id: int
    key: str
    number: str
    name: str
    tags: list[str]
    funding: str
    status: str
    status_on: date | None
    status_reason: str
    status_decided_by: str
    status_document_number: str
    sections: list[str] = field(default_factory=list)
    section_ids: list[int] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)

    @property
    def title(self) -> str:
        return f"{self.number} {self.name}".strip()


@dataclass(slots=True)
class PillarOnBoard:
    key: str
    name: str
    group: str
    projects: list[ProjectOnBoard] = field(default_factory=list)

    @property
    def targets(self) -> list[Target]:
        return [target for project in self.projects for target in project.targets]


class Board:
    """What `user` may see of a policy that they may open.

    Results of a period are worked out once, when they are asked for.
    With the key of a `project`, only the projects of its pillar are known, and only its own
    targets are read.
    A `brief` board knows names, figures and notes, which is what an overview shows.
    """

    def __init__(
        self, policy: models.Policy, user, *, project: str | None = None, brief: bool = False
    ) -> None:
        access = access_of(user)
        self.policy = policy
        self.confirmed_only = not access.reads_drafts(policy.ward_id)
        self.pillars = _pillars(_rows_for(policy, user, access, project))
        by_key = {each.key: each for each in self.projects}
        shown = by_key.get(project) if project else None
        self.reading: PolicyReading = policy_targets(
            policy,
            confirmed_only=self.confirmed_only,
            seen_by=user if access.draft_scope(policy.ward_id) else None,
            project=shown.id if shown else None,
            first_sections={each.id: next(iter(each.sections), "") for each in self.projects},
            brief=brief,
        )
        self._results: dict[str, Mapping[str, Result]] = {}
        self._shares: dict[tuple[str, str], Shares] = {}
        for target in self.reading.targets:
            if target.project in by_key:
                by_key[target.project].targets.append(target)

    @property
    def periods(self) -> tuple[Period, ...]:
        return self.reading.periods

    @property
    def projects(self) -> list[ProjectOnBoard]:
        return [project for pillar in self.pillars for project in pillar.projects]

    @cached_property
    def targets(self) -> list[Target]:
        return [target for pillar in self.pillars for target in pillar.targets]

    def period(self, key: str | None) -> Period | None:
        """The period asked for; without a key the last one in which something was entered.

        None where the policy has no such period, or none at all.
        """
        if key:
            return next((period for period in self.periods if period.key == key), None)
        return self.reading.latest_period

    def results(self, period: str) -> Mapping[str, Result]:
        """The results of every target of the policy at the end of the period, by target key."""
        if period not in self._results:
            self._results[period] = judged(self.policy.pk, self.reading, period)
        return self._results[period]

    def shares(self, target: Target, period: str) -> Shares:
        """Where a target stands on its axis at the end of the period."""
        key = (period, target.key)
        if key not in self._shares:
            self._shares[key] = shares(target, self.results(period)[target.key])
        return self._shares[key]

    def mean_plan(self, period: str) -> Fraction | None:
        """Where the plan stands on average, over the targets that the mean rate covers.

        Capped at 100 % like the rates. None at year end, and where no target has a plan.
        """
        results = self.results(period)
        planned = [
            min(due, Fraction(1))
            for target in self.targets
            if results[target.key].in_mean and (due := self.shares(target, period).due) is not None
        ]
        return sum(planned, Fraction(0)) / len(planned) if planned else None

    def share_of_year(self, period: Period) -> Fraction:
        """How much of the year has passed at the end of the period: where most markers stand."""
        for moment in moments_of(self.periods, self.policy.fiscal_year):
            if moment.key == period.key:
                return Fraction(moment.passed, 12)
        return Fraction(1)

    def roll_up(self, targets: Iterable[Target], period: str) -> RollUp:
        results = self.results(period)
        return roll_up((target, results[target.key]) for target in targets)

    def project_status(self, project: ProjectOnBoard, period: str) -> Status:
        """The worst of its targets, a linked pair counting once."""
        results = self.results(period)
        of_targets = [results[target.key] for target in project.targets]
        if not of_targets and project.status != models.Standing.ACTIVE:
            return Status(project.status)
        return project_status(result.status for result in of_targets if not result.linked)

    @cached_property
    def is_all_milestones(self) -> bool:
        """Whether no target carries a number, as in four of the five wards."""
        return all(target.is_milestone for target in self.targets)


# Judging what was judged before -------------------------------------------------------------------

#: What was judged last, by policy, period and number of targets; forgotten when full.
_judged: dict[tuple[int, str, int], tuple[PolicyReading, Mapping[str, Result]]] = {}
REMEMBERED = 128


def judged(policy_id: int, reading: PolicyReading, period: str) -> Mapping[str, Result]:
    """What the maths says of a reading; asked again only for the targets that changed since.

    The maths is pure, and most requests read what the one before read. Targets, entries, periods
    and grades are compared by value each time, so nothing stale is ever shown, whoever wrote it.
    A result that stands is the same object as before.
    """
    key = (policy_id, period, len(reading.targets))
    known, results = _judged.get(key, (None, {}))
    changed = reading.targets if known is None else reading.changed_since(known)
    if changed:
        anew = judge_all(
            changed,
            reading.entries,
            periods=reading.periods,
            period=period,
            fiscal_year=reading.fiscal_year,
            grades=reading.grades,
        )
        results = {each.key: anew.get(each.key) or results[each.key] for each in reading.targets}
    if changed or known is None:
        if len(_judged) >= REMEMBERED:
            _judged.clear()
        _judged[key] = (reading, results)
    return results


@lru_cache(maxsize=1)
def _project_rows() -> Any:
    """Each project once for every section that works on it; which columns is worked out once."""
    rows = models.Project.objects.order_by(
        "pillar__order", "pillar_id", "order", "id", "responsible__order", "responsible__id"
    )
    return rows.values_list(
        "pillar__key",
        "pillar__name",
        "pillar__group",
        "responsible__section__name",
        "responsible__section_id",
        "id",
        "key",
        "number",
        "name",
        "tags",
        "funding",
        "status",
        "status_on",
        "status_reason",
        "status_decided_by",
        "status_document_number",
    )


@lru_cache(maxsize=1)
def _rows_of_policy() -> Prepared:
    return Prepared(lambda policy: _project_rows().filter(policy=policy))


@lru_cache(maxsize=1)
def _rows_of_pillar() -> Prepared:
    return Prepared(
        lambda policy, key: _project_rows().filter(policy=policy, pillar__projects__key=key)
    )


def _rows_for(policy: models.Policy, user, access: Access, project: str | None) -> Any:
    """The projects this person sees; with the key of one, those of its pillar."""
    if access.department_scope(policy.ward_id):
        rows = _project_rows().filter(policy=policy).visible_to(user)
        return rows if project is None else rows.filter(pillar__projects__key=project)
    return (
        _rows_of_policy()(policy.pk) if project is None else _rows_of_pillar()(policy.pk, project)
    )


def _pillars(rows: Any) -> list[PillarOnBoard]:
    pillars: dict[str, PillarOnBoard] = {}
    projects: dict[int, ProjectOnBoard] = {}
    for pillar_key, pillar_name, group, section, section_id, id_, *columns in rows:
        project = projects.get(id_)
        if project is None:
            pillar = pillars.get(pillar_key)
            if pillar is None:
                pillar = pillars[pillar_key] = PillarOnBoard(pillar_key, pillar_name, group)
            project = projects[id_] = ProjectOnBoard(pillar, id_, *columns)
            pillar.projects.append(project)
        if section:
            project.sections.append(section)
            project.section_ids.append(section_id)
    return list(pillars.values())


# Where a target stands on its axis ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shares:
    """Actual, plan and original target as shares of the target in force, for charts.bullet.

    For a target with a baseline they are shares of the way from it. None: there is none.
    """

    reach: Fraction | None = None
    due: Fraction | None = None
    original: Fraction | None = None


NOWHERE = Shares()


def shares(target: Target, result: Result) -> Shares:
    """Where the bar, the marker and the dotted line of a target's bullet stand.

    An upper limit without a baseline is drawn as what was used of it, whatever its rate. At year
    end the plan is the target itself and gets no marker.
    """
    value = result.target_value
    if target.is_milestone or value is None:
        return NOWHERE
    expected = None if result.year_end else result.expected
    baseline = None if target.is_sum else target.baseline
    if baseline is None and value > 0:
        actual = _on_planned_denominator(target, result)
        return Shares(
            reach=None if actual is None else actual / value,
            due=None if expected is None else expected / value,
            original=None if result.original_value is None else result.original_value / value,
        )
    key = result.formula.key if result.formula else ""
    if baseline is not None and key not in ("kept", "slipped", "lost") and baseline != value:
        start = Fraction(baseline)
        actual = _on_planned_denominator(target, result)
        way = value - start
        before = result.original_value
        return Shares(
            reach=None if actual is None else (actual - start) / way,
            due=None if expected is None else (expected - start) / way,
            original=None if before is None else (before - start) / way,
        )
    # A target of nothing, or one met from the start: only its rate can be drawn.
    if target.is_limit and key in ("within", "over"):
        used = result.to_date
        return Shares(reach=None if used is None else Fraction(2 if used > 0 else 0))
    return Shares(reach=result.rate)


def _on_planned_denominator(target: Target, result: Result) -> Fraction | None:
    """The figure to date; of a ratio, on the denominator that the target was planned with."""
    if result.to_date is None or target.measure != "ratio" or not target.of:
        return result.to_date
    if not result.denominator:
        return None
    return result.to_date * Fraction(target.of) / result.denominator
