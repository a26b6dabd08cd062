"""Kinds of example about uncertainty."""

from __future__ import annotations

import math
import re

from scoring.engine.accounting.simulation import monte_carlo
from scoring.engine.accounting.table_3_2 import Row32, table_3_2
from scoring.engine.accounting.uncertainty import lognormal_limits, product, sum_by_factor, sum_percent
from scoring.proofs.examples.given import ExampleError, Given, Results, as_many, flag, ids_of_factors


def unc_product(given: Given) -> Results:
    """Half widths named `u_…pct`: numbers, or one list."""
    percents = [each for name in given.names if re.fullmatch(r"u_(\w+_)?pct", name) for each in given.numbers(name)]
    return {"u_total_pct": product(*percents)}


def unc_sum(given: Given) -> Results:
    """Independent summands, or activities with factors that some share (`factor_ids`)."""
    values = given.numbers("x")
    if given.has("u_pct"):
        return {"u_total_pct": sum_percent(values, as_many(given, "u_pct", len(values)))}
    activity, factor = (as_many(given, name, len(values)) for name in ("u_ad_pct", "u_ef_pct"))
    return {"u_total_pct": sum_by_factor(values, activity, factor, ids_of_factors(given, len(values)))}


def unc_approach1(given: Given) -> Results:
    rows = given.value("rows")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ExampleError("rows must be a list of objects")
    table = table_3_2([_row_32(Given(row, None)) for row in rows])
    columns = [dict(zip(table.columns, cells, strict=True)) for cells in zip(*table.columns.values(), strict=True)]
    return {
        "total_pct": table.total_percent,
        "trend_pct_points": table.trend_points,
        "trend_pct": table.trend_percent,
        "rows": columns,
    }


def _row_32(row: Given) -> Row32:
    row.labels("gas")
    known = Row32(
        category=row.text("cat", ""),
        base=row.number("C"),
        year=row.number("D"),
        activity_percent=row.number("E"),
        factor_percent=row.number("F"),
        ef_corr=flag(row, "ef_corr", True),
        ad_corr=flag(row, "ad_corr", False),
    )
    row.refuse_what_was_not_used("a row")
    return known


def unc_montecarlo(given: Given) -> Results:
    """Σ activity × factor, all independent but for factors with one of `factor_ids`; or Σ x of half widths u_pct."""
    if given.has("x"):
        values = given.numbers("x")
        activity, factor = as_many(given, "u_pct", len(values)), [0.0] * len(values)
    else:
        ads, efs = given.numbers("ad"), given.numbers("ef")
        if len(ads) != len(efs):
            raise ExampleError("ad and ef have different lengths")
        values = [ad * ef for ad, ef in zip(ads, efs, strict=True)]
        activity, factor = (as_many(given, name, len(values)) for name in ("ad_u95_pct", "ef_u95_pct"))
    dist = given.text("dist", "auto")
    if dist not in ("auto", "normal", "lognormal"):
        raise ExampleError(f"dist must be auto, normal or lognormal: {dist!r}")
    ids = ids_of_factors(given, len(values))
    drawn = monte_carlo(
        values,
        activity,
        factor,
        ids,
        [("example", str(position), None) for position in range(len(values))],
        seed=given.whole("seed", 1),
        n=given.draws,
        distribution=None if dist == "auto" else dist,  # type: ignore[arg-type]
    )
    mean, sd, lower, upper = (float(each[0]) for each in (drawn.mean, drawn.sd, drawn.lower, drawn.upper))
    return {
        "mean": mean,
        "sd": sd,
        "lower": lower,
        "upper": upper,
        "p2_5": lower,
        "p97_5": upper,
        "u95_pct": (upper - lower) / 2 / abs(mean) * 100 if mean else math.nan,
        "approach1_u95_pct": sum_by_factor(values, activity, factor, ids),
    }


def unc_lognormal(given: Given) -> Results:
    found = lognormal_limits(given.number("mean", 100.0), given.number("u95_pct"))
    return {
        "u_low_pct": found.low_percent,
        "u_high_pct": found.high_percent,
        "lower": found.lower,
        "upper": found.upper,
    }
