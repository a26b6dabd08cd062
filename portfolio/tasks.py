"""What Celery calls here."""

from celery import shared_task

from portfolio.models import RepeatableRequest


@shared_task
def prune() -> None:
    RepeatableRequest.prune()
