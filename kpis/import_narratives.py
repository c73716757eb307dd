"""Importing the accounts of projects: as with figures, no state goes back without a reason."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from . import models
from .document_checks import projects
from .documents import Document, at
from .import_rows import PolicyImport, assign, changed_fields, said
from .narratives import FIELDS

State = models.Actual.State


def import_narratives(one: PolicyImport) -> None:
    """Create or update the accounts, each with a line of history; those not named stay."""
    recorded = {
        (row.project_id, row.period_id): row
        for row in models.Narrative.objects.select_for_update().filter(project__policy=one.policy)
    }
    first_sections = _first_sections(one)
    added, changed_rows, named = [], [], set()
    for place, document in projects(one.document):
        project = one.projects[document["id"]]
        for number, row in enumerate(document.get("narratives", [])):
            period = one.periods[row["period"]]
            named.add((project.pk, period.pk))
            before = recorded.get((project.pk, period.pk))
            wanted = _fields(row)
            changed = changed_fields(before or models.Narrative(state=""), wanted)
            if before is not None and not changed:
                continue
            if before is not None and _goes_back(before, wanted) and not one.author.reason:
                message = _(
                    "{state}の説明を前の状態に戻すなら、--force-reason で理由を付けてください。"
                )
                where = at(place, "narratives", number)
                one.problem(where, message.format(state=before.get_state_display()))
                continue
            saved = {"saved_by": one.author.user, "saved_at": timezone.now()}
            if before is None:
                added.append(models.Narrative(project=project, period=period, **wanted, **saved))
            else:
                assign(before, wanted | saved | {"on_behalf": False})
                before.version += 1
                changed_rows.append(before)
                what = f"{_('進捗の説明')} {project.key} {period.key}"
                one.report.changes += said(what, changed)
            one.remember(
                {name: (old or None, new) for name, (old, new) in changed.items()},
                project=project,
                period=period,
                section_id=first_sections.get(project.pk),
            )
    models.Narrative.objects.bulk_create(added)
    if changed_rows:
        columns = [*FIELDS, "state", "version", "saved_by", "saved_at", "on_behalf"]
        models.Narrative.objects.bulk_update(changed_rows, columns)
    one.count(_("進捗の説明"), len(added))
    keys = {row.pk: row.key for row in one.projects.values()}
    periods = {row.pk: row.key for row in one.periods.values()}
    left = [where for where in recorded if where not in named]
    one.keep(_("進捗の説明"), [f"{keys[project]} {periods[period]}" for project, period in left])


def _fields(row: Document) -> dict[str, Any]:
    texts = {name: row.get(name, "") for name in FIELDS}
    return texts | {"state": row.get("state", State.CONFIRMED)}


def _goes_back(before: models.Narrative, wanted: dict[str, Any]) -> bool:
    """From submitted or confirmed to what is neither it nor confirmed."""
    handed_in = before.state in (State.SUBMITTED, State.CONFIRMED)
    return handed_in and wanted["state"] not in (before.state, State.CONFIRMED)


def _first_sections(one: PolicyImport) -> dict[int, int]:
    rows = models.ProjectSection.objects.filter(project__policy=one.policy)
    # The first of a project comes last and stays.
    return dict(rows.order_by("-order", "-id").values_list("project_id", "section_id"))
