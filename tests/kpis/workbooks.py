"""Filling a sheet as people do, for the tests of what comes back."""

import io

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import TestCase
from django.urls import reverse

from kpis.models import Actual
from kpis.workbook import HEAD_ROW
from tests.cast import Cast
from tests.kpis.pages import text_of

HEAD = HEAD_ROW + 1  # as a spreadsheet counts
FIGURE, KIND, WHOLE, NOTE = "この期の実績", "区分", "母数", "備考"


def words(page) -> str:
    """What stands on a page to be read."""
    return text_of(page.content.decode())


class Copy:
    """A sheet on somebody's machine."""

    def __init__(self, data: bytes):
        self.book = openpyxl.load_workbook(io.BytesIO(data))
        self.page = self.book.worksheets[0]

    def letter(self, heading):
        return next(cell.column_letter for cell in self.page[HEAD] if cell.value == heading)

    def row(self, key):
        letter = self.letter("目標番号")
        return next(cell.row for cell in self.page[letter] if cell.value == key)

    def address(self, key, heading=FIGURE):
        return f"{self.letter(heading)}{self.row(key)}"

    def cell(self, key, heading=FIGURE):
        return self.page[self.address(key, heading)]

    def fill(self, key, figure=None, **more):
        """Type into the row of a target: the figure, and others by their heading."""
        typed = more if figure is None else {FIGURE: figure, **more}
        for heading, value in typed.items():
            self.cell(key, heading).value = value
        return self

    def data(self) -> bytes:
        out = io.BytesIO()
        self.book.save(out)
        return out.getvalue()


class Desk(TestCase):
    """A section with its sheet of the second half."""

    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()
        cls.cast.entered(cls.cast.patrols, cls.cast.first_half, 275, state="confirmed")

    def setUp(self):
        self.be(self.cast.doboku_staff, self.cast.doboku)

    def be(self, who, section):
        self.who, self.section = who, section
        self.client.force_login(who)

    def as_fukushi(self):
        self.be(self.cast.fukushi_staff, self.cast.fukushi)

    def as_chiiki(self):
        self.be(self.cast.chiiki_staff, self.cast.chiiki)

    def url(self, page="sheet_upload", period="H2", section=None):
        section = section or self.section
        return reverse(f"kpis:{page}", args=["14107", 2020, section.pk, period])

    def copy(self, **choices) -> Copy:
        return Copy(self.client.get(self.url("sheet_xlsx", **choices)).content)

    def send(self, file, name="実績入力.xlsx", **choices):
        data = file.data() if isinstance(file, Copy) else file
        sent = {"file": SimpleUploadedFile(name, data)}
        return self.client.post(self.url(**choices), sent)

    def press(self, page, **answers):
        """Confirm a preview."""
        form = {"kept": page.context["kept"], **answers}
        return self.client.post(self.url(), form, follow=True)

    def bring(self, file, **answers):
        return self.press(self.send(file), **answers)

    def kept(self, target=None):
        return Actual.objects.get(target=target or self.cast.patrols, period__key="H2")

    def assert_nothing_kept(self):
        self.assertFalse(Actual.objects.filter(period__key="H2").exists())

    def assert_problem(self, page, address, text):
        found = [(problem.address, problem.text) for problem in page.context["preview"].problems]
        self.assertIn(address, [each for each, _text in found])
        self.assertIn(text, " ".join(said for each, said in found if each == address))
        self.assertEqual(page.context["kept"], "")
        self.assertIn(address, words(page))

    def assert_refused(self, page, text):
        self.assertEqual(page.status_code, 200)
        self.assertContains(page, "取り込めません。何も書き込んでいません。")
        self.assertIn(text, words(page))
        self.assert_nothing_kept()
