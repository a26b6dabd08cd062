"""What a quantity of the long form means to us: data/quantity_dictionary.csv. Judgement, in a file to argue with."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import get_language

from portfolio import DATA
from portfolio.typed.tables import whole_table

# figure: of a disclosure; note: words beside that figure; financials: a column of the year's accounts; theme_revenue:
# over revenue it is a share; solution: what was sold or made; target: what the company says it will do.
PLACES = ("figure", "note", "financials", "theme_revenue", "solution", "target", "not_used")


@dataclass(frozen=True)
class Meaning:
    """Where a quantity in a unit goes. `word`: standing of a subsidy, unit of a family, kind of a statement."""

    quantity: str
    unit: str  # a pattern of the whole unit; "": any
    boundary: str  # words that the boundary has; "": any
    goes_to: str
    field: str
    factor: float
    word: str
    reason_zh: str
    reason_en: str

    @property
    def reason(self) -> str:
        """In the reader's language."""
        return self.reason_en if (get_language() or "").startswith("en") else self.reason_zh

    def fits(self, unit: str, boundary: str) -> bool:
        return self.boundary in boundary and (not self.unit or re.fullmatch(self.unit, unit) is not None)


@lru_cache(maxsize=1)
def dictionary() -> dict[str, tuple[Meaning, ...]]:
    """By quantity, in the order in which they are tried."""
    found: dict[str, list[Meaning]] = defaultdict(list)
    for row in whole_table(DATA / "quantity_dictionary.csv").rows:
        cells = row.cells
        if cells["goes_to"] not in PLACES:
            raise ValueError(f"quantity_dictionary.csv:{row.line}: {cells['goes_to']}")
        told = {name: cell for name, cell in cells.items() if name != "factor"}
        found[cells["quantity"]].append(Meaning(**told, factor=float(cells["factor"] or 1)))
    return {quantity: tuple(meanings) for quantity, meanings in found.items()}


def meaning_of(quantity: str, unit: str, boundary: str) -> Meaning | None:
    """The first row that fits; None: nobody has said what this is."""
    return next((one for one in dictionary().get(quantity, ()) if one.fits(unit, boundary)), None)
