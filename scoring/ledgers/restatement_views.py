"""A proposed restatement: what newer factors change, and the company's decision about it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from portfolio.activities.kinds import activity_types
from portfolio.errors import PortfolioError
from scoring.models.ledger import Restatement
from scoring.tables import in_force as factors
from scoring.tables.shown import FactorRow, visible_factors
from scoring.tables.words import total_word


@login_required
@require_GET
def restatement(request: HttpRequest, pk: int) -> HttpResponse:
    shown = _found(request, pk)
    context = {
        "restatement": shown,
        "changes": [change | {"label": total_word(change["total"])} for change in shown.changes],
        "lines": _lines(request, shown),
        "may_decide": shown.state == Restatement.State.OPEN and not shown.objection_to(request.user),
        "is_member": shown.disclosure.membership_of(request.user) is not None,
    }
    return render(request, "scoring/ledgers/restatement.html", context)


@login_required
@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a new version of the disclosure, to be filled with the new totals."""
    shown = _to_decide(request, pk)
    try:
        draft = shown.accept(by=_person(request))
    except PortfolioError as refused:
        messages.error(request, str(refused))
        return redirect(shown)
    messages.success(request, _("A new version is open. Take over the new totals there, then submit it."))
    return redirect(draft)


@login_required
@require_POST
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    shown = _to_decide(request, pk)
    try:
        shown.dismiss(by=_person(request), reason=request.POST.get("reason", "")[:2000])
    except PortfolioError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The disclosure stays as it is; your reason is on record."))
    return redirect(shown)


def _found(request: HttpRequest, pk: int) -> Restatement:
    related = ("disclosure__company", "before", "after", "decided_by", "new_version")
    return get_object_or_404(Restatement.objects.visible_to(request.user).select_related(*related), pk=pk)


def _to_decide(request: HttpRequest, pk: int) -> Restatement:
    shown = _found(request, pk)
    if objection := shown.objection_to(request.user):
        raise PermissionDenied(objection)
    return shown


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101
    return request.user


def _lines(request: HttpRequest, shown: Restatement) -> list[dict[str, Any]]:
    """The lines whose factors are others: factors that are in force with their values, the others by their ids."""
    known, tables = visible_factors(request.user), factors.in_force()
    rows = {factor_id: FactorRow(factor, tables) for factor_id, factor in known.items()}
    types = activity_types()
    return [
        {
            "number": line["line"],
            "activity": types.get(line["activity"], line["activity"]),
            "old": [(factor_id, rows.get(factor_id)) for factor_id in line["old"]],
            "new": [(factor_id, rows.get(factor_id)) for factor_id in line["new"]],
        }
        for line in shown.factors
    ]
