"""Who may see and start what."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from rest_framework.request import Request

from portfolio.models import Scope
from portfolio.models.people import FUND_SIDE, Role, SomeUser, has_role
from portfolio.rest.views import has_scope


def may_run(user: SomeUser) -> bool:
    """Committee members read; managers and administrators also start and stop runs."""
    return has_role(user, Role.FUND_MANAGER, Role.ADMIN)


def fund_side_only(request: HttpRequest) -> None:
    if not has_role(request.user, *FUND_SIDE):
        raise Http404


def sees_scores(request: HttpRequest | Request) -> bool:
    """The fund's side; a program of theirs needs the scope as well."""
    return has_role(request.user, *FUND_SIDE) and has_scope(request, Scope.SCORES_READ)
