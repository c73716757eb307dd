"""委員会からの意見 in a real Chromium: compiled by keyboard, read by a member, with axe."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from reviews.models import Round
from reviews.workflow import move_round
from tests.browser.conftest import DESK, PHONE
from wards.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PLACE = "/wards/14107/2020/review/H2/opinion/"


@pytest.fixture
def closed(demo):
    """The demo's second half, whose comments are all in."""
    round = Round.objects.select_related("policy__ward", "period", "committee").get(
        policy__ward__code="14107", period__key="H2"
    )
    Round.objects.filter(pk=round.pk).update(due=timezone.localdate())
    secretariat = User.objects.get(username="isogo-kusei-secretariat")
    return move_round(round, "close", by=secretariat)


def test_is_compiled_by_keyboard_and_agreed_with(closed, logged_in_page, assert_accessible):
    page = logged_in_page("isogo-kusei-secretariat")
    for viewport in (DESK, PHONE):
        page.set_viewport_size(viewport)
        page.goto(f"{PLACE}edit/")
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    page.get_by_label("段落1の本文").focus()
    page.keyboard.type("よく続けられている。")
    page.keyboard.press("Tab")
    page.keyboard.type("1、3-4")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{PLACE}edit/")
    assert "第1稿を保存しました。" in page.text_content("main")
    page.goto(PLACE)
    assert_accessible(page)

    member = logged_in_page("isogo-member")
    member.goto(PLACE)
    assert "よく続けられている。" in member.text_content("main")
    assert_accessible(member)
    member.get_by_role("button", name="この案でよい").focus()
    member.keyboard.press("Enter")
    expect(member.locator("main")).to_contain_text("委員7人中1人が確認")
    assert_accessible(member)
