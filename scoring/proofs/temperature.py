"""The temperature score of files, written: company_scores.csv, portfolio.json and faults.csv.

Names, order and precision are those of the reference tool's golden cases; what is ours alone comes as further keys.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from portfolio.typed.tables import Fault
from scoring.engine.columns import Floats, Ints
from scoring.engine.temperature.inputs import NONE, S3, TIME_FRAMES, Words
from scoring.engine.temperature.methods import EDITION_10, Edition, TemperatureMethod
from scoring.engine.temperature.outcomes import outcomes
from scoring.engine.temperature.portfolio import Aggregate, Portfolio, missing
from scoring.engine.temperature.score import score
from scoring.engine.temperature.scores import OUTCOMES, TemperatureScores, degrees
from scoring.proofs.temperature_files import Files, asked_about, find_faults

GROUPED_METHODS = ("WATS", "TETS", "EOTS")
FAULTS_IN_JSON = 1000  # the rest stands in faults.csv alone
COMPANIES_AT_ONCE = 5000  # written in one go

SCORE_COLUMNS = (
    "company_id",
    "company_name",
    "time_frame",
    "scope",
    "target_type",
    "intensity_metric",
    "reduction_ambition",
    "base_year",
    "end_year",
    "coverage_s1",
    "coverage_s3",
    "sr15",
    "annual_reduction_rate",
    "slope",
    "param",
    "intercept",
    "temperature_score",
    "temperature_results",
)
# By edition; of 1.5 `coverage` is of the cell's own scope.
COLUMNS_15 = (
    *SCORE_COLUMNS[:4],
    "s3_category",
    "target_ids",
    *SCORE_COLUMNS[4:9],
    "coverage",
    "ar6",
    *SCORE_COLUMNS[12:],
)


def score_files(
    files: Files, method: TemperatureMethod, as_of: date, out: Path, confirmed: Collection[str] = ()
) -> dict[str, Any]:
    """Writes company_scores.csv, portfolio.json and faults.csv into `out`; answers what portfolio.json holds.

    `confirmed`: ids of companies of which a person says that the owned share above 1 is right.
    """
    files = asked_about(files, confirmed, are_used=method.is_literal)
    scores = score(files.companies, files.targets, method, as_of)
    faults = find_faults(files, scores)
    summary = _summary(files, scores, as_of, faults)
    out.mkdir(parents=True, exist_ok=True)
    _write_scores(out / "company_scores.csv", scores, files)
    _write_faults(out / "faults.csv", faults)
    text = json.dumps(summary, ensure_ascii=False, indent=1, allow_nan=False)
    (out / "portfolio.json").write_text(text + "\n", encoding="utf-8")
    return summary


def score_columns(edition: Edition) -> tuple[str, ...]:
    return SCORE_COLUMNS if edition is EDITION_10 else COLUMNS_15


def _write_scores(path: Path, scores: TemperatureScores, files: Files) -> None:
    """One row per company x time frame x scope, each by its name, as in the golden cases."""
    frames, scopes = np.argsort(TIME_FRAMES), np.argsort(scores.scopes)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(score_columns(scores.method.edition))
        for first in range(0, len(scores.companies), COMPANIES_AT_ONCE):
            companies = np.arange(first, min(first + COMPANIES_AT_ONCE, len(scores.companies)))
            writer.writerows(_score_rows(scores, files, np.ix_(companies, frames, scopes)))


def _score_rows(scores: TemperatureScores, files: Files, at: tuple[Any, ...]) -> Iterable[Sequence[str]]:
    company, frame, scope = (grid.reshape(-1) for grid in np.broadcast_arrays(*at))
    chosen = scores.chosen[at].reshape(-1)
    candidates, targets, edition = scores.candidates, files.targets, scores.method.edition
    has_target = chosen != NONE

    def of_target(values: Floats | Ints) -> list[str]:
        found = np.full(len(chosen), np.nan)
        found[has_target] = values[chosen[has_target]]
        return _texts(found)

    def words(column: Words, otherwise: str) -> list[str]:
        code = np.full(len(chosen), NONE)
        code[has_target] = column.code[candidates.source[chosen[has_target]]]
        texts = (*column.words, otherwise)
        return [texts[position] for position in code.tolist()]

    def picked(texts: Sequence[str], position: Ints) -> list[str]:
        return [texts[code] for code in position.tolist()]

    names: list[list[str]] = []
    coverages = [of_target(candidates.coverage_s1), of_target(candidates.coverage_s3)]
    if edition is not EDITION_10:
        names = [of_target(candidates.category), words(Words.of(files.target_sheet.texts("target_ids")), "")]
        names[0] = [name.removesuffix(".0").replace(str(NONE), "") for name in names[0]]
        coverages = [of_target(np.where(candidates.scope == S3, candidates.coverage_s3, candidates.coverage_s1))]
    return zip(
        picked(scores.companies.company_id, company),
        picked(scores.companies.company_name, company),
        picked(TIME_FRAMES, frame),
        picked(scores.scopes, scope),
        *names,
        words(targets.target_type, "absolute"),  # the tool's word for no target, which it scores as absolute
        words(targets.intensity_metric, ""),
        of_target(candidates.ambition),
        of_target(candidates.base_year),
        of_target(candidates.end_year),
        *coverages,
        picked((*edition.variables, ""), scores.variable[at].reshape(-1)),
        _texts(scores.yearly_reduction[at].reshape(-1)),
        picked(edition.slopes, frame),
        _texts(scores.method.coefficients.param[scores.variable[at].reshape(-1), frame]),
        _texts(scores.method.coefficients.intercept[scores.variable[at].reshape(-1), frame]),
        _texts(scores.score_c[at].reshape(-1)),
        _texts(scores.default_share[at].reshape(-1)),
        strict=True,
    )


def _texts(values: Floats) -> list[str]:
    return ["" if value != value else repr(value) for value in values.tolist()]


def _write_faults(path: Path, faults: list[Fault]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("file", "row", "column", "found", "expected"))
        writer.writerows((fault.file, fault.line, fault.column, fault.found, fault.expected) for fault in faults)


def _summary(files: Files, scores: TemperatureScores, as_of: date, faults: list[Fault]) -> dict[str, Any]:
    method = scores.method
    portfolio = Portfolio(scores, files.holdings)
    aggregates = portfolio.aggregates()
    summary: dict[str, Any] = {
        "method": method.name,
        "edition": method.edition.name,
        "method_digest": method.digest,
        "reporting_date": as_of.isoformat(),
        "fallback_score": method.fallback_score_c,
        "floor": method.floor_c,
        "model": method.edition.model,
        "n_companies": len(files.companies),
        "n_targets": len(files.targets),
        "aggregations": [_aggregation(files, scores, aggregate) for aggregate in aggregates],
        "scenarios": {
            code: [_imagined(files, aggregate) for aggregate in imagined]
            for code, imagined in portfolio.what_ifs().items()
        },
    }
    if files.group_by:
        summary["grouped_by"] = list(files.group_by)
        summary["grouped"] = _grouped(files, portfolio, aggregates)
    return summary | {
        "headline": headline(files, scores, aggregates),
        "notes": files.notes(),
        "gone_wrong": files.gone_wrong(),
        "coverage": _coverage(files, scores),
        "targets": _target_counts(scores),
        "not_held": files.not_held,
        "held_more_than_once": files.held_twice,
        "fault_count": len(faults),
        "faults": [
            {"file": f.file, "row": f.line, "column": f.column, "found": f.found, "expected": f.expected}
            for f in islice(faults, FAULTS_IN_JSON)
        ],
    }


def headline(files: Files, scores: TemperatureScores, aggregates: list[Aggregate]) -> str:
    """WATS, mid term, S1+S2: how much of the figure is the fallback, and what of the money it does not cover."""
    shown = next(one for one in aggregates if (one.time_frame, one.scope) == ("mid", "S1+S2"))
    covered, left_out = coverage_percent(files, shown.coverage_percent), files.left_out
    is_fallback = round(shown.influence_percentage or 0.0, 6) >= 100
    told = ["no score" if shown.score_c is None else degrees(shown.score_c)]
    if is_fallback:
        told.append(f"all of it the fallback: {_no_target(files, scores)}")
    elif shown.influence_percentage:
        told.append(f"{shown.influence_percentage:.1f} % of it the fallback")
    if left_out.rows:
        told.append(f"{left_out.rows:,} of {left_out.of_rows:,} holdings left out")
    if covered is None:
        told.append("coverage of the money unknown")
    elif left_out.rows or not is_fallback:
        told.append(f"coverage {_below_all(covered)} % of the money")
    return f"WATS, mid term, S1+S2: {', '.join(told)}"


def _no_target(files: Files, scores: TemperatureScores) -> str:
    if not files.targets_given:
        return "there is no target"
    is_used = bool((scores.chosen != NONE).any())
    return f"none of {files.targets_given:,} targets could be used{' for this term and scope' * is_used}"


def _below_all(percent: float) -> str:
    """One decimal; whatever is missing shows."""
    return "100.0" if percent >= 100 - 1e-9 else f"{min(percent, 99.9):.1f}"


def coverage_percent(files: Files, of_scored: float) -> float | None:
    """Of all the money held, with what is not scored; None where an amount cannot be read."""
    if not files.left_out.has_known_money:
        return None
    if not files.left_out.money:
        return of_scored
    scored = float(files.holdings.investment_value.sum())
    return of_scored * scored / (scored + files.left_out.money)


def _aggregation(files: Files, scores: TemperatureScores, aggregate: Aggregate) -> dict[str, Any]:
    """As in the golden cases. Where the reference tool refuses there is no score, but what can be covered is beside."""
    ids = scores.companies.company_id
    figures = {
        "score": aggregate.score_c,
        "influence_percentage": aggregate.influence_percentage,
        "proportion": aggregate.proportion_percent,
        "n": aggregate.n,
        "top": [[ids[part.company], *part[1:]] for part in aggregate.top],
    }
    head = {"method": aggregate.method, "time_frame": aggregate.time_frame, "scope": aggregate.scope}
    tail = {"error": aggregate.refusal, "coverage": coverage_percent(files, aggregate.coverage_percent)}
    if aggregate.refusal is None or not scores.method.is_literal:
        return head | figures | tail
    return head | dict.fromkeys(figures) | tail | {"covered": figures}


def _imagined(files: Files, aggregate: Aggregate) -> dict[str, Any]:
    return {
        "method": aggregate.method,
        "time_frame": aggregate.time_frame,
        "scope": aggregate.scope,
        "score": aggregate.score_c,
        "influence_percentage": aggregate.influence_percentage,
        "coverage": coverage_percent(files, aggregate.coverage_percent),
    }


def _grouped(files: Files, portfolio: Portfolio, aggregates: list[Aggregate]) -> list[dict[str, Any]]:
    groups = iter(portfolio.grouped(files.group, GROUPED_METHODS))
    entries = []
    for aggregate in (one for one in aggregates if one.method in GROUPED_METHODS):
        entry = _aggregation(files, portfolio.scores, aggregate)
        del entry["top"]
        inside = {
            name: {
                "score": one.score_c,
                "proportion": one.proportion_percent,
                "n": one.n,
                "coverage": one.coverage_percent,
            }
            for name, one in sorted(next(groups).items())
        }
        refused = entry["score"] is None and "covered" in entry
        if refused:
            entry["covered"] = {name: value for name, value in entry["covered"].items() if name != "top"}
            entry["covered"]["grouped"] = inside
        entries.append(entry | {"grouped": None if refused else inside})
    return entries


def _coverage(files: Files, scores: TemperatureScores) -> dict[str, Any]:
    """Who lacks what: the same for every figure that needs it."""
    ids = files.companies.company_id
    held = files.holdings.company
    zero = held[scores.zero_emissions[held]]
    return {
        "holdings": len(held),
        "invested": float(files.holdings.investment_value.sum()),
        "left_out": vars(files.left_out),
        "with_target": int(np.count_nonzero((scores.chosen[held] != NONE).any(axis=(1, 2)))),
        "missing": {"investment_value": files.without_amount}
        | {name: [ids[at] for at in lacking] for name, lacking in missing(files.companies, files.holdings).items()},
        "zero_emissions": [ids[at] for at in zero],
    }


def _target_counts(scores: TemperatureScores) -> dict[str, int]:
    """How many targets, or parts of one that cover one scope, met each end."""
    counts = np.bincount(outcomes(scores), minlength=len(OUTCOMES))
    counts += np.bincount(scores.rejected[scores.rejected > 0], minlength=len(OUTCOMES))
    return {word: int(count) for word, count in zip(OUTCOMES, counts, strict=True) if count}
