"""The page on which a section enters one target's figure for one period."""

from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Field
from django.forms import BoundField
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from wards.models import Section

from . import entering, evidence, workflow
from .achievement import Result, explain, explain_pace
from .entering import Closed, Confirmed, Conflict, Place
from .entry_rules import BEHIND
from .evidence_forms import EvidenceForm
from .evidence_store import Store
from .forms import EntryForm, sentence
from .models import Actual, Change, Period, Policy, Proposal, Revision, Target
from .permissions import can_enter, enters_on_behalf
from .phrases import Phrases
from .sheet import sheet_url
from .wording import grouped

#: Fields whose changes the history on this page tells; an import may record others.
SHOWN = {*entering.FIELDS, entering.EVIDENCE, "state"}

#: What saving reads of a target: what the maths looks at, and none of the texts. A save that is
#: refused reads those one by one for the page that says so.
NEEDED_TO_SAVE = (
    "key",
    "label",
    "measure",
    "accumulation",
    "direction",
    "value",
    "denominator",
    "unit",
    "cumulative",
    "baseline",
    "section",
    "linked_to",
    "ongoing",
    "starts_month",
    "ends_month",
    "nature",
    "plan",
    "status",
    "status_on",
    "policy__ward__code",
    "policy__fiscal_year",
    "policy__grades",
    "project__status",
    "project__status_on",
)

#: Acts that write what stands in an entry.
SAVES = {Change.Act.ENTERED, Change.Act.CHANGED, Change.Act.CORRECTED, Change.Act.IMPORTED}

#: The field that makes a save a correction.
CORRECTION = "correction_reason"

#: What can be wanted after a save, and the button that says so.
NEXT = "next"


@require_http_methods(["GET", "HEAD", "POST"])
def entry(request, code: str, year: int, key: str, period: str):
    """One target in one period: what stands there, what it is worth, and the form to change it."""
    saving = request.method == "POST"
    targets = _targets(needed_to_save=saving).visible_to(request.user)
    target = get_object_or_404(targets, policy__ward__code=code, policy__fiscal_year=year, key=key)
    if not can_enter(request.user, target):
        raise PermissionDenied(
            _("この目標の実績は、所管課と区政推進課（事務局）だけが入力できます。")
        )
    if not saving:
        place = entering.read(target, period)
        return show(request, place, blank_form(request.user, place))
    place, form, refused = keep(request, target, period)
    if isinstance(refused, Conflict):
        return show_conflict(request, place, form, refused)
    if refused:
        return show_kept(request, place, form, refused)
    if form.errors or form.brought.errors:
        return show(request, place, form)
    if place.actual is None and not entering.differences(Actual(), form.typed):
        messages.info(request, nothing_typed(place))
    elif NEXT in request.POST:
        messages.success(request, what_was_saved(place, form))
    if NEXT in request.POST:
        return redirect(entry_list_url(code, year, period=period, after=key))
    # The page that follows says so, and what the target is worth now.
    return redirect(f"{request.path}?saved")


@lru_cache(maxsize=2)
def _targets(*, needed_to_save: bool) -> Any:
    """Targets with all that the page says of them; which columns is worked out once."""
    targets = Target.objects.select_related("policy__ward", "project")
    return targets.only(*NEEDED_TO_SAVE) if needed_to_save else targets


def entry_list_url(code: str, year: int, **choices: str) -> str:
    return f"{reverse('kpis:entry_list', args=[code, year])}?{urlencode(choices)}"


def sheet_of(place: Place) -> str:
    """The sheet that the target stands on; of a target that no section enters, the overview."""
    policy, section = place.target.policy, place.target.owner_id
    if section:
        return sheet_url(policy, section, place.period.key)
    return entry_list_url(policy.ward.code, policy.fiscal_year, period=place.period.key)


def blank_form(user, place: Place) -> EntryForm:
    """What stands, to be changed; where it can only be corrected, with a field for the reason."""
    return EntryForm(place=place, correcting=workflow.may_correct(user, place))


def keep(request, target: Target, period: str):
    """Save what was posted, if it can be: the place and form, and why it was refused, or None.

    Files lie in the folder before the database is asked, so that nobody waits for a disk; those
    that it does not come to know of are taken away again.
    """
    with Store() as store:
        brought = EvidenceForm(request.POST, request.FILES)
        brought.write(store)
        place, form, refused = _keep(request, target, period, brought)
        if not (refused or form.errors or brought.errors):
            store.keep(brought.recorded)
    return place, form, refused


def _keep(request, target: Target, period: str, brought: EvidenceForm):
    try:
        with transaction.atomic():
            place = entering.read(target, period, to_save=True)
            # Who typed a figure and was overtaken by a closing or a confirmation corrects nothing.
            correcting = CORRECTION in request.POST and workflow.may_correct(request.user, place)
            form = EntryForm(request.POST, place=place, correcting=correcting, brought=brought)
            if place.refusal and not correcting:
                return place, form, place.refusal(place.actual)
            brought.check_room()
            if not form.is_valid() or brought.errors:
                return place, form, None
            brought.record(place, by=request.user)
            if correcting:
                correct(request.user, place, form)
            else:
                entering.save(place, form.typed, version=form.seen_version, by=request.user)
            return place, form, None
    except entering.Refused as refused:
        return place, form, refused
    except IntegrityError:
        # Somebody else entered the first figure in the same moment: look at it again.
        place = entering.read(target, period)
        form = EntryForm(request.POST, place=place, brought=brought)
        theirs = place.actual
        if theirs is None:
            raise
        if form.is_valid() and entering.differences(theirs, form.typed):
            return place, form, Conflict(theirs)
        return place, form, None


def correct(user, place: Place, form: EntryForm) -> None:
    corrected = workflow.correct(
        place,
        form.typed,
        version=form.seen_version,
        reason=form.cleaned_data[CORRECTION],
        by=user,
    )
    if not corrected:
        form.add_error(
            CORRECTION, _("変わったところがありません。訂正する内容を入力してください。")
        )


def nothing_typed(place: Place) -> str:
    """The message where an empty form was saved on an entry that is not there yet."""
    return _("「%(label)s」は入力がないため、保存していません。") % {"label": place.target.label}


def what_was_saved(place: Place, form: EntryForm) -> str:
    """The message on the next target's page: what this one is worth now."""
    result = place.result(form.entry)
    phrases = Phrases(place.target.policy)
    words = {
        "label": place.target.label,
        "status": phrases.status(result),
        "rate": phrases.rate(result),
    }
    if result.rate is None:
        return _("「%(label)s」を保存しました。状況は「%(status)s」です。") % words
    return _("「%(label)s」を保存しました。達成率%(rate)s、状況は「%(status)s」です。") % words


def show(request, place: Place, form: EntryForm, status: int = 200, **more) -> HttpResponse:
    """The page as it is; with a form that was posted and refused, what was typed."""
    target, policy = place.target, place.target.policy
    phrases = Phrases(policy)
    result = place.result()
    context = {
        "place": "entry",
        "policy": policy,
        "target": target,
        "section": Section.objects.filter(pk=target.owner_id or 0).first() or "",
        "project": target.project,
        "period": place.period,
        "period_name": phrases.period(place.period.starts, place.period.ends),
        "due": phrases.short_day(place.period.due) if place.period.due else "",
        "year": phrases.year(policy.fiscal_year),
        "worth": worth(place, result, phrases),
        "so_far": [told(place, each, phrases) for each in place.others],
        "before": told(place, place.period_before, phrases) if place.period_before else None,
        "form": form,
        "evidence": [
            evidence.shown(item, f"{policy.get_absolute_url()}evidence/")
            for item in (place.actual.evidence if place.actual else [])
        ],
        "actual": place.actual,
        "just_saved": "saved" in request.GET
        and place.actual is not None
        and place.actual.saved_by_id == request.user.pk,
        "stands": in_words(place.actual, target.unit, phrases) if place.actual else "",
        "read_only": place.refusal is not None,
        "correctable": workflow.may_correct(request.user, place),
        "before_submission": before_submission(place, result),
        "is_behind": result.status in BEHIND,
        "on_behalf": enters_on_behalf(request.user, target),
        "history": history(request.user, place, phrases),
        "revisions": revised(place, phrases),
        "change_url": change_url(request.user, target),
        "waiting": Proposal.objects.filter(target=target, state=Proposal.State.OPEN).first(),
        "list_url": sheet_of(place),
        **more,
    }
    return render(request, "kpis/entry.html", context, status=status)


def before_submission(place: Place, result: Result) -> list[tuple[str, str]]:
    """What has still to be written before this can be submitted: the field, and the sentence."""
    remarks = workflow.before_submission(place.actual, result, place.period)
    return [(f"id_{remark.about}", sentence(remark)) for remark in remarks]


def revised(place: Place, phrases: Phrases) -> list[dict[str, str]]:
    """Every change of the target's value, the newest first, with who decided."""
    if place.target.is_milestone:
        return []
    unit = place.target.unit
    return [
        {
            "old": phrases.amount(made.old, ""),
            "new": phrases.amount(made.new, unit),
            "on": phrases.day(made.on),
            "reason": made.reason,
            "decided": "　".join(part for part in (made.decided_by, made.document_number) if part),
        }
        for made in Revision.objects.filter(target=place.target).order_by("-on")
    ]


def change_url(user, target: Target) -> str:
    """Where this person asks for a change of the target; empty in a policy not yet in force."""
    policy = target.policy
    if policy.state != Policy.State.IN_FORCE:
        return ""
    return reverse("kpis:target_change", args=[policy.ward.code, policy.fiscal_year, target.key])


def history(user, place: Place, phrases: Phrases) -> list[dict]:
    """The newest ten lines, each with what changed in words."""
    changes = Change.objects.visible_to(user).filter(target=place.target, period=place.period)
    return [
        {
            "change": change,
            "lines": [
                _("%(field)s：%(old)s → %(new)s")
                % {
                    "field": _("状態") if name == "state" else column(name).verbose_name,
                    "old": said(old, name, place, phrases),
                    "new": said(new, name, place, phrases),
                }
                for name, (old, new) in change.changed.items()
                if name in SHOWN
            ],
        }
        for change in changes.order_by("-id")[:10]
    ]


def show_conflict(request, place: Place, form: EntryForm, refused: Conflict) -> HttpResponse:
    """Both figures side by side; saving again keeps one's own, knowingly."""
    theirs = refused.theirs
    assert theirs is not None
    form.rest_on(theirs.version)
    phrases = Phrases(place.target.policy)
    # The line after the last save, by its place in the chain: clocks may be set back.
    told = Change.objects.filter(
        target=place.target, period=place.period, act__in=SAVES | {Change.Act.MOVED}
    )
    last = told.order_by("-id").first()
    moved = last if last and last.act == Change.Act.MOVED else None
    return show(
        request,
        place,
        form,
        status=409,
        conflict={
            "by": theirs.saved_by or _("文書の取込み"),
            "at": theirs.saved_at,
            "moved": moved,
            "state": theirs.get_state_display(),
            "rows": [
                {
                    "label": form.fields[name].label if name in form.fields else "",
                    "theirs": said(getattr(theirs, name), name, place, phrases),
                    "mine": said(form.typed[name], name, place, phrases),
                }
                for name in entering.differences(theirs, form.typed)
                if name != entering.EVIDENCE
            ],
        },
    )


def show_kept(request, place: Place, form: EntryForm, refused: entering.Refused) -> HttpResponse:
    """Nothing can be saved any more: what was typed stays on the screen, to be copied."""
    why = {
        Closed: _("この期は締め切られました。入力した内容は保存していません。"),
        Confirmed: _("この実績は確認が済んでいます。入力した内容は保存していません。"),
    }[type(refused)]
    typed = [(field.label, text) for field in form.in_order if (text := field_text(field))]
    typed += form.brought.kept
    form = blank_form(request.user, place)
    return show(request, place, form, status=409, kept=typed, kept_because=why)


def field_text(field: BoundField) -> str:
    """What was typed or chosen in a field, as it stood on the screen; "" for nothing."""
    value = str(field.value() or "").strip()
    choices = dict(getattr(field.field, "choices", ()))
    return str(choices.get(value, value)) if value else ""


def said(value, name: str, place: Place, phrases: Phrases) -> str:
    """One field's content in words."""
    if value is None or value in ("", []):
        return _("（空）")
    if name == entering.EVIDENCE:
        return _("、").join(str(each.get("title") or each.get("url")) for each in value)
    if isinstance(value, bool):
        return _("届く") if value else _("届かない")
    if name in ("value", "denominator", "outlook_value"):
        return phrases.amount(Decimal(value), place.target.unit)
    return str(dict(column(name).flatchoices).get(value, value))


def column(name: str) -> Field:
    """A field of an entry, for its name and its choices."""
    field = Actual._meta.get_field(name)
    assert isinstance(field, Field)
    return field


def worth(place: Place, result: Result, phrases: Phrases) -> dict:
    """What the target is worth at the end of this period, with the sum to work it out again."""
    target, promise = place.target, place.promise
    unit = target.unit
    linked = place.follows
    own = place.actual.value if place.actual else None
    return {
        "status": result.status,
        "name": phrases.status(result),
        "rate": phrases.rate(result),
        "has_rate": result.rate is not None,
        "to_date": phrases.actual(result, unit),
        "target": phrases.goal(promise, result, unit) if not target.is_milestone else "",
        "gone": phrases.given_up(
            promise,
            result,
            place.period.ends,
            reasons=(target.project.status_reason, target.status_reason),
        ),
        "stage": phrases.stage(result),
        "expected": None if result.expected is None else phrases.amount(result.expected, unit),
        "formula": explain(result, promise, unit, phrases.lang),
        "pace_formula": explain_pace(result, promise, unit, phrases.lang)
        if result.pace is not None
        else "",
        "incomplete": result.incomplete,
        "differs": {"own": grouped(own), "linked": grouped(linked), "unit": unit}
        if linked is not None and own is not None and own != linked
        else None,
    }


def told(place: Place, period: Period, phrases: Phrases) -> dict:
    """Another period's figure and note in words."""
    actual = place.actuals[period.key]
    return {
        "name": phrases.period(period.starts, period.ends),
        "said": in_words(actual, place.target.unit, phrases),
        "note": actual.note,
        "state": actual,
    }


def in_words(actual: Actual, unit: str, phrases: Phrases) -> str:
    """275回（見込）, 実施中, 集計中; of a ratio with a reported whole: 30校中14校."""
    if actual.value is not None:
        text = phrases.amount(actual.value, unit)
        if actual.denominator is not None:
            whole = phrases.amount(actual.denominator, unit)
            text = _("%(whole)s中%(part)s") % {"whole": whole, "part": text}
    elif actual.stage:
        text = actual.get_stage_display()
    else:
        return actual.get_missing_display() if actual.missing else ""
    return text + _("（見込）") if actual.certainty == Actual.Certainty.PROVISIONAL else text
