"""Bar sheets and models are answered by a second person, not by one in the proposer's hands. Touches no data."""

from django.db import migrations

from portfolio import guards
from scoring.guards import OF_HANDS


def install(apps, schema_editor):
    guards.install(schema_editor.connection, OF_HANDS)


def remove(apps, schema_editor):
    guards.remove(schema_editor.connection, OF_HANDS)


class Migration(migrations.Migration):
    dependencies = [("scoring", "0010_theme"), ("portfolio", "0020_four_eyes_guards")]
    operations = [migrations.RunPython(install, remove)]
