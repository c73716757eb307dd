"""From the database to the achievement maths: a policy's targets and entries, in three queries.

The rows come as plain values and not as model objects: a dashboard asks for this on every
request, and 85 targets have to cost milliseconds. What a page says beside the figures (names,
units, notes) comes in the same three queries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from wards.prepared import Prepared

from . import models
from .achievement import Entry, Grades, Period, Revision, Target


@dataclass(frozen=True, slots=True)
class Words:
    """What a page says of a target and the maths does not look at. Columns of the same names.

    Those with a default stay empty in a brief reading.
    """

    id: int
    label: str
    unit: str
    condition: str
    status_reason: str
    section_id: int | None
    initiative_id: int
    printed: str = ""
    breakdown: str = ""
    no_number_because: str = ""
    done_when: str = ""
    steps: Sequence[Mapping[str, str]] = ()
    status_decided_by: str = ""
    status_document_number: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What was written beside a figure, and how far the entry has come on its way.

    As with `Words`, those with a default stay empty in a brief reading.
    """

    note: str
    cause: str
    state: str
    certainty: str
    corrected_because: str
    remedy: str = ""
    self_status: str = ""
    self_reason: str = ""
    outlook_met: bool | None = None
    outlook_value: Decimal | None = None
    evidence: Sequence[Mapping[str, Any]] = ()
    on_behalf: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """A revision with the reason and the decision behind it."""

    on: date
    old: Decimal
    new: Decimal
    reason: str
    decided_by: str
    document_number: str


#: Where the columns of a target begin, behind its id and a revision, and where its words do.
REVISED = 7
FOR_THE_MATHS = REVISED + 23


def _columns(of: type[Words] | type[Said], *, brief: bool) -> list[str]:
    return [each.name for each in fields(of) if not brief or each.default is MISSING]


@dataclass(frozen=True, slots=True)
class PolicyReading:
    """What the maths is given, and the words beside it. All in the policy's own order."""

    fiscal_year: int
    periods: tuple[Period, ...]
    targets: tuple[Target, ...]
    entries: Mapping[str, Mapping[str, Entry]]  # target key → period key → entry
    grades: Grades
    due: Mapping[str, date | None] = field(default_factory=dict)  # period key → due date
    open_periods: frozenset[str] = frozenset()
    period_ids: Mapping[str, int] = field(default_factory=dict)  # by period key
    words: Mapping[str, Words] = field(default_factory=dict)  # by target key
    said: Mapping[str, Mapping[str, Said]] = field(default_factory=dict)  # notes alone included
    decisions: Mapping[str, list[Decision]] = field(default_factory=dict)  # by target key

    def has_period(self, key: str) -> bool:
        return any(period.key == key for period in self.periods)

    def changed_since(self, before: PolicyReading) -> Sequence[Target]:
        """The targets of which the maths may say something else than of an earlier reading.

        With a target goes the one it is linked to, in both directions: together they are judged.
        """
        if (before.periods, before.grades, before.fiscal_year) != (
            self.periods,
            self.grades,
            self.fiscal_year,
        ):
            return self.targets
        was = {target.key: target for target in before.targets}
        changed = {
            target.key
            for target in self.targets
            if target != was.get(target.key)
            or self.entries.get(target.key) != before.entries.get(target.key)
        }
        if not changed:
            return ()
        pairs = [(each.key, each.linked_to) for each in self.targets if each.linked_to]
        for total, yearly in pairs:
            if total in changed or yearly in changed:
                changed |= {total, yearly}
        return [target for target in self.targets if target.key in changed]

    @property
    def latest_period(self) -> Period | None:
        """The last period in which something was entered, else the first; None without periods."""
        entered = {at for entries in self.entries.values() for at in entries}
        with_entries = [period for period in self.periods if period.key in entered]
        return with_entries[-1] if with_entries else next(iter(self.periods), None)


def grades_of(policy: models.Policy) -> Grades:
    """The policy's bounds; those it does not name are the defaults."""
    named = {
        key: Decimal(policy.grades[key])
        for key in ("achieved", "pace", "rate")
        if key in policy.grades
    }
    return Grades(**named)


def policy_targets(
    policy: models.Policy,
    *,
    confirmed_only: bool = False,
    project: int | None = None,
    first_sections: Mapping[int, str] | None = None,
    seen_by: Any = None,
    brief: bool = False,
) -> PolicyReading:
    """Read what the policy promised and what was reported.

    `confirmed_only` leaves out every entry that is not confirmed, for what is frozen, published
    or shown to the city. A target's section is the one that enters it: its own, else the first
    of its project. A note without a figure, stage or reason is no entry, but it is `said`.
    `seen_by` leaves out what that person may not see; where somebody sees all or nothing of a
    ward's drafts, `confirmed_only` says the same at less cost.
    With the id of a `project` only its targets are read, with the entries of yearly targets
    elsewhere that its cumulative ones follow from.
    A `brief` reading leaves out the longer words, which an overview does not show. Who knows the
    `first_sections` of the projects (by project id) already spares the database the search.
    """
    read = policies_targets(
        [policy],
        confirmed_only=confirmed_only,
        project=project,
        first_sections=first_sections,
        seen_by=seen_by,
        brief=brief,
    )
    return read[policy.pk]


def policies_targets(
    policies: Sequence[models.Policy],
    *,
    confirmed_only: bool = False,
    project: int | None = None,
    first_sections: Mapping[int, str] | None = None,
    seen_by: Any = None,
    brief: bool = False,
) -> dict[int, PolicyReading]:
    """The same for several policies in the same three queries, by policy id."""
    periods, targets, actuals = _rows(
        policies,
        confirmed_only=confirmed_only,
        project=project,
        sections_known=first_sections is not None,
        seen_by=seen_by,
        brief=brief,
    )
    targets, words, decisions = _targets(targets, first_sections or {})
    entries, said = _entries(actuals, {id_: key for _, id_, key, *_ in periods})
    found = {}
    for policy in policies:
        here = [period for period in periods if period[0] == policy.pk]
        ids = [(id_, target) for of, id_, target in targets if of == policy.pk]
        found[policy.pk] = PolicyReading(
            fiscal_year=policy.fiscal_year,
            periods=tuple(
                Period(key=key, starts=starts, ends=ends) for _, _, key, starts, ends, _, _ in here
            ),
            targets=tuple(target for _, target in ids),
            entries={target.key: entries.get(id_, {}) for id_, target in ids},
            grades=grades_of(policy),
            due={key: due for _, _, key, _, _, due, _ in here},
            period_ids={key: id_ for _, id_, key, *_ in here},
            open_periods=frozenset(
                key for _, _, key, *_, state in here if state == models.Period.State.OPEN
            ),
            words={target.key: words[id_] for id_, target in ids if id_ in words},
            said={target.key: said.get(id_, {}) for id_, target in ids},
            decisions={target.key: decisions[id_] for id_, target in ids if id_ in decisions},
        )
    return found


# The rows ----------------------------------------------------------------------------------------


def _rows(
    policies: Sequence[models.Policy],
    *,
    confirmed_only: bool,
    project: int | None,
    sections_known: bool,
    seen_by: Any,
    brief: bool,
) -> tuple[Any, Any, Any]:
    """Periods, targets and actuals, in three queries; compiled once for what is asked most."""
    if len(policies) == 1 and seen_by is None:
        policy = policies[0].pk
        periods = _periods_of_policy()(policy)
        if project is None:
            targets = _targets_of_policy(brief, sections_known)(policy)
            actuals = _actuals_of_policy(brief, confirmed_only)(policy)
        else:
            targets = _targets_of_project(brief, sections_known)(policy, project)
            actuals = _actuals_of_project(brief, confirmed_only)(policy, project)
        return periods, targets, actuals
    periods = _period_rows().filter(policy__in=policies)
    wanted = _target_rows(brief, sections_known).filter(policy__in=policies)
    reported = _actual_rows(brief, confirmed_only).filter(period__policy__in=policies)
    if seen_by is not None:
        wanted, reported = wanted.visible_to(seen_by), reported.visible_to(seen_by)
    if project is not None:
        wanted, reported = wanted.filter(project=project), reported.filter(_told_by(project))
    return list(periods), list(wanted), list(reported)


def _told_by(project: int) -> Q:
    """Entries of a project's targets, and of the yearly targets that its totals follow from."""
    totals = models.Target.objects.filter(project=project, linked_to__isnull=False)
    return Q(target__project=project) | Q(target__in=totals.values("linked_to"))


@lru_cache(maxsize=1)
def _periods_of_policy() -> Prepared:
    return Prepared(lambda policy: _period_rows().filter(policy=policy))


@lru_cache(maxsize=4)
def _targets_of_policy(brief: bool, sections_known: bool) -> Prepared:
    return Prepared(lambda policy: _target_rows(brief, sections_known).filter(policy=policy))


@lru_cache(maxsize=4)
def _targets_of_project(brief: bool, sections_known: bool) -> Prepared:
    rows = _target_rows(brief, sections_known)
    return Prepared(lambda policy, project: rows.filter(policy=policy, project=project))


@lru_cache(maxsize=4)
def _actuals_of_policy(brief: bool, confirmed_only: bool) -> Prepared:
    rows = _actual_rows(brief, confirmed_only)
    return Prepared(lambda policy: rows.filter(period__policy=policy))


@lru_cache(maxsize=4)
def _actuals_of_project(brief: bool, confirmed_only: bool) -> Prepared:
    rows = _actual_rows(brief, confirmed_only)
    return Prepared(lambda policy, project: rows.filter(_told_by(project), period__policy=policy))


@lru_cache(maxsize=1)
def _period_rows() -> Any:
    columns = ("policy_id", "id", "key", "starts", "ends", "due", "state")
    return models.Period.objects.order_by("starts").values_list(*columns)


@lru_cache(maxsize=4)
def _actual_rows(brief: bool, confirmed_only: bool) -> Any:
    rows = models.Actual.objects.order_by()
    if confirmed_only:
        rows = rows.filter(state=models.Actual.State.CONFIRMED)
    columns = ("target_id", "period_id", "value", "denominator", "stage", "missing")
    return rows.values_list(*columns, *_columns(Said, brief=brief))


@lru_cache(maxsize=4)
def _target_rows(brief: bool, sections_known: bool) -> Any:
    """Each target once for every revision of it, in their order, and once where there is none.

    `sections_known`: the section is the target's own, or none; else its project's first.
    """
    section: Any = "section__name"
    if not sections_known:
        responsible = models.ProjectSection.objects.filter(project=OuterRef("project"))
        first = responsible.order_by("order", "id").values("section__name")[:1]
        section = Coalesce("section__name", Subquery(first))
    return models.Target.objects.order_by("order", "id", "revisions__on").values_list(
        "id",
        *(f"revisions__{name}" for name in Decision.__dataclass_fields__),
        "policy_id",
        "key",
        "measure",
        "accumulation",
        "direction",
        "value",
        "denominator",
        "cumulative",
        "baseline",
        "linked_to_id",
        "ongoing",
        "starts_month",
        "ends_month",
        "nature",
        "plan",
        "status",
        "status_on",
        "project__status",
        "project__status_on",
        "project__key",
        "project__pillar__key",
        section,
        "project_id",
        *_columns(Words, brief=brief),
    )


def _targets(
    rows: Sequence[tuple[Any, ...]], first_sections: Mapping[int, str]
) -> tuple[list[tuple[int, int, Target]], dict[int, Words], dict[int, list[Decision]]]:
    """Each target with the ids of its policy and its own; the words and the revisions by its id.

    A yearly target that is not among them, but that a total among them follows from, is there
    without its words.
    """
    decisions: dict[int, list[Decision]] = {}
    once: list[tuple[Any, ...]] = []
    for row in rows:
        if not once or once[-1][0] != row[0]:
            once.append(row)
        if row[1] is not None:
            decisions.setdefault(row[0], []).append(Decision(*row[1:REVISED]))
    words = {row[0]: Words(*row[FOR_THE_MATHS:]) for row in once}
    keys = {row[0]: row[REVISED + 1] for row in once}
    targets = [
        (
            policy,
            id_,
            Target(
                key=key,
                measure=measure,
                accumulation=accumulation,
                direction=direction,
                value=value,
                of=of,
                cumulative=cumulative,
                baseline=baseline,
                linked_to=keys.get(linked_to, f"#{linked_to}") if linked_to else "",
                ongoing=ongoing,
                starts_month=starts_month,
                ends_month=ends_month,
                nature=nature,
                plan={period: Decimal(due) for period, due in plan.items()},
                status=status,
                status_on=status_on,
                project_status=project_status,
                project_status_on=project_status_on,
                revisions=tuple(
                    Revision(on=made.on, old=made.old, new=made.new)
                    for made in decisions.get(id_, ())
                ),
                project=project,
                pillar=pillar,
                section=section or first_sections.get(project_id, ""),
            ),
        )
        for id_, (
            policy,
            key,
            measure,
            accumulation,
            direction,
            value,
            of,
            cumulative,
            baseline,
            linked_to,
            ongoing,
            starts_month,
            ends_month,
            nature,
            plan,
            status,
            status_on,
            project_status,
            project_status_on,
            project,
            pillar,
            section,
            project_id,
        ) in ((row[0], row[REVISED:FOR_THE_MATHS]) for row in once)
    ]
    elsewhere = [
        (policy, int(target.linked_to[1:]), _yearly(target.linked_to))
        for policy, _, target in targets
        if target.linked_to.startswith("#")
    ]
    return targets + elsewhere, words, decisions


def _yearly(key: str) -> Target:
    """The yearly target of another project: its entries are all that a total asks of it."""
    return Target(key=key, measure="number", accumulation="sum")


def _entries(
    rows: Sequence[tuple[Any, ...]], periods: Mapping[int, str]
) -> tuple[dict[int, dict[str, Entry]], dict[int, dict[str, Said]]]:
    """Entries, and what was written beside them, by target id and period key."""
    entries: dict[int, dict[str, Entry]] = {}
    said: dict[int, dict[str, Said]] = {}
    for target, period, value, of, stage, missing, *words in rows:
        at = periods[period]
        beside = Said(*words)
        said.setdefault(target, {})[at] = beside
        if value is None and not stage and not missing:
            continue
        entries.setdefault(target, {})[at] = Entry(
            value=value,
            of=of,
            stage=stage or None,
            missing=missing or None,
            provisional=beside.certainty == models.Actual.Certainty.PROVISIONAL,
        )
    return entries, said
