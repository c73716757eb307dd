"""Reminders (督促): what a ward wrote for them, when they go out, and which went to whom."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from wards.models import Section, Ward

from .plan import Period

#: Days before the due date on which a section is reminded, where the ward has not said otherwise.
BEFORE_DAYS = (7, 1)
LONGEST_INTERVAL = 60


def default_days() -> list[int]:
    return list(BEFORE_DAYS)


def every(name, **options):
    """Days between two reminders of a kind; 0: none is sent."""
    return models.PositiveSmallIntegerField(
        name, default=3, validators=[MaxValueValidator(LONGEST_INTERVAL)], **options
    )


class ReminderPlan(models.Model):
    """When the reminders of a ward go out. A ward without one has these defaults."""

    ward = models.OneToOneField(
        Ward, primary_key=True, on_delete=models.PROTECT, related_name="reminder_plan"
    )
    is_on = models.BooleanField(_("自動で送る"), default=True)
    before_days = models.JSONField(_("期限の何日前に送るか"), default=default_days, blank=True)
    on_due = models.BooleanField(_("期限の日に送る"), default=True)
    late_every = every(_("期限のあと、何日ごとに送るか"))
    returned_every = every(_("差戻しのあと、何日ごとに送るか"))
    waiting_every = every(_("確認待ちを、何日ごとに課長へ知らせるか"))
    with_english = models.BooleanField(_("日本語のあとに英語も書く"), default=True)

    class Meta:
        verbose_name = _("督促の予定")
        verbose_name_plural = _("督促の予定")

    def __str__(self) -> str:
        return str(self.ward)


class Kind(models.TextChoices):
    """Why somebody is written to."""

    BEFORE = "before", _("期限の前")
    DUE = "due", _("期限の日")
    LATE = "late", _("期限のあと")
    RETURNED = "returned", _("差戻し")
    WAITING = "waiting", _("確認待ち")
    NUDGE = "nudge", _("事務局からの督促")


KNOWN_KIND = Q(kind__in=["before", "due", "late", "returned", "waiting", "nudge"])


class ReminderText(models.Model):
    """What a ward wrote in the place of a default wording (kpis/reminder_texts.py)."""

    class Language(models.TextChoices):
        JAPANESE = "ja", _("日本語")
        ENGLISH = "en", _("英語")

    ward = models.ForeignKey(Ward, on_delete=models.PROTECT, related_name="reminder_texts")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    language = models.CharField(max_length=2, choices=Language.choices)
    subject = models.CharField(_("件名"), max_length=200)
    body = models.TextField(_("本文"))

    class Meta:
        ordering = ["ward", "kind", "language"]
        verbose_name = _("督促の文面")
        verbose_name_plural = _("督促の文面")
        constraints = [
            models.UniqueConstraint(
                fields=["ward", "kind", "language"], name="reminder_text_once_a_language"
            ),
            models.CheckConstraint(condition=KNOWN_KIND, name="reminder_text_kind_known"),
            models.CheckConstraint(
                condition=Q(language__in=["ja", "en"]), name="reminder_text_language_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ward} {self.get_kind_display()} {self.get_language_display()}"


class Reminder(models.Model):
    """One person reminded of one section's sheet on one day; the database allows no second.

    The line is written before the letter is sent, so that of two runs at once only one sends it.
    What was not sent is tried again by the next run of the day, and on a later day anew.
    """

    class State(models.TextChoices):
        SENDING = "sending", _("送信中")
        SENT = "sent", _("送信済")
        FAILED = "failed", _("送れませんでした")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reminders"
    )
    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="reminders")
    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="+")
    day = models.DateField(_("日"))
    kind = models.CharField(max_length=10, choices=Kind.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("督促した人"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("空のときは、自動で送られました。"),
    )
    state = models.CharField(max_length=7, choices=State.choices, default=State.SENDING)
    at = models.DateTimeField(_("日時"))
    address = models.CharField(_("宛先"), max_length=254)
    failure = models.CharField(_("送れなかった理由"), max_length=300, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("督促")
        verbose_name_plural = _("督促")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "period", "section", "day"], name="reminder_once_a_day"
            ),
            models.CheckConstraint(condition=KNOWN_KIND, name="reminder_kind_known"),
            models.CheckConstraint(
                condition=Q(state__in=["sending", "sent", "failed"]), name="reminder_state_known"
            ),
        ]
        indexes = [models.Index(fields=["period", "-id"], name="reminder_by_period")]

    def __str__(self) -> str:
        return f"{self.day} {self.section} {self.get_kind_display()}"
