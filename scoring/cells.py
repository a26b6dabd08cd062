"""Cells of the ranked lists, written in Python: by template nodes they were most of the page's CPU."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from portfolio.models import Company, CompanyTrack, Sector, Track
from portfolio.templatetags.figures import figure, signed
from scoring.charts import PillarMark, score_bar
from scoring.models import Score
from scoring.reading import country_name

NONE = SafeString()


def company(row: Company) -> SafeString:
    illustrative = NONE
    if row.is_illustrative:
        illustrative = format_html(' <span class="chip chip--muted">{}</span>', _("illustrative"))
    return format_html(
        '<div class="company-cell"><a href="{0}">{1}</a>{2} <span class="company-cell__facts muted small">'
        '<span class="company-cell__key">{3}</span> {4}</span></div>',
        row.get_absolute_url(),
        row.name,
        illustrative,
        row.uscc or row.company_key,
        country_name(row.country),
    )


def sector_and_tracks(row: Company) -> SafeString:
    chips = format_html_join("", "{} ", ((_track(track),) for track in row.tracks.all()))
    return format_html('<div class="sector-cell"><div>{}</div>{}</div>', Sector(row.sector).label, chips)


def _track(row: CompanyTrack) -> SafeString:
    title = doubt = NONE
    if not row.is_confirmed:
        title = format_html(' title="{}"', _("A proposal until a person confirms it"))
        doubt = format_html(
            ' <span class="muted" aria-hidden="true">?</span><span class="visually-hidden">({})</span>',
            _("not confirmed"),
        )
    return format_html(
        '<span class="chip chip--track-{}"{}>{}{}</span>', row.track, title, Track(row.track).label, doubt
    )


def score(row: Score) -> SafeString:
    length = "" if row.emissions_score is None else score_bar(row.emissions_score)
    return format_html(
        '<span class="score-cell"><span class="band band--{0}">{0}</span><b>{1}</b>\n'
        '<svg class="score-bar" width="56" height="8" aria-hidden="true">'
        '<rect class="score-bar__track" width="100%" height="8"/><rect class="chart__bar" width="{2}" height="8"/>'
        '<line class="score-bar__middle" x1="50%" x2="50%" y1="0" y2="8"/></svg></span>',
        row.band,
        figure(row.emissions_score, 1),
        length,
    )


def pillars(marks: Sequence[PillarMark]) -> SafeString:
    """One small column a pillar; the sentence that says the same is its label."""
    texts = [f"{mark.label}: {_('not observed') if mark.utility is None else figure(mark.utility)}" for mark in marks]
    columns = format_html_join(
        "",
        "<g><title>{}</title>"
        '<rect class="score-bar__track" x="{}" y="0" width="9" height="16"/>'
        '<rect class="{}" x="{}" y="{}" width="9" height="{}"/></g>',
        (
            (text, str(mark.x), "pillars__none", str(mark.x), "0", "16")
            if mark.utility is None
            else (text, str(mark.x), "chart__bar", str(mark.x), str(mark.y), str(mark.height))
            for text, mark in zip(texts, marks, strict=True)
        ),
    )
    return format_html(
        '<svg class="pillars" width="36" height="18" role="img" aria-label="{}">{}</svg>', "; ".join(texts), columns
    )


def change(points: float | None) -> SafeString:
    if points is None:
        return SafeString('<span class="muted">—</span>')
    text = signed(points, 1)
    if text == "0.0":
        return format_html('<span title="{}">=</span>', _("no change"))
    return format_html('<span class="{}">{}</span>', "change--up" if points > 0 else "change--down", text)


def quality(mark: str, basis: str) -> SafeString:
    if not mark:
        return SafeString("—")
    return format_html(
        '<span class="chip chip--quality"><span class="visually-hidden">{}</span> {} {}</span>',
        _("data quality"),
        mark,
        basis,
    )
