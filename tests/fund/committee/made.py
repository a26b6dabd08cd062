"""Scores of a candidate from records made by hand, so that what a mandate says of them is seen beside them."""

from __future__ import annotations

from datetime import date
from typing import Any

from portfolio.models import Company
from scoring.engine import canonical_json, digest
from scoring.models import BarSheet, LatestScore, Score, ScoreRun
from scoring.runs.queue import _judge

SHEET_DAY = date(2026, 11, 30)
GRANTS = {"name": "subsidies.grants", "who": "company"}
REASON = "It clears what the fund asks for."


def gate(name: str, verdict: str = "pass", because: str = "", who: str | None = None) -> dict[str, Any]:
    passing = {"G1": "one_entity", "G2": "no_exclusion", "G3": "track_confirmed", "G4": "theme_share", "G5": "solution"}
    numbers = {"share": 0.9, "year": 2025.0, "least": 0.5} if name == "G4" else {}
    return {
        "gate": name,
        "verdict": verdict,
        "because": because or passing[name],
        "numbers": numbers,
        "evidence": ["made for a test"],
        "is_recorded": False,
        "who": who,
    }


def bar(state: str = "cleared", **changes: Any) -> dict[str, Any]:
    """One of its own figures, verified, of 2025."""
    known = {
        "state": state,
        "because": "" if state != "unknown" else "untold",
        "year": 2025,
        "awaited_year": None,
        "age_years": 0.0,
        "value": 12.0,
        "bar": 10.0,
        "unit": "MW",
        "denominator": "",
        "z": 0.18,
        "sigma": 0.1,
        "p": 0.9,
        "on_the_line": False,
        "margin": 0.2 if state == "cleared" else -0.2,
        "evidence": "E2",
        "inputs": [],
        "missing": [],
        "break_even": None,
        "parts": {},
    }
    unknown: dict[str, Any] = {"value": None, "z": None, "sigma": None, "p": None, "margin": None, "evidence": None}
    return known | (unknown if state == "unknown" else {}) | changes


def result(
    *, c: dict[str, Any] | None = None, r: dict[str, Any] | None = None, o: dict[str, Any] | None = None, **changes: Any
) -> dict[str, Any]:
    """Of a candidate that clears three bars and passes every gate, unless said otherwise."""
    bars = {
        "c": c or bar(value=12_409.65, bar=8_759.6, unit="MW"),
        "r": r or bar(value=0.048, bar=0.0, unit="", margin=0.048),
        "o": o or bar(value=0.2, bar=0.225, unit="t/万元", denominator="revenue", margin=0.125),
    }
    gates = changes.pop("gates", [gate(f"G{n}") for n in range(1, 6)])
    verdicts = {one["verdict"] for one in gates}
    cleared = [one for one in bars.values() if one["state"] == "cleared"]
    p = None
    for one in cleared:
        p = (1.0 if p is None else p) * one["p"]
    reported = {
        "cleared": len(cleared),
        "known": sum(one["state"] != "unknown" for one in bars.values()),
        "p_cleared": p,
        "p_low": 0.0,
        "p_high": 1.0,
        "gates": "failed" if "fail" in verdicts else "open" if "not_decidable" in verdicts else "passed",
        "evidence": max((one["evidence"] for one in bars.values() if one["evidence"]), default=None),
        "group": "not_admitted" if "fail" in verdicts else str(len(cleared)),
    }
    return {
        "track": "power_decarbonisation",
        "family": "P1",
        "stage": "mature",
        "gates": gates,
        "plan": "measurable",
        **bars,
        "reported": reported,
        "assisted": None,
        "question": {"code": "nothing", "bar": "", "missing": [], "break_even": None},
        "sensitivity": [],
        "kinds": ["realised"],
        "stated_avoided": [],
    } | changes


def record(company: Company, candidacy: dict[str, Any] | None, sheet: BarSheet | None, as_of: date) -> dict[str, Any]:
    measured = dict.fromkeys(
        ("data_year", "emissions_t", "scope2_kind", "boundary", "rung", "intensity", "first_year", "change_per_year")
    )
    measured |= dict.fromkeys(("intensity_change_per_year", "revenue_change_per_year", "temperature_c", "time_frame"))
    return {
        "engine": "0",
        "method": "theme-1",
        "as_of": as_of.isoformat(),
        "company_key": company.company_key,
        "kind": "candidate" if candidacy else "peer",
        "sheet": sheet.version if sheet else None,
        "sheet_digest": sheet.digest if sheet else None,
        "measured": measured
        | {"pathway_c": None, "years": 0, "goals": {}, "flags": [], "estimate": None, "sources": []},
        "candidacy": candidacy,
    }


def in_force() -> BarSheet:
    found = BarSheet.in_force(SHEET_DAY)
    assert found
    return found


def score(
    company: Company,
    candidacy: dict[str, Any] | None,
    *,
    sheet: BarSheet | None = None,
    as_of: date = SHEET_DAY,
) -> Score:
    """As a run would have written it, and now the one that stands."""
    sheet = sheet or in_force()
    said = record(company, candidacy, sheet, as_of)
    text = canonical_json(said)
    run = ScoreRun.objects.create(
        key=digest(text + str(ScoreRun.objects.count())),
        title="test",
        bar_sheet=sheet,
        as_of=as_of,
        engine_version="0",
        state=ScoreRun.State.DONE,
    )
    made = Score(run=run, company=company, kind=said["kind"], record_json=text, inputs_sha256="", digest=digest(text))
    if candidacy:
        judged: Any = candidacy
        _judge(made, judged)
    made.save()
    run.refresh_from_db()
    headline = {name: getattr(made, name) for name in LatestScore.columns()}
    LatestScore.objects.update_or_create(
        company=company, defaults={"score": made, "as_of": as_of, "asked_at": run.asked_at, **headline}
    )
    return made
