"""Where a bar is just met, in words: one whole sentence for each kind of figure."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portfolio.typed.unit_words import unit_word
from scoring.candidates import amounts
from scoring.candidates.names import input_name
from scoring.engine.score.bar_sheet import Family
from scoring.engine.score.record import BreakEven

# A figure that is not told, and may be at most so large.
AT_MOST = {
    "subsidies": gettext_lazy("clears unless subsidies exceed %(value)s (%(share)s of revenue)"),
    "subsidies.grants": gettext_lazy("clears unless government grants exceed %(value)s (%(share)s of revenue)"),
    "subsidies.price_premium": gettext_lazy("clears unless price premiums exceed %(value)s (%(share)s of revenue)"),
    "subsidies.theme_credits": gettext_lazy("clears unless theme credits exceed %(value)s (%(share)s of revenue)"),
    "tonnes": gettext_lazy("clears unless scopes 1 + 2 exceed %(value)s"),
    "scope1": gettext_lazy("clears unless scope 1 exceeds %(value)s"),
    "scope2_location": gettext_lazy("clears unless scope 2 (location-based) exceeds %(value)s"),
    "lca": gettext_lazy("clears unless life-cycle emissions exceed %(value)s a unit"),
    "energy": gettext_lazy("clears unless it takes more than %(value)s of electricity per unit of service"),
}
# The same of a bar that is missed: what the told figure would have to come down to.
DOWN_TO = {
    "tonnes": gettext_lazy("misses; clears once scopes 1 + 2 are at most %(value)s"),
    "energy": gettext_lazy("misses; clears once it takes at most %(value)s of electricity per unit of service"),
}
AT_LEAST = {
    "ebit": gettext_lazy("clears from an EBIT of %(value)s on (%(share)s of revenue)"),
    "gross_profit": gettext_lazy("clears from a gross profit of %(value)s on (%(share)s of revenue)"),
    "revenue": gettext_lazy("clears from revenue of %(value)s on"),
    "value_added": gettext_lazy("clears from value added of %(value)s on"),
    "output": gettext_lazy("clears from an output of %(value)s on"),
    "runway_months": gettext_lazy("clears from a runway of %(value)s months on"),
    "service": gettext_lazy("clears from %(value)s on"),
    "use": gettext_lazy("clears from a share of use of %(value)s on"),
}
UP_TO = {
    "ebit": gettext_lazy("misses; clears from an EBIT of %(value)s on (%(share)s of revenue)"),
    "gross_profit": gettext_lazy("misses; clears from a gross profit of %(value)s on (%(share)s of revenue)"),
    "runway_months": gettext_lazy("misses; %(value)s months of runway are asked of a venture"),
    "service": gettext_lazy("misses; clears from %(value)s on"),
    "use": gettext_lazy("misses; clears from a share of use of %(value)s on"),
}
LINES = {
    "subsidies": gettext_lazy("clears while further subsidies + %(per_t)s CNY × t stay below %(value)s"),
    "subsidies.grants": gettext_lazy("clears while government grants + %(per_t)s CNY × t stay below %(value)s"),
    "subsidies.price_premium": gettext_lazy("clears while price premiums + %(per_t)s CNY × t stay below %(value)s"),
    "subsidies.theme_credits": gettext_lazy("clears while theme credits + %(per_t)s CNY × t stay below %(value)s"),
}
# How far a told figure may be wrong.
WITHSTANDS = {
    "tonnes": gettext_lazy("withstands %(share)s more tonnes"),
    "ebit": gettext_lazy("withstands %(share)s less EBIT"),
    "gross_profit": gettext_lazy("withstands %(share)s less gross profit"),
    "subsidies": gettext_lazy("withstands %(share)s more subsidies"),
    "service": gettext_lazy("withstands %(share)s less service per unit"),
    "use": gettext_lazy("withstands %(share)s less use"),
    "lca": gettext_lazy("withstands %(share)s more life-cycle emissions"),
    "energy": gettext_lazy("withstands %(share)s more electricity per unit of service"),
}
SHORT_OF = {  # missed, and no value can be named: several places
    "service": gettext_lazy("misses; clears with %(share)s more service per unit"),
    "use": gettext_lazy("misses; clears with %(share)s more use"),
    "energy": gettext_lazy("misses; clears with %(share)s less electricity per unit of service"),
}


def never(state: str) -> str:
    if state == "missed":
        return _("misses whatever the figures that are not told may be")
    return _("cannot clear, whatever it tells")


def sentence(found: BreakEven, state: str, family: Family | None) -> str:
    """Of a break-even, `state` being that of its bar."""
    code, name = found["code"], found["name"]
    if code == "never":
        return never(state)
    share = found["share"]
    about = {
        "value": "" if found["value"] is None else _value(name, found["value"], family),
        "share": "" if share is None else amounts.share(abs(share)),
        "per_t": f"{found.get('per_t', 0.0):g}",
        "what": input_name(name),
    }
    if code == "verify":
        return _verify(found, about["what"])
    if code == "line":
        return str(LINES[name.partition("+")[0]]) % about
    if code == "withstands":
        return str(WITHSTANDS[name]) % about
    is_missed = state == "missed"
    if found["value"] is None:
        return str(SHORT_OF[name]) % about if is_missed and name in SHORT_OF else ""
    if code == "at_most":
        return str((DOWN_TO if is_missed else AT_MOST)[name]) % about
    return str((UP_TO if is_missed else AT_LEAST)[name]) % about


def _verify(found: BreakEven, what: str) -> str:
    text = _(
        "verify %(what)s before deciding: %(now)s → %(confirmed)s if confirmed; "
        "%(below)s chance that it ends below the bar"
    )
    return text % {
        "what": what,
        "now": amounts.probability(found["p_now"]),
        "confirmed": amounts.probability(found["p_confirmed"]),
        "below": amounts.probability(found["p_below"]),
    }


def _value(name: str, value: float, family: Family | None) -> str:
    match name:
        case "ebit" | "gross_profit" | "revenue" | "value_added":
            return amounts.money(value)
        case "tonnes" | "scope1" | "scope2_location" | "lca":
            return amounts.tonnes(value)
        case "energy":
            return f"{amounts.number(value)} MWh"
        case "use":
            return amounts.share(value)
        case "runway_months":
            return f"{value:g}"
        case "service":
            return " ".join(filter(None, [amounts.number(value), amounts.service_word(family)]))
        case "output":
            return " ".join(filter(None, [amounts.number(value), unit_word(family.unit) if family else ""]))
    return amounts.money(value)  # subsidies, each kind and with tonnes
