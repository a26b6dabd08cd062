"""What runs beside the scores: a challenger in shadow, drift, and the nightly look for new data.

All of it can run twice without harm, and none of it changes which model is in force.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
from django.core.cache import cache
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils import timezone

from portfolio import audit
from portfolio.models import Company, ExchangeRate
from scoring import snapshots
from scoring.engine import FeatureRecord, Inputs, canonical_json, digest
from scoring.engine.errors import EngineError
from scoring.engine.estimator.drift import drift
from scoring.engine.estimator.features import FirmYears
from scoring.engine.estimator.recipe import HIGH, LOW
from scoring.engine.score.estimates import FEATURES, estimate
from scoring.errors import ModelRefused
from scoring.estimators import registry, training_sets
from scoring.estimators.registry import OVERDUE_SECONDS, State
from scoring.estimators.training_tables import TrainingTableError
from scoring.models import ScoreRun
from scoring.models.estimator import DriftReport, ModelVersion, NightlyLook, ShadowEstimate, TrainingSet
from scoring.snapshots import features_of_companies
from scoring.wake import tell

logger = logging.getLogger(__name__)

NEEDED = 30  # new verified disclosures before a candidate is worth a fit
CHUNK = 1000


# --- shadow --------------------------------------------------------------------------------------------------
def shadow() -> None:
    """Compare the challenger with the champion, and keep what both say of companies without emissions."""
    pair = list(
        ModelVersion.objects.select_related("training_set").filter(state__in=(State.CHALLENGER, State.CHAMPION))
    )
    challenger = next((model for model in pair if model.state == State.CHALLENGER), None)
    if challenger is None:
        return
    try:
        registry.compare_with_champion(challenger)
        taken = _without_emissions()
        for model in pair:
            _keep_shadow(model, taken)
    except (EngineError, ModelRefused, TrainingTableError) as refused:
        logger.error("model %s: no shadow: %s: %s", challenger, type(refused).__name__, refused)


def _without_emissions() -> list[snapshots.Snapshot]:
    everyone = Company.objects.filter(is_illustrative=False)
    taken = snapshots.take(everyone, timezone.localdate())
    return [one for one in taken if '"features":' in one.inputs]


def _keep_shadow(model: ModelVersion, taken: Sequence[snapshots.Snapshot]) -> None:
    loaded = registry.load(model)
    for start in range(0, len(taken), CHUNK):
        part = taken[start : start + CHUNK]
        batch = Inputs.from_records([json.loads(one.inputs) for one in part])
        rows = []
        for one, features, told in zip(
            part, batch.features, estimate(batch, loaded.estimator, loaded.digest), strict=True
        ):
            if told is None or features is None:
                continue
            p05, middle, p95 = (10.0**value for value in told["log10_t"])
            rows.append(
                ShadowEstimate(
                    model=model,
                    company_id=one.company_id,
                    features_sha256=digest(features),
                    rung=told["rung"],
                    p05_t=p05,
                    median_t=middle,
                    p95_t=p95,
                )
            )
        ShadowEstimate.objects.bulk_create(rows, ignore_conflicts=True)


@dataclass(frozen=True)
class Shadowed:
    """How far a challenger's estimates are from the champion's."""

    companies: int
    factor: float  # the middle one's, above 1
    far: int  # more than two


def shadow_of(challenger: ModelVersion, champion: ModelVersion) -> Shadowed | None:
    """On the companies and features that both were asked about."""
    rows = ShadowEstimate.objects.filter(model__in=(challenger, champion)).values_list(
        "model_id", "company_id", "features_sha256", "median_t"
    )
    by_model: dict[int, dict[tuple[int, str], float]] = {challenger.pk: {}, champion.pk: {}}
    for model_id, company_id, features, median_t in rows:
        by_model[model_id][company_id, features] = median_t
    first, second = by_model[challenger.pk], by_model[champion.pk]
    factors = [max(first[key] / second[key], second[key] / first[key]) for key in first.keys() & second.keys()]
    if not factors:
        return None
    return Shadowed(len(factors), median(factors), sum(factor > 2 for factor in factors))


# --- drift -----------------------------------------------------------------------------------------------------
def look_for_drift() -> DriftReport | None:
    """The companies of now against those the champion has learned from; kept where it says something new."""
    champion = ModelVersion.objects.select_related("training_set").filter(state=State.CHAMPION).first()
    if champion is None:
        return None
    training = training_sets.table_of(champion.training_set).batch
    now, truth = companies_of_now()
    if not len(now):
        return None
    found = registry.load(champion).estimator.predict(now)
    known = set(training.company_key)
    judged = ~np.isnan(truth) & np.array([key not in known for key in now.company_key])
    inside = (found.log10_t[LOW] <= truth) & (truth <= found.log10_t[HIGH])
    text = canonical_json(drift(training, now, inside, judged))
    last = champion.drift.first()
    if last and last.report_json == text:
        return last
    return DriftReport.objects.create(model=champion, report_json=text)


def companies_of_now() -> tuple[FirmYears, Any]:
    """One row a company with its latest features, and log10 of its latest reported scope 1 and 2 (NaN: none)."""
    today = timezone.localdate()
    columns = ("pk", "company_key", "sector", "sector_source")
    companies = list(Company.objects.filter(is_illustrative=False).order_by("company_key").values_list(*columns))
    rates = ExchangeRate.objects.means()
    told: dict[int, FeatureRecord] = {}
    for start in range(0, len(companies), CHUNK):
        words = {pk: text for pk, _key, _sector, text in companies[start : start + CHUNK]}
        told |= features_of_companies(words, today.year, rates)
    taken = {one.company_id: one for one in snapshots.take(Company.objects.filter(pk__in=list(told)), today)}
    truth = np.array([_latest_log10(json.loads(taken[pk].inputs)) for pk, *_words in companies])
    features = [told[pk] for pk, *_words in companies]
    numbers = {
        name: np.array([np.nan if f[ours] is None else float(f[ours]) for f in features])  # type: ignore[literal-required]
        for ours, name in FEATURES.items()
    }
    return (
        FirmYears(
            tuple(key for _pk, key, *_words in companies),
            np.array([f["year"] for f in features], dtype=np.int64),
            tuple(sector for _pk, _key, sector, _words in companies),
            tuple(f["text"] for f in features),
            numbers,
        ),
        truth,
    )


def _latest_log10(record: dict[str, Any]) -> float:
    totals = [
        year["scope1_t"] + year["scope2_t"]
        for year in record["years"]
        if year["scope1_t"] is not None and year["scope2_t"] is not None
    ]
    return float(np.log10(totals[-1])) if totals and totals[-1] > 0 else float("nan")


# --- nightly ---------------------------------------------------------------------------------------------------
def nightly() -> NightlyLook:
    """Count what was verified since the last training set; make a candidate where that is enough. Then look for drift.

    The same facts give the same training set and the same recipe, so a second look makes nothing new.
    """
    found = new_verified()
    made, said = None, ""
    if found >= NEEDED:
        made, said = _candidate()
    with transaction.atomic():
        look, _is_new = NightlyLook.objects.update_or_create(
            pk=1, defaults={"at": Now(), "found": found, "needed": NEEDED, "made": made, "said": said[:300]}
        )
        audit.append(None, "model.nightly", f"model:{made.pk}" if made else "model:none", detail=f"{found} of {NEEDED}")
    try:
        look_for_drift()
    except (EngineError, ModelRefused, TrainingTableError) as refused:
        logger.error("drift: %s: %s", type(refused).__name__, refused)
    look.refresh_from_db()
    return look


def new_verified() -> int:
    """Verified company-years with both scopes that no built training set holds yet."""
    rows = training_sets.verified_rows()
    last = TrainingSet.objects.filter(kind=TrainingSet.Kind.BUILT).order_by("-pk").first()
    if last is None:
        return len(rows)
    batch = training_sets.table_of(last).batch
    held = set(zip(batch.company_key, batch.year.tolist(), strict=True))
    return sum((row["company_key"], int(row["year"])) not in held for row in rows)


def _candidate() -> tuple[ModelVersion | None, str]:
    """Of the shipped table and the verified disclosures: the shipped one stays the ground that all sets share."""
    base = TrainingSet.objects.filter(kind=TrainingSet.Kind.SHIPPED).order_by("-pk").first()
    try:
        made_set, _is_new = training_sets.take_verified(base, None)
        model, _is_new = registry.make_candidate(made_set, by=None)
    except (TrainingTableError, ModelRefused) as refused:
        return None, f"{type(refused).__name__}: {refused}"
    return model, ""


def needs_drift() -> bool:
    """The champion has no report yet, and a run has ended, so that there are companies to look at."""
    ended = ScoreRun.objects.filter(state=ScoreRun.State.DONE).exists()
    return ended and ModelVersion.objects.filter(state=State.CHAMPION, drift=None).exists()


def needs_shadow() -> bool:
    """There is a challenger that was not compared with the champion of now."""
    champion = ModelVersion.objects.filter(state=State.CHAMPION).values("pk")
    compared = models.Q(comparisons__champion__in=champion)
    challengers = ModelVersion.objects.filter(state=State.CHALLENGER)
    return challengers.exists() and champion.exists() and not challengers.filter(compared).exists()


def sweep() -> None:
    """Wake whoever is to compare: a lost message costs a sweep, not the work."""
    if needs_shadow() and cache.add("model.shadow.woken", 1, OVERDUE_SECONDS):
        tell("shadow")
    if needs_drift() and cache.add("model.drift.woken", 1, OVERDUE_SECONDS):
        tell("drift")
