"""A round is run and a meeting kept by keyboard alone, and how their pages look to everybody."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK
from tests.browser.test_accessible import look_at
from tests.browser.test_posts import press_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ROUND = "/wards/14107/2020/review/H2/"
MEETINGS = "/wards/14107/meetings/"


def test_a_round_is_closed_and_reopened_by_keyboard(demo, logged_in_page, assert_accessible):
    problems: list[str] = []
    page = logged_in_page("isogo-kusei-secretariat")
    page.goto(ROUND)
    expect(page.locator("[aria-current=step]")).to_contain_text("意見を受付中")
    look_at(page, assert_accessible, problems)
    page.set_viewport_size(DESK)

    press_until(page, "Tab", page.get_by_role("link", name="意見の受付を終える"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("意見の受付を終える")
    expect(page.get_by_text("まだ書いています（書きかけ1件）")).to_be_visible()
    look_at(page, assert_accessible, problems)
    page.set_viewport_size(DESK)
    press_until(page, "Tab", page.get_by_role("button", name="意見の受付を終える"))
    page.keyboard.press("Enter")

    expect(page.get_by_role("status")).to_contain_text("一覧に載せず、そのまま残しました")
    expect(page.locator("[aria-current=step]")).to_contain_text("受付終了")
    look_at(page, assert_accessible, problems)
    page.set_viewport_size(DESK)

    page.get_by_role("link", name="意見の受付を再開する").press("Enter")
    page.get_by_role("button", name="意見の受付を再開する").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("理由を書いてください")
    look_at(page, assert_accessible, problems)
    page.set_viewport_size(DESK)
    page.get_by_role("alert").get_by_role("link").press("Enter")
    expect(page.get_by_label("理由")).to_be_focused()
    page.keyboard.type("欠席者の意見を待つため")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[aria-current=step]")).to_contain_text("意見を受付中")
    assert not problems, "\n\n".join(problems)


def test_attendance_and_minutes_are_written_by_keyboard(demo, logged_in_page, assert_accessible):
    problems: list[str] = []
    page = logged_in_page("isogo-kusei-secretariat")
    page.goto(MEETINGS)
    page.get_by_role("link", name="第2回").press("Enter")
    expect(page.get_by_text("出欠はまだ記録していません")).to_be_visible()
    page.get_by_role("link", name="出欠を書く").press("Enter")
    look_at(page, assert_accessible, problems)
    page.set_viewport_size(DESK)
    for member in page.get_by_role("group").all()[:5]:
        press_until(page, "Tab", member.get_by_role("radio").first)
        page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="保存する").press("Enter")
    expect(page.get_by_text("定足数4人、出席5人で成立")).to_be_visible()

    page.get_by_role("link", name="議事録を書く").press("Enter")
    page.get_by_label("議事録", exact=True).fill("意見を述べた。")
    page.get_by_role("button", name="保存する").press("Enter")
    expect(page.get_by_text("委員会は、まだ確認していません。")).to_be_visible()
    look_at(page, assert_accessible, problems)
    assert not problems, "\n\n".join(problems)


def test_two_secretaries_at_one_form_see_both_texts(demo, logged_in_page, assert_accessible):
    problems: list[str] = []
    first, second = (logged_in_page("isogo-kusei-secretariat") for _both in range(2))
    for page in (first, second):
        page.goto(f"{ROUND}edit/")
    for page, typed in ((first, "先の人のことば"), (second, "あとの人のことば")):
        page.get_by_label("委員へのことば").fill(typed)
        page.get_by_role("button", name="保存する").press("Enter")
    expect(first.get_by_role("status")).to_contain_text("保存しました")
    expect(second.get_by_role("alert")).to_contain_text("先の人のことば")
    expect(second.get_by_label("委員へのことば")).to_have_value("あとの人のことば")
    look_at(second, assert_accessible, problems)
    second.set_viewport_size(DESK)
    second.get_by_role("button", name="保存する").press("Enter")
    expect(second).to_have_url(re.compile(f"{ROUND}$"))
    expect(second.get_by_text("あとの人のことば")).to_be_visible()
    assert not problems, "\n\n".join(problems)


def test_what_members_and_sections_read(demo, logged_in_page, assert_accessible):
    problems: list[str] = []
    for who in ("isogo-member", "isogo-doboku-staff", "isogo-auditor"):
        page = logged_in_page(who)
        for path in (ROUND, "/wards/14107/reviews/", "/wards/14107/committee/", MEETINGS):
            page.goto(path)
            look_at(page, assert_accessible, problems)
        page.goto(ROUND)
        expect(page.get_by_text("委員の進み")).to_have_count(0)
    assert not problems, "\n\n".join(problems)
