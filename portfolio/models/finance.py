"""What a company earns, by year and currency, and the rates that make currencies comparable."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from portfolio.models.company import Company
from portfolio.models.join import set_aside
from portfolio.models.quantity import EbitStanding, Quantity
from portfolio.typed.bounds import Within
from portfolio.typed.currencies import UnreadableCurrency, main_currency
from portfolio.typed.numbers import grouped

FIRST_YEAR = 1990
SMALLEST, LARGEST = 1e-6, 1e9  # units per US dollar; no currency of today is outside


OF_ACCOUNTS = {  # column of financials → the quantity of a disclosure that it tells
    "revenue": Quantity.REVENUE,
    "value_added": Quantity.VALUE_ADDED,
    "ebit": Quantity.EBIT,
    "ebitda": Quantity.EBITDA,
    "gross_profit": Quantity.GROSS_PROFIT,
    "runway_months": Quantity.RUNWAY,
    "grants": Quantity.GRANTS,
    "price_premium": Quantity.PRICE_PREMIUM,
    "theme_credits": Quantity.THEME_CREDITS,
    "theme_share": Quantity.THEME_REVENUE,
    "theme_capex_rnd_share": Quantity.THEME_CAPEX_RND,
}


class FinancialsQuerySet(models.QuerySet["Financials"]):
    def counting(self) -> FinancialsQuerySet:
        """Without what a rejected join sets aside."""
        return self.exclude(set_aside("financials"))


def _money(label: Any, quantity: str) -> models.FloatField[float | None, float | None]:
    return models.FloatField(label, null=True, blank=True, validators=[Within(quantity, is_money=True)])


def _standing() -> models.CharField[str, str]:
    return models.CharField(_("in EBIT"), max_length=8, choices=EbitStanding.choices, blank=True, default="")


class Financials(models.Model):
    """One company-year from one source. Some sources give no year: then it is empty, never guessed."""

    company = models.ForeignKey(Company, models.CASCADE, related_name="financials", verbose_name=_("company"))
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    revenue = models.FloatField(_("revenue"), null=True, blank=True, validators=[Within("revenue", is_money=True)])
    profit = models.FloatField(_("profit"), null=True, blank=True, validators=[Within("profit", is_money=True)])
    equity = models.FloatField(_("equity"), null=True, blank=True, validators=[Within("equity", is_money=True)])
    debt = models.FloatField(_("debt"), null=True, blank=True, validators=[Within("debt", is_money=True)])
    evic = models.FloatField(_("EVIC"), null=True, blank=True, validators=[Within("evic", is_money=True)])
    value_added = _money(_("value added"), "value_added")
    gross_profit = _money(_("gross profit"), "gross_profit")
    ebit = _money(_("EBIT"), "ebit")
    ebitda = _money(_("EBITDA"), "ebitda")
    grants = _money(_("subsidies: grants"), "grants")
    grants_standing = _standing()
    price_premium = _money(_("subsidies: price premium"), "price_premium")
    price_premium_standing = _standing()
    theme_credits = _money(_("subsidies: theme-tied credits and refunds"), "theme_credits")
    theme_credits_standing = _standing()
    theme_share = models.FloatField(
        _("theme share of revenue"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(1), Within("theme_share")],
        help_text=_("Between 0 and 1"),
    )
    theme_share_is_partial = models.BooleanField(
        _("a lower bound"), default=False, help_text=_("Some of the theme's business is not in it")
    )
    theme_capex_rnd_share = models.FloatField(
        _("theme share of capex and R&D"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(1), Within("theme_share")],
        help_text=_("Before there is revenue; between 0 and 1"),
    )
    runway_months = models.FloatField(
        _("runway, months"), null=True, blank=True, validators=[MinValueValidator(0), Within("runway_months")]
    )
    is_audited = models.BooleanField(_("from audited accounts"), default=False)
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True, validators=[Within("employees")])
    basis = models.CharField(_("basis"), max_length=120, blank=True)
    quality_flag = models.CharField(_("flag"), max_length=300, blank=True)
    source = models.CharField(_("source"), max_length=300)
    licence = models.CharField(_("licence"), max_length=200)
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

    objects = FinancialsQuerySet.as_manager()

    class Meta:
        verbose_name = _("financials")
        verbose_name_plural = _("financials")
        ordering = ["company", "year"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "year", "source"],
                condition=models.Q(year__isnull=False),
                name="financials_once_a_year_and_source",
            ),
            models.UniqueConstraint(
                fields=["company", "source"],
                condition=models.Q(year__isnull=True),
                name="financials_without_year_once_a_source",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company} · {self.year or '—'}"


class AppliedExchangeRate(NamedTuple):
    """Yuan for one unit of a currency, and what says so."""

    cny_per_unit: float
    of: int | date | None  # the year of a mean, the day of a closing; None: it is yuan already
    asked: int | date | None  # the year or day that it stands for

    @property
    def lag_years(self) -> int:
        """Years between a mean and the year it stands for, or the last year that had ended by the day."""
        if not isinstance(self.of, int) or self.asked is None:
            return 0
        return (self.asked if isinstance(self.asked, int) else last_ended_year(self.asked)) - self.of

    @property
    def lag_days(self) -> int:
        """Days between a closing and the day it stands for."""
        if not isinstance(self.of, date) or not isinstance(self.asked, date):
            return 0
        return (self.asked - self.of).days


class ExchangeRates:
    """The exchange rates at hand, as yuan for one unit, by currency.

    One rule for everything: what flows in a year takes the mean of the year, what is there on a day the closing of
    the day. Where that is missing, the nearest earlier one of the same kind; a day of a currency without any earlier
    closing takes the mean of the last year that had ended. Never a later one. Both currencies are of one period.
    """

    def __init__(self, rows: Iterable[tuple[str, int | None, date | None, float]]) -> None:
        """Of (currency, year or None, day or None, units per US dollar)."""
        means: dict[int, dict[str, float]] = defaultdict(dict)
        closings: dict[date, dict[str, float]] = defaultdict(dict)
        for currency, year, day, per_usd in rows:
            if year is not None:
                means[year][currency] = per_usd
            elif day is not None:
                closings[day][currency] = per_usd
        self._means = _in_yuan(means)
        self._closings = _in_yuan(closings)

    def of_year(self, currency: str | None, year: int) -> AppliedExchangeRate | None:
        """For what was earned or spent in a year."""
        if currency == "CNY":
            return AppliedExchangeRate(1.0, None, year)
        return _nearest(self._means.get(currency or "", ()), year, year)

    def on_day(self, currency: str, day: date) -> AppliedExchangeRate | None:
        """For what is owned or owed on a day."""
        if currency == "CNY":
            return AppliedExchangeRate(1.0, None, day)
        closing = _nearest(self._closings.get(currency, ()), day, day)
        return closing or _nearest(self._means.get(currency, ()), last_ended_year(day), day)


P = TypeVar("P", int, date)
InYuan = dict[str, list[tuple[P, float]]]  # of a currency, by period


def _in_yuan(per_usd: Mapping[P, Mapping[str, float]]) -> InYuan[P]:
    """Through the US dollar, of periods that have the yuan; in the order of the periods."""
    found: InYuan[P] = defaultdict(list)
    for period in sorted(per_usd):
        units = per_usd[period]
        if yuan := units.get("CNY"):
            for currency, of_it in {**units, "USD": 1.0}.items():
                found[currency].append((period, yuan / of_it))
    return found


def _nearest(rates: Sequence[tuple[P, float]], until: P, asked: int | date) -> AppliedExchangeRate | None:
    at = bisect_right(rates, until, key=itemgetter(0))
    if not at:
        return None
    period, cny_per_unit = rates[at - 1]
    return AppliedExchangeRate(cny_per_unit, period, asked)


def last_ended_year(day: date) -> int:
    return day.year if (day.month, day.day) == (12, 31) else day.year - 1


class ExchangeRateQuerySet(models.QuerySet["ExchangeRate"]):
    def means(self) -> ExchangeRates:
        """Those of years alone, in one query: all that a score needs."""
        return self.filter(day__isnull=True).at_hand()

    def at_hand(self) -> ExchangeRates:
        """All of them, in one query."""
        return ExchangeRates(self.order_by().values_list("currency", "year", "day", "per_usd"))

    def most_per_usd(self) -> dict[str, float]:
        """Of each currency the most units a dollar ever bought: how large an amount of it can be."""
        found = self.order_by().values_list("currency").annotate(most=models.Max("per_usd"))
        return {"USD": 1.0} | dict(found)


class ExchangeRate(models.Model):
    """How many units of a currency one US dollar buys: as a mean of a year, or at the close of a day."""

    currency = models.CharField(_("currency"), max_length=3, help_text=_("ISO 4217"))
    year = models.PositiveSmallIntegerField(
        _("mean of the year"), null=True, blank=True, help_text=_("For what flows in a year, such as revenue")
    )
    day = models.DateField(
        _("closing of the day"), null=True, blank=True, help_text=_("For what is there on a day, such as a holding")
    )
    per_usd = models.FloatField(
        _("units per US dollar"),
        validators=[Within("exchange_rate"), MinValueValidator(SMALLEST), MaxValueValidator(LARGEST)],
    )
    source = models.CharField(_("source"), max_length=300)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("entered by"),
        help_text=_("Nobody: it ships with the product, and a load may bring it up to date"),
    )

    history = HistoricalRecords()

    objects = ExchangeRateQuerySet.as_manager()

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        ordering = ["currency", "-year", "-day"]
        constraints = [
            models.UniqueConstraint(fields=["currency", "year"], name="one_rate_per_currency_and_year"),
            models.UniqueConstraint(fields=["currency", "day"], name="one_rate_per_currency_and_day"),
            models.CheckConstraint(condition=models.Q(per_usd__gt=0), name="rate_is_above_zero"),
            models.CheckConstraint(
                condition=models.Q(year__isnull=True, day__isnull=False)
                | models.Q(year__isnull=False, day__isnull=True),
                name="rate_is_of_a_year_or_a_day",
                violation_error_message=_("Give the year of a mean, or the day of a closing: one of the two."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.year or self.day}: {self.per_usd}"

    @property
    def waits_for_yuan(self) -> bool:
        """Whether it is of no use yet, since the yuan has no rate of its period."""
        return not ExchangeRate.objects.filter(currency="CNY", year=self.year, day=self.day).exists()

    def clean(self) -> None:
        faults: dict[str, Any] = {}
        try:
            self.currency = main_currency(self.currency)
        except UnreadableCurrency as refusal:
            faults["currency"] = str(refusal)
        if self.currency == "USD":
            faults["currency"] = _("The US dollar is what others are given in: it is always 1.")
        today = timezone.localdate()
        if self.year is not None and not FIRST_YEAR <= self.year < today.year:
            words = _("a year from %(first)s to %(last)s: a mean is of a year that has ended")
            faults["year"] = words % {"first": FIRST_YEAR, "last": today.year - 1}
        if self.day is not None and not date(FIRST_YEAR, 1, 1) <= self.day <= today:
            words = _("a day from %(first)s to %(last)s")
            faults["day"] = words % {"first": date(FIRST_YEAR, 1, 1).isoformat(), "last": today.isoformat()}
        if not faults and self.per_usd and (meant := self._the_other_way_round()):
            words = _("%(given)s looks like US dollars per unit: units per US dollar would be %(meant)s.")
            faults["per_usd"] = words % {"given": grouped(self.per_usd), "meant": grouped(meant, 6)}
        if faults:
            raise ValidationError(faults)

    @property
    def calendar_year(self) -> int:
        return self.year or (self.day.year if self.day else 0)

    def _the_other_way_round(self) -> float | None:
        """What was meant, where the nearest known value of the currency is far away and near to the reciprocal."""
        others = ExchangeRate.objects.filter(currency=self.currency).exclude(pk=self.pk)
        near = min(others, key=lambda other: abs(other.calendar_year - self.calendar_year), default=None)
        if near is None or self.per_usd is None:
            return None
        known, meant = near.per_usd, 1 / self.per_usd
        is_far = max(known / self.per_usd, self.per_usd / known) > 10
        return meant if is_far and max(known / meant, meant / known) < 2 else None
