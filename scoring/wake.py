"""Tell a worker that there is something to do, by the task's name, so that nothing here imports `scoring.tasks`."""

import logging

from celery import current_app

logger = logging.getLogger(__name__)


def tell(task: str, *ids: int) -> None:
    """Send a message for `scoring.tasks.TASK`. A broker that is down costs waiting, never work: the sweep repairs."""
    try:
        current_app.send_task(f"scoring.tasks.{task}", ids)
    except Exception as unreachable:  # whatever the transport raises: the rows are the queue
        logger.warning("%s %s: no wake-up sent (%s); the sweep will", task, ids or "", unreachable)
