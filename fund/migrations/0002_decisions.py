"""Funds, mandates, candidates, proposals, decisions. Touches no data."""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
import simple_history.models
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '__first__'),
        ('fund', '0001_cache_table'),
        ('portfolio', '0002_guards'),
        ('scoring', '0002_guards'),
    ]

    operations = [
        migrations.CreateModel(
            name='HistoricalThemeFund',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('name_zh', models.CharField(max_length=120, verbose_name='Chinese name')),
                ('name_en', models.CharField(max_length=120, verbose_name='English name')),
                ('note', models.CharField(blank=True, default='', max_length=400, verbose_name='note')),
                ('is_illustrative', models.BooleanField(default=False, help_text='Made for the demo; not a real fund', verbose_name='illustrative')),
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
            name='ThemeFund',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name_zh', models.CharField(max_length=120, verbose_name='Chinese name')),
                ('name_en', models.CharField(max_length=120, verbose_name='English name')),
                ('note', models.CharField(blank=True, default='', max_length=400, verbose_name='note')),
                ('is_illustrative', models.BooleanField(default=False, help_text='Made for the demo; not a real fund', verbose_name='illustrative')),
            ],
            options={
                'verbose_name': 'theme fund',
                'verbose_name_plural': 'theme funds',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('name_zh',), name='fund_name_is_unique')],
            },
        ),
        migrations.CreateModel(
            name='Mandate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveSmallIntegerField(editable=False, verbose_name='version')),
                ('valid_from', models.DateField(verbose_name='valid from')),
                ('min_band', models.CharField(blank=True, choices=[('A', 'A'), ('B', 'B'), ('C', 'C'), ('D', 'D'), ('E', 'E')], default='', max_length=1, verbose_name='lowest band')),
                ('min_coverage_share', models.FloatField(blank=True, help_text='Between 0 and 1', null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1)], verbose_name='least share of weight observed')),
                ('worst_data_quality', models.PositiveSmallIntegerField(blank=True, help_text='From 1, the best, to 5', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(5)], verbose_name='worst data quality allowed')),
                ('oldest_data_year', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='oldest year of data allowed')),
                ('confirmed_track_required', models.BooleanField(default=False, verbose_name='a confirmed track is required')),
                ('exclude_illustrative', models.BooleanField(default=False, verbose_name='illustrative companies are excluded')),
                ('note', models.CharField(blank=True, default='', max_length=400, verbose_name='note')),
                ('fund', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mandates', to='fund.themefund', verbose_name='fund')),
            ],
            options={
                'verbose_name': 'mandate',
                'verbose_name_plural': 'mandates',
                'ordering': ['fund', '-valid_from', '-version'],
                'constraints': [models.CheckConstraint(condition=models.Q(('min_band__in', ['', 'A', 'B', 'C', 'D', 'E'])), name='mandate_band_is_known'), models.CheckConstraint(condition=models.Q(('min_coverage_share__isnull', True), models.Q(('min_coverage_share__gte', 0), ('min_coverage_share__lte', 1)), _connector='OR'), name='mandate_coverage_is_a_share'), models.CheckConstraint(condition=models.Q(('worst_data_quality__isnull', True), models.Q(('worst_data_quality__gte', 1), ('worst_data_quality__lte', 5)), _connector='OR'), name='mandate_data_quality_is_1_to_5'), models.UniqueConstraint(fields=('fund', 'version'), name='mandate_version_once_a_fund')],
            },
        ),
        migrations.CreateModel(
            name='Candidate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stage', models.CharField(choices=[('screening', 'Screening'), ('shortlisted', 'Shortlisted'), ('proposed', 'Proposed'), ('approved', 'Approved'), ('rejected', 'Rejected')], default='screening', editable=False, max_length=16, verbose_name='stage')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='candidacies', to='portfolio.company', verbose_name='company')),
                ('fund', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='candidates', to='fund.themefund', verbose_name='fund')),
            ],
            options={
                'verbose_name': 'candidate',
                'verbose_name_plural': 'candidates',
                'ordering': ['-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('stage__in', ['screening', 'shortlisted', 'proposed', 'approved', 'rejected'])), name='candidate_stage_is_known'), models.UniqueConstraint(fields=('fund', 'company'), name='candidate_once_a_fund')],
            },
        ),
        migrations.CreateModel(
            name='Proposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(verbose_name='number')),
                ('kind', models.CharField(choices=[('invest', 'Invest'), ('decline', 'Decline'), ('watch', 'Watch')], max_length=8, verbose_name='proposal')),
                ('amount_cny', models.DecimalField(blank=True, decimal_places=2, max_digits=18, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0.01'))], verbose_name='amount in yuan')),
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
                'constraints': [models.UniqueConstraint(fields=('candidate', 'number'), name='proposal_number_once_a_candidate'), models.CheckConstraint(condition=models.Q(('kind__in', ['invest', 'decline', 'watch'])), name='proposal_kind_is_known'), models.CheckConstraint(condition=django.db.models.lookups.GreaterThan(django.db.models.functions.text.Length(django.db.models.functions.text.Trim('reason')), 0), name='proposal_has_a_reason'), models.CheckConstraint(condition=models.Q(('amount_cny__isnull', True), ('amount_cny__gt', 0), _connector='OR'), name='proposal_amount_is_above_zero')],
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
                'constraints': [models.CheckConstraint(condition=models.Q(('decided_by', models.F('proposed_by')), _negated=True), name='decider_is_not_proposer'), models.CheckConstraint(condition=django.db.models.lookups.GreaterThan(django.db.models.functions.text.Length(django.db.models.functions.text.Trim('reason')), 0), name='decision_has_a_reason'), models.CheckConstraint(condition=models.Q(('outcome__in', ['approved', 'rejected'])), name='decision_outcome_is_known')],
            },
        ),
        migrations.CreateModel(
            name='HistoricalMandate',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('version', models.PositiveSmallIntegerField(editable=False, verbose_name='version')),
                ('valid_from', models.DateField(verbose_name='valid from')),
                ('min_band', models.CharField(blank=True, choices=[('A', 'A'), ('B', 'B'), ('C', 'C'), ('D', 'D'), ('E', 'E')], default='', max_length=1, verbose_name='lowest band')),
                ('min_coverage_share', models.FloatField(blank=True, help_text='Between 0 and 1', null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1)], verbose_name='least share of weight observed')),
                ('worst_data_quality', models.PositiveSmallIntegerField(blank=True, help_text='From 1, the best, to 5', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(5)], verbose_name='worst data quality allowed')),
                ('oldest_data_year', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='oldest year of data allowed')),
                ('confirmed_track_required', models.BooleanField(default=False, verbose_name='a confirmed track is required')),
                ('exclude_illustrative', models.BooleanField(default=False, verbose_name='illustrative companies are excluded')),
                ('note', models.CharField(blank=True, default='', max_length=400, verbose_name='note')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
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
                'constraints': [models.UniqueConstraint(fields=('fund', 'track'), name='track_once_a_fund'), models.CheckConstraint(condition=models.Q(('track__in', ['power_decarbonisation', 'end_use_electrification', 'energy_efficiency', 'emission_greening'])), name='fund_track_is_known')],
            },
        ),
    ]
