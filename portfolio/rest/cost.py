"""What a person's writes cost, in seconds of the processor: who has spent them waits until they have come back.

Counting requests would bound the wrong thing: one of a thousand lines costs what a hundred of ten lines cost. A level
per person rises by what each write took and sinks with time; it lies in the cache that all web processes share. Two
processes that write it at once may lose a charge of each other, which a bound of this kind can bear.
"""

from __future__ import annotations

import math
import threading
import time

from django.conf import settings
from django.core.cache import cache

FREE_SECONDS = 0.1  # what costs less is not worth a row: every form that people send

_one_at_a_time = threading.Lock()


def wait_seconds(user: int) -> int:
    """Seconds until this person may write again; 0: at once."""
    above = _level(user) - settings.WRITE_SECONDS
    return math.ceil(above / settings.WRITE_SECONDS_REGAINED) if above > 0 else 0


def charge(user: int, seconds: float) -> None:
    if seconds < FREE_SECONDS:
        return
    with _one_at_a_time:
        level = _level(user) + seconds
        # The cache counts whole seconds, and forgets before the last one is over.
        cache.set(_key(user), (level, time.time()), math.ceil(level / settings.WRITE_SECONDS_REGAINED) + 1)


def _level(user: int) -> float:
    level: float
    at: float
    level, at = cache.get(_key(user), (0.0, 0.0))
    return max(0.0, level - (time.time() - at) * settings.WRITE_SECONDS_REGAINED)


def _key(user: int) -> str:
    return f"write_cost_{user}"
