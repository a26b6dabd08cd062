"""Kinds of example about targets and financed emissions."""

from __future__ import annotations

import re

from scoring.engine.accounting import ledger as accounting
from scoring.engine.finance.financed import financed_listed_t
from scoring.engine.pathways.paths import aca_allowed_t, sda_intensity
from scoring.proofs.examples.given import ExampleError, Given, Results


def target(given: Given) -> Results:
    """Absolute contraction."""
    years = given.number("year") - given.number("base_year")
    return {"allowed": aca_allowed_t(given.number("base"), years, given.number("rate"))}


def target_sda(given: Given) -> Results:
    """Sectoral convergence; years stand in the names of the intensities: SI_base_2018, SI_2030, SI_2050."""
    given.labels("sector")
    years = sorted(name.removeprefix("SI_") for name in given.names if re.fullmatch(r"SI_[0-9]{4}", name))
    bases = [name for name in given.names if name.startswith("SI_base")]
    if len(years) != 2 or len(bases) != 1:
        raise ExampleError("one SI_base, the year's SI_ and the end's SI_ are needed")
    year, end = years
    own = given.number("CI_base")
    sector = (given.number(bases[0]), given.number(f"SI_{year}"), given.number(f"SI_{end}"))
    reached = sda_intensity(own, *sector, given.number("market_share_parameter", 1.0))
    return {f"CI_{year}": reached, "reduction_pct": -accounting.change_percent(own, reached)}


def pcaf(given: Given) -> Results:
    """A listed company."""
    amounts = (given.number("outstanding"), given.number("evic"), given.number("emissions_t"))
    return {"financed_t": financed_listed_t(*amounts)}
