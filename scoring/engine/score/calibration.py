"""Goalposts from a frozen population: percentiles of each measured indicator, by sector and economy-wide."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from scoring.engine.columns import Bools, Floats, digest
from scoring.engine.errors import TooFewToCalibrate
from scoring.engine.inputs import BOUNDARIES, Inputs
from scoring.engine.score.composite import signed_log10, stated_steps
from scoring.engine.score.indicators import NO_ROW, Measures, measure
from scoring.engine.score.methodology import MEASURED, Parameters, reporters
from scoring.engine.score.trajectory import trajectory_steps


def calibrate(inputs: Inputs, parameters: Mapping[str, Any], as_of: date) -> dict[str, Any]:
    """The full JSON of a methodology version, ready for `Methodology.from_json`.

    Goalposts are percentiles (numpy, linear) of the signed log10 values. A figure whose boundary differs from its
    revenue's stays out where at least `sector_min_n` matched ones exist in the same population.
    Raises TooFewToCalibrate if fewer than `economy_min_n` companies report an indicator, or all report the same.
    """
    checked = Parameters.from_json(parameters)
    measures = measure(inputs, checked, as_of)
    values = signed_log10(measures)
    matched, mismatched = _boundaries(inputs, measures)
    same = np.zeros(len(inputs), dtype=np.bool_)  # a change over time needs no revenue, so no boundary to match it
    sides = {"carbon_intensity": (matched, mismatched), "emissions_change": (~same, same)}
    table = (
        {}
        if "assisted" not in parameters
        else {"reporters": _reporters(inputs, measures, values, parameters, checked, as_of)}
    )
    return {
        "version": checked.version,
        "as_of": as_of.isoformat(),
        "parameters": dict(parameters),
        "calibration": {
            "companies": len(inputs),
            "members_digest": _members_digest(inputs, np.ones(len(inputs), dtype=np.bool_)),
            "goalposts": {code: _indicator(inputs, code, values[code], *sides[code], checked) for code in MEASURED},
            **table,
        },
    }


def _reporters(
    inputs: Inputs,
    measures: Measures,
    x: Mapping[str, Floats],
    parameters: Mapping[str, Any],
    checked: Parameters,
    as_of: date,
) -> dict[str, Any]:
    """What stands for a gap: those who report, by signed log10 value or by the utility of their step."""
    rules = checked.trajectory_rules
    steps = stated_steps(measures, trajectory_steps(inputs, measures, rules, as_of) if rules else None)
    columns = dict(x)
    for indicator in (i for pillar in checked.pillars for i in pillar.indicators):
        if indicator.code in steps:
            step = steps[indicator.code]
            columns[indicator.code] = np.where(step == NO_ROW, np.nan, np.array(indicator.steps)[np.maximum(step, 0)])
    return reporters(columns, inputs.sector, parameters["assisted"], checked.sector_min_n)


def _boundaries(inputs: Inputs, measures: Measures) -> tuple[Bools, Bools]:
    row = measures.intensity_row
    boundary = np.where(row == NO_ROW, -1, np.append(inputs.years.boundary, -1)[row])
    return boundary == BOUNDARIES.index("matched"), boundary == BOUNDARIES.index("mismatched")


def _indicator(
    inputs: Inputs, code: str, x: Floats, matched: Bools, mismatched: Bools, parameters: Parameters
) -> dict[str, Any]:
    reported = ~np.isnan(x)
    economy = _goalpost(inputs, x, reported, matched, mismatched, parameters)
    if economy is None or economy["n"] < parameters.economy_min_n:
        raise TooFewToCalibrate(
            f"{code} needs {parameters.economy_min_n} companies that differ", value=int(np.count_nonzero(reported))
        )
    sectors = {}
    for sector in sorted({sector for sector in inputs.sector if sector is not None}):
        members = reported & np.array([other == sector for other in inputs.sector], dtype=np.bool_)
        goalpost = _goalpost(inputs, x, members, matched, mismatched, parameters)
        if goalpost is not None and goalpost["n"] >= parameters.sector_min_n:
            sectors[sector] = goalpost
    return {"economy": economy, "sectors": sectors}


def _goalpost(
    inputs: Inputs, x: Floats, members: Bools, matched: Bools, mismatched: Bools, parameters: Parameters
) -> dict[str, Any] | None:
    if np.count_nonzero(members & matched) >= parameters.sector_min_n:
        members = members & ~mismatched
    if not members.any():
        return None
    lo, hi = np.percentile(np.sort(x[members]), [parameters.low_percentile, parameters.high_percentile]).tolist()
    if not lo < hi:
        return None
    return {
        "lo": lo,
        "hi": hi,
        "n": int(np.count_nonzero(members)),
        "members_digest": _members_digest(inputs, members),
        "mismatched_used": bool(np.any(members & mismatched)),
    }


def _members_digest(inputs: Inputs, members: Bools) -> str:
    """SHA-256 of the sorted company keys, one a line."""
    return digest("\n".join(sorted(inputs.company_key[i] for i in np.flatnonzero(members))))
