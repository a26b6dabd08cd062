"""From the columns of a batch to one record: numbers, codes and sources. Sentences are made when it is read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtr

from scoring.engine.columns import VERSION, rounded
from scoring.engine.score.bar_sheet import OWN_INPUTS, Family
from scoring.engine.score.bars import contribution, footprint, resilience
from scoring.engine.score.bars.break_even import break_even
from scoring.engine.score.bars.footprint import CNY_PER_WAN
from scoring.engine.score.bars.probability import STATES, UNKNOWN
from scoring.engine.score.candidacy import KINDS, OF_UNITS, SUBSIDIES, CandidateYear, Sold, Told, order_of_sold
from scoring.engine.score.gates import Admission, admission
from scoring.engine.score.order import group
from scoring.engine.score.record import (
    BARS,
    METHOD,
    AssistedResult,
    BarRecord,
    CandidacyResult,
    GateRecord,
    Grade,
    InputUsed,
    Missing,
    Question,
    ResultRecord,
    ScoreRecord,
    Sensitivity,
    Who,
)

if TYPE_CHECKING:
    from scoring.engine.score.bars.assisted import Assisted
    from scoring.engine.score.theme import Judged, Result

WORDS = {"c": contribution.BECAUSE, "r": resilience.BECAUSE, "o": footprint.BECAUSE}
# Who can end it, where a bar is unknown for another reason than a figure that the company did not tell.
BY_THE_FUND = ("no_family", "no_bar", "shown_only", "sets_the_bar", "expired")
BY_A_VERIFIER = ("other_boundary", "zero", "denominator_not_positive", "revenue_not_positive")
GRADES: Mapping[str, Grade] = {
    "audited": "E1",
    "verified": "E1",
    "reported": "E2",
    "activity_verified": "E3",
    "activity": "E3",
}
STEPS = {"c": (0.8, 1.2), "r": (-0.02, 0.02), "o": (0.8, 1.2)}  # of the bar; R in shares of revenue


def score_record(result: Result, i: int) -> ScoreRecord:
    """Company `i` of a batch, ready for JSON: floats to the digits that are stored."""
    position = int(result.candidate[i])
    judged = result.judged if position >= 0 else None
    record: ScoreRecord = {
        "engine": VERSION,
        "method": METHOD,
        "as_of": result.as_of.isoformat(),
        "company_key": result.inputs.company_key[i],
        "kind": "candidate" if judged else "peer",
        "sheet": judged.sheet.version if judged else None,
        "sheet_digest": judged.sheet.digest if judged else None,
        "measured": result.measured.record(i, result.estimates[i]),
        "candidacy": _Candidate(result, judged, position, result.plans[i]).record(result.estimates[i])
        if judged
        else None,
    }
    stored: ScoreRecord = rounded(record)
    return stored


def reported(judged: Judged, i: int, admitted: Admission, *, has_figures: bool) -> ResultRecord:
    """The result of candidate `i` of its bars as they are reported; its evidence is left open."""
    cleared, known = int(judged.cleared[i]), int(judged.known[i])
    return {
        "cleared": cleared,
        "known": known,
        "p_cleared": _told(judged.p_cleared[i]),
        "p_low": float(judged.p_high[i]) if known == len(BARS) and admitted == "passed" else 0.0,
        "p_high": 0.0 if admitted == "failed" else float(judged.p_high[i]),
        "gates": admitted,
        "evidence": None,
        "group": group(cleared, admitted, has_figures),
    }


class _Candidate:
    """Writes what is known of one candidate."""

    def __init__(self, result: Result, judged: Judged, i: int, plan: str | None) -> None:
        self.judged, self.i, self.told = judged, i, result.records[i]
        self.gates: list[GateRecord] = result.gates[i]
        self.assisted: Assisted | None = result.assisted
        self.plan = plan or "none"
        self.row = {bar: int(judged.row[bar][i]) for bar in BARS}
        self.years: dict[int, CandidateYear] = {year["year"]: year for year in self.told["years"]}
        position = int(judged.columns.family[i])
        self.family: Family | None = judged.sheet.families[position] if position >= 0 else None

    def record(self, estimate: Any) -> CandidacyResult:
        bars = {bar: self._bar(bar) for bar in BARS}
        reported = self._reported(bars)
        sold = [row for year in self.told["years"] for row in year["sold"] if row["family"] == self.told["family"]]
        return {
            "track": self.told["track"],
            "family": self.told["family"],
            "stage": self.told["stage"],
            "gates": self.gates,
            "plan": self.plan,
            "c": bars["c"],
            "r": bars["r"],
            "o": bars["o"],
            "reported": reported,
            "assisted": self._assisted(reported, estimate),
            "question": self._question(bars),
            "sensitivity": self._sensitivity(bars),
            "kinds": [kind for kind in KINDS if any(row["kind"] == kind for row in sold)],
            "stated_avoided": self.told["stated_avoided"],
        }

    # --- bars ---
    def _bar(self, bar: str) -> BarRecord:
        judged, i, row = self.judged, self.i, self.row[bar]
        found = {"c": judged.c, "r": judged.r, "o": judged.o}[bar]
        awaited, too_old = (bool(aside[i]) for aside in judged.set_aside[bar])
        code = int(judged.state[bar][i])
        year = int(judged.columns.year[row])
        own = WORDS[bar][int(found.because[row])]  # type: ignore[attr-defined]
        because = own if own in BY_THE_FUND else "too_old" if too_old else "awaiting" if awaited else own
        value, level, unit, denominator = self._figures(bar)
        is_known = code != UNKNOWN
        z = _told(found.z[row]) if is_known else None  # type: ignore[attr-defined]
        p = _told(judged.p[bar][i])
        inputs = list(self._inputs(bar)) if not too_old else []
        low, high = judged.sheet.judgements.on_the_line
        data_year = judged.sheet.data_year
        return {
            "state": STATES[code],  # type: ignore[typeddict-item]
            "because": because,
            "year": year if year in self.years else None,
            "awaited_year": data_year if (awaited or year < data_year) else None,
            "age_years": float(judged.age[row]),
            "value": value,
            "bar": level,
            "unit": unit,
            "denominator": denominator,
            "z": z,
            "sigma": self._sigma(bar, float(found.sigma[row])) if is_known else None,  # type: ignore[attr-defined]
            "p": p,
            "on_the_line": p is not None and low < p < high,
            "margin": self._margin(bar, value, level, z),
            "evidence": self._evidence(inputs, float(judged.age[row])) if is_known else None,
            "inputs": inputs,
            "missing": [] if is_known and because != "best_still_misses" else self._missing(bar, because),
            "break_even": break_even(judged, bar, i),
            "parts": {name: number for name, number in self._parts(bar).items() if not math.isnan(number)},
        }

    def _sigma(self, bar: str, sigma: float) -> float | None:
        return None if math.isnan(sigma) else max(sigma, self._least_sigma(bar))

    def _least_sigma(self, bar: str) -> float:
        terms = self.judged.sheet.judgements
        least = {"c": terms.sigma_min_contribution, "r": terms.sigma_min_resilience, "o": terms.sigma_min_footprint}
        return least[bar]

    def _figures(self, bar: str) -> tuple[float | None, float | None, str, str]:
        """Value, bar, unit and denominator."""
        row, family = self.row[bar], self.family
        if bar == "r":
            return _told(self.judged.r.margin[row]), 0.0, "share", "revenue"
        if bar == "c":
            by_sign = WORDS["c"][int(self.judged.c.because[row])] == "sign"
            level = None if by_sign else _told(self.judged.c.bar_t[row])
            return _told(self.judged.c.u_t[row]), level, "t", family.unit if family else ""
        if family is None:
            return None, None, "", ""
        name = family.denominator
        unit = family.unit if name == "output" else "10k CNY"
        return _told(self.judged.o.x[row]), _told(self.judged.o.bar[row]), f"t/{unit}", name

    def _margin(self, bar: str, value: float | None, level: float | None, z: float | None) -> float | None:
        if value is None or z is None:
            return None
        if bar == "r":
            return value
        return math.expm1(z)

    def _parts(self, bar: str) -> dict[str, float]:
        judged, row = self.judged, self.row[bar]
        if bar == "c":
            c = judged.c
            lifetime_t, planned_t = self._tonnes_sold(row)
            return {
                "gross": float(c.gross_t[row]),
                "lca": float(c.lca_t[row]),
                "u": float(c.u_t[row]),
                "units": float(c.units[row]),
                "lifetime_t": lifetime_t,
                "t_per_wan": lifetime_t / self._theme_wan(row),
                "planned_t": planned_t,
            }
        return self._parts_of_r(row) if bar == "r" else self._parts_of_o(row)

    def _tonnes_sold(self, row: int) -> tuple[float, float]:
        """Over their lives, of the units sold and of those planned (times the share that is realised); NaN untold.

        An operator's units are its own; a maker of parts has only its cost share of what the whole avoids.
        """
        columns, c = self.judged.columns, self.judged.c
        rows = slice(*np.searchsorted(columns.row, [row, row + 1]))
        units, share = columns.unit["units"][rows], columns.unit["cost_share"][rows]
        if self.family is not None and self.family.judgement == "sign":
            share = np.where(np.isnan(share), 1.0, share)
        each = c.sold.u_t[rows]
        judged, planned = c.is_judged[rows], columns.kind[rows] == contribution.PLANNED
        return (
            float((units * share * each)[judged].sum()) if judged.any() else math.nan,
            float((units * each)[planned].sum()) * self.judged.sheet.judgements.realisation_share
            if planned.any()
            else math.nan,
        )

    def _theme_wan(self, row: int) -> float:
        """The year's revenue in the theme, 10,000 yuan; NaN where its share is partial or of another year."""
        columns = self.judged.columns
        if columns.theme_share_year[self.i] != columns.year[row]:
            return math.nan
        theme = float(columns.amount["revenue"][row] * columns.theme_share[self.i]) / CNY_PER_WAN
        return theme if theme > 0 else math.nan

    def _parts_of_r(self, row: int) -> dict[str, float]:
        """Money in yuan, margins as shares; each beside the bar, none of them judged."""
        judged, r, columns, terms = self.judged, self.judged.r, self.judged.columns, self.judged.sheet.judgements
        amount = {name: float(column[row]) for name, column in columns.amount.items()}
        revenue, tonnes = amount["revenue"], float(judged.emissions.total_t[row])
        given = float(r.subsidies[row]) if all(told[row] for told in r.is_told) else math.nan
        priced = tonnes if math.isnan(amount["priced_t"]) else amount["priced_t"]
        price, free, borne = terms.carbon_price_cny_per_t, terms.free_allocation_t, terms.pass_through

        def margin(profit: float, price: float, tonnes: float, free: float, borne: float) -> float:
            cost = float(resilience.carbon_cost(np.array([tonnes]), price, free, borne)[0])
            return (profit - given - cost) / revenue if revenue > 0 else math.nan

        profit = float(r.profit[row])
        start, end = columns.start[self.i : self.i + 2]
        recent = [one for one in range(start, end) if columns.year[row] - columns.year[one] in (0, 1, 2)]
        margins = [float(r.margin[one]) for one in recent if r.because[one] == resilience.CODE[""]]
        return {
            "profit": profit,
            "subsidies_inside": float(r.subsidies[row]),
            "carbon_cost": float(r.carbon_cost[row]),
            "revenue": revenue,
            **{
                f"margin_at_{other:g}": margin(profit, other, tonnes, free, borne)
                for other in terms.other_prices_cny_per_t
            },
            "margin_today": margin(profit, price, priced, amount["free_allocation_t"], borne),
            "margin_all_borne": margin(profit, price, tonnes, free, 0.0),
            "ebitda_margin": margin(amount["ebitda"], price, tonnes, free, borne),
            "worst_margin": min(margins) if margins else math.nan,
        }

    def _parts_of_o(self, row: int) -> dict[str, float]:
        judged, o, columns = self.judged, self.judged.o, self.judged.columns
        bar = self.family.footprint_bar if self.family else None
        start, end = columns.start[self.i : self.i + 2]
        rows = [one for one in range(start, end) if o.because[one] in (0, footprint.CODE["no_bar"]) and o.x[one] > 0]
        found = {
            "tonnes": judged.emissions.total_t[row],
            "denominator": o.denominator[row],
            "change_per_year": _change(columns.year[rows], o.x[rows]),
            "n": math.nan if bar is None or bar.n is None else float(bar.n),
            "spread": math.nan if bar is None or bar.sd_ln is None else bar.sd_ln,
        }
        return {name: float(number) for name, number in found.items()}

    # --- what it stands on ---
    def _inputs(self, bar: str) -> Iterable[InputUsed]:
        year = self.years.get(int(self.judged.columns.year[self.row[bar]]))
        if year is None:
            return
        if bar == "c":
            yield from self._inputs_of_c(year)
        elif bar == "r":
            yield from self._inputs_of_r(year)
        elif self.family is not None:
            yield from self._inputs_of_o(year, self.family.denominator)

    def _inputs_of_r(self, year: CandidateYear) -> Iterable[InputUsed]:
        """Elasticity: by how much of the margin one input moves, over its relative change."""
        r, row, terms = self.judged.r, self.row["r"], self.judged.sheet.judgements
        revenue = float(self.judged.columns.amount["revenue"][row])
        per_t = terms.carbon_price_cny_per_t * (1.0 - terms.pass_through)
        profit = "gross_profit" if self.told["stage"] == "venture" else "ebit"
        moved: list[tuple[str, Told | None, float]] = [
            (profit, year[profit], 1.0),  # type: ignore[literal-required]
            ("revenue", year["revenue"], -float(r.z[row])),
        ]
        for name in SUBSIDIES:
            subsidy = year["subsidies"][name]
            moved.append((f"subsidies.{name}", subsidy["told"], 0.0 if subsidy["standing"] == "outside" else -1.0))
        moved += [(name, told, -per_t) for name, told in self._tonnes(year).items()]
        if self.told["stage"] == "venture":
            moved.append(("runway_months", year["runway_months"], 0.0))
        for name, told, by in moved:
            if told is not None:
                yield self._used(name, told, by * told["value"] / revenue if revenue > 0 else math.nan)

    def _inputs_of_o(self, year: CandidateYear, denominator: str) -> Iterable[InputUsed]:
        tonnes = {name: told for name, told in self._tonnes(year).items() if told is not None}
        total = sum(told["value"] for told in tonnes.values())
        for name, told in tonnes.items():
            yield self._used(name, told, -told["value"] / total if total > 0 else 0.0)
        below: Told | None = year[denominator]  # type: ignore[literal-required]
        if below is not None:
            yield self._used(denominator, below, 1.0)

    def _tonnes(self, year: CandidateYear) -> dict[str, Told | None]:
        if year["boundary"] == "mismatched":
            return {}
        second = "scope2_location" if year["scope2_location"] else "scope2_by_activity"
        return {"scope1": year["scope1"], second: year[second]}  # type: ignore[literal-required]

    def _inputs_of_c(self, year: CandidateYear) -> Iterable[InputUsed]:
        """Each row that is judged: own inputs, those of the family's row, and the grid of its place."""
        columns, c, row = self.judged.columns, self.judged.c, self.row["c"]
        start, end = np.searchsorted(columns.row, [row, row + 1])
        for one, sold in zip(range(start, end), order_of_sold(year, self.told["family"]), strict=True):
            if c.is_judged[one]:
                yield from self._inputs_of_row(one, sold, row)

    def _inputs_of_row(self, one: int, sold: Sold, row: int) -> Iterable[InputUsed]:
        columns, c, family = self.judged.columns, self.judged.c, self.family
        if family is None:
            return
        for name in OF_UNITS:
            told: Told | None = sold[name]  # type: ignore[literal-required]
            if name in OWN_INPUTS and not c.is_needed[name][one]:
                if name == "energy" and not c.sold.used["grid"][one] < 0:
                    continue
                value = float(-c.sold.used["grid"][one] if name == "energy" else c.sold.used[name][one])
                if not math.isnan(value):
                    yield _of_the_row(name, value, family.code, sold["place"])
            elif told is not None:
                elasticity = _told(c.elasticity[name][row]) if name in c.elasticity else None
                yield {**self._used(name, told, elasticity or 0.0), "place": sold["place"]}
        if family.grid_use != "none":
            sheet = self.judged.sheet
            position = int(columns.path[one])
            path = sheet.paths[position] if position >= 0 else sheet.path[sheet.stand_in_place]
            yield _of_the_row("grid", path.t_per_mwh, path.source, path.place)

    def _used(self, name: str, told: Told, elasticity: float) -> InputUsed:
        table = self.judged.sheet.u95.get("tonnes" if name in _TONNES else name, {})
        return {
            "name": name,
            "value": told["value"],
            "rung": told["rung"],
            "u95": table.get(told["rung"], 0.0),
            "elasticity": 0.0 if math.isnan(elasticity) else elasticity + 0.0,
            "source": told["source"],
            "is_own": True,
        }

    def _evidence(self, inputs: Iterable[InputUsed], age: float) -> Grade:
        grades = [GRADES[one["rung"]] for one in inputs if one["rung"] is not None and one["name"] != "cost_share"]
        if age > 1.0:  # over two years since the end of its year
            grades.append("E4")
        return max(grades, default="E2")

    # --- what is not there ---
    def _missing(self, bar: str, because: str) -> list[Missing]:
        if because in BY_THE_FUND:
            return [{"name": because, "who": "fund"}]
        year = self.years.get(int(self.judged.columns.year[self.row[bar]]))
        who: Who = "company"
        if because in BY_A_VERIFIER:
            about = {"other_boundary": "tonnes", "zero": "tonnes", "revenue_not_positive": "revenue"}
            name = about.get(because, self.family.denominator if self.family else "")
            return [{"name": name, "who": "verifier"}]
        if bar == "c":
            return self._missing_of_c(year)
        untold = [name for name in self._needed(bar) if year is None or not _is_told(year, name)]
        return [{"name": name, "who": who} for name in untold]

    def _needed(self, bar: str) -> list[str]:
        tonnes = ["scope1", "scope2_location"]
        if bar == "o":
            return [*tonnes, *([self.family.denominator] if self.family else [])]
        venture = self.told["stage"] == "venture"
        profit = ["gross_profit", "runway_months"] if venture else ["ebit"]
        return [*profit, "revenue", *(f"subsidies.{name}" for name in SUBSIDIES), *tonnes]

    def _missing_of_c(self, year: CandidateYear | None) -> list[Missing]:
        own = self.family.own_inputs if self.family else ()
        c, columns, row = self.judged.c, self.judged.columns, self.row["c"]
        start, end = np.searchsorted(columns.row, [row, row + 1])
        judged = [one for one in range(start, end) if c.is_judged[one]]
        if year is None or not judged:
            return [{"name": name, "who": "company"} for name in ("units", *own)]
        found: list[Missing] = [
            {"name": name, "who": "company", "place": columns.place[one]}
            for one in judged
            for name in ("units", *own)
            if math.isnan(columns.unit[name][one])
        ]
        return found or [{"name": "units", "who": "company"}]  # told, and none sold

    # --- results ---
    def _reported(self, bars: Mapping[str, BarRecord]) -> ResultRecord:
        evidence = max((bar["evidence"] for bar in bars.values() if bar["evidence"]), default=None)
        has_figures = any(_has_figure(year) for year in self.told["years"])
        found = reported(self.judged, self.i, admission(self.gates), has_figures=has_figures)
        return found | {"evidence": evidence}

    def _assisted(self, reported: ResultRecord, estimate: Any) -> AssistedResult | None:
        found, i = self.assisted, self.i
        if found is None or not found.is_filled[i]:
            return None
        p_o, is_cleared = float(found.p[i]), bool(found.z[i] >= 0)
        p_cleared = reported["p_cleared"]
        if is_cleared:
            p_cleared = p_o if p_cleared is None else p_cleared * p_o
        all_known = reported["known"] == len(BARS) - 1 and reported["gates"] == "passed"
        return {
            "p_o": p_o,
            "state": "cleared" if is_cleared else "missed",
            "cleared": reported["cleared"] + is_cleared,
            "p_cleared": p_cleared,
            "p_low": reported["p_high"] * p_o if all_known else 0.0,
            "p_high": reported["p_high"] * p_o,
            "x": [float(x) for x in found.x[:, i]],
            "rung": estimate["rung"],
            "guards": list(estimate["guards"]),
            "evidence": "E5",
        }

    def _question(self, bars: Mapping[str, BarRecord]) -> Question:
        """What to ask first: the bar with the fewest missing inputs, then what to verify, then what others must do."""

        def about(code: Any, bar: str) -> Question:
            found = bars.get(bar)
            return {
                "code": code,
                "bar": bar,
                "missing": found["missing"] if found else [],
                "break_even": found["break_even"] if found else None,
            }

        failed = [gate["gate"] for gate in self.gates if gate["verdict"] == "fail"]
        if failed:
            return about("gate", failed[0])
        unknown = {name: bar for name, bar in bars.items() if bar["state"] == "unknown"}
        asked = [name for name, bar in unknown.items() if all(one["who"] != "fund" for one in bar["missing"])]
        if asked:
            return about("ask", min(asked, key=lambda name: len(unknown[name]["missing"])))
        thin = [name for name, bar in bars.items() if bar["break_even"] and bar["break_even"]["code"] == "verify"]
        if thin:
            return about("verify", min(thin, key=lambda name: bars[name]["p"] or 0.0))
        undecided = [gate["gate"] for gate in self.gates if gate["verdict"] == "not_decidable"]
        if undecided:
            return about("gate", undecided[0])
        if unknown:
            return about("fund", next(iter(unknown)))
        weakest = min(bars, key=lambda name: bars[name]["p"] or 0.0)
        return about("weakest", weakest)

    def _sensitivity(self, bars: Mapping[str, BarRecord]) -> list[Sensitivity]:
        """One bar moved at a time: C and O to 0.8 and 1.2 of it, R by two points. Only of bars with a distance."""
        found: list[Sensitivity] = []
        for moved in BARS:
            z, sigma = bars[moved]["z"], bars[moved]["sigma"]
            if z is None or sigma is None:
                continue
            for change in STEPS[moved]:
                by = -change if moved == "r" else math.log(change) * (1 if moved == "o" else -1)
                other = z + by
                p = float(ndtr(other / (sigma if other >= 0 else self._least_sigma(moved))))
                ps = [p] if other >= 0 else []
                ps += [bars[bar]["p"] or 0.0 for bar in BARS if bar != moved and bars[bar]["state"] == "cleared"]
                found.append(
                    {"bar": moved, "change": change, "cleared": len(ps), "p_cleared": math.prod(ps) if ps else None}
                )
        return found


_TONNES = ("scope1", "scope2_location", "scope2_by_activity")


def _of_the_row(name: str, value: float, source: str, place: str) -> InputUsed:
    return {
        "name": name,
        "value": value,
        "rung": None,
        "u95": 0.0,
        "elasticity": 0.0,
        "source": source,
        "is_own": False,
        "place": place,
    }


def _is_told(year: CandidateYear, name: str) -> bool:
    kind, _, subsidy = name.partition(".")
    if subsidy:
        return year["subsidies"][subsidy]["told"] is not None
    if name in _TONNES and year["boundary"] == "mismatched":
        return False
    if name == "scope2_location":
        return (year["scope2_location"] or year["scope2_by_activity"]) is not None
    return year[kind] is not None  # type: ignore[literal-required]


def _has_figure(year: CandidateYear) -> bool:
    told = [
        value
        for name, value in year.items()
        if name not in ("year", "boundary", "subsidies", "sold", "scope2_other_rung")
    ]
    told += [subsidy["told"] for subsidy in year["subsidies"].values()]
    told += [row[name] for row in year["sold"] for name in OF_UNITS]  # type: ignore[literal-required]
    return any(one is not None for one in told)


def _change(years: Any, values: Any) -> float:
    """Share a year, by least squares on the logarithm; NaN below two years."""
    if len(years) < 2:
        return math.nan
    t, y = years - years.mean(), np.log(values)
    return math.expm1(float((t * (y - y.mean())).sum() / (t * t).sum()))


def _told(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)
