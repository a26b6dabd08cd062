"""Training tables and models: taken, fitted, compared, put in force and taken back. States move by conditional UPDATE.

queued → candidate → challenger (in shadow) → champion (by a second administrator) → retired. Fitting takes a minute
and happens in a worker; using a model is a refit of seconds, once a process, that must meet the stored fingerprint.
"""

from __future__ import annotations

import json
import logging
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from portfolio import audit
from portfolio.models import Sector
from portfolio.models.people import same_hands
from scoring import DATA
from scoring.engine import Inputs, canonical_json, digest
from scoring.engine.errors import EngineError
from scoring.engine.estimator.estimator import CODE, Estimator, Recipe
from scoring.engine.estimator.features import ACTIVITY, FirmYears
from scoring.engine.estimator.recipe import (
    Known,
    TamperedModel,
    card,
    check,
    fingerprint,
    learned,
    paired,
    probed,
    refit,
)
from scoring.engine.score.bars.assisted import EstimateRecord
from scoring.errors import ModelRefused
from scoring.estimators.shipped_table import SHIPPED
from scoring.estimators.training_tables import (
    SCHEMA,
    TrainingTable,
    TrainingTableError,
    parse_training_table,
)
from scoring.models.estimator import ModelChange, ModelComparison, ModelVersion, TrainingSet
from scoring.wake import tell

if TYPE_CHECKING:
    from django.contrib.auth.models import User
from scoring.estimators.training_sets import SHIPPED_LICENCE, SHIPPED_ORIGIN, table_of

logger = logging.getLogger(__name__)

SHIPPED_MODEL = DATA / "models" / "open-1.json"
OVERDUE_SECONDS = 600  # longer than a fit takes
KEPT = 3  # fitted models a process keeps
COMPARED_SEED = 7

State = ModelVersion.State


# --- training sets -----------------------------------------------------------------------------------------


# --- candidates --------------------------------------------------------------------------------------------
def make_candidate(training_set: TrainingSet, *, by: User | None, seed: int = 0) -> tuple[ModelVersion, bool]:
    """Queue the fit of a recipe: all activity columns that the table has. (row, is new). Raises ModelRefused."""
    table = table_of(training_set)
    strange = sorted({name for name in table.batch.sector if name} - set(Sector.values))
    if strange:
        raise ModelRefused(
            _("A model for scores needs our own sectors; this table says “%(sector)s”.") % {"sector": strange[0]}
        )
    activity = ",".join(name for name in ACTIVITY if name in table.batch.numbers and _any(table, name))
    with transaction.atomic():
        made, is_new = ModelVersion.objects.get_or_create(
            training_set=training_set, activity=activity, seed=seed, code=CODE, defaults={"made_by": by}
        )
        if is_new:
            audit.append(by, "model.queued", f"model:{made.pk}", digest=training_set.digest)
            transaction.on_commit(partial(tell, "fit_model", made.pk), robust=True)
    return made, is_new


def _any(table: TrainingTable, name: str) -> bool:
    return bool(table.batch.known([name]).any())


@dataclass(frozen=True)
class Fitted:
    """All that a fit writes down."""

    digest: str
    fingerprint: str
    learned: Any
    probed: Any
    card: Any
    seconds: float  # CPU


def fit_recipe(recipe: Recipe, table: TrainingTable) -> Fitted:
    """The whole work: choice, fit, intervals, honest evaluation. A minute or two."""
    began = time.process_time()
    estimator = Estimator(recipe).fit(table.batch)
    known = learned(estimator)
    # What is probed is the quick refit: the same figures as any worker will get.
    again = refit(recipe, table.batch, known)
    rows = probed(again, table.batch)
    measured = card(recipe, table.batch, estimator)
    return Fitted(estimator.digest, fingerprint(rows), known, rows, measured, time.process_time() - began)


def fit(pk: int) -> None:
    """Work on a queued model; what another worker has done meanwhile is left alone."""
    model = ModelVersion.objects.select_related("training_set").filter(pk=pk, state=State.QUEUED).first()
    if model is None:
        return
    try:
        found = fit_recipe(model.recipe, table_of(model.training_set))
        written = {
            "digest": found.digest,
            "fingerprint": found.fingerprint,
            "learned_json": canonical_json(found.learned),
            "probed_json": canonical_json(found.probed),
            "card_json": canonical_json(found.card),
            "fit_seconds": round(found.seconds, 2),
            "state": State.CANDIDATE,
        }
    except (EngineError, TrainingTableError, ModelRefused, ValueError) as error:
        written = {"state": State.FAILED, "error": f"{type(error).__name__}: {error}"}
    with transaction.atomic():
        if ModelVersion.objects.filter(pk=pk, state=State.QUEUED).update(**written) == 1:
            audit.append(None, f"model.{written['state']}", f"model:{pk}", digest=str(written.get("fingerprint", "")))


def sweep() -> None:
    """Wake whoever is to fit a model that waits: a lost message costs a sweep, not the work."""
    overdue = Now() - timedelta(seconds=OVERDUE_SECONDS)
    for pk in ModelVersion.objects.filter(state=State.QUEUED, made_at__lt=overdue).values_list("pk", flat=True):
        if cache.add(f"model.woken.{pk}", 1, OVERDUE_SECONDS):
            tell("fit_model", pk)


# --- use ---------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Loaded:
    """A model that a process has fitted again and checked."""

    estimator: Estimator
    digest: str
    seconds: float


_loaded: OrderedDict[tuple[str, str], Loaded] = OrderedDict()


def load(model: ModelVersion) -> Loaded:
    """Fit again, once a process. Raises TamperedModel or ModelRefused where the refit is not the stored model."""
    name = (model.digest, model.fingerprint)
    if name not in _loaded:
        began = time.perf_counter()
        if model.state in (State.QUEUED, State.FAILED):
            raise ModelRefused(_("This model is not fitted."))
        batch = table_of(model.training_set).batch
        _loaded[name] = Loaded(refitted(model, batch), model.digest, time.perf_counter() - began)
        while len(_loaded) > KEPT:
            _loaded.popitem(last=False)
        logger.info("model %s: fitted again in %.1f s", model, _loaded[name].seconds)
    _loaded.move_to_end(name)
    return _loaded[name]


def refitted(model: ModelVersion, batch: FirmYears) -> Estimator:
    """Fitted again from what is stored, and checked. Raises TamperedModel, UnknownCode."""
    try:
        estimator = refit(model.recipe, batch, model.learned)
        check(estimator, batch, model.probed, model.fingerprint)
    except EngineError:
        raise
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as broken:
        found = f"{type(broken).__name__}: {broken}"
        raise TamperedModel("what is stored is not what a fit gives", value=found) from broken
    return estimator


def _refuse_tampered(model: ModelVersion) -> None:
    """Before a model is put to use: fitted again here and now, whatever this process remembers of it."""
    try:
        refitted(model, table_of(model.training_set).batch)
    except EngineError as other:
        raise ModelRefused(
            _("Fitted again, %(model)s does not give its stored figures. It is not put to use.") % {"model": model}
        ) from other


def estimates(batch: Inputs, model: ModelVersion | None) -> list[EstimateRecord | None] | None:
    """What the model says of those companies of a batch that need it. A batch without any never loads it.

    Raises TamperedModel where the refit is not the stored model: no score rests on an unknown one.
    """
    if model is None or not any(batch.features):
        return None
    from scoring.engine.score.estimates import estimate

    loaded = load(model)
    return estimate(batch, loaded.estimator, loaded.digest)


# --- who is in force -----------------------------------------------------------------------------------------
def challenge(model: ModelVersion, *, by: User) -> None:
    """Let a candidate, or a retired one, run in shadow beside the champion."""
    if model.state in (State.CANDIDATE, State.RETIRED):
        _refuse_tampered(model)
    with transaction.atomic():
        free = not ModelVersion.objects.filter(state=State.CHALLENGER).exists()
        rows = ModelVersion.objects.filter(pk=model.pk, state__in=(State.CANDIDATE, State.RETIRED))
        if not free or rows.update(state=State.CHALLENGER) != 1:
            raise ModelRefused(_("Only a candidate can become challenger, and only where there is no other."))
        audit.append(by, "model.challenger", f"model:{model.pk}", digest=model.fingerprint)
        transaction.on_commit(partial(tell, "shadow"), robust=True)


def withdraw(model: ModelVersion, *, by: User) -> None:
    """Take a challenger back to the candidates."""
    with transaction.atomic():
        if ModelChange.objects.filter(model=model, outcome=ModelChange.Outcome.OPEN).exists():
            raise ModelRefused(_("Its promotion waits for an answer."))
        rows = ModelVersion.objects.filter(pk=model.pk, state=State.CHALLENGER)
        if rows.update(state=State.CANDIDATE) != 1:
            raise ModelRefused(_("This model is not the challenger."))
        audit.append(by, "model.withdrawn", f"model:{model.pk}", digest=model.fingerprint)


def compare_with_champion(challenger: ModelVersion) -> ModelComparison | None:
    """The stored comparison with the champion, made where there is none yet; None without a champion."""
    champion = ModelVersion.objects.select_related("training_set").filter(state=State.CHAMPION).first()
    if champion is None:
        return None
    found = ModelComparison.objects.filter(challenger=challenger, champion=champion).first()
    if found:
        return found
    both = [Known(m.recipe, table_of(m.training_set).batch, m.learned) for m in (champion, challenger)]
    for model, known in zip((champion, challenger), both, strict=True):
        refitted(model, known.batch)  # figures of a tampered model are no ground for a decision
    statistics = canonical_json(paired(both[0], both[1], COMPARED_SEED))
    made, _is_new = ModelComparison.objects.get_or_create(
        challenger=challenger,
        champion=champion,
        defaults={"statistics_json": statistics, "statistics_sha256": digest(statistics)},
    )
    return made


def comparison_of(model: ModelVersion) -> ModelComparison | None:
    """With the champion of now."""
    found = ModelComparison.objects.filter(challenger=model, champion__state=State.CHAMPION)
    return found.select_related("champion").first()


def propose(model: ModelVersion, *, by: User, reason: str, statistics_sha256: str) -> ModelChange:
    """Propose the challenger as champion on the comparison that the person has seen."""
    comparison = comparison_of(model)
    if model.state != State.CHALLENGER or comparison is None:
        raise ModelRefused(_("Only a challenger that was compared with the champion can be proposed."))
    if comparison.statistics_sha256 != statistics_sha256:
        raise ModelRefused(_("The comparison has changed since you saw it. Look again, please."))
    if not reason.strip():
        raise ModelRefused(_("A proposal needs a reason."))
    try:
        with transaction.atomic():
            made = ModelChange.objects.create(
                kind=ModelChange.Kind.PROMOTION,
                model=model,
                replaces=comparison.champion,
                statistics_json=comparison.statistics_json,
                statistics_sha256=comparison.statistics_sha256,
                reason=reason.strip(),
                proposed_by=by,
            )
            audit.append(by, "model.proposed", f"model:{model.pk}", digest=made.statistics_sha256)
    except IntegrityError as other:
        raise ModelRefused(_("Another promotion waits for an answer already.")) from other
    return made


def decide(change: ModelChange, *, by: User, confirmed: bool, statistics_sha256: str) -> None:
    """The second administrator's answer, on the same statistics."""
    if change.proposed_by_id == by.pk:
        raise ModelRefused(_("Whoever proposes a model does not confirm it."))
    if said := same_hands(by, change.proposed_by_id):
        raise ModelRefused(said)
    if change.statistics_sha256 != statistics_sha256 or digest(change.statistics_json) != statistics_sha256:
        raise ModelRefused(_("The comparison has changed since you saw it. Look again, please."))
    if confirmed:
        _refuse_tampered(change.model)
    outcome = ModelChange.Outcome.CONFIRMED if confirmed else ModelChange.Outcome.REJECTED
    with transaction.atomic():
        rows = ModelChange.objects.filter(pk=change.pk, outcome=ModelChange.Outcome.OPEN)
        if rows.update(outcome=outcome, decided_by=by, decided_at=Now()) != 1:
            raise ModelRefused(_("This proposal is answered already."))
        if confirmed:
            _put_in_force(change, State.CHALLENGER)
        audit.append(by, f"model.{outcome}", f"model:{change.model_id}", digest=statistics_sha256)


def _put_in_force(change: ModelChange, came_from: str) -> None:
    """Inside a transaction, after the change is confirmed: the database asks for it."""
    replaced = ModelVersion.objects.filter(pk=change.replaces_id or 0, state=State.CHAMPION)
    left = replaced.update(state=State.RETIRED)
    came = ModelVersion.objects.filter(pk=change.model_id, state=came_from).update(state=State.CHAMPION)
    if left != 1 or came != 1:
        raise ModelRefused(_("Another model is in force by now. Look again, please."))


def before_champion() -> ModelVersion | None:
    """The model that a rollback would bring back."""
    last = (
        ModelChange.objects.filter(outcome=ModelChange.Outcome.CONFIRMED, model__state=State.CHAMPION)
        .select_related("replaces")
        .first()
    )
    return last.replaces if last else None


def roll_back(*, by: User, reason: str) -> ModelVersion:
    """Bring the model before the champion back, at once and by one administrator: waiting would keep harm in force."""
    champion, before = ModelVersion.champion(), before_champion()
    if champion is None or before is None:
        raise ModelRefused(_("There is no earlier model to go back to."))
    if not reason.strip():
        raise ModelRefused(_("A rollback needs a reason."))
    _refuse_tampered(before)
    with transaction.atomic():
        statistics = canonical_json({})
        change = ModelChange.objects.create(
            kind=ModelChange.Kind.ROLLBACK,
            model=before,
            replaces=champion,
            statistics_json=statistics,
            statistics_sha256=digest(statistics),
            reason=reason.strip(),
            outcome=ModelChange.Outcome.CONFIRMED,
            proposed_by=by,
            decided_by=by,
            decided_at=Now(),
        )
        _put_in_force(change, State.RETIRED)
        audit.append(by, "model.rolled_back", f"model:{before.pk}", detail=f"from model:{champion.pk}")
    return before


# --- what ships ----------------------------------------------------------------------------------------------
def install_shipped(**_signal: Any) -> None:
    """After each migrate: the shipped table and model exist as rows; the model is champion where there is none."""
    if not SHIPPED_MODEL.exists():
        return
    shipped = json.loads(SHIPPED_MODEL.read_text(encoding="utf-8"))
    known = TrainingSet.objects.filter(digest=shipped["training_set"]["digest"]).first()
    if known is None:
        text = SHIPPED.read_text(encoding="utf-8")
        if digest(text) != shipped["training_set"]["content_sha256"]:
            raise ValueError(f"{SHIPPED.name} is not the table that {SHIPPED_MODEL.name} was made from.")
        facts = {"name": SHIPPED.name, "kind": TrainingSet.Kind.SHIPPED, "schema": SCHEMA, "content": text}
        known = TrainingSet.objects.create(
            **facts, **shipped["training_set"], licence=SHIPPED_LICENCE, origin=SHIPPED_ORIGIN
        )
    model, is_new = ModelVersion.objects.get_or_create(
        training_set=known,
        activity=shipped["activity"],
        seed=shipped["seed"],
        code=shipped["code"],
        defaults={
            "digest": shipped["digest"],
            "fingerprint": shipped["fingerprint"],
            "learned_json": canonical_json(shipped["learned"]),
            "probed_json": canonical_json(shipped["probed"]),
            "card_json": canonical_json(shipped["card"]),
            "fit_seconds": shipped["fit_seconds"],
            "state": State.CANDIDATE,
        },
    )
    if is_new and ModelVersion.champion() is None:
        ModelChange.objects.create(
            kind=ModelChange.Kind.SHIPPED,
            model=model,
            statistics_json=canonical_json(shipped["card"]),
            statistics_sha256=digest(shipped["card"]),
            reason="shipped with the product",
            outcome=ModelChange.Outcome.CONFIRMED,
            decided_at=Now(),
        )
        ModelVersion.objects.filter(pk=model.pk).update(state=State.CHAMPION)


def shipped_content() -> dict[str, Any]:
    """What SHIPPED_MODEL should hold, by a full fit of the shipped table."""
    text = SHIPPED.read_text(encoding="utf-8")
    table = parse_training_table(text.encode(), SHIPPED.name)
    activity = tuple(name for name in ACTIVITY if name in table.batch.numbers and _any(table, name))
    found = fit_recipe(Recipe(activity=activity), table)
    return {
        "training_set": {
            "digest": table.digest,
            "content_sha256": digest(text),
            "rows": len(table.batch),
            "companies": len(set(table.batch.company_key)),
            "left_out": len(table.faults),
        },
        "activity": ",".join(activity),
        "seed": 0,
        "code": CODE,
        "digest": found.digest,
        "fingerprint": found.fingerprint,
        "fit_seconds": round(found.seconds, 2),
        "learned": found.learned,
        "card": found.card,
        "probed": found.probed,
    }
