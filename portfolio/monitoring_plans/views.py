"""Monitoring plans: written by companies, approved by verifiers. The model decides who may; pages say why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Case, Count, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portfolio.activities.search import Hit, search
from portfolio.errors import NotAllowed, PortfolioError, StaleVersion
from portfolio.models import Company, Membership, MonitoringPlan, PlannedSource
from portfolio.models.people import Role, has_role, role_of
from portfolio.monitoring_plans.forms import PlanForm, SourceForm
from portfolio.monitoring_plans.from_ledger import last_ledger, suggested
from portfolio.monitoring_plans.words import InWords, differences, in_words

if TYPE_CHECKING:
    from django.contrib.auth.models import User

PAGE_ROWS = 50
CONFLICT = 409


@login_required
@require_GET
def monitoring_plans(request: HttpRequest) -> HttpResponse:
    """All that the person may see: what waits for a verifier first, of them the oldest; then the newest."""
    user, is_applicant = _user(request), not role_of(request.user)
    waits = Case(When(state=MonitoringPlan.State.SUBMITTED, then=Value(0)), default=Value(1))
    rows = MonitoringPlan.objects.visible_to(user).select_related("company", "submitted_by")
    rows = rows.annotate(waits=waits, planned=Count("sources")).order_by("waits", "submitted_at", "-pk")
    page = Paginator(rows, PAGE_ROWS).get_page(request.GET.get("page"))
    context = {"page": page, "starts": _can_be_started(user) if is_applicant else []}
    return render(request, "portfolio/monitoring_plans/monitoring_plans.html", context)


def _can_be_started(user: User) -> list[dict[str, Any]]:
    """The companies of a person without a version in the making, each with whether it changes one and from what."""
    busy = MonitoringPlan.objects.filter(state__in=MonitoringPlan.OPEN).values("company")
    companies = Company.objects.filter(memberships__user_id=user.pk).exclude(pk__in=busy).order_by("company_key")
    approved = set(MonitoringPlan.objects.filter(frozen_at__isnull=False).values_list("company_id", flat=True))
    return [{"company": one, "is_change": one.pk in approved, "ledger": last_ledger(one, user)} for one in companies]


@login_required
@require_POST
def new(request: HttpRequest, pk: int) -> HttpResponse:
    """Open the next version; `from=ledger` fills it with what the ledger of the year before tells."""
    company, user = get_object_or_404(Company.objects.visible_to(request.user), pk=pk), _user(request)
    if role_of(user):
        raise PermissionDenied(_("This page is for people of companies that apply; your account has a house role."))
    try:
        made = MonitoringPlan.start(company, by=user)
        if request.POST.get("from") == "ledger":
            _add_suggested(request, made)
    except PortfolioError as refusal:
        messages.error(request, str(refusal))
        return redirect("portfolio:monitoring_plans")
    return redirect(made)


def _add_suggested(request: HttpRequest, plan: MonitoringPlan) -> None:
    """Raises NotAllowed and StaleVersion."""
    user = _user(request)
    found = suggested(plan, user)
    if found is None or not found.rows:
        messages.info(request, _("The ledger tells nothing that is not in the plan."))
        return
    plan.revise(by=user, edition=plan.edition, sources=[*plan.rows(), *found.rows])
    words = ngettext(
        "%(n)d source is taken from the ledger of %(year)s. Look at it, then change what is measured otherwise.",
        "%(n)d sources are taken from the ledger of %(year)s. Look at each, then change what is measured otherwise.",
        len(found.rows),
    )
    messages.success(request, words % {"n": len(found.rows), "year": found.year})


@login_required
@require_http_methods(["GET", "POST"])
def monitoring_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """The editor where one may edit, else the plan as it stands."""
    found = _visible(request, pk)
    if request.method == "GET":
        return _page(request, found)
    if found.membership_of(request.user) is None:
        raise PermissionDenied(_("Only people of the company can change its plan."))
    if not found.can_be_edited_by(request.user):
        messages.error(request, _("This plan is no longer a draft: nothing was saved."))
        return redirect(found)
    action = request.POST.get("action")
    if action == "facts":
        form = PlanForm(request.POST, plan=found)
        return _save(request, found, {"form": form}, lambda: form.cleaned_data, form)
    if action == "row":
        stored = _row(found, request.POST.get("number", ""))
        row_form = SourceForm(request.POST, plan=found, source=stored)
        return _save(request, found, {"row_form": row_form}, lambda: _with_row(found, stored, row_form), row_form)
    return _act(request, found, action)


def _with_row(found: MonitoringPlan, stored: PlannedSource | None, form: SourceForm) -> dict[str, Any]:
    rows, written = found.rows(), form.read()
    if stored is None:
        return {"sources": [*rows, written]}
    return {"sources": [written if row.number == stored.number else row for row in rows]}


def _save(request: HttpRequest, found: MonitoringPlan, context: dict[str, Any], read: Any, form: Any) -> HttpResponse:
    """What was typed, on top of the edition that the person saw; refused, it stays in its form."""
    if not form.is_valid():
        return _page(request, found, **context)
    try:
        found.revise(by=_user(request), edition=_edition(request), **read())
    except StaleVersion as stale:
        form.add_error(None, f"{stale} {_('What you typed stands here; save it again to keep it.')}")
        return _page(request, _visible(request, found.pk), status=CONFLICT, **context)
    except NotAllowed as refusal:
        form.add_error(None, str(refusal))
        return _page(request, _visible(request, found.pk), **context)
    messages.success(request, _("Saved."))
    return redirect(found)


def _act(request: HttpRequest, found: MonitoringPlan, action: str | None) -> HttpResponse:
    """Buttons without anything typed."""
    try:
        if _edition(request) != found.edition:
            raise StaleVersion(found.CHANGED_SINCE)
        if action == "remove":
            kept = [row for row in found.rows() if str(row.number) != request.POST.get("number")]
            found.revise(by=_user(request), edition=found.edition, sources=kept)
            messages.success(request, _("The row is removed."))
        elif action == "ledger":
            _add_suggested(request, found)
        elif action == "withdraw":
            found.withdraw(by=_user(request))
            messages.success(request, _("The draft is withdrawn."))
            return redirect("portfolio:monitoring_plans")
    except PortfolioError as refusal:
        messages.error(request, str(refusal))
    return redirect(found)


@login_required
@require_POST
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand it to a verifier."""
    found = _visible(request, pk)
    if found.membership_of(request.user) is None:
        raise PermissionDenied(_("Only a submitter of the company can submit its plan."))
    try:
        found.submit(by=_user(request), answer=request.POST.get("answer", ""))
        messages.success(request, _("Submitted. A verifier approves the plan or returns it."))
    except PortfolioError as refusal:
        return _page(request, found, status=CONFLICT, refusal=str(refusal), answer=request.POST.get("answer", ""))
    return redirect(found)


@login_required
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve exactly what was seen, or return it with a reason."""
    if not role_of(request.user):
        raise Http404
    found = _visible(request, pk)
    if not has_role(request.user, Role.VERIFIER):
        raise PermissionDenied(str(MonitoringPlan.ONLY_VERIFIERS))
    digest, comment = request.POST.get("digest", ""), request.POST.get("comment", "").strip()
    try:
        if request.POST.get("action") == "approve":
            found.verify(by=_user(request), digest=digest, comment=comment)
            messages.success(request, _("The plan is approved and in force."))
        elif request.POST.get("action") == "return":
            found.return_for_correction(by=_user(request), reason=comment, digest=digest)
            messages.success(request, _("The plan went back to the company."))
        else:
            raise NotAllowed(_("Please choose: approve it, or return it with a reason."))
    except PortfolioError as refusal:
        return _page(request, _visible(request, pk), status=CONFLICT, refusal=str(refusal), comment=comment)
    return redirect("portfolio:monitoring_plans")


def _page(request: HttpRequest, found: MonitoringPlan, status: int = 200, **given: Any) -> HttpResponse:
    """One plan: its rows, what it changes, its history; with its forms where the reader may edit."""
    user = _user(request)
    may_edit, is_verifier = found.can_be_edited_by(user), has_role(user, Role.VERIFIER)
    steps = found.steps.select_related("by").order_by("-pk")
    context = {
        "plan": found,
        "rows": in_words(found),
        "differences": differences(found.supersedes, found) if found.supersedes else [],
        "steps": steps,
        "returned": found.last_return() if found.state == MonitoringPlan.State.RETURNED else None,
        "answered": steps.filter(verb="submitted").exclude(comment="").first(),
        "may_edit": may_edit,
        "can_submit": found.can_be_submitted_by(user),
        "lack": found.lack() if may_edit else "",
        "needs_answer": may_edit and found.needs_answer(),
        "can_withdraw": may_edit and found.state == MonitoringPlan.State.DRAFT and found.submitted_at is None,
        "can_change": _can_change(found, user),
        "is_verifier": is_verifier,
        "is_waiting": found.state == MonitoringPlan.State.SUBMITTED,
        "objection": found.objection_to(user) if is_verifier else "",
    }
    if is_verifier and context["is_waiting"] and (left_out := suggested(found, user)):
        context |= {"left_out": [InWords(row) for row in left_out.rows], "year_told": left_out.year}
    if may_edit:
        context |= _forms(request, found) | {"ledger": last_ledger(found.company, user)}
    return render(request, "portfolio/monitoring_plans/monitoring_plan.html", context | given, status=status)


def _forms(request: HttpRequest, found: MonitoringPlan) -> dict[str, Any]:
    """The forms as they stand before anybody types, and what was searched for among the kinds."""
    number, typed = request.GET.get("number", ""), request.GET.get("find", "")
    chosen = _row(found, number)
    if number and chosen is None:
        raise Http404
    return {
        "form": PlanForm(plan=found),
        "row_form": SourceForm(plan=found, source=chosen, kind=request.GET.get("kind", "")),
        "find": typed,
        "hits": [Hit(kind) for kind in search(typed)],
    }


def _can_change(found: MonitoringPlan, user: User) -> bool:
    """Whether the reader may open the next version: of the latest approved one, while none is in the making."""
    if found.frozen_at is None or not Membership.objects.filter(user_id=user.pk, company=found.company_id).exists():
        return False
    later = MonitoringPlan.objects.filter(company=found.company_id, version__gt=found.version)
    return not later.exclude(state=MonitoringPlan.State.WITHDRAWN).exists()


def _row(found: MonitoringPlan, number: str) -> PlannedSource | None:
    if not (number.isascii() and number.isdigit() and len(number) < 6):
        return None
    return next((row for row in found.rows() if row.number == int(number)), None)


def _edition(request: HttpRequest) -> int:
    """What the page was made of; 0, which no edition is, for anything else."""
    typed = request.POST.get("edition", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def _visible(request: HttpRequest, pk: int) -> MonitoringPlan:
    rows = MonitoringPlan.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("company", "supersedes", "submitted_by"), pk=pk)


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)
