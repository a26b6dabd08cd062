"""Proposals and decisions are appended, never edited; a decision is on exactly what was proposed. Touches no data."""

from django.db import migrations

from portfolio import guards
from fund.guards import FIRST


def install(apps, schema_editor):
    guards.install(schema_editor.connection, FIRST)


def remove(apps, schema_editor):
    guards.remove(schema_editor.connection, FIRST)


class Migration(migrations.Migration):
    dependencies = [("fund", "0002_decisions")]
    operations = [migrations.RunPython(install, remove)]
