"""The page of a comparison, and its file. Everyone but the fund's side finds nothing here."""

from __future__ import annotations

from itertools import chain

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from fund.pipeline.compare import LEAST, MOST, Comparison, exported, meta_lines
from portfolio.lists import BOM, without_blanks
from scoring.access import fund_side_only, may_run
from scoring.reading import reads_chinese


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
        "file": reverse("compare_csv") + page.query,
        "may_run": may_run(request.user),
    }
    return render(request, "fund/pipeline/compare.html", context)


@login_required
@require_GET
def compare_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same as a file; `meta=0` leaves out the lines about it. A file cannot say what was left out: 404 then."""
    fund_side_only(request)
    page = Comparison(request.user, request.GET.getlist("c"))
    if page.problems or not page.can_compare:
        raise Http404
    language = "zh" if reads_chinese() else "en"
    told = meta_lines(page) if request.GET.get("meta") != "0" else ()
    name = f"greenlight_comparison_{timezone.localtime():%Y%m%d-%H%M}_{language}.csv"
    return StreamingHttpResponse(
        chain([BOM], told, exported(page)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
