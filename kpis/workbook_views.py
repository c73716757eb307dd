"""The section's sheet as an Excel file: taken out, and brought back."""

from django.views.decorators.http import require_safe

from .listing_views import XLSX, taken_away
from .workbook import write_book
from .workbook_sheet import book_of, open_sheet


@require_safe
def sheet_xlsx(request, code: str, year: int, section: int, period: str):
    """The sheet to fill. Of a closed period too: to read, and to keep."""
    opened = open_sheet(request.user, code, year, section, period)
    data = write_book(book_of(opened, made_by=str(request.user)))
    return taken_away(request, data, XLSX, opened.file_name)
