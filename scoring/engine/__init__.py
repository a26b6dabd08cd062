"""The scoring engine: pure functions on columns. No Django, clock, settings, files or network in here.

`theme.score(Inputs.from_records(records), BarSheet.from_json(data), as_of).record(i)` is the whole of a score.
"""

from scoring.engine import errors
from scoring.engine.columns import VERSION, canonical_json, digest
from scoring.engine.inputs import CompanyRecord, FeatureRecord, Inputs, TargetRecord, YearRecord

__all__ = [
    "VERSION",
    "CompanyRecord",
    "FeatureRecord",
    "Inputs",
    "TargetRecord",
    "YearRecord",
    "canonical_json",
    "digest",
    "errors",
]
