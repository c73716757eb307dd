"""Each line of the history gets its number and digest; what is kept already is linked as it stands.

The triggers of migration 0004 are taken off for that, and come back with those of 0007.
"""

from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

from kpis import chain

#: How many lines are read and written at a time.
AT_A_TIME = 500

history_is_kept = import_module("kpis.migrations.0004_history_is_kept")


def link_what_is_there(apps, schema_editor):
    Change = apps.get_model("kpis", "Change")
    HistoryHead = apps.get_model("kpis", "HistoryHead")
    for ward in Change.objects.order_by().values_list("ward_id", flat=True).distinct():
        number, digest, newest = 0, chain.NOTHING_BEFORE, 0
        while lines := list(
            Change.objects.filter(ward_id=ward, id__gt=newest).order_by("id")[:AT_A_TIME]
        ):
            for line in lines:
                number += 1
                line.number, line.previous = number, digest
                line.digest = digest = chain.digest(vars(line))
            Change.objects.bulk_update(lines, ["number", "previous", "digest"], batch_size=100)
            newest = lines[-1].pk
        HistoryHead.objects.create(ward_id=ward, number=number, digest=digest)


class Migration(migrations.Migration):
    dependencies = [("kpis", "0005_returned_and_corrected"), ("wards", "0001_initial")]
    operations = [
        migrations.RunPython(history_is_kept.release, history_is_kept.keep),
        migrations.CreateModel(
            name="HistoryHead",
            fields=[
                (
                    "ward",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="history_head",
                        serialize=False,
                        to="wards.ward",
                    ),
                ),
                ("number", models.PositiveIntegerField(default=0)),
                ("digest", models.CharField(default=chain.NOTHING_BEFORE, max_length=64)),
            ],
        ),
        migrations.AddField(
            "change",
            "number",
            models.PositiveIntegerField(default=0, editable=False, verbose_name="番号"),
            preserve_default=False,
        ),
        migrations.AddField(
            "change",
            "previous",
            models.CharField(default="", editable=False, max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            "change",
            "digest",
            models.CharField(default="", editable=False, max_length=64),
            preserve_default=False,
        ),
        migrations.RunPython(link_what_is_there, migrations.RunPython.noop),
    ]
