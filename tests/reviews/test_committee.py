"""The committee and its members: who sits when, who may keep the list, and two at once."""

from datetime import date

from django.test import TestCase
from django.urls import reverse

from reviews.models import Committee, Member, ReviewRecord, Term
from tests.cast import person
from tests.kpis.pages import text_of
from tests.reviews.cast import CommitteeCast
from tests.reviews.forms import form_of
from wards.models import Post


class Desk(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = CommitteeCast()

    def setUp(self):
        self.client.force_login(self.cast.secretariat)

    def url(self, name, *more):
        return reverse(f"reviews:{name}", args=["14107", *more])

    def read(self, name, *more, who=None, **query):
        if who:
            self.client.force_login(who)
        return text_of(self.client.get(self.url(name, *more), query).content.decode())

    def fill(self, page, /, *more, **typed):
        """Open a form, type these, and send it; what is to be left out is None."""
        data = form_of(self.client.get(self.url(page, *more))) | typed
        sent = {key: value for key, value in data.items() if value is not None}
        return self.client.post(self.url(page, *more), sent, follow=True)


class Reading(Desk):
    def test_the_roll_is_told_by_date_as_a_policy_prints_it(self):
        for n in range(2, 7):
            self.cast.seat(f"委員（地域代表）{n}", "area")
        self.assertIn("地域代表6人、有識者1人 計7人 令和2年4月1日現在", self.on("2020-04-01"))
        self.assertIn("令和2年3月31日に任期のある委員はいません。", self.on("2020-03-31"))

    def on(self, day):
        return self.read("committee", on=day)

    def test_who_left_and_who_comes_stand_apart(self):
        Term.objects.filter(member=self.cast.expert).update(ends=date(2022, 3, 31))
        self.assertIn("地域代表1人、有識者1人 計2人", self.on("2022-03-31"))
        later = self.on("2022-04-01")
        self.assertIn("地域代表1人 計1人", later)
        self.assertIn("この日には任期のない人", later)

    def test_a_day_that_cannot_be_read_gets_a_sentence_and_todays_roll(self):
        page = self.on("きのう")
        self.assertIn("日付として読めません。", page)
        self.assertIn("地域代表1人、有識者1人", page)

    def test_everybody_of_the_ward_reads_the_roll_and_only_the_secretariat_contacts(self):
        Member.objects.filter(pk=self.cast.expert.pk).update(contact="研究室へ郵送")
        pages = [("committee",), ("member", self.cast.expert.pk)]
        for who in ("member", "doboku_staff", "manager", "auditor"):
            for page in pages:
                told = self.read(*page, who=getattr(self.cast, who))
                self.assertIn("委員（有識者）", told)
                self.assertNotIn("研究室へ郵送", told)
                self.assertNotIn("expert@ayumi.example", told)
        told = self.read("member", self.cast.expert.pk, who=self.cast.secretariat)
        self.assertIn("研究室へ郵送", told)

    def test_it_asks_the_database_no_more_for_thirty_members(self):
        self.read("committee")
        with self.assertNumQueries(8):
            self.read("committee")
        for n in range(30):
            self.cast.seat(f"委員{n}", "public")
        with self.assertNumQueries(8):
            self.read("committee")


class Founding(Desk):
    def test_the_secretariat_founds_the_ward_s_committee(self):
        self.client.force_login(self.cast.minami_secretariat)
        url = reverse("reviews:committee_edit", args=["14105"])
        self.assertContains(
            self.client.get(reverse("reviews:committee", args=["14105"])),
            "まだ評価委員会がありません",
        )
        self.client.post(url, {"name": "南区事業評価委員会", "purpose": "検証", "quorum": "５"})
        founded = Committee.objects.get(ward=self.cast.minami)
        self.assertEqual((founded.name, founded.quorum), ("南区事業評価委員会", 5))
        self.assertEqual(ReviewRecord.objects.get().act, "committee_founded")

    def test_others_of_the_ward_may_not(self):
        self.client.force_login(self.cast.member)
        self.assertEqual(self.client.get(self.url("committee_edit")).status_code, 403)
        self.assertEqual(self.client.get(self.url("member_add")).status_code, 403)


class Members(Desk):
    def test_a_member_comes_with_a_first_term_and_a_line_of_record(self):
        self.fill("member_add", name="委員（公募）", category="public", starts="2026-04-01")
        member = Member.objects.get(name="委員（公募）")
        self.assertEqual(member.terms.get().category, "public")
        line = ReviewRecord.objects.get()
        self.assertEqual((line.act, line.member), ("member_added", member))

    def test_what_is_wrong_is_said_and_nothing_typed_is_lost(self):
        page = self.fill(
            "member_add",
            name="委員（有識者）",
            category="expert",
            starts="2026-04-01",
            ends="2025-03-31",
            contact="電話のみ",
        )
        self.assertContains(page, "任期の終わりは、始まりの日かそのあと")
        self.assertContains(page, "電話のみ")
        page = self.fill("member_add", name="委員（有識者）", category="expert")
        self.assertContains(page, "同じ名前の委員が、もう名簿にいます")
        self.assertEqual(Member.objects.count(), 2)

    def test_the_record_says_that_a_contact_changed_and_not_to_what(self):
        self.fill("member_edit", self.cast.expert.pk, contact="090-0000-0000")
        line = ReviewRecord.objects.get()
        self.assertEqual(line.changed, {"contact": [None, None]})
        self.assertIn("連絡先などを変更", self.read("review_record"))

    def test_two_secretaries_who_change_different_things_lose_neither(self):
        url = self.url("member_edit", self.cast.expert.pk)
        first, second = (form_of(self.client.get(url)) for _both in range(2))
        self.client.post(url, first | {"affiliation": "大学院"})
        self.client.post(url, second | {"contact": "郵送"})
        member = Member.objects.get(pk=self.cast.expert.pk)
        self.assertEqual((member.affiliation, member.contact), ("大学院", "郵送"))

    def test_of_two_who_change_the_same_the_second_sees_both_and_decides(self):
        url = self.url("member_edit", self.cast.expert.pk)
        first, second = (form_of(self.client.get(url)) for _both in range(2))
        self.client.post(url, first | {"affiliation": "大学院", "order": "5"})
        page = self.client.post(url, second | {"affiliation": "研究所"})
        self.assertContains(page, "ほかの人が先に「大学院」に変えました")
        self.assertContains(page, "研究所")
        again = form_of(page)
        self.assertEqual((again["affiliation"], again["order"]), ("研究所", "5"))
        self.assertEqual(Member.objects.get(pk=self.cast.expert.pk).affiliation, "大学院")
        self.client.post(url, again)
        self.assertEqual(Member.objects.get(pk=self.cast.expert.pk).affiliation, "研究所")


class Terms(Desk):
    def test_a_reappointment_is_a_new_term(self):
        Term.objects.filter(member=self.cast.expert).update(ends=date(2022, 3, 31))
        self.fill("term_add", self.cast.expert.pk, starts="2022-04-01", seat="chair")
        self.assertEqual(self.cast.expert.terms.count(), 2)
        told = self.read("member", self.cast.expert.pk)
        self.assertIn("令和2年4月1日から令和4年3月31日まで", told)
        self.assertIn("令和4年4月1日から 在任中 有識者 委員長", told)

    def test_terms_of_one_member_do_not_overlap(self):
        page = self.fill("term_add", self.cast.expert.pk, starts="2022-03-31")
        self.assertContains(page, "ほかの任期（令和2年4月1日から）と重なっています")
        Term.objects.filter(member=self.cast.expert).update(ends=date(2022, 3, 31))
        page = self.fill("term_add", self.cast.expert.pk, starts="2022-03-31")
        self.assertContains(page, "重なっています")
        self.assertEqual(self.cast.expert.terms.count(), 1)

    def test_there_is_one_in_the_chair_at_a_time(self):
        Term.objects.filter(member=self.cast.area_member).update(seat="chair")
        term = self.cast.expert.terms.get()
        page = self.fill("term", self.cast.expert.pk, term.pk, seat="chair")
        self.assertContains(page, "同じ期間の委員長に、委員（地域代表）1")
        self.assertEqual(self.cast.expert.terms.get().seat, "member")

    def test_nor_does_a_newcomer_take_the_chair_beside_another(self):
        Term.objects.filter(member=self.cast.area_member).update(seat="chair")
        page = self.fill("member_add", name="委員（公募）", category="public", seat="chair")
        self.assertContains(page, "先に、その任期を終わらせてください")
        self.assertFalse(Member.objects.filter(name="委員（公募）").exists())

    def test_one_given_by_mistake_is_taken_away_and_stays_on_the_record(self):
        term = self.cast.expert.terms.get()
        self.client.post(self.url("term", self.cast.expert.pk, term.pk), {"action": "remove"})
        self.assertFalse(self.cast.expert.terms.exists())
        self.assertEqual(ReviewRecord.objects.get().act, "term_removed")
        self.assertIn("任期を取り消しました", self.read("review_record"))


class Accounts(Desk):
    def test_only_members_posts_of_this_ward_that_are_free_can_be_linked(self):
        other = person("member-2", Post.Role.MEMBER, self.cast.isogo)
        person("minami-member", Post.Role.MEMBER, self.cast.minami)
        page = self.client.get(self.url("member_account", self.cast.expert.pk))
        self.assertContains(page, "（member-2）")
        for wrong in ("（minami-member）", "（member）", "（doboku-staff）"):
            self.assertNotContains(page, wrong)
        self.assertContains(page, reverse("person_add"))
        self.fill("member_account", self.cast.expert.pk, user_id=other.pk)
        self.assertEqual(Member.objects.get(pk=self.cast.expert.pk).user, other)

    def test_another_s_account_is_refused_though_it_is_typed_into_the_form(self):
        page = self.fill("member_account", self.cast.expert.pk, user_id=self.cast.member.pk)
        self.assertContains(page, "選び直してください")
        self.assertIsNone(Member.objects.get(pk=self.cast.expert.pk).user)

    def test_who_has_an_account_and_no_post_is_pointed_out(self):
        self.assertNotIn("職がないため", self.read("member", self.cast.area_member.pk))
        Post.objects.filter(user=self.cast.member).update(ends=date(2021, 3, 31))
        self.assertIn("職がないため", self.read("member", self.cast.area_member.pk))
