"""Training tables, the models made from them, and who put which in force (rules: scoring/estimators/registry.py)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import TextChoices
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portfolio.models import Company
from portfolio.models.people import FUND_SIDE, has_role

if TYPE_CHECKING:
    from portfolio.models.people import SomeUser
    from scoring.engine.estimator.drift import Drift
    from scoring.engine.estimator.estimator import Recipe
    from scoring.engine.estimator.recipe import Card, Learned, Paired, Probed


class TrainingSetQuerySet(models.QuerySet["TrainingSet"]):
    def visible_to(self, user: SomeUser) -> TrainingSetQuerySet:
        return self if has_role(user, *FUND_SIDE) else self.none()


class TrainingSet(models.Model):
    """A table to learn from, as it was taken. Appended, never edited (scoring/guards.py)."""

    class Kind(TextChoices):
        SHIPPED = "shipped", _("Shipped with the product")
        UPLOADED = "uploaded", _("Uploaded")
        BUILT = "built", _("Built from verified disclosures")

    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    schema = models.CharField(_("schema"), max_length=16)
    digest = models.CharField(_("digest of what is read"), max_length=64, unique=True)
    content = models.TextField(_("content"), help_text=_("CSV, UTF-8"))
    content_sha256 = models.CharField(_("digest of the file"), max_length=64)
    licence = models.CharField(_("licence"), max_length=300)
    origin = models.CharField(_("origin"), max_length=600)
    rows = models.PositiveIntegerField(_("rows"))
    companies = models.PositiveIntegerField(_("companies"))
    left_out = models.PositiveIntegerField(_("rows or cells left out"), default=0)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("taken by")
    )
    taken_at = models.DateTimeField(_("taken at"), auto_now_add=True)

    objects = TrainingSetQuerySet.as_manager()

    class Meta:
        verbose_name = _("training set")
        verbose_name_plural = _("training sets")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(licence="") & ~models.Q(origin=""), name="training_set_is_told")
        ]

    def __str__(self) -> str:
        return self.name


class ModelVersionQuerySet(models.QuerySet["ModelVersion"]):
    def visible_to(self, user: SomeUser) -> ModelVersionQuerySet:
        return self if has_role(user, *FUND_SIDE) else self.none()


class ModelVersion(models.Model):
    """A recipe, with what fitting it gave as numbers. Nothing is unpickled: whoever uses it fits it again.

    The recipe is fixed from the start, the figures once they are there (scoring/guards.py).
    """

    class State(TextChoices):
        QUEUED = "queued", pgettext_lazy("of a model", "Being fitted")
        FAILED = "failed", pgettext_lazy("of a model", "Could not be fitted")
        CANDIDATE = "candidate", pgettext_lazy("of a model", "Candidate")
        CHALLENGER = "challenger", pgettext_lazy("of a model", "Challenger")
        CHAMPION = "champion", pgettext_lazy("of a model", "Champion")
        RETIRED = "retired", pgettext_lazy("of a model", "Retired")

    training_set = models.ForeignKey(
        TrainingSet, models.PROTECT, related_name="versions", verbose_name=_("training set")
    )
    activity = models.CharField(_("activity columns"), max_length=200, blank=True, help_text=_("comma between"))
    seed = models.PositiveIntegerField(_("seed"), default=0)
    code = models.CharField(_("code"), max_length=32)
    digest = models.CharField(_("digest of the recipe"), max_length=64, blank=True, default="")
    fingerprint = models.CharField(_("fingerprint"), max_length=64, blank=True, default="")
    learned_json = models.TextField(_("what fitting gave"), blank=True, default="{}", editable=False)
    probed_json = models.TextField(_("estimates of the probe"), blank=True, default="[]", editable=False)
    card_json = models.TextField(_("card"), blank=True, default="{}", editable=False)
    fit_seconds = models.FloatField(_("CPU seconds of fitting"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.QUEUED)
    error = models.TextField(_("error"), blank=True, default="")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("made by")
    )
    made_at = models.DateTimeField(_("made at"), auto_now_add=True)

    objects = ModelVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("model version")
        verbose_name_plural = _("model versions")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["training_set", "activity", "seed", "code"], name="recipe_is_one_model"),
            models.UniqueConstraint(fields=["state"], condition=models.Q(state="champion"), name="one_champion"),
            models.UniqueConstraint(fields=["state"], condition=models.Q(state="challenger"), name="one_challenger"),
            models.CheckConstraint(
                condition=models.Q(state__in=["queued", "failed", "candidate", "challenger", "champion", "retired"]),
                name="model_state_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"m{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("scoring:model", args=[self.pk])

    @classmethod
    def champion(cls) -> ModelVersion | None:
        return cls.objects.filter(state=cls.State.CHAMPION).first()

    @property
    def recipe(self) -> Recipe:
        from scoring.engine.estimator.estimator import Recipe

        return Recipe(activity=self.activity_columns, seed=self.seed, code=self.code)

    @property
    def activity_columns(self) -> tuple[str, ...]:
        return tuple(name for name in self.activity.split(",") if name)

    @cached_property
    def learned(self) -> Learned:
        found: Learned = json.loads(self.learned_json)
        return found

    @cached_property
    def probed(self) -> list[Probed]:
        found: list[Probed] = json.loads(self.probed_json)
        return found

    @cached_property
    def card(self) -> Card | None:
        found: Card | None = json.loads(self.card_json) or None
        return found


class ModelComparison(models.Model):
    """A challenger against a champion on the same companies, both without having seen them. Appended, never edited."""

    challenger = models.ForeignKey(ModelVersion, models.PROTECT, related_name="comparisons", verbose_name=_("model"))
    champion = models.ForeignKey(ModelVersion, models.PROTECT, related_name="+", verbose_name=_("champion"))
    statistics_json = models.TextField(_("statistics"))
    statistics_sha256 = models.CharField(_("digest of the statistics"), max_length=64)
    at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("comparison of models")
        verbose_name_plural = _("comparisons of models")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["challenger", "champion"], name="two_models_compared_once")]

    def __str__(self) -> str:
        return f"{self.challenger} · {self.champion}"

    @cached_property
    def statistics(self) -> Paired:
        found: Paired = json.loads(self.statistics_json)
        return found


class ModelChange(models.Model):
    """Who put which model in force, on what statistics. An answered one is never edited (scoring/guards.py)."""

    class Kind(TextChoices):
        SHIPPED = "shipped", pgettext_lazy("of a change of model", "Shipped with the product")
        PROMOTION = "promotion", pgettext_lazy("of a change of model", "Promotion")
        ROLLBACK = "rollback", pgettext_lazy("of a change of model", "Rollback")

    class Outcome(TextChoices):
        OPEN = "open", pgettext_lazy("of a change of model", "Waits for a second administrator")
        CONFIRMED = "confirmed", pgettext_lazy("of a change of model", "Confirmed")
        REJECTED = "rejected", pgettext_lazy("of a change of model", "Rejected")

    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    model = models.ForeignKey(ModelVersion, models.PROTECT, related_name="changes", verbose_name=_("model"))
    replaces = models.ForeignKey(
        ModelVersion, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("replaces")
    )
    statistics_json = models.TextField(_("statistics"), default="{}")
    statistics_sha256 = models.CharField(_("digest of the statistics"), max_length=64)
    reason = models.TextField(_("reason"))
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome.choices, default=Outcome.OPEN)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("proposed by")
    )
    proposed_at = models.DateTimeField(_("proposed at"), auto_now_add=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    class Meta:
        verbose_name = _("change of model")
        verbose_name_plural = _("changes of model")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["outcome"], condition=models.Q(outcome="open"), name="one_open_change_of_model"
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="promotion")
                | models.Q(decided_by__isnull=True)
                | ~models.Q(decided_by=models.F("proposed_by")),
                name="model_promoted_by_two",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="promotion", outcome="confirmed")
                | models.Q(decided_by__isnull=False, proposed_by__isnull=False),
                name="promotion_names_its_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.model}"


class ShadowEstimate(models.Model):
    """What a model says of a company without emissions, beside the champion; it enters no score."""

    model = models.ForeignKey(ModelVersion, models.CASCADE, related_name="shadows", verbose_name=_("model"))
    company = models.ForeignKey(Company, models.CASCADE, related_name="+", verbose_name=_("company"))
    features_sha256 = models.CharField(_("digest of the features"), max_length=64)
    rung = models.PositiveSmallIntegerField(_("rung"))
    p05_t = models.FloatField(_("p05, tCO₂e"))
    median_t = models.FloatField(_("median, tCO₂e"))
    p95_t = models.FloatField(_("p95, tCO₂e"))
    at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("estimate in shadow")
        verbose_name_plural = _("estimates in shadow")
        constraints = [
            models.UniqueConstraint(fields=["model", "company", "features_sha256"], name="shadow_once_a_question")
        ]

    def __str__(self) -> str:
        return f"{self.model} · {self.company}"


class NightlyLook(models.Model):
    """What the last nightly look for new data found; one row."""

    at = models.DateTimeField(_("when"))
    found = models.PositiveIntegerField(_("new verified disclosures"))
    needed = models.PositiveIntegerField(_("needed"))
    made = models.ForeignKey(
        ModelVersion, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("made")
    )
    said = models.CharField(_("said"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("nightly look")
        verbose_name_plural = _("nightly looks")

    def __str__(self) -> str:
        return str(self.at)


class DriftReport(models.Model):
    """How far the companies of now are from those a model has learned from. Written by the nightly look."""

    model = models.ForeignKey(ModelVersion, models.PROTECT, related_name="drift", verbose_name=_("model"))
    report_json = models.TextField(_("report"))
    at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("drift report")
        verbose_name_plural = _("drift reports")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.model} · {self.at}"

    @cached_property
    def report(self) -> Drift:
        found: Drift = json.loads(self.report_json)
        return found
