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
    with django_assert_num_queries(3):
        policy_targets(isogo)


def test_a_target_revised_twice_is_read_once_with_both_decisions(isogo):
    patrols = models.Target.objects.get(key="patrols")
    models.Revision.objects.filter(target=patrols).delete()
    for on, old, new, reason in (
        (date(2020, 12, 1), 480, 400, "冬の休業"),
        (date(2020, 8, 3), 550, 480, "夏の休業"),
    ):
        models.Revision.objects.create(target=patrols, on=on, old=old, new=new, reason=reason)
    reading = policy_targets(isogo)
    assert [target.key for target in reading.targets].count("patrols") == 1
    assert [made.reason for made in reading.decisions["patrols"]] == ["夏の休業", "冬の休業"]
    (read,) = (target for target in reading.targets if target.key == "patrols")
    assert [made.new for made in read.revisions] == [480, 400]


def test_the_reading_of_a_project_knows_the_yearly_target_of_another(isogo):
    """A total that follows from a yearly target elsewhere still adds that target's entries up."""
    total = models.Target.objects.filter(linked_to__isnull=False).select_related("linked_to").get()
    elsewhere = models.Project.objects.create(
        policy=isogo, pillar=total.project.pillar, key="p06", name="別の事業"
    )
    models.Target.objects.filter(pk=total.pk).update(project=elsewhere)
    models.Actual.objects.update_or_create(
        target=total.linked_to,
        period=models.Period.objects.get(policy=isogo, key="H1"),
        defaults={"value": 300},
    )
    reading = policy_targets(isogo, project=elsewhere.pk)
    (read, yearly) = reading.targets
    assert (read.key, read.linked_to) == (total.key, yearly.key)
    assert reading.entries[yearly.key]["H1"].value == 300
    assert set(reading.words) == {total.key}


def test_a_brief_reading_leaves_out_the_longer_words(isogo):
    models.Target.objects.update(printed="550回", condition="雨天を除く")
    brief, whole = policy_targets(isogo, brief=True), policy_targets(isogo)
    assert brief.targets == whole.targets
    assert brief.entries == whole.entries
    assert {words.printed for words in brief.words.values()} == {""}
    assert {words.printed for words in whole.words.values()} == {"550回"}
    assert {words.condition for words in brief.words.values()} == {"雨天を除く"}
