"""Days as people and spreadsheets write them."""

from datetime import date

import pytest

from portfolio.typed.days import read_day


@pytest.mark.parametrize(
    "typed",
    [
        *["2026-09-30", "2026/9/30", "2026/09/30", "2026.9.30", "20260930", "2026年9月30日", "30.09.2026", "30.9.2026"],
        *["2026-09-30 00:00:00", "2026-09-30T00:00", " 2026-9-30 "],
    ],
)
def test_one_day_in_many_writings(typed: str) -> None:
    assert read_day(typed) == date(2026, 9, 30)


@pytest.mark.parametrize(
    "typed", ["", "09/30/2026", "30/09/2026", "30-09-2026", "2026-13-01", "2026-02-30", "45930", "2026-09", "30.09.26"]
)
def test_what_may_be_another_day_is_none(typed: str) -> None:
    assert read_day(typed) is None
