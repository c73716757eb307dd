"""PostgreSQL: TRUNCATE empties no history. It asks none of the triggers against deleting.

SQLite has no such statement: DELETE without WHERE asks them.
"""

from django.db import migrations

TABLES = ("kpis_change", "kpis_historyhead")


def keep(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for table in TABLES:
            schema_editor.execute(
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION kpis_change_kept()"
            )


def release(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for table in TABLES:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_truncate ON {table}")


class Migration(migrations.Migration):
    dependencies = [("kpis", "0011_reminders")]
    operations = [migrations.RunPython(keep, release)]
