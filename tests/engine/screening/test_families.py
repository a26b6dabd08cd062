"""Families by their words: the longer word holds, several are an abstention, and so is none."""

import pytest

from scoring.engine.screening.families import suggest_family

WORDS = {
    "F01": ["风电机组", "风机", "wind turbine"],
    "F02": ["海上风电机组", "offshore wind turbine"],
    "F04": ["逆变器", "inverter"],
}


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("风电机组的研发与制造", "F01"),
        ("風電機組", "F01"),  # traditional characters are folded
        ("海上风电机组", "F02"),
        ("maker of offshore wind turbines", "F02"),
        ("Wind Turbines", "F01"),
        ("银行业务", None),
        ("", None),
        ("海上风电机组、陆上风机", None),  # both are named
        ("superinverters", None),  # a Latin word begins where it begins
    ],
)
def test_one_family_that_is_named_is_suggested_and_nothing_else(text: str, family: str | None) -> None:
    assert suggest_family(text, WORDS).first == family


def test_several_are_told_with_their_words_the_longest_first() -> None:
    found = suggest_family("逆变器和海上风电机组", WORDS)
    assert found.families == ("F02", "F04")
    assert found.because == {"F02": ("海上风电机组",), "F04": ("逆变器",)}


def test_the_order_of_the_families_is_of_no_matter() -> None:
    text = "逆变器和海上风电机组、风机"
    assert suggest_family(text, WORDS) == suggest_family(text, dict(reversed(WORDS.items())))
