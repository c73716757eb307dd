"""From the database to the achievement maths: a policy's targets and entries, in four queries.

The rows come as plain values and not as model objects: a dashboard asks for this on every
request, and 85 targets have to cost milliseconds. What a page says beside the figures (names,
units, notes) comes in the same four queries.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from . import models
from .achievement import Entry, Grades, Period, Revision, Target


@dataclass(frozen=True, slots=True)
class Words:
    """What a page says of a target and the maths does not look at. Columns of the same names."""

    id: int
    label: str
    unit: str
    printed: str
    condition: str
    breakdown: str
    no_number_because: str
    done_when: str
    status_reason: str
    initiative_id: int


@dataclass(frozen=True, slots=True)
class Said:
    """What was written beside a figure, and how far the entry has come on its way."""

    note: str
    cause: str
    remedy: str
    state: str
    certainty: str
    self_status: str
    self_reason: str
    outlook_met: bool | None
    outlook_value: Decimal | None
    evidence: list[dict[str, str]]
    on_behalf: bool
    saved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Decision:
    """A revision with the reason and the decision behind it."""

    on: date
    old: Decimal
    new: Decimal
    reason: str
    decided_by: str
    document_number: str


WORDS = tuple(Words.__dataclass_fields__)
SAID = tuple(Said.__dataclass_fields__)


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
    words: Mapping[str, Words] = field(default_factory=dict)  # by target key
    said: Mapping[str, Mapping[str, Said]] = field(default_factory=dict)  # notes alone included
    decisions: Mapping[str, list[Decision]] = field(default_factory=dict)  # by target key

    def has_period(self, key: str) -> bool:
        return any(period.key == key for period in self.periods)


def grades_of(policy: models.Policy) -> Grades:
    """The policy's bounds; those it does not name are the defaults."""
    named = {
        key: Decimal(policy.grades[key])
        for key in ("achieved", "pace", "rate")
        if key in policy.grades
    }
    return Grades(**named)


def policy_targets(
    policy: models.Policy, *, confirmed_only: bool = False, project_id: int | None = None
) -> PolicyReading:
    """Read what the policy promised and what was reported.

    `confirmed_only` leaves out every entry that is not confirmed, for what is frozen, published
    or shown to the city. A target's section is the one that enters it: its own, else the first
    of its project. A note without a figure, stage or reason is no entry, but it is `said`.
    With a `project_id` only the targets of that project are read, and the yearly targets of other
    projects that their cumulative ones follow from.
    """
    rows = models.Period.objects.filter(policy=policy).order_by("starts")
    periods = list(rows.values_list("id", "key", "starts", "ends", "due", "state"))
    wanted = models.Target.objects.filter(policy=policy)
    if project_id is not None:
        of_project = Q(project=project_id) | Q(cumulative_partners__project=project_id)
        wanted = wanted.filter(of_project).distinct()
    decisions = _decisions(policy, project_id)
    targets, words = _targets(wanted, decisions)
    keys = {words.id: key for key, words in words.items()}
    period_keys = {id_: key for id_, key, *_ in periods}
    entries, said = _entries(period_keys, keys, confirmed_only, project_id)
    return PolicyReading(
        fiscal_year=policy.fiscal_year,
        periods=tuple(
            Period(key=key, starts=starts, ends=ends) for _, key, starts, ends, _, _ in periods
        ),
        targets=targets,
        entries=entries,
        grades=grades_of(policy),
        due={key: due for _, key, _, _, due, _ in periods},
        open_periods=frozenset(
            key for _, key, _, _, _, state in periods if state == models.Period.State.OPEN
        ),
        words=words,
        said=said,
        decisions={keys[id_]: some for id_, some in decisions.items() if id_ in keys},
    )


def _decisions(policy: models.Policy, project_id: int | None) -> dict[int, list[Decision]]:
    found: dict[int, list[Decision]] = {}
    rows = models.Revision.objects.filter(target__policy=policy).order_by("on")
    if project_id is not None:
        rows = rows.filter(target__project=project_id)
    for target, *columns in rows.values_list("target_id", *Decision.__dataclass_fields__):
        found.setdefault(target, []).append(Decision(*columns))
    return found


def _targets(
    wanted: Any, decisions: Mapping[int, list[Decision]]
) -> tuple[tuple[Target, ...], dict[str, Words]]:
    responsible = (
        models.ProjectSection.objects.filter(project=OuterRef("project"))
        .order_by("order", "id")
        .values("section__name")[:1]
    )
    rows = list(
        wanted.order_by("order", "id").values_list(
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
            Coalesce("section__name", Subquery(responsible)),
            *WORDS,
        )
    )
    words = {row[0]: Words(*row[-len(WORDS) :]) for row in rows}
    keys = {some.id: key for key, some in words.items()}
    targets = tuple(
        Target(
            key=key,
            measure=measure,
            accumulation=accumulation,
            direction=direction,
            value=value,
            of=of,
            cumulative=cumulative,
            baseline=baseline,
            linked_to=keys.get(linked_to, ""),
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
                for made in decisions.get(words[key].id, ())
            ),
            project=project,
            pillar=pillar,
            section=section or "",
        )
        for (
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
            *_words,
        ) in rows
    )
    return targets, words


def _entries(
    periods: dict[int, str], targets: dict[int, str], confirmed_only: bool, project_id: int | None
) -> tuple[dict[str, dict[str, Entry]], dict[str, dict[str, Said]]]:
    rows = models.Actual.objects.filter(period__in=list(periods))
    if project_id is not None:
        rows = rows.filter(target__in=list(targets))
    if confirmed_only:
        rows = rows.filter(state=models.Actual.State.CONFIRMED)
    entries: dict[str, dict[str, Entry]] = {key: {} for key in targets.values()}
    said: dict[str, dict[str, Said]] = {key: {} for key in targets.values()}
    for target, period, value, of, stage, missing, *words in rows.values_list(
        "target_id", "period_id", "value", "denominator", "stage", "missing", *SAID
    ):
        key, at = targets[target], periods[period]
        said[key][at] = beside = Said(*words)
        if value is None and not stage and not missing:
            continue
        entries[key][at] = Entry(
            value=value,
            of=of,
            stage=stage or None,
            missing=missing or None,
            provisional=beside.certainty == models.Actual.Certainty.PROVISIONAL,
        )
    return entries, said
