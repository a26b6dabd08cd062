"""The kinds of activity: what people may type, and what the engine relies on."""

import pytest
from django.utils.translation import override

from portfolio.activities.kinds import ACTIVITY_TYPES, KINDS, find


@pytest.mark.parametrize(
    ("word", "key"),
    [
        ("electricity", "electricity"),
        ("外购电力", "electricity"),
        ("Fuel.Diesel", "fuel.diesel"),
        (" 柴油 ", "fuel.diesel"),
        ("gas_diesel_oil", "fuel.diesel"),  # as the IPCC calls it
        ("natural gas", "fuel.natural_gas"),
        ("lng", "fuel.lng"),
        ("R410A", "refrigerant.R410A"),
        ("柴油（道路车辆）", "fuel.diesel@road"),
    ],
)
def test_a_kind_is_found_by_key_name_or_alias(word: str, key: str) -> None:
    found = find(word)
    assert found is not None and found.key == key


@pytest.mark.parametrize("word", ["", "   ", "petrol pump"])
def test_an_unknown_word_finds_nothing(word: str) -> None:
    assert find(word) is None


@pytest.mark.parametrize("word", ["gas", "燃气", "蒸汽", "steam", "高铁", "refrigerant"])
def test_a_word_that_is_no_name_is_never_taken_for_a_kind(word: str) -> None:
    assert find(word) is None


def test_every_kind_is_whole() -> None:
    for each in ACTIVITY_TYPES.values():
        assert each.kind in KINDS and each.scope in (1, 2, 3) and each.units and each.name_zh and each.name_en
        assert 0 < each.uncertainty_percent <= 100 and each.uncertainty_source
        assert 1 <= each.data_quality <= 5
        assert not each.fuel or each.fuel in ACTIVITY_TYPES
        assert not each.road or each.road in ACTIVITY_TYPES
    assert len({each.name_zh for each in ACTIVITY_TYPES.values()}) == len(ACTIVITY_TYPES)
    assert len({each.name_en for each in ACTIVITY_TYPES.values()}) == len(ACTIVITY_TYPES)


def test_a_kind_speaks_the_readers_language() -> None:
    with override("zh-hans"):
        assert str(ACTIVITY_TYPES["heat"]) == "外购热力"
    with override("en"):
        assert str(ACTIVITY_TYPES["heat"]) == "purchased heat and steam"
