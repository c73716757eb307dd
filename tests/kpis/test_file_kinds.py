"""What is taken as evidence, by content: whole, of one kind, and nothing that runs."""

import contextlib
import zipfile
from io import BytesIO

import openpyxl
import pytest
import xlsxwriter

from kpis.file_kinds import CONTENT_TYPES, OFFICE, WrongFile, kind_of
from tests.kpis.evidence_files import (
    DOCX,
    EXE,
    HTML,
    JPEG,
    MACRO,
    OLD_EXCEL,
    PDF,
    PPTX,
    SVG,
    XLSX,
    office,
    png,
)


def from_openpyxl() -> bytes:
    made = BytesIO()
    openpyxl.Workbook().save(made)
    return made.getvalue()


def from_xlsxwriter() -> bytes:
    made = BytesIO()
    with xlsxwriter.Workbook(made) as book:
        book.add_worksheet().write(0, 0, "巡回 275回")
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "key"),
    [
        ("巡回記録.pdf", PDF, "pdf"),
        ("巡回記録.PDF", PDF.rstrip() + b"\r\n\0\0", "pdf"),
        ("現場.png", png(), "png"),
        ("現場.jpg", JPEG, "jpeg"),
        ("現場.JPEG", JPEG + b"\0\0\0", "jpeg"),
        ("集計.xlsx", XLSX, "xlsx"),
        ("集計.xlsx", from_openpyxl(), "xlsx"),
        ("集計.xlsx", from_xlsxwriter(), "xlsx"),
        ("記録.docx", DOCX, "docx"),
        ("説明.pptx", PPTX, "pptx"),
        ("集計.csv", "期,回\n上半期,275\n".encode("cp932"), "txt"),
        ("集計.csv", "期,回\n上半期,275\n".encode("utf-8-sig"), "txt"),
        ("メモ.txt", "﨑と髙".encode("utf-16"), "txt"),
    ],
)
def test_what_sections_keep_is_taken(name, data, key):
    assert kind_of(name, BytesIO(data)).key == key


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("空.pdf", b"", "empty"),
        ("報告.pdf", EXE, "unknown"),
        ("報告.pdf", b"\x00\x01\x02", "unknown"),
        ("図.svg", SVG, "markup"),
        ("図.png", SVG, "markup"),
        ("頁.html", HTML, "markup"),
        ("頁.txt", b"\xef\xbb\xbf \n" + HTML, "markup"),
        ("頁.txt", "﻿<html>".encode("utf-16"), "markup"),
        ("run.bat", b"del *.*\r\n", "unknown"),
        ("run.pdf", b"del *.*\r\n", "named_otherwise"),
        ("現場.png", JPEG, "named_otherwise"),
        ("報告", PDF, "named_otherwise"),
        ("報告.pdf.exe", PDF, "named_otherwise"),
        ("報告.pdf", PDF[:40], "broken"),
        ("報告.pdf", PDF + EXE, "more_behind"),
        ("報告.pdf", b"GIF89a" + PDF, "named_otherwise"),
        ("現場.png", png()[:-4], "broken"),
        ("現場.png", png()[:-20] + b"\0" * 20, "broken"),
        ("現場.png", png() + XLSX, "more_behind"),
        ("現場.jpg", JPEG + XLSX, "more_behind"),
        ("現場.jpg", JPEG[:-2], "broken"),
        ("現場.jpg", b"\xff\xd8\xff", "broken"),
        ("集計.xlsx", XLSX[:-30], "broken"),
        ("集計.xlsx", XLSX + EXE, "more_behind"),
        ("集計.xlsx", EXE + XLSX, "unknown"),
        ("集計.xlsx", b"PK\x03\x04" + EXE + XLSX, "more_behind"),
        ("集計.xlsx", MACRO, "macro"),
        ("集計.xlsm", MACRO, "macro"),
        ("集計.xlsx", office(**{"xl__macrosheets__sheet1.xml": b"<x/>"}), "macro"),
        ("集計.xlsx", office(**{"xl__activeX__activeX1.bin": b"1"}), "macro"),
        ("集計.xlsx", DOCX, "named_otherwise"),
        ("集計.xls", OLD_EXCEL, "old_office"),
        ("集計.xlsx", OLD_EXCEL, "old_office"),
    ],
)
def test_what_is_something_else_is_refused(name, data, why):
    with pytest.raises(WrongFile) as refused:
        kind_of(name, BytesIO(data))
    assert refused.value.why == why


def zipped(**parts) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return made.getvalue()


def types(declared: str, before: str = "") -> str:
    return f'{before}<Types><Override ContentType="{declared}"/></Types>'


SHEET = f"{OFFICE}.spreadsheetml.sheet.main+xml"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (zipped(**{"a.txt": b"x"}), "unknown"),
        (office(types="no xml"), "broken"),
        (office(types=types("application/vnd.ms-excel.sheet.macroEnabled.main+xml")), "macro"),
        (office(types=types("application/vnd.ms-excel.sheet.macro&#69;nabled.main+xml")), "macro"),
        (office(types=types("&m;", '<!DOCTYPE x [<!ENTITY m "1">]>')), "broken"),
        (office(types=types(SHEET) + " " * (1 << 21)), "too_much_inside"),
        (office(types=types("text/plain")), "unknown"),
        (office(**{"XL__VBAPROJECT.BIN": b"x"}), "macro"),
    ],
)
def test_a_package_that_hides_something_is_refused(data, why):
    with pytest.raises(WrongFile) as refused:
        kind_of("集計.xlsx", BytesIO(data))
    assert refused.value.why == why


def test_a_bomb_is_known_by_what_it_says_and_never_unpacked():
    bomb = office(**{"xl__sheet.xml": b"\0" * (301 << 20)})
    assert len(bomb) < 1 << 20
    with pytest.raises(WrongFile) as refused:
        kind_of("集計.xlsx", BytesIO(bomb))
    assert refused.value.why == "too_much_inside"


def test_a_part_that_stands_twice_is_refused():
    made = BytesIO(XLSX)
    with zipfile.ZipFile(made, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(CONTENT_TYPES, types(SHEET))
    with pytest.raises(WrongFile) as refused:
        kind_of("集計.xlsx", made)
    assert refused.value.why == "broken"


@pytest.mark.parametrize("whole", [PDF, JPEG, png(), XLSX, b"\xff\xfe<\0"])
def test_no_cut_or_changed_byte_makes_it_fail_otherwise(whole):
    for at in range(len(whole)):
        for data in (whole[:at], whole[:at] + b"\xff" + whole[at + 1 :]):
            with contextlib.suppress(WrongFile):
                kind_of("集計.pdf", BytesIO(data))
