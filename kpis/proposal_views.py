"""Changes of the plan: asking for one, deciding about it, and the list of all of them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from wards.permissions import access_of

from . import proposals
from .changes import Changes, effect_lines, goal_now, whole_of
from .models import Policy, Project, Proposal, Target
from .permissions import can_decide
from .phrases import Phrases
from .proposal_forms import ChangeForm, DecisionForm, closed_among, sentence
from .proposals import MOVES, ProposalRefused, Subject, subject_of


def why(refused: ProposalRefused, unit: str = "") -> str:
    """Why a move was not made, in sentences."""
    told = {
        "not_allowed": _("この操作を行う権限がありません。"),
        "overtaken": _(
            "この申請は、ほかの人が先に決めたか、取り下げました。いまの状態を確かめてください。"
        ),
        "open_already": _(
            "決定を待っている申請が、すでにあります。取り下げるか、決定を待ってから申請してください。"
        ),
    }
    if refused.why in told:
        return told[refused.why]
    return " ".join(sentence(remark, unit) for remark in refused.remarks)


# Asking -------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def target_change(request, code: str, year: int, key: str):
    """Ask for a change of one target; the secretariat may record a decision with it."""
    target = get_object_or_404(
        Target.objects.visible_to(request.user).select_related("policy__ward", "project"),
        policy__ward__code=code,
        policy__fiscal_year=year,
        key=key,
    )
    target.project.policy = target.policy
    return _change(request, subject_of(target.project, target))


@require_http_methods(["GET", "HEAD", "POST"])
def project_change(request, code: str, year: int, key: str):
    """The same for a whole project, which has no value to change."""
    project = get_object_or_404(
        Project.objects.visible_to(request.user).select_related("policy__ward"),
        policy__ward__code=code,
        policy__fiscal_year=year,
        key=key,
    )
    return _change(request, subject_of(project))


def _change(request, subject: Subject):
    user, policy = request.user, subject.policy
    if not proposals.proposes(user, subject):
        raise PermissionDenied(_("目標の変更は、所管課と区政推進課（事務局）だけが申請できます。"))
    if policy.state != Policy.State.IN_FORCE:
        raise PermissionDenied(
            _("作成中の運営方針です。実施中になってから、変更を申請してください。")
        )
    reading = proposals.reading_of(subject)
    decides = can_decide(user, policy)
    data = request.POST if request.method == "POST" else None
    form = ChangeForm(data, subject=subject, reading=reading, decides=decides)
    if data is not None and form.is_valid():
        try:
            proposal = _write(form, subject, user)
        except ProposalRefused as refused:
            form.add_error(None, why(refused, form.unit))
        else:
            done = _("申請しました。決定を待っています。")
            if form.records:
                done = _("決定を記録しました。変更は反映済みです。")
            messages.success(request, done)
            return redirect(proposal)
    return render(request, "kpis/target_change.html", _asking(subject, form, reading))


def _write(form: ChangeForm, subject: Subject, user) -> Proposal:
    wish, reason = form.wish, form.cleaned_data["reason"]
    if form.records:
        return proposals.decide_without_proposal(subject, wish, reason, form.decision, by=user)
    return proposals.propose(subject, wish, reason, by=user)


def _asking(subject: Subject, form: ChangeForm, reading) -> dict[str, Any]:
    policy = subject.policy
    phrases = Phrases(policy)
    waiting = Proposal.objects.filter(
        project=subject.project, target=subject.target, state=Proposal.State.OPEN
    )
    return {
        "place": "changes",
        "policy": policy,
        "year": phrases.year(policy.fiscal_year),
        "in_japanese": phrases.in_japanese,
        "project": subject.project,
        "target": subject.target,
        "name": str(subject.row),
        "goal": goal_now(subject, reading, phrases),
        "whole": whole_of(subject, phrases),
        "standing": phrases.gone(
            subject.row.status, subject.row.status_on, subject.row.status_reason
        ),
        "waiting": waiting.select_related("policy__ward").first(),
        "kinds": subject.kinds(reading),
        "form": form,
        "effects": effect_lines(form.effects, reading, phrases),
        "base_url": policy.get_absolute_url(),
    }


# Deciding -----------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def change(request, code: str, year: int, number: int):
    """One proposal: what was asked, what it would do, and what became of it."""
    proposal = get_object_or_404(
        Proposal.objects.visible_to(request.user).select_related(
            "policy__ward", "project__policy__ward", "target__policy__ward", "section"
        ),
        policy__ward__code=code,
        policy__fiscal_year=year,
        pk=number,
    )
    subject = subject_of(proposal.project, proposal.target)
    offered = {
        action
        for action, rule in MOVES.items()
        if proposal.state in rule.before and rule.allowed(request.user, proposal, subject)
    }
    if request.method == "POST":
        return _decide(request, proposal, subject)
    return _show(request, proposal, subject, offered)


def _decide(request, proposal: Proposal, subject: Subject):
    action = request.POST.get("action", "")
    may = {name for name, rule in MOVES.items() if rule.allowed(request.user, proposal, subject)}
    if not may or (action in MOVES and action not in may):
        raise PermissionDenied(why(ProposalRefused("not_allowed")))
    if action not in MOVES:
        messages.error(request, _("ボタンを選び直してください。"))
        return redirect(proposal)
    decision = None
    if action != "withdraw":
        form = DecisionForm(
            request.POST,
            accepted=action == "accept",
            changes_closed=bool(_closed(proposal, subject)),
        )
        if proposal.is_open and not form.is_valid():
            return _show(request, proposal, subject, may, form=form)
        if form.is_valid():
            decision = form.decision
    try:
        if decision is None and action != "withdraw":
            raise ProposalRefused("overtaken")
        proposals.move(action, proposal, by=request.user, decision=decision)
    except ProposalRefused as refused:
        unit = proposal.target.unit if proposal.target else ""
        messages.error(request, why(refused, unit))
    else:
        done = {
            "withdraw": _("申請を取り下げました。"),
            "accept": _("承認を記録しました。変更は反映済みです。"),
            "decline": _("不承認を記録しました。"),
        }
        messages.success(request, done[action])
    return redirect(proposal)


def _closed(proposal: Proposal, subject: Subject) -> list:
    """Which closed periods' results accepting would change."""
    if not proposal.is_open:
        return []
    reading = proposals.reading_of(subject)
    wish = proposals.wish_of(proposal)
    if proposals.remarks_on(subject, wish, reading):
        return []
    return closed_among(proposals.effects(subject, wish, reading), reading)


def _show(request, proposal: Proposal, subject: Subject, offered: set[str], *, form=None):
    policy, user = proposal.policy, request.user
    phrases = Phrases(policy)
    effects, remarks = [], []
    if proposal.is_open:
        reading = proposals.reading_of(subject)
        wish = proposals.wish_of(proposal)
        remarks = proposals.remarks_on(subject, wish, reading)
        if not remarks:
            found = proposals.effects(subject, wish, reading)
            effects = effect_lines(found, reading, phrases)
    unit = proposal.target.unit if proposal.target else ""
    context = {
        "place": "changes",
        "policy": policy,
        "year": phrases.year(policy.fiscal_year),
        "in_japanese": phrases.in_japanese,
        "proposal": proposal,
        "project": proposal.project,
        "target": proposal.target,
        "name": str(proposal.subject),
        "on": phrases.day(proposal.on),
        "old": phrases.amount(proposal.old, ""),
        "new": phrases.amount(proposal.new, ""),
        "unit": unit,
        "decided_on": phrases.day(proposal.decided_on) if proposal.decided_on else "",
        "inside": access_of(user).reads_drafts(policy.ward_id),
        "effects": effects,
        "cannot": [sentence(remark, unit) for remark in remarks],
        "offered": offered,
        "form": form or DecisionForm(),
        "base_url": policy.get_absolute_url(),
    }
    return render(request, "kpis/change.html", context)


# The list -----------------------------------------------------------------------------------------


@require_safe
def changes(request, code: str, year: int):
    """What waits for a decision first, then what was changed this year and what was not."""
    policy = get_object_or_404(
        Policy.objects.visible_to(request.user).select_related("ward"),
        ward__code=code,
        fiscal_year=year,
    )
    project = request.GET.get("project", "")
    if "\x00" in project:  # no project has one, and PostgreSQL cannot even look for it
        raise Http404
    return render(
        request,
        "kpis/changes.html",
        {
            **Changes(policy, request.user).context(project),
            "place": "changes",
            "policy": policy,
        },
    )
