"""The demo year: made up, the same every time, and with everything in it that can happen."""

import copy
import json
from collections import Counter
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import SimpleTestCase, TestCase, override_settings, skipUnlessDBFeature
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kpis import achievement, demo
from kpis.document_reading import read_document
from kpis.documents import document_text
from kpis.exports import policy_text
from kpis.models import DEMO_NOTE, Actual, Change, Period, Policy, Project, Target
from kpis.reading import policy_targets
from tests.kpis import policy_files
from wards.calendar import next_working_day

FOLDER = policy_files.POLICIES.parent / "demo"
NAMES = ["14103-2022", "14105-2022", "14107-2020", "14109-2021", "14116-2019"]
FRIDAY = date(2026, 4, 24)  # ten days later: 4 May, a holiday, as are the 5th and 6th

Status = achievement.Status
BEHIND = {Status.BEHIND, Status.SLIGHTLY_BEHIND, Status.NEARLY_ACHIEVED, Status.NOT_ACHIEVED}
OF_MILESTONES = set(Status) - {Status.SLIGHTLY_BEHIND, Status.NEARLY_ACHIEVED}


def overlay_of(name):
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def year_of(name, loaded_on=FRIDAY):
    policy = policy_files.read(name)
    return demo.demo_year(policy, overlay_of(name), loaded_on=loaded_on, note=DEMO_NOTE)


def target_of(document, key):
    return policy_files.by_id(policy_files.targets(document))[key]


def actuals_of(document):
    for target in policy_files.targets(document):
        for actual in target.get("actuals", []):
            yield target, actual


class Overlays(SimpleTestCase):
    """Laying a made-up year over what a ward printed."""

    def test_there_is_one_for_each_policy(self):
        self.assertEqual(sorted(path.stem for path in FOLDER.glob("*.json")), NAMES)

    def test_each_gives_a_document_that_an_import_takes(self):
        for name in NAMES:
            document, problems = read_document(document_text(year_of(name)).encode())
            self.assertEqual([str(problem) for problem in problems], [], name)
            self.assertIsNotNone(document)

    def test_the_same_day_gives_the_same_bytes(self):
        for name in NAMES:
            self.assertEqual(document_text(year_of(name)), document_text(year_of(name)))

    def test_another_day_moves_the_due_date_and_nothing_else(self):
        early, late = year_of("14107-2020"), year_of("14107-2020", date(2026, 6, 1))
        self.assertEqual(early["periods"][1]["due"], "2026-05-07")
        self.assertEqual(late["periods"][1]["due"], "2026-06-11")
        del early["periods"], late["periods"]
        self.assertEqual(early, late)

    def test_files_are_printed_as_an_export_prints(self):
        for name in NAMES:
            text = json.dumps(overlay_of(name), ensure_ascii=False, indent=2) + "\n"
            self.assertEqual((FOLDER / f"{name}.json").read_text(encoding="utf-8"), text)

    def test_every_project_has_a_section_that_the_policy_knows(self):
        for name in NAMES:
            document = year_of(name)
            known = {section["name"] for section in document["sections"]}
            for project in policy_files.projects(document):
                self.assertTrue(project["sections"], f"{name} {project['id']}")
                self.assertLessEqual(set(project["sections"]), known, f"{name} {project['id']}")
            for target in policy_files.targets(document):
                self.assertIn(target.get("section", ""), known | {""}, f"{name} {target['id']}")

    def test_isogo_has_the_thirteen_sections_of_a_ward_office(self):
        sections = year_of("14107-2020")["sections"]
        self.assertEqual(len(sections), 13)
        self.assertEqual(sections[-1], {"name": "磯子土木事務所", "department": "土木事務所"})

    def test_what_the_policy_prints_is_left_alone(self):
        for name in NAMES:
            printed, year = policy_files.read(name), year_of(name)
            for before, after in zip(
                policy_files.targets(printed), policy_files.targets(year), strict=True
            ):
                changed = {key for key in before if before[key] != after[key]}
                allowed = {"value"} if "revisions" in after else set()
                self.assertLessEqual(changed, allowed, f"{name} {before['id']}")
            self.assertEqual(year["notes"], [*printed["notes"], DEMO_NOTE])

    def test_no_links_lead_to_a_real_page(self):
        links = [
            link["url"]
            for name in NAMES
            for _target, actual in actuals_of(year_of(name))
            for link in actual.get("evidence", [])
        ]
        self.assertTrue(links)
        for link in links:
            self.assertTrue(link.startswith("https://example.jp/"), link)

    def test_an_overlay_that_does_not_fit_is_refused_by_place(self):
        target = {"revisions": [{"on": "2020-07-01", "from": "31", "to": "18", "reason": "。"}]}
        back = {"target": "p05-t2", "period": "H1", "reason": "。"}
        for place, change in {
            "fiscal_year": {"fiscal_year": 2021},
            "extra": {"extra": 1},
            "projects.p99": {"projects": {"p99": {"sections": ["総務課"]}}},
            "projects.p01.name": {"projects": {"p01": {"name": "べつの事業"}}},
            "targets.p01-t1.baseline": {"targets": {"p01-t1": {"baseline": "10"}}},
            "targets.p02-t1.revisions[0].from": {"targets": {"p02-t1": target}},
            "returns.p05-t2": {"returns": [back]},
        }.items():
            overlay = copy.deepcopy(overlay_of("14107-2020")) | change
            with self.subTest(place), self.assertRaises(demo.OverlayMisfit) as caught:
                demo.demo_year(
                    policy_files.read("14107-2020"), overlay, loaded_on=FRIDAY, note=DEMO_NOTE
                )
            self.assertTrue(str(caught.exception).startswith(place), caught.exception)


class TheYear(SimpleTestCase):
    """What has to occur somewhere in it, so that every page has something to show."""

    def setUp(self):
        self.isogo = year_of("14107-2020")

    def actual(self, key, period):
        rows = target_of(self.isogo, key)["actuals"]
        return next(row for row in rows if row["period"] == period)

    def test_the_disaster_lessons_were_cut_from_30_to_18_because_of_covid(self):
        target = target_of(self.isogo, "p02-t1")
        [revision] = target["revisions"]
        self.assertEqual((revision["from"], revision["to"]), ("30", "18"))
        self.assertEqual((target["value"], revision["on"]), ("18", "2020-08-03"))
        self.assertIn("新型コロナウイルス感染症", revision["reason"])

    def test_the_festival_is_cancelled_and_the_litter_contest_postponed_with_reasons(self):
        for key, status in {"p13-t2": "cancelled", "p18-t2": "postponed"}.items():
            target = target_of(self.isogo, key)
            self.assertEqual(target["status"], status)
            self.assertTrue(target["status_on"] and target["status_reason"])

    def test_every_reason_for_no_figure_occurs(self):
        found = {actual.get("missing") for _target, actual in actuals_of(self.isogo)}
        self.assertLessEqual(set(achievement.Missing), found)

    def test_a_figure_is_expected_and_not_final_in_every_ward(self):
        for name in NAMES:
            found = {actual.get("certainty") for _target, actual in actuals_of(year_of(name))}
            self.assertIn("provisional", found, name)

    def test_one_kindergarten_closed_so_that_48_are_reported_and_not_49(self):
        self.assertEqual(target_of(self.isogo, "p07-t1")["of"], "49")
        self.assertEqual(self.actual("p07-t1", "H2")["of"], "48")

    def test_a_total_typed_by_hand_is_13_more_than_baseline_and_sum(self):
        total = target_of(self.isogo, "p26-t2")
        follows = int(total["baseline"]) + int(self.actual("p26-t1", "H1")["value"])
        self.assertEqual(int(self.actual("p26-t2", "H1")["value"]) - follows, 13)

    def test_a_zero_was_entered_and_is_no_gap(self):
        self.assertEqual(self.actual("p03-t2", "H1")["value"], "0")

    def test_half_of_the_patrols_are_done_and_the_rest_is_left_to_try(self):
        self.assertEqual(
            [(row["period"], row["value"]) for row in target_of(self.isogo, "p05-t2")["actuals"]],
            [("H1", "275")],
        )
        [project] = [p for p in policy_files.projects(self.isogo) if p["id"] == "p05"]
        self.assertEqual(project["sections"][0], "磯子土木事務所")

    def test_the_closed_half_is_confirmed_and_the_open_one_in_every_state(self):
        for name in NAMES:
            states = {"H1": set(), "H2": set()}
            for _target, actual in actuals_of(year_of(name)):
                states[actual["period"]].add(actual.get("state", "confirmed"))
            self.assertEqual(states["H1"], {"confirmed"}, name)
            self.assertEqual(states["H2"], {"confirmed", "submitted", "returned", "draft"}, name)

    def test_milestones_go_through_their_stages(self):
        for name in NAMES:
            stages = {actual.get("stage") for _target, actual in actuals_of(year_of(name))}
            self.assertLessEqual({"preparing", "under_way", "done"}, stages, name)
            self.assertTrue("not_started" in stages or name == "14107-2020", name)

    def test_many_projects_tell_what_was_done(self):
        for name in NAMES:
            projects = policy_files.projects(year_of(name))
            told = [project for project in projects if project.get("narratives")]
            self.assertGreater(len(told) * 3, len(projects) * 2, name)


@override_settings(DEMO=True)
class Loading(TestCase):
    """What `manage.py load_demo` leaves behind."""

    @classmethod
    def setUpTestData(cls):
        cls.said = StringIO()
        call_command("load_demo", stdout=cls.said)
        cls.policies = {f"{p.ward.code}-{p.fiscal_year}": p for p in Policy.objects.all()}
        cls.readings = {name: policy_targets(policy) for name, policy in cls.policies.items()}

    def results(self, name, period):
        reading = self.readings[name]
        return achievement.judge_all(
            reading.targets,
            reading.entries,
            periods=reading.periods,
            period=period,
            fiscal_year=reading.fiscal_year,
            grades=reading.grades,
        )

    def roll_up(self, name, period):
        results = self.results(name, period)
        return achievement.roll_up((t, results[t.key]) for t in self.readings[name].targets)

    def test_five_policies_are_there_and_say_that_they_are_a_demo(self):
        self.assertEqual(sorted(self.policies), NAMES)
        for policy in self.policies.values():
            self.assertTrue(policy.is_demo)
            self.assertEqual(policy.state, Policy.State.IN_FORCE)
        self.assertEqual(Project.objects.count(), 125)

    def test_an_export_gives_the_same_document_back(self):
        for name, policy in self.policies.items():
            year = year_of(name, loaded_on=timezone.localdate())
            self.assertEqual(policy_text(policy), document_text(year), name)

    def test_the_second_half_is_open_and_due_ten_days_from_now_on_a_working_day(self):
        due = next_working_day(timezone.localdate() + timedelta(days=10))
        for policy in self.policies.values():
            first, last = policy.periods.order_by("ends")
            self.assertEqual((first.state, last.state), (Period.State.CLOSED, Period.State.OPEN))
            self.assertEqual(last.due, due)

    def test_all_ten_statuses_occur_in_isogo_and_all_a_milestone_has_elsewhere(self):
        for name in NAMES:
            found = {r.status for half in ("H1", "H2") for r in self.results(name, half).values()}
            self.assertEqual(found, set(Status) if name == "14107-2020" else OF_MILESTONES, name)

    def test_isogo_at_mid_year_looks_like_a_ward_in_its_first_pandemic_year(self):
        counts = self.roll_up("14107-2020", "H1").counts
        self.assertTrue(8 <= counts[Status.ACHIEVED] <= 12, counts)
        self.assertTrue(20 <= counts[Status.ON_TRACK] <= 30, counts)
        self.assertTrue(8 <= counts[Status.SLIGHTLY_BEHIND] <= 12, counts)
        self.assertTrue(5 <= counts[Status.BEHIND] <= 8, counts)

    def test_most_of_the_open_half_is_entered_and_every_ward_still_owes_some(self):
        for name in NAMES:
            both = self.roll_up(name, "H2")
            self.assertGreaterEqual(both.due - both.entered, 3, name)
            self.assertGreater(both.entered * 4, both.due * 3, name)

    def test_something_was_overdone_by_a_fifth(self):
        rates = [r.rate for r in self.results("14107-2020", "H2").values() if r.rate is not None]
        self.assertGreaterEqual(max(rates) * 100, 120)

    def test_whoever_is_behind_says_why_and_what_will_be_done(self):
        for name, policy in self.policies.items():
            for half in ("H1", "H2"):
                results = self.results(name, half)
                for actual in Actual.objects.filter(
                    target__policy=policy, period__key=half, target__linked_to=None
                ).exclude(state=Actual.State.DRAFT):
                    behind = results[actual.target.key].status in BEHIND
                    if behind or actual.outlook_met is False:
                        self.assertTrue(actual.cause, f"{name} {actual.target.key} {half}")
                        self.assertTrue(actual.remedy, f"{name} {actual.target.key} {half}")

    def test_a_section_judges_otherwise_than_the_machine_only_with_a_reason(self):
        differing = Counter()
        for name, policy in self.policies.items():
            for half in ("H1", "H2"):
                results = self.results(name, half)
                for actual in Actual.objects.filter(
                    target__policy=policy, period__key=half
                ).exclude(self_status=""):
                    if actual.self_status != results[actual.target.key].status:
                        differing[name] += 1
                        self.assertTrue(actual.self_reason, f"{name} {actual.target.key}")
        self.assertGreaterEqual(differing["14107-2020"], 2)

    def test_sections_with_demo_staff_have_something_left_to_enter(self):
        for name, policy in self.policies.items():
            results = self.results(name, "H2")
            owners = {t.key: t.section for t in self.readings[name].targets}
            open_in = {owners[key] for key, r in results.items() if r.status == Status.NOT_ENTERED}
            drafts = Actual.objects.filter(target__policy=policy, state="draft")
            open_in |= {owners[actual.target.key] for actual in drafts}
            doboku = f"{policy.ward.name.removesuffix('区')}土木事務所"
            for section in ["地域振興課", "福祉保健課", "こども家庭支援課", doboku]:
                self.assertIn(section, open_in, name)

    def test_what_was_returned_says_why_in_the_history(self):
        returned = Actual.objects.filter(state=Actual.State.RETURNED)
        self.assertTrue(returned)
        for actual in returned:
            change = Change.objects.get(
                target=actual.target, period=actual.period, act=Change.Act.MOVED
            )
            self.assertTrue(change.reason)
            self.assertIsNotNone(change.section)

    def test_it_says_what_it_did_and_who_can_be_tried(self):
        said = self.said.getvalue()
        self.assertIn("磯子区 令和2年度 (2020): デモデータを読み込みました", said)
        self.assertIn("isogo-doboku-staff", said)
        self.assertLess(len(said.splitlines()), 25)

    def test_a_second_load_keeps_what_was_entered(self):
        patrol = Target.objects.get(policy=self.policies["14107-2020"], key="p05-t2")
        last = patrol.policy.periods.get(key="H2")
        Actual.objects.create(target=patrol, period=last, value=280)
        Period.objects.filter(pk=last.pk).update(due=date(2026, 1, 5))
        changes, again = Change.objects.count(), StringIO()
        call_command("load_demo", stdout=again)
        self.assertEqual(patrol.actuals.get(period=last).value, 280)
        self.assertEqual(patrol.policy.periods.get(key="H2").due, date(2026, 1, 5))
        self.assertEqual(Change.objects.count(), changes)
        self.assertIn("読み込み済み", again.getvalue())
        self.assertNotIn("読み込みました", again.getvalue())


class NotLoading(TestCase):
    @override_settings(DEMO=False)
    def test_without_demo_it_refuses_with_a_sentence_and_writes_nothing(self):
        with self.assertRaisesMessage(CommandError, "DEMO=on を設定してから"):
            call_command("load_demo", stdout=StringIO())
        self.assertFalse(Policy.objects.exists())

    @override_settings(DEMO=True)
    def test_a_policy_that_a_ward_loaded_for_its_work_gets_nothing_made_up(self):
        path = str(policy_files.POLICIES / "14107-2020.json")
        call_command("import_policy", path, stdout=StringIO())
        said = StringIO()
        call_command("load_demo", stdout=said)
        own = Policy.objects.get(ward__code="14107")
        self.assertFalse(own.is_demo)
        self.assertFalse(Actual.objects.filter(target__policy=own).exists())
        self.assertIn("磯子区 令和2年度 (2020): 登録済みの運営方針がある", said.getvalue())
        self.assertEqual(Policy.objects.count(), 5)

    @skipUnlessDBFeature("has_select_for_update")
    @override_settings(DEMO=True)
    def test_of_two_that_start_at_once_the_second_waits_before_it_looks(self):
        with CaptureQueriesContext(connection) as asked:
            call_command("load_demo", stdout=StringIO())
        asked_for = [query["sql"] for query in asked if query["sql"].startswith("SELECT")]
        self.assertIn('FROM "wards_ward"', asked_for[0])
        self.assertTrue(asked_for[0].endswith("FOR NO KEY UPDATE"))


@pytest.mark.parametrize(
    ("loaded_on", "due"),
    [
        (date(2026, 6, 1), date(2026, 6, 11)),  # a Thursday
        (date(2026, 6, 3), date(2026, 6, 15)),  # a Saturday moves to Monday
        (date(2026, 4, 24), date(2026, 5, 7)),  # three holidays in a row
        (date(2026, 12, 20), date(2027, 1, 4)),  # offices are closed over the New Year
    ],
)
def test_the_due_date_is_ten_days_on_and_then_the_next_working_day(loaded_on, due):
    assert demo.due_after(loaded_on) == due
