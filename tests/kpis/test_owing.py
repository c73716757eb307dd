"""実績入力: the sections and how far each is; the due date; what is mine to do now."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from kpis.models import Actual, Change, Period, Policy, Proposal
from kpis.owing import SectionSheet, in_words, most_urgent_first, sheets_in
from tests.bench.plan import make
from tests.cast import Cast, person, section
from tests.kpis.pages import text_of
from wards.models import Post, Ward

pytestmark = pytest.mark.django_db

State = Actual.State


@pytest.fixture
def cast():
    """Two days before the due date: the works office has patrols, drills and leaflets to report;
    the welfare section its supporters and its plan; the community section its road safety."""
    cast = Cast()
    cast.drills = cast.target(cast.flood, "p05-t2", "水防訓練", value=2, unit="回")
    cast.leaflets = cast.target(cast.flood, "p05-t3", "啓発チラシ", value=10, unit="種")
    due(cast, 2)
    return cast


def due(cast, days):
    """The due date of the second half, so many days from now."""
    at = timezone.localdate() + timedelta(days=days)
    Period.objects.filter(pk=cast.second_half.pk).update(due=at)
    cast.second_half.refresh_from_db()


def sheets(cast) -> dict[str, SectionSheet]:
    found = sheets_in([cast.second_half], {cast.policy.pk: cast.policy})
    return {sheet.section: sheet for sheet in found}


def overview(client, user, **choices):
    client.force_login(user)
    return client.get(reverse("kpis:entry_list", args=["14107", 2020]), choices)


def listed(page) -> dict[str, str]:
    """The sections in their order, with what stands in their rows."""
    body = re.search(r'<table class="table owing">.*?</table>', page.content.decode(), re.DOTALL)
    rows = [text_of(row) for row in re.findall(r"<tr.*?</tr>", body[0], re.DOTALL)][1:]
    return {row.split()[0]: row for row in rows}


class TestFacts:
    def test_what_a_section_owes_is_what_is_missing_a_draft_or_returned(self, cast):
        cast.entered(cast.patrols, cast.second_half, 550)
        cast.entered(cast.drills, cast.second_half, 2, state="returned", returned_because="日付")
        sheet = sheets(cast)["磯子土木事務所"]
        assert (sheet.due, sheet.entered, sheet.missing) == (3, 2, 1)
        assert (sheet.drafts, sheet.sent_back, sheet.outstanding) == (1, 1, 3)
        assert [(each.label, each.reason) for each in sheet.returned] == [("水防訓練", "日付")]
        assert sheet.counts() == "未入力1件、下書き1件、差戻し1件"

    def test_what_was_submitted_waits_and_is_not_owed(self, cast):
        for target in (cast.patrols, cast.drills):
            cast.entered(target, cast.second_half, 550, state="submitted")
        cast.entered(cast.leaflets, cast.second_half, 10, state="confirmed")
        sheet = sheets(cast)["磯子土木事務所"]
        assert (sheet.outstanding, sheet.submitted, sheet.confirmed) == (0, 2, 1)
        assert not sheet.is_done

    def test_a_linked_total_is_not_asked_for_beside_its_yearly_target(self, cast):
        assert sheets(cast)["福祉保健課"].due == 2

    def test_what_has_to_be_written_before_submission_is_counted(self, cast):
        cast.entered(cast.patrols, cast.second_half, 10)  # far behind, and nobody said why
        cast.entered(cast.drills, cast.second_half, 2)
        assert sheets(cast)["磯子土木事務所"].to_write == 1

    def test_a_note_alone_is_no_entry(self, cast):
        cast.entered(cast.patrols, cast.second_half, note="集計しています")
        sheet = sheets(cast)["磯子土木事務所"]
        assert (sheet.missing, sheet.drafts) == (3, 0)

    def test_late_is_who_owes_after_the_due_date_and_not_on_it(self, cast):
        sheet = sheets(cast)["地域振興課"]
        day = cast.second_half.due
        assert not sheet.is_late(day)
        assert sheet.is_late(day + timedelta(days=1))
        cast.entered(cast.nurseries, cast.second_half, 20, state="submitted")
        assert not sheets(cast)["地域振興課"].is_late(day + timedelta(days=1))

    def test_a_closed_period_is_owed_no_more(self, cast):
        Period.objects.filter(pk=cast.second_half.pk).update(state="closed")
        cast.second_half.refresh_from_db()
        sheet = sheets(cast)["地域振興課"]
        assert (sheet.missing, sheet.outstanding, sheet.left(date(2030, 1, 1))) == (1, 0, None)

    def test_without_a_due_date_nobody_is_late(self, cast):
        Period.objects.filter(pk=cast.second_half.pk).update(due=None)
        cast.second_half.refresh_from_db()
        assert not sheets(cast)["地域振興課"].is_late(date(2030, 1, 1))
        assert in_words(None) == ""

    def test_a_target_that_no_section_enters_stands_last_and_apart(self, cast):
        lost = cast.project("p30", "㉚", "担当の決まらない事業")
        cast.target(lost, "p30-t1", "担当の決まらない目標", value=1)
        (*_others, last) = sheets_in([cast.second_half], {cast.policy.pk: cast.policy})
        assert (last.section_id, last.due) == (None, 1)

    def test_late_ones_then_returned_ones_then_the_policys_order(self, cast):
        cast.entered(cast.nurseries, cast.second_half, 33, state="returned")
        order = [s.section for s in most_urgent_first(sheets(cast).values(), timezone.localdate())]
        assert order == ["地域振興課", "磯子土木事務所", "福祉保健課"]
        due(cast, -1)
        for target in (cast.patrols, cast.drills, cast.leaflets):
            cast.entered(target, cast.second_half, 600, state="submitted")
        order = [s.section for s in most_urgent_first(sheets(cast).values(), timezone.localdate())]
        assert order == ["地域振興課", "福祉保健課", "磯子土木事務所"]


class TestOverview:
    def test_the_secretariat_sees_each_section_with_its_counts(self, client, cast):
        cast.entered(cast.patrols, cast.second_half, 550, state="submitted")
        cast.entered(cast.drills, cast.second_half, 2, state="returned")
        page = overview(client, cast.secretariat)
        rows = listed(page)
        assert list(rows) == ["磯子土木事務所", "地域振興課", "福祉保健課", "合計"]
        assert rows["磯子土木事務所"].startswith("磯子土木事務所 2 / 3 未入力 1 — 1 1 — — あと2日")
        assert rows["合計"].startswith("合計 2 / 6 0 1 1 0 0")
        assert "3課がまだ提出を終えていません" in page.content.decode()

    def test_two_days_after_the_due_date_late_sections_say_so(self, client, cast):
        due(cast, -2)
        page = overview(client, cast.secretariat)
        assert "2日過ぎています" in listed(page)["福祉保健課"]
        assert "3課が期限に遅れています。" in page.content.decode()

    def test_what_was_never_handed_in_is_not_done_once_the_period_is_closed(self, client, cast):
        cast.entered(cast.nurseries, cast.second_half, 20, state="returned")
        for target in (cast.patrols, cast.drills, cast.leaflets):
            cast.entered(target, cast.second_half, 2, state="confirmed")
        page = text_of(overview(client, cast.secretariat).content.decode())
        assert "提出されていない実績が3件あります。 締め切る" in page  # said before it is closed
        Period.objects.filter(pk=cast.second_half.pk).update(state="closed")
        page = overview(client, cast.secretariat)
        assert "未提出1件" in listed(page)["地域振興課"]
        assert "未提出2件" in listed(page)["福祉保健課"]
        assert "完了" in listed(page)["磯子土木事務所"]
        assert "受付を再開して提出してもらうか、" in page.content.decode()

    def test_it_tells_who_was_at_a_sheet_last(self, client, cast):
        client.force_login(cast.chiiki_staff)
        url = reverse("kpis:entry", args=["14107", 2020, "p07-t1", "H2"])
        client.post(url, {"version": 0, "value": "20", "certainty": "final"})
        assert "chiiki-staffさん" in listed(overview(client, cast.secretariat))["地域振興課"]

    def test_a_head_of_two_sections_sees_these_two(self, client, cast):
        Post.objects.create(
            user=cast.doboku_head, role="head", ward=cast.isogo, section=cast.chiiki
        )
        page = overview(client, cast.doboku_head)
        assert list(listed(page)) == ["磯子土木事務所", "地域振興課", "合計"]
        said = page.content.decode()
        assert "督促する" not in said
        assert "締め切る" not in said

    def test_each_section_leads_to_its_sheet(self, client, cast):
        page = overview(client, cast.secretariat)
        for sheet in sheets(cast).values():
            assert f'href="{sheet.url.replace("&", "&amp;")}"' in page.content.decode()
            assert client.get(sheet.url).status_code == 200

    def test_whoever_enters_nothing_is_refused(self, client, cast):
        for user in (cast.manager, cast.member, cast.auditor, cast.city):
            assert overview(client, user).status_code == 403
        assert overview(client, cast.minami_secretariat).status_code == 404

    def test_it_costs_the_same_for_fourteen_sections(self, client, cast):
        client.force_login(cast.secretariat)
        url = reverse("kpis:entry_list", args=["14107", 2020])
        client.get(url)
        with CaptureQueriesContext(connection) as few:
            client.get(url)
        for n in range(11):
            desk = section(cast.isogo, f"{n}課")
            person(f"staff-{n}", Post.Role.STAFF, cast.isogo, desk, starts=None)
            work = cast.project(f"p4{n}", "", f"事業{n}", desk)
            for m in range(7):
                target = cast.target(work, f"p4{n}-t{m}", f"目標{m}", value=10)
                cast.entered(target, cast.second_half, 5, state="submitted")
        with CaptureQueriesContext(connection) as many:
            assert len(listed(client.get(url))) == 15
        assert len(few) == len(many) <= 14


class TestDueDate:
    def move(self, client, user, day, was=None, cast=None):
        client.force_login(user)
        url = reverse("kpis:period_due", args=["14107", 2020, "H2"])
        return client.post(url, {"due": day, "was": was or "2021-04-30"}, follow=True)

    @pytest.fixture(autouse=True)
    def due_on_the_last_of_april(self, cast):
        Period.objects.filter(pk=cast.second_half.pk).update(due=date(2021, 4, 30))

    def due_now(self, cast):
        return Period.objects.get(pk=cast.second_half.pk).due

    def test_a_day_on_which_offices_are_closed_becomes_the_next_working_day(self, client, cast):
        page = self.move(client, cast.secretariat, "2021-05-01")  # a Saturday before the holidays
        assert self.due_now(cast) == date(2021, 5, 6)
        assert "5月1日（土）は閉庁日のため" in page.content.decode()
        line = Change.objects.get()
        assert line.changed == {"due": ["2021-04-30", "2021-05-06"]}
        assert (line.by, line.period) == (cast.secretariat, cast.second_half)

    def test_it_can_be_taken_away(self, client, cast):
        self.move(client, cast.secretariat, "")
        assert self.due_now(cast) is None
        assert Change.objects.get().changed == {"due": ["2021-04-30", None]}

    @pytest.mark.parametrize(
        "odd", ["あした", "2021-02-30", "2019-01-01", "9999-12-31", "0000-00-00"]
    )
    def test_what_is_no_such_day_changes_nothing(self, client, cast, odd):
        page = self.move(client, cast.secretariat, odd)
        assert "入力期限" in page.content.decode()
        assert self.due_now(cast) == date(2021, 4, 30)
        assert not Change.objects.exists()

    def test_of_two_who_move_it_the_second_is_told(self, client, cast):
        self.move(client, cast.secretariat, "2021-05-10")
        page = self.move(client, cast.secretariat, "2021-05-17", was="2021-04-30")
        assert "ほかの人が入力期限を変えました" in page.content.decode()
        assert self.due_now(cast) == date(2021, 5, 10)

    def test_the_same_day_twice_is_one_change(self, client, cast):
        self.move(client, cast.secretariat, "2021-04-30")
        assert not Change.objects.exists()

    def test_the_history_tells_it_in_words(self, client, cast):
        self.move(client, cast.secretariat, "2021-05-10")
        client.force_login(cast.auditor)
        page = client.get(reverse("kpis:history", args=["14107", 2020]))
        said = text_of(page.content.decode())
        assert "入力期限" in said
        assert "令和3年5月10日" in said


class TestMine:
    def mine(self, client, user) -> str:
        client.force_login(user)
        page = client.get(reverse("kpis:home")).content.decode()
        found = re.search(r'<section aria-labelledby="h-mine">.*?</section>', page, re.DOTALL)
        return text_of(found[0]) if found else ""

    def test_staff_read_what_is_left_and_why_something_came_back(self, client, cast):
        cast.entered(cast.patrols, cast.second_half, 10)
        cast.entered(
            cast.drills, cast.second_half, 2, state="returned", returned_because="日付がありません"
        )
        said = self.mine(client, cast.doboku_staff)
        assert "磯子土木事務所 磯子区 令和2年度 下半期" in said
        assert "差し戻された1件を直す" in said
        assert "あと1件を入力する" in said
        assert "1件に、提出の前の説明を書く" in said
        assert "下書き1件を提出する" in said
        assert "「水防訓練」の差戻しの理由：日付がありません" in said
        Actual.objects.create(
            target=cast.leaflets,
            period=cast.second_half,
            value=9,
            state="returned",
            returned_because="日付がありません",
        )
        assert "「水防訓練」、「啓発チラシ」の差戻しの理由：日付がありません" in text_of(
            client.get("/").content.decode()
        )
        assert "あと2日" in said

    def test_the_head_reads_what_waits_to_be_confirmed_also_once_it_is_closed(self, client, cast):
        cast.entered(cast.patrols, cast.second_half, 550, state="submitted")
        Period.objects.filter(pk=cast.second_half.pk).update(state="closed")
        assert "1件を確認する" in self.mine(client, cast.doboku_head)
        assert self.mine(client, cast.doboku_staff).endswith("いまは、することがありません。")

    def test_the_secretariat_reads_how_many_are_late(self, client, cast):
        due(cast, -3)
        assert "3課が期限に遅れています" in self.mine(client, cast.secretariat)

    def test_the_secretariat_reads_which_changes_wait_for_a_decision(self, client, cast):
        Proposal.objects.create(
            policy=cast.policy,
            project=cast.traffic,
            target=cast.nurseries,
            section=cast.chiiki,
            kind="revise",
            old=33,
            new=30,
            on=date(2021, 1, 4),
            reason="休園が続くため",
            proposed_by_name="地域振興課",
            proposed_at=timezone.now(),
        )
        said = self.mine(client, cast.secretariat)
        assert "目標の変更 磯子区 令和2年度 申請1件の決定を記録する" in said
        assert "目標の変更" not in self.mine(client, cast.chiiki_staff)

    def test_who_has_handed_in_everything_has_nothing_to_do(self, client, cast):
        cast.entered(cast.nurseries, cast.second_half, 33, state="confirmed")
        assert "いまは、することがありません。" in self.mine(client, cast.chiiki_staff)

    def test_others_read_nothing_of_it(self, client, cast):
        for user in (cast.manager, cast.member, cast.auditor, cast.city, cast.without_post):
            assert self.mine(client, user) == ""

    def test_in_april_last_years_sheet_is_still_there(self, client, cast):
        Policy.objects.create(ward=cast.isogo, fiscal_year=2021, title="令和3年度")
        assert "令和2年度 下半期" in self.mine(client, cast.doboku_staff)

    def test_another_wards_work_is_not_mine(self, client, cast):
        assert "磯子" not in self.mine(client, cast.minami_staff)

    def test_it_costs_the_same_for_many_wards_and_targets(self, client, cast):
        client.force_login(cast.secretariat)
        url = reverse("kpis:home")
        client.get(url)
        with CaptureQueriesContext(connection) as few:
            client.get(url)
        for code in ("14101", "14102"):
            ward = Ward.objects.get(code=code)
            make(ward, projects=3, targets=9)
            Post.objects.create(user=cast.secretariat, role="secretariat", ward=ward)
        with CaptureQueriesContext(connection) as many:
            page = client.get(url)
        assert page.content.decode().count("とりまとめ") == 3
        assert len(few) == len(many) <= 13
