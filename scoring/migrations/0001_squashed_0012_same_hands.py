"""The tables of scoring in one step, where there are none yet: the same as 0001 to 0012 one after another, in a
tenth of the time. A database that has some of those goes on with the others."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from portfolio import guards
from portfolio.migrations._together import CreateTables
from scoring.guards import FIRST, OF_BAR_SHEETS, OF_FACTORS, OF_HANDS, OF_METHODOLOGY, OF_MODELS, OF_THEME

GUARDS = tuple(
    guard
    for guard in (*FIRST, *OF_FACTORS, *OF_MODELS, *OF_BAR_SHEETS, *OF_THEME, *OF_HANDS)
    if guard not in OF_METHODOLOGY
)


def install(apps, schema_editor):
    guards.install(schema_editor.connection, GUARDS)


def remove(apps, schema_editor):
    guards.remove(schema_editor.connection, GUARDS)


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('scoring', '0001_initial'),
        ('scoring', '0002_guards'),
        ('scoring', '0003_last_sweep'),
        ('scoring', '0004_headlines'),
        ('scoring', '0005_factors'),
        ('scoring', '0006_factor_guards'),
        ('scoring', '0007_models'),
        ('scoring', '0008_model_guards'),
        ('scoring', '0009_bar_sheets'),
        ('scoring', '0010_theme'),
        ('scoring', '0011_hands'),
        ('scoring', '0012_same_hands'),
    ]

    dependencies = [
        ('portfolio', '0001_squashed_0036_lines_cite'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables([
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
                name='LastSweep',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('at', models.DateTimeField()),
                ],
                options={
                    'verbose_name': 'last sweep',
                    'verbose_name_plural': 'last sweep',
                },
            ),
            migrations.CreateModel(
                name='RetiredMethod',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('version', models.CharField(max_length=32, unique=True, verbose_name='version')),
                    ('content', models.TextField(verbose_name='content')),
                    ('digest', models.CharField(max_length=64, verbose_name='digest')),
                ],
                options={
                    'verbose_name': 'retired method',
                    'verbose_name_plural': 'retired methods',
                },
            ),
            migrations.CreateModel(
                name='BarSheet',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('bar_share', models.FloatField(default=0.8, verbose_name='share of the reference row that a candidate must reach')),
                    ('footprint_multiple', models.FloatField(default=1.5, verbose_name='multiple of the median that own emissions may reach')),
                    ('least_reporters', models.PositiveSmallIntegerField(default=8, verbose_name='least reporters behind a median')),
                    ('carbon_price_cny_per_t', models.FloatField(default=200, verbose_name='carbon price of the bar, CNY/t')),
                    ('lower_price_cny_per_t', models.FloatField(default=100, verbose_name='lower price shown beside, CNY/t')),
                    ('higher_price_cny_per_t', models.FloatField(default=400, verbose_name='higher price shown beside, CNY/t')),
                    ('free_allocation_t', models.FloatField(default=0, verbose_name='free allocation in the bar, t')),
                    ('pass_through', models.FloatField(default=0.5, verbose_name='share of the carbon cost that is passed on')),
                    ('sigma_min_contribution', models.FloatField(default=0.1, verbose_name='least σ of the contribution')),
                    ('sigma_min_resilience', models.FloatField(default=0.02, verbose_name='least σ of the margin')),
                    ('sigma_min_footprint', models.FloatField(default=0.05, verbose_name='least σ of the footprint')),
                    ('footprint_age', models.FloatField(default=0.16, verbose_name='σ of the footprint per square root of a year of age')),
                    ('resilience_sigma', models.FloatField(default=0.04, verbose_name='σ of the margin at age 0')),
                    ('theme_share', models.FloatField(default=0.5, verbose_name='least share of theme revenue')),
                    ('most_months', models.PositiveSmallIntegerField(default=36, verbose_name='months after which a figure is set aside')),
                    ('least_runway_months', models.FloatField(default=18, verbose_name='least runway of a venture, months')),
                    ('venture_theme_revenue_cny', models.FloatField(default=50000000.0, verbose_name='theme revenue below which it is a venture, CNY')),
                    ('realisation_share', models.FloatField(default=0.5, verbose_name='share of planned units that counts')),
                    ('least_plan', models.CharField(default='measurable', max_length=16, verbose_name='least stair of the plan')),
                    ('on_the_line_from', models.FloatField(default=0.2, verbose_name='on the line from P')),
                    ('on_the_line_to', models.FloatField(default=0.8, verbose_name='on the line to P')),
                    ('distinguishable', models.FloatField(default=0.2, verbose_name='difference of P that tells two apart')),
                    ('verify_below', models.FloatField(default=0.3, verbose_name='margin below which an unverified figure is verified first')),
                    ('version', models.SlugField(max_length=32, unique=True, verbose_name='version')),
                    ('title', models.CharField(max_length=120, verbose_name='title')),
                    ('data_year', models.PositiveSmallIntegerField(verbose_name='data year')),
                    ('closing_day', models.DateField(help_text='Until it, an earlier year may stand in.', verbose_name='closing day')),
                    ('stand_in_place', models.CharField(help_text='For places without a path. ISO 3166-1, three letters', max_length=3, verbose_name='place whose grid stands in')),
                    ('is_shipped', models.BooleanField(default=False, editable=False, verbose_name='shipped with the product')),
                    ('state', models.CharField(choices=[('draft', 'Draft'), ('proposed', 'Waiting for approval'), ('approved', 'Approved'), ('active', 'Active')], default='draft', editable=False, max_length=8, verbose_name='state')),
                    ('content', models.TextField(blank=True, default='', editable=False, verbose_name='content')),
                    ('digest', models.CharField(blank=True, default='', editable=False, max_length=64, verbose_name='digest')),
                    ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='made at')),
                    ('proposed_at', models.DateTimeField(editable=False, null=True, verbose_name='proposed at')),
                    ('approved_at', models.DateTimeField(editable=False, null=True, verbose_name='approved at')),
                    ('active_from', models.DateField(editable=False, null=True, unique=True, verbose_name='active from')),
                    ('approved_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='approved by')),
                    ('proposed_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='proposed by')),
                ],
                options={
                    'verbose_name': 'bar sheet',
                    'verbose_name_plural': 'bar sheets',
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
                },
            ),
            migrations.CreateModel(
                name='ModelVersion',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('activity', models.CharField(blank=True, help_text='comma between', max_length=200, verbose_name='activity columns')),
                    ('seed', models.PositiveIntegerField(default=0, verbose_name='seed')),
                    ('code', models.CharField(max_length=32, verbose_name='code')),
                    ('digest', models.CharField(blank=True, default='', max_length=64, verbose_name='digest of the recipe')),
                    ('fingerprint', models.CharField(blank=True, default='', max_length=64, verbose_name='fingerprint')),
                    ('learned_json', models.TextField(blank=True, default='{}', editable=False, verbose_name='what fitting gave')),
                    ('probed_json', models.TextField(blank=True, default='[]', editable=False, verbose_name='estimates of the probe')),
                    ('card_json', models.TextField(blank=True, default='{}', editable=False, verbose_name='card')),
                    ('fit_seconds', models.FloatField(blank=True, null=True, verbose_name='CPU seconds of fitting')),
                    ('state', models.CharField(choices=[('queued', 'Being fitted'), ('failed', 'Could not be fitted'), ('candidate', 'Candidate'), ('challenger', 'Challenger'), ('champion', 'Champion'), ('retired', 'Retired')], default='queued', max_length=16, verbose_name='state')),
                    ('error', models.TextField(blank=True, default='', verbose_name='error')),
                    ('made_at', models.DateTimeField(auto_now_add=True, verbose_name='made at')),
                    ('made_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
                ],
                options={
                    'verbose_name': 'model version',
                    'verbose_name_plural': 'model versions',
                    'ordering': ['-pk'],
                },
            ),
            migrations.CreateModel(
                name='ModelComparison',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('statistics_json', models.TextField(verbose_name='statistics')),
                    ('statistics_sha256', models.CharField(max_length=64, verbose_name='digest of the statistics')),
                    ('at', models.DateTimeField(auto_now_add=True, verbose_name='when')),
                    ('challenger', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='comparisons', to='scoring.modelversion', verbose_name='model')),
                    ('champion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scoring.modelversion', verbose_name='champion')),
                ],
                options={
                    'verbose_name': 'comparison of models',
                    'verbose_name_plural': 'comparisons of models',
                    'ordering': ['-pk'],
                },
            ),
            migrations.CreateModel(
                name='ModelChange',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(choices=[('shipped', 'Shipped with the product'), ('promotion', 'Promotion'), ('rollback', 'Rollback')], max_length=16, verbose_name='kind')),
                    ('statistics_json', models.TextField(default='{}', verbose_name='statistics')),
                    ('statistics_sha256', models.CharField(max_length=64, verbose_name='digest of the statistics')),
                    ('reason', models.TextField(verbose_name='reason')),
                    ('outcome', models.CharField(choices=[('open', 'Waits for a second administrator'), ('confirmed', 'Confirmed'), ('rejected', 'Rejected')], default='open', max_length=16, verbose_name='outcome')),
                    ('proposed_at', models.DateTimeField(auto_now_add=True, verbose_name='proposed at')),
                    ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided at')),
                    ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                    ('proposed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='proposed by')),
                    ('model', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='scoring.modelversion', verbose_name='model')),
                    ('replaces', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scoring.modelversion', verbose_name='replaces')),
                ],
                options={
                    'verbose_name': 'change of model',
                    'verbose_name_plural': 'changes of model',
                    'ordering': ['-pk'],
                },
            ),
            migrations.CreateModel(
                name='DriftReport',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('report_json', models.TextField(verbose_name='report')),
                    ('at', models.DateTimeField(auto_now_add=True, verbose_name='when')),
                    ('model', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='drift', to='scoring.modelversion', verbose_name='model')),
                ],
                options={
                    'verbose_name': 'drift report',
                    'verbose_name_plural': 'drift reports',
                    'ordering': ['-pk'],
                },
            ),
            migrations.CreateModel(
                name='NightlyLook',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('at', models.DateTimeField(verbose_name='when')),
                    ('found', models.PositiveIntegerField(verbose_name='new verified disclosures')),
                    ('needed', models.PositiveIntegerField(verbose_name='needed')),
                    ('said', models.CharField(blank=True, max_length=300, verbose_name='said')),
                    ('made', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scoring.modelversion', verbose_name='made')),
                ],
                options={
                    'verbose_name': 'nightly look',
                    'verbose_name_plural': 'nightly looks',
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
                },
            ),
            migrations.CreateModel(
                name='Score',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(choices=[('candidate', 'Candidate'), ('peer', 'Peer'), ('retired', 'Retired method')], max_length=12, verbose_name='kind')),
                    ('track', models.CharField(blank=True, choices=[('power_decarbonisation', 'Power decarbonisation'), ('end_use_electrification', 'End-use electrification'), ('energy_efficiency', 'Energy efficiency'), ('emission_greening', 'Emission greening')], default='', max_length=32, verbose_name='track')),
                    ('family', models.CharField(blank=True, default='', max_length=16, verbose_name='technology family')),
                    ('stage', models.CharField(blank=True, default='', max_length=12, verbose_name='stage')),
                    ('group_code', models.CharField(blank=True, choices=[('3', 'Clears three bars'), ('2', 'Clears two bars'), ('1', 'Clears one bar'), ('0', 'Clears no bar'), ('no_figures', 'No figures yet'), ('not_admitted', 'Not admitted')], default='', max_length=16, verbose_name='group')),
                    ('gates', models.CharField(blank=True, choices=[('passed', 'All gates passed'), ('open', 'Gates open'), ('failed', 'A gate failed')], default='', max_length=8, verbose_name='gates')),
                    ('cleared', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='bars cleared')),
                    ('known', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='bars known')),
                    ('p_cleared', models.FloatField(blank=True, null=True, verbose_name='P of the cleared bars')),
                    ('p_low', models.FloatField(blank=True, null=True, verbose_name='P, from')),
                    ('p_high', models.FloatField(blank=True, null=True, verbose_name='P, to')),
                    ('assisted_cleared', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='bars cleared, with estimate')),
                    ('assisted_p', models.FloatField(blank=True, null=True, verbose_name='P of the cleared bars, with estimate')),
                    ('margin_c', models.FloatField(blank=True, null=True, verbose_name='margin of the contribution')),
                    ('margin_r', models.FloatField(blank=True, null=True, verbose_name='margin of the resilience')),
                    ('margin_o', models.FloatField(blank=True, null=True, verbose_name='margin of the footprint')),
                    ('evidence', models.CharField(blank=True, default='', max_length=2, verbose_name='evidence')),
                    ('data_year', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='data year')),
                    ('emissions_t', models.FloatField(blank=True, null=True, verbose_name='scopes 1 and 2, tCO₂e')),
                    ('emissions_rung', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='rung of the emissions')),
                    ('intensity', models.FloatField(blank=True, null=True, verbose_name='intensity, tCO₂e per 10,000 yuan')),
                    ('years_observed', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='years of the trend')),
                    ('change_per_year', models.FloatField(blank=True, null=True, verbose_name='change of emissions a year')),
                    ('intensity_change_per_year', models.FloatField(blank=True, null=True, verbose_name='change of intensity a year')),
                    ('revenue_change_per_year', models.FloatField(blank=True, null=True, verbose_name='change of revenue a year')),
                    ('temperature_c', models.FloatField(blank=True, null=True, verbose_name='what its targets promise, °C')),
                    ('pathway_c', models.FloatField(blank=True, null=True, verbose_name='what its trajectory implies, °C')),
                    ('record_json', models.TextField(help_text='Canonical JSON, as the engine gave it', verbose_name='record')),
                    ('inputs_sha256', models.CharField(max_length=64, verbose_name='digest of the inputs')),
                    ('digest', models.CharField(max_length=64, verbose_name='digest')),
                    ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                    ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='scores', to='portfolio.company', verbose_name='company')),
                    ('model', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='scores', to='scoring.modelversion', verbose_name='model behind an estimate')),
                ],
                options={
                    'verbose_name': 'score',
                    'verbose_name_plural': 'scores',
                    'ordering': ['-pk'],
                },
            ),
            migrations.CreateModel(
                name='LatestScore',
                fields=[
                    ('kind', models.CharField(choices=[('candidate', 'Candidate'), ('peer', 'Peer'), ('retired', 'Retired method')], max_length=12, verbose_name='kind')),
                    ('track', models.CharField(blank=True, choices=[('power_decarbonisation', 'Power decarbonisation'), ('end_use_electrification', 'End-use electrification'), ('energy_efficiency', 'Energy efficiency'), ('emission_greening', 'Emission greening')], default='', max_length=32, verbose_name='track')),
                    ('family', models.CharField(blank=True, default='', max_length=16, verbose_name='technology family')),
                    ('stage', models.CharField(blank=True, default='', max_length=12, verbose_name='stage')),
                    ('group_code', models.CharField(blank=True, choices=[('3', 'Clears three bars'), ('2', 'Clears two bars'), ('1', 'Clears one bar'), ('0', 'Clears no bar'), ('no_figures', 'No figures yet'), ('not_admitted', 'Not admitted')], default='', max_length=16, verbose_name='group')),
                    ('gates', models.CharField(blank=True, choices=[('passed', 'All gates passed'), ('open', 'Gates open'), ('failed', 'A gate failed')], default='', max_length=8, verbose_name='gates')),
                    ('cleared', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='bars cleared')),
                    ('known', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='bars known')),
                    ('p_cleared', models.FloatField(blank=True, null=True, verbose_name='P of the cleared bars')),
                    ('p_low', models.FloatField(blank=True, null=True, verbose_name='P, from')),
                    ('p_high', models.FloatField(blank=True, null=True, verbose_name='P, to')),
                    ('assisted_cleared', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='bars cleared, with estimate')),
                    ('assisted_p', models.FloatField(blank=True, null=True, verbose_name='P of the cleared bars, with estimate')),
                    ('margin_c', models.FloatField(blank=True, null=True, verbose_name='margin of the contribution')),
                    ('margin_r', models.FloatField(blank=True, null=True, verbose_name='margin of the resilience')),
                    ('margin_o', models.FloatField(blank=True, null=True, verbose_name='margin of the footprint')),
                    ('evidence', models.CharField(blank=True, default='', max_length=2, verbose_name='evidence')),
                    ('data_year', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='data year')),
                    ('emissions_t', models.FloatField(blank=True, null=True, verbose_name='scopes 1 and 2, tCO₂e')),
                    ('emissions_rung', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='rung of the emissions')),
                    ('intensity', models.FloatField(blank=True, null=True, verbose_name='intensity, tCO₂e per 10,000 yuan')),
                    ('years_observed', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='years of the trend')),
                    ('change_per_year', models.FloatField(blank=True, null=True, verbose_name='change of emissions a year')),
                    ('intensity_change_per_year', models.FloatField(blank=True, null=True, verbose_name='change of intensity a year')),
                    ('revenue_change_per_year', models.FloatField(blank=True, null=True, verbose_name='change of revenue a year')),
                    ('temperature_c', models.FloatField(blank=True, null=True, verbose_name='what its targets promise, °C')),
                    ('pathway_c', models.FloatField(blank=True, null=True, verbose_name='what its trajectory implies, °C')),
                    ('company', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='latest', serialize=False, to='portfolio.company', verbose_name='company')),
                    ('as_of', models.DateField(verbose_name='as of')),
                    ('asked_at', models.DateTimeField(verbose_name='last asked at')),
                    ('score', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='scoring.score', verbose_name='score')),
                ],
                options={
                    'verbose_name': 'latest score',
                    'verbose_name_plural': 'latest scores',
                },
            ),
            migrations.CreateModel(
                name='GateVerdict',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('gate', models.CharField(max_length=2, verbose_name='gate')),
                    ('verdict', models.CharField(max_length=8, verbose_name='verdict')),
                    ('because', models.CharField(max_length=40, verbose_name='code')),
                    ('at', models.DateTimeField(auto_now_add=True, verbose_name='when')),
                    ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='gate_verdicts', to='portfolio.company', verbose_name='company')),
                    ('score', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scoring.score', verbose_name='score')),
                ],
                options={
                    'verbose_name': 'verdict on a gate',
                    'verbose_name_plural': 'verdicts on gates',
                    'ordering': ['-pk'],
                },
            ),
            migrations.CreateModel(
                name='ScoreRun',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('key', models.CharField(max_length=64, unique=True, verbose_name='key')),
                    ('title', models.CharField(max_length=200, verbose_name='title')),
                    ('as_of', models.DateField(verbose_name='as of')),
                    ('company_count', models.PositiveIntegerField(default=0, editable=False, verbose_name='companies')),
                    ('candidate_count', models.PositiveIntegerField(default=0, editable=False, verbose_name='candidates')),
                    ('engine_version', models.CharField(max_length=16, verbose_name='engine')),
                    ('state', models.CharField(choices=[('queued', 'Queued'), ('running', 'Running'), ('done', 'Done'), ('partial', 'Partly failed'), ('cancelled', 'Cancelled')], default='queued', max_length=16, verbose_name='state')),
                    ('queued_at', models.DateTimeField(auto_now_add=True, verbose_name='queued at')),
                    ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), help_text='Orders the answers', verbose_name='last asked at')),
                    ('started_at', models.DateTimeField(blank=True, null=True, verbose_name='started at')),
                    ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished at')),
                    ('bar_sheet', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='scoring.barsheet', verbose_name='bar sheet')),
                    ('model', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='scoring.modelversion', verbose_name='model in force')),
                    ('requested_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='requested by')),
                    ('retired_method', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='scoring.retiredmethod', verbose_name='retired method')),
                ],
                options={
                    'verbose_name': 'scoring run',
                    'verbose_name_plural': 'scoring runs',
                    'ordering': ['-pk'],
                },
            ),
            migrations.CreateModel(
                name='ScoreItem',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('is_candidate', models.BooleanField(default=False, help_text='Judged by the bars; else a peer', verbose_name='candidate')),
                    ('inputs', models.TextField(verbose_name='inputs')),
                    ('inputs_sha256', models.CharField(max_length=64, verbose_name='digest of the inputs')),
                    ('state', models.CharField(choices=[('todo', 'To do'), ('leased', 'With a worker'), ('done', 'Done'), ('failed', 'Failed')], default='todo', max_length=8, verbose_name='state')),
                    ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                    ('lease_until', models.DateTimeField(blank=True, null=True, verbose_name='leased until')),
                    ('lease_token', models.UUIDField(blank=True, null=True)),
                    ('error', models.TextField(blank=True, verbose_name='error')),
                    ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portfolio.company', verbose_name='company')),
                    ('run', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='items', to='scoring.scorerun', verbose_name='run')),
                ],
                options={
                    'verbose_name': 'company of a run',
                    'verbose_name_plural': 'companies of runs',
                    'ordering': ['run', 'pk'],
                },
            ),
            migrations.AddField(
                model_name='score',
                name='run',
                field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='scores', to='scoring.scorerun', verbose_name='run'),
            ),
            migrations.CreateModel(
                name='ShadowEstimate',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('features_sha256', models.CharField(max_length=64, verbose_name='digest of the features')),
                    ('rung', models.PositiveSmallIntegerField(verbose_name='rung')),
                    ('p05_t', models.FloatField(verbose_name='p05, tCO₂e')),
                    ('median_t', models.FloatField(verbose_name='median, tCO₂e')),
                    ('p95_t', models.FloatField(verbose_name='p95, tCO₂e')),
                    ('at', models.DateTimeField(auto_now_add=True, verbose_name='when')),
                    ('company', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='portfolio.company', verbose_name='company')),
                    ('model', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shadows', to='scoring.modelversion', verbose_name='model')),
                ],
                options={
                    'verbose_name': 'estimate in shadow',
                    'verbose_name_plural': 'estimates in shadow',
                },
            ),
            migrations.CreateModel(
                name='SheetFamily',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('number', models.PositiveSmallIntegerField(verbose_name='number')),
                    ('code', models.CharField(max_length=8, verbose_name='code')),
                    ('track', models.CharField(choices=[('power_decarbonisation', 'Power decarbonisation'), ('end_use_electrification', 'End-use electrification'), ('energy_efficiency', 'Energy efficiency'), ('emission_greening', 'Emission greening')], max_length=32, verbose_name='track')),
                    ('name_zh', models.CharField(max_length=80, verbose_name='name in Chinese')),
                    ('name_en', models.CharField(max_length=80, verbose_name='name in English')),
                    ('unit', models.CharField(max_length=40, verbose_name='unit sold')),
                    ('service_unit', models.CharField(blank=True, max_length=40, verbose_name='unit of service')),
                    ('judgement', models.CharField(choices=[('judged', 'Compared with its bar'), ('sign', 'Above 0 is cleared'), ('shown', 'Shown, not judged'), ('none', 'No bar yet')], max_length=8, verbose_name='how it is judged')),
                    ('grid_use', models.CharField(choices=[('path', 'the years after the sale'), ('latest', 'the latest published year'), ('none', 'no grid in it')], max_length=8, verbose_name='grid')),
                    ('own_inputs', models.CharField(blank=True, help_text='service, life, use, energy or lca, a comma between them', max_length=60, verbose_name='own inputs')),
                    ('service_per_unit_year', models.FloatField(blank=True, null=True, verbose_name='service a unit and year')),
                    ('life_years', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='life, years')),
                    ('fixed_t_per_service', models.FloatField(blank=True, null=True, verbose_name='displaced beside the grid, t a unit of service')),
                    ('grid_mwh_per_service', models.FloatField(blank=True, help_text='Below 0: consumed', null=True, verbose_name='grid, MWh a unit of service')),
                    ('use_share', models.FloatField(blank=True, null=True, verbose_name='share in use')),
                    ('lca_t_per_unit', models.FloatField(blank=True, null=True, verbose_name='life-cycle emissions, t a unit')),
                    ('denominator', models.CharField(choices=[('output', 'output'), ('value_added', 'value added'), ('revenue', 'revenue')], max_length=12, verbose_name='denominator of own emissions')),
                    ('bar_value', models.FloatField(blank=True, null=True, verbose_name='bar of own emissions')),
                    ('bar_basis', models.CharField(blank=True, choices=[('benchmark', 'published benchmark'), ('median', 'median of reporters')], max_length=10, verbose_name='basis of that bar')),
                    ('bar_source', models.CharField(blank=True, max_length=300, verbose_name='source of that bar')),
                    ('bar_n', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='reporters')),
                    ('bar_median', models.FloatField(blank=True, null=True, verbose_name='median')),
                    ('bar_sd_ln', models.FloatField(blank=True, null=True, verbose_name='spread of the logarithms')),
                    ('bar_classes', models.CharField(blank=True, max_length=60, verbose_name='ISIC divisions')),
                    ('bar_years', models.CharField(blank=True, max_length=40, verbose_name='years of the figures')),
                    ('sets_the_bar', models.TextField(blank=True, help_text='company keys, one a line', verbose_name='companies whose figures make the reference row')),
                    ('expires_on', models.DateField(blank=True, null=True, verbose_name='expires on')),
                    ('attribution_zh', models.TextField(blank=True, verbose_name='who may claim, in Chinese')),
                    ('attribution_en', models.TextField(blank=True, verbose_name='who may claim, in English')),
                    ('doubts_zh', models.TextField(blank=True, verbose_name='doubts, in Chinese')),
                    ('doubts_en', models.TextField(blank=True, verbose_name='doubts, in English')),
                    ('sources', models.TextField(blank=True, help_text='one a line', verbose_name='sources')),
                    ('sheet', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='families', to='scoring.barsheet', verbose_name='bar sheet')),
                ],
                options={
                    'verbose_name': 'technology family of a bar sheet',
                    'verbose_name_plural': 'technology families of bar sheets',
                    'ordering': ['sheet', 'number'],
                },
            ),
            migrations.CreateModel(
                name='SheetPath',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('place', models.CharField(help_text='ISO 3166-1, three letters', max_length=3, verbose_name='place')),
                    ('purpose', models.CharField(max_length=40, verbose_name='purpose of the factor')),
                    ('base_year', models.PositiveSmallIntegerField(verbose_name='base year')),
                    ('t_per_mwh', models.FloatField(verbose_name='t/MWh in the base year')),
                    ('fall_t_per_mwh_year', models.FloatField(verbose_name='fall a year, t/MWh')),
                    ('source', models.TextField(verbose_name='source')),
                    ('sheet', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='paths', to='scoring.barsheet', verbose_name='bar sheet')),
                ],
                options={
                    'verbose_name': 'grid path of a bar sheet',
                    'verbose_name_plural': 'grid paths of bar sheets',
                    'ordering': ['sheet', 'place'],
                },
            ),
            migrations.CreateModel(
                name='SheetUncertainty',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('input', models.CharField(max_length=16, verbose_name='input')),
                    ('rung', models.CharField(max_length=20, verbose_name='how it is known')),
                    ('half_width', models.FloatField(verbose_name='95 % half width, share')),
                    ('source', models.CharField(blank=True, max_length=300, verbose_name='source')),
                    ('sheet', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='uncertainties', to='scoring.barsheet', verbose_name='bar sheet')),
                ],
                options={
                    'verbose_name': 'half width of a bar sheet',
                    'verbose_name_plural': 'half widths of bar sheets',
                    'ordering': ['sheet', 'pk'],
                },
            ),
            migrations.CreateModel(
                name='TrainingSet',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=120, verbose_name='name')),
                    ('kind', models.CharField(choices=[('shipped', 'Shipped with the product'), ('uploaded', 'Uploaded'), ('built', 'Built from verified disclosures')], max_length=16, verbose_name='kind')),
                    ('schema', models.CharField(max_length=16, verbose_name='schema')),
                    ('digest', models.CharField(max_length=64, unique=True, verbose_name='digest of what is read')),
                    ('content', models.TextField(help_text='CSV, UTF-8', verbose_name='content')),
                    ('content_sha256', models.CharField(max_length=64, verbose_name='digest of the file')),
                    ('licence', models.CharField(max_length=300, verbose_name='licence')),
                    ('origin', models.CharField(max_length=600, verbose_name='origin')),
                    ('rows', models.PositiveIntegerField(verbose_name='rows')),
                    ('companies', models.PositiveIntegerField(verbose_name='companies')),
                    ('left_out', models.PositiveIntegerField(default=0, verbose_name='rows or cells left out')),
                    ('taken_at', models.DateTimeField(auto_now_add=True, verbose_name='taken at')),
                    ('taken_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='taken by')),
                ],
                options={
                    'verbose_name': 'training set',
                    'verbose_name_plural': 'training sets',
                    'ordering': ['-pk'],
                },
            ),
            migrations.AddField(
                model_name='modelversion',
                name='training_set',
                field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='scoring.trainingset', verbose_name='training set'),
            ),
            migrations.AddConstraint(
                model_name='barsheet',
                constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'proposed', 'approved', 'active'])), name='bar_sheet_state_is_known'),
            ),
            migrations.AddConstraint(
                model_name='barsheet',
                constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'proposed']), ('is_shipped', True), models.Q(('approved_by__isnull', False), ('proposed_by__isnull', False), models.Q(('approved_by', models.F('proposed_by')), _negated=True)), _connector='OR'), name='bar_sheet_is_approved_by_another'),
            ),
            migrations.AddConstraint(
                model_name='barsheet',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('active_from__isnull', False), ('state', 'active')), models.Q(models.Q(('state', 'active'), _negated=True), ('active_from', None)), _connector='OR'), name='an_active_bar_sheet_has_its_day'),
            ),
            migrations.AddConstraint(
                model_name='barsheet',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('content', ''), ('digest', ''), ('state', 'draft')), models.Q(models.Q(('state', 'draft'), _negated=True), models.Q(('content', ''), _negated=True), models.Q(('digest', ''), _negated=True)), _connector='OR'), name='a_proposed_bar_sheet_has_its_digest'),
            ),
            migrations.AddConstraint(
                model_name='calculation',
                constraint=models.UniqueConstraint(fields=('disclosure', 'occasion', 'digest'), name='calculation_once_an_occasion'),
            ),
            migrations.AddConstraint(
                model_name='calculation',
                constraint=models.CheckConstraint(condition=models.Q(('occasion__in', ['submitted', 'verified', 'recalculated'])), name='calculation_occasion_is_known'),
            ),
            migrations.AddIndex(
                model_name='factoruse',
                index=models.Index(fields=['factor_id'], name='use_by_factor'),
            ),
            migrations.AddConstraint(
                model_name='factoruse',
                constraint=models.UniqueConstraint(fields=('calculation', 'factor_id'), name='factor_once_a_calculation'),
            ),
            migrations.AddConstraint(
                model_name='modelcomparison',
                constraint=models.UniqueConstraint(fields=('challenger', 'champion'), name='two_models_compared_once'),
            ),
            migrations.AddConstraint(
                model_name='modelchange',
                constraint=models.UniqueConstraint(condition=models.Q(('outcome', 'open')), fields=('outcome',), name='one_open_change_of_model'),
            ),
            migrations.AddConstraint(
                model_name='modelchange',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'promotion'), _negated=True), ('decided_by__isnull', True), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='model_promoted_by_two'),
            ),
            migrations.AddConstraint(
                model_name='modelchange',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'promotion'), ('outcome', 'confirmed'), _negated=True), models.Q(('decided_by__isnull', False), ('proposed_by__isnull', False)), _connector='OR'), name='promotion_names_its_people'),
            ),
            migrations.AddConstraint(
                model_name='restatement',
                constraint=models.UniqueConstraint(fields=('before', 'after'), name='restatement_once_a_change'),
            ),
            migrations.AddConstraint(
                model_name='restatement',
                constraint=models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('disclosure',), name='one_open_restatement_a_disclosure'),
            ),
            migrations.AddConstraint(
                model_name='restatement',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_by__isnull', True), ('state__in', ['open', 'overtaken'])), models.Q(('decided_by__isnull', False), ('new_version__isnull', False), ('state', 'accepted')), models.Q(('decided_by__isnull', False), ('state', 'dismissed'), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='restatement_says_who_decided'),
            ),
            migrations.AddIndex(
                model_name='latestscore',
                index=models.Index(fields=['kind', 'track', 'cleared'], name='latest_by_bars'),
            ),
            migrations.AddConstraint(
                model_name='gateverdict',
                constraint=models.CheckConstraint(condition=models.Q(('verdict__in', ['pass', 'fail'])), name='gate_verdict_is_decided'),
            ),
            migrations.AddConstraint(
                model_name='scorerun',
                constraint=models.CheckConstraint(condition=models.Q(('state__in', ['queued', 'running', 'done', 'partial', 'cancelled'])), name='run_state_is_known'),
            ),
            migrations.AddConstraint(
                model_name='scorerun',
                constraint=models.CheckConstraint(condition=models.Q(('bar_sheet__isnull', True), ('retired_method__isnull', True), _connector='OR'), name='run_is_of_one_method'),
            ),
            migrations.AddIndex(
                model_name='scoreitem',
                index=models.Index(fields=['run', 'state', 'attempts', 'id'], name='claim_order'),
            ),
            migrations.AddConstraint(
                model_name='scoreitem',
                constraint=models.UniqueConstraint(fields=('run', 'company'), name='company_once_a_run'),
            ),
            migrations.AddIndex(
                model_name='score',
                index=models.Index(fields=['company', 'id'], name='scores_of_a_company'),
            ),
            migrations.AddIndex(
                model_name='score',
                index=models.Index(condition=models.Q(('model__isnull', False)), fields=['model', '-id'], name='scores_of_a_model'),
            ),
            migrations.AddConstraint(
                model_name='score',
                constraint=models.UniqueConstraint(fields=('run', 'company'), name='score_once_a_run_and_company'),
            ),
            migrations.AddConstraint(
                model_name='shadowestimate',
                constraint=models.UniqueConstraint(fields=('model', 'company', 'features_sha256'), name='shadow_once_a_question'),
            ),
            migrations.AddConstraint(
                model_name='sheetfamily',
                constraint=models.UniqueConstraint(fields=('sheet', 'code'), name='family_once_a_bar_sheet'),
            ),
            migrations.AddConstraint(
                model_name='sheetfamily',
                constraint=models.CheckConstraint(condition=models.Q(('judgement__in', ['judged', 'sign', 'shown', 'none'])), name='judgement_is_known'),
            ),
            migrations.AddConstraint(
                model_name='sheetfamily',
                constraint=models.CheckConstraint(condition=models.Q(('track__in', ['power_decarbonisation', 'end_use_electrification', 'energy_efficiency', 'emission_greening'])), name='track_of_family_is_known'),
            ),
            migrations.AddConstraint(
                model_name='sheetpath',
                constraint=models.UniqueConstraint(fields=('sheet', 'place'), name='place_once_a_bar_sheet'),
            ),
            migrations.AddConstraint(
                model_name='sheetpath',
                constraint=models.CheckConstraint(condition=models.Q(('source', ''), _negated=True), name='a_grid_path_has_a_source'),
            ),
            migrations.AddConstraint(
                model_name='sheetuncertainty',
                constraint=models.UniqueConstraint(fields=('sheet', 'input', 'rung'), name='input_and_rung_once_a_bar_sheet'),
            ),
            migrations.AddConstraint(
                model_name='sheetuncertainty',
                constraint=models.CheckConstraint(condition=models.Q(('half_width__gte', 0)), name='half_width_is_positive'),
            ),
            migrations.AddConstraint(
                model_name='trainingset',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('licence', ''), _negated=True), models.Q(('origin', ''), _negated=True)), name='training_set_is_told'),
            ),
            migrations.AddConstraint(
                model_name='modelversion',
                constraint=models.UniqueConstraint(fields=('training_set', 'activity', 'seed', 'code'), name='recipe_is_one_model'),
            ),
            migrations.AddConstraint(
                model_name='modelversion',
                constraint=models.UniqueConstraint(condition=models.Q(('state', 'champion')), fields=('state',), name='one_champion'),
            ),
            migrations.AddConstraint(
                model_name='modelversion',
                constraint=models.UniqueConstraint(condition=models.Q(('state', 'challenger')), fields=('state',), name='one_challenger'),
            ),
            migrations.AddConstraint(
                model_name='modelversion',
                constraint=models.CheckConstraint(condition=models.Q(('state__in', ['queued', 'failed', 'candidate', 'challenger', 'champion', 'retired'])), name='model_state_is_known'),
            ),
        ]),
        migrations.RunPython(install, remove),
    ]
