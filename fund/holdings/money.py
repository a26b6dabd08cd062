"""Money in the size a reader thinks in: 亿元 and 万元, or billions and millions of yuan; and what made it yuan."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portfolio.models import AppliedExchangeRate
from scoring.reading import reads_chinese

WAN, MILLION, YI, BILLION = 1e4, 1e6, 1e8, 1e9


class MoneyUnit(NamedTuple):
    """One for a whole column, so that its amounts can be compared at a glance."""

    cny: float
    word: str

    def of(self, cny: float | None) -> float | None:
        return None if cny is None else cny / self.cny


def money_unit(amounts: Iterable[float | None]) -> MoneyUnit:
    """By the largest of some amounts in yuan."""
    largest = max((abs(amount) for amount in amounts if amount is not None), default=0.0)
    if reads_chinese():
        return MoneyUnit(YI, "亿元") if largest >= YI else MoneyUnit(WAN, "万元")
    return MoneyUnit(BILLION, "bn CNY") if largest >= BILLION else MoneyUnit(MILLION, "million CNY")


def exchange_rate_words(applied: AppliedExchangeRate) -> str:
    """Which exchange rate it is; "" for yuan."""
    if applied.of is None:
        return ""
    if isinstance(applied.of, int):
        years = applied.lag_years
        words = (
            ngettext("mean of %(year)s, %(n)s year earlier", "mean of %(year)s, %(n)s years earlier", years)
            if years
            else _("mean of %(year)s")
        )
        return words % {"year": applied.of, "n": years}
    days = applied.lag_days
    words = (
        ngettext("closing of %(day)s, %(n)s day earlier", "closing of %(day)s, %(n)s days earlier", days)
        if days
        else _("closing of %(day)s")
    )
    return words % {"day": applied.of.isoformat(), "n": days}
