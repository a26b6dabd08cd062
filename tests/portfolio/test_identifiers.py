"""Identifiers with their real check digits; examples of published codes, and slips of one character."""

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from portfolio.identifiers import validate_isin, validate_lei, validate_uscc

VALUES = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015, without I O S V Z


@pytest.mark.parametrize(
    "value",
    ["91110000600037341L", "91110108551385082Q", "91350100M000100Y43", "91500103MA3FQEFLC0"],
)
def test_a_valid_uscc_is_accepted(value: str) -> None:
    assert validate_uscc(value) == value


def test_a_sum_that_31_divides_has_the_check_character_0() -> None:
    body = "91500103MA3FQEFLC"
    # GB 32100-2015: weights 3^i mod 31, check (31 - sum mod 31) mod 31. Here the sum leaves nothing.
    assert sum(VALUES.index(char) * pow(3, i, 31) for i, char in enumerate(body)) % 31 == 0

    assert validate_uscc(body + "0") == body + "0"
    for other in VALUES[1:]:
        with pytest.raises(ValidationError):
            validate_uscc(body + other)


def test_spaces_and_dashes_are_accepted_and_dropped() -> None:
    assert validate_uscc("9111 0000-6000 3734 1L") == "91110000600037341L"


@pytest.mark.parametrize("value", ["91350100M000100Y44", "91310115MA1H8R7C6D"])
def test_a_uscc_whose_check_character_does_not_fit_is_refused(value: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_uscc(value)
    assert refused.value.code == "invalid_uscc"


@pytest.mark.parametrize("letter", "IOSVZ")
def test_letters_that_look_like_digits_are_refused(letter: str) -> None:
    with pytest.raises(ValidationError):
        validate_uscc(f"91350100M000100{letter}43")


@pytest.mark.parametrize("value", ["5493001KJTIIGC8Y1R12", "213800KUD8LAJWSQ9D15"])
def test_a_valid_lei_is_accepted(value: str) -> None:
    assert validate_lei(value) == value


# "tw-75370905" passes mod 97-10 by chance: one text in 97 does.
@pytest.mark.parametrize("value", ["5493001KJTIIGC8Y1R13", "5493001KJTIIGC8Y1R1", "tw-75370905"])
def test_an_invalid_lei_is_refused(value: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_lei(value)
    assert refused.value.code == "invalid_lei"


@pytest.mark.parametrize("value", ["US0378331005", "CNE100000296", "CNE1000031P3"])
def test_a_valid_isin_is_accepted(value: str) -> None:
    assert validate_isin(value) == value


@pytest.mark.parametrize("value", ["CNE100000297", "US037833100"])
def test_an_invalid_isin_is_refused(value: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_isin(value)
    assert refused.value.code == "invalid_isin"


def test_the_message_says_the_length_that_was_typed() -> None:
    with translation.override("en"):
        with pytest.raises(ValidationError) as refused:
            validate_uscc("91350100M000")
        assert refused.value.messages == ["A unified social credit code has 18 characters; this one has 12."]


@pytest.mark.parametrize(
    ("validate", "wrong", "english", "chinese"),
    [
        (validate_uscc, "91350100M000100Y44", "unified social credit code", "统一社会信用代码"),
        (validate_lei, "5493001KJTIIGC8Y1R13", "LEI", "LEI"),
        (validate_isin, "CNE100000297", "ISIN", "ISIN"),
    ],
)
def test_a_wrong_identifier_is_named_in_both_languages(
    validate: Callable[[str], str], wrong: str, english: str, chinese: str
) -> None:
    def message(language: str) -> str:
        with translation.override(language):
            with pytest.raises(ValidationError) as refused:
                validate(wrong)
            return refused.value.messages[0]

    assert english in message("en")
    assert chinese in message("zh-hans")
    assert message("en") != message("zh-hans")
