"""A section fills its Excel file and brings it back, in a browser."""

import pytest

from kpis.models import Actual, Target
from tests.browser.conftest import DESK, PHONE
from tests.kpis.workbooks import Copy

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CHOOSE, TAKE = "内容を確かめる", "この内容で取り込む"


def look_at(page, assert_accessible):
    for viewport in (DESK, PHONE):
        page.set_viewport_size(viewport)
        assert_accessible(page)
        wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wider <= 0, f"{page.url} is {wider} px too wide"
    page.set_viewport_size(DESK)


def open_slots(section):
    """Targets of the section in the second half that nobody handed in, with their keys."""
    fixed = Actual.objects.filter(period__key="H2", state__in=["submitted", "confirmed"])
    targets = Target.objects.with_owner().filter(
        policy__ward__code="14107", policy__fiscal_year=2020, owner_id=section, status="active"
    )
    return [target for target in targets.exclude(actuals__in=fixed) if not target.linked_to_id]


def test_out_and_in_again(demo, logged_in_page, assert_accessible, tmp_path):
    page = logged_in_page("isogo-chiiki-staff", accept_downloads=True)
    page.goto("/wards/14107/2020/entry/")
    section = int(page.url.rstrip("/").split("/")[-2])
    with page.expect_download() as coming:
        page.get_by_role("link", name="Excelでダウンロード").click()
    assert coming.value.suggested_filename == "磯子区_令和2年度_下半期_地域振興課_実績入力.xlsx"
    copy = Copy(coming.value.path().read_bytes())
    slots = open_slots(section)
    stage = next(target for target in slots if target.is_milestone)
    number = next(target for target in slots if target.measure == "number")
    copy.fill(stage.key, "ほぼ完了", 備考="3月に配布").fill(number.key, 9999)
    file = tmp_path / "記入済 (1).xlsx"

    def send():
        file.write_bytes(copy.data())
        page.set_input_files("#id_file", file)
        page.get_by_role("button", name=CHOOSE).click()

    page.get_by_role("link", name="Excelを取り込む").click()
    look_at(page, assert_accessible)
    send()
    assert page.get_by_text("直すところが1件あるため、取り込めません。").is_visible()
    assert page.get_by_role("row", name=copy.address(stage.key)).is_visible()
    look_at(page, assert_accessible)

    copy.fill(stage.key, "実施中", 区分="見込")
    send()
    assert page.get_by_text("2件の目標が変わります。").is_visible()
    look_at(page, assert_accessible)
    page.get_by_role("button", name=TAKE).click()
    assert page.get_by_text("1件にまだ答えがありません。").is_visible()
    look_at(page, assert_accessible)
    page.get_by_role("checkbox", name="この数でまちがいありません").check()
    page.get_by_role("button", name=TAKE).click()
    assert page.get_by_text("Excelから2件を取り込みました。").is_visible()
    assert Actual.objects.get(target=number, period__key="H2").value == 9999
    assert Actual.objects.get(target=stage, period__key="H2").note == "3月に配布"
