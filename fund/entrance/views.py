"""Coming in. Whether an address or a company is known here is told to nobody: each case gets the same answer."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from fund.entrance.accounts import account_of, come_in, is_too_often, make_account
from fund.entrance.forms import CompanyForm, PasswordForm, SignUpForm
from portfolio.errors import NotAllowed
from portfolio.identifiers import validate_uscc
from portfolio.mail.links import send_confirmation, send_known
from portfolio.models import Invitation, JoinRequest
from portfolio.models.desk.joining import CONSENT
from portfolio.models.people import role_of


# --- who has no account ----------------------------------------------------------------------------------
@never_cache
@require_http_methods(["GET", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """E-mail, name, company by its code, consent; the password is chosen where the mail's link leads."""
    if request.user.is_authenticated:
        return redirect("join")
    form = SignUpForm(request.POST if request.method == "POST" else None)
    if not form.is_bound or not form.is_valid():
        return render(request, "fund/entrance/sign_up.html", {"form": form})
    told = form.cleaned_data
    if is_too_often(request, "sign_up") or is_too_often(request, "sign_up_address", told["email"]):
        form.add_error(None, _("Too many tries. Wait an hour, or ask a colleague to invite you."))
        return render(request, "fund/entrance/sign_up.html", {"form": form}, status=429)
    made, token = JoinRequest.begin(
        address=told["email"], name=told["name"], uscc=told["uscc"], company_name=told["company_name"]
    )
    is_sent = send_known(made) if account_of(told["email"]) else send_confirmation(made, token)
    if not is_sent:
        form.add_error(None, _("The mail server did not take the mail just now. Nothing is lost: send the form again."))
        return render(request, "fund/entrance/sign_up.html", {"form": form}, status=503)
    return render(request, "fund/entrance/sent.html", {"address": told["email"]})


@never_cache
@require_GET
def check_uscc(request: HttpRequest) -> HttpResponse:
    """Whether the code can be one, said at its field while the rest is typed; never whether we know it."""
    words, typed = "", request.GET.get("uscc", "")
    if typed.strip() and not is_too_often(request, "uscc"):
        try:
            validate_uscc(typed[:40])
        except ValidationError as wrong:
            words = " ".join(wrong.messages)
    return render(request, "fund/entrance/_uscc.html", {"words": words, "typed": typed.strip()})


# --- who was sent a link ---------------------------------------------------------------------------------
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def one_off(request: HttpRequest, token: str) -> HttpResponse:
    """Accept an invitation, or confirm an address. Reading changes nothing: mail programs read links, too."""
    if is_too_often(request, "link"):
        return _no_good(request, _("Too many tries. Wait a few minutes."), 429)
    if invitation := Invitation.of_token(token):
        if objection := invitation.objection():
            return _no_good(request, objection, 410)
        return _accept(request, invitation)
    asked = JoinRequest.of_token(token)
    if asked is None:
        return _no_good(
            request, _("This link is not known. Perhaps it was cut off in the mail, or a newer one was sent."), 404
        )
    if asked.state != JoinRequest.State.UNCONFIRMED or asked.is_expired or account_of(asked.address):
        return _no_good(request, _("This link was used already, or has expired. Log in, or sign up once more."), 410)
    return _confirm(request, asked)


def _confirm(request: HttpRequest, asked: JoinRequest) -> HttpResponse:
    form = PasswordForm(request.POST if request.method == "POST" else None, address=asked.address, is_known=True)
    if form.is_bound and form.is_valid():
        try:
            with transaction.atomic():
                user = make_account(
                    asked.address, asked.name, form.cleaned_data["password"], language=get_language() or ""
                )
                asked.confirm(user)
        except NotAllowed as refused:
            return _no_good(request, str(refused), 410)
        return come_in(request, user, reverse("join"))
    return render(request, "fund/entrance/confirm.html", {"form": form, "asked": asked})


def _accept(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    known = account_of(invitation.address)
    mine = request.user.is_authenticated and request.user.pk == (known.pk if known else None)
    is_new = known is None and not request.user.is_authenticated
    form: PasswordForm | None = None
    try:
        if is_new:
            typed = request.POST if request.method == "POST" else None
            form = PasswordForm(typed, address=invitation.address, is_known=False)
            if form.is_bound and form.is_valid():
                told = form.cleaned_data
                with transaction.atomic():
                    user = make_account(
                        invitation.address, told["name"], told["password"], language=get_language() or ""
                    )
                    invitation.accept(by=user, consent=CONSENT)
                return come_in(request, user, reverse("disclosures"))
        elif mine and request.method == "POST":
            invitation.accept(by=cast(User, request.user))
            messages.success(request, _("You now work for %(company)s.") % {"company": invitation.company.name})
            return redirect("disclosures")
    except NotAllowed as refused:
        return _no_good(request, str(refused), 409)
    context = {"form": form, "invitation": invitation, "is_mine": mine, "is_known": known is not None}
    return render(request, "fund/entrance/invitation.html", context)


def _no_good(request: HttpRequest, words: str, status: int) -> HttpResponse:
    return render(request, "fund/entrance/no_good.html", {"words": words}, status=status)


# --- who has an account ----------------------------------------------------------------------------------
@login_required
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """Ask to work for a company, see what became of it, take it back."""
    if role_of(request.user):
        raise PermissionDenied(_("This page is for people of companies that apply; your account has a house role."))
    user = cast(User, request.user)
    mine = JoinRequest.objects.filter(user=user).order_by("-pk")
    if request.method == "POST" and "withdraw" in request.POST:
        number = request.POST["withdraw"]
        chosen = get_object_or_404(mine, pk=int(number) if number.isascii() and number.isdigit() else 0)
        try:
            chosen.withdraw(by=user)
        except NotAllowed as refused:
            messages.error(request, str(refused))
        return redirect("join")
    form = CompanyForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            if is_too_often(request, "join", str(user.pk)):
                raise NotAllowed(_("Too many tries. Wait an hour, or ask a colleague to invite you."))
            JoinRequest.ask(user, uscc=form.cleaned_data["uscc"], company_name=form.cleaned_data["company_name"])
        except NotAllowed as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Your request is with those who may answer it. You are told by mail."))
            return redirect("join")
    return render(request, "fund/entrance/join.html", {"form": form, "mine": mine[:20]})
