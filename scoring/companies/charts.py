"""Score records → drawing data: where each bar begins and ends, and what is printed beside it.

Horizontal positions are percentages of the drawing's width, so that a chart grows with the page while its letters
keep their size. Nothing is decided about colour here: a mark carries the word that the stylesheet colours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple

from scoring.engine import ScoreRecord, printed
from scoring.engine.score.result import LineRecord, PillarRecord

DECIMALS = 1
ROW_HEIGHT = 48  # label above, bar below
BAR_TOP, BAR_HEIGHT = 22, 14
TICKS = (0, 25, 50, 75, 100)
MINUS = "−"

Kind = Literal["start", "rise", "fall", "same", "missing", "total"]


@dataclass(frozen=True)
class Bar:
    """One row of the waterfall. `x` and `width` are percentages, `top` is in pixels."""

    code: str
    label: str
    kind: Kind
    text: str  # as printed, signed except for start and total; empty when missing
    x: float
    width: float
    end: float  # where the running total stands after this bar, as a percentage
    top: float

    @property
    def text_y(self) -> float:
        return self.top + 15

    @property
    def bar_y(self) -> float:
        return self.top + BAR_TOP

    @property
    def link_y(self) -> float:
        """Where the thin line to the next bar begins."""
        return self.bar_y + BAR_HEIGHT

    @property
    def next_y(self) -> float:
        return self.bar_y + ROW_HEIGHT


@dataclass(frozen=True)
class Waterfall:
    """From the baseline to the score; the printed bars sum to the printed score exactly."""

    bars: tuple[Bar, ...]
    baseline: str
    total: str
    height: int
    line_texts: dict[str, str]  # indicator → its printed share of the pillar's bar
    bar_height: int = BAR_HEIGHT
    ticks: tuple[int, ...] = TICKS

    @property
    def pillars(self) -> tuple[Bar, ...]:
        return self.bars[1:-1]


class PillarMark(NamedTuple):
    """A small column for one pillar; a missing one has no height."""

    x: float
    y: float
    height: float


MARK_HEIGHT = 16.0
MARK_STEP = 12.0


def waterfall(record: ScoreRecord, *, chinese: bool, start: str, total: str) -> Waterfall | None:
    """The waterfall of a record, None if it has no score. `start` and `total` label the first and the last bar."""
    headline = record["emissions_score"]
    if headline is None:
        return None
    pillars = headline["pillars"]
    seen = [pillar for pillar in pillars if pillar["contribution"] is not None]
    exact = [pillar["contribution"] or 0.0 for pillar in seen]
    rounded = printed(exact, headline["value"] - headline["baseline"], DECIMALS)
    steps = {pillar["code"]: step for pillar, step in zip(seen, rounded, strict=True)}
    running = baseline = Decimal(str(headline["baseline"])).quantize(Decimal("0.1"))
    bars = [_bar("start", start, "start", f"{baseline}", Decimal(0), baseline, 0)]
    for pillar in pillars:
        label = pillar["label_zh" if chinese else "label_en"]
        step = steps.get(pillar["code"])
        if step is None:
            bars.append(_bar(pillar["code"], label, "missing", "", running, running, len(bars)))
            continue
        bars.append(_bar(pillar["code"], label, _kind(step), signed(step), running, running + step, len(bars)))
        running += step
    bars.append(_bar("total", total, "total", f"{running}", Decimal(0), running, len(bars)))
    return Waterfall(
        tuple(bars), f"{baseline}", f"{running}", len(bars) * ROW_HEIGHT, _line_texts(record["lines"], seen, steps)
    )


def _bar(code: str, label: str, kind: Kind, text: str, before: Decimal, after: Decimal, row: int) -> Bar:
    low, high = min(before, after), max(before, after)
    return Bar(code, label, kind, text, float(low), float(high - low), float(after), row * ROW_HEIGHT)


def _kind(step: Decimal) -> Kind:
    if step == 0:
        return "same"
    return "rise" if step > 0 else "fall"


def _line_texts(
    lines: Sequence[LineRecord], pillars: Sequence[PillarRecord], steps: dict[str, Decimal]
) -> dict[str, str]:
    """Contributions of the indicators, so printed that they sum to the printed bar of their pillar."""
    texts: dict[str, str] = {}
    for pillar in pillars:
        mine = [line for line in lines if line["pillar"] == pillar["code"]]
        shares = [line["contribution"] or 0.0 for line in mine]
        step = steps[pillar["code"]]
        # The bar may have been rounded against its own last digit for the sake of the total: its lines share that.
        rest = (float(step) - sum(shares)) / len(shares) if shares else 0.0
        rounded = printed([share + rest for share in shares], float(step), DECIMALS) if shares else []
        texts |= {line["code"]: signed(share) for line, share in zip(mine, rounded, strict=True)}
    return texts


def signed(number: Decimal) -> str:
    """+12.4, −4.2 with a true minus, 0.0 without a sign."""
    if number == 0:
        return f"{abs(number)}"
    return f"+{number}" if number > 0 else f"{MINUS}{abs(number)}"


def score_bar(score: float) -> str:
    """The length of a score's bar on the common axis from 0 to 100."""
    if not 0 <= score <= 100:
        raise ValueError(f"a score lies between 0 and 100, not at {score}")
    return f"{score:.1f}%"


def pillar_height(utility: float | None) -> float:
    """Of the small column of a pillar, in tenths of a pixel; one that is not observed has none."""
    return 0.0 if utility is None else max(1.0, round(MARK_HEIGHT * utility / 100, 1))


def pillar_mark(position: int, height: float) -> PillarMark:
    """The small column of the n-th pillar, from 0."""
    return PillarMark(position * MARK_STEP, MARK_HEIGHT - height, height)
