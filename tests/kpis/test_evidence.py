"""Evidence: what a section puts beside its figures, who gets it, and that nothing is lost."""

import hashlib
import os
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import IntegrityError, OperationalError
from django.test import TestCase, override_settings
from django.urls import reverse

from kpis import evidence, evidence_store
from kpis.models import Actual, Change, EvidenceFile, Period
from tests.cast import Cast
from tests.kpis.evidence_files import EXE, MACRO, PDF, XLSX, png
from tests.kpis.pages import text_of
from wards.models import AccessRecord


def upload(name="巡回記録.pdf", data=PDF):
    return SimpleUploadedFile(name, data, content_type="text/html")


def lying() -> list[Path]:
    """What lies in the folder."""
    return list(evidence_store.all_stored())


class Desk(TestCase):
    """The public works office at its patrols in the second half."""

    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()

    def setUp(self):
        self.client.force_login(self.cast.doboku_staff)

    def url(self, period="H2"):
        return reverse("kpis:entry", args=["14107", 2020, "p05-t1", period])

    def enter(self, version=0, follow=True, period="H2", **typed):
        data = {"version": version, "certainty": "final", **typed}
        return self.client.post(self.url(period), data, follow=follow)

    def kept(self):
        return Actual.objects.get(target=self.cast.patrols, period__key="H2")

    def hand_out(self, stored, who=None):
        if who:
            self.client.force_login(who)
        return self.client.get(reverse("kpis:evidence", args=["14107", 2020, stored]))


class Adding(Desk):
    def test_a_file_and_a_link_are_kept_with_the_figure_in_one_press(self):
        page = self.enter(
            value="200",
            evidence_files=[upload(), upload("集計.xlsx", XLSX)],
            link_title="区のページ",
            link_url="https://www.city.example.jp/見回り?a=1",
        )
        self.assertContains(page, "保存しました")
        self.assertContains(page, "区のページ")
        self.assertContains(page, 'href="https://www.city.example.jp/見回り?a=1"')
        self.assertContains(page, "巡回記録.pdf")
        self.assertContains(page, "PDF 1 KB")
        kept = self.kept()
        self.assertEqual(kept.value, 200)
        titles = [item["title"] for item in kept.evidence]
        self.assertEqual(titles, ["区のページ", "巡回記録.pdf", "集計.xlsx"])
        file = EvidenceFile.objects.get(name="巡回記録.pdf")
        self.assertEqual(file.sha256, hashlib.sha256(PDF).hexdigest())
        self.assertEqual(file.added_by, self.cast.doboku_staff)
        self.assertEqual({path.name for path in lying()}, set(self.stored()))

    def stored(self):
        return EvidenceFile.objects.values_list("stored", flat=True)

    def test_it_lies_in_the_folder_under_a_name_that_says_nothing(self):
        self.enter(evidence_files=[upload("../../etc/報告.pdf")])
        (path,) = lying()
        self.assertTrue(path.is_relative_to(settings.MEDIA_ROOT))
        self.assertRegex(path.name, "^[0-9a-f]{32}$")
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        self.assertEqual(self.kept().evidence[0]["title"], "報告.pdf")

    def test_the_history_names_it_and_holds_its_digest(self):
        self.enter(value="200")
        self.enter(version=1, value="200", evidence_files=[upload()])
        line = Change.objects.latest("id")
        self.assertEqual(list(line.changed), ["evidence"])
        before, after = line.changed["evidence"]
        self.assertIsNone(before)
        self.assertEqual(after[0]["sha256"], hashlib.sha256(PDF).hexdigest())
        page = text_of(self.client.get(self.url()).content.decode())
        self.assertIn("根拠資料：（空） → 巡回記録.pdf", page)

    def test_evidence_alone_is_kept_and_is_no_entry(self):
        self.enter(evidence_files=[upload()])
        self.assertFalse(self.kept().has_entry)
        self.assertEqual(self.kept().state, "draft")

    def test_what_was_submitted_has_to_be_submitted_again(self):
        self.cast.entered(self.cast.patrols, self.cast.second_half, 200, state="submitted")
        self.enter(version=1, value="200", evidence_files=[upload()])
        self.assertEqual(self.kept().state, "draft")

    def test_the_same_form_sent_twice_adds_once(self):
        for _time in range(2):
            self.enter(
                value="200",
                evidence_files=[upload()],
                link_url="https://a.example",
                link_title="頁",
            )
        self.assertEqual(len(self.kept().evidence), 2)
        self.assertEqual(len(lying()), 1)
        self.assertEqual(Change.objects.count(), 1)

    def test_two_people_add_at_once_and_both_stay(self):
        self.enter(value="200", note="同じ")
        self.enter(version=1, value="200", note="同じ", evidence_files=[upload("甲.pdf")])
        self.enter(
            version=1, value="200", note="同じ", evidence_files=[upload("乙.pdf", PDF + b"\n")]
        )
        self.assertEqual([e["title"] for e in self.kept().evidence], ["甲.pdf", "乙.pdf"])

    def test_beside_another_figure_it_is_a_conflict_and_says_to_choose_the_file_again(self):
        self.enter(value="200")
        page = self.enter(version=0, value="300", evidence_files=[upload()])
        self.assertEqual(page.status_code, 409)
        self.assertContains(
            page, "選んだファイル（巡回記録.pdf）はまだ添付されていません", status_code=409
        )
        self.assertEqual((self.kept().value, self.kept().evidence, lying()), (200, [], []))


class Refused(Desk):
    def assert_refused(self, page, *sentences, **kept):
        self.assertEqual(page.status_code, 200)
        for sentence in sentences:
            self.assertContains(page, sentence)
        self.assertFalse(Actual.objects.exists() or EvidenceFile.objects.exists())
        self.assertEqual(lying(), [])

    def test_each_file_is_named_and_all_that_was_typed_stays(self):
        page = self.enter(
            value="２００",
            note="二月分まで",
            link_title="区のページ",
            link_url="https://www.city.example.jp/",
            evidence_files=[upload("報告.pdf", EXE), upload("集計.xlsx", MACRO), upload()],
        )
        self.assert_refused(
            page,
            "まだ保存していません",
            "「報告.pdf」は添付できない種類のファイルです",
            "「集計.xlsx」にはマクロが入っています",
            'value="２００"',
            "二月分まで",
            'value="区のページ"',
            'value="https://www.city.example.jp/"',
            "もう一度選んでください",
        )

    def test_a_figure_that_cannot_be_read_leaves_no_file_behind(self):
        page = self.enter(value="約200", evidence_files=[upload()])
        self.assert_refused(page, "もう一度選んでください")

    def test_empty_and_too_large(self):
        self.assert_refused(self.enter(evidence_files=[upload(data=b"")]), "中身が空です")
        with override_settings(EVIDENCE_OF_A_FILE=1000):
            page = self.enter(evidence_files=[upload(data=PDF + b"\n" * 2000)])
        self.assert_refused(page, "「巡回記録.pdf」は2 KBあります", "1 KBまでです")

    def test_a_huge_file_is_swallowed_and_named_with_its_size(self):
        with override_settings(LARGEST_UPLOAD=1 << 20, EVIDENCE_OF_A_FILE=1 << 20):
            page = self.enter(evidence_files=[upload(data=PDF + b"\n" * (3 << 20))], value="200")
        self.assert_refused(page, "「巡回記録.pdf」は3 MBあります", 'value="200"')

    def test_more_than_an_entry_holds(self):
        with override_settings(EVIDENCE_OF_AN_ENTRY=len(PDF) + 50):
            self.assert_refused(
                self.enter(evidence_files=[upload(), upload("乙.pdf", PDF + b"\n")]),
                "合わせて1 KBまで",
            )
            self.enter(evidence_files=[upload()])
            page = self.enter(version=1, evidence_files=[upload("乙.pdf", PDF + b"\n")])
        self.assertContains(page, "この実績のファイルは合わせて1 KBまでです")
        self.assertEqual(len(lying()), 1)

    def test_more_pieces_than_a_document_takes(self):
        standing = [{"url": f"https://a.example/{n}"} for n in range(50)]
        self.cast.entered(self.cast.patrols, self.cast.second_half, 200, evidence=standing)
        page = self.enter(version=1, value="200", link_url="https://a.example/50")
        self.assertContains(page, "根拠資料は50件までです")
        self.assertEqual(self.kept().evidence, standing)

    def test_addresses_that_lead_nowhere_or_astray(self):
        for typed in [
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://a.example/",
            "https://",
            "https:///a",
            "https://a.example:99999/",
            "https://user:pw@a.example/",
            "https://a.example/ x",
            "https://a.example\\x",
            "https://[::1",
            "www.city.example.jp",
            "https://" + "a" * 3000,
        ]:
            with self.subTest(typed):
                page = self.enter(link_url=typed, link_title="記録")
                self.assert_refused(page, "アドレスとして読めません", 'value="記録"')

    def test_a_shared_folder_is_no_link(self):
        for typed in [r"\\server\share\a.pdf", "file://server/a.pdf", "C:\\a.pdf", "//server/a"]:
            with self.subTest(typed):
                self.assert_refused(self.enter(link_url=typed), "共有フォルダーの場所は")

    def test_a_title_without_an_address_is_asked_about(self):
        self.assert_refused(self.enter(link_title="記録"), "リンクのアドレスを入力してください")

    def test_if_the_database_refuses_no_file_stays_behind(self):
        for error in (OperationalError("disk full"), IntegrityError("odd")):
            with (
                self.subTest(error),
                patch("kpis.entering.Actual.objects.create", side_effect=error),
                self.assertRaises(type(error)),
            ):
                self.enter(value="200", evidence_files=[upload()])
            self.assertEqual(lying(), [])
            self.assertFalse(EvidenceFile.objects.exists())

    def test_if_the_folder_refuses_what_was_typed_stays(self):
        with (
            patch("os.fsync", side_effect=OSError("No space left")),
            self.assertLogs("kpis.evidence_forms", "ERROR"),
        ):
            page = self.enter(value="200", note="二月分まで", evidence_files=[upload()])
        self.assert_refused(page, "サーバーにファイルを保存できませんでした", "二月分まで")


class Names(TestCase):
    def test_names_for_people(self):
        for given, shown in [
            ("報告.pdf", "報告.pdf"),
            ("../../etc/passwd.pdf", "passwd.pdf"),
            ("C:\\Users\\a\\報告.pdf", "報告.pdf"),
            ("祭り🎆.png", "祭り🎆.png"),
            ("表\u202efdp.exe", "表fdp.exe"),
            ("か\u3099.pdf", "が.pdf"),
            (" \u3000a\tb\n.pdf ", "a b.pdf"),
            (".pdf", "添付ファイル.pdf"),
            ("", "添付ファイル"),
            ("…", "…"),
            ("a\x00b\u200b.pdf", "ab.pdf"),
        ]:
            with self.subTest(given):
                self.assertEqual(evidence.plain_name(given), shown)

    def test_three_hundred_letters_keep_their_ending(self):
        name = evidence.plain_name("長" * 300 + ".xlsx")
        self.assertEqual((len(name), name[-6:]), (120, "長.xlsx"))
        self.assertEqual(len(evidence.plain_name("a." + "長" * 300)), 120)


class TakingAway(Desk):
    def setUp(self):
        super().setUp()
        self.enter(
            value="200", evidence_files=[upload()], link_url="https://a.example/", link_title="頁"
        )
        self.stored = EvidenceFile.objects.get().stored

    def test_hidden_from_the_page_and_told_by_the_history(self):
        page = self.enter(version=1, value="200", evidence_off=self.stored)
        self.assertEqual([item["title"] for item in self.kept().evidence], ["頁"])
        self.assertContains(page, "根拠資料：頁、巡回記録.pdf → 頁")
        self.assertEqual(self.hand_out(self.stored).status_code, 404)
        file = EvidenceFile.objects.get()
        self.assertEqual(file.removed_by, self.cast.doboku_staff)
        self.assertEqual(len(lying()), 1, "the file itself stays")

    def test_of_a_confirmed_entry_only_by_a_correction_with_its_reason(self):
        Actual.objects.update(state="confirmed")
        page = self.enter(version=1, value="200", evidence_off=self.stored)
        self.assertEqual(page.status_code, 409)
        self.assertEqual(len(self.kept().evidence), 2)
        self.client.force_login(self.cast.doboku_head)
        asked = {"version": 1, "value": "200", "evidence_off": self.stored}
        page = self.enter(**asked, correction_reason="")
        self.assertContains(page, "訂正の理由を入力してください")
        self.enter(**asked, correction_reason="別の課の記録だった")
        self.assertEqual(len(self.kept().evidence), 1)
        line = Change.objects.latest("id")
        self.assertEqual((line.act, line.reason), ("corrected", "別の課の記録だった"))
        self.assertEqual(self.kept().corrected_because, "別の課の記録だった")

    def test_in_a_closed_period_nothing_is_added_and_what_was_typed_stays(self):
        Period.objects.update(state="closed")
        page = self.enter(
            version=1,
            value="200",
            evidence_files=[upload("遅れ.pdf", PDF + b"\n")],
            link_title="会議録",
        )
        self.assertContains(page, "この期は締め切られました", status_code=409)
        self.assertContains(page, "遅れ.pdf", status_code=409)
        self.assertContains(page, "会議録", status_code=409)
        self.assertEqual(len(lying()), 1)

    def test_what_is_not_there_cannot_be_taken_away(self):
        self.enter(version=1, value="200", evidence_off="0" * 32)
        self.assertEqual(len(self.kept().evidence), 2)


class HandingOut(Desk):
    def setUp(self):
        super().setUp()
        self.enter(value="200", evidence_files=[upload("巡回記録 令和2年度🎆.pdf")])
        self.stored = EvidenceFile.objects.get().stored

    def test_as_a_file_to_save_under_its_own_name(self):
        answer = self.hand_out(self.stored)
        self.assertEqual(answer.content, PDF)
        self.assertEqual(answer["Content-Type"], "application/pdf")
        self.assertEqual(answer["X-Content-Type-Options"], "nosniff")
        self.assertEqual(
            answer["Content-Security-Policy"],
            "default-src 'none'; sandbox; frame-ancestors 'none'",
        )
        self.assertTrue(answer["Content-Disposition"].startswith("attachment; filename*=utf-8''"))
        self.assertIn("%E5%B7%A1%E5%9B%9E%E8%A8%98%E9%8C%B2", answer["Content-Disposition"])
        self.assertIn("no-store", answer["Cache-Control"])
        record = AccessRecord.objects.get(act="exported")
        self.assertEqual(record.detail, "巡回記録 令和2年度🎆.pdf")

    def test_a_draft_to_those_inside_alone_and_once_confirmed_to_members_and_the_city(self):
        inside = {
            *("doboku_staff", "doboku_head", "chiiki_staff", "fukushi_staff", "secretariat"),
            *("manager", "auditor"),
        }
        for state, may in [("draft", inside), ("confirmed", inside | {"member", "city"})]:
            Actual.objects.update(state=state)
            for name, person in self.cast.everybody().items():
                with self.subTest(state=state, who=name):
                    wanted = 200 if name in may else 404
                    self.assertEqual(self.hand_out(self.stored, person).status_code, wanted)

    def test_not_through_the_address_of_another_policy(self):
        for place in (["14105", 2020], ["14107", 2021]):
            url = reverse("kpis:evidence", args=[*place, self.stored])
            self.assertEqual(self.client.get(url).status_code, 404)

    def test_the_project_page_lists_it_with_the_figure(self):
        page = self.client.get("/wards/14107/2020/projects/p05/?period=H2")
        self.assertContains(page, f'href="/wards/14107/2020/evidence/{self.stored}/"')
        self.client.force_login(self.cast.member)
        page = self.client.get("/wards/14107/2020/projects/p05/?period=H2")
        self.assertNotContains(page, self.stored)

    def test_one_that_was_changed_behind_our_back_is_not_handed_out(self):
        lying()[0].write_bytes(EXE)
        with self.assertLogs("kpis.evidence_views", "ERROR"):
            answer = self.hand_out(self.stored)
        self.assertContains(answer, "失われたか、書き換えられています", status_code=404)
        lying()[0].unlink()
        with self.assertLogs("kpis.evidence_views", "ERROR"):
            self.assertEqual(self.hand_out(self.stored).status_code, 404)


class TheFolder(Desk):
    def check(self, *arguments):
        said = StringIO()
        call_command("check_evidence", *arguments, stdout=said)
        return said.getvalue()

    def test_all_in_order(self):
        self.enter(value="200", evidence_files=[upload(), upload("現場.png", png())])
        self.assertIn("2件のファイルを確かめました", self.check())

    def test_missing_and_changed_files_are_named(self):
        self.enter(value="200", evidence_files=[upload(), upload("現場.png", png())])
        first, second = (
            evidence_store.path_of(file.stored) for file in EvidenceFile.objects.order_by("id")
        )
        first.unlink()
        second.write_bytes(b"x")
        said = StringIO()
        with pytest.raises(CommandError):
            call_command("check_evidence", stdout=said)
        self.assertIn("巡回記録.pdf", said.getvalue())
        self.assertIn("現場.png", said.getvalue())

    def test_what_nobody_knows_is_told_and_on_request_taken_away(self):
        self.enter(value="200", evidence_files=[upload()])
        folder = Path(settings.MEDIA_ROOT) / "ab"
        folder.mkdir(exist_ok=True)
        old, new = folder / ("ab" + "0" * 30), folder / ("ab" + "1" * 30)
        old.write_bytes(b"x")
        new.write_bytes(b"x")
        os.utime(old, (0, 0))
        self.assertIn("1件", self.check())
        self.assertTrue(old.exists())
        self.check("--clean")
        self.assertFalse(old.exists())
        self.assertTrue(new.exists(), "somebody may be handing it in at this moment")
        self.assertEqual(len(lying()), 2)
