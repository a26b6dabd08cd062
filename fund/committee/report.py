"""The rows of the decision page: what is known of a candidate, what is not and what it would take, and the rules.

The record is of codes and numbers; scoring.candidates.words makes its sentences.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from fund.committee import words
from fund.models import Mandate, Proposal
from fund.models import mandate_rules as rules
from scoring.candidates.words import (
    bar_name,
    because_sentence,
    break_even_sentence,
    evidence_word,
    gate_name,
    gate_sentence,
    p_words,
    question_sentence,
    value_words,
    who_word,
)
from scoring.engine.score.record import BarRecord, CandidacyResult
from scoring.models import BarSheet, Score

HALF = 60.0  # of a mark, in px: from the bar to either side
FULL = {"c": 1.0, "r": 0.2, "o": 1.0}  # the margin that fills a half; R's is a share of revenue


@dataclass(frozen=True)
class Open:
    """Something that is not known: what it is, what is known of it, who can tell, and what it would take."""

    name: str
    why: str
    who: str
    takes: str = ""


@dataclass(frozen=True)
class Bar:
    """A bar on the strip. `start` and `width` are of the mark, in px of 2 × HALF; width 0 where it is unknown."""

    name: str
    state: str
    word: str
    segment: float  # of the strip of three, px
    p: float | None
    value: str
    because: str
    year: int | None
    on_the_line: bool
    start: float
    width: float


@dataclass(frozen=True)
class Gate:
    name: str
    verdict: str
    text: str


@dataclass(frozen=True)
class Brief:
    """What the score says, in the order in which a committee asks."""

    candidacy: CandidacyResult
    reported: str
    assisted: str  # empty where nothing is estimated
    evidence: str
    gates: list[Gate]
    bars: list[Bar]
    open: list[Open]
    holds: list[str]  # of known bars: how far a told figure may be wrong
    question: str

    @property
    def failed(self) -> list[Gate]:
        return [gate for gate in self.gates if gate.verdict == "fail"]


def brief(score: Score) -> Brief | None:
    """None of a peer and of a retired method."""
    candidacy = None if score.is_retired else score.record["candidacy"]
    if candidacy is None:
        return None
    bars: list[tuple[str, BarRecord]] = [("c", candidacy["c"]), ("r", candidacy["r"]), ("o", candidacy["o"])]
    assisted: Any = candidacy["assisted"]
    return Brief(
        candidacy=candidacy,
        reported=p_words(candidacy["reported"]),
        assisted=p_words(assisted) if assisted else "",
        gates=[Gate(gate_name(gate["gate"]), gate["verdict"], gate_sentence(gate)) for gate in candidacy["gates"]],
        bars=[_bar(code, bar, 64.0 * place) for place, (code, bar) in enumerate(bars)],
        evidence=evidence_word(candidacy["reported"]["evidence"]) if candidacy["reported"]["evidence"] else "—",
        open=[*_open_bars(bars), *_open_gates(candidacy)],
        holds=[
            f"{bar_name(code)}{_(': ')}{break_even_sentence(code, bar)}"
            for code, bar in bars
            if bar["state"] != "unknown" and bar["break_even"]
        ],
        question=question_sentence(candidacy),
    )


def _bar(code: str, bar: BarRecord, segment: float) -> Bar:
    known = bar["state"] != "unknown" and bar["margin"] is not None
    reach = max(-1.0, min(1.0, (bar["margin"] or 0.0) / FULL[code])) * HALF if known else 0.0
    return Bar(
        name=bar_name(code),
        state=bar["state"],
        word=words.state(bar["state"]),
        segment=segment,
        p=bar["p"],
        value=value_words(code, bar),
        because=because_sentence(code, bar) if bar["because"] else "",
        year=bar["year"],
        on_the_line=bar["on_the_line"],
        start=HALF + min(0.0, reach),
        width=max(abs(reach), 2.0) if known else 0.0,
    )


def _open_bars(bars: Sequence[tuple[str, BarRecord]]) -> list[Open]:
    return [
        Open(
            name=bar_name(code),
            why=because_sentence(code, bar),
            who="; ".join(words.lacks(bar["missing"])),
            takes=break_even_sentence(code, bar) if bar["break_even"] else "",
        )
        for code, bar in bars
        if bar["state"] == "unknown"
    ]


def _open_gates(candidacy: CandidacyResult) -> list[Open]:
    return [
        Open(gate_name(gate["gate"]), gate_sentence(gate), who_word(gate["who"]) if gate["who"] else "")
        for gate in candidacy["gates"]
        if gate["verdict"] == "not_decidable"
    ]


# --- rules -----------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Rule:
    verdict: rules.Verdict
    text: str
    lacks: list[str]


class Rules:
    """A mandate's checks: those that fail, those that cannot be decided, those that pass."""

    def __init__(self, mandate: Mandate | None, sheet: BarSheet | None, checks: Sequence[rules.Check]) -> None:
        self.mandate, self.sheet = mandate, sheet
        made = [Rule(check.verdict, check.text, words.lacks(check.missing)) for check in checks]
        self.failed = [rule for rule in made if rule.verdict == rules.Verdict.FAIL]
        self.undecidable = [rule for rule in made if rule.verdict == rules.Verdict.NOT_DECIDABLE]
        self.passed = [rule for rule in made if rule.verdict == rules.Verdict.PASS]

    @property
    def all(self) -> list[Rule]:
        return self.failed + self.undecidable + self.passed


def rules_then(proposal: Proposal) -> Rules:
    """As the proposer saw them."""
    return Rules(proposal.mandate, None, proposal.checks_seen())


def rules_now(proposal: Proposal) -> Rules | None:
    """The same today, where they would read otherwise."""
    now = proposal.candidate.preview(proposal.score, proposal.amount_cny)
    if now.mandate == proposal.mandate and now.checks == proposal.checks_seen():
        return None
    return Rules(now.mandate, now.sheet, now.checks)


# --- lists -----------------------------------------------------------------------------------------------
def headline(score: Score) -> str:
    """In a list: P of the cleared bars and their count, of a retired method only that it is one."""
    if score.is_retired or score.cleared is None:
        return score.get_kind_display()
    found: Any = {"p_cleared": score.p_cleared, "cleared": score.cleared, "known": score.known}
    return p_words(found)


def first_method(score: Score) -> list[tuple[str, Any]]:
    """What a record of the first method said, for what was proposed on it."""
    record = json.loads(score.record_json)
    found = record.get("emissions_score") or {}
    return [
        (_("Score"), None if "value" not in found else f"{found['value']:.1f}"),
        (_("Band"), found.get("band")),
        (_("Share of weight observed"), None if "coverage" not in found else f"{found['coverage']:.0%}"),
        (_("Method"), record.get("methodology")),
        (_("As of"), record.get("as_of")),
    ]
