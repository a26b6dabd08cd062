"""A score record is appended, never edited. Touches no data."""

from django.db import migrations

from portfolio import guards
from scoring.guards import FIRST


def install(apps, schema_editor):
    guards.install(schema_editor.connection, FIRST)


def remove(apps, schema_editor):
    guards.remove(schema_editor.connection, FIRST)


class Migration(migrations.Migration):
    dependencies = [("scoring", "0001_initial")]
    operations = [migrations.RunPython(install, remove)]
