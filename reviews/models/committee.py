"""事業評価委員会: who sits on it and for how long, when it met, and on which papers."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wards.models import Ward

from .. import permissions


class Committee(models.Model):
    """The committee of a ward; it has one."""

    ward = models.OneToOneField(Ward, on_delete=models.PROTECT, related_name="committee")
    name = models.CharField(_("名称"), max_length=100)
    purpose = models.TextField(_("設置の目的"), blank=True)
    quorum = models.PositiveSmallIntegerField(
        _("定足数"),
        null=True,
        blank=True,
        help_text=_("会議が成立する出席者の数です。空のときは、委員の過半数です。"),
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("評価委員会")
        verbose_name_plural = _("評価委員会")

    def __str__(self) -> str:
        return self.name

    def needed(self, members: int) -> int:
        """How many of so many members have to be there: the quorum, else more than half."""
        return self.quorum if self.quorum is not None else members // 2 + 1


class Category(models.TextChoices):
    """Whom a member speaks for."""

    AREA = "area", _("地域代表")
    EXPERT = "expert", _("有識者")
    PUBLIC = "public", _("公募")


class MemberQuerySet(models.QuerySet["Member"]):
    def visible_to(self, user):
        return self.filter(permissions.members_seen_by(user))

    def in_office_on(self, day):
        """Members whose term covers the day."""
        return self.filter(pk__in=Term.objects.in_force_on(day).values("member"))

    def in_office_now(self):
        return self.in_office_on(timezone.localdate())


class Member(models.Model):
    """A member, with an account or with none at all: many send paper.

    The name is for the inside; what is published names nobody. Demo members carry posts.
    """

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="members")
    name = models.CharField(_("委員"), max_length=100)
    affiliation = models.CharField(_("所属など"), max_length=200, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("アカウント"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="memberships",
        help_text=_("紙や電子メールで意見を出す委員には、アカウントはいりません。"),
    )
    email = models.EmailField(
        _("メールアドレス"),
        blank=True,
        help_text=_("アカウントのない委員へのお知らせに使います。"),
    )
    contact = models.TextField(_("連絡先など"), blank=True, help_text=_("事務局だけが見ます。"))
    order = models.PositiveSmallIntegerField(_("並び順"), default=0)
    version = models.PositiveIntegerField(default=1)

    objects = MemberQuerySet.as_manager()

    class Meta:
        ordering = ["committee", "order", "id"]
        verbose_name = _("委員")
        verbose_name_plural = _("委員")
        constraints = [
            models.UniqueConstraint(fields=["committee", "name"], name="member_name_once"),
            models.UniqueConstraint(
                fields=["committee", "user"],
                name="member_account_once",
                condition=Q(user__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TermQuerySet(models.QuerySet["Term"]):
    def in_force_on(self, day):
        return self.filter(
            Q(starts__isnull=True) | Q(starts__lte=day), Q(ends__isnull=True) | Q(ends__gte=day)
        )


class Term(models.Model):
    """任期: from when to when, for whom, and whether in the chair. A reappointment is a new one."""

    class Seat(models.TextChoices):
        MEMBER = "member", _("委員")
        CHAIR = "chair", _("委員長")
        VICE_CHAIR = "vice_chair", _("副委員長")

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="terms")
    category = models.CharField(_("区分"), max_length=6, choices=Category.choices)
    seat = models.CharField(_("役職"), max_length=10, choices=Seat.choices, default=Seat.MEMBER)
    starts = models.DateField(_("任期の始まり"), null=True, blank=True)
    ends = models.DateField(_("任期の終わり"), null=True, blank=True)

    objects = TermQuerySet.as_manager()

    class Meta:
        ordering = ["member", F("starts").asc(nulls_first=True), "id"]
        verbose_name = _("任期")
        verbose_name_plural = _("任期")
        constraints = [
            models.CheckConstraint(
                condition=Q(starts__isnull=True) | Q(ends__isnull=True) | Q(ends__gte=F("starts")),
                name="term_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(category__in=["area", "expert", "public"]), name="term_category_known"
            ),
            models.CheckConstraint(
                condition=Q(seat__in=["member", "chair", "vice_chair"]), name="term_seat_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.get_category_display()}"


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def visible_to(self, user):
        return self.filter(permissions.meetings_seen_by(user))


class Meeting(models.Model):
    """第n回の会議: when, where, who was there, on which papers, and what was said."""

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="meetings")
    round = models.ForeignKey(
        "reviews.Round",
        verbose_name=_("評価の回"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="meetings",
    )
    fiscal_year = models.PositiveSmallIntegerField(_("年度"))
    number = models.PositiveSmallIntegerField(_("回"))
    title = models.CharField(_("会議名"), max_length=200, blank=True)
    day = models.DateField(_("開催日"))
    starts = models.TimeField(_("開始"), null=True, blank=True)
    ends = models.TimeField(_("終了"), null=True, blank=True)
    place = models.CharField(_("場所"), max_length=200, blank=True)
    is_public = models.BooleanField(_("公開する会議"), default=False)
    agenda = models.TextField(_("次第"), blank=True)
    minutes = models.TextField(_("議事録"), blank=True)
    minutes_approved = models.BooleanField(_("議事録を委員会が確認した"), default=False)
    minutes_approved_on = models.DateField(_("議事録を確認した日"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        ordering = ["-fiscal_year", "-number"]
        verbose_name = _("会議")
        verbose_name_plural = _("会議")
        constraints = [
            models.UniqueConstraint(
                fields=["committee", "fiscal_year", "number"], name="meeting_number_once_a_year"
            ),
            models.CheckConstraint(
                condition=Q(starts__isnull=True) | Q(ends__isnull=True) | Q(ends__gt=F("starts")),
                name="meeting_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return _("第%(number)d回") % {"number": self.number}


class Attendance(models.Model):
    """Whether a member was there. Without a line it has not been written down yet."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="attendances")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="attendances")
    present = models.BooleanField(_("出席"))
    note = models.CharField(_("備考"), max_length=100, blank=True)

    class Meta:
        ordering = ["meeting", "member__order", "member_id"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "member"], name="attendance_once"),
        ]

    def __str__(self) -> str:
        return f"{self.meeting} {self.member}"


class PaperQuerySet(models.QuerySet["Paper"]):
    def standing(self):
        """Without those that were taken away, or replaced by a newer file."""
        return self.filter(removed_at__isnull=True)


class Paper(models.Model):
    """配布資料: 資料1, 資料2-1, 参考. A file, or a page of the round that this product makes.

    Taken away or replaced it is hidden and not deleted: what members had in their hands is kept.
    """

    class Kind(models.TextChoices):
        FILE = "file", _("ファイル")
        BOOKLET = "booklet", _("評価資料（冊子）")
        OPINION_SHEET = "opinion_sheet", _("意見票")
        COMMENTS = "comments", _("意見一覧")
        OPINION = "opinion", _("委員会からの意見")

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="papers")
    label = models.CharField(_("資料番号"), max_length=20)
    title = models.CharField(_("資料名"), max_length=200)
    kind = models.CharField(_("種類"), max_length=13, choices=Kind.choices, default=Kind.FILE)
    on_the_day = models.BooleanField(_("当日配布"), default=False)
    order = models.PositiveSmallIntegerField(_("並び順"), default=0)
    stored = models.CharField(max_length=32, blank=True, editable=False)
    file_name = models.CharField(_("ファイル名"), max_length=150, blank=True)
    file_kind = models.CharField(max_length=4, blank=True)
    size = models.PositiveIntegerField(_("大きさ"), null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = PaperQuerySet.as_manager()

    class Meta:
        ordering = ["meeting", "order", "id"]
        verbose_name = _("資料")
        verbose_name_plural = _("資料")
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "label"],
                name="paper_label_once",
                condition=Q(removed_at__isnull=True),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["file", "booklet", "opinion_sheet", "comments", "opinion"]),
                name="paper_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.title}"
