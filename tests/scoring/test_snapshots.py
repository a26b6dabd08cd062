"""Rows → records: which facts reach the engine."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from django.db.models.functions import Now

from portfolio.models import Activity, Disclosure, Figure, Quantity
from scoring import snapshots
from tests import make

AS_OF = date(2025, 6, 30)
pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def record(company: Any, as_of: date = AS_OF) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(snapshots.take([company], as_of)[0].inputs)
    return found


def test_drafts_and_submissions_do_not_count() -> None:
    company = make.company()
    make.disclosure(company, 2023, state=Disclosure.State.DRAFT)
    make.disclosure(company, 2024, state=Disclosure.State.SUBMITTED)
    assert record(company)["years"] == []


def test_the_newest_frozen_version_counts() -> None:
    company = make.company()
    make.disclosure(company, 2024, scope_1=1.0)
    make.disclosure(company, 2024, scope_1=2.0, version=2)
    make.disclosure(company, 2024, scope_1=3.0, version=3, state=Disclosure.State.DRAFT)
    assert [year["scope1_t"] for year in record(company)["years"]] == [2.0]


def test_years_after_the_as_of_day_do_not_count() -> None:
    company = make.company()
    make.disclosure(company, 2024)
    make.disclosure(company, 2025)
    assert [year["year"] for year in record(company, date(2024, 12, 31))["years"]] == [2024]


def test_a_verified_year_with_evidence_is_rung_one_any_other_rung_two() -> None:
    company = make.company()
    make.disclosure(company, 2022)
    alice, bob = make.alice(company), make.bob()
    for year in (2023, 2024):
        draft = make.disclosure(company, year, state=Disclosure.State.DRAFT, created_by=alice)
        if year == 2024:
            make.shown(draft, alice)
        draft.submit(by=alice)
        make.verify(draft, bob)
    assert [year["rung"] for year in record(company)["years"]] == [2, 2, 1]
    correction = draft.new_version(by=alice)
    assert [year["rung"] for year in record(company)["years"]] == [2, 2, 2]
    correction.withdraw(by=alice, reason="nothing to correct")
    assert [year["rung"] for year in record(company)["years"]] == [2, 2, 1]


def test_a_conservative_value_counts_and_is_not_rung_one() -> None:
    company = make.company()
    alice, bob = make.alice(company), make.bob()
    draft = make.disclosure(company, 2024, state=Disclosure.State.DRAFT, created_by=alice)
    make.shown(draft, alice)
    draft.submit(by=alice)
    make.substitution(draft, bob)
    make.verify(draft, bob, kind="modified")
    [year] = record(company)["years"]
    assert (year["scope1_t"], year["scope2_t"], year["rung"]) == (5000.0, 800.0, 2)


def test_lines_show_a_figure_only_where_all_of_its_scope_cite_a_file() -> None:
    company = make.company()
    alice, bob = make.alice(company), make.bob()
    bought = {"kind": "electricity", "place": "CN-SC", "typed_amount": "5", "typed_unit": "MWh"}
    for year, cited in ((2023, (True, False)), (2024, (True, True))):
        draft = make.disclosure(company, year, state=Disclosure.State.DRAFT, created_by=alice)
        make.shown(draft, alice)
        draft.cite(Quantity.SCOPE_2_LOCATION, [], by=alice, edition=draft.edition)
        file = draft.citations.first().evidence
        for has_file in cited:
            line = Activity(amount=5000.0, unit="kWh", **bought)
            draft.add_activity(make.citing(line, *([file] if has_file else [])), by=alice, edition=draft.edition)
        draft.submit(by=alice)
        make.verify(draft, bob)
    assert [year["rung"] for year in record(company)["years"]] == [2, 1]


def test_missing_stays_missing() -> None:
    company = make.company()
    make.disclosure(company, 2024, scope_1=None, scope_2=None)
    year = record(company)["years"][0]
    assert (year["scope1_t"], year["scope2_t"], year["scope2_kind"], year["revenue"]) == (None, None, None, None)


def test_one_kind_of_scope_2_for_the_whole_history_where_there_is_one() -> None:
    company = make.company()
    for year, quantities in ((2022, ["market"]), (2023, ["market", "location"]), (2024, ["market"])):
        made = make.disclosure(company, year, scope_2=None, state=Disclosure.State.DRAFT)
        for kind in quantities:
            Figure.objects.create(disclosure=made, quantity=f"scope2_{kind}_t", value=100.0)
        Disclosure.objects.filter(pk=made.pk).update(state=Disclosure.State.RECORDED, digest="d", frozen_at=Now())
    assert [year["scope2_kind"] for year in record(company)["years"]] == ["market"] * 3


def test_currencies_become_yuan_by_the_years_rates() -> None:
    company = make.company()
    make.rate("TWD", 2024, 32.0)
    make.rate("CNY", 2024, 8.0)
    make.disclosure(company, 2024)
    make.financials(company, 2024, 4e9, currency="TWD")
    assert record(company)["years"][0]["cny_per_unit"] == 0.25


def test_revenue_disclosed_with_the_emissions_comes_first() -> None:
    company = make.company()
    draft = make.disclosure(company, 2024, state=Disclosure.State.DRAFT)
    Figure.objects.create(disclosure=draft, quantity="revenue_cny", value=5e8)
    Disclosure.objects.filter(pk=draft.pk).update(state=Disclosure.State.RECORDED, digest="d", frozen_at=Now())
    make.financials(company, 2024, 4e9, currency="TWD")
    year = record(company)["years"][0]
    assert (year["revenue"], year["currency"], year["cny_per_unit"]) == (5e8, "CNY", 1.0)


@pytest.mark.parametrize(("year", "mean_of"), [(2025, 2024), (2023, 2022), (2030, 2024)])
def test_a_year_without_its_mean_takes_the_nearest_earlier_one_and_the_record_says_which(
    year: int, mean_of: int
) -> None:
    company = make.company()
    for of, yuan in ((2022, 4.0), (2024, 8.0), (2031, 16.0)):
        make.rate("TWD", of, 32.0)
        make.rate("CNY", of, yuan)
    make.disclosure(company, year)
    make.financials(company, year, 4e9, currency="TWD")
    [found] = json.loads(snapshots.take([company], date(2031, 6, 30))[0].inputs)["years"]
    assert (found["cny_per_unit"], found["mean_of"]) == ({2022: 0.125, 2024: 0.25}[mean_of], mean_of)


def test_the_mean_of_the_year_itself_leaves_the_record_as_it_was() -> None:
    company = make.company()
    make.disclosure(company, 2024)
    make.financials(company, 2024, 4e9)
    assert "mean_of" not in record(company)["years"][0]


def test_a_company_without_emissions_keeps_word_of_a_revenue_that_has_no_exchange_rate() -> None:
    company = make.company()
    make.financials(company, 2023, 4e9, currency="JPY")
    assert record(company)["features"]["no_rate_for"] == "JPY 2023"
    make.rate("CNY", 2022, 7.0)
    make.rate("JPY", 2022, 140.0)
    features = record(company)["features"]
    assert (features["revenue_cny"], features["mean_of"], features["year"]) == (2e8, 2022, 2023)


def test_no_rate_is_none_not_one() -> None:
    company = make.company()
    make.disclosure(company, 2024)
    make.financials(company, 2024, 4e9, currency="TWD")
    assert record(company)["years"][0]["cny_per_unit"] is None


def test_revenue_without_a_year_is_not_used() -> None:
    company = make.company()
    make.disclosure(company, 2024)
    make.financials(company, None, 4e9)
    assert record(company)["years"][0]["revenue"] is None


def test_order_of_companies_and_chunks_do_not_change_a_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    companies = [make.scoreable(f"demo-{name}") for name in "abcde"]
    whole = snapshots.take(companies, AS_OF)
    monkeypatch.setattr(snapshots, "CHUNK", 2)
    assert snapshots.take(companies[::-1], AS_OF) == whole


def test_queries_do_not_grow_with_companies(django_assert_num_queries: Any) -> None:
    companies = [make.scoreable(f"demo-{n}") for n in range(12)]
    with django_assert_num_queries(6):
        snapshots.take(companies, AS_OF)
