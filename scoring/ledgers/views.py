"""The pages of a ledger: reading it, writing its lines, asking why, and taking its totals over as figures."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import BoundField
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portfolio.activities.forms import ActivityForm, copied_texts
from portfolio.activities.kinds import ActivityType, activity_types
from portfolio.activities.rules import PARAMETERS, parameters_of
from portfolio.activities.search import Hit, search
from portfolio.errors import PortfolioError, StaleVersion
from portfolio.models import Activity, Disclosure
from portfolio.models.desk.points import LINES, of_line, opening_of
from portfolio.wording import listed
from scoring.engine.errors import UnknownRegion
from scoring.ledgers import ledger as ledgers
from scoring.ledgers.filters import Filter, choices_of
from scoring.ledgers.forms import ElsewhereForm
from scoring.ledgers.ledger import Accounted, Row
from scoring.ledgers.pages import (
    CONFLICT,
    accounted_of,
    activity_or_404,
    frame,
    mark_of,
    members_only,
    person,
    visible,
    was_changed,
)
from scoring.ledgers.report import LedgerReport, ShownLine, elsewhere_rows, explain, preview_line, provinces
from scoring.ledgers.uncertainty import UncertaintyReport, base_years
from scoring.models.ledger import Calculation, Restatement
from scoring.tables.in_force import GWP_SET, in_force

OF_CONTRACTS = ("contract", "contract_kg_per_kwh", "certificate")


# --- reading --------------------------------------------------------------------------------------------
@login_required
@require_GET
def ledger(request: HttpRequest, pk: int) -> HttpResponse:
    """All lines with what became of them, the totals, and the reported figures beside them."""
    found = visible(request, pk)
    accounted, refused = accounted_of(found, request.GET.get("gwp", GWP_SET))
    wanted = Filter.of(request.GET)
    restatements = Restatement.objects.visible_to(request.user).open().filter(disclosure=found)
    kept = Calculation.objects.filter(disclosure=found).exclude(occasion=Calculation.Occasion.RECALCULATED).first()
    may_edit = found.can_be_edited_by(request.user)
    context = frame(request, found) | {
        "report": LedgerReport(accounted, page=request.GET.get("page"), wanted=wanted),
        "wanted": wanted,
        "choices": choices_of(accounted.rows, wanted),
        "accounted": accounted,
        "sets": accounted.tables.gwps.sets,
        "refused": refused,
        "restatements": restatements.select_related("before", "after"),
        "kept": kept if kept and not may_edit and kept.tables_digest != accounted.tables.digest else None,
    }
    return render(request, "scoring/ledgers/ledger.html", context)


@login_required
@require_GET
def why(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Why these factors for this line, and what the line would come to elsewhere; for htmx the sheet alone."""
    found = visible(request, pk)
    accounted, refused = accounted_of(found, request.GET.get("gwp", GWP_SET))
    row = _row_or_404(accounted, number)
    context = frame(request, found) | {
        "accounted": accounted,
        "line": ShownLine(row, accounted.tables),
        "explained": explain(accounted, row),
        "refused": refused,
    }
    context |= _elsewhere(request, accounted, row)
    is_sheet = "HX-Request" in request.headers
    return render(
        request, "scoring/ledgers/_why_drawer.html" if is_sheet else "scoring/ledgers/ledger_why.html", context
    )


def _elsewhere(request: HttpRequest, accounted: Accounted, row: Row) -> dict[str, Any]:
    """The provinces, and the place that was asked for."""
    if row.result is None:
        return {}
    codes = list(provinces(accounted.tables))
    form = ElsewhereForm(request.GET if "elsewhere" in request.GET else None, label_suffix="")
    asked = form.cleaned_data["elsewhere"] if form.is_valid() else ""
    try:
        there = elsewhere_rows(accounted, row, [asked])[0] if asked else None
    except UnknownRegion:  # a city that an administrator entered, with a code of its own
        there = None
    rows = elsewhere_rows(accounted, row, codes)
    makes_a_difference = len({each.result.value for each in rows}) > 1
    return {"there": there, "asked": asked, "elsewhere": rows, "form": form, "varies": makes_a_difference}


@login_required
@require_GET
def uncertainty(request: HttpRequest, pk: int) -> HttpResponse:
    """Both approaches beside each other, and Table 3.2 since a base year."""
    found = visible(request, pk)
    accounted, refused = accounted_of(found, request.GET.get("gwp", GWP_SET))
    years = {str(each.year): each for each in base_years(found, request.user)}
    asked = request.GET.get("base", "")
    if asked and asked not in years:
        refused = refused or _("There is no ledger of “%(year)s” to compare with.") % {"year": asked[:20]}
    base = years.get(asked) or next(iter(years.values()), None)
    context = frame(request, found) | {
        "accounted": accounted,
        "report": UncertaintyReport(accounted, base),
        "years": list(years),
        "refused": refused,
    }
    return render(request, "scoring/ledgers/ledger_uncertainty.html", context)


# --- writing --------------------------------------------------------------------------------------------
@login_required
@require_http_methods(["GET", "POST"])
def new_line(request: HttpRequest, pk: int) -> HttpResponse:
    found = members_only(request, pk)
    return _edit(request, found, None)


@login_required
@require_http_methods(["GET", "POST"])
def line(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    found = members_only(request, pk)
    return _edit(request, found, activity_or_404(found, number))


def _edit(request: HttpRequest, found: Disclosure, stored: Activity | None) -> HttpResponse:
    if not found.can_be_edited_by(request.user) and request.method == "GET":
        messages.info(request, _("This version is not a draft any more: its ledger can be read, not changed."))
        return redirect("scoring:ledger", found.pk)
    if request.method == "GET" and not opening_of(found).has(of_line(stored.number) if stored else LINES):
        messages.info(request, _("The verifier has not opened this for correction. You can ask for it here."))
        return redirect("scoring:ledger", found.pk)
    is_stale = False
    if request.method == "POST":
        form = ActivityForm(_on_this_edition(request.POST, found), request.FILES, disclosure=found, activity=stored)
        is_stale = not found.can_be_edited_by(request.user) or was_changed(request.POST, stored)
        if form.is_valid() and not is_stale:
            try:
                kept = form.save(by=person(request))
            except StaleVersion:
                is_stale = True
            except PortfolioError as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("Line %(number)s is saved.") % {"number": kept.number})
                again = "again" in request.POST
                return redirect("scoring:ledger_new", found.pk) if again else redirect("scoring:ledger", found.pk)
    else:
        form = ActivityForm(disclosure=found, activity=stored)
        like = request.GET.get("like", "")
        if stored is None and like.isdecimal():
            form.initial = {**form.initial, **copied_texts(activity_or_404(found, int(like)))}
        if "kind" in request.GET:  # a hit of the search was clicked where no script runs
            form.initial["kind"] = request.GET["kind"]
    if is_stale:
        found.refresh_from_db()
    tables = in_force(found.company)
    context = frame(request, found) | {
        "form": form,
        "stored": stored,
        "is_stale": is_stale,
        "seen": mark_of(stored),
        "preview": _preview(form, found),
        "advanced": _advanced(form),
        "without_factor": _without_factor(form, found),
        "find": request.GET.get("find", ""),
        "hits": [Hit(kind, tables.has_factor(kind)) for kind in search(request.GET.get("find", ""))],
    }
    return render(request, "scoring/ledgers/ledger_line.html", context, status=CONFLICT if is_stale else 200)


@login_required
@require_POST
def delete_line(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    found = members_only(request, pk)
    stored = activity_or_404(found, number)
    try:
        if was_changed(request.POST, stored):
            raise StaleVersion(_("Somebody changed this line meanwhile; it was not taken out."))
        found.write_activities(removed=[stored], by=person(request), edition=found.edition)
        messages.success(request, _("Line %(number)s is taken out.") % {"number": number})
    except PortfolioError as refusal:
        messages.error(request, str(refusal))
    return redirect("scoring:ledger", pk)


@login_required
@require_POST
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The tonnes of a line while it is typed; `?fields=1` the fields of its kind instead. Nothing is stored."""
    found = members_only(request, pk)
    if not found.can_be_edited_by(request.user):
        return HttpResponse(status=CONFLICT)
    number = request.POST.get("line", "")
    stored = activity_or_404(found, int(number)) if number.isascii() and number.isdigit() else None
    form = ActivityForm(request.POST, disclosure=found, activity=stored)
    form.is_valid()
    if "fields" in request.GET:
        return render(
            request,
            "scoring/ledgers/_ledger_more.html",
            {
                "form": form,
                "disclosure": found,
                "advanced": _advanced(form),
                "without_factor": _without_factor(form, found),
            },
        )
    return render(request, "scoring/ledgers/_ledger_preview.html", {"preview": _preview(form, found), "form": form})


def _advanced(form: ActivityForm) -> list[BoundField]:
    """The further fields that a line of this kind can use; what is filled or faulty stays in sight."""
    kind = activity_types().get(str(form["kind"].value() or ""))
    unused = set(PARAMETERS) - set(parameters_of(kind) if kind else ())
    if kind is None or kind.kind != "electricity":
        unused |= set(OF_CONTRACTS)
    if kind is None or kind.kind != "fuel":
        unused.add("heating_value_basis")
    return [field for field in form.advanced() if field.name not in unused or field.value() or field.errors]


def _without_factor(form: ActivityForm, found: Disclosure) -> ActivityType | None:
    """The chosen kind, where no table has a factor for it."""
    kind = activity_types().get(str(form["kind"].value() or ""))
    return kind if kind and not in_force(found.company).has_factor(kind) else None


def _preview(form: ActivityForm, found: Disclosure) -> ShownLine | None:
    """The line as far as it can be read; None where there is nothing to compute yet."""
    activity = form.stored if not form.is_bound else form.line
    is_elsewhere = form.is_bound and "place" in form.errors  # the company's place would stand in for the one typed
    if activity is None or activity.amount is None or not activity.kind or is_elsewhere:
        return None
    activity.disclosure = found
    tables = in_force(found.company)
    row = ledgers.account_line(activity, tables=tables, as_of=ledgers.day_of(found))
    return preview_line(row, tables, ledgers.activities_of(found), ledgers.last_year_of(found))


@login_required
@require_POST
def take_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the ticked totals the figures of the draft."""
    found = members_only(request, pk)
    accounted, _refused = accounted_of(found, request.POST.get("gwp", GWP_SET))
    try:
        is_as_seen = request.POST.get("tables") == accounted.tables.digest
        if not is_as_seen or request.POST.get("edition") != str(found.edition):
            raise StaleVersion(_("The ledger or its factors changed since you opened this page. Look again, please."))
        taken = ledgers.take_over(accounted, request.POST.getlist("take"), by=person(request), edition=found.edition)
        names = listed(quantity.label for quantity in taken)
        messages.success(request, _("Taken over as calculated figures: %(names)s.") % {"names": names})
    except PortfolioError as refusal:
        messages.error(request, str(refusal))
    return redirect("portfolio:submit" if request.POST.get("back") == "check" else "scoring:ledger", pk)


def _on_this_edition(posted: QueryDict, found: Disclosure) -> QueryDict:
    """Colleagues who write other lines are in nobody's way: only a change of this very line is a conflict."""
    data = posted.copy()
    data["edition"] = str(found.edition)
    return data


def _row_or_404(accounted: Accounted, number: int) -> Row:
    row = next((row for row in accounted.rows if row.activity.number == number), None)
    if row is None:
        raise Http404
    return row
