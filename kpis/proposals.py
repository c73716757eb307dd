"""The way of a proposal: asked for, then decided or withdrawn, once and for good.

    決定待ち open ──accept──▶ 承認 accepted: the plan changes in the same moment
       │   │
       │   └──decline──▶ 不承認 declined, with a reason
       └──withdraw──▶ 取下げ withdrawn

MOVES is the rule. What was asked for never changes: the secretariat that wants another day or value
declines, and records its own decision. docs/target-changes.md tells the same to those who work
with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from wards.permissions import access_of

from . import models, proposal_rules
from .imports import lock_wards
from .models import Change, Policy, Project, Proposal, Revision, Target
from .numbers import plain
from .permissions import can_decide, can_propose
from .proposal_rules import Effect, Remark, Wish
from .reading import PolicyReading, policy_targets

State = Proposal.State
Kind = Proposal.Kind


@dataclass(frozen=True, slots=True)
class Subject:
    """What is to change: a target, or a whole project; with those who answer for it."""

    policy: Policy
    project: Project
    target: Target | None
    section_ids: Sequence[int]

    @property
    def row(self) -> Project | Target:
        return self.target or self.project

    @property
    def section_id(self) -> int | None:
        return next(iter(self.section_ids), None)

    def kinds(self, reading: PolicyReading) -> list[str]:
        """What can be asked for now."""
        return proposal_rules.kinds_for(self.promise(reading), self.row.status, self.project.status)

    def promise(self, reading: PolicyReading) -> Any:
        """The target as the maths reads it; None for a project."""
        if self.target is None:
            return None
        return next(each for each in reading.targets if each.key == self.target.key)


def subject_of(project: Project, target: Target | None = None) -> Subject:
    """Of rows read with their policy."""
    if target is not None:
        sections = [] if target.owner_id is None else [target.owner_id]
    else:
        rows = project.responsible.order_by("order", "id")
        sections = list(rows.values_list("section_id", flat=True))
    return Subject(project.policy, project, target, sections)


def proposes(user, subject: Subject) -> bool:
    return can_propose(user, subject.policy, subject.section_ids)


# The moves ----------------------------------------------------------------------------------------

Allowed = Callable[[Any, Proposal, Subject], bool]


def decides(user, proposal: Proposal, subject: Subject) -> bool:
    return can_decide(user, subject.policy)


def takes_back(user, proposal: Proposal, subject: Subject) -> bool:
    """Staff and head of the section; of the secretariat only what it asked for itself."""
    access = access_of(user)
    if any(access.works_for(section) for section in subject.section_ids):
        return True
    return proposal.on_behalf and can_decide(user, subject.policy)


@dataclass(frozen=True, slots=True)
class Move:
    before: frozenset[str]
    after: str
    allowed: Allowed


MOVES = {
    "withdraw": Move(frozenset({State.OPEN}), State.WITHDRAWN, takes_back),
    "accept": Move(frozenset({State.OPEN}), State.ACCEPTED, decides),
    "decline": Move(frozenset({State.OPEN}), State.DECLINED, decides),
}


class ProposalRefused(Exception):
    """It cannot be done. `why`: not_allowed, overtaken (somebody was quicker), open_already
    (another one waits), or not_possible, with the `remarks` that say why."""

    def __init__(self, why: str, remarks: Sequence[Remark] = ()):
        super().__init__(why)
        self.why, self.remarks = why, remarks


@dataclass(frozen=True, slots=True)
class Decision:
    """決裁: by whom, when, under which number; and a note, which a refusal has to have."""

    by: str
    on: date
    document_number: str = ""
    note: str = ""


def propose(subject: Subject, wish: Wish, reason: str, *, by) -> Proposal:
    """Ask for a change. Raises ProposalRefused."""
    with transaction.atomic():
        return record(_asked(subject, wish, reason, by=by), by=by)


def decide_without_proposal(
    subject: Subject, wish: Wish, reason: str, decision: Decision, *, by
) -> Proposal:
    """Record a change that was decided without a section having asked for it here."""
    if not can_decide(by, subject.policy):
        raise ProposalRefused("not_allowed")
    with transaction.atomic():
        proposal = _asked(subject, wish, reason, by=by)
        return move("accept", proposal, by=by, decision=decision)


def _asked(subject: Subject, wish: Wish, reason: str, *, by) -> Proposal:
    """The proposal, written; its line of history comes last of all."""
    if not proposes(by, subject) or subject.policy.state != Policy.State.IN_FORCE:
        raise ProposalRefused("not_allowed")
    _lock(subject)
    if remarks := remarks_on(subject, wish, _reading(subject)):
        raise ProposalRefused("not_possible", remarks)
    access = access_of(by)
    proposal = Proposal(
        policy=subject.policy,
        project=subject.project,
        target=subject.target,
        section_id=subject.section_id,
        kind=wish.kind,
        on=wish.on,
        old=subject.target.value if subject.target and wish.kind == Kind.REVISE else None,
        new=wish.new if wish.kind == Kind.REVISE else None,
        reason=reason.strip(),
        proposed_by=by,
        proposed_by_name=str(by)[:150],
        proposed_at=timezone.now(),
        on_behalf=not any(access.works_for(section) for section in subject.section_ids),
    )
    try:
        with transaction.atomic():
            proposal.save(force_insert=True)
    except IntegrityError as error:
        raise ProposalRefused("open_already") from error
    return proposal


@transaction.atomic
def move(action: str, proposal: Proposal, *, by, decision: Decision | None = None) -> Proposal:
    """Carry out one move, with its line of history; accepting changes the plan with it.

    The proposal as it then stands. Raises ProposalRefused, and then nothing was changed.
    """
    rule = MOVES[action]
    subject = subject_of(proposal.project, proposal.target)
    if not rule.allowed(by, proposal, subject):
        raise ProposalRefused("not_allowed")
    _lock(subject)
    decided = _columns(decision, by) if decision else {}
    # The condition sits in the UPDATE: of two people pressing at once, one wins.
    still_so = Proposal.objects.filter(pk=proposal.pk, state__in=rule.before)
    if not still_so.update(state=rule.after, **decided):
        raise ProposalRefused("overtaken")
    proposal.refresh_from_db(fields=["state", *decided])
    if rule.after == State.ACCEPTED:
        assert decision is not None
        _change_plan(proposal, subject, decision)
    return record(proposal, by=by)


def _columns(decision: Decision, by) -> dict[str, Any]:
    return {
        "decided_by": decision.by,
        "decided_on": decision.on,
        "document_number": decision.document_number,
        "decision_note": decision.note.strip(),
        "recorded_by": by,
        "recorded_by_name": str(by)[:150],
        "recorded_at": timezone.now(),
    }


def _lock(subject: Subject) -> None:
    """As an import of the ward does first: nothing of the plan changes before this ends."""
    lock_wards([subject.policy.ward.code])
    subject.project.refresh_from_db(fields=["status", "status_on"])
    if subject.target is not None:
        subject.target.refresh_from_db(fields=["status", "status_on", "value"])


def _change_plan(proposal: Proposal, subject: Subject, decision: Decision) -> None:
    wish, target = wish_of(proposal), subject.target
    remarks = remarks_on(subject, wish, _reading(subject))
    if not remarks and target and wish.kind == Kind.REVISE and target.value != proposal.old:
        values = {} if target.value is None else {"value": target.value}
        remarks = [Remark("new", "value_changed", values)]
    if remarks:
        raise ProposalRefused("not_possible", remarks)
    if wish.kind == Kind.REVISE:
        assert target is not None and proposal.old is not None and proposal.new is not None
        proposal.revision = Revision.objects.create(
            target=target,
            on=wish.on,
            old=proposal.old,
            new=proposal.new,
            reason=proposal.reason,
            decided_by=decision.by,
            document_number=decision.document_number,
        )
        proposal.save(update_fields=["revision"])
        Target.objects.filter(pk=target.pk).update(value=proposal.new)
        return
    carried_on = wish.kind == Kind.RESUME
    type(subject.row)._default_manager.filter(pk=subject.row.pk).update(
        status=proposal_rules.STANDING[wish.kind],
        status_on=None if carried_on else wish.on,
        status_reason="" if carried_on else proposal.reason,
        status_decided_by="" if carried_on else decision.by,
        status_document_number="" if carried_on else decision.document_number,
    )


# The history --------------------------------------------------------------------------------------


def record(proposal: Proposal, *, by, by_name: str = "") -> Proposal:
    """One line for what just happened: asked, withdrawn, accepted or declined.

    `by_name` where nobody with an account did it.
    """
    state = State(proposal.state)
    act, tell = LINES[state]
    why = {State.DECLINED: proposal.decision_note, State.WITHDRAWN: ""}
    Change.objects.create(
        ward_id=proposal.policy.ward_id,
        policy=proposal.policy,
        project=proposal.project,
        target=proposal.target,
        section_id=proposal.section_id,
        act=act,
        changed=tell(proposal),
        reason=why.get(state, proposal.reason),
        by=by,
        by_name=by_name or str(by),
        on_behalf=proposal.on_behalf and proposal.is_open,
        at=timezone.now(),
    )
    return proposal


def _asked_for(proposal: Proposal) -> dict[str, list[Any]]:
    told: dict[str, list[Any]] = {"proposal": [None, proposal.kind]}
    if proposal.kind == Kind.REVISE:
        told["asked_value"] = [_figure(proposal.old), _figure(proposal.new)]
    return told | {"on": [None, proposal.on.isoformat()]}


def _accepted(proposal: Proposal) -> dict[str, list[Any]]:
    decision = _decided(proposal)
    if proposal.decision_note:
        decision["decision_note"] = [None, proposal.decision_note]
    if proposal.kind == Kind.REVISE:
        value = [_figure(proposal.old), _figure(proposal.new)]
        return {"value": value, "on": [None, proposal.on.isoformat()], **decision}
    after = proposal_rules.STANDING[proposal.kind]
    before = proposal.subject.status  # as it was read before the change
    return {
        "status": [before, after],
        "status_on": [None, proposal.on.isoformat()],
        **decision,
    }


def _declined(proposal: Proposal) -> dict[str, list[Any]]:
    return {"proposal_state": [State.OPEN, State.DECLINED], **_decided(proposal)}


def _withdrawn(proposal: Proposal) -> dict[str, list[Any]]:
    return {"proposal": [proposal.kind, None]}


def _decided(proposal: Proposal) -> dict[str, list[Any]]:
    assert proposal.decided_on is not None
    return {
        "decided_by": [None, proposal.decided_by],
        "decided_on": [None, proposal.decided_on.isoformat()],
        "document_number": [None, proposal.document_number or None],
    }


LINES = {
    State.OPEN: (Change.Act.PROPOSED, _asked_for),
    State.WITHDRAWN: (Change.Act.WITHDRAWN, _withdrawn),
    State.DECLINED: (Change.Act.DECIDED, _declined),
    State.ACCEPTED: (Change.Act.DECIDED, _accepted),
}


def _figure(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


# What it would do ---------------------------------------------------------------------------------


def wish_of(proposal: Proposal) -> Wish:
    return Wish(proposal.kind, proposal.on, proposal.new)


def remarks_on(subject: Subject, wish: Wish, reading: PolicyReading) -> list[Remark]:
    """Why the change cannot be made as things stand."""
    return proposal_rules.refusals(
        subject.promise(reading),
        wish,
        status=subject.row.status,
        status_on=subject.row.status_on,
        project_status=subject.project.status,
        fiscal_year=subject.policy.fiscal_year,
    )


def effects(subject: Subject, wish: Wish, reading: PolicyReading) -> list[Effect]:
    """Where results change, period by period; of a possible wish."""
    keys = [
        each.key
        for each in reading.targets
        if (each.key == subject.target.key if subject.target else each.project)
    ]
    return proposal_rules.effects(
        reading.targets,
        keys,
        wish,
        reading.entries,
        periods=reading.periods,
        fiscal_year=reading.fiscal_year,
        grades=reading.grades,
        of_project=subject.target is None,
    )


def reading_of(subject: Subject) -> PolicyReading:
    """The project's targets and entries as they stand, drafts too: in three queries."""
    return policy_targets(subject.policy, project=subject.project.pk)


_reading = reading_of


def waiting(user, policy: Policy) -> int:
    """How many proposals wait for this person's decision."""
    if not can_decide(user, policy):
        return 0
    return models.Proposal.objects.filter(policy=policy, state=State.OPEN).count()
