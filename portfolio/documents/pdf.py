"""A document as PDF: tagged, with the fonts it needs inside it; asks neither the machine nor the network for any.

Set by typst from `document.typ` (docs/why/2026-11-30-pdf-by-typst.md). Texts reach it as JSON, so nothing that a person
typed is read as markup. The same document with the same time gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import typst
from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

HERE = Path(__file__).resolve().parent
TEMPLATE, FONTS = HERE / "document.typ", HERE / "fonts"
ACCESSIBLE: Literal["ua-1"] = "ua-1"  # PDF/UA-1: typst writes none that is not tagged through and through


@dataclass(frozen=True)
class Heading:
    text: str
    kind: str = "heading"


@dataclass(frozen=True)
class Words:
    """A paragraph."""

    text: str
    kind: str = "words"


@dataclass(frozen=True)
class Facts:
    """Label and value, a line each; a value that is a code, such as a digest, is set in letters of one width."""

    rows: Sequence[tuple[str, str, bool]]  # label, value, whether it is a code
    kind: str = "facts"


@dataclass(frozen=True)
class Table:
    """`numbers` says of each column whether it is of numbers, which stand to the right."""

    heads: Sequence[str]
    numbers: Sequence[bool]
    rows: Sequence[Sequence[str]]
    kind: str = "table"


Block = Heading | Words | Facts | Table


@dataclass(frozen=True)
class Document:
    """In the language that is active when it is made. `running` stands at the head of each page, `foot` at its end."""

    title: str
    running: str
    foot: str
    at: datetime  # when what it tells happened: the document's own date
    blocks: Sequence[Block]


def pdf_of(document: Document) -> bytes:
    """In about 0.2 s, however many pages."""
    is_english = (get_language() or "").startswith("en")
    told = {
        "title": document.title,
        "running": document.running,
        "foot": document.foot,
        "issuer": _("Greenlight"),
        "pages": _("Page {page} of {of}"),
        "language": "en" if is_english else "zh",
        "region": "GB" if is_english else "CN",
        "blocks": [asdict(block) for block in document.blocks],
    }
    try:
        return _set(told, document.at, ACCESSIBLE)
    except typst.TypstError:  # a character of a typed text is in no font: tagged all the same, without the claim
        return _set(told, document.at, None)


def _set(told: dict[str, Any], at: datetime, standard: Literal["ua-1"] | None) -> bytes:
    return typst.compile(
        TEMPLATE,
        root=HERE,
        font_paths=[FONTS],
        ignore_system_fonts=True,
        sys_inputs={"told": json.dumps(told, ensure_ascii=False)},
        pdf_standards=standard,
        timestamp=int(at.timestamp()),
    )


def file_of(document: Document, what: str) -> HttpResponse:
    """To be kept as greenlight_‹what›_‹when›_‹language›.pdf; `when` is of what it tells, in Beijing."""
    language = "en" if (get_language() or "").startswith("en") else "zh"
    name = f"greenlight_{what}_{timezone.localtime(document.at):%Y%m%d-%H%M}_{language}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(pdf_of(document), content_type="application/pdf", headers=headers)


def in_words(at: datetime) -> str:
    """2026-11-30 20:15:03 +08:00 (Asia/Shanghai) · 2026-11-30T12:15:03Z"""
    here = timezone.localtime(at).isoformat(sep=" ", timespec="seconds")
    return f"{here[:-6]} {here[-6:]} ({settings.TIME_ZONE}) · {at:%Y-%m-%dT%H:%M:%SZ}"
