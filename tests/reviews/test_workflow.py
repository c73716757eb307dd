"""A round goes from its preparation to what is published by one table of moves."""

from datetime import date

from django.db import DatabaseError, connection, transaction
from django.test import TestCase

from reviews.models import Item, ReviewRecord, Round
from reviews.workflow import ROUND_MOVES, MoveRefused, Publication, move_round
from tests.reviews.cast import CommitteeCast

DECISION = Publication("区長", date(2020, 12, 1), "磯区企第10号")


class TheMoves(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = CommitteeCast()

    def test_only_the_table_passes(self):
        for before in Round.State.values:
            for action, move in ROUND_MOVES.items():
                with self.subTest(before=before, action=action), transaction.atomic():
                    Round.objects.update(state=before)
                    try:
                        after = move_round(
                            Round.objects.get(),
                            action,
                            by=self.cast.secretariat,
                            reason="やり直すため",
                            decision=DECISION,
                        ).state
                    except MoveRefused:
                        after = None
                    self.assertEqual(after, move.after if before == move.before else None)
                    transaction.set_rollback(True)

    def test_only_the_secretariat_moves(self):
        for who in ("member", "manager", "doboku_head", "auditor", "minami_secretariat"):
            with self.subTest(who=who), self.assertRaisesMessage(MoveRefused, "事務局"):
                move_round(self.cast.round, "open", by=getattr(self.cast, who))

    def test_going_back_needs_a_reason_that_stands_on_the_record(self):
        self.cast.open()
        self.cast.close()
        with self.assertRaisesMessage(MoveRefused, "理由"):
            move_round(self.cast.round, "reopen", by=self.cast.secretariat, reason=" ")
        move_round(self.cast.round, "reopen", by=self.cast.secretariat, reason="欠席者が多かった")
        line = ReviewRecord.objects.first()
        self.assertEqual((line.act, line.reason), ("round_reopen", "欠席者が多かった"))
        self.assertEqual(line.changed["state"], ["closed", "open"])

    def test_publishing_needs_the_decision(self):
        self.cast.open()
        self.cast.close()
        with self.assertRaisesMessage(MoveRefused, "決裁"):
            move_round(self.cast.round, "publish", by=self.cast.secretariat)
        published = self.cast.publish()
        self.assertEqual(
            (published.decided_by, published.document_number), ("区長", "磯区企第10号")
        )

    def test_a_round_without_a_closing_date_does_not_open(self):
        Round.objects.update(due=None)
        with self.assertRaisesMessage(MoveRefused, "締切"):
            move_round(Round.objects.get(), "open", by=self.cast.secretariat)
        self.assertEqual(Round.objects.get().state, Round.State.PREPARING)

    def test_of_two_who_press_at_once_the_second_is_told(self):
        beforehand = Round.objects.get()
        self.cast.open()
        with self.assertRaisesMessage(MoveRefused, "ほかの人が先に"):
            move_round(beforehand, "open", by=self.cast.secretariat)

    def test_what_somebody_said_cannot_be_unread(self):
        self.cast.open()
        self.cast.comment(self.cast.area_member, "回数だけでなく成果も知りたい")
        with self.assertRaisesMessage(MoveRefused, "意見がある"):
            move_round(self.cast.round, "take_back", by=self.cast.secretariat, reason="誤り")

    def test_closing_lists_each_sent_comment_once_in_the_order_of_the_policy(self):
        self.cast.open()
        self.cast.comment(self.cast.expert, "全体に堅実", key="", subject="whole", kind="praise")
        self.cast.comment(self.cast.area_member, "支援者を増やして", key="p20")
        self.cast.comment(self.cast.area_member, "巡回の成果は", key="p05")
        self.cast.comment(self.cast.area_member, "書きかけ", state="draft")
        self.cast.close()
        move_round(self.cast.round, "reopen", by=self.cast.secretariat, reason="追加のため")
        self.cast.comment(self.cast.expert, "あとから", key="p05")
        self.cast.close()
        told = list(Item.objects.order_by("number").values_list("number", "text"))
        self.assertEqual(
            told,
            [(1, "巡回の成果は"), (2, "支援者を増やして"), (3, "全体に堅実"), (4, "あとから")],
        )

    def test_the_record_is_only_added_to(self):
        self.cast.open()
        for verb in ("DELETE FROM", "UPDATE"):
            with (
                self.subTest(verb=verb),
                self.assertRaises(DatabaseError),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                rest = " SET reason='x'" if verb == "UPDATE" else ""
                cursor.execute(f"{verb} reviews_reviewrecord{rest}")
