"""The receipt of a submission: its page, its PDF, and what was signed as files whose SHA-256 it names."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from portfolio.disclosures.receipts import Receipt, how_to_check, visible_to, what_it_is
from portfolio.documents.pdf import file_of
from portfolio.models.signed import text_of


@login_required
@require_GET
def receipt(request: HttpRequest, pk: int) -> HttpResponse:
    context = {"receipt": _receipt(request, pk), "how_to_check": how_to_check(), "what_it_is": what_it_is()}
    return render(request, "portfolio/disclosures/receipt.html", context)


@login_required
@require_GET
def receipt_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    found = _receipt(request, pk)
    return file_of(found.document(), f"receipt_{found.number}")


@login_required
@require_GET
def signed(request: HttpRequest, pk: int, part: str) -> HttpResponse:
    """Exactly the bytes that a digest of the receipt is of: `all`, the `figures` or the `ledger`."""
    found = _receipt(request, pk)
    if found.parts is None or (part == "ledger" and not found.parts.ledger):
        raise Http404(_("It was not kept."))
    text = {"all": found.text, "figures": text_of(found.parts.figures), "ledger": text_of(found.parts.ledger)}[part]
    name = f"greenlight_signed_{found.number}_{part}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text.encode(), content_type="application/json; charset=utf-8", headers=headers)


def _receipt(request: HttpRequest, pk: int) -> Receipt:
    return Receipt(get_object_or_404(visible_to(request.user), pk=pk))
