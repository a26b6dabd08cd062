"""A line may name the meter whose bill it is. Touches no data: the lines that are there name none.

SQLite may make the table of lines anew here, which loses its triggers: they are installed again.
"""

from django.db import migrations, models

from portfolio import guards


def install(apps, schema_editor):
    guards.install(schema_editor.connection, guards.OF_ACTIVITIES)


class Migration(migrations.Migration):

    dependencies = [
        ('portfolio', '0028_same_hands'),
    ]

    operations = [
        migrations.AddField(
            model_name='activity',
            name='meter',
            field=models.CharField(blank=True, default='', help_text='What tells its bills from others', max_length=60, verbose_name='meter or account'),
        ),
        migrations.RunPython(install, install),
    ]
