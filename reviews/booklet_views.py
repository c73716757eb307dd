"""The booklet of a round: pages to print from the browser, and the same as a PDF."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from kpis.listing_views import taken_away

from .booklet import Booklet
from .fonts import FontsMissing
from .lookup import about_round, find_copy, find_round
from .typesetting import NotSet, booklet_pdf

PDF = "application/pdf"


@require_safe
def booklet(request, code: str, year: int, period: str):
    """To read on the screen and to print on A4: works wherever there is a browser."""
    round = find_round(request.user, code, year, period)
    book = Booklet(find_copy(request.user, round), request.user)
    return render(
        request,
        "reviews/booklet.html",
        {
            **about_round(round, request.user, "booklet"),
            "title": book.title,
            "axis": book.axis,
            "book": book.told(),
        },
    )


@require_safe
def booklet_as_pdf(request, code: str, year: int, period: str) -> HttpResponse:
    """One tagged PDF to take away; where it cannot be made, a sentence and the other way."""
    round = find_round(request.user, code, year, period)
    copy = find_copy(request.user, round)
    book = Booklet(copy, request.user)
    try:
        pdf = booklet_pdf(book.told(), copy.frozen.at)
    except FontsMissing as missing:
        return _not_made(request, round, _which(missing))
    except NotSet as refused:
        return _not_made(request, round, str(refused))
    return taken_away(request, pdf, PDF, book.file_name())


def _which(missing: FontsMissing) -> str:
    return gettext(
        "PDFに使う書体（%(faces)s）が、このサーバーにありません。"
        "システムの担当に、書体を入れるよう伝えてください（運用の手引き10節）。"
    ) % {"faces": gettext("、").join(missing.faces)}


def _not_made(request, round, why: str) -> HttpResponse:
    """503: nothing is wrong with the address, and it may well work later."""
    context = {**about_round(round, request.user, "booklet"), "why": why}
    return render(request, "reviews/booklet_not_made.html", context, status=503)
