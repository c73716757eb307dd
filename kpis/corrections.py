"""訂正: which corrected entries stand behind a figure, so that each figure can say so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .achievement import Target
from .reading import PolicyReading


@dataclass(frozen=True, slots=True)
class Correction:
    """An entry that was changed after it was confirmed or closed."""

    period: str
    reason: str


Corrections = Mapping[str, tuple[Correction, ...]]  # by target key; only those with one


def corrections(reading: PolicyReading, period: str) -> Corrections:
    """Of each target, the corrections that its figure at the end of the period rests on.

    A sum rests on every period so far, anything else on the newest period that has a figure or a
    stage; what was corrected in the period itself counts in any case. A linked total rests on its
    yearly target's periods too.
    """
    so_far: list[str] = []
    for each in reading.periods:
        so_far.append(each.key)
        if each.key == period:
            break
    corrected = {
        key: {at: each.corrected_because for at, each in said.items() if each.corrected_because}
        for key, said in reading.said.items()
        if any(each.corrected_because for each in said.values())
    }
    if not corrected:
        return {}
    found = {}
    for target in reading.targets:
        rests_on = [
            *_of(target, corrected.get(target.key, {}), reading, so_far),
            *_so_far(corrected.get(target.linked_to, {}), so_far),
        ]
        if rests_on:
            found[target.key] = tuple(rests_on)
    return found


def _so_far(corrected: Mapping[str, str], periods: list[str]) -> list[Correction]:
    return [Correction(at, corrected[at]) for at in periods if at in corrected]


def _of(
    target: Target, corrected: Mapping[str, str], reading: PolicyReading, so_far: list[str]
) -> list[Correction]:
    if target.is_sum or not corrected:
        return _so_far(corrected, so_far)
    entries = reading.entries.get(target.key, {})
    reported = [at for at in so_far if at in entries and not entries[at].missing]
    return _so_far(corrected, list(dict.fromkeys([*reported[-1:], so_far[-1]])))
