"""Documents: Chinese that reads back, fonts inside, tagged, page numbers, from nothing but what pip installs."""

from __future__ import annotations

import io
import re
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from pypdf import PdfReader

from portfolio.documents import pdf
from portfolio.documents.pdf import Document, Facts, Heading, Table, Words

ROOT = Path(__file__).resolve().parents[3]
AT = datetime(2026, 11, 30, 12, 15, 3, tzinfo=UTC)


def document(*blocks: pdf.Block) -> Document:
    return Document("提交回执", "四川龘鑫 · 2025", "SHA-256 0123456789abcdef…", AT, blocks)


def read(content: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(content))


def text(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in read(content).pages)


def fonts(reader: PdfReader) -> dict[str, bool]:
    """Name → whether it is embedded, of every font of every page."""
    found = {}
    for page in reader.pages:
        resources: Any = page["/Resources"]
        for font in resources["/Font"].values():
            descendant = font.get_object()["/DescendantFonts"][0].get_object()
            found[str(font["/BaseFont"])] = bool({"/FontFile2", "/FontFile3"} & descendant["/FontDescriptor"].keys())
    return found


def test_chinese_is_embedded_and_reads_back() -> None:
    names = "囍龘麤垚淼焱 㐀䶮 𬀩 ㈱ tCO₂e ≥ — “引号”，。；：（）"  # rare, extensions A and B, marks
    with translation.override("zh-hans"):
        content = pdf.pdf_of(document(Facts([("公司", names, False), ("SHA-256", "0f" * 32, True)]), Words("范围一")))
    told = text(content)
    assert "提交回执" in told
    assert names in told
    assert "0f" * 32 in told
    assert "第 1 页，共 1 页" in told
    assert any("NotoSansSC" in name for name in fonts(read(content)))
    assert all(fonts(read(content)).values())


def test_it_is_tagged_and_says_its_language_and_title() -> None:
    with translation.override("en"):
        reader = read(pdf.pdf_of(document(Heading("Figures"), Table(["a", "b"], [False, True], [["x", "1.5"]]))))
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert str(root["/Lang"]).startswith("en")
    assert reader.metadata is not None
    assert reader.metadata.title == "提交回执"
    assert b"pdfuaid" in root["/Metadata"].get_data()


def test_a_long_table_goes_over_pages_each_with_head_and_number() -> None:
    rows = [[f"四川电力 {n}", f"{n:,}", "kWh"] for n in range(300)]
    with translation.override("en"):
        content = pdf.pdf_of(document(Table(["Figure", "Value", "Unit"], [False, True, False], rows)))
    pages = [page.extract_text() for page in read(content).pages]
    assert len(pages) > 5
    for number, told in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in told
        assert "四川龘鑫 · 2025" in told
        assert "Figure" in told
    assert "四川电力 299" in pages[-1]


def test_what_a_person_typed_is_text_and_not_markup() -> None:
    typed = '#read("document.typ") *b* $x$ = h \\ @cite <label> // gone [x] #import "@preview/x:1.0.0"'
    assert typed in text(pdf.pdf_of(document(Words(typed), Facts([(typed, typed, True)])))).replace("\n", " ")


def test_a_character_that_no_font_has_costs_the_claim_and_not_the_document() -> None:
    content = pdf.pdf_of(document(Words("范围一 🚀 12")))
    assert "范围一" in text(content)
    root: Any = read(content).trailer["/Root"]
    assert "/StructTreeRoot" in root
    assert b"pdfuaid" not in root["/Metadata"].get_data()


def test_the_same_document_is_the_same_bytes() -> None:
    assert pdf.pdf_of(document(Words("范围一"))) == pdf.pdf_of(document(Words("范围一")))


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_named: object) -> None:
        raise AssertionError("asked the network")

    monkeypatch.setattr(socket, "socket", refuse)
    assert "@" not in pdf.TEMPLATE.read_text(encoding="utf-8")  # no package of typst's own registry
    assert pdf.pdf_of(document(Words("范围一"))).startswith(b"%PDF-")


def test_its_colours_are_tokens() -> None:
    tokens = (ROOT / "fund/static/greenlight/tokens.css").read_text(encoding="utf-8")
    used = set(re.findall(r'rgb\("(#[0-9a-f]{6})"\)', pdf.TEMPLATE.read_text(encoding="utf-8")))
    assert used
    assert used <= set(re.findall(r"#[0-9a-f]{6}", tokens))


def test_a_time_has_its_zone_and_utc() -> None:
    assert pdf.in_words(AT) == "2026-11-30 20:15:03 +08:00 (Asia/Shanghai) · 2026-11-30T12:15:03Z"
