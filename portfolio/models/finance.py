"""What a company earns, by year and currency, and the rates that make currencies comparable."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from portfolio.models.company import Company
from portfolio.typed.bounds import Within


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
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True, validators=[Within("employees")])
    basis = models.CharField(_("basis"), max_length=120, blank=True)
    quality_flag = models.CharField(_("flag"), max_length=300, blank=True)
    source = models.CharField(_("source"), max_length=300)
    licence = models.CharField(_("licence"), max_length=200)

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


@dataclass(frozen=True, slots=True)
class YearlyRates:
    """Yearly averages at hand: units of a currency per US dollar, by currency and year."""

    per_usd: Mapping[tuple[str, int], float]

    def cny_per_unit(self, currency: str | None, year: int) -> float | None:
        """Yuan for one unit of the currency; None where a rate is missing."""
        if currency == "CNY":
            return 1.0
        yuan = self.per_usd.get(("CNY", year))
        units = 1.0 if currency == "USD" else self.per_usd.get((currency or "", year))
        return None if yuan is None or units is None else yuan / units

    def latest_year(self, currency: str, until: int) -> int | None:
        """The last year up to `until` in which the currency has its rate in yuan."""
        years = {year for _currency, year in self.per_usd if year <= until}
        return max((year for year in years if self.cny_per_unit(currency, year) is not None), default=None)


class ExchangeRateQuerySet(models.QuerySet["ExchangeRate"]):
    def by_year(self) -> YearlyRates:
        """All of them, in one query."""
        rows = self.order_by().values_list("currency", "year", "per_usd")
        return YearlyRates({(currency, year): per_usd for currency, year, per_usd in rows})

    def most_per_usd(self) -> dict[str, float]:
        """Of each currency the most units a dollar ever bought: how large an amount of it can be."""
        found = self.order_by().values_list("currency").annotate(most=models.Max("per_usd"))
        return {"USD": 1.0} | dict(found)


class ExchangeRate(models.Model):
    """Yearly average: how many units of a currency one US dollar buys."""

    currency = models.CharField(_("currency"), max_length=3)
    year = models.PositiveSmallIntegerField(_("year"))
    per_usd = models.FloatField(_("units per US dollar"), validators=[Within("exchange_rate")])
    source = models.CharField(_("source"), max_length=300)

    objects = ExchangeRateQuerySet.as_manager()

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        ordering = ["currency", "year"]
        constraints = [
            models.UniqueConstraint(fields=["currency", "year"], name="one_rate_per_currency_and_year"),
            models.CheckConstraint(condition=models.Q(per_usd__gt=0), name="rate_is_above_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.year}: {self.per_usd}"
