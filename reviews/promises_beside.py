"""Open promises beside a project: on its page and on the section's sheet, until their result."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from kpis.beside import Block
from kpis.models import Policy
from wards.calendar import era_year
from wards.permissions import Role, access_of
from wards.prepared import Prepared

from .models import Promise, Round
from .promise_list import DISPOSITIONS, age

#: Asked by every project page and every sheet.
OPEN = Prepared(
    lambda policy: (
        Promise.objects.filter(policy=policy, project__isnull=False, result="")
        .order_by("made_on", "id")
        .values_list(
            *("id", "project__key", "project__number", "project__name", "section_id"),
            *("text", "what", "who", "by_when", "disposition", "made_on"),
            *("on_fiscal_year", "carried_over", "item__round__state"),
        )
    )
)


@dataclass(frozen=True, slots=True)
class Beside:
    """A promise as a page of kpis shows it."""

    url: str
    text: str
    what: str
    who: str
    by_when: str
    disposition: str
    age: str
    on_year: str
    is_to_next: bool  # it is for next year, and still stands with this year's project
    may_settle: bool


def promises_beside(user: Any, policy: Policy, keys: Collection[str]) -> Mapping[str, Block]:
    """By project key, what is still promised; one query. Everybody in the ward reads it, and the
    city once the round is published (`permissions.promises_seen_by`)."""
    access = access_of(user)
    in_the_ward = policy.ward_id in access.ward_ids
    if not (access.is_city or in_the_ward):
        return {}
    today, lang = timezone.localdate(), get_language() or "ja"
    found: dict[str, list[Beside]] = {}
    names: dict[str, str] = {}
    secretariat = access.has(policy.ward_id, Role.SECRETARIAT)
    for row in OPEN(policy.pk):
        key = row[1]
        if key not in keys or not (in_the_ward or row[-1] in (None, Round.State.PUBLISHED)):
            continue
        names[key] = f"{row[2]} {row[3]}".strip()
        told = _told(row, policy, today, lang)
        may = secretariat or access.works_for(row[4])
        found.setdefault(key, []).append(Beside(**told, may_settle=may))
    return {
        key: Block(
            "reviews/promises_beside.html",
            {
                "promises": promises,
                "name": names[key],
                "key": key,
                "list_url": reverse("reviews:promises", args=[policy.ward.code]),
                "is_japanese": lang.startswith("ja"),
            },
        )
        for key, promises in found.items()
    }


def _told(row: tuple[Any, ...], policy: Policy, today: date, lang: str) -> dict[str, Any]:
    (id_, _key, _number, _name, _section, text, what, who, by_when) = row[:9]
    disposition, made_on, on_year, carried, _round_state = row[9:]
    return {
        "url": reverse("reviews:promise", args=[policy.ward.code, id_]),
        "text": text,
        "what": what,
        "who": who,
        "by_when": by_when,
        "disposition": str(DISPOSITIONS[disposition]),
        "age": age(made_on, today),
        "on_year": era_year(on_year, lang),
        "is_to_next": not carried and on_year == policy.fiscal_year,
    }
