"""What the frame round every page needs."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from fund.project import health
from portfolio.models.people import FUND_SIDE, VERIFICATION_SIDE, Role, role_of


def frame(request: HttpRequest) -> dict[str, Any]:
    """`demo` for the banner; the person's role, as words that templates can ask for.

    `broker_is_down` asks the broker, and only on the pages that use it.
    """
    if not hasattr(request, "user"):
        return {"demo": settings.DEMO}
    role = role_of(request.user)
    return {
        "demo": settings.DEMO,
        "broker_is_down": health.broker_is_down,
        "house_role": role,
        "house_role_label": Role(role).label if role else "",
        "is_fund_side": role in FUND_SIDE,
        "is_admin": role == Role.ADMIN,
        "is_verification_side": role in VERIFICATION_SIDE,
        "is_applicant": request.user.is_authenticated and not role,
    }
