"""The record of a score, `theme-1`: numbers, codes and sources only. Sentences are made when it is read."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from scoring.engine.score.candidacy import Kind, Stage, StatedAvoided, Verdict

METHOD = "theme-1"
State = Literal["cleared", "missed", "unknown"]
Who = Literal["company", "verifier", "fund"]
Grade = Literal["E1", "E2", "E3", "E4", "E5"]
BARS = ("c", "r", "o")


class GateRecord(TypedDict):
    gate: str  # G1 to G5
    verdict: Verdict
    because: str  # a code, such as joins_waiting, catalogue_expired, theme_share_below
    numbers: dict[str, float]
    evidence: list[str]
    is_recorded: bool  # decided before, its evidence no longer there
    who: Who | None  # who can decide it, where it is open


class InputUsed(TypedDict):
    name: str
    value: float
    rung: str | None  # None: of the family's row
    u95: float
    elasticity: float
    source: str
    is_own: bool
    place: NotRequired[str]


class Missing(TypedDict):
    name: str  # an input, such as subsidies.grants, scope2_location, service
    who: Who
    place: NotRequired[str]


class BreakEven(TypedDict):
    """Where the bar is just met.

    `at_most`, `at_least`: the input `name` at `value` (`share` of revenue where it is money), also of a missed bar the
    value that it needs; `line`: money + `per_t` × tonnes stays below `value`; `withstands`: a told figure may be wrong
    by `share`, upward (tonnes, subsidies, lca, energy) or downward (service, use, profit); `verify`: as that, thinner
    than the sheet's limit and not verified, with P now, P if confirmed and the chance that it ends below; `never`:
    missed whatever is told.
    """

    code: Literal["at_most", "at_least", "line", "withstands", "verify", "never"]
    name: str
    value: float | None
    share: float | None
    unit: str
    per_t: NotRequired[float]
    p_now: NotRequired[float]
    p_confirmed: NotRequired[float]
    p_below: NotRequired[float]


class BarRecord(TypedDict):
    state: State
    # Of unknown or special ones: untold, no_bar, no_family, shown_only, sets_the_bar, expired, too_old, other_boundary,
    # planned_only, awaiting (after the closing day), revenue_not_positive, denominator_not_positive, zero (a
    # footprint of 0 is refused), best_still_misses, runway, harm, sign
    because: str
    year: int | None  # of its figures
    awaited_year: int | None  # D, where an earlier year stands in
    age_years: float
    value: float | None  # u, m*, x in natural units
    bar: float | None
    unit: str
    denominator: str
    z: float | None
    sigma: float | None
    p: float | None
    on_the_line: bool
    margin: float | None  # C: u/c* − 1, R: m*, O: bar/x − 1; each sortable
    evidence: Grade | None
    inputs: list[InputUsed]
    missing: list[Missing]
    break_even: BreakEven | None
    # Absent where unknown. C: gross, lca, u, units, lifetime_t, t_per_wan, planned_t; R: profit, subsidies_inside,
    # carbon_cost, revenue, ebitda_margin, worst_margin, margin_at_100, margin_at_400, margin_today,
    # margin_all_borne; O: tonnes, denominator, change_per_year, n, spread
    parts: dict[str, float]


class ResultRecord(TypedDict):
    """Of the bars as they are reported."""

    cleared: int
    known: int
    p_cleared: float | None  # None: no bar is cleared
    p_low: float
    p_high: float
    gates: Literal["passed", "open", "failed"]
    evidence: Grade | None
    group: Literal["3", "2", "1", "0", "no_figures", "not_admitted"]


class AssistedResult(TypedDict):
    """With O filled by the champion model; never sorts."""

    p_o: float
    state: State
    cleared: int
    p_cleared: float | None
    p_low: float
    p_high: float
    x: list[float]  # p05, median, p95 of the footprint
    rung: int
    guards: list[str]
    evidence: Grade


class Question(TypedDict):
    """What to ask first, or the bar of the least P where all is known."""

    code: Literal["ask", "verify", "weakest", "fund", "gate", "nothing"]
    bar: str
    missing: list[Missing]
    break_even: BreakEven | None


class Sensitivity(TypedDict):
    bar: str
    change: float  # of the bar: C and O times 0.8, 1.2; R plus or minus 0.02 of revenue
    cleared: int
    p_cleared: float | None


class CandidacyResult(TypedDict):
    track: str
    family: str | None
    stage: Stage
    gates: list[GateRecord]
    plan: str  # of PLAN_STAIR
    c: BarRecord
    r: BarRecord
    o: BarRecord
    reported: ResultRecord
    assisted: AssistedResult | None
    question: Question
    sensitivity: list[Sensitivity]
    kinds: list[Kind]  # of what was sold
    stated_avoided: list[StatedAvoided]


class Step(TypedDict):
    """Between neighbouring years of the trend, more than twofold."""

    year: int  # the later one
    times: float  # its tonnes over those of the earlier one


class MeasuredRecord(TypedDict):
    """What is measured of every company, candidate or peer; no score."""

    data_year: int | None
    emissions_t: float | None  # scopes 1 and 2 of that year
    scope2_kind: str | None
    boundary: str | None
    rung: int | None
    intensity: float | None  # t per 10,000 yuan
    years: int  # used in the trend
    first_year: int | None
    change_per_year: float | None  # of emissions; None over a step
    intensity_change_per_year: float | None  # None too unless tonnes and revenue are of the same years and boundary
    revenue_change_per_year: float | None  # likewise
    step: NotRequired[Step]  # the largest; absent where there is none
    temperature_c: float | None  # of its targets, scopes 1 and 2; None: only the default
    time_frame: str | None
    temperature_edition: NotRequired[str]  # of the method of the degrees; absent in records by 1.0
    pathway_c: float | None  # implied by its trajectory
    goals: dict[str, str]  # peak, net_zero → code
    flags: list[str]
    estimate: dict[str, object] | None  # of the champion, where nobody reported emissions
    sources: list[str]


class ScoreRecord(TypedDict):
    engine: str
    method: str
    as_of: str
    company_key: str
    kind: Literal["candidate", "peer"]
    sheet: str | None  # version, of a candidate
    sheet_digest: str | None
    measured: MeasuredRecord
    candidacy: CandidacyResult | None
