"""The temperature score of one company, told: its scores, and what became of each of its targets and why."""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from scoring.engine.columns import Ints
from scoring.engine.temperature import method_10, method_15
from scoring.engine.temperature.inputs import NONE, TARGET_SCOPES, TIME_FRAMES, TemperatureTargets
from scoring.engine.temperature.methods import EDITION_10
from scoring.engine.temperature.scores import OUTCOME, OUTCOMES, TemperatureScores


def outcomes(scores: TemperatureScores) -> Ints:
    """What became of each candidate, in OUTCOMES: chosen, or the first thing in which it lost against the chosen."""
    candidates, winner = scores.candidates, scores.winner
    by = method_10 if scores.method.edition is EDITION_10 else method_15
    outcome = np.full(len(candidates.source), OUTCOME["tied"], dtype=np.int64)
    rows = np.flatnonzero(winner != NONE)
    theirs, best = by.preference(candidates, rows), by.preference(candidates, winner[rows])
    for word, mine, won in reversed(list(zip(by.LOST_BY, theirs, best, strict=False))):
        differs = (mine != won) & ~(np.isnan(mine) & np.isnan(won))
        outcome[rows[differs]] = OUTCOME[word]
    outcome[rows[winner[rows] == rows]] = OUTCOME["chosen"]
    lost = candidates.lost != 0
    outcome[lost] = candidates.lost[lost]
    return outcome


class TargetStory(TypedDict):
    """What became of one target, or of one part of it."""

    target: int  # row of the target
    outcome: str
    scope: str | None  # after splitting and converting; None where the target was refused as it came
    time_frame: str | None
    combined_with: int | None  # row of the scope 2 target
    coverage_s1: float | None
    coverage_s3: float | None
    reduction_ambition: float | None  # after the boundary rule


def stories(scores: TemperatureScores, targets: TemperatureTargets, company: int) -> list[TargetStory]:
    """What became of every target of a company, in the order of its rows."""
    found: list[TargetStory] = []
    candidates, outcome = scores.candidates, outcomes(scores)
    for row in np.flatnonzero(targets.company == company).tolist():
        if scores.rejected[row]:
            found.append(_refused(row, OUTCOMES[scores.rejected[row]]))
        for at in np.flatnonzero(candidates.source == row).tolist():
            time_frame = int(candidates.time_frame[at])
            found.append(
                {
                    "target": row,
                    "outcome": OUTCOMES[outcome[at]],
                    "scope": TARGET_SCOPES[candidates.scope[at]],
                    "time_frame": None if time_frame == NONE else TIME_FRAMES[time_frame],
                    "combined_with": None if candidates.partner[at] == NONE else int(candidates.partner[at]),
                    "coverage_s1": _given(candidates.coverage_s1[at]),
                    "coverage_s3": _given(candidates.coverage_s3[at]),
                    "reduction_ambition": _given(candidates.ambition[at]),
                }
            )
    return found


def _refused(row: int, outcome: str) -> TargetStory:
    return {
        "target": row,
        "outcome": outcome,
        "scope": None,
        "time_frame": None,
        "combined_with": None,
        "coverage_s1": None,
        "coverage_s3": None,
        "reduction_ambition": None,
    }


class ScoreCell(TypedDict):
    """One score of one company with all that it follows from."""

    time_frame: str
    scope: str
    target: int | None  # row of the chosen target
    variable: str | None
    annual_reduction_rate: float | None
    slope: str
    param: float | None
    intercept: float | None
    temperature_score: float | None
    default_share: float | None


def cells(scores: TemperatureScores, company: int) -> list[ScoreCell]:
    """The scores of a company, short first, in the order of the edition's scopes."""
    edition = scores.method.edition
    param, intercept = scores.param[company], scores.intercept[company]
    found: list[ScoreCell] = []
    for frame, time_frame in enumerate(TIME_FRAMES):
        for scope, word in enumerate(edition.scopes):
            chosen, variable = int(scores.chosen[company, frame, scope]), int(scores.variable[company, frame, scope])
            found.append(
                {
                    "time_frame": time_frame,
                    "scope": word,
                    "target": None if chosen == NONE else int(scores.candidates.source[chosen]),
                    "variable": None if variable == NONE else edition.variables[variable],
                    "annual_reduction_rate": _given(scores.yearly_reduction[company, frame, scope]),
                    "slope": edition.slopes[frame],
                    "param": _given(param[frame, scope]),
                    "intercept": _given(intercept[frame, scope]),
                    "temperature_score": _given(scores.score_c[company, frame, scope]),
                    "default_share": _given(scores.default_share[company, frame, scope]),
                }
            )
    return found


def _given(value: np.float64) -> float | None:
    return None if np.isnan(value) else float(value)
