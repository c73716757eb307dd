"""The project page: what was promised, what became of it period by period, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any

from django.utils.translation import gettext

from wards.permissions import access_of
from wards.prepared import Prepared

from . import charts, history
from .achievement import Period, Result, Status, Target, explain
from .beside import beside_projects
from .board import Board, ProjectOnBoard
from .charts import Markup
from .models import Actual, Initiative, Narrative, Policy, Project
from .models import Target as TargetRow
from .period_rows import PeriodRows
from .permissions import can_enter, can_propose, can_write
from .phrases import Phrases
from .reading import Words
from .wording import explain_pace, percent


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
    head: Markup
    body: Markup
    facts: Markup
    formula: Markup
    revisions: list[RevisionLine]
    enter: list[tuple[str, str]]  # the periods that this person may enter: name, address
    change_url: str  # where this person asks for a change; empty for those who may not


@dataclass(frozen=True, slots=True)
class Owned:
    """As much of a target as kpis/permissions.py looks at."""

    policy: Policy
    owner_id: int | None
    section_ids: Sequence[int] = ()


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
        self.url = board.policy.get_absolute_url()
        self.phrases = Phrases(board.policy)
        self.words = board.reading.words
        self.rows = PeriodRows(board, period, self.phrases)

    def context(self) -> dict[str, Any]:
        project = self.project
        status = self.board.project_status(project, self.period.key)
        counted = [
            target
            for target in project.targets
            if not self.board.results(self.period.key)[target.key].linked
        ]
        name, _months = self.rows.names[self.period.key]
        siblings = project.pillar.projects
        at = siblings.index(project)
        return {
            "project": project,
            "in_japanese": self.phrases.in_japanese,
            "dashboard_url": self.url,
            "pillar": project.pillar,
            "initiatives": self._initiatives(),
            "chip": charts.chip(status, self.phrases.statuses[status]),
            "count": len(counted),
            "period": self.period,
            "period_name": name,
            "year": self.phrases.year(self.board.policy.fiscal_year),
            "confirmed_only": self.board.confirmed_only,
            "as_of": gettext("%(day)s時点") % {"day": self.phrases.day(self.period.ends)},
            "position": at + 1,
            "siblings": len(siblings),
            "before": siblings[at - 1] if at else None,
            "after": siblings[at + 1] if at + 1 < len(siblings) else None,
            "periods": self._periods(),
            "narratives": self._narratives(),
            "write": self._write(),
            "gone": self.phrases.gone(
                project.status,
                project.status_on,
                project.status_reason,
                project.status_decided_by,
                project.status_document_number,
            ),
            "funding": Project.Funding(project.funding).label if project.funding else "",
            "beside": beside_projects(self.user, self.board.policy, [project.key]).get(
                project.key, []
            ),
            "history_url": history.url_for(self.user, self.board.policy),
            "change_url": self._change_url(None, f"projects/{project.key}/change/"),
            "history": history.of_project(
                project.id,
                self.user,
                self.board.policy.ward_id,
                self.phrases,
                {key: words.label for key, words in self.words.items()},
                {key: name for key, (name, _months) in self.rows.names.items()},
            ),
        }

    def _periods(self) -> list[dict[str, Any]]:
        return [
            {"key": key, "name": name, "months": months, "current": key == self.period.key}
            for key, (name, months) in self.rows.names.items()
        ]

    # targets ─────────────────────────────────────────────────────────────────────────────────

    def _initiatives(self) -> list[InitiativeBlock]:
        rows = _initiative_rows()(self.project.id)
        blocks = {id_: InitiativeBlock(text, []) for id_, text in rows}
        for target in self.project.targets:
            block = blocks[self.words[target.key].initiative_id]
            block.targets.append(self._target(target, block.text))
        return list(blocks.values())

    def _target(self, target: Target, initiative: str) -> TargetBlock:
        words = self.words[target.key]
        now = self.board.results(self.period.key)[target.key]
        return TargetBlock(
            key=target.key,
            label=words.label,
            repeats=words.label == initiative,
            tags=self.rows.writers[self.period.key].tags(target, now),
            is_milestone=target.is_milestone,
            head=self.rows.head(target),
            body=self.rows.body(target),
            facts=_definitions(self._facts(target, words)),
            formula=_definitions(self._formula(target, now, words)),
            revisions=self._revisions(target, now, words),
            enter=self._enter(target, words),
            change_url=self._change_url(words, f"targets/{target.key}/change/"),
        )

    def _enter(self, target: Target, words: Words) -> list[tuple[str, str]]:
        """Where this person enters the target: in the open periods."""
        owner = words.section_id or next(iter(self.project.section_ids), None)
        if not can_enter(self.user, Owned(self.board.policy, owner)):
            return []
        return [
            (name, f"{self.url}targets/{target.key}/{key}/")
            for key, (name, _months) in self.rows.names.items()
            if key in self.board.reading.open_periods
        ]

    def _change_url(self, words: Words | None, address: str) -> str:
        """Where this person asks for a change of a target, or without words of the project."""
        owners = self.project.section_ids
        if words is not None:
            owners = [words.section_id] if words.section_id else owners[:1]
        policy = self.board.policy
        may = policy.state == Policy.State.IN_FORCE and can_propose(self.user, policy, owners)
        return f"{self.url}{address}" if may else ""

    def _facts(self, target: Target, words: Words) -> list[tuple[str, str]]:
        nature = TargetRow.Nature(target.nature).label if target.nature else ""
        plan = gettext("、").join(
            f"{name} {self.phrases.amount(target.plan[key], words.unit)}"
            for key, (name, _months) in self.rows.names.items()
            if key in target.plan
        )
        steps = gettext("、").join(
            f"{step.get('by', '')} {step.get('text', '')}" for step in words.steps
        )
        start = ""
        if target.baseline is not None:
            start = self.phrases.amount(target.baseline, words.unit)
        owner = target.section if target.section not in self.project.sections[:1] else ""
        printed = words.printed if words.printed != words.label else ""
        say = self.rows.heads
        facts = [
            (say.printed, printed),
            (say.condition, words.condition),
            (say.breakdown, words.breakdown),
            (say.season, self.phrases.months(target)),
            (say.baseline, start),
            (say.plan, plan),
            (say.done_when, words.done_when),
            (say.steps, steps),
            (say.nature, str(nature)),
            (say.section, owner),
            (say.no_number_because, words.no_number_because),
            (
                say.given_up,
                self.phrases.gone(
                    target.status,
                    target.status_on,
                    words.status_reason,
                    words.status_decided_by,
                    words.status_document_number,
                ),
            ),
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

    # what was written ──────────────────────────────────────────────────

    def _write(self) -> list[tuple[str, str]]:
        """Where this person writes the account: in the open periods."""
        if not can_write(self.user, Owned(self.board.policy, None, self.project.section_ids)):
            return []
        return [
            (name, f"{self.url}projects/{self.project.key}/{key}/")
            for key, (name, _months) in self.rows.names.items()
            if key in self.board.reading.open_periods
        ]

    def _narratives(self) -> list[dict[str, str]]:
        """The section's own account, the period on show first; outside the ward office what was
        confirmed."""
        names = self.rows.names
        if access_of(self.user).draft_scope(self.board.policy.ward_id):
            rows = list(
                _narratives_in_order().filter(project=self.project.id).visible_to(self.user)
            )
        else:
            rows = _narrative_rows()(self.project.id)
        if self.board.confirmed_only:
            rows = [row for row in rows if row[4] == Actual.State.CONFIRMED]
        found = [
            {
                "key": key,
                "name": names[key][0],
                "done": done,
                "obstacles": obstacles,
                "next": next_,
                "state": state,
                "state_name": self.rows.heads.states.get(state, state),
                "corrected_because": corrected_because,
            }
            for key, done, obstacles, next_, state, corrected_because in rows
            if done or obstacles or next_
        ]
        return sorted(found, key=lambda each: each["key"] != self.period.key)


def _definitions(pairs: list[tuple[str, str]]) -> Markup:
    return Markup(
        "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in pairs)
    )


@lru_cache(maxsize=1)
def _initiative_rows() -> Prepared:
    rows = Initiative.objects.order_by("order", "id").values_list("id", "text")
    return Prepared(lambda project: rows.filter(project=project))


@lru_cache(maxsize=1)
def _narratives_in_order() -> Any:
    return Narrative.objects.order_by("-period__starts").values_list(
        "period__key", "done", "obstacles", "next", "state", "corrected_because"
    )


@lru_cache(maxsize=1)
def _narrative_rows() -> Prepared:
    return Prepared(lambda project: _narratives_in_order().filter(project=project))
