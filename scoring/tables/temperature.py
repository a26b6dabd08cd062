"""The regression coefficients of the temperature score that ship."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from portfolio.typed.tables import whole_table
from scoring import DATA
from scoring.engine.temperature.inputs import (
    Coefficients,
    TemperatureMethod,
)

COEFFICIENTS = DATA / "sbti_regression_model4.csv"


def shipped_method(name: Literal["parity", "current"], **parameters: float) -> TemperatureMethod:
    """A method on the shipped coefficients; `parameters` are those of TemperatureMethod."""
    return TemperatureMethod(name, shipped_coefficients(), **parameters)  # type: ignore[arg-type]


@lru_cache(maxsize=1)
def shipped_coefficients() -> Coefficients:
    """Regression model 4 of this release. Raises WrongMethodology for a table that may not be used."""
    return Coefficients.from_rows(row.cells for row in whole_table(COEFFICIENTS).rows)
