"""The target list, and the files that managers take away from it."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.views.decorators.http import require_safe
from django_tables2 import RequestConfig

from wards.models import AccessRecord

from . import takeaway
from .achievement import Period
from .board import Board
from .filters import TargetFilter
from .listing import Listing
from .models import Policy
from .spreadsheets import Column, write_csv, write_xlsx
from .tables import TargetTable

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"


def listing_of(request, code: str, year: int) -> Listing:
    """The list of a policy this person may see, at the end of the period asked for; else 404."""
    policy = (
        Policy.objects.visible_to(request.user)
        .filter(ward__code=code, fiscal_year=year)
        .select_related("ward")
        .first()
    )
    board = Board(policy, request.user) if policy else None
    period = board.period(request.GET.get("period")) if board else None
    if board is None or period is None:
        raise Http404
    return Listing(board, period)


def filtered(request, listing: Listing) -> tuple[TargetFilter, TargetTable]:
    """The rows as filtered and sorted by the address."""
    narrow = TargetFilter(request.GET, listing=listing)
    table = TargetTable(
        listing.only(narrow.keys()),
        project_url=f"{listing.board.policy.get_absolute_url()}projects/",
        period=listing.period.key,
        known=listing.known,
    )
    RequestConfig(request, paginate=False).configure(table)
    return narrow, table


@require_safe
def targets(request, code: str, year: int):
    """Every target of a policy, filtered and sorted; the address keeps it and can be sent."""
    listing = listing_of(request, code, year)
    narrow, table = filtered(request, listing)
    policy, period, phrases = listing.board.policy, listing.period, listing.phrases
    query = request.GET.urlencode()
    return render(
        request,
        "kpis/targets.html",
        {
            "policy": policy,
            "place": "targets",
            "period": period,
            "year": phrases.year(policy.fiscal_year),
            "period_name": phrases.period_parts(period.starts, period.ends)[0],
            "confirmed_only": listing.board.confirmed_only,
            "as_of": gettext("%(day)s時点") % {"day": phrases.day(period.ends)},
            "periods": [head(request, listing, each) for each in listing.board.periods],
            "filter": narrow,
            "narrowed": narrow.active(),
            "table": table,
            "rows": table.data.data,
            "sort": request.GET.get("sort", ""),
            "query": f"?{query}" if query else "",
            "base_url": policy.get_absolute_url(),
        },
    )


def head(request, listing: Listing, period: Period) -> dict:
    """A period as the switch above the list shows it: the same list, filtered as it is."""
    name, months = listing.phrases.period_parts(period.starts, period.ends)
    current = period.key == listing.period.key
    query = request.GET.copy()
    query["period"] = period.key
    return {"url": f"?{query.urlencode()}", "name": name, "months": months, "current": current}


@require_safe
def targets_xlsx(request, code: str, year: int):
    listing = listing_of(request, code, year)
    _narrow, table = filtered(request, listing)
    sheet = takeaway.target_sheet(listing, table.data.data)
    return workbook(request, listing, [sheet], gettext("目標一覧"))


@require_safe
def targets_csv(request, code: str, year: int):
    listing = listing_of(request, code, year)
    _narrow, table = filtered(request, listing)
    rows = listing.with_totals(table.data.data)
    return table_file(request, listing, takeaway.target_columns(listing), rows, gettext("目標一覧"))


@require_safe
def summary_xlsx(request, code: str, year: int):
    """Counts by pillar with a chart, what is behind, and every target."""
    listing = listing_of(request, code, year)
    return workbook(request, listing, takeaway.summary_sheets(listing), gettext("進捗の概要"))


@require_safe
def summary_csv(request, code: str, year: int):
    listing = listing_of(request, code, year)
    return table_file(
        request,
        listing,
        takeaway.summary_columns(listing),
        takeaway.parts(listing),
        gettext("進捗の概要"),
    )


def workbook(request, listing: Listing, sheets, what: str) -> HttpResponse:
    made = timezone.localdate()
    footer = gettext("%(day)s作成 %(who)s") % {"day": made.isoformat(), "who": request.user}
    note = gettext("デモデータ") if listing.board.policy.is_demo else ""
    return handed_over(
        request, write_xlsx(sheets, footer=footer, note=note), XLSX, listing, what, "xlsx"
    )


def table_file(request, listing: Listing, columns: list[Column], rows, what: str) -> HttpResponse:
    return handed_over(request, write_csv(columns, rows), CSV, listing, what, "csv")


def handed_over(
    request, data: bytes, kind: str, listing: Listing, what: str, ending: str
) -> HttpResponse:
    return taken_away(request, data, kind, takeaway.file_name(listing, what, ending))


def taken_away(request, data: bytes, kind: str, name: str) -> HttpResponse:
    """The file under a name that arrives whole, with a record of who took it away.

    Whoever only asks about it (HEAD) takes nothing away.
    """
    if request.method != "HEAD":
        AccessRecord.objects.record(request, AccessRecord.Act.EXPORTED, detail=name)
    response = HttpResponse(data, content_type=kind)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response
