"""根拠資料: the files that a section put beside its figures."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from .actuals import Actual
from .plan import Period, Target


class EvidenceFileQuerySet(models.QuerySet["EvidenceFile"]):
    def visible_to(self, user):
        """Files that stand beside an entry that this person may read, unless taken away again."""
        read = Actual.objects.visible_to(user)
        beside = read.filter(target=OuterRef("target"), period=OuterRef("period"))
        return self.filter(Exists(beside), removed_at__isnull=True)


class EvidenceFile(models.Model):
    """One file: what people call it, what it is, and where in the folder its content lies.

    What stands beside an entry, and in what order, is `Actual.evidence`, which names a file by its
    `stored`. Taken away, a file is hidden and not deleted: the history names it by its digest.
    """

    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="evidence_files")
    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="evidence_files")
    stored = models.CharField(max_length=32, unique=True, editable=False)
    name = models.CharField(_("ファイル名"), max_length=150)
    kind = models.CharField(_("種類"), max_length=4)
    size = models.PositiveIntegerField(_("大きさ"))
    sha256 = models.CharField(max_length=64)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    added_at = models.DateTimeField()
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = EvidenceFileQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = _("根拠資料のファイル")
        verbose_name_plural = _("根拠資料のファイル")

    def __str__(self) -> str:
        return self.name
