"""The history is only added to, whoever asks: triggers refuse to change or delete a line.

A later migration that rebuilds kpis_change on SQLite drops its triggers with the old table and
has to run `keep` again; tests/kpis/test_history.py would tell.
"""

from django.db import migrations

SQLITE = [
    f"""
    CREATE TRIGGER kpis_change_no_{verb} BEFORE {verb.upper()} ON kpis_change
    BEGIN SELECT RAISE(ABORT, 'the history is only added to'); END
    """
    for verb in ("update", "delete")
]
POSTGRESQL = [
    """
    CREATE FUNCTION kpis_change_kept() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the history is only added to'; END $$
    """,
    """
    CREATE TRIGGER kpis_change_kept BEFORE UPDATE OR DELETE ON kpis_change
    FOR EACH ROW EXECUTE FUNCTION kpis_change_kept()
    """,
]


def keep(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for statement in SQLITE if vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


def release(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER IF EXISTS kpis_change_no_update")
        schema_editor.execute("DROP TRIGGER IF EXISTS kpis_change_no_delete")
    else:
        schema_editor.execute("DROP TRIGGER IF EXISTS kpis_change_kept ON kpis_change")
        schema_editor.execute("DROP FUNCTION IF EXISTS kpis_change_kept()")


class Migration(migrations.Migration):
    dependencies = [("kpis", "0003_section_department")]
    operations = [migrations.RunPython(keep, release)]
