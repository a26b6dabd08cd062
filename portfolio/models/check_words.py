"""What the rules of plausibility find, as sentences of its code and numbers in the reader's language."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portfolio.models import open_item_words
from portfolio.typed.numbers import grouped

Parameters = Mapping[str, Any]

SLIP = 0.15  # log10 on either side of a thousand, for what changed besides the unit

FIELDS: dict[str, str | Promise] = {
    "boundary": gettext_lazy("Boundary in words"),
    "source_document": gettext_lazy("Document the figures come from"),
    "revenue_boundary": gettext_lazy("Emissions against revenue"),
    "revenue": gettext_lazy("Revenue"),
    "profit": gettext_lazy("Profit"),
    "equity": gettext_lazy("Equity"),
    "debt": gettext_lazy("Debt"),
    "evic": gettext_lazy("EVIC"),
    "employees": gettext_lazy("Employees"),
}
REASONS: dict[str, str | Promise] = {
    "boundary": gettext_lazy("the boundary changed"),
    "acquisition": gettext_lazy("an acquisition or divestment"),
    "restatement": gettext_lazy("last year's figure was wrong"),
}


def sentence(code: str, quantity: str, parameters: Parameters) -> str:
    """Raises KeyError for a code that no version of the rules had."""
    return (SENTENCES | open_item_words.SENTENCES)[code](named(quantity), parameters)


def named(quantity: str) -> str:
    """A quantity or field as the pages name it."""
    from portfolio.models.quantity import Quantity

    if quantity in Quantity.values:
        return str(Quantity(quantity).label)
    if quantity not in FIELDS and (money := f"{quantity}_cny") in Quantity.values:
        return str(Quantity(money).label)
    return str(FIELDS.get(quantity, quantity))


def _not_finite(what: str, numbers: Parameters) -> str:
    return _("%(what)s is not a number.") % {"what": what}


def _negative(what: str, numbers: Parameters) -> str:
    return _("%(what)s is below zero.") % {"what": what}


def _too_large(what: str, numbers: Parameters) -> str:
    words = _("%(what)s is %(value)s t, more than any company emits: is the unit right?")
    return words % {"what": what, "value": _amount(numbers["value_t"])}


def _figure_too_large(what: str, numbers: Parameters) -> str:
    words = _("%(what)s is %(value)s, more than of any company: is the unit right?")
    return words % {"what": what, "value": _amount(numbers["value"])}


def _too_small(what: str, numbers: Parameters) -> str:
    words = _("Scopes 1 and 2 come to only %(value)s t: is the unit right?")
    return words % {"value": _amount(numbers["value_t"])}


def _wrong_total(what: str, numbers: Parameters) -> str:
    words = _("The total %(total)s is not scope 1 plus scope 2 (%(sum)s).")
    return words % {"total": _amount(numbers["total_t"]), "sum": _amount(numbers["parts_t"])}


def _scope3_parts(what: str, numbers: Parameters) -> str:
    words = _("The scope 3 categories add up to %(sum)s, more than the total %(total)s.")
    return words % {"total": _amount(numbers["total_t"]), "sum": _amount(numbers["parts_t"])}


def _energy_mismatch(what: str, numbers: Parameters) -> str:
    words = _("%(what)s is %(times)s times what the reported energy comes to (%(computed)s t); 0.5 to 2 is expected.")
    names = {"what": what, "times": _rounded(numbers["ratio"]), "computed": _computed(numbers["computed_t"])}
    return _with_slip(words % names, numbers["ratio"])


def _jump(what: str, numbers: Parameters) -> str:
    if "last_year" in numbers:
        return _jump_over_a_gap(numbers)
    if numbers["ratio"] > 1:
        words = _("Scopes 1 and 2 are about %(times)s times last year's.")
    else:
        words = _("Scopes 1 and 2 were about %(times)s times as much last year.")
    return words % {"times": _far(numbers["ratio"])}


def _jump_over_a_gap(numbers: Parameters) -> str:
    if numbers["ratio"] > 1:
        words = _("Scopes 1 and 2 are about %(times)s times those of %(year)s, the nearest year before.")
    else:
        words = _("Scopes 1 and 2 were about %(times)s times as much in %(year)s, the nearest year before.")
    return words % {"times": _far(numbers["ratio"]), "year": int(numbers["last_year"])}


def _jump_tenfold(what: str, numbers: Parameters) -> str:
    words = _("%(jump)s Correct the unit or the figure, or give a reason.")
    return words % {"jump": _with_slip(_jump(what, numbers), numbers["ratio"])}


def _jump_with_reason(what: str, numbers: Parameters) -> str:
    words = _("%(jump)s Reason given: %(reason)s.")
    return words % {"jump": _jump(what, numbers), "reason": REASONS[numbers["reason"]]}


def _part_jump(what: str, numbers: Parameters) -> str:
    year = {"year": int(numbers["last_year"])} if "last_year" in numbers else {}
    if numbers["ratio"] > 1 and year:
        words = _("About %(times)s times the figure of %(year)s: is the unit right?")
    elif year:
        words = _("The figure of %(year)s was about %(times)s times this one: is the unit right?")
    elif numbers["ratio"] > 1:
        words = _("About %(times)s times last year's figure: is the unit right?")
    else:
        words = _("Last year's figure was about %(times)s times this one: is the unit right?")
    return _with_slip(words % ({"times": _far(numbers["ratio"])} | year), numbers["ratio"])


def _outside_model(what: str, numbers: Parameters) -> str:
    words = _(
        "Scopes 1 and 2 are %(value)s t; 98 in 100 companies of this sector, size and energy use lie between"
        " %(low)s and %(high)s t."
    )
    low, high = _rounded(numbers["low_t"]), _rounded(numbers["high_t"])
    return words % {"value": _amount(numbers["value_t"]), "low": low, "high": high}


def _same_as_last_year(what: str, numbers: Parameters) -> str:
    return _("%(what)s is exactly last year's figure: was it measured again?") % {"what": what}


def _round_numbers(what: str, numbers: Parameters) -> str:
    words = _("%(share)s of the large figures are round numbers: are they estimates?")
    return words % {"share": f"{numbers['share']:.0%}"}


def _missing_scope(what: str, numbers: Parameters) -> str:
    return _("%(what)s is missing.") % {"what": what}


def _scope3_gone(what: str, numbers: Parameters) -> str:
    return _("Scope 3 was reported last year and is missing this year.")


def _boundary_changed(what: str, numbers: Parameters) -> str:
    return _("The boundary is worded otherwise than last year: do the figures still compare?")


def _test_words(what: str, numbers: Parameters) -> str:
    return _("“%(word)s” looks like a trial entry.") % {"word": numbers["word"]}


def _zero_emissions(what: str, numbers: Parameters) -> str:
    return _("Zero emissions: is it truly none? Leave it empty if it is not known.")


SENTENCES: dict[str, Callable[[str, Parameters], str]] = {
    "not_finite": _not_finite,
    "negative": _negative,
    "too_large": _too_large,
    "figure_too_large": _figure_too_large,
    "too_small": _too_small,
    "wrong_total": _wrong_total,
    "scope3_parts": _scope3_parts,
    "energy_mismatch": _energy_mismatch,
    "jump": _jump,
    "jump_tenfold": _jump_tenfold,
    "jump_with_reason": _jump_with_reason,
    "scope_jump": _part_jump,
    "figure_jump": _part_jump,
    "outside_model": _outside_model,
    "same_as_last_year": _same_as_last_year,
    "round_numbers": _round_numbers,
    "missing_scope": _missing_scope,
    "scope3_gone": _scope3_gone,
    "boundary_changed": _boundary_changed,
    "test_words": _test_words,
    "zero_emissions": _zero_emissions,
}


def _with_slip(told: str, ratio: float) -> str:
    """With what a thousandfold step is most often."""
    if not ratio or abs(abs(math.log10(ratio)) - 3) > SLIP:
        return told
    return _("%(told)s A thousand is often a slip of the unit: MWh for kWh, t for kg.") % {"told": told}


def _amount(value: float) -> str:
    """Without the dust of binary fractions."""
    return grouped(value, 12)


def _computed(value: float) -> str:
    """Three digits: an activity times a factor knows no more."""
    return grouped(value, 3)


def _rounded(value: float) -> str:
    return grouped(value, 2)


def _far(ratio: float) -> str:
    """How many times, whichever way."""
    far = max(ratio, 1 / ratio) if ratio else math.inf
    return _rounded(far) if math.isfinite(far) else "∞"
