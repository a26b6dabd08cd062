"""What of a disclosure is signed, as one JSON text; its digest, and those of its two parts: figures and ledger."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from portfolio.models.signed import digest_of

if TYPE_CHECKING:
    from portfolio.models.disclosure import Disclosure

FigureRow = tuple[str, float, str, str, str, str, str]  # quantity, value, typed, basis, boundary, source, note
FIGURES = 8  # where they stand in the content, behind the facts of the year


def content_of(
    disclosure: Disclosure,
    company_key: str,
    figures: Iterable[FigureRow],
    activities: Iterable[list[Any]] = (),
    by_hand: Iterable[list[Any]] = (),
    standings: Iterable[list[Any]] = (),
    solutions: Iterable[list[Any]] = (),
) -> list[Any]:
    """Everything a verifier signs, for rows that may not be stored yet."""
    content: list[Any] = [
        company_key,
        disclosure.year,
        disclosure.version,
        disclosure.boundary,
        disclosure.revenue_boundary,
        disclosure.source,
        disclosure.licence,
        disclosure.source_document,
        sorted(figures),
    ]
    if lines := list(activities):  # without any, the digest is what it was before there were lines
        content.append(lines)
    if changed := sorted(by_hand):  # likewise
        content.append({"by_hand": changed})
    if stated := sorted(standings):  # likewise
        content.append({"standings": stated})
    if sold := list(solutions):  # likewise
        content.append({"solutions": sold})
    return content


class Parts(NamedTuple):
    """The content in two: `figures` with the facts of the year and what was sold or run; `ledger`, the lines."""

    figures: list[Any]
    ledger: list[Any]

    @property
    def figures_digest(self) -> str:
        return digest_of(self.figures)

    @property
    def ledger_digest(self) -> str:
        """Empty where there are no lines."""
        return digest_of(self.ledger) if self.ledger else ""


def parts_of(content: list[Any]) -> Parts:
    facts, others = content[: FIGURES + 1], content[FIGURES + 1 :]
    lines = next((item for item in others if isinstance(item, list)), [])
    return Parts(facts + [item for item in others if isinstance(item, dict)], lines)
