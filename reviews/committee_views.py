"""The committee and its members: read by everybody of the ward, kept by the secretariat."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from wards.models import Post

from . import members as acts
from .committee_forms import (
    AccountForm,
    CommitteeForm,
    MemberForm,
    NewMemberForm,
    OnForm,
    TermForm,
)
from .lookup import find_ward
from .models import Committee, Member, Term
from .permissions import looks_after
from .roll import Seat, covers, day_in_words, days_of, members_with_terms, people, roll_of
from .together import stored_in
from .ward_pages import about_ward, committee_looked_after, saved, sent, ward_looked_after

reads_or_writes = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def committee(request, code: str):
    """Who sits on the committee on a day, and who did before or will."""
    ward = find_ward(request.user, code)
    found = Committee.objects.filter(ward=ward).first()
    context = about_ward(ward, request.user, "committee") | {"committee": found}
    if found is None:
        return render(request, "reviews/committee.html", context)
    today = timezone.localdate()
    form = OnForm(request.GET if "on" in request.GET else None, initial={"on": today})
    day = (form.cleaned_data["on"] if form.is_valid() else None) or today
    roll = roll_of(found, day, members_with_terms(found))
    context |= {
        "form": form,
        "day": day_in_words(day),
        "is_today": day == today,
        "roll": roll,
        "people": people(len(roll.seats)),
        "needed": people(found.needed(len(roll.seats))) if roll.seats else "",
        "seats": [line_of(seat) for seat in roll.seats],
        "others": [line_of(seat) for seat in roll.others],
    }
    return render(request, "reviews/committee.html", context)


def line_of(seat: Seat) -> dict[str, Any]:
    return {"seat": seat, "member": seat.member, "days": days_of(seat.term) if seat.term else ""}


@reads_or_writes
def committee_edit(request, code: str):
    """Found the committee, or edit what it is."""
    ward = ward_looked_after(request.user, code)
    found = Committee.objects.filter(ward=ward).first()
    if found is None:
        first = {"name": _("%(ward)s事業評価委員会") % {"ward": ward.name}}
        form = CommitteeForm(sent(request), stored=None)
        form.initial = first
        if form.is_valid():
            try:
                acts.found_committee(ward, form, by=request.user)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                messages.success(request, _("委員会を設置しました。次に、委員を加えてください。"))
                return redirect("reviews:committee", code)
    else:
        form = CommitteeForm(sent(request), stored=stored_in(found, *acts.OF_COMMITTEE))
        if saved(request, form, lambda: acts.edit_committee(found, form, by=request.user)):
            return redirect("reviews:committee", code)
    context = about_ward(ward, request.user, "committee") | {"form": form, "committee": found}
    return render(request, "reviews/committee_edit.html", context)


# A member ----------------------------------------------------------------------------------------


@reads_or_writes
def member_add(request, code: str):
    found = committee_looked_after(request.user, code)
    last = found.members.order_by("-order").values_list("order", flat=True).first()
    form = NewMemberForm(sent(request))
    form.initial = {"order": (last or 0) + 1, "seat": Term.Seat.MEMBER}
    if form.is_valid():
        try:
            member = acts.add_member(found, form, by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("%(name)sを名簿に加えました。") % {"name": member})
            return redirect("reviews:member", code, member.pk)
    context = about_ward(found.ward, request.user, "committee") | {"form": form}
    return render(request, "reviews/member_add.html", context)


def find_member(user, code: str, pk: int) -> Member:
    rows = Member.objects.visible_to(user).select_related("committee__ward", "user")
    return get_object_or_404(rows, committee__ward__code=code, pk=pk)


def member_looked_after(user, code: str, pk: int) -> Member:
    member = find_member(user, code, pk)
    committee_looked_after(user, code)
    return member


@require_safe
def member(request, code: str, pk: int):
    """One member: of what kind, since when, with which account; contacts for the secretariat."""
    found = find_member(request.user, code, pk)
    ward, today = found.committee.ward, timezone.localdate()
    inside = looks_after(request.user, ward.pk)
    terms = list(found.terms.all())
    in_office = any(covers(term, today) for term in terms)
    has_post = bool(
        inside
        and found.user_id
        and Post.objects.held_now()
        .filter(user=found.user_id, ward=ward, role=Post.Role.MEMBER)
        .exists()
    )
    context = about_ward(ward, request.user, "committee") | {
        "member": found,
        "terms": [
            {"term": term, "days": days_of(term), "is_now": covers(term, today)} for term in terms
        ],
        "in_office": in_office,
        "has_post": has_post,
    }
    return render(request, "reviews/member.html", context)


@reads_or_writes
def member_edit(request, code: str, pk: int):
    found = member_looked_after(request.user, code, pk)
    form = MemberForm(sent(request), stored=stored_in(found, *acts.OF_MEMBER))
    if saved(request, form, lambda: acts.edit_member(found, form, by=request.user)):
        return redirect("reviews:member", code, pk)
    return of_member(request, found, form, _("委員の情報を直す"))


@reads_or_writes
def member_account(request, code: str, pk: int):
    """Link an account to the member, or take the link away."""
    found = member_looked_after(request.user, code, pk)
    stored = stored_in(found, "user_id")
    form = AccountForm(sent(request), stored=stored, people=acts.accounts_for(found))
    if saved(request, form, lambda: acts.link_account(found, form, by=request.user)):
        return redirect("reviews:member", code, pk)
    return of_member(request, found, form, _("アカウントを結び付ける"), how="account")


@reads_or_writes
def term_add(request, code: str, pk: int):
    """A first term, or a reappointment."""
    found = member_looked_after(request.user, code, pk)
    last = found.terms.last()
    form = TermForm(sent(request))
    form.initial = {"category": last.category if last else None, "seat": Term.Seat.MEMBER}
    if form.is_valid():
        try:
            acts.give_term(found, form, by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("任期を加えました。"))
            return redirect("reviews:member", code, pk)
    return of_member(request, found, form, _("任期を加える"), how="term")


@reads_or_writes
def term(request, code: str, pk: int, term: int):
    """Edit a term, or take away one that was given by mistake."""
    found = member_looked_after(request.user, code, pk)
    known = get_object_or_404(found.terms.select_related("member"), pk=term)
    if request.POST.get("action") == "remove":
        acts.take_term_away(known, by=request.user)
        messages.success(request, _("任期を取り消しました。"))
        return redirect("reviews:member", code, pk)
    form = TermForm(sent(request), stored=stored_in(known, *acts.OF_TERM))
    if saved(request, form, lambda: acts.change_term(known, form, by=request.user)):
        return redirect("reviews:member", code, pk)
    return of_member(request, found, form, _("任期を直す"), how="term", term=known)


def of_member(request, member: Member, form, heading: str, how: str = "", term=None):
    """A page with one form about a member."""
    context = about_ward(member.committee.ward, request.user, "committee")
    context |= {"member": member, "form": form, "heading": heading, "how": how, "term": term}
    return render(request, "reviews/member_form.html", context)
