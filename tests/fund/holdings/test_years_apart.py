"""Tonnes of one year divided by a value of another: asked of a person, and told before any card of the page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from django.utils import translation

from fund.holdings.book import Book
from fund.holdings.figures import because_of, questions_of
from fund.holdings.lead import Lead
from fund.holdings.open_questions import OpenQuestions
from fund.holdings.questions import is_far_apart, is_step
from fund.holdings.report import PortfolioReport
from fund.holdings.story import Story
from fund.models import Confirmation, Holding, Question, ThemeFund
from portfolio.models import Disclosure, Figure, Quantity
from tests import make

pytestmark = pytest.mark.django_db
DAY = date(2025, 6, 30)


@pytest.fixture
def fund() -> ThemeFund:
    return make.fund()


@pytest.fixture
def carol() -> Client:
    client = Client()
    client.cookies["django_language"] = "en"
    client.force_login(make.carol())
    return client


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


def held(fund: ThemeFund, key: str, year: int, tonnes: float = 1_000.0, revenue: float = 5_000.0) -> Holding:
    """A tenth of a company whose tonnes and revenue are of a year, and its value of 2025."""
    company = make.company(key, name_en=key.title())
    make.disclosure(company, year, scope_1=tonnes, scope_2=0.0)
    make.financials(company, year, revenue=revenue)
    make.prices(company, DAY, evic=1_000.0)
    holding = make.holding(fund, company)
    make.position(holding, 100.0)
    return holding


def asked(fund: ThemeFund) -> dict[str, list[Question]]:
    statement = Book(fund).statement(DAY)
    return {row.holding.holding_key: questions_of(statement, at) for at, row in enumerate(statement.rows)}


def lead(fund: ThemeFund) -> Lead:
    return Lead(Story(PortfolioReport(Book(fund), DAY)))


@pytest.mark.parametrize(("tonnes", "asks"), [(2023, False), (2022, True), (None, False)])
def test_more_than_two_years_are_far(tonnes: int | None, asks: bool) -> None:
    assert is_far_apart(tonnes, 2025) is asks


@pytest.mark.parametrize(("fold", "asks"), [(2.0, False), (2.1, True), (0.5, False), (0.4, True), (None, False)])
def test_a_revenue_that_doubled_or_halved_is_a_step(fold: float | None, asks: bool) -> None:
    assert is_step(fold) is asks


def test_old_tonnes_are_asked_about_and_counted(fund: ThemeFund) -> None:
    old, new = held(fund, "old", 2020), held(fund, "new", 2024)
    assert asked(fund) == {old.holding_key: [Question.LAG], new.holding_key: []}
    report = PortfolioReport(Book(fund), DAY)
    assert report.both.metric.value == 200.0
    [row] = OpenQuestions(Book(fund), DAY).to_confirm
    assert row.because == "tonnes of 2020, enterprise value of 2025"


@pytest.mark.parametrize(
    ("year", "revenue", "asks"),
    [(2024, 2_400.0, True), (2024, 2_600.0, False), (None, 600.0, True), (2026, 600.0, False)],
)
def test_a_step_of_the_revenue_since_is_asked_about(
    fund: ThemeFund, year: int | None, revenue: float, asks: bool
) -> None:
    """The last on record counts, of a source that says no year too; one of a year that has not ended does not."""
    holding = held(fund, "steel", 2023)
    make.financials(holding.company, year, revenue=revenue)  # type: ignore[arg-type]
    assert asked(fund)[holding.holding_key] == ([Question.REVENUE_STEP] if asks else [])


def test_a_revenue_that_looks_wrong_asks_nothing(fund: ThemeFund) -> None:
    holding = held(fund, "steel", 2023)
    make.financials(holding.company, None, revenue=5.0, quality_flag="probably another unit")  # type: ignore[arg-type]
    assert asked(fund)[holding.holding_key] == []


def test_what_adds_no_tonnes_is_not_asked_about(fund: ThemeFund) -> None:
    company = make.company("unpriced")
    make.disclosure(company, 2015, scope_1=5.0)
    make.position(make.holding(fund, company), 100.0)
    assert asked(fund) == {"unpriced": []}


def test_an_answer_holds_until_the_tonnes_are_others(fund: ThemeFund) -> None:
    holding = held(fund, "old", 2020)
    [row] = OpenQuestions(Book(fund), DAY).to_confirm
    basis = row.held.basis(Question.LAG)
    Confirmation.give(holding, Question.LAG, basis, by=make.carol(), reason="Nothing was sold since.")
    assert asked(fund)[holding.holding_key] == []
    make.disclosure(holding.company, 2021, scope_1=7.0, scope_2=0.0)  # type: ignore[arg-type]
    assert asked(fund)[holding.holding_key] == [Question.LAG]


def test_the_first_sentences_name_the_largest_in_doubt_and_the_figure_without_it(fund: ThemeFund) -> None:
    """A tenth of 10,000 t, of 1,000 t and of 500 t: 1,150 t; without the first 150 t, without both old ones 50 t."""
    heavy = held(fund, "heavy", 2020, 10_000.0)
    make.financials(heavy.company, None, revenue=550.0)  # type: ignore[arg-type]
    held(fund, "older", 2021, 1_000.0)
    held(fund, "new", 2024, 500.0)
    told = lead(fund)
    assert "3 holdings finance 1,150 t" in told.first and "100% of the money" in told.first
    assert "Heavy has tonnes of 2020 and a value of 2025; its revenue has changed by −89% since." in told.others
    assert "Without it: 150 t." in told.others and "2 holdings in all; without them: 50 t." in told.others
    assert told.others.index("Heavy alone is 87%") < told.others.index("To be confirmed")
    assert "By the method “current” no company held has a target" in told.others
    statement = Book(fund).statement(DAY)
    at = next(at for at, row in enumerate(statement.rows) if row.company == heavy.company)
    assert "revenue −89% from 2020 to the last on record" in because_of(statement, at, Question.REVENUE_STEP)


def test_without_tonnes_the_first_sentences_say_what_is_missing_and_who_can_fill_it(fund: ThemeFund) -> None:
    company = make.company("unpriced", name_en="Unpriced")
    make.disclosure(company, scope_1=2_000.0, scope_2=0.0)
    make.financials(company, revenue=5e6)
    make.position(make.holding(fund, company), 300.0)
    Holding.objects.create(
        fund=fund, holding_key="x", issuer_name="Zzyzx", asset_class="listed_equity", instrument="s", matched_by=""
    )
    make.position(Holding.objects.get(holding_key="x"), 100.0)
    told = lead(fund)
    assert told.first == "400 CNY in 2 holdings; how many tonnes that finances, nobody can say yet."
    assert "For 75% of the money: the enterprise value including cash is missing (an administrator" in told.others
    assert "For 25% of the money: the issuer is not on record" in told.others
    assert "Known: WACI 400 t per million CNY of revenue, for 75% of the money." in told.others


def test_the_first_sentences_say_of_how_much_of_the_money_the_promise_is(fund: ThemeFund) -> None:
    company = held(fund, "new", 2024).company
    covers = {"covers_scope_1": "Yes", "covers_scope_2": "Yes"}
    make.target(company, kind="absolute", reduction_share=0.42, base_year=2019, target_year=2033, **covers)
    assert "of it the default." in lead(fund).others and "These degrees" not in lead(fund).others
    Holding.objects.create(
        fund=fund, holding_key="x", issuer_name="Zzyzx", asset_class="listed_equity", instrument="s", matched_by=""
    )
    make.position(Holding.objects.get(holding_key="x"), 300.0)
    assert lead(fund).others.endswith("0% of it the default. These degrees are of 25% of the money.")


def test_the_sentences_come_before_the_tabs_and_the_method_is_named(carol: Client, fund: ThemeFund) -> None:
    held(fund, "old", 2020)
    page = carol.get(reverse("portfolio")).content.decode()
    assert page.index("story-lead") < page.index('class="tabs"') < page.index("What is owned")
    assert "By the method “current”." in page and "1 holding to be confirmed" in page
    asked_otherwise = carol.get(reverse("portfolio") + "?method=parity").content.decode()
    assert "by “current” alone, not by “parity”" in asked_otherwise and "parity”" not in page


def test_the_impacts_are_told_per_million_euro_with_their_rates_the_years_and_the_quality(
    carol: Client, fund: ThemeFund
) -> None:
    """One quarter of the four: 100 of 1,000 t on 100 yuan are 1,000,000 t a million yuan; a euro is 8 yuan that day."""
    company = make.company("steel", name_en="Steel")
    draft = make.disclosure(company, 2024, state="draft", scope_1=600.0, scope_2=300.0)
    Figure.objects.create(disclosure=draft, quantity=Quantity.SCOPE_3_TOTAL, value=100.0, basis=Figure.Basis.REPORTED)
    Disclosure.objects.filter(pk=draft.pk).update(state="recorded", frozen_at=Now())
    make.financials(company, 2024, revenue=2e6)
    make.prices(company, DAY, evic=1_000.0)
    make.position(make.holding(fund, company), 100.0)
    for of, cny, eur in ((2024, 7.2, 0.96), (DAY, 7.2, 0.9)):
        make.rate("CNY", of, cny)
        make.rate("EUR", of, eur)
    pai_2, pai_3 = PortfolioReport(Book(fund), DAY).impacts[4:]
    assert pai_2.in_euro and pai_2.in_euro.value == pytest.approx(1e6 * 8.0)
    assert pai_3.in_euro and pai_3.in_euro.value == pytest.approx(500 * 7.5)
    assert pai_2.in_euro.of_all == pytest.approx(1e6 * 8.0) and pai_2.in_euro.counted == 1
    page = carol.get(reverse("portfolio") + "?view=rules").content.decode()
    assert "tCO₂e per million EUR invested" in page and "8,000,000" in page
    assert "8.0000 (closing of 2025-06-30)" in page and "7.5000 (mean of 2024)" in page
    assert "tonnes of 2024, enterprise values of 2025; of different years in 1 of the holdings" in page
    assert "Data quality, scopes 1 + 2" in page


def test_without_a_rate_of_the_euro_nothing_is_converted(fund: ThemeFund) -> None:
    held(fund, "steel", 2024)
    for row in PortfolioReport(Book(fund), DAY).impacts[4:]:
        assert row.in_euro and (row.in_euro.value, row.in_euro.of_all) == (None, None)
