"""The committee's pages in the app: proposals are read and made here. Everyone but the fund's side finds nothing.

Deciding is done in the administration (fund/committee/admin.py), on the same content.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from fund.committee import pages, report, words
from fund.committee.forms import ProposalForm
from fund.committee.listing import Proposals, table
from fund.errors import FundError
from fund.models import Candidate, Proposal, ThemeFund
from fund.models.decision import deciders, proposable
from portfolio.exports import addresses, file_of
from portfolio.lists import asked_of_file, without_blanks
from portfolio.models import Company
from portfolio.typed.numbers import grouped
from scoring.access import decider, fund_side_only, may_run
from scoring.models import LatestScore, Score


# --- read ------------------------------------------------------------------------------------------------------
@login_required
@require_GET
def proposals(request: HttpRequest) -> HttpResponse:
    fund_side_only(request)
    if address := without_blanks(request):
        return redirect(address)
    page = Proposals(request)
    files = addresses("proposals", page.query(page_size=None))
    context = {"page": page, "files": files, "may_propose": may_run(request.user)}
    return render(request, "fund/committee/proposals.html", context)


@login_required
@require_GET
def proposals_file(request: HttpRequest, kind: str) -> HttpResponseBase:
    """All proposals that match, in the list's order."""
    fund_side_only(request)
    page, with_meta = asked_of_file(Proposals, request)
    return file_of(table(page), kind, with_meta=with_meta)


@login_required
@require_GET
def proposal(request: HttpRequest, pk: int) -> HttpResponse:
    """What the committee reads of one proposal; who may decide finds the way to it here."""
    fund_side_only(request)
    found = get_object_or_404(Proposal.objects.visible_to(request.user).select_related(*pages.RELATED), pk=pk)
    return render(request, "fund/committee/proposal.html", pages.of_proposal(request.user, found))


# --- propose ---------------------------------------------------------------------------------------------------
@login_required
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest, pk: int) -> HttpResponse:
    """Of the score that stands, or `?score=ID`; of several funds of ours `?fund=ID` is chosen first."""
    person = decider(request)
    company = get_object_or_404(Company.objects.visible_to(person), pk=pk)
    score = _score(request, company)
    if score is None:
        messages.info(request, _("It is not scored yet: there is nothing to propose."))
        return redirect(company)
    fund_id, funds = request.GET.get("fund", ""), ThemeFund.objects.visible_to(person).filter(source="")
    if fund_id:
        return _propose(request, person, score, get_object_or_404(funds, pk=_id(fund_id)))
    if len(funds) == 1:
        return _propose(request, person, score, funds[0])
    return render(request, "fund/committee/choose_fund.html", {"score": score, "funds": funds})


def _score(request: HttpRequest, company: Company) -> Score | None:
    scores = Score.objects.visible_to(request.user).filter(company=company)
    scores = scores.select_related("company", "run__bar_sheet", "run__retired_method")
    if asked := request.GET.get("score", ""):
        return get_object_or_404(scores, pk=_id(asked))
    return scores.filter(pk__in=LatestScore.objects.filter(company=company).values("score")).first()


def _id(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _propose(request: HttpRequest, by: User, score: Score, fund: ThemeFund) -> HttpResponse:
    candidate = Candidate.objects.filter(fund=fund, company=score.company).first() or Candidate(
        fund=fund, company=score.company, nominated_by=by
    )
    seen = candidate.preview(score)
    form = ProposalForm(request.POST or None, initial={"seen_sha256": seen.sha256}, score=score)
    status, amount_cny = 200, None
    is_valid = form.is_valid()
    if form.is_bound:  # the rules are checked with it, whatever else is amiss
        amount_cny = form.cleaned_data.get("amount_cny")
    if is_valid:
        try:
            made = _make(by, score, fund, form.cleaned_data)
        except FundError as refused:
            status = pages.STATUS.get(type(refused), 200)
            form = ProposalForm(_with(request.POST, seen_sha256=seen.sha256), score=score)  # what is stored now
            form.add_error(None, str(refused))
        else:
            messages.success(request, _proposed(made))
            return redirect(made)
    seen = candidate.preview(score, amount_cny)
    context = {
        "fund": fund,
        **pages.of_score(by, score),
        "others": pages.others(by, fund, score),
        "refusal": proposable(score),
        "rules": report.Rules(seen.mandate, seen.sheet, seen.checks),
        "ticket": words.ticket(amount_cny, fund.size_cny),
        "deciders": deciders(by.pk, candidate.nominated_by_id),
        "form": form,
    }
    return render(request, "fund/committee/propose.html", context, status=status)


def _make(by: User, score: Score, fund: ThemeFund, given: dict[str, Any]) -> Proposal:
    kind, reason = given.pop("kind"), given.pop("reason")
    with transaction.atomic():  # a refused proposal leaves no candidate behind
        return Candidate.of(fund, score.company, by=by).propose(score, kind, reason, by, **given)


def _proposed(made: Proposal) -> str:
    if made.amount_cny is None:
        return _("Proposed. An administrator who neither proposed nor nominated it decides.")
    return _("Proposed, %(amount)s CNY. An administrator who neither proposed nor nominated it decides.") % {
        "amount": grouped(float(made.amount_cny))
    }


def _with(posted: QueryDict, **changes: str) -> QueryDict:
    """The posted fields with some of them replaced."""
    copy = posted.copy()
    for name, value in changes.items():
        copy[name] = value
    return copy
