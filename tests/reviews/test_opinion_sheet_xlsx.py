"""The opinion sheet goes out as an Excel file and comes back, whatever happened meanwhile."""

import io
import zipfile
from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from kpis import workbook_reading
from reviews.models import Comment, Grade, Item, ReviewRecord, Round
from reviews.workflow import move_round
from tests.kpis.test_workbook_files import BOMB, SHEET, repacked
from tests.reviews.sheets import ABOUT, GRADE, KIND, SLOT, TEXT, Copy, Desk, words


class WhatGoesOut(Desk):
    def test_the_sheet_says_whose_it_is_of_which_round_and_copy(self):
        copy = self.copy()
        said = " ".join(str(cell.value) for row in copy.page["A1:A4"] for cell in row)
        frozen = self.cast.round.copies.get()
        reference = f"14107-2020-H1-M{self.who.pk}-C1-{frozen.sha256[:8]}-"
        for text in ("磯子区事業評価委員会 意見票", "委員（有識者）", "上半期", reference):
            self.assertIn(text, said)
        self.assertEqual(copy.page.print_title_rows, f"${copy.head}:${copy.head}")
        self.assertEqual(copy.page.page_setup.paperSize, 9)

    def test_each_project_stands_with_its_result_out_of_the_copy(self):
        self.cast.patrols.actuals.update(value=1)  # since the copy was made
        copy = self.copy()
        row = copy.row("p05-1")
        said = [str(cell.value) for cell in copy.page[row]]
        self.assertIn("⑤", said)
        self.assertIn("風水害に対する備え", said)
        self.assertIn("順調", said[3])
        self.assertIn("道路・公園などのパトロール　275回／目標550回（50.0%）順調", said[3])

    def test_projects_pillars_the_whole_and_further_rows_can_be_written_on(self):
        slots = self.copy().slots()
        self.assertEqual(slots[:2], ["p05-1", "p05-2"])
        self.assertIn("柱a-1", slots)
        self.assertIn("全体-1", slots)
        self.assertEqual(sum(each.startswith("追加-") for each in slots), 10)

    def test_only_what_is_to_be_filled_is_unlocked_and_comments_are_text(self):
        copy = self.copy()
        self.assertTrue(copy.page.protection.sheet)
        for heading, locked in ((SLOT, True), (ABOUT, True), (KIND, False), (TEXT, False)):
            self.assertEqual(copy.cell("p05-1", heading).protection.locked, locked, heading)
        self.assertFalse(copy.cell("追加-1", ABOUT).protection.locked)
        self.assertEqual(copy.cell("p05-1").number_format, "@")
        lists = {str(each.sqref): each for each in copy.page.data_validations.dataValidation}
        self.assertEqual(
            lists[copy.address("p05-1", KIND)].formula1, '"1 評価,2 課題,3 提案,4 質問"'
        )

    def test_nothing_a_member_wrote_runs_as_a_formula(self):
        self.cast.comment(self.who, '=HYPERLINK("http://example.com","x")')
        cell = self.copy().cell("#")
        self.assertEqual((cell.data_type, cell.value[:10]), ("s", "=HYPERLINK"))

    def test_what_is_here_already_goes_out_with_its_mark(self):
        comment = self.cast.comment(self.who, "巡回の成果も知りたい")
        copy = self.copy()
        slot = next(each for each in copy.slots() if each.startswith("#"))
        self.assertRegex(slot, rf"^#{comment.pk}-1-[0-9a-f]{{8}}$")
        self.assertEqual(copy.cell(slot).value, "巡回の成果も知りたい")
        self.assertEqual(copy.cell(slot, KIND).value, "3 提案")
        self.assertIn("p05-2", copy.slots())  # and room for more

    def test_the_name_of_the_file_arrives_whole(self):
        answer = self.client.get(self.of("sheet_xlsx"))
        self.assertIn("%E6%84%8F%E8%A6%8B%E7%A5%A8", answer["Content-Disposition"])
        self.assertTrue(answer["Content-Disposition"].startswith("attachment"))

    def test_everybodys_sheets_come_in_one_parcel(self):
        with zipfile.ZipFile(io.BytesIO(self.client.get(self.url("sheets_zip")).content)) as parcel:
            names = parcel.namelist()
        self.assertEqual(len(names), 4)
        self.assertIn("磯子区_令和2年度_上半期_意見票_委員（有識者）.xlsx", names)


class WhatComesBack(Desk):
    def test_new_comments_are_shown_first_and_then_kept_exactly_as_typed(self):
        typed = "  1行目\n=2行目 <b>太字</b>\n\n㉝ 髙 𠮷野家 👍  "
        copy = self.copy().write("p05-1", "3 提案", typed).write("柱a-1", "評価", "着実です")
        copy.write("全体-1", 4, "来年度は")
        page = self.send(copy)
        self.assertEqual(page.context["preview"].problems, [])
        self.assertEqual(len(page.context["preview"].new), 3)
        self.assertContains(page, "&lt;b&gt;太字&lt;/b&gt;")
        self.assertFalse(Comment.objects.exists())
        done = self.press(page)
        self.assertContains(done, "新しい意見3件")
        self.assertEqual(
            self.comments(),
            [
                ("project", "p05", "proposal", typed),
                ("pillar", "a", "praise", "着実です"),
                ("whole", "", "question", "来年度は"),
            ],
        )
        comment = Comment.objects.first()
        self.assertEqual(
            (comment.source, comment.on_behalf, comment.state, comment.entered_by_name),
            ("xlsx", True, "sent", str(self.cast.secretariat)),
        )
        self.assertEqual(ReviewRecord.objects.filter(act="behalf_enter").count(), 3)
        for line in ReviewRecord.objects.all():
            self.assertNotIn("来年度", str(line.changed) + line.reason)

    def test_a_second_upload_of_the_same_sheet_changes_nothing(self):
        copy = self.copy().write("p05-1", "提案", "回数より成果を").write("p05-2", "課題", "夜間は")
        data = copy.data()
        self.bring(data)
        page = self.send(data)
        preview = page.context["preview"]
        self.assertTrue(preview.is_empty)
        self.assertEqual((preview.unchanged, page.context["kept"]), (2, ""))
        self.assertEqual(Comment.objects.count(), 2)

    def test_a_preview_that_is_confirmed_twice_enters_once(self):
        page = self.send(self.copy().write("p05-1", "提案", "回数より成果を"))
        self.press(page)
        self.press(page)
        self.assertEqual(Comment.objects.count(), 1)

    def test_the_same_sheet_mended_and_sent_again_changes_its_own_comment(self):
        copy = self.copy().write("p05-1", "提案", "回数より成果を")
        self.bring(copy)
        page = self.send(copy.write("p05-1", "課題", "回数より成果を見たい"))
        self.assertEqual(len(page.context["preview"].changed), 1)
        self.press(page)
        self.assertEqual(self.comments(), [("project", "p05", "concern", "回数より成果を見たい")])
        self.assertEqual(Comment.objects.get().version, 2)

    def test_two_sheets_made_at_different_times_do_not_write_over_each_other(self):
        first = self.copy().write("p05-1", "提案", "一つ目")
        reference = first.page["A3"].value
        second = Copy(self.sent_out())
        second.page["A3"].value = f"{reference[:-1]}{'z' if reference[-1] != 'z' else 'y'}"
        self.bring(first)
        self.bring(second.write("p05-1", "提案", "二つ目"))
        self.assertEqual([each[3] for each in self.comments()], ["一つ目", "二つ目"])

    def test_further_rows_name_their_project_by_number_or_name(self):
        copy = self.copy()
        for n, about in enumerate(("⑤ 風水害に対する備え", "7", "認知症施策の推進", "全体"), 1):
            copy.write(f"追加-{n}", "質問", f"質問{n}", **{ABOUT: about})
        self.bring(copy)
        self.assertEqual([each[1] for each in self.comments()], ["p05", "p07", "p20", ""])

    def test_what_is_wrong_is_told_by_its_cell_and_nothing_is_written(self):
        copy = self.copy().write("p05-1", "よい", "a").write("p05-2", "", "b")
        copy.write("p07-1", "課題", "c").write("追加-1", "課題", "d", **{ABOUT: "ない事業"})
        copy.cell("p07-1").value = "=1+1"
        copy.write("追加-2", "課題", "e").write("p20-1", "課題", "f" * 20_001)
        page = self.send(copy.write("全体-1", "評価", "これはよい"))
        self.assert_problem(page, copy.address("p05-1", KIND), "種別として読めません")
        self.assert_problem(page, copy.address("p05-2", KIND), "種別が空です")
        self.assert_problem(page, copy.address("p07-1"), "数式になっています")
        self.assert_problem(page, copy.address("追加-1"), "この回にありません")
        self.assert_problem(page, copy.address("追加-2"), "どの事業への意見か")
        self.assert_problem(page, copy.address("p20-1"), "20,001文字")
        about = {each.at: each.about for each in page.context["preview"].problems}
        self.assertEqual(about[copy.address("p07-1")], "⑦ 交通安全対策")
        self.assertFalse(Comment.objects.exists())

    def test_a_date_or_a_wrong_number_of_a_field_is_told(self):
        copy = self.copy()
        copy.cell("p05-1").value = timezone.now().replace(tzinfo=None)
        copy.cell("p05-1").number_format = "yyyy-mm-dd"
        copy.cell("p05-2", SLOT).value = "p99-1"
        copy.page[f"{copy.letter(TEXT)}{copy.row('p99-1')}"].value = "どこに"
        copy.page[f"{copy.letter(KIND)}{copy.row('p99-1')}"].value = "課題"
        copy.cell("p07-2", SLOT).value = "p07-1"
        copy.write("p07-1", "課題", "一つ")
        row = copy.row("p07-1") + 1
        copy.page[f"{copy.letter(TEXT)}{row}"].value = "二つ"
        page = self.send(copy)
        self.assert_problem(page, copy.address("p05-1"), "日付")
        self.assert_problem(page, copy.address("p99-1"), "この意見票の欄番号ではありません")
        self.assert_problem(page, f"A{row}", "2つあります")

    def test_a_comment_of_20_000_characters_and_a_plain_number_arrive(self):
        copy = self.copy().write("p05-1", "課題", "あ" * 20_000).write("p05-2", "課題", 100)
        self.bring(copy)
        self.assertEqual([each[3] for each in self.comments()], ["あ" * 20_000, "100"])

    def test_moved_columns_and_deleted_rows_are_read_all_the_same(self):
        copy = self.copy().write("p05-1", "課題", "残る")
        copy.page.move_range(f"F{copy.head}:G{copy.page.max_row}", cols=3)
        copy.page.delete_rows(copy.row("p20-1"))
        self.bring(copy)
        self.assertEqual([each[3] for each in self.comments()], ["残る"])


class WhatMovedMeanwhile(Desk):
    def setUp(self):
        super().setUp()
        self.who = self.cast.area_member

    def entered(self, text="代理で入れた文", **more):
        now = timezone.now()
        return self.cast.comment(
            self.who,
            text,
            on_behalf=True,
            source="paper",
            entered_by=self.cast.secretariat,
            entered_by_name="事務局",
            entered_at=now,
            changed_at=now,
            **more,
        )

    def test_what_the_member_wrote_on_the_screen_is_never_written_over(self):
        mine = self.cast.comment(self.who, "画面で書いた文")
        copy = self.copy()
        copy.write(f"#{mine.pk}-", "課題", "紙で直した文")
        page = self.send(copy)
        ((change, options),) = page.context["choices"]
        self.assertEqual([value for value, _label in options], ["keep", "beside"])
        self.assertIn("画面で書いた文", words(page))
        again = self.press(page)
        self.assertContains(again, "1件にまだ答えがありません")
        self.press(page, **{change.name: "replace"})  # whatever a form may say
        mine.refresh_from_db()
        self.assertEqual((mine.text, Comment.objects.count()), ("画面で書いた文", 1))
        self.press(page, **{change.name: "beside"})
        mine.refresh_from_db()
        self.assertEqual(mine.text, "画面で書いた文")
        self.assertEqual(Comment.objects.exclude(pk=mine.pk).get().text, "紙で直した文")
        self.assertTrue(self.send(copy).context["preview"].is_empty)

    def test_what_was_entered_here_and_not_touched_since_is_changed(self):
        comment = self.entered()
        page = self.send(self.copy().write(f"#{comment.pk}-", "課題", "直した文"))
        self.assertEqual(len(page.context["preview"].changed), 1)
        self.press(page)
        comment.refresh_from_db()
        self.assertEqual(
            (comment.text, comment.kind, comment.source), ("直した文", "concern", "paper")
        )

    def test_what_the_member_mended_meanwhile_stands_beside_the_file_and_is_kept(self):
        comment = self.entered()
        copy = self.copy().write(f"#{comment.pk}-", "課題", "ファイルの文")
        Comment.objects.update(
            text="委員が直した文",
            changed_at=timezone.now() + timedelta(seconds=1),
            version=F("version") + 1,
        )
        page = self.send(copy)
        for text in ("委員が直した文", "ファイルの文", "上書きはできません"):
            self.assertIn(text, words(page))
        self.press(page, c0="keep")
        comment.refresh_from_db()
        self.assertEqual(comment.text, "委員が直した文")

    def test_what_the_secretariat_changed_meanwhile_is_chosen(self):
        comment = self.entered()
        copy = self.copy().write(f"#{comment.pk}-", "課題", "ファイルの文")
        now = timezone.now()
        Comment.objects.update(text="別の人の文", version=2, entered_at=now, changed_at=now)
        page = self.send(copy)
        ((_change, options),) = page.context["choices"]
        self.assertEqual([value for value, _label in options], ["keep", "replace", "beside"])
        self.press(page, c0="replace")
        comment.refresh_from_db()
        self.assertEqual(comment.text, "ファイルの文")

    def test_what_the_file_left_as_it_went_out_stays_as_it_is_now(self):
        comment = self.entered()
        copy = self.copy()
        now = timezone.now()
        Comment.objects.update(text="あとで直した文", version=2, entered_at=now, changed_at=now)
        page = self.send(copy)
        self.assertTrue(page.context["preview"].is_empty)
        self.assertIn("あとで直した文", words(page))
        comment.refresh_from_db()
        self.assertEqual(comment.text, "あとで直した文")

    def test_emptying_a_field_asks_before_anything_is_taken_back(self):
        comment = self.entered()
        mine = self.cast.comment(self.who, "画面の文", key="p07")
        copy = self.copy().write(f"#{comment.pk}-", None, None).write(f"#{mine.pk}-", None, None)
        page = self.send(copy)
        ((change, options),) = page.context["choices"]
        self.assertEqual([value for value, _label in options], ["keep", "withdraw"])
        self.press(page, **{change.name: "withdraw"})
        comment.refresh_from_db()
        mine.refresh_from_db()
        self.assertEqual((comment.state, comment.text), ("withdrawn", "代理で入れた文"))
        self.assertEqual(mine.state, "sent")

    def test_what_changed_between_the_preview_and_the_button_is_shown_again(self):
        comment = self.entered()
        page = self.send(self.copy().write(f"#{comment.pk}-", "課題", "ファイルの文"))
        Comment.objects.update(
            text="その間の文", version=2, changed_at=timezone.now() + timedelta(seconds=1)
        )
        again = self.press(page)
        self.assertContains(again, "確かめているあいだに")
        self.assertIn("その間の文", words(again))
        comment.refresh_from_db()
        self.assertEqual(comment.text, "その間の文")

    def test_an_answer_given_to_one_text_is_not_an_answer_to_the_next(self):
        comment = self.entered()
        copy = self.copy().write(f"#{comment.pk}-", "課題", "ファイルの文")
        for version, text in ((2, "別の人の文"), (3, "さらに別の文")):
            now = timezone.now()
            page = self.send(copy) if version == 3 else None
            Comment.objects.update(text=text, version=version, entered_at=now, changed_at=now)
        again = self.press(page, c0="replace")
        self.assertContains(again, "確かめているあいだに")
        comment.refresh_from_db()
        self.assertEqual(comment.text, "さらに別の文")

    def test_a_member_who_goes_on_typing_elsewhere_disturbs_nobody(self):
        page = self.send(self.copy().write("p05-1", "課題", "ファイルの文"))
        self.cast.comment(self.who, "書きかけ", key="p07", state="draft")
        self.assertContains(self.press(page), "新しい意見1件")

    def test_the_preview_of_another_person_or_member_is_not_taken(self):
        page = self.send(self.copy().write("p05-1", "課題", "文"))
        self.who = self.cast.expert
        self.assertContains(self.press(page), "確認の画面が古くなりました")
        self.assertFalse(Comment.objects.exists())


class TheRoundMovesOn(Desk):
    def test_a_round_that_closed_after_the_preview_asks_for_a_reason(self):
        page = self.send(self.copy().write("p05-1", "課題", "間に合わなかった文"))
        self.cast.close()
        again = self.press(page)
        self.assertContains(again, "届いた事情（理由）を書くと入力できます")
        self.assertFalse(Comment.objects.exists())
        self.press(again, reason="郵便の遅れ")
        comment = Comment.objects.get()
        self.assertIsNotNone(comment.late_at)
        self.assertEqual(Item.objects.get().text, "間に合わなかった文")
        self.assertEqual(ReviewRecord.objects.get(act="behalf_late").reason, "郵便の遅れ")

    def test_after_the_closing_nothing_that_is_on_the_list_is_changed(self):
        self.bring(self.copy().write("p05-1", "課題", "はじめの文"))
        copy = self.copy()
        copy.write("#", "課題", "あとの文")
        self.cast.close()
        page = self.send(copy)
        ((_change, options),) = page.context["choices"]
        self.assertEqual([value for value, _label in options], ["keep", "beside"])

    def test_a_published_round_takes_nothing(self):
        copy = self.copy().write("p05-1", "課題", "遅い文")
        self.cast.close()
        self.cast.publish()
        self.assert_refused(self.send(copy), "公表されている")


class Grades(Desk):
    def setUp(self):
        super().setUp()
        grades = [{"key": "A", "name": "期待どおり"}, {"key": "B", "name": "おおむね"}]
        Round.objects.update(asks_grade=True, grades=grades)

    def test_grades_go_out_as_a_list_and_come_back(self):
        copy = self.copy()
        copy.cell("p05-1", GRADE).value = "A"
        copy.cell("p07-1", GRADE).value = "Ｂ おおむね"
        page = self.send(copy)
        self.assertEqual([each.new for each in page.context["preview"].grades], ["A", "B"])
        self.press(page)
        self.assertEqual(
            list(Grade.objects.order_by("key").values_list("key", "grade", "on_behalf")),
            [("p05", "A", True), ("p07", "B", True)],
        )
        self.assertTrue(self.send(copy).context["preview"].is_empty)

    def test_a_grade_that_is_none_is_told_by_its_cell(self):
        copy = self.copy()
        copy.cell("p05-1", GRADE).value = "S"
        self.assert_problem(
            self.send(copy), copy.address("p05-1", GRADE), "評価の段階ではありません"
        )

    def test_what_the_member_chose_on_the_screen_stays(self):
        Grade.objects.create(
            round=self.cast.round, member=self.who, key="p05", grade="B", at=timezone.now()
        )
        copy = self.copy()
        copy.cell("p05-1", GRADE).value = "A"
        page = self.send(copy)
        self.assertTrue(page.context["preview"].is_empty)
        self.assertIn("（ファイルはA）", words(page))
        self.assertEqual(Grade.objects.get().grade, "B")


class Refused(Desk):
    def refuse(self, data, text, **choices):
        self.assert_refused(self.send(data, **choices), text)

    def test_the_sheet_of_another_member_leads_to_that_members_page(self):
        data = self.copy(member=self.cast.area_member).write("p05-1", "課題", "文").data()
        page = self.send(data)
        self.assert_refused(page, "ほかの委員の意見票です")
        self.assertContains(page, self.of(member=self.cast.area_member))

    def test_the_sheet_of_another_ward_round_or_copy(self):
        copy = self.copy()
        said = copy.page["A3"].value
        for old, new, text in [
            ("14107", "14105", "ほかの区の意見票です"),
            ("-2020-", "-2021-", "ほかの回の意見票です"),
            ("-H1-", "-H2-", "ほかの回の意見票です"),
            ("-C1-", "-C2-", "写しから作られたものではありません"),
        ]:
            with self.subTest(new):
                copy.page["A3"].value = said.replace(old, new)
                self.refuse(copy, text)

    def test_a_sheet_of_an_older_copy(self):
        data = self.sent_out()
        move_round(self.cast.round, "take_back", by=self.cast.secretariat, reason="直すため")
        self.cast.open()
        self.refuse(data, "前の写し（第1版）から作られています")

    def test_a_sheet_without_its_number_or_with_two(self):
        copy = self.copy()
        said = copy.page["A3"].value
        copy.page["A3"].value = "整理番号"
        self.refuse(copy, "整理番号が見つかりません")
        copy.page["A3"].value = f"{said} {said.replace('-H1-', '-H2-')}"
        self.refuse(copy, "整理番号が2つあります")

    def test_headings_that_are_gone(self):
        copy = self.copy()
        copy.page[f"{copy.letter(KIND)}{copy.head}"].value = "しゅべつ"
        self.refuse(copy, "見出し「種別」の列がありません")

    def test_macros_links_bombs_and_other_files(self):
        good = self.sent_out()
        self.refuse(repacked(good, extra={"xl/vbaProject.bin": b"\xd0"}), "マクロの入った")
        self.refuse(
            repacked(good, extra={"xl/externalLinks/externalLink1.xml": b"<x/>"}),
            "ほかのファイルへのリンク",
        )
        large = b" " * (workbook_reading.LARGEST_UNPACKED + 1)
        self.refuse(repacked(good, extra={"xl/worksheets/s9.xml": large}), "大きくなりすぎる")
        self.refuse(repacked(good, {SHEET: lambda old: BOMB + old}), "壊れているか")
        self.refuse(b"", "空です")
        self.refuse("No.,意見\r\n1,よい\r\n".encode("cp932"), "意見票のファイルではありません")
        self.refuse(b"%PDF-1.7", "意見票のファイルではありません")
        self.refuse(good[: len(good) // 2], "壊れているか")

    def test_a_file_of_50_megabytes(self):
        self.refuse(b"PK" + b"\0" * (50 * 1024 * 1024), "大きすぎます")

    def test_no_file_at_all(self):
        self.assert_refused(self.client.post(self.of(), {}), "ファイルが選ばれていません")

    def test_a_tampered_preview(self):
        page = self.client.post(self.of(), {"kept": "x:y:z"})
        self.assert_refused(page, "確認の画面が古くなりました")
