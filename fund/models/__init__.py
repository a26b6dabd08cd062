"""Funds and their mandates, who proposed and decided what, and what a fund owns."""

from fund.models.decision import Candidate, Decision, Proposal, Seen, newer_score
from fund.models.fund import FundSideQuerySet, FundTrack, Mandate, ThemeFund
from fund.models.holding import (
    FUND_CURRENCY,
    AssetClass,
    Exclusion,
    ExclusionFlag,
    Holding,
    Position,
    PriceInputs,
    ProjectFigures,
)

__all__ = [
    "FUND_CURRENCY",
    "AssetClass",
    "Candidate",
    "Decision",
    "Exclusion",
    "ExclusionFlag",
    "FundSideQuerySet",
    "FundTrack",
    "Holding",
    "Mandate",
    "Position",
    "PriceInputs",
    "ProjectFigures",
    "Proposal",
    "Seen",
    "ThemeFund",
    "newer_score",
]
