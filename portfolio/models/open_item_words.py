"""What is open between figures, ledger and evidence, as sentences of its code and numbers in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from portfolio.typed.numbers import grouped
from portfolio.wording import listed

Parameters = Mapping[str, Any]
NAMED = 12  # lines that a sentence names; the others it counts
DIGITS = 6


def _missing_revenue(what: str, told: Parameters) -> str:
    return _("Neither here nor in the company's accounts is there revenue of the year: no intensity can be computed.")


def _revenue_boundary_unstated(what: str, told: Parameters) -> str:
    return _("It is not said whether emissions and revenue cover the same companies.")


def _scope_2_method_unstated(what: str, told: Parameters) -> str:
    return _("It is not said whether it is location-based or market-based.")


def _scope_3_not_mentioned(what: str, told: Parameters) -> str:
    return _("Neither a figure nor a line nor a notation key says anything of scope 3.")


def _line_not_computed(what: str, told: Parameters) -> str:
    words = {
        "factor": _("No factor for line %(lines)s: it counts in no total."),
        "unit": _("The unit of line %(lines)s cannot be converted: it counts in no total."),
        "place": _("The place of line %(lines)s is not known: it counts in no total."),
        "other": _("Line %(lines)s cannot be computed: it counts in no total."),
    }
    return words[told["cause"]] % {"lines": _lines(told["lines"])}


def _line_without_evidence(what: str, told: Parameters) -> str:
    return _("No evidence for line %(lines)s.") % {"lines": _lines(told["lines"])}


def _line_twice(what: str, told: Parameters) -> str:
    words = _("Lines %(lines)s say the same: activity, amount, unit, period and place. Is one of them a copy?")
    return words % {"lines": _lines(told["lines"])}


def _line_as_last_year(what: str, told: Parameters) -> str:
    words = _("Exactly last year's amount on line %(lines)s: was it measured again?")
    return words % {"lines": _lines(told["lines"])}


def _line_unlike_others(what: str, told: Parameters) -> str:
    words = _(
        "The amount on line %(lines)s is a hundred times that of the others of its kind and place, or more, or a"
        " hundredth: is the unit right (kWh or MWh, kg or t)?"
    )
    return words % {"lines": _lines(told["lines"])}


def _line_trial_entry(what: str, told: Parameters) -> str:
    return _("The note of line %(lines)s looks like a trial entry.") % {"lines": _lines(told["lines"])}


def _figure_trial_entry(what: str, told: Parameters) -> str:
    return _("Its note or source looks like a trial entry.")


def solution_twice(rows: Sequence[int]) -> str:
    words = _(
        "Rows %(rows)s of what was sold or ran are of the same family, kind, place and product: is one of them a copy,"
        " or does a product lack its name?"
    )
    return words % {"rows": _lines(rows)}


def _solution_twice(what: str, told: Parameters) -> str:
    return solution_twice(told["rows"])


def _figure_without_support(what: str, told: Parameters) -> str:
    return _("No line of the ledger and no evidence stands behind it, only the document that is named.")


def _older_than_lines(what: str, told: Parameters) -> str:
    words = _("Taken over from the ledger on %(day)s and older than its lines, which now come to %(computed)s.")
    return words % {"day": told["day"], "computed": grouped(told["computed"])}


def _differs_from_ledger(what: str, told: Parameters) -> str:
    names = {"value": grouped(told["value"]), "computed": grouped(told["computed"], DIGITS)}
    if "percent" not in told:
        return _("%(value)s is reported; the ledger comes to %(computed)s.") % names
    far = f"{told['percent']:+,.1f}"
    return _("%(value)s is reported; the ledger comes to %(computed)s (%(far)s %%).") % (names | {"far": far})


# --- the monitoring plan ---------------------------------------------------------------------------------
def _plan_none(what: str, told: Parameters) -> str:
    return _("No approved monitoring plan is in force for this year: the ledger is held against none.")


def _plan_source_silent(what: str, told: Parameters) -> str:
    return _("Planned, and told by no line: %(source)s.") % {"source": _source(told)}


def _plan_months_missing(what: str, told: Parameters) -> str:
    months = listed(date_format(date(2000, month, 1), "F") for month in told["months"])
    return _("%(source)s: no line tells of %(months)s.") % {"source": capfirst(_source(told)), "months": months}


def _plan_period_too_long(what: str, told: Parameters) -> str:
    words = {
        "month": _("%(source)s: planned every month, and the period of line %(lines)s is longer."),
        "quarter": _("%(source)s: planned every quarter, and the period of line %(lines)s is longer."),
    }
    return words[told["often"]] % {"source": capfirst(_source(told)), "lines": _lines(told["lines"])}


def _plan_line_unplanned(what: str, told: Parameters) -> str:
    words = _("The monitoring plan has no source of this activity at this site: line %(lines)s.")
    return words % {"lines": _lines(told["lines"])}


def _plan_meter_unplanned(what: str, told: Parameters) -> str:
    return _("The meter is not in the monitoring plan: line %(lines)s.") % {"lines": _lines(told["lines"])}


def _plan_meter_unnamed(what: str, told: Parameters) -> str:
    words = _("Planned by meter or account, and no meter is named: line %(lines)s.")
    return words % {"lines": _lines(told["lines"])}


def _plan_unit_differs(what: str, told: Parameters) -> str:
    words = _("%(source)s: planned in %(unit)s, and line %(lines)s is in another unit.")
    return words % {"source": capfirst(_source(told)), "unit": told["unit"], "lines": _lines(told["lines"])}


def _plan_evidence_missing(what: str, told: Parameters) -> str:
    words = _("%(source)s: the plan expects “%(evidence)s”, and line %(lines)s cites nothing.")
    return words % {"source": capfirst(_source(told)), "evidence": told["evidence"], "lines": _lines(told["lines"])}


def _source(told: Parameters) -> str:
    """A row of the plan by its activity, site and meter."""
    kind = told["kind_en" if (get_language() or "").startswith("en") else "kind_zh"]
    return " · ".join(filter(None, (kind, told["site"], told["meter"])))


SENTENCES: dict[str, Callable[[str, Parameters], str]] = {
    "missing_revenue": _missing_revenue,
    "revenue_boundary_unstated": _revenue_boundary_unstated,
    "scope_2_method_unstated": _scope_2_method_unstated,
    "scope_3_not_mentioned": _scope_3_not_mentioned,
    "line_not_computed": _line_not_computed,
    "line_without_evidence": _line_without_evidence,
    "line_twice": _line_twice,
    "line_as_last_year": _line_as_last_year,
    "line_unlike_others": _line_unlike_others,
    "line_trial_entry": _line_trial_entry,
    "figure_trial_entry": _figure_trial_entry,
    "solution_twice": _solution_twice,
    "figure_without_support": _figure_without_support,
    "older_than_lines": _older_than_lines,
    "differs_from_ledger": _differs_from_ledger,
    "plan_none": _plan_none,
    "plan_source_silent": _plan_source_silent,
    "plan_months_missing": _plan_months_missing,
    "plan_period_too_long": _plan_period_too_long,
    "plan_line_unplanned": _plan_line_unplanned,
    "plan_meter_unplanned": _plan_meter_unplanned,
    "plan_meter_unnamed": _plan_meter_unnamed,
    "plan_unit_differs": _plan_unit_differs,
    "plan_evidence_missing": _plan_evidence_missing,
}


def _lines(numbers: Sequence[int]) -> str:
    named = pgettext("between items of a list", ", ").join(map(str, numbers[:NAMED]))
    more = len(numbers) - NAMED
    if more <= 0:
        return named
    return ngettext("%(named)s and %(n)s more", "%(named)s and %(n)s more", more) % {"named": named, "n": more}
