"""The results document: what the achievement maths makes of a policy at the end of a period.

`ayumi-results/1`, and the same as CSV rows (one a target) and as a plain table to read. Pure: the
caller judges the targets and says which policy they belong to. Rates are percent strings as
displayed, figures exact decimal strings, and null (CSV: blank) is "there is none", never zero.
"""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from kpis.figures import Result, Status, Target
from kpis.rollup import RollUp, roll_up
from kpis.spreadsheets import safe_text
from kpis.wording import (
    MISSING_NAMES,
    STAGE_NAMES,
    STATUS_NAMES,
    WITHIN_ALLOWANCE,
    decimal_text,
    grouped,
    percent,
)

FORMAT = "ayumi-results/1"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which policy and period the results are of, and its pillars and projects by id, in order."""

    ward_code: str
    ward_name: str
    fiscal_year: int
    period: str
    pillars: Sequence[str] = ()
    projects: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Caption:
    """How a target is called, for those who read the rows and not the codes."""

    label: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Remarks:
    """What was said of a target and has to stand beside its figure."""

    corrections: Sequence[tuple[str, str]] = ()  # period and reason, of what the figure rests on
    given_up_on: str = ""  # of what is cancelled or postponed: the day, where there is one
    given_up_because: str = ""


NOTHING_SAID = Remarks()
Said = Mapping[str, Remarks]  # by target key; only those of whom something was said

Judged = Sequence[tuple[Target, Result]]  # in the order of the policy

# JSON ---------------------------------------------------------------------------------------------


def results_document(scope: Scope, judged: Judged, said: Said | None = None) -> dict[str, Any]:
    """The document as dicts and lists, keys in the order in which they are written."""
    said = said or {}
    return {
        "format": FORMAT,
        "ward": {"code": scope.ward_code, "name": scope.ward_name},
        "fiscal_year": scope.fiscal_year,
        "period": scope.period,
        "targets": [
            _target(target, result, said.get(target.key, NOTHING_SAID)) for target, result in judged
        ],
        "rollup": {
            "ward": _rollup(roll_up(judged)),
            "pillars": {
                key: _rollup(some) for key, some in _by(judged, "pillar", scope.pillars).items()
            },
            "projects": {
                key: _rollup(some) for key, some in _by(judged, "project", scope.projects).items()
            },
        },
    }


def json_text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _target(target: Target, result: Result, said: Remarks) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": target.key,
        "to_date": _figure(result.to_date),
        "rate": _rate(result.rate),
        "overall_rate": _rate(result.overall_rate),
        "expected": _figure(result.expected),
        "pace": _rate(result.pace),
        "status": result.status.value,
    }
    if target.is_milestone:
        row["stage"] = result.stage
    if result.original_value is not None:
        row["original"] = {
            "value": _figure(result.original_value),
            "rate": _rate(result.original_rate),
        }
    if said.corrections:
        row["corrections"] = [{"period": at, "reason": why} for at, why in said.corrections]
    return row


def _is_given_up(result: Result) -> bool:
    return result.status in (Status.CANCELLED, Status.POSTPONED)


def _rollup(some: RollUp) -> dict[str, Any]:
    return {
        "counts": {status.value: count for status, count in some.counts.items()},
        "achieved": some.achieved,
        "judged": some.judged,
        "entered": some.entered,
        "due": some.due,
        "mean_rate": _rate(some.mean),
        "mean_of": some.mean_of,
        "by_nature": {
            nature: {"mean_rate": _rate(mean.mean), "mean_of": mean.of}
            for nature, mean in some.by_nature.items()
        },
    }


def _by(judged: Judged, group: str, keys: Sequence[str]) -> dict[str, RollUp]:
    """The roll-up of each pillar or project, those without a target included."""
    groups: dict[str, list[tuple[Target, Result]]] = {key: [] for key in keys}
    for target, result in judged:
        groups.setdefault(getattr(target, group), []).append((target, result))
    return {key: roll_up(some) for key, some in groups.items()}


def _figure(number: Fraction | None) -> str | None:
    return None if number is None else decimal_text(number)


def _rate(rate: Fraction | None) -> str | None:
    return None if rate is None else percent(rate)


# CSV ----------------------------------------------------------------------------------------------

COLUMNS = (
    "ward_code",
    "ward",
    "fiscal_year",
    "period",
    "pillar",
    "project",
    "id",
    "label",
    "unit",
    "measure",
    "target_value",
    "denominator",
    "to_date",
    "certainty",
    "rate",
    "overall_rate",
    "expected",
    "pace",
    "status",
    "stage",
    "missing",
    "incomplete",
    "original_value",
    "original_rate",
    "given_up_on",
    "given_up_because",
    "corrected",
    "corrections",
)


def csv_rows(
    scope: Scope,
    judged: Judged,
    captions: Mapping[str, Caption] | None = None,
    said: Said | None = None,
) -> list[dict[str, str]]:
    """One row a target, by column name. Blank where there is none, so that a zero is a zero."""
    captions, said = captions or {}, said or {}
    rows = []
    for target, result in judged:
        caption = captions.get(target.key, Caption())
        remarks = said.get(target.key, NOTHING_SAID)
        reported = result.to_date is not None or result.stage is not None
        row = {
            "ward_code": scope.ward_code,
            "ward": scope.ward_name,
            "fiscal_year": str(scope.fiscal_year),
            "period": scope.period,
            "pillar": target.pillar,
            "project": target.project,
            "id": target.key,
            "label": caption.label,
            "unit": caption.unit,
            "measure": target.measure,
            "target_value": _figure(result.target_value),
            "denominator": _figure(result.denominator),
            "to_date": _figure(result.to_date),
            "certainty": ("provisional" if result.provisional else "final") if reported else None,
            "rate": _rate(result.rate),
            "overall_rate": _rate(result.overall_rate),
            "expected": _figure(result.expected),
            "pace": _rate(result.pace),
            "status": result.status.value,
            "stage": result.stage,
            "missing": result.missing,
            "incomplete": "1" if result.incomplete else None,
            "original_value": _figure(result.original_value),
            "original_rate": _rate(result.original_rate),
            "given_up_on": remarks.given_up_on if _is_given_up(result) else None,
            "given_up_because": remarks.given_up_because if _is_given_up(result) else None,
            "corrected": "1" if remarks.corrections else None,
            "corrections": "\n".join(f"{at}: {why}" for at, why in remarks.corrections),
        }
        rows.append({column: row[column] or "" for column in COLUMNS})
    return rows


#: Free text; the rest we wrote.
_TYPED = (
    "pillar",
    "project",
    "id",
    "label",
    "unit",
    "ward",
    "given_up_because",
    "corrections",
)


def csv_text(rows: Iterable[Mapping[str, str]]) -> str:
    """The rows with their header line; the caller adds the BOM that Excel wants in a file."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        writer.writerow(
            {name: safe_text(row[name]) if name in _TYPED else row[name] for name in COLUMNS}
        )
    return out.getvalue()


# A plain table ------------------------------------------------------------------------------------

_HEADINGS = (
    ("目標", "目標値", "実績", "達成率", "目安", "計画比", "状況"),
    ("Target", "Target value", "To date", "Rate", "Expected", "Pace", "Status"),
)
_ROLLUP_HEADINGS = (
    ("まとめ", "達成", "入力", "達成率の平均"),
    ("Together", "Achieved", "Entered", "Mean rate"),
)
_WHOLE_WARD = ("区全体", "Whole ward")
_OF = ("{part}／{whole}", "{part} of {whole}")
_MEAN = ("{mean}%（{of}件）", "{mean}% (of {of})")
_MARKS = (
    "見: 見込の値を含む　欠: 報告のない期がある　訂: 訂正された値を含む",
    "p: includes provisional figures   i: a period has no figure   c: includes corrected figures",
)
_MARK = (("見", "欠", "訂"), ("p", "i", "c"))
_ORIGINALLY = ("{value}（当初 {before}）", "{value} (originally {before})")


def table_text(
    scope: Scope,
    judged: Judged,
    captions: Mapping[str, Caption] | None = None,
    *,
    said: Said | None = None,
    names: Mapping[str, str] | None = None,
    lang: str = "ja",
) -> str:
    """Both tables for a terminal, full-width characters counted as two columns.

    `names`: the policy's own names of statuses, where it has some.
    """
    words = 0 if lang == "ja" else 1
    captions, said = captions or {}, said or {}
    corrected = {key for key, remarks in said.items() if remarks.corrections}
    rows = [
        _table_row(
            target,
            result,
            captions.get(target.key, Caption()),
            names or {},
            words,
            corrected=target.key in corrected,
        )
        for target, result in judged
    ]
    groups = [(_WHOLE_WARD[words], roll_up(judged))]
    groups += _by(judged, "pillar", scope.pillars).items()
    groups += _by(judged, "project", scope.projects).items()
    together = [
        (
            name,
            _OF[words].format(part=some.achieved, whole=some.judged),
            _OF[words].format(part=some.entered, whole=some.due),
            ""
            if some.mean is None
            else _MEAN[words].format(mean=percent(some.mean), of=some.mean_of),
        )
        for name, some in groups
    ]
    heading = f"{scope.ward_name} {scope.fiscal_year} {scope.period}"
    parts = [heading, "", *_aligned(_HEADINGS[words], rows, left=(0, 6))]
    if corrected or any(result.provisional or result.incomplete for _, result in judged):
        parts += [_MARKS[words]]
    parts += ["", *_aligned(_ROLLUP_HEADINGS[words], together, left=(0,))]
    return "\n".join(parts) + "\n"


def _table_row(
    target: Target,
    result: Result,
    caption: Caption,
    names: Mapping[str, str],
    words: int,
    *,
    corrected: bool,
) -> tuple[str, ...]:
    def shown(number: Fraction | None) -> str:
        return "" if number is None else grouped(number)

    if result.stage is not None:
        to_date = _name(STAGE_NAMES, result.stage, words)
    elif result.to_date is None and result.missing:
        to_date = _name(MISSING_NAMES, result.missing, words)
    else:
        to_date = shown(result.to_date)
    of_figure = (result.provisional, result.incomplete, corrected)
    marks = "".join(mark * holds for mark, holds in zip(_MARK[words], of_figure, strict=True))
    rate = WITHIN_ALLOWANCE[words] if result.within_allowance else _rate(result.rate) or ""
    value = shown(result.target_value)
    if value:
        value = f"{value}{caption.unit}"
    if result.original_value is not None:
        before = f"{shown(result.original_value)}{caption.unit}"
        value = _ORIGINALLY[words].format(value=value, before=before)
    return (
        f"{target.key} {caption.label}".strip(),
        value,
        f"{to_date} {marks}".strip(),
        rate,
        shown(result.expected),
        _rate(result.pace) or "",
        names.get(result.status.value) or _name(STATUS_NAMES, result.status, words),
    )


def _name(names: Mapping[Any, tuple[str, str]], code: str, words: int) -> str:
    return names[code][words] if code in names else code


def width(text: str) -> int:
    """Columns on a terminal: two for full-width characters, none for combining marks."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def _aligned(
    heading: Sequence[str], rows: Sequence[Sequence[str]], left: Sequence[int]
) -> list[str]:
    """Lines with columns of one width each, a rule under the heading; text left, figures right.

    Control codes in a text become spaces: a policy must not command the terminal.
    """
    lines = [[_told(cell) for cell in line] for line in (heading, *rows)]
    widths = [max(width(line[column]) for line in lines) for column in range(len(heading))]

    def line_of(cells: Sequence[str]) -> str:
        padded = []
        for column, cell in enumerate(cells):
            space = " " * (widths[column] - width(cell))
            padded.append(cell + space if column in left else space + cell)
        return "  ".join(padded).rstrip()

    first, *others = map(line_of, lines)
    return [first, "  ".join("-" * width for width in widths), *others]


def _told(cell: str) -> str:
    return "".join(
        " " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char for char in cell
    )
