"""意見を書く: how what a member types is kept, sent, edited and withdrawn.

Rule 1  while the round is open a member writes; what is typed is kept as a draft, and counts once
        it is sent
Rule 2  what was sent stands as it was sent until it is sent again; what is typed over it meanwhile
        is kept beside it
Rule 3  each save says which version it was typed upon: of two windows the second is told, and
        neither text is lost
Rule 4  what arrives after the round has closed is kept as late text, and counts for nothing
Rule 5  sending a comment on a project marks it as read; so does saying that there is none
Rule 6  a text is kept letter for letter; of line breaks there is one kind

Every act locks the round's row first, as closing does (reviews/workflow.py): a comment is either
in before the closing, and then on its list, or late. The record says that somebody sent or
withdrew, never what.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext

from .models import Comment, Grade, Member, ReadMark, ReviewRecord, Round
from .models.comments import Kind, Subject

#: The most letters of one comment, as Python counts them; an emoji is one or a few.
LONGEST = 20_000
#: The most that is kept of what arrives late for one comment.
LONGEST_LATE = 5 * LONGEST
BETWEEN_LATE = "\n\n――\n\n"

State = Comment.State


class NotKept(Exception):
    """Nothing was changed; the sentence says why, and what to do."""


class Unfit(NotKept):
    """The text cannot be kept or sent as it is."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field
        self.kept: Comment | None = None  # the draft, where it was kept all the same


class Overtaken(NotKept):
    """Another window, or the secretariat for the member, saved something else meanwhile."""

    def __init__(self, theirs: Comment) -> None:
        super().__init__(
            gettext("この画面を開いたあとに、別の画面で保存した文があります。どちらを残しますか。")
        )
        self.theirs = theirs


class Closed(NotKept):
    """The round is over. `late` is the comment that now keeps the text; None where there was no
    text."""

    def __init__(self, late: Comment | None = None) -> None:
        super().__init__(
            gettext(
                "意見の受付は終わりました。いま書いた文は、締切のあとに届いた文として"
                "事務局に預けました。意見の一覧には入っていません。"
            )
            if late
            else gettext("意見の受付は終わりました。直したいことがあれば、事務局に伝えてください。")
        )
        self.late = late


@dataclass(frozen=True, slots=True)
class Place:
    """Where a member comments: a project or pillar of the round by its key, or the whole."""

    round: Round
    member: Member
    subject: str
    key: str = ""

    @property
    def is_project(self) -> bool:
        return self.subject == Subject.PROJECT


@dataclass(frozen=True, slots=True)
class Typed:
    """Kind and text as they came from the page."""

    kind: str = ""
    text: str = ""

    @classmethod
    def read(cls, kind: str, text: str) -> Typed:
        """Line breaks are sent as two letters and kept as one; nothing else is touched."""
        return cls(kind, text.replace("\r\n", "\n").replace("\r", "\n"))

    @property
    def is_blank(self) -> bool:
        return not self.text.strip()

    @property
    def problem(self) -> Unfit | None:
        """Why this cannot be kept, not even as a draft; None where it can."""
        if self.kind not in ("", *Kind.values):
            return Unfit("kind", gettext("意見の種別を選び直してください。"))
        if "\x00" in self.text:
            return Unfit("text", gettext("意見に使えない文字（NUL）が入っています。"))
        if (now := len(self.text)) > LONGEST:
            return Unfit(
                "text",
                gettext(
                    "意見は%(most)s文字までです。いま%(now)s文字あります。"
                    "短くするか、2つの意見に分けてください。"
                )
                % {"most": f"{LONGEST:,}", "now": f"{now:,}"},
            )
        return None

    @property
    def not_ready(self) -> Unfit | None:
        """Why this cannot be sent; None where it can."""
        if self.problem:
            return self.problem
        if self.is_blank:
            return Unfit(
                "text",
                gettext("意見が空です。書いてから送るか、「意見はなし」を押してください。"),
            )
        if not self.kind:
            return Unfit("kind", gettext("意見の種別を選んでから、もう一度送ってください。"))
        return None


@dataclass(frozen=True, slots=True)
class Seen:
    """What the page knew of the comment: its id, the mark the page gave it, and its version."""

    id: int | None = None
    client_key: str = ""
    version: int = 0


def save(place: Place, typed: Typed, seen: Seen, *, by: Any) -> Comment | None:
    """Keep what is being typed; None where there is nothing to keep yet.

    Raises Unfit, Overtaken, or Closed after having kept the text as late.
    """
    if typed.problem:
        raise typed.problem
    with transaction.atomic():
        is_open = _lock(place.round)
        comment = _seen_by(place, seen)
        if is_open:
            return _write(place, comment, typed, seen, by=by)
        late = _keep_late(place, comment, typed, seen, by=by)
    raise Closed(late)


def send(place: Place, typed: Typed, seen: Seen, *, by: Any) -> Comment:
    """Send a comment for the first time, or again; raises as `save`."""
    problem = typed.not_ready
    if problem and problem is not typed.problem:
        # What cannot be sent yet is kept all the same.
        problem.kept = save(place, typed, seen, by=by)
    if problem:
        raise problem
    with transaction.atomic():
        is_open = _lock(place.round)
        comment = _seen_by(place, seen)
        if is_open:
            sent = _write(place, comment, typed, seen, by=by, to_send=True)
            assert sent is not None
            if place.is_project:
                _mark(place)
            return sent
        late = _keep_late(place, comment, typed, seen, by=by)
    raise Closed(late)


def withdraw(place: Place, seen: Seen, *, by: Any) -> Comment:
    """Take a comment back: it stays with its author, and counts for nothing.

    Raises Closed, or Overtaken where it is not what the page showed.
    """
    with transaction.atomic():
        if not _lock(place.round):
            raise Closed
        comment = _seen_by(place, seen)
        if comment is None:
            raise Comment.DoesNotExist
        if comment.state == State.WITHDRAWN:
            return comment
        if comment.version != seen.version:
            raise Overtaken(comment)
        _change(
            comment, state=State.WITHDRAWN, edit_kind="", edit_text="", changed_at=timezone.now()
        )
        _record(place, comment, "comment_withdraw", by)
        return comment


def mark(place: Place, *, read: bool) -> None:
    """確認済, or not after all. Raises Closed."""
    with transaction.atomic():
        if not _lock(place.round):
            raise Closed
        if read:
            _mark(place)
        else:
            ReadMark.objects.filter(round=place.round, member=place.member, key=place.key).delete()


def grade(place: Place, symbol: str, *, by: Any) -> None:
    """Give a project a grade of the round's, or take it back with "". Raises Closed or Unfit."""
    if symbol and symbol not in dict(steps(place.round)):
        raise Unfit("grade", gettext("評価の段階を選び直してください。"))
    with transaction.atomic():
        if not _lock(place.round):
            raise Closed
        mine: dict[str, Any] = {
            "round": place.round,
            "member": place.member,
            "key": place.key,
        }
        if not symbol:
            Grade.objects.filter(**mine).delete()
            return
        given = {
            "grade": symbol,
            "entered_by": by,
            "on_behalf": False,
            "at": timezone.now(),
        }
        Grade.objects.update_or_create(**mine, defaults=given)


def steps(round: Round) -> list[tuple[str, str]]:
    """The grades that a round asks for, from the best: symbol and name."""
    if not round.asks_grade:
        return []
    return [(each["key"], each.get("name", "")) for each in round.grades]


# How it is done, the round's row being locked -----------------------------------------------------


def _lock(round: Round) -> bool:
    """Hold the round as it is until the end of the transaction; whether it is open."""
    rows = Round.objects.select_for_update(no_key=True).filter(pk=round.pk)
    return rows.values_list("state", flat=True).get() == Round.State.OPEN


def _seen_by(place: Place, seen: Seen) -> Comment | None:
    """The comment that the page means: the member's own, of this place. None: a new one.

    Raises Comment.DoesNotExist where it is somebody else's, or of another place.
    """
    mine = Comment.objects.filter(round=place.round, member=place.member)
    if seen.id is not None:
        return mine.get(pk=seen.id, subject=place.subject, key=place.key)
    if not seen.client_key:
        return None
    # The first save may have arrived without its answer: the same mark is the same comment.
    found = mine.filter(client_key=seen.client_key).first()
    if found and (found.subject, found.key) != (place.subject, place.key):
        raise Comment.DoesNotExist
    return found


def _write(
    place: Place,
    comment: Comment | None,
    typed: Typed,
    seen: Seen,
    *,
    by: Any,
    to_send: bool = False,
) -> Comment | None:
    now = timezone.now()
    if comment is None:
        if typed.is_blank:
            return None
        comment = Comment.objects.create(
            round=place.round,
            member=place.member,
            subject=place.subject,
            key=place.key,
            kind=typed.kind,
            text=typed.text,
            state=State.SENT if to_send else State.DRAFT,
            entered_by=by,
            entered_by_name=str(by),
            entered_at=now,
            changed_at=now,
            client_key=seen.client_key,
        )
        if to_send:
            _record(place, comment, "comment_send", by)
        return comment
    is_same = comment.typed == (typed.kind, typed.text)
    if comment.version != seen.version and not is_same:
        raise Overtaken(comment)
    was_sent = comment.state == State.SENT
    stood = (comment.kind, comment.text)
    if to_send:
        if was_sent and stood == (typed.kind, typed.text) and not comment.is_being_edited:
            return comment
        _change(
            comment,
            kind=typed.kind,
            text=typed.text,
            edit_kind="",
            edit_text="",
            state=State.SENT,
            changed_at=now,
        )
        if not was_sent:
            _record(place, comment, "comment_send", by)
        elif stood != (typed.kind, typed.text):
            _record(place, comment, "comment_change", by)
    elif is_same:
        return comment
    elif was_sent and stood == (typed.kind, typed.text):
        _change(comment, edit_kind="", edit_text="")
    elif was_sent:
        _change(comment, edit_kind=typed.kind or comment.kind, edit_text=typed.text)
    else:
        _change(comment, kind=typed.kind, text=typed.text, state=State.DRAFT, changed_at=now)
    return comment


def _change(comment: Comment, **values: Any) -> None:
    """The condition sits in the UPDATE, though nobody else holds the round meanwhile."""
    still_so = Comment.objects.filter(pk=comment.pk, version=comment.version)
    if not still_so.update(**values, version=F("version") + 1):
        raise Overtaken(Comment.objects.get(pk=comment.pk))
    for name, value in values.items():
        setattr(comment, name, value)
    comment.version += 1


def _keep_late(
    place: Place, comment: Comment | None, typed: Typed, seen: Seen, *, by: Any
) -> Comment | None:
    """Keep what arrived late beside what stands; None where it is nothing new."""
    if typed.is_blank or (comment and typed.text in (comment.text, comment.edit_text)):
        return None
    now = timezone.now()
    mine: dict[str, Any] = {
        "round": place.round,
        "member": place.member,
        "subject": place.subject,
        "key": place.key,
    }
    if comment is None:
        # One line a place takes whatever comes late without having been kept before.
        comment = Comment.objects.filter(**mine, text="").exclude(late_text="").first()
    if comment is None:
        comment = Comment.objects.create(
            **mine,
            entered_by=by,
            entered_by_name=str(by),
            entered_at=now,
            changed_at=now,
            client_key=seen.client_key,
        )
    if typed.text in comment.late_text:
        return comment
    # What came before is not overwritten, unless it was the beginning of this.
    before = "" if comment.late_text in typed.text else comment.late_text + BETWEEN_LATE
    whole = before + typed.text
    if len(whole) > LONGEST_LATE:
        raise Unfit(
            "text",
            gettext("意見の受付は終わりました。書いた文は、写して事務局に渡してください。"),
        )
    is_first = not comment.late_text
    _change(comment, late_text=whole, late_at=now)
    if is_first:
        _record(place, comment, "comment_late", by)
    return comment


def _mark(place: Place) -> None:
    ReadMark.objects.get_or_create(
        round=place.round,
        member=place.member,
        key=place.key,
        defaults={"at": timezone.now()},
    )


def _record(place: Place, comment: Comment, act: str, by: Any) -> None:
    ReviewRecord.objects.create(
        ward_id=place.round.policy.ward_id,
        round=place.round,
        comment=comment,
        member=place.member,
        act=act,
        by=by,
        by_name=str(by),
    )
