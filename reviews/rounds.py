"""Rounds: adding one on a period that has none, and editing what a round is asked with."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from kpis.models import Period, Policy
from wards.calendar import next_working_day

from .models import Committee, Round
from .recording import record
from .round_forms import NewRoundForm, RoundForm
from .together import hold, pairs, stored_in

#: Until its comments are in, a round's due date and note may change; its grades before it opens.
EDITABLE = (Round.State.PREPARING, Round.State.OPEN)


def periods_without(committee: Committee) -> list[Period]:
    """Periods of the ward's policies that have no round, the latest first."""
    rows = Period.objects.filter(policy__ward=committee.ward_id, round__isnull=True)
    rows = rows.filter(policy__state=Policy.State.IN_FORCE)
    return list(rows.select_related("policy__ward").order_by("-starts", "-ends"))


def on_a_working_day(due: date | None) -> date | None:
    return next_working_day(due) if due else None


def add_round(committee: Committee, form: NewRoundForm, *, by: Any) -> Round:
    """Raises ValidationError where the period has a round by now, or is due before it starts."""
    typed = form.cleaned_data
    period = Period.objects.select_related("policy").get(pk=typed["period"])
    due = on_a_working_day(typed["due"])
    _due_after_start(due, period)
    try:
        with transaction.atomic():
            round = Round.objects.create(
                committee=committee,
                policy=period.policy,
                period=period,
                due=due,
                note=typed["note"],
                asks_grade=typed["asks_grade"],
                grades=typed["grades"] if typed["asks_grade"] else [],
            )
            record(
                "round_added",
                ward_id=committee.ward_id,
                by=by,
                round=round,
                changed={"due": [None, due], "note": [None, round.note or None]},
            )
    except IntegrityError as error:
        raise ValidationError(
            {"period": gettext("この期の回は、ほかの人が先に作りました。一覧で確かめてください。")}
        ) from error
    return round


@transaction.atomic
def edit_round(round: Round, form: RoundForm, *, by: Any) -> bool | None:
    """Whether something changed; None where another changed the same (the form shows both).

    Raises ValidationError where the round went on meanwhile.
    """
    row = hold(Round.objects.select_related("policy", "period"), round.pk)
    if row.state not in EDITABLE:
        raise ValidationError(gettext("受付が終わったので、締切とことばは変えられません。"))
    if "grades" in form.fields and row.state != Round.State.PREPARING:
        raise ValidationError(
            gettext("受付が始まったので、評価の段階は変えられません。画面を開き直してください。")
        )
    stored = stored_in(row, *form.fields)
    if "due" in form.cleaned_data:
        form.cleaned_data["due"] = on_a_working_day(form.cleaned_data["due"])
        _due_after_start(form.cleaned_data["due"], row.period)
        if row.state == Round.State.OPEN and form.cleaned_data["due"] is None:
            raise ValidationError({"due": gettext("受付中の回には、締切が要ります。")})
    write = form.changes(stored)
    if not write:
        transaction.set_rollback(True)
        return None if write is None else False
    Round.objects.filter(pk=row.pk).update(**write)
    record(
        "round_edited",
        ward_id=row.policy.ward_id,
        by=by,
        round=row,
        changed=pairs(stored, write),
    )
    return True


def _due_after_start(due: date | None, period: Period) -> None:
    if due and due < period.starts:
        raise ValidationError(
            {"due": gettext("締切は、評価する期の始まりよりあとの日にしてください。")}
        )
