"""Bar sheets, scores and their runs, what factors did to ledgers, and estimators: one place to import tables from."""

from scoring.models.bar_sheet import BarSheet, SheetFamily, SheetPath, SheetUncertainty
from scoring.models.estimator import ModelChange, ModelComparison, ModelVersion, NightlyLook, TrainingSet
from scoring.models.ledger import Calculation, CheckedLedger, FactorImport, FactorUse, Restatement
from scoring.models.score import (
    GateVerdict,
    Headline,
    LastSweep,
    LatestScore,
    RetiredMethod,
    Score,
    ScoreItem,
    ScoreRun,
)

__all__ = [
    "BarSheet",
    "Calculation",
    "CheckedLedger",
    "FactorImport",
    "FactorUse",
    "GateVerdict",
    "Headline",
    "LastSweep",
    "LatestScore",
    "ModelChange",
    "ModelComparison",
    "ModelVersion",
    "NightlyLook",
    "Restatement",
    "RetiredMethod",
    "Score",
    "ScoreItem",
    "ScoreRun",
    "SheetFamily",
    "SheetPath",
    "SheetUncertainty",
    "TrainingSet",
]
