"""The scoring engine: pure functions on columns. No Django, clock, settings, files or network in here.

`score(Inputs.from_records(records), Methodology.from_json(data), as_of).record(i)` is the whole of it.
"""

from scoring.engine import errors
from scoring.engine.columns import canonical_json, digest
from scoring.engine.inputs import CompanyRecord, FeatureRecord, Inputs, TargetRecord, YearRecord
from scoring.engine.score.assisted import AssistedRecord, EstimateRecord, estimates_of_records
from scoring.engine.score.calibration import calibrate
from scoring.engine.score.composite import printed, score
from scoring.engine.score.methodology import Methodology, Parameters
from scoring.engine.score.result import VERSION, Result, ScoreColumns, ScoreRecord
from scoring.engine.score.words import FLAGS, UNITS

__all__ = [
    "FLAGS",
    "UNITS",
    "VERSION",
    "AssistedRecord",
    "CompanyRecord",
    "EstimateRecord",
    "FeatureRecord",
    "Inputs",
    "Methodology",
    "Parameters",
    "Result",
    "ScoreColumns",
    "ScoreRecord",
    "TargetRecord",
    "YearRecord",
    "calibrate",
    "canonical_json",
    "digest",
    "errors",
    "estimates_of_records",
    "printed",
    "score",
]
