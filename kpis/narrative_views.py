"""The page on which a section writes a project's account for a period, and hands it in."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from wards.models import Section
from wards.permissions import access_of

from . import history, narratives, workflow
from .entering import Closed, Confirmed, Conflict, Refused
from .entry_views import entry_list_url
from .forms import TextField
from .models import Change, Narrative, Project
from .narratives import FIELDS, Led, NarrativePlace
from .permissions import can_write, works_on
from .phrases import Phrases
from .workflow import MOVES, MoveRefused

LONGEST = 5000
#: The field that makes a save a correction.
CORRECTION = "correction_reason"

#: Why a move was not made.
WHY = {
    "not_allowed": gettext_lazy("この操作は、主管課の担当者・課長か区政推進課が行います。"),
    "no_entry": gettext_lazy("まだ何も書かれていません。"),
    "no_reason": gettext_lazy("差戻しの理由を入力してください。"),
    "stale": gettext_lazy("画面を開いたあとに変わりました。内容を確かめてください。"),
    "closed": gettext_lazy("期が締め切られています。"),
    "not_from": gettext_lazy("いまの状態からは、この操作はできません。"),
    "overtaken": gettext_lazy(
        "同じときに、ほかの人が操作しました。いまの状態を確かめて、もう一度押してください。"
    ),
}
DONE = {
    "submit": gettext_lazy("説明を提出しました。"),
    "take_back": gettext_lazy("説明を下書きに戻しました。"),
    "confirm": gettext_lazy("説明を確認しました。"),
    "return": gettext_lazy("説明を差し戻しました。"),
}


def story_field(label, help_text="") -> TextField:
    return TextField(
        label=label,
        help_text=help_text,
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea({"class": "textarea", "rows": 5}),
    )


class NarrativeForm(forms.Form):
    """Three texts. The names are those of the project page."""

    done = story_field(gettext_lazy("取り組んだこと"))
    obstacles = story_field(gettext_lazy("見えてきた課題"))
    next = story_field(gettext_lazy("今後の予定"))
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, data=None, *, place: NarrativePlace, correcting: bool = False) -> None:
        stands = place.narrative
        initial: dict[str, Any] = {name: getattr(stands, name, "") for name in FIELDS}
        super().__init__(data, initial=initial | {"version": stands.version if stands else 0})
        if correcting:
            self.fields[CORRECTION] = story_field(_("訂正の理由"))
            self.fields[CORRECTION].required = True
            self.fields[CORRECTION].widget.attrs["rows"] = 2
            self.fields[CORRECTION].error_messages["required"] = _("訂正の理由を入力してください。")
        self.fields["version"].error_messages |= dict.fromkeys(
            ("required", "invalid", "min_value"),
            _("画面を開き直してから、もう一度保存してください。"),
        )

    @property
    def typed(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in FIELDS}

    @property
    def texts(self):
        return [self[name] for name in FIELDS]

    @property
    def in_order(self):
        return [*self.texts, *([self[CORRECTION]] if CORRECTION in self.fields else [])]

    @property
    def problems(self):
        return [(field, field.errors) for field in self if field.errors]

    def rest_on(self, version: int) -> None:
        """Show the form again as typed, but on another version: saving it now is a choice."""
        self.data = {**self.data.dict(), "version": str(version)}  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
def narrative(request, code: str, year: int, key: str, period: str):
    """What was done, what stood in the way, what comes next: of one project in one period."""
    project = get_object_or_404(
        Project.objects.visible_to(request.user).select_related("policy__ward", "pillar"),
        policy__ward__code=code,
        policy__fiscal_year=year,
        key=key,
    )
    (led,) = narratives.led_projects([project], project.policy)
    if not can_write(request.user, led):
        raise PermissionDenied(
            _("この事業の説明は、所管課と区政推進課（事務局）だけが入力できます。")
        )
    if request.method != "POST":
        place = narratives.read(led, period)
        return show(request, place, blank_form(request.user, place))
    action = request.POST.get("action", "")
    place, form, refused = keep(request, led, period, action if action in DONE else "")
    if isinstance(refused, MoveRefused):
        return show(
            request,
            place,
            form,
            status=409,
            move_refused=WHY[refused.why],
            reason_missing=refused.why == "no_reason",
            reason=request.POST.get("reason", "")[:2000],
        )
    if isinstance(refused, Conflict):
        return show_conflict(request, place, form, refused)
    if refused:
        return show_kept(request, place, form, refused)
    if form.errors:
        return show(request, place, form)
    if action in DONE:
        messages.success(request, str(DONE[action]))
    elif place.narrative or any(form.typed.values()):
        messages.success(request, _("説明を保存しました。"))
    else:
        messages.info(request, _("入力がないため、保存していません。"))
    return redirect(request.path)


def blank_form(user, place: NarrativePlace) -> NarrativeForm:
    return NarrativeForm(place=place, correcting=workflow.may_correct_narrative(user, place))


def keep(request, led: Led, period: str, action: str):
    """Save what was posted and make the move that was asked for: both, or neither.

    Gives the place, the form, and why it was refused, or None.
    """
    try:
        with transaction.atomic():
            place = narratives.read(led, period, to_save=True)
            correcting = CORRECTION in request.POST and workflow.may_correct_narrative(
                request.user, place
            )
            if action and not set(FIELDS) & set(request.POST):
                form = blank_form(request.user, place)
                _move(request, place, action)
                return place, form, None
            form = NarrativeForm(request.POST, place=place, correcting=correcting)
            if place.refusal and not correcting:
                return place, form, place.refusal(place.narrative)
            if not form.is_valid():
                return place, form, None
            version = form.cleaned_data["version"]
            if correcting:
                corrected = workflow.correct_narrative(
                    place,
                    form.typed,
                    version=version,
                    reason=form.cleaned_data[CORRECTION],
                    by=request.user,
                )
                if not corrected:
                    form.add_error(
                        CORRECTION,
                        _("変わったところがありません。訂正する内容を入力してください。"),
                    )
                return place, form, None
            saved = narratives.save(place, form.typed, version=version, by=request.user)
            if action:
                if saved:
                    place = narratives.read(led, period)
                _move(request, place, action, seen=None if saved else version)
            return place, form, None
    except (Refused, MoveRefused) as refused:
        return place, form, refused
    except IntegrityError:
        # Somebody else wrote the first account in the same moment: look at it again.
        place = narratives.read(led, period)
        form = NarrativeForm(request.POST, place=place)
        if place.narrative is None:
            raise
        if form.is_valid() and narratives.differences(place.narrative, form.typed):
            return place, form, Conflict(place.narrative)
        return place, form, MoveRefused("overtaken") if action else None


def _move(request, place: NarrativePlace, action: str, seen: int | None = None) -> None:
    """Move what this person sees: what was saved just now, else what stood on their page."""
    stands = place.narrative.version if place.narrative else 0
    typed = request.POST.get("version", "")
    if seen is None:
        saved_now = bool(set(FIELDS) & set(request.POST))
        seen = stands if saved_now else int(typed) if typed.isdecimal() and len(typed) < 10 else 0
    reason = request.POST.get("reason", "").replace("\r\n", "\n").replace("\x00", "")[:2000]
    workflow.move_narrative(action, place, version=seen, by=request.user, reason=reason)


# The page -----------------------------------------------------------------------------------------


def show(request, place: NarrativePlace, form, status: int = 200, **more) -> HttpResponse:
    led, policy, narrative = place.led, place.led.policy, place.narrative
    phrases = Phrases(policy)
    sections = Section.objects.in_bulk(led.section_ids)
    state = narrative.state if narrative and narrative.has_text else ""
    before = place.before
    offered = {
        action
        for action in DONE
        if state in MOVES[action].before(place.period)
        and MOVES[action].allowed(request.user, led, place.period)
    }
    may_submit = place.period.is_open and MOVES["submit"].allowed(request.user, led, place.period)
    context = {
        "place": "entry",
        "policy": policy,
        "project": led.project,
        "sections": [sections[each].name for each in led.section_ids if each in sections],
        "lead": sections[led.owner_id].name if led.owner_id in sections else "",
        "period": place.period,
        "period_name": phrases.period(place.period.starts, place.period.ends),
        "due": phrases.short_day(place.period.due) if place.period.due else "",
        "year": phrases.year(policy.fiscal_year),
        "periods": [
            {
                "url": reverse(
                    "kpis:narrative",
                    args=[policy.ward.code, policy.fiscal_year, led.project.key, each.key],
                ),
                **phrases.period_in_two(each.starts, each.ends),
                "current": each == place.period,
            }
            for each in place.periods
        ],
        "form": form,
        "actual": narrative,
        "narrative": narrative,
        "before": before,
        "before_name": phrases.period(before.period.starts, before.period.ends) if before else "",
        "in_japanese": phrases.in_japanese,
        "read_only": place.refusal is not None,
        "correctable": workflow.may_correct_narrative(request.user, place),
        "on_behalf": not works_on(request.user, led),
        "offered": offered,
        "may_submit": may_submit,
        "history": _history(request.user, place, phrases),
        "list_url": sheet_beside(request.user, place),
        "project_url": reverse(
            "kpis:project", args=[policy.ward.code, policy.fiscal_year, led.project.key]
        ),
        **more,
    }
    return render(request, "kpis/narrative.html", context, status=status)


def sheet_beside(user, place: NarrativePlace) -> str:
    """The sheet from which this person came: that of their own section, else of the first."""
    led, policy = place.led, place.led.policy
    mine = [each for each in led.section_ids if access_of(user).works_for(each)]
    section = next(iter(mine), led.owner_id) or ""
    return entry_list_url(
        policy.ward.code, policy.fiscal_year, period=place.period.key, section=str(section)
    )


def _history(user, place: NarrativePlace, phrases: Phrases) -> list[history.Line]:
    """The newest ten lines about this account."""
    words = history.Words(phrases, {})
    rows = (
        Change.objects.visible_to(user)
        .filter(project=place.led.project, target=None, period=place.period)
        .order_by("-id")
        .values_list("at", "by_name", "act", "changed", "reason", "on_behalf")[:10]
    )
    return [
        words.line(at, by_name, act, changed, reason, on_behalf, "", place.period.key)
        for at, by_name, act, changed, reason, on_behalf in rows
    ]


def show_conflict(request, place: NarrativePlace, form, refused: Conflict) -> HttpResponse:
    """Both texts side by side; saving again keeps one's own, knowingly."""
    theirs: Narrative = refused.theirs
    form.rest_on(theirs.version)
    changed = narratives.differences(theirs, form.typed)
    return show(
        request,
        place,
        form,
        status=409,
        conflict={
            "by": theirs.saved_by or _("文書の取込み"),
            "at": theirs.saved_at,
            "state": theirs.get_state_display(),
            "rows": [
                {
                    "label": form.fields[name].label,
                    "theirs": getattr(theirs, name) or _("（空）"),
                    "mine": form.typed[name] or _("（空）"),
                }
                for name in changed
            ],
        },
    )


def show_kept(request, place: NarrativePlace, form, refused: Refused) -> HttpResponse:
    """Nothing can be saved any more: what was typed stays on the screen, to be copied."""
    why = {
        Closed: _("この期は締め切られました。入力した内容は保存していません。"),
        Confirmed: _("この説明は確認が済んでいます。入力した内容は保存していません。"),
    }[type(refused)]
    typed = [(each.label, str(each.value() or "")) for each in form.in_order if each.value()]
    form = blank_form(request.user, place)
    return show(request, place, form, status=409, kept=typed, kept_because=why)
