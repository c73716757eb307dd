"""Two secretaries and a section at one list in the same moment: nobody meets a failure."""

from collections.abc import Callable
from datetime import date, timedelta
from threading import Barrier, Thread

from django.db import connection
from django.test import TransactionTestCase, skipUnlessDBFeature
from django.utils import timezone

from reviews import answering, merging, promising
from reviews.answering import Conflict
from reviews.merging import Wording
from reviews.models import Item, Promise
from reviews.workflow import MoveRefused, Publication
from tests.reviews.cast import CommitteeCast

#: Which of two is quicker is chance: so many times they try.
TIMES = 8
DECISION = Publication("区長", date(2020, 12, 1), "磯区企第10号")


def at_once(*acts: Callable[[], object]) -> list[str]:
    """What became of each: done, or the sentence or the failure that somebody met."""
    told = [""] * len(acts)
    together = Barrier(len(acts))

    def alone(number: int) -> None:
        try:
            together.wait()
            acts[number]()
            told[number] = "done"
        except (MoveRefused, Conflict) as met:
            told[number] = type(met).__name__
        except Exception as failure:
            told[number] = f"failed: {failure}"
        finally:
            connection.close()

    threads = [Thread(target=alone, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return told


# SQLite has one writer at a time, and a test's database in memory no second connection.
@skipUnlessDBFeature("has_select_for_update")
class OneList(TransactionTestCase):
    def setUp(self):
        self.cast = CommitteeCast()
        self.by = self.cast.secretariat
        self.cast.open()
        self.cast.comment(self.cast.area_member, "夜間も見回ってほしい。")
        self.cast.comment(self.cast.expert, "夜の見回りを。")
        self.cast.close()
        self.first, self.second = Item.objects.order_by("number")

    def test_merging_while_another_edits_the_lines_neither_fails(self):
        wording = Wording("夜間の巡回について", "proposal", "project", "p05")
        for n in range(TIMES):
            first, second = Item.objects.filter(pk__in=[self.first.pk, self.second.pk])

            def merge(lines=(first, second)):
                merging.merge([(each, each.version) for each in lines], wording, by=self.by)

            def edit(line, text):
                typed = {"text": text, "kind": "proposal", "subject": "project", "key": "p05"}
                answering.edit(line, typed, seen=line.version, by=self.by)

            told = at_once(
                merge,
                lambda line=first, n=n: edit(line, f"夜間の見回り {n}"),
                lambda line=second, n=n: edit(line, f"夜の見回り {n}"),
            )
            self.assertFalse([each for each in told if each.startswith("failed")], told)
            for made in Item.objects.filter(state="listed", replaces__isnull=False).distinct():
                merging.undo(made, by=self.by)

    def test_a_result_and_the_withdrawal_of_its_answer_never_both_stand(self):
        item = self.answered()
        for _n in range(TIMES):
            item = answering.move("release", item, by=self.by, decision=DECISION)
            promise = Promise.objects.get(item=item)

            def settle(promise=promise):
                day = date(2020, 12, 2)
                promising.settle(promise, "始めた", day, seen=promise.version, by=self.by)

            def withdraw(item=item):
                answering.move("withdraw", item, by=self.by, reason="文を直す")

            self.assertEqual(sorted(at_once(settle, withdraw)), ["MoveRefused", "done"])
            item.refresh_from_db()
            stands = Promise.objects.filter(item=item).first()
            self.assertEqual(item.state == "released", bool(stands and stands.result))
            if item.state == "released":
                Promise.objects.filter(item=item).update(result="", result_on=None)
                item = answering.move("withdraw", item, by=self.by, reason="もう一度")

    def answered(self) -> Item:
        item, by = self.first, self.by
        due = timezone.localdate() + timedelta(days=30)
        item = answering.assign(item, self.cast.doboku, due, seen=item.version, by=by)
        item = answering.move("pass_on", item, by=by)
        typed = {"view": "巡回します。", "disposition": "reflect", "reason": ""}
        typed |= {"what": "夜間巡回", "who": "土木事務所", "by_when": "令和3年6月"}
        item = answering.answer(item, typed, seen=item.version, by=by)
        return answering.move("hand_in", item, by=by)
