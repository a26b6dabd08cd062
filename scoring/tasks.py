"""What Celery calls. A message is only a wake-up: it may be lost, late or doubled without harm."""

from celery import shared_task

from scoring.estimators import registry, watch
from scoring.ledgers import restatements
from scoring.runs import queue as runs
from scoring.sheets import work as sheets


@shared_task
def drain(run_id: int) -> None:
    runs.drain(run_id)


@shared_task
def recheck_ledgers() -> None:
    restatements.work()


@shared_task
def sweep() -> None:
    runs.sweep()
    restatements.sweep()
    registry.sweep()
    watch.sweep()
    sheets.sweep()


@shared_task(soft_time_limit=sheets.SECONDS, time_limit=sheets.SECONDS + 30)
def read_sheet(pk: int) -> None:
    sheets.read(pk)


@shared_task(soft_time_limit=1500, time_limit=1800)  # minutes, where a score takes seconds
def fit_model(pk: int) -> None:
    registry.fit(pk)


@shared_task(soft_time_limit=600, time_limit=900)
def shadow() -> None:
    watch.shadow()


@shared_task(soft_time_limit=600, time_limit=900)
def drift() -> None:
    watch.look_for_drift()


@shared_task(soft_time_limit=600, time_limit=900)
def nightly() -> None:
    watch.nightly()
