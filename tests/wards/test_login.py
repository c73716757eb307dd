"""Logging in and out: what people see, and what nobody can find out."""

from datetime import timedelta

from axes.models import AccessAttempt
from django.test import TestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from tests.cast import Cast
from wards.models import AccessRecord

PASSWORD = "hidamari-no-sakamichi"


class LogIn(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()
        cls.sato = cls.cast.doboku_staff
        cls.sato.set_password(PASSWORD)
        cls.sato.save()

    def log_in(self, password=PASSWORD, username="doboku-staff", **more):
        data = {"username": username, "password": password, **more}
        return self.client.post(reverse("login"), data)

    def fail(self, times, username="doboku-staff"):
        for _attempt in range(times):
            response = self.log_in("machigai", username)
        return response

    def test_the_right_password_opens_the_first_page(self):
        self.assertRedirects(self.log_in(), reverse("kpis:home"))

    def test_whoever_was_on_the_way_to_a_page_gets_there(self):
        going = reverse("password_change")
        response = self.client.get(going)
        self.assertRedirects(response, f"{reverse('login')}?next={going}")
        self.assertRedirects(self.log_in(next=going), going)

    def test_log_in_leads_to_no_other_host(self):
        response = self.log_in(next="https://example.com/")
        self.assertRedirects(response, reverse("kpis:home"))

    def test_log_in_does_not_lead_to_itself(self):
        again = f"{reverse('login')}?next={reverse('login')}"
        self.assertRedirects(self.log_in(next=reverse("login")), reverse("kpis:home"))
        self.assertRedirects(self.client.get(again), reverse("kpis:home"))

    def test_a_wrong_password_and_an_unknown_account_read_the_same(self):
        wrong = self.fail(1)
        unknown = self.fail(1, "dare-mo-inai")
        self.assertContains(wrong, "職員番号またはパスワードが違います。")
        self.assertContains(wrong, "あと4回まちがえると、15分間ログインできなくなります。")
        same = unknown.content.decode().replace("dare-mo-inai", "doboku-staff")
        self.assertEqual(without_tokens(wrong.content.decode()), without_tokens(same))

    def test_the_fifth_failure_stops_the_account_and_says_for_how_long(self):
        response = self.fail(5)
        self.assertEqual(response.status_code, 429)
        self.assertContains(response, "あと15分たってから", status_code=429)
        self.assertEqual(response["Retry-After"], "900")
        self.assertEqual(self.log_in().status_code, 429, "even with the right password")

    def test_trying_on_does_not_make_the_wait_longer(self):
        self.fail(5)
        AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=10))
        self.assertContains(self.log_in(), "あと5分たってから", status_code=429)
        AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=15))
        self.assertRedirects(self.log_in(), reverse("kpis:home"))

    def test_an_account_that_does_not_exist_is_stopped_just_the_same(self):
        self.assertEqual(self.fail(5, "dare-mo-inai").status_code, 429)

    def test_one_stopped_account_stops_nobody_else(self):
        self.fail(5, "chiiki-staff")
        self.assertRedirects(self.log_in(), reverse("kpis:home"))

    def test_after_log_in_people_read_when_they_were_here_last(self):
        self.log_in()
        self.client.post(reverse("logout"))
        self.fail(2)
        self.log_in()
        page = self.client.get(reverse("kpis:home"))
        self.assertContains(page, "前回のログインは")
        self.assertContains(page, "ログインの失敗が2回ありました。")

    def test_the_session_gets_a_new_key(self):
        self.client.get(reverse("set_language"))
        session = self.client.session
        session["x"] = 1
        session.save()
        before = session.session_key
        self.log_in()
        self.assertNotEqual(self.client.session.session_key, before)

    def test_somebody_who_left_cannot_log_in(self):
        self.sato.is_active = False
        self.sato.save()
        self.assertContains(self.log_in(), "職員番号またはパスワードが違います。")

    def test_a_demo_account_opens_only_a_demo(self):
        self.sato.is_demo = True
        self.sato.save()
        with override_settings(DEMO=False):
            self.assertContains(self.log_in(), "職員番号またはパスワードが違います。")
        with override_settings(DEMO=True):
            self.assertRedirects(self.log_in(), reverse("kpis:home"))

    def test_log_out_is_a_post_and_never_a_link(self):
        self.log_in()
        self.assertEqual(self.client.get(reverse("logout")).status_code, 405)
        self.assertRedirects(self.client.post(reverse("logout")), reverse("login"))
        self.assertRedirects(self.client.post(reverse("logout")), reverse("login"))

    def test_what_happened_is_written_down_but_not_what_was_typed(self):
        self.fail(1)
        self.fail(1, PASSWORD)  # the password in the wrong field
        self.log_in()
        self.client.post(reverse("logout"))
        acts = AccessRecord.objects.order_by("id").values_list("user__username", "act")
        self.assertEqual(
            list(acts),
            [
                ("doboku-staff", "failed"),
                (None, "failed"),
                ("doboku-staff", "logged_in"),
                ("doboku-staff", "logged_out"),
            ],
        )
        self.assertFalse(AccessRecord.objects.filter(detail__contains=PASSWORD).exists())

    def test_the_page_comes_in_english(self):
        response = self.client.get(reverse("login"), headers={"accept-language": "en"})
        self.assertContains(response, '<html lang="en"')

    def test_odd_input_is_a_plain_failure(self):
        for odd in ["\x00", "あ" * 5000, "' OR 1=1 --", " "]:
            with self.subTest(odd=odd[:10]):
                response = self.log_in(odd, odd)
                self.assertEqual(response.status_code, 200)

    def test_a_session_that_no_database_can_look_for_is_none(self):
        self.client.cookies["sessionid"] = "kono-kuni\x00-no-kata"
        home = reverse("kpis:home")
        self.assertRedirects(self.client.get(home), f"{reverse('login')}?next={home}")


class FirstPassword(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()
        cls.sato = cls.cast.doboku_staff
        cls.sato.set_password("abcd-efgh-jkmn-pqrs")
        cls.sato.must_change_password = True
        cls.sato.save()

    def setUp(self):
        self.client.post(
            reverse("login"), {"username": "doboku-staff", "password": "abcd-efgh-jkmn-pqrs"}
        )

    def change(self, new, again=None, old="abcd-efgh-jkmn-pqrs"):
        data = {"old_password": old, "new_password1": new, "new_password2": again or new}
        return self.client.post(reverse("password_change"), data)

    def test_nothing_else_opens_before_the_password_is_ones_own(self):
        self.assertRedirects(self.client.get(reverse("kpis:home")), reverse("password_change"))
        self.assertRedirects(self.client.post(reverse("kpis:home")), reverse("password_change"))
        self.assertContains(
            self.client.get(reverse("password_change")), "はじめに、ご自分のパスワード"
        )

    def test_a_good_password_opens_the_first_page(self):
        response = self.change(PASSWORD)
        self.assertEqual(response["Location"], reverse("kpis:home"))
        self.assertContains(self.client.get(response["Location"]), "パスワードを変更しました。")

    def test_the_password_that_was_handed_out_cannot_be_kept(self):
        self.assertContains(self.change("abcd-efgh-jkmn-pqrs"), "いまと同じパスワードです。")

    def test_what_is_refused_says_why(self):
        self.assertContains(self.change("mijikai"), "短すぎます。12文字以上にしてください。")
        self.assertContains(self.change("doboku-staff"), "ご自分の番号や名前に似ています。")
        self.assertContains(self.change("1234567890"), "よく使われているパスワードです。")
        self.assertContains(self.change("718281828459"), "数字だけです。")
        self.assertContains(self.change(PASSWORD, PASSWORD + "x"), "一致しません")
        self.assertContains(self.change(PASSWORD, old="chigau"), "いまのパスワードが違います")
        self.sato.refresh_from_db()
        self.assertTrue(self.sato.must_change_password)

    def test_a_new_password_ends_the_sessions_that_were_open_elsewhere(self):
        elsewhere = self.client_class()
        elsewhere.force_login(self.sato)
        self.change(PASSWORD)
        response = elsewhere.get(reverse("kpis:home"))
        self.assertRedirects(response, f"{reverse('login')}?next={reverse('kpis:home')}")


class SessionEnds(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()

    def setUp(self):
        self.client.force_login(self.cast.doboku_staff)
        self.client.get(reverse("kpis:home"))

    def later(self, **clocks):
        """Sets the session's clocks back by so many minutes."""
        session = self.client.session
        for name, minutes in clocks.items():
            session[name] -= minutes * 60
        session.save()

    def test_two_idle_hours_end_it_and_log_in_returns_to_the_page(self):
        self.later(seen=120)
        response = self.client.get(reverse("password_change"))
        self.assertEqual(response["Location"], f"/login/?next={reverse('password_change')}")
        self.assertContains(self.client.get("/login/"), "しばらく操作がなかったため")

    def test_ten_hours_end_it_however_busy(self):
        self.later(started=600)
        self.assertEqual(self.client.get(reverse("kpis:home")).status_code, 302)

    def test_reading_on_keeps_it_open(self):
        self.later(seen=119)
        self.assertEqual(self.client.get(reverse("kpis:home")).status_code, 200)
        self.later(seen=119)
        self.assertEqual(self.client.get(reverse("kpis:home")).status_code, 200)

    def test_reading_a_page_costs_session_person_and_posts_and_no_write(self):
        with self.assertNumQueries(3):
            self.client.get(reverse("password_change"))

    def test_what_was_being_sent_comes_back_to_whoever_sent_it(self):
        self.later(seen=120)
        response = self.client.post(
            reverse("kpis:home"),
            {"note": "11月に集中実施", "old_password": "himitsu"},
            headers={"referer": "http://testserver/people/"},
        )
        self.assertContains(response, "11月に集中実施", status_code=403)
        self.assertContains(response, "/login/?next=%2Fpeople%2F", status_code=403)
        self.assertNotContains(response, "himitsu", status_code=403)
        self.assertIn("no-store", response["Cache-Control"])

    def test_pages_of_a_logged_in_person_stay_in_no_cache(self):
        response = self.client.get(reverse("kpis:home"))
        self.assertIn("no-store", response["Cache-Control"])
        self.assertIn("private", response["Cache-Control"])


def without_tokens(page: str) -> list[str]:
    """A page's lines without the CSRF token, which is new on every page."""
    return [line for line in page.splitlines() if "csrfmiddlewaretoken" not in line]


class AnOldToken(TestCase):
    """Somebody logged in again in another tab: the form of the first has a token of before."""

    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()

    def send(self, **headers):
        client = self.client_class(enforce_csrf_checks=True)
        client.force_login(self.cast.doboku_staff)
        typed = {
            "csrfmiddlewaretoken": "a" * 64,
            "version": "731",
            "note": "<2月>まで",
            "reason": "",
        }
        return client.post(reverse("kpis:home"), typed, headers=headers)

    def test_what_was_typed_comes_back_with_the_way_to_its_page(self):
        page = self.send(origin="http://testserver", referer="http://testserver/password/")
        self.assertContains(page, "この送信は受け付けませんでした", status_code=403)
        self.assertContains(page, "&lt;2月&gt;まで</textarea>", status_code=403)
        self.assertContains(page, 'href="/password/"', status_code=403)
        self.assertNotContains(page, "731", status_code=403)  # nobody typed a version
        self.assertIn("no-store", page["Cache-Control"])

    def test_what_another_site_sends_is_not_shown(self):
        for headers in ({"origin": "https://elsewhere.example"}, {"origin": "null"}, {}):
            page = self.send(**headers)
            self.assertContains(page, "この送信は受け付けませんでした", status_code=403)
            self.assertNotContains(page, "2月", status_code=403)
