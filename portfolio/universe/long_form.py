"""figures.csv, one figure a row with its own source → company-years: emissions, what was sold, accounts, targets.

Where two sources give one figure of a year the better kind of source counts (SOURCE_KINDS) and the other is told
beside it. A figure of a part of a year, a balance, a face value is not used: data/quantity_dictionary.csv says why.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from portfolio.models import Company, CompanyTrack, Disclosure, Figure, Financials, Quantity, Solution, Target
from portfolio.models.check import FigureRow
from portfolio.models.quantity import SIGNED_AMOUNTS
from portfolio.models.solution import TechnologyFamily
from portfolio.typed.bounds import refusal
from portfolio.typed.currencies import UnreadableCurrency, main_currency
from portfolio.typed.numbers import grouped
from portfolio.typed.tables import Row
from portfolio.universe import flags, plausible, target_texts, words
from portfolio.universe.dictionary import Meaning, dictionary, meaning_of
from portfolio.wording import listed

Fields = dict[str, Any]
COLUMNS = (
    ("company_key", "year", "quantity", "value", "unit", "source_title", "source_ref", "licence"),
    ("entity", "boundary", "source_kind", "evidence", "confidence"),
)
# Best first: accounts as filed, a company's own report or release, a public compilation, a vendor's copy, the press.
SOURCE_KINDS = ("filing", "report", "compiled", "vendor", "news")
SUBSIDY_COLUMNS = ("grants", "price_premium", "theme_credits")
MONEY = ("revenue", "gross_profit", "ebit", "ebitda", *SUBSIDY_COLUMNS)
MAY_BE_NEGATIVE = {quantity.value.removesuffix("_cny") for quantity in SIGNED_AMOUNTS}
EMISSIONS = tuple(quantity.value for quantity in Quantity if quantity.value.startswith("scope"))
FIRST_YEAR, LAST_TARGET_YEAR = 1990, 2100
FISCAL = re.compile(r"financial year (?P<period>.+)", re.IGNORECASE)
DOUBTFUL = re.compile(r"doubtful: (?P<why>.+)", re.IGNORECASE)
BASE_YEAR = re.compile(r"base (\d{4})")
PLAIN_UNIT = re.compile(r"^(tCO2e?|kWh|GWh$|vehicles$|[A-Z]{3}\b|persons|%)(/yr)?[ ,]*")
ENCLOSED = re.compile(r"\(([^()]*)\)")
SAME = 1e-3  # of one value: a difference that rounding makes


@dataclass(frozen=True)
class Told:
    """One row, read."""

    row: Row
    company_key: str
    year: int
    meaning: Meaning
    value: float
    currency: str
    unit: str
    boundary: str  # what it is of, before the first semicolon
    rest: tuple[str, ...]  # what else stands there
    title: str
    ref: str
    rank: int
    confidence: str
    evidence: str
    licence: str

    @property
    def source(self) -> str:
        return f"{self.title} · {self.ref}"

    @property
    def is_derived(self) -> bool:
        return self.confidence.startswith("derived") or "from rounded" in self.unit

    @property
    def unit_words(self) -> str:
        """What the unit says besides the unit: rounded, adjusted."""
        said = PLAIN_UNIT.sub("", self.unit).strip()
        enclosed = ENCLOSED.fullmatch(said)
        return enclosed[1] if enclosed else said

    @property
    def notes(self) -> list[str]:
        derived = [self.evidence] if self.is_derived else []
        return [*filter(None, (self.unit_words, *self.rest)), *derived]

    @property
    def flags(self) -> list[str]:
        """In our own words, which the page says in the reader's language."""
        found = []
        for part in self.rest:
            if fiscal := FISCAL.search(part):
                found.append(flags.FISCAL_YEAR % fiscal.groupdict())
            if doubtful := DOUBTFUL.search(part):
                found.append(flags.DOUBTFUL % {"what": self.meaning.field, **doubtful.groupdict()})
        return found


@dataclass
class LongForm:
    """Read all rows first; `disclosures`, `financials` and `targets` are what they come to together."""

    this_year: int
    per_usd: Mapping[str, float]
    told: list[Told] = field(default_factory=list)
    not_used: Counter[tuple[str, str]] = field(default_factory=Counter)  # quantity and why

    def read(self, row: Row, key: str) -> None:
        """Faults what has no meaning, no source or cannot be."""
        quantity, unit = row.text("quantity", required=True), row.text("unit", required=True)
        where = row.text("boundary")
        meaning = meaning_of(quantity, unit, where)
        last = LAST_TARGET_YEAR if meaning and meaning.goes_to == "target" else self.this_year
        year = row.year("year", first=FIRST_YEAR, last=last, required=True)
        title, ref = row.text("source_title", required=True), row.text("source_ref", required=True)
        licence = row.text("licence", limit=_limit(Financials, "licence"), required=True)
        if len(f"{title} · {ref}") > _limit(Financials, "source"):
            row.fault("source_title", _("at most %(limit)s characters with source_ref") % {"limit": 297})
        kind = row.text("source_kind") or SOURCE_KINDS[-1]
        if kind not in SOURCE_KINDS:
            row.fault("source_kind", _("one of: %(words)s") % {"words": listed(SOURCE_KINDS)})
        if meaning is None:
            self._no_meaning(row, quantity, unit)
            return
        currency = self._currency(row, unit) if _is_money(meaning) else ""
        value = self._amount(row, meaning, currency)
        if value is None or year is None or kind not in SOURCE_KINDS:
            return
        if meaning.goes_to == "not_used":
            self.not_used[quantity, meaning.reason] += 1
            return
        head, *rest = [part.strip() for part in where.split(";")]
        self.told.append(
            Told(
                row=row,
                company_key=key,
                year=year,
                meaning=meaning,
                value=value,
                currency=currency,
                unit=unit,
                boundary=head[: _limit(Figure, "boundary")],
                rest=tuple(rest),
                title=title,
                ref=ref,
                rank=SOURCE_KINDS.index(kind),
                confidence=row.text("confidence"),
                evidence=row.text("evidence"),
                licence=licence,
            )
        )

    def notes(self) -> list[str]:
        """Each reason for which figures were not used, with which."""
        by_reason: dict[str, list[str]] = defaultdict(list)
        for (quantity, reason), count in sorted(self.not_used.items()):
            by_reason[reason].append(f"{quantity} ({count})")
        sentence = _("figures.csv: not used: %(reason)s: %(quantities)s")
        return [sentence % {"reason": why, "quantities": listed(which)} for why, which in by_reason.items()]

    def _no_meaning(self, row: Row, quantity: str, unit: str) -> None:
        known = dictionary().get(quantity)
        if known is None and quantity:
            row.fault("quantity", _("a quantity of portfolio/data/quantity_dictionary.csv"))
        elif known and unit:
            row.fault("unit", _("a unit that portfolio/data/quantity_dictionary.csv has for this quantity"))

    def _currency(self, row: Row, unit: str) -> str:
        """The first word of the unit."""
        try:
            return main_currency(unit.split(",")[0].split(" ")[0])
        except UnreadableCurrency as refused:
            row.fault("unit", str(refused))
            return ""

    def _amount(self, row: Row, meaning: Meaning, currency: str) -> float | None:
        if meaning.goes_to in ("not_used", "note"):
            return row.number("value")
        field = _bounded_by(meaning)
        value = row.number("value", least=None if meaning.field in MAY_BE_NEGATIVE else 0)
        if value is None:
            return None
        value = round(value * meaning.factor, 9) if meaning.factor < 1 else value * meaning.factor
        if field and (expected := refusal(field, value, per_usd=self.per_usd.get(currency) if currency else 1.0)):
            row.fault("value", expected)
            return None
        return value


# --- one figure of several sources ------------------------------------------------------------------------
def _best(told: list[Told]) -> tuple[Told, list[Told]]:
    """The one that counts, and those that say something else. Of equals the first."""
    first, *others = sorted(told, key=lambda one: one.rank)
    return first, [one for one in others if not _is_same(first, one)]


def _is_same(first: Told, other: Told) -> bool:
    return first.currency == other.currency and abs(first.value - other.value) <= SAME * abs(first.value)


def _others(what: str, others: Iterable[Told]) -> list[str]:
    return [
        flags.OTHER_SOURCE
        % {"what": what, "value": f"{grouped(one.value)} {one.currency}".strip(), "source": one.title}
        for one in others
    ]


def _beside(one: Told) -> str:
    told = {"what": one.meaning.field, "value": grouped(one.value), "boundary": one.boundary}
    return flags.OTHER_BOUNDARY % told


def _by(rows: Iterable[Told], key: Callable[[Told], Any]) -> dict[Any, list[Told]]:
    found: dict[Any, list[Told]] = defaultdict(list)
    for one in rows:
        found[key(one)].append(one)
    return found


# --- emissions and what was sold --------------------------------------------------------------------------
def disclosures(told: Iterable[Told], families: Mapping[str, TechnologyFamily]) -> dict[tuple[str, int], Fields]:
    """The fields of a DisclosureFacts of each company-year. `families` by company key."""
    rows = [one for one in told if one.meaning.goes_to in ("figure", "note", "solution")]
    found = {}
    for (key, year), of_year in _by(rows, lambda one: (one.company_key, one.year)).items():
        figures, picked = _figures(of_year)
        sold = _solutions([one for one in of_year if one.meaning.goes_to == "solution"], families.get(key))
        if not picked and not sold:
            continue
        lead = _leading(picked) or next(one for one in of_year if one.meaning.goes_to == "solution")
        marks = [mark for one in of_year for mark in one.flags]
        found[key, year] = {
            "boundary": lead.boundary,
            "revenue_boundary": words.boundary_of(lead.boundary).revenue_boundary,
            "source": lead.source,
            "licence": lead.licence,
            "source_document": "\n".join(dict.fromkeys(one.ref for one in (lead, *picked))),
            "quality_flag": flags.joined(marks, _limit(Disclosure, "quality_flag")),
            "figures": figures,
            "solutions": sold,
        }
    return found


def _leading(picked: list[Told]) -> Told | None:
    """Whose boundary and source the year goes by: that of its tonnes, scope 1 before scope 2."""
    order = {quantity: at for at, quantity in enumerate(EMISSIONS)}
    return min(picked, key=lambda one: order.get(one.meaning.field, len(order)), default=None)


def _figures(of_year: list[Told]) -> tuple[tuple[FigureRow, ...], list[Told]]:
    figures, picked = [], []
    beside = _by((one for one in of_year if one.meaning.goes_to == "note"), lambda one: one.meaning.field)
    stated = _by((one for one in of_year if one.meaning.goes_to == "figure"), lambda one: one.meaning.field)
    for quantity, told in stated.items():
        one, others = _best(told)
        wider = [other for other in beside.get(quantity, ()) if not _is_same(one, other)]
        notes = [*one.notes, *_others(quantity, others), *map(_beside, wider)]
        basis = Figure.Basis.CALCULATED if one.is_derived else Figure.Basis.REPORTED
        note = flags.joined(notes, _limit(Figure, "note"))
        typed = one.row.typed("value", limit=_limit(Figure, "typed"))
        figures.append((quantity, one.value, typed, basis.value, one.boundary, one.source, note))
        picked.append(one)
    return tuple(sorted(figures)), picked


def _solutions(told: list[Told], family: TechnologyFamily | None) -> tuple[Solution, ...]:
    """A row for what is in the family's unit, one for each other thing that was counted. None without a family."""
    if family is None:
        return ()
    found: dict[str, Fields] = {}
    for one in told:
        is_counted = one.meaning.field in ("units_sold", "units_made")
        is_of_family = not is_counted or one.meaning.word == family.unit
        name = "" if one.meaning.field and is_of_family else one.unit.split(" (")[0]
        row = found.setdefault(name, {"family": family, "name": name, "source": one.source, "note": "", "basis": ""})
        if name:
            notes = [f"{grouped(one.value)} {one.unit}"]
        else:
            row[one.meaning.field] = one.value
            notes = one.notes
            if one.meaning.field == "stated_avoided_t":
                row["stated_avoided_kind"] = one.meaning.word
        row["basis"] = Solution.Basis.CALCULATED if one.is_derived and not name else row["basis"]
        row["note"] = flags.joined([row["note"], *notes], _limit(Solution, "note"))
    for row in found.values():
        row["basis"] = str(row["basis"] or Solution.Basis.REPORTED)
    return tuple(Solution(number=number, **found[name]) for number, name in enumerate(sorted(found), 1))


def families_of(rows: Iterable[Row], by_code: Mapping[str, TechnologyFamily]) -> dict[str, TechnologyFamily]:
    """Of each company key the family: of its track on record, and before that of the rows of tracks.csv."""
    tracked = CompanyTrack.objects.exclude(family=None).select_related("family", "company").order_by("pk")
    found = {track.company.company_key: track.family for track in tracked if track.family}
    for row in rows:
        if family := by_code.get(row.cells.get("family", "").strip()):
            found[row.text("company_key")] = family
    return found


# --- accounts -------------------------------------------------------------------------------------------------
def financials(told: Iterable[Told]) -> dict[tuple[str, int, str], Fields]:
    """By company, year and source. A column that two sources give stands in the row of the better one."""
    rows = [one for one in told if one.meaning.goes_to in ("financials", "theme_revenue")]
    found: dict[tuple[str, int, str], Fields] = {}
    for (key, year), of_year in _by(rows, lambda one: (one.company_key, one.year)).items():
        money = _by(of_year, lambda one: one.source)
        stated = _by((one for one in of_year if one.meaning.goes_to == "financials"), lambda one: one.meaning.field)
        picked = {column: _best(several) for column, several in stated.items()}
        for column, (one, others) in picked.items():
            facts = found.setdefault((key, year, one.source), _accounts(one, money[one.source], of_year))
            facts[column] = int(one.value) if column == "employees" else one.value
            if column in SUBSIDY_COLUMNS:
                facts[f"{column}_standing"] = one.meaning.word
            if column == "theme_share":
                facts["theme_share_is_partial"] = one.meaning.word == "partial"
            _mark(facts, one, column, others)
        _derive_theme_share(found, key, year, of_year, picked)
    return found


def _accounts(one: Told, of_source: list[Told], of_year: list[Told]) -> Fields:
    """The empty row of a source. What is no money stands beside the currency of its source, else of the year."""
    currency = next((other.currency for other in (*of_source, *of_year) if other.currency), "")
    empty = dict.fromkeys((*MONEY, "employees", "theme_share"))
    standings = dict.fromkeys((f"{column}_standing" for column in SUBSIDY_COLUMNS), "")
    return {
        **empty,
        **standings,
        "theme_share_is_partial": False,
        "currency": currency,
        "basis": "",
        "quality_flag": "",
        "is_audited": one.rank == SOURCE_KINDS.index("filing"),
        "source": one.source,
        "licence": one.licence,
    }


def _mark(facts: Fields, one: Told, column: str, others: list[Told]) -> None:
    said = [f"{column}: {one.unit_words}" if one.unit_words else "", one.boundary, *one.rest]
    parts = dict.fromkeys(filter(None, [*facts["basis"].split("; "), *said]))
    facts["basis"] = _cut("; ".join(parts), _limit(Financials, "basis"))
    marks = [facts["quality_flag"], *one.flags, *_others(column, others)]
    facts["quality_flag"] = flags.joined(marks, _limit(Financials, "quality_flag"))


def _derive_theme_share(
    found: dict[tuple[str, int, str], Fields],
    key: str,
    year: int,
    of_year: list[Told],
    picked: Mapping[str, tuple[Told, list[Told]]],
) -> None:
    """Theme revenue ÷ revenue, where no source states a share: a lower bound."""
    parts = [one for one in of_year if one.meaning.goes_to == "theme_revenue"]
    if not parts or "theme_share" in picked or "revenue" not in picked:
        return
    revenue = picked["revenue"][0]
    total = sum(one.value for one in parts)
    if revenue.value <= 0 or total > revenue.value or {one.currency for one in parts} != {revenue.currency}:
        return
    facts = found[key, year, revenue.source]
    facts |= {"theme_share": total / revenue.value, "theme_share_is_partial": True}
    marks = [facts["quality_flag"], flags.THEME_SHARE_DERIVED]
    facts["quality_flag"] = flags.joined(marks, _limit(Financials, "quality_flag"))


# --- targets --------------------------------------------------------------------------------------------------
def targets(told: Iterable[Told]) -> dict[tuple[str, str], Fields]:
    """By company and target key, which is made of quantity and year."""
    found = {}
    for one in told:
        if one.meaning.goes_to != "target":
            continue
        base = BASE_YEAR.search(one.unit)
        is_net_zero = one.meaning.field == Target.Kind.CARBON_NEUTRAL
        covers_3 = "S3" in one.unit or "value chain" in one.unit
        kind = words.kind_in_words(one.meaning.field, f"{one.unit}, {one.evidence}", None)
        doubts = [] if is_net_zero else _doubts(one, kind, int(base[1]) if base else None, covers_3=covers_3)
        found[one.company_key, f"{one.row.text('quantity')}-{one.year}"[: _limit(Target, "target_key")]] = {
            "horizon": one.meaning.word,
            "kind": kind,
            "kind_source": _cut(one.unit, _limit(Target, "kind_source")),
            "reduction_share": None if is_net_zero else one.value,
            "base_year": int(base[1]) if base else None,
            "target_year": one.year,
            "scope3": Target.Scope3.YES.value if covers_3 else Target.Scope3.UNSPECIFIED.value,
            "status": Target.Status.UNSTATED.value,
            "validated": Target.Validated.UNSTATED.value,
            "text": one.evidence,
            "source_url": one.ref,
            "note": flags.joined([one.boundary, *one.rest, *doubts], _limit(Target, "note")),
            "source": one.source,
            "licence": one.licence,
            "covers_scope_1": "yes" if "S1" in one.unit else "",
            "covers_scope_2": "yes" if "S2" in one.unit else "",
        }
    return found


def _doubts(one: Told, kind: str, base_year: int | None, *, covers_3: bool) -> list[str]:
    percent = one.value * 100
    covered = [scope for scope in "123" if f"S{scope}" in one.unit or (scope == "3" and covers_3)]
    asked = target_texts.questions(one.evidence, kind, percent, base_year, one.year, covered)
    return [*plausible.target_flags(percent), *asked]


def _is_money(meaning: Meaning) -> bool:
    return meaning.goes_to == "theme_revenue" or (meaning.goes_to == "financials" and meaning.field in MONEY)


def _bounded_by(meaning: Meaning) -> str:
    """The name of its bound in data/bounds.csv."""
    if meaning.goes_to == "target":
        return "reduction_share" if meaning.field != Target.Kind.CARBON_NEUTRAL else ""
    if meaning.goes_to == "theme_revenue":
        return "revenue"
    return "avoided_t" if meaning.field == "stated_avoided_t" else meaning.field


def _limit(model: type[Company | Disclosure | Figure | Financials | Solution | Target], name: str) -> int:
    limit: int = model._meta.get_field(name).max_length  # type: ignore[union-attr,assignment]
    return limit


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
