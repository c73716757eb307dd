"""One cell of the sheet, saved as it is left: what the page's script sends, and what it is told.

Every answer is JSON; docs/entering.md describes it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import Http404, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from wards.prepared import PreparedObjects

from . import entering, typed
from .cells import UnreadableCell, cell_text, read_cell
from .entering import Conflict, Place, Refused
from .entry_views import NEEDED_TO_SAVE
from .models import Actual, Target
from .permissions import can_enter
from .phrases import Phrases
from .sheet import line_of
from .sheet_rows import RowTexts
from .sheet_saving import number, reason, refusal_of, told, who_saved, why_refused


class NotSaved(Exception):
    """Nothing was kept; `answer` says why."""

    def __init__(self, answer: JsonResponse):
        super().__init__()
        self.answer = answer


@require_POST
def cell(request, code: str, year: int, key: str, period: str) -> HttpResponse:
    """Keep one field of one target in a period, and answer with the row as it is now."""
    seen = Target.objects.visible_to(request.user).filter(
        policy__ward__code=code, policy__fiscal_year=year, key=key
    )
    found = seen.values_list("pk", flat=True).first()
    if found is None:
        raise Http404
    together = _with_its_totals()(found)
    target = next(each for each in together if each.pk == found)
    if not can_enter(request.user, target):
        return refused(_("この目標の実績は、所管課と区政推進課（事務局）だけが入力できます。"), 403)
    for last_try in (False, True):
        try:
            with transaction.atomic():
                places = entering.read_all(target.policy, period, together, to_save=True)
                before = {each: standing(place) for each, place in places.items()}
                keep(request, places[key])
            break
        except NotSaved as not_saved:
            return not_saved.answer
        except IntegrityError:
            # Somebody else entered the first figure in the same moment: look at it again.
            if last_try:
                raise
    texts = RowTexts(Phrases(target.policy))
    return JsonResponse(
        {
            "ok": True,
            "row": texts.row(line_of(places[key])),
            "others": [
                texts.row(line_of(place))
                for each, place in places.items()
                if each != key and before[each] != standing(place)
            ],
            "said": _("%(time)s 保存しました")
            % {"time": date_format(timezone.localtime(), "TIME_FORMAT")},
        }
    )


@lru_cache(maxsize=1)
def _with_its_totals() -> PreparedObjects:
    """A target and the totals that follow from it, with what saving and judging look at."""
    return PreparedObjects(
        Target.objects.with_owner(),
        lambda rows, target: rows.filter(Q(pk=target) | Q(linked_to=target)).order_by("order"),
        only=NEEDED_TO_SAVE,
        annotated=["owner_id"],
    )


def standing(place: Place) -> Any:
    """What a linked total stands on."""
    return {key: entering.entry_of(each) for key, each in place.yearly.items()}


def keep(request, place: Place) -> None:
    """Save the field that was sent; raises NotSaved with the answer where it stays as it is."""
    data = request.POST
    field, text = data.get("field", ""), data.get("text", "")
    if field not in typed.FIELDS or (field == "total" and not place.promise.is_sum):
        message = _("画面を開き直してから、もう一度保存してください。")
        raise NotSaved(not_taken(typed.Problem(field, message)))
    changed = {field: text}
    refusal = refusal_of(place)
    try:
        taken = typed.take(place, changed)
    except typed.Unkept as unkept:
        raise NotSaved(
            row_refused(place, refusal(place.actual)) if refusal else not_taken(*unkept.problems)
        ) from unkept
    if not entering.differences(place.actual or Actual(), taken.typed):
        return
    if refusal:
        raise NotSaved(row_refused(place, refusal(place.actual)))
    overtaken = typed.overtaken(
        place,
        changed,
        taken,
        seen_version=number(data.get("version", "")),
        as_seen=lambda name, stands: same_text(place, name, stands, data.get("was", "")),
    )
    if overtaken:
        raise NotSaved(conflict(place, field, text))
    try:
        typed.check(place, taken, sure=data.get("sure", ""))
    except typed.Unkept as unkept:
        raise NotSaved(not_taken(*unkept.problems)) from unkept
    version = place.actual.version if place.actual else 0
    try:
        entering.save(place, taken.typed, version=version, by=request.user)
    except Conflict as late:
        assert late.theirs is not None
        place.actuals[place.period.key] = late.theirs
        raise NotSaved(conflict(place, field, text)) from late


def same_text(place: Place, name: str, stands: str, was: str) -> bool:
    """Whether what stands is what the person saw, however it was written."""
    if name in ("figure", "total"):
        target = place.target
        try:
            seen = read_cell(was, measure=target.measure, unit=target.unit)
        except UnreadableCell:
            return False
        return cell_text(seen) == cell_text(
            read_cell(stands, measure=target.measure, unit=target.unit)
        )
    return stands == was.replace("\r\n", "\n")


# Answers -----------------------------------------------------------------------------------------


def refused(message: str, status: int) -> JsonResponse:
    return JsonResponse({"ok": False, "message": message}, status=status)


def not_taken(*problems: typed.Problem) -> JsonResponse:
    """422: what was typed cannot be kept, or is asked about."""
    first = problems[0]
    return JsonResponse(
        {
            "ok": False,
            "field": first.field,
            "message": " ".join(problem.message for problem in problems),
            "question": first.is_question,
            "sure": first.sure,
        },
        status=422,
    )


def row_of(place: Place) -> dict[str, Any]:
    return RowTexts(Phrases(place.target.policy)).row(line_of(place))


def row_refused(place: Place, refusal: Refused) -> JsonResponse:
    """409: closed, handed in or confirmed meanwhile."""
    answer = {
        "ok": False,
        "refused": True,
        "message": why_refused(refusal),
        "row": row_of(place),
    }
    return JsonResponse(answer, status=409)


def conflict(place: Place, field: str, text: str) -> JsonResponse:
    """409: both figures, who saved what stands, and when."""
    actual = place.actual
    assert actual is not None
    stands = typed.standing_texts(place).get(field, "")
    both = {
        "theirs": told(field, stands) or reason(field, actual),
        "mine": told(field, text),
        "by": str(actual.saved_by or _("文書の取込み")),
        "when": date_format(timezone.localtime(actual.saved_at), "SHORT_DATETIME_FORMAT")
        if actual.saved_at
        else "",
        "message": who_saved(actual),
    }
    return JsonResponse({"ok": False, "conflict": both, "row": row_of(place)}, status=409)
