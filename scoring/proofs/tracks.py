"""How often the classifier's suggestion is the track that our own editorial list gives. The numbers are tiny."""

from __future__ import annotations

import csv
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from scoring.engine.estimator.conformal import wilson
from scoring.engine.screening.tracks import TrackClassifier, agreement
from scoring.tracks.suggestion import keywords

TEXTS = ("description", "business")  # columns that hold what a company does in its own words


class Share(TypedDict):
    n: int
    answered: int
    right: int  # of those answered: the list's track is the first suggestion
    among: int
    right_wilson: list[float]  # 95 %, of right in answered


@dataclass(frozen=True)
class Listed:
    company_key: str
    track: str
    why: str


def measure(tracks: Path, companies: Sequence[Path]) -> dict[str, Share | float]:
    """Agreement on the list's own reasons, and on the companies' descriptions where the files have them.

    `tracks` has the columns company_key, track and why; each of `companies` company_key and one of TEXTS.
    """
    listed = [Listed(row["company_key"], row["track"], row["why"]) for row in _rows(tracks)]
    began = time.process_time()
    classifier = TrackClassifier().fit(keywords())
    fit_seconds = time.process_time() - began
    texts = {row["company_key"]: text for path in companies for row in _rows(path) if (text := _text(row))}
    described = [row for row in listed if row.company_key in texts]
    return {
        "reasons": _share(classifier, [row.why for row in listed], [row.track for row in listed]),
        "descriptions": _share(
            classifier, [texts[row.company_key] for row in described], [row.track for row in described]
        ),
        "fit_cpu_seconds": fit_seconds,
    }


def _share(classifier: TrackClassifier, texts: Sequence[str], tracks: Sequence[str]) -> Share:
    found = agreement(classifier.suggest(texts), tracks)
    interval = list(wilson(found.right / found.answered, found.answered)) if found.answered else [0.0, 1.0]
    return {
        "n": found.n,
        "answered": found.answered,
        "right": found.right,
        "among": found.among,
        "right_wilson": interval,
    }


def _text(row: dict[str, str]) -> str:
    return next((row[name] for name in TEXTS if row.get(name, "").strip()), "")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def as_text(report: dict[str, Share | float]) -> str:
    """A Markdown table."""
    lines = [
        "| read | n | answered | first is right | among the suggestions | 95 % interval |",
        "|---|---|---|---|---|---|",
    ]
    for name in ("reasons", "descriptions"):
        share = report[name]
        assert isinstance(share, dict)  # noqa: S101
        low, high = share["right_wilson"]
        interval = f"{low:.0%} to {high:.0%}" if share["answered"] else "—"
        lines.append(
            f"| {name} | {share['n']} | {share['answered']} | {share['right']} | {share['among']} | {interval} |"
        )
    lines.append(f"\nThe fit took {report['fit_cpu_seconds']:.2f} s of CPU; once a process.")
    return "\n".join(lines)
