"""A local factor in the words of its pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portfolio.activities.kinds import kind_name, unit_label
from portfolio.local_factors.forms import GASES, PURPOSES
from portfolio.models import LocalFactor
from portfolio.places.names import place_name
from portfolio.typed.numbers import grouped

if TYPE_CHECKING:
    pass


class InWords:
    """A factor with its codes said in the reader's language."""

    def __init__(self, factor: LocalFactor) -> None:
        self.factor = factor
        self.kind = kind_name(factor.kind)
        self.place = place_name(factor.region)
        self.gas = GASES.get(factor.gas, factor.gas)
        self.purpose = PURPOSES.get(factor.purpose, factor.purpose)
        self.value = grouped(factor.value)
        self.unit = f"kg/{unit_label(factor.unit)}"
        bounds = (factor.lower95, factor.upper95)
        self.bounds = "" if bounds[0] is None or bounds[1] is None else f"{grouped(bounds[0])} – {grouped(bounds[1])}"
