"""What Celery calls. A message is only a wake-up: it may be lost, late or doubled without harm."""

from celery import shared_task

from scoring import restatements, runs


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
