"""Triggers that keep checks, reasons and decisions about tracks, and let nothing unchecked be submitted. No data."""

from django.db import migrations

from portfolio import guards


def install(apps, schema_editor):
    guards.install(schema_editor.connection, guards.OF_CHECKS)


def remove(apps, schema_editor):
    guards.remove(schema_editor.connection, guards.OF_CHECKS)


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0006_checks_and_tracks")]
    operations = [migrations.RunPython(install, remove)]
