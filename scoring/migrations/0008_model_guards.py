"""Training sets, fitted models and answered changes of model are never edited. Touches no data."""

from django.db import migrations

from portfolio import guards
from scoring.guards import OF_MODELS


def install(apps, schema_editor):
    guards.install(schema_editor.connection, OF_MODELS)


def remove(apps, schema_editor):
    guards.remove(schema_editor.connection, OF_MODELS)


class Migration(migrations.Migration):
    dependencies = [("scoring", "0007_models")]
    operations = [migrations.RunPython(install, remove)]
