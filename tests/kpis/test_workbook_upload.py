"""A filled sheet comes back: what it would change is shown, then all of it is written or none."""

from datetime import date, datetime
from decimal import Decimal
from unittest.mock import patch

from django.core import signing
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from kpis import entering
from kpis.models import Actual, Change, Period
from tests.kpis.workbooks import KIND, NOTE, Desk, words


class Bringing(Desk):
    def test_is_shown_before_anything_is_written(self):
        copy = self.copy().fill("p05-t1", 200, 備考="2月まで", 区分="見込")
        page = self.send(copy)
        self.assertContains(page, "1件の目標が変わります。まだ何も書き込んでいません。")
        text = words(page)
        self.assertIn(copy.address("p05-t1"), text)
        self.assertIn("200回（見込）", text)
        self.assertIn("（空）", text)
        self.assertIn("2月まで", text)
        self.assert_nothing_kept()

    def test_is_written_by_one_press_with_a_line_of_history(self):
        page = self.bring(self.copy().fill("p05-t1", 200, 備考="2月まで", 区分="見込"))
        self.assertContains(page, "Excelから1件を取り込みました。")
        kept = self.kept()
        self.assertEqual(
            (kept.value, kept.certainty, kept.note, kept.version, kept.saved_by),
            (200, "provisional", "2月まで", 1, self.cast.doboku_staff),
        )
        change = Change.objects.get()
        self.assertEqual(
            (change.act, change.reason, change.on_behalf), ("entered", "Excel取込", False)
        )
        self.assertEqual(change.changed["value"], [None, "200"])

    def test_what_was_not_changed_is_counted_and_left(self):
        self.cast.entered(self.cast.patrols, self.cast.second_half, 200, note="前からの備考")
        page = self.send(self.copy())
        self.assertContains(page, "変わるところはありません。")
        self.assertEqual(page.context["preview"].unchanged, 1)
        self.assertEqual(page.context["kept"], "")

    def test_figures_kinds_stages_and_denominators_come_in(self):
        self.as_fukushi()
        self.bring(
            self.copy()
            .fill("p20-t1", 400)
            .fill("p20-t2", **{KIND: "確定"})
            .fill("p20-t3", "実施中", 区分="見込")
        )
        self.assertEqual(self.kept(self.cast.supporters).value, 400)
        plan = self.kept(self.cast.plan)
        self.assertEqual((plan.stage, plan.certainty), ("under_way", "provisional"))
        self.assertFalse(Actual.objects.filter(target=self.cast.supporters_in_all).exists())
        self.as_chiiki()
        self.bring(self.copy().fill("p07-t1", 14, 母数=48))
        nurseries = self.kept(self.cast.nurseries)
        self.assertEqual((nurseries.value, nurseries.denominator), (14, 48))

    def test_cells_are_read_as_people_type_them(self):
        for typed, value in [
            ("２００", "200"),
            ("0.03万", "300"),
            ("200回", "200"),
            ("\u3000300 ", "300"),
            (200.0, "200"),
            (0.1 + 0.2, "0.3"),
            ("見込 200", "200"),
        ]:
            with self.subTest(typed):
                Actual.objects.filter(period__key="H2").delete()
                self.bring(self.copy().fill("p05-t1", typed))
                self.assertEqual(self.kept().value, Decimal(value))
        self.assertEqual(self.kept().certainty, "provisional")

    def test_a_ratio_is_read_from_one_cell_too(self):
        self.as_chiiki()
        self.bring(self.copy().fill("p07-t1", "48園中14園"))
        nurseries = self.kept(self.cast.nurseries)
        self.assertEqual((nurseries.value, nurseries.denominator), (14, 48))

    def test_a_percentage_is_90_however_excel_keeps_it(self):
        visitors = self.cast.target(
            self.cast.flood,
            "p05-t5",
            "来場者の満足度",
            measure="percentage",
            accumulation="latest",
            value=90,
            unit="%",
        )
        for typed, shape in [(0.884, "0.0%"), (88.4, "General"), ("88.4%", "General")]:
            with self.subTest(typed):
                Actual.objects.filter(period__key="H2").delete()
                copy = self.copy().fill("p05-t5", typed)
                copy.cell("p05-t5").number_format = shape
                self.bring(copy)
                self.assertEqual(self.kept(visitors).value, Decimal("88.4"))

    def test_a_percent_cell_is_no_count(self):
        copy = self.copy().fill("p05-t1", 0.9)
        copy.cell("p05-t1").number_format = "0%"
        self.assert_problem(self.send(copy), copy.address("p05-t1"), "90%")

    def test_a_note_that_is_a_number_or_looks_like_a_formula_is_a_text(self):
        copy = self.copy().fill("p05-t1", 1, 備考=12)
        cell = copy.cell("p05-t1", "遅れの原因")
        cell.value, cell.data_type = "=1+1", "s"
        self.bring(copy)
        self.assertEqual((self.kept().note, self.kept().cause), ("12", "=1+1"))

    def test_html_in_a_note_is_shown_as_it_was_typed(self):
        page = self.send(self.copy().fill("p05-t1", 備考="<script>alert(1)</script>"))
        self.assertContains(page, "&lt;script&gt;alert(1)&lt;/script&gt;")
        self.assertNotContains(page, "<script>alert")

    def test_odd_characters_in_a_note_arrive_as_they_left(self):
        note = "1行目\n2行目 _x0041_ 𠮷野家 ①㎡ 🎉"
        self.cast.entered(self.cast.patrols, self.cast.second_half, 200, note=note)
        page = self.send(self.copy())
        self.assertEqual([each["new"] for each in page.context["plain"]], [])


class NothingInAFigure(Desk):
    """Reasons, and cells that are empty."""

    def stands(self, *values, **more):
        return self.cast.entered(self.cast.patrols, self.cast.second_half, *values, **more)

    def test_a_reason_in_the_place_of_a_figure(self):
        self.bring(self.copy().fill("p05-t1", **{KIND: "集計中"}))
        self.assertEqual((self.kept().value, self.kept().missing), (None, "pending"))

    def test_a_reason_typed_into_the_figure(self):
        self.bring(self.copy().fill("p05-t1", "調査なし"))
        self.assertEqual(self.kept().missing, "not_surveyed")

    def test_a_figure_typed_where_a_reason_stood_wins(self):
        self.stands(missing="pending")
        page = self.send(self.copy().fill("p05-t1", 300))
        self.assertIn("集計中", words(page))
        self.press(page)
        self.assertEqual((self.kept().value, self.kept().missing), (300, ""))

    def test_a_reason_chosen_where_a_figure_stood_wins(self):
        self.stands(300)
        self.bring(self.copy().fill("p05-t1", **{KIND: "集計中"}))
        self.assertEqual((self.kept().value, self.kept().missing), (None, "pending"))

    def test_a_figure_and_a_reason_both_typed_are_refused(self):
        copy = self.copy().fill("p05-t1", 300, 区分="集計中")
        address = copy.address("p05-t1", KIND)
        self.assert_problem(self.send(copy), address, "どちらか一方だけにしてください")

    def test_an_unknown_kind_is_refused_with_those_there_are(self):
        copy = self.copy().fill("p05-t1", 300, 区分="たぶん")
        address = copy.address("p05-t1", KIND)
        self.assert_problem(self.send(copy), address, "確定、見込、集計中")

    def test_an_empty_cell_that_went_out_empty_is_nothing(self):
        self.assertEqual(self.send(self.copy()).context["preview"].unchanged, 1)

    def test_an_empty_cell_that_went_out_filled_is_asked_about(self):
        self.stands(300, note="大事な備考")
        copy = self.copy()
        copy.cell("p05-t1").value = None
        copy.cell("p05-t1", NOTE).value = None
        page = self.send(copy)
        self.assertContains(page, "ファイルではこの欄が空になっています。", count=2)
        again = self.press(page)
        self.assertContains(again, "1件にまだ答えがありません。")
        self.assertEqual((self.kept().value, self.kept().note), (300, "大事な備考"))
        self.press(again, **{"entry.p05-t1": "mine", "note.p05-t1": "theirs"})
        self.assertEqual((self.kept().value, self.kept().note), (None, "大事な備考"))


class Questions(Desk):
    def test_ten_times_the_last_figure_is_asked_about(self):
        page = self.send(self.copy().fill("p05-t1", 2750))
        self.assertContains(page, "10倍以上です。")
        again = self.press(page)
        self.assertContains(again, "1件にまだ答えがありません。")
        self.assert_nothing_kept()
        self.press(again, **{"sure.p05-t1": "2750"})
        self.assertEqual(self.kept().value, 2750)

    def test_what_cannot_be_is_refused_by_its_cell(self):
        self.as_chiiki()
        copy = self.copy().fill("p07-t1", 50)
        self.assert_problem(self.send(copy), copy.address("p07-t1"), "49")
        self.be(self.cast.doboku_staff, self.cast.doboku)
        copy = self.copy().fill("p05-t1", "▲5")
        self.assert_problem(self.send(copy), copy.address("p05-t1"), "0より小さい数")

    def test_one_problem_keeps_everything_out(self):
        other = self.cast.target(self.cast.flood, "p05-t2", "水防訓練", value=2, unit="回")
        copy = self.copy().fill("p05-t1", 200).fill(other.key, "二回くらい")
        page = self.send(copy)
        self.assertContains(page, "直すところが1件あるため、取り込めません。")
        self.assertIn("200回", words(page))
        self.assertNotContains(page, "この内容で取り込む")
        self.assert_nothing_kept()


class WhatExcelMadeOfIt(Desk):
    def problem(self, value, text, kind=None):
        copy = self.copy()
        cell = copy.cell("p05-t1")
        cell.value = value
        if kind:
            cell.data_type = kind
        self.assert_problem(self.send(copy), copy.address("p05-t1"), text)

    def test_a_date_out_of_3_5_is_named_for_what_it_is(self):
        self.problem(date(2021, 3, 5), "日付（2021-03-05）になっています。")
        self.problem(datetime(2021, 3, 5, 9, 30), "日付（2021-03-05T09:30:00）になっています。")
        self.problem("2021/3/5", "日付のように読めます")

    def test_an_error_and_a_truth_are_no_figures(self):
        self.problem("#REF!", "数式のエラー（#REF!）", "e")
        self.problem(True, "「TRUE」（真偽値）")

    def test_a_formula_that_was_never_reckoned_is_named(self):
        self.problem("=100+100", "数式の結果がファイルに残っていません")

    def test_hostile_figures(self):
        for value in ("1e999", "9" * 400, 1e300, "=cmd|' /C calc'!A0 ", "NaN", "'200'"):
            with self.subTest(value):
                copy = self.copy()
                cell = copy.cell("p05-t1")
                cell.value = value
                if isinstance(value, str):
                    cell.data_type = "s"
                page = self.send(copy)
                self.assertEqual(len(page.context["preview"].problems), 1)


class Moved(Desk):
    """Somebody saved here while the file was away."""

    def save(self, by=None, **typed):
        place = entering.read(self.cast.patrols, "H2")
        actual = place.actual or Actual()
        values = {name: getattr(actual, name) for name in entering.FIELDS} | typed
        version = place.actual.version if place.actual else 0
        entering.save(place, values, version=version, by=by or self.cast.doboku_head)

    def test_both_figures_are_shown_and_one_is_chosen(self):
        self.save(value=Decimal(200))
        copy = self.copy().fill("p05-t1", 210)
        self.save(value=Decimal(205))
        page = self.send(copy)
        for text in (
            "doboku-headさんが保存しました",
            "いまの「205回」を残す",
            "ファイルの「210回」にする",
        ):
            self.assertContains(page, text)
        again = self.press(page)
        self.assertContains(again, "どちらかを選んでください。")
        self.assertEqual(self.kept().value, 205)
        self.press(again, **{"entry.p05-t1": "mine"})
        self.assertEqual(self.kept().value, 210)

    def test_theirs_can_be_kept(self):
        copy = self.copy().fill("p05-t1", 210)
        self.save(value=Decimal(205))
        page = self.bring(copy, **{"entry.p05-t1": "theirs"})
        self.assertContains(page, "いまの内容をすべて残した")
        self.assertEqual((self.kept().value, self.kept().version), (205, 1))

    def test_who_changed_nothing_in_the_file_overwrites_nothing(self):
        self.save(value=Decimal(200), note="初めの備考")
        copy = self.copy()
        self.save(value=Decimal(205))
        page = self.send(copy)
        self.assertContains(page, "ファイルでは変わっていない目標が1件あります。")
        self.assertEqual(page.context["kept"], "")

    def test_two_fields_of_a_row_go_their_own_ways(self):
        self.save(value=Decimal(200), note="初めの備考")
        copy = self.copy().fill("p05-t1", 備考="ファイルの備考")
        self.save(value=Decimal(205))
        self.bring(copy)
        self.assertEqual((self.kept().value, self.kept().note), (205, "ファイルの備考"))

    def test_what_was_typed_here_and_there_alike_is_no_conflict(self):
        copy = self.copy().fill("p05-t1", 200)
        self.save(value=Decimal(200))
        self.assertEqual(self.send(copy).context["preview"].unchanged, 1)

    def test_a_state_that_moved_is_no_change_of_a_figure(self):
        self.save(value=Decimal(200))
        copy = self.copy().fill("p05-t1", 210)
        self.cast_return()
        page = self.send(copy)
        self.assertEqual(page.context["choices"], [])
        self.press(page)
        self.assertEqual((self.kept().value, self.kept().state), (210, "draft"))

    def test_evidence_that_was_added_is_no_change_of_a_figure(self):
        self.save(value=Decimal(200), note="初めの備考")
        copy = self.copy().fill("p05-t1", 210)
        self.save(evidence=[{"title": "巡回日誌"}])
        page = self.send(copy)
        self.assertEqual(page.context["choices"], [])
        self.press(page)
        self.assertEqual((self.kept().value, self.kept().note), (210, "初めの備考"))

    def test_nor_does_it_hide_what_was_changed_besides(self):
        self.save(value=Decimal(200), note="初めの備考")
        copy = self.copy()
        self.save(evidence=[{"title": "巡回日誌"}])
        self.save(value=Decimal(205))
        page = self.send(copy)
        self.assertContains(page, "ファイルでは変わっていない目標が1件あります。")
        self.assertEqual(page.context["kept"], "")

    def cast_return(self):
        from kpis import workflow

        period = Period.objects.get(key="H2")
        targets = list(type(self.cast.patrols).objects.with_owner().filter(key="p05-t1"))
        for action, by in (("submit", self.cast.doboku_staff), ("return", self.cast.doboku_head)):
            seen = {"p05-t1": self.kept().version}
            workflow.move(action, period, targets, by=by, seen=seen, reason="確かめてください")

    def test_a_version_that_nobody_knows_lets_people_choose(self):
        self.save(value=Decimal(200))
        for version in (99, None, "２版", -1):
            with self.subTest(version):
                copy = self.copy().fill("p05-t1", 210)
                copy.cell("p05-t1", "版").value = version
                page = self.send(copy)
                self.assertEqual(len(page.context["choices"]), 1)

    def test_where_the_history_is_shorter_than_the_version_people_choose_too(self):
        self.cast.entered(self.cast.patrols, self.cast.second_half, 200, version=3)
        copy = self.copy().fill("p05-t1", 210)
        copy.cell("p05-t1", "版").value = 1
        self.assertEqual(len(self.send(copy).context["choices"]), 1)

    def test_what_was_confirmed_meanwhile_stays_and_is_shown(self):
        other = self.cast.target(self.cast.flood, "p05-t2", "水防訓練", value=2, unit="回")
        self.save(value=Decimal(200))
        copy = self.copy().fill("p05-t1", 210).fill(other.key, 1)
        Actual.objects.filter(target=self.cast.patrols).update(state="confirmed")
        page = self.send(copy)
        self.assertContains(page, "取り込まないところ")
        self.press(page)
        self.assertEqual(self.kept().value, 200)
        self.assertEqual(self.kept(other).value, 1)

    def test_a_figure_that_moves_after_the_preview_is_shown_anew(self):
        page = self.send(self.copy().fill("p05-t1", 210))
        self.save(value=Decimal(205))
        again = self.press(page)
        self.assertContains(again, "確かめているあいだに、ここの内容が変わりました。")
        self.assertContains(again, "いまの「205回」を残す")
        self.assertEqual(self.kept().value, 205)
        self.press(again, **{"entry.p05-t1": "mine"})
        self.assertEqual(self.kept().value, 210)


class TwiceAndBack(Desk):
    def test_a_page_that_is_sent_twice_writes_once_and_says_so(self):
        page = self.send(self.copy().fill("p05-t1", 200))
        self.press(page)
        again = self.press(page)
        self.assertContains(again, "このファイルの内容は、もう保存されています。")
        self.assertEqual((self.kept().version, Change.objects.count()), (1, 1))

    def test_what_was_signed_for_somebody_else_is_not_taken(self):
        page = self.send(self.copy().fill("p05-t1", 200))
        self.client.force_login(self.cast.doboku_head)
        self.assert_refused(self.press(page), "確認の画面が古くなりました")

    def test_nor_is_what_nobody_signed(self):
        kept = signing.dumps({"by": self.who.pk}, salt="another")
        for forged in ("", "x", kept, "\x00", "a:b:c"):
            with self.subTest(forged):
                page = self.client.post(self.url(), {"kept": forged})
                self.assert_refused(page, "確認の画面が古くなりました")

    def test_nor_on_the_page_of_another_sheet(self):
        page = self.send(self.copy().fill("p05-t1", 200))
        Period.objects.filter(key="H1").update(state="open")
        answer = self.client.post(self.url(period="H1"), {"kept": page.context["kept"]})
        self.assert_refused(answer, "確認の画面が古くなりました")

    def test_a_period_that_closes_in_between(self):
        page = self.send(self.copy().fill("p05-t1", 200))
        Period.objects.update(state="closed")
        self.assert_refused(self.press(page), "この期は締め切られている")

    def test_a_period_that_closes_while_it_is_being_written(self):
        page = self.send(self.copy().fill("p05-t1", 200))

        def closing(opened, *, to_save=False):
            Period.objects.update(state="closed")
            return entering.read_all(opened.policy, "H2", opened.targets, to_save=to_save)

        with patch("kpis.workbook_sheet.Opened.places", closing):
            self.assert_refused(self.press(page), "この期は締め切られている")

    def test_two_first_figures_in_the_same_moment(self):
        page = self.send(self.copy().fill("p05-t1", 200))
        with patch("kpis.entering.Actual.objects.create", side_effect=IntegrityError):
            again = self.press(page)
        self.assertContains(again, "まだ何も書き込んでいません。")
        self.press(again)
        self.assertEqual(self.kept().value, 200)

    def test_nothing_half_written_where_the_last_row_fails(self):
        other = self.cast.target(self.cast.flood, "p05-t2", "水防訓練", value=2, unit="回")
        page = self.send(self.copy().fill("p05-t1", 200).fill(other.key, 1))
        self.cast.entered(other, self.cast.second_half, 2)
        self.assertContains(self.press(page), "確かめているあいだに")
        self.assertFalse(Actual.objects.filter(target=self.cast.patrols, period__key="H2").exists())


class Who(Desk):
    def test_the_secretariat_brings_it_in_for_the_section_and_that_is_marked(self):
        self.be(self.cast.secretariat, self.cast.doboku)
        page = self.send(self.copy().fill("p05-t1", 200))
        self.assertContains(page, "磯子土木事務所に代わって入力します。")
        self.press(page)
        self.assertTrue(self.kept().on_behalf)
        self.assertTrue(Change.objects.get().on_behalf)

    def test_nobody_else_does(self):
        data = self.copy().fill("p05-t1", 200)
        for who, status in [
            (self.cast.chiiki_staff, 403),
            (self.cast.manager, 403),
            (self.cast.minami_staff, 404),
        ]:
            self.client.force_login(who)
            self.assertEqual(self.send(data).status_code, status)
        self.assert_nothing_kept()

    def test_a_closed_period_can_be_taken_out_and_not_brought_in(self):
        copy = self.copy(period="H1")
        self.assertContains(self.client.get(self.url(period="H1")), "この期は締め切られているため")
        self.assert_refused(self.send(copy, period="H1"), "この期は締め切られているため")


class Costs(Desk):
    def test_no_more_queries_for_more_rows(self):
        few = self.queries()
        for number in range(20):
            self.cast.target(self.cast.flood, f"p05-x{number}", "見回り", value=10, unit="回")
        self.assertEqual(self.queries(), few)
        self.assertLessEqual(few, 12)

    def queries(self):
        copy = self.copy()
        for cell in copy.page[copy.letter("目標番号")]:
            if cell.value and str(cell.value).startswith("p05"):
                copy.fill(cell.value, 5, 備考="見回った")
        self.send(copy)  # what is worked out once
        with CaptureQueriesContext(connection) as counted:
            page = self.send(copy)
        self.assertTrue(page.context["kept"])
        return len(counted)
