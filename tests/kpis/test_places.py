"""A section's sheet read in one go: each place as the page of one target has it."""

from datetime import date

import pytest
from django.db import connection
from django.http import Http404
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from kpis import entering
from kpis.models import Period, Policy, Revision, Target
from tests.cast import Cast


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
