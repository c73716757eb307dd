"""意見一覧: every line that somebody may see, of one round or of all of a ward, in plain words.

The lines are read once, in a fixed number of queries; what this person may not read is blank here
already, so that no filter, no order and no file can tell it (`Line.view` and its neighbours).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, gettext

from kpis.phrases import Phrases
from wards.calendar import short_date
from wards.permissions import INSIDE, Role, access_of

from .answering import ANSWERABLE, State
from .models import Comment, Frozen, Item, ItemSource, Promise, Round, Term
from .models.answers import Disposition
from .models.comments import Kind, Subject
from .models.committee import Category
from .permissions import can_answer, looks_after, reads_answer

KINDS = dict(Kind.choices)
DISPOSITIONS = dict(Disposition.choices)
CATEGORIES = dict(Category.choices)
STATES = dict(State.choices)
#: What those outside the ward office are told of a line's state.
NOT_YET, RELEASED = "waiting", "released"


@dataclass(frozen=True, slots=True)
class About:
    """What a line is about: ⑤ 風水害に対する備え, a pillar, or the whole."""

    name: str
    pillar: str  # the key of its pillar; "" of the whole
    pillar_name: str
    place: int  # in the order of the policy
    is_japanese: bool = True  # as the policy prints it; else in the reader's language


@dataclass(slots=True)
class Line:
    """One line of the list as one person reads it."""

    item: Item
    about: About
    categories: Sequence[str]  # of the members behind it: keys, each once
    voices: str  # 地域代表2、有識者
    inside: bool  # whether it is read inside the ward office
    shows_answer: bool
    today: date
    promise: Promise | None
    base: str  # the address of its round's list

    @property
    def number(self) -> tuple[int, str, int]:
        round = self.item.round
        return -round.policy.fiscal_year, round.period.starts.isoformat(), self.item.number

    @property
    def place(self) -> tuple[int, int]:
        return self.about.place, self.item.number

    @property
    def kind(self) -> str:
        return str(KINDS[self.item.kind])

    @property
    def section(self) -> str:
        return self.item.section.name if self.item.section else ""

    @property
    def disposition(self) -> str:
        return self.item.disposition if self.shows_answer else ""

    @property
    def disposition_name(self) -> str:
        return str(DISPOSITIONS.get(self.disposition, ""))

    @property
    def view(self) -> str:
        return self.item.view if self.shows_answer else ""

    @property
    def reason(self) -> str:
        return self.item.reason if self.shows_answer else ""

    @property
    def will_do(self) -> str:
        """何をするか（だれが、いつまでに）, of what is taken up or considered."""
        if self.disposition not in (Disposition.REFLECT, Disposition.CONSIDER):
            return ""
        beside = gettext("、").join(part for part in (self.item.who, self.item.by_when) if part)
        return f"{self.item.what}（{beside}）" if beside else self.item.what

    @property
    def result(self) -> str:
        return self.promise.result if self.promise else ""

    @property
    def state(self) -> str:
        if self.inside:
            return self.item.state
        return RELEASED if self.item.state == State.RELEASED else NOT_YET

    @property
    def state_name(self) -> str:
        if self.inside:
            return str(STATES[self.item.state])
        return gettext("回答あり") if self.state == RELEASED else gettext("回答準備中")

    @property
    def waits(self) -> bool:
        """Whether a section has still to answer."""
        return self.item.state in ANSWERABLE

    @property
    def due(self) -> date:
        return self.item.due or date.max

    @property
    def due_day(self) -> str:
        """Its day in words, while that still counts."""
        if self.item.due is None or self.item.state == State.RELEASED:
            return ""
        return short_date(self.item.due, get_language() or "ja")

    @property
    def url(self) -> str:
        return f"{self.base}{self.item.number}/"

    @property
    def round_name(self) -> str:
        return round_name(self.item.round)

    @property
    def is_late(self) -> bool:
        return self.waits and self.due < self.today


@dataclass(slots=True)
class Waiting:
    """A section and how many of its comments are unanswered."""

    section: str
    count: int = 0
    late: int = 0
    due: date = date.max


class CommentList:
    """The lines of these rounds that a person sees: those late first, then by number.

    `rounds` are visible ones, with policy, ward and period. Six queries, however many lines.
    """

    def __init__(self, user, rounds: Iterable[Round]) -> None:
        self.user = user
        self.rounds = {each.pk: each for each in rounds}
        self.today = timezone.localdate()

    @cached_property
    def everything(self) -> list[Line]:
        """With what was merged or split up."""
        rows = (
            Item.objects.visible_to(self.user)
            .filter(round__in=self.rounds)
            .select_related("section", "promise")
        )
        voices = self._voices()
        return [
            self._line(item, counted(voices.get(item.pk, {})))
            for item in rows.order_by("round_id", "number")
        ]

    def _voices(self) -> dict[int, dict[int, str]]:
        """By item, of each member behind it the category; in two queries of plain rows."""
        terms: dict[int, list[tuple[str, date | None, date | None]]] = {}
        committees = {each.committee_id for each in self.rounds.values()}
        seats = Term.objects.filter(member__committee__in=committees).order_by("starts")
        for member, category, starts, ends in seats.values_list(
            "member", "category", "starts", "ends"
        ):
            terms.setdefault(member, []).append((category, starts, ends))
        found: dict[int, dict[int, str]] = {}
        rows = ItemSource.objects.filter(item__round__in=self.rounds).order_by("comment_id")
        for item, member, at in rows.values_list("item", "comment__member", "comment__entered_at"):
            found.setdefault(item, {})[member] = category_on(at, terms.get(member, []))
        return found

    @cached_property
    def lines(self) -> list[Line]:
        lines = [line for line in self.everything if line.item.state != State.REPLACED]
        return sorted(lines, key=lambda line: (not line.is_late, line.number))

    def line(self, item: Item, comments: Iterable[Comment]) -> Line:
        """One line; `comments` are those it was made of."""
        return self._line(item, voices_of(comments))

    def _line(self, item: Item, voices: Mapping[str, int]) -> Line:
        item.round = self.rounds[item.round_id]
        inside = access_of(self.user).has(item.round.policy.ward_id, *INSIDE)
        return Line(
            item=item,
            about=self.abouts[item.round_id].about(item.subject, item.key),
            categories=list(voices),
            voices=told_voices(voices),
            inside=inside,
            shows_answer=shows_answer(self.user, item),
            today=self.today,
            promise=getattr(item, "promise", None) if item.state == State.RELEASED else None,
            base=self.bases[item.round_id],
        )

    @cached_property
    def bases(self) -> Mapping[int, str]:
        return {each.pk: each.address("comments") for each in self.rounds.values()}

    @cached_property
    def abouts(self) -> Mapping[int, Abouts]:
        return abouts_of(self.rounds.values())

    @cached_property
    def waiting(self) -> list[Waiting]:
        """The sections that have still to answer: who is late first, then the earliest due."""
        found: dict[str, Waiting] = {}
        for line in self.lines:
            if line.waits:
                of_section = found.setdefault(line.section, Waiting(line.section))
                of_section.count += 1
                of_section.late += line.is_late
                of_section.due = min(of_section.due, line.due)
        return sorted(found.values(), key=lambda each: (not each.late, each.due, each.section))

    @property
    def compiles(self) -> bool:
        """Whether this person works on these lists, as their secretariat."""
        return any(looks_after(self.user, each.policy.ward_id) for each in self.rounds.values())

    @property
    def keeps_replaced(self) -> bool:
        """Whether this person is shown, on asking, what was merged or split up."""
        wards = access_of(self.user).wards_with(Role.SECRETARIAT, Role.AUDITOR)
        return any(each.policy.ward_id in wards for each in self.rounds.values())


def shows_answer(user, item: Item) -> bool:
    """Whether this person is shown the answer: what is released; inside the ward office what was
    handed in; what is still being written only who writes it."""
    if item.state == State.RELEASED:
        return True
    if item.state == State.ANSWERED:
        return reads_answer(user, item)
    return can_answer(user, item)


# Who said it --------------------------------------------------------------------------------------


def category_of(comment: Comment) -> str:
    """The category of its member when it was written."""
    terms = [(each.category, each.starts, each.ends) for each in comment.member.terms.all()]
    return category_on(comment.entered_at, terms)


def category_on(at: datetime, terms: Sequence[tuple[str, date | None, date | None]]) -> str:
    """Of the term of that day, else of the last one; "" of who never had any."""
    day = timezone.localdate(at)
    in_force = [
        category
        for category, starts, ends in terms
        if (starts or date.min) <= day <= (ends or date.max)
    ]
    chosen = in_force or [category for category, _starts, _ends in terms]
    return chosen[-1] if chosen else ""


def voices_of(comments: Iterable[Comment]) -> dict[str, int]:
    return counted({comment.member_id: category_of(comment) for comment in comments})


def counted(members: Mapping[int, str]) -> dict[str, int]:
    """How many members of each category, in the order of the categories."""
    held = list(members.values())
    return {name: held.count(name) for name in CATEGORIES if name in held}


def told_voices(voices: Mapping[str, int]) -> str:
    """地域代表2、有識者."""
    return gettext("、").join(
        f"{CATEGORIES[name]}{count if count > 1 else ''}" for name, count in voices.items()
    )


# What it is about ---------------------------------------------------------------------------------


class Abouts:
    """The projects and pillars of a round's frozen copy, by their keys."""

    def __init__(self, summary: Mapping[str, Any]) -> None:
        pillars = summary.get("pillars", [])
        names = {each["key"]: each["name"] for each in pillars}
        self.pillars = [(each["key"], each["name"]) for each in pillars]
        self.projects: list[tuple[str, str]] = []
        self._found: dict[tuple[str, str], About] = {}
        for place, each in enumerate(summary.get("projects", [])):
            name = f"{each['number']} {each['name']}".strip()
            self.projects.append((each["key"], name))
            about = About(name, each["pillar"], names[each["pillar"]], place)
            self._found[Subject.PROJECT, each["key"]] = about
        for place, (key, name) in enumerate(self.pillars, start=len(self.projects)):
            self._found[Subject.PILLAR, key] = About(name, key, name, place)

    def about(self, subject: str, key: str) -> About:
        """What a subject and its key name; the key itself where the copy does not have it."""
        if subject == Subject.WHOLE:
            return About(gettext("全体"), "", "", len(self._found), is_japanese=False)
        found = self._found.get((subject, key))
        return found or About(key, "", "", len(self._found) + 1)

    def choices(self) -> list[tuple[str, Any]]:
        """For a select: the whole, the pillars, the projects; "project:p05"."""
        return [
            (f"{Subject.WHOLE}:", gettext("全体")),
            (
                gettext("柱"),
                [(f"{Subject.PILLAR}:{key}", name) for key, name in self.pillars],
            ),
            (
                gettext("事業"),
                [(f"{Subject.PROJECT}:{key}", name) for key, name in self.projects],
            ),
        ]


def abouts_of(rounds: Iterable[Round]) -> dict[int, Abouts]:
    """By round, out of the newest copy of each; in one query."""
    rounds = list(rounds)
    rows = Frozen.objects.filter(round__in=rounds).order_by("round_id", "number")
    newest = dict(rows.values_list("round", "summary"))
    return {each.pk: Abouts(newest.get(each.pk, {})) for each in rounds}


def round_name(round: Round) -> str:
    """令和2年度 上半期."""
    phrases = Phrases(round.policy)
    period = phrases.period_parts(round.period.starts, round.period.ends)[0]
    return f"{phrases.era_year(round.policy.fiscal_year)} {period}"
