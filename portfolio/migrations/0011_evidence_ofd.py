"""Evidence may be an OFD document. Touches no data: SQLite copies the table, and with the old one its triggers go."""

from django.db import migrations, models

from portfolio import guards

KINDS = [
    ("pdf", "PDF"),
    ("png", "PNG picture"),
    ("jpg", "JPEG picture"),
    ("xlsx", "Excel workbook"),
    ("csv", "CSV table"),
    ("ofd", "OFD document"),
]


def install(apps, schema_editor):
    guards.install(schema_editor.connection, guards.OF_ACTIVITIES)


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0010_provenance_and_open_items")]
    operations = [
        migrations.RunPython(migrations.RunPython.noop, install),  # on the way back it is the last to run
        migrations.RemoveConstraint("evidence", "evidence_kind_is_known"),
        migrations.AlterField(
            "evidence", "kind", models.CharField(choices=KINDS, max_length=8, verbose_name="file type")
        ),
        migrations.AddConstraint(
            "evidence",
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind for kind, _name in KINDS]), name="evidence_kind_is_known"
            ),
        ),
        migrations.RunPython(install, migrations.RunPython.noop),
    ]
