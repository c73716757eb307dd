"""The sheet as one form, without a script: what a section sees, types, submits and is told."""

import re
from urllib.parse import quote

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kpis.models import Actual, Change, Period, Policy, Project, Revision, Target
from tests.cast import Cast, person
from tests.kpis.pages import text_of
from tests.kpis.sheet_form import SheetForm
from wards.models import Post


class Sheet(TestCase):
    """土木事務所 with patrols, drills and a survey; the first half is closed, the second open."""

    @classmethod
    def setUpTestData(cls):
        cast = cls.cast = Cast()
        cls.drills = cast.target(cast.flood, "p05-t2", "水防訓練", value=2, unit="回")
        cls.survey = cast.target(
            cast.flood,
            "p05-t3",
            "訓練の満足度",
            measure="percentage",
            accumulation="latest",
            value=90,
            unit="%",
        )
        cast.entered(cast.patrols, cast.first_half, 275, state="confirmed", note="台風後に増やした")
        cast.entered(cls.drills, cast.first_half, 1, state="confirmed")

    def setUp(self):
        self.staff = self.at_work(self.cast.doboku_staff)
        self.head = self.at_work(self.cast.doboku_head)
        self.colleague = self.at_work(
            person("doboku-2", Post.Role.STAFF, self.cast.isogo, self.cast.doboku)
        )

    def at_work(self, user):
        client = self.client_class()
        client.force_login(user)
        return client

    def url(self, section=None, period="H2"):
        section = section or self.cast.doboku
        return reverse("kpis:sheet", args=["14107", 2020, section.pk, period])

    def open(self, client=None, section=None, period="H2"):
        return (client or self.staff).get(self.url(section, period))

    def form(self, client=None, section=None):
        return SheetForm(self.open(client, section))

    def send(self, form, action="save", client=None, section=None, **more):
        """Press a button of the form; the answer is the page that is shown in the end."""
        data = {**form.fields, "action": action, **more}
        return (client or self.staff).post(self.url(section), data, follow=True)

    def kept(self, target=None):
        return Actual.objects.filter(
            target=target or self.cast.patrols, period=self.cast.second_half
        ).first()

    def row(self, page, key="p05-t1"):
        """A row and what is said below it, as text."""
        markup = page.content.decode()
        start = markup.index(f'id="r-{key}"')
        end = markup.find('<tr class="line', start)
        return text_of(markup[markup.index(">", start) + 1 : end if end > 0 else None])


class ThePage(Sheet):
    def test_a_row_a_target_by_project_with_what_was_before_beside_the_cell(self):
        page = self.open()
        self.assertContains(page, "磯子土木事務所")
        headings = re.findall(r'<th scope="rowgroup".*?</th>', page.content.decode(), re.DOTALL)
        self.assertEqual(len(headings), 1)
        self.assertIn("風水害に対する備え", headings[0])
        keys = re.findall(r'data-key="([^"]+)"', page.content.decode())
        self.assertEqual(keys, ["p05-t1", "p05-t2", "p05-t3"])
        self.assertRegex(self.row(page), "道路・公園などのパトロール 550回 275 回 確定")
        self.assertContains(page, 'data-before="275"')
        self.assertContains(page, 'data-before-note="台風後に増やした"')
        self.assertContains(page, "あと3件です。")

    def test_every_field_has_a_name_that_says_whose_it_is(self):
        markup = self.open().content.decode()
        form = self.form()
        for field in re.findall(r"<(?:input|select|textarea) [^>]*data-field=[^>]*>", markup):
            named = re.search(r'aria-labelledby="([^"]+)"', field)[1].split()
            self.assertLessEqual({*named, re.search(r'describedby="([^"]+)"', field)[1]}, form.ids)

    def test_last_years_column_stands_only_where_there_is_a_last_year(self):
        self.assertNotContains(self.open(), "data-last-year")
        before = Policy.objects.create(ward=self.cast.isogo, fiscal_year=2019, title="令和元年度")
        half = Period.objects.create(
            policy=before, key="H2", starts="2019-10-01", ends="2020-03-31"
        )
        this_year, self.cast.policy = self.cast.policy, before
        self.cast.pillar = before.pillars.create(key="a", name="安全・安心なまち")
        flood = self.cast.project("p03", "③", "風水害に対する備え", self.cast.doboku)
        patrols = self.cast.target(flood, "p03-t1", "道路・公園などのパトロール", value=500)
        self.cast.entered(patrols, half, 260, state="confirmed")
        self.cast.policy = this_year
        self.cast.entered(self.drills, self.cast.second_half, 2)
        page = self.open()
        self.assertContains(page, 'data-last-year="260"', count=1)
        self.assertContains(page, 'data-last-year=""', count=2)
        self.assertRegex(self.row(page), "550回 260 275 回")
        before.ward = self.cast.minami
        before.save()
        self.assertNotContains(self.open(), "data-last-year")

    def test_a_target_that_was_revised_shows_what_it_was(self):
        Revision.objects.create(
            target=self.cast.patrols, on="2020-12-01", old=550, new=400, reason="感染症の影響"
        )
        Target.objects.filter(pk=self.cast.patrols.pk).update(value=400)
        row = self.row(self.open())
        self.assertIn("400回 当初 550回", row)
        self.assertIn("目標変更", row)

    def test_what_is_cancelled_stands_fixed_with_its_reason(self):
        Target.objects.filter(pk=self.drills.pk).update(
            status="cancelled", status_reason="感染症の拡大による"
        )
        page = self.open()
        self.assertIn("中止 感染症の拡大による", self.row(page, "p05-t2"))
        self.assertFalse([name for name in SheetForm(page).fields if name.startswith("p05-t2.")])
        self.assertContains(page, "あと2件です。")

    def test_a_closed_period_and_what_was_handed_in_are_plain_text(self):
        self.cast.entered(self.cast.patrols, self.cast.second_half, 280, state="submitted")
        page = self.open()
        self.assertIn("提出済", self.row(page))
        self.assertNotIn("p05-t1.figure", SheetForm(page).fields)
        closed = self.open(period="H1")
        self.assertContains(closed, "この期は締め切られています。")
        self.assertNotContains(closed, "data-field")
        self.assertNotContains(closed, "提出する")

    def test_only_who_enters_or_confirms_for_the_section_opens_it(self):
        for who in ("doboku_staff", "doboku_head", "secretariat"):
            self.assertEqual(self.open(self.at_work(getattr(self.cast, who))).status_code, 200)
        for who in ("chiiki_staff", "manager", "auditor", "city", "member"):
            self.assertEqual(self.open(self.at_work(getattr(self.cast, who))).status_code, 403)
        self.assertEqual(self.open(self.at_work(self.cast.minami_staff)).status_code, 404)

    def test_what_does_not_exist(self):
        for section, period in [(self.cast.minami_doboku.pk, "H2"), (10**30, "H2"), (1, "H9")]:
            url = reverse("kpis:sheet", args=["14107", 2020, section, period])
            self.assertEqual(self.staff.get(url).status_code, 404)
            self.assertEqual(self.staff.post(url).status_code, 404)

    def test_the_way_leads_from_a_row_to_its_target_and_back(self):
        address = reverse("kpis:entry", args=["14107", 2020, "p05-t1", "H2"])
        self.assertIn(address, self.form().links)
        self.assertContains(self.staff.get(address), self.url())


class Typing(Sheet):
    def test_what_was_typed_into_several_rows_is_kept_with_a_line_of_history_each(self):
        page = self.send(
            self.form().type(
                p05_t1={"figure": "２００", "note": "2月までの集計"}, p05_t2={"figure": "1"}
            )
        )
        self.assertContains(page, "2件を保存しました。")
        self.assertEqual((self.kept().value, self.kept().note), (200, "2月までの集計"))
        self.assertEqual(self.kept(self.drills).value, 1)
        self.assertIsNone(self.kept(self.survey))
        told = [(line.target, line.act) for line in Change.objects.order_by("number")]
        self.assertEqual(told, [(self.cast.patrols, "entered"), (self.drills, "entered")])
        self.assertIn("86.4% ", self.row(page))

    def test_the_total_so_far_can_be_typed_instead(self):
        self.send(self.form().type(p05_t1={"total": "475"}))
        self.assertEqual(self.kept().value, 200)
        form = self.form()
        self.assertEqual(form.value("p05-t1", "figure"), "200")
        self.send(form.type(p05_t1={"figure": "210"}))
        self.assertEqual(self.form().value("p05-t1", "total"), "485")

    def test_a_figure_and_a_total_that_do_not_agree_are_asked_back(self):
        page = self.send(self.form().type(p05_t1={"figure": "200", "total": "500"}))
        self.assertContains(page, "この期の数と年間の計が合いません。")
        self.assertIsNone(self.kept())
        self.send(self.form().type(p05_t1={"figure": "200", "total": "475"}))
        self.assertEqual(self.kept().value, 200)

    def test_a_total_below_what_was_reported_already(self):
        page = self.send(self.form().type(p05_t1={"total": "200"}))
        self.assertContains(page, "年間の計の200回は、前の期までの計275回より少なくなっています。")
        page = self.send(self.form().type(p05_t1={"total": "▲5"}))
        self.assertContains(page, "0より小さい数は入れられません。")
        self.assertIsNone(self.kept())

    def test_a_figure_is_provisional_by_choice_or_by_word_until_it_is_called_final(self):
        self.send(self.form().type(p05_t1={"figure": "見込 200"}, p05_t2={"kind": "provisional"}))
        self.assertEqual(self.kept().certainty, "provisional")
        self.assertIn("見込", self.row(self.open(), "p05-t1"))
        self.send(self.form().type(p05_t1={"figure": "210"}, p05_t2={"figure": "1"}))
        self.assertEqual(self.kept().certainty, "provisional")
        self.assertEqual(self.kept(self.drills).certainty, "provisional")
        self.send(self.form().type(p05_t1={"kind": "final"}))
        self.assertEqual((self.kept().value, self.kept().certainty), (210, "final"))

    def test_a_reason_takes_the_figures_place_and_gives_it_back(self):
        self.send(self.form().type(p05_t1={"figure": "200"}))
        self.send(self.form().type(p05_t1={"kind": "pending"}))
        self.assertEqual((self.kept().value, self.kept().missing), (None, "pending"))
        form = self.form()
        self.assertEqual(form.value("p05-t1", "figure"), "")
        self.send(form.type(p05_t1={"figure": "200"}))
        self.assertEqual((self.kept().value, self.kept().missing), (200, ""))
        self.send(self.form().type(p05_t1={"figure": "集計中"}))
        self.assertEqual(self.kept().missing, "pending")

    def test_a_figure_typed_beside_a_reason_chosen_is_asked_back(self):
        page = self.send(self.form().type(p05_t1={"figure": "200", "kind": "pending"}))
        self.assertContains(page, "どちらか一方だけにしてください。")
        self.assertIsNone(self.kept())

    def test_what_is_emptied_is_emptied(self):
        self.send(self.form().type(p05_t1={"figure": "200", "note": "消す"}))
        self.send(self.form().type(p05_t1={"figure": "", "note": ""}))
        self.assertFalse(self.kept().has_entry)
        self.assertEqual(self.kept().note, "")

    def test_a_note_of_several_lines_comes_back_as_it_was(self):
        self.send(self.form().type(p05_t1={"note": "一行目\r\n二行目"}))
        self.assertEqual(self.kept().note, "一行目\n二行目")
        page = self.send(self.form().type(p05_t2={"figure": "1"}))
        self.assertContains(page, "1件を保存しました。")
        self.assertEqual(Change.objects.count(), 2)

    def test_all_else_of_an_entry_stays(self):
        self.cast.entered(
            self.cast.patrols, self.cast.second_half, 150, cause="台風", remedy="増やす"
        )
        self.send(self.form().type(p05_t1={"figure": "160"}))
        self.assertEqual((self.kept().cause, self.kept().remedy), ("台風", "増やす"))

    def test_a_form_that_says_nothing_new_changes_nothing(self):
        page = self.send(self.form())
        self.assertContains(page, "変わったところはありません。")
        self.assertFalse(Actual.objects.filter(period=self.cast.second_half).exists())

    def test_sent_twice_it_is_kept_once(self):
        form = self.form().type(p05_t1={"figure": "200"})
        for _twice in range(2):
            self.assertEqual(self.send(form).status_code, 200)
        self.assertEqual((Change.objects.count(), self.kept().version), (1, 1))

    def test_the_secretariat_enters_for_the_section_and_is_marked_so(self):
        office = self.at_work(self.cast.secretariat)
        self.assertContains(self.open(office), "磯子土木事務所に代わって入力します。")
        self.send(self.form(office).type(p05_t1={"figure": "200"}), client=office)
        self.assertTrue(self.kept().on_behalf)


class OtherMeasures(Sheet):
    def test_so_many_of_so_many(self):
        chiiki = self.at_work(self.cast.chiiki_staff)
        section = self.cast.chiiki
        self.cast.entered(self.cast.nurseries, self.cast.first_half, 9)
        form = self.form(chiiki, section).type(p07_t1={"figure": "14/50"})
        page = self.send(form, client=chiiki, section=section)
        kept = self.kept(self.cast.nurseries)
        self.assertEqual((kept.value, kept.denominator), (14, 50))
        self.assertIn("全50園中", self.row(page, "p07-t1"))
        form = self.form(chiiki, section)
        self.assertEqual(form.value("p07-t1", "figure"), "14/50")
        page = self.send(form.type(p07_t1={"figure": "42"}), client=chiiki, section=section)
        self.assertContains(page, "ほかの期との合計が51園になり、母数の49園を超えます。")

    def test_a_milestone_has_a_stage_or_a_reason(self):
        fukushi, section = self.at_work(self.cast.fukushi_staff), self.cast.fukushi
        form = self.form(fukushi, section).type(p20_t3={"figure": "実施中"})
        self.send(form, client=fukushi, section=section)
        self.assertEqual(self.kept(self.cast.plan).stage, "under_way")
        form = self.form(fukushi, section)
        self.assertEqual(form.value("p20-t3", "figure"), "実施中")
        self.send(form.type(p20_t3={"figure": "集計中"}), client=fukushi, section=section)
        self.assertEqual(
            (self.kept(self.cast.plan).stage, self.kept(self.cast.plan).missing), ("", "pending")
        )
        page = self.send(
            self.form(fukushi, section).type(p20_t3={"figure": "ほぼ完了"}),
            client=fukushi,
            section=section,
        )
        self.assertContains(page, "「ほぼ完了」は段階として読めません。")
        self.assertEqual(SheetForm(page).value("p20-t3", "figure"), "ほぼ完了")

    def test_a_linked_total_follows_and_an_entered_one_wins_with_the_difference_in_sight(self):
        fukushi, section = self.at_work(self.cast.fukushi_staff), self.cast.fukushi
        self.cast.entered(self.cast.supporters, self.cast.first_half, 328)
        form = self.form(fukushi, section).type(p20_t1={"figure": "150"})
        page = self.send(form, client=fukushi, section=section)
        self.assertIn("18,178", self.row(page, "p20-t2"))
        form = self.form(fukushi, section).type(p20_t2={"figure": "18,200"})
        page = self.send(form, client=fukushi, section=section)
        self.assertIn(
            "入力した累計は18,200人、年度の数から計算した累計は18,178人です。",
            self.row(page, "p20-t2"),
        )

    def test_quarters_show_the_earlier_ones(self):
        Period.objects.filter(pk=self.cast.first_half.pk).update(key="Q1", ends="2020-06-30")
        Period.objects.create(
            policy=self.cast.policy, key="Q2", starts="2020-07-01", ends="2020-09-30"
        )
        page = self.open()
        self.assertContains(page, 'data-earlier="275"')
        self.assertContains(page, 'data-before=""')


class WrongAndRight(Sheet):
    def test_what_is_right_is_kept_and_what_is_wrong_stays_as_typed(self):
        page = self.send(
            self.form().type(p05_t1={"figure": "約200", "note": "確認中"}, p05_t2={"figure": "1"})
        )
        self.assertContains(page, "1件を保存しました。")
        self.assertContains(page, "次の1件は、まだ保存していません。")
        self.assertIsNone(self.kept())
        self.assertEqual(self.kept(self.drills).value, 1)
        form = SheetForm(page)
        self.assertEqual(form.value("p05-t1", "figure"), "約200")
        self.assertEqual(form.value("p05-t1", "note"), "確認中")
        self.assertIn("「約200」は数として読めません。", self.row(page))
        self.assertIn("#f-p05-t1", form.links)
        self.assertContains(page, "aria-invalid", count=1)
        self.send(form.type(p05_t1={"figure": "200"}))
        self.assertEqual((self.kept().value, self.kept().note), (200, "確認中"))

    def test_a_figure_ten_times_the_last_is_asked_about_and_kept_once_it_is_said_to_be_right(self):
        page = self.send(self.form().type(p05_t1={"figure": "2750"}, p05_t2={"figure": "1"}))
        self.assertIn("2,750回は、前の数275回の10倍以上です。", self.row(page))
        self.assertIn("この数でまちがいありませんか。", self.row(page))
        self.assertContains(page, 'name="p05-t1.sure" value="2750"')
        self.assertIsNone(self.kept())
        self.assertEqual(self.kept(self.drills).value, 1)
        form = SheetForm(page)
        self.send(form.type(p05_t1={"figure": "27500", "sure": "2750"}))
        self.assertIsNone(self.kept())
        self.send(form.type(p05_t1={"figure": "2750", "sure": "2750"}))
        self.assertEqual(self.kept().value, 2750)

    def test_a_note_that_is_too_long_says_how_long_it_is(self):
        page = self.send(self.form().type(p05_t1={"note": "長" * 2001}))
        self.assertContains(page, "備考は2000文字までです。いま2001文字あります。")
        self.assertContains(page, "長" * 2001)

    def test_hostile_values(self):
        for typed in [
            {"figure": "<script>alert(1)</script>"},
            {"figure": "=1+1"},
            {"figure": "a\x00b"},
            {"note": "a\x00b"},
            {"total": "1e9"},
            {"kind": '"><b>x'},
            {"figure": "9" * 100_000},
        ]:
            with self.subTest(typed):
                page = self.send(self.form().type(p05_t1=typed))
                self.assertContains(page, "まだ保存していません")
                self.assertNotContains(page, "<script>alert")
                self.assertNotContains(page, "<b>x")
        self.assertIsNone(self.kept())

    def test_markup_and_formulas_in_notes_are_text(self):
        note = "</textarea><script>alert(1)</script>=1+1"
        page = self.send(self.form().type(p05_t1={"note": note}))
        self.assertNotContains(page, "<script>alert")
        self.assertEqual(SheetForm(page).value("p05-t1", "note"), note)

    def test_rows_that_are_not_of_this_sheet_are_left_alone(self):
        form = self.form().type(p07_t1={"figure": "5"}, nothing={"figure": "5"})
        form.fields[".figure"] = form.fields["p05-t1.version.figure"] = ["5"]
        self.send(form)
        self.assertFalse(Actual.objects.filter(period=self.cast.second_half).exists())

    def test_odd_versions_digests_and_buttons(self):
        self.cast.entered(self.cast.patrols, self.cast.second_half, 100)
        for odd in ["", "x", "-1", "9" * 40, "1\x00"]:
            for name in ("version", "was"):
                form = self.form().type(p05_t1={"figure": "200", name: odd})
                self.assertIn(self.send(form).status_code, (200, 409))
        self.assertContains(self.send(self.form(), "delete"), "ボタンを選び直してください。")
        self.assertContains(self.send(self.form(), "correct"), "ボタンを選び直してください。")


class TwoPeople(Sheet):
    def test_a_colleagues_rows_are_not_overwritten_by_what_stood_there(self):
        mine = self.form().type(p05_t2={"figure": "1"})
        self.send(self.form().type(p05_t1={"figure": "200"}), client=self.colleague)
        self.assertContains(self.send(mine), "1件を保存しました。")
        self.assertEqual(self.kept().value, 200)

    def test_nor_are_the_other_fields_of_a_row(self):
        mine = self.form().type(p05_t1={"note": "私の備考"})
        self.send(self.form().type(p05_t1={"figure": "200"}), client=self.colleague)
        self.assertContains(self.send(mine), "1件を保存しました。")
        self.assertEqual((self.kept().value, self.kept().note), (200, "私の備考"))

    def test_a_note_of_several_lines_that_nobody_touched_is_in_nobodys_way(self):
        self.send(self.form().type(p05_t1={"figure": "150", "note": "一行目\r\n二行目"}))
        mine = self.form().type(p05_t1={"figure": "200"})
        self.send(self.form().type(p05_t1={"note": "同僚が直した"}), client=self.colleague)
        self.assertContains(self.send(mine), "1件を保存しました。")
        self.assertEqual((self.kept().value, self.kept().note), (200, "同僚が直した"))

    def test_the_second_sees_both_figures_who_and_when_and_chooses(self):
        mine = self.form().type(p05_t1={"figure": "210"}, p05_t2={"figure": "1"})
        self.send(self.form().type(p05_t1={"figure": "200"}), client=self.colleague)
        page = self.send(mine)
        self.assertEqual(page.status_code, 409)
        row = self.row(page)
        self.assertIn("この画面を開いたあとに、doboku-2さんが保存しました（", row)
        self.assertIn("保存されている内容： 200 あなたの入力： 210", row)
        self.assertEqual((self.kept().value, self.kept(self.drills).value), (200, 1))
        again = self.send(SheetForm(page))
        self.assertEqual((again.status_code, self.kept().value), (409, 200))
        self.send(SheetForm(again).type(p05_t1={"choice": "mine"}))
        self.assertEqual(self.kept().value, 210)
        told = [line.changed["value"] for line in Change.objects.filter(target=self.cast.patrols)]
        self.assertEqual(told, [["200", "210"], [None, "200"]])

    def test_or_leaves_what_stands(self):
        mine = self.form().type(p05_t1={"figure": "210"})
        self.send(self.form().type(p05_t1={"figure": "200"}), client=self.colleague)
        page = self.send(SheetForm(self.send(mine)).type(p05_t1={"choice": "theirs"}))
        self.assertEqual((page.status_code, self.kept().value), (200, 200))
        self.assertEqual(SheetForm(page).value("p05-t1", "figure"), "200")

    def test_a_third_who_saved_before_the_choice_is_seen_too(self):
        mine = self.form().type(p05_t1={"figure": "210"})
        self.send(self.form().type(p05_t1={"figure": "200"}), client=self.colleague)
        choosing = SheetForm(self.send(mine)).type(p05_t1={"choice": "mine"})
        self.send(self.form().type(p05_t1={"figure": "205"}), client=self.colleague)
        self.assertEqual(self.send(choosing).status_code, 409)
        self.assertEqual(self.kept().value, 205)

    def test_the_same_figure_typed_by_both_is_no_conflict(self):
        mine = self.form().type(p05_t1={"figure": "200"})
        self.send(self.form().type(p05_t1={"figure": "200"}), client=self.colleague)
        self.assertEqual(self.send(mine).status_code, 200)

    def test_a_figure_does_not_push_a_reason_away_unseen_nor_a_reason_a_figure(self):
        figure = self.form().type(p05_t1={"figure": "200"})
        self.send(self.form().type(p05_t1={"kind": "not_surveyed"}), client=self.colleague)
        page = self.send(figure)
        self.assertIn("保存されている内容： 今期は調査なし あなたの入力： 200", self.row(page))
        reason = self.form().type(p05_t2={"kind": "pending"})
        self.send(self.form().type(p05_t2={"figure": "1"}), client=self.colleague)
        self.assertEqual(self.send(reason).status_code, 409)
        self.assertEqual(self.kept(self.drills).value, 1)

    def test_what_is_closed_confirmed_or_handed_in_meanwhile_keeps_what_was_typed_in_sight(self):
        self.cast.entered(self.cast.patrols, self.cast.second_half, 100)
        patrols = Actual.objects.filter(target=self.cast.patrols, period=self.cast.second_half)
        typed = {"figure": "210", "kind": "provisional", "note": "台帳で確認"}
        form = self.form().type(p05_t1=typed)
        for state, told in [
            ("confirmed", "この実績は確認が済んでいます。"),
            ("submitted", "この実績は提出済です。"),
        ]:
            patrols.update(state=state, version=2)
            page = self.send(form)
            self.assertEqual(page.status_code, 409)
            self.assertIn(told, self.row(page))
            self.assertIn("この期：210", self.row(page))
            self.assertIn("確定・見込の別：見込", self.row(page))
            self.assertIn("備考：台帳で確認", self.row(page))
        patrols.update(state="draft")
        Period.objects.filter(pk=self.cast.second_half.pk).update(state="closed")
        page = self.send(form)
        self.assertIn("この期は締め切られました。", self.row(page))
        self.assertIn("この期：210", self.row(page))
        self.assertEqual(patrols.get().value, 100)


class OneButton(Sheet):
    """提出する saves what was typed first."""

    def test_what_was_typed_is_saved_and_submitted_in_one_press(self):
        page = self.send(self.form().type(p05_t1={"figure": "275"}), "submit")
        self.assertContains(page, "1件を保存しました。")
        self.assertContains(page, "1件を提出しました。")
        self.assertContains(page, "「水防訓練」、「訓練の満足度」：まだ入力されていません。")
        self.assertEqual((self.kept().value, self.kept().state), (275, "submitted"))

    def test_what_is_wrong_stays_behind_as_it_was_typed(self):
        page = self.send(
            self.form().type(p05_t1={"figure": "275"}, p05_t2={"figure": "二つ三つ"}), "submit"
        )
        self.assertContains(page, "1件を提出しました。")
        self.assertEqual(SheetForm(page).value("p05-t2", "figure"), "二つ三つ")
        self.assertEqual(self.kept().state, "submitted")

    def test_nor_does_what_stood_there_before_go_in_its_place(self):
        self.cast.entered(self.cast.patrols, self.cast.second_half, 275)
        for picked in ([], ["p05-t1"]):
            form = self.form().type(p05_t1={"figure": "約300"}).pick(*picked)
            self.send(form, "submit")
            self.assertEqual(self.kept().state, "draft")

    def test_only_what_was_picked_goes_though_all_is_saved(self):
        form = self.form().type(p05_t1={"figure": "275"}, p05_t2={"figure": "1"})
        self.send(form.pick("p05-t2"), "submit")
        self.assertEqual((self.kept().state, self.kept(self.drills).state), ("draft", "submitted"))

    def test_who_is_behind_is_told_where_to_write_why(self):
        page = self.send(self.form().type(p05_t1={"figure": "1"}), "submit")
        self.assertEqual(self.kept().state, "draft")
        self.assertIn("遅れの原因を入力してください。", self.row(page))
        address = reverse("kpis:entry", args=["14107", 2020, "p05-t1", "H2"])
        self.assertIn(f"{address}#id_cause", SheetForm(page).links)

    def test_the_head_confirms_what_stands_and_returns_with_a_reason(self):
        self.send(self.form().type(p05_t1={"figure": "275"}, p05_t2={"figure": "1"}), "submit")
        page = self.send(self.form(self.head).pick("p05-t1"), "confirm", self.head)
        self.assertContains(page, "1件を確認しました。")
        page = self.send(self.form(self.head), "return", self.head)
        self.assertContains(page, "差戻しの理由を入力してください。")
        reason = "記録と合いま\x00せん。"
        page = self.send(self.form(self.head), "return", self.head, reason=reason)
        self.assertEqual(self.kept(self.drills).state, "returned")
        row = self.row(self.open(), "p05-t2")
        self.assertIn("差戻し「記録と合いません。」", row)

    def test_a_forged_confirmation_neither_confirms_nor_saves(self):
        answer = self.staff.post(
            self.url(),
            {**self.form().type(p05_t1={"figure": "275"}).fields, "action": "confirm"},
        )
        self.assertEqual(answer.status_code, 403)
        self.assertIsNone(self.kept())

    def test_what_was_typed_is_handed_back_where_the_session_had_ended(self):
        form = self.form().type(p05_t1={"figure": "275", "note": "集計が済んだ"})
        page = self.client_class().post(
            self.url(), form.fields, headers={"referer": f"http://testserver{self.url()}"}
        )
        self.assertContains(page, "集計が済んだ", status_code=403)
        self.assertContains(page, f"?next={quote(self.url(), safe='')}", status_code=403)
        self.assertNotContains(page, "provisional", status_code=403)


class Cost(Sheet):
    def queries(self, act):
        act()
        with CaptureQueriesContext(connection) as captured:
            act()
        return [query["sql"] for query in captured]

    def fill(self, count=40):
        project = Project.objects.get(pk=self.cast.flood.pk)
        for n in range(count):
            target = self.cast.target(project, f"x{n}", f"目標{n}", value=100, unit="回")
            self.cast.entered(target, self.cast.first_half, 40)

    def test_the_page_costs_twelve_queries_however_many_targets(self):
        few = self.queries(self.open)
        self.fill()
        many = self.queries(self.open)
        self.assertEqual(len(few), len(many))
        self.assertLessEqual(len(many), 12, "\n".join(many))

    def test_saving_a_whole_sheet_costs_one_query_a_row_and_a_few(self):
        self.fill()
        form = self.form()
        rows = {f"x{n}": {"figure": "50"} for n in range(40)}
        with CaptureQueriesContext(connection) as captured:
            self.staff.post(self.url(), {**form.type(**rows).fields, "action": "save"})
        self.assertEqual(Actual.objects.filter(period=self.cast.second_half).count(), 40)
        self.assertLessEqual(len(captured), 40 + 24, "\n".join(q["sql"][:100] for q in captured))
