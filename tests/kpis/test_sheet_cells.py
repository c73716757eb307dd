"""One cell of the sheet, saved as it is left: what the page's script is answered."""

import json

from django.db import connection
from django.test import Client, TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kpis.models import Actual, Change, Period, Revision, Target
from tests.cast import Cast, person
from wards.models import Post

JSON = {"accept": "application/json"}


class Cells(TestCase):
    """Staff of the 土木事務所 and a colleague at the patrols of the second half."""

    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()
        cls.cast.entered(cls.cast.patrols, cls.cast.first_half, 275, state="confirmed")

    def setUp(self):
        self.staff = self.at_work(self.cast.doboku_staff)
        self.colleague = self.at_work(
            person("doboku-2", Post.Role.STAFF, self.cast.isogo, self.cast.doboku)
        )
        self.fukushi = self.at_work(self.cast.fukushi_staff)

    def at_work(self, user):
        client = self.client_class()
        client.force_login(user)
        return client

    def url(self, target=None, period="H2"):
        key = (target or self.cast.patrols).key
        return reverse("kpis:cell", args=["14107", 2020, key, period])

    def leave(self, field, text, *, was="", version=0, target=None, client=None, **more):
        """A cell is left with a text in it; gives the status and what was answered."""
        data = {"field": field, "text": text, "was": was, "version": version, **more}
        answer = (client or self.staff).post(self.url(target), data, headers=JSON)
        self.assertEqual(answer["Content-Type"], "application/json")
        return answer.status_code, json.loads(answer.content)

    def saved(self, field, text, **more):
        status, answer = self.leave(field, text, **more)
        self.assertEqual((status, answer["ok"]), (200, True), answer)
        return answer["row"]

    def kept(self, target=None):
        return Actual.objects.filter(
            target=target or self.cast.patrols, period=self.cast.second_half
        ).first()


class Saved(Cells):
    def test_the_row_is_answered_with_what_it_is_worth_now(self):
        status, answer = self.leave("figure", "２００")
        self.assertEqual(status, 200)
        self.assertRegex(answer["said"], r"^\d+:\d\d 保存しました$")
        self.assertEqual(answer["others"], [])
        row = answer["row"]
        self.assertIn('<svg class="bullet" data-status="nearly_achieved"', row.pop("bar"))
        self.assertEqual(
            row,
            {
                "key": "p05-t1",
                "version": 1,
                "figure": "200",
                "total": "475",
                "kind": "final",
                "note": "",
                "rate": "86.4%",
                "status": {"key": "nearly_achieved", "name": "おおむね達成"},
                "state": {"key": "draft", "name": "下書き"},
                "owed": False,
                "lacking": [],
                "message": "",
                "difference": "",
            },
        )
        change = Change.objects.get()
        self.assertEqual((change.act, change.changed), ("entered", {"value": [None, "200"]}))
        self.assertEqual(change.by, self.cast.doboku_staff)

    def test_only_the_field_that_was_left_changes(self):
        self.saved("figure", "200")
        self.saved("note", "2月までの集計", version=1)
        row = self.saved("kind", "provisional", was="final", version=2)
        self.assertEqual(
            (row["figure"], row["kind"], row["note"]), ("200", "provisional", "2月までの集計")
        )
        row = self.saved("figure", "210", was="200", version=3)
        self.assertEqual((row["kind"], row["note"]), ("provisional", "2月までの集計"))

    def test_the_total_so_far_sets_the_periods_figure(self):
        row = self.saved("total", "475")
        self.assertEqual((row["figure"], row["total"]), ("200", "475"))

    def test_a_reason_empties_the_figure_and_a_figure_the_reason(self):
        self.saved("figure", "200")
        row = self.saved("kind", "pending", was="final", version=1)
        self.assertEqual((row["figure"], row["total"], row["kind"]), ("", "", "pending"))
        self.assertEqual(row["status"]["key"], "not_entered" if row["owed"] else "not_judged")
        row = self.saved("figure", "見込 200", version=2)
        self.assertEqual((row["figure"], row["kind"]), ("200", "provisional"))

    def test_a_milestones_cell_is_a_choice_with_the_reasons_in_it(self):
        row = self.saved("figure", "完了", target=self.cast.plan, client=self.fukushi)
        self.assertEqual((row["figure"], row["total"], row["rate"]), ("完了", "完了", ""))
        row = self.saved(
            "figure", "集計中", was="完了", version=1, target=self.cast.plan, client=self.fukushi
        )
        self.assertEqual((row["figure"], row["kind"]), ("集計中", "pending"))

    def test_the_linked_total_comes_along(self):
        self.cast.entered(self.cast.supporters, self.cast.first_half, 328)
        target = self.cast.supporters
        status, answer = self.leave("figure", "150", target=target, client=self.fukushi)
        self.assertEqual(status, 200)
        (other,) = answer["others"]
        self.assertEqual((other["key"], other["total"]), ("p20-t2", "18,178"))
        _status, answer = self.leave(
            "note", "3月分は未集計", version=1, target=target, client=self.fukushi
        )
        self.assertEqual(answer["others"], [])

    def test_a_total_that_was_entered_wins_and_the_difference_is_told(self):
        self.cast.entered(self.cast.supporters, self.cast.first_half, 328)
        row = self.saved(
            "figure", "18,200", target=self.cast.supporters_in_all, client=self.fukushi
        )
        self.assertEqual(row["figure"], "18200")
        self.assertIn("年度の数から計算した累計は18,028人です", row["difference"])

    def test_a_revised_target_is_judged_by_the_value_in_force(self):
        Revision.objects.create(
            target=self.cast.patrols, on="2020-12-01", old=550, new=400, reason="感染症の影響"
        )
        Target.objects.filter(pk=self.cast.patrols.pk).update(value=400)
        self.assertEqual(self.saved("figure", "125")["rate"], "100.0%")

    def test_who_is_behind_is_told_what_has_to_be_written(self):
        row = self.saved("figure", "1")
        self.assertIn("遅れの原因を入力してください。", row["lacking"])

    def test_the_same_thing_sent_twice_is_kept_once(self):
        for _twice in range(2):
            self.assertEqual(self.saved("figure", "200")["version"], 1)
        self.assertEqual(Change.objects.count(), 1)

    def test_the_secretariat_saves_on_behalf_of_the_section(self):
        self.saved("figure", "200", client=self.at_work(self.cast.secretariat))
        self.assertTrue(self.kept().on_behalf)

    def test_answers_are_in_the_readers_language(self):
        self.staff.cookies["django_language"] = "en"
        row = self.saved("figure", "not surveyed".replace("not surveyed", "Not published"))
        self.assertEqual(row["kind"], "suppressed")
        row = self.saved("figure", "200", was="", version=1)
        self.assertEqual(row["state"]["name"], "Draft")


class NotSaved(Cells):
    def test_what_cannot_be_read_says_what_was_read_and_what_would_be(self):
        status, answer = self.leave("figure", "約200")
        self.assertEqual((status, answer["ok"], answer["field"]), (422, False, "figure"))
        self.assertIn("「約200」は数として読めません。", answer["message"])
        self.assertFalse(answer["question"])
        self.assertIsNone(self.kept())

    def test_only_the_impossible_is_refused(self):
        self.assertEqual(self.leave("figure", "▲5")[0], 422)
        self.assertEqual(self.leave("total", "200")[0], 422)
        chiiki = self.at_work(self.cast.chiiki_staff)
        status, answer = self.leave("figure", "50/49", target=self.cast.nurseries, client=chiiki)
        self.assertEqual(status, 422)
        self.assertIn("母数の49園を超えています", answer["message"])

    def test_what_looks_like_a_slip_is_asked_about_and_kept_for_who_is_sure(self):
        status, answer = self.leave("figure", "2,750")
        self.assertEqual((status, answer["question"], answer["sure"]), (422, True, "2750"))
        self.assertIsNone(self.kept())
        self.assertEqual(self.leave("figure", "27500", sure="2750")[0], 422)
        self.saved("figure", "2,750", sure="2750")
        self.assertEqual(self.kept().value, 2750)
        self.saved("note", "確認済み", version=1)

    def test_hostile_fields_and_texts(self):
        for field, text in [
            ("", ""),
            ("value", "5"),
            ("state", "confirmed"),
            ("kind", "confirmed"),
            ("figure", "a\x00b"),
            ("note", "a\x00b"),
            ("note", "長" * 2001),
            ("figure", "9" * 100_000),
            ("figure", "<b>"),
        ]:
            with self.subTest(field=field, text=text[:20]):
                status, answer = self.leave(field, text)
                self.assertEqual((status, answer["ok"]), (422, False))
                self.assertTrue(answer["message"])
        status, _answer = self.leave("total", "5", target=self.cast.plan, client=self.fukushi)
        self.assertEqual(status, 422)
        self.assertFalse(Actual.objects.filter(period=self.cast.second_half).exists())
        for version in ["", "x", "-1", "9" * 40]:
            self.saved("figure", "200", version=version)

    def test_another_sections_cell(self):
        status, answer = self.leave("figure", "5", target=self.cast.nurseries)
        self.assertEqual((status, answer["ok"]), (403, False))
        self.assertIn("所管課と区政推進課", answer["message"])

    def test_what_does_not_exist(self):
        for args in [
            ("14107", 2020, "p05-t1", "H9"),
            ("14107", 2020, "x", "H2"),
            ("14105", 2020, "p05-t1", "H2"),
        ]:
            url = reverse("kpis:cell", args=args)
            answer = self.staff.post(url, {"field": "figure", "text": "5"}, headers=JSON)
            self.assertEqual(answer.status_code, 404)

    def test_a_session_that_ended_is_told_where_to_log_in(self):
        sheet = reverse("kpis:sheet", args=["14107", 2020, self.cast.doboku.pk, "H2"])
        answer = Client().post(
            self.url(),
            {"field": "figure", "text": "200"},
            headers={**JSON, "referer": f"http://testserver{sheet}"},
        )
        said = json.loads(answer.content)
        self.assertEqual((answer.status_code, said["ok"]), (401, False))
        self.assertEqual(said["login"], f"/login/?next={sheet.replace('/', '%2F')}")
        self.assertIn("ログインし直してください", said["message"])
        self.assertIn("no-store", answer["Cache-Control"])

    def test_an_old_page_is_told_to_be_opened_anew(self):
        client = Client(enforce_csrf_checks=True)
        client.force_login(self.cast.doboku_staff)
        answer = client.post(self.url(), {"field": "figure", "text": "200"}, headers=JSON)
        self.assertEqual(answer.status_code, 403)
        self.assertIn("画面を開き直してください", json.loads(answer.content)["message"])

    def test_a_first_password_comes_first(self):
        self.cast.doboku_staff.must_change_password = True
        self.cast.doboku_staff.save()
        self.assertEqual(self.leave("figure", "200")[0], 403)


class TwoPeople(Cells):
    def setUp(self):
        super().setUp()
        self.saved("figure", "200", client=self.colleague)

    def test_the_second_is_told_both_figures_who_and_when(self):
        status, answer = self.leave("figure", "210")
        self.assertEqual(status, 409)
        conflict = answer["conflict"]
        self.assertEqual((conflict["theirs"], conflict["mine"]), ("200", "210"))
        self.assertEqual(conflict["by"], "doboku-2さん")
        self.assertIn("doboku-2さんが保存しました", conflict["message"])
        self.assertEqual((answer["row"]["figure"], answer["row"]["version"]), ("200", 1))
        self.assertEqual(self.kept().value, 200)

    def test_and_keeps_ones_own_knowingly(self):
        self.saved("figure", "210", was="200", version=1)
        told = [line.changed["value"] for line in Change.objects.order_by("number")]
        self.assertEqual(told, [[None, "200"], ["200", "210"]])

    def test_a_third_in_between_is_told_again(self):
        self.saved("figure", "205", was="200", version=1, client=self.colleague)
        self.assertEqual(self.leave("figure", "210", was="200", version=1)[0], 409)

    def test_another_field_of_the_row_is_nobodys_conflict(self):
        row = self.saved("note", "私の備考")
        self.assertEqual((row["figure"], row["note"], row["version"]), ("200", "私の備考", 2))

    def test_a_cell_that_reads_as_before_is_saved_though_the_row_moved_on(self):
        self.saved("note", "同僚の備考", version=1, client=self.colleague)
        row = self.saved("figure", "210", was="２００", version=1)
        self.assertEqual((row["figure"], row["note"]), ("210", "同僚の備考"))

    def test_the_same_figure_by_both_is_saved_already(self):
        self.assertEqual(self.saved("figure", "200")["version"], 1)

    def test_a_reason_and_a_figure_are_in_each_others_way(self):
        status, answer = self.leave("kind", "pending", was="final")
        self.assertEqual((status, answer["conflict"]["mine"]), (409, "集計中"))
        self.saved("kind", "pending", was="final", version=1, client=self.colleague)
        status, answer = self.leave("figure", "210")
        self.assertEqual((status, answer["conflict"]["theirs"]), (409, "集計中"))

    def test_closed_handed_in_or_confirmed_meanwhile(self):
        mine = Actual.objects.filter(pk=self.kept().pk)
        for state, said in [("submitted", "提出済"), ("confirmed", "確認が済んで")]:
            mine.update(state=state, version=2)
            status, answer = self.leave("figure", "210", was="200", version=1)
            self.assertEqual((status, answer["refused"]), (409, True))
            self.assertIn(said, answer["message"])
            self.assertEqual(answer["row"]["state"]["key"], state)
        mine.update(state="draft")
        Period.objects.filter(pk=self.cast.second_half.pk).update(state="closed")
        status, answer = self.leave("figure", "約210", was="200", version=2)
        self.assertEqual((status, answer["refused"]), (409, True))
        self.assertIn("締め切られました", answer["message"])
        self.assertEqual(self.kept().value, 200)


class Cost(Cells):
    def queries(self, figure, **more):
        with CaptureQueriesContext(connection) as captured:
            self.saved("figure", figure, **more)
        asked = [query["sql"] for query in captured]
        # A transaction's own statements are savepoints only because the test is in one.
        return [sql for sql in asked if "SAVEPOINT" not in sql]

    def test_a_cell_costs_twelve_queries_at_most_however_many_targets(self):
        self.saved("figure", "200")  # the first request of a session starts its clocks
        few = self.queries("201", version=1, was="200")
        for n in range(40):
            target = self.cast.target(self.cast.flood, f"x{n}", f"目標{n}", value=1)
            self.cast.entered(target, self.cast.second_half, 1)
        many = self.queries("202", version=2, was="201")
        self.assertEqual(len(few), len(many))
        self.assertLessEqual(len(many), 12, "\n".join(many))

    def test_nor_one_that_a_linked_total_follows_from(self):
        target, client = self.cast.supporters, self.fukushi
        self.saved("figure", "200", target=target, client=client)
        found = self.queries("201", version=1, was="200", target=target, client=client)
        self.assertLessEqual(len(found), 12, "\n".join(found))
