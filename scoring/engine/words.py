"""A sentence in two languages, how a number is written in it, and what stands for it in a record."""

from __future__ import annotations

from typing import TypedDict

Text = tuple[str, str]  # zh, en


class Because(TypedDict):
    """In a record: a code of the room's lists. Its numbers stand beside it; `words` of the room makes the sentence."""

    code: str


class Said(Because):
    """In an answer: the code with its sentence, how the figure came about or why it is missing."""

    zh: str
    en: str


def told(because: Because, text: Text) -> Said:
    return {**because, "zh": text[0], "en": text[1]}


def number(value: float) -> str:
    """Four significant digits or whole thousands, without exponent: 24,000,501 · 1.277 · 0.00003."""
    size = abs(value)
    if size >= 1000:
        return f"{value:,.0f}"
    if size >= 1e-4 or size == 0:
        return f"{value:.4g}"
    return f"{value:.9f}".rstrip("0")


def printed(value: float) -> str:
    """To six significant digits, as many as a source prints: 0.5366 · 72.5853."""
    return f"{value:.6g}"


def percent(share: float) -> str:
    """A share to four significant digits: 2.625% · 42%."""
    return f"{share * 100:.4g}%"
