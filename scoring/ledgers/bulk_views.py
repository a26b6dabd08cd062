"""What is done with the lines that are ticked: their names first, then one change to all of them, or they go."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from portfolio.activities.bulk import BulkForm
from portfolio.activities.grid import lines_of
from portfolio.errors import NotAllowed, PortfolioError, StaleVersion
from portfolio.models import Activity, Disclosure
from scoring.ledgers.ledger import account_lines, day_of
from scoring.ledgers.pages import frame, mark_of, members_only, person
from scoring.ledgers.report import ShownLine
from scoring.tables.in_force import in_force


@login_required
@require_POST
def bulk(request: HttpRequest, pk: int) -> HttpResponse:
    """`line`: number:mark of each; `apply` writes the change, `delete` takes them out, else the page asks."""
    found = members_only(request, pk)
    try:
        lines = _ticked(request, found)
        if "delete" in request.POST:
            found.write_activities(by=person(request), edition=found.edition, removed=lines)
            words = ngettext("%(n)d line is taken out.", "%(n)d lines are taken out.", len(lines))
            messages.success(request, words % {"n": len(lines)})
            return redirect("scoring:ledger", pk)
        is_sent = "apply" in request.POST
        data, files = (request.POST, request.FILES) if is_sent else (None, None)
        form = BulkForm(data, files, disclosure=found, lines=lines)
        if form.is_valid():
            count = form.save(by=person(request))
            messages.success(request, ngettext("%(n)d line changed.", "%(n)d lines changed.", count) % {"n": count})
            return redirect("scoring:ledger", pk)
    except PortfolioError as refusal:
        messages.error(request, str(refusal))
        return redirect("scoring:ledger", pk)
    tables = in_force(found.company)
    rows = account_lines(lines, tables=tables, as_of=day_of(found))
    context = frame(request, found) | {"form": form, "lines": [ShownLine(row, tables) for row in rows]}
    return render(request, "scoring/ledgers/ledger_bulk.html", context)


def _ticked(request: HttpRequest, found: Disclosure) -> list[Activity]:
    """Raises NotAllowed where there are none, StaleVersion where one is not what was ticked any more."""
    if not found.can_be_edited_by(request.user):
        raise NotAllowed(_("This version is not a draft any more: its ledger can be read, not changed."))
    ticked = dict(each.split(":", 1) for each in request.POST.getlist("line") if ":" in each)
    lines = [line for line in lines_of(found) if str(line.number) in ticked]
    if not ticked:
        raise NotAllowed(_("Tick the lines first."))
    if len(lines) != len(ticked) or any(mark_of(line) != ticked[str(line.number)] for line in lines):
        raise StaleVersion(_("Somebody changed these lines meanwhile; nothing was done. Look again, please."))
    return lines
