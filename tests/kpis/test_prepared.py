"""Queries that are compiled once: they give what the queryset gives, whatever they are asked."""

from decimal import Decimal

import pytest

from kpis.models import Actual, Period, Target
from kpis.prepared import Prepared
from tests.cast import Cast

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
