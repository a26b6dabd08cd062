"""What was submitted is verified by a second person, not by one in the submitter's hands. Touches no data."""

from django.db import migrations

from portfolio import guards


def install(apps, schema_editor):
    guards.install(schema_editor.connection, guards.OF_HANDS)


def remove(apps, schema_editor):
    guards.remove(schema_editor.connection, guards.OF_HANDS)


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0020_four_eyes_guards")]
    operations = [migrations.RunPython(install, remove)]
