"""Entering: what is known of one target in one period, and how an entry is kept.

Two people on one entry: each save names the version it started from, and the one that comes
second is told so (`Conflict`). Every save writes one line of history. A period that is closed
and an entry that is confirmed refuse, also when that happened while somebody was typing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any

from django.http import Http404
from django.utils import timezone

from wards.prepared import Prepared, PreparedObjects

from . import achievement, models
from .achievement import Entry, Result
from .entry_rules import Around, Remark, questions, refusals
from .models import Actual, Change, Period
from .numbers import plain
from .permissions import enters_on_behalf
from .reading import grades_of
from .standing import linked_to_date, moments_of

#: What somebody enters, in the order in which the history tells it.
FIELDS = (
    "value",
    "denominator",
    "stage",
    "missing",
    "certainty",
    "note",
    "self_status",
    "self_reason",
    "outlook_met",
    "outlook_value",
    "cause",
    "remedy",
)

#: The one field that may come along without having been typed: nobody overwrites it (see `save`).
EVIDENCE = "evidence"

#: What a linked total follows from: a yearly number that adds up, whichever it is.
YEARLY = achievement.Target(key="yearly", measure="number", accumulation="sum")


class Refused(Exception):
    """Nothing may be entered any more; `theirs` is what stands there, if anything."""

    def __init__(self, theirs: Any = None):
        super().__init__()
        self.theirs = theirs


class Closed(Refused):
    """The period was closed."""


class Confirmed(Refused):
    """The entry was confirmed."""


class Conflict(Refused):
    """Somebody else saved since this person opened the page."""


@dataclass(frozen=True)
class Place:
    """One target in one period, with the figures around it."""

    target: models.Target
    period: Period
    periods: list[Period]
    actuals: dict[str, Actual]  # of the target, by period key
    yearly: dict[str, Actual]  # of the yearly target that a linked total follows from
    revised: Sequence[achievement.Revision] | None = None  # None: not read yet

    @property
    def actual(self) -> Actual | None:
        """What stands in this period."""
        return self.actuals.get(self.period.key)

    @property
    def refusal(self) -> type[Refused] | None:
        """Why nothing can be entered here now; None where it can."""
        if not self.period.is_open:
            return Closed
        if self.actual and self.actual.state == Actual.State.CONFIRMED:
            return Confirmed
        return None

    @property
    def is_year_end(self) -> bool:
        """Whether this is the last period, at whose end there is nothing left to foresee."""
        return self.period == self.periods[-1]

    @property
    def others(self) -> list[Period]:
        """The other periods in which something stands, in order."""
        return [p for p in self.periods if p != self.period and p.key in self.actuals]

    @property
    def period_before(self) -> Period | None:
        """The latest earlier period in which something stands."""
        earlier = [period for period in self.others if period.starts < self.period.starts]
        return earlier[-1] if earlier else None

    @cached_property
    def promise(self) -> achievement.Target:
        """The target as the maths reads it, its revisions apart."""
        return _for_the_maths(self.target)

    def refusals(self, entry: Entry) -> list[Remark]:
        others = {key: entry_of(actual) for key, actual in self.actuals.items()}
        keys = [period.key for period in self.periods]
        here = ["" if key == self.period.key else key for key in keys]
        return refusals(self.promise, entry, others, here, others.get(self.period.key))

    def questions(self, entry: Entry) -> list[Remark]:
        return questions(self.promise, entry, self._around)

    def objections(self, entry: Entry, *, sure: str = "") -> tuple[list[Remark], list[Remark]]:
        """What speaks against keeping an entry: why it cannot be kept, else what is asked about it.

        Whoever is `sure` of this very figure is not asked, nor is anybody about one that stands
        already. Forms, sheet, cells and files all ask here.
        """
        if refused := self.refusals(entry):
            return refused, []
        stands = self.actual is not None and self.actual.value == entry.value
        if entry.value is None or stands or sure == plain(entry.value):
            return [], []
        return [], self.questions(entry)

    @property
    def _around(self) -> Around:
        """The figures that a typed one is compared with."""
        here = self.period.starts
        figures = [
            (period.starts, value)
            for period in self.others
            if (value := self.actuals[period.key].value) is not None
        ]
        before = next((value for starts, value in reversed(figures) if starts < here), None)
        if self.target.linked_to_id:
            earlier = [period for period in self.periods if period.starts < here]
            before = self._linked_total(earlier, self.actuals)
        return Around(
            before=before,
            after=next((value for starts, value in figures if starts > here), None),
            elsewhere=sum((value for _starts, value in figures), Decimal(0)),
        )

    def result(self, entry: Entry | None = None) -> Result:
        """What the target is worth at the end of the period, with `entry` in its place."""
        entries = _entries(self.actuals)
        if entry is not None:
            entries = entries | {self.period.key: entry}
        policy = self.target.policy
        partner = None
        if self.target.linked_to_id:
            partner = (YEARLY, _entries(self.yearly))
        revised = self.revised
        if revised is None:
            revised = _revisions(self.target.policy_id, [self.target.pk])[self.target.pk]
        return achievement.judge(
            replace(self.promise, revisions=revised),
            {key: each for key, each in entries.items() if says_something(each)},
            periods=[achievement.Period(p.key, p.starts, p.ends) for p in self.periods],
            period=self.period.key,
            fiscal_year=policy.fiscal_year,
            grades=grades_of(policy),
            partner=partner,
        )

    @property
    def follows(self) -> Decimal | None:
        """What a linked total would be here by its yearly target; None where it is not linked."""
        return self.follows_in(self.period)

    def follows_in(self, period: Period) -> Decimal | None:
        """What a linked total would be at the end of a period, had nobody typed one for it.

        Rule 1: the last total typed before it, else the baseline, and the yearly figures since.
        None where there is neither, or no yearly figure yet.
        """
        if not self.target.linked_to_id:
            return None
        so_far = [each for each in self.periods if each.starts <= period.starts]
        typed = {key: each for key, each in self.actuals.items() if key != period.key}
        return self._linked_total(so_far, typed)

    def difference(self, period: Period | None = None) -> Decimal | None:
        """By how much the total typed for a period (this one) is above what the yearly figures say.

        None where no total is typed, or where there is nothing to compare it with; 0: they agree.
        """
        period = period or self.period
        typed = self.actuals[period.key].value if period.key in self.actuals else None
        linked = self.follows_in(period)
        return None if typed is None or linked is None else typed - linked

    def _linked_total(self, periods: list[Period], typed: dict[str, Actual]) -> Decimal | None:
        return linked_total(
            self.promise,
            _entries(typed),
            _entries(self.yearly),
            periods,
            self.target.policy.fiscal_year,
        )


def linked_total(
    promise: achievement.Target,
    typed: Mapping[str, Entry],
    yearly: Mapping[str, Entry],
    periods: Iterable[Period],
    fiscal_year: int,
) -> Decimal | None:
    """Rule 1, linked pair, at the end of the last of these periods; the maths reckons it."""
    spans = tuple(achievement.Period(each.key, each.starts, each.ends) for each in periods)
    total = linked_to_date(promise, typed, yearly, moments_of(spans, fiscal_year))
    if total.figure is None:
        return None
    return Decimal(total.figure.numerator) / total.figure.denominator


def read(target: models.Target, period_key: str, *, to_save: bool = False) -> Place:
    """The target's place in a period, in two queries; Http404 where there is no such period.

    `to_save`: within a transaction; nobody closes the period before it ends.
    """
    return _places(target.policy_id, period_key, [target], to_save=to_save)[target.key]


def read_all(
    policy: models.Policy,
    period_key: str,
    targets: Iterable[models.Target],
    *,
    to_save: bool = False,
) -> dict[str, Place]:
    """By key the places of several targets of a policy, in three queries however many they are.

    As `read`, and with the revisions, so that `result` asks the database nothing more. Of the
    targets it needs their projects at hand (`select_related("project")`).
    """
    of_policy = [target for target in targets if target.policy_id == policy.pk]
    for target in of_policy:
        target.policy = policy
    places = _places(policy.pk, period_key, of_policy, to_save=to_save)
    revised = _revisions(policy.pk, [target.pk for target in of_policy])
    return {key: replace(place, revised=revised[place.target.pk]) for key, place in places.items()}


def _places(
    policy: int, period_key: str, targets: list[models.Target], *, to_save: bool
) -> dict[str, Place]:
    periods = _periods(to_save)(policy)
    period = next((each for each in periods if each.key == period_key), None)
    if period is None:
        raise Http404
    keys = {each.pk: each.key for each in periods}
    wanted = {target.pk for target in targets} | {target.linked_to_id for target in targets}
    actuals: dict[int | None, dict[str, Actual]] = {key: {} for key in wanted}
    for actual in _actuals([target for target in wanted if target]):
        actuals[actual.target_id][keys[actual.period_id]] = actual
    return {
        target.key: Place(
            target=target,
            period=period,
            periods=periods,
            actuals=actuals[target.pk],
            yearly=actuals[target.linked_to_id] if target.linked_to_id else {},
        )
        for target in targets
    }


@lru_cache(maxsize=2)
def _periods(to_save: bool) -> PreparedObjects:
    """A policy's periods in order; held until the transaction ends where something is saved."""

    def in_order(rows, policy):
        found = rows.filter(policy=policy).order_by("starts")
        return found.select_for_update(no_key=True) if to_save else found

    return PreparedObjects(Period.objects, in_order)


def _actuals(targets: list[int]) -> Iterable[Actual]:
    """What stands for these targets, in one query; one with its pair is asked for all the time."""
    if len(targets) > 2:
        return Actual.objects.filter(target__in=targets).order_by()
    return _actuals_of_two()(targets[0], targets[-1]) if targets else []


@lru_cache(maxsize=1)
def _actuals_of_two() -> PreparedObjects:
    return PreparedObjects(
        Actual.objects, lambda rows, one, other: rows.filter(target__in=[one, other])
    )


def _revisions(policy: int, targets: list[int]) -> dict[int, list[achievement.Revision]]:
    """By target what was revised, in order; nothing where nothing was."""
    found: dict[int, list[achievement.Revision]] = {target: [] for target in targets}
    for target, on, old, new in _revised()(policy):
        if target in found:
            found[target].append(achievement.Revision(on=on, old=old, new=new))
    return found


@lru_cache(maxsize=1)
def _revised() -> Prepared:
    rows = models.Revision.objects.order_by("on").values_list("target_id", "on", "old", "new")
    return Prepared(lambda policy: rows.filter(target__policy=policy))


def entry_of(actual: Actual) -> Entry:
    return Entry(
        value=actual.value,
        of=actual.denominator,
        stage=actual.stage or None,
        missing=actual.missing or None,
        provisional=actual.certainty == Actual.Certainty.PROVISIONAL,
    )


def says_something(entry: Entry) -> bool:
    """A note alone is no entry."""
    return entry.value is not None or bool(entry.stage or entry.missing)


def save(place: Place, typed: dict[str, Any], *, version: int, by) -> bool:
    """Keep what was typed, with a line of history; whether anything was new.

    `typed` has a value for each of FIELDS, and the new list of EVIDENCE where that changes.
    `version` is the one the person saw (0: nothing yet); what only adds to the evidence, or takes
    away from it, overwrites nobody's word and goes on whatever was saved meanwhile.
    The same thing sent twice is kept once. Raises Closed, Confirmed or Conflict; IntegrityError
    where two people entered the first figure in the same moment. Call it in a transaction, with
    a place that was read in it; afterwards the place knows what was kept.
    """
    line = write(place, typed, version=version, by=by)
    if line is None:
        return False
    Change.objects.create(**line)
    return True


def write(place: Place, typed: dict[str, Any], *, version: int, by) -> dict[str, Any] | None:
    """As `save`, but the line of history is handed over, to be written last with all others.

    None where nothing was new.
    """
    actual = place.actual
    if place.refusal:
        raise place.refusal(actual)
    on_behalf = enters_on_behalf(by, place.target)
    saved = {"saved_by": by, "saved_at": timezone.now(), "on_behalf": on_behalf}
    if actual is None:
        blank = Actual(target=place.target, period=place.period)
        changed = differences(blank, typed)
        if not changed:
            return None
        kept = Actual.objects.create(target=place.target, period=place.period, **typed, **saved)
        act = Change.Act.ENTERED
    else:
        changed = differences(actual, typed)
        if not changed:
            return None
        # What was handed in and is changed again has to be handed in again.
        if actual.state in (Actual.State.SUBMITTED, Actual.State.RETURNED):
            saved["state"] = Actual.State.DRAFT
            changed["state"] = [actual.state, Actual.State.DRAFT]
        if version != actual.version and changed.keys() & set(FIELDS):
            raise Conflict(actual)
        still_so = Actual.objects.filter(pk=actual.pk, version=actual.version, state=actual.state)
        new = {name: typed[name] for name in changed if name in typed}
        if not still_so.update(**new, **saved, version=actual.version + 1):
            raise Conflict(Actual.objects.get(pk=actual.pk))
        kept = actual
        for name, value in {**new, **saved, "version": version + 1}.items():
            setattr(kept, name, value)
        act = Change.Act.CHANGED
    place.actuals[place.period.key] = kept
    return {
        **models.about(place.target),
        "period": place.period,
        "act": act,
        "changed": changed,
        "by": by,
        "by_name": str(by),
        "on_behalf": on_behalf,
        "at": saved["saved_at"],
    }


def differences(actual: Actual, typed: dict[str, Any]) -> dict[str, list[Any]]:
    """By field what stands and what was typed, as the history keeps them; empty: the same.

    The evidence is compared where it comes with what was typed; it is no field to type into.
    """
    return {
        name: [_told(getattr(actual, name)), _told(typed[name])]
        for name in (*FIELDS, EVIDENCE)
        if (name != EVIDENCE or name in typed) and getattr(actual, name) != typed[name]
    }


def _told(value) -> Any:
    """A figure as a decimal string, anything else as it is; nothing is None."""
    if isinstance(value, bool):
        return value
    if isinstance(value, Decimal):
        return plain(value)
    return value or None


def _entries(actuals: dict[str, Actual]) -> dict[str, Entry]:
    entries = {key: entry_of(actual) for key, actual in actuals.items()}
    return {key: entry for key, entry in entries.items() if says_something(entry)}


def _for_the_maths(target: models.Target) -> achievement.Target:
    return achievement.Target(
        key=target.key,
        measure=target.measure,
        accumulation=target.accumulation,
        direction=target.direction,
        value=target.value,
        of=target.denominator,
        cumulative=target.cumulative,
        baseline=target.baseline,
        linked_to=YEARLY.key if target.linked_to_id else "",
        ongoing=target.ongoing,
        starts_month=target.starts_month,
        ends_month=target.ends_month,
        nature=target.nature,
        plan={key: Decimal(due) for key, due in target.plan.items()},
        status=target.status,
        status_on=target.status_on,
        project_status=target.project.status,
        project_status_on=target.project.status_on,
    )
