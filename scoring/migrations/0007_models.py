"""Training sets, models and what became of them; scores name the model behind an estimate. Touches no data."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '__first__'),
        ('portfolio', '0005_activity_guards'),
        ('scoring', '0006_factor_guards'),
    ]

    operations = [
        migrations.CreateModel(
            name='TrainingSet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('kind', models.CharField(choices=[('shipped', 'Shipped with the product'), ('uploaded', 'Uploaded'), ('built', 'Built from verified disclosures')], max_length=16, verbose_name='kind')),
                ('schema', models.CharField(max_length=16, verbose_name='schema')),
                ('digest', models.CharField(max_length=64, unique=True, verbose_name='digest of what is read')),
                ('content', models.TextField(help_text='CSV, UTF-8', verbose_name='content')),
                ('content_sha256', models.CharField(max_length=64, verbose_name='digest of the file')),
                ('licence', models.CharField(max_length=300, verbose_name='licence')),
                ('origin', models.CharField(max_length=600, verbose_name='origin')),
                ('rows', models.PositiveIntegerField(verbose_name='rows')),
                ('companies', models.PositiveIntegerField(verbose_name='companies')),
                ('left_out', models.PositiveIntegerField(default=0, verbose_name='rows or cells left out')),
                ('taken_at', models.DateTimeField(auto_now_add=True, verbose_name='taken at')),
                ('taken_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='taken by')),
            ],
            options={
                'verbose_name': 'training set',
                'verbose_name_plural': 'training sets',
                'ordering': ['-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('licence', ''), _negated=True), models.Q(('origin', ''), _negated=True)), name='training_set_is_told')],
            },
        ),
        migrations.CreateModel(
            name='ModelVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('activity', models.CharField(blank=True, help_text='comma between', max_length=200, verbose_name='activity columns')),
                ('seed', models.PositiveIntegerField(default=0, verbose_name='seed')),
                ('code', models.CharField(max_length=32, verbose_name='code')),
                ('digest', models.CharField(blank=True, default='', max_length=64, verbose_name='digest of the recipe')),
                ('fingerprint', models.CharField(blank=True, default='', max_length=64, verbose_name='fingerprint')),
                ('learned_json', models.TextField(blank=True, default='{}', editable=False, verbose_name='what fitting gave')),
                ('probed_json', models.TextField(blank=True, default='[]', editable=False, verbose_name='estimates of the probe')),
                ('card_json', models.TextField(blank=True, default='{}', editable=False, verbose_name='card')),
                ('fit_seconds', models.FloatField(blank=True, null=True, verbose_name='CPU seconds of fitting')),
                ('state', models.CharField(choices=[('queued', 'Being fitted'), ('failed', 'Could not be fitted'), ('candidate', 'Candidate'), ('challenger', 'Challenger'), ('champion', 'Champion'), ('retired', 'Retired')], default='queued', max_length=16, verbose_name='state')),
                ('error', models.TextField(blank=True, default='', verbose_name='error')),
                ('made_at', models.DateTimeField(auto_now_add=True, verbose_name='made at')),
                ('made_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
                ('training_set', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='scoring.trainingset', verbose_name='training set')),
            ],
            options={
                'verbose_name': 'model version',
                'verbose_name_plural': 'model versions',
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'champion')), fields=('state',), name='one_champion'), models.UniqueConstraint(condition=models.Q(('state', 'challenger')), fields=('state',), name='one_challenger'), models.CheckConstraint(condition=models.Q(('state__in', ['queued', 'failed', 'candidate', 'challenger', 'champion', 'retired'])), name='model_state_is_known'), models.UniqueConstraint(fields=('training_set', 'activity', 'seed', 'code'), name='recipe_is_one_model')],
            },
        ),
        migrations.CreateModel(
            name='NightlyLook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='when')),
                ('found', models.PositiveIntegerField(verbose_name='new verified disclosures')),
                ('needed', models.PositiveIntegerField(verbose_name='needed')),
                ('said', models.CharField(blank=True, max_length=300, verbose_name='said')),
                ('made', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scoring.modelversion', verbose_name='made')),
            ],
            options={
                'verbose_name': 'nightly look',
                'verbose_name_plural': 'nightly looks',
            },
        ),
        migrations.CreateModel(
            name='ShadowEstimate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('features_sha256', models.CharField(max_length=64, verbose_name='digest of the features')),
                ('rung', models.PositiveSmallIntegerField(verbose_name='rung')),
                ('p05_t', models.FloatField(verbose_name='p05, tCO₂e')),
                ('median_t', models.FloatField(verbose_name='median, tCO₂e')),
                ('p95_t', models.FloatField(verbose_name='p95, tCO₂e')),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='when')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='portfolio.company', verbose_name='company')),
                ('model', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shadows', to='scoring.modelversion', verbose_name='model')),
            ],
            options={
                'verbose_name': 'estimate in shadow',
                'verbose_name_plural': 'estimates in shadow',
                'constraints': [models.UniqueConstraint(fields=('model', 'company', 'features_sha256'), name='shadow_once_a_question')],
            },
        ),
        migrations.CreateModel(
            name='ModelComparison',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('statistics_json', models.TextField(verbose_name='statistics')),
                ('statistics_sha256', models.CharField(max_length=64, verbose_name='digest of the statistics')),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='when')),
                ('challenger', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='comparisons', to='scoring.modelversion', verbose_name='model')),
                ('champion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scoring.modelversion', verbose_name='champion')),
            ],
            options={
                'verbose_name': 'comparison of models',
                'verbose_name_plural': 'comparisons of models',
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(fields=('challenger', 'champion'), name='two_models_compared_once')],
            },
        ),
        migrations.CreateModel(
            name='ModelChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('shipped', 'Shipped with the product'), ('promotion', 'Promotion'), ('rollback', 'Rollback')], max_length=16, verbose_name='kind')),
                ('statistics_json', models.TextField(default='{}', verbose_name='statistics')),
                ('statistics_sha256', models.CharField(max_length=64, verbose_name='digest of the statistics')),
                ('reason', models.TextField(verbose_name='reason')),
                ('outcome', models.CharField(choices=[('open', 'Waits for a second administrator'), ('confirmed', 'Confirmed'), ('rejected', 'Rejected')], default='open', max_length=16, verbose_name='outcome')),
                ('proposed_at', models.DateTimeField(auto_now_add=True, verbose_name='proposed at')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided at')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('proposed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='proposed by')),
                ('model', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='scoring.modelversion', verbose_name='model')),
                ('replaces', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scoring.modelversion', verbose_name='replaces')),
            ],
            options={
                'verbose_name': 'change of model',
                'verbose_name_plural': 'changes of model',
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('outcome', 'open')), fields=('outcome',), name='one_open_change_of_model'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'promotion'), _negated=True), ('decided_by__isnull', True), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='model_promoted_by_two'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'promotion'), ('outcome', 'confirmed'), _negated=True), models.Q(('decided_by__isnull', False), ('proposed_by__isnull', False)), _connector='OR'), name='promotion_names_its_people')],
            },
        ),
        migrations.CreateModel(
            name='DriftReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('report_json', models.TextField(verbose_name='report')),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='when')),
                ('model', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='drift', to='scoring.modelversion', verbose_name='model')),
            ],
            options={
                'verbose_name': 'drift report',
                'verbose_name_plural': 'drift reports',
                'ordering': ['-pk'],
            },
        ),
        migrations.AddField(
            model_name='latestscore',
            name='assisted_p05',
            field=models.FloatField(blank=True, null=True, verbose_name='ML-assisted score, p05'),
        ),
        migrations.AddField(
            model_name='latestscore',
            name='assisted_p95',
            field=models.FloatField(blank=True, null=True, verbose_name='ML-assisted score, p95'),
        ),
        migrations.AddField(
            model_name='latestscore',
            name='assisted_score',
            field=models.FloatField(blank=True, null=True, verbose_name='ML-assisted score'),
        ),
        migrations.AddField(
            model_name='latestscore',
            name='emissions_rung',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='rung of the emissions'),
        ),
        migrations.AddField(
            model_name='score',
            name='assisted_p05',
            field=models.FloatField(blank=True, null=True, verbose_name='ML-assisted score, p05'),
        ),
        migrations.AddField(
            model_name='score',
            name='assisted_p95',
            field=models.FloatField(blank=True, null=True, verbose_name='ML-assisted score, p95'),
        ),
        migrations.AddField(
            model_name='score',
            name='emissions_rung',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='rung of the emissions'),
        ),
        migrations.AddField(
            model_name='score',
            name='model',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='scores', to='scoring.modelversion', verbose_name='model behind an estimate'),
        ),
        migrations.AddField(
            model_name='scorerun',
            name='model',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='scoring.modelversion', verbose_name='model in force'),
        ),
        migrations.AddIndex(
            model_name='score',
            index=models.Index(condition=models.Q(('model__isnull', False)), fields=['model', '-id'], name='scores_of_a_model'),
        ),
    ]
