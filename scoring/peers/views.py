"""The page of peers. Everyone but the fund's side finds nothing here."""

from __future__ import annotations

from itertools import chain

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from portfolio.lists import BOM, without_blanks
from portfolio.models import SavedView
from portfolio.saved_views.addresses import Views
from scoring.access import fund_side_only, may_run
from scoring.peers.listing import exported, read
from scoring.peers.report import Peers, meta_lines
from scoring.reading import reads_chinese


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
    """All peers that match, in the list's order; `meta=0` leaves out the lines about the file.

    A page can say that it dropped what it was asked wrongly; a file cannot, so it is 404 then.
    """
    fund_side_only(request)
    asked = request.GET.copy()
    with_meta = asked.pop("meta", ["1"])[-1] != "0"
    request.GET = asked  # type: ignore[assignment]  # Django's stubs know an immutable one only
    page = Peers(request)
    if page.dropped:
        raise Http404
    language = "zh" if reads_chinese() else "en"
    name = f"greenlight_peers_all_{timezone.localtime():%Y%m%d-%H%M}_{language}.csv"
    return StreamingHttpResponse(
        chain([BOM], meta_lines(page) if with_meta else (), exported(read(page.rows_found))),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
