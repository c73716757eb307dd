"""The desk of one round, and its moves."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kpis.entry_views import entry_list_url
from kpis.models import Target
from kpis.owing import in_words
from kpis.phrases import Phrases
from wards.permissions import Role, access_of

from .desk import (
    MOVE_NAMES,
    NO_ANSWERS,
    ONWARDS,
    answers_by_round,
    closed_in_words,
    moves_from,
    progress_of,
    readiness_of,
    steps_of,
    unsent_in_words,
    what_follows,
)
from .frozen import Copy
from .lookup import about_round, find_round
from .meetings import name_of
from .models import Item, Meeting, Round
from .permissions import frozen_projects_seen_by, looks_after, member_of, reads_copy
from .record_words import changes_in_words
from .roll import day_in_words
from .round_forms import MoveForm
from .ward_pages import sent
from .workflow import ROUND_MOVES, MoveRefused, Publication, move_round

State = Round.State


@require_safe
def round(request, code: str, year: int, period: str):
    """Where the round stands, and what comes next for this person. At most twelve queries."""
    found = find_round(request.user, code, year, period)
    user, today = request.user, timezone.localdate()
    inside = looks_after(user, found.policy.ward_id)
    context = about_round(found, user, "desk") | {
        "steps": steps_of(found),
        "left": in_words((found.due - today).days) if found.due and found.is_open else "",
        "is_past_due": bool(found.due and found.is_open and found.due < today),
        "meetings": meetings_of(found, user),
        "answers": NO_ANSWERS
        if found.state == State.PREPARING
        else answers_by_round(user, [found]).get(found.pk, NO_ANSWERS),
        "decided_on": day_in_words(found.decided_on) if found.decided_on else "",
        "grades": [f"{each['key']} {each.get('name', '')}".strip() for each in found.grades],
        "is_inside": access_of(user).has(
            found.policy.ward_id, Role.STAFF, Role.HEAD, Role.MANAGER, Role.AUDITOR
        ),
    }
    context |= about_copy(found, user)
    if inside:
        context |= for_the_secretariat(found)
    elif access_of(user).has(found.policy.ward_id, Role.MEMBER):
        context["member"] = member_of(user, found.policy.ward_id)
        context["is_member"] = True
    context["next"] = next_for(found, context, inside=inside)
    return render(request, "reviews/round.html", context)


def for_the_secretariat(found: Round) -> dict[str, Any]:
    told: dict[str, Any] = {"back": moves_from(found)}
    if found.state == State.PREPARING:
        told["readiness"] = readiness_of(found)
        told["entry_url"] = entry_list_url(
            found.policy.ward.code, found.policy.fiscal_year, period=found.period.key
        )
    else:
        told["members"] = progress_of(found)
    return told


def about_copy(found: Round, user) -> dict[str, Any]:
    """The copy that members read, and what was corrected since. Up to three queries."""
    if not reads_copy(user, found):
        return {}
    copy = Copy(found, seen=frozen_projects_seen_by(user, found.policy))
    titles = {each.key: each.title for each in copy.titles}
    since = copy.corrections_since()
    labels = dict(
        Target.objects.filter(policy=found.policy, key__in=[each.target for each in since])
        .order_by()
        .values_list("key", "label")
        if since
        else []
    )
    return {
        "copy": copy.frozen,
        "project_count": len(titles),
        "corrections": [
            {
                "project": titles.get(each.project, each.project),
                "target": labels.get(each.target, "") or _("事業の説明"),
                "at": each.at,
                "reason": each.reason,
                "changes": [change.short for change in corrected_in_words(each.changed)],
            }
            for each in since
        ],
    }


def corrected_in_words(changed) -> list[Any]:
    """The figures of a correction; the history has the rest."""
    return changes_in_words("", {_("数"): changed["value"]}) if "value" in changed else []


def meetings_of(found: Round, user) -> list[dict[str, Any]]:
    rows = Meeting.objects.visible_to(user).filter(round=found).order_by("day", "number")
    return [
        {"meeting": each, "name": name_of(each), "day": day_in_words(each.day)} for each in rows
    ]


def page(found: Round, name: str) -> str:
    """The address of a page of the round; "" as long as there is none."""
    try:
        return found.address(name)
    except NoReverseMatch:
        return ""


def next_for(found: Round, context: dict[str, Any], *, inside: bool) -> dict[str, str]:
    """What comes next for this person, in one sentence with at most one primary button."""
    if inside:
        return next_for_the_secretariat(found, context)
    due = context["due"]
    if context.get("is_member"):
        return next_for_a_member(found, due, writes=context["member"] is not None)
    said = {
        State.PREPARING: _("事務局が準備しています。"),
        State.OPEN: _("委員が読み、意見を書いています。"),
        State.CLOSED: _("意見の受付が終わりました。事務局が意見を整理し、課が回答しています。"),
        State.PUBLISHED: _("意見と区の考え方を公表しました。"),
    }[State(found.state)]
    name, url = "", ""
    if found.is_over and (url := page(found, "comments")):
        name = _("意見一覧を読む")
    elif found.is_open and (url := page(found, "read")):
        name = _("委員が読む資料を見る")
    return {"said": said, "name": name, "url": url}


def next_for_a_member(found: Round, due: str, *, writes: bool) -> dict[str, str]:
    if found.is_open:
        said = _("意見の締切は%(due)sです。") % {"due": due} if due else ""
        if not writes:
            said = _("今日は任期がないため、読むことだけができます。")
        url = page(found, "read")
        name = _("事業を読んで意見を書く") if writes else _("事業を読む")
        return {"said": said, "name": name if url else "", "url": url}
    said = (
        _("意見と区の考え方を公表しました。")
        if found.state == State.PUBLISHED
        else _("意見の受付は終わりました。区が意見を整理し、回答しています。")
    )
    url = page(found, "comments")
    return {"said": said, "name": _("意見一覧を読む") if url else "", "url": url}


def next_for_the_secretariat(found: Round, context: dict[str, Any]) -> dict[str, str]:
    action = ONWARDS.get(State(found.state), "")
    name, url = (str(MOVE_NAMES[action]), move_url(found, action)) if action else ("", "")
    if found.state == State.PREPARING:
        if found.due is None:
            said = _("意見の締切を決めると、受付を始められます。")
            return {"said": said, "name": _("締切を決める"), "url": found.address("round_edit")}
        readiness = context["readiness"]
        said = _("委員が読む写しを取って、意見の受付を始めます。")
        if not readiness.is_whole:
            said += _("確認前か未入力の実績があるので、先に確かめてください。")
    elif found.is_open:
        members = context["members"]
        if members.lines and not members.silent and not members.writing:
            said = _("どの委員からも意見が届きました。受付を終えられます。")
        elif context["is_past_due"]:
            said = _("締切を過ぎました。届いていない委員に確かめてから、受付を終えます。")
        else:
            said = _("委員の意見を待っています。紙で届いた意見は、代わって入力します。")
            address = page(found, "behalf")
            return {
                "said": said,
                "name": _("意見票を出す・紙の意見を入力する") if address else "",
                "url": address,
                "other": name,
                "other_url": url,
            }
    elif found.state == State.CLOSED:
        left = context["answers"].left
        if left:
            said = _("回答がそろっていない意見が%(n)d件あります。") % {"n": left}
            if address := page(found, "comments"):
                other = {"other": name, "other_url": url}
                return {
                    "said": said,
                    "name": _("意見を整理し、回答をそろえる"),
                    "url": address,
                    **other,
                }
        else:
            said = _("回答がそろいました。決裁を受けて公表します。")
    else:
        said = _("意見と区の考え方を公表しました。")
        if url := public_page(found):
            name = _("公表したページを見る")
    return {"said": said, "name": name, "url": url}


def public_page(found: Round) -> str:
    """What everybody reads of a published round; "" as long as there is no such page."""
    policy = found.policy
    try:
        place = [policy.ward.code, policy.fiscal_year, found.period.key]
        return reverse("reviews:public_round", args=place)
    except NoReverseMatch:
        return ""


def move_url(found: Round, action: str) -> str:
    return found.address("round_move", action)


@require_http_methods(["GET", "HEAD", "POST"])
def move(request, code: str, year: int, period: str, action: str):
    """What a move would do (GET), and making it (POST)."""
    found = find_round(request.user, code, year, period)
    if not looks_after(request.user, found.policy.ward_id):
        raise PermissionDenied(_("回を進めるのは、区政推進課（事務局）です。"))
    known = ROUND_MOVES.get(action)
    if known is None:
        raise Http404
    if request.method != "POST" and found.state != known.before:
        messages.info(
            request,
            _("この回は「%(state)s」なので、その操作はできません。")
            % {"state": found.get_state_display()},
        )
        return redirect(found)
    form = MoveForm(sent(request), move=known)
    members = progress_of(found) if action == "close" else None
    if form.is_valid():
        try:
            moved = move_round(
                found,
                action,
                by=request.user,
                reason=form.cleaned_data.get("reason", ""),
                decision=decision_of(form),
            )
        except MoveRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, done_in_words(moved, action))
            return redirect(found)
    context = about_round(found, request.user, "desk") | {
        "form": form,
        "action": action,
        "name": MOVE_NAMES[action],
        "follows": what_follows(action),
        "unsent": unsent_in_words(members) if members else "",
        "silent": members.silent if members else 0,
        "member_count": len(members.lines) if members else 0,
        "readiness": readiness_of(found) if action == "open" else None,
        "left": answers_left(found) if action == "publish" else 0,
    }
    return render(request, "reviews/round_move.html", context)


def answers_left(found: Round) -> int:
    return Item.objects.filter(round=found).listed().exclude(state=Item.State.RELEASED).count()


def decision_of(form: MoveForm) -> Publication | None:
    typed = form.cleaned_data
    if "decided_by" not in typed:
        return None
    on: date | None = typed["decided_on"]
    return Publication(typed["decided_by"], on, typed["document_number"])


def done_in_words(moved: Round, action: str) -> str:
    """What happened; after closing also what became of what members had not sent."""
    if action == "close":
        listed = Item.objects.filter(round=moved).listed().count()
        return closed_in_words(progress_of(moved), listed)
    phrases = Phrases(moved.policy)
    return {
        "open": _("意見の受付を始めました。締切は%(due)sです。")
        % {"due": phrases.short_day(moved.due) if moved.due else ""},
        "take_back": _("準備中に戻しました。"),
        "reopen": _("意見の受付を再開しました。締切を確かめてください。"),
        "publish": _("公表しました。"),
        "withdraw": _("公表を取り下げました。"),
    }[action]
