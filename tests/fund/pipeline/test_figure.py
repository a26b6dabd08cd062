"""Where a figure comes from: what its page says, to whom, and that it is two clicks to the source and back."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.db.models.functions import Now
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from portfolio.models import Activity, Company, Disclosure, Evidence, Figure, Quantity
from portfolio.typed.files import read_upload
from scoring.candidates.origins import account_href, told_href
from scoring.runs import queue as runs
from tests import make
from tests.make_candidates import candidate, score

pytestmark = pytest.mark.django_db
State = Disclosure.State


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "wake", lambda run_id: None)


def client(person: User, language: str = "en") -> Client:
    made = Client()
    made.force_login(person)
    made.cookies["django_language"] = language
    return made


def text(response: HttpResponse) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


@pytest.fixture
def carol() -> User:
    return make.carol()


@pytest.fixture
def turbines() -> Company:
    company = candidate(make.fund(), "demo-wind", make.dan())
    score(company)
    return company


def with_a_bill(company: Company, alice: User) -> tuple[Disclosure, Evidence]:
    """A recorded year whose scope 2 rests on one line with its bill."""
    told = make.disclosure(company, 2022, state=State.DRAFT, created_by=alice, scope_2=522.7)
    bill = Evidence.keep(read_upload("bill.pdf", b"%PDF-1.7 a bill"), company=company, by=alice)
    bought = {"typed_amount": "1,000", "typed_unit": "MWh", "amount": 1e6, "unit": "kWh", "place": "CN-CQ"}
    line = Activity.objects.create(disclosure=told, number=1, kind="electricity", **bought)
    line.citations.create(disclosure=told, number=1, evidence=bill, place="p. 3")
    Disclosure.objects.filter(pk=told.pk).update(
        state=State.RECORDED, digest=told.content_digest(), frozen_at=Now(), submitted_by=alice, submitted_at=Now()
    )
    told.refresh_from_db()
    return told, bill


# --- there and back -------------------------------------------------------------------------------------------
def test_every_own_input_of_a_bar_leads_to_its_figure_and_the_figure_back_to_the_bar(
    turbines: Company, carol: User
) -> None:
    reader = client(carol)
    bars = text(reader.get(turbines.get_absolute_url()))
    parts = {code: part for code, part in zip("cro", bars.split('aria-labelledby="bar-')[1:], strict=False)}
    for code, part in parts.items():
        links = set(re.findall(r'data-drawer href="([^"]+)"', part))
        assert len(links) >= 2, code
        for href in links:
            page = text(reader.get(href))
            assert f'{turbines.get_absolute_url()}#bar-{code}"' in page, href


def test_the_years_lead_to_their_figures(turbines: Company, carol: User) -> None:
    told = Disclosure.objects.get(company=turbines)
    accounts = make.financials(turbines, 2025, revenue=7e9)
    reader = client(carol)
    emissions = text(reader.get(reverse("dossier_tab", args=[turbines.pk, "emissions"])))
    for href in (told_href(told.pk, Quantity.SCOPE_1), account_href(accounts, "revenue")):
        assert f'data-drawer href="{href}"' in emissions
        assert "To cite" in text(reader.get(href))


# --- what it says ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Scope 2, location-based", "As typed", "× <a", "0.5227", "= <strong>522.7 tCO₂e", "p. 3", "Submitted")),
        ("zh-hans", ("范围二", "原始录入", "× <a", "0.5227", "522.7 tCO₂e", "p. 3", "已提交")),
    ],
)
def test_a_figure_says_activity_times_factor_evidence_and_people(language: str, words: tuple[str, ...]) -> None:
    company = make.company()
    alice = make.alice(company)
    told, _bill = with_a_bill(company, alice)
    page = text(client(alice, language).get(told_href(told.pk, Quantity.SCOPE_2_LOCATION)))
    for each in words:
        assert each in page, each
    assert reverse("scoring:ledger_why", args=[told.pk, 1]) in page


def test_evidence_opens_for_its_company_and_is_named_with_its_digest_for_the_fund(carol: User) -> None:
    company = make.company()
    alice = make.alice(company)
    told, bill = with_a_bill(company, alice)
    href = told_href(told.pk, Quantity.SCOPE_2_LOCATION)
    assert bill.get_absolute_url() in text(client(alice).get(href))
    for_fund = text(client(carol).get(href))
    assert bill.get_absolute_url() not in for_fund
    assert bill.sha256[:12] in for_fund and "confidential" in for_fund


def test_another_version_stands_beside_it(carol: User) -> None:
    company = make.company()
    first = make.disclosure(company, 2023, scope_1=100.0)
    second = make.disclosure(company, 2023, scope_1=90.0, version=2)
    page = text(client(carol).get(told_href(second.pk, Quantity.SCOPE_1)))
    assert told_href(first.pk, Quantity.SCOPE_1) in page and ">100<" in page


def test_a_held_company_leads_on_to_the_fund(carol: User) -> None:
    fund, company = make.fund(), make.company()
    told = make.disclosure(company)
    held = make.holding(fund, company)
    page = text(client(carol).get(told_href(told.pk, Quantity.SCOPE_1)))
    assert f"{reverse('portfolio_figure', args=['financed_s1'])}?fund={fund.pk}#holding-{held.pk}" in page


def test_what_nothing_uses_says_so_and_an_applicant_reads_of_no_score(turbines: Company, carol: User) -> None:
    told = make.disclosure(turbines, 2019)
    href = told_href(told.pk, Quantity.SCOPE_1)
    assert "No bar of the score that stands" in text(client(carol).get(href))
    used = told_href(Disclosure.objects.get(company=turbines, year=2025).pk, Quantity.SCOPE_1)
    own = text(client(make.alice(turbines)).get(used))
    assert "Used in" not in own and "#bar-" not in own


def test_a_share_is_printed_in_percent_and_a_negative_profit_with_its_sign(carol: User) -> None:
    accounts = make.financials(make.company(), ebit=-5e6, theme_share=0.62)
    reader = client(carol)
    assert "62.0%" in text(reader.get(account_href(accounts, "theme_share")))
    assert re.search(r"figure-big\">[-−]5,000,000<", text(reader.get(account_href(accounts, "ebit"))))


# --- what is not there ----------------------------------------------------------------------------------------
def test_a_figure_that_was_not_told_is_not_there(carol: User) -> None:
    company = make.company()
    told, accounts = make.disclosure(company), make.financials(company)
    make_none = [
        told_href(told.pk, Quantity.SCOPE_3_TOTAL),
        told_href(told.pk, "no-such-thing"),
        told_href(told.pk + 99, Quantity.SCOPE_1),
        account_href(accounts, "ebit"),
        account_href(accounts, "source"),  # no amount
        reverse("figure_of_solution", args=[told.pk, 1, "units_sold"]),
    ]
    assert [client(carol).get(href).status_code for href in make_none] == [404] * len(make_none)


def test_a_drawer_is_the_same_without_the_frame(carol: User) -> None:
    told = make.disclosure(make.company())
    href = told_href(told.pk, Quantity.SCOPE_1)
    sheet = text(client(carol).get(href, headers={"HX-Request": "true"}))
    assert "<html" not in sheet and "figure-origin" in sheet
    assert Figure.objects.filter(disclosure=told).count() == 2  # reading writes nothing
