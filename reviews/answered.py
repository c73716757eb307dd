"""Comments with the ward's answers as the booklet tells them: this round's, and the last one's.

A booklet is printed and passed on, so it says of an answer only what was released, whoever asks
for it; and of a member the category alone, never the name. A fixed number of queries, whatever the
number of comments.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from .models import Item, ItemSource, Round
from .models.comments import Subject
from .models.committee import Category


@dataclass(frozen=True, slots=True)
class Answered:
    """One line of the list of comments, in words. An answer that is not released is ""."""

    number: int
    subject: str  # project, pillar, whole
    key: str
    kind: str
    by: tuple[str, ...]  # categories of those who said it, each once
    text: str
    disposition: str
    view: str
    what: str  # what is promised, by whom and by when
    result: str  # 対処結果


@dataclass(frozen=True, slots=True)
class Comments:
    """What stands in the booklet of a round: its own list, [] while it is open, and what was
    answered in the round `before` it, by project."""

    listed: list[Answered]
    before: Round | None
    of_project: Mapping[str, list[Answered]]


def comments_for(user, round: Round, keys: Collection[str]) -> Comments:
    """The comments as far as this person may see them; those of last time on the projects of the
    keys. Four queries, whatever their number.

    Where the last round was on another year's policy, a project is the same where key and name are.
    """
    before = _round_before(user, round)
    listed = Q(round=round) if round.is_over else Q(pk=None)
    if before is not None:
        listed |= Q(round=before, subject=Subject.PROJECT, key__in=_same(before, round, keys)) & Q(
            state=Item.State.RELEASED
        )
    rows = list(
        Item.objects.filter(listed)
        .visible_to(user)
        .listed()
        .select_related("promise")
        .order_by("number")
    )
    closed = {each.pk: each.closed_at for each in (round, before) if each is not None}
    categories = _categories({row.pk: closed[row.round_id] for row in rows})
    told = [(row, _told(row, categories.get(row.pk, ()))) for row in rows]
    of_project: dict[str, list[Answered]] = {}
    for row, each in told:
        if row.round_id != round.pk:
            of_project.setdefault(each.key, []).append(each)
    return Comments([each for row, each in told if row.round_id == round.pk], before, of_project)


def _round_before(user, round: Round) -> Round | None:
    """The ward's last round before this one whose comments are all in."""
    rows = Round.objects.visible_to(user).filter(
        policy__ward=round.policy.ward_id,
        period__ends__lt=round.period.starts,
        state__in=[Round.State.CLOSED, Round.State.PUBLISHED],
    )
    return rows.select_related("policy", "period").order_by("-period__ends").first()


def _same(before: Round, round: Round, keys: Collection[str]) -> Collection[str]:
    if before.policy_id == round.policy_id:
        return keys
    then = dict(before.policy.projects.values_list("key", "name"))
    now = round.policy.projects.filter(key__in=keys).values_list("key", "name")
    return [key for key, name in now if then.get(key) == name]


def _told(row: Item, by: tuple[str, ...]) -> Answered:
    is_told = row.state == Item.State.RELEASED
    promise = getattr(row, "promise", None) if is_told else None
    return Answered(
        number=row.number,
        subject=row.subject,
        key=row.key,
        kind=row.get_kind_display(),
        by=by,
        text=row.text,
        disposition=row.get_disposition_display() if is_told else "",
        view=row.view if is_told else "",
        what="　".join(part for part in (row.what, row.who, row.by_when) if part and is_told),
        result=promise.result if promise else "",
    )


def _categories(items: Mapping[int, datetime | None]) -> dict[int, tuple[str, ...]]:
    """Of each item, the categories that its members had on the day that its round was closed."""
    names = dict(Category.choices)
    today = timezone.localdate()
    found: dict[int, dict[int, str]] = {}
    rows = ItemSource.objects.filter(item__in=items).order_by(
        "comment_id", "comment__member__terms__starts", "comment__member__terms__id"
    )
    held: set[tuple[int, int]] = set()
    for item, member, category, starts, ends in rows.values_list(
        "item_id",
        "comment__member_id",
        *(f"comment__member__terms__{name}" for name in ("category", "starts", "ends")),
    ):
        if not category or (item, member) in held:
            continue
        at = items[item]
        on = timezone.localdate(at) if at else today
        found.setdefault(item, {})[member] = str(names[category])
        # Somebody without a term on that day keeps the category of the last one.
        if (starts is None or starts <= on) and (ends is None or ends >= on):
            held.add((item, member))
    return {item: tuple(dict.fromkeys(told.values())) for item, told in found.items()}
