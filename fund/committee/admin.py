"""Where the fund decides: mandates, candidates, proposals, and an administrator's answer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from fund.committee import pages, report, words
from fund.committee.forms import AmountField, DecisionForm
from fund.errors import FundError
from fund.models import Candidate, Decision, FundTrack, Mandate, Note, Proposal, ThemeFund
from portfolio import audit
from portfolio.admin import DoneFilter, HistoryAdmin, ReadOnlyAdmin, RoleAdmin, RoleRules
from portfolio.models import Role, has_role
from portfolio.templatetags.figures import figure
from scoring.models import BarSheet


class OwnFundFilter(admin.RelatedFieldListFilter):
    """Funds of our own: nothing is proposed for one that is only looked at."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        return field.get_choices(include_blank=False, limit_choices_to={"source": ""})


# --- set-up ------------------------------------------------------------------------------------------
class FundTrackInline(RoleRules, admin.TabularInline[FundTrack, ThemeFund]):
    change_roles = (Role.ADMIN,)
    model = FundTrack
    fields = ("track", "is_open")
    readonly_fields = ("track",)
    extra = 0
    can_delete = False


class ThemeFundForm(forms.ModelForm[ThemeFund]):
    size_cny = AmountField(
        label=gettext_lazy("Size of the fund in yuan"),
        help_text=gettext_lazy("Committed capital, such as 5亿; tickets are measured against it"),
    )


@admin.register(ThemeFund)
class ThemeFundAdmin(HistoryAdmin[ThemeFund]):
    add_roles = change_roles = (Role.ADMIN,)
    form = ThemeFundForm
    empty_text = gettext_lazy("No funds yet. Add one; it begins with all four tracks.")
    list_display = ("name_zh", "name_en", "size_cny", "is_illustrative")
    inlines = (FundTrackInline,)

    def get_inlines(self, request: HttpRequest, obj: ThemeFund | None = None) -> Any:
        return self.inlines if obj else ()


class MandateForm(forms.ModelForm[Mandate]):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "bar_sheet" in self.fields:  # not where it is only looked at
            sheets: Any = self.fields["bar_sheet"]
            sheets.queryset = BarSheet.objects.filter(state__in=(BarSheet.State.APPROVED, BarSheet.State.ACTIVE))


@admin.register(Mandate)
class MandateAdmin(HistoryAdmin[Mandate]):
    """Written by one administrator, confirmed by another on the page that shows it."""

    add_roles = change_roles = (Role.ADMIN,)
    form = MandateForm
    change_form_template = "admin/fund/mandate/change.html"
    empty_text = gettext_lazy("No mandates yet. Add one to a fund: proposals are checked against it.")
    list_display = ("fund", "version", "valid_from", "state", "bar_sheet", "asks")
    list_display_links = ("fund", "version")
    list_select_related = ("fund", "bar_sheet", "confirmed_by", "proposed_by")
    list_filter = (("fund", OwnFundFilter),)
    asked = (
        *("bar_sheet", "gates_passed_required", "min_cleared", "min_p_cleared", "worst_evidence", "oldest_data_year"),
        *("max_ticket_share", "confirmed_track_required", "exclude_illustrative"),
    )

    def has_change_permission(self, request: HttpRequest, obj: Mandate | None = None) -> bool:
        """A confirmed mandate is read-only: add a new version."""
        return super().has_change_permission(request, obj) and not (obj and obj.is_confirmed)

    def get_readonly_fields(self, request: HttpRequest, obj: Mandate | None = None) -> tuple[str, ...]:
        return ("fund", "version", "state", "first_method") if obj else ()

    def get_fieldsets(self, request: HttpRequest, obj: Mandate | None = None) -> Any:
        about = ("fund", *(("version", "state") if obj else ()), "valid_from", "note")
        sets: list[Any] = [(None, {"fields": about}), (gettext_lazy("What it asks"), {"fields": self.asked})]
        if obj and obj.retired_rules:
            sets.append((gettext_lazy("Rules of the first method"), {"fields": ("first_method",)}))
        return sets

    def save_model(self, request: HttpRequest, obj: Mandate, form: Any, change: bool) -> None:
        """Whoever wrote it last proposes it."""
        by: Any = request.user
        obj.proposed_by = by
        super().save_model(request, obj, form, change)
        told = f"{obj.fund} v{obj.version} {obj.valid_from}"
        audit.append(by, "mandate.proposed", f"mandate:{obj.pk}", digest=obj.content_digest(), detail=told)

    def get_urls(self) -> list[URLPattern]:
        confirm = self.admin_site.admin_view(require_POST(self.confirm))
        return [path("<int:pk>/confirm/", confirm, name="fund_mandate_confirm"), *super().get_urls()]

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        shown = self.get_object(request, object_id)
        about = {"seen": shown.content_digest(), "refusal": shown.refusal(request.user)} if shown else {}
        return super().change_view(request, object_id, form_url, about | {"mandate": shown} | (extra_context or {}))

    def confirm(self, request: HttpRequest, pk: int) -> Any:
        mandate = get_object_or_404(self.get_queryset(request), pk=pk)
        by: Any = request.user
        try:
            mandate.confirm(by=by, seen=request.POST.get("seen", ""))
        except FundError as refused:
            self.message_user(request, str(refused), messages.ERROR)
        else:
            self.message_user(request, _("Confirmed. It holds from its day on."), messages.SUCCESS)
        return redirect("admin:fund_mandate_change", pk)

    @admin.display(description=gettext_lazy("state"))
    def state(self, mandate: Mandate) -> str:
        if not mandate.is_confirmed:
            return _("Waits for a second administrator")
        if mandate.confirmed_by is None:
            return _("Entered before two were asked")
        return _("Confirmed by %(by)s") % {"by": mandate.confirmed_by}

    @admin.display(description=gettext_lazy("what it asks"))
    def asks(self, mandate: Mandate) -> str:
        return words.listed(words.rules_of(mandate)) or _("This mandate sets no rule.")

    @admin.display(description=gettext_lazy("no longer checked"))
    def first_method(self, mandate: Mandate) -> str:
        return words.listed(words.retired_rules(mandate))


# --- candidates --------------------------------------------------------------------------------------
class CandidateForm(forms.ModelForm[Candidate]):
    by: Any  # who asks; the page sets it

    def clean(self) -> None:
        super().clean()
        company = self.cleaned_data.get("company")
        if company and (refusal := Candidate.not_to_be_nominated(company, self.by)):
            raise forms.ValidationError(refusal)


@admin.register(Candidate)
class CandidateAdmin(RoleAdmin[Candidate]):
    add_roles = (Role.ADMIN,)
    empty_text = gettext_lazy("No candidates yet. Propose from a company's dossier, or add one here.")
    list_display = ("company", "fund", "stage", "dossier")
    list_select_related = ("company", "fund")
    list_filter = ("stage", ("fund", OwnFundFilter))
    search_fields = ("company__search_text",)
    autocomplete_fields = ("company",)
    form = CandidateForm
    fields = ("fund", "company", "stage")
    readonly_fields = ("stage",)
    actions = ("shortlist",)

    def has_shortlist_permission(self, request: HttpRequest) -> bool:
        return has_role(request.user, Role.ADMIN)

    def get_form(self, request: HttpRequest, obj: Candidate | None = None, change: bool = False, **how: Any) -> Any:
        return type("CandidateFormOf", (super().get_form(request, obj, change, **how),), {"by": request.user})

    def save_model(self, request: HttpRequest, obj: Candidate, form: Any, change: bool) -> None:
        """Opened by the same verb as from the dossier."""
        by: Any = request.user
        obj.pk = Candidate.of(obj.fund, obj.company, by=by).pk

    @admin.action(description=gettext_lazy("Shortlist the selected candidates"), permissions=["shortlist"])
    def shortlist(self, request: HttpRequest, chosen: QuerySet[Candidate]) -> None:
        by: Any = request.user
        for candidate in chosen.select_related("company", "fund"):
            try:
                candidate.shortlist(by=by)
            except FundError as refused:
                self.message_user(request, f"{candidate}: {refused}", messages.WARNING)
            else:
                self.message_user(request, f"{candidate}: {candidate.get_stage_display()}", messages.SUCCESS)

    @admin.display(description=gettext_lazy("dossier"))
    def dossier(self, candidate: Candidate) -> str:
        return format_html('<a href="{}">{}</a>', candidate.company.get_absolute_url(), _("Open"))


# --- proposals ---------------------------------------------------------------------------------------
class DecidedFilter(DoneFilter):
    words = (gettext_lazy("All"), gettext_lazy("Waits for a decision"), gettext_lazy("Decided"))

    def __init__(self, *args: Any, **how: Any) -> None:
        super().__init__(*args, **how)
        self.title = gettext_lazy("decision")  # a row that points here has no name of its own on this side


@admin.register(Proposal)
class ProposalAdmin(ReadOnlyAdmin[Proposal]):
    """Made from a dossier, in the app; here it is read-only, with the form for an administrator's decision."""

    empty_text = gettext_lazy("No proposals yet. Open a company's dossier and choose “Propose”.")
    list_display = ("company", "outcome", "kind", "amount", "shown_score", "proposed_at", "fund")
    list_select_related = ("candidate__company", "candidate__fund", "score", "decision")
    list_filter = ("kind", ("decision", DecidedFilter), ("candidate__fund", OwnFundFilter))
    search_fields = ("candidate__company__search_text", "content_sha256")

    @admin.display(description=gettext_lazy("company"))
    def company(self, proposal: Proposal) -> str:
        return str(proposal.candidate.company)

    @admin.display(description=gettext_lazy("fund"))
    def fund(self, proposal: Proposal) -> str:
        return str(proposal.candidate.fund)

    @admin.display(description=gettext_lazy("amount in yuan"), ordering="amount_cny")
    def amount(self, proposal: Proposal) -> str:
        return figure(proposal.amount_cny)

    @admin.display(description=gettext_lazy("score"), ordering="score__p_cleared")
    def shown_score(self, proposal: Proposal) -> str:
        return report.headline(proposal.score)

    @admin.display(description=gettext_lazy("outcome"))
    def outcome(self, proposal: Proposal) -> str:
        return proposal.decision.get_outcome_display() if proposal.is_decided else _("Waits for a decision")

    def get_urls(self) -> list[URLPattern]:
        decide = self.admin_site.admin_view(require_POST(self.decide))
        return [path("<int:pk>/decide/", decide, name="fund_proposal_decide"), *super().get_urls()]

    # --- decide ----------------------------------------------------------------------------------------
    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method != "GET":
            raise PermissionDenied(_("A proposal is never edited. A change of mind is a new proposal."))
        return self._proposal_page(request, self._proposal(request, object_id), None)

    def decide(self, request: HttpRequest, pk: int) -> Any:
        """POST outcome, reason and the digest of what was shown."""
        by: Any = request.user
        proposal = self._proposal(request, str(pk))
        form = DecisionForm(request.POST, score=proposal.score)
        refusal: FundError | None = proposal.refusal(by)
        if refusal is None and form.is_valid():
            try:
                proposal.decide(by=by, **form.cleaned_data)
            except FundError as error:
                refusal = error
            else:
                self.message_user(request, _("Your decision is recorded."), messages.SUCCESS)
                return redirect("admin:fund_proposal_change", pk)
        if refusal is not None:
            form.errors.clear()  # the refusal says it all
            form.add_error(None, str(refusal))
            proposal = self._proposal(request, str(pk))
        return self._proposal_page(request, proposal, form, pages.STATUS.get(type(refusal), 200))

    def _proposal(self, request: HttpRequest, pk: str) -> Proposal:
        rows = self.get_queryset(request).select_related(*pages.RELATED)
        return get_object_or_404(rows, pk=int(pk) if pk.isdecimal() else 0)

    def _proposal_page(
        self, request: HttpRequest, proposal: Proposal, form: DecisionForm | None, status: int = 200
    ) -> TemplateResponse:
        form = form or DecisionForm(initial={"content_sha256": proposal.content_digest()}, score=proposal.score)
        context = pages.of_proposal(request.user, proposal) | {"errors": form.non_field_errors(), "form": form}
        frame = self.admin_site.each_context(request) | {"opts": self.opts, "title": pages.title_of(proposal)}
        return TemplateResponse(request, "admin/fund/proposal/proposal.html", frame | context, status=status)


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin[Decision]):
    empty_text = gettext_lazy("No decisions yet. A second administrator makes one on a proposal's page.")
    list_display = ("company", "fund", "kind", "outcome", "proposed_by", "decided_by", "decided_at", "link")
    list_select_related = (
        "proposal__candidate__company",
        "proposal__candidate__fund",
        "proposed_by",
        "decided_by",
        "score__company",
    )
    list_filter = ("outcome", "proposal__kind", ("proposal__candidate__fund", OwnFundFilter))
    search_fields = ("proposal__candidate__company__search_text", "content_sha256")

    @admin.display(description=gettext_lazy("company"))
    def company(self, decision: Decision) -> str:
        return str(decision.proposal.candidate.company)

    @admin.display(description=gettext_lazy("fund"))
    def fund(self, decision: Decision) -> str:
        return str(decision.proposal.candidate.fund)

    @admin.display(description=gettext_lazy("proposal"))
    def kind(self, decision: Decision) -> str:
        return decision.proposal.get_kind_display()

    @admin.display(description=gettext_lazy("proposal page"))
    def link(self, decision: Decision) -> str:
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:fund_proposal_change", args=[decision.proposal_id]), _("Open")
        )


@admin.register(Note)
class NoteAdmin(ReadOnlyAdmin[Note]):
    empty_text = gettext_lazy("No notes yet. They are written on a company's dossier.")
    list_display = ("company", "by", "at", "text")
    list_select_related = ("company", "by")
    search_fields = ("company__search_text", "text")
