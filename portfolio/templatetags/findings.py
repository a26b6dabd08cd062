"""What stands at a point of a disclosure: {% with at=desk|at:row.figure.quantity %}. The desk is verification's."""

from __future__ import annotations

from typing import Any

from django import template

from portfolio.models.desk import points

register = template.Library()


@register.filter
def at(desk: Any, point: str) -> Any:
    """None where there is no desk."""
    return desk.at(str(point)) if desk else None


@register.filter
def at_line(desk: Any, number: int) -> Any:
    return desk.at(points.of_line(number)) if desk else None
