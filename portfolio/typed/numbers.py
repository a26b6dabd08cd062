"""Numbers as people type them: read tolerantly, echoed plainly, never guessed."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portfolio.errors import PortfolioError

# Full-width forms are their ASCII twins plus an offset. Unicode's NFKC would also do, but reads 10³ as 103.
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_SPACES = dict.fromkeys(map(ord, "\u3000\u00a0\u2009\u202f\t"), " ")
_SIGNS = {ord("−"): "-"}
_PLAIN = _FULL_WIDTH | _SPACES | _SIGNS

_POWERS = {"": 0, "万": 4, "萬": 4, "亿": 8, "億": 8, "万亿": 12, "萬億": 12}
_NUMBER = re.compile(
    r"(?P<sign>[+-]?) ?"
    r"(?P<whole>[1-9][0-9]{0,2}(?:,[0-9]{3})+|[1-9][0-9]{0,2}(?: [0-9]{3})+|[0-9]+|(?=\.))"
    r"(?P<fraction>\.[0-9]+)?"
    r"(?:[eE](?P<exponent>[+-]?[0-9]{1,3})| ?(?P<power>万亿|萬億|[万萬亿億]))?"
)
_SLIPS = (
    str.maketrans("oOlI", "0011"),  # letters for digits
    str.maketrans(",.", ".,"),  # a decimal comma
)
_LONGEST_PLAIN = 1e15  # beyond it a float no longer holds every unit; the echo then shows the exponent


class UnreadableNumber(PortfolioError):
    """`text` is not a number we can be sure of; the message says why, and what it may have meant."""

    def __init__(self, text: str, message: str | Promise) -> None:
        super().__init__(message)
        self.text = text


@dataclass(frozen=True)
class Reading:
    """What was typed came to mean `value`; `text` is how we say it back."""

    value: float
    text: str


def read_number(typed: str, *, negative: bool = False) -> Reading:
    """Read 1,234.5, 1 234.5, full-width １２３, 1.2万, 3亿 or 1e3. Raises UnreadableNumber."""
    value = _value(typed)
    if value is None:
        raise UnreadableNumber(typed, _why_not(typed))
    if not math.isfinite(value):
        raise UnreadableNumber(typed, _("“%(typed)s” is too large.") % {"typed": typed.strip()})
    if value < 0 and not negative:
        raise UnreadableNumber(typed, _("“%(typed)s” is below zero; this cannot be.") % {"typed": typed.strip()})
    return Reading(value, grouped(value))


def grouped(value: float, digits: int | None = None) -> str:
    """Every digit the number has, or so many significant ones, in groups of three: 12345.5 → 12,345.5."""
    value = value if digits is None else float(f"{value:.{digits}g}")
    if abs(value) >= _LONGEST_PLAIN:
        return repr(value)
    return f"{Decimal(repr(value)):,f}".removesuffix(".0")


def change_percent(value: float | None, before: float | None) -> float | None:
    """Change in percent; None where either is missing or the earlier one is zero."""
    if value is None or not before:
        return None
    percent = 100 * (value / before - 1)
    return percent if math.isfinite(percent) else None


def _value(typed: str) -> float | None:
    match = _NUMBER.fullmatch(typed.translate(_PLAIN).strip())
    if match is None:
        return None
    whole = re.sub("[, ]", "", match["whole"]) or "0"
    exponent = int(match["exponent"] or 0) + _POWERS[match["power"] or ""]
    value = float(f"{match['sign']}{whole}{match['fraction'] or ''}e{exponent}")
    if value == 0 and re.search("[1-9]", whole + (match["fraction"] or "")):
        return None  # so small that only zero is left: typed something, read nothing
    return value + 0.0  # -0 is 0


def _why_not(typed: str) -> str | Promise:
    if not typed.strip():
        return _("Please type a number.")
    for slip in _SLIPS:
        meant = _value(typed.translate(_PLAIN).translate(slip))
        if meant is not None and math.isfinite(meant):
            return _("“%(typed)s” is not a number. Is %(meant)s meant?") % {
                "typed": typed.strip(),
                "meant": grouped(meant),
            }
    return _("“%(typed)s” is not a number. Digits only, such as 1,234.5 or 1.2万; the unit is given.") % {
        "typed": typed.strip()
    }
