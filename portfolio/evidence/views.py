"""One piece of evidence: what it is and what cites it; and the file itself, whose every reading is logged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portfolio.activities.kinds import kind_name
from portfolio.local_factors.words import InWords
from portfolio.models import Activity, Evidence, GateWord, LocalFactor
from portfolio.models.people import role_of
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
    lines = Activity.objects.visible_to(request.user).filter(evidence=found)
    factors = LocalFactor.objects.visible_to(request.user).filter(evidence=found)
    gates = GateWord.objects.visible_to(request.user).filter(document=found)
    is_of_house = bool(role_of(request.user))
    context = {
        "evidence": found,
        "objection": objection,
        "citations": [
            *map(_of_line, lines.select_related("disclosure").order_by("disclosure", "number")),
            *map(_of_factor, factors),
            *(_of_gate(word, is_of_house=is_of_house) for word in gates.order_by("-pk")),
        ],
    }
    return render(request, "portfolio/evidence/evidence.html", context)


@dataclass(frozen=True)
class Citation:
    """What cites the file, in the reader's words."""

    href: str
    title: str
    where: str


def _of_line(line: Activity) -> Citation:
    where = _("line %(number)s") % {"number": line.number}
    title = f"{kind_name(line.kind)} · {line.disclosure.year} v{line.disclosure.version}"
    return Citation(line.disclosure.get_absolute_url(), title, " · ".join(filter(None, (where, line.evidence_place))))


def _of_factor(factor: LocalFactor) -> Citation:
    words = InWords(factor)
    title = f"{words.kind} · {words.place} · {factor.data_year}"
    return Citation(factor.get_absolute_url(), title, f"{_('local factor')} · {words.gas}")


def _of_gate(word: GateWord, *, is_of_house: bool) -> Citation:
    page = "portfolio:gates" if is_of_house else "portfolio:statements"
    href = reverse(page, args=[word.company_id]) + f"#{word.question}"
    return Citation(href, word.get_question_display(), word.get_answer_display())


def _file(request: HttpRequest, found: Evidence) -> HttpResponse:
    content = found.open(by=cast("User", request.user))
    answer = HttpResponse(content, content_type=EvidenceKind(found.kind).content_type_of(content))
    answer["Content-Disposition"] = content_disposition_header(True, found.name)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    answer._csp_update = {"sandbox": []}  # type: ignore[attr-defined]  # were it opened in place, nothing in it may run
    return answer
