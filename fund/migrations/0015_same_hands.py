"""Decisions and mandates ask the widened question of two people (portfolio, `same_hands`). Touches no data."""

from django.db import migrations

from fund.guards import OF_FOUR_EYES, OF_PROPOSERS
from portfolio import guards

CHANGED = OF_FOUR_EYES + OF_PROPOSERS


def install(apps, schema_editor):
    guards.remove(schema_editor.connection, CHANGED)
    guards.install(schema_editor.connection, CHANGED)


class Migration(migrations.Migration):
    dependencies = [("fund", "0014_proposers"), ("portfolio", "0028_same_hands")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
