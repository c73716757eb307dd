"""The history is only added to: neither the product nor the database lets a line go."""

from django.db import DatabaseError, connection, transaction
from django.test import TestCase, TransactionTestCase
from django.utils import timezone

from kpis.models import Change, HistoryHead, HistoryIsKept
from tests.cast import Cast


def line(cast) -> Change:
    return Change.objects.create(
        ward=cast.isogo,
        policy=cast.policy,
        target=cast.patrols,
        act=Change.Act.ENTERED,
        changed={"value": [None, "275"]},
        by_name="磯子土木事務所 担当者",
        at=timezone.now(),
    )


class HistoryStays(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()

    def setUp(self):
        self.line = line(self.cast)

    def test_the_product_refuses_to_change_or_delete_a_line(self):
        self.line.by_name = "別の人"
        for act in [
            self.line.save,
            self.line.delete,
            Change.objects.all().delete,
            lambda: Change.objects.update(by_name="別の人"),
        ]:
            with self.assertRaises(HistoryIsKept):
                act()

    def test_so_does_the_database_whoever_asks(self):
        for statement in [
            "UPDATE kpis_change SET by_name = 'x'",
            "DELETE FROM kpis_change",
        ]:
            with (
                self.subTest(statement),
                self.assertRaisesMessage(DatabaseError, "the history is only added to"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)
        self.assertEqual(Change.objects.get().by_name, "磯子土木事務所 担当者")

    def test_nor_does_it_empty_a_table_at_one_stroke(self):
        if connection.vendor != "postgresql":
            self.skipTest("only PostgreSQL knows TRUNCATE")
        for tables in ("kpis_change", "kpis_historyhead", "kpis_change, kpis_historyhead"):
            with (
                self.subTest(tables),
                self.assertRaisesMessage(DatabaseError, "the history is only added to"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute(f"TRUNCATE {tables}")
        self.assertEqual(Change.objects.get(), self.line)

    def test_nor_does_a_line_take_the_place_of_another(self):
        if connection.vendor != "sqlite":
            self.skipTest("only SQLite knows INSERT OR REPLACE")
        head = HistoryHead.objects.get()
        columns = [field.column for field in Change._meta.concrete_fields]
        forged = {"number": "number + 1", "previous": "digest", "by_name": "'別の人'"}
        with (
            self.assertRaisesMessage(DatabaseError, "the history is only added to"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(
                f"INSERT OR REPLACE INTO kpis_change ({', '.join(columns)}) "
                f"SELECT {', '.join(forged.get(name, name) for name in columns)} FROM kpis_change"
            )
        with connection.cursor() as cursor:
            cursor.execute("INSERT OR REPLACE INTO kpis_historyhead VALUES (%s, 0, '')", [head.pk])
        self.assertEqual(
            HistoryHead.objects.values().get(),
            {"ward_id": head.pk, "number": head.number, "digest": head.digest},
        )
        self.assertEqual(Change.objects.get().by_name, "磯子土木事務所 担当者")

    def test_a_policy_with_a_history_cannot_be_deleted_from_under_it(self):
        with self.assertRaises(Exception) as refused:
            self.cast.policy.delete()
        self.assertIn("protected", str(refused.exception))


class CleaningUpAfterATest(TransactionTestCase):
    def test_a_test_that_empties_the_database_still_can(self):
        """The flush that follows would fail, were the history kept from it as well."""
        line(Cast())
