"""Triggers that keep evidence, lines of frozen disclosures and verified local factors as they are. Touches no data."""

from django.db import migrations

from portfolio import guards


def install(apps, schema_editor):
    guards.install(schema_editor.connection, guards.OF_ACTIVITIES)


def remove(apps, schema_editor):
    guards.remove(schema_editor.connection, guards.OF_ACTIVITIES)


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0004_activities")]
    operations = [migrations.RunPython(install, remove)]
