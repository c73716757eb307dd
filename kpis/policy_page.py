"""The policy as it was decided: goals, pillars, projects, and how the office itself will work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Prefetch, Subquery
from django.utils.translation import gettext as _

from wards import calendar

from . import history
from .models import (
    Initiative,
    OrganisationItem,
    Pillar,
    Policy,
    Project,
    ProjectSection,
    Revision,
    Target,
)
from .phrases import Phrases


@dataclass(slots=True)
class Heading:
    """A heading of 組織運営 with its text and items, and the headings below it."""

    heading: str
    text: str
    items: list[str]
    parts: list[Heading]


@dataclass(slots=True)
class Opinion:
    """A committee's printed opinion: of which year, when, by whom, and its points."""

    committee: str
    about: str
    dated: str
    members: str
    purpose: str
    points: list[str]


class PolicyPage:
    """Everything a policy says, in ten queries whatever its size.

    Who may open a policy may read all of it; only projects they may open are links.
    """

    def __init__(self, policy: Policy, user) -> None:
        self.policy = policy
        self.user = user
        self.phrases = Phrases(policy)

    def context(self) -> dict[str, Any]:
        policy = self.policy
        changed = Revision.objects.filter(target=OuterRef("pk")).order_by("-on").values("on")[:1]
        targets = Target.objects.order_by("order", "id").annotate(revised_on=Subquery(changed))
        initiatives = Initiative.objects.order_by("order", "id").prefetch_related(
            Prefetch("targets", targets)
        )
        responsible = ProjectSection.objects.order_by("order", "id").select_related("section")
        projects = Project.objects.order_by("order", "id").prefetch_related(
            Prefetch("initiatives", initiatives), Prefetch("responsible", responsible)
        )
        open_to_them = Project.objects.filter(policy=policy).visible_to(self.user)
        found = policy.pillars.order_by("order").prefetch_related(Prefetch("projects", projects))
        pillars = list(found)
        self._tell_what_changed(pillars)
        sections = policy.policy_sections.exclude(goal="").select_related("section")
        return {
            "year": self.phrases.year(policy.fiscal_year),
            "history_url": history.url_for(self.user, policy),
            "preamble": paragraphs(policy.preamble),
            "contact": policy.contact.splitlines(),
            "pillars": pillars,
            "projects_to_open": set(open_to_them.values_list("pk", flat=True)),
            "in_japanese": self.phrases.in_japanese,
            "goals": list(sections.order_by("order")),
            "organisation": self._organisation(),
            "opinions": [self._opinion(each) for each in policy.committee_opinions],
        }

    def _tell_what_changed(self, pillars: list[Pillar]) -> None:
        """Beside what is printed, what it has become: the value in force, and what was given up.

        Set on the rows themselves, as `now` and `gone`.
        """
        for project in (each for pillar in pillars for each in pillar.projects.all()):
            project.gone = self._gone(project)  # type: ignore[attr-defined]
            for initiative in project.initiatives.all():
                for target in initiative.targets.all():
                    target.gone = self._gone(target)  # type: ignore[attr-defined]
                    target.now = ""  # type: ignore[attr-defined]
                    if on := target.revised_on:  # type: ignore[attr-defined]
                        words = {
                            "value": self.phrases.amount(target.value, target.unit),
                            "day": self.phrases.day(on),
                        }
                        target.now = _("%(value)s（%(day)sに変更）") % words  # type: ignore[attr-defined]

    def _gone(self, row: Project | Target) -> str:
        return self.phrases.gone(row.status, row.status_on, row.status_reason)

    def _organisation(self) -> list[Heading]:
        rows = list(OrganisationItem.objects.filter(policy=self.policy).order_by("order", "id"))
        made = {row.pk: Heading(row.heading, row.text, row.items, []) for row in rows}
        for row in rows:
            if row.parent_id:
                made[row.parent_id].parts.append(made[row.pk])
        return [made[row.pk] for row in rows if row.parent_id is None]

    def _opinion(self, opinion: dict[str, Any]) -> Opinion:
        year = opinion.get("on_fiscal_year")
        return Opinion(
            committee=opinion.get("committee") or _("評価委員会"),
            about=self.phrases.era_year(year) if year else "",
            dated=month_of(str(opinion.get("dated", "")), self.phrases.lang),
            members=opinion.get("members", ""),
            purpose=opinion.get("purpose", ""),
            points=opinion.get("points", []),
        )


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text that was typed with line breaks; empty lines are dropped."""
    return [line for line in (each.strip() for each in text.splitlines()) if line]


def month_of(dated: str, lang: str) -> str:
    """「2020-03」 as 令和2年3月 or March 2020; any other text as it stands."""
    year, dash, month = dated.partition("-")
    if not dash or not (year.isdigit() and month.isdigit()) or not 1 <= int(month) <= 12:
        return dated
    first = calendar.month_starts(int(year) - (int(month) < 4), int(month))
    if not lang.startswith("ja"):
        return f"{calendar.MONTHS_EN[first.month - 1]} {first.year}"
    return calendar.era_date(first, lang).removesuffix("1日")
