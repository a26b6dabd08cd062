"""Edition 1.0 of the temperature score: the protocol of sbti-finance-tool 1.3.1, to the last tie-break.

Source: CDP-WWF Temperature Rating Methodology 1.0. In degrees C; shares from 0 to 1; every array of cells has the shape
(companies, time frames, 3 scopes). Words are as literal as the tool takes them.

Where the order of rows can decide: between scope 2 targets of one coverage, base year and ambition but other emissions,
and between targets that tie in everything but their metric.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scoring.engine.columns import Bools, Floats, Ints
from scoring.engine.temperature.inputs import (
    NONE,
    S1,
    S1S2,
    S1S2S3,
    S2,
    S3,
    SCOPES,
    TIME_FRAMES,
    TemperatureCompanies,
    TemperatureTargets,
)
from scoring.engine.temperature.methods import EDITION_10, TemperatureMethod
from scoring.engine.temperature.scores import OUTCOME, Candidates, TemperatureScores, first_of_each, per_row, rank

CELLS = len(TIME_FRAMES) * len(SCOPES)
KYOTO, INDUSTRY, KYOTO_PER_GDP, PER_ENERGY, PER_POWER = range(len(EDITION_10.variables))
# The annex of the method names INT.emCO2Elec_elecGen for power; the reference tool uses INT.emCO2EI_elecGen, so we do.
METRIC_VARIABLE: Mapping[str, int] = {
    **dict.fromkeys(("Revenue", "Product", "Cement", "Steel", "Aluminum"), KYOTO_PER_GDP),
    "Oil": PER_ENERGY,
    "Power": PER_POWER,
}
INDUSTRY_ISIC = ("C23", "C24", "D35")  # minerals, metals, power: absolute targets on scope 1+2 use INDUSTRY
# The order of `preference`.
LOST_BY = (
    "lower_coverage",
    "earlier_end_year",
    "earlier_base_year",
    "later_type",
    "incomplete",
    "less_ambitious",
)


def score(
    companies: TemperatureCompanies, targets: TemperatureTargets, method: TemperatureMethod, year: int
) -> TemperatureScores:
    """The whole way from targets to company scores."""
    candidates, rejected = protocol(targets, method, year)
    return score_chosen(companies, candidates, choose(candidates, len(companies)), rejected, method, year)


def protocol(targets: TemperatureTargets, method: TemperatureMethod, year: int) -> tuple[Candidates, Ints]:
    """Steps 1 to 7: the candidates, and for every target why it is none (0: it is one)."""
    rejected = _rejected(targets, year)
    valid = np.flatnonzero(rejected == 0)
    scope = targets.scope[valid]
    coverage_s1, coverage_s2 = targets.coverage_s1[valid], targets.coverage_s2[valid]
    ghg_s1_t, ghg_s2_t = targets.base_year_ghg_s1_t[valid], targets.base_year_ghg_s2_t[valid]
    total_t = ghg_s1_t + ghg_s2_t  # NaN where one of them is missing

    with np.errstate(divide="ignore", invalid="ignore"):
        whole = scope == S1S2S3
        to_s1s2 = whole & (~np.isnan(total_t) | (coverage_s1 == coverage_s2))
        weighted = to_s1s2 & ~np.isnan(total_t) & (total_t != 0)
        split_coverage = np.where(weighted, (coverage_s1 * ghg_s1_t + coverage_s2 * ghg_s2_t) / total_t, coverage_s1)
        parts = 1 + (whole & ~np.isnan(targets.coverage_s3[valid]))
        at = np.repeat(np.arange(len(valid)), parts)  # each target, and right after it its scope 3 part
        is_s3_part = np.concatenate([[False], at[1:] == at[:-1]]) if len(at) else np.zeros(0, dtype=np.bool_)
        row = valid[at]
        scope = np.where(is_s3_part, S3, np.where(to_s1s2, S1S2, scope)[at])
        coverage = np.where(is_s3_part, coverage_s1[at], split_coverage[at])

        words = _read_words(targets)
        ambition = targets.reduction_ambition[row]
        scope, coverage, ambition, partner = _combined(targets, words, row, scope, coverage, ambition)
        total_t = total_t[at]
        alone = ((scope == S1) | (scope == S2)) & (total_t != 0)
        coverage = np.where(alone & (scope == S1), coverage * ghg_s1_t[at] / total_t, coverage)
        coverage = np.where(alone & (scope == S2), coverage_s2[at] * ghg_s2_t[at] / total_t, coverage)
        scope = np.where(alone, S1S2, scope)

        coverage_s3 = targets.coverage_s3[row]
        ambition = np.where((scope == S1S2) & (coverage < method.s1s2_boundary), ambition * coverage, ambition)
        ambition = np.where((scope == S3) & (coverage_s3 < method.s3_boundary), ambition * coverage_s3, ambition)

    time_frame = np.searchsorted(method.last_year_ahead, targets.end_year[row] - year)
    lost = np.where(scope < len(SCOPES), 0, OUTCOME["no_base_year_emissions"])
    lost[time_frame == len(TIME_FRAMES)] = OUTCOME["too_far_ahead"]
    candidates = Candidates(
        source=row,
        partner=partner,
        company=targets.company[row],
        scope=scope,
        time_frame=np.where(lost == OUTCOME["too_far_ahead"], NONE, time_frame),
        intensity=words.intensity[row],
        metric_variable=words.metric_variable[row],
        type_rank=words.type_rank[row],
        metric_rank=np.zeros(len(row), dtype=np.int64),
        coverage_s1=coverage,
        coverage_s3=coverage_s3,
        ambition=ambition,
        base_year=targets.base_year[row],
        end_year=targets.end_year[row],
        category=targets.s3_category[row],
        statement_day=targets.statement_day[row],
        lost=lost,
    )
    return candidates, rejected


def _rejected(targets: TemperatureTargets, year: int) -> Ints:
    """Step 1: the first rule that a target breaks, in OUTCOMES; 0 where it is valid."""
    types = [word.lower() for word in targets.target_type.words]
    absolute = per_row(targets.target_type, ["abs" in word for word in types], otherwise=False)
    intensity = per_row(targets.target_type, ["int" in word for word in types], otherwise=False) & ~absolute
    metrics = [word.lower() == "other" for word in targets.intensity_metric.words]
    missing_s1 = np.isnan(targets.coverage_s1)
    missing_s2 = np.isnan(targets.coverage_s2)
    missing_ghg = np.isnan(targets.base_year_ghg_s1_t) | np.isnan(targets.base_year_ghg_s2_t)
    rules = {
        "no_year": (targets.base_year == 0) | (targets.end_year == 0),
        "unknown_type": ~absolute & ~intensity,
        "no_metric": intensity & (targets.intensity_metric.code == NONE),
        "metric_other": intensity & per_row(targets.intensity_metric, metrics, otherwise=False),
        "already_achieved": targets.achieved_reduction >= 1,
        "ends_before_start": targets.end_year <= _start_year(targets),
        "in_the_past": targets.end_year < year,
        "cannot_be_combined": ((targets.scope == S1) & (missing_s1 | missing_ghg))
        | ((targets.scope == S2) & (missing_s2 | missing_ghg)),
    }
    rejected = np.zeros(len(targets), dtype=np.int64)
    for word, broken in reversed(rules.items()):
        rejected[broken] = OUTCOME[word]
    return rejected


def _start_year(targets: TemperatureTargets) -> Ints:
    return np.where(targets.start_year == 0, targets.base_year, targets.start_year)


@dataclass(frozen=True, eq=False)
class _ReadWords:
    """What the words of each target mean, shape (targets,)."""

    intensity: Bools
    metric_variable: Ints
    type_rank: Ints  # the words themselves in order, as the tool sorts them
    metric_rank: Ints


def _read_words(targets: TemperatureTargets) -> _ReadWords:
    types, metrics = targets.target_type, targets.intensity_metric
    of_metric = np.array([METRIC_VARIABLE.get(word, NONE) for word in metrics.words] + [NONE], dtype=np.int64)
    return _ReadWords(
        per_row(types, [word.strip().lower().startswith("int") for word in types.words], otherwise=False),
        of_metric[metrics.code],
        rank(types, list(types.words)),
        rank(metrics, list(metrics.words)),
    )


def _combined(
    targets: TemperatureTargets,
    words: _ReadWords,
    row: Ints,
    scope: Ints,
    coverage: Floats,
    ambition: Floats,
) -> tuple[Ints, Floats, Floats, Ints]:
    """Step 4: each S1 with the best S2 of the same company, years, type and metric. The S2 target stays."""
    partner = np.full(len(row), NONE, dtype=np.int64)
    ones, twos = np.flatnonzero(scope == S1), np.flatnonzero(scope == S2)
    if not len(ones) or not len(twos):
        return scope, coverage, ambition, partner
    both = row[np.concatenate([ones, twos])]
    same = _joint_code(
        targets.company[both],
        targets.base_year[both],
        _start_year(targets)[both],
        targets.end_year[both],
        words.type_rank[both],
        words.metric_rank[both],
    )
    same_1, same_2 = same[: len(ones)], same[len(ones) :]
    two = row[twos]
    found_ambition = targets.reduction_ambition[two]
    # The base year is one of the tool's criteria too, but it is the same for all that match.
    keys = [same_2, -targets.coverage_s2[two], np.where(np.isnan(found_ambition), np.inf, -found_ambition)]
    best = np.lexsort(keys[::-1])
    at = np.minimum(np.searchsorted(same_2[best], same_1), len(best) - 1)
    matches = same_2[best][at] == same_1
    ones, two = ones[matches], two[best][at[matches]]

    one = row[ones]
    weight_1 = targets.coverage_s1[one] * targets.base_year_ghg_s1_t[one]
    weight_2 = targets.coverage_s2[two] * targets.base_year_ghg_s2_t[two]
    total_t = targets.base_year_ghg_s1_t[one] + targets.base_year_ghg_s2_t[two]
    covered_t = weight_1 + weight_2
    joint_ambition = (
        ambition[ones] * targets.coverage_s1[one] * targets.base_year_ghg_s1_t[one]
        + targets.reduction_ambition[two] * targets.coverage_s2[two] * targets.base_year_ghg_s2_t[two]
    ) / covered_t
    usable = (total_t != 0) & (covered_t != 0)
    ones, two = ones[usable], two[usable]
    scope, coverage, ambition = scope.copy(), coverage.copy(), ambition.copy()
    scope[ones], partner[ones] = S1S2, two
    coverage[ones] = (covered_t / total_t)[usable]
    ambition[ones] = joint_ambition[usable]
    return scope, coverage, ambition, partner


def _joint_code(*columns: Ints) -> Ints:
    """One number for each distinct row of the columns."""
    code = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        values = np.unique(column, return_inverse=True)[1]
        code = np.unique(code * (values.max() + 1) + values, return_inverse=True)[1]
    return code


def choose(candidates: Candidates, companies: int) -> Ints:
    """Step 8: the candidate of each cell, shape (companies, time frames, scopes), NONE where there is none."""
    chosen = np.full(companies * CELLS, NONE, dtype=np.int64)
    cell = candidates.cell(len(SCOPES))
    fits = np.flatnonzero(cell != NONE)
    cell = cell[fits]
    alone = np.bincount(cell, minlength=len(chosen))[cell] == 1
    chosen[cell[alone]] = fits[alone]
    rivals, contested = fits[~alone], cell[~alone]
    order = np.lexsort([*preference(candidates, rivals)[::-1], contested])
    first = first_of_each(order, contested)
    chosen[contested[first]] = rivals[first]
    return chosen.reshape(companies, len(TIME_FRAMES), len(SCOPES))


def preference(candidates: Candidates, at: Ints) -> list[Floats]:
    """Keys by which one target goes before another, most important first, smaller first, NaN last."""
    of_s3 = candidates.scope[at] == S3
    ambition, base_year, end_year = candidates.ambition[at], candidates.base_year[at], candidates.end_year[at]
    return [
        -np.where(of_s3, candidates.coverage_s3[at], candidates.coverage_s1[at]),
        -end_year.astype(np.float64),
        -base_year.astype(np.float64),
        candidates.type_rank[at].astype(np.float64),
        (np.isnan(ambition) | (end_year <= base_year)).astype(np.float64),
        -ambition,
    ]


def score_chosen(
    companies: TemperatureCompanies,
    candidates: Candidates,
    chosen: Ints,
    rejected: Ints,
    method: TemperatureMethod,
    year: int,
) -> TemperatureScores:
    """From one candidate per cell to scores; `chosen` has the shape (companies, time frames, scopes)."""
    cells = np.flatnonzero(chosen != NONE)
    at = chosen.reshape(-1)[cells]
    variable = _default_variable(companies)
    of_metric = np.where(candidates.scope[at] == S1S2S3, NONE, candidates.metric_variable[at])
    flat = variable.reshape(-1)
    flat[cells] = np.where(candidates.intensity[at], of_metric, flat[cells])

    years = candidates.end_year[at] - candidates.base_year[at]
    reduction = np.full(chosen.size, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        reduction[cells] = np.where(years > 0, candidates.ambition[at] / years, np.nan)
    time_frame = cells // len(SCOPES) % len(TIME_FRAMES)
    param = method.coefficients.param[flat[cells], time_frame]
    intercept = method.coefficients.intercept[flat[cells], time_frame]
    warming = np.maximum(param * reduction[cells] * 100 + intercept, method.floor_c)
    own, default = np.full(chosen.shape, method.fallback_score_c), np.ones(chosen.shape)
    own.reshape(-1)[cells] = np.where(np.isnan(warming), method.fallback_score_c, warming)
    default.reshape(-1)[cells] = np.isnan(warming)
    return TemperatureScores(
        method=method,
        year=year,
        companies=companies,
        rejected=rejected,
        candidates=candidates,
        chosen=chosen,
        winner=np.where(candidates.lost == 0, chosen.reshape(-1)[candidates.cell(len(SCOPES))], NONE),
        variable=variable,
        yearly_reduction=reduction.reshape(chosen.shape),
        own_score_c=own,
        own_default_share=default,
        score_c=np.round(mixed(own, companies, method), 2),
        default_share=mixed(default, companies, method),
    )


def _default_variable(companies: TemperatureCompanies) -> Ints:
    """Of an absolute target, or of none at all, shape (companies, time frames, scopes)."""
    industry = per_row(companies.isic, [word[:3] in INDUSTRY_ISIC for word in companies.isic.words], otherwise=False)
    variable = np.full((len(companies), len(TIME_FRAMES), len(SCOPES)), KYOTO, dtype=np.int64)
    variable[industry, :, S1S2] = INDUSTRY
    variable[:, :, S1S2S3] = NONE
    return variable


def mixed(cells: Floats, companies: TemperatureCompanies, method: TemperatureMethod) -> Floats:
    """Cells with S1+S2+S3 taken from the other two: S1+S2 alone where scope 3 is a small part, else by emissions.

    Where one of the emissions is missing the cell keeps its own value. Zero on both sides gives NaN, as in the tool.
    """
    ghg_s1s2_t, ghg_s3_t = companies.ghg_s1s2_t, companies.ghg_s3_t
    out = np.ascontiguousarray(cells.transpose(2, 1, 0))  # companies last: numpy is fast along the last axis
    s1s2, s3, own = out[S1S2], out[S3], out[S1S2S3]
    total_t = ghg_s1s2_t + ghg_s3_t
    with np.errstate(divide="ignore", invalid="ignore"):
        weighted = (s1s2 * ghg_s1s2_t + s3 * ghg_s3_t) / total_t
        small = ghg_s3_t / total_t < method.s3_share
    out[S1S2S3] = np.where(np.isnan(total_t), own, np.where(small, s1s2, weighted))
    return out.transpose(2, 1, 0).copy()
