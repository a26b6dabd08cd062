"""Funds and their mandates, who proposed and decided what, and what a fund owns."""

from fund.models.decision import Candidate, Decision, Proposal, Seen, newer_score
from fund.models.fund import FundSideQuerySet, FundTrack, Mandate, ThemeFund
from fund.models.holding import (
    FUND_CURRENCY,
    AssetClass,
    Exclusion,
    ExclusionFlag,
    Holding,
    Match,
    Position,
    PriceInputs,
    ProjectFigures,
)
from fund.models.note import Note
from fund.models.open_question import Confirmation, Question, RefusedRow
from fund.models.preview import Dispute, Preview
from fund.models.scenario import Scenario

__all__ = [
    "FUND_CURRENCY",
    "AssetClass",
    "Candidate",
    "Confirmation",
    "Decision",
    "Dispute",
    "Exclusion",
    "ExclusionFlag",
    "FundSideQuerySet",
    "FundTrack",
    "Holding",
    "Mandate",
    "Match",
    "Note",
    "Position",
    "Preview",
    "PriceInputs",
    "ProjectFigures",
    "Proposal",
    "Question",
    "RefusedRow",
    "Scenario",
    "Seen",
    "ThemeFund",
    "newer_score",
]
