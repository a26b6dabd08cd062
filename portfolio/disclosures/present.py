"""Who else has a draft open: known from what their pages save, forgotten after a minute."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django.core.cache import cache

from portfolio.models import Disclosure

if TYPE_CHECKING:
    from django.contrib.auth.models import User

SECONDS = 60


def others_at(disclosure: Disclosure, user: User) -> list[str]:
    """The names of the others; `user` is there from now on. Two at the same moment may miss one another once."""
    key, now = f"present:disclosure:{disclosure.pk}", time.time()
    seen: dict[int, tuple[str, float]] = cache.get(key) or {}
    there = {pk: mark for pk, mark in seen.items() if now - mark[1] < SECONDS}
    name = user.get_full_name() or user.get_username()
    cache.set(key, there | {user.pk: (name, now)}, SECONDS)
    return sorted(mark[0] for pk, mark in there.items() if pk != user.pk)
