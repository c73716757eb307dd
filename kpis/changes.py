"""What changed in a plan during the year, and what is to: the list, and its words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from wards.permissions import access_of

from .achievement import Result
from .models import Policy, Project, Proposal, Revision, Standing, Target
from .permissions import can_decide
from .phrases import Phrases
from .proposal_rules import Effect
from .proposals import Subject
from .reading import PolicyReading


@dataclass(frozen=True, slots=True)
class EffectLine:
    """What a change does to a target at the end of a period, as a row of a table."""

    period: str
    label: str
    is_closed: bool
    before: str
    after: str


def effect_lines(
    found: Iterable[Effect], reading: PolicyReading, phrases: Phrases
) -> list[EffectLine]:
    """Where people would read something else than before."""
    lines = [
        EffectLine(
            phrases.period(each.period.starts, each.period.ends),
            reading.words[each.target.key].label,
            each.period.key not in reading.open_periods,
            _worth(each, each.before, reading, phrases),
            _worth(each, each.after, reading, phrases),
        )
        for each in found
    ]
    return [line for line in lines if line.before != line.after]


def _worth(each: Effect, result: Result, reading: PolicyReading, phrases: Phrases) -> str:
    """目標400回（当初 550回）　達成率 55.0%　遅れ."""
    status = phrases.status(result)
    if each.target.is_milestone:
        return status
    goal = phrases.goal(each.target, result, reading.words[each.target.key].unit)
    parts = [phrases.texts.goal % {"value": goal}]
    if result.rate is not None:
        parts.append(phrases.texts.rate % {"rate": phrases.rate(result)})
    return "　".join([*parts, status])


def goal_now(subject: Subject, reading: PolicyReading, phrases: Phrases) -> str:
    """The value in force with the original beside it; "" where there is none."""
    promise = subject.promise(reading)
    if promise is None or promise.value is None:
        return ""
    unit = reading.words[promise.key].unit
    told = phrases.amount(promise.value, unit)
    if not promise.revisions:
        return told
    first = min(promise.revisions, key=lambda made: made.on)
    before = phrases.amount(first.old, unit)
    return phrases.texts.with_original % {"target": told, "value": before}


def whole_of(subject: Subject, phrases: Phrases) -> str:
    """全49園中, of a ratio: the planned denominator, which no proposal changes."""
    target = subject.target
    if target is None or target.denominator is None:
        return ""
    return phrases.texts.of_all % {"whole": phrases.amount(target.denominator, target.unit)}


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the list: a proposal with what became of it, or a change that came by file."""

    on: date
    day: str
    project: str
    name: str
    project_url: str
    kind: str
    old: str
    new: str
    unit: str
    reason: str
    decided: str
    note: str
    url: str  # of the proposal; "" where there is none
    state: str  # code of the proposal's state; accepted where there is no proposal
    state_name: str


class Changes:
    """A policy's list, as one person sees it."""

    def __init__(self, policy: Policy, user) -> None:
        self.policy, self.user = policy, user
        self.phrases = Phrases(policy)
        self.url = policy.get_absolute_url()

    def context(self, project: str = "") -> dict[str, Any]:
        """Everything in four queries; with the key of a project only what is about it."""
        found = Proposal.objects.filter(policy=self.policy).visible_to(self.user)
        found = found.select_related("project", "target").order_by("-on", "-id")
        if project:
            found = found.filter(project__key=project)
        proposals = list(found)
        waiting = sorted((each for each in proposals if each.is_open), key=lambda each: each.pk)
        past = [self._proposed(each) for each in proposals if not each.is_open]
        known = {
            (each.project_id, each.target_id, each.on)
            for each in proposals
            if each.state == Proposal.State.ACCEPTED
        }
        past += self._by_file(project, known)
        past.sort(key=lambda fact: fact.on, reverse=True)
        return {
            "year": self.phrases.year(self.policy.fiscal_year),
            "in_japanese": self.phrases.in_japanese,
            "inside": access_of(self.user).reads_drafts(self.policy.ward_id),
            "decides": can_decide(self.user, self.policy),
            "waiting": [self._proposed(each) for each in waiting],
            "past": past,
            "narrowed": project,
            "base_url": self.url,
        }

    def _proposed(self, proposal: Proposal) -> Fact:
        return self._fact(
            proposal.subject,
            proposal.project,
            kind=proposal.kind,
            on=proposal.on,
            old=proposal.old,
            new=proposal.new,
            reason=proposal.reason,
            decided=(
                proposal.decided_by,
                self.phrases.day(proposal.decided_on) if proposal.decided_on else "",
                proposal.document_number,
            ),
            note=proposal.decision_note,
            url=f"{self.url}changes/{proposal.pk}/",
            state=proposal.state,
        )

    def _by_file(self, project: str, known: set) -> list[Fact]:
        """Revisions, cancellations and postponements that no proposal led to."""
        revisions = Revision.objects.filter(target__policy=self.policy, proposal__isnull=True)
        revisions = revisions.filter(
            target__in=Target.objects.filter(policy=self.policy).visible_to(self.user)
        )
        projects = Project.objects.filter(policy=self.policy).visible_to(self.user)
        targets = Target.objects.filter(policy=self.policy).visible_to(self.user)
        if project:
            revisions = revisions.filter(target__project__key=project)
            projects, targets = projects.filter(key=project), targets.filter(project__key=project)
        facts = [
            self._fact(
                made.target,
                made.target.project,
                kind=Proposal.Kind.REVISE,
                on=made.on,
                old=made.old,
                new=made.new,
                reason=made.reason,
                decided=(made.decided_by, made.document_number),
            )
            for made in revisions.select_related("target__project")
        ]
        gone = [
            *((row, row, None) for row in projects.exclude(status=Standing.ACTIVE)),
            *(
                (row, row.project, row.pk)
                for row in targets.exclude(status=Standing.ACTIVE).select_related("project")
            ),
        ]
        for row, of, target_id in gone:
            if (of.pk, target_id, row.status_on) in known:
                continue
            kind = Proposal.Kind.CANCEL
            if row.status == Standing.POSTPONED:
                kind = Proposal.Kind.POSTPONE
            facts.append(
                self._fact(
                    row,
                    of,
                    kind=kind,
                    on=row.status_on,
                    reason=row.status_reason,
                    decided=(row.status_decided_by, row.status_document_number),
                )
            )
        return facts

    def _fact(
        self,
        subject: Project | Target,
        project: Project,
        *,
        kind: str,
        on: date | None,
        reason: str,
        decided: tuple[str, ...],
        old=None,
        new=None,
        note: str = "",
        url: str = "",
        state: str = Proposal.State.ACCEPTED,
    ) -> Fact:
        phrases = self.phrases
        return Fact(
            on=on or date(self.policy.fiscal_year, 4, 1),
            day=phrases.day(on) if on else "",
            project=str(project),
            name="" if subject is project else str(subject),
            project_url=f"{self.url}projects/{project.key}/"
            + ("" if subject is project else f"#{subject.key}"),
            kind=str(Proposal.Kind(kind).label),
            old="" if old is None else phrases.amount(old, ""),
            new="" if new is None else phrases.amount(new, ""),
            unit=subject.unit if isinstance(subject, Target) else "",
            reason=reason,
            decided="　".join(part for part in decided if part),
            note=note,
            url=url,
            state=state,
            state_name=str(Proposal.State(state).label),
        )
