"""The copy that a round opens on: it does not move, and says what was corrected since."""

from datetime import date
from decimal import Decimal

from django.db import DatabaseError, connection, transaction
from django.test import TestCase
from django.utils import timezone

from kpis.achievement import VERSION, Result, Status
from kpis.models import Actual, Change, Revision
from reviews.frozen import Copy
from reviews.models import Frozen, FrozenProject
from reviews.packing import pack, unpack
from tests.reviews.cast import CommitteeCast


class TheCopy(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = CommitteeCast()
        Revision.objects.create(
            target=cls.cast.patrols,
            on=date(2020, 7, 1),
            old=Decimal(600),
            new=Decimal(550),
            reason="感染症のため",
        )
        cls.cast.open()

    def results(self, key: str, copy: Copy | None = None) -> dict[str, Result]:
        copy = copy or Copy(self.cast.round)
        return dict(copy.project(key).results("H1"))

    def test_holds_what_was_confirmed_with_the_target_as_it_stood(self):
        result = self.results("p05")["p05-t1"]
        self.assertEqual((result.to_date, result.target_value), (275, 550))
        self.assertEqual(result.original_value, 600)
        self.assertEqual(result.status, Status.ON_TRACK)

    def test_holds_no_draft(self):
        self.assertEqual(self.results("p07")["p07-t1"].status, Status.NOT_ENTERED)

    def test_does_not_move_when_a_figure_does(self):
        Actual.objects.filter(target=self.cast.patrols).update(value=100)
        self.assertEqual(self.results("p05")["p05-t1"].to_date, 275)

    def test_keeps_the_account_and_the_version_of_the_maths(self):
        copy = Copy(self.cast.round)
        account = copy.project("p05").accounts["p05"][0]
        self.assertEqual((account.period, account.done), ("H1", "道路と公園を巡回しました。"))
        self.assertEqual(copy.frozen.maths, VERSION)

    def test_rolls_up_as_it_was(self):
        board = Copy(self.cast.round).board()
        total = board.roll_up(board.targets, "H1")
        self.assertEqual((total.entered, total.due), (2, 4))
        self.assertEqual(
            Copy(self.cast.round).frozen.summary["projects"][0]["status"], Status.ON_TRACK
        )

    def test_says_what_was_corrected_since(self):
        Change.objects.record(
            self.cast.patrols,
            Change.Act.CORRECTED,
            {"value": ["275", "270"]},
            by=self.cast.secretariat,
            period=self.cast.first_half,
            reason="二重に数えていたため",
            at=timezone.now(),
        )
        told = Copy(self.cast.round).corrections_since()
        self.assertEqual([(each.project, each.target) for each in told], [("p05", "p05-t1")])
        self.assertEqual(told[0].changed["value"], ["275", "270"])

    def test_shows_somebody_only_the_projects_they_may_read(self):
        copy = Copy(self.cast.round, seen=frozenset({"p20"}))
        self.assertEqual([each.key for each in copy.titles], ["p20"])
        self.assertIsNone(copy.project("p05"))
        self.assertEqual([each.key for each in copy.board().projects], ["p20"])

    def test_nobody_can_change_it(self):
        for table in (Frozen, FrozenProject):
            for act in ("delete", "update"):
                with (
                    self.subTest(table=table.__name__, act=act),
                    self.assertRaises(DatabaseError),
                    transaction.atomic(),
                ):
                    name = table._meta.db_table
                    verb = f"DELETE FROM {name}" if act == "delete" else f"UPDATE {name} SET id=id"
                    with connection.cursor() as cursor:
                        cursor.execute(verb)

    def test_nobody_can_empty_it(self):
        if connection.vendor != "postgresql":
            self.skipTest("TRUNCATE is PostgreSQL's")
        for table in ("reviews_frozen", "reviews_reviewrecord"):
            with (
                self.subTest(table=table),
                self.assertRaises(DatabaseError),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(f"TRUNCATE {table} CASCADE")

    def test_comes_back_from_json_to_the_very_same_values(self):
        board = Copy(self.cast.round).board()
        for key, result in board.results("H1").items():
            self.assertEqual(unpack(Result, pack(result)), result, key)
        again = Copy(self.cast.round).board()
        self.assertEqual(board.reading.targets, again.reading.targets)
