"""The desk of a round: adding and editing one, where it stands, what comes next, its moves."""

from datetime import date

from django.urls import reverse
from django.utils import timezone

from kpis.models import Change
from reviews.grades import WrongGrades, read_grades, written
from reviews.models import Comment, Item, ReadMark, ReviewRecord, Round
from tests.kpis.pages import text_of
from tests.reviews.forms import form_of
from tests.reviews.test_committee import Desk
from wards.models import AccessRecord

H1 = (2020, "H1")
MONDAY, SATURDAY = date(2026, 12, 14), date(2026, 12, 12)


class Adding(Desk):
    def test_a_round_goes_on_a_period_that_has_none(self):
        page = self.client.get(self.url("round_add"))
        self.assertContains(page, "令和2年度 (2020) 下半期（10–3月）")
        self.assertNotContains(page, "上半期（4–9月）")
        page = self.fill(
            "round_add",
            period=self.cast.second_half.pk,
            due=SATURDAY.isoformat(),
            asks_grade="on",
            grades="A 期待どおり\n\nB　改善が必要",
        )
        self.assertContains(
            page, "12月12日（土）は閉庁日のため、締切を次の開庁日の12月14日（月）に"
        )
        added = Round.objects.get(period=self.cast.second_half)
        self.assertEqual((added.due, added.state), (MONDAY, "preparing"))
        self.assertEqual(
            added.grades,
            [{"key": "A", "name": "期待どおり"}, {"key": "B", "name": "改善が必要"}],
        )

    def test_a_period_of_another_ward_or_with_a_round_is_refused(self):
        for period in (self.cast.first_half.pk, 999_999, ""):
            page = self.fill("round_add", period=period)
            self.assertContains(page, "まだ保存していません")
        self.assertEqual(Round.objects.count(), 1)

    def test_grades_are_two_steps_at_least_and_each_mark_once(self):
        for typed, why in [("A だけ", "none"), ("A x\nA y", "twice"), ("A" * 11 + "\nB", "long")]:
            with self.subTest(typed=typed), self.assertRaises(WrongGrades) as wrong:
                read_grades(typed)
            self.assertEqual(wrong.exception.why, why)
        self.assertEqual(written(read_grades("◎ よい\n△")), "◎ よい\n△")

    def test_asking_for_grades_without_steps_gets_a_sentence(self):
        page = self.fill(
            "round_add",
            period=self.cast.second_half.pk,
            asks_grade="on",
            grades="",
            note="よろしく",
        )
        self.assertContains(page, "評価をたずねるときは、段階を書いてください")
        self.assertContains(page, "よろしく")

    def test_others_do_not_add_rounds(self):
        self.client.force_login(self.cast.manager)
        self.assertEqual(self.client.get(self.url("round_add")).status_code, 403)


class TheList(Desk):
    def test_shows_how_far_each_round_is_as_far_as_one_may_see(self):
        self.cast.open()
        self.cast.comment(self.cast.area_member, "巡回の成果は")
        self.cast.comment(self.cast.expert, "書きかけ", state="draft")
        self.cast.comment(self.cast.expert, "全体に", subject="whole", key="")
        told = self.read("rounds")
        self.assertIn("令和2年度 (2020) 上半期 4–9月 意見を受付中", told)
        self.assertRegex(told, r"月\d+日 2 — —")
        self.assertRegex(self.read("rounds", who=self.cast.member), r"日 1 自分の意見 — —")
        self.assertNotIn("提出済の意見", self.read("rounds", who=self.cast.doboku_staff))

    def test_a_round_in_preparation_is_the_secretariat_s_and_the_auditor_s(self):
        self.assertIn("準備中", self.read("rounds"))
        self.assertIn("準備中", self.read("rounds", who=self.cast.auditor))
        self.assertIn("いま見られる回はありません", self.read("rounds", who=self.cast.member))

    def test_the_city_reads_published_rounds_and_nothing_else(self):
        self.assertIn("いま見られる回はありません", self.read("rounds", who=self.cast.city))
        self.cast.open()
        self.cast.close()
        self.cast.publish()
        self.assertIn("公表済", self.read("rounds", who=self.cast.city))
        self.client.force_login(self.cast.city)
        self.assertEqual(self.client.get(self.url("committee")).status_code, 404)

    def test_a_ward_without_a_committee_is_led_to_founding_one(self):
        self.client.force_login(self.cast.minami_secretariat)
        page = self.client.get(reverse("reviews:rounds", args=["14105"]))
        self.assertContains(page, reverse("reviews:committee_edit", args=["14105"]))

    def test_it_asks_no_more_for_many_comments(self):
        self.cast.open()
        self.read("rounds")
        with self.assertNumQueries(9):
            self.read("rounds")
        for n in range(20):
            self.cast.comment(self.cast.expert, f"意見{n}")
        self.cast.close()
        with self.assertNumQueries(9):
            self.read("rounds")


class BeforeItOpens(Desk):
    def test_says_what_would_be_frozen_by_section(self):
        told = self.read("round", *H1)
        self.assertIn("確認済の実績2件が写しに入ります。確認前の1件と未入力の1件は、委員には", told)
        self.assertIn("磯子土木事務所 1 — —", told)
        self.assertIn("地域振興課 0 1 —", told)
        self.assertIn("3事業のうち1事業が確認済です", told)
        self.assertContains(
            self.client.get(self.url("round", *H1)),
            reverse("kpis:entry_list", args=["14107", 2020]) + "?period=H1",
        )

    def test_it_asks_the_database_twelve_times(self):
        self.read("round", *H1)
        with self.assertNumQueries(12):
            self.read("round", *H1)

    def test_without_a_due_date_the_next_thing_is_to_set_one(self):
        Round.objects.update(due=None)
        page = self.client.get(self.url("round", *H1))
        self.assertContains(page, "締切を決める")
        self.assertNotContains(page, "/move/")

    def test_nobody_else_knows_of_it(self):
        for who in ("member", "doboku_staff", "manager", "minami_secretariat", "city"):
            self.client.force_login(getattr(self.cast, who))
            self.assertEqual(self.client.get(self.url("round", *H1)).status_code, 404, who)
        self.client.force_login(self.cast.auditor)
        page = self.client.get(self.url("round", *H1))
        self.assertNotContains(page, "btn-primary")

    def test_opening_shows_what_follows_first_and_then_does_it(self):
        page = self.client.get(self.url("round_move", *H1, "open"))
        self.assertContains(page, "委員が読むのはこの写しです")
        self.assertEqual(Round.objects.get().state, "preparing")
        page = self.client.post(self.url("round_move", *H1, "open"), follow=True)
        self.assertContains(page, "意見の受付を始めました。")
        told = text_of(page.content.decode())
        copy = Round.objects.get().copies.get()
        self.assertIn(f"第1版 取った日時 {timezone.localtime(copy.at):%Y年}", told)
        self.assertIn(copy.sha256, told)
        self.assertIn(f"計算方法の版 {copy.maths}", told)


class WhileItIsOpen(Desk):
    def setUp(self):
        super().setUp()
        self.cast.round.refresh_from_db()
        self.cast.open()

    def test_the_secretariat_sees_how_far_each_member_is(self):
        self.cast.comment(self.cast.area_member, "巡回の成果は")
        self.cast.comment(self.cast.expert, "書きかけ", state="draft")
        ReadMark.objects.create(
            round=self.cast.round, member=self.cast.expert, key="p05", at=timezone.now()
        )
        told = self.read("round", *H1)
        self.assertIn("2人中1人 から意見が届きました", told)
        self.assertIn("委員（地域代表）1 地域代表 提出あり 1 — 0 / 3", told)
        self.assertIn("委員（有識者） 有識者 紙など 書いている — 1 1 / 3", told)

    def test_nobody_else_does(self):
        self.cast.comment(self.cast.expert, "書きかけ", state="draft")
        for who in ("member", "doboku_staff", "manager", "auditor"):
            told = self.read("round", *H1, who=getattr(self.cast, who))
            self.assertNotIn("委員の進み", told)
            self.assertNotIn("書きかけ", told)
            self.assertNotIn("受付を終える", told)
            self.assertIn("意見を受付中", told)

    def test_a_correction_since_the_copy_stands_beside_it(self):
        Change.objects.record(
            self.cast.patrols,
            Change.Act.CORRECTED,
            {"value": ["275", "270"]},
            by=self.cast.secretariat,
            period=self.cast.first_half,
            reason="二重に数えていたため",
            at=timezone.now(),
        )
        told = self.read("round", *H1, who=self.cast.member)
        self.assertIn("写しのあとの訂正 1件", told)
        self.assertIn("道路・公園などのパトロール 数：275 → 270 理由： 二重に", told)
        told = self.read("round", *H1, who=self.cast.fukushi_bucho)  # of another department
        self.assertNotIn("パトロール", told)

    def test_closing_warns_of_those_who_are_writing_and_tells_what_became_of_it(self):
        self.cast.comment(self.cast.area_member, "巡回の成果は")
        self.cast.comment(self.cast.expert, "書きかけの文", state="draft")
        page = self.client.get(self.url("round_move", *H1, "close"))
        self.assertContains(page, "1人の委員が、まだ書いています（書きかけ1件）")
        self.assertContains(page, "委員2人のうち1人から、まだ意見が届いていません")
        page = self.client.post(self.url("round_move", *H1, "close"), follow=True)
        self.assertContains(page, "提出済の意見1件が意見一覧にあります")
        self.assertContains(page, "書きかけの意見1件（1人）は一覧に載せず、そのまま残しました")
        self.assertEqual(Comment.objects.get(state="draft").text, "書きかけの文")
        self.assertEqual(Item.objects.count(), 1)

    def test_due_and_note_may_change_and_grades_may_not(self):
        page = self.client.get(self.url("round_edit", *H1))
        self.assertNotContains(page, 'name="grades"')
        page = self.fill("round_edit", *H1, due="2026-12-12", note="延ばしました")
        self.assertContains(page, "閉庁日のため")
        kept = Round.objects.get()
        self.assertEqual((kept.due, kept.note), (MONDAY, "延ばしました"))
        page = self.fill("round_edit", *H1, grades="A よい\nB わるい", asks_grade="on")
        self.assertContains(page, "評価の段階は変えられません")
        self.assertEqual(Round.objects.get().grades, [])
        self.assertContains(self.fill("round_edit", *H1, due=""), "受付中の回には、締切が要ります")

    def test_two_secretaries_who_set_different_things_lose_neither(self):
        url = self.url("round_edit", *H1)
        first, second = (form_of(self.client.get(url)) for _both in range(2))
        self.client.post(url, first | {"due": MONDAY.isoformat()})
        self.client.post(url, second | {"note": "会議は20日です"})
        kept = Round.objects.get()
        self.assertEqual((kept.due, kept.note), (MONDAY, "会議は20日です"))

    def test_of_two_who_set_the_due_date_the_second_sees_both(self):
        url = self.url("round_edit", *H1)
        first, second = (form_of(self.client.get(url)) for _both in range(2))
        self.client.post(url, first | {"due": "2026-12-14"})
        page = self.client.post(url, second | {"due": "2026-12-16"})
        self.assertContains(page, "ほかの人が先に「2026年12月14日」に変えました")
        self.assertEqual(form_of(page)["due"], "2026-12-16")
        self.assertEqual(Round.objects.get().due, MONDAY)

    def test_it_asks_the_database_the_same_for_many_members_and_comments(self):
        self.read("round", *H1)
        with self.assertNumQueries(11):
            self.read("round", *H1)
        for n in range(20):
            member = self.cast.seat(f"委員{n}", "public")
            self.cast.comment(member, f"意見{n}")
            ReadMark.objects.create(
                round=self.cast.round, member=member, key="p05", at=timezone.now()
            )
        with self.assertNumQueries(11):
            self.read("round", *H1)


class TheWayOnAndBack(Desk):
    def setUp(self):
        super().setUp()
        self.cast.round.refresh_from_db()
        self.cast.open()
        self.comment = self.cast.comment(self.cast.area_member, "巡回の成果は")
        self.cast.close()

    def move(self, action, **typed):
        return self.client.post(self.url("round_move", *H1, action), typed, follow=True)

    def test_reopening_needs_a_reason_that_the_record_shows(self):
        self.assertContains(self.move("reopen", reason=" "), "理由を書いてください")
        self.assertEqual(Round.objects.get().state, "closed")
        self.move("reopen", reason="欠席者が多かったため")
        self.assertEqual(Round.objects.get().state, "open")
        told = self.read("review_record")
        self.assertIn("意見の受付を再開しました", told)
        self.assertIn("状態：受付終了 → 意見を受付中", told)
        self.assertIn("理由： 欠席者が多かったため", told)

    def test_publishing_needs_the_decision_and_keeps_what_was_typed(self):
        page = self.move("publish", document_number="磯区企第10号")
        self.assertContains(page, "磯区企第10号")
        self.assertEqual(Round.objects.get().state, "closed")
        self.move(
            "publish", decided_by="区長", decided_on="2020-12-01", document_number="磯区企第10号"
        )
        told = self.read("round", *H1)
        self.assertIn("公表の決裁 区長 令和2年12月1日 磯区企第10号", told)

    def test_publishing_says_how_many_answers_are_missing(self):
        page = self.client.get(self.url("round_move", *H1, "publish"))
        self.assertContains(page, "公開できる回答のない意見が1件あります")
        self.assertIn("回答がそろっていない意見が1件あります", self.read("round", *H1))
        Item.objects.update(state="released", view="調べます", disposition="consider")
        self.assertIn("回答がそろいました", self.read("round", *H1))

    def test_of_two_who_press_at_once_the_second_is_told_and_keeps_the_reason(self):
        self.move("reopen", reason="先の人の理由")
        page = self.move("reopen", reason="あとの人の理由")
        self.assertContains(page, "ほかの人が先に状態を変えました")
        self.assertContains(page, "あとの人の理由")
        self.assertEqual(ReviewRecord.objects.filter(act="round_reopen").count(), 1)

    def test_a_move_that_does_not_fit_leads_back_with_a_sentence(self):
        page = self.client.get(self.url("round_move", *H1, "open"), follow=True)
        self.assertContains(page, "この回は「受付終了」なので、その操作はできません")
        self.assertEqual(self.client.get(self.url("round_move", *H1, "burn")).status_code, 404)

    def test_others_see_where_it_stands_and_no_way_to_move_it(self):
        for who in ("member", "doboku_staff", "manager", "auditor"):
            self.client.force_login(getattr(self.cast, who))
            self.assertNotContains(self.client.get(self.url("round", *H1)), "/move/")
            answer = self.client.post(self.url("round_move", *H1, "reopen"), {"reason": "x"})
            self.assertEqual(answer.status_code, 403)
        self.assertEqual(Round.objects.get().state, "closed")

    def test_settings_stay_once_the_comments_are_in(self):
        page = self.client.get(self.url("round_edit", *H1), follow=True)
        self.assertContains(page, "締切とことばは変えられません")
        page = self.client.post(self.url("round_edit", *H1), {"due": "", "note": "x"})
        self.assertContains(page, "締切とことばは変えられません")
        self.assertEqual(Round.objects.get().note, "")


class TheRecord(Desk):
    def setUp(self):
        super().setUp()
        self.cast.round.refresh_from_db()
        self.cast.open()
        self.fill("member_edit", self.cast.expert.pk, affiliation="=HYPERLINK(1)")

    def test_is_the_secretariat_s_and_the_auditor_s(self):
        self.assertIn("意見の受付を始めました", self.read("review_record", who=self.cast.auditor))
        for who, status in [("member", 403), ("manager", 403), ("minami_secretariat", 404)]:
            self.client.force_login(getattr(self.cast, who))
            for name in ("review_record", "review_record_csv"):
                self.assertEqual(self.client.get(self.url(name)).status_code, status)

    def test_can_be_narrowed_to_a_round(self):
        told = self.read("review_record", round=self.cast.round.pk)
        self.assertIn("意見の受付を始めました", told)
        self.assertNotIn("委員の情報を直しました", told)
        self.assertNotIn("意見の受付を始めました", self.read("review_record", round="none"))

    def test_a_number_too_long_to_be_read_narrows_nothing(self):
        for name in ("review_record", "review_record_csv", "meeting_add"):
            page = self.client.get(self.url(name), {"round": "9" * 5000})
            self.assertEqual(page.status_code, 200, name)

    def test_an_act_that_nobody_taught_it_is_told_plainly(self):
        ReviewRecord.objects.create(
            ward=self.cast.isogo, act="item_dyed", changed={"hue": ["赤", "青"]}, by_name="事務局"
        )
        ReviewRecord.objects.create(ward=self.cast.isogo, act="zzz", by_name="事務局")
        told = self.read("review_record")
        self.assertIn("意見一覧を変えました", told)
        self.assertIn("hue：赤 → 青", told)
        self.assertIn("記録しました（zzz）", told)

    def test_goes_out_as_csv_without_formulas_and_leaves_a_trace(self):
        answer = self.client.get(self.url("review_record_csv"))
        lines = answer.content.decode("utf-8-sig").splitlines()
        self.assertIn("'=HYPERLINK(1)", lines[1])
        self.assertIn("意見の受付を始めました", answer.content.decode())
        self.assertEqual(AccessRecord.objects.latest("id").act, AccessRecord.Act.EXPORTED)

    def test_asks_no_more_for_many_lines(self):
        self.read("review_record")
        with self.assertNumQueries(8):
            self.read("review_record")
        for n in range(60):
            ReviewRecord.objects.create(
                ward=self.cast.isogo,
                act="member_edited",
                member=self.cast.expert,
                changed={"order": [n, n + 1]},
                by_name="事務局",
            )
        with self.assertNumQueries(8):
            self.read("review_record")


class WordsOverWhatWasSent(Desk):
    def test_count_as_still_being_written(self):
        self.cast.round.refresh_from_db()
        self.cast.open()
        self.cast.comment(
            self.cast.expert, "出した文", edit_kind="praise", edit_text="直している文"
        )
        page = self.client.get(self.url("round_move", *H1, "close"))
        self.assertContains(page, "1人の委員が、まだ書いています（書きかけ1件）")
