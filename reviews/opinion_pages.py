"""What the pages of an opinion show: its paragraphs with the comments they were made of."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext

from wards.permissions import INSIDE, Role, access_of

from .comment_list import category_of
from .frozen import Copy
from .joining import Paragraph
from .models import Comment, Opinion, Round
from .models.committee import Category


@dataclass(frozen=True, slots=True)
class Source:
    """A comment as the inside reads it: its number, on what, by whom as far as it is told."""

    number: int
    id: int
    subject: str
    kind: str
    category: str
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A paragraph with its sources."""

    text: str
    clash: bool
    sources: list[Source] = field(default_factory=list)


def reads_draft(user, round: Round) -> bool:
    """Whether this person reads an opinion before it is published: the secretariat, and once the
    comments are all in the committee and the auditor."""
    access = access_of(user)
    ward = round.policy.ward_id
    if access.has(ward, Role.SECRETARIAT):
        return True
    return round.is_over and access.has(ward, Role.MEMBER, Role.AUDITOR)


def reads_sources(user, round: Round) -> bool:
    """Whether this person reads the comments behind a paragraph, by category."""
    return reads_draft(user, round) and round.is_over


def reads_opinion(user, round: Round, opinion: Opinion | None) -> bool:
    if opinion is None:
        return reads_draft(user, round)
    published = opinion.state == Opinion.State.PUBLISHED
    inside = access_of(user).has(round.policy.ward_id, *INSIDE)
    return reads_draft(user, round) or (
        published and (inside or round.state == Round.State.PUBLISHED)
    )


def sources(round: Round) -> list[Source]:
    """The comments of a round by number, as they are referred to while an opinion is compiled.

    Numbered in the order in which they came in. Three queries: comments, terms, the copy.
    """
    copy = Copy(round)
    names = {each.key: each.title for each in copy.titles} | {
        f"pillar:{each.key}": each.name for each in copy.pillars
    }
    rows = Comment.objects.filter(round=round).sent().order_by("id").select_related("member")
    names_of = dict(Category.choices)
    return [
        Source(
            number=number,
            id=each.pk,
            subject=subject_name(each.subject, each.key, names),
            kind=each.get_kind_display(),
            category=str(names_of.get(category_of(each), "")),
            text=each.text,
        )
        for number, each in enumerate(rows.prefetch_related("member__terms"), start=1)
    ]


def subject_name(subject: str, key: str, names: Mapping[str, str]) -> str:
    """⑤ 風水害に対する備え, a pillar's name, or 全体."""
    if subject == "whole":
        return gettext("全体")
    return names.get(key if subject == "project" else f"pillar:{key}", key)


def shown(paragraphs: Iterable[Paragraph], known: Collection[Source]) -> list[Shown]:
    by_id = {each.id: each for each in known}
    return [
        Shown(each.text, each.clash, [by_id[id_] for id_ in each.sources if id_ in by_id])
        for each in paragraphs
    ]


def numbers(ids: Sequence[int], known: Iterable[Source]) -> str:
    """The numbers of comments as the form shows them: 3、5、8."""
    by_id = {each.id: each.number for each in known}
    return "、".join(str(by_id[id_]) for id_ in ids if id_ in by_id)
