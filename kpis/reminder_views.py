"""Where the secretariat says when reminders go out and what they say, and sees which went out."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from wards import mail

from . import reminders
from .models import Change, Kind, Period, Policy, Reminder, ReminderPlan, ReminderText
from .owing import SectionSheet, sheets_in
from .permissions import can_remind
from .phrases import Phrases
from .reminder_forms import PlanForm, TextForm
from .reminder_texts import DEFAULTS, PLACEHOLDERS, Text, fill, one_line
from .workflow import State, record

#: How many of the reminders that went out stand on the page, the newest first.
LATEST = 50
LANGUAGES = ("ja", "en")

#: What a name in braces stands for.
STANDS_FOR = {
    "ward": gettext_lazy("区の名前"),
    "section": gettext_lazy("課の名前"),
    "period": gettext_lazy("期の名前"),
    "due": gettext_lazy("入力期限"),
    "left": gettext_lazy("期限までの日数、または過ぎた日数"),
    "count": gettext_lazy("件数（差戻しの連絡では差戻しの数、確認待ちの連絡では確認待ちの数）"),
    "counts": gettext_lazy("件数の内訳"),
    "link": gettext_lazy("入力の画面のアドレス"),
}
#: To whom and when each goes.
TOLD = {
    Kind.BEFORE: gettext_lazy("まだ提出していない課の担当者へ、期限の前に"),
    Kind.DUE: gettext_lazy("まだ提出していない課の担当者へ、期限の日に"),
    Kind.LATE: gettext_lazy("まだ提出していない課の担当者と課長へ、期限を過ぎてから"),
    Kind.RETURNED: gettext_lazy("差し戻された実績のある課の担当者へ"),
    Kind.WAITING: gettext_lazy("提出済の実績を確認する課長へ"),
    Kind.NUDGE: gettext_lazy("事務局が「督促する」を押したとき、その課の担当者と課長へ"),
}


def policy_reminded_by(user, code: str, year: int) -> Policy:
    """The policy, for its secretariat: else Http404 or PermissionDenied."""
    policy = get_object_or_404(
        Policy.objects.visible_to(user).select_related("ward"), ward__code=code, fiscal_year=year
    )
    if not can_remind(user, policy):
        raise PermissionDenied(_("督促の文面と予定は、区政推進課（事務局）が決めます。"))
    return policy


@require_http_methods(["GET", "HEAD", "POST"])
def reminder_plan(request, code: str, year: int):
    """When reminders go out, the list of wordings, and the newest reminders that went out."""
    policy = policy_reminded_by(request.user, code, year)
    if request.method == "POST":
        with transaction.atomic():
            plan = ReminderPlan.objects.select_for_update().filter(ward=policy.ward_id).first()
            plan = plan or ReminderPlan(ward=policy.ward)
            before = {name: getattr(plan, name) for name in PlanForm.Meta.fields}
            form = PlanForm(request.POST, instance=plan)
            if form.is_valid():
                after = {name: form.cleaned_data[name] for name in before}
                form.save()
                remember(policy, before, after, by=request.user)
        if form.is_valid():
            messages.success(request, _("督促の予定を保存しました。"))
            return redirect(request.path)
    else:
        form = PlanForm(instance=reminders.plans_of([policy.ward_id])[policy.ward_id])
    phrases = Phrases(policy)
    own = {kind for _ward, kind, _language in reminders.texts_of([policy.ward_id])}
    context = {
        "place": "entry",
        "policy": policy,
        "year": phrases.year(policy.fiscal_year),
        "form": form,
        "kinds": [
            {"kind": kind.value, "name": kind.label, "told": TOLD[kind], "own": kind.value in own}
            for kind in Kind
        ],
        "lines": sent_lines(policy, phrases),
        "mail_is_off": mail.is_off(),
        "mail_is_shown_only": mail.is_shown_only(),
    }
    return render(request, "kpis/reminders.html", context, status=400 if form.errors else 200)


def sent_lines(policy: Policy, phrases: Phrases) -> list[dict[str, Any]]:
    rows = Reminder.objects.filter(period__policy=policy)
    return [
        {
            "day": phrases.short_day(timezone.localdate(each.at)),
            "time": timezone.localtime(each.at).strftime("%H:%M"),
            "period": phrases.period_parts(each.period.starts, each.period.ends)[0],
            "section": each.section.name,
            "kind": each.get_kind_display(),
            "to": str(each.user),
            "by": str(each.by) if each.by else "",
            "state": each.state,
            "state_name": each.get_state_display(),
            "failure": each.failure,
        }
        for each in rows.select_related("user", "by", "section", "period").order_by("-at", "-id")[
            :LATEST
        ]
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def reminder_text(request, code: str, year: int, kind: str):
    """One wording: `action` save, preview (nothing is kept) or reset to the default."""
    policy = policy_reminded_by(request.user, code, year)
    if kind not in Kind.values:
        raise Http404
    texts = reminders.texts_of([policy.ward_id])
    stands = {
        language: texts.get((policy.ward_id, kind, language)) or DEFAULTS[kind, language]
        for language in LANGUAGES
    }
    action = request.POST.get("action", "")
    if request.method == "POST" and action == "reset":
        keep(policy, kind, {language: DEFAULTS[kind, language] for language in LANGUAGES}, request)
        messages.success(request, _("元の文面に戻しました。"))
        return redirect(request.path)
    if request.method == "POST":
        form = TextForm(request.POST)
        if form.is_valid():
            stands = {
                language: Text(
                    form.cleaned_data[f"subject_{language}"], form.cleaned_data[f"body_{language}"]
                )
                for language in LANGUAGES
            }
            if action != "preview":
                keep(policy, kind, stands, request)
                messages.success(request, _("文面を保存しました。"))
                return redirect(request.path)
    else:
        initial: dict[str, str] = {}
        for language, text in stands.items():
            initial |= {f"subject_{language}": text.subject, f"body_{language}": text.body}
        form = TextForm(initial=initial)
    phrases = Phrases(policy)
    context = {
        "place": "entry",
        "policy": policy,
        "year": phrases.year(policy.fiscal_year),
        "kind": kind,
        "kind_name": Kind(kind).label,
        "told": TOLD[Kind(kind)],
        "form": form,
        "is_own": any((policy.ward_id, kind, language) in texts for language in LANGUAGES),
        "placeholders": [(f"{{{name}}}", STANDS_FOR[name]) for name in PLACEHOLDERS],
        "previews": [] if form.errors else previews(policy, kind, stands),
        "is_preview": request.method == "POST" and not form.errors,
    }
    return render(request, "kpis/reminder_text.html", context, status=400 if form.errors else 200)


def previews(policy: Policy, kind: str, texts: dict[str, Text]) -> list[dict[str, str]]:
    """Subject and body as they would read, for a section of the policy or one made up for it."""
    sheet = specimen(policy, kind)
    today = timezone.localdate()
    shown = []
    for language, text in texts.items():
        with translation.override(language):
            values = reminders.values(reminders.Item(sheet, kind), today)
            shown.append(
                {
                    "language": language,
                    "subject": one_line(fill(text.subject, values)),
                    "body": fill(text.body, values),
                }
            )
    return shown


def specimen(policy: Policy, kind: str) -> SectionSheet:
    """A sheet to which this letter could go; where there is none, one with made-up counts."""
    period = policy.periods.filter(state=Period.State.OPEN).order_by("starts").first()
    period = period or policy.periods.order_by("starts").last()
    if period is not None:
        for sheet in sheets_in([period], {policy.pk: policy}):
            if sheet.section_id and reminders.Item(sheet, kind).count:
                return sheet
    else:
        period = Period(policy=policy, key="H1", starts=date(policy.fiscal_year, 4, 1))
        period.ends = date(policy.fiscal_year, 9, 30)
    sheet = SectionSheet(policy, period, 0, _("○○課"), due=12, entered=8)
    sheet.states.update({State.DRAFT: 2, State.RETURNED: 1, State.SUBMITTED: 5})
    return sheet


@transaction.atomic
def keep(policy: Policy, kind: str, texts: dict[str, Text], request) -> None:
    """Keep a ward's own wording, with a line of history; what equals the default is not kept."""
    rows = ReminderText.objects.select_for_update().filter(ward=policy.ward_id, kind=kind)
    standing = {row.language: row for row in rows}
    before, after = {}, {}
    for language, text in texts.items():
        row = standing.get(language)
        was = Text(row.subject, row.body) if row else DEFAULTS[kind, language]
        for part in ("subject", "body"):
            name = f"reminder_{part}_{language}"
            before[name], after[name] = getattr(was, part), getattr(text, part)
        if text == DEFAULTS[kind, language]:
            rows.filter(language=language).delete()
        elif text != was:
            ReminderText.objects.update_or_create(
                ward=policy.ward,
                kind=kind,
                language=language,
                defaults={"subject": text.subject, "body": text.body},
            )
    remember(policy, before, after, by=request.user, reason=str(Kind(kind).label))


def remember(policy: Policy, before, after, *, by, reason: str = "") -> None:
    """A line of history of what changed in a ward's reminders; none where nothing did."""
    changed = {name: [before[name], after[name]] for name in before if before[name] != after[name]}
    if changed:
        record(
            [
                {
                    "ward_id": policy.ward_id,
                    "policy": policy,
                    "act": Change.Act.CHANGED,
                    "changed": changed,
                    "reason": reason,
                    "by": by,
                    "by_name": str(by),
                    "at": timezone.now(),
                }
            ]
        )
