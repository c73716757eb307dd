"""The way of a line of the list (意見一覧): 整理中 → 回答待ち → 回答済 → 公開可.

    listed ──pass_on──▶ asked ──hand_in──▶ answered ──release──▶ released
       ◀──take_back──────┤ ◀───recall───────┤    ◀───withdraw───────┘
                      returned ◀───return───┘
    listed ──replace──▶ replaced ──restore──▶ listed     (merged or split: reviews/merging.py)

MOVES is the rule; nothing else writes an item's state. The secretariat passes an item on to a
section with a day by which it is answered; the section writes 区の考え方 and a 対応区分 and hands
them in; the secretariat returns them with a reason, or releases them with the decision (決裁). What
is released as 反映する or 検討する becomes a promise (reviews/promising.py).

Everything that is saved carries the version it was read in: of two who save at once one wins, and
the other is shown both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from wards.models import Section

from . import promising
from .models import Item, ItemSource, ReviewRecord
from .models.answers import PROMISES, Disposition
from .permissions import answers_on_behalf, can_answer, looks_after
from .workflow import MoveRefused, Publication

State = Item.State

#: Dispositions that say why it is not taken up.
WITH_REASON = (Disposition.DIFFICULT, Disposition.REFERENCE)
#: In these the secretariat still changes the wording, the section and the day.
EDITABLE = frozenset({State.LISTED, State.ASKED, State.RETURNED})
#: In these the section writes.
ANSWERABLE = frozenset({State.ASKED, State.RETURNED})
WORDING = ("text", "kind", "subject", "key")
ANSWER = ("view", "disposition", "reason", "what", "who", "by_when")


class Conflict(Exception):
    """Somebody else saved it since; `item` is what stands now. Nothing was written."""

    def __init__(self, item: Item) -> None:
        super().__init__(str(item))
        self.item = item


def compiles(user, item: Item) -> bool:
    """Whether this person works on the list: the secretariat."""
    return looks_after(user, item.round.policy.ward_id)


@dataclass(frozen=True, slots=True)
class Move:
    before: frozenset[str]
    after: str
    allowed: Callable[[Any, Item], bool]
    with_reason: bool = False
    with_decision: bool = False


MOVES = {
    "pass_on": Move(frozenset({State.LISTED}), State.ASKED, compiles),
    "take_back": Move(ANSWERABLE, State.LISTED, compiles),
    "hand_in": Move(ANSWERABLE, State.ANSWERED, can_answer),
    "recall": Move(frozenset({State.ANSWERED}), State.ASKED, can_answer),
    "return": Move(frozenset({State.ANSWERED}), State.RETURNED, compiles, with_reason=True),
    "release": Move(frozenset({State.ANSWERED}), State.RELEASED, compiles, with_decision=True),
    "withdraw": Move(frozenset({State.RELEASED}), State.ANSWERED, compiles, with_reason=True),
    "replace": Move(frozenset({State.LISTED}), State.REPLACED, compiles),
    "restore": Move(frozenset({State.REPLACED}), State.LISTED, compiles),
}


def lacking(item: Item) -> dict[str, str]:
    """What an answer still lacks before it is handed in: by field, in sentences."""
    wanted: dict[str, str] = {
        "view": gettext("区の考え方を書いてください。"),
        "disposition": gettext("対応区分を選んでください。"),
    }
    if item.disposition in WITH_REASON:
        wanted["reason"] = gettext("対応困難・参考とするのときは、理由を書いてください。")
    if item.disposition in PROMISES:
        wanted["what"] = gettext("反映する・検討するのときは、何をするかを書いてください。")
        wanted["who"] = gettext("反映する・検討するのときは、だれがするかを書いてください。")
        wanted["by_when"] = gettext(
            "反映する・検討するのときは、いつまでにするかを書いてください。"
        )
    return {name: told for name, told in wanted.items() if not getattr(item, name).strip()}


def locked(item: Item) -> Item:
    """The item as it stands, and nobody changes it before the transaction ends."""
    # Without the key: who holds its promise writes a record of the item, and would wait.
    rows = Item.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("round__policy__ward").get(pk=item.pk)


def overtaken() -> MoveRefused:
    return MoveRefused(
        gettext("ほかの人が先に変えました。いまの状態を確かめてから、もう一度押してください。")
    )


@transaction.atomic
def move(
    action: str,
    item: Item,
    *,
    by: Any,
    seen: int | None = None,
    reason: str = "",
    decision: Publication | None = None,
) -> Item:
    """Make one move and put it on the record; raises MoveRefused where it cannot be made.

    `seen` is the version that stood on the person's page; None: whichever stands.
    """
    rule = MOVES[action]
    now = locked(item)
    if not rule.allowed(by, now):
        raise MoveRefused(gettext("この操作を行う権限がありません。"))
    reason = reason.strip()
    if rule.with_reason and not reason:
        raise MoveRefused(gettext("理由が空です。理由を書いてから、もう一度押してください。"))
    if rule.with_decision and not (decision and decision.is_whole):
        raise MoveRefused(gettext("決裁者と決裁日を書いてから、もう一度押してください。"))
    if now.state in rule.before and (check := _BEFORE.get(action)):
        check(now)
    before, new = now.state, _stamps(action, now, by, reason, decision)
    # The condition sits in the UPDATE: of two people pressing at once, one wins.
    rows = Item.objects.filter(
        pk=now.pk, state__in=rule.before, version=now.version if seen is None else seen
    )
    if not rows.update(state=rule.after, version=now.version + 1, **new):
        raise overtaken()
    now = locked(now)
    changed: dict[str, Any] = {"state": [before, str(rule.after)]}
    if rule.with_decision and decision:
        day = decision.decided_on
        changed["decided_by"] = ["", decision.decided_by]
        changed["decided_on"] = ["", day.isoformat() if day else ""]
        changed["document_number"] = ["", decision.document_number]
    if action == "hand_in" and now.on_behalf:
        changed["on_behalf"] = [False, True]
    record(now, f"item_{action}", changed, by=by, reason=reason)
    if effect := _AFTER.get(action):
        effect(now)
    return now


def _stamps(
    action: str, item: Item, by: Any, reason: str, decision: Publication | None
) -> dict[str, Any]:
    """What else a move writes."""
    if action == "hand_in":
        return {
            "answered_by": by,
            "answered_by_name": str(by)[:150],
            "answered_at": timezone.now(),
            "on_behalf": answers_on_behalf(by, item),
            "returned_because": "",
        }
    if action == "return":
        return {"returned_because": reason}
    if action == "release" and decision:
        return {
            "released_at": timezone.now(),
            "decided_by": decision.decided_by,
            "decided_on": decision.decided_on,
            "document_number": decision.document_number,
        }
    if action == "withdraw":
        cleared: dict[str, Any] = {"decided_by": "", "document_number": ""}
        return cleared | {"released_at": None, "decided_on": None}
    return {}


def record(item: Item, act: str, changed: Mapping[str, Any], *, by: Any, reason: str = "") -> None:
    """Add a line to the committee's record."""
    ReviewRecord.objects.create(
        ward_id=item.round.policy.ward_id,
        round=item.round,
        item=item,
        act=act,
        changed=dict(changed),
        reason=reason,
        by=by,
        by_name=str(by)[:150],
    )


# What has to hold, and what follows ---------------------------------------------------------------


def _can_pass_on(item: Item) -> None:
    if not item.round.is_over:
        raise MoveRefused(
            gettext("意見の受付中です。受付を終えてから、課に回答を依頼してください。")
        )
    if item.section_id is None or item.due is None:
        raise MoveRefused(
            gettext("回答する課と回答期限が決まっていません。決めてから、もう一度押してください。")
        )


def _is_whole(item: Item) -> None:
    if told := lacking(item):
        raise MoveRefused(" ".join(told.values()))


def _can_withdraw(item: Item) -> None:
    if item.round.state == item.round.State.PUBLISHED:
        raise MoveRefused(
            gettext("この回は公表済です。回の公表を取り下げてから、もう一度押してください。")
        )
    promising.can_be_taken_back(item)


_BEFORE: Mapping[str, Callable[[Item], None]] = {
    "pass_on": _can_pass_on,
    "hand_in": _is_whole,
    "release": _is_whole,
    "withdraw": _can_withdraw,
}
_AFTER: Mapping[str, Callable[[Item], Any]] = {
    "release": promising.promise_of,
    "withdraw": promising.take_back,
}


# Saving what was typed ----------------------------------------------------------------------------


@transaction.atomic
def _save(
    item: Item,
    typed: Mapping[str, Any],
    *,
    states: frozenset[str],
    seen: int,
    act: str,
    by: Any,
    changed_of: Callable[[Item, Mapping[str, Any]], dict[str, Any]],
) -> Item:
    now = locked(item)
    changed = changed_of(now, typed)
    if not changed:  # what was typed stands already, whoever wrote it
        return now
    if now.version != seen or now.state not in states:
        raise Conflict(now)
    rows = Item.objects.filter(pk=now.pk, version=seen, state__in=states)
    if not rows.update(**typed, version=seen + 1):
        raise Conflict(locked(now))
    now = locked(now)
    record(now, act, changed, by=by)
    return now


def differences(item: Item, typed: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Field → [from, to], of what is new."""
    found = {}
    for name, value in typed.items():
        before = getattr(item, name)
        if before != value:
            found[name] = [_plain(before), _plain(value)]
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return value.name if isinstance(value, Section) else value


def edit(item: Item, typed: Mapping[str, Any], *, seen: int, by: Any) -> Item:
    """The secretariat's wording of an opinion: text, kind and what it is about.

    The record keeps what the text became, and never what a member wrote: that stands with the
    comment. Raises Conflict.
    """

    def changed(now: Item, new: Mapping[str, Any]) -> dict[str, Any]:
        found = differences(now, new)
        if "text" in found:
            found["text"][0] = ""
        return found

    if not compiles(by, item):
        raise MoveRefused(gettext("この操作を行う権限がありません。"))
    return _save(
        item, typed, states=EDITABLE, seen=seen, act="item_edit", by=by, changed_of=changed
    )


def assign(item: Item, section: Section | None, due: date | None, *, seen: int, by: Any) -> Item:
    """Which section answers, and by when. Raises Conflict."""
    if not compiles(by, item):
        raise MoveRefused(gettext("この操作を行う権限がありません。"))
    if item.state in ANSWERABLE and (section is None or due is None):
        raise MoveRefused(gettext("回答を依頼した意見です。課と回答期限は、空にできません。"))
    return _save(
        item,
        {"section": section, "due": due},
        states=EDITABLE,
        seen=seen,
        act="item_assign",
        by=by,
        changed_of=differences,
    )


def answer(item: Item, typed: Mapping[str, Any], *, seen: int, by: Any) -> Item:
    """The section's answer as far as it is written: a draft until it is handed in.

    Raises Conflict, also where the section is another by now.
    """
    if not can_answer(by, item):
        raise MoveRefused(gettext("この操作を行う権限がありません。"))
    return _save(
        item,
        typed,
        states=ANSWERABLE,
        seen=seen,
        act="item_answer",
        by=by,
        changed_of=differences,
    )


@transaction.atomic
def take_over_original(source: ItemSource, version: int, *, by: Any) -> None:
    """The secretariat has seen what a member changed since; the item is up to date with it.

    `version` is that of the comment on the person's page: what was changed again stays marked.
    """
    item = locked(source.item)
    if not compiles(by, item):
        raise MoveRefused(gettext("この操作を行う権限がありません。"))
    before = source.comment_version
    rows = ItemSource.objects.filter(pk=source.pk, comment__version=version)
    if not rows.exclude(comment_version=version).update(comment_version=version):
        raise overtaken()
    record(item, "item_original", {"comment_version": [before, version]}, by=by)
