"""Who asks to join, who is invited, and forms that are out by a link: to be read. They are answered on their pages."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy

from portfolio.admin.roles import ReadOnlyAdmin
from portfolio.models import FormLink, Invitation, JoinRequest


@admin.register(JoinRequest)
class JoinRequestAdmin(ReadOnlyAdmin[JoinRequest]):
    empty_text = gettext_lazy("No requests to join yet. People of companies make them when they sign up.")
    list_display = ("name", "company_name", "uscc", "state", "asked_at", "answered_by", "answered_at")
    list_select_related = ("answered_by",)
    list_filter = ("state",)
    search_fields = ("name", "address", "company_name", "uscc")
    fields = (
        *("name", "address", "user", "uscc", "company_name", "consent", "asked_at", "state"),
        *("answered_by", "answered_at", "reason"),
    )


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin[Invitation]):
    empty_text = gettext_lazy("No invitations yet. Submitters of companies send them to colleagues.")
    list_display = ("address", "company", "kind", "state", "invited_by", "invited_at", "expires_at", "sent_at")
    list_select_related = ("company", "invited_by")
    list_filter = ("state", "kind")
    search_fields = ("address", "company__search_text")
    fields = (
        *("address", "company", "kind", "state", "invited_by", "invited_at", "sent_at", "expires_at"),
        *("accepted_by", "closed_at", "consent"),
    )


@admin.register(FormLink)
class FormLinkAdmin(ReadOnlyAdmin[FormLink]):
    """What was typed by it stands in the draft, and is no business of the house before it is submitted."""

    empty_text = gettext_lazy("No forms by a link yet. Submitters of companies send them to who has the bills.")
    list_display = ("address", "company", "quarter", "state", "made_by", "made_at", "expires_at", "saved_at")
    list_select_related = ("disclosure__company", "made_by")
    list_filter = ("state",)
    search_fields = ("address", "disclosure__company__search_text")
    fields = ("address", "company", "quarter", "state", "made_by", "made_at", "sent_at", "expires_at", "saved_at")
    readonly_fields = ("company",)

    @admin.display(description=gettext_lazy("company"), ordering="disclosure__company")
    def company(self, row: FormLink) -> str:
        return str(row.disclosure.company)
