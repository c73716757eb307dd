"""How a page finds its round, and what every page of a round is told."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404

from kpis.models import Period, Policy
from kpis.phrases import Phrases
from wards.models import Ward
from wards.permissions import access_of
from wards.prepared import PreparedObjects

from .frozen import Copy
from .models import Committee, Round
from .permissions import (
    frozen_projects_seen_by,
    looks_after,
    reads_copy,
    sees_round,
)


def find_round(user, code: str, year: int, period: str) -> Round:
    """The round of a ward, year and period, where this person may know of it; else 404."""
    of_ward = _rounds()(code, period)
    found = next((each for each in of_ward if each.policy.fiscal_year == year), None)
    if found is None or not sees_round(user, found):
        raise Http404
    return found


@lru_cache(maxsize=1)
def _rounds() -> PreparedObjects:
    """A ward's rounds on a half, a line a year, each with its policy, ward, period and committee.

    Every page of a round asks for it.
    """
    behind = {"policy": Policy, "period": Period, "committee": Committee}
    names = [
        f"{way}__{each.name}" for way, of in behind.items() for each in of._meta.concrete_fields
    ]
    wards = [f"policy__ward__{each.name}" for each in Ward._meta.concrete_fields]
    return PreparedObjects(
        Round.objects,
        lambda rows, code, period: rows.filter(policy__ward__code=code, period__key=period),
        only=[*(each.name for each in Round._meta.concrete_fields), *names, *wards],
    )


def find_copy(user, round: Round) -> Copy:
    """The frozen copy as far as this person reads it; 404 where they do not."""
    if not reads_copy(user, round):
        raise Http404
    return Copy(round, seen=frozen_projects_seen_by(user, round.policy))


def find_ward(user, code: str) -> Ward:
    """A ward in which this person holds a post; else 404."""
    return get_object_or_404(Ward, code=code, pk__in=access_of(user).ward_ids)


def find_committee(user, code: str) -> Committee:
    """The committee of a ward in which this person holds a post; else 404."""
    rows = Committee.objects.select_related("ward")
    return get_object_or_404(rows, ward__code=code, ward__in=access_of(user).ward_ids)


def about_round(round: Round, user, place: str) -> dict[str, Any]:
    """What templates/reviews/round_head.html and the menu are told. No queries.

    `place` is the tab: desk, read, behalf, comments, opinion, booklet.
    """
    phrases = Phrases(round.policy)
    starts, ends = round.period.starts, round.period.ends
    return {
        "round": round,
        "policy": round.policy,
        "place": "reviews",
        "tab": place,
        "year": phrases.era_year(round.policy.fiscal_year),
        "year_label": phrases.year(round.policy.fiscal_year),
        "period_name": phrases.period_parts(starts, ends)[0],
        "period_long": phrases.period(starts, ends),
        "due": phrases.short_day(round.due) if round.due else "",
        "in_japanese": phrases.in_japanese,
        "looks_after": looks_after(user, round.policy.ward_id),
        "reads_copy": reads_copy(user, round),
    }
