"""Importing what a policy says: sections, pillars, projects, initiatives, targets, headings."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from wards.models import Section, Ward

from . import models
from .document_checks import initiatives, pillars, projects, targets
from .documents import Document, at, number_text, tidy_part
from .exports import organisation_document
from .import_rows import (
    NAMES,
    Changed,
    PolicyImport,
    above,
    assign,
    brief,
    changed_fields,
    figure_of,
    said,
    standing,
)

#: What a target is judged by: nobody changes it unseen once the policy is in force.
PLEDGE = (
    "measure",
    "accumulation",
    "direction",
    "value",
    "denominator",
    "cumulative",
    "baseline",
)


def import_sections(one: PolicyImport, ward: Ward) -> None:
    """Sections named anywhere; one that the ward does not have yet is added to it."""
    rows = {row["name"]: row for row in one.document.get("sections", [])}
    names = dict.fromkeys(rows)
    for _place, project in projects(one.document):
        names |= dict.fromkeys(project.get("sections", []))
    for _place, target in targets(one.document):
        if target.get("section"):
            names[target["section"]] = None
    one.sections = {section.name: section for section in ward.sections.all()}
    last = max((section.order for section in one.sections.values()), default=-1)
    missing = [name for name in names if name not in one.sections]
    for section in Section.objects.bulk_create(
        Section(
            ward=ward,
            name=name,
            department=rows.get(name, {}).get("department", ""),
            order=last + number,
        )
        for number, name in enumerate(missing, 1)
    ):
        one.sections[section.name] = section
    one.count(_("課"), len(missing))
    _move_sections(one, ward, rows)
    existing = {row.section_id: row for row in one.policy.policy_sections.all()}
    wanted: dict[int, dict[str, Any]] = {
        one.sections[name].pk: {
            "department": row.get("department", ""),
            "goal": row.get("goal", ""),
            "order": number,
        }
        for number, (name, row) in enumerate(rows.items())
    }
    names_by_id = {section.pk: section.name for section in one.sections.values()}
    one.keep(_("課"), [names_by_id[key] for key in existing.keys() - wanted.keys()])
    one.append_kept(existing, wanted)
    one.merge(
        models.PolicySection,
        _("職場の目標"),
        existing,
        wanted,
        {"policy_id": one.policy.pk},
        key_field="section_id",
        shown_key=names_by_id.__getitem__,
    )


def _move_sections(one: PolicyImport, ward: Ward, rows: Mapping[str, Document]) -> None:
    """The newest policy of a ward says to which department its sections belong now."""
    if ward.policies.filter(fiscal_year__gt=one.policy.fiscal_year).exists():
        return
    moved = []
    for name, row in rows.items():
        section = one.sections[name]
        if row.get("department") and changed_fields(section, {"department": row["department"]}):
            changed = assign(section, {"department": row["department"]})
            one.report.changes += said(name, changed)
            moved.append(section)
    Section.objects.bulk_update(moved, ["department"])


def import_plan(one: PolicyImport) -> None:
    policy = {"policy_id": one.policy.pk}
    mine = list(pillars(one.document))
    found: dict[str, Any] = {row.key: row for row in one.policy.pillars.all()}
    wanted: dict[str, dict[str, Any]] = {
        row["id"]: {
            "group": row.get("group", ""),
            "name": row["name"],
            "statement": row.get("statement", ""),
            "order": number,
        }
        for number, (_place, row) in enumerate(mine)
    }
    one.keep(_("柱"), found.keys() - wanted.keys())
    one.append_kept(found, wanted)
    by_key = one.merge(models.Pillar, _("柱"), found, wanted, policy)
    one.called["pillar_id"] = {row.pk: key for key, row in (found | by_key).items()}
    _projects(one, {place: by_key[row["id"]].pk for place, row in mine})


def _projects(one: PolicyImport, pillar_ids: dict[str, int]) -> None:
    mine = list(projects(one.document))
    found = {row.key: row for row in one.policy.projects.all()}
    wanted: dict[str, dict[str, Any]] = {
        row["id"]: {
            "pillar_id": pillar_ids[above(place)],
            "number": row.get("number", ""),
            "name": row["name"],
            "tags": row.get("tags", []),
            "funding": row.get("funding", ""),
            **standing(row, found.get(row["id"])),
            "order": number,
        }
        for number, (place, row) in enumerate(mine)
    }
    one.keep(_("事業"), found.keys() - wanted.keys())
    one.append_kept(found, wanted)
    one.projects = one.merge(
        models.Project, _("事業"), found, wanted, {"policy_id": one.policy.pk}, history=True
    )
    one.called["project_id"] = {row.pk: row.key for row in one.projects.values()}
    _responsible(one, mine)
    _initiatives(one, {place: one.projects[row["id"]].pk for place, row in mine})


def _responsible(one: PolicyImport, mine: list[tuple[str, Document]]) -> None:
    """The sections of each project, in the order of the document, which says them all."""
    rows = models.ProjectSection.objects.filter(project__policy=one.policy)
    found: dict[int, list[int]] = {}
    in_order = rows.order_by("order", "id").values_list("project_id", "section_id")
    for project_id, section_id in in_order:
        found.setdefault(project_id, []).append(section_id)
    names = {section.pk: section.name for section in one.sections.values()}
    added, outdated = [], []
    for _place, row in mine:
        project = one.projects[row["id"]]
        wanted = [one.sections[name].pk for name in row.get("sections", [])]
        before = found.get(project.pk, [])
        if wanted == before:
            continue
        outdated.append(project.pk)
        added += [
            models.ProjectSection(project=project, section_id=section, order=number)
            for number, section in enumerate(wanted)
        ]
        if not one.report.is_new:
            changed: Changed = {
                "sections": (
                    "、".join(names[pk] for pk in before),
                    "、".join(names[pk] for pk in wanted),
                )
            }
            one.report.changes += said(f"{_('事業')} {project.key}", changed)
            one.remember(changed, project=project)
    rows.filter(project__in=outdated).delete()
    models.ProjectSection.objects.bulk_create(added)


def _initiatives(one: PolicyImport, project_ids: dict[str, int]) -> None:
    mine = list(initiatives(one.document))
    found = {row.key: row for row in one.policy.initiatives.all()}
    wanted: dict[str, dict[str, Any]] = {
        row["id"]: {
            "project_id": project_ids[above(place)],
            "text": row["text"],
            "order": number,
        }
        for number, (place, row) in enumerate(mine)
    }
    one.keep(_("取組"), found.keys() - wanted.keys())
    one.append_kept(found, wanted)
    merged = one.merge(models.Initiative, _("取組"), found, wanted, {"policy_id": one.policy.pk})
    one.called["initiative_id"] = {row.pk: row.key for row in merged.values()}
    _targets(one, {place: (merged[row["id"]], row["text"]) for place, row in mine})


def _targets(one: PolicyImport, above_them: dict[str, tuple[models.Initiative, str]]) -> None:
    mine = list(targets(one.document))
    found = {row.key: row for row in one.policy.targets.all()}
    keys = {row.pk: row.key for row in found.values()}
    one.called["linked_to_id"] = keys
    one.called["section_id"] = {row.pk: name for name, row in one.sections.items()}
    wanted: dict[str, dict[str, Any]] = {}
    for number, (place, row) in enumerate(mine):
        initiative, text = above_them[above(place)]
        before = found.get(row["id"])
        fields = _target_fields(one, row, text) | standing(row, before)
        fields |= {"project_id": initiative.project_id, "initiative_id": initiative.pk}
        fields["order"] = number
        # A link that changes is let go first and tied again when both ends are there.
        if before and one.policy.state == models.Policy.State.IN_FORCE:
            _keep_pledge(one, place, row, before, fields)
        if before and before.linked_to_id:
            same = keys.get(before.linked_to_id) == row.get("linked_to")
            fields["linked_to_id"] = before.linked_to_id if same else None
        wanted[row["id"]] = fields
    kept = found.keys() - wanted.keys()
    with_entries = set(
        models.Actual.objects.filter(target__policy=one.policy, target__key__in=kept)
        .order_by()
        .values_list("target__key", flat=True)
    )
    one.keep(_("目標（実績あり）"), kept & with_entries)
    one.keep(_("目標"), kept - with_entries)
    one.append_kept(found, wanted)
    one.targets = one.merge(
        models.Target, _("目標"), found, wanted, {"policy_id": one.policy.pk}, history=True
    )
    _links(one, mine)


def _keep_pledge(
    one: PolicyImport,
    place: str,
    row: Document,
    before: models.Target,
    fields: dict[str, Any],
) -> None:
    """What a policy in force promised changes by a revision that says so, or with a reason.

    Lowering a target is the easiest way to reach it, so that it must not happen in silence.
    """
    if one.author.reason:
        return
    for name, (old, new) in changed_fields(before, {key: fields[key] for key in PLEDGE}).items():
        revised_from = {figure_of(revision["from"]) for revision in row.get("revisions", [])}
        if name == "value" and old in revised_from:
            continue
        message = _(
            "実施中の方針の目標が変わっています（{old} → {new}）。年度途中の変更なら revisions に"
            "変更日と理由を書いてください。誤りの訂正なら --force-reason で理由を付けてください。"
        )
        one.problem(
            at(place, NAMES.get(name, name)), message.format(old=brief(old), new=brief(new))
        )


def _target_fields(one: PolicyImport, row: Document, text: str) -> dict[str, Any]:
    return {
        "label": row.get("label") or _one_line(text)[:300] or row["id"],
        "printed": row.get("printed", ""),
        "section_id": one.sections[row["section"]].pk if row.get("section") else None,
        "measure": row["measure"],
        "ongoing": row.get("ongoing", False),
        "accumulation": row.get("accumulation", ""),
        "direction": row.get("direction", models.Target.Direction.AT_LEAST),
        "value": figure_of(row.get("value")),
        "denominator": figure_of(row.get("of")),
        "unit": row.get("unit", ""),
        "cumulative": row.get("cumulative", False),
        "baseline": figure_of(row.get("baseline")),
        "condition": row.get("condition", ""),
        "breakdown": row.get("breakdown", ""),
        "starts_month": row.get("starts_month"),
        "ends_month": row.get("ends_month"),
        "nature": row.get("nature", ""),
        "no_number_because": row.get("no_number_because", ""),
        "done_when": row.get("done_when", ""),
        "steps": [tidy_part("step", step) for step in row.get("steps", [])],
        "plan": {key: number_text(Decimal(figure)) for key, figure in row.get("plan", {}).items()},
        "check_note": row.get("check", ""),
    }


def _one_line(text: str) -> str:
    """The words of an initiative as a label may stand: no breaks, no control codes."""
    return " ".join(_CONTROL_CODE.sub(" ", text).split())


_CONTROL_CODE = re.compile("[\x00-\x1f\x7f]")


def _links(one: PolicyImport, mine: list[tuple[str, Document]]) -> None:
    tied = []
    for _place, row in mine:
        target = one.targets[row["id"]]
        partner = one.targets[row["linked_to"]].pk if row.get("linked_to") else None
        if target.linked_to_id != partner:
            target.linked_to_id = partner
            tied.append(target)
            if not one.report.is_new:
                one.report.changes.append(f"{target.key}: linked_to → {row['linked_to']}")
    models.Target.objects.bulk_update(tied, ["linked_to"])


def import_organisation(one: PolicyImport) -> None:
    """Headings have no ids: the document's replace those there are. None given: they stay."""
    wanted = one.document.get("organisation", [])
    found = organisation_document(one.policy)
    if not wanted:
        one.keep(_("組織運営"), [row["heading"] for row in found])
        return
    wanted = [tidy_part("organisation", row) for row in wanted]
    if [tidy_part("organisation", row) for row in found] == wanted:
        return
    if found:
        one.report.changes.append(_("組織運営を書き換えました。"))
    one.policy.organisation.all().delete()
    _headings(one, wanted, None)


def _headings(
    one: PolicyImport, rows: list[Document], parent: models.OrganisationItem | None
) -> None:
    made = models.OrganisationItem.objects.bulk_create(
        models.OrganisationItem(
            policy=one.policy,
            parent=parent,
            heading=row["heading"],
            text=row.get("text", ""),
            items=row.get("items", []),
            order=number,
        )
        for number, row in enumerate(rows)
    )
    for item, row in zip(made, rows, strict=True):
        if row.get("parts"):
            _headings(one, row["parts"], item)
