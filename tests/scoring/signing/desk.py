"""A draft of 2022 with a ledger at Chongqing, where 1,000 MWh come to 522.7 t (MEE-NBS 2022: 0.5227 kg/kWh)."""

from __future__ import annotations

from typing import Any

from portfolio.models import Activity, Disclosure, Evidence, Figure
from portfolio.typed.files import read_upload
from scoring.ledgers import ledger
from tests import make


def line(**changes: Any) -> Activity:
    facts = {"kind": "electricity", "amount": 1e6, "unit": "kWh", "typed_amount": "1000", "typed_unit": "MWh"}
    return Activity(**(facts | {"place": "CN-CQ"} | changes))


class Desk:
    """Alice prepares, Bob verifies."""

    def __init__(self, *lines: Activity, **facts: Any) -> None:
        self.company = make.company()
        self.alice, self.bob = make.alice(self.company), make.bob()
        given = {"scope_1": None, "scope_2": None} | facts
        self.disclosure: Disclosure = make.disclosure(
            self.company, 2022, state=Disclosure.State.DRAFT, created_by=self.alice, **given
        )
        self.put(*(lines or (line(),)))

    def put(self, *lines: Activity) -> None:
        self.disclosure.put_activities(by=self.alice, edition=self.disclosure.edition, activities=lines)

    def take(self, quantity: str = "scope2_location_t") -> None:
        accounted = ledger.account_disclosure(self.disclosure)
        ledger.take_over(accounted, [quantity], by=self.alice, edition=self.disclosure.edition)
        self.disclosure.refresh_from_db()

    def bill(self, name: str = "bill.pdf", content: bytes = b"%PDF-1.7\n") -> Evidence:
        return Evidence.keep(read_upload(name, content), company=self.company, by=self.alice)

    def figure(self, quantity: str = "scope2_location_t") -> Figure:
        return self.disclosure.figures.get(quantity=quantity)
