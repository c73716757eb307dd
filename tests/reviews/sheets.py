"""Filling opinion sheets as members do, for the tests of what comes back."""

import io
import json
import re
from html import unescape

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import TestCase

from reviews.models import Comment
from reviews.opinion_sheet import FORMAT
from tests.kpis.pages import text_of
from tests.reviews.cast import CommitteeCast

SLOT, ABOUT, KIND, TEXT, GRADE = "欄番号", "事業・柱", "種別", "意見", "評価の段階"


def words(page) -> str:
    """What stands on a page to be read."""
    return text_of(page.content.decode())


class Copy:
    """An Excel sheet on a member's machine."""

    def __init__(self, data: bytes):
        self.book = openpyxl.load_workbook(io.BytesIO(data))
        self.page = self.book.worksheets[0]
        self.head = next(
            cell.row for row in self.page.iter_rows() for cell in row if cell.value == SLOT
        )

    def letter(self, heading):
        return next(cell.column_letter for cell in self.page[self.head] if cell.value == heading)

    def slots(self) -> list[str]:
        cells = self.page[self.letter(SLOT)][self.head :]
        return [cell.value for cell in cells if cell.value and "-" in cell.value]

    def row(self, slot):
        return next(
            cell.row for cell in self.page[self.letter(SLOT)] if str(cell.value).startswith(slot)
        )

    def address(self, slot, heading=TEXT):
        return f"{self.letter(heading)}{self.row(slot)}"

    def cell(self, slot, heading=TEXT):
        return self.page[self.address(slot, heading)]

    def write(self, slot, kind, text, **more):
        """Fill one field; others of its row by their heading."""
        for heading, value in {KIND: kind, TEXT: text, **more}.items():
            self.cell(slot, heading).value = value
            if isinstance(value, str) and value.startswith("="):
                self.cell(slot, heading).data_type = "s"
        return self

    def data(self) -> bytes:
        out = io.BytesIO()
        self.book.save(out)
        return out.getvalue()


def saved(page: bytes, *comments, grades=None, **more) -> bytes:
    """What a browser saves of the HTML sheet: what went out, and these comments more.

    Each is (slot, about, kind, text); one whose slot went out takes its place.
    """
    found = re.search(
        r'<script id="answers" type="application/json">(.*?)</script>', page.decode(), re.DOTALL
    )
    held = json.loads(unescape(found[1]))
    assert held["format"] == FORMAT
    known = {each["slot"]: each for each in held["comments"]}
    for slot, about, kind, text in comments:
        known[slot] = {"slot": slot, "about": about, "kind": kind, "text": text}
    held |= {"comments": list(known.values()), "grades": grades or held["grades"], **more}
    return json.dumps(held, ensure_ascii=False).encode()


class Desk(TestCase):
    """The secretariat with the sheets of an open round."""

    @classmethod
    def setUpTestData(cls):
        cls.cast = CommitteeCast()
        cls.cast.open()

    def setUp(self):
        self.who = self.cast.expert
        self.client.force_login(self.cast.secretariat)

    def url(self, page, *more):
        return self.cast.round.address(page, *more)

    def of(self, page="sheet_upload", member=None):
        return self.url(page, (member or self.who).pk)

    def sent_out(self, **choices) -> bytes:
        return self.client.get(self.of("sheet_xlsx", **choices)).content

    def copy(self, **choices) -> Copy:
        return Copy(self.sent_out(**choices))

    def page_sent_out(self, **choices) -> bytes:
        return self.client.get(self.of("sheet_html", **choices)).content

    def send(self, file, name="意見票.xlsx", **choices):
        data = file.data() if isinstance(file, Copy) else file
        return self.client.post(self.of(**choices), {"file": SimpleUploadedFile(name, data)})

    def press(self, page, **answers):
        """Confirm a preview."""
        form = {"kept": page.context["kept"], **answers}
        return self.client.post(self.of(), form, follow=True)

    def bring(self, file, **answers):
        return self.press(self.send(file), **answers)

    def comments(self):
        rows = Comment.objects.filter(member=self.who).order_by("id")
        return [(each.subject, each.key, each.kind, each.text) for each in rows]

    def assert_refused(self, page, text):
        self.assertEqual(page.status_code, 200)
        self.assertContains(page, "取り込めません。何も書き込んでいません。")
        self.assertIn(text, words(page))
        self.assertFalse(Comment.objects.exists())

    def assert_problem(self, page, at, text):
        found = [(each.at, each.text) for each in page.context["preview"].problems]
        self.assertIn(at, [each for each, _text in found])
        self.assertIn(text, " ".join(said for each, said in found if each == at))
        self.assertEqual(page.context["kept"], "")
        self.assertIn(at, words(page))
