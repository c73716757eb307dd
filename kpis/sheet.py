"""The sheet: one section's targets in one period, a row a target, read in few queries.

`lines_of` reads every line of a policy that somebody enters; a `Sheet` is those of one section
with the figures of the year before beside them. What a line says is worked out from the plain
values of kpis/reading.py; nothing here writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property, lru_cache

from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from wards.permissions import Role, access_of
from wards.prepared import Prepared

from . import achievement, entering
from .achievement import Entry, Result, Status
from .board import Shares, judged, shares
from .entering import Place
from .entry_rules import Remark, lacking
from .forms import sentence
from .models import Actual, Period, Policy, Target
from .permissions import enters_anything
from .reading import PolicyReading, Said, policy_targets
from .workflow import MOVES

State = Actual.State
NOTHING_SAID = Said(note="", cause="", state="", certainty="", corrected_because="")

#: Decided not to be carried on: nothing is entered, the reason stands in the row.
DROPPED = frozenset({Status.CANCELLED, Status.POSTPONED})


def sheet_url(policy: Policy, section_id: int, period_key: str) -> str:
    return reverse(
        "kpis:sheet", args=[policy.ward.code, policy.fiscal_year, section_id, period_key]
    )


@dataclass(frozen=True, slots=True)
class Meta:
    """What is kept of an entry beside its figure and words."""

    version: int = 0
    returned_because: str = ""
    saved_at: datetime | None = None


NEVER_SAVED = Meta()


@dataclass(slots=True)
class Line:
    """One target in one period: what stands, what it is worth, and what is still to be done."""

    key: str
    label: str
    unit: str
    promise: achievement.Target
    result: Result
    entry: Entry
    said: Said | Actual  # notes alone included
    meta: Meta
    is_open: bool
    earlier: Decimal = Decimal(0)  # what the periods before come to
    follows: Decimal | None = None  # what a linked total would be by its yearly target
    status_reason: str = ""
    section_id: int | None = None
    section_name: str = ""
    project: Heading | None = None
    url: str = ""

    @property
    def has_entry(self) -> bool:
        return entering.says_something(self.entry)

    @property
    def state(self) -> str:
        """Of what can be moved on its way; "" where nothing was entered."""
        return self.said.state if self.has_entry else ""

    @property
    def counts(self) -> bool:
        return self.result.due and not self.result.linked

    @property
    def owed(self) -> bool:
        """Whether an entry is due and missing; a linked total follows from its yearly target."""
        return self.counts and not self.result.entered

    @property
    def is_dropped(self) -> bool:
        return self.result.status in DROPPED

    @property
    def is_fixed(self) -> bool:
        """Whether the row is plain text: closed, handed in, confirmed, or not carried on.

        What was handed in is taken back before it is changed.
        """
        handed_in = self.said.state in (State.SUBMITTED, State.CONFIRMED) and self.has_entry
        return not self.is_open or self.is_dropped or handed_in

    @property
    def remarks(self) -> list[Remark]:
        """What has to be written before it is submitted."""
        before = MOVES["submit"].open if self.is_open else MOVES["submit"].closed
        if self.state not in before:
            return []
        during_year = not self.result.year_end
        return lacking(self.result.status, self.said, during_year=during_year)

    @property
    def lacking(self) -> list[str]:
        return [sentence(remark) for remark in self.remarks]

    @property
    def returned_because(self) -> str:
        return self.meta.returned_because if self.state in (State.DRAFT, State.RETURNED) else ""

    @property
    def shares(self) -> Shares:
        return shares(self.promise, self.result)


@dataclass(frozen=True, slots=True)
class Heading:
    """The project that a line stands under."""

    id: int
    key: str
    number: str
    name: str
    status_reason: str = ""


@dataclass
class Sheet:
    """The lines of one section in one period, and what stood there before."""

    policy: Policy
    section_id: int
    section_name: str
    period: Period
    periods: list[Period]
    reading: PolicyReading
    lines: list[Line]
    #: The sections of the policy that this person enters for, by id.
    sections: dict[int, str] = field(default_factory=dict)

    @cached_property
    def last_year(self) -> Mapping[tuple[str, str], Entry]:
        """By project name and label the figure of the same period a year before."""
        return figures_of_last_year(self.policy, self.period)

    @property
    def earlier_periods(self) -> list[Period]:
        return [each for each in self.periods if each.starts < self.period.starts]

    def entry_at(self, line: Line, period: Period) -> Entry | None:
        return self.reading.entries.get(line.key, {}).get(period.key)

    def note_at(self, line: Line, period: Period) -> str:
        said = self.reading.said.get(line.key, {}).get(period.key)
        return said.note if said else ""

    def is_corrected(self, line: Line, period: Period) -> bool:
        said = self.reading.said.get(line.key, {}).get(period.key)
        return bool(said and said.corrected_because)

    def a_year_before(self, line: Line) -> Entry | None:
        assert line.project is not None
        return self.last_year.get((line.project.name, line.label))


# Who opens it ------------------------------------------------------------------------------------


def policy_entered_by(user, code: str, year: int) -> Policy:
    """The policy, for those who enter figures of its ward: else Http404 or PermissionDenied."""
    policy = get_object_or_404(
        Policy.objects.visible_to(user).select_related("ward"),
        ward__code=code,
        fiscal_year=year,
    )
    if not enters_anything(user, policy):
        raise PermissionDenied(_("実績は、所管課と区政推進課（事務局）だけが入力できます。"))
    return policy


def chosen(periods: list[Period], key: str | None) -> Period:
    """The period asked for, else the earliest that is open, else the last; Http404 without one."""
    if key is None:
        periods = [period for period in periods if period.is_open][:1] or periods[-1:]
    else:
        periods = [period for period in periods if period.key == key]
    if not periods:
        raise Http404
    return periods[0]


def next_owed(lines: list[Line], after: str) -> Line | None:
    """The first line that is owed behind a target, then from the top; never that target itself."""
    keys = [line.key for line in lines]
    at = keys.index(after) if after in keys else -1
    around = lines[at + 1 :] + lines[: max(at, 0)]
    return next((line for line in around if line.owed and not line.is_dropped), None)


# Reading -----------------------------------------------------------------------------------------


def lines_of(user, policy: Policy, periods: list[Period], period: Period) -> list[Line]:
    """The targets this person enters, in the policy's order, judged at the end of a period."""
    lines = every_line(policy, policy_targets(policy), periods, period)
    return [line for line in lines if enters_for(user, policy, line.section_id)]


def enters_for(user, policy: Policy, section_id: int | None) -> bool:
    """The rule of `permissions.can_enter`, of a section's targets."""
    access = access_of(user)
    return access.works_for(section_id) or access.has(policy.ward_id, Role.SECRETARIAT)


def read_sheet(user, policy: Policy, section_id: int, period_key: str) -> Sheet:
    """The sheet of a section; Http404 where it enters nothing in this policy, or without a period.

    Five queries, however many targets there are. Raises PermissionDenied for another's section.
    """
    reading = policy_targets(policy)
    periods = periods_read(policy, reading)
    period = chosen(periods, period_key)
    lines = every_line(policy, reading, periods, period)
    mine = [line for line in lines if line.section_id == section_id]
    if not mine:
        raise Http404
    if not enters_for(user, policy, section_id):
        raise PermissionDenied(
            _("この課の実績は、所管課と区政推進課（事務局）だけが入力できます。")
        )
    sections = {
        line.section_id: line.section_name
        for line in lines
        if line.section_id and enters_for(user, policy, line.section_id)
    }
    return Sheet(
        policy=policy,
        section_id=section_id,
        section_name=mine[0].section_name,
        period=period,
        periods=periods,
        reading=reading,
        lines=mine,
        sections=sections,
    )


def periods_read(policy: Policy, reading: PolicyReading) -> list[Period]:
    """The periods as objects, out of what was read of the policy already."""
    columns = ("id", "policy_id", "key", "starts", "ends", "due", "state")
    periods = []
    for each in reading.periods:
        is_open = each.key in reading.open_periods
        state = Period.State.OPEN if is_open else Period.State.CLOSED
        id_, due = reading.period_ids[each.key], reading.due[each.key]
        values = (id_, policy.pk, each.key, each.starts, each.ends, due, state)
        periods.append(Period.from_db(policy._state.db, columns, values))
    return periods


def every_line(
    policy: Policy, reading: PolicyReading, periods: list[Period], period: Period
) -> list[Line]:
    """Every target of the policy as a line, project by project, in two more queries."""
    results = judged(policy.pk, reading, period.key)
    promises = {promise.key: promise for promise in reading.targets}
    meta = {target: Meta(*kept) for target, *kept in _kept()(period.pk)}
    so_far = [each for each in periods if each.starts <= period.starts]
    before = [each.key for each in so_far[:-1]]
    address = reverse("kpis:entry", args=[policy.ward.code, policy.fiscal_year, "KEY", period.key])
    way, _key, end = address.rpartition("KEY")
    headings: dict[int, Heading] = {}
    lines = []
    for key, section_id, section_name, id_, *named in _owners()(policy.pk):
        promise, words = promises[key], reading.words[key]
        entries, said = reading.entries.get(key, {}), reading.said.get(key, {})
        heading = headings.get(id_) or headings.setdefault(id_, Heading(id_, *named))
        lines.append(
            Line(
                key=key,
                label=words.label,
                unit=words.unit,
                promise=promise,
                result=results[key],
                entry=entries.get(period.key) or _no_entry(said.get(period.key)),
                said=said.get(period.key) or NOTHING_SAID,
                meta=meta.get(words.id, NEVER_SAVED),
                is_open=period.is_open,
                earlier=_sum(entries, before),
                follows=_follows(promise, reading, so_far),
                status_reason=words.status_reason,
                section_id=section_id,
                section_name=section_name or "",
                project=heading,
                url=f"{way}{key}{end}",
            )
        )
    return lines


def _no_entry(said: Said | None) -> Entry:
    """Nothing entered: 見込 may have been chosen already."""
    provisional = said is not None and said.certainty == Actual.Certainty.PROVISIONAL
    return Entry(provisional=provisional)


def _sum(entries: Mapping[str, Entry], keys: Iterable[str]) -> Decimal:
    values = [entries[key].value for key in keys if key in entries]
    return sum((value for value in values if value is not None), Decimal(0))


def _follows(
    promise: achievement.Target, reading: PolicyReading, so_far: list[Period]
) -> Decimal | None:
    """As `Place.follows`: what a linked total would be, had nobody typed one for this period."""
    if not promise.linked_to:
        return None
    here = so_far[-1].key
    own = reading.entries.get(promise.key, {})
    typed = {key: entry for key, entry in own.items() if key != here}
    yearly = reading.entries.get(promise.linked_to, {})
    return entering.linked_total(promise, typed, yearly, so_far, reading.fiscal_year)


@lru_cache(maxsize=1)
def _owners() -> Prepared:
    """Each target with the section that enters it and its project, as they stand on the sheet."""
    return Prepared(
        lambda policy: (
            Target.objects.filter(policy=policy)
            .with_owner()
            .order_by("project__order", "project_id", "order", "id")
            .values_list(
                "key",
                "owner_id",
                "owner_name",
                "project_id",
                "project__key",
                "project__number",
                "project__name",
                "project__status_reason",
            )
        )
    )


@lru_cache(maxsize=1)
def _kept() -> Prepared:
    return Prepared(
        lambda period: (
            Actual.objects.filter(period=period)
            .order_by()
            .values_list("target_id", "version", "returned_because", "saved_at")
        )
    )


def figures_of_last_year(policy: Policy, period: Period) -> dict[tuple[str, str], Entry]:
    """What the same ward reported a year before in the period of the same name.

    By project name and label: keys are those of a document and may mean something else next year.
    """
    found = {}
    for project, label, value, of, stage, missing, certainty in _year_before()(
        policy.pk, period.key
    ):
        entry = Entry(
            value=value,
            of=of,
            stage=stage or None,
            missing=missing or None,
            provisional=certainty == Actual.Certainty.PROVISIONAL,
        )
        if entering.says_something(entry):
            found[project, label] = entry
    return found


@lru_cache(maxsize=1)
def _year_before() -> Prepared:
    this_year = "period__policy__ward__policies"
    return Prepared(
        lambda policy, key: (
            Actual.objects.filter(
                **{this_year: policy},
                period__policy__fiscal_year=F(f"{this_year}__fiscal_year") - 1,
                period__policy__state=Policy.State.IN_FORCE,
                period__key=key,
            )
            .order_by()
            .values_list(
                "target__project__name",
                "target__label",
                "value",
                "denominator",
                "stage",
                "missing",
                "certainty",
            )
        )
    )


# One line, from what is being saved --------------------------------------------------------------


def line_of(place: Place) -> Line:
    """The line of a place, as far as the row of one cell goes."""
    actual, target = place.actual, place.target
    own = place.actuals
    entries = {key: entering.entry_of(each) for key, each in own.items()}
    before = [p.key for p in place.periods if p.starts < place.period.starts]
    return Line(
        key=target.key,
        label=target.label,
        unit=target.unit,
        promise=place.promise,
        result=place.result(),
        entry=entries.get(place.period.key, Entry()),
        said=actual or NOTHING_SAID,
        meta=Meta(
            version=actual.version,
            returned_because=actual.returned_because,
            saved_at=actual.saved_at,
        )
        if actual
        else NEVER_SAVED,
        is_open=place.period.is_open,
        earlier=_sum(entries, before),
        follows=place.follows,
    )
