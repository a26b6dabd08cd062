"""Each event of the audit log names the key that it is signed with. Touches no data: earlier events name none.

On SQLite a table that is changed loses its triggers: they are taken off and put on again.
"""

from django.db import migrations, models

from portfolio import guards

OF_THE_LOG = tuple(guard for guard in guards.FIRST if guard.table == "portfolio_auditevent")


def open_up(apps, schema_editor):
    guards.remove(schema_editor.connection, OF_THE_LOG)


def close(apps, schema_editor):
    guards.install(schema_editor.connection, OF_THE_LOG)



class Migration(migrations.Migration):

    dependencies = [
        ('portfolio', '0022_token_roles'),
    ]

    operations = [
        migrations.RunPython(open_up, close),
        migrations.AddField(
            model_name='auditevent',
            name='key_id',
            field=models.CharField(blank=True, default='', max_length=16, verbose_name='key'),
        ),
        migrations.RunPython(close, open_up),
    ]
