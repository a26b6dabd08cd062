from django.db import migrations

from fund.guards import OF_PROPOSERS
from portfolio import guards


def install(apps, schema_editor):
    guards.install(schema_editor.connection, OF_PROPOSERS)


def remove(apps, schema_editor):
    guards.remove(schema_editor.connection, OF_PROPOSERS)


class Migration(migrations.Migration):
    """Who nominated a company does not decide on it."""

    dependencies = [
        ('fund', '0013_four_eyes'),
    ]

    operations = [
        migrations.RunPython(install, remove),
    ]
