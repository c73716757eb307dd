"""整理: several lines of the list made into one, one made into several, and both undone.

The members' own words stay with the comments, and every new line keeps which comments it came
from. The lines it replaces stay, too, as まとめ・分割済, and come back while none of the new ones
has been passed on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext

from .answering import MOVES, State, compiles, move, record
from .items import places
from .models import Item, ItemSource, ReviewRecord, Round
from .permissions import looks_after
from .workflow import MoveRefused


@dataclass(frozen=True, slots=True)
class Wording:
    """What a new line says, and about what."""

    text: str
    kind: str
    subject: str
    key: str = ""


@transaction.atomic
def merge(items: Sequence[tuple[Item, int]], wording: Wording, *, by: Any) -> Item:
    """One line out of several, each with the version that it was read in.

    Raises MoveRefused where one was changed or passed on meanwhile; then nothing was written.
    """
    if len({item.pk for item, _seen in items}) < 2:
        raise MoveRefused(gettext("意見を2件以上選んでから、もう一度押してください。"))
    round = _locked_round(items[0][0], by)
    replaced = [move("replace", item, by=by, seen=seen) for item, seen in items]
    sections = {(each.section_id, each.due) for each in replaced}
    section, due = sections.pop() if len(sections) == 1 else (None, None)
    made = _made(round, wording, replaced, section_id=section, due=due)
    numbers = [each.number for each in replaced]
    record(made, "item_merge", {"numbers": [numbers, [made.number]]}, by=by)
    return made


@transaction.atomic
def split(item: Item, parts: Sequence[Wording], *, seen: int, by: Any) -> list[Item]:
    """Several lines out of one. Raises MoveRefused as `merge` does."""
    if len(parts) < 2:
        raise MoveRefused(gettext("分けたあとの意見を、2つ以上書いてください。"))
    round = _locked_round(item, by)
    replaced = move("replace", item, by=by, seen=seen)
    made = [
        _made(round, part, [replaced], section_id=replaced.section_id, due=replaced.due)
        for part in parts
    ]
    numbers = [each.number for each in made]
    for each in made:
        record(each, "item_split", {"numbers": [[replaced.number], numbers]}, by=by)
    return made


@transaction.atomic
def undo(item: Item, *, by: Any) -> list[Item]:
    """Bring back what an item replaced; gives back those lines. What was made of them stays as
    まとめ・分割済, with its words. Raises MoveRefused where one of them has been passed on."""
    _locked_round(item, by)
    originals = list(item.replaces.order_by("number"))
    if not originals:
        raise MoveRefused(gettext("この意見は、まとめたり分けたりしてできたものではありません。"))
    made = list(Item.objects.filter(replaces__in=originals).distinct().order_by("number"))
    if any(each.state not in MOVES["replace"].before for each in made):
        raise MoveRefused(
            gettext(
                "課に回答を依頼した意見があるので、元に戻せません。"
                "依頼を取り消してから、もう一度押してください。"
            )
        )
    for each in made:
        move("replace", each, by=by)
        each.replaces.clear()
    back = [move("restore", each, by=by) for each in originals]
    numbers = [[each.number for each in made], [each.number for each in back]]
    for each in back:
        record(each, "item_undo", {"numbers": numbers}, by=by)
    return back


#: Numbers beyond any list's: where lines stand while they change places.
ASIDE = 20_000


@transaction.atomic
def renumber(round: Round, *, by: Any) -> None:
    """Number the lines anew without gaps, in the order of the policy; those replaced come last.

    Only while nothing has been passed on: then a section knows its comment by the number. Every
    line gets a version that none had before, so that a page opened under an old number saves
    nothing into another line.
    """
    if not looks_after(by, round.policy.ward_id):
        raise MoveRefused(gettext("この操作を行う権限がありません。"))
    Round.objects.select_for_update(no_key=True).get(pk=round.pk)
    rows = Item.objects.select_for_update(no_key=True).filter(round=round)
    items = list(rows.order_by("number"))
    if any(each.state not in (State.LISTED, State.REPLACED) for each in items):
        raise MoveRefused(gettext("課に回答を依頼した意見があるので、番号は付け直せません。"))
    place = places(round)
    items.sort(
        key=lambda each: (
            each.state == State.REPLACED,
            place.get((each.subject, each.key), len(place)),
            each.number,
        )
    )
    version = max((each.version for each in items), default=0) + 1
    Item.objects.filter(round=round).update(number=F("number") + ASIDE)
    for number, each in enumerate(items, start=1):
        Item.objects.filter(pk=each.pk).update(number=number, version=version)
    ReviewRecord.objects.create(
        ward_id=round.policy.ward_id,
        round=round,
        act="item_renumber",
        changed={"numbers": [[each.number for each in items], list(range(1, len(items) + 1))]},
        by=by,
        by_name=str(by)[:150],
    )


def has_gaps(items: Iterable[Item]) -> bool:
    """Whether the lines that stand on the list are not numbered 1, 2, 3 and so on."""
    numbers = sorted(each.number for each in items)
    return numbers != list(range(1, len(numbers) + 1))


def _locked_round(item: Item, by: Any) -> Round:
    """The round, in which nobody else gives numbers before the transaction ends."""
    if not compiles(by, item):
        raise MoveRefused(gettext("この操作を行う権限がありません。"))
    # Without the key: who holds a line meanwhile writes a record of the round, and would wait.
    rows = Round.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("policy__ward").get(pk=item.round_id)


def _made(round: Round, wording: Wording, replaced: Iterable[Item], **more: Any) -> Item:
    """A new line that takes the place of others, with all the comments they came from."""
    last = Item.objects.filter(round=round).aggregate(last=Max("number"))["last"] or 0
    made = Item.objects.create(
        round=round,
        number=last + 1,
        subject=wording.subject,
        key=wording.key,
        kind=wording.kind,
        text=wording.text,
        **more,
    )
    replaced = list(replaced)
    made.replaces.set(replaced)
    # Which version was read: the oldest of those, so that a change is not missed.
    read: dict[int, int] = {}
    for source in ItemSource.objects.filter(item__in=replaced):
        version = source.comment_version
        read[source.comment_id] = min(read.get(source.comment_id, version), version)
    ItemSource.objects.bulk_create(
        ItemSource(item=made, comment_id=comment, comment_version=version)
        for comment, version in sorted(read.items())
    )
    return made


def joined(items: Iterable[Item]) -> str:
    """The words of several lines, to begin with: each its own paragraph, the same ones once."""
    return "\n\n".join(dict.fromkeys(item.text.strip() for item in items))


def successors(items: Iterable[Item]) -> Mapping[int, list[Item]]:
    """By the id of a replaced line, what took its place."""
    replaced = [each.pk for each in items if each.state == State.REPLACED]
    through = Item.replaced_by.through.objects.filter(from_item__in=replaced)
    found: dict[int, list[Item]] = {}
    for line in through.select_related("to_item").order_by("to_item__number"):
        found.setdefault(line.from_item_id, []).append(line.to_item)
    return found
