"""What stands round the API: its description, its documentation, its error types, and the people's tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from allauth.account.decorators import reauthentication_required
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.views import SpectacularAPIView

from fund.project import broken
from fund.project.sessions import has_factor
from portfolio.models import ApiToken, Membership, Scope
from portfolio.models.people import role_of
from portfolio.rest import problems
from portfolio.rest.views import PostThrottle

DAYS = (7, 30, 90, 365)


# --- description and documentation ---------------------------------------------------------------------
class PlainJson(OpenApiJsonRenderer):
    """For clients that ask every address for application/json."""

    media_type = "application/json"


class Schema(SpectacularAPIView):
    """OpenAPI 3.1. Open to any token: it holds no data."""

    renderer_classes = [OpenApiJsonRenderer, PlainJson]
    permission_classes = []

    def check_permissions(self, request: Any) -> None:
        if not request.user.is_authenticated:
            self.permission_denied(request)


@login_required
@require_GET
def docs(request: HttpRequest) -> HttpResponse:
    return render(request, "fund/api_docs.html")


@require_GET
def problem(request: HttpRequest, code: str) -> HttpResponse:
    """What a problem document's `type` leads to."""
    if code not in problems.KINDS:
        raise Http404
    return render(request, "fund/problem.html", {"code": code, "kind": problems.KINDS[code]})


# --- errors from outside the views -----------------------------------------------------------------------
@csrf_exempt
def nothing_here(request: HttpRequest) -> HttpResponse:
    return problems.problem("not_found")


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def error_400(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problems.bad_request(request, exception) if _is_api(request) else defaults.bad_request(request, exception)


def error_500(request: HttpRequest) -> HttpResponse:
    return problems.bug(request) if _is_api(request) else broken.server_error(request)


# --- tokens ----------------------------------------------------------------------------------------------
class TokenForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("What is it for?"),
        max_length=80,
        help_text=gettext_lazy("Such as “monthly import from our ledger”: it tells you later which one to revoke."),
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What may it do?"),
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Never more than you may yourself."),
    )
    days = forms.TypedChoiceField(label=gettext_lazy("How long is it valid?"), coerce=int, choices=[])

    def __init__(self, *args: Any, longest: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days = cast(forms.TypedChoiceField, self.fields["days"])
        days.choices = [(n, _("%(n)s days") % {"n": n}) for n in DAYS if n <= longest]
        days.initial = min(90, longest)


class _TokenCreation:
    throttle_scope = "token_create"


@login_required
@require_http_methods(["GET", "POST"])
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]  # allauth ships no types
def tokens(request: HttpRequest) -> HttpResponse:
    """One's own tokens; a new one's text is in this answer and nowhere else."""
    user = cast(User, request.user)
    longest = settings.HOUSE_TOKEN_DAYS if role_of(user) else max(DAYS)
    form = TokenForm(request.POST if request.method == "POST" else None, longest=longest)
    shown, status = "", 200
    if form.is_bound and form.is_valid():
        if PostThrottle().allow_request(request, _TokenCreation):
            until = timezone.now() + timedelta(days=form.cleaned_data["days"])
            given = {name: form.cleaned_data[name] for name in ("name", "scopes")}
            _token, shown = ApiToken.issue(user, expires_at=until, has_factor=has_factor(request), **given)
            form = TokenForm(longest=longest)
        else:
            form.add_error(None, _("That is many tokens in a short time. Please try again in an hour."))
            status = 429
    rows = ApiToken.objects.filter(user=user).select_related("user__person")
    mine = Membership.objects.filter(user=user, kind=Membership.Kind.SUBMITTER).select_related("company")
    context = {"title": _("API tokens"), "form": form, "rows": rows, "shown": shown}
    context["webhooks_of"] = [] if role_of(user) else [one.company for one in mine]
    return render(request, "fund/tokens.html", context, status=status)


@login_required
@require_POST
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    user = cast(User, request.user)
    token = get_object_or_404(ApiToken.objects.filter(user=user), pk=pk)
    if token.revoke(by=user):
        messages.success(request, _("The token %(prefix)s is revoked.") % {"prefix": f"gl_{token.prefix}"})
    return redirect("tokens")
