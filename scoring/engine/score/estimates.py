"""What a model says of the companies of a batch whose emissions nobody reported. The score itself needs no model."""

import math
from collections.abc import Sequence

import numpy as np

from scoring.engine.columns import Floats, rounded
from scoring.engine.estimator.conformal import LEVELS
from scoring.engine.estimator.estimator import Estimator
from scoring.engine.estimator.features import FirmYears
from scoring.engine.inputs import FeatureRecord, Inputs
from scoring.engine.score.bars.assisted import EstimateRecord

FEATURES = {  # of the archived record → of the estimator
    "revenue_cny": "revenue_money",
    "employees": "employees",
    "electricity_kwh": "electricity_kwh",
    "energy_mj": "energy_mj",
    "coal_t": "coal_t",
    "water_t": "water_t",
    "waste_t": "waste_t",
}
AT = tuple(LEVELS.index(level) for level in (0.05, 0.5, 0.95))


def firm_years(batch: Inputs) -> tuple[FirmYears, list[int]]:
    """The companies that need an estimate as the estimator reads them, and their positions in the batch."""
    rows = [i for i, features in enumerate(batch.features) if features is not None]
    told = [features for features in batch.features if features is not None]
    return (
        FirmYears(
            tuple(batch.company_key[i] for i in rows),
            np.array([features["year"] for features in told], dtype=np.int64),
            tuple(batch.sector[i] for i in rows),
            tuple(features["text"] for features in told),
            {name: _column(told, ours) for ours, name in FEATURES.items()},
        ),
        rows,
    )


def _column(told: Sequence[FeatureRecord], name: str) -> Floats:
    return np.array([math.nan if f[name] is None else float(f[name]) for f in told], dtype=np.float64)  # type: ignore[literal-required]


def estimate(batch: Inputs, estimator: Estimator, model: str) -> list[EstimateRecord | None]:
    """For each company of the batch its predictive distribution, None where none is needed."""
    asked, rows = firm_years(batch)
    found: list[EstimateRecord | None] = [None] * len(batch)
    if not rows:
        return found
    estimates = estimator.predict(asked)
    years, rungs, means = asked.year.tolist(), estimates.rung.tolist(), estimates.mean_t.tolist()
    quantiles = estimates.log10_t[list(AT)].T.tolist()
    for position, row in enumerate(rows):
        # Rounded before anything is computed from it: a receipt starts from the estimate as it is stored.
        found[row] = EstimateRecord(
            input="emissions_t",
            year=years[position],
            rung=rungs[position],
            model=model,
            log10_t=rounded(quantiles[position]),
            mean_t=rounded(means[position]),
            guards=list(estimates.guards[position]),
        )
    return found
