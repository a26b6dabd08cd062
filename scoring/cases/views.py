"""The desk of verification: the queue, a case point by point, and who has it. The models decide what people may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portfolio.disclosures.report import reading
from portfolio.errors import NotAllowed, PortfolioError
from portfolio.evidence.preview import preview_of
from portfolio.models import (
    Case,
    ConflictOfInterest,
    Disclosure,
    Evidence,
    Finding,
    LocalFactor,
    Look,
    MonitoringPlan,
    Role,
)
from portfolio.models.case.case import declare_conflict
from portfolio.models.case.conflict import LONGEST_REASON
from portfolio.models.desk import points
from portfolio.models.people import VERIFICATION_SIDE, has_role, role_of
from portfolio.verification.forms import FindingForm
from portfolio.verification.report import choices_of
from scoring.cases.queue import Queue
from scoring.cases.report import CaseReport

if TYPE_CHECKING:
    from django.contrib.auth.models import User

CONFLICT = 409
LAST_PAGE = 9999  # of a file
FORMS = (*Finding.OF_VERIFIERS, Look.Verdict.SAMPLED_OUT)  # that the page can open below a point


class Closed(PermissionDenied):
    """To this person, by their own word."""


# --- the queue ------------------------------------------------------------------------------------------
@login_required
@require_GET
def cases(request: HttpRequest) -> HttpResponse:
    """V1: what waits, by who has it; the riskiest first, with the reasons."""
    user = _verification_side(request)
    queue = Queue(user, request.GET.get("tab", ""), Disclosure.ties_of(user), request.GET.get("page"))
    submitted = Disclosure.State.SUBMITTED
    context = {
        "queue": queue,
        "page": queue.page(),
        "may_verify": has_role(user, Role.VERIFIER),
        "waiting_factors": LocalFactor.objects.visible_to(user).filter(state=submitted).count(),
        "waiting_plans": MonitoringPlan.objects.visible_to(user).filter(state=submitted).count(),
    }
    return render(request, "scoring/cases/cases.html", context)


# --- a case ---------------------------------------------------------------------------------------------
@login_required
@require_http_methods(["GET", "POST"])
def case(request: HttpRequest, pk: int) -> HttpResponse:
    """V2: GET reads it, a point at a time; POST raises a finding at a point."""
    try:
        user, found = _case(request, pk)
    except Closed as closed:
        return render(request, "scoring/cases/closed.html", {"words": str(closed)}, status=403)
    if request.method == "GET":
        return _page(request, found, user, point=request.GET.get("point", ""), opens=request.GET.get("raise", ""))
    _verifiers_only(user)
    form = FindingForm(request.POST, disclosure=found)
    refusal, point = "", request.POST.get("point", "")
    if form.is_valid():
        try:
            _require_free(found, user)
            form.save(by=user)
        except PortfolioError as refused:
            refusal = str(refused)
        else:
            messages.success(request, _("Written down."))
            return _to_next(found, user, point)
    opens = request.POST.get("kind", "")
    return _page(request, found, user, point=point, opens=opens, form=form, refusal=refusal)


def _page(
    request: HttpRequest,
    found: Disclosure,
    user: User,
    *,
    point: str = "",
    opens: str = "",
    form: FindingForm | None = None,
    refusal: str = "",
    typed: dict[str, Any] | None = None,
) -> HttpResponse:
    report = CaseReport(found, user, point)
    is_waiting = found.state == Disclosure.State.SUBMITTED
    opens = opens if opens in FORMS and report.may_work else ""
    if opens and opens != Look.Verdict.SAMPLED_OUT and form is None:
        form = _prefilled(request, report, point, opens)
    context = reading(found, user) | {
        "report": report,
        "accounted": report.accounted,
        "opens": opens,
        "elsewhere": report.about_else if form else "",
        "form": form,
        "refusal": refusal,
        "comment": "",
        "also": [],
        "objection": report.objection or report.held,
        "points": choices_of(found),
        "why_not_waiting": "" if is_waiting else found.why_not_waiting(),
        "longest_reason": LONGEST_REASON,
        "is_reviewer": has_role(user, Role.INDEPENDENT_REVIEWER),
        **(typed or {}),
    }
    status = CONFLICT if refusal else 200
    return render(request, "scoring/cases/case.html", context, status=status)


def _prefilled(request: HttpRequest, report: CaseReport, point: str, kind: str) -> FindingForm:
    """With what the automatic list says of the point, where the address names an item of it."""
    about = point if points.is_point(point) else points.WHOLE
    form = FindingForm(disclosure=report.disclosure, point=about, kind=kind)
    asked = request.GET.get("item", "")
    item = next((one for one in report.items if one.code == asked and one.point == about), None)
    if item is not None:
        form.initial["words"] = item.words
        if item.effect_t is not None:
            form.initial["effect_t"] = f"{item.effect_t:.1f}"
    return form


# --- what was looked at -----------------------------------------------------------------------------------
@login_required
@require_POST
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree to a point, leave it out of the sample, take that back, or agree again to all that is unchanged."""
    user, found = _case(request, pk)
    _verifiers_only(user)
    point, verdict, digest = (request.POST.get(name, "") for name in ("point", "verdict", "digest"))
    words = request.POST.get("words", "")
    try:
        if verdict == "again":
            made = Look.agree_again(found, by=user, digest=digest)
            messages.success(request, _("Agreed again: %(n)s points, unchanged.") % {"n": len(made)})
            return redirect("scoring:case", pk)
        Look.note(found, point, verdict, by=user, digest=digest, words=words)
    except PortfolioError as refused:
        typed = {"words": words}
        found.refresh_from_db()
        return _page(request, found, user, point=point, opens=verdict, refusal=str(refused), typed=typed)
    if verdict == Look.Verdict.TAKEN_BACK:
        return redirect(CaseReport(found, user).href_of(point))
    return _to_next(found, user, point)


@login_required
@require_POST
def sample(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down how the case is sampled."""
    user, found = _case(request, pk)
    _verifiers_only(user)
    words = request.POST.get("sampling", "")
    try:
        Case.plan(found, words, by=user)
    except PortfolioError as refused:
        return _page(request, found, user, refusal=str(refused), typed={"sampling": words})
    messages.success(request, _("Saved."))
    return redirect("scoring:case", pk)


@login_required
@require_POST
def preview(request: HttpRequest, pk: int, evidence: int) -> HttpResponse:
    """A cited file beside the number, for htmx. A reading is written down, so it is a POST."""
    user, found = _case(request, pk)
    kept = get_object_or_404(Evidence.objects.filter(citations__disclosure=found).distinct(), pk=evidence)
    if objection := kept.objection_to(user):
        raise PermissionDenied(objection)
    asked = request.POST.get("page", "")
    page = int(asked) if asked.isascii() and asked.isdigit() and 0 < int(asked[:6]) <= LAST_PAGE else 1
    shown = preview_of(kept, kept.open(by=user), page)
    context = {"evidence": kept, "preview": shown, "disclosure": found, "before": page - 1, "after": page + 1}
    answer = render(request, "scoring/cases/_preview.html", context)
    answer["Cache-Control"] = "private, no-store"
    return answer


# --- who has it ---------------------------------------------------------------------------------------------
@login_required
@require_POST
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    """Claim it, give it back, or take it over from somebody."""
    user, found = _case(request, pk)
    action = request.POST.get("action", "")
    try:
        if action == "claim":
            Case.claim(found, by=user)
            messages.success(request, _("You have this case now."))
        elif action == "release":
            Case.of(found).release(by=user)
            messages.success(request, _("Given back: another verifier can claim it."))
            return redirect("scoring:cases")
        elif action == "take_over":
            Case.of(found).take_over(by=user)
            messages.success(request, _("Taken over."))
        else:
            raise NotAllowed(_("Please choose: claim it, give it back or take it over."))
    except PortfolioError as refused:
        messages.error(request, str(refused))
    return redirect("scoring:case", pk)


@login_required
@require_POST
def conflict(request: HttpRequest, pk: int) -> HttpResponse:
    """Declare a conflict of interest with the company: its cases are closed to oneself from then on."""
    user, found = _case(request, pk)
    reason = request.POST.get("conflict", "")
    try:
        declare_conflict(found.company, reason, by=user)
    except PortfolioError as refused:
        return _page(request, found, user, refusal=str(refused), typed={"conflict_reason": reason})
    words = _("Written down. The cases of %(company)s are closed to you from now on.")
    messages.success(request, words % {"company": found.company.name})
    return redirect("scoring:cases")


# --- the decision -------------------------------------------------------------------------------------------
@login_required
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Return it with a reason; the other way is an opinion (portfolio/verification/opinion_views.py)."""
    user, found = _case(request, pk)
    _verifiers_only(user)
    comment, digest = request.POST.get("comment", "").strip(), request.POST.get("digest", "")
    also, everything = request.POST.getlist("also"), "everything" in request.POST
    try:
        _require_free(found, user)
        if request.POST.get("action") != "return":
            raise NotAllowed(_("Please choose what is to be done."))
        found.return_for_correction(by=user, reason=comment, digest=digest, also=also, everything=everything)
    except PortfolioError as refused:
        found = get_object_or_404(Disclosure.objects.select_related("company"), pk=pk)
        return _page(request, found, user, refusal=str(refused), typed={"comment": comment, "also": also})
    words = _("%(company)s %(year)s v%(version)s went back to the company.")
    messages.success(request, words % {"company": found.company.name, "year": found.year, "version": found.version})
    return redirect("scoring:cases")


# --- what the pages share -------------------------------------------------------------------------------------
def _to_next(found: Disclosure, user: User, point: str) -> HttpResponse:
    """The next point that is not checked; at the end the case itself."""
    report = CaseReport(found, user, point)
    following = report.next_unchecked if point in report.codes else report.current
    return redirect(following.href if following else report.href_of(point))


def _require_free(found: Disclosure, user: User) -> None:
    """Raises NotAllowed while somebody else has the case."""
    if held := Case.of(found).held_by_another(user):
        raise NotAllowed(held)


def _verifiers_only(user: User) -> None:
    if not has_role(user, Role.VERIFIER):
        raise PermissionDenied(_("Only a verifier can verify or return a disclosure."))


def _case(request: HttpRequest, pk: int) -> tuple[User, Disclosure]:
    """Closed to whoever declared a conflict of interest."""
    found = get_object_or_404(Disclosure.objects.known_to(request.user).select_related("company"), pk=pk)
    user = _verification_side(request)
    declared = ConflictOfInterest.objects.filter(company=found.company_id, by=user).first()
    if declared is not None:
        words = _("You declared a conflict of interest with this company (%(reason)s): its cases are closed to you.")
        raise Closed(words % {"reason": declared.reason})
    return user, found


def _verification_side(request: HttpRequest) -> User:
    """Within the house the page says who may; for applicants there is no such page."""
    if not role_of(request.user):
        raise Http404
    if not has_role(request.user, *VERIFICATION_SIDE):
        raise PermissionDenied(_("This page is for verifiers and independent reviewers."))
    return cast("User", request.user)
