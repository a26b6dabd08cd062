"""What pages of several rooms show of opinions."""

from __future__ import annotations

from typing import Any

from django import template

from portfolio.models import Disclosure, Opinion
from portfolio.models.people import SomeUser
from portfolio.verification.opinions import Measured, Waiting, waiting_for_review

register = template.Library()


@register.simple_tag
def measured_of(disclosure: Disclosure) -> Measured:
    """For `portfolio/verification/_materiality.html`."""
    return Measured.of(disclosure)


@register.simple_tag
def opinions_of(disclosure: Disclosure, user: SomeUser) -> list[Opinion]:
    """The newest first, as far as this person may see them."""
    rows = Opinion.objects.visible_to(user).filter(disclosure=disclosure)
    return list(rows.select_related("drafted_by", "reviewed_by").order_by("-pk"))


@register.simple_tag
def review_work(user: Any) -> list[Waiting]:
    return waiting_for_review(user)
