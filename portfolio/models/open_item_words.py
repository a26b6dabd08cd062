"""What is open between figures, ledger and evidence, as sentences of its code and numbers in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from portfolio.typed.numbers import grouped

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


def _line_tenfold(what: str, told: Parameters) -> str:
    times, is_more = told["times"], told["times"] > 1
    far = times if is_more else 1 / times
    names = {"lines": _lines(told["lines"]), "times": grouped(round(far) if far >= 10 else round(far, 1))}
    if told["against"] == "last_year" and is_more:
        return _("Line %(lines)s is about %(times)s times last year's of the same meter: a digit or a unit?") % names
    if told["against"] == "last_year":
        return (
            _("Last year's line of the same meter was about %(times)s times line %(lines)s: a digit or a unit?") % names
        )
    if is_more:
        return _("Line %(lines)s is about %(times)s times its other months: a digit or a unit?") % names
    return _("The other months are about %(times)s times line %(lines)s: a digit or a unit?") % names


def _site_without_line(what: str, told: Parameters) -> str:
    if told["had_one"]:
        return _("No line of the site %(site)s, which had one last year: was it left out?") % {"site": told["site"]}
    return _("No line of the site %(site)s, which the company keeps: was it left out?") % {"site": told["site"]}


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
    "line_tenfold": _line_tenfold,
    "site_without_line": _site_without_line,
    "line_trial_entry": _line_trial_entry,
    "figure_trial_entry": _figure_trial_entry,
    "solution_twice": _solution_twice,
    "figure_without_support": _figure_without_support,
    "older_than_lines": _older_than_lines,
    "differs_from_ledger": _differs_from_ledger,
}


def _lines(numbers: Sequence[int]) -> str:
    named = pgettext("between items of a list", ", ").join(map(str, numbers[:NAMED]))
    more = len(numbers) - NAMED
    if more <= 0:
        return named
    return ngettext("%(named)s and %(n)s more", "%(named)s and %(n)s more", more) % {"named": named, "n": more}
