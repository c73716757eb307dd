"""実績入力: the sections and how far each is, the nudge, and the period's due date and state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wards import mail
from wards.calendar import next_working_day
from wards.permissions import access_of

from . import reminders, sheet_views
from .entry_views import entry_list_url
from .models import Change, Kind, Period, Policy, Reminder
from .owing import SectionSheet, in_words, most_urgent_first, sheets_in
from .permissions import can_open_and_close, can_remind
from .phrases import Phrases
from .sheet import chosen, policy_entered_by
from .workflow import record

#: In the place of a section: all that are late.
LATE = "late"


@dataclass(frozen=True, slots=True)
class Row:
    """A section on the overview."""

    sheet: SectionSheet
    is_late: bool
    left: str
    last: str  # when something was entered or moved last, and by whom
    last_by: str
    reminded: str  # 10月7日に督促
    nudge: str  # what the button says; "" where there is nobody to nudge, or nothing to nudge for
    not_reached: str  # who has no e-mail address
    nobody: bool  # nobody of the section can be reached
    is_reminded_today: bool  # whoever can be reached had a letter today


@require_safe
def entry_list(request, code: str, year: int):
    """実績入力: to the sheet for whoever has one section; else the sections and how far each is."""
    policy = policy_entered_by(request.user, code, year)
    periods = list(policy.periods.order_by("starts"))
    period = chosen(periods, request.GET.get("period"))
    leads_on = request.GET.get("after") or request.GET.get("section")
    several = can_remind(request.user, policy) or len(access_of(request.user).section_ids) > 1
    sheets = sheets_seen_by(request.user, policy, period) if several and not leads_on else []
    if len(sheets) < 2 and not (sheets and can_remind(request.user, policy)):
        return sheet_views.entry_list(request, code, year)
    return overview(request, policy, periods, period, sheets)


def sheets_seen_by(user, policy: Policy, period: Period) -> list[SectionSheet]:
    """All sections' sheets for the secretariat, their own for staff and heads."""
    sheets = sheets_in([period], {policy.pk: policy})
    if can_remind(user, policy):
        return sheets
    access = access_of(user)
    return [sheet for sheet in sheets if access.works_for(sheet.section_id)]


def overview(
    request, policy: Policy, periods: list[Period], period: Period, sheets: list[SectionSheet]
) -> HttpResponse:
    """Sections × state for a period: eleven queries, however many sections and targets."""
    today = timezone.localdate()
    phrases = Phrases(policy)
    reminds = can_remind(request.user, policy)
    rows = rows_of(sheets, period, phrases, today, reminds=reminds)
    late = [row for row in rows if row.is_late]
    left = (period.due - today).days if period.due and period.is_open else None
    context = {
        "place": "entry",
        "policy": policy,
        "year": phrases.year(policy.fiscal_year),
        "period": period,
        "period_name": phrases.period(period.starts, period.ends),
        "due": phrases.short_day(period.due) if period.due else "",
        "left": in_words(left),
        "is_past_due": left is not None and left < 0,
        "periods": period_links(policy, periods, period, phrases),
        "rows": rows,
        "late": len(late),
        "owing": sum(1 for row in rows if row.sheet.outstanding),
        "can_nudge_late": any(row.nudge for row in late),
        "total": total_of(sheets),
        "reminds": reminds,
        "mail_is_off": mail.is_off(),
        "mail_is_shown_only": mail.is_shown_only(),
        "opens_and_closes": can_open_and_close(request.user, policy),
    }
    return render(request, "kpis/owing.html", context)


def period_links(policy: Policy, periods: list[Period], current: Period, phrases: Phrases):
    return [
        {
            "url": entry_list_url(policy.ward.code, policy.fiscal_year, period=each.key),
            **phrases.period_in_two(each.starts, each.ends),
            "current": each == current,
        }
        for each in periods
    ]


def total_of(sheets: Iterable[SectionSheet]) -> dict[str, int]:
    states = ("drafts", "submitted", "sent_back", "confirmed")
    names = ("due", "entered", *states, "to_write", "not_submitted")
    sheets = list(sheets)
    return {name: sum(getattr(sheet, name) for sheet in sheets) for name in names}


def rows_of(
    sheets: list[SectionSheet], period: Period, phrases: Phrases, today: date, *, reminds: bool
) -> list[Row]:
    latest = latest_changes(period)
    reminded = reminders_by_section(period) if reminds else {}
    ids = {sheet.section_id for sheet in sheets if sheet.section_id}
    people = reminders.people_of(ids, today) if reminds else {}
    rows = []
    for sheet in most_urgent_first(sheets, today):
        here = people.get(sheet.section_id or 0, [])
        if sheet.is_done:
            here = []
        elif not sheet.outstanding:
            here = [person for person in here if person.role == reminders.Role.HEAD]
        reached = [person for person in here if person.can_be_reached]
        had = reminded.get(sheet.section_id or 0, [])
        today_had = {each.user_id for each in had if each.day == today}
        waiting = [person for person in reached if person.id not in today_had]
        at, by = latest.get(sheet.section_id or 0, (None, ""))
        asks = _("督促する") if sheet.outstanding else _("確認を促す")
        rows.append(
            Row(
                sheet=sheet,
                is_late=sheet.is_late(today),
                left=in_words(sheet.left(today)) if sheet.outstanding else "",
                last=phrases.short_day(timezone.localdate(at)) if at else "",
                last_by=by,
                reminded=told_of(had[-1], phrases) if had else "",
                nudge=asks if reminds and waiting else "",
                not_reached=_("、").join(
                    sorted({each.name for each in here if not each.can_be_reached})
                ),
                nobody=reminds and not sheet.is_done and not reached,
                is_reminded_today=bool(reached) and not waiting,
            )
        )
    return rows


def latest_changes(period: Period) -> dict[int, tuple[Any, str]]:
    """By section when something of the period was entered or moved last, and by whom."""
    rows = Change.objects.filter(policy=period.policy_id, period=period, section__isnull=False)
    newest: dict[int, tuple[Any, str]] = {}
    for section, at, by in rows.order_by("id").values_list("section_id", "at", "by_name"):
        newest[section] = at, by
    return newest


def reminders_by_section(period: Period) -> dict[int, list[Reminder]]:
    """By section the reminders that were sent, the latest at the end."""
    found: dict[int, list[Reminder]] = {}
    for each in Reminder.objects.filter(period=period, state=Reminder.State.SENT).order_by(
        "day", "id"
    ):
        found.setdefault(each.section_id, []).append(each)
    return found


def told_of(reminder: Reminder, phrases: Phrases) -> str:
    words = {"day": phrases.short_day(reminder.day)}
    if reminder.by_id is None:
        return _("%(day)sに自動で連絡") % words
    if reminder.kind == Kind.WAITING:
        return _("%(day)sに確認を依頼") % words
    return _("%(day)sに督促") % words


# The nudge ---------------------------------------------------------------------------------------


@require_POST
def nudge(request, code: str, year: int, period: str):
    """Send a reminder now: to one section, or to all that are late."""
    policy = policy_entered_by(request.user, code, year)
    if not can_remind(request.user, policy):
        raise PermissionDenied(_("督促は、区政推進課（事務局）が行います。"))
    at = chosen(list(policy.periods.order_by("starts")), period)
    back = redirect(entry_list_url(code, year, period=period))
    today = timezone.localdate()
    wanted = request.POST.get("section", "")
    sheets = [
        sheet
        for sheet in sheets_in([at], {policy.pk: policy})
        if (sheet.is_late(today) if wanted == LATE else str(sheet.section_id) == wanted)
    ]
    if not sheets:
        if wanted == LATE:
            messages.warning(request, _("遅れている課はありません。"))
        else:
            messages.error(request, _("課を選び直してください。"))
        return back
    for sheet in sheets:
        if sheet.is_done:
            messages.warning(
                request,
                _("%(section)sには、提出も確認も残っていません。送っていません。")
                % {"section": sheet.section},
            )
    letters, without_address = reminders.nudges(sheets, today)
    try:
        outcome = reminders.send(letters, by=request.user, day=today)
    except mail.NoMail as error:
        messages.error(request, str(error))
        return back
    tell(request, sheets, outcome, without_address)
    return back


def tell(request, sheets, outcome: reminders.Outcome, without_address) -> None:
    """Say by section who was written to, who had been already, and who cannot be."""
    sent, already = by_section(outcome.sent), by_section(outcome.already)
    failed = by_section([letter for letter, _why in outcome.failed])
    unreached = by_section(without_address)
    done, stayed = [], []
    for sheet in sheets:
        if sheet.is_done:
            continue
        here = sheet.section_id
        words = {"section": sheet.section}
        if names := sent.get(here):
            done.append(_("%(section)s：%(names)sに送りました。") % {**words, "names": names})
        if names := already.get(here):
            text = _("%(section)s：%(names)sには、きょうすでに送っています。もう一度は送りません。")
            stayed.append(text % {**words, "names": names})
        if names := unreached.get(here):
            text = _("%(section)s：%(names)sは、メールアドレスが登録されていないため送れません。")
            stayed.append(text % {**words, "names": names})
        if names := failed.get(here):
            text = _(
                "%(section)s：%(names)sに送れませんでした。アドレスとメールの設定を確かめて、"
                "もう一度押してください。"
            )
            stayed.append(text % {**words, "names": names})
        if not any(each.get(here) for each in (sent, already, unreached, failed)):
            text = _("%(section)s：担当者も課長も登録されていないため、送る相手がいません。")
            stayed.append(text % words)
    if done:
        if mail.is_shown_only():
            done.append(_("メールは外へ出さず、サーバーの画面に表示しました。"))
        messages.success(request, "\n".join(done))
    if stayed:
        messages.warning(request, "\n".join(stayed))


def by_section(letters: Iterable[reminders.Letter]) -> dict[int | None, str]:
    found: dict[int | None, list[str]] = {}
    for letter, item in reminders.told(letters):
        found.setdefault(item.sheet.section_id, []).append(letter.to.name)
    return {section: _("、").join(names) for section, names in found.items()}


# The due date ------------------------------------------------------------------------------------


@require_POST
def period_due(request, code: str, year: int, period: str):
    """Set, move or take away the day by which a period's figures have to be in."""
    policy = policy_entered_by(request.user, code, year)
    if not can_open_and_close(request.user, policy):
        raise PermissionDenied(_("入力期限は、区政推進課（事務局）が決めます。"))
    at = chosen(list(policy.periods.order_by("starts")), period)
    back = redirect(
        entry_list_url(code, year, period=period, section=request.POST.get("section", ""))
    )
    try:
        wished = wished_due(request.POST.get("due", ""), at)
        was = day_of(request.POST.get("was", ""))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return back
    due = next_working_day(wished) if wished else None
    phrases = Phrases(policy)
    if due == at.due:
        messages.info(request, _("入力期限は変わっていません。"))
        return back
    if not move_due(policy, at, was, due, by=request.user):
        messages.warning(
            request,
            _("画面を開いたあとに、ほかの人が入力期限を変えました。確かめて、やり直してください。"),
        )
        return back
    if due is None:
        messages.success(request, _("入力期限をなくしました。"))
    elif wished and due != wished:
        words = {"wished": phrases.short_day(wished), "due": phrases.short_day(due)}
        text = _("%(wished)sは閉庁日のため、入力期限を次の開庁日の%(due)sにしました。")
        messages.success(request, text % words)
    else:
        text = _("入力期限を%(due)sにしました。")
        messages.success(request, text % {"due": phrases.short_day(due)})
    return back


def day_of(typed: str) -> date | None:
    """A day as a date field sends it; None for nothing. Raises ValidationError."""
    if not typed.strip():
        return None
    try:
        day = parse_date(typed.strip())
    except ValueError:
        day = None
    if day is None:
        raise ValidationError(
            _("入力期限を読み取れません。2020年10月16日は 2020-10-16 と書いてください。")
        )
    return day


def wished_due(typed: str, period: Period) -> date | None:
    day = day_of(typed)
    if day is not None and not period.starts <= day <= date(2200, 12, 31):
        raise ValidationError(_("入力期限は、期の始まりからあとの日にしてください。"))
    return day


@transaction.atomic
def move_due(policy: Policy, period: Period, was: date | None, due: date | None, *, by) -> bool:
    """Change the due date with a line of history; False where it is not what the person saw."""
    if not Period.objects.filter(pk=period.pk, due=was).update(due=due):
        return False
    record(
        [
            {
                "ward_id": policy.ward_id,
                "policy": policy,
                "period": period,
                "act": Change.Act.CHANGED,
                "changed": {"due": [day.isoformat() if day else None for day in (was, due)]},
                "by": by,
                "by_name": str(by),
                "at": timezone.now(),
            }
        ]
    )
    return True
