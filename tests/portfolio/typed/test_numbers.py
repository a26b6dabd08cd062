"""What people type, and what we make of it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.typed.numbers import UnreadableNumber, grouped, read_number


@pytest.mark.parametrize(
    ("typed", "value", "text"),
    [
        ("1,234.5", 1234.5, "1,234.5"),
        ("１２３", 123, "123"),
        ("１，２３４．５", 1234.5, "1,234.5"),
        (" 5 ", 5, "5"),
        ("\u30005\u00a0", 5, "5"),
        ("1.2万", 12_000, "12,000"),
        ("1.2 萬", 12_000, "12,000"),
        ("3亿", 300_000_000, "300,000,000"),
        ("2万亿", 2e12, "2,000,000,000,000"),
        ("1,234.05万", 12_340_500, "12,340,500"),
        ("1 234.5", 1234.5, "1,234.5"),
        ("1\u202f234\u202f567", 1_234_567, "1,234,567"),
        ("1e3", 1000, "1,000"),
        ("2.5E-1", 0.25, "0.25"),
        (".5", 0.5, "0.5"),
        ("+7", 7, "7"),
        ("007", 7, "7"),
        ("0", 0, "0"),
        ("-0", 0, "0"),
        ("0.1", 0.1, "0.1"),
        ("1e20", 1e20, "1e+20"),
    ],
)
def test_what_is_read_and_how_it_is_echoed(typed: str, value: float, text: str) -> None:
    reading = read_number(typed)
    assert (reading.value, reading.text) == (value, text)


@pytest.mark.parametrize(
    "typed",
    [
        "abc", "12,34o", "1,23", "1.234,5", "", "   ", "n/a", "—", "5 t", "1,2345", "12 34", "1,234 567", "0,123",
        "1.2.3", "5.", ".", "--5", "10³", "½", "nan", "NaN", "inf", "-inf", "∞", "1e400", "1e-400", "1e9999", "万",
        "1e3万", "٣", "1_000", "0x10", "1\n2",
    ],
)  # fmt: skip
def test_what_is_not_surely_a_number_is_refused_with_the_text(typed: str) -> None:
    with pytest.raises(UnreadableNumber) as refusal:
        read_number(typed)
    assert refusal.value.text == typed
    assert typed.strip() in str(refusal.value)


@pytest.mark.parametrize(("typed", "meant"), [("12,34o", "12,340"), ("1.234,5", "1,234.5"), ("1,23", "1.23")])
def test_a_common_slip_gets_a_suggestion(typed: str, meant: str) -> None:
    with pytest.raises(UnreadableNumber, match=meant):
        read_number(typed)


def test_a_negative_number_is_refused_unless_allowed() -> None:
    with pytest.raises(UnreadableNumber, match="−5"):
        read_number("−5")
    assert read_number("−5", negative=True).value == -5


@given(st.floats(min_value=0, allow_nan=False, allow_infinity=False))
def test_the_echo_reads_back_as_the_same_number(value: float) -> None:
    assert read_number(grouped(value)).value == value


@given(st.integers(min_value=0, max_value=10**15 - 1))
def test_grouping_with_commas_spaces_or_full_width_digits_changes_nothing(number: int) -> None:
    for text in (f"{number:,}", f"{number:,}".replace(",", " "), str(number).translate(FULL_WIDTH)):
        assert read_number(text).value == number


@given(st.text(max_size=20))
def test_any_text_is_read_as_a_finite_number_or_refused_by_name(typed: str) -> None:
    try:
        reading = read_number(typed)
    except UnreadableNumber:
        return
    assert math.isfinite(reading.value) and reading.value >= 0
    assert read_number(reading.text) == reading


FULL_WIDTH = {ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)}


def test_a_number_is_rounded_to_the_digits_that_are_asked_for_and_grouped() -> None:
    assert (grouped(2322.7683, 6), grouped(123456, 2), grouped(0.1 + 0.2, 12)) == ("2,322.77", "120,000", "0.3")
