"""What is open between the figures of a disclosure, its ledger and its evidence, as checks that are kept with it.

Every item is a question, never a finding, and none blocks; who verifies with one open gives a reason.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from statistics import median
from typing import Any

from portfolio.models import Activity, Check, Disclosure, Financials, MonitoringPlan, Quantity, provenance
from portfolio.models.disclosure import Values
from portfolio.models.open_item_words import SENTENCES
from scoring.engine.screening.plausibility import is_trial_entry
from scoring.ledgers.ledger import (
    AGREES_PERCENT,
    SCOPE_3_CATEGORIES,
    Accounted,
    activities_of,
    is_inside,
    is_older,
    rows_of,
    taken_value,
)
from scoring.signing import planned

Q = Quantity
VERSION = "5"  # of these items: raised whenever one of them changes
CODES = frozenset(SENTENCES)
# What a ledger can come to. The total of scopes 1 and 2 stands on its parts.
COMPUTABLE = (
    Q.SCOPE_1,
    Q.SCOPE_2_LOCATION,
    Q.SCOPE_2_MARKET,
    Q.SCOPE_2_UNSPECIFIED,
    Q.SCOPE_3_TOTAL,
    *SCOPE_3_CATEGORIES.values(),
    Q.ELECTRICITY,
)
UNLIKE = 100.0  # times the others of its kind, or that part of them: more than seasons do, less than a slip of the unit
FEWEST_ALIKE = 3  # other lines, so that one of them says little
# Why a line is not computed, by the engine's code; any other is "other".
CAUSES = {
    "no_factor": "factor",
    "factor_tie": "factor",
    "not_for_inventories": "factor",
    "density_needed": "factor",
    "unknown_activity": "factor",
    "unknown_region": "place",
    "reference_state_missing": "unit",
    "wrong_unit": "unit",
    "no_conversion": "unit",
}


def find(
    accounted: Accounted,
    values: Values,
    before: Disclosure | None,
    *,
    plan: MonitoringPlan | None,
    has_revenue: bool,
) -> list[Check]:
    """The open items of a disclosure whose figures have these values, in the order of the page.

    `before` is what stands for the year before; `plan` the monitoring plan in force; `has_revenue` whether revenue of
    the year is on record elsewhere.
    """
    of_plan = planned.find(accounted, plan)
    expected = {n for item in of_plan if item.code == "plan_evidence_missing" for n in item.parameters["lines"]}
    return [
        *_missing(accounted, values, has_revenue),
        *_lines(accounted, expected),
        *of_plan,
        *_unlike_others(accounted),
        *_trial_entries(accounted),
        *_duplicates(accounted, before),
        *_solutions(accounted.disclosure),
        *_figures(accounted, values),
    ]


def has_revenue(disclosure: Disclosure) -> bool:
    """Whether the company's accounts have revenue of the year."""
    rows = Financials.objects.filter(company=disclosure.company_id, year=disclosure.year, revenue__gt=0)
    return rows.exists()


# --- what the score needs --------------------------------------------------------------------------------
def _missing(accounted: Accounted, values: Values, has_revenue: bool) -> Iterator[Check]:
    disclosure = accounted.disclosure
    if not has_revenue and not values.get(Q.REVENUE):
        yield _item("missing_revenue", Q.REVENUE)
    if disclosure.revenue_boundary == Disclosure.RevenueBoundary.UNSTATED:
        yield _item("revenue_boundary_unstated", "revenue_boundary")
    if values.get(Q.SCOPE_2_UNSPECIFIED) is not None:
        yield _item("scope_2_method_unstated", Q.SCOPE_2_UNSPECIFIED)
    told = [q for q in (Q.SCOPE_3_TOTAL, *SCOPE_3_CATEGORIES.values()) if values.get(q) is not None]
    if accounted.rows and not told and not any(row.scope in (3, None) for row in accounted.rows):
        yield _item("scope_3_not_mentioned", Q.SCOPE_3_TOTAL)


# --- lines -----------------------------------------------------------------------------------------------
def _lines(accounted: Accounted, expected: Collection[int]) -> Iterator[Check]:
    """`expected`: lines of which the monitoring plan asks for evidence, and says so itself."""
    by_cause: dict[str, list[int]] = defaultdict(list)
    for row in accounted.rows:
        if row.error:
            by_cause[CAUSES.get(row.error.code, "other")].append(row.activity.number)
    for cause in ("factor", "unit", "place", "other"):
        if cause in by_cause:
            yield _item("line_not_computed", cause=cause, lines=by_cause[cause])
    amounts = [row.activity for row in accounted.rows if not row.activity.notation]
    if bare := [line for line in amounts if not line.cited and line.number not in expected]:
        yield _item("line_without_evidence", lines=_numbers(bare))


def _duplicates(accounted: Accounted, before: Disclosure | None) -> Iterator[Check]:
    """The same activity, amount, unit, period and place twice; and the amounts of last year once more."""
    alike: dict[tuple[Any, ...], list[Activity]] = defaultdict(list)
    measured = [row.activity for row in accounted.rows if row.activity.amount]
    for line in measured:
        alike[(*_subject(line), line.period_start, line.period_end)].append(line)
    for lines in alike.values():
        if len(lines) > 1:
            yield _item("line_twice", lines=_numbers(lines))
    if before is None or not measured:
        return
    last_year = {_subject(line) for line in activities_of(before)}
    if repeated := [line for line in measured if _subject(line) in last_year]:
        yield _item("line_as_last_year", lines=_numbers(repeated))


def _unlike_others(accounted: Accounted) -> Iterator[Check]:
    """An amount far from the others of its kind, unit and place: kWh for MWh, kg for t."""
    alike: dict[tuple[Any, ...], list[Activity]] = defaultdict(list)
    for row in accounted.rows:
        if row.activity.amount:
            line = row.activity
            alike[(line.kind, line.unit, line.site_id, line.located.code)].append(line)
    far = [
        line
        for lines in alike.values()
        if len(lines) > FEWEST_ALIKE
        for line in lines
        if not 1 / UNLIKE < _times_the_others(line, lines) < UNLIKE
    ]
    if far:
        yield _item("line_unlike_others", lines=sorted(_numbers(far)))


def _times_the_others(line: Activity, lines: list[Activity]) -> float:
    return (line.amount or 0.0) / median(other.amount or 0.0 for other in lines if other is not line)


def _trial_entries(accounted: Accounted) -> Iterator[Check]:
    if lines := [row.activity for row in accounted.rows if is_trial_entry(row.activity.note)]:
        yield _item("line_trial_entry", lines=_numbers(lines))
    for figure in accounted.disclosure.figures.all():
        if is_trial_entry(figure.note) or is_trial_entry(figure.source):
            yield _item("figure_trial_entry", figure.quantity)


def _solutions(disclosure: Disclosure) -> Iterator[Check]:
    """What was sold or ran, twice: the same family, kind, place and product."""
    alike: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for row in disclosure.solutions.order_by("number"):
        alike[row.subject].append(row.number)
    for rows in alike.values():
        if len(rows) > 1:
            yield _item("solution_twice", rows=rows)


def _subject(line: Activity) -> tuple[Any, ...]:
    return (line.kind, line.amount, line.unit, line.site_id, line.located.code, line.meter, line.month)


def _numbers(lines: Iterable[Activity]) -> list[int]:
    return [line.number for line in lines]


# --- figures ---------------------------------------------------------------------------------------------
def _figures(accounted: Accounted, values: Values) -> Iterator[Check]:
    stored = {figure.quantity: figure for figure in accounted.disclosure.figures.all()}
    cited = accounted.disclosure.cited()
    for quantity in COMPUTABLE:
        value = values.get(quantity)
        if value is None:
            continue
        computed = computed_of(accounted, quantity, value)
        if computed is None:
            if not _has_lines(accounted, quantity) and quantity not in cited:
                yield _item("figure_without_support", quantity)
            continue
        figure = stored.get(quantity)
        taken = taken_value(quantity, computed)
        if figure is not None and figure.value == value and is_older(figure, taken, accounted.gwp_set):
            day = provenance.taken_under(figure)[1]
            yield _item("older_than_lines", quantity, value=value, computed=taken, day=day)
        elif not agrees(accounted, quantity, value, computed):
            percent = 100 * (value / computed - 1) if computed else None
            yield _item("differs_from_ledger", quantity, value=value, computed=taken, percent=percent)


def computed_of(accounted: Accounted, quantity: Quantity, value: float) -> float | None:
    """What the ledger has beside a figure; for a scope 2 without its method the nearer one."""
    if quantity == Q.ELECTRICITY:
        return accounted.electricity_kwh
    if quantity == Q.SCOPE_2_UNSPECIFIED:
        both = [accounted.amount_of(q) for q in (Q.SCOPE_2_LOCATION, Q.SCOPE_2_MARKET)]
        return min((amount.tonnes for amount in both if amount), key=lambda tonnes: abs(tonnes - value), default=None)
    amount = accounted.amount_of(quantity)
    return amount.tonnes if amount else None


def agrees(accounted: Accounted, quantity: Quantity, value: float, computed: float) -> bool:
    """Within one percent, or inside the ledger's 95 % interval."""
    if abs(value - computed) <= AGREES_PERCENT / 100 * computed:
        return True
    amount = accounted.amount_of(quantity)
    return amount is not None and is_inside(value, amount)


def _has_lines(accounted: Accounted, quantity: Quantity) -> bool:
    """Whether the ledger speaks of it at all, if only by a key that says why there is no amount."""
    if quantity == Q.ELECTRICITY:
        return any(row.line.activity == "electricity" for row in accounted.rows)
    return bool(rows_of(accounted, quantity))


def _item(code: str, quantity: str = "", **parameters: Any) -> Check:
    told: Mapping[str, Any] = {name: value for name, value in parameters.items() if value is not None}
    return Check(code=code, severity=Check.Severity.WARN, quantity=str(quantity), parameters=told)
