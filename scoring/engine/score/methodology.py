"""A methodology version: weights, staircases, bands and goalposts, frozen and with a digest."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np

from scoring.engine.columns import Floats, digest
from scoring.engine.errors import WrongBands, WrongGoalposts, WrongMethodology, WrongStaircase, WrongWeights
from scoring.engine.temperature.inputs import Coefficients, TemperatureMethod

MEASURED = ("carbon_intensity", "emissions_change")  # normalised by goalposts
# Normalised by a staircase; the steps of each, worst first.
STAIRCASES: Mapping[str, tuple[str, ...]] = {
    "target": ("none", "words", "year", "measurable", "complete"),
    "plan": ("proposed", "pledge", "strategy", "achieved"),
    "data_rung": ("unverified_report", "verified_report"),
    "temperature": ("above_2c", "at_most_2c", "well_below_2c", "at_most_1_5c"),
    "goals_3060": ("neither", "one", "both"),
}
TRAJECTORY = ("temperature", "goals_3060")  # a version has both or neither
INDICATORS = (*MEASURED, *STAIRCASES)

T = TypeVar("T")


@dataclass(frozen=True)
class Indicator:
    code: str
    label_zh: str
    label_en: str
    weight: float  # inside its pillar
    steps: tuple[float, ...]  # utility of each step, worst first; empty where goalposts apply


@dataclass(frozen=True)
class Pillar:
    code: str
    label_zh: str
    label_en: str
    weight: float
    required: bool
    indicators: tuple[Indicator, ...]


@dataclass(frozen=True)
class Band:
    letter: str
    at_least: float


@dataclass(frozen=True)
class TrajectoryRules:
    """What a version fixes for the indicators of TRAJECTORY: the regression with its fallback, and the two years."""

    temperature: TemperatureMethod
    peak_before: int
    net_zero_by: int


@dataclass(frozen=True)
class Parameters:
    """What people decided. Measured goalposts are not among them."""

    version: str
    pillars: tuple[Pillar, ...]
    bands: tuple[Band, ...]  # best first
    min_coverage: float
    low_percentile: float
    high_percentile: float
    sector_min_n: int
    economy_min_n: int
    floor_share: float
    min_years: int
    jump_log10: float
    trajectory_rules: TrajectoryRules | None  # None: the version has none of TRAJECTORY

    @property
    def codes(self) -> tuple[str, ...]:
        """Indicators of the version, in its order."""
        return tuple(indicator.code for pillar in self.pillars for indicator in pillar.indicators)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Parameters:
        """Validates everything; raises the MethodologyError that names the fault."""
        pillars = tuple(_pillar(entry) for entry in _list(data, "pillars"))
        _check_weights("pillars", [pillar.weight for pillar in pillars])
        codes = [indicator.code for pillar in pillars for indicator in pillar.indicators]
        required = INDICATORS if set(codes) & set(TRAJECTORY) else [c for c in INDICATORS if c not in TRAJECTORY]
        if sorted(codes) != sorted(required):
            raise WrongMethodology(f"indicators must be exactly {', '.join(required)}", value=codes)
        if len({pillar.code for pillar in pillars}) != len(pillars):
            raise WrongMethodology("pillar twice", value=[pillar.code for pillar in pillars])
        posts, trajectory = _object(data, "goalposts"), _object(data, "trajectory")
        parameters = cls(
            version=_text(data, "version"),
            pillars=pillars,
            bands=_bands(_list(data, "bands")),
            min_coverage=_between(_object(data, "min_coverage"), "value", 0, 1),
            low_percentile=_between(posts, "low_percentile", 0, 100),
            high_percentile=_between(posts, "high_percentile", 0, 100),
            sector_min_n=_at_least(posts, "sector_min_n", 2),
            economy_min_n=_at_least(posts, "economy_min_n", 2),
            floor_share=_between(posts, "floor_share", 1e-6, 0.5),
            min_years=_at_least(trajectory, "min_years", 2),
            jump_log10=_between(trajectory, "jump_log10", 1e-6, 100),
            trajectory_rules=_trajectory_rules(data) if set(codes) & set(TRAJECTORY) else None,
        )
        if parameters.low_percentile >= parameters.high_percentile:
            raise WrongGoalposts(
                "low percentile must be below the high one",
                value=(parameters.low_percentile, parameters.high_percentile),
            )
        return parameters


@dataclass(frozen=True)
class Goalpost:
    """Signed log10 values at which the utility is lowest (`lo`) and 100 (`hi`), from `n` companies."""

    lo: float
    hi: float
    n: int
    members_digest: str
    mismatched_used: bool


@dataclass(frozen=True)
class IndicatorGoalposts:
    economy: Goalpost
    sectors: Mapping[str, Goalpost]


@dataclass(frozen=True)
class Methodology:
    """A version that can score: parameters and the goalposts of one frozen calibration population."""

    version: str
    parameters: Parameters
    goalposts: Mapping[str, IndicatorGoalposts]
    companies: int  # in the calibration population
    members_digest: str
    digest: str
    assisted: Assistance | None  # None: the version has no assisted score

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Methodology:
        """From the JSON that `calibrate` wrote. Raises the MethodologyError that names the fault."""
        parameters = Parameters.from_json(_object(data, "parameters"))
        if _text(data, "version") != parameters.version:
            raise WrongMethodology("version differs from its parameters'", value=data["version"])
        calibration = _object(data, "calibration")
        posts = _object(calibration, "goalposts")
        if sorted(posts) != sorted(MEASURED):
            raise WrongMethodology(f"goalposts must be exactly for {', '.join(MEASURED)}", value=sorted(posts))
        return cls(
            version=parameters.version,
            parameters=parameters,
            goalposts=MappingProxyType({code: _indicator_goalposts(code, _object(posts, code)) for code in MEASURED}),
            companies=_at_least(calibration, "companies", 1),
            members_digest=_text(calibration, "members_digest"),
            digest=digest(data),
            assisted=Assistance.from_json(_object(data, "parameters"), calibration, parameters.codes),
        )


def _pillar(data: Mapping[str, Any]) -> Pillar:
    indicators = tuple(_indicator(entry) for entry in _list(data, "indicators"))
    code = _text(data, "code")
    _check_weights(code, [indicator.weight for indicator in indicators])
    return Pillar(
        code,
        _text(data, "label_zh"),
        _text(data, "label_en"),
        _number(data, "weight"),
        _field(data, "required", bool),
        indicators,
    )


def _indicator(data: Mapping[str, Any]) -> Indicator:
    code = _text(data, "code")
    if code not in INDICATORS:
        raise WrongMethodology("unknown indicator", value=code)
    return Indicator(
        code, _text(data, "label_zh"), _text(data, "label_en"), _number(data, "weight"), _steps(code, data)
    )


def _steps(code: str, data: Mapping[str, Any]) -> tuple[float, ...]:
    if code in MEASURED:
        if "steps" in data:
            raise WrongStaircase("a measured indicator has goalposts, not steps", value=code)
        return ()
    steps = _object(data, "steps")
    if steps.keys() != set(STAIRCASES[code]):
        raise WrongStaircase(f"steps of {code} must be {', '.join(STAIRCASES[code])}", value=sorted(steps))
    utilities = tuple(_number(steps, step) for step in STAIRCASES[code])
    if list(utilities) != sorted(utilities) or utilities[0] < 1 or utilities[-1] > 100:
        raise WrongStaircase(f"steps of {code} must rise within 1 to 100", value=utilities)
    return utilities


def _trajectory_rules(data: Mapping[str, Any]) -> TrajectoryRules:
    temperature, goals = _object(data, "temperature"), _object(data, "goals_3060")
    rows = [{name: str(value) for name, value in row.items()} for row in _list(temperature, "coefficients")]
    fallback_c = _between(temperature, "fallback_c", 0, 10)
    return TrajectoryRules(
        TemperatureMethod("current", Coefficients.from_rows(rows), fallback_score_c=fallback_c),
        _at_least(goals, "peak_before", 2000),
        _at_least(goals, "net_zero_by", 2000),
    )


def _bands(entries: list[Mapping[str, Any]]) -> tuple[Band, ...]:
    bands = tuple(Band(_text(entry, "letter"), _number(entry, "at_least")) for entry in entries)
    limits = [band.at_least for band in bands]
    if not limits or limits[-1] != 0 or any(upper <= lower for upper, lower in zip(limits, limits[1:], strict=False)):
        raise WrongBands("bands must descend strictly and end at 0", value=limits)
    if len({band.letter for band in bands}) != len(bands):
        raise WrongBands("letter twice", value=[band.letter for band in bands])
    return bands


def _indicator_goalposts(code: str, data: Mapping[str, Any]) -> IndicatorGoalposts:
    sectors = _object(data, "sectors")
    return IndicatorGoalposts(
        _goalpost(f"{code}, economy", _object(data, "economy")),
        MappingProxyType(
            {sector: _goalpost(f"{code}, {sector}", _object(sectors, sector)) for sector in sorted(sectors)}
        ),
    )


def _goalpost(name: str, data: Mapping[str, Any]) -> Goalpost:
    lo, hi = _number(data, "lo"), _number(data, "hi")
    if not lo < hi:
        raise WrongGoalposts(f"goalposts of {name} must have lo < hi", value=(lo, hi))
    return Goalpost(
        lo, hi, _at_least(data, "n", 1), _text(data, "members_digest"), _field(data, "mismatched_used", bool)
    )


def _check_weights(name: str, weights: list[float]) -> None:
    if any(weight <= 0 for weight in weights) or abs(math.fsum(weights) - 1) > 1e-9:
        raise WrongWeights(f"weights of {name} must be positive and sum to 1", value=weights)


def _field(data: Mapping[str, Any], name: str, kind: type[T]) -> T:
    value = data.get(name)
    if not isinstance(value, kind):
        raise WrongMethodology(f"{name} is absent or not a {kind.__name__}", value=value)
    return value


def _text(data: Mapping[str, Any], name: str) -> str:
    return _field(data, name, str)


def _object(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    return _field(data, name, dict)


def _list(data: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    entries = _field(data, name, list)
    if not entries or not all(isinstance(entry, dict) for entry in entries):
        raise WrongMethodology(f"{name} must be a list of objects", value=entries)
    return entries


def _number(data: Mapping[str, Any], name: str) -> float:
    value = data.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise WrongMethodology(f"{name} is absent or not a finite number", value=value)
    return float(value)


def _between(data: Mapping[str, Any], name: str, low: float, high: float) -> float:
    value = _number(data, name)
    if not low <= value <= high:
        raise WrongMethodology(f"{name} must lie within {low} and {high}", value=value)
    return value


def _at_least(data: Mapping[str, Any], name: str, low: int) -> int:
    value = _field(data, name, int)
    if isinstance(value, bool) or value < low:
        raise WrongMethodology(f"{name} must be at least {low}", value=value)
    return value


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
    ) -> Assistance | None:
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
