"""What the lines of a ledger make one ask: twice the same, too large, a step between units. Nothing here blocks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from statistics import median
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from portfolio import DATA
from portfolio.activities.kinds import kind_name, unit_label
from portfolio.models import Activity
from portfolio.typed.numbers import grouped
from portfolio.typed.tables import whole_table

SLIPS = (1000, 10_000, 1_000_000)  # kilo, 万, mega
JUMP = 10  # times last year's amount; fewer may be growth
DROP = 500  # a tenth may be a ledger half typed in; a five hundredth is a unit
OUT_OF_LINE = 100  # times the middle of its months: a season makes less of a difference
FEWEST_MONTHS = 4
TELLING_DIGITS = 3  # 1,234 twice is no accident; 1,000 twice may be

Measured = tuple[str, str]  # kind, site or place
Series = tuple[str, str, str, str]  # kind, site, place, meter: what one bill after the other is of


def questions_of(lines: Sequence[Activity], before: Iterable[Activity] = ()) -> list[list[str]]:
    """The questions about each line, in the order of the lines; `before` are those of the year before."""
    before = list(before)
    asked: list[list[str]] = [[] for _line in lines]
    measured = [(at, line) for at, line in enumerate(lines) if line.amount is not None]
    for rule in (_twice, _repeated, _too_large, _out_of_line):
        for at, words in rule(measured):
            asked[at].append(words)
    for at, words in _against_last_year(measured, before):
        asked[at].append(words)
    return asked


def series_of(line: Activity) -> Series:
    return (line.kind, line.site.site_key if line.site else "", line.place, line.meter)


def named(line: Activity) -> str:
    """How a question calls another line: 户号 17 · 2025-03, 3 · 2025."""
    first = line.period_start
    year = str(line.disclosure.year)
    period = f"{first:%Y-%m}" if first and line.month else f"{first} – {line.period_end}" if first else year
    who = line.meter or (line.site.name if line.site else "") or kind_name(line.kind)
    return " · ".join((who, period))


# --- the rules ------------------------------------------------------------------------------------------
# None compares each line with each: a ledger may have two thousand, and one word of a form asks again.
Placed = Sequence[tuple[int, Activity]]
Asked = Iterator[tuple[int, str]]


def _twice(lines: Placed) -> Asked:
    """Two lines of one meter for the same days. Without a meter only the same amount, or a year beside its months."""
    of_series: dict[tuple[Any, ...], list[tuple[int, Activity]]] = defaultdict(list)
    for at, line in lines:  # a part of one meter's electricity may be under contract, and the rest not
        of_series[*series_of(line), line.contract, line.certificate].append((at, line))
    for group in of_series.values():
        for at, line, other in _overlapping(group) if group[0][1].meter else _alike(group):
            if _days(line) == _days(other):
                words = _("The same period is there a second time (%(other)s): is it one bill, entered twice?")
            else:
                words = _("Its period overlaps with that of %(other)s: is something counted twice?")
            yield at, words % {"other": _other(other)}


def _overlapping(group: Placed) -> Iterator[tuple[int, Activity, Activity]]:
    """Each line with one before it that has not ended when it begins, or the next one where that begins too early."""
    in_time = sorted(group, key=lambda pair: _days(pair[1]))
    longest: Activity | None = None
    for place, (at, line) in enumerate(in_time):
        after = in_time[place + 1][1] if place + 1 < len(in_time) else None
        if longest is not None and _days(longest)[1] >= _days(line)[0]:
            yield at, line, longest
        elif after is not None and _days(after)[0] <= _days(line)[1]:
            yield at, line, after
        if longest is None or _days(line)[1] > _days(longest)[1]:
            longest = line


def _alike(group: Placed) -> Iterator[tuple[int, Activity, Activity]]:
    """Each line without a meter with another of the same days and amount, or the year with one of its months."""
    same: dict[tuple[Any, ...], list[tuple[int, Activity]]] = defaultdict(list)
    for at, line in group:
        same[_days(line), line.amount].append((at, line))
    year = next((line for _at, line in group if line.period_start is None), None)
    part = next((line for _at, line in group if line.period_start is not None), None)
    for at, line in group:
        twins = [each for there, each in same[_days(line), line.amount][:2] if there != at]
        other = twins[0] if twins else part if line.period_start is None else year
        if other is not None:
            yield at, line, other


def _repeated(lines: Placed) -> Asked:
    """Exactly the same amount in another month of the series, or at another meter in the same month."""
    first: dict[tuple[Any, ...], Activity] = {}
    pairs = [(at, line) for at, line in lines if line.period_start and _is_telling(line)]
    for _at, line in pairs:  # the first of each, and the first that differs from it
        of_series, of_days = _repetitions(line)
        first.setdefault(of_series, line)
        first.setdefault(of_days, line)
        if _days(first[of_series]) != _days(line):
            first.setdefault((*of_series, "other"), line)
        if series_of(first[of_days]) != series_of(line):
            first.setdefault((*of_days, "other"), line)
    for at, line in pairs:
        of_series, of_days = _repetitions(line)
        months = (first[of_series], first.get((*of_series, "other")))
        meters = (first[of_days], first.get((*of_days, "other")))
        others = [each for each in months if each is not None and _days(each) != _days(line)]
        others += [each for each in meters if each is not None and series_of(each) != series_of(line)]
        other = others[0] if others else None
        if other is not None:
            words = _("Exactly the same amount as %(other)s: was one bill entered twice?")
            yield at, words % {"other": _other(other)}


def _repetitions(line: Activity) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    return ("series", series_of(line), line.amount), ("days", line.kind, _days(line), line.amount)


def _is_telling(line: Activity) -> bool:
    digits = f"{line.amount:.12g}".partition("e")[0].replace(".", "").strip("0")
    return len(digits) >= TELLING_DIGITS


def _too_large(lines: Placed) -> Asked:
    for at, line in lines:
        size = line_sizes().get(line.unit)
        first, last = _days(line)
        days = (last - first).days + 1
        if size is None or line.amount is None or line.amount <= size.most_a_year * days / 365:
            continue
        facts = {"amount": f"{grouped(line.amount)} {unit_label(line.unit)}", "reason": size.reason, "days": days}
        if days >= 365:
            yield at, _("%(amount)s on one line: %(reason)s. Is the unit right?") % facts
        else:
            yield at, _("%(amount)s in %(days)s days: at this rate %(reason)s. Is the unit right?") % facts


def _out_of_line(lines: Placed) -> Asked:
    """A month far from the middle of the months of its meter."""
    months: dict[Series, list[tuple[int, Activity]]] = defaultdict(list)
    for at, line in lines:
        if line.month and line.amount:
            months[series_of(line)].append((at, line))
    for group in months.values():
        middle = median(line.amount or 0.0 for _at, line in group)
        for at, line in group if len(group) >= FEWEST_MONTHS else []:
            if line.amount and not middle / DROP < line.amount < OUT_OF_LINE * middle:
                yield at, _jump(line.amount, middle, line.unit, of_months=True)


def _against_last_year(lines: Placed, before: Sequence[Activity]) -> Asked:
    """Month by month where the meter is the same; else all of a kind at a place, said at its largest line."""
    of_month = {(series_of(line), line.month): line for line in before if line.meter and line.month and line.amount}
    this_year, last_year = amounts_of(line for _at, line in lines), amounts_of(before)
    largest: dict[Measured, int] = {}
    amounts = {at: line.amount or 0.0 for at, line in lines}
    for at, line in lines:
        key = measured(line)
        if key not in largest or amounts[at] > amounts[largest[key]]:
            largest[key] = at
    for at, line in lines:
        then = of_month.get((series_of(line), line.month)) if line.month else None
        if then is not None and then.amount and line.amount and then.unit == line.unit:
            if not then.amount / DROP < line.amount < JUMP * then.amount:
                yield at, _jump(line.amount, then.amount, line.unit)
        elif largest[measured(line)] == at and (words := doubt_of(line, this_year, last_year)):
            yield at, words


def measured(activity: Activity) -> Measured:
    return (activity.kind, activity.site.site_key if activity.site else activity.place)


def amounts_of(activities: Iterable[Activity]) -> dict[Measured, float]:
    """What was measured of each kind at each place, in canonical units."""
    sums: dict[Measured, float] = defaultdict(float)
    for activity in activities:
        if activity.amount is not None:
            sums[measured(activity)] += activity.amount
    return dict(sums)


def doubt_of(activity: Activity, this_year: Mapping[Measured, float], last_year: Mapping[Measured, float]) -> str:
    """A question about a line whose kind and place jumped against last year."""
    now, before = this_year.get(measured(activity)), last_year.get(measured(activity))
    if not now or not before or before / DROP < now < JUMP * before:
        return ""
    return _jump(now, before, activity.unit)


def _jump(now: float, before: float, unit: str, *, of_months: bool = False) -> str:
    times = max(now / before, before / now)
    than = f"{grouped(before, 3 if of_months else None)} {unit_label(unit)}"
    is_slip = any(abs(times / slip - 1) < 0.3 for slip in SLIPS)
    if of_months and now < before:
        words = _("About %(times)s times less than the other months' %(before)s: is the unit right?")
    elif of_months:
        words = _("About %(times)s times the other months' %(before)s: is the unit right, or a digit too many?")
    elif is_slip and now < before:
        words = _("About %(times)s times less than last year's %(before)s, a step between units: MWh for kWh?")
    elif is_slip:
        words = _("About %(times)s times last year's %(before)s, a step between units: kWh instead of MWh?")
    elif now < before:
        words = _("About %(times)s times less than last year's %(before)s: is the unit right?")
    else:
        words = _("About %(times)s times last year's %(before)s: is the unit right?")
    return words % {"times": grouped(times, 2), "before": than}


def _days(line: Activity) -> tuple[date, date]:
    year = line.disclosure.year
    return line.period_start or date(year, 1, 1), line.period_end or date(year, 12, 31)


def _other(line: Activity) -> str:
    return _("line %(number)s, %(name)s") % {"number": line.number, "name": named(line)} if line.number else named(line)


# --- how much one line may say ----------------------------------------------------------------------------
@dataclass(frozen=True)
class LineSize:
    """Of one unit: what a single line says in a year at most, before one asks."""

    most_a_year: float
    reasons: tuple[str, str]  # zh, en

    @property
    def reason(self) -> str:
        return self.reasons[1] if (get_language() or "").startswith("en") else self.reasons[0]


@lru_cache(maxsize=1)
def line_sizes() -> Mapping[str, LineSize]:
    """By canonical unit."""
    return {
        unit: LineSize(float(row.cells["most_a_year"]), (row.cells["reason_zh"], row.cells["reason_en"]))
        for row in whole_table(DATA / "line_sizes.csv").rows
        for unit in row.cells["units"].split("|")
    }
