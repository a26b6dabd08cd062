"""A version with a ledger that waits for verification: twelve months of a meter, and diesel of the year."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from portfolio.models import Activity, Citation, Company, Disclosure, Evidence, Site
from portfolio.typed.files import read_upload
from tests import make

State = Disclosure.State
MWH = 400.0


def site(company: Company, by: User, name: str = "plant") -> Site:
    return Site.add(company, by=by, name=name)


def evidence(company: Company, by: User, name: str = "bills.csv", content: bytes = b"month,MWh\n1,400\n") -> Evidence:
    return Evidence.keep(read_upload(name, content), company=company, by=by)


def month(number: int, mwh: float = MWH, **facts: Any) -> Activity:
    told = {"kind": "electricity", "typed_amount": str(mwh), "typed_unit": "MWh", "meter": "M1", "place": "510100"}
    line = Activity(amount=mwh * 1000, unit="kWh", number=0, **(told | facts))
    line.period_start, line.period_end = date(2024, number, 1), date(2024, number, monthrange(2024, number)[1])
    return line


def diesel(tonnes: float = 20.0, **facts: Any) -> Activity:
    told = {"kind": "fuel.diesel@road", "typed_amount": str(tonnes), "typed_unit": "t", "place": "510100"}
    return Activity(amount=tonnes, unit="t", number=0, **(told | facts))


def draft(company: Company, alice: User, *lines: Activity, **facts: Any) -> Disclosure:
    made = make.disclosure(company, 2024, state=State.DRAFT, created_by=alice, **facts)
    if lines:
        made.write_activities(by=alice, edition=made.edition, added=list(lines))
    return made


def submitted(company: Company, alice: User, *lines: Activity, **facts: Any) -> Disclosure:
    made = draft(company, alice, *lines, **facts)
    made.submit(by=alice)
    return made


def cited(line: Activity, file: Evidence, place: str = "") -> Activity:
    line.cited = [Citation(evidence=file, place=place)]
    return line


def browser(person: User, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(person)
    return client


def text(response: Any) -> str:
    told: str = response.content.decode()
    return told
