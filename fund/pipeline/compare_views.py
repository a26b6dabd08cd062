"""The page of a comparison, and its file. Everyone but the fund's side finds nothing here."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from fund.pipeline.compare import LEAST, MOST, Comparison, table
from portfolio.exports import addresses, file_of
from portfolio.lists import without_blanks
from scoring.access import fund_side_only, may_run


@login_required
@require_GET
def compare(request: HttpRequest) -> HttpResponse:
    """`c`, once a candidate, is the number of its company."""
    fund_side_only(request)
    if address := without_blanks(request):
        return redirect(address)
    page = Comparison(request.user, request.GET.getlist("c"))
    context = {
        "page": page,
        "least": LEAST,
        "most": MOST,
        "files": addresses("compare", page.query),
        "may_run": may_run(request.user),
        "here": request.get_full_path(),
    }
    return render(request, "fund/pipeline/compare.html", context)


@login_required
@require_GET
def compare_file(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The same as a file; `meta=0` leaves out the lines about it. A file cannot say what was left out: 404 then."""
    fund_side_only(request)
    page = Comparison(request.user, request.GET.getlist("c"))
    if page.problems or not page.can_compare:
        raise Http404
    return file_of(table(page), kind, with_meta=request.GET.get("meta") != "0")
