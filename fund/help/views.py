"""The help page, and the switch of single keys."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from fund.help.glossary import terms
from portfolio.models import Person


@login_required
@require_GET
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "fund/help/help.html", {"terms": terms(), "version": settings.VERSION})


@login_required
@require_POST
def switch_keys(request: HttpRequest) -> HttpResponse:
    """`keys=on` or anything else, which is off: kept with the person, for every browser."""
    assert isinstance(request.user, User)  # noqa: S101  login_required
    Person.objects.update_or_create(user=request.user, defaults={"has_keys": request.POST.get("keys") == "on"})
    return redirect(reverse("help") + "#keys")
