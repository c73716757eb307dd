"""Entries on their way from draft to confirmed: who may move what, when, and what is told."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Barrier
from unittest import skipUnless
from unittest.mock import patch

from django.db import connection, transaction
from django.test import TestCase, TransactionTestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from kpis import entering, workflow
from kpis.models import Actual, Change, Period, Target
from kpis.workflow import MoveRefused, correct, move, move_period
from tests.cast import Cast, person
from wards.models import Post

STAFF, HEAD, SECRETARIAT = "doboku_staff", "doboku_head", "secretariat"
THE_SECTION = {STAFF, HEAD, SECRETARIAT}
WHO_CONFIRM = {HEAD, SECRETARIAT}

#: (move, period, from): where it leads and who may; what is not here, nobody may.
TABLE = {
    ("submit", "open", "draft"): ("submitted", THE_SECTION),
    ("submit", "open", "returned"): ("submitted", THE_SECTION),
    ("take_back", "open", "submitted"): ("draft", THE_SECTION),
    ("confirm", "open", "submitted"): ("confirmed", WHO_CONFIRM),
    ("confirm", "closed", "submitted"): ("confirmed", WHO_CONFIRM),
    ("return", "open", "submitted"): ("returned", WHO_CONFIRM),
    ("return", "closed", "submitted"): ("returned", WHO_CONFIRM),
    ("return", "open", "confirmed"): ("returned", WHO_CONFIRM),
    ("correct", "open", "confirmed"): ("confirmed", WHO_CONFIRM),
    ("correct", "closed", "nothing"): ("confirmed", {SECRETARIAT}),
    ("correct", "closed", "draft"): ("confirmed", {SECRETARIAT}),
    ("correct", "closed", "submitted"): ("confirmed", {SECRETARIAT}),
    ("correct", "closed", "returned"): ("confirmed", {SECRETARIAT}),
    ("correct", "closed", "confirmed"): ("confirmed", {SECRETARIAT}),
}
STATES = ["nothing", "draft", "submitted", "returned", "confirmed"]


class EveryMoveByEverybody(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()

    def test_only_the_table_passes(self):
        tried = 0
        for period_state in ("open", "closed"):
            Period.objects.filter(pk=self.cast.second_half.pk).update(state=period_state)
            for state in STATES:
                for action in workflow.MOVES:
                    for who, user in self.cast.everybody().items():
                        leads_to, may = TABLE.get((action, period_state, state), ("", set()))
                        expected = leads_to if who in may else state
                        with self.subTest(action=action, period=period_state, state=state, who=who):
                            self.assertEqual(self.after(action, state, user), expected)
                            tried += 1
        self.assertEqual(tried, 2 * 5 * 5 * len(self.cast.everybody()))

    def after(self, action, state, user) -> str:
        """The state after somebody tried; the database stays as it was."""
        with transaction.atomic():
            if state != "nothing":
                self.cast.entered(self.cast.patrols, self.cast.second_half, 200, state=state)
            target = Target.objects.select_related("policy", "project").get(pk=self.cast.patrols.pk)
            with suppress(MoveRefused):
                if action == "correct":
                    place = entering.read(target, "H2", to_save=True)
                    typed = typed_as(place.actual, value=210)
                    correct(place, typed, version=1, reason="集計の誤り", by=user)
                else:
                    period = Period.objects.get(pk=self.cast.second_half.pk)
                    move(action, period, [target], by=user, seen={target.key: 1}, reason="理由")
            actual = Actual.objects.filter(target=target, period__key="H2").first()
            lines = Change.objects.count()
            after = actual.state if actual else "nothing"
            moved = bool(actual and (actual.state, actual.value) != (state, 200))
            self.assertEqual(lines, int(moved), "a move has its line of history, a refusal none")
            transaction.set_rollback(True)
        return after

    def test_a_period_is_opened_and_closed_by_the_secretariat_alone(self):
        for action, period, after in [
            ("close", self.cast.second_half, "closed"),
            ("open", self.cast.first_half, "open"),
        ]:
            for who, user in self.cast.everybody().items():
                with self.subTest(action=action, who=who), transaction.atomic():
                    with suppress(MoveRefused):
                        move_period(action, self.cast.policy, period, by=user)
                    state = Period.objects.get(pk=period.pk).state
                    self.assertEqual(state == after, who == SECRETARIAT)
                    transaction.set_rollback(True)


def typed_as(actual, **changes):
    """What the form hands over: what stands, with these changes."""
    actual = actual or Actual()
    return {name: getattr(actual, name) for name in entering.FIELDS} | changes


class Sheet(TestCase):
    """The public works office and its sheet of the second half: patrols, drills and a survey."""

    @classmethod
    def setUpTestData(cls):
        cast = cls.cast = Cast()
        cls.drills = cast.target(cast.flood, "p05-t2", "水防訓練", value=2, unit="回")
        cls.leaflets = cast.target(cast.flood, "p05-t3", "啓発チラシ", value=10, unit="種")
        cls.patrols_made = cast.entered(cast.patrols, cast.second_half, 550)

    def setUp(self):
        self.staff = self.at_work(self.cast.doboku_staff)
        self.head = self.at_work(self.cast.doboku_head)
        self.secretariat = self.at_work(self.cast.secretariat)

    def at_work(self, user):
        client = self.client_class()
        client.force_login(user)
        return client

    def url(self, name="sheet", period="H2"):
        section = [self.cast.doboku.pk] if name == "sheet" else []
        return reverse(f"kpis:{name}", args=["14107", 2020, *section, period])

    def sheet(self, client, period="H2"):
        return client.get(self.url(period=period))

    def press(self, client, action, *, pick=(), seen=None, follow=True, **more):
        """A press on a button of the page as it stands now, unless `seen` says otherwise."""
        if seen is None:
            standing = Actual.objects.filter(period__key="H2").values_list("target__key", "version")
            seen = [f"{key}:{version}" for key, version in standing]
        data = {"action": action, "seen": seen, "pick": [each.key for each in pick], **more}
        return client.post(self.url(), data, follow=follow)

    def state(self, target=None):
        return Actual.objects.get(target=target or self.cast.patrols, period__key="H2").state


class Submitting(Sheet):
    def test_what_is_filled_and_right_goes_and_the_rest_is_named_with_its_reason(self):
        self.cast.entered(self.drills, self.cast.second_half, 1)  # half of it: not achieved
        page = self.press(self.staff, "submit")
        self.assertContains(page, "1件を提出しました。")
        self.assertContains(page, "次の2件はそのままです。")
        self.assertContains(page, "「水防訓練」：遅れの原因を入力してください。")
        self.assertContains(page, "「啓発チラシ」：まだ入力されていません。")
        self.assertEqual((self.state(), self.state(self.drills)), ("submitted", "draft"))

    def test_who_is_behind_submits_once_cause_and_remedy_stand_there(self):
        drills = self.cast.entered(self.drills, self.cast.second_half, 1, cause="雨天中止")
        self.assertContains(self.press(self.staff, "submit"), "今後の対応を入力してください")
        Actual.objects.filter(pk=drills.pk).update(remedy="5月に行う")
        self.press(self.staff, "submit")
        self.assertEqual(self.state(self.drills), "submitted")

    def test_the_years_target_that_will_not_be_met_is_explained_before_it_goes(self):
        Actual.objects.filter(pk=self.patrols_made.pk).update(outlook_met=False)
        self.assertContains(self.press(self.staff, "submit"), "遅れの原因を入力してください")
        self.assertEqual(self.state(), "draft")

    def test_who_is_behind_at_mid_year_also_says_whether_the_target_will_be_met(self):
        Period.objects.filter(key="H1").update(state="open")
        halfway = self.cast.first_half
        drills = self.cast.entered(self.drills, halfway, 0, cause="雨天中止", remedy="冬に行う")
        self.cast.entered(self.cast.patrols, halfway, 275)  # on track: nothing is asked
        standing = Actual.objects.filter(period=halfway).values_list("target__key", "version")
        seen = [f"{key}:{version}" for key, version in standing]
        press = {"action": "submit", "seen": seen}
        page = self.staff.post(self.url(period="H1"), press, follow=True)
        self.assertContains(page, "年度末の目標に届きそうかどうかを選んでください。")
        states = dict(Actual.objects.filter(period=halfway).values_list("target__key", "state"))
        self.assertEqual(states, {"p05-t1": "submitted", "p05-t2": "draft"})
        address = reverse("kpis:entry", args=["14107", 2020, "p05-t2", "H1"])
        self.assertContains(self.staff.get(address), 'href="#id_outlook_met"')
        for outlook in (True, False):
            Actual.objects.filter(pk=drills.pk).update(outlook_met=outlook, state="draft")
            version = Actual.objects.get(pk=drills.pk).version
            press["seen"] = [f"p05-t2:{version}"]
            self.staff.post(self.url(period="H1"), press)
            self.assertEqual(Actual.objects.get(pk=drills.pk).state, "submitted")

    def test_a_judgement_of_ones_own_that_differs_has_its_reason(self):
        Actual.objects.filter(pk=self.patrols_made.pk).update(self_status="nearly_achieved")
        page = self.press(self.staff, "submit")
        self.assertContains(page, "自動の判定と違う自己評価には、理由を入力してください。")
        self.assertEqual(self.state(), "draft")

    def test_the_entry_page_says_what_is_missing_before_submission(self):
        self.cast.entered(self.drills, self.cast.second_half, 1)
        address = reverse("kpis:entry", args=["14107", 2020, "p05-t2", "H2"])
        page = self.staff.get(address)
        self.assertContains(page, "提出の前に、次のところを入力してください。")
        self.assertContains(page, 'href="#id_cause"')

    def test_single_targets_can_be_picked(self):
        self.cast.entered(self.drills, self.cast.second_half, 2)
        self.press(self.staff, "submit", pick=[self.drills])
        self.assertEqual((self.state(), self.state(self.drills)), ("draft", "submitted"))

    def test_the_secretariat_submits_for_a_section_and_is_marked_so(self):
        self.press(self.secretariat, "submit")
        self.assertEqual(self.state(), "submitted")
        self.assertTrue(Change.objects.get().on_behalf)

    def test_it_is_taken_back_until_it_is_confirmed(self):
        self.press(self.staff, "submit")
        self.assertContains(self.sheet(self.staff), "提出を取り戻す")
        self.assertContains(self.press(self.staff, "take_back"), "1件を下書きに戻しました。")
        self.assertEqual(self.state(), "draft")
        self.press(self.staff, "submit")
        self.press(self.head, "confirm")
        page = self.press(self.staff, "take_back", pick=[self.cast.patrols])
        self.assertContains(page, "いまは「確認済」です。")
        self.assertNotContains(page, "提出を取り戻す")

    def test_what_a_colleague_saved_since_is_not_submitted_unseen(self):
        Actual.objects.filter(pk=self.patrols_made.pk).update(value=551, version=2)
        page = self.press(self.staff, "submit", seen=["p05-t1:1"])
        self.assertContains(page, "画面を開いたあとに変わりました（いまは「下書き」）。")
        self.assertEqual(self.state(), "draft")

    def test_history_tells_who_submitted(self):
        self.press(self.staff, "submit")
        change = Change.objects.get()
        self.assertEqual((change.act, change.changed), ("moved", {"state": ["draft", "submitted"]}))
        self.assertEqual((change.by, change.section), (self.cast.doboku_staff, self.cast.doboku))


class ConfirmingAndReturning(Sheet):
    def setUp(self):
        super().setUp()
        self.cast.entered(self.drills, self.cast.second_half, 2, state="submitted")
        self.press(self.staff, "submit", pick=[self.cast.patrols])

    def test_the_head_confirms_the_whole_sheet(self):
        self.assertContains(self.sheet(self.head), "確認する")
        self.assertContains(self.press(self.head, "confirm"), "2件を確認しました。")
        self.assertEqual((self.state(), self.state(self.drills)), ("confirmed", "confirmed"))

    def test_staff_do_not_confirm_even_with_a_forged_form(self):
        self.assertNotContains(self.sheet(self.staff), "確認する")
        self.assertEqual(self.press(self.staff, "confirm").status_code, 403)
        self.assertEqual(self.state(), "submitted")

    def test_one_target_is_returned_and_the_reason_is_in_sight_until_it_is_sent_again(self):
        reason = "3月の回数が開催記録と合いません。"
        page = self.press(self.head, "return", pick=[self.drills], reason=reason)
        self.assertContains(page, "1件を差し戻しました。")
        self.assertEqual((self.state(), self.state(self.drills)), ("submitted", "returned"))
        self.assertContains(self.sheet(self.staff), reason)
        address = reverse("kpis:entry", args=["14107", 2020, "p05-t2", "H2"])
        self.assertContains(self.staff.get(address), reason)
        self.staff.post(address, {"version": 2, "value": "3", "certainty": "final"})
        self.assertEqual(self.state(self.drills), "draft")
        self.assertContains(self.sheet(self.staff), reason)
        self.press(self.staff, "submit", pick=[self.drills])
        self.assertEqual(self.state(self.drills), "submitted")
        self.assertNotContains(self.sheet(self.staff), reason)
        self.assertEqual(Change.objects.filter(reason=reason).count(), 1)

    def test_a_whole_sheet_is_returned_without_what_is_confirmed_already(self):
        self.press(self.head, "confirm", pick=[self.drills])
        self.press(self.head, "return", reason="全体を見直してください。")
        self.assertEqual((self.state(), self.state(self.drills)), ("returned", "confirmed"))

    def test_without_a_reason_nothing_is_returned_and_what_was_picked_stays(self):
        for reason in ["", " 　\n"]:
            page = self.press(self.head, "return", pick=[self.drills], reason=reason)
            self.assertContains(page, "差戻しの理由を入力してください。")
            self.assertContains(page, 'value="p05-t2" checked')
        self.assertEqual(self.state(self.drills), "submitted")

    def test_what_is_confirmed_is_returned_until_the_period_closes(self):
        self.press(self.head, "confirm")
        self.press(self.head, "return", pick=[self.drills], reason="もう一度")
        self.assertEqual(self.state(self.drills), "returned")
        self.secretariat.post(self.url("period_move"), {"action": "close"})
        page = self.press(self.head, "return", pick=[self.cast.patrols], reason="もう一度")
        self.assertContains(page, "期が締め切られています（いまは「確認済」）。")
        self.assertEqual(self.state(), "confirmed")

    def test_after_closing_nothing_is_submitted_and_what_was_submitted_is_confirmed(self):
        self.cast.entered(self.leaflets, self.cast.second_half, 10)
        self.secretariat.post(self.url("period_move"), {"action": "close"})
        self.assertNotContains(self.sheet(self.staff), "提出する")
        self.press(self.staff, "submit", pick=[self.leaflets])
        self.assertEqual(self.state(self.leaflets), "draft")
        self.press(self.head, "confirm")
        self.assertEqual(self.state(), "confirmed")

    def test_the_head_who_saw_another_figure_is_told(self):
        seen = ["p05-t1:2", "p05-t2:1"]
        self.press(self.staff, "take_back", pick=[self.drills])
        page = self.press(self.head, "confirm", seen=seen)
        self.assertContains(page, "1件を確認しました。")
        self.assertContains(page, "「水防訓練」：画面を開いたあとに変わりました")
        self.assertEqual(self.state(self.drills), "draft")

    def test_why_several_stay_is_said_once(self):
        seen = ["p05-t1:2", "p05-t2:1"]
        self.press(self.staff, "take_back")
        page = self.press(self.head, "confirm", seen=seen)
        first, second = f"「{self.cast.patrols.label}」", "「水防訓練」"
        self.assertContains(page, f"{first}、{second}：画面を開いたあとに変わりました", count=1)
        self.assertContains(page, "画面を開いたあとに変わりました", count=1)

    def test_hostile_forms(self):
        for data in [
            {},
            {"action": "correct"},
            {"action": "delete"},
            {"action": "confirm", "seen": ["", ":", "p05-t1:x", "p05-t1:-1", "p05-t1:" + "9" * 40]},
            {"action": "confirm", "pick": ["nothing", "p07-t1", "a\x00b"]},
            {"action": "confirm", "section": "x\x00"},
        ]:
            with self.subTest(data):
                self.assertEqual(self.head.post(self.url(), data, follow=True).status_code, 200)
        self.assertEqual(self.head.post(self.url(period="H9"), {}).status_code, 404)
        self.assertEqual((self.state(), self.state(self.drills)), ("submitted", "submitted"))


class AtOnce(Sheet):
    def test_of_two_who_press_at_once_one_wins_and_the_other_is_told(self):
        self.press(self.staff, "submit")
        page = self.sheet(self.head)
        self.assertContains(page, 'value="p05-t1:2"')
        self.press(self.secretariat, "return", pick=[self.cast.patrols], reason="確認中")
        page = self.press(self.head, "confirm", seen=["p05-t1:2"])
        self.assertContains(page, "画面を開いたあとに変わりました（いまは「差戻し」）。")
        self.assertEqual(self.state(), "returned")

    def test_the_condition_sits_in_the_update(self):
        """Where no lock holds the second back, it comes too late all the same."""
        self.press(self.staff, "submit")
        look = workflow._left

        def look_and_be_overtaken(*args):
            left = look(*args)
            Actual.objects.filter(pk=self.patrols_made.pk).update(state="draft", version=3)
            return left

        with patch.object(workflow, "_left", look_and_be_overtaken):
            page = self.press(self.head, "confirm")
        self.assertContains(page, "同じときに、ほかの人が操作しました。")
        self.assertFalse(Change.objects.filter(changed__state=["submitted", "confirmed"]).exists())

    def test_who_typed_while_it_was_returned_is_told_who_and_what(self):
        address = reverse("kpis:entry", args=["14107", 2020, "p05-t1", "H2"])
        saved = {"version": 1, "value": "560", "certainty": "final"}
        self.assertEqual(self.staff.post(address, saved).status_code, 302)
        self.press(self.staff, "submit")
        self.press(self.head, "return", reason="確認を")
        page = self.staff.post(address, {"version": 3, "value": "570", "certainty": "final"})
        self.assertContains(page, "doboku-headさんが状態を変えました", status_code=409)
        self.assertContains(page, "いまは「差戻し」です。", status_code=409)

    def test_a_clock_that_was_set_back_hides_nobody(self):
        address = reverse("kpis:entry", args=["14107", 2020, "p05-t1", "H2"])
        self.staff.post(address, {"version": 1, "value": "560", "certainty": "final"})
        Actual.objects.update(saved_at=timezone.now() + timedelta(minutes=1))
        self.press(self.staff, "submit")
        page = self.staff.post(address, {"version": 2, "value": "570", "certainty": "final"})
        self.assertContains(page, "doboku-staffさんが状態を変えました", status_code=409)

    def test_a_form_sent_twice_moves_once(self):
        for _twice in range(2):
            self.press(self.staff, "submit", seen=["p05-t1:1"])
        self.assertEqual(Change.objects.count(), 1)


class Corrections(Sheet):
    address = "/wards/14107/2020/targets/p05-t1/H2/"

    def setUp(self):
        super().setUp()
        Actual.objects.filter(pk=self.patrols_made.pk).update(state="confirmed")

    def close(self):
        self.secretariat.post(self.url("period_move"), {"action": "close"})

    def correct(self, client, value="540", reason="二重に数えていた", version=1):
        data = {"version": version, "value": value, "certainty": "final"}
        return client.post(self.address, data | {"correction_reason": reason})

    def test_the_head_corrects_while_the_period_is_open_and_it_shows(self):
        self.assertContains(self.head.get(self.address), "訂正する")
        self.assertEqual(self.correct(self.head).status_code, 302)
        kept = Actual.objects.get(pk=self.patrols_made.pk)
        self.assertEqual((kept.value, kept.state, kept.version), (540, "confirmed", 2))
        change = Change.objects.get()
        self.assertEqual((change.act, change.reason), ("corrected", "二重に数えていた"))
        self.assertEqual(change.changed, {"value": ["550", "540"]})
        project = reverse("kpis:project", args=["14107", 2020, "p05"])
        for page in [self.staff.get(self.address), self.staff.get(project)]:
            self.assertContains(page, '<span class="tag">訂正</span>')
            self.assertContains(page, "二重に数えていた")
        member = self.at_work(self.cast.member)
        self.assertContains(member.get(project), "二重に数えていた")

    def test_staff_ask_for_a_return_and_correct_nothing(self):
        self.assertNotContains(self.staff.get(self.address), "訂正する")
        self.assertEqual(self.correct(self.staff).status_code, 409)
        self.assertEqual(Actual.objects.get(pk=self.patrols_made.pk).value, 550)

    def test_a_closed_period_is_corrected_by_the_secretariat_alone(self):
        self.close()
        self.assertNotContains(self.head.get(self.address), "訂正する")
        self.assertEqual(self.correct(self.head).status_code, 409)
        self.assertEqual(self.correct(self.secretariat).status_code, 302)
        self.assertEqual(Actual.objects.get(pk=self.patrols_made.pk).value, 540)

    def test_it_needs_a_reason_and_something_that_changed(self):
        page = self.correct(self.head, reason=" ")
        self.assertContains(page, "訂正の理由を入力してください。")
        self.assertContains(page, 'value="540"')
        page = self.correct(self.head, value="550")
        self.assertContains(page, "変わったところがありません。")
        self.assertFalse(Change.objects.exists())

    def test_two_who_correct_at_once(self):
        self.correct(self.secretariat, value="545")
        page = self.correct(self.head)
        self.assertContains(page, "<td>545回</td><td>540回</td>", status_code=409)
        self.assertEqual(Actual.objects.get(pk=self.patrols_made.pk).value, 545)

    def test_a_figure_typed_before_the_closing_does_not_become_a_correction(self):
        Actual.objects.filter(pk=self.patrols_made.pk).update(state="draft")
        self.close()
        typed = {"version": 1, "value": "540", "certainty": "final"}
        page = self.secretariat.post(self.address, typed)
        self.assertContains(page, "この期は締め切られました。", status_code=409)

    def test_what_was_never_entered_comes_late_as_a_correction(self):
        self.close()
        address = reverse("kpis:entry", args=["14107", 2020, "p05-t2", "H2"])
        typed = {"version": 0, "value": "2", "certainty": "final", "correction_reason": "報告もれ"}
        self.assertEqual(self.secretariat.post(address, typed).status_code, 302)
        self.assertEqual(self.state(self.drills), "confirmed")
        self.assertEqual(Change.objects.first().changed["state"], [None, "confirmed"])


class Periods(Sheet):
    def test_the_secretariat_closes_and_opens_again_and_is_told_what_it_means(self):
        self.assertContains(self.sheet(self.secretariat), "締め切る")
        page = self.secretariat.post(self.url("period_move"), {"action": "close"}, follow=True)
        self.assertContains(page, "締め切りました。入力と提出はできなくなりました。")
        page = self.secretariat.post(self.url("period_move"), {"action": "close"}, follow=True)
        self.assertContains(page, "すでに締め切られています。")
        page = self.secretariat.post(self.url("period_move"), {"action": "open"}, follow=True)
        self.assertContains(page, "受付を再開しました。")
        told = [line.changed["state"] for line in Change.objects.order_by("id")]
        self.assertEqual(told, [["open", "closed"], ["closed", "open"]])

    def test_nobody_else_does(self):
        self.assertNotContains(self.sheet(self.head), "締め切る")
        answer = self.head.post(self.url("period_move"), {"action": "close"})
        self.assertEqual(answer.status_code, 403)


class TheOutlook(Sheet):
    def setUp(self):
        super().setUp()
        Period.objects.filter(pk=self.cast.first_half.pk).update(state="open")
        self.address = reverse("kpis:entry", args=["14107", 2020, "p05-t1", "H1"])

    def test_is_asked_before_year_end_and_kept(self):
        self.assertContains(self.staff.get(self.address), "年度末の見込み")
        typed = {"version": 0, "value": "250", "outlook_met": "False", "outlook_value": "500"}
        self.assertEqual(self.staff.post(self.address, typed).status_code, 302)
        kept = Actual.objects.get(period__key="H1")
        self.assertEqual((kept.outlook_met, kept.outlook_value), (False, 500))
        self.assertEqual(Change.objects.get().changed["outlook_met"], [None, False])
        page = self.staff.get(self.address)
        self.assertContains(page, "年度末の見込み：（空） → 届かない")
        self.assertContains(page, "年度末の見込値：（空） → 500回")

    def test_is_not_asked_at_year_end_and_what_was_imported_stays(self):
        Actual.objects.filter(pk=self.patrols_made.pk).update(outlook_met=True)
        address = reverse("kpis:entry", args=["14107", 2020, "p05-t1", "H2"])
        self.assertNotContains(self.staff.get(address), 'name="outlook_met"')
        self.staff.post(address, {"version": 1, "value": "551"})
        self.assertIs(Actual.objects.get(pk=self.patrols_made.pk).outlook_met, True)


class Cost(Sheet):
    def test_a_sheet_of_forty_costs_no_more_than_one_of_two(self):
        self.press(self.staff, "submit")
        few = self.queries(lambda: self.press(self.staff, "submit", follow=False))
        for n in range(40):
            target = self.cast.target(self.cast.flood, f"x{n}", f"目標{n}", value=1)
            self.cast.entered(target, self.cast.second_half, 1)
        many = self.queries(lambda: self.press(self.staff, "submit", follow=False))
        self.assertEqual(Actual.objects.filter(state="submitted").count(), 41)
        # The update, the lines of history, and the head of their chain.
        self.assertLessEqual(len(many), len(few) + 3)
        self.assertLessEqual(len(many), 22, "\n".join(many))

    def queries(self, act):
        with CaptureQueriesContext(connection) as captured:
            act()
        return [query["sql"] for query in captured]


class AColleague(Sheet):
    def test_of_another_section_moves_nothing(self):
        other = self.at_work(
            person("chiiki-head", Post.Role.HEAD, self.cast.isogo, self.cast.chiiki)
        )
        self.press(self.staff, "submit")
        self.press(other, "confirm", pick=[self.cast.patrols])
        self.assertEqual(self.state(), "submitted")


@skipUnless(
    connection.vendor == "postgresql", "the tests' SQLite lives in memory, on one connection"
)
class TwoReallyAtOnce(TransactionTestCase):
    def test_each_entry_goes_one_way_and_has_one_line(self):
        cast = Cast()
        drills = cast.target(cast.flood, "p05-t2", "水防訓練", value=2, unit="回")
        targets = [cast.patrols, drills]
        for target in targets:
            cast.entered(target, cast.second_half, 2, state="submitted")
        for _again in range(5):
            Actual.objects.update(state="submitted", version=1)
            before = Change.objects.count()
            together = Barrier(2)

            def press(action, user, order, together=together):
                rows = Target.objects.filter(pk__in=[each.pk for each in targets])
                found = sorted(rows.select_related("policy"), key=lambda each: order * each.pk)
                period = Period.objects.get(pk=cast.second_half.pk)
                seen = {target.key: 1 for target in found}
                together.wait()
                try:
                    outcome = move(action, period, found, by=user, seen=seen, reason="理由")
                finally:
                    connection.close()
                return len(outcome.moved), {left.why for left in outcome.left}

            with ThreadPoolExecutor(2) as both:
                head = both.submit(press, "confirm", cast.doboku_head, 1)
                office = both.submit(press, "return", cast.secretariat, -1)
                answers = sorted([head.result(), office.result()], key=lambda each: each[0])
            self.assertEqual(answers, [(0, {"stale"}), (2, set())])
            self.assertEqual(Change.objects.count(), before + 2)
            self.assertEqual(Actual.objects.values("state").distinct().count(), 1)
