"""A figure as it is told: a number, with a unit where the teller's is not ours. One reading for form and API."""

from __future__ import annotations

from dataclasses import replace

from portfolio.models import Figure, Quantity
from portfolio.typed.numbers import UnreadableNumber, grouped
from portfolio.typed.units import Amount, UnitError, WrongDimension, read_with_unit

LITRES_PER_TONNE = 1000  # of water, at 4 °C; bills count it in m³ and in tonnes alike


def read_figure(typed: str, quantity: Quantity) -> Amount:
    """3,450 kt of a scope is 3,450,000 tCO₂e, 1.2 亿元 of revenue 120,000,000 CNY; no unit is the quantity's own.

    Raises UnreadableNumber and UnitError.
    """
    try:
        return read_with_unit(typed, quantity.unit)
    except WrongDimension as refusal:
        if quantity != Quantity.WATER:
            raise
        return _water(typed, refusal)


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
