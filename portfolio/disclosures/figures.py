"""A figure as it is told: a number, with a unit where the teller's is not ours. One reading for form and API."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext as _

from portfolio.models import Figure, Quantity
from portfolio.models.quantity import SIGNED_AMOUNTS, SUBSIDIES
from portfolio.typed.numbers import NONE, UnreadableNumber, grouped, read_number
from portfolio.typed.units import Amount, UnitError, WrongDimension
from portfolio.typed.with_unit import read_with_unit

NAMES = {Quantity.RUNWAY: ("month", "个月", "月")}  # of a unit that is only counted
PERCENT = ("%", "％")
LITRES_PER_TONNE = 1000  # of water, at 4 °C; bills count it in m³ and in tonnes alike


def read_figure(typed: str, quantity: Quantity) -> Amount:
    """3,450 kt of a scope is 3,450,000 tCO₂e, 1.2 亿元 of revenue 120,000,000 CNY; no unit is the quantity's own.

    Raises UnreadableNumber and UnitError.
    """
    plain = typed.strip()
    if quantity in SUBSIDIES and plain.lower() in NONE:
        return Amount(0.0, quantity.unit, typed, "", f"0 {quantity.unit_label}")
    if quantity.unit == PERCENT[0]:
        return _percent(typed)
    try:
        return read_with_unit(typed, quantity.unit, names=NAMES.get(quantity, ()), negative=quantity in SIGNED_AMOUNTS)
    except WrongDimension as refusal:
        if quantity != Quantity.WATER:
            raise
        return _water(typed, refusal)


def _percent(typed: str) -> Amount:
    """87.8 and 87.8 % are the same; what may be a share of 1 is asked."""
    plain = typed.strip()
    value = read_number(plain.rstrip("".join(PERCENT))).value
    if 0 < value <= 1 and not plain.endswith(PERCENT):
        words = _("“%(typed)s” may be a share or a percentage: please write %(percent)s %% or %(typed)s %%.")
        raise UnreadableNumber(typed, words % {"typed": plain, "percent": grouped(value * 100, 12)})
    return Amount(value, PERCENT[0], typed, "", f"{grouped(value)} %")


def _water(typed: str, refusal: WrongDimension) -> Amount:
    try:
        litres = read_with_unit(typed, "L")
    except UnitError:
        raise refusal from None
    tonnes = litres.value / LITRES_PER_TONNE
    told = litres.echo.partition(" = ")[0]
    return replace(litres, value=tonnes, unit=Quantity.WATER.unit, echo=f"{told} = {grouped(tonnes)} t")


def echo(figure: Figure) -> str:
    """How what was typed was read: 3,450 kt = 3,450,000 tCO₂e. Empty where it does not read as the value any more."""
    try:
        read = read_figure(figure.typed, Quantity(figure.quantity))
    except (UnreadableNumber, UnitError):
        return ""
    return read.echo if read.value == figure.value else ""
