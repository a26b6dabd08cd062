"""A number that may bring the unit of its field: 3,450 kt, 0.5 GW where MW are asked, 15 years, (1.2 亿元)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from portfolio.typed.numbers import UnreadableNumber, grouped, read_number
from portfolio.typed.unit_words import unit_word
from portfolio.typed.units import USUAL, Amount, UnitError, WrongDimension, convert, kind_of, read_amount

LONGEST = 60  # characters of a number; whoever sends a thousand means none
MINUS = ("-", "−", "－", "–")


def read_with_unit(typed: str, own_unit: str, *, names: Iterable[str] = (), negative: bool = False) -> Amount:
    """A number in `own_unit`; one that brings another unit of the same kind is converted.

    `own_unit` may be any name: of what is only counted (car, months) there is no other unit, and `names` are what
    else it may be called. Below 0, by a minus of any kind or in brackets, only where `negative`. Raises
    UnreadableNumber, and UnitError that says in which unit the field is.
    """
    plain = typed.strip()
    if negative and _is_negative(plain):
        amount = read_with_unit(plain.strip("()（）").lstrip("".join(MINUS)), own_unit, names=names)
        return replace(amount, value=-amount.value + 0.0, typed=typed, echo=f"−{amount.echo}")
    number, unit = _parted(plain)
    if own_unit in USUAL and _alike(unit) not in map(_alike, names):
        return read_amount(number, unit or own_unit, own_unit)
    if _alike(unit) in map(_alike, ("", own_unit, unit_word(own_unit), *names)):
        value = read_number(number).value
        return Amount(value, own_unit, number, unit, f"{grouped(value)} {unit_word(own_unit)}")
    return _converted(number, unit, own_unit)


def _is_negative(typed: str) -> bool:
    """As accounts have it: a minus of any kind, or brackets."""
    return typed.startswith(MINUS) or (typed[:1] in "(（" and typed[-1:] in ")）" and len(typed) > 2)


def _alike(unit: str) -> str:
    return re.sub(r"[\s.]", "", unit).casefold()


def _converted(number: str, unit: str, own_unit: str) -> Amount:
    """From another unit of the kind that `own_unit` is of."""
    try:
        kind = kind_of(own_unit)
    except UnitError:
        words = _("“%(unit)s” is not the unit of this field: its number is in %(own)s.")
        own = unit_word(own_unit)
        raise WrongDimension(unit, words % {"unit": unit, "own": own}, (own,)) from None
    canonical = next(each for each in USUAL if kind_of(each) == kind)
    read = read_amount(number, unit, canonical)
    value = convert(read.value, canonical, own_unit)
    told = read.echo.partition(" = ")[0]
    return Amount(value, own_unit, number, unit, f"{told} = {grouped(value)} {unit_word(own_unit)}")


def _parted(typed: str) -> tuple[str, str]:
    """Number and unit: the longest beginning that is a number, unless what follows still belongs to one."""
    for end in range(min(len(typed), LONGEST), 0, -1):
        try:
            read_number(typed[:end])
        except UnreadableNumber:
            continue
        number, unit = typed[:end], typed[end:].strip()
        if re.match(r"[\d.,%]", unit):
            break
        bare = number.rstrip("万萬亿億 ") if unit else number  # 1.2 万吨 is said back as 1.2 of 万吨
        return bare, (number[len(bare) :] + unit).strip()
    return typed, ""
