"""A target in the making, and how it is said in policy-document terms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from kpis.notation.tree import Moment, Season
from kpis.numbers import plain
from wards.calendar import month_ends, year_ends


@dataclass(slots=True)
class Target:
    """What has been read of one target. ``start`` and ``end`` are places in the folded text."""

    start: int
    end: int
    measure: str = "number"
    accumulation: str = "sum"
    direction: str = ""
    value: Decimal | None = None
    of: Decimal | None = None
    unit: str = ""
    cumulative: bool = False
    ongoing: bool = False
    baseline: Decimal | None = None
    follows: Target | None = None  # the yearly target that this running total follows
    condition: str = ""
    breakdown: str = ""
    starts_month: int | None = None
    ends_month: int | None = None
    nature: str = ""
    plan: dict[str, Decimal] = field(default_factory=dict)
    approx: bool = False
    gross: bool = False
    unique: bool = False
    per: str = ""
    deadline: str = ""
    relative: dict[str, str] = field(default_factory=dict)
    range: str = ""
    checks: list[str] = field(default_factory=list)
    label: str = ""
    printed: str = ""
    period: str = ""  # H1 in 上半期3回
    total: bool = False  # 計12回
    reference: bool = False  # a figure of an earlier year, no promise

    def as_dict(self, ids: dict[int, str]) -> dict[str, Any]:
        said: dict[str, Any] = {
            "id": ids[id(self)],
            "label": self.label,
            "printed": self.printed,
            "measure": self.measure,
            "ongoing": self.ongoing,
            "accumulation": self.accumulation,
            "direction": self.direction,
            "value": decimal_text(self.value),
            "of": decimal_text(self.of),
            "unit": self.unit,
            "cumulative": self.cumulative,
            "baseline": decimal_text(self.baseline),
            "linked_to": ids[id(self.follows)] if self.follows is not None else "",
            "condition": self.condition,
            "breakdown": self.breakdown,
            "starts_month": self.starts_month,
            "ends_month": self.ends_month,
            "nature": self.nature,
            "plan": {key: plain(value) for key, value in self.plan.items()},
            "approx": self.approx,
            "gross": self.gross,
            "unique": self.unique,
            "per": self.per,
            "deadline": self.deadline,
            "relative": self.relative,
            "range": self.range,
            "check": "".join(dict.fromkeys(self.checks)),
        }
        return {key: value for key, value in said.items() if value not in ("", None, False, {})}


def decimal_text(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def bind(target: Target, season: Season, printed: Callable[[int, int], str]) -> None:
    """The months and the deadline that a season sets."""
    begins, ends = season.begins, season.ends
    if begins and ends and begins.month and ends.month and _same_year(begins, ends):
        target.starts_month, target.ends_month = begins.month, ends.month
        target.deadline = _last_day(ends)
        return
    years = begins is not None and ends is not None and begins.year != ends.year
    if begins is not None and begins.month and not (years and ends is not None and ends.year):
        target.starts_month = begins.month
    if ends is not None and ends.month and not ends.year:
        target.ends_month = ends.month
        if begins is None:
            target.deadline = printed(ends.start, ends.end)
    elif ends is not None and ends.year:
        target.deadline = _last_day(ends)
        if begins is not None and begins.year and target.measure != "milestone":
            target.checks.append("数年度にわたる目標です。今年度の分を確かめてください。")


def _same_year(begins: Moment, ends: Moment) -> bool:
    """令和2年6月〜令和3年3月: both named, in one fiscal year, so that the months say all."""
    return None not in (begins.year, ends.year) and _fiscal(begins) == _fiscal(ends)


def _fiscal(moment: Moment) -> int:
    year, month = moment.year or 0, moment.month or 4
    return year if moment.fiscal or month >= 4 else year - 1


def bind_moment(target: Target, moment: Moment) -> None:
    """The month or the year that stands right before an amount."""
    if moment.year is not None:
        target.deadline = _last_day(moment)
    elif moment.month is not None:
        target.starts_month = moment.since or moment.month
        target.ends_month = moment.month


def _last_day(moment: Moment) -> str:
    if moment.year is None:
        return ""
    if moment.month is None:
        last = year_ends(moment.year)
        return str(last if moment.fiscal else last.replace(year=moment.year, month=12, day=31))
    last = month_ends(_fiscal(moment), moment.month)
    if moment.day and moment.day <= last.day:
        last = last.replace(day=moment.day)
    return str(last)


def due_by_period(parts: list[Target], *, adds: bool) -> dict[str, Decimal]:
    """How much is due by the end of each period: 上半期3回、下半期2回 is 3 and then 5."""
    plan: dict[str, Decimal] = {}
    so_far = Decimal(0)
    for part in parts:
        value = part.value or Decimal(0)
        so_far = so_far + value if adds else value
        plan[part.period] = so_far
    return plan
