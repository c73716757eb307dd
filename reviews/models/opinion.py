"""委員会からの意見: compiled out of the comments, each version kept, approved, published."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .rounds import BY, Round


class Opinion(models.Model):
    """The opinion of a round, as a row of versions of which the newest counts."""

    class State(models.TextChoices):
        DRAFT = "draft", _("作成中")
        APPROVED = "approved", _("委員会が確認済")
        PUBLISHED = "published", _("公表済")

    round = models.OneToOneField(Round, on_delete=models.PROTECT, related_name="opinion")
    state = models.CharField(_("状態"), max_length=9, choices=State.choices, default=State.DRAFT)
    approved_on = models.DateField(_("委員会が確認した日"), null=True, blank=True)
    approved_by = models.CharField(_("確認した人"), max_length=100, blank=True)
    decided_by = models.CharField(_("公表の決裁者"), max_length=100, blank=True)
    decided_on = models.DateField(_("公表の決裁日"), null=True, blank=True)
    document_number = models.CharField(_("公表の文書番号"), max_length=60, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("委員会からの意見")
        verbose_name_plural = _("委員会からの意見")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "approved", "published"]),
                name="opinion_state_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round}"


class OpinionVersion(models.Model):
    """One version (第n稿), kept as it was saved.

    `body` is a list of `{"text": …, "sources": [comment ids]}`, a paragraph each. `based_on` is the
    number of the version its writer had before them: where another came between, both are kept.
    """

    opinion = models.ForeignKey(Opinion, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("稿"))
    based_on = models.PositiveSmallIntegerField(default=0)
    title = models.CharField(_("表題"), max_length=200)
    body = models.JSONField(_("本文"), default=list)
    by = models.ForeignKey(**BY)
    by_name = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        ordering = ["opinion", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["opinion", "number"], name="opinion_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.opinion} {self.number}"
