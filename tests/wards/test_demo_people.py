"""The demo's accounts: posts with a known password, where a demo was asked for and nowhere else."""

from io import BytesIO, StringIO, TextIOWrapper

from django.core.management import CommandError, call_command
from django.test import TestCase, override_settings

from wards.demo import PASSWORD
from wards.models import Post, Section, User, Ward
from wards.permissions import access_of


@override_settings(DEMO=True)
class DemoPeople(TestCase):
    def create(self):
        out = StringIO()
        call_command("create_demo_people", stdout=out)
        return out.getvalue()

    def test_the_table_names_each_account_and_the_password(self):
        table = self.create()
        self.assertIn("isogo-doboku-staff", table)
        self.assertIn("磯子土木事務所 担当者", table)
        self.assertIn(PASSWORD, table)
        for account in User.objects.filter(is_demo=True):
            self.assertIn(account.username, table)

    def test_each_is_a_post_in_a_ward_and_no_person(self):
        self.create()
        staff = User.objects.get(username="isogo-doboku-staff")
        post = staff.posts.get()
        self.assertEqual((post.ward.name, post.section.name), ("磯子区", "磯子土木事務所"))
        self.assertEqual((staff.first_name, staff.last_name), ("", ""))
        self.assertTrue(staff.check_password(PASSWORD))
        self.assertFalse(staff.must_change_password)
        held = set(Post.objects.values_list("ward__name", "role").distinct())
        for ward in ["磯子区", "南区", "泉区", "港北区", "西区"]:
            for role in ["staff", "head", "secretariat", "member", "manager", "auditor"]:
                self.assertIn((ward, role), held)

    def test_a_second_time_changes_nothing_that_somebody_changed(self):
        self.create()
        staff = User.objects.get(username="isogo-doboku-staff")
        staff.set_password("jibun-de-kaeta-mono")
        staff.display_name = "自分の名前"
        staff.save()
        posts = Post.objects.count()
        self.create()
        staff.refresh_from_db()
        self.assertTrue(staff.check_password("jibun-de-kaeta-mono"))
        self.assertEqual(staff.display_name, "自分の名前")
        self.assertEqual(Post.objects.count(), posts)

    def test_sections_that_a_policy_brought_are_used_and_get_their_department(self):
        ward = Ward.objects.get(code="14107")
        section = Section.objects.create(ward=ward, name="磯子土木事務所")
        self.create()
        section.refresh_from_db()
        self.assertEqual(section.department, "土木事務所")
        self.assertEqual(Section.objects.filter(ward=ward, name="磯子土木事務所").count(), 1)

    @override_settings(DEMO=False)
    def test_refused_where_no_demo_was_asked_for(self):
        with self.assertRaisesMessage(CommandError, "DEMO=on"):
            self.create()
        self.assertFalse(User.objects.exists())

    def test_what_is_left_of_a_demo_opens_nothing_outside_it(self):
        self.create()
        staff = User.objects.get(username="isogo-kusei-secretariat")
        self.assertTrue(access_of(User.objects.get(pk=staff.pk)).ward_ids)
        with override_settings(DEMO=False):
            self.assertFalse(access_of(User.objects.get(pk=staff.pk)).ward_ids)


class AddPerson(TestCase):
    def add(self, *args, **options):
        out = StringIO()
        call_command("add_person", *args, stdout=out, **options)
        return out.getvalue()

    def test_a_first_account_gets_a_password_for_one_log_in(self):
        text = self.add("a012345", name="区政推進課　係員", role="secretariat", ward="14107")
        person = User.objects.get(username="a012345")
        self.assertTrue(person.must_change_password)
        self.assertTrue(person.check_password(text.split()[-1]))
        self.assertEqual(person.posts.get().role, "secretariat")

    def test_a_second_post_leaves_the_account_alone(self):
        self.add("a012345", role="secretariat", ward="14107")
        before = User.objects.get(username="a012345").password
        self.assertNotIn("Password", self.add("a012345", role="member", ward="14107"))
        self.assertEqual(User.objects.get(username="a012345").password, before)

    def test_what_cannot_be_a_post_is_refused_whole(self):
        for options in [
            {"role": "secretariat"},
            {"role": "city", "ward": "14107"},
            {"role": "staff", "ward": "14107"},
            {"role": "staff", "ward": "14107", "section": "ない課"},
            {"role": "member", "ward": "99999"},
            {"role": "member", "ward": "14107", "department": "総務部"},
            {"role": "member", "ward": "14107", "section": "総務課"},
            {"role": "city", "name": "\udce7"},
        ]:
            with self.subTest(options), self.assertRaises(CommandError) as refused:
                self.add("a012345", **options)
            self.assertNotIn("post_", str(refused.exception), "the name of a constraint")
        for username in ("..", "a b", "\udcff"):
            with self.subTest(username), self.assertRaises(CommandError):
                self.add(username, role="city")
        self.assertFalse(User.objects.exists())

    def test_a_post_is_held_once(self):
        self.add("a012345", role="city")
        with self.assertRaisesMessage(CommandError, "holds that post already"):
            self.add("a012345", role="city")
        self.assertEqual(User.objects.get().posts.count(), 1)

    def test_a_terminal_that_knows_no_japanese_still_gets_the_password(self):
        terminal = TextIOWrapper(BytesIO(), encoding="ascii")
        Section.objects.create(ward=Ward.objects.get(code="14107"), name="総務課")
        options = {"role": "staff", "ward": "14107", "section": "総務課"}
        call_command("add_person", "a012345", stdout=terminal, **options)
        terminal.flush()
        said = terminal.buffer.getvalue().decode()
        self.assertTrue(User.objects.get().check_password(said.split()[-1]))
