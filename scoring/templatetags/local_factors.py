"""What a local factor would take the place of and change, for the desk of the layer below."""

from __future__ import annotations

from django import template

from portfolio.models import LocalFactor
from portfolio.models.local_factor import BuiltIn
from portfolio.models.people import SomeUser
from scoring.ledgers.effects import Effect, effect_of
from scoring.tables.built_in import in_force_of

register = template.Library()


@register.simple_tag
def would_change(factor: LocalFactor, reader: SomeUser) -> Effect | None:
    """{% would_change factor user as effect %}: lines and tonnes of its supplier's years that the reader may see."""
    return effect_of(factor, reader)


@register.simple_tag
def stands_now(factor: LocalFactor) -> BuiltIn | None:
    """{% stands_now factor as standing %}: the local factor in force that a line there is computed with."""
    return in_force_of(factor)
