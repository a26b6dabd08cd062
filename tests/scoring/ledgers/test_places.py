"""Which place a line is computed with, who said so, and that what was handed in stays where it was."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models.functions import Now

from portfolio.models import Activity, Company, Disclosure, Site
from portfolio.models.signed import digest_of
from portfolio.places.names import city_of
from scoring.ledgers.ledger import Row, account_disclosure
from scoring.ledgers.restatements import record_of
from tests import make

State = Disclosure.State
pytestmark = pytest.mark.django_db


def line(disclosure: Disclosure, **facts: Any) -> Activity:
    bought = {"kind": "electricity", "typed_amount": "1,000", "typed_unit": "MWh", "amount": 1e6, "unit": "kWh"}
    return Activity.objects.create(disclosure=disclosure, number=disclosure.activities.count() + 1, **(bought | facts))


def site_in(company: Company, code: str, key: str = "s") -> Site:
    return Site.objects.create(company=company, site_key=key, name=key, city=city_of(code), **make.SOURCE)


def row_of(company: Company, **facts: Any) -> Row:
    draft = make.disclosure(company, 2022, state=State.DRAFT)
    line(draft, **facts)
    return account_disclosure(draft).rows[0]


def factor_of(row: Row) -> str:
    assert row.result is not None
    return row.result.factor_ids[0]


# --- which place ------------------------------------------------------------------------------------------
def test_the_line_goes_before_its_site_the_site_before_the_company_and_that_before_the_country() -> None:
    company = make.company(city=city_of("510100"))
    draft = make.disclosure(company, 2022, state=State.DRAFT)
    line(draft, place="350902", site=site_in(company, "350900"))
    line(draft, site=site_in(company, "350900", "t"))
    line(draft, site=Site.objects.create(company=company, site_key="u", name="u", **make.SOURCE))
    line(draft)
    rows = account_disclosure(draft).rows
    assert [(row.placing.code, row.placing.source) for row in rows] == [
        ("350902", "line"),
        ("350900", "site"),
        ("510100", "company"),
        ("510100", "company"),
    ]
    assert [factor_of(row).split("/")[1] for row in rows] == ["CN-FJ", "CN-FJ", "CN-SC", "CN-SC"]


@pytest.mark.parametrize(("city", "region"), [("510100", "CN-SC"), ("350902", "CN-FJ"), ("150500", "CN-NM")])
def test_a_line_without_a_place_is_never_silently_the_nations(city: str, region: str) -> None:
    """0.1404 and 0.4711 and 0.6849 kg against the nation's 0.5366: the company's city decides."""
    row = row_of(make.company(city=city_of(city)))
    assert factor_of(row) == f"cn-grid/{region}/2022/inventory_average/CO2/MEE-NBS" and row.placing.flags == ()


def test_where_nobody_names_a_place_the_national_factor_says_so_and_is_counted() -> None:
    company = make.company()
    draft = make.disclosure(company, 2022, state=State.DRAFT)
    line(draft)
    line(draft, place="CN-SC")
    line(draft, place="CN")  # the company's own word, in so many letters
    line(draft, kind="fuel.diesel@road", typed_amount="1", typed_unit="t", amount=1.0, unit="t")
    found = account_disclosure(draft)
    assert [row.placing.flags for row in found.rows] == [("no_place",), (), (), ()]
    assert [row.activity.number for row in found.unplaced] == [1]
    assert factor_of(found.rows[0]) == "cn-grid/CN/2022/inventory_average/CO2/MEE-NBS"


@pytest.mark.parametrize("code", ["CN-XZ", "540100", "540102"])
def test_a_province_without_a_factor_says_that_a_wider_areas_is_used(code: str) -> None:
    """Tibet has no provincial factor: the Southwest grid's follows."""
    row = row_of(make.company(), place=code)
    assert factor_of(row) == "cn-grid/CN-GRID-SOUTHWEST/2022/inventory_average/CO2/MEE-NBS"
    assert row.placing.flags == ("wider_place",)


def test_the_record_keeps_the_place_and_who_said_it() -> None:
    company = make.company(city=city_of("510100"))
    draft = make.disclosure(company, 2022, state=State.DRAFT)
    line(draft)
    [kept] = record_of(account_disclosure(draft))["lines"]
    assert (kept["place"], kept["place_source"], kept["place_flags"]) == ("510100", "company", [])


# --- what was handed in -----------------------------------------------------------------------------------
def handed_in(company: Company, **facts: Any) -> Disclosure:
    alice = make.alice(company)
    draft = make.disclosure(company, 2022, state=State.DRAFT, created_by=alice)
    line(draft, **facts)
    draft.submit(by=alice)
    return draft


def test_a_company_that_moves_changes_nothing_that_was_handed_in() -> None:
    company = make.company(city=city_of("510100"))
    handed = handed_in(company)
    company.city = city_of("310115")
    company.save()
    handed = Disclosure.objects.get(pk=handed.pk)
    assert handed.content_digest() == handed.digest
    assert account_disclosure(handed).rows[0].placing.code == "510100"
    make.verify(handed, make.bob())
    assert account_disclosure(handed).rows[0].placing.code == "510100"


def test_a_returned_draft_follows_the_company_again() -> None:
    company = make.company(city=city_of("510100"))
    handed = handed_in(company)
    handed.return_for_correction(by=make.bob(), reason="page 3", everything=True)
    company.city = city_of("310115")
    company.save()
    again = Disclosure.objects.get(pk=handed.pk)
    assert account_disclosure(again).rows[0].placing.code == "310115"


def test_the_country_is_signed_as_what_it_is() -> None:
    company = make.company()
    handed = handed_in(company)
    company.city = city_of("310115")
    company.save()
    again = Disclosure.objects.get(pk=handed.pk)
    assert again.content_digest() == handed.digest
    assert account_disclosure(again).rows[0].placing.flags == ("no_place",)


@pytest.mark.parametrize(
    ("place", "has_site", "signed"),
    [("CN-SC", False, ["", "CN-SC"]), ("", True, ["s", "510100"]), ("", False, ["", ""])],
)
def test_a_line_of_before_the_place_was_kept_has_the_digest_that_it_had(
    place: str, has_site: bool, signed: list[str]
) -> None:
    """The fifth part of a line was [key of the site, city of the site or place], and is so for lines handed in then."""
    company = make.company(city=city_of("310115"))
    old = make.disclosure(company, 2022, state=State.DRAFT)
    kept = line(old, place=place, site=site_in(company, "510100") if has_site else None)
    Disclosure.objects.filter(pk=old.pk).update(state=State.RECORDED, frozen_at=Now())
    kept = Activity.objects.get(pk=kept.pk)
    parts = kept.signed()
    assert parts[4] == signed
    of_then = [1, "electricity", ["1,000", "MWh", 1e6, "kWh", ""], [None, None], signed, ["", ""], None, ["", None, ""]]
    assert digest_of(parts) == digest_of([*of_then, [], ["", ""], ""])
    assert kept.located.code == (signed[1] or "CN")
