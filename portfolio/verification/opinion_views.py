"""V3: draft an opinion on what waits; read one, issue it, send it back, appeal, answer. The model decides who may."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from portfolio.documents.pdf import file_of
from portfolio.errors import NotAllowed, PortfolioError
from portfolio.models import Appeal, Disclosure, Opinion, Substitution
from portfolio.models.people import VERIFICATION_SIDE, has_role, role_of
from portfolio.verification.opinion_forms import OpinionForm, SubstitutionForm, WordsForm
from portfolio.verification.opinions import Measured, Statement, independence

if TYPE_CHECKING:
    from django.contrib.auth.models import User

CONFLICT = 409


@login_required
@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, pk: int) -> HttpResponse:
    """The measure of what is misstated, cautious values, and the draft of the opinion."""
    found = get_object_or_404(Disclosure.objects.visible_to(request.user).select_related("company"), pk=pk)
    user = _verification_side(request)
    action, sent = request.POST.get("action", ""), request.POST if request.method == "POST" else None
    measured, items = Measured.of(found), found.open_items()
    form = OpinionForm(sent if action == "draft" else None, measured=measured, has_items=bool(items))
    substituting = SubstitutionForm(sent if action == "substitute" else None, disclosure=found)
    refusal = ""
    if request.method == "POST":
        if objection := found.objection_to(user):
            raise PermissionDenied(objection)
        try:
            if done := _write(request, found, form, substituting, user):
                messages.success(request, done[0])
                return redirect(*done[1:])
        except PortfolioError as refused:
            refusal = str(refused)
            found.refresh_from_db()
    context = {
        "disclosure": found,
        "measured": Measured.of(found),
        "form": form,
        "substituting": substituting,
        "substitutions": Substitution.objects.standing(found),
        "items": items,
        "objection": found.objection_to(user),
        "why_not_waiting": "" if found.state == Disclosure.State.SUBMITTED else found.why_not_waiting(),
        "waiting": Opinion.objects.waiting().filter(disclosure=found).first(),
        "sent_back": found.opinions.order_by("-pk").first(),
        "refusal": refusal,
    }
    return render(request, "portfolio/verification/write_opinion.html", context, status=CONFLICT if refusal else 200)


def _write(
    request: HttpRequest, found: Disclosure, form: OpinionForm, substituting: SubstitutionForm, user: User
) -> tuple[Any, ...] | None:
    """What was done, in words, and where to go; None where a form says what is wrong."""
    action = request.POST.get("action", "")
    if action == "draft" and form.is_valid():
        made = form.save(by=user, digest=request.POST.get("digest", ""))
        return _("Drafted. An independent reviewer issues it or sends it back."), made
    if action == "substitute" and substituting.is_valid():
        substituting.save(by=user)
        return _("Written down. It counts once an opinion is issued."), "portfolio:opinion_write", found.pk
    if action == "unsubstitute":
        basis = _("Taken back.")
        Substitution.put(found, request.POST.get("quantity", ""), None, basis, by=user)
        return _("Taken back."), "portfolio:opinion_write", found.pk
    return None


@login_required
@require_http_methods(["GET", "POST"])
def opinion(request: HttpRequest, pk: int) -> HttpResponse:
    """An opinion, and what this person may do with it."""
    rows = Opinion.objects.visible_to(request.user).select_related("disclosure__company", "drafted_by", "reviewed_by")
    found = get_object_or_404(rows, pk=pk)
    user, action = cast("User", request.user), request.POST.get("action", "")
    form = WordsForm(request.POST if request.method == "POST" else None, label_suffix="")
    refusal = ""
    if request.method == "POST":
        if objection := _objection(found, action, user):
            raise PermissionDenied(objection)
        try:
            messages.success(request, _act(found, action, request.POST.get("words", ""), user))
            return redirect(found)
        except PortfolioError as refused:
            refusal = str(refused)
            found = get_object_or_404(rows, pk=pk)
    appeal = found.appeals.exclude(state=Appeal.State.WITHDRAWN).select_related("made_by", "answered_by").first()
    is_member = found.disclosure.membership_of(user) is not None
    context = {
        "opinion": found,
        "disclosure": found.disclosure,
        "statement": Statement(found),
        "independence": independence(),
        "appeal": appeal,
        "form": form,
        "chosen": action,
        "refusal": refusal,
        "is_member": is_member,
        "is_verification_side": has_role(user, *VERIFICATION_SIDE),
        "why_not_review": found.review_objection_to(user) if found.state == Opinion.State.WAITING else "",
        "may_take_back": found.state == Opinion.State.WAITING and user.pk == found.drafted_by_id,
        "may_reopen": found.is_issued and not found.reopening_objection_to(user),
        "why_no_appeal": Appeal.objection_to_making(found, user) if is_member else "",
        "why_no_answer": appeal.objection_to_answering(user) if appeal and appeal.is_open else "",
    }
    return render(request, "portfolio/verification/opinion.html", context, status=CONFLICT if refusal else 200)


def _objection(found: Opinion, action: str, user: User) -> str:
    """Why a person of this role or company does nothing of the kind, whatever the state."""
    is_member = found.disclosure.membership_of(user) is not None
    of_company, of_house = (
        ("appeal", "take_appeal_back"),
        ("issue", "send_back", "take_back", "reopen", "uphold", "reject"),
    )
    if action in of_company and not is_member:
        return _("Only people of the company appeal.")
    if action in of_house and not has_role(user, *VERIFICATION_SIDE):
        return _("This is for verifiers and independent reviewers.")
    return ""


def _act(found: Opinion, action: str, words: str, user: User) -> str:
    """What was done, in words. Raises PortfolioError."""
    appeal = found.appeals.exclude(state=Appeal.State.WITHDRAWN).first()
    done: dict[str, tuple[Callable[[], Any], str]] = {
        "issue": (lambda: found.issue(by=user, words=words), _("Issued.")),
        "send_back": (lambda: found.send_back(by=user, words=words), _("Sent back to the verifier.")),
        "take_back": (lambda: found.take_back(by=user), _("Taken back.")),
        "reopen": (lambda: found.reopen(by=user, reason=words), _("Reopened: the opinion no longer counts.")),
        "appeal": (lambda: Appeal.make(found, words, by=user), _("Your appeal is with the independent reviewers.")),
    }
    if appeal is not None:
        done |= {
            "take_appeal_back": (lambda: appeal.take_back(by=user), _("Taken back.")),
            "uphold": (lambda: appeal.uphold(words, by=user), _("Upheld: the opinion no longer counts.")),
            "reject": (lambda: appeal.reject(words, by=user), _("Rejected: the opinion stays.")),
        }
    if action not in done:
        raise NotAllowed(_("Please choose what is to be done."))
    act, said = done[action]
    act()
    return said


@login_required
@require_GET
def opinion_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The statement, of what was issued."""
    rows = Opinion.objects.visible_to(request.user).exclude(issued_at=None)
    found = get_object_or_404(rows.select_related("disclosure__company", "drafted_by", "reviewed_by"), pk=pk)
    return file_of(Statement(found).document(), f"statement_{found.pk}")


def _verification_side(request: HttpRequest) -> User:
    """Within the house the page says who may; for applicants there is no such page."""
    if not role_of(request.user):
        raise Http404
    if not has_role(request.user, *VERIFICATION_SIDE):
        raise PermissionDenied(_("This page is for verifiers and independent reviewers."))
    return cast("User", request.user)
