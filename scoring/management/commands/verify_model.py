import re
from argparse import ArgumentParser
from json import JSONDecodeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from scoring.engine.errors import EngineError
from scoring.engine.estimator.recipe import check, compare
from scoring.errors import ModelRefused
from scoring.estimators import registry, training_sets
from scoring.estimators.registry import Fitted
from scoring.estimators.training_tables import TrainingTableError
from scoring.models.estimator import ModelVersion

UNFITTED = (ModelVersion.State.QUEUED, ModelVersion.State.FAILED)


class Command(BaseCommand):
    help = (
        "Fit a model again from its recipe and compare what comes out with what is stored: the fingerprint, what was"
        " learned and the card. Says identical, equal within 1e-9, or the first figure that differs (exit status 1)."
        " Without VERSION the champion."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("version", nargs="?", metavar="VERSION", help="such as m3")
        parser.add_argument("--all", action="store_true", help="every fitted model")
        parser.add_argument(
            "--quick", action="store_true", help="the fingerprint alone, as a worker checks it: seconds"
        )

    def handle(self, *, version: str | None, all: bool, quick: bool, **_: object) -> None:
        models = self._models(version, every=all)
        differing = [model for model in models if not self._verify(model, quick=quick)]
        if differing:
            raise CommandError(f"{len(differing)} of {len(models)} differ: {', '.join(map(str, differing))}")

    def _models(self, version: str | None, *, every: bool) -> list[ModelVersion]:
        fitted = ModelVersion.objects.exclude(state__in=UNFITTED).select_related("training_set").order_by("pk")
        if every:
            found = list(fitted)
        elif version is None:
            found = list(fitted.filter(state=ModelVersion.State.CHAMPION))
        else:
            number = re.fullmatch(r"m?(\d{1,9})", version)
            found = list(fitted.filter(pk=int(number[1]))) if number else []
        if not found:
            raise CommandError(f"There is no fitted model {version or ''}".strip() + ".", returncode=2)
        return found

    def _verify(self, model: ModelVersion, *, quick: bool) -> bool:
        try:
            table = training_sets.table_of(model.training_set)
            if quick:
                again = registry.refitted(model, table.batch)
                self.stdout.write(f"{model}: {check(again, table.batch, model.probed, model.fingerprint)}")
                return True
            found, stored = registry.fit_recipe(model.recipe, table), _figures(model)
        except (EngineError, ModelRefused, TrainingTableError, JSONDecodeError) as refused:
            self.stdout.write(f"{model}: refused: {type(refused).__name__}: {refused}")
            return False
        verdict, difference = compare(stored, _found(found))
        same_stamp = model.fingerprint == found.fingerprint
        if verdict == "identical" and not same_stamp:
            difference = f"/fingerprint: stored {model.fingerprint!r}, found {found.fingerprint!r}"
        if difference:
            self.stdout.write(f"{model}: differs at {difference}")
            return False
        self.stdout.write(f"{model}: {verdict} ({found.seconds:.0f} s)")
        return True


def _figures(model: ModelVersion) -> dict[str, Any]:
    return {"digest": model.digest, "learned": model.learned, "probed": model.probed, "card": model.card}


def _found(fitted: Fitted) -> dict[str, Any]:
    return {"digest": fitted.digest, "learned": fitted.learned, "probed": fitted.probed, "card": fitted.card}
