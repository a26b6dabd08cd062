"""Icons come from one sprite and always stand beside a word, so they are hidden from screen readers."""

from functools import lru_cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=500)
def icon(name: str, size: int = 16) -> SafeString:
    """{% icon "check" %}: an icon of vendor/lucide/icons.svg in the colour of the text."""
    return format_html(
        '<svg class="icon" width="{0}" height="{0}" aria-hidden="true"><use href="{1}#{2}"></use></svg>',
        size,
        static("vendor/lucide/icons.svg"),
        name,
    )
