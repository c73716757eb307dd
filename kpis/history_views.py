"""The history of a policy: filtered by what, who, when; as a page and as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from .history import Words, in_words, may_read
from .listing_views import CSV, taken_away
from .models import Change, Policy, Project, Target
from .phrases import Phrases
from .spreadsheets import Column, write_csv

#: How many lines stand on a page.
ON_A_PAGE = 50

SELECT = forms.Select(attrs={"class": "select"})


class HistoryFilter(django_filters.FilterSet):
    """Which lines stay. Offered is what stands in the part of the history this person sees."""

    project = django_filters.ChoiceFilter(
        label=_("事業"), field_name="project__key", empty_label=_("すべて"), widget=SELECT
    )
    target = django_filters.ChoiceFilter(
        label=_("目標"), field_name="target__key", empty_label=_("すべて"), widget=SELECT
    )
    section = django_filters.ChoiceFilter(
        label=_("所管課"), field_name="section__name", empty_label=_("すべて"), widget=SELECT
    )
    person = django_filters.ChoiceFilter(
        label=_("記録した人"), field_name="by_name", empty_label=_("すべて"), widget=SELECT
    )
    act = django_filters.ChoiceFilter(
        label=_("できごと"), choices=Change.Act.choices, empty_label=_("すべて"), widget=SELECT
    )
    day = django_filters.DateFilter(
        label=_("日"),
        field_name="at__date",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"class": "input", "type": "date"}),
    )

    class Meta:
        model = Change
        fields: list[str] = []

    def __init__(self, data, *, policy: Policy, user) -> None:
        changes = Change.objects.filter(policy=policy).visible_to(user)
        super().__init__(data, queryset=changes)
        projects = Project.objects.filter(policy=policy).visible_to(user)
        titles = {key: f"{number}{name}" for key, number, name in _named(projects, "number")}
        targets = Target.objects.filter(policy=policy).visible_to(user)
        groups: dict[str, list[tuple[str, str]]] = {}
        for key, project, label in _named(targets, "project__key", "label"):
            groups.setdefault(titles.get(project, project), []).append((key, label))
        self.filters["project"].extra["choices"] = list(titles.items())
        self.filters["target"].extra["choices"] = list(groups.items())
        for name in ("section", "person"):
            field = self.filters[name].field_name
            values = changes.order_by(field).values_list(field, flat=True).distinct()
            self.filters[name].extra["choices"] = [(each, each) for each in values if each]

    def lines(self) -> Any:
        """The lines that stay, newest first; all of them while a filter cannot be read."""
        return (self.qs if self.is_valid() else self.queryset).order_by("-id")

    def active(self) -> bool:
        """Whether any filter is set."""
        return self.is_valid() and any(self.form.cleaned_data.values())


def _named(rows, *fields: str) -> Any:
    """Key and names of projects or targets, in the policy's order."""
    fields = fields if "label" in fields else (*fields, "name")
    return rows.order_by("order", "id").values_list("key", *fields)


class PolicyHistory:
    """What both views have in common: the policy, who asks, and what the address asks for."""

    def __init__(self, request, code: str, year: int) -> None:
        """Raises Http404 for whoever does not see the policy, PermissionDenied for whoever does
        and may not read what went before a confirmed figure: members, and the city."""
        policies = Policy.objects.visible_to(request.user).select_related("ward")
        policy = policies.filter(ward__code=code, fiscal_year=year).first()
        if policy is None:
            raise Http404
        if not may_read(request.user, policy):
            raise PermissionDenied(gettext("変更の履歴は、区の職員と監査だけが見られます。"))
        self.policy, self.phrases = policy, Phrases(policy)
        self.filter = HistoryFilter(request.GET, policy=policy, user=request.user)
        self.words = Words(
            self.phrases,
            {
                period.key: self.phrases.period_parts(period.starts, period.ends)[0]
                for period in policy.periods.all()
            },
        )


@require_safe
def history(request, code: str, year: int):
    """The newest lines first; the address keeps the filters and can be sent."""
    found = PolicyHistory(request, code, year)
    policy, narrow, words = found.policy, found.filter, found.words
    rows = narrow.lines().values_list(
        *("at", "by_name", "act", "changed", "reason", "on_behalf", "target__label"),
        *("period__key", "number", "project__key", "project__number", "project__name"),
        *("target__key", "section__name"),
    )
    page = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    return render(
        request,
        "kpis/history.html",
        {
            "policy": policy,
            "place": "history",
            "year": found.phrases.year(policy.fiscal_year),
            "in_japanese": found.phrases.in_japanese,
            "filter": narrow,
            "narrowed": narrow.active(),
            "page": page,
            "lines": [
                {
                    "line": words.line(*[*row[:6], _about(words, row), row[7]]),
                    "number": row[8],
                    "project": row[9],
                    "title": f"{row[10] or ''}{row[11] or ''}",
                    "target": row[12] or "",
                    "section": row[13] or "",
                }
                for row in page.object_list
            ],
            "query": query.urlencode(),
            "base_url": policy.get_absolute_url(),
        },
    )


def _about(words: Words, row) -> str:
    """What a line is about: a target, else a project's account for a period, else neither."""
    target, period, project = row[6], row[7], row[9]
    return target or (words.account(period) if project else "")


@require_safe
def history_csv(request, code: str, year: int):
    """The same lines, all of them: a row for each field that changed."""
    found = PolicyHistory(request, code, year)
    policy = found.policy
    rows = found.filter.lines().values(
        *("number", "at", "project__key", "project__number", "project__name", "target__key"),
        *("target__label", "period__key", "section__name", "act", "changed", "reason"),
        *("by_name", "on_behalf", "digest"),
    )
    year_name = found.phrases.era_year(policy.fiscal_year)
    name = "_".join((policy.ward.label, year_name, gettext("変更の履歴")))
    return taken_away(
        request,
        write_csv(_columns(found), _fields_of(rows.iterator())),
        CSV,
        f"{name.replace('/', '-').replace(' ', '-')}.csv",
    )


def _fields_of(rows) -> Iterator[dict[str, Any]]:
    for row in rows:
        changes = in_words(row["changed"], of_plan=not row["period__key"], exact=True)
        for field, before, after in changes or [("", "", "")]:
            yield row | {"field": field, "before": before, "after": after}


def _columns(found: PolicyHistory) -> list[Column]:
    """Who changed what, when, from what to what, why; and the digest to check it by."""
    policy, words = found.policy, found.words
    year = found.phrases.era_year(policy.fiscal_year)

    def of(name: str):
        return lambda row: row[name]

    columns = [
        Column(gettext("番号"), of("number"), "number"),
        Column(gettext("団体コード"), lambda row: policy.ward.code),
        Column(gettext("区"), lambda row: policy.ward.label),
        Column(gettext("年度（西暦）"), lambda row: policy.fiscal_year, "year"),
        Column(gettext("年度（和暦）"), lambda row: year),
        Column(
            gettext("日時"), lambda row: timezone.localtime(row["at"]).isoformat(timespec="seconds")
        ),
        Column(gettext("事業ID"), of("project__key")),
        Column(gettext("事業番号"), of("project__number")),
        Column(gettext("事業"), of("project__name")),
        Column(gettext("目標ID"), of("target__key")),
        Column(gettext("目標"), of("target__label")),
        Column(gettext("期"), lambda row: words.periods.get(row["period__key"], "")),
        Column(gettext("所管課"), of("section__name")),
        Column(gettext("できごと"), lambda row: words.act(row["act"])),
        Column(gettext("項目"), of("field")),
        Column(gettext("変更前"), of("before")),
        Column(gettext("変更後"), of("after")),
        Column(gettext("理由"), of("reason")),
        Column(gettext("記録した人"), of("by_name")),
        Column(gettext("代理入力"), lambda row: gettext("はい") if row["on_behalf"] else ""),
        Column(gettext("ダイジェスト"), of("digest")),
    ]
    if policy.is_demo:
        columns.append(Column(gettext("データの種別"), lambda row: gettext("デモデータ")))
    return columns
