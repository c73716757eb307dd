"""SQLite: no line of the history takes another's place by INSERT OR REPLACE, nor does a head.

That deletes what stood there without asking the triggers against deleting. PostgreSQL has no such
statement. What migration 0007 says of tables that are rebuilt holds for these triggers as well.
"""

from django.db import migrations

TRIGGERS = {
    "kpis_change_no_replace": """
    BEFORE INSERT ON kpis_change
    WHEN EXISTS (SELECT 1 FROM kpis_change WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'the history is only added to'); END
    """,
    "kpis_historyhead_no_replace": """
    BEFORE INSERT ON kpis_historyhead
    WHEN EXISTS (SELECT 1 FROM kpis_historyhead WHERE ward_id = NEW.ward_id)
    BEGIN SELECT RAISE(IGNORE); END
    """,
}


def keep(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for name, trigger in TRIGGERS.items():
            schema_editor.execute(f"CREATE TRIGGER {name} {trigger}")


def release(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for name in TRIGGERS:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}")


class Migration(migrations.Migration):
    dependencies = [("kpis", "0007_history_stays_in_its_chain")]
    operations = [migrations.RunPython(keep, release)]
