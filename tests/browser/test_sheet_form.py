"""The sheet as one form: without a script, by keyboard alone, and what it looks like when it is
refused."""

import pytest

from kpis.models import Actual
from tests.browser.conftest import DESK, PHONE
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast():
    cast = Cast()
    cast.drills = cast.target(cast.flood, "p05-t2", "水防訓練", value=2, unit="回")
    cast.entered(cast.patrols, cast.first_half, 275, state="confirmed", note="台風後に増やした")
    cast.entered(cast.drills, cast.first_half, 1, state="confirmed")
    cast.sheet = f"/wards/14107/2020/sheet/{cast.doboku.pk}/H2/"
    return cast


def kept(target):
    return Actual.objects.filter(target=target, period__key="H2").first()


def test_typed_and_saved_by_keyboard_alone(logged_in_page, cast):
    page = logged_in_page("doboku-staff", java_script_enabled=False)
    page.goto(cast.sheet)
    page.get_by_role("textbox", name="道路・公園などのパトロール 下半期").focus()
    page.keyboard.type("２００")
    page.keyboard.press("Tab")  # 確定・見込
    page.keyboard.press("Tab")  # the total so far
    page.keyboard.press("Tab")
    page.keyboard.type("2月までの集計")
    page.get_by_role("textbox", name="水防訓練 下半期").focus()
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    assert "2件を保存しました。" in page.text_content("main")
    assert (kept(cast.patrols).value, kept(cast.patrols).note) == (200, "2月までの集計")
    assert kept(cast.drills).value == 1


def test_two_people_without_a_script(open_page, logged_in_page, cast):
    mine = logged_in_page("doboku-staff", java_script_enabled=False)
    theirs = logged_in_page("doboku-head", java_script_enabled=False)
    for page in (mine, theirs):
        page.goto(cast.sheet)
    name = "道路・公園などのパトロール 下半期"
    theirs.get_by_role("textbox", name=name).fill("190")
    theirs.get_by_role("button", name="下書きを保存").last.click()
    mine.get_by_role("textbox", name=name).fill("200")
    mine.get_by_role("button", name="下書きを保存").last.click()
    assert "doboku-headさんが保存しました" in mine.text_content("main")
    assert mine.get_by_role("textbox", name=name).input_value() == "200"
    mine.get_by_label("自分の入力で保存する").check()
    mine.get_by_role("button", name="下書きを保存").last.click()
    assert "1件を保存しました。" in mine.text_content("main")
    assert kept(cast.patrols).value == 200
    assert all("status of 409" in said for said in open_page.complaints)
    open_page.complaints.clear()


def test_what_is_refused_asked_or_in_conflict_is_accessible(
    open_page, logged_in_page, cast, assert_accessible
):
    survey = cast.target(cast.flood, "p05-t3", "点検", value=10, unit="回")
    page = logged_in_page("doboku-staff")
    # As a form: the script would save each cell by itself.
    page.context.route(
        "**/sheet*.js", lambda route: route.fulfill(body="", content_type="text/javascript")
    )
    page.goto(cast.sheet)
    cast.entered(survey, cast.second_half, 7, saved_by=cast.doboku_head)
    page.locator("#f-p05-t1").fill("約200")
    page.locator("#f-p05-t2").fill("20")
    page.locator("#f-p05-t3").fill("8")
    page.get_by_role("button", name="提出する").click()
    page.locator("#wrong").wait_for()
    for viewport in (DESK, PHONE):
        page.set_viewport_size(viewport)
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    page.get_by_role("link", name="道路・公園などのパトロール").first.click()
    assert page.locator("#f-p05-t1").evaluate("field => field === document.activeElement")
    assert not kept(cast.patrols) and not kept(cast.drills)
    assert all("status of 409" in said for said in open_page.complaints)
    open_page.complaints.clear()


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_the_bar_of_actions_hides_no_field_that_has_the_focus(logged_in_page, cast, viewport):
    for n in range(20):
        cast.target(cast.flood, f"x{n}", f"目標{n}", value=10, unit="回")
    page = logged_in_page("doboku-staff", viewport=viewport)
    page.goto(cast.sheet)
    hidden = page.evaluate(
        """() => [...document.querySelectorAll("#sheet [data-field], #sheet [name=pick]")]
          .filter((field) => {
            field.focus();
            const bar = document.querySelector(".actionbar").getBoundingClientRect();
            const { top, bottom } = field.getBoundingClientRect();
            return top < 0 || bottom > bar.top + 1;
          }).map((field) => field.id)"""
    )
    assert hidden == []
