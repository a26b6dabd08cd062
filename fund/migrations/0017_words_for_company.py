"""A decision may have words for the company. Touches no data: those of before have none.

On SQLite a table that is changed loses its triggers, and takes its name while triggers of others speak of it
(legacy_alter_table): they are taken off and put on again.
"""

from django.db import migrations, models

from fund.guards import FIRST, OF_FOUR_EYES, OF_PROPOSERS
from portfolio import guards

THOSE = FIRST + OF_FOUR_EYES + OF_PROPOSERS


def open_up(apps, schema_editor):
    guards.remove(schema_editor.connection, THOSE)
    _legacy(schema_editor, "ON")


def close(apps, schema_editor):
    guards.install(schema_editor.connection, THOSE)
    _legacy(schema_editor, "OFF")


def _legacy(schema_editor, how):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(f"PRAGMA legacy_alter_table = {how}")


class Migration(migrations.Migration):

    dependencies = [
        ('fund', '0001_squashed_0016_previews'),
    ]

    operations = [
        migrations.RunPython(open_up, close),
        migrations.AddField(
            model_name='decision',
            name='words_for_company',
            field=models.TextField(blank=True, default='', help_text='The company reads them beside the decision', max_length=2000, verbose_name='words for the company'),
        ),
        migrations.RunPython(close, open_up),
    ]
