"""What a methodology version says about gaps: how they are filled, and the frozen table of those who report."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from scoring.engine.errors import WrongMethodology
from scoring.engine.inputs import Floats

STEPS = 21  # quantiles of the table, from the worst decile to the median
RANGES = {  # of the numbers that people decide
    "draws": (2000, 1_000_000),
    "seed": (0, 2**63),
    "dirichlet": (1, 1e6),
    "letter_probability": (0.5, 1),
    "max_imputed_share": (0, 1),
    "mismatch_factor": (1, 100),
    "low_percentile": (1, 49),
    "high_percentile": (2, 50),
}


@dataclass(frozen=True)
class Quantiles:
    """Of n reporting companies: signed log10 values (a staircase's utilities) from the worst decile to the median."""

    values: tuple[float, ...]
    n: int


@dataclass(frozen=True)
class Reporters:
    economy: Quantiles
    sectors: Mapping[str, Quantiles]


@dataclass(frozen=True)
class Assistance:
    """Of one version; frozen with it."""

    draws: int
    seed: int
    dirichlet: float  # how firmly the weights are held
    letter_probability: float
    max_imputed_share: float
    report_u95: Mapping[int, float]  # by rung: a report is right within ± this share, 95 %
    mismatch_log10: float  # p95 of what a boundary that differs from revenue's leaves out
    reporters: Mapping[str, Reporters]  # by indicator

    @classmethod
    def from_json(
        cls, parameters: Mapping[str, Any], calibration: Mapping[str, Any], codes: Sequence[str]
    ) -> "Assistance | None":
        """None where the version has no assisted score. Raises WrongMethodology that names the fault."""
        given = parameters.get("assisted")
        if given is None:
            return None
        numbers = _numbers(given)
        table = calibration.get("reporters")
        if not isinstance(table, dict) or sorted(table) != sorted(codes):
            raise WrongMethodology("reporters must be exactly for the indicators", value=sorted(table or ()))
        return cls(
            int(numbers["draws"]),
            int(numbers["seed"]),
            numbers["dirichlet"],
            numbers["letter_probability"],
            numbers["max_imputed_share"],
            MappingProxyType({1: _u95(given, "verified"), 2: _u95(given, "unverified")}),
            math.log10(numbers["mismatch_factor"]),
            MappingProxyType({code: _reporters(code, table[code]) for code in codes}),
        )


def reporters(
    values: Mapping[str, Floats],
    sector: Sequence[str | None],
    given: Mapping[str, Any],
    sector_min_n: int,
) -> dict[str, Any]:
    """The table of a calibration population, ready for JSON. `values` (n,) by indicator, NaN where not reported.

    Quantiles are values that some company has (inverted CDF), so a staircase stays on its steps.
    """
    numbers = _numbers(given)
    levels = np.linspace(numbers["low_percentile"], numbers["high_percentile"], STEPS) / 100.0
    names = np.array([name or "" for name in sector])
    found: dict[str, Any] = {}
    for code, column in values.items():
        reported = ~np.isnan(column)
        if not reported.any():
            raise WrongMethodology("nobody reports the indicator", value=code)
        sectors = {}
        for name in sorted(set(names.tolist()) - {""}):
            mine = column[reported & (names == name)]
            if len(mine) >= sector_min_n:
                sectors[name] = _quantiles(mine, levels)
        found[code] = {"economy": _quantiles(column[reported], levels), "sectors": sectors}
    return found


def _quantiles(values: Floats, levels: Floats) -> dict[str, Any]:
    return {"values": np.quantile(np.sort(values), levels, method="inverted_cdf").tolist(), "n": len(values)}


def _numbers(given: object) -> dict[str, float]:
    if not isinstance(given, dict):
        raise WrongMethodology("assisted must be an object", value=given)
    found = {}
    for name, (low, high) in RANGES.items():
        value = given.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise WrongMethodology(f"assisted {name} must lie within {low} and {high}", value=value)
        found[name] = float(value)
    if found["low_percentile"] >= found["high_percentile"]:
        raise WrongMethodology(
            "assisted percentiles must rise", value=(given["low_percentile"], given["high_percentile"])
        )
    return found


def _u95(given: Mapping[str, Any], name: str) -> float:
    shares = given.get("report_u95")
    value = shares.get(name) if isinstance(shares, dict) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 5:
        raise WrongMethodology(f"report_u95 {name} must lie within 0 and 5", value=value)
    return float(value)


def _reporters(code: str, data: object) -> Reporters:
    if not isinstance(data, dict) or not isinstance(data.get("sectors"), dict):
        raise WrongMethodology(f"reporters of {code} need economy and sectors", value=data)
    sectors = {name: _row(f"{code}, {name}", row) for name, row in sorted(data["sectors"].items())}
    return Reporters(_row(f"{code}, economy", data.get("economy")), MappingProxyType(sectors))


def _row(name: str, data: object) -> Quantiles:
    values = data.get("values") if isinstance(data, dict) else None
    n = data.get("n") if isinstance(data, dict) else None
    if not isinstance(values, list) or len(values) != STEPS or values != sorted(values) or not isinstance(n, int):
        raise WrongMethodology(f"reporters of {name} need {STEPS} rising values and n", value=values)
    return Quantiles(tuple(float(value) for value in values), n)
