"""A disclosure's ledger against published numbers, beside what is reported, and against last year."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.utils import timezone, translation

from fund.demo import ledger as ledger_example
from portfolio.activities.questions import questions_of
from portfolio.activities.rules import read_line
from portfolio.errors import NotAllowed, StaleVersion
from portfolio.models import Activity, City, Company, Disclosure, Figure, Quantity, Site
from scoring.engine.accounting.words import refusal
from scoring.ledgers import ledger
from scoring.tables.in_force import in_force
from tests import make

State = Disclosure.State
Q = Quantity
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def company() -> Company:
    return make.company()


def draft(company: Company, year: int = 2022, **facts: Any) -> Disclosure:
    return make.disclosure(company, year, state=State.DRAFT, **facts)


def line(disclosure: Disclosure, kind: str = "electricity", typed: str = "1,000 MWh", **facts: Any) -> Activity:
    """A stored line, read as the form reads it."""
    amount, _space, unit = typed.partition(" ")
    number = disclosure.activities.count() + 1
    made = Activity(
        disclosure=disclosure,
        number=number,
        kind=kind,
        typed_amount=amount,
        typed_unit=unit,
        **({"place": "CN-CQ"} | facts),
    )
    assert not read_line(made, year=disclosure.year)
    made.save()
    return made


def accounted(disclosure: Disclosure, **options: Any) -> ledger.Accounted:
    return ledger.account_disclosure(disclosure, **options)


def compared(disclosure: Disclosure, quantity: Quantity) -> ledger.Comparison:
    found = ledger.compare_with_reported(accounted(disclosure), disclosure.figures.all())
    return next(each for each in found if each.quantity == quantity)


# --- places -----------------------------------------------------------------------------------------------
def test_the_same_kwh_come_to_the_published_tonnes_of_each_province(company: Company) -> None:
    """MEE and NBS, announcement 33/2024: 0.1404, 0.4364, 0.5227 and 0.5849 kg CO2 per kWh of 2022."""
    disclosure = draft(company)
    line(disclosure)
    found = accounted(disclosure)
    codes = ["CN-SC", "CN-HB", "CN-CQ", "CN-SH"]
    there = ledger.elsewhere(found.rows[0], codes, tables=found.tables, as_of=found.as_of, gwp_set="AR6")
    tonnes = {each.code: each.result.co2e_t for each in there if each.result}
    assert tonnes == pytest.approx({"CN-SC": 140.4, "CN-HB": 436.4, "CN-CQ": 522.7, "CN-SH": 584.9})
    assert there[2].difference_percent == pytest.approx(0)


def test_a_number_counts_from_the_day_of_its_publication(company: Company) -> None:
    """The numbers of 2022 came out on 2024-12-20; a day before, those of 2021 were the latest (0.5377 in Chongqing)."""
    disclosure = draft(company)
    line(disclosure)
    before = accounted(disclosure, as_of=date(2024, 12, 19)).rows[0].result
    after = accounted(disclosure, as_of=date(2024, 12, 20)).rows[0].result
    assert before and before.factor_ids == ("cn-grid/CN-CQ/2021/inventory_average/CO2/MEE-NBS",)
    assert after and after.co2e_t == pytest.approx(522.7)


def test_the_city_of_the_site_counts_before_the_named_place_and_that_before_the_country(company: Company) -> None:
    disclosure, tables = draft(company), in_force(company)
    city = City.objects.create(code="510100", name_zh="成都", name_en="Chengdu", country="CHN", source="GB/T 2260")
    site = Site.objects.create(company=company, site_key="s", name="plant", city=city, **make.SOURCE)
    rows = [line(disclosure, place="", site=site), line(disclosure, place="CN-SH"), line(disclosure, place="")]
    assert [ledger.place_of(row, tables)[0] for row in rows] == ["510100", "CN-SH", "CN"]
    assert "CN-SC" in ledger.place_of(rows[0], tables)


def test_a_county_of_taiwan_has_taiwans_factors_and_a_company_without_a_place_its_countrys() -> None:
    firm = make.company("tw-1", country="TWN")
    disclosure, tables = draft(firm), in_force(firm)
    City.objects.create(code="TW-TXG", name_zh="臺中市", name_en="Taichung", country="TWN", source="ISO 3166-2")
    assert ledger.place_of(line(disclosure, place="TW-TXG"), tables) == ("TW-TXG", "TW", "WORLD")
    assert ledger.place_of(line(disclosure, place=""), tables) == ("TW", "WORLD")


def test_a_place_that_nobody_knows_leaves_the_factors_of_the_world(company: Company) -> None:
    disclosure = draft(company)
    row = line(disclosure, place="CN-CQ")
    row.place = "Atlantis"
    assert ledger.place_of(row, in_force(company)) == ("Atlantis", "WORLD")


# --- days -------------------------------------------------------------------------------------------------
def test_a_draft_is_computed_as_of_today_and_a_frozen_version_as_of_its_day(company: Company) -> None:
    frozen = make.disclosure(company, 2021)
    assert ledger.day_of(draft(company)) == timezone.localdate()
    frozen.frozen_at = timezone.now().replace(year=2024, month=3, day=5, hour=4)
    assert ledger.day_of(frozen) == date(2024, 3, 5)


# --- lines ------------------------------------------------------------------------------------------------
def test_a_line_that_cannot_be_computed_says_why_and_the_others_are_computed(company: Company) -> None:
    disclosure = draft(company)
    line(disclosure)
    bad = line(disclosure)
    Activity.objects.filter(pk=bad.pk).update(kind="electrisity")
    found = accounted(disclosure)
    assert found.rows[0].result is not None
    error = found.rows[1].error
    assert error is not None and "electricity" in error.choices and all(refusal(error))
    assert found.total and found.total.scope_2_location.tonnes == pytest.approx(522.7)


def test_a_notation_key_stands_in_no_sum_and_in_the_completeness(company: Company) -> None:
    disclosure = draft(company)
    line(disclosure)
    Activity.objects.create(disclosure=disclosure, number=2, kind="spend.purchased_goods", notation="NE")
    found = accounted(disclosure)
    assert found.rows[1].result is None and found.rows[1].error is None
    assert found.total and not found.total.completeness.complete
    assert found.amount_of(Q.SCOPE_3_TOTAL) is None
    assert "no. 2" in " ".join(next(each.words for each in _compare(found) if each.quantity == Q.SCOPE_3_TOTAL))


def _compare(found: ledger.Accounted) -> list[ledger.Comparison]:
    figure = Figure(quantity=Q.SCOPE_3_TOTAL, value=5.0)
    return ledger.compare_with_reported(found, [figure])


def test_a_contract_changes_the_market_based_result_alone(company: Company) -> None:
    disclosure = draft(company)
    line(disclosure, contract=Activity.Contract.GREEN_POWER, contract_kg_per_kwh=0.0, certificate="GEC-1")
    found = accounted(disclosure)
    location, market = found.amount_of(Q.SCOPE_2_LOCATION), found.amount_of(Q.SCOPE_2_MARKET)
    assert location and location.tonnes == pytest.approx(522.7)
    assert market and market.tonnes == 0


def test_the_categories_of_scope_3_add_up_to_its_total(company: Company) -> None:
    disclosure = draft(company)
    for kind in ("travel.car_gasoline", "travel.car_diesel"):
        line(disclosure, kind, "1000 km", parameters={"economy_km_per_l": 12.0})
    found = accounted(disclosure)
    total, travel = found.amount_of(Q.SCOPE_3_TOTAL), found.amount_of(Q.SCOPE_3_06)
    assert total and travel and travel.tonnes == pytest.approx(total.tonnes)
    assert found.amount_of(Q.SCOPE_3_05) is None


def test_the_losers_of_a_choice_carry_their_reasons(company: Company) -> None:
    disclosure = draft(company)
    line(disclosure)
    found = accounted(disclosure, as_of=date(2024, 12, 19))
    choice = ledger.choices_of(found.rows[0])[0]
    reasons = {factor.id: reason for factor, reason in choice.losers}
    assert reasons["cn-grid/CN-CQ/2022/inventory_average/CO2/MEE-NBS"] == "not_yet_published"
    assert reasons["cn-grid/CN/2021/inventory_average/CO2/MEE-NBS"] == "less_specific_place"
    assert reasons["cn-grid/CN-SC/2021/inventory_average/CO2/MEE-NBS"] == "other_place"


def test_the_ledger_of_the_demo_can_be_read_and_computed(company: Company) -> None:
    disclosure = draft(company, 2025)
    Activity.objects.bulk_create(ledger_example.activities(disclosure))
    found = accounted(disclosure)
    assert not [row.error for row in found.rows if row.error]
    assert found.electricity_kwh == pytest.approx(29_000_000)


# --- beside what is reported ------------------------------------------------------------------------------
def test_a_figure_within_one_percent_agrees(company: Company) -> None:
    disclosure = draft(company, scope_2=523.0)
    line(disclosure)
    found = compared(disclosure, Q.SCOPE_2_LOCATION)
    assert found.words == ["Agrees within 1 %."]
    assert found.difference_percent == pytest.approx(100 * (523.0 / 522.7 - 1))


def test_a_figure_by_the_national_factor_is_recognised(company: Company) -> None:
    """570.3 is what the ETS prescribed for 2022, 536.6 the national average; Sichuan's own number is 140.4."""
    for reported, words in ((536.6, "national factor"), (570.3, "national ETS")):
        disclosure = draft(make.company(f"demo-{reported}"), scope_2=reported)
        line(disclosure, place="CN-SC")
        explained = " ".join(compared(disclosure, Q.SCOPE_2_LOCATION).words)
        assert words in explained
        assert f"{reported:,} tCO₂e" in explained


def test_a_figure_under_another_set_of_potentials_is_recognised(company: Company) -> None:
    """10 kg of SF6 are 239 t under the SAR (23,900) and 252 t under AR6 (25,200)."""
    disclosure = draft(company, scope_1=239.0)
    line(disclosure, "refrigerant.SF6", "10 kg", uncertainty_percent=1.0)
    assert "SAR" in " ".join(compared(disclosure, Q.SCOPE_1).words)


def test_a_market_based_figure_under_the_location_based_name_is_recognised(company: Company) -> None:
    disclosure = draft(company, scope_2=300.0)
    line(disclosure, contract=Activity.Contract.SUPPLIER, contract_kg_per_kwh=0.3)
    assert "market-based" in " ".join(compared(disclosure, Q.SCOPE_2_LOCATION).words)


def test_a_figure_a_thousand_times_off_is_a_unit(company: Company) -> None:
    disclosure = draft(company, scope_2=522_700.0)
    line(disclosure)
    assert "About 1,000 times apart" in " ".join(compared(disclosure, Q.SCOPE_2_LOCATION).words)


def test_a_scope_without_lines_is_said_to_have_none(company: Company) -> None:
    disclosure = draft(company)
    line(disclosure)
    found = compared(disclosure, Q.SCOPE_1)
    assert found.value is None and not found.can_be_taken
    assert found.words == ["The ledger has no line of it."]


# --- taking over ------------------------------------------------------------------------------------------
def test_totals_become_calculated_figures_and_the_others_stay(company: Company) -> None:
    alice, disclosure = make.alice(company), draft(company)
    line(disclosure)
    found = accounted(disclosure)
    assert ledger.take_over(found, ["scope2_location_t"], by=alice, edition=1) == [Q.SCOPE_2_LOCATION]
    figures = {figure.quantity: figure for figure in disclosure.figures.all()}
    taken = figures[Q.SCOPE_2_LOCATION]
    assert (taken.value, taken.basis, taken.typed) == (522.7, Figure.Basis.CALCULATED, "522.7")
    assert found.tables.digest[:12] in taken.note and "AR6" in taken.note
    assert figures[Q.SCOPE_1].value == 1200.0
    assert disclosure.edition == 2
    again = accounted(disclosure)
    with pytest.raises(NotAllowed):
        ledger.take_over(again, ["scope2_location_t"], by=alice, edition=2)


def test_a_ledger_that_changed_after_it_was_taken_over_is_noticed(company: Company) -> None:
    alice, disclosure = make.alice(company), draft(company)
    line(disclosure)
    ledger.take_over(accounted(disclosure), ["scope2_location_t"], by=alice, edition=1)
    line(disclosure, place="CN-SC")
    assert "have changed since" in " ".join(compared(disclosure, Q.SCOPE_2_LOCATION).words)


def test_a_take_over_on_an_old_edition_or_by_a_stranger_is_refused(company: Company) -> None:
    alice, disclosure = make.alice(company), draft(company)
    line(disclosure)
    with pytest.raises(StaleVersion):
        ledger.take_over(accounted(disclosure), ["scope2_location_t"], by=alice, edition=7)
    with pytest.raises(NotAllowed):
        ledger.take_over(accounted(disclosure), ["scope2_location_t"], by=make.bob(), edition=1)
    assert not disclosure.figures.filter(basis=Figure.Basis.CALCULATED).exists()


# --- against last year ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("1,000,000 MWh", "kWh instead of MWh?"),
        ("1,000 kWh", "MWh for kWh?"),
        ("20,000 MWh", "is the unit right?"),
        ("1,300 MWh", ""),
        ("200 MWh", ""),
    ],
)
def test_a_unit_slip_is_seen_against_last_years_ledger(company: Company, typed: str, words: str) -> None:
    last = make.disclosure(company, 2021, state=State.DRAFT)
    line(last, typed="1,000 MWh")
    Disclosure.objects.filter(pk=last.pk).update(state=State.RECORDED, frozen_at=timezone.now())
    disclosure = draft(company)
    row = line(disclosure, typed=typed)
    [asked] = questions_of([row], ledger.last_year_of(disclosure))
    doubt = next((each for each in asked if "last year" in each), "")
    assert bool(doubt) == bool(words)
    assert words in doubt
