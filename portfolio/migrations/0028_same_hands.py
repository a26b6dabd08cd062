"""Two accounts that a third person has in hand are no two people, nor is what was handled through another account."""

from django.db import migrations, models

from portfolio import guards

CHANGED = guards.OF_ROLES + guards.OF_HANDS


def install(apps, schema_editor):
    guards.remove(schema_editor.connection, CHANGED)
    guards.install(schema_editor.connection, CHANGED)


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0027_declarations")]
    operations = [
        migrations.AlterField(
            model_name="handling",
            name="what",
            field=models.CharField(
                choices=[
                    ("created", "made the account"),
                    ("password", "set the password"),
                    ("factor", "took the second factor away"),
                    ("email", "changed the e-mail address"),
                    ("opened", "switched the account on again"),
                    ("role_proposed", "proposed the role"),
                    ("role_confirmed", "confirmed the role"),
                    ("through", "had an account in hand by which this one was handled"),
                ],
                max_length=16,
                verbose_name="what",
            ),
        ),
        migrations.RunPython(install, migrations.RunPython.noop),
    ]
