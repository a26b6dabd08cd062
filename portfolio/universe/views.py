"""Own companies by page: what the boxes hold is checked, shown, and then loaded as it was checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from portfolio.models.people import FUND_SIDE, Role, has_role
from portfolio.universe import template
from portfolio.universe.flags import in_words
from portfolio.universe.forms import OwnCompaniesForm
from portfolio.universe.load import Report, load, tried

if TYPE_CHECKING:
    from django.contrib.auth.models import User

FAULTS_SHOWN = 500
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@login_required
@require_http_methods(["GET", "POST"])
def own_companies(request: HttpRequest) -> HttpResponse:
    """Check what is in the boxes or files; load it once it was checked and has no fault."""
    _administrators_only(request)
    is_sent = request.method == "POST"
    form = OwnCompaniesForm(request.POST if is_sent else None, request.FILES if is_sent else None)
    report: Report | None = None
    if is_sent and form.is_valid() and form.universe:
        if request.POST.get("checked") == form.universe.digest:
            report = load(form.universe, by=cast("User", request.user))
            messages.success(request, _loaded_words(report))
            return redirect("scoring:peers")
        report = tried(form.universe)
    context = {
        "form": form,
        "faults": form.faults[:FAULTS_SHOWN] if form.is_bound else [],
        "fault_count": len(form.faults) if form.is_bound else 0,
        "report": report,
        "counts": _counted(report) if report else [],
        "flags": [(in_words(flag), count) for flag, count in report.flags.items()] if report else [],
    }
    status = 400 if form.is_bound and not report else 200
    return render(request, "portfolio/universe/own_companies.html", context, status=status)


@login_required
@require_GET
def own_companies_template(request: HttpRequest) -> HttpResponse:
    """The workbook to fill in; `?example=1` with two rows in it that load."""
    _administrators_only(request)
    with_examples = request.GET.get("example") == "1"
    name = "greenlight_companies_example.xlsx" if with_examples else "greenlight_companies_template.xlsx"
    answer = HttpResponse(template.workbook(with_examples=with_examples), content_type=XLSX)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _administrators_only(request: HttpRequest) -> None:
    if not has_role(request.user, *FUND_SIDE):
        raise Http404
    if not has_role(request.user, Role.ADMIN):
        raise PermissionDenied(_("Only administrators load companies. Please ask one of them."))


def _counted(report: Report) -> list[tuple[str, int, int, int, int]]:
    """Of each kind of row: new, changed, as before, kept as a person has confirmed or corrected it."""
    labels = {
        "companies": _("Companies"),
        "tracks": _("Tracks"),
        "disclosures": _("Emissions and activity"),
        "financials": _("Financials"),
        "targets": _("Targets"),
        "gate_words": _("Words on gates"),
        "sites": _("Facilities"),
        "site_years": _("Emissions of facilities"),
    }
    found = [(label, report.counts[kind]) for kind, label in labels.items() if kind in report.counts]
    rows = [(label, each.created, each.changed, each.unchanged, each.kept) for label, each in found]
    return [row for row in rows if any(row[1:])]


def _loaded_words(report: Report) -> str:
    companies = report.counts["companies"]
    if not report.changed_anything:
        return _("Nothing has changed: all of it stands already.")
    return _("Loaded: %(created)s companies new, %(changed)s changed, %(unchanged)s as before.") % vars(companies)
