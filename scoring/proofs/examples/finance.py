"""Kinds of example about targets and financed emissions."""

from __future__ import annotations

import re

from scoring.engine.accounting import ledger as accounting
from scoring.engine.accounting.formulas import scope_2_market_t
from scoring.engine.finance.eu_benchmarks import deflated_evic, evic_inflation
from scoring.engine.finance.financed import HoldingRecord, Holdings, Portfolio, financed_listed_t
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


def pcaf_private(given: Given) -> Results:
    """A loan to a private company; beside it what a negative equity would do if it were not counted as 0."""
    loan = _loan(given)
    pcaf = Portfolio(loan)
    divided_by = float(loan["total_equity"][0] + loan["total_debt"][0])
    return {
        "attribution": float(pcaf.attribution.factor[0]),
        "financed_t": pcaf.financed("s1").value,
        "wrong_with_negative": float(loan["outstanding"][0] / divided_by * loan["s1_t"][0]) if divided_by else None,
    }


def pcaf_pboc(given: Given) -> Results:
    """The same loan by PCAF and by the People's Bank."""
    loan = _loan(given, revenue=given.number("revenue"))
    return {"pcaf_t": Portfolio(loan).financed("s1").value, "pboc_t": Portfolio(loan, "pboc").financed("s1").value}


def _loan(given: Given, revenue: float | None = None) -> Holdings:
    record = HoldingRecord(
        holding_key="loan",
        company_key="company",
        asset_class="business_loan",
        issuer_listed=False,
        outstanding=given.number("outstanding"),
        total_equity=given.number("total_equity"),
        total_debt=given.number("total_debt"),
        revenue=revenue,
        s1_t=given.number("emissions_t"),
    )
    holdings, refused = Holdings.from_records([record])
    if refused:
        raise ExampleError(f"{refused[0].message}: {refused[0].value!r}")
    return holdings


def evic_inflated(given: Given) -> Results:
    """EVIC at the values of the base year: a market that rose is no decarbonisation."""
    now, then = given.number("avg_evic_now"), given.number("avg_evic_then")
    factor = evic_inflation(then, now)
    if factor is None:
        raise ExampleError("both averages are needed")
    investment, evic, emissions_t = (given.number(name) for name in ("investment", "evic", "emissions_t"))
    adjusted = deflated_evic(evic, factor)
    return {
        "factor": factor,
        "adjusted_evic": adjusted,
        "financed_t": financed_listed_t(investment, adjusted, emissions_t),
        "unadjusted_t": financed_listed_t(investment, evic, emissions_t),
    }


def scope2_dual(given: Given) -> Results:
    """Location-based and market-based scope 2 of one company."""
    return {"market_t": scope_2_market_t(given.number("location_t"), given.number("contracts_t"))}
