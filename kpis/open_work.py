"""What lies open at a section: it goes along when a post there is handed over (人事異動)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from django.db.models import Q
from django.utils.translation import gettext as _

from wards.models import Section

from .models import Actual, Period, Policy, Target

State = Actual.State

#: In the order in which somebody new takes them up.
ON_THEIR_WAY = (State.RETURNED, State.DRAFT, State.SUBMITTED)


def open_entries(sections: Collection[int]) -> Mapping[int, Sequence[str]]:
    """By section, a sentence about its entries on their way in open periods, in two queries.

    Those of a section that was merged into it count as its own, as they do for whoever works
    there (wards/permissions.py).
    """
    here = Section.objects.filter(Q(pk__in=sections) | Q(successor__in=sections))
    desks: dict[int | None, set[int]] = {}
    wards = set()
    for pk, successor, ward in here.values_list("pk", "successor", "ward"):
        desks[pk] = set(sections) & {pk, successor}
        wards.add(ward)
    entries = (
        Target.objects.with_owner()
        .filter(
            policy__ward__in=wards,
            policy__state=Policy.State.IN_FORCE,
            actuals__period__state=Period.State.OPEN,
            actuals__state__in=ON_THEIR_WAY,
        )
        .order_by()
        .values_list("owner_id", "actuals__state")
    )
    counts: dict[int, Counter[str]] = {section: Counter() for section in sections}
    for owner, state in entries:
        for section in desks.get(owner, ()):
            counts[section][state] += 1
    return {section: [in_words(count)] for section, count in counts.items() if count}


def in_words(count: Counter[str]) -> str:
    """差戻し1件、下書き2件, as far as there are any."""
    return _("、").join(
        _("%(state)s%(count)s件") % {"state": state.label, "count": count[state]}
        for state in ON_THEIR_WAY
        if count[state]
    )
