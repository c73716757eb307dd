"""People, wards, sections, and the posts that join them.

Work belongs to the post, not to the person: what somebody may see or do follows from the
posts they hold today (role × ward × section), never from the account itself.
"""

from ipaddress import ip_address

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """An account. Real accounts carry a name; demo accounts only the name of a post."""

    display_name = models.CharField(_("表示名"), max_length=100, blank=True)
    must_change_password = models.BooleanField(
        _("次のログインでパスワードを変更する"),
        default=True,
        help_text=_("初回と再発行のあとは、本人が変更するまで他の画面に進めません。"),
    )
    is_demo = models.BooleanField(_("デモ用"), default=False)

    class Meta:
        verbose_name = _("利用者")
        verbose_name_plural = _("利用者")

    def __str__(self) -> str:
        return self.display_name or self.get_full_name() or self.username


class Ward(models.Model):
    """One of the 18 wards of Yokohama, known by its national 5-digit code such as 14107."""

    code = models.CharField(
        _("団体コード"), max_length=5, unique=True, validators=[RegexValidator(r"^\d{5}\Z")]
    )
    name = models.CharField(_("区名"), max_length=20, unique=True)
    kana = models.CharField(_("よみ"), max_length=40)
    romaji = models.CharField(_("ローマ字"), max_length=40)

    class Meta:
        ordering = ["code"]
        verbose_name = _("区")
        verbose_name_plural = _("区")
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[0-9]{5}$"), name="ward_code_has_five_digits"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The ward's name in the reader's language: 磯子区, or Isogo Ward."""
        if (translation.get_language() or "ja").startswith("ja"):
            return self.name
        return f"{self.romaji} Ward"


class Section(models.Model):
    """A section (課) of a ward office. Renamed or merged ones point to their successor."""

    ward = models.ForeignKey(Ward, on_delete=models.PROTECT, related_name="sections")
    name = models.CharField(_("課名"), max_length=60)
    department = models.CharField(_("部"), max_length=60, blank=True)
    order = models.PositiveSmallIntegerField(_("並び順"), default=0)
    successor = models.ForeignKey(
        "self",
        verbose_name=_("統合・改称後の課"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="predecessors",
    )

    class Meta:
        ordering = ["ward", "order", "id"]
        verbose_name = _("課")
        verbose_name_plural = _("課")
        constraints = [
            models.UniqueConstraint(fields=["ward", "name"], name="section_name_once_a_ward"),
            models.CheckConstraint(
                condition=Q(successor__isnull=True) | ~Q(successor=models.F("id")),
                name="section_not_its_own_successor",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PostQuerySet(models.QuerySet["Post"]):
    def given(self):
        """Without those that were given by mistake and taken back."""
        return self.filter(withdrawn=False)

    def held_on(self, day):
        """Posts in force on a day; a post without dates is always in force."""
        return self.given().filter(
            Q(starts__isnull=True) | Q(starts__lte=day), Q(ends__isnull=True) | Q(ends__gte=day)
        )

    def held_now(self):
        return self.held_on(timezone.localdate())

    def not_over(self):
        """Posts in force today or later."""
        return self.given().filter(Q(ends__isnull=True) | Q(ends__gte=timezone.localdate()))


class Post(models.Model):
    """A role that a person holds: in a ward, and for staff and heads in a section of it."""

    class Role(models.TextChoices):
        STAFF = "staff", _("担当者")
        HEAD = "head", _("課長")
        SECRETARIAT = "secretariat", _("事務局")
        MEMBER = "member", _("評価委員")
        MANAGER = "manager", _("管理職")
        AUDITOR = "auditor", _("監査")
        CITY = "city", _("市所管局")

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="posts")
    role = models.CharField(_("役割"), max_length=12, choices=Role.choices)
    ward = models.ForeignKey(
        Ward, null=True, blank=True, on_delete=models.PROTECT, related_name="posts"
    )
    section = models.ForeignKey(
        Section, null=True, blank=True, on_delete=models.PROTECT, related_name="posts"
    )
    department = models.CharField(
        _("部"), max_length=60, blank=True, help_text=_("部長は、この部の課だけを見ます。")
    )
    starts = models.DateField(_("開始日"), null=True, blank=True)
    ends = models.DateField(_("終了日"), null=True, blank=True)
    withdrawn = models.BooleanField(
        _("取消し"),
        default=False,
        help_text=_("まちがえて付けた職です。付けなかったのと同じですが、記録は残ります。"),
    )

    objects = PostQuerySet.as_manager()

    class Meta:
        ordering = ["user", "ward", "role", "id"]
        verbose_name = _("職")
        verbose_name_plural = _("職")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    role__in=[
                        "staff",
                        "head",
                        "secretariat",
                        "member",
                        "manager",
                        "auditor",
                        "city",
                    ]
                ),
                name="post_role_known",
            ),
            models.CheckConstraint(
                condition=Q(role__in=["staff", "head"], section__isnull=False)
                | (~Q(role__in=["staff", "head"]) & Q(section__isnull=True)),
                name="post_section_for_staff_and_heads",
            ),
            models.CheckConstraint(
                condition=Q(role="city", ward__isnull=True)
                | (~Q(role="city") & Q(ward__isnull=False)),
                name="post_ward_unless_city",
            ),
            models.CheckConstraint(
                condition=Q(department="") | Q(role="manager"),
                name="post_department_for_managers",
            ),
            models.CheckConstraint(
                condition=Q(starts__isnull=True)
                | Q(ends__isnull=True)
                | Q(ends__gte=models.F("starts")),
                name="post_ends_after_it_starts",
            ),
            models.UniqueConstraint(
                fields=["user", "role", "ward", "section", "department", "starts"],
                name="post_held_once",
                condition=Q(withdrawn=False),
                nulls_distinct=None,
            ),
        ]

    def __str__(self) -> str:
        place = self.section or self.department or ""
        whose = translation.gettext("%(ward)s%(place)s")
        whose %= {"ward": self.ward or "", "place": place}
        return f"{whose.strip()} {self.get_role_display()}".strip()

    @property
    def days(self) -> str:
        """The first and the last day as one text, by which a page knows what it showed."""
        return f"{self.starts or ''}/{self.ends or ''}"

    @property
    def has_begun(self) -> bool:
        """Whether there was a day before today on which this post was in force."""
        return self.starts is None or self.starts < timezone.localdate()

    @property
    def is_over(self) -> bool:
        return self.ends is not None and self.ends < timezone.localdate()


class PostRecordQuerySet(models.QuerySet["PostRecord"]):
    def update(self, **values):
        raise RecordIsKept("The record is only added to.")

    def delete(self):
        raise RecordIsKept("The record is only added to.")


class RecordIsKept(TypeError):
    """A line of the record was to be changed or deleted. It stays as it was written."""


class PostRecord(models.Model):
    """人事の記録: who gave, changed and ended which post, and who looked after which account.

    Each line belongs to the ward whose secretariat did it, and no other ward reads it. Only
    added to: the database refuses to change or delete a line (migration 0004).
    """

    class Act(models.TextChoices):
        ADDED = "added", _("利用者の登録")
        EDITED = "edited", _("名前・メールの変更")
        STOPPED = "stopped", _("利用の停止")
        STARTED = "started", _("利用の再開")
        GIVEN = "given", _("職を付けた")
        CHANGED = "changed", _("職の期間の変更")
        WITHDRAWN = "withdrawn", _("職の取消し")

    ward = models.ForeignKey(Ward, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="post_records")
    post = models.ForeignKey(
        Post, null=True, blank=True, on_delete=models.PROTECT, related_name="records"
    )
    act = models.CharField(_("できごと"), max_length=9, choices=Act.choices)
    changed = models.JSONField(
        default=dict, help_text=_("項目名から [変更前, 変更後] へ。日付は ISO 8601 の文字列。")
    )
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField(_("記録した人"), max_length=150)
    at = models.DateTimeField(_("日時"), auto_now_add=True)

    objects = PostRecordQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("人事の記録")
        verbose_name_plural = _("人事の記録")
        indexes = [
            models.Index(fields=["user", "-id"], name="post_record_by_user"),
            models.Index(fields=["ward", "-id"], name="post_record_by_ward"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {self.get_act_display()}"

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise RecordIsKept("The record is only added to.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise RecordIsKept("The record is only added to.")


class AccessRecordManager(models.Manager["AccessRecord"]):
    def record(self, request, act: str, *, user=None, detail: str = "") -> "AccessRecord":
        """Write down what happened to an account; without one named, to the person's own."""
        person = user or (request.user if request.user.is_authenticated else None)
        by = request.user if request.user.is_authenticated else None
        return self.create(
            user=person, act=act, by=by, address=address_of(request), detail=detail[:300]
        )


class AccessRecord(models.Model):
    """アクセス記録: log-ins and failures, passwords given out and changed, files taken away.

    Without a user: somebody tried an account that does not exist. What was typed in its
    place is not kept, since it may be a password in the wrong field.
    """

    class Act(models.TextChoices):
        LOGGED_IN = "logged_in", _("ログイン")
        LOGGED_OUT = "logged_out", _("ログアウト")
        SESSION_ENDED = "session_ended", _("時間切れ")
        FAILED = "failed", _("ログイン失敗")
        LOCKED_OUT = "locked_out", _("ログイン停止")
        PASSWORD_CHANGED = "password_changed", _("パスワードの変更")
        PASSWORD_RESET = "password_reset", _("パスワードの再発行")
        EXPORTED = "exported", _("出力")

    user = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="access_records"
    )
    act = models.CharField(_("できごと"), max_length=20, choices=Act.choices)
    at = models.DateTimeField(_("日時"), auto_now_add=True)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    address = models.GenericIPAddressField(_("接続元"), null=True, blank=True)
    detail = models.CharField(_("内容"), max_length=300, blank=True)

    objects = AccessRecordManager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("アクセス記録")
        verbose_name_plural = _("アクセス記録")
        indexes = [models.Index(fields=["user", "-id"], name="access_record_by_user")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {self.get_act_display()}"


def address_of(request) -> str | None:
    """Where a request came from: as the proxy of the ward office says, where there is one."""
    address = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        address = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2] or address
    try:
        return str(ip_address(address.strip()))
    except ValueError:
        return None
