"""Companies, their identifiers and their tracks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, Any

import pycountry
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from portfolio import audit
from portfolio.errors import NotAllowed
from portfolio.folding import fold
from portfolio.identifiers import validate_isin, validate_lei, validate_uscc
from portfolio.models.people import Role, SomeUser, has_role
from portfolio.models.place import City
from portfolio.signals import facts_confirmed, team_moved

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from portfolio.models.people import SomeUser
    from portfolio.models.solution import TechnologyFamily


DESCRIPTION_LENGTH = 2000
LONGEST_SEARCH = 200  # characters: no name is longer
SITE = re.compile(r"[a-z0-9]{3,40}")  # what may name the site of a company
NO_SITE = frozenset({"www", "com", "org", "net", "gov", "edu"})


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
        """Every word must occur in a name, an identifier, the pinyin or its initials, however it is spelt (`fold`).

        Or it names the site that a source of the company's figures lies on: the short form that a company goes by, TSMC
        for esg.tsmc.com, is often in no name on record.
        """
        joins = apps.get_model("portfolio", "Join").objects  # by its name: a join imports the company
        found = self if len(words) <= LONGEST_SEARCH else self.none()  # each word is a look of its own through all
        for word in dict.fromkeys(fold(words).split()):
            is_it = models.Q(search_text__contains=word)
            if SITE.fullmatch(word) and word not in NO_SITE:
                is_it |= models.Q(pk__in=joins.on_site(word).values("company"))
            found = found.filter(is_it)
        return found


class Company(models.Model):
    """A company we follow. `company_key` is the stable text key: scores and receipts name it, never the id."""

    company_key = models.CharField(_("company key"), max_length=80, unique=True)
    name_zh = models.CharField(_("Chinese name"), max_length=200, blank=True)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)
    name_zh_source = models.CharField(
        _("source of the Chinese name"),
        max_length=300,
        blank=True,
        default="",
        help_text=_("Where it is from another source than the rest"),
    )
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
    description = models.TextField(
        _("what it does"),
        max_length=DESCRIPTION_LENGTH,
        blank=True,
        default="",
        help_text=_("Products and services in its own words, in Chinese, English or both"),
    )
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
        return reverse("dossier", args=[self.pk])

    @property
    def name(self) -> str:
        """In the reader's language where we have it, else as the source gives it.

        A Chinese name that stands for an English one brings its ticker, by which whoever cannot read it can look it up.
        """
        if not (get_language() or "").startswith("en"):
            return self.name_zh or self.name_en
        return self.name_en or with_ticker(self.name_zh, self.ticker)

    @property
    def country_name(self) -> str:
        found = pycountry.countries.get(alpha_3=self.country)
        return found.name if found else self.country

    @property
    def country_code(self) -> str:
        """ISO 3166-1 alpha-2; empty for a country that is not in it."""
        found = pycountry.countries.get(alpha_3=self.country)
        return str(found.alpha_2) if found else ""

    def describe(self, words: str, *, by: User) -> bool:
        """Say what the company does, as one of its submitters. False where nothing changes. Raises NotAllowed."""

        mine = Membership.objects.filter(user_id=by.pk, company=self)
        if not mine.filter(kind=Membership.Kind.SUBMITTER).exists():
            raise NotAllowed(_("Only a submitter of the company writes its description."))
        if len(words) > DESCRIPTION_LENGTH:
            raise NotAllowed(_("At most %(most)s characters, please.") % {"most": DESCRIPTION_LENGTH})
        if words == self.description:
            return False
        self.description = words
        with transaction.atomic():
            self.save(update_fields=["description"])
            audit.append(by, "company.described", f"company:{self.pk}")
        return True

    def settle(self, city: City | None, *, by: User) -> bool:
        """Say where the company is, as one of its submitters. False where nothing changes. Raises NotAllowed.

        Lines without a place of their own are computed there, those of drafts from now on.
        """
        mine = Membership.objects.filter(user_id=by.pk, company=self)
        if not mine.filter(kind=Membership.Kind.SUBMITTER).exists():
            raise NotAllowed(_("Only a submitter of the company says where it is."))
        if city is not None and city.country != self.country:
            raise NotAllowed(_("The place lies in another country than the company."))
        if city == self.city:
            return False
        self.city = city
        with transaction.atomic():
            self.save(update_fields=["city"])
            audit.append(by, "company.settled", f"company:{self.pk}")
        return True

    def clean(self) -> None:
        """Store identifiers without spaces and dashes, the country in capitals; validators have said what is wrong."""
        for field, validate in (("uscc", validate_uscc), ("lei", validate_lei), ("isin", validate_isin)):
            value = getattr(self, field)
            if value:
                with suppress(ValidationError):
                    setattr(self, field, validate(value))
        wrong: dict[str, Any] = {}
        if not (self.name_zh or self.name_en):
            wrong["name_zh"] = _("Give a name, in Chinese or in English.")
        if country := pycountry.countries.get(alpha_3=self.country):  # it takes "chn" as well
            self.country = country.alpha_3
        elif self.country:
            wrong["country"] = _("%(code)s is not an ISO 3166-1 alpha-3 code.") % {"code": self.country}
        if wrong:
            raise ValidationError(wrong)


def with_ticker(name: str, ticker: str) -> str:
    """台積電 (2330)."""
    return f"{name} ({ticker})" if ticker else name


def search_text(company: Company) -> str:
    """What a person may type, folded: names, identifiers, full pinyin and its initials."""
    from pypinyin import Style, lazy_pinyin  # its dictionaries take a third of a second, and most processes need none

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
    return " ".join(dict.fromkeys(fold(part) for part in parts if part))


class CatalogueEdition(models.TextChoices):
    """Where a catalogue code is from."""

    GREEN_FINANCE_2025 = "2025", _("Green finance supported projects catalogue, 2025")
    GUIDANCE_2024 = "2024-guidance", _("Green and low-carbon transition industries guidance catalogue, 2024")


class CompanyTrack(models.Model):
    """A company belongs to a track once a person has confirmed it; until then it is an opinion with its source."""

    company = models.ForeignKey(Company, models.CASCADE, related_name="tracks", verbose_name=_("company"))
    track = models.CharField(_("track"), max_length=32, choices=Track.choices)
    why = models.CharField(_("reason"), max_length=300)
    confidence = models.CharField(_("confidence"), max_length=16, blank=True)
    family = models.ForeignKey(
        "portfolio.TechnologyFamily",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="tracks",
        verbose_name=_("technology family"),
    )
    solutions = models.CharField(_("solutions"), max_length=400, blank=True, default="", help_text=_("What it sells"))
    catalogue_edition = models.CharField(
        _("catalogue"), max_length=16, choices=CatalogueEdition.choices, blank=True, default=""
    )
    catalogue_code = models.CharField(_("catalogue code"), max_length=24, blank=True, default="")
    catalogue_valid_until = models.DateField(
        _("code valid until"), null=True, blank=True, help_text=_("Blank: no end is known")
    )
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

    @property
    def catalogue(self) -> str:
        return f"{self.catalogue_edition}:{self.catalogue_code}" if self.catalogue_code else ""

    def confirm(self, *, by: User, reason: str = "", suggestion: Mapping[str, Any] | None = None) -> bool:
        """Make it a fact, by this person. False when somebody did so before.

        `suggestion` is what the classifier said when it was decided, if it was asked.
        """
        with transaction.atomic():
            unconfirmed = CompanyTrack.objects.filter(pk=self.pk, confirmed_at__isnull=True)
            if unconfirmed.update(confirmed_by=by, confirmed_at=Now()) != 1:
                return False
            self._decided(TrackDecision.Outcome.CONFIRMED, by, reason, suggestion)
            facts_confirmed.send(sender=CompanyTrack, company=self.company, by=by)
        return True

    def classify(
        self,
        *,
        by: User,
        family: TechnologyFamily | None,
        solutions: str = "",
        edition: str = "",
        code: str = "",
        valid_until: date | None = None,
        reason: str = "",
    ) -> bool:
        """Say which family it is and where the catalogue has it. False where nothing changes. Raises NotAllowed."""
        if family is not None and family.track != self.track:
            raise NotAllowed(_("This family is of another track."))
        if bool(code) != bool(edition):
            raise NotAllowed(_("A catalogue code needs its edition, and the other way round."))
        if edition and edition not in CatalogueEdition.values:
            raise NotAllowed(_("Please choose an edition of the catalogue."))
        facts = {
            "family": family,
            "solutions": solutions.strip(),
            "catalogue_edition": edition,
            "catalogue_code": code.strip(),
            "catalogue_valid_until": valid_until,
        }
        if all(getattr(self, name) == value for name, value in facts.items()):
            return False
        for name, value in facts.items():
            setattr(self, name, value)
        with transaction.atomic():
            self.save(update_fields=list(facts))
            self._decided(TrackDecision.Outcome.CLASSIFIED, by, reason, None)
            facts_confirmed.send(sender=CompanyTrack, company=self.company, by=by)
        return True

    def reject(self, *, by: User, reason: str, suggestion: Mapping[str, Any] | None = None) -> bool:
        """Take the track from the company; the decision keeps what stood here. False when it is gone already.

        Raises NotAllowed without a reason.
        """
        if not reason.strip():
            raise NotAllowed(_("A rejection needs a reason."))
        with transaction.atomic():
            self._decided(TrackDecision.Outcome.REJECTED, by, reason.strip(), suggestion)
            removed, _kinds = CompanyTrack.objects.filter(pk=self.pk).delete()
            if not removed:
                transaction.set_rollback(True)
        return bool(removed)

    def _decided(self, outcome: str, by: User, reason: str, suggestion: Mapping[str, Any] | None) -> None:
        facts = {name: getattr(self, name) for name in ("why", "confidence", "source", "licence")}
        TrackDecision.objects.create(
            company=self.company,
            track=self.track,
            outcome=outcome,
            reason=reason,
            suggestion=dict(suggestion or {}),
            family=self.family.code if self.family else "",
            catalogue=self.catalogue,
            by=by,
            **facts,
        )
        audit.append(by, f"track.{outcome}", f"company:{self.company_id}", detail=self.track)


class TrackDecisionQuerySet(models.QuerySet["TrackDecision"]):
    def rejected(self) -> set[tuple[int, str]]:
        """(company id, track) whose last decision is a rejection."""
        last: dict[tuple[int, str], str] = {}
        about = self.exclude(outcome=TrackDecision.Outcome.CLASSIFIED).order_by("pk")
        for company_id, track, outcome in about.values_list("company_id", "track", "outcome"):
            last[company_id, track] = outcome
        return {key for key, outcome in last.items() if outcome == TrackDecision.Outcome.REJECTED}


class TrackDecision(models.Model):
    """A person's word on a track, with the opinion it was about. Appended, never edited (see portfolio/guards.py)."""

    class Outcome(models.TextChoices):
        CONFIRMED = "confirmed", _("Confirmed")
        REJECTED = "rejected", pgettext_lazy("of a track", "Rejected")
        CLASSIFIED = "classified", _("Family and catalogue code given")

    company = models.ForeignKey(Company, models.PROTECT, related_name="track_decisions", verbose_name=_("company"))
    track = models.CharField(_("track"), max_length=32, choices=Track.choices)
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome.choices)
    reason = models.TextField(_("reason"), blank=True)
    why = models.CharField(_("opinion"), max_length=300)
    confidence = models.CharField(_("confidence"), max_length=16, blank=True)
    source = models.CharField(_("source"), max_length=300)
    licence = models.CharField(_("licence"), max_length=200)
    family = models.CharField(_("technology family"), max_length=16, blank=True, default="")
    catalogue = models.CharField(_("catalogue code"), max_length=48, blank=True, default="")
    suggestion = models.JSONField(
        _("suggestion"), default=dict, help_text=_("What the classifier said then; empty: it was not asked")
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who"))
    at = models.DateTimeField(_("when"), auto_now_add=True)

    objects = TrackDecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision about a track")
        verbose_name_plural = _("decisions about tracks")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(track__in=Track.values), name="decided_track_is_known"),
            models.CheckConstraint(
                condition=models.Q(outcome__in=["confirmed", "classified"])
                | (models.Q(outcome="rejected") & ~models.Q(reason="")),
                name="track_rejection_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company} · {self.get_track_display()} · {self.get_outcome_display()}"


class Membership(models.Model):
    """A user's place in a company that applies."""

    class Kind(models.TextChoices):
        CONTRIBUTOR = "contributor", _("Contributor")
        SUBMITTER = "submitter", _("Submitter")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships", verbose_name=_("user")
    )
    company = models.ForeignKey(Company, models.CASCADE, related_name="memberships", verbose_name=_("company"))
    kind = models.CharField(_("role in the company"), max_length=16, choices=Kind.choices)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["user", "company"], name="one_membership_per_company"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["contributor", "submitter"]), name="membership_kind_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.company} · {self.get_kind_display()}"

    # --- people come and go ----------------------------------------------------------------------------
    def refusal(self, by: SomeUser) -> str:
        """Why this person may not change or end it, or nothing: submitters, administrators and oneself may."""
        if by.pk == self.user_id or has_role(by, Role.ADMIN):
            return ""
        submits = Membership.objects.filter(user_id=by.pk or 0, company=self.company_id, kind=self.Kind.SUBMITTER)
        return "" if submits.exists() else str(_("Only a submitter of the company or an administrator does this."))

    def end(self, *, by: User) -> None:
        """Leave, or be removed: what the person did stays with their name. Raises NotAllowed."""
        if refusal := self.refusal(by):
            raise NotAllowed(refusal)
        with transaction.atomic():
            self._require_successor()
            verb = "member.left" if by.pk == self.user_id else "member.removed"
            audit.append(by, verb, f"company:{self.company_id}", detail=f"{self.user}: {self.kind} > -")
            team_moved.send(sender=Membership, member=self, before=self.kind, after="", by=by)
            self.delete()

    def become(self, kind: str, *, by: User) -> None:
        """Nobody makes themselves a submitter. Raises NotAllowed."""
        if kind not in self.Kind.values or kind == self.kind:
            raise NotAllowed(_("This is the person's role in the company already."))
        if refusal := self.refusal(by):
            raise NotAllowed(refusal)
        if by.pk == self.user_id and kind == self.Kind.SUBMITTER:
            raise NotAllowed(_("Ask a submitter of the company or an administrator."))
        with transaction.atomic():
            if kind != self.Kind.SUBMITTER:
                self._require_successor()
            before, self.kind = self.kind, kind
            self.save(update_fields=["kind"])
            told = f"{self.user}: {before} > {kind}"
            audit.append(by, "member.changed", f"company:{self.company_id}", detail=told)
            team_moved.send(sender=Membership, member=self, before=before, after=kind, by=by)

    def _require_successor(self) -> None:
        """Inside a transaction. The company is the lock: two who leave at once queue up here."""
        Company.objects.select_for_update().get(pk=self.company_id)
        others = Membership.objects.filter(company=self.company_id, kind=self.Kind.SUBMITTER).exclude(pk=self.pk)
        if self.kind == self.Kind.SUBMITTER and not others.filter(user__is_active=True).exists():
            raise NotAllowed(
                _("%(user)s is the only submitter: make somebody else of the company a submitter first.")
                % {"user": self.user}
            )
