"""Method demo-0: from what was measured to a score with an exact waterfall.

Source of the form: OECD/JRC, Handbook on Constructing Composite Indicators (2008), steps 5 (normalisation) and
6 (weighting and aggregation). Formulas with a worked example: docs/reference/method.md.
Columns are added one by one in the order of the parameters, so a batch of one and a batch of N give the same bits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

import numpy as np

from scoring.engine.columns import Bools, Floats, Ints
from scoring.engine.errors import BarsDoNotAddUp
from scoring.engine.inputs import Inputs
from scoring.engine.means import logarithmic_mean
from scoring.engine.score.assisted import BASELINE, EstimateRecord, assist
from scoring.engine.score.indicators import NO_ROW, Measures, measure
from scoring.engine.score.methodology import MEASURED, Band, Methodology, Parameters
from scoring.engine.score.result import Lines, Result, ScoreColumns
from scoring.engine.score.trajectory import TrajectorySteps, trajectory_steps


def score(
    batch: Inputs,
    methodology: Methodology,
    as_of: date,
    estimates: Sequence[EstimateRecord | None] | None = None,
) -> Result:
    """Scores of a batch, in its order. Raises FutureYear for a company-year after `as_of`.

    `estimates`, one a company, are what a model says of emissions that nobody reported; only the assisted score looks.

    Utilities are 1 to 100, weights are shares. A company that lacks a required pillar or enough coverage is
    `insufficient`: its value is NaN here and None in its record.
    """
    parameters = methodology.parameters
    measures = measure(batch, parameters, as_of)
    rules = parameters.trajectory_rules
    trajectory = trajectory_steps(batch, measures, rules, as_of) if rules else None
    lines = _lines(batch, measures, trajectory, methodology)
    emissions = _emissions_score(lines.utility, parameters)
    assisted = assist(batch, methodology, measures, lines.utility, estimates)
    return Result(batch, methodology, as_of, measures, trajectory, lines, emissions, assisted)


def signed_log10(measures: Measures) -> dict[str, Floats]:
    """x' of the measured indicators: logarithmic, and signed so that more is better."""
    return {"carbon_intensity": -np.log10(measures.intensity), "emissions_change": -measures.slope_log10}


def stated_steps(measures: Measures, trajectory: TrajectorySteps | None) -> dict[str, Ints]:
    """Steps of the indicators on stairs, NO_ROW where missing."""
    steps = {"target": measures.target_step, "plan": measures.plan_step, "data_rung": measures.rung_step}
    if trajectory is None:
        return steps
    return steps | {"temperature": trajectory.temperature_step, "goals_3060": trajectory.goals_step}


def _lines(batch: Inputs, measures: Measures, trajectory: TrajectorySteps | None, methodology: Methodology) -> Lines:
    """Utilities (indicators, companies), NaN where missing, in the order of the parameters."""
    x = signed_log10(measures)
    steps = stated_steps(measures, trajectory)
    utilities, at_goalposts = [], []
    for indicator in (i for pillar in methodology.parameters.pillars for i in pillar.indicators):
        if indicator.code in MEASURED:
            utility, at_goalpost = _between_goalposts(x[indicator.code], indicator.code, batch.sector, methodology)
        else:
            utility = _on_staircase(steps[indicator.code], indicator.steps)
            at_goalpost = np.zeros(len(batch), dtype=np.bool_)
        utilities.append(utility)
        at_goalposts.append(at_goalpost)
    return Lines(np.array(utilities), np.array(at_goalposts))


def _between_goalposts(
    x: Floats, code: str, sectors: Sequence[str | None], methodology: Methodology
) -> tuple[Floats, Bools]:
    posts = methodology.goalposts[code]
    mine = [posts.economy if sector is None else posts.sectors.get(sector, posts.economy) for sector in sectors]
    lo = np.array([post.lo for post in mine], dtype=np.float64)
    hi = np.array([post.hi for post in mine], dtype=np.float64)
    share = (x - lo) / (hi - lo)
    floor = methodology.parameters.floor_share
    return np.clip(share, floor, 1.0) * 100.0, (share <= floor) | (share >= 1.0)


def _on_staircase(step: Ints, utilities: tuple[float, ...]) -> Floats:
    return np.where(step == NO_ROW, np.nan, np.array(utilities)[np.maximum(step, 0)])


@dataclass(frozen=True, eq=False)
class _Mean:
    """A weighted geometric mean over what is observed, in logarithms; shapes (n,) and (members, n)."""

    log: Floats  # NaN where nothing is observed
    observed_weight: Floats  # before redistribution
    weights: Floats  # after it; 0 for a missing member


def _geometric_mean(logs: Sequence[Floats], weights: Sequence[float], observed: Sequence[Bools]) -> _Mean:
    """Missing members leave their weight to the observed ones, in proportion."""
    total = np.zeros(logs[0].shape)
    for weight, seen in zip(weights, observed, strict=True):
        total = total + np.where(seen, weight, 0.0)
    divisor = np.where(total > 0, total, np.nan)
    shares = [np.where(seen, weight / divisor, 0.0) for weight, seen in zip(weights, observed, strict=True)]
    log = np.where(total > 0, 0.0, np.nan)
    for share, member, seen in zip(shares, logs, observed, strict=True):
        log = log + np.where(seen, share * member, 0.0)
    return _Mean(log, total, np.array(shares))


def _emissions_score(utility: Floats, parameters: Parameters) -> ScoreColumns:
    logs = np.log(np.ascontiguousarray(utility))
    observed = ~np.isnan(utility)
    n = utility.shape[1]
    inside: list[_Mean] = []
    coverage, required_there = np.zeros(n), np.ones(n, dtype=np.bool_)
    row = 0
    for pillar in parameters.pillars:
        rows = range(row, row + len(pillar.indicators))
        row += len(pillar.indicators)
        mean = _geometric_mean(
            [logs[j] for j in rows], [indicator.weight for indicator in pillar.indicators], [observed[j] for j in rows]
        )
        inside.append(mean)
        coverage = coverage + pillar.weight * mean.observed_weight
        if pillar.required:
            required_there &= mean.observed_weight > 0
    across = _geometric_mean(
        [mean.log for mean in inside],
        [pillar.weight for pillar in parameters.pillars],
        [mean.observed_weight > 0 for mean in inside],
    )
    # Orders and letters come from values rounded to 1e-9, so that another CPU's last bit cannot move a company.
    scored = required_there & (np.round(coverage, 9) >= round(parameters.min_coverage, 9))
    value = np.where(scored, np.exp(across.log), np.nan)
    scale = logarithmic_mean(value, np.full(n, BASELINE))
    log_baseline = np.log(BASELINE)
    weights = np.array([across.weights[k] * v for k, mean in enumerate(inside) for v in mean.weights])
    return ScoreColumns(
        scored=scored,
        value=value,
        band=letters(value, parameters.bands),
        coverage=coverage,
        pillar_utility=np.exp(np.array([mean.log for mean in inside])),
        pillar_weight=across.weights,
        pillar_contribution=np.array(
            [scale * across.weights[k] * (mean.log - log_baseline) for k, mean in enumerate(inside)]
        ),
        indicator_weight=weights,
        indicator_contribution=np.array([scale * weights[j] * (logs[j] - log_baseline) for j in range(len(logs))]),
    )


def letters(value: Floats, bands: Sequence[Band]) -> tuple[str | None, ...]:
    """The band of each value, from the value rounded to 1e-9; None for NaN."""
    upwards = bands[::-1]
    rounded = np.round(value, 9)
    position = np.searchsorted(np.array([band.at_least for band in upwards]), rounded, side="right") - 1
    missing = np.isnan(value).tolist()
    return tuple(None if gone else upwards[p].letter for p, gone in zip(position.tolist(), missing, strict=True))


def printed(contributions: Sequence[float], total: float, decimals: int) -> list[Decimal]:
    """Contributions rounded by largest remainder, so that the printed bars sum to the printed total exactly.

    `total` is what they sum to: the score less its baseline. Among equal remainders the first gets the unit.
    Raises BarsDoNotAddUp if they do not sum to it within 1e-6 beforehand.
    """
    unit = Decimal(1).scaleb(-decimals)
    exact = [Decimal(repr(round(part, 9))) / unit for part in contributions]
    if not abs(sum(contributions) - total) <= 1e-6:
        raise BarsDoNotAddUp("contributions do not sum to the total", value=(list(contributions), total))
    floors = [int(part.to_integral_value(ROUND_FLOOR)) for part in exact]
    short = int((Decimal(repr(round(total, 9))) / unit).to_integral_value(ROUND_HALF_EVEN)) - sum(floors)
    by_remainder = sorted(range(len(exact)), key=lambda i: floors[i] - exact[i])
    for i in by_remainder[:short]:
        floors[i] += 1
    return [whole * unit for whole in floors]
