"""The page of joins: read by the fund's side, decided by fund managers and administrators, one or many at once."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from portfolio.joins.report import JoinPage, rows_of
from portfolio.joins.twice import perhaps_twice
from portfolio.lists import without_blanks
from portfolio.models import Join, JoinDecision
from portfolio.models.join import DECIDERS, LONGEST_NOTE
from portfolio.models.people import FUND_SIDE, has_role

MOST = 500  # at once: what a person can still read before they sign


@login_required
@require_GET
def joins(request: HttpRequest) -> HttpResponse:
    _fund_side_only(request)
    if address := without_blanks(request):
        return redirect(address)
    context = {"list": JoinPage(request), "twice": perhaps_twice(), "may_decide": has_role(request.user, *DECIDERS)}
    return render(request, "portfolio/joins/joins.html", context)


@login_required
@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """First shows what was ticked, by count and name; with `sure` it confirms or rejects it."""
    _fund_side_only(request)
    if not has_role(request.user, *DECIDERS):
        raise PermissionDenied(_("Only fund managers and administrators confirm joins."))
    outcome, note = request.POST.get("outcome", ""), request.POST.get("note", "").strip()
    chosen = _chosen(request, outcome)
    if wrong := _what_is_wrong(outcome, chosen):
        messages.error(request, wrong)
        return redirect(_back(request))
    if "sure" not in request.POST or (wrong := _what_is_wrong_with(note, outcome)):
        context = {
            "rows": rows_of(chosen),
            "outcome": outcome,
            "note": note,
            "wrong": wrong,
            "most": LONGEST_NOTE,
            "back": _back(request),
            "query": request.GET.urlencode(),
        }
        return render(request, "portfolio/joins/decide.html", context, status=422 if wrong else 200)
    _decide(request, chosen, outcome, note)
    return redirect(_back(request))


def _chosen(request: HttpRequest, outcome: str) -> list[Join]:
    """What was ticked, or with `all` everything that matches; not what has this outcome already."""
    if "all" in request.POST:
        found = JoinPage(request).rows_found
    else:
        ticked = [pk for value in request.POST.getlist("join") if (pk := value.partition(":")[0]).isdecimal()]
        found = Join.objects.visible_to(request.user).filter(pk__in=ticked[: MOST + 1]).select_related("company")
        found = found.order_by("company__company_key", "source", "figures")
    return list(found.exclude(state=outcome)[: MOST + 1])


def _what_is_wrong(outcome: str, chosen: list[Join]) -> str:
    if outcome not in JoinDecision.Outcome.values:
        return _("Please choose: confirm them, or say that they are of another entity.")
    if not chosen:
        return _("Nothing was ticked that would change. Please tick joins first.")
    if len(chosen) > MOST:
        return _("At most %(most)s at once, please: narrow the list first.") % {"most": MOST}
    return ""


def _what_is_wrong_with(note: str, outcome: str) -> str:
    if outcome == JoinDecision.Outcome.REJECTED and not note:
        return _("A rejection needs a reason.")
    if len(note) > LONGEST_NOTE:
        return _("At most %(most)s characters, please.") % {"most": LONGEST_NOTE}
    return ""


def _decide(request: HttpRequest, chosen: list[Join], outcome: str, note: str) -> None:
    """What changed since the person saw it is left alone, and said."""
    assert isinstance(request.user, User)  # noqa: S101
    seen = set(request.POST.getlist("join"))
    done = 0
    with transaction.atomic():
        for join in chosen:
            decide = join.confirm if outcome == JoinDecision.Outcome.CONFIRMED else join.reject
            done += f"{join.pk}:{join.mark}" in seen and decide(by=request.user, note=note)
    if outcome == JoinDecision.Outcome.CONFIRMED:
        words = ngettext("%(n)d join is confirmed.", "%(n)d joins are confirmed.", done)
    else:
        words = ngettext("The figures of %(n)d join are set aside.", "The figures of %(n)d joins are set aside.", done)
    if done:
        messages.success(request, words % {"n": done})
    if left := len(chosen) - done:
        words = ngettext(
            "%(n)d join has changed since you saw it and was left alone.",
            "%(n)d joins have changed since you saw them and were left alone.",
            left,
        )
        messages.warning(request, words % {"n": left})


def _back(request: HttpRequest) -> str:
    query = request.GET.urlencode()
    return reverse("portfolio:joins") + (f"?{query}" if query else "")


def _fund_side_only(request: HttpRequest) -> None:
    if not has_role(request.user, *FUND_SIDE):
        raise Http404
