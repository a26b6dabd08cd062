"""The regression coefficients of the temperature score that ship, and the methods on them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from portfolio.typed.tables import whole_table
from scoring import DATA
from scoring.engine.temperature.methods import METHODS, Coefficients, MethodName, TemperatureMethod

COEFFICIENTS: Mapping[str, Path] = {  # by edition
    "1.0": DATA / "sbti_regression_model4.csv",
    "1.5": DATA / "cdp_wwf_v15_ar6_regression.csv",
}


def shipped_method(name: MethodName = "current", **parameters: float) -> TemperatureMethod:
    """A method on the shipped coefficients; `parameters` replace what it publishes. Raises WrongMethodology."""
    return TemperatureMethod.of(name, shipped_coefficients(name), **parameters)


@lru_cache(maxsize=len(METHODS))
def shipped_coefficients(name: MethodName) -> Coefficients:
    """The regression of this release. Raises WrongMethodology for a table that may not be used."""
    edition, _parameters = METHODS[name]
    return Coefficients.from_rows((row.cells for row in whole_table(COEFFICIENTS[edition.name]).rows), edition)
