"""Facts of companies that an administrator enters by hand: what they earn, what they promise, which track they are of.

Rows that came from a file are read only: the next load would bring them back. A correction is a row of its own with its
own source; of two rows for a year the later one counts.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from portfolio.admin.roles import ConfirmedFilter, HistoryAdmin, RoleAdmin, YearFilter
from portfolio.models import CompanyTrack, Financials, Role, Target, has_role
from portfolio.typed.currencies import UnreadableCurrency, main_currency
from portfolio.typed.fields import TolerantNumber
from portfolio.typed.numbers import grouped
from portfolio.universe import flags
from portfolio.universe.read import FIRST_YEAR

ENTER = gettext_lazy("No rows yet. Add one here, or load many: script/manage load_universe DIRECTORY.")
MONEY = ("revenue", "profit", "equity", "debt", "evic", "value_added", "gross_profit", "ebit", "ebitda")
SUBSIDIES = ("grants", "price_premium", "theme_credits")
OTHER_FIGURES = ("theme_share", "theme_capex_rnd_share", "runway_months", "employees")


class ByHandAdmin(HistoryAdmin[Any]):
    """Added by an administrator and changed by one; a row from a file is looked at."""

    add_roles = change_roles = (Role.ADMIN,)
    empty_text = ENTER
    autocomplete_fields = ("company",)
    search_fields = ("company__search_text",)
    formfield_overrides = {models.FloatField: {"form_class": TolerantNumber}}

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_ours = obj is None or obj.entered_by_id is not None
        return is_ours and super().has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("company", "entered_by") if obj else ("entered_by",)

    def save_model(self, request: HttpRequest, obj: Any, form: forms.ModelForm[Any], change: bool) -> None:
        if not change:
            obj.entered_by = request.user
        super().save_model(request, obj, form, change)


class FinancialsForm(forms.ModelForm[Financials]):
    currency = forms.CharField(
        label=gettext_lazy("currency"), max_length=20, help_text=gettext_lazy("Such as CNY, 人民币, EUR or US$")
    )

    def clean_currency(self) -> str:
        try:
            return main_currency(self.cleaned_data["currency"])
        except UnreadableCurrency as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def clean_year(self) -> int | None:
        year: int | None = self.cleaned_data["year"]
        if year is not None and not FIRST_YEAR <= year <= timezone.localdate().year:
            raise forms.ValidationError(
                _("a year from %(first)s to %(last)s") % {"first": FIRST_YEAR, "last": timezone.localdate().year}
            )
        return year

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        told = [cleaned.get(name) for name in (*MONEY, *SUBSIDIES, *OTHER_FIGURES)]
        if not self.errors and all(value is None for value in told):
            raise forms.ValidationError(_("Give at least one figure."))
        for name in ("revenue", *SUBSIDIES):
            if (cleaned.get(name) or 0) < 0:
                self.add_error(name, _("a number of at least %(least)s") % {"least": 0})
        for name in SUBSIDIES:
            if cleaned.get(f"{name}_standing") and cleaned.get(name) is None:
                self.add_error(name, _("Give the amount, or 0 where there was none."))
        return cleaned


@admin.register(Financials)
class FinancialsAdmin(ByHandAdmin):
    form = FinancialsForm
    list_display = ("company", "year", "currency", "shown_revenue", "shown_profit", "employees", "source", "shown_flag")
    list_select_related = ("company",)
    list_filter = (("year", YearFilter), "currency", ("entered_by", admin.EmptyFieldListFilter))
    fields = (
        *("company", "year", "currency", *MONEY, "is_audited"),
        *((name, f"{name}_standing") for name in SUBSIDIES),
        *("theme_share", "theme_share_is_partial", "theme_capex_rnd_share", "runway_months", "employees"),
        *("basis", "source", "licence", "entered_by"),
    )

    @admin.display(description=gettext_lazy("revenue"), ordering="revenue")
    def shown_revenue(self, row: Financials) -> str | None:
        return None if row.revenue is None else grouped(row.revenue)

    @admin.display(description=gettext_lazy("flag"), ordering="quality_flag", empty_value="—")
    def shown_flag(self, row: Financials) -> str | None:
        return flags.in_words(row.quality_flag) or None

    @admin.display(description=gettext_lazy("profit"), ordering="profit")
    def shown_profit(self, row: Financials) -> str | None:
        return None if row.profit is None else grouped(row.profit)


class TargetForm(forms.ModelForm[Target]):
    """The reduction is typed in percent, as companies print it, and stored as a share."""

    reduction_percent = TolerantNumber(
        label=gettext_lazy("reduction, percent of base year"),
        required=False,
        help_text=gettext_lazy("42 means 42 %. Blank where the target states none."),
    )
    target_key = forms.CharField(
        label=gettext_lazy("target key"),
        required=False,
        max_length=100,
        help_text=gettext_lazy("Once in a company; blank: one is made."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        share = self.instance.reduction_share
        if share is not None:
            self.initial["reduction_percent"] = round(share * 100, 9)

    def clean_reduction_percent(self) -> float | None:
        percent: float | None = self.cleaned_data["reduction_percent"]
        if percent is not None and 0 < percent <= 1:
            meant = {"percent": grouped(percent), "meant": grouped(round(percent * 100, 9))}
            raise forms.ValidationError(_("%(percent)s %% is less than any target: is %(meant)s %% meant?") % meant)
        if percent is not None and percent < 0:
            raise forms.ValidationError(_("a number of at least %(least)s") % {"least": 0})
        return percent

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        base, end = cleaned.get("base_year"), cleaned.get("target_year")
        if base and end and base >= end:
            self.add_error("base_year", _("The base year is not before the target year."))
        percent = cleaned.get("reduction_percent")
        self.instance.reduction_share = None if percent is None else percent / 100
        company = cleaned.get("company") or (self.instance.company if self.instance.company_id else None)
        if not cleaned.get("target_key") and company is not None:
            taken = set(Target.objects.filter(company=company).values_list("target_key", flat=True))
            cleaned["target_key"] = next(key for n in range(1, len(taken) + 2) if (key := f"own-{n}") not in taken)
        return cleaned


@admin.register(Target)
class TargetAdmin(ByHandAdmin):
    form = TargetForm
    list_display = ("company", "kind", "horizon", "reduction_share", "base_year", "target_year", "status", "validated")
    list_select_related = ("company",)
    list_filter = ("kind", "horizon", "status", "validated", ("entered_by", admin.EmptyFieldListFilter))
    asked = (
        ("company", "target_key"),
        ("horizon", "kind"),
        "reduction_percent",
        ("base_year", "target_year"),
        ("covers_scope_1", "covers_scope_2", "scope3"),
        ("status", "validated"),
        "text",
        "source_url",
        ("source", "licence"),
        "note",
        "entered_by",
    )

    def get_fields(self, request: HttpRequest, obj: Target | None = None) -> list[Any]:
        """A target that is only looked at has no form, so its reduction is the column's."""
        may_change = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        return [name if may_change or name != "reduction_percent" else "shown_reduction" for name in self.asked]

    @admin.display(description=gettext_lazy("reduction, percent of base year"))
    def shown_reduction(self, row: Target) -> str:
        return "—" if row.reduction_share is None else grouped(round(row.reduction_share * 100, 9))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*super().get_readonly_fields(request, obj), "shown_reduction")


class CompanyTrackForm(forms.ModelForm[CompanyTrack]):
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        family, track = cleaned.get("family"), cleaned.get("track")
        if family is not None and track and family.track != track:
            self.add_error("family", _("This family is of another track."))
        if bool(cleaned.get("catalogue_edition")) != bool(cleaned.get("catalogue_code")):
            words = _("A catalogue code needs its edition, and the other way round.")
            self.add_error("catalogue_code", words)
        return cleaned


@admin.register(CompanyTrack)
class CompanyTrackAdmin(RoleAdmin[CompanyTrack]):
    """An opinion that is entered here counts once a person has confirmed it."""

    add_roles = (Role.ADMIN,)
    form = CompanyTrackForm
    empty_text = ENTER
    list_display = ("company", "track", "family", "catalogue_code", "why", "confidence", "confirmed_by", "confirmed_at")
    list_select_related = ("company", "family", "confirmed_by")
    list_filter = ("track", ("confirmed_at", ConfirmedFilter))
    search_fields = ("company__search_text",)
    autocomplete_fields = ("company", "family")
    actions = ("confirm",)

    def get_fields(self, request: HttpRequest, obj: CompanyTrack | None = None) -> list[Any]:
        entered = ["company", "track", "family", "solutions", "why", "confidence"]
        entered += ["catalogue_edition", "catalogue_code", "catalogue_valid_until", "source", "licence"]
        return [*entered, "confirmed_by", "confirmed_at"] if obj else entered

    def has_confirm_permission(self, request: HttpRequest) -> bool:
        return has_role(request.user, Role.ADMIN)

    @admin.action(description=gettext_lazy("Confirm the selected tracks"), permissions=["confirm"])
    def confirm(self, request: HttpRequest, rows: QuerySet[CompanyTrack]) -> None:
        by: Any = request.user
        done = sum(row.confirm(by=by) for row in rows)
        text = ngettext("%(n)d track confirmed.", "%(n)d tracks confirmed.", done) % {"n": done}
        self.message_user(request, text, messages.SUCCESS if done else messages.WARNING)
