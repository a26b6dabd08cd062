"""Files that people hand in as evidence, looked at before they are kept: inside must be what the name promises."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePosixPath
from xml.parsers import expat

from django.db import models
from django.utils.translation import gettext_lazy as _

from portfolio.errors import PortfolioError
from portfolio.typed import text

LARGEST_MB = 10
LARGEST_BYTES = LARGEST_MB * 1024 * 1024
LONGEST_NAME = 120

# A workbook is a zip; these bounds keep one that unpacks without end away from everyone who opens it.
MOST_PARTS = 200
LARGEST_UNPACKED_MB = 50
LARGEST_UNPACKED_BYTES = LARGEST_UNPACKED_MB * 1024 * 1024
STEEPEST_RATIO = 100
UNPACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the other methods unpack without a bound
BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError, expat.ExpatError)
MACROS = ("vbaproject", "macroenabled")
XML = (".xml", ".rels", ".vml")


class EvidenceKind(models.TextChoices):
    PDF = "pdf", _("PDF")
    PNG = "png", _("PNG picture")
    JPEG = "jpg", _("JPEG picture")
    XLSX = "xlsx", _("Excel workbook")
    CSV = "csv", _("CSV table")
    OFD = "ofd", _("OFD document")  # GB/T 33190, as Chinese invoices come

    @property
    def content_type(self) -> str:
        return {
            "pdf": "application/pdf",
            "png": "image/png",
            "jpg": "image/jpeg",
            "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "csv": "text/csv",
            "ofd": "application/ofd",
        }[self.value]

    def content_type_of(self, content: bytes) -> str:
        """With the encoding of a table; where that is not sure, its bytes and no claim about them."""
        if self != EvidenceKind.CSV:
            return self.content_type
        try:
            encoding = text.read_text(content).encoding
        except text.NoText:
            return "application/octet-stream"
        return f"{self.content_type}; charset={encoding.lower()}"


ENDINGS = {"pdf": EvidenceKind.PDF, "png": EvidenceKind.PNG, "jpg": EvidenceKind.JPEG, "jpeg": EvidenceKind.JPEG}
ENDINGS |= {"xlsx": EvidenceKind.XLSX, "csv": EvidenceKind.CSV, "ofd": EvidenceKind.OFD}
ENDINGS |= {"txt": EvidenceKind.CSV, "tsv": EvidenceKind.CSV}  # a spreadsheet saved as "Unicode text" ends in .txt
ACCEPT = ",".join(f".{ending}" for ending in ENDINGS)  # what a file field offers first
_PDF, _PDF_WITHIN = b"%PDF-", 1024  # scanners and mail gateways put bytes before it, and readers allow so many
_MAGIC = {EvidenceKind.PNG: b"\x89PNG\r\n\x1a\n", EvidenceKind.JPEG: b"\xff\xd8\xff"}


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
        raise EvidenceRefused(
            _("“%(name)s”: please send a PDF, PNG, JPEG, XLSX, CSV, TXT or OFD file.") % {"name": shown}
        )
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
    if kind == EvidenceKind.OFD:
        return "ofd.xml" in _parts(content)
    if kind == EvidenceKind.PDF:
        return _PDF in content[:_PDF_WITHIN]
    return content.startswith(_MAGIC[kind])


def is_workbook(content: bytes) -> bool:
    """A zip with the parts of one and no program: unpacked once, counting, since its directory may lie."""
    parts = _parts(content)
    has_macros = any(word in name for name in parts for word in MACROS)
    return {"[content_types].xml", "xl/workbook.xml"} <= parts and not has_macros


def _parts(content: bytes) -> set[str]:
    """The names in a zip that unpacks within bounds, in small letters as its readers compare them; else none."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            names = {part.filename.casefold() for part in parts}
            if len(names) < len(parts) or len(parts) > MOST_PARTS:  # two of one name: each reader takes another
                return set()
            bound = min(LARGEST_UNPACKED_BYTES, STEEPEST_RATIO * len(content))
            for part in parts:
                bound -= _unpacked(packed, part, bound)
    except (*BROKEN_ZIP, _Refused):
        return set()
    return names


class _Refused(Exception):
    """A part that nobody should have to open."""


def _unpacked(packed: zipfile.ZipFile, part: zipfile.ZipInfo, bound: int) -> int:
    """Bytes of the part as they come out, whatever its directory says. Raises _Refused beyond the bound."""
    if part.compress_type not in UNPACKED:
        raise _Refused
    claimed, part.file_size = part.file_size, bound + 1  # zipfile would stop where the directory tells it to
    name = part.filename.casefold()
    is_xml = name.endswith(XML)
    walk = expat.ParserCreate()
    walk.StartDoctypeDeclHandler = _refuse
    if name.endswith((".rels", "[content_types].xml")):
        walk.StartElementHandler = _refuse_macros  # what a part is, is said there, whatever it is called
    count = 0
    with packed.open(part) as file:
        while piece := file.read(1 << 16):
            count += len(piece)
            if count > min(bound, claimed):
                raise _Refused
            if is_xml:
                walk.Parse(piece, False)
    if count != claimed:
        raise _Refused
    return count


def _refuse_macros(_name: str, attributes: dict[str, str]) -> None:
    if any(word in value.casefold() for value in attributes.values() for word in MACROS):
        raise _Refused


def _refuse(*_declared: object) -> None:
    """A document type: what comes after it may name files and addresses to be read in."""
    raise _Refused


def _is_text(content: bytes) -> bool:
    """Text in whatever encoding, without control signs, and no program or page in disguise. Nobody need know which."""
    told = [each.text for each in text.readings(content)] or [content.decode("latin-1")]
    return not any(text.CONTROL.search(each) or each.lstrip().startswith(("<", "%PDF", "#!")) for each in told)
