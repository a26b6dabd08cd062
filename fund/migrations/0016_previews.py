"""Previews of results and their disputes, guarded. No data: a term begins with the next score."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from fund import guards as of_fund
from portfolio import guards


def install(apps, schema_editor):
    guards.install(schema_editor.connection, of_fund.OF_PREVIEWS)


def remove(apps, schema_editor):
    guards.remove(schema_editor.connection, of_fund.OF_PREVIEWS)


class Migration(migrations.Migration):

    dependencies = [
        ('fund', '0015_same_hands'),
        ('portfolio', '0034_mails_of_results'),
        ('scoring', '0012_same_hands'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
        migrations.RunPython(install, remove),
    ]
