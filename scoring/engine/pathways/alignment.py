"""A company's paths held against a benchmark: what the benchmark leaves it, by how much it overshoots, in degrees.

Sources: the fair shares of the Sectoral Decarbonization Approach and of ITR 1.1.10 (os-climate), whose yearly sums are
taken over. Columns are companies, matrices (companies, years); years are added one by one in their order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from scoring.engine.columns import Bools, Floats, Ints
from scoring.engine.errors import OutOfRange, UnknownWord, WrongShape
from scoring.engine.pathways.benchmarks import Match, Pathway
from scoring.engine.pathways.implied_temperature import ImpliedTemperatures, WarmingParameters, implied_temperatures
from scoring.engine.pathways.paths import CompanyPaths

FAIR_SHARES = ("index", "sector_intensity", "convergence")
CUMULATIVE_RULES = ("yearly", "trapezoid")
# Why there is no budget; position 0 says that there is one.
BUDGET_REASONS = ("", "no_history", "history_outside_benchmark", "benchmark_is_zero")


@dataclass(frozen=True)
class AlignmentParameters:
    end_year: int = 2050  # of the sums; the benchmarks end there
    fair_share: str = "index"
    cumulative_rule: str = "yearly"
    warming: WarmingParameters = field(default_factory=WarmingParameters)


@dataclass(frozen=True, eq=False)
class Outputs:
    """Output of companies in their base year, in the unit of their benchmark, and its growth; NaN unknown."""

    base_output: Floats
    growth_per_year: Floats  # share


@dataclass(frozen=True, eq=False)
class Budgets:
    """What a benchmark leaves each company, from its base year to the end year."""

    budget_t: Floats  # (companies, years); NaN outside
    base_year: Ints  # first reported year that the benchmark has; 0 without
    reason: Ints  # in BUDGET_REASONS
    fair_share: Ints  # in FAIR_SHARES, as used
    output_flat: Bools  # growth unknown, so output is taken as constant


def budgets(
    paths: CompanyPaths,
    pathways: Sequence[Pathway],
    outputs: Outputs | None = None,
    parameters: AlignmentParameters | None = None,
) -> Budgets:
    """Yearly tonnes that a benchmark leaves; `pathways` holds one pathway for each company.

    index             base emissions · SI(t) / SI(base) · output growth; for an index, base emissions · index ratio
    sector_intensity  SI(t) · output(t): an intensity above the sector's gets no more tonnes than its output earns
    convergence       (d · p(t) + SI_end) · output(t): from the own intensity to the sector's, as ITR does
    Where output is unknown or the pathway is an index, `index`.
    Raises UnknownWord for another fair share, OutOfRange for a benchmark that ends before the sums do.
    """
    parameters = parameters or AlignmentParameters()
    n, years = len(paths.latest_year), paths.years
    if parameters.fair_share not in FAIR_SHARES:
        raise UnknownWord("no such fair share", value=parameters.fair_share)
    if len(pathways) != n:
        raise WrongShape("one pathway for each company", value=(len(pathways), n))
    outputs = outputs or Outputs(np.full(n, np.nan), np.full(n, np.nan))
    if (outputs.growth_per_year <= -1).any():
        raise OutOfRange("output cannot shrink by all of it a year", value=float(np.nanmin(outputs.growth_per_year)))
    sector, sector_end, is_index = _sector_columns(pathways, years, parameters.end_year)

    in_benchmark = ~np.isnan(paths.history_t) & ~np.isnan(sector) & (years <= parameters.end_year)
    has_base: Bools = np.asarray(in_benchmark.any(axis=1))
    column = np.argmax(in_benchmark, axis=1)
    base_year = np.where(has_base, years[column], 0)
    base_t, sector_base = (matrix[np.arange(n), column][:, None] for matrix in (paths.history_t, sector))

    after = np.where(has_base[:, None], years[None, :] - base_year[:, None], 0)
    growth: Floats = np.where(is_index | np.isnan(outputs.growth_per_year), 0.0, outputs.growth_per_year)
    grown = (1.0 + growth[:, None]) ** after
    base_output = np.where(outputs.base_output > 0, outputs.base_output, np.nan)[:, None]
    moves = np.where(sector_base != sector_end, sector_base - sector_end, np.nan)
    by_index = base_t * (sector / np.where(sector_base > 0, sector_base, np.nan)) * grown
    converging = (
        ((base_t / base_output - sector_end) * (sector - sector_end) / moves + sector_end) * base_output * grown
    )
    fair_share = np.where(is_index | np.isnan(base_output[:, 0]), 0, FAIR_SHARES.index(parameters.fair_share))
    budget = np.choose(fair_share[:, None], [by_index, sector * base_output * grown, converging])
    inside = has_base[:, None] & (after >= 0) & (years[None, :] <= parameters.end_year)
    zero = has_base & (sector_base[:, 0] == 0)
    return Budgets(
        budget_t=np.where(inside & (sector_base != 0), budget, np.nan),
        base_year=base_year,
        reason=np.select([paths.latest_year == 0, ~has_base, zero], [1, 2, 3], default=0).astype(np.int64),
        fair_share=fair_share.astype(np.int64),
        output_flat=np.isnan(outputs.growth_per_year) & ~is_index,
    )


def _sector_columns(pathways: Sequence[Pathway], years: Ints, end_year: int) -> tuple[Floats, Floats, Bools]:
    """Of each company's pathway: tonnes by output (or the index) in each year and in the end year; is it an index."""
    different = {id(pathway): pathway for pathway in pathways}
    for pathway in different.values():
        if pathway.last_year < end_year:
            raise OutOfRange(f"a benchmark that ends before {end_year}", value=(pathway.sector, pathway.last_year))
    position = {key: k for k, key in enumerate(different)}
    which = np.array([position[id(pathway)] for pathway in pathways], dtype=np.int64)
    scaled = [(pathway, pathway.unit.tonnes if pathway.unit else 1.0) for pathway in different.values()]
    table = np.array([pathway.at(years) * factor for pathway, factor in scaled]).reshape(-1, len(years))
    ends = np.array([float(pathway.at(np.array([end_year]))[0]) * factor for pathway, factor in scaled])
    is_index = np.array([pathway.unit is None for pathway, _ in scaled], dtype=np.bool_)
    return table[which], ends[which][:, None], is_index[which]


def cumulative_t(path_t: Floats, years: Ints, first: Ints, last: int, rule: str = "yearly") -> Floats:
    """Tonnes from `first` to `last`, both included, shape (companies,).

    NaN where a year of it is missing, or `first` is 0. `yearly` adds every year, as ITR does; `trapezoid` takes half
    of the two ends. Raises UnknownWord for another rule.
    """
    if rule not in CUMULATIVE_RULES:
        raise UnknownWord("no such rule for sums", value=rule)
    total = np.where(first > 0, 0.0, np.nan)
    for k, year in enumerate(years.tolist()):
        if year > last:
            break
        ends = (year == first) | (year == last)
        part = path_t[:, k] * np.where(ends, 0.5, 1.0) if rule == "trapezoid" else path_t[:, k]
        total = total + np.where(year >= first, part, 0.0)
    return total


@dataclass(frozen=True, eq=False)
class Alignment:
    """Paths against budgets, and what that means in degrees."""

    paths: CompanyPaths
    matches: tuple[Match, ...]  # of each company
    budgets: Budgets
    parameters: AlignmentParameters
    cumulative_budget_t: Floats  # (companies,), base year to end year
    cumulative_trajectory_t: Floats
    cumulative_target_t: Floats
    temperatures: ImpliedTemperatures

    def __len__(self) -> int:
        return len(self.matches)


def align(
    paths: CompanyPaths,
    matches: Sequence[Match],
    outputs: Outputs | None = None,
    target_probability: Floats | None = None,
    parameters: AlignmentParameters | None = None,
) -> Alignment:
    """Cumulative overshoot and implied temperature of a batch; `matches` holds the benchmark of each company.

    The sums run from the first reported year that the benchmark has, so that earlier reductions count.
    """
    parameters = parameters or AlignmentParameters()
    pathways = [match.pathway for match in matches]
    left = budgets(paths, pathways, outputs, parameters)
    n = len(pathways)
    budget, trajectory, target = (
        cumulative_t(path, paths.years, left.base_year, parameters.end_year, parameters.cumulative_rule)
        for path in (left.budget_t, paths.trajectory_t, paths.target_t)
    )
    temperatures = implied_temperatures(
        budget,
        trajectory,
        target,
        np.full(n, np.nan) if target_probability is None else target_probability,
        np.array([pathway.temperature_c for pathway in pathways], dtype=np.float64),
        np.array([pathway.global_budget_gtco2 for pathway in pathways], dtype=np.float64),
        parameters.warming,
    )
    return Alignment(paths, tuple(matches), left, parameters, budget, trajectory, target, temperatures)
