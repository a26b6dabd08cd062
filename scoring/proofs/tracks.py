"""How often the classifier's suggestion is the track that our own editorial list gives. The numbers are tiny."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from portfolio.typed.tables import whole_table
from scoring.engine.estimator.conformal import wilson
from scoring.engine.screening.tracks import TrackClassifier, agreement
from scoring.tracks.suggestion import keywords

REQUIRED = ("company_key", "track", "why")
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

    `tracks` has the columns REQUIRED; each of `companies` company_key and one of TEXTS. Raises NotWhole.
    """
    listed = [Listed(*map(row.typed, REQUIRED)) for row in whole_table(tracks, REQUIRED).rows]
    began = time.process_time()
    classifier = TrackClassifier().fit(keywords())
    fit_seconds = time.process_time() - began
    texts: dict[str, str] = {}
    for path in companies:
        for row in whole_table(path, ("company_key",)).rows:
            if text := next(filter(None, map(row.typed, TEXTS)), ""):
                texts[row.typed("company_key")] = text
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
