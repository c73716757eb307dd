"""Posts can be taken back, and who gave, changed and ended which is on record.

The record is only added to, whoever asks: triggers refuse to change or delete a line. A later
migration that rebuilds wards_postrecord on SQLite drops them with the old table and has to run
`keep` again; tests/wards/test_posts.py would tell.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQLITE = [
    f"""
    CREATE TRIGGER wards_postrecord_no_{verb} BEFORE {verb.upper()} ON wards_postrecord
    BEGIN SELECT RAISE(ABORT, 'the record is only added to'); END
    """
    for verb in ("update", "delete")
]
POSTGRESQL = [
    """
    CREATE FUNCTION wards_postrecord_kept() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the record is only added to'; END $$
    """,
    """
    CREATE TRIGGER wards_postrecord_kept BEFORE UPDATE OR DELETE ON wards_postrecord
    FOR EACH ROW EXECUTE FUNCTION wards_postrecord_kept()
    """,
]


def keep(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for statement in SQLITE if vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


def release(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER IF EXISTS wards_postrecord_no_update")
        schema_editor.execute("DROP TRIGGER IF EXISTS wards_postrecord_no_delete")
    else:
        schema_editor.execute("DROP TRIGGER IF EXISTS wards_postrecord_kept ON wards_postrecord")
        schema_editor.execute("DROP FUNCTION IF EXISTS wards_postrecord_kept()")


ACTS = [
    ("added", "利用者の登録"),
    ("edited", "名前・メールの変更"),
    ("stopped", "利用の停止"),
    ("started", "利用の再開"),
    ("given", "職を付けた"),
    ("changed", "職の期間の変更"),
    ("withdrawn", "職の取消し"),
]


def to(model, name, **options):
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT, related_name=name, to=model, **options
    )


class Migration(migrations.Migration):
    dependencies = [("wards", "0003_access_record")]

    operations = [
        migrations.RemoveConstraint(model_name="post", name="post_held_once"),
        migrations.AddField(
            model_name="post",
            name="withdrawn",
            field=models.BooleanField(
                default=False,
                help_text="まちがえて付けた職です。付けなかったのと同じですが、記録は残ります。",
                verbose_name="取消し",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn", False)),
                fields=("user", "role", "ward", "section", "department", "starts"),
                name="post_held_once",
                nulls_distinct=None,
            ),
        ),
        migrations.CreateModel(
            name="PostRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "act",
                    models.CharField(choices=ACTS, max_length=9, verbose_name="できごと"),
                ),
                (
                    "changed",
                    models.JSONField(
                        default=dict,
                        help_text="項目名から [変更前, 変更後] へ。日付は ISO 8601 の文字列。",
                    ),
                ),
                ("by_name", models.CharField(max_length=150, verbose_name="記録した人")),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="日時")),
                ("ward", to("wards.ward", "+")),
                ("user", to(settings.AUTH_USER_MODEL, "post_records")),
                ("post", to("wards.post", "records", blank=True, null=True)),
                ("by", to(settings.AUTH_USER_MODEL, "+", blank=True, null=True)),
            ],
            options={
                "verbose_name": "人事の記録",
                "verbose_name_plural": "人事の記録",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["user", "-id"], name="post_record_by_user"),
                    models.Index(fields=["ward", "-id"], name="post_record_by_ward"),
                ],
            },
        ),
        migrations.RunPython(keep, release),
    ]
