"""The pages of the fund's candidates. Everyone but the fund's side finds nothing here."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from fund.pipeline.chosen import MOST
from fund.pipeline.home import Home
from fund.pipeline.report import Candidates, data_checks, table
from portfolio.exports import addresses, file_of
from portfolio.lists import asked_of_file, without_blanks
from portfolio.models import SavedView
from portfolio.models.people import FUND_SIDE, VERIFICATION_SIDE, has_role
from portfolio.saved_views.addresses import Views
from scoring.access import fund_side_only, may_run


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Everyone begins with what waits for them; off the fund's side that is the list they work from."""
    if has_role(request.user, *VERIFICATION_SIDE):
        return redirect("scoring:cases")
    if not has_role(request.user, *FUND_SIDE):
        return redirect("disclosures")
    assert isinstance(request.user, User)  # noqa: S101
    return render(request, "fund/pipeline/home.html", {"home": Home(request.user)})


@login_required
@require_GET
def candidates(request: HttpRequest) -> HttpResponse:
    fund_side_only(request)
    views = Views(request, SavedView.List.CANDIDATES)
    if address := views.elsewhere or without_blanks(request):
        return redirect(address)
    page = Candidates(request)
    context = {
        "page": page,
        "tables": SafeString(render_to_string("scoring/candidates/rows.html", {"page": page})),
        "files": addresses("candidates", page.query(page_size=None, track=page.track_code)),
        "may_nominate": may_run(request.user),
        "here": request.get_full_path(),
        "most": MOST,
        "views": views.offered(page.query(), data_checks()),
    }
    return render(request, "fund/pipeline/candidates.html", context)


@login_required
@require_GET
def candidates_file(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The candidates of the track that match, in the list's order; `?view=NAME` those of a saved view."""
    fund_side_only(request)
    if address := Views(request, SavedView.List.CANDIDATES).of_file:
        return redirect(address)
    page, with_meta = asked_of_file(Candidates, request)
    return file_of(table(page), kind, with_meta=with_meta)
