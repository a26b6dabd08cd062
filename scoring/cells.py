"""The rows of the ranked lists, written in Python: by template nodes they were most of the page's CPU."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from django.urls import reverse
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from portfolio.models import Sector, Track
from portfolio.templatetags.figures import MISSING, figure, percent, signed, significant
from scoring.charts import PillarMark, pillar_marks, score_bar
from scoring.glance import NOTHING, Glance
from scoring.reading import basis_word, country_name, quality_mark, reads_chinese, typeset

NONE = SafeString()


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
    emissions_score: float | None = None
    band: str = ""
    change: float | None = None
    coverage: float | None = None
    intensity: float | None = None
    emissions_t: float | None = None
    data_quality: int | None = None
    data_year: int | None = None
    glance_json: str = ""


class TrackOf(NamedTuple):
    code: str
    is_confirmed: bool


Tracks = Mapping[int, Sequence[TrackOf]]  # by company

RANKED = """<tr>
    <th scope="row" class="sticky">{company}</th>
    <td data-label="{sector_and_tracks}">{tracks}</td>
    <td class="num" data-label="{score}">{score_cell}</td>
    <td data-label="{pillars}">{pillars_cell}</td>
    <td class="num" data-label="{change}">{change_cell}</td>
    <td class="num" data-label="{coverage}">{coverage_cell}</td>
    <td class="num" data-label="{intensity}">{intensity_cell}</td>
    <td class="num" data-label="{emissions}">{emissions_cell}</td>
    <td data-label="{data}">{quality_cell}</td>
    <td class="num" data-label="{year}">{year_cell}</td>
  </tr>"""
INSUFFICIENT = """<tr>
    <th scope="row" class="sticky">{company}</th>
    <td data-label="{sector_and_tracks}">{tracks}</td>
    <td data-label="{missing}"><ul class="plain missing-cell">{missing_cell}</ul></td>
    <td class="num" data-label="{emissions}">{emissions_cell}</td>
    <td data-label="{data}">{quality_cell}</td>
    <td class="num" data-label="{year}">{year_cell}</td>
  </tr>"""
UNSCORED = """<tr>
    <th scope="row" class="sticky">{company}</th>
    <td data-label="{sector_and_tracks}">{tracks}</td>
    <td data-label="{status}"><span class="chip chip--muted">{unscored}</span></td>
  </tr>"""


def ranked(rows: Iterable[Row], tracks: Tracks) -> SafeString:
    """Table rows of scored companies."""
    page = _Page(tracks)
    return format_html_join("\n  ", RANKED, map(page.ranked, rows))


def insufficient(rows: Iterable[Row], tracks: Tracks) -> SafeString:
    """Table rows of companies that lack something, with what they lack."""
    page = _Page(tracks)
    return format_html_join("\n  ", INSUFFICIENT, map(page.insufficient, rows))


def unscored(rows: Iterable[Row], tracks: Tracks) -> SafeString:
    page = _Page(tracks)
    return format_html_join("\n  ", UNSCORED, map(page.unscored, rows))


class _Page:
    """What all rows of one answer share, looked up once."""

    def __init__(self, tracks: Tracks) -> None:
        self.tracks = tracks
        self.language = get_language() or ""
        self.chinese = reads_chinese()
        self.labels = _labels(self.language)
        self.address, self.address_end = reverse("scoring:dossier", args=[0]).rsplit("0", 1)

    def ranked(self, row: Row) -> dict[str, SafeString]:
        seen = _glance(row)
        return self._common(row) | {
            "score_cell": score(row),
            "pillars_cell": pillars(pillar_marks(seen["pillars"], chinese=self.chinese), self.labels["not_observed"]),
            "change_cell": change(row.change),
            "coverage_cell": percent(row.coverage),
            "intensity_cell": significant(row.intensity),
            "emissions_cell": figure(row.emissions_t),
            "quality_cell": _quality(self.language, row.data_quality, seen["basis"]),
            "year_cell": _year(row.data_year),
        }

    def insufficient(self, row: Row) -> dict[str, SafeString]:
        seen = _glance(row)
        sentences = ((typeset(zh if self.chinese else en),) for zh, en in seen["missing"])
        return self._common(row) | {
            "missing_cell": format_html_join("", "<li>{}</li>", sentences),
            "emissions_cell": figure(row.emissions_t),
            "quality_cell": _quality(self.language, row.data_quality, seen["basis"]),
            "year_cell": _year(row.data_year),
        }

    def unscored(self, row: Row) -> dict[str, SafeString]:
        return self._common(row)

    def _common(self, row: Row) -> dict[str, SafeString]:
        return self.labels | {"company": self._company(row), "tracks": self._sector_and_tracks(row)}

    def _company(self, row: Row) -> SafeString:
        first, second = (row.name_zh, row.name_en) if self.chinese else (row.name_en, row.name_zh)
        return format_html(
            '<div class="company-cell"><a href="{}{}{}">{}</a>{} <span class="company-cell__facts muted small">'
            '<span class="company-cell__key">{}</span> {}</span></div>',
            SafeString(self.address),
            SafeString(row.pk),
            SafeString(self.address_end),
            first or second,
            _illustrative(self.language) if row.is_illustrative else NONE,
            row.uscc or row.company_key,
            _country(self.language, row.country),
        )

    def _sector_and_tracks(self, row: Row) -> SafeString:
        chips = [
            _track(self.language, track.code, is_confirmed=track.is_confirmed) for track in self.tracks.get(row.pk, ())
        ]
        return format_html(
            '<div class="sector-cell"><div>{}</div>{}</div>',
            _sector(self.language, row.sector),
            format_html_join("", "{} ", ((chip,) for chip in chips)) if chips else NONE,
        )


def _glance(row: Row) -> Glance:
    seen: Glance = json.loads(row.glance_json) if row.glance_json else NOTHING
    return seen


# --- cells that differ from row to row ----------------------------------------------------------------------
def score(row: Row) -> SafeString:
    length = NONE if row.emissions_score is None else SafeString(score_bar(row.emissions_score))
    return format_html(
        '<span class="score-cell"><span class="band band--{0}">{0}</span><b>{1}</b>\n'
        '<svg class="score-bar" width="56" height="8" aria-hidden="true">'
        '<rect class="score-bar__track" width="100%" height="8"/><rect class="chart__bar" width="{2}" height="8"/>'
        '<line class="score-bar__middle" x1="50%" x2="50%" y1="0" y2="8"/></svg></span>',
        _known(row.band),
        figure(row.emissions_score, 1),
        length,
    )


def pillars(marks: Sequence[PillarMark], not_observed: SafeString) -> SafeString:
    """One small column a pillar; the sentence that says the same is its label."""
    texts = [(_known(mark.label), not_observed if mark.utility is None else figure(mark.utility)) for mark in marks]
    columns = format_html_join(
        "",
        "<g><title>{}: {}</title>"
        '<rect class="score-bar__track" x="{}" y="0" width="9" height="16"/>'
        '<rect class="{}" x="{}" y="{}" width="9" height="{}"/></g>',
        (
            (*text, SafeString(mark.x), MARK_NONE, SafeString(mark.x), SafeString("0"), SafeString("16"))
            if mark.utility is None
            else (*text, SafeString(mark.x), MARK, SafeString(mark.x), SafeString(mark.y), SafeString(mark.height))
            for text, mark in zip(texts, marks, strict=True)
        ),
    )
    return format_html(
        '<svg class="pillars" width="36" height="18" role="img" aria-label="{}">{}</svg>',
        format_html_join("; ", "{}: {}", texts),
        columns,
    )


MARK, MARK_NONE = SafeString("chart__bar"), SafeString("pillars__none")


def change(points: float | None) -> SafeString:
    if points is None:
        return SafeString('<span class="muted">—</span>')
    text = signed(points, 1)
    if text == "0.0":
        return format_html('<span title="{}">=</span>', _("no change"))
    return format_html('<span class="{}">{}</span>', RISE if points > 0 else FALL, text)


RISE, FALL = SafeString("change--up"), SafeString("change--down")


def _year(year: int | None) -> SafeString:
    return SafeString(year) if year else MISSING


# --- words that come again and again, by the reader's language ------------------------------------------------
@lru_cache(maxsize=5000)
def _known(text: str) -> SafeString:
    return conditional_escape(text)


@lru_cache(maxsize=10)
def _labels(language: str) -> dict[str, SafeString]:
    """What stands before each cell where the table is folded for a small screen."""
    words = {
        "sector_and_tracks": _("Sector and tracks"),
        "score": _("Score"),
        "pillars": _("Pillars"),
        "change": pgettext("of a score", "Change"),
        "coverage": _("Coverage"),
        "intensity": _("Intensity, tCO₂e/10k CNY"),
        "emissions": _("Emissions, tCO₂e"),
        "data": _("Data"),
        "year": _("Data year"),
        "missing": _("What is missing"),
        "status": _("Status"),
        "unscored": _("Not yet scored"),
        "not_observed": _("not observed"),
    }
    return {code: conditional_escape(word) for code, word in words.items()}


@lru_cache(maxsize=10)
def _illustrative(language: str) -> SafeString:
    return format_html(' <span class="chip chip--muted">{}</span>', _("illustrative"))


@lru_cache(maxsize=1000)
def _country(language: str, code: str) -> SafeString:
    return conditional_escape(country_name(code))


@lru_cache(maxsize=100)
def _sector(language: str, code: str) -> SafeString:
    return conditional_escape(Sector(code).label)


@lru_cache(maxsize=100)
def _track(language: str, code: str, *, is_confirmed: bool) -> SafeString:
    title = doubt = NONE
    if not is_confirmed:
        title = format_html(' title="{}"', _("A proposal until a person confirms it"))
        doubt = format_html(
            ' <span class="muted" aria-hidden="true">?</span><span class="visually-hidden">({})</span>',
            _("not confirmed"),
        )
    return format_html('<span class="chip chip--track-{}"{}>{}{}</span>', code, title, Track(code).label, doubt)


@lru_cache(maxsize=1000)
def _quality(language: str, grade: int | None, basis: str) -> SafeString:
    mark = quality_mark(grade)
    if not mark:
        return MISSING
    return format_html(
        '<span class="chip chip--quality"><span class="visually-hidden">{}</span> {} {}</span>',
        _("data quality"),
        mark,
        basis_word(basis) if basis else "",
    )
