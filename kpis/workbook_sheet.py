"""Which sheet it is that goes out or comes back, and what stands in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from wards.models import Section

from . import entering
from .cells import cell_text
from .entering import Place
from .figures import Entry
from .models import Actual, Period, Policy, Target
from .phrases import Phrases
from .sheet import DROPPED, chosen, enters_for, figures_of_last_year, policy_entered_by, sheet_url
from .workbook import Book, Line, Reference, kind_names, stage_names


@dataclass(frozen=True)
class Opened:
    """A section's sheet for a period, as this person opened it."""

    policy: Policy
    section: Section
    period: Period
    periods: list[Period]
    targets: list[Target]

    @property
    def reference(self) -> Reference:
        policy = self.policy
        return Reference(policy.ward.code, policy.fiscal_year, self.period.key, self.section.pk)

    @cached_property
    def phrases(self) -> Phrases:
        return Phrases(self.policy)

    @property
    def period_name(self) -> str:
        """下半期（10–3月）"""
        return self.phrases.period(self.period.starts, self.period.ends)

    @property
    def name(self) -> str:
        """磯子区 令和2年度 下半期 地域振興課"""
        return " ".join(self._name_parts)

    @property
    def _name_parts(self) -> list[str]:
        short, _months = self.phrases.period_parts(self.period.starts, self.period.ends)
        year = self.phrases.era_year(self.policy.fiscal_year)
        return [self.policy.ward.label, year, short, self.section.name]

    @property
    def file_name(self) -> str:
        """磯子区_令和2年度_下半期_地域振興課_実績入力.xlsx, in the reader's language."""
        stem = "_".join([*self._name_parts, gettext("実績入力")])
        return f"{stem.replace('/', '-').replace(' ', '-')}.xlsx"

    def url(self, page: str) -> str:
        """Of one of this sheet's pages: sheet_xlsx, sheet_upload."""
        policy = self.policy
        args = [policy.ward.code, policy.fiscal_year, self.section.pk, self.period.key]
        return reverse(f"kpis:{page}", args=args)

    @property
    def back(self) -> str:
        """Where the figures of this sheet are entered."""
        return sheet_url(self.policy, self.section.pk, self.period.key)

    def places(self, *, to_save: bool = False) -> dict[str, Place]:
        return entering.read_all(self.policy, self.period.key, self.targets, to_save=to_save)


def open_sheet(user, code: str, year: int, section: int, period: str) -> Opened:
    """The sheet, for those who enter figures of the section: else Http404 or PermissionDenied."""
    policy = policy_entered_by(user, code, year)
    periods = list(policy.periods.order_by("starts"))
    here = chosen(periods, period)
    targets = list(
        Target.objects.visible_to(user)
        .filter(policy=policy)
        .with_owner()
        .filter(owner_id=section)
        .select_related("project")
        .order_by("project__order", "project_id", "order", "id")
    )
    if not targets:
        raise Http404
    if not enters_for(user, policy, section):
        raise PermissionDenied(
            _("この課の実績は、所管課と区政推進課（事務局）だけが入力できます。")
        )
    for target in targets:
        target.policy = policy
    return Opened(policy, Section.objects.get(pk=section), here, periods, targets)


def book_of(opened: Opened, *, made_by: str) -> Book:
    """What goes out: a line a target, with what stands in the period and before it."""
    phrases, period = opened.phrases, opened.period
    places = opened.places()
    a_year_before = figures_of_last_year(opened.policy, period)
    lines = [
        _line(places[target.key], a_year_before.get((target.project.name, target.label)), phrases)
        for target in opened.targets
    ]
    now = timezone.localtime()
    made = gettext("%(day)s作成") % {"day": now.strftime("%Y-%m-%d %H:%M")}
    due = gettext("入力期限 %(day)s") % {"day": phrases.short_day(period.due)} if period.due else ""
    demo = gettext("デモデータ") if opened.policy.is_demo else ""
    title = gettext("%(ward)s %(year)s %(period)s %(section)s 実績入力") % {
        "ward": opened.policy.ward.label,
        "year": phrases.year(opened.policy.fiscal_year),
        "period": opened.period_name,
        "section": opened.section.name,
    }
    earlier = ("last_year", "before", "so_far")
    return Book(
        reference=opened.reference,
        title=title,
        dates="　".join(filter(None, [made, due, demo])),
        footer=f"{opened.section.name}　{made}　{made_by}",
        demo=demo,
        lines=lines,
        without=frozenset(
            name for name in earlier if all(getattr(line, name) is None for line in lines)
        ),
    )


def _line(place: Place, a_year_before: Entry | None, phrases: Phrases) -> Line:
    target, actual = place.target, place.actual or Actual()
    promise, result = place.promise, place.result()
    before = [period for period in place.periods if period.starts < place.period.starts]
    return Line(
        key=target.key,
        version=place.actual.version if place.actual else 0,
        number=target.project.number,
        project=target.project.name,
        target=target.label,
        goal=_goal(place, phrases),
        unit=target.unit,
        figure=figure_cell(actual),
        kind=kind_cell(actual),
        whole=actual.denominator,
        note=actual.note,
        cause=actual.cause,
        remedy=actual.remedy,
        state=_state(place, phrases.status(result) if result.status in DROPPED else ""),
        last_year=_known(a_year_before),
        before=_known(_entry_at(place, before[-1])) if before else None,
        so_far=_so_far(place.actuals, before) if promise.is_sum and len(before) > 1 else None,
        is_milestone=target.is_milestone,
        is_ratio=target.measure == Target.Measure.RATIO,
        is_linked=bool(target.linked_to_id),
        is_sum=promise.is_sum,
        may_be_negative=target.baseline is not None,
        fixed=is_fixed(place) or result.status in DROPPED,
    )


def is_fixed(place: Place) -> bool:
    """Whether a row is there to be read: closed, confirmed, or handed in and not taken back."""
    actual = place.actual
    handed_in = actual is not None and actual.has_entry and actual.state == Actual.State.SUBMITTED
    return place.refusal is not None or handed_in


def _goal(place: Place, phrases: Phrases) -> str:
    target = place.target
    if target.is_milestone:
        return stage_names()[-1] if not target.ongoing else phrases.texts.all_year
    said = phrases.target(place.promise, place.result(), target.unit)
    if target.measure == Target.Measure.RATIO and target.denominator is not None:
        whole = phrases.amount(target.denominator, target.unit)
        return gettext("%(whole)s中%(part)s") % {"whole": whole, "part": said}
    return said


def figure_cell(actual: Actual) -> Decimal | str | None:
    """What stands in the cell of the figure: a number or a stage; nothing where a reason does."""
    if actual.value is not None:
        return actual.value
    if actual.stage:
        return stage_names()[list(Actual.Stage).index(Actual.Stage(actual.stage))]
    return None


def kind_cell(actual: Actual) -> str:
    """確定, 見込, or the reason why there is no figure; "" where nothing was entered."""
    final, provisional, *reasons = kind_names()
    if actual.missing:
        return reasons[list(Actual.Missing).index(Actual.Missing(actual.missing))]
    if not actual.has_entry:
        return ""
    return provisional if actual.certainty == Actual.Certainty.PROVISIONAL else final


def _entry_at(place: Place, period: Period) -> Entry | None:
    actual = place.actuals.get(period.key)
    return entering.entry_of(actual) if actual else None


def _known(entry: Entry | None) -> Decimal | str | None:
    """An earlier figure: a number where it is one and final, else what a cell would say."""
    if entry is None or not entering.says_something(entry):
        return None
    if entry.value is not None and entry.of is None and not entry.provisional:
        return entry.value
    return cell_text(entry, lang=get_language() or "ja")


def _so_far(actuals: Mapping[str, Actual], before: list[Period]) -> Decimal | None:
    values = [actuals[each.key].value for each in before if each.key in actuals]
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if known else None


def _state(place: Place, dropped: str) -> str:
    """Why a row is grey, or that it was returned and why."""
    if dropped:
        return dropped
    actual = place.actual
    if not place.period.is_open:
        return str(place.period.get_state_display())
    if actual is None or not actual.has_entry:
        return ""
    state = str(actual.get_state_display())
    if actual.state == Actual.State.RETURNED and actual.returned_because:
        return gettext("%(state)s：%(reason)s") % {
            "state": state,
            "reason": actual.returned_because,
        }
    return state
