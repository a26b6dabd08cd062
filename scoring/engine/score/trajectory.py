"""Two indicators of the trajectory pillar: what a company's targets promise in degrees, and China's 3060 goals.

Both stand on stairs whose edges are published goals, so no calibration population decides them: 1.5 °C, well below 2 °C
(1.75 °C, as in the what-ifs of the method) and 2 °C; peak before 2030 and net zero by 2060. A score that is only the
fallback is no report, so the indicator is missing; so is the 3060 answer without trajectory and target path.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from scoring.engine.columns import Ints
from scoring.engine.inputs import Inputs
from scoring.engine.pathways import words as pathway_wording
from scoring.engine.pathways.china import BY_TARGET, NOT_AVAILABLE, ChinaMilestones, ChinaTest, china_test
from scoring.engine.pathways.paths import Points, company_paths
from scoring.engine.pathways.record import china_record
from scoring.engine.score.indicators import NO_ROW, Measures
from scoring.engine.score.measured import target_degrees
from scoring.engine.score.methodology import TrajectoryRules
from scoring.engine.temperature import words as temperature_wording
from scoring.engine.temperature.inputs import NONE, S1S2, TIME_FRAMES
from scoring.engine.temperature.score import TemperatureScores
from scoring.engine.temperature.thin_targets import ThinCompany, ThinTarget
from scoring.engine.words import Text

STEP_EDGES_C = (2.0, 1.75, 1.5)  # at or below the edge: one step up


@dataclass(frozen=True, eq=False)
class TrajectorySteps:
    """Steps of a batch, shape (n,), NO_ROW where missing, with what their sentences need."""

    temperature_step: Ints
    goals_step: Ints
    time_frame: Ints  # of the temperature shown, or NONE
    scores: TemperatureScores
    thin: tuple[ThinCompany, ...]
    goals: ChinaTest

    def temperature_c(self, i: int) -> float:
        return float(self.scores.score_c[i, int(self.time_frame[i]), S1S2])

    def temperature_because(self, i: int) -> Text:
        """The sum, with the time frame it is of."""
        frame, scores = int(self.time_frame[i]), self.scores
        chosen, variable = int(scores.chosen[i, frame, S1S2]), int(scores.variable[i, frame, S1S2])
        candidates, coefficients = scores.candidates, scores.method.coefficients
        zh, en = temperature_wording.regression(
            float(scores.yearly_reduction[i, frame, S1S2]),
            float(coefficients.param[variable, frame]),
            float(coefficients.intercept[variable, frame]),
            float(candidates.ambition[chosen]),
            (int(candidates.base_year[chosen]), int(candidates.end_year[chosen])),
            scores.method.floor_c,
        )
        frame_zh, frame_en = temperature_wording.TIME_FRAME[TIME_FRAMES[frame]]
        return f"{frame_zh}，范围一+二：{zh}", f"{frame_en}, scope 1+2: {en}"

    def temperature_target(self, i: int) -> str:
        """Key of the target it stands on."""
        return self._target(i).stated["target_key"]

    def type_assumed(self, i: int) -> bool:
        return self._target(i).type_assumed

    def _target(self, i: int) -> ThinTarget:
        chosen = int(self.scores.chosen[i, int(self.time_frame[i]), S1S2])
        return self._stated[int(self.scores.candidates.source[chosen])]

    @cached_property
    def _stated(self) -> list[ThinTarget]:
        """Of each row that the temperature score was given."""
        return [one for thin in self.thin for one in thin.targets for _row in one.facts]

    def goals_because(self, i: int) -> Text:
        goals = china_record(self.goals, i)
        peak, net_zero = pathway_wording.peak(goals), pathway_wording.net_zero(goals)
        return f"{peak[0]}；{net_zero[0]}", f"{peak[1]}; {net_zero[1]}"


def trajectory_steps(batch: Inputs, measures: Measures, rules: TrajectoryRules, as_of: date) -> TrajectorySteps:
    """Both indicators of a batch; a company's steps do not depend on who else is in it."""
    promised = target_degrees(batch, rules.temperature, as_of)
    time_frame, degrees = promised.time_frame, promised.degrees_c
    step = sum((np.round(degrees, 9) <= edge).astype(np.int64) for edge in STEP_EDGES_C)
    paths = company_paths(history_of(batch, measures), batch.targets, as_of)
    goals = china_test(paths, ChinaMilestones(peak_before=rules.peak_before, net_zero_by=rules.net_zero_by))
    passed = (goals.peak >= BY_TARGET).astype(np.int64) + (goals.net_zero >= BY_TARGET)
    return TrajectorySteps(
        np.where(time_frame == NONE, NO_ROW, step),
        np.where(goals.peak == NOT_AVAILABLE, NO_ROW, passed),
        time_frame,
        promised.scores,
        promised.thin,
        goals,
    )


def history_of(batch: Inputs, measures: Measures) -> Points:
    """Scope 1 + 2 of the years that the score's trend uses: one kind of scope 2, zero and zero left out as missing."""
    rows = measures.trend_rows
    return Points.build(batch.years.owner[rows], batch.years.year[rows], measures.emissions_t[rows], len(batch))
