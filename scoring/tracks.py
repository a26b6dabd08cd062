"""Which tracks a company's description speaks of, beside what people have said of them: a person decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portfolio.models import Company, CompanyTrack, Track, TrackDecision
from scoring.engine.tracks import TrackSuggestion
from scoring.track_words import shipped_classifier

DECIDED_HERE = {"source": "Greenlight: decided by a person", "licence": "our own judgement"}


@dataclass(frozen=True)
class Opinion:
    """One track of one company: the classifier's word, what stands, and the last decision."""

    track: str
    probability: float
    because: tuple[str, ...]  # pieces of the text that speak for it; empty where it is not suggested
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
    """What was read of a company and what came of it. `read` names the field: empty where there is no text."""

    company: Company
    text: str
    read: str
    suggestion: TrackSuggestion

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
                stands.get(track),
                decided.get(track),
            )
            for track in Track.values
        ]
        return sorted(found, key=lambda one: -one.probability)

    def record(self, track: str) -> Mapping[str, Any]:
        """What the classifier said of one track, as a decision keeps it."""
        return {
            "read": self.read,
            "probability": self.suggestion.probability[track],
            "because": list(self.suggestion.because.get(track, ())),
            "suggested": list(self.suggestion.tracks),
        }


def read(company: Company) -> Reading:
    """The description, or where there is none the sector in the source's words."""
    fields = ("description", "sector_source")
    name = next((name for name in fields if getattr(company, name).strip()), "")
    text = getattr(company, name) if name else ""
    [suggestion] = shipped_classifier().suggest([text])
    return Reading(company, text, name, suggestion)


def to_decide(company: Company, track: str, reason: str) -> CompanyTrack:
    """The opinion that stands; where there is none, the person's own with the reason as its ground."""
    why = reason[: CompanyTrack._meta.get_field("why").max_length]
    row, _is_new = CompanyTrack.objects.get_or_create(
        company=company, track=track, defaults={"why": why, **DECIDED_HERE}
    )
    return row
