"""One line of the list: who reads the members' own words, who writes, and what two at once see."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reviews import answering, merging
from reviews.merging import Wording
from reviews.models import Comment, Item
from reviews.workflow import move_round
from tests.kpis.pages import text_of
from tests.reviews.answer_cast import DIFFICULT, WHOLE, AnswerCast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return AnswerCast()


def open_(client, cast, who, number=1, name="item"):
    client.force_login(getattr(cast, who))
    return client.get(cast.round.address(name, number))


def send(client, cast, who, action, number=1, /, *, version=None, follow=True, **typed):
    client.force_login(getattr(cast, who))
    seen = cast.line(number).version if version is None else version
    return client.post(
        cast.round.address("item", number),
        {"action": action, "version": seen, **typed},
        follow=follow,
    )


# Reading ------------------------------------------------------------------------------------------


def test_the_members_own_words_stay_below_with_the_category_and_the_name_inside(client, cast):
    line = cast.line(1)
    answering.edit(line, {"text": "巡回の成果を示すこと。"}, seen=line.version, by=cast.secretariat)
    cast.asked(1)
    for who in ("secretariat", "member", "doboku_staff", "manager", "auditor"):
        told = text_of(open_(client, cast, who).content.decode())
        assert "巡回の成果を示すこと。" in told, who
        assert cast.asked_comment.text in told, who
        assert "地域代表" in told, who
        assert ("委員（地域代表）1" in told) is (who == "secretariat"), who


def test_what_is_not_passed_on_is_the_secretariats_and_the_committees(client, cast):
    for who, status in {
        "secretariat": 200,
        "member": 200,
        "doboku_staff": 404,
        "manager": 404,
    }.items():
        assert open_(client, cast, who).status_code == status, who


def test_a_line_of_another_ward_is_not_there(client, cast):
    cast.released()
    cast.publish()
    for who in ("minami_staff", "minami_secretariat", "without_post"):
        assert open_(client, cast, who).status_code == 404


def test_the_city_reads_the_line_and_not_the_members_words(client, cast):
    line = cast.line(1)
    answering.edit(line, {"text": "整えた文"}, seen=line.version, by=cast.secretariat)
    cast.released()
    cast.publish()
    told = open_(client, cast, "city").content.decode()
    assert "整えた文" in told
    assert cast.asked_comment.text not in told


def test_what_a_member_changed_after_listing_is_said_and_shown(client, cast):
    cast.asked()
    move_round(cast.round, "reopen", by=cast.secretariat, reason="追加のため")
    Comment.objects.filter(pk=cast.asked_comment.pk).update(text="直した意見です", version=2)
    told = open_(client, cast, "secretariat").content.decode()
    assert "委員が意見を直したか、取り下げました" in told
    assert "直した意見です" in told
    # While the round takes comments, what a member writes is the member's own.
    assert "直した意見です" not in open_(client, cast, "doboku_staff").content.decode()
    cast.close()
    assert "直した意見です" in open_(client, cast, "doboku_staff").content.decode()
    source = cast.line(1).sources.get()
    send(client, cast, "secretariat", "original", version=2, original=source.pk)
    assert "委員が意見を直したか" not in open_(client, cast, "secretariat").content.decode()


def test_the_history_shows_to_those_who_work_on_it(client, cast):
    cast.answered()
    for who, shown in {
        "secretariat": True,
        "auditor": True,
        "doboku_staff": True,
        "member": False,
        "manager": False,
    }.items():
        told = open_(client, cast, who).content.decode()
        assert ("課に回答を依頼した" in told) is shown, who


def test_a_hostile_comment_is_text(client, cast):
    Item.objects.filter(number=1).update(text="<script>alert(1)</script>\n𠮷野家😀")
    told = open_(client, cast, "secretariat").content.decode()
    assert "<script>alert(1)" not in told
    assert "𠮷野家😀" in told


# The secretariat ----------------------------------------------------------------------------------


def test_the_secretariat_passes_on_from_the_page(client, cast):
    answer = send(client, cast, "secretariat", "ask", section=cast.doboku.pk, due="")
    assert "回答期限を入力してください" in answer.content.decode()
    send(client, cast, "secretariat", "ask", section=cast.doboku.pk, due=cast.due.isoformat())
    assert (cast.line(1).state, cast.line(1).section) == ("asked", cast.doboku)


def test_a_day_that_has_passed_is_refused_unless_it_stands_already(client, cast):
    answer = send(client, cast, "secretariat", "assign", section=cast.doboku.pk, due="2020-10-01")
    assert "きょうより前です" in answer.content.decode()
    Item.objects.filter(number=1).update(section=cast.doboku, due="2020-10-01", state="asked")
    send(client, cast, "secretariat", "assign", section=cast.chiiki.pk, due="2020-10-01")
    assert cast.line(1).section == cast.chiiki


def test_of_two_secretaries_the_second_sees_both_texts_and_may_keep_either(client, cast):
    line = cast.line(1)
    answering.edit(line, {"text": "一人目の文"}, seen=line.version, by=cast.secretariat)
    typed = {"text": "二人目の文", "about": "project:p05", "kind": "proposal"}
    answer = send(client, cast, "secretariat", "edit", version=line.version, **typed)
    assert answer.status_code == 409
    told = answer.content.decode()
    assert "一人目の文" in told and "二人目の文</textarea>" in told
    assert cast.line(1).text == "一人目の文"
    now = answer.context["item"].version
    send(client, cast, "secretariat", "edit", version=now, **typed)
    assert cast.line(1).text == "二人目の文"


def test_a_line_is_split_on_its_own_page_and_put_back(client, cast):
    assert (
        cast.asked_comment.text
        in open_(client, cast, "secretariat", name="item_split").content.decode()
    )
    parts = {f"part-{n}-kind": "question" for n in range(4)}
    parts |= {"part-TOTAL_FORMS": 4, "part-INITIAL_FORMS": 0}
    parts |= {"part-0-text": "何が直ったか", "part-1-text": "次はいつか"}
    url = cast.round.address("item_split", 1)
    answer = client.post(url, parts | {"version": 99}, follow=True)
    assert "ほかの人が先に" in answer.content.decode()
    assert "何が直ったか" in answer.content.decode()  # nothing typed is lost
    client.post(url, parts | {"version": 1})
    assert [cast.line(n).text for n in (4, 5)] == ["何が直ったか", "次はいつか"]
    assert "No.4" in open_(client, cast, "secretariat").content.decode()
    send(client, cast, "secretariat", "undo", 5)
    assert [cast.line(n).state for n in (1, 4, 5)] == ["listed", "replaced", "replaced"]


def test_a_return_needs_its_reason_and_the_section_reads_it(client, cast):
    cast.answered()
    answer = send(client, cast, "secretariat", "return", reason=" ")
    assert "理由が空です" in answer.content.decode()
    send(client, cast, "secretariat", "return", reason="直した数を入れてください")
    assert "直した数を入れてください" in open_(client, cast, "doboku_staff").content.decode()
    assert "直した数を入れてください" not in open_(client, cast, "member").content.decode()


def test_a_release_says_who_decided_and_everybody_reads_the_answer(client, cast):
    cast.answered()
    assert WHOLE["view"] not in open_(client, cast, "member").content.decode()
    answer = send(client, cast, "secretariat", "release", decided_by="区長", decided_on="")
    assert "決裁日を入力してください" in answer.content.decode()
    send(
        client,
        cast,
        "secretariat",
        "release",
        decided_by="区長",
        decided_on="2020-12-01",
        document_number="磯区企第12号",
    )
    told = text_of(open_(client, cast, "member").content.decode())
    assert WHOLE["view"] in told
    assert "区長 令和2年12月1日 磯区企第12号" in told
    assert "doboku-staffさん" not in told


def test_who_sees_a_line_and_may_not_work_on_it_is_refused(client, cast):
    cast.asked()
    for who in ("member", "manager", "auditor", "chiiki_staff"):
        for action in ("edit", "ask", "take_back", "save", "hand_in", "release", "nonsense"):
            answer = send(client, cast, who, action)
            assert answer.status_code == 403, (who, action)
    assert send(client, cast, "doboku_staff", "edit", text="x").status_code == 403


# The section --------------------------------------------------------------------------------------


def test_the_section_saves_a_draft_and_hands_it_in(client, cast):
    cast.asked()
    send(client, cast, "doboku_staff", "save", view="書きかけ")
    assert (cast.line(1).view, cast.line(1).state) == ("書きかけ", "asked")
    answer = send(client, cast, "doboku_staff", "hand_in", view="書きかけ", disposition="reflect")
    told = answer.content.decode()
    assert answer.status_code == 422
    assert "下書きとして保存しました" in told and "何をするかを書いてください" in told
    assert cast.line(1).disposition == "reflect"
    send(client, cast, "doboku_staff", "hand_in", **WHOLE)
    assert cast.line(1).state == "answered"


def test_two_people_of_a_section_see_both_answers(client, cast):
    line = cast.asked()
    answering.answer(line, WHOLE, seen=line.version, by=cast.doboku_head)
    for name in ("item", "answers"):
        client.force_login(cast.doboku_staff)
        url = cast.round.address(name, *([1] if name == "item" else []))
        sent = {"action": "save", "version": line.version, "number": 1, **DIFFICULT}
        answer = client.post(url, sent)
        told = answer.content.decode()
        assert answer.status_code == 409, name
        assert WHOLE["view"] in told and DIFFICULT["view"] in told
        assert "doboku-headさん" in told
    assert cast.line(1).view == WHOLE["view"]


@pytest.mark.parametrize("name", ["item", "answers"])
def test_what_was_typed_when_the_question_was_taken_back_is_shown_to_be_copied(client, cast, name):
    line = cast.asked()
    answering.move("take_back", line, by=cast.secretariat)
    client.force_login(cast.doboku_staff)
    url = cast.round.address(name, *([1] if name == "item" else []))
    sent = {"action": "hand_in", "version": line.version, "number": 1, **WHOLE}
    answer = client.post(url, sent)
    assert answer.status_code == 409
    assert WHOLE["view"] in answer.content.decode()
    client.force_login(cast.chiiki_staff)
    assert client.post(url, sent).status_code == 404


@pytest.mark.parametrize("name", ["item", "answers"])
def test_what_was_typed_when_it_was_handed_in_already_is_shown(client, cast, name):
    line = cast.asked()
    line = answering.answer(line, WHOLE, seen=line.version, by=cast.doboku_head)
    answering.move("hand_in", line, by=cast.doboku_head)
    client.force_login(cast.doboku_staff)
    url = cast.round.address(name, *([1] if name == "item" else []))
    sent = {"action": "save", "version": line.version, "number": 1, **DIFFICULT}
    answer = client.post(url, sent)
    assert answer.status_code == 409
    told = answer.content.decode()
    assert DIFFICULT["view"] in told and "回答済" in told


def test_the_secretariat_answers_for_a_section_and_it_says_so(client, cast):
    cast.asked()
    send(client, cast, "secretariat", "hand_in", **WHOLE)
    assert cast.line(1).on_behalf
    assert "代理入力" in open_(client, cast, "manager").content.decode()


# A section's sheet of answers ---------------------------------------------------------------------


def test_a_section_answers_its_comments_one_below_the_other(client, cast):
    cast.asked(1)
    cast.asked(2)
    cast.asked(3, cast.chiiki)
    client.force_login(cast.doboku_staff)
    url = cast.round.address("answers")
    page = client.get(url)
    assert [each["item"].number for each in page.context["forms"]] == [1, 2]
    sent = {"action": "hand_in", "number": 2, "version": cast.line(2).version, **DIFFICULT}
    page = client.post(url, sent, follow=True)
    assert "No.2の回答を提出しました" in page.content.decode()
    assert [each["item"].number for each in page.context["forms"]] == [1]
    assert [line.item.number for line in page.context["sent"]] == [2]
    client.post(url, {"action": "recall", "number": 2, "version": cast.line(2).version})
    assert cast.line(2).state == "asked"
    other = {"action": "save", "number": 3, "version": cast.line(3).version, "view": "x"}
    assert client.post(url, other).status_code == 403


def test_the_secretariat_chooses_the_section_it_writes_for(client, cast):
    cast.asked(1)
    cast.asked(3, cast.chiiki)
    client.force_login(cast.secretariat)
    page = client.get(cast.round.address("answers") + "?section=地域振興課")
    assert [each["item"].number for each in page.context["forms"]] == [3]
    assert "地域振興課に代わって書きます" in page.content.decode()


def test_who_answers_nothing_has_no_sheet_of_answers(client, cast):
    for who in ("member", "manager", "auditor"):
        client.force_login(getattr(cast, who))
        assert client.get(cast.round.address("answers")).status_code == 403
    client.force_login(cast.minami_staff)
    assert client.get(cast.round.address("answers")).status_code == 404


# What it costs ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["item", "answers"])
def test_the_pages_cost_a_fixed_number_of_queries(client, cast, name):
    lines = [cast.line(n) for n in (1, 2, 3)]
    made = merging.merge(
        [(each, each.version) for each in lines],
        Wording("一つに", "question", "whole"),
        by=cast.secretariat,
    )
    cast.asked(made.number)
    client.force_login(cast.secretariat if name == "item" else cast.doboku_staff)
    url = cast.round.address(name, *([made.number] if name == "item" else []))

    def queries():
        client.get(url)
        with CaptureQueriesContext(connection) as caught:
            assert client.get(url).status_code == 200
        return [each["sql"] for each in caught]

    few = queries()
    for n in range(20):
        comment = cast.comment(cast.expert, f"意見{n}")
        cast.item(comment, state="asked", section=cast.doboku, due=cast.due)
        made.sources.create(comment=comment, comment_version=1)
    many = queries()
    assert len(many) == len(few)
    assert len(many) <= 15, "\n".join(many)
