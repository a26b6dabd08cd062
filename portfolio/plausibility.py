"""What makes a reader look twice at a disclosure. Questions to a person: they never block."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from portfolio.models.disclosure import SCOPE_2, Quantity
from portfolio.numbers import grouped

JUMP = 10  # times last year's figure, or a tenth of it; a unit slip is 1,000
SUM_TOLERANCE = 0.01

Q = Quantity
SCOPE_3 = tuple(quantity for quantity in Q if quantity.value.startswith("scope3_") and quantity != Q.SCOPE_3_TOTAL)
NEVER_NOTHING = (Q.SCOPE_1, *SCOPE_2, Q.SCOPE_1_2_TOTAL)

Values = Mapping[str, float | None]


@dataclass(frozen=True)
class Doubt:
    """A question about one figure."""

    quantity: Quantity
    words: str


def doubts(values: Values, last_year: Values) -> list[Doubt]:
    """All questions about these figures, in the order of the form."""
    found: list[Doubt] = []
    for quantity in Quantity:
        value, before = values.get(quantity), last_year.get(quantity)
        if value is None:
            continue
        if value == 0 and quantity in NEVER_NOTHING:
            found.append(Doubt(quantity, _("Zero emissions: is it truly none? Leave it empty if it is not known.")))
        elif value and before and (words := _jump(value, before)):
            found.append(Doubt(quantity, words))
    return found + _sums(values)


def change_percent(value: float | None, before: float | None) -> float | None:
    """Change against last year in percent; None where either is missing or last year's is zero."""
    if value is None or not before:
        return None
    percent = 100 * (value / before - 1)
    return percent if math.isfinite(percent) else None


def _jump(value: float, before: float) -> str:
    if value >= JUMP * before:
        return _("About %(times)s times last year's figure: is the unit right?") % {"times": _rounded(value / before)}
    if before >= JUMP * value:
        words = _("Last year's figure was about %(times)s times this one: is the unit right?")
        return words % {"times": _rounded(before / value)}
    return ""


def _rounded(ratio: float) -> str:
    return grouped(float(f"{ratio:.2g}")) if math.isfinite(ratio) else "∞"


def _sums(values: Values) -> list[Doubt]:
    found: list[Doubt] = []
    scope_1, total = values.get(Q.SCOPE_1), values.get(Q.SCOPE_1_2_TOTAL)
    sums = [scope_1 + scope_2 for q in SCOPE_2 if scope_1 is not None and (scope_2 := values.get(q)) is not None]
    if total is not None and sums and not any(_near(total, parts) for parts in sums):
        words = _("The total %(total)s is not scope 1 plus scope 2 (%(sum)s).")
        found.append(Doubt(Q.SCOPE_1_2_TOTAL, words % {"total": grouped(total), "sum": grouped(_tidy(sums[0]))}))
    total = values.get(Q.SCOPE_3_TOTAL)
    parts = sum(value for q in SCOPE_3 if (value := values.get(q)) is not None)
    if total is not None and parts > total * (1 + SUM_TOLERANCE):
        words = _("The scope 3 categories add up to %(sum)s, more than the total %(total)s.")
        found.append(Doubt(Q.SCOPE_3_TOTAL, words % {"total": grouped(total), "sum": grouped(_tidy(parts))}))
    return found


def _near(total: float, parts: float) -> bool:
    return abs(total - parts) <= SUM_TOLERANCE * max(total, parts)


def _tidy(value: float) -> float:
    """A sum without the dust of binary fractions."""
    return float(f"{value:.12g}")
