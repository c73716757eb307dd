"""A section's sheet read in one go: each place as the page of one target has it."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import connection
from django.http import Http404
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from kpis import achievement, entering
from kpis.models import Actual, Period, Policy, Project, Revision, Target
from tests.cast import Cast
from wards.calendar import quarters


class OneSheet(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()
        cls.cast.entered(cls.cast.patrols, cls.cast.first_half, 275, state="confirmed")
        cls.cast.entered(cls.cast.patrols, cls.cast.second_half, 200)
        cls.cast.entered(cls.cast.supporters, cls.cast.first_half, 450)
        Revision.objects.create(
            target=cls.cast.patrols, on=date(2020, 8, 1), old=600, new=550, reason="感染症"
        )

    def targets(self):
        return list(Target.objects.select_related("project").order_by("id"))

    def read(self, **options):
        return entering.read_all(self.cast.policy, "H2", self.targets(), **options)

    def test_each_place_is_the_one_that_is_read_alone(self):
        places = self.read()
        self.assertEqual(list(places), [target.key for target in self.targets()])
        for target in self.targets():
            alone = entering.read(target, "H2")
            together = places[target.key]
            self.assertEqual(together.actual, alone.actual)
            self.assertEqual(together.period_before, alone.period_before)
            self.assertEqual(together.follows, alone.follows)
            self.assertEqual(together.result(), alone.result())
        self.assertEqual(places["p05-t1"].result().original_value, 600)
        self.assertEqual(places["p20-t2"].follows, 18150)

    def test_however_many_there_are_it_asks_three_times(self):
        for number in range(20):
            self.cast.target(self.cast.flood, f"p05-t{number + 2}", "訓練", value=12)
        targets = self.targets()
        with self.assertNumQueries(3):
            places = entering.read_all(self.cast.policy, "H2", targets)
            for place in places.values():
                place.result()
        self.assertEqual(len(places), 25)

    def test_to_be_saved_the_periods_are_held_as_for_one(self):
        if not connection.features.has_select_for_no_key_update:
            self.skipTest("SQLite lets one write at a time")
        with CaptureQueriesContext(connection) as asked:
            self.read(to_save=True)
        self.assertEqual(sum("FOR NO KEY UPDATE" in each["sql"] for each in asked), 1)

    def test_no_target_and_no_such_period(self):
        self.assertEqual(entering.read_all(self.cast.policy, "H2", []), {})
        with pytest.raises(Http404):
            entering.read_all(self.cast.policy, "H3", self.targets())

    def test_a_target_of_another_policy_has_no_place_here(self):
        next_year = Policy.objects.create(ward=self.cast.isogo, fiscal_year=2021, title="令和3年度")
        Period.objects.create(
            policy=next_year, key="H2", starts=date(2021, 10, 1), ends=date(2022, 3, 31)
        )
        self.assertEqual(entering.read_all(next_year, "H2", self.targets()), {})


QUARTERS = [Period(key=q.key, starts=q.starts, ends=q.ends) for q in quarters(2020)]
FIGURES = st.lists(st.none() | st.integers(0, 99).map(Decimal), min_size=4, max_size=4)


def total(typed, yearly, at="Q4", baseline=13500):
    """A total linked to a yearly target; both by quarter, None where nothing was typed."""

    def actuals(values):
        return {
            period.key: Actual(value=value)
            for period, value in zip(QUARTERS, values, strict=True)
            if value is not None
        }

    target = Target(
        policy=Policy(fiscal_year=2020),
        project=Project(),
        key="in_all",
        measure="number",
        accumulation="latest",
        cumulative=True,
        value=Decimal(14000),
        baseline=None if baseline is None else Decimal(baseline),
        linked_to_id=1,
    )
    period = next(period for period in QUARTERS if period.key == at)
    return entering.Place(target, period, QUARTERS, actuals(typed), actuals(yearly), revised=())


def asked(place, value):
    entry = achievement.Entry(value=Decimal(value))
    return [remark.key for remark in place.objections(entry)[1]]


def test_a_total_follows_from_the_baseline_and_the_yearly_figures():
    place = total([None] * 4, [300, 100, None, None], at="Q2")
    assert place.follows == 13900
    assert place.difference() is None  # nobody typed another


def test_a_typed_total_wins_and_the_difference_shows():
    place = total([None, 13950, None, None], [300, 100, None, None], at="Q2")
    assert (place.result().to_date, place.follows, place.difference()) == (13950, 13900, 50)


def test_after_a_typed_total_the_yearly_figures_are_added_to_it():
    place = total([13850, None, None, 13960], [300, 100, None, 10])
    assert [place.follows_in(period) for period in QUARTERS] == [13800, 13950, 13950, 13960]
    assert [place.difference(period) for period in QUARTERS] == [50, None, None, 0]


def test_without_a_baseline_an_earlier_typed_total_is_what_it_follows_from():
    place = total([13850, None, None, None], [None, 100, None, None], baseline=None)
    assert place.follows == 13950
    assert place.follows_in(QUARTERS[0]) is None
    assert place.difference(QUARTERS[0]) is None  # there is nothing to compare it with


def test_a_typed_total_below_what_the_earlier_quarters_came_to_is_asked_about():
    place = total([13850, None, None, None], [300, 100, None, None], at="Q3")
    assert asked(place, 13950) == []
    assert asked(place, 13949) == ["total_falls"]


@given(
    typed=FIGURES,
    yearly=FIGURES,
    baseline=st.none() | st.integers(0, 99),
    position=st.integers(0, 3),
)
def test_what_follows_is_what_the_maths_would_say_without_the_typed_total(
    typed, yearly, baseline, position
):
    at = QUARTERS[position].key
    place = total(typed, yearly, at=at, baseline=baseline)
    without = [*typed[:position], None, *typed[position + 1 :]]
    said = total(without, yearly, at=at, baseline=baseline).result().to_date
    assert place.follows == place.follows_in(QUARTERS[position]) == said
    if typed[position] is not None and said is not None:
        assert place.difference() == Fraction(typed[position]) - said
    else:
        assert place.difference() is None
