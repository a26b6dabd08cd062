"""Technology families, and what a company sold or ran of its own in a year: rows of a disclosure that bar C rests on.

What a family is held against stands in a bar sheet.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from portfolio.errors import NotAllowed
from portfolio.models.company import Track
from portfolio.models.disclosure import Disclosure
from portfolio.typed.bounds import Within

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MOST_SOLUTIONS = 200  # rows of a disclosure
AMOUNTS = (
    "units_sold",
    "units_made",
    "service_per_unit_year",
    "life_years",
    "use_share",
    "energy_mwh_per_service",
    "lca_t_per_unit",
    "cost_share",
    "stated_avoided_t",
)


class TechnologyFamily(models.Model):
    """A row of data/technology_families.csv, or one that the fund added."""

    code = models.CharField(_("code"), max_length=16, unique=True)
    track = models.CharField(_("track"), max_length=32, choices=Track.choices)
    name_zh = models.CharField(_("Chinese name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=80)
    unit = models.CharField(_("unit sold"), max_length=24, help_text=_("Such as MW, kWh, car, t"))
    service_unit = models.CharField(
        _("unit of service"), max_length=24, blank=True, help_text=_("What one unit gives in a year, such as MWh or km")
    )
    words = models.CharField(
        _("words for it"), max_length=400, blank=True, help_text=_("In Chinese and English, separated by |")
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("technology family")
        verbose_name_plural = _("technology families")
        ordering = ["code"]
        constraints = [models.CheckConstraint(condition=models.Q(track__in=Track.values), name="family_track_is_known")]

    def __str__(self) -> str:
        return self.name_en if (get_language() or "").startswith("en") else self.name_zh


class Solution(models.Model):
    """Units of one family, sold in the year for use at one place, or run there. Blank is not told; 0 is told."""

    class Kind(models.TextChoices):
        REALISED = "realised", _("Realised")
        MEASURED = "measured", _("Measured")
        PLANNED = "planned", _("Planned")
        POTENTIAL = "potential", _("Potential")

    class Basis(models.TextChoices):
        REPORTED = "reported", _("Reported")
        MEASURED = "measured", _("Measured")
        CALCULATED = "calculated", _("Calculated")

    class Stated(models.TextChoices):
        """What a company's own statement of avoided tonnes counts: three things that are never one column."""

        YEAR_OF_FLEET = "year_of_fleet", _("One year of all that runs")
        CUMULATIVE = "cumulative", _("Cumulative up to now")
        LIFE_OF_SOLD = "life_of_units_sold", _("Life of the units sold in the year")
        UNSTATED = "unstated", _("Not stated")

    disclosure = models.ForeignKey(Disclosure, models.CASCADE, related_name="solutions", verbose_name=_("disclosure"))
    number = models.PositiveSmallIntegerField(_("number"))
    family = models.ForeignKey(
        TechnologyFamily, models.PROTECT, related_name="solutions", verbose_name=_("technology family")
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices, default=Kind.REALISED)
    country = models.CharField(_("place of use"), max_length=3, help_text=_("ISO 3166-1 alpha-3"))
    name = models.CharField(_("product or plant"), max_length=120, blank=True)
    units_sold = models.FloatField(
        _("units sold"), null=True, blank=True, validators=[MinValueValidator(0), Within("units_sold")]
    )
    units_made = models.FloatField(
        _("output"), null=True, blank=True, validators=[MinValueValidator(0), Within("units_made")]
    )
    service_per_unit_year = models.FloatField(
        _("service per unit and year"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0), Within("service_per_unit_year")],
    )
    life_years = models.PositiveSmallIntegerField(
        _("life, years"), null=True, blank=True, validators=[MinValueValidator(1), Within("life_years")]
    )
    use_share = models.FloatField(
        _("share in use"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(1), Within("use_share")],
    )
    energy_mwh_per_service = models.FloatField(
        _("electricity per unit of service, MWh"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0), Within("energy_mwh_per_service")],
    )
    lca_t_per_unit = models.FloatField(
        _("life-cycle emissions per unit, tCO₂e"), null=True, blank=True, validators=[Within("lca_t_per_unit")]
    )
    cost_share = models.FloatField(
        _("share of the system's cost"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(1), Within("cost_share")],
        help_text=_("Of a component; blank for a whole system"),
    )
    is_component = models.BooleanField(_("a component"), default=False)
    stated_avoided_t = models.FloatField(
        _("avoided emissions as the company states them, tCO₂e"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0), Within("avoided_t")],
    )
    stated_avoided_kind = models.CharField(
        _("what that counts"), max_length=24, choices=Stated.choices, blank=True, default=""
    )
    basis = models.CharField(_("basis"), max_length=16, choices=Basis.choices, default=Basis.REPORTED)
    source = models.CharField(_("source"), max_length=300, blank=True)
    note = models.CharField(_("note"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("solution")
        verbose_name_plural = _("solutions")
        ordering = ["disclosure", "number"]
        constraints = [
            models.UniqueConstraint(fields=["disclosure", "number"], name="solution_once_a_number"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["realised", "measured", "planned", "potential"]),
                name="solution_kind_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.family} · {self.get_kind_display()} · {self.country}"

    @property
    def subject(self) -> tuple[Any, ...]:
        """What it is a row of: no two rows of a disclosure should have the same."""
        return (self.family_id, self.kind, self.country, self.name.strip().casefold())

    @classmethod
    def put(cls, disclosure: Disclosure, solutions: Iterable[Solution], *, by: User, edition: int) -> None:
        """Make these rows all that the draft says of what was sold, numbered from 1 in their order.

        Raises NotAllowed, or StaleVersion when somebody saved another edition meanwhile.
        """
        rows = list(solutions)
        if len(rows) > MOST_SOLUTIONS:
            raise NotAllowed(_("A disclosure holds at most %(most)s lines.") % {"most": MOST_SOLUTIONS})
        with disclosure.editing(by, edition) as edits:
            for number, row in enumerate(rows, 1):
                row.pk, row.number, row.disclosure = None, number, disclosure
            edits.solutions(rows)
            disclosure.solutions.all().delete()
            Solution.objects.bulk_create(rows)

    def signed(self) -> list[Any]:
        """What a verifier signs of it."""
        facts = ("number", "family_id", "kind", "country", "name", *AMOUNTS, "is_component", "stated_avoided_kind")
        told = [getattr(self, name) for name in (*facts, "basis", "source", "note")]
        told[1] = self.family.code
        return told
