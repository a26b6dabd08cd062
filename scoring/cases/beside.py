"""What a total stands beside: peers at the company's revenue, and what the model says of companies like it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from portfolio.models import Disclosure, Quantity
from portfolio.models.disclosure import SCOPE_2
from portfolio.templatetags.figures import significant
from scoring.models import LatestScore
from scoring.plausibility import range as reference_range

OF_TOTAL = frozenset({Quantity.SCOPE_1, *SCOPE_2, Quantity.SCOPE_1_2_TOTAL})
FEWEST_PEERS = 8  # below that a tenth and nine tenths say nothing
CNY_OF_INTENSITY = 10_000  # an intensity is per so many yuan


@dataclass(frozen=True)
class Band:
    """Tonnes of scopes 1 and 2 as text. `of`: how many peers; None for the model."""

    low: str
    high: str
    of: int | None = None


@dataclass(frozen=True)
class Beside:
    total_t: float | None
    peers: Band | None
    model: Band | None


def beside(disclosure: Disclosure) -> Beside:
    """Of scopes 1 and 2 together."""
    values = disclosure.values()
    fitted = reference_range.range_of(disclosure.company, disclosure.year, values)
    model = Band(significant(fitted.p01_t, 2), significant(fitted.p99_t, 2)) if fitted else None
    revenue_cny = reference_range.revenue_cny(disclosure.company, disclosure.year, values)
    return Beside(disclosure.total_t(), _peers(disclosure, revenue_cny) if revenue_cny else None, model)


def _peers(disclosure: Disclosure, revenue_cny: float) -> Band | None:
    """From a tenth to nine tenths of the sector's measured intensities, at this company's revenue."""
    of_sector = LatestScore.objects.filter(company__sector=disclosure.company.sector, intensity__gt=0)
    others = of_sector.exclude(company=disclosure.company_id).exclude(company__is_illustrative=True)
    found = list(others.values_list("intensity", flat=True))
    if len(found) < FEWEST_PEERS:
        return None
    low, high = np.percentile(np.array(found), [10, 90]) * (revenue_cny / CNY_OF_INTENSITY)
    return Band(significant(float(low), 2), significant(float(high), 2), len(found))
