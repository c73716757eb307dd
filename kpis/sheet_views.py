"""The sheet as a page, and as one form that works without a script."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from wards.permissions import access_of

from . import charts, narratives
from .beside import Block, beside_projects
from .models import Actual, Period, Policy, Target
from .permissions import can_confirm, can_open_and_close
from .phrases import Phrases
from .sheet import (
    Line,
    Sheet,
    chosen,
    lines_of,
    next_owed,
    policy_entered_by,
    read_sheet,
    sheet_url,
)
from .sheet_drafts import Draft
from .sheet_rows import SheetRows
from .sheet_saving import Row, Saved, rows_sent, save_rows
from .workflow import MOVES, MoveRefused, Outcome, move
from .workflow_views import OVERTAKEN, WHY, concerns, tell, versions_seen

#: What a press on a button of the sheet may be; correcting is for the page of one target.
ACTIONS = {"save", *MOVES} - {"correct"}


@require_safe
def entry_list(request, code: str, year: int):
    """Leads to what is mine to enter: the sheet of my section, of the period that is open.

    `?after=key` leads on to the next target that is owed, else to the sheet of that target.
    """
    policy = policy_entered_by(request.user, code, year)
    periods = list(policy.periods.order_by("starts"))
    period = chosen(periods, request.GET.get("period"))
    lines = lines_of(request.user, policy, periods, period)
    after, wanted = request.GET.get("after"), request.GET.get("section")
    if after and (upcoming := next_owed(lines, after)):
        return redirect(upcoming.url)
    mine = [line for line in lines if line.section_id]
    behind = [line for line in mine if str(line.section_id) == wanted or line.key == after]
    first = next(iter(behind or mine), None)
    if first is None or first.section_id is None:
        messages.info(request, _("入力する目標はありません。"))
        return redirect(policy)
    return redirect(sheet_url(policy, first.section_id, period.key))


@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request, code: str, year: int, section: int, period: str):
    """One section's targets in one period: typed into, submitted, confirmed, returned."""
    policy = policy_entered_by(request.user, code, year)
    opened = read_sheet(request.user, policy, section, period)
    if request.method == "POST":
        return press(request, opened)
    return show(request, opened)


# A press on a button -----------------------------------------------------------------------------


def press(request, opened: Sheet) -> HttpResponse:
    """Keep what was typed, then make the move, where it is one; say what became of each.

    What is right is kept and moved. What is not stays on the page as it was typed.
    """
    data, user = request.POST, request.user
    action = data.get("action") or "save"
    if action not in ACTIONS:
        messages.error(request, _("ボタンを選び直してください。"))
        return redirect(address(opened))
    targets = targets_of(opened)
    if action != "save":
        allowed = MOVES[action].allowed
        if not any(allowed(user, target, opened.period) for target in targets.values()):
            raise PermissionDenied(WHY["not_allowed"])
    rows = rows_sent(data)
    saved = save_rows(opened.policy, opened.period.key, targets.values(), rows, by=user)
    if saved.kept:
        count = len(saved.kept)
        said = ngettext("%(n)d件を保存しました。", "%(n)d件を保存しました。", count)
        messages.success(request, said % {"n": count})
    more: dict[str, Any] = {}
    if action == "save":
        if not saved.kept and not saved.drafts:
            messages.info(request, _("変わったところはありません。"))
    else:
        more = make_move(request, opened, action, targets, rows, saved)
    if not saved.drafts and not more:
        return redirect(address(opened))
    again = read_sheet(user, opened.policy, opened.section_id, opened.period.key)
    clash = any(draft.clashes or draft.is_refused for draft in saved.drafts.values())
    return show(request, again, drafts=saved.drafts, status=409 if clash else 200, **more)


def address(opened: Sheet) -> str:
    return sheet_url(opened.policy, opened.section_id, opened.period.key)


def targets_of(opened: Sheet) -> dict[str, Target]:
    """The targets of the lines, by key and in their order."""
    rows = Target.objects.filter(policy=opened.policy, key__in=[each.key for each in opened.lines])
    found = {target.key: target for target in rows.with_owner().select_related("project")}
    for target in found.values():
        target.policy = opened.policy
    return {line.key: found[line.key] for line in opened.lines if line.key in found}


def make_move(
    request,
    opened: Sheet,
    action: str,
    targets: dict[str, Target],
    rows: dict[str, Row],
    saved: Saved,
) -> dict[str, Any]:
    """Move what was picked, or the whole sheet; what the page has to show again, if anything."""
    policy, period = opened.policy, opened.period
    picked = frozenset(request.POST.getlist("pick"))
    # A line break is sent as two letters; the field counted it as one.
    reason = request.POST.get("reason", "").replace("\r\n", "\n").replace("\x00", "")[:2000]
    seen = versions_seen(request.POST.getlist("seen"))
    seen |= {key: row.version for key, row in rows.items() if row.version}
    seen |= saved.versions
    lines = opened.lines
    if saved.kept:
        lines = read_sheet(request.user, policy, opened.section_id, period.key).lines
    rule = MOVES[action]
    affected = [
        line
        for line in lines
        if line.key not in saved.drafts
        and (line.key in picked if picked else concerns(line, action, rule, period, seen))
    ]
    remarks = {line.key: line.remarks for line in affected}
    try:
        outcome = move(
            action,
            period,
            [targets[line.key] for line in affected],
            by=request.user,
            seen=seen,
            reason=reason,
            lacking=lambda target: remarks[target.key],
            section=None if picked else opened.section_id,
        )
    except MoveRefused as refused:
        if refused.why == "overtaken":
            messages.error(request, OVERTAKEN)
            return {}
        return {"picked": picked, "reason": reason, "reason_missing": True}
    if outcome != Outcome() or not saved.drafts:
        tell(request, action, outcome)
    return {}


# The page ----------------------------------------------------------------------------------------


def show(
    request,
    opened: Sheet,
    *,
    drafts: dict[str, Draft] | None = None,
    picked: frozenset[str] = frozenset(),
    status: int = 200,
    **more,
) -> HttpResponse:
    """The page as it is; after a form that was not wholly kept, with what was typed."""
    drafts = drafts or {}
    policy, period, lines = opened.policy, opened.period, opened.lines
    phrases = Phrases(policy)
    rows = SheetRows(opened, drafts, picked)
    counted = [line for line in lines if line.counts]
    owed = sum(line.owed for line in lines)
    entered = len(counted) - owed
    saved_at = max((line.meta.saved_at for line in lines if line.meta.saved_at), default=None)
    can_type = any(not line.is_fixed for line in lines)
    lang = get_language() or "ja"
    context = {
        "place": "entry",
        "policy": policy,
        "year": phrases.year(policy.fiscal_year),
        "section": opened.section_name,
        "section_id": opened.section_id,
        "period": period,
        "period_name": phrases.period(period.starts, period.ends),
        "period_head": phrases.period_parts(period.starts, period.ends)[0],
        "periods": [period_link(opened, each, phrases) for each in opened.periods],
        "sections": section_links(opened),
        "due": phrases.short_day(period.due) if period.due else "",
        **days_left(period),
        "rows": rows.body(),
        "columns": rows.columns,
        "with_last_year": rows.with_last_year,
        "earlier": [phrases.period_parts(each.starts, each.ends)[0] for each in rows.earlier],
        "lines": len(lines),
        "counted": len(counted),
        "owed": owed,
        "entered": entered,
        "bar": charts.thin(entered / len(counted) if counted else 1),
        "unready": unready(lines, drafts),
        "wrong": [problem_link(line, drafts[line.key]) for line in lines if line.key in drafts],
        "offered": offered(request.user, opened),
        "can_type": can_type,
        "keys": always_the_same("kpis/sheet_keys.html", lang, can_type),
        "words": always_the_same("kpis/sheet_words.html", lang, can_type),
        "by_state": {
            state: sum(line.state == state for line in lines) for state in Actual.State.values
        },
        "saved_at": saved_at,
        "narratives": narratives.of_sheet(policy, opened.section_id, period),
        "beside": _beside(request.user, policy, lines),
        "opens_and_closes": can_open_and_close(request.user, policy),
        "on_behalf": on_behalf(request.user, opened),
        **more,
    }
    return render(request, "kpis/sheet.html", context, status=status)


def _beside(user, policy: Policy, lines: Sequence[Line]) -> list[Block]:
    """What others have to say of the projects on the sheet, in the order of its rows."""
    keys = list(dict.fromkeys(line.promise.project for line in lines))
    told = beside_projects(user, policy, keys)
    return [block for key in keys for block in told.get(key, [])]


@lru_cache(maxsize=8)
def always_the_same(template: str, lang: str, can_type: bool) -> SafeString:
    """A part of the page in the reader's language `lang`: forty sentences, rendered once."""
    return render_to_string(template, {"can_type": can_type})


def period_link(opened: Sheet, period: Period, phrases: Phrases) -> dict[str, Any]:
    name, months = phrases.period_parts(period.starts, period.ends)
    return {
        "url": sheet_url(opened.policy, opened.section_id, period.key),
        "name": name,
        "months": months if period.is_open else _("締切済"),
        "current": period == opened.period,
    }


def section_links(opened: Sheet) -> list[dict[str, Any]]:
    """The sheets of the other sections that this person enters for; none where there is one."""
    if len(opened.sections) < 2:
        return []
    return [
        {
            "url": sheet_url(opened.policy, id_, opened.period.key),
            "name": name,
            "current": id_ == opened.section_id,
        }
        for id_, name in opened.sections.items()
    ]


def days_left(period: Period) -> dict[str, int | None]:
    """How many days are left until the due date, or how many it is over."""
    if not period.due or not period.is_open:
        return {"days_left": None, "days_late": None}
    days = (period.due - timezone.localdate()).days
    return {"days_left": days if days >= 0 else None, "days_late": -days if days < 0 else None}


def unready(lines: list[Line], drafts: dict[str, Draft]) -> list[Line]:
    """Rows that wait for something before they can be submitted, those in error apart."""
    return [
        line for line in lines if line.key not in drafts and (line.remarks or line.returned_because)
    ]


def problem_link(line: Line, draft: Draft) -> dict[str, str]:
    """A line of the summary: what is wrong, and the field to go to."""
    if draft.problems:
        first = draft.problems[0]
        return {
            "label": line.label,
            "href": f"#{first.field[0]}-{line.key}",
            "text": " ".join(problem.message for problem in draft.problems),
        }
    return {"label": line.label, "href": f"#r-{line.key}", "text": draft.told}


def offered(user, opened: Sheet) -> set[str]:
    """The moves that this person can make with at least one of the lines.

    Submitting is offered as long as something can be typed: what is typed is saved first.
    """
    confirms = confirms_for(user, opened.policy, opened.section_id)
    states = {line.state for line in opened.lines}
    found = set()
    for action in ("take_back", "confirm", "return"):
        if action != "take_back" and not confirms:
            continue
        if states & MOVES[action].before(opened.period):
            found.add(action)
    if any(not line.is_fixed for line in opened.lines):
        found.add("submit")
    return found


def confirms_for(user, policy: Policy, section_id: int) -> bool:
    """`permissions.can_confirm`, of a section's targets."""
    return can_confirm(user, Target(policy=policy, section_id=section_id))


def on_behalf(user, opened: Sheet) -> bool:
    return not access_of(user).works_for(opened.section_id)
