"""One project of the frozen copy as a member reads it: in plain words, large figures and a chart.

Everything comes out of the copy; only what was corrected since is told beside it, as such.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext

from kpis import charts, history
from kpis.achievement import Result, Status, Target
from kpis.board import ProjectOnBoard
from kpis.charts import Markup
from kpis.models import Judgement, Standing
from kpis.period_rows import heads
from kpis.phrases import Phrases
from kpis.reading import Said
from kpis.rows import RowWriter

from .frozen import Account, Copy, Corrected, FrozenBoard
from .plain_words import promised

#: An original target is drawn as long as it stands on the axis.
AXIS = charts.AXIS


@dataclass(frozen=True, slots=True)
class Total:
    """A cumulative total that follows from the yearly figure above it."""

    label: str
    figure: str
    goal: str
    chart: Markup
    scale: Sequence[str]
    tags: Markup


@dataclass(frozen=True, slots=True)
class Figure:
    """How far one target has come."""

    key: str
    label: str
    tags: Markup
    figure: str  # 328, or a stage; "" where nothing was reported
    unit: str
    goal: str
    is_provisional: bool
    chip: Markup
    rate: str
    chart: Markup
    scale: Sequence[str]
    is_milestone: bool
    notes: Sequence[str]
    totals: Sequence[Total]
    periods: Sequence[tuple[str, str, str, Markup]]  # period, reported, to date, chip


@dataclass(frozen=True, slots=True)
class Remark:
    """What the section said of one target: note, cause and remedy, its own judgement."""

    label: str
    said: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Revised:
    """A change of a target, the original and the new value."""

    label: str
    old: str
    new: str
    on: str
    reason: str
    decided: str


@dataclass(frozen=True, slots=True)
class Since:
    """A correction that was made after the copy."""

    what: str
    on: str
    changes: Sequence[tuple[str, str, str]]
    reason: str


@dataclass(slots=True)
class Explained:
    """The section's account of one period."""

    name: str
    account: Account
    remarks: list[Remark] = field(default_factory=list)


class ReadingPage:
    """One project, at the end of the round's period."""

    def __init__(self, copy: Copy, board: FrozenBoard, key: str, phrases: Phrases) -> None:
        self.copy = copy
        self.board = board
        self.phrases = phrases
        self.project: ProjectOnBoard = next(each for each in board.projects if each.key == key)
        self.period = copy.period
        self.words = board.reading.words
        self.results = board.results(self.period.key)
        self.writer = RowWriter(board, self.period.key, phrases)
        self.heads = heads(phrases.lang)
        self.names = {
            each.key: phrases.period_parts(each.starts, each.ends)[0] for each in board.periods
        }

    def context(self) -> dict[str, Any]:
        project = self.project
        status = self.board.project_status(project, self.period.key)
        return {
            "project": project,
            "chip": charts.chip(status, self.phrases.statuses[status]),
            "lead": self._lead(),
            "initiatives": [each["text"] for each in self.board.initiatives[project.key]],
            "figures": self._figures(),
            "explained": self._explained(),
            "revised": self._revised(),
            "since": self._since(),
            "gone": self.phrases.gone(
                project.status,
                project.status_on,
                project.status_reason,
                project.status_decided_by,
                project.status_document_number,
            ),
            "sections": gettext("・").join(project.sections),
        }

    def _lead(self) -> list[str]:
        return promised(
            self.project,
            [each["text"] for each in self.board.initiatives[self.project.key]],
            self.results,
            self.words,
            self.phrases,
            ward=self.copy.policy.ward.label,
            year=self.phrases.era_year(self.copy.policy.fiscal_year),
        )

    # how far it has come ─────────────────────────────────────────────────────────────────────

    def _figures(self) -> list[Figure]:
        return [
            self._figure(target)
            for target in self.project.targets
            if not self.results[target.key].linked
        ]

    def _figure(self, target: Target) -> Figure:
        result, words = self.results[target.key], self.words[target.key]
        place = self.board.shares(target, self.period.key)
        sentence = self.phrases.sentence(target, words, result, place.due)
        if target.is_milestone:
            chart = charts.steps(result.status, sentence, stage=result.stage)
            figure = self.phrases.stages[result.stage] if result.stage else ""
            done = self.phrases.stages["done"]
            goal = self.phrases.texts.all_year if target.ongoing else done
            scale = [self.phrases.stages[each] for each in charts.STAGES[1:]]
        else:
            original = place.original
            chart = charts.bullet(
                result.status,
                sentence,
                reach=place.reach,
                due=place.due,
                limit=target.is_limit,
                provisional=result.provisional,
                original=None if original is None or original > AXIS else original,
            )
            figure = "" if result.to_date is None else self.phrases.amount(result.to_date, "")
            goal = self.phrases.target(target, result, words.unit)
            scale = self._scale(target, result, words.unit, goal, shows_due=place.due is not None)
        return Figure(
            key=target.key,
            label=words.label,
            tags=self.writer.tags(target, result),
            figure=figure,
            unit="" if target.is_milestone else words.unit,
            goal=goal,
            is_provisional=result.provisional and bool(figure),
            chip=charts.chip(result.status, self.phrases.status(result)),
            rate="" if target.is_milestone else self.phrases.rate(result),
            chart=chart,
            scale=scale,
            is_milestone=target.is_milestone,
            notes=self._notes(target, result),
            totals=[
                self._total(each)
                for each in self.writer.totals.get(target.key, ())
                if each.key in self.results
            ],
            periods=self._periods(target),
        )

    def _scale(
        self, target: Target, result: Result, unit: str, goal: str, *, shows_due: bool
    ) -> list[str]:
        """What stands below the chart: where it begins, where the plan is, where the goal is."""
        start = "0"
        if target.baseline is not None and not target.is_sum:
            start = gettext("これまで %(value)s") % {
                "value": self.phrases.amount(target.baseline, unit)
            }
        due = ""
        if shows_due and result.expected:
            said = {
                "month": self.period.ends.month,
                "value": self.phrases.amount(result.expected, unit),
            }
            due = (
                gettext("▼ %(month)d月末までの枠 %(value)s") % said
                if target.is_limit and target.baseline is None
                else gettext("▼ %(month)d月末の計画 %(value)s") % said
            )
        return [start, due, gettext("目標 %(value)s") % {"value": goal}]

    def _notes(self, target: Target, result: Result) -> list[str]:
        words, texts = self.words[target.key], self.phrases.texts
        notes = [self.phrases.months(target), words.condition]
        if self.project.status == Standing.ACTIVE:  # else the page says it of the project
            reasons = ("", words.status_reason)
            ends = self.period.ends
            gone = self.phrases.given_up(target, result, ends, reasons=reasons, beside_chip=True)
            notes.insert(0, gone)
        if result.original_value is not None:
            before = self.phrases.amount(result.original_value, words.unit)
            notes.append(gettext("はじめの目標は%(value)sでした。") % {"value": before})
        if target.measure == "ratio" and result.denominator is not None:
            whole = self.phrases.amount(result.denominator, words.unit)
            notes.append(texts.of_all % {"whole": whole})
        if result.status == Status.NOT_ENTERED:
            notes.append(gettext("この期の数は、資料を作ったときには確認が済んでいませんでした。"))
        if result.incomplete:
            notes.append(gettext("前の期の数がないため、入っている期の分だけの数です。"))
        return [each for each in notes if each]

    def _total(self, target: Target) -> Total:
        result, words = self.results[target.key], self.words[target.key]
        goal = self.phrases.target(target, result, words.unit)
        reach = earlier = None
        if result.to_date is not None and result.target_value:
            reach = result.to_date / result.target_value
            if target.baseline is not None:
                earlier = Fraction(target.baseline) / result.target_value
        place = self.board.shares(target, self.period.key)
        scale = ["0", "", gettext("目標 %(value)s") % {"value": goal}]
        if target.baseline is not None:
            start = self.phrases.amount(target.baseline, words.unit)
            scale[0] = gettext("これまで %(value)s") % {"value": start}
        return Total(
            label=words.label,
            figure="" if result.to_date is None else self.phrases.actual(result, words.unit),
            goal=self.phrases.goal(target, result, words.unit),
            chart=charts.bullet(
                result.status,
                self.phrases.sentence(target, words, result, place.due),
                reach=reach,
                earlier=earlier,
                provisional=result.provisional,
            ),
            scale=scale,
            tags=self.writer.tags(target, result),
        )

    def _periods(self, target: Target) -> list[tuple[str, str, str, Markup]]:
        """Period by period, where the copy has more than one."""
        if len(self.board.periods) < 2:
            return []
        unit = self.words[target.key].unit
        entries = self.board.reading.entries.get(target.key, {})
        lines = []
        for period in self.board.periods:
            result, entry = self.board.results(period.key)[target.key], entries.get(period.key)
            if target.is_milestone:
                told = self.phrases.stages[entry.stage] if entry and entry.stage else "—"
                so_far = self.phrases.stage(result) or "—"
            else:
                told = self.phrases.amount(entry.value if entry else None, unit)
                so_far = self.phrases.actual(result, unit) if result.to_date is not None else "—"
            chip = charts.chip(result.status, self.phrases.status(result))
            lines.append((self.names[period.key], told, so_far, chip))
        return lines

    # what the ward says of it ────────────────────────────────────────────────────────────────

    def _explained(self) -> list[Explained]:
        """The round's own period first, then the earlier ones."""
        accounts = {each.period: each for each in self.board.accounts[self.project.key]}
        found = []
        for period in reversed(self.board.periods):
            account = accounts.get(period.key, Account(period.key))
            remarks = self._remarks(period.key)
            if account.done or account.obstacles or account.next or remarks:
                found.append(Explained(self.names[period.key], account, remarks))
        return found

    def _remarks(self, period: str) -> list[Remark]:
        found = []
        for target in self.project.targets:
            said = self.board.reading.said.get(target.key, {}).get(period)
            if said and (told := self._told(said, self.words[target.key].unit)):
                found.append(Remark(self.words[target.key].label, told))
        return found

    def _told(self, said: Said, unit: str) -> list[tuple[str, str]]:
        say = self.heads
        own = outlook = ""
        if said.self_status:
            name = self.phrases.statuses.get(
                said.self_status, str(Judgement(said.self_status).label)
            )
            own = f"{name}　{said.self_reason}".strip()
        if said.outlook_met is not None:
            outlook = say.will_be_met if said.outlook_met else say.will_not_be_met
            if said.outlook_value is not None:
                outlook = f"{outlook}（{self.phrases.amount(said.outlook_value, unit)}）"
        told = [
            (say.note, said.note),
            (say.cause, said.cause),
            (say.remedy, said.remedy),
            (say.own_judgement, own),
            (say.outlook, outlook),
        ]
        return [(name, text) for name, text in told if text]

    def _revised(self) -> list[Revised]:
        found = []
        for target in self.project.targets:
            words = self.words[target.key]
            for made in self.board.reading.decisions.get(target.key, []):
                if made.on > self.period.ends:
                    continue
                decided = "　".join(
                    part for part in (made.decided_by, made.document_number) if part
                )
                found.append(
                    Revised(
                        label=words.label,
                        old=self.phrases.amount(made.old, words.unit),
                        new=self.phrases.amount(made.new, words.unit),
                        on=self.phrases.day(made.on),
                        reason=made.reason,
                        decided=decided,
                    )
                )
        return found

    def _since(self) -> list[Since]:
        return [self._corrected(each) for each in self.copy.corrections_of(self.project.key)]

    def _corrected(self, made: Corrected) -> Since:
        about = self.words[made.target].label if made.target in self.words else ""
        return Since(
            what=" ".join(
                part
                for part in (
                    self.names.get(made.period, ""),
                    about or gettext("担当課の説明"),
                )
                if part
            ),
            on=self.phrases.day(timezone.localtime(made.at).date()),
            changes=history.in_words(made.changed, of_plan=False),
            reason=made.reason,
        )
