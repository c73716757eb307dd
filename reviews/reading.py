"""Who reads a round, how far they are, and what they wrote: what every reading page shows.

Members see their own comments and marks alone. Two queries for a member, none for others.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from django.db.models import F, OuterRef, Subquery, Value
from django.utils.translation import gettext_lazy as _

from kpis import charts
from kpis.phrases import Phrases
from wards.permissions import Role, access_of
from wards.prepared import Prepared, PreparedObjects

from .commenting import Place
from .frozen import Copy, Title
from .models import Comment, Grade, Member, ReadMark, Round, Term
from .models.comments import Subject
from .models.committee import Category
from .permissions import member_of

#: Ways to say what a comment is: kind, and what a member may think of under it.
HINTS = {
    "praise": _("よかった点"),
    "concern": _("気になる点"),
    "proposal": _("こうしてはどうか"),
    "question": _("教えてほしいこと"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A project in the list beside the page."""

    title: Title
    url: str
    is_read: bool
    is_commented: bool
    has_draft: bool

    @property
    def marks(self) -> str:
        return " ".join(
            name
            for name, holds in (
                ("read", self.is_read),
                ("commented", self.is_commented),
                ("draft", self.has_draft),
            )
            if holds
        )


@dataclass(frozen=True, slots=True)
class Part:
    """A pillar in the list, with how many of its projects were read."""

    key: str
    name: str
    group: str
    statement: str
    url: str
    lines: Sequence[Line]
    is_commented: bool
    has_draft: bool

    @property
    def read(self) -> int:
        return sum(line.is_read for line in self.lines)


class Reader:
    """One person in front of a round's copy."""

    def __init__(self, round: Round, copy: Copy, user: Any) -> None:
        self.round = round
        self.copy = copy
        self.user = user
        self.phrases = Phrases(round.policy)

    @cached_property
    def member(self) -> Member | None:
        return member_of(self.user, self.round.policy.ward_id)

    @property
    def lacks_seat(self) -> bool:
        """A post as 評価委員 without a line in the committee's list: reads, and writes nothing."""
        is_member = access_of(self.user).has(self.round.policy.ward_id, Role.MEMBER)
        return is_member and self.member is None

    @property
    def can_write(self) -> bool:
        return self.member is not None and self.round.is_open

    @cached_property
    def comments(self) -> list[Comment]:
        """All that this member wrote in the round, oldest first."""
        if self.member is None:
            return []
        return _comments()(self.round.pk, self.member.pk)

    @cached_property
    def _read_and_graded(self) -> tuple[frozenset[str], Mapping[str, str]]:
        if self.member is None:
            return frozenset(), {}
        rows = _marks_and_grades() if self.round.asks_grade else _marks()
        found = rows(self.round.pk, self.member.pk)
        return (
            frozenset(key for key, grade in found if not grade),
            {key: grade for key, grade in found if grade},
        )

    @property
    def read(self) -> frozenset[str]:
        """The keys of the projects that are marked as read."""
        return self._read_and_graded[0]

    @property
    def grades(self) -> Mapping[str, str]:
        return self._read_and_graded[1]

    # The list ────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def parts(self) -> list[Part]:
        state = Comment.State
        sent = {(each.subject, each.key) for each in self.comments if each.state == state.SENT}
        drafts = {(each.subject, each.key) for each in self.comments if is_unsent(each)}
        base = self.round.address("read")
        parts = []
        for pillar in self.copy.pillars:
            lines = [
                Line(
                    title,
                    f"{base}projects/{title.key}/",
                    title.key in self.read,
                    (Subject.PROJECT, title.key) in sent,
                    (Subject.PROJECT, title.key) in drafts,
                )
                for title in pillar.projects
            ]
            at = (Subject.PILLAR, pillar.key)
            url = f"{base}pillars/{pillar.key}/"
            parts.append(
                Part(
                    *(pillar.key, pillar.name, pillar.group, pillar.statement, url, lines),
                    *(at in sent, at in drafts),
                )
            )
        return parts

    @property
    def lines(self) -> list[Line]:
        return [line for part in self.parts for line in part.lines]

    def next_unread(self, after: str = "") -> Line | None:
        """The first project not read yet behind this one, and from the front again."""
        lines = self.lines
        at = next((n for n, each in enumerate(lines) if each.title.key == after), -1)
        ahead = [*lines[at + 1 :], *lines[: at + 1]]
        return next((each for each in ahead if not each.is_read and each.title.key != after), None)

    def context(self) -> dict[str, Any]:
        """What every reading page is told. Without queries beyond those of the class."""
        total, read = len(self.lines), sum(line.is_read for line in self.lines)
        whole = [each for each in self.comments if each.subject == Subject.WHOLE]
        return {
            "member": self.member,
            "lacks_seat": self.lacks_seat,
            "can_write": self.can_write,
            "parts": self.parts,
            "total": total,
            "read_count": read,
            "left": total - read,
            "bar": charts.thin(read / total if total else 0),
            "read_url": self.round.address("read"),
            "whole_url": self.round.address("read_whole"),
            "whole_commented": any(each.state == Comment.State.SENT for each in whole),
            "whole_draft": any(is_unsent(each) for each in whole),
            "drawer": f"{self.user.pk}:{self.round.pk}",
        }

    # What was written here ───────────────────────────────────────────────────────────────────

    def place(self, subject: str, key: str = "") -> Place:
        """Where this member writes; only of somebody who is one."""
        assert self.member is not None
        return Place(self.round, self.member, subject, key)

    def own(self, subject: str, key: str = "") -> list[Comment]:
        return [each for each in self.comments if (each.subject, each.key) == (subject, key)]

    def new_mark(self, subject: str, key: str) -> str:
        """The mark of this member's next comment here: two windows opened at the same time have
        the same, so that the second is told of the first."""
        assert self.member is not None
        name = f"{self.round.pk}/{self.member.pk}/{subject}/{key}/{len(self.own(subject, key))}"
        return str(uuid.uuid5(uuid.NAMESPACE_OID, name))

    def others(self, subject: str, key: str = "") -> list[Any]:
        """What other members sent, each with its `category_name`.

        Once the round is over, and before that for the secretariat alone.
        """
        rows = Comment.objects.visible_to(self.user).sent()
        rows = rows.filter(round=self.round, subject=subject, key=key).exclude(member=self.member)
        day = self.round.due or self.round.period.ends
        terms = Term.objects.in_force_on(day).filter(member=OuterRef("member")).order_by("id")
        category = Subquery(terms.values("category")[:1])
        found = list(rows.annotate(category=category).select_related("member").order_by("id"))
        names = dict(Category.choices)
        for comment in found:
            comment.category_name = names.get(comment.category, "")
        return found


def is_unsent(comment: Comment) -> bool:
    """Whether something in it waits to be sent: a draft, or what was typed over what was sent."""
    if comment.state == Comment.State.DRAFT:
        return bool(comment.text.strip())
    return comment.state == Comment.State.SENT and comment.is_being_edited


@lru_cache(maxsize=1)
def _comments() -> PreparedObjects:
    return PreparedObjects(
        Comment.objects,
        lambda rows, round, member: rows.filter(round=round, member=member).order_by("id"),
    )


def _marks_of(round: int, member: int) -> Any:
    marks = ReadMark.objects.filter(round=round, member=member).order_by()
    return marks.values_list(F("key"), Value(""))


@lru_cache(maxsize=1)
def _marks() -> Prepared:
    return Prepared(_marks_of)


@lru_cache(maxsize=1)
def _marks_and_grades() -> Prepared:
    def both(round: int, member: int) -> Any:
        given = Grade.objects.filter(round=round, member=member).order_by()
        return _marks_of(round, member).union(given.values_list(F("key"), F("grade")), all=True)

    return Prepared(both)
