"""What was sold or ran: its people write the rows of a draft, everyone who sees the disclosure reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from portfolio.errors import PortfolioError, StaleVersion
from portfolio.models import Disclosure, Solution
from portfolio.solutions.forms import SolutionForm
from portfolio.solutions.report import sold_rows
from portfolio.verification.report import Desk

if TYPE_CHECKING:
    from django.contrib.auth.models import User

CONFLICT = 409


@login_required
@require_http_methods(["GET", "POST"])
def solutions(request: HttpRequest, pk: int) -> HttpResponse:
    """All rows, and in a draft the form of a new one or of that with ?number=."""
    found = _visible(request, pk)
    if request.method == "POST":
        if found.membership_of(request.user) is None:
            raise PermissionDenied(_("Only people of the company can change its disclosure."))
        return _write(request, found)
    chosen = _chosen(found, request.GET["number"]) if "number" in request.GET else None
    return _page(request, found, SolutionForm(disclosure=found, solution=chosen))


def _write(request: HttpRequest, found: Disclosure) -> HttpResponse:
    action = request.POST.get("action", "")
    rows = list(found.solutions.select_related("family").order_by("number"))
    if action == "remove":
        number = request.POST.get("number", "")
        kept = [row for row in rows if str(row.number) != number]
        if len(kept) == len(rows):
            messages.warning(request, _("This row is no longer there."))
            return redirect("portfolio:solutions", found.pk)
        return _put(request, found, kept, _("The row is removed."))
    if action == "copy":
        copied = _of_last_year(found)
        words = ngettext("%(n)d row is copied.", "%(n)d rows are copied.", len(copied)) % {"n": len(copied)}
        return _put(request, found, [*rows, *copied], words)
    number = request.POST.get("number", "")
    stored = next((row for row in rows if str(row.number) == number), None)
    form = SolutionForm(request.POST, disclosure=found, solution=stored)
    is_valid = form.is_valid()
    if action == "units":  # another family was chosen: its units stand in the labels, and nothing is said of the rest
        form.errors.clear()
        return _page(request, found, form)
    is_stale = request.POST.get("edition") != str(found.edition) or bool(number and stored is None)
    if is_valid and not is_stale and found.can_be_edited_by(request.user):
        written = form.read()
        new = [written if row == stored else row for row in rows] if stored else [*rows, written]
        try:
            Solution.put(found, new, by=_user(request), edition=found.edition)
        except StaleVersion:
            found, is_stale = _visible(request, found.pk), True
        except PortfolioError as refusal:
            messages.error(request, str(refusal))
            return redirect("portfolio:solutions", found.pk)
        else:
            messages.success(request, _("Saved."))
            return redirect("portfolio:solutions", found.pk)
    if is_stale or not found.can_be_edited_by(request.user):
        form.disclosure = found
        form.show_both(found.solutions.filter(number=number).first() if number.isdecimal() else None)
        return _page(request, found, form, status=CONFLICT)
    return _page(request, found, form)


def _put(request: HttpRequest, found: Disclosure, rows: list[Solution], done: str) -> HttpResponse:
    """Write all rows on top of the edition that the person saw."""
    edition = request.POST.get("edition", "")
    try:
        if edition != str(found.edition):
            raise StaleVersion(_("The disclosure changed since you opened this page. Read it again, please."))
        Solution.put(found, rows, by=_user(request), edition=found.edition)
    except PortfolioError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect("portfolio:solutions", found.pk)


def _page(request: HttpRequest, found: Disclosure, form: SolutionForm, status: int = 200) -> HttpResponse:
    last, desk = _last_year(found), Desk.of(found, request.user)
    context = {
        "disclosure": found,
        "sold": sold_rows(found),
        "form": form,
        "may_write": found.can_be_edited_by(request.user) and (desk is None or not desk.sold.is_locked),
        "desk": desk,
        "last_year": last.year if last else None,
    }
    return render(request, "portfolio/solutions/solutions.html", context, status=status)


def _last_year(found: Disclosure) -> Disclosure | None:
    """What stands of the nearest earlier year that has rows."""
    earlier = Disclosure.objects.standing().filter(company=found.company_id, year__lt=found.year)
    return earlier.filter(solutions__isnull=False).order_by("-year").first()


def _of_last_year(found: Disclosure) -> list[Solution]:
    last = _last_year(found)
    return list(last.solutions.select_related("family").order_by("number")) if last else []


def _chosen(found: Disclosure, number: str) -> Solution:
    row = found.solutions.filter(number=number).first() if number.isdecimal() and len(number) < 6 else None
    if row is None:
        raise Http404
    return row


def _visible(request: HttpRequest, pk: int) -> Disclosure:
    return get_object_or_404(Disclosure.objects.visible_to(request.user).select_related("company"), pk=pk)


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)
