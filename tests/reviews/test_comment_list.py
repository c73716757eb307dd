"""意見一覧: who sees what in it before and after the round closes; filters, order and files."""

import csv
import io
import re
from datetime import timedelta
from urllib.parse import unquote

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kpis.models import DEMO_NOTE
from reviews import answering
from reviews.models import Comment, Item, ItemSource
from reviews.workflow import move_round
from tests.kpis.pages import figures, text_of
from tests.reviews.answer_cast import DECISION, DIFFICULT, WHOLE, AnswerCast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    """No. 1 is released, No. 2 asked and late, No. 3 still to be sorted."""
    cast = AnswerCast()
    cast.released()
    cast.asked(2, cast.chiiki)
    Item.objects.filter(number=2).update(due=timezone.localdate() - timedelta(days=3))
    return cast


def address(cast, name="comments", **query):
    url = cast.round.address(name)
    return f"{url}?{'&'.join(f'{k}={v}' for k, v in query.items())}" if query else url


def page(client, cast, who, name="comments", **query):
    client.force_login(getattr(cast, who))
    return client.get(address(cast, name, **query))


def numbers(answer) -> list[int]:
    return [line.item.number for line in answer.context["rows"]]


# Who sees what ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("secretariat", [2, 1, 3]),
        ("member", [2, 1, 3]),
        ("auditor", [2, 1, 3]),
        ("manager", [2, 1]),
        ("doboku_staff", [2, 1]),
        ("chiiki_staff", [2, 1]),
        ("fukushi_bucho", []),
    ],
)
def test_after_the_closing_each_reads_the_lines_that_are_theirs_to_read(client, cast, who, seen):
    answer = page(client, cast, who)
    assert answer.status_code == 200
    assert [line.item.number for line in answer.context["listed"].lines] == seen


def test_the_city_reads_what_was_released_once_it_is_published(client, cast):
    assert page(client, cast, "city").status_code == 404
    cast.publish()
    assert numbers(page(client, cast, "city")) == [1]


@pytest.mark.parametrize("who", ["minami_staff", "minami_secretariat", "without_post"])
def test_another_ward_cannot_tell_that_there_is_a_list(client, cast, who):
    assert page(client, cast, who).status_code == 404
    assert page(client, cast, who, "comments_csv").status_code == 404


def test_while_comments_are_taken_only_the_secretariat_sees_how_many_there_are(client):
    cast = AnswerCast(closed=False)
    cast.comment(cast.area_member, "まだ考えています", state="draft")
    told = text_of(page(client, cast, "secretariat").content.decode())
    assert "委員（地域代表）1 2 1 0" in told
    assert "委員（有識者） 1 0 0" in told
    for who in ("member", "doboku_staff", "manager", "auditor"):
        answer = page(client, cast, who).content.decode()
        assert "意見の集まり具合" not in answer
        assert "委員（有識者）" not in answer
        assert "受付が終わってから" in answer


def test_a_reopened_round_closes_the_list_to_the_committee_again(client, cast):
    move_round(cast.round, "reopen", by=cast.secretariat, reason="追加のため")
    assert page(client, cast, "member").context["listed"].lines == []
    assert page(client, cast, "auditor").context["listed"].lines == []


def test_an_answer_that_is_not_released_is_blank_for_members(client, cast):
    line = cast.line(2)
    line = answering.answer(line, DIFFICULT, seen=line.version, by=cast.chiiki_staff)
    answering.move("hand_in", line, by=cast.chiiki_staff)
    for name in ("comments", "comments_csv"):
        told = page(client, cast, "member", name).content.decode()
        assert DIFFICULT["view"] not in told
        assert "対応困難" not in told
        assert WHOLE["view"] in told  # that of No. 1, which is released
    assert DIFFICULT["view"] in page(client, cast, "manager").content.decode()
    assert page(client, cast, "member", disposition="difficult").context["narrowed"] is False
    assert numbers(page(client, cast, "member", q="いまの人数")) == []
    assert numbers(page(client, cast, "manager", q="いまの人数")) == [2]


def test_a_draft_answer_shows_to_who_writes_it(client, cast):
    line = cast.line(2)
    answering.answer(
        line, DIFFICULT | {"view": "書きかけの考え方"}, seen=line.version, by=cast.chiiki_staff
    )
    for who, seen in {
        "chiiki_staff": True,
        "secretariat": True,
        "manager": False,
        "auditor": False,
    }.items():
        assert ("書きかけの考え方" in page(client, cast, who).content.decode()) is seen, who


def test_members_are_named_by_category_only(client, cast):
    for who in ("member", "doboku_staff", "manager", "auditor"):
        told = page(client, cast, who).content.decode()
        assert "地域代表" in told
        assert "委員（地域代表）1" not in told
    assert "委員（" not in page(client, cast, "secretariat").content.decode()


# Counts, order, filters ---------------------------------------------------------------------------


def test_everybody_sees_what_is_still_unanswered_with_late_ones_first(client, cast):
    assert numbers(page(client, cast, "secretariat")) == [2, 1, 3]
    for who in ("secretariat", "member", "manager"):
        told = text_of(page(client, cast, who).content.decode())
        assert "まだ回答していない課 地域振興課 1件 期限を過ぎた1件" in told, who
    found = figures(page(client, cast, "secretariat"))
    assert found["課の回答待ち"].startswith("1 件")
    assert (found["整理中"], found["回答あり"]) == ("1 件", "1 件")
    assert figures(page(client, cast, "member"))["回答準備中"] == "2 件"


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ({"kind": "praise"}, [3]),
        ({"pillar": "安全・安心なまち"}, [2, 1]),
        ({"section": "地域振興課"}, [2]),
        ({"disposition": "reflect"}, [1]),
        ({"state": "late"}, [2]),
        ({"state": "unanswered"}, [2]),
        ({"state": "released"}, [1]),
        ({"category": "expert"}, [3]),
        ({"q": "通わない 子"}, [2]),
        ({"q": "ＮＯ．３"}, [3]),
        ({"q": "どこにもない"}, []),
        ({"kind": "praise", "category": "area"}, []),
        ({"kind": "nonsense"}, [2, 1, 3]),
    ],
)
def test_filters_leave_what_was_asked_for(client, cast, query, left):
    assert numbers(page(client, cast, "secretariat", **query)) == left


def test_columns_sort_and_the_address_keeps_it_with_the_filter(client, cast):
    assert numbers(page(client, cast, "secretariat", sort="number")) == [1, 2, 3]
    assert numbers(page(client, cast, "secretariat", sort="-subject")) == [3, 2, 1]
    answer = page(client, cast, "secretariat", sort="number", kind="proposal").content.decode()
    assert "comments.csv?sort=number&amp;kind=proposal" in answer
    assert '<input type="hidden" name="sort" value="number">' in answer


def test_all_rounds_of_the_ward_stand_on_one_list(client, cast):
    client.force_login(cast.secretariat)
    answer = client.get("/wards/14107/reviews/comments/?year=2020")
    assert numbers(answer) == [2, 1, 3]
    assert client.get("/wards/14107/reviews/comments.csv").status_code == 200
    client.force_login(cast.minami_secretariat)
    assert client.get("/wards/14107/reviews/comments/").status_code == 404


# What it costs ------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["secretariat", "member", "doboku_staff"])
def test_it_costs_as_many_queries_for_three_lines_as_for_sixty(client, cast, who):
    client.force_login(getattr(cast, who))

    def queries():
        with CaptureQueriesContext(connection) as caught:
            assert client.get(address(cast)).status_code == 200
        return [each["sql"] for each in caught]

    client.get(address(cast))
    few = queries()
    now = timezone.now()
    for number in range(4, 61):
        comment = cast.comment(cast.expert, f"意見{number}", key="p20")
        item = Item.objects.create(
            round=cast.round,
            number=number,
            subject="project",
            key="p20",
            kind="concern",
            text=comment.text,
            section=cast.fukushi,
            due=now.date(),
            state="asked",
        )
        ItemSource.objects.create(item=item, comment=comment, comment_version=1)
    many = queries()
    assert len(many) == len(few), "\n".join(many)


def test_the_list_costs_twelve_queries_at_most(client, cast):
    client.force_login(cast.secretariat)
    client.get(address(cast))
    with CaptureQueriesContext(connection) as caught:
        client.get(address(cast, kind="proposal"))
    assert len(caught) <= 12, "\n".join(each["sql"] for each in caught)


# Files --------------------------------------------------------------------------------------------


def test_the_csv_is_in_the_form_in_which_wards_publish_it(client, cast):
    answer = page(client, cast, "secretariat", "comments_csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert "磯子区_令和2年度_上半期_意見一覧.csv" in unquote(answer["Content-Disposition"])
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert list(rows[0])[:7] == [
        "No.",
        "対象",
        "種別",
        "意見",
        "対応区分",
        "区の考え方",
        "対処結果",
    ]
    released = next(row for row in rows if row["No."] == "1")
    assert (released["対象"], released["対応区分"]) == ("⑤ 風水害に対する備え", "反映する")
    assert (released["年度（西暦）"], released["年度（和暦）"]) == ("2020", "令和2年度")


def test_what_is_filtered_is_what_is_taken_away(client, cast):
    answer = page(client, cast, "secretariat", "comments_csv", kind="praise")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["No."] for row in rows] == ["3"]


def test_no_comment_runs_as_a_formula_and_a_demo_says_so(client, cast):
    cast.policy.notes = [DEMO_NOTE]
    cast.policy.save()
    Item.objects.filter(number=3).update(text='=HYPERLINK("x")&１')
    answer = page(client, cast, "secretariat", "comments_csv", kind="praise")
    row = next(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert row["意見"].startswith("'=")
    assert row["データの種別"] == "デモデータ"
    book = openpyxl.load_workbook(
        io.BytesIO(page(client, cast, "secretariat", "comments_xlsx").content)
    )
    cells = [cell for line in book.active.iter_rows(min_row=2) for cell in line]
    assert all(cell.data_type != "f" for cell in cells)
    assert [cell.value for cell in book.active["A"]] == ["No.", 2, 1, 3]


# Several at once ----------------------------------------------------------------------------------


def press(client, cast, action, *picks, **typed):
    client.force_login(cast.secretariat)
    sent = {"action": action, "pick": [f"{n}:{cast.line(n).version}" for n in picks], **typed}
    return client.post(address(cast), sent, follow=True)


def decided(**typed):
    return {
        "decided_by": DECISION.decided_by,
        "decided_on": "2020-12-01",
        "document_number": DECISION.document_number,
        **typed,
    }


def test_several_are_passed_on_at_once_and_a_holiday_becomes_a_working_day(client):
    cast = AnswerCast()
    day = timezone.localdate() + timedelta(days=30)
    day += timedelta(days=(5 - day.weekday()) % 7)  # a Saturday
    answer = press(client, cast, "ask", 1, 2, section=cast.doboku.pk, due=day.isoformat())
    told = answer.content.decode()
    assert "2件の回答を課に依頼しました" in told
    assert "開庁日でないため" in told
    assert {cast.line(n).state for n in (1, 2)} == {"asked"}
    assert cast.line(1).due > day
    assert cast.line(3).state == "listed"


def test_what_is_missing_is_said_and_the_choice_stays(client):
    cast = AnswerCast()
    answer = press(client, cast, "ask", 1, 3, section=cast.doboku.pk)
    assert answer.status_code == 422
    told = answer.content.decode()
    assert "回答期限を入力してください" in told
    assert re.findall(r'name="pick" value="(\d):\d" checked', told) == ["1", "3"]
    assert cast.line(1).state == "listed"


def test_a_line_that_somebody_moved_meanwhile_is_left_and_named(client):
    cast = AnswerCast()
    seen = {n: cast.line(n).version for n in (1, 2)}
    cast.answered(1)
    client.force_login(cast.secretariat)
    answer = client.post(
        address(cast),
        {
            "action": "ask",
            "pick": [f"{n}:{version}" for n, version in seen.items()],
            "section": cast.chiiki.pk,
            "due": cast.due.isoformat(),
        },
        follow=True,
    )
    told = answer.content.decode()
    assert "1件の回答を課に依頼しました" in told
    assert "No.1：いまは「回答済」です" in told


def test_several_answers_are_released_with_one_decision(client):
    cast = AnswerCast()
    cast.answered(1)
    cast.answered(2, DIFFICULT)
    answer = press(client, cast, "release", 1, 2, 3, **decided())
    told = answer.content.decode()
    assert "2件の回答を公開可としました" in told
    assert "No.3：" in told
    assert cast.line(2).document_number == DECISION.document_number
    assert press(client, cast, "release", 1, decided_by="").status_code == 422


def test_only_the_secretariat_works_on_the_list(client, cast):
    for who in ("doboku_staff", "doboku_head", "manager", "member", "auditor"):
        client.force_login(getattr(cast, who))
        assert client.post(address(cast), {"action": "take_back", "pick": "2:1"}).status_code == 403
        assert client.get(address(cast, "comments_merge", n=1)).status_code == 403


def test_duplicates_are_chosen_on_the_list_and_become_one(client):
    cast = AnswerCast()
    answer = press(client, cast, "merge", 1, 2)
    told = answer.content.decode()
    assert "巡回して、何が直りましたか。\n\n園に通わない子にも教えてほしい。" in told
    client.post(
        address(cast, "comments_merge"),
        {
            "pick": [f"{n}:{cast.line(n).version}" for n in (1, 2)],
            "text": "成果を知りたい。",
            "about": "whole:",
            "kind": "question",
        },
    )
    made = cast.line(4)
    assert made.text == "成果を知りたい。"
    assert Comment.objects.filter(listed_as__item=made).count() == 2
    assert numbers(client.get(address(cast))) == [3, 4]
    assert numbers(client.get(address(cast, state="replaced"))) == [1, 2]
    client.force_login(cast.member)
    assert "まとめ・分割済" not in client.get(address(cast)).content.decode()
