"""The record of the committee's work: for the secretariat and the auditor, and as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kpis.listing_views import CSV, taken_away
from kpis.spreadsheets import Column, write_csv
from wards.models import Ward
from wards.permissions import Role, access_of

from .comment_form import number
from .lookup import find_ward
from .meeting_views import round_name
from .models import ReviewRecord, Round
from .permissions import records_seen_by
from .record_words import in_words
from .ward_pages import about_ward

ON_A_PAGE = 50
OTHERWISE = "none"


def record_of(request, code: str) -> tuple[Ward, Any, dict[int, str], str]:
    """The ward, the lines asked for, the rounds' names, and which round was asked for."""
    ward = find_ward(request.user, code)
    if not access_of(request.user).has(ward.pk, Role.SECRETARIAT, Role.AUDITOR):
        raise PermissionDenied(
            _("評価委員会の記録は、区政推進課（事務局）と監査だけが見られます。")
        )
    rows = Round.objects.filter(policy__ward=ward).select_related("policy", "period")
    rounds = {round.pk: round_name(round) for round in rows.order_by("-period__starts")}
    lines = ReviewRecord.objects.filter(records_seen_by(request.user), ward=ward)
    asked = request.GET.get("round", "")
    if asked == OTHERWISE:
        lines = lines.filter(round__isnull=True)
    elif number(asked) in rounds:
        lines = lines.filter(round=number(asked))
    else:
        asked = ""
    return ward, lines.select_related("item", "member").order_by("-id"), rounds, asked


@require_safe
def review_record(request, code: str):
    """The newest first; the address keeps the round and can be sent. Seven queries."""
    ward, lines, rounds, asked = record_of(request, code)
    page = Paginator(lines, ON_A_PAGE).get_page(request.GET.get("page"))
    context = about_ward(ward, request.user, "record") | {
        "page": page,
        "lines": in_words(page.object_list, rounds),
        "rounds": [(str(pk), name) for pk, name in rounds.items()],
        "asked": asked,
    }
    return render(request, "reviews/record.html", context)


@require_safe
def review_record_csv(request, code: str):
    """The same lines, all of them: a row for each field that changed."""
    ward, lines, rounds, _asked = record_of(request, code)
    name = "_".join((ward.label, _("評価委員会の記録"))).replace("/", "-").replace(" ", "-")
    rows = _fields_of(lines.iterator(chunk_size=500), rounds)
    return taken_away(request, write_csv(_columns(ward), rows), CSV, f"{name}.csv")


def _fields_of(lines, rounds: dict[int, str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        (told,) = in_words([line], rounds)
        first = {"id": line.pk, "act_key": line.act, "told": told}
        for change in told.changes:
            yield first | {"change": change}
        if not told.changes:
            yield first | {"change": None}


def _columns(ward: Ward) -> list[Column]:
    def told(name: str):
        return lambda row: getattr(row["told"], name)

    def change(name: str):
        return lambda row: getattr(row["change"], name) if row["change"] else ""

    return [
        Column(_("番号"), lambda row: row["id"], "number"),
        Column(_("団体コード"), lambda row: ward.code),
        Column(_("区"), lambda row: ward.label),
        Column(
            _("日時"),
            lambda row: timezone.localtime(row["told"].at).isoformat(timespec="seconds"),
        ),
        Column(_("評価の回"), told("round")),
        Column(_("できごと"), told("act")),
        Column(_("できごとの記号"), lambda row: row["act_key"]),
        Column(_("対象"), told("about")),
        Column(_("項目"), change("field")),
        Column(_("変更前"), change("before")),
        Column(_("変更後"), change("after")),
        Column(_("理由"), told("reason")),
        Column(_("記録した人"), told("by")),
    ]
