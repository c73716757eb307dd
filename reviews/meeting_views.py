"""Meetings of the committee: read by everybody of the ward, kept by the secretariat."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kpis.phrases import Phrases
from wards import calendar

from . import meetings as acts
from .comment_form import number
from .lookup import find_ward
from .meeting_forms import AttendanceForm, MeetingForm, MinutesForm
from .models import Committee, Meeting, Round
from .papers import shown
from .roll import day_in_words, members_with_terms, roll_of
from .together import TogetherForm, stored_in
from .ward_pages import about_ward, committee_looked_after, saved, sent

reads_or_writes = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def meetings(request, code: str):
    """The ward's meetings by fiscal year, the newest first. Eight queries, however many."""
    ward = find_ward(request.user, code)
    committee = Committee.objects.filter(ward=ward).first()
    context = about_ward(ward, request.user, "meetings") | {"committee": committee}
    if committee is None:
        return render(request, "reviews/meetings.html", context)
    rows = (
        Meeting.objects.visible_to(request.user)
        .filter(committee=committee)
        .select_related("round__period", "round__policy")
        .annotate(paper_count=Count("papers", filter=Q(papers__removed_at=None), distinct=True))
        .prefetch_related("attendances")
        .order_by("-fiscal_year", "-number")
    )
    members = members_with_terms(committee)
    lines = [line_of(meeting, committee, members, request.user) for meeting in rows]
    lang = get_language() or "ja"
    context["years"] = [
        {"name": calendar.year_label(year, lang), "lines": list(of_year)}
        for year, of_year in groupby(lines, key=lambda line: line["meeting"].fiscal_year)
    ]
    return render(request, "reviews/meetings.html", context)


def line_of(meeting: Meeting, committee: Committee, members, user) -> dict[str, Any]:
    roll = roll_of(committee, meeting.day, members)
    known = {each.member_id: each for each in meeting.attendances.all()}
    return {
        "meeting": meeting,
        "day": day_in_words(meeting.day),
        "quorum": acts.quorum(committee, roll.members, known),
        "round": round_name(meeting.round) if meeting.round else "",
    }


def round_name(round: Round) -> str:
    """令和2年度 上半期."""
    phrases = Phrases(round.policy)
    name, _months = phrases.period_parts(round.period.starts, round.period.ends)
    return f"{phrases.era_year(round.policy.fiscal_year)} {name}"


def rounds_by_name(committee: Committee) -> dict[int, str]:
    rows = committee.rounds.select_related("policy", "period").order_by("-period__starts")
    return {round.pk: round_name(round) for round in rows}


def find_meeting(user, code: str, pk: int) -> Meeting:
    rows = Meeting.objects.visible_to(user).select_related(
        "committee__ward", "round__policy__ward", "round__period"
    )
    return get_object_or_404(rows, committee__ward__code=code, pk=pk)


def meeting_looked_after(user, code: str, pk: int) -> Meeting:
    found = find_meeting(user, code, pk)
    committee_looked_after(user, code)
    return found


def about_meeting(request, meeting: Meeting) -> dict[str, Any]:
    """What the page of a meeting and the page to print are told."""
    committee = meeting.committee
    roll = roll_of(committee, meeting.day)
    known = {each.member_id: each for each in meeting.attendances.select_related("member")}
    here = {member.pk for member in roll.members}
    papers = list(meeting.papers.standing().order_by("order", "id"))
    context = about_ward(committee.ward, request.user, "meetings")
    round = meeting.round
    if round and not Round.objects.visible_to(request.user).filter(pk=round.pk).exists():
        round = None
    approved = meeting.minutes_approved_on
    return context | {
        "meeting": meeting,
        "committee": committee,
        "name": acts.name_of(meeting),
        "day": day_in_words(meeting.day),
        "approved_on": day_in_words(approved) if approved else "",
        "round": round,
        "round_name": round_name(round) if round else "",
        "agenda": acts.agenda_of(meeting),
        "papers": shown(papers, committee.ward.code, round, inside=context["looks_after"]),
        "roll": roll,
        "attendance": [{"seat": seat, "line": known.get(seat.member.pk)} for seat in roll.seats],
        "guests": [each for each in known.values() if each.member_id not in here],
        "quorum": acts.quorum(committee, roll.members, known),
    }


@require_safe
def meeting(request, code: str, pk: int):
    """When, where, on which papers, who was there, and what was said. Eleven queries."""
    found = find_meeting(request.user, code, pk)
    return render(request, "reviews/meeting.html", about_meeting(request, found))


@require_safe
def meeting_print(request, code: str, pk: int):
    """The 次第 with papers and attendance, as it is handed out."""
    found = find_meeting(request.user, code, pk)
    return render(request, "reviews/meeting_print.html", about_meeting(request, found))


@reads_or_writes
def meeting_add(request, code: str):
    committee = committee_looked_after(request.user, code)
    rounds = rounds_by_name(committee)
    today = timezone.localdate()
    form = MeetingForm(sent(request), rounds=rounds)
    wanted = number(request.GET.get("round", ""))
    form.initial = {
        "number": acts.next_number(committee, calendar.fiscal_year(today)),
        "round_id": wanted if wanted in rounds else None,
    }
    if form.is_valid():
        try:
            found = acts.add_meeting(committee, form, by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("会議を加えました。次に、配布資料を加えてください。"))
            return redirect("reviews:meeting", code, found.pk)
    context = about_ward(committee.ward, request.user, "meetings")
    context |= {"form": form, "heading": _("会議を加える"), "how": "meeting"}
    return render(request, "reviews/meeting_form.html", context)


@reads_or_writes
def meeting_edit(request, code: str, pk: int):
    found = meeting_looked_after(request.user, code, pk)
    form = MeetingForm(
        sent(request),
        stored=stored_in(found, *acts.OF_MEETING),
        rounds=rounds_by_name(found.committee),
    )
    if saved(request, form, lambda: acts.edit_meeting(found, form, by=request.user)):
        return redirect("reviews:meeting", code, pk)
    return of_meeting(request, found, form, _("会議の情報を直す"))


@reads_or_writes
def meeting_minutes(request, code: str, pk: int):
    found = meeting_looked_after(request.user, code, pk)
    form = MinutesForm(sent(request), stored=stored_in(found, *acts.OF_MINUTES))
    if saved(request, form, lambda: acts.write_minutes(found, form, by=request.user)):
        return redirect("reviews:meeting", code, pk)
    return of_meeting(request, found, form, _("議事録を書く"))


@reads_or_writes
def meeting_attendance(request, code: str, pk: int):
    """Who was there, of the members in office on the day, and of those who were written down."""
    found = meeting_looked_after(request.user, code, pk)
    known = {each.member_id: each for each in found.attendances.select_related("member")}
    roll = roll_of(found.committee, found.day)
    here = {member.pk for member in roll.members}
    others = [each.member for each in known.values() if each.member_id not in here]
    form = AttendanceForm(sent(request), members=[*roll.members, *others], known=known)
    if saved(request, form, lambda: acts.write_attendance(found, form, by=request.user)):
        return redirect("reviews:meeting", code, pk)
    return of_meeting(request, found, form, _("出欠を書く"), how="attendance")


def of_meeting(request, meeting: Meeting, form: TogetherForm, heading: str, **more: Any):
    """A page with one form about a meeting."""
    context = about_ward(meeting.committee.ward, request.user, "meetings")
    context |= {"meeting": meeting, "name": acts.name_of(meeting), "form": form}
    return render(request, "reviews/meeting_form.html", context | {"heading": heading} | more)
