"""Figures as section staff type them, and what they are told when a figure cannot be read."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kpis.numbers import UnreadableNumber, plain, read_number


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("12", "12"),
        ("１，２００", "1200"),
        ("１，２００．５", "1200.5"),
        ("1,200,000", "1200000"),
        (" 12.5 ", "12.5"),
        ("　３０　", "30"),
        ("1 200", "1200"),
        ("1, 200", "1200"),
        ("0", "0"),
        ("〇", "0"),
        ("-0", "0"),
        ("007", "7"),
        (".5", "0.5"),
        ("12.", "12"),
        ("12.50", "12.5"),
        ("0.12340000", "0.1234"),
        ("12345678901", "12345678901"),
        ("+3", "3"),
        ("\ufeff1,200\u200b", "1200"),
        ("\u202a12\u202c", "12"),
        ("▲5", "-5"),
        ("△ 3", "-3"),
        ("−3.5", "-3.5"),
        ("－２", "-2"),
        ("ー2", "-2"),
        ("1.2万", "12000"),
        ("１．２万", "12000"),
        ("3千", "3000"),
        ("1.5千", "1500"),
        ("2億", "200000000"),
        ("5百万", "5000000"),
        ("2千万", "20000000"),
        ("3,500千", "3500000"),
        ("2万5000", "25000"),
        ("2万5,000", "25000"),
        ("1億2,000万", "120000000"),
        ("3千5百", "3500"),
        ("一万二千", "12000"),
        ("二千三百四十五", "2345"),
        ("二〇二〇", "2020"),
        ("十", "10"),
        ("千", "1000"),
    ],
)
def test_figures_are_read_as_typed(typed, value):
    assert read_number(typed) == Decimal(value)
    assert plain(read_number(typed)) == value


@pytest.mark.parametrize(
    ("typed", "key", "says"),
    [
        ("", "empty", "入力されていません"),
        ("　 ", "empty", "入力されていません"),
        ("約12", "not_a_number", "「約12」は数として読めません。「12」や「1.2万」のように数だけを"),
        ("12（見込み）", "not_a_number", "数だけを入力"),
        ("1e9", "not_a_number", "「1e9」"),
        ("\u202e21", "not_a_number", "数だけを入力"),  # is seen as 12
        ("NaN", "not_a_number", "「NaN」"),
        ("Ｉｎｆｉｎｉｔｙ", "not_a_number", "読めません"),
        ("-", "not_a_number", "「-」"),
        ("--5", "not_a_number", "「--5」"),
        ("▲-5", "not_a_number", "読めません"),
        ("0x10", "not_a_number", "読めません"),
        ("①", "not_a_number", "「①」"),
        ("5²", "not_a_number", "「5²」"),
        ("½", "not_a_number", "「½」"),
        ("٣", "not_a_number", "読めません"),
        ("1、200", "not_a_number", "読めません"),
        ("万", "not_a_number", "読めません"),
        ("1.2億3000万", "not_a_number", "読めません"),
        ("2万50000", "not_a_number", "読めません"),
        ("1,2", "comma", "桁の区切りか小数点か分かりません"),
        ("12,00", "comma", "「1,200」や「1.2」のように"),
        ("1,200,5", "comma", "カンマ"),
        ("1.200,50", "comma", "カンマ"),
        ("0,500", "comma", "カンマ"),
        (",500", "comma", "カンマ"),
        ("12 5", "space", "空白を入れずに"),
        ("12.5.3", "points", "小数点が2つ以上"),
        ("3-5", "date_or_range", "日付・範囲・分数"),
        ("3/5", "date_or_range", "日付・範囲・分数"),
        ("５～６", "date_or_range", "1つの数を"),
        ("3月5日", "date_or_range", "日付"),
        ("2020-03-05", "date_or_range", "日付"),
        ("1:30", "date_or_range", "1つの数を"),
        ("2万5", "short_form", "2とおりに読めます"),
        ("一万五", "short_form", "すべての桁を"),
        ("123456789012", "too_many_digits", "整数は11桁まで"),
        ("0.12345", "too_many_digits", "小数は4桁まで"),
        ("9" * 5000, "too_many_digits", "桁が多すぎます"),
        ("1兆", "too_many_digits", "桁が多すぎます"),
        ("あ" * 5000, "not_a_number", "読めません"),
    ],
)
def test_what_is_no_single_number_is_refused_with_a_reason(typed, key, says):
    with pytest.raises(UnreadableNumber) as refused:
        read_number(typed)
    assert refused.value.key == key
    assert says in str(refused.value)
    assert len(str(refused.value)) < 120
    assert refused.value.text("en").endswith(".")


@pytest.mark.parametrize(
    ("typed", "unit", "value"),
    [
        ("12回", "回", 12),
        ("１２ 回", "回", 12),
        ("12名", "人", 12),
        ("3ヶ所", "か所", 3),
        ("12t-CO2", "t-CO2", 12),
        ("90％", "%", 90),
        ("1,200ｍ２", "㎡", 1200),
        ("1.2万人", "人", 12000),
        ("12プロジェクト", "プロジェクト", 12),
    ],
)
def test_the_targets_own_unit_is_tolerated(typed, unit, value):
    assert read_number(typed, unit=unit) == value


def test_another_unit_is_refused_by_name():
    with pytest.raises(UnreadableNumber) as refused:
        read_number("12人", unit="回")
    assert refused.value.key == "other_unit"
    assert refused.value.params == {"typed": "12人", "unit": "回"}
    assert "この目標の単位「回」と違います" in str(refused.value)


def test_a_unit_is_refused_where_the_target_has_none():
    with pytest.raises(UnreadableNumber):
        read_number("12回")


@given(st.decimals(-(10**10), 10**10, places=4))
def test_every_figure_the_database_holds_can_be_typed(value):
    assert read_number(plain(value)) == value
    assert read_number(f"{value:,.4f}") == value


@given(st.text(max_size=100) | st.text("0123456789,.万億千百十一二〇-▲ 回/%", max_size=30))
@example("千" * 100)
def test_no_text_breaks_the_reader(typed):
    with suppress(UnreadableNumber):
        value = read_number(typed, unit="回")
        assert value.is_finite()
        assert abs(value) < 10**11
        assert read_number(plain(value)) == value
