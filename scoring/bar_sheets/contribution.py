"""The reference row's tonnes a unit, and the bar that they make, for the pages of a sheet."""

from __future__ import annotations

from scoring.engine.score.bar_sheet import BarSheet, Family, GridPath


def reference_u(family: Family, path: GridPath, year: int) -> float | None:
    """u = service · use · Σ_{t=1..life} (fixed + grid · EF(year + t)) − lca, tonnes a unit sold in `year` at the place.

    EF falls linearly and is never below 0; where the family uses the latest year, it is held flat. None without a
    reference row. METHOD section 8.3.
    """
    row = family.reference
    if row is None:
        return None
    net = sum(
        row.fixed_t_per_service + row.grid_mwh_per_service * _factor(family, path, year + t)
        for t in range(1, row.life_years + 1)
    )
    return row.service_per_unit_year * row.use_share * net - row.lca_t_per_unit


def bar(family: Family, sheet: BarSheet) -> float | None:
    """c*: the share of the reference row's u for a sale in the data year on the stand-in place."""
    u = reference_u(family, sheet.path[sheet.stand_in_place], sheet.data_year)
    return None if u is None else sheet.judgements.bar_share * u


def _factor(family: Family, path: GridPath, year: int) -> float:
    if family.grid_use == "none":
        return 0.0
    years = 0 if family.grid_use == "latest" else year - path.base_year
    return max(0.0, path.t_per_mwh - path.fall_t_per_mwh_year * years)
