"""A3: take the company-year away as a file, bring it back, see every fault and every change, and import it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portfolio.errors import NotAllowed, PortfolioError, StaleVersion
from portfolio.exports import XLSX_TYPE, Table, file_of
from portfolio.models import Disclosure, SheetUpload
from portfolio.models.desk.points import opening_of
from portfolio.models.disclosure import MOST_ACTIVITIES
from portfolio.sheets.changes import REPEATS
from portfolio.sheets.columns import FIGURES, LINES, MOST_ROWS
from portfolio.sheets.importing import bring_in
from portfolio.sheets.marking import marked_csv, marked_workbook
from portfolio.sheets.template import file_name, heads_of, rows_of, told_of, workbook
from portfolio.typed.fields import EvidenceField, Formatted
from portfolio.typed.files import LARGEST_MB, EvidenceKind
from scoring.sheets.report import Preview

if TYPE_CHECKING:
    from django.contrib.auth.models import User

STOP_POLLING = 286  # htmx: swap this last answer in, then poll no more
CONFLICT = 409


class SheetForm(forms.Form):
    """The file; its limits are said before it is chosen."""

    file = EvidenceField(
        label=gettext_lazy("File"),
        help_text=Formatted(
            gettext_lazy(".xlsx or .csv, at most %(mb)s MB and %(rows)s rows; a year holds %(lines)s rows."),
            {"mb": LARGEST_MB, "rows": f"{MOST_ROWS:,}", "lines": f"{MOST_ACTIVITIES:,}"},
        ),
    )

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, label_suffix="")
        self.fields["file"].required = True
        self.fields["file"].widget.attrs["accept"] = ".xlsx,.csv"


@login_required
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest, pk: int) -> HttpResponse:
    found = _members_only(request, pk)
    form = SheetForm(request.POST, request.FILES) if request.method == "POST" else SheetForm()
    if form.is_bound and form.is_valid():
        try:
            SheetUpload.hand_in(form.cleaned_data["file"], found, by=_user(request))
        except NotAllowed as refused:
            form.add_error("file", str(refused))
        else:
            return redirect("scoring:upload", pk)
    return _page(request, found, form)


def _page(
    request: HttpRequest, found: Disclosure, form: SheetForm, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    latest = _latest(found)
    preview = Preview(latest, request) if latest and latest.state == SheetUpload.State.READ else None
    may_edit = found.can_be_edited_by(request.user)
    context = {
        "disclosure": found,
        "may_edit": may_edit,
        "opening": opening_of(found),
        "is_stale": bool(latest and preview and may_edit and latest.edition != found.edition),
        "form": form,
        "latest": latest if latest and latest.state != SheetUpload.State.DROPPED else None,
        "preview": preview,
        "refusal": refusal,
        "repeats": REPEATS.items(),
        "chosen": request.POST if request.method == "POST" else {},
    }
    return render(request, "scoring/sheets/upload.html", context, status=status)


@login_required
@require_GET
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The bar alone, for polling."""
    latest = _latest(_members_only(request, pk))
    if latest is None:
        raise Http404
    status = 200 if latest.is_open else STOP_POLLING
    answer = render(request, "scoring/sheets/_progress.html", {"latest": latest}, status=status)
    if not latest.is_open:
        answer["HX-Refresh"] = "true"  # there is more to show than the bar
    return answer


@login_required
@require_POST
def import_rows(request: HttpRequest, pk: int) -> HttpResponse:
    """Import what the page shows, of the file and edition it shows."""
    found = _members_only(request, pk)
    latest = _latest(found)
    if latest is None:
        return redirect("scoring:upload", pk)
    latest.disclosure = found
    seen = f"{latest.pk}-{latest.edition}"
    try:
        if request.POST.get("seen") != seen:
            raise StaleVersion(_("The file or the draft changed since you opened this page. Look again, please."))
        bring_in(
            latest,
            by=_user(request),
            repeats=request.POST.get("repeats", ""),
            partial="partial" in request.POST,
            without_missing="without_missing" in request.POST,
        )
    except PortfolioError as refused:
        found.refresh_from_db()
        if latest.edition != found.edition and found.can_be_edited_by(request.user):
            latest.read_again()  # what would change is another thing now
        return _page(request, found, SheetForm(), refusal=str(refused), status=CONFLICT)
    messages.success(request, _("Imported. What was there before is kept in the history of the draft."))
    return redirect("scoring:ledger", pk)


@login_required
@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    found = _members_only(request, pk)
    latest = _latest(found)
    try:
        if latest:
            latest.drop(by=_user(request))
            messages.info(request, _("The file is dropped; nothing of it was imported."))
    except PortfolioError as refused:
        messages.error(request, str(refused))
    return redirect("scoring:upload", pk)


@login_required
@require_GET
def marked(request: HttpRequest, pk: int) -> HttpResponse:
    """The same file with its faults marked."""
    latest = _latest(_members_only(request, pk))
    if latest is None or latest.state != SheetUpload.State.READ or not latest.found or not latest.found["wrong"]:
        raise Http404
    content, wrong = bytes(latest.content), latest.found["wrong"]
    is_workbook = latest.kind == EvidenceKind.XLSX
    file = marked_workbook(content, wrong) if is_workbook else marked_csv(content, wrong)
    answer = HttpResponse(file, content_type=EvidenceKind(latest.kind).content_type)
    stem, _dot, ending = latest.name.rpartition(".")
    name = f"{stem}_{_('marked')}.{ending}"
    answer["Content-Disposition"] = content_disposition_header(True, name)
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@login_required
@require_GET
def take_away(request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
    """The lines and figures that are there, as a workbook or one table as CSV: template and export in one."""
    found = _visible(request, pk)
    if kind == "xlsx":
        answer = HttpResponse(workbook(found), content_type=XLSX_TYPE)
        answer["Content-Disposition"] = content_disposition_header(True, file_name(found, "xlsx"))
        return answer
    table = {"lines": LINES, "figures": FIGURES}[kind]
    what = f"{table}_{found.company.company_key}_{found.year}"
    with_meta = request.GET.get("meta") != "0"
    return file_of(Table(what, told_of(found), heads_of(table), rows_of(found, table)), "csv", with_meta=with_meta)


def _latest(found: Disclosure) -> SheetUpload | None:
    return SheetUpload.objects.filter(disclosure=found).defer("content").order_by("-pk").first()


def _visible(request: HttpRequest, pk: int) -> Disclosure:
    return get_object_or_404(Disclosure.objects.visible_to(request.user).select_related("company"), pk=pk)


def _members_only(request: HttpRequest, pk: int) -> Disclosure:
    found = _visible(request, pk)
    if found.membership_of(request.user) is None:
        raise PermissionDenied(_("Only people of the company can change its ledger."))
    return found


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)
