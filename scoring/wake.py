"""Tell a worker that there is something to do, by the task's name, so that nothing here imports `scoring.tasks`."""

import logging
import threading
import time
from contextvars import copy_context

from celery import current_app

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 1.5  # the transport's timeout bounds each attempt, and a new connection makes two
SILENT_SECONDS = 2.0  # after a message that did not go; a frozen broker costs its time once, not for each message
_failed_at = -SILENT_SECONDS


def tell(task: str, *ids: int) -> None:
    """Send a message for `scoring.tasks.TASK`. A broker that is down costs waiting, never work: the sweep repairs."""
    global _failed_at
    if time.monotonic() - _failed_at < SILENT_SECONDS:
        return
    wrong: list[Exception] = []

    def send() -> None:
        try:
            current_app.send_task(f"scoring.tasks.{task}", ids)
        except Exception as unreachable:  # whatever the transport raises: the rows are the queue
            wrong.append(unreachable)

    context = copy_context()  # the message names the request that caused it
    sending = threading.Thread(target=context.run, args=(send,), name="wake", daemon=True)
    sending.start()
    sending.join(PATIENCE_SECONDS)
    if wrong or sending.is_alive():
        _failed_at = time.monotonic()
        reason = wrong[0] if wrong else "no answer in time"
        logger.warning("%s %s: no wake-up sent (%s); the sweep will", task, ids or "", reason)
