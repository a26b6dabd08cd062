"""Whether what is misstated matters: against 5 % of the reported tonnes up to 500 kt, 2 % above.

Method, section 5: ISO 14064-3 practice with the thresholds of China's verification guides. The largest single effect,
the net and the sum of the absolute ones are compared, since errors that cancel are errors all the same.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

LARGE_T = 500_000.0  # up to here, inclusive, the higher threshold
SHARE, SHARE_OF_LARGE = 0.05, 0.02


@dataclass(frozen=True, slots=True)
class Materiality:
    """All in tCO2e. `effects_t` are signed: above 0 the company says too much."""

    reported_t: float
    effects_t: tuple[float, ...]

    @property
    def threshold_share(self) -> float:
        return SHARE if self.reported_t <= LARGE_T else SHARE_OF_LARGE

    @property
    def threshold_t(self) -> float:
        return self.threshold_share * self.reported_t

    @property
    def net_t(self) -> float:
        return math.fsum(self.effects_t)

    @property
    def absolute_t(self) -> float:
        return math.fsum(map(abs, self.effects_t))

    @property
    def largest_t(self) -> float:
        """Of a single effect, without its sign."""
        return max(map(abs, self.effects_t), default=0.0)

    @property
    def is_net(self) -> bool:
        return abs(self.net_t) > self.threshold_t

    @property
    def is_absolute(self) -> bool:
        return self.absolute_t > self.threshold_t

    @property
    def is_single(self) -> bool:
        return self.largest_t > self.threshold_t

    @property
    def is_material(self) -> bool:
        """The sum is never below the net nor the largest."""
        return self.is_absolute


def materiality(reported_t: float | None, effects_t: Sequence[float]) -> Materiality | None:
    """None where no tonnes are reported: then there is nothing to measure against."""
    if reported_t is None or reported_t <= 0:
        return None
    return Materiality(reported_t, tuple(effects_t))
