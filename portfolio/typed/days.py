"""A day as people and spreadsheets write it, where it can be one day only."""

from __future__ import annotations

import re
from datetime import date

YEAR_FIRST = re.compile(
    r"(?P<year>[0-9]{4})(?:[-/.](?P<month>[0-9]{1,2})[-/.](?P<day>[0-9]{1,2})|年(?P<month_zh>[0-9]{1,2})月(?P<day_zh>[0-9]{1,2})日"
    r"|(?P<month_8>[0-9]{2})(?P<day_8>[0-9]{2}))(?:[ T]00:00(?::00)?)?"
)
# With points the day comes first wherever dates are written so. With slashes some begin with the month: not read.
DAY_FIRST = re.compile(r"(?P<day>[0-9]{1,2})\.(?P<month>[0-9]{1,2})\.(?P<year>[0-9]{4})")


def read_day(typed: str) -> date | None:
    """2026-09-30, 2026/9/30, 2026.9.30, 20260930, 2026年9月30日, 30.09.2026; None for any other, 09/30/2026 too."""
    plain = typed.strip()
    match = YEAR_FIRST.fullmatch(plain) or DAY_FIRST.fullmatch(plain)
    if match is None:
        return None
    told = {name.partition("_")[0]: int(value) for name, value in match.groupdict().items() if value}
    try:
        return date(told["year"], told["month"], told["day"])
    except ValueError:
        return None
