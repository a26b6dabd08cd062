"""Local factors: supplied by companies, verified by verifiers. The model decides who may; pages say why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portfolio.activities.search import Hit, search
from portfolio.errors import NotAllowed, PortfolioError, StaleVersion
from portfolio.local_factors.forms import LocalFactorForm
from portfolio.models import LocalFactor, Membership
from portfolio.models.people import Role, has_role, role_of

if TYPE_CHECKING:
    from django.contrib.auth.models import User
from portfolio.local_factors.words import InWords

PAGE_ROWS = 50


@login_required
@require_GET
def local_factors(request: HttpRequest) -> HttpResponse:
    """All that the person may see; what waits for a verifier first, of it what is furthest from the tables."""
    seen = LocalFactor.objects.visible_to(request.user).select_related("supplier", "company").order_by("-pk")
    rows = [InWords(row) for row in seen]
    waiting = sorted((row for row in rows if row.is_waiting), key=lambda row: (-row.risk, row.factor.pk))
    page = Paginator([*waiting, *(row for row in rows if not row.is_waiting)], PAGE_ROWS).get_page(
        request.GET.get("page")
    )
    may_supply = not role_of(request.user) and Membership.objects.filter(user=_user(request)).exists()
    context = {"rows": list(page), "page": page, "has_waiting": bool(waiting), "may_supply": may_supply}
    return render(request, "portfolio/local_factors/local_factors.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Start a factor."""
    if role_of(request.user):
        raise PermissionDenied(_("This page is for people of companies that apply; your account has a house role."))
    user = _user(request)
    form = LocalFactorForm(request.POST or None, request.FILES or None, user=user, asked=request.GET.dict())
    if form.is_bound and form.is_valid():
        supplier = form.cleaned_data["supplier"]
        try:
            made = LocalFactor.start(supplier, by=user, **form.content(supplier))
        except PortfolioError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The factor is saved as a draft."))
            return redirect(made)
    context = {"form": form} | _search(request)
    return render(request, "portfolio/local_factors/local_factor_form.html", context)


def _search(request: HttpRequest) -> dict[str, Any]:
    """What was searched for among the kinds, and what may be meant."""
    typed = request.GET.get("find", "")
    return {"find": typed, "hits": [Hit(kind) for kind in search(typed)]}


@login_required
@require_http_methods(["GET", "POST"])
def local_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """The editor where one may edit, else the factor as it stands."""
    found = _visible(request, pk)
    if found.can_be_edited_by(request.user):
        return _edit(request, found)
    if request.method == "POST":
        if found.membership_of(request.user) is None:
            raise PermissionDenied(_("Only people of the company can change its factor."))
        messages.error(request, _("This factor is no longer a draft: nothing was saved."))
        return redirect(found)
    return render(request, "portfolio/local_factors/local_factor.html", _reading(request, found))


def _edit(request: HttpRequest, found: LocalFactor) -> HttpResponse:
    user = _user(request)
    form = LocalFactorForm(
        request.POST or None, request.FILES or None, user=user, factor=found, asked=request.GET.dict()
    )
    status = 200
    if form.is_bound and form.is_valid():
        try:
            found.revise(by=user, edition=form.cleaned_data["edition"] or 0, **form.content(found.supplier))
        except StaleVersion as stale:
            form.add_error(None, str(stale))
            found, status = _visible(request, found.pk), 409
        except PortfolioError as refusal:
            messages.error(request, str(refusal))
            return redirect(found)
        else:
            messages.success(request, _("Saved."))
            return redirect(found)
    context = _reading(request, found) | {"form": form} | _search(request)
    return render(request, "portfolio/local_factors/local_factor_form.html", context, status=status)


@login_required
@require_POST
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand it to verification."""
    found = _visible(request, pk)
    if found.membership_of(request.user) is None:
        raise PermissionDenied(_("Only a submitter of the company can submit its factor."))
    try:
        found.submit(by=_user(request), answer=request.POST.get("answer", ""))
        messages.success(request, _("Submitted. A verifier will compare it with its evidence."))
    except PortfolioError as refusal:
        messages.error(request, str(refusal))
    return redirect(found)


@login_required
@require_POST
def verify(request: HttpRequest, pk: int) -> HttpResponse:
    """Verify exactly what was seen, or return it with a reason."""
    if not role_of(request.user):
        raise Http404
    found = _visible(request, pk)
    if not has_role(request.user, Role.VERIFIER):
        raise PermissionDenied(_("Only a verifier can verify or return a local factor."))
    digest, comment = request.POST.get("digest", ""), request.POST.get("comment", "").strip()
    try:
        if request.POST.get("action") == "verify":
            found.verify(by=_user(request), digest=digest, comment=comment)
            messages.success(request, _("The factor is verified and in force from now on."))
        elif request.POST.get("action") == "return":
            found.return_for_correction(by=_user(request), reason=comment, digest=digest)
            messages.success(request, _("The factor went back to the company."))
        else:
            raise NotAllowed(_("Please choose: verify it, or return it with a reason."))
    except PortfolioError as refusal:
        found = _visible(request, pk)
        context = _reading(request, found) | {"refusal": refusal, "comment": comment}
        return render(request, "portfolio/local_factors/local_factor.html", context, status=409)
    return redirect("portfolio:local_factors")


@login_required
@require_POST
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a draft that is to supersede a verified factor."""
    found = _visible(request, pk)
    if found.membership_of(request.user) is None:
        raise PermissionDenied(_("Only people of the company can correct its factor."))
    try:
        draft = found.correct(by=_user(request))
    except PortfolioError as refusal:
        messages.error(request, str(refusal))
        return redirect(found)
    messages.success(request, _("A correction is open, with everything copied. The factor stays in force until then."))
    return redirect(draft)


def _reading(request: HttpRequest, found: LocalFactor) -> dict[str, Any]:
    """What every page about one factor shows."""
    user = _user(request)
    member = found.membership_of(user)
    steps = found.steps.select_related("by").order_by("-pk")
    is_verifier = has_role(user, Role.VERIFIER)
    visible = LocalFactor.objects.visible_to(user)
    return {
        "words": InWords(found),
        "factor": found,
        "steps": steps,
        "returned": steps.filter(verb="returned").first() if found.state == LocalFactor.State.RETURNED else None,
        "answered": steps.filter(verb="submitted").exclude(comment="").first(),
        "needs_answer": member is not None and found.state == LocalFactor.State.RETURNED and found.needs_answer(),
        "is_member": member is not None,
        "can_submit": found.can_be_submitted_by(user),
        "can_correct": member is not None and found.frozen_at is not None and not found.corrections.exists(),
        "correction": visible.filter(supersedes=found).first(),
        "corrects": visible.filter(corrections=found).first(),
        "is_waiting": found.state == LocalFactor.State.SUBMITTED,
        "is_verifier": is_verifier,
        "objection": found.objection_to(user) if is_verifier else "",
        "twin": found.twin() if is_verifier else None,
        "shows_evidence": found.evidence is not None,
    }


def _visible(request: HttpRequest, pk: int) -> LocalFactor:
    rows = LocalFactor.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("supplier", "company", "evidence", "submitted_by"), pk=pk)


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)
