"""From the database to the policy document: everything a policy says, and what became of it."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from . import models
from .documents import FORMAT, Document, canonical, document_text, number_text
from .evidence import documented


def policy_text(policy: models.Policy) -> str:
    """The policy document as an export prints it: two exports of one policy are the same."""
    return document_text(policy_document(policy))


def policy_document(policy: models.Policy) -> Document:
    """The policy document of a policy, keys in order and defaults left out."""
    ward = policy.ward
    periods = list(policy.periods.order_by("starts"))
    return canonical(
        {
            "format": FORMAT,
            "ward": {"code": ward.code, "name": ward.name},
            "fiscal_year": policy.fiscal_year,
            "title": policy.title,
            "basic_goal": policy.basic_goal,
            "preamble": policy.preamble,
            "contact": policy.contact,
            "grades": policy.grades,
            "periods": [_period(period) for period in periods],
            "sections": [
                {"name": row.section.name, "department": row.department, "goal": row.goal}
                for row in policy.policy_sections.select_related("section").order_by("order", "id")
            ],
            "pillars": _pillars(policy, [period.key for period in periods]),
            "organisation": organisation_document(policy),
            "committee_opinions": policy.committee_opinions,
            "notes": policy.notes,
        }
    )


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _number(number: Decimal | None) -> str:
    return "" if number is None else number_text(number)


def _grouped(rows: Iterable[Any], by: str) -> dict[int, list[Any]]:
    groups: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        groups[getattr(row, by)].append(row)
    return groups


def _period(period: models.Period) -> Document:
    return {
        "key": period.key,
        "starts": _day(period.starts),
        "ends": _day(period.ends),
        "due": _day(period.due),
        "state": period.state,
    }


def _pillars(policy: models.Policy, periods: list[str]) -> list[Document]:
    projects = _grouped(policy.projects.order_by("order", "id"), "pillar_id")
    by_project = _projects(policy, periods)
    return [
        {
            "id": pillar.key,
            "group": pillar.group,
            "name": pillar.name,
            "statement": pillar.statement,
            "projects": [by_project(project) for project in projects[pillar.pk]],
        }
        for pillar in policy.pillars.order_by("order", "id")
    ]


def _projects(policy: models.Policy, periods: list[str]):
    initiatives = _grouped(policy.initiatives.order_by("order", "id"), "project_id")
    targets = _targets(policy, periods)
    sections = _grouped(
        models.ProjectSection.objects.filter(project__policy=policy)
        .select_related("section")
        .order_by("order", "id"),
        "project_id",
    )
    narratives = _grouped(
        models.Narrative.objects.filter(project__policy=policy)
        .select_related("period")
        .order_by("period__starts"),
        "project_id",
    )

    def document(project: models.Project) -> Document:
        return {
            "id": project.key,
            "number": project.number,
            "name": project.name,
            "tags": project.tags,
            "funding": project.funding,
            "sections": [row.section.name for row in sections[project.pk]],
            "status": project.status,
            "status_on": _day(project.status_on),
            "status_reason": project.status_reason,
            "status_decided_by": project.status_decided_by,
            "status_document_number": project.status_document_number,
            "narratives": [
                {
                    "period": row.period.key,
                    "done": row.done,
                    "obstacles": row.obstacles,
                    "next": row.next,
                    "state": row.state,
                }
                for row in narratives[project.pk]
            ],
            "initiatives": [
                {"id": row.key, "text": row.text, "targets": targets[row.pk]}
                for row in initiatives[project.pk]
            ],
        }

    return document


def _targets(policy: models.Policy, periods: list[str]) -> dict[int, list[Document]]:
    """The targets of each initiative, by the initiative's primary key."""
    revisions = _grouped(
        models.Revision.objects.filter(target__policy=policy).order_by("on"), "target_id"
    )
    actuals = _grouped(
        models.Actual.objects.filter(target__policy=policy)
        .select_related("period")
        .order_by("period__starts"),
        "target_id",
    )
    rows = policy.targets.select_related("section", "linked_to").order_by("order", "id")
    found: dict[int, list[Document]] = defaultdict(list)
    for target in rows:
        found[target.initiative_id].append(
            {
                "id": target.key,
                "label": target.label,
                "printed": target.printed,
                "section": target.section.name if target.section else "",
                "measure": target.measure,
                "ongoing": target.ongoing,
                "accumulation": target.accumulation,
                "direction": target.direction,
                "value": _number(target.value),
                "of": _number(target.denominator),
                "unit": target.unit,
                "cumulative": target.cumulative,
                "baseline": _number(target.baseline),
                "linked_to": target.linked_to.key if target.linked_to else "",
                "condition": target.condition,
                "breakdown": target.breakdown,
                "starts_month": target.starts_month,
                "ends_month": target.ends_month,
                "nature": target.nature,
                "no_number_because": target.no_number_because,
                "done_when": target.done_when,
                "steps": target.steps,
                "plan": {key: target.plan[key] for key in periods if key in target.plan},
                "status": target.status,
                "status_on": _day(target.status_on),
                "status_reason": target.status_reason,
                "status_decided_by": target.status_decided_by,
                "status_document_number": target.status_document_number,
                "revisions": [revision_document(row) for row in revisions[target.pk]],
                "actuals": [actual_document(row, row.period.key) for row in actuals[target.pk]],
                "check": target.check_note,
            }
        )
    return found


def revision_document(revision: models.Revision) -> Document:
    """A change of a target's value, as the document says it."""
    return {
        "on": _day(revision.on),
        "from": _number(revision.old),
        "to": _number(revision.new),
        "reason": revision.reason,
        "decided_by": revision.decided_by,
        "document_number": revision.document_number,
    }


def actual_document(actual: models.Actual, period: str) -> Document:
    """An entry, as the document says it, for a period by its key."""
    return {
        "period": period,
        "value": _number(actual.value),
        "of": _number(actual.denominator),
        "stage": actual.stage,
        "missing": actual.missing,
        "certainty": actual.certainty,
        "note": actual.note,
        "self_assessment": {"status": actual.self_status, "reason": actual.self_reason},
        "outlook": {"met": actual.outlook_met, "value": _number(actual.outlook_value)},
        "cause": actual.cause,
        "remedy": actual.remedy,
        "evidence": documented(actual.evidence),
        "state": actual.state,
        "returned_because": actual.returned_because,
        "corrected_because": actual.corrected_because,
    }


def organisation_document(policy: models.Policy) -> list[Document]:
    """組織運営: headings with their items and the headings below them."""
    parts = defaultdict(list)
    for row in policy.organisation.order_by("order", "id"):
        parts[row.parent_id].append(row)

    def below(parent: int | None) -> list[Document]:
        return [
            {
                "heading": row.heading,
                "text": row.text,
                "items": row.items,
                "parts": below(row.pk),
            }
            for row in parts[parent]
        ]

    return below(None)
