"""Prepared queries answer what the queryset would, on either database, and refuse odd shapes."""

from decimal import Decimal

import pytest
from django.test import TestCase

from kpis import reading
from kpis.board import PROJECTS
from kpis.models import Narrative, Policy, Revision, Target
from kpis.project_page import INITIATIVES, NARRATIVES
from tests.cast import Cast
from wards.permissions import POSTS
from wards.prepared import Prepared

NUMBER_OF_SHAPES = 16


class EveryPreparedQuery(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = cast = Cast()
        cast.flood.tags = ["重点"]
        cast.flood.save()
        cast.entered(cast.patrols, cast.first_half, "275.5", note="台風", state="confirmed")
        cast.entered(cast.supporters, cast.first_half, 420, certainty="provisional")
        cast.entered(cast.plan, cast.first_half, stage="preparing")
        Target.objects.filter(pk=cast.patrols.pk).update(plan={"H1": "250"})
        Revision.objects.create(
            target=cast.patrols, on="2020-07-01", old=600, new=550, reason="感染症"
        )
        Narrative.objects.create(project=cast.flood, period=cast.first_half, done="見回り")

    def agree(self, prepared: Prepared, *ids: int):
        """Asked twice, since the second time nothing is compiled."""
        wanted = list(prepared.queryset(*ids))
        self.assertEqual(prepared.rows(*ids), wanted)
        self.assertEqual(prepared.rows(*ids), wanted)
        return wanted

    def test_posts(self):
        self.assertTrue(self.agree(POSTS, self.cast.doboku_staff.pk))
        self.assertFalse(self.agree(POSTS, self.cast.without_post.pk))

    def test_what_a_dashboard_and_a_project_page_read(self):
        policy, project = self.cast.policy.pk, self.cast.flood.pk
        self.assertEqual(len(self.agree(reading.PERIODS, policy)), 2)
        self.assertEqual(len(self.agree(PROJECTS, policy)), 3)
        self.assertTrue(self.agree(INITIATIVES, project))
        self.assertTrue(self.agree(NARRATIVES, project))
        for shape in range(NUMBER_OF_SHAPES):
            brief, known, confirmed, of_project = (bool(shape >> bit & 1) for bit in range(4))
            targets, actuals = reading.of_one_policy(brief, known, confirmed, of_project)
            ids = (policy, project) if of_project else (policy,)
            self.assertEqual(len(self.agree(targets, *ids)), 1 if of_project else 5)
            self.assertTrue(self.agree(actuals, *ids))

    def test_exact_figures_come_back_as_decimals(self):
        _targets, actuals = reading.of_one_policy(True, True, False, False)
        figures = {row[2] for row in actuals.rows(self.cast.policy.pk)}
        self.assertIn(Decimal("275.5"), figures)
        self.assertTrue(all(value is None or isinstance(value, Decimal) for value in figures))

    def test_another_id_is_another_answer(self):
        self.agree(reading.PERIODS, self.cast.policy.pk)
        self.assertEqual(self.agree(reading.PERIODS, 0), [])

    def test_a_parameter_that_is_lost_on_the_way_is_refused(self):
        lost = Prepared(lambda policy: Policy.objects.values_list("pk"))
        with pytest.raises(TypeError, match="did not reach its SQL"):
            lost.rows(self.cast.policy.pk)
