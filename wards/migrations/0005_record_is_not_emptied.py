"""PostgreSQL: TRUNCATE does not empty the record of posts, as in kpis.0012."""

from django.db import migrations


def keep(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "CREATE TRIGGER wards_postrecord_no_truncate BEFORE TRUNCATE ON wards_postrecord "
            "FOR EACH STATEMENT EXECUTE FUNCTION wards_postrecord_kept()"
        )


def release(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "DROP TRIGGER IF EXISTS wards_postrecord_no_truncate ON wards_postrecord"
        )


class Migration(migrations.Migration):
    dependencies = [("wards", "0004_posts_on_record")]
    operations = [migrations.RunPython(keep, release)]
