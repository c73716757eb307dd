"""委員会からの意見: how it is compiled, so that of two who write at once neither loses a word.

Whatever is saved becomes a version (第n稿) and stays. A version names the one its writer had before
them; where another came between, what both wrote is joined (reviews/joining.py). The opinion goes
from 作成中 to 委員会が確認済 to 公表済 by OPINION_MOVES.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext

from .joining import Paragraph, join
from .models import Opinion, OpinionVersion, ReviewRecord, Round
from .permissions import looks_after
from .workflow import MoveRefused, Publication

State = Opinion.State

#: Characters of one paragraph, and paragraphs of one opinion, at the most.
LONGEST_PARAGRAPH, MOST_PARAGRAPHS = 4_000, 60


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of saving: the version that stands now, and whose work was joined with it."""

    version: OpinionVersion
    joined_with: list[OpinionVersion] = field(default_factory=list)
    clashes: int = 0


def paragraphs_of(version: OpinionVersion | None) -> list[Paragraph]:
    if version is None:
        return []
    return [
        Paragraph(
            str(each.get("id") or f"p{number}"),
            each["text"],
            tuple(each.get("sources", ())),
            bool(each.get("clash")),
        )
        for number, each in enumerate(version.body, start=1)
    ]


def newest(round: Round) -> OpinionVersion | None:
    return OpinionVersion.objects.filter(opinion__round=round).order_by("-number").first()


# Saving -------------------------------------------------------------------------------------------


@transaction.atomic
def save_version(
    round: Round, *, title: str, paragraphs: Sequence[Paragraph], based_on: int, by: Any
) -> Saved:
    """Keep what was written as the next version; joined, where a colleague's came between.

    Raises MoveRefused where the round still takes comments, or the opinion was approved.
    """
    # Of two who save at once the second waits here.
    Round.objects.select_for_update(no_key=True).get(pk=round.pk)
    if not round.is_over:
        raise MoveRefused(
            gettext("意見の受付が終わってからまとめます。先に「回の進行」で受付を終えてください。")
        )
    opinion, _created = Opinion.objects.get_or_create(round=round)
    if opinion.state != State.DRAFT:
        raise MoveRefused(
            gettext(
                "委員会が確認した意見は、書き直せません。「作成中に戻す」を押してから直してください。"
            )
        )
    versions = {each.number: each for each in opinion.versions.all()}
    last = max(versions, default=0)
    base = versions.get(based_on)
    stands = versions.get(last)
    if stands is not None and (stands.title, paragraphs_of(stands)) == (title, list(paragraphs)):
        return Saved(stands)
    mine = _keep(opinion, last + 1, based_on, title, paragraphs, by)
    if stands is None or based_on == last:
        return Saved(mine)
    joined = join(paragraphs_of(base), paragraphs_of(stands), paragraphs)
    whose = title if base is None or title != base.title else stands.title
    version = _keep(opinion, last + 2, last + 1, whose, joined, by)
    between = [versions[number] for number in sorted(versions) if number > based_on]
    return Saved(version, between, sum(each.clash for each in joined))


def _keep(
    opinion: Opinion,
    number: int,
    based_on: int,
    title: str,
    paragraphs: Sequence[Paragraph],
    by: Any,
) -> OpinionVersion:
    return OpinionVersion.objects.create(
        opinion=opinion,
        number=number,
        based_on=based_on,
        title=title,
        body=[each.kept() for each in paragraphs],
        by=by,
        by_name=str(by),
        at=timezone.now(),
    )


# The way of an opinion ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpinionMove:
    before: str
    after: str
    with_reason: bool = False


OPINION_MOVES: Mapping[str, OpinionMove] = {
    "approve": OpinionMove(State.DRAFT, State.APPROVED),
    "rework": OpinionMove(State.APPROVED, State.DRAFT, with_reason=True),
    "publish": OpinionMove(State.APPROVED, State.PUBLISHED),
    "withdraw": OpinionMove(State.PUBLISHED, State.APPROVED, with_reason=True),
}


@transaction.atomic
def move_opinion(
    round: Round,
    action: str,
    *,
    by: Any,
    version: int,
    reason: str = "",
    who: str = "",
    on: date | None = None,
    document_number: str = "",
) -> Opinion:
    """Make one move; raises MoveRefused where it cannot be made.

    `who` and `on` say who approved it in the committee's name and when, or who decided that it is
    published (決裁). `version` is the 稿 that was on the page: another one is not approved unseen.
    """
    move = OPINION_MOVES[action]
    if not looks_after(by, round.policy.ward_id):
        raise MoveRefused(gettext("この操作ができるのは事務局です。"))
    if move.with_reason and not reason.strip():
        raise MoveRefused(gettext("理由が空です。理由を書いてから、もう一度押してください。"))
    changes: dict[str, Any] = {"state": move.after, "version": F("version") + 1}
    if not move.with_reason:
        decision = Publication(who.strip(), on, document_number.strip())
        if not decision.is_whole:
            raise MoveRefused(
                gettext("確認した人と日を書いてから、もう一度押してください。")
                if action == "approve"
                else gettext("決裁者と決裁日を書いてから、もう一度押してください。")
            )
        changes |= (
            {"approved_by": decision.decided_by, "approved_on": decision.decided_on}
            if action == "approve"
            else {
                "decided_by": decision.decided_by,
                "decided_on": decision.decided_on,
                "document_number": decision.document_number,
                "published_at": timezone.now(),
            }
        )
    Round.objects.select_for_update(no_key=True).get(pk=round.pk)
    stands = newest(round)
    if stands is None or stands.number != version:
        raise MoveRefused(
            gettext(
                "画面にあった稿の後に、新しい稿が保存されています。読み直してから押してください。"
            )
        )
    if action == "approve" and any(each.clash for each in paragraphs_of(stands)):
        raise MoveRefused(
            gettext("行き違いの段落が残っています。どちらかにまとめてから確認済にしてください。")
        )
    if not Opinion.objects.filter(round=round, state=move.before).update(**changes):
        raise MoveRefused(
            gettext("ほかの人が先に状態を変えました。画面を開き直して確かめてください。")
        )
    ReviewRecord.objects.create(
        ward_id=round.policy.ward_id,
        round=round,
        act=f"opinion_{action}",
        changed={"state": [str(move.before), str(move.after)], "number": [None, version]},
        reason=reason.strip(),
        by=by,
        by_name=str(by),
    )
    return Opinion.objects.get(round=round)


@transaction.atomic
def agree(round: Round, member: Any, *, version: int, by: Any) -> bool:
    """A member has read the draft and agrees with it; once a version. False where it is not new."""
    Round.objects.select_for_update(no_key=True).get(pk=round.pk)
    stands = newest(round)
    if stands is None or stands.number != version:
        raise MoveRefused(gettext("新しい稿が出ています。読み直してから、もう一度押してください。"))
    mine = ReviewRecord.objects.filter(round=round, member=member, act="opinion_agree")
    if any(each.changed.get("number") == [None, version] for each in mine):
        return False
    ReviewRecord.objects.create(
        ward_id=round.policy.ward_id,
        round=round,
        member=member,
        act="opinion_agree",
        changed={"number": [None, version]},
        by=by,
        by_name=str(by),
    )
    return True


def agreed(round: Round, version: int) -> set[int]:
    """The ids of the members who agreed with a version."""
    rows = ReviewRecord.objects.filter(round=round, act="opinion_agree")
    return {
        member
        for member, changed in rows.values_list("member", "changed")
        if changed.get("number") == [None, version]
    }
