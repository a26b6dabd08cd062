"""Plain makers of a fund's candidates in the database. Every figure can be overridden; None is not told."""

from __future__ import annotations

from datetime import date, time
from typing import Any
from unittest import mock

from django.contrib.auth.models import User
from django.db.models.functions import Now

from fund.models import Candidate, ThemeFund
from portfolio import beijing
from portfolio.models import Company, CompanyTrack, Disclosure, Figure, GateWord, Quantity, Solution, TechnologyFamily
from scoring.models import ScoreRun
from scoring.runs import queue as runs
from tests import make

AS_OF = date(2026, 11, 30)
USCC = "91110000600037341L"
FIGURES: dict[str, float] = {  # a turbine maker that clears the three bars of sheet 1
    Quantity.SCOPE_1: 800.0,
    Quantity.SCOPE_2_LOCATION: 1_200.0,
    Quantity.REVENUE: 5e9,
    Quantity.EBIT: 600e6,
    Quantity.GRANTS: 40e6,
    Quantity.PRICE_PREMIUM: 0.0,
    Quantity.THEME_CREDITS: 0.0,
    Quantity.THEME_REVENUE: 90.0,
}
SOLD: dict[str, Any] = {
    "kind": "realised",
    "country": "CHN",
    "units_sold": 500.0,
    "service_per_unit_year": 2600.0,
    "lca_t_per_unit": 308.0,
}
WORDS = {"exclusion": "no", "fossil_extraction": "no", "direct_and_significant": "yes"}


def candidate(
    fund: ThemeFund,
    key: str,
    by: User,
    *,
    family: str = "F01",
    year: int = 2025,
    figures: dict[str, float | None] | None = None,
    sold: dict[str, Any] | None = None,
    words: dict[str, str] | None = None,
    catalogue: str = "1.2.1",
    **facts: Any,
) -> Company:
    """A company with one recorded year, its gates confirmed, and its candidacy; not scored yet.

    `figures` and `sold` override FIGURES and SOLD; `sold={}` tells of no sales at all.
    """
    company = make.company(key, **({"national_id": key} | facts))
    told = FIGURES | (figures or {})
    disclosure = make.disclosure(company, year, scope_1=None, scope_2=None, state=Disclosure.State.DRAFT)
    for quantity, value in told.items():
        if value is not None:
            Figure.objects.create(disclosure=disclosure, quantity=quantity, value=value, typed=str(value))
    row = technology(family)
    if told_of_sales := SOLD | (sold or {}) if sold != {} else {}:
        Solution.objects.create(disclosure=disclosure, number=1, family=row, **told_of_sales)
    Disclosure.objects.filter(pk=disclosure.pk).update(
        state=Disclosure.State.RECORDED, digest=disclosure.content_digest(), frozen_at=Now()
    )
    make.target(company)
    CompanyTrack.objects.create(
        company=company,
        track=row.track,
        family=row,
        why="sells it",
        catalogue_edition="2025" if catalogue else "",
        catalogue_code=catalogue,
        confirmed_by=by,
        confirmed_at=Now(),
        **make.SOURCE,
    )
    for question, answer in (WORDS if words is None else words).items():
        say(company, question, answer, by=by)
    Candidate.objects.create(fund=fund, company=company)
    return company


def say(company: Company, question: str, answer: str, *, by: User) -> GateWord:
    """The fund's word on the morning of AS_OF: one of a later day would not count in a score as of then."""
    with mock.patch("django.utils.timezone.now", return_value=beijing.at(AS_OF, time(9))):
        return GateWord.objects.create(
            company=company, question=question, answer=answer, evidence="read", is_confirmed=True, by=by
        )


def technology(code: str) -> TechnologyFamily:
    return TechnologyFamily.objects.get(code=code)


def score(*companies: Company, as_of: date = AS_OF) -> ScoreRun:
    """A run over them, worked on here and now."""
    run, _new = runs.start(companies, title="test", by=None, as_of=as_of)
    runs.drain(run.pk)
    return run
