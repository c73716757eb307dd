"""Accounts: who gets one, who is found, whose is stopped and started again.

What is refused is a ValidationError with a sentence for whoever asked. Each act writes its line of
the record, whole or not at all (wards/posts.py).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import date

from axes.utils import reset as reset_failures
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from .forms import one_time_password
from .models import Post, PostRecord, User, Ward
from .permissions import people_visible_to, wards_looked_after
from .posts import (
    Desk,
    check_somebody_stays,
    first_day_alone,
    give,
    lock,
    record,
    secretariat_wards,
)

Act = PostRecord.Act

#: What the secretariat changes of an account.
OF_AN_ACCOUNT = ("display_name", "email")


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody as typed: the log-in name, the name on screens, the e-mail address."""

    username: str
    name: str
    email: str = ""
    password: str = ""
    hashed: str = ""

    def with_password(self) -> Newcomer:
        """With a password for the first log-in, for which there may be need.

        Hashing takes long on purpose: it is done before the database is locked.
        """
        if User.objects.filter(username=self.username).exists():
            return self
        password = one_time_password()
        return replace(self, password=password, hashed=make_password(password))


def new_account(newcomer: Newcomer) -> tuple[User, str]:
    """An account, and the password for its first log-in; without one nobody logs in to it."""
    if User.objects.filter(username__iexact=newcomer.username).exists():
        raise ValidationError(
            _(
                "番号「%(number)s」と、大文字・小文字だけが違う番号がすでにあります。"
                "同じ人なら番号を確かめ、別の人なら違う番号にしてください。"
            )
            % {"number": newcomer.username}
        )
    user = User(
        username=newcomer.username,
        display_name=newcomer.name,
        email=newcomer.email,
        password=newcomer.hashed or make_password(None),
    )
    user.full_clean()
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:  # somebody else was quicker by a moment
        raise ValidationError(
            _("番号「%(number)s」は、たったいま登録されました。もう一度確かめてください。")
            % {"number": newcomer.username}
        ) from error
    return user, newcomer.password


def known_account(newcomer: Newcomer, *, by: User) -> User | None:
    """The account with this very log-in name; None where there is none.

    Of somebody whom this secretariat does not know yet (another ward's, or of no ward) nothing
    is told that was not typed: the name has to be the one on the account, too. That also keeps
    a slip of the finger from giving a stranger this ward's drafts.
    """
    user = User.objects.filter(username=newcomer.username).first()
    if user is None:
        return None
    if people_visible_to(by).filter(pk=user.pk).exists():
        if not same_name(str(user), newcomer.name):
            raise ValidationError(
                _("番号「%(number)s」は「%(name)s」さんのものです。番号か名前を直してください。")
                % {"number": user.username, "name": user}
            )
        return user
    if not same_name(str(user), newcomer.name):
        raise ValidationError(
            _(
                "番号「%(number)s」はすでに使われていますが、名前が合いません。"
                "本人に、番号と、画面の右上に出る名前を確かめてください。"
            )
            % {"number": newcomer.username}
        )
    return user


def same_name(one: str, other: str) -> bool:
    """Whether two names are one, spaces and widths apart."""

    def bare(name: str) -> str:
        return "".join(unicodedata.normalize("NFKC", name).split()).casefold()

    return bare(one) == bare(other)


def check_may_hold(user: User) -> None:
    """Stopped accounts, the administrator's, and a demo's outside the demo get no posts."""
    if user.is_active and not user.is_superuser and (settings.DEMO or not user.is_demo):
        return
    raise ValidationError(
        _(
            "番号「%(number)s」の利用者には、職を付けられません（停止中など）。"
            "停止中なら再開してから付け、分からないときはシステムの管理者に相談してください。"
        )
        % {"number": user.username}
    )


def own_password_first(user: User, *, by: User) -> str:
    """A new password for somebody who is to work here and never chose one; "" for others.

    Whoever gave that first password out still knows it, and would see this ward with it. Where
    other wards look after the account as well, it is for them, or for its owner, to end that.
    """
    if not user.must_change_password:
        return ""
    held = Post.objects.not_over().filter(user=user)
    if held.filter(ward__in=wards_looked_after(by)).exists():
        return ""
    if held.exists():
        raise ValidationError(
            _(
                "番号「%(number)s」の本人は、まだ自分のパスワードを決めていません。"
                "本人が一度ログインしてから、職を付けてください。"
            )
            % {"number": user.username}
        )
    return fresh_password(user)


def take_on(user: User, *, by: User) -> str:
    """Make sure that an account may get a post here; the new password where it needs one.

    Within the transaction in which the post is given.
    """
    check_may_hold(user)
    return own_password_first(user, by=by)


def fresh_password(user: User) -> str:
    """A password for one log-in. It ends the person's sessions and any lock-out."""
    password = one_time_password()
    user.set_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    reset_failures(username=user.username)
    return password


def find_or_make(newcomer: Newcomer, *, by: User, ward: Ward) -> tuple[User, str]:
    """The account of somebody who has one, else a new one with its password.

    Within a transaction in which the post is given as well.
    """
    user = known_account(newcomer, by=by)
    if user:
        return user, take_on(user, by=by)
    user, password = new_account(newcomer)
    record(
        Act.ADDED,
        user,
        ward=ward,
        by=by,
        display_name=["", newcomer.name],
        email=["", newcomer.email],
    )
    return user, password


@transaction.atomic
def give_one_more(
    user: User, desk: Desk, starts: date, ends: date | None, *, by: User
) -> tuple[Post, str]:
    """A post for somebody known here; with the password where one was made."""
    lock(desk.ward)
    password = take_on(user, by=by)
    return give(user, desk, starts, ends, by=by), password


def add_person(
    newcomer: Newcomer, desk: Desk, starts: date, ends: date | None, *, by: User
) -> tuple[Post, str]:
    """A post for somebody new here; with the password where one was made."""
    assert desk.ward is not None  # the secretariat gives posts of wards
    ready = newcomer.with_password()
    with transaction.atomic():
        lock(desk.ward)
        user, password = find_or_make(ready, by=by, ward=desk.ward)
        return give(user, desk, starts, ends, by=by), password


@transaction.atomic
def edit(user: User, values: dict[str, str], *, by: User, ward: Ward) -> bool:
    """Change name or e-mail address, or both; whether anything was new."""
    lock(ward)
    user.refresh_from_db(fields=OF_AN_ACCOUNT)
    changed = {
        name: [getattr(user, name), value]
        for name, value in values.items()
        if getattr(user, name) != value
    }
    if not changed:
        return False
    for name in changed:
        setattr(user, name, values[name])
    user.save(update_fields=list(changed))
    record(Act.EDITED, user, ward=ward, by=by, **changed)
    return True


@transaction.atomic
def stop(user: User, *, by: User, ward: Ward) -> bool:
    """Stop an account; its sessions end with its next page. Whether it was not stopped already."""
    held = secretariat_wards(user)
    lock(ward, *held)
    if user == by:
        raise ValidationError(_("自分の利用は停止できません。ほかの事務局の人に頼んでください。"))
    if not User.objects.filter(pk=user.pk, is_active=True).exists():
        return False
    before = {each: first_day_alone(each) for each in held}
    user.is_active = False
    user.save(update_fields=["is_active"])
    for each, day in before.items():
        check_somebody_stays(each, day)
    record(Act.STOPPED, user, ward=ward, by=by)
    return True


@transaction.atomic
def start(user: User, *, by: User, ward: Ward) -> str:
    """Start a stopped account again; a password for its first log-in, "" where it ran already.

    The old one goes: a session from before the stop must not come back.
    """
    lock(ward)
    if User.objects.filter(pk=user.pk, is_active=True).exists():
        return ""
    user.is_active = True
    user.save(update_fields=["is_active"])
    record(Act.STARTED, user, ward=ward, by=by)
    return fresh_password(user)


def ward_for(by: User, person: User) -> Ward:
    """The ward as whose secretariat somebody acts on an account they look after."""
    known = Post.objects.filter(user=person, ward__in=wards_looked_after(by)).values("ward")
    return Ward.objects.filter(pk__in=known)[0]
