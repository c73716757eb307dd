"""The secretariat adds people, gives and ends posts, stops and starts accounts."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from unittest import skipUnless

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.test import TestCase, TransactionTestCase
from django.urls import reverse
from django.utils import timezone

from tests.cast import Cast, person
from wards import accounts
from wards.handover import Handover, carry_out
from wards.models import AccessRecord, Post, PostRecord, RecordIsKept, User
from wards.posts import Desk, change_days, first_gap

PASSWORD = re.compile(r"[a-z2-9]{4}(?:-[a-z2-9]{4}){3}")
DAY = timedelta(days=1)


class Posts(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()
        cls.today = timezone.localdate()

    def setUp(self):
        self.client.force_login(self.cast.secretariat)

    def as_somebody(self, user):
        client = self.client_class()
        client.force_login(user)
        return client

    def staff_of(self, section):
        return f"staff:{section.pk}"

    def add(self, **typed):
        data = {
            "username": "a012345",
            "display_name": "磯子 花子",
            "email": "hanako@example.jp",
            "desk": self.staff_of(self.cast.chiiki),
            "starts": self.today.isoformat(),
            "ends": "",
        }
        return self.client.post(reverse("person_add"), data | typed)

    def days(self, post, **typed):
        data = {"action": "days", "ends": ""}
        return self.client.post(reverse("post", args=[post.pk]), data | typed, follow=True)

    def opens_her_section(self, user):
        page = reverse("kpis:entry", args=["14107", 2020, "p05-t1", "H2"])
        return self.as_somebody(user).get(page).status_code == 200

    def assert_nothing_new(self):
        self.assertFalse(User.objects.filter(username__startswith="a0").exists())
        self.assertFalse(PostRecord.objects.exists())


class Adding(Posts):
    def test_a_new_person_gets_a_post_and_a_password_that_is_shown_once(self):
        page = self.add()
        self.assertContains(page, "磯子 花子さんに「磯子区地域振興課 担当者」の職を付けました。")
        password = PASSWORD.search(page.content.decode()).group()
        hanako = User.objects.get(username="a012345")
        self.assertEqual((hanako.email, hanako.must_change_password), ("hanako@example.jp", True))
        self.assertTrue(hanako.check_password(password))
        again = self.client.get(reverse("person", args=["a012345"]))
        self.assertNotContains(again, password)
        log_in = self.client_class().post(
            reverse("login"), {"username": "a012345", "password": password}
        )
        self.assertEqual(log_in.status_code, 302)

    def test_full_width_is_read_as_half_and_rare_kanji_stay(self):
        self.add(username="　Ａ０９８７　", display_name="髙𠮷󠄀　花子", email="ｈ@example.jp")
        hanako = User.objects.get(username="A0987")
        self.assertEqual((hanako.display_name, hanako.email), ("髙𠮷󠄀 花子", "h@example.jp"))

    def test_what_cannot_be_a_number_is_said(self):
        for typed in ["a b", "a/b", "..", "x", "あいう", "a" * 31, "a" * 300, "a😀", "-a1", ""]:
            with self.subTest(typed):
                page = self.add(username=typed)
                self.assertContains(page, "まだ保存していません")
        self.assertContains(self.add(username="a b"), "番号「a b」は使えません。")
        self.assert_nothing_new()

    def test_what_cannot_be_a_name_is_said(self):
        for typed, said in [
            ("", "入力してください。"),
            ("花" * 300, "100文字以内で入力してください。"),
            ("花\u202e子", "見えない文字が入っています。"),
            ("花\ue000子", "外字は、ほかの端末では別の字に見えます。"),
        ]:
            with self.subTest(typed):
                self.assertContains(self.add(display_name=typed), said)
        self.assert_nothing_new()

    def test_a_name_with_an_emoji_or_a_tag_is_only_a_name(self):
        page = self.add(display_name="<b>花子</b>😀")
        self.assertContains(page, "&lt;b&gt;花子&lt;/b&gt;😀")

    def test_an_address_that_is_none_is_said_and_none_is_allowed(self):
        self.assertContains(self.add(email="hanako"), "メールアドレスとして読めません。")
        self.assert_nothing_new()
        self.add(email="")
        self.assertEqual(User.objects.get(username="a012345").email, "")

    def test_days_outside_sense_are_said(self):
        for starts, ends, said in [
            ("", "", "日付を入力してください。"),
            ("2027-02-30", "", "日付として読めません。"),
            ("0001-01-01", "", "年までの日付を入力してください。"),
            ("9999-12-31", "", "年までの日付を入力してください。"),
            ("2026-04-01", "2026-03-31", "最後の日が開始日より前です。"),
        ]:
            with self.subTest(starts):
                self.assertContains(self.add(starts=starts, ends=ends), said)
        self.assert_nothing_new()

    def test_a_day_may_be_typed_as_people_write_it(self):
        for n, typed in enumerate(["2026/4/1", "２０２６年４月１日", "2026.04.01"]):
            self.add(username=f"a{n}000", starts=typed)
            post = Post.objects.get(user__username=f"a{n}000")
            self.assertEqual(post.starts, date(2026, 4, 1))

    def test_neither_another_wards_posts_nor_the_citys_can_be_given(self):
        for desk in [
            self.staff_of(self.cast.minami_doboku),
            f"secretariat:{self.cast.minami.pk}",
            f"city:{self.cast.isogo.pk}",
            "city",
            f"manager:{self.cast.isogo.pk}:ない部",
            f"staff:{self.cast.isogo.pk + 99999}",
            "",
        ]:
            with self.subTest(desk):
                self.assertContains(self.add(desk=desk), "職")
        self.assert_nothing_new()

    def test_each_role_of_the_ward_can_be_given(self):
        ward = self.cast.isogo.pk
        for n, (desk, said) in enumerate(
            {
                f"head:{self.cast.doboku.pk}": "磯子区磯子土木事務所 課長",
                f"secretariat:{ward}": "磯子区 事務局",
                f"member:{ward}": "磯子区 評価委員",
                f"auditor:{ward}": "磯子区 監査",
                f"manager:{ward}": "磯子区 管理職",
                f"manager:{ward}:総務部": "磯子区総務部 管理職",
            }.items()
        ):
            self.assertContains(self.add(username=f"a{n}111", desk=desk), said)

    def test_a_section_that_was_merged_gets_no_new_people(self):
        self.cast.doboku.successor = self.cast.chiiki
        self.cast.doboku.save()
        self.assertContains(self.add(desk=self.staff_of(self.cast.doboku)), "その職は選べません")

    def test_upper_and_lower_case_twins_are_refused(self):
        self.assertContains(self.add(username="Doboku-Staff"), "大文字・小文字だけが違う番号")
        self.assertEqual(User.objects.filter(username__iexact="doboku-staff").count(), 1)

    def test_the_form_sent_twice_adds_one_person_with_one_post(self):
        self.add()
        page = self.add()
        self.assertContains(page, "この期間にもう持っています。")
        self.assertContains(page, "もうこの区にいます。")
        self.assertIsNone(PASSWORD.search(page.content.decode()))
        self.assertEqual(Post.objects.filter(user__username="a012345").count(), 1)

    def test_it_is_written_down_who_added_whom(self):
        self.add()
        added, given = PostRecord.objects.order_by("id")
        self.assertEqual((added.act, given.act), ("added", "given"))
        self.assertEqual(given.by, self.cast.secretariat)
        self.assertEqual(given.post, Post.objects.get(user__username="a012345"))
        page = self.client.get(reverse("person", args=["a012345"]))
        self.assertContains(page, "利用者の登録")
        self.assertContains(page, "操作：secretariatさん")


class FromAnotherWard(Posts):
    """Whoever has an account elsewhere keeps it; this ward learns nothing it did not type."""

    def add_minami(self, **typed):
        return self.add(
            **({"username": "minami-staff", "display_name": "minami-staffさん"} | typed)
        )

    def test_number_and_name_together_find_the_account(self):
        page = self.add_minami(email="other@example.jp")
        self.assertContains(page, "職を付けました")
        self.assertIsNone(PASSWORD.search(page.content.decode()))
        user = User.objects.get(username="minami-staff")
        self.assertEqual((user.posts.count(), user.email), (2, ""))

    def test_the_number_alone_tells_no_name_and_gives_nothing(self):
        page = self.add_minami(display_name="だれか")
        self.assertContains(page, "名前が合いません。")
        self.assertNotContains(page, "minami-staffさん")
        self.assertEqual(self.cast.minami_staff.posts.count(), 1)

    def test_nothing_of_the_other_ward_shows_and_nothing_can_be_done_to_the_account(self):
        AccessRecord.objects.create(
            user=self.cast.minami_staff, act="exported", detail="南区_目標一覧.xlsx"
        )
        self.cast.minami_staff.last_login = timezone.now()
        self.cast.minami_staff.save()
        self.add_minami()
        for page in [
            self.client.get(reverse("person", args=["minami-staff"])),
            self.client.get(reverse("people")),
        ]:
            self.assertNotContains(page, "南土木事務所")
            self.assertNotContains(page, "南区_目標一覧")
            self.assertContains(page, "ほかの区の職もあります")
        for name in ["person_reset", "person_stop", "person_edit"]:
            data = {"action": "stop", "display_name": "x"}
            answer = self.client.post(reverse(name, args=["minami-staff"]), data)
            self.assertEqual(answer.status_code, 403, name)
        minami_post = self.cast.minami_staff.posts.get(ward=self.cast.minami)
        address = reverse("post", args=[minami_post.pk])
        self.assertEqual(self.client.get(address).status_code, 404)
        self.assertEqual(self.client.post(address, {"ends": ""}).status_code, 404)

    def test_what_minami_wrote_down_stays_minamis(self):
        self.as_somebody(self.cast.minami_secretariat).post(
            reverse("post_give", args=["minami-staff"]),
            {"desk": f"head:{self.cast.minami_doboku.pk}", "starts": self.today.isoformat()},
        )
        self.add_minami()
        page = self.client.get(reverse("person", args=["minami-staff"]))
        self.assertNotContains(page, "南土木事務所")
        self.assertContains(page, "磯子区地域振興課 担当者")
        record = self.client.get(reverse("post_records"))
        self.assertNotContains(record, "南土木事務所")

    def test_a_first_password_that_somebody_else_knows_opens_nothing_here(self):
        User.objects.filter(username="minami-staff").update(must_change_password=True)
        page = self.add_minami()
        self.assertContains(page, "まだ自分のパスワードを決めていません。")
        self.assertEqual(self.cast.minami_staff.posts.count(), 1)

    def test_whoever_left_the_other_ward_is_this_wards_alone(self):
        self.cast.minami_staff.posts.update(ends=self.today - DAY)
        User.objects.filter(username="minami-staff").update(must_change_password=True)
        page = self.add_minami()
        password = PASSWORD.search(page.content.decode()).group()
        user = User.objects.get(username="minami-staff")
        self.assertTrue(user.check_password(password))
        reset = self.client.post(reverse("person_reset", args=["minami-staff"]))
        self.assertEqual(reset.status_code, 200)

    def test_nor_one_that_another_ward_gave_out_to_somebody_who_was_here_before(self):
        Post.objects.create(
            user=self.cast.minami_staff, role="member", ward=self.cast.isogo, ends="2020-03-31"
        )
        User.objects.filter(username="minami-staff").update(must_change_password=True)
        address = reverse("post_give", args=["minami-staff"])
        data = {"desk": self.staff_of(self.cast.chiiki), "starts": self.today.isoformat()}
        self.assertContains(
            self.client.post(address, data), "まだ自分のパスワードを決めていません。"
        )
        self.cast.minami_staff.posts.update(ends="2020-03-31")
        page = self.client.post(address, data)
        password = PASSWORD.search(page.content.decode()).group()
        self.assertTrue(User.objects.get(username="minami-staff").check_password(password))

    def test_log_ins_of_the_time_elsewhere_stay_there(self):
        old = AccessRecord.objects.create(
            user=self.cast.minami_staff, act="exported", detail="南区_目標一覧.xlsx"
        )
        AccessRecord.objects.filter(pk=old.pk).update(at=timezone.now() - 9 * DAY)
        AccessRecord.objects.create(user=self.cast.minami_staff, act="logged_in", detail="きょう")
        self.cast.minami_staff.posts.update(ends=self.today - DAY)
        self.add_minami()
        page = self.client.get(reverse("person", args=["minami-staff"]))
        self.assertNotContains(page, "南区_目標一覧")
        self.assertContains(page, "きょう")

    def test_the_citys_and_the_administrators_accounts_are_not_taken_over(self):
        User.objects.filter(username="without-post").update(is_superuser=True)
        page = self.add(username="without-post", display_name="without-postさん")
        self.assertContains(page, "職を付けられません")
        self.add(username="city", display_name="cityさん")
        self.assertEqual(self.client.post(reverse("person_reset", args=["city"])).status_code, 403)


class GivingAndEnding(Posts):
    def give(self, username="doboku-staff", **typed):
        data = {"desk": self.staff_of(self.cast.chiiki), "starts": self.today.isoformat()}
        return self.client.post(reverse("post_give", args=[username]), data | typed, follow=True)

    def test_a_second_post_opens_a_second_section_with_the_next_page(self):
        staff = self.as_somebody(self.cast.doboku_staff)
        page = reverse("kpis:entry", args=["14107", 2020, "p07-t1", "H2"])
        self.assertEqual(staff.get(page).status_code, 403)
        self.assertContains(self.give(), "職を付けました")
        self.assertEqual(staff.get(page).status_code, 200)

    def test_one_that_starts_tomorrow_opens_nothing_today(self):
        self.give(starts=(self.today + DAY).isoformat())
        page = reverse("kpis:entry", args=["14107", 2020, "p07-t1", "H2"])
        self.assertEqual(self.as_somebody(self.cast.doboku_staff).get(page).status_code, 403)

    def test_the_same_post_is_not_held_twice_on_one_day(self):
        self.give(starts="2026-04-01", ends="2027-03-31")
        for starts, ends in [("2027-03-31", ""), ("2026-01-01", "2026-04-01"), ("2026-01-01", "")]:
            page = self.give(starts=starts, ends=ends)
            self.assertContains(page, "この期間にもう持っています。")
        self.assertContains(self.give(starts="2027-04-01"), "職を付けました")
        self.assertContains(self.give("doboku-head", starts="2026-05-01"), "職を付けました")

    def test_ended_yesterday_it_opens_nothing_from_now_on(self):
        post = self.cast.doboku_staff.posts.get()
        self.assertTrue(self.opens_her_section(self.cast.doboku_staff))
        self.days(post, ends=self.today.isoformat())
        self.assertTrue(self.opens_her_section(self.cast.doboku_staff))
        self.days(post, ends=(self.today - DAY).isoformat())
        self.assertFalse(self.opens_her_section(self.cast.doboku_staff))
        self.assertContains(self.client.get(reverse("people")), "doboku-staff")

    def test_an_end_that_was_wrong_is_taken_off_again(self):
        post = self.cast.doboku_staff.posts.get()
        self.days(post, ends=(self.today - DAY).isoformat())
        self.days(post, ends="")
        self.assertTrue(self.opens_her_section(self.cast.doboku_staff))
        self.assertEqual(PostRecord.objects.filter(post=post, act="changed").count(), 2)

    def test_the_same_days_sent_again_change_and_record_nothing(self):
        post = self.cast.doboku_staff.posts.get()
        self.days(post, ends=self.today.isoformat())
        page = self.days(post, ends=self.today.isoformat())
        self.assertContains(page, "変わったところはありません。")
        self.assertEqual(PostRecord.objects.count(), 1)

    def test_what_somebody_else_changed_since_is_not_written_over(self):
        post = self.cast.doboku_staff.posts.get()
        page = self.client.get(reverse("post", args=[post.pk])).content.decode()
        seen = re.search(r'name="seen" value="([^"]*)"', page).group(1)
        other = person("kusei-2", "secretariat", self.cast.isogo)
        colleague = self.as_somebody(other)
        address = reverse("post", args=[post.pk])
        last = {"action": "days", "seen": seen, "ends": "2027-03-31"}
        colleague.post(address, last)
        page = self.days(post, seen=seen, ends="2026-12-31")
        self.assertContains(page, "ほかの人がこの職の期間を変えました。")
        self.assertContains(self.days(post, **last), "変わったところはありません。")
        post.refresh_from_db()
        self.assertEqual(post.ends, date(2027, 3, 31))

    def test_an_end_before_the_start_is_refused(self):
        self.give()
        post = self.cast.doboku_staff.posts.get(section=self.cast.chiiki)
        page = self.days(post, starts=post.starts, ends=(self.today - DAY).isoformat())
        self.assertContains(page, "最後の日が開始日より前です。")
        post.refresh_from_db()
        self.assertIsNone(post.ends)

    def test_a_post_of_today_given_by_mistake_is_withdrawn_at_once(self):
        self.give()
        post = self.cast.doboku_staff.posts.get(section=self.cast.chiiki)
        page = reverse("kpis:entry", args=["14107", 2020, "p07-t1", "H2"])
        self.client.post(reverse("post", args=[post.pk]), {"action": "withdraw"})
        self.assertEqual(self.as_somebody(self.cast.doboku_staff).get(page).status_code, 403)
        self.assertTrue(PostRecord.objects.filter(post=post, act="withdrawn").exists())
        self.client.post(reverse("post", args=[post.pk]), {"action": "withdraw"})
        self.assertEqual(PostRecord.objects.filter(act="withdrawn").count(), 1)
        self.assertContains(self.give(), "職を付けました")

    def test_what_was_in_force_is_ended_and_not_unmade(self):
        post = self.cast.doboku_staff.posts.get()
        page = self.client.post(reverse("post", args=[post.pk]), {"action": "withdraw"})
        self.assertContains(page, "すでに始まった職は取り消せません。")
        self.assertTrue(self.opens_her_section(self.cast.doboku_staff))
        self.days(post, starts="2030-04-01")
        with pytest.raises(ValidationError, match="開始日は変えられません"):
            change_days(post, self.today + DAY, None, by=self.cast.secretariat)
        post.refresh_from_db()
        self.assertIsNone(post.starts)

    def test_one_that_has_not_begun_can_begin_another_day(self):
        self.give(starts=(self.today + DAY).isoformat())
        post = self.cast.doboku_staff.posts.get(section=self.cast.chiiki)
        self.days(post, starts=(self.today + 9 * DAY).isoformat())
        post.refresh_from_db()
        self.assertEqual(post.starts, self.today + 9 * DAY)

    def test_a_withdrawn_post_cannot_be_changed_any_more(self):
        self.give()
        post = self.cast.doboku_staff.posts.get(section=self.cast.chiiki)
        Post.objects.filter(pk=post.pk).update(withdrawn=True)
        page = self.days(post, starts=post.starts, ends="")
        self.assertContains(page, "この職は取り消されています。")

    def test_another_wards_posts_are_not_there(self):
        post = self.cast.minami_staff.posts.get()
        for answer in [
            self.client.get(reverse("post", args=[post.pk])),
            self.client.post(reverse("post", args=[post.pk]), {"action": "withdraw"}),
            self.client.get(reverse("post_give", args=["minami-staff"])),
            self.client.get(reverse("person_edit", args=["minami-staff"])),
            self.client.post(reverse("person_stop", args=["minami-staff"]), {"action": "stop"}),
        ]:
            self.assertEqual(answer.status_code, 404)


class NobodyLeft(Posts):
    """A ward is never left without its secretariat."""

    def setUp(self):
        super().setUp()
        self.post = self.cast.secretariat.posts.get()

    def test_the_last_one_cannot_end_its_own_post(self):
        page = self.days(self.post, ends=self.today.isoformat())
        self.assertContains(page, "磯子区の事務局がだれもいなくなります。")
        self.post.refresh_from_db()
        self.assertIsNone(self.post.ends)
        self.assertFalse(PostRecord.objects.exists())

    def test_it_can_once_somebody_follows_without_a_gap(self):
        follower = person("kusei-2", "secretariat", self.cast.isogo, starts=self.today + 10 * DAY)
        page = self.days(self.post, ends=(self.today + 8 * DAY).isoformat())
        self.assertContains(page, "だれもいなくなります")
        page = self.days(self.post, ends=(self.today + 9 * DAY).isoformat())
        self.assertContains(page, "期間を保存しました")
        self.client.force_login(follower)

    def test_somebody_stopped_counts_for_nobody(self):
        other = person("kusei-2", "secretariat", self.cast.isogo)
        User.objects.filter(pk=other.pk).update(is_active=False)
        page = self.days(self.post, ends=self.today.isoformat())
        self.assertContains(page, "だれもいなくなります")

    def test_whoever_ends_their_own_is_led_to_the_first_page(self):
        person("kusei-2", "secretariat", self.cast.isogo)
        page = self.days(self.post, ends=(self.today - DAY).isoformat())
        self.assertRedirects(page, reverse("kpis:home"))
        self.assertEqual(self.client.get(reverse("people")).status_code, 403)

    def test_nobody_stops_their_own_account(self):
        person("kusei-2", "secretariat", self.cast.isogo)
        page = self.client.post(
            reverse("person_stop", args=["secretariat"]), {"action": "stop"}, follow=True
        )
        self.assertContains(page, "自分の利用は停止できません。")
        self.assertTrue(User.objects.get(username="secretariat").is_active)

    def test_the_first_day_without_anybody(self):
        d = date(2027, 4, 1)
        self.assertEqual(first_gap([], d), d)
        self.assertIsNone(first_gap([(None, None)], d))
        self.assertEqual(first_gap([(None, d)], d), d + DAY)
        self.assertEqual(first_gap([(d + 2 * DAY, None), (None, d)], d), d + DAY)
        self.assertIsNone(first_gap([(d + DAY, None), (None, d)], d))
        self.assertEqual(first_gap([(None, d + 9 * DAY), (None, d)], d), d + 10 * DAY)
        self.assertEqual(first_gap([(d - 9 * DAY, d - DAY)], d), d)


class Accounts(Posts):
    def stop(self, action="stop", username="doboku-staff"):
        return self.client.post(
            reverse("person_stop", args=[username]), {"action": action}, follow=True
        )

    def test_a_stopped_account_is_out_with_its_next_page_and_cannot_log_in(self):
        self.cast.doboku_staff.set_password("hidamari-no-sakamichi")
        self.cast.doboku_staff.save()
        staff = self.as_somebody(self.cast.doboku_staff)
        self.assertEqual(staff.get(reverse("kpis:home")).status_code, 200)
        self.assertContains(self.stop(), "利用を停止しました。")
        self.assertEqual(staff.get(reverse("kpis:home")).status_code, 302)
        login = {"username": "doboku-staff", "password": "hidamari-no-sakamichi"}
        self.assertContains(
            self.client_class().post(reverse("login"), login), "パスワードが違います"
        )

    def test_started_again_it_has_a_new_password_and_no_old_session(self):
        staff = self.as_somebody(self.cast.doboku_staff)
        staff.get(reverse("kpis:home"))
        self.stop()
        page = self.stop("start")
        password = PASSWORD.search(page.content.decode()).group()
        self.assertTrue(User.objects.get(username="doboku-staff").check_password(password))
        self.assertEqual(staff.get(reverse("kpis:home")).status_code, 302)
        acts = list(PostRecord.objects.order_by("id").values_list("act", flat=True))
        self.assertEqual(acts, ["stopped", "started"])

    def test_pressed_twice_it_is_stopped_once_and_started_once(self):
        self.stop()
        self.stop()
        self.stop("start")
        before = User.objects.get(username="doboku-staff").password
        self.assertIsNone(PASSWORD.search(self.stop("start").content.decode()))
        self.assertEqual(User.objects.get(username="doboku-staff").password, before)
        self.assertEqual(PostRecord.objects.count(), 2)

    def test_a_stopped_account_gets_neither_posts_nor_passwords(self):
        self.stop()
        page = self.client.post(
            reverse("post_give", args=["doboku-staff"]),
            {"desk": self.staff_of(self.cast.chiiki), "starts": self.today.isoformat()},
        )
        self.assertContains(page, "職を付けられません")
        reset = self.client.post(reverse("person_reset", args=["doboku-staff"]))
        self.assertEqual(reset.status_code, 403)

    def test_name_and_address_are_edited_and_what_was_done_keeps_the_old_name(self):
        page = self.client.post(
            reverse("person_edit", args=["doboku-staff"]),
            {"display_name": "新姓 花子", "email": "new@example.jp"},
            follow=True,
        )
        self.assertContains(page, "新姓 花子")
        self.assertContains(page, "表示名：doboku-staffさん → 新姓 花子")
        user = User.objects.get(username="doboku-staff")
        self.assertEqual((user.display_name, user.email), ("新姓 花子", "new@example.jp"))

    def test_of_two_who_edit_at_once_each_writes_what_they_changed(self):
        shown = {"initial-display_name": "doboku-staffさん", "initial-email": ""}
        address = reverse("person_edit", args=["doboku-staff"])
        mail = {"display_name": "doboku-staffさん", "email": "new@example.jp"}
        self.client.post(address, shown | mail)
        self.client.post(address, shown | {"display_name": "新姓 花子", "email": ""})
        user = User.objects.get(username="doboku-staff")
        self.assertEqual((user.display_name, user.email), ("新姓 花子", "new@example.jp"))

    def test_an_edit_that_is_wrong_changes_nothing(self):
        page = self.client.post(
            reverse("person_edit", args=["doboku-staff"]),
            {"display_name": "新姓 花子", "email": "new@"},
        )
        self.assertContains(page, "メールアドレスとして読めません。")
        self.assertEqual(str(User.objects.get(username="doboku-staff")), "doboku-staffさん")


class TheRecord(Posts):
    def test_it_is_only_added_to_in_the_code_and_in_the_database(self):
        self.add()
        line = PostRecord.objects.first()
        for act in [line.save, line.delete, PostRecord.objects.all().delete]:
            with pytest.raises(RecordIsKept):
                act()
        with pytest.raises(RecordIsKept):
            PostRecord.objects.update(by_name="x")
        acts = ["UPDATE wards_postrecord SET by_name = 'x'", "DELETE FROM wards_postrecord"]
        if connection.vendor == "postgresql":
            acts.append("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE wards_postrecord")
        for sql in acts:
            with (
                pytest.raises(DatabaseError, match="only added to"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(sql)

    def test_the_auditor_reads_it_and_does_nothing(self):
        self.add()
        auditor = self.as_somebody(self.cast.auditor)
        page = auditor.get(reverse("post_records"))
        self.assertContains(page, "磯子 花子（a012345）")
        self.assertContains(auditor.get(reverse("kpis:home")), reverse("post_records"))
        self.assertEqual(auditor.get(reverse("people")).status_code, 403)

    def test_the_lists_cost_no_more_for_many(self):
        for address in [reverse("people"), reverse("posts"), reverse("post_records")]:
            self.client.get(address)
        self.add()
        self.cost(1)
        for n in range(8):
            self.add(username=f"a1{n}", desk=f"head:{self.cast.fukushi.pk}")
        self.cost(9)

    def cost(self, people):
        for address, queries in [
            (reverse("people"), 6),
            (reverse("posts"), 6),
            (reverse("post_records"), 6),
            (reverse("person", args=["a012345"]), 10),
        ]:
            with self.subTest(address, people=people), self.assertNumQueries(queries):
                self.client.get(address)


@skipUnless(
    connection.vendor == "postgresql", "the tests' SQLite lives in memory, on one connection"
)
class TwoReallyAtOnce(TransactionTestCase):
    def at_once(self, *acts):
        """What each act gives, or the sentence with which it is refused."""
        together = Barrier(len(acts))

        def run(act):
            together.wait()
            try:
                return act()
            except ValidationError as error:
                return " ".join(error.messages)
            finally:
                connection.close()

        with ThreadPoolExecutor(len(acts)) as desks:
            return [each.result() for each in [desks.submit(run, act) for act in acts]]

    def test_of_two_who_stop_each_other_one_stays(self):
        cast = Cast()
        one, other = cast.secretariat, person("kusei-2", "secretariat", cast.isogo)
        answers = self.at_once(
            lambda: accounts.stop(User.objects.get(pk=other.pk), by=one, ward=cast.isogo),
            lambda: accounts.stop(User.objects.get(pk=one.pk), by=other, ward=cast.isogo),
        )
        self.assertEqual(answers.count(True), 1, answers)
        self.assertEqual(User.objects.filter(pk__in=[one.pk, other.pk], is_active=True).count(), 1)

    def test_one_new_number_typed_at_two_desks_is_one_person(self):
        cast = Cast()
        newcomer = accounts.Newcomer("a012345", "磯子 花子")
        today = timezone.localdate()

        def add(desk, by):
            return lambda: accounts.add_person(newcomer, desk, today, None, by=by)

        self.at_once(
            add(Desk("member", cast.isogo), cast.secretariat),
            add(Desk("member", cast.minami), cast.minami_secretariat),
        )
        self.assertEqual(User.objects.filter(username="a012345").count(), 1)
        self.assertEqual(Post.objects.filter(user__username="a012345").count(), 1)

    def test_a_post_handed_over_at_two_desks_goes_to_one(self):
        cast = Cast()
        today = timezone.localdate()

        def hand_over(to):
            post = cast.doboku_staff.posts.get()
            wanted = [Handover(post, to, seen=None)]
            return lambda: carry_out(wanted, today, by=cast.secretariat)

        self.at_once(hand_over(cast.chiiki_staff), hand_over(cast.fukushi_staff))
        held = Post.objects.held_now().filter(role="staff", section=cast.doboku)
        self.assertEqual(held.count(), 1)
