"""Previews and disputes in the administration: read there, made and answered on their own pages."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy

from fund.applicants.words import disputed_words
from fund.models import Dispute, Preview
from portfolio.admin import DoneFilter, ReadOnlyAdmin


@admin.register(Preview)
class PreviewAdmin(ReadOnlyAdmin[Preview]):
    empty_text = gettext_lazy("No previews yet. One opens by itself with the first score of a verified version.")
    list_display = ("disclosure", "opened_at", "due", "confirmed_by", "confirmed_at")
    list_select_related = ("disclosure__company", "confirmed_by")
    list_filter = (("confirmed_at", DoneFilter),)
    search_fields = ("disclosure__company__search_text",)
    search_help_text = gettext_lazy("Words in the company's names, identifiers or pinyin")


@admin.register(Dispute)
class DisputeAdmin(ReadOnlyAdmin[Dispute]):
    empty_text = gettext_lazy("No disputes. A company disputes a field of its result on the page of the result.")
    list_display = ("company", "about", "state", "by", "at", "closed_by", "closed_at")
    list_select_related = ("preview__disclosure__company", "by", "closed_by")
    list_filter = ("state",)
    search_fields = ("preview__disclosure__company__search_text", "words", "answer")
    search_help_text = gettext_lazy("Words in the company's names, of the dispute or of its answer")

    @admin.display(description=gettext_lazy("company"), ordering="preview__disclosure__company")
    def company(self, row: Dispute) -> str:
        return str(row.preview.disclosure.company)

    @admin.display(description=gettext_lazy("what is disputed"), ordering="field")
    def about(self, row: Dispute) -> str:
        return disputed_words(row.field)
