"""The committee's opinion: read, compiled, approved, published; and what the public reads."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kpis.phrases import Phrases

from .compiling import (
    OPINION_MOVES,
    agree,
    agreed,
    move_opinion,
    newest,
    paragraphs_of,
    save_version,
)
from .lookup import about_round, find_round
from .models import Member, Opinion, OpinionVersion, Round
from .opinion_forms import ApproveForm, CompileForm, PublishForm, ReasonForm
from .opinion_pages import reads_draft, reads_opinion, reads_sources, shown, sources
from .permissions import looks_after, member_of
from .workflow import MoveRefused

FORMS = {
    "approve": ApproveForm,
    "publish": PublishForm,
    "rework": ReasonForm,
    "withdraw": ReasonForm,
}


@require_safe
def opinion(request, code: str, year: int, period: str, number: int | None = None):
    """The opinion as it stands, or one of its versions for those who read drafts."""
    round = find_round(request.user, code, year, period)
    return _page(request, round, number=number)


def _page(request, round: Round, *, number: int | None = None, form=None, status: int = 200):
    user = request.user
    found = Opinion.objects.filter(round=round).first()
    drafts = reads_draft(user, round)
    if number is not None and not drafts:
        raise Http404
    reads = reads_opinion(user, round, found)
    versions = list(OpinionVersion.objects.filter(opinion=found)) if found and reads else []
    version = next((each for each in versions if number in (None, each.number)), None)
    if number is not None and version is None:
        raise Http404
    known = sources(round) if version and reads_sources(user, round) else []
    current = bool(version and version == versions[0])
    keeps = looks_after(user, round.policy.ward_id)
    member = member_of(user, round.policy.ward_id) if current and round.is_over else None
    who_agreed = agreed(round, version.number) if version and drafts else set()
    members = Member.objects.filter(committee=round.committee).in_office_now().count()
    state = found.state if found else Opinion.State.DRAFT
    context = {
        **about_round(round, user, "opinion"),
        "opinion": found,
        "version": version,
        "versions": versions if drafts else [],
        "current": current,
        "paragraphs": shown(paragraphs_of(version), known),
        "has_sources": bool(known),
        "may_compile": keeps and round.is_over and state == Opinion.State.DRAFT,
        "waits": keeps and not round.is_over,
        "moves": _moves(state, form) if keeps and current else [],
        "agreed": len(who_agreed),
        "members": members,
        "may_agree": member is not None and state == Opinion.State.DRAFT,
        "has_agreed": bool(member and member.pk in who_agreed),
        "reads": reads,
        "approved_on": _day(round, found.approved_on if found else None),
        "published_on": _day(round, found.decided_on if found else None),
    }
    return render(request, "reviews/opinion.html", context, status=status)


def _day(round: Round, day: date | None) -> str:
    return Phrases(round.policy).day(day) if day else ""


def _moves(state: str, form: Any) -> list[dict[str, Any]]:
    """What the secretariat may do with the opinion now, each with its form."""
    action, filled = form or ("", None)
    return [
        {
            "action": name,
            "form": filled if name == action else FORMS[name](auto_id=f"{name}_%s"),
            "with_reason": move.with_reason,
        }
        for name, move in OPINION_MOVES.items()
        if move.before == state
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def compile_opinion(request, code: str, year: int, period: str):
    """Where the secretariat writes the opinion, with the comments beside it."""
    round = find_round(request.user, code, year, period)
    if not looks_after(request.user, round.policy.ward_id):
        raise PermissionDenied(_("意見をまとめるのは、区政推進課（事務局）です。"))
    if not round.is_over:
        messages.info(request, _("意見の受付が終わってから、まとめることができます。"))
        return redirect(round.address("opinion"))
    known = sources(round)
    stands = newest(round)
    refused, status = "", 200
    if request.method == "POST":
        more = request.POST.get("action") == "more"
        form = CompileForm(known, request.POST, more=more)
        based_on = _number(request.POST.get("based_on"))
        paragraphs = None if more else form.paragraphs()
        if paragraphs is not None:
            try:
                saved = save_version(
                    round,
                    title=form.title,
                    paragraphs=paragraphs,
                    based_on=based_on,
                    by=request.user,
                )
            except MoveRefused as error:
                refused = str(error)
            else:
                _tell(request, saved)
                stay = request.POST.get("action") == "go_on" or saved.clashes
                return redirect(round.address("opinion_edit" if stay else "opinion"))
        status = 200 if more else 422
    else:
        based_on = stands.number if stands else 0
        form = CompileForm(
            known,
            title=stands.title if stands else _title(round),
            paragraphs=paragraphs_of(stands),
        )
    context = {
        **about_round(round, request.user, "opinion"),
        "form": form,
        "based_on": based_on,
        "number": based_on,
        "known": known,
        "refused": refused,
        "clashes": sum(part.clash for part in form.parts),
    }
    return render(request, "reviews/opinion_edit.html", context, status=status)


def _title(round: Round) -> str:
    phrases = Phrases(round.policy)
    half = phrases.period_parts(round.period.starts, round.period.ends)[0]
    words = {
        "year": phrases.era_year(round.policy.fiscal_year),
        "half": half,
        "committee": round.committee.name,
    }
    return _("%(year)s%(half)s %(committee)sからの意見") % words


def _number(typed: str | None) -> int:
    return int(typed) if typed and typed.isdecimal() and len(typed) < 6 else 0


def _tell(request, saved) -> None:
    told = _("第%(n)d稿を保存しました。") % {"n": saved.version.number}
    if not saved.joined_with:
        messages.success(request, told)
        return
    names = _("、").join(dict.fromkeys(each.by_name for each in saved.joined_with))
    told += _("あなたが書いている間に、%(names)sも保存していました。二人の文を合わせました。") % {
        "names": names
    }
    if saved.clashes:
        told += _(
            "同じ段落を二人が直したところは、両方を残しています。どちらかにまとめてください。"
        )
        messages.warning(request, told)
    else:
        messages.success(request, told)


@require_POST
def opinion_move(request, code: str, year: int, period: str):
    """Approve, publish, or take back what was."""
    round = find_round(request.user, code, year, period)
    if not looks_after(request.user, round.policy.ward_id):
        raise PermissionDenied(_("この操作ができるのは、区政推進課（事務局）です。"))
    action = request.POST.get("action", "")
    if action not in OPINION_MOVES:
        raise Http404
    form = FORMS[action](request.POST, auto_id=f"{action}_%s")
    if not form.is_valid():
        return _page(request, round, form=(action, form), status=422)
    try:
        move_opinion(
            round,
            action,
            by=request.user,
            version=_number(request.POST.get("version")),
            **form.cleaned_data,
        )
    except MoveRefused as error:
        messages.error(request, str(error))
        return _page(request, round, form=(action, form), status=409)
    messages.success(request, TOLD[action]())
    return redirect(round.address("opinion"))


TOLD = {
    "approve": lambda: _("委員会が確認した意見として記録しました。"),
    "rework": lambda: _("作成中に戻しました。"),
    "publish": lambda: _("公表しました。"),
    "withdraw": lambda: _("公表を取り下げました。"),
}


@require_POST
def opinion_agree(request, code: str, year: int, period: str):
    """A member has read the draft and agrees with it."""
    round = find_round(request.user, code, year, period)
    member = member_of(request.user, round.policy.ward_id)
    if member is None or not round.is_over:
        raise PermissionDenied(_("確かめたことを記録できるのは、評価委員です。"))
    try:
        agree(round, member, version=_number(request.POST.get("version")), by=request.user)
    except MoveRefused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("この案でよいと記録しました。ありがとうございます。"))
    return redirect(round.address("opinion"))
