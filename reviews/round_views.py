"""Rounds over the years, and adding or editing one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kpis.phrases import Phrases
from wards.models import Ward
from wards.permissions import Role, access_of

from . import rounds as acts
from .desk import NO_ANSWERS, answers_by_round, sent_comments_by_round
from .lookup import about_round, find_round
from .models import Committee, Round
from .permissions import looks_after
from .round_forms import NewRoundForm, RoundForm
from .together import stored_in
from .ward_pages import about_ward, committee_looked_after, saved, sent

reads_or_writes = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def rounds(request, code: str):
    """The ward's rounds, the newest first, with as much as this person may see of each."""
    access = access_of(request.user)
    ward = get_object_or_404(Ward, code=code)
    if ward.pk not in access.ward_ids and not access.is_city:
        raise Http404
    found = list(
        Round.objects.visible_to(request.user)
        .filter(policy__ward=ward)
        .select_related("policy__ward", "period", "committee")
        .order_by("-policy__fiscal_year", "-period__starts")
    )
    comments = sent_comments_by_round(request.user, found)
    answers = answers_by_round(request.user, found)
    only_own = access.has(ward.pk, Role.MEMBER) and not looks_after(request.user, ward.pk)
    context = about_ward(ward, request.user, "rounds") | {
        "committee": Committee.objects.filter(ward=ward).first(),
        "lines": [
            line_of(
                round,
                comments.get(round.pk, 0),
                answers.get(round.pk, NO_ANSWERS),
                only_own=only_own,
            )
            for round in found
        ],
        "reads_comments": access.has(ward.pk, Role.MEMBER, Role.SECRETARIAT, Role.AUDITOR),
    }
    return render(request, "reviews/rounds.html", context)


def line_of(round: Round, comments: int, answers, *, only_own: bool) -> dict[str, Any]:
    phrases = Phrases(round.policy)
    name, months = phrases.period_parts(round.period.starts, round.period.ends)
    return {
        "round": round,
        "year": phrases.year(round.policy.fiscal_year),
        "name": name,
        "months": months,
        "due": phrases.day(round.due) if round.due else "",
        "comments": comments,
        "own": only_own and not round.is_over,
        "answers": answers,
    }


@reads_or_writes
def round_add(request, code: str):
    """A round on a period that has none."""
    committee = committee_looked_after(request.user, code)
    periods = {period.pk: period_name(period) for period in acts.periods_without(committee)}
    form = NewRoundForm(sent(request), periods=periods)
    if form.is_valid():
        try:
            round = acts.add_round(committee, form, by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            told = _("回を作りました。")
            messages.success(request, told + moved_in_words(round, form.cleaned_data["due"]))
            return redirect(Round.objects.select_related("policy__ward", "period").get(pk=round.pk))
    context = about_ward(committee.ward, request.user, "rounds")
    context |= {"form": form, "periods": periods, "committee": committee}
    return render(request, "reviews/round_add.html", context)


def period_name(period) -> str:
    phrases = Phrases(period.policy)
    year = phrases.year(period.policy.fiscal_year)
    return f"{year} {phrases.period(period.starts, period.ends)}"


def moved_in_words(round: Round, wished) -> str:
    """That the due date was moved off a day on which offices are closed; "" where it was not."""
    if not (wished and round.due) or wished == round.due:
        return ""
    phrases = Phrases(round.policy)
    return _("%(wished)sは閉庁日のため、締切を次の開庁日の%(due)sにしました。") % {
        "wished": phrases.short_day(wished),
        "due": phrases.short_day(round.due),
    }


@reads_or_writes
def round_edit(request, code: str, year: int, period: str):
    """Due date, note, and, while the round is prepared, the grades."""
    round = find_round(request.user, code, year, period)
    if not looks_after(request.user, round.policy.ward_id):
        raise PermissionDenied(_("回の設定は、区政推進課（事務局）が変えます。"))
    if request.method != "POST" and round.state not in acts.EDITABLE:
        messages.info(request, _("受付が終わったので、締切とことばは変えられません。"))
        return redirect(round)
    with_grades = "grades" in request.POST or (
        request.method != "POST" and round.state == Round.State.PREPARING
    )
    names = ("due", "note", *(["asks_grade", "grades"] if with_grades else []))
    form = RoundForm(sent(request), with_grades=with_grades, stored=stored_in(round, *names))
    wished = form.cleaned_data.get("due") if form.is_valid() else None
    if saved(request, form, lambda: acts.edit_round(round, form, by=request.user)):
        round.refresh_from_db(fields=["due"])
        if told := moved_in_words(round, wished):
            messages.info(request, told)
        return redirect(round)
    context = about_round(round, request.user, "desk") | {"form": form}
    return render(request, "reviews/round_edit.html", context)
