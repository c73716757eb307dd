"""What managers take away: the target list as filtered, and a summary of the policy.

The .xlsx and the CSV of a table share their columns. Every value has its unit and its code in a
column of its own; blank means nothing there, and is not zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from wards import calendar

from .achievement import RollUp, Status, decimal_text, percent
from .corrections import corrections
from .listing import Listed, Listing
from .models import Target
from .phrases import points_number, texts
from .reading import Decision
from .spreadsheets import Column, Sheet
from .standing import Dropped, dropped_since

#: Fills of the native chart, as in the stylesheet: colour never stands alone, the legend names it.
COLOURS = {
    Status.ACHIEVED: "#00316A",
    Status.ON_TRACK: "#0877D7",
    Status.NEARLY_ACHIEVED: "#0877D7",
    Status.SLIGHTLY_BEHIND: "#B78F00",
    Status.BEHIND: "#A90000",
    Status.NOT_ACHIEVED: "#A90000",
    Status.NOT_JUDGED: "#E6E6E6",
    Status.NOT_ENTERED: "#CCCCCC",
    Status.CANCELLED: "#999999",
    Status.POSTPONED: "#B3B3B3",
}


@dataclass(frozen=True)
class Part:
    """A line of the summary: a pillar or the whole ward, with its counts."""

    name: str
    projects: int
    rolled: RollUp


def target_columns(listing: Listing) -> list[Column]:
    """One row a target at the end of the period: the plan, the figures, the judgement."""
    board, phrases, period = listing.board, listing.phrases, listing.period
    policy = board.policy
    said = board.reading.said
    entries = board.reading.entries
    measures = dict(Target.Measure.choices)
    year = calendar.era_year(policy.fiscal_year, phrases.lang)
    half = phrases.period(period.starts, period.ends)
    funding = {"ward": gettext("区"), "bureau": gettext("局")}

    def exact(read: Callable[[Listed], Any]) -> Callable[[Listed], str | None]:
        def text(row: Listed) -> str | None:
            value = read(row)
            return None if value is None else decimal_text(value)

        return text

    def rate(read: Callable[[Listed], Any]) -> Callable[[Listed], str | None]:
        def text(row: Listed) -> str | None:
            value = read(row)
            return None if value is None else percent(value)

        return text

    def note(row: Listed) -> str:
        beside = said.get(row.target.key, {}).get(period.key)
        return beside.note if beside else ""

    def remarks(row: Listed) -> str:
        """What stands beside the rate on every page."""
        said = phrases.texts
        marks = [
            (row.result.within_allowance, said.within),
            (row.result.overall_only and row.result.rate is not None, said.overall),
            (row.result.incomplete, said.incomplete),
        ]
        return gettext("、").join(text for holds, text in marks if holds)

    def of_period(row: Listed) -> Any:
        entry = entries.get(row.target.key, {}).get(period.key)
        return entry.value if entry else None

    corrected = corrections(board.reading, period.key)

    def revised(read: Callable[[Decision], str]) -> Callable[[Listed], str]:
        """Of the changes of the target that are in force at the end of the period."""

        def text(row: Listed) -> str:
            made = board.reading.decisions.get(row.target.key, [])
            return "\n".join(read(each) for each in made if each.on <= period.ends)

        return text

    def gone(row: Listed) -> Dropped | None:
        given_up = row.result.status in (Status.CANCELLED, Status.POSTPONED)
        return dropped_since(row.target, period.ends) if given_up else None

    def gone_on(row: Listed) -> str:
        dropped = gone(row)
        return dropped.since.isoformat() if dropped and dropped.since else ""

    def gone_because(row: Listed) -> str:
        dropped = gone(row)
        if dropped is None:
            return ""
        return row.project.status_reason if dropped.with_project else row.words.status_reason

    def correction(row: Listed) -> str:
        return "\n".join(each.reason for each in corrected.get(row.target.key, ()))

    columns = [
        Column(gettext("団体コード"), lambda row: policy.ward.code, width=9),
        Column(gettext("区"), lambda row: policy.ward.label, width=8),
        Column(gettext("年度（西暦）"), lambda row: policy.fiscal_year, "year", width=8),
        Column(gettext("年度（和暦）"), lambda row: year, width=10),
        Column(gettext("期"), lambda row: half, width=14),
        Column(gettext("柱"), lambda row: row.project.pillar.name, width=20),
        Column(gettext("事業番号"), lambda row: row.project.number, width=6),
        Column(gettext("事業"), lambda row: row.project.name, width=30),
        Column(gettext("印"), lambda row: "・".join(row.project.tags), width=8),
        Column(gettext("財源"), lambda row: funding.get(row.project.funding, ""), width=6),
        Column(gettext("所管課"), lambda row: row.section, width=16),
        Column(gettext("目標ID"), lambda row: row.target.key, width=9),
        Column(gettext("目標"), lambda row: row.words.label, width=36),
        Column(gettext("原文"), lambda row: row.words.printed, width=24),
        Column(gettext("種類"), lambda row: str(measures[row.target.measure]), width=8),
        Column(
            gettext("累計のもとの目標ID"),
            lambda row: row.target.linked_to,
            width=9,
        ),
        Column(gettext("目標値"), exact(lambda row: row.result.target_value), "number", width=10),
        Column(
            gettext("当初の目標値"),
            exact(lambda row: row.result.original_value),
            "number",
            width=10,
        ),
        Column(gettext("目標変更日"), revised(lambda made: made.on.isoformat()), width=10),
        Column(gettext("目標変更の理由"), revised(lambda made: made.reason), width=24),
        Column(gettext("母数"), exact(lambda row: row.result.denominator), "number", width=8),
        Column(gettext("期首値"), exact(lambda row: row.target.baseline), "number", width=10),
        Column(gettext("単位"), lambda row: row.words.unit, width=6),
        Column(gettext("この期の実績"), exact(of_period), "number", width=10),
        Column(
            gettext("実績（期末まで）"), exact(lambda row: row.result.to_date), "number", width=10
        ),
        Column(
            gettext("段階"),
            lambda row: phrases.stages[row.result.stage] if row.result.stage else "",
            width=8,
        ),
        Column(
            gettext("数がない理由"),
            lambda row: phrases.reasons[row.result.missing] if row.result.missing else "",
            width=10,
        ),
        Column(
            gettext("確定・見込の別"),
            lambda row: phrases.provisional if row.result.provisional else "",
            width=6,
        ),
        Column(
            gettext("訂正"),
            lambda row: phrases.texts.corrected if row.target.key in corrected else "",
            width=6,
        ),
        Column(gettext("訂正の理由"), correction, width=24),
        Column(gettext("達成率（%）"), rate(lambda row: row.result.rate), "rate", width=8),
        Column(
            gettext("累計に対する率（%）"),
            rate(lambda row: row.result.overall_rate),
            "rate",
            width=8,
        ),
        Column(gettext("達成率の注"), remarks, width=12),
        Column(gettext("期末の計画値"), exact(lambda row: row.result.expected), "number", width=10),
        Column(gettext("計画比（%）"), rate(lambda row: row.result.pace), "rate", width=8),
        Column(gettext("状況コード"), lambda row: str(row.result.status), width=14),
        Column(gettext("状況"), lambda row: phrases.status(row.result), width=12),
        Column(gettext("中止・延期の日"), gone_on, width=10),
        Column(gettext("中止・延期の理由"), gone_because, width=24),
        Column(gettext("備考"), note, width=36),
    ]
    if policy.is_demo:
        columns.append(Column(gettext("データの種別"), lambda row: gettext("デモデータ"), width=10))
    return columns


def behind_columns(listing: Listing) -> list[Column]:
    """What is behind: whose, how far, why, and what will be done."""
    said, phrases, period = listing.board.reading.said, listing.phrases, listing.period

    def of(name: str) -> Callable[[Listed], str]:
        def text(row: Listed) -> str:
            beside = said.get(row.target.key, {}).get(period.key)
            return getattr(beside, name) if beside else ""

        return text

    corrected = corrections(listing.board.reading, period.key)
    figures = {
        "rate": Column(
            gettext("達成率（%）"),
            lambda row: None if row.rate is None else percent(row.rate),
            "rate",
            width=8,
        ),
        "gap": Column(
            gettext("計画との差（pt）"),
            lambda row: None if row.gap is None else points_number(row.gap),
            "points",
            width=10,
        ),
    }
    return [
        Column(gettext("状況"), lambda row: phrases.status(row.result), width=12),
        Column(gettext("所管課"), lambda row: row.section, width=16),
        Column(gettext("事業"), lambda row: row.project.title, width=30),
        Column(gettext("目標"), lambda row: row.words.label, width=36),
        Column(
            gettext("目標値"),
            lambda row: (
                phrases.goal(row.target, row.result, row.words.unit)
                if row.result.target_value is not None
                else ""
            ),
            width=12,
        ),
        Column(
            gettext("実績"),
            lambda row: (
                phrases.actual(row.result, row.words.unit)
                if not row.target.is_milestone
                else phrases.stage(row.result)
            ),
            width=12,
        ),
        Column(
            gettext("訂正"),
            lambda row: phrases.texts.corrected if row.target.key in corrected else "",
            width=6,
        ),
        *(column for name, column in figures.items() if name in listing.known),
        Column(gettext("原因"), of("cause"), width=36),
        Column(gettext("今後の対応"), of("remedy"), width=36),
    ]


def part_columns(listing: Listing) -> list[Column]:
    """Counts first and the mean second, beside how many it covers."""

    def count(status: Status) -> Callable[[Part], int]:
        return lambda part: part.rolled.counts[status]

    return [
        Column(gettext("柱"), lambda part: part.name, width=28),
        Column(gettext("事業数"), lambda part: part.projects, "number", width=8),
        Column(gettext("目標数"), lambda part: part.rolled.total, "number", width=8),
        Column(gettext("入力すべき目標数"), lambda part: part.rolled.due, "number", width=10),
        Column(gettext("入力済の目標数"), lambda part: part.rolled.entered, "number", width=10),
        Column(gettext("判定した目標数"), lambda part: part.rolled.judged, "number", width=10),
        *(
            Column(heading, count(status), "number", width=9)
            for status, heading in status_headings(listing).items()
        ),
        Column(
            gettext("平均達成率（%）"),
            lambda part: None if part.rolled.mean is None else percent(part.rolled.mean),
            "rate",
            width=10,
        ),
        Column(gettext("平均の対象数"), lambda part: part.rolled.mean_of, "number", width=9),
    ]


def summary_columns(listing: Listing) -> list[Column]:
    """The counts by pillar as a table of its own, with the place and time each row is about."""
    policy, phrases, period = listing.board.policy, listing.phrases, listing.period
    year = calendar.era_year(policy.fiscal_year, phrases.lang)
    half = phrases.period(period.starts, period.ends)
    columns = [
        Column(gettext("団体コード"), lambda part: policy.ward.code),
        Column(gettext("区"), lambda part: policy.ward.label),
        Column(gettext("年度（西暦）"), lambda part: policy.fiscal_year, "year"),
        Column(gettext("年度（和暦）"), lambda part: year),
        Column(gettext("期"), lambda part: half),
        *part_columns(listing),
    ]
    if policy.is_demo:
        columns.append(Column(gettext("データの種別"), lambda part: gettext("デモデータ")))
    return columns


def status_headings(listing: Listing) -> dict[Status, str]:
    """A heading for each status. The policy's own name stands beside the usual one.

    So headings stay apart even where a policy names two statuses alike, or as another column.
    """
    headings = {}
    for status, usual in texts(listing.phrases.lang).statuses.items():
        name = listing.phrases.statuses[status]
        if name != usual:
            name = gettext("%(name)s（%(usual)s）") % {"name": name, "usual": usual}
        elif status == Status.NOT_JUDGED:
            name = gettext("%(name)s（判定なし）") % {"name": name}
        headings[Status(status)] = name
    return headings


def parts(listing: Listing) -> list[Part]:
    """The pillars, then the whole ward."""
    board, key = listing.board, listing.period.key
    each = [
        Part(pillar.name, len(pillar.projects), board.roll_up(pillar.targets, key))
        for pillar in board.pillars
    ]
    return [*each, Part(gettext("区全体"), len(board.projects), board.roll_up(board.targets, key))]


def behind(listing: Listing) -> list[Listed]:
    """Rows that are behind, the worst and furthest off first."""
    late = (Status.BEHIND, Status.NOT_ACHIEVED, Status.SLIGHTLY_BEHIND)
    rows = [row for row in listing.counted() if row.result.status in late]
    return sorted(rows, key=lambda row: (row.urgency, row.gap is None, row.gap or 0))


def target_sheet(listing: Listing, rows: Iterable[Listed]) -> Sheet:
    return Sheet(
        gettext("目標一覧"),
        target_columns(listing),
        listing.with_totals(rows),
        title=page_title(listing, gettext("目標一覧")),
    )


def summary_sheets(listing: Listing) -> Sequence[Sheet]:
    """Counts by pillar with a chart, what is behind, and every target."""
    columns = part_columns(listing)
    lines = parts(listing)
    shown = [
        (status, heading)
        for status, heading in status_headings(listing).items()
        if lines[-1].rolled.counts[status]
    ]
    return [
        Sheet(
            gettext("概要"),
            columns,
            lines,
            title=page_title(listing, gettext("進捗の概要")),
            chart_columns=[heading for _status, heading in shown],
            chart_colours=[COLOURS[status] for status, _heading in shown],
        ),
        Sheet(
            gettext("遅れている目標"),
            behind_columns(listing),
            behind(listing),
            title=page_title(listing, gettext("遅れている目標")),
        ),
        target_sheet(listing, listing.counted()),
    ]


def page_title(listing: Listing, what: str) -> str:
    policy, phrases, period = listing.board.policy, listing.phrases, listing.period
    half = phrases.period(period.starts, period.ends)
    return f"{policy.ward.label} {phrases.year(policy.fiscal_year)} {half} {what}"


def file_name(listing: Listing, what: str, ending: str) -> str:
    """磯子区_令和2年度_上半期_目標一覧.xlsx, in the reader's language."""
    policy, phrases, period = listing.board.policy, listing.phrases, listing.period
    name, _months = phrases.period_parts(period.starts, period.ends)
    year = phrases.era_year(policy.fiscal_year)
    stem = "_".join((policy.ward.label, year, name, what))
    return f"{stem.replace('/', '-').replace(' ', '-')}.{ending}"
