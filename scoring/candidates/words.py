"""The sentences of a candidate's record, in the reader's language: made when it is read, whole, never glued.

`family` is the row of the bar sheet that judged it, for its name and units; without it units are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, cast

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from portfolio.templatetags.figures import MINUS, percent, significant
from scoring.candidates import amounts
from scoring.candidates.break_even import never, sentence
from scoring.candidates.inputs import name_at
from scoring.engine.score.bar_sheet import Family
from scoring.engine.score.candidacy import PLAN_STAIR
from scoring.engine.score.record import (
    BarRecord,
    BreakEven,
    CandidacyResult,
    GateRecord,
    Missing,
    ResultRecord,
)
from scoring.reading import reads_chinese

BAR_NAMES = {
    "c": gettext_lazy("Contribution"),
    "r": gettext_lazy("Resilience"),
    "o": gettext_lazy("Own footprint"),
}
GATE_NAMES = {
    "G1": gettext_lazy("One legal entity"),
    "G2": gettext_lazy("No exclusion holds"),
    "G3": gettext_lazy("Track and catalogue code"),
    "G4": gettext_lazy("Share of theme revenue"),
    "G5": gettext_lazy("WBCSD's three questions"),
}
VERDICTS = {
    "pass": pgettext_lazy("verdict of a gate", "pass"),
    "fail": pgettext_lazy("verdict of a gate", "fail"),
    "not_decidable": pgettext_lazy("verdict of a gate", "not decidable"),
}
STATES = {
    "cleared": pgettext_lazy("state of a bar", "cleared"),
    "missed": pgettext_lazy("state of a bar", "missed"),
    "unknown": pgettext_lazy("state of a bar", "unknown"),
}
GROUPS = {
    "3": gettext_lazy("Clears all three bars"),
    "2": gettext_lazy("Clears two bars"),
    "1": gettext_lazy("Clears one bar"),
    "0": gettext_lazy("Clears none"),
    "unknown": gettext_lazy("All three unknown"),
    "no_figures": gettext_lazy("No figures yet"),
    "not_admitted": gettext_lazy("Not admitted"),
}
EVIDENCE = {
    "E1": gettext_lazy("E1 verified"),
    "E2": gettext_lazy("E2 reported"),
    "E3": gettext_lazy("E3 activity × factor"),
    "E4": gettext_lazy("E4 planned or over two years old"),
    "E5": gettext_lazy("E5 model estimate"),
}
WHO = {
    "company": pgettext_lazy("who can tell it", "the company"),
    "verifier": pgettext_lazy("who can tell it", "the verifier"),
    "fund": pgettext_lazy("who can tell it", "the fund"),
}
STAGES = {
    "mature": pgettext_lazy("stage of a company", "mature"),
    "venture": pgettext_lazy("stage of a company", "venture"),
}
PLANS = {
    "none": pgettext_lazy("stair of the plan", "none"),
    "pledge": pgettext_lazy("stair of the plan", "a pledge"),
    "measurable": pgettext_lazy("stair of the plan", "measurable"),
    "costed": pgettext_lazy("stair of the plan", "costed"),
    "on_track": pgettext_lazy("stair of the plan", "on track"),
}
KINDS = {
    "realised": pgettext_lazy("kind of units", "realised"),
    "measured": pgettext_lazy("kind of units", "measured"),
    "planned": pgettext_lazy("kind of units", "planned"),
    "potential": pgettext_lazy("kind of units", "potential"),
}
STATED = {
    "year_of_fleet": gettext_lazy("one year of all that runs"),
    "cumulative": gettext_lazy("cumulative up to now"),
    "life_of_units_sold": gettext_lazy("life of the units sold in the year"),
    "unstated": gettext_lazy("not stated over what time"),
}


def bar_name(bar: str) -> str:
    return str(BAR_NAMES[bar])


def gate_name(gate: str) -> str:
    return str(GATE_NAMES[gate])


def verdict_word(verdict: str) -> str:
    return str(VERDICTS[verdict])


def state_word(state: str) -> str:
    return str(STATES[state])


def group_word(group: str) -> str:
    return str(GROUPS[group])


def evidence_word(grade: str) -> str:
    """Empty where no bar is known."""
    return str(EVIDENCE.get(grade or "", ""))


def who_word(who: str | None) -> str:
    return str(WHO[who]) if who else ""


def stage_word(stage: str) -> str:
    return str(STAGES.get(stage, stage))  # a record of before may have a word of its own


def plan_word(plan: str) -> str:
    return str(PLANS[plan])


def kind_word(kind: str) -> str:
    return str(KINDS[kind])


def stated_word(kind: str) -> str:
    return str(STATED.get(kind, kind))


def family_name(family: Family | None) -> str:
    if family is None:
        return _("no family yet")
    return family.name_zh if reads_chinese() else family.name_en


def missing_word(missing: Missing) -> str:
    """The name of what is missing, with its place where a company sells to several."""
    return name_at(missing["name"], missing.get("place", ""))


def missing_words(missing: Sequence[Missing]) -> str:
    """Names of all that is missing, as a list of words."""
    return (pgettext("between items of a list", ", ")).join(dict.fromkeys(missing_word(one) for one in missing))


# --- P ------------------------------------------------------------------------------------------------------
def p_words(result: ResultRecord) -> str:
    """What is printed first: P of the cleared bars with their count, the key of the order."""
    about = {"cleared": result["cleared"]}
    if result["p_cleared"] is None:
        return _("%(cleared)s of 3 cleared") % about
    return _("%(p)s · %(cleared)s of 3 cleared") % {**about, "p": amounts.probability(result["p_cleared"])}


def p_range_words(low: float, high: float) -> str:
    """All that is unknown may still turn out as anything."""
    if low == high:
        return _("P of all three bars: %(p)s") % {"p": amounts.probability(high)}
    return _("P of all three bars: %(low)s to %(high)s") % {
        "low": amounts.probability(low),
        "high": amounts.probability(high),
    }


# --- gates --------------------------------------------------------------------------------------------------
def gate_sentence(gate: GateRecord) -> str:
    text = _GATES[gate["because"]]
    numbers = gate["numbers"]
    evidence = pgettext("between items of a list", ", ").join(filter(None, gate["evidence"]))
    told = str(text) % {
        "share": percent(numbers.get("share")),
        "least": percent(numbers.get("least")),
        "year": int(numbers.get("year", 0)),
        "plan": plan_word(PLAN_STAIR[int(numbers.get("step", 0))]),
        "evidence": evidence,
        "code": gate["evidence"][0] if gate["evidence"] else "",
    }
    if gate["is_recorded"]:
        return _("%(told)s Decided before: the verdict stands.") % {"told": told}
    return told


_GATES = {
    "one_entity": gettext_lazy("Identifiers are valid and its figures are confirmed to be its own."),
    "identifiers_invalid": gettext_lazy("An identifier is not valid: correct it."),
    "joins_conflicting": gettext_lazy("Figures of two entities count together: decide whose they are."),
    "identifiers_untold": gettext_lazy("No valid identifier yet: ask for its credit code, LEI or ISIN."),
    "joins_waiting": gettext_lazy("Whose figures these are waits for a person to confirm."),
    "exclusions_unchecked": gettext_lazy("Nobody has checked the exclusions yet."),
    "excluded": gettext_lazy("An exclusion holds: %(evidence)s."),
    "no_exclusion": gettext_lazy("No exclusion holds; checked by a person."),
    "no_track": gettext_lazy("Its business belongs to no track of the fund."),
    "track_unconfirmed": gettext_lazy("Its track waits for a person to confirm."),
    "catalogue_untold": gettext_lazy("No catalogue code yet."),
    "catalogue_expired": gettext_lazy("Its catalogue code has expired: %(code)s."),
    "track_confirmed": gettext_lazy("Track confirmed, catalogue %(code)s."),
    "theme_share_untold": gettext_lazy("Its share of theme revenue is not told; at least %(least)s is asked."),
    "theme_share_old": gettext_lazy("Its share of theme revenue is of %(year)s, too old to count."),
    "theme_share_basis": gettext_lazy(
        "It has revenue: its share of theme revenue is asked, not that of spending (%(share)s)."
    ),
    "theme_share": gettext_lazy("%(share)s of its revenue is of the theme (%(year)s), at least %(least)s is asked."),
    "theme_share_partial": gettext_lazy(
        "At least %(share)s of its revenue is of the theme; the rest is not told, %(least)s is asked."
    ),
    "theme_share_below": gettext_lazy(
        "%(share)s of its revenue is of the theme (%(year)s): below the %(least)s that is asked."
    ),
    "fossil_extraction": gettext_lazy("It serves the extraction of fossil fuels."),
    "not_direct": gettext_lazy("Its part in what is avoided is not direct and significant."),
    "plan_below": gettext_lazy("What is told of its own targets is a %(plan)s: share, base year and year are asked."),
    "no_plan": gettext_lazy("It states that it has no target of its own."),
    "plan_untold": gettext_lazy("Its own targets are not told."),
    "fossil_extraction_unchecked": gettext_lazy("Nobody has confirmed that it does not serve fossil extraction."),
    "directness_unchecked": gettext_lazy("Nobody has confirmed that its part is direct and significant."),
    "solution": gettext_lazy("Own plan %(plan)s, not for fossil extraction, part direct and significant."),
}


# --- bars ---------------------------------------------------------------------------------------------------
class Valued(NamedTuple):
    """A figure in natural units, and what stands beside it: its bar, or how it comes about."""

    figure: str
    beside: str

    def __str__(self) -> str:
        return " ".join(filter(None, self))


def value_words(bar: str, record: BarRecord) -> Valued:
    """12,410 t/MW ≥ 8,760; 4.8% = 9.0 − 4.0 − 0.2; 0.200 t/10k CNY ≤ 0.225. Empty where nothing can be printed."""
    value, level = record["value"], record["bar"]
    if value is None:
        return Valued("", "")
    if bar == "r":
        return Valued(amounts.share(value), _margin_parts(record))
    unit = amounts.per_unit(record["unit"], record["denominator"] if bar == "c" else "")
    if record["because"] in ("sign", "harm"):
        return Valued(amounts.number(value), f"{unit} > 0" if value > 0 else f"{unit} ≤ 0")
    if level is None:
        return Valued(amounts.number(value), unit)
    signs = {"c": "<≥", "o": ">≤"}[bar]
    return Valued(amounts.number(value), f"{unit} {signs[record['state'] != 'missed']} {amounts.number(level)}")


def bar_words(bar: str, record: BarRecord) -> str:
    """The bar alone, in natural units; empty where there is none."""
    level = record["bar"]
    if bar == "r":
        return _("at least 0%")
    if level is None:
        return _("above 0") if record["because"] in ("sign", "harm") else ""
    unit = amounts.per_unit(record["unit"], record["denominator"] if bar == "c" else "")
    words = _("at least %(level)s %(unit)s") if bar == "c" else _("at most %(level)s %(unit)s")
    return words % {"level": amounts.number(level), "unit": unit}


def _margin_parts(record: BarRecord) -> str:
    """Profit, subsidies and carbon cost as percent of revenue, so printed that they add up to the printed margin."""
    shares = margin_shares(record)
    if shares is None:
        return ""
    profit, subsidies, carbon = (f"{abs(one):.1f}" for one in shares)
    return f"= {MINUS if shares[0] < 0 else ''}{profit} {MINUS} {subsidies} {MINUS} {carbon}"


def margin_shares(record: BarRecord) -> tuple[float, float, float] | None:
    """Of revenue in percent to one decimal: profit, subsidies, carbon cost. The last two are taken off."""
    parts, value = record["parts"], record["value"]
    revenue = parts.get("revenue", 0.0)
    if value is None or revenue <= 0 or "profit" not in parts:
        return None
    exact = [100 * parts.get(name, 0.0) / revenue for name in ("profit", "subsidies_inside", "carbon_cost")]
    shown = [round(one, 1) + 0.0 for one in exact]
    # What rounding leaves over goes to the profit, the largest of the three.
    shown[0] = round(float(percent(value, 1).rstrip("%").replace(MINUS, "-").replace(",", "")) + shown[1] + shown[2], 1)
    return shown[0], shown[1], shown[2]


def because_sentence(bar: str, record: BarRecord) -> str:
    """Why a bar is cleared, missed or unknown."""
    because = record["because"]
    if because == "untold":
        return _("Not told: %(names)s.") % {"names": missing_words(record["missing"])}
    if not because:
        return distance_sentence(bar, record)
    text = _BECAUSE_OF.get((bar, because)) or _BECAUSE[because]
    return str(text) % {
        "year": record["year"] or "",
        "awaited": record["awaited_year"] or "",
        "names": missing_words(record["missing"]),
    }


def distance_sentence(bar: str, record: BarRecord) -> str:
    """By how much a known bar is cleared or missed; empty where it has no distance.

    Always a share of the bar itself, as a reader would reckon it from the two printed figures: of a footprint the
    record's margin is of the tonnes instead.
    """
    margin = record["margin"]
    if margin is None:
        return ""
    if bar == "r":
        text = _("clears by %(points)s points") if margin >= 0 else _("misses by %(points)s points")
        return text % {"points": amounts.points(margin)}
    if bar == "c":
        text = _("%(share)s above its bar: clears") if margin >= 0 else _("misses: %(share)s below its bar")
        return text % {"share": amounts.share(abs(margin))}
    of_the_bar = 1 / (1 + margin) - 1
    text = _("%(share)s below its bar: clears") if margin >= 0 else _("misses: %(share)s above its bar")
    return text % {"share": amounts.share(abs(of_the_bar))}


_BECAUSE_OF = {
    ("c", "no_bar"): gettext_lazy("No bar yet: the fund has no sourced reference for this family."),
    ("o", "no_bar"): gettext_lazy("No bar yet: too few companies of its industry report for the fund to set one."),
}
_BECAUSE = {
    "no_family": gettext_lazy("No technology family yet: the fund names it."),
    "no_bar": gettext_lazy("No bar yet: the fund sets it."),
    "shown_only": gettext_lazy("The family's reference is provisional: shown, not judged."),
    "sets_the_bar": gettext_lazy("Its own figures set this bar, so it is not judged by it."),
    "expired": gettext_lazy("The bar has expired; the fund sets a new one."),
    "too_old": gettext_lazy("Figures of %(year)s are too old and set aside."),
    "awaiting": gettext_lazy("Figures of %(awaited)s are awaited; after the closing day earlier ones do not stand in."),
    "planned_only": gettext_lazy("Only planned units are told: shown, not judged."),
    "other_boundary": gettext_lazy("Tonnes and money are of different boundaries: set aside until they match."),
    "zero": gettext_lazy("Emissions of exactly zero are refused: a verifier confirms what is in them."),
    "denominator_not_positive": gettext_lazy("What the tonnes are divided by is not above zero."),
    "revenue_not_positive": gettext_lazy("Revenue is not above zero."),
    "best_still_misses": gettext_lazy("Misses even if all that is not told were at its best (%(names)s)."),
    "runway": gettext_lazy("Its money lasts for less time than is asked of a venture."),
    "harm": gettext_lazy("At this place it emits more than it avoids."),
    "sign": gettext_lazy("Members of this family cannot differ: what counts is that it avoids more than it emits."),
}


def age_words(record: BarRecord) -> str:
    """The year of a bar's figures, and whether another one is awaited."""
    if record["year"] is None:
        return ""
    if record["awaited_year"] is None:
        return _("%(year)s figures") % {"year": record["year"]}
    return _("%(year)s; %(awaited)s awaited") % {"year": record["year"], "awaited": record["awaited_year"]}


# --- where a bar is just met --------------------------------------------------------------------------------
def break_even_sentence(bar: str, told: BarRecord | BreakEven, family: Family | None = None) -> str:
    """What it would take, or how far a told figure may be wrong; empty where no single figure decides."""
    if "code" in told:
        return sentence(cast(BreakEven, told), "unknown", family)
    found = told["break_even"]
    if found is None:
        return ""
    if found["code"] == "never":
        return never(told["state"])
    return sentence(found, told["state"], family)


# --- what to ask first --------------------------------------------------------------------------------------
QUESTIONS = {
    "ask": gettext_lazy("Ask first"),
    "verify": gettext_lazy("Verify before deciding"),
    "weakest": gettext_lazy("Least sure"),
    "fund": gettext_lazy("The fund's task"),
    "gate": gettext_lazy("Gate to decide"),
    "nothing": gettext_lazy("Nothing to ask"),
}


def question_label(record: CandidacyResult) -> str:
    question = record["question"]
    if question["code"] == "gate" and record["reported"]["gates"] == "failed":
        return _("Not admitted")
    return str(QUESTIONS[question["code"]])


def question_sentence(record: CandidacyResult, family: Family | None = None) -> str:
    question = record["question"]
    bar = question["bar"]
    if question["code"] == "gate":
        return gate_sentence(next(gate for gate in record["gates"] if gate["gate"] == bar))
    if question["code"] == "nothing" or bar not in BAR_NAMES:
        return _("Everything is known and nothing is thin.")
    about: BarRecord = record[bar]  # type: ignore[literal-required]
    if question["code"] == "fund":
        return _of_bar(bar, because_sentence(bar, about))
    if question["code"] == "ask" and about["break_even"] is None:
        return _asked(about)
    told = break_even_sentence(bar, about, family)
    if question["code"] == "verify":
        return told
    return _of_bar(bar, told or because_sentence(bar, about))


def _asked(about: BarRecord) -> str:
    count = len(about["missing"])
    if not count:
        return because_sentence("", about)
    text = ngettext("%(count)s figure is missing: %(names)s", "%(count)s figures are missing: %(names)s", count)
    return text % {"count": count, "names": missing_words(about["missing"])}


def _of_bar(bar: str, told: str) -> str:
    return _("%(bar)s: %(sentence)s") % {"bar": bar_name(bar), "sentence": told}


def gate_mark(verdict: str) -> str:
    return {"pass": "✓", "fail": "✗", "not_decidable": "?"}[verdict]


def spread_words(n: float | None, sd_ln: float | None) -> str:
    """Of the reporters behind a bar of own emissions."""
    if n is None:
        return ""
    return _("median of %(n)s reporters, spread of logarithms %(sd)s") % {
        "n": int(n),
        "sd": significant(sd_ln, 2),
    }
