"""Who may work for a company: everyone may leave, submitters change and remove."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portfolio.errors import NotAllowed
from portfolio.models import Membership
from portfolio.models.people import role_of


@login_required
@require_http_methods(["GET", "POST"])
def members(request: HttpRequest, pk: int) -> HttpResponse:
    if role_of(request.user):
        raise PermissionDenied(_("This page is for people of companies that apply; your account has a house role."))
    user = cast(User, request.user)
    mine = get_object_or_404(Membership.objects.select_related("company"), user=user, company=pk)
    rows = Membership.objects.filter(company=pk).select_related("user").order_by("-kind", "user__username")
    refusal = ""
    if request.method == "POST":
        chosen = get_object_or_404(rows, pk=_number(request.POST.get("member", "")))
        action = request.POST.get("action", "")
        try:
            done = _do(chosen, action, user)
        except NotAllowed as refused:
            refusal = str(refused)
        else:
            messages.success(request, done)
            return redirect("disclosures") if chosen.user_id == user.pk else redirect("portfolio:members", pk)
    context = {"company": mine.company, "mine": mine, "members": rows, "refusal": refusal}
    return render(request, "portfolio/disclosures/members.html", context, status=409 if refusal else 200)


def _do(member: Membership, action: str, by: User) -> str:
    """What is done, in words. Raises NotAllowed."""
    if action == "end":
        member.end(by=by)
        return _("%(user)s no longer works for the company.") % {"user": member.user}
    member.become(action, by=by)
    return _("%(user)s is now: %(kind)s.") % {"user": member.user, "kind": member.get_kind_display()}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
