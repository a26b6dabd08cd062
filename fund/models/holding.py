"""What a fund owns of a company: holdings, their dated positions, and what a company was worth then.

Positions, prices, project figures and exclusion flags are appended, never edited (fund/guards.py): of several entries
for one date the last one counts, and the earlier ones stay in sight as what was believed before.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords
from simple_history.utils import bulk_update_with_history

from fund.errors import AlreadyDecided
from fund.models.fund import FundSideQuerySet, ThemeFund
from portfolio import audit
from portfolio.identifiers import validate_isin, validate_lei
from portfolio.models import Company, ExchangeRate
from portfolio.models.company import with_ticker
from portfolio.typed.bounds import LARGEST, in_a_sentence, refusal
from portfolio.typed.currencies import UnreadableCurrency, main_currency
from portfolio.typed.numbers import grouped

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django_stubs_ext import StrPromise

FUND_CURRENCY = "CNY"
WITHOUT_EXCHANGE_RATE = (FUND_CURRENCY, "USD")  # rates are given per US dollar
MONEY = {"outstanding", "average_financing", "market_cap", "total_debt", "minority_interest", "cash", "evic"}
MONEY |= {"total_equity", "total_assets", "total_investment", "revenue"}


class AssetClass(models.TextChoices):
    """The words of scoring.engine.finance.financed.ASSET_CLASSES."""

    LISTED_EQUITY = "listed_equity", _("Listed equity")
    CORPORATE_BOND = "corporate_bond", _("Corporate bond")
    BUSINESS_LOAN = "business_loan", _("Business loan")
    UNLISTED_EQUITY = "unlisted_equity", _("Unlisted equity")
    PROJECT_FINANCE = "project_finance", _("Project finance")


class Exclusion(models.TextChoices):
    """Article 12(1) of Delegated Regulation (EU) 2020/1818: EXCLUSIONS of scoring.engine.finance.eu_benchmarks."""

    WEAPONS = "controversial_weapons", _("(a) Controversial weapons")
    TOBACCO = "tobacco", _("(b) Tobacco")
    NORMS = "ungc_oecd_violation", _("(c) Breach of UN Global Compact or OECD guidelines")
    COAL = "coal_revenue", _("(d) 1 % or more of revenue from coal")
    OIL = "oil_revenue", _("(e) 10 % or more of revenue from oil")
    GAS = "gas_revenue", _("(f) 50 % or more of revenue from gas")
    POWER = "high_carbon_power_revenue", _("(g) 50 % or more of revenue from power above 100 gCO₂e/kWh")


class Match(models.TextChoices):
    """By what a holding's issuer was found among the companies on record."""

    OPEN = "", _("not matched")
    KEY = "key", _("company key")
    ISIN = "isin", "ISIN"
    LEI = "lei", "LEI"
    NATIONAL_ID = "national_id", _("national company id")
    TICKER = "ticker", _("ticker")
    PERSON = "person", _("confirmed by a person")
    NOBODY = "nobody", _("not on record, as a person found")


WITHOUT_COMPANY = (Match.OPEN, Match.NOBODY)
WITH_COMPANY = tuple(word for word in Match if word not in WITHOUT_COMPANY)


class Holding(models.Model):
    """One instrument of one issuer in one fund. Its kind and currency never change, nor whose it is once it was found.

    An issuer that is not on record has a name and no company: its money is in every coverage, and in no figure.
    """

    fund = models.ForeignKey(ThemeFund, models.PROTECT, related_name="holdings", verbose_name=_("fund"))
    company = models.ForeignKey(
        Company,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="holdings",
        verbose_name=_("company"),
        help_text=_("Blank: the issuer is not on record; then its name is needed"),
    )
    matched_by = models.CharField(
        _("matched by"), max_length=16, choices=Match.choices, default=Match.KEY, blank=True, editable=False
    )
    issuer_name = models.CharField(
        _("issuer"), max_length=200, blank=True, default="", help_text=_("As the fund's own books name it")
    )
    issuer_key = models.CharField(_("key as given"), max_length=80, blank=True, default="")
    isin = models.CharField("ISIN", max_length=16, blank=True, default="", validators=[validate_isin])
    lei = models.CharField("LEI", max_length=24, blank=True, default="", validators=[validate_lei])
    ticker = models.CharField(_("ticker"), max_length=24, blank=True, default="")
    holding_key = models.CharField(
        _("holding key"), max_length=80, help_text=_("Once in a fund; imported rows name the holding by it")
    )
    asset_class = models.CharField(_("asset class"), max_length=24, choices=AssetClass.choices)
    instrument = models.CharField(_("instrument"), max_length=200)
    currency = models.CharField(_("currency"), max_length=3, default=FUND_CURRENCY, help_text=_("ISO 4217"))
    issuer_listed = models.BooleanField(
        _("the issuer is listed"),
        null=True,
        blank=True,
        help_text=_("Of bonds and loans: decides between enterprise value and equity + debt"),
    )
    is_engaged = models.BooleanField(
        _("engaged"), default=False, help_text=_("The fund engages with this company about its targets")
    )

    history = HistoricalRecords()
    objects = FundSideQuerySet.as_manager()

    class Meta:
        verbose_name = _("holding")
        verbose_name_plural = _("holdings")
        ordering = ["fund", "holding_key"]
        constraints = [
            models.UniqueConstraint(fields=["fund", "holding_key"], name="holding_key_once_a_fund"),
            models.CheckConstraint(
                condition=models.Q(asset_class__in=AssetClass.values), name="holding_asset_class_is_known"
            ),
            models.CheckConstraint(condition=~models.Q(holding_key=""), name="holding_has_a_key"),
            models.CheckConstraint(
                condition=models.Q(company__isnull=False) | ~models.Q(issuer_name=""),
                name="holding_says_whose_it_is",
                violation_error_message=_("Name the company, or the issuer where it is not on record."),
            ),
            models.CheckConstraint(
                condition=models.Q(company__isnull=True, matched_by__in=WITHOUT_COMPANY)
                | models.Q(company__isnull=False, matched_by__in=WITH_COMPANY),
                name="holding_match_fits_its_company",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.issuer} · {self.instrument}"

    @property
    def issuer(self) -> str:
        """Its name: of the company on record, else as the fund's books have it, for English readers with its ticker."""
        if self.company:
            return self.company.name
        is_foreign = (get_language() or "").startswith("en") and not self.issuer_name.isascii()
        return with_ticker(self.issuer_name, self.ticker) if is_foreign else self.issuer_name

    def clean(self) -> None:
        if self._state.adding:
            self.matched_by = Match.OPEN if self.company is None else Match.KEY
        self.currency = checked_currency(self.currency)

    # --- whose it is -----------------------------------------------------------------------------------
    def match_to(self, company: Company, *, by: User) -> None:
        """A person says that the issuer is this company. Raises AlreadyDecided where somebody was faster."""
        self._rematch(WITHOUT_COMPANY, company, Match.PERSON, by, "holding.matched")

    def match_to_nobody(self, *, by: User) -> None:
        """A person says that the issuer is not on record. Raises AlreadyDecided where somebody was faster."""
        self._rematch((Match.OPEN,), None, Match.NOBODY, by, "holding.not_on_record")

    def unmatch(self, *, by: User) -> None:
        """Undo what a person said; what a key or an identifier said stands. Raises AlreadyDecided."""
        self._rematch((Match.PERSON, Match.NOBODY), None, Match.OPEN, by, "holding.unmatched")

    def _rematch(self, before: tuple[str, ...], company: Company | None, match: Match, by: User, verb: str) -> None:
        with transaction.atomic():
            waiting = Holding.objects.filter(pk=self.pk, matched_by__in=before)
            if waiting.update(company=company, matched_by=match) != 1:
                raise AlreadyDecided(gettext("“%(issuer)s” was matched otherwise meanwhile.") % {"issuer": self.issuer})
            self.refresh_from_db()
            bulk_update_with_history([self], Holding, ["matched_by"], default_user=by, default_change_reason=verb)
            detail = company.company_key if company else self.issuer_name
            audit.append(by, verb, f"holding:{self.pk}", detail=detail[:400])


class Entry(models.Model):
    """What is appended: of one date, from one source, by one person."""

    as_of = models.DateField(_("as of"))
    source = models.CharField(_("source"), max_length=300)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("entered by"),
    )
    entered_at = models.DateTimeField(_("entered at"), auto_now_add=True)

    objects = FundSideQuerySet.as_manager()

    class Meta:
        abstract = True

    def clean(self) -> None:
        if self.as_of and (fault := date_fault(self.as_of)):
            raise ValidationError({"as_of": fault})
        wrong = impossible(self.amounts(), self.currency_of_amounts)
        if wrong:
            words = {name: in_a_sentence(getattr(self, name), expected) for name, expected in wrong.items()}
            raise ValidationError({name: [word] for name, word in words.items()})

    def amounts(self) -> dict[str, float | None]:
        """Every figure of the entry by its name."""
        names = [field.name for field in self._meta.fields if isinstance(field, models.FloatField)]
        return {name: getattr(self, name) for name in names}

    @property
    def currency_of_amounts(self) -> str:
        return getattr(self, "currency", "").strip().upper()


def amount(label: StrPromise | str, **options: Any) -> models.FloatField[Any, Any]:
    """A figure that may be missing; if it is there it is not negative, unless `least` says otherwise.

    How much there can be of it `impossible` knows, in the currency of the entry.
    """
    least = options.pop("least", 0.0)
    return models.FloatField(
        label,
        null=True,
        blank=True,
        validators=[MinValueValidator(least), MaxValueValidator(LARGEST)],
        **options,
    )


def impossible(
    amounts: Mapping[str, float | None], currency: str, per_usd: Mapping[str, float] | None = None
) -> dict[str, str]:
    """What of these cannot be, by data/bounds.csv and the exchange rates on record; name → what can be."""
    if per_usd is None:
        per_usd = ExchangeRate.objects.most_per_usd()
    wrong = {}
    for name, value in amounts.items():
        worth = per_usd.get(currency) if name in MONEY else 1.0
        if value is not None and (expected := refusal(name, value, per_usd=worth)):
            wrong[name] = expected
    return wrong


def _not_negative(*names: str) -> models.Q:
    found = models.Q()
    for name in names:
        found &= models.Q(**{f"{name}__isnull": True}) | models.Q(**{f"{name}__gte": 0})
    return found


def _above_zero(*names: str) -> models.Q:
    found = models.Q()
    for name in names:
        found &= models.Q(**{f"{name}__isnull": True}) | models.Q(**{f"{name}__gt": 0})
    return found


class Position(Entry):
    """How much of a holding the fund has on a date; zero says that it was sold."""

    holding = models.ForeignKey(Holding, models.PROTECT, related_name="positions", verbose_name=_("holding"))
    outstanding = amount(_("outstanding amount"), help_text=_("In the holding's currency, such as 50,000,000 or 3亿"))
    shares_held = amount(_("shares held"), help_text=_("Needed for unlisted equity"))
    average_financing = amount(
        _("average financing"),
        help_text=_("Monthly mean of the year, for the rule of the People's Bank; blank: the outstanding amount"),
    )

    class Meta:
        verbose_name = _("position")
        verbose_name_plural = _("positions")
        ordering = ["-as_of", "-pk"]
        indexes = [models.Index(fields=["holding", "as_of"], name="position_by_holding_and_date")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outstanding__isnull=False) | models.Q(shares_held__isnull=False),
                name="position_says_how_much",
                violation_error_message=_("A position needs an outstanding amount or the shares held."),
            ),
            models.CheckConstraint(
                condition=_not_negative("outstanding", "shares_held", "average_financing"),
                name="position_is_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holding} · {self.as_of}"

    @property
    def currency_of_amounts(self) -> str:
        return self.holding.currency if self.holding_id else ""

    def clean(self) -> None:
        super().clean()
        wrong = {}
        if self.holding_id and self.as_of:
            wrong = position_faults(self.holding.asset_class, self.outstanding, self.shares_held)
        if wrong:
            raise ValidationError({name: [fault] for name, fault in wrong.items()})


class PriceInputs(Entry):
    """What a company was worth on a date, as far as anybody entered it. Blank is not known, never zero."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="price_inputs", verbose_name=_("company"))
    currency = models.CharField(_("currency"), max_length=3, default=FUND_CURRENCY, help_text=_("ISO 4217"))
    market_cap = amount(_("market capitalisation"), help_text=_("Ordinary and preferred shares"))
    total_debt = amount(_("total debt"), help_text=_("Book value"))
    minority_interest = amount(_("minority interest"), help_text=_("Book value; 0 where there is none"), least=-LARGEST)
    cash = amount(_("cash and equivalents"), help_text=_("Not deducted from the enterprise value"))
    evic = amount(
        _("EVIC"),
        help_text=_("Enterprise value including cash; blank: market capitalisation + debt + minority interest"),
    )
    total_equity = amount(
        _("total equity"), help_text=_("May be negative: it then counts as zero, and is flagged"), least=-LARGEST
    )
    total_assets = amount(_("total assets"))
    shares_total = amount(_("shares in all"))
    revenue = amount(_("main revenue of a year"), help_text=_("Blank: as on record among the company's financials"))
    avoided_t = amount(_("avoided emissions, tCO₂e"), help_text=_("As claimed for a year; never netted"))
    removed_t = amount(_("removed emissions, tCO₂e"), help_text=_("As claimed for a year; never netted"))

    class Meta:
        verbose_name = _("price inputs of a company")
        verbose_name_plural = _("price inputs of companies")
        ordering = ["-as_of", "-pk"]
        indexes = [models.Index(fields=["company", "as_of"], name="prices_by_company_and_date")]
        constraints = [
            models.CheckConstraint(
                condition=_above_zero("market_cap", "evic", "shares_total", "total_assets"),
                name="price_inputs_divide",
                violation_error_message=_("What is divided by must be above zero; leave it blank if it is not known."),
            ),
            models.CheckConstraint(
                condition=_not_negative("total_debt", "cash", "revenue", "avoided_t", "removed_t"),
                name="price_inputs_are_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company} · {self.as_of}"

    def clean(self) -> None:
        super().clean()
        self.currency = checked_currency(self.currency)
        wrong = {name: fault for name in DIVISORS if (fault := divisor_fault(getattr(self, name)))}
        if wrong:
            raise ValidationError({name: [fault] for name, fault in wrong.items()})


DIVISORS = ("market_cap", "evic", "shares_total", "total_assets")


class ProjectFigures(Entry):
    """Money and tonnes of a financed project alone, on a date: a project is not its company."""

    holding = models.ForeignKey(Holding, models.PROTECT, related_name="project_figures", verbose_name=_("holding"))
    currency = models.CharField(_("currency"), max_length=3, default=FUND_CURRENCY, help_text=_("ISO 4217"))
    total_equity = amount(_("project equity"), least=-LARGEST)
    total_debt = amount(_("project debt"))
    total_investment = amount(_("total investment"))
    revenue = amount(_("main revenue of a year"))
    s1_t = amount(_("scope 1 of a year, tCO₂e"))
    s2_t = amount(_("scope 2 of a year, tCO₂e"))
    s3_t = amount(_("scope 3 of a year, tCO₂e"))
    avoided_t = amount(_("avoided emissions, tCO₂e"), help_text=_("As claimed for a year; never netted"))
    removed_t = amount(_("removed emissions, tCO₂e"), help_text=_("As claimed for a year; never netted"))
    data_quality = models.PositiveSmallIntegerField(
        _("data quality"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(5)],
        help_text=_("Of the tonnes, from 1, the best, to 5"),
    )

    class Meta:
        verbose_name = _("figures of a project")
        verbose_name_plural = _("figures of projects")
        ordering = ["-as_of", "-pk"]
        indexes = [models.Index(fields=["holding", "as_of"], name="project_by_holding_and_date")]
        constraints = [
            models.CheckConstraint(
                condition=_not_negative(
                    "total_debt", "total_investment", "revenue", "s1_t", "s2_t", "s3_t", "avoided_t", "removed_t"
                ),
                name="project_figures_are_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(data_quality__isnull=True) | models.Q(data_quality__gte=1, data_quality__lte=5),
                name="project_quality_is_1_to_5",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holding} · {self.as_of}"

    def clean(self) -> None:
        super().clean()
        self.currency = checked_currency(self.currency)
        if self.holding_id and self.holding.asset_class != AssetClass.PROJECT_FINANCE:
            raise ValidationError({"holding": _("Only project finance has figures of a project.")})


class ExclusionFlag(Entry):
    """Whether a company falls under one of the exclusions of Article 12, as somebody found."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="exclusion_flags", verbose_name=_("company"))
    exclusion = models.CharField(_("exclusion"), max_length=32, choices=Exclusion.choices)
    applies = models.BooleanField(_("the company falls under it"))

    class Meta:
        verbose_name = _("exclusion flag")
        verbose_name_plural = _("exclusion flags")
        ordering = ["-as_of", "-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(exclusion__in=Exclusion.values), name="exclusion_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.company} · {self.get_exclusion_display()}"


# --- what is refused, in words; the importer asks the same ------------------------------------------------
def date_fault(day: date) -> str:
    today = timezone.localdate()
    if day > today:
        return str(_("%(day)s is in the future.") % {"day": day.isoformat()})
    if day.year < 2000:
        return str(_("%(day)s is before 2000.") % {"day": day.isoformat()})
    return ""


def checked_currency(typed: str) -> str:
    """The code of a currency that can be turned into yuan. Raises ValidationError about `currency`."""
    try:
        code = main_currency(typed)
    except UnreadableCurrency as refusal:
        raise ValidationError({"currency": str(refusal)}) from refusal
    if code in WITHOUT_EXCHANGE_RATE or ExchangeRate.objects.filter(currency=code).exists():
        return code
    raise ValidationError({"currency": no_exchange_rate(code)})


def no_exchange_rate(currency: str) -> str:
    return str(_("There is no exchange rate for “%(currency)s”: add one first.") % {"currency": currency})


def position_faults(asset_class: str, outstanding: float | None, shares_held: float | None) -> dict[str, str]:
    """What a position of this kind must say and does not."""
    if asset_class == AssetClass.UNLISTED_EQUITY and shares_held is None:
        return {"shares_held": str(_("Unlisted equity is attributed by shares: say how many are held."))}
    if asset_class != AssetClass.UNLISTED_EQUITY and outstanding is None:
        return {"outstanding": str(_("Say how much is outstanding; 0 if it was sold or repaid."))}
    return {}


def divisor_fault(value: float | None) -> str:
    if value is None or value > 0:
        return ""
    words = _("%(value)s cannot be divided by: it must be above zero, or blank if it is not known.")
    return str(words % {"value": grouped(value)})
