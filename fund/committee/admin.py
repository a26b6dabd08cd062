"""Where the fund decides: mandates, candidates, proposals, and the second administrator's answer."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST

from fund.committee import report, words
from fund.errors import AlreadyDecided, ContentChanged, FundError, NotEntitled, SamePerson
from fund.models import Candidate, Decision, FundTrack, Mandate, Note, Proposal, ThemeFund
from fund.models.decision import failed_gates, newer_score, proposable
from portfolio import audit
from portfolio.admin import DoneFilter, HistoryAdmin, ReadOnlyAdmin, RoleAdmin, RoleRules
from portfolio.models import Role, has_role
from portfolio.models.people import SomeUser
from portfolio.templatetags.figures import figure
from portfolio.typed.numbers import UnreadableNumber, grouped, read_number
from scoring.models import BarSheet, Score


class AmountField(forms.CharField):
    """Yuan as people type them: 50,000,000, 1.2万 or 5亿; empty when no amount is proposed."""

    default_validators = [MinValueValidator(Decimal("0.01")), MaxValueValidator(Decimal("9999999999999999.99"))]
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def __init__(self, **how: Any) -> None:
        super().__init__(required=False, empty_value=None, **how)

    def to_python(self, typed: Any) -> Any:
        text = super().to_python(typed)
        if text is None:
            return None
        try:
            return Decimal(repr(read_number(text).value)).quantize(Decimal("0.01"))
        except UnreadableNumber as refusal:
            raise forms.ValidationError(str(refusal), code="unreadable") from refusal
        except InvalidOperation as refusal:
            raise forms.ValidationError(_("“%(typed)s” is too large.") % {"typed": text}, code="large") from refusal


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
A_SENTENCE = gettext_lazy("A sentence that somebody else can judge")


class ProposalForm(forms.ModelForm[Proposal]):
    amount_cny = AmountField(
        label=gettext_lazy("Amount in yuan"), help_text=gettext_lazy("Such as 50,000,000, 1.2万 or 3亿")
    )
    seen_sha256 = forms.CharField(widget=forms.HiddenInput)

    class Meta:
        model = Proposal
        fields = ("kind", "amount_cny", "conditions", "reason", "newer_score_note", "failed_rules_note")
        help_texts = {"reason": A_SENTENCE}
        widgets = {
            "conditions": forms.Textarea({"rows": 3, "cols": 40}),
            "reason": forms.Textarea({"rows": 4, "cols": 40}),
            "newer_score_note": forms.Textarea({"rows": 3, "cols": 40}),
            "failed_rules_note": forms.Textarea({"rows": 3, "cols": 40}),
        }

    def __init__(self, *args: Any, score: Score, **how: Any) -> None:
        """Of a candidate that is not admitted investing is not offered."""
        super().__init__(*args, **how)
        if failed_gates(score):
            kinds: Any = self.fields["kind"]
            kinds.choices = [(kind, label) for kind, label in kinds.choices if kind != Proposal.Kind.INVEST]

    def clean(self) -> dict[str, Any] | None:
        """What `Candidate.propose` refuses too, said at its field."""
        cleaned = super().clean()
        is_empty = "amount_cny" not in self.errors and self.cleaned_data.get("amount_cny") is None
        if is_empty and self.cleaned_data.get("kind") == Proposal.Kind.INVEST:
            self.add_error("amount_cny", _("An investment needs an amount."))
        return cleaned

    def amount_read(self) -> str:
        """What the typed amount came to mean, to be read back."""
        try:
            return grouped(read_number(str(self["amount_cny"].value() or "")).value)
        except UnreadableNumber:
            return ""

    def _post_clean(self) -> None:
        """The model's own checks need fields that only `Candidate.propose` fills; it and the database make them."""


OUTCOMES = [  # what one does; what is done already stands in Decision.Outcome
    (Decision.Outcome.APPROVED.value, pgettext_lazy("of a decision", "Approve")),
    (Decision.Outcome.REJECTED.value, pgettext_lazy("of a decision", "Reject")),
]


class DecisionForm(forms.Form):
    outcome = forms.ChoiceField(label=gettext_lazy("Decision"), choices=OUTCOMES, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=4000,
        widget=forms.Textarea({"rows": 4, "cols": 40}),
        help_text=A_SENTENCE,
    )
    newer_score_note = forms.CharField(
        label=gettext_lazy("Why not the newer score"),
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 3, "cols": 40}),
    )
    content_sha256 = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, score: Score, **how: Any) -> None:
        """On a score of a retired method nothing is approved any more."""
        super().__init__(*args, **how)
        if score.is_retired:
            outcomes: Any = self.fields["outcome"]
            outcomes.choices = [(code, label) for code, label in outcomes.choices if code != Decision.Outcome.APPROVED]


class DecidedFilter(DoneFilter):
    words = (gettext_lazy("All"), gettext_lazy("Waits for a decision"), gettext_lazy("Decided"))

    def __init__(self, *args: Any, **how: Any) -> None:
        super().__init__(*args, **how)
        self.title = gettext_lazy("decision")  # a row that points here has no name of its own on this side


RUN = ("score__run__bar_sheet", "score__run__retired_method")
STATUS: dict[type[object], int] = {NotEntitled: 403, SamePerson: 403, AlreadyDecided: 409, ContentChanged: 409}


@admin.register(Proposal)
class ProposalAdmin(ReadOnlyAdmin[Proposal]):
    """Made from a dossier, bound to its score; then read-only, with the form for another administrator's decision."""

    add_roles = (Role.ADMIN,)
    empty_text = gettext_lazy("No proposals yet. Open a company's dossier and choose “Propose”.")
    list_display = ("company", "outcome", "kind", "amount", "shown_score", "proposed_at", "fund")
    list_select_related = ("candidate__company", "candidate__fund", "score", "decision")
    list_filter = ("kind", ("decision", DecidedFilter), ("candidate__fund", OwnFundFilter))
    search_fields = ("candidate__company__search_text", "content_sha256")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """No “add” here: a proposal begins at the dossier of the score it is bound to."""
        return super().changelist_view(request, {"has_add_permission": False} | (extra_context or {}))

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

    # --- propose ---------------------------------------------------------------------------------------
    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> Any:
        """?score=ID&fund=ID. Without a score there is nothing to propose; with several funds one is chosen first."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        score_id, fund_id = request.GET.get("score", ""), request.GET.get("fund", "")
        if not score_id.isdecimal():
            self.message_user(request, _("Open a company's dossier and choose “Propose” there."), messages.INFO)
            return redirect("admin:fund_proposal_changelist")
        scores = Score.objects.visible_to(request.user).select_related(
            "company", "run__bar_sheet", "run__retired_method"
        )
        score = get_object_or_404(scores, pk=score_id)
        funds = ThemeFund.objects.visible_to(request.user).filter(source="")
        if fund_id.isdecimal():
            return self._propose(request, score, get_object_or_404(funds, pk=fund_id))
        if funds.count() == 1:
            return self._propose(request, score, funds.get())
        return self._page(request, "choose_fund", _("Propose for which fund?"), {"score": score, "funds": funds})

    def _propose(self, request: HttpRequest, score: Score, fund: ThemeFund) -> Any:
        candidate = Candidate(fund=fund, company=score.company)
        seen = candidate.preview(score)
        form = ProposalForm(request.POST or None, initial={"seen_sha256": seen.sha256}, score=score)
        status, amount_cny = 200, None
        is_valid = form.is_valid()
        if form.is_bound:  # the rules are checked with it, whatever else is amiss
            amount_cny = form.cleaned_data.get("amount_cny")
        if is_valid:
            try:
                proposal = self._make(request, score, fund, form.cleaned_data)
            except FundError as refused:
                status = STATUS.get(type(refused), 200)
                posted = _with(request.POST, seen_sha256=seen.sha256)  # the page shows what is stored now
                form = ProposalForm(posted, score=score)
                form.add_error(None, str(refused))
            else:
                self.message_user(request, _proposed(proposal), messages.SUCCESS)
                return redirect(proposal)
        seen = candidate.preview(score, amount_cny)
        context = {
            "fund": fund,
            **_about(request.user, score),
            "others": self._others(request, fund, score),
            "refusal": proposable(score),
            "rules": report.Rules(seen.mandate, seen.sheet, seen.checks),
            "ticket": words.ticket(amount_cny, fund.size_cny),
            "form": form,
        }
        return self._page(request, "propose", str(score.company), context, status)

    def _make(self, request: HttpRequest, score: Score, fund: ThemeFund, given: dict[str, Any]) -> Proposal:
        by: Any = request.user
        kind, reason = given.pop("kind"), given.pop("reason")
        with transaction.atomic():  # a refused proposal leaves no candidate behind
            return Candidate.of(fund, score.company, by=by).propose(score, kind, reason, by, **given)

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
                return redirect(proposal)
        if refusal is not None:
            form.errors.clear()  # the refusal says it all
            form.add_error(None, str(refusal))
            proposal = self._proposal(request, str(pk))
        return self._proposal_page(request, proposal, form, STATUS.get(type(refusal), 200))

    def _proposal(self, request: HttpRequest, pk: str) -> Proposal:
        related = ("candidate__company", "candidate__fund", "score__company", "proposed_by")
        rows = self.get_queryset(request).select_related(*related, *RUN, "mandate__bar_sheet", "decision__decided_by")
        return get_object_or_404(rows, pk=int(pk) if pk.isdecimal() else 0)

    def _proposal_page(
        self, request: HttpRequest, proposal: Proposal, form: DecisionForm | None, status: int = 200
    ) -> Any:
        by: Any = request.user
        shown = proposal.content_digest()
        fund, score = proposal.candidate.fund, proposal.score
        context = {
            "proposal": proposal,
            "fund": fund,
            **_about(request.user, score),
            "others": self._others(request, fund, score).exclude(pk=proposal.pk),
            "asked": words.asked(proposal),
            "rules": report.rules_then(proposal),
            "rules_now": None if score.is_retired or proposal.is_decided else report.rules_now(proposal),
            "unmentioned": proposal.unmentioned_newer_score(),
            "is_intact": shown == proposal.content_sha256,
            "refusal": proposal.refusal(by),
            "errors": form.non_field_errors() if form else (),
            "form": form or DecisionForm(initial={"content_sha256": shown}, score=score),
        }
        return self._page(request, "proposal", f"{score.company} · {proposal.get_kind_display()}", context, status)

    def _others(self, request: HttpRequest, fund: ThemeFund, score: Score) -> QuerySet[Proposal]:
        """What was proposed to this fund of the same company, the newest first."""
        rows = Proposal.objects.visible_to(request.user).filter(candidate__fund=fund)
        return rows.filter(candidate__company=score.company_id).select_related("decision").order_by("-pk")

    def _page(
        self, request: HttpRequest, template: str, title: str, context: dict[str, Any], status: int = 200
    ) -> TemplateResponse:
        frame = self.admin_site.each_context(request) | {"opts": self.opts, "title": title}
        return TemplateResponse(request, f"admin/fund/proposal/{template}.html", frame | context, status=status)


def _about(user: SomeUser, score: Score) -> dict[str, Any]:
    """What both pages say of the score."""
    newer = newer_score(score)
    return {
        "score": score,
        "brief": report.brief(score),
        "doubts": report.doubts(user, score),
        "first_method": report.first_method(score) if score.is_retired else (),
        "newer_score": newer,
        "newer_sheet": score.newer_sheet(timezone.localdate()),
        "newer_headline": report.headline(newer) if newer else "",
    }


def _proposed(proposal: Proposal) -> str:
    if proposal.amount_cny is None:
        return _("Proposed. Another administrator decides.")
    return _("Proposed, %(amount)s CNY. Another administrator decides.") % {
        "amount": grouped(float(proposal.amount_cny))
    }


def _with(posted: QueryDict, **changes: str) -> QueryDict:
    """The posted fields with some of them replaced."""
    copy = posted.copy()
    for name, value in changes.items():
        copy[name] = value
    return copy


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
