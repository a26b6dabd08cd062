"""Files that people hand in as evidence, looked at before they are kept: inside must be what the name promises."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath

from django.db import models
from django.utils.translation import gettext_lazy as _

from portfolio.errors import PortfolioError

LARGEST_MB = 10
LARGEST_BYTES = LARGEST_MB * 1024 * 1024
LONGEST_NAME = 120

# A workbook is a zip; these bounds keep one that unpacks without end away from everyone who opens it.
MOST_PARTS = 200
LARGEST_UNPACKED_MB = 50
LARGEST_UNPACKED_BYTES = LARGEST_UNPACKED_MB * 1024 * 1024
STEEPEST_RATIO = 100


class EvidenceKind(models.TextChoices):
    PDF = "pdf", _("PDF")
    PNG = "png", _("PNG picture")
    JPEG = "jpg", _("JPEG picture")
    XLSX = "xlsx", _("Excel workbook")
    CSV = "csv", _("CSV table")

    @property
    def content_type(self) -> str:
        return {
            "pdf": "application/pdf",
            "png": "image/png",
            "jpg": "image/jpeg",
            "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "csv": "text/csv; charset=utf-8",
        }[self.value]


ENDINGS = {"pdf": EvidenceKind.PDF, "png": EvidenceKind.PNG, "jpg": EvidenceKind.JPEG, "jpeg": EvidenceKind.JPEG}
ENDINGS |= {"xlsx": EvidenceKind.XLSX, "csv": EvidenceKind.CSV}
ACCEPT = ",".join(f".{ending}" for ending in ENDINGS)  # what a file field offers first
_MAGIC = {EvidenceKind.PDF: b"%PDF-", EvidenceKind.PNG: b"\x89PNG\r\n\x1a\n", EvidenceKind.JPEG: b"\xff\xd8\xff"}


class EvidenceRefused(PortfolioError):
    """The file is not kept; the message says why."""


@dataclass(frozen=True)
class Upload:
    """A file that may be kept: what it is, and the name to show for it."""

    name: str
    kind: EvidenceKind
    content: bytes


def read_upload(name: str, content: bytes) -> Upload:
    """Take a file as it came in. Raises EvidenceRefused when it is too large, or not what its name says."""
    shown = shown_name(name)
    ending = PurePosixPath(shown).suffix.lower().removeprefix(".")
    if len(content) > LARGEST_BYTES:
        raise too_large(len(content))
    if not content:
        raise EvidenceRefused(_("“%(name)s” is empty.") % {"name": shown})
    if ending not in ENDINGS:
        raise EvidenceRefused(_("“%(name)s”: please send a PDF, PNG, JPEG, XLSX or CSV file.") % {"name": shown})
    kind = ENDINGS[ending]
    if not _is(kind, content):
        raise EvidenceRefused(
            _("“%(name)s” is not what its name says: inside there is no %(kind)s.")
            % {"name": shown, "kind": kind.label}
        )
    return Upload(shown, kind, content)


def too_large(size_bytes: int) -> EvidenceRefused:
    return EvidenceRefused(
        _("The file has %(size).1f MB; at most %(most)s MB can be kept. A smaller scan or fewer pages may do.")
        % {"size": size_bytes / 1024 / 1024, "most": LARGEST_MB}
    )


def shown_name(name: str) -> str:
    """A name to print and to save under: no folders, no control or direction signs, and not without end."""
    last = re.split(r"[/\\]", name)[-1]
    plain = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C").strip(" .") or "evidence"
    if len(plain) <= LONGEST_NAME:
        return plain
    ending = PurePosixPath(plain).suffix[:8]
    return plain[: LONGEST_NAME - len(ending)] + ending


def _is(kind: EvidenceKind, content: bytes) -> bool:
    if kind == EvidenceKind.XLSX:
        return is_workbook(content)
    if kind == EvidenceKind.CSV:
        return _is_text(content)
    return content.startswith(_MAGIC[kind])


def is_workbook(content: bytes) -> bool:
    """By the zip's directory alone: nothing is unpacked here."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False
    names = {part.filename for part in parts}
    unpacked_bytes = sum(part.file_size for part in parts)
    is_bounded = len(parts) <= MOST_PARTS and unpacked_bytes <= LARGEST_UNPACKED_BYTES
    is_plain = "xl/vbaProject.bin" not in names
    fits = unpacked_bytes <= STEEPEST_RATIO * len(content)
    return {"[Content_Types].xml", "xl/workbook.xml"} <= names and is_bounded and is_plain and fits


def _is_text(content: bytes) -> bool:
    """UTF-8 without control signs other than tab and line ends, and no program or page in disguise."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", text) and not text.lstrip().startswith(("<", "%PDF", "#!"))
