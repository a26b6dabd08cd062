"""The page of data requests, its file, and taking a request back. Everyone but the fund's side finds nothing here."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from fund.pipeline.requests.report import Requests, table
from portfolio.errors import PortfolioError
from portfolio.exports import addresses, file_of
from portfolio.lists import asked_of_file, came_from, without_blanks
from portfolio.models import DataRequest
from portfolio.models.data_request import LONGEST_REASON
from scoring.access import decider, fund_side_only, may_run


@login_required
@require_GET
def requests(request: HttpRequest) -> HttpResponse:
    fund_side_only(request)
    if address := without_blanks(request):
        return redirect(address)
    page = Requests(request)
    context = {
        "page": page,
        "files": addresses("requests", page.query(page_size=None)),
        "may_ask": may_run(request.user),
        "longest_reason": LONGEST_REASON,
    }
    return render(request, "fund/pipeline/requests.html", context)


@login_required
@require_GET
def requests_file(request: HttpRequest, kind: str) -> HttpResponseBase:
    """All requests that match, in the list's order."""
    fund_side_only(request)
    page, with_meta = asked_of_file(Requests, request)
    return file_of(table(page), kind, with_meta=with_meta)


@login_required
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a request back, with the reason that the company reads."""
    person = decider(request)
    found = get_object_or_404(DataRequest.objects.visible_to(person), pk=pk)
    try:
        found.withdraw(by=person, reason=request.POST.get("reason", ""))
    except PortfolioError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The request to %(company)s is withdrawn.") % {"company": found.company.name})
    return redirect(came_from(request, "requests"))
