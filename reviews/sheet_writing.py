"""The opinion sheet as an Excel file: A4, a row a comment, large enough to read without glasses.

As in kpis/workbook_writing.py nothing is hidden, merged or told by colour alone, and the cells to
fill are unlocked. Those for comments are text cells, so that 3-5 stays what somebody typed.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter
from django.utils.translation import gettext

from kpis.spreadsheets import CELL_LIMIT, header_text
from kpis.workbook_writing import AS_TYPED, SHEET_NAME, lines_of_text

from .models.comments import Kind
from .opinion_sheet import FILLED, FURTHER, HEADINGS, About, Field, Sheet

WIDTHS = {
    "slot": 12,
    "number": 5,
    "about": 22,
    "result": 42,
    "grade": 9,
    "kind": 9,
    "text": 54,
}
#: Rows below the projects in which a member names the project.
FURTHER_ROWS = 10
#: In points: a line of text; the least height of a row to write in; Excel's own bound.
LINE_HEIGHT, LEAST_HEIGHT, MOST_HEIGHT = 15, 36, 409
FONT, SIZE = "BIZ UDPGothic", 11


@dataclass(frozen=True, slots=True)
class _Row:
    """One field with what stands beside it; what it is about is said on its first row only."""

    field: Field
    about: About | None
    is_first: bool


def kind_choices() -> list[str]:
    """1 評価, 2 課題 …: a digit chooses, and the word is read."""
    return [f"{number} {kind.label}" for number, kind in enumerate(Kind, start=1)]


def kind_choice(kind: str) -> str:
    return kind_choices()[Kind.values.index(kind)] if kind else ""


def write_sheet(sheet: Sheet) -> bytes:
    """The file: the sheet to fill, how to fill it, and the list of what can be named."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, AS_TYPED) as file:
        file.set_properties({"title": sheet.title, "comments": str(sheet.reference)})
        _Writer(file, sheet).write()
    return out.getvalue()


class _Writer:
    def __init__(self, file: Any, sheet: Sheet) -> None:
        self.file, self.sheet = file, sheet
        self.columns = [name for name in HEADINGS if name != "grade" or sheet.grades]
        self.page = file.add_worksheet(gettext("意見票")[:SHEET_NAME])
        self.how = file.add_worksheet(gettext("記入のしかた")[:SHEET_NAME])
        self.list = file.add_worksheet(gettext("対象の一覧")[:SHEET_NAME])
        look = {"font_name": FONT, "font_size": SIZE, "valign": "top"}
        cell = {**look, "border": 1, "border_color": "#8C8C8C", "text_wrap": True}
        known = {**cell, "num_format": "@", "bg_color": "#F7F7F7"}

        def shape(**more: Any) -> Any:
            return file.add_format(more)

        self.title = shape(**look | {"font_size": 18, "bold": True})
        self.plain = shape(**look)
        self.fact = shape(**look | {"bold": True, "font_size": 12})
        self.head = shape(**cell | {"bold": True, "bg_color": "#F2F2F2", "bottom": 2})
        self.head_to_fill = shape(**cell | {"bold": True, "bg_color": "#D9E6FF", "bottom": 2})
        self.pillar = shape(**look | {"bold": True, "font_size": 13, "bottom": 5, "top": 1})
        self.pillar_rest = shape(**look | {"bottom": 5, "top": 1})
        self.known = shape(**known)
        self.known_bold = shape(**known | {"bold": True})
        self.small = shape(**known | {"font_size": 9, "font_color": "#4D4D4D"})
        self.fixed = shape(**known | {"bg_color": "#E6E6E6"})
        self.to_fill = shape(**cell | {"num_format": "@", "locked": False})

    # The sheet to fill ---------------------------------------------------------------------------

    def write(self) -> None:
        page = self.page
        for at, name in enumerate(self.columns):
            page.set_column(at, at, WIDTHS[name])
        top = self.write_top()
        for at, name in enumerate(self.columns):
            shape = self.head_to_fill if name in FILLED else self.head
            page.write_string(top, at, str(HEADINGS[name]), shape)
        page.set_row(top, 22)
        row = top
        for row, held in enumerate(self.rows(), start=top + 1):
            if isinstance(held, str):
                self.write_pillar(row, held)
            else:
                self.write_row(row, held)
        self.set_up(top, row)
        self.write_instructions()
        self.write_list()
        page.set_first_sheet()
        page.activate()
        page.set_selection(top + 2, self.at("kind"), top + 2, self.at("kind"))

    def at(self, name: str) -> int:
        return self.columns.index(name)

    def write_top(self) -> int:
        """Whose sheet it is, and the line of instruction; the row of the headings."""
        sheet, page = self.sheet, self.page
        page.set_row(0, 26)
        page.write_string(0, 0, sheet.title + (f"　{sheet.demo}" if sheet.demo else ""), self.title)
        facts = "　　".join(f"{name}：{text}" for name, text in sheet.facts if text)
        page.set_row(1, 18)
        page.write_string(1, 0, facts, self.fact)
        number = gettext("整理番号 %(number)s") % {"number": sheet.reference}
        page.write_string(2, 0, number, self.plain)
        page.write_string(
            3,
            0,
            gettext(
                "白い欄の「種別」を選び、「意見」を書いてください。書くところだけでかまいません。"
                "保存したファイルを、事務局に送ってください。"
            ),
            self.plain,
        )
        return 4

    def rows(self) -> Iterator[_Row | str]:
        for about in self.sheet.subjects:
            if about.heading:
                yield about.heading
            for n, field in enumerate(about.fields):
                yield _Row(field, about, n == 0)
        yield gettext("意見の欄が足りないとき（どの事業への意見かを選んでください）")
        for number in range(1, FURTHER_ROWS + 1):
            yield _Row(Field(f"{FURTHER}-{number}"), None, True)

    def write_pillar(self, row: int, name: str) -> None:
        self.page.set_row(row, 24)
        for at in range(len(self.columns)):
            self.page.write_blank(row, at, None, self.pillar_rest)
        self.page.write_string(row, 0, name, self.pillar)

    def write_row(self, row: int, held: _Row) -> None:
        about, field = held.about, held.field
        told = about if about is not None and held.is_first else None
        result = "\n".join([told.status, *told.result, *told.corrected]) if told else ""
        result = result.strip()
        if not held.is_first and field.state:
            result = field.state
        elif held.is_first and field.state:
            result = "\n".join(filter(None, [result, f"［{field.state}］"]))
        texts = {
            "slot": field.slot,
            "number": told.number if told else "",
            "about": told.name if told else gettext("（つづき）") if about else "",
            "result": result,
            "grade": told.grade if told else "",
            "kind": kind_choice(field.kind),
            "text": field.text,
        }
        lines = max(lines_of_text(texts[name], int(WIDTHS[name] * 0.95)) for name in self.columns)
        height = max(LEAST_HEIGHT, 6 + LINE_HEIGHT * lines)
        self.page.set_row(row, min(height, MOST_HEIGHT))
        for name in self.columns:
            self.write_cell(row, name, texts[name][:CELL_LIMIT], held, told)
        self.write_rules(row, held, told)

    def write_cell(self, row: int, name: str, text: str, held: _Row, told: About | None) -> None:
        shape = {
            "slot": self.small,
            "about": self.known_bold if told else self.known,
            "kind": self.to_fill,
            "text": self.to_fill,
        }.get(name, self.known)
        if name == "about" and held.about is None:
            shape = self.to_fill
        if name == "grade":
            shape = self.to_fill if told is not None and told.is_project else self.fixed
        if text:
            self.page.write_string(row, self.at(name), text, shape)
        else:
            self.page.write_blank(row, self.at(name), None, shape)

    def write_rules(self, row: int, held: _Row, told: About | None) -> None:
        """What is chosen from a list; whatever else is typed is read when the file comes back."""
        self.choose(row, "kind", kind_choices(), gettext("種別を1つ選びます。"))
        if self.sheet.grades and told is not None and told.is_project:
            marks = [mark for mark, _name in self.sheet.grades]
            names = gettext("、").join(f"{m} {name}".strip() for m, name in self.sheet.grades)
            self.choose(row, "grade", marks, names)
        if held.about is None:
            source = f"='{self.list.get_name()}'!$A$2:$A${len(self.sheet.subjects) + 1}"
            self.choose(row, "about", source, gettext("どの事業・柱への意見かを選びます。"))

    def choose(self, row: int, name: str, source: Any, message: str) -> None:
        at = self.at(name)
        self.page.data_validation(
            row,
            at,
            row,
            at,
            {
                "validate": "list",
                "source": source,
                "input_title": str(HEADINGS[name])[:32],
                "input_message": message[:255],
                "error_type": "warning",
                "error_title": str(HEADINGS[name])[:32],
                "error_message": gettext("一覧から選んでください。"),
            },
        )

    def set_up(self, top: int, last: int) -> None:
        page, sheet = self.page, self.sheet
        page.freeze_panes(top + 1, 0)
        page.repeat_rows(top)
        page.print_area(0, 0, last, len(self.columns) - 1)
        page.set_landscape()
        self.set_paper(page)
        page.protect(
            "",
            {"format_cells": True, "format_columns": True, "format_rows": True},
        )
        page.ignore_errors({"number_stored_as_text": f"A1:XFD{last + 1}"})
        page.set_zoom(110)
        page.set_header(
            f"&L{header_text(sheet.title)}　{header_text(sheet.member)}"
            f"&R{header_text(str(sheet.reference))}　{header_text(sheet.demo)}"
        )

    def set_paper(self, page: Any) -> None:
        page.set_paper(9)  # A4
        page.fit_to_pages(1, 0)
        page.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
        page.set_footer(f"&L{header_text(self.sheet.footer)}&R&P / &N")

    # Beside it -----------------------------------------------------------------------------------

    def write_instructions(self) -> None:
        page = self.how
        look = {"font_name": FONT, "font_size": 12, "valign": "top", "text_wrap": True}
        head, text = self.file.add_format({**look, "bold": True}), self.file.add_format(look)
        page.set_column(0, 0, 22)
        page.set_column(1, 1, 70)
        for row, (what, said) in enumerate(instructions(self.sheet)):
            lines = max(lines_of_text(what, 19), lines_of_text(said, 62))
            page.set_row(row, min(8 + 18 * lines, MOST_HEIGHT))
            page.write_string(row, 0, what, head)
            page.write_string(row, 1, said, text)
        self.set_paper(page)
        page.protect("", {"format_columns": True, "format_rows": True})

    def write_list(self) -> None:
        page = self.list
        page.set_column(0, 0, 60)
        page.write_string(0, 0, gettext("対象"), self.head)
        for row, title in enumerate(self.sheet.titles, start=1):
            page.write_string(row, 0, title, self.known)
        self.set_paper(page)
        page.protect("", {"format_columns": True, "format_rows": True})


def instructions(sheet: Sheet) -> Sequence[tuple[str, str]]:
    """How to fill the sheet and what to send to whom, in the order in which it is done."""
    lines = [
        (
            gettext("1　読む"),
            gettext("「この期までの結果」は、%(day)sの写しです。くわしくは評価資料をご覧ください。")
            % {"day": dict(sheet.facts).get(gettext("結果の写し"), "")},
        ),
        (
            gettext("2　種別を選ぶ"),
            gettext(
                "評価（よいところ）、課題（心配なところ）、提案（してほしいこと）、"
                "質問（聞きたいこと）から1つ選びます。"
            ),
        ),
        (
            gettext("3　意見を書く"),
            gettext(
                "長さに決まりはありません。欄の中で改行するには、Altキーを押しながらEnterキーを押します。"
                "書かない欄は、空けておいてください。"
            ),
        ),
        (
            gettext("4　保存して送る"),
            gettext("%(due)sまでに、保存したファイルを事務局に送ってください。")
            % {"due": sheet.due}
            + (f"\n{sheet.contact}" if sheet.contact else ""),
        ),
        (
            gettext("同じ事業に2つ以上"),
            gettext(
                "1つの欄に1つの意見を書きます。欄が足りないときは、表の下の「意見の欄が足りないとき」で、"
                "どの事業への意見かを選んで書きます。"
            ),
        ),
        (
            gettext("もう書いてある欄"),
            gettext(
                "事務局に届いている意見です。直すときは、書き直してください。"
                "画面から書いた意見は、事務局が確かめてから別の意見として加えます。"
            ),
        ),
        (
            gettext("変えないところ"),
            gettext(
                "整理番号、見出し、欄番号。だれの意見票で、どの事業への意見かを、これで確かめます。"
                "数式は読めません。"
            ),
        ),
    ]
    if sheet.note:
        lines.insert(0, (gettext("事務局から"), sheet.note))
    if sheet.grades:
        names = gettext("、").join(f"{mark} {name}".strip() for mark, name in sheet.grades)
        lines.insert(
            2,
            (
                gettext("評価の段階"),
                gettext("事業ごとに、%(names)sから1つ選びます。選ばなくてもかまいません。")
                % {"names": names},
            ),
        )
    return lines
