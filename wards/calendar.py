"""The calendar of a Japanese ward office: fiscal years, eras, halves, working days.

Rule 1  A fiscal year (年度) runs from 1 April to 31 March and is named after the year it begins in.
Rule 2  Inside the product a fiscal year is the western year, an integer; eras are for people.
Rule 3  A date takes the era of its day: 30 April 2019 is 平成31年4月30日, and the next day
        令和元年5月1日.
Rule 4  A fiscal year has one era throughout, which offices decide when the era changes: fiscal
        2019 is 令和元年度 from its first day, fiscal 1988 stayed 昭和63年度 to its last. So the era
        table says from which fiscal year each era is used, beside the day it began.
Rule 5  The first year of an era is 元年, not 1年. Both are read.
Rule 6  A due date that falls on a day offices are closed moves to the next day they are open.

Pure: no database, no clock, no framework. ``lang`` is "ja" (default) or starts with "en".
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import jpholiday


@dataclass(frozen=True, slots=True)
class Era:
    name: str
    roman: str
    letter: str
    starts: date
    first_fiscal_year: int  # the fiscal year that is its 元年度 (or, for 明治, would be) or later

    def year_of(self, western: int) -> int:
        """Which year of the era a western calendar year is; 1 for the year it began in."""
        return western - self.starts.year + 1


# Newest first. A new era is one more row here; nothing else changes.
ERAS: tuple[Era, ...] = (
    Era("令和", "Reiwa", "R", date(2019, 5, 1), 2019),
    Era("平成", "Heisei", "H", date(1989, 1, 8), 1989),
    Era("昭和", "Showa", "S", date(1926, 12, 25), 1927),
    Era("大正", "Taisho", "T", date(1912, 7, 30), 1912),
    Era("明治", "Meiji", "M", date(1868, 1, 25), 1868),
)

EARLIEST_YEAR, LATEST_YEAR = 1868, 2199

WEEKDAYS_JA = "月火水木金土日"
WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS_EN = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a fiscal year, both ends included."""

    key: str
    starts: date
    ends: date
    name_ja: str
    name_en: str

    def name(self, lang: str = "ja") -> str:
        return self.name_en if _is_english(lang) else self.name_ja


class UnreadableYear(ValueError):
    """A fiscal year was typed that cannot be read. ``str()`` is the Japanese sentence."""

    def __init__(self, typed: str) -> None:
        self.typed = typed
        super().__init__(self.text())

    def text(self, lang: str = "ja") -> str:
        shown = self.typed if len(self.typed) <= 30 else self.typed[:30] + "…"
        if _is_english(lang):
            return f"“{shown}” cannot be read as a fiscal year. Type it like “2020” or “R2”."
        return f"「{shown}」は年度として読めません。「令和2」や「2020」のように入力してください。"


# Fiscal years -----------------------------------------------------------------------------------


def fiscal_year(day: date) -> int:
    """The fiscal year that a day falls in (rule 1): 31 March 2021 is in 2020."""
    return day.year if day.month >= 4 else day.year - 1


def year_starts(fy: int) -> date:
    return date(fy, 4, 1)


def year_ends(fy: int) -> date:
    return date(fy + 1, 3, 31)


def month_order(month: int) -> int:
    """Where a month stands in the fiscal year: April 0, March 11."""
    if not 1 <= month <= 12:
        raise ValueError(f"no such month: {month}")
    return (month - 4) % 12


def month_starts(fy: int, month: int) -> date:
    """The first day of a month (1 to 12) of a fiscal year."""
    return date(fy + (1 if month_order(month) >= 9 else 0), month, 1)


def month_ends(fy: int, month: int) -> date:
    """The last day of a month (1 to 12) of a fiscal year."""
    first = month_starts(fy, month)
    return first.replace(day=monthrange(first.year, month)[1])


# Eras -------------------------------------------------------------------------------------------


def era_of_year(fy: int) -> tuple[Era, int] | None:
    """The era a fiscal year is called by and its number in it (rule 4); none before 明治."""
    for era in ERAS:
        if fy >= era.first_fiscal_year:
            return era, era.year_of(fy)
    return None


def era_of_date(day: date) -> tuple[Era, int] | None:
    """The era of a day and the year in it (rule 3); none before 明治."""
    for era in ERAS:
        if day >= era.starts:
            return era, era.year_of(day.year)
    return None


def era_year(fy: int, lang: str = "ja") -> str:
    """令和2年度, or FY2020 (Reiwa 2). Fiscal 2019 is 令和元年度."""
    found = era_of_year(fy)
    if _is_english(lang):
        return f"FY{fy} ({found[0].roman} {found[1]})" if found else f"FY{fy}"
    return f"{found[0].name}{_first(found[1])}年度" if found else f"{fy}年度"


def year_label(fy: int, lang: str = "ja") -> str:
    """Era and western year together, as every page shows them: 令和2年度 (2020)."""
    return era_year(fy, lang) if _is_english(lang) else f"{era_year(fy)} ({fy})"


def era_date(day: date, lang: str = "ja") -> str:
    """平成31年4月30日; in English the western date, 30 April 2019."""
    if _is_english(lang):
        return f"{day.day} {MONTHS_EN[day.month - 1]} {day.year}"
    found = era_of_date(day)
    year = f"{found[0].name}{_first(found[1])}年" if found else f"{day.year}年"
    return f"{year}{day.month}月{day.day}日"


def short_date(day: date, lang: str = "ja") -> str:
    """A day without its year, for pages that already say which year: 4月16日（金）, Fri 16 Apr."""
    if _is_english(lang):
        return f"{WEEKDAYS_EN[day.weekday()]} {day.day} {MONTHS_EN[day.month - 1][:3]}"
    return f"{day.month}月{day.day}日（{WEEKDAYS_JA[day.weekday()]}）"


_ERA_BY_NAME = {
    spelling: era for era in ERAS for spelling in (era.name, era.letter, era.roman.upper())
}
_WESTERN = re.compile(r"(?:FY)?([0-9]{4})(?:年度?)?")
_IN_ERA = re.compile(rf"({'|'.join(_ERA_BY_NAME)})([0-9]{{1,3}}|元)(?:年度?)?")
_BOTH = re.compile(r"(.+)\((.+)\)")


def parse_year(typed: str) -> int:
    """Read a fiscal year as people type it: 令和2, R2, Ｒ２, 令和元年度, 平成31年度, 2020年度.

    平成31年度 is 2019, another name for 令和元年度, and 平成32年度, as older plans print, is 2020.
    What ``year_label`` shows is read too, if its two years agree. A bare 2 or 20 could mean
    either calendar and is refused, like a date. Raises UnreadableYear.
    """
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", typed[:60])).upper()
    year = _one_year(text)
    if year is None and (both := _BOTH.fullmatch(text)):
        year = _one_year(both[1])
        if year != _one_year(both[2]):
            year = None
    if year is None or not EARLIEST_YEAR <= year <= LATEST_YEAR or len(typed) > 60:
        raise UnreadableYear(typed)
    return year


def _one_year(text: str) -> int | None:
    if match := _WESTERN.fullmatch(text):
        return int(match[1])
    if match := _IN_ERA.fullmatch(text):
        number = 1 if match[2] == "元" else int(match[2])
        return _ERA_BY_NAME[match[1]].starts.year + number - 1 if number else None
    return None


def _first(number: int) -> str:
    return "元" if number == 1 else str(number)  # rule 5


# Spans of a fiscal year -------------------------------------------------------------------------


def halves(fy: int) -> list[Span]:
    """上半期 (H1, April to September) and 下半期 (H2, October to March)."""
    return [_span(f"H{n + 1}", fy, n * 6, 6) for n in range(2)]


def quarters(fy: int) -> list[Span]:
    """第1四半期 (Q1, April to June) to 第4四半期 (Q4, January to March)."""
    return [_span(f"Q{n + 1}", fy, n * 3, 3) for n in range(4)]


def months(fy: int) -> list[Span]:
    """The twelve months from April (M04) to March (M03)."""
    return [_span(f"M{(n + 3) % 12 + 1:02}", fy, n, 1) for n in range(12)]


def _span(key: str, fy: int, first: int, length: int) -> Span:
    starts = month_starts(fy, (first + 3) % 12 + 1)
    ends = month_ends(fy, (first + length + 2) % 12 + 1)
    return Span(key, starts, ends, span_name(starts, ends), span_name(starts, ends, "en"))


_NAMED_SPANS = {  # (month it starts in, months it lasts): the name
    (4, 12): ("通年", "Whole year"),
    (4, 6): ("上半期", "First half"),
    (10, 6): ("下半期", "Second half"),
    (4, 3): ("第1四半期", "First quarter"),
    (7, 3): ("第2四半期", "Second quarter"),
    (10, 3): ("第3四半期", "Third quarter"),
    (1, 3): ("第4四半期", "Fourth quarter"),
}


def span_name(starts: date, ends: date, lang: str = "ja") -> str:
    """What people call a span: 上半期（4–9月）, 4月, 4–7月, 4月16日–5月20日; or in English.

    The year is not part of it, unless the span is longer than twelve months.
    """
    english = _is_english(lang)
    if ends < starts:
        raise ValueError(f"a span cannot end ({ends}) before it starts ({starts})")
    length = (ends.year - starts.year) * 12 + ends.month - starts.month + 1
    whole = starts.day == 1 and ends.day == monthrange(ends.year, ends.month)[1]
    if length > 12:
        return f"{era_date(starts, lang)}–{era_date(ends, lang)}"
    if not whole:
        if english:
            return f"{_day_en(starts)}–{_day_en(ends)}"
        return f"{starts.month}月{starts.day}日–{ends.month}月{ends.day}日"
    if length == 1:
        return MONTHS_EN[starts.month - 1] if english else f"{starts.month}月"
    if english:
        reach = f"{MONTHS_EN[starts.month - 1][:3]}–{MONTHS_EN[ends.month - 1][:3]}"
    else:
        reach = f"{starts.month}–{ends.month}月"
    name = _NAMED_SPANS.get((starts.month, length))
    if name is None:
        return reach
    return f"{name[1]} ({reach})" if english else f"{name[0]}（{reach}）"


def _day_en(day: date) -> str:
    return f"{day.day} {MONTHS_EN[day.month - 1][:3]}"


# Working days and due dates ---------------------------------------------------------------------


def is_working_day(day: date) -> bool:
    """Whether offices are open: not on weekends, national holidays, and 29 December to 3 January.

    The New Year closing is that of local governments (条例で定める休日), not a national holiday.
    """
    if day.weekday() >= 5 or (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3):
        return False
    return not jpholiday.is_holiday(day)


def next_working_day(day: date) -> date:
    """The day itself where offices are open, else the first day after it that they are (rule 6)."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def due_date(ends: date, *, days: int = 0, months: int = 0) -> date:
    """When the figures of a period are due: so long after its last day, then the next working day.

    A month after the last day of a month is the last day of the next (30 September: 31 October);
    otherwise the same day of the month, or the last one where there is none.
    """
    if days < 0 or months < 0:
        raise ValueError("a due date cannot come before its period ends")
    index = ends.year * 12 + ends.month - 1 + months
    year, month = index // 12, index % 12 + 1
    last = monthrange(year, month)[1]
    at_month_end = ends.day == monthrange(ends.year, ends.month)[1]
    moved = date(year, month, last if months and at_month_end else min(ends.day, last))
    return next_working_day(moved + timedelta(days=days))


def working_days_between(first: date, last: date) -> int:
    """How many working days lie after ``first``, up to and including ``last``; 0 if none."""
    span: Sequence[int] = range(1, (last - first).days + 1)
    return sum(is_working_day(first + timedelta(days=n)) for n in span)


def _is_english(lang: str) -> bool:
    return lang.lower().startswith("en")
