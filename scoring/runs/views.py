"""The pages of runs, and what starts, stops and retries one."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from portfolio.exports import Table, addresses, file_of, made_by
from portfolio.lists import ListPage
from portfolio.models import Company
from scoring.access import fund_side_only, may_run
from scoring.candidates.moves import cells, explained, heads
from scoring.errors import RunRefused
from scoring.models import ScoreItem, ScoreRun
from scoring.runs import queue as runs
from scoring.runs.report import RunList, RunReport, run_rows

STOP_POLLING = 286  # htmx: swap this last answer in, then poll no more


@login_required
@require_POST
def score_company(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a new score of one company."""
    person = _runner(request)
    company = get_object_or_404(Company.objects.visible_to(person), pk=pk)
    return _start(request, [company], title=f"{company.company_key} {timezone.localdate()}", by=person)


@login_required
@require_GET
def runs_list(request: HttpRequest) -> HttpResponse:
    fund_side_only(request)
    found = ScoreRun.objects.visible_to(request.user).select_related("bar_sheet", "retired_method", "requested_by")
    listed = ListPage(RunList, found, request)
    rows = run_rows(list(listed.on_page(listed.rows_found)))
    return render(request, "scoring/runs/runs.html", {"runs": listed, "rows": rows, "may_run": may_run(request.user)})


@login_required
@require_POST
def run_new(request: HttpRequest) -> HttpResponse:
    """Ask for the scores of all real companies."""
    person = _runner(request)
    everyone = Company.objects.visible_to(person).filter(is_illustrative=False)
    return _start(request, everyone, title=f"universe {timezone.localdate()}", by=person)


@login_required
@require_GET
def run(request: HttpRequest, pk: int) -> HttpResponse:
    shown = _run_or_404(request, pk)
    report = RunReport(shown)
    context = {
        "report": report,
        "moves": report.moves(request.GET.get("page")),
        "may_run": may_run(request.user),
        "files": addresses("scoring:run_moves", "", pk),
    }
    return render(request, "scoring/runs/run.html", context)


@login_required
@require_GET
def run_moves_file(request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
    """What moved in this run and why, as its page shows it, all of it."""
    shown = _run_or_404(request, pk)
    told: dict[str, object] = {
        _("List"): _("Difference to what stood before"),
        _("Run"): shown.pk,
        _("Bar sheet"): shown.method,
        _("As of"): shown.as_of.isoformat(),
        **made_by(request.user),
    }
    table = Table(f"moves_{shown.pk}", told, heads(), cells(explained(RunReport(shown).moved)))
    return file_of(table, kind, with_meta=request.GET.get("meta") != "0")


@login_required
@require_GET
def run_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The bar alone, for polling; `?say=1` gives the sentence for screen readers, asked for less often."""
    report = RunReport(_run_or_404(request, pk))
    status = 200 if report.run.is_open else STOP_POLLING
    template = "scoring/runs/_run_said.html" if "say" in request.GET else "scoring/runs/_run_progress.html"
    response = render(request, template, {"report": report}, status=status)
    if not report.run.is_open and "say" not in request.GET:
        response["HX-Refresh"] = "true"  # the closed run has more to show than its bar
    return response


@login_required
@require_POST
def run_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    person = _runner(request)
    shown = _run_or_404(request, pk)
    try:
        runs.cancel(shown, by=person)
        messages.success(request, _("The run is cancelled. What was scored before stays."))
    except RunRefused as refused:
        messages.error(request, str(refused))
    return redirect(shown)


@login_required
@require_POST
def run_retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Try all failed companies again, or the one named by `item`."""
    person = _runner(request)
    shown = _run_or_404(request, pk)
    item = None
    if "item" in request.POST:
        failed = shown.items.filter(state=ScoreItem.State.FAILED)
        item = get_object_or_404(failed, pk=_whole_number(request.POST["item"]))
    try:
        runs.retry(shown, by=person, item=item)
        messages.success(request, _("The failed companies are queued again."))
    except RunRefused as refused:
        messages.error(request, str(refused))
    return redirect(shown)


def _runner(request: HttpRequest) -> User:
    """The signed-in person, who must be allowed to handle runs."""
    fund_side_only(request)
    if not may_run(request.user):
        raise PermissionDenied(_("Only fund managers and administrators start, cancel or retry runs."))
    assert isinstance(request.user, User)  # noqa: S101
    return request.user


def _run_or_404(request: HttpRequest, pk: int) -> ScoreRun:
    return get_object_or_404(
        ScoreRun.objects.visible_to(request.user).select_related("bar_sheet", "retired_method", "requested_by"), pk=pk
    )


def _start(request: HttpRequest, asked: Iterable[Company], *, title: str, by: User) -> HttpResponse:
    try:
        started, is_new = runs.start(asked, title=title, by=by)
    except RunRefused as refused:
        messages.error(request, str(refused))
        return redirect("scoring:runs")
    if not is_new:
        messages.info(request, _("This run exists: the same facts, bar sheet and day were asked for before."))
    return redirect(started)


def _whole_number(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise Http404
    return int(text)
