from django.db import migrations, models
from django.utils import timezone


class Migration(migrations.Migration):
    """When a request was asked may be before it stood here. No SQL: a rebuilt table would lose its guards on SQLite."""

    dependencies = [
        ('portfolio', '0023_audit_key_ids'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name='datarequest',
                    name='asked_at',
                    field=models.DateTimeField(default=timezone.now, editable=False, verbose_name='asked at'),
                ),
            ],
        ),
    ]
