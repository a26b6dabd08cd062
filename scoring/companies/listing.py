"""The ranked list's questions to the database, in SQL: built from querysets they cost half of the page's CPU.

Who sees this list sees every company (the fund's side; `scoring.companies.screen.Screen` refuses anyone else), so
nothing here narrows to what is visible. Each question is one statement, the same on both databases.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db import connection

from portfolio.models import Company, CompanyTrack
from scoring.models import LatestScore, Methodology, Score, ScoreRun

COMPANY, TRACK, LATEST, SCORE, RUN, METHODOLOGY = (
    model._meta.db_table for model in (Company, CompanyTrack, LatestScore, Score, ScoreRun, Methodology)
)
JOINED = f"{COMPANY} c LEFT JOIN {LATEST} l ON l.company_id = c.id"
SHOWN_NAME = {  # in Chinese and in English, where we have it, else as the source gives it
    True: "COALESCE(NULLIF(c.name_zh, ''), c.name_en)",
    False: "COALESCE(NULLIF(c.name_en, ''), c.name_zh)",
}
CONDITIONS = {
    "sector": "c.sector = %s",
    "country": "c.country = %s",
    "band": "l.band = %s",
    "year": "l.data_year = %s",
    "quality": "l.data_quality <= %s",
    "track": f"EXISTS (SELECT 1 FROM {TRACK} t WHERE t.company_id = c.id AND t.track = %s)",  # noqa: S608
}
WORD = r"c.search_text LIKE %s ESCAPE '\'"
ESTIMATED = "estimated"  # emissions on rungs 5 to 7: never among those who report
_LISTED = f"CASE WHEN l.emissions_rung >= 5 THEN '{ESTIMATED}' ELSE l.status END"
_OF_STATUS = {  # said so that the index serves the scored
    Score.Status.SCORED.value: "l.status = 'scored'",
    Score.Status.INSUFFICIENT.value: "l.status = 'insufficient' AND COALESCE(l.emissions_rung, 0) < 5",
    ESTIMATED: "l.emissions_rung >= 5",
    None: "l.company_id IS NULL",
}
ORDERS = {
    "score": "l.emissions_score",
    "assisted": "l.assisted_score",
    "change": "l.change",
    "coverage": "l.coverage",
    "intensity": "l.intensity",
    "emissions_t": "l.emissions_t",
    "quality": "l.data_quality",
    "year": "l.data_year",
}


class Group(NamedTuple):
    """So many companies that share what the filters offer."""

    country: str
    data_year: int | None
    is_illustrative: bool
    status: str | None  # of the latest score, where there is one; ESTIMATED where a model speaks
    n: int


class Row(NamedTuple):
    """A company of the list, with its latest score where it has one."""

    pk: int
    company_key: str
    name_zh: str
    name_en: str
    uscc: str
    country: str
    sector: str
    is_illustrative: bool
    emissions_score: float | None
    band: str | None
    change: float | None
    coverage: float | None
    intensity: float | None
    emissions_t: float | None
    data_quality: int | None
    data_year: int | None
    glance_json: str | None
    emissions_rung: int | None
    assisted_score: float | None
    assisted_p05: float | None
    assisted_p95: float | None
    model_id: int | None  # behind an estimate


_MODEL = f"(SELECT s.model_id FROM {SCORE} s WHERE s.id = l.score_id)"  # noqa: S608
COLUMNS = (
    "c.id, c.company_key, c.name_zh, c.name_en, c.uscc, c.country, c.sector, c.is_illustrative,"
    " l.emissions_score, l.band, l.change, l.coverage, l.intensity, l.emissions_t, l.data_quality, l.data_year,"
    " l.glance_json, l.emissions_rung, l.assisted_score, l.assisted_p05, l.assisted_p95,"
    f" {_MODEL}"
)


class TrackOf(NamedTuple):
    code: str
    is_confirmed: bool


Tracks = Mapping[int, tuple[TrackOf, ...]]  # by company


class UniverseRun(NamedTuple):
    pk: int
    version: str
    as_of: date


def groups() -> list[Group]:
    """All companies by what the filters offer: few rows, whatever the number of companies."""
    facts = f"c.country, l.data_year, c.is_illustrative, {_LISTED}"
    found = _ask(f"SELECT {facts}, COUNT(*) FROM {JOINED} GROUP BY {facts}", [])  # noqa: S608  our own words
    return [Group(*row) for row in found]


def counts(filters: Mapping[str, str]) -> dict[str | None, int]:
    """How many companies match, by the status of their latest score. `filters` as in CONDITIONS, and `q`."""
    where, values = _where(filters)
    return dict(_ask(f"SELECT {_LISTED}, COUNT(*) FROM {JOINED} WHERE {where} GROUP BY {_LISTED}", values))  # noqa: S608


def rows(
    filters: Mapping[str, str], status: str | None, ordering: str, start: int, end: int, *, chinese: bool
) -> list[Row]:
    """Those that match and have this status, in order, from `start` to before `end`.

    The scored stand in the order asked for (`score`, `-score`, …, `name`), the others by name.
    """
    where, values = _where(filters)
    where += f" AND {_OF_STATUS[status]}"
    found = _ask(
        f"SELECT {COLUMNS} FROM {JOINED} WHERE {where}"  # noqa: S608
        f" ORDER BY {_order(status, ordering, SHOWN_NAME[chinese])} LIMIT %s OFFSET %s",
        [*values, end - start, start],
    )
    return [Row(*row) for row in found]


def tracks(companies: Sequence[int]) -> Tracks:
    by_company: dict[int, tuple[TrackOf, ...]] = defaultdict(tuple)
    if companies:
        places = ", ".join(["%s"] * len(companies))
        chosen = f"SELECT company_id, track, confirmed_at FROM {TRACK} WHERE company_id IN ({places})"  # noqa: S608
        for company_id, code, confirmed_at in _ask(f"{chosen} ORDER BY id", companies):
            by_company[company_id] += (TrackOf(code, confirmed_at is not None),)
    return by_company


def latest_universe_run(companies: int) -> UniverseRun | None:
    """The newest run over at least half of that many companies that came to its end."""
    found = _ask(
        f"SELECT r.id, m.version, r.as_of FROM {RUN} r JOIN {METHODOLOGY} m ON m.id = r.methodology_id"  # noqa: S608
        " WHERE r.state IN (%s, %s) AND r.company_count >= %s ORDER BY r.id DESC LIMIT 1",
        [ScoreRun.State.DONE.value, ScoreRun.State.PARTIAL.value, max(companies // 2, 1)],
    )
    return UniverseRun(*found[0]) if found else None


def _where(filters: Mapping[str, str]) -> tuple[str, list[Any]]:
    words = filters.get("q", "").lower().split()  # every word must occur, as in CompanyQuerySet.search
    chosen = [name for name in CONDITIONS if name in filters]
    conditions = [WORD] * len(words) + [CONDITIONS[name] for name in chosen]
    likes = [f"%{connection.ops.prep_for_like_query(word)}%" for word in words]
    return " AND ".join(conditions) or "1 = 1", [*likes, *(filters[name] for name in chosen)]


def _order(status: str | None, ordering: str, shown_name: str) -> str:
    asked, direction = ordering.lstrip("-"), "DESC" if ordering.startswith("-") else "ASC"
    if asked == "name":
        return f"{shown_name} {direction}, c.company_key"
    if status != Score.Status.SCORED:
        return f"{shown_name}, c.company_key"
    # No scored company is without a score, so there the index serves both directions; NULLS LAST would spoil that.
    nulls = "" if asked == "score" else " NULLS LAST"
    return f"{ORDERS[asked]} {direction}{nulls}, {shown_name}, c.company_key"


def _ask(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
