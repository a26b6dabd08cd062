"""Sign-up, invitations and forms by a link; why a company declines a request. Touches no data.

SQLite makes the table of data requests anew here, which loses its triggers: they are installed again.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from portfolio import guards


def install(apps, schema_editor):
    guards.remove(schema_editor.connection, guards.OF_DATA_REQUESTS)
    guards.install(schema_editor.connection, guards.OF_DATA_REQUESTS)


class Migration(migrations.Migration):

    dependencies = [
        ('portfolio', '0031_exchange_rate_history'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='FormLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.EmailField(max_length=150, verbose_name='e-mail address')),
                ('token_sha256', models.CharField(editable=False, max_length=64, null=True, unique=True)),
                ('expires_at', models.DateTimeField(verbose_name='good until')),
                ('sent_at', models.DateTimeField(editable=False, null=True, verbose_name='sent at')),
                ('quarter', models.PositiveSmallIntegerField(verbose_name='quarter')),
                ('state', models.CharField(choices=[('open', 'Open'), ('revoked', 'Taken back')], default='open', max_length=16, verbose_name='state')),
                ('made_at', models.DateTimeField(auto_now_add=True, verbose_name='made at')),
                ('typed_by', models.CharField(blank=True, max_length=60, verbose_name='typed by, as typed')),
                ('saved_at', models.DateTimeField(null=True, verbose_name='saved at')),
                ('answers', models.JSONField(default=dict, verbose_name='what was typed')),
                ('asked_anew_at', models.DateTimeField(null=True, verbose_name='a new link was asked for at')),
            ],
            options={
                'verbose_name': 'quarterly form by a link',
                'verbose_name_plural': 'quarterly forms by a link',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.EmailField(max_length=150, verbose_name='e-mail address')),
                ('token_sha256', models.CharField(editable=False, max_length=64, null=True, unique=True)),
                ('expires_at', models.DateTimeField(verbose_name='good until')),
                ('sent_at', models.DateTimeField(editable=False, null=True, verbose_name='sent at')),
                ('kind', models.CharField(choices=[('contributor', 'Contributor'), ('submitter', 'Submitter')], max_length=16, verbose_name='role in the company')),
                ('state', models.CharField(choices=[('open', 'Waits'), ('accepted', 'Accepted'), ('revoked', 'Taken back')], default='open', max_length=16, verbose_name='state')),
                ('invited_at', models.DateTimeField(auto_now_add=True, verbose_name='invited at')),
                ('closed_at', models.DateTimeField(null=True, verbose_name='closed at')),
                ('consent', models.CharField(blank=True, default='', help_text='Of an account made by it', max_length=16, verbose_name='version of the consent')),
            ],
            options={
                'verbose_name': 'invitation',
                'verbose_name_plural': 'invitations',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='JoinRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.EmailField(max_length=150, verbose_name='e-mail address')),
                ('token_sha256', models.CharField(editable=False, max_length=64, null=True, unique=True)),
                ('expires_at', models.DateTimeField(verbose_name='good until')),
                ('sent_at', models.DateTimeField(editable=False, null=True, verbose_name='sent at')),
                ('name', models.CharField(max_length=80, verbose_name='name of the person')),
                ('uscc', models.CharField(max_length=24, verbose_name='unified social credit code')),
                ('company_name', models.CharField(max_length=200, verbose_name='name of the company, as typed')),
                ('consent', models.CharField(max_length=16, verbose_name='version of the consent')),
                ('asked_at', models.DateTimeField(auto_now_add=True, verbose_name='asked at')),
                ('state', models.CharField(choices=[('unconfirmed', 'Address not confirmed'), ('waiting', 'Waits'), ('accepted', 'Accepted'), ('declined', 'Declined'), ('withdrawn', 'Withdrawn')], max_length=16, verbose_name='state')),
                ('answered_at', models.DateTimeField(null=True, verbose_name='answered at')),
                ('reason', models.CharField(blank=True, max_length=400, verbose_name='reason')),
            ],
            options={
                'verbose_name': 'request to join a company',
                'verbose_name_plural': 'requests to join a company',
                'ordering': ['-pk'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='datarequest',
            name='data_request_ends_for_a_reason',
        ),
        migrations.AddField(
            model_name='datarequest',
            name='because',
            field=models.CharField(blank=True, choices=[('not_measured', 'we do not measure or collect it'), ('not_yet', 'it is not ready yet'), ('does_not_apply', 'it does not apply to us'), ('confidential', 'it is confidential'), ('other', 'another reason, in words')], default='', max_length=16, verbose_name='not available because'),
        ),
        migrations.AlterField(
            model_name='mail',
            name='kind',
            field=models.CharField(choices=[('submitted', 'Disclosure submitted'), ('returned', 'Disclosure returned'), ('verified', 'Disclosure verified'), ('restatement', 'Restatement proposed'), ('reminder', 'Reminder of a deadline'), ('request', 'Data requested'), ('request_overdue', 'Data request overdue'), ('request_withdrawn', 'Data request withdrawn'), ('request_declined', 'Data request declined'), ('join_request', 'Somebody asks to join a company'), ('join_declined', 'Request to join declined'), ('team', 'Role in a company'), ('form_saved', 'Quarterly form filled in'), ('form_link', 'New link to the quarterly form wanted'), ('role', 'Role waits for confirmation'), ('test', 'Test')], max_length=24, verbose_name='kind'),
        ),
        migrations.AddConstraint(
            model_name='datarequest',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['open', 'answered']), models.Q(('closed_by__isnull', False), ('state', 'declined'), models.Q(('because', ''), ('reason', ''), _negated=True)), models.Q(('closed_by__isnull', False), ('state', 'withdrawn'), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='data_request_ends_for_a_reason'),
        ),
        migrations.AddField(
            model_name='formlink',
            name='disclosure',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='form_links', to='portfolio.disclosure', verbose_name='disclosure'),
        ),
        migrations.AddField(
            model_name='formlink',
            name='made_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='accepted_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='accepted by'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='company',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='portfolio.company', verbose_name='company'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='invited_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='invited by'),
        ),
        migrations.AddField(
            model_name='joinrequest',
            name='answered_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='answered by'),
        ),
        migrations.AddField(
            model_name='joinrequest',
            name='user',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='join_requests', to=settings.AUTH_USER_MODEL, verbose_name='user'),
        ),
        migrations.AddConstraint(
            model_name='formlink',
            constraint=models.CheckConstraint(condition=models.Q(('quarter__gte', 1), ('quarter__lte', 4)), name='quarter_is_of_a_year'),
        ),
        migrations.AddConstraint(
            model_name='formlink',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['open', 'revoked'])), name='form_link_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('company', 'address'), name='one_open_invitation_an_address'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['contributor', 'submitter'])), name='invitation_kind_is_known'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['open', 'revoked']), models.Q(('accepted_by__isnull', False), ('state', 'accepted')), _connector='OR'), name='invitation_accepted_by_somebody'),
        ),
        migrations.AddIndex(
            model_name='joinrequest',
            index=models.Index(fields=['state', 'uscc'], name='join_request_by_state'),
        ),
        migrations.AddConstraint(
            model_name='joinrequest',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('user', 'uscc'), name='one_open_join_request_a_company'),
        ),
        migrations.AddConstraint(
            model_name='joinrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'unconfirmed'), ('user__isnull', True)), models.Q(('state__in', ['waiting', 'accepted', 'declined', 'withdrawn']), ('user__isnull', False)), _connector='OR'), name='join_request_is_of_an_account'),
        ),
        migrations.AddConstraint(
            model_name='joinrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['accepted', 'declined']), _negated=True), models.Q(('answered_by__isnull', False), models.Q(('answered_by', models.F('user')), _negated=True)), _connector='OR'), name='join_request_answered_by_another'),
        ),
        migrations.AddConstraint(
            model_name='joinrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'declined'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='join_request_declined_with_reason'),
        ),
        migrations.RunPython(install, install),
    ]
