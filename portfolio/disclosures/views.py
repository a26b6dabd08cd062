"""Disclosing. Each page starts from what the person may see; the model decides what they may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from portfolio.disclosures.forms import DisclosureForm, StartForm
from portfolio.disclosures.modules import overview
from portfolio.disclosures.present import others_at
from portfolio.disclosures.report import last_year_of, reading, submitters_of
from portfolio.errors import AnswerNeeded, Blocked, NotAllowed, PortfolioError, StaleVersion
from portfolio.models import Disclosure, JumpReason, Membership, Quantity
from portfolio.models.case.conflict import closed_to
from portfolio.models.check import WORDING, WORDINGS, parts_of
from portfolio.models.company import DESCRIPTION_LENGTH
from portfolio.models.people import role_of
from portfolio.models.quantity import OF_LEDGER
from portfolio.models.signed import digest_of
from portfolio.places.forms import CompanyPlaceForm

if TYPE_CHECKING:
    from django.contrib.auth.models import User


# --- the applicant -----------------------------------------------------------------------------------
@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Start a company-year."""
    user = _applicant(request)
    last_full_year = timezone.localdate().year - 1
    initial = {"year": last_full_year, "company": request.GET.get("company", "")}
    form = StartForm(request.POST if request.method == "POST" else None, user=user, initial=initial)
    known: Disclosure | None = None
    if form.is_bound and form.is_valid():
        company, year = form.cleaned_data["company"], form.cleaned_data["year"]
        try:
            draft = Disclosure.open_year(company, year, by=user)
        except PortfolioError as refusal:
            form.add_error("year", str(refusal))
            of_company = Disclosure.objects.visible_to(user).filter(company=company)
            known = of_company.filter(year=year).order_by("-version").first() if 0 < year < 10_000 else None
        else:
            return redirect(draft)
    there_are = Disclosure.objects.visible_to(user).select_related("company").order_by("company", "-year", "-version")
    context = {"form": form, "known": known, "there_are": there_are, "this_year": timezone.localdate().year}
    return render(request, "portfolio/disclosures/new.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def disclosure(request: HttpRequest, pk: int) -> HttpResponse:
    """A2: the editor where one may edit, else the version as it stands."""
    found = _visible(request, pk)
    if found.can_be_edited_by(request.user):
        return _edit(request, found)
    lost: DisclosureForm | None = None
    if request.method == "POST":  # it was submitted while somebody was typing: show what they typed
        if found.membership_of(request.user) is None:
            raise PermissionDenied(_("Only people of the company can change its disclosure."))
        lost = DisclosureForm(request.POST, disclosure=found, last_year={})
        lost.show_both()
    context = reading(found, _user(request)) | {"lost": lost}
    return render(request, "portfolio/disclosures/disclosure.html", context, status=409 if lost else 200)


def _edit(request: HttpRequest, found: Disclosure) -> HttpResponse:
    user = _user(request)
    last_year = last_year_of(found)
    form = DisclosureForm(request.POST if request.method == "POST" else None, disclosure=found, last_year=last_year)
    if form.is_bound and form.is_valid():
        try:
            if form.has_changed():
                form.save(by=user)
                messages.success(request, _("Saved."))
            elif "evidence" not in request.POST:
                messages.info(request, _("Everything is saved."))  # as it was typed
        except StaleVersion:
            found = _visible(request, pk=found.pk)
            if not found.can_be_edited_by(user):
                return disclosure(request, found.pk)
            form = DisclosureForm(request.POST, disclosure=found, last_year=last_year)
            form.is_valid()
            form.show_both()
        except PortfolioError as refusal:
            messages.error(request, str(refusal))
            return redirect(found)
        else:
            if request.POST.get("evidence") in Quantity.values:
                return redirect("portfolio:figure_evidence", found.pk, request.POST["evidence"])
            return redirect("portfolio:submit", found.pk) if "submit" in request.POST else redirect(found)
    saved = found.steps.filter(verb="saved").select_related("by").last()
    context = reading(found, _user(request)) | {
        "form": form,
        "overview": overview(found, form),
        "saved": saved,
        "saved_at": found.saved_at or (saved and saved.at),
        "others": others_at(found, user),
        "is_unfinished": found.year >= timezone.localdate().year,
        "is_in_ledger": not OF_LEDGER.isdisjoint(found.missing_fields()) and found.activities.exists(),
    }
    return render(request, "portfolio/disclosures/disclosure_form.html", context, status=409 if form.is_stale else 200)


@login_required
@require_http_methods(["GET", "POST"])
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    """A4: what is missing, what blocks, the figures as they will be signed, the declaration."""
    found = _visible(request, pk)
    user = _user(request)
    if found.membership_of(user) is None:
        raise PermissionDenied(_("Only a submitter of the company can submit its disclosure."))
    if found.state not in Disclosure.EDITABLE:
        messages.info(request, _("This version is not a draft any more: there is nothing to submit."))
        return redirect(found)
    undeclared = False
    refusal: PortfolioError | None = None
    reason, words = _reason(request, found)
    answer = request.POST.get("answer", "")
    if request.method == "POST":
        undeclared = "declaration" not in request.POST
        try:
            if request.POST.get("edition") != str(found.edition):
                raise StaleVersion(_("The disclosure changed since you opened this page. Read it again, please."))
            if not undeclared:
                declared = request.POST.get("declared", "")
                found.submit(by=user, reason=reason, words=words, answer=answer, declared=declared)
                messages.success(request, _("Submitted. This is the receipt; it stays here."))
                return redirect("portfolio:receipt", found.steps.filter(verb="submitted").latest("pk").pk)
        except PortfolioError as refused:
            if not isinstance(refused, Blocked | AnswerNeeded) and not (words + answer).strip():
                messages.error(request, str(refused))
                return redirect("portfolio:submit", pk)
            refusal, found = refused, _visible(request, pk)  # what was typed is shown again
    content = found.content()
    context = reading(found, _user(request)) | {
        "missing": found.missing_fields(),
        "declared": digest_of(content),
        "parts": parts_of(content),
        "declaration": WORDINGS[WORDING],
        "undeclared": undeclared,
        "refusal": refusal,
        "reason_choices": JumpReason.choices,
        "reason_chosen": reason,
        "reason_words": words,
        "to_answer": found.last_return(),
        "needs_answer": found.needs_answer(),
        "answer": answer,
    }
    return render(request, "portfolio/disclosures/submit.html", context, status=409 if refusal else 200)


def _reason(request: HttpRequest, found: Disclosure) -> tuple[str, str]:
    """Why a figure is far from last year's: as typed now, else as given when this version was submitted before."""
    if request.method == "POST":
        return request.POST.get("reason", ""), request.POST.get("reason_words", "")
    last = found.reasons.first()
    return (last.reason, last.words) if last else ("", "")


@login_required
@require_POST
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a new version of a frozen one."""
    found = _visible(request, pk)
    if found.membership_of(request.user) is None:
        raise PermissionDenied(_("Only people of the company can correct its disclosure."))
    try:
        draft = found.new_version(by=_user(request))
    except PortfolioError as refusal:
        messages.error(request, str(refusal))
        return redirect(found)
    messages.success(request, _("Version %(version)s is open, with all figures copied.") % {"version": draft.version})
    return redirect(draft)


@login_required
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a draft that was opened by mistake, with a reason."""
    found = _visible(request, pk)
    if found.membership_of(request.user) is None:
        raise PermissionDenied(_("Only people of the company can withdraw its draft."))
    try:
        if request.POST.get("edition") != str(found.edition):
            raise StaleVersion(_("The disclosure changed since you opened this page. Read it again, please."))
        found.withdraw(by=_user(request), reason=request.POST.get("reason", ""))
    except PortfolioError as refusal:
        messages.error(request, str(refusal))
        return redirect(found)
    messages.success(request, _("The draft is withdrawn. It stays on record; the year can be started again."))
    return redirect("disclosures")


@login_required
@require_http_methods(["GET", "POST"])
def company(request: HttpRequest, pk: int) -> HttpResponse:
    """What the company does and where it is; its submitters write it."""
    user = _applicant(request)
    mine = get_object_or_404(Membership.objects.select_related("company__city"), user=user, company=pk)
    words, refusal = mine.company.description, ""
    form = CompanyPlaceForm(request.POST if "city" in request.POST else None, company=mine.company)
    may_write = mine.kind == Membership.Kind.SUBMITTER
    if request.method == "POST":
        if not may_write:
            raise PermissionDenied(_("Only a submitter of the company writes its description."))
        words = request.POST.get("description", "").replace("\r\n", "\n").strip()
        try:
            if form.is_bound and not form.is_valid():
                raise NotAllowed(" ".join(map(str, form.errors["city"])))
            with transaction.atomic():
                changed = mine.company.describe(words, by=user)
                changed |= form.is_bound and mine.company.settle(form.place(), by=user)
        except NotAllowed as refused:
            refusal = str(refused)
        else:
            messages.success(request, _("Saved.") if changed else _("Nothing has changed."))
            return redirect("disclosures")
    context = {
        "company": mine.company,
        "form": form,
        "words": words,
        "refusal": refusal,
        "longest": DESCRIPTION_LENGTH,
        "may_write": may_write,
        "submitters": submitters_of(mine.company),
    }
    return render(request, "portfolio/disclosures/company.html", context, status=409 if refusal else 200)


# --- who asks ------------------------------------------------------------------------------------------
def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


def _visible(request: HttpRequest, pk: int) -> Disclosure:
    found = get_object_or_404(Disclosure.objects.known_to(request.user).select_related("company"), pk=pk)
    if words := closed_to(request.user, found.company_id):
        raise PermissionDenied(words)
    return found


def _applicant(request: HttpRequest) -> User:
    if role_of(request.user):
        raise PermissionDenied(_("This page is for people of companies that apply; your account has a house role."))
    return _user(request)
