"""Somebody fills the sheet that went out as an Excel file: another figure and note in every row."""

from io import BytesIO

import openpyxl

KEY, FIGURE, NOTE = "目標番号", "この期の実績", "備考"


def fill(file: bytes) -> tuple[bytes, int]:
    """The file with each row changed that can be, and how many rows that are."""
    book = openpyxl.load_workbook(BytesIO(file))
    page = book.worksheets[0]
    head = next(row for row in page.iter_rows() if any(cell.value == KEY for cell in row))
    column = {cell.value: cell.column for cell in head}
    filled = 0
    for number in range(head[0].row + 1, page.max_row + 1):
        figure, note = (page.cell(number, column[name]) for name in (FIGURE, NOTE))
        if not page.cell(number, column[KEY]).value or note.protection.locked:
            continue
        note.value = "年度末の集計で改めました。"
        if isinstance(figure.value, int | float):
            figure.value = max(figure.value - 1, 0)
        filled += 1
    done = BytesIO()
    book.save(done)
    return done.getvalue(), filled
