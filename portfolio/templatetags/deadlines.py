"""By when a company has to tell what it has not told yet."""

from django import template

from portfolio.models import Company, Deadline

register = template.Library()


@register.simple_tag
def open_deadlines(company: Company) -> list[Deadline]:
    """{% open_deadlines company as deadlines %}: the next first."""
    return Deadline.open_of(company)
