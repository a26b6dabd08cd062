"""What is archived of a candidate beside what every company has: its family, the facts of its gates, its years.

Part of a company's record (`CompanyRecord["candidacy"]`). A peer has none. `None` is not told; 0 is told.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from scoring.engine.score.bar_sheet import Rung

Stage = Literal["mature", "venture"]
Verdict = Literal["pass", "fail", "not_decidable"]
GATES = ("G1", "G2", "G3", "G4", "G5")
Kind = Literal["realised", "measured", "planned", "potential"]
KINDS: tuple[Kind, ...] = ("realised", "measured", "planned", "potential")
SUBSIDIES = ("grants", "price_premium", "theme_credits")
PLAN_STAIR = ("none", "pledge", "measurable", "costed", "on_track")


class Told(TypedDict):
    """A figure with how it is known and what says so. Money is in yuan, at the mean of the year."""

    value: float
    rung: Rung
    source: str  # digest of a disclosure, or the source's title
    given: NotRequired[str]  # as the source has it where converted: "5,219,400,000 USD × 7.1884 (2025)"
    doubts: NotRequired[list[str]]


class Subsidy(TypedDict):
    told: Told | None  # value 0: stated that there is none
    standing: Literal["inside", "outside", "unknown"]  # of EBIT; unknown counts as inside


class Sold(TypedDict):
    """Units of the family sold in the year at one place, or made by an operator."""

    family: str
    kind: Kind
    place: str  # ISO 3166-1 alpha-3
    units: Told | None
    service: Told | None  # per unit and year, in the family's unit of service
    life: Told | None  # whole years
    use: Told | None  # share
    energy: Told | None  # MWh of electricity consumed per unit of service; above 0
    lca: Told | None  # t per unit
    cost_share: Told | None  # of a component in the system


class StatedAvoided(TypedDict):
    """The company's own statement: shown with its kind, never judged."""

    year: int
    t: float
    kind: str  # year_of_fleet, cumulative, life_of_units_sold, unstated
    source: str


class CandidateYear(TypedDict):
    year: int
    boundary: Literal["matched", "mismatched", "unstated"]  # of the tonnes against the denominators
    scope1: Told | None
    scope2_location: Told | None  # as reported
    scope2_by_activity: Told | None  # kWh × location-based factor; stands in where none is reported
    scope2_other_rung: Rung | None  # of a market-based or unstated report of the year: never fills O
    revenue: Told | None
    value_added: Told | None
    output: Told | None  # in the family's unit
    ebit: Told | None
    ebitda: Told | None
    gross_profit: Told | None
    subsidies: dict[str, Subsidy]  # of SUBSIDIES, each
    priced_t: Told | None
    free_allocation_t: Told | None
    runway_months: Told | None
    sold: list[Sold]


class ThemeShare(TypedDict):
    year: int
    share: float
    is_partial: bool  # a lower bound: it can pass, never fail
    basis: Literal["revenue", "capex_and_rnd"]
    source: str


class Catalogue(TypedDict):
    edition: str  # 2025, or 2024-guidance
    code: str
    valid_until: str | None  # ISO date


class Word(TypedDict):
    """What a person confirmed, with the evidence they saw."""

    answer: Literal["yes", "no"]
    code: str  # which exclusion, where one holds
    evidence: str
    by: str
    on: str  # ISO date


class GateFacts(TypedDict):
    identifiers: Literal["valid", "invalid", "none"]
    joins: Literal["confirmed", "waiting", "conflicting"]  # conflicting: figures of two entities count together
    exclusion: Word | None  # yes: one holds
    track_confirmed: bool
    catalogue: Catalogue | None
    theme_share: ThemeShare | None  # the latest told one that counts
    fossil_extraction: Word | None  # yes: it serves fossil extraction
    direct_and_significant: Word | None
    recorded: dict[str, Verdict]  # the last decided verdict of a gate: withdrawing its evidence does not reopen it


class CandidacyRecord(TypedDict):
    track: str
    family: str | None
    stage: Stage
    gates: GateFacts
    years: list[CandidateYear]  # ascending
    stated_avoided: list[StatedAvoided]
