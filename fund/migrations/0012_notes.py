"""Notes of the fund, never edited, and who follows a candidate. No data."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from fund import guards as of_fund
from portfolio import guards


def install(apps, schema_editor):
    guards.install(schema_editor.connection, of_fund.OF_NOTES)


def remove(apps, schema_editor):
    guards.remove(schema_editor.connection, of_fund.OF_NOTES)


class Migration(migrations.Migration):

    dependencies = [
        ('fund', '0011_questions_about_years'),
        ('portfolio', '0018_data_requests'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='candidate',
            name='followed_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='followed by'),
        ),
        migrations.CreateModel(
            name='Note',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(max_length=2000, verbose_name='note')),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='when')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notes', to='portfolio.company', verbose_name='company')),
            ],
            options={
                'verbose_name': 'note',
                'verbose_name_plural': 'notes',
                'ordering': ['-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='note_is_not_empty')],
            },
        ),
        migrations.RunPython(install, remove),
    ]
