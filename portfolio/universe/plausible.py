"""The rules of plausibility that need no person, on the rows of a directory: what they find is flagged and kept.

A figure is compared with the nearest earlier year that has it, in the directory or on record, and the year is named.
The limits are in data/plausibility_limits.csv, which the rules of submissions share; the ranges of revenue per head in
data/revenue_per_head.csv. Nothing here changes a figure.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pycountry

from portfolio import DATA
from portfolio.models import Disclosure, ExchangeRate, Figure, Financials, Quantity
from portfolio.models.disclosure import SCOPE_2
from portfolio.typed.bounds import is_implausible
from portfolio.typed.numbers import grouped
from portfolio.typed.tables import whole_table
from portfolio.universe import flags, words

if TYPE_CHECKING:
    from portfolio.universe.read import Universe

Values = Mapping[str, float]
Fields = Mapping[str, Any]
MONEY = ("revenue", "profit", "equity", "debt", "evic")
COMPARED = ("revenue", "employees", "equity", "debt", "evic")  # a profit may move tenfold from one year to the next
NOT_COMPARED = {Quantity.SCOPE_1_2_TOTAL}  # it follows from its parts


@lru_cache(maxsize=1)
def limits() -> Mapping[str, float]:
    """Every limit of a rule by its name."""
    rows = whole_table(DATA / "plausibility_limits.csv").rows
    return MappingProxyType({row.cells["limit"]: float(row.cells["value"]) for row in rows})


def step(now: float | None, before: float | None) -> float | None:
    """|log10| of a change, rounded, so that ten times is one exactly; None where either is missing or not above 0."""
    if not now or not before or now <= 0 or before <= 0:
        return None
    return round(abs(math.log10(now) - math.log10(before)), 9)


def flag(universe: Universe) -> None:
    """Flag the rows of a directory that has no faults, and count the flags."""
    emissions, money = _Emissions(universe), _Money(universe)
    for (key, year), facts in universe.disclosures.items():
        found = list(emissions.flags(key, year))
        limit = _limit(Disclosure)
        universe.flags.update(map(flags.heading, found))
        universe.disclosures[key, year] = replace(facts, quality_flag=flags.joined([facts.quality_flag, *found], limit))
    for (key, year, source), row in universe.financials.items():
        found = list(money.flags(key, year, source))
        universe.flags.update(map(flags.heading, found))
        row["quality_flag"] = flags.joined([row["quality_flag"], *found], _limit(Financials))


def target_flags(percent: float | None) -> list[str]:
    """Of a reduction in percent."""
    if percent is None or percent == 0:
        return []
    if percent <= 1:
        return [flags.SHARE]
    return [flags.BEYOND_ZERO] if is_implausible("percent_reduction", percent) else []


def _limit(model: Any) -> int:
    limit: int = model._meta.get_field("quality_flag").max_length
    return limit


def _times(now: float, before: float) -> str:
    return grouped(max(now / before, before / now), 2)


# --- emissions and what they rest on ---------------------------------------------------------------------
class _Emissions:
    """Figures by company and year: those of the directory, and those on record of other years."""

    def __init__(self, universe: Universe) -> None:
        self.values: dict[str, dict[int, Values]] = defaultdict(dict)
        for key, year, quantity, value in _on_record({key for key, _year in universe.disclosures}):
            self.values[key].setdefault(year, {})[quantity] = value  # type: ignore[index]
        for (key, year), facts in universe.disclosures.items():
            self.values[key][year] = {figure[0]: figure[1] for figure in facts.figures}

    def flags(self, key: str, year: int) -> Iterator[str]:
        now = self.values[key][year]
        for quantity, value in now.items():
            if is_implausible(quantity, value):
                yield flags.TOO_LARGE % {"what": quantity}
        told = set(NOT_COMPARED)
        if jump := self._jump(key, year):
            yield jump
            told |= {Quantity.SCOPE_1, *SCOPE_2} if "emissions" in flags.doubts(jump) else set()
        for quantity, value in now.items():
            before = None if quantity in told else self._before(key, year, quantity)
            if before and (step(value, before[1]) or 0) >= limits()["part_jump"]:
                template = flags.FIGURE_UP if value > before[1] else flags.FIGURE_DOWN
                yield template % {"what": quantity, "times": _times(value, before[1]), "year": before[0]}

    def _jump(self, key: str, year: int) -> str:
        """Of scopes 1 + 2 together, in one kind of scope 2."""
        now = self.values[key][year]
        for scope_2 in (kind for kind in SCOPE_2 if kind in now):
            total = _total(now, scope_2)
            for earlier in sorted((other for other in self.values[key] if other < year), reverse=True):
                before = _total(self.values[key][earlier], scope_2)
                far = step(total, before)
                if far is None or total is None or before is None:
                    continue
                if far <= limits()["jump"]:
                    return ""
                template = flags.JUMP_UP if total > before else flags.JUMP_DOWN
                return template % {"times": _times(total, before), "year": earlier}
        return ""

    def _before(self, key: str, year: int, quantity: str) -> tuple[int, float] | None:
        """The nearest earlier year with this quantity."""
        years = self.values[key]
        found = max((other for other in years if other < year and years[other].get(quantity)), default=None)
        return None if found is None else (found, years[found][quantity])


def emission_flags(values: Values) -> list[str]:
    """Of one row by itself."""
    scope_2, total = _scope_2_of(values), values.get(Quantity.SCOPE_1_2_TOTAL)
    scopes = (values.get(Quantity.SCOPE_1), values[scope_2] if scope_2 else None)
    found = [flags.ZERO_SCOPE] if 0 in scopes else []
    both = scope_1_2_t(values)
    if both is not None and total is not None and abs(total - both) > 0.01 * max(total, both):
        found.append(flags.WRONG_TOTAL)
    return found


def scope_1_2_t(values: Values) -> float | None:
    """In the first kind of scope 2 that there is; None where one of both scopes is missing."""
    scope_2 = _scope_2_of(values)
    return _total(values, scope_2) if scope_2 else None


def _scope_2_of(values: Values) -> str | None:
    return next((one for one in SCOPE_2 if one in values), None)


def _total(values: Values, scope_2: str) -> float | None:
    if Quantity.SCOPE_1 not in values or scope_2 not in values:
        return None
    return values[Quantity.SCOPE_1] + values[scope_2]


def _on_record(keys: Collection[str]) -> Iterable[tuple[str, int, str, float]]:
    standing = Disclosure.objects.standing().filter(company__company_key__in=keys)
    figures = Figure.objects.filter(disclosure__in=standing).order_by()
    return figures.values_list("disclosure__company__company_key", "disclosure__year", "quantity", "value")


# --- money and staff ---------------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Earned:
    """One row of financials. `year` None: its source gives none."""

    year: int | None
    source: str
    currency: str
    facts: Fields

    def amount(self, name: str) -> float | None:
        value = self.facts.get(name)
        return None if value is None else float(value)


class _Money:
    def __init__(self, universe: Universe) -> None:
        self.companies = universe.companies
        self.rows: dict[str, dict[tuple[int | None, str], _Earned]] = defaultdict(dict)
        keys = {key for key, _year, _source in universe.financials}
        stored = Financials.objects.filter(company__company_key__in=keys).order_by("pk")
        for row in stored.values("company__company_key", "year", "source", "currency", *COMPARED):
            earned = _Earned(row["year"], row["source"], row["currency"], row)
            self.rows[row["company__company_key"]][earned.year, earned.source] = earned
        for (key, year, source), row in universe.financials.items():
            self.rows[key][year, source] = _Earned(year, source, row["currency"], row)

    def flags(self, key: str, year: int | None, source: str) -> Iterator[str]:
        row = self.rows[key][year, source]
        says_so = flags.OTHER_UNIT in str(row.facts.get("quality_flag", ""))
        units = self._units(row.currency, row.year)
        for name in (*MONEY, "employees"):
            value, per_usd = row.amount(name), 1.0 if name == "employees" else units
            if value is not None and is_implausible(name, value, per_usd=per_usd):
                yield flags.TOO_LARGE % {"what": name}
        for name in COMPARED:
            if not (says_so and name == "revenue") and (found := self._jump(key, row, name)):
                yield found
        yield from self._per_head(key, row, units)
        company = self.companies.get(key, {})
        if flags.WRONG_INDUSTRY in company.get("note", "") and company.get("source") == source:
            yield flags.OTHER_COMPANY

    def _jump(self, key: str, row: _Earned, name: str) -> str:
        found = self._before(key, row, name)
        if found is None:
            return ""
        before, now, then = found
        if (step(now, then) or 0) < limits()["part_jump"]:
            return ""
        told = {"what": name, "times": _times(now, then), "year": before.year}
        staff = step(row.amount("employees"), before.amount("employees"))
        if name == "revenue" and staff is not None and staff <= limits()["same_staff"]:
            return (flags.SAME_STAFF_UP if now > then else flags.SAME_STAFF_DOWN) % told
        return (flags.FIGURE_UP if now > then else flags.FIGURE_DOWN) % told

    def _before(self, key: str, row: _Earned, name: str) -> tuple[_Earned, float, float] | None:
        """The row to compare with, the amount and its amount; in dollars where the currencies differ.

        It is the nearest earlier year, of the row's own source where two have that year; without a year the last one.
        """
        others = [
            other
            for other in self.rows[key].values()
            if other.year is not None and other.amount(name) and (row.year is None or other.year < row.year)
        ]
        now = row.amount(name)
        if not others or not now:
            return None
        before = max(others, key=lambda other: (other.year, other.source == row.source))
        then = before.amount(name) or 0.0
        if name == "employees" or row.currency == before.currency:
            return before, now, then
        mine, theirs = self._units(row.currency, row.year or before.year), self._units(before.currency, before.year)
        return None if mine is None or theirs is None else (before, now / mine, then / theirs)

    def _per_head(self, key: str, row: _Earned, units: float | None) -> Iterator[str]:
        """Revenue per head against the range of companies of its kind; silent where the sector has too few."""
        usual = ranges().get(self.companies.get(key, {}).get("sector", ""))
        revenue, employees = row.amount("revenue"), row.amount("employees")
        if usual is None or not revenue or not employees or units is None:
            return
        usd = revenue / units / employees
        told = {"count": usual.count, "times": _times(usd, usual.median)}
        if usd > usual.fence(limits()["spread_beyond"]):
            yield flags.HEAD_HIGH % told
        elif usd < usual.fence(-limits()["spread_beyond"]):
            yield flags.HEAD_LOW % told
        if usd <= usual.fence(limits()["spread_currency"]):
            return
        home = self._home_currency(key)
        in_home = self._units(home, row.year) if home and home != row.currency else None
        if home and in_home and usual.low <= usd * units / in_home <= usual.high:
            yield flags.OTHER_CURRENCY % {"currency": home}

    def _home_currency(self, key: str) -> str:
        """ISO 4217 makes a national currency's code of its country's ISO 3166 code: CHN, CN, CNY."""
        country = pycountry.countries.get(alpha_3=self.companies.get(key, {}).get("country", ""))
        return next((code for code in self._rates if country and code[:2] == country.alpha_2), "")

    @cached_property
    def _rates(self) -> dict[str, dict[int, float]]:
        """Currency → year → units per US dollar, means: those that ship, and those on record."""
        found: dict[str, dict[int, float]] = defaultdict(dict)
        for shipped in words.exchange_rates():
            if shipped.year is not None:
                found[shipped.currency][shipped.year] = shipped.per_usd
        of_years = ExchangeRate.objects.filter(year__isnull=False).order_by()
        for currency, year, per_usd in of_years.values_list("currency", "year", "per_usd"):
            found[currency][year or 0] = per_usd
        return found

    def _units(self, currency: str, year: int | None) -> float | None:
        """Of a currency to a dollar, in the year or the nearest one: a size is looked at, nothing is computed."""
        years = self._rates.get(currency)
        if currency == "USD" or not years:
            return 1.0 if currency == "USD" else None
        return years[min(years, key=lambda known: (abs(known - (year or 9999)), known))]


@dataclass(frozen=True, slots=True)
class Range:
    """Revenue per head of `count` companies in US dollars: quartiles and median."""

    count: int
    low: float
    median: float
    high: float

    def fence(self, ranges_beyond: float) -> float:
        """So many times the distance of the quartiles, in logarithms, beyond the upper one, or below the lower one."""
        start = self.high if ranges_beyond >= 0 else self.low
        return float(start * (self.high / self.low) ** ranges_beyond)


@lru_cache(maxsize=1)
def ranges() -> Mapping[str, Range]:
    """By sector."""
    found = {}
    for row in whole_table(DATA / "revenue_per_head.csv").rows:
        cells = row.cells
        low, median, high = (float(cells[f"{name}_usd"]) for name in ("low_quartile", "median", "high_quartile"))
        found[cells["sector"]] = Range(int(cells["range_companies"]), low, median, high)
    return MappingProxyType(found)
