"""The demo year: what a ward might have reported under its policy, laid over the real plan.

fixtures/policies/ holds what the wards printed. fixtures/demo/ holds, by the ids of those
documents, what no policy prints: responsible sections, baselines, plans per period, changes of
targets, and what was reported. All of it is made up; docs/demo.md says how it is kept apart.
Pure: no database, no clock.
"""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from wards.calendar import next_working_day

from .documents import Document, canonical

FORMAT = "ayumi-demo/1"
DUE_IN = timedelta(days=10)

OVERLAY_KEYS = (
    "format",
    "ward",
    "fiscal_year",
    "sections",
    "projects",
    "targets",
    "returns",
    "proposals",
)
PROJECT_KEYS = ("sections", "status", "status_on", "status_reason", "narratives")
TARGET_KEYS = (
    "section",
    "baseline",
    "steps",
    "plan",
    "status",
    "status_on",
    "status_reason",
    "revisions",
    "actuals",
)


class OverlayMisfit(ValueError):
    """An overlay that does not belong on this policy document; `str()` names the place."""


@dataclass(frozen=True, slots=True)
class Return:
    """An entry that its head sent back (差戻し), and why."""

    target: str
    period: str
    reason: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A change of a target's value that a section asked for (目標変更の申請).

    It waits for a decision where nobody `declined` it, on a day and with a reason.
    """

    target: str
    on: str
    to: str
    reason: str
    declined_by: str = ""
    declined_on: str = ""
    declined_because: str = ""


def due_after(loaded_on: date) -> date:
    """When the open period of a demo loaded that day is due: in ten days, on a working day."""
    return next_working_day(loaded_on + DUE_IN)


def demo_year(policy: Document, overlay: Document, *, loaded_on: date, note: str) -> Document:
    """The policy document with its made-up year: the last period open, those before it closed.

    The same two documents and day give the same document. `note` is added to the policy's notes
    and marks everything under it as made up. Raises OverlayMisfit where the overlay names what
    the policy does not have, or would write over what the policy prints.
    """
    _check_belongs(policy, overlay)
    document = copy.deepcopy(policy)
    document["periods"] = _periods(document["periods"], loaded_on)
    if "sections" in overlay:
        _add(document, {"sections": overlay["sections"]}, ("sections",), "sections")
    document["notes"] = [*document.get("notes", []), note]
    projects = {project["id"]: project for project in _projects(document)}
    targets = {target["id"]: target for target in _targets(projects.values())}
    for key, extra in overlay.get("projects", {}).items():
        _add(_named(projects, key, "projects"), extra, PROJECT_KEYS, f"projects.{key}")
    for key, extra in overlay.get("targets", {}).items():
        target = _named(targets, key, "targets")
        _add(target, extra, TARGET_KEYS, f"targets.{key}")
        if "revisions" in extra:
            _revise(target, extra["revisions"], f"targets.{key}.revisions")
    for back in returns(overlay):
        _send_back(_named(targets, back.target, "returns"), back)
    for asked in proposals(overlay):
        _named(targets, asked.target, "proposals")
    return canonical(document)


def returns(overlay: Document) -> list[Return]:
    """The entries that were sent back; what the history tells of it is in no policy document."""
    return [Return(**row) for row in overlay.get("returns", [])]


def proposals(overlay: Document) -> list[Asked]:
    """The changes that were asked for. They are work in progress, and in no policy document."""
    return [Asked(**row) for row in overlay.get("proposals", [])]


def _check_belongs(policy: Document, overlay: Document) -> None:
    if overlay.get("format") != FORMAT:
        raise OverlayMisfit(f"format: expected {FORMAT}, found {overlay.get('format')!r}")
    for key in overlay:
        if key not in OVERLAY_KEYS:
            raise OverlayMisfit(f"{key}: unknown; an overlay has {', '.join(OVERLAY_KEYS)}")
    for key in ("ward", "fiscal_year"):
        if overlay[key] != policy[key]:
            raise OverlayMisfit(f"{key}: for {overlay[key]!r}, and the policy is {policy[key]!r}")


def _periods(periods: Sequence[Document], loaded_on: date) -> list[Document]:
    last = max(period["ends"] for period in periods)
    return [
        period | {"state": "open", "due": due_after(loaded_on).isoformat()}
        if period["ends"] == last
        else period | {"state": "closed"}
        for period in periods
    ]


def _projects(document: Document) -> Iterator[Document]:
    for pillar in document["pillars"]:
        yield from pillar["projects"]


def _targets(projects: Any) -> Iterator[Document]:
    for project in projects:
        for initiative in project["initiatives"]:
            yield from initiative.get("targets", [])


def _named(things: Mapping[str, Document], key: str, place: str) -> Document:
    if key not in things:
        raise OverlayMisfit(f"{place}.{key}: the policy has none with this id")
    return things[key]


def _add(thing: Document, extra: Document, allowed: Sequence[str], place: str) -> None:
    """Add what the policy leaves open; what it prints is never written over."""
    for key, value in extra.items():
        if key not in allowed:
            raise OverlayMisfit(f"{place}.{key}: not for an overlay, which may say {allowed}")
        if key in thing:
            raise OverlayMisfit(f"{place}.{key}: the policy says this itself")
        thing[key] = copy.deepcopy(value)


def _revise(target: Document, revisions: Sequence[Document], place: str) -> None:
    """The printed value becomes the one before the first change; the last one is in force."""
    if revisions[0]["from"] != target["value"]:
        raise OverlayMisfit(f"{place}[0].from: the policy prints {target['value']}")
    target["value"] = revisions[-1]["to"]


def _send_back(target: Document, back: Return) -> None:
    entries: list[Document] = target.get("actuals", [])
    entry = next((row for row in entries if row["period"] == back.period), {})
    if entry.get("state") != "returned":
        place = f"returns.{back.target}"
        raise OverlayMisfit(f"{place}: the entry for {back.period} is not a returned one")
    entry["returned_because"] = back.reason
