"""Money in the size a reader thinks in: 亿元 and 万元, or billions and millions; and what made it yuan."""

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

    size: float  # in the main unit of its currency
    word: str

    def of(self, amount: float | None) -> float | None:
        return None if amount is None else amount / self.size


def money_unit(amounts: Iterable[float | None], currency: str = "CNY") -> MoneyUnit:
    """By the largest of some amounts in one currency: 亿元, 万 USD; bn CNY, million USD."""
    largest = max((abs(amount) for amount in amounts if amount is not None), default=0.0)
    sizes = [(YI, "亿"), (WAN, "万")] if reads_chinese() else [(BILLION, "bn "), (MILLION, "million ")]
    size, word = next((one for one in sizes if largest >= one[0]), (1.0, ""))
    if not reads_chinese():
        return MoneyUnit(size, f"{word}{currency}")
    return MoneyUnit(size, f"{word}元" if currency == "CNY" else f"{word} {currency}")


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
