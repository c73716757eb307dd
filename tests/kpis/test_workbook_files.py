"""Files of every kind that somebody may send: each is read, or refused with one sentence."""

import io
import re
import zipfile

import pytest
import xlsxwriter
from django.conf import settings
from django.test import override_settings

from kpis import workbook_reading
from kpis.workbook_words import FILE_SENTENCES
from tests.kpis.workbooks import FIGURE, HEAD, NOTE, WHOLE, Copy, Desk, words


def repacked(data, change=None, extra=None) -> bytes:
    """The same package with parts changed by name, or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, (change or {}).get(name, lambda same: same)(content))
        for name, content in (extra or {}).items():
            new.writestr(name, content)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
BOMB = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;">]>"""


class Refused(Desk):
    def setUp(self):
        super().setUp()
        self.sent_out = self.client.get(self.url("sheet_xlsx")).content
        self.good = Copy(self.sent_out).fill("p05-t1", 200).data()

    def refuse(self, data, text, **choices):
        self.assert_refused(self.send(data, **choices), text)

    def test_no_file_at_all(self):
        self.assert_refused(self.client.post(self.url(), {}), "ファイルが選ばれていません")
        self.assert_refused(self.client.post(self.url(), {"file": "x"}), "ファイルが選ばれて")

    def test_what_is_no_workbook(self):
        for data, text in [
            (b"", "このファイルは空です"),
            ("目標番号,実績\r\np05-t1,200\r\n".encode("cp932"), "CSVなどの文字だけのファイル"),
            (b"%PDF-1.7\n", "Excelファイル（.xlsx）ではありません"),
            (b"\x89PNG\r\n\x1a\n\x00\x00", "Excelファイル（.xlsx）ではありません"),
            (b"PK\x03\x04" + b"\x00" * 100, "壊れているか"),
            (b"PK", "壊れているか"),
            (self.good[:-200], "壊れているか"),
            (self.good[: len(self.good) // 2], "壊れているか"),
            (repacked(b"PK\x05\x06" + b"\0" * 18, extra={"a.txt": b"x"}), "ではありません"),
            (workbook_reading.OLD_OFFICE + b"\0" * 600, "古い形式（.xls）"),
            (
                workbook_reading.OLD_OFFICE + "EncryptedPackage".encode("utf-16-le"),
                "パスワードの付いたファイル",
            ),
        ]:
            with self.subTest(data[:12]):
                self.refuse(data, text)

    def test_a_document_of_another_kind(self):
        changed = repacked(self.good, {"xl/workbook.xml": lambda _old: b"<w:document/>"})
        self.refuse(changed, "壊れているか")
        changed = repacked(self.good, {"xl/workbook.xml": lambda _old: b"<document/>"})
        self.refuse(changed, "整理番号が見つかりません")

    def test_macros_by_part_and_by_content_type(self):
        self.refuse(
            repacked(self.good, extra={"xl/vbaProject.bin": b"\xd0\xcf"}), "マクロの入ったファイル"
        )
        macro = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
        usual = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
        changed = repacked(
            self.good, {"[Content_Types].xml": lambda old: old.replace(usual, macro)}
        )
        self.refuse(changed, "マクロの入ったファイル", name="実績入力.xlsm")

    def test_links_to_other_files_and_connections(self):
        for part in ("xl/externalLinks/externalLink1.xml", "xl/connections.xml"):
            with self.subTest(part):
                self.refuse(repacked(self.good, extra={part: b"<x/>"}), "ほかのファイルへのリンク")

    def test_a_package_that_unpacks_without_end(self):
        large = b" " * (workbook_reading.LARGEST_UNPACKED + 1)
        data = repacked(self.good, extra={"xl/worksheets/sheet9.xml": large})
        self.assertLess(len(data), 100_000)
        self.refuse(data, "中身を広げると大きくなりすぎる")
        many = {f"xl/worksheets/s{n}.xml": b"" for n in range(workbook_reading.MOST_PARTS)}
        self.refuse(repacked(self.good, extra=many), "中身を広げると大きくなりすぎる")

    def test_a_small_package_that_takes_long_to_read(self):
        def swollen(old):
            return old.replace(b"</fonts>", b"<font><sz val='1'/></font>" * 20_000 + b"</fonts>")

        data = repacked(self.sent_out, {"xl/styles.xml": swollen})
        self.assertLess(len(data), 50_000)
        self.refuse(data, "中身を広げると大きくなりすぎる")

        def leaved(old):
            return old.replace(b"</sheets>", b"<sheet name='a' sheetId='9'/>" * 101 + b"</sheets>")

        data = repacked(self.sent_out, {"xl/workbook.xml": leaved})
        self.refuse(data, "中身を広げると大きくなりすぎる")

        def crowded(old):
            cells = b"<c r='Z99'><v>1</v></c>" * 100_000
            return old.replace(b"</sheetData>", b"<row r='99'>" + cells + b"</row></sheetData>")

        data = repacked(self.sent_out, {SHEET: crowded})
        self.refuse(data, "中身を広げると大きくなりすぎる")

    def test_a_table_that_lies_where_nobody_looks(self):
        """A part by any name may be a sheet: only what was looked at is read."""

        def elsewhere(part):
            def moved(old):
                return old.replace(b"/xl/worksheets/sheet1.xml", part.encode())

            content = zipfile.ZipFile(io.BytesIO(self.good)).read(SHEET)
            bomb = content.replace(b"</sheetData>", b"<row/>" * 400_000 + b"</sheetData>")
            names = ("[Content_Types].xml", "xl/_rels/workbook.xml.rels")
            return repacked(self.good, dict.fromkeys(names, moved), {part: bomb})

        for part in ("xl/media/sheet1.xml", "xl/sheet1.bin", "xl/media/image1.png"):
            with self.subTest(part):
                self.refuse(elsewhere(part), "整理番号が見つかりません")

    def test_a_workbook_by_another_name_with_sheets_without_end(self):
        package = zipfile.ZipFile(io.BytesIO(self.good))
        book = package.read("xl/workbook.xml")
        (sheet,) = re.findall(rb"<sheet [^>]*sheet1[^>]*/>|<sheet [^>]*rId1[^>]*/>", book)
        many = b"".join(
            re.sub(rb'name="[^"]*"', b'name="s%d"' % n, sheet) for n in range(200)
        ).join((b"", b"</sheets>"))
        named = "xl/another.xml"

        def renamed(old):
            return old.replace(b"xl/workbook.xml", named.encode())

        data = repacked(
            self.good,
            {"[Content_Types].xml": renamed, "_rels/.rels": renamed},
            {
                named: book.replace(b"</sheets>", many),
                "xl/_rels/another.xml.rels": package.read("xl/_rels/workbook.xml.rels"),
            },
        )
        self.refuse(data, "中身を広げると大きくなりすぎる")

    def test_many_sheets_that_are_the_same_large_part(self):
        def many(old):
            (sheet,) = re.findall(rb"<sheet [^>]*rId1[^>]*/>", old)
            more = [re.sub(rb'name="[^"]*"', b'name="s%d"' % n, sheet) for n in range(90)]
            return old.replace(b"</sheets>", b"".join(more) + b"</sheets>")

        def large(old):
            return old.replace(b"<sheetData>", b"<sheetData>" + b"<row/>" * 200_000)

        data = repacked(self.good, {"xl/workbook.xml": many, SHEET: large})
        self.refuse(data, "中身を広げると大きくなりすぎる")

    def test_a_row_that_no_spreadsheet_has(self):
        def far(old):
            return old.replace(b"</sheetData>", b'<row r="900000000000"/></sheetData>')

        self.refuse(repacked(self.good, {SHEET: far}), "壊れているか")

    def test_entities_however_they_are_written(self):
        markup = zipfile.ZipFile(io.BytesIO(self.good)).read(SHEET).decode()
        bare = re.sub(r"^<\?xml.*?\?>", "", markup).strip()
        for content in [
            BOMB + bare.encode(),
            BOMB.decode().replace('"1.0"', '"1.0" encoding="UTF-16"').encode("utf-16"),
            b'<?xml version="1.0" encoding="cp037"?>' + bare.encode(),
            b'<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/passwd">' + bare.encode(),
        ]:
            with self.subTest(content[:60]):
                changed = repacked(self.good, {SHEET: lambda _old, new=content: new})
                self.refuse(changed, "壊れているか")

    def test_markup_that_breaks_off(self):
        for part in (SHEET, "xl/sharedStrings.xml", "xl/styles.xml", "[Content_Types].xml"):
            with self.subTest(part):
                self.refuse(repacked(self.sent_out, {part: lambda old: old[:-30]}), "壊れているか")

    def test_a_text_that_is_not_there(self):
        def astray(old):
            return re.sub(rb't="s"><v>\d+</v>', b't="s"><v>99999</v>', old, count=1)

        self.refuse(repacked(self.sent_out, {SHEET: astray}), "壊れているか")

    @override_settings(FILE_UPLOAD_MAX_MEMORY_SIZE=1000)
    def test_a_file_that_is_too_large(self):
        for size in (workbook_reading.LARGEST_FILE, settings.LARGEST_UPLOAD):
            large = b"PK\x03\x04" + b"\0" * size
            self.refuse(large, "大きすぎます（5MBまで）")

    def test_rows_without_end(self):
        copy = Copy(self.good)
        for row in range(1900, 2100):
            copy.page.cell(row, 1, "p05-t1")
        self.refuse(copy, "2000行より下に入力がある")

    def test_columns_without_end(self):
        copy = Copy(self.good)
        for column in range(30, 3000):
            copy.page.cell(HEAD, column, "見出し")
        self.assertContains(self.send(copy), "1件の目標が変わります。")

    def test_the_sheet_of_another_section_leads_to_its_own_page(self):
        self.be(self.cast.secretariat, self.cast.chiiki)
        page = self.send(self.good)
        self.assert_refused(page, f"整理番号 14107-2020-H2-{self.cast.doboku.pk}")
        self.assertContains(page, f'href="{self.url(section=self.cast.doboku)}"')
        self.assertContains(page, "「磯子区 令和2年度 下半期 磯子土木事務所」の取込みへ")

    def test_but_not_who_may_not_open_it(self):
        self.as_chiiki()
        page = self.send(self.good)
        self.assert_refused(page, "これは、ほかの課の様式です")
        self.assertContains(page, "この画面から書き出した様式に記入するか、")
        self.assertNotContains(page, "磯子土木事務所")

    def test_the_sheet_of_another_period_year_or_ward(self):
        number = f"14107-2020-H2-{self.cast.doboku.pk}"
        for other, what in (
            (f"14107-2020-H1-{self.cast.doboku.pk}", "期"),
            (f"14107-2019-H2-{self.cast.doboku.pk}", "年度"),
            (f"14105-2020-H2-{self.cast.doboku.pk}", "区"),
            ("99999-9999-X-999999999999999999", "区"),
        ):
            with self.subTest(other):
                copy = Copy(self.good)
                copy.page["A2"] = copy.page["A2"].value.replace(number, other)
                self.refuse(copy, f"ほかの{what}の様式です（整理番号 {other}）")

    def test_a_sheet_without_its_reference_number_or_headings(self):
        copy = Copy(self.good)
        copy.page["A2"] = None
        self.refuse(copy, "整理番号が見つかりません")
        copy = Copy(self.good)
        copy.page[f"{copy.letter(FIGURE)}{HEAD}"] = "実績です"
        self.refuse(copy, "見出しの行")
        copy = Copy(self.good)
        copy.page[f"{copy.letter(WHOLE)}{HEAD}"] = None
        self.refuse(copy, "見出し「母数」の列がありません")
        copy = Copy(self.good)
        copy.page[f"{copy.letter('状態')}{HEAD}"] = "備 考"
        self.refuse(copy, "見出し「備考」の列が2つあります")

    def test_two_copies_in_one_file(self):
        copy = Copy(self.good)
        copy.book.copy_worksheet(copy.page).title = "写し"
        self.refuse(copy, "「入力」と「写し」")

    def test_every_sentence_can_be_said(self):
        for key, sentence in FILE_SENTENCES.items():
            with self.subTest(key):
                self.assertTrue(str(sentence).endswith("。") or "%(" in str(sentence))


class Survives(Desk):
    """What people do to a sheet, and it is read all the same."""

    def setUp(self):
        super().setUp()
        for number in range(2, 5):
            self.cast.target(self.cast.flood, f"p05-t{number}", "見回り", value=10, unit="回")

    def changes(self, copy):
        page = self.send(copy)
        assert "preview" in page.context, words(page)
        self.assertEqual([each.text for each in page.context["preview"].problems], [])
        return {each["key"]: each["new"] for each in page.context["plain"]}

    def rebuilt(self, copy, order=None, columns=None, below=0):
        """The table written again: rows and columns in another order."""
        page = copy.page
        cells = [[cell.value for cell in row] for row in page.iter_rows(min_row=HEAD)]
        head, *rows = cells
        rows = [rows[at] for at in order] if order else rows
        places = columns or range(len(head))
        for row in page.iter_rows(min_row=HEAD):
            for cell in row:
                cell.value = None
        for down, row in enumerate([head, *rows]):
            for across, at in enumerate(places):
                page.cell(HEAD + below + down, across + 1, row[at])
        return copy

    def filled(self):
        return self.copy().fill("p05-t1", 200).fill("p05-t3", 7, 備考="秋に")

    def test_rows_that_were_sorted(self):
        copy = self.rebuilt(self.filled(), order=[3, 2, 1, 0])
        self.assertEqual(self.changes(copy)["p05-t1"], "200回")

    def test_changes_stand_in_the_order_of_the_file(self):
        page = self.send(self.rebuilt(self.filled(), order=[3, 2, 1, 0]))
        told = [each["label"] for each in page.context["plain"]]
        self.assertEqual(told[-1], self.cast.patrols.label)
        self.assertEqual(len(told), 3)

    def test_columns_that_were_moved_widened_and_hidden(self):
        copy = self.filled()
        count = copy.page.max_column
        copy = self.rebuilt(copy, columns=[*reversed(range(count))])
        copy.page.column_dimensions["C"].width = 80
        copy.page.column_dimensions["D"].hidden = True
        page = self.send(copy)
        self.assertEqual({e["new"] for e in page.context["plain"]}, {"200回", "7回", "秋に"})

    def test_a_table_that_was_moved_down(self):
        self.assertEqual(len(self.changes(self.rebuilt(self.filled(), below=9))), 2)

    def test_a_row_that_was_deleted_is_left_as_it_is(self):
        copy = self.filled()
        copy.page.delete_rows(copy.row("p05-t2"))
        page = self.send(copy)
        self.assertContains(page, "ファイルに行がない目標が1件あります。")
        self.assertEqual([each.key for each in page.context["preview"].absent], ["p05-t2"])

    def test_a_row_that_was_copied_is_named(self):
        copy = self.filled()
        copy.cell("p05-t2", "目標番号").value = "p05-t1"
        first = copy.address("p05-t1", "目標番号")
        second = first[0] + str(int(first[1:]) + 1)
        self.assert_problem(self.send(copy), second, f"（{first}にもあります）")

    def test_a_row_of_nobody_is_named_where_it_says_something(self):
        copy = self.filled()
        copy.page[f"{copy.letter('目標番号')}20"] = "p99-t9"
        copy.page[f"{copy.letter(FIGURE)}21"] = 5
        copy.page[f"{copy.letter('目標番号')}22"] = "合計"
        page = self.send(copy)
        self.assertEqual([each.address for each in page.context["preview"].problems], ["A21"])
        copy.page[f"{copy.letter(FIGURE)}20"] = 5
        self.assert_problem(self.send(copy), "A20", "「p99-t9」は、この様式の目標ではありません")

    def test_blank_rows_extra_sheets_and_another_name_of_the_sheet(self):
        copy = self.filled()
        copy.page.insert_rows(HEAD + 2)
        copy.page.title = "土木 / 下半期"[:2]
        copy.book.create_sheet("計算", 0)["A1"] = "=1+1"
        self.assertEqual(len(self.changes(copy)), 2)

    def test_a_head_that_was_pasted_once_more_is_no_row(self):
        copy = self.filled()
        for cell in copy.page[HEAD]:
            copy.page[f"{cell.column_letter}30"] = cell.value
        self.assertEqual(len(self.changes(copy)), 2)

    def test_a_key_in_full_width_or_capitals(self):
        copy = self.filled()
        copy.cell("p05-t1", "目標番号").value = " Ｐ05-T1 "
        self.assertEqual(self.changes(copy)["p05-t1"], "200回")

    def test_a_column_of_notes_that_was_deleted_is_left_as_it_is(self):
        self.cast.entered(self.cast.patrols, self.cast.second_half, 150, note="大事な備考")
        copy = self.filled()
        copy.page.delete_cols(copy.page[f"{copy.letter(NOTE)}1"].column)
        self.bring(copy)
        self.assertEqual((self.kept().value, self.kept().note), (200, "大事な備考"))

    def test_formulas_are_read_as_what_they_came_to(self):
        copy = self.filled()
        copy.cell("p05-t2").value = "=3+4"
        at = copy.address("p05-t2").encode()

        def reckoned(old):
            return re.sub(rb"<f>3\+4</f><v\s*/>|<f>3\+4</f><v></v>", b"<f>3+4</f><v>7</v>", old)

        data = repacked(copy.data(), {SHEET: reckoned})
        self.assertIn(at, zipfile.ZipFile(io.BytesIO(data)).read(SHEET))
        page = self.send(data)
        self.assertEqual([p.text for p in page.context["preview"].problems], [])
        self.assertIn("7回", [each["new"] for each in page.context["plain"]])

    def test_styles_that_are_not_there(self):
        """Small programs that write .xlsx are careless with them."""

        def astray(old):
            return re.sub(rb' s="\d+"', b' s="999"', old)

        data = repacked(self.filled().data(), {SHEET: astray})
        self.assertEqual(self.changes(data)["p05-t1"], "200回")

    def test_the_last_row_of_all_has_a_height(self):
        """LibreOffice notes it; the rows in between are not there."""
        data = self.filled().data()

        def noted(old):
            return old.replace(b"</sheetData>", b'<row r="1048576" ht="12.8"/></sheetData>')

        self.assertEqual(self.changes(repacked(data, {SHEET: noted}))["p05-t1"], "200回")

    def test_names_of_files_are_only_shown(self):
        for name in ("../../etc/passwd.xlsx", "実績🎉 & <b>.xlsx", "a" * 300 + ".xlsx", ".xlsx"):
            with self.subTest(name):
                page = self.send(self.filled(), name=name)
                self.assertContains(page, "2件の目標が変わります。")
                self.assertNotContains(page, "<b>.xlsx")

    def test_a_sheet_taken_out_in_english_comes_in_on_a_japanese_page(self):
        self.client.cookies["django_language"] = "en"
        data = self.client.get(self.url("sheet_xlsx")).content
        self.client.cookies["django_language"] = "ja"
        copy = Copy(data)
        row = next(cell.row for cell in copy.page["A"] if cell.value == "p05-t1")
        heads = [cell.value for cell in copy.page[HEAD]]
        at = workbook_reading.heading_names()
        figure = next(n for n, head in enumerate(heads, 1) if at.get(_bare(head)) == "figure")
        copy.page.cell(row, figure, 200)
        copy.page.cell(row, figure + 1, "Provisional")
        self.assertEqual(self.changes(copy)["p05-t1"], "200回（見込）")


def _bare(head):
    return "".join(str(head).split()).casefold()


@pytest.mark.parametrize(
    ("value", "shape", "text"),
    [
        (14, "General", "14"),
        (14.0, "0.00", "14"),
        (1234567.25, "#,##0", "1234567.25"),
        (0.884, "0.0%", "88.4%"),
        (0.5, '0.0"%"', "0.5"),
        (-5, '"▲"0', "-5"),
        (1e15, "General", "1000000000000000"),
    ],
)
def test_a_number_is_the_text_that_somebody_would_have_typed(value, shape, text):
    assert workbook_reading.said(value, "n", shape) == text


def test_the_readings_that_japanese_excel_keeps_are_no_part_of_a_text():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet().write_string(0, 0, "漢字")
    with_reading = '<t>漢字</t><rPh sb="0" eb="2"><t>カンジ</t></rPh>'.encode()
    data = repacked(
        out.getvalue(),
        {"xl/sharedStrings.xml": lambda old: old.replace("<t>漢字</t>".encode(), with_reading)},
    )
    page = workbook_reading.open_book(data).worksheets[0]
    ((_number, [(_at, cell)]),) = list(workbook_reading.rows_that_hold(page))
    assert cell.value == "漢字"
