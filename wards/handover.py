"""人事異動: posts and their open work go from one holder to the next, all in one step.

Work belongs to the post, so nothing of it is moved: the old holder's post ends the day before,
the new holder's begins, and what people did stays under their names. What work lies open at a
post is for the apps above to tell (`tells_open_work`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from .accounts import Newcomer, find_or_make, known_account, take_on
from .models import Post, User
from .permissions import Role
from .posts import (
    DAY,
    DAYS,
    Desk,
    check_days,
    check_somebody_stays,
    first_day_alone,
    give,
    lock,
    record,
)

#: Posts that go from one person to the next. A committee member's seat is a person's own.
HANDED_OVER = (Role.STAFF, Role.HEAD, Role.SECRETARIAT, Role.MANAGER, Role.AUDITOR)

#: How far back and ahead the day of a hand-over may lie.
BACK, AHEAD = timedelta(days=92), timedelta(days=366)

#: By section id, sentences about the work that lies open there.
OpenWork = Callable[[Collection[int]], Mapping[int, Sequence[str]]]

_told_by: list[OpenWork] = []


def tells_open_work(function: OpenWork) -> OpenWork:
    """Let an app above tell what work lies open at sections; in a fixed number of queries."""
    if function not in _told_by:
        _told_by.append(function)
    return function


def open_work(sections: Collection[int]) -> dict[int, list[str]]:
    """By section, what whoever takes a post there over will find."""
    found: dict[int, list[str]] = defaultdict(list)
    for tell in _told_by if sections else ():
        for section, sentences in tell(sections).items():
            found[section].extend(sentences)
    return found


def usual_day(today: date) -> date:
    """1 April, when people move: the next one, and in April this one's still."""
    if today.month == 4:
        return today.replace(day=1)
    return date(today.year + (today.month > 4), 4, 1)


def check_day(day: date) -> None:
    today = timezone.localdate()
    if not today - BACK <= day <= today + AHEAD:
        raise ValidationError(
            _("引き継ぐ日は、%(back)s日前から1年先までの日にしてください。") % {"back": BACK.days}
        )


@dataclass(frozen=True, slots=True)
class Handover:
    """One post, and who takes it over: somebody known, somebody as typed, or nobody yet."""

    post: Post
    to: User | Newcomer | None
    seen: date | None  # the post's last day as it stood on the page


@dataclass(frozen=True, slots=True)
class Done:
    """One hand-over that was carried out."""

    old: Post
    new: Post | None
    password: str = ""  # of an account that was made for it


class Refusals(ValidationError):
    """What stands against a hand-over: sentences by the id of the post."""

    def __init__(self, by_post: Mapping[int, str], general: Sequence[str] = ()):
        super().__init__([*by_post.values(), *general])
        self.by_post = dict(by_post)
        self.general = list(general)


class _TriedOnly(Exception):
    """Takes back what a trial wrote."""


def try_out(handovers: Sequence[Handover], day: date, *, by: User) -> None:
    """Refuse what `carry_out` would refuse, and write nothing."""
    try:
        with transaction.atomic():
            _carry_out(handovers, day, by=by)
            raise _TriedOnly
    except _TriedOnly:
        return


def carry_out(handovers: Sequence[Handover], day: date, *, by: User) -> list[Done]:
    """Hand the posts over from that day on: all of them, or none (`Refusals`).

    A post that ends before the day anyway keeps its last day. Somebody typed twice is one person.
    """
    ready = [
        replace(each, to=each.to.with_password()) if isinstance(each.to, Newcomer) else each
        for each in handovers
    ]
    return _carry_out(ready, day, by=by)


@transaction.atomic
def _carry_out(handovers: Sequence[Handover], day: date, *, by: User) -> list[Done]:
    check_day(day)
    wards = {each.post.ward_id: each.post.ward for each in handovers}
    lock(*wards.values())
    alone = {ward.pk: first_day_alone(ward) for ward in wards.values() if ward}
    refused: dict[int, str] = {}
    done: list[Done] = []
    made: dict[str, tuple[User, str]] = {}
    for each in handovers:
        try:
            each.post.refresh_from_db(fields=DAYS)
            if each.post.ends != each.seen:
                raise ValidationError(
                    _("この職は、画面を開いたあとに変わりました。一覧からやり直してください。")
                )
            _end_before(each.post, day, by=by)
        except ValidationError as error:
            refused[each.post.pk] = " ".join(error.messages)
    # The posts that end have to be free before somebody else takes them, or their own next one.
    for each in handovers:
        if each.post.pk in refused:
            continue
        try:
            done.append(_begin(each, day, by=by, made=made))
        except ValidationError as error:
            refused[each.post.pk] = " ".join(error.messages)
    general = []
    for ward in wards.values():
        try:
            if ward and not refused:
                check_somebody_stays(ward, alone[ward.pk])
        except ValidationError as error:
            general.extend(error.messages)
    if refused or general:
        raise Refusals(refused, general)
    return done


def _end_before(post: Post, day: date, *, by: User) -> None:
    if post.withdrawn or post.is_over:
        raise ValidationError(_("この職はもう終わっています。一覧を開き直してください。"))
    if post.starts and post.starts >= day:
        raise ValidationError(
            _("この職は、引き継ぐ日より前に始まっていません。引き継ぐ日を直してください。")
        )
    last = day - DAY
    if post.ends and post.ends <= last:
        return
    before = post.ends
    post.ends = last
    check_days(post)
    post.save(update_fields=["ends"])
    record(
        "changed",
        post.user,
        ward=post.ward,
        by=by,
        post=post,
        ends=[before, last],
    )


def _begin(each: Handover, day: date, *, by: User, made: dict[str, tuple[User, str]]) -> Done:
    if each.to is None:
        return Done(each.post, None)
    user, password = _taker(each, by=by, made=made)
    if user == each.post.user:
        raise ValidationError(
            _("%(name)sさん本人には引き継げません。ほかの人を選んでください。") % {"name": user}
        )
    return Done(each.post, give(user, Desk.of(each.post), day, by=by), password)


def _taker(each: Handover, *, by: User, made: dict[str, tuple[User, str]]) -> tuple[User, str]:
    if isinstance(each.to, User):
        return each.to, take_on(each.to, by=by)
    assert each.to is not None and each.post.ward is not None
    if each.to.username in made:
        user = known_account(each.to, by=by)  # the same name has to stand there again
        assert user  # it was made a moment ago
        return user, ""
    user, password = find_or_make(each.to, by=by, ward=each.post.ward)
    made[each.to.username] = user, password
    return user, password
