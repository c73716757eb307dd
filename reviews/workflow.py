"""The way of a round: 準備中 preparing → 受付中 open → 受付終了 closed → 公表済 published.

    preparing ──open──▶ open ──close──▶ closed ──publish──▶ published
        ◀──take_back──┘   ◀───reopen────┘  ◀────withdraw──────┘

ROUND_MOVES is the rule; nothing else writes a round's state. Opening freezes a copy of the results
(reviews/frozen.py); closing puts the members' comments on the list (reviews/items.py). What leads
back needs a reason, and every move is on the record. docs/committee.md tells the same to those who
work with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext

from .frozen import freeze
from .items import list_comments
from .models import Comment, ReviewRecord, Round
from .permissions import looks_after

State = Round.State


class MoveRefused(Exception):
    """The move cannot be made; the sentence says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Publication:
    """Who decided that something is published, when, and under which number (決裁)."""

    decided_by: str = ""
    decided_on: date | None = None
    document_number: str = ""

    @property
    def is_whole(self) -> bool:
        return bool(self.decided_by and self.decided_on)


@dataclass(frozen=True, slots=True)
class RoundMove:
    before: str
    after: str
    with_reason: bool = False
    with_decision: bool = False
    stamp: str = ""  # the field that keeps when it was made


ROUND_MOVES = {
    "open": RoundMove(State.PREPARING, State.OPEN, stamp="opened_at"),
    "take_back": RoundMove(State.OPEN, State.PREPARING, with_reason=True),
    "close": RoundMove(State.OPEN, State.CLOSED, stamp="closed_at"),
    "reopen": RoundMove(State.CLOSED, State.OPEN, with_reason=True),
    "publish": RoundMove(State.CLOSED, State.PUBLISHED, with_decision=True, stamp="published_at"),
    "withdraw": RoundMove(State.PUBLISHED, State.CLOSED, with_reason=True),
}


@transaction.atomic
def move_round(
    round: Round,
    action: str,
    *,
    by: Any,
    reason: str = "",
    decision: Publication | None = None,
) -> Round:
    """Make one move and put it on the record; raises MoveRefused where it cannot be made.

    Of two who press at once one wins: the condition sits in the UPDATE.
    """
    move = ROUND_MOVES[action]
    if not looks_after(by, round.policy.ward_id):
        raise MoveRefused(gettext("この操作ができるのは事務局です。"))
    reason = reason.strip()
    if move.with_reason and not reason:
        raise MoveRefused(gettext("理由が空です。理由を書いてから、もう一度押してください。"))
    if move.with_decision and not (decision and decision.is_whole):
        raise MoveRefused(gettext("決裁者と決裁日を書いてから、もう一度押してください。"))
    changes: dict[str, Any] = {"state": move.after, "version": F("version") + 1}
    if move.stamp:
        changes[move.stamp] = timezone.now()
    if move.with_decision and decision:
        changes |= {
            "decided_by": decision.decided_by,
            "decided_on": decision.decided_on,
            "document_number": decision.document_number,
        }
    if not Round.objects.filter(pk=round.pk, state=move.before).update(**changes):
        raise MoveRefused(
            gettext("ほかの人が先に状態を変えました。画面を開き直して確かめてください。")
        )
    round.refresh_from_db()
    if check := _BEFORE.get(action):
        check(round)
    ReviewRecord.objects.create(
        ward_id=round.policy.ward_id,
        round=round,
        act=f"round_{action}",
        changed=_changed(move, decision),
        reason=reason,
        by=by,
        by_name=str(by),
    )
    if effect := _AFTER.get(action):
        effect(round, by)
    return round


def _changed(move: RoundMove, decision: Publication | None) -> dict[str, list[Any]]:
    told: dict[str, list[Any]] = {"state": [str(move.before), str(move.after)]}
    if move.with_decision and decision:
        day = decision.decided_on
        told["decided_by"] = ["", decision.decided_by]
        told["decided_on"] = ["", day.isoformat() if day else ""]
        told["document_number"] = ["", decision.document_number]
    return told


# What has to hold, and what follows; the row is locked by the UPDATE by now -----------------------


def _can_open(round: Round) -> None:
    if round.due is None:
        raise MoveRefused(
            gettext("意見の締切が決まっていません。締切の日を入れてから始めてください。")
        )


def _can_take_back(round: Round) -> None:
    if Comment.objects.filter(round=round).exists():
        raise MoveRefused(
            gettext(
                "すでに意見があるので、準備中には戻せません。"
                "受付を終えるか、このまま続けてください。"
            )
        )


def _freeze(round: Round, by: Any) -> None:
    freeze(round, by_name=str(by))


def _list(round: Round, by: Any) -> None:
    list_comments(round)


_BEFORE: Mapping[str, Callable[[Round], None]] = {"open": _can_open, "take_back": _can_take_back}
_AFTER: Mapping[str, Callable[[Round, Any], None]] = {"open": _freeze, "close": _list}
