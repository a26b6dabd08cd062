"""Bar sheets: what is asked of a candidate, in which version, who approved it. And the method, for anybody.

The fund's side reads; administrators clone, propose, approve and activate, two of them for each sheet.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from portfolio.models.people import FUND_SIDE, has_role
from scoring.access import act, administrator, fund_side_only, may_act
from scoring.bar_sheets import report, words
from scoring.engine.errors import EngineError
from scoring.engine.score.bar_sheet import BarSheet as EngineSheet
from scoring.errors import BarSheetRefused
from scoring.models import BarSheet
from scoring.reading import country_name
from scoring.runs import queue as runs

UNREADABLE = 422


class CloneForm(forms.Form):
    version = forms.SlugField(label=gettext_lazy("Version"), max_length=32)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=120)


class DayForm(forms.Form):
    day = forms.DateField(label=gettext_lazy("Active from"))


# --- pages -----------------------------------------------------------------------------------------------
@login_required
@require_GET
def bar_sheets(request: HttpRequest) -> HttpResponse:
    fund_side_only(request)
    sheets = BarSheet.objects.visible_to(request.user).select_related("proposed_by", "approved_by").defer("content")
    context = {"sheets": sheets, "in_force": BarSheet.in_force(timezone.localdate()), "may_act": may_act(request)}
    return render(request, "scoring/bar_sheets/bar_sheets.html", context)


@login_required
@require_GET
def bar_sheet(request: HttpRequest, version: str) -> HttpResponse:
    return _page(request, _sheet_or_404(request, version), CloneForm())


def _page(request: HttpRequest, shown: BarSheet, form: CloneForm) -> HttpResponse:
    """Of one sheet; 422 where a clone was asked for wrongly, with what was typed."""
    context: dict[str, Any] = {
        "sheet": shown,
        "form": form,
        "in_force": BarSheet.in_force(timezone.localdate()),
        "others": BarSheet.objects.visible_to(request.user).exclude(pk=shown.pk).defer("content"),
        "may_act": may_act(request),
        "may_approve": may_act(request) and shown.proposed_by_id != request.user.pk,
        "today": timezone.localdate(),
    }
    status = UNREADABLE if form.errors else 200
    try:
        found = shown.engine()
    except EngineError as fault:
        return render(request, "scoring/bar_sheets/bar_sheet.html", context | {"fault": str(fault)}, status=status)
    context |= _bars(shown, found)
    if compared := context["others"].filter(version=request.GET.get("compare", "")).first():
        context |= {"compared": compared, "changes": words.difference(compared.engine(), found)}
    return render(request, "scoring/bar_sheets/bar_sheet.html", context, status=status)


@require_GET
def method(request: HttpRequest) -> HttpResponse:
    """The method in plain words with the bars in force, for anybody: no log-in, nothing of a company."""
    sheet = BarSheet.in_force(timezone.localdate())
    context: dict[str, Any] = {"sheet": sheet, "reads_sheets": has_role(request.user, *FUND_SIDE)}
    return render(request, "scoring/bar_sheets/method.html", context | (_bars(sheet, sheet.engine()) if sheet else {}))


def _bars(sheet: BarSheet, found: EngineSheet) -> dict[str, Any]:
    return {
        "found": found,
        "tracks": report.by_track(found),
        "counts": report.Counts.of(found.families),
        "judgements": words.judgement_rows(found.judgements),
        "paths": [(country_name(path.place), path) for path in found.paths],
        "uncertainties": words.uncertainty_rows(found),
        "rungs": list(words.RUNGS.values()),
    }


# --- what administrators do ---------------------------------------------------------------------------------
@login_required
@require_POST
def clone(request: HttpRequest, version: str) -> HttpResponse:
    by, shown = _admin(request), _sheet_or_404(request, version)
    form = CloneForm(request.POST)
    if not form.is_valid():
        return _page(request, shown, form)
    try:
        made = shown.clone(by=by, **form.cleaned_data)
    except (BarSheetRefused, EngineError) as refused:
        form.add_error("version", str(refused))
        return _page(request, shown, form)
    messages.success(request, _("A draft is there. Edit its tables, then propose it."))
    return redirect(made)


@login_required
@require_POST
def propose(request: HttpRequest, version: str) -> HttpResponse:
    by, shown = _admin(request), _sheet_or_404(request, version)
    return act(request, shown, lambda: shown.propose(by=by), _("Proposed. Another administrator approves it."))


@login_required
@require_POST
def answer(request: HttpRequest, version: str) -> HttpResponse:
    """Approve exactly what was read, or make it a draft again."""
    by, shown = _admin(request), _sheet_or_404(request, version)
    given = request.POST.get("answer", "")
    if given == "approve":
        digest = request.POST.get("digest", "")
        return act(
            request, shown, lambda: shown.approve(by=by, digest=digest), _("Approved. Activate it from a day on.")
        )
    if given == "send_back":
        return act(request, shown, lambda: shown.send_back(by=by), _("It is a draft again."))
    messages.error(request, _("Approve it or send it back, please."))
    return redirect(shown)


@login_required
@require_POST
def activate(request: HttpRequest, version: str) -> HttpResponse:
    by, shown = _admin(request), _sheet_or_404(request, version)
    form = DayForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("A day, please, such as 2027-01-01."))
        return redirect(shown)
    day: date = form.cleaned_data["day"]
    answered = act(request, shown, lambda: shown.activate(by=by, day=day), _("It holds from that day on."))
    transaction.on_commit(runs.ask_by_new_sheet, robust=True)  # from today: now, not at the next sweep
    return answered


# --- who may -----------------------------------------------------------------------------------------------
def _admin(request: HttpRequest) -> User:
    return administrator(request, _("Only administrators change bar sheets."))


def _sheet_or_404(request: HttpRequest, version: str) -> BarSheet:
    fund_side_only(request)
    found = BarSheet.objects.visible_to(request.user).select_related("proposed_by", "approved_by")
    return get_object_or_404(found, version=version)
