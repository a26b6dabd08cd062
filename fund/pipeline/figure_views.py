"""The page of one figure: alone, or as a drawer beside the page that shows the figure."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from fund.pipeline import figure as figures
from fund.pipeline.figure import FigurePage
from portfolio.models import Company, Disclosure, Figure, Financials, Solution
from scoring.access import fund_side_only


@login_required
@require_GET
def figure(request: HttpRequest, disclosure: int, quantity: str) -> HttpResponse:
    """Of a disclosure that the person may see."""
    try:
        return _shown(request, figures.of_disclosure(request.user, _disclosure(request, disclosure), quantity))
    except Figure.DoesNotExist as none:
        raise Http404 from none


@login_required
@require_GET
def figure_of_solution(request: HttpRequest, disclosure: int, number: int, column: str) -> HttpResponse:
    """Of a row of what was sold."""
    told = _disclosure(request, disclosure)
    if column not in figures.OF_SOLUTIONS:
        raise Http404
    rows = Solution.objects.select_related("family", "disclosure__company")
    row = get_object_or_404(rows, disclosure=told, number=number)
    try:
        return _shown(request, figures.of_solution(request.user, row, column))
    except Solution.DoesNotExist as none:
        raise Http404 from none


@login_required
@require_GET
def figure_of_accounts(request: HttpRequest, pk: int, column: str) -> HttpResponse:
    """Of accounts, which the fund's side reads."""
    fund_side_only(request)
    if column not in figures.OF_ACCOUNTS:
        raise Http404
    rows = Financials.objects.filter(company__in=Company.objects.visible_to(request.user))
    row = get_object_or_404(rows.select_related("company", "entered_by"), pk=pk)
    try:
        return _shown(request, figures.of_accounts(request.user, row, column))
    except Financials.DoesNotExist as none:
        raise Http404 from none


def _disclosure(request: HttpRequest, pk: int) -> Disclosure:
    rows = Disclosure.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("company", "created_by", "submitted_by", "verified_by"), pk=pk)


def _shown(request: HttpRequest, page: FigurePage) -> HttpResponse:
    is_drawer = "HX-Request" in request.headers
    return render(request, "fund/pipeline/_figure.html" if is_drawer else "fund/pipeline/figure.html", {"figure": page})
