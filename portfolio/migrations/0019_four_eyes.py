"""House roles by two administrators, and who had whose account in hand. The roles that stand are written down."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def write_down(apps, schema_editor):
    """A superuser without a role counted as an administrator: from here on the role says so."""
    Person, Change = apps.get_model("portfolio", "Person"), apps.get_model("portfolio", "RoleChange")
    User = apps.get_model("auth", "User")
    for user in User.objects.filter(is_superuser=True, is_active=True):
        person, _is_new = Person.objects.get_or_create(user=user)
        if not person.role:
            Person.objects.filter(pk=person.pk).update(role="admin")
            User.objects.filter(pk=user.pk).update(is_staff=True)
    for person in Person.objects.exclude(role="").order_by("pk"):
        Change.objects.create(user_id=person.user_id, role=person.role, outcome="founding", reason="as it stood")


def forget(apps, schema_editor):
    """The table goes with the migration."""



class Migration(migrations.Migration):

    dependencies = [
        ('portfolio', '0018_data_requests'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Handling',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(choices=[('created', 'made the account'), ('password', 'set the password'), ('factor', 'took the second factor away'), ('email', 'changed the e-mail address'), ('opened', 'switched the account on again'), ('role_proposed', 'proposed the role'), ('role_confirmed', 'confirmed the role')], max_length=16, verbose_name='what')),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='when')),
                ('until', models.DateTimeField(verbose_name='counts until')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='handlings', to=settings.AUTH_USER_MODEL, verbose_name='user')),
            ],
            options={
                'verbose_name': 'handling of an account',
                'verbose_name_plural': 'handlings of accounts',
                'ordering': ['-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('user', models.F('by')), _negated=True), name='handling_is_of_another')],
            },
        ),
        migrations.CreateModel(
            name='RoleChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('before', models.CharField(blank=True, choices=[('verifier', 'Verifier'), ('independent_reviewer', 'Independent reviewer'), ('fund_manager', 'Fund manager'), ('committee_member', 'Committee member'), ('admin', 'Administrator')], default='', max_length=32, verbose_name='role before')),
                ('role', models.CharField(blank=True, choices=[('verifier', 'Verifier'), ('independent_reviewer', 'Independent reviewer'), ('fund_manager', 'Fund manager'), ('committee_member', 'Committee member'), ('admin', 'Administrator')], default='', max_length=32, verbose_name='house role')),
                ('reason', models.CharField(blank=True, max_length=400, verbose_name='reason')),
                ('proposed_at', models.DateTimeField(auto_now_add=True, verbose_name='proposed at')),
                ('outcome', models.CharField(choices=[('open', 'Waits for a second administrator'), ('confirmed', 'Confirmed'), ('rejected', 'Rejected'), ('founding', 'At the founding')], default='open', max_length=16, verbose_name='outcome')),
                ('answered_at', models.DateTimeField(null=True, verbose_name='answered at')),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='answered by')),
                ('proposed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='proposed by')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='role_changes', to=settings.AUTH_USER_MODEL, verbose_name='user')),
            ],
            options={
                'verbose_name': 'change of a house role',
                'verbose_name_plural': 'changes of house roles',
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('outcome', 'open')), fields=('user',), name='one_open_role_change_a_person'), models.CheckConstraint(condition=models.Q(('before__in', ['', 'verifier', 'independent_reviewer', 'fund_manager', 'committee_member', 'admin']), ('role__in', ['', 'verifier', 'independent_reviewer', 'fund_manager', 'committee_member', 'admin'])), name='role_change_is_of_known_roles'), models.CheckConstraint(condition=models.Q(('outcome', 'founding'), ('proposed_by__isnull', False), _connector='OR'), name='role_change_names_its_proposer'), models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'confirmed'), _negated=True), models.Q(('answered_by__isnull', False), models.Q(('answered_by', models.F('proposed_by')), _negated=True), models.Q(('answered_by', models.F('user')), _negated=True), models.Q(('proposed_by', models.F('user')), _negated=True)), _connector='OR'), name='role_changed_by_two_others')],
            },
        ),
        migrations.RunPython(write_down, forget),
    ]
