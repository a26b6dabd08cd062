"""The three bars of one candidate's record, each with its formula, its numbers and what stands beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from portfolio.templatetags.figures import MINUS, percent
from portfolio.typed.unit_words import unit_word
from scoring.candidates import amounts, marks, words
from scoring.candidates.inputs import ShownInput, input_amount, shown_input
from scoring.candidates.marks import BarMark, PAxis, Segment, Step, Waterfall, YearsLine
from scoring.candidates.names import input_name
from scoring.candidates.origins import Origins
from scoring.candidates.words import Valued
from scoring.engine.score.bar_sheet import BarSheet, Family, Judgements
from scoring.engine.score.candidacy import CandidacyRecord, CandidateYear
from scoring.engine.score.record import BARS, BarRecord, CandidacyResult, GateRecord
from scoring.reading import country_name, reads_chinese

CNY_PER_WAN = 10_000.0


class Beside(NamedTuple):
    """A figure that stands beside a bar and decides nothing."""

    label: str
    value: str


@dataclass(frozen=True)
class ShownBar:
    code: str
    name: str
    record: BarRecord
    valued: Valued
    state: str
    p: str
    because: str
    break_even: str
    age: str
    evidence: str
    bar: str
    formula: str
    waterfall: Waterfall | None
    inputs: list[ShownInput]
    beside: list[Beside]
    mark: BarMark

    @property
    def label(self) -> str:
        """The mark in one sentence."""
        return _("%(name)s: %(state)s. %(because)s") % {
            "name": self.name,
            "state": self.state,
            "because": self.because,
        }


class ShownGate(NamedTuple):
    record: GateRecord
    name: str
    verdict: str
    mark: str
    sentence: str
    who: str


class ShownSensitivity(NamedTuple):
    bar: str
    change: str
    result: str


class ShownStated(NamedTuple):
    year: int
    kind: str
    tonnes: str
    source: str


class BarsTab:
    """What a candidate's record says. `sheet` is the one it was judged by; `told` is what was archived of it."""

    def __init__(
        self,
        record: CandidacyResult,
        sheet: BarSheet,
        told: CandidacyRecord,
        origins: Origins,
    ) -> None:
        self.record, self.sheet, self.told, self.origins = record, sheet, told, origins
        self.family: Family | None = sheet.family.get(record["family"] or "")

    # --- the verdict strip ---
    @property
    def p(self) -> str:
        p = self.record["reported"]["p_cleared"]
        return "—" if p is None else amounts.probability(p)

    @property
    def count(self) -> str:
        return _("%(cleared)s of 3 cleared") % {"cleared": self.record["reported"]["cleared"]}

    @property
    def p_words(self) -> str:
        return words.p_words(self.record["reported"])

    @property
    def p_range(self) -> str:
        reported = self.record["reported"]
        return words.p_range_words(reported["p_low"], reported["p_high"])

    @property
    def assisted(self) -> str:
        found = self.record["assisted"]
        if found is None:
            return ""
        text = _("With the model's estimate of emissions: %(p)s · %(cleared)s of 3 cleared, E5 model estimate")
        p = "—" if found["p_cleared"] is None else amounts.probability(found["p_cleared"])
        return text % {"p": p, "cleared": found["cleared"]}

    @property
    def axis(self) -> PAxis:
        return marks.p_axis(self.record)

    @property
    def has_range(self) -> bool:
        """Whether an axis says more than the one figure does."""
        reported = self.record["reported"]
        return reported["p_low"] != reported["p_high"] or self.record["assisted"] is not None

    @property
    def axis_label(self) -> str:
        return f"{self.p_range} {self.assisted}".strip()

    @property
    def segments(self) -> list[Segment]:
        return marks.segments(self.record)

    @property
    def segments_label(self) -> str:
        """One word a bar, so that nothing is said by colour alone."""
        between = pgettext("between items of a list", ", ")
        return between.join(f"{bar.name} {bar.state}" for bar in self.bars)

    @property
    def evidence(self) -> str:
        return words.evidence_word(self.record["reported"]["evidence"] or "")

    @cached_property
    def gates(self) -> list[ShownGate]:
        return [
            ShownGate(
                gate,
                words.gate_name(gate["gate"]),
                words.verdict_word(gate["verdict"]),
                words.gate_mark(gate["verdict"]),
                words.gate_sentence(gate),
                words.who_word(gate["who"]),
            )
            for gate in self.record["gates"]
        ]

    @property
    def question_label(self) -> str:
        return words.question_label(self.record)

    @property
    def question(self) -> str:
        return words.question_sentence(self.record, self.family)

    @property
    def family_name(self) -> str:
        return words.family_name(self.family)

    @property
    def stage(self) -> str:
        return words.stage_word(self.record["stage"])

    @property
    def plan(self) -> str:
        return words.plan_word(self.record["plan"])

    # --- the bars ---
    @cached_property
    def bars(self) -> list[ShownBar]:
        return [self._bar(bar, self.record[bar]) for bar in BARS]  # type: ignore[literal-required]

    def _bar(self, bar: str, record: BarRecord) -> ShownBar:
        formula = {"c": self._formula_of_c, "r": self._formula_of_r, "o": self._formula_of_o}[bar]
        steps = {"c": self._steps_of_c, "r": self._steps_of_r}.get(bar)
        beside = {"c": self._beside_c, "r": self._beside_r, "o": self._beside_o}[bar]
        state = words.state_word(record["state"])
        if record["on_the_line"]:
            state = _("%(state)s, on the line") % {"state": state}
        return ShownBar(
            code=bar,
            name=words.bar_name(bar),
            record=record,
            valued=words.value_words(bar, record),
            state=state,
            p="" if record["p"] is None else amounts.probability(record["p"]),
            because=words.because_sentence(bar, record),
            break_even=words.break_even_sentence(bar, record, self.family),
            age=words.age_words(record),
            evidence=words.evidence_word(record["evidence"] or ""),
            bar=words.bar_words(bar, record),
            formula=formula(record),
            waterfall=steps(record) if steps else None,
            inputs=[
                shown_input(one, self.family, self.origins.by_digest, self.origins.href(one, record["year"]))
                for one in record["inputs"]
            ],
            beside=beside(record),
            mark=marks.bar_mark(bar, record),
        )

    def _formula_of_c(self, record: BarRecord) -> str:
        """With the inputs of its one place; of several places only the means."""
        parts, family = record["parts"], self.family
        if "u" not in parts or family is None or family.reference is None:
            return ""
        about = {
            "gross": amounts.number(parts["gross"]),
            "lca": amounts.number(parts["lca"]),
            "u": amounts.number(parts["u"]),
            "unit": amounts.per_unit(record["unit"], record["denominator"]),
            "share": percent(self.terms.bar_share),
        }
        used = {one["name"]: one for one in record["inputs"]}
        names = [one["name"] for one in record["inputs"]]
        if len(set(names)) < len(names) or not {"service", "use", "life"} <= set(used):
            return _("means over its places: %(gross)s − %(lca)s = %(u)s %(unit)s") % about
        about |= {name: input_amount(name, used[name]["value"], self.family) for name in ("service", "use", "life")}
        about["fixed"] = amounts.number(family.reference.fixed_t_per_service)
        if "grid" not in used:
            return (
                _(
                    "%(service)s × %(use)s in use × %(life)s × %(fixed)s t − %(lca)s = %(u)s %(unit)s;"
                    " the bar is %(share)s of the same with the family's reference row"
                )
                % about
            )
        about["grid"] = input_amount("grid", used["grid"]["value"], self.family)
        about["place"] = country_name(used["grid"].get("place", ""))
        return (
            _(
                "%(service)s × %(use)s in use × Σ over %(life)s of the grid of %(place)s (%(grid)s, falling)"
                " − %(lca)s = %(u)s %(unit)s; the bar is %(share)s of the same with the family's reference row"
            )
            % about
        )

    def _steps_of_c(self, record: BarRecord) -> Waterfall | None:
        parts = record["parts"]
        if "u" not in parts:
            return None
        gross, lca, u = parts["gross"], parts["lca"], parts["u"]
        steps = [
            Step(_("avoided by a unit over its life"), amounts.number(gross), gross),
            Step(_("− life-cycle emissions of a unit"), amounts.number(-lca), -lca),
            Step(_("= contribution of a unit"), amounts.number(u), u, is_sum=True),
        ]
        return marks.waterfall(steps, record["bar"])

    def _beside_c(self, record: BarRecord) -> list[Beside]:
        parts, unit = record["parts"], unit_word(record["denominator"])
        found = []
        if "units" in parts:
            found.append(Beside(_("units of the year"), f"{amounts.number(parts['units'])} {unit}"))
        if "lifetime_t" in parts:
            found.append(Beside(_("lifetime tonnes of the year's units"), amounts.tonnes(parts["lifetime_t"])))
        elif "u" in parts:
            found.append(Beside(_("lifetime tonnes of the year's units"), _("unknown: its cost share is not told")))
        if "t_per_wan" in parts:
            found.append(
                Beside(_("per 10,000 yuan of theme revenue, never a bar"), f"{amounts.number(parts['t_per_wan'])} t")
            )
        if "planned_t" in parts:
            found.append(Beside(_("planned units, discounted: shown, not judged"), amounts.tonnes(parts["planned_t"])))
        return found

    def _formula_of_r(self, record: BarRecord) -> str:
        parts = record["parts"]
        if record["value"] is None or "profit" not in parts:
            return ""
        terms = self.terms
        text = _(
            "(%(profit)s − subsidies inside %(subsidies)s − carbon cost %(carbon)s) ÷ revenue %(revenue)s"
            " = %(margin)s; carbon at %(price)s CNY/t on all tonnes, %(borne)s passed on"
        )
        return text % {
            "profit": amounts.money(parts["profit"]),
            "subsidies": amounts.money(parts.get("subsidies_inside", 0.0)),
            "carbon": amounts.money(parts.get("carbon_cost", 0.0)),
            "revenue": amounts.money(parts["revenue"]),
            "margin": amounts.share(record["value"]),
            "price": f"{terms.carbon_price_cny_per_t:g}",
            "borne": percent(terms.pass_through),
        }

    def _steps_of_r(self, record: BarRecord) -> Waterfall | None:
        parts = record["parts"]
        if "profit" not in parts or not parts.get("revenue", 0.0) > 0:
            return None
        shares = words.margin_shares(record)
        scale = 100 / parts["revenue"]
        untold = {one["name"] for one in record["missing"]}
        profit, subsidies, carbon = shares or tuple(
            parts.get(name, 0.0) * scale for name in ("profit", "subsidies_inside", "carbon_cost")
        )
        is_partly = any(name.startswith("subsidies") for name in untold)
        no_tonnes = bool(untold & {"scope1", "scope2_location"})
        name = _("gross profit") if self.record["stage"] == "venture" else _("EBIT")
        about = {"price": f"{self.terms.carbon_price_cny_per_t:g}", "borne": percent(self.terms.pass_through)}
        steps = [
            Step(name, f"{_one(profit)}%", profit),
            Step(
                _("− subsidies inside it, as far as told") if is_partly else _("− subsidies inside it"),
                _("not told") if is_partly and not subsidies else f"{_one(-subsidies)}%",
                None if is_partly and not subsidies else -subsidies,
            ),
            Step(
                _("− carbon at %(price)s CNY/t, %(borne)s passed on") % about,
                _("not told") if no_tonnes and not carbon else f"{_one(-carbon)}%",
                None if no_tonnes and not carbon else -carbon,
            ),
        ]
        if record["value"] is not None:
            margin = round(profit - subsidies - carbon, 1)
            steps.append(Step(_("= stressed margin"), f"{_one(margin)}%", margin, is_sum=True))
        else:
            steps.append(Step(_("= stressed margin"), _("unknown"), None, is_sum=True))
        return marks.waterfall(steps)

    def _beside_r(self, record: BarRecord) -> list[Beside]:
        low, high = self.terms.other_prices_cny_per_t
        labels = {
            "ebitda_margin": _("the same on EBITDA"),
            "worst_margin": _("worst of three years"),
            f"margin_at_{low:g}": _("with carbon at %(price)s CNY/t") % {"price": f"{low:g}"},
            f"margin_at_{high:g}": _("with carbon at %(price)s CNY/t") % {"price": f"{high:g}"},
            "margin_today": _("with today's priced tonnes and free allocation"),
            "margin_all_borne": _("with all carbon cost borne"),
        }
        parts = record["parts"]
        return [Beside(label, amounts.share(parts[name])) for name, label in labels.items() if name in parts]

    def _formula_of_o(self, record: BarRecord) -> str:
        parts = record["parts"]
        if record["value"] is None or "tonnes" not in parts or "denominator" not in parts:
            return ""
        return _("scopes 1 + 2 %(tonnes)s ÷ %(name)s %(amount)s = %(x)s %(unit)s") % {
            "tonnes": amounts.tonnes(parts["tonnes"]),
            "name": input_name(record["denominator"]),
            "amount": self._denominator(record),
            "x": amounts.number(record["value"]),
            "unit": amounts.per_unit(record["unit"], ""),
        }

    def _denominator(self, record: BarRecord) -> str:
        amount = record["parts"]["denominator"]
        if record["denominator"] == "output":
            return f"{amounts.number(amount)} {unit_word(self.family.unit) if self.family else ''}".strip()
        return amounts.money(amount * CNY_PER_WAN)

    def _beside_o(self, record: BarRecord) -> list[Beside]:
        parts = record["parts"]
        found = []
        if "change_per_year" in parts:
            change = parts["change_per_year"]
            text = amounts.share(change)
            found.append(Beside(_("change a year"), text if change < 0 else f"+{text}"))
        if "n" in parts:
            found.append(Beside(_("behind the bar"), words.spread_words(parts["n"], parts.get("spread"))))
        found.append(Beside(_("own plan"), self.plan))
        return found

    @property
    def terms(self) -> Judgements:
        return self.sheet.judgements

    # --- beside the bars ---
    @cached_property
    def footprint_line(self) -> YearsLine | None:
        bar = self.record["o"]["bar"]
        years = footprint_years(self.told["years"], self.family)
        return marks.years_line([(year, x, amounts.number(x)) for year, x in years], bar)

    @property
    def footprint_label(self) -> str:
        years = footprint_years(self.told["years"], self.family)
        between = pgettext("between items of a list", ", ")
        told = between.join(f"{year} {amounts.number(x)}" for year, x in years)
        return _("Own footprint by years: %(years)s; %(bar)s") % {"years": told, "bar": self.footprint_bar}

    @property
    def footprint_bar(self) -> str:
        return words.bar_words("o", self.record["o"]) or _("no bar yet")

    @property
    def sensitivity(self) -> list[ShownSensitivity]:
        found = []
        for one in self.record["sensitivity"]:
            if one["bar"] == "r":
                sign = "+" if one["change"] > 0 else MINUS
                change = _("bar %(points)s points") % {"points": f"{sign}{amounts.points(one['change'])}"}
            else:
                change = _("bar × %(factor)s") % {"factor": f"{one['change']:g}"}
            count = _("%(cleared)s of 3 cleared") % {"cleared": one["cleared"]}
            p = one["p_cleared"]
            result = count if p is None else _("%(count)s (P %(p)s)") % {"count": count, "p": amounts.probability(p)}
            found.append(ShownSensitivity(words.bar_name(one["bar"]), change, result))
        return found

    @property
    def kinds(self) -> str:
        return pgettext("between items of a list", ", ").join(words.kind_word(kind) for kind in self.record["kinds"])

    @property
    def stated_avoided(self) -> list[ShownStated]:
        return [
            ShownStated(one["year"], words.stated_word(one["kind"]), amounts.tonnes(one["t"]), one["source"])
            for one in self.record["stated_avoided"]
        ]

    @property
    def family_words(self) -> Mapping[str, str]:
        """Who may claim, what is doubtful, and where the reference comes from."""
        if self.family is None:
            return {}
        zh = reads_chinese()
        return {
            "attribution": self.family.attribution_zh if zh else self.family.attribution_en,
            "doubts": self.family.doubts_zh if zh else self.family.doubts_en,
        }


def _one(percents: float) -> str:
    return f"{round(percents, 1) + 0.0:.1f}".replace("-", MINUS)


def footprint_years(years: Sequence[CandidateYear], family: Family | None) -> list[tuple[int, float]]:
    """x of each year in which both scopes and the family's denominator are told of one boundary; ascending."""
    if family is None:
        return []
    scale = 1.0 if family.denominator == "output" else CNY_PER_WAN
    found = []
    for year in years:
        first, second = year["scope1"], year["scope2_location"] or year["scope2_by_activity"]
        below = year[family.denominator]
        if year["boundary"] == "mismatched" or first is None or second is None or below is None:
            continue
        if below["value"] > 0:
            found.append((year["year"], scale * (first["value"] + second["value"]) / below["value"]))
    return found
