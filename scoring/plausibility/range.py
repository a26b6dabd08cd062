"""What a company like this emits, as far as the training table that ships can say: a range for plausibility alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np

from portfolio.models import Company, ExchangeRate, Financials, Quantity
from portfolio.models.disclosure import Values
from scoring.engine.estimator.conformal import LEVELS, Spread
from scoring.engine.estimator.contenders import Model, make, out_of_fold, target
from scoring.engine.estimator.estimator import Guard
from scoring.engine.estimator.features import FirmYears
from scoring.estimators.shipped_table import SHIPPED
from scoring.estimators.training_tables import read_training_table

# Least squares: on this table as good as the others to 0.04 in log10, and fitted in a blink, so a page can ask for it.
MODEL, SEED = "ols", 0
NUMBERS = {
    Quantity.ELECTRICITY: "electricity_kwh",
    Quantity.ENERGY: "energy_mj",
    Quantity.COAL: "coal_t",
}


class Range(NamedTuple):
    """Tonnes of scope 1 + 2: 98 in 100 companies like this lie between p01 and p99."""

    p01_t: float
    median_t: float
    p99_t: float


@dataclass(frozen=True, eq=False)
class _Fitted:
    model: Model
    guard: Guard
    spread: Spread
    digest: str


def model_name() -> str:
    """Which model answers: the kind, the table and the start of its digest."""
    return f"{MODEL} {SHIPPED.stem} {_fitted().digest[:12]}"


def range_of(company: Company, year: int, values: Values) -> Range | None:
    """None where the model knows nothing of the size, or has not seen companies like this."""
    numbers = {name: value for quantity, name in NUMBERS.items() if (value := values.get(quantity))}
    if revenue := revenue_cny(company, year, values):
        numbers["revenue_money"] = revenue
    if not numbers:
        return None
    fitted, batch = _fitted(), _one(company, year, numbers)
    if fitted.guard(batch)[0]:
        return None
    log10_t = fitted.spread.around(fitted.model.predict(batch), batch.sector, np.zeros(1, dtype=np.bool_))
    return Range(*(float(10.0 ** log10_t[LEVELS.index(level), 0]) for level in (0.01, 0.5, 0.99)))


@cache
def _fitted() -> _Fitted:
    """Once a process, in about a tenth of a second; the range comes from residuals out of fold, by company."""
    batch = read_training_table(SHIPPED).batch
    guard = Guard().fit(batch)
    outside = np.array([bool(words) for words in guard(batch)])
    residual = target(batch) - out_of_fold(MODEL, batch, SEED)
    spread = Spread.of(residual, batch.company_key, batch.sector, outside)
    return _Fitted(make(MODEL).fit(batch, SEED), guard, spread, batch.digest())


def _one(company: Company, year: int, numbers: Mapping[str, float]) -> FirmYears:
    columns = {name: np.array([numbers.get(name, np.nan)]) for name in (*NUMBERS.values(), "revenue_money")}
    return FirmYears((company.company_key,), np.array([year]), (company.sector,), ("",), columns)


def revenue_cny(company: Company, year: int, values: Values) -> float | None:
    """As disclosed with the emissions, else of the company's accounts at the year's mean rate."""
    if disclosed := values.get(Quantity.REVENUE):
        return disclosed
    earned = Financials.objects.counting().filter(company=company, year=year, revenue__gt=0).order_by("pk").last()
    if earned is None or earned.revenue is None:
        return None
    applied = ExchangeRate.objects.filter(currency__in=("CNY", earned.currency)).means().of_year(earned.currency, year)
    return None if applied is None else earned.revenue * applied.cny_per_unit
