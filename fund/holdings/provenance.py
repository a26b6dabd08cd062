"""Where one figure of a portfolio comes from: its formula, each holding's inputs in words, and what was left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fund.holdings.book import Held
from fund.holdings.figures import KINDS, Kind, Part, coverage_words, inputs_of, parts
from fund.holdings.inputs import Input
from fund.holdings.money import exchange_rate_words
from fund.holdings.report import PortfolioReport, Shown
from fund.models import PriceInputs
from portfolio.models import Disclosure, Financials
from portfolio.templatetags.figures import figure
from portfolio.typed.numbers import grouped
from scoring.engine.finance.financed import Metric


class InputLine(NamedTuple):
    """One input of a holding's part, in words."""

    name: str
    given: str
    converted: str
    origin: str
    source: str
    href: str
    entered: str


INPUT_NAMES = {
    "outstanding": gettext_lazy("Outstanding amount"),
    "current_value": gettext_lazy("Current value"),
    "average_financing": gettext_lazy("Average financing"),
    "shares_held": gettext_lazy("Shares held"),
    "shares_total": gettext_lazy("Shares in all"),
    "evic": "EVIC",
    "total_equity": gettext_lazy("Total equity"),
    "total_debt": gettext_lazy("Total debt"),
    "total_investment": gettext_lazy("Total investment"),
    "revenue": gettext_lazy("Main revenue"),
    "s1_t": gettext_lazy("Scope 1"),
    "s2_t": gettext_lazy("Scope 2"),
    "s3_t": gettext_lazy("Scope 3"),
    "avoided_t": gettext_lazy("Avoided emissions"),
    "removed_t": gettext_lazy("Removed emissions"),
    "data_quality": gettext_lazy("Data quality"),
    "data_quality_s3": gettext_lazy("Data quality, scope 3"),
}


@dataclass(frozen=True)
class ShownPart:
    part: Part
    lines: list[InputLine]


@dataclass(frozen=True)
class Provenance:
    """One figure: its formula, what it stands on, what was left out and why."""

    kind: Kind
    metric: Metric
    coverage: str
    counted: list[ShownPart]
    left_out: list[ShownPart]
    others: list[Shown]


def provenance(report: PortfolioReport, kind: Kind) -> Provenance:
    found = [ShownPart(part, input_lines(kind, part.held)) for part in parts(kind, report.statement)]
    metric = kind.metric(report.statement)
    return Provenance(
        kind=kind,
        metric=metric,
        coverage=coverage_words(metric),
        counted=[shown for shown in found if not shown.part.reason],
        left_out=[shown for shown in found if shown.part.reason],
        others=[report.shown(code) for code, other in KINDS.items() if _is_sibling(kind, other)],
    )


def _is_sibling(kind: Kind, other: Kind) -> bool:
    """The same scopes by the other rule."""
    return kind.figure == other.figure and kind.scopes == other.scopes and kind.rule != other.rule


def input_lines(kind: Kind, held: Held) -> list[InputLine]:
    lines = []
    for name in inputs_of(kind, held):
        found = held.inputs[name]
        if name == "average_financing" and found.given is None:
            continue  # then the outstanding amount stands for it
        lines.append(_line(name, found))
    return lines


def _line(name: str, found: Input) -> InputLine:
    origin = found.origin
    unit = found.currency or ("tCO₂e" if name.endswith("_t") else "")
    shown = "—" if found.given is None else f"{grouped(found.given)} {unit}".strip()
    if found.parts:
        labels = {field.name: str(field.verbose_name) for field in PriceInputs._meta.concrete_fields}
        shown += " = " + " + ".join(f"{labels[part]} {grouped(value)}" for part, value in found.parts)
    return InputLine(
        name=str(INPUT_NAMES[name]),
        given=shown,
        converted=_converted(found),
        origin=_origin(origin),
        source=getattr(origin, "source", ""),
        href=origin.get_absolute_url() if isinstance(origin, Disclosure) else "",
        entered=_entered(origin),
    )


def _converted(found: Input) -> str:
    """The exchange rate where one was used, which it is, and how much older than what it converts."""
    if found.given is None or not found.currency:
        return ""
    if found.exchange_rate is None:
        return _("no exchange rate")
    if found.exchange_rate.of is None:
        return ""
    words = {
        "rate": grouped(found.exchange_rate.cny_per_unit, 5),
        "which": exchange_rate_words(found.exchange_rate),
        "value": figure(found.value or 0),
    }
    return _("× %(rate)s (%(which)s) = %(value)s CNY") % words


def _origin(origin: Any) -> str:
    if origin is None:
        return _("nobody has entered it")
    if isinstance(origin, Disclosure):
        words = {"year": origin.year, "version": origin.version, "state": origin.get_state_display()}
        return _("Disclosure of %(year)s, v%(version)s: %(state)s") % words
    if isinstance(origin, Financials):
        return _("Financials of %(year)s") % {"year": origin.year}
    words = {"what": origin._meta.verbose_name, "day": origin.as_of.isoformat()}
    return _("%(what)s, %(day)s") % words


def _entered(origin: Any) -> str:
    by = getattr(origin, "entered_by", None)
    return "" if by is None else by.get_username()
