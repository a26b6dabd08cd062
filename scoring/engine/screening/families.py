"""Which technology family a description speaks of, within a track: a suggestion with its words, or an abstention."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scoring.engine.estimator.features import folded


@dataclass(frozen=True)
class FamilySuggestion:
    """`families` that the text names, the longest word first; `because`: those words.

    `first` is None where none is named, and where several are: then a person reads, and nothing is chosen beforehand.
    """

    families: tuple[str, ...]
    because: dict[str, tuple[str, ...]]

    @property
    def first(self) -> str | None:
        return self.families[0] if len(self.families) == 1 else None


def suggest_family(text: str, words: Mapping[str, Sequence[str]]) -> FamilySuggestion:
    """Of a description, by the words of each family; those of the families of one track.

    A word within a longer one of another family does not count: 海上风电机组 names no onshore turbine.
    """
    plain = folded(text)
    spans = [
        (start, end, family, word)
        for family, known in words.items()
        for word in known
        for start, end in _found(plain, folded(word))
    ]
    because: dict[str, list[str]] = {}
    for start, end, family, word in spans:
        is_inside = any(
            other != family and left <= start and end <= right and right - left > end - start
            for left, right, other, _word in spans
        )
        if not is_inside and word not in because.setdefault(family, []):
            because[family].append(word)
    named = {family: tuple(found) for family, found in because.items() if found}
    order = sorted(named, key=lambda family: (-max(map(len, named[family])), family))
    return FamilySuggestion(tuple(order), named)


def _found(text: str, word: str) -> list[tuple[int, int]]:
    """Where it stands; a Latin word from its beginning, with any ending: turbine is in turbines, not in subturbine."""
    if not word:
        return []
    pattern = re.escape(word)
    pattern = rf"(?<![a-z]){pattern}" if word[0].isascii() else pattern
    return [match.span() for match in re.finditer(pattern, text)]
