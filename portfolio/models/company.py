"""Companies, their identifiers and their tracks."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pycountry
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from pypinyin import Style, lazy_pinyin
from simple_history.models import HistoricalRecords

from portfolio import audit
from portfolio.identifiers import validate_isin, validate_lei, validate_uscc
from portfolio.models.place import City

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from portfolio.models.people import SomeUser


class Sector(models.TextChoices):
    """The scoring sectors. Which source word belongs to which: data/sector_crosswalk.csv."""

    POWER = "power", _("Power and utilities")
    OIL_GAS = "oil_gas", _("Oil and gas")
    CHEMICALS = "chemicals", _("Chemicals and plastics")
    METALS = "metals", _("Metals")
    MINERALS = "minerals", _("Cement, glass and minerals")
    SEMICONDUCTORS = "semiconductors", _("Semiconductors and electronics")
    MACHINERY = "machinery", _("Machinery, vehicles and equipment")
    TEXTILE_PAPER = "textile_paper", _("Textiles and paper")
    FOOD = "food", _("Food, drink and tobacco")
    HEALTH = "health", _("Health and pharmaceuticals")
    FINANCE = "finance", _("Banking, insurance and finance")
    SERVICES = "services", _("Trade, telecoms and services")
    TRANSPORT_BUILDING = "transport_building", _("Transport and construction")


class Track(models.TextChoices):
    POWER = "power_decarbonisation", _("Power decarbonisation")
    ELECTRIFICATION = "end_use_electrification", _("End-use electrification")
    EFFICIENCY = "energy_efficiency", _("Energy efficiency")
    GREENING = "emission_greening", _("Emission greening")


class CompanyQuerySet(models.QuerySet["Company"]):
    def visible_to(self, user: SomeUser) -> CompanyQuerySet:
        """House roles see every company; a member sees the own ones; anyone else none."""
        from portfolio.models.people import role_of

        if role_of(user):
            return self
        if not user.is_authenticated:
            return self.none()
        return self.filter(memberships__user_id=user.pk)

    def search(self, words: str) -> CompanyQuerySet:
        """Every word must occur in a name, an identifier, the pinyin or its initials."""
        found = self
        for word in words.lower().split():
            found = found.filter(search_text__contains=word)
        return found


class Company(models.Model):
    """A company we follow. `company_key` is the stable text key: scores and receipts name it, never the id."""

    company_key = models.CharField(_("company key"), max_length=80, unique=True)
    name_zh = models.CharField(_("Chinese name"), max_length=200, blank=True)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)
    uscc = models.CharField(
        _("unified social credit code"), max_length=24, blank=True, default="", validators=[validate_uscc]
    )
    lei = models.CharField("LEI", max_length=24, blank=True, default="", validators=[validate_lei])
    isin = models.CharField("ISIN", max_length=16, blank=True, default="", validators=[validate_isin])
    national_id = models.CharField(_("national company id"), max_length=40, blank=True, default="")
    ticker = models.CharField(_("ticker"), max_length=24, blank=True, default="")
    country = models.CharField(_("country"), max_length=3, help_text=_("ISO 3166-1 alpha-3"))
    city = models.ForeignKey(City, models.PROTECT, null=True, blank=True, verbose_name=_("place"))
    sector = models.CharField(_("scoring sector"), max_length=32, choices=Sector.choices)
    isic = models.CharField(_("ISIC division"), max_length=8)
    sector_source = models.CharField(_("sector in the source's words"), max_length=120, blank=True)
    ownership = models.CharField(_("ownership"), max_length=80, blank=True, default="")
    note = models.CharField(_("note"), max_length=400, blank=True, default="")
    source = models.CharField(_("source"), max_length=300)
    licence = models.CharField(_("licence"), max_length=200)
    is_illustrative = models.BooleanField(
        _("illustrative"), default=False, help_text=_("Made for the demo; not a real company")
    )
    search_text = models.TextField(editable=False, default="")

    history = HistoricalRecords(excluded_fields=["search_text"])
    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        ordering = ["company_key"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(name_zh="", name_en=""), name="company_has_a_name", violation_error_code="no_name"
            ),
            models.UniqueConstraint(fields=["uscc"], condition=~models.Q(uscc=""), name="uscc_is_unique"),
            models.UniqueConstraint(fields=["lei"], condition=~models.Q(lei=""), name="lei_is_unique"),
            models.CheckConstraint(condition=models.Q(sector__in=Sector.values), name="company_sector_is_known"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        self.search_text = search_text(self)
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def get_absolute_url(self) -> str:
        return reverse("scoring:dossier", args=[self.pk])

    @property
    def name(self) -> str:
        """In the reader's language where we have it, else as the source gives it."""
        first, second = self.name_zh, self.name_en
        if (get_language() or "").startswith("en"):
            first, second = second, first
        return first or second

    @property
    def country_name(self) -> str:
        found = pycountry.countries.get(alpha_3=self.country)
        return found.name if found else self.country

    def clean(self) -> None:
        """Store identifiers without spaces and dashes; the field validators have said what is wrong."""
        for field, validate in (("uscc", validate_uscc), ("lei", validate_lei), ("isin", validate_isin)):
            value = getattr(self, field)
            if value:
                with suppress(ValidationError):
                    setattr(self, field, validate(value))
        if pycountry.countries.get(alpha_3=self.country) is None:
            raise ValidationError(
                {"country": _("%(code)s is not an ISO 3166-1 alpha-3 code.") % {"code": self.country}}
            )


def search_text(company: Company) -> str:
    """What a person may type: names, identifiers, full pinyin and its initials."""
    syllables = lazy_pinyin(company.name_zh)
    initials = lazy_pinyin(company.name_zh, style=Style.FIRST_LETTER)
    parts = [
        company.name_zh,
        company.name_en,
        company.company_key,
        company.uscc,
        company.lei,
        company.isin,
        company.national_id,
        company.ticker,
        "".join(syllables),
        "".join(initials),
    ]
    return " ".join(dict.fromkeys(part.lower() for part in parts if part))


class CompanyTrack(models.Model):
    """A company belongs to a track once a person has confirmed it; until then it is an opinion with its source."""

    company = models.ForeignKey(Company, models.CASCADE, related_name="tracks", verbose_name=_("company"))
    track = models.CharField(_("track"), max_length=32, choices=Track.choices)
    why = models.CharField(_("reason"), max_length=300)
    confidence = models.CharField(_("confidence"), max_length=16, blank=True)
    source = models.CharField(_("source"), max_length=300)
    licence = models.CharField(_("licence"), max_length=200)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name=_("confirmed by")
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("track of a company")
        verbose_name_plural = _("tracks of companies")
        constraints = [
            models.UniqueConstraint(fields=["company", "track"], name="one_row_per_company_and_track"),
            models.CheckConstraint(
                condition=models.Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                | models.Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="track_confirmation_is_whole",
            ),
            models.CheckConstraint(condition=models.Q(track__in=Track.values), name="track_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.company} · {self.get_track_display()}"

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_at is not None

    def confirm(self, *, by: User) -> bool:
        """Make it a fact, by this person. False when somebody did so before."""
        with transaction.atomic():
            unconfirmed = CompanyTrack.objects.filter(pk=self.pk, confirmed_at__isnull=True)
            if unconfirmed.update(confirmed_by=by, confirmed_at=Now()) != 1:
                return False
            audit.append(by, "track.confirmed", f"company:{self.company_id}", detail=self.track)
        return True
