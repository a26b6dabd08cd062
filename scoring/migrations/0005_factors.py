"""Imported factors, kept calculations, restatements. Touches no data."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '__first__'),
        ('portfolio', '0005_activity_guards'),
        ('scoring', '0004_headlines'),
    ]

    operations = [
        migrations.CreateModel(
            name='CheckedLedger',
            fields=[
                ('disclosure', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='portfolio.disclosure', verbose_name='disclosure')),
                ('tables_version', models.CharField(max_length=64, verbose_name='version of the tables')),
            ],
            options={
                'verbose_name': 'recalculated ledger',
                'verbose_name_plural': 'recalculated ledgers',
            },
        ),
        migrations.CreateModel(
            name='FactorImport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, verbose_name='file')),
                ('table', models.CharField(max_length=60, verbose_name='table')),
                ('content', models.TextField(help_text='The factors as canonical JSON', verbose_name='content')),
                ('digest', models.CharField(max_length=64, verbose_name='digest of the tables from then on')),
                ('added', models.PositiveIntegerField(verbose_name='added')),
                ('changed', models.PositiveIntegerField(verbose_name='changed')),
                ('superseded', models.PositiveIntegerField(verbose_name='superseded')),
                ('unchanged', models.PositiveIntegerField(verbose_name='unchanged')),
                ('imported_by', models.CharField(max_length=150, verbose_name='imported by')),
                ('imported_at', models.DateTimeField(auto_now_add=True, verbose_name='imported at')),
            ],
            options={
                'verbose_name': 'import of factors',
                'verbose_name_plural': 'imports of factors',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='Calculation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('occasion', models.CharField(choices=[('submitted', 'Submitted'), ('verified', 'Verified'), ('recalculated', 'Recalculated with newer factors')], max_length=16, verbose_name='occasion')),
                ('content_digest', models.CharField(max_length=64, verbose_name='digest of the disclosure')),
                ('tables_digest', models.CharField(max_length=64, verbose_name='digest of the tables')),
                ('gwp_set', models.CharField(max_length=16, verbose_name='warming potentials')),
                ('as_of', models.DateField(verbose_name='as of')),
                ('scope_1_t', models.FloatField(verbose_name='scope 1, tCO₂e')),
                ('scope_2_location_t', models.FloatField(verbose_name='scope 2, location-based, tCO₂e')),
                ('scope_2_market_t', models.FloatField(blank=True, null=True, verbose_name='scope 2, market-based, tCO₂e')),
                ('scope_3_t', models.FloatField(verbose_name='scope 3, tCO₂e')),
                ('record_json', models.TextField(help_text='Canonical JSON: totals with intervals, and every line', verbose_name='record')),
                ('digest', models.CharField(max_length=64, verbose_name='digest')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('disclosure', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='calculations', to='portfolio.disclosure', verbose_name='disclosure')),
            ],
            options={
                'verbose_name': 'calculation',
                'verbose_name_plural': 'calculations',
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(fields=('disclosure', 'occasion', 'digest'), name='calculation_once_an_occasion'), models.CheckConstraint(condition=models.Q(('occasion__in', ['submitted', 'verified', 'recalculated'])), name='calculation_occasion_is_known')],
            },
        ),
        migrations.CreateModel(
            name='FactorUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('factor_id', models.CharField(max_length=200, verbose_name='factor')),
                ('lines', models.PositiveIntegerField(verbose_name='lines')),
                ('calculation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='factor_uses', to='scoring.calculation', verbose_name='calculation')),
            ],
            options={
                'verbose_name': 'use of a factor',
                'verbose_name_plural': 'uses of factors',
                'indexes': [models.Index(fields=['factor_id'], name='use_by_factor')],
                'constraints': [models.UniqueConstraint(fields=('calculation', 'factor_id'), name='factor_once_a_calculation')],
            },
        ),
        migrations.CreateModel(
            name='Restatement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('changes', models.JSONField(help_text='Scope, tonnes before, tonnes after, percent', verbose_name='changes')),
                ('factors', models.JSONField(help_text='Line, factors before, factors after', verbose_name='factors')),
                ('percent', models.FloatField(blank=True, help_text='Empty: from zero', null=True, verbose_name='largest change, %')),
                ('state', models.CharField(choices=[('open', 'Open'), ('accepted', 'Accepted'), ('dismissed', 'Dismissed'), ('overtaken', 'Overtaken by newer factors')], default='open', max_length=16, verbose_name='state')),
                ('proposed_at', models.DateTimeField(auto_now_add=True, verbose_name='proposed at')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided at')),
                ('reason', models.TextField(blank=True, verbose_name='reason')),
                ('after', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scoring.calculation', verbose_name='after')),
                ('before', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scoring.calculation', verbose_name='before')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('disclosure', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='restatements', to='portfolio.disclosure', verbose_name='disclosure')),
                ('new_version', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portfolio.disclosure', verbose_name='new version')),
            ],
            options={
                'verbose_name': 'restatement',
                'verbose_name_plural': 'restatements',
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(fields=('before', 'after'), name='restatement_once_a_change'), models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('disclosure',), name='one_open_restatement_a_disclosure'), models.CheckConstraint(condition=models.Q(models.Q(('decided_by__isnull', True), ('state__in', ['open', 'overtaken'])), models.Q(('decided_by__isnull', False), ('new_version__isnull', False), ('state', 'accepted')), models.Q(('decided_by__isnull', False), ('state', 'dismissed'), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='restatement_says_who_decided')],
            },
        ),
    ]
