"""EU climate benchmarks: is a portfolio what a Paris-aligned (PAB) or climate-transition (CTB) benchmark must be.

Source: Delegated Regulation (EU) 2020/1818, Articles 7 (decarbonisation), 9 and 11 (the universe), 12 (exclusions).
Intensities are tCO2e per million of enterprise value including cash (EVIC), as `carbon_footprint` of financed.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scoring.engine.errors import NegativeAmount, OutOfRange, UnknownWord, WrongShape

# Article 12(1)(a) to (g). Whether a company falls under one is decided outside, from revenue shares and findings.
EXCLUSIONS = (
    "controversial_weapons",
    "tobacco",
    "ungc_oecd_violation",
    "coal_revenue",
    "oil_revenue",
    "gas_revenue",
    "high_carbon_power_revenue",
)
VERDICTS = ("pass", "fail", "not_decidable")
VERDICT_CHOICES = [(word, word) for word in VERDICTS]


@dataclass(frozen=True)
class EuBenchmarkRules:
    """Shares, by the Articles named above."""

    pab_reduction: float = 0.50
    ctb_reduction: float = 0.30
    decarbonisation_per_year: float = 0.07


@dataclass(frozen=True)
class EuBenchmarkTest:
    """None: not available, since something it needs is missing."""

    inflation_factor: float | None
    adjusted_intensity: float | None
    trajectory_limit: float
    trajectory_ok: bool | None
    reduction: float | None  # share below the universe
    pab_baseline_ok: bool | None
    ctb_baseline_ok: bool | None


def trajectory_limit(base_intensity: float, years: int, rules: EuBenchmarkRules) -> float:
    """I0 · (1 − 7 %)ⁿ. Raises NegativeAmount."""
    if base_intensity < 0 or years < 0:
        raise NegativeAmount("intensity and years must not be negative", value=(base_intensity, years))
    return float(base_intensity * (1.0 - rules.decarbonisation_per_year) ** years)


def evic_inflation(average_then: float | None, average_now: float | None) -> float | None:
    """Average EVIC of the constituents now over then; None where one is missing. Raises OutOfRange below or at zero."""
    if average_then is None or average_now is None:
        return None
    if average_then <= 0 or average_now <= 0:
        raise OutOfRange("an average EVIC must be above zero", value=(average_then, average_now))
    return average_now / average_then


def deflated_evic(evic: float, inflation: float) -> float:
    """What a company would be worth at the values of the base year: EVIC / inflation. Raises OutOfRange."""
    if evic <= 0 or inflation <= 0:
        raise OutOfRange("an EVIC and its inflation must be above zero", value=(evic, inflation))
    return evic / inflation


def benchmark_test(
    base_intensity: float,
    current_intensity: float | None,
    years_since_base: int,
    universe_intensity: float | None,
    average_evic_then: float | None,
    average_evic_now: float | None,
    rules: EuBenchmarkRules | None = None,
) -> EuBenchmarkTest:
    """The tests of a portfolio `years_since_base` years after its base year.

    A higher EVIC lowers an intensity without a tonne less, so the current intensity is multiplied by its inflation.
    The universe is compared with the base year's intensity. Verdicts are read from values rounded to 1e-9.
    """
    rules = rules or EuBenchmarkRules()
    limit = trajectory_limit(base_intensity, years_since_base, rules)
    inflation = evic_inflation(average_evic_then, average_evic_now)
    adjusted = None if current_intensity is None or inflation is None else current_intensity * inflation
    reduction = None if not universe_intensity else 1.0 - base_intensity / universe_intensity
    return EuBenchmarkTest(
        inflation_factor=inflation,
        adjusted_intensity=adjusted,
        trajectory_limit=limit,
        trajectory_ok=None if adjusted is None else round(adjusted - limit, 9) <= 0,
        reduction=reduction,
        pab_baseline_ok=None if reduction is None else round(reduction - rules.pab_reduction, 9) >= 0,
        ctb_baseline_ok=None if reduction is None else round(reduction - rules.ctb_reduction, 9) >= 0,
    )


@dataclass(frozen=True)
class ExclusionTest:
    """Article 12 on what is held. Rows are those of the holdings."""

    verdict: str  # in VERDICTS
    excluded: tuple[tuple[int, str], ...]  # row and exclusion
    unknown: tuple[tuple[int, str], ...]


def exclusion_test(held: Sequence[bool], flags: Mapping[str, Sequence[bool | None]]) -> ExclusionTest:
    """Fail if something held is excluded, else not decidable if a flag of something held is unknown (None or absent).

    Raises UnknownWord for another exclusion, WrongShape for a column of another length.
    """
    for code, column in flags.items():
        if code not in EXCLUSIONS:
            raise UnknownWord("no such exclusion", value=code)
        if len(column) != len(held):
            raise WrongShape("one flag for each holding", value=(code, len(column), len(held)))
    nothing: Sequence[bool | None] = [None] * len(held)
    rows = [
        (row, code, flags.get(code, nothing)[row]) for row, there in enumerate(held) if there for code in EXCLUSIONS
    ]
    excluded = tuple((row, code) for row, code, flag in rows if flag)
    unknown = tuple((row, code) for row, code, flag in rows if flag is None)
    verdict = "fail" if excluded else "not_decidable" if unknown else "pass"
    return ExclusionTest(verdict, excluded, unknown)
