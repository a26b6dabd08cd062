"""A directory of tables becomes facts in memory; every fault in it is named at once."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import pycountry
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portfolio.errors import PortfolioError
from portfolio.identifiers import validate_isin, validate_lei, validate_uscc
from portfolio.models import (
    Company,
    CompanyTrack,
    Disclosure,
    ExchangeRate,
    Figure,
    Financials,
    Quantity,
    Sector,
    Site,
    Solution,
    Target,
    TechnologyFamily,
    Track,
)
from portfolio.models.check import FigureRow, content_of
from portfolio.models.company import DESCRIPTION_LENGTH
from portfolio.models.quantity import SIGNED_AMOUNTS, SUBSIDIES
from portfolio.models.signed import digest_of
from portfolio.typed.bounds import amount_of
from portfolio.typed.currencies import currency_of
from portfolio.typed.tables import Fault, Row, Table
from portfolio.universe import candidacy, joined, long_form, plausible, sectors, target_texts, words
from portfolio.universe import flags as stored_flags
from portfolio.universe.flags import BASE_YEAR, FEW_EMPLOYEES
from portfolio.universe.flags import SEPARATOR as FLAG_SEPARATOR
from portfolio.universe.tables import QUANTITY_COLUMNS, Sources
from portfolio.universe.words import SectorChoice
from portfolio.wording import listed

M = TypeVar("M", bound=models.Model)
Fields = dict[str, Any]
Key = tuple[Any, ...]
FIRST_YEAR = 1990
IDENTIFIERS = ("uscc", "lei", "isin")
CHINESE = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
EMISSIONS = tuple(quantity for quantity in Quantity if quantity.value.startswith("scope"))


class NotLoadable(PortfolioError):
    """The directory has faults; nothing was loaded. A retry is no use before the files are mended."""

    def __init__(
        self, faults: list[Fault], unmapped: Collection[tuple[str, str]] = (), gone_wrong: Iterable[str] = ()
    ) -> None:
        count = len(faults)
        message = ngettext("%(count)s fault; nothing was loaded.", "%(count)s faults; nothing was loaded.", count)
        super().__init__(message % {"count": count})
        self.faults = faults
        self.unmapped = list(unmapped)  # scheme and word of sectors that nothing maps
        self.gone_wrong = list(gone_wrong)  # a sentence for each column that is written in another way throughout


@dataclass(frozen=True)
class DisclosureFacts:
    """One company-year as a directory states it."""

    boundary: str
    revenue_boundary: str
    source: str
    licence: str
    source_document: str
    quality_flag: str
    figures: tuple[FigureRow, ...]
    solutions: tuple[Solution, ...] = ()  # not stored; in the order of the file

    def as_version(self, version: int, company_key: str, company_id: int, year: int) -> Disclosure:
        """The row it would be, with its digest; not stored."""
        row = Disclosure(
            company_id=company_id,
            year=year,
            version=version,
            state=Disclosure.State.RECORDED,
            **{name: value for name, value in vars(self).items() if name not in ("figures", "solutions")},
        )
        sold = [solution.signed() for solution in self.solutions]
        row.digest = digest_of(content_of(row, company_key, self.figures, solutions=sold))
        return row


@dataclass
class Universe:
    """A directory that has no faults, keyed as the database is."""

    digest: str = ""
    companies: dict[str, Fields] = field(default_factory=dict)
    fill_only: set[str] = field(default_factory=set)  # keys: a company on record keeps what it has
    tracks: dict[Key, Fields] = field(default_factory=dict)
    disclosures: dict[tuple[str, int], DisclosureFacts] = field(default_factory=dict)
    financials: dict[Key, Fields] = field(default_factory=dict)
    targets: dict[Key, Fields] = field(default_factory=dict)
    sites: dict[Key, Fields] = field(default_factory=dict)
    site_years: dict[Key, Fields] = field(default_factory=dict)
    joins: dict[Key, Fields] = field(default_factory=dict)
    gate_words: dict[Key, Fields] = field(default_factory=dict)
    flags: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)


def read_tables(sources: Sources) -> Universe:
    """Raises NotLoadable with every fault there is, of the cells and of the files."""
    reader = _Reader(sources.faults)
    reader.universe.notes.extend(sources.notes)
    for table in sources.tables.values():
        reader.universe.notes.extend(table.notes)
        for column in table.unknown_columns:
            note = _("%(file)s: column %(column)s is not known and was not read")
            reader.universe.notes.append(note % {"file": table.file, "column": column})
    reader.read(sources)
    if sources.faults:
        order = {table.file: at for at, table in enumerate(sources.tables.values())}
        in_order = sorted(set(sources.faults), key=lambda fault: (order.get(fault.file, -1), fault))
        sentences = [sentence for table in sources.tables.values() for sentence in table.gone_wrong()]
        raise NotLoadable(in_order, reader.unmapped, sentences)
    plausible.flag(reader.universe)
    reader.universe.digest = _digest(sources.tables.values())
    return reader.universe


def _digest(tables: Iterable[Table]) -> str:
    total = hashlib.sha256()
    for table in sorted(tables, key=lambda table: table.file):
        total.update(f"{table.file} {hashlib.sha256(table.content).hexdigest()}\n".encode())
    return total.hexdigest()


class _Reader:
    """Goes through the tables once and fills a Universe; every fault is added to the one list."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        self.universe = Universe()
        self.this_year = timezone.localdate().year
        self.per_usd = words.most_per_usd() | ExchangeRate.objects.most_per_usd()
        self.refused: dict[
            str, tuple[Row, str, str]
        ] = {}  # company_key → the one fault that its other rows follow from
        self.followed: Counter[str] = Counter()
        self.known_keys: set[str] | None = None  # None: the companies could not be read, so no key can be checked
        self.owners: dict[str, set[str]] = defaultdict(set)  # USCC, LEI or ISIN → keys of companies that have it
        self.families = {family.code: family for family in TechnologyFamily.objects.all()}
        self.crosswalk: dict[tuple[str, str], SectorChoice] = {}  # the user's own, of schemes that we do not ship
        self.unmapped: dict[tuple[str, str], list[Row]] = defaultdict(list)
        self.long_form = long_form.LongForm(self.this_year, self.per_usd)

    def read(self, sources: Sources) -> None:
        tables = sources.tables
        on_record = Company.objects.values_list("company_key", *IDENTIFIERS)
        self.known_keys = set()
        for key, *identifiers in on_record:
            self.known_keys.add(key)
            for identifier in filter(None, identifiers):
                self.owners[identifier].add(key)
        if companies := tables.get("companies.csv"):
            self._name(companies)
            self.known_keys |= companies.keys | {row.text("company_key") for row in companies.rows}
            self._identifiers_once(companies)
        elif "companies.csv" in sources.unreadable:
            self.known_keys = None
        readers: dict[str, Callable[[Row], None]] = {
            "sector_crosswalk.csv": self.sector,
            "companies.csv": self.company,
            "tracks.csv": self.track,
            "disclosures.csv": self.disclosure,
            "financials.csv": self.financials,
            "solutions.csv": self.solution,
            "gate_words.csv": self.gate_word,
            "targets.csv": self.target,
            "facilities.csv": self.facility,
            "joins.csv": self.join,
            "names.csv": self.chinese_name,
            "figures.csv": self.figure,
        }
        for name, read_row in readers.items():
            if table := tables.get(name):
                for row in table.rows:
                    self._resolve(row)
                    read_row(row)
        self._put_together(tables.get("tracks.csv"))
        for key, (row, column, expected) in self.refused.items():
            row.fault(column, expected + _rows_that_refer(self.followed[key]))
        self._fault_unmapped()

    # --- one row each -----------------------------------------------------------------------------------
    def sector(self, row: Row) -> None:
        scheme, word = row.text("sector_scheme", required=True), row.text("sector", required=True)
        isic, sector = row.text("isic").upper(), row.text("scoring_sector")
        of_division = sectors.sector_of_division(isic) if isic else None
        if isic and of_division is None:
            row.fault("isic", _("a division of ISIC Rev. 4 with its letter, such as C27"))
        if sector and sector not in Sector.values:
            row.fault("scoring_sector", _one_of(Sector.values))
        elif not isic and not sector:
            row.fault("scoring_sector", _("a sector of ours, or an ISIC division beside it"))
        elif choice := sector or of_division:
            self._add(self.crosswalk, (scheme, word), SectorChoice(isic, choice), row, "sector")

    def company(self, row: Row) -> None:
        key = row.text("company_key", limit=_limit(Company, "company_key"))
        name = row.text("name", limit=_limit(Company, "name_zh"), required=True)
        country = row.text("country", required=True)
        if country and pycountry.countries.get(alpha_3=country) is None:
            expected = _("a country code of ISO 3166-1 alpha-3, such as CHN")
            if self.refused.setdefault(key, (row, "country", expected))[0] is not row:
                row.fault("country", expected)
            country = ""  # its places cannot be looked up: that is one fault, not one of each place
        facts: Fields = {("name_zh" if CHINESE.search(name) else "name_en"): name, "country": country}
        facts |= self._sector(row, key)
        if row.has("region"):
            facts["city"] = self._place(row, "region", country)
        for column in ("description", "business"):  # the second is what the exchange's tables call it
            if row.has(column):
                facts["description"] = row.text(column, limit=DESCRIPTION_LENGTH)
        for column, validate in (("isin", validate_isin), ("lei", validate_lei), ("uscc", validate_uscc)):
            if row.has(column):
                facts[column] = _identifier(row, column, validate)
        for column in ("national_id", "ticker", "ownership", "note"):
            if row.has(column):
                facts[column] = row.text(column, limit=_limit(Company, column))
        facts |= _provenance(row, Company)
        if row.flag("fills_only"):
            self.universe.fill_only.add(key)
        if key:
            self._add(self.universe.companies, key, facts, row, "company_key")

    def track(self, row: Row) -> None:
        key = row.text("company_key", required=True)
        if row.text("local_only") == "yes" and self.known_keys is not None and key not in self.known_keys:
            message = _("%(file)s:%(line)s: %(key)s is marked local_only and not in this directory; not read")
            self.universe.notes.append(message % {"file": row.file, "line": row.line, "key": key})
            return
        self._known_company(row, key)
        track = row.text("track", required=True)
        if track and track not in Track.values:
            row.fault("track", _one_of(Track.values))
        facts: Fields = {
            "why": row.text("why", limit=_limit(CompanyTrack, "why"), required=True),
            "confidence": row.text("confidence", limit=_limit(CompanyTrack, "confidence")),
            **candidacy.track(row, self.families),
            **_provenance(row, CompanyTrack),
        }
        self._add(self.universe.tracks, (key, track), facts, row, "track")

    def disclosure(self, row: Row) -> None:
        key = self._known_company(row, row.text("company_key", required=True))
        year = row.year("year", first=FIRST_YEAR, last=self.this_year, required=True)
        boundary = row.text("boundary", limit=_limit(Disclosure, "boundary"))
        fit = words.boundary_of(boundary)
        provenance = _provenance(row, Disclosure)
        values: dict[str, float] = {}
        figures = []
        for column, quantity in QUANTITY_COLUMNS.items():
            if quantity in SUBSIDIES:
                value = candidacy.subsidy_of(row, column, quantity)
            else:
                value = amount_of(row, column, quantity, least=None if quantity in SIGNED_AMOUNTS else 0)
            if value is None:
                continue
            if quantity in values:
                row.fault(column, _("a quantity in one column only; another column of this row gives it too"))
            values[quantity] = value
            basis = fit.total_basis if quantity == Quantity.SCOPE_1_2_TOTAL else Figure.Basis.REPORTED.value
            typed = row.typed(column, limit=_limit(Figure, "typed"))
            # The row's boundary is of its emissions. Where electricity or coal is counted, no source says.
            where = boundary if quantity in EMISSIONS else ""
            figures.append((quantity.value, value, typed, basis, where, provenance["source"], ""))
        facts = DisclosureFacts(
            boundary=boundary,
            revenue_boundary=fit.revenue_boundary,
            source_document=row.text("source_document"),
            quality_flag=self._flag(row, Disclosure, *plausible.emission_flags(values)),
            figures=tuple(sorted(figures)),
            **provenance,
        )
        if year is not None:
            self._add(self.universe.disclosures, (key, year), facts, row, "year")

    def financials(self, row: Row) -> None:
        key = self._known_company(row, row.text("company_key", required=True))
        year = row.year("year", first=FIRST_YEAR, last=self.this_year)
        currency = currency_of(row)
        per_usd = self.per_usd.get(currency.code)
        most = per_usd and per_usd * currency.per_unit
        facts: Fields = {"currency": currency.code, "revenue": amount_of(row, "revenue", per_usd=most)}
        for column in ("profit", "equity", "debt", "evic"):
            if row.has(column):
                facts[column] = amount_of(row, column, least=None, per_usd=most)
        facts |= candidacy.financials(row, most)
        money = ("revenue", "profit", "equity", "debt", "evic", *candidacy.EARNINGS, *candidacy.SUBSIDIES)
        for column in money:
            if currency.per_unit != 1 and (given := facts.get(column)):
                facts[column] = given / currency.per_unit
                self.universe.notes.append(f"{row.file}:{row.line}  {column}  {currency.divided(given)}")
        facts["employees"] = row.whole("employees") if amount_of(row, "employees") is not None else None
        facts["basis"] = row.text("basis", limit=_limit(Financials, "basis"))
        few = facts["employees"] is not None and facts["employees"] < 100 and (facts["revenue"] or 0) > 1e9
        facts["quality_flag"] = self._flag(row, Financials, *([FEW_EMPLOYEES] if few else []))
        facts |= _provenance(row, Financials)
        self._add(self.universe.financials, (key, year, facts["source"]), facts, row, "year")

    def solution(self, row: Row) -> None:
        """A row of the disclosure of its year, which is made where disclosures.csv has none."""
        key = self._known_company(row, row.text("company_key", required=True))
        year = row.year("year", first=FIRST_YEAR, last=self.this_year, required=True)
        provenance = _provenance(row, Disclosure)
        made = candidacy.solution(row, self.families)
        if year is None or made is None:
            return
        empty = DisclosureFacts("", "unstated", source_document="", quality_flag="", figures=(), **provenance)
        facts = self.universe.disclosures.get((key, year), empty)
        made.number = len(facts.solutions) + 1
        self.universe.disclosures[key, year] = replace(facts, solutions=(*facts.solutions, made))

    def gate_word(self, row: Row) -> None:
        key = self._known_company(row, row.text("company_key", required=True))
        facts = candidacy.gate_word(row)
        self._add(self.universe.gate_words, (key, facts["question"], facts["source"]), facts, row, "question")

    def target(self, row: Row) -> None:
        key = self._known_company(row, row.text("company_key", required=True))
        target_key = row.text("target_id", limit=_limit(Target, "target_key"), required=True)
        kind_source = row.text("target_type", limit=_limit(Target, "kind_source"))
        text = row.text("text")
        percent = amount_of(row, "percent_reduction")
        kind = words.target_kind(kind_source, text, percent)
        if kind is None:
            row.fault("target_type", _mapped(words.known_target_words("kind")))
        base_year = row.year("base_year", first=FIRST_YEAR, last=2100)
        target_year = row.year("target_year", first=FIRST_YEAR, last=2100)
        slip = [BASE_YEAR] if base_year and target_year and base_year >= target_year else []
        covered = [scope for scope in "123" if words.target_word("scope3", row.text(f"scope{scope}")) == "yes"]
        of_base_year = self.universe.disclosures.get((key, base_year or 0))
        tonnes = plausible.scope_1_2_t({one[0]: one[1] for one in of_base_year.figures}) if of_base_year else None
        asked = target_texts.questions(text, kind or "", percent, base_year, target_year, covered, tonnes)
        facts: Fields = {
            "horizon": self._target_word(row, "horizon", "horizon"),
            "kind": kind,
            "kind_source": kind_source,
            "reduction_share": None if percent is None else percent / 100,
            "base_year": base_year,
            "target_year": target_year,
            "scope3": self._target_word(row, "scope3", "scope3"),
            "status": self._target_word(row, "status", "status"),
            "validated": self._target_word(row, "sbti_status", "validated"),
            "text": text,
            "source_url": row.text("source_url"),
            "note": self._flag(row, Target, *slip, *plausible.target_flags(percent), *asked, column="note"),
            **_provenance(row, Target),
        }
        for column, name in (
            ("target_year_basis", "target_year_basis"),
            ("scope1", "covers_scope_1"),
            ("scope2", "covers_scope_2"),
            ("ghgs", "gases"),
            ("re100", "renewable_pledge"),
        ):
            facts[name] = row.text(column, limit=_limit(Target, name))
        self._add(self.universe.targets, (key, target_key), facts, row, "target_id")

    def facility(self, row: Row) -> None:
        key = self._known_company(row, row.text("company_key", required=True))
        site_key = row.text("facility_id", limit=_limit(Site, "site_key"), required=True)
        year = row.year("year", first=FIRST_YEAR, last=self.this_year, required=True)
        provenance = _provenance(row, Site)
        self.followed[key] += key in self.universe.companies and key in self.refused
        site: Fields = {
            "name": row.text("facility", limit=_limit(Site, "name"), required=True),
            "industry": row.text("industry", limit=_limit(Site, "industry")),
            "city": self._place(row, "county", self.universe.companies.get(key, {}).get("country", "")),
            **provenance,
        }
        emissions: Fields = {
            "scope_1_t": amount_of(row, "scope1_t"),
            "scope_2_t": amount_of(row, "scope2_t", Quantity.SCOPE_2_UNSPECIFIED),
            "total_t": amount_of(row, "total_t", Quantity.SCOPE_1_2_TOTAL),
            **provenance,
        }
        if year is None:
            return
        self._add(self.universe.site_years, (key, site_key, year), emissions, row, "year")
        # A site changes its name over the years: the latest one holds.
        known = self.universe.sites.get((key, site_key))
        if known is None or year >= known["latest"]:
            self.universe.sites[key, site_key] = site | {"latest": year}

    def join(self, row: Row) -> None:
        key = self._known_company(row, row.text("company_key", required=True))
        facts = joined.join(row)
        self._add(self.universe.joins, (key, facts["source"], facts["figures"]), facts, row, "source")

    def chinese_name(self, row: Row) -> None:
        """Beside the name in companies.csv, which is then in another script."""
        key = self._known_company(row, row.text("company_key", required=True))
        facts = joined.chinese_name(row)
        company = self.universe.companies.get(key, {})
        if "name_zh" in company:
            row.fault("name_zh", _("a company that has no Chinese name yet"))
        company |= facts

    def figure(self, row: Row) -> None:
        self.long_form.read(row, self._known_company(row, row.text("company_key", required=True)))

    def _put_together(self, tracks: Table | None) -> None:
        """What the rows of figures.csv come to, beside the tables that have a row for a whole year."""
        told, universe = self.long_form.told, self.universe
        universe.notes.extend(self.long_form.notes())
        families = long_form.families_of(tracks.rows if tracks else [], self.families) if told else {}
        for of_year, facts in long_form.disclosures(told, families).items():
            if of_year in universe.disclosures:
                row = next(one.row for one in told if (one.company_key, one.year) == of_year)
                row.fault("year", _("a company-year in disclosures.csv or in figures.csv, not in both"))
            universe.disclosures[of_year] = DisclosureFacts(**facts)
            stated = filter(None, facts["quality_flag"].split(FLAG_SEPARATOR))
            universe.flags.update(map(stored_flags.heading, stated))
        universe.financials |= long_form.financials(told)
        universe.targets |= long_form.targets(told)

    # --- which company ----------------------------------------------------------------------------------
    def _name(self, companies: Table) -> None:
        """A company without a key of its own is the one on record with its identifier, or gets its key from that."""
        for row in companies.rows:
            self._resolve(row)
            told = [row.text(name).upper() for name in IDENTIFIERS if row.text(name)]
            if row.text("company_key") or not told:
                if not row.text("company_key"):
                    row.fault("company_key", _("a key of your own, or a USCC, LEI or ISIN"))
                continue
            known = {key for identifier in told for key in self.owners.get(identifier, ())}
            if len(known) > 1:
                row.fault("company_key", _one_of(sorted(known)))
            row.cells["company_key"] = min(known, default=f"own-{told[0].lower()}")
        for row in companies.rows:
            for name in IDENTIFIERS:
                if identifier := row.text(name).upper():
                    self.owners[identifier].add(row.text("company_key"))

    def _resolve(self, row: Row) -> None:
        """Where an identifier stands for the company, its key takes the place."""
        typed = row.cells.get("company_key", "").strip()
        if self.known_keys is None or typed in self.known_keys:
            return
        found = self.owners.get(typed.upper(), set())
        if len(found) > 1:
            row.fault("company_key", _one_of(sorted(found)))
        elif found:
            row.cells["company_key"] = next(iter(found))

    # --- what the rows share ----------------------------------------------------------------------------
    def _add(self, rows: dict[Any, Any], key: Any, facts: Any, row: Row, column: str) -> None:
        if key in rows:
            row.fault(column, _("a row that is in the file once; this is the second one with the same key"))
        rows.setdefault(key, facts)

    def _known_company(self, row: Row, key: str) -> str:
        if key and self.known_keys is not None and key not in self.known_keys:
            if key in self.refused:
                self.followed[key] += 1
            else:
                self.refused[key] = row, "company_key", _("a company_key of companies.csv")
        return key

    def _sector(self, row: Row, key: str) -> Fields:
        scheme = row.text("sector_scheme", required=True)
        word = row.text("sector", limit=_limit(Company, "sector_source"), required=True)
        choice = (
            self.crosswalk.get((scheme, word))
            or words.sector_of(scheme, word, key)
            or sectors.standard_choice(scheme, word)
        )
        if choice is None:
            if scheme and word:
                self.unmapped[scheme, word].append(row)
            return {}
        return {"sector": choice.sector, "isic": choice.isic, "sector_source": word}

    def _fault_unmapped(self) -> None:
        """One fault for a word, however many companies have it."""
        for (scheme, word), rows in self.unmapped.items():
            if sectors.is_standard(scheme):
                expected = _(
                    "a code of %(scheme)s such as C27 or 2711, with its letter or all four digits, or its name"
                )
            else:
                expected = _(
                    "a sector of a scheme that is known (%(known)s), or a row for %(scheme)s in sector_crosswalk.csv"
                )
            expected %= {"scheme": scheme, "known": listed(sectors.standard_schemes())}
            rows[0].fault("sector", expected + _rows_like_it(len(rows) - 1), f"{scheme}: {word}")

    def _place(self, row: Row, column: str, country: str) -> str | None:
        name = row.text(column)
        code = words.place_code(country, name) if name else None
        if name and country and code is None:
            row.fault(
                column,
                _("one place of this country, by its name or code (portfolio/data/places.csv, cn_divisions.csv)"),
            )
        return code

    def _target_word(self, row: Row, column: str, meaning: str) -> str | None:
        value = words.target_word(meaning, row.text(column))
        if value is None:
            row.fault(column, _mapped(words.known_target_words(meaning)))
        return value

    def _flag(self, row: Row, model: type[models.Model], *own: str, column: str = "quality_flag") -> str:
        """The source's own words and ours, counted for the summary. A note that is no flag is not counted."""
        stated = row.text(column)
        flags = [stated, *own] if stated else [*own]
        self.universe.flags.update(own if column == "note" else flags)
        text = FLAG_SEPARATOR.join(flags)
        limit = _limit(model, column)
        if len(stated) > limit:
            row.fault(column, _("at most %(limit)s characters, not %(length)s") % dict(limit=limit, length=len(stated)))
        return stored_flags.joined(flags, limit) if len(text) > limit else text

    def _identifiers_once(self, companies: Table) -> None:
        """USCC and LEI name one company each, here and in what is loaded already."""
        for column, validate in (("uscc", validate_uscc), ("lei", validate_lei)):
            stored = Company.objects.exclude(**{column: ""}).values_list(column, "company_key")
            owner: dict[str, str] = {identifier: key for identifier, key in stored}
            for row in companies.rows:
                identifier = _compact(row.text(column), validate)
                if identifier and owner.setdefault(identifier, row.text("company_key")) != row.text("company_key"):
                    row.fault(column, _("an identifier that no other company has"))


def _rows_that_refer(count: int) -> str:
    if not count:
        return ""
    return ngettext(" (and %(count)s row that refers to it)", " (and %(count)s rows that refer to it)", count) % {
        "count": count
    }


def _rows_like_it(count: int) -> str:
    if not count:
        return ""
    return ngettext(" (and %(count)s more row)", " (and %(count)s more rows)", count) % {"count": count}


def _provenance(row: Row, model: type[models.Model]) -> Fields:
    return {name: row.text(name, limit=_limit(model, name), required=True) for name in ("source", "licence")}


def _limit(model: type[models.Model], name: str) -> int:
    limit: int = model._meta.get_field(name).max_length  # type: ignore[union-attr,assignment]
    return limit


def _identifier(row: Row, column: str, validate: Callable[[str], str]) -> str:
    typed = row.text(column)
    try:
        return validate(typed) if typed else ""
    except ValidationError as error:
        row.fault(column, " ".join(error.messages))
        return ""


def _compact(typed: str, validate: Callable[[str], str]) -> str:
    try:
        return validate(typed) if typed else ""
    except ValidationError:
        return ""


def _one_of(known: Collection[str]) -> str:
    return _("one of: %(words)s") % {"words": listed(known)}


def _mapped(known: Collection[str]) -> str:
    return _("a word that portfolio/data/target_words.csv maps: %(words)s") % {"words": listed(known)}
