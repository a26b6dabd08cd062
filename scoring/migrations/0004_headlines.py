"""The latest score carries its headline, a run the number of its companies. Touches data: fills the new columns.

Scores are append-only by trigger, so the triggers are taken off for it; on SQLite a table that is changed loses them
anyway, and the new one takes its name while a trigger of another table speaks of it (legacy_alter_table). Three foreign keys give up an index that another one begins with.
"""

import json

import django.db.models.deletion
from django.db import migrations, models

from portfolio import guards
from scoring.guards import FIRST

COPIED = "status, emissions_score, band, coverage, intensity, emissions_t, data_quality, data_year, glance_json"
BATCH = 500


def close(apps, schema_editor):
    guards.install(schema_editor.connection, FIRST)
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("PRAGMA legacy_alter_table = OFF")


def open_up(apps, schema_editor):
    guards.remove(schema_editor.connection, FIRST)
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("PRAGMA legacy_alter_table = ON")


def fill(apps, schema_editor):
    _fill_glances(apps.get_model("scoring", "Score"))
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "UPDATE scoring_scorerun SET company_count ="
            " (SELECT COUNT(*) FROM scoring_scoreitem i WHERE i.run_id = scoring_scorerun.id)"
        )
        cursor.execute(
            f"UPDATE scoring_latestscore SET ({COPIED}, change) = (SELECT {COPIED}, s.emissions_score -"
            " (SELECT e.emissions_score FROM scoring_score e WHERE e.company_id = s.company_id"
            " AND e.status = 'scored' AND e.id < s.id ORDER BY e.id DESC LIMIT 1)"
            " FROM scoring_score s WHERE s.id = scoring_latestscore.score_id)"
        )


def _fill_glances(score_model):
    last = 0
    while scores := list(score_model.objects.filter(pk__gt=last).order_by("pk").only("record_json")[:BATCH]):
        for score in scores:
            score.glance_json = _glance(json.loads(score.record_json))
        score_model.objects.bulk_update(scores, ["glance_json"])
        last = scores[-1].pk


def _glance(record):
    """As scoring/glance.py wrote it when this migration was made."""
    headline = record["emissions_score"]
    content = {
        "basis": next((line["basis"] for line in record["lines"] if line["rung"]), ""),
        "pillars": [[p["label_zh"], p["label_en"], p["utility"]] for p in headline["pillars"]] if headline else [],
        "missing": [] if headline else [[gap["zh"], gap["en"]] for gap in record["missing"]],
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def nothing(apps, schema_editor):
    """The columns go with what they hold."""


HEADLINE = {
    "status": models.CharField(
        choices=[("scored", "Scored"), ("insufficient", "Insufficient data")],
        default="insufficient",  # until it is filled
        max_length=16,
        verbose_name="status",
    ),
    "emissions_score": models.FloatField(blank=True, null=True, verbose_name="emissions score"),
    "band": models.CharField(blank=True, default="", max_length=4, verbose_name="band"),
    "coverage": models.FloatField(blank=True, null=True, verbose_name="share of weight observed"),
    "intensity": models.FloatField(blank=True, null=True, verbose_name="intensity, tCO₂e per 10,000 yuan"),
    "emissions_t": models.FloatField(blank=True, null=True, verbose_name="scopes 1 and 2, tCO₂e"),
    "data_quality": models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="data quality"),
    "data_year": models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="data year"),
}
GLANCE = models.TextField(default="{}", editable=False, help_text="scoring.glance.Glance")


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0003_api_tokens"), ("scoring", "0003_last_sweep")]
    operations = [
        migrations.RunPython(open_up, close),
        migrations.AddField("scorerun", "company_count", models.PositiveIntegerField(default=0, editable=False, verbose_name="companies")),
        migrations.AddField("score", "glance_json", GLANCE),
        migrations.AlterField(
            "score",
            "company",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="scores",
                to="portfolio.company",
                verbose_name="company",
            ),
        ),
        migrations.AlterField(
            "score",
            "run",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="scores",
                to="scoring.scorerun",
                verbose_name="run",
            ),
        ),
        migrations.AlterField(
            "scoreitem",
            "run",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="items",
                to="scoring.scorerun",
                verbose_name="run",
            ),
        ),
        migrations.AddIndex("score", models.Index(fields=["company", "id"], name="scores_of_a_company")),
        *(
            migrations.AddField("latestscore", name, field, preserve_default=name not in ("status", "band"))
            for name, field in HEADLINE.items()
        ),
        migrations.AddField("latestscore", "glance_json", GLANCE),
        migrations.AddField(
            "latestscore",
            "change",
            models.FloatField(help_text="Points, against the company's scored one before it", null=True),
        ),
        migrations.RunPython(fill, nothing),
        migrations.AddIndex("latestscore", models.Index(fields=["status", "emissions_score"], name="latest_by_score")),
        migrations.RunPython(close, open_up),
    ]
