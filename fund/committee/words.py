"""Sentences of the committee's pages: what a mandate asks, what a check lacks, how a ticket stands in the fund."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from fund.models import Mandate, Proposal
from fund.models import mandate_rules as rules
from portfolio.typed.numbers import grouped
from scoring.candidates.words import gate_name, missing_word, who_word
from scoring.engine.score.candidacy import GATES
from scoring.engine.score.record import BarRecord, GateRecord, Missing


def rules_of(mandate: Mandate) -> Iterator[str]:
    """Each rule that it sets, in the order in which they are checked."""
    if mandate.gates_passed_required:
        yield _("all gates passed")
    if mandate.min_cleared is not None:
        yield ngettext("at least %(n)s bar cleared", "at least %(n)s bars cleared", mandate.min_cleared) % {
            "n": mandate.min_cleared
        }
    if mandate.min_p_cleared is not None:
        yield _("P at least %(share)s") % {"share": rules.percent(str(mandate.min_p_cleared))}
    if mandate.worst_evidence:
        yield _("evidence %(grade)s or better") % {"grade": mandate.worst_evidence}
    if mandate.oldest_data_year is not None:
        yield _("data of %(year)s or later") % {"year": str(mandate.oldest_data_year)}
    if mandate.max_ticket_share is not None:
        yield _("at most %(share)s of the fund in one ticket") % {"share": rules.percent(str(mandate.max_ticket_share))}
    if mandate.confirmed_track_required:
        yield _("a confirmed track")
    if mandate.exclude_illustrative:
        yield _("real companies only")


def retired_rules(mandate: Mandate) -> Iterator[str]:
    """What it asked by the first method; nothing of it is checked any more."""
    for name, needed in json.loads(mandate.retired_rules or "{}").items():
        share = name == "min_coverage_share"
        yield rules.RETIRED_RULES[name] % {"needed": rules.percent(str(needed)) if share else needed}


def lacks(missing: Iterable[Missing]) -> str:
    """What would decide it, and who can tell: "government grants (the company)"."""
    return listed(_("%(what)s (%(who)s)") % {"what": _missing(one), "who": who_word(one["who"])} for one in missing)


def takes_of_gate(gate: GateRecord) -> str:
    """Who decides it and by what: "the company states it; at least 50% is asked"."""
    if gate["who"] != "company":
        return _("the fund confirms it")
    if least := gate["numbers"].get("least"):
        return _("the company states it; at least %(share)s is asked") % {"share": rules.percent(str(least))}
    return _("the company states it")


def takes_of_bar(bar: BarRecord) -> str:
    """Of a bar for which no single figure decides."""
    if bar["state"] == "missed":
        return _("no single figure brings it back")
    if found := _TAKES_OF_BAR.get(bar["because"]):
        return str(found)
    who = {one["who"] for one in bar["missing"]}
    if who == {"verifier"}:
        return _("a verifier confirms it")
    return _("the fund decides it") if who == {"fund"} else _("the company states it")


_TAKES_OF_BAR = {
    "no_family": gettext_lazy("the fund names the technology family"),
    "no_bar": gettext_lazy("the fund sets the bar"),
    "shown_only": gettext_lazy("the fund fixes the family's reference"),
    "sets_the_bar": gettext_lazy("the fund finds a reference that is not the company's own"),
    "expired": gettext_lazy("the fund sets a new bar"),
    "too_old": gettext_lazy("the company states newer figures"),
    "planned_only": gettext_lazy("the company sells units and states how many"),
}


def listed(items: Iterable[str]) -> str:
    """Each once, as the language lists them."""
    return pgettext("between items of a list", ", ").join(dict.fromkeys(items))


def _missing(one: Missing) -> str:
    if one["name"] in GATES:
        return gate_name(one["name"])
    if one["name"] == "fund_size":
        return _("the size of the fund")
    if one["name"] == "amount":
        return _("an amount")
    return missing_word(one)


def asked(proposal: Proposal) -> str:
    """What is proposed in one line: "Invest 30,000,000 CNY, 3% of the fund"."""
    kind, amount_cny = proposal.get_kind_display(), proposal.amount_cny
    if amount_cny is None:
        return kind
    about = {"kind": kind, "amount": grouped(float(amount_cny))}
    share = ticket(amount_cny, proposal.candidate.fund.size_cny)
    return _("%(kind)s %(amount)s CNY, %(share)s") % (about | {"share": share})


def ticket(amount_cny: Decimal | None, size_cny: Decimal | None) -> str:
    """How much of the fund it would be; empty without an amount."""
    if amount_cny is None:
        return ""
    if size_cny is None:
        return _("share of the fund not known: its size is not stated")
    return _("%(share)s of the fund") % {"share": rules.percent(str(float(amount_cny / size_cny)))}
