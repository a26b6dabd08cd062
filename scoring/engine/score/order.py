"""The order of candidates inside a track: METHOD 8.5. No ranks, no tiers; the assisted result never sorts.

Number of bars cleared, then all gates passed before open ones, then the product of P over the cleared bars, then the
company's key. Of those that clear none, whoever has a known bar stands before whoever has all three unknown: unknown
counts as not cleared, so silence gains no place. A failed gate is not listed with P.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from scoring.engine.score.gates import Admission
from scoring.engine.score.record import CandidacyResult, ResultRecord, ScoreRecord

Group = Literal["3", "2", "1", "0", "no_figures", "not_admitted"]
GROUPS: tuple[Group, ...] = ("3", "2", "1", "0", "no_figures", "not_admitted")
SortKey = tuple[int, int, int, float, str]


def group(cleared: int, gates: Admission, has_figures: bool) -> Group:
    """Where a candidate stands in the list. *No figures*: it has told none at all."""
    if gates == "failed":
        return "not_admitted"
    return GROUPS[3 - cleared] if has_figures else "no_figures"


def part(group: str, known: int | None) -> str:
    """What a list calls the group: a bar missed is not the same as all three unknown. Records know the group alone."""
    return "unknown" if group == "0" and not known else group


def sort_key(result: ResultRecord, company_key: str) -> SortKey:
    """Ascending: first comes first. P to nine digits, so that another machine's last bit moves nobody.

    Those who are not admitted stand by their key alone.
    """
    p = (result["p_cleared"] or 0.0) if result["group"] != "not_admitted" else 0.0
    is_unknown = int(part(result["group"], result["known"]) == "unknown")
    return GROUPS.index(result["group"]), is_unknown, int(result["gates"] != "passed"), -round(p, 9), company_key


def ordered(records: Iterable[ScoreRecord]) -> dict[str, list[ScoreRecord]]:
    """The candidates of each track in their order; peers and those not admitted are in none."""
    tracks: dict[str, list[tuple[SortKey, ScoreRecord]]] = {}
    for record in records:
        found = record["candidacy"]
        if found is not None and found["reported"]["group"] != "not_admitted":
            key = sort_key(found["reported"], record["company_key"])
            tracks.setdefault(found["track"], []).append((key, record))
    return {
        track: [record for _, record in sorted(rows, key=lambda row: row[0])] for track, rows in sorted(tracks.items())
    }


def are_distinguishable(one: CandidacyResult, other: CandidacyResult, least: float) -> bool:
    """Only where all is known of both and their P differ by `least` (the sheet's 0.2)."""
    a, b = one["reported"], other["reported"]
    all_known = a["known"] == b["known"] == 3 and a["gates"] == b["gates"] == "passed"
    return all_known and abs(a["p_high"] - b["p_high"]) >= least
