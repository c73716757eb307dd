"""What may be entered for a target, and what is asked about once. Pure: no database, no framework.

Refusals keep figures out that no calculation could use (docs/calculation.md, rules 1 and 3).
Questions are about figures that are possible and look like a slip; who says they are right, is.
Bounds and reasons are told in docs/entering.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from kpis.figures import Entries, Entry, Status, Target
from kpis.numbers import fits

#: A figure this many times the one before it is asked about.
MANY_TIMES = 10

#: A year's sum this many times its target is asked about: who types the total so far for the
#: period's own figure comes about there. Of a target of two or three it may just be one event more.
FAR_ABOVE = Decimal("1.5")
FEW_MORE = 3

#: Statuses in which a section is asked what stood in the way.
BEHIND = frozenset({Status.BEHIND, Status.SLIGHTLY_BEHIND, Status.NOT_ACHIEVED})


class Explained(Protocol):
    """What stands beside a figure."""

    @property
    def self_status(self) -> str: ...

    @property
    def self_reason(self) -> str: ...

    @property
    def outlook_met(self) -> bool | None: ...

    @property
    def cause(self) -> str: ...

    @property
    def remedy(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing `about` one field: `key` names the sentence, `values` go into it."""

    about: str
    key: str
    values: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Around:
    """What an entry is compared with."""

    before: Decimal | None = None  # the latest figure of an earlier period; of a total, the total
    after: Decimal | None = None  # the next figure of a later period
    elsewhere: Decimal = Decimal(0)  # what the figures of all other periods add up to


def refusals(
    target: Target,
    entry: Entry,
    others: Entries,
    periods: Sequence[str],
    stands: Entry | None = None,
) -> list[Remark]:
    """Why an entry cannot be kept; nothing where it can.

    `others` are the target's entries for the other periods of the policy, by key; `periods`
    are all keys in order, `""` in the place of the period being entered. `stands`: what the entry
    is to replace.
    """
    found = []
    answered = entry.stage if target.is_milestone else entry.value is not None
    if answered and entry.missing:
        found.append(Remark("missing", "stage_and_reason" if entry.stage else "figure_and_reason"))
    if entry.missing and target.linked_to:
        found.append(Remark("missing", "reason_on_linked"))
    if entry.of is not None and entry.of < 0:
        found.append(Remark("denominator", "negative_denominator"))
    elif entry.of is not None and not fits(entry.of):
        found.append(Remark("denominator", "too_many_digits"))
    elif entry.of is not None and entry.value is None:
        found.append(Remark("denominator", "denominator_alone"))
    if entry.value is None:
        # A denominator goes with its figure, and later periods may rest on it.
        if stands and stands.of is not None and not found:
            found += _beyond_the_whole(target, entry, others, periods)
        return found
    if not fits(entry.value):
        found.append(Remark("value", "too_many_digits"))
    elif entry.value < 0 and target.baseline is None:
        found.append(Remark("value", "negative"))
    elif target.measure == "ratio" and not any(remark.about == "denominator" for remark in found):
        found += _beyond_the_whole(target, entry, others, periods)
    return found


def _beyond_the_whole(
    target: Target, entry: Entry, others: Entries, periods: Sequence[str]
) -> list[Remark]:
    """A ratio's figure to date above the denominator of its day, now or in a later period.

    A denominator is that of the whole year and counts from the period that reports it on, as in
    a document (kpis/document_checks.py): what is kept here can be taken out and in again.
    """
    to_date, whole = Decimal(0), target.of
    reached = False
    for key in periods:
        here = key == ""
        reached = reached or here
        each = entry if here else others.get(key, Entry())
        if each.value is None:
            continue
        whole = whole if each.of is None else each.of
        to_date = to_date + each.value if target.is_sum else each.value
        if not reached or whole is None or to_date <= whole:
            continue
        if here and each.value > whole:
            return [Remark("value", "above_whole", {"value": each.value, "whole": whole})]
        if entry.value is None:
            return [Remark("value", "later_without_whole", {"value": to_date, "whole": whole})]
        if target.is_sum:
            return [Remark("value", "sum_above_whole", {"total": to_date, "whole": whole})]
        return [Remark("denominator", "later_above_whole", {"value": to_date, "whole": whole})]
    return []


def questions(target: Target, entry: Entry, around: Around) -> list[Remark]:
    """What is asked once about a figure that is possible and looks like a slip.

    Of several things that may look wrong the first is asked: they are the same slip.
    """
    value = entry.value
    if value is None:
        return []
    if target.measure == "percentage" and value > 100:
        return [Remark("value", "over_a_hundred", {"value": value})]
    looks = _many_times(target, value, around) or _falling(target, value, around)
    looks = looks or _far_above(target, value, around)
    return [looks] if looks else []


def _many_times(target: Target, value: Decimal, around: Around) -> Remark | None:
    """Ten times the last figure or more, or where there was none, ten times the target."""
    for key, known in [
        ("many_times_before", target.baseline if around.before is None else around.before),
        ("many_times_target", target.value),
    ]:
        if known is not None and known > 0:
            if value >= MANY_TIMES * known:
                return Remark("value", key, {"value": value, "known": known})
            return None
    return None


def _falling(target: Target, value: Decimal, around: Around) -> Remark | None:
    """A running total below what it was, or above what it is said to be later on.

    It can only grow, unless the plan itself leads below the baseline.
    """
    baseline = target.baseline
    downward = baseline is not None and target.value is not None and target.value < baseline
    if not target.cumulative or downward:
        return None
    if around.before is not None and value < around.before:
        return Remark("value", "total_falls", {"value": value, "known": around.before})
    if baseline is not None and value < baseline and not target.is_limit:
        return Remark("value", "below_baseline", {"value": value, "known": baseline})
    if around.after is not None and value > around.after:
        return Remark("value", "total_falls_later", {"value": value, "known": around.after})
    return None


def _far_above(target: Target, value: Decimal, around: Around) -> Remark | None:
    """A year's sum half as much again as its target, or more.

    Not of an upper limit: to be far above it is bad news, which is asked about before submission.
    Not of a ratio either: its denominator is the limit, and to reach all of it may be good news.
    """
    if not target.is_sum or target.is_limit or target.measure == "ratio":
        return None
    total, known = around.elsewhere + value, target.value
    if known is None or known <= 0 or value <= 0:
        return None
    if total >= FAR_ABOVE * known and total >= known + FEW_MORE:
        return Remark("value", "sum_far_above", {"total": total, "known": known})
    return None


def lacking(status: Status, said: Explained, *, during_year: bool = False) -> list[Remark]:
    """What has to be written before an entry of this status can be submitted.

    Whoever is behind, by the maths or by their own judgement, or says that the year's target
    will not be met, says why and what will be done; and `during_year`, while there is a year's
    end to foresee, whether the target will be met after all. Of whom is on track nothing is asked:
    that it will be met is what that means. A judgement of one's own that differs from the maths
    has its reason.
    """
    found = []
    behind = status in BEHIND or said.self_status in BEHIND or said.outlook_met is False
    if behind and not said.cause:
        found.append(Remark("cause", "no_cause"))
    if behind and not said.remedy:
        found.append(Remark("remedy", "no_remedy"))
    if behind and during_year and said.outlook_met is None:
        found.append(Remark("outlook_met", "no_outlook"))
    if said.self_status and said.self_status != status and not said.self_reason:
        found.append(Remark("self_reason", "no_self_reason"))
    return found
