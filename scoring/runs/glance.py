"""What a row of the list draws of a record, in both languages. A record is long; a list shows a hundred of them."""

from __future__ import annotations

import json
from typing import NotRequired, TypedDict

from scoring.engine import ScoreRecord


class Glance(TypedDict):
    """Stored as JSON beside the score."""

    basis: str  # code of what the emissions rest on; empty where there are none
    pillars: list[tuple[str, str, float | None]]  # label in Chinese and in English, utility 0-100
    missing: list[tuple[str, str]]  # sentences in Chinese and in English, of a company without score
    letters: NotRequired[str]  # of the ML-assisted score: "B" or "A–B"
    estimate_t: NotRequired[list[float]]  # p05, median, p95, where a model says so


_SHORT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
NOTHING = Glance(basis="", pillars=[], missing=[])


def glance(record: ScoreRecord) -> Glance:
    headline, assisted = record["emissions_score"], record["assisted_score"]
    seen = Glance(
        basis=next((line["basis"] for line in record["lines"] if line["rung"]), ""),
        pillars=[(p["label_zh"], p["label_en"], p["utility"]) for p in headline["pillars"]] if headline else [],
        missing=[] if headline else [(gap["zh"], gap["en"]) for gap in record["missing"]],
    )
    if assisted and assisted["band"]:
        seen["letters"] = assisted["band"]
    for told in assisted["estimates"] if assisted else []:
        seen["estimate_t"] = [10.0**value for value in told["log10_t"]]
    return seen


def written(record: ScoreRecord) -> str:
    return _SHORT.encode(glance(record))
