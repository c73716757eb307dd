"""The policy that `make bench` measures is of the size that it says, and no easy one."""

from collections import Counter

import pytest

from kpis.models import Actual, Project, Target
from kpis.reading import policy_targets
from reviews.frozen import Copy
from reviews.models import Item, Member
from tests.bench.committee import make_rounds
from tests.bench.plan import make
from wards.models import Ward


@pytest.mark.django_db
def test_the_bench_measures_35_projects_and_85_targets_with_both_halves_filled():
    policy = make(Ward.objects.get(code="14107")).policy
    assert Project.objects.filter(policy=policy).count() == 35
    assert Target.objects.filter(policy=policy).count() == 85
    owed = Target.objects.filter(policy=policy, linked_to__isnull=True)
    assert Actual.objects.filter(target__in=owed).count() == 2 * owed.count()
    kinds = Counter(Target.objects.filter(policy=policy).values_list("measure", flat=True))
    assert set(kinds) == {"number", "ratio", "percentage", "milestone"}
    reading = policy_targets(policy)
    assert len(reading.targets) == 85


@pytest.mark.django_db
def test_the_bench_s_committee_reads_34_projects_and_says_60_things():
    bench = make(Ward.objects.get(code="14107"), projects=34)
    rounds = make_rounds(bench.policy, bench.secretariat)
    assert len(Copy(rounds.open).titles) == 34
    assert rounds.open.comments.count() == 60
    assert Item.objects.filter(round=rounds.closed, state="released").count() == 60
    assert Member.objects.in_office_now().count() == 7
