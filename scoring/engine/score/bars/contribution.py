"""Bar C, contribution: tonnes avoided over the life of a unit sold, against 0.8 of the family's reference row.

METHOD 8.3; after Project Frame (unit impact × volume), WBCSD (avoided emissions) and TPG (carbon yield):

    u = service · use · Σ_{t=1..life} (fixed + grid · EF(place, year + t)) − lca      tonnes a unit

EF falls in a straight line and is never below 0; a net effect may be. The bar stands on the candidate's own place and
year of sale, so that what the grid does to both cancels. Where several places or rows were sold, u and the bar are
means weighted by units.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from scoring.engine.columns import Bools, Floats, Ints
from scoring.engine.score.bar_sheet import GRID_USES, OWN_INPUTS, BarSheet, Family, GridPath
from scoring.engine.score.bars.probability import CLEARED, MISSED, UNKNOWN, doubts, probability
from scoring.engine.score.candidacy import KINDS, CandidateColumns

BECAUSE = (
    "",
    "untold",
    "no_family",
    "no_bar",
    "shown_only",
    "sets_the_bar",
    "expired",
    "planned_only",
    "harm",
    "sign",
)
CODE = {word: code for code, word in enumerate(BECAUSE)}
_OF_REFERENCE = {
    "service": "service_per_unit_year",
    "life": "life_years",
    "use": "use_share",
    "fixed": "fixed_t_per_service",
    "grid": "grid_mwh_per_service",
    "lca": "lca_t_per_unit",
}
_ROW = {"energy": "grid"}  # where the family's row has an own input under another name
LAST_JUDGED, PLANNED = KINDS.index("measured"), KINDS.index("planned")  # realised and measured units are judged


def sum_of_path(first: Floats, fall: Floats, life: Floats) -> Floats:
    """Σ_{t=1..life} max(0, first − fall · t) in closed form: tonnes per MWh over the years. Any sign of both."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = np.floor(first / fall)
    begins = np.where((fall < 0) & (first < 0), ends + 1.0, 1.0)
    last = np.where(fall > 0, np.minimum(life, ends), np.where((fall == 0) & (first <= 0), 0.0, life))
    years = np.maximum(last - begins + 1.0, 0.0)
    found: Floats = years * first - fall * (begins + last) * years / 2.0
    return found


@dataclass(frozen=True, eq=False)
class Unit:
    """What a unit does, shape (rows,): tonnes over its life, and by which share an input moves u."""

    served: Floats  # service · use, a year
    ef_sum: Floats  # Σ EF over the life, t per MWh
    gross_t: Floats
    used: Mapping[str, Floats]
    path: Mapping[str, Floats]

    @cached_property
    def u_t(self) -> Floats:
        found: Floats = self.gross_t - self.used["lca"]
        return found

    @property
    def energy_t(self) -> Floats:
        """The part that its own electricity takes off; 0 where it consumes none."""
        found: Floats = self.served * np.maximum(-self.used["grid"], 0.0) * self.ef_sum
        return found

    def moved_t(self, name: str) -> Floats:
        """|∂u / ∂ ln(input)|, tonnes: what an elasticity is of u. A life that is longer adds years like its last."""
        if name == "energy":
            return self.energy_t
        if name == "lca":
            return np.abs(self.used["lca"])
        if name == "life":
            factor = np.maximum(0.0, self.path["first_t"] - self.path["fall_t"] * self.used["life"])
            last_year = self.served * (self.used["fixed"] + self.used["grid"] * factor)
            return np.abs(last_year * self.used["life"])
        return np.abs(self.gross_t)


def unit(used: Mapping[str, Floats], path: Mapping[str, Floats]) -> Unit:
    """What a unit does with the inputs `used`: service, life, use, fixed, grid, lca, as `Reference` has them.

    `path` has `first_t` and `fall_t` per MWh: EF in the t-th year is first − fall · t, not below 0.
    """
    ef_sum = sum_of_path(path["first_t"], path["fall_t"], used["life"])
    served = used["service"] * used["use"]
    gross = served * (used["fixed"] * used["life"] + used["grid"] * ef_sum)
    return Unit(served, ef_sum, gross, used, path)


def bar_of(family: Family, path: GridPath, year: int, bar_share: float) -> float | None:
    """c*, tonnes a unit, of a sale in `year` on a path; None where the family has no reference row."""
    row = family.reference
    if row is None:
        return None
    one = np.ones(1)
    first, fall = _first_and_fall(
        np.array([GRID_USES.index(family.grid_use)]),
        one * path.t_per_mwh,
        one * path.fall_t_per_mwh_year,
        one * (year - path.base_year),
    )
    used = {name: one * getattr(row, theirs) for name, theirs in _OF_REFERENCE.items()}
    return bar_share * float(unit(used, {"first_t": first, "fall_t": fall}).u_t[0])


def _first_and_fall(use: Ints, base_t: Floats, fall_t: Floats, years: Floats) -> tuple[Floats, Floats]:
    """EF of the year of sale on its line, and its fall; held flat at the latest, or nothing at all."""
    falls = np.where(use == GRID_USES.index("path"), fall_t, 0.0)
    return np.where(use == GRID_USES.index("none"), 0.0, base_t - falls * years), falls


@dataclass(frozen=True, eq=False)
class Contribution:
    """Bar C of each candidate-year, shape (rows,); `sold` arrays have shape (sold,)."""

    u_t: Floats  # of what is judged or, where nothing can be, what is shown; NaN
    bar_t: Floats
    state: Ints
    because: Ints  # in BECAUSE
    z: Floats
    sigma: Floats
    p: Floats
    missing: Ints  # own inputs and units that are untold
    units: Floats  # judged
    gross_t: Floats  # means per unit
    lca_t: Floats
    elasticity: Mapping[str, Floats]  # own inputs: of u
    is_needed: Mapping[str, Bools]  # (sold,): input that must be the company's own
    is_judged: Bools  # (sold,)
    sold: Unit  # (sold,): its inputs are own or of the family's row
    sold_reference_t: Floats  # (sold,): u of the reference row at that place


def contribution(columns: CandidateColumns, sheet: BarSheet, as_of: date) -> Contribution:
    """Bar C of every candidate-year of a batch."""
    table = _families(sheet)
    rows, row = len(columns.owner), columns.row
    family = columns.family[columns.owner]
    mine = family[row]
    needed = {name: table[f"needs_{name}"][mine] for name in OWN_INPUTS}
    used, path = _inputs(columns, sheet, table, needed)
    one = unit(used, path)
    base = unit({name: table[name][mine] for name in _OF_REFERENCE}, path)

    judged = columns.kind <= LAST_JUDGED
    units = np.where(judged, columns.unit["units"], 0.0)
    untold = np.isnan(columns.unit["units"]).astype(np.int64)
    for name in OWN_INPUTS:
        untold += needed[name] & np.isnan(columns.unit[name])

    def total(column: Floats) -> Floats:
        summed: Any = np.bincount(row, column, minlength=rows)  # floats, since it has weights
        return summed  # type: ignore[no-any-return]

    sold_units = total(units)
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = units / sold_units[row]

        def mean(column: Floats) -> Floats:
            return total(np.where(judged, weight * column, 0.0))  # what is not judged may well be untold

        gross, lca = mean(one.gross_t), mean(used["lca"])
        u = gross - lca
        bar = sheet.judgements.bar_share * mean(base.u_t)
        ratio = u / bar
        z = np.log(np.where((bar > 0) & (u > 0), ratio, np.nan))
        elasticity, sigma = {}, np.zeros(rows)
        # One slip in an input is one slip in all of a company's rows: they add up, inputs among themselves do not.
        for name in OWN_INPUTS:
            if not needed[name].any():
                continue
            moved = np.where(needed[name] & judged, weight * one.moved_t(name), 0.0)
            elasticity[name] = total(moved) / np.abs(u)
            doubt = total(moved * doubts(sheet, name)[columns.unit_rung[name]]) / np.abs(u)
            sigma += doubt * doubt
    sigma = np.sqrt(sigma)

    has_judged = np.bincount(row, judged, minlength=rows) > 0
    has_planned = np.bincount(row, columns.kind == PLANNED, minlength=rows) > 0
    missing = np.bincount(row, np.where(judged, untold, 0), minlength=rows).astype(np.int64)
    missing = np.where(has_judged, missing + (sold_units == 0), 1 + table["needs"][family])
    by_sign = table["is_sign"][family] | ~(bar > 0)
    expired = table["expires"][family] <= as_of.toordinal()
    because = np.select(
        [
            family < 0,
            table["is_none"][family],
            columns.sets_the_bar[columns.owner],
            table["is_shown"][family],
            expired,
            ~has_judged & has_planned,
            missing > 0,
            u <= 0,
            by_sign,
        ],
        [
            CODE[word]
            for word in (
                "no_family",
                "no_bar",
                "sets_the_bar",
                "shown_only",
                "expired",
                "planned_only",
                "untold",
                "harm",
                "sign",
            )
        ],
        default=CODE[""],
    )
    is_known = (because == CODE[""]) | (because == CODE["harm"]) | (because == CODE["sign"])
    cleared = (because == CODE["sign"]) | ((because == CODE[""]) & (z >= 0))
    p = np.where(
        because == CODE[""],
        probability(z, sigma, sheet.judgements.sigma_min_contribution),
        np.where(is_known, cleared.astype(np.float64), np.nan),
    )
    return Contribution(
        u_t=np.where((missing > 0) | ~has_judged, np.nan, u),
        bar_t=np.where(table["is_none"][family] | (family < 0) | (missing > 0) | ~has_judged, np.nan, bar),
        state=np.where(is_known, np.where(cleared, CLEARED, MISSED), UNKNOWN),
        because=because,
        z=np.where(because == CODE[""], z, np.nan),
        sigma=np.where(is_known, sigma, np.nan),
        p=p,
        missing=missing,
        units=np.where(has_judged, sold_units, np.nan),
        gross_t=gross,
        lca_t=lca,
        elasticity=elasticity,
        is_needed=needed,
        is_judged=judged,
        sold=one,
        sold_reference_t=base.u_t,
    )


def _inputs(
    columns: CandidateColumns, sheet: BarSheet, table: Mapping[str, np.ndarray], needed: Mapping[str, Bools]
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Of each row sold: its own inputs where the family asks for them, else the family's; and its grid."""
    family = columns.family[columns.owner[columns.row]]
    own = {name: np.where(needed[name], columns.unit[name], table[_ROW.get(name, name)][family]) for name in OWN_INPUTS}
    own["grid"] = np.where(needed["energy"], -own.pop("energy"), table["grid"][family])  # own electricity is consumed
    stand_in = [path.place for path in sheet.paths].index(sheet.stand_in_place)
    path = np.where(columns.path < 0, stand_in, columns.path)
    base, fall, year = (
        np.array([getattr(one, name) for one in sheet.paths], dtype=np.float64)[path]
        for name in ("t_per_mwh", "fall_t_per_mwh_year", "base_year")
    )
    first, fall = _first_and_fall(table["use_of_grid"][family], base, fall, columns.year[columns.row] - year)
    return own | {"fixed": table["fixed"][family]}, {"first_t": first, "fall_t": fall}


def _families(sheet: BarSheet) -> dict[str, np.ndarray]:
    """The sheet's families as columns; the last row, at -1, is that of a company without one."""
    rows: list[Family | None] = [*sheet.families, None]
    table: dict[str, np.ndarray] = {
        ours: np.array([getattr(row.reference, name) if row and row.reference else np.nan for row in rows])
        for ours, name in _OF_REFERENCE.items()
    }
    for word in ("none", "shown", "sign"):
        table[f"is_{word}"] = np.array([row is not None and row.judgement == word for row in rows])
    for name in OWN_INPUTS:
        table[f"needs_{name}"] = np.array([row is not None and name in row.own_inputs for row in rows])
    table["needs"] = np.array([len(row.own_inputs) if row else 0 for row in rows])
    table["use_of_grid"] = np.array([GRID_USES.index(row.grid_use if row else "none") for row in rows])
    table["expires"] = np.array(
        [
            date.fromisoformat(row.expires_on).toordinal() if row and row.expires_on else date.max.toordinal()
            for row in rows
        ]
    )
    return table


def fleet(
    sales_units: Sequence[float], life_years: int, unit_impact_t_per_year: Sequence[float], realisation: float = 1.0
) -> tuple[list[float], list[float]]:
    """Units at work and tonnes avoided in each year, of planned sales (Project Frame 2024: unit impact × volume).

    Units sold at the start of a year work that year and are gone after `life_years`. `realisation` is the share of
    planned units that is counted.
    """
    sold = [realisation * units for units in sales_units]
    installed = [sum(sold[max(0, year - life_years + 1) : year + 1]) for year in range(len(unit_impact_t_per_year))]
    return installed, [units * each for units, each in zip(installed, unit_impact_t_per_year, strict=True)]
