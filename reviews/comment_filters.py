"""Filters of the list of comments: kind, pillar, section, disposition, state, member, year, words.

Each looks at the lines as this person reads them (reviews/comment_list.py): what is not shown
cannot be found either.
"""

from __future__ import annotations

from collections.abc import Callable

import django_filters
from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kpis.filters import SELECT, folded, named_once
from kpis.phrases import Phrases

from .comment_list import CATEGORIES, DISPOSITIONS, NOT_YET, CommentList, Line
from .models import Item
from .models.comments import Kind


def choice(label) -> django_filters.ChoiceFilter:
    return django_filters.ChoiceFilter(
        label=label, method="by_line", empty_label=_("すべて"), widget=SELECT
    )


def words_filter() -> django_filters.CharFilter:
    return django_filters.CharFilter(
        label=_("ことば"),
        method="by_words",
        widget=forms.TextInput(attrs={"class": "input", "type": "search", "maxlength": 100}),
    )


#: What a choice looks at in a line.
READ: dict[str, Callable[[Line, str], bool]] = {
    "year": lambda line, value: str(line.item.round.policy.fiscal_year) == value,
    "kind": lambda line, value: line.item.kind == value,
    "pillar": lambda line, value: line.about.pillar_name == value,
    "section": lambda line, value: line.section == value,
    "disposition": lambda line, value: line.disposition == value,
    "category": lambda line, value: value in line.categories,
    "state": lambda line, value: (
        line.is_late
        if value == "late"
        else line.waits
        if value == "unanswered"
        else line.state == value
    ),
}


class CommentFilter(django_filters.FilterSet):
    """Which lines stay."""

    year = choice(_("年度"))
    kind = choice(_("種別"))
    pillar = choice(_("柱"))
    section = choice(_("課"))
    disposition = choice(_("対応区分"))
    state = choice(_("状態"))
    category = choice(_("委員の区分"))
    q = words_filter()

    class Meta:
        model = Item
        fields: list[str] = []

    def __init__(self, data, *, comments: CommentList) -> None:
        super().__init__(data, queryset=Item.objects.order_by())
        self.comments = comments
        self.all = comments.everything if comments.keeps_replaced else comments.lines
        for name, choices in self._choices().items():
            self.filters[name].extra["choices"] = choices

    def _choices(self) -> dict[str, list[tuple[str, str]]]:
        lines = self.comments.lines
        kinds = {line.item.kind for line in lines}
        given = {line.disposition for line in lines}
        voices = {name for line in lines for name in line.categories}
        years = {line.item.round.policy.fiscal_year: line.item.round.policy for line in lines}
        sections = {line.item.section.pk: line.item.section for line in lines if line.item.section}
        in_order = sorted(sections.values(), key=lambda each: (each.order, each.pk))
        return {
            "year": [
                (str(year), Phrases(years[year]).era_year(year))
                for year in sorted(years, reverse=True)
            ]
            if len(self.comments.rounds) > 1
            else [],
            "kind": [(str(key), str(name)) for key, name in Kind.choices if key in kinds],
            "pillar": named_once(
                line.about.pillar_name
                for line in sorted(lines, key=lambda line: (line.number[0], line.place))
            ),
            "section": named_once(each.name for each in in_order),
            "disposition": [(k, str(name)) for k, name in DISPOSITIONS.items() if k in given],
            "state": self._states(),
            "category": [(k, str(name)) for k, name in CATEGORIES.items() if k in voices],
        }

    def _states(self) -> list[tuple[str, str]]:
        present = {line.state: line.state_name for line in self.all}
        keys = [key for key in (NOT_YET, *Item.State.values) if key in present]
        return [
            ("unanswered", gettext("課の回答待ち（差戻しを含む）")),
            ("late", gettext("回答期限を過ぎた")),
            *((str(key), present[key]) for key in keys),
        ]

    def kept(self) -> list[Line]:
        """The lines that stay, in the order of the list; all of them while a filter cannot be read.

        What was merged or split up shows only to who asks for it.
        """
        asked = self.form.cleaned_data if self.is_valid() else {}
        replaced = asked.get("state") == Item.State.REPLACED
        lines = self.all if replaced else self.comments.lines
        if not any(asked.values()):
            return lines
        found = set(self.qs.values_list("pk", flat=True))
        return [line for line in lines if line.item.pk in found]

    def active(self) -> bool:
        """Whether any filter is set."""
        return self.is_valid() and any(self.form.cleaned_data.values())

    def by_line(self, queryset, name: str, value: str):
        has = READ[name]
        return queryset.filter(pk__in=[line.item.pk for line in self.all if has(line, value)])

    def by_words(self, queryset, name: str, value: str):
        """Every word typed has to stand somewhere in the line, as kpis/filters.py compares them."""
        words = folded(value).split()
        return queryset.filter(
            pk__in=[
                line.item.pk for line in self.all if all(word in text_of(line) for word in words)
            ]
        )


def text_of(line: Line) -> str:
    """All that a search looks at, folded."""
    parts = (
        f"No.{line.item.number}",
        line.about.name,
        line.about.pillar_name,
        line.item.text,
        line.section,
        line.view,
        line.reason,
        line.will_do,
        line.result,
    )
    return folded(" ".join(parts))
