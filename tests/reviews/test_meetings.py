"""Meetings: number, quorum, papers that only the ward opens, minutes; and two at once."""

from datetime import date
from io import StringIO

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from kpis import evidence_store
from reviews.meetings import Quorum, agenda_of
from reviews.models import Attendance, Meeting, Paper, ReviewRecord, Term
from tests.kpis.evidence_files import EXE, PDF
from tests.kpis.pages import text_of
from tests.reviews.forms import form_of
from tests.reviews.test_committee import Desk


class MeetingDesk(Desk):
    def setUp(self):
        super().setUp()
        for n in range(2, 7):
            self.cast.seat(f"委員（地域代表）{n}", "area")
        self.meeting = Meeting.objects.create(
            committee=self.cast.committee,
            round=self.cast.round,
            fiscal_year=2020,
            number=1,
            day=date(2020, 11, 20),
            agenda="開会\n\n意見交換",
        )

    def attend(self, present: int, absent: int = 0):
        members = list(self.cast.committee.members.all())
        data = form_of(self.client.get(self.url("meeting_attendance", self.meeting.pk)))
        for n, member in enumerate(members[: present + absent]):
            data[f"here_{member.pk}"] = "present" if n < present else "absent"
        return self.client.post(self.url("meeting_attendance", self.meeting.pk), data, follow=True)

    def add_paper(self, data=PDF, name="名簿.pdf", **typed):
        url = self.url("paper_add", self.meeting.pk)
        first = {"label": "資料1", "title": "委員名簿", "kind": "file", "order": "1"}
        if data:
            first["file"] = SimpleUploadedFile(name, data)
        return self.client.post(url, first | typed, follow=True)

    def told(self, who=None):
        return self.read("meeting", self.meeting.pk, who=who)


class TheQuorum(MeetingDesk):
    def test_is_said_in_words(self):
        self.assertIn("定足数4人（委員7人）。出欠はまだ記録していません。", self.told())
        self.attend(3)
        self.assertIn("定足数4人、いまのところ出席3人（未記入4人）", self.told())
        self.attend(3, absent=4)
        self.assertIn("定足数4人、出席3人で不成立", self.told())
        self.attend(5, absent=2)
        self.assertIn("定足数4人、出席5人で成立", self.told())

    def test_is_the_committee_s_own_where_it_has_one(self):
        self.cast.committee.quorum = 6
        self.cast.committee.save()
        self.attend(5, absent=2)
        self.assertIn("定足数6人、出席5人で不成立", self.told())

    def test_counts_those_in_office_on_the_day(self):
        self.attend(7)
        Term.objects.filter(member=self.cast.expert).update(ends=date(2020, 11, 19))
        told = self.told()
        self.assertIn("定足数4人、出席6人で成立", told)
        self.assertIn("この日に任期のない人の記録（定足数に数えません）： 委員（有識者）", told)

    def test_nobody_in_office_makes_no_meeting(self):
        self.assertFalse(Quorum(members=0, needed=0, present=0, unwritten=0).is_reached)

    def test_two_who_write_attendance_at_once_lose_neither(self):
        url = self.url("meeting_attendance", self.meeting.pk)
        first, second = (form_of(self.client.get(url)) for _both in range(2))
        one, two = self.cast.area_member.pk, self.cast.expert.pk
        self.client.post(url, first | {f"here_{one}": "present"})
        self.client.post(url, second | {f"here_{two}": "absent", f"note_{two}": "所用"})
        lines = Attendance.objects.order_by("member_id").values_list("member_id", "present", "note")
        self.assertEqual(list(lines), [(one, True, ""), (two, False, "所用")])

    def test_of_two_who_write_the_same_the_second_is_told(self):
        url, key = self.url("meeting_attendance", self.meeting.pk), f"here_{self.cast.expert.pk}"
        first, second = (form_of(self.client.get(url)) for _both in range(2))
        self.client.post(url, first | {key: "present"})
        page = self.client.post(url, second | {key: "absent"})
        self.assertContains(page, "ほかの人が先に「出席」に変えました")
        self.assertTrue(Attendance.objects.get().present)


class Planning(MeetingDesk):
    def test_the_number_is_that_of_the_fiscal_year_of_the_day(self):
        self.fill("meeting_add", number="2", day="2021-03-22", starts="18:00", ends="20:00")
        added = Meeting.objects.get(number=2)
        self.assertEqual(added.fiscal_year, 2020)
        self.assertIn("令和2年度 第2回", self.read("meeting", added.pk))

    def test_a_number_stands_once_a_year(self):
        page = self.fill("meeting_add", number="1", day="2021-03-22", place="会議室")
        self.assertContains(page, "同じ年度に、同じ回の会議がもうあります")
        self.assertContains(page, "会議室")
        self.fill("meeting_add", number="1", day="2021-04-22")
        self.assertEqual(Meeting.objects.count(), 2)

    def test_it_does_not_end_before_it_starts(self):
        page = self.fill("meeting_edit", self.meeting.pk, starts="18:00", ends="17:00")
        self.assertContains(page, "終了は、開始よりあとの時刻")

    def test_the_agenda_is_printed_with_papers_and_members(self):
        self.add_paper(on_the_day="on")
        told = self.read("meeting_print", self.meeting.pk)
        self.assertIn("磯子区事業評価委員会 令和2年度 第1回 次第", told)
        self.assertIn("開会 意見交換 配布資料 資料1 委員名簿（当日配布）", told)
        self.assertIn("委員 地域代表6人、有識者1人", told)

    def test_minutes_are_approved_on_a_day(self):
        self.fill("meeting_minutes", self.meeting.pk, minutes="発言の記録")
        self.assertIn("委員会は、まだ確認していません。 議事録を書く", self.told())
        self.fill("meeting_minutes", self.meeting.pk, minutes_approved_on="2021-03-22")
        told = self.told(who=self.cast.member)
        self.assertIn("令和3年3月22日に委員会が確認しました。", told)
        self.assertIn("発言の記録", told)

    def test_of_two_who_write_the_minutes_both_texts_are_shown(self):
        url = self.url("meeting_minutes", self.meeting.pk)
        first, second = (form_of(self.client.get(url)) for _both in range(2))
        self.client.post(url, first | {"minutes": "甲の記録\n二行目"})
        page = self.client.post(url, second | {"minutes": "乙の記録"})
        self.assertContains(page, "甲の記録\n二行目</textarea>")
        self.assertEqual(form_of(page)["minutes"], "乙の記録")
        self.assertEqual(Meeting.objects.get().minutes, "甲の記録\n二行目")

    def test_the_list_asks_no_more_for_many_meetings(self):
        self.read("meetings")
        with self.assertNumQueries(10):
            self.read("meetings")
        for number in range(2, 20):
            meeting = Meeting.objects.create(
                committee=self.cast.committee,
                round=self.cast.round,
                fiscal_year=2020,
                number=number,
                day=date(2020, 12, 1),
            )
            Attendance.objects.create(meeting=meeting, member=self.cast.expert, present=True)
        with self.assertNumQueries(10):
            self.read("meetings")

    def test_a_meeting_asks_no_more_for_many_papers(self):
        self.told()
        with self.assertNumQueries(10):
            self.told()
        for n in range(20):
            Paper.objects.create(
                meeting=self.meeting, label=f"参考{n}", title="資料", kind="comments"
            )
        self.attend(5)
        with self.assertNumQueries(10):
            self.told()


class ThePapers(MeetingDesk):
    def test_a_file_is_handed_out_whole_to_those_of_the_ward(self):
        self.add_paper()
        url = self.url("paper", self.meeting.pk, Paper.objects.get().pk)
        for who in ("secretariat", "member", "doboku_staff", "auditor"):
            self.client.force_login(getattr(self.cast, who))
            answer = self.client.get(url)
            self.assertEqual(answer.content, PDF)
            self.assertIn("attachment", answer["Content-Disposition"])
            self.assertIn("sandbox", answer["Content-Security-Policy"])
        for who in ("minami_secretariat", "city", "without_post"):
            self.client.force_login(getattr(self.cast, who))
            self.assertEqual(self.client.get(url).status_code, 404)

    def test_a_programme_that_calls_itself_a_pdf_is_refused_with_what_was_typed(self):
        page = self.add_paper(EXE, title="議案")
        self.assertContains(page, "添付できない種類のファイルです")
        self.assertContains(page, "議案")
        self.assertFalse(Paper.objects.exists())
        self.assertEqual(list(evidence_store.all_stored()), [])

    def test_a_file_that_is_too_large_is_refused(self):
        with self.settings(EVIDENCE_OF_A_FILE=10):
            self.assertContains(self.add_paper(), "1つのファイルは1 KBまでです")

    def test_a_number_stands_once_in_a_meeting_and_the_file_leaves_no_trace(self):
        self.add_paper()
        page = self.add_paper(PDF + b"\n")
        self.assertContains(page, "同じ番号の資料がもうあります")
        self.assertEqual(len(list(evidence_store.all_stored())), 1)

    def test_taken_away_it_is_hidden_and_kept(self):
        self.add_paper()
        paper = Paper.objects.get()
        self.client.post(self.url("paper_remove", self.meeting.pk, paper.pk))
        self.assertNotIn("委員名簿", self.told())
        url = self.url("paper", self.meeting.pk, paper.pk)
        self.assertEqual(self.client.get(url).status_code, 404)
        self.assertEqual(evidence_store.read(paper.stored), PDF)
        line = ReviewRecord.objects.first()
        self.assertEqual(line.act, "paper_removed")
        self.assertEqual(line.changed["sha256"], [paper.sha256, None])
        self.add_paper()  # its number is free again
        self.assertIn("委員名簿", self.told())

    def test_a_newer_file_takes_its_place_and_the_older_one_is_kept(self):
        self.add_paper()
        old, newer = Paper.objects.get(), PDF + b"\n"
        self.fill(
            "paper_edit",
            self.meeting.pk,
            old.pk,
            title="名簿（改）",
            file=SimpleUploadedFile("名簿2.pdf", newer),
        )
        answer = self.client.get(self.url("paper", self.meeting.pk, old.pk))
        self.assertEqual(answer.content, newer)
        hidden = Paper.objects.exclude(pk=old.pk).get()
        self.assertEqual((hidden.stored, hidden.title), (old.stored, "委員名簿"))
        self.assertIsNotNone(hidden.removed_at)

    def test_check_evidence_knows_the_papers_and_takes_none_for_a_stray(self):
        self.add_paper()
        out = StringIO()
        call_command("check_evidence", stdout=out)
        self.assertIn("1件のファイルを確かめました。", out.getvalue())

    def test_a_lost_file_is_said_to_be_lost(self):
        self.add_paper()
        paper = Paper.objects.get()
        evidence_store.path_of(paper.stored).unlink()
        answer = self.client.get(self.url("paper", self.meeting.pk, paper.pk))
        self.assertContains(answer, "失われたか", status_code=404)

    def test_pages_of_the_round_need_a_round(self):
        self.assertContains(self.client.get(self.url("paper_add", self.meeting.pk)), "意見一覧")
        self.add_paper(None, label="資料2-1", title="意見一覧", kind="comments")
        self.assertIn("資料2-1 意見一覧", self.told())
        Meeting.objects.update(round=None)
        page = self.client.get(self.url("paper_add", self.meeting.pk))
        self.assertNotContains(page, "評価資料（冊子）")

    def test_only_the_secretariat_changes_anything(self):
        self.add_paper()
        at = [self.meeting.pk]
        paper = [self.meeting.pk, Paper.objects.get().pk]
        self.client.force_login(self.cast.member)
        for name, args in [
            ("meeting_edit", at),
            ("meeting_minutes", at),
            ("meeting_attendance", at),
            ("paper_add", at),
            ("paper_edit", paper),
            ("paper_remove", paper),
        ]:
            with self.subTest(name=name):
                answer = self.client.post(reverse(f"reviews:{name}", args=["14107", *args]))
                self.assertEqual(answer.status_code, 403)
        self.assertIn(
            "委員名簿", text_of(self.client.get(self.url("meeting", *at)).content.decode())
        )


class TheAgenda(MeetingDesk):
    def test_numbers_that_somebody_typed_do_not_stand_twice(self):
        for typed, shown in [
            ("1 開会\n２．報告\n(3)意見交換", ["開会", "報告", "意見交換"]),
            ("開会\n2 報告", ["開会", "2 報告"]),
            ("1年の振り返り\n2年目の計画", ["1年の振り返り", "2年目の計画"]),
        ]:
            with self.subTest(typed=typed):
                self.assertEqual(agenda_of(Meeting(agenda=typed)), shown)
