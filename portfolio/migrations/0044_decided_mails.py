"""Mails that tell a company of a decision. Touches no data."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('portfolio', '0043_plan_events'),
    ]

    operations = [
        migrations.AlterField(
            model_name='mail',
            name='kind',
            field=models.CharField(choices=[('submitted', 'Disclosure submitted'), ('returned', 'Disclosure returned'), ('verified', 'Disclosure verified'), ('refused', 'Verification failed'), ('opinion', 'Opinion waits for review'), ('opinion_back', 'Opinion sent back'), ('reopened', 'Opinion reopened'), ('appeal', 'Appeal against an opinion'), ('appeal_answered', 'Appeal answered'), ('plan_returned', 'Monitoring plan returned'), ('plan_approved', 'Monitoring plan approved'), ('restatement', 'Restatement proposed'), ('reminder', 'Reminder of a deadline'), ('request', 'Data requested'), ('request_overdue', 'Data request overdue'), ('request_withdrawn', 'Data request withdrawn'), ('preview', 'Result can be seen'), ('preview_ends', 'Term for a result ends'), ('decided', 'Fund has decided'), ('dispute', 'Result disputed'), ('dispute_withdrawn', 'Dispute withdrawn'), ('dispute_answered', 'Dispute answered'), ('request_declined', 'Data request declined'), ('join_request', 'Somebody asks to join a company'), ('join_declined', 'Request to join declined'), ('team', 'Role in a company'), ('form_saved', 'Quarterly form filled in'), ('form_link', 'New link to the quarterly form wanted'), ('finding', 'Verifier asks'), ('finding_answered', 'Finding answered'), ('finding_closed', 'Finding closed'), ('mention', 'Mentioned'), ('role', 'Role waits for confirmation'), ('webhook_off', 'Webhook switched off'), ('test', 'Test')], max_length=24, verbose_name='kind'),
        ),
    ]
