"""What the figures of a holding stand on: each input as given, where it is from, and what a question is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from fund.models import Position, PriceInputs, ProjectFigures, Question
from portfolio.models import AppliedExchangeRate, Disclosure, Financials

Origin = Position | PriceInputs | ProjectFigures | Financials | Disclosure | None
# What the data of a company raise, and not what was typed for the fund.
ABOUT_YEARS = (Question.LAG, Question.REVENUE_STEP)


@dataclass(frozen=True, slots=True)
class Input:
    """One figure that a metric stands on, as given, with its exchange rate and where it is from."""

    given: float | None
    currency: str = ""  # "": no money
    exchange_rate: AppliedExchangeRate | None = None
    origin: Origin = None
    parts: tuple[tuple[str, float], ...] = ()  # what it was added up from

    @property
    def value(self) -> float | None:
        """In yuan where it is money; None where it or its exchange rate is missing."""
        if self.given is None or not self.currency:
            return self.given
        return None if self.exchange_rate is None else self.given * self.exchange_rate.cny_per_unit


MISSING = Input(None)
OF_COMPANY = (  # the inputs of a holding that are its company's
    *("evic", "total_equity", "total_debt", "total_investment", "revenue", "shares_total"),
    *("s1_t", "s2_t", "s3_t", "avoided_t", "removed_t", "data_quality", "data_quality_s3"),
)
# Those that its share of the company stands on, and the revenue that shows by its size whether they can be right.
OF_SHARE = ("outstanding", "shares_held", "evic", "total_equity", "total_debt", "shares_total", "revenue")
# A question about the years between tonnes and value stands on the tonnes, too.
OF_YEARS = (*OF_SHARE, "s1_t", "s2_t", "s3_t")
Inputs = tuple[dict[str, Input], Disclosure | None, tuple[str, ...]]  # the disclosure whose tonnes they are, and flags


class Grown(NamedTuple):
    """How many times the revenue of the year of the tonnes it became since; of a year that a source may not say."""

    fold: float
    then: int
    now: int | None


def basis_of(inputs: Mapping[str, Input], names: Sequence[str]) -> str:
    origins = {inputs[name].origin for name in names if name in inputs} - {None}
    return " ".join(sorted(f"{origin._meta.model_name}:{origin.pk}" for origin in origins if origin is not None))


def year_of(origin: Origin) -> int | None:
    if isinstance(origin, PriceInputs):
        return origin.as_of.year
    return origin.year if isinstance(origin, Financials) else None
