"""Financed emissions: which part of a company's tonnes a holding carries, and what a portfolio of them adds up to.

Source: PCAF, The Global GHG Accounting and Reporting Standard Part A, 3rd edition (2025-12-02), whose factors of these
asset classes are those of the 2nd (2022); common metrics of TCFD; beside them the rule of the People's Bank of China
(2021). Formulas with worked examples: docs/reference/method.md.
What is missing leaves a row out of a figure and lowers the coverage beside it; nothing is ever filled with zero. Money
that was refused at the door, or whose issuer nobody knows, is in no figure and in every coverage. A mean weighs by the
current value of the investments, which is not what the factor of unlisted equity divides. Sums are exact
(`math.fsum`), so neither order nor rows of zero move them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

import numpy as np

from scoring.engine.columns import LARGEST, Bools, Floats, Ints
from scoring.engine.errors import InputError, NegativeAmount, NotFinite, OutOfRange, UnknownWord, WrongShape

ASSET_CLASSES = ("listed_equity", "corporate_bond", "business_loan", "unlisted_equity", "project_finance")
SCOPES = ("s1", "s2", "s3")
APART = ("avoided", "removed")  # reported beside, never netted
S12, S123 = ("s1", "s2"), ("s1", "s2", "s3")
MILLION = 1e6
WORST_QUALITY = 5.0

# Why a holding has no attribution factor, or is in no figure; position 0 says that it has one, or is.
REASONS = (
    "",
    "outstanding_missing",
    "listing_unstated",
    "evic_missing",
    "evic_not_positive",
    "equity_missing",
    "debt_missing",
    "nothing_to_divide_by",
    "shares_missing",
    "shares_total_not_positive",
    "current_value_missing",
    "revenue_missing",
    "revenue_not_positive",
    "total_investment_missing",
    "total_investment_not_positive",
    "emissions_missing",
    "data_quality_missing",
    "issuer_unknown",
    "share_unconfirmed",
)
# Those that are faults of the row, not gaps: somebody must correct it.
FAULTS = frozenset(
    {
        "evic_not_positive",
        "nothing_to_divide_by",
        "shares_total_not_positive",
        "total_investment_not_positive",
    }
)
ABOVE_ONE = 1.0 + 1e-9  # shares of one company that are added up may pass 1 by rounding
_MONEY = ("outstanding", "current_value", "average_financing", "total_debt")
_AMOUNTS = (*_MONEY, "s1_t", "s2_t", "s3_t", "avoided_t", "removed_t")
_NUMBERS = ("shares_held", "shares_total", "evic", "total_equity", "total_investment", "revenue")
_QUALITY = ("data_quality", "data_quality_s3")
_YEARS = ("tonnes_year", "worth_year")


class HoldingRecord(TypedDict, total=False):
    """One holding; amounts in the portfolio's currency, tonnes of the company or project for a year. None: missing."""

    holding_key: str
    company_key: str  # empty: the issuer is not on record, so the holding is in no figure
    asset_class: str
    share_confirmed: bool  # somebody looked at a share above 1 and stands by it
    issuer_listed: bool | None  # decides the denominator of bonds and loans
    outstanding: float | None  # not read for unlisted equity, where the shares say it
    current_value: float | None  # of the investment today; missing: what is outstanding, of book equity above zero
    average_financing: float | None  # monthly mean, for the rule of the People's Bank; else the outstanding amount
    shares_held: float | None
    shares_total: float | None
    evic: float | None  # enterprise value including cash: cash is not deducted
    total_equity: float | None  # may be negative
    total_debt: float | None
    total_investment: float | None  # of a project
    revenue: float | None
    s1_t: float | None
    s2_t: float | None
    s3_t: float | None
    avoided_t: float | None
    removed_t: float | None
    data_quality: float | None  # 1 best to 5, of scope 1 and 2
    data_quality_s3: float | None
    tonnes_year: float | None  # of the emissions; with `worth_year` it says how far apart both are
    worth_year: float | None  # of EVIC, or of equity and debt


@dataclass(frozen=True)
class Refusal:
    """A row that could not be read; the others are not affected."""

    row: int
    holding_key: str
    message: str
    value: object


@dataclass(frozen=True, eq=False)
class Holdings:
    """Holdings as columns, shape (n,); NaN is missing."""

    holding_key: tuple[str, ...]
    company_key: tuple[str, ...]
    asset_class: Ints  # in ASSET_CLASSES
    issuer_listed: Ints  # 1, 0, or -1 unstated
    share_confirmed: Bools
    amounts: Mapping[str, Floats]  # the number columns of HoldingRecord by name
    refused: Floats  # money of rows that were refused at the door, of another length: in no figure, in every coverage

    def __len__(self) -> int:
        return len(self.holding_key)

    def __getitem__(self, name: str) -> Floats:
        return self.amounts[name]

    def emissions_t(self, what: str) -> Floats:
        """Of s1, s2, s3, avoided or removed. Raises UnknownWord for another word."""
        if what not in (*SCOPES, *APART):
            raise UnknownWord("no such scope", value=what)
        return self.amounts[f"{what}_t"]

    @classmethod
    def from_records(
        cls, records: Sequence[HoldingRecord], refused_amounts: Sequence[float | None] = ()
    ) -> tuple[Holdings, tuple[Refusal, ...]]:
        """Columns of the rows that can be read, and the refusals of the others by row.

        `refused_amounts` is the money of rows that never became a record; None where nobody could read it.
        """
        good: list[dict[str, Any]] = []
        refused = []
        seen: set[str] = set()
        for row, record in enumerate(records):
            key = str(record.get("holding_key", ""))
            try:
                good.append(_checked(record, key, seen))
            except InputError as error:
                refused.append(Refusal(row, key, error.message, error.value))
        columns = {
            name: np.array([row[name] for row in good], dtype=np.float64)
            for name in (*_AMOUNTS, *_NUMBERS, *_QUALITY, *_YEARS)
        }
        listed = {True: 1, False: 0, None: -1}
        holdings = cls(
            holding_key=tuple(row["holding_key"] for row in good),
            company_key=tuple(row["company_key"] for row in good),
            asset_class=np.array([ASSET_CLASSES.index(row["asset_class"]) for row in good], dtype=np.int64),
            issuer_listed=np.array([listed[row["issuer_listed"]] for row in good], dtype=np.int64),
            share_confirmed=np.array([row["share_confirmed"] for row in good], dtype=np.bool_),
            amounts=columns,
            refused=np.array([_number(given, "refused") for given in refused_amounts], dtype=np.float64),
        )
        return holdings, tuple(refused)


def _checked(record: HoldingRecord, key: str, seen: set[str]) -> dict[str, Any]:
    unknown = sorted(set(record) - set(HoldingRecord.__annotations__))
    if unknown:
        raise WrongShape("unexpected fields", value=unknown)
    if not key or record.get("company_key") is None:
        raise WrongShape("a holding needs its key and its company's", value=(key, record.get("company_key")))
    if key in seen:
        raise WrongShape("two holdings under one key", value=key)
    seen.add(key)
    if record.get("asset_class") not in ASSET_CLASSES:
        raise UnknownWord("no such asset class", value=record.get("asset_class"))
    if record.get("issuer_listed") not in (True, False, None):
        raise WrongShape("issuer_listed is true, false or missing", value=record.get("issuer_listed"))
    checked: dict[str, Any] = {
        "holding_key": key,
        "company_key": record["company_key"],
        "asset_class": record["asset_class"],
        "issuer_listed": record.get("issuer_listed"),
        "share_confirmed": bool(record.get("share_confirmed")),
    }
    given: Mapping[str, Any] = record
    for name in (*_AMOUNTS, *_NUMBERS, *_QUALITY, *_YEARS):
        checked[name] = _number(given.get(name), name)
    for name in (*_AMOUNTS, "shares_held"):
        if checked[name] < 0:
            raise NegativeAmount(f"{name} must not be negative", value=checked[name])
    for name in _QUALITY:
        if not math.isnan(checked[name]) and not 1 <= checked[name] <= 5:
            raise OutOfRange(f"{name} is a score from 1 to 5", value=checked[name])
    return checked


def _number(value: Any, name: str) -> float:
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise WrongShape(f"{name} must be a number or missing", value=value)
    if not math.isfinite(value):
        raise NotFinite(f"{name} must be finite", value=value)
    return float(value)


@dataclass(frozen=True, eq=False)
class Attribution:
    """Each holding's part of its company, shape (n,)."""

    outstanding: Floats  # what the factor divides: of unlisted equity by its shares; NaN unknown
    denominator: Floats
    factor: Floats  # NaN where `reason` says why
    reason: Ints  # in REASONS
    negative_equity: Bools  # counted as 0, so the factor of a share in it is 0: correct by the rule, and flagged
    above_one: Bools  # of its company more is held than there is: in no figure until somebody confirms it
    aside: Ints  # in REASONS: why a holding is in no figure of any rule; 0 where nothing is

    def is_fault(self) -> Bools:
        faults = [REASONS.index(word) for word in sorted(FAULTS)]
        return np.isin(self.reason, faults)


def pcaf_attribution(holdings: Holdings) -> Attribution:
    """Factors by PCAF Part A. Negative equity counts as 0.

    listed equity; bonds and loans of listed companies     outstanding / EVIC
    bonds and loans of private companies; project finance  outstanding / (equity + debt)
    unlisted equity                                        (shares held / all shares · equity) / (equity + debt)
    """
    equity, debt, evic = holdings["total_equity"], holdings["total_debt"], holdings["evic"]
    kind = holdings.asset_class
    unlisted = kind == ASSET_CLASSES.index("unlisted_equity")
    lent = np.isin(kind, [ASSET_CLASSES.index("corporate_bond"), ASSET_CLASSES.index("business_loan")])
    by_evic = (kind == ASSET_CLASSES.index("listed_equity")) | (lent & (holdings.issuer_listed == 1))
    floored = np.maximum(equity, 0.0)
    shares_held, shares_total = holdings["shares_held"], holdings["shares_total"]
    owned = shares_held / np.where(shares_total > 0, shares_total, np.nan)
    outstanding = np.where(unlisted, owned * floored, holdings["outstanding"])
    denominator = np.where(by_evic, evic, floored + debt)
    unknown = _issuer_unknown(holdings)
    cases = [
        (unknown, "issuer_unknown"),
        (lent & (holdings.issuer_listed == -1), "listing_unstated"),
        (by_evic & np.isnan(evic), "evic_missing"),
        (by_evic & (evic <= 0), "evic_not_positive"),
        (~by_evic & np.isnan(equity), "equity_missing"),
        (~by_evic & np.isnan(debt), "debt_missing"),
        (~by_evic & (denominator <= 0), "nothing_to_divide_by"),
        (unlisted & (np.isnan(shares_held) | np.isnan(shares_total)), "shares_missing"),
        (unlisted & (shares_total <= 0), "shares_total_not_positive"),
        (np.isnan(outstanding), "outstanding_missing"),
    ]
    reason = _first(cases)
    factor = np.where(reason == 0, outstanding / np.where(denominator > 0, denominator, np.nan), np.nan)
    above_one = _above_one(holdings, factor, np.where(unlisted, owned, np.nan))
    aside = _first([(unknown, "issuer_unknown"), (above_one & ~holdings.share_confirmed, "share_unconfirmed")])
    return Attribution(
        outstanding=outstanding,
        denominator=denominator,
        factor=np.where(aside == 0, factor, np.nan),
        reason=np.where(aside > 0, aside, reason),
        negative_equity=~by_evic & (equity < 0),
        above_one=above_one,
        aside=aside,
    )


def _issuer_unknown(holdings: Holdings) -> Bools:
    return np.array([not key for key in holdings.company_key], dtype=np.bool_)


def _above_one(holdings: Holdings, factor: Floats, owned: Floats) -> Bools:
    """Rows whose company is held to more than all of it, by all its rows together: cut in two it is as wrong.

    Asked of the factor, and of the shares of unlisted equity, whose factor can be small where debt is large. A project
    stands for itself: it is not its company.
    """
    project = holdings.asset_class == ASSET_CLASSES.index("project_finance")
    owners = [
        f"{at}" if alone else f"company {key}"
        for at, (key, alone) in enumerate(zip(holdings.company_key, project, strict=True))
    ]
    _names, of = np.unique(np.array(owners, dtype=np.str_), return_inverse=True)
    above = np.zeros(len(holdings), dtype=np.bool_)
    for share in (factor, owned):
        held = np.bincount(of, weights=np.nan_to_num(share), minlength=1)
        above |= ~np.isnan(share) & (held[of] > ABOVE_ONE)
    return above


def current_value(holdings: Holdings, pcaf: Attribution) -> Floats:
    """What each investment is worth today: the weight of every mean, and the money of every coverage. NaN unknown.

    Where nobody said it, the outstanding amount; of unlisted equity its part of the book equity, unless that is
    negative: a share in a company of negative book equity is not worth nothing.
    """
    unlisted = holdings.asset_class == ASSET_CLASSES.index("unlisted_equity")
    otherwise = np.where(unlisted & ~(holdings["total_equity"] > 0), np.nan, pcaf.outstanding)
    told = holdings["current_value"]
    return np.where(np.isnan(told), otherwise, told)


def pboc_attribution(holdings: Holdings) -> Attribution:
    """Factors by the People's Bank of China, technical guideline of 2021: financing / main business revenue.

    For a project financing / its total investment. Financing is the monthly average, or the current value where none
    is given. The revenue in the denominator makes it no share: the parts of all financiers do not sum to 1.
    """
    pcaf = pcaf_attribution(holdings)
    average = holdings["average_financing"]
    financing = np.where(np.isnan(average), current_value(holdings, pcaf), average)
    project = holdings.asset_class == ASSET_CLASSES.index("project_finance")
    revenue, investment = holdings["revenue"], holdings["total_investment"]
    denominator = np.where(project, investment, revenue)
    cases = [
        (np.isnan(financing), "outstanding_missing"),
        (project & np.isnan(investment), "total_investment_missing"),
        (project & (investment <= 0), "total_investment_not_positive"),
        (~project & np.isnan(revenue), "revenue_missing"),
        (~project & (revenue <= 0), "revenue_not_positive"),
    ]
    reason = np.where(pcaf.aside > 0, pcaf.aside, _first(cases))
    return Attribution(
        outstanding=financing,
        denominator=denominator,
        factor=np.where(reason == 0, financing / np.where(denominator > 0, denominator, np.nan), np.nan),
        reason=reason,
        negative_equity=np.zeros(len(holdings), dtype=np.bool_),
        above_one=np.zeros(len(holdings), dtype=np.bool_),
        aside=pcaf.aside,
    )


def _first(cases: Sequence[tuple[Bools, str]]) -> Ints:
    codes = [REASONS.index(word) for _, word in cases]
    return np.select([condition for condition, _ in cases], codes, default=0).astype(np.int64)


FIGURES = ("financed", "data_quality", "economic_intensity", "carbon_footprint", "waci", "carbon_intensity")


@dataclass(frozen=True)
class Metric:
    """One figure of a portfolio, with what it stands on."""

    code: str
    value: float | None  # None: no holding has what it needs
    unit: str
    coverage: float | None  # share of all money in the holdings that count; None: nothing is held, or an amount unknown
    coverage_at_most: float | None  # the same of the money that is known: what coverage cannot exceed
    covered: int  # holdings that count
    holdings: int  # those refused at the door too
    refused: int  # of them those refused at the door
    outstanding_unknown: int  # of them those whose amount is missing
    outstanding: float  # money in the holdings that count


@dataclass(frozen=True, eq=False)
class Terms:
    """What a figure is made of: Σ above / Σ below over the holdings that count, or Σ above alone. Columns are (n,)."""

    above: Floats  # NaN where a holding does not count
    below: Floats | None
    unit: str
    reason: Ints  # in REASONS: why a holding does not count

    @property
    def counts(self) -> Bools:
        return np.equal(self.reason, 0)

    @property
    def value(self) -> float | None:
        """None where no holding counts; an empty portfolio finances no tonnes."""
        if self.below is None:
            return known_total(self.above) if self.counts.any() or not len(self.above) else None
        divisor = known_total(np.where(self.counts, self.below, np.nan))
        return known_total(self.above) / divisor if divisor > 0 else None

    def contributions(self) -> Floats:
        """Of each holding to the value; their sum is the value. NaN where it does not count."""
        if self.below is None:
            return self.above
        divisor = known_total(np.where(self.counts, self.below, np.nan))
        return self.above / divisor if divisor > 0 else np.full(len(self.above), np.nan)


class Portfolio:
    """Holdings with their attribution; each figure is one method. `rule` is "pcaf" or "pboc"."""

    def __init__(self, holdings: Holdings, rule: str = "pcaf") -> None:
        if rule not in ("pcaf", "pboc"):
            raise UnknownWord("no such rule of attribution", value=rule)
        self.holdings, self.rule = holdings, rule
        pcaf = pcaf_attribution(holdings)
        self.attribution = pcaf if rule == "pcaf" else pboc_attribution(holdings)
        self.outstanding = current_value(holdings, pcaf)
        everything = np.concatenate([self.outstanding, holdings.refused])
        self.total_outstanding = known_total(everything)  # that is known
        self.outstanding_unknown = int(np.count_nonzero(np.isnan(everything)))

    def coverage(self, outstanding: float) -> float | None:
        """Share of all money; None where nothing is held, or the amount of something held is not known."""
        return None if self.outstanding_unknown else self.coverage_at_most(outstanding)

    def coverage_at_most(self, outstanding: float) -> float | None:
        """Share of the money that is known: what coverage cannot exceed. None where none is."""
        if self.total_outstanding <= 0:
            return None
        return min(1.0, outstanding / self.total_outstanding)  # sums of the same parts may differ in the last bit

    def financed_t(self, what: str) -> Floats:
        """Factor · tonnes of each holding, of s1, s2, s3, avoided or removed; NaN where one is missing."""
        return self.attribution.factor * self.holdings.emissions_t(what)

    def lag_years(self) -> Floats:
        """Years between the tonnes of each holding and what it is divided by; NaN where one of both is not known."""
        return np.abs(self.holdings["worth_year"] - self.holdings["tonnes_year"])

    def quality(self, scopes: Sequence[str]) -> Floats:
        """Score of each holding's tonnes: one worse for every two years of lag begun, 5 at worst. Our own rule."""
        score = self.holdings["data_quality_s3" if "s3" in scopes else "data_quality"]
        return np.minimum(score + np.ceil(np.nan_to_num(self.lag_years()) / 2), WORST_QUALITY)

    def company_t(self, scopes: Sequence[str]) -> Floats:
        """Tonnes of each company in several scopes together; NaN where one is missing."""
        total = np.zeros(len(self.holdings))
        for scope in scopes:
            total = total + self.holdings.emissions_t(scope)
        return total

    def terms(self, figure: str, scopes: Sequence[str] = S12) -> Terms:
        """The parts of one of FIGURES. Raises UnknownWord for another, or for a scope that there is not."""
        if figure not in FIGURES:
            raise UnknownWord("no such figure", value=figure)
        money, factor, emissions_t = self.outstanding, self.attribution.factor, self.company_t(scopes)
        no_tonnes = (np.isnan(emissions_t), "emissions_missing")
        by_factor = (self.attribution.reason, [no_tonnes])
        revenue = _positive(self.holdings["revenue"]) / MILLION
        evic = _positive(self.holdings["evic"])
        no_money = (np.isnan(money), "current_value_missing")
        aside = self.attribution.aside
        no_revenue = (np.isnan(self.holdings["revenue"]), "revenue_missing")
        no_use = (self.holdings["revenue"] <= 0, "revenue_not_positive")
        no_evic = [(np.isnan(self.holdings["evic"]), "evic_missing"), (self.holdings["evic"] <= 0, "evic_not_positive")]
        match figure:
            case "financed":
                return _terms(factor * emissions_t, None, "tCO2e", *by_factor)
            case "data_quality":
                score = self.quality(scopes)
                lacks = [(np.isnan(score), "data_quality_missing"), no_money]
                return _terms(money * score, money, "score", self.attribution.reason, lacks)
            case "economic_intensity":
                lacks = [no_tonnes, no_money]
                return _terms(factor * emissions_t, money / MILLION, "t/million", self.attribution.reason, lacks)
            case "carbon_footprint":
                return _terms(
                    money / evic * emissions_t, money / MILLION, "t/million", aside, [no_money, *no_evic, no_tonnes]
                )
            case "waci":
                lacks = [no_money, no_revenue, no_use, no_tonnes]
                return _terms(money * (emissions_t / revenue), money, "t/million revenue", aside, lacks)
            case _:
                earned = factor * self.holdings["revenue"] / MILLION
                lacks = [no_tonnes, no_revenue]
                return _terms(factor * emissions_t, earned, "t/million revenue", self.attribution.reason, lacks)

    def financed(self, what: str | Sequence[str]) -> Metric:
        """Financed emissions of one scope, or of several together where a holding has all of them."""
        words = (what,) if isinstance(what, str) else tuple(what)
        return self._metric(f"financed_{'_'.join(words)}", self.terms("financed", words))

    def data_quality(self, scope: str = "s1") -> Metric:
        """Σ value · score / Σ value, over holdings that have a score and a factor; scope 3 has its own.

        PCAF weighs by the outstanding amount. That is the current value of listed papers and loans; of unlisted equity,
        where it would be a part of book equity, the current value stands for it: the money of the coverage beside it.
        """
        return self._metric(f"data_quality_{scope}", self.terms("data_quality", (scope,)))

    def economic_intensity(self, scopes: Sequence[str] = S12) -> Metric:
        """Financed emissions / current value, per million: of the holdings that have both."""
        return self._metric("economic_intensity", self.terms("economic_intensity", scopes))

    def carbon_footprint(self, scopes: Sequence[str] = S12) -> Metric:
        """Σ v / EVIC · E / V, per million: of the holdings with an EVIC. It is the intensity of EU benchmarks too."""
        return self._metric("carbon_footprint", self.terms("carbon_footprint", scopes))

    def waci(self, scopes: Sequence[str] = S12) -> Metric:
        """Σ v / V · E / revenue in millions: of the holdings whose company has both."""
        return self._metric("waci", self.terms("waci", scopes))

    def carbon_intensity(self, scopes: Sequence[str] = S12) -> Metric:
        """Σ factor · E / Σ factor · revenue in millions: of the holdings that have both."""
        return self._metric("carbon_intensity", self.terms("carbon_intensity", scopes))

    def metrics(self) -> list[Metric]:
        """Every scope apart, avoided and removed apart, then the intensities of scope 1 + 2."""
        return [
            *(self.financed(word) for word in (*SCOPES, *APART)),
            self.data_quality("s1"),
            self.data_quality("s3"),
            self.economic_intensity(),
            self.carbon_footprint(),
            self.waci(),
            self.carbon_intensity(),
        ]

    def _metric(self, code: str, terms: Terms) -> Metric:
        money = known_total(np.where(terms.counts, self.outstanding, np.nan))
        covered = int(np.count_nonzero(terms.counts))
        # Of a portfolio that is known to hold something, and nothing that counts, no figure is known: not even zero.
        value = terms.value if covered or not len(self.holdings.refused) else None
        return self.metric(code, value, terms.unit, money, covered)

    def metric(self, code: str, value: float | None, unit: str, money: float, covered: int) -> Metric:
        """A figure that stands on `covered` holdings with so much money, beside all that is held."""
        return Metric(
            code=code,
            value=value,
            unit=unit,
            coverage=self.coverage(money),
            coverage_at_most=self.coverage_at_most(money),
            covered=covered,
            holdings=len(self.holdings) + len(self.holdings.refused),
            refused=len(self.holdings.refused),
            outstanding_unknown=self.outstanding_unknown,
            outstanding=money,
        )


def _terms(
    above: Floats, below: Floats | None, unit: str, unattributed: Ints, lacks: Sequence[tuple[Bools, str]]
) -> Terms:
    """A holding that has no factor does not count; nor does one that lacks something else."""
    reason = np.where(unattributed > 0, unattributed, _first(lacks))
    return Terms(np.where(reason == 0, above, np.nan), below, unit, reason)


def _positive(column: Floats) -> Floats:
    return np.where(column > 0, column, np.nan)


def known_total(column: Floats) -> float:
    """What is there, added exactly. No product of amounts that can be is beyond the bound: such a sum would break."""
    return math.fsum(column[np.abs(column) <= LARGEST**4].tolist())


def financed_listed_t(outstanding: float, evic: float, emissions_t: float) -> float:
    """One holding of a listed company: outstanding / EVIC · tonnes. Raises OutOfRange or NegativeAmount."""
    if evic <= 0:
        raise OutOfRange("EVIC must be above zero", value=evic)
    if outstanding < 0 or emissions_t < 0:
        raise NegativeAmount("outstanding and tonnes must not be negative", value=(outstanding, emissions_t))
    return outstanding / evic * emissions_t
