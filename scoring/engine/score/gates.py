"""The five gates of METHOD 8.2: pass, fail or not decidable, each with its reason, evidence and who can decide it.

A verdict that was recorded stands where the evidence no longer decides: withdrawing a fact reopens nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

import numpy as np

from scoring.engine.score.bar_sheet import Judgements
from scoring.engine.score.bars.probability import is_within
from scoring.engine.score.candidacy import GATES, PLAN_STAIR, CandidacyRecord, GateFacts, Verdict
from scoring.engine.score.record import GateRecord, Who

Admission = Literal["passed", "open", "failed"]


def gates(record: CandidacyRecord, plan: str | None, judgements: Judgements, as_of: date) -> list[GateRecord]:
    """All five of one candidate; `plan` is a step of PLAN_STAIR, None where nothing is told of a target."""
    facts = record["gates"]
    found = [
        _one_entity(facts),
        _exclusion(facts),
        _track(record, as_of),
        _theme_share(record, judgements, as_of),
        _solution(facts, plan, judgements.least_plan),
    ]
    return [_recorded(gate, facts["recorded"].get(gate["gate"])) for gate in found]


def admission(found: Sequence[GateRecord]) -> Admission:
    verdicts = {gate["verdict"] for gate in found}
    if "fail" in verdicts:
        return "failed"
    return "open" if "not_decidable" in verdicts else "passed"


def _recorded(gate: GateRecord, verdict: Verdict | None) -> GateRecord:
    if gate["verdict"] != "not_decidable" or verdict in (None, "not_decidable"):
        return gate
    return gate | {"verdict": verdict, "is_recorded": True, "who": None}


def _gate(
    gate: str,
    verdict: Verdict,
    because: str,
    *,
    who: Who | None = None,
    evidence: Sequence[str] = (),
    numbers: Mapping[str, float] | None = None,
) -> GateRecord:
    return {
        "gate": gate,
        "verdict": verdict,
        "because": because,
        "numbers": dict(numbers or {}),
        "evidence": list(evidence),
        "is_recorded": False,
        "who": who,
    }


def _one_entity(facts: GateFacts) -> GateRecord:
    """G1: one legal entity."""
    if facts["identifiers"] == "invalid":
        return _gate(GATES[0], "fail", "identifiers_invalid")
    if facts["joins"] == "conflicting":
        return _gate(GATES[0], "fail", "joins_conflicting")
    if facts["identifiers"] == "none":
        return _gate(GATES[0], "not_decidable", "identifiers_untold", who="company")
    if facts["joins"] == "waiting":
        return _gate(GATES[0], "not_decidable", "joins_waiting", who="fund")
    return _gate(GATES[0], "pass", "one_entity")


def _exclusion(facts: GateFacts) -> GateRecord:
    """G2: no exclusion holds."""
    word = facts["exclusion"]
    if word is None:
        return _gate(GATES[1], "not_decidable", "exclusions_unchecked", who="fund")
    if word["answer"] == "yes":
        return _gate(GATES[1], "fail", "excluded", evidence=[word["code"], word["evidence"]])
    return _gate(GATES[1], "pass", "no_exclusion", evidence=[word["evidence"]])


def _track(record: CandidacyRecord, as_of: date) -> GateRecord:
    """G3: a confirmed track with its catalogue code, still valid. A business that has no track fails."""
    facts = record["gates"]
    if not record["track"]:
        return _gate(GATES[2], "fail", "no_track")
    if not facts["track_confirmed"]:
        return _gate(GATES[2], "not_decidable", "track_unconfirmed", who="fund")
    catalogue = facts["catalogue"]
    if catalogue is None:
        return _gate(GATES[2], "not_decidable", "catalogue_untold", who="fund")
    evidence = [f"{catalogue['edition']} {catalogue['code']}"]
    if catalogue["valid_until"] is not None and date.fromisoformat(catalogue["valid_until"]) < as_of:
        return _gate(GATES[2], "fail", "catalogue_expired", evidence=evidence)
    return _gate(GATES[2], "pass", "track_confirmed", evidence=evidence)


def _theme_share(record: CandidacyRecord, judgements: Judgements, as_of: date) -> GateRecord:
    """G4: the theme's share of revenue; before there is revenue, of capital expenditure and research.

    A partial share is a lower bound: it can pass, never fail.
    """
    told, least = record["gates"]["theme_share"], judgements.theme_share
    if told is None:
        return _gate(GATES[3], "not_decidable", "theme_share_untold", who="company", numbers={"least": least})
    about = {"share": told["share"], "year": float(told["year"]), "least": least}
    source = [told["source"]]
    if not is_within(np.array([told["year"]]), judgements.most_months, as_of)[0]:
        return _gate(GATES[3], "not_decidable", "theme_share_old", who="company", evidence=source, numbers=about)
    # Before revenue means a confirmed venture: untold revenue must not make the other basis count.
    if told["basis"] == "capex_and_rnd" and record["stage"] != "venture":
        return _gate(GATES[3], "not_decidable", "theme_share_basis", who="company", evidence=source, numbers=about)
    if told["share"] >= least:
        return _gate(GATES[3], "pass", "theme_share", evidence=source, numbers=about)
    if told["is_partial"]:
        return _gate(GATES[3], "not_decidable", "theme_share_partial", who="company", evidence=source, numbers=about)
    return _gate(GATES[3], "fail", "theme_share_below", evidence=source, numbers=about)


def _solution(facts: GateFacts, plan: str | None, least_plan: str) -> GateRecord:
    """G5: WBCSD's three for a claim of avoided emissions. What fails decides before what is untold."""
    fossil, direct = facts["fossil_extraction"], facts["direct_and_significant"]
    evidence = [word["evidence"] for word in (fossil, direct) if word is not None]
    if fossil is not None and fossil["answer"] == "yes":
        return _gate(GATES[4], "fail", "fossil_extraction", evidence=evidence)
    if direct is not None and direct["answer"] == "no":
        return _gate(GATES[4], "fail", "not_direct", evidence=evidence)
    if plan == PLAN_STAIR[0]:
        return _gate(GATES[4], "fail", "no_plan", evidence=evidence)
    if plan is not None and PLAN_STAIR.index(plan) < PLAN_STAIR.index(least_plan):
        # What is on record of a plan is a lower bound, as a partial share of revenue is: a pledge asks for its figures.
        step = float(PLAN_STAIR.index(plan))
        return _gate(GATES[4], "not_decidable", "plan_below", who="company", evidence=evidence, numbers={"step": step})
    if plan is None:
        return _gate(GATES[4], "not_decidable", "plan_untold", who="company", evidence=evidence)
    if fossil is None:
        return _gate(GATES[4], "not_decidable", "fossil_extraction_unchecked", who="fund", evidence=evidence)
    if direct is None:
        return _gate(GATES[4], "not_decidable", "directness_unchecked", who="fund", evidence=evidence)
    return _gate(GATES[4], "pass", "solution", evidence=evidence, numbers={"step": float(PLAN_STAIR.index(plan))})
