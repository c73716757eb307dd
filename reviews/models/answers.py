"""What the ward answers: the list of comments as the secretariat edits it, and its promises."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kpis.models import Policy, Project
from wards.models import Section, Ward

from .. import permissions
from .comments import KNOWN_KIND, SUBJECT_HAS_ITS_KEY, Comment, Kind, Subject
from .rounds import BY, Round


class Disposition(models.TextChoices):
    """対応区分."""

    REFLECT = "reflect", _("反映する")
    CONSIDER = "consider", _("検討する")
    DONE = "done", _("実施済み")
    DIFFICULT = "difficult", _("対応困難")
    REFERENCE = "reference", _("参考とする")


#: What is promised for next year, until its result is written.
PROMISES = (Disposition.REFLECT, Disposition.CONSIDER)
KNOWN_DISPOSITION = Q(disposition__in=["reflect", "consider", "done", "difficult", "reference"])


class ItemQuerySet(models.QuerySet["Item"]):
    def visible_to(self, user):
        return self.filter(permissions.items_seen_by(user))

    def listed(self):
        """Without those that became part of another, or were split up."""
        return self.exclude(state=Item.State.REPLACED)

    def unanswered(self):
        """Passed on, and not released yet."""
        return self.filter(state__in=[Item.State.ASKED, Item.State.RETURNED, Item.State.ANSWERED])


class Item(models.Model):
    """One line of the list of comments (意見一覧), out of one or several members' comments.

    `text` is what the secretariat made of them; the members' own words stay with the comments.
    """

    class State(models.TextChoices):
        LISTED = "listed", _("整理中")
        ASKED = "asked", _("回答待ち")
        ANSWERED = "answered", _("回答済")
        RETURNED = "returned", _("差戻し")
        RELEASED = "released", _("公開可")
        REPLACED = "replaced", _("まとめ・分割済")

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="items")
    number = models.PositiveSmallIntegerField(_("No."))
    subject = models.CharField(_("対象"), max_length=7, choices=Subject.choices)
    key = models.CharField(_("事業・柱の記号"), max_length=40, blank=True)
    kind = models.CharField(_("種別"), max_length=8, choices=Kind.choices)
    text = models.TextField(_("意見"))
    state = models.CharField(_("状態"), max_length=8, choices=State.choices, default=State.LISTED)
    section = models.ForeignKey(
        Section,
        verbose_name=_("回答する課"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="review_items",
    )
    due = models.DateField(_("回答期限"), null=True, blank=True)
    view = models.TextField(_("区の考え方"), blank=True)
    disposition = models.CharField(
        _("対応区分"), max_length=9, choices=Disposition.choices, blank=True
    )
    reason = models.TextField(_("対応区分の理由"), blank=True)
    what = models.TextField(_("何をするか"), blank=True)
    who = models.CharField(_("だれが"), max_length=100, blank=True)
    by_when = models.CharField(_("いつまでに"), max_length=60, blank=True)
    answered_by = models.ForeignKey(**BY)
    answered_by_name = models.CharField(max_length=150, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    on_behalf = models.BooleanField(_("代理入力"), default=False)
    returned_because = models.TextField(_("差戻しの理由"), blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(_("決裁者"), max_length=100, blank=True)
    decided_on = models.DateField(_("決裁日"), null=True, blank=True)
    document_number = models.CharField(_("文書番号"), max_length=60, blank=True)
    replaced_by = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="replaces"
    )
    version = models.PositiveIntegerField(default=1)

    objects = ItemQuerySet.as_manager()

    class Meta:
        ordering = ["round", "number"]
        verbose_name = _("意見一覧の項目")
        verbose_name_plural = _("意見一覧の項目")
        constraints = [
            models.UniqueConstraint(fields=["round", "number"], name="item_number_once"),
            models.CheckConstraint(condition=SUBJECT_HAS_ITS_KEY, name="item_subject_has_key"),
            models.CheckConstraint(condition=KNOWN_KIND, name="item_kind_known"),
            models.CheckConstraint(
                condition=Q(disposition="") | KNOWN_DISPOSITION, name="item_disposition_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["listed", "asked", "answered", "returned", "released", "replaced"]
                ),
                name="item_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["answered", "released"])
                | (~Q(view="") & ~Q(disposition="")),
                name="item_answer_is_whole",
            ),
        ]
        indexes = [models.Index(fields=["section", "state"], name="item_by_section")]

    def __str__(self) -> str:
        return f"{self.number} {self.text[:40]}"


class ItemSource(models.Model):
    """Out of which comment an item was made, and in which version it was read."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="sources")
    comment = models.ForeignKey(Comment, on_delete=models.PROTECT, related_name="listed_as")
    comment_version = models.PositiveIntegerField()

    class Meta:
        ordering = ["item", "comment"]
        constraints = [
            models.UniqueConstraint(fields=["item", "comment"], name="item_source_once"),
        ]

    def __str__(self) -> str:
        return f"{self.item} ← {self.comment}"


class PromiseQuerySet(models.QuerySet["Promise"]):
    def visible_to(self, user):
        return self.filter(permissions.promises_seen_by(user))

    def open(self):
        return self.filter(result="")


class Promise(models.Model):
    """約束: what the ward said it would take up (反映する) or consider (検討する).

    It stands on the project's page and on the section's sheet until its 対処結果 is written.
    `project` is where it is kept: of next year's policy once it is there, until then the project
    that the comment was about. A promise may be older than the product: then it has no item.
    """

    ward = models.ForeignKey(Ward, on_delete=models.PROTECT, related_name="promises")
    item = models.OneToOneField(
        Item, null=True, blank=True, on_delete=models.PROTECT, related_name="promise"
    )
    on_fiscal_year = models.PositiveSmallIntegerField(
        _("意見の年度"), help_text=_("意見が対象とした年度です。")
    )
    source = models.CharField(_("もとの意見"), max_length=200, blank=True)
    text = models.TextField(_("意見"))
    what = models.TextField(_("約束した内容"))
    who = models.CharField(_("だれが"), max_length=100, blank=True)
    by_when = models.CharField(_("いつまでに"), max_length=60, blank=True)
    disposition = models.CharField(_("対応区分"), max_length=9, choices=Disposition.choices)
    made_on = models.DateField(_("約束した日"))
    policy = models.ForeignKey(
        Policy, null=True, blank=True, on_delete=models.PROTECT, related_name="promises"
    )
    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.PROTECT, related_name="promises"
    )
    section = models.ForeignKey(
        Section, null=True, blank=True, on_delete=models.PROTECT, related_name="promises"
    )
    carried_over = models.BooleanField(_("翌年度の方針に引き継いだ"), default=False)
    result = models.TextField(_("対処結果"), blank=True)
    result_on = models.DateField(_("対処結果の日"), null=True, blank=True)
    result_by = models.ForeignKey(**BY)
    result_by_name = models.CharField(max_length=150, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = PromiseQuerySet.as_manager()

    class Meta:
        ordering = ["ward", "made_on", "id"]
        verbose_name = _("約束")
        verbose_name_plural = _("約束")
        constraints = [
            models.CheckConstraint(
                condition=Q(disposition__in=["reflect", "consider"]),
                name="promise_disposition_known",
            ),
            models.CheckConstraint(
                condition=Q(result="", result_on__isnull=True)
                | (~Q(result="") & Q(result_on__isnull=False)),
                name="promise_result_has_its_day",
            ),
        ]
        indexes = [models.Index(fields=["project"], name="promise_by_project")]

    def __str__(self) -> str:
        return self.what[:60]
