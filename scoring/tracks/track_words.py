"""The weak labels that the track classifier learns from: our catalogue words and what people have labelled."""

import csv
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from scoring.engine.screening.tracks import LabelledText, TrackClassifier

KEYWORDS = Path(__file__).parents[1] / "data" / "track_keywords.csv"


def keywords() -> list[LabelledText]:
    """Columns track, language (zh or en), words, source."""
    with KEYWORDS.open(encoding="utf-8", newline="") as file:
        return [LabelledText(row["words"], (row["track"],)) for row in csv.DictReader(file)]


@cache
def shipped_classifier() -> TrackClassifier:
    """From the shipped words alone; fitted once per process."""
    return TrackClassifier().fit(keywords())


def classifier(labelled: Iterable[LabelledText]) -> TrackClassifier:
    """From the shipped words and descriptions that people have labelled."""
    return TrackClassifier().fit([*keywords(), *labelled])
