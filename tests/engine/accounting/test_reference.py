"""Reference tables and the choice of a factor. Numbers are those of the announcements, not of our output."""

import dataclasses
import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from shutil import copytree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring import DATA
from scoring.engine.accounting import words
from scoring.engine.accounting.choice import Choice, choose
from scoring.engine.accounting.record import factor_reason
from scoring.engine.accounting.reference import DefaultPercent, Factor, FactorTable, Range, nearest
from scoring.engine.errors import (
    BrokenTable,
    FactorTie,
    LifeCycleFactor,
    NoFactor,
    NoGwp,
    UnknownActivity,
    UnknownGwpSet,
    UnknownRegion,
)
from scoring.tables import factors as reference_data

TODAY = date(2026, 6, 30)
SHIPPED = reference_data.shipped()


def factor(**changes: object) -> Factor:
    """A made-up grid factor of a made-up city."""
    fields: dict[str, object] = {
        "activity": "electricity",
        "region": "CN-CQ",
        "data_year": 2022,
        "purpose": "inventory_average",
        "gas": "CO2",
        "publisher": "Alice",
        "published": date(2024, 1, 31),
        "guideline": "",
        "value": 0.5,
        "unit": "kg/kWh",
        "source": "made up",
        "licence": "none",
        "verification": "document_text",
        **changes,
    }
    key = (fields[name] for name in ("activity", "region", "data_year", "purpose", "gas", "publisher", "guideline"))
    fields.setdefault("id", "/".join(map(str, (*key, fields["published"]))))
    return Factor(**fields)  # type: ignore[arg-type]


def sentence(choice: Choice) -> tuple[str, str]:
    return words.factor(factor_reason(choice))


def electricity(place: str, year: int = 2022, **changes: object) -> Choice:
    asked: dict[str, object] = {
        "activity": "electricity",
        "gas": "CO2",
        "places": SHIPPED.places_of(place),
        "year": year,
        "purpose": "inventory_average",
        "as_of": TODAY,
        **changes,
    }
    return choose(SHIPPED.factors, **asked)  # type: ignore[arg-type]


# --- facts: announcements 12/2024, 33/2024 and 47/2025 of MEE and NBS -----------------------------------
@pytest.mark.parametrize(
    ("place", "kg_per_kwh"), [("CN-SC", 0.1404), ("CN-HB", 0.4364), ("CN-CQ", 0.5227), ("CN-SH", 0.5849)]
)
def test_the_same_kilowatt_hour_differs_from_province_to_province(place: str, kg_per_kwh: float) -> None:
    assert electricity(place).factor.value == kg_per_kwh


def test_before_their_announcement_the_numbers_of_2022_are_not_seen() -> None:
    choice = electricity("CN-CQ", as_of=date(2024, 12, 1))
    assert (choice.factor.data_year, choice.lag_years) == (2021, 1)
    assert "not_yet_published" in {why for other, why in choice.losers if other.data_year == 2022}
    assert electricity("CN-CQ", as_of=date(2024, 12, 20)).factor.data_year == 2022
    assert "1 year older" in sentence(choice)[1]


@pytest.mark.parametrize(
    ("purpose", "kg_per_kwh"),
    [("inventory_average", 0.5366), ("residual_excl_market_traded_non_fossil", 0.5856), ("ets_report", 0.5703)],
)
def test_the_national_numbers_of_2022_are_kept_apart_by_their_purpose(purpose: str, kg_per_kwh: float) -> None:
    choice = electricity("CN", purpose=purpose)
    assert choice.factor.value == pytest.approx(kg_per_kwh, rel=1e-12)
    assert {why for other, why in choice.losers if other.purpose != purpose} == {"other_purpose"}


@pytest.mark.parametrize("purpose", ["product_carbon_footprint", "fossil_power_only"])
def test_a_life_cycle_or_fossil_only_number_never_enters_an_inventory(purpose: str) -> None:
    with pytest.raises(LifeCycleFactor) as refused:
        electricity("CN", 2024, purpose=purpose)
    assert words.refusal(refused.value)[0]


def test_tibet_has_no_number_of_its_own_and_takes_that_of_its_grid() -> None:
    assert electricity("CN-XZ").factor.id == "cn-grid/CN-GRID-SOUTHWEST/2022/inventory_average/CO2/MEE-NBS"


def test_inner_mongolia_lies_in_two_grids_and_so_in_neither() -> None:
    assert SHIPPED.places_of("CN-NM") == ("CN-NM", "CN", "WORLD")


def test_the_rule_of_a_city_counts_only_where_it_is_asked_for() -> None:
    assert electricity("310000").factor.value == 0.5849
    assert electricity("310000", purpose="municipal_rule").factor.value == 0.485


def test_egrid_comes_in_kilograms_of_each_gas() -> None:
    assert electricity("US-EGRID-CAMX", gas="CH4").factor.value == pytest.approx(30 * 0.45359237 / 1e6, rel=1e-6)
    assert electricity("US-EGRID-CAMX").factor.value == pytest.approx(497.443 * 0.45359237 / 1000, rel=1e-6)


def test_fuel_in_china_has_the_heating_value_of_batch_3_and_elsewhere_that_of_the_ipcc() -> None:
    asked = {"activity": "fuel.diesel", "gas": "NCV", "year": 2022, "purpose": "reporting_default", "as_of": TODAY}
    assert choose(SHIPPED.factors, places=SHIPPED.places_of("CN-SH"), **asked).factor.value == 43.33  # type: ignore[arg-type]
    assert choose(SHIPPED.factors, places=("DE", "WORLD"), **asked).factor.value == 43.0  # type: ignore[arg-type]


def test_a_batch_that_is_not_shipped_is_refused_with_those_that_are() -> None:
    with pytest.raises(NoFactor) as refused:
        choose(
            SHIPPED.factors,
            activity="fuel.diesel",
            gas="CO2",
            places=SHIPPED.places_of("CN"),
            year=2022,
            purpose="reporting_default",
            as_of=TODAY,
            guideline="NDRC batch 1",
        )
    assert refused.value.choices == ("IPCC 2006", "NDRC batch 3")


def test_two_editions_of_one_process_are_a_tie_until_one_is_named() -> None:
    asked = {"activity": "process.bof_steel", "gas": "CO2", "places": ("WORLD",), "year": 2022, "as_of": TODAY}
    asked["purpose"] = "reporting_default"
    with pytest.raises(FactorTie) as tie:
        choose(SHIPPED.factors, **asked)  # type: ignore[arg-type]
    assert len(tie.value.choices) == 2
    assert choose(SHIPPED.factors, guideline="IPCC 2019", **asked).factor.value == 1580  # type: ignore[arg-type]


def test_a_year_without_a_factor_is_refused_with_the_years_that_exist() -> None:
    with pytest.raises(NoFactor) as refused:
        electricity("CN-CQ", 2020)
    assert refused.value.choices == ("2021", "2022", "2023")
    assert "2021、2022、2023" in words.refusal(refused.value)[0]


def test_a_later_year_is_used_only_when_asked_for_and_is_marked() -> None:
    choice = electricity("CN-CQ", 2020, later=True)
    assert (choice.factor.data_year, choice.is_later) == (2021, True)
    assert "later" in sentence(choice)[1]


def test_an_unknown_fuel_is_refused_with_the_nearest_names() -> None:
    with pytest.raises(UnknownActivity) as refused:
        SHIPPED.factors.of("fuel.disel")
    assert refused.value.choices[0] == "fuel.diesel"


# --- choosing, on made-up tables ------------------------------------------------------------------------
def chosen(rows: list[Factor], **changes: object) -> Choice:
    asked: dict[str, object] = {
        "activity": "electricity",
        "gas": "CO2",
        "places": ("500000", "CN-CQ", "CN", "WORLD"),
        "year": 2022,
        "purpose": "inventory_average",
        "as_of": TODAY,
        **changes,
    }
    return choose(FactorTable.build(rows), **asked)  # type: ignore[arg-type]


def test_the_more_specific_place_wins_even_with_an_older_year() -> None:
    choice = chosen([factor(data_year=2021), factor(region="CN", value=0.6)])
    assert (choice.factor.region, choice.lag_years) == ("CN-CQ", 1)
    assert [why for _, why in choice.losers] == ["less_specific_place"]


def test_a_local_factor_of_the_city_wins() -> None:
    choice = chosen([factor(), factor(region="500000", value=0.4, publisher="Chongqing Power")])
    assert choice.factor.value == 0.4


def test_two_publishers_for_one_place_and_year_are_a_tie() -> None:
    with pytest.raises(FactorTie):
        chosen([factor(), factor(publisher="Bob", value=0.4)])


def test_of_two_versions_of_a_number_the_newest_that_was_out_counts() -> None:
    versions = [factor(), factor(published=date(2025, 1, 1), value=0.4)]
    assert chosen(versions).factor.value == 0.4
    assert [why for _, why in chosen(versions).losers] == ["superseded"]
    assert chosen(versions, as_of=date(2024, 12, 31)).factor.value == 0.5


def test_every_loser_has_a_reason_that_has_words() -> None:
    choice = electricity("CN-CQ")
    assert len(choice.losers) == len(SHIPPED.factors.of("electricity")) - 1
    assert {why for _, why in choice.losers} <= set(words.REASONS)


rows = st.lists(
    st.builds(
        factor,
        region=st.sampled_from(["500000", "CN-CQ", "CN", "US"]),
        data_year=st.integers(2015, 2024),
        purpose=st.sampled_from(["inventory_average", "ets_report"]),
        published=st.dates(date(2024, 1, 1), date(2027, 1, 1)),
        value=st.floats(0, 1),
    ),
    max_size=12,
    unique_by=lambda row: row.id,
)


@given(rows, st.integers(2014, 2025), st.dates(date(2024, 1, 1), date(2027, 1, 1)), st.booleans(), st.randoms())
def test_the_choice_depends_on_no_order_and_on_nothing_published_later(
    rows: list[Factor], year: int, as_of: date, later: bool, shuffle: random.Random
) -> None:
    def answer(of: list[Factor]) -> object:
        try:
            return chosen(of, year=year, as_of=as_of, later=later).factor
        except (NoFactor, UnknownActivity, FactorTie) as refused:
            return type(refused)

    found = answer(rows)
    shuffled = list(rows)
    shuffle.shuffle(shuffled)
    assert answer(shuffled) == found
    known = [row for row in rows if row.published and row.published <= as_of]
    if isinstance(found, Factor):
        assert answer(known) == found
        assert later or (found.data_year or 0) <= year
    else:
        assert known == [] or answer(known) == found


# --- tables that may not be used ------------------------------------------------------------------------
@pytest.mark.parametrize(
    "wrong",
    [
        {"value": -0.1},
        {"value": float("nan")},
        {"lower95": 0.6, "upper95": 0.7},
        {"lower95": 0.4},
        {"source": ""},
        {"licence": ""},
        {"data_year": None},
        {"data_year": 1066},
        {"published": None},
        {"published": date(2021, 12, 31)},
        {"verification": "trust me"},
        {"fuel_class": "electricity", "value": 522.7},
    ],
)
def test_a_broken_row_is_refused_by_name(wrong: dict[str, object]) -> None:
    row = factor(id="row-7", row="mine.csv:7", **wrong)
    with pytest.raises(BrokenTable) as refused:
        FactorTable.build([row], ranges=[Range("electricity", "CO2", "kg/kWh", 0, 1.6)], table="mine")
    assert (refused.value.table, refused.value.row) == ("mine", "mine.csv:7 row-7")


def test_a_key_twice_is_refused() -> None:
    with pytest.raises(BrokenTable):
        FactorTable.build([factor(id="a"), factor(id="b", value=0.4)])


@pytest.mark.parametrize(("kg_per_gj", "fits"), [(101.0, True), (100.1, False), (102.5, False)])
def test_a_factor_may_differ_from_its_carbon_by_one_percent(kg_per_gj: float, fits: bool) -> None:
    # Lignite: 27.6 kgC/GJ × 44/12 = 101.2, printed 101.0.
    parts = (("carbon_content_kgc_per_gj", 27.6, "kgC/GJ"),)
    row = factor(activity="fuel.lignite", unit="kg/GJ", value=kg_per_gj, parts=parts)
    if fits:
        assert FactorTable.build([row]).factors[0].value == kg_per_gj  # as printed, not recomputed
        return
    with pytest.raises(BrokenTable):
        FactorTable.build([row])


def test_a_row_without_bounds_takes_the_half_width_of_its_class_and_says_so() -> None:
    defaults = [DefaultPercent("electricity", "", 7, "a table"), DefaultPercent("electricity", "N2O", 100, "another")]
    table = FactorTable.build(
        [factor(), factor(gas="N2O"), factor(gas="CO2e", lower95=0.4, upper95=0.55)], defaults=defaults
    )
    found = {row.gas: (row.half_width_percent, row.half_width_is_default) for row in table.factors}
    assert found == {"CO2": (7, True), "N2O": (100, True), "CO2e": (pytest.approx(20), False)}  # the larger side


def test_the_digest_knows_the_rows_and_not_their_order() -> None:
    one, two = factor(), factor(region="CN")
    assert FactorTable.build([one, two]).digest == FactorTable.build([two, one]).digest
    assert FactorTable.build([one, two]).digest != FactorTable.build([one, dataclasses.replace(two, value=0.4)]).digest
    assert FactorTable.build([one]).with_rows([two]).digest == FactorTable.build([one, two]).digest


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield Path(copytree(DATA, tmp_path / "data"))


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("ipcc_fuels.csv", ",73300,71100,75500,", ",37300,31100,45500,"),
        ("cn_fuels.csv", ",94.0,%,", ",9.4,%,"),
        ("us_electricity.csv", ",497.443,lb/MWh,", ",497.443,lb/GWh,"),
        ("cn_electricity.csv", ",0.5227,", ",522.7,"),
        ("cn_electricity.csv", ",0.5227,", ",n/a,"),
        ("gwp.csv", ",28.0,", ",-28,"),
        (
            "regions.csv",
            "CN-SC,province,四川,Sichuan,CN-GRID-SOUTHWEST",
            "CN-SC,province,四川,Sichuan,CN-GRID-SOUTHEST",
        ),
        ("refrigerant_blends.csv", "R404A,HFC125,44", "R404A,HFC125,45"),
    ],
)
def test_a_slip_in_a_shipped_table_stops_the_start(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BrokenTable) as refused:
        reference_data.load(folder)
    assert refused.value.row


def test_what_is_not_verified_says_so() -> None:
    choice = electricity("CN", 2021, purpose="residual_excl_market_traded_non_fossil")
    assert choice.factor.verification == "not_verified"
    zh, en = sentence(choice)
    assert "not verified" in en and "未经核对" in zh


# --- potentials and places ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("set_name", "gas", "value"),
    [
        ("SAR", "CH4", 21),
        ("AR4", "N2O", 298),
        ("AR5", "CH4_fossil", 28),  # decision 5/CMA.3 leaves the value for fossil methane out
        ("AR6", "CH4", 27.9),
        ("AR6", "CH4_fossil", 29.8),
        ("AR6", "CH4_combustion", 27.0),
        ("AR6", "SF6", 25200),
        ("AR6", "CO2e", 1),
    ],
)
def test_potentials_are_those_of_the_named_set(set_name: str, gas: str, value: float) -> None:
    assert SHIPPED.gwps.gwp(set_name, gas) == value


def test_an_unknown_set_or_gas_is_refused_with_what_there_is() -> None:
    with pytest.raises(UnknownGwpSet) as refused:
        SHIPPED.gwps.gwp("AR7", "CH4")
    assert "AR6" in refused.value.choices
    with pytest.raises(NoGwp) as missing:
        SHIPPED.gwps.gwp("SAR", "NF3")
    assert "AR6" in missing.value.choices


def test_places_go_from_the_district_to_the_world() -> None:
    assert SHIPPED.places_of("510104") == (
        "510104",
        "510100",
        "510000",
        "CN-SC",
        "CN-GRID-SOUTHWEST",
        "CN",
        "WORLD",
    )
    assert SHIPPED.places_of("TW-TPE") == ("TW-TPE", "TW", "WORLD")
    assert SHIPPED.places_of("CN-HK") == ("HK", "WORLD")  # not in the factors of the mainland
    assert SHIPPED.places_of("DE") == ("DE", "WORLD")


@pytest.mark.parametrize("code", ["CN-ZZ", "990000", "Chongqing", "", "cn-cq"])
def test_an_unknown_place_is_refused(code: str) -> None:
    with pytest.raises(UnknownRegion):
        SHIPPED.places_of(code)


def test_the_nearest_word_is_the_one_with_the_fewest_changes() -> None:
    assert nearest("disel", ["fuel.diesel", "biodiesel", "diesel"])[0] == "diesel"
