"""Earnings, subsidies, runway and theme shares in the form and the API: "none" and blank differ, losses are losses."""

from __future__ import annotations

import json

import pytest
from django.http import QueryDict
from django.test import Client

from portfolio.disclosures.feeds import FEEDS
from portfolio.disclosures.forms import DisclosureForm, bases_of
from portfolio.disclosures.groups import GROUPS
from portfolio.models import Company, Disclosure, Quantity
from portfolio.models.disclosure import SCOPE_3
from portfolio.models.quantity import SUBSIDIES
from portfolio.typed.numbers import NONE
from tests import make
from tests.api.caller import Caller

pytestmark = pytest.mark.django_db
Q = Quantity


@pytest.fixture
def company() -> Company:
    return make.company()


@pytest.fixture
def draft(company: Company) -> Disclosure:
    return make.disclosure(company, state=Disclosure.State.DRAFT)


def save(draft: Disclosure, **typed: str) -> Disclosure:
    data = QueryDict(mutable=True)
    data.update({"edition": str(draft.edition), "revenue_boundary": "matched"} | typed)
    form = DisclosureForm(data, disclosure=draft, last_year={})
    assert form.is_valid(), form.errors
    form.save(by=make.alice(draft.company))
    return Disclosure.objects.get(pk=draft.pk)


def test_every_quantity_is_asked_in_one_group() -> None:
    asked = [quantity for group in GROUPS for quantity in group.quantities]
    assert sorted(asked) == sorted(Quantity)


def test_what_bars_and_gates_rest_on_says_so_at_its_field() -> None:
    silent = {Q.SCOPE_1_2_TOTAL, Q.SCOPE_3_TOTAL, *SCOPE_3}
    silent |= {Q.ENERGY, Q.COAL, Q.WATER, Q.WASTE, Q.RENEWABLE_CAPACITY}
    assert set(FEEDS) == set(Quantity) - silent


@pytest.mark.parametrize("word", ["none", "None", "无", "没有"])
def test_none_of_a_subsidy_is_told_and_blank_is_not(draft: Disclosure, word: str) -> None:
    saved = save(draft, grants_cny=word, price_premium_cny="")
    assert saved.values()[Q.GRANTS] == 0
    assert Q.PRICE_PREMIUM not in saved.values()


def test_none_of_earnings_is_no_number(draft: Disclosure) -> None:
    data = QueryDict(mutable=True)
    data.update({"edition": "1", "revenue_boundary": "matched", "ebit_cny": "none"})
    assert "ebit_cny" in DisclosureForm(data, disclosure=draft, last_year={}).errors


@pytest.mark.parametrize("typed", ["-1.2亿元", "(1.2亿)", "−120,000,000", "（1.2亿元）"])
def test_a_loss_is_below_zero(draft: Disclosure, typed: str) -> None:
    assert save(draft, ebit_cny=typed).values()[Q.EBIT] == -1.2e8


def test_a_subsidy_keeps_whether_it_stands_inside_ebit(draft: Disclosure) -> None:
    saved = save(draft, grants_cny="4000万", price_premium_cny="0", **{"grants_cny-standing": "outside"})
    told = {figure.quantity: figure.ebit_standing for figure in saved.figures.all()}
    assert (told[Q.GRANTS], told[Q.PRICE_PREMIUM]) == ("outside", "unknown")


def test_where_a_subsidy_stands_is_signed(draft: Disclosure) -> None:
    figure = draft.figures.create(quantity=Q.GRANTS, value=1.0, ebit_standing="inside")
    before = draft.content_digest()
    figure.ebit_standing = "outside"
    figure.save(update_fields=["ebit_standing"])
    assert draft.content_digest() != before


def test_only_money_is_from_audited_accounts() -> None:
    audited = {quantity for quantity in Quantity if "audited" in dict(bases_of(quantity))}
    assert audited == {quantity for quantity in Quantity if quantity.unit == "CNY"}
    assert {Q.REVENUE, Q.EBIT, *SUBSIDIES} <= audited


def test_the_form_shows_each_subsidy_with_its_own_question(draft: Disclosure, client: Client) -> None:
    client.force_login(make.alice(draft.company))
    page = client.get(draft.get_absolute_url()).content.decode()
    for subsidy in SUBSIDIES:
        assert f'name="{subsidy}-standing"' in page
    assert 'name="ebit_cny-standing"' not in page


# --- the API -----------------------------------------------------------------------------------------------
def put(company: Company, *figures: dict[str, object]) -> tuple[int, dict[str, object]]:
    answer = Caller(make.alice(company)).send(
        "/disclosures/", {"company": company.company_key, "year": 2024, "figures": list(figures)}
    )
    return answer.status_code, answer.json()


def test_the_api_takes_a_loss_and_a_standing(company: Company) -> None:
    grant = {"quantity": "grants_cny", "value": "0", "ebit_standing": "inside"}
    status, body = put(company, {"quantity": "ebit_cny", "value": "-1.5", "unit": "亿元", "basis": "audited"}, grant)
    assert status == 201
    told = {row["quantity"]: row for row in body["figures"]}  # type: ignore[attr-defined]
    assert told["ebit_cny"]["value"] == "-150000000"
    assert told["ebit_cny"]["basis"] == "audited"
    assert (told["grants_cny"]["value"], told["grants_cny"]["ebit_standing"]) == ("0", "inside")


@pytest.mark.parametrize("word", ["none", "None", "无", "nil", " none "])
def test_the_api_takes_the_word_for_none_as_page_and_file_do(company: Company, word: str) -> None:
    status, body = put(company, {"quantity": "grants_cny", "value": word})
    assert status == 201
    [told] = body["figures"]  # type: ignore[misc]
    assert (told["value"], told["typed"]) == ("0", word.strip().lower())


@pytest.mark.parametrize("word", ["none", "", None, "unknown"])
def test_the_api_says_how_none_and_not_known_are_told(company: Company, word: str | None) -> None:
    quantity = "ebit_cny" if word == "none" else "grants_cny"
    status, body = put(company, {"quantity": quantity, "value": word})
    [error] = body["errors"]  # type: ignore[misc]
    assert (status, error["pointer"]) == (400, "/figures/0/value")
    assert "none" in error["detail"] and "不填" in error["detail"]


def test_the_description_of_the_api_has_the_word_for_none() -> None:
    answer = Caller(make.user("reader")).ask("GET", "/api/schema/", Accept="application/vnd.oai.openapi+json")
    told = json.loads(answer.content)["components"]["schemas"]["FigureWritingRequest"]["properties"]["value"]
    assert {"type": "string", "enum": list(NONE)} in told["oneOf"]
    assert "`none`" in told["description"]


@pytest.mark.parametrize(
    ("figure", "pointer"),
    [
        ({"quantity": "grants_cny", "value": "-1"}, "/figures/0/value"),
        ({"quantity": "scope1_t", "value": -1}, "/figures/0/value"),
        ({"quantity": "priced_t", "value": "1", "basis": "audited"}, "/figures/0/basis"),
        ({"quantity": "ebit_cny", "value": "1", "ebit_standing": "inside"}, "/figures/0/ebit_standing"),
        ({"quantity": "theme_revenue_percent", "value": "101"}, "/figures/0/value"),
        ({"quantity": "runway_months", "value": "20000"}, "/figures/0/value"),
    ],
)
def test_the_api_refuses_what_cannot_be_at_its_field(company: Company, figure: dict[str, object], pointer: str) -> None:
    status, body = put(company, figure)
    assert status == 400
    assert [error["pointer"] for error in body["errors"]] == [pointer]  # type: ignore[attr-defined]
