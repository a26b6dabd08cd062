"""How figures are written: grouped digits, a true minus, and a dash for what is missing, in both languages."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from django import template
from django.utils.safestring import SafeString

from portfolio.typed.unit_words import unit_word
from portfolio.universe.flags import each_in_words, in_words

register = template.Library()

MISSING = SafeString("—")  # digits, signs and dashes: there is nothing to escape
LESS_THAN_ONE = SafeString("&lt; 1.0")
MINUS = "\N{MINUS SIGN}"
LONGEST = 20  # digits before the point that are printed as they are; Decimal holds 28 in all
LARGE = 1e15  # up to here a float's neighbours are closer than one half


@lru_cache(maxsize=1000)
def _step(places: int) -> Decimal:
    return Decimal(1).scaleb(-places)


def _decimal(value: Any) -> Decimal | None:
    if value is None or value == "" or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _written(number: Decimal, places: int, *, plus: bool = False) -> SafeString:
    if number.adjusted() > LONGEST:  # nothing is as large, and no page may break on it
        return SafeString(f"{number:.2e}".replace("-", MINUS))
    rounded = number.quantize(_step(places), rounding=ROUND_HALF_UP)
    sign = MINUS if rounded < 0 else "+" if plus and rounded > 0 else ""
    return SafeString(f"{sign}{abs(rounded):,f}")


@register.filter
def figure(value: Any, places: int = 0) -> SafeString:
    """1234.56|figure:1 → 1,234.6; what is missing → —"""
    if not places and type(value) is float and 0 <= value < LARGE and value % 1 != 0.5:
        return SafeString(f"{value:,.0f}")  # the same, several times as fast: pages are full of whole numbers
    number = _decimal(value)
    return MISSING if number is None else _written(number, int(places))


@register.filter
def signed(value: Any, places: int = 1) -> SafeString:
    """A change: +12.4, −4.2, 0.0."""
    number = _decimal(value)
    return MISSING if number is None else _written(number, int(places), plus=True)


@register.filter
def degrees(value: Any, places: int = 2) -> SafeString:
    """A temperature: 1.88. Below 1.0 only the oldest method has any, and they mean nothing to the second decimal."""
    number = _decimal(value)
    return LESS_THAN_ONE if number is not None and number < 1 else figure(value, places)


@register.filter
def significant(value: Any, digits: int = 3) -> SafeString:
    """An estimate, to so many significant digits: 1234567|significant:3 → 1,230,000."""
    number = _decimal(value)
    if number is None:
        return MISSING
    if number == 0:
        return SafeString("0")
    # Rounding may carry into one more digit (0.9996 → 1.00), so the exponent is taken after it.
    rounded = number.quantize(_step(int(digits) - 1 - number.adjusted()), rounding=ROUND_HALF_UP)
    return _written(rounded, max(0, int(digits) - 1 - rounded.adjusted()))


@register.filter
def percent(value: Any, places: int = 0) -> SafeString:
    """A share as a percentage: 0.4|percent → 40%."""
    number = _decimal(value)
    return MISSING if number is None else SafeString(_written(number * 100, int(places)) + "%")


@register.filter
def unit(code: str) -> str:
    """{{ "CNY"|unit }}: 元 in Chinese."""
    return unit_word(code)


@register.filter
def flag(value: str) -> str:
    """A stored flag or note; our own sentences read in the reader's language."""
    return in_words(value or "")


@register.filter
def each_flag(value: str) -> list[str]:
    """The same, one by one."""
    return each_in_words(value or "")
