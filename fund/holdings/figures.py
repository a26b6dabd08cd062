"""The figures of a portfolio by their codes: what each is called, how it is computed, what each holding adds to it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from fund.holdings.book import Book, Held, Statement
from fund.holdings.inputs import ABOUT_YEARS, Grown
from fund.holdings.questions import is_far_apart, is_large_share, is_step
from fund.models import AssetClass, Position, Question
from scoring.engine.finance import words as wording
from scoring.engine.finance.financed import REASONS, Metric, Portfolio, Terms
from scoring.reading import said

TONNES = "tCO₂e"
PER_MILLION = _("tCO₂e per million CNY invested")
PER_REVENUE = _("tCO₂e per million CNY of revenue")
SCORE = _("score, 1 best to 5")


@dataclass(frozen=True)
class Kind:
    """A figure that can be asked for: one of the engine's FIGURES, of some scopes, by one rule of attribution."""

    code: str
    figure: str
    scopes: tuple[str, ...]
    label: Any
    unit: Any
    formula: Any
    rule: str = "pcaf"

    def portfolio(self, statement: Statement) -> Portfolio:
        return statement.pcaf if self.rule == "pcaf" else statement.pboc

    def metric(self, statement: Statement) -> Metric:
        portfolio = self.portfolio(statement)
        if self.figure == "financed":
            return portfolio.financed(self.scopes)
        if self.figure == "data_quality":
            return portfolio.data_quality(*self.scopes)
        found: Metric = getattr(portfolio, self.figure)(self.scopes)
        return found

    def terms(self, statement: Statement) -> Terms:
        return self.portfolio(statement).terms(self.figure, self.scopes)


_PCAF = _("Σ attribution factor × tonnes of the company. The factor: outstanding amount ÷ EVIC, or ÷ (equity + debt).")
_PBOC = _("Σ (financing ÷ main revenue) × tonnes of the company; for a project financing ÷ total investment.")
_S12, _S123 = ("s1", "s2"), ("s1", "s2", "s3")
KINDS = {
    kind.code: kind
    for kind in (
        Kind("financed_s1", "financed", ("s1",), _("Scope 1"), TONNES, _PCAF),
        Kind("financed_s2", "financed", ("s2",), _("Scope 2"), TONNES, _PCAF),
        Kind("financed_s3", "financed", ("s3",), _("Scope 3"), TONNES, _PCAF),
        Kind("financed_s1_s2", "financed", _S12, _("Scopes 1 + 2"), TONNES, _PCAF),
        Kind("financed_s1_s2_s3", "financed", _S123, _("Scopes 1 + 2 + 3"), TONNES, _PCAF),
        Kind("financed_avoided", "financed", ("avoided",), pgettext_lazy("emissions", "Avoided"), TONNES, _PCAF),
        Kind("financed_removed", "financed", ("removed",), pgettext_lazy("emissions", "Removed"), TONNES, _PCAF),
        Kind("pboc_s1", "financed", ("s1",), _("Scope 1, People's Bank"), TONNES, _PBOC, "pboc"),
        Kind("pboc_s2", "financed", ("s2",), _("Scope 2, People's Bank"), TONNES, _PBOC, "pboc"),
        Kind("pboc_s3", "financed", ("s3",), _("Scope 3, People's Bank"), TONNES, _PBOC, "pboc"),
        Kind("pboc_s1_s2", "financed", _S12, _("Scopes 1 + 2, People's Bank"), TONNES, _PBOC, "pboc"),
        Kind(
            "data_quality",
            "data_quality",
            ("s1",),
            _("Data quality, scopes 1 + 2"),
            SCORE,
            _(
                "Σ current value × score ÷ Σ current value, of the holdings with a score and a factor. One worse for"
                " every two years begun between the tonnes and the value that they are divided by; 5 at worst."
            ),
        ),
        Kind(
            "data_quality_s3",
            "data_quality",
            ("s3",),
            _("Data quality, scope 3"),
            SCORE,
            _(
                "Σ current value × score ÷ Σ current value, of the holdings with a score and a factor. One worse for"
                " every two years begun between the tonnes and the value that they are divided by; 5 at worst."
            ),
        ),
        Kind(
            "waci",
            "waci",
            _S12,
            _("Weighted average carbon intensity (WACI)"),
            PER_REVENUE,
            _("Σ (current value ÷ Σ current value) × tonnes ÷ revenue in millions."),
        ),
        Kind(
            "carbon_footprint",
            "carbon_footprint",
            _S12,
            _("Carbon footprint"),
            PER_MILLION,
            _("Σ (current value ÷ EVIC) × tonnes ÷ Σ current value in millions: of the holdings with an EVIC."),
        ),
        Kind(
            "economic_intensity",
            "economic_intensity",
            _S12,
            _("Economic emissions intensity"),
            PER_MILLION,
            _("Financed emissions ÷ current value in millions."),
        ),
        Kind(
            "carbon_intensity",
            "carbon_intensity",
            _S12,
            _("Carbon intensity"),
            PER_REVENUE,
            _("Σ factor × tonnes ÷ Σ factor × revenue in millions."),
        ),
        Kind(
            "waci_s123",
            "waci",
            _S123,
            _("WACI, scopes 1 + 2 + 3"),
            PER_REVENUE,
            _("Σ (current value ÷ Σ current value) × tonnes ÷ revenue in millions."),
        ),
        Kind(
            "carbon_footprint_s123",
            "carbon_footprint",
            _S123,
            _("Carbon footprint, scopes 1 + 2 + 3"),
            PER_MILLION,
            _("Σ (current value ÷ EVIC) × tonnes ÷ Σ current value in millions: of the holdings with an EVIC."),
        ),
        Kind(
            "economic_intensity_s123",
            "economic_intensity",
            _S123,
            _("Economic emissions intensity, scopes 1 + 2 + 3"),
            PER_MILLION,
            _("Financed emissions ÷ current value in millions."),
        ),
    )
}
BOTH, BESIDE = KINDS["financed_s1_s2"], KINDS["waci"]
PRINCIPAL = ("waci", "carbon_footprint", "economic_intensity", "carbon_intensity")
# Of the principal adverse impacts: the figure of one quarter.
IMPACTS = {
    "pai_1_s1": ("financed_s1", _("PAI 1 · scope 1")),
    "pai_1_s2": ("financed_s2", _("PAI 1 · scope 2")),
    "pai_1_s3": ("financed_s3", _("PAI 1 · scope 3")),
    "pai_1_total": ("financed_s1_s2_s3", _("PAI 1 · total")),
    "pai_2_footprint": ("economic_intensity_s123", _("PAI 2 · carbon footprint")),
    "pai_3_intensity": ("waci_s123", _("PAI 3 · intensity of investees")),
}

FLAGS: dict[str, Any] = {  # of the book; those of the engine have their words there
    "stale": _("No position on this day: the last one is older and does not count"),
    "evic_differs": _("The EVIC differs from the sum of its parts: please check"),
    Question.LARGE_SHARE: _("To be confirmed: more than 10 % of a listed company for a small amount"),
    Question.PRICE_SCALE: _("To be confirmed: its worth and its revenue on record differ by more than 1,000 times"),
    Question.LAG: _("To be confirmed: tonnes and enterprise value are more than two years apart"),
    Question.REVENUE_STEP: _("To be confirmed: its revenue more than doubled or halved after the year of the tonnes"),
}


NEEDED = {  # the input that a reason says is missing
    "outstanding_missing": "outstanding",
    "current_value_missing": "current_value",
    "evic_missing": "evic",
    "equity_missing": "total_equity",
    "debt_missing": "total_debt",
    "revenue_missing": "revenue",
    "total_investment_missing": "total_investment",
}


@dataclass(frozen=True)
class Part:
    """What one holding adds to a figure, or why it is left out of it."""

    at: int
    held: Held
    outstanding: float | None
    contribution: float | None
    share: float | None  # of the figure
    because: str
    reason: str  # a code; empty where it counts
    is_fault: bool


def parts(kind: Kind, statement: Statement) -> list[Part]:
    """Of every holding, those that count first and by size."""
    portfolio, terms, value = kind.portfolio(statement), kind.terms(statement), kind.metric(statement).value
    contributions, faults = terms.contributions(), portfolio.attribution.is_fault()
    found = []
    for at, held in enumerate(statement.rows):
        contribution = given(float(contributions[at]))
        reason = REASONS[terms.reason[at]]
        share = contribution / value if contribution is not None and value else None
        found.append(
            Part(
                at,
                held,
                given(float(portfolio.outstanding[at])),
                contribution,
                share,
                _left_out(reason, held) if reason else said(wording.part(portfolio, kind.figure, kind.scopes, at)),
                reason,
                bool(faults[at]),
            )
        )
    return sorted(found, key=lambda part: (part.contribution is None, -(part.contribution or 0.0)))


def _left_out(reason: str, held: Held) -> str:
    """Why a holding does not count. What is there, and lacks only an exchange rate, is not called missing."""
    found = held.inputs.get(NEEDED.get(reason, ""))
    if found is not None and found.given is not None and found.value is None:
        return gettext("no exchange rate for %(currency)s") % {"currency": found.currency}
    return said(wording.REASON_TEXT[reason])


def inputs_of(kind: Kind, held: Held) -> list[str]:
    """The names of the inputs that a holding's part stands on."""
    asset_class = held.holding.asset_class
    money = weight = ["outstanding"]
    if asset_class == AssetClass.UNLISTED_EQUITY:
        money, weight = ["shares_held", "shares_total", "total_equity"], ["current_value"]
        if held.inputs["current_value"].given is None:  # then the book value stands for it
            weight = money
    divisor = ["evic"] if held.is_by_evic else ["total_equity", "total_debt"]
    if kind.rule == "pboc":
        money = ["average_financing", *weight]
        divisor = ["total_investment" if asset_class == AssetClass.PROJECT_FINANCE else "revenue"]
    tonnes = [f"{scope}_t" for scope in kind.scopes]
    names = {
        "financed": [*money, *divisor, *tonnes],
        "economic_intensity": [*money, *divisor, *tonnes, *weight],
        "data_quality": [*weight, "data_quality_s3" if "s3" in kind.scopes else "data_quality"],
        "waci": [*weight, *tonnes, "revenue"],
        "carbon_footprint": [*weight, "evic", *tonnes],
        "carbon_intensity": [*money, *divisor, *tonnes, "revenue"],
    }[kind.figure]
    return list(dict.fromkeys(names))


def flags_of(statement: Statement, at: int) -> list[str]:
    """What should be looked at, by code. Only a share above 1 changes a figure: it is in none until confirmed."""
    found, held = statement.pcaf.attribution, statement.rows[at]
    flags = [name for name in ("negative_equity", "above_one") if getattr(found, name)[at]]
    is_listed = held.holding.asset_class == AssetClass.LISTED_EQUITY
    if is_listed and is_large_share(float(found.factor[at]), float(statement.pcaf.outstanding[at])):
        flags.append(Question.LARGE_SHARE)
    if not math.isnan(found.factor[at]):  # else it is in no tonnes that could be wrong
        if is_far_apart(held.tonnes_year, held.worth_year):
            flags.append(Question.LAG)
        if held.grown and held.worth_year != held.tonnes_year and is_step(held.grown.fold):
            flags.append(Question.REVENUE_STEP)
    return [str(flag) for flag in (*flags, *held.flags) if flag not in held.confirmed]


def questions_of(statement: Statement, at: int) -> list[Question]:
    """Those of its flags that a person is asked to confirm."""
    return [Question(flag) for flag in flags_of(statement, at) if flag in Question.values]


def because_of(statement: Statement, at: int, question: Question) -> str:
    """The figures that raise a question."""
    held = statement.rows[at]
    if question == Question.LAG:
        return said(wording.lag(statement.pcaf, at))
    if question == Question.REVENUE_STEP and held.grown:
        return grown_words(held.grown)
    return said(wording.attribution(statement.pcaf, at))


def grown_words(grown: Grown) -> str:
    """`revenue −89% from 2020 to 2024`."""
    words = {"then": grown.then, "now": grown.now, "change": percent_change(grown.fold)}
    if grown.now is None:
        return (
            gettext("revenue %(change)s from %(then)s to the last on record, whose year the source does not say")
            % words
        )
    return gettext("revenue %(change)s from %(then)s to %(now)s") % words


def percent_change(fold: float) -> str:
    """0.11 → −89%, 2.5 → +150%."""
    return f"{fold - 1:+.0%}".replace("-", "\N{MINUS SIGN}")


def typed_questions_of(statement: Statement, at: int) -> list[Question]:
    """Those of them that what was typed for the fund raises: what an import asks at once."""
    return [question for question in questions_of(statement, at) if question not in ABOUT_YEARS]


def asked_of(position: Position) -> list[Question]:
    """What a person is asked about a position that was just entered."""
    statement = Book(position.holding.fund).statement(position.as_of)
    at = next((at for at, held in enumerate(statement.rows) if held.holding == position.holding), None)
    return [] if at is None else typed_questions_of(statement, at)


def flag_words(flag: str) -> str:
    return capfirst(said(wording.FLAG_TEXT[flag])) if flag in wording.FLAG_TEXT else str(FLAGS[flag])


def coverage_words(metric: Metric) -> str:
    return said(wording.coverage(metric))


def given(value: float) -> float | None:
    return None if math.isnan(value) else value
