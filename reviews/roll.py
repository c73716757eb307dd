"""委員名簿: who sits on the committee on a day, and of what kind they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import get_language, gettext, ngettext

from wards import calendar

from .models import Committee, Member, Term
from .models.committee import Category


@dataclass(frozen=True, slots=True)
class Seat:
    """A member and the term that covers the day; without one the last term there was or will be."""

    member: Member
    term: Term | None

    @property
    def is_in_the_chair(self) -> bool:
        return self.term is not None and self.term.seat != Term.Seat.MEMBER


@dataclass(frozen=True, slots=True)
class Roll:
    """In office on the day, in the order of the list; and everybody else."""

    day: date
    seats: Sequence[Seat]
    others: Sequence[Seat]

    @property
    def members(self) -> list[Member]:
        return [seat.member for seat in self.seats]

    @property
    def composition(self) -> str:
        return composition(seat.term for seat in self.seats if seat.term)


def roll_of(committee: Committee, day: date, members: Iterable[Member] | None = None) -> Roll:
    """The roll on a day. `members` have their terms prefetched; two queries without."""
    if members is None:
        members = members_with_terms(committee)
    seats, others = [], []
    for member in members:
        terms = list(member.terms.all())
        covering = next((term for term in terms if covers(term, day)), None)
        if covering:
            seats.append(Seat(member, covering))
        else:
            others.append(Seat(member, terms[-1] if terms else None))
    return Roll(day, seats, others)


def members_with_terms(committee: Committee) -> list[Member]:
    rows = Member.objects.filter(committee=committee).order_by("order", "id")
    return list(rows.prefetch_related("terms"))


def covers(term: Term, day: date) -> bool:
    return (term.starts is None or term.starts <= day) and (term.ends is None or day <= term.ends)


def overlap(term: Any, other: Any) -> bool:
    """Whether two terms share a day; a missing day is open to that side."""
    begins = max(term.starts or date.min, other.starts or date.min)
    ends = min(term.ends or date.max, other.ends or date.max)
    return begins <= ends


def day_in_words(day: date) -> str:
    """令和2年4月1日, in the reader's language."""
    return calendar.era_date(day, get_language() or "ja")


def days_of(term: Any) -> str:
    """令和2年4月1日から令和4年3月31日まで; an open side is left out."""
    first = day_in_words(term.starts) if term.starts else ""
    last = day_in_words(term.ends) if term.ends else ""
    if first and last:
        return gettext("%(first)sから%(last)sまで") % {"first": first, "last": last}
    if first:
        return gettext("%(first)sから") % {"first": first}
    return gettext("%(last)sまで") % {"last": last} if last else gettext("期間の定めなし")


def composition(terms: Iterable[Term]) -> str:
    """地域代表6人、有識者1人, as a policy prints it."""
    counts = Counter(term.category for term in terms)
    told = [
        gettext("%(category)s%(people)s")
        % {"category": each.label, "people": people(counts[each.value])}
        for each in Category
        if counts[each.value]
    ]
    return gettext("、").join(told)


def people(n: int) -> str:
    return ngettext("%(n)d人", "%(n)d人", n) % {"n": n}
