"""What the numbers of a bar sheet can be."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _


class Possible(NamedTuple):
    """What a number of a sheet can be."""

    least: float
    most: float
    words: Any
    is_open: bool = False  # `least` itself is not possible

    def holds(self, value: float) -> bool:
        return value <= self.most and (value > self.least if self.is_open else value >= self.least)


SHARE = Possible(0, 1, _("A share is between 0 and 1."))
PART = Possible(0, 1, _("More than 0 and at most 1, please."), is_open=True)
POSITIVE = Possible(0, math.inf, _("More than 0, please."), is_open=True)
NOT_BELOW_ZERO = Possible(0, math.inf, _("0 or more, please."))
OF_JUDGEMENTS = {
    "bar_share": PART,
    **dict.fromkeys(("pass_through", "theme_share", "realisation_share", "verify_below"), SHARE),
    **dict.fromkeys(("on_the_line_from", "on_the_line_to", "distinguishable"), SHARE),
    **dict.fromkeys(("footprint_multiple", "least_reporters", "most_months"), POSITIVE),
    **dict.fromkeys(("sigma_min_contribution", "sigma_min_resilience", "sigma_min_footprint"), POSITIVE),
    "resilience_sigma": POSITIVE,
    **dict.fromkeys(("lower_price_cny_per_t", "carbon_price_cny_per_t", "higher_price_cny_per_t"), NOT_BELOW_ZERO),
    **dict.fromkeys(("free_allocation_t", "footprint_age"), NOT_BELOW_ZERO),
    **dict.fromkeys(("least_runway_months", "venture_theme_revenue_cny"), NOT_BELOW_ZERO),
}
OF_FAMILIES = {
    **dict.fromkeys(("service_per_unit_year", "life_years", "bar_value", "bar_n", "bar_median"), POSITIVE),
    "use_share": PART,
    "bar_sd_ln": NOT_BELOW_ZERO,
}
OF_PATHS = {"t_per_mwh": NOT_BELOW_ZERO}


def impossible(row: models.Model, possible: dict[str, Possible]) -> dict[str, Any]:
    """By column; what is empty is not judged."""
    values = {name: getattr(row, name) for name in possible}
    return {
        name: value_range.words
        for name, value_range in possible.items()
        if values[name] is not None and not value_range.holds(values[name])
    }
