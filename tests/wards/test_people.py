"""The secretariat's list of accounts, and the passwords it gives out."""

import re

from django.test import TestCase, override_settings
from django.urls import reverse

from tests.cast import Cast
from wards.models import AccessRecord, Post, User


class People(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()

    def setUp(self):
        self.client.force_login(self.cast.secretariat)

    def reset(self, username):
        return self.client.post(reverse("person_reset", args=[username]))

    def test_the_secretariat_sees_the_people_of_its_ward_only(self):
        page = self.client.get(reverse("people"))
        self.assertContains(page, "doboku-staff")
        self.assertContains(page, "磯子土木事務所 担当者")
        self.assertNotContains(page, "minami-staff")
        self.assertNotContains(page, "without-post")

    def test_a_list_of_many_costs_no_more_than_one_of_few(self):
        self.client.get(reverse("people"))  # the first page of a session starts its clocks
        with self.assertNumQueries(6):
            self.client.get(reverse("people"))
        for n in range(10):
            user = User.objects.create(username=f"new-{n}")
            Post.objects.create(user=user, role="member", ward=self.cast.isogo)
        with self.assertNumQueries(6):
            self.client.get(reverse("people"))

    def test_a_new_password_is_shown_once_works_once_and_must_be_changed(self):
        page = self.reset("doboku-staff")
        password = re.search(r"[a-z2-9]{4}(-[a-z2-9]{4}){3}", page.content.decode()).group()
        again = self.client.get(reverse("person", args=["doboku-staff"]))
        self.assertNotContains(again, password)
        self.assertContains(again, "パスワードの再発行")
        staff = self.client_class()
        staff.post(reverse("login"), {"username": "doboku-staff", "password": password})
        self.assertRedirects(staff.get(reverse("kpis:home")), reverse("password_change"))

    def test_a_reset_frees_an_account_that_was_stopped(self):
        for _attempt in range(5):
            data = {"username": "doboku-staff", "password": "machigai"}
            self.client_class().post(reverse("login"), data)
        page = self.reset("doboku-staff")
        password = re.search(r"[a-z2-9]{4}(-[a-z2-9]{4}){3}", page.content.decode()).group()
        response = self.client_class().post(
            reverse("login"), {"username": "doboku-staff", "password": password}
        )
        self.assertEqual(response.status_code, 302)

    def test_a_reset_is_written_down_with_who_did_it(self):
        self.reset("doboku-staff")
        record = AccessRecord.objects.get(act="password_reset")
        self.assertEqual((record.user, record.by), (self.cast.doboku_staff, self.cast.secretariat))

    def test_somebody_who_also_works_in_another_ward_cannot_be_reset(self):
        Post.objects.create(user=self.cast.member, role="member", ward=self.cast.minami)
        self.assertContains(self.reset("member"), "別の区の仕事", status_code=403)
        page = self.client.get(reverse("person", args=["member"]))
        self.assertNotContains(page, "再発行する")

    def test_nor_the_secretariat_itself_nor_the_city(self):
        self.assertEqual(self.reset("secretariat").status_code, 403)
        self.assertEqual(self.reset("city").status_code, 404)

    def test_people_of_another_ward_cannot_be_told_to_exist(self):
        for name in ["minami-staff", "dare-mo-inai"]:
            self.assertEqual(self.reset(name).status_code, 404)
            response = self.client.get(reverse("person", args=[name]))
            self.assertEqual(response.status_code, 404)


class Messages(TestCase):
    def test_their_cookie_stays_below_the_path_of_the_product(self):
        client = self.client
        client.force_login(Cast().secretariat)
        with override_settings(SESSION_COOKIE_PATH="/unei/ayumi/"):
            said = client.get(reverse("hand_over"))
            self.assertEqual(said.cookies["messages"]["path"], "/unei/ayumi/")
            read = client.get(reverse("posts"))
            self.assertEqual(read.cookies["messages"]["path"], "/unei/ayumi/")
            self.assertEqual(read.cookies["messages"]["max-age"], 0)
