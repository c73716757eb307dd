"""担当課の説明: a project's account for a period, and how it is kept.

As with a figure (kpis/entering.py): each save names the version it started from, the second of two
is told so, every save writes one line of history, and what is closed or confirmed refuses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.db.models import F, FilteredRelation, OuterRef, Q, Subquery
from django.http import Http404
from django.utils import timezone

from wards.prepared import Prepared

from .entering import Closed, Confirmed, Conflict, Refused
from .models import Actual, Change, Narrative, Period, Policy, Project, ProjectSection
from .permissions import works_on

#: What somebody writes, in the order of the page.
FIELDS = ("done", "obstacles", "next")

#: What the version of an account is called beside those of targets: "project:p05:3".
SEEN = "project:"


@dataclass(frozen=True, slots=True)
class Led:
    """A project as the rules look at it: the policy, its sections, the first of which leads."""

    project: Project
    policy: Policy
    section_ids: tuple[int, ...] = ()

    @property
    def owner_id(self) -> int | None:
        return next(iter(self.section_ids), None)

    @property
    def key(self) -> str:
        return f"{SEEN}{self.project.key}"

    @property
    def label(self) -> str:
        return f"{self.project.number}{self.project.name}"


@dataclass(frozen=True, slots=True)
class NarrativePlace:
    """One project in one period, with its accounts of the others."""

    led: Led
    period: Period
    periods: list[Period]
    written: Mapping[str, Narrative] = field(default_factory=dict)  # by period key

    @property
    def narrative(self) -> Narrative | None:
        """What stands in this period."""
        return self.written.get(self.period.key)

    @property
    def refusal(self) -> type[Refused] | None:
        """Why nothing can be written here now; None where it can."""
        if not self.period.is_open:
            return Closed
        if self.narrative and self.narrative.state == Actual.State.CONFIRMED:
            return Confirmed
        return None

    @property
    def before(self) -> Narrative | None:
        """The account of the latest earlier period that has one."""
        earlier = [each for each in self.periods if each.starts < self.period.starts]
        found = [self.written[each.key] for each in earlier if each.key in self.written]
        return next((each for each in reversed(found) if each.has_text), None)


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A project that a section leads, as its sheet lists it."""

    key: str
    number: str
    name: str
    state: str  # "" where nothing was written
    version: int
    returned_because: str

    @property
    def seen(self) -> str:
        """What the sheet's form sends back, so that nothing goes that was not shown."""
        return f"{SEEN}{self.key}:{self.version}"

    @property
    def state_name(self) -> str:
        return str(dict(Actual.State.choices).get(self.state, ""))


def of_sheet(policy: Policy, section: int, period: Period) -> list[SheetLine]:
    """The projects that a section leads, each with how far its account has come: one query."""
    return [
        SheetLine(
            key,
            number,
            name,
            (state or "") if any(texts) else "",
            version or 0,
            because or "",
        )
        for key, number, name, state, version, because, *texts in _led_by()(
            policy.pk, section, period.pk
        )
    ]


@lru_cache(maxsize=1)
def _led_by() -> Prepared:
    first = ProjectSection.objects.filter(project=OuterRef("pk")).order_by("order", "id")
    return Prepared(
        lambda policy, section, period: (
            Project.objects.filter(policy=policy)
            .annotate(
                lead=Subquery(first.values("section")[:1]),
                told=FilteredRelation("narratives", condition=Q(narratives__period=period)),
            )
            .filter(lead=section)
            .order_by("order", "id")
            .values_list(
                *("key", "number", "name", "told__state", "told__version"),
                *("told__returned_because", *(f"told__{name}" for name in FIELDS)),
            )
        )
    )


def read(led: Led, period_key: str, *, to_save: bool = False) -> NarrativePlace:
    """The project's place in a period; Http404 where there is no such period.

    `to_save`: within a transaction; nobody closes the period before it ends.
    """
    rows = Period.objects.filter(policy=led.policy).order_by("starts")
    periods = list(rows.select_for_update(no_key=True) if to_save else rows)
    period = next((each for each in periods if each.key == period_key), None)
    if period is None:
        raise Http404
    keys = {each.pk: each.key for each in periods}
    written = {
        keys[each.period_id]: each
        for each in Narrative.objects.filter(project=led.project).select_related("saved_by")
    }
    return NarrativePlace(led, period, periods, written)


def save(place: NarrativePlace, typed: Mapping[str, str], *, version: int, by) -> bool:
    """Keep what was written, with a line of history; whether anything was new.

    Raises Closed, Confirmed or Conflict; IntegrityError where two people wrote the first account
    in the same moment. Call it in a transaction, with a place that was read in it.
    """
    narrative = place.narrative
    if place.refusal:
        raise place.refusal(narrative)
    changed: dict[str, Any] = differences(narrative or Narrative(), typed)
    if not changed:
        return False
    saved: dict[str, Any] = {
        "saved_by": by,
        "saved_at": timezone.now(),
        "on_behalf": not works_on(by, place.led),
    }
    if narrative is None:
        Narrative.objects.create(project=place.led.project, period=place.period, **typed, **saved)
        act = Change.Act.ENTERED
    else:
        if version != narrative.version:
            raise Conflict(narrative)
        # What was handed in and is changed again has to be handed in again.
        if narrative.state in (Actual.State.SUBMITTED, Actual.State.RETURNED):
            saved["state"] = Actual.State.DRAFT
            changed["state"] = [narrative.state, Actual.State.DRAFT]
        still_so = Narrative.objects.filter(pk=narrative.pk, version=version, state=narrative.state)
        if not still_so.update(**typed, **saved, version=F("version") + 1):
            raise Conflict(Narrative.objects.get(pk=narrative.pk))
        act = Change.Act.CHANGED
    Change.objects.create(
        **line_about(place.led, place.period, by=by), act=act, changed=changed, at=saved["saved_at"]
    )
    return True


def differences(narrative: Narrative, typed: Mapping[str, str]) -> dict[str, list[str | None]]:
    """By field what stands and what was typed, as the history keeps them; empty: the same."""
    return {
        name: [getattr(narrative, name) or None, typed[name] or None]
        for name in FIELDS
        if getattr(narrative, name) != typed[name]
    }


def line_about(led: Led, period: Period, *, by) -> dict[str, Any]:
    """What a line of history about an account says of where it belongs and who wrote."""
    return {
        "ward_id": led.policy.ward_id,
        "policy_id": led.policy.pk,
        "project_id": led.project.pk,
        "section_id": led.owner_id,
        "period": period,
        "by": by,
        "by_name": str(by),
        "on_behalf": not works_on(by, led),
    }


def led_projects(projects: list[Project], policy: Policy) -> list[Led]:
    """The projects with their sections, in one query."""
    sections: dict[int, list[int]] = {}
    rows = ProjectSection.objects.filter(project__in=projects).order_by("order", "id")
    for project, section in rows.values_list("project_id", "section_id"):
        sections.setdefault(project, []).append(section)
    return [Led(each, policy, tuple(sections.get(each.pk, ()))) for each in projects]
