"""The target list: every target of a policy, filtered and sorted, with the address keeping both.

The board holds everything in memory already; the filters of kpis/filters.py only say which
targets stay. A cumulative total that follows from a yearly target is told in that target's row
and counts once, here as on the dashboard, so that the numbers on both pages agree.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from .achievement import Period, Result, Target
from .board import Board, ProjectOnBoard, shares
from .phrases import Phrases, points
from .reading import Words
from .rollup import WORST_FIRST
from .rows import Row, RowWriter

#: Columns in which a target may have nothing.
MAY_BE_UNKNOWN = ("rate", "gap")


@dataclass(slots=True)
class Listed:
    """One target of the list with all that its columns, its filters and its files ask for."""

    place: int
    target: Target
    words: Words
    result: Result
    project: ProjectOnBoard
    row: Row
    rate_text: str

    @property
    def section(self) -> str:
        return self.target.section

    @property
    def rate(self) -> Fraction | None:
        return self.result.rate

    @property
    def gap(self) -> Fraction | None:
        """Rate less planned position, as a share; None where either is missing."""
        due = shares(self.target, self.result).due
        if self.result.rate is None or due is None:
            return None
        return self.result.rate - due

    @property
    def gap_text(self) -> str:
        return "—" if self.gap is None else points(self.gap)

    @property
    def urgency(self) -> int:
        """0 for the status that needs a person most."""
        return WORST_FIRST.index(self.result.status)


class Listing:
    """All targets of a board at the end of a period, in the policy's order."""

    def __init__(self, board: Board, period: Period) -> None:
        self.board = board
        self.period = period
        self.phrases = Phrases(board.policy)
        self.results = board.results(period.key)
        write = RowWriter(board, period.key, self.phrases).row
        project_of = {
            target.key: project for project in board.projects for target in project.targets
        }
        self.rows = [
            Listed(
                place=place,
                target=target,
                words=board.reading.words[target.key],
                result=self.results[target.key],
                project=project_of[target.key],
                row=write(target),
                rate_text=self.phrases.rate(self.results[target.key]),
            )
            for place, target in enumerate(board.targets)
        ]

    def counted(self) -> list[Listed]:
        """The rows that count: a linked cumulative total stands in its yearly target's row."""
        return [row for row in self.rows if not row.result.linked]

    @cached_property
    def known(self) -> set[str]:
        """Of rate and gap, what any target has: none has a gap at year end, no milestone a rate."""
        rows = self.counted()
        return {
            name for name in MAY_BE_UNKNOWN if any(getattr(row, name) is not None for row in rows)
        }

    def only(self, keys: Iterable[str]) -> list[Listed]:
        """The counted rows of these targets, in the policy's order."""
        wanted = set(keys)
        return [row for row in self.counted() if row.target.key in wanted]

    def with_totals(self, rows: Iterable[Listed]) -> list[Listed]:
        """The rows, each followed by the cumulative totals that follow from it: for files."""
        totals: dict[str, list[Listed]] = defaultdict(list)
        for row in self.rows:
            if row.result.linked:
                totals[row.target.linked_to].append(row)
        return [each for row in rows for each in (row, *totals[row.target.key])]
