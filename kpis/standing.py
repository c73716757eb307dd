"""Rules 1 and 2: the figure to date, and what was in force on a period's last day.

Written out in docs/calculation.md. Months are counted from April (0) to March (11).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from kpis.figures import Entries, Entry, Partner, Period, Status, Target

# The year in months: April is 0, March is 11 ------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Moment:
    """A period as the rules see it."""

    key: str
    ends: date
    first_month: int
    last_month: int
    passed: int  # months of the year whose last day is on or before the period's last, 0 to 12


@lru_cache(maxsize=64)
def moments_of(periods: tuple[Period, ...], fiscal_year: int) -> tuple[Moment, ...]:
    def month(day: date) -> int:
        return (day.year - fiscal_year) * 12 + day.month - 4

    in_order = sorted(periods, key=lambda period: (period.ends, period.starts))
    return tuple(
        Moment(
            key=period.key,
            ends=period.ends,
            first_month=month(period.starts),
            last_month=month(period.ends),
            passed=min(12, max(0, month(period.ends + timedelta(days=1)))),
        )
        for period in in_order
    )


def months_of(target: Target) -> tuple[int, int]:
    """The first and last month of its work; no start month: from April, no end month: to March."""
    first = (target.starts_month - 4) % 12 if target.starts_month else 0
    last = (target.ends_month - 4) % 12 if target.ends_month else 11
    return first, last if last >= first else 11


def share_passed(target: Target, passed: int) -> Fraction:
    """`s`: the share of the year, or of the target's own months, of which `passed` are over."""
    first, last = months_of(target)
    months = last - first + 1
    return Fraction(min(months, max(0, passed - first)), months)


def works_in(work: tuple[int, int], moment: Moment) -> bool:
    return work[0] <= moment.last_month and work[1] >= moment.first_month


# Rule 1: the figure to date -----------------------------------------------------------------------


@lru_cache(maxsize=8192)
def exact(value: Decimal) -> Fraction:
    return Fraction(value)


@dataclass(frozen=True, slots=True)
class ToDate:
    """`A`, and what has to be said beside it."""

    figure: Fraction | None = None
    provisional: bool = False
    incomplete: bool = False


NO_FIGURE = ToDate()


def sum_to_date(
    entries: Entries,
    moments: Sequence[Moment],
    work: tuple[int, int],
    onto: ToDate = NO_FIGURE,
) -> ToDate:
    """Rule 1, `sum`: the periods so far add up; says whether one before the last has no figure.

    `onto` is a figure that they are added to.
    """
    total, provisional = onto.figure, onto.provisional
    gap = incomplete = False
    for moment in moments:
        incomplete = incomplete or gap
        entry = entries.get(moment.key)
        if entry is not None and entry.value is not None:
            figure = exact(entry.value)
            total = figure if total is None else total + figure
            provisional = provisional or entry.provisional
        elif works_in(work, moment):
            gap = True
    return NO_FIGURE if total is None else ToDate(total, provisional, incomplete)


def latest_to_date(entries: Entries, moments: Sequence[Moment]) -> ToDate:
    """Rule 1, `latest`: the figure of the latest period that has one; a reason replaces nothing."""
    for moment in reversed(moments):
        entry = entries.get(moment.key)
        if entry is not None and entry.value is not None:
            return ToDate(exact(entry.value), entry.provisional)
    return NO_FIGURE


def linked_to_date(
    target: Target, entries: Entries, yearly: Entries, moments: Sequence[Moment]
) -> ToDate:
    """Rule 1, linked pair: B + the yearly sum; a typed total wins, and later periods add to it."""
    typed_at = next(
        (
            position
            for position in range(len(moments) - 1, -1, -1)
            if (entry := entries.get(moments[position].key)) and entry.value is not None
        ),
        None,
    )
    if typed_at is None:
        added = sum_to_date(yearly, moments, months_of(target))
        if target.baseline is None or added.figure is None:
            return NO_FIGURE
        return ToDate(exact(target.baseline) + added.figure, added.provisional, added.incomplete)
    typed = latest_to_date(entries, moments)
    return sum_to_date(yearly, moments[typed_at + 1 :], months_of(target), onto=typed)


def is_entry(target: Target, entry: Entry | None) -> bool:
    """Rule 1: a figure (a stage, for a milestone) or a reason is an entry; a note alone is none."""
    if entry is None:
        return False
    return has_figure(target, entry) or bool(entry.missing)


def has_figure(target: Target, entry: Entry) -> bool:
    return bool(entry.stage) if target.is_milestone else entry.value is not None


def entry_at(
    target: Target, entries: Entries, partner: Partner | None, moment: Moment
) -> Entry | None:
    """The entry of a period; a linked total's is the figure typed on it, else its partner's."""
    entry = entries.get(moment.key)
    if partner is not None and (entry is None or entry.value is None):
        entry = partner[1].get(moment.key)
    return entry if is_entry(target, entry) else None


def newest_stage(entries: Entries, moments: Sequence[Moment]) -> Entry | None:
    for moment in reversed(moments):
        entry = entries.get(moment.key)
        if entry is not None and entry.stage:
            return entry
    return None


# Rule 2: what was in force on the period's last day -----------------------------------------------


def value_in_force(target: Target, on: date) -> Decimal | None:
    """Rule 2: a revision dated on the day counts, a later one does not."""
    if target.revisions:
        for revision in sorted(target.revisions, key=lambda revision: revision.on):
            if revision.on > on:
                return revision.old
    return target.value


def original_value(target: Target, on: date) -> Decimal | None:
    """Rule 2: the value before any revision, where one is in force on the day."""
    if target.revisions:
        first = min(target.revisions, key=lambda revision: revision.on)
        if first.on <= on:
            return first.old
    return None


@dataclass(frozen=True, slots=True)
class Dropped:
    """Since when a target is given up, and whether its whole project is."""

    status: Status
    since: date | None
    with_project: bool


def dropped_since(target: Target, ends: date) -> Dropped | None:
    """Rule 2: cancelled or postponed from the period of its date; the project's over its own."""
    for status, since, with_project in (
        (target.project_status, target.project_status_on, True),
        (target.status, target.status_on, False),
    ):
        if status != "active" and (since is None or since <= ends):
            return Dropped(Status(status), since, with_project)
    return None


def dropped_by(target: Target, moment: Moment) -> Status | None:
    """The same at the end of a period; only its status."""
    dropped = dropped_since(target, moment.ends)
    return None if dropped is None else dropped.status


def denominators(
    target: Target, entries: Entries, moments: Sequence[Moment]
) -> tuple[Fraction | None, Fraction | None]:
    """`m` and `m_T`: the newest reported denominator, else the planned one, and the planned one."""
    if target.measure != "ratio":
        return None, None
    planned = None if target.of is None else exact(target.of)
    for moment in reversed(moments):
        entry = entries.get(moment.key)
        if entry is not None and entry.of is not None:
            return exact(entry.of), planned
    return planned, planned
