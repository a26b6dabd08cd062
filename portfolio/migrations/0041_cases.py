"""Cases of verification: who has one, what was looked at, who must keep away. Touches no data."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from portfolio import guards


def install(apps, schema_editor):
    guards.install(schema_editor.connection, guards.OF_CASES)


def remove(apps, schema_editor):
    guards.remove(schema_editor.connection, guards.OF_CASES)


class Migration(migrations.Migration):

    dependencies = [
        ('portfolio', '0040_monitoring_plans'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Case',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('claimed_at', models.DateTimeField(blank=True, null=True, verbose_name='claimed at')),
                ('sampling', models.TextField(blank=True, max_length=2000, verbose_name='how it is sampled')),
                ('assignee', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='assignee')),
                ('disclosure', models.OneToOneField(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='case', to='portfolio.disclosure', verbose_name='disclosure')),
            ],
            options={
                'verbose_name': 'verification case',
                'verbose_name_plural': 'verification cases',
                'ordering': ['-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('assignee', None), ('claimed_at', None)), models.Q(('assignee__isnull', False), ('claimed_at__isnull', False)), _connector='OR'), name='case_is_claimed_by_somebody_some_day')],
            },
        ),
        migrations.CreateModel(
            name='ConflictOfInterest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='when')),
                ('reason', models.CharField(max_length=400, verbose_name='reason')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='conflicts', to='portfolio.company', verbose_name='company')),
            ],
            options={
                'verbose_name': 'conflict of interest',
                'verbose_name_plural': 'conflicts of interest',
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(fields=('company', 'by'), name='conflict_once_a_company_and_person'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='conflict_has_a_reason')],
            },
        ),
        migrations.CreateModel(
            name='Look',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64, verbose_name='digest')),
                ('point', models.CharField(max_length=32, verbose_name='about')),
                ('verdict', models.CharField(choices=[('agreed', 'Agreed'), ('sampled_out', 'Not checked: sampled out'), ('taken_back', 'Taken back')], max_length=16, verbose_name='verdict')),
                ('words', models.CharField(blank=True, max_length=400, verbose_name='in words')),
                ('is_again', models.BooleanField(default=False, verbose_name='agreed again, unchanged since the submission before')),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='when')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who')),
                ('disclosure', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='looks', to='portfolio.disclosure', verbose_name='disclosure')),
            ],
            options={
                'verbose_name': 'look at a point',
                'verbose_name_plural': 'looks at points',
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['disclosure', 'digest'], name='look_by_content')],
                'constraints': [models.CheckConstraint(condition=models.Q(('verdict__in', ['agreed', 'sampled_out', 'taken_back'])), name='look_verdict_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('verdict', 'sampled_out'), _negated=True), models.Q(('words', ''), _negated=True), _connector='OR'), name='sampled_out_says_why'), models.CheckConstraint(condition=models.Q(('is_again', False), ('verdict', 'agreed'), _connector='OR'), name='only_agreed_is_again'), models.CheckConstraint(condition=models.Q(('point', ''), _negated=True), name='look_is_at_a_point')],
            },
        ),
        migrations.RunPython(install, remove),
    ]
