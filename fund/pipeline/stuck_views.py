"""The page of what has not moved. Each person sees there what they see elsewhere."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from fund.pipeline.stuck import MOST, Standstill
from portfolio.models.signed import STUCK_AFTER
from scoring.access import signed_in


@login_required
@require_GET
def stuck(request: HttpRequest) -> HttpResponse:
    context = {"found": Standstill(signed_in(request)), "days": STUCK_AFTER.days, "most": MOST}
    return render(request, "fund/pipeline/stuck.html", context)
