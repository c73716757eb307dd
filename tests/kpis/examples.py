"""Reads the worked examples of docs/calculation.md, in the notation that it explains."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from kpis.achievement import Entry, Grades, Missing, Period, Result, Revision, Stage, Target, judge

DOCUMENT = Path(__file__).parents[2] / "docs" / "calculation.md"
NONE = "–"
FISCAL_YEAR = 2020


def _cut(length: int, keys: list[str]) -> list[Period]:
    firsts = [date(2020 + (3 + i) // 12, (3 + i) % 12 + 1, 1) for i in range(0, 13, length)]
    return [
        Period(key, starts, after - timedelta(days=1))
        for key, starts, after in zip(keys, firsts, firsts[1:], strict=False)
    ]


HALVES = _cut(6, ["H1", "H2"])
QUARTERS = _cut(3, ["Q1", "Q2", "Q3", "Q4"])
MONTHS = _cut(1, [f"M{(3 + i) % 12 + 1:02d}" for i in range(12)])
PERIODS = {"H": HALVES, "Q": QUARTERS, "M": MONTHS}


@dataclass
class Example:
    """One line of a table: what was promised and reported, and what should come of it."""

    target: Target
    entries: dict[str, Entry] = field(default_factory=dict)
    yearly: dict[str, Entry] | None = None
    grades: Grades = field(default_factory=Grades)

    def at(self, period: str) -> Result:
        partner = None
        if self.yearly is not None:
            partner = (Target("yearly", "number", "sum", value=Decimal(500)), self.yearly)
        return judge(
            self.target,
            self.entries,
            periods=PERIODS[period[0]],
            period=period,
            fiscal_year=FISCAL_YEAR,
            grades=self.grades,
            partner=partner,
        )


def tables(heading: str) -> list[list[dict[str, str]]]:
    """The tables under the heading that starts so, each a list of rows by English column name."""
    text = DOCUMENT.read_text(encoding="utf-8")
    section = re.search(rf"^## {heading}.*?(?=^## |\Z)", text, re.M | re.S)
    assert section, heading
    found = []
    for block in re.findall(r"(?:^\|.*\n)+", section[0], re.M):
        lines = [
            [cell.strip() for cell in line.strip().strip("|").split("|")]
            for line in block.splitlines()
        ]
        names = [cell.split()[-1] for cell in lines[0]]
        found.append([dict(zip(names, line, strict=True)) for line in lines[2:]])
    return found


def example(target: str, entries: str, key: str = "t") -> Example:
    """`550 sum months=4-7` and `H1 275, H2 pending`, as the document writes them."""
    made = Example(target=Target(key, "number"))
    facts: dict = {"measure": "number"}
    for word in target.strip("`").split():
        name, _, value = word.partition("=")
        if word in ("sum", "latest"):
            facts["accumulation"] = word
        elif word == "milestone":
            facts["measure"] = word
        elif word in ("cumulative", "ongoing"):
            facts[word] = True
        elif word == "linked":
            facts["linked_to"] = "yearly"
            made.yearly = {}
        elif name == "B":
            facts["baseline"] = Decimal(value)
        elif name == "months":
            facts["starts_month"], facts["ends_month"] = (
                int(month) if month else None for month in value.split("-")
            )
        elif name == "plan":
            points = dict(point.split(":") for point in value.split(","))
            facts["plan"] = {period: Decimal(due) for period, due in points.items()}
        elif name == "revised":
            facts["revised"] = [item.split(":") for item in value.split(",")]
        elif name in ("cancelled", "postponed"):
            facts["status"] = name
            facts["status_on"] = date.fromisoformat(value) if value else None
        elif name in ("project-cancelled", "project-postponed"):
            facts["project_status"] = name.removeprefix("project-")
            facts["project_status_on"] = date.fromisoformat(value) if value else None
        elif name == "bounds":
            made.grades = Grades(*(Decimal(bound) for bound in value.split("/")))
        else:
            number = word.removeprefix("≤")
            if number != word:
                facts["direction"] = "at_most"
            if number.endswith("%"):
                facts["measure"] = "percentage"
            elif "/" in number:
                facts["measure"] = "ratio"
                number, whole = number.split("/")
                facts["of"] = Decimal(whole)
            facts["value"] = Decimal(number.rstrip("%"))
    revised = facts.pop("revised", [])
    news = [old for _, old in revised[1:]] + [facts.get("value")]
    facts["revisions"] = (
        tuple(
            Revision(date.fromisoformat(on), Decimal(old), Decimal(new))
            for (on, old), new in zip(revised, news, strict=True)
        )
        if revised
        else ()
    )
    made.target = Target(key, **facts)
    if entries != NONE:
        for item in entries.strip("`").split(","):
            *yearly, period, reported = item.split()
            (made.yearly if yearly else made.entries)[period] = entry(reported)
    return made


def entry(reported: str) -> Entry:
    provisional = reported.endswith("~")
    reported = reported.rstrip("~")
    if reported == "note":
        return Entry()
    if reported in list(Missing):
        return Entry(missing=reported)
    if reported in list(Stage):
        return Entry(stage=reported, provisional=provisional)
    value, _, of = reported.partition("/")
    return Entry(Decimal(value), Decimal(of) if of else None, provisional=provisional)
