"""Saving while typing: what the script of the reading pages sends, and what it is told.

Every answer is JSON, as of the cells of a sheet (docs/committee.md describes it). What is answered
404, 403 or not at all stays in the page, and in the browser's storage, until it can be saved.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, JsonResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from . import commenting
from .comment_form import CommentForm
from .commenting import Closed, Overtaken, Unfit
from .models import Comment
from .models.comments import Subject
from .reading_views import open_reader, require_member


@require_POST
def comment_save(request, code: str, year: int, period: str) -> JsonResponse:
    """Keep what is being typed about a subject, as a draft; never sends it."""
    reader = open_reader(request, code, year, period)
    require_member(reader)
    subject, key = request.POST.get("subject", ""), request.POST.get("key", "")
    known = {
        Subject.PROJECT: lambda: reader.copy.title(key) is not None,
        Subject.PILLAR: lambda: reader.copy.pillar(key) is not None,
        Subject.WHOLE: lambda: not key,
    }
    if subject not in known or not known[Subject(subject)]():
        raise Http404
    form = CommentForm.sent(request.POST)
    try:
        kept = commenting.save(reader.place(subject, key), form.typed, form.seen, by=request.user)
    except Comment.DoesNotExist:
        raise Http404 from None
    except Unfit as unfit:
        return refused(422, str(unfit), field=unfit.field)
    except Overtaken as overtaken:
        kind, text = overtaken.theirs.typed
        theirs = {"kind": kind, "text": text, **known_as(overtaken.theirs)}
        return refused(409, str(overtaken), theirs=theirs)
    except Closed as closed:
        return refused(409, str(closed), closed=True)
    return JsonResponse(
        {
            "ok": True,
            **(known_as(kept) if kept else {}),
            "said": _("保存しました %(time)s")
            % {"time": date_format(timezone.localtime(), "TIME_FORMAT")},
        }
    )


def known_as(comment: Comment) -> dict[str, Any]:
    """What the page has to know of a comment to save it again."""
    return {
        "comment": comment.pk,
        "client_key": comment.client_key,
        "version": comment.version,
    }


def refused(status: int, message: str, **more: Any) -> JsonResponse:
    return JsonResponse({"ok": False, "message": message, **more}, status=status)
