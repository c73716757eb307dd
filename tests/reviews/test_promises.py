"""約束: made by a released answer, carried on to next year, settled with its result."""

import csv
import io
import re
from datetime import date, timedelta
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kpis.models import Period, Pillar, Policy, Project
from reviews import promising
from reviews.models import Promise, ReviewRecord
from reviews.promise_list import age
from reviews.promising import PromiseConflict
from reviews.workflow import MoveRefused
from tests.kpis.pages import text_of
from tests.reviews.answer_cast import DIFFICULT, WHOLE, AnswerCast

pytestmark = pytest.mark.django_db
LIST = "/wards/14107/promises/"


@pytest.fixture
def cast():
    """土木事務所 has promised to count what was mended; 地域振興課 has refused."""
    cast = AnswerCast()
    cast.released()
    cast.released(2, DIFFICULT)
    return cast


def open_(client, cast, who, url=LIST):
    client.force_login(getattr(cast, who))
    return client.get(url)


def next_year(cast, *, name="風水害に対する備え", key="p02", state="in_force") -> Project:
    """The policy of 令和3年度 with one project in it."""
    policy = Policy.objects.create(ward=cast.isogo, fiscal_year=2021, title="次年度", state=state)
    Period.objects.create(policy=policy, key="H1", starts=date(2021, 4, 1), ends=date(2021, 9, 30))
    pillar = Pillar.objects.create(policy=policy, key="a", name="安全")
    return Project.objects.create(policy=policy, pillar=pillar, key=key, number="②", name=name)


def settle(client, cast, who, promise, **typed):
    client.force_login(getattr(cast, who))
    sent = {"version": promise.version, "result": "直した12か所を報告に加えました。"}
    return client.post(
        f"{LIST}{promise.pk}/", sent | {"result_on": "2021-06-01"} | typed, follow=True
    )


# Where it stands ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url", ["/wards/14107/2020/projects/p05/", "/wards/14107/2020/sections/{}/H2/"]
)
def test_it_stands_on_the_project_and_on_the_sheet_until_its_result_is_written(client, cast, url):
    url = sheet_or(cast, url)
    told = text_of(open_(client, cast, "doboku_staff", url).content.decode())
    assert "評価委員会への約束" in told
    assert WHOLE["what"] in told
    assert "翌年度へ" in told
    promise = Promise.objects.get()
    settle(client, cast, "doboku_staff", promise)
    assert "評価委員会への約束" not in open_(client, cast, "doboku_staff", url).content.decode()


def sheet_or(cast, url):
    from django.urls import reverse

    if "{}" not in url:
        return url
    return reverse("kpis:sheet", args=["14107", 2020, cast.doboku.pk, "H2"])


def test_it_stands_with_no_other_project(client, cast):
    told = open_(client, cast, "manager", "/wards/14107/2020/projects/p07/").content.decode()
    assert "評価委員会への約束" not in told


@pytest.mark.parametrize("name", ["project", "sheet"])
def test_pages_of_kpis_pay_one_query_however_many_promises(client, cast, name):
    url = "/wards/14107/2020/projects/p05/" if name == "project" else sheet_or(cast, "{}")
    client.force_login(cast.doboku_staff)

    def queries():
        client.get(url)
        with CaptureQueriesContext(connection) as caught:
            client.get(url)
        return [each["sql"] for each in caught]

    few = queries()
    assert len([sql for sql in few if "reviews_promise" in sql]) == 1
    promise = Promise.objects.get()
    for n in range(20):
        Promise.objects.create(
            ward=cast.isogo,
            on_fiscal_year=2020,
            text="意見",
            what=f"約束{n}",
            disposition="consider",
            made_on=promise.made_on,
            policy=cast.policy,
            project=cast.flood,
            section=cast.doboku,
        )
    many = queries()
    assert len(many) == len(few) <= 14, "\n".join(many)


# The list -----------------------------------------------------------------------------------------


def test_everybody_in_the_ward_reads_the_open_ones_by_age(client, cast):
    Promise.objects.create(
        ward=cast.isogo,
        on_fiscal_year=2019,
        source="令和元年度の意見 2",
        text="主体を企業へ",
        what="企業との連携を検討します。",
        disposition="consider",
        made_on=date(2020, 3, 31),
    )
    older = "企業との連携を検討します。"
    for who in ("member", "manager", "doboku_staff", "auditor", "city", "secretariat"):
        answer = open_(client, cast, who)
        told = [line.promise.what for line in answer.context["open"].data.data]
        # The city reads of a round once it is published.
        assert told == ([older] if who == "city" else [older, WHOLE["what"]]), who
    assert "令和元年度の意見 2" in answer.content.decode()
    for who in ("minami_staff", "minami_secretariat", "without_post"):
        assert open_(client, cast, who).status_code == 404


def test_a_bucho_reads_those_of_the_department(client, cast):
    assert open_(client, cast, "fukushi_bucho").context["none_at_all"]


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("state=open", 1),
        ("state=settled", 0),
        ("section=磯子土木事務所", 1),
        ("disposition=consider", 0),
        ("year=2020", 1),
        ("q=直した　数", 1),
        ("q=ない", 0),
    ],
)
def test_filters_leave_what_was_asked_for(client, cast, query, left):
    assert open_(client, cast, "member", f"{LIST}?{query}").context["total"] == left


def test_the_list_is_taken_away_as_a_table(client, cast):
    answer = open_(client, cast, "secretariat", "/wards/14107/promises.csv")
    assert "磯子区_約束の一覧.csv" in unquote(answer["Content-Disposition"])
    row = next(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert (row["約束した内容"], row["対処結果"], row["事業"]) == (
        WHOLE["what"],
        "",
        "⑤ 風水害に対する備え",
    )
    assert open_(client, cast, "member", "/wards/14107/promises.xlsx").status_code == 200


def test_the_list_costs_a_fixed_number_of_queries(client, cast):
    next_year(cast)
    client.force_login(cast.secretariat)

    def queries():
        with CaptureQueriesContext(connection) as caught:
            assert client.get(LIST).status_code == 200
        return [each["sql"] for each in caught]

    client.get(LIST)
    few = queries()
    for n in range(20):
        Promise.objects.create(
            ward=cast.isogo,
            on_fiscal_year=2020,
            text="意見",
            what=f"約束{n}",
            disposition="consider",
            made_on=date(2020, 12, 1),
            policy=cast.policy,
            project=cast.dementia,
            section=cast.fukushi,
        )
    many = queries()
    assert len(many) == len(few) <= 12, "\n".join(many)


@pytest.mark.parametrize(
    ("until", "told"),
    [
        (date(2020, 12, 1), "0日"),
        (date(2020, 12, 31), "30日"),
        (date(2021, 1, 1), "1か月"),
        (date(2021, 11, 30), "11か月"),
        (date(2021, 12, 1), "1年"),
        (date(2022, 2, 14), "1年2か月"),
    ],
)
def test_its_age_is_told_in_months(until, told):
    assert age(date(2020, 12, 1), until) == told


# Its result ---------------------------------------------------------------------------------------


def test_its_section_and_the_secretariat_write_the_result_and_nobody_else(client, cast):
    promise = Promise.objects.get()
    for who in ("chiiki_staff", "manager", "member", "auditor"):
        assert settle(client, cast, who, promise).status_code == 403, who
    settle(client, cast, "doboku_head", promise)
    promise.refresh_from_db()
    assert (promise.result_on, promise.result_by) == (date(2021, 6, 1), cast.doboku_head)
    told = text_of(open_(client, cast, "member", cast.round.address("item", 1)).content.decode())
    assert "対処結果 直した12か所を報告に加えました。" in told


def test_a_result_is_corrected_with_a_reason_that_stands_on_the_record(client, cast):
    settle(client, cast, "doboku_staff", Promise.objects.get())
    promise = Promise.objects.get()
    answer = settle(client, cast, "doboku_staff", promise, result="13か所でした。")
    assert "訂正の理由を書いてください" in answer.content.decode()
    assert Promise.objects.get().result == promise.result
    settle(client, cast, "secretariat", promise, result="13か所でした。", reason="数え直した")
    assert Promise.objects.get().result == "13か所でした。"
    line = ReviewRecord.objects.get(act="promise_correct")
    assert line.changed["result"] == [promise.result, "13か所でした。"]
    told = open_(client, cast, "manager", f"{LIST}{promise.pk}/").content.decode()
    assert "数え直した" in told


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"result": " "}, "対処結果が空です"),
        ({"result_on": "2020-11-30"}, "約束した日より前です"),
        ({"result_on": "きのう"}, "日付として読めません"),
        ({"result_on": (timezone.localdate() + timedelta(days=2)).isoformat()}, "きょうよりあと"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(client, cast, typed, told):
    answer = settle(client, cast, "doboku_staff", Promise.objects.get(), **typed)
    assert answer.status_code == 422
    assert told in answer.content.decode()


def test_of_two_who_write_the_result_the_second_sees_both(client, cast):
    seen = Promise.objects.get()
    promising.settle(seen, "一人目の結果", date(2021, 5, 1), seen=seen.version, by=cast.doboku_head)
    answer = settle(client, cast, "doboku_staff", seen)
    assert answer.status_code == 422 or answer.status_code == 409
    told = answer.content.decode()
    assert "一人目の結果" in told and "直した12か所を報告に加えました。" in told
    assert Promise.objects.get().result == "一人目の結果"
    with pytest.raises(PromiseConflict):
        promising.settle(
            seen, "別", date(2021, 5, 2), seen=seen.version, by=cast.doboku_staff, reason="x"
        )


# To next year -------------------------------------------------------------------------------------


def test_next_years_policy_takes_it_on_by_the_same_name_with_one_press(client, cast):
    project = next_year(cast, name="風水害 に対する備え")
    page = open_(client, cast, "secretariat").content.decode()
    assert re.search(rf'value="{project.pk}" selected', page)
    promise = Promise.objects.get()
    client.post(
        f"{LIST}attach/",
        {"policy": project.policy_id, f"promise-{promise.pk}": project.pk},
    )
    promise.refresh_from_db()
    assert (promise.project, promise.policy, promise.carried_over) == (
        project,
        project.policy,
        True,
    )
    there = text_of(
        open_(client, cast, "doboku_staff", "/wards/14107/2021/projects/p02/").content.decode()
    )
    assert WHOLE["what"] in there and "翌年度へ" not in there
    here = open_(client, cast, "doboku_staff", "/wards/14107/2020/projects/p05/").content.decode()
    assert WHOLE["what"] not in here
    assert "の方針に引き継ぐ" not in open_(client, cast, "secretariat").content.decode()


def test_a_project_of_the_same_key_only_is_suggested_with_a_word_of_warning(client, cast):
    next_year(cast, name="まったく別の事業", key="p05")
    assert "名前の違う事業が案です" in open_(client, cast, "secretariat").content.decode()


def test_a_draft_policy_takes_on_nothing_yet(client, cast):
    project = next_year(cast, state="draft")
    assert "の方針に引き継ぐ" not in open_(client, cast, "secretariat").content.decode()
    sent = {"policy": project.policy_id, f"promise-{Promise.objects.get().pk}": project.pk}
    assert client.post(f"{LIST}attach/", sent).status_code == 404


def test_only_the_secretariat_carries_on(client, cast):
    project = next_year(cast)
    promise = Promise.objects.get()
    sent = {"policy": project.policy_id, f"promise-{promise.pk}": project.pk}
    for who in ("doboku_staff", "manager", "member", "auditor"):
        client.force_login(getattr(cast, who))
        assert client.post(f"{LIST}attach/", sent).status_code == 403
    with pytest.raises(MoveRefused):
        promising.attach(promise, project.policy, project, by=cast.doboku_staff)


# Older than the product ---------------------------------------------------------------------------


def test_the_secretariat_writes_down_what_was_promised_on_paper(client, cast):
    url = f"{LIST}add/"
    assert open_(client, cast, "secretariat", url).status_code == 200
    sent = {
        "on_fiscal_year": "令和元",
        "source": "令和元年度 委員会からの意見 2",
        "text": "主体を企業へ",
        "disposition": "consider",
        "what": "企業との連携を検討します。",
        "made_on": "2020-03-31",
        "project": cast.flood.pk,
        "section": cast.doboku.pk,
    }
    answer = client.post(url, sent | {"on_fiscal_year": "おととし"})
    assert answer.status_code == 422
    assert "企業との連携を検討します。" in answer.content.decode()
    client.post(url, sent)
    promise = Promise.objects.get(item=None)
    assert (promise.on_fiscal_year, promise.project, promise.policy) == (
        2019,
        cast.flood,
        cast.policy,
    )
    assert promising.records_of(promise).get().act == "promise_add"
    for who in ("doboku_staff", "manager", "member"):
        assert open_(client, cast, who, url).status_code == 403
