"""The help page, and the switch of single keys."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from fund.help.glossary import terms
from fund.help.tutorial import tutorial
from portfolio.models import Person


@login_required
@require_GET
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "fund/help/help.html", {"terms": terms(), "version": settings.VERSION})


@login_required
@require_GET
def tutorial_page(request: HttpRequest) -> HttpResponse:
    """In the page's language, or in the other one where it is asked for."""
    own = "en" if (get_language() or "").startswith("en") else "zh"
    language = request.GET.get("language", own)
    if language not in ("zh", "en"):
        language = own
    lang = "en" if language == "en" else "zh-Hans"
    return render(request, "fund/help/tutorial.html", {"tutorial": tutorial(language), "lang": lang})


@login_required
@require_POST
def switch_keys(request: HttpRequest) -> HttpResponse:
    """`keys=on` or anything else, which is off: kept with the person, for every browser."""
    assert isinstance(request.user, User)  # noqa: S101  login_required
    Person.objects.update_or_create(user=request.user, defaults={"has_keys": request.POST.get("keys") == "on"})
    return redirect(reverse("help") + "#keys")
