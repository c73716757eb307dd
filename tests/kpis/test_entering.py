"""A section enters its figures: what it sees, what it may type, what is kept."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection
from django.test import Client, TestCase, TransactionTestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kpis import entering
from kpis.models import Actual, Change, Period, Policy, Revision, Target
from tests.cast import Cast, person
from tests.kpis.pages import text_of
from wards.models import Post


class Desk(TestCase):
    """Somebody at the form of one target in the second half."""

    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()
        cls.cast.entered(
            cls.cast.patrols, cls.cast.first_half, 275, state="confirmed", note="台風後に増やした"
        )

    def setUp(self):
        self.client.force_login(self.cast.doboku_staff)

    def url(self, target=None, period="H2"):
        return reverse(
            "kpis:entry", args=["14107", 2020, (target or self.cast.patrols).key, period]
        )

    def open(self, target=None, period="H2"):
        return self.client.get(self.url(target, period))

    def enter(self, target=None, client=None, period="H2", version=0, **typed):
        data = {"version": version, "certainty": "final", **typed}
        return (client or self.client).post(self.url(target, period), data)

    def as_fukushi(self):
        self.client.force_login(self.cast.fukushi_staff)

    def kept(self, target=None):
        return Actual.objects.get(target=target or self.cast.patrols, period__key="H2")

    def assert_nothing_kept(self):
        self.assertFalse(Actual.objects.filter(period__key="H2").exists())
        self.assertFalse(Change.objects.exists())


class AFigure(Desk):
    def test_last_periods_figure_and_note_are_in_sight(self):
        page = self.open()
        self.assertContains(page, "275回")
        self.assertContains(page, "台風後に増やした")
        self.assertContains(page, "入力期限 4月30日（金）")

    def test_saved_the_page_says_at_once_what_it_is_worth(self):
        response = self.enter(value="200", note="2月までの集計")
        self.assertEqual(response["Location"], f"{self.url()}?saved")
        page = self.client.get(response["Location"])
        self.assertContains(page, "「道路・公園などのパトロール」を保存しました（")
        self.assertContains(page, "達成率86.4%、状況は「おおむね達成」です。")
        self.assertContains(page, 'data-status="nearly_achieved"')
        self.assertContains(page, "475回 / 550回")
        self.assertContains(page, "475 ÷ 550")
        self.assertContains(page, "2月までの集計")
        self.assertEqual(self.kept().value, 200)

    def test_a_target_that_was_lowered_is_judged_by_the_new_value(self):
        Revision.objects.create(
            target=self.cast.patrols, on="2020-12-01", old=550, new=400, reason="感染症の影響"
        )
        Target.objects.filter(pk=self.cast.patrols.pk).update(value=400)
        self.enter(value="125")
        self.assertContains(self.open(), "400回 / 400回")

    def test_numbers_are_read_as_people_type_them(self):
        for typed, value in [
            ("２００", "200"),
            ("1，200", "1200"),
            (" 2 00 ".replace(" ", ""), "200"),
            ("0.12万", "1200"),
            ("200回", "200"),
            ("12.5", "12.5"),
            ("0", "0"),
        ]:
            with self.subTest(typed):
                Actual.objects.filter(period__key="H2").delete()
                self.assertEqual(self.enter(value=typed, sure=value).status_code, 302)
                self.assertEqual(self.kept().value, Decimal(value))

    def test_what_cannot_be_read_stays_in_its_field_with_a_sentence(self):
        for typed in ["約200", "二百くらい", "1,2", "NaN", "1e9", "9" * 12, "2/3", "200人", "=1+1"]:
            with self.subTest(typed):
                page = self.enter(value=typed, note="下書きの備考")
                self.assertContains(page, "まだ保存していません")
                self.assertContains(page, f'value="{typed}"')
                self.assertContains(page, "下書きの備考")
                self.assertContains(page, 'href="#id_value"')
                self.assertContains(page, 'aria-invalid="true"')
        self.assert_nothing_kept()

    def test_a_negative_count_is_refused(self):
        self.assertContains(self.enter(value="▲5"), "0より小さい数は入れられません")
        self.assert_nothing_kept()

    def test_hostile_lengths_and_characters_are_refused_in_a_sentence(self):
        for typed in [{"value": "9" * 100_000}, {"note": "長" * 2001}, {"note": "a\x00b"}]:
            page = self.enter(**typed)
            self.assertContains(page, "まだ保存していません")
        self.assert_nothing_kept()

    def test_a_line_break_counts_as_the_one_letter_it_is_in_the_browser(self):
        self.assertEqual(self.enter(note="行\r\n" * 998 + "おわり").status_code, 302)
        self.assertEqual(self.kept().note, "行\n" * 998 + "おわり")

    def test_a_provisional_figure_says_so(self):
        self.enter(value="200", certainty="provisional")
        self.assertEqual(self.kept().certainty, "provisional")
        self.assertContains(self.open(), "見込475回")

    def test_a_reason_in_the_place_of_a_figure(self):
        self.enter(missing="pending")
        self.assertEqual((self.kept().value, self.kept().missing), (None, "pending"))
        self.assertContains(self.open(), "集計中")

    def test_a_figure_and_a_reason_together_are_refused(self):
        page = self.enter(value="200", missing="pending")
        self.assertContains(page, "どちらか一方だけにしてください")
        self.assert_nothing_kept()

    def test_a_note_alone_is_kept_and_is_no_entry(self):
        self.enter(note="3月に報告")
        self.assertFalse(self.kept().has_entry)
        self.assertContains(self.open(), "未入力")

    def test_an_empty_form_keeps_nothing(self):
        self.enter()
        self.assert_nothing_kept()

    def test_and_the_page_says_that_nothing_was_saved(self):
        for button in ({}, {"next": "1"}):
            with self.subTest(button):
                page = self.client.get(self.enter(value="", **button)["Location"], follow=True)
                self.assertContains(page, "は入力がないため、保存していません。")
                self.assertNotContains(page, "を保存しました")

    def test_a_slip_can_be_taken_out_again(self):
        self.enter(value="200")
        self.enter(version=1)
        self.assertIsNone(self.kept().value)
        self.assertEqual(Change.objects.first().changed, {"value": ["200", None]})

    def test_save_and_next_leads_to_what_is_still_owed(self):
        other = self.cast.target(self.cast.flood, "p05-t2", "水防訓練", value=2, unit="回")
        response = self.client.post(
            self.url(), {"version": 0, "value": "200", "next": "1"}, follow=True
        )
        self.assertEqual(response.redirect_chain[-1][0], self.url(other))
        self.assertContains(
            response,
            "「道路・公園などのパトロール」を保存しました。"
            "達成率86.4%、状況は「おおむね達成」です。",
        )
        response = self.client.post(
            self.url(other), {"version": 0, "value": "2", "next": "1"}, follow=True
        )
        self.assertContains(response, "入力が必要な目標は、すべて入力されています。")

    def test_a_total_typed_for_the_periods_own_figure_is_asked_about(self):
        page = self.enter(value="550")
        self.assertContains(page, "年度の合計が825回になり、目標の550回を大きく超えます。")
        self.assert_nothing_kept()
        self.assertEqual(self.enter(value="550", sure="550").status_code, 302)

    def test_a_denominator_does_not_go_while_a_later_figure_rests_on_it(self):
        cast = self.cast
        self.client.force_login(cast.chiiki_staff)
        Period.objects.filter(key="H1").update(state=Period.State.OPEN)
        cast.entered(cast.nurseries, cast.first_half, 5, denominator=60)
        cast.entered(cast.nurseries, cast.second_half, 50)
        page = self.enter(cast.nurseries, period="H1", version=1, value="", denominator="")
        self.assertContains(page, "あとの期までの50園が母数の49園を超えます。")
        self.assertEqual(Actual.objects.get(period__key="H1", target=cast.nurseries).value, 5)


class TenTimesTheLast(Desk):
    def test_is_asked_about_and_kept_once_it_is_said_to_be_right(self):
        page = self.enter(value="2750", note="確認中")
        self.assertContains(page, "2,750回は、前の数275回の10倍以上です。")
        self.assertContains(page, "この数でまちがいありませんか。")
        self.assertContains(page, 'name="sure" value="2750"')
        self.assertContains(page, "確認中")
        self.assert_nothing_kept()
        self.assertEqual(self.enter(value="2,750", sure="2750").status_code, 302)
        self.assertEqual(self.kept().value, 2750)

    def test_the_answer_is_for_that_figure_and_no_other(self):
        self.assertEqual(self.enter(value="27500", sure="2750").status_code, 200)
        self.assert_nothing_kept()

    def test_the_note_of_a_figure_that_was_right_can_be_changed(self):
        self.enter(value="2750", sure="2750")
        self.assertEqual(self.enter(value="2750", note="追記", version=1).status_code, 302)

    def test_where_there_is_no_last_figure_the_target_is_the_measure(self):
        self.as_fukushi()
        page = self.enter(self.cast.supporters, value="8000")
        self.assertContains(page, "8,000人は、目標800人の10倍以上です。")

    def test_a_percentage_over_a_hundred(self):
        satisfied = self.cast.target(
            self.cast.flood,
            "p05-t3",
            "満足度",
            measure="percentage",
            accumulation="latest",
            value=90,
            unit="%",
        )
        self.assertContains(self.enter(satisfied, value="885"), "885%は100%を超えています。")


class NOfM(Desk):
    """33 of 49 nursery schools: each counts once, in the half in which it happened."""

    def setUp(self):
        self.client.force_login(self.cast.chiiki_staff)
        self.cast.entered(self.cast.nurseries, self.cast.first_half, 9)

    def test_the_sum_may_reach_the_whole(self):
        self.assertEqual(self.enter(self.cast.nurseries, value="40").status_code, 302)

    def test_but_not_go_beyond_it(self):
        page = self.enter(self.cast.nurseries, value="42")
        self.assertContains(page, "ほかの期との合計が51園になり、母数の49園を超えます。")
        self.assert_nothing_kept()

    def test_a_whole_that_was_counted_anew_is_the_bound(self):
        page = self.enter(self.cast.nurseries, value="40", denominator="48")
        self.assertContains(page, "母数の48園を超えます。")
        response = self.enter(self.cast.nurseries, value="42", denominator="51")
        self.assertEqual(response.status_code, 302)
        self.assertContains(self.open(self.cast.nurseries), "母数：（空） → 51園")

    def test_a_figure_above_its_own_whole_whatever_a_later_half_reports(self):
        Period.objects.filter(pk=self.cast.first_half.pk).update(state="open")
        self.enter(self.cast.nurseries, value="1", denominator="60")
        for version in (1, 0):
            page = self.enter(
                self.cast.nurseries, period="H1", version=version, value="15", denominator="12"
            )
            self.assertContains(page, "15園は、母数の12園を超えています。")
            Actual.objects.filter(period=self.cast.first_half).delete()

    def test_odd_wholes_are_refused(self):
        page = self.enter(self.cast.nurseries, value="1", denominator="-3")
        self.assertContains(page, "母数に0より小さい数は入れられません。")
        page = self.enter(self.cast.nurseries, denominator="50")
        self.assertContains(page, "母数だけが入っています。")
        page = self.enter(self.cast.nurseries, value="1", denominator="0")
        self.assertContains(page, "母数の0園を超えています。")
        self.assert_nothing_kept()

    def test_nothing_of_nothing_is_kept_and_has_no_rate(self):
        Actual.objects.filter(target=self.cast.nurseries).delete()
        self.enter(self.cast.nurseries, value="0", denominator="0")
        self.assertContains(self.open(self.cast.nurseries), "分母が0のため、達成率はありません。")


class AMilestone(Desk):
    def setUp(self):
        self.as_fukushi()

    def test_has_a_stage_and_no_figure(self):
        page = self.open(self.cast.plan)
        self.assertContains(page, 'name="stage"')
        self.assertNotContains(page, 'name="value"')
        response = self.enter(self.cast.plan, stage="done")
        self.assertEqual(response.status_code, 302)
        self.assertContains(self.open(self.cast.plan), 'data-status="achieved"')

    def test_a_stage_nobody_knows_is_refused(self):
        self.assertContains(self.enter(self.cast.plan, stage="almost"), "まだ保存していません")

    def test_a_figure_sent_for_it_is_not_looked_at(self):
        self.enter(self.cast.plan, value="100")
        self.assert_nothing_kept()

    def test_a_stage_and_a_reason_together_are_refused(self):
        page = self.enter(self.cast.plan, stage="done", missing="pending")
        self.assertContains(page, "どちらか一方だけにしてください")


class ALinkedTotal(Desk):
    """18,500 supporters in all follow from 17,700 at the start and the yearly figure."""

    def setUp(self):
        self.as_fukushi()
        self.cast.entered(self.cast.supporters, self.cast.first_half, 328)

    def test_follows_from_the_yearly_figure(self):
        self.enter(self.cast.supporters, value="150")
        self.assertContains(self.open(self.cast.supporters_in_all), "18,178人 / 18,500人")

    def test_a_reason_on_it_is_refused(self):
        page = self.enter(self.cast.supporters_in_all, missing="pending")
        self.assertContains(page, "理由は年度の目標に入れてください")
        self.assert_nothing_kept()

    def test_a_total_that_was_typed_wins_and_the_difference_is_pointed_out(self):
        self.enter(self.cast.supporters, value="150")
        self.enter(self.cast.supporters_in_all, value="18200")
        page = self.open(self.cast.supporters_in_all)
        self.assertContains(page, "18,200人 / 18,500人")
        self.assertContains(
            page, "入力した累計は18,200人、年度の数から計算した累計は18,178人です。"
        )


class OnesOwnJudgement(Desk):
    def test_agreeing_with_the_machine_needs_no_reason(self):
        response = self.enter(value="200", self_status="nearly_achieved")
        self.assertEqual(response.status_code, 302)

    def test_differing_from_it_does(self):
        page = self.enter(value="200", self_status="achieved")
        self.assertContains(page, "自動の判定と違う自己評価には、理由を入力してください。")
        self.assert_nothing_kept()
        response = self.enter(value="200", self_status="achieved", self_reason="3月分は未集計")
        self.assertEqual(response.status_code, 302)

    def test_whoever_is_behind_can_say_why_and_what_comes_next(self):
        self.enter(value="20", cause="台風による通行止め", remedy="4月に追加で回る")
        self.assertEqual(
            (self.kept().cause, self.kept().remedy), ("台風による通行止め", "4月に追加で回る")
        )
        self.assertContains(self.open(), "台風による通行止め")


class WhatCannotBeEntered(Desk):
    def close(self):
        Period.objects.filter(pk=self.cast.second_half.pk).update(state="closed")

    def confirm(self):
        self.cast.entered(self.cast.patrols, self.cast.second_half, 180, state="confirmed")

    def test_a_closed_period_shows_what_stands_and_no_form(self):
        page = self.open(period="H1")
        self.assertContains(page, "この期は締め切られています。")
        self.assertContains(page, "275回")
        self.assertNotContains(page, "保存する")

    def test_a_period_that_closes_while_somebody_types_keeps_it_on_the_screen(self):
        self.open()
        self.close()
        page = self.enter(value="200", note="集計が済んだ")
        self.assertContains(page, "この期は締め切られました。", status_code=409)
        self.assertContains(page, "集計が済んだ", status_code=409)
        self.assertContains(page, "200", status_code=409)
        self.assert_nothing_kept()

    def test_in_words_and_in_the_order_of_the_page(self):
        self.close()
        page = self.enter(value="200", self_status="achieved", certainty="provisional")
        kept = text_of(page.content.decode()).split("必要なら写してください。")[1].strip()
        self.assertTrue(
            kept.startswith("この期の数（回） 200 確定・見込の別 見込 自己評価 達成"), kept[:80]
        )

    def test_so_does_an_unreadable_figure_for_a_closed_period(self):
        self.close()
        self.assertContains(self.enter(value="約200"), "約200", status_code=409)

    def test_a_confirmed_entry_shows_what_stands_and_no_form(self):
        self.confirm()
        page = self.open()
        self.assertContains(page, "この実績は確認が済んでいます。")
        self.assertNotContains(page, "保存する")

    def test_an_entry_that_is_confirmed_while_somebody_types(self):
        self.confirm()
        page = self.enter(value="200", version=1)
        self.assertContains(page, "確認が済んでいます。", status_code=409)
        self.assertEqual(self.kept().value, 180)

    def test_what_was_submitted_becomes_a_draft_again(self):
        self.cast.entered(self.cast.patrols, self.cast.second_half, 180, state="submitted")
        self.enter(value="200", version=1)
        self.assertEqual(self.kept().state, "draft")
        change = Change.objects.get().changed
        self.assertEqual(change, {"value": ["180", "200"], "state": ["submitted", "draft"]})

    def test_another_sections_target_can_be_seen_but_not_entered(self):
        self.assertEqual(self.open(self.cast.nurseries).status_code, 403)
        self.assertContains(
            self.enter(self.cast.nurseries, value="1"), "所管課と区政推進課", status_code=403
        )
        self.assert_nothing_kept()

    def test_another_wards_target_cannot_be_told_from_one_that_does_not_exist(self):
        self.client.force_login(self.cast.minami_staff)
        self.assertEqual(self.open().status_code, 404)
        self.assertEqual(self.enter(value="1").status_code, 404)

    def test_what_does_not_exist(self):
        for args in [
            ("14107", 2020, "p05-t1", "H3"),
            ("14107", 2020, "nothing", "H2"),
            ("14107", 1999, "p05-t1", "H2"),
            ("14107", 10**30, "p05-t1", "H2"),
            ("99999", 2020, "p05-t1", "H2"),
            ("14107", 2020, "a\x00b", "H2"),
            ("14107", 2020, "p05-t1", "a\x00b"),
            ("1\x004107", 2020, "p05-t1", "H2"),
        ]:
            with self.subTest(args):
                url = reverse("kpis:entry", args=args)
                self.assertEqual(self.client.get(url).status_code, 404)
                self.assertEqual(self.client.post(url, {"version": 0}).status_code, 404)

    def test_a_version_that_is_no_number(self):
        for version in ["", "x", "-1", "9" * 40]:
            with self.subTest(version):
                page = self.enter(value="200", version=version)
                self.assertIn(page.status_code, {200, 302})
        # The last numbers that the columns and the parameters of the two databases hold.
        for version in [2**31 - 1, 2**63 - 1, "9" * 40]:
            self.assertEqual(self.enter(value="201", version=version).status_code, 409)
        self.assertEqual(self.kept().value, 200)


class TwoPeople(Desk):
    def setUp(self):
        super().setUp()
        self.colleague = person("doboku-2", Post.Role.STAFF, self.cast.isogo, self.cast.doboku)
        self.other = self.client_class()
        self.other.force_login(self.colleague)

    def test_the_second_sees_both_figures_and_who_saved_when(self):
        self.enter(value="200", client=self.other, note="佐藤の備考")
        page = self.enter(value="210")
        self.assertEqual(page.status_code, 409)
        self.assertContains(page, "doboku-2さんが保存しました", status_code=409)
        self.assertContains(page, "<td>200回</td><td>210回</td>", status_code=409)
        self.assertContains(page, "<title>確認してください:", status_code=409)
        # Whose figure stays is chosen by a button that says so.
        self.assertNotContains(page, "保存して次の目標へ", status_code=409)
        self.assertContains(page, "佐藤の備考", status_code=409)
        self.assertContains(page, 'value="210"', status_code=409)
        self.assertEqual(self.kept().value, 200)

    def test_and_chooses_ones_own_by_saving_again(self):
        self.enter(value="200", client=self.other)
        page = self.enter(value="210")
        self.assertContains(page, 'name="version" value="1"', status_code=409)
        self.assertEqual(self.enter(value="210", version=1).status_code, 302)
        self.assertEqual(self.kept().value, 210)
        told = [change.changed["value"] for change in Change.objects.order_by("id")]
        self.assertEqual(told, [[None, "200"], ["200", "210"]])

    def test_an_import_that_came_between_is_named_though_nobody_typed_it(self):
        self.cast.entered(self.cast.patrols, self.cast.second_half, 200, version=2)
        page = self.enter(value="210", version=1)
        self.assertContains(page, "文書の取込みが保存しました", status_code=409)

    def test_a_third_who_saved_in_between_is_seen_too(self):
        self.enter(value="200", client=self.other)
        self.enter(value="205", version=1, client=self.other)
        self.assertEqual(self.enter(value="210", version=1).status_code, 409)

    def test_the_same_figure_twice_is_no_conflict(self):
        self.enter(value="200", client=self.other)
        self.assertEqual(self.enter(value="200").status_code, 302)
        self.assertEqual(Change.objects.count(), 1)

    def test_a_form_sent_twice_is_kept_once(self):
        for _twice in range(2):
            self.assertEqual(self.enter(value="200", note="一度だけ").status_code, 302)
        self.assertEqual(Change.objects.count(), 1)
        self.assertEqual(self.kept().version, 1)

    def test_both_enter_the_first_figure_in_the_same_moment(self):
        with first_figure_of_another(self.cast, self.colleague, value=200):
            page = self.enter(value="210")
        self.assertContains(page, "<td>200回</td><td>210回</td>", status_code=409)
        self.assertEqual(self.kept().value, 200)

    def test_the_same_first_figure_in_the_same_moment(self):
        with first_figure_of_another(self.cast, self.colleague, value=200):
            self.assertEqual(self.enter(value="200").status_code, 302)
        self.assertEqual(self.kept().value, 200)

    def test_a_change_between_reading_and_writing_is_no_lost_update(self):
        self.enter(value="200", client=self.other)
        read = entering.read

        def read_and_be_overtaken(*args, **kwargs):
            place = read(*args, **kwargs)
            Actual.objects.filter(period__key="H2").update(value=205, version=2)
            return place

        with patch.object(entering, "read", read_and_be_overtaken):
            page = self.enter(value="210", version=1)
        self.assertContains(page, "<td>205回</td><td>210回</td>", status_code=409)
        self.assertFalse(Change.objects.filter(changed__value=["200", "210"]).exists())


class History(Desk):
    def test_a_save_writes_one_line_with_who_what_and_from_what(self):
        self.enter(value="200", note="2月まで")
        self.enter(value="210", note="2月まで", version=1)
        first, second = Change.objects.order_by("id")
        self.assertEqual(first.act, "entered")
        self.assertEqual(first.changed, {"value": [None, "200"], "note": [None, "2月まで"]})
        self.assertEqual((second.act, second.changed), ("changed", {"value": ["200", "210"]}))
        self.assertEqual((second.by, second.by_name), (self.cast.doboku_staff, "doboku-staffさん"))
        self.assertEqual(second.section, self.cast.doboku)
        self.assertFalse(second.on_behalf)
        self.assertEqual(self.kept().version, 2)
        self.assertContains(self.open(), "実績：200回 → 210回")

    def test_saving_what_stands_already_writes_nothing(self):
        self.enter(value="200")
        self.enter(value="200.0", version=1)
        self.assertEqual(Change.objects.count(), 1)
        self.assertEqual(self.kept().version, 1)

    def test_the_secretariat_enters_for_a_section_and_is_marked_so(self):
        self.client.force_login(self.cast.secretariat)
        self.assertContains(self.open(), "磯子土木事務所に代わって入力します。")
        self.enter(value="200")
        self.assertTrue(self.kept().on_behalf)
        change = Change.objects.get()
        self.assertTrue(change.on_behalf)
        self.assertEqual(change.section, self.cast.doboku)
        self.assertContains(self.open(), "代理入力")

    def test_a_refused_save_leaves_no_line(self):
        self.enter(value="約200")
        self.enter(value="▲1")
        self.assertFalse(Change.objects.exists())


class TheWayToTheSheet(Desk):
    def list(self, **choices):
        return self.client.get(
            reverse("kpis:entry_list", args=["14107", 2020]), choices, follow=True
        )

    def sheet(self, section, period="H2"):
        return reverse("kpis:sheet", args=["14107", 2020, section.pk, period])

    def test_leads_staff_to_their_sections_targets_of_the_open_period(self):
        page = self.list()
        self.assertRedirects(page, self.sheet(self.cast.doboku))
        self.assertContains(page, "下半期")
        self.assertContains(page, "道路・公園などのパトロール")
        self.assertContains(page, ">275<")
        self.assertContains(page, "あと1件です。")
        self.assertNotContains(page, "交通安全教室")

    def test_the_secretariat_can_go_on_to_all_sections(self):
        self.client.force_login(self.cast.secretariat)
        page = self.list()
        for section in (self.cast.doboku, self.cast.chiiki, self.cast.fukushi):
            self.assertContains(page, self.sheet(section))
        page = self.list(section=self.cast.fukushi.pk)
        self.assertRedirects(page, self.sheet(self.cast.fukushi))
        self.assertContains(page, "あと2件です。")  # the linked total follows from its partner
        self.assertNotContains(page, "交通安全教室")

    def test_staff_of_two_sections_reach_both(self):
        Post.objects.create(
            user=self.cast.doboku_staff,
            role="staff",
            ward=self.cast.isogo,
            section=self.cast.chiiki,
        )
        self.assertContains(self.list(), self.sheet(self.cast.chiiki))
        page = self.client.get(self.sheet(self.cast.chiiki))
        self.assertContains(page, "交通安全教室")
        self.assertContains(page, self.sheet(self.cast.doboku))

    def test_a_closed_period_can_be_read(self):
        page = self.list(period="H1")
        self.assertContains(page, "この期は締め切られています。")
        self.assertContains(page, ">275<")

    def test_odd_choices(self):
        self.assertEqual(self.list(period="H9").status_code, 404)
        self.assertRedirects(self.list(section="x"), self.sheet(self.cast.doboku))
        self.assertRedirects(self.list(after="x"), self.url())
        Policy.objects.filter(pk=self.cast.policy.pk).update(state="draft")
        self.assertEqual(self.list().status_code, 404)

    def test_who_enters_nothing_is_told_so(self):
        for user in [self.cast.manager, self.cast.member, self.cast.auditor, self.cast.city]:
            self.client.force_login(user)
            self.assertEqual(self.list().status_code, 403)

    def test_whose_section_has_no_targets_is_told_so(self):
        Target.objects.filter(pk=self.cast.patrols.pk).update(section=self.cast.chiiki)
        self.assertContains(self.list(), "入力する目標はありません。")


class Cost(Desk):
    """Queries, session and person and the transaction's own included."""

    def queries(self, act):
        act()  # the first page of a session starts its clocks
        with CaptureQueriesContext(
            connection,
        ) as captured:
            act()
        return [query["sql"] for query in captured]

    def test_saving_costs_twelve_queries_at_most(self):
        figures = iter(range(200, 300))

        def save():
            figure = next(figures)
            response = self.enter(value=figure, version=figure - 200)
            self.assertEqual(response.status_code, 302)

        queries = self.queries(save)
        self.assertLessEqual(len(queries), 12, "\n".join(queries))

    def test_and_no_more_with_many_targets_and_periods(self):
        for n in range(30):
            target = self.cast.target(self.cast.flood, f"x{n}", f"目標{n}", value=1)
            self.cast.entered(target, self.cast.second_half, 1)
        self.test_saving_costs_twelve_queries_at_most()

    def test_opening_costs_twelve_at_most(self):
        self.enter(value="200")
        self.assertLessEqual(len(self.queries(self.open)), 12)


@contextmanager
def first_figure_of_another(cast, colleague, value):
    """The insert collides: a colleague's first figure came between the reading and the writing."""
    create = Actual.objects.create

    def collide(**values):
        with patch.object(Actual.objects, "create", create):
            collide.after.append(
                lambda: create(
                    target=cast.patrols,
                    period=cast.second_half,
                    value=value,
                    saved_by=colleague,
                    saved_at=values["saved_at"],
                )
            )
        raise IntegrityError("UNIQUE constraint failed: actual_once_a_period")

    collide.after = []
    read = entering.read

    def read_again(*args, to_save=False):
        while not to_save and collide.after:
            collide.after.pop()()
        return read(*args, to_save=to_save)

    with (
        patch.object(Actual.objects, "create", collide),
        patch.object(entering, "read", read_again),
    ):
        yield


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
class ManyAtOneEntry(TransactionTestCase):
    """Four people and an import at one target: each line of the history goes on from the last."""

    def setUp(self):
        self.cast = Cast()
        self.url = reverse("kpis:entry", args=["14107", 2020, "p05-t1", "H2"])

    def enter(self, desk):
        client, version, taken = Client(), 0, []
        client.force_login(self.cast.doboku_staff)
        try:
            while len(taken) < 6:
                value = str(100 + 10 * desk + len(taken))
                page = client.post(self.url, {"version": version, "value": value})
                if page.status_code == 302:
                    taken.append(value)
                else:
                    self.assertEqual(page.status_code, 409)
                    found = re.search(r'name="version" value="(\d+)"', page.content.decode())
                    version = int(found[1])
        finally:
            connection.close()
        return taken

    def bring_in(self, document):
        try:
            for _time in range(3):
                call_command("import_policy", str(document), stdout=StringIO())
        finally:
            connection.close()

    def test_no_save_is_lost_and_nobody_waits_for_ever(self):
        with TemporaryDirectory() as folder, ThreadPoolExecutor(5) as together:
            document = Path(folder) / "isogo.json"
            call_command("export_policy", "isogo", "2020", output=str(document))
            coming_in = together.submit(self.bring_in, document)
            desks = [together.submit(self.enter, desk) for desk in range(4)]
            taken = [value for desk in desks for value in desk.result()]
            coming_in.result()
        lines = Change.objects.filter(target=self.cast.patrols, period__isnull=False)
        told = [line.changed["value"] for line in lines.order_by("number")]
        self.assertEqual(sorted(new for _old, new in told), sorted(taken))
        self.assertEqual([old for old, _new in told], [None, *(new for _old, new in told[:-1])])
        self.assertEqual(str(Actual.objects.get().value.normalize()), told[-1][1])
