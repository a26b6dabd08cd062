"""The temperature score of a portfolio: seven weightings, what contributes, groups, and six what-ifs.

Source: CDP-WWF Temperature Rating Methodology, by sbti-finance-tool 1.3.1 and WWF-ITR 1.7.3. Weight of a company, with
E its emissions in the scope: WATS investment; TETS E; MOTS investment / market cap x E; EOTS / enterprise value; ECOTS
/ (enterprise value + cash); AOTS / total assets; ROTS / revenue. Score = sum(weight x rounded company score) /
sum(weight).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from scoring.engine.columns import Bools, Floats, Ints
from scoring.engine.errors import NegativeAmount, NotFinite, UnknownWord, WrongShape
from scoring.engine.temperature.inputs import NONE, TARGET_SCOPES, TIME_FRAMES, TemperatureCompanies, Words
from scoring.engine.temperature.methods import WhatIf
from scoring.engine.temperature.score import mixed
from scoring.engine.temperature.scores import TemperatureScores

AGGREGATIONS = ("WATS", "TETS", "MOTS", "EOTS", "ECOTS", "AOTS", "ROTS")
VALUED_BY = {  # what the investment is divided by
    "MOTS": ("company_market_cap",),
    "EOTS": ("company_enterprise_value",),
    "ECOTS": ("company_enterprise_value", "company_cash_equivalents"),
    "AOTS": ("company_total_assets",),
    "ROTS": ("company_revenue",),
}
EMISSIONS_OF = {
    "S1+S2": ("ghg_s1s2",),
    "S3": ("ghg_s3",),
    "S1+S2+S3": ("ghg_s1s2", "ghg_s3"),
    "S1": ("ghg_s1",),
    "S2": ("ghg_s2",),
}
TOP = 5  # contributors that a figure names
CAPPED = 10  # contributors that what-if 3 engages


@dataclass(frozen=True, eq=False)
class Holdings:
    """What is held, each company once, shape (holdings,), in the order of the companies."""

    company: Ints  # position among the companies
    investment_value: Floats  # in one currency
    engagement_target: Bools

    def __len__(self) -> int:
        return len(self.company)

    @classmethod
    def merged(cls, company: Ints, investment_value: Floats, engagement_target: Bools) -> Holdings:
        """Holdings of the same company added up; engaged if one of them is.

        Raises WrongShape, NotFinite or NegativeAmount: an investment must be a finite amount of at least 0.
        """
        if not len(company) == len(investment_value) == len(engagement_target):
            raise WrongShape("columns of unequal length", value=len(company))
        if not np.isfinite(investment_value).all():
            raise NotFinite("an investment must be finite", value=float(investment_value.sum()))
        if (investment_value < 0).any():
            raise NegativeAmount("an investment must not be negative", value=float(investment_value.min()))
        held, at = np.unique(company, return_inverse=True)
        total = np.bincount(at, weights=investment_value, minlength=len(held)).astype(np.float64)
        engaged = np.bincount(at, weights=engagement_target, minlength=len(held)) > 0
        return cls(held, total, engaged)


class Contribution(NamedTuple):
    """A company's part in a portfolio score."""

    company: int  # position among the companies
    score_c: float
    relative_percent: float
    contribution_c: float


@dataclass(frozen=True)
class Aggregate:
    """One portfolio score. The figures stand on those companies alone whose weight and score are known."""

    method: str
    time_frame: str
    scope: str
    score_c: float | None  # None: nothing to weigh by
    influence_percentage: float | None  # how much of it is the fallback
    n: int
    proportion_percent: float  # n of all companies held
    coverage_percent: float  # of the invested money, in those n companies
    top: tuple[Contribution, ...]
    refusal: str | None  # why the reference tool gives no figure at all; in `current` only where score_c is None


@dataclass(frozen=True)
class GroupScore:
    score_c: float | None
    n: int
    proportion_percent: float  # of all companies held
    coverage_percent: float  # of the group's invested money


class Portfolio:
    """Scores and holdings together; asks are answered from one table of weights."""

    def __init__(self, scores: TemperatureScores, holdings: Holdings) -> None:
        self.scores, self.holdings = scores, holdings
        self.companies = scores.companies
        self.invested = float(holdings.investment_value.sum())
        self.score_c = _by_cell(scores.score_c, holdings)
        self.default_share = _by_cell(scores.default_share, holdings)
        self._weights: dict[tuple[str, int], Weights] = {}
        self._columns: dict[str, Floats] = {}

    def weights(self, method: str, scope: int) -> Weights:
        """Raises UnknownWord for another method than AGGREGATIONS."""
        if (method, scope) not in self._weights:
            self._weights[method, scope] = _weigh(self, method, scope)
        return self._weights[method, scope]

    def column(self, name: str) -> Floats:
        """Of the companies held, in the order of the holdings."""
        if name not in self._columns:
            self._columns[name] = _column(self.companies, name)[self.holdings.company]
        return self._columns[name]

    def aggregates(self, methods: Sequence[str] = AGGREGATIONS) -> list[Aggregate]:
        """All methods x time frames x scopes."""
        return [
            _aggregate(self, method, frame, scope, self.score_c[frame, scope], TOP)
            for method in methods
            for frame in range(len(TIME_FRAMES))
            for scope in range(len(self.scores.scopes))
        ]

    def contributions(self, method: str, time_frame: str, scope: str) -> list[Contribution]:
        """Of every company that enters the score, the largest first, ties by company_id."""
        frame, code = TIME_FRAMES.index(time_frame), TARGET_SCOPES.index(scope)
        return list(_aggregate(self, method, frame, code, self.score_c[frame, code], len(self.holdings)).top)

    def grouped(self, group: Words, methods: Sequence[str]) -> list[dict[str, GroupScore]]:
        """Scores inside each group, one dict for each method x time frame x scope; `group` is a word per company.

        Without a word a company belongs to "unknown".
        """
        names = (*group.words, "unknown")
        code = np.where(group.code == NONE, len(group.words), group.code)[self.holdings.company]
        return [
            _groups(self, names, code, method, frame, scope)
            for method in methods
            for frame in range(len(TIME_FRAMES))
            for scope in range(len(self.scores.scopes))
        ]

    def what_ifs(self, method: str = "WATS") -> dict[str, list[Aggregate]]:
        """Six futures, each as time frames x scopes of one method. The default share stays that of today."""
        return {what_if.code: _imagine(self, what_if, method) for what_if in self.scores.method.edition.what_ifs}


@dataclass(frozen=True, eq=False)
class Weights:
    """Of one method and scope, shape (holdings,); NaN where something is missing or the divisor is not above zero."""

    value: Floats
    known: Bools
    total: float
    share: Floats  # of the total
    complete: bool
    refusal: str | None  # names what is missing, and for whom


def missing(companies: TemperatureCompanies, holdings: Holdings) -> dict[str, Ints]:
    """Held companies without a usable figure, by column: what lowers the coverage."""
    found = {}
    for name in ("ghg_s1s2", "ghg_s3", "ghg_s1", "ghg_s2"):
        found[name] = np.isnan(_column(companies, name))
    for name in dict.fromkeys(name for names in VALUED_BY.values() for name in names):
        value = _column(companies, name)
        found[name] = np.isnan(value) | ((value <= 0) & (name != "company_cash_equivalents"))
    return {name: holdings.company[lacks[holdings.company]] for name, lacks in found.items()}


def _column(companies: TemperatureCompanies, name: str) -> Floats:
    return {
        "ghg_s1s2": companies.ghg_s1s2_t,
        "ghg_s3": companies.ghg_s3_t,
        "ghg_s1": companies.ghg_s1_t,
        "ghg_s2": companies.ghg_s2_t,
        "company_market_cap": companies.market_cap,
        "company_enterprise_value": companies.enterprise_value,
        "company_cash_equivalents": companies.cash_equivalents,
        "company_total_assets": companies.total_assets,
        "company_revenue": companies.revenue,
    }[name]


def _by_cell(cells: Floats, holdings: Holdings) -> Floats:
    """(companies, time frames, scopes) to contiguous (time frames, scopes, holdings)."""
    return np.ascontiguousarray(cells[holdings.company].transpose(1, 2, 0))


def weights_before_scaling(method: str, invested: Floats, worth: Mapping[str, Floats], emissions_t: Floats) -> Floats:
    """Weights of holdings, shape (holdings,), by columns of `worth` as VALUED_BY names them.

    NaN where a part is missing or the divisor is not above zero. Raises UnknownWord for another method.
    """
    if method not in AGGREGATIONS:
        raise UnknownWord("unknown aggregation method", value=method)
    if method == "WATS":
        return invested
    if method == "TETS":
        return emissions_t
    divisor = np.zeros(len(invested))
    for name in VALUED_BY[method]:
        divisor = divisor + worth[name]
    usable = divisor > 0
    return np.where(usable, invested / np.where(usable, divisor, 1.0), np.nan) * emissions_t


def _weigh(portfolio: Portfolio, method: str, scope: int) -> Weights:
    companies, held = portfolio.companies, portfolio.holdings.company
    lacking: list[str] = []
    worth = {name: portfolio.column(name) for name in VALUED_BY.get(method, ())}
    if worth:
        usable = np.add.reduce(list(worth.values())) > 0
        lacking += _lacking(companies, held[~usable], " + ".join(worth), "above zero")
    emissions_t = np.zeros(len(held))
    for name in EMISSIONS_OF[TARGET_SCOPES[scope]] if method != "WATS" else ():
        of_scope = portfolio.column(name)
        lacking += _lacking(companies, held[np.isnan(of_scope)], name, "given")
        emissions_t = emissions_t + of_scope
    value = weights_before_scaling(method, portfolio.holdings.investment_value, worth, emissions_t)
    known = ~np.isnan(value)
    total = float(value.sum() if known.all() else value[known].sum())
    refusal = "; ".join(lacking) or None
    return Weights(value, known, total, value / (total or np.nan), bool(known.all()), refusal)


def _lacking(companies: TemperatureCompanies, at: Ints, name: str, what: str) -> list[str]:
    if not len(at):
        return []
    ids = sorted(companies.company_id[position] for position in at.tolist())
    return [f"{name} is not {what} for {len(ids)} of the companies: {', '.join(ids[:5])}{' …' * (len(ids) > 5)}"]


def _aggregate(portfolio: Portfolio, method: str, frame: int, scope: int, score_c: Floats, top: int) -> Aggregate:
    weights = portfolio.weights(method, scope)
    if weights.total == 0:
        return _nothing(method, frame, scope, weights)
    default = portfolio.default_share[frame, scope]
    share, held, invested = weights.share, portfolio.holdings.company, portfolio.invested
    # A weight without a score (zero emissions, in parity alone) stays in the divisor and the count, as in the tool.
    n = len(held) if weights.complete else int(np.count_nonzero(weights.known))
    contribution = share * score_c
    score = float(contribution.sum())
    if math.isnan(score):
        entered = weights.known & ~np.isnan(score_c)
        share, score_c, default, held = share[entered], score_c[entered], default[entered], held[entered]
        invested = float(portfolio.holdings.investment_value[entered].sum())
        contribution = contribution[entered]
        score = float(contribution.sum())
    percent = score / 100 or 1.0
    return Aggregate(
        method=method,
        time_frame=TIME_FRAMES[frame],
        scope=TARGET_SCOPES[scope],
        score_c=score,
        influence_percentage=float((share * default).sum() * 100),
        n=n,
        proportion_percent=n / (len(portfolio.holdings) / 100),
        coverage_percent=_percent(invested, portfolio.invested),
        top=tuple(
            Contribution(int(held[at]), float(score_c[at]), float(contribution[at] / percent), float(contribution[at]))
            for at in _largest(contribution, percent, top, held, portfolio.scores)
        ),
        refusal=weights.refusal if portfolio.scores.method.is_literal else None,
    )


def _nothing(method: str, frame: int, scope: int, weights: Weights) -> Aggregate:
    why = weights.refusal or "the weights add up to zero"
    return Aggregate(method, TIME_FRAMES[frame], TARGET_SCOPES[scope], None, None, 0, 0.0, 0.0, (), why)


def _percent(part: float, whole: float) -> float:
    return part / whole * 100 if whole else 0.0


def _largest(contribution: Floats, percent: float, count: int, held: Ints, scores: TemperatureScores) -> list[int]:
    """Positions of the largest contributions, the largest first, ties by company_id.

    In parity ties stand as the tool's sort leaves them: numpy's quicksort, whose order of equals can differ between
    families of processors and with the order of the companies.
    """
    count = min(count, len(contribution))
    if not count:
        return []
    least = _at_most_the_nth(contribution, count)
    near = np.flatnonzero(contribution >= least * (1 - 1e-12))  # what is ranked is a percentage, which rounds once more
    values = np.sort(contribution[near] / percent)
    if scores.method.is_literal and (values[1:] == values[:-1]).any():
        relative = contribution / percent
        order: list[int] = (len(relative) - 1 - np.argsort(relative[::-1], kind="quicksort"))[::-1].tolist()
        return order[:count]
    ids = scores.companies.company_id
    return sorted(near.tolist(), key=lambda at: (-contribution[at], ids[held[at]]))[:count]


def _at_most_the_nth(values: Floats, count: int) -> float:
    """A value that at least `count` of them reach, and few more: the nth of the largest of each run."""
    run = max(len(values) // (8 * count), 1)
    tops = np.maximum.reduceat(values, np.arange(0, len(values), run))
    return float(np.partition(tops, len(tops) - count)[len(tops) - count])


def _groups(
    portfolio: Portfolio, names: tuple[str, ...], code: Ints, method: str, frame: int, scope: int
) -> dict[str, GroupScore]:
    weights, score_c = portfolio.weights(method, scope), portfolio.score_c[frame, scope]
    scored = ~np.isnan(score_c)
    entered = weights.known & scored
    value, invested = np.where(weights.known, weights.value, 0.0), portfolio.holdings.investment_value

    def summed(figures: Floats) -> list[float]:
        sums: list[float] = np.bincount(code, weights=figures, minlength=len(names)).tolist()
        return sums

    total = summed(value)
    weighted = summed(np.where(entered, value * np.where(scored, score_c, 0.0), 0.0))
    members, count = summed(np.ones(len(code))), summed(entered.astype(np.float64))
    money, covered = summed(invested), summed(np.where(entered, invested, 0.0))
    return {
        name: GroupScore(
            score_c=weighted[at] / total[at] if total[at] else None,
            n=int(count[at]),
            proportion_percent=count[at] / (len(code) / 100),
            coverage_percent=_percent(covered[at], money[at]),
        )
        for at, name in enumerate(names)
        if members[at]
    }


def _imagine(portfolio: Portfolio, what_if: WhatIf, method: str) -> list[Aggregate]:
    scores, own = portfolio.scores, portfolio.scores.own_score_c
    if what_if.code.startswith("1"):
        imagined = np.where(scores.own_default_share == 1, what_if.cap_c, own)
    else:
        imagined = np.where(_engaged(portfolio, what_if, method), np.minimum(own, what_if.cap_c), own)
    score_c = _by_cell(mixed(imagined, scores), portfolio.holdings)
    return [
        _aggregate(portfolio, method, frame, scope, score_c[frame, scope], 0)
        for frame in range(len(TIME_FRAMES))
        for scope in range(len(scores.scopes))
    ]


def _engaged(portfolio: Portfolio, what_if: WhatIf, method: str) -> Bools:
    """Cells whose score is capped."""
    scores, held = portfolio.scores, portfolio.holdings.company
    engaged = np.zeros(scores.chosen.shape, dtype=np.bool_)
    if what_if.code.startswith("2"):
        # The tool means rows with a target, but fills in the missing types before it looks, and so caps all.
        engaged[:] = True if scores.method.is_literal else scores.chosen != NONE
        return engaged
    if what_if.code.startswith("4"):
        engaged[held[portfolio.holdings.engagement_target]] = True
        return engaged
    own = _by_cell(scores.own_score_c, portfolio.holdings)  # as the tool ranks: before scopes are mixed and rounded
    for frame in range(len(TIME_FRAMES)):
        for scope in range(len(scores.scopes)):
            ranked = _aggregate(portfolio, method, frame, scope, own[frame, scope], CAPPED)
            engaged[_namesakes(scores, [part.company for part in ranked.top]), frame, scope] = True
    return engaged


def _namesakes(scores: TemperatureScores, companies: list[int]) -> list[int]:
    """The tool finds the companies to engage again by name, and so engages all of one name."""
    if not scores.method.is_literal:
        return companies
    names = {scores.companies.company_name[at] for at in companies}
    return [at for at, name in enumerate(scores.companies.company_name) if name in names]
