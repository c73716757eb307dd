"""Changes of the plan in mid-year: asked for by a section, decided once, never hidden.

The public works office cannot make its 550 patrols: the storms have closed the riverside. It asks
for 400 from 3 August, and the secretariat records what the ward head decided.
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from decimal import Decimal
from threading import Barrier
from unittest import skipUnless

from django.db import connection, transaction
from django.test import TestCase, TransactionTestCase

from kpis import proposals
from kpis.models import Change, Policy, Project, Proposal, Revision, Target
from kpis.proposal_rules import Wish
from kpis.proposals import Decision, ProposalRefused, move, propose, subject_of
from tests.cast import Cast

STORMS = "台風で河川敷が閉鎖されたため。"
AUGUST = date(2020, 8, 3)
BY_THE_HEAD = Decision("区長", date(2020, 8, 20), "磯区政第123号")
ON_PAPER = Decision("区長", date(2020, 8, 20), "磯区政第124号", "もう一度、年末に考える。")

SECTION = {"doboku_staff", "doboku_head"}
SECRETARIAT = {"secretariat"}
#: (move, state) → (state after, by whom)
TABLE = {
    ("withdraw", "open"): ("withdrawn", SECTION),
    ("accept", "open"): ("accepted", SECRETARIAT),
    ("decline", "open"): ("declined", SECRETARIAT),
}
STATES = list(Proposal.State.values)


def fewer(on=AUGUST, new="400"):
    return Wish("revise", on, Decimal(new))


def cancelled(on=AUGUST):
    return Wish("cancel", on)


class Changing(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()

    def subject(self, target=None, project=None):
        """As a page reads it: fresh from the database."""
        if project is None:
            target = target or self.cast.patrols
            rows = Target.objects.select_related("policy__ward", "project__policy__ward")
            found = rows.get(pk=target.pk)
            return subject_of(found.project, found)
        return subject_of(Project.objects.select_related("policy__ward").get(pk=project.pk))

    def asked(self, wish=None, by=None, **of):
        by = by or self.cast.doboku_staff
        return propose(self.subject(**of), wish or fewer(), STORMS, by=by)

    def accept(self, proposal, decision=BY_THE_HEAD):
        return move("accept", proposal, by=self.cast.secretariat, decision=decision)

    def refused(self, wish, **of):
        """Which remarks keep it from being asked for."""
        with self.assertRaises(ProposalRefused) as refused:
            self.asked(wish, by=self.cast.secretariat, **of)
        return [(remark.about, remark.key) for remark in refused.exception.remarks]

    def value(self, target=None):
        return Target.objects.get(pk=(target or self.cast.patrols).pk).value


class EveryMoveFromEveryStateByEverybody(Changing):
    def test_only_the_table_passes(self):
        tried = 0
        for state in STATES:
            for action in proposals.MOVES:
                for who, user in self.cast.everybody().items():
                    after, may = TABLE.get((action, state), (state, set()))
                    with self.subTest(action=action, state=state, who=who):
                        expected = after if who in may else state
                        self.assertEqual(self.after(action, state, user), expected)
                        tried += 1
        self.assertEqual(tried, 3 * 4 * len(self.cast.everybody()))

    def after(self, action, state, user):
        """The state after somebody tried; the database stays as it was."""
        with transaction.atomic():
            proposal = self.asked()
            decided = {"decided_by": "区長", "decided_on": AUGUST} if state != "open" else {}
            Proposal.objects.filter(pk=proposal.pk).update(state=state, **decided)
            before = Change.objects.count()
            with suppress(ProposalRefused):
                decision = ON_PAPER if action != "withdraw" else None
                move(action, proposal, by=user, decision=decision)
            found = Proposal.objects.get(pk=proposal.pk).state
            lines = Change.objects.count() - before
            self.assertEqual(lines, int(found != state), "a move has its line, a refusal none")
            revised = Revision.objects.exists()
            self.assertEqual(revised, (state, found) == ("open", "accepted"))
            transaction.set_rollback(True)
        return found

    def test_a_proposal_is_made_by_those_who_enter_the_target(self):
        for who, user in self.cast.everybody().items():
            with self.subTest(who), transaction.atomic():
                made = False
                with suppress(ProposalRefused):
                    made = bool(self.asked(by=user))
                self.assertEqual(made, who in SECTION | SECRETARIAT)
                transaction.set_rollback(True)

    def test_for_a_project_by_any_section_that_is_responsible(self):
        both = self.cast.project("p09", "⑨", "防災訓練", self.cast.doboku, self.cast.chiiki)
        for who, user in self.cast.everybody().items():
            with self.subTest(who), transaction.atomic():
                made = False
                with suppress(ProposalRefused):
                    made = bool(self.asked(cancelled(), by=user, project=both))
                self.assertEqual(made, who in SECTION | SECRETARIAT | {"chiiki_staff"})
                transaction.set_rollback(True)

    def test_the_secretariat_takes_back_only_what_it_asked_for_itself(self):
        theirs = self.asked()
        with self.assertRaises(ProposalRefused):
            move("withdraw", theirs, by=self.cast.secretariat)
        move("withdraw", theirs, by=self.cast.doboku_head)
        own = self.asked(by=self.cast.secretariat)
        self.assertTrue(own.on_behalf)
        move("withdraw", own, by=self.cast.secretariat)
        self.assertEqual(Proposal.objects.get(pk=own.pk).state, "withdrawn")

    def test_a_draft_policy_has_nothing_to_change_by_decision(self):
        Policy.objects.filter(pk=self.cast.policy.pk).update(state="draft")
        with self.assertRaises(ProposalRefused):
            self.asked(by=self.cast.secretariat)


class Deciding(Changing):
    def test_an_accepted_revision_is_in_force_with_who_decided_and_the_number(self):
        proposal = self.accept(self.asked())
        made = Revision.objects.get()
        self.assertEqual((made.target, made.on), (self.cast.patrols, AUGUST))
        self.assertEqual((made.old, made.new, self.value()), (550, 400, 400))
        self.assertEqual((made.decided_by, made.document_number), ("区長", "磯区政第123号"))
        self.assertEqual((made.reason, proposal.revision), (STORMS, made))

    def test_history_tells_what_was_asked_and_what_was_decided(self):
        self.accept(self.asked())
        asked, decided = Change.objects.order_by("id")
        self.assertEqual((asked.act, decided.act), ("proposed", "decided"))
        self.assertEqual(asked.changed["asked_value"], ["550", "400"])
        self.assertEqual(decided.changed["value"], ["550", "400"])
        self.assertEqual(decided.changed["document_number"], [None, "磯区政第123号"])
        self.assertEqual((decided.by, decided.section), (self.cast.secretariat, self.cast.doboku))
        self.assertEqual((asked.reason, decided.reason), (STORMS, STORMS))

    def test_what_is_declined_changes_nothing_and_says_why(self):
        declined = move("decline", self.asked(), by=self.cast.secretariat, decision=ON_PAPER)
        self.assertEqual((self.value(), Revision.objects.count()), (550, 0))
        self.assertEqual(declined.decision_note, ON_PAPER.note)
        self.assertEqual(Change.objects.first().reason, ON_PAPER.note)

    def test_a_target_is_cancelled_postponed_and_resumed(self):
        for kind, on, status in [
            ("postpone", AUGUST, "postponed"),
            ("cancel", date(2020, 12, 1), "cancelled"),
            ("resume", date(2021, 1, 4), "active"),
        ]:
            self.accept(self.asked(Wish(kind, on)))
            found = Target.objects.get(pk=self.cast.patrols.pk)
            self.assertEqual(found.status, status)
            facts = (found.status_on, found.status_reason, found.status_decided_by)
            given_up = status != "active"
            self.assertEqual(facts, (on, STORMS, "区長") if given_up else (None, "", ""))
        told = [line.changed["status"] for line in Change.objects.filter(act="decided")]
        self.assertEqual(
            told,
            [["cancelled", "active"], ["postponed", "cancelled"], ["active", "postponed"]],
        )

    def test_a_whole_project_is_cancelled(self):
        self.accept(self.asked(cancelled(), project=self.cast.flood))
        found = Project.objects.get(pk=self.cast.flood.pk)
        self.assertEqual((found.status, found.status_on), ("cancelled", AUGUST))
        self.assertEqual(found.status_document_number, "磯区政第123号")
        self.assertEqual(self.refused(fewer()), [("kind", "not_now")])
        self.assertEqual(self.refused(cancelled()), [("kind", "not_now")])

    def test_the_secretariat_records_a_decision_that_nobody_asked_for_here(self):
        made = proposals.decide_without_proposal(
            self.subject(), fewer(), STORMS, BY_THE_HEAD, by=self.cast.secretariat
        )
        self.assertEqual((made.state, self.value()), ("accepted", 400))
        self.assertEqual([line.act for line in Change.objects.all()], ["decided"])
        with self.assertRaises(ProposalRefused):
            proposals.decide_without_proposal(
                self.subject(), fewer(new="300"), STORMS, BY_THE_HEAD, by=self.cast.doboku_head
            )

    def test_a_second_press_comes_too_late(self):
        proposal = self.asked()
        as_seen = Proposal.objects.select_related("policy__ward", "project", "target").get()
        self.accept(proposal)
        with self.assertRaises(ProposalRefused) as refused:
            move("decline", as_seen, by=self.cast.secretariat, decision=ON_PAPER)
        self.assertEqual(refused.exception.why, "overtaken")
        self.assertEqual((self.value(), Revision.objects.count()), (400, 1))

    def test_a_target_that_changed_since_is_not_changed_on_old_terms(self):
        proposal = self.asked()
        Revision.objects.create(
            target=self.cast.patrols, on=date(2020, 7, 1), old=550, new=500, reason="取込み"
        )
        Target.objects.filter(pk=self.cast.patrols.pk).update(value=500)
        with self.assertRaises(ProposalRefused) as refused:
            self.accept(proposal)
        self.assertEqual([each.key for each in refused.exception.remarks], ["value_changed"])
        self.assertEqual((self.value(), Proposal.objects.get().state), (500, "open"))

    def test_one_proposal_at_a_time_waits_for_a_target(self):
        self.asked()
        with self.assertRaises(ProposalRefused) as refused:
            self.asked(cancelled(), by=self.cast.doboku_head)
        self.assertEqual(refused.exception.why, "open_already")
        self.asked(cancelled(), project=self.cast.flood)  # the whole project is another matter


class WhatMayBeAsked(Changing):
    def test_a_day_of_the_fiscal_year(self):
        for on in (date(2020, 3, 31), date(2021, 4, 1)):
            self.assertEqual(self.refused(fewer(on)), [("on", "outside_year")])
            self.assertEqual(self.refused(cancelled(on)), [("on", "outside_year")])
        self.asked(fewer(date(2021, 3, 31)))

    def test_another_value_than_the_one_in_force(self):
        self.assertEqual(self.refused(fewer(new="550")), [("new", "same_value")])
        self.assertEqual(self.refused(Wish("revise", AUGUST)), [("new", "no_value")])

    def test_nothing_negative_but_where_a_baseline_stands(self):
        self.assertEqual(self.refused(fewer(new="-1")), [("new", "negative")])
        self.asked(fewer(new="-1"), by=self.cast.fukushi_staff, target=self.cast.supporters_in_all)
        self.asked(fewer(new="0"))

    def test_a_ratio_stays_within_its_denominator(self):
        nurseries = {"target": self.cast.nurseries}
        self.assertEqual(self.refused(fewer(new="50"), **nurseries), [("new", "above_whole")])
        self.asked(fewer(new="49"), by=self.cast.chiiki_staff, **nurseries)

    def test_a_milestone_has_no_value_and_can_be_given_up(self):
        plan = {"target": self.cast.plan}
        self.assertEqual(self.refused(fewer(), **plan), [("kind", "not_now")])
        self.asked(cancelled(), by=self.cast.fukushi_staff, **plan)

    def test_a_second_revision_stands_behind_the_first(self):
        self.accept(self.asked())
        self.assertEqual(self.refused(fewer(new="300")), [("on", "once_a_day")])
        july = date(2020, 7, 31)
        self.assertEqual(self.refused(fewer(july, "300")), [("on", "before_revision")])
        self.accept(self.asked(fewer(date(2020, 11, 2), "300")))
        chain = [(made.old, made.new) for made in Revision.objects.order_by("on")]
        self.assertEqual((chain, self.value()), ([(550, 400), (400, 300)], 300))

    def test_what_is_given_up_is_resumed_before_its_value_changes(self):
        self.accept(self.asked(cancelled()))
        self.assertEqual(self.refused(fewer()), [("kind", "not_now")])
        self.assertEqual(self.refused(cancelled()), [("kind", "not_now")])
        june = Wish("resume", date(2020, 6, 1))
        self.assertEqual(self.refused(june), [("on", "before_standing")])
        self.assertEqual(self.refused(fewer(), project=self.cast.flood), [("kind", "not_now")])


class WhatItWouldDo(Changing):
    def test_a_revision_in_a_closed_period_changes_that_periods_result(self):
        self.cast.entered(self.cast.patrols, self.cast.first_half, 220, state="confirmed")
        self.cast.entered(self.cast.patrols, self.cast.second_half, 180)
        found = self.effects(fewer())
        self.assertEqual(
            [(each.period.key, each.before.status, each.after.status) for each in found],
            [("H1", "slightly_behind", "on_track"), ("H2", "not_achieved", "achieved")],
        )
        self.assertEqual(
            [each.period.key for each in self.effects(fewer(date(2020, 10, 1)))], ["H2"]
        )

    def test_a_project_takes_all_its_targets_with_it(self):
        found = self.effects(cancelled(date(2020, 12, 1)), project=self.cast.dementia)
        self.assertEqual({each.target.key for each in found}, {"p20-t1", "p20-t2", "p20-t3"})
        self.assertEqual({each.period.key for each in found}, {"H2"})

    def effects(self, wish, **of):
        subject = self.subject(**of)
        return proposals.effects(subject, wish, proposals.reading_of(subject))


class WhoSees(Changing):
    def test_proposals_stay_in_the_ward_office_and_decisions_are_facts(self):
        inside = {
            *("doboku_staff", "doboku_head", "chiiki_staff", "fukushi_staff"),
            *("secretariat", "manager", "auditor"),
        }
        proposal = self.asked()
        self.assertEqual(self.who_sees(), inside)
        self.accept(proposal)
        self.assertEqual(self.who_sees(), inside | {"member", "city"})

    def test_the_head_of_another_department_sees_what_the_department_works_on(self):
        self.asked(cancelled(), by=self.cast.fukushi_staff, project=self.cast.dementia)
        self.assertIn("fukushi_bucho", self.who_sees())
        self.asked(by=self.cast.doboku_staff)
        mine = Proposal.objects.visible_to(self.cast.fukushi_bucho)
        self.assertEqual([each.project for each in mine], [self.cast.dementia])

    def who_sees(self):
        everybody = self.cast.everybody().items()
        return {who for who, user in everybody if Proposal.objects.visible_to(user).exists()}


@skipUnless(
    connection.vendor == "postgresql", "the tests' SQLite lives in memory, on one connection"
)
class TwoReallyAtOnce(TransactionTestCase):
    def test_it_is_decided_once(self):
        cast = Cast()
        for again in range(4):
            value = Target.objects.get(pk=cast.patrols.pk).value
            on = date(2020, 8, 3 + again)
            target = Target.objects.select_related("policy__ward", "project__policy__ward").get(
                pk=cast.patrols.pk
            )
            wish = Wish("revise", on, value - 10)
            propose(subject_of(target.project, target), wish, STORMS, by=cast.doboku_staff)
            lines = Change.objects.count()
            together = Barrier(2)

            def press(action, together=together):
                rows = Proposal.objects.select_related("policy__ward", "project__policy__ward")
                proposal = rows.select_related("target").get(state="open")
                together.wait()
                try:
                    move(action, proposal, by=cast.secretariat, decision=ON_PAPER)
                    return ""
                except ProposalRefused as refused:
                    return refused.why
                finally:
                    connection.close()

            with ThreadPoolExecutor(2) as both:
                answers = [both.submit(press, action) for action in ("accept", "decline")]
                told = [answer.result() for answer in answers]
            self.assertEqual(sorted(told), ["", "overtaken"])
            accepted = told[0] == ""
            now = Target.objects.get(pk=cast.patrols.pk).value
            self.assertEqual(now, value - 10 if accepted else value)
            self.assertEqual(Change.objects.count(), lines + 1)
