"""What the engine gives back: scores as columns, and one JSON record per company with everything a page draws."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal, TypedDict

from scoring.engine.columns import Bools, Floats, rounded
from scoring.engine.inputs import BOUNDARIES, Inputs
from scoring.engine.score import words as wording
from scoring.engine.score.assisted import BASELINE, Assisted, AssistedRecord
from scoring.engine.score.indicators import LN_10, NO_ROW, Measures
from scoring.engine.score.methodology import Goalpost, Methodology
from scoring.engine.score.trajectory import TrajectorySteps
from scoring.engine.words import Text

VERSION = "0.3.0"

Status = Literal["scored", "insufficient"]


class PillarRecord(TypedDict):
    code: str
    label_zh: str
    label_en: str
    nominal_weight: float  # of the methodology
    weight: float  # in this score, after redistribution; 0 if nothing of the pillar is observed
    utility: float | None
    contribution: float | None


class EmissionsScoreRecord(TypedDict):
    value: float
    band: str
    coverage: float
    baseline: float
    pillars: list[PillarRecord]


class GoalpostRecord(TypedDict):
    lo: float  # signed log10
    hi: float
    worst: float  # the same two in the line's own unit
    best: float
    scope: Literal["sector", "economy"]


class LineRecord(TypedDict):
    code: str
    pillar: str
    label_zh: str
    label_en: str
    value: float
    unit: str
    basis: str
    rung: int | None
    data_quality: int | None
    because_zh: str
    because_en: str
    utility: float
    weight: float | None
    contribution: float | None
    goalpost: GoalpostRecord | None
    flags: list[str]
    sources: list[str]  # digests of disclosures, or target keys


class MissingRecord(TypedDict):
    code: str
    zh: str
    en: str


class ScoreRecord(TypedDict):
    engine: str
    methodology: str
    methodology_digest: str
    as_of: str
    company_key: str
    status: Status
    emissions_score: EmissionsScoreRecord | None
    assisted_score: AssistedRecord | None  # None where the methodology version has none
    lines: list[LineRecord]
    missing: list[MissingRecord]
    flags: list[str]


@dataclass(frozen=True, eq=False)
class Lines:
    """Indicators in the order of the parameters; shape (indicators, companies)."""

    utility: Floats  # 1 to 100; NaN missing
    at_goalpost: Bools


@dataclass(frozen=True, eq=False)
class ScoreColumns:
    """One named score of a batch. Shapes (n,), (pillars, n) and (indicators, n); NaN is missing."""

    scored: Bools
    value: Floats  # 1 to 100
    band: tuple[str | None, ...]
    coverage: Floats  # share of the weight that is observed
    pillar_utility: Floats
    pillar_weight: Floats
    pillar_contribution: Floats
    indicator_weight: Floats
    indicator_contribution: Floats


@dataclass(frozen=True, eq=False)
class Result:
    """Scores of a batch, in its order. `assisted` is None where the methodology version has no assisted score."""

    inputs: Inputs
    methodology: Methodology
    as_of: date
    measures: Measures
    trajectory: TrajectorySteps | None  # None: the version has no such indicators
    lines: Lines
    emissions: ScoreColumns
    assisted: Assisted | None

    def __len__(self) -> int:
        return len(self.inputs)

    def status(self, i: int) -> Status:
        return "scored" if self.emissions.scored[i] else "insufficient"

    def record(self, i: int) -> ScoreRecord:
        """All there is to know about the score of company `i`, ready for JSON. Missing is None or absent."""
        return self._writer.record(i)

    @cached_property
    def _writer(self) -> "_Writer":
        return _Writer(self)


class _Writer:
    """Writes records. Columns become Python lists once, since reading single numpy elements is slow."""

    def __init__(self, result: Result) -> None:
        inputs, measures, emissions = result.inputs, result.measures, result.emissions
        years, targets = inputs.years, inputs.targets
        self.inputs, self.trajectory = inputs, result.trajectory
        self.methodology = result.methodology
        self.assisted = result.assisted
        self.parameters = result.methodology.parameters
        self.as_of = result.as_of.isoformat()
        self.years = wording.YearLists(
            years.year.tolist(),
            years.scope1_t.tolist(),
            years.scope2_t.tolist(),
            years.scope2_kind.tolist(),
            years.rung.tolist(),
            years.boundary.tolist(),
            years.revenue.tolist(),
            years.currency,
            years.cny_per_unit.tolist(),
            years.mean_of,
            measures.emissions_t.tolist(),
            measures.trend_rows.tolist(),
            measures.other_scope2_rows.tolist(),
            measures.jump_rows.tolist(),
        )
        self.targets = wording.TargetLists(
            targets.horizon.tolist(),
            targets.kind.tolist(),
            targets.reduction_share.tolist(),
            targets.base_year.tolist(),
            targets.target_year.tolist(),
            targets.scope3.tolist(),
            targets.status.tolist(),
            targets.validated.tolist(),
            measures.past_rows.tolist(),
        )
        self.doubts = [year.get("doubts", []) for record in inputs.records for year in record["years"]]
        self.year_start, self.target_start = years.start.tolist(), targets.start.tolist()
        self.latest_row, self.intensity_row = measures.latest_row.tolist(), measures.intensity_row.tolist()
        self.intensity, self.slope_log10 = measures.intensity.tolist(), measures.slope_log10.tolist()
        self.target_row, self.target_step = measures.target_row.tolist(), measures.target_step.tolist()
        self.plan_row, self.plan_step = measures.plan_row.tolist(), measures.plan_step.tolist()
        # One row per company from here on: (companies, indicators) and (companies, pillars).
        self.utility = result.lines.utility.T.tolist()
        self.at_goalpost = result.lines.at_goalpost.T.tolist()
        self.line_weight = emissions.indicator_weight.T.tolist()
        self.line_contribution = emissions.indicator_contribution.T.tolist()
        self.pillar_utility = emissions.pillar_utility.T.tolist()
        self.pillar_weight = emissions.pillar_weight.T.tolist()
        self.pillar_contribution = emissions.pillar_contribution.T.tolist()
        self.scored, self.value = emissions.scored.tolist(), emissions.value.tolist()
        self.band, self.coverage = emissions.band, emissions.coverage.tolist()
        self.goalposts = {
            code: (_goalpost_records(posts.economy, "economy", code), _sector_records(posts.sectors, code))
            for code, posts in result.methodology.goalposts.items()
        }

    def record(self, i: int) -> ScoreRecord:
        lines = self._lines(i)
        record: ScoreRecord = {
            "engine": VERSION,
            "methodology": self.methodology.version,
            "methodology_digest": self.methodology.digest,
            "as_of": self.as_of,
            "company_key": self.inputs.company_key[i],
            "status": "scored" if self.scored[i] else "insufficient",
            "emissions_score": self._emissions_score(i),
            "assisted_score": self.assisted.record(i) if self.assisted else None,
            "lines": lines,
            "missing": self._missing(i),
            "flags": self._flags(i, lines),
        }
        stored: ScoreRecord = rounded(record)
        return stored

    def _emissions_score(self, i: int) -> EmissionsScoreRecord | None:
        band = self.band[i]
        if band is None:
            return None
        utilities, weights, contributions = self.pillar_utility[i], self.pillar_weight[i], self.pillar_contribution[i]
        return {
            "value": self.value[i],
            "band": band,
            "coverage": self.coverage[i],
            "baseline": BASELINE,
            "pillars": [
                {
                    "code": pillar.code,
                    "label_zh": pillar.label_zh,
                    "label_en": pillar.label_en,
                    "nominal_weight": pillar.weight,
                    "weight": weights[k],
                    "utility": _or_none(utilities[k]),
                    "contribution": _or_none(contributions[k]),
                }
                for k, pillar in enumerate(self.parameters.pillars)
            ],
        }

    def _lines(self, i: int) -> list[LineRecord]:
        lines: list[LineRecord] = []
        j = -1
        for pillar in self.parameters.pillars:
            for indicator in pillar.indicators:
                j += 1
                utility = self.utility[i][j]
                if utility != utility:  # missing
                    continue
                figure = self._figure(indicator.code, i)
                lines.append(
                    {
                        "code": indicator.code,
                        "pillar": pillar.code,
                        "label_zh": indicator.label_zh,
                        "label_en": indicator.label_en,
                        "value": figure.value,
                        "unit": figure.unit,
                        "basis": _BASIS[figure.rung],
                        "rung": figure.rung,
                        "data_quality": figure.data_quality,
                        "because_zh": figure.because[0],
                        "because_en": figure.because[1],
                        "utility": utility,
                        "weight": self.line_weight[i][j] if self.scored[i] else None,
                        "contribution": self.line_contribution[i][j] if self.scored[i] else None,
                        "goalpost": self._goalpost(indicator.code, i),
                        "flags": ["at_goalpost", *figure.flags] if self.at_goalpost[i][j] else figure.flags,
                        "sources": figure.sources,
                    }
                )
        return lines

    def _goalpost(self, code: str, i: int) -> GoalpostRecord | None:
        if code not in self.goalposts:
            return None
        economy, sectors = self.goalposts[code]
        sector = self.inputs.sector[i]
        return economy if sector is None else sectors.get(sector, economy)

    def _year_rows(self, i: int) -> range:
        return range(self.year_start[i], self.year_start[i + 1])

    def _target_rows(self, i: int) -> range:
        return range(self.target_start[i], self.target_start[i + 1])

    def _figure(self, code: str, i: int) -> "_Figure":
        match code:
            case "carbon_intensity":
                return self._intensity(i)
            case "emissions_change":
                return self._change(i)
            case "target":
                return self._target(i)
            case "plan":
                row = self.plan_row[i]
                because = wording.plan(self.targets, row)
                return _Figure(self.plan_step[i] + 1, "step", None, None, because, [], self._target_keys([row]))
            case "temperature" | "goals_3060" if self.trajectory:
                return self._goals(self.trajectory, i) if code == "goals_3060" else self._degrees(self.trajectory, i)
            case _:
                row = self.latest_row[i]
                rung = self.years.rung[row]
                return _Figure(rung, "rung", rung, rung, wording.rung(self.years, row), [], self._disclosures([row]))

    def _intensity(self, i: int) -> "_Figure":
        row, value = self.intensity_row[i], self.intensity[i]
        rung, boundary = self.years.rung[row], BOUNDARIES[self.years.boundary[row]]
        flags = [] if boundary == "matched" else [f"boundary_{boundary}"]
        flags += self._zero_scopes([row]) + self._doubted([row], "emissions", "revenue")
        if row != self.latest_row[i]:
            flags.append("not_latest_year")
        quality = rung + (boundary == "mismatched")
        because = wording.intensity(self.years, row, value)
        return _Figure(value, "tCO2e/10k CNY", rung, quality, because, flags, self._disclosures([row]))

    def _change(self, i: int) -> "_Figure":
        years, rows = self.years, self._year_rows(i)
        used = [row for row in rows if years.in_trend[row]]
        value = math.expm1(self.slope_log10[i] * LN_10)
        rung = max([years.rung[row] for row in used])
        flags = ["jump"] if any([years.jump[row] for row in used]) else []
        if any([years.other_scope2[row] for row in rows]):
            flags.append("scope2_kind_changed")
        flags += self._zero_scopes(used) + self._doubted(used, "emissions")
        because = wording.change(years, rows, value)
        return _Figure(value, "share/year", rung, rung, because, flags, self._disclosures(used))

    def _target(self, i: int) -> "_Figure":
        targets, rows, row = self.targets, self._target_rows(i), self.target_row[i]
        flags = ["target_past"] if any([targets.past[r] for r in rows]) else []
        if targets.base_year[row] >= targets.target_year[row] > 0:
            flags.append("figures_inconsistent")
        because = wording.target(targets, rows, row)
        return _Figure(self.target_step[i] + 1, "step", None, None, because, flags, self._target_keys([row]))

    def _degrees(self, trajectory: TrajectorySteps, i: int) -> "_Figure":
        flags = ["coverage_as_stated"] + (["type_assumed"] if trajectory.type_assumed(i) else [])
        key = trajectory.temperature_target(i)
        return _Figure(trajectory.temperature_c(i), "°C", None, None, trajectory.temperature_because(i), flags, [key])

    def _goals(self, trajectory: TrajectorySteps, i: int) -> "_Figure":
        step = int(trajectory.goals_step[i])
        used = self._disclosures([row for row in self._year_rows(i) if self.years.in_trend[row]])
        return _Figure(step + 1, "step", None, None, trajectory.goals_because(i), [], used)

    def _zero_scopes(self, rows: list[int]) -> list[str]:
        flags = ["zero_scope_1"] if any([self.years.scope1_t[row] == 0 for row in rows]) else []
        return flags + (["zero_scope_2"] if any([self.years.scope2_t[row] == 0 for row in rows]) else [])

    def _doubted(self, rows: list[int], *subjects: str) -> list[str]:
        return [f"{subject}_doubtful" for subject in subjects if any([subject in self.doubts[row] for row in rows])]

    def _disclosures(self, rows: list[int]) -> list[str]:
        return [self.inputs.years.disclosure[row] for row in rows]

    def _target_keys(self, rows: list[int]) -> list[str]:
        return [self.inputs.targets.target_key[row] for row in rows]

    def _missing(self, i: int) -> list[MissingRecord]:
        years, year_rows, targets, target_rows = self.years, self._year_rows(i), self.targets, self._target_rows(i)
        gaps = wording.missing_emissions(years, year_rows)
        if self.intensity_row[i] == NO_ROW:
            gaps += wording.missing_revenue(years, year_rows)
        if self.slope_log10[i] != self.slope_log10[i]:
            gaps.append(wording.missing_trend(years, year_rows, self.parameters.min_years))
        if self.target_row[i] == NO_ROW:
            gaps.append(wording.missing_target(targets, target_rows))
        if self.plan_row[i] == NO_ROW:
            gaps.append(wording.missing_plan())
        if self.trajectory and self.trajectory.temperature_step[i] == NO_ROW:
            gaps.append(wording.missing_temperature())
        if self.trajectory and self.trajectory.goals_step[i] == NO_ROW:
            gaps.append(wording.missing_goals())
        if round(self.coverage[i], 9) < round(self.parameters.min_coverage, 9):
            gaps.append(wording.missing_coverage(self.coverage[i], self.parameters.min_coverage))
        return [{"code": code, "zh": zh, "en": en} for code, zh, en in gaps]

    def _flags(self, i: int, lines: list[LineRecord]) -> list[str]:
        """Every flag of the lines and of the company, sorted, once."""
        flags = {flag for line in lines for flag in line["flags"]}
        if self.inputs.sector[i] is None:
            flags.add("sector_unmapped")
        if self.scored[i] and round(self.coverage[i], 9) < 1:
            flags.add("weight_redistributed")
        if any([self.years.scope1_t[row] == 0 == self.years.scope2_t[row] for row in self._year_rows(i)]):
            flags.add("zero_emissions")
        if any([self.targets.past[row] for row in self._target_rows(i)]):
            flags.add("target_past")
        if features := self.inputs.features[i]:
            flags |= {f"{subject}_doubtful" for subject in features.get("doubts", [])}
        return sorted(flags)


@dataclass(slots=True)
class _Figure:
    """What a line says about one measured or stated figure, before weights."""

    value: float
    unit: str
    rung: int | None
    data_quality: int | None
    because: Text
    flags: list[str]
    sources: list[str]


_BASIS = {1: "verified_report", 2: "unverified_report", None: "stated"}


def _sector_records(sectors: Mapping[str, Goalpost], code: str) -> dict[str, GoalpostRecord]:
    return {sector: _goalpost_records(post, "sector", code) for sector, post in sectors.items()}


def _goalpost_records(post: Goalpost, scope: Literal["sector", "economy"], code: str) -> GoalpostRecord:
    """x' = −log10(intensity) or −slope, so the natural values are 10^−x' and 10^−x' − 1."""
    offset = 1.0 if code == "emissions_change" else 0.0
    worst, best = 10.0**-post.lo - offset, 10.0**-post.hi - offset
    return {"lo": post.lo, "hi": post.hi, "worst": worst, "best": best, "scope": scope}


def _or_none(value: float) -> float | None:
    return None if value != value else value
