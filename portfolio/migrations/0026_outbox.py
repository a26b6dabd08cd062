"""Deadlines and the outbox of mails, with the triggers that keep what a mail says. No data."""

import django.core.validators
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

from portfolio import guards


def install(apps, schema_editor):
    guards.install(schema_editor.connection, guards.OF_MAILS)


def remove(apps, schema_editor):
    guards.remove(schema_editor.connection, guards.OF_MAILS)


class Migration(migrations.Migration):

    dependencies = [
        ('portfolio', '0025_autosave'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='HistoricalDeadline',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(1990), django.core.validators.MaxValueValidator(2100)], verbose_name='reporting year')),
                ('due', models.DateField(help_text='Until 23:59 Beijing time of this day', verbose_name='due')),
                ('note', models.CharField(blank=True, max_length=400, verbose_name='note')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('company', models.ForeignKey(blank=True, db_constraint=False, help_text='Empty: for all companies that have none of their own', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='portfolio.company', verbose_name='company')),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical deadline',
                'verbose_name_plural': 'historical deadlines',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Deadline',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(1990), django.core.validators.MaxValueValidator(2100)], verbose_name='reporting year')),
                ('due', models.DateField(help_text='Until 23:59 Beijing time of this day', verbose_name='due')),
                ('note', models.CharField(blank=True, max_length=400, verbose_name='note')),
                ('company', models.ForeignKey(blank=True, help_text='Empty: for all companies that have none of their own', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deadlines', to='portfolio.company', verbose_name='company')),
            ],
            options={
                'verbose_name': 'deadline',
                'verbose_name_plural': 'deadlines',
                'ordering': ['-year', 'company'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('company__isnull', True)), fields=('year',), name='one_deadline_for_all_a_year'), models.UniqueConstraint(fields=('year', 'company'), name='one_deadline_a_company_and_year')],
            },
        ),
        migrations.CreateModel(
            name='Mail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(help_text='No mail is written twice', max_length=160, unique=True, verbose_name='key')),
                ('kind', models.CharField(choices=[('submitted', 'Disclosure submitted'), ('returned', 'Disclosure returned'), ('verified', 'Disclosure verified'), ('restatement', 'Restatement proposed'), ('reminder', 'Reminder of a deadline'), ('request', 'Data requested'), ('request_overdue', 'Data request overdue'), ('request_withdrawn', 'Data request withdrawn'), ('role', 'Role waits for confirmation'), ('test', 'Test')], max_length=24, verbose_name='kind')),
                ('address', models.EmailField(blank=True, help_text='That of the account at the last attempt', max_length=254, verbose_name='address')),
                ('language', models.CharField(max_length=16, verbose_name='language')),
                ('about', models.CharField(max_length=120, verbose_name='of what')),
                ('parameters', models.JSONField(default=dict, verbose_name='parameters')),
                ('subject', models.CharField(max_length=300, verbose_name='subject')),
                ('body', models.TextField(verbose_name='text of the mail')),
                ('written_at', models.DateTimeField(auto_now_add=True, verbose_name='written at')),
                ('state', models.CharField(choices=[('queued', 'Waits'), ('sent', 'Sent'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='queued', max_length=16, verbose_name='state')),
                ('attempts', models.PositiveIntegerField(default=0, verbose_name='attempts')),
                ('not_before', models.DateTimeField(verbose_name='not before')),
                ('leased_until', models.DateTimeField(editable=False, null=True)),
                ('last_error', models.CharField(blank=True, max_length=300, verbose_name='last error')),
                ('queued_at', models.DateTimeField(auto_now_add=True, verbose_name='queued at')),
                ('sent_at', models.DateTimeField(null=True, verbose_name='sent at')),
                ('company', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='mails', to='portfolio.company', verbose_name='company')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='recipient')),
            ],
            options={
                'verbose_name': 'mail',
                'verbose_name_plural': 'mails',
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['state', 'not_before'], name='mail_by_state'), models.Index(fields=['about'], name='mail_by_subject')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['queued', 'failed', 'cancelled']), models.Q(('sent_at__isnull', False), ('state', 'sent')), _connector='OR'), name='mail_sent_at_some_time')],
            },
        ),
        migrations.RunPython(install, remove),
    ]
