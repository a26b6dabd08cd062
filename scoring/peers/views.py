"""The page of peers. Everyone but the fund's side finds nothing here."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from portfolio.exports import addresses, file_of
from portfolio.lists import asked_of_file, without_blanks
from portfolio.models import SavedView
from portfolio.saved_views.addresses import Views
from scoring.access import fund_side_only, may_run
from scoring.peers.report import Peers, table


@login_required
@require_GET
def peers(request: HttpRequest) -> HttpResponse:
    fund_side_only(request)
    views = Views(request, SavedView.List.PEERS)
    if address := views.elsewhere or without_blanks(request):
        return redirect(address)
    page = Peers(request)
    may_nominate = may_run(request.user)
    rows = render_to_string("scoring/peers/rows.html", {"page": page, "may_nominate": may_nominate})
    context = {
        "page": page,
        "tables": SafeString(rows),
        "files": addresses("scoring:peers", page.query(page_size=None)),
        "may_nominate": may_nominate,
        "views": views.offered(page.query()),
    }
    return render(request, "scoring/peers/peers.html", context)


@login_required
@require_GET
def peers_file(request: HttpRequest, kind: str) -> HttpResponseBase:
    """All peers that match, in the list's order."""
    fund_side_only(request)
    page, with_meta = asked_of_file(Peers, request)
    return file_of(table(page), kind, with_meta=with_meta)
