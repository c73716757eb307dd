"""The sheet that goes out as an Excel file: what stands in it, and where it may be changed."""

import io
from urllib.parse import unquote

import openpyxl
import pytest
from django.db import connection
from django.test import Client, TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kpis.models import DEMO_NOTE, Period, Policy, Target
from kpis.workbook import HEAD_ROW
from tests.cast import Cast
from wards.models import AccessRecord

HEAD = HEAD_ROW + 1  # as the spreadsheet counts


def opened(response):
    assert response.status_code == 200, response.status_code
    return openpyxl.load_workbook(io.BytesIO(response.content))


def columns_of(page):
    """By heading the letter of each column."""
    return {cell.value: cell.column_letter for cell in page[HEAD]}


def row_of(page, key):
    letter = columns_of(page)["目標番号"]
    return next(cell.row for cell in page[letter] if cell.value == key)


def cell_of(page, key, heading):
    return page[f"{columns_of(page)[heading]}{row_of(page, key)}"]


class TheFile(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()
        cls.cast.entered(
            cls.cast.patrols, cls.cast.first_half, 275, state="confirmed", note="台風後に増やした"
        )

    def setUp(self):
        self.client.force_login(self.cast.doboku_staff)

    def take(self, section=None, period="H2", client=None, year=2020):
        address = reverse(
            "kpis:sheet_xlsx", args=["14107", year, (section or self.cast.doboku).pk, period]
        )
        return (client or self.client).get(address)

    def page(self, **choices):
        return opened(self.take(**choices)).worksheets[0]

    def as_fukushi(self):
        self.client.force_login(self.cast.fukushi_staff)
        return {"section": self.cast.fukushi}

    def test_says_in_sight_which_sheet_it_is(self):
        page = self.page()
        self.assertEqual(page.title, "入力")
        self.assertEqual(
            page["A1"].value, "磯子区 令和2年度 (2020) 下半期（10–3月） 磯子土木事務所 実績入力"
        )
        self.assertEqual(page["A2"].value, f"整理番号 14107-2020-H2-{self.cast.doboku.pk}")
        self.assertIn("入力期限 4月30日（金）", page["A3"].value)

    def test_has_a_row_a_target_with_what_was_before(self):
        page = self.page()
        self.assertEqual(cell_of(page, "p05-t1", "事業").value, "風水害に対する備え")
        self.assertEqual(cell_of(page, "p05-t1", "目標").value, "道路・公園などのパトロール")
        self.assertEqual(cell_of(page, "p05-t1", "目標値").value, "550回")
        self.assertEqual(cell_of(page, "p05-t1", "単位").value, "回")
        self.assertEqual(cell_of(page, "p05-t1", "前の期").value, 275)
        self.assertEqual(cell_of(page, "p05-t1", "版").value, 0)
        self.assertIsNone(cell_of(page, "p05-t1", "この期の実績").value)

    def test_a_counter_stands_apart_from_the_figure_before_it(self):
        page = self.page()
        self.assertEqual(cell_of(page, "p05-t1", "目標値").alignment.horizontal, "right")
        self.assertEqual(cell_of(page, "p05-t1", "単位").alignment.horizontal, "center")

    def test_has_what_stands_in_the_period_already(self):
        cast = self.cast
        cast.entered(
            cast.patrols,
            cast.second_half,
            "200.5",
            certainty="provisional",
            note="2月まで",
            cause="台風",
            remedy="春に回る",
            version=3,
        )
        page = self.page()
        for heading, value in [
            ("版", 3),
            ("この期の実績", 200.5),
            ("区分", "見込"),
            ("備考", "2月まで"),
            ("遅れの原因", "台風"),
            ("今後の対応", "春に回る"),
            ("状態", "下書き"),
        ]:
            with self.subTest(heading):
                self.assertEqual(cell_of(page, "p05-t1", heading).value, value)

    def test_a_reason_stands_in_the_place_of_a_figure(self):
        self.cast.entered(self.cast.patrols, self.cast.second_half, missing="not_surveyed")
        page = self.page()
        self.assertIsNone(cell_of(page, "p05-t1", "この期の実績").value)
        self.assertEqual(cell_of(page, "p05-t1", "区分").value, "今期は調査なし")

    def test_only_what_is_to_be_filled_is_unlocked(self):
        page = self.page()
        self.assertTrue(page.protection.sheet)
        self.assertIsNone(page.protection.password)
        for heading, letter in columns_of(page).items():
            with self.subTest(heading):
                fills = heading in ("この期の実績", "区分", "備考", "遅れの原因", "今後の対応")
                cell = page[f"{letter}{row_of(page, 'p05-t1')}"]
                self.assertEqual(not cell.protection.locked, fills)

    def test_a_denominator_is_asked_of_a_ratio_alone(self):
        self.client.force_login(self.cast.chiiki_staff)
        page = self.page(section=self.cast.chiiki)
        self.assertFalse(cell_of(page, "p07-t1", "母数").protection.locked)
        self.assertEqual(cell_of(page, "p07-t1", "目標値").value, "49園中33園")

    def test_what_is_confirmed_cancelled_or_closed_is_locked(self):
        other = self.cast.target(
            self.cast.flood, "p05-t9", "水防訓練", value=2, unit="回", status="cancelled"
        )
        self.cast.entered(self.cast.patrols, self.cast.second_half, 200, state="confirmed")
        page = self.page()
        for key, state in ((self.cast.patrols.key, "確認済"), (other.key, "中止")):
            self.assertTrue(cell_of(page, key, "この期の実績").protection.locked)
            self.assertEqual(cell_of(page, key, "状態").value, state)
        page = self.page(period="H1")
        self.assertTrue(cell_of(page, "p05-t1", "備考").protection.locked)
        self.assertEqual(cell_of(page, "p05-t1", "状態").value, "締切済")

    def test_a_milestone_offers_its_stages_and_every_row_the_kinds(self):
        page = self.page(**self.as_fukushi())
        lists = {
            str(rule.sqref): rule.formula1
            for rule in page.data_validations.dataValidation
            if rule.type == "list"
        }
        stages = lists[cell_of(page, "p20-t3", "この期の実績").coordinate]
        self.assertEqual(stages, '"未着手,準備中,実施中,完了"')
        kinds = lists[cell_of(page, "p20-t1", "区分").coordinate]
        self.assertEqual(kinds, '"確定,見込,集計中,今期は調査なし,対象外,非公表"')
        # A linked total takes no reason.
        self.assertEqual(lists[cell_of(page, "p20-t2", "区分").coordinate], '"確定,見込"')

    def test_what_excel_takes_for_no_number_is_asked_about_and_not_refused(self):
        page = self.page()
        rule = next(r for r in page.data_validations.dataValidation if r.type == "decimal")
        self.assertEqual(rule.errorStyle, "warning")
        self.assertIn("全角の数字", rule.error)
        self.assertIn("この期の分だけ", rule.prompt)

    def test_prints_on_a4_with_its_head_on_every_page(self):
        policy = Policy.objects.get()
        policy.notes = [DEMO_NOTE]
        policy.save()
        page = self.page()
        self.assertEqual(page.page_setup.orientation, "landscape")
        self.assertEqual(page.page_setup.paperSize, 9)
        self.assertEqual(page.print_title_rows, f"${HEAD}:${HEAD}")
        self.assertEqual(page.freeze_panes, f"F{HEAD + 1}")
        self.assertIn("デモデータ", page.oddHeader.right.text)
        self.assertIn("磯子土木事務所", page.oddFooter.left.text)
        self.assertIn("doboku-staffさん", page.oddFooter.left.text)
        self.assertEqual(page.oddFooter.right.text, "&P / &N")
        self.assertFalse(page.merged_cells.ranges)
        self.assertFalse(any(each.hidden for each in page.column_dimensions.values()))

    def test_says_on_a_second_sheet_how_it_is_filled(self):
        how = opened(self.take())["記入のしかた"]
        said = " ".join(str(cell.value) for row in how.iter_rows() for cell in row)
        for word in ("白い欄", "理由", "3-5", "並べ替え", "整理番号"):
            self.assertIn(word, said)

    def test_a_note_that_looks_like_a_formula_is_text(self):
        self.cast.entered(
            self.cast.patrols, self.cast.second_half, 1, note='=HYPERLINK("http://x.invalid")'
        )
        cell = cell_of(self.page(), "p05-t1", "備考")
        self.assertEqual((cell.data_type, cell.number_format), ("s", "@"))

    def test_has_a_japanese_name_and_is_recorded_as_taken_away(self):
        name = unquote(self.take()["Content-Disposition"])
        self.assertIn("磯子区_令和2年度_下半期_磯子土木事務所_実績入力.xlsx", name)
        record = AccessRecord.objects.get(act="exported")
        self.assertEqual(record.by, self.cast.doboku_staff)
        self.assertIn("磯子土木事務所", record.detail)

    def test_is_not_there_for_others(self):
        cast = self.cast
        for who, section, status in [
            (cast.chiiki_staff, cast.doboku, 403),
            (cast.manager, cast.doboku, 403),
            (cast.minami_staff, cast.doboku, 404),
            (cast.secretariat, cast.doboku, 200),
            (cast.secretariat, cast.minami_doboku, 404),
        ]:
            with self.subTest(who=who, section=section):
                client = Client()
                client.force_login(who)
                self.assertEqual(self.take(section, client=client).status_code, status)
        self.assertEqual(self.take(period="Q9").status_code, 404)
        self.assertEqual(self.take(year=2019).status_code, 404)

    def test_costs_no_more_queries_for_more_targets(self):
        few = self.queries()
        for number in range(20):
            target = self.cast.target(
                self.cast.flood, f"p05-x{number}", "見回り", value=10, unit="回"
            )
            self.cast.entered(target, self.cast.first_half, 5)
        self.assertEqual(self.queries(), few)
        self.assertLessEqual(few, 12)

    def queries(self):
        self.take()  # what is worked out once
        with CaptureQueriesContext(connection) as counted:
            self.take()
        return len(counted)


class MonthByMonth(TestCase):
    def test_the_sum_of_the_periods_before_stands_beside_the_last_one(self):
        cast = Cast()
        Period.objects.filter(policy=cast.policy).delete()
        months = [
            Period.objects.create(
                policy=cast.policy,
                key=f"M0{month}",
                starts=f"2020-0{month}-01",
                ends=f"2020-0{month}-30",
            )
            for month in (4, 5, 6)
        ]
        cast.entered(cast.patrols, months[0], 40)
        cast.entered(cast.patrols, months[1], "45.5", certainty="provisional")
        self.client.force_login(cast.doboku_staff)
        page = opened(
            self.client.get(reverse("kpis:sheet_xlsx", args=["14107", 2020, cast.doboku.pk, "M06"]))
        ).worksheets[0]
        self.assertEqual(cell_of(page, "p05-t1", "前の期").value, "見込 45.5")
        self.assertEqual(cell_of(page, "p05-t1", "前の期までの計").value, 85.5)


class AYearBefore(TestCase):
    def test_the_figure_of_the_same_period_stands_beside_the_last_one(self):
        cast = Cast()
        before = Cast.__new__(Cast)
        before.policy = Policy.objects.create(ward=cast.isogo, fiscal_year=2019, title="前年度")
        before.pillar = cast.pillar.__class__.objects.create(
            policy=before.policy, key="a", name="安全・安心なまち"
        )
        half = Period.objects.create(
            policy=before.policy, key="H2", starts="2019-10-01", ends="2020-03-31"
        )
        flood = before.project("p03", "③", cast.flood.name, cast.doboku)
        patrols = before.target(flood, "p03-t1", cast.patrols.label, value=500, unit="回")
        before.entered(patrols, half, 260)
        self.client.force_login(cast.doboku_staff)
        address = reverse("kpis:sheet_xlsx", args=["14107", 2020, cast.doboku.pk, "H2"])
        page = opened(self.client.get(address)).worksheets[0]
        self.assertEqual(cell_of(page, "p05-t1", "前年度の同じ期").value, 260)


@pytest.mark.django_db
def test_is_in_english_for_an_english_reader(client):
    cast = Cast()
    Target.objects.filter(pk=cast.patrols.pk).update(label="道路・公園などのパトロール")
    client.force_login(cast.doboku_staff)
    client.cookies["django_language"] = "en"
    address = reverse("kpis:sheet_xlsx", args=["14107", 2020, cast.doboku.pk, "H2"])
    page = opened(client.get(address)).worksheets[0]
    kinds = next(r for r in page.data_validations.dataValidation if r.type == "list").formula1
    assert kinds.startswith('"Final,Provisional,Being counted,')
