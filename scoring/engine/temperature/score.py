"""The temperature score of companies: reduction targets in, one score per time frame and scope out, by any method."""

from __future__ import annotations

from datetime import date

import numpy as np

from scoring.engine.columns import Floats
from scoring.engine.temperature import method_10, method_15
from scoring.engine.temperature.inputs import TemperatureCompanies, TemperatureTargets
from scoring.engine.temperature.methods import EDITION_10, TemperatureMethod
from scoring.engine.temperature.scores import TemperatureScores


def score(
    companies: TemperatureCompanies, targets: TemperatureTargets, method: TemperatureMethod, as_of: date
) -> TemperatureScores:
    """The whole way from targets to company scores. Only the year of `as_of` counts."""
    score_by = method_10.score if method.edition is EDITION_10 else method_15.score
    return score_by(companies, targets, method, as_of.year)


def mixed(own_score_c: Floats, scores: TemperatureScores) -> Floats:
    """Other scores of the same cells with the scopes together put together again, rounded as scores are."""
    companies, method = scores.companies, scores.method
    if method.edition is EDITION_10:
        return np.round(method_10.mixed(own_score_c, companies, method), 2)
    found, _share = method_15.mixed(own_score_c, scores.own_default_share, companies, scores.chosen, method)
    return np.round(found, 2)
