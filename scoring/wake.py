"""Tell a worker that there is something to do, by the task's name, so that nothing here imports `scoring.tasks`."""

import logging
import time

from celery import current_app

logger = logging.getLogger(__name__)

SILENT_SECONDS = 2.0  # after a message that did not go; a frozen broker costs its timeout once, not for each message
_failed_at = -SILENT_SECONDS


def tell(task: str, *ids: int) -> None:
    """Send a message for `scoring.tasks.TASK`. A broker that is down costs waiting, never work: the sweep repairs."""
    global _failed_at
    if time.monotonic() - _failed_at < SILENT_SECONDS:
        return
    try:
        current_app.send_task(f"scoring.tasks.{task}", ids)
    except Exception as unreachable:  # whatever the transport raises: the rows are the queue
        _failed_at = time.monotonic()
        logger.warning("%s %s: no wake-up sent (%s); the sweep will", task, ids or "", unreachable)
