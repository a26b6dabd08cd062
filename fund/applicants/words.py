"""The sentences of the applicant's result: of bars, gates and ways back, and of what is disputed."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scoring.candidates import words
from scoring.candidates.inputs import name_at
from scoring.engine.score.bar_sheet import Family
from scoring.engine.score.record import CandidacyResult

WAYS_BACK: dict[str, str | Promise] = {
    "G1": gettext_lazy("Way back: complete the identifiers of the company; the fund confirms whose figures these are."),
    "G2": gettext_lazy("Way back: if the exclusion no longer holds, state it with evidence; the fund checks it again."),
    "G3": gettext_lazy("Way back: tell the catalogue code of your product and until when it holds."),
    "G4": gettext_lazy(
        "Way back: the share of theme revenue of a later year counts anew; tell it in that year's form."
    ),
    "G5": gettext_lazy("Way back: state targets with share, base year and year, and what your product avoids."),
}
BARS_ASK: dict[str, str | Promise] = {  # what a bar is about, for somebody who has not read the method
    "c": gettext_lazy("Does a unit of your product avoid more emissions over its life than it causes, by enough?"),
    "r": gettext_lazy("Does the business stand without subsidies and with a carbon price?"),
    "o": gettext_lazy("Are your own emissions low for what you make?"),
}


LEADS: dict[str, str | Promise] = {  # of the kinds of the next question; `told` is its sentence
    "ask": gettext_lazy("Telling this helps most. %(told)s"),
    "weakest": gettext_lazy("All is told. The bar with the least room: %(told)s"),
    "fund": gettext_lazy("This is the fund's task, not yours. %(told)s"),
    "gate": gettext_lazy("A gate comes first. %(told)s"),
    "nothing": "%(told)s",
}


def way_back(gate: str) -> str:
    return str(WAYS_BACK.get(gate, ""))


def disputed_words(code: str) -> str:
    """Of a field that can be disputed, as fund/models/preview.py codes it."""
    head, _dot, rest = code.partition(".")
    if (rest if head in ("gate", "bar") else head) not in (*words.GATE_NAMES, *words.BAR_NAMES):
        return code  # of a method of before or after
    if head == "gate":
        return _("Gate: %(name)s") % {"name": words.gate_name(rest)}
    if head == "bar":
        return _("%(bar)s: the bar as a whole") % {"bar": words.bar_name(rest)}
    name, _at, place = rest.partition("@")
    return _("%(bar)s: %(input)s") % {"bar": words.bar_name(head), "input": name_at(name, place)}


def question_words(record: CandidacyResult, family: Family | None) -> str:
    """What would help most, without a probability: the fund's own sentence may name one."""
    question = record["question"]
    bar = question["bar"]
    if question["code"] == "verify":
        return _("%(bar)s: clears by little, on figures that nobody has verified. Evidence for them helps most.") % {
            "bar": words.bar_name(bar)
        }
    told = words.question_sentence(record, family)
    return str(LEADS[question["code"]]) % {"told": told}
