"""Kinds of example about what a verifier measures."""

from __future__ import annotations

from portfolio.materiality import materiality as measured
from scoring.engine.accounting.ledger import ndrc_fuel_co2_t
from scoring.proofs.examples.given import ExampleError, Given, Results, field_of


def materiality(given: Given) -> Results:
    """Percentages of the reported tonnes, and which of them are above the threshold."""
    reported = given.number("reported_t")
    found = measured(reported, given.numbers("findings_t"))
    if found is None:
        raise ExampleError(f"reported_t: nothing is measured against {reported:g}")
    return {
        "threshold_pct": 100 * found.threshold_share,
        "net_pct": 100 * found.net_t / reported,
        "absolute_pct": 100 * found.absolute_t / reported,
        "largest_single_pct": 100 * found.largest_t / reported,
        "material_net": found.is_net,
        "material_absolute": found.is_absolute,
        "material_single": found.is_single,
    }


def conservative(given: Given) -> Results:
    """Coal as it was measured, and with the default values that stand in for what was not."""
    coal = given.number("coal_t")
    return {
        name: _coal_t(coal, Given(field_of({"of": given.value(of)}, "of", dict), None))
        for name, of in (("measured_t", "measured"), ("substituted_t", "default"))
    }


def _coal_t(coal: float, given: Given) -> float:
    found = ndrc_fuel_co2_t(coal, given.number("ncv"), given.number("cc"), given.number("of"))
    given.refuse_what_was_not_used("conservative")
    return float(found)
