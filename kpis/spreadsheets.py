"""Tables as files: .xlsx for people, CSV for machines. Knows no Django and no policy.

A table is columns and rows; each column says how to read its value out of a row and what
kind of value it is, so that .xlsx and CSV show the same thing. Two promises hold for every
cell: a number is a number (never text that looks like one), and no text can run as a formula.
"""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import xlsxwriter

#: Excel's own bound for the text of one cell; XlsxWriter would drop a longer text silently.
CELL_LIMIT = 32_767
NUMBERS = frozenset({"number", "rate", "points", "year"})
#: Excel's rows in pixels, and how far below the table the chart begins.
ROW_HEIGHT, ABOVE_CHART = 20, 2
TOO_LONG = "…（長いため、以下を省略しました）"

#: What makes a spreadsheet read a text as a formula or command. Half-width, and the full-width
#: forms that Japanese Excel takes for the same.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "＠")


@dataclass(frozen=True)
class Column:
    """One column: its heading, how to read it out of a row, and how it shows.

    `kind` is "text", "number" (as many decimals as it has), "rate" (one decimal), "points"
    (one decimal with its sign), "year" (a number without grouping) or "date".
    `width` is in Excel's characters.
    """

    heading: str
    read: Callable[[Any], Any]
    kind: str = "text"
    width: int = 14


@dataclass(frozen=True)
class Sheet:
    """One sheet: one table from its first row on, as machine-readable data wants it.

    `title` goes to the head of the printed page, not into a cell. `chart_columns` names the
    headings of number columns that a stacked bar chart beside the table shows.
    """

    name: str
    columns: Sequence[Column]
    rows: Sequence[Any]
    title: str = ""
    landscape: bool = True
    chart_columns: Sequence[str] = ()
    chart_colours: Sequence[str] = field(default=())


def safe_text(value: str) -> str:
    """The text with an apostrophe before it if a spreadsheet would run it as a formula.

    Negative numbers and Japanese dashes (－, ―, △) are no formulas and stay as they are.
    """
    if not value.startswith(DANGEROUS) or is_plain_number(value):
        return value
    return "'" + value


def is_plain_number(value: str) -> bool:
    digits = value.removeprefix("-").removeprefix("+").replace(".", "", 1)
    return digits.isascii() and digits.isdigit()


def write_csv(columns: Sequence[Column], rows: Iterable[Any]) -> bytes:
    """The table as CSV that Excel opens correctly: UTF-8 with BOM, CRLF, quotes where needed.

    Blank means "nothing there" and is never written as zero.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([safe_text(column.heading) for column in columns])
    for row in rows:
        writer.writerow([csv_cell(column.read(row), column.kind) for column in columns])
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", errors="replace")


def csv_cell(value: Any, kind: str) -> str:
    if value is None or value == "":
        return ""
    if kind in NUMBERS:
        return format(Decimal(str(value)), "f")
    if isinstance(value, date):
        return value.isoformat()
    # One row is one record: a line break inside a cell would break it for simple readers.
    return safe_text(" ".join(str(value).splitlines()))


def write_xlsx(sheets: Sequence[Sheet], *, footer: str = "", note: str = "") -> bytes:
    """The sheets as one .xlsx workbook, ready to print on A4.

    `footer` stands at the foot of each printed page beside its number; `note` (such as
    デモデータ) in its head. Column heads are frozen and repeat on each page.
    """
    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(out, options) as book:
        look = {"font_name": "BIZ UDPGothic", "font_size": 10, "valign": "top"}
        formats = {
            "text": book.add_format({**look, "text_wrap": True, "num_format": "@"}),
            "number": book.add_format({**look, "num_format": "#,##0.####"}),
            "whole": book.add_format({**look, "num_format": "#,##0"}),
            "rate": book.add_format({**look, "num_format": "0.0"}),
            "points": book.add_format({**look, "num_format": "+0.0;-0.0;0.0"}),
            "year": book.add_format({**look, "num_format": "0"}),
            "date": book.add_format({**look, "num_format": "yyyy-mm-dd", "align": "left"}),
            "head": book.add_format(
                {**look, "bold": True, "text_wrap": True, "bottom": 2, "bg_color": "#F2F2F2"}
            ),
        }
        for sheet in sheets:
            add_sheet(book, sheet, formats, footer, note)
    return out.getvalue()


def add_sheet(book, sheet: Sheet, formats: dict, footer: str, note: str) -> None:
    page = book.add_worksheet(sheet.name)
    last_row, last_column = max(len(sheet.rows), 1), len(sheet.columns) - 1
    for place, column in enumerate(sheet.columns):
        page.set_column(place, place, column.width)
        page.write_string(0, place, column.heading, formats["head"])
    for number, row in enumerate(sheet.rows, start=1):
        for place, column in enumerate(sheet.columns):
            write_cell(page, number, place, column.read(row), column.kind, formats)
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, last_row, last_column)
    page.repeat_rows(0)
    page.print_area(0, 0, last_row + rows_of_chart(sheet), last_column)
    page.set_paper(9)  # A4
    if sheet.landscape:
        page.set_landscape()
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.6, right=0.6, top=0.8, bottom=0.7)
    page.set_header(f"&L{header_text(sheet.title or sheet.name)}&R{header_text(note)}")
    page.set_footer(f"&L{header_text(footer)}&R&P / &N")
    if sheet.chart_columns and sheet.rows:
        page.insert_chart(
            last_row + ABOVE_CHART, 0, stacked_chart(book, sheet), {"object_position": 2}
        )


def rows_of_chart(sheet: Sheet) -> int:
    """How many rows below the table the chart takes, so that it is printed too."""
    if not (sheet.chart_columns and sheet.rows):
        return 0
    return ABOVE_CHART + -(-height_of_chart(sheet) // ROW_HEIGHT)


def height_of_chart(sheet: Sheet) -> int:
    """In pixels."""
    return 90 + 36 * len(sheet.rows)


def header_text(value: str) -> str:
    """Text for a page's head or foot, where & starts a command."""
    return value.replace("&", "&&")[:120]


def write_cell(page, row: int, column: int, value: Any, kind: str, formats: dict) -> None:
    if value is None or value == "":
        page.write_blank(row, column, None, formats[kind])
    elif kind in NUMBERS:
        number = Decimal(str(value))
        whole = kind == "number" and number == number.to_integral_value()
        page.write_number(row, column, float(number), formats["whole" if whole else kind])
    elif kind == "date" and isinstance(value, date):
        page.write_datetime(row, column, value, formats["date"])
    else:
        text = str(value)
        if len(text) > CELL_LIMIT:
            text = text[: CELL_LIMIT - len(TOO_LONG)] + TOO_LONG
        page.write_string(row, column, text, formats["text"])


def stacked_chart(book, sheet: Sheet):
    """A native stacked bar chart of the named columns, a bar a row, the first row on top."""
    headings = [column.heading for column in sheet.columns]
    chart = book.add_chart({"type": "bar", "subtype": "stacked"})
    rows = len(sheet.rows)
    colours = list(sheet.chart_colours) + [None] * len(sheet.chart_columns)
    for heading, colour in zip(sheet.chart_columns, colours, strict=False):
        place = headings.index(heading)
        chart.add_series(
            {
                "name": [sheet.name, 0, place],
                "categories": [sheet.name, 1, 0, rows, 0],
                "values": [sheet.name, 1, place, rows, place],
                "gap": 60,
                **({"fill": {"color": colour}} if colour else {}),
            }
        )
    chart.set_y_axis({"reverse": True})
    chart.set_x_axis({"num_format": "0", "major_gridlines": {"visible": False}})
    chart.set_legend({"position": "bottom"})
    chart.set_title({"none": True})
    chart.set_size({"width": 900, "height": height_of_chart(sheet)})
    return chart
