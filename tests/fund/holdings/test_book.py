"""The portfolio of a day: golden figures through the product's reader, its pages, its CSV file and its API."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from fund.holdings.book import Book, quarter_ends, whole_years
from fund.holdings.figures import KINDS, parts
from fund.holdings.temperature import TemperatureOfPortfolio
from fund.holdings.temperature_report import CODES
from fund.models import ExclusionFlag, Holding, ProjectFigures, ThemeFund
from portfolio.exports import neutral
from portfolio.models import Disclosure, Figure, Financials, Quantity, Scope
from tests import make
from tests.api.caller import Caller, is_problem
from tests.engine.golden import SHIPPED, assert_same, case

pytestmark = pytest.mark.django_db
DAY = date(2025, 6, 30)
OF_THE_YEAR = date(2024, 12, 31)  # of the tonnes
SOURCE = {"source": "made for a test"}
GOLDEN = case(SHIPPED / "pcaf_worked" / "cases.json")


@pytest.fixture
def fund() -> ThemeFund:
    return make.fund()


# --- the worked case, through the database -------------------------------------------------------------
def tell(company: Any, tonnes: dict[str, float | None], quality: int) -> None:
    """A disclosure with these tonnes whose data quality comes out as this."""
    bases = {4: Figure.Basis.ESTIMATED}
    boundary = "mismatched" if quality == 3 else "matched"
    draft = make.disclosure(company, state="draft", scope_1=None, scope_2=None, revenue_boundary=boundary)
    quantities = {"s1": Quantity.SCOPE_1, "s2": Quantity.SCOPE_2_LOCATION, "s3": Quantity.SCOPE_3_TOTAL}
    for scope, value in tonnes.items():
        if value is not None:
            basis = bases.get(quality, Figure.Basis.REPORTED)
            Figure.objects.create(disclosure=draft, quantity=quantities[scope], value=value, basis=basis)
    if quality == 1:
        make.verified_before_opinions(draft, make.bob())
    else:
        Disclosure.objects.filter(pk=draft.pk).update(state="recorded", frozen_at=Now())


def worked(fund: ThemeFund) -> None:
    for n, row in enumerate(GOLDEN["holdings"]):
        company = make.company(f"c{n}")
        listed = False if row["asset_class"] == "business_loan" else None
        holding = make.holding(fund, company, key=row["id"], asset_class=row["asset_class"], issuer_listed=listed)
        # the case gives shares no value: 0 is not what they are worth
        shares = row["asset_class"] == "unlisted_equity"
        make.position(holding, None if shares else row["outstanding"], shares_held=row.get("shares_held"))
        amounts = ("evic", "total_equity", "total_debt", "revenue")
        given = {name: row[name] for name in amounts if name in row}
        if row["asset_class"] == "project_finance":
            tonnes = {f"{scope}_t": value for scope, value in row["emissions"].items()}
            ProjectFigures.objects.create(
                holding=holding, as_of=DAY, data_quality=row["dq"], **given, **tonnes, **SOURCE
            )
        else:
            make.prices(company, OF_THE_YEAR, shares_total=row.get("shares_total"), **given)
            tell(company, row["emissions"], row["dq"])


@pytest.mark.postgres
def test_every_figure_of_the_worked_portfolio_comes_out_of_the_database(fund: ThemeFund) -> None:
    worked(fund)
    statement, expected = Book(fund).statement(DAY), GOLDEN["expected"]
    at = {key: n for n, key in enumerate(statement.holdings.holding_key)}
    for row in expected["rows"]:
        n = at[row["id"]]
        found = {
            "attributed_outstanding": float(statement.pcaf.attribution.outstanding[n]),
            "denominator": float(statement.pcaf.attribution.denominator[n]),
            "attribution_factor": float(statement.pcaf.attribution.factor[n]),
        }
        assert_same(found, {name: row[name] for name in found}, {"rel": 1e-9}, row["id"])
    totals = {
        "financed_total": {scope: KINDS[f"financed_{scope}"].metric(statement).value for scope in ("s1", "s2", "s3")},
        "outstanding_total": statement.pcaf.total_outstanding,
        "weighted_dq": KINDS["data_quality"].metric(statement).value,
        "economic_intensity_s12_per_million": KINDS["economic_intensity"].metric(statement).value,
        "waci_s12_per_million_revenue": KINDS["waci"].metric(statement).value,
        "tcfd_carbon_intensity_s12": KINDS["carbon_intensity"].metric(statement).value,
    }
    assert_same(totals, {name: expected[name] for name in totals}, {"rel": 1e-9})


def test_the_parts_of_every_figure_sum_to_it(fund: ThemeFund) -> None:
    worked(fund)
    statement = Book(fund).statement(DAY)
    for kind in KINDS.values():
        terms = kind.terms(statement)
        there = terms.contributions()[terms.counts]
        if terms.value is not None:
            assert float(there.sum()) == pytest.approx(terms.value, rel=1e-12), kind.code


# --- reading -------------------------------------------------------------------------------------------
def held(fund: ThemeFund, key: str = "demo-alpha", outstanding: float = 100.0, **facts: Any) -> Holding:
    """Shares of a company with an EVIC of 1,000, and 1,200 + 800 t, on 30 June 2025."""
    company = make.company(key)
    make.disclosure(company)
    make.financials(company, revenue=5_000.0)
    holding = make.holding(fund, company, **facts)
    make.position(holding, outstanding)
    make.prices(company, evic=1_000.0)
    return holding


def test_a_day_without_an_entry_has_no_amount_and_says_so_until_it_was_sold(fund: ThemeFund) -> None:
    holding = held(fund)
    later = Book(fund).statement(date(2025, 9, 30))
    [row] = later.rows
    assert (row.is_stale, row.flags, row.inputs["outstanding"].value) == (True, ("stale",), None)
    assert (later.pcaf.financed("s1").value, later.pcaf.financed("s1").outstanding_unknown) == (None, 1)
    make.position(holding, 0.0, date(2025, 9, 30))
    assert Book(fund).statement(date(2025, 9, 30)).rows == []
    assert Book(fund).statement(date(2025, 6, 29)).rows == []


def test_the_enterprise_value_is_added_up_where_it_is_not_given_and_cash_stays_in(fund: ThemeFund) -> None:
    holding = held(fund)
    make.prices(holding.company, market_cap=700.0, total_debt=250.0, minority_interest=50.0, cash=90.0)
    book = Book(fund)
    [row] = book.statement(DAY).rows
    assert row.inputs["evic"].value == 1_000.0
    assert [name for name, _value in row.inputs["evic"].parts] == ["market_cap", "total_debt", "minority_interest"]
    assert book.worth(holding.company_id, DAY)["enterprise_value"] == 910.0
    make.prices(holding.company, evic=1_500.0, market_cap=700.0, total_debt=250.0, minority_interest=50.0)
    assert Book(fund).statement(DAY).rows[0].flags == ("evic_differs",)


def test_money_is_turned_into_yuan_at_the_closing_else_the_last_mean_and_without_either_is_missing(
    fund: ThemeFund,
) -> None:
    make.rate("CNY", 2023, 7.0)
    make.rate("CNY", 2024, 7.2)
    make.rate("TWD", 2024, 32.0)
    make.rate("CNY", date(2025, 6, 20), 7.5)
    make.rate("CNY", date(2025, 9, 30), 7.9)
    held(fund, "us", currency="USD")
    held(fund, "tw", currency="TWD")
    held(fund, "xx", currency="XXX")
    rows = {row.company.company_key: row.inputs["outstanding"] for row in Book(fund).statement(DAY).rows}
    applied = {key: found.exchange_rate for key, found in rows.items()}
    assert rows["us"].value == pytest.approx(750.0) and applied["us"] and applied["us"].of == date(2025, 6, 20)
    assert rows["tw"].value == pytest.approx(100 * 7.2 / 32) and applied["tw"] and applied["tw"].of == 2024
    assert rows["xx"].value is None


def test_what_was_earned_takes_the_mean_of_its_year_and_what_is_owned_the_closing_of_the_holding(
    fund: ThemeFund,
) -> None:
    make.rate("CNY", 2024, 7.0)
    make.rate("CNY", DAY, 8.0)
    holding = held(fund, currency="USD")
    Financials.objects.filter(company=holding.company).delete()
    make.financials(holding.company, 2024, 10.0, currency="USD", equity=5.0)
    project = held(fund, "project", asset_class="project_finance", currency="USD")
    facts = {"currency": "USD", "total_equity": 5.0, "revenue": 10.0, **SOURCE}
    ProjectFigures.objects.create(holding=project, as_of=DAY, **facts)
    for row in Book(fund).statement(DAY).rows:
        assert (row.inputs["revenue"].value, row.inputs["total_equity"].value) == (70.0, 40.0)


@pytest.mark.parametrize(("code", "what"), [("financed_s1", "EVIC"), ("waci", "revenue"), ("financed_s1", "amount")])
def test_money_that_lacks_only_an_exchange_rate_is_not_called_missing(fund: ThemeFund, code: str, what: str) -> None:
    holding = held(fund, currency="ISK" if what == "amount" else "CNY")
    if what == "EVIC":
        make.prices(holding.company, evic=1_000.0, currency="ISK")
    Financials.objects.filter(company=holding.company).update(currency="ISK")
    with translation.override("en"):
        [part] = parts(KINDS[code], Book(fund).statement(DAY))
    assert (part.contribution, part.because) == (None, "no exchange rate for ISK")


@pytest.mark.parametrize(
    ("rates", "words"),
    [
        ([("EUR", DAY), ("CNY", DAY)], "closing of 2025-06-30)"),
        ([("EUR", date(2025, 3, 31)), ("CNY", date(2025, 3, 31))], "closing of 2025-03-31, 91 days earlier)"),
        ([("EUR", 2024), ("CNY", 2024)], "mean of 2024)"),
        ([("EUR", 2022), ("CNY", 2022), ("CNY", 2024)], "mean of 2022, 2 years earlier)"),
    ],
)
def test_page_and_api_say_which_exchange_rate_was_used_and_its_lag(
    fund: ThemeFund, client: Client, rates: list[tuple[str, Any]], words: str
) -> None:
    for currency, of in rates:
        make.rate(currency, of, 2.0)
    held(fund, currency="EUR")
    carol = make.carol()
    client.force_login(carol)
    client.cookies["django_language"] = "en"
    page = client.get(reverse("portfolio_figure", args=["financed_s1"])).content.decode()
    assert words in page
    [row] = Caller(carol, [Scope.SCORES_READ]).read("/portfolio/").json()["holdings"]
    assert str(rates[0][1]) == row["exchange_rate"]["of"] and row["exchange_rate"]["currency"] == "EUR"


def test_tonnes_are_of_the_last_year_that_ended_and_of_what_stands(fund: ThemeFund) -> None:
    holding = held(fund)
    make.disclosure(holding.company, 2024, version=2, scope_1=2_000.0)
    make.disclosure(holding.company, 2025, scope_1=9_000.0)
    [row] = Book(fund).statement(DAY).rows
    assert (row.inputs["s1_t"].value, row.disclosure and row.disclosure.version) == (2_000.0, 2)


def test_a_project_never_takes_the_figures_of_its_company(fund: ThemeFund) -> None:
    holding = held(fund, asset_class="project_finance")
    [row] = Book(fund).statement(DAY).rows
    assert {row.inputs[name].value for name in ("s1_t", "revenue", "total_debt", "evic")} == {None}
    ProjectFigures.objects.create(holding=holding, as_of=DAY, total_equity=60.0, total_debt=140.0, s1_t=50.0, **SOURCE)
    assert Book(fund).statement(DAY).pcaf.financed("s1").value == 25.0


def test_a_company_held_twice_stays_two_rows_and_is_one_company(fund: ThemeFund) -> None:
    holding = held(fund)
    bond = make.holding(fund, holding.company, key="bond", asset_class="corporate_bond", issuer_listed=True)
    make.position(bond, 50.0)
    statement = Book(fund).statement(DAY)
    assert statement.held_twice == [(holding.company, 2)]
    assert statement.pcaf.financed("s1").value == pytest.approx(0.15 * 1200)
    [weighed] = TemperatureOfPortfolio(Book(fund), statement).contributions("WATS", "mid", "S1+S2")
    assert weighed[0] == holding.company


def test_exclusions_are_not_decidable_until_every_flag_is_known_and_fail_by_one(fund: ThemeFund) -> None:
    holding = held(fund)
    verdicts = [Book(fund).exclusions(Book(fund).statement(DAY)).verdict]
    words = [word for word, _label in ExclusionFlag._meta.get_field("exclusion").choices or ()]
    for word in words:
        ExclusionFlag.objects.create(company=holding.company, as_of=DAY, exclusion=word, applies=False, **SOURCE)
    verdicts.append(Book(fund).exclusions(Book(fund).statement(DAY)).verdict)
    ExclusionFlag.objects.create(company=holding.company, as_of=DAY, exclusion="tobacco", applies=True, **SOURCE)
    verdicts.append(Book(fund).exclusions(Book(fund).statement(DAY)).verdict)
    assert verdicts == ["not_decidable", "pass", "fail"]


def test_the_benchmark_is_held_against_the_base_date_with_the_inflation_of_values(fund: ThemeFund) -> None:
    holding = held(fund)
    fund.universe_intensity = 5e6
    fund.save()
    draft = make.disclosure(holding.company, 2023, state="draft")
    Figure.objects.create(disclosure=draft, quantity=Quantity.SCOPE_3_TOTAL, value=0.0)
    Disclosure.objects.filter(pk=draft.pk).update(state="recorded", frozen_at=Now())
    make.position(holding, 100.0, date(2024, 6, 30))
    make.prices(holding.company, date(2024, 6, 30), evic=800.0)
    report = Book(fund).benchmark(Book(fund).statement(DAY))
    assert report and report.test and report.years == 1
    assert report.base.value == pytest.approx(2_000 / 800 * 1e6)
    assert report.test.inflation_factor == pytest.approx(1.25)
    assert report.test.trajectory_limit == pytest.approx(2.5e6 * 0.93)
    assert (report.current.value, report.test.trajectory_ok) == (None, None)  # 2024 has no scope 3
    assert report.test.reduction == pytest.approx(0.5) and report.test.pab_baseline_ok


@pytest.mark.parametrize(
    ("day", "first"),
    [(date(2025, 12, 31), date(2025, 3, 31)), (date(2026, 1, 1), date(2025, 3, 31)), (DAY, date(2024, 9, 30))],
)
def test_the_impacts_stand_on_the_four_quarter_ends_up_to_the_day(day: date, first: date) -> None:
    ends = quarter_ends(day)
    assert (len(ends), ends[0], ends[-1] <= day) == (4, first, True)


def test_years_are_whole() -> None:
    assert whole_years(date(2024, 12, 31), date(2025, 12, 30)) == 0
    assert whole_years(date(2024, 12, 31), date(2026, 12, 31)) == 2


# --- pages ---------------------------------------------------------------------------------------------
PAGES = ("", "?view=holdings", "?view=temperature", "?view=rules")


@pytest.fixture
def carol() -> Client:
    client = Client()
    client.cookies["django_language"] = "en"
    client.force_login(make.carol())
    return client


def read(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


@pytest.mark.slow
def test_every_view_and_every_figure_opens_with_something_missing_everywhere(carol: Client, fund: ThemeFund) -> None:
    worked(fund)
    bare = make.holding(fund, make.company("bare", name_zh="空壳", name_en="Bare <b>"), key="bare")
    make.position(bare, 5.0)
    for page in PAGES:
        text = read(carol, reverse("portfolio") + page)
        assert "nan" not in text.lower().replace("financ", "").replace("maintenance", "")
    assert "Bare &lt;b&gt;" in read(carol, reverse("portfolio") + "?view=holdings")
    for code in [*KINDS, *list(CODES)[::7]]:
        read(carol, reverse("portfolio_figure", args=[code]))
    assert carol.get(reverse("portfolio_figure", args=["nonsense"])).status_code == 404


def test_a_figure_names_its_inputs_their_sources_and_who_is_left_out(carol: Client, fund: ThemeFund) -> None:
    holding = held(fund)
    make.position(make.holding(fund, make.company("bare", name_en="Bare Ltd"), key="bare"), 5.0)
    text = read(carol, reverse("portfolio_figure", args=["financed_s1"]))
    disclosure = Disclosure.objects.get(company=holding.company)
    assert disclosure.get_absolute_url() in text and holding.company.get_absolute_url() in text
    assert "100 ÷ EVIC 1,000 = 0.1; 0.1 × 1,200 tCO₂e" in text
    assert "the enterprise value including cash is missing" in text and "Bare Ltd" in text
    assert "1 of 2 holdings, 95.2% of the outstanding money" in text


def test_without_holdings_the_page_says_so_and_leads_administrators_on(carol: Client, fund: ThemeFund) -> None:
    assert "No holdings yet" in read(carol, reverse("portfolio"))
    assert "No holdings yet" in read(carol, reverse("portfolio_figure", args=["waci"]))
    assert carol.get(reverse("portfolio_csv")).status_code == 404
    dan = Client()
    dan.force_login(make.dan())
    assert reverse("admin:fund_holding_changelist") in read(dan, reverse("portfolio"))
    ThemeFund.objects.all().delete()
    assert "No fund yet" in read(carol, reverse("portfolio"))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("fund=999", "There is no fund “999”."),
        ("date=2025-13-01", "“2025-13-01” is not a date"),
        ("date=2025-07-15", "There are no positions of 2025-07-15."),
        ("view=charts", "There is no view “charts”."),
        ("view=holdings&sort=colour", "Holdings are not sorted by “colour”."),
    ],
)
def test_what_is_wrong_in_the_address_is_named_and_dropped(
    carol: Client, fund: ThemeFund, query: str, said: str
) -> None:
    held(fund)
    text = read(carol, f"{reverse('portfolio')}?{query}")
    assert said in text and "Shown:" in text


@pytest.mark.postgres
def test_holdings_are_sorted_with_what_is_missing_last(carol: Client, fund: ThemeFund) -> None:
    held(fund, "small", 10.0)
    held(fund, "large", 90.0)
    make.position(make.holding(fund, make.company("bare"), key="bare"), 5.0)
    for sort, first in (("s1_s2", "small"), ("-s1_s2", "large")):
        page = carol.get(f"{reverse('portfolio')}?view=holdings&sort={sort}").context["page"]
        keys = [row.held.company.company_key for row in page]
        assert (keys[0], keys[-1]) == (first, "bare")


@pytest.mark.parametrize("page", PAGES)
def test_more_holdings_ask_no_more_questions(carol: Client, fund: ThemeFund, page: str) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as questions:
            read(carol, reverse("portfolio") + page)
        return len(questions)

    held(fund, "c0")
    read(carol, reverse("portfolio") + page)
    few = asked()
    for n in range(1, 8):
        held(fund, f"c{n}")
    assert asked() == few


# --- CSV -----------------------------------------------------------------------------------------------
def test_the_file_holds_every_holding_and_no_formula(carol: Client, fund: ThemeFund) -> None:
    holding = held(fund, instrument="=HYPERLINK(1)")
    answer = carol.get(reverse("portfolio_csv"))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert answer["Content-Disposition"].startswith('attachment; filename="greenlight_holdings_2025-06-30_')
    about = [line for line in text.splitlines() if line.startswith("#")]
    assert any("2025-06-30" in line for line in about)
    [row] = csv.DictReader(io.StringIO("\n".join(text.splitlines()[len(about) :])))
    assert (row["Instrument"], row["Holding key"]) == ("'=HYPERLINK(1)", holding.holding_key)
    assert (float(row["Financed scope 1, t"]), row["Financed scope 3, t"]) == (120.0, "")
    bare = b"".join(carol.get(reverse("portfolio_csv") + "?meta=0").streaming_content)  # type: ignore[attr-defined]
    assert bare.decode("utf-8-sig").startswith("Holding key,")


@pytest.mark.parametrize("query", ["fund=999", "fund=abc", "date=2026-13-99", "date=1990-01-01"])
def test_there_is_no_file_of_another_fund_or_day_than_was_asked_for(carol: Client, fund: ThemeFund, query: str) -> None:
    held(fund)
    assert carol.get(f"{reverse('portfolio_csv')}?{query}").status_code == 404


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\ta", "\ra"])
def test_a_cell_that_a_spreadsheet_would_run_is_made_a_text(text: str) -> None:
    assert neutral(text) == f"'{text}"
    assert neutral(-1.5) == -1.5


# --- API -----------------------------------------------------------------------------------------------
def test_a_program_gets_the_figures_of_the_page(fund: ThemeFund) -> None:
    worked(fund)
    said = Caller(make.carol(), [Scope.SCORES_READ]).read("/portfolio/?date=2025-06-30").json()
    metrics = {metric["code"]: metric for metric in said["metrics"]}
    assert metrics["financed_s1"]["value"] == {"value": "513.75", "unit": "tCO₂e"}
    assert metrics["financed_s3"]["coverage_at_most"]["value"].startswith("0.7286")
    assert (len(said["temperature"]), len(said["what_ifs"]), len(said["holdings"])) == (105, 90, 5)
    assert said["temperature_method"]["name"] == "current" and said["temperature_method"]["edition"] == "1.5"
    assert [said["temperature_method"][name]["value"] for name in ("default", "floor")] == ["3.4", "1.5"]
    assert said["eu_benchmarks"]["exclusions"] == "not_decidable"


def test_a_program_is_refused_what_is_not_there_and_what_is_not_its(fund: ThemeFund) -> None:
    carol = make.carol()
    assert Caller(carol).read("/portfolio/").json()["as_of"] is None
    held(fund)
    is_problem(Caller(carol).read("/portfolio/?fund=999"), 404, "not_found")
    is_problem(Caller(carol).read("/portfolio/?date=2025-07-15"), 404, "not_found")
    said = is_problem(Caller(carol).read("/portfolio/?fund=abc&date=2025-13-01"), 400, "validation_error")
    assert {error["parameter"] for error in said["errors"]} == {"fund", "date"}
    is_problem(Caller(carol, [Scope.COMPANIES_READ]).read("/portfolio/"), 403, "insufficient_scope")
    is_problem(Caller(make.alice(make.company("hers"))).read("/portfolio/"), 404, "not_found")
