"""The chain of a ward's history: each line carries a digest of itself and of the line before.

Pure: no database. What is written here is fixed for ever, since every line that was ever kept has
to give its digest again; docs/history.md describes it for others who want to recompute.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

#: What the first line of a ward carries in the place of a digest before it.
NOTHING_BEFORE = "0" * 64
#: What is digested of a line: its columns by their names in the database, but for its own id and
#: digest.
CONTENT = (
    "number",
    "previous",
    "ward_id",
    "policy_id",
    "project_id",
    "target_id",
    "period_id",
    "section_id",
    "act",
    "changed",
    "reason",
    "by_id",
    "by_name",
    "on_behalf",
    "at",
)


def digest(line: Mapping[str, Any]) -> str:
    """SHA-256 of a line, as 64 hex digits. `line` has everything in CONTENT; `at` has a zone."""
    content = {name: _plain(line[name]) for name in CONTENT}
    text = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode("ascii")).hexdigest()


def _plain(value: Any) -> Any:
    """A value such that both databases give it back the same: 1.0 is 1, a moment is in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {str(name): _plain(each) for name, each in value.items()}
    return value


class Why(StrEnum):
    """What is wrong at the first broken link."""

    CHANGED = "changed"  # the line is not what was written
    MISSING = "missing"  # a number was left out
    INSERTED = "inserted"  # a line that was never written here
    REORDERED = "reordered"  # the line was written at another place
    REPLACED = "replaced"  # the line before is not the one that this one was written after
    CUT_OFF = "cut_off"  # the newest lines are gone


@dataclass(frozen=True, slots=True)
class Broken:
    """The first broken link: of which line, when it was written (if there is a line), and why."""

    number: int
    why: Why
    at: datetime | None = None


class Chain:
    """Follows the lines of one ward from the first on, and stops at the first broken link."""

    def __init__(self) -> None:
        self.number, self.digest = 0, NOTHING_BEFORE
        self.broken: Broken | None = None
        self._id = 0

    def follow(self, lines: Iterable[Mapping[str, Any]]) -> None:
        """Go on with lines in the order of their numbers; each has CONTENT, "id" and "digest"."""
        for line in lines:
            if self.broken:
                return
            if why := self._wrong(line):
                number = self.number + 1 if why is Why.MISSING else line["number"]
                self.broken = Broken(number, why, None if why is Why.MISSING else line["at"])
                return
            self.number, self.digest, self._id = line["number"], line["digest"], line["id"]

    def end(self, number: int, last: str) -> None:
        """Compare with what the ward's head says of its newest line."""
        if self.broken:
            return
        if number > self.number:
            self.broken = Broken(self.number + 1, Why.CUT_OFF)
        elif number < self.number:
            self.broken = Broken(number + 1, Why.INSERTED)
        elif last != self.digest:
            self.broken = Broken(number, Why.REPLACED)

    def _wrong(self, line: Mapping[str, Any]) -> Why | None:
        number = self.number + 1
        if line["number"] < number:
            return Why.INSERTED
        if digest(line) != line["digest"]:
            return Why.REORDERED if self._was_elsewhere(line) else Why.CHANGED
        if line["number"] > number:
            return Why.MISSING
        if line["previous"] != self.digest:
            return Why.REPLACED
        return Why.REORDERED if line["id"] <= self._id else None

    def _was_elsewhere(self, line: Mapping[str, Any]) -> bool:
        """Whether the line is whole, and only its number is not the one it was written with."""
        # A shifted line has moved by at most as many places as there are lines; look both ways.
        for away in range(1, 1001):
            for number in (line["number"] - away, line["number"] + away):
                if number > 0 and digest({**line, "number": number}) == line["digest"]:
                    return True
        return False
