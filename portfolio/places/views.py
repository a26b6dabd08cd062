"""Suggestions of places, and the sites of a company: its people keep them, the house reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portfolio.errors import PortfolioError
from portfolio.models import Company, Membership, Site
from portfolio.places.forms import SiteForm
from portfolio.places.search import option, search

if TYPE_CHECKING:
    from django.contrib.auth.models import User

CONFLICT = 409


@login_required
@require_GET
def suggestions(request: HttpRequest) -> HttpResponse:
    """Options for what is typed into a place field so far, whatever the field's name is."""
    typed = str(next(iter(request.GET.values()), ""))
    options = [option(place) for place in search(typed)]
    return render(request, "portfolio/places/_options.html", {"options": options})


@login_required
@require_http_methods(["GET", "POST"])
def sites(request: HttpRequest, pk: int) -> HttpResponse:
    """All sites of a company; its people add one."""
    company = get_object_or_404(Company.objects.visible_to(request.user).select_related("city"), pk=pk)
    may_write = _is_member(request, company.pk)
    if request.method == "POST" and not may_write:
        raise PermissionDenied(_("Only people of the company keep its sites."))
    form = SiteForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            made = Site.add(company, by=_user(request), **form.facts())
        except PortfolioError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The site %(name)s is added.") % {"name": made.name})
            return redirect("portfolio:sites", company.pk)
    rows = company.sites.select_related("city").annotate(used=Count("lines"))
    context = {"company": company, "rows": rows, "form": form, "may_write": may_write}
    return render(request, "portfolio/places/sites.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def site(request: HttpRequest, pk: int) -> HttpResponse:
    """One site: what is known of it, and what was changed; its people change or close it."""
    found = _visible(request, pk)
    may_write = _is_member(request, found.company_id) and found.is_own
    status = 200
    if request.method == "POST" and not may_write:
        raise PermissionDenied(_("Only people of the company keep its sites, and a register's stay as they are."))
    form = SiteForm(request.POST if request.method == "POST" else None, site=found)
    if form.is_bound and form.is_valid():
        try:
            changed = found.change(by=_user(request), **form.facts())
        except PortfolioError as refusal:
            form.add_error(None, str(refusal))
            status, found = CONFLICT, _visible(request, pk)
        else:
            messages.success(request, _("Saved.") if changed else _("Nothing has changed."))
            return redirect("portfolio:sites", found.company_id)
    history = found.history.select_related("history_user", "city")
    context = {"site": found, "form": form, "may_write": may_write, "history": history, "used": found.lines.count()}
    return render(request, "portfolio/places/site.html", context, status=status)


@login_required
@require_POST
def remove_site(request: HttpRequest, pk: int) -> HttpResponse:
    found = _visible(request, pk)
    if not _is_member(request, found.company_id):
        raise PermissionDenied(_("Only people of the company keep its sites."))
    try:
        found.remove(by=_user(request))
    except PortfolioError as refusal:
        messages.error(request, str(refusal))
        return redirect("portfolio:site", pk)
    messages.success(request, _("The site %(name)s is deleted.") % {"name": found.name})
    return redirect("portfolio:sites", found.company_id)


def _visible(request: HttpRequest, pk: int) -> Site:
    return get_object_or_404(Site.objects.visible_to(request.user).select_related("company", "city"), pk=pk)


def _is_member(request: HttpRequest, company: int) -> bool:
    return Membership.objects.filter(user=_user(request), company=company).exists()


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)
