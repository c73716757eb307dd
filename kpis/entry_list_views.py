"""The list of what a section enters in a period, and what it still owes."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from .achievement import Result, judge_all
from .entry_rules import Remark, lacking
from .entry_views import entry_list_url, in_words
from .forms import sentence
from .models import Actual, Period, Policy, Target
from .permissions import can_enter, can_open_and_close, enters_anything
from .phrases import Phrases
from .reading import policy_targets
from .workflow import MOVES


@dataclass(frozen=True, slots=True)
class Line:
    """A target that this person enters, and how it stands in the period."""

    target: Target
    result: Result
    actual: Actual | None  # of the period
    goal: str
    before: str  # the period before, in words
    now: str
    status: str
    rate: str
    url: str
    remarks: list[Remark]  # what has to be written before it is submitted

    @property
    def state(self) -> str:
        """Of what can be moved on its way; "" where nothing was entered."""
        return self.actual.state if self.actual and self.actual.has_entry else ""

    @property
    def lacking(self) -> list[str]:
        return [sentence(remark) for remark in self.remarks]

    @property
    def returned_because(self) -> str:
        if self.actual and self.state in (Actual.State.DRAFT, Actual.State.RETURNED):
            return self.actual.returned_because
        return ""

    @property
    def owed(self) -> bool:
        """Whether an entry is due and missing; a linked total follows from its yearly target."""
        return self.counts and not self.result.entered

    @property
    def counts(self) -> bool:
        return self.result.due and not self.result.linked


@require_safe
def entry_list(request, code: str, year: int):
    """What is mine to enter: the targets of my sections, for the secretariat those of all.

    `?after=key` leads on to the next target that is owed, and shows the list where none is.
    """
    policy = policy_entered_by(request.user, code, year)
    periods = list(policy.periods.order_by("starts"))
    period = chosen(periods, request.GET.get("period"))
    lines = lines_of(request.user, policy, periods, period)
    after = request.GET.get("after")
    if after and (upcoming := next_owed(lines, after)):
        return redirect(upcoming.url)
    return show_list(request, policy, periods, period, lines, request.GET.get("section", ""))


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


def show_list(
    request,
    policy: Policy,
    periods: list[Period],
    period: Period,
    lines: list[Line],
    wanted: str,
    **more,
):
    """The list as it is; with a move that was refused, what was picked and typed."""
    code, year = policy.ward.code, policy.fiscal_year
    sections = {str(line.target.owner_id): line.target.owner_name for line in lines}
    shown = of_section(lines, wanted)
    phrases = Phrases(policy)
    counted = [line for line in shown if line.counts]
    offered = offered_moves(request.user, period, shown)
    context = {
        "place": "entry",
        "policy": policy,
        "year": phrases.year(year),
        "period": period,
        "period_name": phrases.period(period.starts, period.ends),
        "due": phrases.short_day(period.due) if period.due else "",
        "periods": [
            {
                "url": entry_list_url(code, year, period=each.key),
                "name": phrases.period_parts(each.starts, each.ends),
                "current": each == period,
            }
            for each in periods
        ],
        "sections": sections if len(sections) > 1 else {},
        "wanted": wanted,
        "lines": shown,
        "counted": len(counted),
        "owed": sum(line.owed for line in shown),
        "entered": sum(not line.owed for line in counted),
        "by_state": {
            state: sum(line.state == state for line in shown) for state in Actual.State.values
        },
        "unready": [line for line in shown if line.remarks or line.returned_because],
        "offered": offered,
        "one_section": len({line.target.owner_id for line in shown}) == 1,
        "opens_and_closes": can_open_and_close(request.user, policy),
        **more,
    }
    return render(request, "kpis/entry_list.html", context)


def of_section(lines: list[Line], wanted: str) -> list[Line]:
    return [line for line in lines if wanted in ("", str(line.target.owner_id))]


def offered_moves(user, period: Period, lines: list[Line]) -> set[str]:
    """The moves that this person can make with at least one of the lines."""
    return {
        action
        for action, rule in MOVES.items()
        if action != "correct"
        and any(
            line.state in rule.before(period) and rule.allowed(user, line.target, period)
            for line in lines
        )
    }


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
    keys = [line.target.key for line in lines]
    at = keys.index(after) if after in keys else -1
    around = lines[at + 1 :] + lines[: max(at, 0)]
    return next((line for line in around if line.owed), None)


def lines_of(user, policy: Policy, periods: list[Period], period: Period) -> list[Line]:
    """The targets this person enters, in the policy's order, judged at the end of a period."""
    reading = policy_targets(policy)
    results = judge_all(
        reading.targets,
        reading.entries,
        periods=reading.periods,
        period=period.key,
        fiscal_year=reading.fiscal_year,
        grades=reading.grades,
    )
    promises = {promise.key: promise for promise in reading.targets}
    earlier = [each for each in periods if each.starts < period.starts][-1:]
    actuals = {
        (actual.target_id, actual.period_id): actual
        for actual in Actual.objects.filter(period__in=[*earlier, period]).order_by()
    }
    phrases = Phrases(policy)

    def words(target: Target, at: Period) -> str:
        actual = actuals.get((target.pk, at.pk))
        return in_words(actual, target.unit, phrases) if actual else ""

    lines = []
    for target in targets_entered_by(user, policy):
        result = results[target.key]
        actual = actuals.get((target.pk, period.pk))
        unsent = actual and actual.has_entry and actual.state in MOVES["submit"].before(period)
        lines.append(
            Line(
                target=target,
                result=result,
                actual=actual,
                remarks=lacking(result.status, actual) if actual and unsent else [],
                goal=""
                if target.is_milestone
                else phrases.target(promises[target.key], result, target.unit),
                before=words(target, earlier[0]) if earlier else "",
                now=words(target, period),
                status=phrases.status(result),
                rate=phrases.rate(result),
                url=reverse(
                    "kpis:entry",
                    args=[policy.ward.code, policy.fiscal_year, target.key, period.key],
                ),
            )
        )
    return lines


def targets_entered_by(user, policy: Policy) -> list[Target]:
    targets = list(
        Target.objects.visible_to(user)
        .filter(policy=policy)
        .with_owner()
        .select_related("project")
        .order_by("project__order", "order", "id")
    )
    for target in targets:
        target.policy = policy
    return [target for target in targets if can_enter(user, target)]
