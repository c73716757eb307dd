"""Members and sections hear of what concerns them, once, in one letter."""

from datetime import timedelta
from io import StringIO

from django.core import mail
from django.core.management import CommandError, call_command
from django.test import TestCase, override_settings
from django.utils import timezone

from reviews.models import Notice, ReviewRecord, Round
from reviews.notices import pending, rounds_at_work
from reviews.workflow import move_round
from tests.reviews.cast import CommitteeCast
from wards.models import User

DECIDED = {"view": "続けます。", "disposition": "done"}


@override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend")
class Notices(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = CommitteeCast()
        cls.member = cls.cast.member
        User.objects.filter(pk=cls.member.pk).update(email="member@ayumi.example")
        User.objects.filter(username="doboku-staff").update(email="doboku@ayumi.example")
        cls.paper = cls.cast.seat("委員（地域代表）2", "area")
        cls.cast.open()

    def told(self) -> dict[str, list[str]]:
        """Subjects by address, of what is sent now."""
        mail.outbox.clear()
        call_command("send_notices", stdout=StringIO())
        found: dict[str, list[str]] = {}
        for letter in mail.outbox:
            found.setdefault(letter.to[0], []).append(letter.subject)
        return found

    def at(self, item, state):
        """The item was moved there just now."""
        item.state = state
        item.save()
        ReviewRecord.objects.create(
            ward=self.cast.isogo,
            round=self.cast.round,
            item=item,
            act=f"item_{state}",
            changed={"state": ["", state]},
            by_name="事務局",
        )

    def test_members_hear_of_the_opening_once(self):
        told = self.told()
        self.assertEqual(sorted(told), ["expert@ayumi.example", "member@ayumi.example"])
        self.assertIn("意見の受付を始めました", told["member@ayumi.example"][0])
        self.assertIn("/14107/2020/review/H1/read/", mail.outbox[0].body)
        self.assertEqual(self.told(), {})

    def test_who_has_no_address_is_named(self):
        said = StringIO()
        call_command("send_notices", "--dry-run", stdout=said)
        self.assertIn("アドレスなし：委員（地域代表）2", said.getvalue())
        self.assertEqual(mail.outbox, [])
        self.assertFalse(Notice.objects.exists())

    def test_who_has_read_all_is_not_pressed_before_the_closing_date(self):
        self.told()
        Round.objects.update(due=timezone.localdate() + timedelta(days=2))
        for key in ("p05", "p07", "p20"):
            self.cast.area_member.read_marks.create(
                round=self.cast.round, key=key, at=timezone.now()
            )
        told = self.told()
        self.assertEqual(list(told), ["expert@ayumi.example"])
        self.assertIn("締切が近づいています", told["expert@ayumi.example"][0])

    def test_a_round_that_is_reopened_is_told_anew(self):
        self.told()
        Notice.objects.update(day=timezone.localdate() - timedelta(days=9))
        self.cast.close()
        self.assertEqual(self.told(), {})
        move_round(self.cast.round, "reopen", by=self.cast.secretariat, reason="追加")
        self.assertEqual(len(self.told()), 2)

    def test_a_section_gets_one_letter_about_all_that_it_has_to_answer(self):
        comments = [self.cast.comment(self.cast.area_member, f"意見{n}") for n in range(3)]
        items = [self.cast.item(each, section=self.cast.doboku) for each in comments]
        self.told()
        for item in items[:2]:
            self.at(item, "asked")
        told = self.told()
        self.assertEqual(list(told), ["doboku@ayumi.example"])
        self.assertIn("意見2件への回答", told["doboku@ayumi.example"][0])
        self.at(items[2], "asked")
        self.assertIn("意見1件への回答", self.told()["doboku@ayumi.example"][0])

    def test_what_is_returned_and_released_goes_to_whom_it_concerns(self):
        item = self.cast.item(
            self.cast.comment(self.cast.area_member, "成果は"), section=self.cast.doboku, **DECIDED
        )
        self.told()
        self.cast.close()
        self.at(item, "returned")
        self.assertEqual(list(self.told()), ["doboku@ayumi.example"])
        self.at(item, "released")
        told = self.told()
        self.assertEqual(sorted(told), ["expert@ayumi.example", "member@ayumi.example"])
        self.assertIn("区の考え方を公開しました（1件）", told["expert@ayumi.example"][0])

    def test_the_publication_is_told(self):
        self.told()
        self.cast.close()
        self.cast.publish()
        self.assertIn("公表しました", self.told()["member@ayumi.example"][0])

    def test_a_letter_that_failed_is_tried_again(self):
        with override_settings(EMAIL_BACKEND="tests.reviews.test_notices.Refusing"):
            with self.assertRaisesMessage(CommandError, "2通を送れませんでした"):
                call_command("send_notices", stdout=StringIO(), stderr=StringIO())
            states = Notice.objects.values_list("state", flat=True)
            self.assertEqual(set(states), {Notice.State.FAILED})
        self.assertEqual(len(self.told()), 2)

    def test_without_a_mail_server_nothing_is_recorded(self):
        with (
            override_settings(EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend"),
            self.assertRaisesMessage(CommandError, "EMAIL_URL"),
        ):
            call_command("send_notices", stdout=StringIO())
        self.assertFalse(Notice.objects.exists())

    def test_asks_as_often_for_many_as_for_few(self):
        self.cast.item(
            self.cast.comment(self.cast.expert, "意見"), section=self.cast.doboku, state="asked"
        )
        few = self.queries()
        for n in range(30):
            self.cast.seat(f"委員{n}", "public", email=f"m{n}@ayumi.example")
            self.cast.item(
                self.cast.comment(self.cast.expert, f"意見{n}"),
                section=self.cast.doboku,
                state="asked",
            )
        self.assertEqual(self.queries(), few)

    def queries(self) -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as asked:
            pending(rounds_at_work(), timezone.localdate())
        return len(asked)

    def test_the_page_says_what_goes_to_whom_and_sends_it(self):
        self.client.force_login(self.cast.secretariat)
        url = self.cast.round.address("notices")
        page = self.client.get(url).content.decode()
        self.assertIn("expert@ayumi.example", page)
        self.assertIn("2通を送る", page)
        self.assertContains(self.client.post(url, follow=True), "お知らせを2通送りました。")
        self.assertContains(self.client.get(url), "送るお知らせはありません。")

    def test_nobody_else_sends(self):
        for who, status in (("member", 403), ("doboku_staff", 403), ("minami_secretariat", 404)):
            self.client.force_login(getattr(self.cast, who))
            with self.subTest(who=who):
                answer = self.client.post(self.cast.round.address("notices"))
                self.assertEqual(answer.status_code, status)
        self.assertEqual(mail.outbox, [])


class Refusing:
    """A mail server that takes no letter."""

    def __init__(self, **options):
        pass

    def open(self):
        return True

    def close(self):
        pass

    def send_messages(self, letters):
        raise ConnectionRefusedError("refused")
