"""Deadlines, findings, and the outbox: what waits, went or failed, to be sent again or cancelled. Texts are code."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from portfolio.admin.roles import HistoryAdmin, ReadOnlyAdmin, YearFilter
from portfolio.errors import NotAllowed
from portfolio.mail import outbox
from portfolio.models import (
    Appeal,
    Deadline,
    Declaration,
    Finding,
    Mail,
    Opinion,
    Role,
    SheetUpload,
    Substitution,
    Webhook,
    WebhookDelivery,
    has_role,
)


@admin.register(Deadline)
class DeadlineAdmin(HistoryAdmin[Deadline]):
    add_roles = change_roles = (Role.ADMIN,)
    empty_text = gettext_lazy("No deadlines yet. Add one for a reporting year: companies see it and are reminded.")
    list_display = ("year", "company_or_all", "left", "note")
    list_display_links = ("year", "company_or_all")
    list_select_related = ("company",)
    list_filter = (("year", YearFilter),)
    search_fields = ("company__search_text", "note")
    autocomplete_fields = ("company",)
    fields = ("year", "company", "due", "note")

    @admin.display(description=gettext_lazy("company"), ordering="company")
    def company_or_all(self, row: Deadline) -> str:
        return str(row.company or _("all companies"))

    @admin.display(description=gettext_lazy("due"), ordering="due")
    def left(self, row: Deadline) -> str:
        return row.words


@admin.register(Opinion)
class OpinionAdmin(ReadOnlyAdmin[Opinion]):
    empty_text = gettext_lazy("No opinions yet. Verifiers draft them on what was submitted.")
    list_display = ("disclosure", "kind", "level", "state", "drafted_by", "reviewed_by", "issued_at")
    list_select_related = ("disclosure__company", "drafted_by", "reviewed_by")
    list_filter = ("state", "kind")
    search_fields = ("disclosure__company__search_text",)
    fieldsets = (
        (None, {"fields": ("disclosure", "kind", "level", "criteria", "criteria_words", "statement")}),
        (gettext_lazy("What it rests on"), {"fields": ("scope", "sampling", "despite", "digest")}),
        (
            gettext_lazy("Materiality"),
            {"fields": ("reported_t", "threshold_t", "net_t", "absolute_t", "largest_t", "unclosed", "substituted")},
        ),
        (gettext_lazy("Who drafted it"), {"fields": ("drafted_by", "drafted_at", "has_no_conflict")}),
        (
            gettext_lazy("What became of it"),
            {"fields": ("state", "reviewed_by", "reviewed_at", "review_words", "issued_at", "appeal_until")},
        ),
        (gettext_lazy("How it ended"), {"fields": ("ended_by", "ended_at", "ended_words")}),
    )


@admin.register(Substitution)
class SubstitutionAdmin(ReadOnlyAdmin[Substitution]):
    empty_text = gettext_lazy("No conservative values yet. Verifiers put them in the place of what nobody can show.")
    list_display = ("disclosure", "quantity", "submitted", "value", "by", "at")
    list_select_related = ("disclosure__company", "by")
    search_fields = ("disclosure__company__search_text",)
    fields = ("disclosure", "quantity", "submitted", "value", "basis", "finding", "by", "at", "digest")


@admin.register(Appeal)
class AppealAdmin(ReadOnlyAdmin[Appeal]):
    empty_text = gettext_lazy("No appeals yet. A company has seven working days after an opinion is issued.")
    list_display = ("opinion", "state", "made_by", "due", "answered_by")
    list_select_related = ("opinion__disclosure__company", "made_by", "answered_by")
    list_filter = ("state",)
    search_fields = ("opinion__disclosure__company__search_text",)
    fields = (
        "opinion",
        "words",
        "made_by",
        "made_at",
        "due",
        "state",
        "answer",
        "answered_by",
        "answered_at",
        "is_by_issuer",
    )


@admin.register(Finding)
class FindingAdmin(ReadOnlyAdmin[Finding]):
    """What verifiers found; what a company's people say among themselves is for nobody else."""

    empty_text = gettext_lazy("No findings yet. Verifiers raise them on what was submitted.")
    list_display = ("disclosure", "what", "kind", "state", "due", "raised_by", "closed_by")
    list_display_links = ("disclosure", "what")
    list_select_related = ("disclosure__company", "raised_by", "closed_by")
    list_filter = ("state", "kind")
    search_fields = ("disclosure__company__search_text",)
    fieldsets = (
        (None, {"fields": ("disclosure", "what", "kind", "words", "effect_t", "effect_reason", "due")}),
        (gettext_lazy("What became of it"), {"fields": ("state", "outcome", "closing", "closed_by", "closed_at")}),
        (gettext_lazy("Who raised it"), {"fields": ("raised_by", "raised_at")}),
    )
    readonly_fields = ("what",)

    @admin.display(description=gettext_lazy("about"), ordering="point")
    def what(self, row: Finding) -> str:
        return row.about


@admin.register(Mail)
class MailAdmin(ReadOnlyAdmin[Mail]):
    empty_text = gettext_lazy("No mails yet. They are written when something happens that somebody is to be told.")
    list_display = ("subject", "state", "recipient", "attempts", "written_at", "sent_at", "last_error")
    list_select_related = ("user", "company")
    list_filter = ("state", "kind", "language")
    search_fields = ("subject", "address", "user__username", "company__search_text", "about")
    search_help_text = gettext_lazy("Subject, recipient, company, or of what: disclosure:17")
    change_list_template = "admin/portfolio/mail/list.html"
    actions = ("send_again", "cancel")
    fieldsets = (
        (None, {"fields": ("recipient", "in_language", "subject", "body")}),
        (
            gettext_lazy("What became of it"),
            {"fields": ("state", "attempts", "written_at", "queued_at", "not_before", "sent_at", "last_error")},
        ),
        (gettext_lazy("What it is about"), {"fields": ("kind", "company", "about", "key")}),
    )
    readonly_fields = ("recipient", "in_language")

    @admin.display(description=gettext_lazy("recipient"), ordering="user__username")
    def recipient(self, row: Mail) -> str:
        return f"{row.user} <{row.address}>" if row.user else row.address

    @admin.display(description=gettext_lazy("language"))
    def in_language(self, row: Mail) -> str:
        return str(dict(settings.LANGUAGES).get(row.language, row.language))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return super().changelist_view(request, {"title": _("Outbox")} | (extra_context or {}))

    def get_urls(self) -> list[URLPattern]:
        test = self.admin_site.admin_view(require_POST(self.send_test))
        return [path("test/", test, name="portfolio_mail_test"), *super().get_urls()]

    def send_test(self, request: HttpRequest) -> HttpResponse:
        """To oneself, through the outbox like any other: what the server says stands on its row."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        by: Any = request.user
        if by.email:
            moment = f"{timezone.now():%Y%m%d%H%M%S%f}"
            outbox.tell([by], Mail.Kind.TEST, f"user:{by.pk}", reverse("admin:portfolio_mail_changelist"), once=moment)
            words = _(
                "A test mail to %(address)s waits to be sent. In about 15 seconds this list says what became of it."
            )
            self.message_user(request, words % {"address": by.email}, messages.SUCCESS)
        else:
            self.message_user(request, _("Your account has no e-mail address."), messages.WARNING)
        return redirect(reverse("admin:portfolio_mail_changelist"))

    def has_send_permission(self, request: HttpRequest) -> bool:
        return has_role(request.user, Role.ADMIN)

    @admin.action(description=gettext_lazy("Send again"), permissions=["send"])
    def send_again(self, request: HttpRequest, chosen: QuerySet[Mail]) -> None:
        for mail in chosen:
            self._told(request, mail, lambda by, mail=mail: mail.send_again(by=by))

    @admin.action(description=gettext_lazy("Cancel"), permissions=["send"])
    def cancel(self, request: HttpRequest, chosen: QuerySet[Mail]) -> None:
        for mail in chosen:
            self._told(request, mail, lambda by, mail=mail: mail.cancel(by=by))

    def _told(self, request: HttpRequest, mail: Mail, do: Any) -> None:
        try:
            do(request.user)
        except NotAllowed as refused:
            self.message_user(request, f"{mail}: {refused}", messages.WARNING)
        else:
            self.message_user(request, f"{mail}: {mail.get_state_display()}", messages.SUCCESS)


@admin.register(Webhook)
class WebhookAdmin(ReadOnlyAdmin[Webhook]):
    empty_text = gettext_lazy(
        "No webhooks yet. Submitters register those of their company, administrators the house's."
    )
    list_display = ("url", "whose", "made_by", "made_at", "failing_since", "off_at", "off_why")
    list_select_related = ("company", "made_by")
    list_filter = ("off_why",)
    search_fields = ("url", "company__search_text")
    fields = ("url", "whose", "events", "made_by", "made_at", "failing_since", "off_at", "off_why")
    readonly_fields = ("whose",)

    @admin.display(description=gettext_lazy("company"), ordering="company")
    def whose(self, row: Webhook) -> str:
        return str(row.company or _("all companies"))


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyAdmin[WebhookDelivery]):
    empty_text = gettext_lazy("No deliveries yet. One shows here for each message to a webhook.")
    list_display = ("event", "webhook", "state", "status_code", "attempts", "written_at", "delivered_at", "last_error")
    list_select_related = ("webhook",)
    list_filter = ("state", "event")
    search_fields = ("message_id", "webhook__url", "webhook__company__search_text")
    actions = ("send_again",)
    fields = (
        *("webhook", "message_id", "event", "body", "state", "status_code", "last_error", "attempts"),
        *("written_at", "not_before", "delivered_at"),
    )

    def has_send_permission(self, request: HttpRequest) -> bool:
        return has_role(request.user, Role.ADMIN)

    @admin.action(description=gettext_lazy("Send again"), permissions=["send"])
    def send_again(self, request: HttpRequest, chosen: QuerySet[WebhookDelivery]) -> None:
        by: Any = request.user
        for delivery in chosen.select_related("webhook__company"):
            try:
                delivery.send_again(by=by)
            except NotAllowed as refused:
                self.message_user(request, f"{delivery}: {refused}", messages.WARNING)
            else:
                self.message_user(request, f"{delivery}: {delivery.get_state_display()}", messages.SUCCESS)


@admin.register(SheetUpload)
class SheetUploadAdmin(ReadOnlyAdmin[SheetUpload]):
    """What was handed in and what became of it; the file itself is the company's."""

    empty_text = gettext_lazy("No uploaded files yet. One shows here once the disclosure it was for is verified.")
    list_display = ("name", "disclosure", "state", "size", "uploaded_by", "uploaded_at", "closed_at")
    list_select_related = ("disclosure__company", "uploaded_by")
    list_filter = ("state", "kind")
    search_fields = ("name", "sha256", "disclosure__company__search_text")
    fields = (
        *("disclosure", "name", "kind", "size_bytes", "sha256", "language", "uploaded_by", "uploaded_at"),
        *("state", "attempts", "done", "total", "edition", "told_at", "closed_at"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[SheetUpload]:
        return super().get_queryset(request).defer("content", "found")

    @admin.display(description=gettext_lazy("size"), ordering="size_bytes")
    def size(self, row: SheetUpload) -> str:
        return filesizeformat(row.size_bytes)


@admin.register(Declaration)
class DeclarationAdmin(ReadOnlyAdmin[Declaration]):
    empty_text = gettext_lazy("No declarations yet. One is kept with each submission, and shows once it is verified.")
    list_display = ("step", "wording", "figures_digest", "ledger_digest")
    list_select_related = ("step__disclosure__company", "step__by")
    list_filter = ("wording",)
    search_fields = ("figures_digest", "ledger_digest", "step__disclosure__company__search_text")
    fields = ("step", "wording", "declared", "figures_digest", "ledger_digest")
    readonly_fields = ("declared",)

    @admin.display(description=gettext_lazy("what was declared"))
    def declared(self, row: Declaration) -> str:
        return row.words
