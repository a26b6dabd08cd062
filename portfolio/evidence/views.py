"""One piece of evidence: what it is and what cites it; and the file itself, whose every reading is logged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portfolio.activities.kinds import kind_name
from portfolio.citations.forms import Citing
from portfolio.errors import PortfolioError, StaleVersion
from portfolio.local_factors.words import InWords
from portfolio.models import Citation, Disclosure, Evidence, GateWord, LocalFactor, Quantity
from portfolio.models.desk.points import opening_of
from portfolio.models.people import role_of
from portfolio.models.signed import digest_of
from portfolio.typed.files import EvidenceKind

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@login_required
@require_http_methods(["GET", "POST"])
def evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """GET tells about it; POST hands the file out, since a reading is written down and a GET writes nothing."""
    found = get_object_or_404(Evidence.objects.visible_to(request.user).select_related("company", "uploaded_by"), pk=pk)
    objection = found.objection_to(request.user)
    if request.method == "POST":
        if objection:
            raise PermissionDenied(objection)
        return _file(request, found)
    cited = Citation.objects.visible_to(request.user).filter(evidence=found)
    cited = cited.select_related("disclosure", "activity").order_by("disclosure", "activity__number", "quantity", "pk")
    factors = LocalFactor.objects.visible_to(request.user).filter(evidence=found)
    gates = GateWord.objects.visible_to(request.user).filter(document=found)
    is_of_house = bool(role_of(request.user))
    context = {
        "evidence": found,
        "objection": objection,
        "citations": [
            *map(_of_disclosure, cited),
            *map(_of_factor, factors),
            *(_of_gate(word, is_of_house=is_of_house) for word in gates.order_by("-pk")),
        ],
    }
    return render(request, "portfolio/evidence/evidence.html", context)


@dataclass(frozen=True)
class CitedBy:
    """What cites the file, in the reader's words."""

    href: str
    title: str
    where: str


def _of_disclosure(cited: Citation) -> CitedBy:
    line, told = cited.activity, cited.disclosure
    name = kind_name(line.kind) if line else Quantity(cited.quantity).label
    where = _("line %(number)s") % {"number": line.number} if line else ""
    title = f"{name} · {told.year} v{told.version}"
    return CitedBy(told.get_absolute_url(), title, " · ".join(filter(None, (where, cited.place))))


def _of_factor(factor: LocalFactor) -> CitedBy:
    words = InWords(factor)
    title = f"{words.kind} · {words.place} · {factor.data_year}"
    return CitedBy(factor.get_absolute_url(), title, f"{_('local factor')} · {words.gas}")


def _of_gate(word: GateWord, *, is_of_house: bool) -> CitedBy:
    page = "portfolio:gates" if is_of_house else "portfolio:statements"
    href = reverse(page, args=[word.company_id]) + f"#{word.question}"
    return CitedBy(href, word.get_question_display(), word.get_answer_display())


# --- of a figure -------------------------------------------------------------------------------------------
@login_required
@require_http_methods(["GET", "POST"])
def of_figure(request: HttpRequest, pk: int, quantity: str) -> HttpResponse:
    """What shows one figure of a disclosure; its people attach and take out here while it is a draft."""
    found = get_object_or_404(Disclosure.objects.visible_to(request.user).select_related("company"), pk=pk)
    if quantity not in Quantity.values:
        raise Http404
    if request.method == "POST" and found.membership_of(request.user) is None:
        raise PermissionDenied(_("Only people of the company can change its disclosure."))
    stored = found.cited().get(quantity, [])
    is_open = found.can_be_edited_by(request.user) and opening_of(found).has(quantity)
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    citing = Citing(data, files, company=found.company, stored=stored)
    refusal = ""
    if data is not None and citing.is_valid():
        try:
            if data.get("seen") != _mark(stored):
                raise StaleVersion(_("Somebody changed the evidence of this figure meanwhile. Look again, please."))
            with transaction.atomic():
                cited = citing.keep(by=cast("User", request.user))
                found.cite(Quantity(quantity), cited, by=cast("User", request.user), edition=found.edition)
        except PortfolioError as refused:
            refusal = str(refused)
        else:
            messages.success(request, _("Saved."))
            return redirect(f"{found.get_absolute_url()}#id_{quantity}")
    context = {
        "disclosure": found,
        "quantity": Quantity(quantity),
        "figure": found.figures.filter(quantity=quantity).first(),
        "cited": stored,
        "citing": citing,
        "seen": _mark(stored),
        "is_open": is_open,
        "refusal": refusal,
    }
    return render(request, "portfolio/evidence/of_figure.html", context, status=409 if refusal else 200)


def _mark(cited: list[Citation]) -> str:
    """Which citations somebody has in front of them."""
    return digest_of([citation.said_as() for citation in cited])[:16]


def _file(request: HttpRequest, found: Evidence) -> HttpResponse:
    content = found.open(by=cast("User", request.user))
    answer = HttpResponse(content, content_type=EvidenceKind(found.kind).content_type_of(content))
    answer["Content-Disposition"] = content_disposition_header(True, found.name)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    answer._csp_update = {"sandbox": []}  # type: ignore[attr-defined]  # were it opened in place, nothing in it may run
    return answer
