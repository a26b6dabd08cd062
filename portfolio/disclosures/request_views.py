"""What the fund asks for and a company cannot tell: its submitter says why."""

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
from portfolio.models import DataRequest
from portfolio.models.data_request import LONGEST_REASON
from portfolio.models.people import role_of


@login_required
@require_http_methods(["GET", "POST"])
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    """A reason of the list, and words where it does not say all."""
    found = get_object_or_404(DataRequest.objects.visible_to(request.user).select_related("company"), pk=pk)
    if role_of(request.user) or not found.is_declined_by(request.user):
        raise PermissionDenied(_("Only a submitter of the company declines a request."))
    refusal = ""
    if request.method == "POST":
        because, reason = request.POST.get("because", ""), request.POST.get("reason", "")
        try:
            found.decline(by=cast(User, request.user), because=because, reason=reason)
        except NotAllowed as refused:
            refusal = str(refused)
        else:
            messages.success(request, _("The fund is told that this is not available, and why."))
            return redirect("disclosures")
    context = {
        "found": found,
        "refusal": refusal,
        "choices": DataRequest.Because.choices,
        "because": request.POST.get("because", ""),
        "reason": request.POST.get("reason", ""),
        "longest": LONGEST_REASON,
    }
    return render(request, "portfolio/disclosures/decline.html", context, status=409 if refusal else 200)
