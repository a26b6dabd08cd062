"""The tracks of a company: what the classifier suggests and why, and the decision of a person."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from portfolio.models import Company, TechnologyFamily, Track, TrackDecision
from portfolio.models.check import LONGEST_REASON
from portfolio.models.people import FUND_SIDE, Role, SomeUser, has_role
from scoring.tracks import suggestion as tracks


@login_required
@require_GET
def company_tracks(request: HttpRequest, pk: int) -> HttpResponse:
    company = _company(request, pk)
    reading = tracks.read(company)
    context = {
        "company": company,
        "reading": reading,
        "opinions": reading.opinions(),
        "decisions": company.track_decisions.select_related("by"),
        "may_decide": may_decide(request.user),
    }
    return render(request, "scoring/tracks/tracks.html", context)


@login_required
@require_POST
def decide_track(request: HttpRequest, pk: int, track: str) -> HttpResponse:
    """Confirm or reject one track, with a reason."""
    company = _company(request, pk)
    if not may_decide(request.user):
        raise PermissionDenied(_("Only fund managers and administrators decide about tracks."))
    if track not in Track.values:
        raise Http404
    assert isinstance(request.user, User)  # noqa: S101
    outcome, reason = request.POST.get("outcome", ""), request.POST.get("reason", "").strip()
    if outcome not in (TrackDecision.Outcome.CONFIRMED, TrackDecision.Outcome.REJECTED):
        messages.error(request, _("Please choose: confirm it, or reject it."))
    elif not reason:
        messages.error(request, _("Please give a reason: it is kept with the decision."))
    elif len(reason) > LONGEST_REASON:
        messages.error(request, _("At most %(most)s characters, please.") % {"most": LONGEST_REASON})
    else:
        _decide(request, company, track, outcome, reason, by=request.user)
    return redirect("scoring:tracks", company.pk)


def _decide(request: HttpRequest, company: Company, track: str, outcome: str, reason: str, *, by: User) -> None:
    suggestion = tracks.read(company).record(track)
    is_confirmation = outcome == TrackDecision.Outcome.CONFIRMED
    code = request.POST.get("family", "")
    family = TechnologyFamily.objects.filter(code=code, track=track).first()
    if is_confirmation and code and family is None:
        messages.error(request, _("This family is of another track."))
        return
    with transaction.atomic():
        row = tracks.to_decide(company, track, reason)
        if is_confirmation and family is not None:  # in one step; the catalogue code has its page
            row.classify(
                by=by,
                family=family,
                solutions=row.solutions,
                edition=row.catalogue_edition,
                code=row.catalogue_code,
                valid_until=row.catalogue_valid_until,
                reason=reason,
            )
        decide = row.confirm if is_confirmation else row.reject
        done = decide(by=by, reason=reason, suggestion=suggestion)
    words = _("%(track)s is confirmed.") if is_confirmation else _("%(track)s is rejected.")
    if done:
        messages.success(request, words % {"track": Track(track).label})
    else:
        messages.info(request, _("Somebody has confirmed this track already."))


def may_decide(user: SomeUser) -> bool:
    return has_role(user, Role.FUND_MANAGER, Role.ADMIN)


def _company(request: HttpRequest, pk: int) -> Company:
    if not has_role(request.user, *FUND_SIDE):
        raise Http404
    return get_object_or_404(Company.objects.visible_to(request.user), pk=pk)
