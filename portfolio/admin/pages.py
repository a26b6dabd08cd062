"""Facts and people in the admin. Everything is refused unless a role is named; nothing is ever deleted here."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from portfolio import audit
from portfolio.admin.candidacy import SolutionInline
from portfolio.admin.roles import (
    HistoryAdmin,
    ReadOnlyAdmin,
    ReadOnlyInline,
    RoleAdmin,
    YearFilter,
    plain,
)
from portfolio.audit_words import object_words, verb_words
from portfolio.local_factors.words import beside
from portfolio.models import (
    Activity,
    AuditEvent,
    Check,
    CheckedVersion,
    City,
    Company,
    CompanyTrack,
    Disclosure,
    Evidence,
    ExchangeRate,
    Figure,
    GivenReason,
    JoinDecision,
    LocalFactor,
    LocalFactorStep,
    Role,
    Site,
    SiteYear,
    Step,
    TrackDecision,
)
from portfolio.models.activity import ActivityQuerySet
from portfolio.models.signed import SignedStep
from portfolio.places.fields import CityField
from portfolio.typed.numbers import grouped
from portfolio.universe import flags
from portfolio.wording import listed

LOADED = gettext_lazy("No rows yet. They come from a data directory: script/manage load_universe DIRECTORY.")


# --- companies ---------------------------------------------------------------------------------------
class CompanyTrackInline(ReadOnlyInline[CompanyTrack, Company]):
    model = CompanyTrack
    fields = ("track", "why", "confidence", "confirmed_by", "confirmed_at", "source")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[CompanyTrack]:
        return super().get_queryset(request).select_related("confirmed_by")


class CompanyForm(ModelForm[Company]):
    city = CityField(label=gettext_lazy("place"), required=False)


@admin.register(Company)
class CompanyAdmin(HistoryAdmin[Company]):
    form = CompanyForm
    add_roles = change_roles = (Role.ADMIN,)
    empty_text = gettext_lazy("No companies yet. Add one here, or load many: script/manage load_universe DIRECTORY.")
    list_display = ("name", "company_key", "dossier", "sector", "country", "is_illustrative")
    list_filter = ("sector", "is_illustrative", "tracks__track", "country")
    search_fields = ("search_text",)
    search_help_text = gettext_lazy("Name, identifier, pinyin or its initials")
    inlines = (CompanyTrackInline,)
    fieldsets = (
        (None, {"fields": ("company_key", "name_zh", "name_en", "sector", "isic", "sector_source", "is_illustrative")}),
        (gettext_lazy("What it does"), {"fields": ("description",)}),
        (gettext_lazy("Identifiers"), {"fields": ("uscc", "lei", "isin", "national_id", "ticker")}),
        (gettext_lazy("Place and ownership"), {"fields": ("country", "city", "ownership")}),
        (gettext_lazy("Source"), {"fields": ("source", "licence", "name_zh_source", "note")}),
    )

    def get_search_results(self, request: Any, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return queryset.search(search_term), False

    def get_readonly_fields(self, request: HttpRequest, obj: Company | None = None) -> tuple[str, ...]:
        """Scores and receipts name the key: once given, it stays."""
        return ("company_key",) if obj else ()

    @admin.display(description=gettext_lazy("name"), ordering=Coalesce(NullIf("name_zh", Value("")), "name_en"))
    def name(self, company: Company) -> str:
        return company.name

    @admin.display(description=gettext_lazy("dossier"))
    def dossier(self, company: Company) -> str:
        return format_html('<a href="{}">{}</a>', company.get_absolute_url(), _("Open"))


@admin.register(TrackDecision)
class TrackDecisionAdmin(ReadOnlyAdmin[TrackDecision]):
    empty_text = gettext_lazy("No decisions yet. They are made on the tracks page of a company.")
    list_display = ("company", "track", "outcome", "reason", "by", "at")
    list_select_related = ("company", "by")
    list_filter = ("track", "outcome")
    search_fields = ("company__search_text",)


@admin.register(JoinDecision)
class JoinDecisionAdmin(ReadOnlyAdmin[JoinDecision]):
    empty_text = gettext_lazy("No decisions yet. They are made on the page of joins.")
    list_display = ("company", "entity_name", "document_host", "outcome", "note", "by", "at")
    list_select_related = ("join__company", "by")
    list_filter = ("outcome",)
    search_fields = ("join__company__search_text", "entity_name")

    @admin.display(description=gettext_lazy("company"), ordering="join__company__company_key")
    def company(self, decision: JoinDecision) -> str:
        return decision.join.company.name


# --- what companies disclose -------------------------------------------------------------------------
class FigureInline(ReadOnlyInline[Figure, Disclosure]):
    model = Figure
    fields = ("quantity", "shown_value", "typed", "basis", "boundary", "source", "note", "told_provenance")
    readonly_fields = fields

    @admin.display(description=gettext_lazy("value"))
    def shown_value(self, row: Figure) -> str:
        return f"{grouped(row.value)} {row.unit}"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Figure]:
        return super().get_queryset(request).select_related("changed_by")

    @admin.display(description=gettext_lazy("provenance"))
    def told_provenance(self, row: Figure) -> str:
        return row.provenance


class ActivityInline(ReadOnlyInline[Activity, Disclosure]):
    model = Activity
    fields = (
        "number",
        "kind",
        "typed",
        "shown_amount",
        "unit",
        "notation",
        "site",
        "meter",
        "period_start",
        "place",
        "papers",
        "note",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Activity]:
        rows: ActivityQuerySet = super().get_queryset(request)  # type: ignore[assignment]
        return rows.select_related("site").with_citations()

    @admin.display(description=gettext_lazy("evidence"))
    def papers(self, row: Activity) -> str:
        return listed(row.cited) or "—"

    @admin.display(description=gettext_lazy("amount"))
    def shown_amount(self, row: Activity) -> str:
        return "—" if row.amount is None else grouped(row.amount)

    @admin.display(description=gettext_lazy("as typed"))
    def typed(self, row: Activity) -> str:
        return row.typed


class StepInline(ReadOnlyInline[Any, Any]):
    columns_name_it = True
    fields = ("what", "by", "at", "comment", "digest")
    readonly_fields = fields

    @admin.display(description=gettext_lazy("what"))
    def what(self, step: SignedStep) -> str:
        return step.label

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("by")


class DisclosureStepInline(StepInline):
    model = Step


@admin.register(Disclosure)
class DisclosureAdmin(ReadOnlyAdmin[Disclosure]):
    empty_text = gettext_lazy("No disclosures yet. Companies submit them, and public ones are loaded.")
    list_display = ("company", "year", "version", "state", "revenue_boundary", "verified_by", "frozen_at", "shown_flag")
    list_select_related = ("company", "verified_by")
    list_filter = ("state", ("year", YearFilter), "revenue_boundary")
    search_fields = ("company__search_text",)
    inlines = (FigureInline, SolutionInline, ActivityInline, DisclosureStepInline)

    @admin.display(description=gettext_lazy("flag"), ordering="quality_flag", empty_value="—")
    def shown_flag(self, row: Disclosure) -> str | None:
        return flags.in_words(row.quality_flag) or None


class CheckInline(ReadOnlyInline[Check, CheckedVersion]):
    model = Check
    columns_name_it = True
    fields = ("severity", "code", "label", "words")
    readonly_fields = fields

    @admin.display(description=gettext_lazy("about"))
    def label(self, row: Check) -> str:
        return row.label

    @admin.display(description=gettext_lazy("sentence"))
    def words(self, row: Check) -> str:
        return row.words


@admin.register(CheckedVersion)
class CheckedVersionAdmin(ReadOnlyAdmin[CheckedVersion]):
    empty_text = gettext_lazy("Nothing is checked yet. Disclosures are checked when they are submitted.")
    list_display = ("disclosure", "rules", "reason", "checked_at")
    list_select_related = ("disclosure__company",)
    list_filter = ("rules", "reason")
    search_fields = ("disclosure__company__search_text", "digest")
    inlines = (CheckInline,)


@admin.register(GivenReason)
class GivenReasonAdmin(ReadOnlyAdmin[GivenReason]):
    """Labels of which jumps were real. As CSV: manage.py given_reasons."""

    empty_text = gettext_lazy("No reasons yet. Submitters give them where a figure is far from last year's.")
    list_display = ("disclosure", "code", "reason", "words", "by", "at")
    list_select_related = ("disclosure__company", "by")
    list_filter = ("reason",)
    search_fields = ("disclosure__company__search_text", "words")


@admin.register(Evidence)
class EvidenceAdmin(ReadOnlyAdmin[Evidence]):
    """What there is; the files themselves are for the company and those who verify."""

    empty_text = gettext_lazy("No evidence yet. It shows here once a disclosure or factor that cites it is verified.")
    list_display = ("name", "company", "kind", "size", "sha256", "uploaded_by", "uploaded_at")
    list_select_related = ("company", "uploaded_by")
    list_filter = ("kind",)
    search_fields = ("name", "sha256", "company__search_text")

    @admin.display(description=gettext_lazy("size"), ordering="size_bytes")
    def size(self, row: Evidence) -> str:
        return filesizeformat(row.size_bytes)


class LocalFactorStepInline(StepInline):
    model = LocalFactorStep


@admin.register(LocalFactor)
class LocalFactorAdmin(ReadOnlyAdmin[LocalFactor]):
    empty_text = gettext_lazy("No local factors in force yet. Companies supply them, verifiers verify them.")
    list_display = ("kind", "region", "data_year", "gas", "shown_value", "unit", "supplier", "company", "frozen_at")
    list_select_related = ("supplier", "company")
    list_filter = ("gas", "region")
    search_fields = ("kind", "region", "publisher", "supplier__search_text")
    inlines = (LocalFactorStepInline,)
    readonly_fields = ("beside_built_in",)

    @admin.display(description=gettext_lazy("beside the built-in factor"))
    def beside_built_in(self, row: LocalFactor) -> str:
        found = row.built_in()
        return beside(row.value, found) if found else _("No built-in factor to compare with.")

    @admin.display(description=gettext_lazy("kg per unit"), ordering="value")
    def shown_value(self, row: LocalFactor) -> str:
        return grouped(row.value)


# --- places and rates --------------------------------------------------------------------------------
@admin.register(City)
class CityAdmin(RoleAdmin[City]):
    add_roles = change_roles = (Role.ADMIN,)
    empty_text = gettext_lazy("No cities yet. Add one with its administrative code.")
    list_display = ("code", "name_zh", "name_en", "country", "valid_from", "valid_to")
    list_filter = ("country",)
    search_fields = ("code", "name_zh", "name_en")


class SiteYearInline(ReadOnlyInline[SiteYear, Site]):
    model = SiteYear
    fields = (plain(SiteYear, "year"), "scope_1_t", "scope_2_t", "total_t", "source")
    readonly_fields = fields


@admin.register(Site)
class SiteAdmin(ReadOnlyAdmin[Site]):
    empty_text = LOADED
    list_display = ("name", "company", "city", "industry", "source")
    list_select_related = ("company", "city")
    list_filter = ("city",)
    search_fields = ("name", "site_key", "company__search_text")
    inlines = (SiteYearInline,)


@admin.register(ExchangeRate)
class ExchangeRateAdmin(HistoryAdmin[ExchangeRate]):
    """What ships, and what administrators enter: the latter stays through every load."""

    add_roles = change_roles = (Role.ADMIN,)
    empty_text = gettext_lazy("No exchange rates yet. They come with the first load of companies; or add one.")
    list_display = ("currency", "year", "day", "shown_per_usd", "entered_by", "source")
    list_select_related = ("entered_by",)
    list_filter = ("currency", ("year", YearFilter))
    fields = ("currency", "year", "day", "per_usd", "source")

    @admin.display(description=gettext_lazy("units per US dollar"), ordering="per_usd")
    def shown_per_usd(self, row: ExchangeRate) -> str:
        return grouped(row.per_usd)

    def get_readonly_fields(self, request: HttpRequest, obj: ExchangeRate | None = None) -> tuple[str, ...]:
        return ("currency", "year", "day") if obj else ()

    def save_model(self, request: HttpRequest, obj: ExchangeRate, form: Any, change: bool) -> None:
        obj.entered_by = request.user  # type: ignore[assignment]
        super().save_model(request, obj, form, change)
        if obj.waits_for_yuan:
            words = _("Not used yet: %(period)s needs the exchange rate of CNY, too. Money is converted through both.")
            self.message_user(request, words % {"period": obj.year or obj.day}, messages.WARNING)


# --- the audit log -----------------------------------------------------------------------------------
class VerbFilter(admin.SimpleListFilter):
    title = gettext_lazy("what")
    parameter_name = "verb"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        verbs = AuditEvent.objects.order_by("verb").values_list("verb", flat=True).distinct()
        return [(verb, verb_words(verb)) for verb in verbs]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        return queryset.filter(verb=self.value()) if self.value() else queryset


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin[AuditEvent]):
    empty_text = gettext_lazy("No events yet. They are written by what people and runs do.")
    list_display = ("seq", "at", "actor", "what", "of_what", "detail")
    # Without `prev` and `mac`, links of the chain, which "Verify the chain" reads.
    fields = ("seq", "at", "actor", "what", "of_what", "detail", "codes", "digest", "key_id")
    readonly_fields = ("what", "of_what", "codes")
    list_filter = (VerbFilter,)
    search_fields = ("actor", "object", "verb", "detail")
    search_help_text = gettext_lazy("Who, what, of what, or a company's name")
    list_max_show_all = 0
    show_full_result_count = False
    change_list_template = "admin/portfolio/auditevent/list.html"

    @admin.display(description=gettext_lazy("what"), ordering="verb")
    def what(self, event: AuditEvent) -> str:
        return verb_words(event.verb)

    @admin.display(description=gettext_lazy("of what"), ordering="object")
    def of_what(self, event: AuditEvent) -> str:
        return object_words(event.object)

    @admin.display(description=gettext_lazy("as the log keeps it"))
    def codes(self, event: AuditEvent) -> str:
        return f"{event.verb} · {event.object}"

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Also what is about a company of that name."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        if search_term.strip():
            companies = Company.objects.search(search_term).values_list("pk", flat=True)[: audit.MOST_COMPANIES]
            found = found | queryset.filter(object__in=audit.objects_of(companies))
        return found, may_repeat

    def get_urls(self) -> list[URLPattern]:
        verify = self.admin_site.admin_view(require_POST(self.verify))
        return [path("verify/", verify, name="portfolio_auditevent_verify"), *super().get_urls()]

    def verify(self, request: HttpRequest) -> HttpResponse:
        """Recompute the whole chain and say what was found."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        verdict = audit.verify()
        if verdict.first_bad is None:
            text = _("The audit log verifies: %(n)d events, each fits the one before it.") % {"n": verdict.events}
            self.message_user(request, text, messages.SUCCESS)
        else:
            text = _("The audit log is broken at event %(seq)d.") % {"seq": verdict.first_bad}
            self.message_user(request, text, messages.ERROR)
        return redirect(reverse("admin:portfolio_auditevent_changelist"))
