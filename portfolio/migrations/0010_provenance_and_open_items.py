"""What the ledger had before a figure was changed by hand; why a version was verified with open items, and why a local
factor is far from the built-in one. No data.

On SQLite a table that is changed loses its triggers, and takes its name while triggers of others speak of it
(legacy_alter_table): they are taken off and put on again.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from portfolio import guards

OF_THEN = guards.FIRST + guards.OF_ACTIVITIES + guards.OF_CHECKS

def open_up(apps, schema_editor):
    guards.remove(schema_editor.connection, OF_THEN)
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("PRAGMA legacy_alter_table = ON")


def close(apps, schema_editor):
    guards.install(schema_editor.connection, OF_THEN)
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("PRAGMA legacy_alter_table = OFF")


class Migration(migrations.Migration):

    dependencies = [
        ('portfolio', '0009_exchange_rates'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(open_up, close),
        migrations.AddField(
            model_name='disclosure',
            name='verified_despite',
            field=models.TextField(blank=True, help_text="The verifier's reason; empty where none was open", verbose_name='why verified with open items'),
        ),
        migrations.AddField(
            model_name='figure',
            name='changed_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='changed at'),
        ),
        migrations.AddField(
            model_name='figure',
            name='changed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='changed by'),
        ),
        migrations.AddField(
            model_name='figure',
            name='ledger_value',
            field=models.FloatField(blank=True, help_text='What was taken over, before it was changed by hand', null=True, verbose_name='by the ledger'),
        ),
        migrations.AddField(
            model_name='localfactor',
            name='far_reason',
            field=models.TextField(blank=True, help_text='Empty where it is not', max_length=2000, verbose_name='why far from the built-in one'),
        ),
        migrations.AddConstraint(
            model_name='figure',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('changed_at', None), ('changed_by', None), ('ledger_value', None)), models.Q(('changed_at__isnull', False), ('changed_by__isnull', False), ('ledger_value__isnull', False)), _connector='OR'), name='changed_by_hand_names_its_person'),
        ),
        migrations.RunPython(close, open_up),
    ]
