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

from fund.bench.run import peak_mib
from scoring.engine.columns import Floats
from scoring.engine.temperature.inputs import (
    S1,
    S1S2,
    S1S2S3,
    S2,
    S3,
    SCOPES,
    TARGET_SCOPES,
    TIME_FRAMES,
    TemperatureCompanies,
    TemperatureMethod,
    TemperatureTargets,
    Words,
)
from scoring.engine.temperature.portfolio import AGGREGATIONS, Aggregate, Holdings, Portfolio
from scoring.engine.temperature.score import TemperatureScores, score
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


def bench_temperature(companies: int, seed: int, peer: Path | None) -> dict[str, Any]:
    """Columns in memory to company scores and 63 aggregates with their top contributors, beside the floor."""
    made, method = synthesise(companies, seed), shipped_method("parity")
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
    companies = TemperatureCompanies(
        company_id=ids,
        company_name=tuple(f"Company {key}" for key in ids),
        isic=Words(chance.integers(-1, len(ISIC), count), ISIC),
        ghg_s1s2_t=ghg_s1s2_t,
        ghg_s3_t=ghg_s1s2_t * 10 ** chance.uniform(-2, 1.5, count),
        revenue=value * chance.uniform(0.2, 3, count),
        market_cap=value,
        enterprise_value=value * chance.uniform(0.9, 1.6, count),
        total_assets=value * chance.uniform(0.3, 4, count),
        cash_equivalents=value * chance.uniform(0.01, 0.2, count),
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
    )


def floor(made: Synthetic, method: TemperatureMethod) -> Floats:
    """What nobody can leave out, on the same integer-coded columns, in bare numpy.

    Validity, splitting, converting and the boundary as plain arithmetic on every target, one sort by cell and
    preference, the regression, the mix of scopes, rounding, and 63 weighted means with their five largest parts. Left
    out: which rule refused, combining scope 1 with scope 2, tie-breaks after the end year, missing weights, coverage,
    default shares, names.
    """
    targets, companies, holdings = made.targets, made.companies, made.holdings
    valid = (targets.end_year >= AS_OF.year) & ~(targets.achieved_reduction >= 1)
    valid &= targets.end_year > targets.base_year
    ghg_s1, ghg_s2 = targets.base_year_ghg_s1_t, targets.base_year_ghg_s2_t
    coverage = (targets.coverage_s1 * ghg_s1 + targets.coverage_s2 * ghg_s2) / (ghg_s1 + ghg_s2)
    parts = np.repeat(np.flatnonzero(valid), 1 + (targets.scope[valid] == S1S2S3))
    scope = np.where(targets.scope[parts] == S3, 1, 0)
    scope[1:][parts[1:] == parts[:-1]] = 1
    covered = np.where(scope == 1, targets.coverage_s3[parts], coverage[parts])
    ambition = targets.reduction_ambition[parts] * np.where(covered < 0.95, covered, 1.0)
    frame = np.searchsorted(method.last_year_ahead, targets.end_year[parts] - AS_OF.year)
    cell = targets.company[parts] * 9 + np.minimum(frame, 2) * 3 + scope
    order = np.lexsort((-targets.end_year[parts], -covered, cell))
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = cell[order][1:] != cell[order][:-1]
    best, at = order[first], cell[order][first]
    years = targets.end_year[parts[best]] - targets.base_year[parts[best]]
    variable = targets.target_type.code[parts[best]] * 2
    frames = np.minimum(frame[best], 2)
    warming = method.coefficients.param[variable, frames] * ambition[best] / years * 100
    warming = np.maximum(warming + method.coefficients.intercept[variable, frames], 0.0)
    cells = np.full(len(companies) * 9, 3.2)
    cells[at] = np.where(np.isnan(warming), 3.2, warming)
    grid = cells.reshape(-1, 3, 3)
    ghg_s1s2_t, ghg_s3_t = companies.ghg_s1s2_t[:, None], companies.ghg_s3_t[:, None]
    total_t = ghg_s1s2_t + ghg_s3_t
    weighted = (grid[:, :, 0] * ghg_s1s2_t + grid[:, :, 1] * ghg_s3_t) / total_t
    grid[:, :, 2] = np.where(ghg_s3_t / total_t < 0.4, grid[:, :, 0], weighted)
    by_cell = np.ascontiguousarray(np.round(grid, 2).transpose(1, 2, 0))
    emissions = (companies.ghg_s1s2_t, companies.ghg_s3_t, total_t[:, 0])
    invested = holdings.investment_value
    divisors = (
        companies.market_cap,
        companies.enterprise_value,
        companies.enterprise_value + companies.cash_equivalents,
        companies.total_assets,
        companies.revenue,
    )
    out = np.zeros((len(AGGREGATIONS), 3, 3))
    for scope_code in range(3):
        emitted = emissions[scope_code]
        weights = [invested, emitted, *(invested / divisor * emitted for divisor in divisors)]
        for method_code, weight in enumerate(weights):
            total = weight.sum()
            for frame_code in range(3):
                part = weight * by_cell[frame_code, scope_code] / total
                out[method_code, frame_code, scope_code] = part.sum()
                np.argpartition(part, max(len(part) - 5, 0))
    return out


def compare(
    made: Synthetic, scores: TemperatureScores, aggregates: list[Aggregate], seconds: float, peer: Path
) -> PeerFigures:
    """Runs PEER in the interpreter `peer`, which must have sbti-finance-tool 1.3.1, and compares score by score."""
    with TemporaryDirectory(prefix="greenlight-bench-") as folder:
        given, answered = Path(folder) / "given.json", Path(folder) / "answered.json"
        given.write_text(json.dumps(_records(made)), encoding="utf-8")
        try:
            subprocess.run(  # noqa: S603  the interpreter is the operator's own choice
                [str(peer), "-c", PEER, str(given), str(answered)], capture_output=True, text=True, check=True
            )
        except OSError as error:
            raise PeerFailed(f"{peer} cannot be run: {error}") from error
        except subprocess.CalledProcessError as error:
            raise PeerFailed(f"{peer} could not run the reference tool:\n{error.stderr[-2000:]}") from error
        theirs = json.loads(answered.read_text(encoding="utf-8"))
    ids = {key: at for at, key in enumerate(made.companies.company_id)}
    differing = 0
    for key, frame, scope, value in theirs["scores"]:
        mine = scores.score_c[ids[key], TIME_FRAMES.index(frame), SCOPES.index(scope)]
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
        },
        "investment_value": made.holdings.investment_value.tolist(),
    }


# Timed from the tool's own objects in memory, as ours is from columns. The network is never asked: its target protocol,
# scores and aggregations are called directly, past the part that downloads a register.
PEER = """
import datetime, json, math, sys, time, warnings
warnings.simplefilter("ignore")
from importlib.metadata import version
import pandas as pd
from SBTi.interfaces import EScope, ETimeFrames, IDataProviderCompany, IDataProviderTarget
from SBTi.portfolio_aggregation import PortfolioAggregationMethod
from SBTi.target_validation import TargetProtocol
from SBTi.temperature_score import TemperatureScore
given = json.load(open(sys.argv[1]))
def rows(columns):
    names = list(columns)
    return [dict(zip(names, values)) for values in zip(*columns.values())]
figures = ("coverage_s1", "coverage_s2", "coverage_s3", "reduction_ambition", "base_year_ghg_s1", "base_year_ghg_s2")
companies = [IDataProviderCompany.model_validate(row) for row in rows(given["companies"])]
targets = []
for row in rows(given["targets"]):
    row.update({name: float("nan") if row[name] is None else row[name] for name in figures})
    targets.append(IDataProviderTarget.model_validate(row | {"base_year_ghg_s3": float("nan")}))
held = pd.DataFrame({
    "company_id": given["companies"]["company_id"],
    "investment_value": given["investment_value"],
    "engagement_target": False,
})
frames, scopes = list(ETimeFrames), EScope.get_result_scopes()
began = time.perf_counter()
as_of = datetime.datetime.fromisoformat(given["year"])
grid = TargetProtocol(reporting_date=as_of).process(targets, companies)
grid = pd.merge(left=grid, right=held, how="left", on=["company_id"])
scored = TemperatureScore(time_frames=frames, scopes=scopes).calculate(grid)
aggregates = []
for method in PortfolioAggregationMethod:
    tool = TemperatureScore(time_frames=frames, scopes=scopes, aggregation_method=method)
    found = tool.aggregate_scores(scored)
    for frame in frames:
        for scope in scopes:
            aggregates.append((method.value, frame.value, scope.value, found[frame.value][scope.name].all.score))
seconds = time.perf_counter() - began
scores = [
    (key, frame.value, scope.value, None if math.isnan(value) else float(value))
    for key, frame, scope, value in zip(
        scored["company_id"], scored["time_frame"], scored["scope"], scored["temperature_score"]
    )
]
answer = {"version": "sbti-finance-tool " + version("sbti-finance-tool"), "seconds": seconds}
json.dump(answer | {"scores": scores, "aggregates": aggregates}, open(sys.argv[2], "w"))
"""
