"""A company-year that waits for verification, and what a verifier finds in it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User

from portfolio.models import Company, Disclosure, Figure, Finding, Quantity
from portfolio.models.case.opinion import Case
from tests import make


def submitted_year(company: Company, alice: User, *, year: int = 2024, prepared_by: User | None = None) -> Disclosure:
    """2,000 t: the threshold of materiality is 100 t."""
    by = prepared_by or alice
    draft = Disclosure.open_year(company, year, by=by)
    told = ((Quantity.SCOPE_1, 1200.0), (Quantity.SCOPE_2_LOCATION, 800.0))
    draft.revise(
        by=by,
        edition=draft.edition,
        boundary="all sites",
        revenue_boundary="matched",
        source_document="report",
        figures=[Figure(quantity=quantity, value=value, typed=f"{value:g}") for quantity, value in told],
    )
    draft.submit(by=alice)
    return draft


def ask(
    disclosure: Disclosure, by: User, *, kind: str = "misstatement", words: str = "a meter", **said: Any
) -> Finding:
    return Finding.raise_on(disclosure, by=by, kind=kind, words=words, **said)


def case(disclosure: Disclosure) -> Case:
    return Case.of(disclosure)


def refused_year(company: Company, alice: User, bob: User) -> Disclosure:
    found = submitted_year(company, alice)
    make.verify(found, bob, kind="disclaimer")
    return found
