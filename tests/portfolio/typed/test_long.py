"""What is sent at a length that nobody means is refused at once: no text takes the square of its length."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

import pytest
from django.core.exceptions import ValidationError

from fund.project.security_keys.passwords import GuessedFirst
from portfolio.folding import bare_name, fold, normal
from portfolio.typed.numbers import UnreadableNumber
from portfolio.typed.units import UnitError, read_amount
from portfolio.typed.with_unit import read_with_unit

LENGTH = 200_000  # characters: seconds to hours before, by the square of it
SECONDS = 3


@pytest.mark.parametrize(
    "read",
    [
        lambda: fold("a" + "\u0301" * LENGTH + "\u0323" * LENGTH),
        lambda: fold("a" + "\u0301\u0323" * LENGTH),
        lambda: bare_name("(" * LENGTH),
        lambda: read_with_unit("1" * LENGTH, "t"),
        lambda: read_with_unit("1" + ",111" * LENGTH + "x", "t"),
        lambda: read_with_unit("1 a@" + "a@" * LENGTH, "t"),
        lambda: read_amount("1", "t" + "1" * LENGTH, "mass"),
        lambda: read_amount("1", "a" + "\u0301\u0323" * LENGTH, "mass"),
        lambda: GuessedFirst().validate("1" * LENGTH + "a" + "1" * LENGTH),
        lambda: GuessedFirst().validate("1" * LENGTH),
    ],
)
def test_length_costs_its_own_measure(read: Callable[[], object]) -> None:
    began = time.thread_time()
    with suppress(UnreadableNumber, UnitError, ValidationError):
        read()
    assert time.thread_time() - began < SECONDS


def test_a_normal_form_in_pieces_is_the_same_where_no_accent_lies_between() -> None:
    assert normal("NFKC", "㎥" * 1200) == "m3" * 1200
    assert normal("NFKC", "") == ""


@pytest.mark.parametrize(
    ("name", "bare"),
    [("台泥 (集团", "台泥 (集团"), ("A (b) c", "a c"), ("甲（乙）丙（丁", "甲 丙(丁"), ("(x) y)", "y)")],
)
def test_only_brackets_that_close_are_left_out(name: str, bare: str) -> None:
    assert bare_name(name).replace("集团", "").strip() == bare.replace("集团", "").strip()


@pytest.mark.parametrize("word", ["password1234!", "!!password12", "dragondragon", "12monkey12__"])
def test_a_common_password_made_longer_is_still_seen(word: str) -> None:
    with pytest.raises(ValidationError):
        GuessedFirst().validate(word)
