"""The quarterly form without an account, and the page from which submitters send it."""

from __future__ import annotations

from typing import cast

from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from portfolio.errors import NotAllowed, PortfolioError
from portfolio.mail.links import send_form
from portfolio.mail.occasions import tell_form_saved, tell_link_wanted
from portfolio.models import Disclosure, FormLink, Membership
from portfolio.models.people import role_of
from portfolio.quarters.forms import QuarterForm


@csrf_exempt  # the address is the secret; and with no-referrer a browser says “Origin: null”, which the check refuses
@never_cache
@require_http_methods(["GET", "POST"])
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows what was typed by this link, POST saves it into the draft; nothing is handed in here."""
    answer = _by_link(request, token)
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def _by_link(request: HttpRequest, token: str) -> HttpResponse:
    found = FormLink.objects.select_related("disclosure__company", "made_by")
    link = None if _is_too_often(request, "link") else found.filter(pk=_number_of(token)).first()
    if link is None:
        return render(request, "portfolio/quarters/no_good.html", {"link": None}, status=404)
    if request.method == "POST" and "anew" in request.POST:
        return _ask_anew(request, link)
    if objection := link.objection():
        # What was typed into a page that stood open is shown, so that nothing of it is lost.
        typed = QuarterForm(request.POST, link=link) if request.method == "POST" else None
        context = {"link": link, "objection": objection, "form": typed}
        return render(request, "portfolio/quarters/no_good.html", context, status=410)
    form = QuarterForm(request.POST if request.method == "POST" else None, link=link)
    refusal, is_saved, status = "", False, 200
    if form.is_bound and _is_too_often(request, "form", str(link.pk)):
        refusal, status = str(_("Too many tries. Wait a few minutes; what you typed stands here.")), 429
    elif form.is_bound and form.is_valid():
        try:
            with transaction.atomic():
                if form.save():
                    tell_form_saved(link)
        except PortfolioError as refused:
            refusal, status = f"{refused} {_('Nothing was saved: send it once more.')}", 409
        else:
            link = found.get(pk=link.pk)
            form, is_saved = QuarterForm(None, link=link), True
    context = {"link": link, "form": form, "refusal": refusal, "is_saved": is_saved}
    return render(request, "portfolio/quarters/form.html", context, status=status)


def _number_of(token: str) -> int:
    link = FormLink.of_token(token)
    return link.pk if link else 0


def _ask_anew(request: HttpRequest, link: FormLink) -> HttpResponse:
    with transaction.atomic():
        if link.can_be_asked_anew() and link.ask_anew():
            tell_link_wanted(link)
    context = {"link": link, "objection": link.objection(), "is_asked": True}
    return render(request, "portfolio/quarters/no_good.html", context, status=410)


def _is_too_often(request: HttpRequest, what: str, key: str = "") -> bool:
    rates = settings.ENTRANCE_RATES
    return not ratelimit.consume(request, app="greenlight", action=what, config=rates, key=key or None, limit_get=True)


# --- those who send it -----------------------------------------------------------------------------------
@login_required
@require_http_methods(["GET", "POST"])
def form_links(request: HttpRequest, pk: int) -> HttpResponse:
    """The links of a draft: to whom, for which quarter, what came of them; submitters send, send again, take back."""
    disclosure = get_object_or_404(Disclosure.objects.visible_to(request.user).select_related("company"), pk=pk)
    if role_of(request.user):
        raise PermissionDenied(_("This page is for people of companies that apply; your account has a house role."))
    user = cast(User, request.user)
    refusal = ""
    if request.method == "POST":
        try:
            _do(request, disclosure, user)
        except NotAllowed as refused:
            refusal = str(refused)
        else:
            return redirect("portfolio:form_links", pk)
    mine = disclosure.membership_of(user)
    context = {
        "disclosure": disclosure,
        "links": FormLink.objects.visible_to(user).open().filter(disclosure=disclosure).select_related("made_by"),
        "may_send": mine is not None and mine.kind == Membership.Kind.SUBMITTER,
        "is_draft": disclosure.state in Disclosure.EDITABLE,
        "refusal": refusal,
        "address": request.POST.get("address", ""),
        "quarter": request.POST.get("quarter", "1"),
        "quarters": ("1", "2", "3", "4"),
    }
    return render(request, "portfolio/quarters/links.html", context, status=409 if refusal else 200)


def _do(request: HttpRequest, disclosure: Disclosure, by: User) -> None:
    """Raises NotAllowed."""
    action, number = request.POST.get("action", ""), request.POST.get("link", "")
    if action in ("again", "revoke"):
        of_draft = FormLink.objects.visible_to(by).filter(disclosure=disclosure).select_related("disclosure__company")
        link = get_object_or_404(of_draft, pk=int(number) if number.isascii() and number.isdigit() else 0)
        if action == "revoke":
            link.revoke(by=by)
            messages.success(request, _("The link to %(address)s is taken back.") % {"address": link.address})
            return
        token = link.send_again(by=by)
        link.made_by = by
    else:
        quarter = request.POST.get("quarter", "")
        number_of_quarter = int(quarter) if quarter in ("1", "2", "3", "4") else 0
        link, token = FormLink.make(disclosure, number_of_quarter, request.POST.get("address", ""), by=by)
    if send_form(link, token):
        messages.success(
            request,
            _("The form is on its way to %(address)s; its link is good for 14 days.") % {"address": link.address},
        )
    else:
        words = _("The mail server did not take the mail to %(address)s. It is kept here: send it again later.")
        messages.warning(request, words % {"address": link.address})
