"""Imports of factors, calculations and decided restatements are never edited. Touches no data."""

from django.db import migrations

from portfolio import guards
from scoring.guards import OF_FACTORS


def install(apps, schema_editor):
    guards.install(schema_editor.connection, OF_FACTORS)


def remove(apps, schema_editor):
    guards.remove(schema_editor.connection, OF_FACTORS)


class Migration(migrations.Migration):
    dependencies = [("scoring", "0005_factors")]
    operations = [migrations.RunPython(install, remove)]
