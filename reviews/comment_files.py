"""意見一覧 as files, in the form in which wards publish it, with what stands beside it behind."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import get_language, gettext

from kpis.phrases import Phrases
from kpis.spreadsheets import Column
from wards.calendar import era_year

from .comment_list import Line


def comment_columns(lines: Iterable[Line]) -> list[Column]:
    """No., 意見, 対応区分, 区の考え方, 対処結果, with 対象 and 種別; then whose, until when, and
    of which ward and half. What this person may not read is blank in the lines already."""
    lines = list(lines)
    lang = get_language() or "ja"

    def half(line: Line) -> str:
        period = line.item.round.period
        return Phrases(line.item.round.policy).period(period.starts, period.ends)

    columns = [
        Column("No.", lambda line: line.item.number, "number", width=6),
        Column(gettext("対象"), lambda line: line.about.name, width=26),
        Column(gettext("種別"), lambda line: line.kind, width=8),
        Column(gettext("意見"), lambda line: line.item.text, width=48),
        Column(gettext("対応区分"), lambda line: line.disposition_name, width=10),
        Column(gettext("区の考え方"), lambda line: line.view, width=48),
        Column(
            gettext("対処結果"),
            lambda line: line.result,
            width=36,
        ),
        Column(
            gettext("対処結果の日"),
            lambda line: line.promise.result_on if line.promise else None,
            "date",
            width=12,
        ),
        Column(gettext("理由"), lambda line: line.reason, width=24),
        Column(gettext("何をするか（だれが、いつまでに）"), lambda line: line.will_do, width=36),
        Column(gettext("回答する課"), lambda line: line.section, width=16),
        Column(gettext("状態"), lambda line: line.state_name, width=10),
        Column(gettext("回答期限"), lambda line: line.item.due, "date", width=12),
        Column(gettext("委員の区分"), lambda line: line.voices, width=14),
        Column(gettext("柱"), lambda line: line.about.pillar_name, width=20),
        Column(gettext("団体コード"), lambda line: line.item.round.policy.ward.code, width=9),
        Column(gettext("区"), lambda line: line.item.round.policy.ward.label, width=8),
        Column(
            gettext("年度（西暦）"),
            lambda line: line.item.round.policy.fiscal_year,
            "year",
            width=8,
        ),
        Column(
            gettext("年度（和暦）"),
            lambda line: era_year(line.item.round.policy.fiscal_year, lang),
            width=10,
        ),
        Column(gettext("期"), half, width=14),
    ]
    if any(line.item.round.policy.is_demo for line in lines):
        columns.append(
            Column(
                gettext("データの種別"),
                lambda line: gettext("デモデータ") if line.item.round.policy.is_demo else "",
                width=10,
            )
        )
    return columns


def file_name(*parts: str, ending: str) -> str:
    """磯子区_令和2年度_上半期_意見一覧.xlsx, in the reader's language."""
    stem = "_".join(part for part in parts if part)
    return f"{stem.replace('/', '-').replace(' ', '-')}.{ending}"
