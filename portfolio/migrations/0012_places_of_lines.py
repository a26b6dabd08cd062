"""Sites that companies keep, with history, and the place that a line was handed in with. No data.

SQLite makes the tables of sites and lines anew here, which loses their triggers: they are installed again.
"""

import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

from portfolio import guards


def install(apps, schema_editor):
    guards.install(schema_editor.connection, guards.OF_ACTIVITIES)



class Migration(migrations.Migration):

    dependencies = [
        ('portfolio', '0011_evidence_ofd'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='HistoricalSite',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('site_key', models.CharField(max_length=80, verbose_name='site key')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('address', models.CharField(blank=True, default='', max_length=200, verbose_name='address')),
                ('what', models.CharField(blank=True, default='', max_length=120, verbose_name='what it is')),
                ('opened_on', models.DateField(blank=True, null=True, verbose_name='in use from')),
                ('closed_on', models.DateField(blank=True, null=True, verbose_name='in use until')),
                ('industry', models.CharField(blank=True, max_length=120, verbose_name="industry in the source's words")),
                ('source', models.CharField(max_length=300, verbose_name='source')),
                ('licence', models.CharField(max_length=200, verbose_name='licence')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical site',
                'verbose_name_plural': 'historical sites',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.AddField(
            model_name='activity',
            name='place_source',
            field=models.CharField(blank=True, choices=[('line', 'named on the line'), ('site', 'place of the site'), ('company', 'place of the company'), ('country', 'no place given: the whole country')], max_length=8, verbose_name='who said the place'),
        ),
        migrations.AddField(
            model_name='activity',
            name='used_place',
            field=models.CharField(blank=True, max_length=16, verbose_name='place it is computed with'),
        ),
        migrations.AddField(
            model_name='site',
            name='added_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='added by'),
        ),
        migrations.AddField(
            model_name='site',
            name='address',
            field=models.CharField(blank=True, default='', max_length=200, verbose_name='address'),
        ),
        migrations.AddField(
            model_name='site',
            name='closed_on',
            field=models.DateField(blank=True, null=True, verbose_name='in use until'),
        ),
        migrations.AddField(
            model_name='site',
            name='opened_on',
            field=models.DateField(blank=True, null=True, verbose_name='in use from'),
        ),
        migrations.AddField(
            model_name='site',
            name='what',
            field=models.CharField(blank=True, default='', max_length=120, verbose_name='what it is'),
        ),
        migrations.AlterField(
            model_name='activity',
            name='place',
            field=models.CharField(blank=True, help_text="Code of the line's own place", max_length=16, verbose_name='place'),
        ),
        migrations.AlterField(
            model_name='activity',
            name='site',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='portfolio.site', verbose_name='site'),
        ),
        migrations.AddConstraint(
            model_name='activity',
            constraint=models.CheckConstraint(condition=models.Q(('place_source__in', ['', 'line', 'site', 'company', 'country'])), name='place_source_is_known'),
        ),
        migrations.AddConstraint(
            model_name='site',
            constraint=models.CheckConstraint(condition=models.Q(('opened_on', None), ('closed_on', None), ('opened_on__lte', models.F('closed_on')), _connector='OR'), name='site_opens_before_it_closes'),
        ),
        migrations.AddField(
            model_name='historicalsite',
            name='added_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='added by'),
        ),
        migrations.AddField(
            model_name='historicalsite',
            name='city',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='portfolio.city', verbose_name='city'),
        ),
        migrations.AddField(
            model_name='historicalsite',
            name='company',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='portfolio.company', verbose_name='company'),
        ),
        migrations.AddField(
            model_name='historicalsite',
            name='history_user',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.RunPython(install, install),
    ]
