"""Giving, changing and ending posts.

What is refused is a ValidationError with a sentence for whoever asked. Each act is whole or not
at all, writes its line of the record (`PostRecord`), and locks the ward meanwhile: of two who do
the same thing at once, the second finds it done.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from .models import Post, PostRecord, Section, User, Ward
from .permissions import Role

Act = PostRecord.Act

DAY = timedelta(days=1)
#: What changes of a post once it was given.
DAYS = ["starts", "ends", "withdrawn"]

#: What the secretariat of a ward gives: never the city's, which is held in no ward.
ROLES = (Role.STAFF, Role.HEAD, Role.SECRETARIAT, Role.MANAGER, Role.AUDITOR, Role.MEMBER)


@dataclass(frozen=True, slots=True)
class Desk:
    """A post without its holder: the role, and where it is held."""

    role: str
    ward: Ward | None
    section: Section | None = None
    department: str = ""

    @classmethod
    def of(cls, post: Post) -> Desk:
        return cls(post.role, post.ward, post.section, post.department)

    def post(self, **more) -> Post:
        return Post(
            role=self.role,
            ward=self.ward,
            section=self.section,
            department=self.department,
            **more,
        )

    def held_by(self, user: User):
        """This person's posts here, whenever held."""
        return Post.objects.given().filter(
            user=user,
            role=self.role,
            ward=self.ward,
            section=self.section,
            department=self.department,
        )

    def __str__(self) -> str:
        return str(self.post())


def lock(*wards: Ward | None) -> None:
    """Nobody else gives or ends posts of these wards until the end of the transaction."""
    ids = [ward.pk for ward in wards if ward]
    list(Ward.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))


def record(act: str, user: User, *, ward, by, post=None, **changed) -> None:
    """One line of the record. Days as ISO texts; nobody (`by` None) is the administrator."""
    told = {
        name: [each.isoformat() if isinstance(each, date) else each for each in pair]
        for name, pair in changed.items()
    }
    PostRecord.objects.create(
        ward=ward,
        user=user,
        post=post,
        act=act,
        changed=told,
        by=by,
        by_name=str(by)[:150] if by else "",
    )


@transaction.atomic
def give(user: User, desk: Desk, starts, ends=None, *, by: User | None) -> Post:
    """Give a post. The same one twice at a time is refused."""
    lock(desk.ward)
    post = desk.post(user=user, starts=starts, ends=ends)
    check_days(post)
    post.full_clean()
    post.save()
    if desk.ward:
        record(
            Act.GIVEN,
            user,
            ward=desk.ward,
            by=by,
            post=post,
            starts=[None, starts],
            ends=[None, ends],
        )
    return post


@transaction.atomic
def change_days(
    post: Post, starts: date | None, ends: date | None, *, by: User, seen: str | None = None
) -> bool:
    """Set the first and the last day of a post; whether anything was new.

    The day on which a post began stays once it has passed: it was in force. `seen` are the days
    (`Post.days`) on the page: what somebody else changed since is not written over.
    """
    lock(post.ward)
    post.refresh_from_db(fields=DAYS)
    if post.withdrawn:
        raise ValidationError(_("この職は取り消されています。画面を開き直してください。"))
    if starts != post.starts and post.has_begun:
        raise ValidationError(_("すでに始まった職の開始日は変えられません。"))
    new = {"starts": starts, "ends": ends}
    changed = {
        name: [getattr(post, name), day] for name, day in new.items() if getattr(post, name) != day
    }
    if not changed:
        return False
    if seen is not None and seen != post.days:
        raise ValidationError(
            _(
                "画面を開いたあとに、ほかの人がこの職の期間を変えました。"
                "いまの期間を確かめて、もう一度入力してください。"
            )
        )
    before = first_day_alone(post.ward) if post.role == Role.SECRETARIAT else None
    post.starts, post.ends = starts, ends
    check_days(post)
    post.save(update_fields=list(changed))
    if post.role == Role.SECRETARIAT:
        check_somebody_stays(post.ward, before)
    record(Act.CHANGED, post.user, ward=post.ward, by=by, post=post, **changed)
    return True


@transaction.atomic
def withdraw(post: Post, *, by: User) -> bool:
    """Take back a post given by mistake, as if it had never been; whether it was not yet.

    Only one that no day has passed with: what was in force is ended, not unmade.
    """
    lock(post.ward)
    post.refresh_from_db(fields=DAYS)
    if post.withdrawn:
        return False
    if post.has_begun:
        raise ValidationError(
            _("すでに始まった職は取り消せません。最後の日を入力して終わらせてください。")
        )
    before = first_day_alone(post.ward) if post.role == Role.SECRETARIAT else None
    post.withdrawn = True
    post.save(update_fields=["withdrawn"])
    if post.role == Role.SECRETARIAT:
        check_somebody_stays(post.ward, before)
    record(Act.WITHDRAWN, post.user, ward=post.ward, by=by, post=post)
    return True


def check_days(post: Post) -> None:
    """The last day is not before the first, and nobody holds the same post twice on one day."""
    if post.starts and post.ends and post.ends < post.starts:
        raise ValidationError(_("最後の日が開始日より前です。日付を直してください。"))
    for other in Desk.of(post).held_by(post.user).exclude(pk=post.pk):
        if (other.ends is None or post.starts is None or post.starts <= other.ends) and (
            post.ends is None or other.starts is None or other.starts <= post.ends
        ):
            raise ValidationError(
                _("%(person)sさんは、「%(post)s」の職をこの期間にもう持っています。")
                % {"person": post.user, "post": post}
            )


def secretariat_wards(user: User) -> list[Ward]:
    """Wards of which this person is, or will be, the secretariat."""
    held = Post.objects.not_over().filter(user=user, role=Role.SECRETARIAT)
    return list(Ward.objects.filter(pk__in=held.values("ward")))


def first_day_alone(ward: Ward | None) -> date | None:
    """The first day from today on which nobody holds a secretariat's post; None: no such day."""
    posts = Post.objects.not_over().filter(ward=ward, role=Role.SECRETARIAT, user__is_active=True)
    if not settings.DEMO:
        posts = posts.filter(user__is_demo=False)
    return first_gap(posts.values_list("starts", "ends"), timezone.localdate())


def first_gap(spans: Iterable[tuple[date | None, date | None]], day: date) -> date | None:
    """The first day from `day` on that no span (first and last day, None: open) covers."""
    for starts, ends in sorted(spans, key=lambda span: span[0] or date.min):
        if starts and starts > day:
            return day
        if ends is None:
            return None
        day = max(day, ends + DAY)
    return day


def check_somebody_stays(ward: Ward | None, before: date | None) -> None:
    """Refuse what would leave the ward alone, or sooner than it would be anyway (`before`)."""
    after = first_day_alone(ward)
    if after and (before is None or after < before):
        raise ValidationError(
            _(
                "これでは%(day)sから、%(ward)sの事務局がだれもいなくなります。"
                "先に、ほかの人に事務局の職を付けてください。"
            )
            % {"day": formats.date_format(after, "DATE_FORMAT"), "ward": ward}
        )
