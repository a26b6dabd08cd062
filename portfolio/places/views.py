"""Suggestions of places, and the sites of a company."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from portfolio.places.search import option, search


@login_required
@require_GET
def suggestions(request: HttpRequest) -> HttpResponse:
    """Options for what is typed into a place field so far, whatever the field's name is."""
    typed = next(iter(request.GET.values()), "")
    options = [option(place) for place in search(typed)]
    return render(request, "portfolio/places/_options.html", {"options": options})
