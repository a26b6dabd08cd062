"""Tonnes of sites added up over scenes and cities, each site once. METHOD section 3."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from scoring.engine.errors import OutOfRange, SiteCountedTwice

ROUNDING = 1e-9  # what shares that come to the whole may be off


@dataclass(frozen=True)
class Part:
    """A site's tonnes a year, as it comes into a sum: `path` is city, scene, … from the outside to the inside."""

    site: str
    path: tuple[str, ...]
    tonnes: float
    share: float = 1.0  # of a site that two operators share by a stated key: the shares of its parts add up to 1


def sum_once(parts: Iterable[Part]) -> float:
    """The sum of all parts, tonnes × share. Raises SiteCountedTwice where a site would count for more than itself,
    and OutOfRange for a share that is none.

    A site that is less than whole is no error: the rest of it lies in another sum.
    """
    counted: dict[str, list[Part]] = {}
    for part in parts:
        if not 0.0 < part.share <= 1.0:
            raise OutOfRange("a share of a site is above 0 and at most 1", value=part.share)
        counted.setdefault(part.site, []).append(part)
    for site, several in counted.items():
        shares = math.fsum(part.share for part in several)
        if shares > 1.0 + ROUNDING:
            raise SiteCountedTwice(site, tuple(part.path for part in several), shares)
    return math.fsum(part.tonnes * part.share for several in counted.values() for part in several)
