"""The webhooks of a company, or of the house: register, test, make the secret anew, switch, and what was delivered."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portfolio.errors import NotAllowed
from portfolio.models import Company, Membership, Role, Webhook, WebhookDelivery, has_role
from portfolio.webhooks.events import test_message
from portfolio.webhooks.forms import WebhookForm

PAGE_SIZE = 50


@login_required
@require_http_methods(["GET", "POST"])
def webhooks(request: HttpRequest, pk: int) -> HttpResponse:
    """Of a company, for its submitters."""
    mine = get_object_or_404(Membership.objects.select_related("company"), user=_user(request), company=pk)
    if mine.kind != Membership.Kind.SUBMITTER:
        raise PermissionDenied(_("Only submitters of the company keep its webhooks."))
    return _list(request, mine.company)


@login_required
@require_http_methods(["GET", "POST"])
def webhooks_of_house(request: HttpRequest) -> HttpResponse:
    """Told of all companies; for administrators."""
    if not has_role(request.user, Role.ADMIN):
        raise Http404
    return _list(request, None)


def _list(request: HttpRequest, company: Company | None) -> HttpResponse:
    form = WebhookForm(request.POST if request.method == "POST" else None, label_suffix="")
    secret, status = "", 200
    if form.is_bound:
        status = 400
        if form.is_valid():
            given = form.cleaned_data
            try:
                _made, secret = Webhook.register(company, given["url"], given["events"], by=_user(request))
            except NotAllowed as refused:
                form.add_error(None, str(refused))
                status = 409
            else:
                form, status = WebhookForm(label_suffix=""), 200
    rows = Webhook.objects.visible_to(request.user).filter(company=company)
    context = {"company": company, "rows": rows, "form": form, "secret": secret}
    return render(request, "portfolio/webhooks/webhooks.html", context, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def webhook(request: HttpRequest, pk: int) -> HttpResponse:
    """One, with what was delivered to it."""
    rows = Webhook.objects.visible_to(request.user).select_related("company", "made_by")
    found = get_object_or_404(rows, pk=pk)
    secret = refusal = ""
    if request.method == "POST":
        try:
            secret = _do(request, found)
        except NotAllowed as refused:
            refusal = str(refused)
        else:
            if not secret:
                return redirect("portfolio:webhook", pk)
    page = Paginator(found.deliveries.order_by("-pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "webhook": found,
        "page": page,
        "secret": secret,
        "refusal": refusal,
        "may_keep": Webhook.may_be_kept_by(request.user, found.company),
    }
    return render(request, "portfolio/webhooks/webhook.html", context, status=409 if refusal else 200)


def _do(request: HttpRequest, found: Webhook) -> str:
    """The new secret, where one is made; else empty. Raises NotAllowed."""
    by, action = _user(request), request.POST.get("action", "")
    if action == "rotate":
        return found.rotate(by=by)
    if action in ("on", "off"):
        found.switch(on=action == "on", by=by)
        messages.success(request, _("The webhook is on.") if action == "on" else _("The webhook is off."))
    elif action == "test":
        if not found.is_on:
            raise NotAllowed(_("The webhook is off: switch it on first."))
        test_message(found)
        messages.success(
            request, _("A test message waits to be sent. In a few seconds this page says what became of it.")
        )
    elif action == "again":
        number = request.POST.get("delivery", "")
        wanted: Any = int(number) if number.isascii() and number.isdecimal() and len(number) < 16 else 0
        delivery = get_object_or_404(WebhookDelivery.objects.select_related("webhook"), webhook=found, pk=wanted)
        delivery.send_again(by=by)
        messages.success(request, _("The message waits to be sent again, under the same number."))
    return ""


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)
