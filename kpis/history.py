"""The history in words: who changed what, when, from what to what, why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from wards.calendar import era_date
from wards.permissions import access_of
from wards.prepared import Prepared

from .models import (
    Actual,
    Change,
    Judgement,
    Period,
    Policy,
    Project,
    Proposal,
    ReminderPlan,
    Target,
)
from .phrases import Phrases
from .wording import grouped

#: How many lines stand on a page; the newest first.
LATEST = 20

#: What the history calls a field of an entry.
FIELD_NAMES = {
    "value": _("実績"),
    "denominator": _("母数"),
    "stage": _("段階"),
    "missing": _("数がない理由"),
    "certainty": _("確定・見込の別"),
    "note": _("備考"),
    "self_status": _("自己評価"),
    "self_reason": _("自己評価の理由"),
    "outlook_met": _("年度末の見込み"),
    "outlook_value": _("年度末の見込値"),
    "cause": _("遅れの原因"),
    "remedy": _("今後の対応"),
    "evidence": _("根拠資料"),
    "done": _("取り組んだこと"),
    "obstacles": _("見えてきた課題"),
    "next": _("今後の予定"),
    "state": _("状態"),
    "returned_because": _("差戻しの理由"),
    "corrected_because": _("訂正の理由"),
    "due": _("入力期限"),
}
#: What the history says of a change of the plan: what was asked for, and what was decided.
DECIDED_NAMES = {
    "proposal": _("申請"),
    "asked_value": _("申請した目標値"),
    "proposal_state": _("申請の状態"),
    "status": _("実施・中止・延期"),
    "status_on": _("中止・延期・再開の日"),
    "status_reason": _("中止・延期の理由"),
    "status_decided_by": _("中止・延期の決裁者"),
    "status_document_number": _("中止・延期の文書番号"),
    "on": _("変更日"),
    "decided_by": _("決裁者"),
    "decided_on": _("決裁日"),
    "document_number": _("文書番号"),
    "decision_note": _("決定についての説明"),
}
ORDER = {field: place for place, field in enumerate((*FIELD_NAMES, *DECIDED_NAMES))}
#: Fields that hold a figure, as a decimal string.
FIGURES = frozenset({"value", "denominator", "outlook_value", "asked_value"})
#: A field of the plan itself: a change without a period.
PLAN_NAMES = {
    **{each.attname: each.verbose_name for each in (*Project._meta.fields, *Target._meta.fields)},
    **DECIDED_NAMES,
    **{each.attname: each.verbose_name for each in ReminderPlan._meta.fields},
    "reminder_subject_ja": _("督促の件名（日本語）"),
    "reminder_body_ja": _("督促の本文（日本語）"),
    "reminder_subject_en": _("督促の件名（英語）"),
    "reminder_body_en": _("督促の本文（英語）"),
    "document": _("文書"),
    "state": _("状態"),
    "accumulation": _("数え方"),
    "direction": _("目標の向き"),
    "pillar_id": _("柱"),
    "initiative_id": _("取組"),
}
#: Fields that hold a day, as 2020-08-03.
DAYS = frozenset({"on", "status_on", "decided_on", "due"})
#: Fields that are yes or no.
SWITCHES = ("ongoing", "cumulative", "is_on", "on_due", "with_english")
#: Values that are kept as codes.
VALUE_NAMES: dict[str, dict[Any, Any]] = {
    **{
        each.name: dict(each.flatchoices)
        for each in (*Project._meta.fields, *Target._meta.fields)
        if each.choices
    },
    **{name: {True: _("はい"), False: _("いいえ")} for name in SWITCHES},
    "proposal": dict(Proposal.Kind.choices),
    "proposal_state": dict(Proposal.State.choices),
    "self_status": dict(Judgement.choices),
    "outlook_met": {True: _("届く"), False: _("届かない")},
    "state": {**dict(Period.State.choices), **dict(Actual.State.choices)},
    "stage": dict(Actual.Stage.choices),
    "missing": dict(Actual.Missing.choices),
    "certainty": dict(Actual.Certainty.choices),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One change as people tell it."""

    at: str  # as machines read it, with its offset
    when: str
    what: str
    changes: list[tuple[str, str, str]]  # field, before, after
    reason: str
    by: str
    on_behalf: bool


class Words:
    """What a policy's lines are told with, looked up once and not for every line."""

    def __init__(self, phrases: Phrases, periods: Mapping[str, str]) -> None:
        """`periods` names the periods by their keys."""
        self.phrases, self.periods = phrases, periods
        self.acts = {value: str(name) for value, name in Change.Act.choices}

    def act(self, act: str) -> str:
        return self.acts.get(act, act)

    def account(self, period: str | None) -> str:
        """What a line about a project and a period is about, where it is about no target."""
        return gettext("担当課の説明") if period else ""

    def line(self, at, by_name, act, changed, reason, on_behalf, label, period) -> Line:
        """One line; its day with the year, since the history of a year is read for long."""
        local = timezone.localtime(at)
        names = (label, self.periods.get(period, ""), self.act(act))
        return Line(
            at=local.isoformat(timespec="seconds"),
            when=f"{self.phrases.day(local.date())} {local:%H:%M}",
            what=" ".join(name for name in names if name),
            changes=in_words(changed, of_plan=not period),
            reason=reason,
            by=by_name,
            on_behalf=on_behalf,
        )


@lru_cache(maxsize=1)
def _rows() -> Any:
    return Change.objects.order_by("-id").values_list(
        "at", "by_name", "act", "changed", "reason", "on_behalf", "target__key", "period__key"
    )


@lru_cache(maxsize=1)
def _latest() -> Prepared:
    return Prepared(lambda project: _rows().filter(project=project)[:LATEST])


def of_project(
    project_id: int,
    user,
    ward_id: int,
    phrases: Phrases,
    labels: Mapping[str, str],
    periods: Mapping[str, str],
) -> list[Line]:
    """The newest changes to a project's figures, for those who read the ward's drafts.

    `labels` names the targets and `periods` the periods, by their keys.
    """
    access = access_of(user)
    if not access.reads_drafts(ward_id):
        return []
    rows = (
        _rows().filter(project=project_id).visible_to(user)[:LATEST]
        if access.draft_scope(ward_id)
        else _latest()(project_id)
    )
    words = Words(phrases, periods)
    return [
        words.line(
            *(at, by_name, act, changed, reason, on_behalf),
            labels.get(target, "") if target else words.account(period),
            period,
        )
        for at, by_name, act, changed, reason, on_behalf, target, period in rows
    ]


def url_for(user, policy: Policy) -> str:
    """Where this person reads the policy's whole history; empty for those who may not."""
    return f"{policy.get_absolute_url()}history/" if may_read(user, policy) else ""


def may_read(user, policy: Policy) -> bool:
    """Inside the ward office only: a history tells what went before a confirmed figure."""
    return access_of(user).reads_drafts(policy.ward_id)


def in_words(
    changed: Mapping[str, Any], *, of_plan: bool, exact: bool = False
) -> list[tuple[str, str, str]]:
    """Field, before and after, for people to read; `exact` for a file."""
    called = PLAN_NAMES if of_plan else FIELD_NAMES
    return [
        (str(called.get(field, field)), told(field, pair[0], exact), told(field, pair[1], exact))
        for field, pair in in_order(changed)
        if isinstance(pair, list) and len(pair) == 2
    ]


def in_order(changed: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The fields as the entry page has them: PostgreSQL does not keep the order of a document."""
    return sorted(changed.items(), key=lambda item: ORDER.get(item[0], len(ORDER)))


def told(field: str, value: Any, exact: bool = False) -> str:
    """A value as people call it, cut where it is long; nothing is a dash.

    `exact`: a figure without grouping, a text as long as it is; nothing is nothing.
    """
    if value in (None, "", []):
        return "" if exact else "—"
    if field in FIGURES and not exact:
        try:
            return grouped(Decimal(str(value)))
        except ArithmeticError:
            return str(value)
    if field in DAYS:
        return era_date(date.fromisoformat(value), get_language() or "ja")
    if field == "evidence":
        text = gettext("、").join(str(each.get("title") or each.get("url")) for each in value)
    elif isinstance(value, list):
        text = gettext("、").join(map(str, value))
    elif isinstance(value, (str, bool)):
        text = str(VALUE_NAMES.get(field, {}).get(value, value))
    else:
        text = str(value)
    return text if exact or len(text) <= 80 else f"{text[:79]}…"
