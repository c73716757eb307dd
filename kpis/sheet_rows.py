"""The rows of the sheet: what the page shows of a line, and what a saved cell answers.

Forty rows with some twenty places each are written here in one piece, as the rows of the
dashboard are (kpis/rows.py): a template that looks up every cell would cost more than all else on
the page. What comes from a policy or from a person is escaped here. docs/entering.md names the
attributes that the page's script goes by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from itertools import groupby
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from . import charts, typed
from .achievement import Entry
from .charts import Markup
from .models import Actual
from .phrases import Phrases
from .sheet import Line, Sheet
from .sheet_drafts import Draft, digest

#: The mark of a state in templates/components/sprite.html; never a status colour.
STATE_MARKS = {"draft": "edit", "submitted": "upload", "returned": "return", "confirmed": "check"}
#: Of more earlier periods than this, the latest are shown.
MOST_EARLIER = 3


class RowTexts:
    """What every row says, looked up once a page."""

    def __init__(self, phrases: Phrases) -> None:
        self.phrases = phrases
        self.kinds = [(value, str(label)) for value, label in Actual.Certainty.choices]
        self.reasons = [(value, str(label)) for value, label in Actual.Missing.choices]
        self.stages = [(value, str(label)) for value, label in Actual.Stage.choices]
        self.states = {value: str(label) for value, label in Actual.State.choices}
        self.choose = gettext("選ぶ")
        self.not_yet = gettext("未入力")
        self.is_it_right = gettext("まだ保存していません。この数でまちがいありませんか。")
        self.sure = gettext("この数で正しい")
        self.keep_theirs = gettext("保存されている内容を残す")
        self.keep_mine = gettext("自分の入力で保存する")
        self.stands = gettext("保存されている内容")
        self.mine = gettext("あなたの入力")
        self.write_it = gettext("この目標のページで入力する")
        self.colon = gettext("：")
        self.done = gettext("完了")
        self.corrected = gettext("訂正")
        self.fields = {
            "figure": gettext("この期"),
            "total": gettext("年間の計"),
            "kind": gettext("確定・見込の別"),
            "note": gettext("備考"),
        }

    # One line as texts ---------------------------------------------------------------------------

    def total(self, line: Line) -> str:
        """The total so far as it is read: of a milestone its stage."""
        if line.promise.is_milestone:
            return self.phrases.stage(line.result) or "—"
        if line.promise.is_sum:
            return typed.total_text(line.entry, line.earlier)
        return "—" if line.result.to_date is None else self.amount(line.result.to_date)

    def amount(self, value) -> str:
        return self.phrases.amount(value, "")

    def rate(self, line: Line) -> str:
        return "" if line.promise.is_milestone else self.phrases.rate(line.result)

    def bar(self, line: Line) -> Markup:
        """The bar beside the rate; its sentence says the row to those who hear it."""
        result, at = line.result, line.shares
        sentence = self.phrases.sentence(line.promise, line, result, at.due)
        if line.promise.is_milestone:
            return charts.steps(result.status, sentence, stage=result.stage)
        return charts.bullet(
            result.status,
            sentence,
            reach=at.reach,
            due=at.due,
            limit=line.promise.is_limit,
            provisional=result.provisional,
        )

    def difference(self, line: Line) -> str:
        """Where a typed total and the yearly figures do not come to the same."""
        own, linked = line.entry.value, line.follows
        if own is None or linked is None or own == linked:
            return ""
        return gettext(
            "入力した累計は%(own)s%(unit)s、年度の数から計算した累計は%(linked)s%(unit)sです。"
            "入力した数を使っています。"
        ) % {"own": self.amount(own), "linked": self.amount(linked), "unit": line.unit}

    def returned(self, line: Line) -> str:
        if not line.returned_because:
            return ""
        return gettext("差戻し「%(reason)s」") % {"reason": line.returned_because}

    def said(self, entry: Entry | None) -> str:
        """Another period's entry in a few words: 275, 14/30, 見込 5, 集計中; "" for none."""
        if entry is None:
            return ""
        if entry.value is None:
            return typed.choice_text(entry)
        text = self.amount(entry.value)
        if entry.of is not None:
            text += f"/{self.amount(entry.of)}"
        return f"{self.phrases.provisional} {text}" if entry.provisional else text

    def state(self, line: Line) -> str:
        if not line.state and line.owed and line.is_open:
            return self.not_yet
        return self.states.get(line.state, "—")

    def row(self, line: Line) -> dict[str, Any]:
        """What a saved cell answers, as docs/entering.md has it."""
        texts = typed.texts(line.promise, line.entry, line.earlier, line.said.note)
        state = line.state
        return {
            "key": line.key,
            "version": line.meta.version,
            "figure": texts["figure"],
            "total": self.total(line),
            "kind": texts["kind"],
            "note": texts["note"],
            "rate": self.rate(line),
            "status": {"key": str(line.result.status), "name": self.phrases.status(line.result)},
            "bar": str(self.bar(line)),
            "state": {"key": state, "name": self.state(line)},
            "owed": line.owed,
            "lacking": line.lacking,
            "message": self.returned(line),
            "difference": self.difference(line),
        }


#: Rows as they were written last, with what they were made of: by policy, period and language,
#: then by target. Forgotten when full.
_written: dict[tuple[int, str, str], dict[str, tuple[tuple[Any, ...], str]]] = {}
REMEMBERED = 64


class SheetRows:
    """The table's body, written in one piece.

    As on the dashboard, a row is written anew only where something in it changed since somebody
    last looked: all that it is made of is compared by value first.
    """

    def __init__(self, sheet: Sheet, drafts: Mapping[str, Draft], picked: frozenset[str]) -> None:
        self.sheet = sheet
        self.drafts = drafts
        self.picked = picked
        self.phrases = Phrases(sheet.policy)
        self.texts = RowTexts(self.phrases)
        self.earlier = sheet.earlier_periods[-MOST_EARLIER:]
        self.with_last_year = any(sheet.a_year_before(line) for line in sheet.lines)
        self.columns = 7 + len(self.earlier) + self.with_last_year
        parts = {
            each.key: self.phrases.period_parts(each.starts, each.ends) for each in sheet.periods
        }
        self.heads = {
            **{key: name for key, (name, _months) in parts.items()},
            "goal": gettext("目標値"),
            "last": gettext("前年度"),
            "now": parts[sheet.period.key][0],
            **self.texts.fields,
        }
        policy = sheet.policy
        address = reverse(
            "kpis:cell", args=[policy.ward.code, policy.fiscal_year, "KEY", sheet.period.key]
        )
        self._cell = address.rpartition("KEY")
        self.ways = [
            (gettext("事業の状況"), self.way_to("narrative", sheet.period.key)),
            (gettext("目標の変更"), self.way_to("project_change")),
        ]
        self.in_japanese = self.phrases.in_japanese
        known = (policy.pk, sheet.period.key, self.phrases.lang)
        if len(_written) >= REMEMBERED and known not in _written:
            _written.clear()
        self._written = _written.setdefault(known, {})

    def way_to(self, page: str, *more: str) -> tuple[str, str]:
        """The address of a page about a project, around the project's key."""
        policy = self.sheet.policy
        found = reverse(f"kpis:{page}", args=[policy.ward.code, policy.fiscal_year, "KEY", *more])
        before, _key, after = found.rpartition("KEY")
        return before, after

    def body(self) -> Markup:
        """One tbody a project."""
        parts = []
        for _id, lines in groupby(self.sheet.lines, key=lambda line: line.project):
            of_project = list(lines)
            parts.append(f"<tbody>{self.band(of_project[0])}")
            parts += [self.line(line) for line in of_project]
            parts.append("</tbody>")
        return Markup("".join(parts))

    def band(self, line: Line) -> str:
        heading = line.project
        assert heading is not None
        number = f'<span class="pno">{escape(heading.number)}</span>' if heading.number else ""
        ways = "".join(
            f'<a class="tap" href="{escape(before)}{escape(heading.key)}{after}"'
            f' aria-describedby="b-{escape(heading.key)}">{escape(text)}</a>'
            for text, (before, after) in self.ways
        )
        return (
            f'<tr class="band-row"><th scope="rowgroup" colspan="{self.columns}">'
            f'<span id="b-{escape(heading.key)}"{self.in_japanese}>{number}'
            f'{escape(heading.name)}</span><span class="ways">{ways}</span></th></tr>'
        )

    def line(self, line: Line) -> str:
        """A target's row and, below it, what is to be said about it."""
        draft = self.drafts.get(line.key)
        before = self.earlier[-1] if self.earlier else None
        note_before = self.sheet.note_at(line, before) if before else ""
        if draft is not None or line.key in self.picked:
            return self.write(line, draft, note_before)
        made_of = (
            line,
            note_before,
            [self.sheet.entry_at(line, period) for period in self.earlier],
            [self.sheet.is_corrected(line, period) for period in self.earlier],
            self.with_last_year and self.sheet.a_year_before(line),
            self.sheet.reading.words[line.key].condition,
            self.columns,
            self._cell,
            self.phrases.statuses,
        )
        known = self._written.get(line.key)
        if known is not None and known[0] == made_of:
            return known[1]
        row = self.write(line, None, note_before)
        self._written[line.key] = (made_of, row)
        return row

    def write(self, line: Line, draft: Draft | None, note_before: str) -> str:
        key, fixed = escape(line.key), line.is_fixed
        what = self.kind_of_row(line, draft)
        attributes = "".join(
            [
                " data-fixed" if fixed else "",
                " data-owed" if line.owed else "",
                f' data-before-note="{escape(note_before)}"' if note_before else "",
            ]
        )
        version = line.meta.version
        seen = version if draft is None or draft.version is None else draft.version
        hidden = f'<input type="hidden" name="seen" value="{key}:{version}">'
        texts = typed.texts(line.promise, line.entry, line.earlier, line.said.note)
        if not fixed:
            was = draft.was if draft and draft.was else digest(texts)
            hidden += (
                f'<input type="hidden" name="{key}.version" value="{seen}">'
                f'<input type="hidden" name="{key}.was" value="{escape(was)}">'
            )
        cells = [
            self.name(line, key, hidden),
            f'<td class="num goal"{self.head("goal")}>{self.goal(line)}</td>',
            self.before_cells(line),
            self.dropped(line) if line.is_dropped else self.now(line, key, texts, draft),
            self.note(line, key, texts, draft),
            self.state(line, key),
        ]
        return (
            f'<tr class="line{what}" id="r-{key}" data-key="{key}"'
            f' data-cell="{escape(self._cell[0])}{key}{self._cell[2]}"'
            f' data-measure="{line.promise.measure}" data-version="{seen}"{attributes}>'
            f"{''.join(cells)}</tr>{self.message(line, key, what, draft)}"
        )

    def kind_of_row(self, line: Line, draft: Draft | None) -> str:
        if draft and draft.is_wrong:
            return " is-error"
        if draft or line.returned_because:
            return " is-warn"
        return " is-off" if line.is_dropped else ""

    # The cells -----------------------------------------------------------------------------------

    def name(self, line: Line, key: str, hidden: str) -> str:
        return (
            f'<th scope="row" class="pin">{hidden}'
            f'<a class="tap" id="l-{key}" href="{escape(line.url)}"{self.in_japanese}>'
            f"{escape(line.label)}</a>{self.notes(line)}</th>"
        )

    def notes(self, line: Line) -> str:
        target, result, texts = line.promise, line.result, self.phrases.texts
        tags = [texts.revised] if result.original_value is not None else []
        if target.cumulative:
            tags.append(texts.cumulative)
        said = []
        if target.measure == "ratio" and result.denominator is not None:
            said.append(
                texts.of_all % {"whole": self.phrases.amount(result.denominator, line.unit)}
            )
        if target.baseline is not None and not target.is_sum:
            baseline = self.phrases.amount(target.baseline, line.unit)
            said.append(texts.at_start % {"value": baseline})
        if months := self.phrases.months(target):
            said.append(months)
        if condition := self.sheet.reading.words[line.key].condition:
            said.append(condition)
        return "".join(f' <span class="tag">{escape(tag)}</span>' for tag in tags) + "".join(
            f'<span class="tnote">{escape(text)}</span>' for text in said
        )

    def goal(self, line: Line) -> str:
        if line.promise.is_milestone:
            return escape(self.phrases.texts.all_year if line.promise.ongoing else self.texts.done)
        result = line.result
        goal = escape(self.phrases.target(line.promise, result, line.unit))
        if result.original_value is None:
            return goal
        before = self.phrases.amount(result.original_value, line.unit)
        originally = self.phrases.texts.originally % {"value": before}
        return f"{goal}<small>{escape(originally)}</small>"

    def before_cells(self, line: Line) -> str:
        cells = ""
        if self.with_last_year:
            cells = self.fixed_cell("data-last-year", "last", self.sheet.a_year_before(line))
        for period in self.earlier:
            attribute = "data-before" if period is self.earlier[-1] else "data-earlier"
            entry, corrected = (
                self.sheet.entry_at(line, period),
                self.sheet.is_corrected(line, period),
            )
            cells += self.fixed_cell(attribute, period.key, entry, corrected=corrected)
        return cells

    def fixed_cell(
        self, attribute: str, head: str, entry: Entry | None, *, corrected: bool = False
    ) -> str:
        canonical = typed.choice_text(entry) if entry else ""
        said = escape(self.texts.said(entry)) or "—"
        if corrected:
            said += f' <span class="tag">{escape(self.texts.corrected)}</span>'
        return (
            f'<td class="num fixed" {attribute}="{escape(canonical)}"{self.head(head)}>{said}</td>'
        )

    def head(self, name: str) -> str:
        """What stands over the cell where there are no columns: in a narrow window."""
        return f' data-head="{escape(self.heads[name])}"'

    def dropped(self, line: Line) -> str:
        """Cancelled or postponed: mark, word and reason in the place of figure, total and rate."""
        chip = charts.chip(line.result.status, self.phrases.status(line.result))
        chip = Markup(chip.replace("<span ", '<span data-out="status" ', 1))
        of_project = line.project.status_reason if line.project else ""
        told = self.phrases.given_up(
            line.promise,
            line.result,
            self.sheet.period.ends,
            reasons=(of_project, line.status_reason),
            beside_chip=True,
        )
        reason = escape(told)
        return f'<td class="now" colspan="3">{chip} <span{self.in_japanese}>{reason}</span></td>'

    def now(self, line: Line, key: str, texts: Mapping[str, str], draft: Draft | None) -> str:
        if line.is_fixed:
            said = escape(self.texts.said(line.entry)) or "—"
            unit = escape(line.unit) if line.entry.value is not None else ""
            figure = f'<span class="readonly">{said}<span class="unit">{unit}</span></span>'
        else:
            figure = self.fields(line, key, texts, draft)
        return (
            f'<td class="now"{self.head("now")}>{figure}</td><td class="num sum"'
            f"{self.head('total')}>{self.total(line, key, texts, draft)}</td>"
            f'<td class="rate-cell">{self.rate(line)}</td>'
        )

    def fields(self, line: Line, key: str, texts: Mapping[str, str], draft: Draft | None) -> str:
        stands = texts["figure"]
        if line.promise.is_milestone:
            options = self.options(
                [("", self.texts.choose)]
                + [(text, text) for _value, text in self.texts.stages]
                + [(text, text) for _value, text in self.texts.reasons],
                shown(draft, "figure", stands),
            )
            figure = (
                f'<select class="select stage" {self.field(key, "figure", stands, draft)}>'
                f"{options}</select>"
            )
        else:
            # A single space marks an empty cell for the style sheet.
            follows = " " if line.follows is None else self.texts.amount(line.follows)
            placeholder = f' placeholder="{escape(follows)}"'
            figure = (
                f'<input class="input figure" type="text" autocomplete="off"{placeholder}'
                f" {self.field(key, 'figure', stands, draft)}"
                f' value="{escape(shown(draft, "figure", stands))}">'
                f'<span class="unit">{escape(line.unit)}</span>'
            )
        kinds = list(self.texts.kinds)
        if not line.promise.linked_to:
            kinds += self.texts.reasons
        kind = (
            f'<select class="select kind" {self.field(key, "kind", texts["kind"], draft)}>'
            f"{self.options(kinds, shown(draft, 'kind', texts['kind']))}</select>"
        )
        return f'<div class="entry">{figure}{kind}</div>'

    def field(self, key: str, name: str, stands: str, draft: Draft | None) -> str:
        wrong = draft and any(problem.field == name for problem in draft.problems)
        return (
            f'id="{name[0]}-{key}" name="{key}.{name}" data-field="{name}"'
            f' data-was="{escape(stands)}" aria-labelledby="l-{key} c-{name}"'
            f' aria-describedby="m-{key}"{" aria-invalid=true" if wrong else ""}'
        )

    def options(self, choices: Sequence[tuple[str, str]], chosen: str) -> str:
        values = [value for value, _text in choices]
        if chosen not in values:  # what somebody typed stays in sight, whatever it is
            choices = [*choices, (chosen, chosen)]
        return "".join(
            f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>'
            f"{escape(text)}</option>"
            for value, text in choices
        )

    def total(self, line: Line, key: str, texts: Mapping[str, str], draft: Draft | None) -> str:
        said = self.texts.total(line)
        if not line.promise.is_sum or line.is_fixed:
            if line.promise.is_sum:
                value = line.result.to_date
                said = "—" if value is None else self.texts.amount(value)
            return f'<output data-out="total">{escape(said)}</output>'
        return (
            f'<input class="input total" type="text" autocomplete="off"'
            f" {self.field(key, 'total', texts['total'], draft)}"
            f' value="{escape(shown(draft, "total", texts["total"]))}">'
        )

    def rate(self, line: Line) -> str:
        status, word = line.result.status, self.phrases.status(line.result)
        return (
            '<div class="ratebox">'
            f'<output class="rate" data-out="rate">{escape(self.texts.rate(line))}</output>'
            f'<span class="bar" data-out="bar">{self.texts.bar(line)}</span>'
            f'<span class="status" data-status="{status}" data-out="status">'
            f"{charts.mark(status)}<span>{escape(word)}</span></span></div>"
        )

    def note(self, line: Line, key: str, texts: Mapping[str, str], draft: Draft | None) -> str:
        if line.is_fixed:
            return f'<td class="memo note-cell">{escape(texts["note"])}</td>'
        said = escape(shown(draft, "note", texts["note"]))
        return (
            f'<td class="note-cell"{self.head("note")}><textarea class="textarea memo" rows="1"'
            f" {self.field(key, 'note', texts['note'], draft)}>\n{said}</textarea></td>"
        )

    def state(self, line: Line, key: str) -> str:
        said = self.state_mark(line)
        if line.is_dropped:
            return f"<td>{said}</td>"
        picked = " checked" if line.key in self.picked else ""
        return (
            f'<td><label class="pick"><input type="checkbox" name="pick" value="{key}"{picked}'
            f' aria-labelledby="l-{key} c-pick">{said}</label></td>'
        )

    def state_mark(self, line: Line) -> str:
        state = line.state
        icon = STATE_MARKS.get(state)
        drawn = (
            f'<svg class="icon" aria-hidden="true"><use href="#u-{icon}"/></svg>' if icon else ""
        )
        corrected = ""
        if line.said.corrected_because:
            corrected = f' <span class="tag">{escape(self.texts.corrected)}</span>'
        return (
            f'<span class="state" data-state="{state}" data-out="state">{drawn}'
            f"<span>{escape(self.texts.state(line))}</span></span>{corrected}"
        )

    # What is said below a row --------------------------------------------------------------------

    def message(self, line: Line, key: str, what: str, draft: Draft | None) -> str:
        said = self.of_draft(key, draft) if draft else ""
        if returned := self.texts.returned(line):
            said += f"<p><b>{escape(returned)}</b></p>"
        if remarks := line.remarks:
            lacking = " ".join(line.lacking)
            said += (
                f'<p>{escape(lacking)} <a href="{escape(line.url)}#id_{remarks[0].about}">'
                f"{escape(self.texts.write_it)}</a></p>"
            )
        if difference := self.texts.difference(line):
            said += f"<p>{escape(difference)}</p>"
        return (
            f'<tr class="msg{what}"{"" if said else " hidden"}><td colspan="{self.columns}">'
            f'<div class="msgbox" id="m-{key}" data-out="message">{said}</div></td></tr>'
        )

    def of_draft(self, key: str, draft: Draft) -> str:
        said = f"<p><b>{escape(draft.told)}</b></p>" if draft.told else ""
        if draft.is_refused:
            for name, text in draft.values.items():
                said += f"<p>{escape(self.texts.fields[name] + self.texts.colon)}{escape(text)}</p>"
            return said
        for problem in draft.problems:
            said += (
                f'<p class="err">{drawing("warn" if problem.is_question else "error")}'
                f"{escape(problem.message)}</p>"
            )
            if problem.is_question:
                said += (
                    f"<p>{escape(self.texts.is_it_right)}</p>"
                    f'<p class="choices"><label><input type="checkbox" name="{key}.sure"'
                    f' value="{escape(problem.sure)}">{escape(self.texts.sure)}</label></p>'
                )
        if draft.clashes:
            said += self.clashes(key, draft)
        return said

    def clashes(self, key: str, draft: Draft) -> str:
        """Both figures, and one choice of two."""
        texts, told = self.texts, ""
        for clash in draft.clashes:
            told += f"<dt>{escape(texts.fields[clash.field])}</dt>"
            for whose, text in ((texts.stands, clash.theirs), (texts.mine, clash.mine)):
                told += f"<dd>{escape(whose + texts.colon)}<b>{escape(text) or '—'}</b></dd>"
        choices = "".join(
            f'<label><input type="radio" name="{key}.choice" value="{value}">{escape(text)}</label>'
            for value, text in (("theirs", texts.keep_theirs), ("mine", texts.keep_mine))
        )
        return (
            f'<dl class="clash">{told}</dl><div class="choices" role="radiogroup"'
            f' aria-labelledby="l-{key}">{choices}</div>'
            f'<input type="hidden" name="{key}.undecided" value="1">'
        )


def shown(draft: Draft | None, name: str, stands: str) -> str:
    """What stands in a field of the page: what was typed, where it could not be kept."""
    return draft.values.get(name, stands) if draft else stands


def drawing(icon: str) -> str:
    return f'<svg class="icon" aria-hidden="true"><use href="#u-{icon}"/></svg>'
