"""Units as people type them, and what the engine gets."""

import math
import re
from pathlib import Path

import pytest
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
    kind_of,
    names_of,
    read_amount,
)


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
        ("千千瓦千时", "electricity", "千瓦时"),
    ],
)
def test_an_unknown_unit_is_refused_with_the_nearest(unit: str, expected: str, near: str) -> None:
    with pytest.raises(UnknownUnit) as refusal:
        read_amount("3", unit, expected)
    assert near in refusal.value.nearest


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
    first, *others = [name for name in names_of(kind) if "N" not in name and "S" not in name and "标" not in name]
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
