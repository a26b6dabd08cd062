"""Where administrators enter what a fund holds. Entries are added and read: a correction is a new entry."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.http import HttpRequest
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fund.holdings.figures import asked_of
from fund.holdings.imports import Imported, import_positions, import_prices
from fund.holdings.words import entered_words, left_open_words
from fund.models import ExclusionFlag, Holding, Position, PriceInputs, ProjectFigures, RefusedRow, ThemeFund
from portfolio.admin import HistoryAdmin, RoleAdmin
from portfolio.models import Role
from portfolio.typed.fields import TolerantNumber
from portfolio.typed.numbers import grouped

LARGEST_FILE = 64 * 2**20
LONGEST_NAME = 60  # characters of the end of a file's name, so that no disk refuses it: 255 bytes hold 63 of any script
FAULTS_SHOWN = 500


@admin.register(Holding)
class HoldingAdmin(HistoryAdmin[Holding]):
    add_roles = change_roles = (Role.ADMIN,)
    empty_text = gettext_lazy("No holdings yet. Add one, then its positions; or import a file of both.")
    list_display = ("instrument", "issuer", "asset_class", "matched_by", "new_position", "is_engaged", "fund")
    list_select_related = ("company", "fund")
    list_filter = ("fund", "asset_class", "matched_by", "is_engaged")
    search_fields = ("company__search_text", "issuer_name", "instrument", "holding_key")
    autocomplete_fields = ("company",)
    fields = (
        "fund",
        "company",
        "issuer_name",
        "isin",
        "lei",
        "ticker",
        "holding_key",
        "asset_class",
        "instrument",
        "currency",
        "issuer_listed",
        "is_engaged",
    )
    change_list_template = "admin/fund/holding/list.html"

    def get_readonly_fields(self, request: HttpRequest, obj: Holding | None = None) -> tuple[str, ...]:
        return ("fund", "company", "holding_key", "asset_class", "currency") if obj else ()

    @admin.display(description=gettext_lazy("issuer"), ordering="company__company_key")
    def issuer(self, holding: Holding) -> str:
        return holding.issuer

    @admin.display(description=gettext_lazy("position"))
    def new_position(self, holding: Holding) -> str:
        url = f"{reverse('admin:fund_position_add')}?holding={holding.pk}"
        return format_html('<a href="{}">{}</a>', url, _("Enter a position"))

    # --- import ----------------------------------------------------------------------------------------
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.import_file)
        return [path("import/", view, name="fund_holding_import"), *super().get_urls()]

    def import_file(self, request: HttpRequest) -> Any:
        """A file of positions or of prices; what is right is entered, and every fault is shown by its row."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ImportForm(request.POST or None, request.FILES or None)
        done: Imported | None = None
        if request.method == "POST" and form.is_valid():
            done = form.run(by=request.user)
            if not done.faults:
                self.message_user(request, entered_words(done), messages.SUCCESS)
                for words in left_open_words(done):
                    self.message_user(request, words, messages.WARNING)
                for line in done.divided[:FAULTS_SHOWN]:
                    self.message_user(request, line, messages.WARNING)
                for sentence in done.sentences:
                    self.message_user(request, sentence, messages.INFO)
                return redirect("admin:fund_holding_changelist")
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "title": _("Import holdings or prices"),
            "form": form,
            "done": done,
            "entered": entered_words(done) if done else "",
            "left_open": list(left_open_words(done)) if done else [],
            "faults": done.faults[:FAULTS_SHOWN] if done else [],
            "not_shown": max(0, len(done.faults) - FAULTS_SHOWN) if done else 0,
        }
        return TemplateResponse(request, "admin/fund/holding/import.html", context)


class ImportForm(forms.Form):
    """Which file, of what, for which fund."""

    POSITIONS, PRICES = "positions", "prices"

    kind = forms.ChoiceField(
        label=gettext_lazy("The file holds"),
        choices=[(POSITIONS, gettext_lazy("Holdings and positions")), (PRICES, gettext_lazy("Prices of companies"))],
    )
    fund = forms.ModelChoiceField(
        ThemeFund.objects.all(),
        label=gettext_lazy("Fund"),
        required=False,
        help_text=gettext_lazy("For holdings and positions"),
    )
    file = forms.FileField(
        label=gettext_lazy("CSV or Excel file"),
        help_text=gettext_lazy("CSV in UTF-8, UTF-16, GB18030 or Big5, or .xlsx; up to 64 MB"),
    )

    def clean_file(self) -> UploadedFile[Any]:
        given: UploadedFile[Any] = self.cleaned_data["file"]
        if (given.size or 0) > LARGEST_FILE:
            raise forms.ValidationError(_("The file is larger than 64 MB."), code="large")
        return given

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("kind") == self.POSITIONS and not given.get("fund"):
            self.add_error("fund", _("Name the fund that holds them."))
        return given

    def run(self, *, by: Any) -> Imported:
        given: UploadedFile[Any] = self.cleaned_data["file"]
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / (Path(str(given.name)).name[-LONGEST_NAME:] or "file.csv")
            with copy.open("wb") as out:
                out.writelines(given.chunks())
            if self.cleaned_data["kind"] == self.PRICES:
                return import_prices(copy, by=by)
            return import_positions(copy, self.cleaned_data["fund"], by=by)


# --- entries -------------------------------------------------------------------------------------------
class EntryAdmin(RoleAdmin[Any]):
    """Added and read. What is wrong is entered anew for the same date."""

    add_roles = (Role.ADMIN,)
    formfield_overrides = {models.FloatField: {"form_class": TolerantNumber}}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.entered_by = request.user
        super().save_model(request, obj, form, change)


def _shown(name: str) -> Any:
    """A column of money or tonnes, grouped."""

    def show(admin_page: Any, row: Any) -> str | None:
        value = getattr(row, name)
        return None if value is None else grouped(value)

    return show


@admin.register(Position)
class PositionAdmin(EntryAdmin):
    empty_text = gettext_lazy("No positions yet. Add a holding first, then its positions; or import a file of both.")
    list_display = ("holding", "as_of", "shown_outstanding", "shown_shares", "entered_by", "entered_at")
    list_select_related = ("holding__company", "entered_by")
    list_filter = ("holding__fund", "as_of")
    search_fields = (
        "holding__company__search_text",
        "holding__issuer_name",
        "holding__holding_key",
        "holding__instrument",
    )
    autocomplete_fields = ("holding",)
    fields = ("holding", "as_of", "outstanding", "shares_held", "average_financing", "source")
    shown_outstanding = admin.display(description=gettext_lazy("outstanding amount"))(_shown("outstanding"))
    shown_shares = admin.display(description=gettext_lazy("shares held"))(_shown("shares_held"))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        refused = RefusedRow.objects.filter(fund=obj.holding.fund_id)
        refused.settle({(obj.holding.holding_key, obj.as_of)}, by=obj.entered_by)
        for question in asked_of(obj):
            words = _("To be confirmed, %(what)s: %(question)s")
            messages.warning(request, words % {"what": obj.holding, "question": question.label})

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        about = {"outstanding": _("In the holding's currency; of unlisted equity what the shares are worth today")}
        return super().get_form(request, obj, change, help_texts=about, **kwargs)


@admin.register(PriceInputs)
class PriceInputsAdmin(EntryAdmin):
    empty_text = gettext_lazy("No prices yet. Without them most holdings have no attribution factor.")
    list_display = ("company", "as_of", "currency", "shown_market_cap", "shown_evic", "shown_equity", "entered_by")
    list_select_related = ("company", "entered_by")
    list_filter = ("as_of", "currency")
    search_fields = ("company__search_text",)
    autocomplete_fields = ("company",)
    shown_market_cap = admin.display(description=gettext_lazy("market capitalisation"))(_shown("market_cap"))
    shown_evic = admin.display(description="EVIC")(_shown("evic"))
    shown_equity = admin.display(description=gettext_lazy("total equity"))(_shown("total_equity"))
    fields = (
        "company",
        "as_of",
        "currency",
        "market_cap",
        "total_debt",
        "minority_interest",
        "cash",
        "evic",
        "total_equity",
        "total_assets",
        "shares_total",
        "revenue",
        "avoided_t",
        "removed_t",
        "source",
    )


@admin.register(ProjectFigures)
class ProjectFiguresAdmin(EntryAdmin):
    empty_text = gettext_lazy("No figures of projects yet. Project finance is attributed by the project's own.")
    list_display = ("holding", "as_of", "currency", "shown_equity", "shown_debt", "entered_by")
    list_select_related = ("holding__company", "entered_by")
    list_filter = ("holding__fund", "as_of")
    search_fields = ("holding__company__search_text", "holding__instrument")
    autocomplete_fields = ("holding",)
    shown_equity = admin.display(description=gettext_lazy("project equity"))(_shown("total_equity"))
    shown_debt = admin.display(description=gettext_lazy("project debt"))(_shown("total_debt"))
    fields = (
        "holding",
        "as_of",
        "currency",
        "total_equity",
        "total_debt",
        "total_investment",
        "revenue",
        "s1_t",
        "s2_t",
        "s3_t",
        "avoided_t",
        "removed_t",
        "data_quality",
        "source",
    )


@admin.register(ExclusionFlag)
class ExclusionFlagAdmin(EntryAdmin):
    empty_text = gettext_lazy("No exclusion flags yet. Without them Article 12 is not decidable.")
    list_display = ("company", "exclusion", "applies", "as_of", "entered_by")
    list_select_related = ("company", "entered_by")
    list_filter = ("exclusion", "applies")
    search_fields = ("company__search_text",)
    autocomplete_fields = ("company",)
    fields = ("company", "exclusion", "applies", "as_of", "source")
