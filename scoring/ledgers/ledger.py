"""A disclosure's ledger: its activities as the engine accounts for them, and what a reader asks about the result."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from portfolio.activities.kinds import ActivityType, activity_types
from portfolio.activities.questions import SLIPS
from portfolio.activities.rules import heating_value_basis
from portfolio.errors import NotAllowed
from portfolio.models import Activity, Disclosure, Figure, Quantity, provenance
from portfolio.typed.numbers import grouped
from portfolio.wording import listed
from scoring.engine.accounting.choice import Choice
from scoring.engine.accounting.ledger import ActivityLine, Contract, Ledger, LineError, LineResult, account
from scoring.engine.accounting.regions import WORLD
from scoring.engine.accounting.totals import Amount, InventoryTotal
from scoring.engine.accounting.uncertainty import limits
from scoring.ledgers.places import Placing, place_of
from scoring.tables.in_force import GWP_SET, Tables, in_force, plain_place

if TYPE_CHECKING:
    from django.contrib.auth.models import User

Q = Quantity
SCOPE_3_CATEGORIES = {f"3.{int(q.value[7:9])}": q for q in Q if q.value.startswith("scope3_") and q != Q.SCOPE_3_TOTAL}
TO_THE_KILOGRAM = 3  # decimals of a tonne that are taken over as a figure
AGREES_PERCENT = 1.0
EXPLAINS_PERCENT = 2.0  # how near another set or factor must come to be named


# --- from rows to the engine ----------------------------------------------------------------------------
def day_of(disclosure: Disclosure) -> date:
    """The day whose published factors count: today for a draft, the day it was handed in or frozen for the others."""
    moment = disclosure.submitted_at or disclosure.frozen_at
    if moment is None or disclosure.state in Disclosure.EDITABLE:
        return timezone.localdate()
    return timezone.localtime(moment).date()


def activities_of(disclosure: Disclosure) -> list[Activity]:
    rows = list(disclosure.activities.select_related("site__city").with_citations().order_by("number"))
    for row in rows:
        row.disclosure = disclosure
    return rows


def line_of(activity: Activity, tables: Tables) -> ActivityLine:
    places = place_of(activity, tables)
    kind = activity_types().get(activity.kind)
    stated = activity.heating_value_basis
    return ActivityLine(
        line_id=str(activity.number),
        activity=activity.kind,
        amount=activity.amount,
        unit=activity.unit,
        places=places,
        year=activity.disclosure.year,
        inventory=activity.disclosure.company.company_key,
        uncertainty_percent=activity.uncertainty_percent,
        contract=_contract_of(activity),
        notation=activity.notation,
        included_in=activity.included_in,
        heating_value_basis=stated or (heating_value_basis(kind, activity.typed_unit, places) if kind else ""),
        parameters=tuple(sorted((name, float(value)) for name, value in activity.parameters.items())),
    )


def _contract_of(activity: Activity) -> Contract | None:
    if not activity.contract or activity.contract_kg_per_kwh is None:
        return None
    name = activity.certificate or activity.contract  # never a translated word: the name is kept with the result
    return Contract(name, activity.contract_kg_per_kwh, "CO2")


# --- accounting -----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Row:
    """One activity and what became of it: a result, an error, or neither where a notation key stands instead."""

    activity: Activity
    line: ActivityLine
    type: ActivityType | None
    error: LineError | None
    ledger: Ledger = field(repr=False, compare=False)
    position: int
    tables: Tables = field(repr=False, compare=False)

    @property
    def is_computed(self) -> bool:
        return self.error is None and not self.line.notation

    @cached_property
    def result(self) -> LineResult | None:
        """Put together when it is looked at: most questions about a ledger need its columns alone."""
        return self.ledger.line(self.position) if self.is_computed else None

    @property
    def scope(self) -> int | None:
        return self.type.scope if self.type else None

    @cached_property
    def placing(self) -> Placing:
        """Where it took place, who said so, and what its factors leave to be said of it."""
        return Placing.of(self.activity, self.result, self.tables)


@dataclass(frozen=True)
class Accounted:
    """A disclosure's ledger with the tables it was computed from."""

    disclosure: Disclosure
    tables: Tables
    ledger: Ledger
    rows: tuple[Row, ...]

    @property
    def as_of(self) -> date:
        return self.ledger.as_of

    @property
    def gwp_set(self) -> str:
        return self.ledger.gwp_set

    @cached_property
    def total(self) -> InventoryTotal | None:
        """None for a ledger without lines."""
        return self.ledger.totals[0] if self.ledger.totals else None

    @property
    def unplaced(self) -> list[Row]:
        """Lines that were computed with the factor of a whole country, for want of a place."""
        return [row for row in self.rows if "no_place" in row.placing.flags]

    @cached_property
    def categories(self) -> dict[Quantity, Amount]:
        """Scope 3 by category of the GHG Protocol, each with the interval of its own lines."""
        of_category: dict[str, list[ActivityLine]] = defaultdict(list)
        for row in self.rows:
            if row.is_computed and row.type and row.type.category in SCOPE_3_CATEGORIES:
                of_category[row.type.category].append(replace(row.line, inventory=row.type.category))
        lines = [line for category in sorted(of_category) for line in of_category[category]]
        if not lines:
            return {}
        totals = _account(lines, self.tables, self.as_of, self.gwp_set).totals
        return {SCOPE_3_CATEGORIES[total.inventory]: total.scope_3 for total in totals}

    def amount_of(self, quantity: Quantity) -> Amount | None:
        """The total that a reported figure of this quantity stands beside; None where the ledger has none."""
        if self.total is None:
            return None
        totals = {
            Q.SCOPE_1: (1, self.total.scope_1),
            Q.SCOPE_2_LOCATION: (2, self.total.scope_2_location),
            Q.SCOPE_2_MARKET: (2, self.total.scope_2_market),
            Q.SCOPE_3_TOTAL: (3, self.total.scope_3),
        }
        if quantity == Q.SCOPE_1_2_TOTAL:
            return self._scopes_1_and_2
        if quantity not in totals:
            return self.categories.get(quantity)
        scope, amount = totals[quantity]
        return amount if self.has(scope) else None

    def has(self, scope: int) -> bool:
        """Whether at least one line of the scope was computed."""
        return any(row.scope == scope and row.is_computed for row in self.rows)

    @cached_property
    def _scopes_1_and_2(self) -> Amount | None:
        if not (self.has(1) and self.has(2)):
            return None
        lines = [row.line for row in self.rows if row.is_computed and row.scope in (1, 2)]
        return _account(lines, self.tables, self.as_of, self.gwp_set).totals[0].total_location

    def again(self, *, gwp_set: str = "", change: Callable[[ActivityLine], ActivityLine] | None = None) -> Accounted:
        """The ledger computed otherwise: under another set of warming potentials, or with changed lines."""
        asked = (gwp_set or self.gwp_set, change)
        if asked not in self._variants:
            activities, lines = [row.activity for row in self.rows], [row.line for row in self.rows]
            lines = [change(line) for line in lines] if change else lines
            ledger = _account(lines, self.tables, self.as_of, asked[0])
            rows = tuple(_rows(activities, lines, ledger, self.tables))
            self._variants[asked] = Accounted(self.disclosure, self.tables, ledger, rows)
        return self._variants[asked]

    @cached_property
    def _variants(self) -> dict[tuple[str, Callable[[ActivityLine], ActivityLine] | None], Accounted]:
        """Every reported figure may ask for the same few."""
        return {}

    @cached_property
    def electricity_kwh(self) -> float | None:
        kwh = [row.line.amount for row in self.rows if row.is_computed and row.line.activity == "electricity"]
        return math.fsum(amount for amount in kwh if amount is not None) if kwh else None


def account_disclosure(
    disclosure: Disclosure,
    *,
    as_of: date | None = None,
    tables: Tables | None = None,
    gwp_set: str = GWP_SET,
    activities: list[Activity] | None = None,
) -> Accounted:
    """A disclosure's ledger as of a day (default: day_of) with tables (default: those in force for the company).

    `activities`: lines that it would have, instead of those that are stored. Raises UnknownGwpSet. A line that cannot
    be computed carries its error; the others are computed.
    """
    tables = tables or in_force(disclosure.company)
    activities = activities_of(disclosure) if activities is None else activities
    lines = [line_of(activity, tables) for activity in activities]
    ledger = _account(lines, tables, as_of or day_of(disclosure), gwp_set)
    return Accounted(disclosure, tables, ledger, tuple(_rows(activities, lines, ledger, tables)))


def account_line(activity: Activity, *, tables: Tables, as_of: date, gwp_set: str = GWP_SET) -> Row:
    """One activity alone, stored or not."""
    return account_lines([activity], tables=tables, as_of=as_of, gwp_set=gwp_set)[0]


def account_lines(activities: Sequence[Activity], *, tables: Tables, as_of: date, gwp_set: str = GWP_SET) -> list[Row]:
    """These activities together, stored or not, in their order."""
    lines = [replace(line_of(each, tables), line_id=str(at)) for at, each in enumerate(activities, 1)]
    return list(_rows(activities, lines, _account(lines, tables, as_of, gwp_set), tables))


def _account(lines: Sequence[ActivityLine], tables: Tables, as_of: date, gwp_set: str) -> Ledger:
    return account(lines, tables.factors, tables.gwps, types=activity_types(), gwp_set=gwp_set, as_of=as_of)


def _rows(
    activities: Iterable[Activity], lines: Iterable[ActivityLine], ledger: Ledger, tables: Tables
) -> Iterator[Row]:
    errors = {error.line_id: error for error in ledger.errors}
    for position, (activity, line) in enumerate(zip(activities, lines, strict=True)):
        yield Row(
            activity, line, activity_types().get(line.activity), errors.get(line.line_id), ledger, position, tables
        )


# --- why this factor ------------------------------------------------------------------------------------
def choices_of(row: Row) -> list[Choice]:
    """The choice behind each factor of a line, with its losers; location-based first."""
    return list(row.ledger.choices(row.position)) if row.is_computed else []


# --- the same activity elsewhere ------------------------------------------------------------------------
@dataclass(frozen=True)
class Elsewhere:
    """What a line would come to at another place; `result` is None where no factor holds there."""

    code: str
    result: LineResult | None
    error: LineError | None
    difference_percent: float | None


def elsewhere(row: Row, codes: Iterable[str], *, tables: Tables, as_of: date, gwp_set: str) -> list[Elsewhere]:
    """The same activity of the same year at each of these places. Raises UnknownRegion."""
    lines = [replace(row.line, line_id=code, places=tables.places_of(code), contract=None) for code in codes]
    ledger = _account(lines, tables, as_of, gwp_set)
    errors = {error.line_id: error for error in ledger.errors}
    here_t = row.result.co2e_t if row.result else None
    found = []
    for position, line in enumerate(lines):
        error = errors.get(line.line_id)
        result = None if error or line.notation else ledger.line(position)
        found.append(Elsewhere(line.line_id, result, error, _percent(result.co2e_t if result else None, here_t)))
    return found


def _percent(value: float | None, base: float | None) -> float | None:
    return None if value is None or not base else 100 * (value / base - 1)


# --- against last year ----------------------------------------------------------------------------------
def last_year_of(disclosure: Disclosure) -> list[Activity]:
    """The lines that stand for the year before; none where there is no such ledger."""
    before = Disclosure.objects.standing().filter(company=disclosure.company, year=disclosure.year - 1).first()
    return activities_of(before) if before else []


# --- beside what is reported ----------------------------------------------------------------------------
COMPARED = (Q.SCOPE_1, Q.SCOPE_2_LOCATION, Q.SCOPE_2_MARKET, Q.SCOPE_2_UNSPECIFIED, Q.SCOPE_1_2_TOTAL, Q.SCOPE_3_TOTAL)
SCOPES: dict[Quantity, tuple[int, ...]] = {
    Q.SCOPE_1: (1,),
    Q.SCOPE_2_LOCATION: (2,),
    Q.SCOPE_2_MARKET: (2,),
    Q.SCOPE_2_UNSPECIFIED: (2,),
    Q.SCOPE_1_2_TOTAL: (1, 2),
    Q.SCOPE_3_TOTAL: (3,),
}
_CATEGORIES: dict[Quantity, str] = {quantity: category for category, quantity in SCOPE_3_CATEGORIES.items()}


@dataclass(frozen=True)
class Comparison:
    """A reported figure beside what the ledger comes to, with what may explain the difference."""

    quantity: Quantity
    reported: Figure | None
    value: float | None
    half_width_percent: float | None
    words: list[str]

    @property
    def difference_percent(self) -> float | None:
        """Reported against computed."""
        return _percent(self.reported.value if self.reported else None, self.value)

    @property
    def can_be_taken(self) -> bool:
        """Whether the computed total may become the reported figure, and is not already."""
        if self.value is None or self.quantity == Q.SCOPE_2_UNSPECIFIED:
            return False
        return self.reported is None or self.reported.value != self.taken_value

    @property
    def taken_value(self) -> float | None:
        return None if self.value is None else taken_value(self.quantity, self.value)


def taken_value(quantity: Quantity, computed: float) -> float:
    """What is taken over as a figure: to the kilogram, or the kilowatt hour."""
    return round(computed, 0 if quantity == Q.ELECTRICITY else TO_THE_KILOGRAM)


def compare_with_reported(accounted: Accounted, figures: Iterable[Figure]) -> list[Comparison]:
    """Every quantity that the ledger computes or the disclosure reports, in the order of the form."""
    reported = {figure.quantity: figure for figure in figures}
    found = []
    for quantity in (*COMPARED, *SCOPE_3_CATEGORIES.values()):
        amount, figure = accounted.amount_of(quantity), reported.get(quantity)
        is_reported_only = quantity in (Q.SCOPE_2_UNSPECIFIED, Q.SCOPE_1_2_TOTAL)
        if figure is None and (amount is None or is_reported_only):
            continue
        words = list(_differences(accounted, quantity, figure, amount))
        value, percent = (amount.tonnes, amount.half_width_percent) if amount else (None, None)
        found.append(Comparison(quantity, figure, value, percent, words))
    kwh, figure = accounted.electricity_kwh, reported.get(Q.ELECTRICITY)
    if kwh is not None:
        words = [*_origin(accounted, Q.ELECTRICITY, figure, kwh), *_sizes(figure.value, kwh)] if figure else []
        found.append(Comparison(Q.ELECTRICITY, figure, kwh, None, words))
    return found


def _differences(
    accounted: Accounted, quantity: Quantity, figure: Figure | None, amount: Amount | None
) -> Iterator[str]:
    """Sentences, the surest first."""
    yield from _gaps(rows_of(accounted, quantity), is_computed=amount is not None)
    if figure is None:
        return
    if quantity == Q.SCOPE_2_UNSPECIFIED:
        yield from _nearer_method(accounted, figure.value)
    if amount is None:
        return
    yield from _origin(accounted, quantity, figure, amount.tonnes)
    difference = _percent(figure.value, amount.tonnes)
    if difference is not None and abs(difference) <= AGREES_PERCENT:
        yield _("Agrees within %(percent)s %%.") % {"percent": grouped(AGREES_PERCENT)}
        return
    found = [
        *_sizes(figure.value, amount.tonnes),
        *_other_method(accounted, quantity, figure.value),
        *_other_factors(accounted, quantity, figure.value),
        *_other_set(accounted, quantity, figure.value),
    ]
    yield from found
    if is_inside(figure.value, amount):
        yield _("Inside the 95 % interval of the ledger.")
    elif found:
        yield _("Outside the 95 % interval of the ledger.")
    else:
        yield _("Outside the 95 % interval of the ledger: a line is missing or doubled, or another factor was used.")


def _origin(accounted: Accounted, quantity: Quantity, figure: Figure, computed: float) -> Iterator[str]:
    """That a figure of the ledger is older than its lines, or what the ledger had before somebody typed another."""
    if is_older(figure, taken_value(quantity, computed), accounted.gwp_set):
        names = {"day": provenance.taken_under(figure)[1], "value": f"{grouped(computed, 8)} {quantity.unit}"}
        words = _(
            "The figure is older than its lines: taken over on %(day)s; lines or factors have changed since, and come"
            " to %(value)s."
        )
        yield words % names
    elif words := figure.provenance:
        yield words


def is_older(figure: Figure, computed: float, gwp_set: str) -> bool:
    """Whether a figure of the ledger is no longer what its lines come to under the same set."""
    if not provenance.is_of_ledger(figure) or figure.value == computed:
        return False
    return provenance.taken_under(figure)[0] in ("", gwp_set)


def rows_of(accounted: Accounted, quantity: Quantity) -> list[Row]:
    """The lines that belong to a quantity; those of an unknown kind may belong anywhere."""
    scopes: tuple[int, ...] = SCOPES.get(quantity, (3,))
    category = _CATEGORIES.get(quantity, "")
    of_scope = [row for row in accounted.rows if row.type is None or row.type.scope in scopes]
    return [row for row in of_scope if not category or row.type is None or row.type.category == category]


def _gaps(rows: Sequence[Row], *, is_computed: bool) -> Iterator[str]:
    """What the computed total does not hold."""
    failed = [row for row in rows if row.error]
    left_out = [row for row in rows if row.activity.notation in ("NE", "C")]
    moved = [row for row in rows if row.activity.notation == "IE"]
    if failed:
        yield _("Not in the sum, because not computed: no. %(lines)s.") % {"lines": _numbers(failed)}
    if left_out:
        yield _("Not in the sum, not estimated or confidential: no. %(lines)s.") % {"lines": _numbers(left_out)}
    if moved:
        yield _("Counted elsewhere: no. %(lines)s.") % {"lines": _numbers(moved)}
    if not is_computed and not rows:
        yield _("The ledger has no line of it.")


def _numbers(rows: Iterable[Row]) -> str:
    return listed(row.activity.number for row in rows)


def _sizes(reported: float, computed: float) -> Iterator[str]:
    """A ratio of a thousand or ten thousand is a unit, not an emission."""
    if not reported or not computed:
        return
    times = max(reported / computed, computed / reported)
    for slip in SLIPS:
        if abs(times / slip - 1) < 0.1:
            yield _("About %(times)s times apart: a step between units.") % {"times": grouped(slip)}


def _nearer_method(accounted: Accounted, reported: float) -> Iterator[str]:
    location, market = accounted.amount_of(Q.SCOPE_2_LOCATION), accounted.amount_of(Q.SCOPE_2_MARKET)
    if location is None:
        return
    names = {"location": _tonnes(location.tonnes), "market": _tonnes(market.tonnes) if market else "—"}
    yield _("The ledger has %(location)s location-based and %(market)s market-based.") % names
    if market and abs(market.tonnes - reported) < abs(location.tonnes - reported):
        yield _("The figure is nearer to the market-based result.")
    elif market:
        yield _("The figure is nearer to the location-based result.")


def _other_method(accounted: Accounted, quantity: Quantity, reported: float) -> Iterator[str]:
    other = {Q.SCOPE_2_LOCATION: Q.SCOPE_2_MARKET, Q.SCOPE_2_MARKET: Q.SCOPE_2_LOCATION}.get(quantity)
    amount = accounted.amount_of(other) if other else None
    if other and amount and _explains(reported, amount.tonnes):
        yield _("It agrees with “%(other)s” instead: was it entered under the wrong method?") % {"other": other.label}


def _other_factors(accounted: Accounted, quantity: Quantity, reported: float) -> Iterator[str]:
    """National instead of provincial numbers, or the one for the ETS, where that is what the figure rests on."""
    words = {
        _nationwide: _(
            "With the national factor for every place the ledger comes to %(tonnes)s, within %(percent)s %%."
        ),
        _by_ets: _("With the number prescribed for the national ETS it comes to %(tonnes)s, within %(percent)s %%."),
    }
    for change, sentence in words.items():
        amount = accounted.again(change=change).amount_of(quantity)
        if amount and _explains(reported, amount.tonnes):
            yield sentence % {"tonnes": _tonnes(amount.tonnes), "percent": grouped(EXPLAINS_PERCENT)}
            return


def _nationwide(line: ActivityLine) -> ActivityLine:
    """Without the places below the country."""
    wide = tuple(place for place in line.places if place == WORLD or len(plain_place(place)) == 2)
    return replace(line, places=wide)


def _by_ets(line: ActivityLine) -> ActivityLine:
    return replace(line, purpose="ets_report") if line.activity == "electricity" else line


def _other_set(accounted: Accounted, quantity: Quantity, reported: float) -> Iterator[str]:
    for name in accounted.tables.gwps.sets:
        if name == accounted.gwp_set:
            continue
        amount = accounted.again(gwp_set=name).amount_of(quantity)
        if amount and _explains(reported, amount.tonnes):
            words = _("Under the warming potentials of %(set)s the ledger comes to %(tonnes)s, within %(percent)s %%.")
            names = {"set": name, "tonnes": _tonnes(amount.tonnes), "percent": grouped(EXPLAINS_PERCENT)}
            yield words % names
            return


def _explains(reported: float, computed: float) -> bool:
    difference = _percent(reported, computed)
    return difference is not None and abs(difference) <= EXPLAINS_PERCENT


def is_inside(reported: float, amount: Amount) -> bool:
    """Whether a figure lies in the ledger's 95 % interval."""
    if amount.half_width_percent is None:
        return False
    low, high = limits(amount.tonnes, amount.half_width_percent)
    return bool(low <= reported <= high)


def _tonnes(value: float) -> str:
    return f"{grouped(round(value, 1))} tCO₂e"


def take_over(accounted: Accounted, quantities: Iterable[str], *, by: User, edition: int) -> list[Quantity]:
    """Write these computed totals into the draft as figures with the basis "calculated"; the others stay.

    Raises NotAllowed, or StaleVersion when somebody saved another edition meanwhile.
    """
    disclosure = accounted.disclosure
    figures = {figure.quantity: figure for figure in disclosure.figures.all()}
    wanted = set(quantities)
    taken = [each for each in compare_with_reported(accounted, figures.values()) if each.quantity in wanted]
    taken = [each for each in taken if each.can_be_taken]
    if not taken:
        raise NotAllowed(_("Nothing to take over: please tick a total that differs from its figure."))
    note = provenance.ledger_note(accounted.gwp_set, accounted.tables.digest[:12], accounted.as_of.isoformat())
    for each in taken:
        assert each.taken_value is not None  # noqa: S101  can_be_taken says so
        figures[each.quantity] = Figure(
            quantity=each.quantity,
            value=each.taken_value,
            typed=grouped(each.taken_value),
            basis=Figure.Basis.CALCULATED,
            note=note,
        )
    for figure in figures.values():
        figure.pk = None
    disclosure.revise(
        by=by,
        edition=edition,
        boundary=disclosure.boundary,
        revenue_boundary=disclosure.revenue_boundary,
        source_document=disclosure.source_document,
        figures=figures.values(),
        from_ledger={each.quantity for each in taken},
    )
    return [each.quantity for each in taken]
