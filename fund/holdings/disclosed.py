"""The tonnes and the revenue that companies disclosed, as the book reads them, and how good they are."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from portfolio.models import Disclosure, Figure, Quantity
from scoring.snapshots import SCOPE_2

ESTIMATED_QUALITY = 4  # at best, of tonnes that the company itself estimated


def disclosed(companies: Any) -> tuple[dict[int, list[Disclosure]], dict[int, dict[str, Figure]]]:
    """What stands of each company, by year, and its figures."""
    standing = Disclosure.objects.standing().filter(company__in=companies)
    disclosures: dict[int, list[Disclosure]] = defaultdict(list)
    for disclosure in standing.order_by("year"):
        disclosures[disclosure.company_id].append(disclosure)
    quantities = [Quantity.SCOPE_1, *SCOPE_2.values(), Quantity.SCOPE_3_TOTAL, Quantity.REVENUE]
    figures: dict[int, dict[str, Figure]] = defaultdict(dict)
    for figure in Figure.objects.filter(
        disclosure__in=standing.order_by().values("pk"), quantity__in=quantities
    ).order_by():
        figures[figure.disclosure_id][figure.quantity] = figure
    return disclosures, figures


def scope_2(figures: dict[str, Figure]) -> Figure | None:
    return next((figures[quantity] for quantity in SCOPE_2.values() if quantity in figures), None)


def quality(disclosure: Disclosure, *used: Figure | None) -> float | None:
    """PCAF: 1 verified, 2 reported; one worse on another boundary than the revenue; 4 at best where estimated."""
    there = [figure for figure in used if figure is not None]
    if not there:
        return None
    score = 1 if disclosure.state == Disclosure.State.VERIFIED else 2
    score += disclosure.revenue_boundary == Disclosure.RevenueBoundary.MISMATCHED
    if any(figure.basis == Figure.Basis.ESTIMATED for figure in there):
        score = max(score, ESTIMATED_QUALITY)
    return float(score)
