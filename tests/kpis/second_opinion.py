"""The achievement maths once more: slow, naive, and written apart from kpis/achievement.py.

Rules 1 to 7 one after the other, each clause beside its number, nothing shared with the product
but the dataclasses. It asks the same question anew wherever it needs an answer and keeps nothing,
so that what it says can be checked against the rule by reading. test_second_opinion.py lets the two
judge the same random targets.

Where a rule leaves a choice, the reading taken here is marked "Reading:".
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from kpis.figures import Entry, Grades, Period, Revision, Status, Target

WHOLE = Fraction(1)
NOTHING = Fraction(0)


@dataclass(frozen=True)
class Opinion:
    """What rules 1 to 6 say of one target at the end of one period."""

    status: Status
    to_date: Fraction | None
    rate: Fraction | None
    overall_rate: Fraction | None
    expected: Fraction | None
    pace: Fraction | None
    target_value: Fraction | None
    original_value: Fraction | None
    original_rate: Fraction | None
    stage: str | None
    missing: str | None
    denominator: Fraction | None
    entered: bool
    due: bool
    judged: bool
    in_mean: bool
    within_allowance: bool
    incomplete: bool
    provisional: bool
    overall_only: bool
    why: str


@dataclass(frozen=True)
class Case:
    """One question: this target, with these entries, at the end of this period.

    `year_end` is the key of the policy's last period, or of the period that is taken for it.
    """

    target: Target
    entries: Mapping[str, Entry]
    periods: tuple[Period, ...]
    period: Period
    year_end: str
    fiscal_year: int
    grades: Grades
    yearly: Mapping[str, Entry] | None  # the entries of the linked yearly target


def second_opinion(
    target: Target,
    entries: Mapping[str, Entry],
    *,
    periods: Sequence[Period],
    period: str,
    fiscal_year: int,
    grades: Grades | None = None,
    yearly: Mapping[str, Entry] | None = None,
) -> Opinion:
    in_order = tuple(sorted(periods, key=lambda each: each.starts))
    (asked,) = [each for each in in_order if each.key == period]
    case = Case(
        target,
        entries,
        in_order,
        asked,
        in_order[-1].key,
        fiscal_year,
        grades or Grades(),
        yearly,
    )
    status, why = status_of(case)
    value = value_in_force(case)
    entry = entry_of(case, case.period)
    return Opinion(
        status=status,
        to_date=to_date(case),
        rate=rate(case, value),
        overall_rate=overall_rate(case),
        expected=expected(case),
        pace=pace(case),
        target_value=value,
        original_value=original_value(case),
        original_rate=rate(case, original_value(case)),
        stage=stage(case),
        missing=entry.missing if entry is not None else None,
        denominator=denominator(case),
        entered=is_entered(case),
        due=is_due(case),
        judged=is_judged(case),
        in_mean=is_in_mean(case),
        within_allowance=is_within_allowance(case),
        incomplete=is_incomplete(case),
        provisional=is_provisional(case),
        overall_only=is_total(case) and case.target.baseline is None,
        why=why,
    )


# --- The calendar -----------------------------------------------------------------------------


def first_day(fiscal_year: int, month: int) -> date:
    """Of a month of the fiscal year: April is its first, January is in the next calendar year."""
    return date(fiscal_year if month >= 4 else fiscal_year + 1, month, 1)


def last_day(fiscal_year: int, month: int) -> date:
    first = first_day(fiscal_year, month)
    return first.replace(day=calendar.monthrange(first.year, month)[1])


MONTHS = (4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3)


def months_of_its_own(case: Case) -> list[int]:
    """From its start month (else April) to its end month (else March)."""
    begin = MONTHS.index(case.target.starts_month or 4)
    end = MONTHS.index(case.target.ends_month or 3)
    return list(MONTHS[begin : end + 1])


def have_passed(case: Case, months: Sequence[int], period: Period) -> int:
    """A month has passed when its last day is on or before the period's last."""
    return len([month for month in months if last_day(case.fiscal_year, month) <= period.ends])


def share_of_its_months(case: Case) -> Fraction:
    """s"""
    months = months_of_its_own(case)
    return Fraction(have_passed(case, months, case.period), len(months))


def starts_after(case: Case, period: Period) -> bool:
    return first_day(case.fiscal_year, months_of_its_own(case)[0]) > period.ends


def ended_before(case: Case, period: Period) -> bool:
    return last_day(case.fiscal_year, months_of_its_own(case)[-1]) < period.starts


def runs_in(case: Case, period: Period) -> bool:
    """Does its work run in the period? (It neither starts after it nor ended before it.)"""
    return not starts_after(case, period) and not ended_before(case, period)


def periods_so_far(case: Case) -> list[Period]:
    return [each for each in case.periods if each.ends <= case.period.ends]


def is_year_end(case: Case) -> bool:
    return case.period.key == case.year_end


# --- What kind of target it is -----------------------------------------------------------------


def is_milestone(case: Case) -> bool:
    return case.target.measure == "milestone"


def is_total(case: Case) -> bool:
    """A running total since before this year, a latest by nature."""
    return not is_milestone(case) and case.target.cumulative


def is_sum(case: Case) -> bool:
    return not is_milestone(case) and not is_total(case) and case.target.accumulation == "sum"


def is_linked(case: Case) -> bool:
    return is_total(case) and case.yearly is not None


def at_most(case: Case) -> bool:
    return case.target.direction == "at_most"


def baseline(case: Case) -> Fraction | None:
    return None if case.target.baseline is None else Fraction(case.target.baseline)


# --- Rule 1: to date ----------------------------------------------------------------------------


def entry_in(entries: Mapping[str, Entry], period: Period) -> Entry | None:
    """1: a note alone is no entry."""
    entry = entries.get(period.key)
    if entry is None:
        return None
    if entry.value is None and entry.stage is None and entry.missing is None:
        return None
    return entry


def figure_in(entries: Mapping[str, Entry], period: Period) -> Fraction | None:
    """1: an entered zero is a zero; a reason is not a figure."""
    entry = entry_in(entries, period)
    if entry is None or entry.value is None:
        return None
    return Fraction(entry.value)


def entry_of(case: Case, period: Period) -> Entry | None:
    """1: of a linked total the figure typed on it, else its partner's entry."""
    if is_linked(case):
        assert case.yearly is not None
        if figure_in(case.entries, period) is not None:
            return case.entries[period.key]
        return entry_in(case.yearly, period)
    return entry_in(case.entries, period)


def to_date(case: Case) -> Fraction | None:
    if is_milestone(case):
        return None
    if is_linked(case):
        return linked_to_date(case)
    if is_sum(case):
        # 1: the sum of the figures of the periods so far; nothing entered is no figure
        return sum_of(case.entries, periods_so_far(case))
    # 1: the figure of the latest period so far that has one
    for each in reversed(periods_so_far(case)):
        figure = figure_in(case.entries, each)
        if figure is not None:
            return figure
    return None


def sum_of(entries: Mapping[str, Entry], periods: Sequence[Period]) -> Fraction | None:
    figures = [figure_in(entries, each) for each in periods]
    entered = [figure for figure in figures if figure is not None]
    return sum(entered, NOTHING) if entered else None


def linked_to_date(case: Case) -> Fraction | None:
    assert case.yearly is not None
    so_far = periods_so_far(case)
    typed_in = last_typed(case)
    if typed_in is not None:
        # 1: a typed figure wins for its period, and later periods add the yearly figures since
        typed = figure_in(case.entries, typed_in)
        assert typed is not None
        since = [each for each in so_far if each.starts > typed_in.starts]
        return typed + (sum_of(case.yearly, since) or NOTHING)
    # 1: B and the sum of its yearly partner; without B and without an own figure there is none
    start, this_year = baseline(case), sum_of(case.yearly, so_far)
    if start is None or this_year is None:
        return None
    return start + this_year


def last_typed(case: Case) -> Period | None:
    """The latest period so far with a figure typed on the linked total itself."""
    typed = [each for each in periods_so_far(case) if figure_in(case.entries, each) is not None]
    return typed[-1] if typed else None


def is_provisional(case: Case) -> bool:
    """A figure says so that is 見込: here whether any figure (or the stage) it rests on is one."""
    so_far = periods_so_far(case)
    resting_on: list[Entry] = []
    if is_milestone(case):
        stages = [entry_in(case.entries, each) for each in so_far]
        resting_on = [entry for entry in stages if entry is not None and entry.stage][-1:]
    elif is_linked(case):
        assert case.yearly is not None
        typed_in = last_typed(case)
        if typed_in is not None:
            resting_on = [case.entries[typed_in.key]]
            so_far = [each for each in so_far if each.starts > typed_in.starts]
        if to_date(case) is not None:
            resting_on += with_figures(case.yearly, so_far)
    elif is_sum(case):
        resting_on = with_figures(case.entries, so_far)
    else:
        resting_on = with_figures(case.entries, so_far)[-1:]
    return any(entry.provisional for entry in resting_on)


def with_figures(entries: Mapping[str, Entry], periods: Sequence[Period]) -> list[Entry]:
    return [entries[each.key] for each in periods if figure_in(entries, each) is not None]


def stage(case: Case) -> str | None:
    """3: a milestone has a stage; its newest, since a reason does not replace one."""
    if not is_milestone(case):
        return None
    for each in reversed(periods_so_far(case)):
        entry = entry_in(case.entries, each)
        if entry is not None and entry.stage is not None:
            return entry.stage
    return None


# --- Rule 2: the target in force ----------------------------------------------------------------


def in_date_order(case: Case) -> list[Revision]:
    return sorted(case.target.revisions, key=lambda revision: revision.on)


def value_in_force(case: Case) -> Fraction | None:
    """2: the value at the end of the period; a revision dated on its last day counts."""
    if is_milestone(case) or case.target.value is None:
        return None
    value = Fraction(case.target.value)
    for revision in reversed(in_date_order(case)):
        if revision.on > case.period.ends:
            value = Fraction(revision.old)
    return value


def original_value(case: Case) -> Fraction | None:
    """2: the original stands beside it, where a revision is in force."""
    if is_milestone(case):
        return None
    if not any(revision.on <= case.period.ends for revision in case.target.revisions):
        return None
    return Fraction(in_date_order(case)[0].old)


def given_up(case: Case) -> Status | None:
    """2 and 5: cancelled or postponed, from the period the date falls in, undated all year.

    The project's counts for its targets, over their own.
    """
    target = case.target
    for status, on in (
        (target.project_status, target.project_status_on),
        (target.status, target.status_on),
    ):
        if status in ("cancelled", "postponed") and (on is None or on <= case.period.ends):
            return Status(status)
    return None


# --- Rule 3: the rate ----------------------------------------------------------------------------


def denominator(case: Case) -> Fraction | None:
    """3: of a ratio, the newest reported one, else the planned one."""
    if case.target.measure != "ratio":
        return None
    m = None if case.target.of is None else Fraction(case.target.of)
    for each in periods_so_far(case):
        entry = entry_in(case.entries, each)
        if entry is not None and entry.of is not None:
            m = Fraction(entry.of)
    return m


def scaled(
    case: Case, amount: Fraction | None
) -> tuple[Fraction, Fraction, Fraction | None] | None:
    """A, T (or what stands in its place) and B as the formulas take them; None gives no rate.

    3: a ratio whose denominator was reported otherwise than planned has A/m, T/m_T and B/m_T;
    m = 0 gives no rate, whatever T.
    """
    a, b = to_date(case), baseline(case)
    if a is None or amount is None:
        return None
    if case.target.measure != "ratio":
        return a, amount, b
    m, planned = denominator(case), case.target.of
    if m == 0 or planned == 0:
        return None
    if m is None or planned is None or m == Fraction(planned):
        return a, amount, b
    m_t = Fraction(planned)
    return a / m, amount / m_t, None if b is None else b / m_t


def rate(case: Case, amount: Fraction | None) -> Fraction | None:
    """3: the achievement rate against `amount`: T, the original T, or the expected figure."""
    if is_milestone(case):
        return None
    figures = scaled(case, amount)
    if figures is None:
        return None
    a, t, b = figures
    if is_sum(case):
        b = None  # 3: a baseline is for a latest only
    result = rate_without_baseline(case, a, t) if b is None else rate_with_baseline(case, a, t, b)
    return max(result, NOTHING)  # 3: never below 0


def rate_without_baseline(case: Case, a: Fraction, t: Fraction) -> Fraction:
    if at_most(case):
        # 3: 100 % while A ≤ T, else T/A
        return WHOLE if a <= t else t / a
    # 3: A/T; with T = 0 100 % once something was entered
    return WHOLE if t == 0 else a / t


def rate_with_baseline(case: Case, a: Fraction, t: Fraction, b: Fraction) -> Fraction:
    if not meets(case, b, t):
        return (a - b) / (t - b)  # 3: the share of the way covered
    # 3: where the baseline meets the target already
    if meets(case, a, t):
        return WHOLE
    if t > 0 and a > 0:
        return rate_without_baseline(case, a, t)
    return NOTHING


def meets(case: Case, figure: Fraction, amount: Fraction) -> bool:
    return figure <= amount if at_most(case) else figure >= amount


def overall_rate(case: Case) -> Fraction | None:
    """3: a cumulative total with a baseline shows A/T beside its rate; without one it is null.

    Reading: A/T for either direction. With T = 0 as in the formula without a baseline, and none
    where that has none: for an upper limit of 0, and for a T below 0.
    """
    if not is_total(case) or case.target.baseline is None:
        return None
    figures = scaled(case, value_in_force(case))
    if figures is None:
        return None
    a, t, _ = figures
    if t < 0 or (t == 0 and at_most(case)):
        return None
    return max(WHOLE if t == 0 else a / t, NOTHING)


# --- Rule 4: expected by now ---------------------------------------------------------------------


def expected(case: Case) -> Fraction | None:
    target, t, b = case.target, value_in_force(case), baseline(case)
    if is_milestone(case) or t is None:
        return None
    if given_up(case) is not None:
        return None  # 4: a cancelled or postponed target has neither
    if starts_after(case, case.period):
        return None  # 4: nothing before the target's first month
    if target.plan:
        return expected_by_plan(case, t)
    if is_sum(case):
        return t * share_of_its_months(case)
    # Its B, not its A, decides, in the planned terms of both.
    if b is not None and not meets(case, b, t):
        return b + (t - b) * share_of_its_months(case)
    if is_total(case) and b is None:
        return None  # 4: at year end too
    return t


def expected_by_plan(case: Case, t: Fraction) -> Fraction | None:
    """4: the straight line between the nearest points, by calendar months.

    Reading: a plan for the last period alone is a plan still: T stands in its place, and a latest
    without B is expected to do nothing before.
    """
    points: dict[int, Fraction] = {}
    if is_sum(case):
        points[0] = NOTHING
    elif case.target.baseline is not None:
        points[0] = Fraction(case.target.baseline)
    for each in case.periods:
        if each.key in case.target.plan:
            points[have_passed(case, MONTHS, each)] = Fraction(case.target.plan[each.key])
    (last,) = [each for each in case.periods if each.key == case.year_end]
    points[have_passed(case, MONTHS, last)] = t  # T at year end wins over a plan for it
    now = have_passed(case, MONTHS, case.period)
    before = [at for at in points if at <= now]
    after = [at for at in points if at >= now]
    if not before or not after:
        return None
    left, right = max(before), min(after)
    if left == right:
        return points[left]
    along = Fraction(now - left, right - left)
    return points[left] + (points[right] - points[left]) * along


def pace(case: Case) -> Fraction | None:
    """4: the rate's own formula with the expected figure in the place of T.

    Reading: in every place, also where the rule asks whether the baseline meets the target already.
    """
    return rate(case, expected(case))


# --- Rule 5: status ------------------------------------------------------------------------------


def status_of(case: Case) -> tuple[Status, str]:
    """5: the first that fits, and the reason behind a `not_judged`."""
    stopped = given_up(case)
    if stopped is not None:
        return stopped, ""
    if is_done(case):
        return Status.ACHIEVED, ""
    entry = entry_of(case, case.period)
    if entry is None:
        return status_without_entry(case)
    if entry.missing is not None:
        return Status.NOT_JUDGED, entry.missing
    if is_milestone(case):
        return status_of_milestone(case, entry), ""
    return status_of_figure(case)


def is_done(case: Case) -> bool:
    """5: done in this period or an earlier one, with no later entry of another stage."""
    return is_milestone(case) and stage(case) == "done"


def status_without_entry(case: Case) -> tuple[Status, str]:
    if starts_after(case, case.period):
        return Status.NOT_JUDGED, "starts_later"
    latest = period_of_latest_entry(case)
    if ended_before(case, case.period) and latest is not None:
        return status_of(at_its_end(case, latest))
    return Status.NOT_ENTERED, ""


def period_of_latest_entry(case: Case) -> Period | None:
    having = [each for each in periods_so_far(case) if entry_of(case, each) is not None]
    return having[-1] if having else None


def at_its_end(case: Case, period: Period) -> Case:
    """The same target at the end of that period, as though the year ended there."""
    return Case(
        case.target,
        case.entries,
        case.periods,
        period,
        period.key,
        case.fiscal_year,
        case.grades,
        case.yearly,
    )


def status_of_milestone(case: Case, entry: Entry) -> Status:
    months = months_of_its_own(case)
    if is_year_end(case):
        if case.target.ongoing and entry.stage == "under_way":
            return Status.ACHIEVED
        return Status.NOT_ACHIEVED
    if not case.target.ongoing and have_passed(case, months[-1:], case.period):
        return Status.BEHIND
    # Reading: work without a start month starts in April.
    if entry.stage == "not_started" and have_passed(case, months[:1], case.period):
        return Status.BEHIND
    return Status.ON_TRACK


def status_of_figure(case: Case) -> tuple[Status, str]:
    grades = case.grades
    achieved = rate(case, value_in_force(case))
    if at_most(case) and (is_sum(case) or is_total(case)):
        if is_year_end(case):
            if not has_all_figures(case) and not is_above(case):
                return Status.NOT_JUDGED, "incomplete"
            if achieved is not None and reaches_bound(case, achieved):
                return Status.ACHIEVED, ""
    elif achieved is not None and reaches_bound(case, achieved):
        return Status.ACHIEVED, ""
    if not is_year_end(case):
        speed = pace(case)
        if speed is None:
            return Status.NOT_JUDGED, why_no_pace(case, achieved)
        if speed >= 1:
            return Status.ON_TRACK, ""
        if speed >= Fraction(grades.pace) / 100:
            return Status.SLIGHTLY_BEHIND, ""
        return Status.BEHIND, ""
    if achieved is None:
        return Status.NOT_JUDGED, "no_rate"
    if achieved >= Fraction(grades.rate) / 100:
        return Status.NEARLY_ACHIEVED, ""
    return Status.NOT_ACHIEVED, ""


def why_no_pace(case: Case, achieved: Fraction | None) -> str:
    """In the words of `Why`: no rate at all, or a rate and nothing expected yet."""
    if achieved is None:
        return "no_rate"
    if starts_after(case, case.period):
        return "starts_later"
    return "before_plan" if case.target.plan else "at_year_end"


def is_above(case: Case) -> bool:
    """5: is an upper limit above T already?"""
    figures = scaled(case, value_in_force(case))
    return figures is not None and figures[0] > figures[1]


def has_all_figures(case: Case) -> bool:
    """5: an upper limit on a sum, or on a linked total, wants one in every period its work runs in.

    Reading: also in those after its latest entry, where the work ended before the period; and, as
    the rule has it, also where a later figure was typed on the linked total. Any other total has
    the last period's figure when it comes here: without an entry it is `not_entered`, and "if that
    were the year end" the period of its latest entry is the last.
    """
    if not is_sum(case) and not is_linked(case):
        return figure_of(case, case.period) is not None
    owed = [each for each in case.periods if runs_in(case, each)]
    return all(figure_of(case, each) is not None for each in owed)


def figure_of(case: Case, period: Period) -> Fraction | None:
    entry = entry_of(case, period)
    return None if entry is None or entry.value is None else Fraction(entry.value)


def reaches_bound(case: Case, achieved: Fraction) -> bool:
    """5: from the policy's bound; where the formula cannot exceed 100 % it is achieved at 100.

    Reading: "whatever the bound", so that one below 100 does not let a limit be passed.
    """
    if cannot_exceed_the_whole(case):
        return achieved >= WHOLE
    return achieved >= Fraction(case.grades.achieved) / 100


def cannot_exceed_the_whole(case: Case) -> bool:
    """Reading: neither can "16 of 16", since A above m is refused."""
    figures = scaled(case, value_in_force(case))
    assert figures is not None
    _, t, b = figures
    if case.target.measure == "ratio" and case.target.of is not None:
        planned = Fraction(case.target.of)
        if value_in_force(case) == planned:
            return True
    if b is not None and not is_sum(case):
        return meets(case, b, t)
    return at_most(case) or t == 0


# --- Rule 6: display -----------------------------------------------------------------------------


def shown(fraction: Fraction) -> str:
    """6: one decimal, half up; short of 100 % never 100.0."""
    tenths = int(fraction * 1000 + Fraction(1, 2))
    if fraction < 1:
        tenths = min(tenths, 999)
    return f"{tenths // 10}.{tenths % 10}"


def is_within_allowance(case: Case) -> bool:
    """6: while an upper limit on a sum runs, its 100 % reads 枠内.

    Reading: it runs until the year end, or until its own months had ended before the period.
    """
    return (
        at_most(case)
        and is_sum(case)
        and not is_year_end(case)
        and not ended_before(case, case.period)
        and given_up(case) is None
        and rate(case, value_in_force(case)) == 1
    )


def is_incomplete(case: Case) -> bool:
    """6: a sum says so when an earlier period is missing or without a figure.

    Reading: a period its work runs in (it owes nothing for the others); a linked total that rests
    on such a sum says so too, from the last figure typed on it.
    """
    if to_date(case) is None:
        return False
    earlier = [
        each for each in case.periods if each.ends < case.period.starts and runs_in(case, each)
    ]
    if is_sum(case):
        return any(figure_in(case.entries, each) is None for each in earlier)
    if is_linked(case):
        assert case.yearly is not None
        typed_in = last_typed(case)
        return any(
            figure_in(case.yearly, each) is None
            for each in earlier
            if typed_in is None or each.starts > typed_in.starts
        )
    return False


# --- Rule 7: roll-up -----------------------------------------------------------------------------


def is_due(case: Case) -> bool:
    if given_up(case) is not None:
        return False
    return (
        not starts_after(case, case.period)
        or entry_of(case, case.period) is not None
        or is_done(case)
    )


def is_entered(case: Case) -> bool:
    return is_due(case) and (
        entry_of(case, case.period) is not None
        or is_done(case)
        or (ended_before(case, case.period) and period_of_latest_entry(case) is not None)
    )


def is_judged(case: Case) -> bool:
    return is_entered(case) and status_of(case)[0] is not Status.NOT_JUDGED


def is_in_mean(case: Case) -> bool:
    """7: whose rate the mean covers; of a linked pair the yearly target's."""
    if is_linked(case):
        return False
    entry = entry_of(case, case.period)
    if rate(case, value_in_force(case)) is None or is_milestone(case):
        return False
    if given_up(case) is not None:
        return False
    if is_total(case) and case.target.baseline is None:
        return False
    if entry is not None and entry.missing is not None:
        return False
    if at_most(case) and (is_sum(case) or is_total(case)):
        return is_year_end(case) and is_judged(case)
    return True


@dataclass(frozen=True)
class Together:
    counts: Mapping[Status, int]
    achieved: int
    judged: int
    entered: int
    due: int
    mean: Fraction | None
    mean_of: int
    by_nature: Mapping[str, tuple[Fraction | None, int]]


def together(opinions: Sequence[tuple[Target, Opinion]]) -> Together:
    """7: a linked pair counts once, by its yearly target."""
    counting = [(target, opinion) for target, opinion in opinions if not target.linked_to]
    by_nature = {
        nature: mean([o for t, o in counting if (t.nature or "unsaid") == nature])
        for nature in ("activity", "outcome", "unsaid")
    }
    all_of_them = [opinion for _, opinion in counting]
    overall, covered = mean(all_of_them)
    return Together(
        counts={
            status: len([each for each in all_of_them if each.status is status])
            for status in Status
        },
        achieved=len([each for each in all_of_them if each.status is Status.ACHIEVED]),
        judged=len([each for each in all_of_them if each.judged]),
        entered=len([each for each in all_of_them if each.entered]),
        due=len([each for each in all_of_them if each.due]),
        mean=overall,
        mean_of=covered,
        by_nature=by_nature,
    )


def mean(opinions: Sequence[Opinion]) -> tuple[Fraction | None, int]:
    """7: of min(rate, 100 %); no mean of nothing."""
    rates = [min(each.rate, WHOLE) for each in opinions if each.in_mean and each.rate is not None]
    return (sum(rates, NOTHING) / len(rates) if rates else None), len(rates)


WORST_FIRST: tuple[frozenset[Status], ...] = (
    frozenset({Status.BEHIND, Status.NOT_ACHIEVED}),
    frozenset({Status.NOT_ENTERED}),
    frozenset({Status.SLIGHTLY_BEHIND, Status.NEARLY_ACHIEVED}),
    frozenset({Status.ON_TRACK}),
    frozenset({Status.ACHIEVED}),
    frozenset({Status.NOT_JUDGED}),
    frozenset({Status.POSTPONED}),
    frozenset({Status.CANCELLED}),
)


def rank(status: Status) -> int:
    """A project's status is the worst of its targets."""
    (place,) = [place for place, those in enumerate(WORST_FIRST) if status in those]
    return place
