"""What every list page shares: chips, heads, pages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ActiveFilter:
    label: str
    value: str
    href: str  # the same question without it


@dataclass(frozen=True)
class Link:
    text: str
    href: str
    current: bool = False
