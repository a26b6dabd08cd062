"""Who may work for a company: everyone may leave, submitters invite, change, remove and answer who asks to join."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from portfolio.errors import NotAllowed
from portfolio.mail.links import send_invitation
from portfolio.models import Company, Invitation, JoinRequest, Membership, Role, has_role
from portfolio.models.desk.joining import LONGEST_REASON
from portfolio.models.people import role_of
from portfolio.universe.sectors import isic_divisions, sector_of_division


@login_required
@require_http_methods(["GET", "POST"])
def members(request: HttpRequest, pk: int) -> HttpResponse:
    """The team, its invitations, and what each may do with whom."""
    mine = _mine(request, pk)
    rows = Membership.objects.filter(company=pk)
    if request.method != "POST":
        return _team(request, mine)
    chosen = get_object_or_404(rows.select_related("user", "company"), pk=_number(request.POST.get("member", "")))
    try:
        done = _do(chosen, request.POST.get("action", ""), _user(request))
    except NotAllowed as refused:
        return _team(request, mine, refusal=str(refused))
    messages.success(request, done)
    return redirect("disclosures") if chosen.user_id == request.user.pk else redirect("portfolio:members", pk)


@login_required
@require_POST
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Invite a colleague by e-mail; what was typed stays where it is refused."""
    mine = _mine(request, pk)
    address, kind = request.POST.get("address", ""), request.POST.get("kind", "")
    try:
        made, token = Invitation.invite(mine.company, address, kind, by=_user(request))
    except NotAllowed as refused:
        return _team(request, mine, invite_refusal=str(refused), address=address, kind=kind)
    _say_sent(request, made, send_invitation(made, token))
    return redirect("portfolio:members", pk)


@login_required
@require_POST
def invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """Send it again, or take it back."""
    found = get_object_or_404(Invitation.objects.visible_to(request.user).select_related("company"), pk=pk)
    mine = _mine(request, found.company_id)
    try:
        if request.POST.get("action") == "revoke":
            found.revoke(by=_user(request))
            messages.success(request, _("The invitation of %(address)s is taken back.") % {"address": found.address})
        else:
            token = found.send_again(by=_user(request))
            _say_sent(request, found, send_invitation(found, token))
    except NotAllowed as refused:
        return _team(request, mine, refusal=str(refused))
    return redirect("portfolio:members", found.company_id)


@login_required
@require_http_methods(["GET", "POST"])
def join_requests(request: HttpRequest) -> HttpResponse:
    """Who asks to join: for submitters those of their companies, for administrators those to companies without any."""
    user = _user(request)
    if role_of(user) and not has_role(user, Role.ADMIN):
        raise Http404
    refusal, of = "", 0
    if request.method == "POST":
        chosen = get_object_or_404(JoinRequest.objects.visible_to(user), pk=_number(request.POST.get("request", "")))
        try:
            messages.success(request, _answer(chosen, request, user))
        except NotAllowed as refused:
            refusal, of = str(refused), chosen.pk
        else:
            return redirect("portfolio:join_requests")
    waiting = JoinRequest.objects.to_answer(user).select_related("user").order_by("asked_at")
    closed = JoinRequest.objects.visible_to(user).exclude(state=JoinRequest.State.WAITING).exclude(user=user)
    context = {
        "waiting": waiting,
        "closed": closed.select_related("user", "answered_by")[:20],
        "refusal": refusal,
        "refused": of,
        "typed": request.POST.get("reason", ""),
        "industry": request.POST.get("isic", ""),
        "industries": isic_divisions() if has_role(user, Role.ADMIN) else [],
        "longest": LONGEST_REASON,
    }
    return render(request, "portfolio/people/join_requests.html", context, status=409 if refusal else 200)


def _answer(chosen: JoinRequest, request: HttpRequest, by: User) -> str:
    """What is done, in words. Raises NotAllowed."""
    named = {"name": chosen.name}
    if request.POST.get("action") == "accept":
        isic = request.POST.get("isic", "")
        made = chosen.accept(by=by, isic=isic, sector=sector_of_division(isic) or "")
        return _("%(name)s now works for the company, as: %(kind)s.") % {**named, "kind": made.get_kind_display()}
    chosen.decline(by=by, reason=request.POST.get("reason", ""))
    return _("The request of %(name)s is declined, and they are told.") % named


def _do(member: Membership, action: str, by: User) -> str:
    """What is done, in words. Raises NotAllowed."""
    if action == "end":
        member.end(by=by)
        return _("%(user)s no longer works for the company.") % {"user": member.user}
    member.become(action, by=by)
    return _("%(user)s is now: %(kind)s.") % {"user": member.user, "kind": member.get_kind_display()}


def _mine(request: HttpRequest, company: int) -> Membership:
    if role_of(request.user):
        raise PermissionDenied(_("This page is for people of companies that apply; your account has a house role."))
    found = Membership.objects.select_related("company")
    return get_object_or_404(found, user_id=request.user.pk or 0, company=company)


def _team(request: HttpRequest, mine: Membership, **said: str) -> HttpResponse:
    company: Company = mine.company
    rows = Membership.objects.filter(company=company).select_related("user__person")
    is_submitter = mine.kind == Membership.Kind.SUBMITTER
    invitations = Invitation.objects.visible_to(request.user).open().filter(company=company)
    context = {
        "company": company,
        "mine": mine,
        "members": rows.order_by("-kind", "user__username"),
        "invitations": invitations.select_related("invited_by") if is_submitter else [],
        "join_requests": JoinRequest.objects.to_answer(request.user).filter(uscc=company.uscc).count(),
        "kinds": Membership.Kind.choices,
        "kind": Membership.Kind.CONTRIBUTOR,
        **said,
    }
    refused = said.get("refusal") or said.get("invite_refusal")
    return render(request, "portfolio/people/members.html", context, status=409 if refused else 200)


def _say_sent(request: HttpRequest, found: Invitation, is_sent: bool) -> None:
    say: Callable[..., None] = messages.success if is_sent else messages.warning
    words = (
        _("The invitation is on its way to %(address)s; its link is good for 14 days.")
        if is_sent
        else _("The mail server did not take the invitation of %(address)s. It is kept here: send it again later.")
    )
    say(request, words % {"address": found.address})


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
