"""What the frame round every page needs."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from fund.project import health
from fund.project.sessions import seconds_left
from portfolio.models.people import FUND_SIDE, VERIFICATION_SIDE, Role, has_keys, role_of

# Room of the view → entry of the rail that its pages belong to, so that a new page of a room is marked untold.
# "companies" is what is about one of them: each side has an entry of its own for that, the fund its candidates.
SECTIONS = {
    "portfolio.disclosures": "companies",
    "portfolio.evidence": "companies",
    "portfolio.joins": "peers",
    "portfolio.local_factors": "factors",
    "portfolio.monitoring_plans": "plans",
    "portfolio.people": "companies",
    "portfolio.places": "companies",
    "portfolio.quarters": "companies",
    "portfolio.gates": "companies",
    "portfolio.saved_views": "candidates",
    "portfolio.solutions": "companies",
    "portfolio.universe": "peers",
    "portfolio.verification": "companies",
    "portfolio.webhooks": "companies",
    "scoring.bar_sheets": "bar_sheets",
    "scoring.estimators": "models",
    "scoring.ledgers": "companies",
    "scoring.sheets": "companies",
    "scoring.peers": "peers",
    "scoring.runs": "runs",
    "scoring.tables": "factors",
    "scoring.tracks": "companies",
    "fund.applicants": "companies",  # of the fund, its candidates
    "fund.committee": "proposals",
    "fund.entrance": "companies",
    "fund.help": "help",
    "fund.holdings": "portfolio",
    "fund.pipeline": "candidates",
    "fund.pipeline.requests": "requests",
    "fund.pipeline.figure_views": "companies",
    "fund.pipeline.stuck_views": "account",  # beside the rail: each side comes from another page
    "fund.pipeline.what_if_views": "what_if",  # a page with an entry of its own in a room that has another
    "fund.project": "style",
    "fund.project.session_views": "account",  # beside the rail
}


def frame(request: HttpRequest) -> dict[str, Any]:
    """`demo` for the banner; the person's role, as words that templates can ask for; the `section` of the rail.

    `broker_is_down` asks the broker, and only on the pages that use it.
    """
    if not hasattr(request, "user"):
        return {"demo": settings.DEMO}
    role = role_of(request.user)
    return {
        "demo": settings.DEMO,
        "section": _section(request),
        "broker_is_down": health.broker_is_down,
        "house_role": role,
        "house_role_label": Role(role).label if role else "",
        "has_keys": has_keys(request.user),
        "is_fund_side": role in FUND_SIDE,
        "is_admin": role == Role.ADMIN,
        "is_verification_side": role in VERIFICATION_SIDE,
        "session_ends": seconds_left(request) if request.user.is_authenticated else None,
        "is_applicant": request.user.is_authenticated and not role,
    }


def _section(request: HttpRequest) -> str:
    """Empty for pages beside the rail, such as those of the account."""
    match = request.resolver_match
    if not match:
        return ""
    if match.url_name == "home":
        return "home"
    if match.namespace == "admin":
        return "admin"
    module: str = match.func.__module__
    return SECTIONS.get(module) or SECTIONS.get(module.rpartition(".")[0], "")
