"""Who may see and start what."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from portfolio.models.people import FUND_SIDE, Role, SomeUser, has_role


def may_run(user: SomeUser) -> bool:
    """Committee members read; managers and administrators also start and stop runs."""
    return has_role(user, Role.FUND_MANAGER, Role.ADMIN)


def fund_side_only(request: HttpRequest) -> None:
    if not has_role(request.user, *FUND_SIDE):
        raise Http404
