"""What the pages of a ledger show: lines, totals, comparisons and reasons in the reader's language."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from django.core.paginator import Paginator
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from portfolio.activities.kinds import SCOPES, kind_name, unit_label
from portfolio.activities.questions import questions_of
from portfolio.models import Activity, Citation, PlaceSource
from portfolio.places.names import place_name
from portfolio.templatetags.figures import figure, significant
from portfolio.typed.numbers import grouped
from portfolio.wording import listed
from scoring.engine.accounting import words
from scoring.engine.accounting.choice import Choice
from scoring.engine.accounting.ledger import LineResult
from scoring.engine.accounting.record import factor_reason
from scoring.engine.accounting.reference import PROPERTIES, Factor
from scoring.engine.accounting.totals import Amount
from scoring.engine.accounting.uncertainty import limits
from scoring.ledgers.filters import Filter
from scoring.ledgers.ledger import (
    Accounted,
    Comparison,
    Elsewhere,
    Row,
    choices_of,
    compare_with_reported,
    elsewhere,
    last_year_of,
)
from scoring.ledgers.pages import mark_of
from scoring.ledgers.places import FLAGS as PLACE_FLAGS
from scoring.reading import quality_mark, said
from scoring.tables.in_force import Tables
from scoring.tables.shown import FactorRow
from scoring.tables.words import gas_word

LINES_A_PAGE = 100
SMALL_T = 10  # below it a tenth of a tonne hides too much
SCOPE_TITLES = {
    1: gettext_lazy("Scope 1: direct emissions"),
    2: gettext_lazy("Scope 2: purchased electricity and heat, location-based"),
    3: gettext_lazy("Scope 3: value chain"),
    None: gettext_lazy("Lines of an unknown kind"),
}
# Reasons in the order in which a reader asks; the last ones are long and say little.
ASKED = (
    "not_yet_published",
    "later_year",
    "other_purpose",
    "other_guideline",
    "less_specific_place",
    "superseded",
    "older_year",
    "undated",
    "other_place",
)
FOLDED = frozenset({"other_place"})
QUIET = frozenset(
    {
        "activity_uncertainty_default",
        "default_not_verified",
        "default_uncertainty",
        "co2_only",
        "not_verified",
        "lag",
    }
)


def tonnes(value: float | None) -> str:
    """7,012.3; small ones to three digits; — for none."""
    return significant(value, 3) if value is not None and abs(value) < SMALL_T else figure(value, 1)


@dataclass(frozen=True)
class Figures:
    """Tonnes with their interval, as text."""

    amount: Amount | None

    @property
    def value(self) -> str:
        return tonnes(self.amount.tonnes if self.amount else None)

    @property
    def percent(self) -> str:
        """± in percent; empty where nothing can be said."""
        if self.amount is None or self.amount.half_width_percent is None or not self.amount.tonnes:
            return ""
        return significant(self.amount.half_width_percent, 2)

    @property
    def interval(self) -> str:
        """6,800.0–7,300.0; empty where nothing can be said."""
        if not self.percent or self.amount is None or self.amount.half_width_percent is None:
            return ""
        low, high = (float(end) for end in limits(self.amount.tonnes, self.amount.half_width_percent))
        return "" if math.isnan(low) else f"{tonnes(low)}–{tonnes(high)}"


# --- one line -------------------------------------------------------------------------------------------
class ShownLine:
    """One line as the table, the preview and the "why" page print it."""

    def __init__(self, row: Row, tables: Tables, *, doubts: Iterable[str] = ()) -> None:
        self.row, self.tables, self.doubts = row, tables, list(doubts)
        self.activity, self.result = row.activity, row.result

    @property
    def number(self) -> int:
        return self.activity.number

    @property
    def mark(self) -> str:
        """The line as it stands here, for what is done with those that are ticked."""
        return f"{self.number}:{mark_of(self.activity)}"

    @property
    def name(self) -> str:
        return kind_name(self.activity.kind)

    @property
    def canonical(self) -> str:
        """The amount as the engine takes it, where that is not what was typed."""
        if self.activity.amount is None:
            return ""
        text = f"{grouped(self.activity.amount)} {unit_label(self.activity.unit)}"
        return "" if text.replace(",", "") == self.activity.typed.replace(",", "") else text

    @property
    def period(self) -> str:
        """2024-01-01 – 2024-03-31, 2024-03 for a month; empty for the whole year."""
        first, last = self.activity.period_start, self.activity.period_end
        if first and self.activity.month:
            return f"{first:%Y-%m}"
        return f"{first} – {last}" if first and last else ""

    @property
    def place(self) -> str:
        """What it is computed with; empty where not even the country is known."""
        return place_name(self.row.placing.code) if self.row.placing.code else ""

    @property
    def place_source(self) -> str:
        """Who said the place, in words; empty where the line itself did."""
        source = PlaceSource(self.row.placing.source)
        return "" if source == PlaceSource.LINE else str(source.label)

    @property
    def place_flags(self) -> list[str]:
        return [str(PLACE_FLAGS[code]) for code in self.row.placing.flags]

    @property
    def cited(self) -> list[Citation]:
        return self.activity.cited

    @cached_property
    def factor(self) -> FactorRow | None:
        """The factor of the heaviest gas; None where the line brings its own parameters."""
        return lead_factor(self.result, self.tables)

    @property
    def lag_years(self) -> int:
        """How many years older than the activity the factor's data are; 0 also where it has no year."""
        data_year = self.factor.factor.data_year if self.factor else None
        return self.row.line.year - data_year if data_year else 0

    @property
    def publisher(self) -> str:
        return publisher_word(self.factor.factor) if self.factor else ""

    @property
    def gases(self) -> list[tuple[str, str]]:
        """Gas and its mass with unit, the heaviest first."""
        masses = self.result.kg.items() if self.result else ()
        there = sorted((pair for pair in masses if pair[1]), key=lambda pair: -pair[1])
        return [("CH₄" if gas.startswith("CH4") else gas_word(gas), _mass(kg)) for gas, kg in there]

    @property
    def co2e(self) -> Figures:
        return Figures(Amount(self.result.co2e_t, self.result.half_width_percent) if self.result else None)

    @property
    def market(self) -> Figures | None:
        """Scope 2 by contract or residual mix; None where there is none."""
        if self.result is None or self.result.market_co2e_t is None:
            return None
        return Figures(Amount(self.result.market_co2e_t, self.result.market_half_width_percent))

    @property
    def is_scope_2(self) -> bool:
        return self.row.scope == 2

    @property
    def biogenic(self) -> str:
        return tonnes(self.result.biogenic_co2_t) if self.result and self.result.biogenic_co2_t else ""

    @property
    def because(self) -> str:
        return said(words.line(self.result.because)) if self.result else ""

    @property
    def market_because(self) -> str:
        because = self.result.market_because if self.result else None
        return said(words.line(because)) if because else ""

    @property
    def quality(self) -> str:
        return quality_mark(self.result.data_quality) if self.result else ""

    @property
    def flags(self) -> list[str]:
        """Every caution of the line."""
        of_factors = [said(words.FLAGS[code]) for code in self.result.flags] if self.result else []
        return [*self.place_flags, *of_factors]

    @property
    def short_flags(self) -> list[str]:
        """Those that change how the line is read; the table leaves the others to the "why" page."""
        return [said(words.FLAGS[code]) for code in self.result.flags if code not in QUIET] if self.result else []

    @property
    def is_unverified(self) -> bool:
        return self.result is not None and "not_verified" in self.result.flags

    @property
    def error(self) -> str:
        return said(words.refusal(self.row.error)) if self.row.error else ""


def publisher_word(factor: Factor) -> str:
    """NDRC batch 3; MEE-NBS; ASHRAE Standard 34."""
    if factor.publisher in factor.guideline:
        return factor.guideline
    return " ".join(word for word in (factor.publisher, factor.guideline) if word)


def lead_factor(result: LineResult | None, tables: Tables) -> FactorRow | None:
    if result is None:
        return None
    found = [tables.by_id[name] for name in result.factor_ids if name in tables.by_id]
    found = [factor for factor in found if factor.gas not in PROPERTIES]
    found.sort(key=lambda factor: -result.kg.get(factor.gas, 0.0))
    return FactorRow(found[0], tables) if found else None


def _mass(kg: float) -> str:
    return f"{tonnes(kg / 1000)} t" if kg >= 1000 else f"{significant(kg, 3)} kg"


# --- the page -------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Tile:
    label: str | Promise
    figures: Figures
    note: str = ""


@dataclass(frozen=True)
class Group:
    """The lines of a scope that are on this page, with the subtotal of all of them."""

    title: str | Promise
    lines: list[ShownLine]
    subtotal: Figures | None


class LedgerReport:
    """One page of a ledger."""

    def __init__(self, accounted: Accounted, *, page: str | None = None, wanted: Filter | None = None) -> None:
        self.accounted, self.filter = accounted, wanted or Filter()
        rows = [row for row in accounted.rows if self.filter.shows(row, self.questions)]
        self.page = Paginator(sorted(rows, key=self.filter.order), LINES_A_PAGE).get_page(page)

    @property
    def is_empty(self) -> bool:
        return not self.accounted.rows

    @property
    def tables_mark(self) -> str:
        return self.accounted.tables.digest[:12]

    @cached_property
    def tiles(self) -> list[Tile]:
        accounted, total = self.accounted, self.accounted.total
        if total is None:
            return []
        market = total.scope_2_market if accounted.has(2) else None
        why = _("A line has neither a contract nor a residual mix.") if accounted.has(2) and market is None else ""
        return [
            Tile(_("Scope 1"), Figures(total.scope_1 if accounted.has(1) else None)),
            Tile(_("Scope 2, location-based"), Figures(total.scope_2_location if accounted.has(2) else None)),
            Tile(_("Scope 2, market-based"), Figures(market), why),
            Tile(_("Scope 3"), Figures(total.scope_3 if accounted.has(3) else None)),
        ]

    @property
    def total(self) -> Figures:
        """All scopes, location-based."""
        return Figures(self.accounted.total.total_location if self.accounted.total else None)

    @property
    def gases(self) -> list[tuple[str, str, str]]:
        """Each gas with its mass and ± percent, the heaviest first."""
        masses = self.accounted.total.gases_kg.items() if self.accounted.total else ()
        there = sorted((pair for pair in masses if pair[1].tonnes), key=lambda pair: -pair[1].tonnes)
        return [(gas_word(gas), _mass(kg.tonnes), Figures(kg).percent) for gas, kg in there]

    @property
    def biogenic(self) -> str:
        total = self.accounted.total
        return tonnes(total.biogenic_co2_t) if total and total.biogenic_co2_t else ""

    @property
    def completeness(self) -> str:
        if self.accounted.total is None:
            return ""
        held = self.accounted.total.completeness
        return said(words.completeness(held.lines, held.estimated, held.notations, held.errors))

    @property
    def is_complete(self) -> bool:
        """Nothing unestimated, withheld or wrong, and no scope without a word."""
        total = self.accounted.total
        return total is not None and total.completeness.complete and not self.silent_scopes

    @property
    def notations(self) -> list[ShownLine]:
        return [ShownLine(row, self.accounted.tables) for row in self.accounted.rows if row.activity.notation]

    @property
    def silent_scopes(self) -> list[str]:
        """Scopes of which the ledger says nothing, not even that they do not occur."""
        spoken = {row.scope for row in self.accounted.rows}
        return [str(name) for scope, name in SCOPES.items() if scope not in spoken]

    @property
    def unplaced(self) -> str:
        """How many lines rest on a national factor for want of a place; empty for none."""
        lines = self.accounted.unplaced
        numbers = listed(row.activity.number for row in lines)
        words = ngettext(
            "%(n)d line names no place, nor do its site and the company: it is computed with the national factor"
            " (no. %(lines)s).",
            "%(n)d lines name no place, nor do their sites and the company: they are computed with the national factor"
            " (no. %(lines)s).",
            len(lines),
        )
        return words % {"n": len(lines), "lines": numbers} if lines else ""

    @property
    def failed(self) -> int:
        return sum(row.error is not None for row in self.accounted.rows)

    @property
    def quality(self) -> str:
        """The data quality, 1 (best) to 5, weighted by tonnes."""
        value = self.accounted.total.data_quality if self.accounted.total else None
        return figure(value, 1) if value is not None else ""

    @cached_property
    def questions(self) -> dict[int, list[str]]:
        """Number of a line → what is asked about it."""
        lines = [row.activity for row in self.accounted.rows]
        asked = questions_of(lines, last_year_of(self.accounted.disclosure))
        return {line.number: words for line, words in zip(lines, asked, strict=True)}

    @cached_property
    def groups(self) -> list[Group]:
        accounted = self.accounted
        groups: dict[int | None, list[ShownLine]] = {}
        for row in self.page:
            shown = ShownLine(row, accounted.tables, doubts=self.questions[row.activity.number])
            groups.setdefault(row.scope, []).append(shown)
        return [Group(SCOPE_TITLES[scope], lines, self._subtotal(scope)) for scope, lines in groups.items()]

    def _subtotal(self, scope: int | None) -> Figures | None:
        total = self.accounted.total
        if total is None or scope is None or not self.accounted.has(scope):
            return None
        return Figures({1: total.scope_1, 2: total.scope_2_location, 3: total.scope_3}[scope])

    @cached_property
    def comparisons(self) -> list[ShownComparison]:
        figures = self.accounted.disclosure.figures.all()
        return [ShownComparison(each) for each in compare_with_reported(self.accounted, figures)]

    @property
    def can_take(self) -> bool:
        return any(each.comparison.can_be_taken for each in self.comparisons)


@dataclass(frozen=True)
class ShownComparison:
    comparison: Comparison

    @property
    def computed(self) -> str:
        each = self.comparison
        return figure(each.value, 0) if each.quantity.unit == "kWh" else tonnes(each.value)

    @property
    def interval(self) -> str:
        each = self.comparison
        if each.value is None or each.half_width_percent is None:
            return ""
        return Figures(Amount(each.value, each.half_width_percent)).interval

    @property
    def reported(self) -> str:
        return grouped(self.comparison.reported.value) if self.comparison.reported else "—"


def preview_line(row: Row, tables: Tables, stored: Iterable[Activity], last_year: Iterable[Activity]) -> ShownLine:
    """A line that is being typed, with what is asked about it beside the stored others and last year."""
    others = [activity for activity in stored if activity.number != row.activity.number]
    return ShownLine(row, tables, doubts=questions_of([*others, row.activity], last_year)[-1])


# --- why this factor ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Explained:
    """One factor of a line: itself, why it was chosen, and the others by the reason that ruled them out."""

    chosen: FactorRow
    because: str
    gwp: str
    losers: list[tuple[str, bool, list[FactorRow]]]  # reason, folded, factors

    @property
    def lost(self) -> int:
        return sum(len(rows) for _reason, _folded, rows in self.losers)


def explain(accounted: Accounted, row: Row) -> list[Explained]:
    """The factors of a line, that of its heaviest gas first and the properties of fuels last."""
    masses = row.result.kg if row.result else {}
    choices = choices_of(row)
    choices.sort(key=lambda choice: (choice.factor.gas in PROPERTIES, -masses.get(choice.factor.gas, 0.0)))
    return [_explained(choice, accounted) for choice in choices]


def _explained(choice: Choice, accounted: Accounted) -> Explained:
    by_reason: dict[str, list[Factor]] = {}
    for factor, reason in choice.losers:
        if reason in ASKED:  # another gas is another question
            told = reason if factor.region in choice.places else "other_place"
            by_reason.setdefault(told, []).append(factor)
    losers = []
    for reason in ASKED:
        found = sorted(by_reason.get(reason, ()), key=lambda factor: (-(factor.data_year or 0), factor.region))
        if found:
            rows = [FactorRow(factor, accounted.tables) for factor in found]
            losers.append((said(words.REASONS[reason]), reason in FOLDED, rows))
    because = said(words.factor(factor_reason(choice)))
    return Explained(FactorRow(choice.factor, accounted.tables), because, _gwp(choice.factor, accounted), losers)


def _gwp(factor: Factor, accounted: Accounted) -> str:
    """How many kg CO₂e a kilogram of the factor's gas is; empty for CO₂ itself and for properties of fuels."""
    if factor.gas.startswith("CO2") or factor.gas in PROPERTIES:
        return ""
    return grouped(accounted.tables.gwps.gwp(accounted.gwp_set, factor.gas))


@dataclass(frozen=True)
class ElsewhereRow:
    place: str
    code: str
    result: Figures
    factor: FactorRow | None
    error: str
    difference_percent: float | None


def elsewhere_rows(accounted: Accounted, row: Row, codes: Iterable[str]) -> list[ElsewhereRow]:
    """Each place with what the line would come to there, the least first."""
    found = elsewhere(row, codes, tables=accounted.tables, as_of=accounted.as_of, gwp_set=accounted.gwp_set)
    found.sort(key=lambda each: (each.result is None, each.result.co2e_t if each.result else 0))
    return [_elsewhere_row(each, accounted.tables) for each in found]


def _elsewhere_row(each: Elsewhere, tables: Tables) -> ElsewhereRow:
    result = each.result
    return ElsewhereRow(
        place=place_name(each.code),
        code=each.code,
        result=Figures(Amount(result.co2e_t, result.half_width_percent) if result else None),
        factor=lead_factor(result, tables),
        error=said(words.refusal(each.error)) if each.error else "",
        difference_percent=each.difference_percent,
    )


def provinces(tables: Tables) -> Iterator[str]:
    """Places to compare with: the provinces of China."""
    yield from (region.code for region in tables.regions.regions if region.kind == "province")
