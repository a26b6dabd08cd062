"""What a company says it will do."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from portfolio.models.company import Company
from portfolio.models.join import set_aside
from portfolio.typed.bounds import Within


class TargetQuerySet(models.QuerySet["Target"]):
    def counting(self) -> TargetQuerySet:
        """Without what a rejected join sets aside."""
        return self.exclude(set_aside("targets"))


class Target(models.Model):
    """A target as stated. Words stay words: which kind they amount to is `kind`, by data/target_words.csv."""

    class Kind(models.TextChoices):
        NET_ZERO = "net_zero", _("Net zero")
        CARBON_NEUTRAL = "carbon_neutral", _("Carbon neutral")
        ABSOLUTE = "absolute", _("Absolute reduction")
        INTENSITY = "intensity", _("Intensity reduction")
        UNSPECIFIED = "unspecified_reduction", _("Reduction, kind not stated")
        OTHER = "other", _("Other")
        WORDS_ONLY = "words_only", _("Words only")
        NONE = "none", _("Stated: no target")

    class Horizon(models.TextChoices):
        END = "end", _("Long term")
        INTERIM = "interim", _("Interim")

    class Scope3(models.TextChoices):
        YES = "yes", _("Yes")
        PARTIAL = "partial", _("Partly")
        NO = "no", _("No")
        UNSPECIFIED = "unspecified", _("Not stated")

    class Status(models.TextChoices):
        STRATEGY = "strategy", _("In corporate strategy")
        PLEDGE = "pledge", _("Pledge")
        ACHIEVED = "achieved", _("Achieved, as it says itself")
        PROPOSED = "proposed", pgettext_lazy("of a target", "Proposed")
        UNSTATED = "unstated", _("Not stated")

    class Validated(models.TextChoices):
        C15 = "1.5c", _("SBTi: 1.5 °C")
        WB2C = "well_below_2c", _("SBTi: well below 2 °C")
        COMMITTED = "committed", _("SBTi: committed")
        UNSTATED = "unstated", _("Not stated")

    company = models.ForeignKey(Company, models.CASCADE, related_name="targets", verbose_name=_("company"))
    target_key = models.CharField(_("target key"), max_length=100)
    horizon = models.CharField(_("horizon"), max_length=8, choices=Horizon.choices)
    kind = models.CharField(_("kind"), max_length=24, choices=Kind.choices)
    kind_source = models.CharField(_("kind in the source's words"), max_length=80, blank=True)
    reduction_share = models.FloatField(
        _("reduction, share of base year"), null=True, blank=True, validators=[Within("reduction_share")]
    )
    base_year = models.PositiveSmallIntegerField(_("base year"), null=True, blank=True)
    target_year = models.PositiveSmallIntegerField(_("target year"), null=True, blank=True)
    target_year_basis = models.CharField(_("where the target year is from"), max_length=80, blank=True)
    covers_scope_1 = models.CharField(_("covers scope 1, as stated"), max_length=40, blank=True)
    covers_scope_2 = models.CharField(_("covers scope 2, as stated"), max_length=40, blank=True)
    scope3 = models.CharField(_("covers scope 3"), max_length=16, choices=Scope3.choices, default=Scope3.UNSPECIFIED)
    gases = models.CharField(_("gases, as stated"), max_length=80, blank=True)
    status = models.CharField(_("status"), max_length=16, choices=Status.choices, default=Status.UNSTATED)
    validated = models.CharField(_("validation"), max_length=16, choices=Validated.choices, default=Validated.UNSTATED)
    renewable_pledge = models.CharField(_("RE100, as stated"), max_length=16, blank=True)
    text = models.TextField(_("text"), blank=True)
    source_url = models.TextField(_("source address"), blank=True)
    source = models.CharField(_("source"), max_length=300)
    licence = models.CharField(_("licence"), max_length=200)
    note = models.CharField(_("note"), max_length=400, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("entered by"),
        help_text=_("Empty: loaded from a file"),
    )

    history = HistoricalRecords()

    objects = TargetQuerySet.as_manager()

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering = ["company", "target_key"]
        constraints = [
            models.UniqueConstraint(fields=["company", "target_key"], name="target_key_is_unique_in_company"),
        ]

    def __str__(self) -> str:
        return f"{self.company} · {self.get_kind_display()} · {self.target_year or '—'}"
