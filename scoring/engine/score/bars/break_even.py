"""Where a bar is just met: METHOD 8.6. Closed forms of what is untold, and how far what is told may be wrong.

One untold input has a value at which the bar is met; subsidies and tonnes together a line. A figure that is told
"withstands" a share; where that is thin and nobody verified it, both outcomes of verifying are told.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import numpy as np

from scoring.engine.score.bar_sheet import DENOMINATORS, RUNGS, Judgements
from scoring.engine.score.bars.footprint import CNY_PER_WAN
from scoring.engine.score.bars.probability import MISSED, UNKNOWN, doubts, probability
from scoring.engine.score.candidacy import SUBSIDIES
from scoring.engine.score.record import BreakEven

if TYPE_CHECKING:
    from scoring.engine.score.theme import Judged

UNVERIFIED = ("reported", "activity")
VERIFIED = RUNGS.index("verified")


def break_even(judged: Judged, bar: str, i: int) -> BreakEven | None:
    """Of candidate `i` in the year that stands for the bar; None where no figure would decide it."""
    found = {"c": _contribution, "r": _resilience, "o": _footprint}[bar](judged, i, int(judged.row[bar][i]))
    if any(aside[i] for aside in judged.set_aside[bar]):
        return None
    return found


def _told(
    code: Literal["at_most", "at_least", "withstands", "never"],
    name: str,
    value: float | None = None,
    share: float | None = None,
    unit: str = "",
) -> BreakEven:
    return {"code": code, "name": name, "value": value, "share": share, "unit": unit}


# --- own footprint ------------------------------------------------------------------------------------------------
def _footprint(judged: Judged, i: int, row: int) -> BreakEven | None:
    o, told, state = judged.o, judged.emissions, judged.state["o"][i]
    bar, denominator = float(o.bar[row]), float(o.denominator[row])
    if math.isnan(bar) or denominator <= 0:
        return None
    has_1, has_2 = bool(told.is_told[0][row]), bool(told.is_told[1][row])
    if state == MISSED and not (has_1 and has_2):
        return _told("never", "tonnes")
    if state == MISSED:
        return _told("at_most", "tonnes", bar * denominator, unit="t")
    if state == UNKNOWN:
        return _footprint_unknown(judged, row, has_1, has_2)
    share = bar / float(o.x[row]) - 1.0
    found = _told("withstands", "tonnes", bar * denominator, share, "t")
    rungs = {_rung(judged.columns.rung[name][row]) for name in ("scope1", "scope2")}
    if share >= judged.sheet.judgements.verify_below or not rungs & set(UNVERIFIED):
        return found
    verified = doubts(judged.sheet, "tonnes")[VERIFIED]
    left = o.sigma[row] ** 2 - told.doubt[row] ** 2 + verified**2
    return _verify(found, float(o.z[row]), left, float(o.p[row]), judged.sheet.judgements.sigma_min_footprint)


def _footprint_unknown(judged: Judged, row: int, has_1: bool, has_2: bool) -> BreakEven | None:
    o, bar, denominator = judged.o, float(judged.o.bar[row]), float(judged.o.denominator[row])
    if judged.columns.is_mismatched[row]:
        return None
    if math.isnan(denominator):
        if not (has_1 and has_2):
            return None
        name = DENOMINATORS[o.which[row]]
        least = float(judged.emissions.total_t[row]) / bar
        is_output = name == "output"
        return _told("at_least", name, least if is_output else least * CNY_PER_WAN, unit="" if is_output else "CNY")
    name = "tonnes" if not (has_1 or has_2) else "scope2_location" if has_1 else "scope1"
    if has_1 and has_2:
        return None
    return _told("at_most", name, bar * denominator - float(judged.emissions.told_t[row]), unit="t")


# --- resilience ---------------------------------------------------------------------------------------------------
def _resilience(judged: Judged, i: int, row: int) -> BreakEven | None:
    r, columns, state = judged.r, judged.columns, judged.state["r"][i]
    judgements = judged.sheet.judgements
    revenue, profit = float(columns.amount["revenue"][row]), float(r.profit[row])
    venture, runway = bool(columns.is_venture[i]), float(columns.amount["runway_months"][row])
    least = judgements.least_runway_months
    if venture and runway < least:
        return _told("at_least", "runway_months", least, unit="months")
    if not revenue > 0:
        return None
    name_of_profit = "gross_profit" if venture else "ebit"
    taken = float(r.subsidies[row] + r.carbon_cost[row])
    kinds = [name for name, told in zip(SUBSIDIES, r.is_told, strict=True) if not told[row]]
    scopes = [
        name
        for name, told in zip(("scope1", "scope2_location"), judged.emissions.is_told, strict=True)
        if not told[row]
    ]
    untold_runway = venture and math.isnan(runway)
    if state == MISSED:
        if kinds or scopes:
            return _told("never", "margin")
        return _told("at_least", name_of_profit, taken, taken / revenue, "CNY")
    if state == UNKNOWN:
        if untold_runway:
            is_all = not (kinds or scopes or math.isnan(profit))
            return _told("at_least", "runway_months", least, unit="months") if is_all else None
        if math.isnan(profit):
            return None if kinds or scopes else _told("at_least", name_of_profit, taken, taken / revenue, "CNY")
        return _resilience_unknown(judged, row, profit - taken, revenue, kinds, scopes)
    return _withstands(judged, row, profit, taken, revenue, name_of_profit)


def _per_t(judgements: Judgements) -> float:
    return judgements.carbon_price_cny_per_t * (1.0 - judgements.pass_through)


def _resilience_unknown(
    judged: Judged, row: int, left: float, revenue: float, kinds: list[str], scopes: list[str]
) -> BreakEven | None:
    """`left` yuan are there for what is untold."""
    judgements = judged.sheet.judgements
    name = f"subsidies.{kinds[0]}" if len(kinds) == 1 else "subsidies"
    if not scopes:
        return _told("at_most", name, left, left / revenue, "CNY")
    if judged.columns.is_mismatched[row]:
        return None
    # What is free is used up by what is told first; the rest of it is free for what is untold.
    free = max(0.0, judgements.free_allocation_t - float(judged.emissions.told_t[row]))
    per_t = _per_t(judgements)
    if kinds:
        line = _told("at_most", f"{name}+tonnes", left + per_t * free, (left + per_t * free) / revenue, "CNY")
        return {**line, "code": "line", "per_t": per_t}
    if per_t == 0:
        return None
    return _told("at_most", scopes[0] if len(scopes) == 1 else "tonnes", left / per_t + free, unit="t")


def _withstands(
    judged: Judged, row: int, profit: float, taken: float, revenue: float, name_of_profit: str
) -> BreakEven:
    """The figure that may be wrong by the smallest share: subsidies and tonnes upward, profit downward."""
    left, subsidies = profit - taken, float(judged.r.subsidies[row])
    found = [_told("withstands", name_of_profit, taken, left / profit, "CNY")] if profit > 0 else []
    if subsidies > 0:
        found.append(_told("withstands", "subsidies", subsidies + left, left / subsidies, "CNY"))
    tonnes, per_t = float(judged.emissions.total_t[row]), _per_t(judged.sheet.judgements)
    if tonnes > 0 and per_t > 0:
        most = max(tonnes, judged.sheet.judgements.free_allocation_t) + left / per_t
        found.append(_told("withstands", "tonnes", most, most / tonnes - 1.0, "t"))
    return (
        min(found, key=lambda one: one["share"] or 0.0)
        if found
        else _told("withstands", name_of_profit, taken, 0.0, "CNY")
    )


# --- contribution -------------------------------------------------------------------------------------------------
def _contribution(judged: Judged, i: int, row: int) -> BreakEven | None:
    c, state = judged.c, judged.state["c"][i]
    sold = [one for one in range(*np.searchsorted(judged.columns.row, [row, row + 1])) if c.is_judged[one]]
    if state == UNKNOWN:
        return _contribution_unknown(judged, row, sold)
    bar, u, gross, lca = (float(column[row]) for column in (c.bar_t, c.u_t, c.gross_t, c.lca_t))
    if not bar > 0 or len(sold) == 0:
        return None
    needed = [name for name, column in c.is_needed.items() if column[sold[0]]]
    single = sold[0] if len(sold) == 1 else None
    found: list[BreakEven] = []
    code: Literal["withstands", "at_least"] = "at_least" if state == MISSED else "withstands"
    for name in needed:
        value = float(judged.columns.unit[name][single]) if single is not None else None
        if name in ("service", "use") and gross > 0:
            factor = (bar + lca) / gross
            found.append(_told(code, name, None if value is None else value * factor, 1.0 - factor))
        if name == "lca" and lca > 0 and state != MISSED:
            found.append(_told("withstands", name, None if value is None else gross - bar, (u - bar) / lca, "t"))
        moved = float(c.elasticity[name][row]) * abs(u) if name == "energy" else 0.0
        if moved > 0:
            factor = 1.0 + (u - bar) / moved
            told: Literal["at_most", "withstands"] = "at_most" if state == MISSED else "withstands"
            if factor > 0:
                found.append(_told(told, name, None if value is None else value * factor, (u - bar) / moved, "MWh"))
    if not found:
        return None
    if state == MISSED:
        return found[0]
    thinnest = min(found, key=lambda one: one["share"] or 0.0)
    name = thinnest["name"]
    rungs = {_rung(judged.columns.unit_rung[name][one]) for one in sold}
    if (thinnest["share"] or 0.0) >= judged.sheet.judgements.verify_below or not rungs & set(UNVERIFIED):
        return thinnest
    return _verify(
        thinnest,
        float(c.z[row]),
        _verified_contribution(judged, row, sold, name),
        float(c.p[row]),
        judged.sheet.judgements.sigma_min_contribution,
    )


def _verified_contribution(judged: Judged, row: int, sold: list[int], name: str) -> float:
    """σ² of z with this input verified: its part as it is goes, ε · ln(1 + U of verified) / 1.96 comes."""
    c, table = judged.c, doubts(judged.sheet, name)
    rungs = judged.columns.unit_rung[name][sold]
    units = judged.columns.unit["units"][sold]
    # All rows move u in the proportion of their units; a verified row keeps what it has.
    before = float((table[rungs] * units).sum() / units.sum()) if units.sum() > 0 else float(table[rungs].max())
    after = min(before, float(table[VERIFIED]))
    elasticity = float(c.elasticity[name][row])
    return float(c.sigma[row]) ** 2 - (elasticity * before) ** 2 + (elasticity * after) ** 2


def _contribution_unknown(judged: Judged, row: int, sold: list[int]) -> BreakEven | None:
    """With one place, and one own input of it untold: everything else of u is known."""
    c, columns = judged.c, judged.columns
    if len(sold) != 1 or int(c.missing[row]) != 1:
        return None
    (one,) = sold
    untold = [name for name, column in c.is_needed.items() if column[one] and math.isnan(columns.unit[name][one])]
    if len(untold) != 1 or untold[0] == "life":
        return None
    name, bar = untold[0], judged.sheet.judgements.bar_share * float(c.sold_reference_t[one])
    service, use, life, lca, grid = (
        float(c.sold.used[part][one]) for part in ("service", "use", "life", "lca", "grid")
    )
    ef_sum = float(c.sold.ef_sum[one])
    fixed, per_grid = float(c.sold.used["fixed"][one]) * life, grid * ef_sum  # tonnes per unit of service over the life
    if not bar > 0:
        return None
    if name == "lca":
        return _told("at_most", name, service * use * (fixed + per_grid) - bar, unit="t")
    if name == "energy":
        # fixed − energy · ΣEF: how much electricity it may take
        most = (fixed - (bar + lca) / (service * use)) / ef_sum if service * use > 0 and ef_sum > 0 else 0.0
        return _told("at_most", name, most, unit="MWh") if most > 0 else _told("never", name)
    rest = (fixed + per_grid) * (use if name == "service" else service)
    least = (bar + lca) / rest if rest > 0 else math.inf
    if least == math.inf or (name == "use" and least > 1.0):
        return _told("never", name)
    return _told("at_least", name, least)


# --- verifying ----------------------------------------------------------------------------------------------------
def _rung(code: int) -> str | None:
    return None if code < 0 else RUNGS[code]


def _verify(found: BreakEven, z: float, variance: float, p_now: float, least: float) -> BreakEven:
    """Both outcomes of verifying the figure: confirmed, or below the bar after all."""
    sigma = math.sqrt(max(0.0, variance))
    confirmed = float(probability(np.array([z]), np.array([sigma]), least)[0])
    return {**found, "code": "verify", "p_now": p_now, "p_confirmed": confirmed, "p_below": 1.0 - p_now}
