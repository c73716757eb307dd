"""One line of the list: looked at by everybody who sees it, worked on by those who may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import formset_factory
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.views.decorators.http import require_http_methods

from wards.middleware import typed
from wards.permissions import access_of

from . import answering, merging
from .answer_forms import (
    AnswerForm,
    AssignForm,
    PartForm,
    ReasonForm,
    ReleaseForm,
    WordingForm,
)
from .answering import MOVES, Conflict, State
from .item_page import (
    LABELS_OF_ANSWER,
    LABELS_OF_ASSIGNMENT,
    LABELS_OF_WORDING,
    ItemPage,
    conflict_rows,
)
from .lookup import about_round
from .merging import Wording
from .models import Item, ItemSource, ReviewRecord
from .workflow import MoveRefused

#: So many parts a line is split into at once; more by splitting a part again.
MOST_PARTS = 4
DONE = {
    "pass_on": later("No.%(n)dの回答を課に依頼しました。"),
    "take_back": later("No.%(n)dの回答の依頼を取り消しました。"),
    "hand_in": later("No.%(n)dの回答を提出しました。"),
    "recall": later("No.%(n)dの回答を取り戻しました。直してから、もう一度提出してください。"),
    "return": later("No.%(n)dの回答を差し戻しました。"),
    "release": later("No.%(n)dの回答を公開可としました。"),
    "withdraw": later("No.%(n)dの回答の公開を取り消しました。"),
}


def find_item(user, code: str, year: int, period: str, number: int) -> Item:
    """A line that this person sees; else 404."""
    rows = Item.objects.visible_to(user).select_related(
        "round__policy__ward", "round__period", "round__committee", "section", "promise"
    )
    return get_object_or_404(
        rows,
        round__policy__ward__code=code,
        round__policy__fiscal_year=year,
        round__period__key=period,
        number=number,
    )


def seen_version(request) -> int:
    """The version that stood on the person's page; 0, which no line has, where there is none."""
    typed = request.POST.get("version", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def address(item: Item) -> str:
    return item.round.address("item", item.number)


@require_http_methods(["GET", "HEAD", "POST"])
def item(request, code: str, year: int, period: str, number: int):
    """One line: its words, where they come from, its answer, and what may be done about it."""
    try:
        found = find_item(request.user, code, year, period, number)
    except Http404:
        if request.method == "POST" and (kept := taken_back(request, code, year, period, number)):
            return kept
        raise
    if request.method == "POST":
        return _act(request, found)
    return _show(request, found)


def taken_back(request, code: str, year: int, period: str, number: int) -> HttpResponse | None:
    """A section sent its answer after the secretariat had taken the question back: what was typed
    is shown to be copied. None where this person was never asked."""
    item = (
        Item.objects.filter(state=State.LISTED, number=number)
        .filter(round__policy__ward__code=code, round__policy__fiscal_year=year)
        .filter(round__period__key=period)
        .select_related("round__policy__ward", "round__period")
        .first()
    )
    if item is None or not access_of(request.user).works_for(item.section_id):
        return None
    context = {"item": item, "policy": item.round.policy, "typed": typed(request)}
    return render(request, "reviews/answer_kept.html", context, status=409)


def _show(request, found: Item, *, status: int = 200, conflict=None, **bound) -> HttpResponse:
    page = ItemPage(request.user, found)
    context = page.context(bound, conflict)
    return render(request, "reviews/item.html", context, status=status)


def _act(request, found: Item) -> HttpResponse:
    page = ItemPage(request.user, found)
    action = request.POST.get("action", "")
    if action not in ACTIONS:
        if not (page.compiles or page.answers):
            raise PermissionDenied(_("この操作を行う権限がありません。"))
        messages.error(request, _("ボタンを選び直してください。"))
        return redirect(address(found))
    by_section = action in ("save", "hand_in", "recall")
    if not (page.answers if by_section else page.compiles):
        raise PermissionDenied(_("この操作を行う権限がありません。"))
    try:
        return ACTIONS[action](request, found)
    except MoveRefused as refused:
        messages.error(request, str(refused))
        return redirect(address(found))


# What the secretariat does ------------------------------------------------------------------------


def _edit(request, found: Item) -> HttpResponse:
    form = WordingForm(request.POST, abouts=ItemPage(request.user, found).abouts, item=found)
    if not form.is_valid():
        return _show(request, found, status=422, wording=form)
    try:
        answering.edit(found, form.typed, seen=seen_version(request), by=request.user)
    except Conflict as met:
        rows = conflict_rows(LABELS_OF_WORDING, form.typed, met.item)
        return _both(request, met, rows, "edit", wording=form)
    messages.success(request, _("No.%(n)dの文などを保存しました。") % {"n": found.number})
    return redirect(address(found))


def _both(request, met: Conflict, rows, action: str, **bound) -> HttpResponse:
    """What stands and what was typed, side by side; saving again then takes what was typed."""
    now = met.item
    now = find_item(
        request.user,
        now.round.policy.ward.code,
        now.round.policy.fiscal_year,
        now.round.period.key,
        now.number,
    )
    last = ReviewRecord.objects.filter(item=now).first()
    can = ItemPage(request.user, now).forms({})
    wanted = next(iter(bound))
    conflict = {
        "rows": rows,
        "by": last.by_name if last else "",
        "at": last.at if last else None,
        "action": action,
        "state": now.get_state_display(),
        "may_save": wanted in can,
        "typed": [mine for _label, _theirs, mine in rows if mine],
    }
    return _show(request, now, status=409, conflict=conflict, **(bound if wanted in can else {}))


def _assign(request, found: Item) -> HttpResponse:
    """Section and day; with `then` = pass_on the section is asked at once."""
    page = ItemPage(request.user, found)
    form = AssignForm(request.POST, sections=page.sections(), item=found)
    if not form.is_valid():
        return _show(request, found, status=422, assign=form)
    section, due = form.cleaned_data["section"], form.cleaned_data["due"]
    asks = request.POST.get("action") == "ask"
    if asks and not (section and due):
        if not section:
            form.add_error("section", _("回答する課を選んでください。"))
        if not due:
            form.add_error("due", _("回答期限を入力してください。"))
        return _show(request, found, status=422, assign=form)
    try:
        saved = answering.assign(found, section, due, seen=seen_version(request), by=request.user)
    except Conflict as met:
        mine = {"section": section, "due": due}
        rows = conflict_rows(LABELS_OF_ASSIGNMENT, mine, met.item)
        return _both(request, met, rows, "assign", assign=form)
    if asks:
        answering.move("pass_on", saved, by=request.user, seen=saved.version)
        told = str(DONE["pass_on"])
    else:
        told = _("No.%(n)dの課と回答期限を保存しました。")
    messages.success(request, told % {"n": found.number})
    if form.moved:
        messages.info(request, form.moved)
    return redirect(address(found))


def _send_back(request, found: Item) -> HttpResponse:
    """Returned to the section, or taken back from what is released: both say why."""
    action = request.POST["action"]
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _show(request, found, status=422, send_back=form)
    answering.move(
        action,
        found,
        by=request.user,
        seen=seen_version(request),
        reason=form.cleaned_data["reason"],
    )
    messages.success(request, DONE[action] % {"n": found.number})
    return redirect(address(found))


def _release(request, found: Item) -> HttpResponse:
    form = ReleaseForm(request.POST)
    if not form.is_valid():
        return _show(request, found, status=422, release=form)
    answering.move(
        "release",
        found,
        by=request.user,
        seen=seen_version(request),
        decision=form.publication,
    )
    messages.success(request, DONE["release"] % {"n": found.number})
    return redirect(address(found))


def _move(request, found: Item) -> HttpResponse:
    action = request.POST["action"]
    answering.move(action, found, by=request.user, seen=seen_version(request))
    messages.success(request, DONE[action] % {"n": found.number})
    return redirect(address(found))


def _undo(request, found: Item) -> HttpResponse:
    back = merging.undo(found, by=request.user)
    numbers = _("、").join(f"No.{each.number}" for each in back)
    messages.success(request, _("%(numbers)sを一覧に戻しました。") % {"numbers": numbers})
    return redirect(address(back[0]))


def _original(request, found: Item) -> HttpResponse:
    """The secretariat has read what a member changed since."""
    typed = request.POST.get("original", "")
    wanted = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0
    source = get_object_or_404(ItemSource.objects.select_related("item"), pk=wanted, item=found)
    answering.take_over_original(source, seen_version(request), by=request.user)
    messages.success(request, _("原文の変更を確認済にしました。"))
    return redirect(address(found))


# What the section does ----------------------------------------------------------------------------


def _answer(request, found: Item) -> HttpResponse:
    form = AnswerForm(request.POST, item=found)
    told, conflict = save_answer(request, found, form)
    if conflict:
        rows = conflict_rows(LABELS_OF_ANSWER, form.cleaned_data, conflict.item)
        return _both(request, conflict, rows, request.POST["action"], answer=form)
    if told:
        messages.success(request, told)
        return redirect(address(found))
    return _show(request, find_again(request, found), status=422, answer=form)


def find_again(request, found: Item) -> Item:
    policy = found.round.policy
    place = policy.ward.code, policy.fiscal_year, found.round.period.key
    return find_item(request.user, *place, found.number)


def save_answer(request, found: Item, form: AnswerForm) -> tuple[str, Conflict | None]:
    """Save the answer, and hand it in where that was pressed.

    What happened, in a sentence; "" where the form says what is wrong. What lacks something is
    kept as a draft all the same.
    """
    if not form.is_valid():
        return "", None
    try:
        saved = answering.answer(
            found, form.cleaned_data, seen=seen_version(request), by=request.user
        )
    except Conflict as met:
        return "", met
    if request.POST.get("action") != "hand_in":
        return _("No.%(n)dの回答を下書きとして保存しました。") % {"n": found.number}, None
    if form.lacks():
        return "", None
    answering.move("hand_in", saved, by=request.user, seen=saved.version)
    return DONE["hand_in"] % {"n": found.number}, None


ACTIONS: dict[str, Callable[[Any, Item], HttpResponse]] = {
    "edit": _edit,
    "assign": _assign,
    "ask": _assign,
    "take_back": _move,
    "return": _send_back,
    "withdraw": _send_back,
    "release": _release,
    "undo": _undo,
    "original": _original,
    "save": _answer,
    "hand_in": _answer,
    "recall": _move,
}


# Splitting ----------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def item_split(request, code: str, year: int, period: str, number: int):
    """One line becomes several: each part with its own words and kind."""
    found = find_item(request.user, code, year, period, number)
    page = ItemPage(request.user, found)
    if not page.compiles:
        raise PermissionDenied(_("意見を分けられるのは、事務局だけです。"))
    parts = formset_factory(PartForm, extra=MOST_PARTS, max_num=MOST_PARTS)
    if request.method == "POST":
        formset = parts(request.POST, prefix="part")
        if formset.is_valid():
            wordings = [
                Wording(each["text"], each["kind"], found.subject, found.key)
                for each in formset.cleaned_data
                if each.get("text")
            ]
            try:
                made = merging.split(found, wordings, seen=seen_version(request), by=request.user)
            except MoveRefused as refused:
                messages.error(request, str(refused))
            else:
                numbers = _("、").join(f"No.{each.number}" for each in made)
                told = _("No.%(n)dを%(numbers)sに分けました。")
                messages.success(request, told % {"n": found.number, "numbers": numbers})
                return redirect(address(made[0]))
    else:
        if found.state not in MOVES["replace"].before:
            messages.error(request, _("整理中の意見だけを分けられます。"))
            return redirect(address(found))
        first = {"text": found.text, "kind": found.kind}
        rest = [{"kind": found.kind}] * (MOST_PARTS - 1)
        formset = formset_factory(PartForm, extra=0)(prefix="part", initial=[first, *rest])
    context = {
        **about_round(found.round, request.user, "comments"),
        "item": found,
        "formset": formset,
        "originals": page.originals(),
        "is_listed": found.state == State.LISTED,
    }
    return render(request, "reviews/item_split.html", context)
