"""A sentence in two languages, and how a number is written in it."""

from __future__ import annotations

from typing import TypedDict

Text = tuple[str, str]  # zh, en


class Said(TypedDict):
    """A reason code, empty where the figure is there, with its sentence: how it came about, or why it is missing."""

    code: str
    zh: str
    en: str


def said(code: str, text: Text) -> Said:
    return {"code": code, "zh": text[0], "en": text[1]}


def number(value: float) -> str:
    """Four significant digits or whole thousands, without exponent: 24,000,501 · 1.277 · 0.00003."""
    size = abs(value)
    if size >= 1000:
        return f"{value:,.0f}"
    if size >= 1e-4 or size == 0:
        return f"{value:.4g}"
    return f"{value:.9f}".rstrip("0")
