"""What must hold before anything starts."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import Error, register

SHORTEST_LEASE = 4  # seconds


@register()
def run_times_are_in_order(app_configs: Sequence[Any] | None, **_: Any) -> list[Error]:
    """A worker hands over before it is asked to end, and is asked before it is ended."""
    order = ["RUN_SHARD_SECONDS", "RUN_SOFT_SECONDS", "RUN_HARD_SECONDS"]
    times = [getattr(settings, name) for name in order]
    if all(shorter < longer for shorter, longer in zip(times, times[1:], strict=False)):
        return []
    return [Error(f"{' < '.join(order)} must hold; they are {times}.", id="scoring.E001")]


@register()
def a_lease_outlasts_its_renewals(app_configs: Sequence[Any] | None, **_: Any) -> list[Error]:
    """A worker renews four times in a lease; on a busy machine a shorter one would run out while it works."""
    if settings.RUN_LEASE_SECONDS >= SHORTEST_LEASE:
        return []
    words = f"RUN_LEASE_SECONDS is {settings.RUN_LEASE_SECONDS}; at least {SHORTEST_LEASE}, please."
    return [Error(words, id="scoring.E002")]
