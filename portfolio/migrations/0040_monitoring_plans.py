"""Monitoring plans with their rows and steps; mails of what becomes of them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from portfolio import guards


def install(apps, schema_editor):
    guards.install(schema_editor.connection, guards.OF_MONITORING_PLANS)


def remove(apps, schema_editor):
    guards.remove(schema_editor.connection, guards.OF_MONITORING_PLANS)


class Migration(migrations.Migration):

    dependencies = [
        ('portfolio', '0039_opinions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='mail',
            name='kind',
            field=models.CharField(choices=[('submitted', 'Disclosure submitted'), ('returned', 'Disclosure returned'), ('verified', 'Disclosure verified'), ('refused', 'Verification failed'), ('opinion', 'Opinion waits for review'), ('opinion_back', 'Opinion sent back'), ('reopened', 'Opinion reopened'), ('appeal', 'Appeal against an opinion'), ('appeal_answered', 'Appeal answered'), ('plan_returned', 'Monitoring plan returned'), ('plan_approved', 'Monitoring plan approved'), ('restatement', 'Restatement proposed'), ('reminder', 'Reminder of a deadline'), ('request', 'Data requested'), ('request_overdue', 'Data request overdue'), ('request_withdrawn', 'Data request withdrawn'), ('preview', 'Result can be seen'), ('preview_ends', 'Term for a result ends'), ('dispute', 'Result disputed'), ('dispute_withdrawn', 'Dispute withdrawn'), ('dispute_answered', 'Dispute answered'), ('request_declined', 'Data request declined'), ('join_request', 'Somebody asks to join a company'), ('join_declined', 'Request to join declined'), ('team', 'Role in a company'), ('form_saved', 'Quarterly form filled in'), ('form_link', 'New link to the quarterly form wanted'), ('finding', 'Verifier asks'), ('finding_answered', 'Finding answered'), ('finding_closed', 'Finding closed'), ('mention', 'Mentioned'), ('role', 'Role waits for confirmation'), ('webhook_off', 'Webhook switched off'), ('test', 'Test')], max_length=24, verbose_name='kind'),
        ),
        migrations.CreateModel(
            name='MonitoringPlan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(blank=True, max_length=64, verbose_name='digest')),
                ('edition', models.PositiveIntegerField(default=1, verbose_name='edition')),
                ('submitted_at', models.DateTimeField(blank=True, null=True, verbose_name='submitted at')),
                ('frozen_at', models.DateTimeField(blank=True, null=True, verbose_name='verified at')),
                ('version', models.PositiveSmallIntegerField(default=1, verbose_name='version')),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('submitted', 'Submitted'), ('returned', 'Returned for correction'), ('verified', 'Approved'), ('withdrawn', 'Withdrawn before submission')], default='draft', max_length=16, verbose_name='state')),
                ('valid_from', models.PositiveSmallIntegerField(verbose_name='valid from the year')),
                ('boundary', models.TextField(blank=True, max_length=2000, verbose_name='organisational boundary')),
                ('reason', models.TextField(blank=True, help_text='Empty for the first one', max_length=2000, verbose_name='why it changes')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='monitoring_plans', to='portfolio.company', verbose_name='company')),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by')),
                ('submitted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='submitted by')),
                ('supersedes', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='successors', to='portfolio.monitoringplan', verbose_name='changes')),
                ('verified_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='verified by')),
            ],
            options={
                'verbose_name': 'monitoring plan',
                'verbose_name_plural': 'monitoring plans',
                'ordering': ['company', '-version'],
            },
        ),
        migrations.CreateModel(
            name='MonitoringPlanStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('verb', models.CharField(max_length=24, verbose_name='what')),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='when')),
                ('comment', models.TextField(blank=True, verbose_name='comment')),
                ('digest', models.CharField(blank=True, max_length=64, verbose_name='digest')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='portfolio.monitoringplan', verbose_name='monitoring plan')),
            ],
            options={
                'verbose_name': 'step of a monitoring plan',
                'verbose_name_plural': 'steps of monitoring plans',
                'ordering': ['plan', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='PlannedSource',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(verbose_name='row')),
                ('kind', models.CharField(max_length=80, verbose_name='activity')),
                ('meter', models.CharField(blank=True, help_text='Empty: any', max_length=60, verbose_name='meter or account')),
                ('measured', models.CharField(choices=[('meter', 'Own meter, read'), ('invoice', "Supplier's bill"), ('calculation', 'Calculation or balance'), ('estimate', 'Estimate')], max_length=16, verbose_name='how it is measured')),
                ('unit', models.CharField(max_length=24, verbose_name='unit')),
                ('often', models.CharField(choices=[('month', 'Every month'), ('quarter', 'Every quarter'), ('year', 'Once a year')], max_length=8, verbose_name='how often')),
                ('evidence', models.CharField(blank=True, help_text='Such as monthly bills; empty: none', max_length=200, verbose_name='evidence expected')),
                ('responsible', models.CharField(max_length=120, verbose_name='responsible')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sources', to='portfolio.monitoringplan', verbose_name='monitoring plan')),
                ('site', models.ForeignKey(blank=True, help_text='Empty: any', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='planned', to='portfolio.site', verbose_name='site')),
            ],
            options={
                'verbose_name': 'planned source',
                'verbose_name_plural': 'planned sources',
                'ordering': ['plan', 'number'],
            },
        ),
        migrations.AddConstraint(
            model_name='monitoringplan',
            constraint=models.UniqueConstraint(fields=('company', 'version'), name='plan_version_once_a_company'),
        ),
        migrations.AddConstraint(
            model_name='monitoringplan',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['draft', 'submitted', 'returned'])), fields=('company',), name='one_open_plan_a_company'),
        ),
        migrations.AddConstraint(
            model_name='monitoringplan',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'submitted', 'returned', 'verified', 'withdrawn'])), name='plan_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='monitoringplan',
            constraint=models.CheckConstraint(condition=models.Q(('valid_from__gte', 1990), ('valid_from__lte', 2200)), name='plan_begins_in_a_year'),
        ),
        migrations.AddConstraint(
            model_name='monitoringplan',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['submitted', 'verified']), _negated=True), models.Q(models.Q(('boundary', ''), _negated=True), models.Q(('supersedes', None), models.Q(('reason', ''), _negated=True), _connector='OR')), _connector='OR'), name='submitted_plan_says_boundary_and_why'),
        ),
        migrations.AddConstraint(
            model_name='monitoringplan',
            constraint=models.CheckConstraint(condition=models.Q(('verified_by__isnull', True), models.Q(models.Q(('verified_by', models.F('submitted_by')), _negated=True), models.Q(('verified_by', models.F('created_by')), _negated=True)), _connector='OR'), name='plan_verifier_is_not_preparer'),
        ),
        migrations.AddConstraint(
            model_name='monitoringplan',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('frozen_at__isnull', False), ('state', 'verified'), ('verified_by__isnull', False)), models.Q(models.Q(('state', 'verified'), _negated=True), ('frozen_at__isnull', True), ('verified_by__isnull', True)), _connector='OR'), name='approved_plan_names_its_verifier'),
        ),
        migrations.AddConstraint(
            model_name='plannedsource',
            constraint=models.UniqueConstraint(fields=('plan', 'number'), name='planned_source_once_a_number'),
        ),
        migrations.AddConstraint(
            model_name='plannedsource',
            constraint=models.UniqueConstraint(condition=models.Q(('site__isnull', False)), fields=('plan', 'kind', 'site', 'meter'), name='planned_source_once_a_site'),
        ),
        migrations.AddConstraint(
            model_name='plannedsource',
            constraint=models.UniqueConstraint(condition=models.Q(('site__isnull', True)), fields=('plan', 'kind', 'meter'), name='planned_source_once_without_site'),
        ),
        migrations.AddConstraint(
            model_name='plannedsource',
            constraint=models.CheckConstraint(condition=models.Q(('measured__in', ['meter', 'invoice', 'calculation', 'estimate']), ('often__in', ['month', 'quarter', 'year'])), name='planned_source_words_are_known'),
        ),
        migrations.AddConstraint(
            model_name='plannedsource',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('unit', ''), _negated=True), models.Q(('responsible', ''), _negated=True)), name='planned_source_has_unit_and_person'),
        ),
        migrations.RunPython(install, remove),
    ]
