"""The main path as somebody walks it: log in, see what is owed, enter it, see what it is worth."""

import pytest

from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "hidamari-no-sakamichi"
PHONE = {"width": 390, "height": 844}
ENTRY = "/wards/14107/2020/targets/p05-t1/H2/"


@pytest.fixture
def cast():
    cast = Cast()
    cast.doboku_staff.set_password(PASSWORD)
    cast.doboku_staff.save()
    cast.entered(cast.patrols, cast.first_half, 275, state="confirmed", note="台風後に増やした")
    return cast


def test_from_the_door_to_the_new_rate(open_page, cast, assert_accessible):
    page = open_page()
    page.goto("/wards/14107/2020/entry/")
    assert_accessible(page)
    page.get_by_label("職員番号・委員番号").fill("doboku-staff")
    page.get_by_label("パスワード").fill("machigai")
    page.get_by_role("button", name="ログイン").click()
    assert "あと4回まちがえると" in page.text_content("main")
    assert_accessible(page)
    page.get_by_label("パスワード").fill(PASSWORD)
    page.get_by_role("button", name="ログイン").click()

    assert "あと1件です。" in page.text_content("main")
    assert_accessible(page)
    page.get_by_role("link", name="道路・公園などのパトロール").click()
    assert "台風後に増やした" in page.text_content("main")
    assert_accessible(page)

    figure = page.get_by_label("この期の数（回）")
    figure.fill("約200")
    page.get_by_role("button", name="保存する").click()
    page.get_by_role("link", name="「約200」は数として読めません").click()
    assert figure.evaluate("field => field === document.activeElement")
    assert_accessible(page)
    figure.fill("２，７５０")
    page.get_by_role("button", name="保存する").click()
    assert "この数でまちがいありませんか。" in page.text_content("main")
    assert_accessible(page)
    figure.fill("２００")
    page.get_by_role("button", name="保存する").click()
    assert "保存しました" in page.text_content("main")
    assert "86.4%" in page.text_content("main")
    assert_accessible(page)


def test_without_a_script_and_by_keyboard(logged_in_page, cast):
    page = logged_in_page("doboku-staff", java_script_enabled=False)
    page.goto(ENTRY)
    page.get_by_label("この期の数（回）").focus()
    page.keyboard.type("200")
    page.keyboard.press("Enter")
    page.wait_for_url("**?saved")
    assert "86.4%" in page.text_content("main")


def test_two_people_on_one_entry(open_page, logged_in_page, cast, assert_accessible):
    mine, theirs = logged_in_page("doboku-staff"), logged_in_page("doboku-head")
    for page in (mine, theirs):
        page.goto(ENTRY)
    theirs.get_by_label("この期の数（回）").fill("190")
    theirs.get_by_role("button", name="保存する").click()
    mine.get_by_label("この期の数（回）").fill("200")
    mine.get_by_role("button", name="保存する").click()
    assert "doboku-headさんが保存しました" in mine.text_content("main")
    assert_accessible(mine)
    mine.get_by_role("button", name="自分の入力で保存する").click()
    mine.wait_for_url("**?saved")
    assert "86.4%" in mine.text_content("main")
    # Chromium mentions on the console that an answer had the status 409.
    assert all("status of 409" in said for said in open_page.complaints)
    open_page.complaints.clear()


@pytest.mark.parametrize("address", [ENTRY, "/wards/14107/2020/entry/", "/password/"])
def test_on_a_phone_nothing_runs_off_the_side(logged_in_page, cast, assert_accessible, address):
    page = logged_in_page("doboku-staff", viewport=PHONE)
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert_accessible(page)


def test_the_secretariats_pages(logged_in_page, cast, assert_accessible):
    page = logged_in_page("secretariat")
    for address in ["/people/", "/people/doboku-staff/", "/wards/14107/2020/entry/"]:
        page.goto(address)
        assert_accessible(page)
    page.goto("/people/doboku-staff/")
    page.get_by_role("button", name="再発行する").click()
    assert page.get_by_label("新しいパスワード").is_visible()
    assert_accessible(page)
