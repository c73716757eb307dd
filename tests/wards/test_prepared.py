"""Queries that are compiled once: they give what the queryset gives, whatever they are asked."""

from decimal import Decimal

import pytest

from kpis import board, history, project_page, reading
from kpis.models import Actual, Change, Narrative, Period, Policy, Revision, Target
from tests.cast import Cast
from wards.permissions import POSTS
from wards.prepared import Prepared, PreparedObjects

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    cast = Cast()
    cast.entered(cast.patrols, cast.first_half, "275.5", evidence=[{"title": "日報"}])
    cast.entered(cast.nurseries, cast.first_half, 9, on_behalf=True)
    return cast


def test_figures_dates_and_documents_come_back_as_what_they_are(cast):
    columns = ("value", "evidence", "on_behalf", "period__starts", "target__plan")

    def of_target(target):
        return Actual.objects.filter(target=target).values_list(*columns)

    prepared = Prepared(of_target)
    for target in (cast.patrols, cast.nurseries, cast.plan):
        assert prepared(target.pk) == list(of_target(target.pk))
    ((value, evidence, on_behalf, _starts, plan),) = prepared(cast.patrols.pk)
    assert (value, evidence, on_behalf, plan) == (
        Decimal("275.5"),
        [{"title": "日報"}],
        False,
        {},
    )


def test_it_is_asked_with_numbers_and_with_text(cast):
    rows = Prepared(
        lambda policy, key: (
            Target.objects.filter(policy=policy, project__key=key)
            .order_by("order")
            .values_list("key")
        )
    )
    assert rows(cast.policy.pk, "p05") == [("p05-t1",)]
    assert rows(cast.policy.pk, "p07") == [("p07-t1",)]
    assert rows(cast.policy.pk, "p07' OR 1=1 --") == []
    assert rows(0, "p07") == []


def test_a_value_too_many_is_refused(cast):
    periods = Prepared(lambda policy: Period.objects.filter(policy=policy).values_list("key"))
    with pytest.raises(ValueError):
        periods(cast.policy.pk, 1)


def test_each_question_is_one_query(cast, django_assert_num_queries):
    periods = Prepared(lambda policy: Period.objects.filter(policy=policy).values_list("key"))
    with django_assert_num_queries(2):
        periods(cast.policy.pk)
        periods(cast.policy.pk)


def test_a_value_that_is_lost_on_the_way_is_refused(cast):
    lost = Prepared(lambda policy: Policy.objects.values_list("pk"))
    with pytest.raises(TypeError, match="does not reach its SQL"):
        lost(cast.policy.pk)


def test_each_one_in_use_gives_what_its_queryset_gives(cast):
    """Asked twice: the second time nothing is compiled."""
    policy, project = cast.policy.pk, cast.flood.pk
    Target.objects.filter(pk=cast.patrols.pk).update(plan={"H1": "250"})
    Revision.objects.create(target=cast.patrols, on="2020-07-01", old=600, new=550, reason="感染症")
    Narrative.objects.create(project=cast.flood, period=cast.first_half, done="見回り")
    Change.objects.create(
        ward=cast.isogo,
        policy=cast.policy,
        project=cast.flood,
        act="entered",
        changed={"value": [None, "275.5"]},
        by_name="担当者",
        at="2020-10-01T09:00:00+09:00",
    )
    asked = [
        (POSTS, cast.doboku_staff.pk),
        (board._rows_of_policy(), policy),
        (board._rows_of_pillar(), policy, "p05"),
        (history._latest(), project),
        (project_page._initiative_rows(), project),
        (project_page._narrative_rows(), project),
        (reading._periods_of_policy(), policy),
    ]
    for brief in (True, False):
        for other in (True, False):
            asked += [
                (reading._targets_of_policy(brief, other), policy),
                (reading._targets_of_project(brief, other), policy, project),
                (reading._actuals_of_policy(brief, False), policy),
                (reading._actuals_of_project(brief, False), policy, project),
            ]
    for prepared, *values in asked:
        wanted = list(prepared.queryset_of(*values))
        assert wanted
        assert prepared(*values) == wanted
        assert prepared(*values) == wanted


def test_whole_objects_come_as_the_queryset_gives_them(cast):
    found = PreparedObjects(Actual.objects, lambda rows, target: rows.filter(target=target))
    (mine,) = found(cast.patrols.pk)
    stands = Actual.objects.get(target=cast.patrols)
    assert mine == stands
    assert {name: getattr(mine, name) for name in vars(stands) if name != "_state"} == {
        name: value for name, value in vars(stands).items() if name != "_state"
    }
    mine.note = "台風後に増やした"
    mine.save()  # it is no new one
    assert Actual.objects.get(target=cast.patrols).note == "台風後に増やした"


def test_of_an_object_only_what_is_needed_and_what_is_behind_it(cast, django_assert_num_queries):
    needed = ("label", "linked_to", "policy__fiscal_year", "policy__ward__code", "project__status")
    found = PreparedObjects(
        Target.objects.with_owner(),
        lambda rows, key: rows.filter(key=key),
        only=needed,
        annotated=["owner_id"],
    )
    with django_assert_num_queries(1):
        (total,) = found("p20-t2")
        assert (total.pk, total.label) == (cast.supporters_in_all.pk, "認知症サポーター（累計）")
        assert (total.linked_to_id, total.owner_id) == (cast.supporters.pk, cast.fukushi.pk)
        assert (total.policy.pk, total.policy.fiscal_year) == (cast.policy.pk, 2020)
        assert (total.policy.ward.code, total.project.status) == ("14107", "active")
    with django_assert_num_queries(1):
        assert total.unit == "人"  # what was not asked for is looked up
