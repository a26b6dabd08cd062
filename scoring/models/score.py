"""Runs, their items (the queue of record) and the scores that came out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from portfolio.models import Company, Track
from portfolio.models.people import FUND_SIDE, has_role
from scoring.engine.score.order import part
from scoring.models.bar_sheet import BarSheet
from scoring.models.estimator import ModelVersion

if TYPE_CHECKING:
    from portfolio.models.people import SomeUser
    from scoring.engine.inputs import CompanyRecord
    from scoring.engine.score.record import ScoreRecord


class RetiredMethod(models.Model):
    """A version of the first method, demo-0 to demo-3. Kept with what it scored, never used."""

    version = models.CharField(_("version"), max_length=32, unique=True)
    content = models.TextField(_("content"))
    digest = models.CharField(_("digest"), max_length=64)

    class Meta:
        verbose_name = _("retired method")
        verbose_name_plural = _("retired methods")

    def __str__(self) -> str:
        return self.version


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
    bar_sheet = models.ForeignKey(
        BarSheet, models.PROTECT, null=True, blank=True, related_name="runs", verbose_name=_("bar sheet")
    )
    retired_method = models.ForeignKey(
        RetiredMethod, models.PROTECT, null=True, blank=True, related_name="runs", verbose_name=_("retired method")
    )
    model = models.ForeignKey(
        ModelVersion, models.PROTECT, null=True, blank=True, related_name="runs", verbose_name=_("model in force")
    )
    as_of = models.DateField(_("as of"))
    company_count = models.PositiveIntegerField(_("companies"), default=0, editable=False)
    candidate_count = models.PositiveIntegerField(_("candidates"), default=0, editable=False)
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
            models.CheckConstraint(
                condition=models.Q(bar_sheet__isnull=True) | models.Q(retired_method__isnull=True),
                name="run_is_of_one_method",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} #{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("scoring:run", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def method(self) -> str:
        """What it asked by, in words: a bar sheet, or a method that is no longer used."""
        if self.retired_method:
            return str(_("Retired method %(version)s")) % {"version": self.retired_method}
        return str(self.bar_sheet) if self.bar_sheet else ""

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
    is_candidate = models.BooleanField(_("candidate"), default=False, help_text=_("Judged by the bars; else a peer"))
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
    """What lists print, filter and order by. Empty in scores of retired methods."""

    class Kind(models.TextChoices):
        CANDIDATE = "candidate", _("Candidate")
        PEER = "peer", _("Peer")
        RETIRED = "retired", _("Retired method")

    class Group(models.TextChoices):
        """How a candidate stands, in the order of the list's parts."""

        THREE = "3", _("Clears three bars")
        TWO = "2", _("Clears two bars")
        ONE = "1", _("Clears one bar")
        NONE = "0", _("Clears no bar")
        NO_FIGURES = "no_figures", _("No figures yet")
        NOT_ADMITTED = "not_admitted", _("Not admitted")

    PARTS = (*Group.choices[:4], ("unknown", _("All three unknown")), *Group.choices[4:])  # of a list, in its order

    class Gates(models.TextChoices):
        PASSED = "passed", _("All gates passed")
        OPEN = "open", _("Gates open")
        FAILED = "failed", _("A gate failed")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    track = models.CharField(_("track"), max_length=32, choices=Track.choices, blank=True, default="")
    family = models.CharField(_("technology family"), max_length=16, blank=True, default="")
    stage = models.CharField(_("stage"), max_length=12, blank=True, default="")
    group_code = models.CharField(_("group"), max_length=16, choices=Group.choices, blank=True, default="")
    gates = models.CharField(_("gates"), max_length=8, choices=Gates.choices, blank=True, default="")
    cleared = models.PositiveSmallIntegerField(_("bars cleared"), null=True, blank=True)
    known = models.PositiveSmallIntegerField(_("bars known"), null=True, blank=True)
    p_cleared = models.FloatField(_("P of the cleared bars"), null=True, blank=True)
    p_low = models.FloatField(_("P, from"), null=True, blank=True)
    p_high = models.FloatField(_("P, to"), null=True, blank=True)
    assisted_cleared = models.PositiveSmallIntegerField(_("bars cleared, with estimate"), null=True, blank=True)
    assisted_p = models.FloatField(_("P of the cleared bars, with estimate"), null=True, blank=True)
    margin_c = models.FloatField(_("margin of the contribution"), null=True, blank=True)
    margin_r = models.FloatField(_("margin of the resilience"), null=True, blank=True)
    margin_o = models.FloatField(_("margin of the footprint"), null=True, blank=True)
    evidence = models.CharField(_("evidence"), max_length=2, blank=True, default="")
    data_year = models.PositiveSmallIntegerField(_("data year"), null=True, blank=True)
    emissions_t = models.FloatField(_("scopes 1 and 2, tCO₂e"), null=True, blank=True)
    emissions_rung = models.PositiveSmallIntegerField(_("rung of the emissions"), null=True, blank=True)
    intensity = models.FloatField(_("intensity, tCO₂e per 10,000 yuan"), null=True, blank=True)
    years_observed = models.PositiveSmallIntegerField(_("years of the trend"), null=True, blank=True)
    change_per_year = models.FloatField(_("change of emissions a year"), null=True, blank=True)
    intensity_change_per_year = models.FloatField(_("change of intensity a year"), null=True, blank=True)
    revenue_change_per_year = models.FloatField(_("change of revenue a year"), null=True, blank=True)
    temperature_c = models.FloatField(_("what its targets promise, °C"), null=True, blank=True)
    pathway_c = models.FloatField(_("what its trajectory implies, °C"), null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def part(self) -> str:
        """Its part of the list: the group, and `unknown` where it clears none since all three bars are unknown."""
        return part(self.group_code, self.known)

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
        return f"{self.company} · {self.get_kind_display()} · #{self.run_id}"

    def get_absolute_url(self) -> str:
        return reverse("dossier_of_run", args=[self.company_id, self.run_id])

    @property
    def is_retired(self) -> bool:
        return self.kind == self.Kind.RETIRED

    def newer_sheet(self, day: date) -> BarSheet | None:
        """The bar sheet in force on that day, where this was judged by another."""
        judged_by, in_force = self.run.bar_sheet, BarSheet.in_force(day)
        if self.kind != self.Kind.CANDIDATE or judged_by is None or in_force is None:
            return None
        return in_force if in_force.pk != judged_by.pk else None

    @cached_property
    def record(self) -> ScoreRecord:
        record: ScoreRecord = json.loads(self.record_json)
        return record


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

    class Meta:
        verbose_name = _("latest score")
        verbose_name_plural = _("latest scores")
        indexes = [models.Index(fields=["kind", "track", "cleared"], name="latest_by_bars")]

    def __str__(self) -> str:
        return str(self.score)


class GateVerdict(models.Model):
    """That a gate was once decided: withdrawing what decided it does not reopen it. Appended, never edited."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="gate_verdicts", verbose_name=_("company"))
    gate = models.CharField(_("gate"), max_length=2)
    verdict = models.CharField(_("verdict"), max_length=8)
    because = models.CharField(_("code"), max_length=40)
    score = models.ForeignKey(Score, models.PROTECT, related_name="+", verbose_name=_("score"))
    at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("verdict on a gate")
        verbose_name_plural = _("verdicts on gates")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(verdict__in=["pass", "fail"]), name="gate_verdict_is_decided"),
        ]

    def __str__(self) -> str:
        return f"{self.company} · {self.gate} · {self.verdict}"

    @classmethod
    def standing(cls, companies: Iterable[int]) -> dict[int, dict[str, str]]:
        """Company → gate → the last verdict."""
        found: dict[int, dict[str, str]] = {}
        rows = cls.objects.filter(company__in=companies).order_by("pk")
        for company, gate, verdict in rows.values_list("company_id", "gate", "verdict"):
            found.setdefault(company, {})[gate] = verdict
        return found


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
