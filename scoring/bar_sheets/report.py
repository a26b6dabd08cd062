"""The rows of a sheet's page: families by track, with their bars."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from portfolio.models import Track
from scoring.bar_sheets import words
from scoring.engine.score.bar_sheet import BarSheet, Family
from scoring.engine.score.bars.contribution import bar_of
from scoring.reading import reads_chinese


@dataclass(frozen=True)
class FamilyRow:
    family: Family
    name: str
    unit: str
    judgement: str
    own_inputs: list[str]
    reference_text: str  # u of the reference row for a sale in the data year on the stand-in place
    bar_text: str  # c*, on the same
    formula: str
    service: str
    footprint_unit: str
    footprint: str
    attribution: str
    doubts: str
    expires_on: date | None


@dataclass(frozen=True)
class TrackRows:
    track: Track
    rows: list[FamilyRow]


@dataclass(frozen=True)
class Counts:
    """How many families are judged in which way, for the head of the page."""

    judged: int
    sign: int
    shown: int
    none: int
    footprint: int

    @classmethod
    def of(cls, families: Iterable[Family]) -> Counts:
        found = list(families)
        by_word = {
            word: sum(family.judgement == word for family in found) for word in ("judged", "sign", "shown", "none")
        }
        return cls(**by_word, footprint=sum(family.footprint_bar is not None for family in found))


def by_track(sheet: BarSheet) -> list[TrackRows]:
    rows = [_row(family, sheet) for family in sheet.families]
    found = [TrackRows(track, [row for row in rows if row.family.track == track]) for track in Track]
    return [one for one in found if one.rows]


def _row(family: Family, sheet: BarSheet) -> FamilyRow:
    chinese, path = reads_chinese(), sheet.path[sheet.stand_in_place]
    of_reference = bar_of(family, path, sheet.data_year, 1.0)
    bar = bar_of(family, path, sheet.data_year, sheet.judgements.bar_share)
    unit = words.unit(family.unit)
    return FamilyRow(
        family=family,
        name=words.name(family),
        unit=unit,
        judgement=str(words.JUDGEMENTS[family.judgement]),
        own_inputs=[str(words.OWN_INPUTS[name]) for name in family.own_inputs],
        reference_text=words.plain(of_reference),
        bar_text=words.plain(bar if family.judgement in ("judged", "shown") else None),
        formula=words.formula(family, sheet.data_year),
        service=words.service(family),
        footprint_unit=words.footprint_unit(family),
        footprint=words.footprint_words(family.footprint_bar),
        attribution=family.attribution_zh if chinese else family.attribution_en,
        doubts=family.doubts_zh if chinese else family.doubts_en,
        expires_on=date.fromisoformat(family.expires_on) if family.expires_on else None,
    )
