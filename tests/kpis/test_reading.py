"""What the achievement maths is given of Isogo's plan, and at what cost."""

from datetime import date
from decimal import Decimal

import pytest

from kpis import models
from kpis.achievement import Entry, Grades, Period, Revision
from kpis.reading import policy_targets
from wards.models import Section, Ward

pytestmark = pytest.mark.django_db


@pytest.fixture
def isogo():
    """磯子区 2020: patrols by the 土木事務所, and supporters counted yearly and in all."""
    ward = Ward.objects.get(code="14107")
    doboku = Section.objects.create(ward=ward, name="磯子土木事務所")
    chiiki = Section.objects.create(ward=ward, name="地域振興課")
    policy = models.Policy.objects.create(
        ward=ward, fiscal_year=2020, title="運営方針", grades={"achieved": "110"}
    )
    h1 = models.Period.objects.create(
        policy=policy, key="H1", starts=date(2020, 4, 1), ends=date(2020, 9, 30)
    )
    models.Period.objects.create(
        policy=policy, key="H2", starts=date(2020, 10, 1), ends=date(2021, 3, 31)
    )
    pillar = models.Pillar.objects.create(policy=policy, key="a", name="安全・安心なまち")
    project = models.Project.objects.create(
        policy=policy,
        pillar=pillar,
        key="p05",
        name="風水害に対する備え",
        status="cancelled",
        status_on=date(2020, 12, 1),
    )
    models.ProjectSection.objects.create(project=project, section=chiiki, order=1)
    models.ProjectSection.objects.create(project=project, section=doboku, order=0)
    initiative = models.Initiative.objects.create(
        policy=policy, project=project, key="p05-i1", text="パトロール"
    )

    def target(key, **options):
        return models.Target.objects.create(
            policy=policy,
            project=project,
            initiative=initiative,
            key=key,
            label=key,
            measure="number",
            **options,
        )

    patrols = target(
        "patrols", accumulation="sum", value=400, unit="回", plan={"H1": "150.5"}, order=1
    )
    target(
        "supporters",
        accumulation="latest",
        value=18500,
        baseline=17700,
        cumulative=True,
        linked_to=patrols,
        section=chiiki,
        order=2,
    )
    models.Revision.objects.create(
        target=patrols, on=date(2020, 7, 1), old=550, new=400, reason="感染症"
    )
    models.Actual.objects.create(target=patrols, period=h1, value=275, certainty="provisional")
    return policy


def test_targets_come_with_what_the_rules_ask_for(isogo):
    reading = policy_targets(isogo)
    patrols, supporters = reading.targets
    assert reading.periods == (
        Period("H1", date(2020, 4, 1), date(2020, 9, 30)),
        Period("H2", date(2020, 10, 1), date(2021, 3, 31)),
    )
    assert (patrols.project, patrols.pillar) == ("p05", "a")
    assert patrols.section == "磯子土木事務所"  # the project's first
    assert supporters.section == "地域振興課"  # its own
    assert supporters.linked_to == "patrols"
    assert patrols.plan == {"H1": Decimal("150.5")}
    assert patrols.revisions == (Revision(date(2020, 7, 1), Decimal(550), Decimal(400)),)
    assert (patrols.project_status, patrols.project_status_on) == ("cancelled", date(2020, 12, 1))
    assert reading.grades == Grades(achieved=Decimal(110))
    assert reading.entries == {
        "patrols": {"H1": Entry(value=Decimal(275), provisional=True)},
        "supporters": {},
    }


def test_only_confirmed_entries_on_request(isogo):
    assert policy_targets(isogo, confirmed_only=True).entries["patrols"] == {}
    models.Actual.objects.update(state="confirmed")
    assert "H1" in policy_targets(isogo, confirmed_only=True).entries["patrols"]


def test_a_note_alone_is_no_entry(isogo):
    models.Actual.objects.update(value=None, note="集計を始めた")
    assert policy_targets(isogo).entries["patrols"] == {}


def test_the_number_of_queries_is_fixed(isogo, django_assert_num_queries):
    with django_assert_num_queries(4):
        policy_targets(isogo)
