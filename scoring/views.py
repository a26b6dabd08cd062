"""Placeholder replaced in this same change."""

from django.http import HttpRequest, HttpResponse


def _todo(request: HttpRequest, pk: int = 0, run: int = 0) -> HttpResponse:
    return HttpResponse("")


companies = dossier = score_company = runs_list = run = run_progress = run_cancel = run_retry = _todo
