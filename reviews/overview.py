"""What a dashboard says of the committee: its newest round, what waits for an answer, promises."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from kpis.beside import Block
from kpis.models import Policy
from kpis.phrases import Phrases
from wards.permissions import INSIDE, Role, access_of
from wards.prepared import Prepared

from .models import Item, Promise, Round

WAITING = (Item.State.ASKED, Item.State.RETURNED, Item.State.ANSWERED)


def committee_block(user: Any, policy: Policy) -> Block | None:
    """For whom the round concerns: the ward office, the committee, and the city what is published.

    One query. What waits for an answer is the ward office's own; a 部長 is told of the whole
    ward, since a count names nobody.
    """
    access = access_of(user)
    inside = access.has(policy.ward_id, *INSIDE)
    if not (inside or access.has(policy.ward_id, Role.MEMBER) or access.is_city):
        return None
    rows = _rounds()(policy.pk)
    promised = rows[0][-1] if rows else 0
    begun = [
        row
        for row in rows
        if row[0] == Round.State.PUBLISHED
        or (
            row[0]
            and row[0] != Round.State.PREPARING
            and access.has(policy.ward_id, Role.MEMBER, *INSIDE)
        )
    ]
    if not begun and not promised:
        return None
    phrases = Phrases(policy)
    found: dict[str, Any] = {"promises": promised, "ward": policy.ward.code}
    if begun:
        state, key, starts, ends, waiting, opinion, _promised = begun[0]
        found |= {
            "period": phrases.period_parts(starts, ends)[0],
            "state": state,
            "state_name": Round.State(state).label,
            "url": reverse("reviews:opinion", args=[policy.ward.code, policy.fiscal_year, key]),
            "round_url": reverse("reviews:round", args=[policy.ward.code, policy.fiscal_year, key]),
            "list_url": reverse(
                "reviews:comments", args=[policy.ward.code, policy.fiscal_year, key]
            ),
            "waiting": waiting if inside else 0,
            "has_opinion": opinion == "published",
        }
    return Block("reviews/on_dashboard.html", found)


@lru_cache(maxsize=1)
def _rounds() -> Prepared:
    """The rounds of a policy, the newest first, each with the policy's open promises; where there
    is none, one row with those alone."""
    waiting = Item.objects.filter(round=OuterRef("rounds"), state__in=WAITING)
    promised = Promise.objects.filter(policy=OuterRef("pk"), result="")
    rows = (
        Policy.objects.order_by("-rounds__period__starts")
        .annotate(waiting=_count(waiting, "round"), promised=_count(promised, "policy"))
        .values_list(
            "rounds__state",
            "rounds__period__key",
            "rounds__period__starts",
            "rounds__period__ends",
            "waiting",
            "rounds__opinion__state",
            "promised",
        )
    )
    return Prepared(lambda policy: rows.filter(pk=policy))


def _count(rows: Any, by: str) -> Coalesce:
    """How many they are, as a column of something else."""
    counted = rows.order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)
