"""One project of the booklet: its targets period by period, what was said, what was changed.

Everything is words and shares by here, in the reader's language, so that the page to print and the
PDF say the same: templates/reviews/booklet_project.html and templates/reviews/booklet.typ only set
it. Charts are drawn by kpis/charts.py on the page, and by the Typst template in the PDF.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext

from kpis import charts
from kpis.achievement import Period, Result, Target, explain
from kpis.board import ProjectOnBoard
from kpis.history import in_words
from kpis.period_rows import PeriodRows
from kpis.phrases import Phrases
from kpis.rows import LATE

from .answered import Answered
from .frozen import Copy, Corrected, FrozenBoard

#: A comment or an answer on a project's page is cut there; the list of comments has it whole.
LONG = 240


@dataclass(frozen=True, slots=True)
class Chart:
    """A bullet or the steps of a milestone, with the sentence that says the same."""

    status: str
    sentence: str
    stage: str | None = None
    is_steps: bool = False
    reach: float | None = None
    due: float | None = None
    original: float | None = None
    earlier: float | None = None
    limit: bool = False
    provisional: bool = False

    @property
    def drawn(self) -> charts.Markup:
        """For the page to print."""
        if self.is_steps:
            return charts.steps(self.status, self.sentence, stage=self.stage)
        return charts.bullet(
            self.status,
            self.sentence,
            reach=self.reach,
            due=self.due,
            limit=self.limit,
            provisional=self.provisional,
            earlier=self.earlier,
            original=self.original,
        )


@dataclass(frozen=True, slots=True)
class Chip:
    status: str
    word: str

    @property
    def drawn(self) -> charts.Markup:
        return charts.chip(self.status, self.word)


class ProjectSheets:
    """Writes the sheets of the projects of one copy."""

    def __init__(self, copy: Copy, board: FrozenBoard, phrases: Phrases) -> None:
        self.board = board
        self.period = copy.period
        self.phrases = phrases
        self.rows = PeriodRows(board, copy.period, phrases)
        self.lang = "ja" if phrases.is_japanese else "en"
        self.corrected: dict[str, list[Corrected]] = {}
        for each in copy.corrections_since():
            self.corrected.setdefault(each.project, []).append(each)

    def sheet(self, project: ProjectOnBoard, before: Sequence[Answered]) -> dict[str, Any]:
        status = self.board.project_status(project, self.period.key)
        accounts = self._accounts(project)
        return {
            "key": project.key,
            "number": project.number,
            "name": project.name,
            "title": project.title,
            "sections": gettext("・").join(project.sections),
            "tags": list(project.tags),
            "chip": Chip(str(status), self.phrases.statuses[status]),
            "gone": self.phrases.gone(
                project.status,
                project.status_on,
                project.status_reason,
                project.status_decided_by,
                project.status_document_number,
            ),
            "initiatives": self._initiatives(project),
            "accounts": accounts,
            "has_account": any(each["current"] for each in accounts),
            "corrections": [self._correction(each) for each in self.corrected.get(project.key, ())],
            "before": [told_short(each) for each in before],
        }

    # targets ──────────────────────────────────────────────────────────────────────────────────

    def _initiatives(self, project: ProjectOnBoard) -> list[dict[str, Any]]:
        """The project's initiatives in order, each with its targets; a linked total is told in
        the row of the yearly target that it follows from."""
        of_initiative: dict[int, list[dict[str, Any]]] = {}
        texts = {each["id"]: each["text"] for each in self.board.initiatives[project.key]}
        for target in project.targets:
            if self._now(target).linked:
                continue
            initiative = self.board.reading.words[target.key].initiative_id
            told = self._target(target)
            told["repeats"] = told["label"] == texts.get(initiative)
            of_initiative.setdefault(initiative, []).append(told)
        return [
            {"text": text, "targets": of_initiative.get(id_, [])} for id_, text in texts.items()
        ]

    def _now(self, target: Target) -> Result:
        return self.board.results(self.period.key)[target.key]

    def _target(self, target: Target) -> dict[str, Any]:
        now, words = self._now(target), self.board.reading.words[target.key]
        writer = self.rows.writers[self.period.key]
        said = self.board.reading.said.get(target.key, {})
        beside = said.get(self.period.key)
        return {
            "label": words.label,
            "tags": writer.tag_words(target, now),
            "notes": writer.note_words(target, now),
            "rows": [self._row(target, period) for period in self.board.periods],
            "said": self._said(self.rows.said_words(beside, words.unit, now)) if beside else [],
            "formula": self._formula(target, now, words.unit),
            "revisions": self._revisions(target, words.unit),
        }

    def _said(self, words: list[tuple[str, str]]) -> list[list[tuple[str, str]]]:
        """What was written beside the figure, a line each; judgement and outlook share one."""
        say = self.rows.heads
        short = (say.own_judgement, say.outlook, say.entry)
        lines: list[list[tuple[str, str]]] = []
        for name, text in words:
            if name in short and lines and lines[-1][0][0] in short:
                lines[-1].append((name, text))
            else:
                lines.append([(name, text)])
        return lines

    def _row(self, target: Target, period: Period) -> dict[str, Any]:
        writer = self.rows.writers[period.key]
        result = writer.results[target.key]
        unit = self.board.reading.words[target.key].unit
        place = self.board.shares(target, period.key)
        name, months = self.rows.names[period.key]
        entry = self.board.reading.entries.get(target.key, {}).get(period.key)
        reported, out_of = self.rows.reported_words(entry, unit)
        rate, beside_rate, is_gap = writer.rate_words(target, result, place.due, unit)
        if target.is_milestone:
            figure, reported, rate = writer.stage_words(target, result), "", ""
        else:
            figure = writer.figure_words(target, result, unit)
        return {
            "name": name,
            "months": months,
            "current": period.key == self.period.key,
            "reported": reported,
            "out_of": out_of,
            "chart": self._chart(target, result, period),
            "figure": figure,
            "rate": rate,
            "beside_rate": beside_rate,
            "is_late": is_gap and result.status in LATE,
            "chip": Chip(str(result.status), self.phrases.status(result)),
        }

    def _chart(self, target: Target, result: Result, period: Period) -> Chart:
        place = self.board.shares(target, period.key)
        words = self.board.reading.words[target.key]
        earlier = None
        before = self.rows.writers[period.key].period_before
        if target.is_sum and before:
            earlier = self.board.shares(target, before).reach
        return Chart(
            status=str(result.status),
            sentence=self.phrases.sentence(target, words, result, place.due),
            stage=str(result.stage) if result.stage else None,
            is_steps=target.is_milestone,
            reach=None if place.reach is None else float(place.reach),
            due=None if place.due is None else float(place.due),
            original=None if place.original is None else float(place.original),
            earlier=None if earlier is None else float(earlier),
            limit=target.is_limit,
            provisional=result.provisional,
        )

    def _formula(self, target: Target, result: Result, unit: str) -> str:
        """How the rate came about, where it is more than the figure over its target."""
        if target.is_milestone or result.rate is None or result.formula is None:
            return ""
        plain = result.formula.key == "share" and "m" not in result.formula.values
        if plain and not result.overall_only:
            return ""
        return explain(result, target, unit, self.lang)

    def _revisions(self, target: Target, unit: str) -> list[dict[str, str]]:
        return [
            {
                "old": self.phrases.amount(made.old, unit),
                "new": self.phrases.amount(made.new, unit),
                "on": self.phrases.day(made.on),
                "reason": made.reason,
                "decided": "　".join(
                    part for part in (made.decided_by, made.document_number) if part
                ),
            }
            for made in self.board.reading.decisions.get(target.key, [])
            if made.on <= self.period.ends
        ]

    # words ────────────────────────────────────────────────────────────────────────────────────

    def _accounts(self, project: ProjectOnBoard) -> list[dict[str, Any]]:
        """The section's own account, that of the period first."""
        told = []
        for account in self.board.accounts[project.key]:
            parts = [
                (gettext("取り組んだこと"), account.done),
                (gettext("見えてきた課題"), account.obstacles),
                (gettext("今後の予定"), account.next),
                (gettext("訂正の理由"), account.corrected_because),
            ]
            told.append(
                {
                    "name": self.rows.names[account.period][0],
                    "current": account.period == self.period.key,
                    "parts": [(name, text) for name, text in parts if text],
                }
            )
        return sorted(told, key=lambda each: not each["current"])

    def _correction(self, made: Corrected) -> dict[str, Any]:
        """A correction since the copy was made: it stands beside what was read, and changes
        nothing of it."""
        label = gettext("担当課の説明")
        if made.target:
            words = self.board.reading.words.get(made.target)
            label = words.label if words else ""
        return {
            "label": label,
            "period": self.rows.names[made.period][0],
            "on": self.phrases.day(timezone.localdate(made.at)),
            "reason": made.reason,
            "changes": in_words(made.changed, of_plan=False),
        }


def told_short(each: Answered) -> dict[str, Any]:
    """A comment of last time beside a project: cut where it is long."""
    return {
        "number": each.number,
        "kind": each.kind,
        "by": gettext("・").join(each.by),
        "text": _cut(each.text),
        "disposition": each.disposition,
        "view": _cut(each.view),
        "what": _cut(each.what),
        "result": _cut(each.result),
    }


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONG else f"{text[: LONG - 1]}…"
