"""Bar sheets, whose content is fixed from their proposal on. Touches no data: what ships is made after each migrate."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from portfolio import guards
from scoring.guards import OF_BAR_SHEETS


def install(apps, schema_editor):
    guards.install(schema_editor.connection, OF_BAR_SHEETS)


def remove(apps, schema_editor):
    guards.remove(schema_editor.connection, OF_BAR_SHEETS)


class Migration(migrations.Migration):

    dependencies = [
        ('scoring', '0008_model_guards'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
        migrations.RunPython(install, remove),
    ]
