"""The steps of a grade that a round asks for: a mark and a name, the best first.

`Round.grades` is a list of `{"key": "A", "name": "期待どおり"}`; a member's `Grade.grade` is a key.
Pure: no database, no framework.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: As long as `Grade.grade` holds, and no longer than fits on a sheet.
LONGEST_KEY, LONGEST_NAME, MOST = 10, 30, 10

USUAL = "A 期待どおり\nB おおむね期待どおり\nC 改善が必要"


@dataclass(frozen=True, slots=True)
class Step:
    key: str
    name: str

    def __str__(self) -> str:
        return f"{self.key} {self.name}".strip()


class WrongGrades(ValueError):
    """`why`: none, many, twice, long; `line` is the line that is meant."""

    def __init__(self, why: str, line: str = "") -> None:
        super().__init__(why)
        self.why, self.line = why, line


def read_grades(typed: str) -> list[dict[str, str]]:
    """One step a line, the mark first: 「A 期待どおり」. Raises WrongGrades."""
    steps: dict[str, str] = {}
    for line in typed.splitlines():
        key, _space, name = line.replace("　", " ").strip().partition(" ")
        if not key:
            continue
        if key in steps:
            raise WrongGrades("twice", key)
        if len(key) > LONGEST_KEY or len(name.strip()) > LONGEST_NAME:
            raise WrongGrades("long", line.strip())
        steps[key] = name.strip()
    if len(steps) < 2:
        raise WrongGrades("none")
    if len(steps) > MOST:
        raise WrongGrades("many")
    return [{"key": key, "name": name} for key, name in steps.items()]


def steps_of(grades: Sequence[dict[str, str]]) -> list[Step]:
    return [Step(each["key"], each.get("name", "")) for each in grades]


def written(grades: Sequence[dict[str, str]]) -> str:
    """As they were typed: one a line."""
    return "\n".join(str(step) for step in steps_of(grades))
