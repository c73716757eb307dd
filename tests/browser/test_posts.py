"""The hand-over of April by keyboard alone, and how its pages look to those who cannot see them."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE
from tests.browser.test_accessible import look_at

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def press_until(page, key, wanted):
    """Move on by keyboard until the wanted element has the focus."""
    for _press in range(150):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{wanted} is not reached with {key}")


def test_two_posts_are_handed_over_by_keyboard(demo, logged_in_page, assert_accessible):
    problems: list[str] = []
    page = logged_in_page("isogo-kusei-secretariat")
    page.goto("/posts/")
    for label in ["磯子土木事務所 担当者を選ぶ", "磯子土木事務所 所長を選ぶ"]:
        press_until(page, "Tab", page.get_by_label(re.compile(f"{label}$")))
        page.keyboard.press("Space")
    press_until(page, "Tab", page.get_by_role("button", name="引き継ぐ人を決める"))
    page.keyboard.press("Enter")

    expect(page).to_have_title(re.compile("人事異動"))
    page.get_by_role("button", name="内容を確かめる").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("まだ何も変わっていません。")
    look_at(page, assert_accessible, problems)
    page.set_viewport_size(DESK)

    staff = page.locator("fieldset").nth(0)
    head = page.locator("fieldset").nth(1)
    head.get_by_label("引き継ぐ人").select_option("nobody")
    summary = staff.locator("summary")
    press_until(page, "Tab", staff.get_by_label("引き継ぐ人"))
    press_until(page, "Tab", summary)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("k20270401")
    page.keyboard.press("Tab")
    page.keyboard.type("磯子 花子")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("人事異動の確認")
    expect(page.get_by_role("row", name=re.compile("磯子 花子"))).to_contain_text("下書き")
    look_at(page, assert_accessible, problems)
    page.set_viewport_size(DESK)
    page.get_by_role("button", name="2件を引き継ぐ").press("Enter")

    expect(page.get_by_role("status").first).to_contain_text("2件の職を")
    expect(page.locator("output")).to_have_text(re.compile(r"^[a-z2-9]{4}(-[a-z2-9]{4}){3}$"))
    look_at(page, assert_accessible, problems)
    page.goto("/posts/")
    expect(page.locator("main")).to_contain_text("k20270401")
    assert not problems, "\n\n".join(problems)


def test_a_telephone_shows_who_holds_what(demo, logged_in_page):
    page = logged_in_page("isogo-kusei-secretariat", viewport=PHONE)
    page.goto("/posts/")
    row = page.get_by_role("row").filter(has_text="isogo-doboku-staff")
    box = row.bounding_box()
    assert box and box["width"] <= PHONE["width"]
    expect(row.get_by_role("checkbox")).to_be_visible()
