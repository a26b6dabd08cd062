"""Remember when the sweep last ran. Touches no data."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('scoring', '0002_guards'),
    ]

    operations = [
        migrations.CreateModel(
            name='LastSweep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'last sweep',
                'verbose_name_plural': 'last sweep',
            },
        ),
    ]
