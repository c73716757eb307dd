"""担当課の説明: a project's account for a period, written, handed in, confirmed, corrected."""

from dataclasses import replace
from unittest.mock import patch

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kpis import narratives
from kpis.models import Actual, Change, Narrative, Period, ProjectSection, Target
from kpis.workflow import move
from tests.cast import Cast
from tests.kpis.pages import text_of

CONFIRMS = {"doboku_head", "secretariat"}
WRITES = {"doboku_staff", *CONFIRMS}


class Desk(TestCase):
    """The public works office at its account of the flood project."""

    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()

    def setUp(self):
        self.as_("doboku_staff")

    def as_(self, who):
        self.client.force_login(getattr(self.cast, who))

    def url(self, project="p05", period="H2"):
        return reverse("kpis:narrative", args=["14107", 2020, project, period])

    def write(self, version=0, follow=True, **typed):
        return self.client.post(self.url(), {"version": version, **texts(**typed)}, follow=follow)

    def press(self, action, version=1, **more):
        return self.client.post(
            self.url(), {"action": action, "version": version, **more}, follow=True
        )

    def stands(self, state="draft", **fields):
        return Narrative.objects.create(
            project=self.cast.flood,
            period=self.cast.second_half,
            state=state,
            **texts(**({"done": "冬の点検"} | fields)),
        )

    def kept(self):
        return Narrative.objects.get(period__key="H2")


def texts(done="", obstacles="", next="", **more):
    return {"done": done, "obstacles": obstacles, "next": next, **more}


class Writing(Desk):
    def test_its_state_has_the_mark_that_it_has_in_the_sheet(self):
        for state, mark in [("submitted", "u-upload"), ("returned", "u-return")]:
            self.stands(state=state)
            sheet = reverse("kpis:sheet", args=["14107", 2020, self.cast.doboku.pk, "H2"])
            for url in (self.url(), sheet):
                drawn = (
                    f'data-state="{state}"><svg class="icon" aria-hidden="true"><use href="#{mark}"'
                )
                self.assertContains(self.client.get(url), drawn)
            Narrative.objects.all().delete()

    def test_the_way_leads_back_to_the_sheet_one_came_from(self):
        self.assertContains(self.client.get(self.url()), "一覧に戻る")
        for who, section in [("doboku_staff", "doboku"), ("secretariat", "doboku")]:
            self.as_(who)
            page = self.client.get(self.url())
            section_id = getattr(self.cast, section).pk
            back = self.client.get(page.context["list_url"])
            self.assertRedirects(
                back, reverse("kpis:sheet", args=["14107", 2020, section_id, "H2"])
            )

    def test_three_texts_are_kept_with_a_line_of_history(self):
        page = self.write(done="橋を点検した。\r\n二度。", next="続ける。")
        self.assertContains(page, "説明を保存しました")
        kept = self.kept()
        self.assertEqual(
            (kept.done, kept.next, kept.state), ("橋を点検した。\n二度。", "続ける。", "draft")
        )
        self.assertEqual((kept.saved_by, kept.version), (self.cast.doboku_staff, 1))
        line = Change.objects.get()
        self.assertEqual(
            (line.project, line.section, line.target), (self.cast.flood, self.cast.doboku, None)
        )
        self.assertEqual(line.changed["next"], [None, "続ける。"])
        self.assertContains(page, "今後の予定")

    def test_the_period_befores_text_is_in_sight(self):
        Narrative.objects.create(
            project=self.cast.flood, period=self.cast.first_half, done="夏の点検", state="confirmed"
        )
        page = text_of(self.client.get(self.url()).content.decode())
        self.assertIn("上半期（4–9月）の説明 確認済 取り組んだこと 夏の点検", page)

    def test_the_project_page_leads_there_in_open_periods(self):
        page = self.client.get("/wards/14107/2020/projects/p05/")
        self.assertContains(page, f'href="{self.url()}"')
        self.assertNotContains(page, self.url(period="H1"))
        self.as_("chiiki_staff")
        self.assertNotContains(self.client.get("/wards/14107/2020/projects/p05/"), self.url())

    def test_nothing_typed_is_nothing_kept(self):
        self.assertContains(self.write(), "入力がないため")
        self.assertFalse(Narrative.objects.exists() or Change.objects.exists())

    def test_the_same_form_sent_twice_is_kept_once(self):
        for _time in range(2):
            self.write(done="点検")
        self.assertEqual(self.kept().version, 1)
        self.assertEqual(Change.objects.count(), 1)

    def test_markup_stays_text_and_hostile_lengths_are_refused_in_a_sentence(self):
        page = self.write(done="<script>alert(1)</script>")
        self.assertContains(page, "&lt;script&gt;alert(1)&lt;/script&gt;")
        for typed in ("長" * 5001, "a\x00b"):
            page = self.write(version=1, done=typed)
            self.assertContains(page, "まだ保存していません")
        self.assertEqual(self.kept().version, 1)

    def test_a_version_that_is_none_is_refused_in_a_sentence(self):
        for version in ("", "x", "-1"):
            self.assertContains(self.write(version=version, done="点検"), "画面を開き直してから")

    def test_the_second_of_two_sees_both_texts_and_chooses(self):
        self.stands(done="甲の文")
        Narrative.objects.update(version=2, saved_by=self.cast.doboku_head)
        page = self.write(version=1, done="乙の文")
        self.assertEqual(page.status_code, 409)
        shown = text_of(page.content.decode())
        self.assertIn("取り組んだこと 甲の文 乙の文", shown)
        self.assertIn("doboku-headさんが保存しました", shown)
        self.assertContains(page, 'name="version" value="2"', status_code=409)
        self.assertEqual(self.kept().done, "甲の文")
        self.write(version=2, done="乙の文")
        self.assertEqual(self.kept().done, "乙の文")

    def test_of_two_first_accounts_in_one_moment_the_second_sees_the_first(self):
        self.stands(done="先の文")
        read = narratives.read

        def too_early(led, period, *, to_save=False):
            place = read(led, period, to_save=to_save)
            return replace(place, written={}) if to_save else place

        with patch("kpis.narratives.read", too_early):
            page = self.write(done="後の文")
        self.assertContains(page, "先の文", status_code=409)
        self.assertContains(page, "後の文", status_code=409)
        self.assertEqual(self.kept().done, "先の文")

    def test_what_was_typed_when_the_period_closed_stays_on_the_screen(self):
        self.stands()
        Period.objects.update(state="closed")
        page = self.write(version=1, done="書きかけの文")
        self.assertContains(page, "この期は締め切られました", status_code=409)
        self.assertContains(page, "書きかけの文", status_code=409)
        self.assertEqual(self.kept().done, "冬の点検")

    def test_every_responsible_section_writes_and_the_secretariat_on_its_behalf(self):
        ProjectSection.objects.create(project=self.cast.flood, section=self.cast.chiiki, order=1)
        self.as_("chiiki_staff")
        self.write(done="地域の分")
        self.assertFalse(self.kept().on_behalf)
        self.as_("secretariat")
        page = self.write(version=1, done="事務局の分")
        self.assertTrue(self.kept().on_behalf)
        self.assertContains(page, "代理入力")

    def test_no_such_project_or_period(self):
        for url in (self.url("p99"), self.url(period="H3")):
            self.assertEqual(self.client.get(url).status_code, 404)


class OnItsWay(Desk):
    def test_saved_and_submitted_in_one_press(self):
        self.client.post(self.url(), {"version": 0, "action": "submit", **texts(done="点検")})
        self.assertEqual((self.kept().state, self.kept().version), ("submitted", 2))
        acts = list(Change.objects.order_by("id").values_list("act", flat=True))
        self.assertEqual(acts, ["entered", "moved"])

    def test_nothing_is_submitted_that_says_nothing(self):
        page = self.client.post(self.url(), {"version": 0, "action": "submit", **texts()})
        self.assertContains(page, "まだ何も書かれていません", status_code=409)

    def test_who_makes_which_move(self):
        for action, state, after, may in [
            ("submit", "draft", "submitted", WRITES),
            ("submit", "returned", "submitted", WRITES),
            ("take_back", "submitted", "draft", WRITES),
            ("confirm", "submitted", "confirmed", CONFIRMS),
            ("return", "submitted", "returned", CONFIRMS),
            ("return", "confirmed", "returned", CONFIRMS),
            ("confirm", "draft", "draft", CONFIRMS),
            ("submit", "confirmed", "confirmed", WRITES),
        ]:
            for who in self.cast.everybody():
                with self.subTest(action=action, state=state, who=who):
                    Narrative.objects.all().delete()
                    self.stands(state)
                    self.as_(who)
                    self.press(action, reason="もう少し詳しく")
                    self.assertEqual(self.kept().state, after if who in may else state)

    def test_a_second_section_writes_and_the_first_hands_in(self):
        ProjectSection.objects.create(project=self.cast.flood, section=self.cast.chiiki, order=1)
        self.stands()
        self.as_("chiiki_staff")
        self.assertContains(self.press("submit"), "主管課の担当者", status_code=409)
        self.assertEqual(self.kept().state, "draft")

    def test_returned_with_a_reason_that_stays_until_it_is_submitted_again(self):
        self.stands("submitted")
        self.as_("doboku_head")
        self.assertContains(self.press("return"), "差戻しの理由を入力", status_code=409)
        self.press("return", reason="数を書く")
        self.as_("doboku_staff")
        self.assertContains(self.client.get(self.url()), "数を書く")
        self.write(version=2, done="20回")
        self.assertEqual((self.kept().state, self.kept().returned_because), ("draft", "数を書く"))
        self.press("submit", version=3)
        self.assertEqual(self.kept().returned_because, "")

    def test_a_reason_is_kept_without_what_no_database_keeps(self):
        self.stands("submitted")
        self.as_("doboku_head")
        self.press("return", reason="数字\x00が違います。")
        self.assertEqual(self.kept().returned_because, "数字が違います。")
        self.assertEqual(Change.objects.get().reason, "数字が違います。")

    def test_what_changed_since_the_page_was_opened_stays(self):
        self.stands("submitted")
        Narrative.objects.update(version=2)
        self.as_("doboku_head")
        self.assertContains(self.press("confirm"), "内容を確かめてください", status_code=409)
        page = self.press("return", reason="数を書いてください。")
        self.assertContains(page, "数を書いてください。</textarea>", status_code=409)
        self.assertEqual(self.kept().state, "submitted")

    def test_confirmed_it_is_corrected_with_a_reason_and_says_so(self):
        self.stands("confirmed")
        self.assertContains(self.write(version=1, done="別"), "確認が済んでいます", status_code=409)
        self.as_("doboku_head")
        page = self.write(version=1, done="別", correction_reason="")
        self.assertContains(page, "訂正の理由を入力してください")
        self.write(version=1, done="別", correction_reason="点検の日が違った")
        self.assertEqual((self.kept().done, self.kept().state), ("別", "confirmed"))
        self.assertEqual(Change.objects.get().act, "corrected")
        page = self.client.get("/wards/14107/2020/projects/p05/")
        self.assertContains(page, "点検の日が違った")

    def test_of_a_closed_period_the_secretariat_alone_corrects(self):
        self.stands("submitted")
        Period.objects.update(state="closed")
        for who, done in [("doboku_head", "冬の点検"), ("secretariat", "直した")]:
            self.as_(who)
            self.write(version=1, done="直した", correction_reason="誤字")
            self.assertEqual(self.kept().done, done)


class WithTheSheet(Desk):
    """A press on the section's whole sheet takes the accounts along that it showed."""

    def setUp(self):
        super().setUp()
        self.narrative = self.stands()
        self.cast.entered(self.cast.patrols, self.cast.second_half, 550)
        self.target = (
            Target.objects.with_owner().select_related("policy", "project").get(key="p05-t1")
        )

    def sheet(self, action, who="doboku_staff", seen=None, **more):
        return move(
            action,
            self.cast.second_half,
            [self.target],
            by=getattr(self.cast, who),
            seen={"p05-t1": Actual.objects.get().version, **self.versions()}
            if seen is None
            else seen,
            section=self.cast.doboku.pk,
            **more,
        )

    def versions(self):
        return {f"project:{n.project.key}": n.version for n in Narrative.objects.all()}

    def test_submitted_returned_submitted_and_confirmed_together(self):
        for action, who, state, more in [
            ("submit", "doboku_staff", "submitted", {}),
            ("return", "doboku_head", "returned", {"reason": "数を書く"}),
            ("submit", "doboku_staff", "submitted", {}),
            ("take_back", "doboku_staff", "draft", {}),
            ("submit", "doboku_staff", "submitted", {}),
            ("confirm", "doboku_head", "confirmed", {}),
        ]:
            with self.subTest(action):
                outcome = self.sheet(action, who, **more)
                self.assertEqual((len(outcome.moved), len(outcome.narratives)), (1, 1))
                self.assertEqual(self.kept().state, state)
        lines = Change.objects.filter(target=None)
        self.assertEqual(lines.count(), 6)

    def test_what_the_page_did_not_show_or_showed_otherwise_stays(self):
        outcome = self.sheet("submit", seen={"p05-t1": 1})
        self.assertEqual((len(outcome.moved), outcome.narratives, outcome.left), (1, [], []))
        outcome = self.sheet("take_back", seen={"p05-t1": 2, "project:p05": 7})
        self.assertEqual([left.why for left in outcome.left], ["stale"])
        self.assertEqual(outcome.left[0].target.label, "⑤風水害に対する備え")
        self.assertEqual(self.kept().state, "draft")

    def test_of_another_section_and_empty_ones_stay(self):
        Narrative.objects.create(
            project=self.cast.traffic, period=self.cast.second_half, done="他課"
        )
        ProjectSection.objects.create(project=self.cast.traffic, section=self.cast.doboku, order=1)
        Narrative.objects.filter(pk=self.narrative.pk).update(done="")
        self.assertEqual(self.sheet("submit").narratives, [])

    def test_confirmed_ones_are_not_returned_with_the_sheet(self):
        Narrative.objects.update(state="confirmed")
        Actual.objects.update(state="submitted")
        self.assertEqual(self.sheet("return", "doboku_head", reason="数").narratives, [])

    def test_staff_do_not_confirm_accounts_either(self):
        Narrative.objects.update(state="submitted")
        outcome = self.sheet("confirm")
        self.assertEqual(outcome.narratives, [])
        self.assertEqual(self.kept().state, "submitted")

    def test_the_sheets_page_shows_them_and_its_buttons_take_them_along(self):
        sheet = f"/wards/14107/2020/sheet/{self.cast.doboku.pk}/H2/"
        page = self.client.get(sheet)
        self.assertContains(page, f'href="{self.url()}"')
        self.assertContains(page, 'value="project:p05:1"')
        seen = ["p05-t1:1", "project:p05:1"]
        page = self.client.post(sheet, {"action": "submit", "seen": seen}, follow=True)
        self.assertContains(page, "説明1件を提出しました。")
        self.assertEqual(self.kept().state, "submitted")

    def test_of_picked_targets_alone_no_account_goes_along(self):
        sheet = f"/wards/14107/2020/sheet/{self.cast.doboku.pk}/H2/"
        seen = ["p05-t1:1", "project:p05:1"]
        self.client.post(sheet, {"action": "submit", "seen": seen, "pick": "p05-t1"})
        self.assertEqual((Actual.objects.get().state, self.kept().state), ("submitted", "draft"))

    def test_the_sheet_lists_them_in_one_query(self):
        with CaptureQueriesContext(connection) as asked:
            (line,) = narratives.of_sheet(
                self.cast.policy, self.cast.doboku.pk, self.cast.second_half
            )
        self.assertEqual(len(asked), 1)
        self.assertEqual((line.key, line.state, line.seen), ("p05", "draft", "project:p05:1"))
        (line,) = narratives.of_sheet(self.cast.policy, self.cast.fukushi.pk, self.cast.second_half)
        self.assertEqual((line.key, line.state), ("p20", ""))


class Reading(Desk):
    def test_members_and_the_city_read_confirmed_accounts_alone(self):
        self.stands("submitted")
        page = "/wards/14107/2020/projects/p05/?period=H2"
        inside = {"doboku_staff", "chiiki_staff", "secretariat", "manager", "auditor"}
        for state, readers in [("submitted", inside), ("confirmed", inside | {"member", "city"})]:
            Narrative.objects.update(state=state)
            for who in inside | {"member", "city"}:
                with self.subTest(state=state, who=who):
                    self.as_(who)
                    shown = "冬の点検" in self.client.get(page).content.decode()
                    self.assertEqual(shown, who in readers)
                    user = getattr(self.cast, who)
                    seen = Narrative.objects.visible_to(user).exists()
                    self.assertEqual(seen, who in readers)

    def test_the_history_page_says_what_it_is_about(self):
        self.write(done="点検")
        page = text_of(self.client.get("/wards/14107/2020/history/").content.decode())
        self.assertIn("担当課の説明 下半期 入力", page)

    def test_the_project_page_costs_as_many_queries_as_before(self):
        self.client.get("/wards/14107/2020/projects/p05/")
        with CaptureQueriesContext(connection) as before:
            self.client.get("/wards/14107/2020/projects/p05/")
        self.stands()
        self.cast.entered(
            self.cast.patrols,
            self.cast.second_half,
            1,
            evidence=[
                {"title": "a.pdf", "file": "0" * 32, "kind": "pdf", "size": 1, "sha256": "0"}
            ],
        )
        with CaptureQueriesContext(connection) as after:
            self.client.get("/wards/14107/2020/projects/p05/")
        self.assertEqual(len(after), len(before))
