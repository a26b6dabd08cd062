"""The rows of the page before somebody signs: each figure beside its ledger, its evidence and what is open about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from portfolio.models import Activity, Check, Citation, Disclosure, Figure, Quantity
from portfolio.models.desk.points import opening_of
from portfolio.models.open_item_words import NAMED
from portfolio.templatetags.figures import figure as grouped_figure
from portfolio.typed.numbers import change_percent, grouped
from scoring.ledgers.ledger import Accounted, account_disclosure, rows_of
from scoring.ledgers.report import tonnes
from scoring.signing.open_items import COMPUTABLE, computed_of

Q = Quantity


@dataclass(frozen=True)
class JoinedRow:
    """One figure, or what the ledger comes to where none is reported."""

    quantity: Quantity
    figure: Figure | None
    computed: str  # by the ledger; empty where it has nothing of it
    difference_percent: float | None  # reported against computed
    lines: int
    with_evidence: int
    items: list[Check]
    cited: list[Citation]  # by the figure itself

    @property
    def value(self) -> str:
        return grouped(self.figure.value) if self.figure else ""

    @property
    def support(self) -> str:
        """3 lines, 2 with evidence; empty where the ledger has no line of it."""
        if not self.lines:
            return ""
        return _("lines: %(lines)d, with evidence: %(papers)d") % {"lines": self.lines, "papers": self.with_evidence}


@dataclass(frozen=True)
class OpenItem:
    """A check with where it leads: to its field, or to the first of its lines."""

    check: Check
    lines: list[int]

    @property
    def more(self) -> bool:
        return len(self.check.parameters.get("lines", ())) > len(self.lines)


def open_items(checks: Iterable[Check], severity: str) -> list[OpenItem]:
    return [
        OpenItem(check, list(check.parameters.get("lines", ()))[:NAMED])
        for check in checks
        if check.severity == severity
    ]


# What an item is about; whatever is in neither asks whether a figure can be true.
COMPLETENESS = frozenset(
    {
        *("missing_revenue", "revenue_boundary_unstated", "scope_2_method_unstated", "scope_3_not_mentioned"),
        *("line_not_computed", "scope3_gone", "missing_scope"),
        *("plan_source_silent", "plan_months_missing"),
    }
)
EVIDENCE = frozenset({"line_without_evidence", "figure_without_support", "plan_evidence_missing"})


@dataclass(frozen=True)
class Group:
    label: str
    items: list[OpenItem]


def grouped_items(checks: Sequence[Check], severity: str) -> list[Group]:
    """Completeness, plausibility, evidence; without those where nothing is open."""
    items = open_items(checks, severity)
    known = COMPLETENESS | EVIDENCE
    groups = [
        Group(_("Completeness"), [item for item in items if item.check.code in COMPLETENESS]),
        Group(_("Plausibility"), [item for item in items if item.check.code not in known]),
        Group(_("Evidence"), [item for item in items if item.check.code in EVIDENCE]),
    ]
    return [group for group in groups if group.items]


@dataclass(frozen=True)
class Joined:
    """The rows, and under what the ledger was computed."""

    rows: list[JoinedRow]
    gwp_set: str
    tables: str  # digest of the factor tables
    can_take: bool  # whether the draft is open for what its ledger comes to

    @property
    def untaken(self) -> list[JoinedRow]:
        """What the ledger comes to and the figures do not say: nobody has to type it a second time."""
        return [row for row in self.rows if row.figure is None and row.computed] if self.can_take else []


def joined(disclosure: Disclosure, checks: Sequence[Check]) -> Joined:
    """Every quantity that is reported or computed, in the order of the form."""
    accounted = account_disclosure(disclosure)
    figures = {figure.quantity: figure for figure in disclosure.figures.select_related("changed_by")}
    cited = disclosure.cited()
    rows = [_row(accounted, quantity, figures.get(quantity), checks, cited.get(quantity, [])) for quantity in Quantity]
    return Joined(
        rows=[row for row in rows if row is not None],
        gwp_set=accounted.gwp_set,
        tables=accounted.tables.digest,
        can_take=opening_of(disclosure).has_lines,
    )


def _row(
    accounted: Accounted,
    quantity: Quantity,
    figure: Figure | None,
    checks: Sequence[Check],
    cited: list[Citation],
) -> JoinedRow | None:
    value = figure.value if figure else None
    computed = _computed(accounted, quantity, value)
    if figure is None and computed is None and not cited:
        return None
    lines = _lines_of(accounted, quantity)
    return JoinedRow(
        quantity=quantity,
        figure=figure,
        computed=_as_text(quantity, computed),
        difference_percent=change_percent(value, computed),
        lines=len(lines),
        with_evidence=sum(bool(line.cited) for line in lines),
        items=[check for check in checks if check.quantity == quantity],
        cited=cited,
    )


def _computed(accounted: Accounted, quantity: Quantity, value: float | None) -> float | None:
    if quantity == Q.SCOPE_1_2_TOTAL and value is not None:
        amount = accounted.amount_of(quantity)
        return amount.tonnes if amount else None
    if quantity not in COMPUTABLE or (quantity == Q.SCOPE_2_UNSPECIFIED and value is None):
        return None
    return computed_of(accounted, quantity, value or 0.0)


def _lines_of(accounted: Accounted, quantity: Quantity) -> list[Activity]:
    """The lines with an amount that belong to a quantity."""
    if quantity == Q.ELECTRICITY:
        rows = [row for row in accounted.rows if row.line.activity == "electricity"]
    elif quantity in COMPUTABLE or quantity == Q.SCOPE_1_2_TOTAL:
        rows = rows_of(accounted, quantity)
    else:
        rows = []
    return [row.activity for row in rows if not row.activity.notation]


def _as_text(quantity: Quantity, computed: float | None) -> str:
    if computed is None:
        return ""
    return str(grouped_figure(computed, 0)) if quantity == Q.ELECTRICITY else str(tonnes(computed))
