"""What a section asks to be changed in the plan during the year, and what became of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from wards.models import Section

from .. import permissions
from .plan import FIGURE, Policy, Project, Revision, Target


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def visible_to(self, user):
        """Inside the ward office all of them; others see what was accepted, a fact by then."""
        return self.filter(permissions.proposals_seen_by(user))


class Proposal(models.Model):
    """目標変更の申請: a target's new value, or its end, pause or resumption; or a project's.

    What is asked for never changes: whoever wants something else withdraws it, or declines it,
    and asks anew. Only kpis/proposals.py writes a state.
    """

    class Kind(models.TextChoices):
        REVISE = "revise", _("目標値の変更")
        CANCEL = "cancel", _("中止")
        POSTPONE = "postpone", _("延期")
        RESUME = "resume", _("再開")

    class State(models.TextChoices):
        OPEN = "open", _("決定待ち")
        ACCEPTED = "accepted", _("承認")
        DECLINED = "declined", _("不承認")
        WITHDRAWN = "withdrawn", _("取下げ")

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="proposals")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="proposals")
    target = models.ForeignKey(
        Target,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="proposals",
        help_text=_("空のときは、事業全体についての申請です。"),
    )
    section = models.ForeignKey(
        Section, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(_("変更の種類"), max_length=8, choices=Kind.choices)
    on = models.DateField(_("変更日"))
    old = models.DecimalField(_("変更前"), null=True, blank=True, **FIGURE)
    new = models.DecimalField(_("変更後"), null=True, blank=True, **FIGURE)
    reason = models.TextField(_("理由"))
    state = models.CharField(_("状態"), max_length=9, choices=State.choices, default=State.OPEN)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    proposed_by_name = models.CharField(_("申請した人"), max_length=150)
    proposed_at = models.DateTimeField(_("申請した日時"))
    on_behalf = models.BooleanField(
        _("代理入力"), default=False, help_text=_("区政推進課（事務局）が記録した変更です。")
    )
    decided_by = models.CharField(_("決裁者"), max_length=100, blank=True)
    decided_on = models.DateField(_("決裁日"), null=True, blank=True)
    document_number = models.CharField(_("文書番号"), max_length=60, blank=True)
    decision_note = models.TextField(_("決定についての説明"), blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    recorded_by_name = models.CharField(_("決定を記録した人"), max_length=150, blank=True)
    recorded_at = models.DateTimeField(_("決定を記録した日時"), null=True, blank=True)
    revision = models.OneToOneField(
        Revision, null=True, blank=True, on_delete=models.PROTECT, related_name="proposal"
    )

    objects = ProposalQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("目標変更の申請")
        verbose_name_plural = _("目標変更の申請")
        indexes = [models.Index(fields=["policy", "state"], name="proposal_by_policy")]
        constraints = [
            models.UniqueConstraint(
                fields=["target"],
                condition=Q(state="open", target__isnull=False),
                name="proposal_one_open_a_target",
            ),
            models.UniqueConstraint(
                fields=["project"],
                condition=Q(state="open", target__isnull=True),
                name="proposal_one_open_a_project",
            ),
            models.CheckConstraint(
                condition=Q(kind="revise", target__isnull=False, old__isnull=False)
                & Q(new__isnull=False)
                | Q(kind__in=["cancel", "postpone", "resume"], old__isnull=True, new__isnull=True),
                name="proposal_value_of_a_revision",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "withdrawn"])
                | (Q(state__in=["accepted", "declined"], decided_on__isnull=False))
                & ~Q(decided_by=""),
                name="proposal_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "accepted", "declined", "withdrawn"]),
                name="proposal_state_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.get_kind_display()}"

    def get_absolute_url(self) -> str:
        policy = self.policy
        return reverse("kpis:change", args=[policy.ward.code, policy.fiscal_year, self.pk])

    @property
    def subject(self) -> Project | Target:
        """What is to change."""
        return self.target or self.project

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN
