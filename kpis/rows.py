"""A target as a row of a table: chart, figures, rate and chip, ready to be written out.

A dashboard writes 85 of them on every request, so the body of a project is written here in one
piece and the template sets it into its table: a template that looks up every cell would cost more
than everything else on the page. What comes from a policy or from a person is escaped here.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from html import escape
from typing import Any

from . import charts
from .achievement import Result, Status, Target
from .board import Board, ProjectOnBoard
from .charts import Markup
from .corrections import corrections
from .phrases import Phrases, points

#: Statuses whose gap to the plan is set in their colour.
LATE = frozenset({Status.SLIGHTLY_BEHIND, Status.BEHIND})


@dataclass(frozen=True, slots=True)
class Row:
    """One target of the ledger, in pieces."""

    label: str
    tags: Markup
    notes: Markup
    chart: Markup
    value: Markup
    rate: Markup
    chip: Markup
    said: str
    in_japanese: str = ""  # the attribute of what the policy says, on an English page

    def cells(self, *, stages: bool) -> str:
        """The cells of the row; `stages` where no target of the policy has a number."""
        figures = (
            f'<td class="c-value c-stage">{self.value}</td>'
            f'<td class="c-said"{self.in_japanese}>{escape(self.said)}</td>'
            if stages
            else f'<td class="c-value">{self.value}</td><td class="c-rate">{self.rate}</td>'
        )
        return (
            f'<th scope="row" class="target"{self.in_japanese}>{escape(self.label)} '
            f"{self.tags}{self.notes}</th>"
            f'<td class="c-bullet">{self.chart}</td>{figures}'
            f'<td class="c-status">{self.chip}</td>'
        )


@dataclass(frozen=True, slots=True)
class Figure:
    """The figure to date against its goal, in words: 見込, 275, 550回, and lines below it."""

    first: str
    shown: str
    goal: str
    small: list[str]


#: Rows as they were written last, with what they were made of: by policy, period and language,
#: then by target. Forgotten when full.
_written: dict[tuple[int, str, str], dict[str, tuple[tuple[Any, ...], Row]]] = {}
REMEMBERED = 64


class RowWriter:
    """Writes the rows of one board and period.

    A row is written anew only where something in it changed since somebody last looked: all that
    it is made of is compared by value first.
    """

    def __init__(self, board: Board, period: str, phrases: Phrases) -> None:
        self.board = board
        self.results = board.results(period)
        self.period = period
        self.phrases = phrases
        self.lang = phrases.lang
        reading = board.reading
        self.words = reading.words
        self.said = reading.said
        # The cumulative totals that follow from a yearly target are told in that target's row.
        self.totals: dict[str, list[Target]] = {}
        for target in reading.targets:
            if target.linked_to:
                self.totals.setdefault(target.linked_to, []).append(target)
        keys = [each.key for each in board.periods]
        at = keys.index(period)
        self.ends = board.periods[at].ends
        self.corrected = corrections(reading, period)
        self.why_gone = {each.key: each.status_reason for each in board.projects}
        self.period_before = keys[at - 1] if at else ""
        self.before = board.results(self.period_before) if at else {}
        self.texts = phrases.texts
        key = (board.policy.pk, period, phrases.lang)
        if len(_written) >= REMEMBERED and key not in _written:
            _written.clear()
        self._written = _written.setdefault(key, {})

    def body(self, project: ProjectOnBoard, url: str) -> Markup:
        """The rows of a project beside its name; a linked total has no row of its own."""
        stages = self.board.is_all_milestones
        rows = [
            self.row(target).cells(stages=stages)
            for target in project.targets
            if not self.results[target.key].linked
        ] or [f'<td colspan="5">{escape(self.texts.no_targets)}</td>']
        number = f'<span class="pno">{escape(project.number)}</span>' if project.number else ""
        plain = "" if project.number else ' class="plain"'
        tags = "".join(f' <span class="tag">{escape(tag)}</span>' for tag in project.tags)
        head = (
            f'<th scope="rowgroup" class="project" rowspan="{len(rows)}"{self.phrases.in_japanese}>'
            f'<a href="{escape(url)}"{plain}>{number}<span>{escape(project.name)}</span></a>'
            f"<small>{escape('・'.join(project.sections))}{tags}</small></th>"
        )
        return Markup(f"<tr>{head}{'</tr><tr>'.join(rows)}</tr>")

    def row(self, target: Target) -> Row:
        made_of = (
            target,
            self.results[target.key],
            self.words[target.key],
            self.said.get(target.key, {}).get(self.period),
            self.before.get(target.key),
            [
                (
                    total,
                    self.results.get(total.key),
                    self.words.get(total.key),
                    self.corrected.get(total.key),
                )
                for total in self.totals.get(target.key, ())
            ],
            self.corrected.get(target.key),
            self.why_gone.get(target.project),
            self.phrases.statuses,
        )
        known = self._written.get(target.key)
        if known is not None and known[0] == made_of:
            return known[1]
        row = self._write(target)
        self._written[target.key] = (made_of, row)
        return row

    def _write(self, target: Target) -> Row:
        result = self.results[target.key]
        words = self.words[target.key]
        place = self.board.shares(target, self.period)
        sentence = self.phrases.sentence(target, words, result, place.due)
        if target.is_milestone:
            chart = charts.steps(result.status, sentence, stage=result.stage)
            value = self._stage_value(target, result)
        else:
            chart = charts.bullet(
                result.status,
                sentence,
                reach=place.reach,
                due=place.due,
                limit=target.is_limit,
                provisional=result.provisional,
            )
            value = self.figure_value(target, result, words.unit)
        beside = self.said.get(target.key, {}).get(self.period)
        return Row(
            label=words.label,
            tags=self.tags(target, result),
            notes=self._notes(target, result),
            chart=chart,
            value=value,
            rate=self.rate(target, result, place.due, words.unit),
            chip=charts.chip(result.status, self.phrases.status(result)),
            said=beside.note if beside else "",
            in_japanese=self.phrases.in_japanese,
        )

    # what a row says, in words ────────────────────────────────────────────────────────────────

    def tag_words(self, target: Target, result: Result) -> list[str]:
        tags = [self.texts.revised] if result.original_value is not None else []
        if target.cumulative:
            tags.append(self.texts.cumulative)
        if target.key in self.corrected:
            tags.append(self.texts.corrected)
        return tags

    def note_words(self, target: Target, result: Result) -> list[str]:
        """What stands below a target's name: why it was given up, its season, its total."""
        words = self.words[target.key]
        lines = []
        reasons = (self.why_gone.get(target.project, ""), words.status_reason)
        if gone := self.phrases.given_up(
            target, result, self.ends, reasons=reasons, beside_chip=True
        ):
            lines.append(gone)
        if months := self.phrases.months(target):
            lines.append(months)
        if words.condition:
            lines.append(words.condition)
        totals = [each for each in self.totals.get(target.key, ()) if each.key in self.results]
        for total in totals:
            outcome = self.results[total.key]
            unit = self.words[total.key].unit
            so_far = "—" if outcome.to_date is None else self.phrases.actual(outcome, "")
            goal = self.phrases.goal(total, outcome, unit)
            told = self.texts.total % {"value": so_far, "target": goal}
            if total.key in self.corrected:
                told = self.texts.corrected_total % {"total": told}
            lines.append(f"{self.words[total.key].label} {told}" if len(totals) > 1 else told)
            if outcome.incomplete:
                lines.append(self.texts.incomplete)
        return lines

    def stage_words(self, target: Target, result: Result) -> Figure:
        small = []
        earlier = self.before.get(target.key)
        if earlier and earlier.stage and earlier.stage != result.stage:
            small.append(self.texts.stage_before % {"stage": self.phrases.stages[earlier.stage]})
        return Figure(
            first=self.phrases.provisional if result.provisional else "",
            shown=self.phrases.stages[result.stage] if result.stage else "—",
            goal=self.texts.all_year if target.ongoing else self.phrases.stages["done"],
            small=small,
        )

    def figure_words(self, target: Target, result: Result, unit: str) -> Figure:
        small = []
        if result.to_date is None:
            shown = self.phrases.status(result) if result.missing else "—"
        else:
            shown = self.phrases.amount(result.to_date, "")
            if result.missing:
                small.append(self.phrases.status(result))
        if result.original_value is not None:
            before = self.phrases.amount(result.original_value, unit)
            small.append(self.texts.originally % {"value": before})
        if target.measure == "ratio" and result.denominator is not None:
            small.append(
                self.texts.of_all % {"whole": self.phrases.amount(result.denominator, unit)}
            )
        if target.baseline is not None and not target.is_sum:
            small.append(
                self.texts.at_start % {"value": self.phrases.amount(target.baseline, unit)}
            )
        if result.incomplete:
            small.append(self.texts.incomplete)
        return Figure(
            first=self.phrases.provisional if result.provisional else "",
            shown=shown,
            goal=self.phrases.target(target, result, unit),
            small=small,
        )

    def rate_words(
        self, target: Target, result: Result, due: Fraction | None, unit: str
    ) -> tuple[str, str, bool]:
        """The rate, what has to be said below it, and whether that is its gap to the plan."""
        rate = self.phrases.rate(result)
        if result.rate is None or due is None or result.status in charts.WITHOUT_GOAL:
            whole = result.overall_only and result.rate is not None
            return rate, self.texts.overall if whole else "", False
        if target.is_limit and target.baseline is None:
            allowance = self.phrases.amount(result.expected, unit)
            return rate, self.texts.allowance % {"value": allowance}, False
        return rate, points(result.rate - due), True

    # the same, written out ────────────────────────────────────────────────────────────────────

    def tags(self, target: Target, result: Result) -> Markup:
        tags = self.tag_words(target, result)
        return Markup("".join(f'<span class="tag">{escape(tag)}</span>' for tag in tags))

    def _notes(self, target: Target, result: Result) -> Markup:
        lines = self.note_words(target, result)
        return Markup("".join(f'<span class="tnote">{escape(line)}</span>' for line in lines))

    def _stage_value(self, target: Target, result: Result) -> Markup:
        return _value(self.stage_words(target, result))

    def figure_value(self, target: Target, result: Result, unit: str) -> Markup:
        return _value(self.figure_words(target, result, unit))

    def rate(self, target: Target, result: Result, due: Fraction | None, unit: str) -> Markup:
        rate, small, is_gap = self.rate_words(target, result, due, unit)
        if not small:
            return Markup(rate)
        colour = f' data-status="{result.status}"' if is_gap and result.status in LATE else ""
        return Markup(f"{rate}<small{colour}>{escape(small)}</small>")


def _value(figure: Figure) -> Markup:
    first = f"{escape(figure.first)} " if figure.first else ""
    below = "".join(f"<small>{escape(line)}</small>" for line in figure.small)
    return Markup(
        f'{first}<b>{escape(figure.shown)}</b> <span class="of">/ {escape(figure.goal)}</span>'
        f"{below}"
    )
