"""What every part of an import works with: comparing rows, writing them, and saying so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db import models as db
from django.utils import timezone
from django.utils.translation import gettext as _

from wards.models import Section

from . import models
from .documents import Document, Problem, number_text

Changed = dict[str, tuple[Any, Any]]  # field → (before, after)

#: Model fields whose name in a document is another one.
NAMES = {
    "denominator": "of",
    "check_note": "check",
    "old": "from",
    "new": "to",
    "pillar_id": "pillar",
    "project_id": "project",
    "initiative_id": "initiative",
    "linked_to_id": "linked_to",
    "section_id": "section",
    "self_status": "self_assessment.status",
    "self_reason": "self_assessment.reason",
    "outlook_met": "outlook.met",
    "outlook_value": "outlook.value",
}


@dataclass
class Report:
    """What importing one document did (or, in a dry run, would do)."""

    name: str
    policy: models.Policy
    is_new: bool
    added: dict[str, int] = field(default_factory=dict)  # what it is → how many are new
    changes: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)  # not in the file, and left as it was

    @property
    def is_unchanged(self) -> bool:
        return not (self.is_new or any(self.added.values()) or self.changes)


@dataclass(frozen=True)
class Author:
    """Who imports, for the history; from the command line there is a name and no account."""

    user: Any = None
    name: str = ""
    reason: str = ""  # why a submitted or confirmed figure may be overwritten


class PolicyImport:
    """One document on its way into the database: what was found, made and noticed so far."""

    policy: models.Policy
    report: Report

    def __init__(self, name: str, document: Document, author: Author) -> None:
        self.name, self.document, self.author = name, document, author
        self.problems: list[Problem] = []
        self.history: list[models.Change] = []
        self.sections: dict[str, Section] = {}
        self.periods: dict[str, models.Period] = {}
        self.projects: dict[str, models.Project] = {}
        self.targets: dict[str, models.Target] = {}
        self.closed_before: set[str] = set()  # periods in which a figure needs a reason
        self.was_to_check = False
        # What a primary key is called in the document: field → key → id or name.
        self.called: dict[str, dict[int, str]] = {}

    def problem(self, place: str, message: str) -> None:
        self.problems.append(Problem(place, message))

    def merge(
        self,
        model: type[db.Model],
        kind: str,
        found: Mapping[Any, Any],
        wanted: Mapping[Any, dict[str, Any]],
        always: dict[str, Any],
        *,
        key_field: str = "key",
        shown_key: Any = str,
        history: bool = False,
    ) -> dict[Any, Any]:
        """Create what is not there, update what differs; gives back every row that was wanted."""
        rows, new, changed_rows = {}, [], []
        names: set[str] = set()
        for key, fields in wanted.items():
            row = found.get(key)
            if row is None:
                own = {key_field: key} if key_field else {}
                row = model(**always, **own, **fields)
                new.append(row)
            elif changed := assign(row, fields):
                changed_rows.append(row)
                names |= changed.keys()
                changed = self._in_document_words(changed)
                self.report.changes += said(f"{kind} {shown_key(key)}", changed)
                if history and (told := {k: v for k, v in changed.items() if k != "order"}):
                    self.remember(told, **self._whose(row))
            rows[key] = row
        manager = model._default_manager
        manager.bulk_create(new)
        if changed_rows:
            manager.bulk_update(changed_rows, sorted(names))
        self.count(kind, len(new))
        return rows

    def _in_document_words(self, changed: Changed) -> Changed:
        return {
            name: (
                self.called.get(name, {}).get(before, before),
                self.called.get(name, {}).get(after, after),
            )
            if name.endswith("_id")
            else (before, after)
            for name, (before, after) in changed.items()
        }

    def _whose(self, row: Any) -> dict[str, Any]:
        if isinstance(row, models.Target):
            section = self.section_of(row)
            return {"target": row, "project_id": row.project_id, "section_id": section}
        return {"project": row}

    def section_of(self, target: models.Target) -> int | None:
        """The section that enters a target: its own, else the first of its project."""
        return target.section_id or self._first_sections.get(target.project_id)

    @cached_property
    def _first_sections(self) -> dict[int, int]:
        rows = models.ProjectSection.objects.filter(project__policy=self.policy)
        # The first of a project comes last and stays.
        return dict(rows.order_by("-order", "-id").values_list("project_id", "section_id"))

    def remember(self, changed: Changed, **whose: Any) -> None:
        """Add a line to the history that is written at the end."""
        line = {
            "ward_id": self.policy.ward_id,
            "policy": self.policy,
            "act": models.Change.Act.IMPORTED,
            "reason": self.author.reason,
            "by": self.author.user,
            "by_name": self.author.name or _("文書の取込み"),
            "at": timezone.now(),
            "changed": {name: [plain(old), plain(new)] for name, (old, new) in changed.items()},
        }
        self.history.append(models.Change(**line | whose))

    def count(self, kind: str, number: int) -> None:
        if number:
            self.report.added[kind] = self.report.added.get(kind, 0) + number

    def keep(self, kind: str, keys: Iterable[str]) -> None:
        self.report.kept += [f"{kind} {key}" for key in sorted(keys)]

    @staticmethod
    def append_kept(found: Mapping[Any, Any], wanted: dict[Any, dict[str, Any]]) -> None:
        """What stays without being in the file stands after what is in it, in its old order."""
        kept = [row for key, row in found.items() if key not in wanted]
        keys = {id(row): key for key, row in found.items()}
        number = len(wanted)
        for row in sorted(kept, key=lambda row: row.order):
            wanted[keys[id(row)]] = {"order": number}
            number += 1


# Fields -------------------------------------------------------------------------------------------


def changed_fields(row: db.Model, wanted: Mapping[str, Any]) -> Changed:
    return {
        name: (before, value)
        for name, value in wanted.items()
        if (before := getattr(row, name)) != value
    }


def assign(row: db.Model, wanted: Mapping[str, Any]) -> Changed:
    """Set what differs and say from what to what."""
    changed = changed_fields(row, wanted)
    for name, (_before, value) in changed.items():
        setattr(row, name, value)
    return changed


def said(what: str, changed: Changed) -> list[str]:
    """Lines for a report: ``目標 p05-t2: value 550 → 400``."""
    return [
        f"{what}: {NAMES.get(name, name)} {brief(before)} → {brief(after)}"
        for name, (before, after) in changed.items()
        if name != "order"
    ] or ([_("{what}: 並び順").format(what=what)] if changed else [])


def plain(value: Any) -> Any:
    """A value as the history keeps it: figures as exact decimal text, dates as ISO text."""
    if isinstance(value, Decimal):
        return number_text(value)
    if isinstance(value, date):
        return value.isoformat()
    return value


def brief(value: Any) -> str:
    value = plain(value)
    if value in ("", None, [], {}):
        return _("（なし）")
    text = " ".join(str(value).split())
    return text if len(text) <= 40 else text[:40] + "…"


def figure_of(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def day_of(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def standing(row: Document, before: Any = None) -> dict[str, Any]:
    """Whether a project or target is carried on, since when and why not, and who decided so.

    A file that does not say who decided leaves what is recorded, of the same standing.
    """
    fields = {
        "status": row.get("status", models.Standing.ACTIVE),
        "status_on": day_of(row.get("status_on")),
        "status_reason": row.get("status_reason", ""),
    }
    same = before is not None and before.status == fields["status"]
    for name in ("status_decided_by", "status_document_number"):
        fields[name] = row.get(name, getattr(before, name) if same else "")
    return fields


def above(place: str) -> str:
    """The place of what a place is in: ``pillars[0]`` for ``pillars[0].projects[4]``."""
    return place.rpartition(".")[0]
