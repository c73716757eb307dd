"""Reminders: who is written to on which day, what stands in the letter, and that it goes once."""

import io
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from unittest import skipUnless
from unittest.mock import patch

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import TransactionTestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from kpis.models import (
    Actual,
    Change,
    Kind,
    Period,
    Policy,
    Reminder,
    ReminderPlan,
    ReminderText,
)
from kpis.owing import sheets_in
from kpis.reminder_texts import DEFAULTS, PLACEHOLDERS, fill, one_line, unknown
from kpis.reminders import due_today, kind_for, send
from tests.cast import Cast, person, section
from tests.kpis.pages import text_of
from wards.models import Post, User

pytestmark = pytest.mark.django_db

DUE = date(2021, 4, 30)  # of the second half; a Friday


def days(n: int) -> date:
    """So many days after the due date; before it where negative."""
    return DUE + timedelta(days=n)


@pytest.fixture
def cast():
    """Everybody but the welfare section's staff has an e-mail address."""
    cast = Cast()
    with_address(cast)
    return cast


def with_address(cast):
    for user in (cast.doboku_staff, cast.doboku_head, cast.chiiki_staff, cast.secretariat):
        user.email = f"{user.username}@isogo.example"
        user.save()


def run(day: date | None = None, *arguments, **options) -> str:
    """What manage.py send_reminders prints."""
    out, err = io.StringIO(), io.StringIO()
    at = [f"--date={day}"] if day else []
    try:
        call_command("send_reminders", *arguments, *at, stdout=out, stderr=err, **options)
    finally:
        run.printed = out.getvalue() + err.getvalue()
    return run.printed


def went_to() -> list[str]:
    """To whom letters went since it was asked last."""
    found = sorted(letter.to[0].partition("@")[0] for letter in mail.outbox)
    mail.outbox.clear()
    return found


class TestWhen:
    def test_a_week_before_the_day_before_on_the_day_and_every_third_day_after(self, cast):
        heard = {}
        for n in range(-10, 8):
            run(days(n))
            if "chiiki-staff" in went_to():
                heard[n] = Reminder.objects.filter(user=cast.chiiki_staff).latest("day").kind
        assert heard == {
            -7: "before", -1: "before", 0: "due", 3: "late", 6: "late",
        }  # fmt: skip

    def test_a_day_on_which_nothing_ran_is_made_up_for(self, cast):
        run(days(-5))
        assert "chiiki-staff" in went_to()
        run(days(-4))
        assert went_to() == []
        run(days(1))  # nothing ran on the day itself
        assert "chiiki-staff" in went_to()

    def test_the_head_hears_of_it_once_it_is_late(self, cast):
        run(days(0))
        assert went_to() == ["chiiki-staff", "doboku-staff"]
        run(days(3))
        assert went_to() == ["chiiki-staff", "doboku-head", "doboku-staff"]

    def test_the_head_hears_of_everything_where_no_staff_can_be_reached(self, cast):
        User.objects.filter(pk=cast.doboku_staff.pk).update(email="")
        run(days(-7))
        assert went_to() == ["chiiki-staff", "doboku-head"]

    def test_who_handed_in_everything_hears_nothing(self, cast):
        cast.entered(cast.nurseries, cast.second_half, 33, state="submitted")
        run(days(0))
        assert went_to() == ["doboku-staff"]

    def test_a_returned_sheet_is_told_of_at_once_and_every_third_day(self, cast):
        cast.entered(cast.nurseries, cast.second_half, 33, state="returned")
        heard = []
        for n in range(-30, -20):
            run(days(n))
            heard += [n] * len(went_to())
        assert heard == [-30, -27, -24, -21]
        assert set(Reminder.objects.values_list("kind", flat=True)) == {"returned"}

    def test_the_head_hears_of_what_waits_also_once_the_period_is_closed(self, cast):
        cast.entered(cast.patrols, cast.second_half, 550, state="submitted")
        Period.objects.filter(pk=cast.second_half.pk).update(state="closed")
        run(days(20))
        assert went_to() == ["doboku-head"]
        assert Reminder.objects.get().kind == Kind.WAITING

    def test_a_closed_period_is_asked_for_no_more(self, cast):
        Period.objects.filter(pk=cast.second_half.pk).update(state="closed")
        run(days(3))
        assert went_to() == []

    def test_a_policy_that_is_a_draft_and_a_ward_that_wants_none_send_none(self, cast):
        ReminderPlan.objects.create(ward=cast.isogo, is_on=False)
        run(days(0))
        ReminderPlan.objects.all().delete()
        Policy.objects.filter(pk=cast.policy.pk).update(state="draft")
        run(days(0))
        assert went_to() == []

    def test_the_ward_chooses_its_days(self, cast):
        ReminderPlan.objects.create(ward=cast.isogo, before_days=[14], on_due=False, late_every=0)
        heard = []
        for n in range(-20, 10):
            run(days(n))
            heard += [n] * ("chiiki-staff" in went_to())
        assert heard == [-14]

    def test_a_nudge_counts_as_the_reminder_of_the_day_and_of_those_to_come(self, cast):
        (sheet, *_rest) = sheets_in([cast.second_half], {cast.policy.pk: cast.policy})
        plan = ReminderPlan(ward=cast.isogo)
        nudged = [(Kind.NUDGE, days(2))]
        who = {"confirms": False, "enters": True}
        assert kind_for(sheet, plan, days(4), nudged, **who) == ""
        assert kind_for(sheet, plan, days(5), nudged, **who) == Kind.LATE

    def test_only_the_ward_that_was_named(self, cast):
        run(days(0), "南区")
        assert went_to() == []
        run(days(0), "14107")
        assert went_to() == ["chiiki-staff", "doboku-staff"]


class TestToWhom:
    def test_former_future_and_disabled_people_and_the_neighbours_hear_nothing(self, cast):
        for name, post in [
            ("was-here", {"ends": date(2021, 3, 31)}),
            ("will-come", {"starts": date(2021, 5, 1)}),
            ("has-left", {}),
        ]:
            who = person(name, Post.Role.STAFF, cast.isogo, cast.chiiki, **post)
            User.objects.filter(pk=who.pk).update(
                email=f"{name}@isogo.example", is_active=name != "has-left"
            )
        User.objects.filter(pk=cast.minami_staff.pk).update(email="minami@minami.example")
        run(days(0))
        assert went_to() == ["chiiki-staff", "doboku-staff"]

    def test_demo_accounts_are_nobodys_where_there_is_no_demo(self, cast, settings):
        User.objects.filter(pk=cast.chiiki_staff.pk).update(is_demo=True)
        run(days(0))
        assert went_to() == ["doboku-staff"]
        settings.DEMO = True
        run(days(0))
        assert went_to() == ["chiiki-staff"]

    def test_who_works_for_a_merged_section_finishes_its_year(self, cast):
        new = section(cast.isogo, "地域協働課")
        cast.chiiki.successor = new
        cast.chiiki.save()
        Post.objects.filter(user=cast.chiiki_staff).update(section=new)
        run(days(0))
        assert went_to() == ["chiiki-staff", "doboku-staff"]

    def test_one_letter_a_person_about_all_their_sheets(self, cast):
        Post.objects.create(
            user=cast.chiiki_staff, role="staff", ward=cast.isogo, section=cast.doboku
        )
        run(days(0))
        (letter,) = [each for each in mail.outbox if each.to == ["chiiki-staff@isogo.example"]]
        assert letter.subject.endswith("（ほか1件）")
        assert "地域振興課" in letter.body
        assert "磯子土木事務所" in letter.body
        assert Reminder.objects.filter(user=cast.chiiki_staff).count() == 2

    def test_staff_and_head_in_one_person_get_one_letter(self, cast):
        Post.objects.create(
            user=cast.doboku_staff, role="head", ward=cast.isogo, section=cast.doboku
        )
        cast.target(cast.flood, "p05-t2", "水防訓練", value=2)
        cast.entered(cast.patrols, cast.second_half, 550, state="submitted")
        run(days(0))
        assert went_to().count("doboku-staff") == 1
        assert Reminder.objects.get(user=cast.doboku_staff).kind == Kind.DUE

    def test_who_has_no_address_is_named(self, cast):
        printed = run(days(0))
        assert re.search("アドレスなし：fukushi-staffさん: 磯子区 福祉保健課", printed)

    def test_an_address_that_is_none_is_as_good_as_none(self, cast):
        User.objects.filter(pk=cast.chiiki_staff.pk).update(
            email="chiiki@isogo.example\nBcc: all@isogo.example"
        )
        assert "アドレスなし：chiiki-staffさん" in run(days(0))
        assert went_to() == ["doboku-staff"]


class TestLetter:
    def test_it_says_what_is_missing_until_when_and_where(self, cast, settings):
        settings.SITE_URL = "https://ayumi.isogo.example"
        run(days(-7))
        (letter,) = [each for each in mail.outbox if "chiiki" in each.to[0]]
        assert letter.subject == (
            "【磯子区 運営方針】下半期（10–3月）の実績入力のお願い（期限 4月30日（金））"
        )
        japanese, english = letter.body.split("----- English -----")
        assert japanese.startswith("chiiki-staffさん 様\n\n地域振興課の下半期（10–3月）の実績")
        assert "4月30日（金）（あと7日）" in japanese
        assert "1件（未入力1件）" in japanese
        assert "https://ayumi.isogo.example/wards/14107/2020/" in japanese
        assert "{" not in letter.body
        assert "Isogo Ward" not in japanese
        assert "are due soon" in english
        assert letter.from_email == "ayumi@localhost"

    def test_the_parts_of_what_is_owed_add_up_to_it(self, cast):
        cast.entered(cast.patrols, cast.second_half, 550, state="submitted")
        cast.target(cast.flood, "p05-t9", "土のうステーションの設置", value=2, unit="か所")
        run(days(-7))
        (letter,) = [each for each in mail.outbox if "doboku-staff" in each.to[0]]
        assert "未提出　　：1件（未入力1件）" in letter.body
        assert "Not handed in:   1 (Not entered: 1)" in letter.body

    def test_a_ward_may_do_without_english(self, cast):
        ReminderPlan.objects.create(ward=cast.isogo, with_english=False)
        run(days(-7))
        assert all("English" not in each.body for each in mail.outbox)

    def test_what_the_ward_wrote_is_what_goes_out(self, cast):
        ReminderText.objects.create(
            ward=cast.isogo, kind="due", language="ja", subject="{period}は本日まで", body="{link}"
        )
        run(days(0))
        assert {each.subject for each in mail.outbox} == {"下半期（10–3月）は本日まで"}

    def test_no_name_begins_a_second_line_of_the_head(self, cast):
        cast.chiiki.name = "地域振興課\r\nBcc: all@isogo.example"
        cast.chiiki.save()
        ReminderText.objects.create(
            ward=cast.isogo, kind="due", language="ja", subject="{section}", body="{link}"
        )
        run(days(0))
        (letter,) = [each for each in mail.outbox if "chiiki" in each.to[0]]
        assert letter.subject == "地域振興課 Bcc: all@isogo.example"
        assert "Bcc" not in letter.message()


class TestTexts:
    def test_the_defaults_know_what_they_name(self):
        assert set(DEFAULTS) == {(kind, lang) for kind in Kind.values for lang in ("ja", "en")}
        for text in DEFAULTS.values():
            assert unknown(text.subject) == unknown(text.body) == []
            assert "\n" not in text.subject

    def test_a_name_is_looked_up_and_never_evaluated(self):
        sly = "{section.__class__} {0} {section!r} { due } ｛due｝ {} {left"
        assert fill(sly, {"due": "4月30日", "section": "課"}) == (
            "{section.__class__} {0} {section!r} 4月30日 4月30日 {} {left"
        )
        assert unknown(sly) == ["{section.__class__}", "{0}", "{section!r}", "{}"]

    def test_what_is_filled_in_is_not_read_again(self):
        values = dict.fromkeys(PLACEHOLDERS, "{due}")
        assert fill("{section}", values) == "{due}"

    def test_a_subject_is_one_line(self):
        assert one_line("a\r\nb\u2028c\x00d\te") == "a b c d e"


class TestOnce:
    def test_a_second_run_of_the_day_sends_nothing(self, cast):
        run(days(0))
        assert len(went_to()) == 2
        assert "本日送信済み" in run(days(0))
        assert went_to() == []

    def test_a_dry_run_sends_and_keeps_nothing(self, cast):
        printed = run(days(0), "--dry-run")
        assert "送信予定：chiiki-staffさん <chiiki-staff@isogo.example>" in printed
        assert "地域振興課 下半期（10–3月） 期限の日 1件" in printed
        assert (mail.outbox, Reminder.objects.count()) == ([], 0)

    def test_a_dry_run_names_who_had_a_letter_today_as_the_run_will(self, cast):
        with failing_for("chiiki"), pytest.raises(CommandError):
            run(days(0))
        printed = run(days(0), "--dry-run")
        assert "送信予定：chiiki-staffさん" in printed  # failed, and is tried again
        assert "本日送信済み：doboku-staffさん" in printed
        assert "に送るメールは1通です" in printed
        mail.outbox.clear()
        run(days(0))
        assert went_to() == ["chiiki-staff"]

    def test_one_recipient_that_fails_keeps_nobody_else_back(self, cast):
        with failing_for("chiiki"), pytest.raises(CommandError, match="1通を送れませんでした"):
            run(days(0))
        assert went_to() == ["doboku-staff"]
        assert "失敗：chiiki-staffさん" in run.printed
        line = Reminder.objects.get(user=cast.chiiki_staff)
        assert (line.state, "550" in line.failure) == ("failed", True)
        run(days(0))  # tried again the same day
        assert went_to() == ["chiiki-staff"]
        line.refresh_from_db()
        assert (line.state, line.failure) == ("sent", "")

    def test_what_failed_does_not_count_as_sent_on_a_later_day(self, cast):
        with failing_for("chiiki"), pytest.raises(CommandError):
            run(days(-7))
        mail.outbox.clear()
        run(days(-6))
        assert went_to() == ["chiiki-staff"]

    def test_a_server_that_does_not_answer_is_said_and_nothing_is_recorded(self, cast):
        with (
            patch.object(EmailBackend, "open", side_effect=ConnectionRefusedError("refused")),
            pytest.raises(CommandError, match="メールサーバーにつながらない"),
        ):
            run(days(0))
        assert not Reminder.objects.exists()

    def test_a_server_that_goes_away_in_between(self, cast):
        gone = SMTPServerDisconnected("gone")
        with (
            patch.object(EmailBackend, "send_messages", side_effect=gone),
            pytest.raises(CommandError, match="2通を送れませんでした"),
        ):
            run(days(0))
        assert set(Reminder.objects.values_list("state", flat=True)) == {"failed"}

    def test_a_run_that_was_killed_is_taken_over_after_a_while(self, cast):
        run(days(0))
        mail.outbox.clear()
        line = Reminder.objects.filter(user=cast.chiiki_staff)
        line.update(state="sending", at=timezone.now())
        run(days(0))
        assert went_to() == []  # another run may still be at it
        line.update(at=timezone.now() - timedelta(minutes=16))
        run(days(0))
        assert went_to() == ["chiiki-staff"]

    def test_without_e_mail_it_says_so_and_ends_badly(self, cast, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
        with pytest.raises(CommandError, match="EMAIL_URL"):
            run(days(0))
        assert not Reminder.objects.exists()
        assert "送信予定" in run(days(0), "--dry-run")

    def test_an_odd_day_or_ward_is_named(self, cast):
        for arguments in (["--date=きのう"], ["霞区"]):
            with pytest.raises(CommandError):
                run(None, *arguments)

    def test_it_costs_the_same_for_many_sections(self, cast):
        with CaptureQueriesContext(connection) as few:
            due_today(days(0))
        for n in range(8):
            desk = section(cast.isogo, f"{n}課")
            person(f"staff-{n}", Post.Role.STAFF, cast.isogo, desk)
            cast.target(cast.project(f"p4{n}", "", f"事業{n}", desk), f"p4{n}-t1", "目標", value=1)
        with CaptureQueriesContext(connection) as many:
            due_today(days(0))
        assert len(few) == len(many) <= 10


def failing_for(name: str):
    """A mail server that refuses one recipient."""
    deliver = EmailBackend.send_messages

    def send_messages(self, messages):
        for message in messages:
            if name in message.to[0]:
                raise SMTPRecipientsRefused({message.to[0]: (550, b"no such user")})
        return deliver(self, messages)

    return patch.object(EmailBackend, "send_messages", send_messages)


def test_two_runs_that_found_the_same_letters_send_each_once(cast):
    letters, _without = due_today(days(0))
    assert len(send(letters, by=None, day=days(0)).sent) == 2
    second = send(letters, by=None, day=days(0))
    assert (len(second.sent), len(second.already)) == (0, 2)
    assert len(mail.outbox) == 2


@skipUnless(
    connection.vendor == "postgresql", "the tests' SQLite lives in memory, on one connection"
)
class TwoRunsAtOnce(TransactionTestCase):
    def test_each_letter_goes_out_once(self):
        cast = Cast()
        with_address(cast)
        letters, _without = due_today(days(0))
        mail.outbox.clear()

        def at_once(_n):
            try:
                outcome = send(letters, by=None, day=days(0))
            finally:
                connection.close()
            return len(outcome.sent)

        with ThreadPoolExecutor(4) as runs:
            sent = sum(runs.map(at_once, range(4)))
        self.assertEqual(sent, len(letters))
        self.assertEqual(len(mail.outbox), len(letters))
        self.assertEqual(Reminder.objects.count(), len(letters))


class TestNudge:
    @pytest.fixture(autouse=True)
    def two_days_late(self, cast):
        at = timezone.localdate() - timedelta(days=2)
        Period.objects.filter(pk=cast.second_half.pk).update(due=at)

    def press(self, client, user, which, period="H2") -> str:
        client.force_login(user)
        url = reverse("kpis:nudge", args=["14107", 2020, period])
        page = client.post(url, {"section": which}, follow=True).content.decode()
        said = re.search(r'<div class="wrap messages".*?</div>\s*</div>\s*</div>', page, re.DOTALL)
        return text_of(said[0]) if said else text_of(page)

    def test_one_press_writes_to_staff_and_head_and_is_recorded(self, client, cast):
        said = self.press(client, cast.secretariat, cast.doboku.pk)
        assert "磯子土木事務所：doboku-staffさん、doboku-headさんに送りました。" in said
        assert went_to() == ["doboku-head", "doboku-staff"]
        line = Reminder.objects.get(user=cast.doboku_staff)
        assert (line.by, line.kind, line.state) == (cast.secretariat, "nudge", "sent")
        page = client.get(reverse("kpis:entry_list", args=["14107", 2020])).content.decode()
        today = timezone.localdate()
        assert f"{today.month}月{today.day}日（" in page
        assert "）に督促（きょうは送信済み）" in page
        assert f'value="{cast.doboku.pk}"' not in page  # nobody is left to be written to today

    def test_the_second_press_of_the_day_sends_nothing_and_says_so(self, client, cast):
        self.press(client, cast.secretariat, cast.doboku.pk)
        mail.outbox.clear()
        said = self.press(client, cast.secretariat, cast.doboku.pk)
        assert "きょうすでに送っています" in said
        assert mail.outbox == []

    def test_all_late_ones_at_one_press_and_who_cannot_be_reached(self, client, cast):
        cast.entered(cast.nurseries, cast.second_half, 33, state="confirmed")
        said = self.press(client, cast.secretariat, "late")
        assert went_to() == ["doboku-head", "doboku-staff"]
        assert "福祉保健課：fukushi-staffさんは、メールアドレスが登録されていないため" in said

    def test_where_all_is_submitted_the_head_alone_is_asked_to_confirm(self, client, cast):
        cast.entered(cast.patrols, cast.second_half, 550, state="submitted")
        self.press(client, cast.secretariat, cast.doboku.pk)
        assert went_to() == ["doboku-head"]
        assert Reminder.objects.get().kind == Kind.WAITING

    def test_who_owes_nothing_is_left_in_peace(self, client, cast):
        cast.entered(cast.nurseries, cast.second_half, 33, state="confirmed")
        assert "残っていません" in self.press(client, cast.secretariat, cast.chiiki.pk)
        assert mail.outbox == []

    def test_what_is_no_section_of_the_policy(self, client, cast):
        for odd in ("", "x", cast.minami_doboku.pk, "late; --"):
            assert "課を選び直してください" in self.press(client, cast.secretariat, odd)
        assert mail.outbox == []

    def test_nobody_else_nudges(self, client, cast):
        for user in (cast.doboku_head, cast.manager, cast.minami_secretariat):
            self.press(client, user, cast.doboku.pk)
        assert mail.outbox == []

    def test_one_address_that_fails_is_named_and_the_others_go(self, client, cast):
        with failing_for("doboku-head"):
            said = self.press(client, cast.secretariat, cast.doboku.pk)
        assert "doboku-staffさんに送りました" in said
        assert "doboku-headさんに送れませんでした" in said

    def test_without_e_mail_nothing_is_sent_and_it_is_said(self, client, cast, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
        assert "EMAIL_URL" in self.press(client, cast.secretariat, cast.doboku.pk)
        page = client.get(reverse("kpis:entry_list", args=["14107", 2020])).content.decode()
        assert "督促する</button>" not in page
        assert not Reminder.objects.exists()


class TestWording:
    def url(self, kind="late"):
        return reverse("kpis:reminder_text", args=["14107", 2020, kind])

    def post(self, client, cast, action="save", **texts):
        client.force_login(cast.secretariat)
        typed = {
            f"{part}_{lang}": getattr(DEFAULTS["late", lang], part)
            for part in ("subject", "body")
            for lang in ("ja", "en")
        }
        return client.post(self.url(), {**typed, **texts, "action": action}, follow=True)

    def test_the_secretariat_writes_its_own_and_the_history_tells_it(self, client, cast):
        self.post(client, cast, body_ja="{section}は遅れています。\r\n{link}")
        text = ReminderText.objects.get()
        assert (text.kind, text.language) == ("late", "ja")
        assert text.body == "{section}は遅れています。\n{link}"
        change = Change.objects.get()
        assert list(change.changed) == ["reminder_body_ja"]
        assert (change.by, change.reason) == (cast.secretariat, "期限のあと")
        run(days(3))
        assert any("は遅れています。" in each.body for each in mail.outbox)

    def test_saving_the_default_keeps_nothing(self, client, cast):
        self.post(client, cast)
        assert not ReminderText.objects.exists()
        assert not Change.objects.exists()

    def test_a_name_that_stands_for_nothing_is_named(self, client, cast):
        page = self.post(client, cast, body_ja="{課名}の{期限}です。", subject_en="{sektion}")
        said = text_of(page.content.decode())
        assert page.status_code == 400
        assert "{課名}、{期限}という差込み項目はありません。使えるのは{ward} {section}" in said
        assert "{sektion}という差込み項目" in said
        assert "{課名}の{期限}です。" in page.content.decode()  # what was typed is still there
        assert not ReminderText.objects.exists()

    @pytest.mark.parametrize(
        "odd",
        [
            {"subject_ja": ""},
            {"body_ja": " \n "},
            {"subject_ja": "a\nBcc: x@y.example"},
            {"subject_ja": "あ" * 201},
            {"body_en": "x" * 4001},
            {"body_en": "a\0b"},
        ],
    )
    def test_what_cannot_be_sent_is_refused(self, client, cast, odd):
        assert self.post(client, cast, **odd).status_code == 400
        assert not ReminderText.objects.exists()

    def test_a_preview_shows_it_filled_in_and_keeps_nothing(self, client, cast):
        page = self.post(client, cast, action="preview", body_ja="<b>{section}</b> {count}件")
        said = page.content.decode()
        assert "まだ保存していません。" in said
        assert "&lt;b&gt;磯子土木事務所&lt;/b&gt; 1件" in said
        assert not ReminderText.objects.exists()

    def test_every_kind_has_its_page_with_a_specimen(self, client, cast):
        client.force_login(cast.secretariat)
        for kind in Kind.values:
            page = client.get(self.url(kind)).content.decode()
            assert page.count('<article class="letter"') == 2
            assert "{" not in re.search(r'id="preview">.*?</section>', page, re.DOTALL)[0]
        assert client.get(self.url("other")).status_code == 404

    def test_back_to_the_default(self, client, cast):
        self.post(client, cast, body_ja="{link}")
        self.post(client, cast, action="reset")
        assert not ReminderText.objects.exists()
        assert Change.objects.count() == 2

    def test_another_wards_wording_stays_its_own(self, client, cast):
        self.post(client, cast, body_ja="{link}")
        assert not ReminderText.objects.exclude(ward=cast.isogo).exists()
        client.force_login(cast.minami_secretariat)
        assert client.get(self.url()).status_code == 404


class TestPlan:
    def post(self, client, cast, **fields):
        client.force_login(cast.secretariat)
        url = reverse("kpis:reminders", args=["14107", 2020])
        typed = {"is_on": "on", "before_days": "7、1", "on_due": "on", "late_every": "3"}
        typed |= {"returned_every": "3", "waiting_every": "3", "with_english": "on"}
        return client.post(url, {**typed, **fields}, follow=True)

    def test_days_are_read_as_people_write_them(self, client, cast):
        self.post(client, cast, before_days="１、１４日, 3、3")
        assert ReminderPlan.objects.get().before_days == [14, 3, 1]
        assert Change.objects.get().changed == {"before_days": [[7, 1], [14, 3, 1]]}

    def test_none_before_the_due_date(self, client, cast):
        self.post(client, cast, before_days="")
        assert ReminderPlan.objects.get().before_days == []

    @pytest.mark.parametrize(
        "odd",
        [
            {"before_days": "一週間"},
            {"before_days": "0"},
            {"before_days": "61"},
            {"before_days": "1,2,3,4,5,6"},
            {"late_every": "-1"},
            {"late_every": "61"},
            {"late_every": ""},
            {"waiting_every": "三"},
        ],
    )
    def test_what_is_no_number_of_days_is_refused(self, client, cast, odd):
        page = self.post(client, cast, **odd)
        assert page.status_code == 400
        assert "保存していません。" in page.content.decode()
        assert not ReminderPlan.objects.exists()

    def test_saving_what_stands_is_no_change(self, client, cast):
        self.post(client, cast)
        assert not Change.objects.exists()

    def test_the_page_lists_what_went_out_and_what_did_not(self, client, cast):
        with failing_for("chiiki"), pytest.raises(CommandError):
            run(days(0))
        client.force_login(cast.secretariat)
        page = client.get(reverse("kpis:reminders", args=["14107", 2020]))
        said = text_of(page.content.decode())
        assert "doboku-staffさん 磯子土木事務所 下半期 期限の日 自動 送信済" in said
        assert "送れませんでした SMTPRecipientsRefused" in said


def test_a_reminder_is_kept_once_a_day_by_the_database_itself(cast):
    line = {
        "user": cast.chiiki_staff, "period": cast.second_half, "section": cast.chiiki,
        "day": DUE, "kind": "due", "at": timezone.now(), "address": "a@b.example",
    }  # fmt: skip
    _first, created = Reminder.objects.get_or_create(**line)
    assert created
    with pytest.raises(IntegrityError), transaction.atomic():
        Reminder.objects.create(**line | {"kind": "nudge"})
    assert Actual.objects.count() == 0
