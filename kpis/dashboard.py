"""The ward dashboard: what a manager sees in five seconds, and what each figure is made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from html import escape
from typing import Any

from django.utils.translation import gettext, ngettext

from . import charts
from .achievement import Period, Result, RollUp, Stage, Status, Target, percent
from .board import Board, PillarOnBoard, ProjectOnBoard
from .charts import Markup
from .phrases import Phrases, points
from .rows import RowWriter

#: How many targets stand under 注意が必要な目標; the links below lead to all of them.
MOST_URGENT = 5
#: The order in which counts stand, from the best news to what is not judged.
ORDER = tuple(Status(status) for status in charts.ORDER)
#: Statuses that need a person, the worst first.
LATE = (Status.BEHIND, Status.NOT_ACHIEVED, Status.SLIGHTLY_BEHIND)
URGENT = (*LATE, Status.NOT_ENTERED)


@dataclass(slots=True)
class PillarRows:
    key: str
    name: str
    group: str
    size: str
    counts: Markup
    statuses: Markup
    stages: Markup
    bodies: Markup  # of the ledger, one a project
    heat: Markup  # a row a project


@dataclass(slots=True)
class Urgent:
    """A target that needs attention: what, whose, how far off, and why."""

    status: str
    mark: Markup
    word: str
    number: str
    label: str
    url: str
    section: str
    why: str
    value: Markup


class Dashboard:
    """The page of one policy and period. `links` leads to the target list behind each figure."""

    def __init__(self, board: Board, period: Period) -> None:
        self.board = board
        self.period = period
        self.phrases = Phrases(board.policy)
        self.results = board.results(period.key)
        self.writer = RowWriter(board, period.key, self.phrases)
        self.url = board.policy.get_absolute_url()
        self.list_url = f"{self.url}targets/"
        self.in_heat: set[Status] = set()

    def context(self) -> dict[str, Any]:
        """Everything the template writes out."""
        ward = self.board.roll_up(self.board.targets, self.period.key)
        pillars = [self._pillar(pillar) for pillar in self.board.pillars]
        _name_groups_once(pillars)
        return {
            "period": self.period,
            "in_japanese": self.phrases.in_japanese,
            "ward_total": ward,
            "ward_statuses": self._status_bar(gettext("区全体"), ward.counts),
            "ward_stages": self._stage_bar(gettext("区全体"), self.board.targets),
            "ward_size": _size(len(self.board.projects), ward.total),
            "figures": self._figures(ward),
            "cycle": self._cycle(),
            "pillars": pillars,
            "natures": self._natures(ward),
            "year_end": self.period.key == self.board.periods[-1].key,
            "urgent": self._urgent(),
            "waits": self._waits(ward),
            "quick": self._quick(ward),
            "list_url": f"{self.list_url}?period={self.period.key}",
            "axis": self._axis(),
            "confirmed_only": self.board.confirmed_only,
            "milestones_only": self.board.is_all_milestones,
            "as_of": gettext("%(day)s時点") % {"day": self.phrases.day(self.period.ends)},
            "period_name": self.phrases.period_parts(self.period.starts, self.period.ends)[0],
            "year": self.phrases.year(self.board.policy.fiscal_year),
            "era_year": self.phrases.era_year(self.board.policy.fiscal_year),
            "periods": [self._heat_head(each) for each in self.board.periods],
            "many_periods": len(self.board.periods) > 4,
            "legend": self._legend(),
        }

    # links ───────────────────────────────────────────────────────────────────────────────────

    def _listed(self, status: str = "", pillar: str = "") -> str:
        url = f"{self.list_url}?period={self.period.key}"
        if status:
            url += f"&status={status}"
        return f"{url}&pillar={pillar}" if pillar else url

    def _project_url(self, project: ProjectOnBoard) -> str:
        return f"{self.url}projects/{project.key}/?period={self.period.key}"

    # headline ────────────────────────────────────────────────────────────────────────────────

    def _figures(self, ward: RollUp) -> list[dict[str, Any]]:
        """The headline, at most four figures: counts first, the mean beside how many it covers."""
        names = self.phrases.statuses
        open_statuses = [
            f"{names[status]} {ward.counts[status]}"
            for status in Status
            if status in (Status.ON_TRACK, Status.NEARLY_ACHIEVED, *LATE) and ward.counts[status]
        ]
        figures = [
            {
                "name": gettext("達成した目標"),
                "value": ward.achieved,
                "of": ward.judged,
                "url": self._listed("achieved" if ward.achieved else ""),
                "bar": charts.thin(_share(ward.achieved, ward.judged)),
                "note": _notes(open_statuses),
            }
        ]
        if ward.mean is not None:
            figures.append(self._mean(ward))
        stages = self._stages(self.board.targets)
        if stages:
            figures.append(self._stage_figure(stages))
        left_out = ward.counts[Status.CANCELLED] + ward.counts[Status.POSTPONED]
        note = [gettext("未入力 %(count)d件") % {"count": ward.not_entered}]
        if left_out:
            note.append(gettext("中止・延期 %(count)d件を除く") % {"count": left_out})
        figures.append(
            {
                "name": gettext("入力済"),
                "value": ward.entered,
                "of": ward.due,
                "url": self._listed("not_entered") if ward.not_entered else self._listed(),
                "bar": charts.thin(_share(ward.entered, ward.due)),
                "note": _notes(note),
            }
        )
        return figures

    def _mean(self, ward: RollUp) -> dict[str, Any]:
        covered = ngettext("%(count)d目標の平均", "%(count)d目標の平均", ward.mean_of)
        plan = self.board.mean_plan(self.period.key)
        notes = [covered % {"count": ward.mean_of}]
        if plan is not None:
            notes.insert(0, gettext("計画の位置 %(share)s%%") % {"share": percent(plan)})
        return {
            "name": gettext("平均達成率"),
            "value": percent(ward.mean or Fraction(0)),
            "unit": "%",
            "url": self._listed(),
            "bar": charts.thin(ward.mean or 0, tick=plan),
            "note": _notes(notes),
        }

    def _natures(self, ward: RollUp) -> Markup:
        """The mean by nature: what was done and what it changed are never averaged unseen."""
        names = {
            "activity": gettext("活動指標"),
            "outcome": gettext("成果指標"),
            "unsaid": gettext("区分なし"),
        }
        means = [
            ngettext(
                "%(nature)s %(mean)s%%（%(count)d目標）",
                "%(nature)s %(mean)s%%（%(count)d目標）",
                mean.of,
            )
            % {"nature": names[nature], "mean": percent(mean.mean), "count": mean.of}
            for nature, mean in ward.by_nature.items()
            if mean.mean is not None
        ]
        return _notes(means) if len(means) > 1 else Markup("")

    def _stage_figure(self, stages: Counter[str]) -> dict[str, Any]:
        total = sum(stages.values())
        names = self.phrases.stages
        parts = [
            f"{names[stage]} {stages[stage]}" for stage in reversed(charts.STAGES) if stages[stage]
        ]
        return {
            "name": gettext("実施中・完了の取組"),
            "value": stages[Stage.UNDER_WAY] + stages[Stage.DONE],
            "of": total,
            "url": f"{self._listed()}&measure=milestone",
            "bar": charts.strip(stages, order=charts.STAGES[::-1], attribute="data-stage"),
            "note": _notes(parts),
        }

    def _stages(self, targets: Iterable[Target]) -> Counter[str]:
        """Milestones still carried on, by stage; one that nobody has told of counts as 未着手."""
        stages: Counter[str] = Counter()
        for target in targets:
            result = self.results[target.key]
            if target.is_milestone and result.status not in charts.WITHOUT_GOAL:
                stages[result.stage or Stage.NOT_STARTED.value] += 1
        return stages

    def _cycle(self) -> list[dict[str, Any]]:
        """The periods of the year with their due dates, and which one this page shows."""
        steps = []
        for each in self.board.periods:
            due = self.board.reading.due.get(each.key)
            is_open = each.key in self.board.reading.open_periods
            steps.append(
                {
                    "name": self.phrases.period_parts(each.starts, each.ends)[0],
                    "state": gettext("受付中") if is_open else gettext("締切済"),
                    "due": gettext("期限 %(day)s") % {"day": self.phrases.short_day(due)}
                    if due
                    else "",
                    "is_open": is_open,
                    "current": each.key == self.period.key,
                }
            )
        return steps

    # pillars and ledger ──────────────────────────────────────────────────────────────────────

    def _pillar(self, pillar: PillarOnBoard) -> PillarRows:
        total = self.board.roll_up(pillar.targets, self.period.key)
        return PillarRows(
            key=pillar.key,
            name=pillar.name,
            group=pillar.group,
            size=_size(len(pillar.projects), total.total),
            counts=self._counts(total, pillar.key),
            statuses=self._status_bar(pillar.name, total.counts),
            stages=self._stage_bar(pillar.name, pillar.targets),
            bodies=Markup("".join(self._body(project) for project in pillar.projects)),
            heat=Markup("".join(self._heat(project) for project in pillar.projects)),
        )

    def _body(self, project: ProjectOnBoard) -> str:
        rows = self.writer.body(project, self._project_url(project))
        return f'<tbody id="project-{escape(project.key)}">{rows}</tbody>'

    def _counts(self, total: RollUp, pillar: str) -> Markup:
        names = self.phrases.statuses
        return Markup(
            escape(gettext("・")).join(
                f'<a href="{escape(self._listed(status, pillar))}" data-status="{status}">'
                f"{escape(names[status])} {total.counts[status]}</a>"
                for status in ORDER
                if total.counts[status]
            )
        )

    def _status_bar(self, name: str, counts: Any) -> Markup:
        names = self.phrases.statuses
        told = self.phrases.tally(name, ((names[s], counts[s]) for s in ORDER))
        return charts.stacked(counts, told, small=self.board.is_all_milestones)

    def _stage_bar(self, name: str, targets: Iterable[Target]) -> Markup:
        stages = self._stages(targets)
        names = self.phrases.stages
        return charts.stacked(
            stages,
            self.phrases.tally(name, ((names[s], stages[s]) for s in charts.STAGES)),
            order=charts.STAGES[::-1],
            attribute="data-stage",
            small=True,
        )

    def _axis(self) -> Markup:
        if self.board.is_all_milestones:
            names = [self.phrases.stages[stage] for stage in charts.STAGES[1:]]
            return charts.steps_axis(gettext("段階：準備中、実施中、完了の順"), names)
        passed = self.board.share_of_year(self.period)
        return charts.bullet_axis(
            gettext("目盛り：0%、計画の位置、目標100%"),
            pace=gettext("計画の位置"),
            goal=gettext("目標"),
            at=passed if passed < 1 else None,
        )

    # heat map ────────────────────────────────────────────────────────────────────────────────

    def _heat_head(self, period: Period) -> dict[str, Any]:
        name, months = self.phrases.period_parts(period.starts, period.ends)
        return {
            "key": period.key,
            "name": name,
            "months": months,
            "current": period.key == self.period.key,
        }

    def _heat(self, project: ProjectOnBoard) -> str:
        url = self._project_url(project)
        cells = []
        for period in self.board.periods:
            status = self.board.project_status(project, period.key)
            self.in_heat.add(status)
            now = ' class="now"' if period.key == self.period.key else ""
            cells.append(f"<td{now}>{charts.cell(status, self.phrases.statuses[status])}</td>")
        number = f'<span class="pno">{escape(project.number)}</span>' if project.number else ""
        whole = "" if project.number else ' class="whole"'
        return (
            f'<tr><th scope="row"{self.phrases.in_japanese}>'
            f'<a class="pj" href="{escape(url)}">{number}'
            f"<span{whole}>{escape(project.name)}</span></a></th>{''.join(cells)}</tr>"
        )

    # what needs a person ─────────────────────────────────────────────────────────────────────

    def _urgent(self) -> list[Urgent]:
        """The targets furthest from where they should be, the worst first."""
        late: list[tuple[int, Fraction, ProjectOnBoard, Target, Result]] = []
        for project in self.board.projects:
            for target in project.targets:
                result = self.results[target.key]
                if result.status in URGENT and not result.linked:
                    late.append(
                        (
                            URGENT.index(result.status),
                            self._gap(target, result),
                            project,
                            target,
                            result,
                        )
                    )
        late.sort(key=lambda each: each[:2])
        return [self._one_urgent(*each[2:]) for each in late[:MOST_URGENT]]

    def _one_urgent(self, project: ProjectOnBoard, target: Target, result: Result) -> Urgent:
        words = self.board.reading.words[target.key]
        said = self.board.reading.said.get(target.key, {}).get(self.period.key)
        if target.is_milestone:
            stage = self.phrases.stage(result) or "—"
            months = self.phrases.months(target)
            value = f"<b>{escape(stage)}</b><small>{escape(months)}</small>"
        else:
            goal = self.phrases.target(target, result, words.unit)
            known = result.to_date is not None
            shown = self.phrases.actual(result, "") if known else "—"
            gap = points(self._gap(target, result)) if result.status in LATE else ""
            value = f"<b>{escape(shown)}</b> / {escape(goal)}<small>{gap}</small>"
            if result.original_value is not None:
                before = self.phrases.amount(result.original_value, words.unit)
                original = self.phrases.texts.originally % {"value": before}
                value += f"<small>{escape(original)}</small>"
            if result.incomplete:
                value += f"<small>{escape(self.phrases.texts.incomplete)}</small>"
        if target.key in self.writer.corrected:
            value += f"<small>{escape(self.phrases.texts.corrected)}</small>"
        return Urgent(
            status=result.status,
            mark=charts.mark(result.status),
            word=self.phrases.status(result),
            number=project.number,
            label=words.label,
            url=f"{self._project_url(project)}#target-{target.key}",
            section=target.section,
            why=(said.cause or said.note) if said else "",
            value=Markup(value),
        )

    def _gap(self, target: Target, result: Result) -> Fraction:
        """How far behind the plan, in shares of the target: the smaller, the worse.

        At year end against the target itself. A milestone has no distance: it stands before the
        numbers, since nothing at all is known of how much is missing.
        """
        if target.is_milestone or result.rate is None:
            return Fraction(-1)
        due = self.board.shares(target, self.period.key).due
        return result.rate - (1 if due is None or target.is_limit else due)

    def _waits(self, ward: RollUp) -> list[tuple[str, str]]:
        """Links to the whole of what waits: behind, not entered, sent back."""
        names = self.phrases.statuses
        links = [
            (
                self._listed(status),
                gettext("%(status)s %(count)d件すべて")
                % {"status": names[status], "count": ward.counts[status]},
            )
            for status in URGENT
            if ward.counts[status]
        ]
        return links

    def _quick(self, ward: RollUp) -> list[dict[str, Any]]:
        """Each status with its count: the legend, and the way to the list behind it."""
        return [
            {
                "status": status,
                "mark": charts.mark(status),
                "name": self.phrases.statuses[status],
                "count": ward.counts[status],
                "url": self._listed(status),
            }
            for status in ORDER
            if ward.counts[status]
        ]

    def _legend(self) -> list[Markup]:
        """The chips of the statuses in the heat map, which shows the other periods too."""
        return [
            charts.chip(status, self.phrases.statuses[status])
            for status in ORDER
            if status in self.in_heat
        ]


def _name_groups_once(pillars: list[PillarRows]) -> None:
    """A group (Izumi's two halves) is named over its first pillar, unless that says the same."""
    before = ""
    for pillar in pillars:
        group, pillar.group = pillar.group, ""
        if group not in (before, pillar.name):
            pillar.group = group
        before = group


def _share(part: int, whole: int) -> Fraction:
    return Fraction(part, whole) if whole else Fraction(0)


def _notes(parts: list[str]) -> Markup:
    """Short facts on one line, which breaks between them and not inside."""
    return Markup("　".join(f'<span class="nowrap">{escape(part)}</span>' for part in parts))


def _size(projects: int, targets: int) -> str:
    return gettext("・").join(
        (
            ngettext("%(count)d事業", "%(count)d事業", projects) % {"count": projects},
            ngettext("%(count)d目標", "%(count)d目標", targets) % {"count": targets},
        )
    )
