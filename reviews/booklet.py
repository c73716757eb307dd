"""評価資料: what the committee reads, as a booklet out of the round's frozen copy.

`Booklet` says everything that stands in it, in order and in the reader's language. It is set twice:
as pages to print from the browser (templates/reviews/booklet.html) and as a tagged PDF
(templates/reviews/booklet.typ by reviews/typesetting.py). Figures, statuses and words are those of
the copy; what was corrected since stands beside them. After the round is closed the list of
comments follows, with the answers that were released.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext, ngettext

from kpis import charts
from kpis.achievement import RollUp, Status, Target, percent
from kpis.board import shares
from kpis.phrases import Phrases, points
from kpis.rollup import WORST_FIRST

from .answered import Comments, comments_for
from .booklet_project import Chip, ProjectSheets
from .booklet_reading import copied_at, how_to_read, passed
from .booklet_words import booklet_words
from .frozen import Copy
from .models import Opinion, OpinionVersion, Paper

LATE = (Status.BEHIND, Status.NOT_ACHIEVED, Status.SLIGHTLY_BEHIND)


class StackedBar:
    """How many targets are in which state, with the sentence that says the same."""

    def __init__(self, counts: Mapping[Any, int], sentence: str) -> None:
        self.sentence = sentence
        self.total = sum(counts.values())
        self.parts = [(key, counts[key]) for key in charts.ORDER if counts.get(key)]

    @property
    def drawn(self) -> charts.Markup:
        return charts.stacked(dict(self.parts), self.sentence)


@dataclass(frozen=True, slots=True)
class Bar:
    """A thin bar under a headline figure."""

    share: float

    @property
    def drawn(self) -> charts.Markup:
        return charts.thin(self.share)


class Booklet:
    """The booklet of one copy, for one reader."""

    def __init__(self, copy: Copy, user) -> None:
        self.copy = copy
        self.round = copy.round
        self.policy = copy.policy
        self.user = user
        self.phrases = Phrases(self.policy)
        self.board = copy.board()
        self.period = copy.period

    @property
    def axis(self) -> charts.Markup:
        """The head of the charts on the page to print."""
        return charts.bullet_axis(
            gettext("目盛り：0%、計画の位置、目標100%"),
            pace=gettext("計画の位置"),
            goal=gettext("目標"),
            at=passed(self.copy, self.board),
        )

    def told(self) -> dict[str, Any]:
        """All of it."""
        return {
            "lang": "ja" if self.phrases.is_japanese else "en",
            "words": booklet_words(),
            "is_demo": bool(self.copy.summary["is_demo"]),
            "cover": self._cover(),
            "reading": how_to_read(self.copy, self.board, self.phrases),
            "summary": self._summary(),
            "pillars": self._pillars(),
            "comments": self._comments(),
            "opinion": self._opinion(),
        }

    @cached_property
    def said(self) -> Comments:
        return comments_for(self.user, self.round, [each.key for each in self.copy.titles])

    # cover ────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def period_name(self) -> str:
        return self.phrases.period_parts(self.period.starts, self.period.ends)[0]

    @cached_property
    def title(self) -> str:
        """磯子区 令和2年度 (2020) 上半期 評価資料."""
        year = self.phrases.year(self.policy.fiscal_year)
        return f"{self.policy.ward.label} {year} {self.period_name} {gettext('評価資料')}"

    def file_name(self) -> str:
        """磯子区_令和2年度_上半期_評価資料.pdf, in the reader's language."""
        year = self.phrases.era_year(self.policy.fiscal_year)
        stem = "_".join((self.policy.ward.label, year, self.period_name, gettext("評価資料")))
        return f"{stem.replace('/', '-').replace(' ', '-')}.pdf"

    def _cover(self) -> dict[str, Any]:
        policy = self.policy
        papers = Paper.objects.standing().filter(meeting__round=self.round, kind=Paper.Kind.BOOKLET)
        paper = papers.order_by("meeting__day", "order", "id").first()
        count = len(self.copy.titles)
        part = ""
        if self.copy.seen is not None:
            told = ngettext(
                "この冊子には、担当する部の%(count)d事業が入っています。",
                "この冊子には、担当する部の%(count)d事業が入っています。",
                count,
            )
            part = told % {"count": count}
        return {
            "title": self.title,
            "ward": policy.ward.label,
            "committee": self.round.committee.name,
            "year": self.phrases.year(policy.fiscal_year),
            "period": self.phrases.period(self.period.starts, self.period.ends),
            "period_name": self.period_name,
            "paper": paper.label if paper else "",
            "goal": self.copy.summary["basic_goal"],
            "note": self.round.note,
            "office": policy.contact.strip().split("\n")[0] or gettext("評価委員会 事務局"),
            "made": copied_at(self.copy, self.phrases),
            "made_on": timezone.localdate(self.copy.frozen.at).isoformat(),
            "part": part,
        }

    # summary ──────────────────────────────────────────────────────────────────────────────────

    def _summary(self) -> dict[str, Any]:
        key = self.period.key
        whole = self.board.roll_up(self.board.targets, key)
        parts = [
            (pillar.name, len(pillar.projects), self.board.roll_up(pillar.targets, key))
            for pillar in self.board.pillars
        ]
        everything = gettext("全体")
        shown = [status for status in charts.ORDER if whole.counts[Status(status)]]
        lines = [
            self._line(name, projects, rolled, shown)
            for name, projects, rolled in [*parts, (everything, len(self.board.projects), whole)]
        ]
        lines[-1]["is_total"] = True
        late = self._behind()
        return {
            "figures": self._figures(whole),
            "lines": lines,
            "statuses": [Chip(status, self.phrases.statuses[status]) for status in shown],
            "behind": late,
            "behind_count": len(late),
        }

    def _figures(self, whole: RollUp) -> list[dict[str, Any]]:
        figures: list[dict[str, Any]] = [
            {
                "name": gettext("達成した目標"),
                "value": str(whole.achieved),
                "of": gettext("判定した%(count)d目標のうち") % {"count": whole.judged},
                "bar": Bar(_share(whole.achieved, whole.judged)),
            },
            {
                "name": gettext("確認済の実績がある目標"),
                "value": str(whole.entered),
                "of": gettext("入力すべき%(count)d目標のうち") % {"count": whole.due},
                "bar": Bar(_share(whole.entered, whole.due)),
            },
        ]
        if whole.mean is not None:
            note = ngettext("%(count)d目標の平均", "%(count)d目標の平均", whole.mean_of) % {
                "count": whole.mean_of
            }
            plan = self.board.mean_plan(self.period.key)
            if plan is not None:
                note += gettext("、計画の位置は%(share)s%%") % {"share": percent(plan)}
            figures.append(
                {
                    "name": gettext("平均達成率"),
                    "value": f"{percent(whole.mean)}%",
                    "of": note,
                    "bar": Bar(float(whole.mean)),
                }
            )
        return figures

    def _line(
        self, name: str, projects: int, rolled: RollUp, shown: Iterable[str]
    ) -> dict[str, Any]:
        names = self.phrases.statuses
        sentence = self.phrases.tally(
            name, ((names[status], rolled.counts[Status(status)]) for status in charts.ORDER)
        )
        return {
            "name": name,
            "projects": projects,
            "targets": rolled.total,
            "bar": StackedBar(rolled.counts, sentence),
            "counts": [rolled.counts[Status(status)] for status in shown],
            "entered": gettext("%(entered)d / %(due)d")
            % {"entered": rolled.entered, "due": rolled.due},
            "mean": "—" if rolled.mean is None else f"{percent(rolled.mean)}%",
            "mean_of": rolled.mean_of,
            "is_total": False,
        }

    def _behind(self) -> list[dict[str, Any]]:
        """Every target that is behind, the worst and furthest off first."""
        results = self.board.results(self.period.key)
        late: list[tuple[int, Fraction, dict[str, Any]]] = []
        for project in self.board.projects:
            for target in project.targets:
                result = results[target.key]
                if result.status not in LATE or result.linked:
                    continue
                due = shares(target, result).due
                gap = None if result.rate is None or due is None else result.rate - due
                far = (
                    Fraction(-1) if result.rate is None else gap if gap is not None else result.rate
                )
                place = WORST_FIRST.index(result.status)
                late.append((place, far, self._late(project.title, target, gap)))
        late.sort(key=lambda each: each[:2])
        return [told for _place, _far, told in late]

    def _late(self, project: str, target: Target, gap: Fraction | None) -> dict[str, Any]:
        result = self.board.results(self.period.key)[target.key]
        words = self.board.reading.words[target.key]
        said = self.board.reading.said.get(target.key, {}).get(self.period.key)
        if target.is_milestone:
            figure = self.phrases.stage(result) or "—"
        else:
            goal = self.phrases.goal(target, result, words.unit)
            figure = f"{self.phrases.actual(result, '')} / {goal}"
        return {
            "chip": Chip(str(result.status), self.phrases.status(result)),
            "project": project,
            "label": words.label,
            "section": target.section,
            "figure": figure,
            "rate": "" if target.is_milestone else self.phrases.rate(result),
            "gap": "" if gap is None else points(gap),
            "why": (said.cause or said.note) if said else "",
        }

    # projects ─────────────────────────────────────────────────────────────────────────────────

    def _pillars(self) -> list[dict[str, Any]]:
        sheets = ProjectSheets(self.copy, self.board, self.phrases)
        before, name = self.said.before, ""
        if before:
            year = self.phrases.era_year(before.policy.fiscal_year)
            period = self.phrases.period_parts(before.period.starts, before.period.ends)[0]
            name = f"{year} {period}"
        told = {each.key: each for each in self.copy.pillars}
        return [
            {
                "key": pillar.key,
                "name": pillar.name,
                "group": pillar.group if pillar.group != pillar.name else "",
                "statement": told[pillar.key].statement,
                "before": name,
                "projects": [
                    sheets.sheet(project, self.said.of_project.get(project.key, ()))
                    for project in pillar.projects
                ],
            }
            for pillar in self.board.pillars
        ]

    # after the round ──────────────────────────────────────────────────────────────────────────

    def _comments(self) -> list[dict[str, Any]]:
        projects = {
            each["key"]: f"{each['number']} {each['name']}".strip()
            for each in self.copy.summary["projects"]
        }
        pillars = {each["key"]: each["name"] for each in self.copy.summary["pillars"]}
        names = {"project": projects, "pillar": pillars}
        return [
            {
                "number": each.number,
                "about": names.get(each.subject, {}).get(each.key) or gettext("全体について"),
                "kind": each.kind,
                "by": gettext("・").join(each.by),
                "text": each.text,
                "disposition": each.disposition,
                "view": each.view,
                "what": each.what,
                "result": each.result,
                "waits": "" if each.view else gettext("回答は、公開されてから載ります。"),
            }
            for each in self.said.listed
        ]

    def _opinion(self) -> dict[str, Any] | None:
        """The committee's opinion, once it is published."""
        versions = OpinionVersion.objects.filter(
            opinion__round=self.round, opinion__state=Opinion.State.PUBLISHED
        )
        version = versions.order_by("-number").first()
        if version is None:
            return None
        paragraphs = [each.get("text", "") for each in version.body]
        return {"title": version.title, "paragraphs": [text for text in paragraphs if text]}


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
