"""Filters of the target list: pillar, section, status, measure, tag and words."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

import django_filters
from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from .listing import Listed, Listing
from .models import Target


class PlainSelect(forms.Select):
    """A select written in one piece: Django draws each of its options with a template of its own,
    which takes a list of filters longer than the rows below it."""

    def render(self, name, value, attrs=None, renderer=None):
        context = self.get_context(name, value, attrs)["widget"]
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            (
                (each["value"], flatatt(each["attrs"]), each["label"])
                for _group, found, _index in context["optgroups"]
                for each in found
            ),
        )
        held = flatatt({"name": context["name"], **context["attrs"]})
        return format_html("<select{}>{}</select>", held, options)


SELECT = PlainSelect(attrs={"class": "select"})


class TargetFilter(django_filters.FilterSet):
    """Which targets stay. Status, section and tag come from the board, which is worked out."""

    pillar = django_filters.ChoiceFilter(
        label=_("柱"), field_name="project__pillar__key", empty_label=_("すべて"), widget=SELECT
    )
    section = django_filters.ChoiceFilter(
        label=_("所管課"), method="from_board", empty_label=_("すべて"), widget=SELECT
    )
    status = django_filters.ChoiceFilter(
        label=_("状況"), method="from_board", empty_label=_("すべて"), widget=SELECT
    )
    measure = django_filters.ChoiceFilter(
        label=_("目標の種類"),
        choices=Target.Measure.choices,
        empty_label=_("すべて"),
        widget=SELECT,
    )
    tag = django_filters.ChoiceFilter(
        label=_("印"), method="from_board", empty_label=_("すべて"), widget=SELECT
    )
    q = django_filters.CharFilter(
        label=_("ことば"),
        method="by_words",
        widget=forms.TextInput(attrs={"class": "input", "type": "search", "maxlength": 100}),
    )

    class Meta:
        model = Target
        fields: list[str] = []

    def __init__(self, data, *, listing: Listing) -> None:
        super().__init__(data, queryset=Target.objects.filter(policy=listing.board.policy))
        self.listing = listing
        board, phrases = listing.board, listing.phrases
        counted = listing.counted()
        present = {row.result.status for row in counted}
        self.filters["pillar"].extra["choices"] = [
            (pillar.key, pillar.name) for pillar in board.pillars
        ]
        self.filters["section"].extra["choices"] = named_once(row.section for row in counted)
        self.filters["status"].extra["choices"] = [
            (str(status), name) for status, name in phrases.statuses.items() if status in present
        ]
        self.filters["tag"].extra["choices"] = named_once(
            tag for project in board.projects for tag in project.tags
        )

    def keys(self) -> list[str]:
        """Keys of the targets that stay; of all of them while a filter cannot be read."""
        found = self.qs if self.is_valid() else self.queryset
        return list(found.values_list("key", flat=True))

    def active(self) -> bool:
        """Whether any filter is set."""
        return self.is_valid() and any(self.form.cleaned_data.values())

    def from_board(self, queryset, name: str, value: str):
        def has(row: Listed) -> bool:
            if name == "tag":
                return value in row.project.tags
            return value == (row.section if name == "section" else row.result.status)

        kept = [row.target.key for row in self.listing.counted() if has(row)]
        return queryset.filter(key__in=kept)

    def by_words(self, queryset, name: str, value: str):
        """Every word typed has to stand somewhere: full and half width, great and small alike.

        The comparison is made here and not by the database, whose ideas of case and width differ.
        """
        words = folded(value).split()
        initiatives = dict(queryset.values_list("key", "initiative__text"))
        kept = [
            row.target.key
            for row in self.listing.rows
            if row.target.key in initiatives
            and all(word in text_of(row, initiatives[row.target.key]) for word in words)
        ]
        return queryset.filter(key__in=kept)


def text_of(row: Listed, initiative: str) -> str:
    """All that a search looks at, folded."""
    words = row.words
    return folded(
        " ".join(
            (
                row.project.number,
                row.project.name,
                words.label,
                words.printed,
                words.condition,
                words.breakdown,
                initiative,
                row.section,
                row.row.said,
            )
        )
    )


def folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def named_once(names: Iterable[str]) -> list[tuple[str, str]]:
    """Choices out of names, each once, in the order they come, without empty ones."""
    return [(name, name) for name in dict.fromkeys(names) if name]
