"""The page of peers. Everyone but the fund's side finds nothing here."""

from __future__ import annotations

from itertools import chain

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from portfolio.lists import asked_of_file, csv_file, without_blanks
from portfolio.models import SavedView
from portfolio.saved_views.addresses import Views
from scoring.access import fund_side_only, may_run
from scoring.peers.listing import exported, read
from scoring.peers.report import Peers, meta_lines


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
        "file": reverse("scoring:peers_csv") + page.query(page_size=None),
        "may_nominate": may_nominate,
        "views": views.offered(page.query()),
    }
    return render(request, "scoring/peers/peers.html", context)


@login_required
@require_GET
def peers_csv(request: HttpRequest) -> StreamingHttpResponse:
    """All peers that match, in the list's order."""
    fund_side_only(request)
    page, with_meta = asked_of_file(Peers, request)
    told = meta_lines(page) if with_meta else ()
    return csv_file("peers_all", chain(told, exported(read(page.rows_found))))
