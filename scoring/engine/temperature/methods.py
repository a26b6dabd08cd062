"""The temperature score as it was decided: by edition, with its coefficients, default score and floor.

Source: CDP-WWF Temperature Rating Methodology 1.0 by the protocol of sbti-finance-tool 1.3.1, and 1.5 (2024-09-12) by
that of WWF-ITR 1.7.3 (docs/reference/temperature-1.5.md).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, NamedTuple

import numpy as np

from scoring.engine.columns import Floats, digest
from scoring.engine.errors import WrongMethodology
from scoring.engine.temperature.inputs import SCOPES, TARGET_SCOPES, frozen

MethodName = Literal["current", "parity15", "parity"]


class WhatIf(NamedTuple):
    """A capped future: who is engaged, and to which score."""

    code: str
    cap_c: float


@dataclass(frozen=True)
class Edition:
    """One edition of the published methodology."""

    name: str
    variables: tuple[str, ...]  # that a target may be scored by
    slopes: tuple[str, ...]  # of the regression, by time frame
    scopes: tuple[str, ...]  # that are scored: the first of TARGET_SCOPES
    what_ifs: tuple[WhatIf, ...]
    source: str  # of the coefficients
    model: int  # its number in the tool that ships it


EDITION_10 = Edition(
    name="1.0",
    variables=(
        "Emissions|Kyoto Gases",
        "Emissions|CO2|Energy and Industrial Processes",
        "INT.emKyoto_gdp",
        "INT.emCO2EI_PE",
        "INT.emCO2EI_elecGen",
    ),
    slopes=("slope5", "slope15", "slope30"),
    scopes=SCOPES,
    what_ifs=(
        WhatIf("1_all_without_target_set_2C", 2.0),
        WhatIf("2_targets_to_wb2c", 1.75),
        WhatIf("3a_top10_2C", 2.0),
        WhatIf("3b_top10_wb2c", 1.75),
        WhatIf("4a_engaged_2C", 2.0),
        WhatIf("4b_engaged_wb2c", 1.75),
    ),
    source="sbti-finance-tool 1.3.1, regression model 4 (MIT)",
    model=4,
)
EDITION_15 = Edition(
    name="1.5",
    variables=(
        "Emissions|Kyoto Gases",
        "Emissions|CO2|Energy and Industrial Processes",
        "Emissions|CO2|Energy|Supply",
        "INT.emKyoto_gdp",
        "INT.emCO2energysupply_SE",
    ),
    slopes=("slopeCA5", "slopeCA10", "slopeCA30"),
    scopes=TARGET_SCOPES,
    # The caps of the tool: 1.75 for a target that is set, 1.5 for one that is validated.
    what_ifs=(
        WhatIf("1_all_without_target_set_wb2c", 1.75),
        WhatIf("2_targets_to_1.5c", 1.5),
        WhatIf("3a_top10_wb2c", 1.75),
        WhatIf("3b_top10_1.5c", 1.5),
        WhatIf("4a_engaged_wb2c", 1.75),
        WhatIf("4b_engaged_1.5c", 1.5),
    ),
    source="WWF-ITR 1.7.3, AR6 regression (MIT)",
    model=1,
)
# What each edition prints. The boundary is the coverage from which an ambition counts whole, `s3_share` the share of
# all emissions from which scope 3 counts: 1.5 scales always and counts always. `last_year_ahead` is of the time frames
# that end; the long one of 1.5 does not.
_PARAMETERS_10: Mapping[str, Any] = {
    "fallback_score_c": 3.2,
    "floor_c": 0.0,  # the tool's own comment announces 1.3
    "s1s2_boundary": 0.95,
    "s3_boundary": 0.67,
    "last_year_ahead": (4, 15, 30),
    "s3_share": 0.4,
}
_PARAMETERS_15: Mapping[str, Any] = {
    "fallback_score_c": 3.4,
    "floor_c": 1.5,
    "s1s2_boundary": 1.0,
    "s3_boundary": 1.0,
    "last_year_ahead": (4, 10),
    "s3_share": 0.0,
}
METHODS: Mapping[MethodName, tuple[Edition, Mapping[str, Any]]] = {
    "current": (EDITION_15, _PARAMETERS_15),
    "parity15": (EDITION_15, _PARAMETERS_15),
    "parity": (EDITION_10, _PARAMETERS_10),
}


@dataclass(frozen=True, eq=False)
class Coefficients:
    """The regression: score in degrees C = param x yearly reduction in percent + intercept."""

    param: Floats  # shape (variables + 1, time frames); the last row is NaN, so that NONE finds no coefficient
    intercept: Floats
    digest: str

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, str]], edition: Edition) -> Coefficients:
        """From rows with variable, slope, param and intercept, as the tables in data/ have them.

        Raises WrongMethodology where one of the edition's is absent, twice, not finite, or rises with ambition.
        """
        found: dict[tuple[str, str], tuple[float, float]] = {}
        for row in rows:
            key = row["variable"], row["slope"]
            if key in found:
                raise WrongMethodology("coefficient twice", value=key)
            found[key] = _number(row["param"]), _number(row["intercept"])
        wanted = [[(variable, slope) for slope in edition.slopes] for variable in edition.variables]
        for key in (key for line in wanted for key in line):
            if key not in found or found[key][0] >= 0:
                raise WrongMethodology("coefficient absent, or a warmer score for more ambition", value=key)
        table = np.array(
            [[found[key] for key in line] for line in wanted] + [[(math.nan, math.nan)] * len(edition.slopes)]
        )
        lines = [[*key, *found[key]] for line in wanted for key in line]
        return cls(
            frozen(np.ascontiguousarray(table[:, :, 0])),
            frozen(np.ascontiguousarray(table[:, :, 1])),
            digest({"coefficients": lines}),
        )


@dataclass(frozen=True, eq=False)
class TemperatureMethod:
    """All that people decided. `parity` and `parity15` are the reference tools to the last tie-break.

    `current` is 1.5 mended: type, metric and ISIC words are read without regard to case and spaces; shares outside 0 to
    1 are refused; no target scores worse than none; a headline target on scope 3 counts for all of it; the default
    share of a score is weighed as the score is; what-if 2 caps only rows that stand on a target; a holding whose weight
    cannot be told is left out and lowers the coverage instead of stopping the portfolio; ties are broken by the figures
    and never by the order of rows.
    """

    name: MethodName
    coefficients: Coefficients
    fallback_score_c: float  # where there is no usable target
    floor_c: float
    s1s2_boundary: float
    s3_boundary: float
    last_year_ahead: tuple[int, ...]
    s3_share: float
    implausible_yearly_reduction: float = 0.25  # of the base year; flagged, never changed

    def __post_init__(self) -> None:
        for name, value in self.parameters().items():
            numbers = [] if isinstance(value, str) else value if isinstance(value, list) else [value]
            if not all(math.isfinite(number) and number >= 0 for number in numbers):
                raise WrongMethodology(f"{name} must be finite and not negative", value=value)

    @classmethod
    def of(cls, name: MethodName, coefficients: Coefficients, **parameters: float) -> TemperatureMethod:
        """A method as published, but for `parameters`. Raises WrongMethodology."""
        if name not in METHODS:
            raise WrongMethodology("unknown temperature method", value=name)
        return cls(name, coefficients, **(METHODS[name][1] | parameters))  # type: ignore[operator]

    @property
    def is_literal(self) -> bool:
        """As a reference tool has it, slips and all."""
        return self.name != "current"

    @property
    def edition(self) -> Edition:
        return METHODS[self.name][0]

    def parameters(self) -> dict[str, Any]:
        """Everything but the coefficients, for a receipt."""
        values = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "coefficients"}
        values = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
        return values | {"edition": self.edition.name}

    @property
    def digest(self) -> str:
        return digest({"parameters": self.parameters(), "coefficients": self.coefficients.digest})


def years_ahead(last_year_ahead: list[int] | tuple[int, ...], frame: int) -> tuple[int, int | None]:
    """First and last year of a time frame, counted from the reporting year; None where it has no end."""
    first = 0 if frame == 0 else last_year_ahead[frame - 1] + 1
    return first, last_year_ahead[frame] if frame < len(last_year_ahead) else None


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise WrongMethodology("a coefficient must be a finite number", value=text)
    return value
