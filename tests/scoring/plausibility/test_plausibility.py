"""What the rules are given of a disclosure: last year, energy, the ledger and the model's range."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from portfolio.models import Activity, Check, Company, Disclosure, Figure, Quantity
from scoring.engine.screening.plausibility import RULES
from scoring.plausibility import checks as plausibility
from scoring.plausibility import range as reference_range
from tests import make

State = Disclosure.State
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english() -> Any:
    with translation.override("en"):
        yield


def draft(**facts: Any) -> Disclosure:
    return make.disclosure(facts.pop("company", None) or make.company(), state=State.DRAFT, **facts)


def figure(disclosure: Disclosure, quantity: Quantity, value: float) -> None:
    Figure.objects.create(disclosure=disclosure, quantity=quantity, value=value, typed=str(value))


def found(disclosure: Disclosure, code: str) -> list[Check]:
    return [check for check in plausibility.checks_of(disclosure) if check.code == code]


def of_rules(disclosure: Disclosure) -> list[Check]:
    """Without what is open between figures, ledger and evidence: tests/scoring/signing."""
    return [check for check in plausibility.checks_of(disclosure) if check.code in RULES]


def test_plain_figures_raise_no_question() -> None:
    assert of_rules(draft()) == []


def test_electricity_is_held_against_scope_2() -> None:
    """1 GWh at China's mean factor is several hundred tonnes: 800 t fit, 8,000 do not."""
    fits, too_much = draft(), draft(company=make.company("b"), scope_2=8000.0)
    for disclosure in (fits, too_much):
        figure(disclosure, Quantity.ELECTRICITY, 1e6)
    assert not found(fits, "energy_mismatch")
    [check] = found(too_much, "energy_mismatch")
    assert check.quantity == "scope2_location_t"
    assert check.parameters["ratio"] * check.parameters["computed_t"] == pytest.approx(8000.0)


def test_market_based_scope_2_is_not_held_against_the_grid() -> None:
    disclosure = draft(scope_2=None)
    figure(disclosure, Quantity.SCOPE_2_MARKET, 1.0)
    figure(disclosure, Quantity.ELECTRICITY, 1e6)
    assert not found(disclosure, "energy_mismatch")


def test_the_ledger_speaks_before_the_reported_electricity() -> None:
    company = make.company()
    disclosure = draft(company=company)
    figure(disclosure, Quantity.ELECTRICITY, 1e6)
    line = Activity(kind="electricity", typed_amount="5", typed_unit="MWh", amount=5000.0, unit="kWh", place="CN-SC")
    disclosure.add_activity(line, by=make.alice(company), edition=disclosure.edition)
    [check] = found(disclosure, "energy_mismatch")
    assert check.parameters["computed_t"] < 10


def test_one_kind_of_scope_2_is_compared_over_the_years() -> None:
    company = make.company()
    before = make.disclosure(company, 2023, state=State.DRAFT, scope_2=None)
    figure(before, Quantity.SCOPE_2_MARKET, 800.0)
    Disclosure.objects.filter(pk=before.pk).update(state=State.RECORDED, frozen_at="2024-01-01T00:00Z", digest="d")
    disclosure = draft(company=company, scope_2=1e6)
    assert found(disclosure, "jump_tenfold")  # the one kind that each year has
    figure(disclosure, Quantity.SCOPE_2_MARKET, 800.0)
    assert not found(disclosure, "jump_tenfold")


def test_only_what_stands_is_compared() -> None:
    company = make.company()
    make.disclosure(company, 2023, scope_1=1.0, scope_2=1.0, state=State.DRAFT)
    make.disclosure(company, 2025, scope_1=1.0, scope_2=1.0)
    assert of_rules(draft(company=company)) == []


@pytest.mark.parametrize("year", [2022, 2019, 2010])
def test_over_a_gap_the_nearest_earlier_year_is_compared_and_named(year: int) -> None:
    company = make.company()
    make.disclosure(company, 2008)
    make.disclosure(company, year, scope_1=1.0, scope_2=1.0)
    [check] = found(draft(company=company), "jump_tenfold")
    assert check.parameters["last_year"] == year
    assert f"times those of {year}, the nearest year before. A thousand is often a slip" in check.words


def test_exactly_ten_times_is_tenfold() -> None:
    company = make.company()
    make.disclosure(company, 2023, scope_1=110.0, scope_2=70.0)
    assert found(draft(company=company, scope_1=1100.0, scope_2=700.0), "jump_tenfold")


def test_a_figure_larger_than_of_any_company_is_a_question() -> None:
    disclosure = draft()
    figure(disclosure, Quantity.WATER, 2e11)
    [check] = found(disclosure, "figure_too_large")
    assert check.words == "Water is 200,000,000,000, more than of any company: is the unit right?"


def test_any_figure_far_from_last_years_is_told_at_its_field() -> None:
    company = make.company()
    before = make.disclosure(company, 2023, state=State.DRAFT)
    figure(before, Quantity.WATER, 1000.0)
    Disclosure.objects.filter(pk=before.pk).update(state=State.RECORDED, frozen_at="2024-01-01T00:00Z", digest="d")
    disclosure = draft(company=company, scope_1=1100.0, scope_2=700.0)
    figure(disclosure, Quantity.WATER, 1_000_000.0)
    [check] = of_rules(disclosure)
    said = (
        "About 1,000 times last year's figure: is the unit right? A thousand is often a slip of the unit: MWh for kWh,"
    )
    assert (check.quantity, check.words) == ("water_t", f"{said} t for kg.")


def test_the_scope_3_categories_may_not_exceed_their_total() -> None:
    disclosure = draft()
    for quantity, value in ((Quantity.SCOPE_3_TOTAL, 100.0), (Quantity.SCOPE_3_01, 80.0), (Quantity.SCOPE_3_06, 40.0)):
        figure(disclosure, quantity, value)
    [check] = found(disclosure, "scope3_parts")
    assert check.words == "The scope 3 categories add up to 120, more than the total 100."


# --- the model's range ----------------------------------------------------------------------------------
def large(key: str = "demo-alpha") -> Company:
    company = make.company(key, sector="metals")
    make.financials(company, 2024, 50e9)
    return company


def test_a_figure_far_outside_what_such_companies_emit_is_told_with_the_range() -> None:
    company = large()
    usual = reference_range.range_of(company, 2024, {})
    assert usual is not None
    inside = draft(company=company, scope_1=usual.median_t, scope_2=0.1 * usual.median_t)
    assert not found(inside, "outside_model")
    other = large("b")
    [check] = found(draft(company=other, scope_1=usual.p99_t * 10, scope_2=1.0), "outside_model")
    assert check.severity == "warn"
    assert check.parameters["high_t"] == pytest.approx(usual.p99_t)
    assert check.parameters["model"].startswith("ols open_2020_2024 ")


def test_energy_narrows_the_range() -> None:
    company = large()
    without, with_energy = (
        reference_range.range_of(company, 2024, values)
        for values in ({}, {Quantity.ELECTRICITY: 1e9, Quantity.ENERGY: 2e10})
    )
    assert without is not None
    assert with_energy is not None
    assert without.median_t != with_energy.median_t
    assert with_energy.p01_t < with_energy.median_t < with_energy.p99_t


def test_a_company_the_model_has_not_seen_the_like_of_is_not_judged() -> None:
    company = make.company()
    assert reference_range.range_of(company, 2024, {}) is None  # nothing known of its size
    make.financials(company, 2024, 1e6)
    assert reference_range.range_of(company, 2024, {}) is None  # far smaller than any it learned from


def test_revenue_in_another_currency_is_read_at_the_years_rate() -> None:
    yuan, dollars = large(), make.company("b", sector="metals")
    make.rate("CNY", 2024, 7.0)
    make.financials(dollars, 2024, 50e9 / 7.0, currency="USD")
    one, other = (reference_range.range_of(company, 2024, {}) for company in (yuan, dollars))
    assert one is not None
    assert other == pytest.approx(one)
    nobody_knows = make.company("c", sector="metals")
    make.financials(nobody_knows, 2024, 50e9, currency="XAU")
    assert reference_range.range_of(nobody_knows, 2024, {}) is None
