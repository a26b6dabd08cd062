"""What a fund holds on a day: rows of the database → the engine's records, the only place where the two meet.

A holding belongs to a day's portfolio from its first position until a position of zero. Where it has no position on the
day itself, its amount is missing and the coverage says so: an older amount is shown, and never counted.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import NamedTuple, TypeVar

import numpy as np
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils import timezone

from fund.holdings.disclosed import disclosed, quality, scope_2
from fund.holdings.inputs import (
    ABOUT_YEARS,
    MISSING,
    OF_COMPANY,
    OF_SHARE,
    OF_YEARS,
    Grown,
    Input,
    Inputs,
    Origin,
    basis_of,
    year_of,
)
from fund.holdings.questions import is_out_of_scale
from fund.models import (
    FUND_CURRENCY,
    AssetClass,
    Confirmation,
    ExclusionFlag,
    Holding,
    Position,
    PriceInputs,
    ProjectFigures,
    Question,
    RefusedRow,
    ThemeFund,
)
from portfolio.models import Company, Disclosure, ExchangeRate, Financials, Quantity
from portfolio.models.finance import last_ended_year
from scoring.engine.finance import financed
from scoring.engine.finance.eu_benchmarks import (
    EXCLUSIONS,
    EuBenchmarkTest,
    ExclusionTest,
    benchmark_test,
    exclusion_test,
)
from scoring.engine.finance.financed import HoldingRecord, Holdings, Metric, Portfolio, Refusal
from scoring.engine.finance.impacts import (
    QUARTERS,
    Parts,
    QuarterlyMetric,
    parts_of_impact_1,
    principal_adverse_impacts,
)

Dated = TypeVar("Dated", Position, PriceInputs, ProjectFigures, ExclusionFlag)

QUARTER_ENDS = ((3, 31), (6, 30), (9, 30), (12, 31))
S123 = financed.S123
EVIC_PARTS = ("market_cap", "total_debt", "minority_interest")
LEAST_COVERAGE = 0.9  # of the outstanding money, under which a test of the portfolio is not decidable
SIZES = ("market_cap", "evic", "total_assets", "revenue")  # prices that are of the size of a company
EVIC_TOLERANCE = 0.01  # share by which a given EVIC may differ from its parts before it is flagged


@dataclass(frozen=True)
class Held:
    """One holding on a day, with every input of its figures."""

    holding: Holding
    position: Position  # of the day; else the last before it
    is_stale: bool  # there is no position of the day
    earlier_entries: int  # for the same day: corrected since
    inputs: dict[str, Input]
    disclosure: Disclosure | None  # whose tonnes are used
    flags: tuple[str, ...]
    confirmed: frozenset[str] = frozenset()  # questions that somebody answered, for these figures
    grown: Grown | None = None  # None: one of the two revenues is not known

    @property
    def company(self) -> Company | None:
        """None: the issuer is not on record."""
        return self.holding.company

    def basis(self, question: Question) -> str:
        """The entries that a question stands on, by number: a confirmation holds for them alone."""
        return basis_of(self.inputs, OF_YEARS if question in ABOUT_YEARS else OF_SHARE)

    def record(self) -> HoldingRecord:
        record = HoldingRecord(
            holding_key=self.holding.holding_key,
            company_key=self.company.company_key if self.company else "",
            share_confirmed=Question.ABOVE_ONE in self.confirmed,
            asset_class=self.holding.asset_class,
            issuer_listed=self.holding.issuer_listed,
        )
        record.update({name: found.value for name, found in self.inputs.items()})  # type: ignore[typeddict-item]
        record["tonnes_year"], record["worth_year"] = self.tonnes_year, self.worth_year
        return record

    @property
    def tonnes_year(self) -> int | None:
        return self.disclosure.year if self.disclosure else None

    @property
    def worth_year(self) -> int | None:
        """Of what the share is divided by; of equity and debt of two years the one further from the tonnes.

        The money and the tonnes of a project are of one entry: nothing lies between them.
        """
        names = ("evic",) if self.is_by_evic else ("total_equity", "total_debt")
        years = [year for name in names if (year := year_of(self.inputs[name].origin)) is not None]
        return max(years, key=lambda year: abs(year - (self.tonnes_year or year)), default=None)

    @property
    def is_by_evic(self) -> bool:
        kind = self.holding.asset_class
        lent = kind in (AssetClass.CORPORATE_BOND, AssetClass.BUSINESS_LOAN)
        return kind == AssetClass.LISTED_EQUITY or (lent and self.holding.issuer_listed is True)


class RefusedMoney(NamedTuple):
    """A row that was refused at the door and still stands open, with its money in yuan as far as it can be read."""

    row: RefusedRow
    value: float | None


@dataclass(frozen=True, eq=False)
class Statement:
    """The portfolio of a day, read. `rows` are those of the engine's columns, in their order."""

    fund: ThemeFund
    day: date
    rows: list[Held]
    holdings: Holdings
    refused: tuple[Refusal, ...] = ()
    unreadable: list[Held] = field(default_factory=list)
    refused_rows: list[RefusedMoney] = field(default_factory=list)

    @cached_property
    def pcaf(self) -> Portfolio:
        return Portfolio(self.holdings)

    @cached_property
    def pboc(self) -> Portfolio:
        return Portfolio(self.holdings, "pboc")

    @property
    def held_twice(self) -> list[tuple[Company, int]]:
        """Companies with more than one holding: shown apart here, added up wherever companies are counted."""
        owned = [row.company for row in self.rows if row.company]
        times = Counter(company.pk for company in owned)
        first = {company.pk: company for company in reversed(owned)}
        return [(company, times[key]) for key, company in reversed(first.items()) if times[key] > 1]

    def average_evic(self) -> float | None:
        """Of the companies that have one, each once; in yuan."""
        by_company = {row.company.pk: row.inputs["evic"].value for row in self.rows if row.company}
        known = [value for value in by_company.values() if value is not None and value > 0]
        return float(np.mean(known)) if known else None

    @cached_property
    def on_record(self) -> Metric:
        """What of the portfolio can have data at all: the holdings whose issuer is on record."""
        there = np.array([row.company is not None for row in self.rows], dtype=np.bool_)
        known = financed.known_total(self.pcaf.outstanding[there])
        return self.pcaf.metric("on_record", None, "", known, int(np.count_nonzero(there)))

    @property
    def without_company(self) -> list[Held]:
        return [row for row in self.rows if row.company is None]


@dataclass(frozen=True)
class BenchmarkReport:
    """The EU tests with what they were fed."""

    base_day: date
    years: int
    base: Metric
    current: Metric
    average_evic_then: float | None
    average_evic_now: float | None
    test: EuBenchmarkTest | None  # None: the base date has no intensity
    exclusions: ExclusionTest


class Book:
    """All that is on record of one fund, read once; asked for the portfolio of a day."""

    def __init__(self, fund: ThemeFund) -> None:
        self.fund = fund
        companies = Holding.objects.filter(fund=fund, company__isnull=False).values("company")
        self.holdings = list(Holding.objects.filter(fund=fund))
        issuers = {company.pk: company for company in Company.objects.filter(pk__in=companies)}
        for holding in self.holdings:  # each company once, however many of its papers are held
            if holding.company_id is not None:
                holding.company = issuers[holding.company_id]
        self.holdings.sort(key=_by_company)
        entered = _with_people(Position.objects.filter(holding__fund=fund).order_by("pk"))
        self.positions: dict[int, dict[date, list[Position]]] = defaultdict(dict)
        for position in entered:
            self.positions[position.holding_id].setdefault(position.as_of, []).append(position)
        self.refused_rows = list(RefusedRow.objects.filter(fund=fund, state=RefusedRow.State.OPEN))
        self.days = self._days()
        self.confirmed: dict[tuple[int, str], set[str]] = defaultdict(set)
        for one in Confirmation.objects.filter(holding__fund=fund):
            self.confirmed[one.holding_id, one.basis].add(one.question)
        self.prices = _by_owner(PriceInputs.objects.filter(company__in=companies), "company_id")
        self.projects = _by_owner(ProjectFigures.objects.filter(holding__fund=fund), "holding_id")
        self.flags = ExclusionFlag.objects.filter(company__in=companies).order_by("as_of", "pk")
        self.financials: dict[int, list[Financials]] = defaultdict(list)
        self.undated: dict[
            int, Financials
        ] = {}  # the revenue of a source that says no year, and that nothing speaks against
        for row in Financials.objects.counting().filter(company__in=companies).order_by("year", "pk"):
            if row.year is not None:
                self.financials[row.company_id].append(row)
            elif row.revenue and not row.quality_flag:
                self.undated[row.company_id] = row
        self.disclosures, self.figures, self.known = disclosed(companies)
        self.exchange_rates = ExchangeRate.objects.at_hand()
        self._companies: dict[tuple[int, date], Inputs] = {}

    # --- the portfolio of a day ------------------------------------------------------------------------
    def statement(self, day: date) -> Statement:
        """What was held on a day; empty before the first position."""
        outside = self._refused(day)
        replaced = {money.row.holding_key for money in outside}
        rows = [held for holding in self.holdings if (held := self._held(holding, day))]
        # What a holding has on this day was refused: it stands there, and not as an older amount beside it.
        rows = [held for held in rows if not (held.is_stale and held.holding.holding_key in replaced)]
        records = [row.record() for row in rows]
        holdings, refused = Holdings.from_records(records, [money.value for money in outside])
        wrong = {refusal.row for refusal in refused}
        readable = [row for at, row in enumerate(rows) if at not in wrong]
        unreadable = [rows[at] for at in sorted(wrong)]
        return Statement(self.fund, day, readable, holdings, refused, unreadable, outside)

    def _days(self) -> list[date]:
        """Those with positions, or with rows that would have been some."""
        known = {day for dates in self.positions.values() for day in dates}
        known |= {row.as_of for row in self.refused_rows if row.as_of}
        return sorted(known or {timezone.localdate(row.entered_at) for row in self.refused_rows})

    def _refused(self, day: date) -> list[RefusedMoney]:
        """What was refused and belongs to a day: of each holding the last row, unless it came in right for a later one.

        A row without a date may belong to any day, so its amount is unknown on each.
        """
        right = {holding.holding_key: self.positions.get(holding.pk, {}) for holding in self.holdings}
        last: dict[str, RefusedRow] = {}
        for row in sorted(self.refused_rows, key=lambda row: (row.as_of or day, row.pk)):
            if row.as_of is None:
                last[f"row {row.pk}"] = row
            elif row.as_of <= day and not any(row.as_of < when <= day for when in right.get(row.holding_key, ())):
                last[f"key {row.holding_key}" if row.holding_key else f"row {row.pk}"] = row
        return [RefusedMoney(row, self._refused_amount(row, day)) for row in last.values()]

    def _refused_amount(self, row: RefusedRow, day: date) -> float | None:
        if row.as_of is None or not row.currency:
            return None
        return self._money(row.amount, row.currency, day, None).value

    def last_day(self, up_to: date | None = None) -> date | None:
        """The last day with positions, or the last up to one."""
        at = len(self.days) if up_to is None else bisect_right(self.days, up_to)
        return self.days[at - 1] if at else None

    # --- over time -------------------------------------------------------------------------------------
    def impacts(self, day: date) -> tuple[list[date], list[QuarterlyMetric], Parts]:
        """PAI 1 to 3 over the four quarter ends up to a day. Of one before the first entry nothing is known."""
        ends = quarter_ends(day)
        first = self.days[0] if self.days else day
        quarters = [self.statement(end).holdings if end >= first else None for end in ends]
        found = principal_adverse_impacts(quarters)
        return ends, found, parts_of_impact_1(quarters, found)

    def benchmark(self, now: Statement) -> BenchmarkReport | None:
        """The EU tests against the fund's base date; None before that date."""
        base_day = self.fund.benchmark_from or (self.days[0] if self.days else now.day)
        if base_day > now.day:
            return None
        then = now if base_day == now.day else self.statement(base_day)
        base, current = then.pcaf.carbon_footprint(S123), now.pcaf.carbon_footprint(S123)
        evic_then, evic_now = then.average_evic(), now.average_evic()
        years = whole_years(base_day, now.day)
        test = None
        if base.value is not None and is_decidable(base):
            value = current.value if is_decidable(current) else None
            test = benchmark_test(base.value, value, years, self.fund.universe_intensity, evic_then, evic_now)
        return BenchmarkReport(base_day, years, base, current, evic_then, evic_now, test, self.exclusions(now))

    def exclusions(self, now: Statement) -> ExclusionTest:
        """Article 12 on each company once, in the order of `companies_of`; a flag that nobody set is unknown.

        Behind them stand the issuers that are not on record, and what was refused: of them nothing is known.
        """
        companies = companies_of(now)
        known: dict[tuple[int, str], bool] = {}
        for flag in self.flags:
            if flag.as_of <= now.day:
                known[flag.company_id, flag.exclusion] = flag.applies
        flags = {code: [known.get((company.pk, code)) for company in companies] for code in EXCLUSIONS}
        unknown: list[bool | None] = [None] * (len(now.without_company) + len(now.refused_rows))
        held = [True] * (len(companies) + len(unknown))
        return exclusion_test(held, {code: [*known_of, *unknown] for code, known_of in flags.items()})

    def worth(self, company: int, day: date) -> dict[str, float | None]:
        """What the weights of a portfolio temperature divide by, in yuan. The enterprise value is without cash."""
        prices = _newest(self.prices.get(company, ()), day)
        evic = self._evic(company, prices, day)[0].value
        found = {
            name: self._money(getattr(prices, name), prices.currency, day, prices).value if prices else None
            for name in ("market_cap", "total_assets", "cash")
        }
        without_cash = None if evic is None or found["cash"] is None else evic - found["cash"]
        return found | {"enterprise_value": without_cash}

    # --- one holding -----------------------------------------------------------------------------------
    def _held(self, holding: Holding, day: date) -> Held | None:
        dates = self.positions.get(holding.pk, {})
        known = [when for when in dates if when <= day]
        if not known:
            return None
        when = max(known)
        entries = dates[when]
        position, is_stale = entries[-1], when != day
        if _is_nothing(holding, position):
            return None
        inputs, disclosure, flags = (
            self._project_inputs(holding, day)
            if holding.asset_class == AssetClass.PROJECT_FINANCE
            else self._company_inputs(holding.company_id, day)
        )
        inputs = inputs | self._position_inputs(holding, position, day, is_stale)  # those of the company are shared
        answered = [self.confirmed.get((holding.pk, basis_of(inputs, names)), set()) for names in (OF_SHARE, OF_YEARS)]
        confirmed = frozenset().union(*answered)
        return Held(
            holding=holding,
            position=position,
            is_stale=is_stale,
            earlier_entries=len(entries) - 1,
            inputs=inputs,
            confirmed=confirmed,
            disclosure=disclosure,
            grown=self._grown(disclosure, holding.company_id, day),
            flags=(*(flag for flag in flags if flag not in confirmed), *(("stale",) if is_stale else ())),
        )

    def _position_inputs(self, holding: Holding, position: Position, day: date, is_stale: bool) -> dict[str, Input]:
        if is_stale:
            names = ("outstanding", "current_value", "average_financing", "shares_held")
            return dict.fromkeys(names, Input(None, origin=position))
        money = self._money(position.outstanding, holding.currency, day, position)
        unlisted = holding.asset_class == AssetClass.UNLISTED_EQUITY  # attributed by its shares, whatever it is worth
        return {
            "outstanding": money,
            "current_value": money if unlisted else MISSING,
            "average_financing": self._money(position.average_financing, holding.currency, day, position),
            "shares_held": Input(position.shares_held, origin=position),
        }

    def _project_inputs(self, holding: Holding, day: date) -> Inputs:
        """A project has money and tonnes of its own; those of its company are never used for it."""
        found = _newest(self.projects.get(holding.pk, ()), day)
        inputs = dict.fromkeys(("evic", "shares_total"), MISSING)
        for name in ("total_equity", "total_debt", "total_investment"):
            inputs[name] = self._money(getattr(found, name), found.currency, day, found) if found else MISSING
        inputs["revenue"] = (
            self._earned(found.revenue, found.currency, last_ended_year(day), found) if found else MISSING
        )
        for name in ("s1_t", "s2_t", "s3_t", "avoided_t", "removed_t", "data_quality"):
            inputs[name] = Input(getattr(found, name), origin=found) if found else MISSING
        inputs["data_quality_s3"] = inputs["data_quality"] if inputs["s3_t"].given is not None else MISSING
        return inputs, None, ()

    def _company_inputs(self, company: int | None, day: date) -> Inputs:
        if company is None:
            return dict.fromkeys(OF_COMPANY, MISSING), None, ()
        if (company, day) not in self._companies:
            self._companies[company, day] = self._read_company(company, day)
        return self._companies[company, day]

    def _read_company(self, company: int, day: date) -> Inputs:
        prices = _newest(self.prices.get(company, ()), day)
        inputs, disclosure = self._tonnes(company, day)
        evic, flags = self._evic(company, prices, day)
        if prices is not None and self.is_out_of_scale(company, prices):
            flags = (*flags, Question.PRICE_SCALE.value)
        inputs |= {
            "evic": evic,
            "total_equity": self._priced("total_equity", "equity", company, prices, day),
            "total_debt": self._priced("total_debt", "debt", company, prices, day),
            "revenue": self._revenue(company, prices, disclosure, day),
            "total_investment": MISSING,
            "shares_total": Input(prices.shares_total, origin=prices) if prices else MISSING,
            "avoided_t": Input(prices.avoided_t, origin=prices) if prices else MISSING,
            "removed_t": Input(prices.removed_t, origin=prices) if prices else MISSING,
        }
        return inputs, disclosure, flags

    def _tonnes(self, company: int, day: date) -> tuple[dict[str, Input], Disclosure | None]:
        """Of the last year that ended by the day and has a scope; all scopes of the same disclosure."""
        names = ("s1_t", "s2_t", "s3_t", "data_quality", "data_quality_s3")
        for disclosure in reversed(self.disclosures.get(company, ())):
            figures = self.figures.get(disclosure.pk, {})
            s1, s2, s3 = figures.get(Quantity.SCOPE_1), scope_2(figures), figures.get(Quantity.SCOPE_3_TOTAL)
            if date(disclosure.year, 12, 31) > day or not (s1 or s2 or s3):
                continue
            found = {
                name: Input(figure.value if figure else None, origin=disclosure)
                for name, figure in (("s1_t", s1), ("s2_t", s2), ("s3_t", s3))
            }
            found["data_quality"] = Input(quality(self.known, disclosure, s1, s2), origin=disclosure)
            found["data_quality_s3"] = Input(quality(self.known, disclosure, s3), origin=disclosure)
            return found, disclosure
        return dict.fromkeys(names, MISSING), None

    def _evic(self, company: int, prices: PriceInputs | None, day: date) -> tuple[Input, tuple[str, ...]]:
        """As given, else its parts added up: cash is not deducted. A given one that its parts contradict is flagged."""
        if prices is None:
            return self._on_record("evic", company, day), ()
        parts = tuple((name, value) for name in EVIC_PARTS if (value := getattr(prices, name)) is not None)
        added = sum(value for _name, value in parts) if len(parts) == len(EVIC_PARTS) else None
        if prices.evic is None:
            whole = parts if added is not None else ()
            given = added if added is not None and added > 0 else None
            return self._money(given, prices.currency, day, prices, whole), ()
        differs = added is not None and abs(added - prices.evic) > EVIC_TOLERANCE * prices.evic
        return self._money(prices.evic, prices.currency, day, prices), ("evic_differs",) if differs else ()

    def is_out_of_scale(self, company: int, prices: PriceInputs) -> bool:
        """Whether a company's prices are of another size than its revenue on record."""
        day = prices.as_of
        told = (getattr(prices, name) for name in SIZES)
        values = [self._money(value, prices.currency, day, prices).value for value in told]
        known = [row for row in self.financials.get(company, ()) if row.revenue and (row.year or 0) < day.year]
        # Only its size is asked: it is converted as the prices beside it, since its year may have no exchange rate.
        revenue = self._money(known[-1].revenue, known[-1].currency, day, None).value if known else None
        return is_out_of_scale(values, revenue)

    def _priced(self, name: str, recorded: str, company: int, prices: PriceInputs | None, day: date) -> Input:
        if prices is not None and (given := getattr(prices, name)) is not None:
            return self._money(given, prices.currency, day, prices)
        return self._on_record(recorded, company, day)

    def _on_record(self, name: str, company: int, day: date) -> Input:
        """From the last financials of a year that ended by the day."""
        for row in reversed(self.financials.get(company, ())):
            if (row.year or 0) <= last_ended_year(day) and (given := getattr(row, name)) is not None:
                # What was earned, at the mean of its year; what is owned and owed, as the holding beside it: an
                # exchange rate that moved between two days would else look like a share of the company.
                if name == "revenue":
                    return self._earned(given, row.currency, row.year or 0, row)
                return self._money(given, row.currency, day, row)
        return MISSING

    def _revenue(self, company: int, prices: PriceInputs | None, disclosure: Disclosure | None, day: date) -> Input:
        """As entered with the prices; else of the year of the tonnes; else the last on record."""
        if prices is not None and prices.revenue is not None:
            return self._earned(prices.revenue, prices.currency, last_ended_year(prices.as_of), prices)
        if disclosure is not None:
            told = self.figures.get(disclosure.pk, {}).get(Quantity.REVENUE)
            if told is not None:
                return self._money(told.value, FUND_CURRENCY, day, disclosure)
            for row in reversed(self.financials.get(company, ())):
                if row.year == disclosure.year and row.revenue is not None:
                    return self._earned(row.revenue, row.currency, disclosure.year, row)
        return self._on_record("revenue", company, day)

    def _grown(self, disclosure: Disclosure | None, company: int | None, day: date) -> Grown | None:
        """From the revenue of the year of the tonnes to the last on record, of a later year or of one that nobody says.

        Only its size is asked: both are converted as of the day, since a year may have no exchange rate.
        """
        if disclosure is None or company is None:
            return None

        def in_yuan(row: Financials | None) -> float | None:
            return self._money(row.revenue, row.currency, day, row).value if row else None

        known = [row for row in self.financials.get(company, ()) if row.revenue]
        then = in_yuan(next((row for row in known if row.year == disclosure.year), None))
        if told := self.figures.get(disclosure.pk, {}).get(Quantity.REVENUE):
            then = told.value
        prices = _newest(self.prices.get(company, ()), day)
        later = [row for row in known if disclosure.year < (row.year or 0) <= last_ended_year(day)]
        last = later[-1] if later else self.undated.get(company)
        now, year = in_yuan(last), last.year if last else None
        if prices is not None and prices.revenue is not None:
            now = self._money(prices.revenue, prices.currency, day, prices).value
            year = last_ended_year(prices.as_of)
        return Grown(now / then, disclosure.year, year) if now and then and year != disclosure.year else None

    # --- money -----------------------------------------------------------------------------------------
    def _money(
        self,
        given: float | None,
        currency: str,
        day: date,
        origin: Origin,
        parts: tuple[tuple[str, float], ...] = (),
    ) -> Input:
        """What is owned or owed on a day."""
        return Input(given, currency, self.exchange_rates.on_day(currency, day), origin, parts)

    def _earned(self, given: float | None, currency: str, year: int, origin: Origin) -> Input:
        """What flowed in a year."""
        return Input(given, currency, self.exchange_rates.of_year(currency, year), origin)


def is_decidable(metric: Metric) -> bool:
    """A test of the portfolio says nothing where too much of its money is in no figure, or not known."""
    return metric.coverage is not None and metric.coverage >= LEAST_COVERAGE


def companies_of(statement: Statement) -> list[Company]:
    """Each company once, in the order of the rows."""
    return list({row.company.pk: row.company for row in statement.rows if row.company}.values())


def _by_company(holding: Holding) -> tuple[bool, str, str]:
    """Issuers that are not on record come last."""
    company = holding.company
    return company is None, company.company_key if company else holding.issuer_name, holding.holding_key


def quarter_ends(day: date) -> list[date]:
    """The last four quarter ends up to a day, the earliest first."""
    ends = [date(year, *end) for year in (day.year - 1, day.year) for end in QUARTER_ENDS]
    return [end for end in ends if end <= day][-QUARTERS:]


def whole_years(start: date, end: date) -> int:
    return end.year - start.year - ((end.month, end.day) < (start.month, start.day))


def _is_nothing(holding: Holding, position: Position) -> bool:
    """Sold or repaid."""
    amount = position.shares_held if holding.asset_class == AssetClass.UNLISTED_EQUITY else position.outstanding
    return amount is not None and amount == 0


def _with_people(rows: QuerySet[Dated]) -> list[Dated]:
    """With who entered them: a person is read once, however many rows are theirs."""
    found = list(rows)
    people = User.objects.in_bulk({row.entered_by_id for row in found if row.entered_by_id})
    for row in found:
        if row.entered_by_id:
            row.entered_by = people[row.entered_by_id]
    return found


def _by_owner(rows: QuerySet[Dated], owner: str) -> dict[int, list[Dated]]:
    """In the order of their dates; of one date the last entered comes last."""
    found: dict[int, list[Dated]] = defaultdict(list)
    for row in _with_people(rows.order_by("as_of", "pk")):
        found[getattr(row, owner)].append(row)
    return found


def _newest(rows: Sequence[Dated], day: date) -> Dated | None:
    return next((row for row in reversed(rows) if row.as_of <= day), None)
