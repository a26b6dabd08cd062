"""The temperature score on synthetic companies: ours, a bare floor, and on request the reference tool on the same."""

from __future__ import annotations

import json
import subprocess
import time
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from fund.bench.peers import SBTI_FINANCE_TOOL, WWF_ITR
from fund.bench.run import peak_mib
from scoring.engine.columns import Bools, Floats, Ints
from scoring.engine.temperature.inputs import (
    CATEGORIES,
    S1,
    S1S2,
    S1S2S3,
    S2,
    S3,
    TARGET_SCOPES,
    TIME_FRAMES,
    TemperatureCompanies,
    TemperatureTargets,
    Words,
)
from scoring.engine.temperature.methods import EDITION_10, MethodName, TemperatureMethod
from scoring.engine.temperature.portfolio import AGGREGATIONS, Aggregate, Holdings, Portfolio
from scoring.engine.temperature.score import score
from scoring.engine.temperature.scores import TemperatureScores
from scoring.tables.temperature import shipped_method

AS_OF = date(2026, 6, 30)
ROUNDS = 5
ISIC = ("A01", "C23", "C24", "C26", "D35", "H49", "K64")
METRICS = ("Revenue", "Product", "Cement", "Oil", "Steel", "Aluminum", "Power", "Other")


class PeerFailed(Exception):
    """The other interpreter did not run the reference tool to its end."""


@dataclass(frozen=True, eq=False)
class Synthetic:
    companies: TemperatureCompanies
    targets: TemperatureTargets
    holdings: Holdings


@dataclass(frozen=True)
class TemperatureFigures:
    """`ratio` is seconds / floor_seconds; medians of rounds in which the two alternate."""

    bench: str
    method: str
    n: int
    companies: int
    targets: int
    aggregates: int
    seconds: float
    floor_seconds: float
    ratio: float
    peak_mib: float


@dataclass(frozen=True)
class PeerFigures:
    """The reference tool on the same companies and targets, from its own objects in memory to its aggregations."""

    peer: str
    peer_seconds: float
    peer_ratio: float  # peer_seconds / seconds
    compared_scores: int
    differing_scores: int
    compared_aggregates: int
    differing_aggregates: int  # by more than 1e-9


def bench_temperature(companies: int, seed: int, peer: Path | None, name: MethodName = "current") -> dict[str, Any]:
    """Columns in memory to company scores and all aggregates with their top contributors, beside the floor."""
    made, method = synthesise(companies, seed), shipped_method(name)
    times: list[float] = []
    floors: list[float] = []
    for _round in range(ROUNDS + 1):  # the first one warms up
        began = time.perf_counter()
        scores, aggregates = run(made, method)
        middle = time.perf_counter()
        floor(made, method)
        times.append(middle - began)
        floors.append(time.perf_counter() - middle)
    seconds, floor_seconds = median(times[1:]), median(floors[1:])
    figures = TemperatureFigures(
        bench="temperature",
        method=name,
        n=companies,
        companies=companies,
        targets=len(made.targets),
        aggregates=len(aggregates),
        seconds=round(seconds, 4),
        floor_seconds=round(floor_seconds, 4),
        ratio=round(seconds / floor_seconds, 2),
        peak_mib=round(peak_mib(), 1),
    )
    found = asdict(figures)
    if peer is not None:
        found |= asdict(compare(made, scores, aggregates, seconds, peer))
    return found


def run(made: Synthetic, method: TemperatureMethod) -> tuple[TemperatureScores, list[Aggregate]]:
    scores = score(made.companies, made.targets, method, AS_OF)
    return scores, Portfolio(scores, made.holdings).aggregates()


def synthesise(count: int, seed: int) -> Synthetic:
    """Companies with about two targets each: every scope, both types, all time frames, some refused."""
    chance = np.random.default_rng(seed)
    ids = tuple(f"bench-{number:07}" for number in range(count))
    ghg_s1s2_t = 10 ** chance.uniform(2, 7, count)
    value = 10 ** chance.uniform(7, 11, count)
    ghg_s3_t = ghg_s1s2_t * 10 ** chance.uniform(-2, 1.5, count)
    companies = TemperatureCompanies(
        company_id=ids,
        company_name=tuple(f"Company {key}" for key in ids),
        isic=Words(chance.integers(-1, len(ISIC), count), ISIC),
        ghg_s1s2_t=ghg_s1s2_t,
        ghg_s3_t=ghg_s3_t,
        revenue=value * chance.uniform(0.2, 3, count),
        market_cap=value,
        enterprise_value=value * chance.uniform(0.9, 1.6, count),
        total_assets=value * chance.uniform(0.3, 4, count),
        cash_equivalents=value * chance.uniform(0.01, 0.2, count),
        ghg_s1_t=ghg_s1s2_t * (s1_share := chance.uniform(0.05, 0.95, count)),
        ghg_s2_t=ghg_s1s2_t * (1.0 - s1_share),
        ghg_s3_by_category_t=ghg_s3_t[:, None] * chance.dirichlet(np.ones(CATEGORIES), count),
    )
    targets = _targets(count, chance)
    invested = np.round(10 ** chance.uniform(4, 8, count), 2)
    return Synthetic(companies, targets, Holdings(np.arange(count), invested, chance.random(count) < 0.2))


def _targets(count: int, chance: np.random.Generator) -> TemperatureTargets:
    owner = np.sort(chance.integers(0, count, 2 * count))
    n = len(owner)
    scope = chance.choice([S1S2, S3, S1S2S3, S1, S2], n, p=[0.4, 0.2, 0.2, 0.1, 0.1])
    intensity = chance.random(n) < 0.35
    base_year = chance.integers(2010, 2025, n)
    coverage = np.round(chance.choice([0.5, 0.67, 0.9, 0.95, 1.0], n), 3)
    end_year = base_year + chance.integers(4, 40, n)
    # Every fourth target pairs with its neighbour, so that scope 1 and scope 2 targets meet.
    twin = np.flatnonzero((scope[1:] == S2) & (chance.random(n - 1) < 0.8)) + 1
    scope[twin - 1] = S1
    for column in (owner, base_year, end_year, intensity):
        column[twin] = column[twin - 1]
    metric = np.where(intensity, chance.integers(0, len(METRICS), n), -1)
    metric[twin] = metric[twin - 1]
    covers = {
        "coverage_s1": np.isin(scope, (S1S2, S1S2S3, S1)),
        "coverage_s2": np.isin(scope, (S1S2, S1S2S3, S2)),
        "coverage_s3": np.isin(scope, (S3, S1S2S3)),
    }
    return TemperatureTargets(
        company=owner,
        target_type=Words(intensity.astype(np.int64), ("Absolute", "Intensity")),
        intensity_metric=Words(metric, METRICS),
        scope=scope,
        **{name: np.where(covered, coverage, np.nan) for name, covered in covers.items()},
        reduction_ambition=np.where(chance.random(n) < 0.03, np.nan, np.round(chance.uniform(0.05, 1, n), 4)),
        base_year=base_year,
        start_year=np.where(chance.random(n) < 0.3, 0, base_year),
        end_year=end_year,
        base_year_ghg_s1_t=np.round(10 ** chance.uniform(2, 6, n), 2),
        base_year_ghg_s2_t=np.round(10 ** chance.uniform(2, 6, n), 2),
        achieved_reduction=chance.choice([0.0, 0.1, 0.5, 1.0], n, p=[0.5, 0.25, 0.2, 0.05]),
        s3_category=np.where(scope == S3, chance.integers(0, CATEGORIES + 1, n), np.where(scope == S1S2S3, 0, -1)),
        base_year_ghg_s3_t=np.round(10 ** chance.uniform(3, 7, n), 2),
        statement_day=chance.integers(2019, 2026, n) * 10000 + 601,
    )


def floor(made: Synthetic, method: TemperatureMethod) -> Floats:
    """What nobody can leave out, on the same integer-coded columns, in bare numpy.

    Validity, splitting, converting and the boundary as plain arithmetic on every target, one sort by cell and
    preference, the regression, the mix of scopes, rounding, and a weighted mean with its five largest parts for each
    method, time frame and scope. Left out: which rule refused, scope 1 and 2 targets against each other, tie-breaks
    after the second, missing weights, coverage, default shares, names.
    """
    cells = floor_10(made, method) if method.edition is EDITION_10 else floor_15(made, method)
    companies, holdings = made.companies, made.holdings
    by_cell = np.ascontiguousarray(np.round(cells, 2).transpose(1, 2, 0))
    s1s2_t, s3_t = companies.ghg_s1s2_t, companies.ghg_s3_t
    emissions = (s1s2_t, s3_t, s1s2_t + s3_t, companies.ghg_s1_t, companies.ghg_s2_t)[: cells.shape[2]]
    invested = holdings.investment_value
    divisors = (
        companies.market_cap,
        companies.enterprise_value,
        companies.enterprise_value + companies.cash_equivalents,
        companies.total_assets,
        companies.revenue,
    )
    out = np.zeros((len(AGGREGATIONS), 3, len(emissions)))
    for scope_code, emitted in enumerate(emissions):
        weights = [invested, emitted, *(invested / divisor * emitted for divisor in divisors)]
        for method_code, weight in enumerate(weights):
            total = weight.sum()
            for frame_code in range(3):
                part = weight * by_cell[frame_code, scope_code] / total
                out[method_code, frame_code, scope_code] = part.sum()
                np.argpartition(part, max(len(part) - 5, 0))
    return out


def floor_10(made: Synthetic, method: TemperatureMethod) -> Floats:
    targets, companies = made.targets, made.companies
    valid = _valid(targets)
    ghg_s1, ghg_s2 = targets.base_year_ghg_s1_t, targets.base_year_ghg_s2_t
    coverage = (targets.coverage_s1 * ghg_s1 + targets.coverage_s2 * ghg_s2) / (ghg_s1 + ghg_s2)
    parts = np.repeat(np.flatnonzero(valid), 1 + (targets.scope[valid] == S1S2S3))
    scope = np.where(targets.scope[parts] == S3, 1, 0)
    scope[1:][parts[1:] == parts[:-1]] = 1
    covered = np.where(scope == 1, targets.coverage_s3[parts], coverage[parts])
    ambition = targets.reduction_ambition[parts] * np.where(covered < method.s1s2_boundary, covered, 1.0)
    frame = np.searchsorted(method.last_year_ahead, targets.end_year[parts] - AS_OF.year)
    cell = targets.company[parts] * 9 + np.minimum(frame, 2) * 3 + scope
    best, at = _first(cell, -targets.end_year[parts], -covered)
    years = targets.end_year[parts[best]] - targets.base_year[parts[best]]
    variable = targets.target_type.code[parts[best]] * 2
    frames = np.minimum(frame[best], 2)
    warming = method.coefficients.param[variable, frames] * ambition[best] / years * 100
    warming = np.maximum(warming + method.coefficients.intercept[variable, frames], method.floor_c)
    grid = _grid(len(companies), 3, at, warming, method)
    ghg_s1s2_t, ghg_s3_t = companies.ghg_s1s2_t[:, None], companies.ghg_s3_t[:, None]
    total_t = ghg_s1s2_t + ghg_s3_t
    weighted = (grid[:, :, 0] * ghg_s1s2_t + grid[:, :, 1] * ghg_s3_t) / total_t
    grid[:, :, 2] = np.where(ghg_s3_t / total_t < method.s3_share, grid[:, :, 0], weighted)
    return grid


def floor_15(made: Synthetic, method: TemperatureMethod) -> Floats:
    targets, companies = made.targets, made.companies
    rows = np.flatnonzero(_valid(targets))
    of = targets.scope[rows]
    on_both = (of == S1S2) | (of == S1S2S3)
    on = {S1: (of == S1) | on_both, S2: (of == S2) | on_both, S3: (of == S3) | (of == S1S2S3)}
    parts = np.concatenate([rows[is_on] for is_on in on.values()])
    scope = np.repeat(list(on), [np.count_nonzero(is_on) for is_on in on.values()])
    given = np.column_stack([targets.coverage_s1, targets.coverage_s2, targets.coverage_s3])
    covered = given[parts, np.where(scope == S3, 2, scope - S1)]
    ambition = targets.reduction_ambition[parts] * covered
    frame = np.searchsorted(method.last_year_ahead, targets.end_year[parts] - AS_OF.year)
    category = np.where(scope == S3, np.maximum(targets.s3_category[parts], 0), 0)
    cell = (targets.company[parts] * 3 + frame) * 5 + scope
    best, _place = _first(cell * 16 + category, -covered, -targets.statement_day[parts])
    years = targets.end_year[parts[best]] - targets.base_year[parts[best]]
    rate = np.maximum(1 - ambition[best], 0) ** (1 / years) - 1
    variable, frames = targets.target_type.code[parts[best]] * 3 + (scope[best] == S2), frame[best]
    warming = method.coefficients.intercept[variable, frames] - method.coefficients.param[variable, frames] * rate * 100
    warming = np.maximum(warming, method.floor_c)
    by_category = category[best] > 0
    grid = _grid(len(companies), 5, cell[best][~by_category], warming[~by_category], method)
    places, place = np.unique(cell[best][by_category], return_inverse=True)
    scores = np.full((len(places), 15), method.fallback_score_c)
    scores[place, category[best][by_category] - 1] = np.nan_to_num(warming[by_category], nan=method.fallback_score_c)
    tonnes = companies.ghg_s3_by_category_t[places // 15]
    grid.reshape(-1)[places] = (tonnes * scores).sum(axis=1) / tonnes.sum(axis=1)
    s1_t, s2_t, s3_t = (column[:, None] for column in (companies.ghg_s1_t, companies.ghg_s2_t, companies.ghg_s3_t))
    grid[:, :, S1S2] = (grid[:, :, S1] * s1_t + grid[:, :, S2] * s2_t) / (s1_t + s2_t)
    both_t = companies.ghg_s1s2_t[:, None]
    grid[:, :, S1S2S3] = (grid[:, :, S1S2] * both_t + grid[:, :, S3] * s3_t) / (both_t + s3_t)
    return grid


def _valid(targets: TemperatureTargets) -> Bools:
    valid = (targets.end_year >= AS_OF.year) & ~(targets.achieved_reduction >= 1)
    return valid & (targets.end_year > targets.base_year)


def _first(cell: Ints, second: Floats | Ints, first: Floats | Ints) -> tuple[Ints, Ints]:
    """Of each cell the row that goes before, and the cell."""
    order = np.lexsort((second, first, cell))
    is_first = np.ones(len(order), dtype=np.bool_)
    is_first[1:] = cell[order][1:] != cell[order][:-1]
    best: Ints = order[is_first]
    return best, cell[best]


def _grid(companies: int, scopes: int, at: Ints, warming: Floats, method: TemperatureMethod) -> Floats:
    cells = np.full(companies * 3 * scopes, method.fallback_score_c)
    cells[at] = np.where(np.isnan(warming), method.fallback_score_c, warming)
    return cells.reshape(companies, 3, scopes)


def compare(
    made: Synthetic, scores: TemperatureScores, aggregates: list[Aggregate], seconds: float, peer: Path
) -> PeerFigures:
    """Runs the edition's reference tool in the interpreter `peer`, which must have it, and compares score by score."""
    script = SBTI_FINANCE_TOOL if scores.method.edition is EDITION_10 else WWF_ITR
    with TemporaryDirectory(prefix="greenlight-bench-") as folder:
        given, answered = Path(folder) / "given.json", Path(folder) / "answered.json"
        given.write_text(json.dumps(_records(made)), encoding="utf-8")
        try:
            subprocess.run(  # noqa: S603  the interpreter is the operator's own choice
                [str(peer), "-c", script, str(given), str(answered)], capture_output=True, text=True, check=True
            )
        except OSError as error:
            raise PeerFailed(f"{peer} cannot be run: {error}") from error
        except subprocess.CalledProcessError as error:
            raise PeerFailed(f"{peer} could not run the reference tool:\n{error.stderr[-2000:]}") from error
        theirs = json.loads(answered.read_text(encoding="utf-8"))
    ids = {key: at for at, key in enumerate(made.companies.company_id)}
    differing = 0
    for key, frame, scope, value in theirs["scores"]:
        mine = scores.score_c[ids[key], TIME_FRAMES.index(frame), TARGET_SCOPES.index(scope)]
        differing += not (mine == value or (value is None and np.isnan(mine)))
    ours = {(one.method, one.time_frame, one.scope): one.score_c for one in aggregates}
    apart = [abs((ours[name, frame, scope] or 0.0) - value) for name, frame, scope, value in theirs["aggregates"]]
    return PeerFigures(
        peer=theirs["version"],
        peer_seconds=round(theirs["seconds"], 3),
        peer_ratio=round(theirs["seconds"] / seconds, 1),
        compared_scores=len(theirs["scores"]),
        differing_scores=differing,
        compared_aggregates=len(apart),
        differing_aggregates=sum(gap > 1e-9 for gap in apart),
    )


def _records(made: Synthetic) -> dict[str, Any]:
    companies, targets = made.companies, made.targets

    def listed(column: Any) -> list[Any]:
        return [None if value != value else value for value in column.tolist()]

    ids = companies.company_id
    return {
        "year": AS_OF.isoformat(),
        "companies": {
            "company_id": ids,
            "company_name": companies.company_name,
            "isic": [word or None for word in companies.isic.texts()],
            "ghg_s1s2": listed(companies.ghg_s1s2_t),
            "ghg_s3": listed(companies.ghg_s3_t),
            "ghg_s1": listed(companies.ghg_s1_t),
            "ghg_s2": listed(companies.ghg_s2_t),
            **{f"ghg_s3_{at + 1}": listed(companies.ghg_s3_by_category_t[:, at]) for at in range(CATEGORIES)},
            "company_revenue": listed(companies.revenue),
            "company_market_cap": listed(companies.market_cap),
            "company_enterprise_value": listed(companies.enterprise_value),
            "company_total_assets": listed(companies.total_assets),
            "company_cash_equivalents": listed(companies.cash_equivalents),
        },
        "targets": {
            "company_id": [ids[at] for at in targets.company.tolist()],
            "target_type": targets.target_type.texts(),
            "intensity_metric": [word or None for word in targets.intensity_metric.texts()],
            "scope": [TARGET_SCOPES[code] for code in targets.scope.tolist()],
            "coverage_s1": listed(targets.coverage_s1),
            "coverage_s2": listed(targets.coverage_s2),
            "coverage_s3": listed(targets.coverage_s3),
            "reduction_ambition": listed(targets.reduction_ambition),
            "base_year": listed(targets.base_year),
            "start_year": [value or None for value in targets.start_year.tolist()],
            "end_year": listed(targets.end_year),
            "base_year_ghg_s1": listed(targets.base_year_ghg_s1_t),
            "base_year_ghg_s2": listed(targets.base_year_ghg_s2_t),
            "achieved_reduction": listed(targets.achieved_reduction),
            "base_year_ghg_s3": listed(targets.base_year_ghg_s3_t),
            "s3_category": listed(targets.s3_category),
            "statement_date": [f"{day // 10000}-{day // 100 % 100:02}-{day % 100:02}" for day in targets.statement_day],
        },
        "investment_value": made.holdings.investment_value.tolist(),
    }
