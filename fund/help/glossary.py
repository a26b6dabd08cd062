"""The glossary that ships in docs/reference/glossary.csv, which tests hold the product to."""

from __future__ import annotations

import csv
from functools import cache
from typing import NamedTuple

from django.conf import settings


class Term(NamedTuple):
    en: str
    zh: str


@cache
def terms() -> tuple[Term, ...]:
    """In the file's order, which is that of the work."""
    with (settings.BASE_DIR / "docs/reference/glossary.csv").open(encoding="utf-8") as file:
        return tuple(Term(row["en"], row["zh"]) for row in csv.DictReader(file))
