"""Importing figures: revisions of targets and actuals, and what protects those already there."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from . import models
from .document_checks import check_actuals, check_revisions, targets
from .documents import Document, at, number_text, tidy_part
from .evidence import imported
from .exports import actual_document, revision_document
from .import_rows import Changed, PolicyImport, assign, changed_fields, figure_of, said

State = models.Actual.State
#: What a section has answered for: it differs, so the section's word would be overwritten.
FIGURES = ("value", "denominator", "stage", "missing", "certainty")


def import_revisions(one: PolicyImport) -> None:
    """Add the changes of targets. Those already recorded can be neither dropped nor hidden."""
    found: dict[int, dict[str, models.Revision]] = {}
    for row in models.Revision.objects.filter(target__policy=one.policy).order_by("on"):
        found.setdefault(row.target_id, {})[row.on.isoformat()] = row
    added = []
    for place, document in targets(one.document):
        target = one.targets[document["id"]]
        recorded = found.get(target.pk, {})
        mine = {
            row["on"]: (number, row) for number, row in enumerate(document.get("revisions", []))
        }
        _keep_recorded(one, place, document, {on: recorded[on] for on in recorded.keys() - mine})
        for on, (number, row) in mine.items():
            wanted = {
                "old": figure_of(row["from"]),
                "new": figure_of(row["to"]),
                "reason": row["reason"],
                **{name: row[name] for name in ("decided_by", "document_number") if name in row},
            }
            if on in recorded:
                _correct(one, at(place, "revisions", number), target, recorded[on], wanted)
                continue
            added.append(models.Revision(target=target, on=date.fromisoformat(on), **wanted))
            one.remember(
                {"value": (wanted["old"], wanted["new"]), "on": (None, on)},
                act=models.Change.Act.REVISED,
                reason=row["reason"],
                target=target,
                project_id=target.project_id,
                section_id=one.section_of(target),
            )
    models.Revision.objects.bulk_create(added)
    one.count(_("目標変更"), len(added))


def _keep_recorded(
    one: PolicyImport, place: str, document: Document, left_out: dict[str, models.Revision]
) -> None:
    """Recorded changes that the file leaves out stay, if its own values still follow from them."""
    if not left_out:
        return
    rows = [tidy_part("revision", revision_document(row)) for row in left_out.values()]
    merged = document | {"revisions": [*rows, *document.get("revisions", [])]}
    named = _("、").join(f"{row['on']} {row['from']}→{row['to']}" for row in rows)
    if any(check_revisions(merged, place)):
        message = _(
            "登録済みの目標変更（{named}）が文書にありません。revisions に書き足してください。"
        )
        one.problem(at(place, "revisions"), message.format(named=named))
    else:
        one.keep(_("目標変更"), [f"{document['id']} {named}"])


def _correct(
    one: PolicyImport,
    place: str,
    target: models.Target,
    row: models.Revision,
    wanted: dict[str, Any],
) -> None:
    changed = changed_fields(row, wanted)
    if {"old", "new"} & changed.keys() and not one.author.reason:
        message = _(
            "登録済みの目標変更（{old}→{new}）と違います。"
            "直すなら --force-reason で理由を付けてください。"
        )
        one.problem(place, message.format(old=number_text(row.old), new=number_text(row.new)))
        return
    if changed:
        assign(row, wanted)
        row.save(update_fields=list(changed))
        one.report.changes += said(f"{_('目標変更')} {target.key} {row.on}", changed)
        one.remember(
            changed,
            act=models.Change.Act.REVISED,
            target=target,
            project_id=target.project_id,
        )


# Actuals ------------------------------------------------------------------------------------------


def import_actuals(one: PolicyImport) -> None:
    """Write the entries; a submitted or confirmed one is not overwritten without a reason."""
    recorded: dict[tuple[int, int], models.Actual] = {
        (row.target_id, row.period_id): row
        for row in models.Actual.objects.select_for_update().filter(target__policy=one.policy)
    }
    by_target: dict[int, list[models.Actual]] = {}
    for row in recorded.values():
        by_target.setdefault(row.target_id, []).append(row)
    period_keys = {period.pk: period.key for period in one.periods.values()}
    added, changed_rows = [], []
    for place, document in targets(one.document):
        target = one.targets[document["id"]]
        mine = {row["period"] for row in document.get("actuals", [])}
        left = [
            row for row in by_target.get(target.pk, []) if period_keys[row.period_id] not in mine
        ]
        _keep_entries(one, place, document, left)
        for number, row in enumerate(document.get("actuals", [])):
            period = one.periods[row["period"]]
            wanted = _fields(row)
            before = recorded.get((target.pk, period.pk))
            if before is not None:
                wanted["evidence"] = imported(before.evidence, wanted["evidence"])
            _remember_why(one, row, period, before, wanted)
            changed = changed_fields(before or models.Actual(state=""), wanted)
            if before is not None and not changed:
                continue
            if not _may_write(one, at(place, "actuals", number), period, before, wanted, changed):
                continue
            if before is None:
                added.append(
                    models.Actual(
                        target=target,
                        period=period,
                        saved_by=one.author.user,
                        saved_at=timezone.now(),
                        **wanted,
                    )
                )
            else:
                assign(before, wanted)
                before.version += 1
                before.saved_by, before.saved_at = one.author.user, timezone.now()
                before.on_behalf = False
                changed_rows.append(before)
                one.report.changes += said(f"{_('実績')} {target.key} {period.key}", changed)
            if wanted["corrected_because"] == one.author.reason:
                changed.pop("corrected_because", None)  # the line itself has the reason
            one.remember(
                {name: (old or None, new) for name, (old, new) in changed.items()}
                if before is None
                else changed,
                target=target,
                period=period,
                project_id=target.project_id,
                section_id=one.section_of(target),
            )
    models.Actual.objects.bulk_create(added)
    if changed_rows:
        models.Actual.objects.bulk_update(
            changed_rows, [*_fields({}), "version", "saved_by", "saved_at", "on_behalf"]
        )
    one.count(_("実績"), len(added))


def _fields(row: Document) -> dict[str, Any]:
    own, outlook = row.get("self_assessment", {}), row.get("outlook", {})
    return {
        "value": figure_of(row.get("value")),
        "denominator": figure_of(row.get("of")),
        "stage": row.get("stage", ""),
        "missing": row.get("missing", ""),
        "certainty": row.get("certainty", models.Actual.Certainty.FINAL),
        "note": row.get("note", ""),
        "self_status": own.get("status", ""),
        "self_reason": own.get("reason", ""),
        "outlook_met": outlook.get("met"),
        "outlook_value": figure_of(outlook.get("value")),
        "cause": row.get("cause", ""),
        "remedy": row.get("remedy", ""),
        "evidence": tidy_part("actual", row).get("evidence", []),
        "state": row.get("state", State.CONFIRMED),
        "returned_because": row.get("returned_because", ""),
        "corrected_because": row.get("corrected_because", ""),
    }


def _remember_why(
    one: PolicyImport,
    row: Document,
    period: models.Period,
    before: models.Actual | None,
    wanted: dict[str, Any],
) -> None:
    """Why an entry was sent back or corrected stays where the file does not speak of it.

    A confirmed figure that is written over, or one in a closed period, is corrected by this very
    import, and its reason is the correction's.
    """
    if before is not None and "returned_because" not in row:
        open_again = wanted["state"] in (State.DRAFT, State.RETURNED)
        wanted["returned_because"] = before.returned_because if open_again else ""
    if "corrected_because" in row:
        return
    if before is not None:
        wanted["corrected_because"] = before.corrected_because
    confirmed = before is not None and before.state == State.CONFIRMED
    figures = changed_fields(
        before or models.Actual(state=""), {name: wanted[name] for name in FIGURES}
    )
    if figures and one.author.reason and (confirmed or period.key in one.closed_before):
        wanted["corrected_because"] = one.author.reason


def _keep_entries(
    one: PolicyImport, place: str, document: Document, left: list[models.Actual]
) -> None:
    """Recorded entries that the file leaves out stay, if they still fit the target."""
    if not left:
        return
    keys = {period.pk: period.key for period in one.periods.values()}
    one.keep(_("実績"), [f"{document['id']} {keys[row.period_id]}" for row in left])
    rows = [
        tidy_part("actual", actual_document(row, keys[row.period_id])) for row in left
    ] + document.get("actuals", [])
    in_time = [p.key for p in sorted(one.periods.values(), key=lambda period: period.starts)]
    for problem in check_actuals(document | {"actuals": rows}, place, in_time):
        message = _("登録済みの実績と合いません。{why}")
        one.problem(place, message.format(why=problem.message))


def _may_write(
    one: PolicyImport,
    place: str,
    period: models.Period,
    before: models.Actual | None,
    wanted: dict[str, Any],
    changed: Changed,
) -> bool:
    if one.author.reason:
        return True
    figures = [name for name in FIGURES if name in changed]
    back = "state" in changed and not (
        before is not None
        and before.state == State.SUBMITTED
        and wanted["state"] == State.CONFIRMED
    )
    if before is not None and before.state in (State.SUBMITTED, State.CONFIRMED):
        if figures:
            message = _(
                "{state}の実績（{old}）と違います（文書では {new}）。"
                "直すなら --force-reason で理由を付けてください。"
            )
            old = {name: getattr(before, name) for name in FIGURES}
            one.problem(
                place,
                message.format(
                    state=before.get_state_display(), old=_entry(old), new=_entry(wanted)
                ),
            )
            return False
        if back:
            message = _(
                "{state}の実績を前の状態に戻すなら、--force-reason で理由を付けてください。"
            )
            one.problem(place, message.format(state=before.get_state_display()))
            return False
    if period.key in one.closed_before and (before is None or figures or back):
        message = _(
            "期「{key}」は締め切られています。訂正するなら --force-reason で理由を付けてください。"
        )
        one.problem(place, message.format(key=period.key))
        return False
    return True


def _entry(fields: dict[str, Any]) -> str:
    """An entry in a few words: 275, 33/49, done, pending; a provisional one says so."""
    value, of = fields["value"], fields["denominator"]
    if isinstance(value, Decimal):
        text = number_text(value) + (f"/{number_text(of)}" if of is not None else "")
    else:
        text = fields["stage"] or fields["missing"] or _("（なし）")
    return f"{text} {fields['certainty']}" if fields["certainty"] != "final" else text
