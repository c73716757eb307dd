"""この資料の読み方: what charts and marks mean, the words, and which figures were counted."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext

from kpis.achievement import Status
from kpis.phrases import Phrases

from .booklet_project import Chip
from .frozen import Copy, FrozenBoard

#: Statuses that are found during the year, and those at its end.
DURING = (Status.ON_TRACK, Status.SLIGHTLY_BEHIND, Status.BEHIND)
AT_YEAR_END = (Status.NEARLY_ACHIEVED, Status.NOT_ACHIEVED)


def copied_at(copy: Copy, phrases: Phrases) -> str:
    """When the copy was made: 令和2年11月1日 10:30."""
    at = timezone.localtime(copy.frozen.at)
    return f"{phrases.day(at.date())} {at:%H:%M}"


def passed(copy: Copy, board: FrozenBoard) -> float | None:
    """How much of the year has passed, where most plans stand; None at year end, and where
    nothing has a number."""
    if copy.is_year_end or board.is_all_milestones:
        return None
    return float(board.share_of_year(copy.period))


def how_to_read(copy: Copy, board: FrozenBoard, phrases: Phrases) -> dict[str, Any]:
    """The page that comes before everything else."""
    return {
        "marks": [
            (Chip(str(status), phrases.statuses[status]), rule)
            for status, rule in _rules(copy, board)
        ],
        "words": _words(board),
        "counted": [
            gettext(
                "この資料は、%(at)sに作った写しです。その後に数が変わっても、この資料は変わりません。"
            )
            % {"at": copied_at(copy, phrases)},
            gettext(
                "数えるのは、担当課長が確認した実績（確認済）だけです。下書きや確認前の数は入っていません。"
            ),
            gettext(
                "写しのあとに訂正された数は、事業のページの「写しのあとの訂正」に、"
                "訂正前と訂正後を並べて示します。"
            ),
            gettext("計算方法の版は%(version)sです。写しの照合番号は%(sum)sです。")
            % {"version": copy.frozen.maths, "sum": copy.frozen.sha256[:16]},
        ],
        "passed": passed(copy, board),
        "has_numbers": not board.is_all_milestones,
        "has_stages": any(target.is_milestone for target in board.targets),
    }


def _rules(copy: Copy, board: FrozenBoard) -> list[tuple[Status, str]]:
    """What each mark means, by the policy's own bounds; those that can occur here."""
    bounds = board.reading.grades
    rules = {
        Status.ACHIEVED: gettext("達成率が%(bound)s%%以上。年度の目標に届いた")
        % {"bound": bounds.achieved},
        Status.ON_TRACK: gettext("計画比が100%以上。計画どおりに進んでいる"),
        Status.SLIGHTLY_BEHIND: gettext("計画比が%(bound)s%%以上100%%未満")
        % {"bound": bounds.pace},
        Status.BEHIND: gettext("計画比が%(bound)s%%未満。期限を過ぎた取組も含む")
        % {"bound": bounds.pace},
        Status.NEARLY_ACHIEVED: gettext("年度末の達成率が%(bound)s%%以上") % {"bound": bounds.rate},
        Status.NOT_ACHIEVED: gettext("年度末の達成率が%(bound)s%%未満") % {"bound": bounds.rate},
        Status.NOT_JUDGED: gettext("始まる前、集計中、調査のない期など、まだ判定できない"),
        Status.NOT_ENTERED: gettext("確認済の実績がない。0とは違う"),
        Status.POSTPONED: gettext("区が先に延ばすと決めた"),
        Status.CANCELLED: gettext("区が取りやめると決めた"),
    }
    out: tuple[Status, ...] = () if copy.is_year_end else AT_YEAR_END
    if copy.is_year_end and len(copy.periods) == 1:
        out = DURING
    return [(status, rule) for status, rule in rules.items() if status not in out]


def _words(board: FrozenBoard) -> list[tuple[str, str]]:
    words = [
        (gettext("達成率"), gettext("年度の目標に対して、ここまでにできた割合です。")),
        (
            gettext("計画の位置"),
            gettext("この期の終わりまでに、届いているはずの位置です。図では▼で示します。"),
        ),
        (
            gettext("計画比"),
            gettext("計画の位置に対する実績の割合です。年度の途中は、これで判定します。"),
        ),
        (
            gettext("事業の印"),
            gettext("その事業の目標のうち、もっとも遅れているものの印です。"),
        ),
        (
            gettext("pt"),
            gettext("達成率と計画の位置との差です。＋は計画より進み、−は遅れています。"),
        ),
        (
            gettext("平均達成率"),
            gettext("100%を超える分は100%として平均します。いくつの目標の平均かを必ず添えます。"),
        ),
        (gettext("見込"), gettext("まだ確定していない数です。図では輪郭だけの帯になります。")),
        (
            gettext("目標変更"),
            gettext("年度の途中で目標を変えたものです。当初の値も示します。"),
        ),
        (gettext("累計"), gettext("前の年度までの数に、今年度の数を足したものです。")),
    ]
    if board.is_all_milestones:
        return [words[3]]
    return words
