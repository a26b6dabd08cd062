"""The search of activities: what people type from their bills, and what they must find first."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from portfolio.activities.kinds import activity_types
from portfolio.activities.search import MOST, everyday_words, search

GAS, OIL, COAL = "fuel.natural_gas", "fuel.diesel", "fuel.bituminous_coal"
FIRST = [
    # the words that went wrong: gas was LNG, steam was petrol
    ("天然气", GAS),
    ("蒸汽", "heat"),
    ("高铁", "travel.high_speed_rail"),
    ("热水", "heat"),
    ("燃气", GAS),
    ("制冷剂", "refrigerant.R410A"),
    ("机票", "travel.air"),
    ("natural gas", GAS),
    ("steam", "heat"),
    ("high-speed rail", "travel.high_speed_rail"),
    ("hot water", "heat"),
    ("gas", GAS),
    ("refrigerant", "refrigerant.R410A"),
    ("flight", "travel.air"),
    # bills, in simplified characters
    ("电费", "electricity"),
    ("用电量", "electricity"),
    ("外购电力", "electricity"),
    ("采暖费", "heat"),
    ("外购蒸汽", "heat"),
    ("集中供冷", "cooling"),
    ("管道燃气", GAS),
    ("管道天然气费", GAS),
    ("12月天然气费", GAS),
    ("车用天然气", "fuel.natural_gas@road"),
    ("液化天然气", "fuel.lng"),
    ("液化气", "fuel.lpg"),
    ("煤气", "fuel.other_coal_gas"),
    ("焦炉煤气", "fuel.coke_oven_gas"),
    ("汽油", "fuel.gasoline"),
    ("92#汽油", "fuel.gasoline"),
    ("0号柴油", OIL),
    ("柴油", OIL),
    ("航空煤油", "fuel.jet_kerosene"),
    ("重油", "fuel.fuel_oil"),
    ("原煤", COAL),
    ("煤", COAL),
    ("焦炭", "fuel.coke"),
    ("生物质颗粒", "fuel.wood"),
    ("冷媒", "refrigerant.R410A"),
    ("六氟化硫", "refrigerant.SF6"),
    ("七氟丙烷", "refrigerant.HFC227ea"),
    ("石灰石", "process.carbonate_calcite"),
    ("水泥熟料", "process.cement_clinker"),
    ("火车票", "travel.rail"),
    ("动车", "travel.high_speed_rail"),
    ("打车", "travel.taxi"),
    ("地铁", "travel.metro"),
    ("员工通勤", "travel.commuting"),
    ("快递", "travel.freight_road"),
    ("海运", "travel.freight_water"),
    ("空运", "travel.freight_air"),
    ("住宿费", "travel.hotel_spend"),
    ("污水", "waste.wastewater"),
    ("危废", "waste.incineration"),
    ("厨余垃圾", "waste.compost"),
    # in traditional ones
    ("天然氣", GAS),
    ("電費", "electricity"),
    ("蒸氣", "heat"),
    ("高鐵", "travel.high_speed_rail"),
    ("飛機票", "travel.air"),
    ("煤氣", "fuel.other_coal_gas"),
    ("廢水", "waste.wastewater"),
    # pinyin and initials
    ("tianranqi", GAS),
    ("trq", GAS),
    ("zhengqi", "heat"),
    ("gaotie", "travel.high_speed_rail"),
    ("chaiyou", OIL),
    ("jipiao", "travel.air"),
    # English
    ("electricity", "electricity"),
    ("Electricity bill", "electricity"),
    ("power", "electricity"),
    ("district heating", "heat"),
    ("chilled water", "cooling"),
    ("Natural gas charges", GAS),
    ("piped gas", GAS),
    ("CNG", "fuel.natural_gas@road"),
    ("LNG", "fuel.lng"),
    ("LPG", "fuel.lpg"),
    ("coal gas", "fuel.other_coal_gas"),
    ("petrol", "fuel.gasoline"),
    ("gasoline", "fuel.gasoline"),
    ("diesel", OIL),
    ("heating oil", OIL),
    ("jet fuel", "fuel.jet_kerosene"),
    ("coal", COAL),
    ("coke", "fuel.coke"),
    ("firewood", "fuel.wood"),
    ("R-410A", "refrigerant.R410A"),
    ("r22", "refrigerant.HCFC22"),
    ("HFC-134a", "refrigerant.HFC134a"),
    ("clinker", "process.cement_clinker"),
    ("limestone", "process.carbonate_calcite"),
    ("air travel", "travel.air"),
    ("train", "travel.rail"),
    ("taxi", "travel.taxi"),
    ("hotel", "travel.hotel_spend"),
    ("commuting", "travel.commuting"),
    ("sea freight", "travel.freight_water"),
    ("trucking", "travel.freight_road"),
    ("landfill", "waste.landfill"),
    ("sewage", "waste.wastewater"),
    # slips of the finger, and keys
    ("disel", OIL),
    ("gasolin", "fuel.gasoline"),
    ("fuel.diesl", OIL),
    ("gas_diesel_oil", OIL),
    ("ＬＮＧ", "fuel.lng"),
]


@pytest.mark.parametrize(("typed", "first"), FIRST)
def test_what_is_meant_is_found_first(typed: str, first: str) -> None:
    assert search(typed)[0].key == first


@pytest.mark.parametrize("typed", ["", "   ", "xyzzy", "自来水", "？？", "(", "@", "q" * 500])
def test_what_nothing_is_called_finds_nothing(typed: str) -> None:
    assert search(typed) == []


@pytest.mark.slow
def test_every_kind_is_found_first_by_its_own_names_and_its_key() -> None:
    """A name with a qualifier is the kind it qualifies; two kinds of one name would hide each other."""
    for kind in activity_types().values():
        for name in (kind.key, kind.name_zh, kind.name_en):
            assert search(name)[0] == kind, name


def test_every_everyday_word_finds_its_kind_among_the_hits() -> None:
    for key, words in everyday_words().items():
        for word in words:
            assert key in [kind.key for kind in search(word)], word


def test_a_word_of_several_kinds_finds_them_in_the_order_of_the_table() -> None:
    of_several = [kind.key for kind in search("制冷剂")]
    assert of_several[:4] == ["refrigerant.R410A", "refrigerant.HFC32", "refrigerant.HFC134a", "refrigerant.HCFC22"]


def test_the_plain_fuel_comes_before_the_same_fuel_of_a_sector() -> None:
    found = [kind.key for kind in search("天然气")]
    assert found[0] == GAS and all(key.startswith(f"{GAS}@") for key in found[1:5])


def test_the_hits_are_few_and_none_stands_twice() -> None:
    for typed, _first in FIRST:
        found = search(typed)
        assert len(found) <= MOST and len({kind.key for kind in found}) == len(found)


def test_the_language_of_the_reader_changes_no_hit() -> None:
    for typed in ("蒸汽", "steam", "trq"):
        with override("zh-hans"):
            in_chinese = search(typed)
        with override("en"):
            assert search(typed) == in_chinese
