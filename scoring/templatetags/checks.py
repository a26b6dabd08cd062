"""What the rules of plausibility say of a disclosure, for the pages of the layer below."""

from __future__ import annotations

from django import template

from portfolio.disclosures.forms import DisclosureForm
from portfolio.models import Check, Disclosure
from scoring.plausibility import checks as plausibility
from scoring.signing import report
from scoring.signing.open_items import CODES

register = template.Library()


@register.simple_tag
def checks_of(disclosure: Disclosure, form: DisclosureForm | None = None) -> list[Check]:
    """{% checks_of disclosure as checks %}; with a form, of what is typed there.

    Of the rules alone: what is open between figures, ledger and evidence is for the page before signing. Without the
    scopes that are missing: the pages say so already, beside all else that is.
    """
    typed = form.values() if form is not None and form.is_bound else None
    hidden = {"missing_scope", *CODES}
    return [check for check in plausibility.checks_of(disclosure, typed) if check.code not in hidden]


@register.simple_tag
def all_checks_of(disclosure: Disclosure) -> list[Check]:
    """{% all_checks_of disclosure as checks %}: those of the rules, and what is open besides."""
    return [check for check in plausibility.checks_of(disclosure) if check.code != "missing_scope"]


@register.simple_tag
def joined_with_ledger(disclosure: Disclosure, checks: list[Check]) -> report.Joined:
    """{% joined_with_ledger disclosure checks as joined %}: figures beside their ledger and evidence."""
    return report.joined(disclosure, checks)


@register.filter
def as_items(checks: list[Check], severity: str) -> list[report.OpenItem]:
    """With the lines that each leads to."""
    return report.open_items(checks, severity)


@register.filter
def as_groups(checks: list[Check], severity: str) -> list[report.Group]:
    """The same under completeness, plausibility and evidence."""
    return report.grouped_items(checks, severity)


@register.filter
def about(checks: list[Check], quantity: str) -> list[Check]:
    return [check for check in checks if check.quantity == quantity]


@register.filter
def of_severity(checks: list[Check], severity: str) -> list[Check]:
    return [check for check in checks if check.severity == severity]


@register.filter
def can_be_explained(checks: list[Check]) -> bool:
    """Whether there is a jump for which a reason may be given."""
    return any(check.is_explainable for check in checks)


@register.filter
def need_correction(checks: list[Check]) -> bool:
    """Whether something blocks that no reason lifts."""
    return any(check.blocks and not check.is_liftable for check in checks)


@register.filter
def need_reason(checks: list[Check]) -> bool:
    return any(check.blocks and check.is_liftable for check in checks)
