"""The pages of a ledger: what they show, to whom, and in which words they refuse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portfolio.models import Activity, Company, Disclosure, Figure
from scoring.ledgers.uncertainty import SEED
from tests import make
from tests.portfolio.local_factors.test_local_factors import verified as verified_factor

State = Disclosure.State
pytestmark = pytest.mark.django_db


@pytest.fixture(params=["zh-hans", "en"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    yield request.param


@pytest.fixture
def company() -> Company:
    return make.company()


@pytest.fixture
def alice(company: Company) -> User:
    return make.alice(company)


@pytest.fixture
def draft(company: Company, alice: User) -> Disclosure:
    return make.disclosure(company, 2022, state=State.DRAFT, created_by=alice)


def signed_in(person: User, language: str = "en") -> Client:
    client = Client()
    client.force_login(person)
    client.cookies["django_language"] = language
    return client


def page(client: Client, name: str, *args: Any, query: str = "", **headers: str) -> str:
    return text(client.get(reverse(f"scoring:{name}", args=args) + query, headers=headers))


def text(response: HttpResponse, status: int = 200) -> str:
    assert response.status_code == status, response.status_code
    return response.content.decode()


def typed(**facts: Any) -> dict[str, Any]:
    return {"kind": "electricity", "amount": "1,000", "unit": "MWh", "place": "CN-CQ", "edition": "1"} | facts


def stored(disclosure: Disclosure, **facts: Any) -> Activity:
    bought = {"typed_amount": "1,000", "typed_unit": "MWh", "amount": 1e6, "unit": "kWh", "place": "CN-CQ"}
    number = disclosure.activities.count() + 1
    return Activity.objects.create(disclosure=disclosure, number=number, **({"kind": "electricity"} | bought | facts))


def seen(client: Client, disclosure: Disclosure, number: int) -> str:
    """The mark of what stands on the page of a line."""
    found = page(client, "ledger_line", disclosure.pk, number)
    return found.split('name="seen" value="')[1].split('"')[0]


# --- reading ----------------------------------------------------------------------------------------------
def test_a_ledger_shows_what_was_typed_its_reading_factor_tonnes_and_interval(draft: Disclosure, alice: User) -> None:
    stored(draft)
    found = page(signed_in(alice), "ledger", draft.pk)
    for words in ("1,000 MWh", "1,000,000 kWh", "Chongqing", "0.5227 kg/kWh", "<strong>522.7</strong>", "GWP AR6"):
        assert words in found


def test_an_empty_ledger_says_what_it_is_for_and_offers_the_first_line(draft: Disclosure, alice: User) -> None:
    found = page(signed_in(alice), "ledger", draft.pk)
    assert "No activity is recorded" in found
    assert reverse("scoring:ledger_bills", args=[draft.pk]) in found


def test_the_fund_reads_the_ledger_of_a_standing_version_and_can_change_nothing(company: Company) -> None:
    standing = make.disclosure(company, 2021, state=State.DRAFT)
    stored(standing)
    Disclosure.objects.filter(pk=standing.pk).update(state=State.RECORDED, frozen_at=timezone.now())
    carol = signed_in(make.carol())
    found = page(carol, "ledger", standing.pk)
    assert "MWh" in found and "Enter a bill" not in found and 'name="take"' not in found
    assert carol.get(reverse("scoring:ledger_new", args=[standing.pk])).status_code == 403


def test_to_strangers_there_is_no_ledger(draft: Disclosure) -> None:
    stored(draft)
    mallory = signed_in(make.user("mallory", company=make.company("demo-beta")))
    for name, args in (("ledger", []), ("ledger_new", []), ("ledger_line", [1]), ("ledger_why", [1])):
        assert mallory.get(reverse(f"scoring:{name}", args=[draft.pk, *args])).status_code == 404


def test_another_set_of_potentials_is_named_and_an_unknown_one_dropped(draft: Disclosure, alice: User) -> None:
    stored(draft, kind="refrigerant.SF6", amount=10.0, unit="kg", typed_amount="10", typed_unit="kg")
    client = signed_in(alice)
    assert "GWP SAR" in (old := page(client, "ledger", draft.pk, query="?gwp=SAR"))
    assert "<strong>239.0</strong>" in old
    assert "“AR99”" in page(client, "ledger", draft.pk, query="?gwp=AR99")


def test_a_line_without_a_factor_says_so_in_its_row(draft: Disclosure, alice: User, language: str) -> None:
    stored(draft, kind="travel.rail", amount=5.0, unit="km", typed_amount="5", typed_unit="km")
    found = page(signed_in(alice, language), "ledger", draft.pk)
    assert "travel.rail" in found
    assert ("could not be computed" in found) == (language == "en")


def test_a_year_without_factors_names_the_years_that_exist(company: Company, alice: User) -> None:
    old = make.disclosure(company, 2019, state=State.DRAFT)
    stored(old)
    assert "2021, 2022, 2023" in page(signed_in(alice), "ledger", old.pk)


def test_text_of_an_applicant_is_escaped(draft: Disclosure, alice: User) -> None:
    stored(draft, note="<script>alert(1)</script>", typed_amount="<b>1</b>")
    client = signed_in(alice)
    for name, args in (("ledger", []), ("ledger_why", [1]), ("ledger_line", [1])):
        found = page(client, name, draft.pk, *args)
        assert "<script>alert" not in found and "<b>1</b>" not in found


def test_the_number_of_queries_does_not_grow_with_the_lines(draft: Disclosure, alice: User) -> None:
    client, url = signed_in(alice), reverse("scoring:ledger", args=[draft.pk])
    stored(draft)
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for _number in range(5):
        stored(draft)
    with CaptureQueriesContext(connection) as more:
        client.get(url)
    assert len(more) == len(few)


# --- why this factor --------------------------------------------------------------------------------------
def test_why_shows_the_sum_the_source_the_losers_and_other_places(draft: Disclosure, alice: User) -> None:
    stored(draft)
    found = page(signed_in(alice), "ledger_why", draft.pk, 1)
    assert "1,000 MWh × 0.5227 tCO₂/MWh = 522.7 tCO₂" in found
    assert "No.33 of 2024" in found
    assert "a less specific place" in found and "data of a later year" in found
    assert found.index("Yunnan") < found.index("584.9")


def test_another_province_shows_its_tonnes(draft: Disclosure, alice: User) -> None:
    stored(draft)
    client = signed_in(alice)
    assert "Shanghai: 584.9 tCO₂e" in page(client, "ledger_why", draft.pk, 1, query="?elsewhere=CN-SH")
    assert "Placed in" in page(client, "ledger_why", draft.pk, 1, query="?elsewhere=Atlantis")


def test_the_drawer_gets_the_sheet_alone(draft: Disclosure, alice: User) -> None:
    stored(draft)
    sheet = page(signed_in(alice), "ledger_why", draft.pk, 1, **{"HX-Request": "true"})
    assert "<html" not in sheet and "0.5227" in sheet


def test_why_of_a_line_that_is_not_there_is_not_there(draft: Disclosure, alice: User) -> None:
    assert signed_in(alice).get(reverse("scoring:ledger_why", args=[draft.pk, 9])).status_code == 404


# --- how sure -------------------------------------------------------------------------------------------
def test_both_approaches_stand_beside_each_other_with_the_seed(draft: Disclosure, alice: User) -> None:
    stored(draft)
    found = page(signed_in(alice), "ledger_uncertainty", draft.pk)
    assert "Approach 1" in found and "Approach 2" in found
    assert found.count("522.7") >= 2 and "0,000 times" in found and str(SEED) in found
    assert "No other year of this company has a ledger that stands" in found


def test_the_trend_stands_since_another_year_with_its_uncertainty(draft: Disclosure, alice: User) -> None:
    stored(draft)
    last = make.disclosure(draft.company, 2021, state=State.DRAFT)
    stored(last, amount=2e6)
    Disclosure.objects.filter(pk=last.pk).update(state=State.RECORDED, frozen_at=timezone.now())
    found = page(signed_in(alice), "ledger_uncertainty", draft.pk, query="?base=2021")
    assert "Table 3.2" in found and "percentage points" in found and "another factor in each year" in found
    assert "There is no ledger of “1999”" in page(signed_in(alice), "ledger_uncertainty", draft.pk, query="?base=1999")


def test_a_ledger_that_is_silent_about_a_scope_is_incomplete(draft: Disclosure, alice: User) -> None:
    stored(draft)
    assert "incomplete" in page(signed_in(alice), "ledger", draft.pk)
    for kind in ("fuel.diesel@road", "spend.travel"):
        stored(draft, kind=kind, typed_amount="", typed_unit="", amount=None, unit="", notation="NO")
    assert "incomplete" not in page(signed_in(alice), "ledger", draft.pk)


# --- writing ----------------------------------------------------------------------------------------------
def test_a_line_is_kept_as_typed_with_its_evidence(draft: Disclosure, alice: User) -> None:
    bill = SimpleUploadedFile("bill.pdf", b"%PDF-1.7 bill", content_type="application/pdf")
    answer = signed_in(alice).post(
        reverse("scoring:ledger_new", args=[draft.pk]), typed(amount="10", unit="万千瓦时") | {"cited-attached": bill}
    )
    assert answer.status_code == 302
    row = draft.activities.get()
    assert (row.typed, row.amount, row.unit, row.place) == ("10 万千瓦时", 100_000.0, "kWh", "CN-CQ")
    assert [one.evidence.name for one in row.cited] == ["bill.pdf"]


@pytest.mark.parametrize(
    ("facts", "en", "zh"),
    [
        ({"amount": "12,34o"}, "12,340", "12,340"),
        ({"amount": "-5"}, "below zero", "-5"),
        ({"unit": "t"}, "unit of mass", "t"),
        ({"kind": "unobtainium"}, "unobtainium", "unobtainium"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field_and_stays_typed(
    draft: Disclosure, alice: User, language: str, facts: dict[str, str], en: str, zh: str
) -> None:
    client = signed_in(alice, language)
    found = text(client.post(reverse("scoring:ledger_new", args=[draft.pk]), typed(**facts)))
    assert (en if language == "en" else zh) in found
    assert "form-errors" in found and not draft.activities.exists()
    if "amount" in facts:
        assert f'value="{facts["amount"]}"' in found


def test_colleagues_who_write_other_lines_are_in_nobodys_way(draft: Disclosure, alice: User, company: Company) -> None:
    stored(draft)
    client, frank = signed_in(alice), signed_in(make.frank(company))
    mark = seen(client, draft, 1)
    assert frank.post(reverse("scoring:ledger_new", args=[draft.pk]), typed()).status_code == 302
    answer = client.post(reverse("scoring:ledger_line", args=[draft.pk, 1]), typed(amount="7", seen=mark))
    assert answer.status_code == 302
    assert sorted(draft.activities.values_list("typed_amount", flat=True)) == ["1,000", "7"]


def test_a_line_that_somebody_changed_meanwhile_shows_both(draft: Disclosure, alice: User, company: Company) -> None:
    stored(draft)
    client, frank = signed_in(alice), signed_in(make.frank(company))
    mark = seen(client, draft, 1)
    url = reverse("scoring:ledger_line", args=[draft.pk, 1])
    frank.post(url, typed(amount="8", seen=mark))
    found = text(client.post(url, typed(amount="7", seen=mark)), status=409)
    assert "8 MWh" in found and 'value="7"' in found
    assert draft.activities.get().typed_amount == "8"
    mark = found.split('name="seen" value="')[1].split('"')[0]
    assert client.post(url, typed(amount="7", seen=mark)).status_code == 302
    assert draft.activities.get().typed_amount == "7"


def test_what_was_typed_into_a_submitted_version_is_shown_and_not_kept(draft: Disclosure, alice: User) -> None:
    client = signed_in(alice)
    draft.submit(by=alice)
    url = reverse("scoring:ledger_new", args=[draft.pk])
    found = text(client.post(url, typed(amount="77")), status=409)
    assert 'value="77"' in found and "can no longer be changed" in found and "Save the line" not in found
    assert not draft.activities.exists()
    assert client.get(url).status_code == 302


def test_a_line_is_taken_out_unless_it_changed(draft: Disclosure, alice: User) -> None:
    stored(draft)
    client, url = signed_in(alice), reverse("scoring:ledger_delete", args=[draft.pk, 1])
    client.post(url, {"seen": "something else"})
    assert draft.activities.exists()
    client.post(url, {"seen": seen(client, draft, 1)})
    assert not draft.activities.exists()


# --- live tonnes ------------------------------------------------------------------------------------------
def preview(person: User, disclosure: Disclosure, query: str = "", **facts: Any) -> HttpResponse:
    url = reverse("scoring:ledger_preview", args=[disclosure.pk]) + query
    return signed_in(person).post(url, typed(**facts))


def test_tonnes_appear_while_typing_and_nothing_is_stored(draft: Disclosure, alice: User) -> None:
    found = text(preview(alice, draft))
    assert "522.7" in found and "±" in found and "1,000,000 kWh" in found
    assert not draft.activities.exists()


def test_half_typed_numbers_get_words_instead_of_tonnes(draft: Disclosure, alice: User) -> None:
    assert "12,340" in text(preview(alice, draft, amount="12,34o"))
    assert "appear here" in text(preview(alice, draft, amount="", notation="NE"))


def test_a_thousand_times_last_year_is_asked_about_while_typing(draft: Disclosure, alice: User) -> None:
    last = make.disclosure(draft.company, 2021, state=State.DRAFT)
    stored(last)
    Disclosure.objects.filter(pk=last.pk).update(state=State.RECORDED, frozen_at=timezone.now())
    assert "kWh instead of MWh?" in text(preview(alice, draft, amount="1,000,000"))


def test_the_fields_follow_the_kind_and_what_was_typed_stays(draft: Disclosure, alice: User) -> None:
    of_power = text(preview(alice, draft, "?fields=1"))
    of_fuel = text(preview(alice, draft, "?fields=1", kind="fuel.diesel", unit="t", note="tank 2"))
    assert "id_contract" in of_power and "id_heating_value_basis" not in of_power
    assert "id_contract" not in of_fuel and "id_heating_value_basis" in of_fuel and "tank 2" in of_fuel


def new_line(alice: User, draft: Disclosure, query: str, language: str = "en") -> str:
    return text(signed_in(alice, language).get(reverse("scoring:ledger_new", args=[draft.pk]) + query))


@pytest.mark.parametrize("typed", ["gas", "燃气", "trq", "natural gas"])
def test_a_search_offers_kinds_and_chooses_none(draft: Disclosure, alice: User, language: str, typed: str) -> None:
    found = new_line(alice, draft, f"?find={typed}", language)
    assert 'data-kind="fuel.natural_gas"' in found and 'href="?kind=fuel.natural_gas"' in found
    assert " selected" not in found.split('id="id_kind"')[1].split("</select>")[0].replace('value="" selected', "")
    assert "portfolio/find.js" in found and "onclick" not in found


def test_a_search_with_one_hit_still_asks_for_a_click(draft: Disclosure, alice: User) -> None:
    found = new_line(alice, draft, "?find=机票")
    assert found.count("data-kind=") == 1 and 'value="travel.air" selected' not in found
    assert 'value="travel.air" selected' in new_line(alice, draft, "?kind=travel.air")


def test_a_search_that_finds_nothing_says_so(draft: Disclosure, alice: User) -> None:
    found = new_line(alice, draft, "?find=<xyzzy>")
    assert "Nothing is called “&lt;xyzzy&gt;”" in found and "data-kind=" not in found


def test_a_kind_without_a_factor_says_so_in_the_search_and_leads_to_a_local_one(draft: Disclosure, alice: User) -> None:
    link = f"{reverse('portfolio:local_factor_new')}?kind=travel.high_speed_rail&amp;unit=pkm"
    assert link in new_line(alice, draft, "?find=高铁")
    assert link in new_line(alice, draft, "?kind=travel.high_speed_rail")
    assert link in text(preview(alice, draft, "?fields=1", kind="travel.high_speed_rail"))
    assert "No factor is shipped" not in new_line(alice, draft, "?find=柴油")
    form = text(signed_in(alice, "en").get(link.replace("&amp;", "&")))
    assert 'value="travel.high_speed_rail" selected' in form and 'value="pkm" selected' in form


def test_a_kind_computes_once_its_local_factor_is_verified(draft: Disclosure, alice: User) -> None:
    ride = {"kind": "travel.high_speed_rail", "amount": "10万", "unit": "人公里", "place": "CN"}
    assert "notice--error" in text(preview(alice, draft, **ride))
    facts = {"kind": "travel.high_speed_rail", "region": "CN", "unit": "pkm", "value": 0.03, "gas": "CO2e"}
    days = {"data_year": draft.year, "published": date(draft.year, 12, 31)}
    verified_factor(draft.company, alice, make.bob(), **facts, **days)
    found = text(preview(alice, draft, **ride))
    assert "3.0" in found and "notice--error" not in found  # 100,000 pkm · 0.03 kg
    assert "No factor is shipped" not in new_line(alice, draft, "?find=高铁")


@pytest.mark.parametrize("wrong", ["519999", "Atlantis", "朝阳区"])
def test_no_tonnes_are_shown_of_a_place_that_cannot_be_read(draft: Disclosure, alice: User, wrong: str) -> None:
    """The company's place never stands in for one that somebody typed."""
    found = text(preview(alice, draft, place=wrong))
    assert wrong in found and "tCO₂e" not in found


def test_only_people_of_the_company_preview_and_only_on_a_draft(draft: Disclosure, alice: User) -> None:
    draft.submit(by=alice)
    assert preview(alice, draft).status_code == 409
    assert preview(make.bob(), draft).status_code == 403


# --- taking over ------------------------------------------------------------------------------------------
def taking(client: Client, disclosure: Disclosure) -> dict[str, str]:
    found = page(client, "ledger", disclosure.pk)
    return {name: found.split(f'name="{name}" value="')[1].split('"')[0] for name in ("edition", "gwp", "tables")}


def test_ticked_totals_become_figures(draft: Disclosure, alice: User) -> None:
    stored(draft)
    client, url = signed_in(alice), reverse("scoring:ledger_take_over", args=[draft.pk])
    client.post(url, taking(client, draft) | {"take": "scope2_location_t"})
    figure = draft.figures.get(quantity="scope2_location_t")
    assert (figure.value, figure.basis) == (522.7, Figure.Basis.CALCULATED)


def test_the_check_page_offers_what_the_ledger_has_and_the_form_does_not_say(company: Company, alice: User) -> None:
    draft = make.disclosure(company, 2021, scope_1=None, scope_2=None, state=State.DRAFT, created_by=alice)
    stored(draft, kind="electricity")
    client, check = signed_in(alice), reverse("portfolio:submit", args=[draft.pk])
    assert f'href="{check}#take-over"' in text(client.get(draft.get_absolute_url()))
    offered = text(client.get(check)).split('id="take-over"')[1].split("</form>")[0]
    sent = dict(re.findall(r'name="(edition|gwp|tables|back)" value="([^"]*)"', offered))
    sent["take"] = re.findall(r'name="take" value="([^"]*)"', offered)
    assert {"scope2_location_t", "electricity_kwh"} <= set(sent["take"])
    done = client.post(reverse("scoring:ledger_take_over", args=[draft.pk]), sent)
    assert done["Location"] == check
    assert draft.figures.get(quantity="scope2_location_t").basis == Figure.Basis.CALCULATED
    assert 'id="take-over"' not in text(client.get(check))


def test_a_total_that_is_not_what_was_seen_is_not_taken(draft: Disclosure, alice: User) -> None:
    stored(draft)
    client, url = signed_in(alice), reverse("scoring:ledger_take_over", args=[draft.pk])
    asked = taking(client, draft) | {"take": "scope2_location_t"}
    client.post(url, asked | {"tables": "0" * 64})
    client.post(url, asked | {"edition": "9"})
    assert not draft.figures.filter(basis=Figure.Basis.CALCULATED).exists()


def test_the_frame_marks_where_a_ledger_and_a_local_factor_belong(draft: Disclosure, alice: User) -> None:
    def marked(person: User, address: str) -> list[str]:
        found = signed_in(person).get(address).content.decode()
        return re.findall(r'<li><a href="([^"]+)" aria-current="page">', found)

    ledger, local = reverse("scoring:ledger", args=[draft.pk]), reverse("portfolio:local_factors")
    assert marked(alice, ledger) == [reverse("disclosures")]
    assert marked(alice, local) == [reverse("scoring:factors")]
    carol = make.carol()
    assert marked(carol, local) == [reverse("scoring:factors")]
    assert marked(carol, reverse("scoring:tracks", args=[draft.company_id])) == [reverse("candidates")]
