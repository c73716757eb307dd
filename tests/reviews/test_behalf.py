"""The secretariat's page of the members of a round, and what it types in for one of them."""

from datetime import timedelta
from unittest import mock

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from reviews import behalf
from reviews.models import Comment, Grade, Item, Member, ReadMark, ReviewRecord, Round
from tests.kpis.pages import text_of
from tests.reviews.cast import CommitteeCast


def rows(*typed, source="paper", **more):
    """The form as it is sent: (事業の番号, 種別, 意見) a row."""
    form = {
        "act": "enter",
        "source": source,
        "c-TOTAL_FORMS": str(len(typed)),
        "c-INITIAL_FORMS": "0",
        **more,
    }
    for n, (about, kind, text) in enumerate(typed):
        form |= {f"c-{n}-about": about, f"c-{n}-kind": kind, f"c-{n}-text": text}
        form.setdefault(f"c-{n}-client_key", f"row-{n}-{about}-{len(text)}"[:36])
    return form


class Desk(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = CommitteeCast()
        cls.cast.open()

    def setUp(self):
        self.who = self.cast.expert
        self.client.force_login(self.cast.secretariat)

    def url(self, page="behalf_member", *more):
        if page in ("behalf", "sheets_print", "sheets_zip"):
            return self.cast.round.address(page)
        return self.cast.round.address(page, *(more or (self.who.pk,)))

    def enter(self, *typed, **more):
        return self.client.post(self.url(), rows(*typed, **more), follow=True)

    def said(self):
        return [(each.key, each.kind, each.text) for each in Comment.objects.order_by("id")]


class WhoHasCommented(Desk):
    def test_each_member_stands_with_how_many_came_in_which_way(self):
        self.cast.comment(self.cast.area_member, "画面の意見")
        self.cast.comment(self.cast.area_member, "書きかけ", key="p07", state="draft")
        self.cast.comment(self.cast.area_member, "取り下げた", key="p07", state="withdrawn")
        self.cast.comment(self.cast.expert, "紙の意見", source="paper", on_behalf=True)
        self.cast.seat("委員（公募）", "public")
        for key in ("p05", "p07"):
            ReadMark.objects.create(
                round=self.cast.round, member=self.cast.area_member, key=key, at=timezone.now()
            )
        said = text_of(self.client.get(self.url("behalf")).content.decode())
        for text in (
            "画面 2件",
            "提出済 1件",
            "書きかけ 1件",
            "3事業中2事業を確認済",
            "紙 1件",
            "まだありません",
            "まだ何も届いていない委員が1人います。",
        ):
            self.assertIn(text, said)

    def test_the_page_costs_the_same_whatever_is_in_it(self):
        self.client.get(self.url("behalf"))  # the first of a session asks for more
        with CaptureQueriesContext(connection) as little:
            self.client.get(self.url("behalf"))
        for n in range(12):
            member = self.cast.seat(f"委員{n}", "area")
            for text in ("一", "二", "三"):
                self.cast.comment(member, text, source="paper", on_behalf=True)
        with CaptureQueriesContext(connection) as much:
            self.client.get(self.url("behalf"))
        self.assertEqual(len(little), len(much))
        self.assertLessEqual(len(much), 12)

    def test_before_the_opening_there_are_no_sheets(self):
        Round.objects.update(state="preparing")
        page = self.client.get(self.url("behalf"))
        self.assertContains(page, "受付はまだ始まっていません")
        self.assertNotContains(page, "sheet.xlsx")
        for name in ("behalf_member", "sheet_xlsx", "sheet_html", "sheet_print", "sheet_upload"):
            self.assertEqual(self.client.get(self.url(name)).status_code, 404, name)

    def test_whoever_left_stays_in_the_list_with_what_was_said(self):
        self.cast.comment(self.who, "任期の終わりに")
        self.who.terms.update(ends="2020-10-01")
        self.assertContains(self.client.get(self.url("behalf")), "委員（有識者）")
        Comment.objects.all().delete()
        self.assertNotContains(self.client.get(self.url("behalf")), "委員（有識者）")


class TypingIn(Desk):
    def test_several_comments_by_number_name_and_for_the_whole(self):
        page = self.enter(
            ("5", "praise", "巡回を続けてください"),
            ("⑦", "concern", "冬の朝が心配です"),
            ("認知症施策の推進", "proposal", "若い人にも"),
            ("柱1", "question", "来年は"),
            ("全体", "praise", "読みやすい"),
            ("", "", ""),
            source="mail",
        )
        self.assertContains(page, "意見を5件、代理入力しました")
        self.assertEqual(
            self.said(),
            [
                ("p05", "praise", "巡回を続けてください"),
                ("p07", "concern", "冬の朝が心配です"),
                ("p20", "proposal", "若い人にも"),
                ("a", "question", "来年は"),
                ("", "praise", "読みやすい"),
            ],
        )
        first = Comment.objects.first()
        self.assertEqual(
            (first.source, first.on_behalf, first.state, first.entered_by, first.late_at),
            ("mail", True, "sent", self.cast.secretariat, None),
        )
        self.assertContains(page, "電子メールから、secretariatさんが入力")
        self.assertContains(page, "代理入力")

    def test_the_words_are_kept_exactly_and_shown_safely(self):
        typed = "  <script>alert(1)</script>\r\n\r\n㉝ 髙 👨‍👩‍👧 " + "長" * 19_000
        page = self.enter(("5", "concern", typed))
        self.assertEqual(Comment.objects.get().text, typed.replace("\r\n", "\n"))
        self.assertContains(page, "&lt;script&gt;alert(1)")

    def test_what_is_wrong_is_told_and_nothing_is_written_or_lost(self):
        page = self.enter(
            ("5", "praise", "よい文"),
            ("99", "concern", "どこにもない"),
            ("7", "", "種別がない"),
            ("20", "praise", " "),
            ("", "praise", "番号がない"),
        )
        for text in (
            "「99」という事業・柱は、この回にありません。",
            "種別を選んでください。",
            "意見が空です。",
            "事業の番号を入れてください。",
            "よい文",
            "どこにもない",
        ):
            self.assertContains(page, text)
        self.assertFalse(Comment.objects.exists())

    def test_a_number_that_two_projects_bear_asks_for_the_name(self):
        self.cast.policy.projects.filter(key="p07").update(number="⑤")
        Round.objects.update(state="preparing")
        self.cast.round.refresh_from_db()
        self.cast.open()
        self.assertContains(self.enter(("5", "praise", "文")), "2つ以上あります")
        self.enter(("⑤交通安全対策", "praise", "文"))
        self.assertEqual(self.said(), [("p07", "praise", "文")])

    def test_a_form_that_is_sent_twice_enters_once(self):
        form = rows(("5", "praise", "一度だけ"))
        self.client.post(self.url(), form)
        page = self.client.post(self.url(), form, follow=True)
        self.assertContains(page, "同じ意見は、もう入力されています")
        self.assertEqual(Comment.objects.count(), 1)

    def test_nothing_typed_at_all_and_a_source_that_is_none(self):
        self.assertContains(self.enter(("", "", "")), "何も入力されていません")
        self.enter(("5", "praise", "文"), source="screen")
        self.assertFalse(Comment.objects.exists())

    def test_the_round_that_closes_meanwhile_keeps_what_was_typed(self):
        def closing(*args, **options):
            raise behalf.Over("受付は終わっています。")

        with mock.patch.object(behalf, "lock", closing):
            page = self.enter(("5", "praise", "消えてはいけない文"))
        self.assertContains(page, "受付は終わっています。")
        self.assertContains(page, "消えてはいけない文")
        self.assertFalse(Comment.objects.exists())

    def test_the_record_says_that_something_was_entered_and_not_what(self):
        self.enter(("5", "praise", "秘密の文"))
        line = ReviewRecord.objects.get(act="behalf_enter")
        self.assertEqual((line.member, line.by), (self.who, self.cast.secretariat))
        self.assertNotIn("秘密の文", str(line.changed) + line.reason)

    def test_the_page_costs_the_same_whatever_was_said(self):
        self.client.get(self.url())
        with CaptureQueriesContext(connection) as little:
            self.client.get(self.url())
        for n in range(20):
            self.cast.comment(self.who, f"意見{n}", source="paper", on_behalf=True)
        with CaptureQueriesContext(connection) as much:
            self.client.get(self.url())
        self.assertEqual(len(little), len(much))
        self.assertLessEqual(len(much), 12)


class PuttingRight(Desk):
    def setUp(self):
        super().setUp()
        self.who = self.cast.area_member
        self.enter(("5", "praise", "はじめの文"))
        self.comment = Comment.objects.get()

    def correct(self, **more):
        comment = f"e{self.comment.pk}"
        form = {
            "act": "correct",
            "comment": self.comment.pk,
            f"{comment}-kind": "concern",
            f"{comment}-text": "直した文",
            f"{comment}-version": self.comment.version,
            **more,
        }
        page = self.client.post(self.url(), form, follow=True)
        self.comment.refresh_from_db()
        return page

    def test_what_was_entered_here_is_put_right_and_taken_back(self):
        self.assertContains(self.correct(), "意見を直しました")
        self.assertEqual((self.comment.kind, self.comment.text), ("concern", "直した文"))
        self.assertEqual(self.comment.version, 2)
        self.correct(withdraw="1")
        self.assertEqual((self.comment.state, self.comment.text), ("withdrawn", "直した文"))
        acts = set(ReviewRecord.objects.filter(comment=self.comment).values_list("act", flat=True))
        self.assertEqual(acts, {"behalf_enter", "behalf_change", "behalf_withdraw"})

    def test_of_two_who_put_it_right_the_second_is_told_and_keeps_the_words(self):
        self.correct()
        self.comment.version = 1
        page = self.correct(**{f"e{self.comment.pk}-text": "二人目の文"})
        self.assertContains(page, "ほかの人が先に変えました")
        self.assertContains(page, "二人目の文")
        self.assertEqual(self.comment.text, "直した文")

    def test_what_the_member_mended_on_the_screen_is_the_members(self):
        Comment.objects.update(
            text="委員が直した文", changed_at=timezone.now() + timedelta(seconds=1)
        )
        self.assertNotContains(self.client.get(self.url()), "この内容に直す")
        self.correct()
        self.assertEqual(self.comment.text, "委員が直した文")
        self.correct(withdraw="1")
        self.assertEqual(self.comment.state, "sent")

    def test_what_the_member_is_mending_just_now_is_not_changed_under_it(self):
        Comment.objects.update(edit_kind="concern", edit_text="直しているところ")
        self.correct()
        self.assertEqual(self.comment.text, "はじめの文")

    def test_what_the_member_wrote_can_only_be_joined_by_another(self):
        mine = self.cast.comment(self.who, "画面で書いた文", key="p07")
        page = self.client.get(self.url())
        self.assertContains(page, "?about=p07#new")
        self.comment = mine
        self.correct()
        self.assertEqual(self.comment.text, "画面で書いた文")
        page = self.client.get(f"{self.url()}?about=p07")
        self.assertContains(page, 'value="⑦ 交通安全対策"')

    def test_what_a_member_wrote_stays_the_members_when_the_account_changes(self):
        mine = self.cast.comment(self.who, "画面で書いた文", key="p07")
        Member.objects.filter(pk=self.who.pk).update(user=self.cast.without_post)
        self.comment = mine
        self.correct()
        self.assertEqual(self.comment.text, "画面で書いた文")
        self.assertNotContains(self.client.get(self.url()), f"e{mine.pk}-text")

    def test_a_comment_of_another_member_is_not_found(self):
        self.who = self.cast.expert
        form = {"act": "correct", "comment": self.comment.pk}
        self.assertEqual(self.client.post(self.url(), form).status_code, 404)
        for odd in ("", "x", "9" * 40):
            form["comment"] = odd
            self.assertEqual(self.client.post(self.url(), form).status_code, 404)


class AfterTheClosing(Desk):
    def test_a_late_comment_needs_a_reason_is_marked_and_goes_to_the_list(self):
        self.cast.comment(self.cast.area_member, "間に合った文")
        self.cast.close()
        page = self.enter(("5", "praise", "遅れて届いた文"))
        self.assertContains(page, "締切後に届いた事情を書いてください")
        self.assertContains(page, "遅れて届いた文")
        page = self.enter(("5", "praise", "遅れて届いた文"), reason="郵便の遅れ")
        comment = Comment.objects.get(text="遅れて届いた文")
        self.assertIsNotNone(comment.late_at)
        self.assertContains(page, "締切後")
        self.assertEqual(
            list(Item.objects.order_by("number").values_list("number", "text")),
            [(1, "間に合った文"), (2, "遅れて届いた文")],
        )
        line = ReviewRecord.objects.get(act="behalf_late")
        self.assertEqual(line.reason, "郵便の遅れ")

    def test_what_is_on_the_list_is_not_changed_here_any_more(self):
        self.enter(("5", "praise", "はじめの文"))
        comment = Comment.objects.get()
        self.cast.close()
        self.assertNotContains(self.client.get(self.url()), "この内容に直す")
        with self.assertRaisesMessage(behalf.Over, "ここでは直せません"):
            behalf.withdraw(self.cast.round, comment, version=1, by=self.cast.secretariat)

    def test_a_published_round_takes_nothing_more(self):
        self.cast.close()
        self.cast.publish()
        page = self.enter(("5", "praise", "遅すぎた文"), reason="郵便の遅れ")
        self.assertContains(page, "公表されているため")
        self.assertFalse(Comment.objects.exists())
        self.assertNotContains(self.client.get(self.url()), "代理入力する</button>")


class Grades(Desk):
    def setUp(self):
        super().setUp()
        Round.objects.update(
            asks_grade=True, grades=[{"key": "A", "name": "期待どおり"}, {"key": "B"}]
        )

    def give(self, **given):
        form = {"act": "grades"} | {f"grade.{key}": value for key, value in given.items()}
        return self.client.post(self.url(), form, follow=True)

    def held(self):
        return dict(Grade.objects.values_list("key", "grade"))

    def test_grades_are_given_changed_and_taken_back(self):
        self.assertContains(self.give(p05="A", p07="B", p20=""), "2件、代理入力しました")
        self.give(p05="B", p07="")
        self.assertEqual(self.held(), {"p05": "B"})
        self.assertTrue(Grade.objects.get().on_behalf)

    def test_a_grade_that_is_none_and_a_project_that_is_none(self):
        self.give(p05="S", p99="A")
        self.assertEqual(self.held(), {})

    def test_what_the_member_chose_on_the_screen_stays(self):
        Grade.objects.create(
            round=self.cast.round, member=self.who, key="p05", grade="A", at=timezone.now()
        )
        self.give(p05="B")
        self.assertEqual(self.held(), {"p05": "A"})


class WhoMay(Desk):
    OWN = ("sheet_xlsx", "sheet_html", "sheet_print")
    OFFICE = ("behalf", "behalf_member", "sheet_upload", "sheets_print", "sheets_zip")

    def status(self, who, page, member=None):
        self.client.force_login(who)
        self.who = member or self.cast.expert
        return self.client.get(self.url(page)).status_code

    def test_the_secretariat_opens_everything(self):
        for page in (*self.OWN, *self.OFFICE):
            self.assertEqual(self.status(self.cast.secretariat, page), 200, page)

    def test_a_member_fetches_the_own_sheet_and_nobody_elses(self):
        for page in self.OWN:
            with self.subTest(page):
                mine = self.status(self.cast.member, page, self.cast.area_member)
                self.assertEqual((mine, self.status(self.cast.member, page)), (200, 404))
        for page in self.OFFICE:
            self.assertEqual(self.status(self.cast.member, page), 403, page)

    def test_a_member_whose_term_is_over_fetches_nothing(self):
        self.cast.area_member.terms.update(ends="2020-10-01")
        for page in self.OWN:
            self.assertEqual(self.status(self.cast.member, page, self.cast.area_member), 404)

    def test_others_of_the_ward_and_strangers(self):
        for name in ("doboku_staff", "doboku_head", "manager", "auditor"):
            for page in self.OWN:
                self.assertEqual(self.status(getattr(self.cast, name), page), 404, (name, page))
            for page in self.OFFICE:
                self.assertEqual(self.status(getattr(self.cast, name), page), 403, (name, page))
        for name in ("minami_secretariat", "minami_staff", "without_post", "city"):
            for page in (*self.OWN, *self.OFFICE):
                self.assertEqual(self.status(getattr(self.cast, name), page), 404, (name, page))

    def test_a_member_of_another_committee_is_not_found(self):
        other = Member.objects.create(
            committee=type(self.cast.committee).objects.create(
                ward=self.cast.minami, name="南区の委員会"
            ),
            name="南区の委員",
        )
        for page in (*self.OWN, "behalf_member", "sheet_upload"):
            self.assertEqual(self.status(self.cast.secretariat, page, other), 404, page)


class OnPaper(Desk):
    def test_the_printed_sheet_has_room_to_write_and_says_whose_it_is(self):
        page = self.client.get(self.url("sheet_print"))
        said = text_of(page.content.decode())
        for text in (
            "委員（有識者）",
            "整理番号 14107-2020-H1-M",
            "□ 評価 □ 課題 □ 提案 □ 質問",
            "道路・公園などのパトロール 275回／目標550回（50.0%）順調",
            "全体について",
        ):
            self.assertIn(text, said)

    def test_everybodys_sheets_follow_one_another_in_a_fixed_number_of_queries(self):
        self.client.get(self.url("sheets_print"))
        with CaptureQueriesContext(connection) as little:
            self.client.get(self.url("sheets_print"))
        for n in range(6):
            self.cast.comment(self.cast.seat(f"委員{n}", "area"), "意見")
        with CaptureQueriesContext(connection) as much:
            page = self.client.get(self.url("sheets_print"))
        self.assertContains(page, "整理番号", count=8)
        self.assertEqual(len(little), len(much))
        self.assertLessEqual(len(much), 13)
