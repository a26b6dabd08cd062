"""The score of candidates, method `theme-1`: gates, three bars, one probability in closed form. METHOD section 8.

`score(Inputs.from_records(records), sheet, as_of).record(i)` is the whole of it. A company without `candidacy` is a
peer: what is measured of it is told, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from scoring.engine.columns import Bools, Floats, Ints
from scoring.engine.errors import FutureYear
from scoring.engine.inputs import Inputs
from scoring.engine.score.bar_sheet import BarSheet
from scoring.engine.score.bars.assisted import Assisted, EstimateRecord, assist
from scoring.engine.score.bars.contribution import Contribution, contribution
from scoring.engine.score.bars.footprint import Emissions, Footprint, emissions, footprint
from scoring.engine.score.bars.probability import CLEARED, UNKNOWN, age_years, is_within
from scoring.engine.score.bars.resilience import Resilience, resilience
from scoring.engine.score.bars.telling import score_record
from scoring.engine.score.candidacy import CandidacyRecord, CandidateColumns, check
from scoring.engine.score.gates import gates
from scoring.engine.score.measured import Measured, MeasuredRules, measure_all, plan_stairs
from scoring.engine.score.record import BARS, GateRecord, ScoreRecord

# Why a bar is unknown whatever its figures say.
AWAITING, TOO_OLD = "awaiting", "too_old"


@dataclass(frozen=True, eq=False)
class Judged:
    """The bars of a batch of candidates. Row columns are of candidate-years; by bar: shape (n,), one year each."""

    columns: CandidateColumns
    sheet: BarSheet
    as_of: date
    age: Floats  # (rows,) years beyond one
    emissions: Emissions
    c: Contribution
    r: Resilience
    o: Footprint
    row: Mapping[str, Ints]  # of BARS: the candidate-year that stands for the bar
    set_aside: Mapping[str, tuple[Bools, Bools]]  # awaited after the closing day; too old
    state: Mapping[str, Ints]
    p: Mapping[str, Floats]  # NaN where the bar is unknown

    @cached_property
    def cleared(self) -> Ints:
        found: Ints = np.sum([self.state[bar] == CLEARED for bar in BARS], axis=0, dtype=np.int64)
        return found

    @cached_property
    def known(self) -> Ints:
        found: Ints = np.sum([self.state[bar] != UNKNOWN for bar in BARS], axis=0, dtype=np.int64)
        return found

    @cached_property
    def p_cleared(self) -> Floats:
        """Product over the cleared bars; NaN where none is."""
        found = np.ones(len(self.columns))
        for bar in BARS:
            found = found * np.where(self.state[bar] == CLEARED, self.p[bar], 1.0)
        return np.where(self.cleared > 0, found, np.nan)

    @cached_property
    def p_high(self) -> Floats:
        """Product over the known bars: an unknown one may be cleared for sure."""
        found = np.ones(len(self.columns))
        for bar in BARS:
            found = found * np.where(self.state[bar] != UNKNOWN, self.p[bar], 1.0)
        return found


def judge(columns: CandidateColumns, sheet: BarSheet, as_of: date) -> Judged:
    """The three bars of every candidate of a batch, on columns alone."""
    age = age_years(columns.year, as_of)
    told = emissions(columns, sheet)
    c = contribution(columns, sheet, as_of)
    r = resilience(columns, sheet, told, age)
    o = footprint(columns, sheet, told, age)
    row, set_aside, state, p = {}, {}, {}, {}
    admissible = is_within(columns.year, sheet.judgements.most_months, as_of)
    bars: tuple[tuple[str, Contribution | Resilience | Footprint], ...] = (("c", c), ("r", r), ("o", o))
    for bar, found in bars:
        row[bar], *aside = _years(columns, sheet, as_of, admissible, found.state != UNKNOWN, found.missing)
        set_aside[bar] = (aside[0], aside[1])
        out = aside[0] | aside[1]
        state[bar] = np.where(out, UNKNOWN, found.state[row[bar]])
        p[bar] = np.where(out, np.nan, found.p[row[bar]])
    return Judged(columns, sheet, as_of, age, told, c, r, o, row, set_aside, state, p)


def _years(
    columns: CandidateColumns, sheet: BarSheet, as_of: date, admissible: Bools, known: Bools, missing: Ints
) -> tuple[Ints, Bools, Bools]:
    """Which candidate-year stands for a bar; whether the data year is still awaited; whether all is too old.

    Until the closing day the latest year within the limit in which the bar is known, else the one with the fewest
    missing inputs, the latest of equals. After it the data year alone, which is each candidate's last row.
    """
    starts, last = columns.start[:-1], columns.start[1:] - 1
    earlier = admissible & known
    if as_of > sheet.closes:
        awaited = ~known[last] & np.logical_or.reduceat(earlier, starts) if len(columns) else known[last]
        return last, awaited & admissible[last], ~admissible[last]
    if not len(columns):
        return last, known, known
    # One number to compare: admissible before not, known before not, few missing before many, then the latest.
    value = ((admissible * 2 + earlier) * 100 + np.where(earlier, 0, 99 - np.minimum(missing, 99))) * 10_000
    value = value + columns.year
    best = np.maximum.reduceat(value, starts)
    row = np.flatnonzero(value == best[columns.owner])
    return row, np.zeros(len(row), dtype=np.bool_), ~admissible[row]


@dataclass(frozen=True, eq=False)
class Result:
    """Scores of a batch, in its order. Positions `i` are of the batch; a peer has no candidacy."""

    inputs: Inputs
    sheet: BarSheet | None
    as_of: date
    measured: Measured
    estimates: Sequence[EstimateRecord | None]
    candidate: Ints  # (n,): position among the candidates, or -1
    records: tuple[CandidacyRecord, ...]  # of the candidates
    judged: Judged | None
    plans: Sequence[str | None]  # (n,)
    gates: tuple[list[GateRecord], ...]
    assisted: Assisted | None

    def __len__(self) -> int:
        return len(self.inputs)

    def record(self, i: int) -> ScoreRecord:
        """All there is to know about company `i`, ready for JSON."""
        return score_record(self, i)


def score(
    batch: Inputs,
    sheet: BarSheet | None,
    as_of: date,
    estimates: Sequence[EstimateRecord | None] | None = None,
    rules: MeasuredRules | None = None,
) -> Result:
    """Scores of a batch, in its order. Without a sheet every company is told as a peer.

    `estimates`, one a company, are what a model says of emissions that nobody reported; only the assisted result looks.
    Raises FutureYear for a company-year after `as_of`, and the InputError that names the fault of a candidacy.
    """
    measured = measure_all(batch, as_of, rules)
    plans = plan_stairs(measured)
    known = [None] * len(batch) if estimates is None else list(estimates)
    rows = [i for i, record in enumerate(batch.records) if sheet is not None and record.get("candidacy") is not None]
    candidate = np.full(len(batch), -1, dtype=np.int64)
    candidate[rows] = np.arange(len(rows))
    if sheet is None:
        return Result(batch, None, as_of, measured, known, candidate, (), None, plans, (), None)
    records = tuple(batch.records[i]["candidacy"] for i in rows)
    _check_records([batch.company_key[i] for i in rows], records, as_of)
    columns = CandidateColumns.from_records([batch.company_key[i] for i in rows], records, sheet)
    judged = judge(columns, sheet, as_of)
    return Result(
        inputs=batch,
        sheet=sheet,
        as_of=as_of,
        measured=measured,
        estimates=known,
        candidate=candidate,
        records=records,
        judged=judged,
        plans=plans,
        gates=tuple(gates(record, plans[i], sheet.judgements, as_of) for i, record in zip(rows, records, strict=True)),
        assisted=assist(judged, [known[i] for i in rows], [batch.features[i] for i in rows]),
    )


def _check_records(keys: Sequence[str], records: Sequence[CandidacyRecord], as_of: date) -> None:
    for key, record in zip(keys, records, strict=True):
        check(record, key)
        for year in record["years"]:
            if year["year"] > as_of.year:
                raise FutureYear(f"year after as_of {as_of.isoformat()}", value=year["year"], company_key=key)
