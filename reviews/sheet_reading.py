"""A sheet that came back: from the bytes of a file to the fields that were filled in.

Two kinds come back: the Excel sheet, and the file that a browser saved (or the page itself, saved
by the browser with what was typed in it). Nothing in either is believed. kpis/workbook_reading.py
looks at what a workbook is made of before any of it is unpacked; of a saved file only texts of
the expected shape are taken. What was typed arrives exactly as typed; where a spreadsheet made
something else of it, the cell is named as a problem.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from openpyxl.utils import get_column_letter

from kpis.workbook import bare
from kpis.workbook_reading import (
    LARGEST_FILE,
    MOST_ROWS,
    Trouble,
    UnreadableFile,
    look_at,
    open_book,
    rows_that_hold,
    said,
    shape_of,
    unescaped,
)

from .models import Comment
from .opinion_sheet import (
    FILLED,
    FORMAT,
    Given,
    GivenGrade,
    Problem,
    Reference,
    Returned,
    find_references,
    heading_names,
    is_writable,
    kind_by_name,
    read_mark,
)
from .sheet_words import problem_sentence

#: How far down the reference number and the headings are looked for.
HEAD_ROWS = 40
NEEDED = ("slot", "kind", "text")
READ = frozenset({"slot", "about", *FILLED})
#: Of a saved file: so many comments at most.
MOST_FIELDS = 2000


def read_sheet(data: bytes, wanted: Reference) -> Returned:
    """The sheet, if it is the one that is wanted; else UnreadableFile.

    `wanted` says whose sheet of which round and copy it has to be.
    """
    found = _read(data)
    if not found.reference.is_of_the_same_sheet(wanted):
        raise UnreadableFile(_what_is_wrong(found.reference, wanted), reference=found.reference)
    return found


def _what_is_wrong(here: Reference, wanted: Reference) -> str:
    if here.ward != wanted.ward:
        return "another_ward"
    if (here.year, here.period.casefold()) != (wanted.year, wanted.period.casefold()):
        return "another_round"
    if here.member != wanted.member:
        return "another_member"
    return "older_copy" if here.copy < wanted.copy else "another_copy"


def _read(data: bytes) -> Returned:
    if len(data) > LARGEST_FILE:
        raise UnreadableFile("too_large")
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"{"):
        return _read_saved(_text(data))
    if start.startswith(b"<"):
        return _read_saved(_answers_in(_text(data)))
    return _Workbook(look_at(data)).read()


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile("broken_file") from error


# What a browser saved ----------------------------------------------------------------------------


#: Where the record of a page that was saved begins, and where it ends. A page is searched and not
#: parsed: a few kilobytes of "<!--" keep an HTML parser busy for minutes.
_BEGINS = re.compile(r"<script\b[^<>]{0,200}?\bid=[\"']?answers[\"']?(?=[\s>])[^<>]{0,200}>", re.I)
_ENDS = re.compile(r"</script", re.I)


def _answers_in(page: str) -> str:
    """What was typed in a page that was saved: the text of <script id="answers">."""
    begins = _BEGINS.search(page)
    ends = _ENDS.search(page, begins.end()) if begins else None
    found = page[begins.end() : ends.start()] if begins and ends else ""
    if not found.strip():
        raise UnreadableFile("no_answers")
    return found


def _read_saved(text: str) -> Returned:
    try:
        held = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableFile("broken_file") from error
    if not isinstance(held, dict) or held.get("format") != FORMAT:
        raise UnreadableFile("no_answers")
    references = find_references(str(held.get("reference", ""))[:200])
    if not references:
        raise UnreadableFile("no_reference")
    comments, grades = held.get("comments", []), held.get("grades", {})
    if not isinstance(comments, list) or not isinstance(grades, dict):
        raise UnreadableFile("broken_file")
    if len(comments) > MOST_FIELDS or len(grades) > MOST_FIELDS:
        raise UnreadableFile("too_much_inside")
    found = Returned(references[0], Comment.Source.FILE)
    taken: set[str] = set()
    for each in comments:
        given = _saved_field(each)
        if given.slot in taken:
            raise UnreadableFile("broken_file")
        taken.add(given.slot)
        found.fields.append(given)
    for key, grade in grades.items():
        if not isinstance(grade, str) or not is_writable(key + grade):
            raise UnreadableFile("broken_file")
        if grade:
            found.grades.append(GivenGrade(key, grade[:10], ""))
    return found


def _saved_field(each: Any) -> Given:
    """One comment of a saved file. Its place is what it is about: "project p05", "whole"."""
    if not isinstance(each, Mapping):
        raise UnreadableFile("broken_file")
    texts = [each.get(name, "") for name in ("slot", "kind", "text", "about")]
    if not all(isinstance(text, str) for text in texts):
        raise UnreadableFile("broken_file")
    slot, kind, text, about = texts
    if not slot or len(slot) > 100 or len(about) > 100 or not is_writable(slot + about + kind):
        raise UnreadableFile("broken_file")
    return Given(slot, kind[:20], _typed(text), "", about)


def _typed(text: str) -> str:
    """As typed, with one kind of line end; nothing where only blanks were left."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return plain if plain.strip() else ""


# The Excel sheet ---------------------------------------------------------------------------------


class _Workbook:
    """The workbook, as it is read."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.names = heading_names()
        self.columns: dict[int, str] = {}

    def read(self) -> Returned:
        pages = []
        for page in open_book(self.data).worksheets:
            references = [
                reference
                for _number, held in rows_that_hold(page, HEAD_ROWS)
                for _at, cell in held
                if isinstance(cell.value, str)
                for reference in find_references(cell.value)
            ]
            if references:
                pages.append((page.title[:40], references, page))
        if not pages:
            raise UnreadableFile("no_reference")
        if len(pages) > 1:
            raise UnreadableFile("two_sheets", first=pages[0][0], second=pages[1][0])
        _title, references, page = pages[0]
        if len({str(each) for each in references}) > 1:
            raise UnreadableFile("two_references")
        self.found = Returned(references[0], Comment.Source.XLSX)
        self.read_rows(rows_that_hold(page))
        return self.found

    def read_rows(self, rows: Any) -> None:
        taken: dict[str, str] = {}
        for number, held in rows:
            if not self.columns:
                self.columns = self.heads(held)
                if not self.columns and number > HEAD_ROWS:
                    break
                continue
            if number > MOST_ROWS:
                raise UnreadableFile("too_many_rows", most=MOST_ROWS)
            self.read_row(number, held, taken)
        if not self.columns:
            raise UnreadableFile("no_opinion_headings")

    def heads(self, held: list[tuple[int, Any]]) -> dict[int, str]:
        """The columns, where this is the row of headings; else nothing."""
        named = {
            at: name
            for at, cell in held
            if isinstance(cell.value, str) and (name := self.names.get(bare(cell.value)))
        }
        there = list(named.values())
        if not {"slot", "text"} <= set(there):
            return {}
        for name in there:
            if there.count(name) > 1:
                raise UnreadableFile("heading_twice", column=name)
        if missing := [name for name in NEEDED if name not in there]:
            raise UnreadableFile("heading_missing", column=missing[0])
        return named

    def read_row(self, number: int, held: list[tuple[int, Any]], taken: dict[str, str]) -> None:
        """One field. A row in which nobody wrote is passed over, unless it went out with words."""
        at = {name: f"{get_column_letter(n)}{number}" for n, name in self.columns.items()}
        texts, troubles = self.texts_of(held)
        text, slot = texts.get("text", ""), texts.get("slot", "")
        for name, trouble in troubles.items():
            self.problem(at[name], slot, trouble.key, shown=trouble.shown)
        if troubles or self.names.get(bare(slot)) == "slot":  # a head that was pasted in once more
            return
        if "grade" in texts and slot:
            self.found.grades.append(GivenGrade(slot, texts["grade"][:20], at["grade"]))
        if not text and read_mark(slot) is None:
            return
        kind, typed = "", texts.get("kind", "")
        if text:
            if not slot:
                return self.problem(at["slot"], "", "no_slot")
            if slot in taken:
                return self.problem(
                    at["slot"], slot, "slot_twice", slot=slot[:40], other=taken[slot]
                )
            taken[slot] = at["slot"]
            kind = kind_by_name(typed) or ""
            if not kind:
                key = "kind" if typed else "no_kind"
                return self.problem(at["kind"], slot, key, typed=typed[:40])
        given = Given(slot, kind, text, at["text"], texts.get("about", ""))
        self.found.fields.append(given)
        return None

    def texts_of(self, held: list[tuple[int, Any]]) -> tuple[dict[str, str], dict[str, Trouble]]:
        """What the cells of a row say, by column; and which of them say nothing that is one."""
        texts: dict[str, str] = {}
        troubles: dict[str, Trouble] = {}
        for column, cell in held:
            name = self.columns.get(column, "")
            if name not in READ:
                continue
            told = _as_typed(cell) if name == "text" else _said(cell)
            if isinstance(told, Trouble):
                troubles[name] = told
            elif told:
                texts[name] = told
        return texts, troubles

    def problem(self, at: str, slot: str, key: str, /, **values: Any) -> None:
        self.found.problems.append(Problem(at, problem_sentence(key, **values), slot))


def _said(cell: Any) -> str | Trouble:
    return said(cell.value, cell.data_type, shape_of(cell), prose=True)


def _as_typed(cell: Any) -> str | Trouble:
    """The words of a comment's cell, blanks and lines as somebody typed them."""
    if isinstance(cell.value, str) and cell.data_type not in ("f", "e"):
        return _typed(unescaped(cell.value))
    told = _said(cell)
    return _typed(told) if isinstance(told, str) else told
