"""What a member says: comments by kind, a grade where one is asked for, and what was read."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .. import permissions
from .committee import Member
from .rounds import BY, Round


class Kind(models.TextChoices):
    """意見の種別."""

    PRAISE = "praise", _("評価")
    CONCERN = "concern", _("課題")
    PROPOSAL = "proposal", _("提案")
    QUESTION = "question", _("質問")


class Subject(models.TextChoices):
    """What a comment is about."""

    PROJECT = "project", _("事業")
    PILLAR = "pillar", _("柱")
    WHOLE = "whole", _("全体")


#: A comment is about the whole, or about the project or pillar of its key.
SUBJECT_HAS_ITS_KEY = Q(subject="whole", key="") | (
    Q(subject__in=["project", "pillar"]) & ~Q(key="")
)
KNOWN_KIND = Q(kind__in=["praise", "concern", "proposal", "question"])


class CommentQuerySet(models.QuerySet["Comment"]):
    def visible_to(self, user):
        """One's own; the secretariat's all; the committee's all once the round is closed."""
        return self.filter(permissions.comments_seen_by(user))

    def sent(self):
        return self.filter(state=Comment.State.SENT)


class Comment(models.Model):
    """意見: one member on one project, one pillar or the whole, as typed.

    `text` is what the member wrote and nobody else changes it, but for what the secretariat types
    in on the member's behalf. What was sent stands as it was sent until it is sent again: what is
    typed over it meanwhile is kept in `edit_kind` and `edit_text`. What arrived after the round had
    closed is kept in `late_text`.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("書きかけ")
        SENT = "sent", _("提出済")
        WITHDRAWN = "withdrawn", _("取下げ")

    class Source(models.TextChoices):
        SCREEN = "screen", _("画面")
        PAPER = "paper", _("紙")
        XLSX = "xlsx", _("Excelの意見票")
        FILE = "file", _("意見票のファイル")
        MAIL = "mail", _("電子メール")
        PHONE = "phone", _("電話・対面")

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="comments")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="comments")
    subject = models.CharField(_("対象"), max_length=7, choices=Subject.choices)
    key = models.CharField(_("事業・柱の記号"), max_length=40, blank=True)
    kind = models.CharField(_("種別"), max_length=8, choices=Kind.choices, blank=True)
    text = models.TextField(_("意見"), blank=True)
    state = models.CharField(_("状態"), max_length=9, choices=State.choices, default=State.DRAFT)
    source = models.CharField(
        _("受け取り方"), max_length=6, choices=Source.choices, default=Source.SCREEN
    )
    entered_by = models.ForeignKey(verbose_name=_("入力した人"), **BY)
    entered_by_name = models.CharField(max_length=150, blank=True)
    entered_at = models.DateTimeField(_("入力日時"))
    on_behalf = models.BooleanField(_("代理入力"), default=False)
    changed_at = models.DateTimeField(_("最後の変更"))
    client_key = models.CharField(
        max_length=36,
        blank=True,
        help_text=_("画面が意見に付ける記号です。二度届いた保存を一つにします。"),
    )
    edit_kind = models.CharField(
        _("直している途中の種別"), max_length=8, choices=Kind.choices, blank=True
    )
    edit_text = models.TextField(_("直している途中の文"), blank=True)
    late_text = models.TextField(_("締切後に届いた文"), blank=True)
    late_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ["round", "id"]
        verbose_name = _("意見")
        verbose_name_plural = _("意見")
        constraints = [
            models.CheckConstraint(
                condition=Q(subject__in=["project", "pillar", "whole"]),
                name="comment_subject_known",
            ),
            models.CheckConstraint(condition=SUBJECT_HAS_ITS_KEY, name="comment_subject_has_key"),
            models.CheckConstraint(condition=Q(kind="") | KNOWN_KIND, name="comment_kind_known"),
            models.CheckConstraint(
                condition=~Q(state="sent") | (~Q(kind="") & ~Q(text="")),
                name="comment_sent_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "sent", "withdrawn"]), name="comment_state_known"
            ),
            models.CheckConstraint(
                condition=Q(source__in=["screen", "paper", "xlsx", "file", "mail", "phone"]),
                name="comment_source_known",
            ),
            models.UniqueConstraint(
                fields=["round", "member", "client_key"],
                name="comment_client_key_once",
                condition=~Q(client_key=""),
            ),
        ]
        indexes = [
            models.Index(fields=["round", "member"], name="comment_by_member"),
            models.Index(fields=["round", "subject", "key"], name="comment_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.get_kind_display()}"

    @property
    def is_being_edited(self) -> bool:
        """Whether something was typed over what was sent, and not sent again yet."""
        return bool(self.edit_kind or self.edit_text)

    @property
    def typed(self) -> tuple[str, str]:
        """Kind and text as the member left them, sent or not."""
        if self.is_being_edited:
            return self.edit_kind, self.edit_text
        return self.kind, self.text


class Grade(models.Model):
    """A member's grade for a project, where the round asks for one."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="given_grades")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="given_grades")
    key = models.CharField(_("事業の記号"), max_length=40)
    grade = models.CharField(_("評価"), max_length=10)
    entered_by = models.ForeignKey(**BY)
    on_behalf = models.BooleanField(_("代理入力"), default=False)
    at = models.DateTimeField()

    class Meta:
        ordering = ["round", "key", "member"]
        constraints = [
            models.UniqueConstraint(fields=["round", "member", "key"], name="grade_once"),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.key} {self.grade}"


class ReadMark(models.Model):
    """確認済: a member has read a project, with or without a comment."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="read_marks")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="read_marks")
    key = models.CharField(_("事業の記号"), max_length=40)
    at = models.DateTimeField()

    class Meta:
        ordering = ["round", "member", "key"]
        constraints = [
            models.UniqueConstraint(fields=["round", "member", "key"], name="read_once"),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.key}"
