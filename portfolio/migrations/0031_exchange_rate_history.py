"""Exchange rates keep what they were. Those that are there begin their history with the value of today."""

import django.core.validators
import django.db.models.deletion
import portfolio.typed.bounds
import simple_history.models
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone


def begin(apps, schema_editor):
    history = apps.get_model("portfolio", "HistoricalExchangeRate").objects
    fields = ("id", "currency", "year", "day", "per_usd", "source", "entered_by_id")
    rows = apps.get_model("portfolio", "ExchangeRate").objects.values(*fields)
    model, now = history.model, timezone.now()
    begun = (model(**row, history_date=now, history_type="+", history_change_reason="history begins") for row in rows)
    history.bulk_create(begun, batch_size=500)


class Migration(migrations.Migration):

    dependencies = [
        ('portfolio', '0030_sheets'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='HistoricalExchangeRate',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('currency', models.CharField(help_text='ISO 4217', max_length=3, verbose_name='currency')),
                ('year', models.PositiveSmallIntegerField(blank=True, help_text='For what flows in a year, such as revenue', null=True, verbose_name='mean of the year')),
                ('day', models.DateField(blank=True, help_text='For what is there on a day, such as a holding', null=True, verbose_name='closing of the day')),
                ('per_usd', models.FloatField(validators=[portfolio.typed.bounds.Within('exchange_rate'), django.core.validators.MinValueValidator(1e-06), django.core.validators.MaxValueValidator(1000000000.0)], verbose_name='units per US dollar')),
                ('source', models.CharField(max_length=300, verbose_name='source')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('entered_by', models.ForeignKey(blank=True, db_constraint=False, editable=False, help_text='Nobody: it ships with the product, and a load may bring it up to date', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='entered by')),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical exchange rate',
                'verbose_name_plural': 'historical exchange rates',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.RunPython(begin, migrations.RunPython.noop),
    ]
