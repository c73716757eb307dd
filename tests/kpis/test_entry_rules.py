"""What may be typed for a target, and what is asked about: the rules alone, without a page."""

from dataclasses import replace
from decimal import Decimal

import pytest

from kpis.entry_rules import Around, questions, refusals
from kpis.figures import Entry, Target

PATROLS = Target("patrols", "number", "sum", value=Decimal(550))
NURSERIES = Target("nurseries", "ratio", "sum", value=Decimal(33), of=Decimal(49))
DISTRICTS = Target("districts", "ratio", "latest", value=Decimal(5), of=Decimal(9))
BALANCE = Target("balance", "number", "latest", value=Decimal(10), baseline=Decimal(-20))
IN_ALL = Target(
    "in_all", "number", "latest", value=Decimal(18500), cumulative=True, linked_to="yearly"
)
TREES = Target("trees", "number", "latest", value=Decimal(500), cumulative=True)
PLANTED = replace(TREES, key="planted", baseline=Decimal(400))
DEBT = Target(
    "debt", "number", "latest", "at_most", Decimal(80), cumulative=True, baseline=Decimal(100)
)
ACCIDENTS = Target("accidents", "number", "sum", "at_most", value=Decimal(10))
FAIRS = Target("fairs", "number", "sum", value=Decimal(2))
PLAN = Target("plan", "milestone")
SATISFIED = Target("satisfied", "percentage", "latest", value=Decimal(90))

FIRST_HALF, SECOND_HALF = ["", "H2"], ["H1", ""]


def figure(value, of=None, missing=None):
    return Entry(value=Decimal(value), of=None if of is None else Decimal(of), missing=missing)


def refused(target, entry, others=None, periods=SECOND_HALF, stands=None):
    return [remark.key for remark in refusals(target, entry, others or {}, periods, stands)]


def asked(target, value, **around):
    compared = Around(**{name: Decimal(known) for name, known in around.items()})
    return [remark.key for remark in questions(target, figure(value), compared)]


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
        (PATROLS, figure("99999999999.9999"), []),
        (PATROLS, figure(100_000_000_000), ["too_many_digits"]),
        (BALANCE, figure(-100_000_000_000), ["too_many_digits"]),
        (PATROLS, figure("0.30000000000000004"), ["too_many_digits"]),
        (NURSERIES, figure(1, of="49.00001"), ["too_many_digits"]),
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


def test_a_denominator_that_a_later_figure_rests_on_does_not_go_with_its_figure():
    stood = figure(5, of=60)
    later = {"H2": figure(55)}
    for cleared in (Entry(), Entry(missing="pending")):
        assert refused(NURSERIES, cleared, later, FIRST_HALF, stood) == ["later_without_whole"]
        assert refused(NURSERIES, cleared, {"H2": figure(49)}, FIRST_HALF, stood) == []
        assert refused(NURSERIES, cleared, {"H2": figure(55, of=60)}, FIRST_HALF, stood) == []
        assert refused(DISTRICTS, cleared, {"H2": figure(10)}, FIRST_HALF, figure(8, of=12)) == [
            "later_without_whole"
        ]
    # What does not come from here is not to be mended here.
    assert refused(NURSERIES, Entry(), later, FIRST_HALF, figure(5)) == []
    assert refused(NURSERIES, Entry(), later, FIRST_HALF) == []


@pytest.mark.parametrize(
    ("target", "value", "before", "key"),
    [
        (TREES, 2749, 275, []),
        (TREES, 2750, 275, ["many_times_before"]),
        (TREES, 5000, 600, []),  # the figure before goes before the target
        (TREES, 5000, None, ["many_times_target"]),
        (TREES, 5000, 0, ["many_times_target"]),
        (TREES, 4999, 0, []),
        (PATROLS, 5500, None, ["many_times_target"]),
        (BALANCE, 99, None, []),  # its baseline is below nothing: the target is the measure
        (BALANCE, 100, None, ["many_times_target"]),
        (SATISFIED, 100, 88, []),
        (SATISFIED, "100.1", 88, ["over_a_hundred"]),
    ],
)
def test_ten_times_the_last_figure_is_asked_about(target, value, before, key):
    assert asked(target, value, **({} if before is None else {"before": before})) == key


@pytest.mark.parametrize(
    ("target", "value", "around", "key"),
    [
        (TREES, 450, {"before": 450}, []),
        (TREES, 449, {"before": 450}, ["total_falls"]),
        (TREES, 1, {}, []),
        (PLANTED, 400, {}, []),
        (PLANTED, 399, {}, ["below_baseline"]),
        (PLANTED, 410, {"before": 420}, ["total_falls"]),
        (PLANTED, 450, {"after": 450}, []),
        (PLANTED, 451, {"after": 450}, ["total_falls_later"]),
        (DEBT, 90, {"before": 95}, []),  # the plan is that it falls
        (replace(DEBT, value=Decimal(120)), 101, {"before": 105}, ["total_falls"]),
        (replace(DEBT, value=Decimal(120)), 99, {}, []),
        (BALANCE, -10, {"before": 5}, []),  # no running total
        (SATISFIED, 80, {"before": 88}, []),
    ],
)
def test_a_total_that_falls_is_asked_about(target, value, around, key):
    assert asked(target, value, **around) == key


@pytest.mark.parametrize(
    ("target", "value", "around", "key"),
    [
        (PATROLS, 549, {"before": 275, "elsewhere": 275}, []),
        (PATROLS, 550, {"before": 275, "elsewhere": 275}, ["sum_far_above"]),  # the total so far
        (PATROLS, 825, {}, ["sum_far_above"]),
        (PATROLS, 824, {}, []),
        (PATROLS, 0, {"elsewhere": 1000}, []),
        (FAIRS, 4, {}, []),  # two more than the two that were planned
        (FAIRS, 2, {"before": 3, "elsewhere": 3}, ["sum_far_above"]),
        (ACCIDENTS, 30, {}, []),  # an upper limit
        (NURSERIES, 30, {"before": 20, "elsewhere": 20}, []),  # its denominator is the limit
        (TREES, 900, {"before": 600, "elsewhere": 600}, []),  # no sum
        (replace(PATROLS, value=Decimal(0)), 900, {}, []),
    ],
)
def test_a_sum_far_above_its_target_is_asked_about(target, value, around, key):
    assert asked(target, value, **around) == key


def test_one_slip_is_asked_about_once():
    assert asked(PATROLS, 5500, before=275, elsewhere=275) == ["many_times_before"]


def test_no_figure_raises_no_question():
    assert questions(PATROLS, Entry(missing="pending"), Around(before=Decimal(1))) == []
