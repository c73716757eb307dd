"""The sheet as a section fills it in: two real browsers, the real server, no network, no script."""

import pytest
from django.contrib.sessions.models import Session

from kpis.models import Actual, Change, Period
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "hidamari-no-sakamichi"
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def cast():
    cast = Cast()
    for person in (cast.fukushi_staff, cast.doboku_staff):
        person.set_password(PASSWORD)
        person.save()
    cast.entered(cast.patrols, cast.first_half, 275, state="confirmed", note="台風後に増やした")
    cast.entered(cast.supporters, cast.first_half, 300, state="confirmed")
    return cast


@pytest.fixture
def refusals_expected(open_page):
    """Chromium mentions on the console what was refused or did not arrive; these are meant."""
    yield
    meant = [said for said in open_page.complaints if "Failed to load resource" in said]
    # Chromium asks for the icon when it likes, without a network too.
    assert meant and all("/cell/" in said or "icon.svg" in said for said in meant)
    for said in meant:
        open_page.complaints.remove(said)


def sheet(section, period="H2"):
    return f"/wards/14107/2020/sheet/{section.pk}/{period}/"


def opened(logged_in_page, who, section, **options):
    page = logged_in_page(who, **options)
    page.goto(sheet(section))
    return page


def cell(page, name):
    return page.locator(f'[name="{name}"]')


def type_into(page, name, text, leave_with="Enter"):
    cell(page, name).focus()
    page.keyboard.type(text)
    page.keyboard.press(leave_with)


def out(page, key, name):
    return page.locator(f'[data-key="{key}"] [data-out="{name}"]')


def wait_until(page, holds):
    """Wait for a sentence in JavaScript; Playwright's own way breaks the page's security policy."""
    for _try in range(250):
        if page.evaluate(holds):
            return
        page.wait_for_timeout(20)
    raise AssertionError(f"never: {holds}")


def wait_until_saved(page):
    wait_until(page, "!waiting.size && !stuck.size && !running")


def wait_for_text(page, name, text):
    wait_until(page, f"document.getElementsByName('{name}')[0]?.value === '{text}'")


def paste(page, name, text):
    """What Chromium does when a block of cells is pasted."""
    cell(page, name).evaluate(
        """(cell, text) => {
            cell.focus();
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", text);
            clipboardData.setData("text/html", "<table></table>");
            const options = { clipboardData, bubbles: true, cancelable: true };
            cell.dispatchEvent(new ClipboardEvent("paste", options));
        }""",
        text,
    )


def kept(target, period):
    return Actual.objects.get(target=target, period=period)


def test_a_figure_is_saved_as_it_is_left_and_all_beside_it_follows(
    logged_in_page, cast, assert_accessible
):
    page = opened(logged_in_page, "fukushi-staff", cast.fukushi)
    assert_accessible(page)
    type_into(page, "p20-t1.figure", "２００人")
    out(page, "p20-t1", "rate").get_by_text("62.5%").wait_for()
    assert cell(page, "p20-t1.figure").input_value() == "200"
    assert cell(page, "p20-t1.total").input_value() == "500"
    assert out(page, "p20-t1", "state").text_content() == "下書き"
    assert "18,200" in out(page, "p20-t2", "total").text_content()  # follows from it
    assert "保存しました" in page.text_content("[data-out=saved]")
    assert page.text_content("[data-out=count]") == "2件中1件入力済"

    type_into(page, "p20-t1.total", "520")
    wait_for_text(page, "p20-t1.figure", "220")
    cell(page, "p20-t3.figure").select_option("実施中")
    wait_until_saved(page)
    assert "入力が必要な目標は、すべて入力されています。" in page.text_content("main")
    assert kept(cast.supporters, cast.second_half).value == 220
    assert kept(cast.plan, cast.second_half).stage == "under_way"
    assert_accessible(page)


def test_an_enter_that_ends_a_conversion_does_not_leave_the_note(logged_in_page, cast):
    page = opened(logged_in_page, "doboku-staff", cast.doboku)
    ime = page.context.new_cdp_session(page)
    note = cell(page, "p05-t1.note")
    note.focus()
    ime.send(
        "Input.imeSetComposition", {"text": "たいふう", "selectionStart": 4, "selectionEnd": 4}
    )
    for kind in ("rawKeyDown", "keyUp"):
        ime.send(
            "Input.dispatchKeyEvent", {"type": kind, "key": "Enter", "windowsVirtualKeyCode": 229}
        )
    ime.send("Input.insertText", {"text": "台風"})
    assert note.evaluate("note => note === document.activeElement && note.value") == "台風"
    assert not Actual.objects.filter(period=cast.second_half).exists()
    page.keyboard.press("Enter")
    wait_until_saved(page)
    assert kept(cast.patrols, cast.second_half).note == "台風"


def test_a_pasted_block_and_one_step_back(logged_in_page, cast):
    page = opened(logged_in_page, "fukushi-staff", cast.fukushi)
    cast.entered(cast.plan, cast.second_half, stage="preparing", note="案を作成")
    page.reload()
    paste(
        page, "p20-t1.figure", '180（見込）\t"出前講座\n10回"\r\n\t\r\n完了\t公表した\r\n余り\t\r\n'
    )
    wait_until_saved(page)
    assert "下の1行は貼り付けていません" in page.text_content("[data-pasted]")
    supporters = kept(cast.supporters, cast.second_half)
    assert (supporters.value, supporters.certainty) == (180, "provisional")
    assert supporters.note == "出前講座\n10回"
    assert kept(cast.plan, cast.second_half).stage == "done"

    page.keyboard.press("Control+z")
    wait_for_text(page, "p20-t1.kind", "final")
    wait_until_saved(page)
    supporters.refresh_from_db()
    assert (supporters.value, supporters.certainty, supporters.note) == (None, "final", "")
    plan = kept(cast.plan, cast.second_half)
    assert (plan.stage, plan.note) == ("preparing", "案を作成")


def test_a_question_and_a_refusal_stand_at_their_cells(
    logged_in_page, cast, assert_accessible, refusals_expected
):
    page = opened(logged_in_page, "doboku-staff", cast.doboku)
    type_into(page, "p05-t1.figure", "2750")
    page.get_by_role("button", name="この数でよい").wait_for()
    page.locator("#m-p05-t1").get_by_text("この数でまちがいありませんか。").wait_for()
    assert_accessible(page)
    type_into(page, "p05-t1.figure", "約200")
    page.locator("#m-p05-t1").get_by_text("「約200」は数として読めません").wait_for()
    assert_accessible(page)
    type_into(page, "p05-t1.figure", "2750")
    page.get_by_role("button", name="この数でよい").click()
    wait_until_saved(page)
    assert kept(cast.patrols, cast.second_half).value == 2750
    assert not page.locator("#m-p05-t1").get_by_role("button").count()


def test_what_has_to_be_written_is_listed_as_soon_as_it_is_so(
    logged_in_page, cast, assert_accessible
):
    page = opened(logged_in_page, "doboku-staff", cast.doboku)
    summary = page.locator("#unready")
    assert not summary.is_visible()
    type_into(page, "p05-t1.figure", "10")
    summary.get_by_text("提出の前に、1件を確かめてください。").wait_for()
    assert "遅れの原因を入力してください。" in summary.locator("li").text_content()
    assert summary.get_by_role("link").get_attribute("href") == "#r-p05-t1"
    page.get_by_text("確かめるところ 1件").wait_for()
    assert_accessible(page)
    type_into(page, "p05-t1.figure", "275")
    wait_until_saved(page)
    assert not summary.is_visible()
    assert "確かめるところ" not in page.text_content(".actionbar")


def test_without_the_network_everything_waits_and_is_saved_after(
    logged_in_page, cast, refusals_expected
):
    page = opened(logged_in_page, "fukushi-staff", cast.fukushi)
    page.context.set_offline(True)
    type_into(page, "p20-t1.figure", "200")
    type_into(page, "p20-t3.note", "印刷中")
    for key in ("p20-t1", "p20-t3"):
        page.locator(f"#m-{key}").get_by_text("まだ保存できていません").wait_for()
    page.context.set_offline(False)
    wait_until_saved(page)
    assert kept(cast.supporters, cast.second_half).value == 200
    assert kept(cast.plan, cast.second_half).note == "印刷中"
    assert not page.get_by_text("まだ保存できていません").count()


def test_after_the_session_ended_log_in_returns_with_what_was_typed(
    logged_in_page, cast, refusals_expected
):
    page = opened(logged_in_page, "doboku-staff", cast.doboku)
    Session.objects.all().delete()
    type_into(page, "p05-t1.figure", "200")
    page.locator("#m-p05-t1").get_by_role("link", name="ログインして続ける").click()
    page.get_by_label("職員番号・委員番号").fill("doboku-staff")
    page.get_by_label("パスワード").fill(PASSWORD)
    page.get_by_role("button", name="ログイン").click()
    page.wait_for_url(f"**{sheet(cast.doboku)}")
    wait_until_saved(page)
    assert "86.4%" in out(page, "p05-t1", "rate").text_content()
    assert kept(cast.patrols, cast.second_half).value == 200


def test_two_browsers_on_one_cell(logged_in_page, cast, assert_accessible, refusals_expected):
    theirs = opened(logged_in_page, "doboku-head", cast.doboku)
    mine = opened(logged_in_page, "doboku-staff", cast.doboku)
    type_into(theirs, "p05-t1.figure", "190")
    wait_until_saved(theirs)
    type_into(mine, "p05-t1.figure", "200")
    message = mine.locator("#m-p05-t1")
    message.get_by_text("doboku-headさんが保存しました").wait_for()
    said = message.text_content()
    assert "いまの内容は「190」、あなたの入力は「200」です。" in said
    assert kept(cast.patrols, cast.second_half).value == 190
    assert_accessible(mine)
    message.get_by_role("button", name="「190」を使う").click()
    assert cell(mine, "p05-t1.figure").input_value() == "190"
    assert "84.5%" in out(mine, "p05-t1", "rate").text_content()

    # The other way round: the second keeps their own, knowingly.
    type_into(mine, "p05-t1.figure", "205")
    wait_until_saved(mine)
    type_into(theirs, "p05-t1.figure", "195")
    theirs.get_by_role("button", name="「195」で保存する").click()
    wait_until_saved(theirs)
    history = Change.objects.filter(target=cast.patrols).order_by("id")
    changed = [change.changed["value"] for change in history if "value" in change.changed]
    assert changed == [[None, "190"], ["190", "205"], ["205", "195"]]


def test_two_browsers_on_two_cells_of_a_row_do_not_meet(logged_in_page, cast):
    theirs = opened(logged_in_page, "doboku-head", cast.doboku)
    mine = opened(logged_in_page, "doboku-staff", cast.doboku)
    type_into(theirs, "p05-t1.note", "橋の点検を含む")
    wait_until_saved(theirs)
    type_into(mine, "p05-t1.figure", "200")
    wait_until_saved(mine)
    assert cell(mine, "p05-t1.note").input_value() == "橋の点検を含む"
    entry = kept(cast.patrols, cast.second_half)
    assert (entry.value, entry.note) == (200, "橋の点検を含む")


def test_closed_while_somebody_typed(logged_in_page, cast, refusals_expected):
    page = opened(logged_in_page, "doboku-staff", cast.doboku)
    Period.objects.filter(pk=cast.second_half.pk).update(state=Period.State.CLOSED)
    type_into(page, "p05-t1.figure", "200")
    page.locator("#m-p05-t1").get_by_text("入力していた内容：200").wait_for()
    page.reload()
    page.locator("#m-p05-t1").get_by_text("入力していた内容：200").wait_for()
    page.get_by_role("button", name="この知らせを消す").click()
    assert page.evaluate("localStorage.length") == 0
    assert not Actual.objects.filter(period=cast.second_half).exists()


def test_submitting_saves_what_is_still_typed_and_stops_at_what_is_wrong(
    logged_in_page, cast, refusals_expected
):
    page = opened(logged_in_page, "fukushi-staff", cast.fukushi)
    cell(page, "p20-t3.figure").select_option("完了")
    cell(page, "p20-t1.figure").focus()
    page.keyboard.type("約五百")
    page.get_by_role("button", name="提出する").click()
    page.locator("#m-p20-t1").get_by_text("約五百").wait_for()
    wait_until(page, "document.activeElement.name === 'p20-t1.figure'")
    assert kept(cast.plan, cast.second_half).state == "draft"
    page.get_by_role("link", name="保存していないセル 1個").click()
    page.locator("#unsaved").get_by_role("link", name="認知症サポーターの養成").click()
    wait_until(page, "document.activeElement.name === 'p20-t1.figure'")
    page.keyboard.type("500")
    page.get_by_role("button", name="提出する").click()
    page.get_by_text("提出しました").first.wait_for()
    for target in (cast.supporters, cast.plan):
        assert kept(target, cast.second_half).state == "submitted"
    assert kept(cast.supporters, cast.second_half).value == 500


def test_the_back_button_shows_what_stands_now(logged_in_page, cast):
    page = opened(logged_in_page, "doboku-staff", cast.doboku)
    type_into(page, "p05-t1.figure", "200")
    wait_until_saved(page)
    page.goto("/")
    Actual.objects.filter(period=cast.second_half).update(value=150, version=9)
    page.go_back()
    wait_for_text(page, "p05-t1.figure", "150")
    type_into(page, "p05-t1.note", "雪の日を含む")
    wait_until_saved(page)
    assert kept(cast.patrols, cast.second_half).value == 150


def test_without_a_script_the_sheet_is_one_form(logged_in_page, cast):
    page = opened(logged_in_page, "fukushi-staff", cast.fukushi, java_script_enabled=False)
    cell(page, "p20-t1.figure").fill("５００")
    cell(page, "p20-t1.note").fill("出前講座10回")
    cell(page, "p20-t3.figure").select_option("完了")
    page.get_by_role("button", name="提出する").click()
    assert "提出しました" in page.text_content("main")
    for target in (cast.supporters, cast.plan):
        assert kept(target, cast.second_half).state == "submitted"


def test_on_a_phone(logged_in_page, cast, assert_accessible, refusals_expected):
    page = opened(logged_in_page, "fukushi-staff", cast.fukushi, viewport=PHONE)
    type_into(page, "p20-t1.figure", "200")
    type_into(page, "p20-t1.total", "約500")
    page.locator("#m-p20-t1").get_by_text("約500").wait_for()
    page.locator("details.keys summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert_accessible(page)


def test_on_a_phone_a_row_is_as_wide_as_the_page_however_long_its_projects_name(
    logged_in_page, cast
):
    page = opened(logged_in_page, "fukushi-staff", cast.fukushi, viewport=PHONE)
    widths = page.evaluate(
        """() => {
            const name = document.querySelector(".band-row [id^=b-]");
            const row = document.querySelector("tr.line");
            return Array.from({ length: 40 }, (_, n) => {
                name.textContent = "事".repeat(n + 1);
                return row.offsetWidth;
            });
        }"""
    )
    assert set(widths) == {PHONE["width"] - 2 * 16}
