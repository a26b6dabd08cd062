"""A line may have the number that the company's own system knows it by.

SQLite makes the table of lines anew here, which loses its triggers: they are installed again.
"""

from django.db import migrations, models

from portfolio import guards


def install(apps, schema_editor):
    guards.install(schema_editor.connection, guards.OF_ACTIVITIES)


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0036_lines_cite")]

    operations = [
        migrations.AddField(
            model_name="activity",
            name="external_id",
            field=models.CharField(
                blank=True, default="", max_length=64, verbose_name="number in the company's system"
            ),
        ),
        migrations.AddConstraint(
            model_name="activity",
            constraint=models.UniqueConstraint(
                condition=models.Q(("external_id", ""), _negated=True),
                fields=("disclosure", "external_id"),
                name="external_id_once_a_disclosure",
            ),
        ),
        migrations.RunPython(install, migrations.RunPython.noop),
    ]
