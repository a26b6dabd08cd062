"""Disclosing and verifying. Each page starts from what the person may see; the model decides what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portfolio.disclosures.forms import DisclosureForm, StartForm
from portfolio.disclosures.modules import overview
from portfolio.disclosures.present import others_at
from portfolio.errors import AnswerNeeded, Blocked, NotAllowed, PortfolioError, StaleVersion
from portfolio.models import Company, Disclosure, Figure, JumpReason, Membership, Quantity, Role
from portfolio.models.check import WORDING, WORDINGS, parts_of
from portfolio.models.company import DESCRIPTION_LENGTH
from portfolio.models.disclosure import Values
from portfolio.models.people import VERIFICATION_SIDE, has_role, role_of
from portfolio.models.quantity import OF_LEDGER
from portfolio.models.signed import STUCK_AFTER, digest_of
from portfolio.places.forms import CompanyPlaceForm
from portfolio.solutions.report import sold_rows
from portfolio.typed.numbers import change_percent, grouped
from portfolio.verification.report import Desk, choices_of

if TYPE_CHECKING:
    from django.contrib.auth.models import User

QUEUE_ROWS = 50


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
    context = _reading(request, found) | {"lost": lost}
    return render(request, "portfolio/disclosures/disclosure.html", context, status=409 if lost else 200)


def _edit(request: HttpRequest, found: Disclosure) -> HttpResponse:
    user = _user(request)
    last_year = _last_year(found)
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
    context = _reading(request, found) | {
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
    context = _reading(request, found) | {
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
        "submitters": _submitters(mine.company),
    }
    return render(request, "portfolio/disclosures/company.html", context, status=409 if refusal else 200)


# --- the verifier ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Waiting:
    """A row of the queue. `objection` says why this person may not verify it."""

    disclosure: Disclosure
    age_days: int | None
    objection: str


@login_required
@require_GET
def verify_queue(request: HttpRequest) -> HttpResponse:
    """V1: what waits for verification, the oldest first or those with most questions first."""
    user = _verification_side(request)
    waiting = Disclosure.objects.visible_to(user).filter(state=Disclosure.State.SUBMITTED).with_questions()
    by_questions = request.GET.get("order") == "questions"
    order = ("-is_explained", "-questions", "submitted_at", "pk") if by_questions else ("submitted_at", "pk")
    waiting = waiting.select_related("company").prefetch_related("figures").order_by(*order)
    page = Paginator(waiting, QUEUE_ROWS).get_page(request.GET.get("page"))
    ties, today = Disclosure.ties_of(user), timezone.localdate()
    rows = [Waiting(row, _days_since(row.submitted_at, today), row.objection_to(user, ties)) for row in page]
    context = {
        "rows": rows,
        "page": page,
        "stuck": waiting.filter(submitted_at__lt=timezone.now() - STUCK_AFTER).count(),
        "may_verify": has_role(user, Role.VERIFIER),
        "by_questions": by_questions,
    }
    return render(request, "portfolio/disclosures/verify_queue.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest, pk: int) -> HttpResponse:
    """V2: the figures beside last year's; an opinion on exactly these, or return them with a reason."""
    found = _visible(request, pk)
    user = _verification_side(request)
    refusal: PortfolioError | None = None
    if request.method == "POST":
        if not has_role(user, Role.VERIFIER):
            raise PermissionDenied(_("Only a verifier can verify or return a disclosure."))
        try:
            return _decide(request, found, user)
        except PortfolioError as refused:
            refusal = refused
            found = _visible(request, pk)
    context = _reading(request, found) | {
        "refusal": refusal,
        "comment": request.POST.get("comment", ""),
        "objection": found.objection_to(user),
        "points": choices_of(found),
        "also": request.POST.getlist("also"),
        "why_not_waiting": "" if found.state == Disclosure.State.SUBMITTED else found.why_not_waiting(),
    }
    return render(request, "portfolio/disclosures/verify.html", context, status=409 if refusal else 200)


def _decide(request: HttpRequest, found: Disclosure, user: User) -> HttpResponse:
    digest, comment = request.POST.get("digest", ""), request.POST.get("comment", "").strip()
    names = {"company": found.company.name, "year": found.year, "version": found.version}
    if request.POST.get("action") == "return":
        also, everything = request.POST.getlist("also"), "everything" in request.POST
        found.return_for_correction(by=user, reason=comment, digest=digest, also=also, everything=everything)
        messages.success(request, _("%(company)s %(year)s v%(version)s went back to the company.") % names)
    else:
        raise NotAllowed(_("Please choose what is to be done."))
    return redirect("portfolio:verify_queue")


# --- what the pages share ----------------------------------------------------------------------------
@dataclass(frozen=True)
class Row:
    """One figure as it is read: beside last year's."""

    figure: Figure
    label: str
    value: str
    unit: str
    counted: str  # where a conservative value counts in its place
    last_year: str
    change_percent: float | None


def _reading(request: HttpRequest, found: Disclosure) -> dict[str, Any]:
    """What every page about one disclosure shows."""
    user = _user(request)
    last_year = _last_year(found)
    versions = Disclosure.objects.visible_to(user).filter(company=found.company, year=found.year).order_by("-version")
    steps = list(found.steps.select_related("by").order_by("-pk"))
    member = found.membership_of(user)
    newest = versions.exclude(state=Disclosure.State.WITHDRAWN).first()
    return {
        "disclosure": found,
        "desk": Desk.of(found, user),
        "rows": _rows(found, last_year),
        "sold": sold_rows(found),
        "versions": versions,
        "steps": steps,
        "returned": next((step for step in steps if step.verb == "returned"), None),
        "reasons": found.reasons.filter(digest=found.digest).select_related("by") if found.digest else [],
        "receipt": next((step for step in steps if step.verb == "submitted"), None),
        "answered": next((step for step in steps if step.verb == "submitted" and step.comment), None),
        "is_member": member is not None,
        "can_withdraw": found.can_be_withdrawn_by(user),
        "can_submit": found.can_be_submitted_by(user),
        "can_verify": found.can_be_verified_by(user),
        "can_correct": member is not None and found.may_be_corrected and found == newest,
        "submitters": _submitters(found.company) if member else [],
    }


def _rows(found: Disclosure, last_year: Values) -> list[Row]:
    figures = {figure.quantity: figure for figure in found.figures.select_related("changed_by")}
    substituted = found.substituted()
    rows: list[Row] = []
    for quantity in Quantity:
        figure, before = figures.get(quantity), last_year.get(quantity)
        if figure is None:
            continue
        rows.append(
            Row(
                figure,
                str(quantity.label),
                grouped(figure.value),
                quantity.unit_label,
                grouped(substituted[quantity]) if quantity in substituted else "",
                "" if before is None else grouped(before),
                change_percent(figure.value, before),
            )
        )
    return rows


def _last_year(found: Disclosure) -> Values:
    before = Disclosure.objects.standing().filter(company=found.company, year=found.year - 1).first()
    return before.values() if before else {}


def _submitters(company: Company) -> list[str]:
    members = Membership.objects.filter(company=company, kind=Membership.Kind.SUBMITTER).select_related("user")
    return [member.user.get_full_name() or member.user.get_username() for member in members]


def _days_since(then: datetime | None, today: Any) -> int | None:
    return None if then is None else (today - timezone.localtime(then).date()).days


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


def _visible(request: HttpRequest, pk: int) -> Disclosure:
    return get_object_or_404(Disclosure.objects.visible_to(request.user).select_related("company"), pk=pk)


def _applicant(request: HttpRequest) -> User:
    if role_of(request.user):
        raise PermissionDenied(_("This page is for people of companies that apply; your account has a house role."))
    return _user(request)


def _verification_side(request: HttpRequest) -> User:
    """Within the house the page says who may; for applicants there is no such page."""
    if not role_of(request.user):
        raise Http404
    if not has_role(request.user, *VERIFICATION_SIDE):
        raise PermissionDenied(_("This page is for verifiers and independent reviewers."))
    return _user(request)
