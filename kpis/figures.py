"""What the achievement maths reads and gives: targets and entries in, results out.

The rules themselves are in kpis/achievement.py; docs/calculation.md explains the words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cached_property


class Status(StrEnum):
    """What the machine says of a target at the end of a period (rule 5)."""

    ACHIEVED = "achieved"
    ON_TRACK = "on_track"
    SLIGHTLY_BEHIND = "slightly_behind"
    BEHIND = "behind"
    NEARLY_ACHIEVED = "nearly_achieved"
    NOT_ACHIEVED = "not_achieved"
    NOT_JUDGED = "not_judged"
    NOT_ENTERED = "not_entered"
    CANCELLED = "cancelled"
    POSTPONED = "postponed"


class Stage(StrEnum):
    """How far a milestone has come, in the place of a figure."""

    NOT_STARTED = "not_started"
    PREPARING = "preparing"
    UNDER_WAY = "under_way"
    DONE = "done"


class Missing(StrEnum):
    """Why an entry has no figure. A reason is an entry, and no zero."""

    PENDING = "pending"
    NOT_SURVEYED = "not_surveyed"
    NOT_APPLICABLE = "not_applicable"
    SUPPRESSED = "suppressed"


class Why(StrEnum):
    """Why a target is `not_judged`, where the entry is not itself a reason (`Missing`)."""

    STARTS_LATER = "starts_later"  # its work starts after the period
    BEFORE_PLAN = "before_plan"  # its first planned point is still to come
    AT_YEAR_END = "at_year_end"  # nothing is expected of it during the year
    INCOMPLETE = "incomplete"  # an upper limit, and a period of its work has no figure
    NO_RATE = "no_rate"  # a denominator of nothing, no target value, or no figure to set off from


@dataclass(frozen=True, slots=True)
class Period:
    """A reporting period of the policy, both days included."""

    key: str
    starts: date
    ends: date


@dataclass(frozen=True, slots=True)
class Entry:
    """What was reported for one target and period: a figure, a stage, or a reason for neither.

    `of` is a denominator reported otherwise than planned, always that of the whole year.
    With none of `value`, `stage` and `missing` it is a note alone, and no entry.
    """

    value: Decimal | None = None
    of: Decimal | None = None
    stage: str | None = None
    missing: str | None = None
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class Revision:
    """From the day `on`, the target value was `new` and no longer `old`."""

    on: date
    old: Decimal
    new: Decimal


@dataclass(frozen=True, slots=True)
class Target:
    """One measurable promise, in the words of the policy document.

    `value` is the one in force after every revision. `starts_month` and `ends_month` are calendar
    months (4 to 12, then 1 to 3), or none: from April, to March. `plan` says how much is due, in
    all, by the end of a period. A `status` without a date counts for the whole year.
    """

    key: str
    measure: str  # number, ratio, percentage, milestone
    accumulation: str = ""  # sum, latest; a milestone has none
    direction: str = "at_least"  # or at_most
    value: Decimal | None = None
    of: Decimal | None = None
    cumulative: bool = False
    baseline: Decimal | None = None
    linked_to: str = ""
    ongoing: bool = False
    starts_month: int | None = None
    ends_month: int | None = None
    nature: str = ""  # activity, outcome, or nobody has said
    plan: Mapping[str, Decimal] = field(default_factory=dict)
    status: str = "active"  # or cancelled, postponed
    status_on: date | None = None
    project_status: str = "active"
    project_status_on: date | None = None
    revisions: Sequence[Revision] = ()
    project: str = ""
    pillar: str = ""
    section: str = ""

    @property
    def is_milestone(self) -> bool:
        return self.measure == "milestone"

    @property
    def is_sum(self) -> bool:
        """Do the periods add up? (A running total is a `latest` by nature.)"""
        return self.accumulation == "sum" and not self.cumulative

    @property
    def is_limit(self) -> bool:
        """Is the target an upper limit (〜以下)?"""
        return self.direction == "at_most"


Entries = Mapping[str, Entry]  # by period key
Partner = tuple[Target, Entries]  # the yearly target that a cumulative one follows from


@dataclass(frozen=True)
class Grades:
    """The bounds of a policy, in percent: `achieved` from, and the two lower ones of rule 5."""

    achieved: Decimal | Fraction | int = 100
    pace: Decimal | Fraction | int = 80
    rate: Decimal | Fraction | int = 80

    @cached_property
    def achieved_from(self) -> Fraction:
        return Fraction(self.achieved) / 100

    @cached_property
    def slightly_behind_from(self) -> Fraction:
        return Fraction(self.pace) / 100

    @cached_property
    def nearly_achieved_from(self) -> Fraction:
        return Fraction(self.rate) / 100


DEFAULT_GRADES = Grades()


@dataclass(frozen=True, slots=True)
class Formula:
    """How a rate was worked out: which formula, on which figures.

    `key`: share (A/T), nothing_asked (T is 0), within and over (an upper limit, T/A beyond it),
    covered ((A−B)/(T−B)), kept, slipped and lost (the baseline met the target already).
    `values`: A and T; B where the formula has one; m and m_T (the planned denominator) where the
    reported one differs. Of a pace, T is the expected figure.
    """

    key: str
    values: Mapping[str, Fraction]


@dataclass(frozen=True, slots=True)
class Result:
    """One target at the end of one period. Rates are fractions of 1; None is "there is none"."""

    key: str
    status: Status
    to_date: Fraction | None = None
    rate: Fraction | None = None
    overall_rate: Fraction | None = None  # of a cumulative total with a baseline: A/T
    expected: Fraction | None = None
    pace: Fraction | None = None
    target_value: Fraction | None = None  # in force
    original_value: Fraction | None = None  # before any revision; None where none is in force
    original_rate: Fraction | None = None
    stage: str | None = None  # a milestone's newest
    missing: str | None = None  # the reason, where this period's entry is one
    denominator: Fraction | None = None  # of a ratio: the newest reported, else the planned one
    entered: bool = False
    due: bool = False
    judged: bool = False
    in_mean: bool = False
    within_allowance: bool = False  # a running upper limit at 100 %: reads 枠内
    incomplete: bool = False  # A lacks the figure of an earlier period
    provisional: bool = False  # A or the stage rests on a 見込 figure
    overall_only: bool = False  # a cumulative total without a baseline
    linked: bool = False  # follows from a yearly target, which counts for both (rule 7)
    year_end: bool = False
    why: str = ""  # a Why or a Missing, where the status is not_judged
    formula: Formula | None = None  # of the rate
    pace_formula: Formula | None = None
