"""The worked examples of docs/calculation.md, line by line, and what a table cannot hold."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from kpis.achievement import (
    Entry,
    Grades,
    Revision,
    Status,
    Target,
    Why,
    decimal_text,
    explain,
    explain_pace,
    judge,
    judge_all,
    percent,
)
from kpis.wording import STATUS_NAMES
from tests.kpis.examples import HALVES, NONE, QUARTERS, example, tables

MARKS = {True: "○", False: "×"}


def shown(result, target) -> dict[str, str]:
    """A result as the document writes it, by column."""

    def rate(value):
        return NONE if value is None else percent(value)

    def figure(value):
        return NONE if value is None else decimal_text(value)

    flags = ("entered", "due", "judged", "in_mean", "within_allowance", "incomplete", "provisional")
    return {
        "to_date": figure(result.to_date),
        "value": figure(result.target_value),
        "rate": rate(result.rate),
        "overall_rate": rate(result.overall_rate),
        "original_rate": rate(result.original_rate),
        "expected": figure(result.expected),
        "pace": rate(result.pace),
        "status": STATUS_NAMES[result.status][0],
        "why": result.why or NONE,
        "formula": explain(result, target),
        **{flag: MARKS[getattr(result, flag)] for flag in flags},
    }


def lines():
    for rule in range(1, 8):
        for table in tables(f"規則{rule}"):
            for line in table:
                if "target" in line:
                    yield pytest.param(line, id=line["no"])


@pytest.mark.parametrize("line", list(lines()))
def test_the_document_says_what_the_code_does(line):
    case = example(line["target"], line["entries"])
    result = case.at(line.get("at", "H2"))
    columns = set(line) - {"no", "target", "entries", "at", "nature"}
    assert columns
    actual = shown(result, case.target)
    assert {name: actual[name] for name in columns} == {name: line[name] for name in columns}


@pytest.mark.parametrize("line", tables("規則6")[0], ids=lambda line: line["rate"])
def test_a_rate_reads_as_the_document_says(line):
    assert percent(Fraction(line["rate"])) == line["percent"]


@pytest.mark.parametrize("line", tables("規則6")[1], ids=lambda line: line["figure"])
def test_a_figure_reads_as_the_document_says(line):
    assert decimal_text(Fraction(line["figure"])) == line["text"]


def test_the_document_has_examples_of_every_rule_and_status():
    all_lines = [parameter.values[0] for parameter in lines()]
    assert {line["no"][0] for line in all_lines} == set("1234567")
    assert {line["status"] for line in all_lines if "status" in line} == {
        name for name, _ in STATUS_NAMES.values()
    }
    assert len({line["no"] for line in all_lines}) == len(all_lines) > 150


# Pairs, order and people's habits -----------------------------------------------------------------

YEARLY = Target("yearly", "number", "sum", value=Decimal(500), project="p19")
TOTAL = Target(
    "total",
    "number",
    "latest",
    value=Decimal(14000),
    cumulative=True,
    baseline=Decimal(13500),
    linked_to="yearly",
    project="p20",
)
SUPPORTERS = {"yearly": {"H1": Entry(Decimal(300)), "H2": Entry(Decimal(100))}}


def all_at(period, targets=(YEARLY, TOTAL), entries=SUPPORTERS, **options):
    return judge_all(targets, entries, periods=HALVES, period=period, fiscal_year=2020, **options)


def test_the_cumulative_total_follows_its_yearly_target_wherever_it_stands_in_the_list():
    for targets in ((YEARLY, TOTAL), (TOTAL, YEARLY)):
        result = all_at("H2", targets)["total"]
        assert (result.to_date, percent(result.rate), percent(result.overall_rate)) == (
            13900,
            "80.0",
            "99.3",
        )
        assert result.linked
        assert not result.in_mean


def test_a_total_whose_yearly_target_is_not_there_stands_on_its_own():
    result = all_at("H1", (TOTAL,), {"total": {"H1": Entry(Decimal(13750))}})["total"]
    assert (result.to_date, result.linked, result.in_mean) == (13750, False, True)


def test_periods_may_come_in_any_order():
    forwards = all_at("H2")
    backwards = judge_all(
        (YEARLY, TOTAL), SUPPORTERS, periods=HALVES[::-1], period="H2", fiscal_year=2020
    )
    assert forwards == backwards


def test_a_period_that_the_policy_does_not_have_is_named():
    with pytest.raises(ValueError, match=r"no period 'Q1' in this policy, which has H1, H2"):
        all_at("Q1")


def test_revisions_may_come_in_any_order():
    cut = Revision(date(2020, 7, 1), Decimal(550), Decimal(400))
    cut_again = Revision(date(2020, 12, 1), Decimal(400), Decimal(300))
    for revisions in ((cut, cut_again), (cut_again, cut)):
        target = replace(YEARLY, value=Decimal(300), revisions=revisions)
        first, second = (
            judge(target, {}, periods=HALVES, period=key, fiscal_year=2020) for key in ("H1", "H2")
        )
        assert (first.target_value, first.original_value) == (400, 550)
        assert (second.target_value, second.original_value) == (300, 550)


def test_a_period_that_ends_in_the_middle_of_a_month_has_whole_months_only():
    short = [replace(HALVES[0], ends=date(2020, 9, 15)), HALVES[1]]
    result = judge(YEARLY, {}, periods=short, period="H1", fiscal_year=2020)
    assert result.expected == Fraction(500 * 5, 12)


def test_two_periods_that_end_in_one_month_keep_their_own_plan_and_target():
    periods = [
        replace(HALVES[0], ends=date(2021, 3, 10)),
        replace(HALVES[1], starts=date(2021, 3, 11), ends=date(2021, 3, 25)),
    ]
    target = replace(YEARLY, plan={"H1": Decimal(450)})
    expected = [
        judge(target, {}, periods=periods, period=key, fiscal_year=2020).expected
        for key in ("H1", "H2")
    ]
    assert expected == [450, 500]


def test_the_bounds_may_be_decimals():
    entries = {"H1": Entry(Decimal("231.25"))}
    status = {
        bound: judge(
            YEARLY,
            entries,
            periods=HALVES,
            period="H1",
            fiscal_year=2020,
            grades=Grades(pace=Decimal(bound)),
        ).status
        for bound in ("92.5", "92.6")
    }
    assert status == {"92.5": Status.SLIGHTLY_BEHIND, "92.6": Status.BEHIND}


def test_why_has_a_key_for_every_unjudged_target():
    for target, entries in ((TOTAL, {}), (YEARLY, {"H1": Entry(missing="pending")})):
        result = judge(target, entries, periods=HALVES, period="H1", fiscal_year=2020)
        assert bool(result.why) == (result.status is Status.NOT_JUDGED)
    assert {why.value for why in Why}.isdisjoint({"pending", "suppressed"})


# Rule 6: sentences --------------------------------------------------------------------------------


def told(target, entries, at="H1", unit="", lang="ja", pace=False):
    case = example(target, entries)
    tell = explain_pace if pace else explain
    return tell(case.at(at), case.target, unit, lang)


def test_a_formula_is_told_with_its_unit_in_both_languages():
    assert told("550 sum", "H1 275", unit="回") == "550回のうち275回: 275 ÷ 550 = 50.0%"
    assert told("550 sum", "H1 275", unit="回", lang="en") == (
        "275 回 of 550 回: 275 ÷ 550 = 50.0%"
    )
    assert told("90% latest", "H1 72", unit="%", lang="en") == ("72% against 90%: 72 ÷ 90 = 80.0%")
    assert told("5/9 sum", "H1 4/10", unit="地区") == (
        "9地区中5地区に対し10地区中4地区: (4 ÷ 10) ÷ (5 ÷ 9) = 72.0%"
    )


def test_the_pace_is_told_against_what_was_expected():
    assert told("550 sum", "H1 220", unit="回", pace=True) == (
        "目安275回に対し220回: 220 ÷ 275 = 80.0%"
    )
    assert told("550 sum", "H1 220", lang="en", pace=True) == (
        "220 against 275 expected: 220 ÷ 275 = 80.0%"
    )
    assert told("14000 latest cumulative", "H1 13900", pace=True) == (
        "この時点の目安がないため、進み具合の率はありません。"
    )
    assert told("550 sum", "–", lang="en", pace=True) == "No figure yet, so no rate."


def test_a_sum_that_lacks_a_period_says_so_beside_its_formula():
    assert told("550 sum", "H2 275", at="H2", unit="回") == (
        "550回のうち275回: 275 ÷ 550 = 50.0%（報告のない期があります）"
    )


def test_a_target_without_a_value_says_so():
    target = Target("t", "number", "sum")
    entries = {"H1": Entry(Decimal(3))}
    result = judge(target, entries, periods=HALVES, period="H1", fiscal_year=2020)
    assert (result.status, result.why, result.expected) == (Status.NOT_JUDGED, Why.NO_RATE, None)
    assert explain(result, target) == "目標値がないため、達成率はありません。"


def test_quarters_and_halves_agree_at_the_end_of_a_half():
    case = example("550 sum", "Q1 100, Q2 175")
    by_quarter = case.at("Q2")
    by_half = example("550 sum", "H1 275").at("H1")
    assert [period.ends for period in QUARTERS[1::2]] == [period.ends for period in HALVES]
    assert (by_quarter.rate, by_quarter.pace, by_quarter.status) == (
        by_half.rate,
        by_half.pace,
        by_half.status,
    )
