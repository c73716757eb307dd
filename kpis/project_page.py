"""The project page: what was promised, what became of it period by period, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from html import escape
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wards.permissions import access_of

from . import charts
from .achievement import Entry, Period, Result, Status, Target, explain
from .board import Board, ProjectOnBoard, shares
from .charts import Markup
from .models import Actual, Change, Initiative, Narrative
from .models import Target as TargetRow
from .phrases import Phrases
from .reading import Said, Words
from .rows import RowWriter
from .wording import explain_pace, percent

#: How many lines of history stand on the page; the newest first.
LATEST_CHANGES = 20

STATE_MARKS = {"draft": "✎", "submitted": "↑", "returned": "↩", "confirmed": "✓"}
STATE_NAMES = dict(Actual.State.choices)

#: What the history calls a field, where the model's own name would not do.
FIELD_NAMES = {
    "state": _("状態"),
    "evidence": _("根拠資料"),
    **{
        field.name: field.verbose_name
        for field in Actual._meta.fields
        if field.name
        in {
            "value",
            "denominator",
            "stage",
            "missing",
            "certainty",
            "note",
            "self_status",
            "self_reason",
            "outlook_met",
            "outlook_value",
            "cause",
            "remedy",
        }
    },
}
#: Words of the history for values that are kept as codes.
VALUE_NAMES: dict[str, dict[Any, Any]] = {
    "state": STATE_NAMES,
    "stage": dict(Actual.Stage.choices),
    "missing": dict(Actual.Missing.choices),
    "certainty": dict(Actual.Certainty.choices),
    "self_status": dict(Actual._meta.get_field("self_status").choices or ()),
}


@dataclass(slots=True)
class PeriodLine:
    """One period of one target: what was reported, and where it stands at the end."""

    key: str
    name: str
    months: str
    current: bool
    state: str
    state_mark: str
    state_name: str
    reported: Markup
    chart: Markup
    value: Markup
    rate: Markup
    chip: Markup
    said: list[tuple[str, str]]
    evidence: list[Mapping[str, str]]


@dataclass(slots=True)
class RevisionLine:
    """A change of the target, old and new, with its reason."""

    old: str
    new: str
    unit: str
    on: str
    reason: str
    decided: str
    rate_before: str


@dataclass(slots=True)
class TargetBlock:
    key: str
    label: str
    repeats: bool  # the words of its initiative
    tags: Markup
    is_milestone: bool
    adds_up: bool
    axis: Markup
    lines: list[PeriodLine]
    facts: list[tuple[str, str]]
    formula: list[tuple[str, str]]
    revisions: list[RevisionLine]


@dataclass(slots=True)
class InitiativeBlock:
    text: str
    targets: list[TargetBlock]


class ProjectPage:
    """One project and a period to stand in."""

    def __init__(self, board: Board, project: ProjectOnBoard, period: Period, user) -> None:
        self.board = board
        self.project = project
        self.period = period
        self.user = user
        self.phrases = Phrases(board.policy)
        self.words = board.reading.words
        self.writers = {
            each.key: RowWriter(board, each.key, self.phrases) for each in board.periods
        }

    def context(self) -> dict[str, Any]:
        project = self.project
        status = self.board.project_status(project, self.period.key)
        counted = [
            target
            for target in project.targets
            if not self.board.results(self.period.key)[target.key].linked
        ]
        name, _months = self.phrases.period_parts(self.period.starts, self.period.ends)
        siblings = project.pillar.projects
        at = siblings.index(project)
        return {
            "project": project,
            "pillar": project.pillar,
            "initiatives": self._initiatives(),
            "chip": charts.chip(status, self.phrases.statuses[status]),
            "count": len(counted),
            "period": self.period,
            "period_name": name,
            "year": self.phrases.year(self.board.policy.fiscal_year),
            "as_of": gettext("%(day)s時点") % {"day": self.phrases.day(self.period.ends)},
            "position": at + 1,
            "siblings": len(siblings),
            "before": siblings[at - 1] if at else None,
            "after": siblings[at + 1] if at + 1 < len(siblings) else None,
            "periods": self._periods(),
            "many_periods": len(self.board.periods) > 4,
            "narratives": self._narratives(),
            "history": self._history(),
        }

    def _periods(self) -> list[dict[str, Any]]:
        found = []
        for each in self.board.periods:
            name, months = self.phrases.period_parts(each.starts, each.ends)
            found.append(
                {
                    "key": each.key,
                    "name": name,
                    "months": months,
                    "current": each.key == self.period.key,
                }
            )
        return found

    # targets ─────────────────────────────────────────────────────────────────────────────────

    def _initiatives(self) -> list[InitiativeBlock]:
        rows = Initiative.objects.filter(project=self.project.id).order_by("order", "id")
        blocks = {id_: InitiativeBlock(text, []) for id_, text in rows.values_list("id", "text")}
        for target in self.project.targets:
            block = blocks[self.words[target.key].initiative_id]
            block.targets.append(self._target(target, block.text))
        return list(blocks.values())

    def _target(self, target: Target, initiative: str) -> TargetBlock:
        words = self.words[target.key]
        now = self.board.results(self.period.key)[target.key]
        end = self._end_of_axis(target)
        row = self.writers[self.period.key].row(target)
        return TargetBlock(
            key=target.key,
            label=words.label,
            repeats=words.label == initiative,
            tags=row.tags,
            is_milestone=target.is_milestone,
            adds_up=target.is_sum,
            axis=self._axis(target, now, end),
            lines=[self._line(target, period, end) for period in self.board.periods],
            facts=self._facts(target, words),
            formula=self._formula(target, now, words),
            revisions=self._revisions(target, now, words),
        )

    def _end_of_axis(self, target: Target) -> Fraction:
        """120 % of the target, or as far as it takes to show the original and the last actual."""
        end = charts.AXIS
        for period in self.board.periods:
            place = shares(target, self.board.results(period.key)[target.key])
            for share in (place.reach, place.original):
                if share is not None and share > end:
                    end = share
        return min(end, Fraction(3))

    def _axis(self, target: Target, result: Result, end: Fraction) -> Markup:
        if target.is_milestone:
            names = [self.phrases.stages[stage] for stage in charts.STAGES[1:]]
            return charts.steps_axis(gettext("段階：準備中、実施中、完了の順"), names)
        place = shares(target, result)
        if result.target_value is None:
            return Markup("")
        unit = self.words[target.key].unit
        has_way = target.baseline is not None and not target.is_sum
        start = self.phrases.amount(target.baseline, "") if has_way else "0"
        ticks: list[tuple[Fraction | int, str]] = [
            (0, start),
            (1, self.phrases.target(target, result, unit)),
        ]
        if place.original is not None and abs(place.original - 1) > Fraction(1, 5):
            before = self.phrases.amount(result.original_value, "")
            ticks.append((place.original, gettext("当初 %(value)s") % {"value": before}))
        return charts.number_axis(ticks, end=end)

    def _line(self, target: Target, period: Period, end: Fraction) -> PeriodLine:
        writer = self.writers[period.key]
        result = writer.results[target.key]
        words = self.words[target.key]
        name, months = self.phrases.period_parts(period.starts, period.ends)
        entry = self.board.reading.entries.get(target.key, {}).get(period.key)
        said = self.board.reading.said.get(target.key, {}).get(period.key)
        row = writer.row(target)
        return PeriodLine(
            key=period.key,
            name=name,
            months=months,
            current=period.key == self.period.key,
            state=said.state if said else "",
            state_mark=STATE_MARKS.get(said.state, "") if said else "",
            state_name=str(STATE_NAMES.get(said.state, "")) if said else "",
            reported=self._reported(entry, words.unit),
            chart=row.chart if target.is_milestone else self._chart(target, result, period, end),
            value=row.value,
            rate=row.rate,
            chip=row.chip,
            said=self._said(said, words.unit, result) if said else [],
            evidence=[each for each in said.evidence if _is_address(each)] if said else [],
        )

    def _reported(self, entry: Entry | None, unit: str) -> Markup:
        """What the section said of this period alone."""
        if entry is None:
            return Markup("—")
        if entry.value is None:
            word = self.phrases.stages.get(entry.stage or "") or self.phrases.reasons.get(
                entry.missing or "", ""
            )
            return Markup(escape(word))
        text = self.phrases.amount(entry.value, unit)
        first = f"{escape(self.phrases.provisional)} " if entry.provisional else ""
        whole = ""
        if entry.of is not None:
            all_of = gettext("全%(whole)s中") % {"whole": self.phrases.amount(entry.of, unit)}
            whole = f"<small>{escape(all_of)}</small>"
        return Markup(f"{first}{escape(text)}{whole}")

    def _chart(self, target: Target, result: Result, period: Period, end: Fraction) -> Markup:
        place = shares(target, result)
        earlier = None
        if target.is_sum:
            keys = [each.key for each in self.board.periods]
            at = keys.index(period.key)
            if at:
                earlier = shares(target, self.board.results(keys[at - 1])[target.key]).reach
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

    def _said(self, said: Said, unit: str, result: Result) -> list[tuple[str, str]]:
        """Note, cause and remedy, the section's own judgement and its outlook for the year."""
        lines = [
            (gettext("備考"), said.note),
            (gettext("遅れの原因"), said.cause),
            (gettext("今後の対応"), said.remedy),
        ]
        if said.self_status:
            word = self.phrases.statuses.get(said.self_status, said.self_status)
            if said.self_status == result.status:
                word = gettext("%(status)s（機械の判定と同じ）") % {"status": word}
            elif said.self_reason:
                word = f"{word}　{said.self_reason}"
            lines.append((gettext("自己評価"), word))
        if said.outlook_met is not None:
            outlook = gettext("届く") if said.outlook_met else gettext("届かない")
            if said.outlook_value is not None:
                outlook = f"{outlook}　{self.phrases.amount(said.outlook_value, unit)}"
            lines.append((gettext("年度末の見込み"), outlook))
        if said.on_behalf:
            lines.append((gettext("入力"), gettext("代理入力")))
        return [(name, text) for name, text in lines if text]

    def _facts(self, target: Target, words: Words) -> list[tuple[str, str]]:
        nature = dict(TargetRow.Nature.choices).get(target.nature, "")
        plan = "、".join(
            f"{name} {self.phrases.amount(Decimal(target.plan[key]), words.unit)}"
            for key, name in (
                (each.key, self.phrases.period_parts(each.starts, each.ends)[0])
                for each in self.board.periods
            )
            if key in target.plan
        )
        steps = "、".join(f"{step.get('by', '')} {step.get('text', '')}" for step in words.steps)
        start = ""
        if target.baseline is not None:
            start = self.phrases.amount(target.baseline, words.unit)
        owner = target.section if target.section not in self.project.sections[:1] else ""
        printed = words.printed if words.printed != words.label else ""
        facts = [
            (gettext("原文"), printed),
            (gettext("条件"), words.condition),
            (gettext("内訳"), words.breakdown),
            (gettext("時期"), self.phrases.months(target)),
            (gettext("期首値"), start),
            (gettext("期ごとの計画"), plan),
            (gettext("完了とする状態"), words.done_when),
            (gettext("工程"), steps),
            (gettext("性質"), str(nature)),
            (gettext("入力する課"), owner),
            (gettext("数値を置かない理由"), words.no_number_because),
            (gettext("中止・延期の理由"), words.status_reason),
        ]
        return [(name, text) for name, text in facts if text]

    def _formula(self, target: Target, result: Result, words: Words) -> list[tuple[str, str]]:
        """How rate and pace were worked out, so that a resident can do it again."""
        if target.is_milestone:
            return []
        lang = "ja" if self.phrases.lang.startswith("ja") else "en"
        lines = [(gettext("達成率"), explain(result, target, words.unit, lang))]
        if result.pace is not None and not result.year_end:
            lines.append((gettext("計画比"), explain_pace(result, target, words.unit, lang)))
        if result.overall_rate is not None:
            lines.append((gettext("累計に対する率"), f"{percent(result.overall_rate)}%"))
        lines.append((gettext("判定"), self._verdict(result)))
        return lines

    def _verdict(self, result: Result) -> str:
        grades = self.board.reading.grades
        word = self.phrases.status(result)
        bounds = {
            "achieved": f"{grades.achieved}%",
            "pace": f"{grades.pace}%",
            "rate": f"{grades.rate}%",
            "status": word,
        }
        if result.status in (Status.ON_TRACK, Status.SLIGHTLY_BEHIND, Status.BEHIND):
            rule = gettext(
                "%(status)s（計画比100%%以上は順調、%(pace)s以上はやや遅れ、それ未満は遅れ）"
            )
        elif result.status in (Status.ACHIEVED, Status.NEARLY_ACHIEVED, Status.NOT_ACHIEVED):
            rule = gettext(
                "%(status)s（達成率%(achieved)s以上は達成、年度末に%(rate)s以上はおおむね達成）"
            )
        else:
            return word
        return rule % bounds

    def _revisions(self, target: Target, now: Result, words: Words) -> list[RevisionLine]:
        lines = []
        for made in self.board.reading.decisions.get(target.key, []):
            decided = [self.phrases.day(made.on), made.decided_by, made.document_number]
            before = ""
            if now.original_rate is not None and now.original_value == made.old:
                before = f"{percent(now.original_rate)}%"
            lines.append(
                RevisionLine(
                    old=self.phrases.amount(made.old, ""),
                    new=self.phrases.amount(made.new, ""),
                    unit=words.unit,
                    on=self.phrases.day(made.on),
                    reason=made.reason,
                    decided="　".join(part for part in decided if part),
                    rate_before=before,
                )
            )
        return lines

    # what was written, and what was changed ──────────────────────────────────────────────────

    def _narratives(self) -> list[dict[str, str]]:
        """The section's own account, the period on show first."""
        rows = Narrative.objects.filter(project=self.project.id).order_by("-period__starts")
        names = {each["key"]: each["name"] for each in self._periods()}
        found = [
            {"key": key, "name": names[key], "done": done, "obstacles": obstacles, "next": next_}
            for key, done, obstacles, next_ in rows.values_list(
                "period__key", "done", "obstacles", "next"
            )
            if done or obstacles or next_
        ]
        return sorted(found, key=lambda each: each["key"] != self.period.key)

    def _history(self) -> list[dict[str, Any]]:
        """The newest changes to this project's figures, for those who may read them."""
        access, ward = access_of(self.user), self.board.policy.ward_id
        if not access.reads_drafts(ward):
            return []
        changes = Change.objects.filter(project=self.project.id)
        if access.draft_scope(ward):
            changes = changes.visible_to(self.user)
        rows = changes.order_by("-id").values_list(
            "at",
            "by_name",
            "act",
            "changed",
            "reason",
            "on_behalf",
            "target__key",
            "period__key",
        )[:LATEST_CHANGES]
        return [self._change(*row) for row in rows]

    def _change(
        self,
        at: Any,
        by_name: str,
        act: str,
        changed: dict[str, list[Any]],
        reason: str,
        on_behalf: bool,
        target: str,
        period: str,
    ) -> dict[str, Any]:
        local = timezone.localtime(at)
        names = {each["key"]: each["name"] for each in self._periods()}
        what = [self.words[target].label] if target in self.words else []
        if period in names:
            what.append(names[period])
        return {
            "at": at,
            "when": f"{self.phrases.short_day(local.date())} {local:%H:%M}",
            "what": " ".join(what),
            "act": str(dict(Change.Act.choices).get(act, act)),
            "changes": [
                (FIELD_NAMES.get(name, name), _told(name, pair[0]), _told(name, pair[-1]))
                for name, pair in changed.items()
                if isinstance(pair, list) and pair
            ],
            "reason": reason,
            "by": by_name,
            "on_behalf": on_behalf,
        }


def _told(field: str, value: Any) -> str:
    """A value of the history as people call it; nothing is a dash."""
    if value in (None, "", []):
        return "—"
    text = str(VALUE_NAMES.get(field, {}).get(value, value))
    return text if len(text) <= 80 else f"{text[:79]}…"


def _is_address(evidence: Any) -> bool:
    """Evidence that can be opened: a title, and an address of the web and nothing else."""
    return isinstance(evidence, dict) and str(evidence.get("url", "")).startswith(
        ("https://", "http://")
    )
