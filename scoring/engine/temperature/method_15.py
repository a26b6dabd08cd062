"""Edition 1.5 of the temperature score: the protocol of WWF-ITR 1.7.3 (`parity15`), and ours (`current`).

Source: CDP-WWF Temperature Rating Methodology 1.5 (2024-09-12). docs/reference/temperature-1.5.md has the protocol to
the last tie-break, and where and why `current` differs. In degrees C; shares from 0 to 1; every array of cells has the
shape (companies, time frames, 5 scopes).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from scoring.engine.columns import Bools, Floats, Ints
from scoring.engine.temperature.inputs import (
    CATEGORIES,
    HEADLINE,
    NONE,
    S1,
    S1S2,
    S1S2S3,
    S2,
    S3,
    TIME_FRAMES,
    TemperatureCompanies,
    TemperatureTargets,
    Words,
)
from scoring.engine.temperature.methods import EDITION_15, TemperatureMethod
from scoring.engine.temperature.scores import OUTCOME, Candidates, TemperatureScores, first_of_each, per_row, rank

SCOPES = len(EDITION_15.scopes)
FRAMES = len(TIME_FRAMES)
KYOTO, INDUSTRY, SUPPLY, KYOTO_PER_GDP, SUPPLY_PER_ENERGY = range(len(EDITION_15.variables))
METRICS = ("Revenue", "Product", "Cement", "Oil", "Steel", "Aluminum", "Power", "Other")
# Of absolute targets on scope 1, by the first three characters of the ISIC code; all others KYOTO.
ISIC_VARIABLE: Mapping[str, int] = {"C23": INDUSTRY, "C24": INDUSTRY, "D35": SUPPLY}
COMPLETE = 1e-6  # so near to a reduction of everything, the tool gives the floor
HARD_CODED_S3_C = 3.4  # that the tool gives each category of scope 3 without a target, whatever its default is
CATEGORY_15 = CATEGORIES - 1
# The order of `preference`.
LOST_BY = ("earlier_statement", "lower_coverage", "later_type", "less_ambitious", "shorter", "earlier_end_year")


def score(
    companies: TemperatureCompanies, targets: TemperatureTargets, method: TemperatureMethod, year: int
) -> TemperatureScores:
    """The whole way from targets to company scores."""
    rejected = _rejected(targets, method, year)
    parts = _parts(targets, np.flatnonzero(rejected == 0), method, year)
    apart = ~np.isnan(companies.ghg_s1_t + companies.ghg_s2_t)
    parts = _latest(parts)
    if method.is_literal:
        _lose_what_no_category_takes(parts.candidates, targets)
    candidates = _split(_without_weaker_pairs(parts, apart, method), apart)
    candidates, chosen, winner = choose(candidates, len(companies), method)
    return score_chosen(companies, candidates, chosen, winner, rejected, method, year)


# --- targets ---------------------------------------------------------------------------------------------
def _rejected(targets: TemperatureTargets, method: TemperatureMethod, year: int) -> Ints:
    """The first rule that a target breaks, in OUTCOMES; 0 where it is valid."""
    types = [_plain(word, method).lower() for word in targets.target_type.words]
    known = {_plain(word, method) for word in METRICS} | (set() if method.is_literal else {"aluminium"})
    metrics = [_plain(word, method) in known for word in targets.intensity_metric.words]
    absolute = per_row(targets.target_type, ["abs" in word for word in types], otherwise=False)
    intensity = per_row(targets.target_type, [_is_intensity(word, method) for word in types], otherwise=False)
    start_year = np.where(targets.start_year == 0, targets.base_year, targets.start_year)
    backwards = targets.end_year <= start_year
    scope, c1, c2, c3 = targets.scope, targets.coverage_s1, targets.coverage_s2, targets.coverage_s3
    of_both = (scope == S1S2) | (scope == S1S2S3)
    lacks_both = np.isnan(c1 + c2)
    no_coverage = ((scope == S1) & np.isnan(c1)) | ((scope == S2) & np.isnan(c2)) | ((scope == S3) & np.isnan(c3))
    no_coverage |= ((scope == S1S2) & lacks_both) | ((scope == S1S2S3) & lacks_both & np.isnan(c3))
    total_t = targets.base_year_ghg_s1_t + targets.base_year_ghg_s2_t
    if method.is_literal:
        lacks_base = of_both & np.isnan(total_t)
        lacks_base |= (scope == S1) & np.isnan(targets.base_year_ghg_s1_t)
        lacks_base |= (scope == S2) & np.isnan(targets.base_year_ghg_s2_t)
        lacks_base |= (scope == S3) & np.isnan(targets.base_year_ghg_s3_t)
    else:  # asked for only where they decide: what a mean of two coverages is weighed by
        lacks_base = of_both & (c1 != c2) & ~lacks_both & ~(total_t > 0)
        backwards |= targets.end_year <= targets.base_year
    nothing = np.zeros(len(targets), dtype=np.bool_)
    rules = {
        "no_year": (targets.base_year == 0) | (targets.end_year == 0),
        "temperature_target": per_row(targets.target_type, [word == "t_score" for word in types], otherwise=False),
        "unknown_type": ~absolute & ~intensity,
        "no_metric": intensity & ~absolute & (targets.intensity_metric.code == NONE),
        "unknown_metric": intensity & ~absolute & ~per_row(targets.intensity_metric, metrics, otherwise=False),
        "no_reduction": np.isnan(targets.reduction_ambition),
        "share_out_of_range": nothing if method.is_literal else out_of_range(targets),
        "already_achieved": targets.achieved_reduction >= 1,
        "ends_before_start": backwards,
        "in_the_past": targets.end_year < year,
        "no_coverage": no_coverage,
        "lacks_base_year": lacks_base,
    }
    rejected = np.zeros(len(targets), dtype=np.int64)
    for word, broken in reversed(rules.items()):
        rejected[broken] = OUTCOME[word]
    return rejected


def out_of_range(targets: TemperatureTargets) -> Bools:
    """Targets with a coverage outside 0 to 1 or a reduction of more than everything: often a percentage."""
    wrong = targets.reduction_ambition > 1
    for coverage in (targets.coverage_s1, targets.coverage_s2, targets.coverage_s3):
        wrong = wrong | (coverage < 0) | (coverage > 1)
    return wrong


def _plain(word: str, method: TemperatureMethod) -> str:
    """Words as `current` reads them. The tool is as literal as this function is in parity15."""
    return word if method.is_literal else "".join(word.split()).lower()


def _is_intensity(word: str, method: TemperatureMethod) -> bool:
    return "intensity" in word if method.is_literal else "int" in word and "abs" not in word


class _Parts(NamedTuple):
    """Targets on scope 1, 2, both or 3: those on all three are two of them. Shape (parts,)."""

    candidates: Candidates
    stated: Floats  # ambition before the boundary
    coverage_s1: Floats  # as given, or both the mean of both where the target was on all scopes
    coverage_s2: Floats
    ghg_s1_t: Floats
    ghg_s2_t: Floats


def _parts(targets: TemperatureTargets, valid: Ints, method: TemperatureMethod, year: int) -> _Parts:
    scope = targets.scope[valid]
    whole = scope == S1S2S3
    parts = 1 + (whole & ~np.isnan(targets.coverage_s3[valid]))
    row = np.repeat(valid, parts)  # each target, and right after it its scope 3 part
    scope = np.repeat(np.where(whole, S1S2, scope), parts)
    is_s3_part = np.zeros(len(row), dtype=np.bool_)
    is_s3_part[1:] = row[1:] == row[:-1]
    scope[is_s3_part] = S3
    c1, c2, c3 = targets.coverage_s1[row], targets.coverage_s2[row], targets.coverage_s3[row]
    ghg_s1_t, ghg_s2_t = targets.base_year_ghg_s1_t[row], targets.base_year_ghg_s2_t[row]
    both = scope == S1S2
    was_whole = both & (targets.scope[row] == S1S2S3)
    mean = _mean_coverage(c1, c2, ghg_s1_t, ghg_s2_t, method)
    averaged = was_whole & ~np.isnan(mean)
    c1, c2 = np.where(averaged, mean, c1), np.where(averaged, mean, c2)
    coverage = np.where(scope == S2, c2, np.where(both, _mean_coverage(c1, c2, ghg_s1_t, ghg_s2_t, method), c1))
    # Base-year emissions of nothing give a target on both scopes nothing to be weighed by: its ambition is none.
    coverage = np.where(both & np.isnan(coverage), np.where(np.isnan(c1 + c2), np.nan, 0.0), coverage)

    category = np.where(scope == S3, targets.s3_category[row], NONE)
    if method.is_literal:
        category[is_s3_part & (category == NONE)] = HEADLINE
    else:
        category[(scope == S3) & (category == NONE)] = HEADLINE
    lost = np.zeros(len(row), dtype=np.int64)
    lost[both & np.isnan(coverage)] = OUTCOME["no_coverage"]
    types = targets.target_type
    reads = [_plain(word, method) for word in targets.intensity_metric.words]
    # The tool tells intensity by the beginning of the word, after it was valid by any part of it.
    intensity = per_row(
        types,
        [
            word.strip().lower().startswith("inte")
            if method.is_literal
            else _is_intensity(_plain(word, method), method)
            for word in types.words
        ],
        otherwise=False,
    )
    type_rank = rank(types, list(types.words)) if method.is_literal else intensity.astype(np.int64)
    metric_rank = rank(targets.intensity_metric, reads) * (not method.is_literal)
    of_s3 = scope == S3
    candidates = Candidates(
        source=row,
        partner=np.full(len(row), NONE, dtype=np.int64),
        company=targets.company[row],
        scope=scope,
        time_frame=np.searchsorted(method.last_year_ahead, targets.end_year[row] - year),
        intensity=intensity[row],
        metric_variable=_metric_variable(targets.intensity_metric, method)[row],
        type_rank=type_rank[row],
        metric_rank=metric_rank[row],
        coverage_s1=np.where(of_s3, np.nan, coverage),
        coverage_s3=np.where(of_s3, c3, np.nan),
        ambition=targets.reduction_ambition[row] * np.where(of_s3, c3, coverage),
        base_year=targets.base_year[row],
        end_year=targets.end_year[row],
        category=category,
        statement_day=targets.statement_day[row],
        lost=lost,
    )
    return _Parts(candidates, targets.reduction_ambition[row], c1, c2, ghg_s1_t, ghg_s2_t)


def _mean_coverage(c1: Floats, c2: Floats, ghg_s1_t: Floats, ghg_s2_t: Floats, method: TemperatureMethod) -> Floats:
    """Weighed by base-year emissions; NaN where there is nothing to weigh by."""
    total_t = ghg_s1_t + ghg_s2_t
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(total_t > 0, (c1 * ghg_s1_t + c2 * ghg_s2_t) / total_t, np.nan)
    return mean if method.is_literal else np.where(c1 == c2, c1, mean)


def _metric_variable(metric: Words, method: TemperatureMethod) -> Ints:
    """Of an intensity target on scope 1, SUPPLY_PER_ENERGY for power, else KYOTO_PER_GDP; NONE without a metric."""
    power = per_row(metric, [_plain(word, method) == _plain("Power", method) for word in metric.words], otherwise=False)
    known = [_plain(word, method) in {_plain(one, method) for one in METRICS} for word in metric.words]
    variable = np.where(power, SUPPLY_PER_ENERGY, KYOTO_PER_GDP)
    return np.where(per_row(metric, known, otherwise=False), variable, NONE)


def _latest(parts: _Parts) -> _Parts:
    """Of each company, time frame and scope only the targets of the latest statement year stay."""
    candidates = parts.candidates
    cell = candidates.cell(SCOPES)
    at = np.flatnonzero(cell != NONE)
    year = candidates.statement_day[at] // 10000
    latest = np.zeros(int(cell.max(initial=NONE)) + 1, dtype=np.int64)
    np.maximum.at(latest, cell[at], year)
    lost = candidates.lost.copy()
    lost[at[year < latest[cell[at]]]] = OUTCOME["older_statement"]
    return parts._replace(candidates=replace(candidates, lost=lost))


def _lose_what_no_category_takes(candidates: Candidates, targets: TemperatureTargets) -> None:
    """Targets on scope 3 that the tool drops at last, after they have put those of older statements out of the way."""
    stays = (candidates.scope == S3) & (candidates.lost == 0)
    candidates.lost[stays & (candidates.category == NONE)] = OUTCOME["no_category"]
    unweighed = np.isnan(targets.base_year_ghg_s3_t[candidates.source])
    candidates.lost[stays & (candidates.category > HEADLINE) & unweighed] = OUTCOME["lacks_base_year"]


def _without_weaker_pairs(parts: _Parts, apart: Bools, method: TemperatureMethod) -> _Parts:
    """Scope 1 and 2: the pair of targets or the target on both that covers most, for each company and time frame.

    A target on one scope alone does not stand beside one on both.
    """
    candidates = parts.candidates
    scope, lost = candidates.scope, candidates.lost.copy()
    group = candidates.company * FRAMES + candidates.time_frame
    groups = int(group.max(initial=NONE)) + 1
    rows = {code: np.flatnonzero((lost == 0) & (scope == code)) for code in (S1, S2, S1S2)}
    has = {code: np.zeros(groups, dtype=np.bool_) for code in rows}
    for code, at in rows.items():
        has[code][group[at]] = True
    paired, joint = has[S1] & has[S2], has[S1S2]
    for code in (S1, S2):
        at = rows[code]
        lost[at[(joint & ~paired)[group[at]]]] = OUTCOME["one_scope_alone"]

    pair = _best_pairs(parts, rows[S1], rows[S2], group, paired, lost, method)
    contested = paired & joint
    whole = _best_joint(parts, rows[S1S2], group, contested, lost, method)
    if contested.any():
        equal = whole.coverage == pair.coverage
        joint_wins = whole.coverage > pair.coverage
        tie = np.flatnonzero(contested & equal)
        joint_wins[tie] = _joint_goes_before(
            candidates.type_rank, pair.first[tie], pair.second[tie], whole.first[tie], method
        )
        why = np.where(equal, OUTCOME["equal_coverage"], OUTCOME["lower_coverage"])
        for code in (S1, S2, S1S2):
            at = rows[code]
            beaten = contested & (joint_wins if code != S1S2 else ~joint_wins)
            at = at[beaten[group[at]] & (lost[at] == 0)]
            lost[at] = why[group[at]]
        if method.is_literal:  # here it splits the first row alone, elsewhere all that cover most
            at = rows[S1S2]
            first = whole.first[group[at]] == at
            splits = contested[group[at]] & apart[candidates.company[at]]
            lost[at[splits & ~first & (lost[at] == 0)]] = OUTCOME["earlier_row"]
    return parts._replace(candidates=replace(candidates, lost=lost))


class _Best(NamedTuple):
    """By company x time frame: the best pair on scope 1 and 2, or the best target on both, and what it covers."""

    first: Ints
    second: Ints
    coverage: Floats

    @classmethod
    def none(cls, groups: int) -> _Best:
        return cls(np.full(groups, NONE), np.full(groups, NONE), np.full(groups, -np.inf))


def _best_pairs(
    parts: _Parts, ones: Ints, twos: Ints, group: Ints, paired: Bools, lost: Ints, method: TemperatureMethod
) -> _Best:
    """Every target on scope 1 with every one on scope 2 of its group. Tells in `lost` which of them fell out."""
    best = _Best.none(len(paired))
    ones, twos = ones[paired[group[ones]]], twos[paired[group[twos]]]
    if not len(ones):
        return best
    twos = twos[np.argsort(group[twos], kind="stable")]
    starts = np.searchsorted(group[twos], group[ones])
    counts = np.searchsorted(group[twos], group[ones], side="right") - starts
    one = np.repeat(ones, counts)
    offset = np.arange(len(one)) - np.repeat(np.cumsum(counts) - counts, counts)
    two = twos[np.repeat(starts, counts) + offset]
    g1, g2 = parts.ghg_s1_t[one], parts.ghg_s2_t[two]
    # Nothing to weigh by: the tool stops there.
    covered = np.nan_to_num(_mean_coverage(parts.coverage_s1[one], parts.coverage_s2[two], g1, g2, method))
    keys = [-covered]
    if not method.is_literal:  # the tool takes the first in the order of rows
        keys += [*preference(parts.candidates, one), *preference(parts.candidates, two), -g1, -g2]
    first = first_of_each(np.lexsort([*keys[::-1], group[one]]), group[one])
    at = group[one[first]]
    best.first[at], best.second[at], best.coverage[at] = one[first], two[first], covered[first]
    own = np.full(len(group), -np.inf)  # the best pair that each of them is in
    np.maximum.at(own, one, covered)
    np.maximum.at(own, two, covered)
    for rows, won in ((ones, best.first), (twos, best.second)):
        is_less = own[rows] < best.coverage[group[rows]]
        lost[rows[is_less]] = OUTCOME["lower_coverage"]
        if method.is_literal:  # ours: the others lose in their cell, by `preference`
            lost[rows[~is_less & (won[group[rows]] != rows)]] = OUTCOME["earlier_row"]
    return best


def _best_joint(
    parts: _Parts, rows: Ints, group: Ints, contested: Bools, lost: Ints, method: TemperatureMethod
) -> _Best:
    """Targets on scope 1 and 2 at once; those that cover less than another are lost. `first` beside a pair alone."""
    best = _Best.none(len(contested))
    own = parts.candidates.coverage_s1[rows]
    np.maximum.at(best.coverage, group[rows], own)
    is_less = own < best.coverage[group[rows]]
    lost[rows[is_less]] = OUTCOME["lower_coverage"]
    rows = rows[~is_less & contested[group[rows]]]
    keys = [] if method.is_literal else preference(parts.candidates, rows)
    first = first_of_each(np.lexsort([*keys[::-1], group[rows]]), group[rows])
    best.first[group[rows[first]]] = rows[first]
    return best


def _joint_goes_before(type_rank: Ints, one: Ints, two: Ints, joint: Ints, method: TemperatureMethod) -> Bools:
    """Where pair and joint target cover the same: absolute goes before intensity, then the pair.

    The tool has it the other way round where both of the pair are of one type.
    """
    first, second, both = type_rank[one], type_rank[two], type_rank[joint]
    if method.is_literal:
        return np.where(first == second, first < both, both <= np.minimum(first, second))
    return both < np.maximum(first, second)


def _split(parts: _Parts, apart: Bools) -> Candidates:
    """Each target on scope 1 and 2 that is left becomes two, where the two emissions of its company are known."""
    found = parts.candidates
    splits = (found.scope == S1S2) & (found.lost == 0) & apart[found.company]
    at = np.repeat(np.arange(len(splits)), 1 + splits)
    is_second = np.zeros(len(at), dtype=np.bool_)
    is_second[1:] = at[1:] == at[:-1]
    is_split = splits[at]
    coverage = np.where(is_second, parts.coverage_s2[at], parts.coverage_s1[at])
    columns = {name: getattr(found, name)[at] for name in Candidates.__dataclass_fields__}
    columns["scope"] = np.where(is_split, np.where(is_second, S2, S1), columns["scope"])
    columns["coverage_s1"] = np.where(is_split, coverage, columns["coverage_s1"])
    columns["ambition"] = np.where(is_split, parts.stated[at] * coverage, columns["ambition"])
    return Candidates(**columns)


def preference(candidates: Candidates, at: Ints) -> list[Floats]:
    """Keys by which one target goes before another, most important first, smaller first, NaN last."""
    of_s3 = candidates.scope[at] == S3
    base_year, end_year = candidates.base_year[at], candidates.end_year[at]
    return [
        -candidates.statement_day[at].astype(np.float64),
        -np.where(of_s3, candidates.coverage_s3[at], candidates.coverage_s1[at]),
        candidates.type_rank[at].astype(np.float64),
        -np.abs(_rate(candidates.ambition[at], base_year, end_year)),
        (base_year - end_year).astype(np.float64),
        np.where(of_s3, 0.0, -end_year),
        candidates.metric_rank[at].astype(np.float64),
    ]


def choose(candidates: Candidates, companies: int, method: TemperatureMethod) -> tuple[Candidates, Ints, Ints]:
    """The candidate of each cell, NONE where there is none, and for each candidate the one that stands in its place.

    On scope 3 a headline target stands for all; without one there is a place for each category.
    """
    cell = candidates.cell(SCOPES)
    of_category = np.flatnonzero((cell != NONE) & (candidates.category > HEADLINE))
    chosen = np.full(companies * FRAMES * SCOPES, NONE, dtype=np.int64)
    winner = np.full(len(cell), NONE, dtype=np.int64)
    single = np.flatnonzero((cell != NONE) & (candidates.category <= HEADLINE))
    _settle(candidates, single, cell[single], chosen)
    winner[single] = chosen[cell[single]]
    if not len(of_category):
        return candidates, chosen.reshape(companies, FRAMES, SCOPES), winner
    beside = chosen[cell[of_category]] != NONE
    lost = candidates.lost.copy()
    lost[of_category[beside]] = OUTCOME["category_beside_headline"]
    of_category = of_category[~beside]
    place = cell[of_category] * (CATEGORIES + 1) + candidates.category[of_category]
    order = np.lexsort([*preference(candidates, of_category)[::-1], place])
    first = first_of_each(order, place)
    found = np.searchsorted(place[first], place)
    winner[of_category] = of_category[first][found]
    # Of several categories the cell names the one that goes before.
    cells = cell[of_category]
    named = first_of_each(np.lexsort([*preference(candidates, of_category)[::-1], cells]), cells)
    chosen[cells[named]] = of_category[named]
    return replace(candidates, lost=lost), chosen.reshape(companies, FRAMES, SCOPES), winner


def _settle(candidates: Candidates, rows: Ints, cell: Ints, chosen: Ints) -> None:
    """Fills `chosen` with the first of each cell's rows, by preference."""
    alone = np.bincount(cell, minlength=len(chosen))[cell] == 1
    chosen[cell[alone]] = rows[alone]
    rivals, contested = rows[~alone], cell[~alone]
    first = first_of_each(np.lexsort([*preference(candidates, rivals)[::-1], contested]), contested)
    chosen[contested[first]] = rivals[first]


# --- scores ----------------------------------------------------------------------------------------------
def _rate(ambition: Floats, base_year: Ints, end_year: Ints) -> Floats:
    """Compound yearly change, below zero for a reduction; NaN where the base year is not before the end."""
    span = (end_year - base_year).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.maximum(1.0 - ambition, 0.0) ** (1.0 / span) - 1.0
    return np.where(span > 0, rate, np.nan)


def score_chosen(
    companies: TemperatureCompanies,
    candidates: Candidates,
    chosen: Ints,
    winner: Ints,
    rejected: Ints,
    method: TemperatureMethod,
    year: int,
) -> TemperatureScores:
    """From the candidate of each place to scores."""
    won = np.flatnonzero(winner == np.arange(len(winner)))
    cell = candidates.cell(SCOPES)[won]
    variable = _variables(companies, candidates, won, cell, method)
    ambition = candidates.ambition[won]
    rate = _rate(ambition, candidates.base_year[won], candidates.end_year[won])
    if method.is_literal:  # a slip: growth by everything, which shows where an ambition is above 1
        rate = np.where((ambition >= 1.0) & ~np.isnan(rate), 1.0, rate)
    time_frame = candidates.time_frame[won]
    param = method.coefficients.param[variable.of_won, time_frame]
    intercept = method.coefficients.intercept[variable.of_won, time_frame]
    score_c = np.maximum(param * rate * 100 * -1 + intercept, method.floor_c)
    is_all = np.abs(ambition - 1.0) < COMPLETE
    score_c = np.where(is_all, method.floor_c, score_c)
    is_default = np.isnan(score_c)
    if not method.is_literal:
        is_default |= score_c > method.fallback_score_c  # nobody is worse off for having a target
    score_c = np.where(is_default, method.fallback_score_c, score_c)

    own = np.full(chosen.shape, method.fallback_score_c)
    share = np.ones(chosen.shape)
    if method.is_literal:
        own[:, :, S3] = HARD_CODED_S3_C
    is_category = candidates.category[won] > HEADLINE
    by_headline = (candidates.category[won] == HEADLINE) & method.is_literal  # which the tool takes for category 15
    in_parts = is_category | by_headline
    alone = ~in_parts
    own.reshape(-1)[cell[alone]] = score_c[alone]
    share.reshape(-1)[cell[alone]] = is_default[alone]
    if in_parts.any():
        category = np.where(by_headline, CATEGORY_15, candidates.category[won] - 1)[in_parts]
        _of_categories(companies, own, share, cell[in_parts], category, score_c[in_parts], is_default[in_parts], method)
    reduction = np.full(chosen.shape, np.nan)
    named = chosen.reshape(-1)[cell] == won
    reduction.reshape(-1)[cell[named]] = rate[named]
    mixed_c, mixed_share = mixed(own, share, companies, chosen, method)
    return TemperatureScores(
        method=method,
        year=year,
        companies=companies,
        rejected=rejected,
        candidates=candidates,
        chosen=chosen,
        winner=winner,
        variable=variable.of_cells,
        yearly_reduction=reduction,
        own_score_c=own,
        own_default_share=share,
        score_c=np.round(mixed_c, 2),
        default_share=mixed_share,
    )


class _Variables(NamedTuple):
    of_won: Ints
    of_cells: Ints  # shape (companies, time frames, scopes)


def _variables(
    companies: TemperatureCompanies, candidates: Candidates, won: Ints, cell: Ints, method: TemperatureMethod
) -> _Variables:
    isic = [
        word if method.is_literal else "".join(letter for letter in word if letter.isalnum()).upper()
        for word in companies.isic.words
    ]
    of_word = np.array([*(ISIC_VARIABLE.get(word[:3], KYOTO) for word in isic), KYOTO], dtype=np.int64)
    of_company = of_word[companies.isic.code]
    of_cells = np.repeat(of_company, FRAMES * SCOPES).reshape(len(companies), FRAMES, SCOPES)
    of_cells[:, :, S2] = SUPPLY
    of_cells[:, :, S3] = KYOTO
    flat = of_cells.reshape(-1)
    scope, metric = candidates.scope[won], candidates.metric_variable[won]
    by_scope = np.where(scope == S2, SUPPLY_PER_ENERGY, np.where(scope == S3, KYOTO_PER_GDP, metric))
    of_intensity = np.where(metric == NONE, NONE, by_scope)
    of_won = np.where(candidates.intensity[won], of_intensity, flat[cell])
    flat[cell] = of_won
    return _Variables(of_won, of_cells)


def _of_categories(
    companies: TemperatureCompanies,
    own: Floats,
    share: Floats,
    cell: Ints,
    category: Ints,
    score_c: Floats,
    is_default: Bools,
    method: TemperatureMethod,
) -> None:
    """Fills scope 3 of those that have targets by category: weighed by the tonnes of all fifteen, else their mean."""
    places, at = np.unique(cell, return_inverse=True)
    scores = np.full((len(places), CATEGORIES), HARD_CODED_S3_C if method.is_literal else method.fallback_score_c)
    defaults = np.ones(scores.shape)
    scores[at, category], defaults[at, category] = score_c, is_default
    tonnes = companies.ghg_s3_by_category_t[places // (FRAMES * SCOPES)]
    total_t = tonnes.sum(axis=1)  # NaN where one is missing
    weighs = total_t > 0
    divisor = np.where(weighs, total_t, 1.0)

    def mean(values: Floats) -> Floats:
        found: Floats = np.where(weighs, (tonnes * values).sum(axis=1) / divisor, values.mean(axis=1))
        return found

    own.reshape(-1)[places] = mean(scores)
    share.reshape(-1)[places] = 0.0 if method.is_literal else mean(defaults)


def mixed(
    own: Floats, share: Floats, companies: TemperatureCompanies, chosen: Ints, method: TemperatureMethod
) -> tuple[Floats, Floats]:
    """Scores and default shares with S1+S2 and S1+S2+S3 put together from their parts, weighed by emissions.

    Where the weights are missing the warmer part stands.
    """
    by_scope, shares, has = (
        np.ascontiguousarray(cells.transpose(2, 1, 0)) for cells in (own, share, chosen != NONE)
    )  # companies last: numpy is fast along the last axis
    mix = _literally_mixed if method.is_literal else _mixed
    mix(by_scope, shares, has, companies)
    return by_scope.transpose(2, 1, 0).copy(), shares.transpose(2, 1, 0).copy()


def _mixed(c: Floats, share: Floats, has: Bools, companies: TemperatureCompanies) -> None:
    """In place; cells by scope, shape (scopes, time frames, companies)."""
    both_t, s3_t = companies.ghg_s1s2_t, companies.ghg_s3_t
    for whole, (one, one_t), (two, two_t), applies in (
        (S1S2, (S1, companies.ghg_s1_t), (S2, companies.ghg_s2_t), has[S1] | has[S2]),
        (S1S2S3, (S1S2, both_t), (S3, s3_t), None),
    ):
        total_t = one_t + two_t
        weighs = total_t > 0
        weight = np.where(weighs, one_t / np.where(weighs, total_t, 1.0), 0.0)
        if not weighs.all():
            weight = np.where(weighs, weight, c[one] >= c[two])
        for values in (c, share):
            mean = values[one] * weight + values[two] * (1.0 - weight)
            values[whole] = mean if applies is None else np.where(applies, mean, values[whole])


def _literally_mixed(c: Floats, share: Floats, has: Bools, companies: TemperatureCompanies) -> None:
    """The same as the tool does, which takes an emission of zero for a missing one, and whose shares then are none."""
    s1_t, s2_t, both_t, s3_t = companies.ghg_s1_t, companies.ghg_s2_t, companies.ghg_s1s2_t, companies.ghg_s3_t
    has_parts = has[S1] | has[S2]
    known = ~np.isnan(s1_t + s2_t) & (s1_t != 0) & (s2_t != 0)
    all_three = (s1_t > 0) & (s2_t > 0) & (s3_t > 0)
    two_of_them = ~all_three & (both_t > 0) & (s3_t > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        for values in (c, share):
            of_two = (values[S1] * s1_t + values[S2] * s2_t) / (s1_t + s2_t)
            warmer = np.maximum(values[S1], values[S2]) if values is c else np.full(of_two.shape, 0.5)
            values[S1S2] = np.where(has_parts, np.where(known, of_two, warmer), values[S1S2])
            of_three = (values[S1] * s1_t + values[S2] * s2_t + values[S3] * s3_t) / (s1_t + s2_t + s3_t)
            weighed = (values[S1S2] * both_t + values[S3] * s3_t) / (both_t + s3_t)
            otherwise = values[S1S2S3]
            if values is c:
                otherwise = np.maximum(values[S1S2], values[S3])
                weighed = np.where(has[S1S2], weighed, otherwise)
            values[S1S2S3] = np.where(all_three, of_three, np.where(two_of_them, weighed, otherwise))
