"""From the database to the achievement maths: a policy's targets and entries, in four queries.

The rows come as plain values and not as model objects: a dashboard asks for this on every
request, and 85 targets have to cost milliseconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from . import models
from .achievement import Entry, Grades, Period, Revision, Target


@dataclass(frozen=True, slots=True)
class PolicyReading:
    """What the maths is given. Targets and periods are in the policy's own order."""

    fiscal_year: int
    periods: tuple[Period, ...]
    targets: tuple[Target, ...]
    entries: Mapping[str, Mapping[str, Entry]]  # target key → period key → entry
    grades: Grades

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


def policy_targets(policy: models.Policy, *, confirmed_only: bool = False) -> PolicyReading:
    """Read what the policy promised and what was reported.

    `confirmed_only` leaves out every entry that is not confirmed, for what is frozen, published
    or shown to the city. A target's section is the one that enters it: its own, else the first
    of its project. A note without a figure, stage or reason is no entry and is not read.
    """
    periods, by_id = _periods(policy)
    targets, keys = _targets(policy)
    return PolicyReading(
        fiscal_year=policy.fiscal_year,
        periods=periods,
        targets=targets,
        entries=_entries(by_id, keys, confirmed_only),
        grades=grades_of(policy),
    )


def _periods(policy: models.Policy) -> tuple[tuple[Period, ...], dict[int, str]]:
    rows = list(
        models.Period.objects.filter(policy=policy)
        .order_by("starts")
        .values_list("id", "key", "starts", "ends")
    )
    return (
        tuple(Period(key=key, starts=starts, ends=ends) for _, key, starts, ends in rows),
        {id_: key for id_, key, _, _ in rows},
    )


def _revisions(policy: models.Policy) -> dict[int, list[Revision]]:
    found: dict[int, list[Revision]] = {}
    rows = models.Revision.objects.filter(target__policy=policy).order_by("on")
    for target, on, old, new in rows.values_list("target_id", "on", "old", "new"):
        found.setdefault(target, []).append(Revision(on=on, old=old, new=new))
    return found


def _targets(policy: models.Policy) -> tuple[tuple[Target, ...], dict[int, str]]:
    revisions = _revisions(policy)
    responsible = (
        models.ProjectSection.objects.filter(project=OuterRef("project"))
        .order_by("order", "id")
        .values("section__name")[:1]
    )
    rows = list(
        models.Target.objects.filter(policy=policy)
        .order_by("order", "id")
        .values_list(
            "id",
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
        )
    )
    keys: dict[int, str] = {row[0]: row[1] for row in rows}
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
            revisions=tuple(revisions.get(id_, ())),
            project=project,
            pillar=pillar,
            section=section or "",
        )
        for (
            id_,
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
        ) in rows
    )
    return targets, keys


def _entries(
    periods: dict[int, str], targets: dict[int, str], confirmed_only: bool
) -> dict[str, dict[str, Entry]]:
    rows = models.Actual.objects.filter(period__in=list(periods))
    if confirmed_only:
        rows = rows.filter(state=models.Actual.State.CONFIRMED)
    entries: dict[str, dict[str, Entry]] = {key: {} for key in targets.values()}
    for target, period, value, of, stage, missing, certainty in rows.values_list(
        "target_id", "period_id", "value", "denominator", "stage", "missing", "certainty"
    ):
        if value is None and not stage and not missing:
            continue
        entries[targets[target]][periods[period]] = Entry(
            value=value,
            of=of,
            stage=stage or None,
            missing=missing or None,
            provisional=certainty == models.Actual.Certainty.PROVISIONAL,
        )
    return entries
