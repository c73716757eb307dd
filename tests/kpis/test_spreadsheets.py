"""Files that managers take away: numbers are numbers, and nothing runs."""

import csv
import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from kpis.spreadsheets import CELL_LIMIT, Column, Sheet, safe_text, write_csv, write_xlsx

PATROLS = {
    "name": "道路・公園などのパトロール",
    "target": Decimal("550"),
    "rate": Decimal("99.9"),
    "on": date(2020, 9, 30),
    "note": '=HYPERLINK("http://example.invalid","押す")',
}
CHANGE = {
    "name": "-5度の日の見回り",
    "target": Decimal("-12.5"),
    "rate": None,
    "on": None,
    "note": "－",
}
COLUMNS = [
    Column("目標", lambda row: row["name"], width=30),
    Column("目標値", lambda row: row["target"], "number"),
    Column("達成率（%）", lambda row: row["rate"], "rate"),
    Column("時点", lambda row: row["on"], "date"),
    Column("備考", lambda row: row["note"]),
]


def sheet_of(rows, **options):
    data = write_xlsx([Sheet("目標一覧", COLUMNS, rows, **options)], footer="R&D課")
    return openpyxl.load_workbook(io.BytesIO(data))["目標一覧"]


def csv_of(rows):
    data = write_csv(COLUMNS, rows)
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_numbers_arrive_as_numbers_and_blank_is_not_zero():
    page = sheet_of([PATROLS, CHANGE])
    assert [page["B2"].value, page["B3"].value, page["C2"].value] == [550, -12.5, 99.9]
    assert page["C3"].value is None
    assert page["C2"].number_format == "0.0"
    assert page["D2"].value.date() == date(2020, 9, 30)


def test_a_formula_in_a_note_stays_text_in_both_files():
    cell = sheet_of([PATROLS])["E2"]
    assert cell.data_type == "s"
    assert cell.value == PATROLS["note"]
    assert csv_of([PATROLS])[1][4] == "'" + PATROLS["note"]


def test_negative_numbers_and_japanese_dashes_are_left_alone_in_csv():
    row = csv_of([CHANGE])[1]
    assert row == ["'-5度の日の見回り", "-12.5", "", "", "－"]


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("=1+1", "'=1+1"),
        ("＝1+1", "'＝1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("- 箇条書き", "'- 箇条書き"),
        ("-5", "-5"),
        ("+3.5", "+3.5"),
        ("△5", "△5"),
        ("―", "―"),
        ("9地区中5地区", "9地区中5地区"),
        ("", ""),
    ],
)
def test_only_what_would_run_is_marked(typed, written):
    assert safe_text(typed) == written


def test_heads_are_frozen_and_repeat_on_a4_landscape_within_one_page_width():
    page = sheet_of([PATROLS])
    assert page.freeze_panes == "A2"
    assert page.print_title_rows == "$1:$1"
    assert page.print_area.endswith("$A$1:$E$2")
    assert (page.page_setup.paperSize, page.page_setup.orientation) == (9, "landscape")
    assert page.page_setup.fitToHeight == 0
    assert page.oddFooter.left.text == "R&&D課"


def test_a_text_longer_than_a_cell_says_that_it_was_cut():
    value = sheet_of([{**PATROLS, "note": "あ" * 40_000}])["E2"].value
    assert len(value) == CELL_LIMIT
    assert value.endswith("省略しました）")


def test_a_note_of_several_lines_stays_one_record_in_csv():
    assert (
        csv_of([{**PATROLS, "note": "雨天のため\r\n10月に延期"}])[1][4] == "雨天のため 10月に延期"
    )


def test_a_sheet_without_rows_still_opens():
    assert sheet_of([])["A1"].value == "目標"


def test_the_summary_carries_a_native_chart():
    page = sheet_of([PATROLS], chart_columns=["目標値"], chart_colours=["#00316A"])
    assert len(page._charts) == 1
    assert page.print_area.endswith("$A$1:$E$11")  # a table of two rows, and 126 pixels below it
