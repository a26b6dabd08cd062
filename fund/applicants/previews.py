"""When a company is shown what its verified year came to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fund.models import Preview
from scoring.models import ScoreRun


def on_scores_kept(run: ScoreRun, companies: Sequence[int], **_signal: Any) -> None:
    """In the transaction that keeps the scores: a score is never there without the term that it begins."""
    Preview.open_for(companies, run.queued_at)
