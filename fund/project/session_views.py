"""A person's own sessions, and the way to one with the second factor."""

from __future__ import annotations

from typing import cast

from allauth.account.decorators import reauthentication_required
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fund.project import sessions
from portfolio import audit
from portfolio.models.people import role_of


@login_required
@require_GET
def own_sessions(request: HttpRequest) -> HttpResponse:
    """When each began, from which browser and address; the present one first."""
    present = request.session.session_key
    rows = UserSession.objects.filter(user_id=request.user.pk).order_by("-last_seen_at")
    shown = [
        {"row": row, "browser": sessions.browser_of(row.user_agent), "is_present": row.session_key == present}
        for row in rows
        if row.session_key == present or row.exists()
    ]
    shown.sort(key=lambda one: not one["is_present"])
    limits = settings.HOUSE_SESSIONS if role_of(request.user) else settings.APPLICANT_SESSIONS
    return render(request, "fund/sessions.html", {"title": _("Sessions"), "rows": shown, "limits": limits})


@login_required
@require_http_methods(["GET", "POST"])
def present_session(request: HttpRequest) -> JsonResponse:
    """Whose it is and a token for forms that were opened before it began; POST is the button “stay signed in”."""
    if request.method == "POST":
        sessions.stay(request)
    return JsonResponse({"user": request.user.pk, "csrf": get_token(request), **sessions.seconds_left(request)})


@login_required
@require_POST
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth ships no types
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """One of one's own; the present one by logging out."""
    found = get_object_or_404(UserSession.objects.filter(user_id=request.user.pk), pk=pk)
    if found.session_key == request.session.session_key:
        logout(request)
        return redirect("account_login")
    found.end()
    user = cast(User, request.user)
    audit.append(user, "session.ended", f"user:{user.pk}", detail=f"{user}: 1, by its owner")
    messages.success(request, _("The session is ended."))
    return redirect("sessions")


@login_required
@require_POST
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth ships no types
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    sessions.end_access(user, by=user, why="by its owner", tokens=False)
    messages.success(request, _("All other sessions are ended."))
    return redirect("sessions")


@login_required
@require_http_methods(["GET", "POST"])
def log_in_again(request: HttpRequest) -> HttpResponse:
    """For a session that began without the second factor: enrolling does not give it one."""
    if request.method == "POST":
        logout(request)
        return redirect("account_login")
    return render(request, "fund/log_in_again.html")
