"""Bar sheets in the admin: a draft is edited as tables; from its proposal on it is looked at. It begins as a clone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.forms import ModelChoiceField
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portfolio.admin import RoleAdmin, RoleRules
from portfolio.models import Role
from portfolio.typed.fields import TolerantNumber
from scoring.bar_sheets.words import INPUTS, OWN_INPUTS, PLANS, RUNGS, own_inputs
from scoring.engine.accounting.words import PURPOSES
from scoring.models import BarSheet, SheetFamily, SheetPath, SheetUncertainty
from scoring.reading import said
from scoring.tables.words import purpose_word

NUMBERS: dict[type[models.Field[Any, Any]], dict[str, Any]] = {models.FloatField: {"form_class": TolerantNumber}}


class OfADraft(RoleRules):
    """Rows of a sheet: an administrator edits them while it is a draft."""

    change_roles = (Role.ADMIN,)
    shown_as: dict[str, str] = {}  # of columns that keep codes, the method that says them in words

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """What cannot be edited is read in words."""
        found = super().get_fieldsets(request, obj)  # type: ignore[misc]  # of the admin beside it
        return found if self.has_change_permission(request, obj) else _replaced(found, self.shown_as)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return (obj is None or obj.is_draft) and super().has_change_permission(request, obj)


class PathInline(OfADraft, admin.StackedInline[SheetPath, BarSheet]):
    model = SheetPath
    add_roles = (Role.ADMIN,)
    extra = 0
    can_delete = False
    formfield_overrides = NUMBERS
    fields = (
        ("place", "purpose", "base_year"),
        ("t_per_mwh", "fall_t_per_mwh_year"),
        "source",
    )
    readonly_fields = ("of_purpose",)
    shown_as = {"purpose": "of_purpose"}

    @admin.display(description=SheetPath._meta.get_field("purpose").verbose_name)
    def of_purpose(self, path: SheetPath) -> str:
        return purpose_word(path.purpose)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **how: Any) -> Any:
        if db_field.name == "purpose":
            choices = [(code, said(words)) for code, words in PURPOSES.items()]
            return forms.ChoiceField(label=db_field.verbose_name, choices=choices)
        return super().formfield_for_dbfield(db_field, request, **how)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return (obj is None or obj.is_draft) and super().has_add_permission(request, obj)


class UncertaintyInline(OfADraft, admin.TabularInline[SheetUncertainty, BarSheet]):
    model = SheetUncertainty
    extra = 0
    can_delete = False
    formfield_overrides = NUMBERS
    fields = ("of_what", "how_known", "half_width", "source")
    readonly_fields = ("of_what", "how_known")
    columns_name_it = True

    @admin.display(description=gettext_lazy("input"))
    def of_what(self, row: SheetUncertainty) -> str:
        return str(INPUTS.get(row.input, row.input))

    @admin.display(description=gettext_lazy("how it is known"))
    def how_known(self, row: SheetUncertainty) -> str:
        return str(RUNGS.get(row.rung, row.rung))


class FamilyInline(RoleRules, admin.TabularInline[SheetFamily, BarSheet]):
    """The families in short; each is edited on a page of its own."""

    model = SheetFamily
    extra = 0
    can_delete = False
    show_change_link = True
    fields = readonly_fields = (
        "code",
        "name",
        "unit",
        "judgement",
        "own_words",
        "denominator",
        "bar_value",
        "expires_on",
    )

    @admin.display(description=gettext_lazy("own inputs"))
    def own_words(self, family: SheetFamily) -> str:
        return own_inputs(family)

    @admin.display(description=gettext_lazy("name"))
    def name(self, family: SheetFamily) -> str:
        return family.name


@admin.register(BarSheet)
class BarSheetAdmin(OfADraft, RoleAdmin[BarSheet]):
    empty_text = gettext_lazy("No bar sheet yet. The migrations bring the first one.")
    list_display = ("version", "shown_title", "state", "data_year", "active_from", "proposed_by", "approved_by", "page")
    list_select_related = ("proposed_by", "approved_by")
    list_filter = ("state",)
    formfield_overrides = NUMBERS
    readonly_fields = ("version", "page", "plan")
    shown_as = {"least_plan": "plan"}
    inlines = (FamilyInline, PathInline, UncertaintyInline)
    fieldsets = (
        (None, {"fields": (("version", "title"), ("data_year", "closing_day", "stand_in_place"), "page")}),
        (
            gettext_lazy("Judgements of the fund"),
            {
                "fields": (
                    ("bar_share", "footprint_multiple", "least_reporters"),
                    ("carbon_price_cny_per_t", "lower_price_cny_per_t", "higher_price_cny_per_t"),
                    ("free_allocation_t", "pass_through"),
                    ("sigma_min_contribution", "sigma_min_resilience", "sigma_min_footprint"),
                    ("footprint_age", "resilience_sigma"),
                    ("theme_share", "most_months", "least_plan"),
                    ("least_runway_months", "venture_theme_revenue_cny", "realisation_share"),
                    ("on_the_line_from", "on_the_line_to", "distinguishable", "verify_below"),
                )
            },
        ),
    )

    @admin.display(description=BarSheet._meta.get_field("least_plan").verbose_name)
    def plan(self, sheet: BarSheet) -> str:
        return str(PLANS[sheet.least_plan])

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **how: Any) -> Any:
        if db_field.name == "least_plan":
            return forms.ChoiceField(label=db_field.verbose_name, choices=list(PLANS.items()))
        return super().formfield_for_dbfield(db_field, request, **how)

    @admin.display(description=gettext_lazy("title"), ordering="title")
    def shown_title(self, sheet: BarSheet) -> str:
        return sheet.shown_title

    @admin.display(description=gettext_lazy("propose, approve, compare, clone"))
    def page(self, sheet: BarSheet) -> str:
        return format_html('<a href="{}">{}</a>', sheet.get_absolute_url(), _("Open"))


class FamilyForm(forms.ModelForm[SheetFamily]):
    own_inputs = forms.MultipleChoiceField(
        label=gettext_lazy("own inputs"),
        choices=list(OWN_INPUTS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, **how: Any) -> None:
        super().__init__(*args, **how)
        self.initial["own_inputs"] = [word.strip() for word in self.instance.own_inputs.split(",")]

    def clean_own_inputs(self) -> str:
        return ", ".join(self.cleaned_data["own_inputs"])


@admin.register(SheetFamily)
class SheetFamilyAdmin(RoleAdmin[SheetFamily]):
    form = FamilyForm
    add_roles = change_roles = (Role.ADMIN,)
    empty_text = gettext_lazy("No families yet. The migrations bring those of the first bar sheet.")
    list_display = ("code", "shown_name", "sheet", "track", "judgement", "own_words", "denominator", "expires_on")
    list_select_related = ("sheet",)
    list_filter = ("sheet", "track", "judgement")
    search_fields = ("code", "name_zh", "name_en")
    formfield_overrides = NUMBERS
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("sheet", "number"),
                    ("code", "track"),
                    ("name_zh", "name_en"),
                    ("unit", "service_unit"),
                    ("judgement", "own_inputs", "expires_on"),
                )
            },
        ),
        (
            gettext_lazy("Reference row"),
            {
                "fields": (
                    ("service_per_unit_year", "life_years", "use_share"),
                    ("grid_use", "grid_mwh_per_service", "fixed_t_per_service"),
                    "lca_t_per_unit",
                    "sets_the_bar",
                )
            },
        ),
        (
            gettext_lazy("Own emissions"),
            {
                "fields": (
                    ("denominator", "bar_value", "bar_basis"),
                    "bar_source",
                    ("bar_n", "bar_median", "bar_sd_ln"),
                    ("bar_classes", "bar_years"),
                )
            },
        ),
        (
            gettext_lazy("In words"),
            {"fields": ("attribution_zh", "attribution_en", "doubts_zh", "doubts_en", "sources")},
        ),
    )

    @admin.display(description=gettext_lazy("own inputs"), ordering="own_inputs")
    def own_words(self, family: SheetFamily) -> str:
        return own_inputs(family)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        found = super().get_fieldsets(request, obj)
        return found if self.has_change_permission(request, obj) else _replaced(found, {"own_inputs": "own_words"})

    @admin.display(description=gettext_lazy("name"), ordering="name_zh")
    def shown_name(self, family: SheetFamily) -> str:
        return family.name

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return (obj is None or obj.sheet.is_draft) and super().has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("sheet", "own_words") if obj else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> ModelChoiceField[Any]:
        drafts = BarSheet.objects.filter(state=BarSheet.State.DRAFT)
        return super().formfield_for_foreignkey(db_field, request, **kwargs | {"queryset": drafts})

    def response_change(self, request: HttpRequest, obj: SheetFamily) -> Any:
        """Back to the sheet that it is a row of."""
        if "_save" in request.POST:
            self.message_user(request, _("%(family)s is changed.") % {"family": obj})
            return redirect("admin:scoring_barsheet_change", obj.sheet_id)
        return super().response_change(request, obj)


def _replaced(fieldsets: Any, by: Mapping[str, str]) -> list[tuple[Any, dict[str, Any]]]:
    """The same fields, those of `by` under their other name."""
    return [
        (
            title,
            {
                **options,
                "fields": [
                    by.get(row, row) if isinstance(row, str) else tuple(by.get(name, name) for name in row)
                    for row in options["fields"]
                ],
            },
        )
        for title, options in fieldsets
    ]
