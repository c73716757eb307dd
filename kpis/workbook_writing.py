"""Writing the sheet to be filled: A4 landscape, a row a target, with instructions beside it.

Nothing is hidden, merged or told by colour alone. Cells to fill are unlocked and have no format
of their own, so that 90% typed into one is kept as 90% and not as 0.9. What a cell asks about is
asked when it is chosen; it refuses nothing that the import would read.
"""

from __future__ import annotations

import io
from decimal import Decimal

import xlsxwriter
from django.utils.translation import gettext, pgettext

from .results import width
from .spreadsheets import CELL_LIMIT, TOO_LONG, header_text
from .workbook import FILLED, HEAD_ROW, HEADINGS, TEXTS, Book, Line, kind_names, stage_names

WIDTHS = {
    "key": 9,
    "version": 4,
    "number": 5,
    "project": 14,
    "target": 24,
    "goal": 10,
    "unit": 6,
    "last_year": 8,
    "before": 8,
    "so_far": 8,
    "figure": 10,
    "kind": 11,
    "whole": 7,
    "note": 22,
    "cause": 15,
    "remedy": 15,
    "state": 9,
}
#: Columns whose figures stand under one another.
RIGHT = frozenset({"version", "goal", "last_year", "before", "so_far", "figure", "whole"})
#: Short ones beside such figures: at the left edge a counter would read as part of the figure.
CENTRED = frozenset({"number", "unit", "kind"})
#: In points: a line of text, and two lines at least, so that a note has room.
LINE_HEIGHT, LEAST_LINES = 14, 2

#: Excel's own bounds for what shows at a cell that is chosen, and for the name of a sheet.
MOST_SHOWN = {"input_title": 32, "input_message": 255, "error_title": 32, "error_message": 255}
SHEET_NAME = 31


#: What somebody typed stays text: no formula, no number and no link is made of it.
AS_TYPED = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


def write_book(book: Book) -> bytes:
    """The file: the sheet to fill, and a sheet of instructions."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, AS_TYPED) as file:
        file.set_properties({"title": book.title, "comments": str(book.reference)})
        _Sheet(file, book).write()
        _write_instructions(file, book)
    return out.getvalue()


class _Sheet:
    """The sheet to fill, as it is written."""

    def __init__(self, file, book: Book) -> None:
        self.book = book
        self.page = file.add_worksheet(gettext("入力")[:SHEET_NAME])
        look = {"font_name": "BIZ UDPGothic", "font_size": 10, "valign": "top"}
        cell = {**look, "border": 1, "border_color": "#8C8C8C", "text_wrap": True}
        grey = {"bg_color": "#E6E6E6", "font_color": "#404040"}
        figures, centred = {"align": "right"}, {"align": "center"}

        def shape(**more):
            return file.add_format({**cell, **more})

        self.title = file.add_format({**look, "font_size": 14, "bold": True})
        self.plain = file.add_format(look)
        self.bold = file.add_format({**look, "bold": True})
        self.head = shape(bold=True, bg_color="#F2F2F2", bottom=2, valign="vcenter")
        self.head_to_fill = shape(bold=True, bg_color="#D9E6FF", bottom=2, valign="vcenter")
        known = {"bg_color": "#F7F7F7"}
        self.known = shape(num_format="@", **known)
        self.known_centred = shape(num_format="@", **known, **centred)
        self.known_number = shape(num_format="#,##0.####", **known, **figures)
        self.known_whole = shape(num_format="#,##0", **known, **figures)
        self.known_right = shape(num_format="@", **known, **figures)
        self.fixed = shape(num_format="@", **grey)
        self.fixed_centred = shape(num_format="@", **grey, **centred)
        self.fixed_right = shape(**grey, **figures)
        self.fill_figure = shape(locked=False, **figures)
        self.fill_kind = shape(locked=False, **centred)
        self.fill_text = shape(locked=False, num_format="@")

    def write(self) -> None:
        book, page = self.book, self.page
        page.write_string(0, 0, book.title, self.title)
        number = gettext("整理番号 %(number)s") % {"number": book.reference}
        page.write_string(1, 0, number, self.bold)
        page.write_string(2, 0, book.dates, self.plain)
        page.write_string(
            3,
            0,
            gettext(
                "白い欄に入力し、保存してから、あゆみの「Excelを取り込む」で取り込みます。"
                "くわしくはシート「記入のしかた」をご覧ください。"
            ),
            self.plain,
        )
        for at, name in enumerate(book.columns):
            page.set_column(at, at, WIDTHS[name])
            shape = self.head_to_fill if name in FILLED else self.head
            page.write_string(HEAD_ROW, at, str(HEADINGS[name]), shape)
        page.set_row(HEAD_ROW, 30)
        for row, line in enumerate(book.lines, start=HEAD_ROW + 1):
            page.set_row(row, LINE_HEIGHT * max(LEAST_LINES, *self.lines_of(line)))
            for at, name in enumerate(book.columns):
                self.write_cell(row, at, name, line)
            if not line.fixed:
                self.write_rules(row, line)
        self.set_up()

    def lines_of(self, line: Line) -> list[int]:
        """How many lines each text of a row takes: LibreOffice fits no row to its text."""
        return [
            lines_of_text(text, WIDTHS[name])
            for name in self.book.columns
            if isinstance(text := getattr(line, name), str)
        ]

    def write_cell(self, row: int, at: int, name: str, line: Line) -> None:
        value = getattr(line, name)
        shape = self.shape(name, line, value)
        if value is None or value == "":
            self.page.write_blank(row, at, None, shape)
        elif isinstance(value, Decimal | int):
            self.page.write_number(row, at, float(value), shape)
        else:
            text = str(value)
            if len(text) > CELL_LIMIT:
                text = text[: CELL_LIMIT - len(TOO_LONG)] + TOO_LONG
            self.page.write_string(row, at, text, shape)

    def shape(self, name: str, line: Line, value):
        if line.fixed or (name == "whole" and not line.is_ratio):
            if name in CENTRED:
                return self.fixed_centred
            return self.fixed_right if name in RIGHT else self.fixed
        if name in ("figure", "whole"):
            return self.fill_figure
        if name in FILLED:
            return self.fill_kind if name == "kind" else self.fill_text
        if isinstance(value, Decimal | int):
            return self.known_whole if value == int(value) else self.known_number
        if name in CENTRED:
            return self.known_centred
        return self.known_right if name in RIGHT else self.known

    def write_rules(self, row: int, line: Line) -> None:
        """What each cell says when it is chosen, and asks about. The import checks everything."""
        at = {name: self.book.columns.index(name) for name in FILLED}
        self.rule(row, at["figure"], self.figure_rule(line))
        self.rule(
            row,
            at["kind"],
            {
                "validate": "list",
                "source": kind_names(with_reasons=not line.is_linked),
                "input_title": pgettext("figure", "区分"),
                "input_message": gettext(
                    "確定か見込を選びます。数がないときは、数を空けて理由を選びます。"
                )
                if not line.is_linked
                else gettext("確定か見込を選びます。"),
                "error_title": pgettext("figure", "区分"),
                "error_message": gettext("一覧から選んでください。"),
            },
        )
        if line.is_ratio:
            self.rule(
                row,
                at["whole"],
                {
                    "validate": "decimal",
                    "criteria": ">=",
                    "value": 0,
                    "input_title": gettext("母数"),
                    "input_message": gettext("年度全体の母数が計画から変わったときだけ入れます。"),
                    **_asking(),
                },
            )
        for name in TEXTS:
            self.rule(
                row,
                at[name],
                {
                    "validate": "length",
                    "criteria": "<=",
                    "value": 2000,
                    "error_type": "warning",
                    "error_title": str(HEADINGS[name]),
                    "error_message": gettext("2,000文字までにしてください。"),
                },
            )

    def figure_rule(self, line: Line) -> dict:
        if line.is_milestone:
            return {
                "validate": "list",
                "source": stage_names(),
                "input_title": gettext("段階"),
                "input_message": gettext(
                    "期末の段階を選びます。報告できないときは空けて、「区分」で理由を選びます。"
                ),
                "error_title": gettext("段階"),
                "error_message": gettext("一覧から選んでください。"),
            }
        if line.is_linked:
            title = gettext("期末の数")
            message = gettext("空けておくと、年度の数から計算します。")
        elif line.is_sum:
            title = gettext("この期の数")
            message = gettext("この期の分だけを入れます。年度の合計は自動で計算します。")
        else:
            title = gettext("期末の数")
            message = gettext("期末の時点の数を入れます。前の期とは足しません。")
        return {
            "validate": "decimal",
            "criteria": ">=",
            "value": -(10**11) if line.may_be_negative else 0,
            "input_title": gettext("%(what)s（%(unit)s）") % {"what": title, "unit": line.unit}
            if line.unit
            else title,
            "input_message": message,
            **_asking(),
        }

    def rule(self, row: int, at: int, rule: dict) -> None:
        for name, most in MOST_SHOWN.items():
            rule[name] = rule.get(name, "")[:most]
        self.page.data_validation(row, at, row, at, rule)

    def set_up(self) -> None:
        book, page = self.book, self.page
        last_row, last_column = HEAD_ROW + max(len(book.lines), 1), len(book.columns) - 1
        page.freeze_panes(HEAD_ROW + 1, book.columns.index("target") + 1)
        page.autofilter(HEAD_ROW, 0, last_row, last_column)
        page.repeat_rows(HEAD_ROW)
        page.print_area(0, 0, last_row, last_column)
        page.set_landscape()
        _set_paper(page, book)
        page.protect(
            "",
            {
                "format_cells": True,
                "format_columns": True,
                "format_rows": True,
                "autofilter": True,
                "sort": True,
            },
        )
        page.ignore_errors({"number_stored_as_text": f"A1:XFD{last_row + 1}"})
        page.set_selection(HEAD_ROW + 1, book.columns.index("figure"), *self.first_cell())

    def first_cell(self) -> tuple[int, int]:
        return HEAD_ROW + 1, self.book.columns.index("figure")


def lines_of_text(text: str, columns: int) -> int:
    """How many lines a text takes in so many of Excel's characters, at least one."""
    return sum(-(-width(line) // columns) or 1 for line in text.split("\n"))


def _asking() -> dict[str, str]:
    """A figure that Excel takes for none is asked about and not refused: １２ is read as 12."""
    return {
        "error_type": "warning",
        "error_title": gettext("数の確認"),
        "error_message": gettext(
            "Excelでは数として読めないか、0より小さい数です。"
            "全角の数字や「1.2万」は、取り込むときに数として読みます。"
        ),
    }


def _set_paper(page, book: Book) -> None:
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
    page.set_header(f"&L{header_text(book.title)}&R{header_text(book.demo)}")
    page.set_footer(f"&L{header_text(book.footer)}&R&P / &N")


def _write_instructions(file, book: Book) -> None:
    page = file.add_worksheet(gettext("記入のしかた")[:SHEET_NAME])
    look = {"font_name": "BIZ UDPGothic", "font_size": 11, "valign": "top", "text_wrap": True}
    head, text = file.add_format({**look, "bold": True}), file.add_format(look)
    page.set_column(0, 0, 24)
    page.set_column(1, 1, 74)
    for row, (what, said) in enumerate(_instructions()):
        page.set_row(row, 18 * max(lines_of_text(what, 22), lines_of_text(said, 70)))
        page.write_string(row, 0, what, head)
        page.write_string(row, 1, said, text)
    _set_paper(page, book)
    page.protect("", {"format_columns": True, "format_rows": True})


def _instructions() -> list[tuple[str, str]]:
    lines = [
        (
            gettext("入力する欄"),
            gettext("白い欄だけに入力します。灰色の欄は変えられません（シートの保護）。"),
        ),
        (
            str(HEADINGS["figure"]),
            gettext(
                "この期の分だけ、または期末の数を入れます。どちらかは、欄を選ぶと出ます。"
                "全角の数字、「1.2万」、▲5（マイナス）も読みます。"
            ),
        ),
        (
            gettext("段階で報告する目標"),
            gettext("%(stages)sから選びます。") % {"stages": gettext("、").join(stage_names())},
        ),
        (
            gettext("数がないとき"),
            gettext(
                "実績を空けて、「区分」で理由を選びます。理由は入力として数え、0とはしません。"
            ),
        ),
        (
            str(HEADINGS["kind"]),
            gettext("まだ変わるかもしれない数は「見込」にします。空いていれば確定とします。"),
        ),
        (
            str(HEADINGS["whole"]),
            gettext(
                "「49園中33園」のような目標で、年度全体の母数が計画から変わったときだけ入れます。"
            ),
        ),
        (
            gettext("遅れの原因、今後の対応"),
            gettext("遅れている目標には、提出までに必ず書きます。"),
        ),
        (
            gettext("「3-5」や「3/5」"),
            gettext(
                "Excelが日付に変えることがあります。日付になった欄は取り込めません。"
                "「49園中14園」のように入れるか、欄の書式を「文字列」にしてから入れてください。"
            ),
        ),
        (
            gettext("数式"),
            gettext("計算の結果を読みます。4桁を超える小数は四捨五入してください。"),
        ),
        (
            gettext("変えてよいこと"),
            gettext(
                "並べ替え、列の幅や順番、行の削除（消した行の目標はそのまま残ります）、"
                "別のシートの追加。"
            ),
        ),
        (
            gettext("変えないこと"),
            gettext(
                "整理番号、見出し、目標番号、版。どの課のどの期の様式か、"
                "どの目標の行かを、これで確かめます。"
            ),
        ),
        (
            gettext("空にしたとき"),
            gettext("書き出したときに入っていた欄を空にして取り込むと、消してよいかを確かめます。"),
        ),
        (
            gettext("取り込むとき"),
            gettext(
                "書き込む前に、変わるところと直すところが画面に出ます。"
                "そのあいだに他の人が変えた数があれば、どちらを残すかを選べます。"
            ),
        ),
    ]
    return lines
