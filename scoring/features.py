"""What the database holds of companies that an estimate may look at: the latest of each figure, never emissions.

Revenue in yuan at the year's mean rate; one that its source does not date is taken at the latest year that has rates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from portfolio.models import Company, Disclosure, ExchangeRate, Figure, Financials, Quantity
from scoring.engine import FeatureRecord

ACTIVITY = (Quantity.ELECTRICITY, Quantity.ENERGY, Quantity.COAL, Quantity.WATER, Quantity.WASTE)
Rates = Mapping[tuple[str, int], float]


class _Earned(NamedTuple):
    year: int | None
    revenue: float
    currency: str
    employees: int | None


def of_companies(ids: Sequence[int], latest_year: int, rates: Rates) -> dict[int, FeatureRecord]:
    """By company. A figure of a year after `latest_year` does not count."""
    words = dict(Company.objects.filter(pk__in=ids).order_by().values_list("pk", "sector_source"))
    activity = _activity(ids, latest_year)
    earned = _earned(ids, latest_year)
    return {pk: _record(words[pk], activity.get(pk, {}), earned.get(pk, []), latest_year, rates) for pk in words}


def rates_of_now() -> Rates:
    rows = ExchangeRate.objects.order_by().values_list("currency", "year", "per_usd")
    return {(currency, year): per_usd for currency, year, per_usd in rows}


def _activity(ids: Sequence[int], latest_year: int) -> dict[int, dict[int, dict[str, float]]]:
    """Company → year → quantity → amount, of disclosures that stand."""
    standing = Disclosure.objects.standing().filter(company_id__in=ids, year__lte=latest_year)
    owner = {pk: (company, year) for pk, company, year in standing.order_by().values_list("pk", "company_id", "year")}
    figures = Figure.objects.filter(
        disclosure_id__in=list(owner), quantity__in=[*ACTIVITY, Quantity.REVENUE], value__isnull=False
    ).order_by()
    found: dict[int, dict[int, dict[str, float]]] = {}
    for pk, quantity, value in figures.values_list("disclosure_id", "quantity", "value"):
        company, year = owner[pk]
        found.setdefault(company, {}).setdefault(year, {})[quantity] = float(value or 0.0)
    return found


def _earned(ids: Sequence[int], latest_year: int) -> dict[int, list[_Earned]]:
    rows = Financials.objects.filter(company_id__in=ids, revenue__gt=0).order_by("pk")
    found: dict[int, list[_Earned]] = {}
    for pk, *facts in rows.values_list("company_id", "year", "revenue", "currency", "employees"):
        told = _Earned(*facts)  # type: ignore[arg-type]
        if told.year is None or told.year <= latest_year:
            found.setdefault(pk, []).append(told)
    return found


def _record(
    words: str,
    activity: Mapping[int, Mapping[str, float]],
    earned: Sequence[_Earned],
    latest_year: int,
    rates: Rates,
) -> FeatureRecord:
    """Revenue and activity of one year where there is one that has both; else each of its latest year."""
    money: dict[int, float] = {}
    employees: dict[int, int] = {}
    dated = False
    for told in sorted(earned, key=lambda told: told.year is None):  # what is dated comes first
        year = told.year if told.year is not None else _latest_rate(told.currency, latest_year, rates)
        per_unit = None if year is None else cny_per_unit(told.currency, year, rates)
        if year is None or per_unit is None or (told.year is None and dated):
            continue
        dated |= told.year is not None
        money[year] = told.revenue * per_unit
        if told.employees:
            employees[year] = told.employees
    undated = bool(money) and not dated
    for year, amounts in activity.items():
        if amounts.get(Quantity.REVENUE, 0) > 0:
            money[year], undated = amounts[Quantity.REVENUE], False
    with_activity = [year for year, amounts in activity.items() if any(name in amounts for name in ACTIVITY)]
    both = [year for year in with_activity if year in money]
    year = max(both or money or with_activity or [latest_year])
    mine = activity.get(year, {})
    return FeatureRecord(
        year=year,
        revenue_cny=money.get(year),
        revenue_undated=undated and year in money,
        employees=employees.get(year),
        electricity_kwh=mine.get(Quantity.ELECTRICITY),
        energy_mj=mine.get(Quantity.ENERGY),
        coal_t=mine.get(Quantity.COAL),
        water_t=mine.get(Quantity.WATER),
        waste_t=mine.get(Quantity.WASTE),
        text=words,
    )


def cny_per_unit(currency: str, year: int, rates: Rates) -> float | None:
    if currency == "CNY":
        return 1.0
    yuan = rates.get(("CNY", year))
    units = 1.0 if currency == "USD" else rates.get((currency, year))
    return None if yuan is None or units is None else yuan / units


def _latest_rate(currency: str, latest_year: int, rates: Rates) -> int | None:
    years = {year for _currency, year in rates if year <= latest_year}
    known = [year for year in years if cny_per_unit(currency, year, rates) is not None]
    return max(known) if known else None
