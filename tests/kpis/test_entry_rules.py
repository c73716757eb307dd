"""What may be typed for a target, and what is asked about: the rules alone, without a page."""

from decimal import Decimal

import pytest

from kpis.entry_rules import questions, refusals
from kpis.figures import Entry, Target

PATROLS = Target("patrols", "number", "sum", value=Decimal(550))
NURSERIES = Target("nurseries", "ratio", "sum", value=Decimal(33), of=Decimal(49))
DISTRICTS = Target("districts", "ratio", "latest", value=Decimal(5), of=Decimal(9))
BALANCE = Target("balance", "number", "latest", value=Decimal(10), baseline=Decimal(-20))
IN_ALL = Target(
    "in_all", "number", "latest", value=Decimal(18500), cumulative=True, linked_to="yearly"
)
PLAN = Target("plan", "milestone")
SATISFIED = Target("satisfied", "percentage", "latest", value=Decimal(90))

FIRST_HALF, SECOND_HALF = ["", "H2"], ["H1", ""]


def figure(value, of=None, missing=None):
    return Entry(value=Decimal(value), of=None if of is None else Decimal(of), missing=missing)


def refused(target, entry, others=None, periods=SECOND_HALF):
    return [remark.key for remark in refusals(target, entry, others or {}, periods)]


@pytest.mark.parametrize(
    ("target", "entry", "why"),
    [
        (PATROLS, figure(0), []),
        (PATROLS, Entry(), []),
        (PATROLS, Entry(missing="pending"), []),
        (PATROLS, figure("-0.5"), ["negative"]),
        (PATROLS, figure(1, missing="pending"), ["figure_and_reason"]),
        (BALANCE, figure(-5), []),  # a change is entered as a level with its baseline
        (PLAN, Entry(stage="done"), []),
        (PLAN, Entry(stage="done", missing="pending"), ["stage_and_reason"]),
        (IN_ALL, Entry(), []),
        (IN_ALL, Entry(missing="pending"), ["reason_on_linked"]),
        (NURSERIES, figure(49), []),
        (NURSERIES, figure(50), ["above_whole"]),
        (NURSERIES, figure(50, of=50), []),
        (NURSERIES, figure(0, of=0), []),
        (NURSERIES, figure(1, of=0), ["above_whole"]),
        (NURSERIES, figure(1, of=-1), ["negative_denominator"]),
        (NURSERIES, Entry(of=Decimal(50)), ["denominator_alone"]),
    ],
)
def test_what_is_refused(target, entry, why):
    assert refused(target, entry) == why


def test_halves_of_a_sum_together_stay_within_the_whole():
    assert refused(NURSERIES, figure(40), {"H1": figure(9)}) == []
    assert refused(NURSERIES, figure(41), {"H1": figure(9)}) == ["sum_above_whole"]


def test_a_latest_figure_replaces_the_one_before_and_is_not_added_to_it():
    assert refused(DISTRICTS, figure(6), {"H1": figure(5)}) == []


def test_the_newest_whole_that_was_reported_counts():
    before = {"H1": figure(9, of=51)}
    assert refused(NURSERIES, figure(42), before) == []
    assert refused(NURSERIES, figure(42, of=50), before) == ["sum_above_whole"]
    later = {"H2": figure(40, of=51)}
    assert refused(NURSERIES, figure(11), later, FIRST_HALF) == []
    assert refused(NURSERIES, figure(12, of=60), later, FIRST_HALF) == ["sum_above_whole"]


def test_a_whole_counts_from_the_period_that_reports_it():
    later = {"H2": figure(1, of=60)}
    assert refused(NURSERIES, figure(15, of=12), later, FIRST_HALF) == ["above_whole"]
    assert refused(NURSERIES, figure(50), later, FIRST_HALF) == ["above_whole"]
    assert refused(NURSERIES, figure(50, of=60), later, FIRST_HALF) == []
    fewer = {"H2": figure(8, of=8)}
    assert refused(DISTRICTS, figure(9), fewer, FIRST_HALF) == []


def test_a_whole_that_a_later_figure_exceeds():
    later = {"H2": figure(9)}
    assert refused(DISTRICTS, figure(8, of=8), later, FIRST_HALF) == ["later_above_whole"]
    assert refused(DISTRICTS, figure(8), later, FIRST_HALF) == []


def test_a_whole_reported_beside_no_figure_does_not_count():
    assert refused(NURSERIES, figure(49), {"H1": Entry(of=Decimal(10))}) == []


@pytest.mark.parametrize(
    ("target", "value", "before", "asked"),
    [
        (PATROLS, 2749, 275, []),
        (PATROLS, 2750, 275, ["many_times_before"]),
        (PATROLS, 5500, 600, []),  # the figure before goes before the target
        (PATROLS, 5500, None, ["many_times_target"]),
        (PATROLS, 5500, 0, ["many_times_target"]),
        (PATROLS, 5499, 0, []),
        (BALANCE, 99, None, []),  # its baseline is below nothing: the target is the measure
        (BALANCE, 100, None, ["many_times_target"]),
        (SATISFIED, 100, 88, []),
        (SATISFIED, "100.1", 88, ["over_a_hundred"]),
    ],
)
def test_what_is_asked_about(target, value, before, asked):
    before = None if before is None else Decimal(before)
    assert [remark.key for remark in questions(target, figure(value), before)] == asked


def test_no_figure_raises_no_question():
    assert questions(PATROLS, Entry(missing="pending"), Decimal(1)) == []
