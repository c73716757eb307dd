"""代理入力: what the secretariat enters for a member who sent paper, a file or a letter.

Whatever is entered so says who entered it and when. What a member wrote on the screen is the
member's: it is never changed here, only joined by another comment. While the round is open
everything can be entered; after it closed, and until it is published, what arrived late, with a
reason, and it goes onto the list. Every function locks the round's row, so that nothing slips in
while somebody closes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext

from .items import list_comments
from .models import Comment, Grade, Member, ReviewRecord, Round
from .models.comments import Kind
from .opinion_sheet import LONGEST, is_writable

#: In which ways words reach the secretariat that it types in itself.
BY_HAND = (Comment.Source.PAPER, Comment.Source.MAIL, Comment.Source.PHONE)


class NotTaken(Exception):
    """It is not taken over; the sentence says why, and what to do."""


class Over(NotTaken):
    """The round takes nothing more, or not without a reason."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a member said: on what, of which kind, in which words."""

    subject: str
    key: str
    kind: str
    text: str
    client_key: str = ""

    @property
    def content(self) -> tuple[str, str, str, str]:
        return self.subject, self.key, self.kind, self.text


def problem_of(kind: str, text: str) -> str:
    """What is wrong with a comment, as a sentence; "" where it can be kept."""
    if not text.strip():
        return gettext("意見が空です。意見を書いてください。")
    if kind not in Kind.values:
        return gettext("種別が選ばれていません。評価、課題、提案、質問のどれかを選んでください。")
    if len(text) > LONGEST:
        return gettext(
            "意見が%(length)s文字あります。%(most)s文字までにするか、2つの意見に分けてください。"
        ) % {"length": f"{len(text):,}", "most": f"{LONGEST:,}"}
    if not is_writable(text):
        return gettext("意見に使えない文字が入っています。その文字を消してください。")
    return ""


def as_typed(text: str) -> str:
    """Exactly the words, with one kind of line end."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


# Whose it is -------------------------------------------------------------------------------------


def is_members_own(comment: Comment) -> bool:
    """Whether the member wrote it on the screen, or changed or is changing there what had been
    entered."""
    if not comment.on_behalf or comment.is_being_edited:
        return True
    own = comment.member.user_id
    return comment.changed_at > comment.entered_at or (
        own is not None and comment.entered_by_id == own
    )


def _entered_here() -> Q:
    """The same rule as a condition: what was entered on behalf and not touched by the member."""
    return Q(on_behalf=True, edit_text="", changed_at__lte=F("entered_at")) & (
        Q(member__user__isnull=True) | Q(entered_by__isnull=True) | ~Q(entered_by=F("member__user"))
    )


def members_of(round: Round) -> list[Member]:
    """Whose sheets there are: the members of the day, and whoever said something.

    The day is today while the round is open, and the day on which it closed afterwards. Each has
    `category_now`, the word for whom the member speaks.
    """
    comments = Comment.objects.filter(round=round, member=OuterRef("pk"))
    day = day_of(round)
    members = list(
        Member.objects.filter(committee=round.committee_id)
        .filter(Q(pk__in=Member.objects.in_office_on(day)) | Exists(comments))
        .prefetch_related("terms")
        .select_related("user")
        .order_by("order", "id")
    )
    for member in members:
        member.category_now = _category(member, day)  # type: ignore[attr-defined]
    return members


def day_of(round: Round) -> date:
    if round.is_over and round.closed_at:
        return timezone.localtime(round.closed_at).date()
    return timezone.localdate()


def _category(member: Member, day: date) -> str:
    terms = list(member.terms.all())
    here = [
        term
        for term in terms
        if (term.starts is None or term.starts <= day) and (term.ends is None or term.ends >= day)
    ]
    return str((here or terms)[-1].get_category_display()) if terms else ""


# Entering ----------------------------------------------------------------------------------------


def lock(round: Round, *, reason: str = "") -> Round:
    """The round as it stands, held until the transaction ends; Over where it takes nothing."""
    held = Round.objects.select_for_update(no_key=True).get(pk=round.pk)
    if held.state == Round.State.CLOSED:
        if not reason.strip():
            raise Over(
                gettext(
                    "受付は終わっています。締切後に届いた意見は、届いた事情（理由）を書くと入力できます。"
                )
            )
    elif held.state != Round.State.OPEN:
        raise Over(
            gettext(
                "この回は公表されているため、意見を入力できません。公表を取り下げると入力できます。"
            )
            if held.state == Round.State.PUBLISHED
            else gettext("この回の受付は、まだ始まっていません。")
        )
    return held


@transaction.atomic
def enter(
    round: Round,
    member: Member,
    said: Iterable[Said],
    *,
    source: str,
    by: Any,
    reason: str = "",
) -> list[Comment]:
    """Enter comments for a member: all of them, or none. Gives those that are new.

    What was entered by the same key before is passed over, so that a form that is sent twice
    enters once. Raises NotTaken with a sentence; the caller has looked at each comment by
    `problem_of`. A comment that arrived after the closing carries `late_at`, and its reason stands
    on the record.
    """
    said = list(said)
    for each in said:
        if problem := problem_of(each.kind, each.text):
            raise NotTaken(problem)
    held = lock(round, reason=reason)
    late = held.state == Round.State.CLOSED
    keys = [each.client_key for each in said if each.client_key]
    known = set(
        Comment.objects.filter(round=round, member=member, client_key__in=keys).values_list(
            "client_key", flat=True
        )
    )
    now = timezone.now()
    entered = Comment.objects.bulk_create(
        Comment(
            round=round,
            member=member,
            subject=each.subject,
            key=each.key,
            kind=each.kind,
            text=each.text,
            state=Comment.State.SENT,
            source=source,
            on_behalf=True,
            entered_by=by,
            entered_by_name=str(by),
            entered_at=now,
            changed_at=now,
            client_key=each.client_key,
            late_at=now if late else None,
        )
        for each in said
        if each.client_key not in known
    )
    _record(
        round,
        member,
        entered,
        act="behalf_late" if late else "behalf_enter",
        by=by,
        reason=reason if late else "",
    )
    if late and entered:
        list_comments(held)
    return entered


@transaction.atomic
def change(round: Round, comment: Comment, *, version: int, kind: str, text: str, by: Any) -> None:
    """Put right what was entered on behalf. Raises NotTaken with a sentence."""
    if problem := problem_of(kind, text):
        raise NotTaken(problem)
    _touch(round, comment, version, by, {"kind": kind, "text": text}, act="behalf_change")


@transaction.atomic
def withdraw(round: Round, comment: Comment, *, version: int, by: Any) -> None:
    """Take back what was entered on behalf; its words stay where they are. May raise NotTaken."""
    changes = {"state": Comment.State.WITHDRAWN}
    _touch(round, comment, version, by, changes, act="behalf_withdraw")


def _touch(
    round: Round, comment: Comment, version: int, by: Any, changes: Mapping[str, Any], *, act: str
) -> None:
    if lock(round, reason="-").state != Round.State.OPEN:
        raise Over(
            gettext("受付が終わった意見は、ここでは直せません。「意見一覧」で整理してください。")
        )
    if is_members_own(comment):
        raise NotTaken(
            gettext(
                "委員が画面で書いた意見は、ここでは変えられません。別の意見として加えてください。"
            )
        )
    now = timezone.now()
    done = (
        Comment.objects.filter(_entered_here(), pk=comment.pk, version=version)
        .exclude(state=Comment.State.WITHDRAWN)
        .update(
            **changes,
            entered_by=by,
            entered_by_name=str(by),
            entered_at=now,
            changed_at=now,
            version=F("version") + 1,
        )
    )
    if not done:
        raise NotTaken(
            gettext(
                "この意見は、ほかの人が先に変えました。いまの内容を確かめて、"
                "必要ならもう一度直してください。"
            )
        )
    _record(round, comment.member, [comment], act=act, by=by)


def _record(
    round: Round,
    member: Member,
    comments: Sequence[Comment],
    *,
    act: str,
    by: Any,
    reason: str = "",
) -> None:
    """What was done to which comment, never what it says."""
    ReviewRecord.objects.bulk_create(
        ReviewRecord(
            ward_id=round.policy.ward_id,
            round=round,
            comment=each,
            member=member,
            act=act,
            reason=reason.strip(),
            by=by,
            by_name=str(by),
        )
        for each in comments
    )


# Grades ------------------------------------------------------------------------------------------


@transaction.atomic
def grade(round: Round, member: Member, given: Mapping[str, str], *, by: Any) -> int:
    """Give a member's grades by project key; "" takes back what was entered here.

    What the member gave on the screen stays. Returns how many are otherwise now.
    """
    if lock(round, reason="-").state != Round.State.OPEN:
        raise Over(gettext("受付が終わっているため、評価の段階は変えられません。"))
    known = {each.key: each for each in Grade.objects.filter(round=round, member=member)}
    marks = {mark for mark, _name in round.grade_steps}
    now, changed = timezone.now(), 0
    for key, mark in given.items():
        held = known.get(key)
        if (held and not held.on_behalf) or (mark and mark not in marks):
            continue
        if mark == (held.grade if held else ""):
            continue
        changed += 1
        if not mark:
            Grade.objects.filter(round=round, member=member, key=key, on_behalf=True).delete()
            continue
        values = {"grade": mark, "entered_by": by, "on_behalf": True, "at": now}
        Grade.objects.update_or_create(round=round, member=member, key=key, defaults=values)
    if changed:
        ReviewRecord.objects.create(
            ward_id=round.policy.ward_id,
            round=round,
            member=member,
            act="behalf_grade",
            changed={"grades": ["", str(changed)]},
            by=by,
            by_name=str(by),
        )
    return changed
