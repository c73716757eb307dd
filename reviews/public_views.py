"""What residents read without logging in: published rounds, the opinion, comments with answers.

Nothing here names a member, nor whom a member speaks for: with seven people that is a name.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from kpis.phrases import Phrases
from kpis.spreadsheets import Column, write_csv
from wards import calendar

from .compiling import newest, paragraphs_of
from .frozen import Copy
from .models import Item, Opinion, Round
from .opinion_pages import subject_name


@dataclass(frozen=True, slots=True)
class PublicItem:
    """A line of the published list."""

    number: int
    subject: str
    kind: str
    text: str
    disposition: str
    view: str
    reason: str
    promised: str
    result: str


def published():
    rows = Round.objects.filter(state=Round.State.PUBLISHED, policy__state="in_force")
    return rows.select_related("policy__ward", "period", "committee")


@login_not_required
@require_safe
def public_rounds(request):
    """The rounds that were published, by ward, the newest first."""
    found = [
        {
            "round": each,
            "url": each.address("public_round"),
            "year": phrases.year(each.policy.fiscal_year),
            "period": phrases.period_parts(each.period.starts, each.period.ends)[0],
            "day": phrases.day(each.decided_on) if each.decided_on else "",
        }
        for each in published().order_by("policy__ward__code", "-period__starts")
        for phrases in [Phrases(each.policy)]
    ]
    return render(request, "reviews/public_rounds.html", {"rounds": found})


@login_not_required
@require_safe
def public_round(request, code: str, year: int, period: str):
    """The opinion of a published round, and what the ward answered to each comment."""
    round = _find(code, year, period)
    opinion = Opinion.objects.filter(round=round, state=Opinion.State.PUBLISHED).first()
    version = newest(round) if opinion else None
    phrases = Phrases(round.policy)
    items = _items(round)
    context = {
        "round": round,
        "policy": round.policy,
        "year": phrases.year(round.policy.fiscal_year),
        "era_year": phrases.era_year(round.policy.fiscal_year),
        "period_name": phrases.period_parts(round.period.starts, round.period.ends)[0],
        "period_long": phrases.period(round.period.starts, round.period.ends),
        "opinion": opinion,
        "version": version,
        "paragraphs": paragraphs_of(version),
        "items": items,
        "counts": _counts(items),
        "decided": phrases.day(round.decided_on) if round.decided_on else "",
        "in_japanese": phrases.in_japanese,
        "place": "public",
    }
    return render(request, "reviews/public_round.html", context)


@login_not_required
@require_safe
def public_comments_csv(request, code: str, year: int, period: str):
    """The same list as open data, in the form in which wards publish it."""
    round = _find(code, year, period)
    phrases = Phrases(round.policy)
    policy, half = round.policy, round.period
    year_ja = calendar.era_year(policy.fiscal_year, phrases.lang)
    span = phrases.period(half.starts, half.ends)
    columns = [
        Column(gettext("団体コード"), lambda each: policy.ward.code),
        Column(gettext("区"), lambda each: policy.ward.name),
        Column(gettext("年度（西暦）"), lambda each: policy.fiscal_year, "year"),
        Column(gettext("年度"), lambda each: year_ja),
        Column(gettext("期"), lambda each: span),
        Column(gettext("No."), lambda each: each.number, "number"),
        Column(gettext("対象"), lambda each: each.subject),
        Column(gettext("種別"), lambda each: each.kind),
        Column(gettext("意見"), lambda each: each.text),
        Column(gettext("対応区分"), lambda each: each.disposition),
        Column(gettext("区の考え方"), lambda each: each.view),
        Column(gettext("対応区分の理由"), lambda each: each.reason),
        Column(gettext("約束した内容"), lambda each: each.promised),
        Column(gettext("対処結果"), lambda each: each.result),
    ]
    name = gettext("%(ward)s_%(year)s_%(period)s_意見と区の考え方.csv") % {
        "ward": policy.ward.name,
        "year": year_ja,
        "period": half.key,
    }
    response = HttpResponse(
        write_csv(columns, _items(round)), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


def _find(code: str, year: int, period: str) -> Round:
    return get_object_or_404(
        published(), policy__ward__code=code, policy__fiscal_year=year, period__key=period
    )


def _items(round: Round) -> list[PublicItem]:
    copy = Copy(round)
    names = {each.key: each.title for each in copy.titles} | {
        f"pillar:{each.key}": each.name for each in copy.pillars
    }
    places = {key: place for place, key in enumerate(names)}
    rows = sorted(
        Item.objects.filter(round=round, state=Item.State.RELEASED).select_related("promise"),
        key=lambda each: (
            places.get(
                each.key if each.subject == "project" else f"pillar:{each.key}", len(places)
            ),
            each.number,
        ),
    )
    return [
        PublicItem(
            number=number,
            subject=subject_name(each.subject, each.key, names),
            kind=each.get_kind_display(),
            text=each.text,
            disposition=each.get_disposition_display(),
            view=each.view,
            reason=each.reason,
            promised=_promised(each),
            result=_result(each),
        )
        for number, each in enumerate(rows, start=1)
    ]


def _promised(item: Item) -> str:
    parts = [item.what, item.who, item.by_when]
    return gettext("／").join(part for part in parts if part)


def _result(item: Item) -> str:
    promise = getattr(item, "promise", None)
    return promise.result if promise else ""


def _counts(items: list[PublicItem]) -> list[tuple[str, int]]:
    found: dict[str, int] = {}
    for each in items:
        found[each.disposition] = found.get(each.disposition, 0) + 1
    return list(found.items())
