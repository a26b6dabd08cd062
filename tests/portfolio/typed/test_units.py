"""Units as people type them, and what the engine gets."""

import math
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio.typed.numbers import UnreadableNumber
from portfolio.typed.units import (
    DIMENSIONS,
    AmbiguousUnit,
    ReferenceStateNeeded,
    UnitError,
    UnknownUnit,
    WrongDimension,
    canonical_units,
    convert,
    is_gross,
    kind_of,
    names_of,
    read_amount,
)
from portfolio.typed.with_unit import read_with_unit


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with override("en"):
        yield


@pytest.mark.parametrize(
    ("number", "unit", "expected", "value", "canonical"),
    [
        ("1,000", "kWh", "electricity", 1000, "kWh"),
        ("12.5", "万千瓦时", "electricity", 125_000, "kWh"),
        ("1.2万", "度", "electricity", 12_000, "kWh"),
        ("3", "亿千瓦时", "electricity", 3e8, "kWh"),
        ("3", "兆瓦时", "electricity", 3000, "kWh"),
        ("3", "GWh", "electricity", 3e6, "kWh"),
        ("１２", "ｋＷｈ", "electricity", 12, "kWh"),
        ("3", "KWH", "electricity", 3, "kWh"),
        ("3", "kW·h", "electricity", 3, "kWh"),
        ("3", "萬度", "electricity", 30_000, "kWh"),
        ("3.6", "GJ", "electricity", 1000, "kWh"),
        ("1", "MWh", "energy", 3.6, "GJ"),
        ("2", "百万千焦", "energy", 2, "GJ"),
        ("2", "吉焦", "energy", 2, "GJ"),
        ("2", "TJ", "energy", 2000, "GJ"),
        ("2", "MJ", "energy", 0.002, "GJ"),
        ("7000000", "kcal", "energy", 29.3076, "GJ"),  # GB/T 2589: 7,000 kcal of 4.1868 kJ are a kilogram of tce
        ("1", "tce", "energy", 29.3076, "GJ"),
        ("1", "吨标准煤", "energy", 29.3076, "GJ"),
        ("2", "万吨标煤", "energy", 586_152, "GJ"),
        ("1", "kgce", "energy", 0.0293076, "GJ"),
        ("5", "吨", "mass", 5, "t"),
        ("5", "公斤", "mass", 0.005, "t"),
        ("5", "万吨", "mass", 50_000, "t"),
        ("5", "Mt", "mass", 5e6, "t"),
        ("1", "lb", "mass", 0.00045359237, "t"),  # NIST SP 811: exact
        ("1", "斤", "kg", 0.5, "kg"),
        ("3", "Nm3", "gas_volume", 3, "m3@0C"),
        ("3", "万标方", "gas_volume", 30_000, "m3@0C"),
        ("3", "万标准立方米", "gas_volume", 30_000, "m3@0C"),
        ("3", "Sm3", "gas_volume", 3, "m3@15C"),
        ("3", "万立方米（20℃）", "gas_volume", 30_000, "m3@20C"),
        ("3", "m³ @ 15 °C", "gas_volume", 3, "m3@15C"),
        ("3", "m3 20 ℃", "gas_volume", 3, "m3@20C"),
        ("3", "标方@20C", "gas_volume", 3, "m3@20C"),  # the trade's standard cubic metre, said so
        ("3", "m3", "liquid_volume", 3000, "L"),
        ("3", "升", "liquid_volume", 3, "L"),
        ("1", "gal", "liquid_volume", 3.785411784, "L"),  # NIST SP 811: US gallon
        ("3", "L", ("m3@0C", "L"), 3, "L"),
        ("3", "万公里", "distance", 30_000, "km"),
        ("1", "mile", "distance", 1.609344, "km"),
        ("3", "t·km", "freight", 3, "tkm"),
        ("3", "万吨公里", "freight", 30_000, "tkm"),
        ("3", "人公里", "passenger", 3, "pkm"),
        ("3", "万元", "money", 30_000, "CNY"),
        ("1.5", "亿元", "money", 1.5e8, "CNY"),
        ("3", "人民币", "money", 3, "CNY"),
        ("3", "MWh", ("t", "GJ"), 10.8, "GJ"),
        # bills of gas and heat; 1 ft³ = 0.028316846592 m³ (NIST SP 811, exact)
        ("3", "CCF@15C", "gas_volume", 8.4950539776, "m3@15C"),
        ("3", "ccf (0 °C)", "gas_volume", 8.4950539776, "m3@0C"),
        ("3", "hcf@15C", "gas_volume", 8.4950539776, "m3@15C"),
        ("3", "Mcf@15C", "gas_volume", 84.950539776, "m3@15C"),
        ("3", "kcf@15C", "gas_volume", 84.950539776, "m3@15C"),
        ("3", "MCF@15C", "gas_volume", 84.950539776, "m3@15C"),
        ("3", "mcf@15C", "gas_volume", 84.950539776, "m3@15C"),
        ("3", "MMcf@20C", "gas_volume", 84_950.539776, "m3@20C"),
        ("3", "scf@20C", "gas_volume", 0.084950539776, "m3@20C"),
        ("3", "Mscf@20C", "gas_volume", 84.950539776, "m3@20C"),
        # a standard cubic foot is at 60 °F, 519.67 °R; 15 °C is 59 °F, 518.67 °R
        ("1", "MMscf", "gas_volume", 28_316.846592 * 518.67 / 519.67, "m3@15C"),
        ("1", "Mscf", "gas_volume", 28.316846592 * 518.67 / 519.67, "m3@15C"),
        ("3", "thousand m3 @15C", "gas_volume", 3000, "m3@15C"),
        ("3", "million m³@20C", "gas_volume", 3e6, "m3@20C"),
        ("3", "10⁴m³（20 ℃）", "gas_volume", 30_000, "m3@20C"),
        ("3", "萬立方米@20C", "gas_volume", 30_000, "m3@20C"),
        ("3", "万方@20C", "gas_volume", 30_000, "m3@20C"),
        ("1", "therm", "energy", 0.105505585262, "GJ"),
        ("1", "Dth", "energy", 1.05505585262, "GJ"),
        ("1", "dekatherms", "energy", 1.05505585262, "GJ"),
        ("1", "kBtu", "energy", 0.00105505585262, "GJ"),
        ("1", "KBTU", "energy", 0.00105505585262, "GJ"),
        ("1", "mmbtu", "energy", 1.05505585262, "GJ"),
        ("1", "boe", "energy", 6.119323945196, "GJ"),  # 26 U.S.C. 45K(d)(5): 5.8 million Btu
        ("1", "百万大卡", "energy", 4.1868, "GJ"),
        ("1", "万大卡", "energy", 0.041868, "GJ"),
        ("1", "10⁴tce", "energy", 293_076, "GJ"),
        ("3", "thousand kWh", "electricity", 3000, "kWh"),
        ("1", "gallon (UK)", "liquid_volume", 4.54609, "L"),
        ("1", "imperial gallon", "liquid_volume", 4.54609, "L"),
        ("1", "gal (imp.)", "liquid_volume", 4.54609, "L"),
        ("1", "gallons (U.S.)", "liquid_volume", 3.785411784, "L"),
        ("1", "kbbl", "liquid_volume", 158_987.294928, "L"),
        ("1", "ton (UK)", "mass", 1.0160469088, "t"),
        ("1", "tons (US)", "mass", 0.90718474, "t"),
        # tonnes of scopes
        ("3", "tCO2e", "emissions", 3, "tCO₂e"),
        ("3", "t CO₂-eq", "emissions", 3, "tCO₂e"),
        ("3", "吨二氧化碳当量", "emissions", 3, "tCO₂e"),
        ("3", "公噸CO2e", "emissions", 3, "tCO₂e"),
        ("3", "tonnes of CO2e", "emissions", 3, "tCO₂e"),
        ("3", "t", "emissions", 3, "tCO₂e"),
        ("3", "kt", "emissions", 3000, "tCO₂e"),
        ("3", "ktco2e", "emissions", 3000, "tCO₂e"),
        ("3", "kgCO2e", "emissions", 0.003, "tCO₂e"),
        ("3", "MtCO2e", "emissions", 3e6, "tCO₂e"),
        ("3", "MMTCO2e", "emissions", 3e6, "tCO₂e"),
        ("3", "万吨", "emissions", 30_000, "tCO₂e"),
        ("3", "万tCO2e", "emissions", 30_000, "tCO₂e"),
        ("3", "百万吨CO₂e", "emissions", 3e6, "tCO₂e"),
    ],
)
def test_what_is_typed_becomes_the_canonical_unit(
    number: str, unit: str, expected: str | tuple[str, ...], value: float, canonical: str
) -> None:
    amount = read_amount(number, unit, expected)
    assert (amount.value, amount.unit) == (pytest.approx(value, rel=1e-15), canonical)
    assert (amount.typed, amount.typed_unit) == (number, unit)


def test_what_was_understood_is_said_back() -> None:
    assert read_amount("1.2万", "度", "electricity").echo == "12,000 度 = 12,000 kWh"
    assert read_amount("3", "万标方", "gas_volume").echo == "3 万标方 = 30,000 m³ (0 °C)"
    assert read_amount("3", "kWh", "electricity").echo == "3 kWh"


def test_a_decimal_counting_word_gives_no_dust() -> None:
    assert read_amount("1.2", "万千瓦时", "electricity").value == 12_000
    assert read_amount("0.1", "万吨", "mass").value == 1000
    assert read_amount("1.1", "MWh", "electricity").value == 1100


@pytest.mark.parametrize("unit", ["m3", "立方米", "万立方米", "m³", "方"])
def test_a_gas_volume_without_its_temperature_is_asked_back(unit: str) -> None:
    with pytest.raises(ReferenceStateNeeded) as refusal:
        read_amount("3", unit, "gas_volume")
    assert refusal.value.nearest == tuple(f"{unit}@{degrees}C" for degrees in (0, 15, 20))
    assert "101.325 kPa" in str(refusal.value)
    for choice in refusal.value.nearest:  # ready to be typed
        assert read_amount("3", choice, "gas_volume").value >= 3


def test_a_temperature_that_no_factor_knows_is_refused() -> None:
    with pytest.raises(ReferenceStateNeeded, match="25C"):
        read_amount("3", "m3@25C", "gas_volume")
    with pytest.raises(ReferenceStateNeeded):
        read_amount("3", "Nm3", "m3@20C")
    with pytest.raises(ReferenceStateNeeded):
        read_amount("3", "m3", ("m3@0C", "L"))  # gas or liquid, who knows
    with pytest.raises(WrongDimension):
        read_amount("3", "Nm3", "liquid_volume")


@pytest.mark.parametrize(
    ("unit", "expected", "nearest"),
    [
        ("mwh", "electricity", "MWh"),
        ("mWh", "electricity", "MWh"),
        ("mj", "energy", "MJ"),
        ("mt", "mass", "Mt"),
        ("MT", "mass", "Mt"),
        ("ton", "mass", "short ton"),
        ("MBtu", "energy", "kBtu"),
        ("Mbbl", "liquid_volume", "MMbbl"),
        ("mboe", "energy", "kboe"),
        ("km3", "liquid_volume", "千立方米"),
        ("Mm³", "liquid_volume", "百万立方米"),
        ("mcm", "liquid_volume", "千立方米"),
        ("MTCO2e", "emissions", "MtCO2e"),
        ("tons CO2e", "emissions", "tCO2e"),
    ],
)
def test_a_case_that_changes_the_meaning_is_asked_back(unit: str, expected: str, nearest: str) -> None:
    with pytest.raises(AmbiguousUnit, match=unit) as refusal:
        read_amount("3", unit, expected)
    assert nearest in refusal.value.nearest
    read_amount("3", nearest, expected)


@pytest.mark.parametrize(
    ("unit", "expected"),
    [("MW", "electricity"), ("万千瓦", "electricity"), ("t", "electricity"), ("kWh", "mass"), ("万元", "mass")],
)
def test_a_unit_of_something_else_is_refused_with_units_that_fit(unit: str, expected: str) -> None:
    with pytest.raises(WrongDimension, match=unit) as refusal:
        read_amount("3", unit, expected)
    for near in refusal.value.nearest:
        assert read_amount("3", near, expected).unit in DIMENSIONS[expected]


@pytest.mark.parametrize(
    ("unit", "expected", "near"),
    [
        ("kwhr", "electricity", "kWh"),
        ("千瓦小", "electricity", "千瓦小时"),
        ("吨煤", "mass", "吨"),
        ("xyz", "energy", "tce"),
        ("", "mass", "t"),
        ("  ", "mass", "t"),
        ("m3@", "gas_volume", "m3"),
        ("therrms", "energy", "therms"),
        ("barels", "liquid_volume", "barrels"),
    ],
)
def test_an_unknown_unit_is_refused_with_the_nearest(unit: str, expected: str, near: str) -> None:
    with pytest.raises(UnknownUnit) as refusal:
        read_amount("3", unit, expected)
    assert near in refusal.value.nearest


MULTIPLIERS = (
    "k",
    "K",
    "M",
    "MM",
    "G",
    "T",
    "P",
    "c",
    "h",
    "d",
    "da",
    "m",
    "μ",
    "千",
    "万",
    "十万",
    "百万",
    "亿",
    "兆",
    "mega ",
)


@pytest.mark.parametrize("kind", ["energy", "mass", "volume", "distance", "freight", "passenger", "money", "power"])
def test_no_suggestion_is_another_size_of_what_was_typed(kind: str) -> None:
    """Whatever size of whatever unit: it is read, asked back with each meaning, or refused without a nearest name."""
    for known in names_of(kind):
        for multiplier in MULTIPLIERS:
            try:
                read_amount("3", multiplier + known, "liquid_volume" if kind == "volume" else kind)
            except UnknownUnit as refusal:
                assert refusal.nearest == (), f"{multiplier + known} → {refusal.nearest}"
            except UnitError:
                continue


@pytest.mark.parametrize(
    "slip", ["kBtux", "mcff", "galon", "Wj", "tC", "kgee", "boee", "toc", "万吨吨", "dh", "bble", "thr"]
)
def test_names_that_are_near_and_differ_in_size_are_not_offered_together(slip: str) -> None:
    with pytest.raises(UnknownUnit) as refusal:
        read_amount("3", slip, ("GJ", "t", "L"))
    if "Is one of these meant" in str(refusal.value):
        sizes = {(kind_of(near), convert(1, near, BASE[kind_of(near)])) for near in refusal.value.nearest}
        assert len(sizes) == len({kind for kind, _size in sizes})


BASE = {"energy": "GJ", "mass": "t", "volume": "L"}


STEAM = [
    "蒸吨",
    "吨蒸汽",
    "t steam",
    "tonnes of steam",
    "吨 0.8MPa",
    "t(0.8MPa)",
    "吨饱和蒸汽",
    "万吨蒸气",
    "t at 8 bar",
]


@pytest.mark.parametrize("unit", STEAM)
def test_a_tonne_of_steam_is_asked_for_its_heat(unit: str) -> None:
    with pytest.raises(WrongDimension, match="enthalpy") as refusal:
        read_amount("3", unit, ("GJ", "kWh"))
    assert read_amount("1", refusal.value.nearest[1], "energy").value == 1  # 百万千焦


@pytest.mark.parametrize("unit", ["tCO2", "ktCO₂", "kg CO2", "万吨CO2"])
def test_carbon_dioxide_alone_is_not_taken_for_all_gases(unit: str) -> None:
    with pytest.raises(WrongDimension, match="alone") as refusal:
        read_amount("3", unit, "emissions")
    assert read_amount("3", refusal.value.nearest[0], "emissions").unit == "tCO₂e"


@pytest.mark.parametrize(
    ("unit", "gross"),
    [("therm", True), ("Dth", True), ("thousand therms", True), ("万therm", True), ("MMBtu", False), ("GJ", False)],
)
def test_a_therm_is_gross_by_definition(unit: str, gross: bool) -> None:
    assert is_gross(unit) is gross


@pytest.mark.parametrize(
    ("typed", "own", "value", "echo"),
    [
        ("3,450 kt", "tCO₂e", 3_450_000, "3,450 kt = 3,450,000 tCO₂e"),
        ("3450", "tCO₂e", 3450, "3,450 tCO₂e"),
        ("1.2万吨", "tCO₂e", 12_000, "1.2 万吨 = 12,000 tCO₂e"),
        ("1.2 万吨CO₂e", "tCO₂e", 12_000, "1.2 万吨CO₂e = 12,000 tCO₂e"),
        ("3.2亿元", "CNY", 3.2e8, "3.2 亿元 = 320,000,000 CNY"),
        ("1e3 MWh", "kWh", 1_000_000, "1,000 MWh = 1,000,000 kWh"),
        ("2 tce", "MJ", 58_615.2, "2 tce = 58,615.2 MJ"),
        ("5 MW", "kW", 5000, "5 MW = 5,000 kW"),
        ("1 234 t", "t", 1234, "1,234 t"),
    ],
)
def test_a_number_may_bring_its_unit(typed: str, own: str, value: float, echo: str) -> None:
    read = read_with_unit(typed, own)
    assert (read.value, read.unit, read.echo) == (value, own, echo)


@pytest.mark.parametrize("typed", ["12,34", "12,34 kt", "1.2.3 t", "kt", "", "12 %", "12,34o"])
def test_a_number_that_cannot_be_read_is_not_cut_where_it_can(typed: str) -> None:
    with pytest.raises(UnreadableNumber):
        read_with_unit(typed, "tCO₂e")


def test_a_number_with_a_unit_of_something_else_is_refused() -> None:
    for typed, own in (("3 kWh", "tCO₂e"), ("3 USD", "CNY"), ("3 t", "kWh"), ("3 MWh", "kW"), ("3 tCO2", "tCO₂e")):
        with pytest.raises(UnitError):
            read_with_unit(typed, own)


def test_a_number_that_cannot_be_read_or_is_negative_is_refused_before_its_unit() -> None:
    for typed in ("12,34o", "-5", "", "nan"):
        with pytest.raises(UnreadableNumber):
            read_amount(typed, "kWh", "electricity")


@settings(max_examples=40, deadline=None)  # the search for near names takes its time
@given(st.text(max_size=12))
def test_whatever_is_typed_as_a_unit_is_read_or_refused_by_name(unit: str) -> None:
    try:
        amount = read_amount("3", unit, ("kWh", "GJ", "t", *DIMENSIONS["gas_volume"], "L", "km", "CNY"))
    except UnitError as refusal:
        assert refusal.unit == unit and str(refusal)
    else:
        assert math.isfinite(amount.value)


@given(st.floats(1e-6, 1e12), st.sampled_from(["energy", "mass", "volume", "distance", "freight", "passenger"]))
def test_there_and_back_is_the_same(value: float, kind: str) -> None:
    first, *others = [
        name
        for name in names_of(kind)
        if "N" not in name and "S" not in name and "标" not in name and "scf" not in name
    ]
    for other in others:
        assert math.isclose(convert(convert(value, first, other), other, first), value, rel_tol=1e-12)
        assert kind_of(other) == kind


def test_conversions_that_others_publish() -> None:
    assert convert(1, "lb", "kg") == 0.45359237
    assert convert(1, "tce", "MWh") == 8.141  # GB/T 2589
    assert convert(1, "toe", "GJ") == 41.868  # IEA
    assert math.isclose(convert(1, "MMBtu", "GJ"), 1.05505585262, rel_tol=1e-12)
    assert convert(1, "bbl", "L") == pytest.approx(158.987294928, rel=1e-12)
    with pytest.raises(WrongDimension):
        convert(1, "kWh", "kg")
    with pytest.raises(WrongDimension):
        convert(1, "Nm3", "m3@20C")


def test_a_dimension_that_nobody_defined_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="volts"):
        canonical_units("volts")


def test_pint_stays_at_the_border() -> None:
    root = Path(__file__).resolve().parents[3]
    importing = [
        path.relative_to(root).as_posix()
        for package in ("portfolio", "scoring", "fund")
        for path in sorted((root / package).rglob("*.py"))
        if re.search(r"^\s*(import|from) pint\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert importing == ["portfolio/typed/units.py"]
