"""The applicant's home and result, and the fund's side of a dispute."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fund.applicants.disputes import DisputeRow, Disputes
from fund.applicants.home import Home
from fund.applicants.result import Result
from fund.applicants.todo import todo
from fund.errors import ContentChanged, FundError
from fund.models import Dispute, Preview
from fund.models.preview import LONGEST, may_speak_for
from portfolio.lists import came_from, without_blanks
from portfolio.models import DataRequest, Disclosure
from portfolio.models.people import role_of
from scoring.access import decider, fund_side_only, may_run


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """A1: each company-year of one's companies, where it stands and what comes next."""
    return render(request, "fund/applicants/home.html", {"home": Home(_applicant(request))})


@login_required
@require_GET
def to_do(request: HttpRequest, pk: int) -> HttpResponse:
    """What is left to do of one draft; for htmx the list alone."""
    found = _own(request, pk)
    if found.state not in Disclosure.EDITABLE:
        return redirect(found)
    requests = DataRequest.objects.visible_to(request.user).open().filter(company=found.company)
    page = "_todo.html" if request.headers.get("HX-Request") else "todo.html"
    return render(request, f"fund/applicants/{page}", {"disclosure": found, "todo": todo(found, requests)})


@login_required
@require_http_methods(["GET", "POST"])
def result(request: HttpRequest, pk: int) -> HttpResponse:
    """A6 and A7: inputs and bars, to be confirmed or disputed; then the decision. A POST disputes one field."""
    found, user = _own(request, pk), _applicant(request)
    field, words, refusal = request.POST.get("field", request.GET.get("field", "")), "", ""
    status = 200
    if request.method == "POST":
        words = request.POST.get("words", "")
        preview = _spoken_for(user, found.pk)
        try:
            preview.dispute(field, words, by=user, digest=request.POST.get("digest", ""))
        except FundError as refused:
            refusal, status = str(refused), 409 if isinstance(refused, ContentChanged) else 400
        else:
            messages.success(request, _("The fund is told. Its answer appears here, and by mail."))
            return redirect("application", pk)
    context = {
        "result": Result(user, found),
        "disclosure": found,
        "chosen": field,
        "words": words,
        "refusal": refusal,
        "longest": LONGEST,
    }
    return render(request, "fund/applicants/result.html", context, status=status)


@login_required
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Say for the company that the result is by its figures."""
    user = _applicant(request)
    found = _spoken_for(user, pk)
    try:
        found.confirm(by=user, digest=request.POST.get("digest", ""))
    except FundError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Confirmed. The fund sees that the company agrees with the result."))
    return redirect("application", pk)


@login_required
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """The company takes a dispute back."""
    user = _applicant(request)
    found = get_object_or_404(Dispute.objects.visible_to(user).select_related("preview__disclosure"), pk=pk)
    _must_speak_for(user, found.preview)
    try:
        found.withdraw(by=user)
    except FundError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The dispute is withdrawn."))
    return redirect("application", found.preview.disclosure_id)


# --- the fund ----------------------------------------------------------------------------------------------
@login_required
@require_GET
def disputes(request: HttpRequest) -> HttpResponse:
    fund_side_only(request)
    if address := without_blanks(request):
        return redirect(address)
    return render(request, "fund/applicants/disputes.html", _of_disputes(request))


@login_required
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """The fund's answer, which the company reads. What cannot be kept stays in its field."""
    person = decider(request)
    found = get_object_or_404(Dispute.objects.visible_to(person).select_related("preview__disclosure__company"), pk=pk)
    words = request.POST.get("words", "")
    try:
        found.reply(words, by=person)
    except FundError as refused:
        typed = {"refused": found, "row": DisputeRow(found), "typed": words, "refusal": str(refused)}
        return render(request, "fund/applicants/disputes.html", _of_disputes(request) | typed, status=409)
    messages.success(
        request, _("%(company)s is told of the answer.") % {"company": found.preview.disclosure.company.name}
    )
    return redirect(came_from(request, "disputes"))


def _of_disputes(request: HttpRequest) -> dict[str, object]:
    return {"page": Disputes(request), "may_answer": may_run(request.user), "longest": LONGEST}


def _applicant(request: HttpRequest) -> User:
    if role_of(request.user):
        raise PermissionDenied(_("This page is for people of companies that apply; your account has a house role."))
    return cast(User, request.user)


def _spoken_for(user: User, disclosure: int) -> Preview:
    rows = Preview.objects.visible_to(user).select_related("disclosure__company")
    found: Preview = get_object_or_404(rows, disclosure=disclosure)
    _must_speak_for(user, found)
    return found


def _must_speak_for(user: User, preview: Preview) -> None:
    if not may_speak_for(user, preview):
        raise PermissionDenied(_("Only a submitter of the company confirms or disputes its result."))


def _own(request: HttpRequest, pk: int) -> Disclosure:
    user = _applicant(request)
    return get_object_or_404(Disclosure.objects.visible_to(user).select_related("company"), pk=pk)
