"""The policy as it was decided, complete, for whoever may open it."""

import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kpis.policy_page import month_of
from tests.cast import Cast
from tests.kpis.pages import links, text_of

pytestmark = pytest.mark.django_db
POLICIES = Path(__file__).parents[2] / "fixtures" / "policies"


def page(client, person, code="14107", year=2020):
    client.force_login(person)
    return client.get(reverse("kpis:policy", args=[code, year]))


@pytest.fixture
def cast():
    return Cast()


def everything_said(document: dict) -> list[str]:
    """Every text of a policy document that a reader should find on the page."""
    said = [document["basic_goal"], *document.get("notes", [])]
    said += [line for line in document.get("preamble", "").splitlines() if line.strip()]
    said += document.get("contact", "").splitlines()
    for section in document.get("sections", []):
        said += [section["name"], section["goal"]]
    for pillar in document["pillars"]:
        said += [pillar["name"], pillar.get("statement", "")]
        for project in pillar["projects"]:
            said += [project["name"], *project.get("tags", [])]
            for initiative in project["initiatives"]:
                said.append(initiative["text"])
                said += [t["printed"] for t in initiative["targets"] if "value" in t]
    headings = list(document.get("organisation", []))
    for heading in headings:
        said += [heading["heading"], heading.get("text", ""), *heading.get("items", [])]
        headings += heading.get("parts", [])
    for opinion in document.get("committee_opinions", []):
        said += opinion["points"]
    return said


@pytest.mark.parametrize("name", sorted(each.stem for each in POLICIES.glob("*.json")))
def test_nothing_that_a_ward_decided_is_missing(client, cast, name):
    cast.policy.periods.all().delete()
    for target in cast.policy.targets.exclude(linked_to=None):
        target.delete()
    cast.policy.delete()
    call_command("import_policy", str(POLICIES / f"{name}.json"), verbosity=0)
    code, year = name.split("-")
    shown = "".join(text_of(page(client, cast.city, code, int(year)).content.decode()).split())
    document = json.loads((POLICIES / f"{name}.json").read_text(encoding="utf-8"))
    missing = [text for text in everything_said(document) if "".join(text.split()) not in shown]
    assert not missing


def test_a_department_head_reads_all_of_it_and_opens_the_departments_projects(client, cast):
    answer = page(client, cast.fukushi_bucho)
    assert "風水害に対する備え" in answer.content.decode()
    opened = [address for _text, address in links(answer) if "/projects/" in address]
    assert opened == [reverse("kpis:project", args=["14107", 2020, "p20"])]


def test_it_costs_the_same_however_much_was_decided(client, cast):
    page(client, cast.manager)
    address = reverse("kpis:policy", args=["14107", 2020])
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for number in range(30):
        project = cast.project(f"p{number + 30}", "", f"追加の事業{number}", cast.chiiki)
        cast.target(project, f"p{number + 30}-t1", "追加の目標", value=10)
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(many) == len(few) <= 12


@pytest.mark.parametrize(
    ("dated", "ja", "en"),
    [
        ("2020-03", "令和2年3月", "March 2020"),
        ("2019-04", "平成31年4月", "April 2019"),
        ("令和2年春", "令和2年春", "令和2年春"),
        ("2020-13", "2020-13", "2020-13"),
    ],
)
def test_an_opinion_carries_its_month(dated, ja, en):
    assert (month_of(dated, "ja"), month_of(dated, "en")) == (ja, en)
