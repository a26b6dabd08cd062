"""What becomes of a question that nobody answers: the conservative substitution, in plain words (METHOD, section 5)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from portfolio.models import Finding, Quantity
from portfolio.models.desk import points

AT_THE_LOW_END = (Quantity.RENEWABLE_CAPACITY, Quantity.THEME_REVENUE, Quantity.THEME_CAPEX_RND)


def substitution(finding: Finding) -> str:
    """What the verifier may do if it stays as it is."""
    if finding.point in AT_THE_LOW_END or finding.point == points.SOLUTIONS:
        return _(
            "If it stays unanswered, the verifier may put a cautious value in its place: what cannot be shown counts"
            " at the low end of what is plausible, or not at all. The substitution is recorded beside your figure."
        )
    if finding.point in points.FACTS or finding.point == points.WHOLE:
        return _(
            "If it stays unanswered, the verifier may put cautious values in place of the figures it bears on:"
            " emissions at the high end of what is plausible. Each substitution is recorded beside your figure."
        )
    return _(
        "If it stays unanswered, the verifier may put a cautious value in its place: emissions and consumption count"
        " at the high end of what is plausible. The substitution is recorded beside your figure."
    )
