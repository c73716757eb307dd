"""The target list: what is filtered, sorted and taken away, and who sees what in it."""

import csv
import io
import re
import zipfile
from urllib.parse import unquote

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kpis.models import DEMO_NOTE, Revision
from tests.cast import Cast
from wards.models import AccessRecord

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    """磯子区 in its first half: patrols as planned, nurseries behind, supporters ahead."""
    cast = Cast()
    cast.flood.tags = ["重点"]
    cast.flood.save()
    cast.entered(cast.patrols, cast.first_half, 275, note="台風の後は毎日")
    cast.entered(cast.nurseries, cast.first_half, 9, state="confirmed")
    cast.entered(cast.supporters, cast.first_half, 420, state="submitted")
    return cast


def address(name="targets", **query):
    return reverse(f"kpis:{name}", args=["14107", 2020], query={"period": "H1", **query})


def listed(page) -> list[str]:
    """The labels of the list, from the top."""
    return re.findall(r'class="target">(.*?) <', page.content.decode())


@pytest.fixture
def manager(client, cast):
    client.force_login(cast.manager)
    return client


def test_every_target_stands_once_and_the_cumulative_one_in_its_yearly_row(manager, cast):
    page = manager.get(address())
    assert listed(page) == [
        "道路・公園などのパトロール",
        "子ども向け交通安全教室：幼稚園・保育園",
        "認知症サポーターの養成",
        "第4期地域福祉保健計画の策定",
    ]
    assert "18,500" in page.content.decode()


@pytest.mark.parametrize(
    ("query", "labels"),
    [
        ({"section": "磯子土木事務所"}, ["道路・公園などのパトロール"]),
        ({"status": "behind"}, ["子ども向け交通安全教室：幼稚園・保育園"]),
        ({"measure": "milestone"}, ["第4期地域福祉保健計画の策定"]),
        ({"tag": "重点"}, ["道路・公園などのパトロール"]),
        ({"q": "パトロ-ル"}, []),
        ({"q": "第４期　計画"}, ["第4期地域福祉保健計画の策定"]),
        ({"q": "⑤"}, ["道路・公園などのパトロール"]),
        ({"q": "台風"}, ["道路・公園などのパトロール"]),
        ({"status": "on_track", "section": "福祉保健課"}, ["認知症サポーターの養成"]),
    ],
)
def test_filters_leave_what_was_asked_for(manager, query, labels):
    page = manager.get(address(**query))
    assert listed(page) == labels
    if not labels:
        assert "条件を減らしてください" in page.content.decode()


def test_filters_count_as_the_dashboard_does(manager):
    page = manager.get(address(status="not_entered"))
    assert listed(page) == ["第4期地域福祉保健計画の策定"]
    assert "1件" in page.content.decode()


def test_a_filter_that_does_not_exist_is_named_and_hides_nothing(manager):
    page = manager.get(address(status="excellent"))
    assert page.status_code == 200
    assert len(listed(page)) == 4
    assert "excellent" in page.content.decode()


def test_a_period_that_does_not_exist_is_not_found(manager):
    assert manager.get(address(period="Q9")).status_code == 404


def test_sorted_by_rate_with_unknown_ones_last_both_ways(manager):
    behind_first = listed(manager.get(address(sort="rate")))
    best_first = listed(manager.get(address(sort="-rate")))
    assert behind_first[:2] == [
        "子ども向け交通安全教室：幼稚園・保育園",
        "道路・公園などのパトロール",
    ]
    assert best_first[0] == "認知症サポーターの養成"
    assert behind_first[-1] == best_first[-1] == "第4期地域福祉保健計画の策定"


def test_columns_without_anything_are_left_out(manager, cast):
    """At year end the rate judges and nothing has a gap to a plan any more."""
    cast.entered(cast.patrols, cast.second_half, 100)
    assert "計画との差" in manager.get(address()).content.decode()
    page = manager.get(address(period="H2", sort="gap"))
    assert page.status_code == 200
    assert "計画との差" not in page.content.decode()
    assert "達成率" in page.content.decode()
    late = table(opened(manager.get(address("summary_xlsx", period="H2")))["遅れている目標"])
    assert "計画との差（pt）" not in late[0]


@pytest.mark.parametrize("sort", ["-", ",,,", "\0", "place", "__class__", "target"])
def test_a_column_that_cannot_be_sorted_by_leaves_the_policys_order(manager, sort):
    assert listed(manager.get(address(sort=sort))) == listed(manager.get(address()))


def test_sorting_keeps_the_filter_in_the_address(manager):
    page = manager.get(address(section="磯子土木事務所")).content.decode()
    link = re.search(r'class="sort" href="([^"]*)"[^>]*>達成率', page).group(1)
    assert "section=" in link
    assert "sort=rate" in link


def test_another_period_keeps_the_filter(manager):
    page = manager.get(address(status="behind")).content.decode()
    assert 'href="?period=H2&amp;status=behind"' in page


def test_the_city_and_members_see_confirmed_figures_only(client, cast):
    for person in (cast.city, cast.member):
        client.force_login(person)
        page = client.get(address()).content.decode()
        assert "275" not in page
        assert "台風" not in page
        assert "27.3%" in page


def test_a_department_head_sees_the_department(client, cast):
    client.force_login(cast.fukushi_bucho)
    assert listed(client.get(address())) == [
        "認知症サポーターの養成",
        "第4期地域福祉保健計画の策定",
    ]


def test_the_list_costs_the_same_however_long_it_is(manager, cast):
    manager.get(address())  # the first request of a session stamps it
    with CaptureQueriesContext(connection) as few:
        manager.get(address(q="の"))
    for number in range(30):
        target = cast.target(cast.traffic, f"p07-x{number}", f"追加の目標{number}", value=10)
        cast.entered(target, cast.first_half, number)
        Revision.objects.create(target=target, on="2020-07-01", old=20, new=10, reason="感染症")
    with CaptureQueriesContext(connection) as many:
        manager.get(address(q="の"))
    assert len(many) == len(few) <= 12


# files -------------------------------------------------------------------------------------------


def opened(response):
    return openpyxl.load_workbook(io.BytesIO(response.content))


def table(sheet) -> list[dict]:
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def csv_table(response) -> list[dict]:
    text = response.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_list_as_filtered_goes_out_as_excel_with_real_numbers(manager):
    response = manager.get(address("targets_xlsx", section="福祉保健課"))
    rows = table(opened(response)["目標一覧"])
    yearly, total, plan = rows
    assert (yearly["目標"], yearly["目標値"], yearly["達成率（%）"]) == (
        "認知症サポーターの養成",
        800,
        52.5,
    )
    assert (total["累計のもとの目標ID"], total["実績（期末まで）"]) == ("p20-t1", 18120)
    assert total["達成率（%）"] == 52.5
    assert total["累計に対する率（%）"] == 97.9
    assert (plan["目標値"], plan["達成率（%）"], plan["状況"]) == (None, None, "未入力")


def test_each_total_that_follows_from_a_target_has_its_row(manager, cast):
    cast.target(
        cast.dementia,
        "p20-t4",
        "認知症サポーター（平成17年からの累計）",
        accumulation="latest",
        value=30000,
        unit="人",
        cumulative=True,
        baseline=29000,
        linked_to=cast.supporters,
    )
    response = manager.get(address("targets_xlsx", section="福祉保健課"))
    rows = table(opened(response)["目標一覧"])
    assert [row["目標ID"] for row in rows] == ["p20-t1", "p20-t2", "p20-t4", "p20-t3"]


def test_asking_about_a_file_takes_nothing_away(manager):
    answer = manager.head(address("targets_xlsx"))
    assert answer.status_code == 200
    assert not AccessRecord.objects.filter(act="exported").exists()


def test_the_file_has_a_japanese_name_and_leaves_a_record(manager, cast):
    response = manager.get(address("targets_xlsx"))
    assert unquote(response["Content-Disposition"]).endswith(
        "磯子区_令和2年度_上半期_目標一覧.xlsx"
    )
    record = AccessRecord.objects.get(act="exported")
    assert (record.by, record.detail) == (cast.manager, "磯子区_令和2年度_上半期_目標一覧.xlsx")


def test_csv_has_the_same_rows_and_blank_where_there_is_nothing(manager):
    rows = csv_table(manager.get(address("targets_csv")))
    patrols, nurseries = rows[0], rows[1]
    assert (patrols["年度（西暦）"], patrols["年度（和暦）"]) == ("2020", "令和2年度")
    assert (patrols["実績（期末まで）"], patrols["単位"], patrols["達成率（%）"]) == (
        "275",
        "回",
        "50.0",
    )
    assert nurseries["母数"] == "49"
    assert rows[-1]["達成率（%）"] == ""
    assert len(rows) == 5


def test_files_say_beside_a_rate_what_pages_say_beside_it(manager, cast):
    cast.entered(cast.nurseries, cast.second_half, 9)
    cast.nurseries.actuals.filter(period=cast.first_half).update(value=None)
    accidents = cast.target(cast.traffic, "p07-t2", "事故", value=10, direction="at_most")
    cast.entered(accidents, cast.first_half, 3)
    first = {row["目標"]: row for row in csv_table(manager.get(address("targets_csv")))}
    assert (first["事故"]["達成率（%）"], first["事故"]["達成率の注"]) == ("100.0", "枠内")
    second = csv_table(manager.get(address("targets_csv", period="H2")))
    assert second[1]["達成率の注"] == "前の期の数なし"


def test_a_note_that_begins_with_an_equals_sign_does_not_run(manager, cast):
    cast.entered(cast.plan, cast.first_half, stage="preparing", note="=1+1")
    assert csv_table(manager.get(address("targets_csv")))[-1]["備考"] == "'=1+1"
    sheet = opened(manager.get(address("targets_xlsx")))["目標一覧"]
    cell = [cell for row in sheet.iter_rows() for cell in row if cell.value == "=1+1"]
    assert [each.data_type for each in cell] == ["s"]


def test_the_summary_counts_by_pillar_and_names_what_is_behind(manager):
    book = opened(manager.get(address("summary_xlsx")))
    assert book.sheetnames == ["概要", "遅れている目標", "目標一覧"]
    pillar, ward = table(book["概要"])
    assert (pillar["柱"], pillar["事業数"], pillar["目標数"]) == ("安全・安心なまち", 3, 4)
    assert (ward["順調"], ward["遅れ"], ward["未入力"]) == (2, 1, 1)
    assert ward["平均達成率（%）"] == 43.3
    assert ward["平均の対象数"] == 3
    (late,) = table(book["遅れている目標"])
    assert (late["所管課"], late["達成率（%）"]) == ("地域振興課", 27.3)
    assert late["計画との差（pt）"] == -22.7
    assert len(table(book["目標一覧"])) == 5
    assert csv_table(manager.get(address("summary_csv")))[1]["遅れ"] == "1"


def test_statuses_that_a_policy_names_alike_keep_columns_and_bars_of_their_own(manager, cast):
    cast.policy.grades = {"names": {"on_track": "B", "behind": "B", "achieved": "事業数"}}
    cast.policy.save()
    answer = manager.get(address("summary_xlsx"))
    _pillar, ward = table(opened(answer)["概要"])
    assert (ward["B（順調）"], ward["B（遅れ）"], ward["事業数（達成）"]) == (2, 1, 0)
    assert ward["事業数"] == 3
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        chart = file.read("xl/charts/chart1.xml").decode()
    bars = re.findall(r"<c:val><c:numRef><c:f>(.*?)</c:f>", chart)
    assert len(bars) == len(set(bars)) == 3


def test_demo_data_says_so_in_every_file(manager, cast):
    cast.policy.notes = [DEMO_NOTE]
    cast.policy.save()
    assert "デモデータ" in manager.get(address()).content.decode()
    for name in ("targets_csv", "summary_csv"):
        assert {row["データの種別"] for row in csv_table(manager.get(address(name)))} == {
            "デモデータ"
        }
    assert opened(manager.get(address("summary_xlsx")))["概要"].oddHeader.right.text == "デモデータ"


def test_english_by_the_switch(manager):
    manager.cookies["django_language"] = "en"
    response = manager.get(address("targets_csv"))
    assert "Isogo Ward" in response.content.decode("utf-8-sig")
