"""One city's total from several sources side by side: how far apart, and why they can differ. Never a mean of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from scoring.engine.errors import SourceRefused

AGREE_WITHIN = 0.01  # of the smaller one

# In the order in which people should look: a boundary explains more than a revision.
REASONS = ("boundary", "territory_or_supply", "process_emissions", "gases", "scope", "method", "year", "revision")
Verdict = Literal["differs", "unstated"]


@dataclass(frozen=True)
class Source:
    """A published total in tonnes a year, and what its publisher says of it; empty is not stated, never "the same"."""

    name: str
    tonnes: float
    boundary: str = ""  # municipality, urban area, grid cells, …
    accounting: Literal["", "territory", "supply"] = ""  # what is emitted there, or what is used there
    process_emissions: Literal["", "with", "without"] = ""
    gases: tuple[str, ...] = ()
    scope: str = ""
    method: str = ""
    year: int | None = None
    revision: str = ""  # year or version of the publication

    def said(self, reason: str) -> object:
        """What the source says of one of REASONS; None where it says nothing."""
        words: dict[str, object] = {
            "boundary": self.boundary,
            "territory_or_supply": self.accounting,
            "process_emissions": self.process_emissions,
            "gases": frozenset(self.gases),
            "scope": self.scope,
            "method": self.method,
            "year": self.year,
            "revision": self.revision,
        }
        return words[reason] or None


@dataclass(frozen=True)
class Compared:
    """A source beside the selected one: its ratio, whether the two agree, and each reason that may apply.

    `differs` where both say something else, `unstated` where one of them says nothing; what both say alike is none.
    """

    source: Source
    ratio: float
    agrees: bool
    reasons: tuple[tuple[str, Verdict], ...]


@dataclass(frozen=True)
class Reconciliation:
    selected: Source
    compared: tuple[Compared, ...]  # in the order given, the selected one too
    spread: float  # largest / smallest, 1 for one source
    agreeing: tuple[tuple[str, str], ...]  # pairs within 1 %

    @property
    def is_alone(self) -> bool:
        """One source: nothing can be reconciled."""
        return len(self.compared) == 1

    @property
    def reasons(self) -> tuple[tuple[str, Verdict], ...]:
        """Of all sources that do not agree with the selected one: `differs` wherever one does."""
        found: dict[str, Verdict] = {}
        for each in self.compared:
            for reason, verdict in () if each.agrees else each.reasons:
                if found.get(reason) != "differs":
                    found[reason] = verdict
        return tuple((reason, found[reason]) for reason in REASONS if reason in found)


def reconcile(sources: Sequence[Source], selected: str) -> Reconciliation:
    """Put sources beside the selected one. A source without a total is not among them: it has no row, and no zero.

    Raises SourceRefused without sources, for a name twice or unknown, and for a total that is not above zero.
    """
    names = [source.name for source in sources]
    if not names:
        raise SourceRefused("no_source")
    for source in sources:
        if names.count(source.name) > 1:
            raise SourceRefused("twice", value=source.name, source=source.name)
        if not (math.isfinite(source.tonnes) and source.tonnes > 0.0):
            raise SourceRefused("not_above_zero", value=source.tonnes, source=source.name)
    chosen = next((source for source in sources if source.name == selected), None)
    if chosen is None:
        raise SourceRefused("not_among_them", value=selected, source=selected)
    tonnes = [source.tonnes for source in sources]
    return Reconciliation(
        selected=chosen,
        compared=tuple(
            Compared(one, one.tonnes / chosen.tonnes, _agree(one, chosen), _reasons(one, chosen)) for one in sources
        ),
        spread=max(tonnes) / min(tonnes),
        agreeing=tuple((one.name, other.name) for one, other in combinations(sources, 2) if _agree(one, other)),
    )


def _agree(one: Source, other: Source) -> bool:
    return abs(one.tonnes - other.tonnes) <= AGREE_WITHIN * min(one.tonnes, other.tonnes)


def _reasons(one: Source, selected: Source) -> tuple[tuple[str, Verdict], ...]:
    found: list[tuple[str, Verdict]] = []
    if one is selected:
        return ()
    for reason in REASONS:
        this, that = one.said(reason), selected.said(reason)
        if this is None or that is None:
            found.append((reason, "unstated"))
        elif this != that:
            found.append((reason, "differs"))
    return tuple(found)
