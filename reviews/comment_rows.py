"""The rows of the list of comments, written in one piece as those of a dashboard (kpis/rows.py):
sixty rows of a template that looks up every cell cost more than all else on the page.

What comes from a policy or from a person is escaped here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from html import escape

from django.utils.translation import gettext

from kpis.charts import Markup

from .answering import State
from .comment_list import Line

#: So much of a text stands in the list; the line's own page has it whole.
SHOWN = 1200
LATE = '<svg class="icon" aria-hidden="true"><use href="#u-warn"/></svg>'


class RowTexts:
    """What every row says, looked up once a page."""

    def __init__(self) -> None:
        self.pick = escape(gettext("No.%(n)sを選ぶ"))
        self.response = escape(gettext("区の考え方"))
        self.result = escape(gettext("対処結果"))
        self.unreleased = escape(gettext("未公開"))
        self.voices = escape(gettext("委員の区分"))
        self.section = escape(gettext("課"))
        self.disposition = escape(gettext("対応区分"))
        self.state = escape(gettext("状態"))
        self.due = escape(gettext("期限"))
        self.overdue = escape(gettext("期限超過"))


def body(
    lines: Iterable[Line], *, picks: bool, many_rounds: bool, chosen: Collection[int]
) -> Markup:
    """The rows of these lines; `picks`: with a box to choose each."""
    say = RowTexts()
    return Markup("".join(_row(line, say, picks, many_rounds, chosen) for line in lines))


def _row(line: Line, say: RowTexts, picks: bool, many_rounds: bool, chosen: Collection[int]) -> str:
    item, number = line.item, line.item.number
    late = ' class="late"' if line.is_late else ""
    pick = ""
    if picks:
        checked = " checked" if number in chosen else ""
        pick = (
            '<td class="c-pick"><label class="pick"><input type="checkbox" name="pick" '
            f'value="{number}:{item.version}"{checked}>'
            f'<span class="vh">{say.pick % {"n": number}}</span></label></td>'
        )
    of_round = f"<small>{escape(line.round_name)}</small>" if many_rounds else ""
    about = ' lang="ja"' if line.about.is_japanese else ""
    section, given, due = line.section, line.disposition_name, line.due_day
    day = f'<span class="overdue">{LATE}{escape(due)}</span><small>{say.overdue}</small>'
    return (
        f'<tr{late}>{pick}<th scope="row" class="c-no"><a class="tap" href="{escape(line.url)}">'
        f'<span class="vh">No.</span>{number}</a>{of_round}</th>'
        f'<td class="c-about"><span{about}>{escape(line.about.name)}</span></td>'
        f'<td class="c-kind">{escape(line.kind)}</td>'
        f'<td class="c-opinion" lang="ja">{_clipped(item.text)}{_answer(line, say)}</td>'
        f'<td class="c-voices" data-head="{say.voices}">{escape(line.voices or "—")}</td>'
        f'<td class="c-section{_none(section)}" data-head="{say.section}">'
        f'<span lang="ja">{escape(section or "—")}</span></td>'
        f'<td class="c-given{_none(given)}" data-head="{say.disposition}">'
        f"{escape(given or '—')}</td>"
        f'<td data-head="{say.state}"><span class="state" data-state="{line.state}">'
        f"{escape(line.state_name)}</span></td>"
        f'<td data-head="{say.due}" class="c-due{_none(due)}">'
        f"{day if line.is_late else escape(due or '—')}</td></tr>"
    )


def _answer(line: Line, say: RowTexts) -> str:
    """What the ward answered, and what came of it."""
    told = ""
    if line.view:
        tag = ""
        if line.item.state != State.RELEASED:
            tag = f' <span class="tag">{say.unreleased}</span>'
        told = f'<div class="reply"><b>{say.response}</b>{tag}{_clipped(line.view)}</div>'
    if line.result:
        told += f'<div class="reply"><b>{say.result}</b>{_clipped(line.result)}</div>'
    return told


def _clipped(text: str) -> str:
    shown = text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
    lines = escape(shown).replace("\r\n", "\n").replace("\n", "<br>")
    return f'<p class="clip">{lines}</p>'


def _none(text: str) -> str:
    return "" if text else " c-none"
