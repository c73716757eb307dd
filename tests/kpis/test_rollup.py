"""Rule 7: the ten targets of docs/calculation.md together, linked pairs, and what is nothing."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from kpis.achievement import Entry, Status, Target, judge_all, percent, project_status, roll_up
from kpis.rollup import WORST_FIRST
from kpis.wording import STATUS_NAMES
from tests.kpis.examples import HALVES, NONE, example, tables


def judged_examples():
    judged = []
    for line in tables("規則7")[0]:
        case = example(line["target"], line["entries"], key=line["no"])
        nature = "" if line["nature"] == NONE else line["nature"]
        judged.append((replace(case.target, nature=nature), case.at("H2")))
    return judged


def test_the_ten_targets_come_to_what_the_document_says():
    some = roll_up(judged_examples())
    lines = {line["rollup"]: line["値"] for line in tables("規則7")[1]}
    natures = {
        nature: f"{percent(mean.mean)} ({mean.of})" for nature, mean in some.by_nature.items()
    }
    counts = ("due", "entered", "not_entered", "judged", "achieved", "mean_of")
    assert lines == {
        **{name: str(getattr(some, name)) for name in counts},
        **natures,
        "mean": percent(some.mean),
        "status": STATUS_NAMES[some.status][0],
    }
    assert some.total == 10


def test_counts_name_all_ten_statuses():
    assert list(roll_up([]).counts) == list(Status)
    assert len(Status) == 10


def test_nothing_has_no_mean():
    empty = roll_up([])
    assert (empty.mean, empty.mean_of, empty.total, empty.due) == (None, 0, 0, 0)
    assert set(empty.by_nature) == {"activity", "outcome", "unsaid"}
    assert all(mean.mean is None and mean.of == 0 for mean in empty.by_nature.values())


def test_one_target_far_over_its_goal_does_not_hide_another():
    over = example("100 sum", "H1 400", key="over")
    under = example("100 sum", "H1 20", key="under")
    some = roll_up((case.target, case.at("H1")) for case in (over, under))
    assert (percent(some.mean), some.mean_of) == ("60.0", 2)


def test_a_mean_just_short_of_everything_does_not_read_100():
    almost = [(case.target, case.at("H2")) for case in [example("9999 sum", "H2 9998")]]
    assert percent(roll_up(almost).mean) == "99.9"


def test_a_linked_pair_counts_once_in_the_project_and_with_the_status_of_the_yearly_target():
    yearly = Target("yearly", "number", "sum", value=Decimal(400), project="p19")
    total = Target(
        "total",
        "number",
        "latest",
        value=Decimal(14000),
        cumulative=True,
        baseline=Decimal(13500),
        linked_to="yearly",
        project="p20",
    )
    entries = {"yearly": {"H2": Entry(Decimal(400))}}
    results = judge_all((total, yearly), entries, periods=HALVES, period="H2", fiscal_year=2020)
    judged = [(target, results[target.key]) for target in (total, yearly)]
    whole = roll_up(judged)
    assert results["total"].status is Status.NEARLY_ACHIEVED
    assert (whole.total, whole.due, whole.achieved, whole.mean, whole.mean_of) == (1, 1, 1, 1, 1)
    assert roll_up(pair for pair in judged if pair[0].project == "p20").total == 0


def test_a_target_of_unknown_nature_is_unsaid():
    case = example("100 sum", "H1 40")
    some = roll_up([(case.target, case.at("H1"))])
    assert some.by_nature["unsaid"].mean == Fraction(2, 5)


@pytest.mark.parametrize(
    ("statuses", "worst"),
    [
        (["achieved", "behind", "not_entered"], "behind"),
        (["achieved", "not_achieved", "not_entered"], "not_achieved"),
        (["slightly_behind", "not_entered", "on_track"], "not_entered"),
        (["nearly_achieved", "achieved"], "nearly_achieved"),
        (["on_track", "achieved"], "on_track"),
        (["achieved", "not_judged"], "achieved"),
        (["not_judged", "postponed"], "not_judged"),
        (["postponed", "cancelled"], "postponed"),
        (["cancelled"], "cancelled"),
        ([], "not_judged"),
    ],
)
def test_a_project_is_as_well_as_its_worst_target(statuses, worst):
    for order in (statuses, statuses[::-1]):
        assert project_status(Status(status) for status in order) == worst


def test_every_status_has_its_place_in_the_order():
    assert sorted(WORST_FIRST) == sorted(Status)
