"""Opinions, conservative substitutions, appeals; how a finding ended; a disclosure that is refused. Touches no data."""

import django.db.models.deletion
import portfolio.typed.bounds
from django.conf import settings
from django.db import migrations, models

from portfolio import guards


def install(apps, schema_editor):
    # SQLite makes the table of findings anew for its new column, and its triggers are gone with the old one.
    guards.install(schema_editor.connection, guards.OF_FINDINGS + guards.OF_OPINIONS)


def remove(apps, schema_editor):
    guards.remove(schema_editor.connection, guards.OF_OPINIONS)


class Migration(migrations.Migration):

    dependencies = [
        ('portfolio', '0038_webhooks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Appeal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('words', models.TextField(max_length=4000, verbose_name='why the company disagrees')),
                ('made_at', models.DateTimeField(auto_now_add=True, verbose_name='made at')),
                ('due', models.DateField(verbose_name='answer due')),
                ('state', models.CharField(choices=[('open', 'Waits for an answer'), ('upheld', 'Upheld'), ('rejected', 'Rejected'), ('withdrawn', 'Taken back')], default='open', max_length=16, verbose_name='state')),
                ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='answered at')),
                ('answer', models.TextField(blank=True, max_length=4000, verbose_name='answer')),
                ('is_by_issuer', models.BooleanField(default=False, help_text='There was no other independent reviewer', verbose_name='answered by who issued it')),
            ],
            options={
                'verbose_name': 'appeal',
                'verbose_name_plural': 'appeals',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='Opinion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(help_text='SHA-256 of the content that it is about', max_length=64, verbose_name='digest')),
                ('level', models.CharField(choices=[('limited', 'Limited assurance'), ('reasonable', 'Reasonable assurance')], max_length=16, verbose_name='level of assurance')),
                ('kind', models.CharField(choices=[('unmodified', 'Unmodified'), ('modified', 'Modified'), ('adverse', 'Adverse'), ('disclaimer', 'Disclaimer of opinion')], max_length=16, verbose_name='opinion')),
                ('criteria', models.CharField(choices=[('ghg_protocol', 'GHG Protocol Corporate Standard'), ('iso_14064_1', 'ISO 14064-1'), ('cn_ets', "Accounting guide of China's emissions trading"), ('other', 'Other, in words')], max_length=16, verbose_name='criteria')),
                ('criteria_words', models.CharField(blank=True, max_length=400, verbose_name='criteria in words')),
                ('scope', models.TextField(max_length=4000, verbose_name='scope and boundary')),
                ('sampling', models.TextField(max_length=4000, verbose_name='what was looked at, and what was left out')),
                ('statement', models.TextField(max_length=4000, verbose_name='statement')),
                ('despite', models.TextField(blank=True, max_length=2000, verbose_name='why it stands with open items')),
                ('has_no_conflict', models.BooleanField(verbose_name='no conflict of interest')),
                ('reported_t', models.FloatField(null=True, validators=[portfolio.typed.bounds.Within('effect_t')], verbose_name='reported, tCO₂e')),
                ('threshold_t', models.FloatField(null=True, validators=[portfolio.typed.bounds.Within('effect_t')], verbose_name='threshold, tCO₂e')),
                ('net_t', models.FloatField(null=True, validators=[portfolio.typed.bounds.Within('effect_t')], verbose_name='net effect, tCO₂e')),
                ('absolute_t', models.FloatField(null=True, validators=[portfolio.typed.bounds.Within('effect_t')], verbose_name='sum of effects, tCO₂e')),
                ('largest_t', models.FloatField(null=True, validators=[portfolio.typed.bounds.Within('effect_t')], verbose_name='largest effect, tCO₂e')),
                ('unclosed', models.PositiveIntegerField(default=0, verbose_name='findings not closed')),
                ('substituted', models.PositiveIntegerField(default=0, verbose_name='figures substituted')),
                ('drafted_at', models.DateTimeField(auto_now_add=True, verbose_name='drafted at')),
                ('state', models.CharField(choices=[('waiting', 'Waits for the independent reviewer'), ('sent_back', 'Sent back to the verifier'), ('withdrawn', 'Taken back before issue'), ('issued', 'Issued'), ('reopened', 'Reopened: it no longer counts'), ('superseded', 'Superseded by a newer version')], default='waiting', max_length=16, verbose_name='state')),
                ('reviewed_at', models.DateTimeField(blank=True, null=True, verbose_name='reviewed at')),
                ('review_words', models.TextField(blank=True, max_length=4000, verbose_name="the reviewer's words")),
                ('issued_at', models.DateTimeField(blank=True, null=True, verbose_name='issued at')),
                ('appeal_until', models.DateField(blank=True, null=True, verbose_name='appeal until')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended at')),
                ('ended_words', models.TextField(blank=True, max_length=4000, verbose_name='why it ended')),
            ],
            options={
                'verbose_name': 'opinion',
                'verbose_name_plural': 'opinions',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='Substitution',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64, verbose_name='digest')),
                ('quantity', models.CharField(choices=[('scope1_t', 'Scope 1'), ('scope2_location_t', 'Scope 2, location-based'), ('scope2_market_t', 'Scope 2, market-based'), ('scope2_unspecified_t', 'Scope 2, method not stated'), ('scope1_2_total_t', 'Scopes 1 and 2 together'), ('scope3_total_t', 'Scope 3, total'), ('scope3_01_t', 'Scope 3.1 Purchased goods and services'), ('scope3_02_t', 'Scope 3.2 Capital goods'), ('scope3_03_t', 'Scope 3.3 Fuel- and energy-related activities'), ('scope3_04_t', 'Scope 3.4 Upstream transportation and distribution'), ('scope3_05_t', 'Scope 3.5 Waste generated in operations'), ('scope3_06_t', 'Scope 3.6 Business travel'), ('scope3_07_t', 'Scope 3.7 Employee commuting'), ('scope3_08_t', 'Scope 3.8 Upstream leased assets'), ('scope3_09_t', 'Scope 3.9 Downstream transportation and distribution'), ('scope3_10_t', 'Scope 3.10 Processing of sold products'), ('scope3_11_t', 'Scope 3.11 Use of sold products'), ('scope3_12_t', 'Scope 3.12 End-of-life treatment of sold products'), ('scope3_13_t', 'Scope 3.13 Downstream leased assets'), ('scope3_14_t', 'Scope 3.14 Franchises'), ('scope3_15_t', 'Scope 3.15 Investments')], max_length=32, verbose_name='figure')),
                ('submitted', models.FloatField(validators=[portfolio.typed.bounds.Within('effect_t')], verbose_name='submitted')),
                ('value', models.FloatField(blank=True, help_text='Empty: taken back', null=True, validators=[portfolio.typed.bounds.Within('effect_t')], verbose_name='conservative value')),
                ('basis', models.TextField(max_length=2000, verbose_name='basis')),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='when')),
            ],
            options={
                'verbose_name': 'conservative substitution',
                'verbose_name_plural': 'conservative substitutions',
                'ordering': ['-pk'],
            },
        ),
        migrations.AddField(
            model_name='finding',
            name='outcome',
            field=models.CharField(blank=True, choices=[('corrected', 'Corrected, or answered'), ('uncorrected', 'Stays uncorrected'), ('no_error', 'It was no error')], default='', help_text='Empty: not closed, or of a kind without effect', max_length=16, verbose_name='how it ended'),
        ),
        migrations.AlterField(
            model_name='disclosure',
            name='state',
            field=models.CharField(choices=[('draft', 'Draft'), ('submitted', 'Submitted'), ('returned', 'Returned for correction'), ('verified', 'Verified'), ('recorded', 'Recorded from a public source, not verified'), ('withdrawn', 'Withdrawn before submission'), ('refused', 'Verification failed')], default='draft', max_length=16, verbose_name='state'),
        ),
        migrations.AlterField(
            model_name='mail',
            name='kind',
            field=models.CharField(choices=[('submitted', 'Disclosure submitted'), ('returned', 'Disclosure returned'), ('verified', 'Disclosure verified'), ('refused', 'Verification failed'), ('opinion', 'Opinion waits for review'), ('opinion_back', 'Opinion sent back'), ('reopened', 'Opinion reopened'), ('appeal', 'Appeal against an opinion'), ('appeal_answered', 'Appeal answered'), ('plan_returned', 'Monitoring plan returned'), ('plan_approved', 'Monitoring plan approved'), ('restatement', 'Restatement proposed'), ('reminder', 'Reminder of a deadline'), ('request', 'Data requested'), ('request_overdue', 'Data request overdue'), ('request_withdrawn', 'Data request withdrawn'), ('preview', 'Result can be seen'), ('preview_ends', 'Term for a result ends'), ('dispute', 'Result disputed'), ('dispute_withdrawn', 'Dispute withdrawn'), ('dispute_answered', 'Dispute answered'), ('request_declined', 'Data request declined'), ('join_request', 'Somebody asks to join a company'), ('join_declined', 'Request to join declined'), ('team', 'Role in a company'), ('form_saved', 'Quarterly form filled in'), ('form_link', 'New link to the quarterly form wanted'), ('finding', 'Verifier asks'), ('finding_answered', 'Finding answered'), ('finding_closed', 'Finding closed'), ('mention', 'Mentioned'), ('role', 'Role waits for confirmation'), ('webhook_off', 'Webhook switched off'), ('test', 'Test')], max_length=24, verbose_name='kind'),
        ),
        migrations.AddConstraint(
            model_name='finding',
            constraint=models.CheckConstraint(condition=models.Q(('outcome', ''), models.Q(('kind__in', ['misstatement', 'non_conformity']), ('outcome__in', ['corrected', 'uncorrected', 'no_error']), ('state', 'closed')), _connector='OR'), name='only_what_was_wrong_ends_somehow'),
        ),
        migrations.AddField(
            model_name='appeal',
            name='answered_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='answered by'),
        ),
        migrations.AddField(
            model_name='appeal',
            name='made_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by'),
        ),
        migrations.AddField(
            model_name='opinion',
            name='disclosure',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='opinions', to='portfolio.disclosure', verbose_name='disclosure'),
        ),
        migrations.AddField(
            model_name='opinion',
            name='drafted_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='drafted by'),
        ),
        migrations.AddField(
            model_name='opinion',
            name='ended_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='ended by'),
        ),
        migrations.AddField(
            model_name='opinion',
            name='reviewed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reviewed by'),
        ),
        migrations.AddField(
            model_name='appeal',
            name='opinion',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='appeals', to='portfolio.opinion', verbose_name='opinion'),
        ),
        migrations.AddField(
            model_name='substitution',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who'),
        ),
        migrations.AddField(
            model_name='substitution',
            name='disclosure',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='substitutions', to='portfolio.disclosure', verbose_name='disclosure'),
        ),
        migrations.AddField(
            model_name='substitution',
            name='finding',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='substitutions', to='portfolio.finding', verbose_name='finding'),
        ),
        migrations.AddConstraint(
            model_name='opinion',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('disclosure',), name='one_opinion_waits_a_version'),
        ),
        migrations.AddConstraint(
            model_name='opinion',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'issued')), fields=('disclosure',), name='one_opinion_issued_a_version'),
        ),
        migrations.AddConstraint(
            model_name='opinion',
            constraint=models.CheckConstraint(condition=models.Q(('level__in', ['limited', 'reasonable']), ('kind__in', ['unmodified', 'modified', 'adverse', 'disclaimer']), ('criteria__in', ['ghg_protocol', 'iso_14064_1', 'cn_ets', 'other']), ('state__in', ['waiting', 'sent_back', 'withdrawn', 'issued', 'reopened', 'superseded'])), name='opinion_words_are_known'),
        ),
        migrations.AddConstraint(
            model_name='opinion',
            constraint=models.CheckConstraint(condition=models.Q(('has_no_conflict', True), models.Q(('statement', ''), _negated=True), models.Q(('sampling', ''), _negated=True)), name='opinion_states_what_it_must'),
        ),
        migrations.AddConstraint(
            model_name='opinion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('criteria', 'other'), _negated=True), models.Q(('criteria_words', ''), _negated=True), _connector='OR'), name='opinion_names_its_criteria'),
        ),
        migrations.AddConstraint(
            model_name='opinion',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['adverse', 'disclaimer']), models.Q(('absolute_t__isnull', False), ('reported_t__isnull', False), ('threshold_t__isnull', False), ('unclosed', 0)), _connector='OR'), name='opinion_that_stands_leaves_nothing_open'),
        ),
        migrations.AddConstraint(
            model_name='opinion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'unmodified'), _negated=True), models.Q(('absolute_t__lte', models.F('threshold_t')), ('substituted', 0)), _connector='OR'), name='unmodified_is_below_the_threshold'),
        ),
        migrations.AddConstraint(
            model_name='opinion',
            constraint=models.CheckConstraint(condition=models.Q(('reviewed_by', None), models.Q(('reviewed_by', models.F('drafted_by')), _negated=True), _connector='OR'), name='reviewer_is_not_the_verifier'),
        ),
        migrations.AddConstraint(
            model_name='opinion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('issued_at', None), ('state__in', ['waiting', 'withdrawn'])), models.Q(('issued_at', None), ('reviewed_by__isnull', False), ('state', 'sent_back')), models.Q(('appeal_until__isnull', False), ('issued_at__isnull', False), ('reviewed_at__isnull', False), ('reviewed_by__isnull', False), ('state__in', ['issued', 'reopened', 'superseded'])), _connector='OR'), name='opinion_issued_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='appeal',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'withdrawn'), _negated=True), fields=('opinion',), name='one_appeal_an_opinion'),
        ),
        migrations.AddConstraint(
            model_name='appeal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at', None), ('answered_by', None), ('state__in', ['open', 'withdrawn'])), models.Q(('answered_at__isnull', False), ('answered_by__isnull', False), ('state__in', ['upheld', 'rejected']), models.Q(('answer', ''), _negated=True)), _connector='OR'), name='appeal_answered_by_somebody_with_words'),
        ),
        migrations.AddConstraint(
            model_name='appeal',
            constraint=models.CheckConstraint(condition=models.Q(('answered_by', None), models.Q(('answered_by', models.F('made_by')), _negated=True), _connector='OR'), name='appeal_is_answered_by_another'),
        ),
        migrations.AddIndex(
            model_name='substitution',
            index=models.Index(fields=['disclosure', 'quantity'], name='substitution_of_figure'),
        ),
        migrations.AddConstraint(
            model_name='substitution',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__in', ['scope1_t', 'scope2_location_t', 'scope2_market_t', 'scope2_unspecified_t', 'scope1_2_total_t', 'scope3_total_t', 'scope3_01_t', 'scope3_02_t', 'scope3_03_t', 'scope3_04_t', 'scope3_05_t', 'scope3_06_t', 'scope3_07_t', 'scope3_08_t', 'scope3_09_t', 'scope3_10_t', 'scope3_11_t', 'scope3_12_t', 'scope3_13_t', 'scope3_14_t', 'scope3_15_t'])), name='substituted_are_emissions'),
        ),
        migrations.AddConstraint(
            model_name='substitution',
            constraint=models.CheckConstraint(condition=models.Q(('value', None), ('value__gt', models.F('submitted')), _connector='OR'), name='substitution_is_conservative'),
        ),
        migrations.AddConstraint(
            model_name='substitution',
            constraint=models.CheckConstraint(condition=models.Q(('basis', ''), _negated=True), name='substitution_has_a_basis'),
        ),
        migrations.RunPython(install, remove),
    ]
