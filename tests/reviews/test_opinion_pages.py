"""The opinion as pages: compiled beside the comments, read by the committee, then by everybody."""

from datetime import date

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from reviews.compiling import move_opinion, newest, paragraphs_of, save_version
from reviews.joining import Paragraph
from reviews.models import Item, Opinion, Promise
from tests.reviews.cast import CommitteeCast

INSIDE = ("doboku_staff", "doboku_head", "manager")


class OpinionPages(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = CommitteeCast()
        cls.round = cls.cast.open()
        cls.flood = cls.cast.comment(cls.cast.area_member, "土のうの設置が早かった", kind="praise")
        cls.elderly = cls.cast.comment(cls.cast.expert, "会場の講座も続けて", key="p20")
        cls.whole = cls.cast.comment(cls.cast.expert, "堅実だ", key="", subject="whole")
        cls.round = cls.cast.close()

    def as_(self, who):
        self.client.force_login(getattr(self.cast, who))
        return self.client

    def address(self, name="opinion", *more):
        return self.round.address(name, *more)

    def typed(self, *texts, based_on=0, sources=("1、2",), action="save", **more):
        data = {"title": "上半期の意見", "based_on": based_on, "action": action}
        for number, text in enumerate(texts, start=1):
            data[f"text_{number}"] = text
            data[f"id_{number}"] = f"p{number}"
            data[f"sources_{number}"] = sources[number - 1] if number <= len(sources) else ""
            data[f"order_{number}"] = str(number)
        return data | more

    def compiled(self):
        save_version(
            self.round,
            title="上半期の意見",
            paragraphs=[Paragraph("p1", "備えが進んだ。", (self.flood.pk, self.elderly.pk))],
            based_on=0,
            by=self.cast.secretariat,
        )

    def moved(self, action):
        move_opinion(
            self.round,
            action,
            by=self.cast.secretariat,
            version=1,
            who="委員長",
            on=date(2020, 11, 25),
        )

    def test_the_secretariat_compiles_with_the_comments_beside_it(self):
        page = self.as_("secretariat").get(self.address("opinion_edit"))
        self.assertContains(page, "土のうの設置が早かった")
        self.assertContains(page, "有識者")
        answer = self.client.post(
            self.address("opinion_edit"),
            self.typed("備えが進んだ。", "", "続けてほしい。", sources=("１，2", "", "2-3")),
            follow=True,
        )
        self.assertContains(answer, "第1稿を保存しました。")
        told = paragraphs_of(newest(self.round))
        self.assertEqual([each.text for each in told], ["備えが進んだ。", "続けてほしい。"])
        self.assertEqual(told[0].sources, (self.flood.pk, self.elderly.pk))
        self.assertEqual(told[1].sources, (self.elderly.pk, self.whole.pk))

    def test_paragraphs_go_in_the_order_that_was_typed(self):
        data = self.typed("あと", "さき", order_1="2", order_2="１")
        self.as_("secretariat").post(self.address("opinion_edit"), data)
        told = [each.text for each in paragraphs_of(newest(self.round))]
        self.assertEqual(told, ["さき", "あと"])

    def test_what_is_wrong_is_said_and_what_was_typed_stays(self):
        for sources, sentence in (
            (("99",), "意見番号99はありません"),
            (("三",), "「三」は意見番号として読めません"),
            (("3-1",), "3-1はありません"),
        ):
            with self.subTest(sources=sources):
                answer = self.as_("secretariat").post(
                    self.address("opinion_edit"), self.typed("<b>備え</b>", sources=sources)
                )
                self.assertContains(answer, sentence, status_code=422)
                self.assertContains(answer, "&lt;b&gt;備え&lt;/b&gt;", status_code=422)
        self.assertIsNone(newest(self.round))

    def test_a_character_that_no_database_holds_is_told(self):
        secretariat, url = self.as_("secretariat"), self.address("opinion_edit")
        for data in (self.typed("備え\x00"), self.typed("備え") | {"title": "意見\x00"}):
            answer = secretariat.post(url, data)
            self.assertContains(answer, "使えない文字（NUL）", status_code=422)
        self.assertIsNone(newest(self.round))

    def test_of_two_secretaries_neither_loses_a_word(self):
        url = self.address("opinion_edit")
        self.as_("secretariat").post(url, self.typed("はじめ"))
        self.client.post(url, self.typed("甲が直した", based_on=1))
        answer = self.client.post(url, self.typed("乙が直した", based_on=1), follow=True)
        self.assertContains(answer, "二人の文を合わせました")
        self.assertContains(answer, "甲が直した")
        self.assertContains(answer, "乙が直した")
        self.assertContains(answer, "行き違い")

    def test_the_committee_reads_the_draft_with_its_sources_but_no_names(self):
        self.compiled()
        page = self.as_("member").get(self.address())
        self.assertContains(page, "意見のまとめ（案）")
        self.assertContains(page, "会場の講座も続けて")
        self.assertContains(page, "地域代表")
        self.assertNotContains(page, "委員（有識者）")
        self.client.post(self.address("opinion_agree"), {"version": "1"})
        self.assertContains(self.client.get(self.address()), "委員2人中1人が確認")

    def test_the_ward_office_reads_it_once_it_is_published(self):
        self.compiled()
        for who in INSIDE:
            with self.subTest(who=who):
                self.assertNotContains(self.as_(who).get(self.address()), "備えが進んだ。")
        self.moved("approve")
        self.moved("publish")
        for who in INSIDE:
            with self.subTest(who=who):
                page = self.as_(who).get(self.address())
                self.assertContains(page, "備えが進んだ。")
                self.assertNotContains(page, "土のうの設置が早かった")

    def test_moves_are_made_on_the_page_with_what_they_need(self):
        self.compiled()
        url = self.address("opinion_move")
        empty = self.as_("secretariat").post(url, {"action": "approve", "version": "1", "who": ""})
        self.assertEqual(empty.status_code, 422)
        data = {"action": "approve", "version": "1", "who": "委員長", "on": "2020-11-25"}
        self.assertContains(self.client.post(url, data, follow=True), "確認した意見として記録")
        self.assertContains(
            self.client.post(url, data), "ほかの人が先に状態を変えました", status_code=409
        )

    def test_others_can_neither_compile_nor_move(self):
        self.compiled()
        for who, status in (("member", 403), ("manager", 403), ("minami_secretariat", 404)):
            for name in ("opinion_edit", "opinion_move"):
                with self.subTest(who=who, name=name):
                    data = {"action": "approve", "version": "1", "who": "x", "on": "2020-11-25"}
                    answer = self.as_(who).post(self.address(name), data)
                    self.assertEqual(answer.status_code, status)
        self.assertEqual(Opinion.objects.get().state, Opinion.State.DRAFT)

    def queries(self, url):
        with CaptureQueriesContext(connection) as asked:
            self.client.get(url)
        return len(asked)

    def test_asks_as_often_for_many_comments_as_for_few(self):
        self.compiled()
        self.as_("secretariat")
        pages = [self.address(), self.address("opinion_edit")]
        self.client.get(pages[0])  # the session notes when it was seen last
        few = [self.queries(page) for page in pages]
        for number in range(40):
            self.cast.comment(self.cast.expert, f"意見{number}")
        self.assertEqual([self.queries(page) for page in pages], few)
        self.assertLessEqual(max(few), 12)


class InPublic(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = CommitteeCast()
        cls.round = cls.cast.open()
        comment = cls.cast.comment(cls.cast.area_member, "原文のまま<script>")
        cls.round = cls.cast.close()
        cls.item = Item.objects.get()
        Item.objects.update(
            text="巡回の成果を知りたい。",
            state="released",
            view="=次の報告に載せます。",
            disposition="reflect",
            what="直した数を載せる。",
            section=cls.cast.doboku,
        )
        Promise.objects.create(
            ward=cls.cast.isogo,
            item=cls.item,
            on_fiscal_year=2020,
            text="巡回の成果",
            what="直した数を載せる。",
            disposition="reflect",
            made_on=date(2020, 12, 1),
            project=cls.cast.flood,
            result="上半期の報告に載せました。",
            result_on=date(2021, 10, 1),
        )
        waiting = cls.cast.comment(cls.cast.expert, "まだ答えていない意見")
        cls.cast.item(waiting)
        save_version(
            cls.round,
            title="上半期の意見",
            paragraphs=[Paragraph("p1", "備えが進んだ。", (comment.pk,))],
            based_on=0,
            by=cls.cast.secretariat,
        )
        cls.url = cls.round.address("public_round")
        cls.csv = cls.round.address("public_comments_csv")

    def published(self):
        for action in ("approve", "publish"):
            move_opinion(
                self.round,
                action,
                by=self.cast.secretariat,
                version=1,
                who="区長",
                on=date(2020, 12, 1),
            )
        self.cast.publish()

    def test_nothing_is_public_before_it_is_published(self):
        self.assertEqual(self.client.get(self.url).status_code, 404)
        self.assertEqual(self.client.get(self.csv).status_code, 404)
        self.assertNotContains(self.client.get("/public/"), "磯子区")

    def test_everybody_reads_the_opinion_and_the_answers(self):
        self.published()
        page = self.client.get(self.url)
        for text in (
            "備えが進んだ。",
            "巡回の成果を知りたい。",
            "次の報告に載せます。",
            "反映する",
        ):
            self.assertContains(page, text)
        self.assertContains(page, "上半期の報告に載せました。")
        self.assertContains(self.client.get("/public/"), self.url)

    def test_names_no_member_and_nobody_s_own_words(self):
        self.published()
        said = (
            self.client.get(self.url).content.decode() + self.client.get(self.csv).content.decode()
        )
        for text in ("地域代表", "有識者", "原文のまま", "まだ答えていない意見"):
            self.assertNotIn(text, said)

    def test_an_opinion_that_is_not_published_stays_inside(self):
        self.cast.publish()
        self.assertNotContains(self.client.get(self.url), "備えが進んだ。")

    def test_the_list_is_open_data_that_cannot_run(self):
        self.published()
        answer = self.client.get(self.csv)
        self.assertTrue(answer.content.startswith(b"\xef\xbb\xbf"))
        rows = answer.content.decode("utf-8-sig").splitlines()
        self.assertIn("No.,対象,種別,意見,対応区分,区の考え方", rows[0])
        self.assertIn("14107,磯子区,2020", rows[1])
        self.assertNotIn(",=次の", rows[1])
        self.assertIn("filename*=utf-8''", answer["Content-Disposition"])

    def test_asks_as_often_for_many_as_for_few(self):
        self.published()
        with CaptureQueriesContext(connection) as few:
            self.client.get(self.url)
        for number in range(30):
            self.cast.item(
                self.cast.comment(self.cast.expert, f"意見{number}"),
                state="released",
                view="はい",
                disposition="done",
            )
        with CaptureQueriesContext(connection) as many:
            self.client.get(self.url)
        self.assertEqual(len(many), len(few))
