"""A sheet that was filled in: from the bytes of an .xlsx to the texts of its cells.

Nothing in the file is believed. What it is made of is looked at before any of it is unpacked into
cells; what could run, reach elsewhere or grow without end is refused with a sentence. Then rows
and columns are found by what stands in sight (kpis/workbook.py), wherever they were moved to.

Each cell becomes the text that a person would have typed into it: 14.0 is 14, and 0.9 that shows
as 90% is 90%. Where a spreadsheet made something else of what was typed (a date out of 3-5, an
error, yes or no) there is no such text, and the cell has a trouble instead.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import openpyxl
from openpyxl.utils import get_column_letter

from .numbers import plain
from .units import fold
from .workbook import FILLED, TEXTS, Reference, bare, find_references, heading_names

#: Of the file, of what it unpacks to, and of the table in it.
LARGEST_FILE = 5 * 1024 * 1024
LARGEST_UNPACKED = 12 * 1024 * 1024
MOST_PARTS = 500
#: Tags of all sheets and their texts together, and of any other part: each costs time to read.
MOST_TAGS, MOST_TAGS_ELSEWHERE = 300_000, 20_000
MOST_ROWS, MOST_COLUMNS, MOST_SHEETS = 2000, 100, 100
#: Tags of the largest part, times the sheets: each of them may point at that same part.
MOST_TAGS_POINTED_AT = 3_000_000
#: The last row that a spreadsheet has. Some programs note the height of that one.
LAST_ROW = 1_048_576
#: How far down the reference number and the headings are looked for.
HEAD_ROWS = 40

OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OTHER_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*\sencoding\s*=\s*["'](?!utf-?8|us-ascii)""", re.I)
#: What is written into a format without being shown as a format: "text", \x, [Red].
_LITERALS = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.')
_ESCAPED = re.compile(r"_x(00[01][0-9A-Fa-f])_")

#: Columns that are read; the others are there for people.
READ = frozenset({"key", "version", *FILLED})
#: Columns without which nobody can say what a cell is about.
NEEDED = ("key", "figure", "kind", "whole")


class UnreadableFile(ValueError):
    """The file is not read. `key` names the sentence, `values` go into it."""

    def __init__(self, key: str, **values: Any) -> None:
        super().__init__(key)
        self.key, self.values = key, values


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a cell has no text: a date, an error, yes or no, a formula that was never reckoned."""

    key: str
    shown: str = ""


@dataclass(slots=True)
class Row:
    """A row of the table, as the spreadsheet counts: what its cells say, by column."""

    number: int
    texts: dict[str, str] = field(default_factory=dict)
    troubles: dict[str, Trouble] = field(default_factory=dict)

    def text(self, name: str) -> str:
        return self.texts.get(name, "")

    @property
    def is_filled(self) -> bool:
        return any(name in self.troubles or self.text(name) for name in FILLED)


@dataclass(slots=True)
class Filled:
    """A sheet that came back. `columns` has the letter of each column that is there."""

    reference: Reference
    columns: dict[str, str]
    rows: list[Row]

    def address(self, row: Row, name: str) -> str:
        return f"{self.columns.get(name, self.columns['key'])}{row.number}"

    def kept(self) -> dict[str, Any]:
        """As plain lists, to be signed and sent along. Rows with troubles are never sent."""
        rows = [[row.number, row.texts] for row in self.rows]
        return {"columns": self.columns, "rows": rows}

    @classmethod
    def again(cls, reference: Reference, kept: dict[str, Any]) -> Filled:
        rows = [Row(number, texts) for number, texts in kept["rows"]]
        return cls(reference, kept["columns"], rows)


def read_file(data: bytes, wanted: Reference) -> Filled:
    """The sheet that was filled in, if the file has the one that is wanted; else UnreadableFile."""
    data = look_at(data)
    pages = [_Page(page) for page in open_book(data).worksheets]
    found = [each for page in pages for each in page.references]
    of_wanted = [page for page in pages if wanted in page.references]
    if not found:
        raise UnreadableFile("no_reference")
    if not of_wanted:
        raise UnreadableFile("another_sheet", reference=found[0])
    if len(of_wanted) > 1:
        names = [page.title[:40] for page in of_wanted[:2]]
        raise UnreadableFile("two_sheets", first=names[0], second=names[1])
    return _Table(data, of_wanted[0], wanted).read()


# What the file is made of -----------------------------------------------------------------------


def look_at(data: bytes) -> bytes:
    """Refuse whatever is no plain workbook, before anything of it is unpacked into cells.

    The workbook made of what was looked at: whatever else a file holds, under whichever name,
    nobody reads it.
    """
    if not data:
        raise UnreadableFile("empty")
    if len(data) > LARGEST_FILE:
        raise UnreadableFile("too_large")
    if data.startswith(OLD_OFFICE):
        raise UnreadableFile("encrypted" if _ENCRYPTED in data else "old_format")
    if not data.startswith(b"PK"):
        raise UnreadableFile("csv" if _looks_like_text(data) else "no_workbook")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return _packed(_look_into(package))
    except UnreadableFile:
        raise
    except Exception as error:  # a package can be broken in more ways than zipfile has errors for
        raise UnreadableFile("broken") from error


def _looks_like_text(data: bytes) -> bool:
    return b"\x00" not in data[:4096] and not data.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8"))


def _packed(contents: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, content in contents.items():
            package.writestr(name, content)
    return out.getvalue()


def _look_into(package: zipfile.ZipFile) -> dict[str, bytes]:
    """The parts that a workbook consists of, by name; pictures and the like are none."""
    parts = package.infolist()
    names = [part.filename.replace("\\", "/").lower() for part in parts]
    read = [part for part in parts if not part.filename.lower().startswith("xl/media/")]
    if len(parts) > MOST_PARTS or sum(part.file_size for part in read) > LARGEST_UNPACKED:
        raise UnreadableFile("too_much_inside")
    if any(part.flag_bits & 1 for part in parts):
        raise UnreadableFile("encrypted")
    if any("vbaproject" in name or "macrosheets/" in name for name in names):
        raise UnreadableFile("macros")
    if any("externallinks/" in name or name.endswith("xl/connections.xml") for name in names):
        raise UnreadableFile("external_links")
    if "[content_types].xml" not in names or not any(n.endswith("workbook.xml") for n in names):
        raise UnreadableFile("no_workbook")
    contents = {}
    tags = largest = sheets = 0
    for part in read:
        name = part.filename.lower()
        if not name.endswith((".xml", ".rels", ".vml")):
            continue
        content = package.read(part)
        _look_at_markup(content, name)
        here = content.count(b"<")
        of_table = "worksheets/" in name or name.endswith("sharedstrings.xml")
        tags += here if of_table else 0
        if tags > MOST_TAGS or (not of_table and here > MOST_TAGS_ELSEWHERE):
            raise UnreadableFile("too_much_inside")
        largest = max(largest, here)
        # Whichever part is the workbook: its name is no proof of it.
        sheets = max(sheets, 0 if of_table else len(_SHEET.findall(content)))
        if sheets > MOST_SHEETS or sheets * largest > MOST_TAGS_POINTED_AT:
            raise UnreadableFile("too_much_inside")
        contents[part.filename] = content
    return contents


def _look_at_markup(content: bytes, name: str) -> None:
    """No part declares entities: that is how a small file unpacks without end, or reads others.

    A text in a cell cannot look like one, since < is written &lt; there. Other encodings could
    hide it, and no spreadsheet program writes them.
    """
    if b"\x00" in content[:64] or content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableFile("broken")
    if _OTHER_ENCODING.match(content[:200]) or b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise UnreadableFile("broken")
    if name == "[content_types].xml" and b"macroenabled" in content.lower():
        raise UnreadableFile("macros")


# Finding the table ------------------------------------------------------------------------------


def open_book(data: bytes, *, results: bool = False) -> Any:
    """The workbook; with the `results` of formulas in the place of the formulas."""
    try:
        return openpyxl.load_workbook(
            io.BytesIO(data), read_only=True, data_only=results, keep_links=False
        )
    except Exception as error:  # whatever openpyxl stumbles over, the file is what is wrong
        raise UnreadableFile("broken") from error


#: The number of a row, and its cells that hold something, each with the number of its column.
_Held = tuple[int, list[tuple[int, Any]]]


def rows_that_hold(page: Any, most_rows: int | None = None) -> Iterator[_Held]:
    """Every row that holds something, down to a bound."""
    try:
        page.reset_dimensions()  # what a file says of its own size is not believed
        rows = page.iter_rows(max_row=most_rows, max_col=MOST_COLUMNS)
        before = None
        for number, row in enumerate(rows, start=1):
            if number > LAST_ROW:
                raise UnreadableFile("broken")
            if row is before:  # of a gap between two rows openpyxl gives the same one each time
                continue
            before = row
            held = [(at, cell) for at, cell in enumerate(row, start=1) if cell.value is not None]
            if held:
                yield number, held
    except UnreadableFile:
        raise
    except Exception as error:  # as above
        raise UnreadableFile("broken") from error


class _Page:
    """A sheet of the file, of which only the top is read until it is known to be the one."""

    def __init__(self, page: Any) -> None:
        self.title: str = page.title
        self._page = page
        self.references = [
            reference
            for _number, held in rows_that_hold(page, HEAD_ROWS)
            for _at, cell in held
            if isinstance(cell.value, str)
            for reference in find_references(fold(cell.value))
        ]

    @property
    def rows(self) -> Iterator[_Held]:
        return rows_that_hold(self._page)


class _Table:
    """The table on the sheet, as it is read."""

    def __init__(self, data: bytes, page: _Page, reference: Reference) -> None:
        self.data = data
        self.page = page
        self.reference = reference
        self.headings = heading_names()
        self.columns: dict[int, str] = {}

    def read(self) -> Filled:
        rows, formulas = [], False
        for number, held in self.page.rows:
            if not self.columns:
                self.columns = self.heads(held)
                if not self.columns and number > HEAD_ROWS:
                    break
                continue
            if number > MOST_ROWS:
                raise UnreadableFile("too_many_rows", most=MOST_ROWS)
            row = Row(number)
            for at, cell in held:
                if (name := self.columns.get(at)) in READ:
                    formulas = formulas or cell.data_type == "f"
                    self.take(row, name, cell)
            if row.texts or row.troubles:
                rows.append(row)
        if not self.columns:
            raise UnreadableFile("no_headings")
        if formulas:
            self.take_results(rows)
        letters = {name: get_column_letter(at) for at, name in self.columns.items()}
        # A head that was pasted in once more, between the rows, is no row.
        kept = [row for row in rows if self.headings.get(bare(row.text("key"))) != "key"]
        return Filled(self.reference, letters, kept)

    def heads(self, held: list[tuple[int, Any]]) -> dict[int, str]:
        """The columns, where this is the row of headings; else nothing."""
        named = {
            at: name
            for at, cell in held
            if isinstance(cell.value, str)
            and (name := self.headings.get(bare(cell.value))) is not None
        }
        there = set(named.values())
        if not {"key", "figure"} <= there:
            return {}
        for name in named.values():
            if list(named.values()).count(name) > 1:
                raise UnreadableFile("heading_twice", column=name)
        if missing := [name for name in NEEDED if name not in there]:
            raise UnreadableFile("heading_missing", column=missing[0])
        return named

    def take(self, row: Row, name: str, cell: Any) -> None:
        found = said(cell.value, cell.data_type, shape_of(cell), prose=name in TEXTS)
        if isinstance(found, Trouble):
            row.troubles[name] = found
        elif found:
            row.texts[name] = found

    def take_results(self, rows: list[Row]) -> None:
        """Read the cells again, with what their formulas came to when the file was saved."""
        wanted = {row.number: row for row in rows}
        book = open_book(self.data, results=True)
        again = dict(rows_that_hold(book[self.page.title], max(wanted)))
        for number, row in wanted.items():
            results = dict(again.get(number, []))
            for at, name in self.columns.items():
                if row.troubles.get(name) != FORMULA:
                    continue
                if (cell := results.get(at)) is not None:
                    del row.troubles[name]
                    self.take(row, name, cell)


# One cell ---------------------------------------------------------------------------------------

FORMULA = Trouble("formula")


def shape_of(cell: Any) -> str:
    """The number format; none where the file does not have the style that its cell names."""
    try:
        return cell.number_format or ""
    except IndexError:
        return ""


def said(value: Any, kind: str, shape: str, *, prose: bool = False) -> str | Trouble:
    """What a cell says, as a person would have typed it; or why there is no telling.

    `kind` is openpyxl's letter for the type, `shape` the number format. In `prose` yes and no
    are words like any others.
    """
    if kind == "f":
        return FORMULA
    if value is None:
        return ""
    if kind == "e":
        return Trouble("error", str(value))
    if isinstance(value, bool):
        word = "TRUE" if value else "FALSE"
        return word if prose else Trouble("truth", word)
    if isinstance(value, datetime | date | time | timedelta):
        return Trouble("date", _moment(value))
    if isinstance(value, int | float):
        return _number(value, shape)
    return unescaped(str(value)).replace("\r\n", "\n").replace("\r", "\n").strip()


def _number(value: int | float, shape: str) -> str:
    """As many digits as a spreadsheet keeps: 0.30000000000000004 is 0.3."""
    if not math.isfinite(value):
        return str(value)
    exact = Decimal(f"{value:.15g}")
    if "%" in _LITERALS.sub("", shape):
        return f"{plain(exact * 100)}%"
    return plain(exact)


def _moment(value: datetime | date | time | timedelta) -> str:
    if isinstance(value, datetime) and not value.hour and not value.minute:
        value = value.date()
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def unescaped(text: str) -> str:
    """_x000D_ and the like are how a workbook writes characters that XML cannot.

    Others that look so are as somebody typed them: openpyxl has taken their own mark off.
    """
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
