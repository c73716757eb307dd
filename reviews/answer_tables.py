"""The list of comments, and that of promises, as sortable tables."""

from __future__ import annotations

import django_tables2
from django.utils.translation import gettext_lazy as _

from kpis.charts import Markup

from .comment_rows import body


class CommentTable(django_tables2.Table):
    """A row a line. Unsorted it stands as it comes: what is late first, then by number."""

    number = django_tables2.Column(verbose_name=_("No."))
    subject = django_tables2.Column(verbose_name=_("対象"), accessor="place")
    kind = django_tables2.Column(verbose_name=_("種別"))
    text = django_tables2.Column(
        verbose_name=_("意見・区の考え方"), accessor="item__text", orderable=False
    )
    voices = django_tables2.Column(verbose_name=_("委員の区分"))
    section = django_tables2.Column(verbose_name=_("課"))
    disposition = django_tables2.Column(verbose_name=_("対応区分"))
    state = django_tables2.Column(verbose_name=_("状態"))
    due = django_tables2.Column(verbose_name=_("期限"))

    class Meta:
        template_name = "reviews/comments_table.html"

    def __init__(self, rows, *, picks: bool, many_rounds: bool, chosen=(), **options) -> None:
        """`picks`: with a box to choose each, `chosen` are the numbers of those that are;
        `many_rounds`: each says which round it is of."""
        self.picks, self.many_rounds, self.chosen = picks, many_rounds, frozenset(chosen)
        super().__init__(rows, **options)

    @property
    def body(self) -> Markup:
        """The rows as they are filtered and sorted."""
        return body(
            self.data.data, picks=self.picks, many_rounds=self.many_rounds, chosen=self.chosen
        )


class PromiseTable(django_tables2.Table):
    """A row a promise; unsorted the oldest first."""

    made_on = django_tables2.Column(verbose_name=_("約束した日"))
    text = django_tables2.Column(
        verbose_name=_("意見と約束"), accessor="promise__what", orderable=False
    )
    project = django_tables2.Column(verbose_name=_("事業"), accessor="place")
    section = django_tables2.Column(verbose_name=_("課"))
    disposition = django_tables2.Column(verbose_name=_("対応区分"))
    by_when = django_tables2.Column(verbose_name=_("いつまでに"), orderable=False)
    result = django_tables2.Column(verbose_name=_("対処結果"), orderable=False)

    class Meta:
        template_name = "reviews/promises_table.html"

    def __init__(self, rows, *, caption: str, is_open: bool, **options) -> None:
        self.caption, self.is_open = caption, is_open
        super().__init__(rows, **options)
