"""A figure of the ledger is one only as it was taken over, whichever door it is changed by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from portfolio.models import Figure, Quantity
from scoring.ledgers import ledger
from tests import make
from tests.api.caller import Caller
from tests.scoring.signing.desk import Desk, line

pytestmark = pytest.mark.django_db
Q = Quantity
TAKEN_T = 522.7


@pytest.fixture(autouse=True)
def _in_english(settings: Any) -> Iterator[None]:
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def desk() -> Desk:
    made = Desk()
    made.take()
    return made


def by_form(desk: Desk, typed: str, basis: str = "calculated") -> None:
    client = Client()
    client.force_login(desk.alice)
    desk.disclosure.refresh_from_db()
    fields = {"scope2_location_t": typed, "scope2_location_t-basis": basis, "revenue_boundary": "matched"}
    more = {"edition": desk.disclosure.edition, "boundary": "all sites", "source_document": "report"}
    assert client.post(desk.disclosure.get_absolute_url(), fields | more).status_code == 302


def by_api(desk: Desk, typed: str, basis: str = "calculated") -> None:
    alice, address = Caller(desk.alice), f"/disclosures/{desk.disclosure.pk}/"
    tag = alice.read(address)["ETag"]
    note = desk.figure().note  # as a program sends back what it read
    figures = [{"quantity": "scope2_location_t", "value": typed, "basis": basis, "note": note}]
    assert alice.change(address, {"figures": figures}, If_Match=tag).status_code == 200


def by_model(desk: Desk, typed: str, basis: str = "calculated") -> None:
    desk.disclosure.refresh_from_db()
    row = desk.figure()
    row.pk, row.value, row.typed, row.basis = None, float(typed), typed, basis
    facts = {"boundary": "all sites", "revenue_boundary": "matched", "source_document": "report"}
    desk.disclosure.revise(by=desk.alice, edition=desk.disclosure.edition, figures=[row], **facts)


DOORS = [by_form, by_api, by_model]


def test_what_is_taken_over_says_so(desk: Desk) -> None:
    figure = desk.figure()
    assert (figure.value, figure.basis, figure.ledger_value) == (TAKEN_T, "calculated", None)
    assert figure.provenance.startswith("Taken over from the ledger on ")


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("typed", ["400", "522.8", "5227"])
def test_a_figure_changed_by_hand_is_reported_and_says_what_the_ledger_had(
    desk: Desk, door: Callable[[Desk, str], None], typed: str
) -> None:
    door(desk, typed)
    figure = desk.figure()
    assert (figure.value, figure.typed, figure.basis, figure.note) == (float(typed), typed, "reported", "")
    assert (figure.ledger_value, figure.changed_by) == (TAKEN_T, desk.alice)
    assert figure.provenance.startswith("Was 522.7 tCO₂e by the ledger, changed by hand by alice on ")


@pytest.mark.parametrize("door", DOORS)
def test_a_figure_that_comes_back_as_it_was_stays_the_ledgers(desk: Desk, door: Callable[[Desk, str], None]) -> None:
    before = desk.figure()
    door(desk, "522.7")
    after = desk.figure()
    assert (after.basis, after.note, after.typed) == ("calculated", before.note, before.typed)
    assert after.ledger_value is None


@pytest.mark.parametrize("door", DOORS)
def test_another_basis_is_a_change_by_hand_too(desk: Desk, door: Callable[..., None]) -> None:
    door(desk, "522.7", basis="measured")
    figure = desk.figure()
    assert (figure.basis, figure.note, figure.ledger_value) == ("measured", "", TAKEN_T)
    door(desk, "300", basis="measured")
    assert desk.figure().provenance.startswith("Was 522.7 tCO₂e by the ledger")


@pytest.mark.parametrize("door", DOORS)
def test_a_second_change_still_names_what_the_ledger_had(desk: Desk, door: Callable[[Desk, str], None]) -> None:
    door(desk, "400")
    door(desk, "410")
    assert (desk.figure().value, desk.figure().ledger_value) == (410.0, TAKEN_T)


def test_nobody_writes_the_ledgers_note_but_the_ledger() -> None:
    desk = Desk()
    note = "ledger · AR6 · 0123456789ab · 2026-01-01"
    alice, address = Caller(desk.alice), f"/disclosures/{desk.disclosure.pk}/"
    figures = [{"quantity": "scope1_t", "value": "7", "basis": "calculated", "note": note}]
    alice.change(address, {"figures": figures}, If_Match=alice.read(address)["ETag"])
    assert (desk.figure("scope1_t").basis, desk.figure("scope1_t").note) == ("reported", "")


def test_taken_over_once_more_it_is_the_ledgers_again(desk: Desk) -> None:
    by_model(desk, "400")
    desk.take()
    assert (desk.figure().basis, desk.figure().ledger_value, desk.figure().changed_by) == ("calculated", None, None)


def test_a_new_version_keeps_where_its_figures_come_from(desk: Desk) -> None:
    by_model(desk, "400")
    Figure.objects.create(disclosure=desk.disclosure, quantity=Q.SCOPE_1, value=1.0)
    desk.disclosure.submit(by=desk.alice)
    make.verify(desk.disclosure, desk.bob)
    copied = desk.disclosure.new_version(by=desk.alice).figures.get(quantity=Q.SCOPE_2_LOCATION)
    assert copied.provenance == desk.figure().provenance != ""


def test_the_api_tells_what_the_ledger_had(desk: Desk) -> None:
    by_api(desk, "400")
    told = Caller(desk.alice).read(f"/disclosures/{desk.disclosure.pk}/", Accept_Language="en").json()
    [figure] = told["figures"]
    assert (figure["basis"], figure["ledger_value"]) == ("reported", "522.7")
    assert "changed by hand by alice" in figure["provenance"]


@pytest.mark.parametrize("address", ["/app/disclosures/{pk}/", "/app/disclosures/{pk}/submit/"])
def test_the_pages_say_it(desk: Desk, address: str) -> None:
    by_model(desk, "400")
    client = Client(headers={"accept-language": "en"})
    client.force_login(desk.alice)
    assert "Was 522.7 tCO₂e by the ledger" in client.get(address.format(pk=desk.disclosure.pk)).content.decode()


@pytest.mark.parametrize("changed", [{"amount": 1.001e6, "typed_amount": "1001"}, {"amount": 2e6}, {"place": "CN-SC"}])
def test_a_ledger_changed_after_the_take_over_says_that_the_figure_is_older(
    desk: Desk, changed: dict[str, Any]
) -> None:
    desk.put(line(**changed))
    accounted = ledger.account_disclosure(desk.disclosure)
    compared = {each.quantity: each for each in ledger.compare_with_reported(accounted, desk.disclosure.figures.all())}
    assert compared[Q.SCOPE_2_LOCATION].words[0].startswith("The figure is older than its lines")


def test_another_set_of_warming_potentials_makes_no_figure_old(desk: Desk) -> None:
    accounted = ledger.account_disclosure(desk.disclosure, gwp_set="SAR")
    assert not ledger.is_older(desk.figure(), 1.0, accounted.gwp_set)
