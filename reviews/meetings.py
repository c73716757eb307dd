"""会議: whether it had its quorum, in words, and the acts of the secretariat on it.

Whoever writes holds the meeting's row first (reviews/together.py): attendance, minutes and papers
of one meeting are written one after another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import get_language, gettext

from wards import calendar

from .meeting_forms import AttendanceForm, MeetingForm, MinutesForm
from .models import Attendance, Committee, Meeting, Member
from .recording import record
from .roll import people
from .together import hold, pairs, stored_in

OF_MEETING = tuple(MeetingForm.base_fields)
OF_MINUTES = tuple(MinutesForm.base_fields)


@dataclass(frozen=True, slots=True)
class Quorum:
    """Of `members` in office on the day `needed` make a meeting; `present` were there and of
    `unwritten` it has not been written down."""

    members: int
    needed: int
    present: int
    unwritten: int

    @property
    def is_reached(self) -> bool:
        return self.members > 0 and self.present >= self.needed

    @property
    def is_written(self) -> bool:
        """Whether any attendance has been written down."""
        return self.unwritten < self.members

    @property
    def is_known(self) -> bool:
        """Whether what is still unwritten cannot change it."""
        return self.is_reached or not self.unwritten

    def __str__(self) -> str:
        """定足数4人、出席5人で成立."""
        told = {
            "needed": people(self.needed),
            "present": people(self.present),
            "unwritten": people(self.unwritten),
            "members": people(self.members),
        }
        if not self.members:
            return gettext("この日に任期のある委員がいません。")
        if not self.is_written:
            return (
                gettext("定足数%(needed)s（委員%(members)s）。出欠はまだ記録していません。") % told
            )
        if self.is_reached:
            return gettext("定足数%(needed)s、出席%(present)sで成立") % told
        if self.unwritten:
            return (
                gettext("定足数%(needed)s、いまのところ出席%(present)s（未記入%(unwritten)s）")
                % told
            )
        return gettext("定足数%(needed)s、出席%(present)sで不成立") % told


def quorum(
    committee: Committee, in_office: Iterable[Member], attendance: Mapping[int, Attendance]
) -> Quorum:
    """Only members in office on the day count, whoever else was written down."""
    ids = [member.pk for member in in_office]
    written = [attendance[pk] for pk in ids if pk in attendance]
    return Quorum(
        members=len(ids),
        needed=committee.needed(len(ids)),
        present=sum(1 for each in written if each.present),
        unwritten=len(ids) - len(written),
    )


def name_of(meeting: Meeting) -> str:
    """令和2年度 第1回."""
    year = calendar.era_year(meeting.fiscal_year, get_language() or "ja")
    return f"{year} {meeting}"


#: A number that somebody typed before a line of the agenda: 「1 」「２．」「(3)」.
TYPED_NUMBER = re.compile(r"^[(（]?[0-9０-９]{1,2}(?:[)）.．、:：]\s*|\s+)(?=\S)")


def agenda_of(meeting: Meeting) -> list[str]:
    """The lines of the agenda, without the numbers that somebody typed before each of them."""
    lines = [line.strip() for line in meeting.agenda.splitlines() if line.strip()]
    if all(TYPED_NUMBER.match(line) for line in lines):
        return [TYPED_NUMBER.sub("", line) for line in lines]
    return lines


def next_number(committee: Committee, year: int) -> int:
    last = committee.meetings.filter(fiscal_year=year).order_by("-number").first()
    return last.number + 1 if last else 1


def add_meeting(committee: Committee, form: MeetingForm, *, by: Any) -> Meeting:
    """Raises ValidationError where the year has a meeting of that number."""
    typed = {name: form.cleaned_data[name] for name in OF_MEETING}
    year = calendar.fiscal_year(typed["day"])
    try:
        with transaction.atomic():
            meeting = Meeting.objects.create(committee=committee, fiscal_year=year, **typed)
            record(
                "meeting_added",
                ward_id=committee.ward_id,
                by=by,
                about=name_of(meeting),
                round=meeting.round,
                changed={"day": [None, meeting.day], "place": [None, meeting.place]},
            )
    except IntegrityError as error:
        raise _number_is_taken() from error
    return meeting


def edit_meeting(meeting: Meeting, form: MeetingForm, *, by: Any) -> bool | None:
    """Whether something changed; None where another changed the same (the form shows both)."""
    try:
        with transaction.atomic():
            row = _held(meeting)
            stored = stored_in(row, *OF_MEETING)
            write = form.changes(stored)
            if not write:
                transaction.set_rollback(True)
                return None if write is None else False
            new = stored | write
            if new["starts"] and new["ends"] and new["ends"] <= new["starts"]:
                raise ValidationError(
                    {"ends": gettext("終了は、開始よりあとの時刻にしてください。")}
                )
            year = calendar.fiscal_year(new["day"])
            Meeting.objects.filter(pk=row.pk).update(fiscal_year=year, **write)
            _record("meeting_edited", row, by, pairs(stored, write))
            return True
    except IntegrityError as error:
        raise _number_is_taken() from error


@transaction.atomic
def write_minutes(meeting: Meeting, form: MinutesForm, *, by: Any) -> bool | None:
    """As edit_meeting. The minutes count as approved from the day that is written there."""
    row = _held(meeting)
    stored = stored_in(row, *OF_MINUTES)
    write = form.changes(stored)
    if not write:
        transaction.set_rollback(True)
        return None if write is None else False
    approved = {}
    if "minutes_approved_on" in write:
        approved["minutes_approved"] = write["minutes_approved_on"] is not None
    Meeting.objects.filter(pk=row.pk).update(**write, **approved)
    _record("minutes_written", row, by, pairs(stored, write))
    return True


@transaction.atomic
def write_attendance(meeting: Meeting, form: AttendanceForm, *, by: Any) -> bool | None:
    """As edit_meeting, for the members that the form asks about."""
    row = _held(meeting)
    known = {each.member_id: each for each in row.attendances.all()}
    stored = form.stored_of(known)
    write = form.changes(stored)
    if not write:
        transaction.set_rollback(True)
        return None if write is None else False
    told = {}
    for member in form.members:
        here, note = form.names(member)
        if here not in write and note not in write:
            continue
        was = known.get(member.pk)
        now = write.get(here, stored[here])
        if now == "":
            Attendance.objects.filter(meeting=row, member=member).delete()
        else:
            Attendance.objects.update_or_create(
                meeting=row,
                member=member,
                defaults={"present": now == "present", "note": write.get(note, stored[note])},
            )
        told[str(member)] = [stored[here] if was else "", now]
    _record("attendance_written", row, by, told)
    return True


def _held(meeting: Meeting) -> Meeting:
    return hold(Meeting.objects.select_related("committee", "round"), meeting.pk)


def _record(act: str, meeting: Meeting, by: Any, changed: Mapping[str, Any]) -> None:
    record(
        act,
        ward_id=meeting.committee.ward_id,
        by=by,
        about=name_of(meeting),
        round=meeting.round,
        changed=changed,
    )


def _number_is_taken() -> ValidationError:
    return ValidationError(
        {
            "number": gettext(
                "同じ年度に、同じ回の会議がもうあります。ほかの番号にするか、日付を確かめてください。"
            )
        }
    )
