"""評価資料: what the booklet says, to print from the browser and as a tagged PDF."""

import json
import re
from datetime import date
from decimal import Decimal
from io import BytesIO
from unittest import mock, skipIf

import typst
from django.db import connection
from django.test import SimpleTestCase, TestCase, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from pypdf import PdfReader

from kpis.models import Change, Initiative, Period, Policy, Revision, Target
from reviews import fonts, typesetting
from reviews.booklet import Booklet
from reviews.fonts import Printable
from reviews.frozen import Copy
from reviews.models import Meeting, Opinion, OpinionVersion, Paper, Promise, Round
from reviews.workflow import move_round
from tests.reviews.cast import CommitteeCast
from tests.reviews.pdf_fonts import NO_FONTS
from wards.models import AccessRecord

with_fonts = skipIf(NO_FONTS, NO_FONTS)

SAID = "回数だけでなく成果も知りたい"
HOSTILE = '#evil[$x$] *太字* _斜体_ `code` @ref <b>太字</b> </td> {{ 1 }} \\ "引用" // 注'
RARE = "㉝㎡髙﨑彅"


class Pdf:
    """A PDF with its words, its tags and its fonts."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.reader = PdfReader(BytesIO(data))
        self.root = self.reader.trailer["/Root"]
        self.pages = [page.extract_text() for page in self.reader.pages]
        self.text = "\n".join(self.pages)
        self.tags: dict[str, list] = {}
        self._walk(self.root["/StructTreeRoot"]["/K"])

    def _walk(self, node):
        waiting = [node]
        while waiting:
            node = waiting.pop(0)
            node = node.get_object() if hasattr(node, "get_object") else node
            if isinstance(node, list):
                waiting = [*node, *waiting]
            elif hasattr(node, "get"):
                if "/S" in node:
                    self.tags.setdefault(node["/S"], []).append(node)
                waiting = [*([node["/K"]] if "/K" in node else []), *waiting]

    def fonts(self) -> dict[str, bool]:
        """Names without the mark of a subset, and whether each is in the file."""
        found = {}
        for page in self.reader.pages:
            for font in page["/Resources"]["/Font"].values():
                described = font["/DescendantFonts"][0]["/FontDescriptor"]
                name = font["/BaseFont"].lstrip("/").split("+")[-1]
                found[name] = any(f"/FontFile{n}" in described for n in ("", "2", "3"))
        return found

    def page_of(self, words: str, since: int = 0) -> int:
        """The number of the first page with these words, from the page `since` on."""
        return next(n for n, text in enumerate(self.pages, 1) if n > since and words in text)


class BookletCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = cast = CommitteeCast()
        Revision.objects.create(
            target=cast.patrols,
            on=date(2020, 7, 1),
            old=Decimal(600),
            new=Decimal(550),
            reason="感染症のため",
            decided_by="区長",
        )
        cls.round = cast.open()
        cls.meeting = Meeting.objects.create(
            committee=cast.committee,
            round=cls.round,
            fiscal_year=2020,
            number=1,
            day=date(2020, 11, 5),
        )
        Paper.objects.create(
            meeting=cls.meeting, label="資料2-1", title="評価資料", kind=Paper.Kind.BOOKLET
        )

    def read(self, who, name="booklet", round=None):
        self.client.force_login(getattr(self.cast, who))
        return self.client.get((round or self.round).address(name))

    def pdf(self, who="member", round=None) -> Pdf:
        answer = self.read(who, "booklet_pdf", round)
        self.assertEqual(answer.status_code, 200)
        return Pdf(answer.content)

    def answered(self, comment, **more):
        answer = {
            "section": self.cast.doboku,
            "view": "巡回の結果を図で示します。",
            "disposition": "reflect",
            "what": "図で示す",
            "by_when": "令和3年3月",
            "state": "released",
            "released_at": timezone.now(),
        }
        return self.cast.item(comment, **(answer | more))

    def second_round(self) -> Round:
        """The second half, opened after the first is closed."""
        Period.objects.filter(pk=self.cast.second_half.pk).update(state=Period.State.CLOSED)
        round = Round.objects.create(
            committee=self.cast.committee,
            policy=self.cast.policy,
            period=self.cast.second_half,
            due=date(2021, 5, 20),
        )
        return move_round(round, "open", by=self.cast.secretariat)


@with_fonts
class ThePdf(BookletCase):
    def test_is_tagged_under_the_rules_of_pdf_ua(self):
        pdf = self.pdf()
        metadata = pdf.root["/Metadata"].get_object().get_data()
        self.assertIn(b"<pdfuaid:part>1</pdfuaid:part>", metadata)
        self.assertTrue(pdf.root["/MarkInfo"]["/Marked"])
        self.assertEqual(pdf.root["/Lang"], "ja-JP")
        self.assertTrue(pdf.root["/ViewerPreferences"]["/DisplayDocTitle"])
        self.assertEqual(pdf.reader.metadata.title, "磯子区 令和2年度 (2020) 上半期 評価資料")
        for tag in ("/H1", "/H2", "/H3", "/Table", "/TH", "/TD", "/TOC", "/Figure"):
            self.assertIn(tag, pdf.tags)
        self.assertIn("/Outlines", pdf.root)

    def test_says_each_chart_in_a_sentence(self):
        said = [figure.get("/Alt") for figure in self.pdf().tags["/Figure"]]
        self.assertTrue(all(said))
        self.assertIn(
            "順調。目標550回（当初 600回）に対し275回、達成率50.0%、計画の位置50.0%", said
        )
        self.assertIn("全体：順調1、やや遅れ1、未入力2", said)

    def test_brings_its_fonts_along(self):
        embedded = self.pdf().fonts()
        self.assertIn("BIZUDPGothic-Regular", embedded)
        self.assertIn("BIZUDPGothic-Bold", embedded)
        self.assertTrue(all(embedded.values()), embedded)

    def test_goes_from_the_cover_to_the_lines_for_the_whole(self):
        pdf = self.pdf()
        cover, contents = pdf.pages[:2]
        for words in ("磯子区事業評価委員会", "令和2年度 (2020)", "上半期（4–9月）", "資料2-1"):
            self.assertIn(words, cover)
        self.assertIn("目次", contents)
        order = [
            pdf.page_of(words, since=2)
            for words in ("この資料の読み方", "柱ごとの状況", "⑤ 風水害に対する備え")
        ]
        order += [
            pdf.page_of("目標と実績\n期", since=order[-1]),
            pdf.page_of("全体について（書き込み欄）", since=order[-1]),
        ]
        self.assertEqual(order, sorted(order))
        # Cover, contents, how to read it, summary, three projects of a page each, the whole.
        self.assertEqual(len(pdf.pages), 8)

    def test_numbers_its_pages_and_says_in_the_margin_what_it_is(self):
        pdf = self.pdf()
        for number, text in enumerate(pdf.pages, 1):
            self.assertIn(f"{number} / 8", text)
            self.assertIn("資料2-1", text)
            self.assertIn("写しの日時", text)
        self.assertIn("磯子区　磯子土木事務所", pdf.pages[4])
        # The contents say the page on which a project stands.
        self.assertRegex(pdf.pages[1], r"⑤ 風水害に対する備え[ .]*5\b")

    def test_tells_the_figures_the_words_and_the_changed_target(self):
        page = re.sub(r"\s+", " ", self.pdf().pages[4])
        for words in (
            "275 / 550回",
            "50.0%",
            "順調",
            "目標変更 令和2年7月1日",
            "当初 600回 → 550回",
            "感染症のため",
            "道路と公園を巡回しました。",
            "書き込み欄",
        ):
            self.assertIn(words, page)

    def test_says_what_was_corrected_since_and_changes_nothing_of_it(self):
        Change.objects.record(
            self.cast.patrols,
            Change.Act.CORRECTED,
            {"value": ["275", "270"]},
            by=self.cast.secretariat,
            period=self.cast.first_half,
            reason="二重に数えていたため",
            at=timezone.now(),
        )
        page = self.pdf().pages[4]
        self.assertIn("275 / 550回", page)
        self.assertIn("写しのあとの訂正", page)
        self.assertRegex(page, r"実績 275\s*→\s*270")
        self.assertIn("二重に数えていたため", page)

    def test_of_the_demo_says_so_on_every_page(self):
        with mock.patch.object(Policy, "is_demo", new=True):
            move_round(self.round, "take_back", by=self.cast.secretariat, reason="写し直す")
            move_round(self.round, "open", by=self.cast.secretariat)
        for text in self.pdf().pages:
            self.assertIn("デモデータ", text)

    def test_of_a_real_year_does_not(self):
        self.assertNotIn("デモデータ", self.pdf().text)

    def test_has_no_comment_while_the_round_is_open(self):
        self.cast.comment(self.cast.area_member, SAID)
        self.assertNotIn(SAID, self.pdf("secretariat").text)

    def test_has_the_list_with_released_answers_once_it_is_closed(self):
        told = self.cast.comment(self.cast.area_member, SAID)
        waits = self.cast.comment(self.cast.expert, "会場を増やして", key="p20")
        self.answered(told)
        self.answered(waits, state="answered", view="まだ公開していない答え", released_at=None)
        self.round = self.cast.close()
        text = self.pdf("secretariat").text
        for words in (SAID, "地域代表", "反映する", "巡回の結果を図で示します。", "会場を増やして"):
            self.assertIn(words, text)
        self.assertNotIn("まだ公開していない答え", text)
        self.assertIn("回答は、公開されてから載ります。", text)

    def test_names_no_member(self):
        self.answered(self.cast.comment(self.cast.area_member, SAID))
        self.round = self.cast.close()
        for who in ("secretariat", "member", "auditor"):
            text = self.pdf(who).text
            self.assertIn(SAID, text)
            self.assertNotIn("委員（地域代表）1", text)

    def test_shows_a_section_what_was_passed_on_to_it(self):
        self.answered(self.cast.comment(self.cast.area_member, SAID))
        self.cast.item(self.cast.comment(self.cast.expert, "まだ回していない"))
        self.round = self.cast.close()
        text = self.pdf("doboku_staff").text
        self.assertIn(SAID, text)
        self.assertNotIn("まだ回していない", text)

    def test_sets_the_published_opinion(self):
        self.round = self.cast.close()
        opinion = Opinion.objects.create(round=self.round, state="approved")
        OpinionVersion.objects.create(
            opinion=opinion,
            number=1,
            title="上半期の進捗について",
            body=[{"text": "工夫しながら進められた。", "sources": []}],
            by_name="事務局",
            at=timezone.now(),
        )
        self.assertNotIn("工夫しながら進められた。", self.pdf().text)
        Opinion.objects.update(state="published")
        self.assertIn("工夫しながら進められた。", self.pdf().pages[-1])

    def test_tells_beside_a_project_what_came_of_it_last_time(self):
        item = self.answered(self.cast.comment(self.cast.area_member, SAID))
        Promise.objects.create(
            ward=self.cast.isogo,
            item=item,
            on_fiscal_year=2020,
            text=SAID,
            what="図で示す",
            disposition="reflect",
            made_on=date(2020, 12, 1),
            result="12月から図で示した",
            result_on=date(2020, 12, 20),
        )
        self.cast.close()
        text = self.pdf(round=self.second_round()).text
        self.assertIn("前回の意見と区の考え方　令和2年度 上半期", text)
        for words in (SAID, "反映する", "巡回の結果を図で示します。", "12月から図で示した"):
            self.assertIn(words, text)

    def test_prints_what_was_typed_and_runs_none_of_it(self):
        self.answered(self.cast.comment(self.cast.area_member, HOSTILE), view=HOSTILE, what="")
        self.round = self.cast.close()
        one_line = re.sub(r"\s+", "", self.pdf().text)
        self.assertEqual(one_line.count(re.sub(r"\s+", "", HOSTILE)), 2)

    def test_has_a_shape_for_what_a_ward_office_writes(self):
        self.answered(self.cast.comment(self.cast.area_member, f"{RARE}が、か\u3099"), what="")
        self.round = self.cast.close()
        pdf = self.pdf()
        self.assertIn(f"{RARE}が、が", pdf.text)
        self.assertNotIn("〓", pdf.text)

    def test_says_which_characters_it_has_no_shape_for(self):
        self.answered(self.cast.comment(self.cast.area_member, "𠮷田さん🙂ภ"), what="")
        self.round = self.cast.close()
        pdf = self.pdf()
        reading = pdf.pages[2]
        for character in "𠮷🙂ภ":
            if ord(character) in fonts.faces().all:
                self.assertIn(character, pdf.text)
            else:
                self.assertIn(f"U+{ord(character):04X}", reading)
        self.assertIn("田さん", pdf.text)

    def test_takes_twenty_thousand_characters(self):
        self.answered(self.cast.comment(self.cast.area_member, "巡回の成果。" * 3333), what="")
        self.round = self.cast.close()
        # A sentence across the foot of a page is not counted.
        self.assertGreater(re.sub(r"\s+", "", self.pdf().text).count("巡回の成果。"), 3300)

    def test_of_one_copy_is_the_same_each_time(self):
        self.assertEqual(self.pdf().data, self.pdf().data)

    def test_is_taken_away_under_its_name_and_put_on_record(self):
        answer = self.read("member", "booklet_pdf")
        self.assertEqual(answer["Content-Type"], "application/pdf")
        self.assertIn(
            "%E7%A3%AF%E5%AD%90%E5%8C%BA_%E4%BB%A4%E5%92%8C2%E5%B9%B4%E5%BA%A6",
            answer["Content-Disposition"],
        )
        record = AccessRecord.objects.latest("pk")
        self.assertEqual(record.act, AccessRecord.Act.EXPORTED)
        self.assertEqual(record.detail, "磯子区_令和2年度_上半期_評価資料.pdf")

    def test_is_small(self):
        self.assertLess(len(self.pdf().data), 1_000_000)

    def test_is_in_the_readers_language_and_says_which_words_are_not(self):
        self.client.cookies["django_language"] = "en"
        pdf = self.pdf()
        self.assertEqual(pdf.root["/Lang"], "en-GB")
        self.assertIn("風水害に対する備え", pdf.text)
        tagged = [tag for tags in pdf.tags.values() for tag in tags]
        self.assertIn("ja-JP", {tag.get("/Lang") for tag in tagged})

    def test_of_a_bucho_has_the_projects_of_the_department(self):
        pdf = self.pdf("fukushi_bucho")
        self.assertIn("認知症施策の推進", pdf.text)
        self.assertNotIn("風水害に対する備え", pdf.text)
        self.assertIn("担当する部の1事業", pdf.pages[0])


class WhoReads(BookletCase):
    READS = ("member", "secretariat", "auditor", "manager", "doboku_staff", "doboku_head")

    def test_those_who_read_the_copy(self):
        for who in self.READS:
            with self.subTest(who=who):
                self.assertEqual(self.read(who).status_code, 200)

    def test_nobody_else_knows_of_it(self):
        for who in ("city", "minami_staff", "minami_secretariat", "without_post"):
            for name in ("booklet", "booklet_pdf"):
                with self.subTest(who=who, name=name):
                    self.assertEqual(self.read(who, name).status_code, 404)

    def test_the_city_once_it_is_published(self):
        self.cast.close()
        self.round = self.cast.publish()
        self.assertEqual(self.read("city").status_code, 200)

    def test_nobody_while_it_is_being_prepared(self):
        move_round(self.round, "take_back", by=self.cast.secretariat, reason="やり直し")
        self.assertEqual(self.read("secretariat").status_code, 404)


class ThePageToPrint(BookletCase):
    def test_says_what_the_pdf_says(self):
        answer = self.read("member")
        for words in ("資料2-1", "この資料の読み方", "柱ごとの状況", "道路と公園を巡回しました。"):
            self.assertContains(answer, words)
        self.assertContains(
            answer, "順調。目標550回（当初 600回）に対し275回、達成率50.0%、計画の位置50.0%"
        )
        self.assertContains(answer, self.round.address("booklet_pdf"))

    def test_bears_no_number_of_a_paper_that_was_taken_away(self):
        Paper.objects.update(removed_at=timezone.now())
        Paper.objects.create(
            meeting=self.meeting, label="資料3", title="評価資料", kind=Paper.Kind.BOOKLET
        )
        answer = self.read("member")
        self.assertContains(answer, "資料3")
        self.assertNotContains(answer, "資料2-1")

    def test_shows_what_was_typed_and_runs_none_of_it(self):
        self.answered(self.cast.comment(self.cast.area_member, "<script>x</script>🙂"), what="")
        self.round = self.cast.close()
        answer = self.read("member")
        self.assertContains(answer, "&lt;script&gt;x&lt;/script&gt;🙂")
        self.assertNotContains(answer, "<script>x")

    def test_asks_as_little_with_much_as_with_little(self):
        few = self.queries()
        for n in range(12):
            comment = self.cast.comment(self.cast.expert, f"意見{n}", key=f"p{n + 30}")
            self.answered(comment)
            project = self.cast.project(f"p{n + 30}", "", f"事業{n}", self.cast.chiiki)
            Initiative.objects.create(
                policy=self.cast.policy, project=project, key=f"{project.key}-i1", text="取組"
            )
            self.cast.target(project, f"p{n + 30}-t1", "回数", value=n + 1, unit="回")
        self.assertEqual(Target.objects.count(), 17)
        self.round = self.cast.close()
        self.assertLessEqual(self.queries(), few + 1)  # who said it, once there are comments
        self.assertLessEqual(few, 12)

    def queries(self) -> int:
        self.read("member")
        with CaptureQueriesContext(connection) as asked:
            self.client.get(self.round.address("booklet"))
        return len(asked)


class WhereItCannotBeMade(BookletCase):
    def test_the_missing_font_is_named_and_the_other_way_offered(self):
        with (
            override_settings(FONTS_DIR="/nowhere"),
            mock.patch.object(fonts, "SYSTEM_PLACES", ()),
        ):
            answer = self.read("member", "booklet_pdf")
        self.assertContains(answer, "BIZ UDPGothic Bold", status_code=503)
        self.assertContains(answer, self.round.address("booklet"), status_code=503)
        self.assertFalse(AccessRecord.objects.filter(act=AccessRecord.Act.EXPORTED).exists())

    @with_fonts
    def test_what_is_too_large_is_refused_before_it_is_begun(self):
        with mock.patch.object(typesetting, "LARGEST", 1000):
            answer = self.read("member", "booklet_pdf")
        self.assertContains(answer, "「A4で印刷」", status_code=503)

    @with_fonts
    def test_whoever_comes_third_waits_and_is_told(self):
        busy = mock.Mock(**{"acquire.return_value": False})
        with mock.patch.object(typesetting, "AT_ONCE", busy):
            answer = self.read("member", "booklet_pdf")
        self.assertContains(answer, "1分ほど待って", status_code=503)


@with_fonts
class WhatIsPrinted(SimpleTestCase):
    def printed(self, text: str, has=None) -> str:
        self.made = Printable(fonts.faces().all if has is None else has)
        return self.made.text(text)

    def test_lines_end_in_one_way_and_what_has_no_shape_goes(self):
        self.assertEqual(self.printed("一\r\n二\u2028三\x00\u200b\ufeff四"), "一\n二\n三四")

    def test_a_kana_and_its_mark_become_one(self):
        self.assertEqual(self.printed("か\u3099は\u309ae\u0301"), "がぱé")

    def test_what_no_face_has_is_a_geta_and_remembered(self):
        self.assertEqual(self.printed("甲𠮷乙", frozenset(map(ord, "甲乙"))), "甲〓乙")
        self.assertEqual(list(self.made.replaced), ["𠮷"])

    def test_the_faces_have_what_the_product_itself_writes(self):
        have = fonts.faces().main
        with translation.override("ja"):
            from reviews.booklet_words import booklet_words

            missing = {c for text in booklet_words().values() for c in text if ord(c) not in have}
        self.assertEqual(missing, set())

    def test_whatever_is_typed_the_faces_can_set(self):
        every = "".join(
            map(chr, [*range(0x3200), *range(0x3200, 0xD800, 11), *range(0xE000, 0x32000, 31)])
        )
        # Typst refuses a single character without a shape.
        pdf = typst.compile(
            b'#set document(title: "x")\n#set text(font: json(bytes(sys.inputs.fonts)))\n'
            b"#sys.inputs.text",
            font_paths=fonts.faces().fonts,
            ignore_system_fonts=True,
            sys_inputs={
                "text": self.printed(every),
                "fonts": json.dumps(fonts.faces().gothic),
            },
            pdf_standards="ua-1",
        )
        self.assertTrue(pdf)


class TheSummary(BookletCase):
    def test_lists_what_is_behind_the_worst_first_and_how_many_it_covers(self):
        told = Booklet(Copy(self.round), self.cast.secretariat).told()["summary"]
        self.assertEqual([each["label"] for each in told["behind"]], ["認知症サポーターの養成"])
        self.assertEqual(told["behind"][0]["chip"].status, "slightly_behind")
        self.assertEqual(told["figures"][1]["value"], "2")
        self.assertIn("4目標", told["figures"][1]["of"])
        self.assertIn("2目標の平均", told["figures"][2]["of"])
