"""人事異動: posts and their open work go to the next holders, all in one step."""

import re
from datetime import date, timedelta

from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from kpis.models import Actual, Change
from tests.cast import Cast
from wards.handover import open_work, usual_day
from wards.models import Post, PostRecord, User

PASSWORD = re.compile(r"[a-z2-9]{4}(?:-[a-z2-9]{4}){3}")
DAY = timedelta(days=1)
SHEET = ("14107", 2020, "p05-t1", "H2")


class HandOver(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()
        cls.today = timezone.localdate()
        cls.staff = cls.cast.doboku_staff.posts.get()
        cls.head = cls.cast.doboku_head.posts.get()

    def setUp(self):
        self.client.force_login(self.cast.secretariat)

    def send(self, wanted, action="write", on=None):
        """`wanted`: by post who takes it over: a user, a word of the list, or somebody typed."""
        data = {"pick": [], "on": (on or self.today).isoformat(), "action": action}
        for post, to in wanted.items():
            key = f"p{post.pk}"
            data["pick"].append(post.pk)
            data[f"{key}-seen"] = post.ends.isoformat() if post.ends else ""
            if isinstance(to, dict):
                data |= {f"{key}-{name}": value for name, value in to.items()}
            else:
                data[f"{key}-to"] = to.pk if isinstance(to, User) else to
        return self.client.post(reverse("hand_over"), data)

    def newcomer(self, username="a012345", name="磯子 花子"):
        return {"username": username, "display_name": name, "email": ""}

    def page_of(self, user):
        client = self.client_class()
        client.force_login(user)
        return client.get(reverse("kpis:entry", args=SHEET))

    def assert_nothing_happened(self):
        self.assertFalse(PostRecord.objects.exists())
        self.assertFalse(User.objects.filter(username="a012345").exists())
        self.assertFalse(Post.objects.filter(ends__isnull=False).exists())


class InOneStep(HandOver):
    def test_the_list_shows_the_posts_of_the_ward_by_section(self):
        page = self.client.get(reverse("posts"))
        self.assertContains(page, "磯子土木事務所")
        self.assertContains(page, "doboku-staffさん")
        self.assertNotContains(page, "南土木事務所")

    def test_the_usual_day_is_the_first_of_april(self):
        for today, usual in [
            (date(2026, 3, 31), date(2026, 4, 1)),
            (date(2026, 4, 1), date(2026, 4, 1)),
            (date(2026, 4, 30), date(2026, 4, 1)),
            (date(2026, 5, 1), date(2027, 4, 1)),
            (date(2026, 12, 1), date(2027, 4, 1)),
        ]:
            self.assertEqual(usual_day(today), usual)

    def test_the_old_holder_is_out_and_the_new_one_sees_the_drafts_from_that_day(self):
        self.cast.entered(
            self.cast.patrols, self.cast.second_half, 275, note="引き継ぐ下書き", version=3
        )
        self.assertEqual(self.page_of(self.cast.doboku_staff).status_code, 200)
        page = self.send({self.staff: self.newcomer()})
        self.assertContains(page, "引き継ぎました")
        self.assertEqual(self.page_of(self.cast.doboku_staff).status_code, 404)
        hanako = User.objects.get(username="a012345")
        User.objects.update(must_change_password=False)
        self.assertContains(self.page_of(hanako), "引き継ぐ下書き")
        self.staff.refresh_from_db()
        self.assertEqual(self.staff.ends, self.today - DAY)
        self.assertEqual(hanako.posts.get().starts, self.today)

    def test_until_that_day_the_old_holder_works_on(self):
        self.send({self.staff: self.newcomer()}, on=self.today + 30 * DAY)
        self.assertEqual(self.page_of(self.cast.doboku_staff).status_code, 200)
        User.objects.update(must_change_password=False)
        self.assertEqual(self.page_of(User.objects.get(username="a012345")).status_code, 404)

    def test_what_people_did_stays_under_their_name(self):
        old = self.cast.doboku_staff
        actual = self.cast.entered(self.cast.patrols, self.cast.second_half, 275, saved_by=old)
        target = type(self.cast.patrols).objects.with_owner().get(pk=self.cast.patrols.pk)
        line = Change.objects.record(target, "entered", {"value": [None, "275"]}, by=old)
        self.send({self.staff: self.newcomer()})
        actual.refresh_from_db()
        kept = Change.objects.get(pk=line.pk)
        self.assertEqual((kept.by, kept.by_name), (old, "doboku-staffさん"))
        self.assertEqual(actual.saved_by, old)
        self.assertEqual(Change.objects.count(), 1)
        page = self.client.get(reverse("kpis:history", args=["14107", 2020]))
        self.assertContains(page, "doboku-staffさん")

    def test_several_at_once_people_moving_round(self):
        page = self.send(
            {
                self.staff: self.cast.chiiki_staff,
                self.head: self.cast.doboku_staff,
                self.cast.chiiki_staff.posts.get(): self.newcomer(),
            }
        )
        self.assertContains(page, "3件の職を")
        self.assertEqual(len(PASSWORD.findall(page.content.decode())), 1)
        now = {
            (p.role, p.section.name, p.user.username)
            for p in Post.objects.held_now()
            if p.section and p.ward == self.cast.isogo
        }
        self.assertLessEqual(
            {
                ("staff", "磯子土木事務所", "chiiki-staff"),
                ("head", "磯子土木事務所", "doboku-staff"),
                ("staff", "地域振興課", "a012345"),
            },
            now,
        )
        self.assertEqual(self.page_of(self.cast.doboku_head).status_code, 404)

    def test_one_new_person_takes_two_posts_over(self):
        page = self.send({self.staff: self.newcomer(), self.head: self.newcomer()})
        self.assertEqual(len(set(PASSWORD.findall(page.content.decode()))), 1)
        self.assertEqual(User.objects.get(username="a012345").posts.count(), 2)

    def test_a_post_may_end_with_nobody_to_follow_yet(self):
        self.assertContains(self.send({self.staff: "nobody"}), "まだ決まっていない")
        self.assertEqual(self.page_of(self.cast.doboku_staff).status_code, 404)

    def test_a_person_of_another_ward_takes_over_with_the_account_they_have(self):
        typed = self.newcomer("minami-staff", "minami-staffさん")
        self.assertContains(self.send({self.staff: typed}), "引き継ぎました")
        self.assertEqual(self.page_of(self.cast.minami_staff).status_code, 200)

    def test_the_secretariat_hands_its_own_post_over(self):
        page = self.send({self.cast.secretariat.posts.get(): self.newcomer()})
        self.assertContains(page, "引き継ぎました")
        self.assertEqual(self.client.get(reverse("posts")).status_code, 403)

    def test_each_is_on_record(self):
        self.send({self.staff: self.newcomer()})
        acts = list(PostRecord.objects.order_by("id").values_list("act", "user__username"))
        self.assertEqual(
            acts,
            [("changed", "doboku-staff"), ("added", "a012345"), ("given", "a012345")],
        )


class TheLookBefore(HandOver):
    def test_it_says_who_when_and_what_goes_along_and_writes_nothing(self):
        self.cast.entered(self.cast.patrols, self.cast.second_half, 275)
        page = self.send({self.staff: self.newcomer()}, "check", on=self.today + DAY)
        self.assertContains(page, "まだ引き継いでいません。")
        self.assertContains(page, "磯子 花子")
        self.assertContains(page, "下書き1件")
        self.assert_nothing_happened()

    def test_it_can_be_gone_back_from_with_all_that_was_typed(self):
        page = self.send({self.staff: self.newcomer()}, "change")
        self.assertContains(page, 'value="a012345"')
        self.assertContains(page, 'value="磯子 花子"')
        self.assert_nothing_happened()

    def test_it_refuses_what_the_press_would_refuse(self):
        page = self.send({self.staff: self.newcomer("minami-staff", "だれか")}, "check")
        self.assertContains(page, "名前が合いません。")

    def test_nothing_picked_leads_back(self):
        page = self.client.get(reverse("hand_over"), follow=True)
        self.assertContains(page, "引き継ぐ職を選んでから")


class AllOrNothing(HandOver):
    def test_one_that_cannot_be_keeps_all_from_happening(self):
        page = self.send({self.staff: self.newcomer(), self.head: self.cast.doboku_head})
        self.assertContains(page, "その人は選べません。")
        self.assert_nothing_happened()
        twin = self.newcomer("A012345", "磯子 次郎")
        page = self.send({self.staff: self.newcomer(), self.head: twin})
        self.assertContains(page, "大文字・小文字だけが違う番号")
        self.assert_nothing_happened()

    def test_one_number_with_two_names_is_refused(self):
        other = self.newcomer(name="磯子 太郎")
        page = self.send({self.staff: self.newcomer(), self.head: other})
        self.assertContains(page, "番号か名前を直してください。")
        self.assert_nothing_happened()

    def test_nobody_chosen_or_two_at_once_is_said_at_its_post(self):
        both = self.newcomer() | {"to": self.cast.chiiki_staff.pk}
        for wanted, said in [
            ("", "引き継ぐ人を選ぶか、新しい人の番号と表示名を入力してください。"),
            (both, "どちらが引き継ぐかを決めてください。"),
            (self.newcomer(name=""), "表示名を入力してください。"),
            ({"to": "new"}, "番号を入力してください。"),
        ]:
            with self.subTest(said):
                self.assertContains(self.send({self.staff: wanted}), said)
        self.assert_nothing_happened()

    def test_days_outside_sense_are_refused(self):
        for on in [self.today - 93 * DAY, self.today + 367 * DAY]:
            page = self.send({self.staff: self.newcomer()}, on=on)
            self.assertContains(page, "引き継ぐ日は、92日前から1年先までの日にしてください。")
        self.assert_nothing_happened()

    def test_sent_twice_it_happens_once(self):
        self.send({self.staff: self.newcomer()})
        before = PostRecord.objects.count()
        page = self.send({self.staff: self.newcomer()})
        self.assertContains(page, "画面を開いたあとに変わりました。")
        self.assertEqual(PostRecord.objects.count(), before)
        self.assertEqual(Post.objects.filter(user__username="a012345").count(), 1)

    def test_of_two_who_hand_over_at_once_the_second_is_told(self):
        self.send({self.staff: self.cast.chiiki_staff}, on=self.today + DAY)
        page = self.send({self.staff: self.cast.fukushi_staff}, on=self.today + DAY)
        self.assertContains(page, "画面を開いたあとに変わりました。")
        self.assertEqual(self.cast.fukushi_staff.posts.count(), 1)

    def test_a_post_that_begins_later_cannot_be_handed_over_before(self):
        late = Post.objects.create(
            user=self.cast.chiiki_staff,
            role="staff",
            ward=self.cast.isogo,
            section=self.cast.doboku,
            starts=self.today + DAY,
        )
        page = self.send({late: self.newcomer()})
        self.assertContains(page, "引き継ぐ日より前に始まっていません。")

    def test_one_that_ends_sooner_anyway_keeps_its_last_day(self):
        self.staff.ends = self.today + DAY
        self.staff.save()
        self.send({self.staff: self.newcomer()}, on=self.today + 9 * DAY)
        self.staff.refresh_from_db()
        self.assertEqual(self.staff.ends, self.today + DAY)
        self.assertTrue(User.objects.filter(username="a012345").exists())

    def test_the_ward_is_not_left_without_its_secretariat(self):
        page = self.send({self.cast.secretariat.posts.get(): "nobody"}, on=self.today + DAY)
        self.assertContains(page, "事務局がだれもいなくなります。")
        self.assert_nothing_happened()

    def test_posts_of_another_ward_or_of_members_are_not_there(self):
        member = self.cast.member.posts.get()
        for post in [self.cast.minami_staff.posts.get(), member, self.cast.city.posts.get()]:
            self.assertEqual(self.send({post: self.newcomer()}).status_code, 404)
            address = f"{reverse('hand_over')}?pick={post.pk}"
            self.assertEqual(self.client.get(address).status_code, 404)
        for pick in ["x", "-1", "9" * 40, "１"]:
            answer = self.client.get(reverse("hand_over"), {"pick": pick})
            self.assertEqual(answer.status_code, 404)

    def test_people_of_another_ward_cannot_be_picked(self):
        page = self.send({self.staff: self.cast.minami_staff})
        self.assertContains(page, "その人は選べません。")
        self.assertNotContains(page, "minami-staffさん")
        self.assert_nothing_happened()

    def test_somebody_stopped_takes_nothing_over(self):
        User.objects.filter(pk=self.cast.chiiki_staff.pk).update(is_active=False)
        page = self.send({self.staff: self.cast.chiiki_staff})
        self.assertContains(page, "その人は選べません。")
        self.assert_nothing_happened()


class OpenWork(HandOver):
    def test_it_counts_what_is_on_its_way_in_open_periods_by_section(self):
        cast = self.cast
        cast.entered(cast.patrols, cast.first_half, 1)  # closed: nothing to do there
        cast.entered(cast.patrols, cast.second_half, 275, state=Actual.State.RETURNED)
        cast.entered(cast.supporters, cast.second_half, 9, state=Actual.State.SUBMITTED)
        cast.entered(cast.plan, cast.second_half, stage="preparing")
        cast.entered(cast.nurseries, cast.second_half, 3, state=Actual.State.CONFIRMED)
        wanted = {
            self.staff: self.newcomer(),
            cast.fukushi_staff.posts.get(): "nobody",
            cast.chiiki_staff.posts.get(): "nobody",
        }
        page = self.send(wanted, "check")
        self.assertContains(page, "<div>差戻し1件</div>", html=True)
        self.assertContains(page, "<div>下書き1件、提出済1件</div>", html=True)
        self.assertEqual(page.content.decode().count(">—</td>"), 1)

    def test_work_of_a_section_that_was_merged_into_it_counts(self):
        self.cast.entered(self.cast.patrols, self.cast.second_half, 275)
        self.cast.doboku.successor = self.cast.chiiki
        self.cast.doboku.save()
        page = self.send({self.cast.chiiki_staff.posts.get(): "nobody"}, "check")
        self.assertContains(page, "下書き1件")

    def test_it_is_asked_for_all_sections_at_once(self):
        cast = self.cast
        cast.entered(cast.patrols, cast.second_half, 275)
        cast.entered(cast.supporters, cast.second_half, 9)
        for sections in ({cast.doboku.pk}, {cast.doboku.pk, cast.fukushi.pk, cast.chiiki.pk}):
            with self.assertNumQueries(2):
                open_work(sections)


class Choosing(HandOver):
    def test_the_page_of_choices_costs_a_fixed_number_of_queries(self):
        posts = [self.staff, self.head, self.cast.fukushi_staff.posts.get()]
        self.client.get(reverse("posts"))
        for picked in (posts[:1], posts):
            address = reverse("hand_over")
            data = {"pick": [p.pk for p in picked], "on": "2027-04-01"}
            with self.assertNumQueries(6):
                self.client.get(address, data)
