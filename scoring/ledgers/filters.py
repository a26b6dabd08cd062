"""Which lines of a ledger are shown, and in which order: by bill, site and scope, without evidence, with questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portfolio.activities.bills import bill_of
from portfolio.activities.kinds import SCOPES, activity_types
from scoring.ledgers.ledger import Row

ONLY: dict[str, str | Promise] = {
    "evidence": gettext_lazy("without evidence"),
    "questions": gettext_lazy("with questions"),
    "uncomputed": gettext_lazy("not computed"),
}
SORTS: dict[str, str | Promise] = {
    "": gettext_lazy("line"),
    "tonnes": gettext_lazy("tCO₂e, largest first"),
    "period": gettext_lazy("period"),
    "site": gettext_lazy("site and meter"),
}
NO_SITE = "none"


@dataclass(frozen=True)
class Filter:
    """What was asked for; what is not among the choices asks for nothing."""

    bill: str = ""
    site: str = ""
    scope: str = ""
    only: str = ""
    sort: str = ""

    @classmethod
    def of(cls, asked: QueryDict) -> Filter:
        given = {name: asked.get(name, "") for name in ("bill", "site", "scope")}
        only, sort = asked.get("only", ""), asked.get("sort", "")
        return cls(**given, only=only if only in ONLY else "", sort=sort if sort in SORTS else "")

    def __bool__(self) -> bool:
        return bool(self.bill or self.site or self.scope or self.only)

    @property
    def query(self) -> str:
        """For the addresses of further pages."""
        given = {name: value for name, value in vars(self).items() if value}
        return f"&{urlencode(given)}" if given else ""

    def shows(self, row: Row, questions: Mapping[int, list[str]]) -> bool:
        line = row.activity
        if self.bill and self.bill != bill_key(row):
            return False
        if self.site and self.site != (line.site.site_key if line.site else NO_SITE):
            return False
        if self.scope and self.scope != str(row.scope):
            return False
        if self.only == "evidence":
            return not line.cited and not line.notation
        if self.only == "questions":
            return bool(questions[line.number])
        return self.only != "uncomputed" or row.error is not None

    def order(self, row: Row) -> tuple[Any, ...]:
        """Scopes stay together: each has its sum."""
        line, scope = row.activity, row.scope or 9
        if self.sort == "tonnes":
            return (scope, -(row.result.co2e_t if row.result else -1.0), line.number)
        if self.sort == "period":
            return (scope, str(line.period_start or ""), line.number)
        if self.sort == "site":
            return (scope, line.site.name if line.site else "", line.meter, str(line.period_start or ""), line.number)
        return (scope, line.number)


def bill_key(row: Row) -> str:
    return bill_of(row.activity.kind).key if row.activity.kind in activity_types() else ""


@dataclass(frozen=True)
class Choice:
    """One select of the filter."""

    name: str
    label: str
    options: list[tuple[str, str]]
    value: str


def choices_of(rows: Iterable[Row], wanted: Filter) -> list[Choice]:
    """What can be asked for of these lines: nothing that none of them has."""
    rows = list(rows)
    bills = {bill_key(row): str(bill_of(row.activity.kind)) for row in rows if bill_key(row)}
    sites = {row.activity.site.site_key: row.activity.site.name for row in rows if row.activity.site}
    if sites and any(row.activity.site is None for row in rows):
        sites[NO_SITE] = _("no single site")
    scopes = {str(scope): str(SCOPES[scope]) for scope in SCOPES if any(row.scope == scope for row in rows)}
    every = _("all")
    asked = (
        ("bill", _("Bill"), bills, every),
        ("site", _("Site"), sites, every),
        ("scope", _("Scope"), scopes, every),
        ("only", _("Only lines"), {key: str(words) for key, words in ONLY.items()}, every),
    )
    found = [
        Choice(name, label, [("", none), *options.items()], getattr(wanted, name))
        for name, label, options, none in asked
        if len(options) > 1 or getattr(wanted, name)
    ]
    return [*found, Choice("sort", _("Order"), [(key, str(words)) for key, words in SORTS.items()], wanted.sort)]
