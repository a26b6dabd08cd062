"""Holdings, their positions, prices, project figures and exclusion flags; the base of a fund's EU benchmark test. Touches no data."""

import django.core.validators
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '__first__'),
        ('fund', '0003_guards'),
        ('portfolio', '0005_activity_guards'),
    ]

    operations = [
        migrations.AddField(
            model_name='historicalthemefund',
            name='benchmark_from',
            field=models.DateField(blank=True, help_text='Blank: the first date with positions', null=True, verbose_name='base date of the EU benchmark test'),
        ),
        migrations.AddField(
            model_name='historicalthemefund',
            name='universe_intensity',
            field=models.FloatField(blank=True, help_text='tCO₂e of scopes 1 + 2 + 3 per million CNY of EVIC, at the base date', null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='intensity of the investable universe'),
        ),
        migrations.AddField(
            model_name='historicalthemefund',
            name='universe_source',
            field=models.CharField(blank=True, default='', max_length=300, verbose_name='source of that intensity'),
        ),
        migrations.AddField(
            model_name='themefund',
            name='benchmark_from',
            field=models.DateField(blank=True, help_text='Blank: the first date with positions', null=True, verbose_name='base date of the EU benchmark test'),
        ),
        migrations.AddField(
            model_name='themefund',
            name='universe_intensity',
            field=models.FloatField(blank=True, help_text='tCO₂e of scopes 1 + 2 + 3 per million CNY of EVIC, at the base date', null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='intensity of the investable universe'),
        ),
        migrations.AddField(
            model_name='themefund',
            name='universe_source',
            field=models.CharField(blank=True, default='', max_length=300, verbose_name='source of that intensity'),
        ),
        migrations.CreateModel(
            name='HistoricalHolding',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('holding_key', models.CharField(help_text='Once in a fund; imported rows name the holding by it', max_length=80, verbose_name='holding key')),
                ('asset_class', models.CharField(choices=[('listed_equity', 'Listed equity'), ('corporate_bond', 'Corporate bond'), ('business_loan', 'Business loan'), ('unlisted_equity', 'Unlisted equity'), ('project_finance', 'Project finance')], max_length=24, verbose_name='asset class')),
                ('instrument', models.CharField(max_length=200, verbose_name='instrument')),
                ('currency', models.CharField(default='CNY', help_text='ISO 4217', max_length=3, verbose_name='currency')),
                ('issuer_listed', models.BooleanField(blank=True, help_text='Of bonds and loans: decides between enterprise value and equity + debt', null=True, verbose_name='the issuer is listed')),
                ('is_engaged', models.BooleanField(default=False, help_text='The fund engages with this company about its targets', verbose_name='engaged')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('company', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='portfolio.company', verbose_name='company')),
                ('fund', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='fund.themefund', verbose_name='fund')),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical holding',
                'verbose_name_plural': 'historical holdings',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Holding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('holding_key', models.CharField(help_text='Once in a fund; imported rows name the holding by it', max_length=80, verbose_name='holding key')),
                ('asset_class', models.CharField(choices=[('listed_equity', 'Listed equity'), ('corporate_bond', 'Corporate bond'), ('business_loan', 'Business loan'), ('unlisted_equity', 'Unlisted equity'), ('project_finance', 'Project finance')], max_length=24, verbose_name='asset class')),
                ('instrument', models.CharField(max_length=200, verbose_name='instrument')),
                ('currency', models.CharField(default='CNY', help_text='ISO 4217', max_length=3, verbose_name='currency')),
                ('issuer_listed', models.BooleanField(blank=True, help_text='Of bonds and loans: decides between enterprise value and equity + debt', null=True, verbose_name='the issuer is listed')),
                ('is_engaged', models.BooleanField(default=False, help_text='The fund engages with this company about its targets', verbose_name='engaged')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='holdings', to='portfolio.company', verbose_name='company')),
                ('fund', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='holdings', to='fund.themefund', verbose_name='fund')),
            ],
            options={
                'verbose_name': 'holding',
                'verbose_name_plural': 'holdings',
                'ordering': ['fund', 'holding_key'],
                'constraints': [models.UniqueConstraint(fields=('fund', 'holding_key'), name='holding_key_once_a_fund'), models.CheckConstraint(condition=models.Q(('asset_class__in', ['listed_equity', 'corporate_bond', 'business_loan', 'unlisted_equity', 'project_finance'])), name='holding_asset_class_is_known'), models.CheckConstraint(condition=models.Q(('holding_key', ''), _negated=True), name='holding_has_a_key')],
            },
        ),
        migrations.CreateModel(
            name='Position',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('as_of', models.DateField(verbose_name='as of')),
                ('source', models.CharField(max_length=300, verbose_name='source')),
                ('entered_at', models.DateTimeField(auto_now_add=True, verbose_name='entered at')),
                ('outstanding', models.FloatField(blank=True, help_text="In the holding's currency, such as 50,000,000 or 3亿", null=True, validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1e+18)], verbose_name='outstanding amount')),
                ('shares_held', models.FloatField(blank=True, help_text='Needed for unlisted equity', null=True, validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1e+18)], verbose_name='shares held')),
                ('average_financing', models.FloatField(blank=True, help_text="Monthly mean of the year, for the rule of the People's Bank; blank: the outstanding amount", null=True, validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1e+18)], verbose_name='average financing')),
                ('entered_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='entered by')),
                ('holding', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='positions', to='fund.holding', verbose_name='holding')),
            ],
            options={
                'verbose_name': 'position',
                'verbose_name_plural': 'positions',
                'ordering': ['-as_of', '-pk'],
                'indexes': [models.Index(fields=['holding', 'as_of'], name='position_by_holding_and_date')],
                'constraints': [models.CheckConstraint(condition=models.Q(('outstanding__isnull', False), ('shares_held__isnull', False), _connector='OR'), name='position_says_how_much', violation_error_message='A position needs an outstanding amount or the shares held.'), models.CheckConstraint(condition=models.Q(models.Q(('outstanding__isnull', True), ('outstanding__gte', 0), _connector='OR'), models.Q(('shares_held__isnull', True), ('shares_held__gte', 0), _connector='OR'), models.Q(('average_financing__isnull', True), ('average_financing__gte', 0), _connector='OR')), name='position_is_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='PriceInputs',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('as_of', models.DateField(verbose_name='as of')),
                ('source', models.CharField(max_length=300, verbose_name='source')),
                ('entered_at', models.DateTimeField(auto_now_add=True, verbose_name='entered at')),
                ('currency', models.CharField(default='CNY', help_text='ISO 4217', max_length=3, verbose_name='currency')),
                ('market_cap', models.FloatField(blank=True, help_text='Ordinary and preferred shares', null=True, validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1e+18)], verbose_name='market capitalisation')),
                ('total_debt', models.FloatField(blank=True, help_text='Book value', null=True, validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1e+18)], verbose_name='total debt')),
                ('minority_interest', models.FloatField(blank=True, help_text='Book value; 0 where there is none', null=True, validators=[django.core.validators.MinValueValidator(-1e+18), django.core.validators.MaxValueValidator(1e+18)], verbose_name='minority interest')),
                ('cash', models.FloatField(blank=True, help_text='Not deducted from the enterprise value', null=True, validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1e+18)], verbose_name='cash and equivalents')),
                ('evic', models.FloatField(blank=True, help_text='Enterprise value including cash; blank: market capitalisation + debt + minority interest', null=True, validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1e+18)], verbose_name='EVIC')),
                ('total_equity', models.FloatField(blank=True, help_text='May be negative: it then counts as zero, and is flagged', null=True, validators=[django.core.validators.MinValueValidator(-1e+18), django.core.validators.MaxValueValidator(1e+18)], verbose_name='total equity')),
                ('total_assets', models.FloatField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1e+18)], verbose_name='total assets')),
                ('shares_total', models.FloatField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1e+18)], verbose_name='shares in all')),
                ('revenue', models.FloatField(blank=True, help_text="Blank: as on record among the company's financials", null=True, validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1e+18)], verbose_name='main revenue of a year')),
                ('avoided_t', models.FloatField(blank=True, help_text='As claimed for a year; never netted', null=True, validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1e+18)], verbose_name='avoided emissions, tCO₂e')),
                ('removed_t', models.FloatField(blank=True, help_text='As claimed for a year; never netted', null=True, validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1e+18)], verbose_name='removed emissions, tCO₂e')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='price_inputs', to='portfolio.company', verbose_name='company')),
                ('entered_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='entered by')),
            ],
            options={
                'verbose_name': 'price inputs of a company',
                'verbose_name_plural': 'price inputs of companies',
                'ordering': ['-as_of', '-pk'],
                'indexes': [models.Index(fields=['company', 'as_of'], name='prices_by_company_and_date')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('market_cap__isnull', True), ('market_cap__gt', 0), _connector='OR'), models.Q(('evic__isnull', True), ('evic__gt', 0), _connector='OR'), models.Q(('shares_total__isnull', True), ('shares_total__gt', 0), _connector='OR'), models.Q(('total_assets__isnull', True), ('total_assets__gt', 0), _connector='OR')), name='price_inputs_divide', violation_error_message='What is divided by must be above zero; leave it blank if it is not known.'), models.CheckConstraint(condition=models.Q(models.Q(('total_debt__isnull', True), ('total_debt__gte', 0), _connector='OR'), models.Q(('cash__isnull', True), ('cash__gte', 0), _connector='OR'), models.Q(('revenue__isnull', True), ('revenue__gte', 0), _connector='OR'), models.Q(('avoided_t__isnull', True), ('avoided_t__gte', 0), _connector='OR'), models.Q(('removed_t__isnull', True), ('removed_t__gte', 0), _connector='OR')), name='price_inputs_are_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='ProjectFigures',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('as_of', models.DateField(verbose_name='as of')),
                ('source', models.CharField(max_length=300, verbose_name='source')),
                ('entered_at', models.DateTimeField(auto_now_add=True, verbose_name='entered at')),
                ('currency', models.CharField(default='CNY', help_text='ISO 4217', max_length=3, verbose_name='currency')),
                ('total_equity', models.FloatField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(-1e+18), django.core.validators.MaxValueValidator(1e+18)], verbose_name='project equity')),
                ('total_debt', models.FloatField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1e+18)], verbose_name='project debt')),
                ('total_investment', models.FloatField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1e+18)], verbose_name='total investment')),
                ('revenue', models.FloatField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1e+18)], verbose_name='main revenue of a year')),
                ('s1_t', models.FloatField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1e+18)], verbose_name='scope 1 of a year, tCO₂e')),
                ('s2_t', models.FloatField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1e+18)], verbose_name='scope 2 of a year, tCO₂e')),
                ('s3_t', models.FloatField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1e+18)], verbose_name='scope 3 of a year, tCO₂e')),
                ('avoided_t', models.FloatField(blank=True, help_text='As claimed for a year; never netted', null=True, validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1e+18)], verbose_name='avoided emissions, tCO₂e')),
                ('removed_t', models.FloatField(blank=True, help_text='As claimed for a year; never netted', null=True, validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1e+18)], verbose_name='removed emissions, tCO₂e')),
                ('data_quality', models.PositiveSmallIntegerField(blank=True, help_text='Of the tonnes, from 1, the best, to 5', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(5)], verbose_name='data quality')),
                ('entered_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='entered by')),
                ('holding', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='project_figures', to='fund.holding', verbose_name='holding')),
            ],
            options={
                'verbose_name': 'figures of a project',
                'verbose_name_plural': 'figures of projects',
                'ordering': ['-as_of', '-pk'],
                'indexes': [models.Index(fields=['holding', 'as_of'], name='project_by_holding_and_date')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('total_debt__isnull', True), ('total_debt__gte', 0), _connector='OR'), models.Q(('total_investment__isnull', True), ('total_investment__gte', 0), _connector='OR'), models.Q(('revenue__isnull', True), ('revenue__gte', 0), _connector='OR'), models.Q(('s1_t__isnull', True), ('s1_t__gte', 0), _connector='OR'), models.Q(('s2_t__isnull', True), ('s2_t__gte', 0), _connector='OR'), models.Q(('s3_t__isnull', True), ('s3_t__gte', 0), _connector='OR'), models.Q(('avoided_t__isnull', True), ('avoided_t__gte', 0), _connector='OR'), models.Q(('removed_t__isnull', True), ('removed_t__gte', 0), _connector='OR')), name='project_figures_are_not_negative'), models.CheckConstraint(condition=models.Q(('data_quality__isnull', True), models.Q(('data_quality__gte', 1), ('data_quality__lte', 5)), _connector='OR'), name='project_quality_is_1_to_5')],
            },
        ),
        migrations.CreateModel(
            name='ExclusionFlag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('as_of', models.DateField(verbose_name='as of')),
                ('source', models.CharField(max_length=300, verbose_name='source')),
                ('entered_at', models.DateTimeField(auto_now_add=True, verbose_name='entered at')),
                ('exclusion', models.CharField(choices=[('controversial_weapons', '(a) Controversial weapons'), ('tobacco', '(b) Tobacco'), ('ungc_oecd_violation', '(c) Breach of UN Global Compact or OECD guidelines'), ('coal_revenue', '(d) 1 % or more of revenue from coal'), ('oil_revenue', '(e) 10 % or more of revenue from oil'), ('gas_revenue', '(f) 50 % or more of revenue from gas'), ('high_carbon_power_revenue', '(g) 50 % or more of revenue from power above 100 gCO₂e/kWh')], max_length=32, verbose_name='exclusion')),
                ('applies', models.BooleanField(verbose_name='the company falls under it')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='exclusion_flags', to='portfolio.company', verbose_name='company')),
                ('entered_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='entered by')),
            ],
            options={
                'verbose_name': 'exclusion flag',
                'verbose_name_plural': 'exclusion flags',
                'ordering': ['-as_of', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('exclusion__in', ['controversial_weapons', 'tobacco', 'ungc_oecd_violation', 'coal_revenue', 'oil_revenue', 'gas_revenue', 'high_carbon_power_revenue'])), name='exclusion_is_known')],
            },
        ),
    ]
