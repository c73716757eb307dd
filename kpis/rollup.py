"""Rule 7: what the targets of a project, a pillar, a section, a ward or the city come to together.

Counts come first and the mean second, and a mean never stands without how many it covers.
A missing entry is no zero in it and is not silently left out: due less entered says how many.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from kpis.figures import Result, Status, Target

NATURES = ("activity", "outcome", "unsaid")

# A project is as well as its worst target.
WORST_FIRST = (
    Status.BEHIND,
    Status.NOT_ACHIEVED,
    Status.NOT_ENTERED,
    Status.SLIGHTLY_BEHIND,
    Status.NEARLY_ACHIEVED,
    Status.ON_TRACK,
    Status.ACHIEVED,
    Status.NOT_JUDGED,
    Status.POSTPONED,
    Status.CANCELLED,
)
_PLACE = {status: place for place, status in enumerate(WORST_FIRST)}


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of the rates, each capped at 100 %, and over how many; None of nothing."""

    mean: Fraction | None
    of: int


@dataclass(frozen=True, slots=True)
class RollUp:
    """Counts of all ten statuses; achieved n of `judged`; entered n of `due`; then the mean."""

    counts: Mapping[Status, int]
    achieved: int
    judged: int
    entered: int
    due: int
    mean: Fraction | None
    mean_of: int
    by_nature: Mapping[str, Mean]  # activity, outcome, unsaid

    @property
    def total(self) -> int:
        """How many targets count here, a linked pair once."""
        return sum(self.counts.values())

    @property
    def not_entered(self) -> int:
        return self.due - self.entered

    @property
    def status(self) -> Status:
        """The worst status that occurs here; これから where there is no target."""
        return project_status(status for status, count in self.counts.items() if count)


def roll_up(results: Iterable[tuple[Target, Result]]) -> RollUp:
    """Rule 7. A linked total is left out: the yearly target it follows from counts for both."""
    counts = dict.fromkeys(Status, 0)
    judged = entered = due = 0
    rates: dict[str, list[Fraction]] = {nature: [] for nature in NATURES}
    for target, result in results:
        if result.linked:
            continue
        counts[result.status] += 1
        due += result.due
        entered += result.entered
        judged += result.judged
        if result.in_mean and result.rate is not None:
            rates[target.nature or "unsaid"].append(min(result.rate, Fraction(1)))
    everything = [rate for some in rates.values() for rate in some]
    return RollUp(
        counts=counts,
        achieved=counts[Status.ACHIEVED],
        judged=judged,
        entered=entered,
        due=due,
        mean=_mean(everything),
        mean_of=len(everything),
        by_nature={nature: Mean(_mean(some), len(some)) for nature, some in rates.items()},
    )


def _mean(rates: list[Fraction]) -> Fraction | None:
    return sum(rates, Fraction(0)) / len(rates) if rates else None


def project_status(statuses: Iterable[Status]) -> Status:
    """The worst of them; `not_judged` (これから) where there are none."""
    return min(statuses, key=lambda status: _PLACE[status], default=Status.NOT_JUDGED)
