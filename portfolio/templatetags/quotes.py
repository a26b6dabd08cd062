"""Others' words as they wrote them: never translated, so a page says in which language they are."""

from __future__ import annotations

import re

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()

_HAN = re.compile("[\u3400-\u9fff]")
_LATIN = re.compile("[A-Za-z]{2}")


@register.filter
def quoted(text: str) -> SafeString:
    """{{ target.text|quoted }}: in quotation marks, with its language."""
    language = language_of(text)
    return format_html('<q lang="{}">{}</q>', language, text) if language else format_html("<q>{}</q>", text)


@register.filter
def cited(text: str) -> SafeString:
    """{{ row.source|cited }}: the same where it is not of the page's language; else as it is."""
    language = language_of(text)
    own = "en" if (get_language() or "").startswith("en") else "zh-Hans"
    return quoted(text) if language and language != own else conditional_escape(text)


def language_of(text: str) -> str:
    """By its letters: Chinese where a Han character stands in it, else English; empty without a word."""
    if _HAN.search(text):
        return "zh-Hans"
    return "en" if _LATIN.search(text) else ""
