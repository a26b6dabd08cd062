"""Which disclosures of a list have a restatement that waits: one question, however long the list."""

from __future__ import annotations

from django import template

from portfolio.models import Disclosure
from portfolio.models.people import SomeUser
from scoring.models.ledger import Restatement

register = template.Library()


@register.simple_tag
def open_restatements(user: SomeUser) -> dict[int, Restatement]:
    """{% open_restatements user as waiting %}: those that the person may see, by disclosure."""
    return {found.disclosure_id: found for found in Restatement.objects.visible_to(user).open()}


@register.filter
def of_disclosure(waiting: dict[int, Restatement], disclosure: Disclosure) -> Restatement | None:
    return waiting.get(disclosure.pk)
