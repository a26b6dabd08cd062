"""The editor at a glance: which parts of a company-year are done, what is unanswered, what is wrong; each a link.

A part counts as done once it tells what a submission or a bar needs of it, not once every field is filled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from portfolio.disclosures.forms import DisclosureForm
from portfolio.disclosures.groups import GROUPS
from portfolio.models import Disclosure, Quantity
from portfolio.models.quantity import SUBSIDIES

Q = Quantity
ALL_OF = {  # by group, what must be told; of the others one figure is enough
    "resilience": (Q.EBIT, *SUBSIDIES),
    "theme": (Q.THEME_REVENUE,),
}
OPTIONAL = {"scope-1-2"}  # only where the document prints it
FACTS = ("boundary", "source_document")


@dataclass(frozen=True)
class Module:
    title: str
    href: str
    is_done: bool
    told: int
    fields: int  # 0 where it is a list of rows

    @property
    def count(self) -> str:
        return f"{self.told}/{self.fields}" if self.fields else f"{self.told}"


@dataclass(frozen=True)
class Overview:
    modules: Sequence[Module]
    faults: int

    @property
    def done(self) -> int:
        return sum(one.is_done for one in self.modules)

    @property
    def unanswered(self) -> int:
        return sum(one.fields - one.told for one in self.modules if one.fields)

    @property
    def first_open(self) -> Module | None:
        return next((one for one in self.modules if not one.is_done), None)


def overview(disclosure: Disclosure, form: DisclosureForm) -> Overview:
    """Two queries more than the form."""
    told = form.values()
    modules = []
    for group in GROUPS:
        if group.key in OPTIONAL:
            continue
        known = [quantity for quantity in group.quantities if quantity in told]
        needed = ALL_OF.get(group.key)
        is_done = set(needed) <= set(known) if needed else bool(known)
        modules.append(Module(str(group.title), f"#{group.key}", is_done, len(known), len(group.quantities)))
    facts = [name for name in FACTS if str(form[name].value() or "").strip()]
    modules.append(Module(_("Boundary and source"), "#facts", len(facts) == len(FACTS), len(facts), len(FACTS)))
    for title, address, rows in (
        (_("Sold or run"), "portfolio:solutions", disclosure.solutions.count()),
        (_("Activity ledger"), "scoring:ledger", disclosure.activities.count()),
    ):
        modules.append(Module(title, reverse(address, args=[disclosure.pk]), rows > 0, rows, 0))
    return Overview(modules, len(form.faults()))
