"""A message of a finding may give more time. Touches no data."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('portfolio', '0041_cases'),
    ]

    operations = [
        migrations.AddField(
            model_name='findingmessage',
            name='due',
            field=models.DateField(blank=True, help_text='The later day, where more time was given', null=True, verbose_name='due'),
        ),
    ]
