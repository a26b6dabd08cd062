"""Findings: lists, threads, and asking for another point to be opened. The model decides what people may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from portfolio.errors import PortfolioError
from portfolio.models import Disclosure, Finding
from portfolio.models.case.conflict import closed_to
from portfolio.models.desk import points
from portfolio.models.desk.finding import called
from portfolio.models.people import VERIFICATION_SIDE, has_role, role_of
from portfolio.verification.forms import AskForm, ClosingForm, CommentForm, ExtendingForm, FindingForm, MessageForm
from portfolio.verification.report import Desk
from portfolio.verification.words import substitution

if TYPE_CHECKING:
    from django.contrib.auth.models import User

CONFLICT = 409
ROWS = 50


@login_required
@require_GET
def findings(request: HttpRequest) -> HttpResponse:
    """A5: what verifiers ask, by state; for verifiers the same of all companies."""
    user = _reader(request)
    rows = Finding.objects.visible_to(user).exclude(kind=Finding.Kind.COMMENT)
    states = [(state.value, state.label, rows.filter(state=state).count()) for state in Finding.State]
    chosen = request.GET.get("state", "")
    chosen = chosen if chosen in Finding.State.values else Finding.State.OPEN.value
    of_state = rows.filter(state=chosen).select_related("disclosure__company", "raised_by")
    order = "-closed_at" if chosen == Finding.State.CLOSED else "due"
    page = Paginator(of_state.order_by(order, "pk"), ROWS).get_page(request.GET.get("page"))
    context = {"page": page, "states": states, "chosen": chosen, "overdue": rows.overdue().count()}
    return render(request, "portfolio/verification/findings.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def findings_of(request: HttpRequest, pk: int) -> HttpResponse:
    """Of one disclosure, or with ?point= of one point of it; and the form of a new one, or of a comment."""
    found = get_object_or_404(Disclosure.objects.known_to(request.user).select_related("company"), pk=pk)
    user, desk = _reader(request), _desk(found, request)
    if words := closed_to(user, found.company_id):
        raise PermissionDenied(words)
    asked = request.GET.get("point", request.POST.get("point"))
    point = asked if asked is None or points.is_point(asked) else None
    maker, data = (CommentForm if desk.is_member else FindingForm), request.POST or None
    more = {} if desk.is_member else {"kind": request.GET.get("kind", "")}
    form: Any = maker(data, disclosure=found, point=point or points.WHOLE, **more)
    refusal = ""
    if request.method == "POST":
        if not desk.is_member and (objection := found.objection_to(user)):
            raise PermissionDenied(objection)
        if form.is_valid():
            try:
                made = form.save(by=user)
            except PortfolioError as refused:
                refusal = str(refused)
            else:
                messages.success(request, _("Written down."))
                return redirect(made)
    shown = [one for one in desk.findings if point is None or one.point == point]
    context = {
        "desk": desk,
        "disclosure": found,
        "point": point,
        "label": None if point is None else points.label(point),
        "threads": [_thread(one, user) for one in shown],
        "form": form if desk.is_member or desk.may_raise else None,
        "why_not": "" if desk.is_member or desk.may_raise else found.objection_to(user) or found.why_not_waiting(),
        "refusal": refusal,
        "names": _names(Finding(disclosure=found, kind=_kind_of(desk), raised_by=user), user),
    }
    is_sheet = "HX-Request" in request.headers
    template = "portfolio/verification/_at_point.html" if is_sheet else "portfolio/verification/findings_of.html"
    return render(request, template, context, status=CONFLICT if refusal else 200)


@login_required
@require_http_methods(["GET", "POST"])
def finding(request: HttpRequest, pk: int) -> HttpResponse:
    """A thread: read it, answer, close it, or open what the company asks to be opened."""
    user = _reader(request)
    rows = Finding.objects.visible_to(user).select_related("disclosure__company", "raised_by", "closed_by")
    found = get_object_or_404(rows, pk=pk)
    action = request.POST.get("action", "")
    sent = request.POST if request.method == "POST" else None
    form = MessageForm(sent if action == "say" else None, request.FILES or None, finding=found, user=user)
    closing = ClosingForm(sent if action == "close" else None, finding=found)
    extending = ExtendingForm(sent if action == "extend" else None, finding=found)
    refusal = ""
    if request.method == "POST":
        objections = {"say": found.objection_to, "extend": found.extending_objection_to}
        if objection := objections.get(action, found.closing_objection_to)(user):
            raise PermissionDenied(objection)
        try:
            if said := _act(found, action, (form, closing, extending), request, user):
                messages.success(request, said)
                return redirect(found)
        except PortfolioError as refused:
            refusal = str(refused)
            found = get_object_or_404(rows, pk=pk)
    desk = Desk(found.disclosure, user)
    context = {
        "finding": found,
        "thread": _thread(found, user),
        "disclosure": found.disclosure,
        "desk": desk,
        "place": desk.place_of(found.point),
        "form": form,
        "closing": closing,
        "extending": extending,
        "refusal": refusal,
        "names": _names(found, user),
    }
    if "HX-Request" in request.headers:
        return render(request, "portfolio/verification/_at_point.html", context | {"threads": [context["thread"]]})
    return render(request, "portfolio/verification/finding.html", context, status=CONFLICT if refusal else 200)


def _act(
    found: Finding,
    action: str,
    forms: tuple[MessageForm, ClosingForm, ExtendingForm],
    request: HttpRequest,
    user: User,
) -> str:
    """What was done, in words; empty where the form says what is wrong."""
    form, closing, extending = forms
    if action == "say" and form.is_valid():
        form.save(by=user)
        return _("Written down.")
    if action == "close" and closing.is_valid():
        found.close(closing.cleaned_data["words"], by=user, outcome=closing.cleaned_data.get("outcome", ""))
        return _("Resolved.") if found.is_comment else _("The finding is closed.")
    if action == "extend" and extending.is_valid():
        found.extend(extending.cleaned_data["due"], extending.cleaned_data["words"], by=user)
        return _("The company has more time, and is told so by mail.")
    if action == "open":
        found.open_too(request.POST.get("point", ""), by=user)
        return _("The company can change it now.")
    return ""


@login_required
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """The company asks the verifier to open one more point of what was returned."""
    found = get_object_or_404(Disclosure.objects.visible_to(request.user).select_related("company"), pk=pk)
    user, desk = cast("User", request.user), Desk(found, request.user)
    if not desk.is_member:
        raise PermissionDenied(_("Only people of the company ask for this, of what was returned to them."))
    point = request.GET.get("point", "")
    if not points.is_point(point) or not desk.at(point).is_locked:
        messages.info(request, _("This is open already."))
        return redirect(found)
    form = AskForm(request.POST or None, label_suffix="")
    refusal = ""
    if request.method == "POST" and form.is_valid():
        try:
            made = Finding.ask_to_open(found, point, form.cleaned_data["words"], by=user)
        except PortfolioError as refused:
            refusal = str(refused)
        else:
            messages.success(request, _("Asked. You are told by mail once the verifier has opened it."))
            return redirect(made.finding)
    context = {"disclosure": found, "desk": desk, "at": desk.at(point), "form": form, "refusal": refusal}
    return render(request, "portfolio/verification/ask.html", context, status=CONFLICT if refusal else 200)


# --- what the pages share --------------------------------------------------------------------------------
def _thread(found: Finding, user: User) -> dict[str, Any]:
    """A finding with its messages and what this person may do."""
    said = found.messages.select_related("by", "evidence")
    opening = points.opening_of(found.disclosure)
    asks = [one.asks_for for one in said if one.asks_for and not opening.has(one.asks_for)]
    may_close = not found.is_closed and not found.closing_objection_to(user)
    return {
        "finding": found,
        "messages": said,
        "may_say": not found.is_closed and not found.objection_to(user),
        "may_close": may_close,
        "may_extend": not found.is_closed and not found.extending_objection_to(user),
        "asks": [(point, points.label(point)) for point in dict.fromkeys(asks)]
        if not found.is_of(user) and not found.disclosure.objection_to(user)
        else [],
        "substitution": substitution(found) if found.is_overdue else "",
    }


def _names(found: Finding, user: User) -> list[str]:
    return [called(one) for one in found.readers(user)]


def _kind_of(desk: Desk) -> str:
    return Finding.Kind.COMMENT.value if desk.is_member else Finding.Kind.QUESTION.value


def _desk(found: Disclosure, request: HttpRequest) -> Desk:
    return Desk(found, request.user)


def _reader(request: HttpRequest) -> User:
    """Companies and verifiers; the fund's side reads what stands, not open cases."""
    if role_of(request.user) and not has_role(request.user, *VERIFICATION_SIDE):
        raise PermissionDenied(_("Findings are for the company and its verifiers."))
    return cast("User", request.user)
