"""Requests for data, and the triggers that keep what was asked. No data."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from portfolio import guards


def install(apps, schema_editor):
    guards.install(schema_editor.connection, guards.OF_DATA_REQUESTS)


def remove(apps, schema_editor):
    guards.remove(schema_editor.connection, guards.OF_DATA_REQUESTS)


class Migration(migrations.Migration):

    dependencies = [
        ('portfolio', '0017_visits_and_views'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DataRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked', models.JSONField(verbose_name='figures asked for')),
                ('note', models.TextField(blank=True, max_length=1000, verbose_name='note')),
                ('due', models.DateField(verbose_name='due')),
                ('asked_at', models.DateTimeField(auto_now_add=True, verbose_name='asked at')),
                ('state', models.CharField(choices=[('open', 'Open'), ('answered', 'Answered'), ('declined', 'Declined by the company'), ('withdrawn', 'Withdrawn')], default='open', max_length=16, verbose_name='state')),
                ('reason', models.CharField(blank=True, max_length=400, verbose_name='reason')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='closed at')),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='asked by')),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='closed by')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='data_requests', to='portfolio.company', verbose_name='company')),
            ],
            options={
                'verbose_name': 'data request',
                'verbose_name_plural': 'data requests',
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['state', 'due'], name='data_request_by_due')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['open', 'answered', 'declined', 'withdrawn'])), name='data_request_state_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['declined', 'withdrawn']), _negated=True), models.Q(models.Q(('reason', ''), _negated=True), ('closed_by__isnull', False)), _connector='OR'), name='data_request_ends_for_a_reason')],
            },
        ),
        migrations.RunPython(install, remove),
    ]
