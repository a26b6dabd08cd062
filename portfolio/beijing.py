"""Days and hours as they are counted in Beijing, by which companies are told what is due."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import chinese_calendar
from django.utils import timezone
from django.utils.translation import gettext as _

ZONE = ZoneInfo("Asia/Shanghai")
LAST_MINUTE = time(23, 59)


def today() -> date:
    return timezone.localdate(timezone=ZONE)


def at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, ZONE)


def in_words(moment: datetime) -> str:
    """2026-12-10 23:59 (Beijing time), in the reader's language: a mail is read in any zone."""
    return _("%(moment)s (Beijing time)") % {"moment": f"{moment.astimezone(ZONE):%Y-%m-%d %H:%M}"}


class WorkingDay(NamedTuple):
    """`is_by_calendar`: the State Council's holidays of all those days were known, else Monday to Friday stood in."""

    day: date
    is_by_calendar: bool

    def __str__(self) -> str:
        words = f"{self.day:%Y-%m-%d}"
        if self.is_by_calendar:
            return words
        return _("%(day)s (counted Monday to Friday: the holidays of that year are not published yet)") % {"day": words}


def add_working_days(start: date, days: int) -> WorkingDay:
    """The last of so many working days after `start`, itself not counted.

    Holidays and the Saturdays and Sundays that are worked instead: chinesecalendar, by the notices of the State
    Council, which come out in November for the year after.
    """
    day, left, is_by_calendar = start, days, True
    while left > 0:
        day += timedelta(days=1)
        is_worked, is_known = _is_worked(day)
        is_by_calendar &= is_known
        left -= is_worked
    return WorkingDay(day, is_by_calendar)


def working_day_before(end: date, days: int) -> date:
    """The day from which on so many working days are left, `end` the last of them."""
    day, left = end, days
    while left > 0:
        day -= timedelta(days=1)
        left -= _is_worked(day)[0]
    return day


def working_days_left(end: date) -> int:
    """After today, until `end`."""
    start = today()
    days = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
    return sum(_is_worked(day)[0] for day in days)


def working_days_since(day: date) -> int:
    """After that day, until today."""
    days = (day + timedelta(days=n) for n in range(1, (today() - day).days + 1))
    return sum(_is_worked(one)[0] for one in days)


def _is_worked(day: date) -> tuple[bool, bool]:
    """Whether it is a working day, and whether that is by the calendar."""
    try:
        return chinese_calendar.is_workday(day), True
    except NotImplementedError:  # a year of which the package does not know the notice
        return day.weekday() < 5, False
