"""The history of a policy as a page and as a file: what is found in it, and who reads it."""

import csv
import io
from datetime import UTC, datetime
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kpis.models import DEMO_NOTE, Change, Policy, Target
from tests.cast import Cast
from tests.kpis.pages import links, text_of
from wards.models import AccessRecord

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    """In October the public works office enters, the head returns it; the secretariat helps
    the community section out in November; the policy was imported in April."""
    cast = Cast()
    Change.objects.create(
        ward=cast.isogo,
        policy=cast.policy,
        act="imported",
        changed={"document": ["", "14107-2020.json"]},
        by_name="文書の取込み",
        at=datetime(2020, 4, 1, tzinfo=UTC),
    )
    record(cast, cast.patrols, "entered", {"value": [None, "1275"]}, cast.doboku_staff, (10, 7))
    record(
        cast,
        cast.patrols,
        "moved",
        {"state": ["submitted", "returned"]},
        cast.doboku_head,
        (10, 8),
        reason="台風の分が入っていません",
    )
    record(
        cast,
        cast.nurseries,
        "entered",
        {"value": [None, "9"], "note": [None, "=1+1\n次の行"]},
        cast.secretariat,
        (11, 2),
        on_behalf=True,
    )
    return cast


def record(cast, target, act, changed, by, day, **line):
    return Change.objects.record(
        Target.objects.with_owner().get(pk=target.pk),
        act,
        changed,
        by=by,
        period=cast.first_half,
        at=datetime(2020, *day, 16, 0, tzinfo=UTC),  # one o'clock at night of the next day
        **line,
    )


def address(name="history", **query):
    return reverse(f"kpis:{name}", args=["14107", 2020], query=query)


@pytest.fixture
def auditor(client, cast):
    client.force_login(cast.auditor)
    return client


def told(page) -> list[str]:
    """The lines of the page from the top."""
    log = page.content.decode().partition('<ol class="log"')[2].partition("</ol>")[0]
    return [text_of(line) for line in log.split("<li>")[1:]]


def test_who_changed_what_when_from_what_to_what_and_why(auditor):
    newest, returned, entered, imported = told(auditor.get(address()))
    assert newest.startswith(
        "令和2年11月3日 01:00 ⑦交通安全対策 子ども向け交通安全教室：幼稚園・保育園 上半期 入力 "
        "実績 9 備考 =1+1 次の行"
    )
    assert newest.endswith("secretariatさん（代理入力） 地域振興課 第4号")
    assert "状態の変更 状態 提出済 → 差戻し" in returned
    assert "台風の分が入っていません" in returned
    assert "実績 1,275" in entered
    assert imported.startswith("令和2年4月1日 09:00 取込み 文書 14107-2020.json")


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({"target": "p05-t1"}, [3, 2]),
        ({"project": "p07"}, [4]),
        ({"section": "磯子土木事務所"}, [3, 2]),
        ({"person": "secretariatさん"}, [4]),
        ({"person": "文書の取込み"}, [1]),
        ({"act": "entered"}, [4, 2]),
        ({"day": "2020-10-08"}, [2]),
        ({"day": "2020-10-07"}, []),
        ({"day": "0001-01-01"}, []),
        ({"day": "9999-12-31"}, []),
        ({"act": "entered", "project": "p05"}, [2]),
    ],
)
def test_filters_leave_what_was_asked_for(auditor, query, numbers):
    page = auditor.get(address(**query))
    assert [int(line.rpartition("第")[2].removesuffix("号")) for line in told(page)] == numbers
    assert f"{len(numbers)}件" in page.content.decode()
    if not numbers:
        assert "条件を減らしてください" in page.content.decode()


@pytest.mark.parametrize(
    "query", [{"target": "p99"}, {"day": "きのう"}, {"act": "\0"}, {"person": "' OR 1=1 --"}]
)
def test_a_filter_that_cannot_be_read_is_said_and_hides_nothing(auditor, query):
    page = auditor.get(address(**query))
    assert len(told(page)) == 4
    assert 'class="err"' in page.content.decode()


@pytest.mark.parametrize("number", ["0", "-1", "x", "\0", "9" * 40, "2"])
def test_a_page_that_there_is_not_shows_one_that_there_is(auditor, number):
    assert len(told(auditor.get(address(page=number)))) == 4


def test_the_next_page_keeps_the_filter(auditor, cast):
    for n in range(60):
        record(
            cast,
            cast.patrols,
            "changed",
            {"value": [str(n), str(n + 1)]},
            cast.doboku_staff,
            (12, 1),
        )
    page = auditor.get(address(target="p05-t1"))
    assert len(told(page)) == 50
    (older,) = [url for text, url in links(page) if text == "古い記録"]
    assert older == "?target=p05-t1&page=2"
    page = auditor.get(address() + older)
    assert len(told(page)) == 12
    assert ("新しい記録", "?target=p05-t1&page=1") in links(page)


def test_it_costs_as_many_queries_for_four_lines_as_for_a_hundred(auditor, cast):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            auditor.get(address())
        return len(captured)

    auditor.get(address())
    few = queries()
    for n in range(100):
        target = cast.target(cast.flood, f"x{n}", f"目標{n}", value=1)
        record(cast, target, "entered", {"value": [None, "1"]}, cast.doboku_staff, (12, 1))
    assert queries() == few
    assert few <= 12


def test_the_file_has_a_row_for_each_field_that_changed(auditor, cast):
    answer = auditor.get(address("history_csv"))
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert "磯子区_令和2年度_変更の履歴.csv" in unquote(answer["Content-Disposition"])
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["番号"], row["項目"]) for row in rows] == [
        ("4", "実績"),
        ("4", "備考"),
        ("3", "状態"),
        ("2", "実績"),
        ("1", "文書"),
    ]
    note, figure = rows[1], rows[3]
    assert (note["変更前"], note["変更後"]) == ("", "'=1+1 次の行")
    assert (note["代理入力"], note["所管課"]) == ("はい", "地域振興課")
    assert (figure["変更後"], figure["日時"]) == ("1275", "2020-10-08T01:00:00+09:00")
    assert figure["ダイジェスト"] == Change.objects.get(number=2).digest
    assert AccessRecord.objects.get(act="exported").user == cast.auditor


def test_the_file_is_filtered_as_the_page_is(auditor):
    link = dict(links(auditor.get(address(act="moved"))))["CSVで保存"]
    rows = auditor.get(link).content.decode("utf-8-sig").splitlines()
    assert len(rows) == 2
    assert "台風の分が入っていません" in rows[1]


def test_a_bucho_reads_of_the_department_and_is_offered_no_other(client, cast):
    record(cast, cast.supporters, "entered", {"value": [None, "420"]}, cast.fukushi_staff, (10, 9))
    client.force_login(cast.fukushi_bucho)
    page = client.get(address())
    (line,) = told(page)
    assert "認知症サポーターの養成" in line
    assert "doboku-staffさん" not in page.content.decode()
    assert "交通安全" not in page.content.decode()
    assert "交通安全" not in client.get(address("history_csv")).content.decode()


@pytest.mark.parametrize("who", ["member", "city"])
def test_those_outside_the_ward_office_are_told_so_and_see_no_link(client, cast, who):
    client.force_login(getattr(cast, who))
    for name in ("history", "history_csv"):
        page = client.get(address(name))
        assert page.status_code == 403
        assert "区の職員と監査だけ" in page.content.decode()
    for place in (["policy"], ["project", "p05"]):
        shown = client.get(reverse(f"kpis:{place[0]}", args=["14107", 2020, *place[1:]]))
        assert "history/" not in shown.content.decode()


def test_a_history_of_another_year_is_not_shown_in_this_one(auditor, cast):
    Policy.objects.create(ward=cast.isogo, fiscal_year=2021, title="令和3年度")
    page = auditor.get(reverse("kpis:history", args=["14107", 2021]))
    assert "まだ何も変更されていません" in page.content.decode()


def test_the_pages_lead_to_it(auditor):
    project = links(auditor.get(reverse("kpis:project", args=["14107", 2020, "p05"])))
    base = address()
    assert ("すべての履歴", f"{base}?project=p05") in project
    assert ("すべての履歴 道路・公園などのパトロール", f"{base}?target=p05-t1") in project
    policy = links(auditor.get(reverse("kpis:policy", args=["14107", 2020])))
    assert ("変更の履歴", base) in policy


def test_html_in_a_note_stays_text(auditor, cast):
    record(
        cast, cast.patrols, "changed", {"note": [None, "<b onclick=x>"]}, cast.doboku_staff, (12, 1)
    )
    assert "&lt;b onclick=x&gt;" in auditor.get(address()).content.decode()


def test_what_is_made_up_says_so(auditor, cast):
    Policy.objects.filter(pk=cast.policy.pk).update(notes=[DEMO_NOTE])
    assert "デモデータ" in auditor.get(address()).content.decode()
    assert "デモデータ" in auditor.get(address("history_csv")).content.decode()
