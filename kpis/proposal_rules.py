"""What may be asked to change in a plan, and what a change would do. Pure: no database.

A change is dated within the fiscal year. A new value keeps to what the maths can use
(docs/calculation.md, rules 1 to 3), starts from the value in force on its day, and stands behind
every earlier change: a day before one that is recorded is refused, since the later one would
then start from a value that nobody had promised. A ratio's denominator is no part of it: what
changed there is reported with the figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from kpis.achievement import judge_all
from kpis.figures import DEFAULT_GRADES, Entries, Grades, Period, Result, Revision, Target

REVISE, CANCEL, POSTPONE, RESUME = "revise", "cancel", "postpone", "resume"

#: What a target or project is once the change is made.
STANDING = {CANCEL: "cancelled", POSTPONE: "postponed", RESUME: "active"}

#: From which standing each change goes.
FROM = {
    REVISE: frozenset({"active"}),
    CANCEL: frozenset({"active", "postponed"}),
    POSTPONE: frozenset({"active", "cancelled"}),
    RESUME: frozenset({"cancelled", "postponed"}),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for, from which day."""

    kind: str
    on: date
    new: Decimal | None = None  # of a revision


@dataclass(frozen=True, slots=True)
class Remark:
    """Why it cannot be, at the field that it is about: a key of the sentences in proposal_forms."""

    about: str
    key: str
    values: Mapping[str, Decimal | date] = field(default_factory=dict)


def kinds_for(target: Target | None, status: str, project_status: str) -> list[str]:
    """What can be asked for now; of a project where there is no `target`.

    Nothing of a target whose project was given up: that counts for it whatever it says itself.
    """
    if target is not None and project_status != "active":
        return []
    return [
        kind
        for kind, standings in FROM.items()
        if status in standings
        and (kind != REVISE or (target is not None and not target.is_milestone))
    ]


def refusals(
    target: Target | None,
    wish: Wish,
    *,
    status: str,
    status_on: date | None,
    project_status: str,
    fiscal_year: int,
) -> list[Remark]:
    """Why the change cannot be made; nothing where it can. `status`: of what is to change."""
    if wish.kind not in kinds_for(target, status, project_status):
        return [Remark("kind", "not_now")]
    first, last = date(fiscal_year, 4, 1), date(fiscal_year + 1, 3, 31)
    found = []
    if not first <= wish.on <= last:
        found.append(Remark("on", "outside_year", {"first": first, "last": last}))
    if wish.kind != REVISE:
        if status_on is not None and wish.on < status_on:
            found.append(Remark("on", "before_standing", {"on": status_on}))
        return found
    assert target is not None
    return found + _of_value(target, wish)


def _of_value(target: Target, wish: Wish) -> list[Remark]:
    found = []
    if target.revisions:
        last = max(revision.on for revision in target.revisions)
        if wish.on <= last:
            key = "once_a_day" if wish.on == last else "before_revision"
            found.append(Remark("on", key, {"on": last}))
    if wish.new is None:
        found.append(Remark("new", "no_value"))
    elif wish.new == target.value:
        found.append(Remark("new", "same_value", {"value": wish.new}))
    elif wish.new < 0 and target.baseline is None:
        found.append(Remark("new", "negative"))
    elif target.measure == "ratio" and target.of is not None and wish.new > target.of:
        found.append(Remark("new", "above_whole", {"value": wish.new, "whole": target.of}))
    return found


def changed(target: Target, wish: Wish, *, of_project: bool = False) -> Target:
    """The target as it would be."""
    if wish.kind == REVISE:
        assert target.value is not None and wish.new is not None
        revision = Revision(on=wish.on, old=target.value, new=wish.new)
        return replace(target, value=wish.new, revisions=(*target.revisions, revision))
    status = STANDING[wish.kind]
    since = None if wish.kind == RESUME else wish.on
    if of_project:
        return replace(target, project_status=status, project_status_on=since)
    return replace(target, status=status, status_on=since)


@dataclass(frozen=True, slots=True)
class Effect:
    """What the change does to one target at the end of one period."""

    target: Target  # as it is
    period: Period
    before: Result
    after: Result


def effects(
    targets: Sequence[Target],
    of: Iterable[str],
    wish: Wish,
    entries: Mapping[str, Entries],
    *,
    periods: Sequence[Period],
    fiscal_year: int,
    grades: Grades = DEFAULT_GRADES,
    of_project: bool = False,
) -> list[Effect]:
    """Where results change: the targets with these keys, period by period.

    A revision counts from the period its day falls in and every later one, also where that
    period was closed long ago.
    """
    keys = frozenset(of)
    wished = [
        changed(each, wish, of_project=of_project) if each.key in keys else each for each in targets
    ]
    found = []
    for period in periods:
        before, after = (
            judge_all(
                some,
                entries,
                periods=periods,
                period=period.key,
                fiscal_year=fiscal_year,
                grades=grades,
            )
            for some in (targets, wished)
        )
        found += [
            Effect(each, period, before[each.key], after[each.key])
            for each in targets
            if each.key in keys and before[each.key] != after[each.key]
        ]
    return found
