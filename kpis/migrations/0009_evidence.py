"""Files of evidence; and the accounts of projects, which now go from draft to confirmed.

Those that are there already were read by everybody: they are confirmed.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('kpis', '0008_no_line_takes_anothers_place'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='EvidenceFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stored', models.CharField(editable=False, max_length=32, unique=True)),
                ('name', models.CharField(max_length=150, verbose_name='ファイル名')),
                ('kind', models.CharField(max_length=4, verbose_name='種類')),
                ('size', models.PositiveIntegerField(verbose_name='大きさ')),
                ('sha256', models.CharField(max_length=64)),
                ('added_at', models.DateTimeField()),
                ('removed_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': '根拠資料のファイル',
                'verbose_name_plural': '根拠資料のファイル',
                'ordering': ['id'],
            },
        ),
        migrations.AddField(
            model_name='narrative',
            name='corrected_because',
            field=models.TextField(blank=True, verbose_name='訂正の理由'),
        ),
        migrations.AddField(
            model_name='narrative',
            name='on_behalf',
            field=models.BooleanField(default=False, verbose_name='代理入力'),
        ),
        migrations.AddField(
            model_name='narrative',
            name='returned_because',
            field=models.TextField(blank=True, verbose_name='差戻しの理由'),
        ),
        migrations.AddField(
            model_name='narrative',
            name='saved_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='narrative',
            name='saved_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='narrative',
            name='state',
            field=models.CharField(choices=[('draft', '下書き'), ('submitted', '提出済'), ('returned', '差戻し'), ('confirmed', '確認済')], default='confirmed', max_length=9),
        ),
        migrations.AlterField(
            model_name='narrative',
            name='state',
            field=models.CharField(choices=[('draft', '下書き'), ('submitted', '提出済'), ('returned', '差戻し'), ('confirmed', '確認済')], default='draft', max_length=9),
        ),
        migrations.AddField(
            model_name='narrative',
            name='version',
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.AddConstraint(
            model_name='narrative',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'submitted', 'returned', 'confirmed'])), name='narrative_state_known'),
        ),
        migrations.AddField(
            model_name='evidencefile',
            name='added_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='evidencefile',
            name='period',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='evidence_files', to='kpis.period'),
        ),
        migrations.AddField(
            model_name='evidencefile',
            name='removed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='evidencefile',
            name='target',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='evidence_files', to='kpis.target'),
        ),
    ]
