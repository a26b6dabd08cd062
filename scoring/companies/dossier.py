"""What the dossier of a company shows: its score explained, the facts behind it, and how it came to be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from portfolio.joins.report import SetAside, set_aside
from portfolio.models import Activity, City, Company, CompanyTrack, Disclosure, Financials, Join, Quantity, Target
from portfolio.models.people import SomeUser
from scoring import snapshots
from scoring.companies import assisted as assisted_view
from scoring.companies.assisted import ShownAssisted
from scoring.companies.charts import Bar, Waterfall, waterfall
from scoring.engine.score.result import LineRecord, PillarRecord
from scoring.models import LatestScore, Methodology, Score, ScoreRun
from scoring.reading import (
    basis_word,
    country_name,
    emissions_basis,
    flag_texts,
    goalpost_text,
    line_flags,
    line_value,
    missing_texts,
    quality_mark,
    reads_chinese,
    said,
)
from scoring.runs import receipts


@dataclass(frozen=True)
class ShownLine:
    """One indicator as the table prints it."""

    label: str
    pillar: str
    value: str
    basis: str
    quality: str
    because: str
    utility: float
    weight: float | None
    contribution: str
    goalpost: str
    flags: list[str]


@dataclass(frozen=True)
class PastScore:
    run_id: int
    as_of: date
    version: str
    status: str
    emissions_score: float | None
    band: str
    change: float | None  # against the scored one before it
    is_shown: bool

    @property
    def status_word(self) -> str:
        return str(Score.Status(self.status).label)


@dataclass(frozen=True)
class Told:
    """A disclosure that stands, with its figures."""

    standing: snapshots.Standing
    boundary: str
    source_document: str
    source: str
    licence: str
    verified_despite: str
    figures: dict[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True)
class ShownSite:
    name: str
    city: City | None
    source: str
    licence: str
    totals_t: dict[int, float | None] = field(default_factory=dict)  # by year


@dataclass(frozen=True)
class SourceNote:
    """A source, its licence, and what of this page it gave."""

    source: str
    licence: str
    gave: list[str]


@dataclass(frozen=True)
class YearNote:
    """What holds for the figures of some years."""

    years: str
    state: str
    is_verified: bool
    boundary: str
    revenue_boundary: str
    document: str
    flag: str
    verified_despite: str
    join_waits: bool  # for a person to confirm whose figures they are


@dataclass
class YearTable:
    """Quantities down, years across; None where nothing was reported."""

    years: list[int]
    rows: list[tuple[str, str, list[tuple[int, float | None]]]] = field(default_factory=list)  # label, unit, cells


class Dossier:
    """One company, and one score of it: that of the named run, else the latest."""

    def __init__(self, user: SomeUser, company: Company, run_id: int | None) -> None:
        """`company` comes with its latest score and `method_in_force`: see `with_latest`. Raises Score.DoesNotExist."""
        self.user = user
        self.company = company
        self.latest: LatestScore | None = getattr(company, "latest", None)
        self.score = self.latest.score if self.latest else None
        if run_id is not None and (self.score is None or self.score.run_id != run_id):
            scores = Score.objects.visible_to(user).select_related("run__methodology")
            self.score = scores.get(company=company, run_id=run_id)
        score = self.score
        self.record = score.record if score else None

    # --- head ---------------------------------------------------------------------------------------
    @cached_property
    def country(self) -> str:
        return country_name(self.company.country)

    @cached_property
    def tracks(self) -> list[CompanyTrack]:
        return list(self.company.tracks.select_related("confirmed_by"))

    @property
    def is_latest(self) -> bool:
        return self.score is None or (self.latest is not None and self.latest.score_id == self.score.pk)

    @cached_property
    def open_runs(self) -> list[ScoreRun]:
        """Runs that will give this company a score."""
        return list(ScoreRun.objects.visible_to(self.user).open().filter(items__company=self.company).only("state"))

    @cached_property
    def facts_changed(self) -> bool:
        """The database holds other facts now than those this score was computed from."""
        if self.score is None or not self.is_latest:
            return False
        revenues: dict[int, snapshots.Revenue] = {}
        for row in sorted(self.financials, key=lambda row: row.pk):
            if row.year is not None and row.revenue is not None:
                revenues[row.year] = snapshots.Revenue(row.revenue, row.currency, row.quality_flag)
        targets = sorted(self.targets, key=lambda target: target.target_key)
        facts = snapshots.Facts(
            [told.standing for told in self.disclosures],
            {told.standing.pk: told.figures for told in self.disclosures},
            revenues,
            [snapshots.target_record(vars(target)) for target in targets],
        )
        now: str = snapshots.of(self.company, facts, timezone.localdate()).sha256
        return bool(now != self.score.inputs_sha256)

    @cached_property
    def method_changed(self) -> bool:
        if self.score is None or not self.is_latest:
            return False
        in_force: int | None = self.company.method_in_force  # type: ignore[attr-defined]
        return bool(in_force != self.score.run.methodology_id)

    # --- the score explained ----------------------------------------------------------------------------
    @cached_property
    def waterfall(self) -> Waterfall | None:
        if self.record is None:
            return None
        return waterfall(self.record, chinese=reads_chinese(), start=_("Start"), total=_("Emissions score"))

    @cached_property
    def assisted(self) -> ShownAssisted | None:
        return assisted_view.shown(self.score, self.record) if self.score and self.record else None

    @cached_property
    def summary(self) -> str:
        """The chart in one sentence."""
        if self.waterfall is None:
            return ""
        separator = "，" if reads_chinese() else ", "
        steps = separator.join(
            _("%(pillar)s %(change)s") % {"pillar": bar.label, "change": bar.text or _("not observed")}
            for bar in self.waterfall.pillars
        )
        return _("From %(start)s to %(total)s: %(steps)s.") % {
            "start": self.waterfall.baseline,
            "total": self.waterfall.total,
            "steps": steps,
        }

    @property
    def pillar_rows(self) -> list[tuple[PillarRecord, Bar]]:
        """Pillars beside their bars, for the table that says the same as the chart."""
        headline = self.record["emissions_score"] if self.record else None
        if headline is None or self.waterfall is None:
            return []
        return list(zip(headline["pillars"], self.waterfall.pillars, strict=True))

    @cached_property
    def lines(self) -> list[ShownLine]:
        if self.record is None or self.score is None:
            return []
        pillars = self.score.run.methodology.engine().parameters.pillars
        labels = {pillar.code: pillar.label_zh if reads_chinese() else pillar.label_en for pillar in pillars}
        steps = {indicator.code: len(indicator.steps) for pillar in pillars for indicator in pillar.indicators}
        printed = self.waterfall.line_texts if self.waterfall else {}
        return [
            _shown(line, labels[line["pillar"]], steps[line["code"]], printed.get(line["code"], ""))
            for line in self.record["lines"]
        ]

    @cached_property
    def missing(self) -> list[str]:
        return missing_texts(self.record) if self.record else []

    @cached_property
    def flags(self) -> list[str]:
        """Flags of the company as a whole: those that no line carries."""
        if self.record is None:
            return []
        on_lines = {flag for line in self.record["lines"] for flag in line["flags"]}
        return flag_texts([flag for flag in self.record["flags"] if flag not in on_lines])

    @cached_property
    def quality(self) -> str:
        return quality_mark(self.score.data_quality if self.score else None)

    @cached_property
    def receipt_digest(self) -> str:
        return receipts.digest_of(self.score) if self.score else ""

    @cached_property
    def receipt_name(self) -> str:
        return receipts.file_name(self.score.run_id, self.company.company_key) if self.score else ""

    @cached_property
    def basis(self) -> str:
        return emissions_basis(self.record)

    @cached_property
    def history(self) -> list[PastScore]:
        """Newest first, each with its change against the scored one before it."""
        scores = Score.objects.visible_to(self.user).filter(company=self.company).order_by("pk")
        past: list[PastScore] = []
        before: float | None = None
        for pk, run_id, as_of, version, status, value, band in scores.values_list(
            "pk", "run_id", "run__as_of", "run__methodology__version", "status", "emissions_score", "band"
        ):
            change = None if value is None or before is None else value - before
            before = before if value is None else value
            is_shown = self.score is not None and pk == self.score.pk
            past.append(PastScore(run_id, as_of, version, status, value, band, change, is_shown))
        return past[::-1]

    # --- whose figures -------------------------------------------------------------------------------
    @cached_property
    def joins(self) -> list[Join]:
        return list(self.company.joins.all())

    @property
    def join_waits(self) -> bool:
        return any(join.state == Join.State.NOT_CONFIRMED for join in self.joins)

    @cached_property
    def set_aside(self) -> list[SetAside]:
        return set_aside(self.joins)

    def _has_join(self, state: str, source: str, figures: str) -> bool:
        return any(join.state == state and join.is_about(source, figures) for join in self.joins)

    def _waits(self, source: str, figures: str) -> bool:
        return self._has_join(Join.State.NOT_CONFIRMED, source, figures)

    # --- the facts -----------------------------------------------------------------------------------
    @cached_property
    def disclosures(self) -> list[Told]:
        """By year, read together with their figures."""
        standing = Disclosure.objects.visible_to(self.user).standing().filter(company=self.company)
        rows = standing.order_by("year", "figures__quantity").values_list(
            *snapshots.Standing._fields,
            *("boundary", "source_document", "source", "licence", "verified_despite"),
            *("figures__quantity", "figures__value"),
        )
        told: dict[int, Told] = {}
        size = len(snapshots.Standing._fields)
        for row in rows:
            *words, quantity, value = row[size:]
            disclosure = told.setdefault(row[0], Told(snapshots.Standing(*row[:size]), *words))
            if quantity is not None:
                disclosure.figures[quantity] = value
        return list(told.values())

    @cached_property
    def ledgers(self) -> list[snapshots.Standing]:
        """The disclosures that rest on activities."""
        standing = [told.standing for told in self.disclosures]
        with_lines = Activity.objects.filter(disclosure_id__in=[each.pk for each in standing])
        found = set(with_lines.order_by().values_list("disclosure_id", flat=True).distinct())
        return [each for each in standing if each.pk in found]

    @cached_property
    def emissions(self) -> YearTable:
        values = {told.standing.year: told.figures for told in self.disclosures}
        table = YearTable(list(values))
        for quantity in Quantity:
            if any(quantity in figures for figures in values.values()):
                cells = [(year, figures.get(quantity)) for year, figures in values.items()]
                table.rows.append((str(quantity.label), quantity.unit, cells))
        return table

    @cached_property
    def year_notes(self) -> list[YearNote]:
        """Boundary, document and flags, once for all the years that share them."""
        shared: dict[tuple[Any, ...], list[int]] = defaultdict(list)
        for told in self.disclosures:
            d = told.standing
            waits = self._waits(told.source, Join.Figures.EMISSIONS)
            words = (told.source_document, d.quality_flag, told.verified_despite, waits)
            key = (d.state, told.boundary, d.revenue_boundary, *words)
            shared[key].append(d.year)
        return [
            YearNote(
                _spans(years),
                str(Disclosure.State(state).label),
                state == Disclosure.State.VERIFIED,
                boundary,
                str(Disclosure.RevenueBoundary(revenue_boundary).label),
                document,
                flag,
                despite,
                waits,
            )
            for (state, boundary, revenue_boundary, document, flag, despite, waits), years in shared.items()
        ]

    @cached_property
    def financials(self) -> list[Financials]:
        """With `join_waits` where nobody has confirmed whose they are."""
        rows = list(self.company.financials.counting().order_by("-year", "pk"))
        for row in rows:
            row.join_waits = self._waits(row.source, Join.Figures.FINANCIALS)  # type: ignore[attr-defined]
        return rows

    @cached_property
    def targets(self) -> list[Target]:
        """With `source_link` where the source's address can be followed: other words stay words. And `join_waits`."""
        targets = list(self.company.targets.counting().order_by("horizon", "target_year", "target_key"))
        for target in targets:
            target.join_waits = self._waits(target.source, Join.Figures.TARGETS)  # type: ignore[attr-defined]
            is_address = target.source_url.startswith(("https://", "http://"))
            target.source_link = target.source_url.split()[0] if is_address else ""  # type: ignore[attr-defined]
        return targets

    @cached_property
    def _sites(self) -> list[ShownSite]:
        """By key, read together with their years."""
        rows = self.company.sites.order_by("site_key").values_list(
            *("pk", "name", "source", "licence", "city__name_zh", "city__name_en", "years__year", "years__total_t")
        )
        sites: dict[int, ShownSite] = {}
        for pk, name, source, licence, name_zh, name_en, year, total_t in rows:
            if self._has_join(Join.State.REJECTED, source, Join.Figures.EMISSIONS):
                continue
            city = City(name_zh=name_zh, name_en=name_en) if name_zh is not None else None
            site = sites.setdefault(pk, ShownSite(name, city, source, licence))
            if year is not None:
                site.totals_t[year] = total_t
        return list(sites.values())

    @cached_property
    def site_years(self) -> list[int]:
        return sorted({year for site in self._sites for year in site.totals_t})

    @cached_property
    def sites(self) -> list[tuple[ShownSite, list[tuple[int, float | None]]]]:
        """Each site with its total of every year that any site has, largest latest year first."""
        rows = [(site, [(year, site.totals_t.get(year)) for year in self.site_years]) for site in self._sites]
        return sorted(rows, key=lambda row: -(row[1][-1][1] or 0) if row[1] else 0)

    @cached_property
    def sources(self) -> list[SourceNote]:
        """Attribution of everything on the page."""
        gave: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
        groups: list[tuple[str, Sequence[Any]]] = [
            (_("company"), [self.company]),
            (_("tracks"), self.tracks),
            (_("emissions"), self.disclosures),
            (_("financials"), self.financials),
            (_("targets"), self.targets),
            (_("sites"), self._sites),
        ]
        for what, rows in groups:
            for row in rows:
                gave[row.source, row.licence][what] = None
        return [SourceNote(source, licence, list(what)) for (source, licence), what in gave.items()]


def with_latest(companies: models.QuerySet[Company]) -> models.QuerySet[Company]:
    """With what every dossier needs, in one query."""
    in_force = Methodology.objects.filter(state=Methodology.State.ACTIVE).values("pk")
    related = companies.select_related("city", "latest__score__run__methodology", "latest__score__model")
    return related.annotate(method_in_force=models.Subquery(in_force[:1]))


def _shown(line: LineRecord, pillar: str, steps: int, contribution: str) -> ShownLine:
    chinese = reads_chinese()
    return ShownLine(
        label=line["label_zh" if chinese else "label_en"],
        pillar=pillar,
        value=line_value(line, steps),
        basis=basis_word(line["basis"]),
        quality=quality_mark(line["data_quality"]),
        because=said((line["because_zh"], line["because_en"])),
        utility=line["utility"],
        weight=line["weight"],
        contribution=contribution,
        goalpost=goalpost_text(line),
        flags=line_flags(line),
    )


def _spans(years: Sequence[int]) -> str:
    """2019, 2021–2023"""
    spans: list[list[int]] = []
    for year in sorted(years):
        if spans and year == spans[-1][-1] + 1:
            spans[-1].append(year)
        else:
            spans.append([year])
    return ", ".join(str(span[0]) if len(span) == 1 else f"{span[0]}–{span[-1]}" for span in spans)
