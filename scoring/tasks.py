"""What Celery calls. A message is only a wake-up: it may be lost, late or doubled without harm."""

from celery import shared_task

from scoring import runs


@shared_task
def drain(run_id: int) -> None:
    runs.drain(run_id)


@shared_task
def sweep() -> None:
    runs.sweep()
