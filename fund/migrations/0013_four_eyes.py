"""Mandates are confirmed by a second person, and who nominated a company is known. Touches data: mandates of before
hold from now on without names, and the log tells who opened the candidacies of before.

On SQLite a table that is changed loses its triggers, and takes its name while triggers of others speak of it
(legacy_alter_table): they are taken off and put on again.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Now

from fund.guards import FIRST, OF_FOUR_EYES, OF_HOLDINGS, OF_OPEN_QUESTIONS
from portfolio import guards

BEFORE = FIRST + OF_HOLDINGS + OF_OPEN_QUESTIONS


def open_up(apps, schema_editor):
    _guards(schema_editor, guards.remove, BEFORE, "ON")


def close(apps, schema_editor):
    _guards(schema_editor, guards.install, BEFORE + OF_FOUR_EYES, "OFF")


def open_again(apps, schema_editor):
    _guards(schema_editor, guards.remove, BEFORE + OF_FOUR_EYES, "ON")


def close_again(apps, schema_editor):
    _guards(schema_editor, guards.install, BEFORE, "OFF")


def _guards(schema_editor, do, which, legacy):
    do(schema_editor.connection, which)
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(f"PRAGMA legacy_alter_table = {legacy}")


def fill(apps, schema_editor):
    apps.get_model("fund", "Mandate").objects.update(confirmed_at=Now())
    users = dict(apps.get_model("auth", "User").objects.values_list("username", "pk"))
    opened = apps.get_model("portfolio", "AuditEvent").objects.filter(verb="candidate.opened")
    for actor, candidate in opened.values_list("actor", "object"):
        number = candidate.removeprefix("candidate:")
        apps.get_model("fund", "Candidate").objects.filter(pk=number).update(nominated_by_id=users.get(actor))
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # else the table could not be changed any further


class Migration(migrations.Migration):

    dependencies = [
        ('fund', '0012_notes'),
        ('portfolio', '0020_four_eyes_guards'),
        ('scoring', '0010_theme'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(open_up, close_again),
        migrations.AddField(
            model_name='candidate',
            name='nominated_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='nominated by'),
        ),
        migrations.AddField(
            model_name='historicalmandate',
            name='confirmed_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='confirmed at'),
        ),
        migrations.AddField(
            model_name='historicalmandate',
            name='confirmed_by',
            field=models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='confirmed by'),
        ),
        migrations.AddField(
            model_name='historicalmandate',
            name='proposed_by',
            field=models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='proposed by'),
        ),
        migrations.AddField(
            model_name='mandate',
            name='confirmed_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='confirmed at'),
        ),
        migrations.AddField(
            model_name='mandate',
            name='confirmed_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='confirmed by'),
        ),
        migrations.AddField(
            model_name='mandate',
            name='proposed_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='proposed by'),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='mandate',
            constraint=models.CheckConstraint(condition=models.Q(('confirmed_at__isnull', True), models.Q(('confirmed_by__isnull', True), ('proposed_by__isnull', True)), models.Q(('confirmed_by__isnull', False), ('proposed_by__isnull', False), models.Q(('confirmed_by', models.F('proposed_by')), _negated=True)), _connector='OR'), name='mandate_is_confirmed_by_another'),
        ),
        migrations.RunPython(close, open_again),
    ]
