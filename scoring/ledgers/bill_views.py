"""The pages of bills: which one it is, and its sheet of twelve months."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portfolio.activities.bills import Bill, bill_named, bills
from portfolio.activities.grid import LAST_YEAR, MOST_ROWS, Grid, bill_of_last_year, lines_of, year_before
from portfolio.activities.search import Hit, search
from portfolio.errors import PortfolioError
from portfolio.models import Disclosure
from portfolio.wording import listed
from scoring.ledgers.bills import tiles_of
from scoring.ledgers.grid_report import shown_rows
from scoring.ledgers.ledger import day_of
from scoring.ledgers.pages import CONFLICT, frame, members_only, person
from scoring.tables.in_force import in_force


@login_required
@require_GET
def choose_bill(request: HttpRequest, pk: int) -> HttpResponse:
    """Which bill do you have? Tiles, the search for anything else, and what last year had."""
    found = members_only(request, pk)
    if not found.can_be_edited_by(request.user):
        return _read_only(request, found)
    tables, before = in_force(found.company), year_before(found)
    find = request.GET.get("find", "")
    context = frame(request, found) | {
        "tiles": tiles_of(bills().values(), lines_of(found), before, tables),
        "last_year": bill_of_last_year(before),
        "find": find,
        "hits": [Hit(kind, tables.has_factor(kind)) for kind in search(find)],
        "hit_path": reverse("scoring:ledger_grid", args=[found.pk]),
    }
    return render(request, "scoring/ledgers/ledger_bills.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def bill_grid(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet of one bill: a row a meter, a cell a month."""
    found = members_only(request, pk)
    may_edit = found.can_be_edited_by(request.user)
    if request.method == "GET" and may_edit and not {"bill", "kind"} & set(request.GET):
        return redirect("scoring:ledger_bills", found.pk)
    if request.method == "GET":
        return _sheet(request, _grid(request, found)) if may_edit else _read_only(request, found)
    grid = _grid(request, found)
    is_valid = grid.is_valid()
    if not may_edit or grid.is_stale:
        return _sheet(request, grid, status=CONFLICT)
    if not is_valid:
        return _sheet(request, grid)
    try:
        done = grid.save(by=person(request))
    except PortfolioError as refusal:
        return _sheet(request, grid, refusal=str(refusal), status=CONFLICT)
    messages.success(request, _done(done))
    if "next" in request.POST:
        return redirect("scoring:ledger_bills", found.pk)
    page = request.POST.get("page", "")
    where = {"bill": grid.bill.key} | ({"page": page} if page.isdecimal() else {})
    return redirect(f"{reverse('scoring:ledger_grid', args=[found.pk])}?{urlencode(where)}")


@login_required
@require_POST
def check_grid(request: HttpRequest, pk: int) -> HttpResponse:
    """What stands beside each row while it is typed. Nothing is stored."""
    found = members_only(request, pk)
    if not found.can_be_edited_by(request.user):
        return HttpResponse(status=CONFLICT)
    grid = _grid(request, found)
    grid.is_valid()
    rows = shown_rows(grid, tables=in_force(found.company), as_of=day_of(found))
    return render(request, "scoring/ledgers/_grid_check.html", {"rows": rows})


def _grid(request: HttpRequest, found: Disclosure) -> Grid:
    """Raises Http404 for a bill that there is not."""
    before = year_before(found)
    asked = request.POST.get("bill") or request.GET.get("bill") or f"kind:{request.GET.get('kind', '')}"
    bill = bill_of_last_year(before) if asked == LAST_YEAR else bill_named(asked)
    if bill is None:
        raise Http404
    page = request.GET.get("page", "")
    data = request.POST if request.method == "POST" else None
    return Grid(bill, found, before=before, data=data, page=int(page) if page.isdecimal() and len(page) < 4 else 1)


def _sheet(request: HttpRequest, grid: Grid, *, refusal: str = "", status: int = 200) -> HttpResponse:
    found = grid.disclosure
    context: dict[str, Any] = frame(request, found) | {
        "grid": grid,
        "bill": grid.bill,
        "rows": shown_rows(grid, tables=in_force(found.company), as_of=day_of(found)),
        "most_rows": MOST_ROWS,
        "refusal": refusal,
        "without_factor": listed(_without_factor(grid.bill, found)),
    }
    return render(request, "scoring/ledgers/ledger_grid.html", context, status=status)


def _without_factor(bill: Bill, found: Disclosure) -> list[str]:
    tables = in_force(found.company)
    return [str(kind) for kind in bill.types if not tables.has_factor(kind)]


def _done(done: Mapping[str, int]) -> str:
    said = (
        ngettext("%(n)d line added", "%(n)d lines added", done["added"]) % {"n": done["added"]},
        ngettext("%(n)d line changed", "%(n)d lines changed", done["changed"]) % {"n": done["changed"]},
        ngettext("%(n)d line taken out", "%(n)d lines taken out", done["removed"]) % {"n": done["removed"]},
    )
    told = [words for words, count in zip(said, done.values(), strict=True) if count]
    return _("Saved: %(what)s.") % {"what": listed(told)} if told else _("Nothing has changed.")


def _read_only(request: HttpRequest, found: Disclosure) -> HttpResponse:
    messages.info(request, _("This version is not a draft any more: its ledger can be read, not changed."))
    return redirect("scoring:ledger", found.pk)
