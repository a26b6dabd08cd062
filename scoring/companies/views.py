"""The pages of the fund's side: screen and rank, dossiers, runs. Everyone else finds nothing here."""

from __future__ import annotations

import hashlib
import logging

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from portfolio.lists import without_blanks
from portfolio.models import Company
from scoring.access import fund_side_only, may_run
from scoring.companies.dossier import Dossier, with_latest
from scoring.companies.listing import exported
from scoring.companies.screen import Screen
from scoring.companies.tabs import METHODS, MethodName, PathwayTab, TemperatureTab
from scoring.models import Score
from scoring.reading import reads_chinese
from scoring.runs import receipts
from scoring.runs.report import ended_universe_runs

logger = logging.getLogger(__name__)


# --- companies -----------------------------------------------------------------------------------------
@login_required
@require_GET
def companies(request: HttpRequest) -> HttpResponse:
    fund_side_only(request)
    if address := without_blanks(request):
        return redirect(address)
    screen = Screen(request)
    context = {
        "screen": screen,
        "tables": SafeString(render_to_string("scoring/companies/tables.html", {"screen": screen})),
        "file": reverse("scoring:companies_csv") + screen.query(page_size=None),
        "latest_run": ended_universe_runs(screen.universe).select_related("methodology").first(),
    }
    return render(request, "scoring/companies/companies.html", context)


@login_required
@require_GET
def companies_csv(request: HttpRequest) -> StreamingHttpResponse:
    """All companies that match, in the list's order.

    A page can say that it dropped what it was asked wrongly; a file cannot, so it is 404 then.
    """
    fund_side_only(request)
    screen = Screen(request)
    if screen.dropped:
        raise Http404
    language = "zh" if reads_chinese() else "en"
    name = f"greenlight_companies_{timezone.localtime():%Y%m%d-%H%M}_{language}.csv"
    return StreamingHttpResponse(
        exported(screen.rows_found),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@login_required
@require_GET
def dossier(request: HttpRequest, pk: int, run: int | None = None) -> HttpResponse:
    context = {"dossier": _dossier_or_404(request, pk, run), "may_run": may_run(request.user)}
    return render(request, "scoring/companies/dossier.html", context)


@login_required
@require_GET
def dossier_temperature(request: HttpRequest, pk: int, run: int | None = None) -> HttpResponse:
    """`?method=parity` shows the reference tool's reading instead of ours."""
    found = _dossier_or_404(request, pk, run)
    asked = request.GET.get("method", "current")
    method: MethodName = "parity" if asked == "parity" else "current"
    context = {
        "dossier": found,
        "may_run": may_run(request.user),
        "tab": "temperature",
        "shown": TemperatureTab(found.score, method) if found.score else None,
        "unknown_method": "" if asked in METHODS else asked[:40],
    }
    return render(request, "scoring/companies/dossier_temperature.html", context)


@login_required
@require_GET
def dossier_pathway(request: HttpRequest, pk: int, run: int | None = None) -> HttpResponse:
    found = _dossier_or_404(request, pk, run)
    context = {
        "dossier": found,
        "may_run": may_run(request.user),
        "tab": "pathway",
        "shown": PathwayTab(found.score) if found.score else None,
    }
    return render(request, "scoring/companies/dossier_pathway.html", context)


def _dossier_or_404(request: HttpRequest, pk: int, run: int | None) -> Dossier:
    fund_side_only(request)
    company = get_object_or_404(with_latest(Company.objects.visible_to(request.user)), pk=pk)
    try:
        return Dossier(request.user, company, run)
    except Score.DoesNotExist as none:
        raise Http404 from none


@login_required
@require_GET
def receipt(request: HttpRequest, pk: int, run: int) -> HttpResponse:
    """One score as a file that anyone can compute again."""
    fund_side_only(request)
    company = get_object_or_404(Company.objects.visible_to(request.user), pk=pk)
    score = get_object_or_404(Score.objects.visible_to(request.user), company=company, run=run)
    try:
        text = receipts.text_of(receipts.receipt_of(score)).encode()
    except receipts.ReceiptRefused as refused:
        logger.error("no receipt: %s", refused)
        messages.error(request, str(receipts.REFUSED))
        return redirect(score)
    answer = HttpResponse(text, content_type="application/json")
    answer["Content-Disposition"] = content_disposition_header(True, receipts.file_name(run, company.company_key))
    answer["ETag"] = f'"{hashlib.sha256(text).hexdigest()[:32]}"'
    return get_conditional_response(request, etag=answer["ETag"], response=answer) or answer
