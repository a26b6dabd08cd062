"""What must hold before anything starts."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import Error, register


@register()
def run_times_are_in_order(app_configs: Sequence[Any] | None, **_: Any) -> list[Error]:
    """A lease that ends before the hard limit lets two workers hold one company by design."""
    order = ["RUN_SHARD_SECONDS", "RUN_SOFT_SECONDS", "RUN_HARD_SECONDS", "RUN_LEASE_SECONDS"]
    times = [getattr(settings, name) for name in order]
    if all(shorter < longer for shorter, longer in zip(times, times[1:], strict=False)):
        return []
    return [Error(f"{' < '.join(order)} must hold; they are {times}.", id="scoring.E001")]
