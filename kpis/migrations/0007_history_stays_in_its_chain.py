"""The database keeps the chain: no line is changed, deleted, or added anywhere but at its end.

A new line has to follow the ward's head, and moves it on; the head only ever moves on. A later
migration that rebuilds kpis_change or kpis_historyhead on SQLite drops these triggers with the old
table and has to run `keep` again; tests/kpis/test_history.py would tell.
"""

from importlib import import_module

from django.db import migrations, models

history_is_kept = import_module("kpis.migrations.0004_history_is_kept")

SQLITE = {
    "kpis_change_follows": """
    BEFORE INSERT ON kpis_change
    WHEN NOT EXISTS (
        SELECT 1 FROM kpis_historyhead
        WHERE ward_id = NEW.ward_id AND number = NEW.number - 1 AND digest = NEW.previous
    )
    BEGIN SELECT RAISE(ABORT, 'a line of the history follows the last one'); END
    """,
    "kpis_change_moves_head": """
    AFTER INSERT ON kpis_change
    BEGIN
        UPDATE kpis_historyhead SET number = NEW.number, digest = NEW.digest
        WHERE ward_id = NEW.ward_id;
    END
    """,
    "kpis_historyhead_moves_on": """
    BEFORE UPDATE ON kpis_historyhead
    WHEN NEW.ward_id <> OLD.ward_id OR NEW.number <> OLD.number + 1
    BEGIN SELECT RAISE(ABORT, 'the history is only added to'); END
    """,
    "kpis_historyhead_no_delete": """
    BEFORE DELETE ON kpis_historyhead
    BEGIN SELECT RAISE(ABORT, 'the history is only added to'); END
    """,
}
POSTGRESQL = [
    """
    CREATE FUNCTION kpis_change_follows() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
        UPDATE kpis_historyhead SET number = NEW.number, digest = NEW.digest
        WHERE ward_id = NEW.ward_id AND number = NEW.number - 1 AND digest = NEW.previous;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'a line of the history follows the last one';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER kpis_change_follows BEFORE INSERT ON kpis_change
    FOR EACH ROW EXECUTE FUNCTION kpis_change_follows()
    """,
    """
    CREATE TRIGGER kpis_historyhead_moves_on BEFORE UPDATE ON kpis_historyhead
    FOR EACH ROW WHEN (NEW.ward_id <> OLD.ward_id OR NEW.number <> OLD.number + 1)
    EXECUTE FUNCTION kpis_change_kept()
    """,
    """
    CREATE TRIGGER kpis_historyhead_no_delete BEFORE DELETE ON kpis_historyhead
    FOR EACH ROW EXECUTE FUNCTION kpis_change_kept()
    """,
]


def keep(apps, schema_editor):
    history_is_kept.keep(apps, schema_editor)
    if schema_editor.connection.vendor == "sqlite":
        for name, trigger in SQLITE.items():
            schema_editor.execute(f"CREATE TRIGGER {name} {trigger}")
    else:
        for statement in POSTGRESQL:
            schema_editor.execute(statement)


def release(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for name in SQLITE:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}")
    else:
        schema_editor.execute("DROP TRIGGER IF EXISTS kpis_change_follows ON kpis_change")
        schema_editor.execute("DROP FUNCTION IF EXISTS kpis_change_follows()")
        for name in ("moves_on", "no_delete"):
            schema_editor.execute(
                f"DROP TRIGGER IF EXISTS kpis_historyhead_{name} ON kpis_historyhead"
            )
    history_is_kept.release(apps, schema_editor)


class Migration(migrations.Migration):
    dependencies = [("kpis", "0006_history_in_a_chain")]
    operations = [
        migrations.AddConstraint(
            "change",
            models.UniqueConstraint(fields=("ward", "number"), name="change_number_once_a_ward"),
        ),
        migrations.RunPython(keep, release),
    ]
