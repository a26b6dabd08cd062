"""Which of the four tracks a description speaks of: a suggestion with its reasons, or an abstention; a person decides.

Learned from weak labels: catalogue words, and any description that a person has labelled. One logistic regression per
track on character 1- to 3-grams (Chinese and English alike), applied to each clause, since a company's registered
business is a list; the track's probability is that of its best clause.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from scoring.engine.columns import Floats
from scoring.engine.errors import UnknownWord
from scoring.engine.estimator.features import folded

TRACKS = ("power_decarbonisation", "end_use_electrification", "energy_efficiency", "emission_greening")
NONE = "none"  # a label of what is no track, so that a bank does not look like the nearest one
THRESHOLD = 0.5
LONGEST_CLAUSE = 60  # characters; a longer one is read in pieces, for a single word would drown in it
TOP = 8
_PUNCTUATION = str.maketrans(dict.fromkeys(",;:.|/()[]、。；：，．・（）\r\t0123456789", "\n"))
_BETWEEN = (" and ", "及其", "以及", "及", "与", "和", "之")  # words that part the items of a list
STEM = 5  # letters: recycle, recycles and recycling are one


@dataclass(frozen=True)
class LabelledText:
    text: str
    tracks: tuple[str, ...]  # of TRACKS, or (NONE,)


@dataclass(frozen=True)
class TrackSuggestion:
    """`tracks` by falling probability; empty is an abstention.

    `because`: the n-grams that speak most for each, those that overlap joined; `clause`: the one they stand in.
    """

    tracks: tuple[str, ...]
    probability: dict[str, float]  # of each of TRACKS
    because: dict[str, tuple[str, ...]]
    clause: dict[str, str]

    @property
    def abstains(self) -> bool:
        return not self.tracks


class TrackClassifier:
    """Deterministic: the same labelled texts in any order give the same suggestions to 1e-6."""

    def __init__(self, threshold: float = THRESHOLD) -> None:
        self.threshold = threshold

    def fit(self, labelled: Sequence[LabelledText]) -> "TrackClassifier":
        """Raises UnknownWord for a label outside the list."""
        for one in labelled:
            for track in one.tracks:
                if track not in (*TRACKS, NONE):
                    raise UnknownWord("no such track", value=track)
        clauses = sorted({(clause, one.tracks) for one in labelled for clause in _clauses(one.text)})
        # Here, not above: loading them is a third of the start of every process.
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression

        self._vectorizer: Any = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(1, 3), sublinear_tf=True, lowercase=False
        )
        grams = self._vectorizer.fit_transform([clause for clause, _ in clauses])
        self._models: dict[str, Any] = {}
        for track in TRACKS:
            mine = np.array([track in tracks for _, tracks in clauses])
            self._models[track] = LogisticRegression(C=30.0, class_weight="balanced", max_iter=1000).fit(grams, mine)
        self._grams = self._vectorizer.get_feature_names_out()
        self._stems = {stem for clause, tracks in clauses if tracks != (NONE,) for stem in _stems(clause)}
        return self

    def suggest(self, texts: Sequence[str]) -> tuple[TrackSuggestion, ...]:
        return tuple(self._one(text) for text in texts)

    def _one(self, text: str) -> TrackSuggestion:
        clauses = [clause for clause in _clauses(text) if self._readable(clause)]
        if not clauses:
            return TrackSuggestion((), dict.fromkeys(TRACKS, 0.0), {}, {})
        grams = self._vectorizer.transform(clauses)
        probability: dict[str, float] = {}
        because: dict[str, tuple[str, ...]] = {}
        where: dict[str, str] = {}
        for track, model in self._models.items():
            by_clause: Floats = model.predict_proba(grams)[:, 1]
            best = int(np.argmax(by_clause))
            probability[track] = round(float(by_clause[best]), 9)
            if probability[track] >= self.threshold:
                because[track] = _joined(clauses[best], self._reasons(grams[best], model))
                where[track] = clauses[best]
        chosen = sorted(because, key=lambda track: (-probability[track], TRACKS.index(track)))
        return TrackSuggestion(tuple(chosen), probability, because, where)

    def _readable(self, clause: str) -> bool:
        """Latin text needs one known word: pieces of a strange word are found everywhere, Chinese ones are not."""
        return not clause.isascii() or not self._stems.isdisjoint(_stems(clause))

    def _reasons(self, grams: Any, model: Any) -> tuple[str, ...]:
        weight = grams.toarray()[0] * model.coef_[0]
        order = sorted(np.flatnonzero(weight > 0).tolist(), key=lambda j: (-round(float(weight[j]), 9), j))
        return tuple(str(self._grams[j]).strip() for j in order[:TOP])


@dataclass(frozen=True)
class Agreement:
    """Against labels of people. Small numbers: say them beside every share."""

    n: int
    answered: int
    right: int  # answered, and the person's track is the first suggestion
    among: int  # answered, and it is among the suggestions


def agreement(suggestions: Sequence[TrackSuggestion], tracks: Sequence[str]) -> Agreement:
    pairs = list(zip(suggestions, tracks, strict=True))
    answered = [(one, track) for one, track in pairs if not one.abstains]
    return Agreement(
        len(pairs),
        len(answered),
        sum(one.tracks[0] == track for one, track in answered),
        sum(track in one.tracks for one, track in answered),
    )


def _clauses(text: str) -> list[str]:
    text = folded(text).translate(_PUNCTUATION)
    for word in _BETWEEN:
        text = text.replace(word, "\n")
    found = []
    for clause in text.split("\n"):
        stripped = clause.strip()
        for start in range(0, len(stripped), LONGEST_CLAUSE):
            piece = stripped[start : start + LONGEST_CLAUSE].strip()
            if len(piece) > 1:
                found.append(piece)
    return list(dict.fromkeys(found))


def _joined(clause: str, grams: Sequence[str]) -> tuple[str, ...]:
    """The pieces of the clause that these n-grams cover, in its order: sol, ola and lar are solar."""
    covered = [False] * len(clause)
    for gram in grams:
        start = clause.find(gram) if gram else -1
        while start >= 0:
            covered[start : start + len(gram)] = [True] * len(gram)
            start = clause.find(gram, start + 1)
    marked = "".join(letter if is_covered else "\n" for letter, is_covered in zip(clause, covered, strict=True))
    return tuple(dict.fromkeys(piece.strip() for piece in marked.split("\n") if piece.strip()))


def _stems(clause: str) -> set[str]:
    return {word[:STEM] for word in clause.split() if len(word) > 2}
