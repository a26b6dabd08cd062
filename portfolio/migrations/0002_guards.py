"""Triggers that keep frozen and append-only rows as they are. Touches no data."""

from django.db import migrations

from portfolio import guards


def install(apps, schema_editor):
    guards.install(schema_editor.connection, guards.FIRST)


def remove(apps, schema_editor):
    guards.remove(schema_editor.connection, guards.FIRST)


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0001_initial")]
    operations = [migrations.RunPython(install, remove)]
