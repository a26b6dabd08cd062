"""Positions, prices, project figures and exclusion flags are appended, never edited. Touches no data."""

from django.db import migrations

from portfolio import guards
from fund.guards import OF_HOLDINGS


def install(apps, schema_editor):
    guards.install(schema_editor.connection, OF_HOLDINGS)


def remove(apps, schema_editor):
    guards.remove(schema_editor.connection, OF_HOLDINGS)


class Migration(migrations.Migration):
    dependencies = [("fund", "0004_holdings")]
    operations = [migrations.RunPython(install, remove)]
