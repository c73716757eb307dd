"""The same pages in English: counted in plurals, units set apart, the day before the month."""

import csv
import io
import re
from datetime import UTC, datetime
from html import unescape

import pytest
from django.urls import reverse

from tests.cast import Cast
from wards.models import Post

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    """磯子区 in its first half: patrols as planned, nurseries behind."""
    cast = Cast()
    cast.entered(cast.patrols, cast.first_half, 275, certainty="provisional")
    cast.entered(cast.nurseries, cast.first_half, 9)
    return cast


@pytest.fixture
def read(client):
    def read(user, name: str, *args) -> str:
        """A page's text as this person reads it in English, its tags left out."""
        client.force_login(user)
        client.cookies["django_language"] = "en"
        page = client.get(reverse(name, args=args), {"period": "H1"}).content.decode()
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", page)))

    return read


def test_the_dashboard_counts_in_english(cast, read):
    text = read(cast.manager, "kpis:dashboard", "14107", 2020)
    assert "Isogo Ward FY2020 (Reiwa 2) First half" in text
    assert "3 projects, 4 targets" in text
    assert "Mean of 2 targets" in text
    assert "Provisional 275 / 550 回" in text
    assert "Slightly behind" in text
    assert "As of 30 September 2020" in text


def test_one_of_a_thing_is_no_plural(cast, read):
    assert "Policies you can open 1 ward " in read(cast.manager, "kpis:home")


def test_what_is_heard_of_a_chart_is_an_english_sentence(cast, client):
    client.force_login(cast.manager)
    client.cookies["django_language"] = "en"
    page = client.get(reverse("kpis:dashboard", args=["14107", 2020]), {"period": "H1"})
    said = unescape(page.content.decode())
    assert (
        "On track. 275 回 (provisional) against a target of 550 回, "
        "achievement rate 50.0%, planned position 50.0%"
    ) in said
    assert "Whole ward: On track 1, Behind 1, Not entered 2" in said


def test_a_post_and_a_log_in_read_as_english(cast, read):
    cast.doboku_staff.last_login = datetime(2026, 11, 20, 10, 6, tzinfo=UTC)
    cast.doboku_staff.save()
    text = read(cast.secretariat, "people")
    assert "Isogo Ward 磯子土木事務所 Section staff" in text
    assert "20 November 2026, 19:06" in text


def test_a_post_reads_as_before_in_japanese(cast):
    assert str(Post.objects.get(user=cast.doboku_staff)) == "磯子区磯子土木事務所 担当者"


def test_headings_of_a_file_stay_apart(cast, client):
    client.force_login(cast.manager)
    client.cookies["django_language"] = "en"
    for name in ("targets_csv", "summary_csv"):
        response = client.get(reverse(f"kpis:{name}", args=["14107", 2020]))
        headings = next(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
        assert len(set(headings)) == len(headings)
        assert {"Ward", "Fiscal year", "Pillar"} <= set(headings)
