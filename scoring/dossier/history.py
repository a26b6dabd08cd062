"""The scores of a company so far, by what each asked; those of the first method stay as they were archived."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from portfolio.models import Company
from portfolio.models.people import SomeUser
from scoring.candidates import amounts
from scoring.models import Score

COLUMNS = (
    *("pk", "run_id", "run__as_of", "kind", "run__bar_sheet__version", "run__retired_method__version"),
    *("cleared", "p_cleared", "p_low", "p_high", "digest"),
)


@dataclass(frozen=True)
class PastScore:
    run_id: int
    as_of: date
    kind: str
    method: str  # version of the bar sheet or of the retired method
    result: str
    low_high: str
    digest: str
    is_shown: bool

    @property
    def is_retired(self) -> bool:
        return self.kind == Score.Kind.RETIRED

    @property
    def kind_word(self) -> str:
        return str(Score.Kind(self.kind).label)


def history(user: SomeUser, company: Company, shown: Score | None) -> list[PastScore]:
    """Newest first."""
    scores = Score.objects.visible_to(user).filter(company=company).order_by("-pk")
    return [_past(row, shown) for row in scores.values_list(*COLUMNS)]


def _past(row: tuple[Any, ...], shown: Score | None) -> PastScore:
    pk, run_id, as_of, kind, sheet, retired, cleared, p, low, high, digest = row
    result = ""
    if kind == Score.Kind.CANDIDATE:
        result = _("%(cleared)s of 3 cleared") % {"cleared": cleared or 0}
        if p is not None:
            result = _("%(p)s · %(cleared)s of 3 cleared") % {"p": amounts.probability(p), "cleared": cleared or 0}
    low_high = ""
    if low is not None and high is not None:
        low_high = amounts.probability(high)
        if low != high:
            low_high = f"{amounts.probability(low)}–{low_high}"
    is_shown = shown is not None and pk == shown.pk
    return PastScore(run_id, as_of, kind, retired or sheet or "", result, low_high, digest, is_shown)
