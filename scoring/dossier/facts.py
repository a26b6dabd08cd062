"""The facts behind a company's dossier, whoever it is: emissions by year, accounts, targets, sites, whose they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import F
from django.utils.translation import gettext as _

from portfolio.joins.report import SetAside, set_aside
from portfolio.models import (
    Activity,
    Badge,
    Check,
    City,
    Company,
    CompanyTrack,
    Disclosure,
    Evidence,
    Financials,
    GateWord,
    Join,
    Quantity,
    Target,
)
from portfolio.models.people import SomeUser
from portfolio.wording import listed
from scoring import snapshots
from scoring.candidates import amounts, marks
from scoring.candidates.marks import YearsLine
from scoring.candidates.origins import told_href
from scoring.quality import Quality
from scoring.reading import country_name


@dataclass(frozen=True)
class Told:
    """A disclosure that stands, with its figures."""

    standing: snapshots.Standing
    boundary: str
    source_document: str
    source: str
    licence: str
    verified_despite: str
    badge: str
    figures: dict[str, float | None] = field(default_factory=dict)  # as they count
    submitted: dict[str, float] = field(default_factory=dict)  # of those in whose place another value counts


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
    is_correcting: bool
    boundary: str
    revenue_boundary: str
    document: str
    flag: str
    verified_despite: str
    join_waits: bool  # for a person to confirm whose figures they are


class YearCell(NamedTuple):
    year: int
    value: float | None  # None where nothing was reported
    href: str  # of the page that explains it
    submitted: float | None = None  # where a conservative value counts in its place


@dataclass
class YearTable:
    """Quantities down, years across."""

    years: list[int]
    rows: list[tuple[str, str, list[YearCell]]] = field(default_factory=list)  # label, unit, cells


@dataclass(frozen=True)
class Finding:
    """What is open, or was, in the figures of one year."""

    year: int
    checks: list[Check]
    verified_despite: str


class Facts:
    """One company's facts as they stand now, read when asked."""

    def __init__(self, user: SomeUser, company: Company) -> None:
        self.user, self.company = user, company

    @cached_property
    def country(self) -> str:
        return country_name(self.company.country)

    @cached_property
    def tracks(self) -> list[CompanyTrack]:
        return list(self.company.tracks.select_related("confirmed_by", "family"))

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
        quality = Quality.of(standing)
        rows = (
            standing.with_badge()
            .order_by("year", "figures__quantity")
            .values_list(
                *snapshots.Standing._fields,
                *("boundary", "source_document", "source", "licence", "verified_despite", "badged"),
                *("figures__quantity", "figures__value"),
            )
        )
        told: dict[int, Told] = {}
        size = len(snapshots.Standing._fields)
        for row in rows:
            *words, quantity, value = row[size:]
            disclosure = told.setdefault(row[0], Told(snapshots.Standing(*row[:size]), *words))
            if quantity is not None:
                disclosure.figures[quantity] = quality.substituted.get(row[0], {}).get(quantity, value)
                if disclosure.figures[quantity] != value:
                    disclosure.submitted[quantity] = value
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
        table = YearTable([told.standing.year for told in self.disclosures])
        for quantity in Quantity:
            if any(quantity in told.figures for told in self.disclosures):
                cells = [_cell(told, quantity) for told in self.disclosures]
                table.rows.append((str(quantity.label), quantity.unit_label, cells))
        return table

    @cached_property
    def year_notes(self) -> list[YearNote]:
        """Boundary, document and flags, once for all the years that share them."""
        shared: dict[tuple[Any, ...], list[int]] = defaultdict(list)
        for told in self.disclosures:
            d = told.standing
            waits = self._waits(told.source, Join.Figures.EMISSIONS)
            words = (told.source_document, d.quality_flag, told.verified_despite, waits)
            key = (told.badge or d.state, told.boundary, d.revenue_boundary, *words)
            shared[key].append(d.year)
        return [
            YearNote(
                _spans(years),
                str(Badge.CORRECTING.label if state == Badge.CORRECTING else Disclosure.State(state).label),
                state == Badge.VERIFIED,
                state == Badge.CORRECTING,
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

    # --- the chart of the years ---------------------------------------------------------------------------
    @cached_property
    def totals(self) -> list[tuple[int, float]]:
        """Scopes 1 and 2 of each year in which both are told: location-based, else as they were reported."""
        found = []
        for told in self.disclosures:
            first = told.figures.get(Quantity.SCOPE_1)
            seconds = (told.figures.get(kind) for kind in SCOPE_2)
            second = next((value for value in seconds if value is not None), None)
            if first is not None and second is not None:
                found.append((told.standing.year, first + second))
        return found

    @property
    def line(self) -> YearsLine | None:
        return marks.years_line([(year, total, amounts.tonnes(total)) for year, total in self.totals], None)

    @property
    def line_label(self) -> str:
        """The chart in one sentence."""
        if not self.totals:
            return ""
        (first, before), (last, now) = self.totals[0], self.totals[-1]
        if first == last or not before:
            return _("Scopes 1 + 2: %(now)s in %(last)s.") % {"now": amounts.tonnes(now), "last": last}
        change = amounts.share(now / before - 1)
        return _("Scopes 1 + 2: %(now)s in %(last)s, %(change)s against %(first)s.") % {
            "now": amounts.tonnes(now),
            "last": last,
            "first": first,
            "change": change if now < before else f"+{change}",
        }

    # --- documents ------------------------------------------------------------------------------------------
    @cached_property
    def documents(self) -> list[Disclosure]:
        """Every disclosure of the company that the person may see, the newest first."""
        rows = Disclosure.objects.visible_to(self.user).filter(company=self.company).with_badge()
        return list(rows.order_by("-year", "-version"))

    @property
    def correcting(self) -> list[int]:
        """Years of which a correction awaits verification."""
        return [told.standing.year for told in self.disclosures if told.badge == Badge.CORRECTING]

    @cached_property
    def evidence(self) -> list[Evidence]:
        return list(Evidence.objects.visible_to(self.user).filter(company=self.company))

    @cached_property
    def by_digest(self) -> dict[str, Disclosure]:
        """What a record's source names."""
        return {disclosure.digest: disclosure for disclosure in self.documents if disclosure.digest}

    # --- findings -------------------------------------------------------------------------------------------
    @cached_property
    def findings(self) -> list[Finding]:
        """What was asked of each standing content when it was last checked, the newest year first."""
        return _findings([(one.standing.pk, one.standing.year, one.verified_despite) for one in self.disclosures])

    def doubts(self, digests: Collection[str]) -> list[Finding]:
        """What stays open in the contents that a score used, whether they still stand or not."""
        used = [one for one in reversed(self.documents) if one.digest in digests]
        found = _findings([(one.pk, one.year, one.verified_despite) for one in used])
        asked = [replace(one, checks=[check for check in one.checks if check.severity != "info"]) for one in found]
        return [one for one in asked if one.checks or one.verified_despite]

    @cached_property
    def gate_words(self) -> list[GateWord]:
        """What was said of its gates, the newest first."""
        said = GateWord.objects.visible_to(self.user).filter(company=self.company)
        return list(said.select_related("by", "document"))


def _cell(told: Told, quantity: Quantity) -> YearCell:
    value = told.figures.get(quantity)
    href = "" if value is None else told_href(told.standing.pk, quantity)
    return YearCell(told.standing.year, value, href, told.submitted.get(quantity))


def _findings(contents: Sequence[tuple[int, int, str]]) -> list[Finding]:
    """Of disclosures by year, each as its key, its year and why it was verified with open items."""
    rows = Check.objects.filter(
        checked__disclosure__in=[pk for pk, _year, _despite in contents],
        checked__digest=F("checked__disclosure__digest"),
    )
    last: dict[int, list[Check]] = {}
    for check in rows.select_related("checked__disclosure").order_by("checked_id", "number"):
        kept = last.setdefault(check.checked.disclosure_id, [])
        if kept and kept[0].checked_id != check.checked_id:
            kept.clear()
        kept.append(check)
    found = [Finding(year, last.get(pk, []), despite) for pk, year, despite in contents]
    return [one for one in reversed(found) if one.checks or one.verified_despite]


SCOPE_2 = (Quantity.SCOPE_2_LOCATION, Quantity.SCOPE_2_UNSPECIFIED, Quantity.SCOPE_2_MARKET)


def _spans(years: Sequence[int]) -> str:
    """2019, 2021–2023"""
    spans: list[list[int]] = []
    for year in sorted(years):
        if spans and year == spans[-1][-1] + 1:
            spans[-1].append(year)
        else:
            spans.append([year])
    return listed(span[0] if len(span) == 1 else f"{span[0]}–{span[-1]}" for span in spans)
