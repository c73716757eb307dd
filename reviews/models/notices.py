"""お知らせ: who was written to about what, and whether the letter left."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .answers import Item
from .committee import Member
from .rounds import BY, Round


class Notice(models.Model):
    """One letter to one address about one event; the database allows no second on the same day.

    As with reminders (kpis/models/reminders.py) the line is written before the letter is sent.
    """

    class Kind(models.TextChoices):
        OPENED = "opened", _("意見の受付を始めた")
        DUE_SOON = "due_soon", _("締切が近い")
        ASKED = "asked", _("回答の依頼")
        RETURNED = "returned", _("回答の差戻し")
        RELEASED = "released", _("回答の公開")
        PUBLISHED = "published", _("公表")

    class State(models.TextChoices):
        SENDING = "sending", _("送信中")
        SENT = "sent", _("送信済")
        FAILED = "failed", _("送れませんでした")

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="notices")
    item = models.ForeignKey(
        Item, null=True, blank=True, on_delete=models.PROTECT, related_name="notices"
    )
    kind = models.CharField(max_length=9, choices=Kind.choices)
    user = models.ForeignKey(**(BY | {"related_name": "review_notices"}))
    member = models.ForeignKey(
        Member, null=True, blank=True, on_delete=models.PROTECT, related_name="notices"
    )
    address = models.CharField(_("宛先"), max_length=254)
    day = models.DateField(_("日"))
    state = models.CharField(max_length=7, choices=State.choices, default=State.SENDING)
    at = models.DateTimeField(_("日時"))
    failure = models.CharField(_("送れなかった理由"), max_length=300, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("お知らせ")
        verbose_name_plural = _("お知らせ")
        constraints = [
            models.UniqueConstraint(
                fields=["item", "kind", "address", "day"],
                name="notice_of_item_once_a_day",
                condition=Q(item__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["round", "kind", "address", "day"],
                name="notice_of_round_once_a_day",
                condition=Q(item__isnull=True),
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=["opened", "due_soon", "asked", "returned", "released", "published"]
                ),
                name="notice_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["sending", "sent", "failed"]), name="notice_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.get_kind_display()}"
