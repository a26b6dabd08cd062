"""The examples of the style page: every mark in every state. Names and figures are invented."""

from __future__ import annotations

from typing import Any

from scoring.candidates import words
from scoring.candidates.marks import BarKind, BarMark, PAxis, Segment, Step, waterfall, years_line

BARS: tuple[tuple[BarKind, float, float, bool], ...] = (
    ("cleared", 50, 20, False),
    ("cleared", 50, 50, True),
    ("missed", 35, 15, False),
    ("missed", 0, 50, True),
    ("unknown", 0, 100, False),
)


def examples() -> dict[str, Any]:
    """What the page cannot write down itself: marks are drawn from numbers."""
    return {
        "bars": [
            (words.state_word(state), state, BarMark(state, x, width, is_beyond)) for state, x, width, is_beyond in BARS
        ],
        "segments": [
            Segment("c", "cleared", 0, 32, is_on_the_line=False, assisted=""),
            Segment("r", "unknown", 34, 32, is_on_the_line=False, assisted=""),
            Segment("o", "missed", 68, 32, is_on_the_line=False, assisted=""),
        ],
        "assisted": [
            Segment("c", "cleared", 0, 32, is_on_the_line=False, assisted=""),
            Segment("r", "unknown", 34, 32, is_on_the_line=False, assisted="missed"),
            Segment("o", "unknown", 68, 32, is_on_the_line=False, assisted="cleared"),
        ],
        "axis": PAxis(low=0, high=87, assisted_low=20, assisted_high=64),
        "fall": waterfall(
            [
                Step("EBIT", "9.0%", 9.0),
                Step("−", "−4.0%", -4.0),
                Step("?", "?", None),
                Step("=", "5.0%", 5.0, is_sum=True),
            ],
            bar=3.0,
        ),
        "years": years_line([(2022, 0.42, "0.42"), (2023, 0.39, "0.39"), (2024, 0.31, "0.31")], 0.35),
    }
