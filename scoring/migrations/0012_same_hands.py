"""Bar sheets and models ask the widened question of two people (portfolio, `same_hands`). Touches no data."""

from django.db import migrations

from portfolio import guards
from scoring.guards import OF_HANDS


def install(apps, schema_editor):
    guards.remove(schema_editor.connection, OF_HANDS)
    guards.install(schema_editor.connection, OF_HANDS)


class Migration(migrations.Migration):
    dependencies = [("scoring", "0011_hands"), ("portfolio", "0028_same_hands")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
