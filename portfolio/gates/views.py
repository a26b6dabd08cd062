"""The gates of a company: its own page, where it states, and the fund's, where managers and administrators confirm."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portfolio.errors import PortfolioError
from portfolio.gates.forms import TrackForm, WordForm
from portfolio.gates.report import asked, words_of
from portfolio.models import Company, CompanyTrack, Evidence, GateWord, Membership
from portfolio.models.join import DECIDERS
from portfolio.models.people import has_role, role_of

if TYPE_CHECKING:
    from django.contrib.auth.models import User

UNREADABLE = 422
CONFLICT = 409


@login_required
@require_http_methods(["GET", "POST"])
def gates(request: HttpRequest, pk: int) -> HttpResponse:
    """What the company states, what is confirmed by whom with what evidence, and the forms to confirm it."""
    if not role_of(request.user):
        raise Http404  # applicants have a page of their own
    company = get_object_or_404(Company.objects.visible_to(request.user), pk=pk)
    may_confirm = has_role(request.user, *DECIDERS)
    typed: dict[str, WordForm | TrackForm] = {}
    status = 200
    if request.method == "POST":
        if not may_confirm:
            raise PermissionDenied(_("Only fund managers and administrators confirm gates."))
        done, status = _confirm(request, company, typed)
        if done:
            return redirect("portfolio:gates", company.pk)
    words = words_of(company, request.user)
    tracks = company.tracks.select_related("family", "confirmed_by").order_by("pk")
    context = {
        "company": company,
        "asked": [(each, _form_of(each.question, typed, states=False)) for each in asked(words)],
        "tracks": [(row, typed.get(row.track) or TrackForm(row)) for row in tracks],
        "words": words,
        "decisions": company.track_decisions.select_related("by"),
        "may_confirm": may_confirm,
        "typed": typed,
    }
    return render(request, "portfolio/gates/gates.html", context, status=status)


def _confirm(request: HttpRequest, company: Company, typed: dict[str, Any]) -> tuple[bool, int]:
    """A word on a question, or the family and catalogue code of a track. What is refused stands in `typed`."""
    question, track = request.POST.get("question", ""), request.POST.get("track", "")
    if track:
        row = get_object_or_404(company.tracks, track=track)
        form = typed[track] = TrackForm(row, request.POST)
        if not form.is_valid():
            return False, UNREADABLE
        return _kept(form, lambda: _classify(row, form, by=_user(request)), request)
    if question not in GateWord.Question.values:
        messages.error(request, _("Please choose a question and an answer."))
        return True, 200
    word = typed[question] = WordForm(question, request.POST, states=False)
    if not word.is_valid():
        return False, UNREADABLE

    def say() -> None:
        given = word.cleaned_data
        code = given.get("code", "")
        GateWord.confirm(company, question, given["answer"], given["evidence"], by=_user(request), code=code)

    return _kept(word, say, request)


def _classify(row: CompanyTrack, form: TrackForm, *, by: User) -> None:
    """The family and the code, and the track itself where nobody had confirmed it: one step, or none of it."""
    facts = form.facts()
    with transaction.atomic():
        row.classify(by=by, **facts)
        row.confirm(by=by, reason=facts["reason"])


def _kept(form: forms.Form, act: Callable[[], None], request: HttpRequest) -> tuple[bool, int]:
    try:
        act()
    except PortfolioError as refusal:
        form.add_error(None, str(refusal))
        return False, CONFLICT
    messages.success(request, _("Saved."))
    return True, 200


@login_required
@require_http_methods(["GET", "POST"])
def statements(request: HttpRequest, pk: int) -> HttpResponse:
    """What the company says of itself on each question; its submitters write it, and each word is kept."""
    if role_of(request.user):
        raise PermissionDenied(_("This page is for people of companies that apply; your account has a house role."))
    mine = get_object_or_404(Membership.objects.select_related("company"), user=_user(request), company=pk)
    may_write = mine.kind == Membership.Kind.SUBMITTER
    typed: dict[str, Any] = {}
    status = 200
    if request.method == "POST":
        if not may_write:
            raise PermissionDenied(_("Only a submitter of the company states this."))
        done, status = _state(request, mine.company, typed)
        if done:
            return redirect("portfolio:statements", pk)
    words = words_of(mine.company, request.user)
    context = {
        "company": mine.company,
        "asked": [(each, _form_of(each.question, typed, states=True)) for each in asked(words)],
        "words": words,
        "may_write": may_write,
        "typed": typed,
    }
    return render(request, "portfolio/gates/statements.html", context, status=status)


def _state(request: HttpRequest, company: Company, typed: dict[str, Any]) -> tuple[bool, int]:
    question = request.POST.get("question", "")
    if question not in GateWord.Question.values:
        messages.error(request, _("Please choose a question and an answer."))
        return True, 200
    form = typed[question] = WordForm(question, request.POST, request.FILES, states=True)
    if not form.is_valid():
        return False, UNREADABLE
    given, by = form.cleaned_data, _user(request)

    def say() -> None:
        with transaction.atomic():
            upload = given["document"]
            document = Evidence.keep(upload, company=company, by=by) if upload else None
            GateWord.state(company, question, given["answer"], given["evidence"], by=by, document=document)

    return _kept(form, say, request)


def _form_of(question: str, typed: dict[str, Any], *, states: bool) -> WordForm:
    return typed.get(question) or WordForm(question, states=states)


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)
