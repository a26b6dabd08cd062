"""Bills: which one it is, its sheet of twelve months, what is asked and kept, and what ticked lines become."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portfolio.activities.bills import bill_named, bills
from portfolio.activities.grid import BLANK_ROWS, MONTHS, ROWS_A_PAGE, Grid, period_of
from portfolio.activities.rules import read_line
from portfolio.models import Activity, Company, Disclosure, Evidence, Site
from portfolio.models.quantity import Quantity
from portfolio.typed.units import read_amount
from scoring.ledgers.ledger import account_disclosure
from tests import make
from tests.scoring.pages import signed_in

State = Disclosure.State
YEAR = 2022
MARK = re.compile(r'name="(r\d+-(?:lines|seen|like))" value="([^"]*)"')


@pytest.fixture
def company(db: None) -> Company:
    return make.company()


@pytest.fixture
def alice(company: Company) -> User:
    return make.alice(company)


@pytest.fixture
def draft(company: Company, alice: User) -> Disclosure:
    return make.disclosure(company, YEAR, state=State.DRAFT, created_by=alice)


def stored(disclosure: Disclosure, typed: str = "1,000", unit: str = "MWh", *, cell: int = 0, **facts: Any) -> Activity:
    line = Activity(disclosure=disclosure, number=disclosure.activities.count() + 1, kind="electricity")
    line.typed_amount, line.typed_unit = typed, unit
    line.period_start, line.period_end = period_of(cell, disclosure.year)
    for name, value in facts.items():
        setattr(line, name, value)
    assert not read_line(line, year=disclosure.year)
    line.save()
    return line


def address(name: str, draft: Disclosure, query: str = "") -> str:
    return reverse(f"scoring:{name}", args=[draft.pk]) + query


def sheet(client: Client, draft: Disclosure, bill: str = "electricity") -> dict[str, str]:
    """What the page of a bill sends along besides what is typed."""
    found = client.get(address("ledger_grid", draft, f"?bill={bill}")).content.decode()
    rows = re.search(r'name="rows" value="(\d+)"', found)
    assert rows is not None
    return dict(MARK.findall(found)) | {"bill": bill, "rows": rows[1], "page": "1"}


def row(index: int = 0, kind: str = "electricity", unit: str = "kWh", **typed: str) -> dict[str, str]:
    given = {"kind": kind, "unit": unit, **typed}
    return {f"r{index}-{name}": value for name, value in given.items()}


def months(amount: str = "12,000") -> dict[str, str]:
    return {f"m{month}": amount for month in MONTHS}


def save(client: Client, draft: Disclosure, *rows: dict[str, str], **more: str) -> HttpResponse:
    sent = sheet(client, draft)
    for each in rows:
        sent |= each
    return client.post(address("ledger_grid", draft), sent | more)


# --- which bill -----------------------------------------------------------------------------------------
def test_every_bill_has_units_that_its_kinds_can_be_told_in() -> None:
    for bill in bills().values():
        assert bill.figure in ("", *Quantity.values)
        for kind in bill.types:
            fitting = [unit for unit in bill.units if _reads(unit, kind.units)]
            assert fitting or kind.units == ("CNY",), (bill.key, kind.key)


def _reads(unit: str, accepted: tuple[str, ...]) -> bool:
    try:
        read_amount("1", unit, accepted)
    except Exception:  # noqa: BLE001  any refusal is one
        return False
    return True


def test_the_tiles_lead_to_the_sheet_and_the_search_finds_what_is_not_among_them(
    draft: Disclosure, alice: User
) -> None:
    client = signed_in(alice)
    found = client.get(address("ledger_bills", draft)).content.decode()
    assert f"{address('ledger_grid', draft)}?bill=electricity" in found
    assert "Refrigerant refill" in found
    searched = client.get(address("ledger_bills", draft, "?find=水泥熟料")).content.decode()
    assert f"{address('ledger_grid', draft)}?kind=process" in searched


def test_a_bill_that_there_is_not_is_not_found(draft: Disclosure, alice: User) -> None:
    for query in ("?bill=nothing", "?bill=water", "?kind=nothing", "?bill=last-year"):
        assert signed_in(alice).get(address("ledger_grid", draft, query)).status_code == 404


def test_others_and_versions_that_are_handed_in_have_no_sheet(draft: Disclosure, alice: User) -> None:
    mallory = signed_in(make.user("mallory", company=make.company("demo-beta")))
    for name in ("ledger_bills", "ledger_grid"):
        assert mallory.get(address(name, draft, "?bill=electricity")).status_code == 404
    Disclosure.objects.filter(pk=draft.pk).update(state=State.RECORDED, frozen_at=timezone.now())
    for name in ("ledger_bills", "ledger_grid"):
        answer = signed_in(alice).get(address(name, draft, "?bill=electricity"))
        assert answer.url == reverse("scoring:ledger", args=[draft.pk])  # type: ignore[attr-defined]


# --- the sheet ------------------------------------------------------------------------------------------
def test_twelve_bills_of_two_meters_are_kept_in_one_edition(draft: Disclosure, alice: User) -> None:
    answer = save(signed_in(alice), draft, row(meter="A", **months()), row(1, meter="B", m3="1.2万", m4="１２３"))
    assert answer.status_code == 302
    draft.refresh_from_db()
    lines = list(draft.activities.order_by("number"))
    assert draft.edition == 2
    assert [(line.meter, line.month, line.amount) for line in lines[11:]] == [
        ("A", 12, 12000.0),
        ("B", 3, 12000.0),
        ("B", 4, 123.0),
    ]
    assert lines[0].period_start == date(YEAR, 1, 1)


def test_the_tonnes_of_twelve_months_are_those_of_their_sum(draft: Disclosure, alice: User) -> None:
    save(signed_in(alice), draft, row(meter="A", **months("12,345.6")))
    by_month = account_disclosure(draft).total
    draft.activities.all().delete()
    stored(draft, "148,147.2", "kWh")
    at_once = account_disclosure(draft).total
    assert by_month is not None
    assert at_once is not None
    assert by_month.total_location.tonnes == pytest.approx(at_once.total_location.tonnes, rel=1e-12)


def test_an_empty_month_is_missing_and_never_zero(draft: Disclosure, alice: User) -> None:
    client = signed_in(alice)
    save(client, draft, row(m1="100", m2="200", m5=" "))
    assert draft.activities.count() == 2
    found = client.get(address("ledger_grid", draft, "?bill=electricity")).content.decode()
    assert "10 months are missing: Mar" in found
    assert "Sum 300 kWh" in found


def test_what_cannot_be_read_is_said_at_its_cell_and_nothing_is_lost(draft: Disclosure, alice: User) -> None:
    answer = save(signed_in(alice), draft, row(m1="12,34o", m2="5", unit="千瓦"))
    found = answer.content.decode()
    assert not draft.activities.exists()
    assert "12,34o" in found
    assert 'href="#id_r0-unit"' in found
    found = save(signed_in(alice), draft, row(m1="abc", m2="5")).content.decode()
    assert 'href="#id_r0-m1">Jan</a>' in found
    assert "“abc” is not a number" in found


def test_months_beside_the_whole_year_are_refused_unless_they_stand_so(draft: Disclosure, alice: User) -> None:
    found = save(signed_in(alice), draft, row(meter="17", m0="144,000", **months())).content.decode()
    assert "Months and the whole year would be counted twice" in found and not draft.activities.exists()
    assert "Sum 144,000 kWh" in found and "overlaps" not in found
    stored(draft, cell=0)  # as a file brought them
    stored(draft, "5", cell=1)
    kept = {**row(unit="MWh", m0="1,000", m1="6")}
    assert save(signed_in(alice), draft, kept).status_code == 302


def test_the_cubic_metres_of_a_gas_bill_are_those_of_its_meter(draft: Disclosure, alice: User) -> None:
    client = signed_in(alice)
    for at, unit in enumerate(("立方米", "m³")):
        sent = sheet(client, draft, "gas") | row(0, "fuel.natural_gas", unit, meter=f"g{at}", m1="8,200")
        sent = {name: value for name, value in sent.items() if not name.endswith(("-lines", "-seen"))}
        assert client.post(address("ledger_grid", draft), sent).status_code == 302
    assert {line.unit for line in draft.activities.all()} == {"m3@20C"}
    sent = sheet(client, draft, "gas") | row(2, "fuel.natural_gas", "千瓦", meter="x", m1="5")
    wrong = client.post(address("ledger_grid", draft), sent).content.decode()
    assert wrong.count('href="#id_r2-unit"') == 1  # one fault, not what follows from it


def test_the_only_site_is_chosen_beforehand(draft: Disclosure, alice: User, company: Company) -> None:
    site = Site.objects.create(company=company, site_key="s", name="Works", source="x", licence="x")
    found = signed_in(alice).get(address("ledger_grid", draft, "?bill=electricity")).content.decode()
    assert f'<option value="{site.pk}" selected>' in found
    Site.objects.create(company=company, site_key="t", name="Shop", source="x", licence="x")
    found = signed_in(alice).get(address("ledger_grid", draft, "?bill=electricity")).content.decode()
    assert f'<option value="{site.pk}" selected>' not in found


def test_a_row_without_an_amount_keeps_its_words_on_the_page(draft: Disclosure, alice: User) -> None:
    found = save(signed_in(alice), draft, row(meter="No. 17")).content.decode()
    assert "before a month is filled" in found
    assert "No. 17" in found


def test_a_cleared_cell_takes_its_line_out_and_the_others_keep_what_they_have(draft: Disclosure, alice: User) -> None:
    first = stored(draft, "10", cell=1, meter="A", note="read by hand", contract="direct", contract_kg_per_kwh=0.0)
    stored(draft, "20", cell=2, meter="A", contract="direct", contract_kg_per_kwh=0.0)
    client = signed_in(alice)
    answer = save(client, draft, row(meter="A2", unit="MWh", m1="11", m2="", m3="30"))
    assert answer.status_code == 302, answer.content.decode()
    first.refresh_from_db()
    assert (first.amount, first.note, first.meter, first.number) == (11_000.0, "read by hand", "A2", 1)
    assert sorted(draft.activities.values_list("number", "typed_amount", "contract")) == [
        (1, "11", "direct"),
        (3, "30", "direct"),
    ]


def test_saving_what_is_there_changes_nothing(draft: Disclosure, alice: User) -> None:
    stored(draft, "10", cell=1, meter="A")
    client = signed_in(alice)
    save(client, draft, row(meter="A", unit="MWh", m1="10"))
    draft.refresh_from_db()
    assert draft.edition == 1


def test_a_colleague_who_changes_the_same_meter_is_shown_and_another_meter_hinders_nobody(
    draft: Disclosure, alice: User
) -> None:
    line, other = stored(draft, "10", cell=1, meter="A"), stored(draft, "10", cell=1, meter="B")
    client = signed_in(alice)
    sent = sheet(client, draft) | row(meter="A", unit="MWh", m1="11") | row(1, meter="B", unit="MWh", m1="10")
    line.typed_amount = "12"
    line.save()
    refused = client.post(address("ledger_grid", draft), sent)
    assert refused.status_code == 409
    assert "you typed 11, stored is 12" in refused.content.decode()
    line.typed_amount = "10"
    line.save()
    third = stored(draft, "7", cell=4, meter="C")
    assert client.post(address("ledger_grid", draft), sent).status_code == 302
    assert Activity.objects.get(pk=line.pk).typed_amount == "11"
    assert Activity.objects.filter(pk__in=[other.pk, third.pk]).count() == 2


def test_a_version_that_was_handed_in_meanwhile_keeps_what_was_typed_on_the_page(
    draft: Disclosure, alice: User
) -> None:
    client = signed_in(alice)
    sent = sheet(client, draft) | row(m1="4711")
    Disclosure.objects.filter(pk=draft.pk).update(state=State.RECORDED, frozen_at=timezone.now())
    answer = client.post(address("ledger_grid", draft), sent)
    assert answer.status_code == 409
    assert "4711" in answer.content.decode()
    assert not draft.activities.exists()


def test_a_new_site_is_added_with_the_row_and_not_without(draft: Disclosure, alice: User, company: Company) -> None:
    client = signed_in(alice)
    found = save(client, draft, row(site="new", m1="5")).content.decode()
    assert "Please name the site." in found
    assert not Site.objects.filter(company=company).exists()
    site = {"site-name": "Shop 2", "site-city": "500000"}
    assert save(client, draft, row(site="new", m1="5"), **site).status_code == 302
    assert draft.activities.get().site == Site.objects.get(company=company, name="Shop 2")


def test_the_site_of_another_company_is_no_choice(draft: Disclosure, alice: User) -> None:
    other = make.company("demo-beta")
    site = Site.objects.create(company=other, site_key="s", name="theirs", source="x", licence="x")
    save(signed_in(alice), draft, row(site=str(site.pk), m1="5"))
    assert not draft.activities.exists()


def test_a_line_of_another_disclosure_is_never_touched(draft: Disclosure, alice: User, company: Company) -> None:
    before = make.disclosure(company, YEAR - 1, state=State.DRAFT, created_by=alice)
    line = stored(before, "10", cell=1)
    sent = {"bill": "electricity", "rows": "1", "r0-lines": "1:1 x:9 99:1", "r0-seen": "", **row(m1="99")}
    signed_in(alice).post(address("ledger_grid", draft), sent)
    line.refresh_from_db()
    assert line.typed_amount == "10"
    assert draft.activities.get().typed_amount == "99"


def test_lines_that_no_cell_holds_are_named_below(draft: Disclosure, alice: User) -> None:
    stored(draft, "5", period_start=date(YEAR, 1, 1), period_end=date(YEAR, 3, 31))
    found = signed_in(alice).get(address("ledger_grid", draft, "?bill=electricity")).content.decode()
    assert reverse("scoring:ledger_line", args=[draft.pk, 1]) in found


def test_two_lines_of_one_cell_stand_in_two_rows(draft: Disclosure) -> None:
    stored(draft, "5", cell=1, meter="A")
    stored(draft, "6", cell=1, meter="A")
    bill = bill_named("electricity")
    assert bill is not None
    grid = Grid(bill, draft, before=[])
    assert [len(each.stored.lines) for each in grid.rows] == [1, 1, *([0] * BLANK_ROWS)]


def test_many_meters_are_turned_over(draft: Disclosure, alice: User) -> None:
    for number in range(ROWS_A_PAGE + 1):
        stored(draft, "5", cell=1, meter=str(number))
    found = signed_in(alice).get(address("ledger_grid", draft, "?bill=electricity&page=2")).content.decode()
    assert "Page 2 of 2" in found
    assert f'value="{ROWS_A_PAGE}"' in found


# --- last year ------------------------------------------------------------------------------------------
def test_last_years_meters_stand_ready_without_their_amounts(draft: Disclosure, alice: User, company: Company) -> None:
    before = make.disclosure(company, YEAR - 1, state=State.DRAFT, created_by=alice)
    for month in MONTHS:
        stored(before, f"1,00{month % 10}", "MWh", cell=month, meter="A", place="CN-CQ")
    client = signed_in(alice)
    found = client.get(address("ledger_grid", draft, "?bill=electricity")).content.decode()
    assert "last year 12,0" in found
    assert 'value="A"' in found
    sent = sheet(client, draft) | row(meter="A", unit="MWh", m1="1,050")
    assert client.post(address("ledger_grid", draft), sent).status_code == 302
    line = draft.activities.get()
    assert (line.place, line.typed_amount) == ("CN-CQ", "1,050")
    untouched = sheet(client, draft, "last-year") | row(meter="A", unit="MWh", m1="1,050")
    client.post(address("ledger_grid", draft), untouched)
    assert draft.activities.count() == 1  # rows that nobody filled are not kept


def test_a_slip_against_last_year_is_asked_while_it_is_typed(draft: Disclosure, alice: User, company: Company) -> None:
    before = make.disclosure(company, YEAR - 1, state=State.DRAFT, created_by=alice)
    stored(before, "12,340", "kWh", cell=1, meter="A")
    client = signed_in(alice)
    sent = sheet(client, draft) | row(meter="A", unit="MWh", m1="12,340")
    found = client.post(address("ledger_grid_check", draft), sent).content.decode()
    assert "kWh instead of MWh?" in found
    assert 'href="#id_r0-m1">Jan</a>' in found
    assert 'id="r0-said" hx-swap-oob="true"' in found
    assert not draft.activities.exists()


# --- the list -------------------------------------------------------------------------------------------
def test_lines_are_picked_by_bill_site_scope_and_what_they_lack(
    draft: Disclosure, alice: User, company: Company
) -> None:
    city_site = Site.add(company, by=alice, name="Shop 1", city=None)
    stored(draft, "10", cell=1, meter="A", site=city_site)
    stored(draft, "10", cell=1, meter="A", site=city_site)
    stored(draft, "61.5", "t", kind="fuel.diesel@road")
    client = signed_in(alice)
    for query, numbers in (
        ("", "123"),
        ("?bill=diesel", "3"),
        ("?site=none", "3"),
        ("?scope=2", "12"),
        ("?only=questions", "12"),
        ("?only=evidence&scope=1", "3"),
        ("?only=uncomputed", ""),
        ("?only=rubbish&sort=rubbish", "123"),
    ):
        found = client.get(address("ledger", draft, query)).content.decode()
        assert "".join(sorted(re.findall(r'id="line-(\d)"', found))) == numbers, query


def test_a_line_is_copied_without_its_amount_and_for_the_next_month(draft: Disclosure, alice: User) -> None:
    stored(draft, "10", cell=3, meter="A", place="CN-CQ")
    found = signed_in(alice).get(address("ledger_new", draft, "?like=1")).content.decode()
    assert f'value="{YEAR}-04-30"' in found
    assert 'value="A"' in found
    assert 'value="10"' not in found


def marks(client: Client, draft: Disclosure) -> list[str]:
    found = client.get(address("ledger", draft)).content.decode()
    return re.findall(r'name="line" value="([^"]+)"', found)


def test_ticked_lines_are_named_then_changed_together(draft: Disclosure, alice: User, company: Company) -> None:
    stored(draft, "10", "kWh", cell=1)
    stored(draft, "20", "kWh", cell=2)
    kept = Evidence.objects.create(
        company=company, name="bills.pdf", kind="pdf", size_bytes=1, sha256="0" * 64, uploaded_by=alice
    )
    client = signed_in(alice)
    ticked = marks(client, draft)
    assert "2 ticked lines" in client.post(address("ledger_bulk", draft), {"line": ticked}).content.decode()
    sent = {"line": ticked, "apply": "1", "unit": "MWh", "cited-0-evidence": str(kept.pk)}
    assert client.post(address("ledger_bulk", draft), sent).status_code == 302
    draft.refresh_from_db()
    assert draft.edition == 2
    assert [(line.amount, line.cited[0].evidence) for line in draft.activities.order_by("number")] == [
        (10_000.0, kept),
        (20_000.0, kept),
    ]


def test_a_change_that_one_line_cannot_have_changes_none(draft: Disclosure, alice: User) -> None:
    stored(draft, "10", "kWh", cell=1)
    stored(draft, "5", "t", kind="fuel.diesel@road")
    client = signed_in(alice)
    sent = {"line": marks(client, draft), "apply": "1", "unit": "MWh", "place": "nowhere at all"}
    assert "field__error" in client.post(address("ledger_bulk", draft), sent).content.decode()
    sent = {"line": marks(client, draft), "apply": "1", "unit": "L"}
    assert "Line 1:" in client.post(address("ledger_bulk", draft), sent).content.decode()
    assert {line.typed_unit for line in draft.activities.all()} == {"kWh", "t"}


def test_ticked_lines_are_taken_out_and_stale_ones_are_not(draft: Disclosure, alice: User) -> None:
    line = stored(draft, "10", cell=1)
    client = signed_in(alice)
    ticked = marks(client, draft)
    line.typed_amount = "11"
    line.save()
    assert client.post(address("ledger_bulk", draft), {"line": ticked, "delete": "1"}).status_code == 302
    assert draft.activities.exists()
    client.post(address("ledger_bulk", draft), {"line": marks(client, draft), "delete": "1"})
    assert not draft.activities.exists()


def test_nothing_ticked_says_so(draft: Disclosure, alice: User) -> None:
    stored(draft, "10", cell=1)
    answer = signed_in(alice).post(address("ledger_bulk", draft), {"delete": "1"}, follow=True)
    assert "Tick the lines first." in answer.content.decode()
