"""What is done with candidates that were selected: each page names them, and what will change, before it is done."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from fund.pipeline.chosen import AssignForm, Chosen, Done, assign, names, shortlist
from fund.pipeline.requests.ask import AskForm, Asking
from portfolio.lists import came_from
from scoring.access import decider

TEMPLATE = "fund/pipeline/chosen.html"


@login_required
@require_http_methods(["GET", "POST"])
def shortlist_chosen(request: HttpRequest) -> HttpResponse:
    person = decider(request)
    chosen = _chosen(request, person)
    picks = [pick for pick in chosen.to_shortlist if not pick.why_not]
    if not chosen.picks:
        return _nothing(request)
    if request.method == "POST" and picks:
        done = shortlist(picks, person)
        text = _("On the shortlist: %(names)s.")
        return _said(request, done, text)
    return render(request, TEMPLATE, _context(request, chosen) | {"verb": "shortlist", "n": len(picks)})


@login_required
@require_http_methods(["GET", "POST"])
def assign_chosen(request: HttpRequest) -> HttpResponse:
    person = decider(request)
    chosen = _chosen(request, person)
    if not chosen.picks:
        return _nothing(request)
    form = AssignForm(request.POST if request.method == "POST" else None, initial={"to": person.pk})
    if form.is_bound and form.is_valid():
        to = form.cleaned_data["to"]
        done = assign(chosen.picks, to, person)
        text = _("Followed by nobody now: %(names)s.") if to is None else _("%(who)s follows %(names)s.")
        return _said(request, done, text, who=str(to))
    return render(
        request, TEMPLATE, _context(request, chosen) | {"verb": "assign", "n": len(chosen.picks), "form": form}
    )


@login_required
@require_http_methods(["GET", "POST"])
def ask_chosen(request: HttpRequest) -> HttpResponse:
    person = decider(request)
    chosen = _chosen(request, person)
    if not chosen.picks:
        return _nothing(request)
    asking = Asking(person, chosen)
    form = AskForm(asking, request.POST if request.method == "POST" else None)
    if form.is_bound and asking.can_ask and form.is_valid():
        done = asking.ask(form.cleaned_data, person)
        text = _("Asked for data: %(names)s.")
        return _said(request, done, text)
    context = _context(request, chosen) | {"verb": "ask", "n": len(asking.can_ask), "asking": asking, "form": form}
    return render(request, TEMPLATE, context)


def _chosen(request: HttpRequest, person: User) -> Chosen:
    asked = request.POST if request.method == "POST" else request.GET
    return Chosen(person, asked.getlist("c"))


def _context(request: HttpRequest, chosen: Chosen) -> dict[str, Any]:
    return {"chosen": chosen, "next": came_from(request, "candidates")}


def _nothing(request: HttpRequest) -> HttpResponse:
    messages.warning(request, _("Nothing is selected: select the candidates first."))
    return redirect(came_from(request, "candidates"))


def _said(request: HttpRequest, done: Done, text: str, **about: str) -> HttpResponse:
    if done.changed:
        messages.success(request, text % {"n": len(done.changed), "names": names(done.changed), **about})
    if done.refused:
        messages.warning(request, _("Not changed: %(why)s.") % {"why": done.refusals})
    return redirect(came_from(request, "candidates"))
