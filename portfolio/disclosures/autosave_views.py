"""What the editor's script asks: to save the fields that were just typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portfolio.disclosures.autosave import save_fields, typed_in
from portfolio.disclosures.present import others_at
from portfolio.errors import PortfolioError
from portfolio.models import Disclosure

if TYPE_CHECKING:
    from django.contrib.auth.models import User

CONFLICT = 409


@login_required
@require_POST
def save(request: HttpRequest, pk: int) -> HttpResponse:
    """NAME and was-NAME of each field that was changed; the answer says of each what became of it."""
    found = get_object_or_404(Disclosure.objects.visible_to(request.user).select_related("company"), pk=pk)
    user = cast("User", request.user)
    if found.membership_of(user) is None:
        raise PermissionDenied(_("Only people of the company can change its disclosure."))
    try:
        answer = save_fields(found, typed_in(request.POST), by=user)
    except PortfolioError as refusal:
        return JsonResponse({"refusal": str(refusal)}, status=CONFLICT)
    return JsonResponse({**answer, "others": others_at(found, user)})
