"""A line or a figure may cite several files. Copies what each line cites, of frozen versions too: no digest changes."""

import django.db.models.deletion
from django.db import migrations, models

from portfolio import guards

AT_ONCE = 1000


def copy(apps, schema_editor):
    activities, citations = apps.get_model("portfolio", "Activity"), apps.get_model("portfolio", "Citation")
    cited = activities.objects.exclude(evidence=None).values_list("disclosure", "pk", "evidence", "evidence_place")
    rows = [
        citations(disclosure_id=disclosure, activity_id=line, number=1, evidence_id=evidence, place=place)
        for disclosure, line, evidence, place in cited.iterator(AT_ONCE)
    ]
    citations.objects.bulk_create(rows, batch_size=AT_ONCE)


def install(apps, schema_editor):
    guards.install(schema_editor.connection, guards.OF_CITATIONS)


def remove(apps, schema_editor):
    guards.remove(schema_editor.connection, guards.OF_CITATIONS)


class Migration(migrations.Migration):

    dependencies = [
        ('portfolio', '0034_mails_of_results'),
    ]

    operations = [
        migrations.CreateModel(
            name='Citation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', models.CharField(blank=True, choices=[('scope1_t', 'Scope 1'), ('scope2_location_t', 'Scope 2, location-based'), ('scope2_market_t', 'Scope 2, market-based'), ('scope2_unspecified_t', 'Scope 2, method not stated'), ('scope1_2_total_t', 'Scopes 1 and 2 together'), ('scope3_total_t', 'Scope 3, total'), ('scope3_01_t', 'Scope 3.1 Purchased goods and services'), ('scope3_02_t', 'Scope 3.2 Capital goods'), ('scope3_03_t', 'Scope 3.3 Fuel- and energy-related activities'), ('scope3_04_t', 'Scope 3.4 Upstream transportation and distribution'), ('scope3_05_t', 'Scope 3.5 Waste generated in operations'), ('scope3_06_t', 'Scope 3.6 Business travel'), ('scope3_07_t', 'Scope 3.7 Employee commuting'), ('scope3_08_t', 'Scope 3.8 Upstream leased assets'), ('scope3_09_t', 'Scope 3.9 Downstream transportation and distribution'), ('scope3_10_t', 'Scope 3.10 Processing of sold products'), ('scope3_11_t', 'Scope 3.11 Use of sold products'), ('scope3_12_t', 'Scope 3.12 End-of-life treatment of sold products'), ('scope3_13_t', 'Scope 3.13 Downstream leased assets'), ('scope3_14_t', 'Scope 3.14 Franchises'), ('scope3_15_t', 'Scope 3.15 Investments'), ('electricity_kwh', 'Electricity'), ('energy_mj', 'Energy'), ('coal_t', 'Coal'), ('renewable_capacity_kw', 'Renewable capacity'), ('water_t', 'Water'), ('waste_t', 'Waste'), ('revenue_cny', 'Revenue of the year'), ('value_added_cny', 'Value added of the year'), ('gross_profit_cny', 'Gross profit'), ('ebit_cny', 'EBIT'), ('ebitda_cny', 'EBITDA'), ('grants_cny', 'Subsidies: grants in profit and loss'), ('price_premium_cny', 'Subsidies: price premium above the market'), ('theme_credits_cny', 'Subsidies: theme-tied credits and refunds'), ('priced_t', 'Tonnes under a carbon price'), ('free_allocation_t', 'Free allocation'), ('runway_months', 'Runway'), ('theme_revenue_percent', 'Theme share of revenue'), ('theme_capex_rnd_percent', 'Theme share of capex and R&D')], max_length=32, verbose_name='quantity')),
                ('number', models.PositiveSmallIntegerField(verbose_name='order')),
                ('place', models.CharField(blank=True, max_length=80, verbose_name='where in the evidence')),
                ('activity', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='citations', to='portfolio.activity', verbose_name='activity')),
                ('disclosure', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='citations', to='portfolio.disclosure', verbose_name='disclosure')),
                ('evidence', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='citations', to='portfolio.evidence', verbose_name='evidence')),
            ],
            options={
                'verbose_name': 'citation',
                'verbose_name_plural': 'citations',
                'ordering': ['number', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('activity__isnull', False), ('quantity', '')), models.Q(('activity', None), models.Q(('quantity', ''), _negated=True)), _connector='OR'), name='citation_is_of_a_line_or_a_figure'), models.UniqueConstraint(fields=('activity', 'number'), name='citation_once_a_line_and_number'), models.UniqueConstraint(condition=models.Q(('quantity', ''), _negated=True), fields=('disclosure', 'quantity', 'number'), name='citation_once_a_figure_and_number')],
            },
        ),
        migrations.RunPython(copy, migrations.RunPython.noop),
        migrations.RunPython(install, remove),
    ]
