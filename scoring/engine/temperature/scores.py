"""What comes of targets: candidates, the chosen ones, and the scores. Both editions of the method end here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scoring.engine.columns import Bools, Floats, Ints
from scoring.engine.temperature.inputs import NONE, TIME_FRAMES, TemperatureCompanies, Words
from scoring.engine.temperature.methods import TemperatureMethod

# What became of a target, or of the part of it that covers one scope.
OUTCOMES = (
    "chosen",
    # refused as it came
    "no_year",
    "temperature_target",  # states degrees, which only 1.5 knows; not read
    "unknown_type",
    "no_metric",
    "metric_other",
    "unknown_metric",
    "no_reduction",
    "share_out_of_range",
    "already_achieved",
    "ends_before_start",
    "in_the_past",
    "cannot_be_combined",  # 1.0: scope 1 or 2 alone, without its coverage or base-year emissions
    "no_coverage",
    "lacks_base_year",  # 1.5: without the base-year emissions that its coverage is weighed by
    # fits no cell
    "no_base_year_emissions",  # scope 1 or 2 alone, and both are zero in the base year
    "no_category",  # of scope 3, in the tool
    "too_far_ahead",
    # lost before its cell was looked at (1.5)
    "older_statement",
    "one_scope_alone",
    "equal_coverage",
    "category_beside_headline",
    "earlier_row",
    # lost against another one of its cell
    "earlier_statement",
    "lower_coverage",
    "earlier_end_year",
    "earlier_base_year",
    "later_type",
    "incomplete",
    "less_ambitious",
    "shorter",
    "tied",
)
OUTCOME = {word: code for code, word in enumerate(OUTCOMES)}


@dataclass(frozen=True, eq=False)
class Candidates:
    """Valid targets after splitting, combining and converting, shape (candidates,)."""

    source: Ints  # row of the target it comes from
    partner: Ints  # row of the scope 2 target that was combined into it, or NONE
    company: Ints
    scope: Ints
    time_frame: Ints  # NONE where it ends too far ahead
    intensity: Bools
    metric_variable: Ints  # of an intensity target, in the edition's variables; NONE where its metric has none
    type_rank: Ints
    metric_rank: Ints  # the last tie-break; all 0 where the order of rows decides
    coverage_s1: Floats  # of scope 1, 2 or both
    coverage_s3: Floats
    ambition: Floats  # after the boundary
    base_year: Ints
    end_year: Ints
    category: Ints  # of scope 3, or NONE
    statement_day: Ints
    lost: Ints  # in OUTCOMES, why it does not come to its cell; 0 where it does

    def cell(self, scopes: int) -> Ints:
        """Position among all cells of a company x time frame x scope grid, or NONE."""
        position = (self.company * len(TIME_FRAMES) + self.time_frame) * scopes + self.scope
        return np.where(self.lost == 0, position, NONE)


@dataclass(frozen=True, eq=False)
class TemperatureScores:
    """Scores of a batch. Cells have the shape (companies, time frames, scopes of the edition)."""

    method: TemperatureMethod
    year: int  # of reporting
    companies: TemperatureCompanies
    rejected: Ints  # shape (targets,): why a target is no candidate, in OUTCOMES; 0 where it is one
    candidates: Candidates
    chosen: Ints  # cells: row of the candidate, or NONE; of several categories of scope 3 the first
    winner: Ints  # shape (candidates,): the candidate that stands in its place, or NONE where it came to none
    variable: Ints  # cells: in the edition's variables, or NONE
    yearly_reduction: Floats  # cells: share a year, below zero where 1.5 compounds; NaN where there is none
    own_score_c: Floats  # cells: before scopes are mixed, not rounded
    own_default_share: Floats
    score_c: Floats  # cells: rounded to 2 decimals; NaN only in parity, for zero emissions on both sides
    default_share: Floats  # cells: how much of the score is the fallback, 0 to 1

    @property
    def scopes(self) -> tuple[str, ...]:
        return self.method.edition.scopes

    @property
    def zero_emissions(self) -> Bools:
        """Companies whose scope 1+2 and scope 3 are both zero: there is nothing to weigh the two scores by."""
        zero: Bools = (self.companies.ghg_s1s2_t == 0) & (self.companies.ghg_s3_t == 0)
        return zero

    @property
    def param(self) -> Floats:
        return self.method.coefficients.param[self.variable, _TIME_FRAME]

    @property
    def intercept(self) -> Floats:
        return self.method.coefficients.intercept[self.variable, _TIME_FRAME]


_TIME_FRAME = np.arange(len(TIME_FRAMES))[:, None]


def per_row(column: Words, of_word: list[bool], *, otherwise: bool) -> Bools:
    """What is true of a word, for each row; `otherwise` where no word is given."""
    return np.array([*of_word, otherwise], dtype=np.bool_)[column.code]


def rank(column: Words, words: list[str]) -> Ints:
    """The place of each row's word, read as `words` says, among all of them."""
    order = {word: place for place, word in enumerate(sorted(set(words)))}
    return np.array([*(order[word] for word in words), NONE], dtype=np.int64)[column.code]


def first_of_each(order: Ints, group: Ints) -> Ints:
    """Of rows in `order`, which lists each group together, the first of each group."""
    sorted_group = group[order]
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = sorted_group[1:] != sorted_group[:-1]
    return order[first]


def degrees(value_c: float | None) -> str:
    """A score as it is printed: below 1.0, which only edition 1.0 without its floor can give, no figure is told."""
    if value_c is None:
        return "—"
    return "< 1.0 °C" if value_c < 1.0 else f"{value_c:.2f} °C"
