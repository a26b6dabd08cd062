"""How parts of a sentence are joined in the reader's language: Chinese has commas and colons of its own."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def listed(items: Iterable[object]) -> str:
    """A, B; in Chinese A、B. Empty for no items."""
    return pgettext("between items of a list", ", ").join(map(str, items))


def labelled(name: object, what: object) -> str:
    """Emissions: 12 t; in Chinese with a full-width colon."""
    return f"{name}{_(': ')}{what}"
