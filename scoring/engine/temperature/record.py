"""The temperature score of one archived company as a record of codes and numbers; `words` makes its sentences."""

from __future__ import annotations

from datetime import date
from typing import Any, TypedDict

import numpy as np

from scoring.engine.inputs import CompanyRecord, TargetRecord
from scoring.engine.temperature.inputs import (
    HEADLINE,
    NONE,
    S1,
    S1S2,
    S1S2S3,
    S2,
    S3,
    TemperatureCompanies,
    TemperatureTargets,
)
from scoring.engine.temperature.methods import EDITION_10, TemperatureMethod
from scoring.engine.temperature.outcomes import cells, stories
from scoring.engine.temperature.portfolio import Holdings, Portfolio
from scoring.engine.temperature.score import score
from scoring.engine.temperature.scores import TemperatureScores
from scoring.engine.temperature.thin_targets import ThinCompany, ThinTarget, thin_company
from scoring.engine.words import Because

# Of the six what-ifs, those that mean the same for one company: it is its own largest contributor (3) and engaged (4).
FUTURES = ((0,), (1,), (2, 4), (3, 5))


class OutcomeRecord(TypedDict):
    """What became of a target, or of the part of it that covers one scope."""

    scope: str | None
    time_frame: str | None
    coverage_s1s2: float | None
    coverage_s3: float | None
    reduction_ambition: float | None  # after the boundary rule
    because: Because


class MarkRecord(TypedDict):
    """What was taken for granted about a target."""

    code: str
    scope: str | None  # that is left out
    covered: str | None  # the tracker's word about it
    year: int | None  # of the tonnes that split it


class TargetUseRecord(TypedDict):
    stated: TargetRecord
    used_as: str | None  # absolute or intensity; None where nothing of it can be used
    marks: list[MarkRecord]
    outcomes: list[OutcomeRecord]


class CellRecord(TypedDict):
    time_frame: str
    scope: str
    temperature_c: float | None
    default_share: float | None
    is_default: bool
    target_key: str | None
    variable: str | None
    slope: str
    param: float | None
    intercept: float | None
    reduction_ambition: float | None
    annual_reduction_rate: float | None
    base_year: int | None  # of the target that the score stands on
    end_year: int | None
    coverage: float | None  # of that target
    own_c: float  # before rounding
    because: Because


class WhatIfRecord(TypedDict):
    codes: list[str]  # of the six, those that mean the same for one company
    cap_c: float
    scores: list[float | None]  # in the order of the cells


class TemperatureScoreRecord(TypedDict):
    company_key: str
    as_of: str
    method: dict[str, Any]  # parameters, name among them
    method_digest: str
    coefficients_digest: str
    isic: list[str]
    isic_used: str | None
    isic_because: Because
    s1_t: float | None
    s2_t: float | None
    s1s2_t: float | None
    s3_t: float | None
    tonnes_year: int | None
    targets: list[TargetUseRecord]
    cells: list[CellRecord]
    what_ifs: list[WhatIfRecord]
    has_target: bool  # one of the cells stands on a target


def temperature_record(record: CompanyRecord, method: TemperatureMethod, as_of: date) -> TemperatureScoreRecord:
    """Score one archived company by the rules for thin data. Raises the EngineError that names a fault."""
    thin = thin_company(record)
    companies = TemperatureCompanies.from_records([thin.facts])
    targets = TemperatureTargets.from_records([row for one in thin.targets for row in one.facts], companies)
    scores = score(companies, targets, method, as_of)
    keys = [one.stated["target_key"] for one in thin.targets for _row in one.facts]
    return {
        "company_key": record["company_key"],
        "as_of": as_of.isoformat(),
        "method": method.parameters(),
        "method_digest": method.digest,
        "coefficients_digest": method.coefficients.digest,
        "isic": list(thin.isic),
        "isic_used": thin.facts["isic"],
        "isic_because": {"code": "isic_spans" if thin.isic_spans else "" if thin.isic else "no_isic"},
        "s1_t": thin.facts.get("ghg_s1"),
        "s2_t": thin.facts.get("ghg_s2"),
        "s1s2_t": thin.facts["ghg_s1s2"],
        "s3_t": thin.facts["ghg_s3"],
        "tonnes_year": thin.s1s2_year,
        "targets": _targets(thin, scores, targets),
        "cells": _cells(thin, scores, keys),
        "what_ifs": _what_ifs(scores),
        "has_target": bool((scores.own_default_share < 1).any()),
    }


def _targets(thin: ThinCompany, scores: TemperatureScores, columns: TemperatureTargets) -> list[TargetUseRecord]:
    told = stories(scores, columns, 0)
    found: list[TargetUseRecord] = []
    row = 0
    for target in thin.targets:
        rows = range(row, row + len(target.facts))
        row = rows.stop
        outcomes: list[OutcomeRecord] = [
            {
                "scope": one["scope"] or target.facts[one["target"] - rows.start]["scope"],
                "time_frame": one["time_frame"],
                "coverage_s1s2": None if one["scope"] == "S3" else one["coverage_s1"],
                "coverage_s3": one["coverage_s3"] if one["scope"] == "S3" else None,
                "reduction_ambition": one["reduction_ambition"],
                "because": {"code": one["outcome"]},
            }
            for one in told
            if one["target"] in rows
        ]
        if target.unusable:
            outcomes = [_unusable(target.unusable)]
        found.append(
            {
                "stated": target.stated,
                "used_as": target.facts[0]["target_type"] if target.facts else None,
                "marks": _marks(target, scores.method),
                "outcomes": outcomes,
            }
        )
    return found


def _unusable(code: str) -> OutcomeRecord:
    return {
        "scope": None,
        "time_frame": None,
        "coverage_s1s2": None,
        "coverage_s3": None,
        "reduction_ambition": None,
        "because": {"code": code},
    }


def _marks(target: ThinTarget, method: TemperatureMethod) -> list[MarkRecord]:
    if target.unusable:
        return []
    found = [_mark("type_assumed")] if target.type_assumed else []
    found.append(_mark("coverage_as_stated"))
    found += [_mark(f"{scope.lower()}_left_out", scope=scope, covered=word) for scope, word in target.left_out]
    if target.base_year_tonnes and _asks_for_base_year(target, method):
        year = target.base_year_tonnes.year
        is_same = year == target.stated["base_year"]
        found.append(_mark("base_year_tonnes" if is_same else "base_year_tonnes_of_another_year", year=year))
    return found


def _asks_for_base_year(target: ThinTarget, method: TemperatureMethod) -> bool:
    """1.0 weighs scopes 1 and 2 alone by it, the tool of 1.5 uses no target without it; ours has nothing to weigh."""
    if method.edition is EDITION_10:
        return target.facts[0]["scope"] in ("S1", "S2")
    return method.is_literal


def _mark(code: str, *, scope: str | None = None, covered: str | None = None, year: int | None = None) -> MarkRecord:
    return {"code": code, "scope": scope, "covered": covered, "year": year}


def _cells(thin: ThinCompany, scores: TemperatureScores, keys: list[str]) -> list[CellRecord]:
    found: list[CellRecord] = []
    candidates = scores.candidates
    for position, one in enumerate(cells(scores, 0)):
        frame, scope = divmod(position, len(scores.scopes))
        is_split = not _is_not_split(scores, frame, scope)
        at = int(scores.chosen[0, frame, scope])
        is_chosen = at != NONE
        covered = candidates.coverage_s3 if scope == S3 else candidates.coverage_s1
        found.append(
            {
                "time_frame": one["time_frame"],
                "scope": one["scope"],
                "temperature_c": one["temperature_score"] if is_split else None,
                "default_share": one["default_share"] if is_split else None,
                "is_default": is_split and one["default_share"] == 1,
                "target_key": None if one["target"] is None else keys[one["target"]],
                "variable": one["variable"],
                "slope": one["slope"],
                "param": one["param"],
                "intercept": one["intercept"],
                "reduction_ambition": _given(candidates.ambition[at]) if is_chosen else None,
                "annual_reduction_rate": one["annual_reduction_rate"],
                "base_year": int(candidates.base_year[at]) if is_chosen else None,
                "end_year": int(candidates.end_year[at]) if is_chosen else None,
                "coverage": _given(covered[at]) if is_chosen else None,
                "own_c": float(scores.own_score_c[0, frame, scope]),
                "because": {"code": _because(thin, scores, frame, scope)},
            }
        )
    return found


def _is_not_split(scores: TemperatureScores, frame: int, scope: int) -> bool:
    """Scope 1 or 2 alone, where one target stands for both and no tonnes divide it; the tools print their default."""
    chosen = scores.chosen[0, frame]
    if scores.method.is_literal or scope not in (S1, S2):
        return False
    return bool(chosen[S1S2] != NONE and chosen[S1] == NONE == chosen[S2])


def _because(thin: ThinCompany, scores: TemperatureScores, frame: int, scope: int) -> str:
    chosen = scores.chosen[0, frame]
    if scores.method.edition is EDITION_10:
        if scope == S1S2S3:
            return "mixed" if thin.facts["ghg_s1s2"] and thin.facts["ghg_s3"] is not None else "nothing_to_weigh_by"
        return "no_target" if scores.own_default_share[0, frame, scope] == 1 else "target"
    if _is_not_split(scores, frame, scope):
        return "not_split"
    if scope == S1S2S3:
        return "weighed" if _is_weighed(thin, scores, frame, S1S2S3) else "warmer"
    if scope == S1S2 and (chosen[S1] != NONE or chosen[S2] != NONE):
        return "weighed" if _is_weighed(thin, scores, frame, S1S2) else "warmer"
    if chosen[scope] == NONE:
        return "no_target"
    if scope == S3 and scores.method.is_literal and scores.candidates.category[chosen[S3]] == HEADLINE:
        return "headline_as_category_15"
    return "worse_than_none" if scores.own_default_share[0, frame, scope] == 1 else "target"


def _is_weighed(thin: ThinCompany, scores: TemperatureScores, frame: int, scope: int) -> bool:
    """By emissions, not the warmer part. The tool takes an emission of zero for one that is missing."""
    tonnes = [thin.facts.get("ghg_s1"), thin.facts.get("ghg_s2")] + ([thin.facts["ghg_s3"]] if scope == S1S2S3 else [])
    if any(one is None for one in tonnes):
        return False
    return all(tonnes) if scores.method.is_literal else sum(one or 0.0 for one in tonnes) > 0


def _what_ifs(scores: TemperatureScores) -> list[WhatIfRecord]:
    """The six futures for this company alone, held and engaged: 3 (top contributor) and 4 (engaged) are then one."""
    alone = Holdings.merged(np.zeros(1, dtype=np.int64), np.ones(1), np.ones(1, dtype=np.bool_))
    imagined = Portfolio(scores, alone).what_ifs()
    futures = [[scores.method.edition.what_ifs[at] for at in same] for same in FUTURES]
    return [
        {
            "codes": [one.code for one in same],
            "cap_c": same[0].cap_c,
            "scores": [one.score_c for one in imagined[same[0].code]],
        }
        for same in futures
    ]


def _given(value: np.float64) -> float | None:
    return None if np.isnan(value) else float(value)
