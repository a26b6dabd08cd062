"""Webhooks are told of monitoring plans. Touches no data."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('portfolio', '0042_more_time'),
    ]

    operations = [
        migrations.AlterField(
            model_name='webhookdelivery',
            name='event',
            field=models.CharField(choices=[('disclosure.submitted', 'Disclosure submitted'), ('disclosure.returned', 'Disclosure returned for correction'), ('disclosure.verified', 'Disclosure verified'), ('finding.raised', 'Verifier found or asked something'), ('finding.closed', 'Finding closed'), ('opinion.issued', 'Opinion issued'), ('opinion.reopened', 'Opinion reopened'), ('appeal.answered', 'Appeal answered'), ('plan.returned', 'Monitoring plan returned for correction'), ('plan.approved', 'Monitoring plan approved'), ('request.asked', 'Fund asks for data'), ('upload.read', 'Uploaded file was read'), ('webhook.test', 'Test')], max_length=32, verbose_name='event'),
        ),
    ]
