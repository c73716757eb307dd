"""The way of an entry from draft to confirmed, and of a period from open to closed.

    下書き draft ──submit──▶ 提出済 submitted ──confirm──▶ 確認済 confirmed ──correct──▶ 訂正
       ▲  ◀──take back──────────┘     │ return                    │ return, while open
       └── saved again ── 差戻し returned ◀────────────────────────┘

A project's account for a period (kpis/narratives.py) goes the same way by the same moves, with the
sheet of the section that leads the project.

MOVES is the rule. Nothing else writes a state, but for an import, and for saving what was
submitted or returned: that makes it a draft again (kpis/entering.py). docs/workflow.md tells the
same to those who work with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from . import entering, narratives
from .achievement import Result
from .entering import Conflict, Place
from .entry_rules import Remark
from .entry_rules import lacking as lacking_of
from .models import Actual, Change, Narrative, Period, Policy, Target, about
from .narratives import Led, NarrativePlace
from .permissions import can_confirm, can_correct, can_enter, can_open_and_close, enters_on_behalf

State = Actual.State
NOTHING = ""  # the state of what was never entered

Allowed = Callable[[Any, Target | Led, Period], bool]


def enters(user, target: Target | Led, period: Period) -> bool:
    return can_enter(user, target)


def confirms(user, target: Target | Led, period: Period) -> bool:
    return can_confirm(user, target)


@dataclass(frozen=True, slots=True)
class Move:
    """From which states it goes while the period is open, from which once it is closed."""

    open: frozenset[str]
    closed: frozenset[str]
    after: str
    allowed: Allowed
    with_reason: bool = False

    def before(self, period: Period) -> frozenset[str]:
        return self.open if period.is_open else self.closed


def states(*names: str) -> frozenset[str]:
    return frozenset(names)


#: Closing ends entry; what was submitted can still be confirmed, or returned to be corrected.
MOVES = {
    "submit": Move(states(State.DRAFT, State.RETURNED), states(), State.SUBMITTED, enters),
    "take_back": Move(states(State.SUBMITTED), states(), State.DRAFT, enters),
    "confirm": Move(states(State.SUBMITTED), states(State.SUBMITTED), State.CONFIRMED, confirms),
    "return": Move(
        states(State.SUBMITTED, State.CONFIRMED),
        states(State.SUBMITTED),
        State.RETURNED,
        confirms,
        with_reason=True,
    ),
    # Who corrects could confirm as well: a corrected entry stands confirmed.
    "correct": Move(
        states(State.CONFIRMED),
        states(NOTHING, *State.values),
        State.CONFIRMED,
        can_correct,
        with_reason=True,
    ),
}

#: By state, what each move of a period leads to; the secretariat's alone.
PERIOD_MOVES = {
    "close": (Period.State.OPEN, Period.State.CLOSED),
    "open": (Period.State.CLOSED, Period.State.OPEN),
}


class MoveRefused(Exception):
    """The move cannot be made: `why` is a key of the sentences in kpis/workflow_views.py."""

    def __init__(self, why: str):
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Left:
    """An entry that stayed where it was, and why: a key, or what has to be written first."""

    target: Target | Led
    why: str
    state: str = NOTHING
    remarks: Sequence[Remark] = ()


@dataclass(slots=True)
class Outcome:
    """What became of one press of a button."""

    moved: list[Actual] = field(default_factory=list)
    narratives: list[Narrative] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)


def move(
    action: str,
    period: Period,
    targets: Iterable[Target],
    *,
    by,
    seen: Mapping[str, int],
    reason: str = "",
    lacking: Callable[[Target], Sequence[Remark]] = lambda target: (),
    section: int | None = None,
) -> Outcome:
    """Move the entries of these targets, with a line of history each; the others say why not.

    `section`: this is the whole sheet of that section, and the accounts of the projects that it
    leads go along, as far as they stand in `seen` (as "project:p05"): what the page did not show
    stays.

    `seen` has by key the version that stood on the person's page: what was saved or moved since
    stays. `lacking` says what has to be written before a target's entry is submitted. Corrections
    have a figure with them: `correct`. Raises MoveRefused: "no_reason", or "overtaken" where
    somebody else was quicker than this very moment; then nothing was moved.
    """
    rule = MOVES[action]
    reason = reason.strip()
    if rule.with_reason and not reason:
        raise MoveRefused("no_reason")
    outcome = Outcome()
    with transaction.atomic():
        # Nobody opens or closes the period, and no save comes between, before this ends.
        period = Period.objects.select_for_update(no_key=True).get(pk=period.pk)
        targets = list(targets)
        rows = Actual.objects.filter(period=period, target__in=targets).select_for_update()
        standing = {actual.target_id: actual for actual in rows.order_by("pk")}
        winners = []
        for target in targets:
            actual = standing.get(target.pk)
            left = _left(rule, period, target, actual, by, seen.get(target.key))
            if left is None and action == "submit" and (remarks := lacking(target)):
                left = Left(target, "lacking", remarks=remarks)
            if left is None:
                assert actual is not None
                winners.append((target, actual))
            else:
                outcome.left.append(left)
        at = timezone.now()
        told = _accounts(action, period, section, by, seen) if section else []
        outcome.left += [left for _led, _narrative, left in told if left]
        go_along = [(led, narrative) for led, narrative, left in told if not left]
        lines = _write(rule, period, winners, reason=reason, by=by, at=at)
        record(lines + _write_accounts(rule, period, go_along, reason=reason, by=by, at=at))
    outcome.moved = [actual for _target, actual in winners]
    outcome.narratives = [narrative for _led, narrative in go_along]
    return outcome


def before_submission(actual: Actual | None, result: Result, period: Period) -> list[Remark]:
    """What has still to be written before what stands in a period can be submitted; nothing where
    there is nothing to submit."""
    if actual is None or not actual.has_entry:
        return []
    if actual.state not in MOVES["submit"].before(period):
        return []
    return lacking_of(result.status, actual, during_year=not result.year_end)


def move_narrative(
    action: str, place: NarrativePlace, *, version: int, by, reason: str = ""
) -> None:
    """Move one project's account, by itself. Raises MoveRefused with what stood in the way.

    Called as narratives.save is: in a transaction, with a place that was read in it.
    """
    rule = MOVES[action]
    reason = reason.strip()
    if rule.with_reason and not reason:
        raise MoveRefused("no_reason")
    left = _left(rule, place.period, place.led, place.narrative, by, version)
    if left:
        raise MoveRefused(left.why)
    assert place.narrative is not None
    winners = [(place.led, place.narrative)]
    record(_write_accounts(rule, place.period, winners, reason=reason, by=by, at=timezone.now()))


def _accounts(
    action: str, period: Period, section: int, by, seen: Mapping[str, int]
) -> list[tuple[Led, Narrative, Left | None]]:
    """The accounts that a press on a section's sheet is about, each with why it stays, if so.

    Who returns a sheet means what was submitted, as with figures.
    """
    rule = MOVES[action]
    wanted = rule.before(period) - (states(State.CONFIRMED) if action == "return" else states())
    rows = Narrative.objects.filter(period=period).select_for_update(of=("self",))
    found = {row.project_id: row for row in rows.select_related("project").order_by("pk")}
    projects = [
        row.project for row in found.values() if f"{narratives.SEEN}{row.project.key}" in seen
    ]
    if not projects:
        return []
    policy = Policy.objects.get(pk=period.policy_id)
    told = []
    for led in narratives.led_projects(projects, policy):
        narrative = found[led.project.pk]
        if led.owner_id != section or not narrative.has_text:
            continue
        changed = seen[led.key] != narrative.version
        if changed or narrative.state in wanted:
            left = _left(rule, period, led, narrative, by, seen[led.key])
            told.append((led, narrative, left))
    return told


def _left(
    rule: Move, period: Period, target: Target | Led, actual, by, seen: int | None
) -> Left | None:
    """Why an entry or an account stays where it is; None where it can go."""
    if not rule.allowed(by, target, period):
        return Left(target, "not_allowed")
    if actual is None or not (actual.has_text if isinstance(target, Led) else actual.has_entry):
        return Left(target, "no_entry")
    if seen != actual.version:
        return Left(target, "stale", actual.state)
    if actual.state in rule.before(period):
        return None
    return Left(target, "closed" if actual.state in rule.open else "not_from", actual.state)


def _write(
    rule: Move, period: Period, winners: list[tuple[Target, Actual]], *, reason: str, by, at
) -> list[dict[str, Any]]:
    """Move the entries; gives back the lines of history about it."""
    _change(Actual.objects.all(), rule, period, [actual for _t, actual in winners], reason)
    return [
        of_target(
            target,
            period,
            act=Change.Act.MOVED,
            changed={"state": [actual.state, rule.after]},
            reason=reason,
            by=by,
            at=at,
        )
        for target, actual in winners
    ]


def _write_accounts(
    rule: Move, period: Period, winners: list[tuple[Led, Narrative]], *, reason: str, by, at
) -> list[dict[str, Any]]:
    _change(Narrative.objects.all(), rule, period, [each for _led, each in winners], reason)
    return [
        {
            **narratives.line_about(led, period, by=by),
            "act": Change.Act.MOVED,
            "changed": {"state": [narrative.state, rule.after]},
            "reason": reason,
            "at": at,
        }
        for led, narrative in winners
    ]


def _change(rows: Any, rule: Move, period: Period, winners: Sequence[Any], reason: str) -> None:
    if not winners:
        return
    # The condition sits in the UPDATE: of two people pressing at once, one wins.
    as_seen = Q()
    for each in winners:
        as_seen |= Q(pk=each.pk, version=each.version)
    still_so = rows.filter(as_seen, state__in=rule.before(period))
    new: dict[str, Any] = {"state": rule.after, "version": F("version") + 1}
    if rule.after in (State.SUBMITTED, State.RETURNED):
        new["returned_because"] = reason if rule.after == State.RETURNED else ""
    if still_so.update(**new) != len(winners):
        raise MoveRefused("overtaken")


def may_correct(by, place: Place) -> bool:
    """Whether what stands here (or does not) is corrected by this person, and not entered."""
    rule = MOVES["correct"]
    state = place.actual.state if place.actual else NOTHING
    return state in rule.before(place.period) and rule.allowed(by, place.target, place.period)


def correct(place: Place, typed: Mapping[str, Any], *, version: int, reason: str, by) -> bool:
    """訂正: change what is confirmed or closed, saying why; whether anything was new.

    Called as entering.save is: in a transaction, with a place that was read in it.
    """
    rule = MOVES["correct"]
    actual = place.actual
    if not reason.strip():
        raise MoveRefused("no_reason")
    if not rule.allowed(by, place.target, place.period):
        raise MoveRefused("not_allowed")
    if not may_correct(by, place):
        raise MoveRefused("not_from")
    changed = entering.differences(actual or Actual(), dict(typed))
    if not changed:
        return False
    at = timezone.now()
    new = dict(typed) | {
        "state": rule.after,
        "corrected_because": reason.strip(),
        "saved_by": by,
        "saved_at": at,
        "on_behalf": enters_on_behalf(by, place.target),
    }
    if actual is None:
        Actual.objects.create(target=place.target, period=place.period, **new)
    else:
        if version != actual.version:
            raise Conflict(actual)
        still_so = Actual.objects.filter(pk=actual.pk, version=version, state=actual.state)
        if not still_so.update(**new, version=version + 1):
            raise Conflict(Actual.objects.get(pk=actual.pk))
    state = actual.state if actual else None
    if state != rule.after:
        changed["state"] = [state, rule.after]
    record(
        [
            of_target(
                place.target,
                place.period,
                act=Change.Act.CORRECTED,
                changed=changed,
                reason=reason.strip(),
                by=by,
                at=at,
            )
        ]
    )
    return True


def may_correct_narrative(by, place: NarrativePlace) -> bool:
    """Whether a project's account is corrected by this person, and not written."""
    rule = MOVES["correct"]
    state = place.narrative.state if place.narrative else NOTHING
    return state in rule.before(place.period) and rule.allowed(by, place.led, place.period)


def correct_narrative(
    place: NarrativePlace, typed: Mapping[str, str], *, version: int, reason: str, by
) -> bool:
    """訂正 of a project's account, as `correct` does it for a figure."""
    rule, narrative = MOVES["correct"], place.narrative
    if not reason.strip():
        raise MoveRefused("no_reason")
    if not may_correct_narrative(by, place):
        raise MoveRefused("not_allowed")
    changed: dict[str, Any] = narratives.differences(narrative or Narrative(), typed)
    if not changed:
        return False
    line = narratives.line_about(place.led, place.period, by=by)
    at = timezone.now()
    new = dict(typed) | {
        "state": rule.after,
        "corrected_because": reason.strip(),
        "saved_by": by,
        "saved_at": at,
        "on_behalf": line["on_behalf"],
    }
    if narrative is None:
        Narrative.objects.create(project=place.led.project, period=place.period, **new)
    else:
        if version != narrative.version:
            raise Conflict(narrative)
        still_so = Narrative.objects.filter(pk=narrative.pk, version=version, state=narrative.state)
        if not still_so.update(**new, version=version + 1):
            raise Conflict(Narrative.objects.get(pk=narrative.pk))
    state = narrative.state if narrative else None
    if state != rule.after:
        changed["state"] = [state, rule.after]
    correction = {"act": Change.Act.CORRECTED, "changed": changed, "reason": reason.strip()}
    record([{**line, **correction, "at": at}])
    return True


@transaction.atomic
def move_period(action: str, policy: Policy, period: Period, *, by) -> None:
    """Open or close a period, with a line of history.

    Raises MoveRefused("not_allowed"), and MoveRefused("overtaken") where it was so already.
    """
    if not can_open_and_close(by, policy):
        raise MoveRefused("not_allowed")
    before, after = PERIOD_MOVES[action]
    if not Period.objects.filter(pk=period.pk, state=before).update(state=after):
        raise MoveRefused("overtaken")
    record(
        [
            {
                "ward_id": policy.ward_id,
                "policy": policy,
                "period": period,
                "act": Change.Act.MOVED,
                "changed": {"state": [before, after]},
                "by": by,
                "by_name": str(by),
                "at": timezone.now(),
            }
        ]
    )


def of_target(target: Target, period: Period, *, by, **line: Any) -> dict[str, Any]:
    """A line of history about a target in a period."""
    return {
        **about(target),
        "period": period,
        "by": by,
        "by_name": str(by),
        "on_behalf": enters_on_behalf(by, target),
        **line,
    }


def record(lines: Sequence[Mapping[str, Any]]) -> None:
    """Add lines to the history, in their order."""
    Change.objects.bulk_create([Change(**line) for line in lines])
