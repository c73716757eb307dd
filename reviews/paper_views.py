"""Papers of a meeting: adding, editing, taking away, and handing out the files."""

from __future__ import annotations

import hashlib
import logging

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Max
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kpis import evidence_store
from kpis.file_kinds import KINDS
from kpis.listing_views import taken_away

from . import papers as acts
from .meeting_forms import PaperForm
from .meeting_views import find_meeting, meeting_looked_after, of_meeting, reads_or_writes
from .models import Paper
from .together import stored_in
from .ward_pages import saved, sent

logger = logging.getLogger(__name__)


@reads_or_writes
def paper_add(request, code: str, pk: int):
    found = meeting_looked_after(request.user, code, pk)
    form = PaperForm(sent(request), request.FILES or None, round=found.round)
    last = found.papers.standing().aggregate(last=Max("order"))["last"] or 0
    form.initial = {"order": last + 1, "kind": Paper.Kind.FILE, "label": next_label(found)}
    if form.is_valid():
        try:
            paper = acts.add_paper(found, form, by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("%(label)sを加えました。") % {"label": paper.label})
            return redirect("reviews:meeting", code, pk)
    return of_meeting(request, found, form, _("資料を加える"), how="paper", files=True)


def next_label(meeting) -> str:
    """資料3 after 資料1 and 資料2, whatever else there is."""
    taken = set(meeting.papers.standing().values_list("label", flat=True))
    number = 1
    while _("資料%(n)d") % {"n": number} in taken or any(
        label.startswith(_("資料%(n)d") % {"n": number} + "-") for label in taken
    ):
        number += 1
    return _("資料%(n)d") % {"n": number}


@reads_or_writes
def paper_edit(request, code: str, pk: int, paper: int):
    found = meeting_looked_after(request.user, code, pk)
    known = get_object_or_404(found.papers.standing(), pk=paper)
    form = PaperForm(
        sent(request),
        request.FILES or None,
        stored=stored_in(known, *acts.OF_PAPER),
        round=found.round,
        standing=known,
    )
    if saved(request, form, lambda: acts.edit_paper(known, form, by=request.user)):
        return redirect("reviews:meeting", code, pk)
    heading = _("資料を直す")
    return of_meeting(request, found, form, heading, how="paper", files=True, paper=known)


@require_POST
def paper_remove(request, code: str, pk: int, paper: int):
    found = meeting_looked_after(request.user, code, pk)
    known = get_object_or_404(found.papers, pk=paper)
    if acts.take_paper_away(known, by=request.user):
        messages.success(request, _("%(label)sを外しました。") % {"label": known.label})
    else:
        messages.info(request, _("%(label)sは、もう外してあります。") % {"label": known.label})
    return redirect("reviews:meeting", code, pk)


@require_safe
def paper(request, code: str, pk: int, paper: int):
    """One file, to be saved: never shown inside a page of ours, whatever its content says."""
    meeting = find_meeting(request.user, code, pk)
    found = get_object_or_404(meeting.papers.standing().exclude(stored=""), pk=paper)
    try:
        data = evidence_store.read(found.stored)
    except OSError as error:
        logger.error("Paper %s of %s cannot be read: %s", found.pk, code, error.strerror)
        return missing(request, found)
    if hashlib.sha256(data).hexdigest() != found.sha256:
        logger.error("Paper %s of %s is not what was handed in.", found.pk, code)
        return missing(request, found)
    kind = KINDS.get(found.file_kind)
    response = taken_away(
        request, data, kind.content_type if kind else "application/octet-stream", found.file_name
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def missing(request, paper: Paper):
    """The meeting still names the file, and the folder no longer holds what was handed in."""
    file = {"name": paper.file_name}
    return render(request, "kpis/evidence_missing.html", {"file": file}, status=404)
