"""A section's sheet for one period as an Excel file: what stands where, and by what name.

People fill it in Excel or LibreOffice and bring it back. So it finds its way by what is in sight:
a reference number above the table, headings, the number of each target and its version. It goes
out by kpis/workbook_writing.py and comes back by kpis/workbook_reading.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from django.utils.translation import get_language, override, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from .cells import PROVISIONAL_NAMES
from .figures import Missing, Stage
from .wording import MISSING_NAMES, STAGE_NAMES

#: What stands over each column. A file is read by these words, in either language.
HEADINGS = {
    "key": _("目標番号"),
    "version": _("版"),
    "number": _("事業番号"),
    "project": _("事業"),
    "target": _("目標"),
    "goal": _("目標値"),
    "unit": _("単位"),
    "last_year": _("前年度の同じ期"),
    "before": _("前の期"),
    "so_far": _("前の期までの計"),
    "figure": _("この期の実績"),
    "kind": pgettext_lazy("figure", "区分"),
    "whole": _("母数"),
    "note": _("備考"),
    "cause": _("遅れの原因"),
    "remedy": _("今後の対応"),
    "state": _("状態"),
}
#: Columns that people fill in, in the order in which they stand.
FILLED = ("figure", "kind", "whole", "note", "cause", "remedy")
TEXTS = ("note", "cause", "remedy")
FINAL_NAMES = ("確定", "Final")

#: Above the table: title, reference number, dates, a line of instruction; then the headings.
HEAD_ROW = 4

_REFERENCE = re.compile(
    r"(?<![\w-])(?P<ward>\d{5})-(?P<year>\d{4})-(?P<period>[A-Za-z0-9][\w-]{0,9})"
    r"-(?P<section>\d{1,18})(?![\w-])",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Reference:
    """整理番号: which sheet a file is, as it stands above the table: 14107-2020-H2-12."""

    ward: str
    year: int
    period: str
    section: int

    def __str__(self) -> str:
        return f"{self.ward}-{self.year}-{self.period}-{self.section}"


def find_references(text: str) -> list[Reference]:
    return [
        Reference(match["ward"], int(match["year"]), match["period"], int(match["section"]))
        for match in _REFERENCE.finditer(text)
    ]


@dataclass(frozen=True, slots=True)
class Line:
    """One target as it goes out. A figure is a number, anything else a text; None is blank."""

    key: str
    version: int
    number: str
    project: str
    target: str
    goal: str
    unit: str
    figure: Decimal | str | None
    kind: str
    whole: Decimal | None
    note: str
    cause: str
    remedy: str
    state: str
    last_year: Decimal | str | None = None
    before: Decimal | str | None = None
    so_far: Decimal | str | None = None
    is_milestone: bool = False
    is_ratio: bool = False
    is_linked: bool = False
    is_sum: bool = False
    may_be_negative: bool = False
    fixed: bool = False  # nothing can be entered here


@dataclass(frozen=True, slots=True)
class Book:
    """A sheet to fill. `without` names columns that would be empty in every row."""

    reference: Reference
    title: str
    dates: str
    footer: str
    lines: Sequence[Line]
    demo: str = ""
    without: frozenset[str] = frozenset()

    @property
    def columns(self) -> list[str]:
        return [name for name in HEADINGS if name not in self.without]


def _in(names: tuple[str, str]) -> str:
    return names[not (get_language() or "ja").startswith("ja")]


def stage_names() -> list[str]:
    return [_in(STAGE_NAMES[stage]) for stage in Stage]


def kind_names(*, with_reasons: bool = True) -> list[str]:
    """確定, 見込, and the reasons why there is no figure."""
    reasons = [_in(MISSING_NAMES[missing]) for missing in Missing] if with_reasons else []
    return [_in(FINAL_NAMES), _in(PROVISIONAL_NAMES).capitalize(), *reasons]


@cache
def heading_names() -> dict[str, str]:
    """Every heading as it may stand in a file, without width and spaces: to the column's name."""
    found: dict[str, str] = {}
    for language in ("ja", "en"):
        with override(language):
            found |= {bare(str(heading)): name for name, heading in HEADINGS.items()}
    return found


def bare(heading: str) -> str:
    return re.sub(r"\s", "", heading).casefold()
