"""The first page: which policies somebody may open, and how far each has been entered."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kpis.models import DEMO_NOTE, Policy
from tests.bench.plan import make
from tests.cast import Cast
from tests.kpis.pages import links, text_of
from wards.models import Ward

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    """磯子区 with two of four targets entered, and 南区 with a policy nobody has begun."""
    cast = Cast()
    cast.entered(cast.patrols, cast.first_half, 275)
    cast.entered(cast.nurseries, cast.first_half, 9, state="confirmed")
    cast.policy_of_minami = Policy.objects.create(
        ward=cast.minami, fiscal_year=2022, title="令和4年度 南区 運営方針"
    )
    return cast


def listed(page) -> list[str]:
    """The rows of the table, as text."""
    body = re.search(r'<table class="table wards">.*?</table>', page.content.decode(), re.DOTALL)
    return [text_of(row) for row in re.findall(r"<tr><th.*?</tr>", body[0])][1:] if body else []


def home(client, person):
    client.force_login(person)
    return client.get(reverse("kpis:home"))


def test_it_says_how_much_has_been_entered_of_what_is_due(client, cast):
    (row,) = listed(home(client, cast.manager))
    assert row.startswith("磯子区 令和2年度 4 うち数値なし 1 2 / 4 上半期 締切済")


def test_everybody_finds_the_policies_of_their_ward_and_no_other(client, cast):
    for person in (cast.doboku_staff, cast.member, cast.auditor, cast.fukushi_bucho):
        assert [row.split()[0] for row in listed(home(client, person))] == ["磯子区"]
    assert [row.split()[0] for row in listed(home(client, cast.minami_staff))] == ["南区"]


def test_the_city_reads_all_wards_in_the_order_of_their_codes(client, cast):
    assert [row.split()[0] for row in listed(home(client, cast.city))] == ["南区", "磯子区"]


def test_the_city_counts_confirmed_figures_only(client, cast):
    page = home(client, cast.city)
    assert " 1 / 4 " in listed(page)[1]
    assert "確認済の実績だけで" in page.content.decode()
    assert "確認済の実績だけで" not in home(client, cast.manager).content.decode()


def test_a_draft_is_the_secretariats_own(client, cast):
    Policy.objects.filter(pk=cast.policy.pk).update(state="draft")
    assert listed(home(client, cast.doboku_staff)) == []
    assert len(listed(home(client, cast.secretariat))) == 1


def test_who_has_no_post_is_told_what_to_do(client, cast):
    page = home(client, cast.without_post)
    assert "開くことのできる運営方針はありません。" in page.content.decode()


def test_the_latest_year_stands_first_and_leads_to_the_earlier_ones(client, cast):
    Policy.objects.create(ward=cast.isogo, fiscal_year=2021, title="令和3年度 磯子区 運営方針")
    page = home(client, cast.manager)
    (row,) = listed(page)
    assert row.startswith("磯子区 令和3年度 令和2年度")
    assert ("令和2年度", reverse("kpis:dashboard", args=["14107", 2020])) in links(page)


def test_all_eighteen_wards_are_on_the_map(client, cast):
    page = home(client, cast.manager)
    tiles = re.findall(r'<(a|span) class="tile( void)?"[^>]*>(.*?)<', page.content.decode())
    assert len(tiles) == 18
    assert [name for tag, _void, name in tiles if tag == "a"] == ["磯子区"]
    assert "50%" in page.content.decode()


def test_what_is_made_up_says_so(client, cast):
    assert "デモデータ" not in home(client, cast.manager).content.decode()
    Policy.objects.filter(pk=cast.policy.pk).update(notes=[DEMO_NOTE])
    assert "デモデータ" in home(client, cast.manager).content.decode()


def test_it_costs_as_many_queries_for_one_ward_as_for_five(client, cast):
    client.force_login(cast.city)
    client.get(reverse("kpis:home"))
    with CaptureQueriesContext(connection) as before:
        client.get(reverse("kpis:home"))
    for code in ("14101", "14102", "14103"):
        make(Ward.objects.get(code=code), projects=3, targets=6)
    with CaptureQueriesContext(connection) as after:
        assert len(listed(client.get(reverse("kpis:home")))) == 5
    assert len(before) == len(after) <= 12


def test_who_enters_figures_gets_there_in_one_step(client, cast):
    to_entry = ("実績を入力する", reverse("kpis:entry_list", args=["14107", 2020]))
    for person in (cast.doboku_staff, cast.doboku_head, cast.secretariat):
        assert to_entry in links(home(client, person)), person
    for person in (cast.manager, cast.member, cast.auditor, cast.city):
        assert to_entry not in links(home(client, person)), person
    cast.policy.periods.update(state="closed")
    assert to_entry not in links(home(client, cast.doboku_staff))
