"""Where an input of a bar stands on record: the address of the page that explains the figure it is."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from django.urls import reverse

from portfolio.models import Company, Disclosure, Financials, Quantity, Solution
from portfolio.models.people import SomeUser
from scoring.candidacies import NO_PLACE, OF_SOLUTION
from scoring.engine.score.record import InputUsed

# name in the record → what a disclosure calls it; accounts use the name itself
QUANTITIES = {
    "scope1": Quantity.SCOPE_1,
    "scope2_location": Quantity.SCOPE_2_LOCATION,
    "scope2_by_activity": Quantity.ELECTRICITY,
    "revenue": Quantity.REVENUE,
    "value_added": Quantity.VALUE_ADDED,
    "ebit": Quantity.EBIT,
    "ebitda": Quantity.EBITDA,
    "gross_profit": Quantity.GROSS_PROFIT,
    "subsidies.grants": Quantity.GRANTS,
    "subsidies.price_premium": Quantity.PRICE_PREMIUM,
    "subsidies.theme_credits": Quantity.THEME_CREDITS,
    "priced_t": Quantity.PRICED,
    "free_allocation_t": Quantity.FREE_ALLOCATION,
    "runway_months": Quantity.RUNWAY,
}
OF_ACCOUNTS = {name: name.removeprefix("subsidies.") for name in QUANTITIES}
COLUMNS = OF_SOLUTION | {"cost_share": "cost_share", "output": "units_made"}


def told_href(disclosure_id: int, quantity: str) -> str:
    """Of a figure of a disclosure."""
    return reverse("figure", args=[disclosure_id, quantity])


def account_href(row: Financials, field: str) -> str:
    """Of a figure of the accounts."""
    return reverse("figure_of_accounts", args=[row.pk, field])


def sold_href(row: Solution, column: str) -> str:
    """Of a figure of what was sold."""
    return reverse("figure_of_solution", args=[row.disclosure_id, row.number, column])


class Origins:
    """Of one company. A few queries, when the first is asked for; `by_digest` are its disclosures that may be seen."""

    def __init__(self, user: SomeUser, company: Company, by_digest: Mapping[str, Disclosure]) -> None:
        self.user, self.company, self.by_digest = user, company, by_digest

    def href(self, used: InputUsed, year: int | None) -> str:
        """The page of an input of that year; "" of the family's row, and of what is no longer on record."""
        if not used["is_own"] or year is None:
            return ""
        name, source = used["name"], used["source"]
        if name in COLUMNS:
            return self._of_solution(used, year)
        quantity = QUANTITIES.get(name)
        if quantity is None:
            return ""
        if disclosure := self.by_digest.get(source):
            return told_href(disclosure.pk, quantity)
        field = OF_ACCOUNTS[name]
        rows = [row for row in self._accounts if row.year == year and row.source == source]
        found = next((row for row in rows if getattr(row, field) is not None), None)
        return account_href(found, field) if found else ""

    def _of_solution(self, used: InputUsed, year: int) -> str:
        column = COLUMNS[used["name"]]
        place = used.get("place")
        for row in self._sold:
            is_there = place is None or (row.country or NO_PLACE) == place
            if row.disclosure.year == year and is_there and used["source"] in (row.source, row.disclosure.digest):
                told = getattr(row, column)
                if told is not None and (used["name"] == "output" or told == used["value"]):
                    return sold_href(row, column)
        return ""

    @cached_property
    def _accounts(self) -> list[Financials]:
        """In the order in which scores choose among them."""
        return list(self.company.financials.counting().order_by("-is_audited", "pk"))

    @cached_property
    def _sold(self) -> list[Solution]:
        seen = [disclosure.pk for disclosure in self.by_digest.values()]
        return list(Solution.objects.filter(disclosure__in=seen).select_related("disclosure").order_by("pk"))
