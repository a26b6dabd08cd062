"""Mandates ask by the bars. Touches data: what mandates asked for by the first method is kept as text, readable and
never checked again; proposals and decisions stay as they are, with what their proposers saw.

On SQLite a table that is changed loses its triggers, and takes its name while triggers of others speak of it
(legacy_alter_table): they are taken off and put on again.
"""

import json
from decimal import Decimal

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import portfolio.typed.bounds
from fund.guards import FIRST, OF_HOLDINGS, OF_OPEN_QUESTIONS
from portfolio import guards

OF_THEN = FIRST + OF_HOLDINGS + OF_OPEN_QUESTIONS
RETIRED = ("min_band", "min_coverage_share", "worst_data_quality")


def open_up(apps, schema_editor):
    guards.remove(schema_editor.connection, OF_THEN)
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("PRAGMA legacy_alter_table = ON")


def close(apps, schema_editor):
    guards.install(schema_editor.connection, OF_THEN)
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("PRAGMA legacy_alter_table = OFF")


def keep(apps, schema_editor):
    """Only what was set."""
    for model in ("Mandate", "HistoricalMandate"):
        for mandate in apps.get_model("fund", model).objects.all():
            asked = {name: getattr(mandate, name) for name in RETIRED if getattr(mandate, name) not in ("", None)}
            if asked:
                mandate.retired_rules = json.dumps(asked, sort_keys=True)
                mandate.save(update_fields=["retired_rules"])


def put_back(apps, schema_editor):
    for model in ("Mandate", "HistoricalMandate"):
        for mandate in apps.get_model("fund", model).objects.exclude(retired_rules=""):
            asked = json.loads(mandate.retired_rules)
            for name, value in asked.items():
                setattr(mandate, name, value)
            mandate.save(update_fields=list(asked))


class Migration(migrations.Migration):

    dependencies = [
        ('fund', '0007_open_questions'),
        ('scoring', '0010_theme'),
    ]

    operations = [
        migrations.RunPython(open_up, close),
        migrations.AddField(
            model_name='historicalmandate',
            name='retired_rules',
            field=models.TextField(blank=True, default='', editable=False, verbose_name='rules of the first method'),
        ),
        migrations.AddField(
            model_name='mandate',
            name='retired_rules',
            field=models.TextField(blank=True, default='', editable=False, verbose_name='rules of the first method'),
        ),
        migrations.RunPython(keep, put_back),
        migrations.RemoveConstraint(
            model_name='mandate',
            name='mandate_band_is_known',
        ),
        migrations.RemoveConstraint(
            model_name='mandate',
            name='mandate_coverage_is_a_share',
        ),
        migrations.RemoveConstraint(
            model_name='mandate',
            name='mandate_data_quality_is_1_to_5',
        ),
        migrations.RemoveField(
            model_name='historicalmandate',
            name='min_band',
        ),
        migrations.RemoveField(
            model_name='historicalmandate',
            name='min_coverage_share',
        ),
        migrations.RemoveField(
            model_name='historicalmandate',
            name='worst_data_quality',
        ),
        migrations.RemoveField(
            model_name='mandate',
            name='min_band',
        ),
        migrations.RemoveField(
            model_name='mandate',
            name='min_coverage_share',
        ),
        migrations.RemoveField(
            model_name='mandate',
            name='worst_data_quality',
        ),
        migrations.AddField(
            model_name='historicalmandate',
            name='bar_sheet',
            field=models.ForeignKey(blank=True, db_constraint=False, help_text='Blank: the one in force on the day', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='scoring.barsheet', verbose_name='bar sheet'),
        ),
        migrations.AddField(
            model_name='historicalmandate',
            name='gates_passed_required',
            field=models.BooleanField(default=False, verbose_name='all gates must be passed'),
        ),
        migrations.AddField(
            model_name='historicalmandate',
            name='max_ticket_share',
            field=models.FloatField(blank=True, help_text='Above 0, at most 1; needs the size of the fund', null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1)], verbose_name='largest ticket as a share of the fund'),
        ),
        migrations.AddField(
            model_name='historicalmandate',
            name='min_cleared',
            field=models.PositiveSmallIntegerField(blank=True, help_text='Of the three bars, 0 to 3', null=True, validators=[django.core.validators.MaxValueValidator(3)], verbose_name='least bars cleared'),
        ),
        migrations.AddField(
            model_name='historicalmandate',
            name='min_p_cleared',
            field=models.FloatField(blank=True, help_text='Between 0 and 1', null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1)], verbose_name='least P of the cleared bars'),
        ),
        migrations.AddField(
            model_name='historicalmandate',
            name='worst_evidence',
            field=models.CharField(blank=True, choices=[('E1', 'E1 verified'), ('E2', 'E2 reported'), ('E3', 'E3 activity × factor'), ('E4', 'E4 planned or over two years old'), ('E5', 'E5 model estimate')], default='', max_length=2, verbose_name='worst evidence allowed'),
        ),
        migrations.AddField(
            model_name='historicalthemefund',
            name='size_cny',
            field=models.DecimalField(blank=True, decimal_places=2, help_text='Committed capital; tickets are measured against it', max_digits=18, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0.01')), portfolio.typed.bounds.Within('amount_cny')], verbose_name='size of the fund in yuan'),
        ),
        migrations.AddField(
            model_name='mandate',
            name='bar_sheet',
            field=models.ForeignKey(blank=True, help_text='Blank: the one in force on the day', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='mandates', to='scoring.barsheet', verbose_name='bar sheet'),
        ),
        migrations.AddField(
            model_name='mandate',
            name='gates_passed_required',
            field=models.BooleanField(default=False, verbose_name='all gates must be passed'),
        ),
        migrations.AddField(
            model_name='mandate',
            name='max_ticket_share',
            field=models.FloatField(blank=True, help_text='Above 0, at most 1; needs the size of the fund', null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1)], verbose_name='largest ticket as a share of the fund'),
        ),
        migrations.AddField(
            model_name='mandate',
            name='min_cleared',
            field=models.PositiveSmallIntegerField(blank=True, help_text='Of the three bars, 0 to 3', null=True, validators=[django.core.validators.MaxValueValidator(3)], verbose_name='least bars cleared'),
        ),
        migrations.AddField(
            model_name='mandate',
            name='min_p_cleared',
            field=models.FloatField(blank=True, help_text='Between 0 and 1', null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1)], verbose_name='least P of the cleared bars'),
        ),
        migrations.AddField(
            model_name='mandate',
            name='worst_evidence',
            field=models.CharField(blank=True, choices=[('E1', 'E1 verified'), ('E2', 'E2 reported'), ('E3', 'E3 activity × factor'), ('E4', 'E4 planned or over two years old'), ('E5', 'E5 model estimate')], default='', max_length=2, verbose_name='worst evidence allowed'),
        ),
        migrations.AddField(
            model_name='themefund',
            name='size_cny',
            field=models.DecimalField(blank=True, decimal_places=2, help_text='Committed capital; tickets are measured against it', max_digits=18, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0.01')), portfolio.typed.bounds.Within('amount_cny')], verbose_name='size of the fund in yuan'),
        ),
        migrations.AlterField(
            model_name='historicalmandate',
            name='oldest_data_year',
            field=models.PositiveSmallIntegerField(blank=True, help_text='Of the known bars, the oldest counts', null=True, verbose_name='oldest year of data allowed'),
        ),
        migrations.AlterField(
            model_name='mandate',
            name='oldest_data_year',
            field=models.PositiveSmallIntegerField(blank=True, help_text='Of the known bars, the oldest counts', null=True, verbose_name='oldest year of data allowed'),
        ),
        migrations.AddConstraint(
            model_name='mandate',
            constraint=models.CheckConstraint(condition=models.Q(('min_cleared__isnull', True), ('min_cleared__lte', 3), _connector='OR'), name='mandate_bars_are_three'),
        ),
        migrations.AddConstraint(
            model_name='mandate',
            constraint=models.CheckConstraint(condition=models.Q(('min_p_cleared__isnull', True), models.Q(('min_p_cleared__gte', 0), ('min_p_cleared__lte', 1)), _connector='OR'), name='mandate_p_is_a_probability'),
        ),
        migrations.AddConstraint(
            model_name='mandate',
            constraint=models.CheckConstraint(condition=models.Q(('worst_evidence__in', ['', 'E1', 'E2', 'E3', 'E4', 'E5'])), name='mandate_evidence_is_known'),
        ),
        migrations.AddConstraint(
            model_name='mandate',
            constraint=models.CheckConstraint(condition=models.Q(('max_ticket_share__isnull', True), models.Q(('max_ticket_share__gt', 0), ('max_ticket_share__lte', 1)), _connector='OR'), name='mandate_ticket_is_a_share'),
        ),
        migrations.AddConstraint(
            model_name='themefund',
            constraint=models.CheckConstraint(condition=models.Q(('size_cny__isnull', True), ('size_cny__gt', 0), _connector='OR'), name='fund_size_is_above_zero'),
        ),
        migrations.RunPython(close, open_up),
    ]
