"""A member reads the round: the copy in plain words, and only what is theirs to see."""

from datetime import date
from decimal import Decimal

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kpis.models import Actual, Change, Project, Revision
from reviews.models import Comment, Grade, Item, Member, Promise, ReadMark, Round
from reviews.workflow import move_round
from tests.cast import person
from tests.kpis.pages import links, text_of
from tests.reviews.cast import CommitteeCast

ROUND = "/wards/14107/2020/review/H1/read/"
P05, P20 = f"{ROUND}projects/p05/", f"{ROUND}projects/p20/"


class Readers(TestCase):
    """The round on the first half is open; ⑤ was confirmed, ⑦ is still a draft."""

    @classmethod
    def setUpTestData(cls):
        cls.cast = CommitteeCast()
        Revision.objects.create(
            target=cls.cast.patrols,
            on=date(2020, 7, 1),
            old=Decimal(600),
            new=Decimal(550),
            reason="感染症のため",
            decided_by="区長",
        )
        Round.objects.update(note="お忙しいなか\nありがとうございます。")
        cls.cast.open()

    def setUp(self):
        self.client.force_login(self.cast.member)

    def read(self, url: str = P05, status: int = 200) -> str:
        page = self.client.get(url)
        self.assertEqual(page.status_code, status, url)
        return text_of(page.content.decode())

    def post(self, url: str = P05, **data):
        typed = {"text": "", "client_key": "a", "version": "0", "comment": ""}
        return self.client.post(url, {**typed, **data})

    def save(self, **data):
        typed = {"subject": "project", "key": "p05", "client_key": "a", "version": "0"}
        return self.client.post(
            f"{ROUND}save/", {**typed, **data}, headers={"Accept": "application/json"}
        )


class TheOverview(Readers):
    def test_says_what_it_is_until_when_and_where_to_go_on(self):
        ReadMark.objects.create(
            round=self.cast.round, member=self.cast.area_member, key="p05", at=timezone.now()
        )
        page = self.client.get(ROUND)
        said = text_of(page.content.decode())
        self.assertIn("3 事業中 1 事業 確認済", said)
        self.assertIn("お忙しいなか ありがとうございます。", said)
        self.assertIn("意見の締切は", said)
        self.assertIn(("つづきを読む", f"{ROUND}projects/p07/"), links(page))

    def test_leads_to_ones_own_opinion_sheet_and_back_while_one_may_write(self):
        page = self.client.get(ROUND)
        own = f"/wards/14107/2020/review/H1/behalf/{self.cast.area_member.pk}/"
        self.assertIn(("意見票を印刷する（手で書く）", f"{own}print/"), links(page))
        self.assertIn(("意見票（Excel）", f"{own}sheet.xlsx"), links(page))
        self.assertContains(page, f'"{own}sheet.html"')
        self.assertEqual(self.client.get(f"{own}sheet.html").status_code, 200)
        paper = self.client.get(f"{own}print/")
        self.assertIn(("事業を読むページに戻る", ROUND), links(paper))
        move_round(self.cast.round, "close", by=self.cast.secretariat)
        self.assertNotContains(self.client.get(ROUND), "意見票")

    def test_the_first_page_tells_a_member_what_is_left(self):
        self.cast.comment(self.cast.area_member, "書きかけ", state="draft")
        said = self.read("/")
        self.assertIn("意見を書く", said)
        self.assertIn("あと3事業を読む", said)
        self.assertIn("書きかけ1件を送る", said)
        self.assertIn("あと14日", said)

    def test_and_nothing_to_others_nor_when_all_is_read(self):
        for key in ("p05", "p07", "p20"):
            ReadMark.objects.create(
                round=self.cast.round, member=self.cast.area_member, key=key, at=timezone.now()
            )
        self.assertNotIn("意見を書く", self.read("/"))
        self.client.force_login(self.cast.manager)
        self.assertNotIn("意見を書く", self.read("/"))

    def test_the_menu_of_a_member_has_its_own_words(self):
        page = self.client.get(ROUND)
        menu = [text for text, _url in links(page)]
        self.assertIn("これまでの結果", menu)
        self.assertNotIn("目標一覧", menu)
        self.client.force_login(self.cast.manager)
        self.assertIn("目標一覧", [text for text, _url in links(self.client.get(ROUND))])

    def test_reading_leads_to_the_open_round(self):
        self.assertRedirects(self.client.get("/read/"), ROUND)
        self.client.force_login(self.cast.without_post)
        self.assertRedirects(self.client.get("/read/"), "/")


class AProject(Readers):
    def test_reads_in_plain_words_with_figure_chart_and_account(self):
        said = self.read()
        self.assertIn("磯子区は令和2年度", said)
        self.assertIn("目標は年間550回です。", said)
        self.assertIn("275 回", said)
        self.assertIn("順調", said)
        self.assertIn("達成率 50.0%", said)
        self.assertIn("▼ 9月末の計画 275回", said)
        self.assertIn("道路と公園を巡回しました。", said)

    def test_a_changed_target_keeps_its_original(self):
        said = self.read()
        self.assertIn("はじめの目標は600回でした。", said)
        self.assertIn("目標を 600回 から 550回 に変えました。", said)
        self.assertIn("理由：感染症のため", said)

    def test_the_cumulative_total_stands_beside_the_years_figure(self):
        said = self.read(P20)
        self.assertIn("328 人", said)
        self.assertIn("18,028人", said)
        self.assertIn("これまで 17,700人", said)

    def test_what_was_not_confirmed_is_in_no_copy(self):
        said = self.read(f"{ROUND}projects/p07/")
        self.assertIn("未入力", said)
        self.assertNotIn("9 園", said)

    def test_the_page_does_not_move_and_tells_a_correction_as_such(self):
        Actual.objects.filter(target=self.cast.patrols).update(value=270)
        Change.objects.record(
            self.cast.patrols,
            Change.Act.CORRECTED,
            {"value": ["275", "270"]},
            by=self.cast.secretariat,
            period=self.cast.first_half,
            reason="二重に数えていたため",
            at=timezone.now(),
        )
        said = self.read()
        self.assertIn("275 回", said)
        self.assertIn("訂正がありました。", said)
        self.assertIn("実績 275 → 270", said)
        self.assertIn("二重に数えていたため", said)

    def test_tells_what_the_committee_said_last_time_and_what_came_of_it(self):
        Promise.objects.create(
            ward=self.cast.isogo,
            on_fiscal_year=2019,
            source="令和元年度の意見",
            text="巡回した道が分かるように",
            what="巡回図を公表する",
            disposition="reflect",
            made_on=date(2020, 4, 1),
            policy=self.cast.policy,
            project=self.cast.flood,
            result="6月に公表した",
            result_on=date(2020, 6, 30),
        )
        said = self.read()
        for words in ("巡回した道が分かるように", "反映する", "巡回図を公表する", "6月に公表した"):
            self.assertIn(words, said)
        self.assertNotIn("巡回図", self.read(P20))

    def test_of_an_earlier_round_the_answer_shows_once_it_is_released(self):
        comment = self.cast.comment(self.cast.area_member, "前の回の意見")
        item = self.cast.item(comment, state="answered", view="前向きに", disposition="consider")
        self.cast.close()
        self.cast.publish()
        later = Round.objects.create(
            committee=self.cast.committee,
            policy=self.cast.policy,
            period=self.cast.second_half,
            due=date(2021, 3, 10),
        )
        move_round(later, "open", by=self.cast.secretariat)
        url = P05.replace("H1", "H2")
        said = self.read(url)
        self.assertIn("前の回の意見", said)
        self.assertNotIn("前向きに", said)
        Item.objects.filter(pk=item.pk).update(state="released")
        self.assertIn("前向きに", self.read(url))

    def test_an_answer_that_is_still_being_written_shows_to_those_who_write_it_alone(self):
        comment = self.cast.comment(self.cast.area_member, "巡回を増やしては")
        answer = {"section": self.cast.doboku, "view": "まだ相談中", "disposition": "difficult"}
        self.cast.item(comment, state="asked", **answer)
        self.cast.close()
        for who in (self.cast.chiiki_staff, self.cast.manager, self.cast.auditor):
            self.client.force_login(who)
            said = self.read()
            self.assertIn("巡回を増やしては", said)
            self.assertNotIn("まだ相談中", said, who)
        for who in (self.cast.doboku_staff, self.cast.secretariat):
            self.client.force_login(who)
            self.assertIn("まだ相談中", self.read(), who)

    def test_both_periods_stand_there_at_the_end_of_the_year(self):
        self.cast.entered(self.cast.patrols, self.cast.second_half, 300, state="confirmed")
        later = Round.objects.create(
            committee=self.cast.committee,
            policy=self.cast.policy,
            period=self.cast.second_half,
            due=date(2021, 3, 10),
        )
        move_round(later, "open", by=self.cast.secretariat)
        said = self.read(P05.replace("H1", "H2"))
        self.assertIn("上半期 275回 275回", said)
        self.assertIn("下半期 300回 575回", said)
        self.assertIn("達成率 104.5%", said)

    def test_a_cancelled_project_says_so(self):
        Round.objects.update(state="preparing")
        Project.objects.filter(key="p05").update(
            status="cancelled", status_on=date(2020, 5, 18), status_reason="会場の閉鎖"
        )
        move_round(Round.objects.get(), "open", by=self.cast.secretariat)
        said = self.read()
        self.assertEqual(said.count("令和2年5月18日に中止 会場の閉鎖"), 1)


class Writing(Readers):
    """Plain forms, without a script."""

    def test_sending_says_until_when_it_can_be_changed_and_marks_it_read(self):
        page = self.post(kind="praise", text="よく巡回しています。", action="send")
        self.assertRedirects(page, P05, fetch_redirect_response=False)
        said = self.read()
        self.assertIn("意見を送りました。締切の", said)
        self.assertIn("よく巡回しています。", said)
        self.assertIn("3 事業中 1 事業 確認済", said)

    def test_no_comment_marks_it_read_and_leads_to_the_next(self):
        page = self.post(action="nothing")
        self.assertRedirects(page, f"{ROUND}projects/p07/")
        self.assertTrue(ReadMark.objects.filter(key="p05").exists())

    def test_no_comment_with_words_in_the_field_keeps_them_unsent(self):
        self.post(action="nothing", text="まだ考え中")
        said = self.read()
        self.assertIn("書きかけの意見は、送らずに残してあります。", said)
        self.assertEqual(Comment.objects.get().state, "draft")
        self.assertIn("まだ考え中", said)

    def test_the_read_mark_can_be_taken_back(self):
        self.post(action="nothing")
        self.assertRedirects(self.client.post(f"{P05}mark/"), P05)
        self.assertFalse(ReadMark.objects.exists())
        self.client.post(f"{P05}mark/", {"read": "1"})
        self.assertTrue(ReadMark.objects.exists())

    def test_without_a_kind_nothing_typed_is_lost_and_the_second_press_sends(self):
        page = self.post(text="種別なし", action="send")
        self.assertContains(page, "意見の種別を選んでから")
        self.assertContains(page, "種別なし")
        draft = Comment.objects.get()
        self.post(
            text="種別なし",
            kind="concern",
            action="send",
            comment=draft.pk,
            version=page.context["form"].seen.version,
        )
        self.assertEqual(Comment.objects.get().state, "sent")

    def test_too_long_a_text_stays_on_the_page(self):
        page = self.post(kind="praise", text="長" * 20_001, action="send")
        self.assertContains(page, "いま20,001文字あります")
        self.assertContains(page, "長" * 20_001)
        self.assertFalse(Comment.objects.exists())

    def test_a_draft_is_in_the_field_again_and_html_is_shown_as_typed(self):
        text = "\n<script>alert(1)</script> 𠮷 髙 ㉝ 😀\r\n  二行目"
        self.post(kind="concern", text=text, action="draft")
        page = self.client.get(P05)
        self.assertContains(page, "&lt;script&gt;alert(1)&lt;/script&gt; 𠮷 髙 ㉝ 😀\n  二行目")
        self.assertNotContains(page, "<script>alert")
        self.assertEqual(Comment.objects.get().text, text.replace("\r\n", "\n"))

    def test_editing_what_was_sent_and_sending_it_again(self):
        self.post(kind="praise", text="はじめ", action="send")
        sent = Comment.objects.get()
        page = self.post(edit=sent.pk, client_key="b")
        self.assertRedirects(page, f"{P05}?edit={sent.pk}#slip", fetch_redirect_response=False)
        said = self.read(f"{P05}?edit={sent.pk}")
        self.assertIn("送った意見を直しています", said)
        self.post(comment=sent.pk, version=sent.version, kind="praise", text="次", action="send")
        self.assertEqual(Comment.objects.get().text, "次")

    def test_withdrawing_keeps_what_was_being_typed(self):
        self.post(kind="praise", text="取り下げる", action="send")
        sent = Comment.objects.get()
        self.post(withdraw=f"{sent.pk}:{sent.version}", text="別の書きかけ", client_key="b")
        sent.refresh_from_db()
        self.assertEqual(sent.state, "withdrawn")
        self.assertIn("別の書きかけ", self.read())

    def test_two_windows_show_both_texts_and_the_choice_is_the_members(self):
        self.post(kind="praise", text="一つ目の窓", action="draft")
        page = self.post(kind="praise", text="二つ目の窓", action="send")
        self.assertEqual(page.status_code, 409)
        for words in ("一つ目の窓", "二つ目の窓", "別の画面の文を使う"):
            self.assertContains(page, words, status_code=409)
        seen = page.context["form"].seen
        self.post(
            kind="praise",
            text="二つ目の窓",
            action="send",
            comment=seen.id,
            version=seen.version,
        )
        self.assertEqual(Comment.objects.get().text, "二つ目の窓")

    def test_what_comes_after_the_closing_is_shown_kept_and_seen_by_the_secretariat(self):
        self.cast.close()
        page = self.post(kind="praise", text="間に合わなかった", action="send")
        self.assertContains(page, "事務局に預けました", status_code=409)
        self.assertContains(page, "間に合わなかった", status_code=409)
        self.assertIn("間に合わなかった", self.read())
        self.client.force_login(self.cast.secretariat)
        self.assertIn("間に合わなかった", self.read(ROUND))
        for who in (self.cast.auditor, self.cast.doboku_head):
            self.client.force_login(who)
            self.assertNotIn("間に合わなかった", self.read(ROUND) + self.read())

    def test_what_was_being_changed_at_the_closing_stays_with_its_author_and_the_secretariat(self):
        self.cast.comment(self.cast.area_member, "送った文", edit_text="直しかけの文")
        self.cast.close()
        self.assertIn("直しかけの文", self.read())
        self.client.force_login(self.cast.secretariat)
        behalf = ROUND.replace("read/", f"behalf/{self.cast.area_member.pk}/")
        self.assertIn("直しかけの文", self.read(behalf))
        for who in (self.cast.auditor, self.cast.doboku_head):
            self.client.force_login(who)
            self.assertNotIn("直しかけの文", self.read())

    def test_entered_on_the_members_behalf_it_says_so(self):
        self.cast.comment(
            self.cast.area_member,
            "電話で聞いた意見",
            on_behalf=True,
            source="phone",
            entered_by=self.cast.secretariat,
            entered_by_name="区政推進課",
        )
        said = self.read()
        self.assertIn("代理入力：区政推進課", said)
        self.assertIn("事務局が代わりに入れた意見です。", said)

    def test_a_grade_is_asked_for_only_where_the_round_does(self):
        self.assertNotIn("この事業の評価", self.read())
        Round.objects.update(
            asks_grade=True,
            grades=[{"key": "A", "name": "期待どおり"}, {"key": "B", "name": "もう一歩"}],
        )
        self.assertIn("期待どおり", self.read())
        self.post(action="nothing", grade="B")
        self.assertEqual(Grade.objects.get().grade, "B")
        self.assertContains(self.client.get(P05), 'value="B" checked')

    def test_a_pillar_and_the_whole_have_their_own_slip(self):
        for url, subject, key in (
            (f"{ROUND}pillars/a/", "pillar", "a"),
            (f"{ROUND}whole/", "whole", ""),
        ):
            self.post(
                url, kind="praise", text=f"{subject}の意見", action="send", client_key=subject
            )
            self.assertIn(f"{subject}の意見", self.read(url))
            self.assertTrue(Comment.objects.filter(subject=subject, key=key).exists())


class SavingWhileTyping(Readers):
    def test_says_when_it_was_saved_and_what_the_page_has_to_know(self):
        answer = self.save(text="書いている")
        said = answer.json()
        self.assertTrue(said["ok"])
        self.assertRegex(said["said"], r"^保存しました \d{1,2}:\d{2}")
        again = self.save(text="書いている途中", comment=said["comment"], version=said["version"])
        self.assertEqual(again.json()["version"], 2)

    def test_of_two_windows_the_second_gets_both(self):
        self.save(text="一つ目")
        answer = self.save(text="二つ目")
        self.assertEqual(answer.status_code, 409)
        self.assertEqual(answer.json()["theirs"]["text"], "一つ目")

    def test_too_long_is_a_sentence(self):
        answer = self.save(text="長" * 20_001)
        self.assertEqual(answer.status_code, 422)
        self.assertIn("20,000文字", answer.json()["message"])

    def test_a_mark_that_no_page_gives_is_no_failure(self):
        answer = self.save(kind="praise", text="よい", client_key="a\x00b")
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(Comment.objects.get().text, "よい")

    def test_closed_meanwhile_it_is_kept_and_told(self):
        self.cast.close()
        answer = self.save(text="間に合わなかった")
        self.assertEqual(answer.status_code, 409)
        self.assertTrue(answer.json()["closed"])
        self.assertEqual(Comment.objects.get().late_text, "間に合わなかった")

    def test_without_a_session_it_is_told_where_to_log_in(self):
        self.client.logout()
        answer = self.save(text="書いている")
        self.assertEqual(answer.status_code, 401)
        self.assertIn("/login/", answer.json()["login"])

    def test_another_members_comment_is_not_found(self):
        others = self.cast.comment(self.cast.expert, "有識者の意見")
        answer = self.save(text="書き換え", comment=others.pk, version=others.version)
        self.assertEqual(answer.status_code, 404)
        self.assertEqual(Comment.objects.get().text, "有識者の意見")

    def test_what_is_not_in_the_copy_is_not_found(self):
        for subject, key in (("project", "p99"), ("pillar", "p05"), ("whole", "p05"), ("x", "")):
            with self.subTest(subject=subject, key=key):
                answer = self.save(text="どこ", subject=subject, key=key)
                self.assertEqual(answer.status_code, 404)


class WhoSeesWhat(Readers):
    def setUp(self):
        super().setUp()
        self.mine = self.cast.comment(self.cast.area_member, "わたしの意見")
        self.theirs = self.cast.comment(self.cast.expert, "有識者の意見")
        self.draft = self.cast.comment(self.cast.expert, "有識者の書きかけ", state="draft")

    def test_a_member_sees_nobody_elses_comment_before_the_closing(self):
        said = self.read()
        self.assertIn("わたしの意見", said)
        self.assertNotIn("有識者の", said)
        self.assertEqual(self.client.get(f"{P05}?edit={self.theirs.pk}").status_code, 404)
        self.assertEqual(self.post(comment=self.theirs.pk, text="x").status_code, 404)
        gone = self.post(withdraw=f"{self.theirs.pk}:{self.theirs.version}")
        self.assertEqual(gone.status_code, 404)

    def test_after_it_what_was_sent_by_category_and_no_draft(self):
        self.cast.close()
        said = self.read()
        self.assertIn("有識者 有識者の意見", said)
        self.assertNotIn("有識者の書きかけ", said)

    def test_the_ward_office_reads_the_copy_and_no_comment(self):
        for who in ("manager", "doboku_head", "chiiki_staff", "auditor"):
            with self.subTest(who=who):
                self.client.force_login(getattr(self.cast, who))
                said = self.read()
                self.assertIn("275 回", said)
                self.assertNotIn("意見を送る", said)
                self.assertNotIn("わたしの意見", said)

    def test_the_secretariat_sees_what_was_sent_and_writes_nothing_here(self):
        self.client.force_login(self.cast.secretariat)
        said = self.read()
        self.assertIn("わたしの意見", said)
        self.assertNotIn("意見を送る", said)
        self.assertEqual(self.post(kind="praise", text="x", action="send").status_code, 403)

    def test_a_post_without_a_line_in_the_list_reads_and_is_told_whom_to_ask(self):
        newcomer = person("newcomer", "member", self.cast.isogo)
        self.client.force_login(newcomer)
        said = self.read()
        self.assertIn("名簿に載っていません", said)
        self.assertIn("区政推進課（事務局）", said)
        self.assertNotIn("意見を送る", said)
        self.assertEqual(self.post(kind="praise", text="x", action="send").status_code, 403)
        self.assertNotIn("意見を書く", self.read("/"))

    def test_another_ward_and_a_department_that_does_not_work_on_it_find_nothing(self):
        for who in ("minami_secretariat", "fukushi_bucho", "city"):
            with self.subTest(who=who):
                self.client.force_login(getattr(self.cast, who))
                self.read(P05, 404)
        self.client.force_login(self.cast.fukushi_bucho)
        self.read(P20)
        self.assertNotIn("風水害", self.read(ROUND))

    def test_what_is_being_prepared_is_read_by_nobody(self):
        Comment.objects.all().delete()
        move_round(self.cast.round, "take_back", by=self.cast.secretariat, reason="誤り")
        for who in (self.cast.member, self.cast.manager, self.cast.secretariat):
            self.client.force_login(who)
            self.read(P05, 404)


class TheCost(Readers):
    """Queries do not grow with projects or comments, and stay within twelve."""

    MOST = 12

    def pages(self) -> dict[str, int]:
        found = {}
        for url in (ROUND, P05, f"{ROUND}pillars/a/", f"{ROUND}whole/"):
            self.client.get(url)
            with CaptureQueriesContext(
                connection,
            ) as queries:
                self.assertEqual(self.client.get(url).status_code, 200)
            found[url] = len(queries)
        return found

    def test_is_the_same_with_three_projects_and_forty_and_with_sixty_comments(self):
        Round.objects.update(asks_grade=True, grades=[{"key": "A", "name": "よい"}])
        few = self.pages()
        Round.objects.update(state="preparing")
        for number in range(30, 67):
            project = self.cast.project(f"p{number}", "", f"事業{number}", self.cast.doboku)
            target = self.cast.target(project, f"p{number}-t1", "取組", value=10, unit="回")
            self.cast.entered(target, self.cast.first_half, 5, state="confirmed")
        move_round(Round.objects.get(), "open", by=self.cast.secretariat)
        for number in range(60):
            on = "p05" if number % 2 else f"p{30 + number // 2}"
            self.cast.comment(self.cast.area_member, "意見" * 100, key=on)
            self.cast.comment(self.cast.expert, "意見" * 100, key=on)
        for key in ("p05", "p07", *(f"p{n}" for n in range(30, 60))):
            ReadMark.objects.create(
                round=self.cast.round, member=self.cast.area_member, key=key, at=timezone.now()
            )
        for number in range(5):
            Promise.objects.create(
                ward=self.cast.isogo,
                on_fiscal_year=2019,
                text="意見",
                what=f"約束{number}",
                disposition="consider",
                made_on=date(2020, 4, 1),
                policy=self.cast.policy,
                project=self.cast.flood,
            )
        many = self.pages()
        self.assertEqual(few, many)
        self.assertLessEqual(max(many.values()), self.MOST, many)

    def test_after_the_closing_too(self):
        self.cast.comment(self.cast.expert, "意見")
        self.cast.close()
        few = self.pages()
        for _number in range(20):
            self.cast.comment(self.cast.expert, "意見")
        Member.objects.filter(pk=self.cast.expert.pk).update(affiliation="大学")
        many = self.pages()
        self.assertEqual(few, many)
        self.assertLessEqual(max(many.values()), self.MOST + 1, many)

    def test_saving_costs_little(self):
        with CaptureQueriesContext(connection) as queries:
            self.assertEqual(self.save(text="書いている").status_code, 200)
        # Of which four are the savepoints of a test.
        self.assertLessEqual(len(queries), 14, [q["sql"][:80] for q in queries])
