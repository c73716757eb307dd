"""A member opens the opinion sheet from a stick, writes by keyboard, and sends the file back."""

import json
import re

import pytest

from reviews.models import Comment
from tests.browser.conftest import DESK, PHONE
from tests.reviews.cast import CommitteeCast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TABLET = {"width": 820, "height": 1180}
SAVE = "意見をファイルに保存する"


@pytest.fixture
def cast(transactional_db):
    cast = CommitteeCast()
    cast.open()
    return cast


@pytest.fixture
def sheet(cast, logged_in_page, tmp_path):
    """The file, as the secretariat put it on a stick; and a page of the secretariat."""
    page = logged_in_page("secretariat", accept_downloads=True)
    page.goto(cast.round.address("behalf"))
    with page.expect_download() as coming:
        page.get_by_role("link", name="画面で書くファイル 委員（有識者）").click()
    assert coming.value.suggested_filename == "磯子区_令和2年度_上半期_意見票_委員（有識者）.html"
    file = tmp_path / "意見票.html"
    coming.value.save_as(file)
    return page, file


@pytest.fixture
def at_home(open_page, sheet):
    """The file in a browser without a network."""
    page = open_page(viewport=TABLET, accept_downloads=True)
    page.context.set_offline(True)
    page.goto(sheet[1].as_uri())
    return page


def look_at(page, assert_accessible, *viewports):
    for viewport in viewports:
        page.set_viewport_size(viewport)
        assert_accessible(page)
        wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wider <= 0, f"{page.url} is {wider} px too wide"


def save(page, tmp_path):
    with page.expect_download() as coming:
        page.get_by_role("button", name=SAVE).press("Enter")
    file = tmp_path / coming.value.suggested_filename
    coming.value.save_as(file)
    return file


def test_written_by_keyboard_without_a_network_and_taken_over(
    cast, sheet, at_home, assert_accessible, tmp_path
):
    look_at(at_home, assert_accessible, DESK, TABLET, PHONE)
    assert at_home.get_by_role("img", name=re.compile("目標550回に対し275回")).is_visible()
    keys = at_home.keyboard
    group = at_home.get_by_role("group", name="⑤ 風水害に対する備え この事業への意見")
    group.get_by_role("radio", name="評価").focus()
    keys.press("ArrowRight")
    keys.press("ArrowRight")  # 提案
    keys.press("Tab")
    keys.insert_text("回数だけでなく、")
    keys.press("Enter")
    keys.insert_text("成果も👍 <b>知りたい</b>")
    keys.press("Tab")
    keys.press("Enter")  # もう1つ書く: the kind of the new one has the focus
    keys.press("Space")
    keys.press("Tab")
    keys.insert_text("巡回を続けてください")
    at_home.get_by_text("この端末に自動で保存しました").wait_for()
    at_home.get_by_role("group", name="全体について 全体への意見").get_by_role("textbox").fill(
        "よい"
    )

    at_home.get_by_role("button", name=SAVE).press("Enter")
    assert at_home.get_by_text("種別を選んでいない意見が1件あります").is_visible()
    look_at(at_home, assert_accessible, PHONE, TABLET)
    keys.press("Space")  # the kind that is missing has the focus
    file = save(at_home, tmp_path)
    assert at_home.get_by_text("このファイルを事務局に送ってください").is_visible()
    assert file.name == "磯子区_令和2年度_上半期_意見票_委員（有識者）.json"

    page = sheet[0]
    page.get_by_role("link", name="ファイルを取り込む 委員（有識者）").click()
    look_at(page, assert_accessible, PHONE, DESK)
    page.set_input_files("#id_file", file)
    page.get_by_role("button", name="内容を確かめる").click()
    assert page.get_by_role("heading", name="新しい意見").is_visible()
    look_at(page, assert_accessible, PHONE, DESK)
    page.get_by_role("button", name="この内容で取り込む").click()
    assert page.get_by_text("新しい意見3件").is_visible()
    look_at(page, assert_accessible, PHONE, DESK)
    assert [(each.key, each.kind, each.text) for each in Comment.objects.order_by("id")] == [
        ("p05", "proposal", "回数だけでなく、\n成果も👍 <b>知りたい</b>"),
        ("p05", "praise", "巡回を続けてください"),
        ("", "praise", "よい"),
    ]


def test_what_was_typed_is_there_again_and_goes_on_on_another_tablet(
    sheet, at_home, open_page, tmp_path
):
    group = at_home.get_by_role("group", name="⑦ 交通安全対策 この事業への意見")
    group.get_by_role("radio", name="課題").check()
    group.get_by_role("textbox").fill("冬の朝が心配です")
    at_home.get_by_text("この端末に自動で保存しました").wait_for()
    at_home.locator("label[for=text-xl]").click()
    at_home.reload()
    assert group.get_by_role("textbox").input_value() == "冬の朝が心配です"
    assert group.get_by_role("radio", name="課題").is_checked()
    assert at_home.locator("#text-xl").is_checked()
    file = save(at_home, tmp_path)

    other = open_page(viewport=TABLET)
    other.context.set_offline(True)
    other.goto(sheet[1].as_uri())
    group = other.get_by_role("group", name="⑦ 交通安全対策 この事業への意見")
    group.get_by_role("textbox").fill("ここで書いた文")
    other.get_by_text("前に保存したファイルの続きを書くとき").click()
    other.set_input_files("#load", file)
    other.get_by_text("1件、読み込みました").wait_for()
    texts = [each.input_value() for each in group.get_by_role("textbox").all()]
    assert sorted(texts) == ["ここで書いた文", "冬の朝が心配です"]


def test_where_nothing_can_be_kept_the_words_can_be_taken_out(open_page, sheet):
    page = open_page(viewport=TABLET)
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('none'); }})"
    )
    page.context.set_offline(True)
    page.goto(sheet[1].as_uri())
    assert page.get_by_text("この端末では自動で保存できません").first.is_visible()
    group = page.get_by_role("group", name="⑦ 交通安全対策 この事業への意見")
    group.get_by_role("radio", name="質問").check()
    group.get_by_role("textbox").fill("来年は")
    page.get_by_text("ファイルで送れないとき").click()
    page.get_by_role("button", name="意見を文字にしてコピーする").click()
    plain = page.get_by_label("意見を文字にしたもの").input_value()
    assert "⑦ 交通安全対策\n［質問］ 来年は" in plain
    assert "整理番号 14107-2020-H1-M" in plain
    held = json.loads(page.locator("#answers").text_content())  # what "save page" takes along
    assert [each["text"] for each in held["comments"]] == ["来年は"]


def test_the_desk_and_the_form_by_keyboard(cast, logged_in_page, assert_accessible):
    page = logged_in_page("secretariat")
    page.goto(cast.round.address("behalf"))
    look_at(page, assert_accessible, PHONE, DESK)
    page.get_by_role("link", name="紙などから入力する 委員（有識者）").click()
    look_at(page, assert_accessible, PHONE, DESK)
    page.get_by_label("事業の番号").first.focus()
    page.keyboard.insert_text("5")
    page.keyboard.press("Tab")
    page.keyboard.type("3")
    page.keyboard.press("Tab")
    page.keyboard.insert_text("回数より成果を")
    page.keyboard.press("Tab")
    page.keyboard.insert_text("99")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.insert_text("どこに")
    page.get_by_role("button", name="代理入力する").press("Enter")
    assert page.get_by_text("直すところがあるため").is_visible()
    look_at(page, assert_accessible, PHONE, DESK)
    page.get_by_label("事業の番号").nth(1).fill("全体")
    page.get_by_label("種別").nth(1).select_option("concern")
    page.get_by_role("button", name="代理入力する").press("Enter")
    assert page.get_by_text("意見を2件、代理入力しました").is_visible()
    assert Comment.objects.get(key="p05").kind == "proposal"
    page.get_by_text("直す・取り下げる").first.click()
    look_at(page, assert_accessible, PHONE, DESK)
    page.goto(cast.round.address("sheets_print"))
    look_at(page, assert_accessible, PHONE, DESK)
