"""The most that a policy can hold: twelve periods and figures of eleven digits, on a telephone."""

from decimal import Decimal

import pytest

from kpis.models import (
    Actual,
    Initiative,
    Period,
    Pillar,
    Policy,
    Project,
    ProjectSection,
    Target,
)
from tests.browser.conftest import PHONE
from wards import calendar
from wards.models import Section

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

YEAR = 2021


@pytest.fixture
def months(demo):
    """A year of 磯子区 that is reported month by month, in figures as long as they can be."""
    section = Section.objects.get(ward__code="14107", name="磯子土木事務所")
    policy = Policy.objects.create(ward=section.ward, fiscal_year=YEAR, title="月ごと")
    periods = [
        Period.objects.create(policy=policy, key=each.key, starts=each.starts, ends=each.ends)
        for each in calendar.months(YEAR)
    ]
    pillar = Pillar.objects.create(policy=policy, key="main", name="柱")
    project = Project.objects.create(policy=policy, pillar=pillar, key="p01", name="大きな数")
    ProjectSection.objects.create(project=project, section=section)
    initiative = Initiative.objects.create(policy=policy, project=project, key="i", text="取組")

    def target(key, **attributes):
        return Target.objects.create(
            policy=policy,
            project=project,
            initiative=initiative,
            key=key,
            label=key,
            printed=key,
            **({"measure": "number", "accumulation": "sum", "unit": "人"} | attributes),
        )

    a_sum = target("t1", value=99999999999)
    level = target(
        "t2", accumulation="latest", value=99999999999, baseline=Decimal("12345678901.1234")
    )
    target(
        "t3",
        accumulation="latest",
        cumulative=True,
        value=Decimal("98765432109.9876"),
        baseline=Decimal("87654321098.7654"),
        linked_to=a_sum,
    )
    whole = target("t4", measure="ratio", value=88888888888, denominator=99999999999)
    for number, period in enumerate(periods[:9]):
        for each, value in [
            (a_sum, Decimal("7654321098.7654")),
            (level, Decimal("23456789012.3456") + number),
            (whole, Decimal("7654321098")),
        ]:
            of = Decimal("99999999998") if each == whole else None
            Actual.objects.create(target=each, period=period, value=value, denominator=of)


def test_nobody_scrolls_sideways(months, logged_in_page, live_server):
    ward, problems = f"/wards/14107/{YEAR}", []
    for language in ("ja", "en"):
        page = logged_in_page("isogo-kusei-secretariat", viewport=PHONE)
        cookie = {"name": "django_language", "value": language, "url": live_server.url}
        page.context.add_cookies([cookie])
        for path in ["/", "/targets/", "/projects/p01/", "/entry/?period=M12", "/targets/t2/M12/"]:
            for width in (PHONE["width"], 320):
                page.set_viewport_size({"width": width, "height": 800})
                assert page.goto(ward + path).status == 200
                wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
                if wider > 0:
                    problems.append(f"{page.url} in {language} is {wider} px wider than {width}")
    assert not problems, "\n".join(problems)
