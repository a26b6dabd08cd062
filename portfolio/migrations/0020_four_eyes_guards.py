"""The database itself asks for two administrators before a role is another. Touches no data."""

from django.db import migrations

from portfolio import guards


def install(apps, schema_editor):
    guards.install(schema_editor.connection, guards.OF_ROLES)


def remove(apps, schema_editor):
    guards.remove(schema_editor.connection, guards.OF_ROLES)


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0019_four_eyes"), ("auth", "0012_alter_user_first_name_max_length")]
    operations = [migrations.RunPython(install, remove)]
