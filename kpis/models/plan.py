"""The plan: policy → pillar → project → initiative → target, with its periods and sections.

What a policy prints is kept as printed: numbers on projects are labels, never keys; the
`key` of a pillar, project, initiative or target is its id in the policy document and is
what makes a second import an update. docs/policy-document.md describes that document.
"""

from functools import lru_cache
from typing import Any

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from wards.models import Section, Ward
from wards.prepared import Prepared

from .. import permissions

#: Standing in a policy's notes, it marks everything recorded under the policy as made up.
DEMO_NOTE = "デモデータ：実績、所管課、期首値などは、使い方を示すために作った架空のものです。"

#: 15 digits are what SQLite and PostgreSQL both keep exactly.
FIGURE: dict[str, Any] = {"max_digits": 15, "decimal_places": 4}


def figure(verbose_name, **options):
    """A nullable exact figure: 11 digits before the point and 4 after it."""
    return models.DecimalField(verbose_name, null=True, blank=True, **FIGURE, **options)


class Standing(models.TextChoices):
    """Whether a project or target is carried on."""

    ACTIVE = "active", _("実施")
    CANCELLED = "cancelled", _("中止")
    POSTPONED = "postponed", _("延期")


class Judgement(models.TextChoices):
    """The ten statuses of the achievement maths, with their default names."""

    ACHIEVED = "achieved", _("達成")
    ON_TRACK = "on_track", _("順調")
    SLIGHTLY_BEHIND = "slightly_behind", _("やや遅れ")
    BEHIND = "behind", _("遅れ")
    NEARLY_ACHIEVED = "nearly_achieved", _("おおむね達成")
    NOT_ACHIEVED = "not_achieved", _("未達")
    NOT_JUDGED = "not_judged", _("これから")
    NOT_ENTERED = "not_entered", _("未入力")
    CANCELLED = "cancelled", _("中止")
    POSTPONED = "postponed", _("延期")


class PolicyQuerySet(models.QuerySet["Policy"]):
    def visible_to(self, user):
        """Policies this person may open (kpis/permissions.py holds the rules)."""
        return self.filter(permissions.policies_seen_by(user))


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user):
        return self.filter(permissions.projects_seen_by(user))


class TargetQuerySet(models.QuerySet["Target"]):
    def visible_to(self, user):
        return self.filter(permissions.targets_seen_by(user))

    def with_owner(self):
        """Each with the section that enters it, as `owner_id` and `owner_name`."""
        work = ProjectSection.objects.filter(project=OuterRef("project")).order_by("order", "id")
        return self.annotate(
            owner_id=Coalesce(
                "section_id",
                Subquery(work.values("section_id")[:1]),
                output_field=models.BigIntegerField(),
            ),
            owner_name=Coalesce("section__name", Subquery(work.values("section__name")[:1])),
        )


class Policy(models.Model):
    """運営方針: what one ward will do in one fiscal year."""

    class State(models.TextChoices):
        DRAFT = "draft", _("作成中")
        IN_FORCE = "in_force", _("実施中")

    ward = models.ForeignKey(Ward, on_delete=models.PROTECT, related_name="policies")
    fiscal_year = models.PositiveSmallIntegerField(_("年度"))
    title = models.CharField(_("表題"), max_length=200)
    basic_goal = models.TextField(_("基本目標"), blank=True)
    preamble = models.TextField(_("前文"), blank=True)
    contact = models.TextField(_("問合せ先"), blank=True)
    grades = models.JSONField(_("評価基準"), default=dict, blank=True)
    committee_opinions = models.JSONField(_("委員会からの意見"), default=list, blank=True)
    notes = models.JSONField(_("注記"), default=list, blank=True)
    state = models.CharField(
        _("状態"), max_length=10, choices=State.choices, default=State.IN_FORCE
    )

    objects = PolicyQuerySet.as_manager()

    class Meta:
        ordering = ["ward", "-fiscal_year"]
        verbose_name = _("運営方針")
        verbose_name_plural = _("運営方針")
        constraints = [
            models.UniqueConstraint(fields=["ward", "fiscal_year"], name="policy_once_a_year"),
            models.CheckConstraint(
                condition=Q(fiscal_year__gte=1948, fiscal_year__lte=2200),
                name="policy_year_plausible",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "in_force"]), name="policy_state_known"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("kpis:dashboard", args=[self.ward.code, self.fiscal_year])

    @property
    def is_demo(self) -> bool:
        """Whether what is recorded under this policy is made up, and must be marked so."""
        return DEMO_NOTE in self.notes


class Period(models.Model):
    """A reporting period (期), open or closed by decision and not by the clock."""

    class State(models.TextChoices):
        OPEN = "open", _("受付中")
        CLOSED = "closed", _("締切済")

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="periods")
    key = models.CharField(max_length=10)
    starts = models.DateField(_("始まり"))
    ends = models.DateField(_("終わり"))
    due = models.DateField(_("入力期限"), null=True, blank=True)
    state = models.CharField(_("状態"), max_length=6, choices=State.choices, default=State.OPEN)

    class Meta:
        ordering = ["policy", "starts"]
        verbose_name = _("期")
        verbose_name_plural = _("期")
        constraints = [
            models.UniqueConstraint(fields=["policy", "key"], name="period_key_once"),
            models.UniqueConstraint(fields=["policy", "ends"], name="period_end_once"),
            models.CheckConstraint(
                condition=Q(ends__gt=F("starts")), name="period_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "closed"]), name="period_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy} {self.key}"

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN


class PolicySection(models.Model):
    """A section as it stands in one policy, with its own goal (各職場の取組目標).

    Its department is kept with the policy: a later year may put the section elsewhere.
    """

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="policy_sections")
    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="in_policies")
    department = models.CharField(_("部"), max_length=60, blank=True)
    goal = models.TextField(_("取組目標"), blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["policy", "order"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "section"], name="section_once_a_policy"),
        ]

    def __str__(self) -> str:
        return f"{self.policy} {self.section}"


class Pillar(models.Model):
    """施策の柱; `group` is the half of the policy it stands in, where there are halves."""

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="pillars")
    key = models.CharField(max_length=40)
    group = models.CharField(_("区分"), max_length=200, blank=True)
    name = models.CharField(_("柱"), max_length=200)
    statement = models.TextField(_("説明"), blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["policy", "order"]
        verbose_name = _("柱")
        verbose_name_plural = _("柱")
        constraints = [models.UniqueConstraint(fields=["policy", "key"], name="pillar_key_once")]

    def __str__(self) -> str:
        return self.name


class Project(models.Model):
    """事業・取組. Its printed number is a label: Isogo prints ⑲ twice."""

    class Funding(models.TextChoices):
        WARD = "ward", _("区")
        BUREAU = "bureau", _("局")

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="projects")
    pillar = models.ForeignKey(Pillar, on_delete=models.CASCADE, related_name="projects")
    key = models.CharField(max_length=40)
    number = models.CharField(_("番号"), max_length=10, blank=True)
    name = models.CharField(_("事業"), max_length=300)
    tags = models.JSONField(_("印"), default=list, blank=True)
    funding = models.CharField(_("財源"), max_length=6, choices=Funding.choices, blank=True)
    sections: models.ManyToManyField = models.ManyToManyField(
        Section, through="ProjectSection", related_name="projects"
    )
    status = models.CharField(max_length=9, choices=Standing.choices, default=Standing.ACTIVE)
    status_on = models.DateField(null=True, blank=True)
    status_reason = models.TextField(blank=True)
    status_decided_by = models.CharField(max_length=100, blank=True)
    status_document_number = models.CharField(max_length=60, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["policy", "order"]
        verbose_name = _("事業")
        verbose_name_plural = _("事業")
        constraints = [
            models.UniqueConstraint(fields=["policy", "key"], name="project_key_once"),
            models.CheckConstraint(
                condition=Q(status__in=["active", "cancelled", "postponed"]),
                name="project_status_known",
            ),
            models.CheckConstraint(
                condition=Q(funding__in=["", "ward", "bureau"]), name="project_funding_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}{self.name}"


class ProjectSection(models.Model):
    """A section responsible for a project, in the order printed."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="responsible")
    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="responsible_for")
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["project", "order"]
        constraints = [
            models.UniqueConstraint(fields=["project", "section"], name="section_once_a_project"),
        ]

    def __str__(self) -> str:
        return f"{self.project} {self.section}"


class Initiative(models.Model):
    """取組: a printed bullet of a project."""

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="initiatives")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="initiatives")
    key = models.CharField(max_length=40)
    text = models.TextField(_("取組"))
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["policy", "project", "order"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "key"], name="initiative_key_once"),
        ]

    def __str__(self) -> str:
        return self.text


class Target(models.Model):
    """目標: one measurable promise. docs/calculation.md says how each kind is judged."""

    class Measure(models.TextChoices):
        NUMBER = "number", _("数量")
        RATIO = "ratio", _("n中m")
        PERCENTAGE = "percentage", _("割合")
        MILESTONE = "milestone", _("数値なし")

    class Accumulation(models.TextChoices):
        SUM = "sum", _("期ごとに足す")
        LATEST = "latest", _("最新の値")

    class Direction(models.TextChoices):
        AT_LEAST = "at_least", _("以上")
        AT_MOST = "at_most", _("以下")

    class Nature(models.TextChoices):
        ACTIVITY = "activity", _("活動指標")
        OUTCOME = "outcome", _("成果指標")

    owner_name: str | None  # of the section that enters it, where with_owner() was asked

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="targets")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="targets")
    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="targets")
    key = models.CharField(max_length=40)
    label = models.CharField(_("目標"), max_length=300)
    printed = models.TextField(_("原文"), blank=True)
    section = models.ForeignKey(
        Section,
        verbose_name=_("入力する課"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="targets",
        help_text=_("空のときは、事業の最初の所管課が入力します。"),
    )
    measure = models.CharField(_("種類"), max_length=10, choices=Measure.choices)
    ongoing = models.BooleanField(_("通年の取組"), default=False)
    accumulation = models.CharField(max_length=6, choices=Accumulation.choices, blank=True)
    direction = models.CharField(
        max_length=8, choices=Direction.choices, default=Direction.AT_LEAST
    )
    value = figure(_("目標値"))
    denominator = figure(_("母数"))
    unit = models.CharField(_("単位"), max_length=20, blank=True)
    cumulative = models.BooleanField(_("累計"), default=False)
    baseline = figure(_("期首値"))
    linked_to = models.ForeignKey(
        "self",
        verbose_name=_("累計のもとになる年度目標"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="cumulative_partners",
    )
    condition = models.TextField(_("条件"), blank=True)
    breakdown = models.TextField(_("内訳"), blank=True)
    starts_month = models.PositiveSmallIntegerField(_("始まる月"), null=True, blank=True)
    ends_month = models.PositiveSmallIntegerField(_("終わる月"), null=True, blank=True)
    nature = models.CharField(_("性質"), max_length=8, choices=Nature.choices, blank=True)
    no_number_because = models.TextField(_("数値を置かない理由"), blank=True)
    done_when = models.TextField(_("完了とする状態"), blank=True)
    steps = models.JSONField(_("工程"), default=list, blank=True)
    plan = models.JSONField(
        _("期ごとの計画"),
        default=dict,
        blank=True,
        help_text=_("期の記号から、期末までに進める数（十進数の文字列）へ。"),
    )
    status = models.CharField(max_length=9, choices=Standing.choices, default=Standing.ACTIVE)
    status_on = models.DateField(null=True, blank=True)
    status_reason = models.TextField(blank=True)
    status_decided_by = models.CharField(max_length=100, blank=True)
    status_document_number = models.CharField(max_length=60, blank=True)
    check_note = models.TextField(_("確認が必要な点"), blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    objects = TargetQuerySet.as_manager()

    class Meta:
        ordering = ["policy", "order"]
        verbose_name = _("目標")
        verbose_name_plural = _("目標")
        constraints = [
            models.UniqueConstraint(fields=["policy", "key"], name="target_key_once"),
            models.CheckConstraint(
                condition=Q(
                    measure="milestone",
                    accumulation="",
                    value__isnull=True,
                    denominator__isnull=True,
                    unit="",
                    cumulative=False,
                    baseline__isnull=True,
                )
                | Q(
                    measure__in=["number", "ratio", "percentage"],
                    accumulation__in=["sum", "latest"],
                    value__isnull=False,
                    ongoing=False,
                ),
                name="target_milestone_has_no_number",
            ),
            models.CheckConstraint(
                condition=Q(measure="ratio", denominator__isnull=False)
                | (~Q(measure="ratio") & Q(denominator__isnull=True)),
                name="target_denominator_for_ratios",
            ),
            models.CheckConstraint(
                condition=Q(cumulative=False) | Q(accumulation="latest"),
                name="target_cumulative_is_latest",
            ),
            models.CheckConstraint(
                condition=Q(baseline__isnull=True) | Q(accumulation="latest"),
                name="target_baseline_needs_latest",
            ),
            models.CheckConstraint(
                condition=Q(baseline__isnull=False) | Q(value__isnull=True) | Q(value__gte=0),
                name="target_negative_needs_baseline",
            ),
            models.CheckConstraint(
                condition=Q(linked_to__isnull=True)
                | (Q(cumulative=True, measure="number") & ~Q(linked_to=F("id"))),
                name="target_link_from_cumulative",
            ),
            models.CheckConstraint(
                condition=Q(starts_month__isnull=True)
                | Q(starts_month__gte=1, starts_month__lte=12),
                name="target_starts_month",
            ),
            models.CheckConstraint(
                condition=Q(ends_month__isnull=True) | Q(ends_month__gte=1, ends_month__lte=12),
                name="target_ends_month",
            ),
            models.CheckConstraint(
                condition=Q(direction__in=["at_least", "at_most"]), name="target_direction_known"
            ),
            models.CheckConstraint(
                condition=Q(nature__in=["", "activity", "outcome"]), name="target_nature_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["active", "cancelled", "postponed"]),
                name="target_status_known",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def is_milestone(self) -> bool:
        return self.measure == self.Measure.MILESTONE

    @cached_property
    def owner_id(self) -> int | None:
        """The section that enters it: its own, else the first of its project's; else nobody's."""
        if self.section_id:
            return self.section_id
        return next((section for (section,) in _first_section()(self.project_id)), None)


@lru_cache(maxsize=1)
def _first_section() -> Prepared:
    work = ProjectSection.objects.order_by("order", "id").values_list("section_id")
    return Prepared(lambda project: work.filter(project=project)[:1])


class Revision(models.Model):
    """目標変更: a target's value changed in mid-year. Never hidden, never overwritten."""

    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="revisions")
    on = models.DateField(_("変更日"))
    old = models.DecimalField(_("変更前"), **FIGURE)
    new = models.DecimalField(_("変更後"), **FIGURE)
    reason = models.TextField(_("理由"))
    decided_by = models.CharField(_("決裁者"), max_length=100, blank=True)
    document_number = models.CharField(_("文書番号"), max_length=60, blank=True)

    class Meta:
        ordering = ["target", "on"]
        constraints = [
            models.UniqueConstraint(fields=["target", "on"], name="revision_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.target} {self.old}→{self.new}"


class OrganisationItem(models.Model):
    """目標達成に向けた組織運営: headings with items, and headings below them."""

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="organisation")
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="parts"
    )
    heading = models.CharField(_("見出し"), max_length=200)
    text = models.TextField(_("本文"), blank=True)
    items = models.JSONField(_("項目"), default=list, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["policy", "order"]

    def __str__(self) -> str:
        return self.heading
