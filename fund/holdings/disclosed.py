"""The tonnes and the revenue that companies disclosed, as the book reads them, and how good they are."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from portfolio.models import Disclosure, Figure, Quantity
from scoring.quality import Quality
from scoring.snapshots import SCOPE_2

ESTIMATED_QUALITY = 4  # at best, of tonnes that the company itself estimated


def disclosed(companies: Any) -> tuple[dict[int, list[Disclosure]], dict[int, dict[str, Figure]], Quality]:
    """What stands of each company, by year, its figures as they count, and how good they are."""
    standing = Disclosure.objects.standing().filter(company__in=companies)
    disclosures: dict[int, list[Disclosure]] = defaultdict(list)
    for disclosure in standing.order_by("year"):
        disclosures[disclosure.company_id].append(disclosure)
    known = Quality.of(standing)
    quantities = [Quantity.SCOPE_1, *SCOPE_2.values(), Quantity.SCOPE_3_TOTAL, Quantity.REVENUE]
    figures: dict[int, dict[str, Figure]] = defaultdict(dict)
    for figure in Figure.objects.filter(
        disclosure__in=standing.order_by().values("pk"), quantity__in=quantities
    ).order_by():
        figure.value = known.value(figure)
        figures[figure.disclosure_id][figure.quantity] = figure
    return disclosures, figures, known


def scope_2(figures: dict[str, Figure]) -> Figure | None:
    return next((figures[quantity] for quantity in SCOPE_2.values() if quantity in figures), None)


def quality(known: Quality, disclosure: Disclosure, *used: Figure | None) -> float | None:
    """PCAF: 1 verified with evidence, 2 reported; one worse on another boundary than revenue; estimated: 4 at best."""
    there = [figure for figure in used if figure is not None]
    if not there:
        return None
    score = 1 if known.is_first(disclosure.pk, *(figure.quantity for figure in there)) else 2
    score += disclosure.revenue_boundary == Disclosure.RevenueBoundary.MISMATCHED
    if any(figure.basis == Figure.Basis.ESTIMATED for figure in there):
        score = max(score, ESTIMATED_QUALITY)
    return float(score)
