"""How often the classifier's suggestion is the track that our own editorial list gives. The numbers are tiny."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict, cast

from portfolio.typed.tables import whole_table
from scoring.engine.estimator.conformal import wilson
from scoring.engine.screening.families import suggest_family
from scoring.engine.screening.tracks import TrackClassifier, agreement
from scoring.tracks.suggestion import keywords, shipped_family_words

REQUIRED = ("company_key", "track", "why")
TEXTS = ("description", "business")  # columns that hold what a company does in its own words


Report = dict[str, "Share | FamilyShare | float"]


class Share(TypedDict):
    n: int
    answered: int
    right: int  # of those answered: the list's track is the first suggestion
    among: int
    right_wilson: list[float]  # 95 %, of right in answered


class FamilyShare(TypedDict):
    n: int  # texts
    named: int  # of those: one family alone is named
    several: int
    listed: int  # of those: the list says which family it is
    right: int  # of those listed and named: the same


@dataclass(frozen=True)
class Listed:
    company_key: str
    track: str
    why: str
    family: str = ""


def measure(tracks: Path, companies: Sequence[Path]) -> Report:
    """Agreement on the list's own reasons, and on the companies' descriptions where the files have them.

    `tracks` has the columns REQUIRED and may have `family`; each of `companies` company_key and one of TEXTS.
    Raises NotWhole.
    """
    listed = [Listed(*map(row.typed, (*REQUIRED, "family"))) for row in whole_table(tracks, REQUIRED).rows]
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
        "families_of_reasons": _families([(row.why, row) for row in listed]),
        "families_of_descriptions": _families([(texts[row.company_key], row) for row in described]),
        "fit_cpu_seconds": fit_seconds,
    }


def _families(texts: Sequence[tuple[str, Listed]]) -> FamilyShare:
    """Within the list's own track, so that a wrong track is not counted twice."""
    words = shipped_family_words()
    found = [(suggest_family(text, words.get(row.track, {})), row) for text, row in texts]
    return {
        "n": len(found),
        "named": sum(one.first is not None for one, _row in found),
        "several": sum(len(one.families) > 1 for one, _row in found),
        "listed": sum(bool(row.family) for _one, row in found),
        "right": sum(bool(row.family) and one.first == row.family for one, row in found),
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


def as_text(report: Report) -> str:
    """A Markdown table."""
    lines = [
        "| read | n | answered | first is right | among the suggestions | 95 % interval |",
        "|---|---|---|---|---|---|",
    ]
    for name in ("reasons", "descriptions"):
        share = cast(Share, report[name])
        low, high = share["right_wilson"]
        interval = f"{low:.0%} to {high:.0%}" if share["answered"] else "—"
        lines.append(
            f"| {name} | {share['n']} | {share['answered']} | {share['right']} | {share['among']} | {interval} |"
        )
    lines += ["", "| families read in | n | one is named | several | the list names one | the same |"]
    lines.append("|---|---|---|---|---|---|")
    for name in ("reasons", "descriptions"):
        of = cast(FamilyShare, report[f"families_of_{name}"])
        lines.append(f"| {name} | {of['n']} | {of['named']} | {of['several']} | {of['listed']} | {of['right']} |")
    lines.append(f"\nThe fit took {report['fit_cpu_seconds']:.2f} s of CPU; once a process.")
    return "\n".join(lines)
