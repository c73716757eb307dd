"""約束の一覧: what is open by age, what was settled, and the filters and files of both."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import django_filters
from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from kpis.filters import folded, named_once
from kpis.spreadsheets import Column
from wards.calendar import era_date, era_year
from wards.models import Ward

from .comment_filters import choice, words_filter
from .models import Promise
from .models.answers import PROMISES, Disposition

DISPOSITIONS = dict(Disposition.choices)


@dataclass(slots=True)
class PromiseLine:
    """One promise as the list tells it."""

    promise: Promise
    today: date

    @property
    def made_on(self) -> date:
        return self.promise.made_on

    @property
    def age(self) -> str:
        """How long it has stood: 1年2か月, 3か月, 12日."""
        return age(self.promise.made_on, self.promise.result_on or self.today)

    @property
    def section(self) -> str:
        return self.promise.section.name if self.promise.section else ""

    @property
    def project(self) -> str:
        project = self.promise.project
        return f"{project.number} {project.name}".strip() if project else ""

    @property
    def place(self) -> tuple[int, int]:
        project = self.promise.project
        year = self.promise.policy.fiscal_year if self.promise.policy else 0
        return (-year, project.order) if project else (-year, 10_000)

    @property
    def stands_with(self) -> int:
        """The fiscal year of the policy with which it stands."""
        policy = self.promise.policy
        return policy.fiscal_year if policy else self.promise.on_fiscal_year

    @property
    def stands_in(self) -> str:
        """令和3年度の方針, and 翌年度へ where it waits to be carried on."""
        year = era_year(self.stands_with, get_language() or "ja")
        if self.is_open and not self.promise.carried_over:
            return gettext("%(year)sから翌年度へ") % {"year": year}
        return gettext("%(year)sの方針") % {"year": year}

    @property
    def made_day(self) -> str:
        return day_in_words(self.made_on)

    @property
    def result_day(self) -> str:
        return day_in_words(self.promise.result_on)

    @property
    def disposition(self) -> str:
        return str(DISPOSITIONS[self.promise.disposition])

    @property
    def is_open(self) -> bool:
        return not self.promise.result

    @property
    def from_where(self) -> str:
        """令和2年度 No.3, or the source that was typed in."""
        promise = self.promise
        year = era_year(promise.on_fiscal_year, get_language() or "ja")
        if promise.item:
            return gettext("%(year)sの意見 No.%(n)d") % {"year": year, "n": promise.item.number}
        return promise.source or gettext("%(year)sの意見") % {"year": year}


def age(since: date, until: date) -> str:
    """How long between two days, in the reader's language; from a month on in months."""
    months = (until.year - since.year) * 12 + until.month - since.month
    months -= until.day < since.day
    if months < 1:
        days = max((until - since).days, 0)
        return ngettext("%(n)d日", "%(n)d日", days) % {"n": days}
    years, months = divmod(months, 12)
    told = []
    if years:
        told.append(ngettext("%(n)d年", "%(n)d年", years) % {"n": years})
    if months:
        told.append(ngettext("%(n)dか月", "%(n)dか月", months) % {"n": months})
    return " ".join(told) if not (get_language() or "ja").startswith("ja") else "".join(told)


class PromiseList:
    """The promises of a ward that a person sees, the oldest first; one query."""

    def __init__(self, user, ward: Ward) -> None:
        rows = Promise.objects.visible_to(user).filter(ward=ward)
        rows = rows.select_related(
            "ward", "policy", "project__policy", "section", "item__round__period"
        )
        today = timezone.localdate()
        self.lines = [PromiseLine(each, today) for each in rows.order_by("made_on", "id")]


class PromiseFilter(django_filters.FilterSet):
    """Which promises stay."""

    year = choice(_("意見の年度"))
    section = choice(_("課"))
    disposition = choice(_("対応区分"))
    state = choice(_("対処結果"))
    q = words_filter()

    class Meta:
        model = Promise
        fields: list[str] = []

    def __init__(self, data, *, promises: PromiseList) -> None:
        super().__init__(data, queryset=Promise.objects.order_by())
        self.all = promises.lines
        lang = get_language() or "ja"
        years = sorted({line.promise.on_fiscal_year for line in self.all}, reverse=True)
        for name, choices in {
            "year": [(str(year), era_year(year, lang)) for year in years],
            "section": named_once(sorted(line.section for line in self.all)),
            "disposition": [(str(key), str(DISPOSITIONS[key])) for key in PROMISES],
            "state": [("open", gettext("まだない")), ("settled", gettext("書いてある"))],
        }.items():
            self.filters[name].extra["choices"] = choices

    def kept(self) -> list[PromiseLine]:
        """The promises that stay; all of them while a filter cannot be read."""
        if not self.active():
            return self.all
        found = set(self.qs.values_list("pk", flat=True))
        return [line for line in self.all if line.promise.pk in found]

    def active(self) -> bool:
        return self.is_valid() and any(self.form.cleaned_data.values())

    def by_line(self, queryset, name: str, value: str):
        def has(line: PromiseLine) -> bool:
            if name == "year":
                return str(line.promise.on_fiscal_year) == value
            if name == "state":
                return line.is_open == (value == "open")
            return value == (line.section if name == "section" else line.promise.disposition)

        return queryset.filter(pk__in=[line.promise.pk for line in self.all if has(line)])

    def by_words(self, queryset, name: str, value: str):
        words = folded(value).split()
        return queryset.filter(
            pk__in=[
                line.promise.pk for line in self.all if all(word in text_of(line) for word in words)
            ]
        )


def text_of(line: PromiseLine) -> str:
    """All that a search looks at, folded."""
    promise = line.promise
    parts = (promise.text, promise.what, promise.who, promise.by_when, promise.result)
    return folded(" ".join((*parts, line.project, line.section, line.from_where)))


def promise_columns(lines: Iterable[PromiseLine]) -> list[Column]:
    """One row a promise."""
    lines = list(lines)
    lang = get_language() or "ja"
    columns: list[Column] = [
        Column(gettext("約束した日"), lambda line: line.made_on, "date", width=12),
        Column(gettext("もとの意見"), lambda line: line.from_where, width=20),
        Column(gettext("意見"), lambda line: line.promise.text, width=40),
        Column(gettext("対応区分"), lambda line: line.disposition, width=10),
        Column(gettext("約束した内容"), lambda line: line.promise.what, width=40),
        Column(gettext("だれが"), lambda line: line.promise.who, width=16),
        Column(gettext("いつまでに"), lambda line: line.promise.by_when, width=16),
        Column(gettext("対処結果"), lambda line: line.promise.result, width=40),
        Column(gettext("対処結果の日"), lambda line: line.promise.result_on, "date", width=12),
        Column(gettext("課"), lambda line: line.section, width=16),
        Column(gettext("事業"), lambda line: line.project, width=26),
        Column(gettext("方針の年度（西暦）"), lambda line: line.stands_with, "year", width=8),
        Column(
            gettext("方針の年度（和暦）"), lambda line: era_year(line.stands_with, lang), width=10
        ),
        Column(
            gettext("意見の年度（西暦）"), lambda line: line.promise.on_fiscal_year, "year", width=8
        ),
        Column(
            gettext("意見の年度（和暦）"),
            lambda line: era_year(line.promise.on_fiscal_year, lang),
            width=10,
        ),
        Column(gettext("団体コード"), lambda line: line.promise.ward.code, width=9),
        Column(gettext("区"), lambda line: line.promise.ward.label, width=8),
    ]
    if any(is_demo(line.promise) for line in lines):
        columns.append(
            Column(
                gettext("データの種別"),
                lambda line: gettext("デモデータ") if is_demo(line.promise) else "",
                width=10,
            )
        )
    return columns


def is_demo(promise: Promise) -> bool:
    return bool(promise.policy and promise.policy.is_demo)


def day_in_words(day: date | None) -> str:
    return era_date(day, get_language() or "ja") if day else ""


def as_context(line: PromiseLine) -> dict[str, Any]:
    """What a promise's own page is told of it."""
    promise, lang = line.promise, get_language() or "ja"
    return {
        "promise": promise,
        "line": line,
        "made_day": day_in_words(promise.made_on),
        "result_day": day_in_words(promise.result_on),
        "stands_with": era_year(line.stands_with, lang),
        "on_year": era_year(promise.on_fiscal_year, lang),
    }
