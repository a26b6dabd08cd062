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
from portfolio.models.people import SomeUser
from portfolio.wording import labelled
from scoring.candidates import marks
from scoring.candidates.amounts import probability
from scoring.candidates.words import (
    age_words,
    bar_name,
    because_sentence,
    break_even_sentence,
    evidence_word,
    family_name,
    gate_name,
    gate_sentence,
    p_range_words,
    p_words,
    question_label,
    question_sentence,
    state_word,
    value_words,
    verdict_word,
    who_word,
)
from scoring.dossier.facts import Facts, Finding
from scoring.engine.score.bar_sheet import Family
from scoring.engine.score.record import BarRecord, CandidacyResult
from scoring.models import BarSheet, Score


@dataclass(frozen=True)
class Open:
    """Something that is not known, or a bar that is missed: why, who can tell, and what it would take."""

    name: str
    why: str
    who: str
    takes: str


@dataclass(frozen=True)
class Bar:
    """One of the three: its figure beside its bar, and its mark."""

    name: str
    state: str
    word: str
    p: str  # empty where it is unknown
    figure: str
    beside: str
    because: str
    age: str
    on_the_line: bool
    mark: marks.BarMark

    @property
    def label(self) -> str:
        """The mark as text."""
        return labelled(self.name, self.word)


@dataclass(frozen=True)
class Gate:
    name: str
    verdict: str
    word: str
    text: str


@dataclass(frozen=True)
class Brief:
    """What the score says, in the order in which a committee asks."""

    family: str
    reported: str
    span: str  # of P of all three bars, with all that is open; empty where a gate failed
    assisted: str  # empty where nothing is estimated
    evidence: str  # empty where no bar is known
    segments: list[marks.Segment]
    gates: list[Gate]
    bars: list[Bar]
    open: list[Open]
    holds: list[tuple[str, str]]  # cleared bars: how far a told figure may be wrong
    question: tuple[str, str]

    @property
    def failed(self) -> list[Gate]:
        return [gate for gate in self.gates if gate.verdict == "fail"]

    @property
    def label(self) -> str:
        """The mark of the three as text."""
        return _("; ").join(bar.label for bar in self.bars)


def brief(score: Score) -> Brief | None:
    """None of a peer and of a retired method."""
    candidacy = None if score.is_retired else score.record["candidacy"]
    if candidacy is None:
        return None
    sheet, reported, assisted = score.run.bar_sheet, candidacy["reported"], candidacy["assisted"]
    family = sheet.engine().family.get(candidacy["family"] or "") if sheet else None
    bars: list[tuple[str, BarRecord]] = [("c", candidacy["c"]), ("r", candidacy["r"]), ("o", candidacy["o"])]
    with_estimate: Any = assisted
    return Brief(
        family=family_name(family),
        reported=p_words(reported),
        span="" if reported["gates"] == "failed" else p_range_words(reported["p_low"], reported["p_high"]),
        assisted=p_words(with_estimate) if assisted else "",
        evidence=evidence_word(reported["evidence"] or ""),
        segments=marks.segments(candidacy),
        gates=[
            Gate(gate_name(gate["gate"]), gate["verdict"], verdict_word(gate["verdict"]), gate_sentence(gate))
            for gate in candidacy["gates"]
        ],
        bars=[_bar(code, bar) for code, bar in bars],
        open=[*_open_bars(bars, family), *_open_gates(candidacy)],
        holds=[
            (bar_name(code), told)
            for code, bar in bars
            if bar["state"] == "cleared" and (told := break_even_sentence(code, bar, family))
        ],
        question=(question_label(candidacy), question_sentence(candidacy, family)),
    )


def doubts(user: SomeUser, score: Score) -> list[Finding]:
    """Open checks of the disclosures whose figures it used, and why they were verified all the same."""
    candidacy = None if score.is_retired else score.record["candidacy"]
    if candidacy is None:
        return []
    bars: list[BarRecord] = [candidacy["c"], candidacy["r"], candidacy["o"]]
    used = {one["source"] for bar in bars for one in bar["inputs"]} | set(score.record["measured"]["sources"])
    return Facts(user, score.company).doubts(used)


def _bar(code: str, bar: BarRecord) -> Bar:
    value = value_words(code, bar)
    return Bar(
        name=bar_name(code),
        state=bar["state"],
        word=state_word(bar["state"]),
        p=probability(bar["p"]) if bar["p"] is not None else "",
        figure=value.figure,
        beside=value.beside,
        because=because_sentence(code, bar),
        age=age_words(bar) if bar["state"] != "unknown" else "",
        on_the_line=bar["on_the_line"],
        mark=marks.bar_mark(code, bar),
    )


def _open_bars(bars: Sequence[tuple[str, BarRecord]], family: Family | None) -> list[Open]:
    return [
        Open(
            name=bar_name(code),
            why=because_sentence(code, bar),
            who=words.listed(who_word(one["who"]) for one in bar["missing"]) or who_word("company"),
            takes=break_even_sentence(code, bar, family) or words.takes_of_bar(bar),
        )
        for code, bar in bars
        if bar["state"] != "cleared"
    ]


def _open_gates(candidacy: CandidacyResult) -> list[Open]:
    return [
        Open(gate_name(gate["gate"]), gate_sentence(gate), who_word(gate["who"]), words.takes_of_gate(gate))
        for gate in candidacy["gates"]
        if gate["verdict"] == "not_decidable"
    ]


# --- rules -----------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Rule:
    verdict: rules.Verdict
    text: str
    lacks: str  # what would decide it, and who can tell; empty where nothing would


class Rules:
    """A mandate's checks: those that fail, cannot be decided or pass; apart those that only wait for an amount."""

    def __init__(self, mandate: Mandate | None, sheet: BarSheet | None, checks: Sequence[rules.Check]) -> None:
        self.mandate, self.sheet = mandate, sheet
        self.need_amount = [_rule(check) for check in checks if check.needs_amount]
        made = [_rule(check) for check in checks if not check.needs_amount]
        self.failed = [rule for rule in made if rule.verdict == rules.Verdict.FAIL]
        self.undecidable = [rule for rule in made if rule.verdict == rules.Verdict.NOT_DECIDABLE]
        self.passed = [rule for rule in made if rule.verdict == rules.Verdict.PASS]

    @property
    def unmet(self) -> list[Rule]:
        """What fails before what cannot be decided."""
        return self.failed + self.undecidable + self.need_amount


def _rule(check: rules.Check) -> Rule:
    return Rule(check.verdict, check.text, words.lacks(check.missing))


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
