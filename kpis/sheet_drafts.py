"""A row of the sheet that was sent and not (wholly) kept, and how a row is known again."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from . import typed


@dataclass(slots=True)
class Clash:
    """Two figures for one field: what stands, and what was typed."""

    field: str
    theirs: str
    mine: str


@dataclass(slots=True)
class Draft:
    """A row that was sent and not (wholly) kept: shown as it was typed, with what is wrong."""

    values: Mapping[str, str] = field(default_factory=dict)
    problems: Sequence[typed.Problem] = ()
    clashes: Sequence[Clash] = ()
    told: str = ""  # who saved what stands, and when; or why nothing can be saved any more
    is_refused: bool = False
    version: int | None = None  # what the person saw; None: what stands now
    was: str = ""

    @property
    def is_question(self) -> bool:
        return bool(self.problems) and all(problem.is_question for problem in self.problems)

    @property
    def needs_choice(self) -> bool:
        return bool(self.clashes)

    @property
    def is_wrong(self) -> bool:
        """Whether something has to be put right, and not only to be decided."""
        return self.is_refused or any(not problem.is_question for problem in self.problems)


def digest(texts: Mapping[str, str]) -> str:
    """The fields of a row as they stood on the page, short enough to send along with the form."""
    return ".".join(f"{name[0]}{mark(texts[name])}" for name in typed.FIELDS if name in texts)


def mark(text: str) -> str:
    return f"{zlib.crc32(text.encode('utf-8', 'surrogatepass')):08x}"


def marks_of(digested: str) -> dict[str, str]:
    """By field the mark that stood on the page; what is no digest says nothing."""
    by_letter = {name[0]: name for name in typed.FIELDS}
    return {by_letter[each[0]]: each[1:] for each in digested.split(".") if each[:1] in by_letter}
