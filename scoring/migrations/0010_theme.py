"""The bars take the place of the first method. Touches data: what the first method scored stays as rows with their
archived record, marked as retired; what stood for a company now is forgotten, since no list shows it any more.

On SQLite a table that is changed loses its triggers, and takes its name while triggers of others speak of it
(legacy_alter_table): they are taken off and put on again.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from portfolio import guards
from scoring.guards import FIRST, OF_BAR_SHEETS, OF_FACTORS, OF_METHODOLOGY, OF_MODELS, OF_THEME

BEFORE = FIRST + OF_FACTORS + OF_MODELS + OF_BAR_SHEETS
AFTER = tuple(guard for guard in BEFORE if guard not in OF_METHODOLOGY) + OF_THEME


def open_up(apps, schema_editor):
    _guards(schema_editor, guards.remove, BEFORE, "ON")


def close(apps, schema_editor):
    _guards(schema_editor, guards.install, AFTER, "OFF")


def open_again(apps, schema_editor):
    _guards(schema_editor, guards.remove, AFTER, "ON")


def close_again(apps, schema_editor):
    _guards(schema_editor, guards.install, BEFORE, "OFF")


def _guards(schema_editor, do, which, legacy):
    do(schema_editor.connection, which)
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(f"PRAGMA legacy_alter_table = {legacy}")


def close_the_first_method(apps, schema_editor):
    """What it asked and nobody answered is not asked any more; nothing of it stands."""
    apps.get_model("scoring", "LatestScore").objects.all().delete()
    apps.get_model("scoring", "ScoreRun").objects.filter(state__in=["queued", "running"]).update(state="cancelled")


class Migration(migrations.Migration):

    dependencies = [
        ('portfolio', '0015_candidacy'),
        ('scoring', '0009_bar_sheets'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(open_up, close_again),
        migrations.RunPython(close_the_first_method, migrations.RunPython.noop),
        migrations.RemoveConstraint(
            model_name='methodology',
            name='one_methodology_in_force',
        ),
        migrations.RemoveField(
            model_name='methodology',
            name='state',
        ),
        migrations.RenameModel(
            old_name='Methodology',
            new_name='RetiredMethod',
        ),
        migrations.AlterModelOptions(
            name='retiredmethod',
            options={'verbose_name': 'retired method', 'verbose_name_plural': 'retired methods'},
        ),
        migrations.RenameField(
            model_name='scorerun',
            old_name='methodology',
            new_name='retired_method',
        ),
        migrations.AlterField(
            model_name='scorerun',
            name='retired_method',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='scoring.retiredmethod', verbose_name='retired method'),
        ),
        migrations.CreateModel(
            name='GateVerdict',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('gate', models.CharField(max_length=2, verbose_name='gate')),
                ('verdict', models.CharField(max_length=8, verbose_name='verdict')),
                ('because', models.CharField(max_length=40, verbose_name='code')),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='when')),
            ],
            options={
                'verbose_name': 'verdict on a gate',
                'verbose_name_plural': 'verdicts on gates',
                'ordering': ['-pk'],
            },
        ),
        migrations.RemoveIndex(
            model_name='latestscore',
            name='latest_by_score',
        ),
        migrations.RemoveField(
            model_name='latestscore',
            name='assisted_p05',
        ),
        migrations.RemoveField(
            model_name='latestscore',
            name='assisted_p95',
        ),
        migrations.RemoveField(
            model_name='latestscore',
            name='assisted_score',
        ),
        migrations.RemoveField(
            model_name='latestscore',
            name='band',
        ),
        migrations.RemoveField(
            model_name='latestscore',
            name='change',
        ),
        migrations.RemoveField(
            model_name='latestscore',
            name='coverage',
        ),
        migrations.RemoveField(
            model_name='latestscore',
            name='data_quality',
        ),
        migrations.RemoveField(
            model_name='latestscore',
            name='emissions_score',
        ),
        migrations.RemoveField(
            model_name='latestscore',
            name='glance_json',
        ),
        migrations.RemoveField(
            model_name='latestscore',
            name='status',
        ),
        migrations.RemoveField(
            model_name='score',
            name='assisted_p05',
        ),
        migrations.RemoveField(
            model_name='score',
            name='assisted_p95',
        ),
        migrations.RemoveField(
            model_name='score',
            name='assisted_score',
        ),
        migrations.RemoveField(
            model_name='score',
            name='band',
        ),
        migrations.RemoveField(
            model_name='score',
            name='coverage',
        ),
        migrations.RemoveField(
            model_name='score',
            name='data_quality',
        ),
        migrations.RemoveField(
            model_name='score',
            name='emissions_score',
        ),
        migrations.RemoveField(
            model_name='score',
            name='glance_json',
        ),
        migrations.RemoveField(
            model_name='score',
            name='status',
        ),
        migrations.AddField(
            model_name='latestscore',
            name='assisted_cleared',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='bars cleared, with estimate'),
        ),
        migrations.AddField(
            model_name='latestscore',
            name='assisted_p',
            field=models.FloatField(blank=True, null=True, verbose_name='P of the cleared bars, with estimate'),
        ),
        migrations.AddField(
            model_name='latestscore',
            name='change_per_year',
            field=models.FloatField(blank=True, null=True, verbose_name='change of emissions a year'),
        ),
        migrations.AddField(
            model_name='latestscore',
            name='cleared',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='bars cleared'),
        ),
        migrations.AddField(
            model_name='latestscore',
            name='evidence',
            field=models.CharField(blank=True, default='', max_length=2, verbose_name='evidence'),
        ),
        migrations.AddField(
            model_name='latestscore',
            name='family',
            field=models.CharField(blank=True, default='', max_length=16, verbose_name='technology family'),
        ),
        migrations.AddField(
            model_name='latestscore',
            name='gates',
            field=models.CharField(blank=True, choices=[('passed', 'All gates passed'), ('open', 'Gates open'), ('failed', 'A gate failed')], default='', max_length=8, verbose_name='gates'),
        ),
        migrations.AddField(
            model_name='latestscore',
            name='group_code',
            field=models.CharField(blank=True, choices=[('3', 'Clears three bars'), ('2', 'Clears two bars'), ('1', 'Clears one bar'), ('0', 'Clears no bar'), ('no_figures', 'No figures yet'), ('not_admitted', 'Not admitted')], default='', max_length=16, verbose_name='group'),
        ),
        migrations.AddField(
            model_name='latestscore',
            name='intensity_change_per_year',
            field=models.FloatField(blank=True, null=True, verbose_name='change of intensity a year'),
        ),
        migrations.AddField(
            model_name='latestscore',
            name='kind',
            field=models.CharField(choices=[('candidate', 'Candidate'), ('peer', 'Peer'), ('retired', 'Retired method')], default='retired', max_length=12, verbose_name='kind'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='latestscore',
            name='known',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='bars known'),
        ),
        migrations.AddField(
            model_name='latestscore',
            name='margin_c',
            field=models.FloatField(blank=True, null=True, verbose_name='margin of the contribution'),
        ),
        migrations.AddField(
            model_name='latestscore',
            name='margin_o',
            field=models.FloatField(blank=True, null=True, verbose_name='margin of the footprint'),
        ),
        migrations.AddField(
            model_name='latestscore',
            name='margin_r',
            field=models.FloatField(blank=True, null=True, verbose_name='margin of the resilience'),
        ),
        migrations.AddField(
            model_name='latestscore',
            name='p_cleared',
            field=models.FloatField(blank=True, null=True, verbose_name='P of the cleared bars'),
        ),
        migrations.AddField(
            model_name='latestscore',
            name='p_high',
            field=models.FloatField(blank=True, null=True, verbose_name='P, to'),
        ),
        migrations.AddField(
            model_name='latestscore',
            name='p_low',
            field=models.FloatField(blank=True, null=True, verbose_name='P, from'),
        ),
        migrations.AddField(
            model_name='latestscore',
            name='pathway_c',
            field=models.FloatField(blank=True, null=True, verbose_name='what its trajectory implies, °C'),
        ),
        migrations.AddField(
            model_name='latestscore',
            name='revenue_change_per_year',
            field=models.FloatField(blank=True, null=True, verbose_name='change of revenue a year'),
        ),
        migrations.AddField(
            model_name='latestscore',
            name='stage',
            field=models.CharField(blank=True, default='', max_length=12, verbose_name='stage'),
        ),
        migrations.AddField(
            model_name='latestscore',
            name='temperature_c',
            field=models.FloatField(blank=True, null=True, verbose_name='what its targets promise, °C'),
        ),
        migrations.AddField(
            model_name='latestscore',
            name='track',
            field=models.CharField(blank=True, choices=[('power_decarbonisation', 'Power decarbonisation'), ('end_use_electrification', 'End-use electrification'), ('energy_efficiency', 'Energy efficiency'), ('emission_greening', 'Emission greening')], default='', max_length=32, verbose_name='track'),
        ),
        migrations.AddField(
            model_name='latestscore',
            name='years_observed',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='years of the trend'),
        ),
        migrations.AddField(
            model_name='score',
            name='assisted_cleared',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='bars cleared, with estimate'),
        ),
        migrations.AddField(
            model_name='score',
            name='assisted_p',
            field=models.FloatField(blank=True, null=True, verbose_name='P of the cleared bars, with estimate'),
        ),
        migrations.AddField(
            model_name='score',
            name='change_per_year',
            field=models.FloatField(blank=True, null=True, verbose_name='change of emissions a year'),
        ),
        migrations.AddField(
            model_name='score',
            name='cleared',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='bars cleared'),
        ),
        migrations.AddField(
            model_name='score',
            name='evidence',
            field=models.CharField(blank=True, default='', max_length=2, verbose_name='evidence'),
        ),
        migrations.AddField(
            model_name='score',
            name='family',
            field=models.CharField(blank=True, default='', max_length=16, verbose_name='technology family'),
        ),
        migrations.AddField(
            model_name='score',
            name='gates',
            field=models.CharField(blank=True, choices=[('passed', 'All gates passed'), ('open', 'Gates open'), ('failed', 'A gate failed')], default='', max_length=8, verbose_name='gates'),
        ),
        migrations.AddField(
            model_name='score',
            name='group_code',
            field=models.CharField(blank=True, choices=[('3', 'Clears three bars'), ('2', 'Clears two bars'), ('1', 'Clears one bar'), ('0', 'Clears no bar'), ('no_figures', 'No figures yet'), ('not_admitted', 'Not admitted')], default='', max_length=16, verbose_name='group'),
        ),
        migrations.AddField(
            model_name='score',
            name='intensity_change_per_year',
            field=models.FloatField(blank=True, null=True, verbose_name='change of intensity a year'),
        ),
        migrations.AddField(
            model_name='score',
            name='kind',
            field=models.CharField(choices=[('candidate', 'Candidate'), ('peer', 'Peer'), ('retired', 'Retired method')], default='retired', max_length=12, verbose_name='kind'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='score',
            name='known',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='bars known'),
        ),
        migrations.AddField(
            model_name='score',
            name='margin_c',
            field=models.FloatField(blank=True, null=True, verbose_name='margin of the contribution'),
        ),
        migrations.AddField(
            model_name='score',
            name='margin_o',
            field=models.FloatField(blank=True, null=True, verbose_name='margin of the footprint'),
        ),
        migrations.AddField(
            model_name='score',
            name='margin_r',
            field=models.FloatField(blank=True, null=True, verbose_name='margin of the resilience'),
        ),
        migrations.AddField(
            model_name='score',
            name='p_cleared',
            field=models.FloatField(blank=True, null=True, verbose_name='P of the cleared bars'),
        ),
        migrations.AddField(
            model_name='score',
            name='p_high',
            field=models.FloatField(blank=True, null=True, verbose_name='P, to'),
        ),
        migrations.AddField(
            model_name='score',
            name='p_low',
            field=models.FloatField(blank=True, null=True, verbose_name='P, from'),
        ),
        migrations.AddField(
            model_name='score',
            name='pathway_c',
            field=models.FloatField(blank=True, null=True, verbose_name='what its trajectory implies, °C'),
        ),
        migrations.AddField(
            model_name='score',
            name='revenue_change_per_year',
            field=models.FloatField(blank=True, null=True, verbose_name='change of revenue a year'),
        ),
        migrations.AddField(
            model_name='score',
            name='stage',
            field=models.CharField(blank=True, default='', max_length=12, verbose_name='stage'),
        ),
        migrations.AddField(
            model_name='score',
            name='temperature_c',
            field=models.FloatField(blank=True, null=True, verbose_name='what its targets promise, °C'),
        ),
        migrations.AddField(
            model_name='score',
            name='track',
            field=models.CharField(blank=True, choices=[('power_decarbonisation', 'Power decarbonisation'), ('end_use_electrification', 'End-use electrification'), ('energy_efficiency', 'Energy efficiency'), ('emission_greening', 'Emission greening')], default='', max_length=32, verbose_name='track'),
        ),
        migrations.AddField(
            model_name='score',
            name='years_observed',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='years of the trend'),
        ),
        migrations.AddField(
            model_name='scoreitem',
            name='is_candidate',
            field=models.BooleanField(default=False, help_text='Judged by the bars; else a peer', verbose_name='candidate'),
        ),
        migrations.AddField(
            model_name='scorerun',
            name='bar_sheet',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='scoring.barsheet', verbose_name='bar sheet'),
        ),
        migrations.AddField(
            model_name='scorerun',
            name='candidate_count',
            field=models.PositiveIntegerField(default=0, editable=False, verbose_name='candidates'),
        ),
        migrations.AddIndex(
            model_name='latestscore',
            index=models.Index(fields=['kind', 'track', 'cleared'], name='latest_by_bars'),
        ),
        migrations.AddField(
            model_name='gateverdict',
            name='company',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='gate_verdicts', to='portfolio.company', verbose_name='company'),
        ),
        migrations.AddField(
            model_name='gateverdict',
            name='score',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scoring.score', verbose_name='score'),
        ),
        migrations.AddConstraint(
            model_name='scorerun',
            constraint=models.CheckConstraint(condition=models.Q(('bar_sheet__isnull', True), ('retired_method__isnull', True), _connector='OR'), name='run_is_of_one_method'),
        ),
        migrations.AddConstraint(
            model_name='gateverdict',
            constraint=models.CheckConstraint(condition=models.Q(('verdict__in', ['pass', 'fail'])), name='gate_verdict_is_decided'),
        ),
        migrations.RunPython(close, open_again),
    ]
