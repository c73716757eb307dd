"""Acts on the committee's list: founding, members, terms, accounts; each with its line of record.

Who writes holds the member's row first (reviews/together.py), so that two who give terms to one
member follow each other, and the second is told of an overlap.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from wards.models import Post, User, Ward

from .committee_forms import AccountForm, CommitteeForm, MemberForm, NewMemberForm, TermForm
from .models import Committee, Member, Term
from .recording import record
from .roll import days_of, overlap
from .together import hold, pairs, stored_in

OF_COMMITTEE = tuple(CommitteeForm.base_fields)
OF_MEMBER = tuple(MemberForm.base_fields)
OF_TERM = tuple(TermForm.base_fields)


def found_committee(ward: Ward, form: CommitteeForm, *, by: Any) -> Committee:
    """Raises ValidationError where the ward has one by now."""
    typed = form.cleaned_data
    try:
        with transaction.atomic():
            committee = Committee.objects.create(ward=ward, **typed)
            record(
                "committee_founded",
                ward_id=ward.pk,
                by=by,
                changed={name: [None, value] for name, value in typed.items() if value},
            )
    except IntegrityError as error:
        raise ValidationError(
            gettext("ほかの人が先に委員会を設置しました。前の画面に戻って確かめてください。")
        ) from error
    return committee


@transaction.atomic
def edit_committee(committee: Committee, form: CommitteeForm, *, by: Any) -> bool | None:
    """Whether something changed; None where another changed the same (the form shows both)."""
    row = hold(Committee.objects.all(), committee.pk)
    stored = stored_in(row, *OF_COMMITTEE)
    write = form.changes(stored)
    if not write:
        transaction.set_rollback(True)
        return None if write is None else False
    Committee.objects.filter(pk=row.pk).update(**write)
    record("committee_edited", ward_id=row.ward_id, by=by, changed=pairs(stored, write))
    return True


def add_member(committee: Committee, form: NewMemberForm, *, by: Any) -> Member:
    """A member with a first term. Raises ValidationError by field."""
    try:
        with transaction.atomic():
            hold(Committee.objects.all(), committee.pk)
            member = Member.objects.create(committee=committee, **form.of_member)
            term = Term(member=member, **form.of_term)
            _one_chair_at_a_time(term)
            term.save()
            record(
                "member_added",
                ward_id=committee.ward_id,
                by=by,
                member=member,
                changed={
                    name: [None, value]
                    for name, value in (form.of_member | form.of_term).items()
                    if value not in (None, "") and name not in ("name", "order")
                },
            )
    except IntegrityError as error:
        raise _name_is_taken() from error
    return member


def edit_member(member: Member, form: MemberForm, *, by: Any) -> bool | None:
    """As edit_committee. Raises ValidationError where the name is another member's."""
    try:
        with transaction.atomic():
            row = hold(Member.objects.select_related("committee"), member.pk)
            stored = stored_in(row, *OF_MEMBER)
            write = form.changes(stored)
            if not write:
                transaction.set_rollback(True)
                return None if write is None else False
            Member.objects.filter(pk=row.pk).update(**write)
            record(
                "member_edited",
                ward_id=row.committee.ward_id,
                by=by,
                member=row,
                changed=pairs(stored, write),
            )
            return True
    except IntegrityError as error:
        raise _name_is_taken() from error


def link_account(member: Member, form: AccountForm, *, by: Any) -> bool | None:
    """As edit_committee. Raises ValidationError where the account became another member's."""
    try:
        with transaction.atomic():
            row = hold(Member.objects.select_related("committee"), member.pk)
            stored = stored_in(row, "user_id")
            write = form.changes(stored)
            if not write:
                transaction.set_rollback(True)
                return None if write is None else False
            Member.objects.filter(pk=row.pk).update(**write)
            names = {
                user.pk: str(user)
                for user in User.objects.filter(pk__in=[row.user_id, *write.values()])
            }
            record(
                "member_account",
                ward_id=row.committee.ward_id,
                by=by,
                member=row,
                changed={"user": [names.get(row.user_id), names.get(write["user_id"])]},
            )
            return True
    except IntegrityError as error:
        raise ValidationError(
            {"user_id": gettext("そのアカウントは、ほかの委員のものになりました。")}
        ) from error


def accounts_for(member: Member) -> list[User]:
    """Accounts that may become this member's: free, with a post as 評価委員 that is not over."""
    ward = member.committee.ward_id
    posts = Post.objects.not_over().filter(role=Post.Role.MEMBER, ward=ward)
    taken = Member.objects.filter(committee__ward=ward, user__isnull=False).exclude(pk=member.pk)
    rows = User.objects.filter(is_active=True, pk__in=posts.values("user"))
    found = list(rows.exclude(pk__in=taken.values("user")).order_by("username"))
    if member.user and member.user not in found:
        found.append(member.user)  # whose post is over, or who was stopped: still this member's
    return found


def give_term(member: Member, form: TermForm, *, by: Any) -> Term:
    """A new term. Raises ValidationError where it overlaps one of the member's."""
    with transaction.atomic():
        row = _held(member)
        term = Term(member=row, **{name: form.cleaned_data[name] for name in OF_TERM})
        _check(term)
        term.save()
        record(
            "term_given",
            ward_id=row.committee.ward_id,
            by=by,
            member=row,
            changed={name: [None, form.cleaned_data[name]] for name in OF_TERM},
        )
    return term


def change_term(term: Term, form: TermForm, *, by: Any) -> bool | None:
    """As edit_committee. Raises ValidationError for an overlap, Term.DoesNotExist if it is gone."""
    with transaction.atomic():
        member = _held(term.member)
        row = Term.objects.get(pk=term.pk)
        stored = stored_in(row, *OF_TERM)
        write = form.changes(stored)
        if not write:
            transaction.set_rollback(True)
            return None if write is None else False
        for name, value in write.items():
            setattr(row, name, value)
        row.member = member
        if row.starts and row.ends and row.ends < row.starts:
            raise ValidationError(
                {"ends": gettext("任期の終わりは、始まりの日かそのあとにしてください。")}
            )
        _check(row)
        row.save()
        record(
            "term_changed",
            ward_id=member.committee.ward_id,
            by=by,
            member=member,
            changed=pairs(stored, write),
        )
    return True


@transaction.atomic
def take_term_away(term: Term, *, by: Any) -> None:
    """A term that was given by mistake. One that is over stays: its last day is entered instead."""
    member = _held(term.member)
    row = Term.objects.filter(pk=term.pk).first()
    if row is None:
        return
    stored = stored_in(row, *OF_TERM)
    row.delete()
    record(
        "term_removed",
        ward_id=member.committee.ward_id,
        by=by,
        member=member,
        changed={name: [value, None] for name, value in stored.items()},
    )


def _held(member: Member) -> Member:
    """The member's row, and before it the committee's: one chair at a time needs both."""
    hold(Committee.objects.all(), member.committee_id)
    return hold(Member.objects.select_related("committee"), member.pk)


def _check(term: Term) -> None:
    others = [each for each in Term.objects.filter(member=term.member_id) if each.pk != term.pk]
    for other in others:
        if overlap(term, other):
            raise ValidationError(
                {
                    "starts": gettext(
                        "この委員の、ほかの任期（%(term)s）と重なっています。"
                        "どちらかの日を直してください。"
                    )
                    % {"term": days_of(other)}
                }
            )
    _one_chair_at_a_time(term)


def _one_chair_at_a_time(term: Term) -> None:
    if term.seat != Term.Seat.CHAIR:
        return
    chairs = Term.objects.filter(member__committee=term.member.committee_id, seat=term.seat)
    for other in chairs.exclude(member=term.member_id).select_related("member"):
        if overlap(term, other):
            raise ValidationError(
                {
                    "seat": gettext(
                        "同じ期間の委員長に、%(name)s（%(term)s）がいます。"
                        "先に、その任期を終わらせてください。"
                    )
                    % {"name": other.member, "term": days_of(other)}
                }
            )


def _name_is_taken() -> ValidationError:
    return ValidationError(
        {"name": gettext("同じ名前の委員が、もう名簿にいます。区別できる名前にしてください。")}
    )
