"""The pages of one company, and what is done from them. Everyone but the fund's side finds nothing here."""

from __future__ import annotations

import hashlib
import logging
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from fund.errors import FundError, NotPossible, SamePerson
from fund.models import Candidate, Note, ThemeFund
from fund.models.note import LONGEST
from fund.pipeline.candidacy import nominate
from fund.pipeline.dossier import FIRST, TABS, Dossier, with_latest
from portfolio.models import Company
from scoring.access import decider, fund_side_only
from scoring.dossier.tabs import METHODS, PathwayTab, TemperatureTab, lead
from scoring.models import Score
from scoring.runs import receipts

logger = logging.getLogger(__name__)


@login_required
@require_GET
def dossier(request: HttpRequest, pk: int, run: int | None = None, tab: str = FIRST) -> HttpResponse:
    """One tab of a company, of the score that stands or of that of a named run."""
    if tab not in TABS:
        raise Http404
    found = _dossier_or_404(request, pk, run)
    context = _of_tab(found, tab)
    if tab == "temperature" and found.score and not found.is_retired:
        asked = request.GET.get("method", "current")
        method = next((one for one in METHODS if one == asked), METHODS[0])
        context |= {
            "temperature": TemperatureTab(found.score, method),
            "pathway": (pathway := PathwayTab(found.score)),
            "lead": lead(found.score, pathway),
            "unknown_method": "" if asked in METHODS else asked[:40],
        }
    return render(request, "fund/pipeline/dossier.html", context)


def _of_tab(found: Dossier, tab: str) -> dict[str, Any]:
    return {
        "dossier": found,
        "company": found.company,
        "tab": tab,
        "may_ask": found.may_decide,
        "longest_note": LONGEST,
    }


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
    """One score as a file that anyone can compute again; of a retired method the record as it was archived."""
    fund_side_only(request)
    company = get_object_or_404(Company.objects.visible_to(request.user), pk=pk)
    score = get_object_or_404(Score.objects.visible_to(request.user), company=company, run=run)
    try:
        text = (score.record_json if score.is_retired else receipts.text_of(receipts.receipt_of(score))).encode()
    except receipts.ReceiptRefused as refused:
        logger.error("no receipt: %s", refused)
        messages.error(request, str(receipts.REFUSED))
        return redirect(score)
    name = receipts.file_name(run, company.company_key)
    if score.is_retired:
        name = name.replace("receipt-", "record-", 1)
    answer = HttpResponse(text, content_type="application/json")
    answer["Content-Disposition"] = content_disposition_header(True, name)
    answer["ETag"] = f'"{hashlib.sha256(text).hexdigest()[:32]}"'
    return get_conditional_response(request, etag=answer["ETag"], response=answer) or answer


@login_required
@require_POST
def nominate_company(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a peer a candidate of a fund of ours, and ask for its score."""
    person = decider(request)
    company = get_object_or_404(Company.objects.visible_to(request.user), pk=pk)
    fund = get_object_or_404(ThemeFund.objects.visible_to(request.user), pk=_id(request), source="")
    try:
        nominate(fund, company, by=person)
    except SamePerson as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("It is a candidate now; its score is being computed."))
    return redirect(company)


@login_required
@require_POST
def write_note(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a note. What cannot be kept stays in its field."""
    person = decider(request)
    found = _dossier_or_404(request, pk, None)
    text = request.POST.get("text", "")
    try:
        Note.write(found.company, text, by=person)
    except FundError as refused:
        typed = {"note_text": text, "note_error": str(refused)}
        return render(request, "fund/pipeline/dossier.html", _of_tab(found, "notes") | typed, status=400)
    messages.success(request, _("The note is kept."))
    return redirect("dossier_tab", pk, "notes")


@login_required
@require_POST
def shortlist_company(request: HttpRequest, pk: int) -> HttpResponse:
    """Move a candidacy on to the shortlist."""
    person = decider(request)
    company = get_object_or_404(Company.objects.visible_to(request.user), pk=pk)
    candidate = get_object_or_404(
        Candidate.objects.visible_to(request.user), company=company, fund=_id(request), fund__source=""
    )
    try:
        candidate.shortlist(by=person)
    except NotPossible as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("It is on the shortlist."))
    return redirect(company)


def _id(request: HttpRequest) -> int:
    """The fund that the button names."""
    asked = request.POST.get("fund", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 19):
        raise Http404
    return int(asked)
