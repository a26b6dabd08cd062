"""A local factor in the words of its pages."""

from __future__ import annotations

import math
from functools import cached_property

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portfolio.activities.kinds import kind_name, unit_label
from portfolio.models import LocalFactor
from portfolio.models.local_factor import BuiltIn
from portfolio.places.names import place_name
from portfolio.typed.numbers import grouped

GASES: dict[str, str | Promise] = {
    "CO2": "CO₂",
    "CO2e": _("CO₂e (all gases together)"),
    "CO2_biogenic": _("CO₂, biogenic"),
    "CH4": "CH₄",
    "N2O": "N₂O",
}
DIGITS = 6
UNCOMPARED = math.log(1e6)  # no two factors of the tables are so far apart
PURPOSES: dict[str, str | Promise] = {
    "reporting_default": _("Inventory"),
    "inventory_average": _("Electricity, location-based average"),
    "residual_excl_market_traded_non_fossil": _("Electricity, market-based residual mix"),
}


def far_apart(built_in: BuiltIn) -> str:
    """How far a local factor lies from the built-in one, whichever way."""
    if not built_in.ratio:
        return "∞"
    return grouped(max(built_in.ratio, 1 / built_in.ratio), 3)


def beside(value: float, built_in: BuiltIn) -> str:
    """Both numbers and their ratio in one sentence."""
    words = gettext("%(value)s here, %(built_in)s built in (%(id)s): %(times)s times apart.")
    numbers = {"value": grouped(value), "built_in": grouped(built_in.value, DIGITS), "id": built_in.factor_id}
    return words % (numbers | {"times": far_apart(built_in)})


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

    @property
    def is_waiting(self) -> bool:
        return self.factor.state == LocalFactor.State.SUBMITTED

    @cached_property
    def built_in(self) -> BuiltIn | None:
        return self.factor.built_in()

    @property
    def built_in_value(self) -> str:
        return grouped(self.built_in.value, DIGITS) if self.built_in else ""

    @property
    def built_in_bounds(self) -> str:
        found = self.built_in
        if found is None or found.lower95 is None or found.upper95 is None:
            return ""
        return f"{grouped(found.lower95, DIGITS)} – {grouped(found.upper95, DIGITS)}"

    @property
    def risk(self) -> float:
        """How far from what holds without it, whichever way, as a logarithm; beyond all where somebody has to say why,
        and before the ordinary ones where there is nothing to compare with. It orders the desk, and decides nothing."""
        if self.built_in is None:
            return UNCOMPARED
        apart = abs(math.log(self.built_in.ratio)) if self.built_in.ratio else math.inf
        return apart + (UNCOMPARED if self.built_in.is_far else 0.0)

    @property
    def times(self) -> str:
        return far_apart(self.built_in) if self.built_in else ""
