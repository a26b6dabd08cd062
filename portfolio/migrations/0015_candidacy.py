"""What a candidate is judged by: families, solutions, words on gates, profit and subsidies. No data.

On SQLite a table that is changed loses its triggers, and takes its name while triggers of others speak of it
(legacy_alter_table): they are taken off and put on again.
"""

import django.core.validators
import django.db.models.deletion
import portfolio.typed.bounds
import simple_history.models
from django.conf import settings
from django.db import migrations, models

from portfolio import guards

BEFORE = guards.FIRST + guards.OF_ACTIVITIES + guards.OF_CHECKS + guards.OF_JOINS
AFTER = BEFORE + guards.OF_CANDIDACY


def open_up(apps, schema_editor):
    guards.remove(schema_editor.connection, BEFORE)
    _legacy(schema_editor, "ON")


def close(apps, schema_editor):
    guards.install(schema_editor.connection, AFTER)
    _legacy(schema_editor, "OFF")


def open_again(apps, schema_editor):
    guards.remove(schema_editor.connection, AFTER)
    _legacy(schema_editor, "ON")


def close_again(apps, schema_editor):
    guards.install(schema_editor.connection, BEFORE)
    _legacy(schema_editor, "OFF")


def _legacy(schema_editor, word):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(f"PRAGMA legacy_alter_table = {word}")


class Migration(migrations.Migration):

    dependencies = [
        ('portfolio', '0014_bounds'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(open_up, close_again),
        migrations.CreateModel(
            name='GateWord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('question', models.CharField(choices=[('exclusion', 'Does an exclusion of the fund hold?'), ('fossil_extraction', 'Does the solution serve the extraction of fossil fuels?'), ('direct_and_significant', 'Is its contribution direct and significant?'), ('climate_action', 'Does it act on its own emissions?'), ('venture', 'Was theme revenue under 50 million yuan in every year since it was founded?')], max_length=24, verbose_name='question')),
                ('answer', models.CharField(choices=[('yes', 'Yes'), ('no', 'No')], max_length=4, verbose_name='answer')),
                ('code', models.CharField(blank=True, help_text='Of an exclusion that holds', max_length=40, verbose_name='which one')),
                ('evidence', models.TextField(max_length=2000, verbose_name='evidence in words')),
                ('is_confirmed', models.BooleanField(default=False, help_text="By the fund; else the company's or a source's own statement", verbose_name='confirmed')),
                ('source', models.CharField(blank=True, max_length=300, verbose_name='source')),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='when')),
            ],
            options={
                'verbose_name': 'word on a gate',
                'verbose_name_plural': 'words on gates',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='HistoricalTechnologyFamily',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('code', models.CharField(db_index=True, max_length=16, verbose_name='code')),
                ('track', models.CharField(choices=[('power_decarbonisation', 'Power decarbonisation'), ('end_use_electrification', 'End-use electrification'), ('energy_efficiency', 'Energy efficiency'), ('emission_greening', 'Emission greening')], max_length=32, verbose_name='track')),
                ('name_zh', models.CharField(max_length=80, verbose_name='Chinese name')),
                ('name_en', models.CharField(max_length=80, verbose_name='English name')),
                ('unit', models.CharField(help_text='Such as MW, kWh, car, t', max_length=24, verbose_name='unit sold')),
                ('service_unit', models.CharField(blank=True, help_text='What one unit gives in a year, such as MWh or km', max_length=24, verbose_name='unit of service')),
                ('words', models.CharField(blank=True, help_text='In Chinese and English, separated by |', max_length=400, verbose_name='words for it')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical technology family',
                'verbose_name_plural': 'historical technology families',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Solution',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(verbose_name='number')),
                ('kind', models.CharField(choices=[('realised', 'Realised'), ('measured', 'Measured'), ('planned', 'Planned'), ('potential', 'Potential')], default='realised', max_length=16, verbose_name='kind')),
                ('country', models.CharField(help_text='ISO 3166-1 alpha-3', max_length=3, verbose_name='place of use')),
                ('name', models.CharField(blank=True, max_length=120, verbose_name='product or plant')),
                ('units_sold', models.FloatField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0), portfolio.typed.bounds.Within('units_sold')], verbose_name='units sold')),
                ('units_made', models.FloatField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0), portfolio.typed.bounds.Within('units_made')], verbose_name='output')),
                ('service_per_unit_year', models.FloatField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0), portfolio.typed.bounds.Within('service_per_unit_year')], verbose_name='service per unit and year')),
                ('life_years', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), portfolio.typed.bounds.Within('life_years')], verbose_name='life, years')),
                ('use_share', models.FloatField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1), portfolio.typed.bounds.Within('use_share')], verbose_name='share in use')),
                ('energy_mwh_per_service', models.FloatField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0), portfolio.typed.bounds.Within('energy_mwh_per_service')], verbose_name='electricity per unit of service, MWh')),
                ('lca_t_per_unit', models.FloatField(blank=True, null=True, validators=[portfolio.typed.bounds.Within('lca_t_per_unit')], verbose_name='life-cycle emissions per unit, tCO₂e')),
                ('cost_share', models.FloatField(blank=True, help_text='Of a component; blank for a whole system', null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1), portfolio.typed.bounds.Within('cost_share')], verbose_name="share of the system's cost")),
                ('is_component', models.BooleanField(default=False, verbose_name='a component')),
                ('stated_avoided_t', models.FloatField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0), portfolio.typed.bounds.Within('avoided_t')], verbose_name='avoided emissions as the company states them, tCO₂e')),
                ('stated_avoided_kind', models.CharField(blank=True, choices=[('year_of_fleet', 'One year of all that runs'), ('cumulative', 'Cumulative up to now'), ('life_of_units_sold', 'Life of the units sold in the year'), ('unstated', 'Not stated')], default='', max_length=24, verbose_name='what that counts')),
                ('basis', models.CharField(choices=[('reported', 'Reported'), ('measured', 'Measured')], default='reported', max_length=16, verbose_name='basis')),
                ('source', models.CharField(blank=True, max_length=300, verbose_name='source')),
                ('note', models.CharField(blank=True, max_length=400, verbose_name='note')),
            ],
            options={
                'verbose_name': 'solution',
                'verbose_name_plural': 'solutions',
                'ordering': ['disclosure', 'number'],
            },
        ),
        migrations.CreateModel(
            name='TechnologyFamily',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=16, unique=True, verbose_name='code')),
                ('track', models.CharField(choices=[('power_decarbonisation', 'Power decarbonisation'), ('end_use_electrification', 'End-use electrification'), ('energy_efficiency', 'Energy efficiency'), ('emission_greening', 'Emission greening')], max_length=32, verbose_name='track')),
                ('name_zh', models.CharField(max_length=80, verbose_name='Chinese name')),
                ('name_en', models.CharField(max_length=80, verbose_name='English name')),
                ('unit', models.CharField(help_text='Such as MW, kWh, car, t', max_length=24, verbose_name='unit sold')),
                ('service_unit', models.CharField(blank=True, help_text='What one unit gives in a year, such as MWh or km', max_length=24, verbose_name='unit of service')),
                ('words', models.CharField(blank=True, help_text='In Chinese and English, separated by |', max_length=400, verbose_name='words for it')),
            ],
            options={
                'verbose_name': 'technology family',
                'verbose_name_plural': 'technology families',
                'ordering': ['code'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='figure',
            name='figure_is_not_negative',
        ),
        migrations.RemoveConstraint(
            model_name='trackdecision',
            name='track_rejection_has_a_reason',
        ),
        migrations.AddField(
            model_name='companytrack',
            name='catalogue_code',
            field=models.CharField(blank=True, default='', max_length=24, verbose_name='catalogue code'),
        ),
        migrations.AddField(
            model_name='companytrack',
            name='catalogue_edition',
            field=models.CharField(blank=True, choices=[('2025', 'Green finance supported projects catalogue, 2025'), ('2024-guidance', 'Green and low-carbon transition industries guidance catalogue, 2024')], default='', max_length=16, verbose_name='catalogue'),
        ),
        migrations.AddField(
            model_name='companytrack',
            name='catalogue_valid_until',
            field=models.DateField(blank=True, help_text='Blank: no end is known', null=True, verbose_name='code valid until'),
        ),
        migrations.AddField(
            model_name='companytrack',
            name='solutions',
            field=models.CharField(blank=True, default='', help_text='What it sells', max_length=400, verbose_name='solutions'),
        ),
        migrations.AddField(
            model_name='figure',
            name='ebit_standing',
            field=models.CharField(blank=True, choices=[('inside', 'Inside EBIT'), ('outside', 'Outside EBIT'), ('unknown', 'Not known')], default='', help_text='Of a subsidy: whether EBIT counts it', max_length=8, verbose_name='in EBIT'),
        ),
        migrations.AddField(
            model_name='financials',
            name='ebit',
            field=models.FloatField(blank=True, null=True, validators=[portfolio.typed.bounds.Within('ebit', is_money=True)], verbose_name='EBIT'),
        ),
        migrations.AddField(
            model_name='financials',
            name='ebitda',
            field=models.FloatField(blank=True, null=True, validators=[portfolio.typed.bounds.Within('ebitda', is_money=True)], verbose_name='EBITDA'),
        ),
        migrations.AddField(
            model_name='financials',
            name='grants',
            field=models.FloatField(blank=True, null=True, validators=[portfolio.typed.bounds.Within('grants', is_money=True)], verbose_name='subsidies: grants'),
        ),
        migrations.AddField(
            model_name='financials',
            name='grants_standing',
            field=models.CharField(blank=True, choices=[('inside', 'Inside EBIT'), ('outside', 'Outside EBIT'), ('unknown', 'Not known')], default='', max_length=8, verbose_name='in EBIT'),
        ),
        migrations.AddField(
            model_name='financials',
            name='gross_profit',
            field=models.FloatField(blank=True, null=True, validators=[portfolio.typed.bounds.Within('gross_profit', is_money=True)], verbose_name='gross profit'),
        ),
        migrations.AddField(
            model_name='financials',
            name='is_audited',
            field=models.BooleanField(default=False, verbose_name='from audited accounts'),
        ),
        migrations.AddField(
            model_name='financials',
            name='price_premium',
            field=models.FloatField(blank=True, null=True, validators=[portfolio.typed.bounds.Within('price_premium', is_money=True)], verbose_name='subsidies: price premium'),
        ),
        migrations.AddField(
            model_name='financials',
            name='price_premium_standing',
            field=models.CharField(blank=True, choices=[('inside', 'Inside EBIT'), ('outside', 'Outside EBIT'), ('unknown', 'Not known')], default='', max_length=8, verbose_name='in EBIT'),
        ),
        migrations.AddField(
            model_name='financials',
            name='runway_months',
            field=models.FloatField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0), portfolio.typed.bounds.Within('runway_months')], verbose_name='runway, months'),
        ),
        migrations.AddField(
            model_name='financials',
            name='theme_capex_rnd_share',
            field=models.FloatField(blank=True, help_text='Before there is revenue; between 0 and 1', null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1), portfolio.typed.bounds.Within('theme_share')], verbose_name='theme share of capex and R&D'),
        ),
        migrations.AddField(
            model_name='financials',
            name='theme_credits',
            field=models.FloatField(blank=True, null=True, validators=[portfolio.typed.bounds.Within('theme_credits', is_money=True)], verbose_name='subsidies: theme-tied credits and refunds'),
        ),
        migrations.AddField(
            model_name='financials',
            name='theme_credits_standing',
            field=models.CharField(blank=True, choices=[('inside', 'Inside EBIT'), ('outside', 'Outside EBIT'), ('unknown', 'Not known')], default='', max_length=8, verbose_name='in EBIT'),
        ),
        migrations.AddField(
            model_name='financials',
            name='theme_share',
            field=models.FloatField(blank=True, help_text='Between 0 and 1', null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1), portfolio.typed.bounds.Within('theme_share')], verbose_name='theme share of revenue'),
        ),
        migrations.AddField(
            model_name='financials',
            name='theme_share_is_partial',
            field=models.BooleanField(default=False, help_text="Some of the theme's business is not in it", verbose_name='a lower bound'),
        ),
        migrations.AddField(
            model_name='financials',
            name='value_added',
            field=models.FloatField(blank=True, null=True, validators=[portfolio.typed.bounds.Within('value_added', is_money=True)], verbose_name='value added'),
        ),
        migrations.AddField(
            model_name='historicalfinancials',
            name='ebit',
            field=models.FloatField(blank=True, null=True, validators=[portfolio.typed.bounds.Within('ebit', is_money=True)], verbose_name='EBIT'),
        ),
        migrations.AddField(
            model_name='historicalfinancials',
            name='ebitda',
            field=models.FloatField(blank=True, null=True, validators=[portfolio.typed.bounds.Within('ebitda', is_money=True)], verbose_name='EBITDA'),
        ),
        migrations.AddField(
            model_name='historicalfinancials',
            name='grants',
            field=models.FloatField(blank=True, null=True, validators=[portfolio.typed.bounds.Within('grants', is_money=True)], verbose_name='subsidies: grants'),
        ),
        migrations.AddField(
            model_name='historicalfinancials',
            name='grants_standing',
            field=models.CharField(blank=True, choices=[('inside', 'Inside EBIT'), ('outside', 'Outside EBIT'), ('unknown', 'Not known')], default='', max_length=8, verbose_name='in EBIT'),
        ),
        migrations.AddField(
            model_name='historicalfinancials',
            name='gross_profit',
            field=models.FloatField(blank=True, null=True, validators=[portfolio.typed.bounds.Within('gross_profit', is_money=True)], verbose_name='gross profit'),
        ),
        migrations.AddField(
            model_name='historicalfinancials',
            name='is_audited',
            field=models.BooleanField(default=False, verbose_name='from audited accounts'),
        ),
        migrations.AddField(
            model_name='historicalfinancials',
            name='price_premium',
            field=models.FloatField(blank=True, null=True, validators=[portfolio.typed.bounds.Within('price_premium', is_money=True)], verbose_name='subsidies: price premium'),
        ),
        migrations.AddField(
            model_name='historicalfinancials',
            name='price_premium_standing',
            field=models.CharField(blank=True, choices=[('inside', 'Inside EBIT'), ('outside', 'Outside EBIT'), ('unknown', 'Not known')], default='', max_length=8, verbose_name='in EBIT'),
        ),
        migrations.AddField(
            model_name='historicalfinancials',
            name='runway_months',
            field=models.FloatField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0), portfolio.typed.bounds.Within('runway_months')], verbose_name='runway, months'),
        ),
        migrations.AddField(
            model_name='historicalfinancials',
            name='theme_capex_rnd_share',
            field=models.FloatField(blank=True, help_text='Before there is revenue; between 0 and 1', null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1), portfolio.typed.bounds.Within('theme_share')], verbose_name='theme share of capex and R&D'),
        ),
        migrations.AddField(
            model_name='historicalfinancials',
            name='theme_credits',
            field=models.FloatField(blank=True, null=True, validators=[portfolio.typed.bounds.Within('theme_credits', is_money=True)], verbose_name='subsidies: theme-tied credits and refunds'),
        ),
        migrations.AddField(
            model_name='historicalfinancials',
            name='theme_credits_standing',
            field=models.CharField(blank=True, choices=[('inside', 'Inside EBIT'), ('outside', 'Outside EBIT'), ('unknown', 'Not known')], default='', max_length=8, verbose_name='in EBIT'),
        ),
        migrations.AddField(
            model_name='historicalfinancials',
            name='theme_share',
            field=models.FloatField(blank=True, help_text='Between 0 and 1', null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1), portfolio.typed.bounds.Within('theme_share')], verbose_name='theme share of revenue'),
        ),
        migrations.AddField(
            model_name='historicalfinancials',
            name='theme_share_is_partial',
            field=models.BooleanField(default=False, help_text="Some of the theme's business is not in it", verbose_name='a lower bound'),
        ),
        migrations.AddField(
            model_name='historicalfinancials',
            name='value_added',
            field=models.FloatField(blank=True, null=True, validators=[portfolio.typed.bounds.Within('value_added', is_money=True)], verbose_name='value added'),
        ),
        migrations.AddField(
            model_name='trackdecision',
            name='catalogue',
            field=models.CharField(blank=True, default='', max_length=48, verbose_name='catalogue code'),
        ),
        migrations.AddField(
            model_name='trackdecision',
            name='family',
            field=models.CharField(blank=True, default='', max_length=16, verbose_name='technology family'),
        ),
        migrations.AlterField(
            model_name='figure',
            name='basis',
            field=models.CharField(choices=[('reported', 'Reported'), ('measured', 'Measured'), ('calculated', 'Calculated'), ('estimated', 'Estimated'), ('audited', 'From audited accounts')], default='reported', max_length=16, verbose_name='basis'),
        ),
        migrations.AlterField(
            model_name='figure',
            name='quantity',
            field=models.CharField(choices=[('scope1_t', 'Scope 1'), ('scope2_location_t', 'Scope 2, location-based'), ('scope2_market_t', 'Scope 2, market-based'), ('scope2_unspecified_t', 'Scope 2, method not stated'), ('scope1_2_total_t', 'Scopes 1 and 2 together'), ('scope3_total_t', 'Scope 3, total'), ('scope3_01_t', 'Scope 3.1 Purchased goods and services'), ('scope3_02_t', 'Scope 3.2 Capital goods'), ('scope3_03_t', 'Scope 3.3 Fuel- and energy-related activities'), ('scope3_04_t', 'Scope 3.4 Upstream transportation and distribution'), ('scope3_05_t', 'Scope 3.5 Waste generated in operations'), ('scope3_06_t', 'Scope 3.6 Business travel'), ('scope3_07_t', 'Scope 3.7 Employee commuting'), ('scope3_08_t', 'Scope 3.8 Upstream leased assets'), ('scope3_09_t', 'Scope 3.9 Downstream transportation and distribution'), ('scope3_10_t', 'Scope 3.10 Processing of sold products'), ('scope3_11_t', 'Scope 3.11 Use of sold products'), ('scope3_12_t', 'Scope 3.12 End-of-life treatment of sold products'), ('scope3_13_t', 'Scope 3.13 Downstream leased assets'), ('scope3_14_t', 'Scope 3.14 Franchises'), ('scope3_15_t', 'Scope 3.15 Investments'), ('electricity_kwh', 'Electricity'), ('energy_mj', 'Energy'), ('coal_t', 'Coal'), ('renewable_capacity_kw', 'Renewable capacity'), ('water_t', 'Water'), ('waste_t', 'Waste'), ('revenue_cny', 'Revenue of the year'), ('value_added_cny', 'Value added of the year'), ('gross_profit_cny', 'Gross profit'), ('ebit_cny', 'EBIT'), ('ebitda_cny', 'EBITDA'), ('grants_cny', 'Subsidies: grants in profit and loss'), ('price_premium_cny', 'Subsidies: price premium above the market'), ('theme_credits_cny', 'Subsidies: theme-tied credits and refunds'), ('priced_t', 'Tonnes under a carbon price'), ('free_allocation_t', 'Free allocation'), ('runway_months', 'Runway'), ('theme_revenue_percent', 'Theme share of revenue'), ('theme_capex_rnd_percent', 'Theme share of capex and R&D')], max_length=32, verbose_name='quantity'),
        ),
        migrations.AlterField(
            model_name='trackdecision',
            name='outcome',
            field=models.CharField(choices=[('confirmed', 'Confirmed'), ('rejected', 'Rejected'), ('classified', 'Family and catalogue code given')], max_length=16, verbose_name='outcome'),
        ),
        migrations.AddConstraint(
            model_name='figure',
            constraint=models.CheckConstraint(condition=models.Q(('value__gte', 0), ('quantity__in', ['ebit_cny', 'ebitda_cny', 'gross_profit_cny', 'value_added_cny']), _connector='OR'), name='figure_is_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='trackdecision',
            constraint=models.CheckConstraint(condition=models.Q(('outcome__in', ['confirmed', 'classified']), models.Q(('outcome', 'rejected'), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='track_rejection_has_a_reason'),
        ),
        migrations.AddField(
            model_name='gateword',
            name='by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who'),
        ),
        migrations.AddField(
            model_name='gateword',
            name='company',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='gate_words', to='portfolio.company', verbose_name='company'),
        ),
        migrations.AddField(
            model_name='gateword',
            name='document',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portfolio.evidence', verbose_name='document'),
        ),
        migrations.AddField(
            model_name='historicaltechnologyfamily',
            name='history_user',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='solution',
            name='disclosure',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='solutions', to='portfolio.disclosure', verbose_name='disclosure'),
        ),
        migrations.AddConstraint(
            model_name='technologyfamily',
            constraint=models.CheckConstraint(condition=models.Q(('track__in', ['power_decarbonisation', 'end_use_electrification', 'energy_efficiency', 'emission_greening'])), name='family_track_is_known'),
        ),
        migrations.AddField(
            model_name='solution',
            name='family',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='solutions', to='portfolio.technologyfamily', verbose_name='technology family'),
        ),
        migrations.AddField(
            model_name='companytrack',
            name='family',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='tracks', to='portfolio.technologyfamily', verbose_name='technology family'),
        ),
        migrations.AddConstraint(
            model_name='gateword',
            constraint=models.CheckConstraint(condition=models.Q(('answer__in', ['yes', 'no'])), name='gate_answer_is_yes_or_no'),
        ),
        migrations.AddConstraint(
            model_name='gateword',
            constraint=models.CheckConstraint(condition=models.Q(('evidence', ''), _negated=True), name='gate_word_has_evidence'),
        ),
        migrations.AddConstraint(
            model_name='gateword',
            constraint=models.CheckConstraint(condition=models.Q(('is_confirmed', False), ('by__isnull', False), _connector='OR'), name='confirmed_gate_word_names_its_person'),
        ),
        migrations.AddConstraint(
            model_name='solution',
            constraint=models.UniqueConstraint(fields=('disclosure', 'number'), name='solution_once_a_number'),
        ),
        migrations.AddConstraint(
            model_name='solution',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['realised', 'measured', 'planned', 'potential'])), name='solution_kind_is_known'),
        ),
        migrations.RunPython(close, open_again),
    ]
