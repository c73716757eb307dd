"""The figure cell of the sheet: what sections type and paste into it, and what it says back."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.cells import UnreadableCell, cell_text, read_cell
from kpis.figures import Entry, Missing, Stage

NOTHING = Entry()


def figure(value, of=None, provisional=False):
    return Entry(
        value=Decimal(value), of=None if of is None else Decimal(of), provisional=provisional
    )


@pytest.mark.parametrize(
    ("typed", "entry"),
    [
        ("275", figure(275)),
        ("１，２００", figure(1200)),
        (" 1.2万\n", figure(12000)),
        ("▲5", figure(-5)),
        ("-5", figure(-5)),
        ("0", figure(0)),
        ("275回", figure(275)),
        ("見込 275", figure(275, provisional=True)),
        ("見込275", figure(275, provisional=True)),
        ("見込み：２７５回", figure(275, provisional=True)),
        ("275（見込）", figure(275, provisional=True)),
        ("275 (見込み)", figure(275, provisional=True)),
        ("（見込）275", figure(275, provisional=True)),
        ("275回見込", figure(275, provisional=True)),
        ("Provisional 275", figure(275, provisional=True)),
        ("275 (provisional)", figure(275, provisional=True)),
        ("集計中", Entry(missing="pending")),
        ("（集計中）", Entry(missing="pending")),
        ("今期は調査なし", Entry(missing="not_surveyed")),
        ("調査なし", Entry(missing="not_surveyed")),
        ("対 象 外", Entry(missing="not_applicable")),
        ("非公表", Entry(missing="suppressed")),
        ("Being counted", Entry(missing="pending")),
        ("no survey", Entry(missing="not_surveyed")),
        ("NOT APPLICABLE", Entry(missing="not_applicable")),
        ("Ｎｏｔ　published", Entry(missing="suppressed")),
        ("", NOTHING),
        ("　\n", NOTHING),
        ("—", NOTHING),
        ("－", NOTHING),
        ("ー", NOTHING),
        ("--", NOTHING),
        ("\ufeff", NOTHING),
    ],
)
def test_a_number_or_why_there_is_none(typed, entry):
    assert read_cell(typed, measure="number", unit="回") == entry


@pytest.mark.parametrize("typed", ["88.4%", "８８．４％", "88.4", "88.4パーセント"])
@pytest.mark.parametrize("unit", ["%", ""])
def test_a_percentage(typed, unit):
    assert read_cell(typed, measure="percentage", unit=unit) == figure("88.4")


@pytest.mark.parametrize(
    ("typed", "entry"),
    [
        ("14", figure(14)),  # of as many as were planned
        ("14園", figure(14)),
        ("14/30", figure(14, 30)),
        ("１４／３０", figure(14, 30)),
        ("14園 / 30園", figure(14, 30)),
        ("30中14", figure(14, 30)),
        ("30園中14園", figure(14, 30)),
        ("全30園中14園", figure(14, 30)),
        ("30園のうち14園", figure(14, 30)),
        ("14 of 30", figure(14, 30)),
        ("14 out of 30", figure(14, 30)),
        ("1,200/1.2万", figure(1200, 12000)),
        ("見込 30園中14園", figure(14, 30, provisional=True)),
        ("14/30（見込）", figure(14, 30, provisional=True)),
        ("0/0", figure(0, 0)),
        ("0/0.0001", figure(0, "0.0001")),
        ("3/5", figure(3, 5)),
        ("集計中", Entry(missing="pending")),
    ],
)
def test_so_many_of_so_many(typed, entry):
    assert read_cell(typed, measure="ratio", unit="園") == entry


def test_a_unit_that_has_the_dividing_letter_in_it():
    assert read_cell("10中学校中5中学校", measure="ratio", unit="中学校") == figure(5, 10)


@pytest.mark.parametrize(
    ("typed", "entry"),
    [
        ("未着手", Entry(stage="not_started")),
        ("準備中", Entry(stage="preparing")),
        (" 実施中 ", Entry(stage="under_way")),
        ("完了", Entry(stage="done")),
        ("完了（見込）", Entry(stage="done", provisional=True)),
        ("Underway", Entry(stage="under_way")),
        ("done", Entry(stage="done")),
        ("対象外", Entry(missing="not_applicable")),
        ("", NOTHING),
    ],
)
def test_a_milestone_has_a_stage(typed, entry):
    assert read_cell(typed, measure="milestone") == entry


@pytest.mark.parametrize(
    ("typed", "measure", "told"),
    [
        ("約12", "number", ["「約12」", "「1.2万」", "「集計中」"]),
        ("未定", "number", ["「未定」", "「非公表」"]),
        ("12,5", "number", ["「12,5」", "「1,200」"]),
        ("14/30", "number", ["「14/30」", "「12」"]),
        ("30中14", "number", ["「30中14」"]),
        ("完了", "number", ["段階", "「12」"]),
        ("275人", "number", ["「275人」", "「回」"]),
        ("123456789012", "number", ["11桁"]),
        ("見込", "number", ["「見込 275」"]),
        ("見込 集計中", "number", ["どちらか一方"]),
        ("確定 275", "number", ["「確定 275」"]),
        ("=1+1", "number", ["「=1+1」"]),
        ("<b>5</b>", "number", ["「<b>5</b>」"]),
        ("#N/A", "number", ["「#N/A」"]),
        ("5 6", "number", ["空白"]),
        ("３－５", "number", ["「3-5」", "日付・範囲"]),
        ("いくつか", "ratio", ["「いくつか」", "「14/30」", "「30中14」"]),
        ("14/", "ratio", ["「14/」", "「14/30」"]),
        ("14/30/2", "ratio", ["「14/30/2」"]),
        ("中14", "ratio", ["「中14」"]),
        ("123456789012/5", "ratio", ["11桁"]),
        ("275", "milestone", ["「275」", "「未着手」", "「完了」"]),
    ],
)
def test_what_cannot_be_read_is_told_with_what_could(typed, measure, told):
    with pytest.raises(UnreadableCell) as refused:
        read_cell(typed, measure=measure, unit="回")
    sentence = refused.value.text("ja")
    assert [part for part in told if part not in sentence] == []
    assert sentence.endswith("。")
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    "typed",
    [
        "2020-03-05",
        "2020/3/5",
        str(datetime(2020, 3, 5)),
        "2020-03-05T00:00:00",
        "2020年3月5日",
        "令和2年3月5日",
        "R2.3.5",
        "３月５日",
        "3月",
        "5-Mar",
        "Mar-5",
        "05-Mar-20",
        "March 5, 2020",
        "3/5/2020",
    ],
)
@pytest.mark.parametrize("measure", ["number", "ratio", "percentage"])
def test_a_date_that_excel_made_is_told_from_a_figure(typed, measure):
    with pytest.raises(UnreadableCell) as refused:
        read_cell(typed, measure=measure, unit="回")
    assert "日付のように" in refused.value.text("ja")
    assert "looks like a date" in refused.value.text("en")


def test_a_ratio_is_told_how_to_be_typed_so_that_excel_leaves_it_alone():
    with pytest.raises(UnreadableCell) as refused:
        read_cell("3月5日", measure="ratio")
    assert "「5中3」" in refused.value.text("ja")
    assert read_cell("5中3", measure="ratio") == figure(3, 5)


def test_the_english_page_is_told_in_english():
    with pytest.raises(UnreadableCell) as refused:
        read_cell("about 12", measure="number", lang="en")
    assert str(refused.value).startswith("“about 12” cannot be read as a number.")
    assert "“Being counted”" in str(refused.value)


def test_a_long_text_is_told_in_short():
    with pytest.raises(UnreadableCell) as refused:
        read_cell("あ" * 5000, measure="ratio")
    assert len(refused.value.text()) < 200


@pytest.mark.parametrize(
    ("entry", "ja", "en"),
    [
        (NOTHING, "", ""),
        (figure("1200.50"), "1200.5", "1200.5"),
        (figure(-5), "-5", "-5"),
        (figure(14, 30), "14/30", "14/30"),
        (figure(275, provisional=True), "見込 275", "provisional 275"),
        (Entry(stage="done"), "完了", "Done"),
        (Entry(missing="pending"), "集計中", "Being counted"),
    ],
)
def test_the_text_that_stands_in_a_cell(entry, ja, en):
    assert cell_text(entry, unit="回") == ja
    assert cell_text(entry, unit="回", lang="en") == en


VALUES = st.decimals(min_value=-(10**11) + 1, max_value=10**11 - 1, places=4)
WHOLES = VALUES.map(abs)
REASONS = st.sampled_from([Entry(missing=reason.value) for reason in Missing])
STAGES = st.builds(
    Entry, stage=st.sampled_from([stage.value for stage in Stage]), provisional=st.booleans()
)
FIGURES = st.builds(Entry, value=VALUES, provisional=st.booleans())
RATIOS = st.builds(Entry, value=VALUES, of=st.none() | WHOLES, provisional=st.booleans())
CELLS = st.one_of(
    st.tuples(st.just("number"), FIGURES | REASONS),
    st.tuples(st.just("percentage"), FIGURES | REASONS),
    st.tuples(st.just("ratio"), RATIOS | REASONS),
    st.tuples(st.just("milestone"), STAGES | REASONS),
)


@given(
    cell=CELLS, lang=st.sampled_from(["ja", "en"]), unit=st.sampled_from(["", "回", "%", "中学校"])
)
def test_what_stands_in_a_cell_is_read_back_as_it_was(cell, lang, unit):
    measure, entry = cell
    text = cell_text(entry, unit=unit, lang=lang)
    assert read_cell(text, measure=measure, unit=unit, lang=lang) == entry
    # And so it is from a page that kept it wide and spaced.
    wide = text.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})
    assert read_cell(f"　{wide} ", measure=measure, unit=unit) == entry


@given(
    text=st.text(max_size=80) | st.text(alphabet="0123456789/-中見込（）.,月日万 %of", max_size=20),
    measure=st.sampled_from(["number", "percentage", "ratio", "milestone"]),
)
def test_whatever_is_pasted_is_read_or_refused_with_a_sentence(text, measure):
    try:
        entry = read_cell(text, measure=measure, unit="園")
    except UnreadableCell as refused:
        assert refused.text("ja") and refused.text("en")
        return
    assert read_cell(cell_text(entry), measure=measure) == entry
    assert replace(entry, provisional=False) != NOTHING or entry == NOTHING
