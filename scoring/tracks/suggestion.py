"""Which tracks a company's description speaks of, beside what people have said of them: a person decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from portfolio.models import Company, CompanyTrack, Track, TrackDecision
from portfolio.typed.tables import whole_table
from scoring import DATA
from scoring.engine.screening.tracks import LabelledText, TrackClassifier, TrackSuggestion

DECIDED_HERE = {"source": "Greenlight: decided by a person", "licence": "our own judgement"}


@dataclass(frozen=True)
class Opinion:
    """One track of one company: the classifier's word, what stands, and the last decision."""

    track: str
    probability: float
    because: tuple[str, ...]  # pieces of the text that speak for it; empty where it is not suggested
    clause: str  # where they stand
    stands: CompanyTrack | None
    decided: TrackDecision | None

    @property
    def label(self) -> str:
        return str(Track(self.track).label)

    @property
    def is_suggested(self) -> bool:
        return bool(self.because)

    @property
    def is_confirmed(self) -> bool:
        return self.stands is not None and self.stands.is_confirmed

    @property
    def is_rejected(self) -> bool:
        return self.decided is not None and self.decided.outcome == TrackDecision.Outcome.REJECTED


@dataclass(frozen=True)
class Reading:
    """What came of a company's description; without one, nothing was asked and the suggestion abstains."""

    company: Company
    suggestion: TrackSuggestion

    @property
    def is_asked(self) -> bool:
        return bool(self.company.description.strip())

    def opinions(self) -> list[Opinion]:
        """All four tracks, the most probable first."""
        stands = {row.track: row for row in self.company.tracks.select_related("confirmed_by")}
        decided: dict[str, TrackDecision] = {}
        for decision in self.company.track_decisions.select_related("by").order_by("pk"):
            decided[decision.track] = decision
        found = [
            Opinion(
                track,
                self.suggestion.probability[track],
                self.suggestion.because.get(track, ()),
                self.suggestion.clause.get(track, ""),
                stands.get(track),
                decided.get(track),
            )
            for track in Track.values
        ]
        return sorted(found, key=lambda one: -one.probability)

    def record(self, track: str) -> Mapping[str, Any]:
        """What the classifier said of one track, as a decision keeps it."""
        if not self.is_asked:
            return {}
        return {
            "probability": self.suggestion.probability[track],
            "because": list(self.suggestion.because.get(track, ())),
            "suggested": list(self.suggestion.tracks),
        }


def read(company: Company) -> Reading:
    """From the description alone: the sector in the source's words misleads (Semiconductors, Transportation)."""
    [suggestion] = shipped_classifier().suggest([company.description])
    return Reading(company, suggestion)


def to_decide(company: Company, track: str, reason: str) -> CompanyTrack:
    """The opinion that stands; where there is none, the person's own with the reason as its ground."""
    why = reason[: CompanyTrack._meta.get_field("why").max_length]
    row, _is_new = CompanyTrack.objects.get_or_create(
        company=company, track=track, defaults={"why": why, **DECIDED_HERE}
    )
    return row


KEYWORDS = DATA / "track_keywords.csv"


def keywords() -> list[LabelledText]:
    """Columns track, language (zh or en), words, source."""
    rows = (row.cells for row in whole_table(KEYWORDS).rows)
    return [LabelledText(row["words"], (row["track"],)) for row in rows]


@cache
def shipped_classifier() -> TrackClassifier:
    """From the shipped words alone; fitted once per process."""
    return TrackClassifier().fit(keywords())


def classifier(labelled: Iterable[LabelledText]) -> TrackClassifier:
    """From the shipped words and descriptions that people have labelled."""
    return TrackClassifier().fit([*keywords(), *labelled])
