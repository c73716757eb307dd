"""The history is a chain: whoever reaches past the product into the database is found out."""

import json
import re
from datetime import UTC, datetime
from hashlib import sha256
from importlib import import_module
from io import StringIO
from threading import Thread
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.test import TestCase, TransactionTestCase
from django.utils import timezone

from kpis import chain
from kpis.models import Change, HistoryHead, HistoryIsKept, Target, about
from tests.cast import Cast

#: The migrations that keep the history, the latest first.
KEPT = [
    import_module("kpis.migrations.0012_history_is_not_emptied"),
    import_module("kpis.migrations.0007_history_stays_in_its_chain"),
]


def verified(*wards: str) -> str:
    """What the command says, whether it is content or not."""
    out = StringIO()
    try:
        call_command("verify_history", *wards, stdout=out)
    except CommandError as refused:
        return f"{out.getvalue()}{refused}"
    return out.getvalue()


def entered(cast, value, target=None, **line) -> Change:
    """Somebody entered a figure."""
    line = {"by": cast.doboku_staff, "period": cast.second_half, **line}
    found = Target.objects.with_owner().get(pk=(target or cast.patrols).pk)
    return Change.objects.record(found, "entered", {"value": [None, str(value)]}, **line)


class Lines(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()

    def test_each_carries_the_digest_of_the_one_before(self):
        first, second = entered(self.cast, 200), entered(self.cast, 210)
        self.assertEqual((first.number, first.previous), (1, chain.NOTHING_BEFORE))
        self.assertEqual((second.number, second.previous), (2, first.digest))
        head = HistoryHead.objects.get()
        self.assertEqual((head.ward, head.number, head.digest), (self.cast.isogo, 2, second.digest))

    def test_each_ward_has_a_chain_of_its_own(self):
        entered(self.cast, 200)
        there = Change.objects.create(
            ward=self.cast.minami, act="imported", by_name="南区", at=timezone.now()
        )
        self.assertEqual((there.number, there.previous), (1, chain.NOTHING_BEFORE))

    def test_many_at_once_are_linked_in_their_order(self):
        entered(self.cast, 200)
        patrols = Target.objects.with_owner().get(pk=self.cast.patrols.pk)
        place = {**about(patrols), "act": "moved", "by_name": "課長", "at": timezone.now()}
        elsewhere = {**place, "ward_id": self.cast.minami.pk}
        made = Change.objects.bulk_create(
            Change(**each, reason=f"{n}") for n, each in enumerate([place, elsewhere, place])
        )
        self.assertEqual([line.number for line in made], [2, 1, 3])
        self.assertEqual(made[2].previous, made[0].digest)
        self.assertNotIn("切れ", verified())

    def test_no_line_takes_anothers_place(self):
        with self.assertRaises(HistoryIsKept):
            Change.objects.bulk_create([entered(self.cast, 200)], ignore_conflicts=True)

    def test_a_line_says_where_it_belongs_by_its_target(self):
        line = entered(self.cast, 200, reason="台風", on_behalf=True)
        self.assertEqual(
            (line.ward, line.policy, line.project, line.section),
            (self.cast.isogo, self.cast.policy, self.cast.flood, self.cast.doboku),
        )
        self.assertEqual((line.by_name, line.reason), ("doboku-staffさん", "台風"))

    def test_it_can_be_recomputed_by_the_book(self):
        """As docs/history.md describes it, without a line of the product."""
        line = entered(self.cast, "12.5", at=datetime(2020, 10, 7, 7, 41, tzinfo=UTC), reason="雨")
        text = json.dumps(
            {
                "act": "entered",
                "at": "2020-10-07T07:41:00.000000Z",
                "by_id": self.cast.doboku_staff.pk,
                "by_name": "doboku-staffさん",
                "changed": {"value": [None, "12.5"]},
                "number": 1,
                "on_behalf": False,
                "period_id": self.cast.second_half.pk,
                "policy_id": self.cast.policy.pk,
                "previous": "0" * 64,
                "project_id": self.cast.flood.pk,
                "reason": "雨",
                "section_id": self.cast.doboku.pk,
                "target_id": self.cast.patrols.pk,
                "ward_id": self.cast.isogo.pk,
            },
            separators=(",", ":"),
        )
        self.assertEqual(line.digest, sha256(text.encode()).hexdigest())

    def test_what_the_database_keeps_in_its_own_way_gives_the_same_digest(self):
        odd = {
            "b": [1.0, 1e16, 0.1, -3, 1e-7],
            "a": {"ん": [True, None, "１\r\n２\u2028\\\"'"], "": [[], {}]},
        }
        for written in ("2020-10-07T16:41:00.000001+09:00", datetime(1999, 1, 1, tzinfo=UTC)):
            Change.objects.create(
                ward=self.cast.isogo, act="imported", changed=odd, by_name="名" * 151, at=written
            )
        self.assertIn("OK 2件", verified())

    def test_the_database_refuses_a_line_beside_the_chain(self):
        line = entered(self.cast, 200)
        rows = Change.objects.filter(pk=line.pk)
        for beside in ({"number": 5}, {"number": 2}, {"number": 2, "previous": "f" * 64}):
            with (
                self.subTest(beside),
                self.assertRaisesMessage(DatabaseError, "a line of the history follows the last"),
                transaction.atomic(),
            ):
                forged = Change(**{**rows.values().get(), "id": None, **beside})
                forged.save_base(raw=True, force_insert=True)

    def test_the_database_keeps_the_head_from_going_back(self):
        entered(self.cast, 200)
        for statement in (
            "UPDATE kpis_historyhead SET number = 0",
            "UPDATE kpis_historyhead SET number = 7",
            "DELETE FROM kpis_historyhead",
        ):
            with (
                self.subTest(statement),
                self.assertRaisesMessage(DatabaseError, "the history is only added to"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)


class ReachingPastTheProduct(TestCase):
    """Five figures were entered; then somebody with the database's password helps them along."""

    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()
        cls.lines = [
            entered(cls.cast, 200 + n, at=datetime(2020, 10, n, 3, tzinfo=UTC)) for n in range(1, 6)
        ]

    def tamper(self, *statements):
        connection.check_constraints()
        with connection.cursor() as cursor:
            for each in KEPT:
                each.release(None, SimpleNamespace(connection=connection, execute=cursor.execute))
            for statement in statements:
                cursor.execute(statement)

    def forge(self, number, previous=None, **content):
        """Write a line anew so that it looks right by itself; gives its digest."""
        line = Change.objects.values().get(ward=self.cast.isogo, number=number)
        line |= content | ({"previous": previous} if previous else {})
        forged = chain.digest(line)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE kpis_change SET by_name = %s, previous = %s, digest = %s WHERE id = %s",
                [line["by_name"], line["previous"], forged, line["id"]],
            )
        return forged

    def assert_broken(self, number, what):
        said = verified("磯子区")
        self.assertRegex(said, rf"14107 磯子区: {number}番.*{what}")
        self.assertIn("つながりが切れています（1区）", said)

    def test_an_honest_history_says_how_many_and_its_last_digest(self):
        self.assertEqual(verified(), f"14107 磯子区: OK 5件（最後の行 {self.lines[-1].digest}）\n")

    def test_it_ends_with_an_error_for_whoever_runs_it_every_night(self):
        self.tamper("UPDATE kpis_change SET reason = 'x' WHERE number = 2")
        with self.assertRaises(CommandError) as refused:
            call_command("verify_history", stdout=StringIO())
        self.assertEqual(refused.exception.returncode, 1)

    def test_a_changed_line_whatever_was_changed(self):
        other = self.cast.chiiki_staff.pk
        for change in (
            """changed = '{"value": [null, "550"]}'""",
            "by_name = '別の人'",
            f"by_id = {other}",
            "on_behalf = NOT on_behalf",
            "reason = 'あとから'",
            "act = 'changed'",
            "at = '2020-09-30 00:00:00+00:00'",
            f"target_id = {self.cast.nurseries.pk}",
            f"section_id = {self.cast.chiiki.pk}",
            "period_id = NULL",
            "previous = digest",
            "digest = previous",
        ):
            with self.subTest(change), transaction.atomic():
                self.tamper(f"UPDATE kpis_change SET {change} WHERE number = 3")
                self.assert_broken(3, "の記録）書かれたあとで、内容が変えられています")
                transaction.set_rollback(True)

    def test_it_says_when_the_line_was_written(self):
        self.tamper("UPDATE kpis_change SET reason = 'x' WHERE number = 2")
        self.assert_broken(2, "（2020-10-02 12:00:00の記録）")

    def test_a_deleted_line(self):
        self.tamper("DELETE FROM kpis_change WHERE number = 3")
        self.assert_broken(3, "この番号の行が消されています")

    def test_the_first_line_deleted(self):
        self.tamper("DELETE FROM kpis_change WHERE number = 1")
        self.assert_broken(1, "この番号の行が消されています")

    def test_a_deleted_line_with_the_others_moved_up(self):
        self.tamper(
            "DELETE FROM kpis_change WHERE number = 3",
            "UPDATE kpis_change SET number = 3 WHERE number = 4",
            "UPDATE kpis_change SET number = 4 WHERE number = 5",
        )
        self.assert_broken(3, "行の順序か番号が変えられています")

    def test_two_lines_that_changed_places(self):
        self.tamper(
            "UPDATE kpis_change SET number = 99 WHERE number = 2",
            "UPDATE kpis_change SET number = 2 WHERE number = 4",
            "UPDATE kpis_change SET number = 4 WHERE number = 99",
        )
        self.assert_broken(2, "行の順序か番号が変えられています")

    def test_two_lines_that_changed_their_ids_and_so_their_order_on_the_page(self):
        second, third = self.lines[1].pk, self.lines[2].pk
        self.tamper(
            f"UPDATE kpis_change SET id = 999999 WHERE id = {second}",
            f"UPDATE kpis_change SET id = {second} WHERE id = {third}",
            f"UPDATE kpis_change SET id = {third} WHERE id = 999999",
        )
        self.assert_broken(3, "行の順序か番号が変えられています")

    def test_the_newest_lines_cut_off(self):
        self.tamper("DELETE FROM kpis_change WHERE number > 3")
        self.assert_broken(4, "この番号からあとの行が消されています")

    def test_all_lines_cut_off(self):
        self.tamper("DELETE FROM kpis_change")
        self.assert_broken(1, "この番号からあとの行が消されています")

    def test_the_head_taken_away(self):
        self.tamper("DELETE FROM kpis_historyhead")
        self.assert_broken(1, "行が書き足されています")

    def test_a_line_added_behind_the_heads_back(self):
        self.tamper()
        line = {**Change.objects.values().get(number=5), "id": None}
        line |= {"number": 6, "previous": self.lines[4].digest}
        Change(**line | {"digest": chain.digest(line)}).save_base(raw=True, force_insert=True)
        self.assert_broken(6, "行が書き足されています")

    def test_a_line_written_anew_with_a_digest_that_fits_it(self):
        self.tamper()
        self.forge(3, by_name="別の人")
        self.assert_broken(4, "この行の前後で、行が置き換えられています")

    def test_a_middle_linked_anew_does_not_reach_the_end(self):
        self.tamper()
        third = self.forge(3, by_name="別の人")
        self.forge(4, previous=third)
        self.assert_broken(5, "この行の前後で、行が置き換えられています")

    def test_linked_anew_to_the_end_it_does_not_fit_the_head(self):
        self.tamper()
        third = self.forge(3, by_name="別の人")
        self.forge(5, previous=self.forge(4, previous=third))
        self.assert_broken(5, "この行の前後で、行が置き換えられています")

    def test_another_wards_trouble_is_not_this_ones(self):
        Change.objects.create(
            ward=self.cast.minami, act="imported", by_name="南区", at=timezone.now()
        )
        self.tamper(f"DELETE FROM kpis_change WHERE ward_id = {self.cast.isogo.pk}")
        self.assertRegex(verified("14105"), r"^14105 南区: OK 1件")
        self.assertRegex(verified(), re.compile("14105 南区: OK.*14107 磯子区: 1番", re.DOTALL))

    def test_a_ward_without_history_says_so_and_an_unknown_one_is_an_error(self):
        self.assertIn("14118 都筑区: OK 履歴はまだありません", verified("14118"))
        self.assertIn("「99999」という区はありません", verified("99999"))


class WhatWasKeptBefore(TransactionTestCase):
    def test_old_lines_are_linked_in_their_order_when_the_chain_comes_in(self):
        cast = Cast()
        history = [entered(cast, 200), entered(cast, 210), entered(cast, 5, cast.nurseries)]
        digests = [line.digest for line in history]
        migrate("0005_returned_and_corrected")
        migrate()
        self.assertEqual(
            list(Change.objects.order_by("id").values_list("digest", flat=True)), digests
        )
        self.assertIn("OK 3件", verified())
        with self.assertRaises(DatabaseError), connection.cursor() as cursor:
            cursor.execute("DELETE FROM kpis_change")
        entered(cast, 220)
        self.assertIn("OK 4件", verified())


def migrate(name=None):
    executor = MigrationExecutor(connection)
    # What stands on the history goes with it, and comes back with it.
    ours = ("kpis", "reviews")
    leaves = [leaf for leaf in executor.loader.graph.leaf_nodes() if leaf[0] in ours]
    executor.migrate([("kpis", name)] if name else leaves)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
class ManyAtOnce(TransactionTestCase):
    def test_everybody_follows_somebody_the_wards_first_line_included(self):
        cast, errors = Cast(), []

        def enter(desk):
            try:
                for figure in range(8):
                    entered(cast, 100 * desk + figure)
            except Exception as error:
                errors.append(error)
            finally:
                connection.close()

        desks = [Thread(target=enter, args=[desk]) for desk in range(6)]
        for desk in desks:
            desk.start()
        for desk in desks:
            desk.join()
        self.assertEqual(errors, [])
        self.assertIn("OK 48件", verified())
