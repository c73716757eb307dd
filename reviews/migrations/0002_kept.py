"""What is only added to, whoever asks: the copies that members read, the record, the versions of
an opinion. Triggers refuse to change or delete a line, on both databases.

A later migration that rebuilds one of these tables on SQLite drops them with the old table and has
to run `keep` again; tests/reviews/test_frozen.py would tell.
"""

from django.db import migrations

KEPT = (
    "reviews_frozen",
    "reviews_frozenproject",
    "reviews_reviewrecord",
    "reviews_opinionversion",
)


def keep(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for table in KEPT:
            for verb in ("update", "delete"):
                schema_editor.execute(
                    f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is only added to'); END"
                )
        return
    schema_editor.execute(
        "CREATE FUNCTION reviews_kept() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is only added to', TG_TABLE_NAME; END $$",
        params=None,  # the sign is PostgreSQL's here, and no place for a value
    )
    for table in KEPT:
        schema_editor.execute(
            f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION reviews_kept()"
        )
        # TRUNCATE asks none of the triggers against deleting.
        schema_editor.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION reviews_kept()"
        )


def release(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for table in KEPT:
            for verb in ("update", "delete"):
                schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}")
        return
    for table in KEPT:
        for trigger in ("kept", "no_truncate"):
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_{trigger} ON {table}")
    schema_editor.execute("DROP FUNCTION IF EXISTS reviews_kept()")


class Migration(migrations.Migration):
    dependencies = [("reviews", "0001_committee")]

    operations = [migrations.RunPython(keep, release)]
