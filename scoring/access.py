"""Who may see, start and change what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from rest_framework.request import Request

from portfolio.models import Scope
from portfolio.models.join import DECIDERS
from portfolio.models.people import FUND_SIDE, Role, SomeUser, has_role
from portfolio.rest.views import has_scope
from scoring.errors import RunRefused


def may_run(user: SomeUser) -> bool:
    """Committee members read; managers and administrators also start and stop runs."""
    return has_role(user, Role.FUND_MANAGER, Role.ADMIN)


def fund_side_only(request: HttpRequest) -> None:
    if not has_role(request.user, *FUND_SIDE):
        raise Http404


def sees_scores(request: HttpRequest | Request) -> bool:
    """The fund's side; a program of theirs needs the scope as well."""
    return has_role(request.user, *FUND_SIDE) and has_scope(request, Scope.SCORES_READ)


def signed_in(request: HttpRequest) -> User:
    """Who asks, behind `login_required`."""
    return cast(User, request.user)


def decider(request: HttpRequest) -> User:
    """Who asks. Raises Http404 beyond the fund's side, and PermissionDenied for who only reads."""
    fund_side_only(request)
    if not isinstance(request.user, User) or not has_role(request.user, *DECIDERS):
        raise PermissionDenied(_("Only a fund manager or an administrator can do this."))
    return request.user


# --- what administrators put in force: bar sheets, models ----------------------------------------------------
def may_act(request: HttpRequest) -> bool:
    return has_role(request.user, Role.ADMIN)


def administrator(request: HttpRequest, refusal: str) -> User:
    """Who asks. Raises Http404 beyond the fund's side, and PermissionDenied with the refusal."""
    fund_side_only(request)
    if not may_act(request):
        raise PermissionDenied(refusal)
    return cast(User, request.user)


class HasPage(Protocol):
    def get_absolute_url(self) -> str: ...


def act(request: HttpRequest, shown: HasPage, do: Callable[[], object], done: str) -> HttpResponse:
    """Do it and say so, or say why not; back to what was shown."""
    try:
        do()
    except RunRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, done)
    return redirect(shown)
