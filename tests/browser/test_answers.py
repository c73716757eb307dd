"""意見一覧 and its answers in a real Chromium: with axe, by keyboard, without a script."""

from datetime import timedelta

import pytest
from django.utils import timezone

from reviews.models import Comment, Item, ItemSource, Member, Round
from tests.browser.conftest import DESK, PHONE
from wards.models import Section

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PLACE = "/wards/14107/2020/review/H1"


@pytest.fixture
def lines(demo):
    """On the demo's list: one line of 磯子土木事務所, which is late, and two to be sorted."""
    round = Round.objects.get(
        period__key="H1", policy__ward__code="14107", policy__fiscal_year=2020
    )
    member, now = Member.objects.first(), timezone.now()
    doboku = Section.objects.get(ward__code="14107", name="磯子土木事務所")
    late = {"state": "asked", "section": doboku, "due": timezone.localdate() - timedelta(days=1)}
    made = []
    for text, more in (
        ("何が直りましたか。", late),
        ("回数の理由は。", {}),
        ("回数の根拠は。", {}),
    ):
        about = {"subject": "project", "key": "p05", "kind": "question", "text": text}
        comment = Comment.objects.create(
            round=round, member=member, state="sent", entered_at=now, changed_at=now, **about
        )
        number = Item.objects.order_by("number").last().number + 1
        item = Item.objects.create(round=round, number=number, **about, **more)
        ItemSource.objects.create(item=item, comment=comment, comment_version=1)
        made.append(item)
    return made


def wide(page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


def test_every_page_is_accessible_at_both_widths(lines, logged_in_page, assert_accessible):
    asked, first, second = (each.number for each in lines)
    pages = [
        f"{PLACE}/comments/",
        f"{PLACE}/comments/{asked}/",
        f"{PLACE}/comments/{first}/",
        f"{PLACE}/comments/{first}/split/",
        f"{PLACE}/comments/merge/?n={first}&n={second}",
        f"{PLACE}/answers/",
        "/wards/14107/reviews/comments/",
        "/wards/14107/promises/",
        "/wards/14107/promises/add/",
        "/wards/14107/2020/projects/p05/",
    ]
    page = logged_in_page("isogo-kusei-secretariat")
    for path in pages:
        for viewport in (DESK, PHONE, {"width": 320, "height": 256}):
            page.set_viewport_size(viewport)
            assert page.goto(path).status == 200, path
            assert wide(page) <= 0, f"{path} at {viewport['width']} px"
            assert_accessible(page)
        ids = page.eval_on_selector_all("[id]", "all => all.map(each => each.id)")
        assert len(ids) == len(set(ids)), f"{path}: {[i for i in ids if ids.count(i) > 1]}"


def test_the_secretariat_sorts_by_keyboard(lines, logged_in_page):
    _asked, first, _second = lines
    page = logged_in_page("isogo-kusei-secretariat")
    page.goto(f"{PLACE}/comments/")
    page.get_by_label(f"No.{first.number}を選ぶ").focus()
    page.keyboard.press("Space")
    page.get_by_label("回答する課").select_option("地域振興課")
    due = timezone.localdate() + timedelta(days=20)
    page.get_by_label("回答期限").fill(due.isoformat())
    page.get_by_role("button", name="回答を依頼する").focus()
    page.keyboard.press("Enter")
    page.get_by_text("1件の回答を課に依頼しました").wait_for()
    first.refresh_from_db()
    assert (first.state, first.section.name) == ("asked", "地域振興課")


def test_a_section_answers_by_keyboard_and_sees_only_what_it_needs(
    lines, logged_in_page, assert_accessible
):
    asked = lines[0]
    page = logged_in_page("isogo-doboku-staff")
    page.goto("/")
    page.get_by_role("link", name="意見への回答").click()
    form = page.get_by_role("form", name=f"No.{asked.number}")
    form.get_by_label("区の考え方").focus()
    page.keyboard.type("直した箇所を報告します。")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")  # the first choice: 反映する
    assert form.get_by_label("何をするか").is_visible()
    form.get_by_label("対応困難").check()
    assert not form.get_by_label("何をするか").is_visible()
    form.get_by_role("button", name="回答を提出する").press("Enter")
    page.get_by_text("下書きとして保存しました").wait_for()
    assert_accessible(page)
    page.get_by_role("link", name="対応区分の理由").press("Enter")
    page.keyboard.type("職員の数が足りないため。")
    page.get_by_role("button", name="回答を提出する").press("Enter")
    page.get_by_text(f"No.{asked.number}の回答を提出しました").wait_for()
    asked.refresh_from_db()
    assert (asked.state, asked.view) == ("answered", "直した箇所を報告します。")


def test_it_works_without_a_script(lines, logged_in_page):
    asked = lines[0]
    page = logged_in_page("isogo-doboku-staff", java_script_enabled=False)
    page.goto(f"{PLACE}/answers/")
    form = page.get_by_role("form", name=f"No.{asked.number}")
    form.get_by_label("区の考え方").fill("書きかけ")
    form.get_by_role("button", name="下書きを保存する").click()
    asked.refresh_from_db()
    assert (asked.state, asked.view) == ("asked", "書きかけ")
