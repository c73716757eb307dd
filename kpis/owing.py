"""Who owes what: how far each section has come with its sheet of a period.

The overview, the first page and the reminders all ask here, so that they say the same. A sheet
is what one section enters for one period of a policy. It owes what is due and not entered, what
is a draft, and what was returned; what was submitted waits for the head of the section.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext, ngettext

from wards.models import Section

from .board import judged
from .entry_rules import lacking
from .models import Actual, Period, Policy
from .reading import PolicyReading, policies_targets
from .sheet import sheet_url
from .workflow import MOVES

State = Actual.State


@dataclass(frozen=True, slots=True)
class Returned:
    """A target whose entry was sent back, and why."""

    key: str
    label: str
    reason: str


@dataclass(slots=True)
class SectionSheet:
    """One section's sheet of a period, in numbers of targets."""

    policy: Policy
    period: Period
    section_id: int | None
    section: str
    order: tuple[int, ...] = ()
    due: int = 0  # to be entered, a linked pair once
    entered: int = 0
    states: Counter[str] = field(default_factory=Counter)  # of what was entered for the period
    to_write: int = 0  # entries beside which something has to be written before they are submitted
    returned: list[Returned] = field(default_factory=list)

    @property
    def missing(self) -> int:
        """Due and not entered (未入力)."""
        return self.due - self.entered

    @property
    def drafts(self) -> int:
        return self.states[State.DRAFT]

    @property
    def submitted(self) -> int:
        """Submitted, and waiting for the head of the section."""
        return self.states[State.SUBMITTED]

    @property
    def sent_back(self) -> int:
        return self.states[State.RETURNED]

    @property
    def confirmed(self) -> int:
        return self.states[State.CONFIRMED]

    @property
    def not_submitted(self) -> int:
        """Missing, a draft or returned, whether or not it can still be submitted."""
        return self.missing + self.drafts + self.sent_back

    @property
    def outstanding(self) -> int:
        """What the section has still to submit; nothing once the period is closed."""
        return self.not_submitted if self.period.is_open else 0

    @property
    def is_done(self) -> bool:
        return not self.outstanding and not self.submitted

    def left(self, today: date) -> int | None:
        """Days to the due date, below 0 after it; None without one, and once it is closed."""
        if self.period.due is None or not self.period.is_open:
            return None
        return (self.period.due - today).days

    def is_late(self, today: date) -> bool:
        left = self.left(today)
        return self.outstanding > 0 and left is not None and left < 0

    @property
    def url(self) -> str:
        """Where it is entered; nowhere, as long as no section does."""
        if self.section_id is None:
            return ""
        return sheet_url(self.policy, self.section_id, self.period.key)

    def counts(self, *, owed_only: bool = False) -> str:
        """未入力3件、下書き2件, without what does not occur; `owed_only` leaves out what was
        submitted, so that the parts add up to `outstanding`."""
        told = [
            (self.missing, gettext("未入力%(n)d件")),
            (self.drafts, gettext("下書き%(n)d件")),
            (self.sent_back, gettext("差戻し%(n)d件")),
        ]
        if not owed_only:
            told.append((self.submitted, gettext("確認待ち%(n)d件")))
        return gettext("、").join(text % {"n": n} for n, text in told if n)


def in_words(left: int | None) -> str:
    """あと3日, 本日, 3日過ぎています; nothing without a due date."""
    if left is None:
        return ""
    if left > 0:
        return ngettext("あと%(n)d日", "あと%(n)d日", left) % {"n": left}
    if left == 0:
        return gettext("本日")
    return ngettext("%(n)d日過ぎています", "%(n)d日過ぎています", -left) % {"n": -left}


def most_urgent_first(sheets: Iterable[SectionSheet], today: date) -> list[SectionSheet]:
    """Late ones, then those with something sent back, then as the policy has them."""
    return sorted(
        sheets, key=lambda sheet: (not sheet.is_late(today), not sheet.sent_back, sheet.order)
    )


def periods_at_work(policies: Iterable[Policy]) -> list[Period]:
    """Periods in which somebody has something to do: open, or with something to be confirmed."""
    waiting = Actual.objects.filter(period=OuterRef("pk"), state=State.SUBMITTED)
    rows = Period.objects.filter(policy__in=list(policies))
    return list(rows.filter(Q(state=Period.State.OPEN) | Exists(waiting)).order_by("starts"))


def sheets_in(
    periods: Sequence[Period],
    policies: Mapping[int, Policy],
    readings: Mapping[int, PolicyReading] | None = None,
) -> list[SectionSheet]:
    """The sheets of all sections in these periods, in two queries, or five with the reading.

    `policies` have their ward. A section without targets in a policy has no sheet in it. `readings`
    (kpis/reading.py) have to hold all targets and entries of the periods' policies.
    """
    if not periods:
        return []
    concerned = {period.policy_id: policies[period.policy_id] for period in periods}
    if readings is None:
        readings = policies_targets(list(concerned.values()), brief=True)
    sections = _sections(concerned.values())
    actuals: dict[tuple[int, int], Actual] = {
        (actual.period_id, actual.target_id): actual
        for actual in Actual.objects.filter(period__in=periods).order_by()
    }
    found = []
    for period in periods:
        policy = policies[period.policy_id]
        here = {target: actual for (at, target), actual in actuals.items() if at == period.pk}
        found += _of_period(policy, period, readings[policy.pk], here, sections)
    return found


def _of_period(
    policy: Policy,
    period: Period,
    reading: PolicyReading,
    actuals: Mapping[int, Actual],
    sections: Mapping[tuple[int, str], tuple[int, dict[int, int], int]],
) -> list[SectionSheet]:
    results = judged(policy.pk, reading, period.key)
    before_submission = MOVES["submit"].before(period)
    sheets: dict[str, SectionSheet] = {}
    for target in reading.targets:
        sheet = sheets.get(target.section)
        if sheet is None:
            id_, in_policies, order = sections.get((policy.ward_id, target.section), (None, {}, 0))
            order = in_policies.get(policy.pk, 1000 + order)
            sheet = sheets[target.section] = SectionSheet(
                policy=policy,
                period=period,
                section_id=id_,
                section=target.section,
                order=(id_ is None, order, id_ or 0),  # what no section enters comes last
            )
        result, words = results[target.key], reading.words[target.key]
        if result.due and not result.linked:
            sheet.due += 1
            sheet.entered += result.entered
        actual = actuals.get(words.id)
        if actual is None or not actual.has_entry:
            continue
        sheet.states[actual.state] += 1
        if actual.state in before_submission:
            during_year = not result.year_end
            sheet.to_write += bool(lacking(result.status, actual, during_year=during_year))
        if actual.state == State.RETURNED:
            sheet.returned.append(Returned(target.key, words.label, actual.returned_because))
    return sorted(sheets.values(), key=lambda sheet: sheet.order)


def _sections(policies: Iterable[Policy]) -> dict[tuple[int, str], Any]:
    """By ward and name: id, the order in which each policy prints it, and its own order."""
    rows = (
        Section.objects.filter(ward__in={policy.ward_id for policy in policies})
        .order_by()
        .values_list(
            "ward_id", "name", "id", "order", "in_policies__policy_id", "in_policies__order"
        )
    )
    found: dict[tuple[int, str], Any] = {}
    for ward, name, id_, order, policy, printed in rows:
        _id, in_policies, _order = found.setdefault((ward, name), (id_, {}, order))
        if policy is not None:
            in_policies[policy] = printed
    return found
