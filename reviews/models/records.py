"""The record of a committee's work: who opened, closed, reopened, passed on, released what."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from wards.models import RecordIsKept, Ward

from .answers import Item
from .comments import Comment
from .committee import Member
from .rounds import BY, Round


class ReviewRecordQuerySet(models.QuerySet["ReviewRecord"]):
    def update(self, **values):
        raise RecordIsKept("The record is only added to.")

    def delete(self):
        raise RecordIsKept("The record is only added to.")


class ReviewRecord(models.Model):
    """One line, only added to: the database refuses to change or delete it (migration 0001).

    Of a comment it says that there was something to say, never what a member wrote.
    """

    ward = models.ForeignKey(Ward, on_delete=models.PROTECT, related_name="+")
    round = models.ForeignKey(
        Round, null=True, blank=True, on_delete=models.PROTECT, related_name="records"
    )
    item = models.ForeignKey(
        Item, null=True, blank=True, on_delete=models.PROTECT, related_name="records"
    )
    comment = models.ForeignKey(
        Comment, null=True, blank=True, on_delete=models.PROTECT, related_name="records"
    )
    member = models.ForeignKey(
        Member, null=True, blank=True, on_delete=models.PROTECT, related_name="records"
    )
    act = models.CharField(_("できごと"), max_length=30)
    changed = models.JSONField(default=dict, help_text=_("項目名から [変更前, 変更後] へ。"))
    reason = models.TextField(_("理由"), blank=True)
    by = models.ForeignKey(**BY)
    by_name = models.CharField(_("記録した人"), max_length=150)
    at = models.DateTimeField(_("日時"), auto_now_add=True)

    objects = ReviewRecordQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("評価委員会の記録")
        verbose_name_plural = _("評価委員会の記録")
        indexes = [models.Index(fields=["round", "-id"], name="review_record_by_round")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {self.act}"

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise RecordIsKept("The record is only added to.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise RecordIsKept("The record is only added to.")
