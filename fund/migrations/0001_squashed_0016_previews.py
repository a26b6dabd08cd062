"""The tables of fund in one step, where there are none yet: the same as 0001 to 0016 one after another, in a
tenth of the time. A database that has some of those goes on with the others."""

from decimal import Decimal

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
import django.utils.timezone
import simple_history.models
from django.conf import settings
from django.core.management import call_command
from django.db import migrations, models

import portfolio.identifiers
import portfolio.typed.bounds
from fund.guards import FIRST, OF_FOUR_EYES, OF_HOLDINGS, OF_NOTES, OF_OPEN_QUESTIONS, OF_PREVIEWS, OF_PROPOSERS
from portfolio import guards
from portfolio.migrations._together import CreateTables

GUARDS = FIRST + OF_HOLDINGS + OF_OPEN_QUESTIONS + OF_FOUR_EYES + OF_NOTES + OF_PROPOSERS + OF_PREVIEWS


def install(apps, schema_editor):
    guards.install(schema_editor.connection, GUARDS)


def remove(apps, schema_editor):
    guards.remove(schema_editor.connection, GUARDS)


def make_cache_table(apps, schema_editor):
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('fund', '0001_cache_table'),
        ('fund', '0002_decisions'),
        ('fund', '0003_guards'),
        ('fund', '0004_holdings'),
        ('fund', '0005_guard_holdings'),
        ('fund', '0006_bounds'),
        ('fund', '0007_open_questions'),
        ('fund', '0008_bars_in_mandates'),
        ('fund', '0010_scenarios'),
        ('fund', '0011_questions_about_years'),
        ('fund', '0012_notes'),
        ('fund', '0013_four_eyes'),
        ('fund', '0014_proposers'),
        ('fund', '0015_same_hands'),
        ('fund', '0016_previews'),
    ]

    dependencies = [
        ('portfolio', '0001_squashed_0036_lines_cite'),
        ('scoring', '0001_squashed_0012_same_hands'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables([
            migrations.CreateModel(
                name='Candidate',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('stage', models.CharField(choices=[('screening', 'Screening'), ('shortlisted', 'Shortlisted'), ('proposed', 'Proposed'), ('approved', 'Approved'), ('rejected', 'Rejected')], default='screening', editable=False, max_length=16, verbose_name='stage')),
                    ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='candidacies', to='portfolio.company', verbose_name='company')),
                    ('followed_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='followed by')),
                    ('nominated_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='nominated by')),
                ],
                options={
                    'verbose_name': 'candidate',
                    'verbose_name_plural': 'candidates',
                    'ordering': ['-pk'],
                },
            ),
            migrations.CreateModel(
                name='HistoricalThemeFund',
                fields=[
                    ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                    ('name_zh', models.CharField(max_length=120, verbose_name='Chinese name')),
                    ('name_en', models.CharField(max_length=120, verbose_name='English name')),
                    ('note', models.CharField(blank=True, default='', max_length=400, verbose_name='note')),
                    ('is_illustrative', models.BooleanField(default=False, help_text='Made for the demo; not a real fund', verbose_name='illustrative')),
                    ('source', models.CharField(blank=True, default='', help_text="Of somebody else's fund that is only looked at; blank: a fund of our own", max_length=300, verbose_name='source of the book')),
                    ('size_cny', models.DecimalField(blank=True, decimal_places=2, help_text='Committed capital; tickets are measured against it', max_digits=18, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0.01')), portfolio.typed.bounds.Within('amount_cny')], verbose_name='size of the fund in yuan')),
                    ('benchmark_from', models.DateField(blank=True, help_text='Blank: the first date with positions', null=True, verbose_name='base date of the EU benchmark test')),
                    ('universe_intensity', models.FloatField(blank=True, help_text='tCO₂e of scopes 1 + 2 + 3 per million CNY of EVIC, at the base date', null=True, validators=[django.core.validators.MinValueValidator(0), portfolio.typed.bounds.Within('universe_intensity')], verbose_name='intensity of the investable universe')),
                    ('universe_source', models.CharField(blank=True, default='', max_length=300, verbose_name='source of that intensity')),
                    ('history_id', models.AutoField(primary_key=True, serialize=False)),
                    ('history_date', models.DateTimeField(db_index=True)),
                    ('history_change_reason', models.CharField(max_length=100, null=True)),
                    ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                    ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'historical theme fund',
                    'verbose_name_plural': 'historical theme funds',
                    'ordering': ('-history_date', '-history_id'),
                    'get_latest_by': ('history_date', 'history_id'),
                },
                bases=(simple_history.models.HistoricalChanges, models.Model),
            ),
            migrations.CreateModel(
                name='Holding',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('matched_by', models.CharField(blank=True, choices=[('', 'not matched'), ('key', 'company key'), ('isin', 'ISIN'), ('lei', 'LEI'), ('national_id', 'national company id'), ('ticker', 'ticker'), ('person', 'confirmed by a person'), ('nobody', 'not on record, as a person found')], default='key', editable=False, max_length=16, verbose_name='matched by')),
                    ('issuer_name', models.CharField(blank=True, default='', help_text="As the fund's own books name it", max_length=200, verbose_name='issuer')),
                    ('issuer_key', models.CharField(blank=True, default='', max_length=80, verbose_name='key as given')),
                    ('isin', models.CharField(blank=True, default='', max_length=16, validators=[portfolio.identifiers.validate_isin], verbose_name='ISIN')),
                    ('lei', models.CharField(blank=True, default='', max_length=24, validators=[portfolio.identifiers.validate_lei], verbose_name='LEI')),
                    ('ticker', models.CharField(blank=True, default='', max_length=24, verbose_name='ticker')),
                    ('holding_key', models.CharField(help_text='Once in a fund; imported rows name the holding by it', max_length=80, verbose_name='holding key')),
                    ('asset_class', models.CharField(choices=[('listed_equity', 'Listed equity'), ('corporate_bond', 'Corporate bond'), ('business_loan', 'Business loan'), ('unlisted_equity', 'Unlisted equity'), ('project_finance', 'Project finance')], max_length=24, verbose_name='asset class')),
                    ('instrument', models.CharField(max_length=200, verbose_name='instrument')),
                    ('currency', models.CharField(default='CNY', help_text='ISO 4217', max_length=3, verbose_name='currency')),
                    ('issuer_listed', models.BooleanField(blank=True, help_text='Of bonds and loans: decides between enterprise value and equity + debt', null=True, verbose_name='the issuer is listed')),
                    ('is_engaged', models.BooleanField(default=False, help_text='The fund engages with this company about its targets', verbose_name='engaged')),
                    ('company', models.ForeignKey(blank=True, help_text='Blank: the issuer is not on record; then its name is needed', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='holdings', to='portfolio.company', verbose_name='company')),
                ],
                options={
                    'verbose_name': 'holding',
                    'verbose_name_plural': 'holdings',
                    'ordering': ['fund', 'holding_key'],
                },
            ),
            migrations.CreateModel(
                name='Mandate',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('version', models.PositiveSmallIntegerField(editable=False, verbose_name='version')),
                    ('valid_from', models.DateField(verbose_name='valid from')),
                    ('gates_passed_required', models.BooleanField(default=False, verbose_name='all gates must be passed')),
                    ('min_cleared', models.PositiveSmallIntegerField(blank=True, help_text='Of the three bars, 0 to 3', null=True, validators=[django.core.validators.MaxValueValidator(3)], verbose_name='least bars cleared')),
                    ('min_p_cleared', models.FloatField(blank=True, help_text='Between 0 and 1', null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1)], verbose_name='least P of the cleared bars')),
                    ('worst_evidence', models.CharField(blank=True, choices=[('E1', 'E1 verified'), ('E2', 'E2 reported'), ('E3', 'E3 activity × factor'), ('E4', 'E4 planned or over two years old'), ('E5', 'E5 model estimate')], default='', max_length=2, verbose_name='worst evidence allowed')),
                    ('oldest_data_year', models.PositiveSmallIntegerField(blank=True, help_text='Of the known bars, the oldest counts', null=True, verbose_name='oldest year of data allowed')),
                    ('max_ticket_share', models.FloatField(blank=True, help_text='Above 0, at most 1; needs the size of the fund', null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1)], verbose_name='largest ticket as a share of the fund')),
                    ('confirmed_track_required', models.BooleanField(default=False, verbose_name='a confirmed track is required')),
                    ('exclude_illustrative', models.BooleanField(default=False, verbose_name='illustrative companies are excluded')),
                    ('note', models.CharField(blank=True, default='', max_length=400, verbose_name='note')),
                    ('confirmed_at', models.DateTimeField(editable=False, null=True, verbose_name='confirmed at')),
                    ('retired_rules', models.TextField(blank=True, default='', editable=False, verbose_name='rules of the first method')),
                    ('bar_sheet', models.ForeignKey(blank=True, help_text='Blank: the one in force on the day', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='mandates', to='scoring.barsheet', verbose_name='bar sheet')),
                    ('confirmed_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='confirmed by')),
                    ('proposed_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='proposed by')),
                ],
                options={
                    'verbose_name': 'mandate',
                    'verbose_name_plural': 'mandates',
                    'ordering': ['fund', '-valid_from', '-version'],
                },
            ),
            migrations.CreateModel(
                name='Preview',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('opened_at', models.DateTimeField(auto_now_add=True, verbose_name='can be seen since')),
                    ('due', models.DateField(help_text='23:59 Beijing time of this day', verbose_name='until')),
                    ('is_by_calendar', models.BooleanField(help_text='Otherwise Monday to Friday were counted', verbose_name='holidays known')),
                    ('confirmed_at', models.DateTimeField(null=True, verbose_name='confirmed at')),
                    ('confirmed_digest', models.CharField(blank=True, max_length=64, verbose_name='score that was confirmed')),
                    ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='confirmed by')),
                    ('disclosure', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='preview', to='portfolio.disclosure', verbose_name='verified version')),
                    ('score', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scoring.score', verbose_name='first score')),
                ],
                options={
                    'verbose_name': 'preview of a result',
                    'verbose_name_plural': 'previews of results',
                    'ordering': ['-pk'],
                },
            ),
            migrations.CreateModel(
                name='Dispute',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('digest', models.CharField(max_length=64, verbose_name='digest of what was shown')),
                    ('field', models.CharField(max_length=80, verbose_name='what is disputed')),
                    ('words', models.TextField(max_length=2000, verbose_name="in the company's words")),
                    ('at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='when')),
                    ('state', models.CharField(choices=[('open', 'Open'), ('answered', 'Answered'), ('withdrawn', 'Withdrawn')], default='open', max_length=16, verbose_name='state')),
                    ('answer', models.TextField(blank=True, max_length=2000, verbose_name="the fund's answer")),
                    ('closed_at', models.DateTimeField(null=True, verbose_name='closed at')),
                    ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who')),
                    ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='closed by')),
                    ('score', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scoring.score', verbose_name='score that was shown')),
                    ('preview', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='disputes', to='fund.preview', verbose_name='preview')),
                ],
                options={
                    'verbose_name': 'dispute of a result',
                    'verbose_name_plural': 'disputes of results',
                    'ordering': ['-pk'],
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
                },
            ),
            migrations.CreateModel(
                name='Proposal',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('number', models.PositiveSmallIntegerField(verbose_name='number')),
                    ('kind', models.CharField(choices=[('invest', 'Invest'), ('decline', 'Decline'), ('watch', 'Watch')], max_length=8, verbose_name='proposal')),
                    ('amount_cny', models.DecimalField(blank=True, decimal_places=2, max_digits=18, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0.01')), portfolio.typed.bounds.Within('amount_cny')], verbose_name='amount in yuan')),
                    ('conditions', models.TextField(blank=True, default='', max_length=4000, verbose_name='conditions')),
                    ('reason', models.TextField(max_length=4000, verbose_name='reason')),
                    ('newer_score_note', models.TextField(blank=True, default='', max_length=2000, verbose_name='why not the newer score')),
                    ('failed_rules_note', models.TextField(blank=True, default='', max_length=2000, verbose_name='why although rules fail')),
                    ('seen_json', models.TextField(verbose_name='checks as the proposer saw them')),
                    ('proposed_at', models.DateTimeField(verbose_name='proposed at')),
                    ('content_sha256', models.CharField(max_length=64, verbose_name='digest of the content')),
                    ('candidate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='fund.candidate', verbose_name='candidate')),
                    ('mandate', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fund.mandate', verbose_name='mandate')),
                    ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='proposed by')),
                    ('score', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scoring.score', verbose_name='score')),
                ],
                options={
                    'verbose_name': 'proposal',
                    'verbose_name_plural': 'proposals',
                    'ordering': ['-pk'],
                },
            ),
            migrations.CreateModel(
                name='Decision',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('outcome', models.CharField(choices=[('approved', 'Approved'), ('rejected', 'Rejected')], max_length=8, verbose_name='outcome')),
                    ('reason', models.TextField(max_length=4000, verbose_name='reason')),
                    ('newer_score_note', models.TextField(blank=True, default='', max_length=2000, verbose_name='why not the newer score')),
                    ('decided_at', models.DateTimeField(verbose_name='decided at')),
                    ('content_sha256', models.CharField(max_length=64, verbose_name='digest of what was decided on')),
                    ('decided_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                    ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='proposed by')),
                    ('score', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scoring.score', verbose_name='score')),
                    ('proposal', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='decision', to='fund.proposal', verbose_name='proposal')),
                ],
                options={
                    'verbose_name': 'decision',
                    'verbose_name_plural': 'decisions',
                    'ordering': ['-pk'],
                },
            ),
            migrations.CreateModel(
                name='Scenario',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=80, verbose_name='name')),
                    ('query', models.CharField(blank=True, max_length=4000, verbose_name='address')),
                    ('is_shared', models.BooleanField(default=False, verbose_name='shared inside the house')),
                    ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                    ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                ],
                options={
                    'verbose_name': 'scenario',
                    'verbose_name_plural': 'scenarios',
                    'ordering': ['name', 'pk'],
                },
            ),
            migrations.CreateModel(
                name='ThemeFund',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name_zh', models.CharField(max_length=120, verbose_name='Chinese name')),
                    ('name_en', models.CharField(max_length=120, verbose_name='English name')),
                    ('note', models.CharField(blank=True, default='', max_length=400, verbose_name='note')),
                    ('is_illustrative', models.BooleanField(default=False, help_text='Made for the demo; not a real fund', verbose_name='illustrative')),
                    ('source', models.CharField(blank=True, default='', help_text="Of somebody else's fund that is only looked at; blank: a fund of our own", max_length=300, verbose_name='source of the book')),
                    ('size_cny', models.DecimalField(blank=True, decimal_places=2, help_text='Committed capital; tickets are measured against it', max_digits=18, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0.01')), portfolio.typed.bounds.Within('amount_cny')], verbose_name='size of the fund in yuan')),
                    ('benchmark_from', models.DateField(blank=True, help_text='Blank: the first date with positions', null=True, verbose_name='base date of the EU benchmark test')),
                    ('universe_intensity', models.FloatField(blank=True, help_text='tCO₂e of scopes 1 + 2 + 3 per million CNY of EVIC, at the base date', null=True, validators=[django.core.validators.MinValueValidator(0), portfolio.typed.bounds.Within('universe_intensity')], verbose_name='intensity of the investable universe')),
                    ('universe_source', models.CharField(blank=True, default='', max_length=300, verbose_name='source of that intensity')),
                ],
                options={
                    'verbose_name': 'theme fund',
                    'verbose_name_plural': 'theme funds',
                    'ordering': ['pk'],
                    'constraints': [models.UniqueConstraint(fields=('name_zh',), name='fund_name_is_unique'), models.CheckConstraint(condition=models.Q(('size_cny__isnull', True), ('size_cny__gt', 0), _connector='OR'), name='fund_size_is_above_zero')],
                },
            ),
            migrations.CreateModel(
                name='RefusedRow',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('file', models.CharField(max_length=200, verbose_name='file')),
                    ('line', models.PositiveIntegerField(verbose_name='line')),
                    ('holding_key', models.CharField(blank=True, default='', max_length=80, verbose_name='holding key')),
                    ('name', models.CharField(blank=True, default='', max_length=200, verbose_name='issuer or instrument')),
                    ('as_of', models.DateField(blank=True, null=True, verbose_name='as of')),
                    ('currency', models.CharField(blank=True, default='', max_length=8, verbose_name='currency')),
                    ('amount', models.FloatField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1e+18)], verbose_name='amount')),
                    ('faults', models.JSONField(default=list, verbose_name='faults')),
                    ('digest', models.CharField(max_length=64, verbose_name='digest')),
                    ('entered_at', models.DateTimeField(auto_now_add=True, verbose_name='entered at')),
                    ('state', models.CharField(choices=[('open', 'open'), ('entered', 'came in right since'), ('set_aside', 'set aside')], default='open', max_length=16, verbose_name='state')),
                    ('reason', models.CharField(blank=True, default='', max_length=400, verbose_name='reason')),
                    ('closed_at', models.DateTimeField(null=True, verbose_name='closed at')),
                    ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='closed by')),
                    ('entered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='entered by')),
                    ('fund', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refused_rows', to='fund.themefund', verbose_name='fund')),
                ],
                options={
                    'verbose_name': 'refused row',
                    'verbose_name_plural': 'refused rows',
                    'ordering': ['file', 'line', 'pk'],
                },
            ),
            migrations.AddField(
                model_name='mandate',
                name='fund',
                field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mandates', to='fund.themefund', verbose_name='fund'),
            ),
            migrations.AddField(
                model_name='holding',
                name='fund',
                field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='holdings', to='fund.themefund', verbose_name='fund'),
            ),
            migrations.CreateModel(
                name='HistoricalMandate',
                fields=[
                    ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                    ('version', models.PositiveSmallIntegerField(editable=False, verbose_name='version')),
                    ('valid_from', models.DateField(verbose_name='valid from')),
                    ('gates_passed_required', models.BooleanField(default=False, verbose_name='all gates must be passed')),
                    ('min_cleared', models.PositiveSmallIntegerField(blank=True, help_text='Of the three bars, 0 to 3', null=True, validators=[django.core.validators.MaxValueValidator(3)], verbose_name='least bars cleared')),
                    ('min_p_cleared', models.FloatField(blank=True, help_text='Between 0 and 1', null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1)], verbose_name='least P of the cleared bars')),
                    ('worst_evidence', models.CharField(blank=True, choices=[('E1', 'E1 verified'), ('E2', 'E2 reported'), ('E3', 'E3 activity × factor'), ('E4', 'E4 planned or over two years old'), ('E5', 'E5 model estimate')], default='', max_length=2, verbose_name='worst evidence allowed')),
                    ('oldest_data_year', models.PositiveSmallIntegerField(blank=True, help_text='Of the known bars, the oldest counts', null=True, verbose_name='oldest year of data allowed')),
                    ('max_ticket_share', models.FloatField(blank=True, help_text='Above 0, at most 1; needs the size of the fund', null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1)], verbose_name='largest ticket as a share of the fund')),
                    ('confirmed_track_required', models.BooleanField(default=False, verbose_name='a confirmed track is required')),
                    ('exclude_illustrative', models.BooleanField(default=False, verbose_name='illustrative companies are excluded')),
                    ('note', models.CharField(blank=True, default='', max_length=400, verbose_name='note')),
                    ('confirmed_at', models.DateTimeField(editable=False, null=True, verbose_name='confirmed at')),
                    ('retired_rules', models.TextField(blank=True, default='', editable=False, verbose_name='rules of the first method')),
                    ('history_id', models.AutoField(primary_key=True, serialize=False)),
                    ('history_date', models.DateTimeField(db_index=True)),
                    ('history_change_reason', models.CharField(max_length=100, null=True)),
                    ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                    ('bar_sheet', models.ForeignKey(blank=True, db_constraint=False, help_text='Blank: the one in force on the day', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='scoring.barsheet', verbose_name='bar sheet')),
                    ('confirmed_by', models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='confirmed by')),
                    ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('proposed_by', models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='proposed by')),
                    ('fund', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='fund.themefund', verbose_name='fund')),
                ],
                options={
                    'verbose_name': 'historical mandate',
                    'verbose_name_plural': 'historical mandates',
                    'ordering': ('-history_date', '-history_id'),
                    'get_latest_by': ('history_date', 'history_id'),
                },
                bases=(simple_history.models.HistoricalChanges, models.Model),
            ),
            migrations.CreateModel(
                name='HistoricalHolding',
                fields=[
                    ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                    ('matched_by', models.CharField(blank=True, choices=[('', 'not matched'), ('key', 'company key'), ('isin', 'ISIN'), ('lei', 'LEI'), ('national_id', 'national company id'), ('ticker', 'ticker'), ('person', 'confirmed by a person'), ('nobody', 'not on record, as a person found')], default='key', editable=False, max_length=16, verbose_name='matched by')),
                    ('issuer_name', models.CharField(blank=True, default='', help_text="As the fund's own books name it", max_length=200, verbose_name='issuer')),
                    ('issuer_key', models.CharField(blank=True, default='', max_length=80, verbose_name='key as given')),
                    ('isin', models.CharField(blank=True, default='', max_length=16, validators=[portfolio.identifiers.validate_isin], verbose_name='ISIN')),
                    ('lei', models.CharField(blank=True, default='', max_length=24, validators=[portfolio.identifiers.validate_lei], verbose_name='LEI')),
                    ('ticker', models.CharField(blank=True, default='', max_length=24, verbose_name='ticker')),
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
                    ('company', models.ForeignKey(blank=True, db_constraint=False, help_text='Blank: the issuer is not on record; then its name is needed', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='portfolio.company', verbose_name='company')),
                    ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('fund', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='fund.themefund', verbose_name='fund')),
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
                name='HistoricalFundTrack',
                fields=[
                    ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                    ('track', models.CharField(choices=[('power_decarbonisation', 'Power decarbonisation'), ('end_use_electrification', 'End-use electrification'), ('energy_efficiency', 'Energy efficiency'), ('emission_greening', 'Emission greening')], max_length=32, verbose_name='track')),
                    ('is_open', models.BooleanField(default=True, verbose_name='the fund invests in it')),
                    ('history_id', models.AutoField(primary_key=True, serialize=False)),
                    ('history_date', models.DateTimeField(db_index=True)),
                    ('history_change_reason', models.CharField(max_length=100, null=True)),
                    ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                    ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('fund', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='fund.themefund', verbose_name='fund')),
                ],
                options={
                    'verbose_name': 'historical track of a fund',
                    'verbose_name_plural': 'historical tracks of funds',
                    'ordering': ('-history_date', '-history_id'),
                    'get_latest_by': ('history_date', 'history_id'),
                },
                bases=(simple_history.models.HistoricalChanges, models.Model),
            ),
            migrations.CreateModel(
                name='FundTrack',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('track', models.CharField(choices=[('power_decarbonisation', 'Power decarbonisation'), ('end_use_electrification', 'End-use electrification'), ('energy_efficiency', 'Energy efficiency'), ('emission_greening', 'Emission greening')], max_length=32, verbose_name='track')),
                    ('is_open', models.BooleanField(default=True, verbose_name='the fund invests in it')),
                    ('fund', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tracks', to='fund.themefund', verbose_name='fund')),
                ],
                options={
                    'verbose_name': 'track of a fund',
                    'verbose_name_plural': 'tracks of funds',
                    'ordering': ['fund', 'pk'],
                },
            ),
            migrations.AddField(
                model_name='candidate',
                name='fund',
                field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='candidates', to='fund.themefund', verbose_name='fund'),
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
            migrations.CreateModel(
                name='Confirmation',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('question', models.CharField(choices=[('above_one', 'a share of the company above 100 %'), ('large_share', 'more than 10 % of a listed company for a small amount'), ('price_scale', 'worth more than 1,000 times its revenue, or less than a thousandth'), ('lag', 'tonnes and enterprise value more than two years apart'), ('revenue_step', 'revenue more than doubled or halved between the tonnes and the enterprise value')], max_length=16, verbose_name='question')),
                    ('basis', models.CharField(max_length=200, verbose_name='figures')),
                    ('reason', models.CharField(max_length=400, verbose_name='reason')),
                    ('entered_at', models.DateTimeField(auto_now_add=True, verbose_name='entered at')),
                    ('entered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='entered by')),
                    ('holding', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='confirmations', to='fund.holding', verbose_name='holding')),
                ],
                options={
                    'verbose_name': 'confirmation',
                    'verbose_name_plural': 'confirmations',
                    'ordering': ['-pk'],
                    'constraints': [models.UniqueConstraint(fields=('holding', 'question', 'basis'), name='confirmed_once'), models.CheckConstraint(condition=models.Q(('question__in', ['above_one', 'large_share', 'price_scale', 'lag', 'revenue_step'])), name='question_is_known'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='confirmation_has_a_reason')],
                },
            ),
            migrations.CreateModel(
                name='Note',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('text', models.TextField(max_length=2000, verbose_name='note')),
                    ('at', models.DateTimeField(auto_now_add=True, verbose_name='when')),
                    ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who')),
                    ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notes', to='portfolio.company', verbose_name='company')),
                ],
                options={
                    'verbose_name': 'note',
                    'verbose_name_plural': 'notes',
                    'ordering': ['-pk'],
                    'constraints': [models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='note_is_not_empty')],
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
            migrations.AddConstraint(
                model_name='preview',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at', None), ('confirmed_by', None), ('confirmed_digest', '')), models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False), models.Q(('confirmed_digest', ''), _negated=True)), _connector='OR'), name='preview_confirmed_by_somebody'),
            ),
            migrations.AddConstraint(
                model_name='dispute',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('closed_by', None), ('state', 'open')), models.Q(('closed_at__isnull', False), ('closed_by__isnull', False), ('state', 'withdrawn')), models.Q(('closed_at__isnull', False), ('closed_by__isnull', False), ('state', 'answered'), models.Q(('answer', ''), _negated=True)), _connector='OR'), name='dispute_ends_once'),
            ),
            migrations.AddConstraint(
                model_name='dispute',
                constraint=models.CheckConstraint(condition=models.Q(('words', ''), _negated=True), name='dispute_has_words'),
            ),
            migrations.AddConstraint(
                model_name='dispute',
                constraint=models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('preview', 'field'), name='one_open_dispute_a_field'),
            ),
            migrations.AddIndex(
                model_name='priceinputs',
                index=models.Index(fields=['company', 'as_of'], name='prices_by_company_and_date'),
            ),
            migrations.AddConstraint(
                model_name='priceinputs',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('market_cap__isnull', True), ('market_cap__gt', 0), _connector='OR'), models.Q(('evic__isnull', True), ('evic__gt', 0), _connector='OR'), models.Q(('shares_total__isnull', True), ('shares_total__gt', 0), _connector='OR'), models.Q(('total_assets__isnull', True), ('total_assets__gt', 0), _connector='OR')), name='price_inputs_divide', violation_error_message='What is divided by must be above zero; leave it blank if it is not known.'),
            ),
            migrations.AddConstraint(
                model_name='priceinputs',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('total_debt__isnull', True), ('total_debt__gte', 0), _connector='OR'), models.Q(('cash__isnull', True), ('cash__gte', 0), _connector='OR'), models.Q(('revenue__isnull', True), ('revenue__gte', 0), _connector='OR'), models.Q(('avoided_t__isnull', True), ('avoided_t__gte', 0), _connector='OR'), models.Q(('removed_t__isnull', True), ('removed_t__gte', 0), _connector='OR')), name='price_inputs_are_not_negative'),
            ),
            migrations.AddIndex(
                model_name='projectfigures',
                index=models.Index(fields=['holding', 'as_of'], name='project_by_holding_and_date'),
            ),
            migrations.AddConstraint(
                model_name='projectfigures',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('total_debt__isnull', True), ('total_debt__gte', 0), _connector='OR'), models.Q(('total_investment__isnull', True), ('total_investment__gte', 0), _connector='OR'), models.Q(('revenue__isnull', True), ('revenue__gte', 0), _connector='OR'), models.Q(('s1_t__isnull', True), ('s1_t__gte', 0), _connector='OR'), models.Q(('s2_t__isnull', True), ('s2_t__gte', 0), _connector='OR'), models.Q(('s3_t__isnull', True), ('s3_t__gte', 0), _connector='OR'), models.Q(('avoided_t__isnull', True), ('avoided_t__gte', 0), _connector='OR'), models.Q(('removed_t__isnull', True), ('removed_t__gte', 0), _connector='OR')), name='project_figures_are_not_negative'),
            ),
            migrations.AddConstraint(
                model_name='projectfigures',
                constraint=models.CheckConstraint(condition=models.Q(('data_quality__isnull', True), models.Q(('data_quality__gte', 1), ('data_quality__lte', 5)), _connector='OR'), name='project_quality_is_1_to_5'),
            ),
            migrations.AddConstraint(
                model_name='proposal',
                constraint=models.UniqueConstraint(fields=('candidate', 'number'), name='proposal_number_once_a_candidate'),
            ),
            migrations.AddConstraint(
                model_name='proposal',
                constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['invest', 'decline', 'watch'])), name='proposal_kind_is_known'),
            ),
            migrations.AddConstraint(
                model_name='proposal',
                constraint=models.CheckConstraint(condition=django.db.models.lookups.GreaterThan(django.db.models.functions.text.Length(django.db.models.functions.text.Trim('reason')), 0), name='proposal_has_a_reason'),
            ),
            migrations.AddConstraint(
                model_name='proposal',
                constraint=models.CheckConstraint(condition=models.Q(('amount_cny__isnull', True), ('amount_cny__gt', 0), _connector='OR'), name='proposal_amount_is_above_zero'),
            ),
            migrations.AddConstraint(
                model_name='decision',
                constraint=models.CheckConstraint(condition=models.Q(('decided_by', models.F('proposed_by')), _negated=True), name='decider_is_not_proposer'),
            ),
            migrations.AddConstraint(
                model_name='decision',
                constraint=models.CheckConstraint(condition=django.db.models.lookups.GreaterThan(django.db.models.functions.text.Length(django.db.models.functions.text.Trim('reason')), 0), name='decision_has_a_reason'),
            ),
            migrations.AddConstraint(
                model_name='decision',
                constraint=models.CheckConstraint(condition=models.Q(('outcome__in', ['approved', 'rejected'])), name='decision_outcome_is_known'),
            ),
            migrations.AddConstraint(
                model_name='scenario',
                constraint=models.UniqueConstraint(fields=('owner', 'name'), name='scenario_name_once_an_owner'),
            ),
            migrations.AddConstraint(
                model_name='scenario',
                constraint=models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='scenario_has_a_name'),
            ),
            migrations.AddConstraint(
                model_name='refusedrow',
                constraint=models.UniqueConstraint(fields=('fund', 'digest'), name='refused_row_once_a_fund'),
            ),
            migrations.AddConstraint(
                model_name='refusedrow',
                constraint=models.CheckConstraint(condition=models.Q(('amount__isnull', True), ('amount__gte', 0), _connector='OR'), name='refused_ge_0'),
            ),
            migrations.AddConstraint(
                model_name='refusedrow',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'set_aside'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='refused_row_is_set_aside_for_a_reason'),
            ),
            migrations.AddConstraint(
                model_name='mandate',
                constraint=models.UniqueConstraint(fields=('fund', 'version'), name='mandate_version_once_a_fund'),
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
                model_name='mandate',
                constraint=models.CheckConstraint(condition=models.Q(('confirmed_at__isnull', True), models.Q(('confirmed_by__isnull', True), ('proposed_by__isnull', True)), models.Q(('confirmed_by__isnull', False), ('proposed_by__isnull', False), models.Q(('confirmed_by', models.F('proposed_by')), _negated=True)), _connector='OR'), name='mandate_is_confirmed_by_another'),
            ),
            migrations.AddConstraint(
                model_name='holding',
                constraint=models.UniqueConstraint(fields=('fund', 'holding_key'), name='holding_key_once_a_fund'),
            ),
            migrations.AddConstraint(
                model_name='holding',
                constraint=models.CheckConstraint(condition=models.Q(('asset_class__in', ['listed_equity', 'corporate_bond', 'business_loan', 'unlisted_equity', 'project_finance'])), name='holding_asset_class_is_known'),
            ),
            migrations.AddConstraint(
                model_name='holding',
                constraint=models.CheckConstraint(condition=models.Q(('holding_key', ''), _negated=True), name='holding_has_a_key'),
            ),
            migrations.AddConstraint(
                model_name='holding',
                constraint=models.CheckConstraint(condition=models.Q(('company__isnull', False), models.Q(('issuer_name', ''), _negated=True), _connector='OR'), name='holding_says_whose_it_is', violation_error_message='Name the company, or the issuer where it is not on record.'),
            ),
            migrations.AddConstraint(
                model_name='holding',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('company__isnull', True), ('matched_by__in', ('', 'nobody'))), models.Q(('company__isnull', False), ('matched_by__in', ('key', 'isin', 'lei', 'national_id', 'ticker', 'person'))), _connector='OR'), name='holding_match_fits_its_company'),
            ),
            migrations.AddConstraint(
                model_name='fundtrack',
                constraint=models.UniqueConstraint(fields=('fund', 'track'), name='track_once_a_fund'),
            ),
            migrations.AddConstraint(
                model_name='fundtrack',
                constraint=models.CheckConstraint(condition=models.Q(('track__in', ['power_decarbonisation', 'end_use_electrification', 'energy_efficiency', 'emission_greening'])), name='fund_track_is_known'),
            ),
            migrations.AddConstraint(
                model_name='candidate',
                constraint=models.UniqueConstraint(fields=('fund', 'company'), name='candidate_once_a_fund'),
            ),
            migrations.AddConstraint(
                model_name='candidate',
                constraint=models.CheckConstraint(condition=models.Q(('stage__in', ['screening', 'shortlisted', 'proposed', 'approved', 'rejected'])), name='candidate_stage_is_known'),
            ),
        ]),
        migrations.RunPython(make_cache_table, migrations.RunPython.noop),
        migrations.RunPython(install, remove),
    ]
