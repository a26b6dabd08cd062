"""Runs, their items (the queue of record) and the scores that came out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from portfolio.models import Company
from portfolio.models.people import FUND_SIDE, has_role
from scoring.models.estimator import ModelVersion

if TYPE_CHECKING:
    from portfolio.models.people import SomeUser
    from scoring.engine import CompanyRecord, ScoreRecord
    from scoring.engine import Methodology as EngineMethodology
from functools import lru_cache

from scoring.engine import Methodology as EngineMethodology


class Methodology(models.Model):
    """A version of the method: parameters, goalposts, calibration. Never edited once active."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ACTIVE = "active", _("In force")
        RETIRED = "retired", _("Retired")

    version = models.CharField(_("version"), max_length=32, unique=True)
    content = models.TextField(_("content"))
    digest = models.CharField(_("digest"), max_length=64)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.DRAFT)

    class Meta:
        verbose_name = _("methodology")
        verbose_name_plural = _("methodologies")
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=models.Q(state="active"), name="one_methodology_in_force"
            ),
        ]

    def __str__(self) -> str:
        return self.version

    @classmethod
    def in_force(cls) -> Methodology:
        return cls.objects.get(state=cls.State.ACTIVE)

    def engine(self) -> EngineMethodology:

        return engine_methodology(self.content)


class ScoreRunQuerySet(models.QuerySet["ScoreRun"]):
    def visible_to(self, user: SomeUser) -> ScoreRunQuerySet:
        return self if has_role(user, *FUND_SIDE) else self.none()

    def open(self) -> ScoreRunQuerySet:
        return self.filter(state__in=ScoreRun.OPEN)


class ScoreRun(models.Model):
    """A question: these inputs, by this method, as of this day. The same question is the same run."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        PARTIAL = "partial", _("Partly failed")
        CANCELLED = "cancelled", _("Cancelled")

    OPEN = (State.QUEUED, State.RUNNING)

    key = models.CharField(_("key"), max_length=64, unique=True)
    title = models.CharField(_("title"), max_length=200)
    methodology = models.ForeignKey(Methodology, models.PROTECT, verbose_name=_("methodology"))
    model = models.ForeignKey(
        ModelVersion, models.PROTECT, null=True, blank=True, related_name="runs", verbose_name=_("model in force")
    )
    as_of = models.DateField(_("as of"))
    company_count = models.PositiveIntegerField(_("companies"), default=0, editable=False)
    engine_version = models.CharField(_("engine"), max_length=16)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.QUEUED)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("requested by"),
    )
    queued_at = models.DateTimeField(_("queued at"), auto_now_add=True)
    asked_at = models.DateTimeField(_("last asked at"), db_default=Now(), help_text=_("Orders the answers"))
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    objects = ScoreRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("scoring run")
        verbose_name_plural = _("scoring runs")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["queued", "running", "done", "partial", "cancelled"]),
                name="run_state_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} #{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("scoring:run", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    def progress(self) -> dict[str, int]:
        """Counts from the rows: todo, leased, done, failed and total."""
        counts = dict.fromkeys(ScoreItem.State.values, 0)
        rows = self.items.values_list("state").annotate(n=models.Count("pk"))
        counts.update({state: n for state, n in rows})
        return counts | {"total": sum(counts.values())}


class ScoreItem(models.Model):
    """One company of a run: its frozen inputs, and where its computation stands."""

    class State(models.TextChoices):
        TODO = "todo", _("To do")
        LEASED = "leased", _("With a worker")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    run = models.ForeignKey(  # no index of its own: two others begin with it
        ScoreRun, models.CASCADE, related_name="items", db_index=False, verbose_name=_("run")
    )
    company = models.ForeignKey(Company, models.PROTECT, related_name="+", verbose_name=_("company"))
    inputs = models.TextField(_("inputs"))
    inputs_sha256 = models.CharField(_("digest of the inputs"), max_length=64)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.TODO)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    lease_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("company of a run")
        verbose_name_plural = _("companies of runs")
        ordering = ["run", "pk"]
        constraints = [models.UniqueConstraint(fields=["run", "company"], name="company_once_a_run")]
        indexes = [models.Index(fields=["run", "state", "attempts", "id"], name="claim_order")]

    def __str__(self) -> str:
        return f"{self.run} · {self.company}"

    @cached_property
    def facts(self) -> CompanyRecord:
        """The inputs, read."""
        facts: CompanyRecord = json.loads(self.inputs)
        return facts


class ScoreQuerySet(models.QuerySet["Score"]):
    def visible_to(self, user: SomeUser) -> ScoreQuerySet:
        return self if has_role(user, *FUND_SIDE) else self.none()


class Headline(models.Model):
    """What lists print, filter and order by."""

    class Status(models.TextChoices):
        SCORED = "scored", _("Scored")
        INSUFFICIENT = "insufficient", _("Insufficient data")

    status = models.CharField(_("status"), max_length=16, choices=Status.choices)
    emissions_score = models.FloatField(_("emissions score"), null=True, blank=True)
    band = models.CharField(_("band"), max_length=4, blank=True)
    coverage = models.FloatField(_("share of weight observed"), null=True, blank=True)
    intensity = models.FloatField(_("intensity, tCO₂e per 10,000 yuan"), null=True, blank=True)
    emissions_t = models.FloatField(_("scopes 1 and 2, tCO₂e"), null=True, blank=True)
    data_quality = models.PositiveSmallIntegerField(_("data quality"), null=True, blank=True)
    data_year = models.PositiveSmallIntegerField(_("data year"), null=True, blank=True)
    emissions_rung = models.PositiveSmallIntegerField(_("rung of the emissions"), null=True, blank=True)
    assisted_score = models.FloatField(_("ML-assisted score"), null=True, blank=True)
    assisted_p05 = models.FloatField(_("ML-assisted score, p05"), null=True, blank=True)
    assisted_p95 = models.FloatField(_("ML-assisted score, p95"), null=True, blank=True)
    glance_json = models.TextField(default="{}", editable=False, help_text="scoring.glance.Glance")

    class Meta:
        abstract = True

    @classmethod
    def columns(cls) -> list[str]:
        return [str(field.column) for field in Headline._meta.get_fields() if isinstance(field, models.Field)]


class Score(Headline):
    """A record: what came out for one company in one run. Appended, never edited (scoring/migrations)."""

    run = models.ForeignKey(  # no index of its own: that of the constraint begins with it
        ScoreRun, models.PROTECT, related_name="scores", db_index=False, verbose_name=_("run")
    )
    company = models.ForeignKey(
        Company, models.PROTECT, related_name="scores", db_index=False, verbose_name=_("company")
    )
    model = models.ForeignKey(
        ModelVersion,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="scores",
        db_index=False,
        verbose_name=_("model behind an estimate"),
    )
    record_json = models.TextField(_("record"), help_text=_("Canonical JSON, as the engine gave it"))
    inputs_sha256 = models.CharField(_("digest of the inputs"), max_length=64)
    digest = models.CharField(_("digest"), max_length=64)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = ScoreQuerySet.as_manager()

    class Meta:
        verbose_name = _("score")
        verbose_name_plural = _("scores")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["run", "company"], name="score_once_a_run_and_company")]
        indexes = [
            models.Index(fields=["company", "id"], name="scores_of_a_company"),
            models.Index(fields=["model", "-id"], name="scores_of_a_model", condition=models.Q(model__isnull=False)),
        ]

    def __str__(self) -> str:
        value = "—" if self.emissions_score is None else f"{self.emissions_score:.1f}"
        return f"{self.company} · {value} · #{self.run_id}"

    def get_absolute_url(self) -> str:
        return reverse("scoring:dossier_of_run", args=[self.company_id, self.run_id])

    @cached_property
    def record(self) -> ScoreRecord:
        record: ScoreRecord = json.loads(self.record_json)
        return record


class ListStatus(models.TextChoices):
    """How a company, or a run's score, stands in lists, in the order of their parts.

    A record itself knows two words, `Score.Status`: whether it holds a score. Where it holds none because a model
    had to say the emissions, the company has a range to show: lists call that estimated, and never insufficient.
    """

    SCORED = "scored", _("Scored")
    ESTIMATED = "estimated", _("Estimated")
    INSUFFICIENT = "insufficient", _("Insufficient data")
    UNSCORED = "unscored", _("Not yet scored")

    @property
    def place(self) -> int:
        return list(ListStatus).index(self)

    @classmethod
    def of_place(cls, place: int) -> ListStatus:
        return list(cls)[place]

    @classmethod
    def places(cls, score: str = "") -> models.Case:
        """The place of each row's word, as SQL. `score` leads from the row to its score, such as `latest__`."""
        return models.Case(
            models.When(**{f"{score}emissions_rung__gte": FIRST_ESTIMATED_RUNG}, then=cls.ESTIMATED.place),
            models.When(**{f"{score}status": Score.Status.SCORED}, then=cls.SCORED.place),
            models.When(**{f"{score}status": Score.Status.INSUFFICIENT}, then=cls.INSUFFICIENT.place),
            default=cls.UNSCORED.place,
            output_field=models.IntegerField(),
        )


FIRST_ESTIMATED_RUNG = 5  # rungs 5 to 7: a model said the emissions, nobody reported them


class LatestScore(Headline):
    """The score that stands for a company now: the newest as-of day, then what was asked last.

    With a copy of its headline, so that lists need not look into the scores of all runs.
    """

    company = models.OneToOneField(
        Company, models.CASCADE, primary_key=True, related_name="latest", verbose_name=_("company")
    )
    score = models.ForeignKey(Score, models.CASCADE, related_name="+", verbose_name=_("score"))
    as_of = models.DateField(_("as of"))
    asked_at = models.DateTimeField(_("last asked at"))
    change = models.FloatField(null=True, help_text="Points, against the company's scored one before it")

    class Meta:
        verbose_name = _("latest score")
        verbose_name_plural = _("latest scores")
        indexes = [models.Index(fields=["status", "emissions_score"], name="latest_by_score")]

    def __str__(self) -> str:
        return str(self.score)


class LastSweep(models.Model):
    """When `runs.sweep` last came to its end; one row. Tells the probes that lost work is being looked for."""

    at = models.DateTimeField()

    class Meta:
        verbose_name = _("last sweep")
        verbose_name_plural = _("last sweep")

    def __str__(self) -> str:
        return str(self.at)

    @classmethod
    def note(cls) -> None:
        cls.objects.update_or_create(pk=1, defaults={"at": Now()})

    @classmethod
    def seconds_ago(cls) -> float | None:
        """By the database's clock, as it was written. None when there was none."""
        times = cls.objects.annotate(now=Now()).filter(pk=1).values_list("now", "at").first()
        return (times[0] - times[1]).total_seconds() if times else None


@lru_cache(maxsize=8)
def engine_methodology(content: str) -> EngineMethodology:
    """The engine's form of a stored methodology, parsed once a process."""
    return EngineMethodology.from_json(json.loads(content))
