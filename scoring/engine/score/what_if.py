"""What if: candidates judged again under bars, prices or figures that are not theirs. Nothing of it is a score.

The same columns and the same `judge` as a score's, so that without a change the very same numbers come out; no records
are made of it, gates stay as they were decided, and no candidate's numbers depend on another's.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from scoring.engine.score.bar_sheet import BarSheet, Family
from scoring.engine.score.bars.break_even import UNVERIFIED
from scoring.engine.score.bars.probability import STATES, UNKNOWN
from scoring.engine.score.bars.telling import WORDS
from scoring.engine.score.candidacy import (
    OF_UNITS,
    CandidacyRecord,
    CandidateColumns,
    CandidateYear,
    Sold,
    Told,
    empty_year,
    order_of_sold,
)
from scoring.engine.score.record import BarRecord, CandidacyResult
from scoring.engine.score.theme import Judged, judge

SOURCE = "what if"
JUDGED_KINDS = ("realised", "measured")
CONFIRMED: Mapping[str, str] = {"reported": "verified", "activity": "activity_verified"}  # rung → once verified


@dataclass(frozen=True)
class Moved:
    """What the fund might ask otherwise; None is as the sheet has it. Units as in `Judgements` and `FootprintBar`."""

    bar_share: float | None = None
    footprint_multiple: float | None = None
    carbon_price_cny_per_t: float | None = None
    pass_through: float | None = None
    family: str = ""
    family_bar: float | None = None  # of own emissions, of that family alone

    def sheet(self, sheet: BarSheet) -> BarSheet:
        """The sheet as it would be. A published benchmark knows no multiple; a family's own bar goes first."""
        names = ("bar_share", "footprint_multiple", "carbon_price_cny_per_t", "pass_through")
        terms: dict[str, Any] = {name: given for name in names if (given := getattr(self, name)) is not None}
        factor = terms.get("footprint_multiple", sheet.judgements.footprint_multiple) / (
            sheet.judgements.footprint_multiple
        )
        families = tuple(self._family(family, factor) for family in sheet.families)
        return replace(sheet, judgements=replace(sheet.judgements, **terms), families=families)

    def _family(self, family: Family, factor: float) -> Family:
        bar = family.footprint_bar
        if bar is None:
            return family
        if family.code == self.family and self.family_bar is not None:
            return replace(family, footprint_bar=replace(bar, value=self.family_bar))
        if bar.basis == "median" and factor != 1.0:
            return replace(family, footprint_bar=replace(bar, value=bar.value * factor))
        return family


@dataclass(frozen=True)
class Figure:
    """One figure of a candidate: of a year, or of the `sold`-th row of its own family in that year's order."""

    year: int
    name: str  # of CandidateYear, `subsidies.grants`, or of OF_UNITS
    sold: int | None = None
    place: str = ""

    @property
    def key(self) -> str:
        """Letters, digits, - and _ alone: fit for addresses and ids."""
        row = "" if self.sold is None else f"-{self.sold}"
        return f"{self.year}{row}-{self.name.replace('.', '_')}"


@dataclass(frozen=True)
class Reveal:
    """They told it, or it was verified: `value` is None where it stays what it is."""

    figure: Figure
    value: float | None
    is_verified: bool


def askable(told: CandidacyRecord, result: CandidacyResult, sheet: BarSheet) -> dict[Figure, Told | None]:
    """Figures of the years that stand for the bars: what the company has not told, then what nobody has verified."""
    found: dict[Figure, Told | None] = {}
    years = {year["year"]: year for year in told["years"]}
    for bar in ("r", "o"):
        record = result[bar]
        year = record["year"] or sheet.data_year
        names = [one["name"] for one in record["missing"] if one["who"] == "company"]
        names += [one["name"] for one in record["inputs"] if one["is_own"]]
        for name in names:
            found.setdefault(Figure(year, name), _figure(years.get(year), name))
    found |= _sold(told, years, result["c"]["year"] or sheet.data_year, sheet.family.get(told["family"] or ""))
    open_ones = {figure: one for figure, one in found.items() if one is None or one["rung"] in UNVERIFIED}
    return dict(sorted(open_ones.items(), key=lambda pair: pair[1] is not None))


def _sold(
    told: CandidacyRecord, years: Mapping[int, CandidateYear], year: int, family: Family | None
) -> dict[Figure, Told | None]:
    if family is None or family.judgement not in ("judged", "sign"):
        return {}
    names = ("units", *family.own_inputs)
    rows = order_of_sold(years[year], told["family"]) if year in years else []
    judged = [(at, row) for at, row in enumerate(rows) if row["kind"] in JUDGED_KINDS]
    if not judged:
        return {Figure(year, name, len(rows)): None for name in names}
    return {
        Figure(year, name, at, row["place"]): row[name]  # type: ignore[literal-required]
        for at, row in judged
        for name in names
    }


def _figure(year: CandidateYear | None, name: str) -> Told | None:
    if year is None:
        return None
    kind, _, subsidy = name.partition(".")
    found: Told | None = year["subsidies"][subsidy]["told"] if subsidy else year[kind]  # type: ignore[literal-required]
    return found


def revealed(told: CandidacyRecord, reveals: Sequence[Reveal], sheet: BarSheet) -> CandidacyRecord:
    """With these figures told or verified, a copy. What nobody told stays unknown where no value is given."""
    if not reveals:
        return told
    found: CandidacyRecord = json.loads(json.dumps(told))  # what is archived is JSON: a copy all the way down
    rows: dict[int, list[Sold]] = {}  # in the order that positions mean: what is told below may change it
    for one in reveals:
        year, name = _year(found, one.figure.year), one.figure.name
        if one.figure.sold is not None:
            if year["year"] not in rows:
                rows[year["year"]] = order_of_sold(year, found["family"])
            place: Any = _row(rows[year["year"]], one.figure.sold, year, found["family"] or "", sheet.stand_in_place)
        elif name.startswith("subsidies."):
            place, name = year["subsidies"][name.removeprefix("subsidies.")], "told"
        else:
            place = year
        place[name] = _told(place[name], one)
    return found


def _year(told: CandidacyRecord, number: int) -> CandidateYear:
    for year in told["years"]:
        if year["year"] == number:
            return year
    made = empty_year(number)
    told["years"] = sorted([*told["years"], made], key=lambda year: year["year"])
    return made


def _row(rows: list[Sold], at: int, year: CandidateYear, family: str, place: str) -> Sold:
    """The one at this position, or a new one, sold at the sheet's stand-in place."""
    if at < len(rows):
        return rows[at]
    told: Any = dict.fromkeys(OF_UNITS) | {"family": family, "kind": "realised", "place": place}
    rows.append(told)
    year["sold"].append(told)
    return rows[-1]


def _told(before: Told | None, one: Reveal) -> Told | None:
    if before is None and one.value is None:
        return None
    rung = before["rung"] if before else "reported"
    value = before["value"] if before and one.value is None else one.value
    told: Any = {"value": value, "rung": CONFIRMED.get(rung, rung) if one.is_verified else rung, "source": SOURCE}
    return told  # type: ignore[no-any-return]


def judged_again(
    keys: Sequence[str], records: Sequence[CandidacyRecord], sheet: BarSheet, moved: BarSheet, as_of: date
) -> Iterator[Judged]:
    """The same candidates as the sheet has it, and as it would be: families and paths of both are the same."""
    columns = CandidateColumns.from_records(keys, records, sheet)
    for one in (sheet, moved):
        yield judge(columns, one, as_of)


def brief_bar(judged: Judged, bar: str, i: int) -> BarRecord:
    """A bar of candidate `i` as a list prints it: without its inputs, what is missing, its break-even and its parts."""
    row, position = int(judged.row[bar][i]), int(judged.columns.family[i])
    family = judged.sheet.families[position] if position >= 0 else None
    found: Any = {"c": judged.c, "r": judged.r, "o": judged.o}[bar]
    code, because = int(judged.state[bar][i]), WORDS[bar][int(found.because[row])]
    unit, denominator = _units(bar, family)
    value = {"c": judged.c.u_t, "r": judged.r.margin, "o": judged.o.x}[bar][row]
    level = {"c": judged.c.bar_t[row], "r": 0.0, "o": judged.o.bar[row]}[bar] if because != "sign" else math.nan
    is_known, p = code != UNKNOWN, judged.p[bar][i]
    low, high = judged.sheet.judgements.on_the_line
    return {
        "state": STATES[code],  # type: ignore[typeddict-item]
        "because": because,
        "year": int(judged.columns.year[row]),
        "awaited_year": None,
        "age_years": float(judged.age[row]),
        "value": _number(value),
        "bar": _number(level),
        "unit": unit,
        "denominator": denominator,
        "z": _number(found.z[row]) if is_known else None,
        "sigma": None,
        "p": _number(p),
        "on_the_line": bool(low < p < high),
        "margin": None,
        "evidence": None,
        "inputs": [],
        "missing": [],
        "break_even": None,
        "parts": {},
    }


def _units(bar: str, family: Family | None) -> tuple[str, str]:
    """As `BarRecord` has them."""
    if bar == "r":
        return "share", "revenue"
    unit = family.unit if family else ""
    if bar == "c":
        return "t", unit
    if family is None:
        return "", ""
    return f"t/{unit if family.denominator == 'output' else '10k CNY'}", family.denominator


def _number(value: Any) -> float | None:
    return None if math.isnan(value) else float(value)
