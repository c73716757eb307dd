"""Situations worked out on paper from the rules, before either program was asked.

Each stands under the rule that it is about, in the notation of docs/calculation.md (`total` is a
cumulative one). The product and the second opinion both have to come to what the paper says; rates
are exact fractions.
"""

from decimal import Decimal
from fractions import Fraction

import pytest

from kpis.achievement import Entry, Status, Target, judge_all, percent, project_status, roll_up

from .examples import FISCAL_YEAR, HALVES, PERIODS, example
from .second_opinion import rank, second_opinion, together

PAPER = """
# 1: to date
a reason after a figure | 90% latest | H1 88, H2 not_surveyed | H2
    | to_date 88, rate 44/45, status not_judged, in_mean no
a reason in the sum | 550 sum | H1 pending, H2 300 | H2
    | to_date 300, status not_achieved, incomplete yes, in_mean yes
a note is no entry | 550 sum | H1 300, H2 note | H2
    | to_date 300, rate 6/11, status not_entered, entered no
nothing entered is not zero | 550 sum | – | H1
    | to_date none, rate none, pace none, status not_entered, in_mean no
a zero is a zero | 550 sum | H1 0 | H1 | to_date 0, rate 0, pace 0, status behind, in_mean yes
a typed total wins | 14000 total linked B=13500 | Q1 13600, yearly Q1 120 | Q1
    | to_date 13600, rate 1/5, expected 13625, pace 4/5
later periods add to a typed total | 14000 total linked B=13500
    | Q1 13600, yearly Q1 120, yearly Q2 30, yearly Q3 50 | Q3
    | to_date 13680, rate 9/25, expected 13875, pace 12/25
neither B nor an own figure | 14000 total linked | yearly H1 120 | H1
    | to_date none, entered yes, status not_judged, why no_rate
the yearly reason is its entry | 14000 total linked B=13500 | yearly H1 pending | H1
    | to_date none, entered yes, status not_judged, missing pending
a gap after a typed total | 14000 total linked B=13500 | Q1 13600 | Q3
    | to_date 13600, incomplete yes, status not_entered
# 2: what is in force
revised on the last day | 400 sum revised=2021-03-31:550 | H1 200, H2 200 | H2
    | target_value 400, rate 1, original_rate 8/11, status achieved
and not for the half before | 400 sum revised=2021-03-31:550 | H1 200, H2 200 | H1
    | target_value 550, rate 4/11, original_value none, status behind
cancelled on the last day | 550 sum cancelled=2020-09-30 | H1 275 | H1
    | status cancelled, rate 1/2, expected none, pace none, due no
cancelled the day after | 550 sum cancelled=2020-10-01 | H1 275 | H1
    | status on_track, expected 275, pace 1
postponed undated | 550 sum postponed | H1 550 | H1
    | status postponed, rate 1, entered no, judged no, in_mean no
the project over its own | 550 sum cancelled=2020-05-01 project-postponed=2020-12-01 | – | H2
    | status postponed
# 3: the rate
13,900 of 14,000 from 13,500 | 14000 total B=13500 | H2 13900 | H2
    | rate 4/5, overall_rate 139/140, pace 4/5, status nearly_achieved
a total without a baseline | 14000 total | H2 13000 | H2
    | rate 13/14, overall_rate none, overall_only yes, expected none
the same, in the mean | 14000 total | H2 13000 | H2 | pace none, in_mean no, status nearly_achieved
beyond the limit | ≤10 sum | H1 8, H2 4 | H2 | rate 5/6, pace 5/6, status nearly_achieved
nothing allowed, nothing happened | ≤0 sum | H1 0, H2 0 | H2
    | rate 1, expected 0, pace 1, status achieved
nothing allowed, one happened | ≤0 sum | H1 1 | H1 | rate 0, expected 0, pace 0, status behind
nothing asked | 0 sum | H1 0 | H1 | rate 1, pace 1, status achieved
from 100 t down to 80 t | ≤80 latest B=100 | H1 92 | H1
    | rate 2/5, expected 90, pace 4/5, status slightly_behind
further down than asked | ≤80 latest B=100 | H2 79 | H2 | rate 21/20, status achieved
up instead of down | ≤80 latest B=100 | H1 105 | H1 | rate 0, pace 0, status behind
met from the start, still met | 90% latest B=92 | H1 91 | H1
    | rate 1, expected 90, pace 1, status achieved
met from the start, lost | 90% latest B=92 | H2 81 | H2
    | rate 9/10, pace 9/10, status nearly_achieved
the baseline is the target | ≤80 latest B=80 | H1 100 | H1
    | rate 4/5, expected 80, pace 4/5, status slightly_behind
met from the start, below zero now | 0 latest B=5 | H1 -1 | H1 | rate 0
another denominator | 5/9 sum | H1 3/10, H2 3 | H2
    | to_date 6, denominator 10, rate 27/25, status achieved
another denominator under a limit | ≤2/10 latest | H1 3/20 | H1 | rate 1, status achieved
another denominator with a baseline | 8/10 latest B=4 | H1 12/20 | H1
    | rate 1/2, expected 6, pace 1, status on_track
m = 0 and T = 0 | 0/9 sum | H1 0/0 | H1
    | rate none, pace none, expected 0, status not_judged, why no_rate
# 4: expected by now
the plan for the last period is ignored | 600 sum plan=H1:200,H2:300 | H2 300 | H2
    | expected 600, pace 1/2
between two plans | 600 sum plan=Q1:100,Q3:500 | Q2 240 | Q2
    | expected 300, pace 4/5, status slightly_behind
before the first plan of a level | 90% latest plan=Q2:60 | Q1 50 | Q1
    | expected none, pace none, status not_judged
from the baseline to the first plan | 90% latest B=50 plan=Q2:70 | Q1 60 | Q1
    | expected 60, pace 1, status on_track
a third month of four | 12 sum months=4-7 | Q1 9 | Q1 | expected 9, pace 1, status on_track
a survey is due in full | 90% latest | – | H1 | expected 90, pace none, status not_entered
within the allowance so far | ≤12 sum | H1 6 | H1
    | expected 6, pace 1, within_allowance yes, status on_track
beyond the allowance so far | ≤12 sum | H1 8 | H1
    | rate 1, pace 3/4, within_allowance yes, status behind
a plan of nothing yet | 600 sum plan=Q1:0 | Q1 0 | Q1 | expected 0, pace 1
before the first month | 12 sum months=10- plan=H1:3 | H1 2 | H1
    | expected none, pace none, status not_judged, entered yes
# 5: status
work of the second half | 12 sum months=10- | – | H1 | status not_judged, due no, why starts_later
done before its time | 12 sum months=10- | H1 12 | H1 | status achieved, due yes, judged yes
ended before | 12 sum months=4-6 | Q1 9 | Q3
    | status not_achieved, entered yes, expected 12, pace 3/4
ended before, never entered | 12 sum months=4-6 | – | Q3 | status not_entered, due yes, entered no
a limit that ended before | ≤12 sum months=4-6 | Q1 9 | Q2
    | status achieved, judged yes, in_mean no, within_allowance no
a limit that ended before, at year end | ≤12 sum months=4-6 | Q1 9 | Q4
    | status achieved, in_mean yes
a limit with a gap | ≤10 sum | H2 9 | H2 | rate 1, status not_judged, why incomplete, in_mean no
a limit with a gap, passed | ≤10 sum | Q1 11, Q4 0 | Q4
    | rate 10/11, status nearly_achieved, in_mean yes
a limit on a total in mid-year | ≤1000 latest cumulative B=900 | H1 950 | H1
    | rate 1, expected 1000, pace 1, status on_track, in_mean no
a limit on a level | ≤10 latest | H1 9 | H1 | status achieved
exactly 80 % of the pace | 500 sum | H1 200 | H1 | status slightly_behind
a hair short of it | 500 sum | H1 199.99 | H1 | status behind
the bound of 110 | 100 sum bounds=110/80/80 | H1 50, H2 59 | H2
    | rate 109/100, status nearly_achieved
the bound of 110 in mid-year | 100 sum bounds=110/80/80 | H1 105 | H1 | rate 21/20, status on_track
the bound of 110 and a limit | ≤10 sum bounds=110/80/80 | H1 5, H2 5 | H2 | rate 1, status achieved
the bound of 110 and a reduction | ≤80 latest B=100 bounds=110/80/80 | H2 79 | H2
    | rate 21/20, status nearly_achieved
done, and then a reason | milestone | H1 done, H2 pending | H2
    | status achieved, stage done, missing pending, judged yes
done, and then taken back | milestone | H1 done, H2 under_way | H2
    | status not_achieved, stage under_way
done before it was to start | milestone months=12- | H1 done | H1
    | status achieved, due yes, entered yes
carried on, and not this year's start | milestone ongoing | H2 preparing | H2 | status not_achieved
carried on beyond its end month | milestone ongoing months=-8 | H1 under_way | H1 | status on_track
under way beyond its end month | milestone months=-9 | H1 under_way | H1 | status behind
not started, its month not over | milestone months=10- | H1 not_started | H1 | status on_track
carried on, not started | milestone ongoing | H1 not_started | H1 | status behind
"""


def lines():
    """Name, target, entries, period and what the paper says; an indented line goes on."""
    for line in PAPER.replace("\n    |", " |").strip().splitlines():
        if not line.startswith("#"):
            name, target, entries, at, says = line.split(" | ")
            facts = dict(fact.split(" ") for fact in says.split(", "))
            yield pytest.param(
                target.replace("total", "latest cumulative"),
                entries,
                at,
                {fact: read(word) for fact, word in facts.items()},
                id=name,
            )


def read(word: str) -> object:
    if word in ("none", "yes", "no"):
        return {"none": None, "yes": True, "no": False}[word]
    return Fraction(word) if word[0].isdigit() else word


@pytest.mark.parametrize(("target", "entries", "at", "paper"), list(lines()))
def test_both_come_to_what_the_paper_says(target, entries, at, paper):
    case = example(target, entries)
    opinion = second_opinion(
        case.target,
        case.entries,
        periods=PERIODS[at[0]],
        period=at,
        fiscal_year=FISCAL_YEAR,
        grades=case.grades,
        yearly=case.yearly,
    )
    for answer in (opinion, case.at(at)):
        assert {fact: getattr(answer, fact) for fact in paper} == paper


def test_1999_of_2000_shows_99_9_and_is_not_achieved():
    result = example("2000 sum", "H1 1000, H2 999").at("H2")
    assert result.rate is not None
    assert (percent(result.rate), result.status) == ("99.9", Status.NEARLY_ACHIEVED)


def test_a_linked_pair_counts_once_in_the_yearly_targets_project_with_its_status():
    """The year's 500 are reached, the total of 14,000 from 13,400 is not."""
    supporters = Target("year", "number", "sum", value=Decimal(500), project="p1")
    total = Target(
        "total",
        "number",
        "latest",
        value=Decimal(14000),
        cumulative=True,
        baseline=Decimal(13400),
        linked_to="year",
        project="p2",
    )
    entries = {"year": {"H1": Entry(Decimal(250)), "H2": Entry(Decimal(250))}, "total": {}}
    results = judge_all(
        [supporters, total], entries, periods=HALVES, period="H2", fiscal_year=FISCAL_YEAR
    )
    assert (results["total"].to_date, results["total"].rate) == (13900, Fraction(5, 6))
    assert results["total"].status is Status.NEARLY_ACHIEVED
    first = roll_up([(supporters, results["year"])])
    second = roll_up([(total, results["total"])])
    ward = roll_up([(supporters, results["year"]), (total, results["total"])])
    assert first == ward
    assert (ward.total, ward.achieved, ward.judged, ward.due, ward.mean_of) == (1, 1, 1, 1, 1)
    assert (second.total, second.due, second.mean, second.mean_of) == (0, 0, None, 0)


def test_a_mean_covers_what_rule_7_says_and_says_how_many():
    """Of 150 %, a survey with a reason later, a milestone and a limit still running: two."""
    lines = [
        ("100 sum", "H1 150"),
        ("90% latest", "H1 72, H2 not_surveyed"),
        ("milestone", "H1 under_way"),
        ("≤10 sum", "H1 5"),
    ]
    cases = [example(*line, key=f"t{number}") for number, line in enumerate(lines)]
    in_september = roll_up((case.target, case.at("H1")) for case in cases)
    in_march = roll_up((case.target, case.at("H2")) for case in cases)
    assert (in_september.mean, in_september.mean_of) == (Fraction(9, 10), 2)
    assert (in_march.mean, in_march.mean_of) == (1, 1)  # the earlier figure of the sum alone
    assert (in_march.entered, in_march.due, in_march.judged) == (1, 4, 0)


def test_a_project_is_as_well_as_its_worst_target():
    order = ["behind", "not_entered", "slightly_behind", "on_track", "achieved"]
    order += ["not_judged", "postponed", "cancelled"]
    for place, worse in enumerate(order):
        for better in order[place:]:
            assert project_status([Status(better), Status(worse)]) == worse
            assert rank(Status(worse)) <= rank(Status(better))
    assert together([]).mean is None
