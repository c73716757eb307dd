"""What became of the plan: the figure of a target and the account of a project, by period."""

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .. import permissions
from .plan import Judgement, Period, Project, Target, figure


class ActualQuerySet(models.QuerySet["Actual"]):
    def visible_to(self, user):
        """Entries this person may read: members and the city the confirmed ones only."""
        return self.filter(permissions.actuals_seen_by(user))


class Actual(models.Model):
    """実績: a figure, a milestone's stage, or the reason why there is none, for a period."""

    class Stage(models.TextChoices):
        NOT_STARTED = "not_started", _("未着手")
        PREPARING = "preparing", _("準備中")
        UNDER_WAY = "under_way", _("実施中")
        DONE = "done", _("完了")

    class Missing(models.TextChoices):
        PENDING = "pending", _("集計中")
        NOT_SURVEYED = "not_surveyed", _("今期は調査なし")
        NOT_APPLICABLE = "not_applicable", _("対象外")
        SUPPRESSED = "suppressed", _("非公表")

    class Certainty(models.TextChoices):
        FINAL = "final", _("確定")
        PROVISIONAL = "provisional", _("見込")

    class State(models.TextChoices):
        DRAFT = "draft", _("下書き")
        SUBMITTED = "submitted", _("提出済")
        RETURNED = "returned", _("差戻し")
        CONFIRMED = "confirmed", _("確認済")

    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="actuals")
    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="actuals")
    value = figure(_("実績"))
    denominator = figure(_("母数"), validators=[MinValueValidator(0)])
    stage = models.CharField(_("段階"), max_length=11, choices=Stage.choices, blank=True)
    missing = models.CharField(
        _("数がない理由"), max_length=14, choices=Missing.choices, blank=True
    )
    certainty = models.CharField(
        _("確定・見込の別"), max_length=11, choices=Certainty.choices, default=Certainty.FINAL
    )
    note = models.TextField(_("備考"), blank=True)
    self_status = models.CharField(
        _("自己評価"), max_length=15, choices=Judgement.choices, blank=True
    )
    self_reason = models.TextField(_("自己評価の理由"), blank=True)
    outlook_met = models.BooleanField(_("年度末の見込み"), null=True, blank=True)
    outlook_value = figure(_("年度末の見込値"))
    cause = models.TextField(_("遅れの原因"), blank=True)
    remedy = models.TextField(_("今後の対応"), blank=True)
    evidence = models.JSONField(_("根拠資料"), default=list, blank=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    version = models.PositiveIntegerField(
        default=1, help_text=_("保存のたびに1つ増え、行き違いの保存を見つけるために使います。")
    )
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    saved_at = models.DateTimeField(null=True, blank=True)
    on_behalf = models.BooleanField(_("代理入力"), default=False)
    returned_because = models.TextField(
        _("差戻しの理由"), blank=True, help_text=_("もう一度提出するまで残ります。")
    )
    corrected_because = models.TextField(
        _("訂正の理由"), blank=True, help_text=_("空でなければ、この実績は訂正されています。")
    )

    objects = ActualQuerySet.as_manager()

    class Meta:
        ordering = ["target", "period"]
        verbose_name = _("実績")
        verbose_name_plural = _("実績")
        constraints = [
            models.UniqueConstraint(fields=["target", "period"], name="actual_once_a_period"),
            models.CheckConstraint(
                condition=Q(value__isnull=True, stage="")
                | Q(stage="", missing="")
                | Q(value__isnull=True, missing=""),
                name="actual_one_kind_of_entry",
            ),
            models.CheckConstraint(
                condition=Q(denominator__isnull=True) | Q(value__isnull=False, denominator__gte=0),
                name="actual_denominator_with_value",
            ),
            models.CheckConstraint(
                condition=Q(denominator__isnull=True) | Q(value__lte=F("denominator")),
                name="actual_within_denominator",
            ),
            models.CheckConstraint(
                condition=Q(stage__in=["", "not_started", "preparing", "under_way", "done"]),
                name="actual_stage_known",
            ),
            models.CheckConstraint(
                condition=Q(
                    missing__in=["", "pending", "not_surveyed", "not_applicable", "suppressed"]
                ),
                name="actual_missing_known",
            ),
            models.CheckConstraint(
                condition=Q(certainty__in=["final", "provisional"]), name="actual_certainty_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "submitted", "returned", "confirmed"]),
                name="actual_state_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target} {self.period.key}"

    @property
    def has_entry(self) -> bool:
        """Whether this says something about the period; a note alone does not."""
        return self.value is not None or bool(self.stage or self.missing)


class NarrativeQuerySet(models.QuerySet["Narrative"]):
    def visible_to(self, user):
        """Accounts this person may read: members and the city the confirmed ones only."""
        return self.filter(permissions.narratives_seen_by(user))


class Narrative(models.Model):
    """What was done in a period, what stood in the way, what comes next.

    It goes the way of an entry, by the same moves: from a draft to confirmed.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="narratives")
    period = models.ForeignKey(Period, on_delete=models.CASCADE, related_name="narratives")
    done = models.TextField(_("実施したこと"), blank=True)
    obstacles = models.TextField(_("支障となったこと"), blank=True)
    next = models.TextField(_("今後の予定"), blank=True)
    state = models.CharField(max_length=9, choices=Actual.State.choices, default=Actual.State.DRAFT)
    version = models.PositiveIntegerField(default=1)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    saved_at = models.DateTimeField(null=True, blank=True)
    on_behalf = models.BooleanField(_("代理入力"), default=False)
    returned_because = models.TextField(_("差戻しの理由"), blank=True)
    corrected_because = models.TextField(_("訂正の理由"), blank=True)

    objects = NarrativeQuerySet.as_manager()

    class Meta:
        ordering = ["project", "period"]
        constraints = [
            models.UniqueConstraint(fields=["project", "period"], name="narrative_once_a_period"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "submitted", "returned", "confirmed"]),
                name="narrative_state_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} {self.period.key}"

    @property
    def has_text(self) -> bool:
        return bool(self.done or self.obstacles or self.next)
