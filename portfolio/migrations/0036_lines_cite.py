"""What a line cites is in the table of citations alone (see the migration before). Its columns go.

SQLite makes the table of lines anew here, which loses its triggers: they are installed again.
"""

from django.db import migrations

from portfolio import guards


def install(apps, schema_editor):
    guards.install(schema_editor.connection, guards.OF_ACTIVITIES)


class Migration(migrations.Migration):

    dependencies = [
        ('portfolio', '0035_citations'),
    ]

    operations = [
        migrations.RemoveField(model_name='activity', name='evidence'),
        migrations.RemoveField(model_name='activity', name='evidence_place'),
        migrations.RunPython(install, install),
    ]
