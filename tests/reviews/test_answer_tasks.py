"""いますること: what the list and its answers ask of each on the first page."""

from datetime import timedelta

import pytest
from django.utils import timezone

from reviews import answering
from reviews.models import Item
from tests.kpis.pages import text_of
from tests.reviews.answer_cast import AnswerCast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return AnswerCast()


def first_page(client, cast, who) -> str:
    client.force_login(getattr(cast, who))
    return text_of(client.get("/").content.decode())


def test_the_section_is_told_what_to_answer_and_what_came_back(client, cast):
    cast.asked(1)
    cast.answered(2)
    answering.move("return", cast.line(2), by=cast.secretariat, reason="数を入れて")
    told = first_page(client, cast, "doboku_staff")
    assert "意見への回答" in told
    assert "差し戻された回答1件を直す" in told and "意見1件に回答する" in told
    assert "意見への回答" not in first_page(client, cast, "chiiki_staff")


def test_the_secretariat_is_told_what_to_sort_release_and_chase(client, cast):
    cast.answered(1)
    cast.asked(2)
    Item.objects.filter(number=2).update(due=timezone.localdate() - timedelta(days=1))
    told = first_page(client, cast, "secretariat")
    for part in ("意見1件を整理する", "公開を待つ回答が1件", "期限を過ぎた回答が1件"):
        assert part in told


def test_a_manager_is_told_what_is_unanswered(client, cast):
    cast.asked(1)
    assert "課の回答を待つ意見1件" in first_page(client, cast, "manager")
    assert "回答を待つ意見" not in first_page(client, cast, "fukushi_bucho")


def test_a_member_and_a_neighbour_are_told_nothing(client, cast):
    cast.asked(1)
    for who in ("member", "minami_staff", "minami_secretariat", "city"):
        assert "意見への回答" not in first_page(client, cast, who)
