"""Rules 3 and 4: the achievement rate, the figure expected by now, and the pace.

Written out in docs/calculation.md. A pace is the rate's own formula with the expected figure in
the place of the target, so one function gives both.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from kpis.figures import Formula, Target
from kpis.standing import Moment, exact, months_of, share_passed

ZERO = Fraction(0)
ONE = Fraction(1)

# Rule 3: the achievement rate ---------------------------------------------------------------------

CAPPED = frozenset({"nothing_asked", "within", "over", "kept", "slipped", "lost"})


def meets(figure: Fraction, target: Fraction, limit: bool) -> bool:
    return figure <= target if limit else figure >= target


def rate_of(
    figure: Fraction, target: Fraction, baseline: Fraction | None, limit: bool
) -> tuple[str, Fraction]:
    """Rule 3: which formula, and the rate; never below 0. Rule 4 gives the expected figure as T."""
    if baseline is None:
        if limit:
            if figure <= target:
                return "within", ONE
            return "over", target / figure if target > 0 else ZERO
        if target > 0:
            return "share", figure / target if figure > 0 else ZERO
        return "nothing_asked", ONE if figure >= target else ZERO
    if meets(baseline, target, limit):
        if meets(figure, target, limit):
            return "kept", ONE
        if target > 0 and figure > 0:
            return "slipped", target / figure if limit else figure / target
        return "lost", ZERO
    return "covered", max(ZERO, (figure - baseline) / (target - baseline))


def comparable_figure(
    figure: Fraction | None, m: Fraction | None, planned_m: Fraction | None
) -> Fraction | None:
    """A on the planned denominator: A/m against T/m_T is A·m_T/m against T. None where m = 0."""
    if figure is None or m is None:
        return figure
    if m == 0 or planned_m == 0:
        return None
    return figure if planned_m is None or planned_m == m else figure * planned_m / m


def formula_of(
    key: str,
    figure: Fraction,
    target: Fraction,
    baseline: Fraction | None,
    m: Fraction | None,
    planned_m: Fraction | None,
) -> Formula:
    values = {"A": figure, "T": target}
    if baseline is not None:
        values["B"] = baseline
    if m is not None and planned_m is not None and m != planned_m:
        values["m"] = m
        values["m_T"] = planned_m
    return Formula(key, values)


def overall_rate(figure: Fraction, target: Fraction, limit: bool) -> Fraction | None:
    """Rule 3: A/T of a cumulative total, beside the rate that judges it."""
    if target > 0:
        return max(ZERO, figure / target)
    return ONE if target == 0 and not limit else None


# Rule 4: expected by now --------------------------------------------------------------------------


def expected_by(
    target: Target,
    value: Fraction | None,
    baseline: Fraction | None,
    moments: Sequence[Moment],
    index: int,
) -> Fraction | None:
    """Rule 4: the figure due by the end of the period, or None where nothing is expected."""
    now = moments[index]
    first, _ = months_of(target)
    if value is None or first > now.last_month:
        return None
    if target.plan and any(moment.key in target.plan for moment in moments):
        return _planned(target, value, baseline, moments, index)
    if target.is_sum:
        return value * share_passed(target, now.passed)
    if baseline is None:
        return None if target.cumulative else value
    if meets(baseline, value, target.is_limit):
        return value
    return baseline + (value - baseline) * share_passed(target, now.passed)


def _planned(
    target: Target,
    value: Fraction,
    baseline: Fraction | None,
    moments: Sequence[Moment],
    index: int,
) -> Fraction | None:
    """Rule 4: on the straight line, by calendar months, between the nearest points around now."""
    if index == len(moments) - 1:  # T wins over a plan for the last period
        return value
    start = ZERO if target.is_sum else baseline
    before = None if start is None else (0, start)
    after = (moments[-1].passed, value)
    for position, moment in enumerate(moments[:-1]):
        if moment.key in target.plan:
            point = (moment.passed, exact(target.plan[moment.key]))
            if position <= index:
                before = point
            else:
                after = point
                break
    if before is None:
        return None
    (from_month, from_value), (to_month, to_value) = before, after
    months = to_month - from_month
    gone = moments[index].passed - from_month
    if gone <= 0 or months <= 0:
        return from_value
    return from_value + (to_value - from_value) * Fraction(gone, months)
