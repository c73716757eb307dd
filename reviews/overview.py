"""What a dashboard says of the committee: its newest round, what waits for an answer, promises."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.db.models import Count, Q
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

    Two queries. What waits for an answer is the ward office's own; a 部長 is told of the whole
    ward, since a count names nobody.
    """
    access = access_of(user)
    inside = access.has(policy.ward_id, *INSIDE)
    if not (inside or access.has(policy.ward_id, Role.MEMBER) or access.is_city):
        return None
    begun = [
        row
        for row in _rounds()(policy.pk)
        if row[0] == Round.State.PUBLISHED
        or (row[0] != Round.State.PREPARING and access.has(policy.ward_id, Role.MEMBER, *INSIDE))
    ]
    ((promised,),) = _promises()(policy.pk) or ((0,),)
    if not begun and not promised:
        return None
    phrases = Phrases(policy)
    found: dict[str, Any] = {"promises": promised, "ward": policy.ward.code}
    if begun:
        state, key, starts, ends, waiting, opinion = begun[0]
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
    rows = (
        Round.objects.order_by("-period__starts")
        .annotate(waiting=Count("items", filter=Q(items__state__in=WAITING)))
        .values_list(
            "state",
            "period__key",
            "period__starts",
            "period__ends",
            "waiting",
            "opinion__state",
        )
    )
    return Prepared(lambda policy: rows.filter(policy=policy))


@lru_cache(maxsize=1)
def _promises() -> Prepared:
    rows = Promise.objects.filter(result="").order_by().values("policy")
    counted = rows.annotate(n=Count("pk")).values_list("n")
    return Prepared(lambda policy: counted.filter(policy=policy))
