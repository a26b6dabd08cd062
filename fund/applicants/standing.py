"""How the preview of a company's result stands, for whoever of the fund proposes or reads before a decision."""

from __future__ import annotations

from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fund.models import Preview


class PreviewNote(NamedTuple):
    """A sentence, whether it asks for care, and the page of the disputes where there are any."""

    words: str
    is_warning: bool
    href: str


def preview_note(company: int) -> PreviewNote | None:
    """Of the newest version that was shown; None where none was. It warns, and locks nothing. Two queries."""
    preview = Preview.objects.of_companies([company]).get(company)
    if preview is None:
        return None
    disputes = list(preview.disputes.all())
    href = f"{reverse('disputes')}?company={preview.disclosure.company.company_key}" if disputes else ""
    named = {"year": preview.disclosure.year, "day": preview.last_day}
    if open_ones := len(preview.open_disputes):
        words = ngettext(
            "The company disputes its result of %(year)s: %(n)s field open.",
            "The company disputes its result of %(year)s: %(n)s fields open.",
            open_ones,
        )
        return PreviewNote(words % {**named, "n": open_ones}, True, href)
    if preview.confirmed_at:
        words = _("The company confirmed its result of %(year)s on %(when)s.")
        when = f"{preview.confirmed_at.astimezone(preview.ends_at.tzinfo):%Y-%m-%d}"
        return PreviewNote(words % {**named, "when": when}, False, href)
    if preview.is_running:
        words = _("The company may still confirm or dispute its result of %(year)s: the preview runs until %(day)s.")
        return PreviewNote(words % named, True, href)
    words = _("The company neither confirmed nor disputes its result of %(year)s; the preview ended on %(day)s.")
    return PreviewNote(words % named, False, href)
