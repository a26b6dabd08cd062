"""How much there can be of anything: data/bounds.csv, with source and reason of each quantity, asked at every door.

Above `implausible` a figure is kept and flagged; above `impossible` it is refused, with a sentence that names the
bound and why. Money is bounded in US dollars, in another currency at the exchange rate that the caller knows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.deconstruct import deconstructible
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from portfolio import DATA
from portfolio.typed.numbers import grouped
from portfolio.typed.tables import Row, whole_table
from portfolio.typed.unit_words import unit_word

# The engine takes nothing beyond these (scoring/engine/columns.py): floats can still multiply and divide them.
SMALLEST, LARGEST = 1e-9, 1e18


@dataclass(frozen=True, slots=True)
class Bound:
    """Of one quantity, in its unit."""

    quantity: str
    unit: str
    implausible: float
    impossible: float
    reason_zh: str
    reason_en: str
    source: str

    @property
    def reason(self) -> str:
        return self.reason_en if (get_language() or "").startswith("en") else self.reason_zh


@lru_cache(maxsize=1)
def bounds() -> Mapping[str, Bound]:
    """All of them by quantity."""
    found: dict[str, Bound] = {}
    for row in whole_table(DATA / "bounds.csv").rows:
        cells = row.cells
        for quantity in cells["quantities"].split("|"):
            if quantity in found:
                raise ValueError(f"bounds.csv: {quantity} twice")
            found[quantity] = Bound(
                quantity,
                cells["unit"],
                float(cells["implausible"]),
                float(cells["impossible"]),
                cells["reason_zh"],
                cells["reason_en"],
                cells["source"],
            )
    return MappingProxyType(found)


def is_implausible(quantity: str, value: float, *, per_usd: float | None = 1.0) -> bool:
    """Whether a figure that may be kept needs a second look. `per_usd` None: money of unknown worth, which is not."""
    return per_usd is not None and abs(value) > bounds()[quantity].implausible * per_usd


def refusal(quantity: str, value: float, *, per_usd: float | None = 1.0) -> str:
    """Why this cannot be, in the reader's language; "" where it can. Raises KeyError for a quantity without bound.

    `per_usd`: units of the value's currency to one US dollar, None where nobody knows; of no matter but for money.
    """
    if not math.isfinite(value):
        return _("a number that is finite")
    if 0 < abs(value) < SMALLEST:
        return _("0, or a number of at least 0.000000001: nothing is measured as finely")
    bound = bounds()[quantity]
    most = LARGEST if per_usd is None else min(bound.impossible * per_usd, LARGEST)
    if abs(value) <= most:
        return ""
    told = f"{grouped(float(f'{most:.6g}'))} {unit_word(bound.unit)}".strip() if per_usd == 1.0 else grouped(most, 3)
    return _("at most %(most)s: %(reason)s") % {"most": told, "reason": bound.reason}


def refused(quantity: str, value: float, *, per_usd: float | None = 1.0) -> str:
    """The same as a sentence by itself, with what was given."""
    expected = refusal(quantity, value, per_usd=per_usd)
    return in_a_sentence(value, expected) if expected else ""


def in_a_sentence(value: float, expected: str) -> str:
    return _("%(found)s cannot be: %(expected)s.") % {"found": f"{value:g}", "expected": expected}


def amount_of(
    row: Row, column: str, quantity: str = "", *, least: float | None = 0, per_usd: float | None = 1.0
) -> float | None:
    """The cell of a table as a number that can be; None, and a fault, for any other. `quantity`: else the column."""
    value = row.number(column, least=least)
    if value is not None and (expected := refusal(quantity or column, value, per_usd=per_usd)):
        row.fault(column, expected)
        return None
    return value


@deconstructible
class Within:
    """A validator of a field of a model or form; money is taken to be in any currency."""

    def __init__(self, quantity: str, *, is_money: bool = False) -> None:
        self.quantity, self.is_money = quantity, is_money

    def __call__(self, value: Any) -> None:
        if words := refused(self.quantity, float(value), per_usd=None if self.is_money else 1.0):
            raise ValidationError(words, code="impossible")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Within) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((self.quantity, self.is_money))
