"""The history in words: who changed what, when, from what to what, why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from wards.calendar import era_date
from wards.permissions import access_of
from wards.prepared import Prepared

from .models import Actual, Change, Judgement, Project, Target
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
    "state": _("状態"),
}
ORDER = {field: place for place, field in enumerate(FIELD_NAMES)}
#: Fields that hold a figure, as a decimal string.
FIGURES = frozenset({"value", "denominator", "outlook_value"})
#: A field of the plan itself: a change without a period.
PLAN_NAMES = {
    **{field.name: field.verbose_name for field in (*Project._meta.fields, *Target._meta.fields)},
    "on": _("変更日"),
}
#: Fields that hold a day, as 2020-08-03.
DAYS = frozenset({"on", "status_on"})
#: Values that are kept as codes.
VALUE_NAMES: dict[str, dict[Any, Any]] = {
    "self_status": dict(Judgement.choices),
    "outlook_met": {True: _("届く"), False: _("届かない")},
    "state": dict(Actual.State.choices),
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
    acts = {value: str(name) for value, name in Change.Act.choices}
    lines = []
    for at, by_name, act, changed, reason, on_behalf, target, period in rows:
        local = timezone.localtime(at)
        called = FIELD_NAMES if period else PLAN_NAMES
        names = (labels.get(target, ""), periods.get(period, ""), acts.get(act, act))
        lines.append(
            Line(
                at=local.isoformat(timespec="seconds"),
                when=date_format(local, "SHORT_DATETIME_FORMAT"),
                what=" ".join(name for name in names if name),
                changes=[
                    (str(called.get(field, field)), told(field, pair[0]), told(field, pair[1]))
                    for field, pair in in_order(changed)
                    if isinstance(pair, list) and len(pair) == 2
                ],
                reason=reason,
                by=by_name,
                on_behalf=on_behalf,
            )
        )
    return lines


def in_order(changed: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The fields as the entry page has them: PostgreSQL does not keep the order of a document."""
    return sorted(changed.items(), key=lambda item: ORDER.get(item[0], len(ORDER)))


def told(field: str, value: Any) -> str:
    """A value as people call it, cut where it is long; nothing is a dash."""
    if value in (None, "", []):
        return "—"
    if field in FIGURES:
        try:
            return grouped(Decimal(str(value)))
        except ArithmeticError:
            return str(value)
    if field in DAYS:
        return era_date(date.fromisoformat(value), get_language() or "ja")
    if field == "evidence":
        text = gettext("、").join(str(each.get("title") or each.get("url")) for each in value)
    elif isinstance(value, (str, bool)):
        text = str(VALUE_NAMES.get(field, {}).get(value, value))
    else:
        text = str(value)
    return text if len(text) <= 80 else f"{text[:79]}…"
