"""Which tracks and families a company's description speaks of, beside what people have said: a person decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from portfolio import DATA as FACTS
from portfolio.models import Company, CompanyTrack, TechnologyFamily, Track, TrackDecision
from portfolio.typed.tables import whole_table
from scoring import DATA
from scoring.engine.screening.families import FamilySuggestion, suggest_family
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
    families: tuple[TechnologyFamily, ...] = ()  # those of the track
    of_family: FamilySuggestion = FamilySuggestion((), {})

    @property
    def family(self) -> TechnologyFamily | None:
        """What the form begins with: what stands, else the one family that the text names in a suggested track."""
        if self.stands is not None and self.stands.family is not None:
            return self.stands.family
        first = self.of_family.first if self.is_suggested else None
        return next((family for family in self.families if family.code == first), None)

    @property
    def named(self) -> list[tuple[TechnologyFamily, tuple[str, ...]]]:
        """The families that the text names, each with its words."""
        by_code = {family.code: family for family in self.families}
        return [(by_code[code], self.of_family.because[code]) for code in self.of_family.families]

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
        stands = {row.track: row for row in self.company.tracks.select_related("confirmed_by", "family")}
        decided: dict[str, TrackDecision] = {}
        for decision in self.company.track_decisions.select_related("by").order_by("pk"):
            decided[decision.track] = decision
        families = list(TechnologyFamily.objects.all())
        found = [
            Opinion(
                track,
                self.suggestion.probability[track],
                self.suggestion.because.get(track, ()),
                self.suggestion.clause.get(track, ""),
                stands.get(track),
                decided.get(track),
                tuple(family for family in families if family.track == track),
                self.family_of(track, families),
            )
            for track in Track.values
        ]
        return sorted(found, key=lambda one: -one.probability)

    def family_of(self, track: str, families: Iterable[TechnologyFamily]) -> FamilySuggestion:
        """Which of the track's families the description names; none where the track itself is not suggested."""
        if track not in self.suggestion.tracks:
            return FamilySuggestion((), {})
        words = {family.code: family.words.split("|") for family in families if family.track == track}
        return suggest_family(self.company.description, words)

    def record(self, track: str) -> Mapping[str, Any]:
        """What the classifier said of one track, as a decision keeps it."""
        if not self.is_asked:
            return {}
        return {
            "families": list(self.family_of(track, TechnologyFamily.objects.all()).families),
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


def shipped_family_words() -> dict[str, dict[str, list[str]]]:
    """Track → code of a family → its words, as they ship; what the fund reworded since is in the database."""
    found: dict[str, dict[str, list[str]]] = {}
    for row in whole_table(FACTS / "technology_families.csv").rows:
        cells = row.cells
        found.setdefault(cells["track"], {})[cells["code"]] = cells["words"].split("|")
    return found


@cache
def shipped_classifier() -> TrackClassifier:
    """From the shipped words alone; fitted once per process."""
    return TrackClassifier().fit(keywords())


def classifier(labelled: Iterable[LabelledText]) -> TrackClassifier:
    """From the shipped words and descriptions that people have labelled."""
    return TrackClassifier().fit([*keywords(), *labelled])
