"""Compute a candidate's score again from its receipt, with nothing but Python: `python verifier.py receipt.json`.

This one file imports nothing of the product. It reads the inputs, the bar sheet and the day of a receipt, works out the
gates, the three bars and the probability in plain loops, and compares them with the record in it.

    u  = service · use · Σ (fixed + grid · max(0, EF)) − lca     z_C = ln(u / (0.8 · u of the reference row))
    m* = (EBIT − S − p · max(0, E − free) · (1 − θ)) / revenue   z_R = m*
    x  = (S1 + S2) / denominator                                 z_O = ln(bar / x)
    P  = Φ(z / max(σ, σmin)) where z ≥ 0, else Φ(z / σmin)       Φ(a) = erfc(−a / √2) / 2

Exit status: 0 the score holds, 1 something differs, 2 no receipt that can be read.
"""

import calendar
import hashlib
import json
import math
import sys
from datetime import date
from pathlib import Path
from typing import Any

SCHEMA = "greenlight-receipt/2"
PARTS = ("question", "versions", "inputs", "ledgers", "sheet", "estimate", "record")
RELATIVE, NEXT_TO_ZERO = 1e-9, 1e-12
SUBSIDIES = ("grants", "price_premium", "theme_credits")
OWN_INPUTS = ("service", "life", "use", "energy", "lca")
PLANS = ("none", "pledge", "measurable", "costed", "on_track")
OF_REFERENCE = {
    "service": "service_per_unit_year",
    "life": "life_years",
    "use": "use_share",
    "fixed": "fixed_t_per_service",
    "grid": "grid_mwh_per_service",
    "lca": "lca_t_per_unit",
}


def normal(a: Any) -> Any:
    return 0.5 * math.erfc(-a / math.sqrt(2.0))


def probability(z: Any, sigma: Any, least: Any) -> Any:
    return normal(z / max(sigma, least)) if z >= 0 else normal(z / least)


def value(told: Any) -> Any:
    return None if told is None else told["value"]


# --- one bar of one year: a dict with state, z, sigma, p, value, bar, because, missing ---
def unknown(because: Any, missing: Any) -> Any:
    return {"state": "unknown", "because": because, "missing": missing}


def judged(z: Any, sigma: Any, least: Any, **more: Any) -> Any:
    state = "cleared" if z >= 0 else "missed"
    found = {"state": state, "because": "", "z": z, "sigma": max(sigma, least), "p": probability(z, sigma, least)}
    return {**found, "missing": 0, **more}


class Sheet:
    def __init__(self, content: Any) -> None:
        self.content = content
        self.terms = content["judgements"]
        self.families = {family["code"]: family for family in content["families"]}
        self.paths = {path["place"]: path for path in content["paths"]}

    def doubt(self, name: Any, rung: Any) -> Any:
        return math.log(1.0 + self.content["u95"][name][rung]) / 1.96

    def factor(self, family: Any, place: Any, sale_year: Any, t: Any) -> Any:
        """EF in the t-th year after the sale, t per MWh."""
        path = self.paths.get(place) or self.paths[self.content["stand_in_place"]]
        if family["grid_use"] == "none":
            return 0.0
        if family["grid_use"] == "latest":
            return path["t_per_mwh"]
        return max(0.0, path["t_per_mwh"] - path["fall_t_per_mwh_year"] * (sale_year + t - path["base_year"]))

    def unit(self, family: Any, used: Any, place: Any, sale_year: Any) -> Any:
        """Tonnes of a unit: gross, electricity's part, the last year's times the life, and u."""
        served, life = used["service"] * used["use"], round(used["life"])
        factors = [self.factor(family, place, sale_year, t) for t in range(1, life + 1)]
        gross = served * sum(used["fixed"] + used["grid"] * factor for factor in factors)
        energy = served * max(-used["grid"], 0.0) * sum(factors)
        last = served * (used["fixed"] + used["grid"] * factors[-1]) * life
        return gross, energy, last, gross - used["lca"]


def contribution(sheet: Any, candidacy: Any, company_key: Any, year: Any, as_of: Any) -> Any:
    family = sheet.families.get(candidacy["family"] or "")
    if family is None:
        return unknown("no_family", 1)
    rows = [row for row in year["sold"] if row["family"] == family["code"]]
    mine = [row for row in rows if row["kind"] in ("realised", "measured")]
    own = family["own_inputs"]
    missing = sum(row[name] is None for row in mine for name in ("units", *own)) if mine else 1 + len(own)
    units = sum(value(row["units"]) or 0.0 for row in mine)
    missing += bool(mine) and units == 0 and all(row["units"] is not None for row in mine)
    if family["judgement"] == "none":
        return unknown("no_bar", missing)
    if company_key in family["sets_the_bar"]:
        return unknown("sets_the_bar", missing)
    if family["judgement"] == "shown":
        return unknown("shown_only", missing)
    if family["expires_on"] and date.fromisoformat(family["expires_on"]) <= as_of:
        return unknown("expired", missing)
    if not mine and any(row["kind"] == "planned" for row in rows):
        return unknown("planned_only", missing)
    if missing:
        return unknown("untold", missing)
    reference = {ours: family["reference"][theirs] for ours, theirs in OF_REFERENCE.items()}
    u = bar = 0.0
    slips = dict.fromkeys(OWN_INPUTS, 0.0)
    for row in mine:
        used = dict(reference)
        used.update({name: row[name]["value"] for name in own if name != "energy"})
        if "energy" in own:
            used["grid"] = -row["energy"]["value"]
        weight = row["units"]["value"] / units
        gross, energy, last, each = sheet.unit(family, used, row["place"], year["year"])
        u += weight * each
        bar += weight * sheet.terms["bar_share"] * sheet.unit(family, reference, row["place"], year["year"])[3]
        moves = {"service": gross, "use": gross, "life": last, "energy": energy, "lca": used["lca"]}
        for name in own:
            slips[name] += weight * abs(moves[name]) * sheet.doubt(name, row[name]["rung"])
    told = {"value": u, "bar": bar}
    least = sheet.terms["sigma_min_contribution"]
    if u <= 0:
        return {"state": "missed", "because": "harm", "p": 0.0, "missing": 0, **told}
    if family["judgement"] == "sign" or not bar > 0:
        return {"state": "cleared", "because": "sign", "p": 1.0, "missing": 0, "value": u}
    sigma = math.sqrt(sum((slip / u) ** 2 for slip in slips.values()))
    return judged(math.log(u / bar), sigma, least, **told)


def tonnes(year: Any) -> Any:
    """Scope 1, scope 2 and the rungs that count; of another boundary nothing counts."""
    second = year["scope2_location"] or year["scope2_by_activity"]
    if year["boundary"] == "mismatched":
        return None, None, []
    rungs = [told["rung"] for told in (year["scope1"], second) if told is not None]
    if year["scope2_location"] is None and second is not None and year["scope2_other_rung"] is not None:
        rungs.append(year["scope2_other_rung"])
    return value(year["scope1"]), value(second), rungs


def resilience(sheet: Any, candidacy: Any, year: Any, age: Any) -> Any:
    terms, venture = sheet.terms, candidacy["stage"] == "venture"
    profit = value(year["gross_profit"] if venture else year["ebit"])
    revenue, runway = value(year["revenue"]), value(year["runway_months"])
    given = [year["subsidies"][name] for name in SUBSIDIES]
    inside = sum(one["told"]["value"] for one in given if one["told"] and one["standing"] != "outside")
    first, second, _ = tonnes(year)
    cost = terms["carbon_price_cny_per_t"] * max(0.0, (first or 0.0) + (second or 0.0) - terms["free_allocation_t"])
    untold = [first, second].count(None)
    missing = [profit, revenue, *(one["told"] for one in given)].count(None) + untold + (venture and runway is None)
    if venture and runway is not None and runway < terms["least_runway_months"]:
        return {"state": "missed", "because": "runway", "p": 0.0, "missing": missing}
    if revenue is not None and revenue <= 0:
        return unknown("revenue_not_positive", missing)
    sigma, least = terms["resilience_sigma"] * math.sqrt(1.0 + age), terms["sigma_min_resilience"]
    if profit is not None and revenue is not None:
        best = (profit - inside - cost * (1.0 - terms["pass_through"])) / revenue
        if not missing:
            return judged(best, sigma, least, value=best, bar=0.0)
        if best < 0:
            return {
                **judged(best, sigma, least, value=best, bar=0.0),
                "because": "best_still_misses",
                "missing": missing,
            }
    other = year["boundary"] == "mismatched" and missing == untold
    return unknown("other_boundary" if other else "untold", missing)


def denominator_of(family: Any, year: Any) -> Any:
    name = family["denominator"]
    told = year[name]
    return told, None if told is None else told["value"] / (1.0 if name == "output" else 10_000.0)


def footprint(sheet: Any, candidacy: Any, year: Any, age: Any) -> Any:
    family, terms = sheet.families.get(candidacy["family"] or ""), sheet.terms
    first, second, rungs = tonnes(year)
    if family is None:
        return unknown("no_family", [first, second].count(None) + 1)
    told, per = denominator_of(family, year)
    missing = [first, second, per].count(None)
    if family["footprint_bar"] is None:
        return unknown("no_bar", missing)
    bar = family["footprint_bar"]["value"]
    if per is not None and per <= 0:
        return unknown("denominator_not_positive", missing)
    total = (first or 0.0) + (second or 0.0)
    doubts = [sheet.doubt("tonnes", rung) for rung in rungs] or [0.0]
    sigma = 0.0 if told is None else sheet.doubt(family["denominator"], told["rung"]) ** 2
    sigma = math.sqrt(sigma + max(doubts) ** 2 + terms["footprint_age"] ** 2 * age)
    least = terms["sigma_min_footprint"]
    if missing:
        if per is not None and total / per > bar:
            z = math.log(bar * per / total)
            found = judged(z, sigma, least, value=total / per, bar=bar)
            return {**found, "because": "best_still_misses", "missing": missing}
        return unknown("other_boundary" if year["boundary"] == "mismatched" else "untold", missing)
    if total == 0:
        return unknown("zero", missing)
    return judged(math.log(bar * per / total), sigma, least, value=total / per, bar=bar)


# --- the year of each bar ---
def age_years(year: Any, as_of: Any) -> Any:
    return max(0.0, (as_of - date(year, 12, 31)).days - 365.0) / 365.25


def is_recent(year: Any, months: Any, as_of: Any) -> Any:
    ends = year * 12 + 11 + months
    last = calendar.monthrange(ends // 12, ends % 12 + 1)[1]
    return as_of <= date(ends // 12, ends % 12 + 1, last)


def empty(year: Any) -> Any:
    names = "scope1 scope2_location scope2_by_activity scope2_other_rung revenue value_added output ebit ebitda"
    names += " gross_profit priced_t free_allocation_t runway_months"
    none = {name: {"told": None, "standing": "unknown"} for name in SUBSIDIES}
    return {**dict.fromkeys(names.split()), "year": year, "boundary": "unstated", "subsidies": none, "sold": []}


def bars_of(sheet: Any, candidacy: Any, company_key: Any, as_of: Any) -> Any:
    data_year = sheet.content["data_year"]
    years = [year for year in candidacy["years"] if year["year"] <= data_year]
    if not years or years[-1]["year"] != data_year:
        years.append(empty(data_year))
    told: dict[str, list[Any]] = {"c": [], "r": [], "o": []}
    for year in years:
        age = age_years(year["year"], as_of)
        told["c"].append(contribution(sheet, candidacy, company_key, year, as_of))
        told["r"].append(resilience(sheet, candidacy, year, age))
        told["o"].append(footprint(sheet, candidacy, year, age))
    recent = [is_recent(year["year"], sheet.terms["most_months"], as_of) for year in years]
    return {name: chosen(sheet, years, recent, bars, as_of) for name, bars in told.items()}


def chosen(sheet: Any, years: Any, recent: Any, bars: Any, as_of: Any) -> Any:
    is_late = as_of > date.fromisoformat(sheet.content["closing_day"])
    candidates = [i for i in range(len(years)) if recent[i]]
    if is_late or not candidates:
        i = len(years) - 1
        if not is_late:  # all too old: as below, of them all
            i = min(range(len(years)), key=lambda at: (bars[at]["missing"], -years[at]["year"]))
    else:
        known = [i for i in candidates if bars[i]["state"] != "unknown"]
        i = max(known) if known else min(candidates, key=lambda at: (bars[at]["missing"], -years[at]["year"]))
    is_known = [recent[at] and bars[at]["state"] != "unknown" for at in range(len(bars))]
    by_the_fund = bars[i]["because"] in ("no_family", "no_bar", "shown_only", "sets_the_bar", "expired")
    found = dict(bars[i])
    if not recent[i]:
        found = unknown(found["because"] if by_the_fund else "too_old", found["missing"])
    elif is_late and found["state"] == "unknown" and not by_the_fund and any(is_known):
        found = unknown("awaiting", found["missing"])
    return {**found, "at": years[i]}


# --- gates ---
def gates_of(candidacy: Any, plan: Any, is_plan_told: Any, terms: Any, as_of: Any) -> Any:
    facts = candidacy["gates"]
    found = {"G1": "pass", "G2": "pass", "G3": "pass", "G4": "pass", "G5": "pass"}
    if facts["identifiers"] == "none" or facts["joins"] == "waiting":
        found["G1"] = "not_decidable"
    if facts["identifiers"] == "invalid" or facts["joins"] == "conflicting":
        found["G1"] = "fail"
    if facts["exclusion"] is None or facts["exclusion"]["answer"] == "yes":
        found["G2"] = "fail" if facts["exclusion"] else "not_decidable"
    catalogue, share = facts["catalogue"], facts["theme_share"]
    if not candidacy["track"]:
        found["G3"] = "fail"
    elif not facts["track_confirmed"] or catalogue is None:
        found["G3"] = "not_decidable"
    elif catalogue["valid_until"] is not None and date.fromisoformat(catalogue["valid_until"]) < as_of:
        found["G3"] = "fail"
    is_of_a_start = share is not None and share["basis"] == "capex_and_rnd"
    if (
        share is None
        or (is_of_a_start and candidacy["stage"] != "venture")
        or not is_recent(share["year"], terms["most_months"], as_of)
    ):
        found["G4"] = "not_decidable"
    elif share["share"] < terms["theme_share"]:
        found["G4"] = "not_decidable" if share["is_partial"] else "fail"
    fossil, direct = facts["fossil_extraction"], facts["direct_and_significant"]
    below = is_plan_told and PLANS.index(plan) < PLANS.index(terms["least_plan"])
    if not is_plan_told or below or fossil is None or direct is None:
        found["G5"] = "not_decidable"
    if (below and plan == "none") or (fossil and fossil["answer"] == "yes") or (direct and direct["answer"] == "no"):
        found["G5"] = "fail"
    for gate, verdict in facts["recorded"].items():
        if found[gate] == "not_decidable":
            found[gate] = verdict
    return found


# --- the whole ---
def assisted_of(sheet: Any, candidacy: Any, inputs: Any, estimate: Any, bar: Any, reported: Any, as_of: Any) -> Any:
    """Bar O by the model's distribution, where nothing else is missing than tonnes."""
    features, year = inputs.get("features"), {year["year"]: year for year in candidacy["years"]}
    family = sheet.families.get(candidacy["family"] or "")
    if estimate is None or estimate["rung"] >= 7 or estimate["guards"] or family is None or bar["state"] != "unknown":
        return None
    sizes = ("revenue_cny", "employees", "electricity_kwh", "energy_mj", "coal_t", "water_t", "waste_t")
    if features is not None and all(features[name] is None for name in sizes):
        return None
    is_late = as_of > date.fromisoformat(sheet.content["closing_day"])
    told = year.get(estimate["year"])
    data_year = sheet.content["data_year"]
    if told is None or told["year"] > data_year or bar["because"] == "too_old":
        return None
    if is_late and told["year"] != data_year:
        return None
    if footprint(sheet, candidacy, told, 0.0)["because"] != "untold" or not denominator_of(family, told)[1]:
        return None
    per, level = denominator_of(family, told)[1], family["footprint_bar"]["value"]
    low, middle, high = estimate["log10_t"]
    z = math.log(level * per) - middle * math.log(10.0)
    half = (high - middle if z >= 0 else middle - low) * math.log(10.0)
    p = normal(z / max(half / 1.6448536269514722, sheet.terms["sigma_min_footprint"]))
    p_cleared = reported["p_cleared"]
    if z >= 0:
        p_cleared = p if p_cleared is None else p_cleared * p
    is_all = reported["known"] == 2 and reported["gates"] == "passed"
    high = reported["p_high"] * p
    found = {"p_o": p, "state": "cleared" if z >= 0 else "missed", "cleared": reported["cleared"] + (z >= 0)}
    found |= {"p_cleared": p_cleared, "p_low": high if is_all else 0.0, "p_high": high}
    return {**found, "x": [10.0**one / per for one in estimate["log10_t"]]}


def recompute(receipt: Any) -> Any:
    """The figures of a candidate by their place in the record."""
    inputs, as_of = receipt["inputs"], date.fromisoformat(receipt["question"]["as_of"])
    candidacy, sheet = inputs["candidacy"], Sheet(receipt["sheet"])
    record = receipt["record"]["candidacy"]
    bars = bars_of(sheet, candidacy, inputs["company_key"], as_of)
    counted = [row for row in inputs["targets"] if not row["target_year"] or row["target_year"] >= as_of.year]
    gates = gates_of(candidacy, record["plan"], bool(counted), sheet.terms, as_of)
    cleared = [bar["p"] for bar in bars.values() if bar["state"] == "cleared"]
    known = [bar["p"] for bar in bars.values() if bar["state"] != "unknown"]
    verdicts = set(gates.values())
    word = "failed" if "fail" in verdicts else "open" if "not_decidable" in verdicts else "passed"
    p_high = 0.0 if word == "failed" else math.prod(known)
    reported = {
        "cleared": len(cleared),
        "known": len(known),
        "p_cleared": math.prod(cleared) if cleared else None,
        "p_low": p_high if len(known) == 3 and word == "passed" else 0.0,
        "p_high": p_high,
        "gates": word,
    }
    found: dict[str, Any] = {"candidacy": {"reported": reported}}
    for name, bar in bars.items():
        found["candidacy"][name] = {
            key: bar.get(key) for key in ("state", "because", "z", "p") if key in bar or bar["state"] == "unknown"
        }
        if bar["state"] != "unknown":
            found["candidacy"][name] |= {key: bar[key] for key in ("value", "bar", "sigma") if key in bar}
            found["candidacy"][name]["year"] = bar["at"]["year"]
    estimate = receipt["estimate"]
    found["candidacy"]["assisted"] = assisted_of(sheet, candidacy, inputs, estimate, bars["o"], reported, as_of)
    found["candidacy"]["gates"] = [{"gate": gate, "verdict": verdict} for gate, verdict in gates.items()]
    sheet_digest = digest(receipt["sheet"])
    return found | {"as_of": as_of.isoformat(), "company_key": inputs["company_key"], "sheet_digest": sheet_digest}


def digest(part: Any) -> Any:
    text = json.dumps(part, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def changed_parts(receipt: Any) -> Any:
    said = receipt["digests"]
    wrong = [name for name in (*PARTS, "made_with") if digest(receipt[name]) != said[name]]
    whole = digest({name: said[name] for name in PARTS})
    return wrong if whole == said["receipt"] else [*wrong, "receipt"]


def differences(said: Any, found: Any, path: str = "") -> Any:
    """Where what was computed is not what the record says; the record may hold more."""
    if isinstance(found, dict) and isinstance(said, dict):
        for name in found:
            yield from differences(said.get(name), found[name], f"{path}/{name}" if path else name)
    elif isinstance(found, list) and isinstance(said, list) and len(found) == len(said):
        for i, (one, other) in enumerate(zip(said, found, strict=True)):
            yield from differences(one, other, f"{path}/{i}")
    elif isinstance(found, (int, float)) and isinstance(said, (int, float)):
        if not math.isclose(said, found, rel_tol=RELATIVE, abs_tol=NEXT_TO_ZERO):
            yield path, said, found
    elif said != found:
        yield path, said, found


def check(path: Any) -> Any:
    """What is to be said of a file, and the exit status."""
    try:
        receipt = json.loads(Path(path).read_text(encoding="utf-8"))
        if receipt["schema"] != SCHEMA:
            return [f"not checked: the schema is {receipt['schema']}, not {SCHEMA}"], 2
        lines = [f"changed since it was made: the digest of {part} does not fit" for part in changed_parts(receipt)]
        if receipt["record"]["kind"] != "candidate":
            return lines or ["a peer: no probability to compute; all digests fit"], int(bool(lines))
        found = recompute(receipt)
    except (OSError, ValueError, KeyError, TypeError, ArithmeticError, AttributeError, IndexError) as error:
        return [f"not checked: {type(error).__name__}: {error}"], 2
    lines += [
        f"differs: {at} is {said!r} in the receipt, {got!r} computed"
        for at, said, got in differences(receipt["record"], found)
    ]
    if lines:
        return lines, 1
    reported = found["candidacy"]["reported"]
    p = "no bar cleared" if reported["p_cleared"] is None else f"P {reported['p_cleared']:.5f}"
    return [f"holds: {p}, {reported['cleared']} of 3 cleared, {reported['known']} known, gates {reported['gates']}"], 0


def main(paths: Any) -> Any:
    if not paths:
        sys.stdout.write(f"{__doc__}\n")
        return 2
    worst = 0
    for path in paths:
        lines, status = check(path)
        worst = max(worst, status)
        for line in lines:
            sys.stdout.write(f"{path}: {line}\n")
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
