"""The calendar as people in a ward office read it."""

from contextlib import suppress
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wards.calendar import (
    ERAS,
    UnreadableYear,
    due_date,
    era_date,
    era_year,
    fiscal_year,
    halves,
    is_working_day,
    month_ends,
    month_order,
    month_starts,
    months,
    next_working_day,
    parse_year,
    quarters,
    short_date,
    span_name,
    working_days_between,
    year_ends,
    year_label,
    year_starts,
)

YEARS = st.integers(1868, 2199)


def test_the_fiscal_year_turns_on_the_first_of_april():
    assert fiscal_year(date(2021, 3, 31)) == 2020
    assert fiscal_year(date(2021, 4, 1)) == 2021
    assert (year_starts(2020), year_ends(2020)) == (date(2020, 4, 1), date(2021, 3, 31))


@given(YEARS)
def test_a_fiscal_year_holds_its_own_first_and_last_day(fy):
    assert fiscal_year(year_starts(fy)) == fiscal_year(year_ends(fy)) == fy
    assert year_ends(fy) + timedelta(days=1) == year_starts(fy + 1)


@pytest.mark.parametrize(
    ("fy", "ja", "en"),
    [
        (2020, "令和2年度", "FY2020 (Reiwa 2)"),
        (2019, "令和元年度", "FY2019 (Reiwa 1)"),  # all of it, April under 平成 included
        (2018, "平成30年度", "FY2018 (Heisei 30)"),
        (1989, "平成元年度", "FY1989 (Heisei 1)"),
        (1988, "昭和63年度", "FY1988 (Showa 63)"),  # January to March 1989 included
        (1927, "昭和2年度", "FY1927 (Showa 2)"),
        (1926, "大正15年度", "FY1926 (Taisho 15)"),
        (1800, "1800年度", "FY1800"),
    ],
)
def test_a_fiscal_year_has_one_era(fy, ja, en):
    assert era_year(fy) == ja
    assert era_year(fy, "en") == en


def test_pages_show_the_era_and_the_western_year():
    assert year_label(2020) == "令和2年度 (2020)"
    assert year_label(2020, "en") == "FY2020 (Reiwa 2)"


@pytest.mark.parametrize(
    ("day", "ja"),
    [
        (date(2019, 4, 30), "平成31年4月30日"),
        (date(2019, 5, 1), "令和元年5月1日"),
        (date(2020, 2, 29), "令和2年2月29日"),
        (date(1989, 1, 7), "昭和64年1月7日"),
        (date(1989, 1, 8), "平成元年1月8日"),
        (date(1926, 12, 24), "大正15年12月24日"),
        (date(1926, 12, 25), "昭和元年12月25日"),
        (date(1600, 1, 2), "1600年1月2日"),
    ],
)
def test_a_date_takes_the_era_of_its_day(day, ja):
    assert era_date(day) == ja


def test_dates_in_english_are_western():
    assert era_date(date(2019, 4, 30), "en") == "30 April 2019"
    assert short_date(date(2021, 4, 16), "en-gb") == "Fri 16 Apr"


def test_a_short_date_carries_its_weekday():
    assert short_date(date(2021, 4, 16)) == "4月16日（金）"


def test_the_era_table_runs_from_newest_to_oldest():
    starts = [era.starts for era in ERAS]
    assert starts == sorted(starts, reverse=True)


@pytest.mark.parametrize(
    ("typed", "fy"),
    [
        ("R2", 2020),
        ("r2", 2020),
        ("Ｒ２", 2020),
        ("令和2", 2020),
        ("令和２年度", 2020),
        ("㋿2年度", 2020),
        ("令和 2 年度", 2020),
        ("2020", 2020),
        ("２０２０年度", 2020),
        ("FY2020", 2020),
        ("Reiwa 2", 2020),
        ("令和元年度", 2019),
        ("令和1年度", 2019),
        ("平成31年度", 2019),
        ("H31", 2019),
        ("平成32年度", 2020),
        ("S63", 1988),
        ("令和2年度 (2020)", 2020),
        ("令和2年度（2020年度）", 2020),
        ("FY2020 (Reiwa 2)", 2020),
    ],
)
def test_years_are_read_as_people_type_them(typed, fy):
    assert parse_year(typed) == fy


@pytest.mark.parametrize(
    "typed",
    (
        *("", "  ", "2", "20", "令和", "令和0", "R", "2020-04", "令和2年4月", "令和2年度 (2021)"),
        *(
            "1867",
            "2200",
            "20200",
            "-2020",
            "2020.5",
            "X2",
            "昭和999",
            "9" * 5000,
            "令和" + "9" * 70,
        ),
    ),
)
def test_what_is_no_year_is_refused_in_a_sentence(typed):
    with pytest.raises(UnreadableYear) as refused:
        parse_year(typed)
    assert "年度として読めません" in str(refused.value)
    assert "cannot be read as a fiscal year" in refused.value.text("en")
    assert len(str(refused.value)) < 100


@given(YEARS, st.sampled_from(["ja", "en"]))
def test_what_is_shown_can_be_typed_back(fy, lang):
    assert parse_year(era_year(fy, lang)) == fy
    assert parse_year(year_label(fy, lang)) == fy


@given(st.text(max_size=80))
def test_no_text_breaks_the_year_reader(typed):
    with suppress(UnreadableYear):
        assert 1868 <= parse_year(typed) <= 2199


def test_the_two_halves():
    first, second = halves(2020)
    assert (first.key, first.starts, first.ends) == ("H1", date(2020, 4, 1), date(2020, 9, 30))
    assert (second.key, second.starts, second.ends) == ("H2", date(2020, 10, 1), date(2021, 3, 31))
    assert (first.name(), second.name()) == ("上半期（4–9月）", "下半期（10–3月）")
    assert (first.name("en"), second.name_en) == ("First half (Apr–Sep)", "Second half (Oct–Mar)")


def test_quarters_and_months():
    assert [span.key for span in quarters(2020)] == ["Q1", "Q2", "Q3", "Q4"]
    assert quarters(2020)[0].name_ja == "第1四半期（4–6月）"
    assert quarters(2020)[3].name_en == "Fourth quarter (Jan–Mar)"
    assert [span.key for span in months(2020)][:10:9] == ["M04", "M01"]
    assert (months(2020)[0].name_ja, months(2020)[11].name_en) == ("4月", "March")
    assert months(2019)[10].ends == date(2020, 2, 29)


@given(YEARS, st.sampled_from([halves, quarters, months]))
def test_spans_cover_the_year_without_gap(fy, spans):
    found = spans(fy)
    assert (found[0].starts, found[-1].ends) == (year_starts(fy), year_ends(fy))
    for before, after in pairwise(found):
        assert before.ends + timedelta(days=1) == after.starts


@pytest.mark.parametrize(
    ("starts", "ends", "ja", "en"),
    [
        (date(2020, 4, 1), date(2021, 3, 31), "通年（4–3月）", "Whole year (Apr–Mar)"),
        (date(2020, 4, 1), date(2020, 7, 31), "4–7月", "Apr–Jul"),
        (date(2020, 12, 1), date(2021, 1, 31), "12–1月", "Dec–Jan"),
        (date(2020, 4, 16), date(2020, 5, 20), "4月16日–5月20日", "16 Apr–20 May"),
        (date(2020, 4, 1), date(2020, 4, 29), "4月1日–4月29日", "1 Apr–29 Apr"),
        (
            date(2019, 4, 1),
            date(2021, 3, 31),
            "平成31年4月1日–令和3年3月31日",
            "1 April 2019–31 March 2021",
        ),
    ],
)
def test_spans_are_named_as_people_say_them(starts, ends, ja, en):
    assert span_name(starts, ends) == ja
    assert span_name(starts, ends, "en") == en


def test_a_span_that_ends_before_it_starts_is_refused():
    with pytest.raises(ValueError, match="cannot end"):
        span_name(date(2020, 5, 1), date(2020, 4, 1))


def test_april_is_the_first_month():
    assert [month_order(m) for m in (4, 9, 12, 1, 3)] == [0, 5, 8, 9, 11]
    with pytest.raises(ValueError, match="no such month"):
        month_order(13)
    assert month_starts(2020, 3) == date(2021, 3, 1)
    assert month_ends(2023, 2) == date(2024, 2, 29)


@pytest.mark.parametrize(
    ("day", "opens"),
    [
        (date(2020, 10, 30), date(2020, 10, 30)),  # a Friday
        (date(2020, 10, 31), date(2020, 11, 2)),  # Saturday
        (date(2021, 5, 1), date(2021, 5, 6)),  # the long holidays of May
        (date(2020, 12, 29), date(2021, 1, 4)),  # New Year
        (date(2019, 4, 27), date(2019, 5, 7)),  # ten days around the change of the era
        (date(2021, 7, 22), date(2021, 7, 26)),  # holidays moved for the Olympic Games
    ],
)
def test_due_dates_move_to_the_next_day_offices_are_open(day, opens):
    assert next_working_day(day) == opens


def test_figures_are_due_a_month_after_the_half():
    assert due_date(date(2020, 9, 30), months=1) == date(2020, 11, 2)  # 31 October is a Saturday
    assert due_date(date(2021, 3, 31), months=1) == date(2021, 4, 30)
    assert due_date(date(2021, 3, 31), days=10) == date(2021, 4, 12)
    assert due_date(date(2020, 12, 15), months=2) == date(2021, 2, 15)
    assert due_date(date(2021, 1, 30), months=1) == date(2021, 3, 1)  # 28 February is a Sunday
    with pytest.raises(ValueError, match="before its period ends"):
        due_date(date(2021, 3, 31), days=-1)


@given(st.dates(date(1950, 1, 1), date(2150, 1, 1)), st.integers(0, 60))
def test_a_due_date_is_a_working_day_soon_after(ends, days):
    due = due_date(ends, days=days)
    assert is_working_day(due)
    assert 0 <= (due - ends).days - days <= 12


def test_working_days_between_two_days():
    assert working_days_between(date(2020, 10, 30), date(2020, 11, 4)) == 2  # Monday, Wednesday
    assert working_days_between(date(2020, 10, 31), date(2020, 10, 30)) == 0
