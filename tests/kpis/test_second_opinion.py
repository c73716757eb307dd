"""Two people work every target out by the same rules and compare: the product, and a slow one.

The targets are made up at random from a fixed seed: every measure, direction and baseline, plans,
months of their own, revisions, cancellations, linked pairs, reported denominators, zeros, under
halves, quarters, months and odder periods. `AYUMI_SECOND_OPINIONS` asks for more of them.
"""

import os
import random
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from kpis.achievement import judge_all, percent, project_status, roll_up
from kpis.figures import Entry, Formula, Grades, Period, Result, Revision, Status, Target

from .second_opinion import Opinion, rank, second_opinion, shown, together

POLICIES = int(os.environ.get("AYUMI_SECOND_OPINIONS", "60"))
TARGETS = 16  # in a policy, a linked pair being two of them
FIELDS = [each.name for each in fields(Opinion)]


# --- A policy made up at random ------------------------------------------------------------------


@dataclass
class Policy:
    fiscal_year: int
    periods: list[Period]
    grades: Grades
    targets: list[Target] = field(default_factory=list)
    entries: dict[str, dict[str, Entry]] = field(default_factory=dict)

    def yearly_entries(self, target: Target) -> Mapping[str, Entry] | None:
        return self.entries[target.linked_to] if target.linked_to else None


def month_ends(fiscal_year: int, months_gone: int) -> date:
    """The last day of the month so many months into the fiscal year."""
    year, month = divmod(fiscal_year * 12 + 3 + months_gone - 1, 12)
    return date(year, month + 1, monthrange(year, month + 1)[1])


def periods_ending(ends: Sequence[date], fiscal_year: int) -> list[Period]:
    starts = [date(fiscal_year, 4, 1), *(day + timedelta(days=1) for day in ends)]
    return [
        Period(f"P{number}", first, last)
        for number, (first, last) in enumerate(zip(starts, ends, strict=False), start=1)
    ]


def some_periods(chance: random.Random, fiscal_year: int) -> list[Period]:
    ends = chance.choice(
        [[6, 12]] * 3 + [[3, 6, 9, 12]] * 3 + [list(range(1, 13)), [12], [4, 8, 12], [6, 11]]
    )
    days = [month_ends(fiscal_year, months) for months in ends]
    if chance.random() < 0.1:  # 15 September and 31 March
        days = [date(fiscal_year, 9, 15), date(fiscal_year + 1, 3, 31)]
    return periods_ending(days, fiscal_year)


def amount(chance: random.Random, top: Decimal | int = 20, *, below_zero: bool = False) -> Decimal:
    """Small and often equal, since the bounds are where two people differ."""
    number = Decimal(chance.choice((0, 0, 1, 2, 3, 4, 5, 8, 9, 10, 10, 12, 16, 20)))
    if chance.random() < 0.2:
        number += Decimal(chance.choice(("0.5", "0.25", "0.1")))
    if below_zero and chance.random() < 0.2:
        return -number
    return min(number, Decimal(top))


def near(chance: random.Random, value: Decimal, parts: int) -> Decimal:
    """Its share of the value or a little beside it, where the bounds of the statuses are."""
    return (value / parts).quantize(Decimal("0.01")) * Decimal(
        chance.choice(("0.75", "0.8", "0.9", "1", "1", "1.1", "1.2"))
    )


def some_day(chance: random.Random, policy: Policy) -> date:
    period = chance.choice(policy.periods)
    return chance.choice(
        (
            period.starts,
            period.ends,
            period.ends + timedelta(days=1),
            period.starts - timedelta(days=1),
            date(policy.fiscal_year, 4, 1) + timedelta(days=chance.randrange(365)),
        )
    )


def some_months(chance: random.Random) -> tuple[int | None, int | None]:
    if chance.random() < 0.5:
        return None, None
    first, last = sorted(chance.sample(range(12), 2))
    months = [4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3]
    if chance.random() < 0.1:
        last = first
    start = months[first] if chance.random() < 0.7 else None
    end = months[last] if chance.random() < 0.7 else None
    return start, end


def some_status(chance: random.Random, policy: Policy) -> tuple[str, date | None]:
    if chance.random() < 0.92:
        return "active", None
    on = None if chance.random() < 0.3 else some_day(chance, policy)
    return chance.choice(("cancelled", "postponed")), on


def some_revisions(
    chance: random.Random, policy: Policy, value: Decimal, others: Sequence[Decimal]
) -> tuple[Revision, ...]:
    """They end at `value`, the one in force after all of them."""
    if chance.random() < 0.75:
        return ()
    days = sorted({some_day(chance, policy) for _ in range(chance.choice((1, 1, 2)))})
    values = [chance.choice(others) for _ in days] + [value]
    made = [Revision(on, old, new) for on, old, new in zip(days, values, values[1:], strict=False)]
    chance.shuffle(made)
    return tuple(made)


def some_entry(chance: random.Random, figure: Decimal, m: Decimal | None = None) -> Entry | None:
    what = chance.random()
    if what < 0.2:
        return None
    if what < 0.25:
        return Entry()  # a note alone
    if what < 0.35:
        return Entry(missing=chance.choice(("pending", "not_surveyed", "suppressed")))
    return Entry(value=figure, of=m, provisional=chance.random() < 0.2)


def add(policy: Policy, target: Target, made: Mapping[str, Entry | None]) -> None:
    policy.targets.append(target)
    policy.entries[target.key] = {key: entry for key, entry in made.items() if entry is not None}


def common(chance: random.Random, policy: Policy) -> dict[str, object]:
    starts_month, ends_month = some_months(chance)
    status, status_on = some_status(chance, policy)
    project_status, project_status_on = some_status(chance, policy)
    return {
        "starts_month": starts_month,
        "ends_month": ends_month,
        "status": status,
        "status_on": status_on,
        "project_status": project_status,
        "project_status_on": project_status_on,
        "nature": chance.choice(("", "activity", "outcome")),
    }


def add_milestone(chance: random.Random, policy: Policy, key: str) -> None:
    made: dict[str, Entry | None] = {}
    for period in policy.periods:
        made[period.key] = some_entry(chance, Decimal(1))
        if made[period.key] and made[period.key].value is not None:  # type: ignore[union-attr]
            stage = chance.choice(("not_started", "preparing", "under_way", "under_way", "done"))
            made[period.key] = Entry(stage=stage, provisional=chance.random() < 0.2)
    ongoing = chance.random() < 0.5
    target = Target(key=key, measure="milestone", ongoing=ongoing, **common(chance, policy))  # type: ignore[arg-type]
    add(policy, target, made)


def add_figure(
    chance: random.Random, policy: Policy, key: str, linked_to: str = "", kind: str = ""
) -> None:
    """A sum, a latest or a running total; `kind` fixes which, for the two of a linked pair."""
    measure = chance.choice(("number", "number", "ratio", "percentage"))
    if kind and (kind == "sum" or chance.random() < 0.9):
        measure = "number"
    kind = kind or chance.choice(("sum", "sum", "latest", "latest", "total"))
    of = Decimal(chance.choice((1, 5, 9, 10, 10, 16, 0))) if measure == "ratio" else None
    top = of if of is not None else Decimal(100)
    baseline = None
    if kind != "sum" and chance.random() < 0.6:
        baseline = amount(chance, top, below_zero=measure == "number" and not linked_to)
    below_zero = baseline is not None and measure == "number" and not linked_to
    values = [amount(chance, top, below_zero=below_zero) for _ in range(3)]
    if of is not None and chance.random() < 0.3:
        values[0] = of
    plan = {}
    if chance.random() < 0.3:
        planned = chance.sample(policy.periods, chance.randint(1, len(policy.periods)))
        plan = {period.key: amount(chance, top, below_zero=below_zero) for period in planned}
    target = Target(
        key=key,
        measure=measure,
        accumulation="sum" if kind == "sum" else "latest",
        direction=chance.choice(("at_least", "at_most")),
        value=values[0] if chance.random() < 0.98 else None,
        of=of,
        cumulative=kind == "total",
        baseline=baseline,
        linked_to=linked_to,
        plan=plan,
        revisions=some_revisions(chance, policy, values[0], values),
        **common(chance, policy),  # type: ignore[arg-type]
    )
    if target.value is None:
        target = Target(key, measure, target.accumulation, cumulative=target.cumulative, of=of)
    made: dict[str, Entry | None] = {}
    for period in policy.periods:
        m = None
        if of is not None and chance.random() < 0.3:
            m = Decimal(chance.choice((8, 9, 10, 12, 0)))
        highest = top if m is None else m
        figure = amount(chance, highest, below_zero=below_zero)
        if chance.random() < 0.5:
            parts = len(policy.periods) if kind == "sum" else 1
            figure = min(near(chance, values[0], parts), highest)
        entry = some_entry(chance, figure, m)
        if linked_to and (chance.random() < 0.7 or (entry is not None and entry.missing)):
            entry = None  # a reason is refused on a linked total, and most follow their partner
        made[period.key] = entry
    add(policy, target, made)


def some_policy(chance: random.Random) -> Policy:
    fiscal_year = chance.choice((2019, 2020, 2023))
    grades = Grades()
    if chance.random() < 0.3:
        grades = Grades(
            achieved=chance.choice((90, 100, 110, Decimal("120"))),
            pace=chance.choice((50, 80, 90)),
            rate=chance.choice((60, 80, 90)),
        )
    policy = Policy(fiscal_year, some_periods(chance, fiscal_year), grades)
    while len(policy.targets) < TARGETS:
        key = f"t{len(policy.targets) + 1}"
        kind = chance.random()
        if kind < 0.15:
            add_milestone(chance, policy, key)
        elif kind < 0.3:
            add_figure(chance, policy, key, kind="sum")
            add_figure(chance, policy, key + "-total", linked_to=key, kind="total")
        else:
            add_figure(chance, policy, key)
    return policy


# --- The two judge it ----------------------------------------------------------------------------


def opinion_of(policy: Policy, target: Target, period: Period) -> Opinion:
    return second_opinion(
        target,
        policy.entries[target.key],
        periods=policy.periods,
        period=period.key,
        fiscal_year=policy.fiscal_year,
        grades=policy.grades,
        yearly=policy.yearly_entries(target),
    )


def differences(result: Result, opinion: Opinion) -> list[str]:
    return [
        f"{name}: product {getattr(result, name)}, second opinion {getattr(opinion, name)}"
        for name in FIELDS
        if getattr(result, name) != getattr(opinion, name)
    ]


def worked_out_again(formula: Formula, limit: bool) -> Fraction:
    """What a resident gets who takes the formula and the figures that a page shows."""
    a, t = formula.values["A"], formula.values["T"]
    b = formula.values.get("B")
    if "m" in formula.values:
        m, m_t = formula.values["m"], formula.values["m_T"]
        a, t, b = a / m, t / m_t, None if b is None else b / m_t
    if formula.key in ("nothing_asked", "within", "kept"):
        return Fraction(1)
    if formula.key == "lost":
        return Fraction(0)
    if formula.key == "covered":
        assert b is not None
        return max(Fraction(0), (a - b) / (t - b))
    if formula.key == "over" or (formula.key == "slipped" and limit):
        return t / a if t > 0 else Fraction(0)
    assert formula.key in ("share", "slipped"), formula.key
    return max(Fraction(0), a / t)


@pytest.mark.parametrize("seed", range(POLICIES))
def test_the_product_and_a_second_opinion_agree_on_every_target(seed):
    policy = some_policy(random.Random(seed))
    for period in policy.periods if len(policy.periods) < 5 else policy.periods[::3]:
        results = judge_all(
            policy.targets,
            policy.entries,
            periods=policy.periods,
            period=period.key,
            fiscal_year=policy.fiscal_year,
            grades=policy.grades,
        )
        opinions = []
        for target in policy.targets:
            result, opinion = results[target.key], opinion_of(policy, target, period)
            opinions.append((target, opinion))
            where = f"{target} with {policy.entries[target.key]} at {period} by {policy.grades}"
            assert not differences(result, opinion), where
            for fraction in (result.rate, result.overall_rate, result.pace):
                assert fraction is None or percent(fraction) == shown(fraction)
            for fraction, formula in (
                (result.rate, result.formula),
                (result.pace, result.pace_formula),
            ):
                assert (fraction is None) == (formula is None)
                if formula is not None:
                    assert worked_out_again(formula, target.is_limit) == fraction, where
        _compare_roll_up(policy, results, opinions)


def _compare_roll_up(
    policy: Policy, results: Mapping[str, Result], opinions: list[tuple[Target, Opinion]]
) -> None:
    product = roll_up((target, results[target.key]) for target in policy.targets)
    second = together(opinions)
    assert dict(product.counts) == dict(second.counts)
    for name in ("achieved", "judged", "entered", "due", "mean", "mean_of"):
        assert getattr(product, name) == getattr(second, name), name
    for nature, (mean, covered) in second.by_nature.items():
        assert (product.by_nature[nature].mean, product.by_nature[nature].of) == (mean, covered)
    # What rule 7 says of its own figures.
    assert second.due - second.entered == second.counts[Status.NOT_ENTERED]
    statuses = [opinion.status for _, opinion in opinions]
    assert rank(project_status(statuses)) == min(rank(status) for status in statuses)
