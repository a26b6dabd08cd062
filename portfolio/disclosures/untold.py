"""What the three bars rest on and a company-year does not tell yet: no submission needs it, and a bar stays unknown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from portfolio.disclosures.feeds import BARS, needed
from portfolio.models import Disclosure, Financials, GateWord, Quantity, Solution
from portfolio.models.finance import OF_ACCOUNTS

Q = Quantity
COUNTED = (Solution.Kind.REALISED, Solution.Kind.MEASURED)


@dataclass(frozen=True)
class Lack:
    """Something that is not told, and the page or field where it is filled in; empty of what can no longer change."""

    code: str
    label: str
    href: str


@dataclass(frozen=True)
class Untold:
    """A bar that stays unknown, with what the company can tell of it."""

    bar: str
    name: str | Promise
    lacks: list[Lack]


def untold(disclosures: Collection[Disclosure]) -> dict[int, list[Untold]]:
    """By disclosure; bars of which all is told are left out. Three queries; figures are to be prefetched."""
    companies = {row.company_id for row in disclosures}
    sold = _sold(disclosures)
    told = _told_elsewhere(companies)
    words = GateWord.objects.filter(company__in=companies, question=GateWord.Question.VENTURE).confirmed()
    ventures = {key for key, said in words.items() if said[GateWord.Question.VENTURE].answer == GateWord.Answer.YES}
    found = {}
    for row in disclosures:
        known = set(row.values()) | told[row.company_id, row.year]
        if Q.ELECTRICITY in known:
            known.add(Q.SCOPE_2_LOCATION)
        found[row.pk] = list(_bars(row, known, row.pk in sold, row.company_id in ventures))
    return found


def _bars(row: Disclosure, known: Collection[str], has_sold: bool, is_venture: bool) -> Iterator[Untold]:
    if not has_sold:
        page = reverse("portfolio:solutions", args=[row.pk])
        what = _lack(row, "solutions", _("units sold, or output"), page)
        yield Untold("c", BARS["c"], [what])
    for bar, quantities in needed(is_venture=is_venture).items():
        lacking = [quantity for quantity in quantities if quantity not in known]
        form = row.get_absolute_url()
        if lacks := [_lack(row, one.value, str(one.label), f"{form}#id_{one.value}") for one in lacking]:
            yield Untold(bar, BARS[bar], lacks)


def _lack(row: Disclosure, code: str, label: str, href: str) -> Lack:
    return Lack(code, label, href if row.state in Disclosure.EDITABLE else "")


def _sold(disclosures: Iterable[Disclosure]) -> set[int]:
    """Those with a row that counts and says how much."""
    rows = Solution.objects.filter(disclosure__in=[row.pk for row in disclosures], kind__in=COUNTED)
    amounts = rows.values_list("disclosure", "units_sold", "units_made")
    return {key for key, units, output in amounts if units is not None or output is not None}


def _told_elsewhere(companies: Iterable[int]) -> dict[tuple[int, int], set[str]]:
    """Quantities that the company's accounts tell, by company and year."""
    told: dict[tuple[int, int], set[str]] = defaultdict(set)
    accounts = Financials.objects.counting().filter(company__in=companies, year__isnull=False)
    for company, year, *values in accounts.values_list("company", "year", *OF_ACCOUNTS):
        told[company, year or 0] |= {
            quantity for quantity, value in zip(OF_ACCOUNTS.values(), values, strict=True) if value is not None
        }
    return told
