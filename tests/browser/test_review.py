"""A member reads and comments: real browsers, the real server, without network, session, script."""

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from reviews.models import Comment, ReadMark, Round
from tests.cast import person
from tests.reviews.cast import CommitteeCast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "hidamari-no-sakamichi"
PHONE = {"width": 390, "height": 844}
ROUND = "/wards/14107/2020/review/H1/read/"
P05 = f"{ROUND}projects/p05/"


@pytest.fixture
def cast():
    cast = CommitteeCast()
    cast.member.set_password(PASSWORD)
    cast.member.save()
    cast.open()
    return cast


@pytest.fixture
def refusals_expected(open_page):
    """Chromium mentions on the console what was refused or did not arrive; these are meant."""
    yield
    meant = [said for said in open_page.complaints if "Failed to load resource" in said]
    assert meant and all("/save/" in said or "icon.svg" in said for said in meant)
    for said in meant:
        open_page.complaints.remove(said)


def opened(logged_in_page, url=P05, who="member", **options):
    page = logged_in_page(who, **options)
    page.goto(url)
    return page


def write(page, text, kind="提案"):
    page.get_by_label(kind).check()
    page.get_by_label("意見必須").fill(text)


def field(page):
    return page.get_by_label("意見必須")


def says(page, text):
    page.locator("#text-said").get_by_text(text).first.wait_for()


def kept_here(page):
    """What this browser keeps of comments that are not saved."""
    return page.evaluate("JSON.stringify(Object.entries(localStorage))")


def test_what_is_typed_is_saved_by_itself_and_is_there_again(logged_in_page, cast):
    page = opened(logged_in_page)
    write(page, "参加した人の声も知りたいです。\n二行目")
    says(page, "保存しました")
    draft = Comment.objects.get()
    assert (draft.state, draft.kind) == ("draft", "proposal")
    assert draft.text == "参加した人の声も知りたいです。\n二行目"
    assert "参加" not in kept_here(page)
    page.goto(ROUND)
    page.get_by_role("link", name="風水害に対する備え").first.click()
    assert field(page).input_value() == "参加した人の声も知りたいです。\n二行目"
    assert page.get_by_label("提案").is_checked()


def test_sent_it_counts_and_can_be_edited_and_withdrawn(logged_in_page, cast, assert_accessible):
    page = opened(logged_in_page)
    assert_accessible(page)
    write(page, "よく巡回しています。", "評価")
    page.get_by_role("button", name="意見を送る").click()
    page.get_by_text("意見を送りました。").wait_for()
    assert "3事業中1事業 確認済" in page.locator("#progress").text_content()
    assert_accessible(page)
    page.get_by_role("button", name="この意見を直す").click()
    page.get_by_text("送った意見を直しています。").wait_for()
    field(page).fill("とてもよく巡回しています。")
    says(page, "保存しました")
    assert Comment.objects.get().text == "よく巡回しています。"
    assert_accessible(page)
    page.get_by_role("button", name="送り直す").click()
    page.get_by_text("意見を送りました。").wait_for()
    assert Comment.objects.get().text == "とてもよく巡回しています。"
    page.get_by_role("button", name="この意見を取り下げる").click()
    page.get_by_text("意見を取り下げました。").wait_for()
    assert Comment.objects.get().state == "withdrawn"


def test_by_keyboard_alone(logged_in_page, cast):
    page = opened(logged_in_page)
    page.get_by_label("評価").focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.type("Tab de susumu")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.value") == "send"
    page.keyboard.press("Enter")
    page.get_by_text("意見を送りました。").wait_for()
    sent = Comment.objects.get()
    assert (sent.kind, sent.text, sent.state) == ("concern", "Tab de susumu", "sent")


def test_no_comment_leads_to_the_next_project(logged_in_page, cast):
    page = opened(logged_in_page)
    page.get_by_role("button", name="意見はなし・確認済にする").click()
    page.wait_for_url("**/p07/")
    assert ReadMark.objects.get().key == "p05"


def test_without_the_network_it_waits_in_the_page_and_is_saved_later(
    logged_in_page, cast, refusals_expected
):
    page = opened(logged_in_page)
    page.context.set_offline(True)
    write(page, "電車のなかで")
    says(page, "まだ保存できていません。")
    page.get_by_role("button", name="意見を送る").click()
    says(page, "まだ送っていません。")
    assert field(page).input_value() == "電車のなかで"
    assert "電車のなかで" in kept_here(page)
    page.context.set_offline(False)
    says(page, "保存しました")
    assert Comment.objects.get().text == "電車のなかで"
    assert "電車のなかで" not in kept_here(page)


def test_an_answer_that_was_lost_is_no_second_window(logged_in_page, cast, refusals_expected):
    page = opened(logged_in_page)

    def lose_the_answer(route):
        route.fetch()
        route.abort()

    page.route("**/save/", lose_the_answer, times=1)
    write(page, "届いたのに")
    says(page, "まだ保存できていません。")
    field(page).fill("届いたのに返事がない")
    says(page, "保存しました")
    assert Comment.objects.get().text == "届いたのに返事がない"


def test_the_session_ends_and_after_the_log_in_it_comes_back(
    logged_in_page, cast, refusals_expected
):
    page = opened(logged_in_page)
    Session.objects.all().delete()
    write(page, "お茶を飲んでいるあいだに")
    says(page, "ログインの時間が切れたため")
    page.locator("#text-said a").click()
    page.locator("[name=username]").fill("member")
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="ログイン").click()
    page.wait_for_url(f"**{P05}")
    says(page, "保存しました")
    assert field(page).input_value() == "お茶を飲んでいるあいだに"
    assert Comment.objects.get().text == "お茶を飲んでいるあいだに"


def test_another_person_at_the_same_tablet_is_shown_none_of_it(
    logged_in_page, cast, refusals_expected, live_server
):
    other = cast.seat("委員（地域代表）2", "area", user=person("member-2", "member", cast.isogo))
    page = opened(logged_in_page)
    page.context.set_offline(True)
    write(page, "わたしの秘密")
    says(page, "まだ保存できていません。")
    page.route("**/save/", lambda route: route.abort())
    page.context.set_offline(False)
    second = logged_in_page(other.user.username)
    cookies = second.context.cookies()
    page.context.clear_cookies()
    page.context.add_cookies(cookies)
    page.goto(P05)
    assert field(page).input_value() == ""
    assert not Comment.objects.exists()


def test_an_old_page_keeps_the_text_for_the_new_one(logged_in_page, cast, refusals_expected):
    page = opened(logged_in_page)
    page.context.clear_cookies(name="csrftoken")
    write(page, "古い画面で")
    says(page, "画面が古くなったため")
    page.locator("#text-said a").click()
    says(page, "保存しました")
    assert field(page).input_value() == "古い画面で"


def test_the_round_closes_while_somebody_types(logged_in_page, cast, refusals_expected):
    page = opened(logged_in_page)
    write(page, "間に合った")
    says(page, "保存しました")
    cast.close()
    field(page).fill("間に合った文の続き")
    says(page, "意見の受付は終わりました。")
    assert field(page).input_value() == "間に合った文の続き"
    comment = Comment.objects.get()
    assert (comment.text, comment.late_text) == ("間に合った", "間に合った文の続き")
    page.goto(P05)
    assert "間に合った文の続き" in page.locator("#slip").text_content()


def test_what_waited_in_the_browser_until_after_the_closing_is_handed_in_as_late(
    logged_in_page, cast, refusals_expected
):
    page = opened(logged_in_page)
    page.context.set_offline(True)
    write(page, "つながらないまま")
    says(page, "まだ保存できていません。")
    cast.close()  # before the page goes: what it sends in going may pass Chromium's offline
    page.goto("about:blank")
    page.context.set_offline(False)
    page.goto(ROUND)
    page.locator("#review-said").get_by_text("事務局に預けました").wait_for()
    assert Comment.objects.get().late_text == "つながらないまま"
    assert "つながらないまま" not in kept_here(page)


def test_two_windows_of_one_member_show_both_texts_and_ask(
    logged_in_page, cast, refusals_expected, assert_accessible
):
    first, second = opened(logged_in_page), opened(logged_in_page)
    write(first, "一つ目の窓")
    says(first, "保存しました")
    write(second, "二つ目の窓", "課題")
    says(second, "別の画面で保存した文があります。")
    said = second.locator("#text-said")
    assert "一つ目の窓" in said.text_content()
    assert "二つ目の窓" in said.text_content()
    assert_accessible(second)
    second.get_by_role("button", name="この画面の文を使う").click()
    says(second, "保存しました")
    assert Comment.objects.get().text == "二つ目の窓"
    field(first).fill("一つ目の窓の続き")
    says(first, "別の画面で保存した文があります。")
    first.get_by_role("button", name="別の画面の文を使う").click()
    assert field(first).input_value() == "二つ目の窓"
    assert first.get_by_label("課題").is_checked()


def test_too_long_a_text_is_told_and_stays(logged_in_page, cast, refusals_expected):
    page = opened(logged_in_page)
    write(page, "長" * 20_001)
    says(page, "いま20,001文字あります。")
    assert not Comment.objects.exists()
    field(page).fill("短く")
    says(page, "保存しました")


def test_letters_arrive_as_they_were_typed(logged_in_page, cast):
    text = "\n𠮷 髙 ㉝ 👨‍👩‍👧‍👦\t<b>太字</b> &amp; “引用”\n  "
    page = opened(logged_in_page)
    write(page, text)
    says(page, "保存しました")
    assert Comment.objects.get().text == text
    page.reload()
    assert field(page).input_value() == text


def test_without_a_script_it_is_a_plain_form(logged_in_page, cast):
    page = opened(logged_in_page, java_script_enabled=False)
    write(page, "台本なしで")
    page.get_by_role("button", name="書きかけとして保存する").click()
    page.get_by_text("書きかけとして保存しました。").wait_for()
    assert field(page).input_value() == "台本なしで"
    page.get_by_role("button", name="意見を送る").click()
    page.get_by_text("意見を送りました。").wait_for()
    assert Comment.objects.get().state == "sent"


def test_the_size_of_the_type_stays_chosen(logged_in_page, cast):
    page = opened(logged_in_page, ROUND)
    page.locator("label[for=text-xl]").click()
    page.goto(P05)
    assert page.locator("html").get_attribute("data-text") == "xl"
    assert page.locator(".appbar #text-xl").is_checked()


@pytest.mark.parametrize("viewport", [{"width": 1440, "height": 900}, PHONE])
@pytest.mark.parametrize("size", ["m", "xl"])
def test_every_page_is_accessible_and_fits(
    logged_in_page, cast, assert_accessible, viewport, size, live_server
):
    Round.objects.update(
        asks_grade=True,
        grades=[{"key": "A", "name": "期待どおり"}, {"key": "B", "name": "もう一歩"}],
        note="ことば",
    )
    cast.comment(cast.area_member, "電話の意見", on_behalf=True, source="phone")
    cast.comment(cast.area_member, "書きかけ", state="draft", key="p07")
    mark = {"round": cast.round, "member": cast.area_member, "key": "p20"}
    ReadMark.objects.create(**mark, at=timezone.now())
    page = logged_in_page("member", viewport=viewport)
    page.context.add_cookies([{"name": "textsize", "value": size, "url": live_server.url}])
    for url in (ROUND, P05, f"{ROUND}projects/p20/", f"{ROUND}pillars/a/", f"{ROUND}whole/"):
        page.goto(url)
        assert_accessible(page)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= viewport["width"], url
    cast.close()
    page.goto(P05)
    assert_accessible(page)
