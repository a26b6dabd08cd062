"""Holdings of issuers that are not on record, rows refused at the door, confirmations. Touches no data."""

import django.core.validators
import django.db.models.deletion
import portfolio.identifiers
from django.conf import settings
from django.db import migrations, models

from fund.guards import OF_HOLDINGS, OF_OPEN_QUESTIONS
from portfolio import guards


def install(apps, schema_editor):
    # SQLite makes an altered table anew, and its triggers go with the old one: those of before are installed again.
    guards.install(schema_editor.connection, OF_HOLDINGS + OF_OPEN_QUESTIONS)


def remove(apps, schema_editor):
    guards.remove(schema_editor.connection, OF_OPEN_QUESTIONS)



class Migration(migrations.Migration):

    dependencies = [
        ('fund', '0006_bounds'),
        ('portfolio', '0014_bounds'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Confirmation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('question', models.CharField(choices=[('above_one', 'a share of the company above 100 %'), ('large_share', 'more than 10 % of a listed company for a small amount'), ('price_scale', 'worth more than 1,000 times its revenue, or less than a thousandth')], max_length=16, verbose_name='question')),
                ('basis', models.CharField(max_length=200, verbose_name='figures')),
                ('reason', models.CharField(max_length=400, verbose_name='reason')),
                ('entered_at', models.DateTimeField(auto_now_add=True, verbose_name='entered at')),
            ],
            options={
                'verbose_name': 'confirmation',
                'verbose_name_plural': 'confirmations',
                'ordering': ['-pk'],
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
            ],
            options={
                'verbose_name': 'refused row',
                'verbose_name_plural': 'refused rows',
                'ordering': ['file', 'line', 'pk'],
            },
        ),
        migrations.AddField(
            model_name='historicalholding',
            name='isin',
            field=models.CharField(blank=True, default='', max_length=16, validators=[portfolio.identifiers.validate_isin], verbose_name='ISIN'),
        ),
        migrations.AddField(
            model_name='historicalholding',
            name='issuer_key',
            field=models.CharField(blank=True, default='', max_length=80, verbose_name='key as given'),
        ),
        migrations.AddField(
            model_name='historicalholding',
            name='issuer_name',
            field=models.CharField(blank=True, default='', help_text="As the fund's own books name it", max_length=200, verbose_name='issuer'),
        ),
        migrations.AddField(
            model_name='historicalholding',
            name='lei',
            field=models.CharField(blank=True, default='', max_length=24, validators=[portfolio.identifiers.validate_lei], verbose_name='LEI'),
        ),
        migrations.AddField(
            model_name='historicalholding',
            name='matched_by',
            field=models.CharField(blank=True, choices=[('', 'not matched'), ('key', 'company key'), ('isin', 'ISIN'), ('lei', 'LEI'), ('national_id', 'national company id'), ('ticker', 'ticker'), ('person', 'confirmed by a person'), ('nobody', 'not on record, as a person found')], default='key', editable=False, max_length=16, verbose_name='matched by'),
        ),
        migrations.AddField(
            model_name='historicalholding',
            name='ticker',
            field=models.CharField(blank=True, default='', max_length=24, verbose_name='ticker'),
        ),
        migrations.AddField(
            model_name='historicalthemefund',
            name='source',
            field=models.CharField(blank=True, default='', help_text="Of somebody else's fund that is only looked at; blank: a fund of our own", max_length=300, verbose_name='source of the book'),
        ),
        migrations.AddField(
            model_name='holding',
            name='isin',
            field=models.CharField(blank=True, default='', max_length=16, validators=[portfolio.identifiers.validate_isin], verbose_name='ISIN'),
        ),
        migrations.AddField(
            model_name='holding',
            name='issuer_key',
            field=models.CharField(blank=True, default='', max_length=80, verbose_name='key as given'),
        ),
        migrations.AddField(
            model_name='holding',
            name='issuer_name',
            field=models.CharField(blank=True, default='', help_text="As the fund's own books name it", max_length=200, verbose_name='issuer'),
        ),
        migrations.AddField(
            model_name='holding',
            name='lei',
            field=models.CharField(blank=True, default='', max_length=24, validators=[portfolio.identifiers.validate_lei], verbose_name='LEI'),
        ),
        migrations.AddField(
            model_name='holding',
            name='matched_by',
            field=models.CharField(blank=True, choices=[('', 'not matched'), ('key', 'company key'), ('isin', 'ISIN'), ('lei', 'LEI'), ('national_id', 'national company id'), ('ticker', 'ticker'), ('person', 'confirmed by a person'), ('nobody', 'not on record, as a person found')], default='key', editable=False, max_length=16, verbose_name='matched by'),
        ),
        migrations.AddField(
            model_name='holding',
            name='ticker',
            field=models.CharField(blank=True, default='', max_length=24, verbose_name='ticker'),
        ),
        migrations.AddField(
            model_name='themefund',
            name='source',
            field=models.CharField(blank=True, default='', help_text="Of somebody else's fund that is only looked at; blank: a fund of our own", max_length=300, verbose_name='source of the book'),
        ),
        migrations.AlterField(
            model_name='historicalholding',
            name='company',
            field=models.ForeignKey(blank=True, db_constraint=False, help_text='Blank: the issuer is not on record; then its name is needed', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='portfolio.company', verbose_name='company'),
        ),
        migrations.AlterField(
            model_name='holding',
            name='company',
            field=models.ForeignKey(blank=True, help_text='Blank: the issuer is not on record; then its name is needed', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='holdings', to='portfolio.company', verbose_name='company'),
        ),
        migrations.AddConstraint(
            model_name='holding',
            constraint=models.CheckConstraint(condition=models.Q(('company__isnull', False), models.Q(('issuer_name', ''), _negated=True), _connector='OR'), name='holding_says_whose_it_is', violation_error_message='Name the company, or the issuer where it is not on record.'),
        ),
        migrations.AddConstraint(
            model_name='holding',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('company__isnull', True), ('matched_by__in', ('', 'nobody'))), models.Q(('company__isnull', False), ('matched_by__in', ('key', 'isin', 'lei', 'national_id', 'ticker', 'person'))), _connector='OR'), name='holding_match_fits_its_company'),
        ),
        migrations.AddField(
            model_name='confirmation',
            name='entered_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='entered by'),
        ),
        migrations.AddField(
            model_name='confirmation',
            name='holding',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='confirmations', to='fund.holding', verbose_name='holding'),
        ),
        migrations.AddField(
            model_name='refusedrow',
            name='closed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='closed by'),
        ),
        migrations.AddField(
            model_name='refusedrow',
            name='entered_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='entered by'),
        ),
        migrations.AddField(
            model_name='refusedrow',
            name='fund',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refused_rows', to='fund.themefund', verbose_name='fund'),
        ),
        migrations.AddConstraint(
            model_name='confirmation',
            constraint=models.UniqueConstraint(fields=('holding', 'question', 'basis'), name='confirmed_once'),
        ),
        migrations.AddConstraint(
            model_name='confirmation',
            constraint=models.CheckConstraint(condition=models.Q(('question__in', ['above_one', 'large_share', 'price_scale'])), name='question_is_known'),
        ),
        migrations.AddConstraint(
            model_name='confirmation',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='confirmation_has_a_reason'),
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
        migrations.RunPython(install, remove),
    ]
