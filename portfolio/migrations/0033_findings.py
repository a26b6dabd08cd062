"""Findings of verifiers, their threads, and what a return opens; mails of them. Touches no data."""

import django.db.models.deletion
import portfolio.typed.bounds
from django.conf import settings
from django.db import migrations, models

from portfolio import guards


def install(apps, schema_editor):
    guards.install(schema_editor.connection, guards.OF_FINDINGS)


def remove(apps, schema_editor):
    guards.remove(schema_editor.connection, guards.OF_FINDINGS)


class Migration(migrations.Migration):

    dependencies = [
        ('portfolio', '0032_people'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='mail',
            name='kind',
            field=models.CharField(choices=[('submitted', 'Disclosure submitted'), ('returned', 'Disclosure returned'), ('verified', 'Disclosure verified'), ('restatement', 'Restatement proposed'), ('reminder', 'Reminder of a deadline'), ('request', 'Data requested'), ('request_overdue', 'Data request overdue'), ('request_withdrawn', 'Data request withdrawn'), ('request_declined', 'Data request declined'), ('join_request', 'Somebody asks to join a company'), ('join_declined', 'Request to join declined'), ('team', 'Role in a company'), ('form_saved', 'Quarterly form filled in'), ('form_link', 'New link to the quarterly form wanted'), ('finding', 'Verifier asks'), ('finding_answered', 'Finding answered'), ('finding_closed', 'Finding closed'), ('mention', 'Mentioned'), ('role', 'Role waits for confirmation'), ('test', 'Test')], max_length=24, verbose_name='kind'),
        ),
        migrations.CreateModel(
            name='Finding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('point', models.CharField(blank=True, help_text='Empty: the whole disclosure', max_length=32, verbose_name='about')),
                ('line_kind', models.CharField(blank=True, help_text='Of the line, when raised', max_length=80, verbose_name='activity')),
                ('line_meter', models.CharField(blank=True, max_length=60, verbose_name='meter or account')),
                ('kind', models.CharField(choices=[('misstatement', 'Misstatement'), ('non_conformity', 'Non-conformity'), ('recommendation', 'Recommendation'), ('question', 'Question'), ('comment', 'Comment among colleagues')], max_length=16, verbose_name='kind')),
                ('words', models.TextField(max_length=2000, verbose_name='in words')),
                ('due', models.DateField(blank=True, null=True, verbose_name='due')),
                ('effect_t', models.FloatField(blank=True, help_text='Above 0: the disclosure says too much', null=True, verbose_name='effect, tCO₂e', validators=[portfolio.typed.bounds.Within('effect_t')])),
                ('effect_reason', models.CharField(blank=True, max_length=400, verbose_name='not quantified, because')),
                ('raised_at', models.DateTimeField(auto_now_add=True, verbose_name='raised at')),
                ('state', models.CharField(choices=[('open', 'Open'), ('answered', 'Answered'), ('closed', 'Closed')], default='open', max_length=16, verbose_name='state')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='closed at')),
                ('closing', models.TextField(blank=True, max_length=2000, verbose_name='closing words')),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='closed by')),
                ('disclosure', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='findings', to='portfolio.disclosure', verbose_name='disclosure')),
                ('raised_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='raised by')),
            ],
            options={
                'verbose_name': 'finding',
                'verbose_name_plural': 'findings',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='FindingMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='when')),
                ('words', models.TextField(blank=True, max_length=2000, verbose_name='in words')),
                ('was', models.TextField(blank=True, help_text='Of an answer by a change', verbose_name='submitted')),
                ('now', models.TextField(blank=True, verbose_name='value now')),
                ('asks_for', models.CharField(blank=True, max_length=32, verbose_name='asks to open')),
                ('opens', models.CharField(blank=True, max_length=32, verbose_name='opens')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who')),
                ('evidence', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portfolio.evidence', verbose_name='evidence')),
                ('finding', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='portfolio.finding', verbose_name='finding')),
            ],
            options={
                'verbose_name': 'message of a finding',
                'verbose_name_plural': 'messages of findings',
                'ordering': ['finding', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='OpenedPoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('point', models.CharField(blank=True, help_text='Empty: the whole disclosure', max_length=32, verbose_name='what')),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='when')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who')),
                ('step', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='opened', to='portfolio.step', verbose_name='return')),
            ],
            options={
                'verbose_name': 'point open for correction',
                'verbose_name_plural': 'points open for correction',
                'ordering': ['step', 'pk'],
            },
        ),
        migrations.AddIndex(
            model_name='finding',
            index=models.Index(fields=['disclosure', 'state'], name='finding_by_state'),
        ),
        migrations.AddConstraint(
            model_name='finding',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['misstatement', 'non_conformity', 'recommendation', 'question', 'comment'])), name='finding_kind_is_known'),
        ),
        migrations.AddConstraint(
            model_name='finding',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'misstatement'), _negated=True), ('effect_t__isnull', False), models.Q(('effect_reason', ''), _negated=True), _connector='OR'), name='misstatement_has_tonnes_or_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='finding',
            constraint=models.CheckConstraint(condition=models.Q(('effect_t__isnull', True), ('effect_reason', ''), _connector='OR'), name='finding_is_quantified_or_says_why_not'),
        ),
        migrations.AddConstraint(
            model_name='finding',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['misstatement', 'non_conformity']), models.Q(('effect_reason', ''), ('effect_t__isnull', True)), _connector='OR'), name='only_what_is_wrong_has_an_effect'),
        ),
        migrations.AddConstraint(
            model_name='finding',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('due__isnull', True), ('kind', 'comment')), models.Q(models.Q(('kind', 'comment'), _negated=True), models.Q(('due', None), _negated=True)), _connector='OR'), name='finding_is_due_some_day'),
        ),
        migrations.AddConstraint(
            model_name='finding',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('closed_by', None), ('closing', ''), ('state__in', ['open', 'answered'])), models.Q(('closed_at__isnull', False), ('closed_by__isnull', False), ('state', 'closed'), models.Q(('kind', 'comment'), models.Q(('closing', ''), _negated=True), _connector='OR')), _connector='OR'), name='finding_closed_by_somebody_with_words'),
        ),
        migrations.AddConstraint(
            model_name='openedpoint',
            constraint=models.UniqueConstraint(fields=('step', 'point'), name='point_opened_once_a_return'),
        ),
        migrations.RunPython(install, remove),
    ]
