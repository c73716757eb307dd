"""Asking for a change of a target, and deciding about it, on the pages."""

from datetime import date, timedelta
from decimal import Decimal

from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from kpis.models import Change, Proposal, Revision, Target
from kpis.proposal_rules import Wish
from kpis.proposals import propose, subject_of
from tests.cast import Cast
from tests.kpis.pages import text_of

STORMS = "台風で河川敷が閉鎖されたため。"
ASKED = {"action": "propose", "kind": "revise", "new": "４００", "reason": STORMS}
DECIDED = {
    "decided_by": "区長",
    "decided_on": "2020-12-20",
    "document_number": "磯区政第123号",
}


class Pages(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()

    def setUp(self):
        self.staff = self.at_work(self.cast.doboku_staff)
        self.secretariat = self.at_work(self.cast.secretariat)

    def at_work(self, user):
        client = self.client_class()
        client.force_login(user)
        return client

    def url(self, name="target_change", *args):
        return reverse(f"kpis:{name}", args=["14107", 2020, *(args or ["p05-t1"])])

    def list(self):
        return reverse("kpis:changes", args=["14107", 2020])

    def ask(self, client=None, follow=True, **more):
        data = {**ASKED, "on": "2020-12-01", **more}
        return (client or self.staff).post(self.url(), data, follow=follow)

    def decide(self, action="accept", client=None, **more):
        address = Proposal.objects.select_related("policy__ward").latest("pk").get_absolute_url()
        data = {"action": action, **DECIDED, **more}
        return (client or self.secretariat).post(address, data, follow=True)

    def value(self):
        return Target.objects.get(pk=self.cast.patrols.pk).value


class Asking(Pages):
    def test_from_the_form_to_the_new_value(self):
        page = self.staff.get(self.url())
        self.assertContains(page, "550回")
        self.assertContains(page, "新しい目標値（回）")
        self.assertNotContains(page, "決裁者を入力")
        page = self.ask()
        self.assertContains(page, "申請しました。")
        self.assertContains(page, "区政推進課（事務局）の決定を待っています。")
        self.assertContains(page, "申請を取り下げる")
        self.assertNotContains(page, "承認を記録する")
        self.assertEqual(self.value(), 550)
        page = self.decide()
        self.assertContains(page, "承認を記録しました。")
        self.assertContains(page, "磯区政第123号")
        self.assertEqual(self.value(), 400)
        page = self.staff.get(self.url())
        self.assertContains(page, "400回（当初 550回）")

    def test_what_cannot_be_asked_is_named_at_its_field_and_what_was_typed_stays(self):
        for typed, says in [
            ({"new": "たくさん"}, "たくさん"),
            ({"new": "-3"}, "0より小さい数は置けません"),
            ({"new": "550"}, "いまの目標値と同じ550回です"),
            ({"new": ""}, "新しい目標値を入力してください"),
            ({"on": "2021-04-01"}, "令和2年4月1日から令和3年3月31日までの日"),
            ({"on": "きのう"}, "日付として読めません"),
            ({"on": ""}, "変更日を入力してください"),
            ({"reason": " 　"}, "理由を入力してください"),
            ({"kind": ""}, "変更の種類を選んでください"),
            ({"kind": "resume"}, "いまの状態からはできません"),
            ({"reason": "あ" * 2001}, "2000"),
        ]:
            with self.subTest(typed):
                page = self.ask(**typed)
                self.assertContains(page, "まだ保存していません。")
                self.assertContains(page, says)
                if "reason" not in typed:
                    self.assertContains(page, STORMS)
        self.assertFalse(Proposal.objects.exists() or Change.objects.exists())

    def test_a_day_is_read_as_people_type_it(self):
        for day in ("2020/12/1", "２０２０-12-01", "2020年12月1日"):
            self.ask(on=day)
            self.assertEqual(Proposal.objects.get().on, date(2020, 12, 1))
            self.staff.post(
                Proposal.objects.select_related("policy__ward").get().get_absolute_url(),
                {"action": "withdraw"},
            )
            Proposal.objects.all().delete()

    def test_a_day_in_a_closed_period_is_asked_about_once_with_what_it_changes(self):
        self.cast.entered(self.cast.patrols, self.cast.first_half, 220, state="confirmed")
        page = self.ask(on="2020-08-03")
        self.assertContains(page, "締め切った期の結果も変わります")
        told = text_of(page.content.decode())
        self.assertIn("目標550回 達成率40.0% やや遅れ", told)
        self.assertIn("目標400回（当初 550回） 達成率55.0% 順調", told)
        self.assertFalse(Proposal.objects.exists())
        page = self.ask(on="2020-08-04", sure="revise 2020-08-03 400")
        self.assertContains(page, "締め切った期の結果も変わります")  # a yes to another day
        page = self.ask(on="2020-08-03", sure="revise 2020-08-03 400")
        self.assertContains(page, "決定を待っています")
        page = self.decide()
        self.assertContains(page, "まだ記録していません。この変更で、締め切った期")
        self.assertEqual(self.value(), 550)
        self.assertContains(self.decide(sure="1"), "承認を記録しました")
        self.assertEqual(self.value(), 400)

    def test_the_entry_page_leads_there_and_says_what_waits(self):
        address = reverse("kpis:entry", args=["14107", 2020, "p05-t1", "H2"])
        self.assertContains(self.staff.get(address), f'href="{self.url()}"')
        self.ask()
        self.assertContains(self.staff.get(address), "決定を待っている申請（目標値の変更）")

    def test_while_one_waits_no_other_is_asked_for(self):
        self.ask()
        page = self.ask(kind="cancel")
        self.assertContains(page, "決定を待っている申請が、すでにあります")
        page = self.staff.get(self.url())
        self.assertContains(page, "申請の内容を見る")
        self.assertNotContains(page, "申請する</button>")

    def test_it_is_withdrawn_while_it_waits(self):
        self.ask()
        page = self.decide("withdraw", self.staff)
        self.assertContains(page, "申請を取り下げました。")
        self.assertNotContains(page, "申請を取り下げる")
        self.assertContains(self.decide(), "ほかの人が先に決めたか、取り下げました")
        self.assertEqual(self.value(), 550)

    def test_a_milestone_is_given_up_and_has_no_value_to_change(self):
        fukushi = self.at_work(self.cast.fukushi_staff)
        page = fukushi.get(self.url("target_change", "p20-t3"))
        self.assertNotContains(page, "新しい目標値")
        self.assertContains(page, "中止")
        self.assertContains(self.staff.get(self.url("project_change", "p05")), "延期")

    def test_a_reason_of_html_and_formulas_is_text(self):
        page = self.ask(reason="<script>alert(1)</script>=1+1")
        self.assertContains(page, "&lt;script&gt;alert(1)&lt;/script&gt;=1+1")
        self.assertContains(self.staff.get(self.list()), "&lt;script&gt;")


class Deciding(Pages):
    def setUp(self):
        super().setUp()
        self.ask()

    def test_what_is_missing_is_asked_for(self):
        for given, says in [
            ({"decided_by": " "}, "決裁者を入力してください"),
            ({"decided_on": ""}, "決裁日を入力してください"),
            ({"document_number": ""}, "文書番号を入力してください"),
            ({"decided_on": (timezone.localdate() + timedelta(2)).isoformat()}, "きょうよりあと"),
            ({"document_number": "9" * 61}, "60"),
        ]:
            with self.subTest(given):
                page = self.decide(**given)
                self.assertContains(page, "まだ記録していません。")
                self.assertContains(page, says)
        self.assertContains(self.decide("decline", document_number=""), "不承認の理由を入力")
        self.assertEqual(Proposal.objects.get().state, "open")

    def test_who_asked_reads_why_it_was_declined(self):
        self.decide("decline", document_number="", note="年末の見込みを待つ。")
        page = self.staff.get(Proposal.objects.get().get_absolute_url())
        self.assertContains(page, "年末の見込みを待つ。")
        self.assertContains(self.staff.get(self.list()), "年末の見込みを待つ。")
        self.assertEqual(self.value(), 550)

    def test_the_second_of_two_is_told(self):
        self.decide()
        page = self.decide("decline", note="見送る。")
        self.assertContains(page, "ほかの人が先に決めたか、取り下げました")
        self.assertEqual((self.value(), Proposal.objects.get().state), (400, "accepted"))

    def test_the_same_form_sent_twice_decides_once(self):
        self.decide()
        self.decide()
        self.assertEqual(Revision.objects.count(), 1)
        self.assertEqual(Change.objects.filter(act="decided").count(), 1)

    def test_what_no_longer_fits_says_so_before_anybody_presses(self):
        Revision.objects.create(
            target=self.cast.patrols, on=date(2020, 12, 1), old=550, new=500, reason="取込み"
        )
        Target.objects.filter(pk=self.cast.patrols.pk).update(value=500)
        address = Proposal.objects.get().get_absolute_url()
        self.assertContains(self.secretariat.get(address), "いまのままでは承認できません。")
        self.assertContains(self.decide(), "変更は1日に1回です")
        self.assertEqual(Proposal.objects.get().state, "open")
        self.assertContains(self.decide("decline", note="先に変わった。"), "不承認を記録しました")

    def test_forged_and_odd_presses(self):
        self.assertEqual(self.decide("accept", self.staff).status_code, 403)
        manager = self.at_work(self.cast.manager)
        self.assertEqual(self.decide("accept", manager).status_code, 403)
        for action in ("", "delete", "accept\x00"):
            self.assertContains(self.decide(action), "ボタンを選び直してください")
        self.assertEqual(
            self.secretariat.get(self.list() + "99999999999999999999/").status_code, 404
        )
        self.assertEqual((self.value(), Proposal.objects.get().state), (550, "open"))

    def test_members_and_the_city_see_it_once_it_is_decided(self):
        member = self.at_work(self.cast.member)
        address = Proposal.objects.get().get_absolute_url()
        self.assertEqual(member.get(address).status_code, 404)
        self.assertNotContains(member.get(self.list()), STORMS)
        self.decide()
        page = member.get(address)
        self.assertContains(page, "磯区政第123号")
        self.assertNotContains(page, "doboku-staffさん")
        self.assertContains(member.get(self.list()), STORMS)


class TheSecretariat(Pages):
    def test_records_a_decision_at_once(self):
        page = self.ask(self.secretariat, action="record")
        self.assertContains(page, "決裁者を入力してください")
        page = self.ask(self.secretariat, action="record", **DECIDED)
        self.assertContains(page, "承認")
        self.assertEqual(self.value(), 400)
        self.assertEqual(Revision.objects.get().document_number, "磯区政第123号")

    def test_asks_for_a_section_and_is_marked_so(self):
        self.assertContains(self.ask(self.secretariat), "代理入力")

    def test_staff_who_forge_a_decision_only_ask(self):
        self.ask(self.staff, action="record", **DECIDED)
        self.assertEqual((self.value(), Proposal.objects.get().state), (550, "open"))


class TheList(Pages):
    def test_what_waits_stands_first_and_what_came_by_file_is_there_too(self):
        Revision.objects.create(
            target=self.cast.nurseries,
            on=date(2020, 7, 1),
            old=33,
            new=20,
            reason="園の休園",
            decided_by="区長",
        )
        Target.objects.filter(pk=self.cast.plan.pk).update(
            status="postponed", status_on=date(2020, 9, 1), status_reason="委員会の延期"
        )
        self.ask()
        told = text_of(self.staff.get(self.list()).content.decode())
        self.assertIn("決定を待つ申請 1件", told)
        places = [told.index(each) for each in (STORMS, "委員会の延期", "園の休園")]
        self.assertEqual(places, sorted(places))
        self.assertIn("33 → 20 園", told)

    def test_an_accepted_change_stands_there_once(self):
        self.ask(kind="cancel", new="")
        self.decide()
        page = self.staff.get(self.list())
        self.assertContains(page, STORMS, count=1)

    def test_a_project_that_no_database_can_look_for_is_nowhere(self):
        self.assertEqual(self.staff.get(self.list(), {"project": "a\x00b"}).status_code, 404)

    def test_who_decided_stands_with_the_day_and_the_number(self):
        self.ask()
        self.decide()
        self.assertContains(self.staff.get(self.list()), "区長　令和2年12月20日　磯区政第123号")

    def test_the_number_of_queries_does_not_grow(self):
        self.client.force_login(self.cast.secretariat)
        self.client.get(self.list())
        with self.assertNumQueries(8):
            self.client.get(self.list())
        for key in ("p07-t1", "p20-t1"):
            rows = Target.objects.select_related("policy__ward", "project__policy__ward")
            target = rows.get(key=key)
            wish = Wish("revise", date(2020, 12, 1), Decimal(10))
            propose(subject_of(target.project, target), wish, STORMS, by=self.cast.secretariat)
        with self.assertNumQueries(8):
            self.client.get(self.list())
