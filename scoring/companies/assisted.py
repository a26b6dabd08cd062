"""The ML-assisted score as the dossier shows it: its range, what is filled in, and why it differs."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portfolio.templatetags.figures import figure, percent, signed
from scoring.engine import AssistedRecord, EstimateRecord, ScoreRecord
from scoring.engine.score.assisted import GapRecord
from scoring.estimators.words import RUNGS
from scoring.models import Score
from scoring.models.estimator import ModelVersion
from scoring.reading import quality_mark, reads_chinese, said


@dataclass(frozen=True)
class ShownGap:
    """An indicator that is not observed, and what stands for it."""

    label: str
    because: str
    rung: str  # its word, empty where no model speaks
    quality: str
    utility: float
    p05: float
    p95: float
    weight: float
    is_estimate: bool
    is_unconverted: bool  # it is reported, and lacks an exchange rate alone


@dataclass(frozen=True)
class ShownEstimate:
    """What a model says of the tonnes."""

    rung: int
    rung_word: str
    year: int
    median_t: float
    p05_t: float
    p95_t: float
    is_estimable: bool


@dataclass(frozen=True)
class ShownAssisted:
    record: AssistedRecord
    emissions_score: float | None
    model: ModelVersion | None
    gaps: list[ShownGap]
    estimate: ShownEstimate | None

    # Of the bar, in percent of its width: the axis is the score's own, 0 to 100.
    @property
    def low(self) -> str:
        return f"{self.record['p05']:.1f}%"

    @property
    def length(self) -> str:
        return f"{self.record['p95'] - self.record['p05']:.1f}%"

    @property
    def middle(self) -> str:
        return f"{self.record['median']:.1f}%"

    @property
    def head(self) -> str:
        """The value, or the range where there is only that."""
        value = self.record["value"]
        if value is not None:
            return figure(value, 1)
        return f"{figure(self.record['p05'])}–{figure(self.record['p95'])}"

    @property
    def is_below_range(self) -> bool:
        value = self.record["value"]
        return value is not None and value < self.record["p05"]

    @property
    def range_text(self) -> str:
        return _("5–95 %%: %(low)s to %(high)s, median %(median)s") % {
            "low": figure(self.record["p05"], 1),
            "high": figure(self.record["p95"], 1),
            "median": figure(self.record["median"], 1),
        }

    @property
    def letters(self) -> list[str]:
        return (self.record["band"] or "").split("–") if self.record["band"] else []

    @property
    def difference(self) -> str:
        """One sentence: how far the two scores are apart, and what makes them so."""
        value, emissions = self.record["value"], self.emissions_score
        if value is None:
            return _(
                "%(imputed)s of the weight is not observed, more than the %(most)s that may be filled: no score, only"
                " the range in which it would lie."
            ) % {"imputed": percent(self.record["imputed"]), "most": percent(0.4)}
        if not self.gaps:
            return _("Nothing is missing, so it is the emissions score; the range is that of reports and weights.")
        names = ("、" if reads_chinese() else ", ").join(gap.label for gap in self.gaps)
        if emissions is None:
            return _("Not observed and filled in: %(names)s.") % {"names": names}
        return _(
            "%(points)s points against the emissions score, which leaves out what is filled in here: %(names)s."
        ) % {
            "points": signed(value - emissions, 1),
            "names": names,
        }

    @property
    def gap_count(self) -> str:
        n = len(self.gaps)
        return ngettext("%(n)s indicator filled in", "%(n)s indicators filled in", n) % {"n": n}


def shown(score: Score, record: ScoreRecord) -> ShownAssisted | None:
    """None where the score's methodology version has no assisted score."""
    assisted = record.get("assisted_score")
    if assisted is None:
        return None
    headline = record["emissions_score"]
    estimate = assisted["estimates"][0] if assisted["estimates"] else None
    return ShownAssisted(
        assisted,
        headline["value"] if headline else None,
        score.model if estimate else None,
        [_gap(gap) for gap in assisted["gaps"]],
        _estimate(estimate) if estimate else None,
    )


def _gap(gap: GapRecord) -> ShownGap:
    chinese = reads_chinese()
    return ShownGap(
        gap["label_zh" if chinese else "label_en"],
        said((gap["because_zh"], gap["because_en"])),
        str(RUNGS[gap["rung"]]) if gap["rung"] else "",
        quality_mark(gap["data_quality"]),
        gap["utility"],
        gap["p05"],
        gap["p95"],
        gap["weight"],
        gap["kind"] == "estimated",
        gap["kind"] == "unconverted",
    )


def _estimate(told: EstimateRecord) -> ShownEstimate:
    p05_t, median_t, p95_t = (10.0**value for value in told["log10_t"])
    return ShownEstimate(
        told["rung"], str(RUNGS[told["rung"]]), told["year"], median_t, p05_t, p95_t, not told["guards"]
    )
