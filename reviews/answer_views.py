"""回答: a section's comments with their forms one below the other, each saved by itself."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kpis.phrases import Phrases
from wards.permissions import Role, access_of

from . import answering
from .answer_forms import AnswerForm
from .answering import ANSWERABLE, Conflict, State
from .comment_list import CommentList, Line
from .item_page import LABELS_OF_ANSWER, conflict_rows
from .item_views import DONE, find_item, save_answer, seen_version, taken_back
from .lookup import about_round, find_round
from .models import Item, ReviewRecord, Round
from .permissions import looks_after
from .workflow import MoveRefused


@require_http_methods(["GET", "HEAD", "POST"])
def answers(request, code: str, year: int, period: str):
    """What the sections of this person have to answer; for the secretariat those of the section
    chosen, marked as written on its behalf."""
    round = find_round(request.user, code, year, period)
    ward = round.policy.ward_id
    if not access_of(request.user).has(ward, Role.STAFF, Role.HEAD, Role.SECRETARIAT):
        raise PermissionDenied(_("区の考え方を書くのは、回答を依頼された課と事務局です。"))
    if request.method == "POST":
        return _save(request, round)
    return _show(request, round)


def _mine(
    request, round: Round, listed: CommentList
) -> tuple[list[Line], list[dict[str, Any]], str]:
    """The lines of the section shown, the sections to choose from, and which one is shown."""
    access = access_of(request.user)
    passed_on = [line for line in listed.lines if line.item.state != State.LISTED]
    mine = [line for line in passed_on if access.works_for(line.item.section_id)]
    if not looks_after(request.user, round.policy.ward_id):
        return mine, [], ""
    counted: dict[str, int] = {}
    for line in passed_on:
        counted[line.section] = counted.get(line.section, 0) + line.waits
    wanted = request.GET.get("section", "")
    if wanted not in counted:
        wanted = next((name for name, n in counted.items() if n), "") or next(iter(counted), "")
    sections = [
        {"name": name, "count": n, "current": name == wanted} for name, n in counted.items()
    ]
    return [line for line in passed_on if line.section == wanted], sections, wanted


def _show(
    request,
    round: Round,
    *,
    status: int = 200,
    bound: AnswerForm | None = None,
    conflict: dict[str, Any] | None = None,
) -> HttpResponse:
    listed = CommentList(request.user, [round])
    lines, sections, section = _mine(request, round, listed)
    phrases = Phrases(round.policy)
    to_write = sorted((line for line in lines if line.waits), key=lambda each: each.due)
    forms = []
    for line in to_write:
        is_sent = bound is not None and bound.item.pk == line.item.pk
        forms.append(
            {
                "line": line,
                "item": line.item,
                "form": bound if is_sent else AnswerForm(item=line.item),
                "conflict": conflict if is_sent else None,
                "due": phrases.short_day(line.item.due) if line.item.due else "",
                "left": (line.item.due - timezone.localdate()).days if line.item.due else 0,
                "on_behalf": not access_of(request.user).works_for(line.item.section_id),
            }
        )
    context = {
        **about_round(round, request.user, "comments"),
        "forms": forms,
        "wrong": bound if bound is not None and bound.errors else None,
        "sent": [line for line in lines if line.item.state == State.ANSWERED],
        "released": [line for line in lines if line.item.state == State.RELEASED],
        "sections": sections,
        "section": section,
        "base": round.address("comments"),
    }
    return render(request, "reviews/answers.html", context, status=status)


def _save(request, round: Round) -> HttpResponse:
    """One of the forms; the others stand as they were saved."""
    policy = round.policy
    place = (policy.ward.code, policy.fiscal_year, round.period.key)
    typed = request.POST.get("number", "")
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 0
    try:
        item = find_item(request.user, *place, number)
    except Http404:
        if kept := taken_back(request, *place, number):
            return kept
        raise
    if not answering.can_answer(request.user, item):
        raise PermissionDenied(_("この意見に回答するのは、別の課です。"))
    try:
        return _one(request, round, item)
    except MoveRefused as refused:
        messages.error(request, str(refused))
        return redirect(request.get_full_path())


def _one(request, round: Round, item: Item) -> HttpResponse:
    action = request.POST.get("action", "")
    if action == "recall":
        answering.move("recall", item, by=request.user, seen=seen_version(request))
        messages.success(request, DONE["recall"] % {"n": item.number})
        return redirect(request.get_full_path())
    if action not in ("save", "hand_in"):
        messages.error(request, _("ボタンを選び直してください。"))
        return redirect(request.get_full_path())
    form = AnswerForm(request.POST, item=item)
    told, met = save_answer(request, item, form)
    if told:
        messages.success(request, told)
        return redirect(request.get_full_path())
    if met is None:
        return _show(request, round, status=422, bound=form)
    return _both(request, round, form, met)


def _both(request, round: Round, form: AnswerForm, met: Conflict) -> HttpResponse:
    """What stands and what was typed. Where it is not answered here any more, on its own page."""
    rows = conflict_rows(LABELS_OF_ANSWER, form.cleaned_data, met.item)
    last = ReviewRecord.objects.filter(item=met.item).first()
    conflict = {
        "rows": rows,
        "by": last.by_name if last else "",
        "at": last.at if last else None,
        "state": met.item.get_state_display(),
        "may_save": met.item.state in ANSWERABLE,
        "typed": [mine for _label, _theirs, mine in rows if mine],
    }
    if met.item.state not in ANSWERABLE:
        context = {"item": met.item, "policy": round.policy, **conflict}
        return render(request, "reviews/answer_kept.html", context, status=409)
    return _show(request, round, status=409, bound=form, conflict=conflict)


def answers_url(round: Round) -> str:
    policy = round.policy
    return reverse("reviews:answers", args=[policy.ward.code, policy.fiscal_year, round.period.key])
