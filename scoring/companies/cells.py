"""The rows of the ranked lists, written in Python: by template nodes they were most of the page's CPU."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import lru_cache
from html import escape
from string import Formatter

from django.urls import reverse
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from portfolio.models import Sector, Track
from portfolio.templatetags.figures import MISSING, figure, percent, signed, significant
from scoring.companies.charts import pillar_height, pillar_mark, score_bar
from scoring.companies.listing import Row, TrackOf, Tracks
from scoring.estimators.words import SHORT_RUNGS
from scoring.reading import basis_word, country_name, quality_mark, reads_chinese, typeset
from scoring.runs.glance import NOTHING, Glance

NONE = SafeString()
ROWS_KEPT = 2000  # of 2.5 kB or so


# Words in capitals are the same for all rows of a language: `_row` puts them in first.
COMPANY = """<tr>
    <th scope="row" class="sticky"><div class="company-cell"><a href="{address}">{name}</a>{illustrative} \
<span class="company-cell__facts muted small"><span class="company-cell__key">{key}</span> {country}</span></div></th>
    <td data-label="{SECTOR_AND_TRACKS}">{sector_and_tracks}</td>
    """
RANKED = (
    COMPANY
    + """<td class="num" data-label="{SCORE}"><span class="score-cell"><span class="band band--{band}">{band}</span>\
<b>{score}</b>
<svg class="score-bar" width="32" height="8" aria-hidden="true">\
<rect class="score-bar__track" width="100%" height="8"/><rect class="chart__bar" width="{length}" height="8"/>\
<line class="score-bar__middle" x1="50%" x2="50%" y1="0" y2="8"/></svg></span></td>
    <td class="num" data-label="{ASSISTED}">{assisted}</td>
    <td data-label="{PILLARS}"><svg class="pillars" width="36" height="18" role="img" aria-label="{pillar_texts}">\
{pillar_marks}</svg></td>
    <td class="num" data-label="{CHANGE}">{change}</td>
    <td class="num" data-label="{COVERAGE}">{coverage}</td>
    <td class="num" data-label="{INTENSITY}">{intensity}</td>
    <td class="num" data-label="{EMISSIONS}">{emissions}</td>
    <td data-label="{DATA}">{quality}</td>
    <td class="num" data-label="{YEAR}">{year}</td>
  </tr>"""
)
INSUFFICIENT = (
    COMPANY
    + """<td data-label="{MISSING}"><ul class="plain missing-cell">{missing}</ul></td>
    <td class="num" data-label="{EMISSIONS}">{emissions}</td>
    <td data-label="{DATA}">{quality}</td>
    <td class="num" data-label="{YEAR}">{year}</td>
  </tr>"""
)
ESTIMATED = (
    COMPANY
    + """<td data-label="{RANGE}"><span class="range-cell"><span class="num">{range}</span>
<svg class="range-bar" width="96" height="12" aria-hidden="true">\
<rect class="score-bar__track" y="2" width="100%" height="8"/>\
<rect class="range-bar__range" x="{low}" y="2" width="{length}" height="8"/></svg></span></td>
    <td class="num" data-label="{EMISSIONS}">{emissions}</td>
    <td data-label="{RUNG}"><span class="range-cell"><span><span class="chip chip--rung">{rung}</span> {model}</span>\
<a class="small" href="{address}#ask">{ASK}</a></span></td>
  </tr>"""
)
UNSCORED = (
    COMPANY
    + """<td data-label="{STATUS}"><span class="chip chip--muted">{NOT_YET_SCORED}</span></td>
  </tr>"""
)


def ranked(rows: Iterable[Row], tracks: Tracks) -> SafeString:
    """Table rows of scored companies."""
    return _joined(_ranked, rows, tracks)


def insufficient(rows: Iterable[Row], tracks: Tracks) -> SafeString:
    """Table rows of companies that lack something, with what they lack."""
    return _joined(_insufficient, rows, tracks)


def estimated(rows: Iterable[Row], tracks: Tracks) -> SafeString:
    """Table rows of companies whose emissions a model estimates: a range, never a rank."""
    return _joined(_estimated, rows, tracks)


def unscored(rows: Iterable[Row], tracks: Tracks) -> SafeString:
    return _joined(_unscored, rows, tracks)


def _joined(write: Callable[[str, Row, tuple[TrackOf, ...]], str], rows: Iterable[Row], tracks: Tracks) -> SafeString:
    """As format_html_join, for cells whose type says that they are safe already."""
    language = get_language() or ""
    return SafeString("\n  ".join([write(language, row, tracks.get(row.pk, ())) for row in rows]))


# A row is written from its facts and the language alone, so the rows people look at most are kept.
@lru_cache(maxsize=ROWS_KEPT)
def _ranked(language: str, row: Row, tracks: tuple[TrackOf, ...]) -> str:
    seen, chinese = _glance(row), reads_chinese()
    marks = [
        _pillar(language, position, zh if chinese else en, utility)
        for position, (zh, en, utility) in enumerate(seen["pillars"])
    ]
    cells = _company(language, row, tracks) | {
        "band": _known(row.band or ""),
        "score": figure(row.emissions_score, 1),
        "length": NONE if row.emissions_score is None else SafeString(score_bar(row.emissions_score)),
        "assisted": _assisted(row, seen),
        "pillar_texts": SafeString("; ".join([text for text, _mark in marks])),
        "pillar_marks": SafeString("".join([mark for _text, mark in marks])),
        "change": _change(language, row.change),
        "coverage": _coverage(row.coverage),
        "intensity": significant(row.intensity),
        "emissions": figure(row.emissions_t),
        "quality": _quality(language, row.data_quality, seen["basis"]),
        "year": _year(row.data_year),
    }
    return _row(language, RANKED).format_map(cells)


@lru_cache(maxsize=ROWS_KEPT)
def _insufficient(language: str, row: Row, tracks: tuple[TrackOf, ...]) -> str:
    seen, chinese = _glance(row), reads_chinese()
    sentences = ((typeset(zh if chinese else en),) for zh, en in seen["missing"])
    cells = _company(language, row, tracks) | {
        "missing": format_html_join("", "<li>{}</li>", sentences),
        "emissions": figure(row.emissions_t),
        "quality": _quality(language, row.data_quality, seen["basis"]),
        "year": _year(row.data_year),
    }
    return _row(language, INSUFFICIENT).format_map(cells)


@lru_cache(maxsize=ROWS_KEPT)
def _estimated(language: str, row: Row, tracks: tuple[TrackOf, ...]) -> str:
    low, high = row.assisted_p05 or 0.0, row.assisted_p95 or 0.0
    cells = _company(language, row, tracks) | {
        "range": format_html("{}–{}", figure(low, 0), figure(high, 0)),
        "low": SafeString(f"{low:.1f}%"),
        "length": SafeString(f"{high - low:.1f}%"),
        "emissions": _estimate(_glance(row)),
        "rung": _rung(language, row.emissions_rung or 7),
        "model": _model(row.model_id),
    }
    return _row(language, ESTIMATED).format_map(cells)


def _unscored(language: str, row: Row, tracks: tuple[TrackOf, ...]) -> str:
    return _row(language, UNSCORED).format_map(_company(language, row, tracks))


def _company(language: str, row: Row, tracks: tuple[TrackOf, ...]) -> dict[str, SafeString]:
    """The cells that every list begins with."""
    first, second = (row.name_zh, row.name_en) if reads_chinese() else (row.name_en, row.name_zh)
    return {
        "address": SafeString(reverse("scoring:dossier", args=[row.pk])),
        "name": SafeString(escape(first or second)),
        "illustrative": _illustrative(language) if row.is_illustrative else NONE,
        "key": SafeString(escape(row.uscc or row.company_key)),
        "country": _country(language, row.country),
        "sector_and_tracks": _sector_and_tracks(language, row.sector, tracks),
    }


def _glance(row: Row) -> Glance:
    seen: Glance = json.loads(row.glance_json) if row.glance_json else NOTHING
    return seen


def _assisted(row: Row, seen: Glance) -> SafeString:
    """The value where there is one, and the range."""
    if row.assisted_p05 is None or row.assisted_p95 is None:
        return NO_CHANGE_KNOWN
    low, high = figure(row.assisted_p05), figure(row.assisted_p95)
    if row.assisted_score is None:
        return format_html('<span class="muted small">{}–{}</span>', low, high)
    title, value = seen.get("letters", ""), figure(row.assisted_score, 1)
    return format_html('<span title="{}">{} <span class="muted small">{}–{}</span></span>', title, value, low, high)


def _estimate(seen: Glance) -> SafeString:
    """The middle and, smaller, from where to where."""
    told = seen.get("estimate_t")
    if not told:
        return MISSING
    p05, middle, p95 = told
    return format_html(
        '{}<br><span class="muted small">{}–{}</span>',
        significant(middle, 2),
        significant(p05, 2),
        significant(p95, 2),
    )


def _change(language: str, points: float | None) -> SafeString:
    if points is None:
        return NO_CHANGE_KNOWN
    text = signed(points, 1)
    if text == "0.0":
        return _no_change(language)
    return format_html('<span class="{}">{}</span>', RISE if points > 0 else FALL, text)


NO_CHANGE_KNOWN = SafeString('<span class="muted">—</span>')
RISE, FALL = SafeString("change--up"), SafeString("change--down")


def _year(year: int | None) -> SafeString:
    return SafeString(year) if year else MISSING


def _pillar(language: str, position: int, label: str, utility: float | None) -> tuple[SafeString, SafeString]:
    """One small column, and the words that say the same."""
    height = pillar_height(utility)
    return _mark(language, label, None if utility is None else figure(utility), position, height)


# --- words that come again and again, by the reader's language ------------------------------------------------
@lru_cache(maxsize=5000)
def _known(text: str) -> SafeString:
    return conditional_escape(text)


@lru_cache(maxsize=50)
def _row(language: str, row: str) -> SafeString:
    """A row with the reader's words in it: what stands before each cell where the table folds for a small screen."""
    words = {
        "SECTOR_AND_TRACKS": _("Sector and tracks"),
        "SCORE": _("Score"),
        "PILLARS": _("Pillars"),
        "ASSISTED": _("ML-assisted"),
        "RANGE": _("ML-assisted score, 5–95 %"),
        "RUNG": _("Rung"),
        "ASK": _("Request activity data"),
        "CHANGE": pgettext("of a score", "Change"),
        "COVERAGE": _("Coverage"),
        "INTENSITY": _("Intensity, tCO₂e/10k CNY"),
        "EMISSIONS": _("Emissions, tCO₂e"),
        "DATA": _("Data"),
        "YEAR": _("Data year"),
        "MISSING": _("What is missing"),
        "STATUS": _("Status"),
        "NOT_YET_SCORED": _("Not yet scored"),
    }
    places = [name for _text, name, _spec, _conversion in Formatter().parse(row) if name and name not in words]
    return format_html(row, **words, **{name: f"{{{name}}}" for name in places})


@lru_cache(maxsize=20_000)
def _mark(
    language: str, label: str, utility: SafeString | None, position: int, height: float
) -> tuple[SafeString, SafeString]:
    """Rounded to tenths of a pixel, there are not many."""
    mark = pillar_mark(position, height)
    text = format_html("{}: {}", label, _("not observed") if utility is None else utility)
    return text, format_html(
        "<g><title>{}</title>"
        '<rect class="score-bar__track" x="{}" y="0" width="9" height="16"/>'
        '<rect class="{}" x="{}" y="{}" width="9" height="{}"/></g>',
        text,
        mark.x,
        "pillars__none" if utility is None else "chart__bar",
        mark.x,
        "0" if utility is None else mark.y,
        "16" if utility is None else mark.height,
    )


@lru_cache(maxsize=1000)
def _coverage(share: float | None) -> SafeString:
    return percent(share)


@lru_cache(maxsize=20)
def _rung(language: str, rung: int) -> SafeString:
    return format_html("{} · {}", rung, SHORT_RUNGS[rung])


@lru_cache(maxsize=50)
def _model(pk: int | None) -> SafeString:
    """The model version behind an estimate, with its page."""
    if pk is None:
        return NONE
    return format_html('<a class="small" href="{}">m{}</a>', reverse("scoring:model", args=[pk]), pk)


@lru_cache(maxsize=10)
def _no_change(language: str) -> SafeString:
    return format_html('<span title="{}">=</span>', _("no change"))


@lru_cache(maxsize=10)
def _illustrative(language: str) -> SafeString:
    return format_html(' <span class="chip chip--muted">{}</span>', _("illustrative"))


@lru_cache(maxsize=1000)
def _country(language: str, code: str) -> SafeString:
    return conditional_escape(country_name(code))


@lru_cache(maxsize=5000)
def _sector_and_tracks(language: str, sector: str, tracks: tuple[TrackOf, ...]) -> SafeString:
    return format_html(
        '<div class="sector-cell"><div class="sector-cell__name" title="{0}">{0}</div>{1}</div>',
        Sector(sector).label,
        format_html_join("", "{} ", ((_track(track),) for track in tracks)),
    )


def _track(track: TrackOf) -> SafeString:
    title = doubt = NONE
    if not track.is_confirmed:
        title = format_html(' title="{}"', _("A proposal until a person confirms it"))
        doubt = format_html(
            ' <span class="muted" aria-hidden="true">?</span><span class="visually-hidden">({})</span>',
            _("not confirmed"),
        )
    label = Track(track.code).label
    return format_html('<span class="chip chip--track-{}"{}>{}{}</span>', track.code, title, label, doubt)


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
