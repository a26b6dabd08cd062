"""Money on the pages of the fund, in the reader's own units."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template

from portfolio.templatetags.figures import MISSING, significant
from scoring.candidates import amounts

if TYPE_CHECKING:
    from fund.holdings.money import MoneyUnit

register = template.Library()


@register.filter
def money(cny: float | None) -> str:
    """1929000000 → 19.3亿元, or 1.93 bn CNY."""
    return MISSING if cny is None else amounts.money(cny)


@register.filter
def money_in(cny: float | None, unit: MoneyUnit) -> str:
    """In the unit of its column, which the head names: 0.0452."""
    return significant(unit.of(cny))
