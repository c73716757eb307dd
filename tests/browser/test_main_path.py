"""The way the whole product is for: a section enters a figure, and everybody's rates change.

磯子土木事務所 still owes figures for the second half. Its 担当者 logs in, looks at the ward's
year, enters one, and sees what it did to the project, the pillar and the ward.
"""

import re

import pytest
from playwright.sync_api import expect

from kpis.models import Actual, Target
from tests.browser.conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

USERNAME, PASSWORD = "isogo-doboku-staff", "ayumi-no-demo"


@pytest.fixture
def owed():
    """A yearly number of the 土木事務所 for which nothing is entered in the second half."""
    entered = Actual.objects.filter(period__key="H2")
    return (
        Target.objects.with_owner()
        .filter(policy__ward__code="14107", measure="number", accumulation="sum")
        .filter(direction="at_least", status="active", cumulative_partners=None)
        .exclude(actuals__in=entered)
        .select_related("project__pillar")
        .order_by("order")
        .filter(owner_id__in=sections_of(USERNAME))
        .first()
    )


def sections_of(username):
    from wards.models import Post

    return Post.objects.filter(user__username=username).values("section")


def log_in(page):
    page.goto("/")
    page.get_by_label("職員番号・委員番号").fill(USERNAME)
    page.get_by_label("パスワード", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="ログイン").click()
    expect(page.get_by_role("button", name="ログアウト")).to_be_attached()


def standing(page, target) -> dict[str, str]:
    """What the dashboard says now: of the target's project, of its pillar and of the ward."""
    page.goto("/wards/14107/2020/")
    pillars = page.get_by_role("table", name="柱ごとの、状況別の目標の数")
    return {
        "project": page.locator(f"tbody#project-{target.project.key}").inner_text(),
        "pillar": pillars.get_by_role("row", name=target.project.pillar.name).inner_text(),
        "ward": page.locator("dl.figures").inner_text(),
    }


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_a_figure_entered_changes_project_pillar_and_ward(
    demo, open_page, assert_accessible, owed, scripts, viewport
):
    page = open_page(viewport, java_script_enabled=scripts)
    log_in(page)
    page.get_by_role("link", name=re.compile("磯子区")).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("磯子区")
    before = standing(page, owed)
    assert "未入力" in before["project"]

    page.get_by_role("link", name="実績入力").first.click()
    page.get_by_role("link", name=owed.label, exact=True).click()
    page.get_by_label("この期の数").fill(f"　{in_full_width(owed.value)} ")
    page.get_by_role("button", name="保存する", exact=True).click()

    said = page.locator("main").inner_text()
    assert f"「{owed.label}」を保存しました" in said and "達成" in said
    if scripts:
        assert_accessible(page)
    after = standing(page, owed)
    for place in ("project", "pillar", "ward"):
        assert before[place] != after[place], f"the {place} stands as before"


def in_full_width(number) -> str:
    """１，２００ as somebody types it with the Japanese keyboard left on."""
    plain = f"{int(number):,}"
    return plain.translate(str.maketrans("0123456789,", "０１２３４５６７８９，"))


def test_a_figure_that_cannot_be_read_is_refused_in_words(
    demo, logged_in_page, assert_accessible, owed
):
    page = logged_in_page(USERNAME)
    page.goto(f"/wards/14107/2020/targets/{owed.key}/H2/")
    page.get_by_label("この期の数").fill("たくさん")
    page.get_by_role("button", name="保存する", exact=True).click()
    alert = page.get_by_role("alert").first
    expect(alert).to_contain_text("まだ保存していません")
    expect(alert).to_contain_text("たくさん")
    assert page.get_by_label("この期の数").input_value() == "たくさん"
    assert_accessible(page)
    assert not Actual.objects.filter(target=owed, period__key="H2").exists()


def test_the_whole_way_without_a_mouse(demo, open_page, owed):
    """Tab, typing and Enter alone, from the log-in to the saved figure."""
    page = open_page()
    page.goto("/login/")
    reach(page, page.get_by_label("職員番号・委員番号"))
    page.keyboard.type(USERNAME)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="ログアウト")).to_be_attached()
    page.goto("/wards/14107/2020/entry/")
    reach(page, page.get_by_role("link", name=owed.label, exact=True))
    page.keyboard.press("Enter")
    page.wait_for_url("**/targets/**")
    reach(page, page.get_by_label("この期の数"))
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("を保存しました")


def reach(page, wanted, most=150):
    """Press Tab until the focus is on what is wanted, as somebody without a mouse does."""
    goal = wanted.element_handle()
    for _press in range(most):
        if goal.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{most} times Tab do not lead to {wanted}")


@pytest.mark.parametrize(
    "path", ["/", "/wards/14107/2020/", "/wards/14107/2020/targets/", "/wards/14105/2022/"]
)
def test_a_page_asks_for_at_most_six_files(demo, logged_in_page, path):
    page = logged_in_page("city")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path, wait_until="networkidle")
    assert 2 <= len(asked) <= 6, asked
