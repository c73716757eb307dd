"""評価の回: one a half-year, and the frozen copy of the results that its members read."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kpis.models import Period, Policy

from .. import permissions
from ..grades import steps_of
from .committee import Committee


class RoundQuerySet(models.QuerySet["Round"]):
    def visible_to(self, user):
        """Rounds this person may know of (reviews/permissions.py holds the rules)."""
        return self.filter(permissions.rounds_seen_by(user))


class Round(models.Model):
    """One half's evaluation, from its preparation to what is published."""

    class State(models.TextChoices):
        PREPARING = "preparing", _("準備中")
        OPEN = "open", _("意見を受付中")
        CLOSED = "closed", _("受付終了")
        PUBLISHED = "published", _("公表済")

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="rounds")
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="rounds")
    period = models.OneToOneField(Period, on_delete=models.PROTECT, related_name="round")
    state = models.CharField(
        _("状態"), max_length=9, choices=State.choices, default=State.PREPARING
    )
    due = models.DateField(_("意見の締切"), null=True, blank=True)
    note = models.TextField(
        _("委員へのことば"), blank=True, help_text=_("読むページのはじめに出ます。")
    )
    asks_grade = models.BooleanField(_("事業ごとの評価もたずねる"), default=False)
    grades = models.JSONField(
        _("評価の段階"),
        default=list,
        blank=True,
        help_text=_("上から順に、記号と名前。例：A 期待どおり"),
    )
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(_("公表の決裁者"), max_length=100, blank=True)
    decided_on = models.DateField(_("公表の決裁日"), null=True, blank=True)
    document_number = models.CharField(_("公表の文書番号"), max_length=60, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = RoundQuerySet.as_manager()

    class Meta:
        ordering = ["policy__ward", "-period__starts"]
        verbose_name = _("評価の回")
        verbose_name_plural = _("評価の回")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["preparing", "open", "closed", "published"]),
                name="round_state_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.committee} {self.period}"

    def get_absolute_url(self) -> str:
        return self.address()

    def address(self, name: str = "round", *more) -> str:
        """The address of one of the round's pages, by the name that reviews/urls.py gives it."""
        place = [self.policy.ward.code, self.policy.fiscal_year, self.period.key]
        return reverse(f"reviews:{name}", args=[*place, *more])

    @property
    def grade_steps(self) -> list[tuple[str, str]]:
        """Mark and name of the grades that members are asked for, the best first, if any."""
        steps = steps_of(self.grades) if self.asks_grade else []
        return [(step.key, step.name) for step in steps if step.key]

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def is_over(self) -> bool:
        """Whether comments are all in: closed, or published after that."""
        return self.state in (self.State.CLOSED, self.State.PUBLISHED)


class Frozen(models.Model):
    """The copy of the results on which a round was opened. Never changed: triggers see to it.

    A round that went back to its preparation freezes a new one; the newest counts.
    """

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="copies")
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField(_("写しの日時"))
    by_name = models.CharField(max_length=150)
    maths = models.CharField(_("計算方法の版"), max_length=20)
    summary = models.JSONField(help_text=_("方針、期、集計。reviews/frozen.py が形を決めます。"))
    results = models.JSONField(help_text=_("この写しの結果文書（ayumi-results/1）。"))
    sha256 = models.CharField(max_length=64, help_text=_("写し全体の照合番号です。"))

    class Meta:
        ordering = ["round", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["round", "number"], name="frozen_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.round} {self.number}"


class FrozenProject(models.Model):
    """One project in a frozen copy: what a member reads on one page."""

    frozen = models.ForeignKey(Frozen, on_delete=models.PROTECT, related_name="projects")
    key = models.CharField(max_length=40)
    pillar = models.CharField(max_length=40)
    order = models.PositiveSmallIntegerField()
    content = models.JSONField(help_text=_("reviews/frozen.py が形を決めます。"))

    class Meta:
        ordering = ["frozen", "order"]
        constraints = [
            models.UniqueConstraint(fields=["frozen", "key"], name="frozen_project_once"),
        ]

    def __str__(self) -> str:
        return f"{self.frozen} {self.key}"


#: Who did something, where an account may have done it.
BY: dict[str, Any] = {
    "to": settings.AUTH_USER_MODEL,
    "null": True,
    "blank": True,
    "on_delete": models.PROTECT,
    "related_name": "+",
}
