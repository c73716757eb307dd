"""達成度の計算 (the achievement maths): what a target's figures are worth at the end of a period.

Rule 1  to date    a sum adds up, a latest stands; nothing entered is no figure, and never zero
Rule 2  in force   the target, the cancellation and the denominator as they stood on the last day
Rule 3  rate       how much of the target is reached; with a baseline, how much of the way
Rule 4  expected   how much was due by now, and the pace: the rate against that
Rule 5  status     the first of the list that fits, judged on exact values
Rule 6  display    kpis/wording.py: one decimal, half up; short of 100 % never reads 100.0
Rule 7  roll-up    kpis/rollup.py: counts first, a mean second, and always of how many

Rules 1 and 2 are in kpis/standing.py, 3 and 4 in kpis/rates.py, 5 is here, where they are joined.
They are numbered as in docs/calculation.md, whose worked examples are the test table.
`T` is the target value, `B` the baseline, `A` the figure to date, `m` the denominator. Figures are
`Fraction` from the first line to the last; only rule 6 rounds, for a reader. Nothing here knows
the database, the framework or today's date.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from kpis.figures import (
    DEFAULT_GRADES,
    Entries,
    Entry,
    Formula,
    Grades,
    Missing,
    Partner,
    Period,
    Result,
    Revision,
    Stage,
    Status,
    Target,
    Why,
)
from kpis.rates import (
    CAPPED,
    ONE,
    comparable_figure,
    expected_by,
    formula_of,
    overall_rate,
    rate_of,
)
from kpis.rollup import RollUp, project_status, roll_up
from kpis.standing import (
    Moment,
    denominators,
    dropped_by,
    entry_at,
    exact,
    has_figure,
    latest_to_date,
    linked_to_date,
    moments_of,
    months_of,
    newest_stage,
    original_value,
    sum_to_date,
    value_in_force,
    works_in,
)
from kpis.wording import decimal_text, explain, explain_pace, percent

__all__ = [  # what other modules import from here
    "DEFAULT_GRADES",
    "Entries",
    "Entry",
    "Formula",
    "Grades",
    "Missing",
    "Partner",
    "Period",
    "Result",
    "Revision",
    "RollUp",
    "Stage",
    "Status",
    "Target",
    "Why",
    "decimal_text",
    "explain",
    "explain_pace",
    "judge",
    "judge_all",
    "percent",
    "project_status",
    "roll_up",
]


# Rule 5: the status -------------------------------------------------------------------------------

#: The version of the rules: raised whenever one of them gives another result than before. A
#: frozen copy of results keeps it (reviews/frozen.py).
VERSION = "1"


def _milestone_status(target: Target, stage: str | None, now: Moment, year_end: bool) -> Status:
    """Rule 5, milestones that are not done."""
    first, last = months_of(target)
    if year_end:
        carried_on = target.ongoing and stage == Stage.UNDER_WAY
        return Status.ACHIEVED if carried_on else Status.NOT_ACHIEVED
    too_late = last < now.passed and not target.ongoing
    unstarted = stage == Stage.NOT_STARTED and first < now.passed
    return Status.BEHIND if too_late or unstarted else Status.ON_TRACK


def _is_complete(
    target: Target, entries: Entries, partner: Partner | None, moments: Sequence[Moment]
) -> bool:
    """Rule 5, upper limits: has every period that the target's work runs in a figure?"""
    work = months_of(target)
    return all(
        (entry := entry_at(target, entries, partner, moment)) and entry.value is not None
        for moment in moments
        if works_in(work, moment)
    )


def _unjudged(
    target: Target,
    entries: Entries,
    partner: Partner | None,
    moments: Sequence[Moment],
    index: int,
    grades: Grades,
) -> tuple[Status, str] | None:
    """Rule 5, no entry for the period, or a reason; None where there is a figure to judge."""
    now = moments[index]
    entry = entry_at(target, entries, partner, now)
    if entry is not None:
        return None if has_figure(target, entry) else (Status.NOT_JUDGED, entry.missing or "")
    first, last = months_of(target)
    if first > now.last_month:
        return Status.NOT_JUDGED, Why.STARTS_LATER
    if last < now.first_month:
        for earlier in range(index - 1, -1, -1):
            if entry_at(target, entries, partner, moments[earlier]):
                closing = _judge(target, entries, partner, moments, earlier, grades, True)
                return closing.status, closing.why
    return Status.NOT_ENTERED, ""


def _reaches_bound(formula: Formula, rate: Fraction, whole: bool, grades: Grades) -> bool:
    """Rule 5: from the policy's bound, but at 100 where the formula cannot go beyond it.

    Nor can that of a ratio which asks for its `whole` denominator (16校中16校).
    """
    return rate >= (ONE if formula.key in CAPPED or whole else grades.achieved_from)


def _grade_year_end(rate: Fraction | None, grades: Grades) -> tuple[Status, str]:
    """Rule 5, the last line, at year end."""
    if rate is None:
        return Status.NOT_JUDGED, Why.NO_RATE
    if rate >= grades.nearly_achieved_from:
        return Status.NEARLY_ACHIEVED, ""
    return Status.NOT_ACHIEVED, ""


def _no_pace(target: Target, rate: Fraction | None, now: Moment) -> str:
    """Why a figure of the period has nothing to be measured against during the year."""
    if rate is None:
        return Why.NO_RATE
    if months_of(target)[0] > now.last_month:
        return Why.STARTS_LATER
    return Why.BEFORE_PLAN if target.plan else Why.AT_YEAR_END


def _grade_pace(pace: Fraction | None, why: str, grades: Grades) -> tuple[Status, str]:
    """Rule 5, the last line, during the year."""
    if pace is None:
        return Status.NOT_JUDGED, why
    if pace >= 1:
        return Status.ON_TRACK, ""
    if pace >= grades.slightly_behind_from:
        return Status.SLIGHTLY_BEHIND, ""
    return Status.BEHIND, ""


# Judging one target -------------------------------------------------------------------------------


def judge(
    target: Target,
    entries: Entries,
    *,
    periods: Sequence[Period],
    period: str,
    fiscal_year: int,
    grades: Grades = DEFAULT_GRADES,
    partner: Partner | None = None,
) -> Result:
    """The result of one target at the end of the period with that key (rules 1 to 5).

    `partner` is the yearly target that a linked cumulative one follows from, with its entries.
    Entries of later periods are not looked at. ValueError where the policy has no such period.
    """
    moments = moments_of(tuple(periods), fiscal_year)
    return _judge(target, entries, partner, moments, _index(moments, period), grades)


def judge_all(
    targets: Iterable[Target],
    entries: Mapping[str, Entries],
    *,
    periods: Sequence[Period],
    period: str,
    fiscal_year: int,
    grades: Grades = DEFAULT_GRADES,
) -> dict[str, Result]:
    """The results of a policy's targets by key, linked pairs resolved among them."""
    moments = moments_of(tuple(periods), fiscal_year)
    index = _index(moments, period)
    by_key = {target.key: target for target in targets}
    results = {}
    for key, target in by_key.items():
        yearly = by_key.get(target.linked_to) if target.linked_to else None
        partner = None if yearly is None else (yearly, entries.get(yearly.key, {}))
        results[key] = _judge(target, entries.get(key, {}), partner, moments, index, grades)
    return results


def _index(moments: Sequence[Moment], period: str) -> int:
    for index, moment in enumerate(moments):
        if moment.key == period:
            return index
    keys = ", ".join(moment.key for moment in moments)
    raise ValueError(f"no period {period!r} in this policy, which has {keys or 'none'}")


def _judge(
    target: Target,
    entries: Entries,
    partner: Partner | None,
    moments: Sequence[Moment],
    index: int,
    grades: Grades,
    as_year_end: bool = False,
) -> Result:
    """Rules 1 to 5. `as_year_end`: as if the policy's year had closed with this period."""
    if target.is_milestone:
        return _judge_milestone(target, entries, moments, index, grades, as_year_end)
    return _judge_figures(target, entries, partner, moments, index, grades, as_year_end)


def _judge_milestone(
    target: Target,
    entries: Entries,
    moments: Sequence[Moment],
    index: int,
    grades: Grades,
    as_year_end: bool,
) -> Result:
    """A milestone has a stage, and no figure, rate or pace (rules 3 and 5)."""
    now = moments[index]
    year_end = index == len(moments) - 1
    entry = entry_at(target, entries, None, now)
    newest = newest_stage(entries, moments[: index + 1])
    stage = newest.stage if newest else None
    why = ""
    if (dropped := dropped_by(target, now)) is not None:
        status = dropped
    elif stage == Stage.DONE:
        status = Status.ACHIEVED
    elif unjudged := _unjudged(target, entries, None, moments, index, grades):
        status, why = unjudged
    else:
        status = _milestone_status(target, stage, now, year_end or as_year_end)
    due = dropped is None and why != Why.STARTS_LATER
    entered = due and status is not Status.NOT_ENTERED
    return Result(
        key=target.key,
        status=status,
        stage=stage,
        missing=None if entry is None or entry.stage else entry.missing,
        entered=entered,
        due=due,
        judged=entered and status is not Status.NOT_JUDGED,
        provisional=newest is not None and newest.provisional,
        year_end=year_end,
        why=why,
    )


def _judge_figures(
    target: Target,
    entries: Entries,
    partner: Partner | None,
    moments: Sequence[Moment],
    index: int,
    grades: Grades,
    as_year_end: bool,
) -> Result:
    """A number, ratio or percentage."""
    now = moments[index]
    so_far = moments[: index + 1]
    year_end = index == len(moments) - 1
    closing = year_end or as_year_end
    limit = target.is_limit
    totals = target.is_sum or target.cumulative
    dropped = dropped_by(target, now)
    entry = entry_at(target, entries, partner, now)
    missing = entry.missing if entry is not None and entry.value is None else None

    # Rule 1
    if partner is not None:
        to_date = linked_to_date(target, entries, partner[1], so_far)
    elif target.is_sum:
        to_date = sum_to_date(entries, so_far, months_of(target))
    else:
        to_date = latest_to_date(entries, so_far)
    figure = to_date.figure

    # Rule 2
    in_force = value_in_force(target, now.ends)
    value = None if in_force is None else exact(in_force)
    before = original_value(target, now.ends)
    original = None if before is None else exact(before)
    baseline = None if target.is_sum or target.baseline is None else exact(target.baseline)
    m, planned_m = denominators(target, entries, so_far)

    # Rule 3
    comparable = comparable_figure(figure, m, planned_m)
    rate = overall = original_rate = formula = None
    if figure is not None and comparable is not None and value is not None:
        by, rate = rate_of(comparable, value, baseline, limit)
        formula = formula_of(by, figure, value, baseline, m, planned_m)
        if target.cumulative and baseline is not None:
            overall = overall_rate(comparable, value, limit)
        if original is not None:
            original_rate = rate_of(comparable, original, baseline, limit)[1]

    # Rule 4
    expected = pace = pace_formula = None
    if dropped is None:
        expected = expected_by(target, value, baseline, moments, index)
        if figure is not None and comparable is not None and expected is not None:
            by, pace = rate_of(comparable, expected, baseline, limit)
            pace_formula = formula_of(by, figure, expected, baseline, m, planned_m)

    # Rule 5
    why: str = ""
    if dropped is not None:
        status = dropped
    elif unjudged := _unjudged(target, entries, partner, moments, index, grades):
        status, why = unjudged
    elif (
        limit
        and closing
        and (target.is_sum or partner is not None)
        and not (comparable is not None and value is not None and comparable > value)
        and not _is_complete(target, entries, partner, moments)
    ):
        status, why = Status.NOT_JUDGED, Why.INCOMPLETE
    elif (
        rate is not None
        and formula is not None
        and _reaches_bound(formula, rate, value == planned_m, grades)
        and (closing or not (limit and totals))
    ):
        status = Status.ACHIEVED
    elif closing:
        status, why = _grade_year_end(rate, grades)
    else:
        status, why = _grade_pace(pace, _no_pace(target, rate, now), grades)

    # Rule 7, this target's part in it
    due = dropped is None and not (entry is None and why == Why.STARTS_LATER)
    entered = due and status is not Status.NOT_ENTERED
    judged = entered and status is not Status.NOT_JUDGED
    in_mean = (
        rate is not None
        and dropped is None
        and missing is None
        and partner is None
        and not (target.cumulative and baseline is None)
        and (not (limit and totals) or (year_end and judged))
    )
    return Result(
        key=target.key,
        status=status,
        to_date=figure,
        rate=rate,
        overall_rate=overall,
        expected=expected,
        pace=pace,
        target_value=value,
        original_value=original,
        original_rate=original_rate,
        missing=missing,
        denominator=m,
        entered=entered,
        due=due,
        judged=judged,
        in_mean=in_mean,
        within_allowance=(
            limit
            and target.is_sum
            and not year_end
            and dropped is None
            and months_of(target)[1] >= now.first_month
            and rate == ONE
        ),
        incomplete=to_date.incomplete,
        provisional=to_date.provisional,
        overall_only=target.cumulative and baseline is None,
        linked=partner is not None,
        year_end=year_end,
        why=why,
        formula=formula,
        pace_formula=pace_formula,
    )
