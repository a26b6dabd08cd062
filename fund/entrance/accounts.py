"""An account of whoever followed a link that was sent to its address."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import EmailAddress, Login
from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse

from fund.project import logs
from portfolio import audit
from portfolio.models import Person


def account_of(address: str) -> User | None:
    """The one that this address belongs to, also unconfirmed or switched off."""
    found = User.objects.filter(email__iexact=address).first()
    if found is None:
        row = EmailAddress.objects.filter(email__iexact=address).select_related("user").first()
        found = row.user if row else None
    return found


def make_account(address: str, name: str, password: str, *, language: str) -> User:
    """With a confirmed address, and nobody's hands on it. To be called in a transaction."""
    user = User.objects.create_user(_free_name(address), address, password, first_name=name)
    EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    Person.objects.update_or_create(user=user, defaults={"language": language})
    audit.append(user, "account.created", f"user:{user.pk}", detail=f"{user}: by a link")
    return user


def _free_name(address: str) -> str:
    """The address, with a number behind it where somebody is or was called so."""
    name, number = address, 1
    while User.objects.filter(username__iexact=name).exists() or audit.is_named(name):
        number += 1
        name = f"{address[:140]}-{number}"
    return name


def come_in(request: HttpRequest, user: User, to: str) -> HttpResponse:
    """Log in as by the page, and go on."""
    login: Any = Login(user=user, redirect_url=to, email=user.email)
    response: HttpResponse = perform_login(request, login)
    return response


def is_too_often(request: HttpRequest, what: str, key: str = "") -> bool:
    """Count one more; `what` names the entry of ENTRANCE_RATES."""
    rates = settings.ENTRANCE_RATES
    used = ratelimit.consume(request, app="greenlight", action=what, config=rates, key=key or None, limit_get=True)
    if not used:
        logs.held_back(request, key)
    return not used
