"""The periods of one target as rows of a table: what was reported, and where it stands at the end.

Written in one piece, as in kpis/rows.py and for the same reason. What comes from a policy or from
a person is escaped here.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from html import escape
from typing import Any

from django.utils.translation import gettext

from . import charts, evidence
from .achievement import Entry, Period, Result, Target
from .board import Board
from .charts import Markup
from .models import Actual
from .phrases import Phrases
from .reading import Said
from .rows import RowWriter

#: Never a status colour and always with its word: how far an entry has come on its way.
STATE_MARKS = {"draft": "✎", "submitted": "↑", "returned": "↩", "confirmed": "✓"}


class Heads:
    """What the rows say in one language, looked up once."""

    def __init__(self) -> None:
        self.period = gettext("期")
        self.reported = gettext("期の実績")
        self.chart = gettext("図")
        self.stage = gettext("段階")
        self.total = gettext("計 / 目標")
        self.latest = gettext("期末の値 / 目標")
        self.rate = gettext("達成率")
        self.status = gettext("状況")
        self.stages_in_order = gettext("段階：準備中、実施中、完了の順")
        self.originally = gettext("当初 %(value)s")
        self.of_all = gettext("全%(whole)s中")
        self.note = gettext("備考")
        self.cause = gettext("遅れの原因")
        self.remedy = gettext("今後の対応")
        self.own_judgement = gettext("自己評価")
        self.same = gettext("%(status)s（自動の判定と同じ）")
        self.outlook = gettext("年度末の見込み")
        self.will_be_met = gettext("届く")
        self.will_not_be_met = gettext("届かない")
        self.entry = gettext("入力")
        self.on_behalf = gettext("代理入力")
        self.corrected = gettext("訂正")
        self.evidence = gettext("根拠資料")
        self.printed = gettext("原文")
        self.condition = gettext("条件")
        self.breakdown = gettext("内訳")
        self.season = gettext("時期")
        self.baseline = gettext("期首値")
        self.plan = gettext("期ごとの計画")
        self.done_when = gettext("完了とする状態")
        self.steps = gettext("工程")
        self.nature = gettext("性質")
        self.section = gettext("入力する課")
        self.no_number_because = gettext("数値を置かない理由")
        self.given_up = gettext("中止・延期")
        self.states = {value: str(name) for value, name in Actual.State.choices}


@lru_cache(maxsize=8)
def heads(lang: str) -> Heads:
    """The words of a language that is switched on."""
    return Heads()


class PeriodRows:
    """Writes the table of one target after the other, for one page."""

    def __init__(self, board: Board, current: Period, phrases: Phrases) -> None:
        self.board = board
        self.current = current.key
        self.phrases = phrases
        self.heads = heads(phrases.lang)
        self.files_url = f"{board.policy.get_absolute_url()}evidence/"
        self.words = board.reading.words
        self.writers = {each.key: RowWriter(board, each.key, phrases) for each in board.periods}
        self.names = {
            each.key: phrases.period_parts(each.starts, each.ends) for each in board.periods
        }

    def head(self, target: Target) -> Markup:
        """The head of the table, with the axis of this target over its charts."""
        say = self.heads
        chart = (
            f'<th scope="col" class="c-bullet"><span class="vh">{escape(say.chart)}</span>'
            f"{self._axis(target)}</th>"
        )
        period = f'<th scope="col">{escape(say.period)}</th>'
        status = f'<th scope="col">{escape(say.status)}</th>'
        if target.is_milestone:
            stage = f'<th scope="col">{escape(say.stage)}</th>'
            return Markup(f"<tr>{period}{chart}{stage}{status}</tr>")
        value = self._head_of_value(target)
        return Markup(
            f'<tr>{period}<th scope="col" class="num">{escape(say.reported)}</th>{chart}'
            f'<th scope="col" class="num">{escape(value)}</th>'
            f'<th scope="col" class="num">{escape(say.rate)}</th>{status}</tr>'
        )

    def _head_of_value(self, target: Target) -> str:
        return self.heads.total if target.is_sum else self.heads.latest

    def body(self, target: Target) -> Markup:
        """A row a period, and below it what was written beside the figure."""
        end = self._end_of_axis(target)
        return Markup("".join(self._row(target, period, end) for period in self.board.periods))

    def _row(self, target: Target, period: Period, end: Fraction) -> str:
        writer = self.writers[period.key]
        result = writer.results[target.key]
        unit = self.words[target.key].unit
        said = self.board.reading.said.get(target.key, {}).get(period.key)
        name, months = self.names[period.key]
        current = period.key == self.current
        row = writer.row(target) if target.is_milestone else None
        if row is not None:
            cells = (
                f'<td class="c-bullet">{row.chart}</td><td class="c-value c-stage">{row.value}</td>'
            )
        else:
            entry = self.board.reading.entries.get(target.key, {}).get(period.key)
            place = self.board.shares(target, period.key)
            cells = (
                f'<td class="num" data-head="{escape(self.heads.reported)}">'
                f"{self._reported(entry, unit)}</td>"
                f'<td class="c-bullet">{self._chart(target, result, period, end)}</td>'
                f'<td class="c-value num" data-head="{escape(self._head_of_value(target))}">'
                f"{writer.figure_value(target, result, unit)}</td>"
                f'<td class="c-rate" data-head="{escape(self.heads.rate)}">'
                f"{writer.rate(target, result, place.due, unit)}</td>"
            )
        chip = charts.chip(result.status, self.phrases.status(result))
        beside = self._beside(said, unit, result, 3 if target.is_milestone else 5, current)
        return (
            f'<tr{_class("cur", current)}><th scope="row">{escape(name)}'
            f"<small>{escape(months)}</small></th>{cells}"
            f"<td>{chip}{self._state(said)}</td></tr>{beside}"
        )

    def _state(self, said: Said | None) -> str:
        if said is None:
            return ""
        return (
            f'<small class="state" data-state="{escape(said.state)}">'
            f'<span aria-hidden="true">{STATE_MARKS.get(said.state, "")}</span>'
            f"{escape(self.heads.states.get(said.state, said.state))}</small>"
            f"{self._corrected(said)}"
        )

    def _corrected(self, said: Said) -> str:
        """A correction shows beside the figure, its reason among the words below."""
        return f'<span class="tag">{escape(self.heads.corrected)}</span>' * bool(
            said.corrected_because
        )

    def _reported(self, entry: Entry | None, unit: str) -> str:
        text, small = self.reported_words(entry, unit)
        return f"{escape(text)}<small>{escape(small)}</small>" if small else escape(text)

    def reported_words(self, entry: Entry | None, unit: str) -> tuple[str, str]:
        """What the section said of this period alone, and out of how many."""
        if entry is None:
            return "—", ""
        if entry.value is None:
            return self.phrases.reasons.get(entry.missing or "", ""), ""
        first = f"{self.phrases.provisional} " if entry.provisional else ""
        whole = ""
        if entry.of is not None:
            whole = self.heads.of_all % {"whole": self.phrases.amount(entry.of, unit)}
        return f"{first}{self.phrases.amount(entry.value, unit)}", whole

    def _beside(
        self, said: Said | None, unit: str, result: Result, columns: int, current: bool
    ) -> str:
        """The row of words below the figures; nothing where nothing was written."""
        if said is None:
            return ""
        words = [
            f'<span class="words"><b>{escape(name)}</b> {escape(text)}</span>'
            for name, text in self.said_words(said, unit, result)
        ]
        words += [self._evidence(each) for each in said.evidence]
        if not words:
            return ""
        return (
            f'<tr class="said{" cur" if current else ""}"><td></td>'
            f'<td colspan="{columns}"{self.phrases.in_japanese}>{"".join(words)}</td></tr>'
        )

    def _evidence(self, item: Mapping[str, Any]) -> str:
        """A link, a file to be handed out, or what a document named and did not bring along."""
        show = evidence.shown(item, self.files_url)
        title = escape(show["title"])
        if show["href"]:
            title = f'<a href="{escape(show["href"])}" rel="noopener noreferrer">{title}</a>'
        about = f" <small>{escape(show['about'])}</small>" if show["about"] else ""
        return f'<span class="words"><b>{escape(self.heads.evidence)}</b> {title}{about}</span>'

    def said_words(self, said: Said, unit: str, result: Result) -> list[tuple[str, str]]:
        """Note, cause and remedy, the section's own judgement and its outlook for the year."""
        say = self.heads
        lines = [(say.note, said.note), (say.cause, said.cause), (say.remedy, said.remedy)]
        if said.self_status:
            word = self.phrases.statuses.get(said.self_status, said.self_status)
            if said.self_status == result.status:
                word = say.same % {"status": word}
            elif said.self_reason:
                word = f"{word}　{said.self_reason}"
            lines.append((say.own_judgement, word))
        if said.outlook_met is not None:
            outlook = say.will_be_met if said.outlook_met else say.will_not_be_met
            if said.outlook_value is not None:
                outlook = f"{outlook}　{self.phrases.amount(said.outlook_value, unit)}"
            lines.append((say.outlook, outlook))
        lines.append((say.corrected, said.corrected_because))
        if said.on_behalf:
            lines.append((say.entry, say.on_behalf))
        return [(name, text) for name, text in lines if text]

    # the chart and its axis ───────────────────────────────────────────────────────────────────

    def _end_of_axis(self, target: Target) -> Fraction:
        """120 % of the target, or as far as it takes to show the original and every actual."""
        end = charts.AXIS
        if target.is_milestone:
            return end
        for period in self.writers:
            place = self.board.shares(target, period)
            for share in (place.reach, place.original):
                if share is not None and share > end:
                    end = share
        return min(end, Fraction(3))

    def _axis(self, target: Target) -> Markup:
        if target.is_milestone:
            names = [self.phrases.stages[stage] for stage in charts.STAGES[1:]]
            return charts.steps_axis(self.heads.stages_in_order, names)
        result = self.writers[self.current].results[target.key]
        if result.target_value is None:
            return Markup("")
        has_way = target.baseline is not None and not target.is_sum
        goal = self.phrases.target(target, result, self.words[target.key].unit)
        ticks: list[tuple[Fraction | int, str]] = [
            (0, self.phrases.amount(target.baseline, "") if has_way else "0"),
            (1, goal),
        ]
        original = self.board.shares(target, self.current).original
        if original is not None and abs(original - 1) > Fraction(1, 5):
            before = self.phrases.amount(result.original_value, "")
            ticks.append((original, self.heads.originally % {"value": before}))
        return charts.number_axis(ticks, end=self._end_of_axis(target))

    def _chart(self, target: Target, result: Result, period: Period, end: Fraction) -> Markup:
        place = self.board.shares(target, period.key)
        earlier = None
        before = self.writers[period.key].period_before
        if target.is_sum and before:
            earlier = self.board.shares(target, before).reach
        return charts.bullet(
            result.status,
            self.phrases.sentence(target, self.words[target.key], result, place.due),
            reach=place.reach,
            due=place.due,
            limit=target.is_limit,
            provisional=result.provisional,
            earlier=earlier,
            original=place.original,
            end=end,
        )


def _class(name: str, holds: bool) -> str:
    return f' class="{name}"' if holds else ""
