"""What changed after the fact stands wherever the figure stands: on every page, in every file.

The patrols were 550 and became 400 on 3 August; the office's 220 of the first half were corrected
to 210. The fair's survey was called off on 18 May, the whole traffic project on 1 December.
"""

import csv
import io
import json
from datetime import date

from django.core.management import call_command
from django.test import TestCase
from django.urls import reverse
from openpyxl import load_workbook

from kpis.models import Project, Revision, Target
from tests.cast import Cast
from tests.kpis.pages import rows, text_of

FORGOTTEN = "8月の10回を二重に数えていました。"
STORMS = "台風で河川敷が閉鎖されたため。"
BY_RULE = "感染症の拡大のため。"
PATROLS = "道路・公園などのパトロール"


class NeverHidden(TestCase):
    @classmethod
    def setUpTestData(cls):
        cast = cls.cast = Cast()
        Revision.objects.create(
            target=cast.patrols,
            on=date(2020, 8, 3),
            old=550,
            new=400,
            reason=STORMS,
            decided_by="区長",
            document_number="磯区政第123号",
        )
        Target.objects.filter(pk=cast.patrols.pk).update(value=400)
        cast.entered(
            cast.patrols, cast.first_half, 210, state="confirmed", corrected_because=FORGOTTEN
        )
        cast.entered(cast.patrols, cast.second_half, 100, state="confirmed")
        cls.fair = cast.target(
            cast.flood,
            "p05-t2",
            "防災フェアの満足度",
            measure="percentage",
            accumulation="latest",
            value=90,
            unit="%",
            status="cancelled",
            status_on=date(2020, 5, 18),
            status_reason=BY_RULE,
            status_decided_by="区長",
            status_document_number="磯区政第99号",
        )
        Project.objects.filter(pk=cast.traffic.pk).update(
            status="postponed", status_on=date(2020, 12, 1), status_reason="来年度に行う。"
        )

    def setUp(self):
        self.client.force_login(self.cast.secretariat)

    def page(self, name, *args, **choices):
        return self.client.get(reverse(f"kpis:{name}", args=["14107", 2020, *args]), choices)

    def told(self, name, *args, **choices):
        return text_of(self.page(name, *args, **choices).content.decode())


class OnPages(NeverHidden):
    def test_the_dashboard(self):
        for period in ("H1", "H2"):
            line = rows(self.page("dashboard", period=period))[PATROLS]
            for said in ("400回", "当初 550回", "目標変更", "訂正"):
                self.assertIn(said, line)
        page = self.page("dashboard", period="H2")
        self.assertContains(page, "目標400回（当初 550回）に対し")
        self.assertIn("令和2年5月18日に中止 " + BY_RULE, rows(page)["防災フェアの満足度"])
        nurseries = rows(page)["子ども向け交通安全教室：幼稚園・保育園"]
        self.assertIn("令和2年12月1日に延期 来年度に行う。", nurseries)
        urgent = text_of(page.content.decode().split("注意が必要な目標")[1].split("</ol>")[0])
        self.assertIn("310 / 400回", urgent)
        self.assertIn("当初 550回 訂正", urgent)

    def test_what_was_written_before_is_written_anew_where_a_reason_changed(self):
        label = "子ども向け交通安全教室：幼稚園・保育園"
        self.assertIn("来年度に行う。", rows(self.page("dashboard", period="H2"))[label])
        Project.objects.filter(pk=self.cast.traffic.pk).update(status_reason="会場の工事のため。")
        self.assertIn("会場の工事のため。", rows(self.page("dashboard", period="H2"))[label])

    def test_before_the_project_was_postponed_nothing_says_so(self):
        line = rows(self.page("dashboard", period="H1"))["子ども向け交通安全教室：幼稚園・保育園"]
        self.assertNotIn("延期", line)

    def test_the_target_list(self):
        told = self.told("targets", period="H2")
        for said in ("当初 550回", "訂正", "令和2年5月18日に中止", BY_RULE, "来年度に行う。"):
            self.assertIn(said, told)

    def test_the_project_page(self):
        told = self.told("project", "p05", period="H2")
        for said in ("550", "400", "当初 550回", STORMS, "区長 磯区政第123号", FORGOTTEN):
            self.assertIn(said, told)
        self.assertIn(f"令和2年5月18日に中止 {BY_RULE} 区長 磯区政第99号", told)
        self.assertIn("令和2年12月1日に延期 来年度に行う。", self.told("project", "p07"))

    def test_the_entry_page(self):
        told = self.told("entry", "p05-t1", "H2")
        for said in ("400回（当初 550回）", STORMS, "区長 磯区政第123号", FORGOTTEN):
            self.assertIn(said, told)
        self.assertIn(f"令和2年5月18日に中止 {BY_RULE}", self.told("entry", "p05-t2", "H2"))
        self.assertIn("令和2年12月1日に延期 来年度に行う。", self.told("entry", "p07-t1", "H2"))

    def test_the_sheet_of_the_section(self):
        told = self.told("sheet", self.cast.doboku.pk, "H2")
        for said in ("400回 当初 550回", "目標変更", "210 訂正"):
            self.assertIn(said, told)
        self.assertIn(f"令和2年5月18日に中止 {BY_RULE}", told)
        traffic = self.told("sheet", self.cast.chiiki.pk, "H2")
        self.assertIn("令和2年12月1日に延期 来年度に行う。", traffic)

    def test_the_policy_itself(self):
        told = self.told("policy")
        self.assertIn("400回（令和2年8月3日に変更）", told)
        self.assertIn(f"令和2年5月18日に中止 {BY_RULE}", told)
        self.assertIn("令和2年12月1日に延期 来年度に行う。", told)

    def test_the_list_of_changes(self):
        told = self.told("changes")
        for said in ("550 → 400 回", STORMS, BY_RULE, "来年度に行う。"):
            self.assertIn(said, told)

    def test_english_pages(self):
        self.client.cookies["django_language"] = "en"
        self.assertContains(self.page("dashboard", period="H2"), "550")

    def test_the_yearly_row_tells_of_its_total_too(self):
        """The total follows from a yearly target whose figure was corrected."""
        cast = self.cast
        cast.entered(cast.supporters, cast.second_half, 300, corrected_because="再集計")
        Revision.objects.create(
            target=cast.supporters_in_all, on=date(2020, 8, 3), old=18500, new=18000, reason="減"
        )
        Target.objects.filter(pk=cast.supporters_in_all.pk).update(value=18000)
        line = rows(self.page("dashboard", period="H2"))["認知症サポーターの養成"]
        self.assertIn("累計 18,000 / 18,000人（当初 18,500人）（訂正あり）", line)


class InFiles(NeverHidden):
    def row_of(self, name, key="p05-t1", **choices):
        """The line of a target in a CSV, by heading."""
        text = self.page(name, **choices).content.decode("utf-8-sig")
        return next(row for row in csv.DictReader(io.StringIO(text)) if row["目標ID"] == key)

    def test_the_list_as_csv(self):
        row = self.row_of("targets_csv", period="H2")
        self.assertEqual((row["目標値"], row["当初の目標値"]), ("400", "550"))
        self.assertEqual((row["目標変更日"], row["目標変更の理由"]), ("2020-08-03", STORMS))
        self.assertEqual((row["訂正"], row["訂正の理由"]), ("訂正", FORGOTTEN))
        fair = self.row_of("targets_csv", "p05-t2", period="H2")
        self.assertEqual(
            (fair["中止・延期の日"], fair["中止・延期の理由"]), ("2020-05-18", BY_RULE)
        )
        nurseries = self.row_of("targets_csv", "p07-t1", period="H2")
        self.assertEqual(nurseries["中止・延期の理由"], "来年度に行う。")
        self.assertEqual(self.row_of("targets_csv", "p07-t1", period="H1")["中止・延期の日"], "")

    def test_the_list_and_the_summary_as_workbooks(self):
        for name in ("targets_xlsx", "summary_xlsx"):
            with self.subTest(name):
                book = load_workbook(io.BytesIO(self.page(name, period="H2").content))
                text = "\n".join(
                    str(cell) for row in book["目標一覧"].values for cell in row if cell is not None
                )
                for said in ("550", "400", FORGOTTEN, STORMS, BY_RULE):
                    self.assertIn(said, text)
        behind = "\n".join(str(cell) for row in book["遅れている目標"].values for cell in row)
        self.assertIn("400回（当初 550回）", behind)
        self.assertIn("訂正", behind)

    def test_the_results(self):
        document = json.loads(self.results("json"))
        patrols = next(each for each in document["targets"] if each["id"] == "p05-t1")
        self.assertEqual(patrols["original"]["value"], "550")
        self.assertEqual(patrols["corrections"], [{"period": "H1", "reason": FORGOTTEN}])
        lines = csv.DictReader(io.StringIO(self.results("csv")))
        by_id = {line["id"]: line for line in lines}
        self.assertEqual(by_id["p05-t1"]["original_value"], "550")
        self.assertEqual(by_id["p05-t1"]["corrected"], "1")
        self.assertEqual(by_id["p05-t1"]["corrections"], f"H1: {FORGOTTEN}")
        self.assertEqual(by_id["p05-t2"]["given_up_on"], "2020-05-18")
        self.assertEqual(by_id["p07-t1"]["given_up_because"], "来年度に行う。")
        table = self.results("table")
        self.assertIn("400回（当初 550回）", table)
        self.assertIn("訂: 訂正された値を含む", table)

    def results(self, form):
        out = io.StringIO()
        call_command("export_results", "14107", "2020", period="H2", format=form, stdout=out)
        return out.getvalue()


class WhatAFigureRestsOn(NeverHidden):
    def test_a_correction_that_no_longer_counts_is_not_told(self):
        """A satisfaction of the first half was corrected; the second half has its own."""
        cast = self.cast
        survey = cast.target(
            cast.dementia, "p20-t4", "満足度", measure="percentage", accumulation="latest", value=90
        )
        cast.entered(survey, cast.first_half, 80, corrected_because="再集計")
        self.assertIn("訂正", rows(self.page("dashboard", period="H2"))["満足度"])
        cast.entered(survey, cast.second_half, 85)
        self.assertNotIn("訂正", rows(self.page("dashboard", period="H2"))["満足度"])
        self.assertIn("訂正", rows(self.page("dashboard", period="H1"))["満足度"])

    def test_who_reads_confirmed_figures_reads_that_they_were_corrected(self):
        self.client.force_login(self.cast.member)
        self.assertIn("訂正", rows(self.page("dashboard", period="H2"))[PATROLS])
